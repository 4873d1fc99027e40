"""The splice: marked pieces joined in their order, their seams repaired, and what the writer made of it before placing.

It decides what a placement would put into the text and with which origins; where that lands is decided in `place`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct
from msgspec.structs import replace

from composer.errors import RefusedError
from composer.story.actions.change import Rewrite, accepted
from composer.story.actions.place import part, whole
from composer.story.candidate import Candidate
from composer.story.spans import Repaired, Span, Spans, candidate_of, cut, join, length, text_of, text_of_rows
from composer.story.story import Mark, Placement, Story
from composer.text.seams import Repair, repairs

Key = tuple[int, int, str, str, tuple[int, int]]


class Mend(Struct, frozen=True):
    """One repair of a seam: between the pieces of the marks `left` and `right`, by a rule; `old` became `new`.

    `at` is where `new` stands in the splice: its paragraph and its first character there.
    """

    left: int
    right: int
    rule: str
    old: str
    new: str
    spot: tuple[int, int] = (0, 0)
    """The piece, counted from the left one of the seam, and the character in it where the repair is made."""
    at: tuple[int, int] = (0, 0)
    off: bool = False

    @property
    def key(self) -> Key:
        """What the repair is known by while other marks come and go."""
        return self.left, self.right, self.rule, self.new, self.spot


class Splice(Struct, frozen=True):
    """What is marked, joined: its paragraphs, and the repairs of its seams, those that are switched off among them."""

    paragraphs: tuple[Spans, ...]
    mends: tuple[Mend, ...] = ()

    @property
    def text(self) -> str:
        return text_of_rows(self.paragraphs)


class _Piece(Struct):
    """A row of a mark that meets its neighbours on one line."""

    mark: int
    spans: Spans


def pieces_of(story: Story, mark: Mark) -> tuple[Spans, ...]:
    """What is marked, as paragraphs."""
    return mark.pieces or part(story.candidate(mark.candidate), mark.start, mark.end)


def spliced(story: Story, marks: Sequence[Mark], off: Callable[[Mend], bool] = lambda _: False) -> Splice:
    """Marked pieces one behind the other. A mark across paragraphs keeps them; `off` says which repairs are not made."""
    lines: list[list[_Piece]] = []
    for mark in marks:
        rows = pieces_of(story, mark)
        for number, row in enumerate(rows):
            if number or not lines:
                lines.append([])
            lines[-1].append(_Piece(mark.number, row))
    paragraphs: list[Spans] = []
    mends: list[Mend] = []
    for at, line in enumerate(lines):
        row, made = _joined(line, at, off, story.details.language)
        paragraphs.append(row)
        mends += made
    return Splice(tuple(paragraphs), tuple(mends))


def _joined(line: Sequence[_Piece], at: int, off: Callable[[Mend], bool], language: str) -> tuple[Spans, list[Mend]]:
    texts = [text_of(piece.spans) for piece in line]
    made: list[Mend] = []
    used: list[tuple[Repair, Mend]] = []
    for repair in repairs(texts, language):
        right = min(repair.seam + 1, len(line) - 1)
        old, new = _told(texts[repair.piece], repair)
        spot = repair.piece - repair.seam, repair.start
        mend = Mend(line[repair.seam].mark, line[right].mark, repair.rule, old, new, spot)
        if off(mend):
            made.append(replace(mend, off=True))
        else:
            used.append((repair, mend))
    row: Spans = ()
    for number, piece in enumerate(line):
        end = 0
        for repair, mend in used:
            if repair.piece != number or repair.start < end:
                continue
            row = join(row, cut(piece.spans, end, repair.start))
            place = at, length(row)
            row = join(row, (Span(repair.put, Repaired(repair.rule)),)) if repair.put else row
            made.append(replace(mend, at=place))
            end = repair.end
        row = join(row, cut(piece.spans, end, length(piece.spans)))
    return row, made


def _told(text: str, repair: Repair) -> tuple[str, str]:
    """What a repair exchanges, as people read it: whole words where letters change."""
    start, end = repair.start, repair.end
    if repair.rule in ("capital", "article"):
        while start > 0 and text[start - 1].isalpha():
            start -= 1
        while end < len(text) and text[end].isalpha():
            end += 1
    return text[start:end], text[start : repair.start] + repair.put + text[repair.end : end]


def chosen(
    story: Story,
    splice: Sequence[Mark],
    candidate: Candidate | None,
    off: Callable[[Mend], bool] = lambda _: False,
    rewrite: Rewrite | None = None,
    left_out: Collection[int] = (),
) -> tuple[tuple[Spans, ...], Placement]:
    """What a placement would put, and what it uses: these marks, or without any the candidate; as the writer changed them.

    `rewrite` is the candidate as changes of a text; those `left_out` are not taken. RefusedError if there is nothing.
    """
    if splice:
        marks = tuple(mark.number for mark in splice)
        named = (
            name
            for mark in splice
            for row in pieces_of(story, mark)
            for span in row
            if (name := candidate_of(span.origin))
        )
        used = Placement(tuple(dict.fromkeys(named)), marks)
        edit = story.edited(marks)
        return (edit.paragraphs if edit else spliced(story, splice, off).paragraphs), used
    if candidate is None:
        raise RefusedError("There is no candidate to place.", "ctrl+g asks for some.")
    asked = story.round(candidate.round)
    placed = {number for placement in story.placements for number in placement.marks}
    used = Placement((candidate.id,), tuple(number for number in asked.marks if number not in placed))
    if edit := story.edited((), candidate.id):
        return edit.paragraphs, used
    if rewrite is not None and whole(candidate):
        if len(left_out) >= len(rewrite.changes):
            raise RefusedError("That would change nothing.", "space takes a change that was left out.")
        return accepted(rewrite, left_out), used
    return whole(candidate), used
