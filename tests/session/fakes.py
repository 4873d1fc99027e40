"""A clock that tests move by hand, ids that count, and a model whose tokens are released one by one."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from composer.config import Price, Sampling
from composer.errors import ComposerError, RefusedError
from composer.session.ports import Closing, Piece, Request, Waiting, WindowSource
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

    window = 2048
    max_tokens = 200
    concurrency = 8
    takes_suffix = False
    built_in = False
    templates: Sequence[str] = ("plain", "chatml")

    def __init__(self, name: str = "scripted") -> None:
        self.name = name
        self.model = f"{name}-1"
        self.models: Sequence[str] = (self.model,)
        self.sampling: Mapping[str, bool | int | float | str | list[str] | dict[str, float]] = {}
        self.presets: Mapping[str, Sampling] = {}
        self.preset = ""
        self.template = ""
        self.windows: dict[str, int] = {}
        """Of models that take another number of tokens."""
        self.exact = False
        self.source: WindowSource = "settings"
        self.usages: list[tuple[str, int, int]] = []
        """What was learned of usage: model, counted and told tokens."""
        self.price: Price | None = None
        self.prepared = True
        self.gate = asyncio.Event()
        """Set when what it needs to be ready has come."""
        self.gate.set()
        self.refused: set[str] = set()
        """Fields that no model of it takes."""
        self.requests: list[Request] = []
        self.stopped: list[int] = []
        self._queues: dict[int, asyncio.Queue[Piece | Waiting | Closing | ComposerError]] = defaultdict(asyncio.Queue)
        self._first = 0

    def window_of(self, model: str) -> int:
        return self.windows.get(model, self.window)

    def counter_of(self, model: str) -> Callable[[str], int]:
        return self.count

    def whole_of(self, model: str) -> Callable[[str], int]:
        return self.count

    def is_exact(self, model: str) -> bool:
        return self.exact

    def window_source(self, model: str) -> WindowSource:
        return self.source

    def learn_window(self, model: str, tokens: int) -> None:
        self.windows[model] = tokens
        self.source = "learned"

    def learn_usage(self, model: str, counted: int, told: int) -> None:
        self.usages.append((model, counted, told))

    def price_of(self, model: str) -> Price | None:
        return self.price

    def is_ready(self, model: str, template: str) -> bool:
        return self.prepared

    async def ready(self, model: str, template: str) -> None:
        await self.gate.wait()
        self.prepared = True

    def takes(self, model: str, field: str) -> bool:
        return field not in self.refused

    def render(self, messages: Sequence[tuple[str, str]], template: str, prefix: str = "") -> str:
        return "".join(f"<|{role}|>{text}<|end|>" for role, text in messages) + f"<|assistant|>{prefix}"

    @staticmethod
    def count(text: str) -> int:
        return len(text.encode()) // 4 + 1

    def new_round(self) -> None:
        """Numbers name the candidates of the next round from here on."""
        self._first = len(self.requests)

    async def say(self, number: int, text: str, channel: str = "text") -> None:
        self._queues[self._first + number].put_nowait(Piece(text, channel))  # type: ignore[arg-type]
        await settle()

    async def send(self, number: int, item: Piece | Waiting | Closing) -> None:
        self._queues[self._first + number].put_nowait(item)
        await settle()

    async def close_stream(self, number: int, reason: str = "stop") -> None:
        await self.send(number, Closing(reason, self.model, 10, 20))

    async def fail(self, number: int, error: ComposerError) -> None:
        self._queues[self._first + number].put_nowait(error)
        await settle()

    async def stream(self, request: Request) -> AsyncIterator[Piece | Waiting | Closing]:
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


class Few:
    """The endpoints of a session, as given: the first writes unless another is named."""

    def __init__(self, *endpoints: Scripted) -> None:
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self.chosen = endpoints[0].name

    def names(self) -> Sequence[str]:
        return tuple(self._endpoints)

    def endpoint(self, name: str) -> Scripted:
        if name not in self._endpoints:
            raise RefusedError(f"There is no endpoint {name}.")
        return self._endpoints[name]

    async def close(self) -> None:
        for endpoint in self._endpoints.values():
            await endpoint.close()


TODAY = 1_699_999_000_000
"""When the day of a fresh `HandClock` began."""


def counting() -> Callable[[], str]:
    ids = itertools.count(1)
    return lambda: f"id{next(ids)}"


def session_on(
    store: MemoryStore, endpoint: Scripted | None = None, clock: HandClock | None = None, *others: Scripted
) -> Session:
    return Session(store, Few(endpoint or Scripted(), *others), clock or HandClock(), counting(), TODAY)
