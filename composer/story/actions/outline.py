"""Actions on the outline. None of them moves or deletes text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from composer.errors import RefusedError
from composer.story.events import BeatAdded, BeatEdited, BeatMoved, BeatRemoved, DetailsChanged
from composer.story.outline import Beat, BeatText, Row, Slot
from composer.story.story import Details, Story

Way = Literal["up", "down", "in", "out"]


def add_beat(story: Story, slot: Slot, text: BeatText, new_id: Callable[[], str]) -> tuple[BeatAdded, ...]:
    """A new beat at `slot`. Refused without a word in it."""
    if not text.line.strip():
        raise RefusedError("A beat needs a line that says what happens.", "Type it, then enter.")
    return (BeatAdded(slot, Beat(new_id(), text)),)


def slot_after(story: Story, beat: str) -> Slot:
    """Where a new beat goes when the cursor is on `beat`: right behind it; at the end of the top if it is on none."""
    row = story.outline.row(beat) if beat else None
    if row is None:
        return Slot("", len(story.outline.beats))
    return Slot(row.slot.parent, row.slot.index + 1)


def edit_beat(story: Story, beat: str, text: BeatText) -> tuple[BeatEdited, ...]:
    """Other words for a beat; nothing if they are the same."""
    row = _row(story, beat)
    if not text.line.strip():
        raise RefusedError("A beat needs a line that says what happens.", "To take it out, press delete on it.")
    return () if text == row.beat.text else (BeatEdited(beat, row.beat.text, text),)


def delete_beat(story: Story, beat: str) -> tuple[BeatRemoved, ...]:
    """The beat and those below it go; their text stays in the manuscript."""
    row = _row(story, beat)
    return (BeatRemoved(row.slot, row.beat),)


def move_beat(story: Story, beat: str, way: Way) -> tuple[BeatMoved, ...]:
    """One place up or down among its siblings, in below the beat before it, or out behind its parent. Refused at the edge."""
    row = _row(story, beat)
    parent, index = row.slot.parent, row.slot.index
    siblings = story.outline.below(parent)
    if way == "up":
        if index == 0:
            raise RefusedError("It is the first one here.", "Left takes it out, behind the beat above it.")
        return (BeatMoved(row.slot, Slot(parent, index - 1)),)
    if way == "down":
        if index == len(siblings) - 1:
            raise RefusedError("It is the last one here.", "Left takes it out, behind the beat above it.")
        return (BeatMoved(row.slot, Slot(parent, index + 1)),)
    if way == "in":
        if index == 0:
            raise RefusedError("There is no beat before it to put it below.")
        above = siblings[index - 1]
        return (BeatMoved(row.slot, Slot(above.id, len(above.below))),)
    if not parent:
        raise RefusedError("It is at the top already.")
    outer = _row(story, parent)
    return (BeatMoved(row.slot, Slot(outer.slot.parent, outer.slot.index + 1)),)


def move_back(story: Story, beat: str, slot: Slot) -> tuple[BeatMoved, ...]:
    """A beat back to the slot that it had, before other moves of it; nothing if it is there."""
    row = _row(story, beat)
    return () if row.slot == slot else (BeatMoved(row.slot, slot),)


def change_details(story: Story, details: Details) -> tuple[DetailsChanged, ...]:
    """Another title, author, purpose or target; nothing if they are the same."""
    return () if details == story.details else (DetailsChanged(story.details, details),)


def _row(story: Story, beat: str) -> Row:
    row = story.outline.row(beat)
    if row is None:
        raise RefusedError("That beat is not in the outline any more.", "Undo brings it back.")
    return row
