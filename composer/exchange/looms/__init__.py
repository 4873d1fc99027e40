"""Trees of loom programs, as one value, and the journals that they become."""
