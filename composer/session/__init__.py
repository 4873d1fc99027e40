"""The session: one story being written, with its streams and its writes. Asynchronous; no screen, no network, no disk."""
