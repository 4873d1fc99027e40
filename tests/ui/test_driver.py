"""The driver on a terminal of its own: one that stalls, sends rubbish, goes away, or is told to end. Never the tests' own one.

The app under test runs in a child process and reports through a pipe, a line each; every wait is for such a report.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import queue
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
        report("key", event.key)
        if event.key == "p":
            self.painting = True
        elif event.key == "t":
            self.text_has_focus = True

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
        self._reports: queue.Queue[list[Any]] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._listen, args=(reports,), daemon=True),
            threading.Thread(target=self._read, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _listen(self, reports: int) -> None:
        with open(reports, encoding="utf-8") as lines:
            for line in lines:
                self._reports.put(json.loads(line))
        self._reports.put(["ended"])

    def _read(self) -> None:
        while True:
            self.reading.wait()
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            self.painted += data

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

    def close(self) -> None:
        self.child.kill()
        self.child.wait()
        self.reading.set()
        os.close(self.slave)
        # With the last writer gone, reading ends.
        self._threads[1].join(SOON)
        if self.master >= 0:
            os.close(self.master)
        self._threads[0].join(SOON)


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
    # The mouse was not asked for, and never taken.
    assert not any(f"\x1b[?{mode}h".encode() in terminal.painted for mode in (1000, 1002, 1003, 1006, 1015, 1016))
    assert termios.tcgetattr(terminal.slave)[:4] == terminal.before[:4]


def test_a_stalled_terminal_stops_only_the_painting(terminal: Terminal) -> None:
    terminal.stall()
    # Reports come from a timer in the loop: it goes on, and so do keys, far beyond thirty frames.
    for _ in range(40):
        assert terminal.wait("stalled")[0] > FEW
    terminal.type(b"k")
    assert terminal.wait("key") == ["k"]
    terminal.reading.set()
    assert terminal.wait("drained") == [False]
    terminal.type(b"\x1b")
    assert terminal.wait("key") == ["escape"]
    terminal.child.send_signal(signal.SIGTERM)
    terminal.end()
    assert b"all is well again" in terminal.painted.rpartition(b"0" * 5)[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_stalled_terminal_is_left_and_later_found_in_order(terminal: Terminal, number: signal.Signals) -> None:
    terminal.stall()
    terminal.child.send_signal(number)
    terminal.end()
    terminal.reading.set()
    os.write(terminal.slave, b"prompt$ ")
    terminal.close_when_read(b"prompt$ ")
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
