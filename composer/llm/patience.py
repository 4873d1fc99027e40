"""How long a server may take, and the clock that ends a wait. It asks for nothing and words nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType


@dataclass(frozen=True)
class Patience:
    """How long a server may take, in seconds, and how often it is asked."""

    connect: float = 5.0
    first: float = 120.0
    """From the request to the first text."""
    between: float = 60.0
    """From one piece of text to the next."""
    whole: float = 900.0
    """From the first text to the last."""
    tail: float = 5.0
    """From the end of the text to the end of the stream, where some send usage and some forget to close."""
    tries: int = 3
    told_tries: int = 8
    """How often it is asked where it says itself how long to wait."""
    longest_wait: float = 120.0
    """What it may ask to wait, all waits of a request together; if it asks for more, that is what the writer is told."""


class Watch:
    """Ends waits that last too long: `with watch(until): await …` raises TimeoutError once the loop's time is `until`.

    One timer serves all waits of a stream, since setting one for each token would cost as much as reading it. It belongs to no
    task but while it is entered, so a stream that is not being read is not ended. `close` it at last.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._until = 0.0
        self._cancelling = 0
        self._over = False

    def now(self) -> float:
        return self._loop.time()

    def __call__(self, until: float) -> Watch:
        self._until = until
        return self

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._over = False
        if self._timer is None or self._timer.when() > self._until:
            self._set()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        task, self._task = self._task, None
        if self._over and task is not None and task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self) -> None:
        self.close()
        self._timer = self._loop.call_at(self._until, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._until:
            self._set()
            return
        self._over = True
        self._task.cancel()
