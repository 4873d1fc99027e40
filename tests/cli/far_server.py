"""A model's server on this computer, in a thread of its own, beside a program in a terminal. It holds no test."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator

from tests.cli.house import SOON
from tests.llm.fault_server import Exchange, FaultServer, chunk, serving

Handler = Callable[[Exchange], Awaitable[None]]


@contextlib.contextmanager
def far_server(*handlers: Handler) -> Iterator[FaultServer]:
    """A server whose requests meet these handlers in order; the last one is for all that follow."""
    started: list[FaultServer] = []
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def work() -> None:
        async with serving(*handlers) as server:
            # A model whose size nobody knows would be asked for first.
            server.models = {"data": [{"id": "m", "max_model_len": 8192}]}
            started.append(server)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(work()))
    thread.start()
    try:
        assert ready.wait(SOON)
        yield started[0]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(SOON)
        loop.close()


def drips(*texts: str, pause: float = 0.02) -> Handler:
    """A stream that goes through these texts for ever, until the other side leaves."""

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        number = 0
        while not exchange.gone.is_set():
            await exchange.event(chunk({"content": texts[number % len(texts)].replace("{}", str(number))}))
            number += 1
            await asyncio.sleep(pause)

    return handler
