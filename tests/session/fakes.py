"""A clock that tests move by hand, ids that count, and a model whose tokens are released one by one."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable

from composer.errors import ComposerError
from composer.session.ports import Closing, Piece, Request
from composer.session.session import Session
from composer.store.memory import MemoryStore


class HandClock:
    """Time moves only by `move`. What sleeps wakes in the order of its time."""

    def __init__(self, now: int = 1_700_000_000_000) -> None:
        self._now = now
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def now(self) -> int:
        return self._now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + int(seconds * 1000), next(self._count), future))
        await future

    async def move(self, seconds: float) -> None:
        """Let that much time pass, and what wakes do its work."""
        await settle()
        end = self._now + int(seconds * 1000)
        while due := sorted(each for each in self._sleepers if each[0] <= end):
            self._now = max(self._now, due[0][0])
            self._sleepers.remove(due[0])
            if not due[0][2].done():
                due[0][2].set_result(None)
            await settle()
        self._now = end
        await settle()


async def settle() -> None:
    """Let every task run until none has anything left to do now."""
    for _ in range(25):
        await asyncio.sleep(0)


class Scripted:
    """An endpoint whose candidates write what the test tells them, when it tells them.

    `say`, `close` and `fail` name the candidate by its number in the round that was asked last.
    """

    name = "scripted"
    model = "scripted-1"
    window = 2048
    max_tokens = 200
    sampling: dict[str, float | int | str | list[str]] = {}  # noqa: RUF012 — a port's field

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.stopped: list[int] = []
        self._queues: dict[int, asyncio.Queue[Piece | Closing | ComposerError]] = defaultdict(asyncio.Queue)
        self._first = 0

    @staticmethod
    def count(text: str) -> int:
        return len(text.encode()) // 4 + 1

    def new_round(self) -> None:
        """Numbers name the candidates of the next round from here on."""
        self._first = len(self.requests)

    async def say(self, number: int, text: str, channel: str = "text") -> None:
        self._queues[self._first + number].put_nowait(Piece(text, channel))  # type: ignore[arg-type]
        await settle()

    async def close_stream(self, number: int, reason: str = "stop") -> None:
        self._queues[self._first + number].put_nowait(Closing(reason, "scripted-1", 10, 20))
        await settle()

    async def fail(self, number: int, error: ComposerError) -> None:
        self._queues[self._first + number].put_nowait(error)
        await settle()

    async def stream(self, request: Request) -> AsyncIterator[Piece | Closing]:
        self.requests.append(request)
        number = len(self.requests)
        try:
            while True:
                item = await self._queues[number].get()
                if isinstance(item, Exception):
                    raise item
                yield item
                if isinstance(item, Closing):
                    return
        finally:
            self.stopped.append(number)

    async def prepare(self) -> None:
        pass

    async def close(self) -> None:
        pass


TODAY = 1_699_999_000_000
"""When the day of a fresh `HandClock` began."""


def counting() -> Callable[[], str]:
    ids = itertools.count(1)
    return lambda: f"id{next(ids)}"


def session_on(store: MemoryStore, endpoint: Scripted | None = None, clock: HandClock | None = None) -> Session:
    return Session(store, endpoint or Scripted(), clock or HandClock(), counting(), TODAY)
