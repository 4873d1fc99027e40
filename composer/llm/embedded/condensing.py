"""Telling a passage in short: the way through its sentences, token by token.

At the beginning and behind each sentence the next token is the first of any sentence that may follow; inside one it is
certain. Where several begin alike, all of them are kept until their tokens differ. Which may follow, and how likely
each is, says `abridging`; what their words are, `synopsis`. Never writes a word that the passage has not.
"""

from __future__ import annotations

from collections.abc import Sequence

from composer.llm.embedded.abridging import Plan, asked_words
from composer.llm.embedded.model import Mind
from composer.llm.embedded.synopsis import ENDED, Line
from composer.llm.embedded.tokens import runs
from composer.llm.embedded.ways import Ways, goes_on
from composer.text.sentences import sentences
from composer.text.words import count_words

_TOKENS = 1.5
"""Tokens that a word has, with room to spare."""
_LIKE = 0.5
"""From what likeness on a sentence is taken for one of the passage in other words."""

Place = tuple[int, int, tuple[str, ...], int]
"""Where a reply may be: the line that is told, the steps of room behind it, its tokens, how many of them are told."""


class Condenser(Ways):
    """One account on its way."""

    def __init__(self, mind: Mind, *, limit: int, begun: str = "") -> None:
        """`limit`: tokens after which it is cut off; `begun`: what it begins with already."""
        super().__init__()
        self._mind = mind
        self._synopsis = mind.synopsis
        self.cut = ""
        """What is there of the next word."""
        asked = asked_words(mind.request.prompt.instruction, self._synopsis)
        size = max(1, min(asked, count_words(begun) + int(limit / _TOKENS)))
        self._plan = mind.abridged(size)
        self._places: dict[Place, float] = {(-1, self._plan.room, (), 0): 1.0}
        self._ways: dict[int, dict[Place, float]] = {}
        if begun.strip():
            follows, self.cut = self.follow(begun)
            if not follows:
                self._places = {self._resumed(size, begun): 1.0}

    def distribution(self) -> dict[int, float]:
        """Candidate to probability; sums to 1."""
        ways: dict[int, dict[Place, float]] = {}

        def add(text: str, place: Place, p: float) -> None:
            into = ways.setdefault(self._id(text) if text else self.end, {})
            into[place] = into.get(place, 0.0) + p

        for (at, room, texts, told), p in self._places.items():
            if told < len(texts):
                add(texts[told], (at, room, texts, told + 1), p)
                continue
            for following, share in self._plan.ways(at, room):
                if following < 0:
                    add("", (at, room, texts, told), p * share)
                else:
                    tokens = self._plan.tokens(following, at)
                    add(tokens[0], (following, room - self._plan.steps(following), tokens, 1), p * share)
        self._ways = ways
        return {candidate: sum(into.values()) for candidate, into in ways.items()}

    def push(self, candidate: int) -> None:
        """Go on by one token, which `distribution` gave a probability just before."""
        into = self._ways[candidate]
        most = max(into.values())
        kept = {place: p for place, p in into.items() if p > 1e-9 * most}
        total = sum(kept.values())
        self._places = {place: p / total for place, p in kept.items()}

    def _resumed(self, size: int, begun: str) -> Place:
        """Where to go on behind a beginning in other words: at the sentence that its end is most like.

        Where it breaks off in that sentence, the rest of it comes first; where it is like none, the account begins anew.
        """
        rows = [_lowered(begun[start:end]) for start, end in sentences(begun)]
        breaks_off = not ENDED.search(begun.rstrip())
        for number, row in enumerate(reversed(rows)):
            line, text = self._likest(row, beginning=breaks_off and not number)
            if line is None:
                continue
            self._plan = Plan(self._synopsis, size, line)
            at = self._plan.lines.index(line)
            left = max(0, self._plan.room - round(self._plan.room * count_words(begun) / max(1, size)))
            tokens = runs(text)
            return at, left, tokens, len(tokens) if number or not breaks_off else self._reached(row, tokens)
        return -1, self._plan.room, (), 0

    def _likest(self, row: Sequence[str], *, beginning: bool) -> tuple[Line | None, str]:
        """The line of the passage, with its text, that these words are most like, or the beginning of which is."""
        from rapidfuzz import distance

        best: tuple[float, Line | None, str] = (_LIKE, None, "")
        for line in self._synopsis.lines:
            for text in dict.fromkeys((line.text, self._synopsis.told(line, None))):
                words = _lowered(text)
                likeness = distance.Indel.normalized_similarity(row, words[: len(row) + 1] if beginning else words)
                if likeness > best[0]:
                    best = (likeness, line, text)
        return best[1:]

    def _reached(self, row: Sequence[str], tokens: Sequence[str]) -> int:
        """How many of these tokens are told by the beginning of a sentence, whose last word may be cut off.

        All of them, where it ends in a word that the sentence has not.
        """
        from rapidfuzz import distance

        known = [token.strip().lower() for token in tokens]
        for end, token in enumerate(known):
            if end and row[-1].isalpha() and goes_on(token, row[-1]) and _near(row[:-1], known[:end]):
                self.cut = tokens[end].strip()[: len(row[-1])]
                return end
        ends = [end for end, token in enumerate(known, 1) if token == row[-1]]
        return min(ends, key=lambda end: (distance.Indel.distance(row, known[:end]), end), default=len(known))


def _near(row: Sequence[str], known: Sequence[str]) -> bool:
    """Whether two runs of words have as many words, more or less, and the same last one."""
    return bool(row) and row[-1] == known[-1] and abs(len(row) - len(known)) <= 1 + len(known) // 3


def _lowered(text: str) -> list[str]:
    """The words and marks of a text in lower case."""
    return [token.strip().lower() for token in runs(text.strip())]
