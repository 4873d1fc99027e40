"""Asking for candidates: what for, by where one stands, and the box that takes an instruction and another ladder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from composer.config import parse_ladder
from composer.ui import asking
from composer.ui import caret as carets
from composer.ui.asking import Asking
from composer.ui.widgets.box import Field

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


class Requests:
    """What is being asked for on the main screen."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._wish: Asking | None = None

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

    def send(self, wish: Asking, instruction: str) -> bool:
        """Send a request; the candidates pane shows its round."""

        def send() -> None:
            self._desk.session.rounds.ask(
                wish.kind, wish.target, self._desk.session.rounds.recipes(self._desk.ladder), instruction
            )
            self._desk.show_newest()

        return self._desk.attempt(send)

    def open(self, wish: Asking, instruction: str = "") -> None:
        self._wish = wish
        self._desk.box.open(
            "request",
            f"Ask: {wish.words} · enter sends, escape closes",
            [
                Field("instruction", "instruction", instruction, "what should happen, or how; may be empty"),
                Field(
                    "ladder", "temperatures", show_ladder(self._desk.ladder), "0.2, 0.6, 1.0: one candidate for each"
                ),
            ],
            keep=True,
        )

    def submit(self, instruction: str, ladder: str) -> None:
        def read() -> None:
            self._desk.ladder = parse_ladder(ladder)

        wish = self._wish
        if not self._desk.attempt(read) or wish is None:
            return
        if wish.instruction and not instruction:
            self._desk.say("A rework needs an instruction: what should be different?")
            return
        if self.send(wish, instruction):
            self._desk.box.forget()
            self._desk.close_box()


def show_ladder(ladder: Sequence[float]) -> str:
    """Temperatures as people write them: `0.2 0.4 0.6`."""
    return " ".join(f"{value:g}" for value in ladder)
