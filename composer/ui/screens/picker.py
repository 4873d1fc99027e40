"""A list to pick from by typing: typing errors are forgiven. It says what was chosen and does nothing with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from composer.ui.backstop import to_content

SHOWN = 200
"""The most lines that the list holds at once."""


@dataclass(frozen=True)
class Choice:
    """A line of the list, and what is answered when it is chosen."""

    value: str
    label: str


class Picker(ModalScreen[str | None]):
    """Answers the value chosen, `delete:VALUE` or `keep:VALUE` where delete or ctrl+k was pressed on it, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete", "take_off", "take off", priority=True),
        Binding("ctrl+k", "keep", "keep", priority=True),
        Binding("escape", "close", "back"),
        Binding("down", "step(1)", "next"),
        Binding("up", "step(-1)", "before"),
        Binding("pagedown", "step(10)", "page"),
        Binding("pageup", "step(-10)", "page"),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice], *, deletes: bool = False, keeps: bool = False, at: int = 0
    ) -> None:
        """`at` is the number of the choice that is chosen until another is, from 0."""
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._shown: list[Choice] = []
        """The choices in the list, line by line."""
        self._at = at
        self._deletes = deletes
        self._keeps = keeps

    def compose(self) -> ComposeResult:
        with Vertical(id="picker", classes="sheet"):
            yield Input(placeholder="type to narrow the list, enter chooses, escape closes", compact=True)
            yield OptionList(markup=False)

    def on_mount(self) -> None:
        sheet = self.query_one("#picker")
        sheet.border_title = to_content(self._title)
        self.query_one(OptionList).can_focus = False
        self.set_focus(self.query_one(Input))
        self._fill("", self._at)

    def _fill(self, typed: str, at: int = 0) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        # The sheet is nine tenths of the window, 90 cells at most; its frame and the bar beside the list take eight.
        width = max(20, min(90, self.app.size.width * 9 // 10) - 8)
        self._shown = narrowed(self._choices, typed)[:SHOWN]
        options.add_options(Option(to_content(choice.label[:width])) for choice in self._shown)
        if self._shown:
            options.highlighted = min(at, len(self._shown) - 1)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        self._answer("")

    def action_take_off(self) -> None:
        field = self.query_one(Input)
        if self._deletes and not field.value:
            self._answer("delete:")
        else:
            field.action_delete_right()

    def action_keep(self) -> None:
        if self._keeps:
            self._answer("keep:")

    def _answer(self, prefix: str) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is None:
            self.dismiss(None)
            return
        self.dismiss(prefix + self._shown[options.highlighted].value)

    def action_step(self, by: int) -> None:
        options = self.query_one(OptionList)
        if options.option_count:
            here = options.highlighted or 0
            options.highlighted = max(0, min(options.option_count - 1, here + by))

    def action_close(self) -> None:
        self.dismiss(None)


def narrowed(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """The choices that fit what was typed, the best first; all of them, in order, where nothing was."""
    typed = typed.strip()
    if not typed:
        return list(choices)
    plain = typed.lower()
    exact = [choice for choice in choices if plain in choice.label.lower()]
    if exact:
        return sorted(exact, key=lambda choice: not choice.label.lower().strip().startswith(plain))
    from rapidfuzz import fuzz, process, utils

    labels = [choice.label for choice in choices]
    found = process.extract(
        typed, labels, scorer=fuzz.WRatio, processor=utils.default_process, limit=20, score_cutoff=60
    )
    return [choices[index] for _, _, index in found]
