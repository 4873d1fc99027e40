"""What ends a program before its time: a signal, an output that takes nothing more, a disk that can't be written.

It holds whether and why to end, and the exit code. It never saves or prints anything itself, and knows nothing of the work.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds that a reader who does not read, or a thread that hangs, may keep a program that was told to end."""
_NOTHING = " before anything was asked for."
_HANGUP, _INTERRUPT, _TERMINATE = signal.SIGHUP, signal.SIGINT, signal.SIGTERM


class StoppedError(Exception):
    """It was told to end before its time; the rest of a sentence says what there is by then. It never reaches the user as an error."""


class Ending:
    """The wish to end, whoever has it. It is made in the loop that it ends."""

    def __init__(self) -> None:
        self.came = asyncio.Event()
        """Set once it has to end."""
        self.failure: OSError | None = None
        """Why nothing more can be printed."""
        self._signal = 0
        self._loop = asyncio.get_running_loop()
        self._say: Callable[[str], None] = lambda _: None

    @property
    def code(self) -> int:
        """The exit code of a program that a signal ended."""
        return 128 + self._signal if self._signal else 1

    def set(self) -> None:
        """End it, for a reason that is told elsewhere."""
        self.came.set()

    def output_failed(self, failure: OSError) -> None:
        """Standard output takes nothing more. Called in the thread that prints."""
        with contextlib.suppress(RuntimeError):  # by then nothing is waited for any more
            self._loop.call_soon_threadsafe(self._failed, failure)

    def _failed(self, failure: OSError) -> None:
        # What is printed after a signal may well find that the terminal is gone.
        if not self.came.is_set():
            self.failure = failure
        self.came.set()

    def _signalled(self, number: signal.Signals) -> None:
        if self._signal:
            # Once is enough, however often it is sent.
            self._say("What has come is being saved; that takes a moment, and nothing is lost.")
            self._say = lambda _: None
            return
        self._signal = number
        self.came.set()

    @contextlib.contextmanager
    def listening(self, say: Callable[[str], None]) -> Iterator[None]:
        """Take signals as a wish to end. Those that the caller had ignored, as nohup does, stay ignored."""
        self._say = say
        heard = [
            number for number in (_HANGUP, _INTERRUPT, _TERMINATE) if signal.getsignal(number) is not signal.SIG_IGN
        ]
        for number in heard:
            self._loop.add_signal_handler(number, self._signalled, number)
        try:
            yield
        finally:
            for number in heard:
                self._loop.remove_signal_handler(number)
                if self._signal:
                    # All is saved. Nothing is left to be interrupted but the interpreter's own end.
                    signal.signal(number, signal.SIG_IGN)
            if self._signal:
                _watch_the_exit(self.code)

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work comes to. StoppedError if it has to end before; the work is cancelled then."""
        if self.came.is_set():
            work.close()
            raise StoppedError(_NOTHING)
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self.came.wait())
        try:
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))
        if task.cancelled():
            raise StoppedError(_NOTHING)
        return task.result()


def _watch_the_exit(code: int) -> None:
    """Names are looked up in threads that can't be stopped, and the process would wait for them."""
    timer = threading.Timer(PATIENCE, os._exit, (code,))
    timer.daemon = True
    timer.start()
