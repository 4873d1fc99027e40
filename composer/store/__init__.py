"""Where sessions lie: SQLite files, journals as JSON Lines, memory. The only room that uses aiosqlite, sqlite3 and file locks."""
