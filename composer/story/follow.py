"""Where a place in the text goes when the text changes. A place says to which side it sticks. It knows no stories."""

from __future__ import annotations

from typing import Literal

from composer.story.manuscript import START, Fragment, Position
from composer.story.spans import length

Side = Literal["before", "after", "start"]
"""A place sticks to what stands before it, or to what stands after it, when text is put exactly there.

The start of a range sticks to what stands after it too, but what is put in place of its first characters is in the range.
"""


def follow(place: Position, at: Position, removed: Fragment, put: Fragment, side: Side = "before") -> Position:
    """Where `place` is once `removed`, which stood at `at`, was exchanged for `put`. A place in what was removed collapses."""
    end = put.end(at)
    collapsed = at if side == "before" or (side == "start" and place == at and not removed.empty) else end
    if place.block == at.block and place.offset < at.offset:
        return place
    ids = [block.id for block in removed.rest]
    if at == START:
        if place == START or place.block in ids:
            return collapsed
        return place
    if ids:
        if place.block == at.block or place.block in ids[:-1]:
            return collapsed
        if place.block != ids[-1]:
            return place
        behind = place.offset - length(removed.rest[-1].spans)
    else:
        if place.block != at.block:
            return place
        behind = place.offset - at.offset - length(removed.head)
    if behind < 0:
        return collapsed
    if behind == 0 and removed.empty:
        return collapsed
    return Position(end.block, end.offset + behind)
