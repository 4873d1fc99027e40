"""Echoes: which paragraph says what another one says, for hundreds of paragraphs at once. It chooses none and tells nobody.

Two paragraphs say the same if they have the same words, or if the ratio of their letters is `ALIKE` or more. Which to compare is
found by what they share of their rarer words with the word behind each; in scripts without spaces, of their clauses.

Limits: of paragraphs with fewer than `LEAST` words nothing is found; of those with fewer than `SHORT`, and of over `LONGEST`
characters, only the same words: a line of speech that differs in one word says something else.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from composer.text.repeats import ALIKE
from composer.text.words import count_words

LEAST = 5
SHORT = 12
LONGEST = 20_000
_RARE = 6
"""Letters from which on a word counts among the rarer ones."""
_FEW = 4
"""With fewer anchors than this, all words are. One that is told has all its words as anchors where it has not many more."""
_SHARE = 4
"""Paragraphs are compared if they share one in so many anchors."""
_UNSPACED = 12
"""Characters between spaces, on average, from which on a script has none."""
_RUN = re.compile(r"\w+")


class Echoes:
    """The paragraphs that are told, by index. Mutable."""

    def __init__(self) -> None:
        self._owners: dict[int, int] = {}
        self._lines: dict[int, int] = {}
        self._texts: dict[int, str] = {}

    def keep(self, index: int, text: str) -> None:
        """One more that is told."""
        line, _, anchors = _read(text)
        if not line:
            return
        self._texts[index] = text
        self._lines[line] = index
        for anchor in anchors:
            self._owners[anchor] = index

    def of(self, text: str) -> int | None:
        """The told paragraph that says the same as this text, if there is one."""
        line, anchors, _ = _read(text)
        if not line:
            return None
        same = self._lines.get(line)
        if same is not None:
            return same
        owners = self._owners
        shared = [owners[anchor] for anchor in anchors if anchor in owners]
        if len(shared) * _SHARE < len(anchors):
            return None
        for index, votes in Counter(shared).most_common(2):
            if votes * _SHARE >= len(anchors) and _alike(text, self._texts[index]):
                return index
        return None


def _alike(left: str, right: str) -> bool:
    from rapidfuzz import fuzz

    shorter, longer = sorted((len(left), len(right)))
    # No ratio is better than that of the lengths, which costs nothing.
    if longer > LONGEST or 200 * shorter < ALIKE * (shorter + longer):
        return False
    return fuzz.ratio(left.lower(), right.lower(), score_cutoff=ALIKE) > 0


@lru_cache(maxsize=1 << 14)
def _read(text: str) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """A number for the words of a text, and one for each anchor by which it is looked for, and by which it is found.

    0 for a text that is too short. The numbers differ from run to run, and only tell whether two are the same.
    """
    lower = text.lower()
    words = lower.split()
    if len(words) < LEAST and (lower.isascii() or count_words(text[:LONGEST]) < LEAST):
        return 0, (), ()
    line = hash(" ".join(_RUN.findall(lower))) or 1
    if len(lower) > _UNSPACED * len(words):
        if len(lower) < 2 * SHORT:
            return line, (), ()
        clauses = tuple({hash(clause) for clause in _RUN.findall(lower)})
        return line, clauses, clauses
    if len(words) < SHORT:
        return line, (), ()
    rare = tuple({hash(pair) for pair in pairwise(words) if len(pair[0]) >= _RARE})
    if len(rare) >= 3 * _FEW:
        return line, rare, rare
    pairs = tuple({hash(pair) for pair in pairwise(words)})
    return line, rare if len(rare) >= _FEW else pairs, pairs
