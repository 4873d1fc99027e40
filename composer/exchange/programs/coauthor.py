"""CoAuthor session logs, in: the prompt is imported, keys are typing, suggestions are rounds, those selected are placements.

A log has no model's name and no request, so recipes hold sampling alone. The chosen candidate is the one whose text came into
the manuscript: the index that the log gives is that of the keyboard, and not of the mouse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from composer.exchange.outside import utf8
from composer.exchange.programs.coauthor_log import (
    Event,
    Suggestion,
    log_in,
    sampling_of,
    suggestions_of,
    time_of,
)
from composer.exchange.programs.quill import Change, Edit, Page, Place, as_units, edits, joined, whole
from composer.exchange.programs.typist import Typist
from composer.exchange.scribe import Scribe, rows_of
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.candidate import PlaceTarget, Recipe, candidate_id
from composer.story.spans import Imported, Repaired, Span, Spans, Written, join
from composer.story.story import Details
from composer.text.clean import clean, one_line

ENDPOINT = "CoAuthor"
PROMPT = "CoAuthor prompt"
TITLE = 80
"""Characters of a title that is made of the prompt's first line."""

_LOOKED = "only what came into the text is kept, not what was looked at"
_WITHOUT_PLACE = {
    "suggestion-hover": ("movements of the mouse over suggestions", _LOOKED),
    "suggestion-up": ("movements among suggestions by key", _LOOKED),
    "suggestion-down": ("movements among suggestions by key", _LOOKED),
    "suggestion-close": ("times that suggestions were closed", _LOOKED),
    "suggestion-reopen": ("times that suggestions were shown again", "they are the round that they were"),
    "cursor-forward": ("movements of the cursor", "only where text was changed is kept"),
    "cursor-backward": ("movements of the cursor", "only where text was changed is kept"),
    "cursor-select": ("selections of text", "only where text was changed is kept"),
}
_FIELDS = frozenset(
    [
        "eventName",
        "eventSource",
        "eventTimestamp",
        "eventNum",
        "textDelta",
        "cursorRange",
        "currentDoc",
        "currentCursor",
        "currentSuggestions",
        "currentSuggestionIndex",
        "currentHoverIndex",
        "currentN",
        "currentMaxToken",
        "currentTemperature",
        "currentTopP",
        "currentPresencePenalty",
        "currentFrequencyPenalty",
    ]
)


def fits(head: bytes, name: str) -> bool:
    """Whether it looks like a session log."""
    start = utf8(head)
    return b'"eventName"' in start and (b'"textDelta"' in start or b'"eventSource"' in start)


def read(data: bytes, about: Circumstances) -> Taken:
    """The session in a log. UnreadableSource where no event of it can be read."""
    log = log_in(data, about.name)
    reader = _Reader(log.events, about)
    reader.read()
    cut = log.cut
    if reader.unknown:
        missing = "The log does not say which text the session began with: that text is missing."
        cut = f"{cut} {missing}".strip()
    return reader.scribe.taken(reader.tally.all, cut)


class _Match(NamedTuple):
    """The candidate whose characters from `start` on an insertion is, but for the white space around: `before` and `behind`."""

    candidate: str
    start: int
    before: int = 0
    behind: int = 0


class _Reader:
    def __init__(self, events: Sequence[Event], about: Circumstances) -> None:
        self.events = events
        self.tally = Tally()
        first = next((event for event in events if event["eventName"] == "system-initialize"), {})
        doc = first.get("currentDoc")
        self.unknown = not isinstance(doc, str)
        """Whether nobody knows the text that the session began with."""
        self.time = next((time for event in events if (time := time_of(event, 0))), 0)
        self.scribe = Scribe(about, PROMPT, self.time)
        self.typist = Typist(self.scribe)
        self.page = Page(doc if isinstance(doc, str) else "")
        self.begun: Event | None = first
        self.answers = _answers(events)
        self.rounds: dict[int, int] = {}
        """The round of each event that shows suggestions."""
        self.shown: list[tuple[str, Suggestion]] = []
        """The suggestions that were shown last, each with its candidate."""
        self.earlier: dict[str, tuple[str, Suggestion]] = {}
        self.selected = False
        self.number = -1

    def read(self) -> None:
        prompt = self.page.text
        title = next((line for line in prompt.split("\n") if line.strip()), "")
        title = one_line(title, TITLE) or one_line(self.scribe.about.title, TITLE)
        if title:
            self.scribe.details(Details(title=title))
        if prompt:
            self.typist.put(Change(Place(0, 0), "", prompt), Imported(PROMPT), "imported", self.time)
        for at, event in enumerate(self.events):
            self._take(at, event)
        self.typist.close()
        if self.selected:
            self._unselected()

    def _take(self, at: int, event: Event) -> None:
        self.time = time_of(event, self.time)
        self._count(event)
        kind = event["eventName"]
        if kind in ("text-insert", "text-delete"):
            self._change(event)
        elif kind == "suggestion-get":
            if at in self.answers:
                self._ask(self.answers[at], event)
            else:
                self.tally.lost("requests for suggestions without an answer", "nothing is known of what they asked for")
        elif kind == "suggestion-open":
            self._answer(at, event)
        elif kind == "suggestion-select":
            if self.selected:
                self._unselected()
            self.selected = True
        elif kind == "system-initialize":
            self._begin(event)
        elif kind in _WITHOUT_PLACE:
            self.tally.lost(*_WITHOUT_PLACE[kind])
        else:
            self.tally.lost("events of other kinds", "nothing is known of what they say")

    def _count(self, event: Event) -> None:
        if event.keys() - _FIELDS:
            self.tally.lost("other fields of events", "nothing is known of what they say", len(event.keys() - _FIELDS))
        number = whole(event.get("eventNum"))
        if number is not None:
            if number < self.number:
                self.tally.lost("events out of order", "they are taken as they stand in the log")
            self.number = number

    def _unselected(self) -> None:
        self.tally.lost("suggestions that were selected and did not come into the text", "they are passed over")

    # text

    def _begin(self, event: Event) -> None:
        """The text that a session begins with. One that begins anew has its text changed to that where it is another."""
        if event is self.begun:
            self.begun = None
            return
        doc = event.get("currentDoc")
        if not isinstance(doc, str):
            return
        self.tally.lost("times that the session began anew", "the text is changed to what it began with then")
        fresh, units = as_units(doc), self.page.units
        before = _alike(units, fresh)
        behind = _alike(units[before:][::-1], fresh[before:][::-1])
        edit = Edit(before, len(units) - before - behind, fresh[before : len(fresh) - behind])
        self._put(self.page.change(edit))

    def _change(self, event: Event) -> None:
        for edit in joined(edits(event.get("textDelta"), self.tally)):
            end = edit.at + edit.gone
            if self.unknown:
                self.page.reach(end)
            if end > len(self.page.units):
                self.tally.lost("changes that reach behind the end of the text", "they are cut to what is there")
            by_program = event.get("eventSource") == "api"
            match = self._match(clean(edit.put), exactly=not by_program) if edit.put else None
            change = self.page.change(edit)
            if change is None:
                continue
            if match and (by_program or self.selected):
                self._place(change, match, clean(edit.put))
            elif by_program:
                if change.put:
                    self.tally.lost(
                        "insertions by CoAuthor that are no suggestion's text", "they are taken as imported text"
                    )
                self._put(change)
            else:
                self.typist.type(change, self.time)

    def _put(self, change: Change | None) -> None:
        if change:
            origin = Imported(ENDPOINT) if change.put else Written()
            self.typist.put(change, origin, "imported" if change.put else "deleted", self.time)

    def _place(self, change: Change, match: _Match, inserted: str) -> None:
        text = self.scribe.story.candidate(match.candidate).text
        self.selected = False
        if change.put != inserted:
            # Units beside it show something else now, and no candidate's characters are exactly what came.
            self._put(change)
            return
        end = match.start + len(inserted) - match.before - match.behind
        rows = list(rows_of(match.candidate, text, match.start, end))
        rows = _beside(inserted[: match.before], rows, inserted[len(inserted) - match.behind :])
        self.typist.place(change, rows, match.candidate, self.time)

    def _match(self, inserted: str, *, exactly: bool) -> _Match | None:
        """The candidate that was inserted: one that was shown last, whole or in part, or one that was shown before.

        Only white space around it may differ: CoAuthor puts more before and behind it, or less.
        """
        core = inserted.strip()
        if not core:
            return None
        for candidate, each in self.shown:
            if each.shown == inserted or (each.shown.strip() == core and not exactly):
                return _around(inserted, core, candidate, each)
        if exactly:
            return None
        for candidate, each in self.shown:
            if core in each.text:
                return _around(inserted, core, candidate, each)
        if core in self.earlier:
            return _around(inserted, core, *self.earlier[core])
        return None

    # suggestions

    def _ask(self, answer: int, event: Event) -> None:
        """The round whose suggestions are shown by the event `answer`, asked for now."""
        self.typist.close()
        self.scribe.at(self.time)
        opened = self.events[answer]
        count = sum(1 for _ in suggestions_of(opened, Tally()))
        wanted = whole(opened.get("currentN"))
        if wanted is not None and wanted > count:
            self.tally.lost(
                "candidates that were asked for and not shown", "the log does not hold them", wanted - count
            )
        recipe = Recipe(ENDPOINT, "", sampling_of(opened))
        cursor = next((at for each in (event, opened) if (at := whole(each.get("currentCursor"))) is not None), None)
        place = self.page.place(len(self.page.units) if cursor is None else cursor)
        target = PlaceTarget(self.typist.position(place))
        self.rounds[answer] = self.scribe.ask("continue", target, [recipe] * max(1, count))

    def _answer(self, at: int, event: Event) -> None:
        if at not in self.rounds:
            self._ask(at, event)
        self.typist.close()
        self.scribe.at(self.time)
        number = self.rounds[at]
        elapsed = max(0, self.scribe.time - self.scribe.story.round(number).time)
        self.shown = []
        for place, each in enumerate(suggestions_of(event, self.tally), 1):
            self.scribe.grow(number, place, each.text)
            self.scribe.end(number, place, elapsed=elapsed)
            self.shown.append((candidate_id(number, place), each))
        for candidate, each in reversed(self.shown):
            self.earlier[each.shown.strip()] = candidate, each
        if not self.shown:
            self.scribe.end(number, 1, kind="failed", why="CoAuthor showed no suggestion.", elapsed=elapsed)


def _answers(events: Sequence[Event]) -> dict[int, int]:
    """For each event that asked for suggestions and got an answer, the event that shows them."""
    answers: dict[int, int] = {}
    waiting: int | None = None
    for at, event in enumerate(events):
        if event["eventName"] == "suggestion-get":
            waiting = at
        elif event["eventName"] == "suggestion-open" and waiting is not None:
            answers[waiting] = at
            waiting = None
    return answers


def _around(inserted: str, core: str, candidate: str, found: Suggestion) -> _Match:
    """Where in a candidate's text `core` is, with as much of the white space around it as was inserted too."""
    start = found.text.find(core, found.start)
    start = start if start >= 0 else found.text.index(core)
    end = start + len(core)
    before = inserted.index(core)
    behind = len(inserted) - before - len(core)
    while before and start and found.text[start - 1] == inserted[before - 1]:
        before, start = before - 1, start - 1
    while behind and end < len(found.text) and found.text[end] == inserted[-behind]:
        behind, end = behind - 1, end + 1
    return _Match(candidate, start, before, behind)


def _alike(left: str, right: str) -> int:
    """How many characters both begin with."""
    return next(
        (at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other),
        min(len(left), len(right)),
    )


def _beside(before: str, rows: list[Spans], behind: str) -> list[Spans]:
    """Paragraphs with white space around them that the other program put there."""
    if before:
        space = [(Span(line, Repaired("space")),) if line else () for line in before.split("\n")]
        rows = [*space[:-1], join(space[-1], rows[0]), *rows[1:]]
    if behind:
        space = [(Span(line, Repaired("space")),) if line else () for line in behind.split("\n")]
        rows = [*rows[:-1], join(rows[-1], space[0]), *space[1:]]
    return rows
