"""Rounds and candidates: what was asked for, with what, and what came.

A round has a number, from 1; its candidates are named `7.1`, `7.2`, … It never holds a request's text, only the hashes of its
pieces, and knows nothing of providers.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from composer.config import Sampling
from composer.story.manuscript import Position
from composer.story.shape import Shape
from composer.story.spans import Generated, Spans

RoundKind = Literal[
    "continue", "fill", "rework", "polish", "smooth", "outline", "expand", "summary", "draft", "condense"
]
"""What is asked for: text for a place; an outline, the beats below one, a line for one; a whole story; earlier text in short."""
OUTLINES: frozenset[RoundKind] = frozenset(("outline", "expand", "summary"))
"""Those whose candidates are lines for the outline."""
EndingKind = Literal["finished", "cut", "cancelled", "failed"]
Channel = Literal["text", "reasoning"]


class BeatTarget(Struct, frozen=True, tag_field="kind", tag="beat"):
    """For that beat: at the end of its text, or where its text will stand."""

    beat: str


class CellTarget(Struct, frozen=True, tag_field="kind", tag="cell"):
    """For one beat of one draft."""

    draft: int
    beat: str


class PlaceTarget(Struct, frozen=True, tag_field="kind", tag="place"):
    """For a place in the text, or the text from there to `end`, within `beat`.

    `side` says to which neighbour the place sticks when text is put exactly there.
    """

    at: Position
    side: Literal["before", "after"] = "before"
    end: Position | None = None
    beat: str = ""


class OutlineTarget(Struct, frozen=True, tag_field="kind", tag="outline"):
    """For the outline, below `parent` (empty: at the top), from the `index`-th on."""

    parent: str = ""
    index: int = 0


class LineTarget(Struct, frozen=True, tag_field="kind", tag="line"):
    """For the line of a beat in the outline: what its text says, or the beats below it."""

    beat: str


class DraftTarget(Struct, frozen=True, tag_field="kind", tag="draft"):
    """For all beats of a draft in one answer."""

    draft: int


class SectionTarget(Struct, frozen=True, tag_field="kind", tag="section"):
    """For a stretch of earlier text, which is to be told in few words: its blocks, in order."""

    blocks: tuple[str, ...]


Target = BeatTarget | CellTarget | PlaceTarget | OutlineTarget | LineTarget | DraftTarget | SectionTarget


def place_of(target: Target) -> str:
    """The name of what a target is for, by which edits of its context are kept: a beat, a paragraph, the outline."""
    match target:
        case BeatTarget(beat=beat):
            return f"beat {beat}"
        case CellTarget(draft=draft, beat=beat):
            return f"draft {draft}, beat {beat}"
        case PlaceTarget(at=at):
            return f"paragraph {at.block}"
        case OutlineTarget(parent=parent):
            return f"outline {parent}"
        case LineTarget(beat=beat):
            return f"line of beat {beat}"
        case DraftTarget(draft=draft):
            return f"draft {draft}"
        case SectionTarget(blocks=blocks):
            return f"section {blocks[0] if blocks else ''}"


def beat_of(target: Target) -> str:
    """The beat that a target is for, or lies below; empty if none."""
    match target:
        case OutlineTarget(parent=parent):
            return parent
        case DraftTarget() | SectionTarget():
            return ""
        case _:
            return target.beat


class Recipe(Struct, frozen=True, omit_defaults=True):
    """What makes a candidate differ. `sampling` holds the fields that are wanted (temperature, top_p, …).

    `lens` is its text as used, `lens_name` what the writer calls it.
    `template` names the chat template that made one text of the request; empty where chat messages are sent. `preset` is the
    name under which the endpoint's profile has the sampling.
    """

    endpoint: str
    model: str
    sampling: Sampling = {}
    lens: str = ""
    seed: int | None = None
    template: str = ""
    preset: str = ""
    lens_name: str = ""

    @property
    def temperature(self) -> float | None:
        value = self.sampling.get("temperature")
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


class Stem(Struct, frozen=True, omit_defaults=True):
    """What a candidate goes on from: the first `length` characters of another one, then `word` in place of what came there."""

    candidate: str
    length: int
    word: str = ""


class Message(Struct, frozen=True):
    """A chat message as hashes of its pieces; their texts one behind the other are what was sent.

    `prompt` is the one text of a request without chat messages, `suffix` what its answer leads to.
    """

    role: Literal["system", "user", "assistant", "prompt", "suffix"]
    pieces: tuple[str, ...]


Fate = Literal["kept", "condensed", "repeat", "cut", "muted"]
"""What became of a thing: sent as it stands, told by a summary, told by another passage, no room, left out by the writer."""


class ItemReceipt(Struct, frozen=True, omit_defaults=True):
    """What became of one thing within a part: a run of paragraphs, a note, a sample, the summary of a section.

    `label` names it for people, `¶12–80`; `tokens` are those it took, or would have taken. `thing` is the id by which a shape
    names it, empty where it can't be. `stale` marks a summary of text that was changed since.
    """

    label: str
    tokens: int
    fate: Fate = "kept"
    why: str = ""
    thing: str = ""
    stale: bool = False


class PartReceipt(Struct, frozen=True, omit_defaults=True):
    """What became of one part of the context, by its `PartName`: its tokens as sent, how many were cut, and why.

    `first` and `last` say which pieces of the request are its text, counted through all messages from 0: [first:last). `edited`
    is a part whose text the writer changed.
    """

    name: str
    tokens: int
    kept: bool = True
    cut: int = 0
    why: str = ""
    items: tuple[ItemReceipt, ...] = ()
    first: int = 0
    last: int = 0
    edited: bool = False


class Receipt(Struct, frozen=True):
    """What a round's request holds. `tokens` is its whole count, `budget` what it may hold, `reserve` what is kept for the answer.

    `exact` is a count by the model's own encoding, others are estimates that rather count too many. `shape` is how the context
    was made.
    """

    tokens: int
    budget: int
    reserve: int
    parts: tuple[PartReceipt, ...]
    exact: bool = False
    shape: Shape = Shape()


class Sent(Struct, frozen=True, omit_defaults=True):
    """What some candidates of a round were sent that the others were not: their numbers in the round, from 1.

    `why` is told where it was sent in place of what had been sent before.
    """

    numbers: tuple[int, ...]
    messages: tuple[Message, ...]
    receipt: Receipt
    why: str = ""


class Cost(Struct, frozen=True, omit_defaults=True):
    """What an answer cost, in millionths of the currency. `estimated` where the server did not tell the tokens."""

    millionths: int
    currency: str
    estimated: bool = False


class Ending(Struct, frozen=True, omit_defaults=True):
    """How a candidate ended, once. `elapsed` is in ms since the round was asked; `digest` is of the whole text.

    `suspect` marks a stream that ended without saying that it was complete. `logprobs` is the hash of what is known of its
    tokens. `dropped` are the wishes of its recipe that the endpoint did not take, each with the reason in words. `cost` is at the
    prices of that day, where they were known.
    """

    kind: EndingKind
    why: str
    length: int
    digest: str
    elapsed: int = 0
    finish_reason: str = ""
    suspect: bool = False
    model: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    logprobs: str = ""
    dropped: tuple[tuple[str, str], ...] = ()
    cost: Cost | None = None


class Candidate(Struct, frozen=True):
    """One answer: `text` as far as it has come, and its ending, None while it is waiting or writing.

    `stem` are the runs of other candidates that its text begins with, where it goes on from one; with the word that was put
    behind them, the first `begun` characters of its text were there before the model wrote any.
    """

    id: str
    recipe: Recipe
    text: str = ""
    reasoning: str = ""
    ending: Ending | None = None
    stem: tuple[Generated, ...] = ()
    begun: int = 0

    @property
    def written(self) -> str:
        """What the model wrote itself so far."""
        return self.text[self.begun :]

    def origins(self, start: int, end: int) -> tuple[Generated, ...]:
        """Where the characters [start:end) of its text come from, in order."""
        found = []
        at = 0
        own = Generated(self.id, sum(run.end - run.start for run in self.stem), len(self.text))
        for run in (*self.stem, own):
            size = run.end - run.start
            left, right = max(start - at, 0), min(end - at, size)
            if left < right:
                found.append(Generated(run.candidate, run.start + left, run.start + right))
            at += size
        return tuple(found)

    @property
    def number(self) -> int:
        """Its place in the round, from 1."""
        return int(self.id.partition(".")[2])

    @property
    def round(self) -> int:
        return round_of(self.id)


class Round(Struct, frozen=True):
    """One request for candidates.

    `head` is the newest change when it was asked: a place is named in the text as it stood there. `entry` and `time` (ms since
    1970) are those of the journal entry that asked. `base` is the text that its candidates are to change, as paragraphs with
    their origins; `marks` are those whose pieces `base` joins, and then `stood` is what stood in its place. `veil` is the order in which its candidates stand while they are
    tasted blind: places in `candidates`, from 0; empty where they are not. `messages` and `receipt` are those of all candidates
    that `others` doesn't name. `stem` is what they go on from, where they do. `row` are the numbers of the drafts whose cells for a
    beat its candidates are: then it is made of several rounds, only to be shown, and in no story. `extents` are the characters
    [start:end) of each candidate that are its cell.
    """

    number: int
    kind: RoundKind
    target: Target
    head: int
    instruction: str
    messages: tuple[Message, ...]
    receipt: Receipt
    candidates: tuple[Candidate, ...]
    entry: int
    time: int
    base: tuple[Spans, ...] = ()
    marks: tuple[int, ...] = ()
    stood: tuple[Spans, ...] = ()
    veil: tuple[int, ...] = ()
    others: tuple[Sent, ...] = ()
    stem: Stem | None = None
    row: tuple[int, ...] = ()
    extents: tuple[tuple[int, int], ...] = ()

    def number_of(self, candidate: str) -> int:
        """The number of a candidate in it, from 1. KeyError where a row does not hold it."""
        if not self.row:
            return int(candidate.partition(".")[2])
        for at, each in enumerate(self.candidates, 1):
            if each.id == candidate:
                return at
        raise KeyError(candidate)

    def extent(self, candidate: Candidate) -> tuple[int, int] | None:
        """The characters of a candidate that are the cell, where it holds more than that."""
        if not self.row or candidate.id not in [each.id for each in self.candidates]:
            return None
        start, end = self.extents[self.number_of(candidate.id) - 1]
        return None if start == 0 and end >= len(candidate.text.rstrip()) else (start, end)

    def sent(self, number: int) -> Sent:
        """What the candidate with that number, from 1, was sent."""
        for other in self.others:
            if number in other.numbers:
                return other
        named = {each for other in self.others for each in other.numbers}
        return Sent(tuple(n for n in range(1, len(self.candidates) + 1) if n not in named), self.messages, self.receipt)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of the contexts that its candidates were sent, in the order of the candidates."""
        return tuple(dict.fromkeys(self.sent(self.number_of(each.id)).receipt.shape for each in self.candidates))

    @property
    def beat(self) -> str:
        """The beat that the round was asked for; empty if for none."""
        return beat_of(self.target)

    @property
    def outlines(self) -> bool:
        """Whether its candidates are lines for the outline, and no text for the manuscript."""
        return self.kind in OUTLINES

    @property
    def drafts(self) -> bool:
        """Whether it was asked for a draft, or for a cell of one."""
        return isinstance(self.target, CellTarget | DraftTarget)

    @property
    def aside(self) -> bool:
        """Whether it is shown somewhere else than among the candidates: cells of drafts, summaries of earlier text."""
        return self.kind == "condense" or self.drafts

    @property
    def replaced(self) -> tuple[Spans, ...]:
        """The text that stood where its candidates go, when it was asked."""
        return self.stood if self.marks else self.base

    def shown_number(self, candidate: str) -> int:
        """The number that a candidate is shown with: its own, or while the round is tasted blind its place."""
        own = self.number_of(candidate)
        return self.veil.index(own - 1) + 1 if self.veil else own

    @property
    def running(self) -> bool:
        return any(candidate.ending is None for candidate in self.candidates)


def candidate_id(round_number: int, number: int) -> str:
    return f"{round_number}.{number}"


def round_of(candidate: str) -> int:
    """The number of the round that a candidate belongs to."""
    return int(candidate.partition(".")[0])
