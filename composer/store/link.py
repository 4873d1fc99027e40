"""A SQLite connection in a thread of its own, to which whole pieces of work are handed. It knows neither tables nor sessions.

A transaction that is spread over several awaits stays open when its task is cancelled in between, and the next one commits its
half. So all that belongs together runs in the thread as one function, cannot be cancelled there, and one follows the other.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")


class Worker(sqlite3.Connection):
    """A connection whose `commit` does the work that waits.

    aiosqlite runs the methods of its connection in the thread, and has no public way to run a function there. `commit` is such
    a method, and a connection in autocommit mode needs it for nothing else.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.waiting: deque[Callable[[], None]] = deque()

    def commit(self) -> None:
        # All that waits, not only the first: a task that was cancelled before it started has left its work here.
        while self.waiting:
            self.waiting.popleft()()


class Link:
    """The connection and its thread, until `close`."""

    def __init__(self, connection: aiosqlite.Connection, worker: Worker) -> None:
        self._connection = connection
        self._worker = worker

    @classmethod
    async def open(cls, connect: Callable[[], Worker]) -> Link:
        """Start the thread and call `connect` in it; what that raises is raised here."""
        made: list[Worker] = []
        problem: list[BaseException] = []

        def connector() -> sqlite3.Connection:
            # A connector that raises leaves behind a thread that no one can wait for, and that may outlive the loop.
            try:
                made.append(connect())
            except BaseException as error:  # noqa: BLE001  raised below
                problem.append(error)
                made.append(Worker(":memory:"))
            return made[0]

        connection = aiosqlite.Connection(connector, 64)
        starting = asyncio.ensure_future(_started(connection))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])
            if not starting.cancelled() and starting.exception() is None:
                await connection.close()
            raise
        if problem:
            await connection.close()
            raise problem.pop()
        _stop_with_main_thread(connection)
        return cls(connection, made[0])

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns or raises. Once asked for, it is done to its end, even if the caller is cancelled."""
        done: concurrent.futures.Future[T] = concurrent.futures.Future()

        def do() -> None:
            try:
                done.set_result(work(self._worker))
            except BaseException as error:  # noqa: BLE001  handed on to whoever asked
                done.set_exception(error)

        self._worker.waiting.append(do)
        await asyncio.shield(asyncio.ensure_future(self._commit()))
        return done.result()

    async def _commit(self) -> None:
        try:
            await self._connection.commit()
        except asyncio.CancelledError:
            # The loop is about to close; the thread must have come to its end before it tells that loop.
            await self._connection.commit()
            raise

    async def close(self) -> None:
        """Let the file go and end the thread, after all work that was asked for."""
        try:
            await self._connection.close()
        finally:
            _open.discard(self._connection)


async def _started(connection: aiosqlite.Connection) -> None:
    await connection


_open: set[aiosqlite.Connection] = set()
"""Kept until they are closed: one that is collected unclosed ends its thread at a moment when no one waits for it."""
_watch: list[threading.Thread] = []


def _stop_with_main_thread(connection: aiosqlite.Connection) -> None:
    """See to it that a connection which nobody closes can't keep the interpreter from ending.

    The interpreter waits for the threads of all connections, and runs no exit hook before that; but a waiting daemon thread
    sees the main thread end.
    """
    _open.add(connection)
    if not _watch:
        _watch.append(threading.Thread(target=_stop_all, name="store-watch", daemon=True))
        _watch[0].start()


def _stop_all() -> None:
    threading.main_thread().join()
    for connection in list(_open):
        connection.stop()
