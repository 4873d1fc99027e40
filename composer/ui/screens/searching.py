"""The shelf and the search from the main screen: what is found, described in words, and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from composer.errors import RefusedError
from composer.session.finding import Finding, Found
from composer.story.actions import text as texts
from composer.story.spans import Generated, candidate_of
from composer.story.story import Mark, Placement
from composer.ui import asking
from composer.ui.screens.search import Line, SearchScreen, Wanted, age

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


class Searcher:
    """Opens the search, and does what was chosen there."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._finding: Finding | None = None

    @property
    def _found(self) -> Finding:
        if self._finding is None:
            self._finding = Finding(self._desk.app.library.search())
        return self._finding

    def open(self) -> None:
        self._desk.app.push_screen(SearchScreen(self._find, self._describe, self._mark, self._take_off), self._chosen)

    async def close(self) -> None:
        if self._finding is not None:
            await self._finding.close()

    async def _find(self, query: str) -> Sequence[Found]:
        session = self._desk.session
        if query.strip():
            session.flush()
            await self._found.read(session.story, session.journal.tree)
        return await self._found.find(session.story, query)

    def _describe(self, found: Found) -> Line:
        story = self._desk.story
        kind = self._desk.name_of_candidate(found.candidate) if found.kind == "candidate" else found.kind
        parts = [kind, age(self._desk.session.clock.now(), found.time)]
        if found.beat:
            parts.append(asking.name_of(story, found.beat))
        if found.kind != "shelf" and found.fate != f"was {found.kind}":
            parts.append(found.fate.replace("paragraph ", self._desk.app.signs.paragraph))
        return Line(found, " · ".join(parts), bool(self._marks(found)))

    def _marks(self, found: Found) -> list[Mark]:
        """The marks of the splice that are of this text."""
        if found.kind == "candidate":
            return [mark for mark in self._desk.story.splice if mark.candidate == found.candidate]
        pieces = self._found.pieces(self._desk.story, found)
        return [mark for mark in self._desk.story.splice if pieces and mark.pieces == pieces]

    def _mark(self, found: Found) -> None:
        """Mark it, or lift its marks: of a candidate the sentences that were found, of other text all of it."""

        def mark() -> None:
            placer, story = self._desk.placer, self._desk.story
            if marks := self._marks(found):
                placer.lift(marks)
            elif found.kind == "candidate":
                placer.mark(found.candidate, *self._sentences(found))
            else:
                placer.mark_pieces(self._found.pieces(story, found))

        self._desk.attempt(mark)

    def _sentences(self, found: Found) -> tuple[int, int]:
        """The sentences that hold what was found."""
        from composer.text.sentences import sentences

        ranges = sentences(found.text, self._desk.story.details.language)
        touched = [(start, end) for start, end in ranges if start < found.end and found.start < end]
        return (touched[0][0], touched[-1][1]) if touched else (found.start, found.end)

    def _chosen(self, wanted: Wanted | None) -> None:
        if wanted is None:
            return
        found = wanted.found
        if wanted.what == "open":
            self._open(found)
        else:
            self._desk.attempt(lambda: self._place(found))

    def _take_off(self, found: Found) -> None:
        name, desk = found.key.partition(":")[2], self._desk
        if desk.attempt(lambda: desk.session.record(texts.unshelve(desk.story, name))):
            desk.say("Taken off the shelf; undo brings it back.")

    def _open(self, found: Found) -> None:
        """Where it came from: its candidate among its siblings."""
        if found.candidate and self._desk.is_veiled(found.candidate):
            self._desk.say("This round is tasted blind.")
        elif found.candidate:
            self._desk.show_candidate(found.candidate, found.start if found.kind == "candidate" else self._start(found))
        else:
            self._desk.say("It came from no candidate: it was written by hand, or came from outside.")

    def _start(self, found: Found) -> int:
        for row in self._found.pieces(self._desk.story, found):
            for span in row:
                if isinstance(span.origin, Generated) and span.origin.candidate == found.candidate:
                    return span.origin.start
        return 0

    def _place(self, found: Found) -> None:
        pieces = self._found.pieces(self._desk.story, found)
        if not any(pieces):
            raise RefusedError("It is not there any more.")
        names = dict.fromkeys(name for row in pieces for span in row if (name := candidate_of(span.origin)))
        self._desk.placer.put_at_caret(pieces, Placement(tuple(names)))
