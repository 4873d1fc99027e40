"""Editing what would be placed, before it is: a text apart, with origins kept exactly. It answers, and places nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

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


@dataclass(frozen=True)
class Edited:
    """What was made of the text. `changed` says that it differs; no paragraphs: as it was. `place`: it is to be placed now."""

    paragraphs: tuple[Spans, ...]
    changed: bool
    place: bool


class EditScreen(ModalScreen[Edited]):
    """ctrl+t places, escape keeps it for later."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "keep", "keep", show=False),
        Binding("ctrl+t", "place", "place", show=False),
        Binding("ctrl+z,ctrl+underscore", "undo", "undo", show=False),
        Binding("ctrl+y", "redo", "redo", show=False),
        Binding("ctrl+c", "copy", "copy", show=False),
        Binding("ctrl+s", "flush", "save", show=False),
        Binding("ctrl+q", "quit", "leave", show=False),
    ]

    def __init__(self, title: str, paragraphs: Sequence[Spans], clips: Clips, new_id: Callable[[], str]) -> None:
        super().__init__()
        self._title = title
        self._before = tuple(row for row in paragraphs if row)
        self._scratch = Scratch(self._before, new_id)
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

    def _answer(self, place: bool) -> None:
        now = self._scratch.paragraphs
        self.dismiss(Edited(now, now != self._before, place))

    def action_keep(self) -> None:
        if not self._view.drop_selection():
            self._answer(False)

    def action_place(self) -> None:
        self._answer(True)

    def _attempt(self, work: Callable[[], Position]) -> None:
        try:
            self._show(work())
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
        """Kept and saved with everything else when this is closed; the reflex costs nothing."""
        self.app.notify("What you change here is kept when you go back (esc) or place it (ctrl+t).", markup=False)

    def action_quit(self) -> None:
        self._answer(False)
        self.app.call_later(self.app.action_quit)

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
