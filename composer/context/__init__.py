"""The context: what a model is sent for a round, within its window, and the receipt of it. Pure; counting is handed in."""
