"""How many lines of the pane each candidate of a round has. Pure.

That depends on keys and on the pane alone, never on what streams.
"""

from __future__ import annotations

from collections.abc import Sequence


def shared(folded: Sequence[bool], height: int) -> list[int]:
    """The lines of each candidate while the cursor is elsewhere: all alike, but one for those that are folded."""
    share, extra = divmod(max(0, height - sum(folded)), max(1, len(folded) - sum(folded)))
    slots = []
    for shut in folded:
        slots.append(1 if shut else share + (1 if extra > 0 else 0))
        extra -= 0 if shut else 1
    return slots


def around(current: int, folded: Sequence[bool], height: int, *, narrow: bool) -> list[int]:
    """The lines of each candidate, header included, with the cursor on one of them. Where it is narrow only that one is open."""
    count = len(folded)
    others = 1
    if not narrow and count > 1:
        # Nearly half of the pane is for the one under the cursor; the others share the rest.
        others = max(1, (height - max(12, height * 9 // 20)) // (count - 1))
    slots = [1 if shut else others for shut in folded]
    slots[current] = max(2, height - sum(slots) + slots[current])
    while sum(slots) > height and any(slot for at, slot in enumerate(slots) if at != current):
        # More candidates than lines: those farthest from the cursor give way.
        far = max((at for at, slot in enumerate(slots) if slot and at != current), key=lambda at: abs(at - current))
        slots[far] = 0
    return slots
