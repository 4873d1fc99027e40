"""Asking for candidates: what for, by where one stands, and the box that says how. What was chosen there stays for the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, get_args

from composer.config import parse_ladder
from composer.context.pack import Amount
from composer.errors import RefusedError
from composer.story.candidate import Round, RoundKind
from composer.ui import asking
from composer.ui import caret as carets
from composer.ui.asking import Asking
from composer.ui.widgets.box import Field

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen

EARLIER = 30
"""Instructions that up brings back."""
Choice = TypeVar("Choice", RoundKind, Amount)
AMOUNTS: tuple[Amount, ...] = get_args(Amount)


class Requests:
    """What is being asked for on the main screen, and how: model, lens and amount of context, as chosen last."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._wish: Asking | None = None
        self._offered: Amount | None = None
        self.model = ""
        """Another model of the same server; empty for the one that is set."""
        self.lens = ""
        self.amount: Amount = "full"

    @property
    def kept(self) -> tuple[str, ...]:
        """What was chosen in the box and holds for the next request too, where it is not the usual."""
        return (*((self.amount,) if self.amount != "full" else ()), *(("lens",) if self.lens else ()))

    def wish(self) -> Asking:
        """What ctrl+g asks for here. RefusedError where it can't be."""
        if self._desk.outline.has_focus:
            return asking.in_outline(self._desk.story, self._desk.outline.beat)
        asked = self._desk.shown_round()
        if self._desk.candidates.has_focus and asked is not None:
            return asking.again(self._desk.story, asked, self._desk.session.rounds.place(asked))
        start, end = self._desk.text.selection
        text = self._desk.story.manuscript
        return asking.in_text(
            self._desk.story, carets.valid(text, start), carets.valid(text, end), self._desk.outline.beat
        )

    def send(self, wish: Asking, instruction: str, amount: Amount | None = None) -> bool:
        """Send a request; the candidates pane shows its round."""

        def send() -> None:
            rounds = self._desk.session.rounds
            rounds.ask(
                wish.kind,
                wish.target,
                rounds.recipes(self._desk.ladder, self.model, self.lens),
                instruction,
                amount=amount or self.amount,
                base=wish.base,
                marks=wish.marks,
            )
            self._desk.show_newest()

        return self._desk.attempt(send)

    def open(
        self, wish: Asking, instruction: str = "", amount: Amount | None = None, like: Round | None = None
    ) -> None:
        """Open the request box for it; filled as the round `like` was."""
        self._wish, self._offered = wish, amount
        ladder, model, lens = self._desk.ladder, self.model, self.lens
        if like is not None:
            heats = [each.recipe.temperature for each in like.candidates]
            ladder = tuple(heat for heat in heats if heat is not None) or ladder
            recipe = like.candidates[0].recipe
            model, lens = "" if recipe.model == self._desk.session.endpoint.model else recipe.model, recipe.lens
        kinds = asking.KINDS if wish.kind in asking.KINDS else (wish.kind,)
        self._desk.box.open(
            "request",
            f"Ask: {wish.words} · enter sends · up: earlier · ← → change",
            [
                Field(
                    "instruction",
                    "instruction",
                    instruction,
                    "what should happen, or how; may be empty",
                    earlier=self._earlier(),
                ),
                Field("ladder", "temperatures", show_ladder(ladder), "0.2, 0.6, 1.0: one candidate for each"),
                Field("kind", "kind", wish.kind, choices=kinds),
                Field("model", "model", model, self._desk.session.endpoint.model),
                Field("lens", "lens", lens, "as a mentor of ten years; may be empty"),
                Field("context", "context", amount or self.amount, choices=AMOUNTS),
            ],
            keep=True,
        )

    def _earlier(self) -> list[str]:
        said = [asked.instruction for asked in self._desk.story.rounds if asked.instruction]
        return list(dict.fromkeys(reversed(said)))[:EARLIER]

    def submit(self, values: Mapping[str, str]) -> None:
        """Enter was pressed in the box."""
        wish = self._wish
        if wish is None:
            return
        asked: list[tuple[Asking, Amount]] = []

        def read() -> None:
            kind = _one_of(values["kind"], (*asking.KINDS, wish.kind), "kind")
            amount = _one_of(values["context"], AMOUNTS, "context")
            asked.append((asking.of_kind(wish, kind), amount))
            self._desk.ladder = parse_ladder(values["ladder"])
            self.model, self.lens = values["model"], values["lens"]

        if not self._desk.attempt(read):
            return
        chosen, amount = asked[0]
        if chosen.instruction and not values["instruction"]:
            self._desk.say("A rework needs an instruction: what should be different?")
            return
        if self.send(chosen, values["instruction"], amount):
            if amount != self._offered:
                # What came with the wish was not chosen.
                self.amount = amount
            self._desk.box.forget()
            self._desk.close_box()


def _one_of(text: str, choices: Sequence[Choice], what: str) -> Choice:
    """The choice that begins so. RefusedError if none does."""
    for choice in choices:
        if text and choice.startswith(text.lower()):
            return choice
    raise RefusedError(f"“{text}” is no {what}.", f"There are: {', '.join(dict.fromkeys(choices))}.")


def show_ladder(ladder: Sequence[float]) -> str:
    """Temperatures as people write them: `0.2 0.4 0.6`."""
    return " ".join(f"{value:g}" for value in ladder)
