"""How likely a run of words is between others, by the counts of the corpus.

An interpolated trigram model over the corpus's slots and symbols, for comparing two wordings in one place. Words
that the corpus has not are as likely as its rarest, so that what is compared is how the wordings fit, and not
whether the fables happen to use them. Adapts to nothing; `model` does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from composer.llm.embedded.store import Store

_LEAST = 1.5e-4
"""Least share of a word among all words."""
_DISCOUNT = 0.75


class Evidence:
    """The corpus's counts, as they are asked for. Not for two threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._after: dict[int, tuple[Counter[int], int]] = {}
        self._after_two: dict[tuple[int, int], tuple[Counter[int], int]] = {}

    def fit(self, before: tuple[str, str], run: Sequence[str], after: str) -> float:
        """Mean log probability of the run's symbols and the one after it, with two symbols before."""
        ids = self._store.ids
        two, one = ids.get(before[0], 0), ids.get(before[1], 0)
        total = 0.0
        for symbol in (*run, after):
            number = ids.get(symbol, 0)
            total += math.log(self._share(two, one, number))
            two, one = one, number
        return total / (len(run) + 1)

    def _share(self, two: int, one: int, number: int) -> float:
        share = max(_LEAST, self._store.unigrams.get(number, 0.0))
        for counts, total in (self._next(one), self._next_two(two, one)):
            if total:
                kept = max(0.0, counts[number] - _DISCOUNT) if number else 0.0
                share = (kept + _DISCOUNT * len(counts) * share) / total
        return share

    def _next(self, one: int) -> tuple[Counter[int], int]:
        known = self._after.get(one)
        if known is None:
            seq, postings = self._store.stream.seq, self._store.postings
            found = Counter(seq[position] for position in postings[one]) if one else Counter[int]()
            known = self._after[one] = (found, found.total())
        return known

    def _next_two(self, two: int, one: int) -> tuple[Counter[int], int]:
        known = self._after_two.get((two, one))
        if known is None:
            seq, postings = self._store.stream.seq, self._store.postings
            places = postings[one] if one and two else ()
            found = Counter(seq[at] for at in places if at > 1 and seq[at - 2] == two)
            known = self._after_two[two, one] = (found, found.total())
        return known
