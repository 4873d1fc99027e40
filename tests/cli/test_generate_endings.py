"""`story-composer generate` in a process of its own: what ends it early, who reads what it prints, and a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.far_server import far_server
from tests.cli.generating import of
from tests.cli.house import SOON, House
from tests.cli.test_generate_kill import (
    Teller,
    events_in,
    finished_cells,
    line,
    make_story,
    settings,
    story_of,
    told,
    until_begun,
)
from tests.llm.fault_server import Exchange, chunk, fails


class Running:
    """The command beside the test, on a server that holds its answers half-way."""

    def __init__(self, house: House, path: Path, *arguments: object, under: str = "", **streams: Any) -> None:
        self.path = path
        self.child = subprocess.Popen(
            house.command("generate", path, *arguments, under=under),
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
            cwd=house.desk,
            env=house.environ,
        )

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.communicate()

    def begun(self, count: int) -> None:
        """Wait until that many answers are half on disk."""
        until_begun(self.path, count)(self.child)

    def left(self) -> tuple[int, list[dict[str, Any]], str]:
        """Wait for its end: the exit code, the events and what was said."""
        out, err = self.child.communicate(timeout=SOON)
        assert b"Traceback" not in (err or b"")
        return self.child.returncode, events_in(out or b""), (err or b"").decode()


def goes_on(house: House, path: Path, there: int, total: int) -> None:
    """The next run completes what the one before left."""
    done = house.run("generate", path, "--draft", "--ladder", "0.3,0.9")
    assert done.code == 0, done
    begin, *_, end = events_in(done.out)
    assert (begin["resumed"], begin["there"], begin["cells"]) == (True, there, total)
    assert end["complete"]
    assert done.err == f"story-composer: resumes drafts 1–2: {there} of {total} cells are there.\n"
    assert len(finished_cells(path)) == total
    assert not any(draft.halted for draft in story_of(path).drafts)


def stopped_by(house: House, number: signal.Signals, code: int) -> None:
    """A signal amid two drafts: what came is kept and told, and the next run goes on."""
    path = house.desk / "lamps.collage"
    make_story(path, 2)
    teller = Teller()
    teller.held = frozenset((line(2),))
    with far_server(teller) as server:
        settings(house, server.base_url)
        with Running(house, path, "--draft", "--ladder", "0.3,0.9") as running:
            running.begun(2)
            running.child.send_signal(number)
            returned, events, err = running.left()
            assert returned == code
            assert err == (
                "story-composer: Stopped: 2 of 4 cells are there, and what had come of 2 more is kept. "
                "The same command goes on with them.\n"
            )
            assert [each["ended"] for each in of(events, "candidate")] == ["finished"] * 2 + ["cancelled"] * 2
            assert (events[-1]["complete"], events[-1]["missing"]) == (False, 2)
            story = story_of(path)
            for each in of(events, "candidate"):
                ending = story.candidate(each["id"]).ending
                assert ending is not None
                assert (ending.kind, ending.why) == (each["ended"], each["why"])
            teller.held = frozenset()
            goes_on(house, path, 2, 4)
    assert len(teller.begun) == 2
    assert not teller.wrong


@pytest.mark.slow
def test_interrupting_keeps_what_came(house: House) -> None:
    stopped_by(house, signal.SIGINT, 130)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_keep_what_came(house: House, number: signal.Signals, code: int) -> None:
    stopped_by(house, number, code)


@pytest.mark.slow
def test_a_reader_who_leaves(house: House) -> None:
    path = house.desk / "lamps.collage"
    make_story(path, 2)
    teller = Teller()
    teller.held = frozenset((line(2),))
    with far_server(teller) as server:
        settings(house, server.base_url)
        out, there = os.pipe()
        os.close(out)
        with Running(house, path, "--draft", "--ladder", "0.3,0.9", stdout=there) as running:
            os.close(there)
            code, _, err = running.left()
            assert code == 141
            assert re.fullmatch(r"story-composer: Stopped: \d of 4 cells are there.*\n", err)
            teller.held = frozenset()
            goes_on(house, path, len(finished_cells(path)), 4)


@pytest.mark.slow
def test_standard_output_that_is_closed(house: House) -> None:
    path = house.desk / "lamps.collage"
    make_story(path, 1)
    before = path.read_bytes()
    closed = "import os; os.close(1)"
    assert "Standard output is closed" in house.refused("generate", path, "--draft", under=closed)
    assert path.read_bytes() == before
    with far_server(Teller()) as server:
        settings(house, server.base_url)
        done = house.run("generate", path, "--draft", "--ladder", "0.3", "--quiet", under=closed)
    assert (done.code, done.out, done.err) == (0, b"", "")
    assert finished_cells(path) == {(0.3, line(1))}


@pytest.mark.slow
def test_signals_that_the_caller_ignores_stay_ignored(house: House) -> None:
    path = house.desk / "lamps.collage"
    make_story(path, 2)
    teller, asked, hung_up = Teller(), threading.Event(), threading.Event()

    async def waiting(exchange: Exchange) -> None:
        asked.set()
        while not hung_up.is_set():
            await asyncio.sleep(0.01)
        await teller(exchange)

    with far_server(waiting) as server:
        settings(house, server.base_url)
        ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
        with Running(house, path, "--draft", "--ladder", "0.3,0.9", under=ignoring) as running:
            assert asked.wait(SOON)
            running.child.send_signal(signal.SIGHUP)
            hung_up.set()
            code, events, err = running.left()
    assert (code, err) == (0, "")
    assert events[-1]["complete"]


@pytest.mark.slow
def test_interrupting_again_and_again_loses_nothing(house: House) -> None:
    path = house.desk / "lamps.collage"
    make_story(path, 2)
    teller = Teller()
    teller.held = frozenset((line(2),))
    with far_server(teller) as server:
        settings(house, server.base_url)
        with Running(house, path, "--draft", "--ladder", "0.3,0.9") as running:
            running.begun(2)
            for _ in range(40):
                running.child.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.child.wait(0.01)
            code, events, err = running.left()
            assert code == 130
            assert [each["ended"] for each in of(events, "candidate")] == ["finished"] * 2 + ["cancelled"] * 2
            assert "Stopped: 2 of 4 cells are there" in err
            teller.held = frozenset()
            goes_on(house, path, 2, 4)


@pytest.mark.slow
def test_a_reader_who_does_not_read_holds_up_nothing(house: House) -> None:
    path = house.desk / "lamps.collage"
    make_story(path, 2)

    async def long(exchange: Exchange) -> None:
        await exchange.head()
        for _ in range(40):
            await exchange.event(chunk({"content": "word " * 800}))
        await exchange.end()

    with far_server(long) as server:
        settings(house, server.base_url, "max_tokens = 60000\n")
        # More is printed than a pipe holds.
        with Running(house, path, "--draft", "--ladder", "0.3,0.9", "--stream") as running:
            deadline = time.monotonic() + SOON
            while len(finished_cells(path)) < 4:
                assert running.child.poll() is None
                assert time.monotonic() < deadline
            running.child.send_signal(signal.SIGINT)
            assert running.child.wait(SOON) == 130
            running.left()


@pytest.mark.slow
def test_taking_over(house: House) -> None:
    path = house.desk / "lamps.collage"
    make_story(path, 2)
    teller = Teller()
    teller.held = frozenset((line(2),))
    with far_server(teller) as server:
        settings(house, server.base_url)
        with Running(house, path, "--draft", "--ladder", "0.3,0.9") as running:
            running.begun(2)
            locked = house.refused("generate", path, "--draft")
            assert f"Process {running.child.pid} has had {path} open since" in locked
            assert locked.endswith("--take-over has it save everything and leave.\n")
            teller.held = frozenset()
            done = house.run("generate", path, "--draft", "--take-over")
            assert done.code == 0, done
            code, _, err = running.left()
            assert code == 143
            assert "Stopped: 2 of 4 cells are there" in err
    assert len(finished_cells(path)) == 4


def on_a_terminal(house: House, path: Path) -> tuple[int, str]:
    """The exit code, and all that was painted."""
    ours, theirs = pty.openpty()
    seen = b""
    with Running(house, path, "--draft", "--ladder", "0.3,0.9", stdout=theirs, stderr=theirs, stdin=theirs) as running:
        os.close(theirs)
        with contextlib.suppress(OSError):  # the end of the other side
            while data := os.read(ours, 65536):
                seen += data
        os.close(ours)
        code, _, _ = running.left()
    return code, seen.decode()


@pytest.mark.slow
def test_on_a_terminal(house: House) -> None:
    path = house.desk / "lamps.collage"
    make_story(path, 2)
    teller = Teller(pause=0.02)
    refusing = {(0.9, line(2))}

    async def moody(exchange: Exchange) -> None:
        last = exchange.body["messages"][1]["content"].rstrip().rpartition("\n")[2]
        refused = (exchange.body["temperature"], last) in refusing
        await (fails(400, "no such mood") if refused else teller)(exchange)

    with far_server(moody) as server:
        settings(house, server.base_url)
        code, text = on_a_terminal(house, path)
        assert code == 1
        assert re.search(r"[0-3]/4 cells · \d+ words · \d+ tokens/s", text)
        assert re.search(r"[123]/4 cells · [1-9]", text)
        assert re.search(r"\d.1 failed: .*no such mood", text)
        assert '"event"' not in text
        shown = [each.strip() for each in text[text.rindex("\x1b[2K") + 4 :].splitlines()]
        assert re.fullmatch(r"draft 1     0\.3      \d\d words  finished, 2 cells", shown[0])
        assert re.fullmatch(r"draft 2     0\.9      \d\d words  1 of 2 cells: .*no such mood.*", shown[1])
        assert shown[2].startswith("story-composer: 1 of 4 cells is missing. Draft 2: ")
        before = len(teller.asked)
        refusing.clear()
        code, text = on_a_terminal(house, path)
    words = len(told(0.9, line(1)).split())
    assert code == 0
    assert "story-composer: resumes draft 2: 1 of 2 cells are there." in text
    assert re.search(rf"1/2 cells · {words} words · \d+ tokens/s|2/2 cells", text)
    assert len(teller.asked) == before + 1
