"""What servers have taught of their models by refusing: which fields they don't take, and how they don't go on.

It is kept while the program runs, and from one day to the next where a memory is handed in. It holds no text and judges no answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from composer.session.ports import Memory

LIMITS = ("max_tokens", "max_completion_tokens")
"""The two names of the field that limits an answer. What is refused of one is taken of the other."""


@dataclass(frozen=True)
class Known:
    """What is known of a model: the `refused` fields by their name in a request, and whether it goes on only when asked in words."""

    refused: frozenset[str] = frozenset()
    asks: bool = False

    def __or__(self, other: Known) -> Known:
        return Known(self.refused | other.refused, self.asks or other.asks)

    def without(self, names: Iterable[str]) -> Known:
        """The same, with more fields refused."""
        return Known(self.refused.union(names), self.asks)


class Lessons:
    """What is known of each model of one endpoint."""

    def __init__(self, endpoint: str, memory: Memory | None = None) -> None:
        self._endpoint = endpoint
        self._memory = memory
        self._known: dict[str, Known] = {}

    def of(self, model: str) -> Known:
        known = self._known.get(model)
        if known is None:
            known = self._known[model] = self._recalled(model)
        return known

    def learn(self, model: str, lesson: Known) -> None:
        """Add what a server has taught."""
        old = self.of(model)
        new = old | lesson
        if new == old:
            return
        self._known[model] = new
        if self._memory is None:
            return
        if new.refused.difference(LIMITS, old.refused):
            self._memory.learn(self._endpoint, model, "refused", ",".join(sorted(new.refused.difference(LIMITS))))
        if _limit(new.refused) != _limit(old.refused):
            self._memory.learn(self._endpoint, model, "limit", _limit(new.refused))
        if new.asks != old.asks:
            self._memory.learn(self._endpoint, model, "continues", "ask")

    def _recalled(self, model: str) -> Known:
        if self._memory is None:
            return Known()
        told = self._memory.known(self._endpoint, model)
        refused = {name for name in told.get("refused", "").split(",") if name}
        limit = told.get("limit", "")
        if limit == "none" or limit in LIMITS:
            refused.update(name for name in LIMITS if name != limit)
        return Known(frozenset(refused), told.get("continues") == "ask")


def _limit(refused: frozenset[str]) -> str:
    """The field that limits, where one was refused; empty where none was."""
    left = [name for name in LIMITS if name not in refused]
    return "" if len(left) == len(LIMITS) else left[0] if left else "none"
