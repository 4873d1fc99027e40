"""What a showing is made of: values that hold all that goes out of a film, and nothing else. They are told by entry, and know no journal.

They lie in arrays once encoded, in the order of their fields. Ids of sessions, blocks and beats, addresses, clock times and error texts
have no place in them.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Literal

from msgspec import Struct

from composer.journal.film import Sort
from composer.journal.showing.readers import Counts
from composer.story.candidate import EndingKind, RoundKind

Hand = Literal["w", "g", "e", "r", "i"]
"""Where a run comes from: written, generated, edited, repaired, imported."""

Ons = tuple[tuple[int, int], ...]
"""When something holds: from one entry on until before another; 0 for one that does not come."""


class Run(Struct, frozen=True, array_like=True):
    """A run of text of one hand. `candidate` is its name where that one is shown."""

    text: str
    hand: Hand
    candidate: str = ""


class Paragraph(Struct, frozen=True, array_like=True):
    """A block of the text. `beat` is the number of its beat in this showing, 0 for none."""

    beat: int
    runs: tuple[Run, ...] = ()

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


class Row(Struct, frozen=True, array_like=True):
    """A line of the outline. `depth` is 0 at the top; `beat` is its number in this showing, from 1."""

    beat: int
    depth: int
    title: str
    summary: str
    done: bool


class ParagraphsPut(Struct, frozen=True, array_like=True, tag="p"):
    """From the paragraph with index `at` on, `gone` were taken out and `put` came."""

    at: int
    gone: int
    put: tuple[Paragraph, ...]


class RunsPut(Struct, frozen=True, array_like=True, tag="r"):
    """In the paragraph with index `at`, from the character `start` on, `gone` characters were taken out and `put` came."""

    at: int
    start: int
    gone: int
    put: tuple[Run, ...]


class RowsPut(Struct, frozen=True, array_like=True, tag="o"):
    """The same for rows of the outline."""

    at: int
    gone: int
    put: tuple[Row, ...]


Put = ParagraphsPut | RunsPut | RowsPut


class Frame(Struct, frozen=True, array_like=True):
    """An entry: ms of the film since the one before, what it is about, what it did in words, what it changed.

    `words` are those of the text after it; `panel` is the place in `Showing.panels` of the candidates beside it, from 1; 0 for none.
    """

    wait: int
    sort: Sort
    say: str
    words: int
    panel: int
    put: tuple[Put, ...] = ()


class Chunk(Struct, frozen=True, array_like=True):
    """Text of a candidate that is there from `entry` on. With `pace`, (ms, characters), it came bit by bit between `after` and then."""

    entry: int
    text: str
    after: int = 0
    pace: tuple[tuple[int, int], ...] = ()


class Marked(Struct, frozen=True, array_like=True):
    """The characters [start:end) of a candidate, marked in these times and used by a placement in those."""

    start: int
    end: int
    marked: Ons
    used: Ons


class ShownCandidate(Struct, frozen=True):
    """A candidate, with what made it differ. `ended` is the entry of its ending, 0 for none; `thinks` that of its first thought."""

    name: str
    round: int
    model: str
    temperature: float | None
    lens: str
    chunks: tuple[Chunk, ...]
    thinks: int
    ended: int
    ending: EndingKind | Literal[""]
    marks: tuple[Marked, ...]
    placed: Ons

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(chunk.text for chunk in self.chunks)


class Told(Struct, frozen=True, array_like=True):
    """A piece of a prompt: its place in `Showing.pieces`, or -1 and the tokens of what was left out. `part` is empty where unknown."""

    piece: int
    part: str
    tokens: int = 0


class Prompt(Struct, frozen=True):
    """What candidates of a round were sent, by their numbers in it: messages as (role, pieces)."""

    numbers: tuple[int, ...]
    tokens: int
    messages: tuple[tuple[str, tuple[Told, ...]], ...]


class ShownRound(Struct, frozen=True):
    """A request. `beat` is its beat in words, `asked` how many candidates were asked for, `missing` how many of them are left out.

    `lane` is the number of the draft that it is for, 0 for none.
    """

    number: int
    entry: int
    kind: RoundKind
    beat: str
    instruction: str
    asked: int
    missing: int
    lane: int
    candidates: tuple[ShownCandidate, ...]
    prompts: tuple[Prompt, ...]


class ShownNote(Struct, frozen=True):
    """A note of the writer on the moment `entry`; `subject` says in words what it is on, empty for the moment itself."""

    entry: int
    subject: str
    text: str


class Kept(Struct, frozen=True):
    """A piece on the shelf, and when it was there."""

    text: str
    on: Ons


class Showing(Struct, frozen=True):
    """All that goes out. `frames[k]` is entry `first + k`; the puts of the first one lead from nothing to what stood there.

    `panels` are numbers of rounds whose candidates stand beside the text together. `story_notes` are (kind, name, text).
    """

    title: str
    author: str
    language: str
    sections: bool
    first: int
    last: int
    text: tuple[Paragraph, ...]
    """As it is at `last`."""
    outline: tuple[Row, ...]
    frames: tuple[Frame, ...]
    rounds: tuple[ShownRound, ...]
    panels: tuple[tuple[int, ...], ...]
    notes: tuple[ShownNote, ...]
    story_notes: tuple[tuple[str, str, str], ...]
    shelf: tuple[Kept, ...]
    pieces: tuple[str, ...]
    counts: Counts
    left_out: Counts

    @property
    def length(self) -> int:
        """Ms of the film."""
        return sum(frame.wait for frame in self.frames)

    def headings(self) -> dict[int, tuple[tuple[int, str], ...]]:
        """The headings that a beat's text stands under at the end, as (depth from 1, words), by the number of the beat."""
        found: dict[int, tuple[tuple[int, str], ...]] = {0: ()}
        above: list[tuple[int, str]] = []
        for row, after in zip_longest(self.outline, self.outline[1:]):
            del above[row.depth :]
            over = tuple(above)
            above.append((row.depth + 1, row.title or row.summary))
            has_below = after is not None and after.depth > row.depth
            found[row.beat] = tuple(above) if has_below or (self.sections and row.title) else over
        return found
