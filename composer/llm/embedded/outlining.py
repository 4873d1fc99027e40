"""Writing an outline, or the smaller beats of one: the way through the lines of a `Plot`, token by token.

At each place the next token is the next of any way on that the tokens so far leave open; what the ways are, and how
likely each is, says `plot`. An outline that is begun is gone on with: along the ways that lead to it, or, if there
are none, behind it.
"""

from __future__ import annotations

from composer.llm.embedded.model import Mind
from composer.llm.embedded.stage import Option
from composer.llm.embedded.ways import Ways

Place = tuple[Option, int]
"""Where a reply may be: the way that it is on, and how many of its tokens are told."""

_LEAST = 1e-4
"""Ways that are this much less likely than the likeliest are given up."""


class Outliner(Ways):
    """One outline on its way."""

    def __init__(self, mind: Mind, *, limit: int, begun: str = "") -> None:
        """`limit`: tokens after which it is cut off; `begun`: what it begins with already."""
        super().__init__()
        self.cut = ""
        """What is there of the next word."""
        self._places: dict[Place, float] = {(option, 0): option.share for option in mind.plot.begins(limit)}
        self._ways: dict[int, dict[Place, float]] = {}
        if begun.strip():
            self._resume(mind, begun, limit)

    def _resume(self, mind: Mind, begun: str, limit: int) -> None:
        """Find where to go on behind a beginning, which may be in other words."""
        follows, self.cut = self.follow(begun)
        if follows:
            return
        *lines, last = begun.split("\n")
        told = [line for line in lines if line.strip()]
        self._places = {(option, 0): option.share for option in mind.plot.resumed(told, limit)}
        if last.strip():
            follows, self.cut = self.follow(last)
            if not follows:
                self._places = {(option, 0): option.share for option in mind.plot.broken(told, last, limit)}

    def distribution(self) -> dict[int, float]:
        """Candidate to probability; sums to 1."""
        ways: dict[int, dict[Place, float]] = {}
        for (way, told), p in self._places.items():
            if told < len(way.tokens):
                into = ways.setdefault(self._id(way.tokens[told]), {})
                into[way, told + 1] = into.get((way, told + 1), 0.0) + p
                continue
            for option in way.following():
                into = ways.setdefault(self._id(option.tokens[0]) if option.tokens else self.end, {})
                into[option, 1] = into.get((option, 1), 0.0) + p * option.share
        self._ways = ways
        return {candidate: sum(into.values()) for candidate, into in ways.items()}

    def push(self, candidate: int) -> None:
        """Go on by one token, which `distribution` gave a probability just before."""
        into = self._ways[candidate]
        most = max(into.values())
        kept = {place: p for place, p in into.items() if p > _LEAST * most}
        total = sum(kept.values())
        self._places = {place: p / total for place, p in kept.items()}
