"""A text apart from the story, edited as the manuscript is: what is typed in it gets its origin by the same rules.

It knows no session: what becomes of the text is decided by whoever made it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from composer.errors import RefusedError
from composer.story.actions import text as texts
from composer.story.events import TextEdited
from composer.story.fold import apply, unapply
from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.spans import Spans
from composer.story.story import Story

PAUSE = 2.0
"""Seconds without a key that end a step, as in the manuscript."""
LONGEST_KEY = 2
"""Characters that one key types at the most; what is longer was pasted, and is a step of its own."""


class Scratch:
    """Paragraphs that are being changed, with undo of their own. Also the surface's hand.

    A run of typing is one step of undo: a pause, a newline, a jump or anything else ends it. `now` tells seconds that only grow.
    """

    def __init__(
        self, paragraphs: Sequence[Spans], new_id: Callable[[], str], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._new_id = new_id
        self._story = Story(manuscript=Manuscript(tuple(Block(new_id(), "", row) for row in paragraphs)))
        self._done: list[list[TextEdited]] = []
        """Steps, each of changes that follow one another."""
        self._undone: list[list[TextEdited]] = []
        self._now = now
        self._caret: Position | None = None
        """Where a key goes on with the last step; None where none does."""
        self._last_key = 0.0

    @property
    def manuscript(self) -> Manuscript:
        return self._story.manuscript

    @property
    def paragraphs(self) -> tuple[Spans, ...]:
        """The text with its origins, without empty paragraphs."""
        return tuple(block.spans for block in self.manuscript if block.spans)

    def type(self, start: Position, end: Position, text: str) -> Position:
        origin = texts.hand_origin(self._story, start, end)
        goes_on = start == end == self._caret and len(text) <= LONGEST_KEY
        caret = self._do(texts.typed(self._story, start, end, text, origin, self._new_id), goes_on=goes_on)
        if len(text) <= LONGEST_KEY and "\n" not in text:
            self._key(caret)
        return caret

    def erase(self, start: Position, end: Position) -> Position:
        self._do(texts.deleted(self._story, start, end), goes_on=self._caret in (start, end))
        self._key(start)
        return start

    def put(self, start: Position, end: Position, pieces: Sequence[Spans]) -> Position:
        """Text with its origins over [start, end)."""
        return self._do(texts.pasted(self._story, start, end, pieces, self._new_id))

    def take_in(self, start: Position, end: Position, text: str) -> Position:
        """Clean text from outside over [start, end)."""
        return self._do(texts.imported(self._story, start, end, text, "paste", self._new_id))

    def jump(self) -> None:
        """The caret moved by itself: what is typed next is another step."""
        self._caret = None

    def undo(self) -> Position:
        if not self._done:
            raise RefusedError("There is nothing to undo here.")
        step = self._done.pop()
        self._undone.append(step)
        self._caret = None
        for change in reversed(step):
            self._story = unapply(self._story, change)
        return step[0].removed.end(step[0].at)

    def redo(self) -> Position:
        if not self._undone:
            raise RefusedError("There is nothing to redo here.")
        step = self._undone.pop()
        self._done.append(step)
        self._caret = None
        for change in step:
            self._story = apply(self._story, change)
        return step[-1].put.end(step[-1].at)

    def _key(self, caret: Position) -> None:
        """A key left the caret there: the next one goes on with the step."""
        self._caret, self._last_key = caret, self._now()

    def _do(self, change: TextEdited, *, goes_on: bool = False) -> Position:
        self._story = apply(self._story, change)
        if goes_on and self._done and not self._undone and self._now() - self._last_key <= PAUSE:
            self._done[-1].append(change)
        else:
            self._done.append([change])
        self._caret = None
        self._undone.clear()
        return change.put.end(change.at) if change.at != START or change.put.rest else START
