"""A text apart from the story, edited as the manuscript is: what is typed in it gets its origin by the same rules.

It knows no session: what becomes of the text is decided by whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from composer.errors import RefusedError
from composer.story.actions import text as texts
from composer.story.events import TextEdited
from composer.story.fold import apply, unapply
from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.spans import Spans
from composer.story.story import Story


class Scratch:
    """Paragraphs that are being changed, with undo of their own. Also the surface's hand."""

    def __init__(self, paragraphs: Sequence[Spans], new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._story = Story(manuscript=Manuscript(tuple(Block(new_id(), "", row) for row in paragraphs)))
        self._done: list[TextEdited] = []
        self._undone: list[TextEdited] = []

    @property
    def manuscript(self) -> Manuscript:
        return self._story.manuscript

    @property
    def paragraphs(self) -> tuple[Spans, ...]:
        """The text with its origins, without empty paragraphs."""
        return tuple(block.spans for block in self.manuscript if block.spans)

    def type(self, start: Position, end: Position, text: str) -> Position:
        origin = texts.hand_origin(self._story, start, end)
        return self._do(texts.typed(self._story, start, end, text, origin, self._new_id))

    def erase(self, start: Position, end: Position) -> Position:
        self._do(texts.deleted(self._story, start, end))
        return start

    def put(self, start: Position, end: Position, pieces: Sequence[Spans]) -> Position:
        """Text with its origins over [start, end)."""
        return self._do(texts.pasted(self._story, start, end, pieces, self._new_id))

    def take_in(self, start: Position, end: Position, text: str) -> Position:
        """Clean text from outside over [start, end)."""
        return self._do(texts.imported(self._story, start, end, text, "paste", self._new_id))

    def jump(self) -> None:
        """Every key is a step of its own here."""

    def undo(self) -> Position:
        if not self._done:
            raise RefusedError("There is nothing to undo here.")
        change = self._done.pop()
        self._undone.append(change)
        self._story = unapply(self._story, change)
        return change.removed.end(change.at)

    def redo(self) -> Position:
        if not self._undone:
            raise RefusedError("There is nothing to redo here.")
        change = self._undone.pop()
        self._done.append(change)
        self._story = apply(self._story, change)
        return change.put.end(change.at)

    def _do(self, change: TextEdited) -> Position:
        self._story = apply(self._story, change)
        self._done.append(change)
        self._undone.clear()
        return change.put.end(change.at) if change.at != START or change.put.rest else START
