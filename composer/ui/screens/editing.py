"""Editing what would be placed, before it is: a text apart, with origins kept exactly. It answers, and places nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from composer.story.spans import Spans
from composer.ui.backstop import to_content
from composer.ui.scratch import Scratch
from composer.ui.screens.scratching import SOON, ScratchScreen
from composer.ui.widgets.manuscript import ManuscriptView
from composer.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from composer.ui.screens.clips import Clips


class EditScreen(ScratchScreen[bool]):
    """ctrl+t places, escape keeps it for later. Answers whether it is to be placed.

    `keep` takes the text with its origins, and says whether it could; without paragraphs it is as it was before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "keep", "keep", show=False),
        Binding("ctrl+t", "place", "place", show=False),
        Binding("ctrl+s", "flush", "save", show=False),
    ]
    latest = SOON

    def __init__(
        self,
        title: str,
        paragraphs: Sequence[Spans],
        clips: Clips,
        new_id: Callable[[], str],
        keep: Callable[[tuple[Spans, ...]], bool],
    ) -> None:
        self._kept = tuple(row for row in paragraphs if row)
        super().__init__(Scratch(self._kept, new_id), clips)
        self._keep = keep
        self._title = title

    def compose(self) -> ComposeResult:
        with Pane(id="edit-pane"):
            yield ManuscriptView(self._scratch, id="edit")

    def on_mount(self) -> None:
        self.query_one("#edit-pane").border_title = to_content(self._title)
        self.query_one("#edit-pane").border_subtitle = to_content(
            "ctrl+t places   esc keeps it for later   ctrl+z undo"
        )
        self._show(self._scratch.manuscript.first)
        self.set_focus(self._view)

    def keep_now(self) -> bool:
        self._settle()
        now = self._scratch.paragraphs
        if now != self._kept:
            if not self._keep(now):
                return False
            self._kept = now
        return True

    def _answer(self, place: bool) -> None:
        if place and not self._scratch.paragraphs:
            self.app.notify("There is nothing left to place. esc goes back to the text as it was.", markup=False)
        elif self.keep_now():
            self.dismiss(place)

    def action_keep(self) -> None:
        if not self._view.drop_selection():
            self._answer(False)

    def action_place(self) -> None:
        self._answer(True)

    def action_flush(self) -> None:
        """Keep it now; it goes to disk like everything else."""
        if self.keep_now():
            self.app.notify("Kept. esc goes back, ctrl+t places it.", markup=False)

    def action_quit(self) -> None:
        self._answer(False)
        self.app.call_later(self.app.action_quit)
