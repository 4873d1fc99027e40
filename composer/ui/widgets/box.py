"""The box: one or a few fields above the status line. Enter does it, escape closes it; what was typed is there next time.

It asks and says what was answered; what that means is the screen's matter. Its text is clean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from composer.text.clean import clean, one_line
from composer.ui.backstop import to_content

FIELDS = 4
"""The most fields that a box has."""


@dataclass(frozen=True)
class Field:
    """One row: its name, what stands before it, what stands in it, and what it says while empty."""

    name: str
    label: str
    value: str = ""
    hint: str = ""


class Box(Vertical):
    """Fields under a title. `kind` says what is being asked; empty while it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "field(1)", "next field", show=False),
        Binding("shift+tab", "field(-1)", "field before", show=False),
        Binding("down", "step(1)", "next", show=False),
        Binding("up", "step(-1)", "before", show=False),
    ]

    @dataclass
    class Submitted(Message):
        """Enter was pressed in `field`."""

        kind: str
        field: str
        values: Mapping[str, str]

    @dataclass
    class Stepped(Message):
        """Up (-1) or down (1) was pressed in the find box."""

        by: int
        values: Mapping[str, str]

    @dataclass
    class Changed(Message):
        """The text of a field changed."""

        kind: str
        values: Mapping[str, str]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.kind = ""
        self._fields: tuple[Field, ...] = ()
        self._left: dict[tuple[str, str], str] = {}

    def compose(self) -> ComposeResult:
        yield Static(id="box-title", markup=False)
        for number in range(FIELDS):
            with Horizontal(classes="box-row", id=f"box-row-{number}"):
                yield Static(classes="box-label", id=f"box-label-{number}", markup=False)
                yield Input(id=f"box-field-{number}", classes="box-field", select_on_focus=False, compact=True)

    def _input(self, number: int) -> Input:
        return self.query_one(f"#box-field-{number}", Input)

    def open(self, kind: str, title: str, fields: Sequence[Field], *, keep: bool = False) -> None:
        """Ask for these fields. With `keep`, what was left in them when this kind was last closed is there again."""
        if self.kind:
            self.close()
        self.kind, self._fields = kind, tuple(fields[:FIELDS])
        self.query_one("#box-title", Static).update(to_content(title))
        for number in range(FIELDS):
            row = self.query_one(f"#box-row-{number}")
            row.display = number < len(self._fields)
            if number < len(self._fields):
                field = self._fields[number]
                self.query_one(f"#box-label-{number}", Static).update(to_content(field.label))
                entry = self._input(number)
                value = self._left.get((kind, field.name), "") if keep and not field.value else field.value
                entry.value = value
                entry.placeholder = field.hint
                entry.cursor_position = len(value)
        self.display = True
        self.screen.set_focus(self._input(0))

    def close(self) -> None:
        """Close it, remembering what stands in it."""
        for name, value in self.values.items():
            self._left[self.kind, name] = value
        self.kind = ""
        self.display = False

    def forget(self) -> None:
        """Remember nothing of what stands in it."""
        for field in self._fields:
            self._left.pop((self.kind, field.name), None)
        for number in range(len(self._fields)):
            self._input(number).value = ""

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields, clean, on one line each; spaces count in what is looked for."""
        tidy = clean if self.kind == "find" else _tidy
        return {field.name: tidy(self._input(number).value) for number, field in enumerate(self._fields)}

    def _on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.kind:
            self.post_message(self.Changed(self.kind, self.values))

    def _on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        number = int((event.input.id or "0").rpartition("-")[2])
        self.post_message(self.Submitted(self.kind, self._fields[number].name, self.values))

    def _step(self, by: int) -> None:
        here = next((number for number in range(len(self._fields)) if self._input(number).has_focus), 0)
        self.screen.set_focus(self._input((here + by) % len(self._fields)))

    def action_field(self, by: int) -> None:
        self._step(by)

    def action_step(self, by: int) -> None:
        if self.kind == "find":
            self.post_message(self.Stepped(by, self.values))
        else:
            self._step(by)


def _tidy(text: str) -> str:
    return one_line(text, 10_000)
