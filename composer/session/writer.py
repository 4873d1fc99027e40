"""The one task that writes: batches in order, all that wait in one transaction. Memory goes first, the disk follows.

A write that fails stops the writing and keeps everything; `retry` tries again. It never drops a batch and never reorders.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from composer.errors import SessionError, UnwritableSession
from composer.session.ports import Batch, Store
from composer.text.clean import one_line


class Writer:
    """Owns a store's writes. `saved` is the newest entry on disk; `trouble` is why writing stopped, if it did."""

    def __init__(self, store: Store, saved: int, told: Callable[[], None]) -> None:
        self._store = store
        self._told = told
        self._waiting: list[Batch] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self.saved = saved
        self.trouble: SessionError | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="writer")

    def submit(self, batch: Batch) -> None:
        self._waiting.append(batch)
        self._idle.clear()
        self._wake.set()

    @property
    def unsaved(self) -> int:
        """Entries that are not on disk yet."""
        return sum(len(batch.entries) for batch in self._waiting)

    @property
    def waiting(self) -> Batch:
        """What is not on disk yet, as one batch."""
        batches = tuple(self._waiting)
        return Batch(
            tuple(entry for batch in batches for entry in batch.entries),
            {name: data for batch in batches for name, data in batch.pieces.items()},
        )

    def retry(self) -> None:
        """Try again after trouble."""
        self.trouble = None
        self._wake.set()
        if self._waiting:
            self._idle.clear()

    async def drained(self) -> None:
        """Wait until everything is on disk, or writing has stopped for trouble."""
        await self._idle.wait()

    async def stop(self) -> None:
        """Write what waits, then end."""
        if self._task is None:
            return
        await self.drained()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting and self.trouble is None:
                count, joined = len(self._waiting), self.waiting
                try:
                    await self._store.append(joined)
                except SessionError as error:
                    self.trouble = error
                except Exception as error:  # noqa: BLE001 — the border to the store: nothing may end the one who writes
                    self.trouble = UnwritableSession(
                        f"Writing failed: {one_line(f'{type(error).__name__}: {error}')}.", "ctrl+s tries again."
                    )
                else:
                    del self._waiting[:count]
                    self.saved = joined.entries[-1].seq
                self._told()
            self._idle.set()
