"""A session as one SQLite file: for writing, with its lock and a thread of its own, or for reading only, with neither.

It keeps entries and pieces and knows nothing of what they mean. Every failure leaves here as an error in words, and a store
whose write failed can be written to again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from composer.errors import SessionError, UnwritableSession
from composer.journal.entry import Entry
from composer.session.clock import WALL
from composer.session.ports import Batch, Clock
from composer.store import rows, schema, trouble
from composer.store.link import Link, Worker
from composer.store.lock import Lock, acquire, held_here, request_takeover
from composer.store.salvage import damaged
from composer.store.view import view

T = TypeVar("T")
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


class SqliteStore:
    """A session that is open for writing. Implements the port `Store`."""

    read_only = False

    def __init__(self, path: str, lock: Lock, link: Link) -> None:
        self.path = path
        self.lock = lock
        self._link = link
        self._file = os.stat(path)
        self._closing: asyncio.Future[None] | None = None

    async def read(self) -> list[Entry]:
        """All entries. DamagedSession if one is missing; whether the checksums hold is for the journal to see."""
        try:
            return await self._run(rows.entries)
        except (sqlite3.Error, rows.Hole) as error:
            raise await asyncio.to_thread(damaged, self.path, error) from error

    async def append(self, batch: Batch) -> None:
        """Write one batch; on return it is on disk.

        A caller that is cancelled does not know whether it is, and may hand in the same batch again: what is there already
        counts as written.
        """
        try:
            await self._run(partial(self._append, batch=batch))
        except (sqlite3.Error, rows.Hole, OSError, OverflowError, UnicodeError) as error:
            raise trouble.unwritable(self.path, error) from error

    async def pieces(self, names: Sequence[str]) -> dict[str, bytes]:
        """The pieces of those names; missing and damaged ones are left out."""
        try:
            return await self._run(lambda connection: rows.pieces(connection, names))
        except sqlite3.Error as error:
            raise await asyncio.to_thread(damaged, self.path, error) from error

    async def piece_names(self) -> list[str]:
        """The names of all pieces, in order."""
        try:
            return await self._run(rows.piece_names)
        except sqlite3.Error as error:
            raise await asyncio.to_thread(damaged, self.path, error) from error

    async def size(self) -> int:
        return _size(self.path)

    async def close(self) -> None:
        """Fold the log into the file, end the thread, let go of the lock, in this order and whatever happens.

        UnwritableSession if something had to stay in the log: nothing is lost, but the file alone is not all.
        """
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
            await asyncio.shield(self._closing)
        elif not self._closing.done():
            await asyncio.wait([self._closing])

    async def _close(self) -> None:
        folded = False
        try:
            with contextlib.suppress(sqlite3.Error):
                folded = await self._link.run(_fold)
        finally:
            try:
                with contextlib.suppress(sqlite3.Error):
                    await self._link.close()
            finally:
                self.lock.release()
        if not folded and _log_size(self.path):
            raise UnwritableSession(
                f"All is saved, but a part of it lies in {self.path}-wal: the disk is full, or another program reads it.",
                f"Keep that file beside {self.path}; the next time the session is opened it is folded in.",
            )

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closing is not None:
            raise UnwritableSession(f"{self.path} is closed already.", "Open it again.")
        return await self._link.run(work)

    def _append(self, connection: sqlite3.Connection, batch: Batch) -> None:
        # SQLite goes on writing to a file that was moved or removed, and nobody would find it again.
        try:
            there = os.path.samestat(os.stat(self.path), self._file)
        except OSError:
            there = False
        if not there:
            raise UnwritableSession(
                f"{self.path} was moved or removed while it was open.", f"Put it back where it was. {trouble.KEPT}"
            )
        rows.append(connection, self.path, batch)


class SqliteView:
    """A session for reading only: it holds no lock and no file, and each reading sees what is on disk at that moment."""

    read_only = True

    def __init__(self, path: str) -> None:
        self.path = path

    async def read(self) -> list[Entry]:
        return await self._view(rows.entries)

    async def append(self, batch: Batch) -> None:
        raise UnwritableSession(
            f"{self.path} is open for reading only.", "Open it for writing, or copy it to a folder of your own."
        )

    async def pieces(self, names: Sequence[str]) -> dict[str, bytes]:
        return await self._view(lambda connection: rows.pieces(connection, names))

    async def piece_names(self) -> list[str]:
        return await self._view(rows.piece_names)

    async def size(self) -> int:
        return _size(self.path)

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def _view(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._look, work)

    def _look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def checked(connection: sqlite3.Connection) -> T:
            schema.check(connection, self.path)
            return work(connection)

        try:
            return view(self.path, checked)
        except (sqlite3.Error, rows.Hole) as error:
            if trouble.code(error) == sqlite3.SQLITE_NOTADB:
                raise trouble.foreign(self.path) from error
            raise damaged(self.path, error) from error


async def open_session(
    path: str | os.PathLike[str],
    *,
    create: bool = False,
    take_over: bool = False,
    timeout: float = 20.0,
    clock: Clock = WALL,
) -> SqliteStore:
    """Open a session for writing, or with `create` make one where there is nothing yet.

    With `take_over` a process that has it open is asked to leave, and is given `timeout` seconds for it. Nothing is
    written, and no file made, before it is known that the file is a session of a version that can be read.
    """
    name = _prepare_new(path) if create else _prepare_old(path)
    now = clock.now()
    lock = await request_takeover(name, timeout=timeout, clock=clock) if take_over else acquire(name, now)
    try:
        if create:
            _make(name)
        link = await Link.open(lambda: schema.connect(name, new=create, kind=Worker))
    except BaseException as error:
        if create and isinstance(error, (sqlite3.Error, SessionError)):
            _unmake(name)
        lock.release()
        if not isinstance(error, sqlite3.Error):
            raise
        if trouble.code(error) == sqlite3.SQLITE_CORRUPT:
            raise await asyncio.to_thread(damaged, name, error) from error
        raise trouble.unopened(name, error) from error
    return SqliteStore(name, lock, link)


async def view_session(path: str | os.PathLike[str]) -> SqliteView:
    """Open a session for reading only: beside a writer, without write permission, and without making any file."""
    store = SqliteView(_known(path))
    await store._view(lambda connection: None)
    return store


def _known(name: str | os.PathLike[str]) -> str:
    """The absolute path of what looks like a session."""
    path = os.path.abspath(name)
    schema.sqlite_suffices()
    if not held_here(path):
        schema.look(path)
    return path


def _prepare_old(name: str | os.PathLike[str]) -> str:
    """The absolute path of a session that may be opened for writing, as far as that can be known before it is locked."""
    path = _known(name)
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(os.path.dirname(os.path.realpath(path)), os.W_OK):
        raise trouble.forbidden(path)
    if os.path.exists(os.path.realpath(path) + "-wal"):
        # A newer version may stand in the log alone, and closing would fold it in: so this is read without writing.
        with contextlib.suppress(sqlite3.Error):
            view(path, lambda connection: schema.check(connection, path))
    return path


def _prepare_new(name: str | os.PathLike[str]) -> str:
    """The absolute path of a session that can be made, its folders made."""
    path = os.path.abspath(name)
    schema.sqlite_suffices()
    _nothing_there(path)
    folder = os.path.dirname(path)
    try:
        missing = []
        while not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for each in reversed(missing):
            os.mkdir(each, PRIVATE_FOLDER)
    except OSError as error:
        raise UnwritableSession(
            f"The folder {error.filename} can't be made: {error.strerror}.", "Choose another place."
        ) from error
    return path


def _nothing_there(path: str) -> None:
    """UnwritableSession if something is there that a new session would take the place of. An empty file is nothing."""
    if schema.exists(path) and os.path.getsize(path):
        raise UnwritableSession(f"{path} exists already.", "Open it, or choose another name.")
    real = os.path.realpath(path)
    for end in ("-wal", "-journal"):
        if os.path.exists(real + end) and os.path.getsize(real + end):
            raise UnwritableSession(
                f"{real}{end} is left of an earlier session of that name and may hold text.",
                "Move it away with care, or choose another name.",
            )


def _make(path: str) -> None:
    """The empty file, for the owner only; SQLite gives what it makes beside it the same permissions."""
    _nothing_there(path)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE))
        os.chmod(path, PRIVATE_FILE)
        folder = os.open(os.path.dirname(os.path.realpath(path)), os.O_RDONLY | os.O_CLOEXEC)
        try:
            # The file's name must be on disk too, else a power cut takes a saved session away with it.
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UnwritableSession(f"{path} can't be made: {error.strerror}.", "Choose another place.") from error


def _unmake(path: str) -> None:
    """Remove the empty file of a session that could not be made."""
    with contextlib.suppress(OSError):
        if not os.path.getsize(path):
            os.unlink(path)


def _fold(connection: sqlite3.Connection) -> bool:
    """Write the whole log into the file and empty it; False if a reader held that up."""
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _size(path: str) -> int:
    """Bytes of the file and its log; 0 for what was moved away, which the next write tells."""
    return _file_size(path) + _log_size(path)


def _log_size(path: str) -> int:
    return _file_size(os.path.realpath(path) + "-wal")


def _file_size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
