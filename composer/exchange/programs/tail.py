"""The end of the text of a session in the making, for tools whose text comes piece by piece, one behind the other.

A piece is put there character for character: a line feed parts two paragraphs, tabs and spaces stay. Each piece is a step of its
own; only where thousands of pieces make one paragraph several are put at once, so that the time stays in proportion to the text.
It decides no origins but those of what was changed by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from composer.exchange.scribe import Scribe
from composer.story.actions import text as texts
from composer.story.events import TextEdited, TextPlaced
from composer.story.manuscript import START, Fragment, Position
from composer.story.spans import Edited, Generated, Origin, Span, Spans, Written
from composer.story.story import Placement
from composer.text.difference import Change, changes

LIGHT = 400
"""Runs of text in the last paragraph up to which each piece is put by itself."""
SHARE = 8
"""Beyond that, what waits is put when it is so small a part of that paragraph."""
RUN = 200
"""Characters that weigh as much as a run of text of its own."""

OriginAt = Callable[[int, int], Origin]
"""The origin of the characters [start:end) of a text."""


class _Row:
    """A paragraph in the making. Neighbours of one origin are one run, whose text is joined at the end."""

    __slots__ = ("runs",)

    def __init__(self) -> None:
        self.runs: list[tuple[list[str], Origin]] = []

    def add(self, words: str, origin: Origin) -> None:
        if not words:
            return
        if self.runs and not isinstance(origin, Generated) and self.runs[-1][1] == origin:
            self.runs[-1][0].append(words)
        else:
            self.runs.append(([words], origin))

    @property
    def weight(self) -> int:
        return sum(1 + sum(map(len, words)) // RUN for words, _ in self.runs)

    @property
    def spans(self) -> Spans:
        return tuple(Span("".join(words), origin) for words, origin in self.runs)


class Tail:
    """Where the next piece goes. Call `finish` when there are no more."""

    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe
        self._rows = [_Row()]
        self._candidates: list[str] = []
        self._how = "typed"
        self._waiting = 0
        """How heavy what waits is, in runs of text."""
        self._last = 0
        """The same of the last paragraph of the text."""
        self._place = scribe.story.manuscript.last

    @property
    def place(self) -> Position:
        """The last place of the text as it stands, START while there is none; what waits lies behind it."""
        return self._place

    @property
    def empty(self) -> bool:
        return not len(self._scribe.story.manuscript) and not self._waiting

    def paragraph(self) -> None:
        """What comes next begins a paragraph. Nothing at the beginning of the text."""
        if not self.empty:
            self._rows.append(_Row())

    def put(self, text: str, origin: Origin) -> None:
        """Clean text of one origin."""
        self._from(origin)
        self._take(text, partial(_always, origin))
        self._settle()

    def candidate(self, candidate: str, text: str) -> None:
        """The whole text of a candidate is placed."""
        self._take(text, partial(Generated, candidate))
        self._candidates.append(candidate)
        self._settle()

    def changed(self, before: str, after: str, origin: OriginAt, candidate: str = "") -> None:
        """Text that came as `before`, of that origin, and was made `after` by hand: a step each. `candidate` is whose text it was."""
        found = changes(before, after) if before != after else ()
        apart = bool(found and before) and self._last <= LIGHT
        if apart and self._waiting:
            self._put()
        start, line = self.place, len(self._rows) - 1
        first = 0 if start == START else len(self._scribe.story.manuscript) - 1
        if apart or not found:
            self._take(before, origin)
        else:
            for words, at in _stretches(before, after, found, origin, candidate):
                self._take(words, at)
        if candidate and before:
            self._candidates.append(candidate)
        elif before:
            self._from(origin(0, len(before)))
        if not apart:
            self._settle()
            return
        self._put()
        self._edit(start, first + line, before, after, found, origin, candidate)

    def finish(self) -> None:
        """Put what waits still."""
        self._put()

    def _from(self, origin: Origin) -> None:
        if not isinstance(origin, Written):
            self._how = "imported"

    def _take(self, text: str, origin: OriginAt) -> None:
        if text:
            _append(self._rows, text, origin)
            self._waiting += 1 + len(text) // RUN

    def _settle(self) -> None:
        if self._last <= LIGHT or self._waiting * SHARE >= self._last:
            self._put()

    def _put(self) -> None:
        """All that waits becomes text, as one step."""
        rows, named, how = self._rows, self._candidates, self._how
        self._rows, self._candidates, self._waiting, self._how = [_Row()], [], 0, "typed"
        at = self.place
        if len(rows) == 1 and not rows[0].runs:
            # A candidate without text was chosen all the same, but there is nothing of it to place.
            return
        put = texts.fragment(self._scribe.story, at, [row.spans for row in rows], self._scribe.about.new_id)
        if named:
            self._scribe.record(TextPlaced(at, Fragment(), put, Placement(tuple(named))))
        else:
            self._scribe.record(TextEdited(at, Fragment(), put, how))
        self._place = self._scribe.story.manuscript.last
        size = rows[-1].weight
        self._last = size + (self._last if len(rows) == 1 else 0)

    def _edit(
        self,
        start: Position,
        first: int,
        before: str,
        after: str,
        found: Sequence[Change],
        origin: OriginAt,
        candidate: str,
    ) -> None:
        """The text `before`, put at `start` in the block with `first` blocks before it, is changed, as one edit."""
        manuscript = self._scribe.story.manuscript

        def position(at: int) -> Position:
            block = manuscript.at(first + before.count("\n", 0, at)).id
            column = at - before.rfind("\n", 0, at) - 1
            return Position(block, column + (start.offset if block == start.block else 0))

        left, right = found[0].start, found[-1].end
        rows = [_Row()]
        for words, at in _stretches(before, after, found, origin, candidate, left, right):
            _append(rows, words, at)
        begin, end = position(left), position(right)
        put = texts.fragment(self._scribe.story, begin, [row.spans for row in rows], self._scribe.about.new_id)
        removed = manuscript.fragment(begin, end)
        self._scribe.record(TextEdited(begin, removed, put, "deleted" if put.empty else "typed"))
        self._place = self._scribe.story.manuscript.last


def _append(rows: list[_Row], text: str, origin: OriginAt) -> None:
    """The text behind the rows, the last of which takes its first line."""
    at = 0
    for number, line in enumerate(text.split("\n")):
        if number:
            rows.append(_Row())
        rows[-1].add(line, origin(at, at + len(line)))
        at += len(line) + 1


def _stretches(
    before: str,
    after: str,
    found: Sequence[Change],
    origin: OriginAt,
    candidate: str,
    start: int = 0,
    end: int | None = None,
) -> Iterator[tuple[str, OriginAt]]:
    """What the characters [start:end) of `before` became: stretches that stayed, and those by hand, with their origins."""
    end = len(before) if end is None else end
    at = start
    for change in found:
        yield before[at : change.start], partial(_moved, origin, at)
        # What is typed inside a candidate's text or in place of it is an edit of it; what stands before or behind it is not.
        outside = change.start == change.end and change.start in (0, len(before))
        hand = Edited(candidate) if candidate and not outside else Written()
        yield after[change.put_start : change.put_end], partial(_always, hand)
        at = change.end
    yield before[at:end], partial(_moved, origin, at)


def _moved(origin: OriginAt, by: int, start: int, end: int) -> Origin:
    return origin(by + start, by + end)


def _always(origin: Origin, start: int, end: int) -> Origin:
    return origin
