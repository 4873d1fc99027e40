"""What requests teach an endpoint of its models: how far counts are off, and how much may be sent. It asks nobody.

A server tells what it counted, with an answer or in refusing a request that was too long. An estimate that was too low is corrected.
A refusal that tells the window alone tells so much of the request: it was more than the window leaves beside its answer.
Where counts are exact and the server still has more than a twentieth and 64 tokens beyond them, it adds text of its own to each
request: that is taken off the window, until a request shows that it adds none. What is told too low teaches nothing: servers leave out
what they have kept from an earlier request.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from composer.context.wording import PER_MESSAGE
from composer.errors import ContextTooLong
from composer.llm import failures
from composer.llm.counters import Counters
from composer.llm.windows import Windows, is_sane
from composer.session.ports import Request

SURPLUS, PER_SURPLUS = 64, 20
"""Tokens, and one of so many, that a server may count beyond an exact count before it is taken to add text of its own."""
LESS = 0.9
"""What is sent of a request that was too long where nothing tells how much was too much."""
BEYOND = 0.8
"""The same where the window is told: what is estimated too high comes down again, and a request is made shorter once."""


@dataclass(frozen=True)
class Yardstick:
    """What a request was measured by when it was made: the window of its model, and the correction of its estimate."""

    window: int
    ratio: float


@dataclass(frozen=True)
class Usage:
    """Learns for one endpoint. `model` is a model's own name throughout."""

    windows: Windows
    counters: Counters

    def yardstick(self, model: str) -> Yardstick:
        """What requests are measured by now."""
        return Yardstick(self.windows.of(model), self.counters.ratio(model) if self.counters.is_loaded(model) else 1.0)

    def learn(self, model: str, counted: int, told: int) -> None:
        """A request that was counted as `counted` tokens, before any correction or with it, has `told` by its server."""
        if not self.counters.is_exact(model):
            self.counters.learn_least(model, counted, told)
        elif counted > 0 and is_sane(told):
            added = told - counted
            if added > counted // PER_SURPLUS + SURPLUS:
                self.windows.learn_added(model, max(added, self.windows.added(model)))
            elif -counted // PER_SURPLUS <= added <= SURPLUS:
                self.windows.learn_added(model, 0)

    def learn_of(self, model: str, request: Request, told: int) -> None:
        """The same of a request whose text is at hand, so that no correction of before counts in, and one that was too great comes down.

        Exact counts need none of it.
        """
        if told and self.counters.is_loaded(model) and not self.counters.is_exact(model):
            self.counters.learn(model, self._raw(model, request), told)

    def learn_window(self, model: str, tokens: int) -> None:
        """The writer says how much a model takes. 0 forgets all that was learned of it here: also how far counts are off."""
        self.windows.learn(model, tokens)
        if not tokens:
            self.windows.learn_added(model, 0)
            self.counters.forget(model)

    def learn_refusal(
        self, error: failures.TooLong, model: str, request: Request, most: int, made: Yardstick
    ) -> ContextTooLong:
        """A request that may be answered with `most` tokens, and was made by these measures, was too long: the next will be shorter.

        Others of its round may have taught it already. The error is what the writer is told if that does not help.
        """
        told = error.told
        if 0 < told.window < self.windows.of(model):
            self.windows.learn(model, told.window)
        raw = self._raw(model, request)
        if told.sent and self.counters.is_exact(model):
            self.learn(model, raw, told.sent)
        elif told.sent:
            self.counters.learn_least(model, raw, told.sent, refused=True)
        elif told.window and self._fitted(told.window, model, int(raw * made.ratio) + most, made):
            # By the bound itself the same request would be counted as one that just fits.
            self.counters.learn_least(model, raw, math.ceil((told.window - most) / BEYOND), refused=True)
        if self.yardstick(model) == made:
            beyond = told.sent + most - made.window if told.sent else 0
            sent = min(made.window, int(raw * made.ratio) + most)
            small = 0 < beyond < made.window * (1 - LESS)
            self.windows.learn(model, made.window - beyond if small else int(sent * LESS))
        return failures.learned(error, self.windows.of(model))

    def _fitted(self, window: int, model: str, sent: int, made: Yardstick) -> bool:
        """Whether a request, answer and all, was counted as one that fits the window which its refusal tells."""
        believed = made.window + self.windows.added(model)
        return window == believed or sent <= window < believed

    def _raw(self, model: str, request: Request) -> int:
        """The tokens of a request before any correction."""
        texts = [text for _, text in request.messages] + ([request.prefix] if request.prefix else [])
        return sum(self.counters.raw(model, text) + PER_MESSAGE for text in texts)
