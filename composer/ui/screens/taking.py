"""What a file holds, shown before it is taken: notes or exemplars that come and that change, and what is left over. It takes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from composer.story.actions.exemplars import LONG
from composer.story.events import ExemplarChanged, NoteChanged
from composer.story.story import Note
from composer.ui.backstop import to_content
from composer.ui.phrases import counted, shortened
from composer.ui.wrapping import cells

SHOWN = 200
"""The most rows, and lines left over, that are listed."""
COMES, CHANGES = "+", "~"
"""The signs before what is new and before what changes."""


class TakeSheet(ModalScreen[bool]):
    """Answers whether it is to be taken: enter takes, escape leaves it."""

    CSS_PATH = "../styles/notebook.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", show=False),
        Binding("escape,q,ctrl+q", "leave", "leave", show=False),
    ]

    def __init__(self, title: str, changes: Sequence[NoteChanged | ExemplarChanged], same: int, rest: str) -> None:
        """`same` are those that are there already as they are; `rest` is the text that belongs to none."""
        super().__init__()
        self._title = title
        self._changes = changes
        self._same = same
        self._rest = rest

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet", id="taking"):
            yield Static(id="taking-text", markup=False)

    def on_mount(self) -> None:
        sheet = self.query_one("#taking")
        sheet.border_title = to_content(self._title)
        sheet.border_subtitle = "enter takes them   esc leaves them   arrows and page keys move"
        self._fill()
        self.set_focus(sheet)

    def on_resize(self) -> None:
        self._fill()

    def _fill(self) -> None:
        # The sheet is nine tenths of the window, 100 cells at most; its frame and the bar beside it take seven.
        width = max(30, min(100, self.app.size.width * 9 // 10) - 7)
        self.query_one("#taking-text", Static).update(
            to_content("\n".join(lines_of(self._changes, self._same, self._rest, width, self.app.signs.ellipsis)))  # type: ignore[attr-defined]
        )

    def action_take(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)


def lines_of(
    changes: Sequence[NoteChanged | ExemplarChanged], same: int, rest: str, width: int, ellipsis: str
) -> list[str]:
    """What would come and change, a line each in `width` cells, and what is left over."""
    come = sum(change.before is None for change in changes)
    counts = [
        f"{come:,} new ({COMES})" if come else "",
        f"{counted(len(changes) - come, 'changes', 'change')} what has that name ({CHANGES})"
        if come < len(changes)
        else "",
        f"{same:,} as they are here already" if same else "",
    ]
    lines = [" · ".join(each for each in counts if each), ""]
    found = [change.after for change in changes if change.after is not None]
    longest = max((cells(each.name) for each in found[:SHOWN]), default=0)
    name = max(8, min(longest, width // 3))
    for change in changes[:SHOWN]:
        if (each := change.after) is not None:
            shown = shortened(each.name, name, ellipsis)
            kind = f"{each.kind:<6}  " if isinstance(each, Note) else ""
            start = f"{COMES if change.before is None else CHANGES} {kind}{shown}{' ' * (name - cells(shown))}  "
            first = " ".join(each.text[:400].split())
            lines.append(start + shortened(first, max(0, width - cells(start)), ellipsis))
    if len(changes) > SHOWN:
        lines.append(f"  and {len(changes) - SHOWN:,} more")
    long = [each for each in found if not isinstance(each, Note) and len(each.text) > LONG]
    for each in long[:SHOWN]:
        lines += [
            "",
            f"{each.name} is very long, {len(each.text):,} characters: most requests have no room for all of it.",
        ]
    if rest:
        left = rest.split("\n")
        lines += ["", "Left over, and not taken: no name stands before it.", ""]
        lines += [f"  {line}" for line in left[:SHOWN]]
        if len(left) > SHOWN:
            lines.append(f"  and {len(left) - SHOWN:,} more lines")
    return lines
