"""A program on a terminal of its own, watched from outside: what it writes, when, and what it costs.

The terminal is an xterm of 256 colours that answers the few questions that matter. Only cursor jumps and text are understood of
what comes, which is all that the programs here send. Costs are read from /proc.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = sys.executable
COMPOSER = str(Path(sys.executable).with_name("story-composer"))

TICKS = os.sysconf("SC_CLK_TCK")
_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")
_ANSWERS = (
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
)
_OUTPUT = re.compile(
    r"\x1b\[(?P<row>\d*)(?:;(?P<column>\d*))?H"
    r"|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_^X].*?(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]"
    r"|(?P<text>[^\x00-\x1f\x7f]+)|(?P<control>[\x00-\x1f\x7f])",
    re.DOTALL,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]P_^X][^\x07\x1b]*\x1b?)?\Z")


class Home:
    """A home folder that is thrown away, and the surroundings of a program that lives there."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="composer-bench-"))
        self.environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self.environ |= {"HOME": str(self.path), "TERM": "xterm-256color", "LANG": "C.UTF-8", "NO_PROXY": "127.0.0.1"}
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"):
            folder = self.path / name.lower()
            folder.mkdir()
            self.environ[name] = str(folder)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


class Screen:
    """The characters that stand on a terminal. Every character is taken to be one cell wide."""

    def __init__(self, columns: int, rows: int) -> None:
        self._cells = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._rest = ""

    def feed(self, text: str) -> None:
        text = self._rest + text
        # A sequence that is cut by the end of a read goes on in the next one.
        cut = _UNFINISHED.search(text)
        self._rest, text = (text[cut.start() :], text[: cut.start()]) if cut else ("", text)
        for found in _OUTPUT.finditer(text):
            if found["text"] is not None:
                self._write(found["text"])
            elif found["row"] is not None:
                self._row, self._column = int(found["row"] or 1) - 1, int(found["column"] or 1) - 1
            elif found["control"] == "\r":
                self._column = 0
            elif found["control"] == "\n":
                self._row += 1

    def _write(self, text: str) -> None:
        if 0 <= self._row < len(self._cells):
            row = self._cells[self._row]
            room = text[: max(0, len(row) - self._column)]
            row[self._column : self._column + len(room)] = room
        self._column += len(text)

    @property
    def text(self) -> str:
        return "\n".join("".join(row) for row in self._cells)


class Child:
    """A running program. `since` is when it was started, `log` when how many bytes came."""

    running: list[Child] = []  # noqa: RUF012 — those to end, whatever happens

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], columns: int = 120, rows: int = 40) -> None:
        self.log: list[tuple[float, int]] = []
        self.screen = Screen(columns, rows)
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._fd, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.since = time.monotonic()
        self._process = subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(environ), cwd=ROOT, start_new_session=True
        )
        os.close(theirs)
        Child.running.append(self)

    # what comes

    def _read(self, seconds: float) -> tuple[float, bytes]:
        """What comes within so many seconds, and when; nothing if nothing does."""
        if not select.select([self._fd], [], [], max(0.0, seconds))[0]:
            return 0.0, b""
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        now = time.monotonic()
        if not data:
            raise RuntimeError(f"the program ended while it was watched:\n{self.screen.text.strip()}")
        self.log.append((now, len(data)))
        for question, answer in _ANSWERS:
            if question.search(data):
                os.write(self._fd, answer)
        return now, data

    def watch(self, seconds: float) -> float:
        """Read for so long; when the last byte came, 0 if none did."""
        last, until = 0.0, time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            now, data = self._read(left)
            last = now or last
            self.screen.feed(self._decode(data))
        return last

    def wait_for(self, true: Callable[[str], bool], what: str, seconds: float = 20.0) -> float:
        """Read until it is true of the screen; when the byte came that made it so."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            now, data = self._read(left)
            self.screen.feed(self._decode(data))
            if data and true(self.screen.text):
                return now
        raise RuntimeError(f"{what}: not within {seconds:.0f} s\n{self.screen.text}")

    def wait_quiet(self, seconds: float = 0.4, longest: float = 20.0) -> None:
        """Read until it neither writes nor computes for so long."""
        until = time.monotonic() + longest
        while time.monotonic() < until:
            began, cpu = time.monotonic(), self.cpu
            self.watch(seconds)
            if self.received(began) < 200 and self.cpu - cpu <= 0.05 * seconds + 1 / TICKS:
                return

    def received(self, since: float = 0.0) -> int:
        """Bytes that came since a time."""
        return sum(size for when, size in self.log if when >= since)

    # what goes

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def echo(self, letter: str, seconds: float = 2.0) -> float:
        """Type a letter that stands nowhere yet; seconds until it comes back."""
        wanted = letter.encode()
        tail = b""
        began = time.monotonic()
        os.write(self._fd, wanted)
        while (left := began + seconds - time.monotonic()) > 0:
            now, data = self._read(left)
            self.screen.feed(self._decode(data))
            if wanted in tail + data:
                return now - began
            tail = data[-4:]
        raise RuntimeError(f"the letter {letter} never came back:\n{self.screen.text}")

    # what it costs

    @property
    def cpu(self) -> float:
        """Seconds of computing so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def peak(self) -> float:
        """The most memory that it held, in MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def end(self) -> None:
        """Have it leave as a lost line does, and kill it if it does not."""
        if self in Child.running:
            Child.running.remove(self)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGHUP)
            until = time.monotonic() + 5
            while self._process.poll() is None and time.monotonic() < until:
                try:
                    self.watch(0.05)
                except RuntimeError:
                    time.sleep(0.05)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._fd)
