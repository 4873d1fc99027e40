"""Placing: where candidates land in the text, and what comes there. Landing is computed first, so that the screen can say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from composer.errors import RefusedError
from composer.story.actions.text import fragment
from composer.story.candidate import BeatTarget, Candidate, CellTarget, PlaceTarget, Round
from composer.story.events import TextPlaced
from composer.story.manuscript import START, Block, Fragment, Position
from composer.story.spans import Repaired, Span, Spans, join, length, text_of
from composer.story.story import Placement, Story
from composer.text.holes import holes

NewId = Callable[[], str]

_NEAR = 200
"""Characters on both sides of a place that say whether a space stands there."""


class Landing(Struct, frozen=True):
    """Where a placement goes: in place of [start, end), or with `own` as paragraphs of their own behind `start`'s block.

    `beat` is what the new paragraphs belong to.
    """

    start: Position
    end: Position
    own: bool
    beat: str


def end_of_beat(story: Story, beat: str) -> Position:
    """The end of a beat's text, or where it will stand: behind the text of the beats before it. START if that is at the top."""
    order = {row.beat.id: at for at, row in enumerate(story.outline.rows())}
    limit = order.get(beat, len(order))
    best: Block | None = None
    exact: Block | None = None
    before = True
    for block in story.manuscript:
        if block.beat == beat and beat:
            exact = block
        elif block.beat in order:
            before = order[block.beat] < limit
            if before:
                best = block
        elif before:
            # Text of no beat, or of one that was taken out, stays with what stands before it.
            best = block
    found = exact or best
    return START if found is None else Position(found.id, length(found.spans))


def landing(
    story: Story, asked: Round, caret: Position, target: tuple[Position, Position] | None, own: bool
) -> Landing:
    """Where a placement from that round goes.

    `target` is what the round's place has become by now, if it was asked for one; `own` asks for paragraphs of their own.
    """
    if isinstance(asked.target, BeatTarget | CellTarget):
        owner = asked.target.beat
        if owner and story.outline.row(owner) is None:
            raise RefusedError("The beat of this round is not in the outline any more.", "Undo brings it back.")
        at = end_of_beat(story, owner)
        fills = at != START and _empty(story, at) and story.manuscript.block(at.block).beat == owner
        return Landing(at, at, at != START and not fills, owner)
    if isinstance(asked.target, PlaceTarget) and not at_caret(asked):
        if target is None:
            raise RefusedError(
                "The place that this round was asked for is not in the text any more.", "Undo brings it back."
            )
        return Landing(*target, False, asked.target.beat)
    if caret != START and caret.block not in story.manuscript:
        caret = story.manuscript.last
    if caret == START:
        return Landing(START, START, False, asked.beat)
    beat = story.manuscript.block(caret.block).beat
    own = own and not _empty(story, caret)
    if own and caret.offset == 0:
        # From the start of a paragraph, its own place is before that paragraph.
        index = story.manuscript.index(caret.block)
        above = story.manuscript.at(index - 1) if index else None
        caret = Position(above.id, length(above.spans)) if above else START
        own = above is not None
    if not own and (hole := hole_around(story, caret)):
        return Landing(*hole, False, beat)
    return Landing(caret, caret, own, beat)


def hole_around(story: Story, caret: Position) -> tuple[Position, Position] | None:
    """The hole that a place lies in, between its brackets: what is put there takes its place."""
    if caret == START or caret.block not in story.manuscript:
        return None
    for start, end in holes(story.manuscript.block(caret.block).text):
        if start < caret.offset < end:
            return Position(caret.block, start), Position(caret.block, end)
    return None


def at_caret(asked: Round) -> bool:
    """Whether what is taken from a round lands wherever the caret is: it goes on with the text, and replaces nothing."""
    if not isinstance(asked.target, PlaceTarget):
        return False
    return asked.kind == "continue" or (asked.kind == "smooth" and asked.target.end is None)


def _empty(story: Story, place: Position) -> bool:
    return not story.manuscript.block(place.block).spans


def whole(candidate: Candidate) -> tuple[Spans, ...]:
    """A candidate's text as paragraphs, without the white space around them."""
    return part(candidate, 0, len(candidate.text))


def part(candidate: Candidate, start: int, end: int) -> tuple[Spans, ...]:
    """The characters [start:end) of a candidate's text as paragraphs, without the white space around them."""
    found: list[Spans] = []
    at = start
    for line in candidate.text[start:end].split("\n"):
        stripped = line.strip()
        if stripped:
            left = at + line.index(stripped)
            row: Spans = ()
            for word in stripped.split("\t"):
                row = join(row, (Span(" ", Repaired("tab")),) if row else ())
                at_word = left
                for origin in candidate.origins(left, left + len(word)):
                    size = origin.end - origin.start
                    row = join(row, (Span(candidate.text[at_word : at_word + size], origin),))
                    at_word += size
                left += len(word) + 1
            found.append(row)
        at += len(line) + 1
    return tuple(found)


def place(
    story: Story, where: Landing, pieces: Sequence[Spans], placement: Placement, new_id: NewId
) -> tuple[TextPlaced, ...]:
    """Paragraphs put where they land. Refused if there are none."""
    if not pieces:
        raise RefusedError("There is nothing to place: no text has come yet.", "Wait for it, or choose another one.")
    text = story.manuscript
    if where.start == START:
        put = fragment(story, START, pieces, new_id, where.beat)
        return (TextPlaced(START, Fragment(), put, placement),)
    if where.own:
        at = Position(where.start.block, length(text.block(where.start.block).spans))
        put = Fragment((), tuple(Block(new_id(), where.beat, join(row)) for row in pieces))
        return (TextPlaced(at, Fragment(), put, placement),)
    removed = text.fragment(where.start, where.end)
    home, tail = text.block(where.start.block), text.block(where.end.block)
    rows = list(pieces)
    before = text_of(text.fragment(Position(home.id, 0), where.start).head)
    behind = text_of(text.fragment(where.end, Position(tail.id, length(tail.spans))).head)
    gone, language = removed.text, story.details.language
    space = Span(" ", Repaired("space"))
    if _apart(before, text_of(rows[0]), gone[:1], language):
        rows[0] = join((space,), rows[0])
    if _apart(text_of(rows[-1]), behind, gone[-1:], language):
        rows[-1] = join(rows[-1], (space,))
    return (TextPlaced(where.start, removed, fragment(story, where.start, rows, new_id, where.beat), placement),)


def _apart(left: str, right: str, gone: str, language: str) -> bool:
    """Whether a space has to be put between the two; `gone` is the character of replaced text that stood there, if one did.

    In place of other text, what white space stands around it is as the writer wants it: only two words must not become one.
    """
    from composer.text.seams import repairs

    if gone and (gone.isalnum() or not (left[-1:].isalnum() and right[:1].isalnum())):
        return False
    found = repairs((left[-_NEAR:], right[:_NEAR]), language)
    return any(repair.rule == "space" and repair.put == " " and repair.start == repair.end for repair in found)
