"""`story-composer generate` in this process: rounds, outlines and drafts, what is refused, what is told, and a disk that fills."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from composer.cli.asking import _named, beat_numbers
from composer.cli.flags import command_parser
from composer.cli.generate import _duration, run_generate
from composer.cli.library import Shelf
from composer.cli.main import main
from composer.cli.pages import Page
from composer.cli.wiring import import_journal
from composer.config import Settings
from composer.errors import LockedSession, NotASession, RefusedError, UnwritableSession
from composer.store.opening import open_any
from composer.store.sqlite import SqliteStore
from composer.story.actions.outline import delete_beat
from composer.story.candidate import OutlineTarget
from composer.story.events import DraftsHalted
from tests.cli.generating import changing, finished_cells_of, missed, of, read, refused, said, served
from tests.cli.house import FERRY, SOON, plain
from tests.cli.test_generate_kill import Teller, events_in, line, make_story, told
from tests.llm.fault_server import Exchange, fails, serving


@pytest.fixture
def novel(tmp_path: Path) -> Path:
    """A story of three beats."""
    path = tmp_path / "lamps.collage"
    make_story(path, 3)
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A story of which nothing is said."""
    path = tmp_path / "empty.collage"
    make_story(path, 0, "")
    return path


async def test_a_round_for_a_beat(novel: Path, capfdbinary: Any) -> None:
    async with served(Teller()):
        events = await said(
            capfdbinary,
            novel,
            "--beat",
            "2",
            "--ladder",
            "0.3,0.9",
            "--instruction",
            "In the rain.",
            "--lens",
            "Slowly.",
        )
    begin, asked, *ended, end = events
    story = await read(novel)
    beat = story.outline.leaves()[1].id
    assert begin == {"event": "begin", "session": str(novel), "what": "beat", "beat": beat, "cells": 2, "there": 0}
    assert (asked["event"], asked["round"], asked["kind"]) == ("round", 1, "continue")
    assert (asked["beat"], asked["draft"]) == (beat, None)
    assert [(each["id"], each["temperature"], each["lens"], each["model"]) for each in asked["candidates"]] == [
        ("1.1", 0.3, "Slowly.", "m"),
        ("1.2", 0.9, "Slowly.", "m"),
    ]
    assert {each["seed"] for each in asked["candidates"]} == {each.recipe.seed for each in story.round(1).candidates}
    assert sorted(each["id"] for each in ended) == ["1.1", "1.2"]
    for each in ended:
        candidate = story.candidate(each["id"])
        assert candidate.text == told(candidate.recipe.temperature or 0.0, line(2))
        assert each["words"] == len(candidate.text.split())
        assert (each["event"], each["ended"], each["beat"], each["draft"]) == ("candidate", "finished", beat, None)
        assert each["tokens"] > 0
        assert each["seconds"] >= 0
    assert end["words"] == sum(each["words"] for each in ended)
    assert (end["cells"], end["missing"], end["cost"]) == (2, 0, {})
    assert story.round(1).instruction == "In the rain."
    assert not len(story.manuscript)


async def test_text_is_told_as_it_comes(novel: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put, there = Page.event, asyncio.Event()

    def event(page: Page, name: str, **more: Any) -> None:
        put(page, name, **more)
        if "think about it" in more.get("text", ""):
            there.set()

    monkeypatch.setattr(Page, "event", event)

    async def thinking(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("First I think about it.")
        # What was told as text turns out to be none.
        await there.wait()
        await exchange.say("</think>", "She lit it. ", "Nobody came.")
        await exchange.end()

    async with served(Teller()):
        events = await said(capfdbinary, novel, "--beat", "1", "--stream")
    async with served(thinking):
        events += await said(capfdbinary, novel, "--beat", "1", "--ladder", "1", "--stream")
    story = await read(novel)
    texts: dict[str, str] = {}
    running: set[str] = set()
    for event in events:
        match event["event"]:
            case "round":
                running |= {each["id"] for each in event["candidates"]}
            case "text":
                assert event["id"] in running
                texts[event["id"]] = texts.get(event["id"], "") + event["text"]
            case "recast":
                assert texts[event["id"]].strip() == "First I think about it."
                texts[event["id"]] = ""
            case "candidate":
                running.remove(event["id"])
    assert texts == {each.id: each.text for asked in story.rounds for each in asked.candidates}
    assert texts["2.1"].strip() == "She lit it. Nobody came."
    assert len(of(events, "text")) > 20
    assert len(of(events, "recast")) == 1


async def test_outlines_in_five_framings(novel: Path, capfdbinary: Any) -> None:
    asked: list[str] = []

    async def planner(exchange: Exchange) -> None:
        asked.append(exchange.body["messages"][0]["content"])
        await exchange.head()
        await exchange.say("- Orla lights one lamp.\n- It is the wrong one.")
        await exchange.end()

    lenses = Shelf(Settings()).lenses()[:5]
    async with served(planner):
        (first,) = of(await said(capfdbinary, novel, "--outline"), "round")
        assert (first["kind"], first["beat"]) == ("outline", None)
        assert [(each["lens"], each["temperature"]) for each in first["candidates"]] == [
            (lens.name, 0.8) for lens in lenses
        ]
        assert all(any(lens.text.rstrip(".") in each for each in asked) for lens in lenses)
        (second,) = of(await said(capfdbinary, novel, "--outline", "--ladder", "0.1,0.5"), "round")
        assert [(each["lens"], each["temperature"]) for each in second["candidates"]] == [("", 0.1), ("", 0.5)]
        own = ("--lens", lenses[3].name.upper(), "--lens", "As a song.", "--ladder", "0.1,0.5")
        (third,) = of(await said(capfdbinary, novel, "--outline", *own), "round")
        assert [(each["lens"], each["temperature"]) for each in third["candidates"]] == [
            (name, heat) for name in (lenses[3].name, "As a song.") for heat in (0.1, 0.5)
        ]
    story = await read(novel)
    assert story.round(1).target == OutlineTarget("", 3)
    assert [each.recipe.lens for each in story.round(1).candidates] == [lens.text for lens in lenses]
    assert [each.recipe.lens_name for each in story.round(3).candidates] == [lenses[3].name] * 2 + [""] * 2


async def test_drafts_of_some_beats(novel: Path, capfdbinary: Any) -> None:
    async with served(Teller()):
        events = await said(
            capfdbinary,
            novel,
            "--draft",
            "--ladder",
            "0.3,0.9",
            "--beats",
            "3,1-1",
            "--way",
            "summaries",
            "--lens",
            "Slowly.",
        )
    story = await read(novel)
    first, _, third = (beat.id for beat in story.outline.leaves())
    assert [(draft.beats, draft.way, draft.recipe.lens) for draft in story.drafts] == [
        ((first, third), "summaries", "Slowly.")
    ] * 2
    assert events[0]["drafts"] == [1, 2]
    assert (events[0]["resumed"], events[0]["cells"], events[0]["there"]) == (False, 4, 0)
    assert {(each["draft"], each["beat"]) for each in of(events, "candidate")} == {
        (draft, beat) for draft in (1, 2) for beat in (first, third)
    }
    assert finished_cells_of(story) == {(heat, line(number)) for heat in (0.3, 0.9) for number in (1, 3)}


async def test_what_failed_is_named_and_tried_again(novel: Path, capfdbinary: Any) -> None:
    teller = Teller()

    async def moody(exchange: Exchange) -> None:
        if exchange.body["temperature"] == 0.9 and line(2) in exchange.body["messages"][1]["content"].splitlines()[-2:]:
            await fails(400, "no such mood")(exchange)
        else:
            await teller(exchange)

    async with served(moody):
        sentence, events = await missed(capfdbinary, novel, "--draft", "--ladder", "0.3,0.9")
    assert sentence.startswith("2 of 6 cells are missing. Draft 2: ")
    assert "no such mood" in sentence
    assert sentence.endswith("The same command goes on with them.")
    assert (events[-1]["complete"], events[-1]["missing"]) == (False, 2)
    assert [each["ended"] for each in of(events, "candidate")].count("failed") == 1
    async with served(teller):
        again = await said(capfdbinary, novel, "--draft", "--ladder", "0.3,0.9")
    assert (again[0]["drafts"], again[0]["resumed"], again[0]["there"], again[0]["cells"]) == ([2], True, 1, 3)
    story = await read(novel)
    assert len(finished_cells_of(story)) == 6
    assert len(story.rounds) == 7


@pytest.mark.parametrize("what", ["--draft", "--beat=1"])
async def test_a_server_that_always_fails(novel: Path, capfdbinary: Any, what: str) -> None:
    async with served(fails(500, "out of lamps", retry_after="0")):
        sentence, events = await missed(capfdbinary, novel, what, "--ladder", "0.3,0.9")
    missing = "6 of 6 cells are missing. Drafts 1, 2: " if what == "--draft" else "2 of 2 candidates are missing. "
    assert sentence.startswith(missing)
    assert "out of lamps" in sentence
    assert {each["ended"] for each in of(events, "candidate")} == {"failed"}
    assert not events[-1]["complete"]


async def test_nothing_that_it_prints_holds_a_key(
    novel: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("WRITERS_KEY", secret)

    async def leaky(exchange: Exchange) -> None:
        assert exchange.headers["authorization"].endswith(secret)
        await exchange.head()
        await exchange.say(f"The key \x1b[31mwas {secret[:9]}", f"{secret[9:]}, she said.")
        await exchange.end(f"stop {secret}")

    async with served(leaky, 'key_env = "WRITERS_KEY"\n'):
        code = await run_generate(command_parser("generate").parse_args([str(novel), "--beat", "1", "--stream"]))
    out, err = capfdbinary.readouterr()
    assert code == 0
    assert "she said" in out.decode()
    assert secret[:9].encode() not in out + err
    assert b"\x1b" not in out + err
    assert b"\\u001b" not in out


async def test_a_model_of_unknown_size(novel: Path, capfdbinary: Any) -> None:
    async with serving(Teller()) as server:
        flags = [str(novel), "--beat", "1", "--ladder", "0.3", "--base-url", server.base_url, "--model", "m"]
        assert await run_generate(command_parser("generate").parse_args(flags)) == 0
    out, err = capfdbinary.readouterr()
    assert of(events_in(out), "end")[0]["complete"]
    assert b"story-composer: How much m takes is not known, and " in err
    assert (await read(novel)).candidate("1.1").recipe.endpoint == "127.0.0.1"


async def test_what_it_cost(novel: Path, capfdbinary: Any) -> None:
    async def billed(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("She paid.")
        await exchange.end(usage={"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500})

    async with served(billed, '[endpoints.home.prices]\n"*" = { input = 2.0, output = 4.0, currency = "$" }\n'):
        events = await said(capfdbinary, novel, "--beat", "1", "--ladder", "0.2,0.6")
    assert events[-1]["cost"] == {"$": 0.008}
    assert [each["tokens"] for each in of(events, "candidate")] == [500, 500]


@pytest.mark.parametrize(("concurrency", "most"), [(3, 3), (8, 5)])
@pytest.mark.parametrize("way", ["own", "summaries"])
async def test_the_profile_says_how_many_answers_are_asked_for_at_once(
    novel: Path, capfdbinary: Any, concurrency: int, most: int, way: str
) -> None:
    there = asyncio.Event()
    if way == "summaries":
        # All ten cells may be asked for at once.
        most = concurrency

    class Waiting(Teller):
        async def _tell(self, exchange: Exchange) -> None:
            if self.at_work == most:
                there.set()
            # No answer begins before as many are asked for as may be.
            await there.wait()
            await super()._tell(exchange)

    teller = Waiting(pause=0.002)
    async with served(teller, f"concurrency = {concurrency}\n"):
        events = await said(
            capfdbinary, novel, "--draft", "--ladder", "0.2,0.4,0.6,0.8,1.0", "--beats", "1-2", "--way", way
        )
    assert teller.most == most
    assert events[-1]["cells"] == 10


# unfinished drafts


async def leave_unfinished(path: Path, capture: Any, *more: object) -> None:
    """Two drafts that lack a cell or two each, as a server leaves them that goes away."""
    teller = Teller()

    async def leaving(exchange: Exchange) -> None:
        await (teller if len(teller.asked) < 3 else fails(400, "gone"))(exchange)

    async with served(leaving):
        await missed(capture, path, "--draft", "--ladder", "0.3,0.9", *more)


@pytest.mark.slow
async def test_unfinished_drafts_go_on_before_others_begin(novel: Path, capfdbinary: Any) -> None:
    await leave_unfinished(novel, capfdbinary, "--instruction", "Colder.")
    for flag, value in (
        ("--ladder", "0.3"),
        ("--model", "other"),
        ("--way", "summaries"),
        ("--lens", "Slowly."),
        ("--instruction", "Warmer."),
        ("--beats", "1-2"),
        ("--endpoint", "embedded"),
        ("--base-url", "http://127.0.0.2:1/v1"),
    ):
        words = await refused(novel, "--draft", flag, value)
        assert words.startswith(
            f"Drafts 1–2 of this story are not finished, and {flag} is not what they were begun with."
        )
        assert words.endswith(f"Leave {flag} out to go on, or add --new to begin others.")
    assert len((await read(novel)).drafts) == 2
    async with served(Teller()):
        # Without flags, or with those that they were begun with, they go on; so do those that new ones leave behind.
        new = await said(capfdbinary, novel, "--draft", "--new", "--ladder", "0.5", "--model", "m")
        assert (new[0]["drafts"], new[0]["resumed"]) == ([3], False)
        same = (
            "--ladder",
            "0.3,0.9",
            "--way",
            "own",
            "--endpoint",
            "home",
            "--instruction",
            "Colder.",
            "--beats",
            "1-3",
        )
        events = await said(capfdbinary, novel, "--draft", *same)
        assert (events[0]["drafts"], events[0]["resumed"], events[0]["there"]) == ([1, 2], True, 3)
        after = await said(capfdbinary, novel, "--draft", "--ladder", "0.3")
        assert (after[0]["drafts"], after[0]["resumed"]) == ([4], False)


async def test_stopped_drafts_stay_stopped(novel: Path, capfdbinary: Any) -> None:
    await leave_unfinished(novel, capfdbinary)
    async with changing(novel) as session:
        session.record((DraftsHalted((1,)),))
    async with served(Teller()):
        code = await run_generate(command_parser("generate").parse_args([str(novel), "--draft"]))
    out, err = capfdbinary.readouterr()
    assert code == 0
    assert events_in(out)[0]["drafts"] == [2]
    assert re.fullmatch(r"story-composer: resumes draft 2: \d of 3 cells are there\.\n", err.decode())


async def test_beats_that_went_are_not_waited_for(novel: Path, capfdbinary: Any) -> None:
    await leave_unfinished(novel, capfdbinary)
    async with changing(novel) as session:
        session.record(delete_beat(session.story, session.story.outline.leaves()[2].id))
    async with served(Teller()):
        events = await said(capfdbinary, novel, "--draft")
    assert events[-1]["cells"] == 2 * len(events[0]["drafts"])


# what is refused


async def test_what_makes_no_sense_is_refused(novel: Path, tmp_path: Path) -> None:
    before = novel.read_bytes()
    assert "--way says how drafts are written" in await refused(novel, "--beat", "1", "--way", "own")
    assert "--new says how drafts are written" in await refused(novel, "--outline", "--new")
    assert "--beats says how drafts are written" in await refused(novel, "--outline", "--beats", "1")
    assert "--quiet prints nothing" in await refused(novel, "--outline", "--quiet", "--stream")
    assert "1 to 10 temperatures" in await refused(novel, "--beat", "1", "--ladder", "hot")
    assert "“one” names no beats." in await refused(novel, "--draft", "--beats", "one")
    assert "no endpoint called home. There are: embedded." in await refused(novel, "--draft", "--endpoint", "home")
    assert "no settings file" in await refused(novel, "--draft", "--settings", tmp_path / "none.toml")
    assert novel.read_bytes() == before
    assert "There is no beat “9”. There are: 1 On night 1" in await refused(novel, "--beat", "9")
    assert "There is no beat 4. The outline has 3 beats." in await refused(novel, "--draft", "--beats", "2-4")
    assert "would be 30 candidates at once" in await refused(
        novel,
        "--draft",
        "--ladder",
        "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1",
        "--lens",
        "a",
        "--lens",
        "b",
        "--lens",
        "c",
    )
    journal = await refused(FERRY, "--draft")
    assert (
        "is a journal in JSON Lines, which is only read. Make a session of it first: story-composer import" in journal
    )
    with pytest.raises(NotASession, match="There is no file"):
        await run_generate(command_parser("generate").parse_args([str(tmp_path / "none.collage"), "--draft"]))
    story = await read(novel)
    assert not len(story.rounds)
    assert not story.drafts


async def test_an_empty_story(empty: Path) -> None:
    for what in ("--draft", "--beat=1"):
        assert "The outline has no beats to write." in await refused(empty, what)
    assert "neither a purpose nor an outline" in await refused(empty, "--outline")


@pytest.mark.parametrize(
    "flags", [("--draft", "--beat", "1"), ("--outline", "--draft"), (), ("--draft", "--json", "--quiet")]
)
def test_one_thing_at_a_time(flags: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["generate", "lamps.collage", *flags])
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (2, "")
    assert plain(err)


async def test_a_session_that_is_open_elsewhere(novel: Path) -> None:
    async with changing(novel):
        with pytest.raises(LockedSession) as locked:
            await run_generate(command_parser("generate").parse_args([str(novel), "--draft"]))
    assert "open already" in locked.value.sentence
    assert locked.value.next_step == "--take-over has it save everything and leave."


# the disk


async def test_nothing_is_told_before_it_is_on_disk(
    novel: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, put = SqliteStore.append, Page.event
    on_disk = 0
    told_at: dict[tuple[str, Any], int] = {}

    async def slow(store: SqliteStore, batch: Any) -> None:
        nonlocal on_disk
        for _ in range(200):
            await asyncio.sleep(0)
        await append(store, batch)
        on_disk = batch.entries[-1].seq

    def event(page: Page, name: str, **more: Any) -> None:
        told_at[name, more.get("id") or more.get("round")] = on_disk
        put(page, name, **more)

    monkeypatch.setattr(SqliteStore, "append", slow)
    monkeypatch.setattr(Page, "event", event)
    async with served(Teller()):
        await said(capfdbinary, novel, "--draft", "--ladder", "0.3,0.9")
    entries = await (await open_any(novel, read_only=True)).read()
    due = {("begin", None): "DraftsAsked", ("end", None): "CandidateEnded"}
    for entry in entries:
        body = json.loads(entry.body)
        if entry.type == "RoundAsked":
            assert told_at["round", body["round"]] >= entry.seq
        elif entry.type == "CandidateEnded":
            assert told_at["candidate", body["candidate"]] >= entry.seq
        for key, kind in due.items():
            assert entry.type != kind or told_at[key] >= entry.seq
    assert len(told_at) == 2 + 6 + 6


async def last_entry(path: Path) -> int:
    return len(await (await open_any(path, read_only=True)).read())


async def test_a_disk_that_fills(
    novel: Path, tmp_path: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    append, last = SqliteStore.append, await last_entry(novel)

    async def full(store: SqliteStore, batch: Any) -> None:
        if batch.entries[-1].seq > last + 10:
            raise UnwritableSession("The disk is full.", "Make some space.")
        await append(store, batch)

    monkeypatch.setattr(SqliteStore, "append", full)
    teller = Teller()
    teller.held = frozenset((line(3),))
    async with served(teller):
        sentence, events = await missed(capfdbinary, novel, "--draft", "--ladder", "0.3,0.9")
    assert sentence.startswith("The disk is full. All of it, the newest ")
    story = await read(novel)
    for each in of(events, "candidate"):
        ending = story.candidate(each["id"]).ending
        assert ending is not None
        assert ending.kind == each["ended"]
    assert not of(events, "end")
    (rescue,) = (tmp_path / "elsewhere").iterdir()
    monkeypatch.setattr(SqliteStore, "append", append)
    await import_journal(rescue, tmp_path / "new.collage")
    rescued = await read(tmp_path / "new.collage")
    assert len(rescued.rounds) >= len(story.rounds)
    assert all(each.ending is not None for asked in rescued.rounds for each in asked.candidates)


async def test_a_disk_that_is_full_for_a_while(novel: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    append, last = SqliteStore.append, await last_entry(novel)
    failed = False

    async def full(store: SqliteStore, batch: Any) -> None:
        nonlocal failed
        if batch.entries[-1].seq > last + 10 and not failed:
            failed = True
            raise UnwritableSession("The disk is full.", "Make some space.")
        await append(store, batch)

    monkeypatch.setattr(SqliteStore, "append", full)
    teller = Teller()
    teller.held = frozenset((line(3),))
    async with served(teller):
        sentence, events = await missed(capfdbinary, novel, "--draft", "--ladder", "0.3,0.9")
        assert sentence.startswith("The disk is full. Writing was stopped for it.")
        assert sentence.endswith("The same command goes on with them.")
        assert not events[-1]["complete"]
        story = await read(novel)
        assert {each["id"] for each in of(events, "candidate")} == {
            each.id for asked in story.rounds for each in asked.candidates
        }
        teller.held = frozenset()
        again = await said(capfdbinary, novel, "--draft")
        assert again[0]["resumed"]


async def test_whoever_interrupts_again_is_told_that_it_saves(
    novel: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, words = SqliteStore.append, Page.say
    closing, waiting, written, answered = (asyncio.Event() for _ in range(4))
    said_to_her: list[str] = []

    async def slow(store: SqliteStore, batch: Any) -> None:
        if closing.is_set():
            waiting.set()
            await written.wait()
        await append(store, batch)

    def say(page: Page, sentence: str) -> None:
        said_to_her.append(sentence)
        answered.set()
        words(page, sentence)

    monkeypatch.setattr(SqliteStore, "append", slow)
    monkeypatch.setattr(Page, "say", say)
    # Else this process ended with it.
    monkeypatch.setattr("composer.cli.endings._watch_the_exit", lambda code: None)
    teller = Teller()
    teller.held = frozenset((line(2),))
    before = signal.getsignal(signal.SIGINT)
    try:
        async with served(teller):
            flags = command_parser("generate").parse_args([str(novel), "--draft", "--ladder", "0.3"])
            running = asyncio.create_task(run_generate(flags))
            await teller.still.wait()
            closing.set()
            os.kill(os.getpid(), signal.SIGINT)
            async with asyncio.timeout(SOON):
                await waiting.wait()
                for _ in range(3):
                    os.kill(os.getpid(), signal.SIGINT)
                    await answered.wait()
                written.set()
                assert await running == 130
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, before if number == signal.SIGINT else signal.SIG_DFL)
    assert said_to_her == [
        "What has come is being saved; that takes a moment, and nothing is lost.",
        "Stopped: 1 of 3 cells are there, and what had come of 1 more is kept. The same command goes on with them.",
    ]
    assert (await read(novel)).candidate("2.1").text
    assert finished_cells_of(await read(novel)) == {(0.3, line(1))}


# words


def test_the_words_for_numbers() -> None:
    assert _named("draft", (2,)) == "draft 2"
    assert _named("draft", (1, 2)) == "drafts 1–2"
    assert _named("draft", (1, 3, 4, 5, 9)) == "drafts 1, 3–5 and 9"
    assert [_duration(seconds) for seconds in (0.4, 99, 100, 5900, 6000, 36_000)] == [
        "0 s", "99 s", "2 min", "98 min", "1 h 40 min", "10 h 00 min",
    ]  # fmt: skip


def test_the_numbers_of_beats() -> None:
    assert beat_numbers("1-5,7") == [range(1, 6), range(7, 8)]
    assert beat_numbers(" 3–4  2, ") == [range(3, 5), range(2, 3)]
    for text in ("", ",", "0", "0-3", "5-1", "a", "1-", "-3", "1-2-3", "99999999", "1.5", "²"):
        with pytest.raises(RefusedError):
            beat_numbers(text)
