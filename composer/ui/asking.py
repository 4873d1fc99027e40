"""What ctrl+g asks for, by where one stands, and how the screen says it before the key is pressed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composer.errors import RefusedError
from composer.story.actions.outline import told_of
from composer.story.actions.place import Landing
from composer.story.actions.text import beat_at
from composer.story.candidate import (
    BeatTarget,
    LineTarget,
    OutlineTarget,
    PlaceTarget,
    Round,
    RoundKind,
    Target,
    beat_of,
)
from composer.story.manuscript import START, Position
from composer.story.spans import Spans, length
from composer.story.story import Mark, Story
from composer.ui import caret as carets


@dataclass(frozen=True)
class Asking:
    """A request to be: its kind and target, and what it does in a few words. `instruction` says that it needs one.

    `base` is the text to be changed where that does not stand in the manuscript, joined from `marks`.
    """

    kind: RoundKind
    target: Target
    words: str
    instruction: bool = False
    base: tuple[Spans, ...] = ()
    marks: tuple[int, ...] = ()


def in_text(story: Story, start: Position, end: Position, beat: str) -> Asking:
    """For the caret or selection in the text. `beat` is the outline's, for where the text says none."""
    text = story.manuscript
    if start == START:
        rows = story.outline.leaves()
        wanted = beat or (rows[0].id if rows else "")
        return Asking("continue", BeatTarget(wanted) if wanted else PlaceTarget(START), "begin the story")
    owner = beat_at(story, start)
    hole = carets.hole_at(text, start)
    if hole and (start == end or (start, end) == hole):
        return Asking("fill", PlaceTarget(hole[0], "before", hole[1], owner), "fill this hole")
    if start != end:
        if start.block != end.block or (start.offset == 0 and end.offset == length(text.block(end.block).spans)):
            return Asking("rework", PlaceTarget(start, "before", end, owner), "rework this", instruction=True)
        return Asking("polish", PlaceTarget(start, "before", end, owner), "polish this")
    size = length(text.block(start.block).spans)
    if 0 < start.offset < size or (start.offset == 0 and size):
        return Asking("fill", PlaceTarget(start, "before", None, owner), "fill in here")
    number = f"{story.details.unit} {_number(story, owner)}" if owner else "the text"
    return Asking("continue", PlaceTarget(start, "before", None, owner), f"continue {number}")


def in_outline(story: Story, beat: str) -> Asking:
    """For the beat under the outline's cursor; on the purpose, for whole outlines."""
    row = story.outline.row(beat) if beat else None
    if row is None:
        return outlines(story)
    return Asking("continue", BeatTarget(beat), f"write {name_of(story, beat)}")


def outlines(story: Story) -> Asking:
    """For outlines of the whole story."""
    if not story.details.purpose.strip() and not story.outline.beats:
        raise RefusedError(
            "An outline needs to know what the story is for.", "e on the purpose writes it, in a sentence or two."
        )
    return Asking("outline", OutlineTarget("", len(story.outline.beats)), "outline the story")


def expanded(story: Story, beat: str) -> Asking:
    """For the smaller beats that a beat is made of; on the purpose, for whole outlines."""
    row = story.outline.row(beat) if beat else None
    if row is None:
        return outlines(story)
    return Asking("expand", OutlineTarget(beat, len(row.beat.below)), f"expand {name_of(story, beat)}")


def summed_up(story: Story, beat: str) -> Asking:
    """For the line of a beat. RefusedError where it could be made from nothing."""
    if not beat or story.outline.row(beat) is None:
        raise RefusedError(f"Stand on a {story.details.unit} to have it summed up.", "Arrows move there.")
    told_of(story, beat)
    return Asking("summary", LineTarget(beat), f"sum up {name_of(story, beat)}")


def again(story: Story, asked: Round, place: tuple[Position, Position] | None) -> Asking:
    """More for the place that a round was asked for."""
    target: Target = asked.target
    if asked.drafts:
        raise RefusedError("What a draft wrote is asked for again in its table.", "t in the outline opens it; r there.")
    if isinstance(target, PlaceTarget):
        if place is None:
            raise RefusedError("The place of this round is not in the text any more.", "Undo brings it back.")
        if target.end and place[0] == place[1]:
            raise RefusedError("The text that this round was asked for is gone.", "Undo brings it back.")
        target = PlaceTarget(place[0], target.side, place[1] if target.end else None, target.beat)
    elif (isinstance(target, BeatTarget) and target.beat and story.outline.row(target.beat) is None) or (
        asked.beat and story.outline.row(asked.beat) is None
    ):
        raise RefusedError("The beat of this round is not in the outline any more.", "Undo brings it back.")
    if asked.kind == "summary":
        told_of(story, asked.beat)
    base, marks = (asked.base, asked.marks) if asked.marks else ((), ())
    what = "more" if asked.kind in ("continue", "outline") else f"{asked.kind} again"
    return Asking(asked.kind, target, f"{what} for {place_of(story, asked)}", base=base, marks=marks)


def smooth(story: Story, asked: Round, where: Landing, splice: Sequence[Mark], base: tuple[Spans, ...]) -> Asking:
    """To have the splice read as one; it lands where the splice would."""
    target: Target = asked.target
    if not isinstance(target, BeatTarget):
        beat = beat_at(story, where.start)
        target = PlaceTarget(where.start, "before", where.end if where.start != where.end else None, beat)
    return Asking("smooth", target, "smooth the splice", base=base, marks=tuple(mark.number for mark in splice))


KINDS: tuple[RoundKind, ...] = ("continue", "fill", "rework", "polish")
"""The kinds that the request box offers for a place in the text."""
IN_OUTLINE: tuple[RoundKind, ...] = ("continue", "expand", "summary")
"""Those that it offers for a beat in the outline."""


def kinds_for(wish: Asking) -> tuple[RoundKind, ...]:
    """The kinds that can be asked for in place of that one."""
    if isinstance(wish.target, PlaceTarget) and wish.kind in KINDS:
        return KINDS
    return IN_OUTLINE if wish.kind in IN_OUTLINE and beat_of(wish.target) else (wish.kind,)


def of_kind(story: Story, wish: Asking, kind: RoundKind) -> Asking:
    """The same place, asked for in another way. RefusedError where that makes no sense."""
    if kind == wish.kind:
        return wish
    target = wish.target
    beat = beat_of(target)
    if beat and kind in IN_OUTLINE and wish.kind in IN_OUTLINE:
        ways = {"continue": in_outline, "expand": expanded, "summary": summed_up}
        return ways[kind](story, beat)
    if kind not in KINDS or wish.kind not in KINDS or not isinstance(target, PlaceTarget):
        raise RefusedError(f"What is asked for here is to {wish.kind}, and nothing else.", "Go where it should be.")
    if kind in ("rework", "polish") and target.end is None:
        raise RefusedError(f"There is no text here to {kind}.", "Select some first; f6 does.")
    if kind == "continue" and target.end is not None:
        target = PlaceTarget(target.end, "before", None, target.beat)
    return Asking(kind, target, f"{kind} here", instruction=kind == "rework")


def _number(story: Story, beat: str) -> str:
    row = story.outline.row(beat)
    return str(row.number) if row and row.number else "here"


def name_of(story: Story, beat: str) -> str:
    """A beat in a word or two: `beat 3`, `section 3`, or a chapter's line."""
    row = story.outline.row(beat)
    if row is None:
        return f"a {story.details.unit} that is gone"
    return f"{story.details.unit} {row.number}" if row.number else row.beat.text.line[:24]


def place_of(story: Story, asked: Round) -> str:
    """Where a round was asked for, in a word or two."""
    if isinstance(asked.target, OutlineTarget) and not asked.target.parent:
        return "the outline"
    if isinstance(asked.target, LineTarget):
        return f"the line of {name_of(story, asked.beat)}"
    return name_of(story, asked.beat) if asked.beat else "the text"
