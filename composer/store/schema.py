"""What makes a SQLite file a session: its two numbers, its tables, how a connection that writes is set up.

The numbers are looked at before anything is written, so that a foreign file, or one of a newer version, stays as it is to
the byte. A migration is never edited once it has been released: what changes is a new one at the end of the list.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from typing import TypeVar
from urllib.parse import quote_from_bytes

from composer.errors import DamagedSession, NewerSession, NotASession, SessionError
from composer.store import trouble

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = int.from_bytes(b"SCol", "big")
"""In the header of each session, and of no other database."""

MIGRATIONS = (
    (
        """CREATE TABLE entry (
            seq INTEGER PRIMARY KEY,
            parent INTEGER NOT NULL,
            step INTEGER NOT NULL,
            time INTEGER NOT NULL,
            type TEXT NOT NULL,
            version INTEGER NOT NULL,
            body TEXT NOT NULL,
            chain TEXT NOT NULL
        ) STRICT""",
        # `packed` is 1 where `data` is compressed with zlib, 0 where that would not have made it smaller.
        """CREATE TABLE piece (
            name TEXT PRIMARY KEY,
            packed INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT""",
        """CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
            BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END""",
        """CREATE TRIGGER entry_remains BEFORE DELETE ON entry
            BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END""",
        """CREATE TRIGGER piece_stays BEFORE UPDATE ON piece
            BEGIN SELECT RAISE(ABORT, 'pieces are never changed'); END""",
        """CREATE TRIGGER piece_remains BEFORE DELETE ON piece
            BEGIN SELECT RAISE(ABORT, 'pieces are never removed'); END""",
    ),
)
VERSION = len(MIGRATIONS)
"""The user_version of a session that this program writes."""

BUSY_SECONDS = 5.0
"""How long SQLite waits for a reader that holds up a checkpoint."""

C = TypeVar("C", bound=sqlite3.Connection)


def sqlite_suffices() -> None:
    """SessionError if the SQLite of this Python lacks STRICT tables."""
    if sqlite3.sqlite_version_info < (3, 37):
        raise SessionError(
            f"This Python brings SQLite {sqlite3.sqlite_version}, and sessions need 3.37 or newer.",
            "Run the program with a newer Python.",
        )


def address(path: str, query: str) -> str:
    return f"file:{quote_from_bytes(os.fsencode(path))}?{query}"


def exists(path: str) -> bool:
    """Whether there is a file; NotASession if what lies there is none."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise trouble.unreadable(path, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise NotASession(f"{path} is a folder, not a session.", "Name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise NotASession(f"{path} is a device or a pipe, not a session.", "Name a session's file.")
    return True


def missing(path: str) -> NotASession:
    return NotASession(f"There is no file {path}.", "Check the name, or make a session with `new`.")


def head(path: str) -> bytes:
    """The first bytes of a file. NotASession if there is none, or nothing in it.

    Never of a database that this process has open: closing any descriptor of a file drops the locks that SQLite has on it.
    """
    if not exists(path):
        raise missing(path)
    try:
        with open(path, "rb") as file:
            start = file.read(100)
    except OSError as error:
        raise trouble.unreadable(path, error) from error
    if not start:
        raise NotASession(f"{path} is empty.", "Take it from a backup, or remove it and make a session with `new`.")
    return start


def look(path: str) -> None:
    """Judge a file by its first bytes. NotASession, NewerSession or DamagedSession unless it can be one of ours."""
    start = head(path)
    if not start.startswith(MAGIC):
        raise trouble.foreign(path)
    if len(start) < 100:
        raise DamagedSession(
            f"{path} is cut off after {len(start)} bytes: no entry can be read.", "Take it from a backup."
        )
    judge(path, int.from_bytes(start[68:72], "big"), int.from_bytes(start[60:64], "big"))


def judge(path: str, application_id: int, version: int) -> None:
    """NotASession or NewerSession if the two numbers are not those of a session that this program can read."""
    if application_id != APPLICATION_ID or version < 1:
        raise NotASession(f"{path} is the database of another program, not a session.", "Name a session's file.")
    if version > VERSION:
        raise NewerSession(
            f"{path} was written by a newer version of the program (format {version}, this one knows {VERSION}).",
            "Update the program, or export the session as JSON Lines where the newer version runs.",
        )


def check(connection: sqlite3.Connection, path: str) -> None:
    """As `look`, but with what a write-ahead log may add to the file."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    judge(path, application_id, version)


def harden(connection: sqlite3.Connection) -> None:
    """A file may come from anyone: what its schema and its pages claim is not trusted."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")


def connect(path: str, *, new: bool, kind: type[C]) -> C:
    """A connection that writes. With `new`, the file is empty and becomes a session."""
    connection = sqlite3.connect(
        address(path, "mode=rw"), uri=True, isolation_level=None, timeout=BUSY_SECONDS, factory=kind
    )
    try:
        harden(connection)
        # On macOS a plain fsync does not reach the disk; elsewhere this changes nothing.
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
        connection.execute("PRAGMA synchronous = FULL")
        # Without it INSERT OR REPLACE would delete rows past the triggers.
        connection.execute("PRAGMA recursive_triggers = ON")
        # Tables and numbers come before WAL, so that they stand in the file itself and not in a log beside it.
        if not new:
            check(connection, path)
        migrate(connection)
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise SessionError(
                f"The disk that {path} lies on can't keep a write-ahead log.",
                "Keep sessions on a local disk; for reading only it can be opened where it is.",
            )
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to VERSION, all at once or not at all."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
