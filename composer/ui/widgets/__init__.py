"""Panes and lines. They take values and send messages, and don't know the session."""
