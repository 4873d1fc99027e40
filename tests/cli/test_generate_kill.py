"""Drafts that are killed while they are written: every cell comes in the end, once, and nothing that was there or told is lost."""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from composer.cli.wiring import new_id
from composer.journal.entry import Entry, first_break
from composer.session.session import Session
from composer.store.opening import open_any
from composer.store.sqlite import open_session
from composer.story.actions.outline import add_beat, change_details, slot_after
from composer.story.outline import BeatText
from composer.story.story import Details, Story
from tests.cli.far_server import far_server
from tests.cli.house import SOON, House, files_below
from tests.llm.fault_server import Exchange, chunk
from tests.session.fakes import Few, HandClock, Scripted, counting

PURPOSE = "What a lamp is for is not what it shows."
THINGS = ("lamps", "ropes", "debts", "names", "boats", "keys", "stones", "letters", "crows", "loaves")
WORDS = (
    "the",
    "lamp",
    "and",
    "a",
    "rope",
    "of",
    "salt",
    "under",
    "no",
    "name",
    "old",
    "water",
    "counted",
    "twice",
    "home",
)
HELD = 8
"""Words after which a held answer stands still."""

Cell = tuple[float, str]
"""A temperature and the line of a beat: in these stories they name a cell."""


def line(number: int) -> str:
    return f"On night {number} Orla counts the {THINGS[number % len(THINGS)]}, and one is too many."


def told(heat: float, beat: str) -> str:
    """What the model has to say of a cell: 20 to 40 words, always the same."""
    choose = random.Random(f"{heat} {beat}")
    return " ".join(choose.choices(WORDS, k=choose.randint(20, 40))).capitalize() + "."


class Teller:
    """A server's model that says the same of each cell, from wherever of it is there already. It stands still at held beats."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.asked: list[Cell] = []
        """Of all requests, in order."""
        self.begun: list[str] = []
        """What of the answers was there, where something was."""
        self.wrong: list[str] = []
        """Beginnings that it never said."""
        self.held: frozenset[str] = frozenset()
        self.still = asyncio.Event()
        """Set when an answer stands still."""
        self.most = self.at_work = 0

    async def __call__(self, exchange: Exchange) -> None:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        try:
            await self._tell(exchange)
        finally:
            self.at_work -= 1

    async def _tell(self, exchange: Exchange) -> None:
        messages = exchange.body["messages"]
        prefix = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
        beat = next(each["content"] for each in messages if each["role"] == "user").rstrip().rpartition("\n")[2]
        heat = exchange.body["temperature"]
        self.asked.append((heat, beat))
        answer = told(heat, beat)
        if prefix:
            self.begun.append(prefix)
        if not answer.startswith(prefix):
            self.wrong.append(prefix)
        # A model that is asked to go on from its last word says something more.
        rest = re.findall(r"\s*\S+", answer[len(prefix) :]) or [" Twice."]
        await exchange.head()
        for number, piece in enumerate(rest, 1):
            if number > HELD and beat in self.held:
                self.still.set()
                await exchange.gone.wait()
                return
            await asyncio.sleep(self.pause)
            await exchange.event(chunk({"content": piece}, "stop" if number == len(rest) else None))
        await exchange.end(None)


def make_story(path: Path, beats: int, purpose: str = PURPOSE) -> None:
    """A session with a purpose and that many beats."""

    async def make() -> None:
        async with Session(await open_session(path, create=True), Few(Scripted()), HandClock(), new_id) as session:
            session.record(change_details(session.story, Details("Lamps", purpose=purpose)))
            last = ""
            for number in range(1, beats + 1):
                added = add_beat(session.story, slot_after(session.story, last), BeatText(summary=line(number)), new_id)
                session.record(added)
                last = added[0].beat.id

    asyncio.run(make())


def settings(house: House, base_url: str, more: str = "") -> None:
    """The server as the one that writes."""
    house.write_settings(
        f'[endpoints.home]\nbase_url = "{base_url}"\nmodel = "m"\nwindow = 8192\ncontinues = "prefill"\n{more}'
    )


def looked_at(path: Path, look: Callable[[Session], Any]) -> Any:
    """What a look at the session as it is on disk finds; it may be open elsewhere."""

    async def work() -> Any:
        store = await open_any(path, read_only=True)
        async with Session(store, Few(Scripted()), HandClock(), counting()) as session:
            return look(session)

    return asyncio.run(work())


def story_of(path: Path) -> Story:
    found: Story = looked_at(path, lambda session: session.story)
    return found


def entries_of(path: Path) -> list[Entry]:
    async def work() -> list[Entry]:
        store = await open_any(path, read_only=True)
        return list(await store.read())

    return asyncio.run(work())


def finished_cells(path: Path) -> set[Cell]:
    """The cells of all drafts that have ended, by temperature and line."""

    def look(session: Session) -> set[Cell]:
        lines = {beat.id: beat.text.summary for beat in session.story.outline.leaves()}
        return {
            (draft.recipe.temperature or 0.0, lines[beat])
            for draft in session.story.drafts
            for beat in lines
            if (cell := session.drafting.cell(draft.number, beat)) is not None and cell.ended
        }

    found: set[Cell] = looked_at(path, look)
    return found


def begun_cells(path: Path) -> int:
    """How many candidates have text on disk and no ending."""
    story = story_of(path)
    return sum(bool(each.text) for asked in story.rounds for each in asked.candidates if each.ending is None)


def events_in(out: bytes) -> list[dict[str, Any]]:
    """The events of whole lines; the last one may be cut by a kill."""
    return [json.loads(each) for each in out.split(b"\n")[:-1]]


class Killed:
    """One story that is drafted by processes that are killed, and what is held against its file each time."""

    def __init__(self, house: House, teller: Teller, path: Path, ladder: Sequence[float]) -> None:
        self.house = house
        self.teller = teller
        self.path = path
        self.command = house.command("generate", path, "--draft", "--ladder", ",".join(f"{heat:g}" for heat in ladder))
        self.entries: list[Entry] = entries_of(path)
        self.events: list[dict[str, Any]] = []
        """All that was ever printed."""

    def run(self, until: Callable[[subprocess.Popen[bytes]], None] | None) -> int:
        """Have it drafted, and killed when `until` returns; without that, to its end. The exit code."""
        finished, asked = finished_cells(self.path), len(self.teller.asked)
        with subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.house.desk, env=self.house.environ
        ) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            try:
                first = child.stdout.readline()
                if until is not None:
                    until(child)
                    child.kill()
                out, err = first + child.stdout.read(), child.stderr.read()
            finally:
                child.kill()
        assert b"Traceback" not in err, err
        events = events_in(out)
        assert events, err
        assert events[0]["event"] == "begin"
        self._hold(events, finished, self.teller.asked[asked:])
        return child.returncode

    def _hold(self, events: list[dict[str, Any]], finished: set[Cell], asked: list[Cell]) -> None:
        """What was told is in the file; what was in the file is there still; what had ended was not asked for again."""
        self.events += events
        entries = entries_of(self.path)
        assert first_break(entries) is None
        assert entries[: len(self.entries)] == self.entries
        self.entries = entries
        story = story_of(self.path)
        for event in self.events:
            if event["event"] == "candidate":
                ending = story.candidate(event["id"]).ending
                assert ending is not None
                assert (ending.kind, ending.why) == (event["ended"], event["why"])
            elif event["event"] == "round":
                assert [each.id for each in story.round(event["round"]).candidates] == [
                    each["id"] for each in event["candidates"]
                ]
        assert not finished.intersection(asked)
        assert all(times == 1 for times in Counter(asked).values())

    def complete(self, ladder: Sequence[float], beats: int) -> None:
        """Every cell has come, in as many steps as it took, and is all that the model had to say of it."""

        def look(session: Session) -> None:
            story = session.story
            assert [draft.recipe.temperature for draft in story.drafts] == list(ladder)
            for draft in story.drafts:
                assert not draft.halted
                for beat in story.outline.leaves():
                    candidates = [story.candidate(name) for name in session.drafting.attempts(draft.number, beat.id)]
                    *beginnings, last = candidates
                    kinds = [each.ending.kind for each in candidates if each.ending is not None]
                    assert kinds == [*(["failed"] * len(beginnings)), "finished"]
                    assert all(last.text.startswith(each.text) for each in beginnings)
                    answer = told(draft.recipe.temperature or 0.0, beat.text.summary)
                    assert last.text in (answer, f"{answer} Twice.")

        looked_at(self.path, look)
        assert len(finished_cells(self.path)) == len(ladder) * beats
        assert not self.teller.wrong
        end = self.events[-1]
        assert (end["event"], end["complete"], end["missing"]) == ("end", True, 0)
        assert list(files_below(self.path.parent)) == [self.path.name]


def until_begun(path: Path, count: int) -> Callable[[subprocess.Popen[bytes]], None]:
    """Wait until that many answers are half on disk."""

    def wait(child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + SOON
        while begun_cells(path) < count:
            assert child.poll() is None
            assert time.monotonic() < deadline

    return wait


@pytest.mark.slow
def test_two_kills_amid_two_drafts_lose_nothing(house: House) -> None:
    ladder, teller = (0.3, 0.9), Teller()
    path = house.desk / "lamps.collage"
    make_story(path, 3)
    with far_server(teller) as server:
        settings(house, server.base_url)
        killed = Killed(house, teller, path, ladder)
        teller.held = frozenset((line(2),))
        assert killed.run(until_begun(path, 2)) == -9
        assert finished_cells(path) == {(heat, line(1)) for heat in ladder}
        teller.held = frozenset((line(3),))
        assert killed.run(until_begun(path, 2)) == -9
        assert [each["there"] for each in killed.events if each["event"] == "begin"] == [0, 2]
        assert len(teller.begun) == 2
        teller.held = frozenset()
        assert killed.run(None) == 0
    assert len(teller.begun) == 4
    killed.complete(ladder, 3)


@pytest.mark.slow
def test_ten_kills_amid_five_drafts_lose_nothing(house: House) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    choose = random.Random(seed)
    ladder, teller = (0.2, 0.4, 0.6, 0.8, 1.0), Teller(pause=0.05)
    path = house.desk / "lamps.collage"
    make_story(path, 20)

    def wait(child: subprocess.Popen[bytes]) -> None:
        # A kill at a moment that nothing in the program knows of: so it is time alone that is waited for.
        time.sleep(choose.uniform(0.2, 3.0))
        assert child.poll() is None

    with far_server(teller) as server:
        settings(house, server.base_url)
        killed = Killed(house, teller, path, ladder)
        for _ in range(10):
            assert killed.run(wait) == -9
        assert len(finished_cells(path)) < 100
        teller.pause = 0.0
        assert killed.run(None) == 0
    assert teller.begun
    killed.complete(ladder, 20)
