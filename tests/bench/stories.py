"""Sessions of any size for measuring, made by the program's own journal and store, and quickly."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from server import WORDS

from composer.journal.entry import Entry, digest
from composer.journal.journal import Journal
from composer.session.ports import Batch
from composer.store.sqlite import open_session
from composer.story.actions import text as texts
from composer.story.candidate import BeatTarget, Ending, PartReceipt, Receipt, Recipe, candidate_id
from composer.story.events import (
    BeatAdded,
    CandidateEnded,
    CandidateGrew,
    DetailsChanged,
    Event,
    RoundAsked,
    SessionCreated,
    TextEdited,
)
from composer.story.manuscript import START, Block, Fragment, Position
from composer.story.outline import Beat, BeatText, Slot
from composer.story.spans import Imported, Span, Written
from composer.story.story import Details

PARAGRAPH = 100
"""Words of a paragraph."""
CHAPTER = 5_000
"""Words of a chapter; each has five beats."""
AT_ONCE = 200
"""Paragraphs of one event."""
THEN = 1_700_000_000_000
LADDER = (0.2, 0.4, 0.6, 0.8, 1.0)


class Words:
    """Words to write with. Equally frequent, unless weights say otherwise."""

    def __init__(self, words: Sequence[str], weights: Sequence[float] | None = None) -> None:
        self._words = words
        self._weights = list(accumulate(weights or [1.0] * len(words)))

    def choose(self, chance: random.Random, count: int) -> list[str]:
        return chance.choices(self._words, cum_weights=self._weights, k=count)


FEW = Words(WORDS)


def as_of_a_novel(count: int = 25_000) -> Words:
    """As many different words as a long novel has, a few of them in every line and most of them a few times in all."""
    chance = random.Random(count)
    sounds = ("bcdfghklmnprstvwz", "aeiou", ("", "", "n", "r", "st", "ll", "nd"))
    made = dict.fromkeys(WORDS)
    while len(made) < count:
        syllables = min(4, 1 + int(chance.expovariate(0.9)))
        made["".join(chance.choice(each) for _ in range(syllables) for each in sounds)] = None
    return Words(list(made), [1 / (rank + 2.7) for rank in range(count)])


def paragraph(chance: random.Random, words: int = PARAGRAPH, of: Words = FEW) -> str:
    text = ""
    while words > 0:
        count = min(words, chance.randint(8, 18))
        text += " ".join(of.choose(chance, count)).capitalize() + ". "
        words -= count
    return text.rstrip()


def journal_of(
    words: int, candidates: int = 0, length: int = PARAGRAPH, of: Words = FEW
) -> tuple[Journal, list[Entry]]:
    """A story with that many words in chapters, and that many candidates of `length` words, five for each round."""
    chance = random.Random(words)
    journal, entries = Journal(), []

    def record(*happened: Event) -> None:
        entries.extend(journal.record(happened, THEN + len(entries)))

    record(SessionCreated("bench", "bench"))
    beats: list[str] = []
    if words:
        record(DetailsChanged(Details(), Details(title="A long story", purpose="To be long.")))
        for chapter in range(max(1, words // CHAPTER)):
            below = tuple(Beat(f"b{chapter}.{n}", BeatText(summary=f"What happens in part {n}")) for n in range(5))
            beats += [beat.id for beat in below]
            record(BeatAdded(Slot("", chapter), Beat(f"c{chapter}", BeatText(title=f"Chapter {chapter + 1}"), below)))
    count = words // PARAGRAPH
    for first in range(0, count, AT_ONCE):
        blocks = [
            Block(f"p{at}", beats[at * len(beats) // count], (Span(paragraph(chance, of=of), Imported("bench")),))
            for at in range(first, min(count, first + AT_ONCE))
        ]
        at = journal.story.manuscript.last if first else START
        record(TextEdited(at, Fragment(), Fragment((), tuple(blocks)), "imported"))
    recipes = tuple(Recipe("bench", "bench", {"temperature": heat}, seed=1) for heat in LADDER)
    receipt = Receipt(1_000, 8_192, 1_024, (PartReceipt("earlier text", 1_000),))
    for number in range(1, candidates // len(LADDER) + 1):
        beat = beats[number % len(beats)]
        record(RoundAsked(number, "continue", BeatTarget(beat), journal.tree.head, "", recipes, (), receipt))
        for each in range(1, len(LADDER) + 1):
            name, text = candidate_id(number, each), paragraph(chance, length)
            half = len(text) // 2
            record(CandidateGrew(name, 0, text[:half], pace=((20, half),)))
            record(CandidateGrew(name, half, text[half:], pace=((20, len(text) - half),)))
            record(CandidateEnded(name, Ending("finished", "The model ended it.", len(text), digest(text.encode()))))
    return journal, entries


def busy_journal(entries: int) -> list[Entry]:
    """So many entries as they come of months of work: typing, candidates, undo, redo, and jumps over thousands of changes."""
    journal, made = journal_of(20_000, 1_000)
    chance = random.Random(entries)

    def record(*happened: Event) -> None:
        made.extend(journal.record(happened, THEN + 700 * len(made)))

    while len(made) < entries:
        kind = chance.random()
        now = THEN + 700 * len(made)
        moved = None
        if len(journal.tree.nodes) > 1_000:
            moved = journal.undo(now) if kind < 0.05 else journal.redo(now) if kind < 0.08 else None
        if moved:
            made.append(moved)
        elif 0.08 <= kind < 0.0802 and len(journal.tree.nodes) > 1_000:
            changes = list(journal.tree.nodes)
            made.append(journal.move(changes[-chance.randrange(1, min(6_000, len(changes) - 200))], "jump", now))
        else:
            text = journal.story.manuscript
            block = text.at(chance.randrange(len(text)))
            start = Position(block.id, 0)
            record(texts.typed(journal.story, start, start, "Then ", Written(), lambda: ""))
    return made[:entries]


async def write(path: Path, entries: Sequence[Entry]) -> None:
    """Make a session of entries."""
    store = await open_session(path, create=True)
    try:
        await store.append(Batch(tuple(entries)))
    finally:
        await store.close()
