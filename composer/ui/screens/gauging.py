"""How much of the model's window the next request would take: reckoned in the background when the writer pauses. It sends nothing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.timer import Timer

from composer.errors import ComposerError

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen

PAUSE = 0.7
"""Seconds, about, without a change after which it is reckoned anew."""


class Gauge:
    """The tokens of what ctrl+g would send from where one stands, and those that its model takes."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._timer: Timer | None = None
        self._changed = False
        """Whether more changed since the timer was set."""
        self.tokens = 0
        """The prompt with what is kept for the answer."""
        self.window = 0
        """Both are 0 as long as they are not known, and where nothing can be asked for."""

    def look(self) -> None:
        """Something changed: reckon anew after a pause."""
        if not self._desk.loaded or not self._desk.is_attached:
            return
        self._changed = self._timer is not None
        if self._timer is None:
            self._timer = self._desk.set_timer(PAUSE, self._due)

    def _due(self) -> None:
        self._timer = None
        if not self._desk.is_attached:
            return
        if self._changed:
            self.look()
        elif self._desk.is_current:
            self._desk.run_worker(self.reckon(), group="gauge", exclusive=True, exit_on_error=False)

    async def reckon(self) -> None:
        """Reckon it now."""
        before = self.tokens, self.window
        self.tokens = self.window = 0
        # Where nothing can be asked for, or does not fit, that is said when it is asked for.
        with suppress(ComposerError):
            sending = self._desk.requests.here()
            sending = replace(sending, recipes=sending.recipes[:1], shapes=sending.shapes[:1])
            wish, rounds = sending.wish, self._desk.session.rounds
            ready = await rounds.plan(wish.kind, wish.target, sending.recipes, sending.instruction, **sending.how)
            receipt = ready[0].receipt
            self.tokens, self.window = receipt.tokens + receipt.reserve, receipt.budget
        if (self.tokens, self.window) != before and self._desk.is_attached:
            self._desk.panes.show_status()
