"""Marking and placing on the main screen: what enter will do, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composer.errors import RefusedError
from composer.story.actions import place as placing
from composer.story.candidate import BeatTarget, Candidate, Round
from composer.story.events import Event, MarkMade, MarksLifted
from composer.story.manuscript import START
from composer.story.story import Placement
from composer.text.words import count_words
from composer.ui import asking

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


class Placer:
    """Where enter lands and whether it waits for a second one. `own` is what the writer chose with o, None if nothing."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self.own: bool | None = None
        self.confirm = ""
        """The candidate that is still writing and would be placed by a second enter."""
        self._lifted: tuple[int, ...] = ()

    def landing(self) -> placing.Landing | None:
        asked = self._desk.shown_round()
        if asked is None:
            return None
        own = self.own if self.own is not None else not self._desk.story.splice
        try:
            return placing.landing(
                self._desk.story, asked, self._desk.caret, self._desk.session.rounds.place(asked), own
            )
        except RefusedError:
            return None

    def words(self, landing: placing.Landing | None) -> str:
        if landing is None:
            return "nowhere: its place is gone"
        if landing.start == START:
            return "begins the text"
        number = self._desk.story.manuscript.index(landing.start.block) + 1
        if landing.own:
            return f"its own {self._desk.app.signs.paragraph} after {self._desk.app.signs.paragraph}{number}"
        asked = self._desk.shown_round()
        if asked and isinstance(asked.target, BeatTarget):
            return f"begins {asking.place_of(self._desk.story, asked)}"
        if landing.start != landing.end:
            return (
                f"replaces {count_words(self._desk.story.manuscript.fragment(landing.start, landing.end).text)} words"
            )
        return f"at the caret, {self._desk.app.signs.paragraph}{number}"

    def here(self) -> None:
        asked = self._desk.shown_round()
        if asked is None:
            self._desk.refuse(RefusedError("There is no candidate to place yet.", "ctrl+g asks for some."))
            return
        shown = self._desk.candidates.candidate
        # The pane may be a tenth of a second behind what has come.
        candidate = self._desk.story.candidate(shown.id) if shown else None
        splice = self._desk.story.splice
        if not splice and candidate and candidate.ending is None and candidate.text:
            if self.confirm != candidate.id:
                self.confirm = candidate.id
                self._desk.say(
                    f"Candidate {candidate.number} is still writing. Enter again stops it and places what came."
                )
                return
            self._desk.run_worker(self._stop_and_place(candidate), group="place", exclusive=True, exit_on_error=False)
            return
        self._desk.attempt(lambda: self._place(asked, candidate))

    async def _stop_and_place(self, candidate: Candidate) -> None:
        await self._desk.session.rounds.stop([candidate.id])
        # Another round may be shown by now.
        asked = self._desk.story.round(candidate.round)
        self._desk.attempt(lambda: self._place(asked, self._desk.story.candidate(candidate.id)))

    def _place(self, asked: Round, candidate: Candidate | None) -> None:
        story = self._desk.story
        splice = story.splice
        if splice:
            pieces = placing.spliced(story, splice)
            used = Placement(
                tuple(dict.fromkeys(mark.candidate for mark in splice)), tuple(mark.number for mark in splice)
            )
        elif candidate is not None:
            pieces = placing.whole(candidate)
            used = Placement((candidate.id,))
        else:
            raise RefusedError("There is no candidate to place.")
        own = self.own if self.own is not None else not splice
        where = placing.landing(story, asked, self._desk.caret, self._desk.session.rounds.place(asked), own)
        events = placing.place(story, where, pieces, used, self._desk.session.new_id)
        self._desk.session.record(events)
        self.confirm, self.own = "", None
        self._desk.put_caret(events[0].put.end(events[0].at))
        self._desk.set_focus(self._desk.text)

    def mark(self, candidate: str, start: int, end: int) -> None:
        if start == end:
            raise RefusedError("There is nothing to mark here yet.", "Wait until text has come.")
        here = [
            mark.number
            for mark in self._desk.story.splice
            if mark.candidate == candidate and mark.start < end and start < mark.end
        ]
        event: Event
        event = MarksLifted(tuple(here)) if here else MarkMade(len(self._desk.story.marks) + 1, candidate, start, end)
        self._desk.session.record((event,))

    def clear(self) -> None:
        numbers = tuple(mark.number for mark in self._desk.story.splice)
        if numbers:
            self._desk.session.record((MarksLifted(numbers),))
            self._lifted = numbers
        elif self._lifted:
            self._desk.session.record((MarksLifted(self._lifted, back=True),))
            self._lifted = ()

    def turn(self) -> None:
        asked = self._desk.shown_round()
        if asked is None or isinstance(asked.target, BeatTarget) or asked.kind != "continue":
            where = asking.place_of(self._desk.story, asked) if asked else "it"
            raise RefusedError(f"This round is for {where}: that is where enter puts it.")
        own = self.own if self.own is not None else not self._desk.story.splice
        self.own = not own
        if not self._desk.story.splice:
            # With pieces marked, the splice's last line says it.
            self._desk.say(f"Enter: {self.words(self.landing())}.")
