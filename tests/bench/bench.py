"""What the program costs its user, measured from outside on a terminal, against floors in the same run. `bench.py [ROUNDS]`

It prints one table. Seconds depend on the machine, so nothing here is a test: what misses a goal is marked `over`, and the exit
code is 0 all the same. It needs Linux for /proc, speaks to 127.0.0.1 alone, and leaves neither files nor processes behind.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from child import COMPOSER, HERE, PYTHON, ROOT, Child, Home
from server import tokens
from stories import as_of_a_novel, busy_journal, journal_of, write

from composer.cli.wiring import import_journal
from composer.config import EMBEDDED, EMBEDDED_PROFILE
from composer.context.measures import Measured, Measures
from composer.context.pack import Packed, pack
from composer.context.wish import Wish
from composer.journal.film import Film
from composer.journal.journal import Journal
from composer.journal.replay import Reel
from composer.llm.endpoints import make_endpoint
from composer.store.jsonl import read_jsonl
from composer.story.actions import text as texts
from composer.story.fold import apply
from composer.story.manuscript import Position
from composer.story.shape import Shape
from composer.story.spans import Written
from composer.story.story import Story

T = TypeVar("T")

FERRY = ROOT / "sessions" / "the-ferry-that-waited.jsonl"
FIVE, EIGHT = "0.2,0.4,0.6,0.8,1.0", "0.2,0.3,0.4,0.5,0.6,0.7,0.8,1.0"
ASK = "\x07"
"""Ctrl+g."""
LETTERS = [chr(code) for code in range(0x100, 0x250) if chr(code).isalpha()]
"""Letters that no story here holds, so that the first to come back is the echo."""


@dataclass(frozen=True)
class Line:
    """A row of the table; `over` is None where there is no goal."""

    what: str
    value: str
    floor: str = ""
    ratio: str = ""
    goal: str = ""
    over: bool | None = None


class Bench:
    """A home for all programs, the model server, and what was measured so far."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.home = Home()
        self.lines: list[Line] = []
        self._server = subprocess.Popen(
            [PYTHON, str(HERE / "server.py")], stdout=subprocess.PIPE, text=True, env=self.home.environ
        )
        assert self._server.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._server.stdout.readline())}/v1"

    def close(self) -> None:
        for child in tuple(Child.running):
            child.end()
        self._server.kill()
        self._server.communicate()
        self.home.remove()

    def served(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data), timeout=10) as answer:
            return json.loads(answer.read())

    def add(
        self,
        what: str,
        value: float,
        unit: str,
        goal: float,
        *,
        digits: int = 1,
        floor: float = 0.0,
        ratio: float = 0.0,
    ) -> None:
        """A line whose goal is for the ratio to the floor where there is one, else for the value."""
        judged = ratio or value / floor if floor else value
        self.lines.append(
            Line(
                what,
                f"{value:,.{digits}f} {unit}".rstrip(),
                f"{floor:,.{digits}f} {unit}" if floor else "",
                f"{judged:.2f}x" if floor else "",
                f"<= {goal:g}x" if floor else f"<= {goal:g} {unit}".rstrip(),
                judged > goal,
            )
        )

    def add_pairs(
        self, what: str, pairs: Sequence[tuple[float, float]], unit: str, goal: float, *, digits: int = 3
    ) -> None:
        """A line of (value, floor) pairs, each measured close together, since a machine is not equally busy all the time."""
        values, floors = zip(*pairs, strict=True)
        ratio = statistics.median(value / floor for value, floor in pairs)
        value, floor = statistics.median(values), statistics.median(floors)
        self.add(what, value, unit, goal, digits=digits, floor=floor, ratio=ratio)

    def note(self, what: str, value: str) -> None:
        self.lines.append(Line(what, value))

    # sessions

    def session(self, words: int, candidates: int = 0, length: int = 100) -> tuple[Path, str]:
        """A made-up story, and the words that end it."""
        path = self.home.path / f"{words}-{candidates}-{length}.collage"
        journal, entries = journal_of(words, candidates, length)
        asyncio.run(write(path, entries))
        return path, _end(journal.story.manuscript) if words else "Type here."

    def ferry(self) -> tuple[Path, str]:
        """The example story, and the words that end it."""
        path = self.home.path / "ferry.collage"
        if not path.exists():
            asyncio.run(import_journal(FERRY, path))
        copy = self.home.path / f"ferry-{time.monotonic_ns()}.collage"
        shutil.copy(path, copy)
        journal = Journal()
        with FERRY.open("rb") as lines:
            journal.read(read_jsonl(lines)[0])
        return copy, _end(journal.story.manuscript)

    @contextmanager
    def open(self, session: tuple[Path, str], *flags: str) -> Iterator[tuple[Child, float]]:
        """The program on a session, and the seconds to its first full paint."""
        child = Child([COMPOSER, str(session[0]), *flags], self.home.environ)
        try:
            marks = (session[1], "Outline", "Candidates", "f1 help")
            painted = child.wait_for(lambda text: all(mark in text for mark in marks), "the first paint")
            yield child, painted - child.since
        finally:
            child.end()

    def floor(self, *arguments: str) -> float:
        """Seconds to the first full paint of the bare app."""
        child = Child([PYTHON, str(HERE / "floor_panes.py"), *arguments], self.home.environ)
        try:
            return child.wait_for(lambda text: "three panes and a status line" in text, "the floor") - child.since
        finally:
            child.end()

    # rounds of candidates

    def ready(self, child: Child, count: int) -> None:
        """A first short round, so that what is loaded once is loaded."""
        child.wait_quiet()
        self.served("/pace", {"rate": 0, "tokens": 6})
        child.press(ASK)
        self.ended(child, count)
        child.wait_quiet()

    def ended(self, child: Child, count: int, seconds: float = 40) -> dict[str, Any]:
        """Read until so many streams have ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            child.watch(0.1)
            if (tally := self.served("/tally"))["ended"] >= count:
                child.watch(0.6)
                return tally
        raise RuntimeError(f"the streams did not end:\n{child.screen.text}")


def _writing(text: str) -> int:
    """How many candidates on a screen say that they are writing."""
    return text.count("…writing")


def _end(manuscript: Any) -> str:
    return manuscript.at(len(manuscript) - 1).text.split()[-1]


def percentile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Keys:
    """Letters typed as a person does, and how long each took to come back, in ms."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._left = iter(LETTERS)
        self._chance = random.Random(1)

    def type(self, count: int, during: Callable[[str], bool] = lambda text: True) -> tuple[list[float], float]:
        """Up to `count` letters while it is true of the screen; the times, and bytes a key."""
        child, times, began = self._child, [], time.monotonic()
        while len(times) < count and during(child.screen.text):
            times.append(child.echo(next(self._left)) * 1000)
            child.watch(self._chance.uniform(0.05, 0.15))
            if len(times) % 8 == 0:
                # A word is not endless.
                child.press(" ")
                child.watch(0.05)
        return times, child.received(began) / max(1, len(times) + len(times) // 8)


# the measures


def starting(bench: Bench) -> None:
    pairs = []
    for each in range(2 * bench.rounds + 1):
        bare = bench.floor()
        with bench.open(bench.ferry()) as (_, seconds):
            if each:
                pairs.append((seconds, bare))
    bench.add_pairs("start to first full paint", pairs, "s", 1.5)


def streaming(bench: Bench) -> None:
    per_character: dict[int, list[float]] = {120: [], 300: []}
    pairs = []
    for _ in range(bench.rounds):
        with bench.open(bench.ferry(), "--base-url", bench.url, "--ladder", FIVE) as (child, _):
            bench.ready(child, 5)
            for count, found in per_character.items():
                bench.served("/pace", {"rate": 50, "tokens": count})
                before = child.cpu
                child.press(ASK)
                tally = bench.ended(child, 5)
                cpu = (child.cpu - before) / tally["tokens"] * 1000
                shown = " ".join(child.screen.text.split())
                if _writing(shown) or not all(tokens(4, seed)[0] in shown for seed in range(5)):
                    raise RuntimeError(f"not all candidates are shown:\n{child.screen.text}")
                found.append(child.received(tally["first"]) / tally["characters"])
        bench.served("/pace", {"rate": 50, "tokens": 300})
        raw = subprocess.run(
            [PYTHON, str(HERE / "raw_client.py"), bench.url, "5"],
            env=bench.home.environ, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        told = json.loads(raw.stdout)
        pairs.append((cpu, told["cpu"] / told["tokens"] * 1000))
    for count, found in per_character.items():
        bench.add(f"bytes per streamed character, 5 x {count} tokens", statistics.median(found), "", 6)
    bench.add_pairs("computing per 1,000 streamed tokens, 5 x 300", pairs, "s", 1.3, digits=2)


def typing(bench: Bench) -> None:
    with bench.open(bench.ferry(), "--base-url", bench.url, "--ladder", EIGHT) as (child, _):
        bench.ready(child, 8)
        keys = Keys(child)
        idle, size = keys.type(60)
        bench.served("/pace", {"rate": 50, "tokens": 600})
        child.press(ASK)
        child.wait_for(lambda text: _writing(text) == 8, "eight streams")
        busy, _ = keys.type(60, lambda text: _writing(text) == 8)
    _echo(bench, "8 candidates stream", busy, idle)
    with bench.open(bench.ferry(), "--ladder", FIVE) as (child, _):
        child.wait_quiet()
        child.press(ASK)
        child.wait_for(lambda text: _writing(text) > 0, "the first round of the embedded model")
        child.wait_for(lambda text: not _writing(text), "its end", 40)
        keys = Keys(child)
        busy = []
        until = time.monotonic() + 40
        while len(busy) < 60 and time.monotonic() < until:
            child.watch(0.5)
            child.press(ASK)
            child.wait_for(lambda text: _writing(text) == 5, "five streams of the embedded model")
            busy += keys.type(60 - len(busy), lambda text: _writing(text) == 5)[0]
    _echo(bench, "5 of the embedded model stream", busy, idle)
    bench.add("bytes a key, nothing streaming", size / 1000, "kB", 1.5, digits=2)


def _echo(bench: Bench, when: str, busy: list[float], idle: list[float]) -> None:
    name = f"key to echo while {when} ({len(busy)} keys)"
    bench.note(f"{name}, p50", f"{percentile(busy, 0.5):.1f} ms (idle {percentile(idle, 0.5):.1f})")
    bench.add(f"{name}, p95", percentile(busy, 0.95), "ms", 5, floor=percentile(idle, 0.95))
    bench.add(f"{name}, p95", percentile(busy, 0.95), "ms", 30)


def long_text(bench: Bench) -> None:
    found = {}
    for words in (10_000, 500_000):
        with bench.open(bench.session(words)) as (child, _):
            child.wait_quiet()
            found[words] = Keys(child).type(50)
    (small, _), (large, size) = found[10_000], found[500_000]
    bench.add(
        "key to echo in 500,000 words, against 10,000, p50",
        percentile(large, 0.5),
        "ms",
        3,
        floor=percentile(small, 0.5),
    )
    bench.add("bytes a key in 500,000 words", size / 1000, "kB", 1.5, digits=2)


def reopening(bench: Bench) -> None:
    empty, full = bench.session(0), bench.session(100_000, 5_000)
    pairs, times = [], []
    for each in range(bench.rounds + 1):
        with bench.open(empty) as (_, bare):
            pass
        with bench.open(full) as (child, seconds):
            if each:
                pairs.append((seconds, bare))
            if each == bench.rounds:
                child.wait_quiet()
                times, _ = Keys(child).type(40)
    bench.add_pairs("reopening 100,000 words and 5,000 candidates, against nothing", pairs, "s", 2)
    bench.add("key to echo there, p95", percentile(times, 0.95), "ms", 30)


def collage(bench: Bench) -> None:
    """Marking, splicing and searching among 500 candidates of 200 words, while five more stream."""
    marks: list[float] = []
    steps: list[float] = []
    with bench.open(bench.session(20_000, 500, 200), "--base-url", bench.url, "--ladder", FIVE) as (child, _):
        bench.ready(child, 5)
        bench.served("/pace", {"rate": 50, "tokens": 1_500})
        child.press(ASK)
        child.wait_for(lambda text: "5 writing" in text, "five streams")
        child.press("\t,,")
        child.wait_for(lambda text: "round 100" in text, "an older round")
        for each in range(16):
            if each == 1:
                # The first time loads what is loaded once.
                marks.clear()
                steps.clear()
            steps.append(_until(child, "2", "▸2"))
            marks.append(_until(child, " ", "Splice · 1 piece"))
            child.press("3")
            marks.append(_until(child, " ", "Splice · 2 pieces"))
            child.press("u")
            child.wait_for(lambda text: "Splice" not in text, "no marks")
            steps.append(_until(child, "1", "▸1"))
        child.press("\x1bOR")
        child.wait_for(lambda text: "Shelf and search" in text, "the search")
        child.press("the")
        child.wait_for(lambda text: "50 found" in text, "the first search", 30)
        child.press("\x15")
        child.watch(1)
        letters, _ = Keys(child).type(30, lambda text: True)
        child.press("\x15")
        child.watch(1)
        words = [_until(child, word, "not used", clear=True) for word in ("river", "mornin", "lantrn", "window")]
        tally = bench.served("/tally")
        if tally["ended"] > 5:
            raise RuntimeError(f"the streams ended too soon: {tally}")
    bench.add("going to another of 500 candidates while 5 stream, p95", percentile(steps, 0.95) * 1000, "ms", 60)
    bench.add("a mark in the splice there, p95", percentile(marks, 0.95) * 1000, "ms", 60)
    bench.add("key to echo in the search there, p95", percentile(letters, 0.95), "ms", 30)
    bench.note("from a word typed to what was found", f"{statistics.median(words) * 1000:,.0f} ms")


def _until(child: Child, keys: str, shown: str, *, clear: bool = False) -> float:
    """Seconds from keys to what they bring to the screen."""
    if clear:
        child.press("\x15")
        child.watch(0.6)
    began = time.monotonic()
    child.press(keys)
    return child.wait_for(lambda text: shown in text, f"{shown!r} after {keys!r}") - began


def packing(bench: Bench) -> None:
    """What it costs to know all tokens of a long novel, to know them after an edit, and to pack a request of it."""
    journal, _ = journal_of(500_000, of=as_of_a_novel())
    story = journal.story
    endpoint = make_endpoint(EMBEDDED, EMBEDDED_PROFILE, bench.home.environ)
    asyncio.run(endpoint.look_for_encoding())
    count = endpoint.count
    count("So that the encoding is loaded.")
    likest = Shape(strategies=(("earlier text", "likest"),))
    ways = {
        "full": (Shape(), 8_192),
        "full, the likest": (likest, 32_768),
        "lean, ranked": (Shape(amount="lean"), 8_192),
    }
    ids = (f"new{number}" for number in itertools.count())
    measures = Measures(count)
    first, measured = _timed(measures.of, story.manuscript)
    bench.note("counting the tokens of 500,000 words", f"{first:,.0f} ms")
    for name, (shape, window) in ways.items():
        spent, _ = _timed(_packed, story, shape, count, window, measured)
        bench.note(f"packing them, first: {name}", f"{spent:,.0f} ms")
    fresh: list[float] = []
    again: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(12):
        # In the last paragraph, in one in the middle of the text, and with a new one at the end.
        middle = story.manuscript.at(400 * number)
        at = Position(middle.id, 9) if number % 3 == 1 else story.manuscript.last
        typed = f" Again {number}." + ("\n" + middle.text[:300] if number % 3 == 2 else "")
        story = apply(story, texts.typed(story, at, at, typed, Written(), lambda: next(ids)))
        spent, measured = _timed(measures.of, story.manuscript)
        fresh.append(spent)
        for name, (shape, window) in ways.items():
            packed, _ = _timed(_packed, story, shape, count, window, measured)
            again[name].append(spent + packed)
    bench.add(
        "the counts after one edit, against counting all", 100 * statistics.median(fresh) / first, "%", 1, digits=2
    )
    for name, times in again.items():
        bench.add(f"packing after one edit, with the counts: {name}", statistics.median(times), "ms", 20)


def _packed(story: Story, shape: Shape, count: Callable[[str], int], window: int, measured: Measured) -> Packed:
    at = story.manuscript.last
    told = story.manuscript.at(len(story.manuscript) // 3).text[:200]
    wish = Wish("continue", at, at, texts.beat_at(story, at), f"Come back to this: {told}", shape=shape)
    return pack(story, wish, count, window, 1_024, measured)


def _timed(work: Callable[..., T], *given: object) -> tuple[float, T]:
    """Milliseconds of some work, and what it gave."""
    began = time.perf_counter()
    made = work(*given)
    return (time.perf_counter() - began) * 1000, made


def seeking(bench: Bench) -> None:
    """Seeking in a journal of 100,000 entries: the fold alone, and in the player until it is painted."""
    entries = busy_journal(100_000)
    whole, reel = _timed(Reel, entries)
    cut, _ = _timed(Film, reel)
    bench.note("reading 100,000 entries for the player", f"{(whole + cut) / 1000:.1f} s")
    chance = random.Random(1)
    seeks = [_timed(reel.story, chance.randrange(len(entries)))[0] for _ in range(300)]
    bench.add("seek in them, p95, against folding all", 100 * percentile(seeks, 0.95) / whole, "%", 1, digits=2)
    path = bench.home.path / "busy.collage"
    asyncio.run(write(path, entries))
    child = Child([COMPOSER, "replay", str(path), "--at", "100000"], bench.home.environ)
    try:
        child.wait_for(lambda text: "100,000/100,000" in text, "the player", 60)
        child.wait_quiet()
        times = []
        for _ in range(20):
            number = chance.randrange(1_000, len(entries))
            child.press(f"/{number}")
            child.wait_for(lambda text, typed=str(number): typed in text, "the number")
            times.append(_until(child, "\r", f"{number:,}/100,000"))
    finally:
        child.end()
    bench.add("seek in the player until it is painted, p95", percentile(times, 0.95) * 1000, "ms", 100)


def memory(bench: Bench) -> None:
    bench.served("/pace", {"rate": 0, "tokens": 50})
    bare = Child([PYTHON, str(HERE / "floor_panes.py"), bench.url], bench.home.environ)
    try:
        bare.wait_for(lambda text: "the stream has ended" in text, "the floor's stream")
        floor = bare.peak
    finally:
        bare.end()
    with bench.open(bench.session(100_000), "--base-url", bench.url, "--ladder", FIVE) as (child, _):
        bench.ready(child, 5)
        bench.add("most memory with 100,000 words", child.peak, "MB", 2.5, floor=floor)


MEASURES = (starting, streaming, typing, long_text, reopening, collage, packing, seeking, memory)


def table(lines: Sequence[Line]) -> str:
    rows = [("what", "value", "floor", "ratio", "goal", "")]
    for line in lines:
        verdict = "" if line.over is None else "over" if line.over else "ok"
        rows.append((line.what, line.value, line.floor, line.ratio, line.goal, verdict))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def main(arguments: Sequence[str]) -> int:
    if not Path("/proc/self/stat").exists():
        print("This measures what programs cost by /proc, which only Linux has.", file=sys.stderr)
        return 1
    load = os.getloadavg()[0]
    if load > 0.5:
        print(
            f"Other programs are at work here (load {load:.1f}): seconds are less sure, bytes are not.", file=sys.stderr
        )
    rounds = next((int(each) for each in arguments if each.isdigit()), 3)
    wanted = [each for each in arguments if not each.isdigit()]
    began = time.monotonic()
    # So that nothing is left behind either when this is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench = Bench(rounds)
    failed = False
    try:
        for measure in MEASURES:
            if wanted and measure.__name__ not in wanted:
                continue
            print(f"{time.monotonic() - began:4.0f} s  {measure.__name__} …", file=sys.stderr)
            try:
                measure(bench)
            except (RuntimeError, OSError, subprocess.SubprocessError) as failure:
                failed = True
                print(f"{measure.__name__} could not be measured: {failure}", file=sys.stderr)
    finally:
        bench.close()
    print(table(bench.lines))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
