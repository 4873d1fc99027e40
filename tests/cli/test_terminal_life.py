"""The program in a terminal from start to end: what was typed and streamed is in the file, however the terminal or the process ends."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path

import pytest

from tests.cli.far_server import drips, far_server
from tests.cli.house import FERRY, SOON, House, files_below
from tests.cli.pty_desk import Desk, writing
from tests.llm.fault_server import Exchange, chunk, streams

pytestmark = pytest.mark.slow
"""Real terminals and processes: too heavy for the round that a newcomer runs."""

ENDS = "like a person who has been told."
"""How the text of the example ends, where the caret stands."""


def ended_rounds(house: House, path: Path) -> dict[str, tuple[str, str]]:
    """How each candidate of the file ended, and its text, by its name."""
    texts: dict[str, str] = {}
    endings: dict[str, str] = {}
    for line in house.entries(path).splitlines():
        entry = json.loads(line)
        body = json.loads(entry.get("body", "{}"))
        if entry.get("type") == "CandidateGrew" and body.get("channel", "text") == "text":
            texts[body["candidate"]] = texts.get(body["candidate"], "") + body["text"]
        elif entry.get("type") == "CandidateEnded":
            endings[body["candidate"]] = body["ending"]["kind"]
    return {name: (kind, texts.get(name, "")) for name, kind in endings.items()}


def test_the_first_start_opens_the_example_with_the_caret_in_its_text(house: House) -> None:
    with writing(house) as desk:
        desk.see("The Ferry That Waited", "Outline", "Candidates")
        desk.type(" Nightfall.")
        desk.see("Nightfall.")
        desk.leave()
    (story,) = house.stories
    assert house.text_of(story).rstrip("\n").endswith(f"{ENDS} Nightfall.")
    # Nothing is beside it, and the next start is where this one left.
    assert [path.name for path in story.parent.iterdir()] == [story.name]
    with writing(house) as desk:
        desk.see("Nightfall.")
        desk.type(" Daybreak.")
        desk.see("Daybreak.")
        desk.leave()
    assert house.stories == [story]
    assert house.text_of(story).rstrip("\n").endswith(f"{ENDS} Nightfall. Daybreak.")


def test_a_new_story_and_the_player(house: House) -> None:
    with writing(house, "new", "mine/own.collage") as desk:
        desk.type("It begins.", "enter", "It goes on.")
        desk.see("It begins.", "It goes on.")
        desk.leave()
    path = house.desk / "mine" / "own.collage"
    assert house.text_of(path) == "It begins.\n\nIt goes on.\n"
    before = path.read_bytes()
    with Desk(house, "replay", path) as desk:
        desk.see("It begins.", "It goes on.", "PAUSED")
        desk.type("ctrl+q")
        desk.ended()
        desk.restored()
    assert path.read_bytes() == before


def test_a_new_story_of_sections(house: House) -> None:
    with writing(house, "new", "salt.collage", "--structure", "nonfiction") as desk:
        desk.see("No sections yet")
        desk.leave()
    assert '"structure\\":\\"nonfiction' in house.entries(house.desk / "salt.collage")
    with writing(house, "salt.collage") as desk:
        desk.see("No sections yet")
        desk.leave()


def test_stopped_and_continued_by_another(house: House) -> None:
    session = house.session()
    with writing(house, session) as desk:
        desk.signal(signal.SIGSTOP)
        desk.signal(signal.SIGCONT)
        desk.type(" Nightfall.")
        desk.see("Nightfall.")
        desk.leave()
        desk.restored()
    assert house.text_of(session).rstrip("\n").endswith(" Nightfall.")


@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "SIGINT", "the window is closed"])
def test_an_end_in_mid_stream_keeps_what_was_typed_and_streamed(house: House, how: str) -> None:
    session = house.session()
    with (
        far_server(drips("word{} ")) as server,
        writing(house, session, "--base-url", server.base_url, "--model", "m") as desk,
    ):
        desk.type(" Nightfall.", "ctrl+g")
        desk.see("Nightfall.", "word20")
        desk.type(" Daybreak.")
        desk.see("Daybreak.")
        if how.startswith("SIG"):
            desk.signal(signal.Signals[how])
            desk.ended()
            desk.restored()
        else:
            desk.vanish()
            desk.ended()
    assert house.text_of(session).rstrip("\n").endswith(ENDS + " Nightfall. Daybreak.")
    ends = ended_rounds(house, session)
    for number in range(1, 6):
        kind, text = ends[f"8.{number}"]
        assert kind == "cancelled"
        assert text.startswith("word0 word1 word2 ")
        if number == 1:
            assert "word20 " in text
    assert sorted(files_below(house.desk)) == ["novel.collage"]


def test_a_kill_keeps_what_was_saved(house: House) -> None:
    session = house.session()
    with (
        far_server(drips("word{} ")) as server,
        writing(house, session, "--base-url", server.base_url, "--model", "m") as desk,
    ):
        desk.type(" Nightfall.", "ctrl+g")
        desk.see("Nightfall.", "word20")
        desk.type("ctrl+s")
        desk.see("entries are")
        desk.signal(signal.SIGKILL)
        desk.child.wait(SOON)
        # Read beside what the killed process has left.
        assert house.text_of(session).rstrip("\n").endswith(ENDS + " Nightfall.")
    with writing(house, session) as desk:
        desk.see("Nightfall.", "round 8 for beat 5")
        desk.leave()
    assert {kind for name, (kind, _) in ended_rounds(house, session).items() if name.startswith("8.")} == {"failed"}
    assert "word20 " in ended_rounds(house, session)["8.1"][1]


def test_a_terminal_that_stops_reading_stops_neither_streams_nor_typing(house: House) -> None:
    session = house.session()
    with (
        far_server(drips("word{} ", pause=0.01)) as server,
        writing(house, session, "--base-url", server.base_url, "--model", "m") as desk,
    ):
        desk.type("ctrl+g")
        desk.see("word9")
        desk.reading.clear()
        began = len(house.entries(session))
        deadline = time.monotonic() + SOON
        desk.type(" Blindly.")
        while "Blindly." not in house.text_of(session) or len(house.entries(session)) < began + 6000:
            assert time.monotonic() < deadline, "nothing more is written"
        desk.signal(signal.SIGTERM)
        assert desk.child.wait(SOON) == 0
        assert b"Blindly." not in desk.painted, "the terminal never stalled"
        desk.reading.set()
        desk.ended()
        desk.restored()
        shown = desk.painted
    ends = ended_rounds(house, session)
    assert {ends[f"8.{number}"][0] for number in range(1, 6)} == {"cancelled"}
    last = ends["8.1"][1].split()[-1]
    assert last.encode() not in shown
    assert sorted(files_below(house.desk)) == ["novel.collage"]


def test_a_terminal_that_reads_again_shows_what_is_true(house: House) -> None:
    session = house.session()
    with (
        far_server(drips("word{} ", pause=0.01)) as server,
        writing(house, session, "--base-url", server.base_url, "--model", "m") as desk,
    ):
        desk.type("ctrl+g")
        desk.see("word9")
        desk.reading.clear()
        desk.type(" Blindly.")
        deadline = time.monotonic() + SOON
        while "Blindly." not in house.text_of(session):
            assert time.monotonic() < deadline, "nothing more is written"
        desk.reading.set()
        desk.see("Blindly.", "word150")
        desk.leave()


def test_bytes_that_are_no_text_are_survived(house: House) -> None:
    session = house.session()
    with writing(house, session) as desk:
        desk.type(b" Caf\xc3\xa9 \xff\xfe\x80 and \xc3(on)\xf0\x9f")
        desk.type(b"\x1b[M\xff\x21\x21 \x1b[99;99~ \x1b]11;rgb:00/00/00\x07")
        desk.type(" Still here.")
        desk.see("Café", "Still here.")
        desk.leave()
    text = house.text_of(session)
    assert " Café " in text
    assert "Still here." in text
    assert not any(ord(char) < 32 and char != "\n" for char in text)


@pytest.mark.parametrize("mark", ["\n", ""], ids=["of lines", "of one line"])
def test_a_paste_of_a_hundred_thousand_characters(house: House, mark: str) -> None:
    words = "".join(f"{number:>9}{mark or ' '}" for number in range(10_000))
    with writing(house, "new", "long.collage") as desk:
        desk.paste("It begins " + words)
        desk.see(" 9999 ")
        desk.type("And it ends.")
        desk.see("And it ends.")
        desk.type("ctrl+z", "ctrl+z")
        desk.see_gone("9999")
        desk.type("ctrl+y", "ctrl+y")
        desk.see("And it ends.")
        desk.leave()
    text = house.text_of(house.desk / "long.collage")
    assert text.startswith("It begins         0")
    assert text.endswith("And it ends.\n")
    assert re.findall(r"\d+", text) == [str(number) for number in range(10_000)]
    with writing(house, "long.collage") as desk:
        desk.see("And it ends.")
        desk.leave()


def test_a_window_that_is_too_small_says_so_and_comes_back(house: House) -> None:
    session = house.session()
    with Desk(house, session, size=(20, 5)) as desk:
        desk.see("small to write in.", "nothing is lost.")
        desk.resize(120, 40)
        desk.see("TYPING", "The Ferry That Waited", "on disk")
        desk.type(" Seen.")
        desk.see(ENDS.split()[-1] + " Seen.")
        for size in ((1, 1), (20, 5), (3, 40), (200, 2), (80, 24)):
            desk.resize(*size)
        desk.see("TYPING", " Seen.")
        desk.resize(20, 5)
        desk.see("small to write in.")
        desk.leave()
    assert house.text_of(session).rstrip("\n").endswith(" Seen.")


# answers


def test_answers_that_are_empty_endless_or_broken_are_told_of(house: House) -> None:
    session = house.session()

    async def silent(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.end(done=True)

    async def cut(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("Half a sen")
        exchange.cut()

    async def endless(exchange: Exchange) -> None:
        await exchange.head()
        while not exchange.gone.is_set():
            await exchange.event(chunk({"content": "on and " * 100}))

    async def long_line(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("x" * 10_000, " and its end")
        await exchange.end()

    with (
        far_server(silent, cut, endless, long_line, streams("A good one.")) as server,
        writing(house, session, "--base-url", server.base_url, "--model", "m") as desk,
    ):
        desk.type("ctrl+g")
        desk.wait(
            "the end of all", lambda text: "A good one." in text and "waiting" not in text and "writing" not in text
        )
        desk.leave()
    found = sorted(
        (kind, text[:12]) for name, (kind, text) in ended_rounds(house, session).items() if name.startswith("8.")
    )
    assert found == [
        ("cut", "on and on an"),
        ("failed", ""),
        ("failed", "Half a sen"),
        ("finished", "A good one."),
        ("finished", "xxxxxxxxxxxx"),
    ]
    told = house.entries(session)
    assert "The model answered with nothing." in told
    assert "broke while the model wrote" in told
    assert "It went on and on and was stopped here." in told


def test_a_server_that_is_not_there_is_told_of(house: House) -> None:
    session = house.session()
    with writing(house, session, "--base-url", "http://127.0.0.1:9/v1", "--model", "m") as desk:
        desk.type(" Nevertheless.", "ctrl+g")
        desk.see("Nevertheless.", "No server answers", "failed")
        desk.leave()
    assert "Nevertheless." in house.text_of(session)
    assert FERRY.read_text().splitlines()[-1] in house.entries(session)
