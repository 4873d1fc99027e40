"""Editing what would be placed, before it is: a text apart, with origins kept exactly. It answers, and places nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.timer import Timer

from composer.errors import ComposerError
from composer.story.manuscript import Position
from composer.story.outline import Outline
from composer.story.spans import Spans
from composer.ui.backstop import to_content
from composer.ui.scratch import Scratch
from composer.ui.widgets.manuscript import ManuscriptView
from composer.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from composer.ui.screens.clips import Clips


SOON = 1.0
"""Seconds after the first unwritten key when what was typed is kept."""


class EditScreen(ModalScreen[bool]):
    """ctrl+t places, escape keeps it for later. Answers whether it is to be placed.

    `keep` takes the text with its origins, and says whether it could; without paragraphs it is as it was before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "keep", "keep", show=False),
        Binding("ctrl+t", "place", "place", show=False),
        Binding("ctrl+z,ctrl+underscore", "undo", "undo", show=False),
        Binding("ctrl+y", "redo", "redo", show=False),
        Binding("ctrl+c", "copy", "copy", show=False),
        Binding("ctrl+s", "flush", "save", show=False),
        Binding("ctrl+q", "quit", "leave", show=False),
    ]

    def __init__(
        self,
        title: str,
        paragraphs: Sequence[Spans],
        clips: Clips,
        new_id: Callable[[], str],
        keep: Callable[[tuple[Spans, ...]], bool],
    ) -> None:
        super().__init__()
        self._keep = keep
        self._timer: Timer | None = None
        self._title = title
        self._kept = tuple(row for row in paragraphs if row)
        self._scratch = Scratch(self._kept, new_id)
        self._clips = clips

    def compose(self) -> ComposeResult:
        with Pane(id="edit-pane"):
            yield ManuscriptView(self._scratch, id="edit")

    @property
    def _view(self) -> ManuscriptView:
        return self.query_one("#edit", ManuscriptView)

    def on_mount(self) -> None:
        self.query_one("#edit-pane").border_title = to_content(self._title)
        self.query_one("#edit-pane").border_subtitle = to_content(
            "ctrl+t places   esc keeps it for later   ctrl+z undo"
        )
        self._show(self._scratch.manuscript.first)
        self.set_focus(self._view)

    def _show(self, caret: Position) -> None:
        self._view.show(self._scratch.manuscript, Outline(), caret)

    def keep_now(self) -> bool:
        """Keep what was typed, if it was not yet; whether that could be done."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        now = self._scratch.paragraphs
        if now != self._kept:
            if not self._keep(now):
                return False
            self._kept = now
        return True

    def _changed(self) -> None:
        if self._timer is None:
            self._timer = self.set_timer(SOON, self.keep_now)

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

    def _attempt(self, work: Callable[[], Position]) -> None:
        try:
            self._show(work())
            self._changed()
        except ComposerError as error:
            self.app.notify(f"{error.sentence} {error.next_step}".strip(), markup=False)

    def action_undo(self) -> None:
        self._attempt(self._scratch.undo)

    def action_redo(self) -> None:
        self._attempt(self._scratch.redo)

    def action_copy(self) -> None:
        start, end = self._view.selection
        if start != end:
            self._clips.take(self._scratch.manuscript.fragment(start, end).pieces)

    def action_flush(self) -> None:
        """Keep it now; it goes to disk like everything else."""
        if self.keep_now():
            self.app.notify("Kept. esc goes back, ctrl+t places it.", markup=False)

    def action_quit(self) -> None:
        self._answer(False)
        self.app.call_later(self.app.action_quit)

    def on_manuscript_view_edited(self) -> None:
        self._changed()

    def on_manuscript_view_cut_asked(self) -> None:
        start, end = self._view.selection
        if start != end:
            self.action_copy()
            self._attempt(lambda: self._scratch.erase(start, end))

    def on_manuscript_view_paste_asked(self) -> None:
        if held := self._clips.held:
            self._attempt(lambda: self._scratch.put(*self._view.selection, held))

    def on_manuscript_view_pasted(self, message: ManuscriptView.Pasted) -> None:
        if message.text:
            self._attempt(lambda: self._scratch.take_in(*self._view.selection, message.text))

    def on_manuscript_view_refused(self, message: ManuscriptView.Refused) -> None:
        self.app.notify(message.error.sentence, markup=False)
