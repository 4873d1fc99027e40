"""Cutting, copying, pasting and the shelf on the main screen: text that is carried with its origins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from composer.story.actions import place as placing
from composer.story.actions import text as texts
from composer.story.spans import Spans, text_of_rows

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


class Clips:
    """What was cut or copied last, and the ways in and out of the shelf."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self.held: tuple[Spans, ...] = ()
        """What was cut or copied last."""

    def keep(self) -> None:
        def keep() -> None:
            pieces = self._chosen()
            beat = texts.beat_at(self._desk.story, self._desk.caret)
            self._desk.session.record(
                texts.keep(self._desk.story, pieces, self._desk.session.clock.now(), self._desk.session.new_id, beat)
            )
            self._desk.say("Kept on the shelf; f3 shows it.")

        self._desk.attempt(keep)

    def _chosen(self) -> tuple[Spans, ...]:
        """What is selected, marked or under the cursor, with its origins."""
        if self._desk.candidates.has_focus:
            if self._desk.placer.splice:
                return self._desk.placer.joined().paragraphs
            name, start, end = self._desk.candidates.piece
            if not name or start == end:
                return ()
            return placing.part(self._desk.story.candidate(name), start, end)
        first, last = self._desk.text.selection
        return () if first == last else self._desk.story.manuscript.fragment(first, last).pieces

    def copy(self) -> None:
        pieces = self._chosen()
        if not any(pieces):
            self._desk.say("Nothing is selected, so nothing was copied. ctrl+q leaves.")
            return
        self.take(pieces)
        self._desk.say("Copied here; ctrl+v pastes it. Whether your terminal took it too depends on its settings.")

    def take(self, pieces: tuple[Spans, ...]) -> None:
        self.held = pieces
        self._desk.app.copy_to_clipboard(text_of_rows(pieces))

    def cut(self) -> None:
        start, end = self._desk.text.selection
        if start == end:
            self._desk.say("Nothing is selected, so nothing was cut.")
            return

        def cut() -> None:
            self.take(self._desk.story.manuscript.fragment(start, end).pieces)
            self._desk.session.record((texts.deleted(self._desk.story, start, end, "cut"),))
            self._desk.put_caret(start)

        self._desk.attempt(cut)

    def paste(self) -> None:
        if not self.held:
            self._desk.say("Nothing was cut or copied here yet.")
            return
        self._put(self.held)

    def _put(self, pieces: Sequence[Spans]) -> None:
        def paste() -> None:
            start, end = self._desk.text.selection
            beat = self._desk.outline.beat
            event = texts.pasted(self._desk.story, start, end, pieces, self._desk.session.new_id, beat)
            self._desk.session.record((event,))
            self._desk.put_caret(event.put.end(event.at))

        self._desk.attempt(paste)

    def pasted(self, text: str) -> None:
        if not text:
            return
        if self.held and text == text_of_rows(self.held):
            self._put(self.held)
            return

        def take() -> None:
            start, end = self._desk.text.selection
            event = texts.imported(
                self._desk.story, start, end, text, "paste", self._desk.session.new_id, self._desk.outline.beat
            )
            self._desk.session.record((event,))
            self._desk.put_caret(event.put.end(event.at))

        self._desk.attempt(take)
