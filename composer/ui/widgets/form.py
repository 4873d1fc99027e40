"""A row of the form of a profile: a label with its field, and what is wrong with it. It judges nothing and keeps nothing."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from composer.text.clean import clean
from composer.ui.backstop import to_content
from composer.ui.profiles import Row
from composer.ui.signs import Signs
from composer.ui.widgets.box import Entry
from composer.ui.widgets.turn import Turn


class FormRow(Horizontal):
    """A label and a field."""

    def __init__(self, row: Row, value: str, number: int | None = None) -> None:
        """`number` is that of a row of presets, from 1."""
        self.row = row
        self.number = number
        self.key = row.name if number is None else f"{row.name}{number}"
        super().__init__(id=f"form-{self.key}", classes=f"form-row{' -begins' * row.begins}")
        name = f"field-{self.key}"
        self.field: Entry | Turn = Turn(row.choices, value, id=name) if row.choices else _entry(row, value, name)
        self._label = Static(self._labelled(" "), classes="box-label", markup=False)

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.field

    def _labelled(self, sign: str) -> Content:
        return to_content(f"{sign} {self.row.label if self.number in (None, 1) else ''}")

    def point(self, here: bool) -> None:
        """Show whether the keys go here."""
        self._label.set_class(here, "-here")
        self._label.update(self._labelled(Signs.of(self.app).here if here else " "))

    @property
    def value(self) -> str:
        return clean(self.field.value)


class Trouble(Static):
    """What is wrong with the row above it. It is scrolled to as soon as it has its place."""

    def on_resize(self) -> None:
        self.scroll_visible(animate=False)


def _entry(row: Row, value: str, id: str) -> Entry:
    entry = Entry(id=id)
    entry.value = value
    entry.placeholder = row.hint
    entry.cursor_position = len(value)
    return entry
