"""Actions on the outline. None of them moves or deletes text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace

from composer.errors import RefusedError
from composer.story.events import BeatAdded, BeatEdited, BeatMoved, BeatRemoved, BlockAssigned, DetailsChanged
from composer.story.outline import Beat, BeatText, Row, Slot
from composer.story.spans import Edited, candidate_of
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
    before = row.beat.text
    said = (text.title, text.summary) == (before.title, before.summary)
    if not said and before.origin is not None and text.origin == before.origin:
        name = candidate_of(before.origin)
        text = replace(text, origin=Edited(name) if name else None)
    return () if text == before else (BeatEdited(beat, before, text),)


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


def condense_beat(story: Story, beat: str) -> tuple[BeatEdited | BeatRemoved | BlockAssigned, ...]:
    """The beats below a beat taken into it: their lines go into its notes, their text is its own from now on.

    Where it says nothing itself, they are its summary too. RefusedError where there are none below.
    """
    row = _row(story, beat)
    if not row.beat.below:
        raise RefusedError("There are no beats below it to be taken in.", "x asks for some.")
    inner = [each for each in _all_of(row.beat) if each.id != beat]
    lines = [line for each in inner for line in (each.text.full.strip(), each.text.notes.strip()) if line]
    said = [line for each in inner if (line := each.text.full.strip())]
    text = row.beat.text
    notes = "\n".join(part for part in (text.notes, *lines) if part)
    summary = text.summary or ("" if text.title else "; ".join(line.rstrip(".") for line in said) + ".")
    names = {each.id for each in inner}
    events: list[BeatEdited | BeatRemoved | BlockAssigned] = [
        BlockAssigned(block.id, block.beat, beat) for block in story.manuscript if block.beat in names
    ]
    events += [BeatRemoved(Slot(beat, index), row.beat.below[index]) for index in reversed(range(len(row.beat.below)))]
    events.append(BeatEdited(beat, text, replace(text, notes=notes, summary=summary)))
    return tuple(events)


def _all_of(beat: Beat) -> list[Beat]:
    """A beat and all below it, in reading order."""
    return [beat, *(inner for each in beat.below for inner in _all_of(each))]


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


def told_of(story: Story, beat: str) -> str:
    """What a line for a beat is to be made from: its text and that of the beats below it, else their lines, else its notes.

    RefusedError if there is none of them.
    """
    row = _row(story, beat)
    below = _all_of(row.beat)
    names = {each.id for each in below}
    texts = [block.text for block in story.manuscript if block.beat in names and block.text.strip()]
    if not texts:
        texts = [each.text.full for each in below[1:]] or [row.beat.text.notes] * bool(row.beat.text.notes.strip())
    if not texts:
        raise RefusedError(
            "There is nothing yet that its line could be made from: no text, no beats below it, no notes."
        )
    return "\n\n".join(texts)
