"""Sending a request of the main screen: at once, or when its endpoints have told what it needs to be packed. One at a time waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from composer.errors import ComposerError, RefusedError
from composer.session.rounds import How
from composer.story.candidate import Recipe, Stem
from composer.story.shape import Shape
from composer.text.clean import one_line
from composer.ui.asking import Asking
from composer.ui.widgets.box import Field

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


RECENT = 20
"""Rounds that show whether a server answers."""
LEAST_WINDOW, MOST_WINDOW = 256, 100_000_000


@dataclass(frozen=True)
class Sending:
    """A request on its way: what it is for, and what its candidates are asked with; a shape for each recipe."""

    wish: Asking
    instruction: str
    recipes: tuple[Recipe, ...]
    shapes: tuple[Shape, ...]
    remark: str
    stem: Stem | None

    @property
    def how(self) -> How:
        """What the session is told besides."""
        return {"shapes": self.shapes, "base": self.wish.base, "marks": self.wish.marks, "stem": self.stem}


class Sender:
    """The way from a request to its round."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._on_its_way = False
        self._held: tuple[Sending, Callable[[], None], Recipe] | None = None
        """A request that waits for the writer to say how much a model takes."""

    def send(self, sending: Sending, sent: Callable[[], None] = lambda: None) -> None:
        """Ask, once the endpoints are ready; `sent` is called when nothing was refused. One request at a time is on its way."""
        waiting: list[Recipe] = []
        if self._on_its_way:
            self._desk.say("The request before this one is on its way; nothing more was sent.")
            return
        if self._desk.attempt(lambda: waiting.extend(self._desk.session.rounds.unready(sending.recipes))):
            self._on_its_way = True
            self._desk.run_worker(self._send(sending, waiting, sent), group="asking", exit_on_error=False)

    async def _send(self, sending: Sending, waiting: Sequence[Recipe], sent: Callable[[], None]) -> None:
        try:
            if waiting:
                await self._get_ready(waiting)
            if not self._desk.is_attached or self._asks_window(sending, sent):
                return
            wish = sending.wish
            rounds = self._desk.session.rounds
            await rounds.ask(wish.kind, wish.target, sending.recipes, sending.instruction, **sending.how)
        except ComposerError as error:
            self._desk.refuse(error)
            return
        finally:
            self._on_its_way = False
        self._desk.show_newest()
        sent()
        self._desk.show_all()
        if sending.remark:
            self._desk.say(sending.remark)

    def _asks_window(self, sending: Sending, sent: Callable[[], None]) -> bool:
        """Ask the writer how much a model takes where neither its server nor its name tells; whether that is asked."""
        endpoints = self._desk.session.endpoints
        for recipe in sending.recipes:
            endpoint = endpoints.endpoint(recipe.endpoint)
            if endpoint.window_source(recipe.model) == "guess" and self._answers(endpoint.models, recipe):
                self._held = sending, sent, recipe
                named = one_line(recipe.model or recipe.endpoint, 40)
                title = f"How many tokens does {named} take? Its server does not say · enter keeps it, and sends"
                usual = str(endpoint.window_of(recipe.model))
                hint = "as its documentation has it; too few is safer than too many"
                self._desk.box.open("window", title, [Field("window", "tokens", usual, hint)], keep=False)
                return True
        return False

    def _answers(self, models: Sequence[str], recipe: Recipe) -> bool:
        """Whether its server is there: what can't be reached anyway is not asked about."""
        rounds = islice(reversed(self._desk.story.rounds), RECENT)
        wrote = (each for asked in rounds for each in asked.candidates if each.recipe.endpoint == recipe.endpoint)
        return bool(models) or any(each.recipe.model == recipe.model and each.written for each in wrote)

    def window_told(self, text: str) -> None:
        """The writer said how much a model takes: what waits for that is sent. RefusedError where it is no number."""
        tokens = text.strip().replace(",", "").replace(".", "").replace("_", "")
        if not tokens.isdecimal() or not LEAST_WINDOW <= int(tokens) <= MOST_WINDOW:
            raise RefusedError(
                f"“{one_line(text, 20)}” is no number of tokens.",
                f"Expected is a number from {LEAST_WINDOW} to {MOST_WINDOW:,}, like 8192.",
            )
        if self._held is None:
            return
        sending, sent, recipe = self._held
        self._held = None
        self._desk.session.endpoints.endpoint(recipe.endpoint).learn_window(recipe.model, int(tokens))
        self._desk.close_box()
        self.send(sending, sent)

    async def _get_ready(self, waiting: Sequence[Recipe]) -> None:
        names = " and ".join(dict.fromkeys(recipe.endpoint for recipe in waiting))
        self._desk.say(f"Asking {names} what it takes; your request follows.", seconds=10)
        await self._desk.session.rounds.ready(waiting)
        if self._desk.is_attached:
            self._desk.app.clear_notifications()
