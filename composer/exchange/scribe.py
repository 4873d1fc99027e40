"""Writes the journal of a session that was made elsewhere, as it would stand had it been written here: every importer's pen.

Text is addressed by characters of the whole manuscript, a line feed between two paragraphs, because that is how other formats
have it. It decides no origins but that of typing, and knows no format. Pure: time and ids are handed in.
"""

from __future__ import annotations

from collections.abc import Sequence

from composer.exchange.taken import Circumstances, Loss, Taken
from composer.journal.entry import Entry, digest
from composer.journal.journal import Journal
from composer.story.actions import text as texts
from composer.story.actions.outline import change_details
from composer.story.candidate import (
    Channel,
    Ending,
    EndingKind,
    Message,
    Receipt,
    Recipe,
    RoundKind,
    Target,
    candidate_id,
)
from composer.story.events import (
    CandidateEnded,
    CandidateGrew,
    Event,
    RoundAsked,
    SessionCreated,
    TextEdited,
    TextPlaced,
)
from composer.story.manuscript import START, Fragment, Position
from composer.story.spans import Generated, Imported, Origin, Span, Spans, length
from composer.story.story import Details, Placement, Story


class Scribe:
    """A journal in the making. `source` is what imported text is said to come from."""

    def __init__(self, about: Circumstances, source: str, time: int = 0) -> None:
        """`time` is when the session was begun there, in ms since 1970; without it, when the source was last written."""
        self.about = about
        self.source = source
        self.journal = Journal()
        self.entries: list[Entry] = []
        self.pieces: dict[str, bytes] = {}
        self.time = max(0, time or about.changed or about.now)
        self.record(SessionCreated(about.new_id(), about.program))

    @property
    def story(self) -> Story:
        return self.journal.story

    @property
    def head(self) -> int:
        """The newest change that holds, to come back to with `go_to`."""
        return self.journal.tree.head

    def at(self, time: int) -> None:
        """What follows happened then, in ms since 1970. Time never goes back: an earlier one is taken for the last."""
        self.time = max(self.time, time)

    def record(self, *happened: Event) -> None:
        """Enter events as one step."""
        if happened:
            self.entries += self.journal.record(happened, self.time)

    def go_to(self, seq: int) -> None:
        """Make the change `seq` the newest that holds, 0 for none: what follows is a branch."""
        if seq != self.head:
            self.entries.append(self.journal.move(seq, "jump", self.time))

    def piece(self, text: str) -> str:
        """The name of a text that was sent to a model, kept with the session."""
        data = text.encode()
        name = digest(data)
        self.pieces[name] = data
        return name

    def details(self, details: Details) -> None:
        self.record(*change_details(self.story, details))

    # text

    @property
    def text(self) -> str:
        """The manuscript, a line feed between two paragraphs."""
        return "\n".join(block.text for block in self.story.manuscript)

    def position(self, at: int) -> Position:
        """The place of character `at` of the text, which is cut to its ends. START while there is no paragraph."""
        last = START
        left = max(0, at)
        for run in self.story.manuscript.runs():
            for block in run:
                size = length(block.spans)
                if left <= size:
                    return Position(block.id, left)
                left -= size + 1
                last = Position(block.id, size)
        return last

    def typed(self, start: int, end: int, text: str) -> None:
        """Clean text by hand in place of the characters [start:end): edited inside or in place of a candidate's, else written."""
        first, last = self._range(start, end)
        self.put(
            start, end, texts.rows(text, texts.hand_origin(self.story, first, last)), "typed" if text else "deleted"
        )

    def imported(self, start: int, end: int, text: str) -> None:
        """Clean text of the source, of which nobody knows who wrote it, in place of the characters [start:end)."""
        self.put(start, end, texts.rows(text, Imported(self.source)), "imported")

    def put(self, start: int, end: int, rows: Sequence[Spans], how: str, beat: str = "") -> None:
        """Paragraphs with their origins in place of the characters [start:end), as one step. Nothing where nothing would change.

        The first joins the text before it, the last the text behind. Where there is no text yet, they belong to `beat`.
        """
        first, last = self._range(start, end)
        put = self._fragment(first, rows, beat)
        removed = self.story.manuscript.fragment(first, last)
        if not (removed.empty and put.empty):
            self.record(TextEdited(first, removed, put, how))

    def placed(self, start: int, end: int, rows: Sequence[Spans], candidates: Sequence[str], beat: str = "") -> None:
        """The same, as a placement of those candidates, whose text the rows hold."""
        first, last = self._range(start, end)
        removed = self.story.manuscript.fragment(first, last)
        put = self._fragment(first, rows, beat)
        self.record(TextPlaced(first, removed, put, Placement(tuple(candidates))))

    def _range(self, start: int, end: int) -> tuple[Position, Position]:
        first = self.position(start)
        return first, first if end <= start else self.position(end)

    def _fragment(self, first: Position, rows: Sequence[Spans], beat: str) -> Fragment:
        if first == START and not any(rows):
            return Fragment()
        return texts.fragment(self.story, first, rows or [()], self.about.new_id, beat)

    # rounds

    def ask(
        self,
        kind: RoundKind,
        target: Target,
        recipes: Sequence[Recipe],
        *,
        messages: Sequence[Message] = (),
        tokens: int = 0,
        instruction: str = "",
    ) -> int:
        """Enter a round as it was asked there; its number. `tokens` is what its request held, 0 where that is not known."""
        number = len(self.story.rounds) + 1
        receipt = Receipt(tokens=tokens, budget=0, reserve=0, parts=())
        self.record(RoundAsked(number, kind, target, self.head, instruction, tuple(recipes), tuple(messages), receipt))
        return number

    def grow(
        self, number: int, at: int, text: str, *, channel: Channel = "text", pace: tuple[tuple[int, int], ...] = ()
    ) -> None:
        """Clean text of the `at`-th candidate, from 1, of a round. Nothing for none."""
        if text:
            name = candidate_id(number, at)
            candidate = self.story.candidate(name)
            offset = len(candidate.text if channel == "text" else candidate.reasoning)
            self.record(CandidateGrew(name, offset, text, channel, pace))

    def end(
        self,
        number: int,
        at: int,
        *,
        kind: EndingKind = "finished",
        why: str = "",
        elapsed: int = 0,
        model: str = "",
        prompt_tokens: int | None = None,
        completion_tokens: int | None = None,
    ) -> None:
        """The one ending of a candidate. `elapsed` is in ms."""
        name = candidate_id(number, at)
        text = self.story.candidate(name).text
        ending = Ending(
            kind=kind,
            why=why,
            length=len(text),
            digest=digest(text.encode()),
            elapsed=elapsed,
            model=model,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
        )
        self.record(CandidateEnded(name, ending))

    def answered(self, number: int, at: int, text: str) -> None:
        """A candidate that was whole at once."""
        self.grow(number, at, text)
        self.end(number, at)

    def taken(self, losses: Sequence[Loss] = (), cut: str = "") -> Taken:
        """The session as it was written. What is streaming still has been cut off there."""
        for asked in self.story.rounds:
            for candidate in asked.candidates:
                if candidate.ending is None:
                    self.end(
                        asked.number, candidate.number, kind="cancelled", why="The source does not say how it ended."
                    )
        return Taken(tuple(self.entries), dict(self.pieces), self.story, tuple(losses), cut)


def rows_of(candidate: str, text: str, start: int, end: int) -> tuple[Spans, ...]:
    """The characters [start:end) of a candidate's text as paragraphs, character for character: a line feed parts two of them."""
    rows: list[Spans] = []
    at = start
    for line in text[start:end].split("\n"):
        rows.append((Span(line, Generated(candidate, at, at + len(line))),) if line else ())
        at += len(line) + 1
    return tuple(rows)


def of_origin(text: str, origin: Origin) -> tuple[Spans, ...]:
    """Text of one origin as paragraphs."""
    return texts.rows(text, origin)
