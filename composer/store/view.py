"""Reading a session's file without writing: beside a live writer, in a folder without write permission, after a crash.

No connection stays open and no file is made beside the session, which SQLite does even for readers. How a file can be read is
decided anew each time, from what lies beside it:

- a log and its index (-wal, -shm): a writer is alive or was killed; SQLite reads beside it.
- a log without index, or a rollback journal: what SQLite would have to make to read it, it makes beside a private copy.
- nothing: the file is whole, and read as one that does not change; if it changed meanwhile, what was read is thrown away.

Limit: a writer that ends between the look and the reading may leave an empty log, which the next writer removes.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from composer.errors import SessionError
from composer.store import schema, trouble

ATTEMPTS = 20
T = TypeVar("T")
Mark = tuple[int, int, int, int]


@dataclass(frozen=True)
class Around:
    """A session's files at one moment: inode, size and time of each; None where there is none, or nothing in it."""

    main: Mark | None
    log: Mark | None
    index: bool
    rollback: Mark | None

    @property
    def live(self) -> bool:
        return self.index and self.log is not None


def around(path: str) -> Around:
    real = os.path.realpath(path)
    wal = _mark(real + "-wal")
    index = _mark(real + "-shm") is not None
    journal = _mark(real + "-journal")
    # An empty log matters only with its index: then a writer is there that has not written yet.
    return Around(
        _mark(real), wal if wal and (wal[2] or index) else None, index, journal if journal and journal[2] else None
    )


def _mark(path: str) -> Mark | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def view(path: str, work: Callable[[sqlite3.Connection], T]) -> T:
    """What `work` returns for a connection that can't write. What it raises is raised, sqlite3.Error as it comes."""
    problem: Exception | None = None
    for _ in range(ATTEMPTS):
        if not schema.exists(path):
            raise schema.missing(path)
        before = around(path)
        try:
            result = _read(path, before, work)
        except (OSError, sqlite3.Error) as error:
            problem = trouble.unreadable(path, error) if isinstance(error, OSError) else error
        else:
            if before.live or around(path) == before:
                return result
        if problem is not None and around(path) == before:
            raise problem
    raise problem or SessionError(f"{path} is being written all the time and can't be read.", "Try again in a moment.")


def _read(path: str, files: Around, work: Callable[[sqlite3.Connection], T]) -> T:
    if files.live and files.rollback is None:
        try:
            return _with(schema.address(path, "mode=ro"), work)
        except sqlite3.OperationalError as error:
            if trouble.code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise
    elif files.log is None and files.rollback is None:
        return _with(schema.address(path, "mode=ro&immutable=1"), work)
    with tempfile.TemporaryDirectory(prefix="story-composer-") as folder:
        copy = os.path.join(folder, "session")
        for end in ("", "-wal", "-journal"):
            if os.path.exists(os.path.realpath(path) + end):
                shutil.copyfile(os.path.realpath(path) + end, copy + end)
        return _with(schema.address(copy, "mode=rw"), work)


def _with(address: str, work: Callable[[sqlite3.Connection], T]) -> T:
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=schema.BUSY_SECONDS)
    try:
        schema.harden(connection)
        connection.execute("PRAGMA query_only = ON")
        return work(connection)
    finally:
        connection.close()
