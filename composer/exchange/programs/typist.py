"""Typing that was logged key by key elsewhere, as it would stand in a journal here: merged into entries, the entries into steps.

The rules are those of `session.typing`: an entry for each second of typing, and a step up to a pause, a newline or a jump. It
takes changes by row and character and hands them to a scribe; it knows no format.
"""

from __future__ import annotations

from collections.abc import Sequence

from composer.exchange.programs.quill import Change, Place
from composer.exchange.scribe import Scribe
from composer.session.typing import PAUSE, WRITE_AFTER
from composer.story.actions import text as texts
from composer.story.events import TextEdited, TextPlaced
from composer.story.manuscript import START, Fragment, Position
from composer.story.spans import Origin, Span, Spans
from composer.story.story import Placement

_SECOND = int(WRITE_AFTER * 1000)


def rows_of_text(text: str, origin: Origin) -> tuple[Spans, ...]:
    """Text of one origin as paragraphs, character for character."""
    return tuple((Span(line, origin),) if line else () for line in text.split("\n"))


class Typist:
    """Types into a scribe's journal. What is pending is not in its story yet: close before anything else is recorded."""

    def __init__(self, scribe: Scribe) -> None:
        self.scribe = scribe
        self._pending: Change | None = None
        self._since = 0
        self._key = 0
        self._step: int | None = None
        self._origin: Origin | None = None
        self._caret: Place | None = None

    def type(self, change: Change, time: int) -> None:
        """A change by hand, at `time` (ms since 1970)."""
        time = max(time, self._key)
        if self._pending and time - self._since >= _SECOND:
            self._write(self._since + _SECOND)
        near = time - self._key <= PAUSE
        if change.put:
            if change.gone or not near or self._caret != change.at:
                self.close()
        elif not near or self._caret not in (change.at, change.at.behind(change.gone)):
            self.close()
        self._add(change, time)
        if not change.put:
            # What is typed here next stands between other neighbours.
            self._origin = None
        self._caret, self._key = change.at.behind(change.put), time
        if "\n" in change.put:
            self.close()

    def put(self, change: Change, origin: Origin, how: str, time: int) -> None:
        """A change at once, as a step of its own, of text with one origin."""
        self.close()
        self.scribe.at(time)
        self.enter(change, rows_of_text(change.put, origin), how)
        self.close()

    def place(self, change: Change, rows: Sequence[Spans], candidate: str, time: int) -> None:
        """The same, as the placement of a candidate, whose text the rows hold."""
        self.close()
        self.scribe.at(time)
        self.enter(change, rows, candidate=candidate)
        self.close()

    def enter(self, change: Change, rows: Sequence[Spans], how: str = "typed", candidate: str = "") -> None:
        """A change whose text are these paragraphs, as a part of the step that is open: by hand, or a candidate's placement."""
        scribe = self.scribe
        first, last = self.ends(change)
        removed = scribe.story.manuscript.fragment(first, last) if change.gone else Fragment()
        put = texts.fragment(scribe.story, first, rows, scribe.about.new_id) if change.put else Fragment()
        event: TextEdited | TextPlaced = TextEdited(first, removed, put, how)
        if candidate:
            event = TextPlaced(first, removed, put, Placement((candidate,)))
        made = scribe.journal.record((event,), scribe.time, self._step)
        scribe.entries += made
        self._step = made[0].step

    def ends(self, change: Change) -> tuple[Position, Position]:
        """Where the text that a change takes out begins and ends. Nothing may be pending."""
        first = self.position(change.at)
        return first, self.position(change.at.behind(change.gone)) if change.gone else first

    def close(self) -> None:
        """Write what is pending, and end the step."""
        self._write(self._key)
        self._step = self._origin = self._caret = None

    def position(self, place: Place) -> Position:
        """A place as the story has it; START while there is no paragraph. Nothing may be pending."""
        text = self.scribe.story.manuscript
        return Position(text.at(place.row).id, place.column) if len(text) else START

    def _add(self, change: Change, time: int) -> None:
        merged = _merged(self._pending, change) if self._pending else None
        if merged is None:
            self._write(self._key)
            self._since = time
            merged = change
            if change.put and self._origin is None:
                self._origin = texts.hand_origin(self.scribe.story, *self.ends(change))
        self._pending = merged

    def _write(self, time: int) -> None:
        """Enter what is pending, which is then no more."""
        change, self._pending = self._pending, None
        if change is None:
            return
        self.scribe.at(time)
        rows: tuple[Spans, ...] = ()
        if change.put and self._origin is not None:
            rows = rows_of_text(change.put, self._origin)
        self.enter(change, rows, "typed" if rows else "deleted")


def _merged(first: Change, second: Change) -> Change | None:
    """Two changes as one, where the second goes on from the first in the same direction; else None."""
    if first.put:
        typed_on = not second.gone and second.at == first.at.behind(first.put)
        return Change(first.at, first.gone, first.put + second.put) if typed_on else None
    if second.put:
        return None
    if second.at.behind(second.gone) == first.at:
        return Change(second.at, second.gone + first.gone, "")
    return Change(first.at, first.gone + second.gone, "") if second.at == first.at else None
