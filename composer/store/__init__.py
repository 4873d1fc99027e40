"""Where sessions lie: SQLite files, JSON Lines, memory. The only room that uses aiosqlite, sqlite3 and file locks."""
