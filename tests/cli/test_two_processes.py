"""One session, two programs: the second is told who has it, and may read beside the first or have it save and leave."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.cli.far_server import drips, far_server
from tests.cli.house import SOON, House, files_below, plain
from tests.cli.pty_desk import Desk, writing

pytestmark = pytest.mark.slow
"""Real terminals and processes: too heavy for the round that a newcomer runs."""

WIDE = 200, 40


def told(desk: Desk, first: Desk, session: Path) -> None:
    """Wait for the second program's question, which names the first."""
    desk.see(f"Process {first.child.pid} has had {session} open since", "t: ", "r: ", "anything else: leave")
    assert b"\x1b[?1049h" not in desk.painted


def saved(desk: Desk, text: str) -> None:
    desk.type(text)
    desk.see(text.strip())
    desk.type("ctrl+s")
    desk.see("entries are")


def test_reading_beside_a_writer(house: House) -> None:
    session = house.session()
    with writing(house, session) as first:
        saved(first, " Nightfall.")
        with Desk(house, session, size=WIDE) as second:
            told(second, first, session)
            second.type("r", "enter")
            second.see("reading only", "Nightfall.")
            second.type("x")
            second.see("open for reading only")
            second.leave()
        with writing(house, session, "--read-only", size=WIDE) as second:
            second.see("reading only", "Nightfall.")
            second.leave()
        # Commands that only read do so beside the writer.
        assert "Nightfall." in house.text_of(session)
        assert house.run("export", session, "--to", "md").code == 0
        first.type(" Daybreak.")
        first.see("Daybreak.")
        first.leave()
    assert house.text_of(session).rstrip("\n").endswith(" Nightfall. Daybreak.")
    assert list(files_below(house.desk)) == [session.name]


def test_taking_over_makes_the_first_save_and_leave(house: House) -> None:
    session = house.session()
    with (
        far_server(drips("word{} ")) as server,
        writing(house, session, "--base-url", server.base_url, "--model", "m") as first,
    ):
        first.type("ctrl+g", " Nightfall.")
        first.see("word9", "Nightfall.")
        with Desk(house, session, size=WIDE) as second:
            told(second, first, session)
            second.type("t", "enter")
            first.ended()
            first.restored()
            second.see("TYPING", "on disk", "Nightfall.", "word9", "stopped")
            second.type(" Daybreak.")
            second.see("Daybreak.")
            second.leave()
    assert house.text_of(session).rstrip("\n").endswith(" Nightfall. Daybreak.")
    kinds = [
        json.loads(entry["body"])["ending"]["kind"]
        for entry in map(json.loads, house.entries(session).splitlines())
        if entry.get("type") == "CandidateEnded"
    ]
    assert kinds[-5:] == ["cancelled"] * 5
    assert list(files_below(house.desk)) == [session.name]


def test_taking_over_from_a_terminal_that_is_dead(house: House) -> None:
    session = house.session()
    with (
        far_server(drips("word{} ", pause=0.01)) as server,
        writing(house, session, "--base-url", server.base_url, "--model", "m") as first,
    ):
        first.type("ctrl+g")
        first.see("word9")
        first.reading.clear()
        first.type(" Blindly.")
        while "Blindly." not in house.text_of(session):
            assert first.child.poll() is None
        with writing(house, session, "--take-over", size=WIDE) as second:
            assert first.child.wait(SOON) == 0
            second.see("Blindly.")
            second.leave()


def test_any_other_answer_leaves_the_first_alone(house: House) -> None:
    session = house.session()
    with writing(house, session) as first:
        for answer in (b"\r", b"no\r", b"\xff\xfe\r", b"\x04", b"\x03"):
            with Desk(house, session, size=WIDE) as second:
                told(second, first, session)
                second.type(answer)
                second.ended(130 if answer == b"\x03" else 1)
                if answer != b"\x03":
                    said = second.text[second.text.index("story-composer: ") :].split("prompt$")[0]
                    assert f"Process {first.child.pid} has had" in plain(said.strip())
        first.type(" Nightfall.")
        first.see("Nightfall.")
        first.leave()
    assert "Nightfall." in house.text_of(session)


def test_a_first_that_does_not_leave_is_not_killed(house: House) -> None:
    session = house.session()
    with writing(house, session) as first:
        saved(first, " Nightfall.")
        os.kill(first.child.pid, signal.SIGSTOP)
        try:
            with Desk(house, session, size=WIDE) as second:
                told(second, first, session)
                second.type("t", "enter")
                second.see("Waiting for it")
                # No one needs to wait for the whole time that it has.
                second.type(b"\x03")
                second.ended(130)
            assert first.child.poll() is None
        finally:
            os.kill(first.child.pid, signal.SIGCONT)
        # It was asked, and does so now that it can.
        first.ended()
        first.restored()
    assert "Nightfall." in house.text_of(session)
    assert list(files_below(house.desk)) == [session.name]


def test_a_lock_of_a_process_that_was_killed_locks_nothing(house: House) -> None:
    session = house.session()
    with writing(house, session) as first:
        saved(first, " Nightfall.")
        first.signal(signal.SIGKILL)
        first.child.wait(SOON)
    assert f"{session.name}.lock" in files_below(house.desk)
    with writing(house, session) as second:
        second.see("Nightfall.")
        second.leave()
    assert list(files_below(house.desk)) == [session.name]
