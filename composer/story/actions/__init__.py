"""What a writer can do to a story: each function returns events, or raises RefusedError with the reason. Nothing happens here."""
