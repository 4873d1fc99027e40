"""Typing that is not in the journal yet: edits that follow one another become one.

What is written is not what is undone. Written out one second after the first unwritten key, and before anything else is
recorded: a newline, a paste, a turn between insert and delete, an edit somewhere else, any other action. A step, what one undo
takes back, ends at a pause of two seconds, a newline, a jump, or any other action.
"""

from __future__ import annotations

from composer.story.events import TextEdited
from composer.story.manuscript import Block, Fragment, Position
from composer.story.spans import Origin, join

WRITE_AFTER = 1.0
"""Seconds from the first unwritten key until it is written."""
PAUSE = 2000
"""Milliseconds without a key that end a step."""


class Typing:
    """The open run of typing: `pending` is what is not in the journal, `step` the step it belongs to once that is known."""

    def __init__(self) -> None:
        self.pending: TextEdited | None = None
        self.step: int | None = None
        self.origin: Origin | None = None
        self._caret: Position | None = None
        self._last_key = 0

    def continues(self, at: Position, now: int) -> bool:
        """Whether a key at that place and time (ms) belongs to the open step."""
        return self._caret == at and now - self._last_key <= PAUSE

    def key(self, caret: Position, now: int) -> None:
        """A key was typed and left the caret there."""
        self._caret, self._last_key = caret, now

    def close(self) -> None:
        """End the step."""
        self.step = self.origin = self._caret = None

    def add(self, event: TextEdited) -> bool:
        """Take an edit into the pending one; False if it can't be, and has to wait until that is written."""
        merged = event if self.pending is None else merge(self.pending, event)
        if merged is None:
            return False
        self.pending = merged
        return True

    def take(self) -> TextEdited | None:
        """What is pending, which is then no more."""
        taken, self.pending = self.pending, None
        return taken


def merge(first: TextEdited, second: TextEdited) -> TextEdited | None:
    """Two edits as one, where the second goes on from the first in the same direction; else None."""
    if second.put.rest or second.removed.rest or first.removed.rest or first.how != second.how:
        return None
    if second.removed.empty:
        if not first.put.empty and second.at == first.put.end(first.at):
            return TextEdited(first.at, first.removed, _extended(first.put, second.put), first.how)
        return None
    if not (first.put.empty and second.put.empty):
        return None
    if second.removed.end(second.at) == first.at:
        head = join(second.removed.head, first.removed.head)
        return TextEdited(second.at, Fragment(head), Fragment(), first.how)
    if second.at == first.at:
        head = join(first.removed.head, second.removed.head)
        return TextEdited(first.at, Fragment(head), Fragment(), first.how)
    return None


def _extended(fragment: Fragment, more: Fragment) -> Fragment:
    if not fragment.rest:
        return Fragment(join(fragment.head, more.head))
    last = fragment.rest[-1]
    return Fragment(fragment.head, (*fragment.rest[:-1], Block(last.id, last.beat, join(last.spans, more.head))))
