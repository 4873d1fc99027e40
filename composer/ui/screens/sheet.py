"""A sheet of plain text over the screen: help, what a candidate was made from, how to set up a model."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from composer.ui import keymap
from composer.ui.backstop import to_content
from composer.ui.signs import Signs


class Sheet(ModalScreen[None]):
    """Text to read; any of escape, enter, q and f1 closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,f1,ctrl+q", "close", "close")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet", id="sheet"):
            yield Static(to_content(self._text), markup=False)

    def on_mount(self) -> None:
        sheet = self.query_one("#sheet")
        sheet.border_title = to_content(self._title)
        sheet.border_subtitle = "arrows and page keys move · escape closes"
        self.set_focus(sheet)

    def action_close(self) -> None:
        self.dismiss(None)


def room(columns: int) -> int:
    """Cells of a line of a sheet on a screen of that many columns."""
    return max(20, min(100, columns * 9 // 10) - 6)


def help_text(where: keymap.Where, signs: Signs) -> str:
    """The keys of one place, then those that hold everywhere, then the signs. Made from the key table."""
    parts = []
    for place in (where, "everywhere"):
        parts.append(keymap.PLACES[place])
        parts += [f"  {keymap.shown(key):<14} {key.does}" for key in keymap.shown_in(place)]
        parts.append("")
    parts.append("Signs")
    parts += [f"  {sign:<14} {meaning}" for sign, meaning in signs.meanings()]
    parts += [
        "",
        "Words",
        "  beat           a step of the outline: one line that says what happens",
        "  section        the same in non-fiction: its title stands as a heading in the text",
        "  2 of 5 done    of the beats below; words and targets of a beat count those below it too",
        "  round          one request for candidates; older rounds stay, comma and full stop turn to them",
        "  candidate      one answer of the model in a round, at its own temperature (T)",
        "  splice         the pieces you marked, in the order you marked them",
        "  shelf          what you kept for later",
        "  hole           [bracketed text] waiting to be filled: ctrl+g on it asks for candidates",
        "",
        "Nothing is written into the manuscript without a key, and every key can be undone.",
    ]
    return "\n".join(parts)
