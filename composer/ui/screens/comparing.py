"""The difference of the context that is looked at to that of an earlier round: which round that is, and how one goes on to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from composer.story.candidate import beat_of
from composer.ui import contexts
from composer.ui.contexts import Context
from composer.ui.keymap import chord
from composer.ui.screens.shaping import stored

if TYPE_CHECKING:
    from composer.ui.screens.context import ContextScreen


@dataclass(frozen=True)
class Against:
    """What a context is compared with: the `at`-th of the rounds that it can be compared with, and the context of that."""

    numbers: Sequence[int]
    at: int
    context: Context

    @property
    def number(self) -> int:
        return self.numbers[self.at]


class Comparing:
    """What the context screen compares with, if it does."""

    def __init__(self, desk: ContextScreen) -> None:
        self._desk = desk
        self.against: Against | None = None
        self.folded: set[str] = set()
        """Parts whose paragraphs are not shown."""

    def turn(self, by: int) -> None:
        """Compare with an earlier round; with the one before or after that, where one is compared with already."""
        against = self.against
        if self._desk.context is None:
            self._desk.say("There is nothing to compare as long as no context can be made.")
        elif against is not None:
            at = against.at + by
            if 0 <= at < len(against.numbers):
                self._desk.work(partial(self._find_earlier, against.numbers, at))
            else:
                self._desk.say(
                    "There is no older round." if by < 0 else "This is the newest that it can be compared with."
                )
        elif by > 0:
            self._desk.say(f"{chord('context.diff')} shows the difference to an earlier round.")
        else:
            numbers, at = self._comparable()
            if numbers:
                self.folded.clear()
                self._desk.work(partial(self._find_earlier, numbers, at))
            else:
                self._desk.say("Nothing was sent before that this could be compared with.")

    def _comparable(self) -> tuple[Sequence[int], int]:
        """The rounds that it can be compared with, and the place of the one to begin with."""
        story, candidate = self._desk.session.story, self._desk.candidate
        if self._desk.as_sent and candidate is not None:
            asked = story.round(candidate.round)
            before, kind, target = asked.number, asked.kind, asked.target
        elif self._desk.shaping.sending is not None:
            wish = self._desk.shaping.sending.wish
            before, kind, target = len(story.rounds) + 1, wish.kind, wish.target
        else:
            return (), 0
        numbers = contexts.earlier_rounds(story, before)
        beat = beat_of(target)
        return numbers, contexts.first_of(story, numbers, kind, target, beat)

    async def _find_earlier(self, numbers: Sequence[int], at: int) -> None:
        asked, context = self._desk.session.story.round(numbers[at]), self._desk.context
        if context is None:
            return
        # Of several contexts the one that was made alike, else the first.
        shape = context.receipt.shape
        alike = [each.number for each in asked.candidates if asked.sent(each.number).receipt.shape == shape]
        self.against = Against(numbers, at, await stored(self._desk.session, asked, alike[0] if alike else 1))
        self._desk.draw()
