"""The story as it stands: one immutable value, made by the fold alone. It never changes itself and knows no journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from composer.story.candidate import Candidate, Round, round_of
from composer.story.chunked import Chunked
from composer.story.draft import Draft
from composer.story.manuscript import START, Manuscript, Position
from composer.story.outline import Beat, Outline
from composer.story.shape import Shape
from composer.story.spans import Spans

NoteKind = Literal["person", "place", "fact"]
Structure = Literal["fiction", "nonfiction"]
"""What the outline is made of: beats that tell what happens, or sections with headings that say what they hold."""


class Details(Struct, frozen=True, omit_defaults=True):
    """What the story is. `purpose` says what it is for, in a sentence or two; `target` is in words, 0 for none."""

    title: str = ""
    author: str = ""
    purpose: str = ""
    language: str = "en"
    structure: Structure = "fiction"
    target: int = 0

    @property
    def sections(self) -> bool:
        """Whether the outline is made of sections, whose titles stand as headings in the text."""
        return self.structure == "nonfiction"

    @property
    def unit(self) -> str:
        """What people call a leaf of the outline: a beat, or a section."""
        return "section" if self.sections else "beat"


class Note(Struct, frozen=True, omit_defaults=True):
    """A person, place or fact to keep straight."""

    id: str
    kind: NoteKind
    name: str
    text: str = ""
    pinned: bool = False


class Exemplar(Struct, frozen=True, omit_defaults=True):
    """A sample of the style that is wanted."""

    id: str
    name: str
    text: str
    muted: bool = False


class Paraphrase(Struct, frozen=True, omit_defaults=True):
    """A stretch of the text in few words: its blocks when it was written, and the digest of what they said.

    `candidate` wrote it; `edited` if the writer changed it since, or wrote it alone.
    """

    blocks: tuple[str, ...]
    digest: str
    text: str
    candidate: str = ""
    edited: bool = False


class ShelfPiece(Struct, frozen=True, omit_defaults=True):
    """Text kept for later, with its origins: a row of spans for each paragraph. `kept` is in ms since 1970."""

    id: str
    paragraphs: tuple[Spans, ...]
    kept: int
    beat: str = ""


class Mark(Struct, frozen=True, omit_defaults=True):
    """A chosen piece of a candidate: its characters [start:end). Marks are numbered from 1 in the order made.

    Text that is no one candidate's, from the shelf or once cut, is held in `pieces` as paragraphs; `candidate` is empty then.
    """

    number: int
    candidate: str
    start: int
    end: int
    pieces: tuple[Spans, ...] = ()
    lifted: bool = False


class Remark(Struct, frozen=True, omit_defaults=True):
    """A note by the writer on a candidate, a beat or a moment. `for_readers` lets a shared replay show it."""

    number: int
    subject: str
    text: str
    for_readers: bool = False


class SpliceEdit(Struct, frozen=True, omit_defaults=True):
    """The splice of those marks, or without marks a candidate, as the writer changed it before placing."""

    paragraphs: tuple[Spans, ...]
    marks: tuple[int, ...] = ()
    candidate: str = ""


class Placement(Struct, frozen=True, omit_defaults=True):
    """What one placement used: whole candidates, or marks of them."""

    candidates: tuple[str, ...]
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Story:
    """Everything that is true of a story at one entry. The first group is made of changes, the second of facts."""

    details: Details = Details()
    outline: Outline = Outline()
    manuscript: Manuscript = field(default_factory=Manuscript)
    shelf: tuple[ShelfPiece, ...] = ()
    notes: tuple[Note, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
    placements: tuple[Placement, ...] = ()
    words: frozenset[str] = frozenset()
    """Words that the writer taught the session: they are spelt right."""

    rounds: Chunked[Round] = field(default_factory=Chunked)
    marks: Chunked[Mark] = field(default_factory=Chunked)
    mark_order: tuple[int, ...] = ()
    edits: tuple[SpliceEdit, ...] = ()
    """What was changed before placing and may be placed still, the newest last."""
    remarks: tuple[Remark, ...] = ()
    shape: Shape = Shape()
    """How contexts are made, unless a request says otherwise."""
    drafts: tuple[Draft, ...] = ()
    paraphrases: tuple[Paraphrase, ...] = ()
    """The newest last; one for each digest."""
    caret: Position = START
    """Where the caret was when the writer left last."""
    rested: int = 0
    """The entry that says so; 0 if none does."""
    opened: int = 0
    """The entry of the newest opening for writing; 0 before the first."""

    def headings(self) -> dict[str, tuple[Beat, ...]]:
        """The beats whose headings a beat's text stands under, the topmost first."""
        return self.outline.headings(sections=self.details.sections)

    def round(self, number: int) -> Round:
        """The round with that number. KeyError if there is none."""
        if not 1 <= number <= len(self.rounds):
            raise KeyError(number)
        return self.rounds[number - 1]

    def candidate(self, candidate: str) -> Candidate:
        """The candidate with that id. KeyError if there is none."""
        try:
            return self.round(round_of(candidate)).candidates[int(candidate.partition(".")[2]) - 1]
        except (ValueError, IndexError):
            raise KeyError(candidate) from None

    @property
    def splice(self) -> tuple[Mark, ...]:
        """What is marked, not lifted, and not used by a placement, in the order that the writer gave it."""
        used = {number for placement in self.placements for number in placement.marks}
        open_marks = [mark for mark in self.marks if not mark.lifted and mark.number not in used]
        rank = {number: at for at, number in enumerate(self.mark_order)}
        return tuple(sorted(open_marks, key=lambda mark: (rank.get(mark.number, len(rank)), mark.number)))

    def edited(self, marks: tuple[int, ...], candidate: str = "") -> SpliceEdit | None:
        """What the writer made of the splice of these marks, in this order, or of a candidate; None if nothing."""
        wanted = "" if marks else candidate
        return next((edit for edit in self.edits if edit.marks == marks and edit.candidate == wanted), None)

    def placed(self, candidate: str) -> bool:
        """Whether a placement on the head's path used that candidate or a mark of it."""
        return any(candidate in placement.candidates for placement in self.placements)
