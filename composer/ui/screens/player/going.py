"""How the writer goes on from a moment of a film: in the story that is open, as a branch, or in a new story. It asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composer.errors import ComposerError
from composer.journal.film import Film
from composer.ui.screens.picker import Choice, Picker

if TYPE_CHECKING:
    from composer.ui.screens.player.screen import PlayerScreen


NOTHING = "Before the first entry there is nothing to go on from. Go on to an entry; right does."


class Going:
    """Asks, and does it once. While a story is being made, no other is."""

    def __init__(self, screen: PlayerScreen) -> None:
        self._screen = screen
        self._busy = False

    def ask(self, film: Film, entry: int) -> None:
        """Ask how to go on from an entry."""
        if self._busy:
            self._screen.say("The new story is still being made.")
            return
        first = "entry" if entry == 1 else f"{entry:,} entries"
        new = Choice("new", f"a new story of the first {first}; this one stays")
        here = Choice("here", "this story, as a branch; what came later stays in its history")
        choices = [here] if self._screen.deeds.in_story else []
        choices += [new] if entry else []
        if not choices:
            self._screen.say(NOTHING)
            return

        def chosen(answer: str | None) -> None:
            if answer == "here":
                self._branch(film, entry)
            elif answer == "new":
                self._busy = True
                self._screen.run_worker(self._make(film, entry), group="history", exit_on_error=False)

        self._screen.app.push_screen(Picker(f"Go on from entry {entry:,} in", choices), chosen)

    def _branch(self, film: Film, entry: int) -> None:
        if self._screen.allowed(self._screen.deeds.check_branch):
            self._screen.app.go_on_from(film.reel.heads[entry])

    async def _make(self, film: Film, entry: int) -> None:
        self._screen.say("The new story is being made.")
        title = film.reel.story(entry).details.title or self._screen.title_of_story
        try:
            path = await self._screen.deeds.make(film, entry, title)
        except ComposerError as error:
            self._screen.say(str(error))
        else:
            self._screen.app.open_story(path)
        finally:
            self._busy = False
