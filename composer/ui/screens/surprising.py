"""Surprise on the main screen: how sure the model was of each token, what else was likely, and going on from another word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composer.errors import RefusedError
from composer.story import surprise
from composer.story.candidate import Round, Stem
from composer.ui import asking
from composer.ui.screens.picker import Choice, Picker
from composer.ui.signs import Signs

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


class Surpriser:
    """Fetches what is known of the tokens of the round that is shown, while they are to be seen."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._fetching: set[str] = set()

    def turn(self) -> None:
        """Show how sure the model was, or show it no more."""
        view = self._desk.candidates
        asked = self._desk.shown_round()
        if not view.surprised and asked is not None and not self._any(asked):
            raise RefusedError(
                "Nothing is known of these tokens: their endpoints were not asked for logprobs, or told none.",
                "logprobs = 5 in an endpoint's profile asks for them; the embedded model tells them.",
            )
        view.surprised = not view.surprised
        view.repaint()

    def _any(self, asked: Round) -> bool:
        known = self._desk.session.rounds.streams.choices
        return any(each.id in known or (each.ending and each.ending.logprobs) for each in asked.candidates)

    def look(self, asked: Round) -> None:
        """Give the pane what is known of a round's tokens, and fetch what lies in the session's file."""
        view = self._desk.candidates
        if not view.surprised:
            return
        known = self._desk.session.rounds.streams.choices
        view.surprise = {each.id: known[each.id] for each in asked.candidates if each.id in known}
        wanted = [
            each.id
            for each in asked.candidates
            if each.ending and each.ending.logprobs and each.id not in known and each.id not in self._fetching
        ]
        if wanted:
            self._fetching.update(wanted)
            self._desk.run_worker(self._fetch(wanted), group="info", exit_on_error=False)

    async def _fetch(self, names: list[str]) -> None:
        for name in names:
            await self._desk.session.rounds.choices(name)
            self._fetching.discard(name)
        self._desk.show_soon()

    def alternatives(self, name: str, place: int) -> None:
        """What else was likely in place of a token; the one that is chosen is gone on from."""
        candidate = self._desk.story.candidate(name)
        choice = surprise.at(self._desk.session.rounds.streams.choices.get(name, ()), place)
        if choice is None or not choice.others:
            raise RefusedError("No other words are known for this token.")
        if candidate.ending is None:
            raise RefusedError("It is still writing.", "Stop it with x first, or wait for its end.")
        taken, signs = candidate.text[choice.start : choice.end], self._desk.app.signs
        others = [(word, logprob) for word, logprob in choice.others if word != taken]
        lines = [
            Choice(str(at), f"{100 * surprise.probability(logprob):5.1f} %  {shown(word, signs)}")
            for at, (word, logprob) in enumerate(others)
        ]
        if not lines:
            raise RefusedError("No other words are known for this token.")
        title = f"In place of {shown(taken, signs)} ({100 * choice.probability:.1f} %) · enter: ask from there"

        def chosen(answer: str | None) -> None:
            if answer is not None:
                stem = Stem(name, choice.start, others[int(answer)][0])
                self._desk.attempt(lambda: self._branch(stem))

        self._desk.app.push_screen(Picker(title, lines), chosen)

    def _branch(self, stem: Stem) -> None:
        story = self._desk.story
        candidate = story.candidate(stem.candidate)
        asked = story.round(candidate.round)
        wish = asking.again(story, asked, self._desk.session.rounds.place(asked))
        self._desk.requests.open_from(wish, asked, candidate, "branch", word=stem)


def shown(word: str, signs: Signs) -> str:
    """A token in quotes, its white space seen."""
    return f"“{word.replace(chr(10), signs.line_break).replace(' ', signs.space)}”"
