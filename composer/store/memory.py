"""A store in memory: for tests, demonstrations, and looks at a story that leave nothing behind. It never touches a disk.

It behaves as a file does, also when told to be slow or to fail: what was asked for is written even if its caller is cancelled,
and a failure leaves all as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from composer.errors import ComposerError, UnwritableSession
from composer.journal.entry import ROOT_CHAIN, Entry
from composer.session.ports import Batch
from composer.store.batch import fresh


class MemoryStore:
    """Entries and pieces in memory. Implements the port `Store`."""

    def __init__(
        self,
        entries: Iterable[Entry] = (),
        pieces: Mapping[str, bytes] | None = None,
        *,
        read_only: bool = False,
        path: str = "(in memory)",
        wait: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self.path = path
        self.read_only = read_only
        self.entries = list(entries)
        """What is stored, for tests to look at."""
        self.held = dict(pieces or {})
        self.batches: list[Batch] = []
        """What was written, in order."""
        self.failing: ComposerError | None = None
        """What each write raises while it is set."""
        self.wait = wait
        """Awaited before each write takes place, where set."""
        self.closed = False
        self._last: asyncio.Future[None] | None = None

    async def read(self) -> list[Entry]:
        return list(self.entries)

    async def append(self, batch: Batch) -> None:
        if self.read_only or self.closed:
            why = "closed" if self.closed else "open for reading only"
            raise UnwritableSession(f"{self.path} is {why}.", "Open it for writing.")
        self._last = asyncio.ensure_future(self._append(batch, self._last))
        await asyncio.shield(self._last)

    async def _append(self, batch: Batch, before: asyncio.Future[None] | None) -> None:
        if before is not None and not before.done():
            await asyncio.wait([before])
        if self.wait is not None:
            await self.wait()
        if self.failing is not None:
            raise self.failing
        newest = (self.entries[-1].seq, self.entries[-1].chain) if self.entries else (0, ROOT_CHAIN)
        self.entries += fresh(batch, self.path, *newest, lambda seq: self.entries[seq - 1].chain)
        self.held.update(batch.pieces)
        self.batches.append(batch)

    async def pieces(self, names: Sequence[str]) -> dict[str, bytes]:
        return {name: self.held[name] for name in names if name in self.held}

    async def piece_names(self) -> list[str]:
        """The names of all pieces, in order."""
        return sorted(self.held)

    async def size(self) -> int:
        return sum(len(entry.body.encode()) for entry in self.entries) + sum(map(len, self.held.values()))

    async def close(self) -> None:
        self.closed = True
        if self._last is not None and not self._last.done():
            await asyncio.wait([self._last])
