"""The screen: Textual, and its only user. It sees the session and its ports, never a server or a file."""
