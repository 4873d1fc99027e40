"""The form for one endpoint's profile: a row for each of its fields.

It shows and gives back rows; what is wrong is said at its row, and nothing typed is lost by it. It writes no file itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from composer.config import EndpointProfile
from composer.errors import ComposerError
from composer.ui.backstop import to_content
from composer.ui.profiles import OF_WAY, PRESET, ROWS, Wrong, read, values_of
from composer.ui.signs import Signs
from composer.ui.widgets.box import Entry
from composer.ui.widgets.form import FormRow, Trouble
from composer.ui.widgets.turn import Turn

TALL = 36
"""Lines of the window from which groups of rows stand apart."""

Keep = Callable[[str, EndpointProfile, str], Awaitable[None]]


class ProfileForm(ModalScreen[str | None]):
    """Answers the name under which the profile was kept, or None. `keep` takes name, profile and the name it had before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,tab", "step(1)", "next row", show=False),
        Binding("up,shift+tab", "step(-1)", "row before", show=False),
        Binding("pagedown", "step(8)", "page", show=False),
        Binding("pageup", "step(-8)", "page", show=False),
        Binding("enter", "keep", "keep", show=False),
        Binding("escape", "leave", "back", show=False),
        Binding("ctrl+q", "quit", "quit", show=False),
    ]
    CSS_PATH = "../styles/models.tcss"
    AUTO_FOCUS = ""
    """It gives the keys to a row itself."""

    def __init__(
        self,
        title: str,
        name: str,
        profile: EndpointProfile,
        keep: Keep,
        *,
        taken: Collection[str] = (),
        old: str = "",
        at: str = "name",
    ) -> None:
        """`taken` are names that others have; `old` is the name it has in the settings; `at` is the row to begin in."""
        super().__init__()
        self._title = title
        self._profile = profile
        self._keep = keep
        self._taken = frozenset(taken)
        self._old = old
        self._start = at
        self._first = values_of(name, profile)
        self._of_way = {self._first["way"]: self._first["key"]}
        """What stands in the row of the key, by where it comes from: turning on and back loses nothing."""
        self._way = self._first["way"]
        self._asked = False
        self._wrong: Trouble | None = None
        """What is wrong, where something is."""
        self._pointed: FormRow | None = None
        """The row that is shown to have the keys."""

    def compose(self) -> ComposeResult:
        self.set_class(self.app.size.height >= TALL, "-tall")
        with Vertical(id="form", classes="sheet"):
            with Vertical(id="form-rows"):
                for row in ROWS:
                    yield FormRow(row, self._first[row.name])
                presets = [value for name, value in self._first.items() if name.startswith(PRESET.name)]
                for number, value in enumerate([*presets, ""], 1):
                    yield FormRow(PRESET, value, number)
            yield Static(id="form-says", markup=False)

    @property
    def _rows(self) -> list[FormRow]:
        return list(self.query(FormRow))

    def _row(self, name: str) -> FormRow:
        return self.query_one(f"#form-{name}", FormRow)

    @property
    def values(self) -> dict[str, str]:
        """What stands in the rows now."""
        return {row.key: row.value for row in self._rows}

    @property
    def changed(self) -> bool:
        """Whether anything stands in it that did not when it was opened."""
        now = {name: value for name, value in self.values.items() if value or name in self._first}
        return now != self._first

    def on_mount(self) -> None:
        form = self.query_one("#form")
        form.border_title = to_content(self._title)
        form.border_subtitle = to_content(
            f"enter keeps   ↑ ↓ rows   {'← → choices   ' if self.app.size.width >= 80 else ''}esc leaves"
            if Signs.of(self.app) == Signs()
            else "enter keeps   arrows: rows, choices   esc leaves"
        )
        self._turn_way()
        self.set_focus(self._row(self._start).field)

    def on_resize(self) -> None:
        self.set_class(self.app.size.height >= TALL, "-tall")

    def _say(self, row: FormRow | None, words: str = "") -> None:
        """Say below a row what is wrong with it. One thing at a time: the first that is found."""
        if self._wrong is not None:
            self._wrong.remove()
            self._wrong = None
        if row is not None:
            text = to_content(f"{Signs.of(self.app).failed} {words}")
            self._wrong = Trouble(text, classes="form-wrong", markup=False)
            self.query_one("#form-rows").mount(self._wrong, after=row)

    def _turn_way(self) -> None:
        """The row of the key is what its place makes it."""
        row = self._row("key")
        field = row.field
        assert isinstance(field, Entry)
        way = self._row("way").value
        if way != self._way:
            self._of_way[self._way] = field.value
            field.value = self._of_way.get(way, "")
            field.cursor_position = len(field.value)
            self._way = way
        field.placeholder = OF_WAY[way][1]
        field.disabled = way in ("", "keyring")

    def on_turn_changed(self, message: Turn.Changed) -> None:
        self._touched()
        if message.turn is self._row("way").field:
            self._turn_way()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._touched()
        last = self._rows[-1]
        if event.input is last.field and last.value.strip():
            self._add_presets([""])

    def _add_presets(self, values: Sequence[str]) -> None:
        """Rows for more presets, behind the last one."""
        first = (self._rows[-1].number or 0) + 1
        self.query_one("#form-rows").mount_all(FormRow(PRESET, value, first + at) for at, value in enumerate(values))

    def _touched(self) -> None:
        self._asked = False
        if self.is_mounted:
            self._say(None)
            if (row := self._here) is not None:
                self._explain(row)

    def _row_of(self, widget: Widget | None) -> FormRow | None:
        if widget is None:
            return None
        return next((node for node in widget.ancestors if isinstance(node, FormRow)), None)

    @property
    def _here(self) -> FormRow | None:
        return self._row_of(self.focused)

    def on_descendant_focus(self) -> None:
        here = self._here
        if here is not None and here is not self._pointed:
            if self._pointed is not None:
                self._pointed.point(False)
            here.point(True)
            self._pointed = here
            self._explain(here)

    def _explain(self, row: FormRow) -> None:
        """Say below the rows what the row means."""
        says = OF_WAY[self._way][0] if row.key == "key" else row.row.says
        self.query_one("#form-says", Static).update(to_content(says))

    # keys

    def action_step(self, by: int) -> None:
        rows = [row for row in self._rows if not row.field.disabled]
        here = self._here
        at = rows.index(here) if here in rows else 0
        to = at + by
        # A step goes round, a page stops at the ends.
        to = to % len(rows) if abs(by) == 1 else max(0, min(len(rows) - 1, to))
        self.set_focus(rows[to].field)

    def on_input_submitted(self) -> None:
        self.action_keep()

    def action_keep(self) -> None:
        self._say(None)
        found = read(self.values, self._profile, self._taken)
        if isinstance(found, Wrong):
            self._refuse(found)
        else:
            self.run_worker(self._store(*found), group="profiles", exclusive=True, exit_on_error=False)

    def _refuse(self, wrong: Wrong) -> None:
        row = self._row(wrong.row)
        if wrong.key and isinstance(row.field, Entry):
            with row.field.prevent(Input.Changed):
                row.field.value = ""
            self._of_way.pop(self._way, None)
        if not row.field.disabled:
            self.set_focus(row.field)
        self._say(row, wrong.words)

    async def _store(self, name: str, profile: EndpointProfile) -> None:
        try:
            await self._keep(name, profile, self._old)
        except ComposerError as error:
            self._say(self._row("name"), str(error))
            return
        if self.is_current:
            self.dismiss(name)

    def on_entry_pasted(self, message: Entry.Pasted) -> None:
        """Several lines pasted: in the presets a line each, elsewhere one line."""
        message.stop()
        lines = [line for line in message.rows if line]
        if message.entry is self._rows[-1].field and self._rows[-1].row is PRESET and lines:
            self._add_presets([*lines[1:], ""])
            message.entry.insert_text_at_cursor(lines[0])
        else:
            message.entry.insert_text_at_cursor(" ".join(lines))

    def action_leave(self) -> None:
        if self.changed and not self._asked:
            self._asked = True
            self.query_one("#form-says", Static).update(
                to_content(
                    f"{Signs.of(self.app).failed} Something was changed. escape again leaves it, enter keeps it."
                )
            )
            return
        self.dismiss(None)

    def action_quit(self) -> None:
        self.dismiss(None)
        self.app.call_later(self.app.action_quit)
