"""Actions on the text: typing, deleting, pasting, replacing, and keeping for later. Origins are decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from composer.errors import RefusedError
from composer.story.events import ShelfChanged, TextEdited
from composer.story.manuscript import START, Block, Fragment, Position
from composer.story.spans import Edited, Imported, Origin, Span, Spans, Written, candidate_of, cut, join, origin_at
from composer.story.story import ShelfPiece, Story

NewId = Callable[[], str]


def hand_origin(story: Story, start: Position, end: Position) -> Origin:
    """The origin of what is typed over [start, end): edited, inside or in place of one candidate's text; else written."""
    if start == START:
        return Written()
    removed = story.manuscript.fragment(start, end)
    named = {candidate_of(span.origin) for row in removed.pieces for span in row}
    if len(named) == 1 and None not in named:
        return Edited(str(named.pop()))
    left = candidate_of(origin_at(story.manuscript.block(start.block).spans, start.offset - 1) or Written())
    right = candidate_of(origin_at(story.manuscript.block(end.block).spans, end.offset) or Written())
    return Edited(left) if left is not None and left == right else Written()


def beat_at(story: Story, place: Position) -> str:
    """The beat of the block at that place; empty if it has none, or one that is not in the outline any more."""
    if place == START:
        return ""
    beat = story.manuscript.block(place.block).beat
    return beat if beat and story.outline.row(beat) else ""


def put(
    story: Story, start: Position, end: Position, pieces: Sequence[Spans], how: str, new_id: NewId, beat: str = ""
) -> TextEdited:
    """[start, end) exchanged for paragraphs. The first joins the text before it, the last the text behind.

    Where the manuscript is empty the paragraphs belong to `beat`.
    """
    return TextEdited(start, story.manuscript.fragment(start, end), fragment(story, start, pieces, new_id, beat), how)


def fragment(story: Story, at: Position, pieces: Sequence[Spans], new_id: NewId, beat: str = "") -> Fragment:
    """Paragraphs as they are put at a place: its beat is theirs."""
    if at == START:
        return Fragment((), tuple(Block(new_id(), beat, join(row)) for row in pieces))
    owner = story.manuscript.block(at.block).beat
    return Fragment(join(pieces[0]), tuple(Block(new_id(), owner, join(row)) for row in pieces[1:]))


def typed(
    story: Story, start: Position, end: Position, text: str, origin: Origin, new_id: NewId, beat: str = ""
) -> TextEdited:
    """Typed text in place of [start, end); a line feed begins a paragraph."""
    return put(story, start, end, rows(text, origin), "typed", new_id, beat)


def rows(text: str, origin: Origin) -> tuple[Spans, ...]:
    """Text of one origin as paragraphs: a line feed begins one, a tab is a space."""
    return tuple((Span(line, origin),) if line else () for line in text.replace("\t", " ").split("\n"))


def deleted(story: Story, start: Position, end: Position, how: str = "deleted") -> TextEdited:
    """[start, end) taken out."""
    removed = story.manuscript.fragment(start, end)
    if removed.empty:
        raise RefusedError("There is nothing to take out here.")
    if start == START:
        raise RefusedError("There is no text yet.")
    return TextEdited(start, removed, Fragment(), how)


def pasted(
    story: Story, start: Position, end: Position, pieces: Sequence[Spans], new_id: NewId, beat: str = ""
) -> TextEdited:
    """Text that was copied inside the program, with its origins."""
    return put(story, start, end, pieces, "pasted", new_id, beat)


def imported(
    story: Story, start: Position, end: Position, text: str, source: str, new_id: NewId, beat: str = ""
) -> TextEdited:
    """Clean text from outside. Empty lines between paragraphs are not paragraphs."""
    lines = [line for line in text.split("\n") if line.strip()] or [""]
    return put(story, start, end, rows("\n".join(lines), Imported(source)), "pasted", new_id, beat)


def replaced_all(story: Story, found: Sequence[tuple[str, int, int]], text: str) -> tuple[TextEdited, ...]:
    """Each (block, start, end), which must not overlap and stand in reading order, exchanged for `text` on one line."""
    events = []
    for block, start, end in reversed(found):
        at, until = Position(block, start), Position(block, end)
        origin = hand_origin(story, at, until)
        removed = Fragment(cut(story.manuscript.block(block).spans, start, end))
        events.append(TextEdited(at, removed, Fragment((Span(text, origin),) if text else ()), "replaced"))
    return tuple(events)


def keep(story: Story, pieces: Sequence[Spans], time: int, new_id: NewId, beat: str = "") -> tuple[ShelfChanged, ...]:
    """Text put on the shelf, in front. `time` is in ms since 1970."""
    kept = tuple(row for row in pieces if row)
    if not kept:
        raise RefusedError("There is nothing here to keep.", "Select text, or stand on a candidate.")
    return (ShelfChanged(0, None, ShelfPiece(new_id(), kept, time, beat)),)


def unshelve(story: Story, piece: str) -> tuple[ShelfChanged, ...]:
    """A piece taken from the shelf."""
    for index, kept in enumerate(story.shelf):
        if kept.id == piece:
            return (ShelfChanged(index, kept, None),)
    raise RefusedError("That piece is not on the shelf any more.", "Undo brings it back.")
