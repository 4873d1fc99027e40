"""What a long command prints: events for programs, and lines, messages and a bar for people.

Threads of its own do it, so that no reader holds up the rest. It never decides what is told, and keeps none of it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from composer.cli.endings import PATIENCE
from composer.cli.wiring import LONGEST, NAME
from composer.errors import RefusedError
from composer.session.clock import WALL
from composer.text.clean import one_line
from composer.ui.signs import PLAIN, choose


class Page:
    """What is printed, by threads of its own: no one who is slow to read, or doesn't, holds up streams and journal.

    On a terminal it is a bar on standard error and lines for people; elsewhere events as JSON Lines. None of it goes through
    Python's own buffers: a thread that hangs in these would hold up the end of the program.
    """

    def __init__(self, flags: argparse.Namespace, failed: Callable[[OSError], None]) -> None:
        """`failed` is called once, in a thread, when standard output takes nothing more. RefusedError if it is closed already."""
        as_json = flags.json or flags.stream
        terminal = _is_terminal(sys.stderr)
        self._quiet = flags.quiet
        self._events = as_json or not (flags.quiet or (terminal and _is_terminal(sys.stdout)))
        self.bar = terminal and not as_json and not flags.quiet
        """Whether it is shown how far it is."""
        self._plain = choose(os.environ) is PLAIN
        if sys.stdout is None and not flags.quiet:
            raise RefusedError(
                "Standard output is closed, so there is nowhere to write to.", "Start it without >&-, or with --quiet."
            )
        self._out = sys.stdout.fileno() if sys.stdout is not None else -1
        self._error = sys.stderr.fileno() if sys.stderr is not None else -1
        self._failed: Callable[[OSError], None] | None = failed
        self._bar: _Bar | None = None
        self._painted = True
        """Whether what was to be shown last is shown."""
        self._event_pen, self._pen = _Pen(), _Pen()

    def event(self, name: str, **told: Any) -> None:
        """An event, one line on standard output."""
        if self._events:
            data = json.dumps({"event": name, **told}, ensure_ascii=False, separators=(",", ":"))
            self._event_pen.put(lambda: self._put(f"{data}\n"))

    def line(self, text: str) -> None:
        """A result for people, on a terminal's standard output. The bar is gone by then."""
        if not self._events and not self._quiet:
            self._pen.put(self._stop)
            self._pen.put(lambda: self._put(f"{text}\n"))

    def say(self, sentence: str) -> None:
        """A message on standard error."""
        if not self._quiet:
            self._pen.put(lambda: self._print(f"{NAME}: {sentence}"))

    def note(self, text: str) -> None:
        """A line above the bar, where there is one."""
        if self.bar:
            self._pen.put(lambda: self._print(text))

    def show(self, done: int, total: int, facts: Sequence[str]) -> None:
        """How far it is. It is left out while the one before is still being shown."""
        if self.bar and self._painted:
            self._painted = False
            between = ", " if self._plain else " · "
            self._pen.put(lambda: self._paint(done, total, between.join(facts)))

    async def written(self) -> None:
        """Wait until all of it is written, however long that takes. Nothing is printed after that."""
        self._pen.put(self._stop)
        await asyncio.gather(self._event_pen.end(), self._pen.end())

    async def close(self) -> None:
        """Wait for what is still being written, but not for ever."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.written()

    # in the threads

    def _put(self, text: str) -> None:
        if self._failed is None:
            return
        try:
            _write(self._out, text)
        except OSError as failure:
            self._failed(failure)
            self._failed = None

    def _print(self, text: str) -> None:
        with _nowhere_else():
            if self._bar is not None:
                self._bar.note(text)
            elif self._error >= 0:
                _write(self._error, f"{one_line(text, LONGEST)}\n")

    def _paint(self, done: int, total: int, facts: str) -> None:
        with _nowhere_else():
            if self._bar is None:
                self._bar = _Bar(self._error, self._plain)
            self._bar.paint(done, total, facts)
        self._painted = True

    def _stop(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            with _nowhere_else():
                bar.stop()


class _Pen:
    """Does one thing after the other in a thread of its own, which nothing waits for at the end: it may hang in a write."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._done = threading.Event()
        self._ended = False
        threading.Thread(target=self._work, name="pen", daemon=True).start()

    def put(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)

    async def end(self) -> None:
        """Wait until all of it is done, however long that takes. Nothing is taken after that."""
        if not self._ended:
            self._ended = True
            self._jobs.put(None)
        while not self._done.is_set():
            await WALL.sleep(0.01)

    def _work(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                job()
        finally:
            self._done.set()


class _Bar:
    """A bar on standard error that is painted when it is told to, and goes away at the end."""

    def __init__(self, handle: int, plain: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = [] if plain else [BarColumn(bar_width=20)]
        self._file = os.fdopen(os.dup(handle), "w", encoding=sys.stderr.encoding, errors="backslashreplace")
        self._progress = Progress(
            *columns,
            TextColumn("{task.description}", markup=False),
            console=Console(file=self._file),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("")
        self._progress.start()

    def paint(self, done: int, total: int, facts: str) -> None:
        self._progress.update(self._task, completed=done, total=total, description=facts)
        self._progress.refresh()

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def stop(self) -> None:
        with self._file:
            self._progress.stop()


def _write(handle: int, text: str) -> None:
    """All of a text, as UTF-8 whatever the locale says. OSError as it comes."""
    data = text.encode("utf-8", "replace")
    while data:
        data = data[os.write(handle, data) :]


def _nowhere_else() -> contextlib.AbstractContextManager[None]:
    """What can't be written to standard error is left out: there is nowhere to tell it. Rich makes an exit of a broken pipe."""
    return contextlib.suppress(OSError, ValueError, SystemExit)


def _is_terminal(stream: Any) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it was closed
        return False
