"""The candidates' keys on the main screen: each wish of the pane, by its name, and what is done for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composer.errors import RefusedError
from composer.story.actions import place as placing
from composer.ui import asking
from composer.ui import caret as carets
from composer.ui.widgets.candidates import CandidatesView

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


class Chooser:
    """A method for each wish of the pane. They raise RefusedError where it can't be done."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk

    def mark(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.mark(message.candidate, message.start, message.end)

    def earlier(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.order(message.candidate, message.start, message.end, -1)

    def later(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.order(message.candidate, message.start, message.end, 1)

    def seams(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.turn_seams()

    def edit(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.edit()

    def smooth(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.smooth()

    def blind(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.blind()

    def mark_span(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.mark(message.candidate, message.start, message.end, span=True)

    def clear(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.clear()

    def own(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.turn()

    def place(self, message: CandidatesView.Pressed) -> None:
        self._desk.placer.here()

    def goto(self, message: CandidatesView.Pressed) -> None:
        asked = self._desk.shown_round()
        if asked is None:
            return
        if asked.outlines:
            self._desk.outline.beat = asked.beat
            self._desk.set_focus(self._desk.outline)
            return
        place = self._desk.session.rounds.place(asked)
        if place:
            self._desk.text.go(carets.valid(self._desk.story.manuscript, place[0]))
        elif asked.beat:
            # No letter writes into the manuscript, so where the beat has no text yet none is made for it.
            self._desk.text.go(
                carets.valid(self._desk.story.manuscript, placing.end_of_beat(self._desk.story, asked.beat))
            )
        self._desk.set_focus(self._desk.text)

    def older(self, message: CandidatesView.Pressed) -> None:
        self._desk.turn_round(-1)

    def newer(self, message: CandidatesView.Pressed) -> None:
        self._desk.turn_round(1)

    def stop(self, message: CandidatesView.Pressed) -> None:
        if message.candidate:
            self._desk.stop([message.candidate])

    def stop_all(self, message: CandidatesView.Pressed) -> None:
        asked = self._desk.shown_round()
        if asked:
            self._desk.stop([candidate.id for candidate in asked.candidates if candidate.ending is None])

    def again(self, message: CandidatesView.Pressed) -> None:
        asked = self._desk.shown_round()
        if asked and message.candidate:
            wish = asking.again(self._desk.story, asked, self._desk.session.rounds.place(asked))
            self._desk.requests.open_from(wish, asked, self._desk.story.candidate(message.candidate))

    def bare(self, message: CandidatesView.Pressed) -> None:
        asked = self._desk.shown_round()
        if asked and message.candidate:
            wish = asking.again(self._desk.story, asked, self._desk.session.rounds.place(asked))
            candidate = self._desk.story.candidate(message.candidate)
            own = asked.sent(asked.number_of(candidate.id)).receipt.shape.amount
            other = "full" if own == "bare" else "bare"
            self._desk.requests.open_from(wish, asked, candidate, "round", f"{own}, {other}")

    def surprise(self, message: CandidatesView.Pressed) -> None:
        self._desk.surpriser.turn()

    def alternatives(self, message: CandidatesView.Pressed) -> None:
        self._desk.surpriser.alternatives(message.candidate, message.start)

    def info(self, message: CandidatesView.Pressed) -> None:
        asked = self._desk.shown_round()
        if asked and asked.veil:
            raise RefusedError("This round is tasted blind.", "b shows what its candidates were made with.")
        if message.candidate:
            self._desk.app.show_candidate(message.candidate)
