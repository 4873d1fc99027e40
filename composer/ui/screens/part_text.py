"""Changing the text of a part of a context, or of a summary, in place. It hands on what is typed, and decides nothing about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from composer.story.spans import Span, Written
from composer.ui.backstop import to_content
from composer.ui.contexts import paragraphs_of, put_together
from composer.ui.scratch import Scratch
from composer.ui.screens.scratching import ScratchScreen
from composer.ui.widgets.manuscript import ManuscriptView
from composer.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp
    from composer.ui.screens.clips import Clips


class PartText(ScratchScreen[None]):
    """ctrl+s and escape keep what was typed, and close. `keep` takes the text if it was changed, and says whether it could."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+s,ctrl+t", "keep", "keep", show=False)]
    CSS_PATH = "../styles/context.tcss"
    app: ComposerApp

    def __init__(
        self, title: str, text: str, clips: Clips, new_id: Callable[[], str], keep: Callable[[str], bool], foot: str
    ) -> None:
        """`foot` says what becomes of the text."""
        lines, self._between = paragraphs_of(text)
        super().__init__(Scratch([(Span(line, Written()),) if line else () for line in lines if text], new_id), clips)
        self._title = title
        self._foot = foot
        self._keep = keep
        self._kept = self.text

    @property
    def text(self) -> str:
        """What stands in it now."""
        return put_together([block.text for block in self._scratch.manuscript], self._between)

    def compose(self) -> ComposeResult:
        with Pane(id="part-pane"):
            yield ManuscriptView(self._scratch, id="part-text")

    def on_mount(self) -> None:
        pane = self.query_one("#part-pane")
        pane.border_title = to_content(self._title)
        pane.border_subtitle = to_content(self._foot)
        self._show(self._scratch.manuscript.first)
        self.set_focus(self._view)

    def keep_now(self) -> bool:
        self._settle()
        now = self.text
        if now != self._kept:
            if not self._keep(now):
                return False
            self._kept = now
        return True

    def action_keep(self) -> None:
        if not self._view.drop_selection() and self.keep_now():
            self.dismiss(None)

    def action_quit(self) -> None:
        self.app.call_later(self.app.action_quit)
