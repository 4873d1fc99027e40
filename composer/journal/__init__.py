"""The journal: an append-only tree of entries, the session's only truth. Pure: it neither reads nor writes files."""
