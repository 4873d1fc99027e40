"""The terminal's driver: writes that never wait, keys that are read as they were meant, and an end that is always orderly.

It holds what goes out (`Writer`), what comes in (`KeyReader`) and the signals that end the program. It never paints, never
decides what a key does, and calls only `leave`, `exit` and `text_has_focus` of the app.

Limits: what the kernel and ssh have taken counts as written, so that a slow line is noticed only when their buffers are full.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from textual import constants, events
from textual._time import get_time
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

if TYPE_CHECKING:
    from textual.app import App

FEW = 4
"""Frames that may wait for the terminal. With more, it is not reading, and painting on is a waste."""
MUCH = 1 << 20
"""Characters that may wait. With more, whole frames are thrown away, and all is painted anew later."""
SHORT = 64
"""Writes up to this long are never thrown away: mode changes, the bell, marks around a frame."""
PATIENCE = 0.5
"""Seconds without any progress after which leaving no longer waits for the terminal."""
LONGEST = 3.0
"""Seconds that leaving waits for a slow terminal at most."""
PASTE_PAUSE = 10.0
"""Seconds of silence inside a paste after which its end is taken to be lost."""

PIECE = 2048
"""Bytes given to the kernel at once."""

ESC = "\x1b"
CANCEL = "\x18"
"""Ends an escape sequence of which the rest will not come."""


class Writer:
    """Writes to the terminal from a thread of its own, in order. Whoever hands it text never waits.

    A frame is what lies between two calls of `flush`. When more than `FEW` have waited, or some were thrown away, `drained` is
    called once nothing waits any more, with True if frames were thrown away. When the terminal is gone, `gone` is called once
    and everything further is dropped. Both are called in the writer's thread.
    """

    def __init__(self, fileno: int, encoding: str, drained: Callable[[bool], None], gone: Callable[[], None]) -> None:
        self._fileno = fileno
        self._own = -1
        self._encoding = encoding
        self._drained = drained
        self._gone = gone
        self._news = Condition()
        self._waiting: list[str] = []
        self._size = 0
        self._given = 0
        self._ends: deque[int] = deque()
        self._writing = False
        self._behind = False
        self._lost = False
        self._abandons = False
        self._closed = False
        self._progress = 0.0
        # A daemon: a write to a terminal that never reads again must not keep the process.
        self._thread = Thread(target=self._run, name="composer-output", daemon=True)

    @property
    def backlog(self) -> int:
        """Frames that are not written yet, the one being written included."""
        return len(self._ends)

    def start(self) -> None:
        # Of its own, so that not waiting in a write is no matter of the programs that share the terminal with this one.
        try:
            self._own = os.open(os.ttyname(self._fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            self._own = os.dup(self._fileno)
        self._thread.start()

    def write(self, text: str) -> None:
        with self._news:
            if self._closed or not text:
                return
            self._waiting.append(text)
            self._given += 1
            self._size += len(text)
            if self._size > MUCH:
                self._throw_away()
                self._behind = self._lost = True
            self._news.notify_all()

    def flush(self) -> None:
        """The end of a frame."""
        with self._news:
            if (self._waiting or self._writing) and not (self._ends and self._ends[-1] == self._given):
                self._ends.append(self._given)
                self._behind = self._behind or len(self._ends) > FEW

    def forget_frames(self) -> None:
        """Throw away the frames that wait: the screen that they are for is about to go."""
        with self._news:
            self._throw_away()

    def stop(self) -> None:
        """Wait until all is written, but never for a terminal that has stopped reading; then take nothing more."""
        with self._news:
            self._progress = time.monotonic()
            longest = self._progress + LONGEST
            if not self._drain(longest):
                # What still waits, here and in the kernel, is for a screen that is gone. Without it there is room for the
                # last few sequences, so that a terminal that wakes up later is found in order.
                self._throw_away()
                self._abandons = self._writing
                with contextlib.suppress(termios.error):
                    termios.tcflush(self._fileno, termios.TCOFLUSH)
                self._progress = time.monotonic()
                self._drain(longest)
            self._close()

    def _drain(self, longest: float) -> bool:
        while self._thread.is_alive() and not self._closed and (self._waiting or self._writing):
            left = min(longest, self._progress + PATIENCE) - time.monotonic()
            if left <= 0:
                return False
            self._news.wait(left)
        return True

    def _close(self) -> None:
        self._closed = True
        self._waiting.clear()
        self._ends.clear()
        self._news.notify_all()

    def _throw_away(self) -> None:
        self._waiting = [text for text in self._waiting if _lasts(text)]
        self._size = sum(map(len, self._waiting))

    def _run(self) -> None:
        try:
            while self._write_what_waits():
                pass
        finally:
            os.close(self._own)

    def _write_what_waits(self) -> bool:
        """Wait for something, and write it. False if that was the last time."""
        with self._news:
            while not self._waiting and not self._closed:
                self._news.wait()
            if self._closed:
                return False
            texts, self._waiting, self._size = self._waiting, [], 0
            given = self._given
            self._writing = True
        data = "".join(texts).encode(self._encoding, "replace")
        written, there = self._put(data)
        with self._news:
            if there and written < len(data):
                self._waiting[:0] = [CANCEL, *self._unwritten(texts, written)]
            self._writing = self._abandons = False
            while self._ends and self._ends[0] <= given:
                self._ends.popleft()
            drained, lost = self._behind and not self._waiting, self._lost
            if drained:
                self._behind = self._lost = False
            if self._closed:
                return False
            if not there:
                self._close()
            self._news.notify_all()
        if not there:
            self._gone()
        elif drained:
            self._drained(lost)
        return there

    def _put(self, data: bytes) -> tuple[int, bool]:
        """Write it, however long that takes: how much was written before it was abandoned, and if the terminal is there."""
        written = 0
        while written < len(data) and not self._abandons and not self._closed:
            try:
                # Small pieces, so that a slow terminal can be told from one that has stopped.
                written += os.write(self._own, data[written : written + PIECE])
                self._progress = time.monotonic()
            except BlockingIOError:
                select.select([], [self._own], [], 0.05)
            except OSError:
                return written, False
        return written, True

    def _unwritten(self, texts: list[str], written: int) -> Iterator[str]:
        """What is to be kept of texts of which so many bytes were written."""
        at = 0
        for text in texts:
            if at >= written and _lasts(text):
                yield text
            at += len(text.encode(self._encoding, "replace"))


def _lasts(text: str) -> bool:
    """Whether a write is no frame, which the next one replaces. What sets the clipboard begins with ESC ]."""
    return len(text) <= SHORT or text.startswith("\x1b]")


class Joined(events.Key):
    """A key that came as ESC joined to another one: a word key where text is typed, elsewhere the keys `apart`."""

    apart: tuple[events.Key, ...] = ()


# To whoever handles keys it is a key like any other.
Joined.handler_name = events.Key.handler_name


class _Parser(XTermParser):
    """Textual's parser, to which ESC and another key are one `Joined` key, whatever is typed after them."""

    _escaped = False
    """Whether ESC stood before the next key of a sequence that led nowhere."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if sequence == ESC:
            # It begins a sequence that grew too long, or that another one broke off. Textual would make it a ^.
            self._escaped = True
            return
        # With `alt`, a sequence that led nowhere is given key by key, and an ESC stood before this one.
        escaped, self._escaped = alt or self._escaped, False
        if not escaped and not (len(sequence) == 2 and sequence[0] == ESC and sequence[1] not in "[O"):
            yield from super()._sequence_to_key_events(sequence, alt)
            return
        key = sequence[-1]
        apart = (events.Key("escape", ESC), *super()._sequence_to_key_events(key, False))
        # Nothing longer begins so, and what is typed on must not be taken for the rest of it.
        joined = [*super()._sequence_to_key_events(sequence, escaped)] or [*super()._sequence_to_key_events(key, True)]
        for each in joined:
            made = Joined(each.key, each.character)
            # What is shown may be something else by the time that it is dealt with.
            made.apart = apart
            yield made

    def settle(self) -> Iterator[Message]:
        """Take what has come of a sequence for all that will come."""
        if self._timeout_time is not None:
            self._timeout_time = 0.0
        yield from self.tick()

    @property
    def due(self) -> float | None:
        """When an unfinished sequence is to be taken for keys, on the clock of `get_time`."""
        return self._timeout_time


class KeyReader:
    """Bytes from the terminal in, keys and pastes out.

    Bytes that are no text become U+FFFD. A paste is everything up to its end mark: escape sequences in it are pasted, not
    obeyed, and come as one event. `splits` is asked whether ESC joined to another key is escape and that key; else it is `Joined`.
    """

    def __init__(self, splits: Callable[[], bool], encoding: str = "utf-8", debug: bool = False) -> None:
        self._decode = getincrementaldecoder(encoding)("replace").decode
        self._splits = splits
        self._parser = _Parser(debug)
        self._held = ""
        self._due = 0.0
        self._paste: list[str] | None = None

    def feed(self, data: bytes) -> Iterator[Message]:
        """What is certain by now. Call `tick` afterwards, and again after `wait` seconds."""
        yield from self._split(self._fed(data))

    def tick(self) -> Iterator[Message]:
        """What is certain because nothing has followed it."""
        yield from self._split(self._ticked())

    def _split(self, messages: Iterator[Message]) -> Iterator[Message]:
        for message in messages:
            yield from message.apart if isinstance(message, Joined) and self._splits() else (message,)

    def _fed(self, data: bytes) -> Iterator[Message]:
        text = self._held + self._decode(data)
        self._held = ""
        while text:
            mark = BRACKETED_PASTE_START if self._paste is None else BRACKETED_PASTE_END
            before, found, text = text.partition(mark)
            if not found:
                # The start of a mark may be all that has come of it.
                size = next((size for size in range(len(mark) - 1, 0, -1) if before.endswith(mark[:size])), 0)
                before, self._held = before[: len(before) - size], before[len(before) - size :]
            if self._paste is not None:
                self._paste.append(before)
                if found:
                    yield from self._pasted()
            else:
                yield from self._parser.feed(before) if before else ()
                if found:
                    yield from self._parser.settle()
                    self._paste = []
        self._due = get_time() + (constants.ESCAPE_DELAY if self._paste is None else PASTE_PAUSE)

    def _ticked(self) -> Iterator[Message]:
        if self._paste is not None:
            if get_time() >= self._due:
                self._paste.append(self._held)
                self._held = ""
                yield from self._pasted()
        elif self._held and get_time() >= self._due:
            held, self._held = self._held, ""
            yield from self._parser.feed(held)
            yield from self._parser.settle()
        else:
            yield from self._parser.tick()

    @property
    def wait(self) -> float:
        """Seconds after which `tick` may have something, at most a tenth."""
        dues = [self._parser.due] if self._paste is None else []
        if self._held or self._paste is not None:
            dues.append(self._due)
        now = get_time()
        return max(0.0, min([0.1, *(due - now for due in dues if due is not None)]))

    def _pasted(self) -> Iterator[Message]:
        text = "".join(self._paste or ()).replace("\x00", "")
        self._paste = None
        if text:
            yield events.Paste(text)


class ComposerDriver(LinuxDriver):
    """For `App(driver_class=…)`. Calls `app.leave()`, or `app.exit()` where there is none, when the terminal goes away or
    the program is asked to end; asks `app.text_has_focus` whether ESC joined to a letter is a word key."""

    on_drained: Callable[[], None] | None = None
    """Called in the app's loop when the terminal has taken everything after a time of not reading."""

    lost: bool = False
    """While `on_drained` runs: whether frames were thrown away, so that the whole screen is to be painted anew."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._writer: Writer | None = None
        self._signals: dict[signal.Signals, Any] = {}
        self._context = copy_context()
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Standard output is what was checked to be a terminal; standard error may lead into a file.
        if sys.__stdout__ is not None and sys.__stdout__.isatty():
            self._file = sys.__stdout__

    # going out

    @property
    def backlog(self) -> int:
        """Frames that the terminal has not taken yet."""
        return self._writer.backlog if self._writer else 0

    @property
    def stalled(self) -> bool:
        """Whether the terminal has stopped reading, so that painting is a waste; `on_drained` will be called."""
        return self.backlog > FEW

    # Textual's own writer makes the loop wait after thirty writes. Its place is taken wherever it is set or used.
    @property  # type: ignore[override]
    def _writer_thread(self) -> Writer | None:
        return self._writer

    @_writer_thread.setter
    def _writer_thread(self, theirs: object) -> None:
        if theirs is None:
            self._writer = None
        else:
            assert self._file is not None, "a terminal to write to"
            encoding = self._file.encoding or "utf-8"
            self._writer = Writer(self._file.fileno(), encoding, self._on_drained, self._on_gone)

    def write(self, data: str) -> None:
        if self._writer is not None:
            self._writer.write(data)

    def flush(self) -> None:
        if self._writer is not None:
            self._writer.flush()

    def _on_drained(self, lost: bool) -> None:
        self._post(lambda: self._tell_drained(lost))

    def _tell_drained(self, lost: bool) -> None:
        if self.on_drained is not None:
            self.lost = lost
            try:
                self.on_drained()
            finally:
                self.lost = False

    # the beginning and the end

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        for number in (signal.SIGHUP, signal.SIGTERM):
            if number not in self._signals:
                self._signals[number] = signal.getsignal(number)
                self._loop.add_signal_handler(number, self._post, self._leave)

    def _sigcont_application(self, *_: object) -> None:
        # In the loop, not amid whatever the signal interrupted.
        self._post(self._wake)

    def _wake(self) -> None:
        """After a stop: of its own asking, which left the terminal first, or by another's, which left it as it was."""
        if not (self._auto_restart and self._app.is_running):
            return
        if self._signals:
            self.suspend_application_mode()
        self.resume_application_mode()

    def stop_application_mode(self) -> None:
        if self._writer is not None:
            self._writer.forget_frames()
        super().stop_application_mode()

    def close(self) -> None:
        super().close()
        while self._signals:
            number, before = self._signals.popitem()
            self._loop.remove_signal_handler(number)
            signal.signal(number, before or signal.SIG_DFL)

    def _on_gone(self) -> None:
        self._post(self._leave)

    def _leave(self) -> None:
        leave = getattr(self._app, "leave", self._app.exit)
        try:
            leave()
        except Exception:  # noqa: BLE001 — whatever goes wrong on the way out, the way out stays open
            self._app.exit()

    def _post(self, callback: Callable[[], object]) -> None:
        """Have the app's loop call it, from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: there is no app any more
            self._loop.call_soon_threadsafe(callback, context=self._context.copy())

    # coming in

    def run_input_thread(self) -> None:
        reader = KeyReader(self._splits, getattr(sys.__stdin__, "encoding", None) or "utf-8", self._debug)
        while not self.exit_event.is_set():
            ready, _, _ = select.select([self.fileno], [], [], reader.wait)
            if ready:
                try:
                    data = os.read(self.fileno, 1 << 16)
                except BlockingIOError:
                    continue
                except OSError:
                    data = b""
                if not data:
                    self._post(self._leave)
                    return
                for message in reader.feed(data):
                    self.process_message(message)
            for message in reader.tick():
                self.process_message(message)

    def _splits(self) -> bool:
        try:
            return not getattr(self._app, "text_has_focus", False)
        except Exception:  # noqa: BLE001 — asked from another thread, between two screens there may be none
            return True
