"""Changing the text of a part of a context, or of a summary, in place. It hands on what was typed, and decides nothing about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from composer.errors import ComposerError
from composer.story.manuscript import Position
from composer.story.outline import Outline
from composer.story.spans import Span, Written
from composer.ui.backstop import to_content
from composer.ui.contexts import paragraphs_of, put_together
from composer.ui.scratch import Scratch
from composer.ui.widgets.manuscript import ManuscriptView
from composer.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp


class PartText(ModalScreen[None]):
    """ctrl+s and escape keep what was typed, and close. `keep` takes the text if it was changed, and says whether it could."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s,ctrl+t", "keep", "keep", show=False),
        Binding("ctrl+z,ctrl+underscore", "undo", "undo", show=False),
        Binding("ctrl+y", "redo", "redo", show=False),
        Binding("ctrl+c", "copy", "copy", show=False),
        Binding("ctrl+q", "quit", "leave", show=False),
    ]
    CSS_PATH = "../styles/context.tcss"
    app: ComposerApp

    def __init__(
        self, title: str, text: str, new_id: Callable[[], str], keep: Callable[[str], bool], foot: str
    ) -> None:
        """`foot` says what becomes of the text."""
        super().__init__()
        self._title = title
        self._foot = foot
        self._keep = keep
        lines, self._between = paragraphs_of(text)
        self._scratch = Scratch([(Span(line, Written()),) if line else () for line in lines if text], new_id)
        self._kept = self.text

    @property
    def text(self) -> str:
        """What stands in it now."""
        return put_together([block.text for block in self._scratch.manuscript], self._between)

    @property
    def _view(self) -> ManuscriptView:
        return self.query_one("#part-text", ManuscriptView)

    def compose(self) -> ComposeResult:
        with Pane(id="part-pane"):
            yield ManuscriptView(self._scratch, id="part-text")

    def on_mount(self) -> None:
        pane = self.query_one("#part-pane")
        pane.border_title = to_content(self._title)
        pane.border_subtitle = to_content(self._foot)
        self._show(self._scratch.manuscript.first)
        self.set_focus(self._view)

    def _show(self, caret: Position) -> None:
        self._view.show(self._scratch.manuscript, Outline(), caret)

    def keep_now(self) -> bool:
        """Keep what was typed; whether that could be done. Leaving the program asks for it too."""
        now = self.text
        if now != self._kept:
            if not self._keep(now):
                return False
            self._kept = now
        return True

    # keys

    def action_keep(self) -> None:
        if not self._view.drop_selection() and self.keep_now():
            self.dismiss(None)

    def action_quit(self) -> None:
        self.app.call_later(self.app.action_quit)

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
        if start != end and self.app.main is not None:
            self.app.main.clips.take(self._scratch.manuscript.fragment(start, end).pieces)

    def on_manuscript_view_cut_asked(self) -> None:
        start, end = self._view.selection
        if start != end:
            self.action_copy()
            self._attempt(lambda: self._scratch.erase(start, end))

    def on_manuscript_view_paste_asked(self) -> None:
        if self.app.main is not None and (held := self.app.main.clips.held):
            self._attempt(lambda: self._scratch.put(*self._view.selection, held))

    def on_manuscript_view_pasted(self, message: ManuscriptView.Pasted) -> None:
        if message.text:
            self._attempt(lambda: self._scratch.take_in(*self._view.selection, message.text))

    def on_manuscript_view_refused(self, message: ManuscriptView.Refused) -> None:
        self.app.notify(message.error.sentence, markup=False)
