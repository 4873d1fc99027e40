"""Picking lines of outlines: which lines a splice or a candidate holds, the beats that they make, and placing them.

Lines keep their order in the splice; what stood below a picked line in its own outline stands below it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from composer.errors import RefusedError
from composer.story.actions.outline import slot_after
from composer.story.candidate import Candidate, LineTarget, OutlineTarget, Round
from composer.story.events import BeatsPlaced, LinePlaced
from composer.story.outline import Beat, BeatText, Slot
from composer.story.spans import (
    Edited,
    Generated,
    Origin,
    Repaired,
    Span,
    Spans,
    Written,
    candidate_of,
    cut,
    join,
    text_of_rows,
)
from composer.story.story import Mark, Placement, Story

if TYPE_CHECKING:
    from composer.text.listing import Line

NewId = Callable[[], str]


def lines(text: str) -> tuple[Line, ...]:
    """The lines of an outline."""
    # What reads them is not needed before the first outline.
    from composer.text import listing

    return listing.lines(text)


class Picked(Struct, frozen=True):
    """A line that is to become a beat: how deep it stands among those picked, what it says and where that is from."""

    depth: int
    title: str
    summary: str
    origin: Origin

    @property
    def text(self) -> BeatText:
        return BeatText(title=self.title, summary=self.summary, origin=self.origin)


def picked(story: Story, splice: Sequence[Mark], candidate: Candidate | None) -> tuple[tuple[Picked, ...], Placement]:
    """The lines that a placement would put, and what it uses: those marked, or without marks all of the candidate.

    As the writer changed them, if so. RefusedError if there are none.
    """
    if splice:
        marks = tuple(mark.number for mark in splice)
        used = Placement(tuple(dict.fromkeys(mark.candidate for mark in splice)), marks)
        edit = story.edited(marks)
        found = of_rows(edit.paragraphs) if edit else _of_marks(story, splice)
    else:
        if candidate is None:
            raise RefusedError("There is no outline to pick from.", "ctrl+g on the purpose asks for some.")
        used = Placement((candidate.id,))
        edit = story.edited((), candidate.id)
        found = of_rows(edit.paragraphs) if edit else _nested([(candidate, line) for line in lines(candidate.text)])
    if not found:
        raise RefusedError("There is no line to pick: no text has come yet.", "Wait for it, or choose another one.")
    return found, used


def _of_marks(story: Story, splice: Sequence[Mark]) -> tuple[Picked, ...]:
    """The lines that marks touch, in the order of the marks."""
    chosen: list[tuple[Candidate, Line]] = []
    for mark in splice:
        candidate = story.candidate(mark.candidate)
        touched = [line for line in lines(candidate.text) if line.start < mark.end and mark.start < line.end]
        if not touched and (said := " ".join(candidate.text[mark.start : mark.end].split())):
            from composer.text.listing import Line

            touched = [Line(mark.start, mark.end, 0, "", said)]
        chosen += [(candidate, line) for line in touched]
    return _nested(chosen)


def _nested(chosen: Sequence[tuple[Candidate, Line]]) -> tuple[Picked, ...]:
    """The lines with their depths among themselves: below the nearest line above it that was picked, if none came between."""
    made: list[Picked] = []
    path: list[tuple[str, int]] = []
    for candidate, line in chosen:
        above = [path.index(place) for start in _over(candidate.text, line) if (place := (candidate.id, start)) in path]
        depth = above[-1] + 1 if above else 0
        path = [*path[:depth], (candidate.id, line.start)]
        origin = Generated(candidate.id, line.start, line.end)
        made.append(Picked(depth, line.title, line.summary, origin))
    return tuple(made)


def _over(text: str, line: Line) -> list[int]:
    """Where the lines begin that a line stands below, the topmost first."""
    above: list[Line] = []
    for each in lines(text):
        if each.start >= line.start:
            break
        above = [other for other in above if other.depth < each.depth] + [each]
    return [each.start for each in above if each.depth < line.depth]


def rows_of(chosen: Sequence[Picked], story: Story) -> tuple[Spans, ...]:
    """Picked lines as text to be read and edited: a row each, indented, with a dash. What is not a candidate's own is repair."""
    rows = []
    for line in chosen:
        lead = Span(f"{'  ' * line.depth}- ", Repaired("list"))
        parts: list[Span] = [lead]
        if line.title:
            parts.append(_span(line.title, line.origin, story))
        if line.title and line.summary:
            parts.append(Span(": ", Repaired("list")))
        if line.summary:
            parts.append(_span(line.summary, line.origin, story))
        rows.append(join(parts))
    return tuple(rows)


def _span(text: str, origin: Origin, story: Story) -> Span:
    """A text of a line with its place in the candidate; as edited where it does not stand there letter by letter."""
    if isinstance(origin, Generated):
        at = story.candidate(origin.candidate).text.find(text, origin.start, origin.end)
        return Span(text, Generated(origin.candidate, at, at + len(text)) if at >= 0 else Edited(origin.candidate))
    return Span(text, origin)


def of_rows(rows: Sequence[Spans]) -> tuple[Picked, ...]:
    """The lines of a text that the writer edited, with the origins of what is left of candidates."""
    flat = join(*(((Span("\n", Written()),) if number else ()) + row for number, row in enumerate(rows)))
    return tuple(
        Picked(line.depth, line.title, line.summary, _origin(cut(flat, line.start, line.end)))
        for line in lines(text_of_rows(rows))
    )


def _origin(spans: Spans) -> Origin:
    """One origin for a line: its candidate's if all of it is, as edited if some of it is, else by hand."""
    own = [span.origin for span in spans if not isinstance(span.origin, Repaired)]
    named = [name for origin in own if (name := candidate_of(origin))]
    if not named:
        return Written()
    first, last = own[0], own[-1]
    if (
        isinstance(first, Generated)
        and isinstance(last, Generated)
        and all(isinstance(origin, Generated) and origin.candidate == first.candidate for origin in own)
        and first.start <= last.end
    ):
        return Generated(first.candidate, first.start, last.end)
    return Edited(named[0])


def beats_of(chosen: Sequence[Picked], new_id: NewId) -> tuple[Beat, ...]:
    """The beats that picked lines make, those that stand below others below them."""
    roots: list[_Node] = []
    path: list[_Node] = []
    for line in chosen:
        node = _Node(line)
        del path[line.depth :]
        (path[-1].below if path else roots).append(node)
        path.append(node)

    def made(nodes: Sequence[_Node]) -> tuple[Beat, ...]:
        return tuple(Beat(new_id(), node.line.text, made(node.below)) for node in nodes)

    return made(roots)


class _Node:
    def __init__(self, line: Picked) -> None:
        self.line = line
        self.below: list[_Node] = []


def slot_for(story: Story, asked: Round, cursor: str) -> Slot:
    """Where picked lines go: behind the beat under the outline's cursor; those of an expanded beat below it in any case.

    RefusedError where that beat is gone.
    """
    parent = asked.target.parent if isinstance(asked.target, OutlineTarget) else ""
    if not parent:
        return slot_after(story, cursor)
    row = story.outline.row(parent)
    if row is None:
        raise RefusedError("The beat of this round is not in the outline any more.", "Undo brings it back.")
    siblings = [beat.id for beat in row.beat.below]
    return Slot(parent, siblings.index(cursor) + 1 if cursor in siblings else len(siblings))


def place_lines(
    story: Story, asked: Round, cursor: str, chosen: Sequence[Picked], used: Placement, new_id: NewId
) -> tuple[BeatsPlaced | LinePlaced, ...]:
    """Picked lines put into the outline; for the line of a beat, they are what it says from now on."""
    if not isinstance(asked.target, LineTarget):
        return (BeatsPlaced(slot_for(story, asked, cursor), beats_of(chosen, new_id), used),)
    beat = story.outline.find(asked.target.beat)
    if beat is None:
        raise RefusedError("The beat of this round is not in the outline any more.", "Undo brings it back.")
    first, last = chosen[0].origin, chosen[-1].origin
    named = [candidate_of(line.origin) for line in chosen]
    if isinstance(first, Generated) and isinstance(last, Generated) and len(set(named)) == 1:
        origin: Origin = Generated(first.candidate, min(first.start, last.start), max(first.end, last.end))
    else:
        origin = next((Edited(name) for name in named if name), first)
    title, summary = beat.text.title, " ".join(line.text.full for line in chosen)
    if len(chosen) == 1 and chosen[0].title and chosen[0].summary and not title:
        title, summary = chosen[0].title, chosen[0].summary
    return (LinePlaced(beat.id, beat.text, replace(beat.text, title=title, summary=summary, origin=origin), used),)
