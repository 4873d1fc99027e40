"""Sending a request of the main screen: at once, or when its endpoints have told what it needs to be packed. One at a time waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from composer.errors import ComposerError
from composer.story.candidate import Amount, Recipe, Stem
from composer.ui.asking import Asking

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


@dataclass(frozen=True)
class Sending:
    """A request on its way: what it is for, and what its candidates are asked with."""

    wish: Asking
    instruction: str
    recipes: tuple[Recipe, ...]
    amount: Amount
    remark: str
    stem: Stem | None


class Sender:
    """The way from a request to its round."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._getting_ready = False

    def send(self, sending: Sending) -> bool:
        """Ask, or have the endpoints made ready first; whether nothing was refused yet."""
        waiting: list[Recipe] = []

        def look() -> None:
            waiting.extend(self._desk.session.rounds.unready(sending.recipes))

        if not self._desk.attempt(look):
            return False
        if not waiting:
            return self._ask(sending)
        if self._getting_ready:
            self._desk.say("The request before this one is on its way; nothing more was sent.")
            return False
        self._getting_ready = True
        self._desk.run_worker(self._ask_when_ready(sending, waiting), group="asking", exit_on_error=False)
        return True

    async def _ask_when_ready(self, sending: Sending, waiting: Sequence[Recipe]) -> None:
        names = " and ".join(dict.fromkeys(recipe.endpoint for recipe in waiting))
        self._desk.say(f"Asking {names} what it takes; your request follows.", seconds=10)
        try:
            await self._desk.session.rounds.ready(waiting)
        except ComposerError as error:
            self._desk.refuse(error)
            return
        finally:
            self._getting_ready = False
        if self._desk.is_attached:
            self._desk.app.clear_notifications()
            self._ask(sending)

    def _ask(self, sending: Sending) -> bool:
        """Ask for the round; the candidates pane shows it."""

        def ask() -> None:
            self._desk.session.rounds.ask(
                sending.wish.kind,
                sending.wish.target,
                sending.recipes,
                sending.instruction,
                amount=sending.amount,
                base=sending.wish.base,
                marks=sending.wish.marks,
                stem=sending.stem,
            )
            self._desk.show_newest()

        sent = self._desk.attempt(ask)
        if sent and sending.remark:
            self._desk.say(sending.remark)
        return sent
