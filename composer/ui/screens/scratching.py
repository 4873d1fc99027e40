"""A screen with a text apart that is edited: its keys, its clipboard, and keeping what is typed by and by. It decides nothing of the text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.timer import Timer

from composer.errors import ComposerError
from composer.story.manuscript import Position
from composer.story.outline import Outline
from composer.ui.scratch import Scratch
from composer.ui.widgets.manuscript import ManuscriptView

if TYPE_CHECKING:
    from composer.ui.screens.clips import Clips

Answer = TypeVar("Answer")

SOON, LATEST = 1.0, 15.0
"""Seconds after the first key that is not kept yet when it is: a longer text takes longer, so that the file grows slowly."""
CHARACTERS_A_SECOND = 2000


class ScratchScreen(ModalScreen[Answer]):
    """One text of a scratch, in a view that the screen composes. It loses nothing: `keep_now` is called soon after each first key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z,ctrl+underscore", "undo", "undo", show=False),
        Binding("ctrl+y", "redo", "redo", show=False),
        Binding("ctrl+c", "copy", "copy", show=False),
        Binding("ctrl+q", "quit", "leave", show=False),
    ]
    latest: ClassVar[float] = LATEST
    """Seconds within which it is kept however long it is."""

    def __init__(self, scratch: Scratch, clips: Clips) -> None:
        super().__init__()
        self._scratch = scratch
        self._clips = clips
        self._timer: Timer | None = None

    @abstractmethod
    def keep_now(self) -> bool:
        """Keep what was typed, if it was not yet; whether that could be done. Leaving the program asks for it too."""

    @property
    def _view(self) -> ManuscriptView:
        return self.query_one(ManuscriptView)

    def _show(self, caret: Position) -> None:
        self._view.show(self._scratch.manuscript, Outline(), caret)

    def _tell(self, error: ComposerError) -> None:
        """Say why something was not done."""
        self.app.notify(f"{error.sentence} {error.next_step}".strip(), markup=False)

    def _length(self) -> int:
        """Characters that are kept at once."""
        return sum(len(block.text) for block in self._scratch.manuscript)

    def _changed(self) -> None:
        """Something was typed: keep it soon."""
        if self._timer is None:
            wait = min(self.latest, SOON + self._length() / CHARACTERS_A_SECOND)
            self._timer = self.set_timer(wait, self.keep_now)

    def _settle(self) -> None:
        """What was typed is being kept: `keep_now` begins with it, so that no timer does it again."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _attempt(self, work: Callable[[], Position]) -> None:
        try:
            self._show(work())
        except ComposerError as error:
            self._tell(error)
            return
        self._changed()

    # keys

    def action_undo(self) -> None:
        self._attempt(self._scratch.undo)

    def action_redo(self) -> None:
        self._attempt(self._scratch.redo)

    def action_copy(self) -> None:
        start, end = self._view.selection
        if start != end:
            self._clips.take(self._scratch.manuscript.fragment(start, end).pieces)

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
        self._put(message.text)

    def _put(self, text: str) -> None:
        """Take in text from outside, clean."""
        if text:
            self._attempt(lambda: self._scratch.take_in(*self._view.selection, text))

    def on_manuscript_view_refused(self, message: ManuscriptView.Refused) -> None:
        self._tell(message.error)
