"""Where tokens are computed: one thread beside the event loop, and the pace it is asked to keep.

All streams of the process share the thread, so that at most one of them computes at a time. The thread is a
daemon: it never keeps the interpreter from ending. Knows nothing of what it runs.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

SHARE = 0.5
"""Of one core, the most that all paced streams together take."""


@dataclass(slots=True)
class _Job:
    call: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]


class Worker:
    """Runs calls one after the other in its thread, which starts with the first."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result. Cancelling gives up a call that waits, and drops the result of one that runs."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._start()
        self._jobs.put(_Job(call, loop, done))
        return await done

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="embedded-model", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while True:
            job = self._jobs.get()
            if job.done.cancelled():
                continue
            result: Any = None
            error: BaseException | None = None
            try:
                result = job.call()
            except Exception as failure:  # noqa: BLE001  handed to whoever waits for it
                error = failure
            try:
                job.loop.call_soon_threadsafe(_settle, job.done, result, error)
            except RuntimeError:
                continue  # the loop is closed: nobody waits any more


def _settle(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)


class Budget:
    """Keeps the computing of all streams together below a share of one core. Pure: times are handed in."""

    def __init__(self, share: float = SHARE) -> None:
        self._share = share
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds to wait before anything more may be computed."""
        return max(0.0, self._free_at - now)

    def spend(self, now: float, seconds: float) -> None:
        """Note that this much was computed, and that it ended now."""
        self._free_at = max(self._free_at, now - seconds) + seconds / self._share


class Pace:
    """The waiting of one stream: so many tokens a second, and what the shared budget asks."""

    def __init__(self, rate: float, budget: Budget) -> None:
        """`rate`: tokens a second; 0 never waits."""
        self._gap = 1.0 / rate if rate > 0 else 0.0
        self._budget = budget
        self._next = 0.0

    async def wait(self) -> None:
        """Wait until the next token is due."""
        if not self._gap:
            return
        while True:
            now = time.monotonic()
            delay = max(self._next - now, self._budget.wait(now))
            if delay <= 0.0:
                break
            await asyncio.sleep(delay)
        self._next = max(self._next, now - self._gap) + self._gap

    def spend(self, seconds: float) -> None:
        """Note what computing cost."""
        if self._gap:
            self._budget.spend(time.monotonic(), seconds)
