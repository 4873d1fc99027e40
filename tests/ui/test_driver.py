"""The driver on a terminal of its own: one that stalls, sends rubbish, goes away, or is told to end. Never the tests' own one.

The app under test runs in a child process and reports through a pipe, a line each; every wait is for such a report.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import queue
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual import events

from composer.ui import driver
from composer.ui.driver import FEW, MUCH, KeyReader, Writer

SOON = 20.0
"""Seconds after which what has not come is taken not to come at all."""

PROBE = """
import json, os, sys
from textual.app import App
from textual.widgets import Static
from composer.ui.driver import ComposerDriver

out = os.fdopen(int(sys.argv[1]), "w", buffering=1)

def report(*what):
    print(json.dumps(what), file=out)

class Probe(App):
    text_has_focus = False
    painting = told = False
    frames = 0

    def __init__(self):
        super().__init__(driver_class=ComposerDriver)

    def compose(self):
        yield Static("nothing yet")

    def on_mount(self):
        self.body = self.query_one(Static)
        self.body.styles.height = "1fr"
        self._driver.on_drained = self.drained
        self.set_interval(1 / 50, self.tick)
        self.call_after_refresh(report, "ready", self._driver.backlog)

    def tick(self):
        if self.painting:
            self.frames += 1
            self.body.update(f"{self.frames:08}" * 300)
        if self._driver.stalled:
            report("stalled", self._driver.backlog)

    def drained(self):
        self.painting = False
        report("drained", self._driver.lost)
        self.body.update("all is well again")

    def on_key(self, event):
        if event.key == "p":
            self.painting = True
        elif event.key == "t":
            self.text_has_focus = True
        report("key", event.key)

    def on_paste(self, event):
        report("paste", event.text)

    def leave(self):
        report("leave")
        self.exit("left")

    def on_unmount(self):
        report("unmounted")

result = Probe().run(mouse=False)
report("returned", result)
"""


class Terminal:
    """A terminal with the probe in it. Reads what is painted only while `reading` is set."""

    def __init__(self) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.slave = slave
        self.before = termios.tcgetattr(slave)
        reports, writing = os.pipe()
        environ = {**os.environ, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}
        self.child = subprocess.Popen(
            [sys.executable, "-c", PROBE, str(writing)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=[writing],
            start_new_session=True,
            cwd=Path(__file__).parents[2],
            env=environ,
        )
        os.close(writing)
        self.painted = b""
        self.reading = threading.Event()
        self.reading.set()
        self._news = threading.Condition()
        self._stop, self._stopper = os.pipe()
        self.told: list[list[Any]] = []
        self._reports: queue.Queue[list[Any]] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, args=(reports,))
        self._reader = threading.Thread(target=self._read)
        self._listener.start()
        self._reader.start()

    def _listen(self, reports: int) -> None:
        with open(reports, encoding="utf-8") as lines:
            for line in lines:
                self.told.append(json.loads(line))
                self._reports.put(self.told[-1])
        self._reports.put(["ended"])

    def _read(self) -> None:
        while True:
            self.reading.wait()
            ready, _, _ = select.select([self.master, self._stop], [], [])
            if self._stop in ready:
                return
            if self.reading.is_set():
                with self._news:
                    self.painted += os.read(self.master, 65536)
                    self._news.notify_all()

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def wait(self, kind: str) -> list[Any]:
        """The next report of this kind; others are passed over."""
        while True:
            try:
                found = self._reports.get(timeout=SOON)
            except queue.Empty:
                pytest.fail(f"no {kind!r} came. Painted at last: {self.painted[-2000:]!r}")
            if found[0] == kind:
                return found[1:]
            assert found[0] != "ended", f"ended before {kind!r}: {self.painted[-2000:]!r}"

    def stall(self) -> None:
        """Have the probe paint until the terminal, which does not read, has made it give up."""
        self.reading.clear()
        self.type(b"p")
        self.wait("stalled")

    def end(self) -> None:
        """What an orderly end is: the app was asked, unmounted and returned."""
        self.wait("leave")
        self.wait("unmounted")
        assert self.wait("returned") == ["left"]
        assert self.child.wait(SOON) == 0

    def see(self, wanted: bytes) -> None:
        """Wait until something is painted."""
        with self._news:
            assert self._news.wait_for(lambda: wanted in self.painted, SOON), self.painted[-2000:]

    def vanish(self) -> None:
        """Close the window."""
        if self.master >= 0:
            os.close(self._stopper)
            self.reading.set()
            self._reader.join(SOON)
            os.close(self.master)
            os.close(self._stop)
            self.master = -1

    def close(self) -> None:
        self.child.kill()
        self.child.wait()
        self._listener.join(SOON)
        self.vanish()
        os.close(self.slave)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    try:
        made.wait("ready")
        yield made
    finally:
        made.close()


def test_keys_pastes_and_rubbish_arrive_and_sigterm_ends_it(terminal: Terminal) -> None:
    terminal.type(b"\xff\xfe\xc3(a")
    keys = [terminal.wait("key") for _ in range(5)]
    assert keys[-2:] == [["left_parenthesis"], ["a"]]
    terminal.type(b"\x1bb")
    assert [terminal.wait("key"), terminal.wait("key")] == [["escape"], ["b"]]
    terminal.type(b"\x1b")
    assert terminal.wait("key") == ["escape"]
    terminal.type(b"\x1b[200~one\x1b[2Jtwo\r\nthree\x1b[201~c")
    assert terminal.wait("paste") == ["one\x1b[2Jtwo\r\nthree"]
    assert terminal.wait("key") == ["c"]
    terminal.type(b"t")
    assert terminal.wait("key") == ["t"]
    terminal.type(b"\x1bb")
    assert terminal.wait("key") == ["ctrl+left"]
    terminal.child.send_signal(signal.SIGTERM)
    terminal.end()
    # A terminal that reads is never behind, from the first frame on.
    assert not any(told[0] in ("stalled", "drained") for told in terminal.told)
    # The mouse was not asked for, and never taken.
    assert not any(f"\x1b[?{mode}h".encode() in terminal.painted for mode in (1000, 1002, 1003, 1006, 1015, 1016))
    assert termios.tcgetattr(terminal.slave)[:4] == terminal.before[:4]


@pytest.mark.slow
def test_a_stalled_terminal_stops_only_the_painting(terminal: Terminal) -> None:
    terminal.stall()
    # Reports come from a timer in the loop: it goes on, and so do keys, far beyond thirty frames.
    for _ in range(40):
        assert terminal.wait("stalled")[0] > FEW
    terminal.type(b"k")
    assert terminal.wait("key") == ["k"]
    terminal.reading.set()
    assert terminal.wait("drained") == [False]
    terminal.see(b"all is well again")
    assert terminal.painted.rindex(b"all is well again") > terminal.painted.rindex(b"00000")
    terminal.child.send_signal(signal.SIGTERM)
    terminal.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.slow
def test_a_stalled_terminal_is_left_and_later_found_in_order(terminal: Terminal, number: signal.Signals) -> None:
    terminal.stall()
    terminal.child.send_signal(number)
    terminal.end()
    terminal.reading.set()
    os.write(terminal.slave, b"prompt$ ")
    terminal.see(b"prompt$ ")
    assert b"\x1b[?1049l" in terminal.painted
    assert terminal.painted.rindex(b"\x1b[?25h") > terminal.painted.rindex(b"\x1b[?25l")
    assert termios.tcgetattr(terminal.slave)[:4] == terminal.before[:4]


def test_a_terminal_that_goes_away_ends_it(terminal: Terminal) -> None:
    terminal.vanish()
    terminal.end()


def test_a_stalled_terminal_that_goes_away_ends_it(terminal: Terminal) -> None:
    terminal.stall()
    terminal.vanish()
    terminal.end()


# the writer by itself


class Line:
    """A terminal's two ends, and a writer on it."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.drained: queue.Queue[bool] = queue.Queue()
        self.gone = threading.Event()
        self.writer = Writer(self.slave, "utf-8", self.drained.put, self.gone.set)
        self.writer.start()

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += os.read(self.master, size - len(data))
        return data


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.writer.stop()
    os.close(made.slave)
    if made.master >= 0:
        os.close(made.master)


def test_frames_are_counted_until_they_are_written(line: Line) -> None:
    frame = "x" * 20_000
    for number in range(1, 51):
        line.writer.write(frame)
        line.writer.write("end")
        line.writer.flush()
        line.writer.flush()
        assert line.writer.backlog == number
    assert line.drained.empty()
    assert line.read(50 * 20_003) == (frame.encode() + b"end") * 50
    assert line.drained.get(timeout=SOON) is False
    assert line.writer.backlog == 0
    line.writer.write("one frame more is nothing to tell of")
    line.writer.flush()
    assert line.read(36).startswith(b"one frame")
    line.writer.stop()
    assert line.drained.empty()


def test_too_much_is_thrown_away_in_whole_frames_and_told(line: Line) -> None:
    first = "\x1b[1m" * 20_000
    line.writer.write(first)
    line.writer.flush()
    assert line.read(5) == b"\x1b[1m\x1b"  # the writer has begun with it
    frame = "\x1b[2m" * 50_000
    for _ in range(2 * MUCH // len(frame)):
        line.writer.write(frame)
        line.writer.flush()
    line.writer.write("\x1b]52;c;" + "A" * 100 + "\x07")
    line.writer.write(frame)
    line.writer.write("\x07")
    line.writer.write("x" * MUCH)
    last = b"\x1b]52;c;" + b"A" * 100 + b"\x07\x07"
    rest = line.read(len(first) - 5 + len(last))
    assert rest == first[5:].encode() + last
    assert line.drained.get(timeout=SOON) is True
    assert line.writer.backlog == 0


def test_stopping_waits_for_what_is_being_read(line: Line) -> None:
    line.writer.write("x" * 100_000)
    line.writer.write("last")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(line.read(100_004)))
    reader.start()
    line.writer.stop()
    reader.join(SOON)
    assert got[0].endswith(b"xlast")
    line.writer.write("nothing more")
    assert line.writer.backlog == 0


def test_stopping_does_not_wait_for_what_is_not_read(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "PATIENCE", 0.2)
    line.writer.write("x" * 100_000)
    line.writer.flush()
    line.writer.write("\x1b[?1049l")
    line.writer.stop()
    shown = b""
    while not shown.endswith(b"\x18\x1b[?1049l"):
        shown += os.read(line.master, 65536)
    assert len(shown) < 50_000


def test_a_terminal_that_is_gone_is_told_once_and_never_waited_for(line: Line) -> None:
    os.close(line.master)
    line.master = -1
    line.writer.write("x")
    assert line.gone.wait(SOON)
    for _ in range(100):
        line.writer.write("x" * 100_000)
        line.writer.flush()
    assert line.writer.backlog == 0


# the key reader by itself


def read(*chunks: bytes, splits: bool = True) -> list[str]:
    """The keys and pastes of some reads that follow one another at once, and then nothing."""
    reader = KeyReader(lambda: splits)
    found = [message for chunk in chunks for message in [*reader.feed(chunk), *reader.tick()]]
    for _ in range(4):
        reader._due = 0.0
        if reader._parser._timeout_time is not None:
            reader._parser._timeout_time = 0.0
        found += reader.tick()
    return [
        message.key if isinstance(message, events.Key) else f"<{message.text}>"
        for message in found
        if isinstance(message, events.Key | events.Paste)
    ]


KEYS: list[tuple[bytes, list[str], list[str]]] = [
    # what was read, its keys outside the text, its keys in the text
    (b"\x1b", ["escape"], ["escape"]),
    (b"\x1b\x1b", ["escape", "escape"], ["escape", "escape"]),
    (b"b", ["b"], ["b"]),
    (b"\x1bb", ["escape", "b"], ["ctrl+left"]),
    (b"\x1bf", ["escape", "f"], ["ctrl+right"]),
    (b"\x1b\x7f", ["escape", "backspace"], ["ctrl+w"]),
    (b"\x1b\r", ["escape", "enter"], ["enter"]),
    (b"\x1b ", ["escape", "space"], ["space"]),
    (b"\x1b\t", ["escape", "tab"], ["shift+tab"]),
    (b"\x1b3", ["escape", "3"], ["pound_sign"]),
    (b"\x1bx", ["escape", "x"], ["alt+x"]),
    (b"\x1bX", ["escape", "X"], ["alt+shift+x"]),
    (b"\x1b<", ["escape", "less_than_sign"], ["less_than_sign"]),
    (b"\x1b\x07", ["escape", "ctrl+g"], ["ctrl+g"]),
    (b"\x1b[", ["escape", "left_square_bracket"], ["left_square_bracket"]),
    (b"\x1bO", ["escape", "O"], ["alt+shift+o"]),
    ("\x1bé".encode(), ["escape", "é"], ["alt+é"]),
    (b"\x1bxy", ["escape", "x", "y"], ["alt+x", "y"]),
    # However much is typed on at once, and whatever comes after it.
    (b"\x1bt" + b"o" * 40, ["escape", "t", *"o" * 40], ["alt+t", *"o" * 40]),
    (b"\x1bO" + b"z" * 40, ["escape", "O", *"z" * 40], ["alt+shift+o", *"z" * 40]),
    (b"\x1bto\x1b[A", ["escape", "t", "o", "up"], ["alt+t", "o", "up"]),
    (b"\x1b[zo\x1bOQ", ["escape", "left_square_bracket", "z", "o", "f2"], ["left_square_bracket", "z", "o", "f2"]),
    (b"\x1b\x1b[A", ["escape", "up"], ["escape", "up"]),
    (b"\x1b[A", ["up"], ["up"]),
    (b"\x1bOP", ["f1"], ["f1"]),
    (b"\x1b[Z", ["shift+tab"], ["shift+tab"]),
    (b"\x1b[1;5C", ["ctrl+right"], ["ctrl+right"]),
    (b"\x1b[27u", ["escape"], ["escape"]),
    (b"\x1b[Ab\x1b[B", ["up", "b", "down"], ["up", "b", "down"]),
    (b"\x1b[200~a\x1b[201~", ["<a>"], ["<a>"]),
    (b"\x1b[200~\x1b[201~", [], []),
    (b"\x1b\x1b[200~a\x1b[201~b", ["escape", "<a>", "b"], ["escape", "<a>", "b"]),
    (b"\x1b[200~a\x1bb\x1b[Ac\x00d\x1b[201~\x1b[B", ["<a\x1bb\x1b[Acd>", "down"], ["<a\x1bb\x1b[Acd>", "down"]),
    (b"\x1b[201~b", ["b"], ["b"]),
]


@pytest.mark.parametrize(("data", "outside", "inside"), KEYS, ids=[repr(row[0]) for row in KEYS])
def test_escape_and_another_key(data: bytes, outside: list[str], inside: list[str]) -> None:
    assert read(data) == outside
    assert read(data, splits=False) == inside
    if b"\x1b\x1b" not in data[:2]:
        # However a slow line cuts it.
        assert read(*(data[at : at + 1] for at in range(len(data)))) == outside
        assert all(read(data[:at], data[at:]) == outside for at in range(1, len(data)))


def test_a_paste_of_which_the_end_is_lost_comes_all_the_same() -> None:
    assert read(b"\x1b[200~some tex", b"t\x1b[20") == ["<some text\x1b[20>"]
    assert read(b"\x1b[200~some", b"\x1b[201~", b"k") == ["<some>", "k"]


def test_a_long_paste_is_one_event() -> None:
    text = b"line of text\n" * 20_000
    data = b"\x1b[200~" + text + b"\x1b[201~"
    assert read(*(data[at : at + 4096] for at in range(0, len(data), 4096))) == [f"<{text.decode()}>"]


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert read(b"a\xffb") == ["a", "replacement_character", "b"]
    assert read(b"\xc3", b"\xa9") == ["é"]
    assert read(b"\xe2\x82", b"a")[-1] == "a"
    assert read(b"\x1b[200~a\xffb\x1b[201~") == ["<a\ufffdb>"]


def test_the_reader_wakes_when_an_escape_is_due() -> None:
    reader = KeyReader(lambda: True)
    list(reader.feed(b"a"))
    assert reader.wait == pytest.approx(0.1)
    list(reader.feed(b"\x1b"))
    assert list(reader.tick()) == []
    assert 0 < reader.wait <= 0.1
