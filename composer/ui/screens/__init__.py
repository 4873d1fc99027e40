"""Screens: each wires panes to the session and holds no rule of the story itself."""
