"""Saved sessions of other writing programs, and the journals that they become."""
