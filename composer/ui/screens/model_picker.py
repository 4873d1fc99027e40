"""The list of a server's models to pick from. It asks no server itself: what there is it is told, now or later."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Input, OptionList

from composer.text.clean import one_line
from composer.ui.backstop import to_content
from composer.ui.phrases import counted
from composer.ui.screens.picker import Choice, Picker


class ModelPicker(Picker):
    """Picks a model from those that a server has. What was typed can be taken as it is, so any name can be given.

    While the server is being asked, enter waits for its answer.
    """

    def __init__(self, name: str, models: Sequence[str], current: str) -> None:
        super().__init__(f"Model of {name}", [], at=0)
        self._endpoint = name
        self._current = current
        self._waiting = True
        self._wanted = False
        self._choose_from(models)

    def _choose_from(self, models: Sequence[str]) -> None:
        # What is said by servers is shown on one line, and meant as it was said.
        self._choices = [Choice(model, one_line(model)) for model in models]
        values = [choice.value for choice in self._choices]
        self._at = values.index(self._current) if self._current in values else 0

    def on_mount(self) -> None:
        super().on_mount()
        self._say()

    def _say(self) -> None:
        words = f"asking {self._endpoint}…" if self._waiting else f"{counted(len(self._choices), 'model')}"
        if not self._waiting and not self._choices:
            words = "it tells none: type a model's name"
        self.query_one("#picker").border_subtitle = to_content(words)

    def offer(self, models: Sequence[str]) -> None:
        """The models that the server has; what was typed and pressed meanwhile holds."""
        self._waiting = False
        if not self.is_mounted:
            self._choose_from(models)
        if not self.is_current:
            return
        options = self.query_one(OptionList)
        moved = options.highlighted not in (None, self._at)
        held = self._shown[options.highlighted].value if moved and options.highlighted is not None else ""
        self._choose_from(models)
        typed = self.query_one(Input).value
        self._fill(typed, 0 if typed.strip() else self._at)
        if held and not typed.strip():
            values = [choice.value for choice in self._shown]
            options.highlighted = values.index(held) if held in values else options.highlighted
        self._say()
        if self._wanted:
            self._answer("")

    def _fill(self, typed: str, at: int = 0) -> None:
        super()._fill(typed, at)
        options = self.query_one(OptionList)
        typed = one_line(typed, 200)
        values = [choice.value for choice in self._shown]
        if typed in values:
            options.highlighted = values.index(typed)
        elif typed:
            self._shown.append(Choice(typed, typed))
            options.add_option(to_content(f"{typed}   as it is typed"))
            if options.highlighted is None:
                options.highlighted = 0

    def _answer(self, prefix: str) -> None:
        if self._waiting:
            self._wanted = True
            self.query_one("#picker").border_subtitle = to_content(f"asking {self._endpoint}… enter waits for it")
        else:
            super()._answer(prefix)
