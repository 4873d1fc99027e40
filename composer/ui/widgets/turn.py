"""A row of choices of which one holds: left and right turn from one to the next. What they mean is not its matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from composer.ui.lines import Lines, Part
from composer.ui.theming import Palette
from composer.ui.wrapping import cells


def choices_line(shown: Sequence[str], at: int, width: int, palette: Palette, *, current: Style) -> list[Part]:
    """Choices on a line, the one that holds in brackets; where there is no room for all, it alone with its number."""
    parts: list[Part] = []
    for number, each in enumerate(shown):
        parts.append(("  " if number and number not in (at, at + 1) else " " if number else "", palette.dim))
        parts += [("[", palette.dim), (each, current), ("]", palette.dim)] if number == at else [(each, palette.dim)]
    if at:
        # The bracket takes the place of a blank, so that nothing moves when another is chosen.
        parts.insert(0, (" ", palette.dim))
    parts.append((" ", palette.dim))
    if sum(cells(text) for text, _ in parts) <= width:
        return parts
    return [
        ("[", palette.dim),
        (shown[at], current),
        (f"]  {at + 1} of {len(shown)}", palette.dim),
    ]


class Turn(Lines, can_focus=True):
    """A row of choices: left and right turn from one to the next, a letter goes to the next that begins with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "before", show=False),
        Binding("right,space", "turn(1)", "next", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another choice holds."""

        turn: Turn

    def __init__(self, choices: Sequence[tuple[str, str]], value: str, *, id: str) -> None:
        super().__init__(id=id, classes="form-turn")
        self._choices = choices
        values = [each for each, _ in choices]
        self._at = values.index(value) if value in values else 0

    @property
    def value(self) -> str:
        return self._choices[self._at][0]

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        current = palette.text + palette.cursor if self.has_focus else palette.text
        return [choices_line([shown for _, shown in self._choices], self._at, width, palette, current=current)]

    def action_turn(self, by: int) -> None:
        self._go((self._at + by) % len(self._choices))

    def _go(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.repaint()
            self.post_message(self.Changed(self))

    def on_key(self, event: events.Key) -> None:
        if not event.is_printable or not event.character:
            return
        event.stop()
        letter = event.character.lower()
        after = [(self._at + by) % len(self._choices) for by in range(1, len(self._choices) + 1)]
        self._go(next((at for at in after if self._choices[at][1].lower().startswith(letter)), self._at))

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()
