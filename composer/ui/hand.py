"""The manuscript's way to the session: what a key in the text does, at once. It paints nothing."""

from __future__ import annotations

from collections.abc import Callable

from composer.session.session import Session
from composer.story.manuscript import START, Manuscript, Position


class Hand:
    """The manuscript's way to the session. `beat` says whose the first paragraph of an empty text is."""

    def __init__(self, session: Session, beat: Callable[[], str]) -> None:
        self._session = session
        self._beat = beat

    @property
    def manuscript(self) -> Manuscript:
        return self._session.story.manuscript

    def type(self, start: Position, end: Position, text: str) -> Position:
        return self._session.type(start, end, text, self._beat() if start == START else "")

    def erase(self, start: Position, end: Position) -> Position:
        return self._session.erase(start, end)

    def jump(self) -> None:
        self._session.jump()
