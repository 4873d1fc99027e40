"""The box: one or a few fields above the status line. Enter does it, escape closes it; what was typed is there next time.

It asks and says what was answered; what that means is the screen's matter. Its text is clean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from composer.text.clean import clean, one_line
from composer.ui.backstop import to_content

FIELDS = 9
"""The most fields that a box has."""


@dataclass(frozen=True)
class Field:
    """One row: its name, what stands before it, what stands in it, and what it says while empty.

    With `choices`, left and right turn from one to the next; with `several` of them in a row, between commas, the last one.
    `earlier` are entries that up brings back, the newest first.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""
    choices: Sequence[str] = ()
    earlier: Sequence[str] = ()
    several: bool = False


class Entry(Input):
    """One field. Several pasted lines become one, unless the box takes a line each."""

    @dataclass
    class Pasted(Message):
        """Several lines were pasted."""

        entry: Entry
        rows: Sequence[str]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="box-field", select_on_focus=False, compact=True)
        self.choices: Sequence[str] = ()
        self.several = False

    def _on_paste(self, event: events.Paste) -> None:
        rows = [one_line(row, 10_000) for row in clean(event.text).split("\n")]
        if len(rows) > 1:
            self.post_message(self.Pasted(self, rows))
        else:
            self.insert_text_at_cursor(rows[0])
        event.stop()
        event.prevent_default()

    def _turn(self, by: int) -> bool:
        if not self.choices:
            return False
        before, comma, last = self.value.rpartition(",") if self.several else ("", "", self.value)
        last = last.strip()
        known = [choice for choice in self.choices if choice or not comma]
        # Arrows move within what was typed and is none of the choices.
        if last and last not in known:
            return False
        here = known.index(last) if last in known else -1 if by > 0 else 0
        chosen = known[(here + by) % len(known)]
        self.value = f"{before}{comma} {chosen}" if comma else chosen
        self.cursor_position = len(self.value)
        return True

    def action_cursor_left(self, select: bool = False) -> None:
        if not self._turn(-1):
            super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        if not self._turn(1):
            super().action_cursor_right(select)


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
        self.opened_from: Widget | None = None
        """What had the keys before."""
        self._many = False
        self._back = -1

    def compose(self) -> ComposeResult:
        yield Static(id="box-title", markup=False)
        for number in range(FIELDS):
            with Horizontal(classes="box-row", id=f"box-row-{number}"):
                yield Static(classes="box-label", id=f"box-label-{number}", markup=False)
                yield Entry(id=f"box-field-{number}")

    def _input(self, number: int) -> Entry:
        return self.query_one(f"#box-field-{number}", Entry)

    def open(
        self, kind: str, title: str, fields: Sequence[Field], *, keep: bool = False, many: bool = False, at: int = 0
    ) -> None:
        """Ask for these fields. With `keep`, what was left in them when this kind was last closed is there again.

        With `many`, each of several pasted lines is submitted by itself. `at` is the field to begin in.
        """
        if self.kind:
            self.close()
        else:
            self.opened_from = self.screen.focused
        self._many, self._back = many, -1
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
                entry.choices, entry.several = field.choices, field.several
                entry.cursor_position = len(value)
        self.display = True
        self.screen.set_focus(self._input(at))

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

    def put(self, values: Mapping[str, str]) -> None:
        """Have these stand in the fields of those names."""
        for number, field in enumerate(self._fields):
            if field.name in values:
                self._input(number).value = values[field.name]
                self._input(number).cursor_position = len(values[field.name])

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
        elif not self._earlier(-by):
            self._step(by)

    def _earlier(self, by: int) -> bool:
        """Bring back an earlier entry of a field that is empty, or holds one; whether there was one."""
        number = next((number for number in range(len(self._fields)) if self._input(number).has_focus), 0)
        entry, earlier = self._input(number), self._fields[number].earlier
        shown = self._back >= 0 and entry.value == earlier[self._back] if self._back < len(earlier) else False
        if not earlier or (entry.value and not shown):
            return False
        back = (self._back if shown else -1) + by
        if back < -1 or back >= len(earlier):
            return back >= len(earlier)
        self._back = back
        entry.value = earlier[back] if back >= 0 else ""
        entry.cursor_position = len(entry.value)
        return True

    def on_entry_pasted(self, message: Entry.Pasted) -> None:
        message.stop()
        entry = message.entry
        if not self._many:
            entry.insert_text_at_cursor(" ".join(row for row in message.rows if row))
            return
        name = self._fields[int((entry.id or "0").rpartition("-")[2])].name
        for row in message.rows:
            entry.insert_text_at_cursor(row)
            if entry.value.strip():
                self.post_message(self.Submitted(self.kind, name, self.values))
            entry.value = ""


def _tidy(text: str) -> str:
    return one_line(text, 10_000)
