"""The film of a session as files: a page for browsers, a recording for terminals."""
