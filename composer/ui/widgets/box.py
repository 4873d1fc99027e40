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
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from composer.text.clean import clean, one_line
from composer.ui.backstop import to_content
from composer.ui.lines import fill
from composer.ui.phrases import shortened
from composer.ui.signs import Signs
from composer.ui.widgets.picks import BETWEEN, SIDE, Pick, Picks, PicksView

FIELDS = 9
"""The most fields that a box has."""


@dataclass(frozen=True)
class Field:
    """One row: its name, what stands before it, what stands in it, and what it says while empty.

    With `choices`, left and right turn from one to the next; with `several` of them in a row, between commas, the last one.
    `earlier` are entries that up brings back, the newest first. Of `picks`, names with first words, several can be chosen below the
    row, and own words typed as well: what stands in it is then one text, in which a bar is between two. Such a row has no others of these.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""
    choices: Sequence[str] = ()
    earlier: Sequence[str] = ()
    several: bool = False
    picks: Sequence[tuple[str, str]] = ()


class Entry(Input):
    """One field. Several pasted lines become one, unless the box takes a line each. With picks, its value is the own words alone."""

    @dataclass
    class Pasted(Message):
        """Several lines were pasted."""

        entry: Entry
        rows: Sequence[str]

    @dataclass
    class Picked(Message):
        """The cursor moved among the picks, or one was chosen or un-chosen."""

        entry: Entry
        chosen: bool

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="box-field", select_on_focus=False, compact=True)
        self.choices: Sequence[str] = ()
        self.several = False
        self.picks = Picks()

    @property
    def told(self) -> str:
        """What stands in it: own words, and the picks that are chosen."""
        return self.picks.told(self.value) if self.picks else self.value

    def put(self, text: str) -> None:
        """Have this stand in it."""
        self.value = self.picks.read(text) if self.picks else text
        self.cursor_position = len(self.value)
        self.refresh()

    def settle(self) -> None:
        """Choose the picks that its own words name."""
        if self.picks and (left := self.picks.take(self.value)) != self.value:
            self.value = left

    def render_line(self, y: int) -> Strip:
        """What is chosen stands before the own words; while those are typed they have the row to themselves."""
        if y or not self.picks.chosen or (self.has_focus and self.value):
            return super().render_line(y)
        style, width = self.rich_style, self.scrollable_content_region.width
        bar = f" {BETWEEN} " if self.has_focus else ""
        shown = shortened(self.told, width - len(bar), Signs.of(self.app).ellipsis, words=False)
        # Own words would be typed behind what is chosen.
        cursor = self.get_component_rich_style("input--cursor") if self.has_focus and self._cursor_visible else style
        return fill([(shown + bar, style), (" ", style + cursor)], width + 1, style)

    async def _on_key(self, event: events.Key) -> None:
        if self.picks and not self.value and event.character == " ":
            self.picks.turn()
            self.refresh()
            self.post_message(self.Picked(self, chosen=True))
            event.stop()
            event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        rows = [one_line(row, 10_000) for row in clean(event.text).split("\n")]
        if len(rows) > 1:
            self.post_message(self.Pasted(self, rows))
        else:
            self.insert_text_at_cursor(rows[0])
        event.stop()
        event.prevent_default()

    def _turn(self, by: int) -> bool:
        if self.picks:
            # Arrows move within own words.
            if self.value:
                return False
            self.picks.move(by)
            self.post_message(self.Picked(self, chosen=False))
            return True
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
        """The text of a field changed, or what is chosen in it."""

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
        yield PicksView(id="box-picks", side=SIDE)

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
                entry.placeholder = field.hint
                entry.choices, entry.several = field.choices, field.several
                entry.picks = Picks(field.picks)
                entry.put(value)
        self.display = True
        self.screen.set_focus(self._input(at))
        self._unfold(at)

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
            self._input(number).put("")
        self._show_picks()

    def put(self, values: Mapping[str, str]) -> None:
        """Have these stand in the fields of those names."""
        for number, field in enumerate(self._fields):
            if field.name in values:
                self._input(number).put(values[field.name])
        self._show_picks()

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields, clean, on one line each; spaces count in what is looked for."""
        tidy = clean if self.kind == "find" else _tidy
        return {field.name: tidy(self._input(number).told) for number, field in enumerate(self._fields)}

    # picks

    def _here(self) -> int:
        """The field that has the keys; the first where none has."""
        return next((number for number in range(len(self._fields)) if self._input(number).has_focus), 0)

    def _unfold(self, number: int) -> None:
        """Show what can be chosen in a field below its row; for one without picks, nothing."""
        view = self.query_one(PicksView)
        folded = not self._input(number).picks
        if not folded:
            row = self.query_one(f"#box-row-{number}")
            if self.children.index(view) != self.children.index(row) + 1:
                self.move_child(view, after=row)
        view.display = not folded
        self._show_picks(number)

    def _show_picks(self, number: int | None = None) -> None:
        """Show the picks of a field as they are now; of the one that has the keys, unless it is named."""
        entry = self._input(self._here() if number is None else number)
        if entry.picks:
            picks = [Pick(name, text, name in entry.picks.chosen) for name, text in entry.picks.offered]
            self.query_one(PicksView).show(picks, entry.picks.at, active=not entry.value)

    def on_descendant_focus(self) -> None:
        if self.kind:
            self._unfold(self._here())

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if isinstance(event.widget, Entry):
            event.widget.settle()
        if self.kind and not self.has_focus_within:
            self.query_one(PicksView).display = False

    def on_entry_picked(self, message: Entry.Picked) -> None:
        message.stop()
        self._show_picks()
        if message.chosen and self.kind:
            self.post_message(self.Changed(self.kind, self.values))

    # keys

    def _on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.kind:
            self._show_picks()
            self.post_message(self.Changed(self.kind, self.values))

    def _on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        number = int((event.input.id or "0").rpartition("-")[2])
        self.post_message(self.Submitted(self.kind, self._fields[number].name, self.values))

    def _step(self, by: int) -> None:
        self.screen.set_focus(self._input((self._here() + by) % len(self._fields)))

    def action_field(self, by: int) -> None:
        self._step(by)

    def action_step(self, by: int) -> None:
        if self.kind == "find":
            self.post_message(self.Stepped(by, self.values))
        elif not self._earlier(-by):
            self._step(by)

    def _earlier(self, by: int) -> bool:
        """Bring back an earlier entry of a field that is empty, or holds one; whether there was one."""
        number = self._here()
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
