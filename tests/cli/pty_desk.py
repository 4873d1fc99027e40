"""A terminal with the program in it, as ssh gives one: what is typed goes in, what is painted can be looked at.

The terminal is the child's controlling one, so that closing it hangs up. Every wait is for something to be seen, or for the
end of the process. It holds no test and knows nothing of stories.
"""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType

import pytest
from rich.cells import cell_len

from tests.cli.house import SOON, House

OWN_TERMINAL = "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
"""Makes the terminal on standard input the process's own, so that closing it hangs up."""

TOKEN = re.compile(
    r"\x1b\[(?P<private>[<-?]*)(?P<numbers>[\d;:]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b[\]PX^_][^\x07\x18\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f-\x9f])",
    re.DOTALL,
)

CANCEL = "\x18"
UNSEEN = re.compile(
    "[\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]"
)
"""Characters that take no room and change how others are shown."""

TYPED = {
    "enter": b"\r",
    "escape": b"\x1b",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "f9": b"\x1b[20~",
    "ctrl+end": b"\x1b[1;5F",
    **{f"ctrl+{letter}": bytes([ord(letter) & 31]) for letter in "cdegknopqrstyz"},
}


class Screen:
    """The little of a terminal that is needed to read what a full-screen program paints."""

    def __init__(self, columns: int, rows: int) -> None:
        self.sequences: set[str] = set()
        """Each kind of escape sequence and control character that came, and each character that turns the writing round."""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0

    def feed(self, data: bytes) -> None:
        text = self._rest + self._decode(data)
        at = 0
        while at < len(text):
            found = TOKEN.match(text, at)
            if found is None:
                # The start of a sequence: its rest is yet to come, unless it was cut off and given up.
                given_up = text.find(CANCEL, at)
                if given_up < 0:
                    break
                at = given_up + 1
                continue
            at = found.end()
            if found["text"]:
                self.sequences.update(map(ascii, UNSEEN.findall(found["text"])))
                self._put(found["text"])
            elif found["control"]:
                self._steer(found["control"])
            elif found["final"]:
                self._obey(found["private"], found["numbers"], found["final"])
            else:
                self.sequences.add(found[0].partition(";")[0].replace("\x1b", "ESC "))
        self._rest = text[at:]

    def _put(self, text: str) -> None:
        for char in text:
            width = cell_len(char)
            if width and 0 <= self.row < self.rows and self.column + width <= self.columns:
                self._cells[self.row][self.column] = char
                if width == 2:
                    self._cells[self.row][self.column + 1] = ""
            self.column += width

    def _steer(self, control: str) -> None:
        self.sequences.add(repr(control))
        if control == "\r":
            self.column = 0
        elif control == "\n":
            self.column = 0
            self.row += 1

    def _obey(self, private: str, numbers: str, final: str) -> None:
        self.sequences.add(f"CSI {private}{numbers if private and final in 'hl' else ''}{final}")
        values = [int(number or 0) for number in numbers.split(";")] if numbers and ":" not in numbers else [0]
        if final == "H":
            self.row = max(values[0], 1) - 1
            self.column = max(values[1] if len(values) > 1 else 1, 1) - 1
        elif private == "?" and numbers == "1049":
            # What stood there before the program came is of no interest here.
            self.resize(self.columns, self.rows)

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self._cells]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Desk:
    """The program in a terminal of `size` (columns, rows). What it paints is read only while `reading` is set."""

    def __init__(
        self,
        house: House,
        *arguments: object,
        size: tuple[int, int] = (120, 40),
        under: str = "",
        **variables: str,
    ) -> None:
        self.screen = Screen(*size)
        self.painted = b""
        self.master, self.slave = pty.openpty()
        self._set_size(*size)
        self.before = termios.tcgetattr(self.slave)
        self.child = subprocess.Popen(
            house.command(*arguments, under=OWN_TERMINAL + under),
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            cwd=house.desk,
            env={**house.environ, **variables},
        )
        self.reading = threading.Event()
        self.reading.set()
        self._news = threading.Condition()
        self._stop, self._stopper = os.pipe()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.kill()
        self.child.wait()
        self.vanish()
        os.close(self.slave)

    def _read(self) -> None:
        while True:
            self.reading.wait()
            ready, _, _ = select.select([self.master, self._stop], [], [])
            if self._stop in ready:
                return
            if self.reading.is_set():
                data = os.read(self.master, 65536)
                with self._news:
                    self.painted += data
                    self.screen.feed(data)
                    self._news.notify_all()

    # what a writer does

    def type(self, *keys: str | bytes) -> None:
        """Keys by name, or text as it is typed."""
        for key in keys:
            data = key if isinstance(key, bytes) else TYPED.get(key, key.encode())
            while data:
                data = data[os.write(self.master, data[:1024]) :]

    def paste(self, text: str) -> None:
        self.type(b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        """As dragging the window does; the kernel tells the program."""
        with self._news:
            self.screen.resize(columns, rows)
        self._set_size(columns, rows)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def vanish(self) -> None:
        """Close the window: the kernel hangs up."""
        if self.master >= 0:
            os.close(self._stopper)
            self.reading.set()
            self._reader.join(SOON)
            os.close(self.master)
            os.close(self._stop)
            self.master = -1

    # what a writer sees

    @property
    def text(self) -> str:
        with self._news:
            return self.screen.text

    def wait(self, what: str, holds: Callable[[str], bool]) -> str:
        """Wait until the screen is such; what it shows then."""
        with self._news:
            deadline = time.monotonic() + SOON
            while not holds(self.screen.text):
                left = deadline - time.monotonic()
                if left <= 0 or (not self._news.wait(min(left, 0.5)) and self.child.poll() is not None):
                    if holds(self.screen.text):
                        break
                    pytest.fail(f"{what} was never seen. The process: {self.child.poll()}\n{self.screen.text}")
            return self.screen.text

    def see(self, *wanted: str) -> str:
        """Wait until all of this stands on the screen."""
        return self.wait(" and ".join(map(repr, wanted)), lambda text: all(each in text for each in wanted))

    def see_gone(self, unwanted: str) -> str:
        return self.wait(f"the end of {unwanted!r}", lambda text: unwanted not in text)

    # the end

    def ended(self, code: int | None = 0) -> None:
        """Wait for the process to end, and for all that it painted."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(SOON)
        assert self.child.poll() is not None, f"it goes on\n{self.text}"
        if self.master >= 0 and self.reading.is_set():
            os.write(self.slave, b"\r\nprompt$ ")
            self.see("prompt$")
        assert b"Traceback" not in self.painted, self.text
        assert code is None or self.child.returncode == code, f"{self.child.returncode}\n{self.text}"

    def leave(self) -> None:
        """Leave by key; the terminal is as it was before."""
        self.type("ctrl+q")
        self.ended()
        self.restored()

    def restored(self) -> None:
        """The screen, the cursor, the keys and the line are as they were before the program came."""
        for on, off in (
            (b"\x1b[?1049h", b"\x1b[?1049l"),
            (b"\x1b[?25l", b"\x1b[?25h"),
            (b"\x1b[?2004h", b"\x1b[?2004l"),
            (b"\x1b[>", b"\x1b[<u"),
        ):
            # The last of them is not for terminals that don't know it.
            assert self.painted.rfind(off) > self.painted.rfind(on) > (-2 if off == b"\x1b[<u" else -1), (on, off)
        assert termios.tcgetattr(self.slave) == self.before

    def signal(self, number: signal.Signals) -> None:
        self.child.send_signal(number)


@contextlib.contextmanager
def writing(
    house: House, *arguments: object, size: tuple[int, int] = (120, 40), under: str = "", **variables: str
) -> Iterator[Desk]:
    """The program once its first picture stands and letters type."""
    with Desk(house, *arguments, size=size, under=under, **variables) as desk:
        desk.wait("a status line", lambda text: "TYPING" in text and ("on disk" in text or "reading only" in text))
        yield desk
