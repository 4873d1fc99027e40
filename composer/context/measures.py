"""Measures of a manuscript: the tokens of each block, and how much each has to do with a query, kept from version to version.

What is known of a run of blocks is kept with it while the newest version holds it. In a run that an edit has changed, blocks whose
spans are the same object are neither counted nor read again. Words are read when first asked for.
It knows nothing of requests, and never asks a model.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate

from composer.context import relevance
from composer.story.manuscript import Block, Manuscript

LATELY = 8
"""Runs that are kept though the newest version does not hold them: what is cut from one place is often pasted at another."""
FEW = 8
"""Blocks that are read anew one by one; where more have changed, their whole run is."""


class _Run:
    """A run of blocks. `sums[n]` is the tokens of its first n."""

    __slots__ = ("_former", "_words", "blocks", "sums")

    def __init__(self, blocks: tuple[Block, ...], tokens: list[int], former: _Run | None = None) -> None:
        """`former` is a run that this one was made from by an edit, if that is known."""
        self.blocks = blocks
        self.sums = tuple(accumulate(tokens, initial=0))
        self._words: tuple[relevance.Index, list[int]] | None = None
        # Not a chain of all that there were: the newest whose words have been read.
        self._former: _Run | None = former if former is None or former._words else former._former

    @property
    def words(self) -> tuple[relevance.Index, list[int]]:
        """The index of its words, and the place that each block has in it. Read when first asked for."""
        if self._words is None:
            self._words = self._read()
            self._former = None
        return self._words

    def _read(self) -> tuple[relevance.Index, list[int]]:
        former = self._former
        if former is not None and former._words is not None:
            index, places = former._words
            gone = dict(zip(places, former.blocks, strict=True))
            known = {id(block.spans): place for place, block in gone.items()}
            kept = [known.pop(id(block.spans), -1) for block in self.blocks]
            for place in kept:
                gone.pop(place, None)
            fresh = [block.text for block, place in zip(self.blocks, kept, strict=True) if place < 0]
            if len(gone) + len(fresh) <= FEW:
                index, spare = index.changed(kept, {place: block.text for place, block in gone.items()}, fresh)
                following = iter(spare)
                return index, [place if place >= 0 else next(following) for place in kept]
        return relevance.Index([block.text for block in self.blocks]), list(range(len(self.blocks)))

    def tokens(self, place: int) -> int:
        return self.sums[place + 1] - self.sums[place]


class Measured:
    """The measures of one version of a manuscript. Immutable; any thread may use it."""

    __slots__ = ("_firsts", "_runs", "_totals", "count")

    def __init__(self, runs: tuple[_Run, ...], count: Callable[[str], int]) -> None:
        self.count = count
        self._runs = runs
        self._firsts = list(accumulate((len(run.blocks) for run in runs), initial=0))
        self._totals = list(accumulate((run.sums[-1] for run in runs), initial=0))

    def __len__(self) -> int:
        """How many blocks there are."""
        return self._firsts[-1]

    def block(self, index: int) -> Block:
        """The block with `index` blocks before it. IndexError outside."""
        number, place = self._find(index)
        return self._runs[number].blocks[place]

    def tokens(self, index: int) -> int:
        """Tokens of that block with an empty line behind it; 0 where it is empty or a scene break. IndexError outside."""
        number, place = self._find(index)
        return self._runs[number].tokens(place)

    def total(self, first: int, last: int) -> int:
        """Tokens of the blocks [first:last), as far as there are."""
        return max(0, self._until(last) - self._until(first))

    def before(self, last: int) -> Iterator[tuple[int, Block, int]]:
        """Index, block and tokens of each block of prose before index `last`, the nearest first."""
        for number in range(len(self._runs) - 1, -1, -1):
            run, first = self._runs[number], self._firsts[number]
            for place in range(min(len(run.blocks), last - first) - 1, -1, -1):
                block, tokens = run.blocks[place], run.tokens(place)
                if tokens or is_prose(block):
                    yield first + place, block, tokens

    def likeness(self, query: str, first: int, last: int) -> list[tuple[float, int]]:
        """Score and index of each block in [first:last) that has to do with the query, the best first: see `relevance.scores`.

        Of equal ones the later comes first. Scores mean something only beside others of the same query and version.
        """
        first, last = max(0, first), min(last, len(self))
        if first >= last:
            return []
        start, end = self._find(first)[0], self._find(last - 1)[0] + 1
        offset = self._firsts[start]
        words = [run.words for run in self._runs]
        rows = relevance.scores(query, [index for index, _ in words], start, end)
        scores = [row[place] for row, (_, places) in zip(rows, words[start:end], strict=True) for place in places]
        found = scores[first - offset : last - offset]
        least = relevance.least(found)
        return sorted([(score, at) for at, score in enumerate(found, first) if score > least], reverse=True)

    def _find(self, index: int) -> tuple[int, int]:
        """The number of the run that holds a block, and the block's place in it."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = bisect_right(self._firsts, index) - 1
        return number, index - self._firsts[number]

    def _until(self, last: int) -> int:
        """Tokens of the blocks before index `last`."""
        if last <= 0:
            return 0
        if last >= len(self):
            return self._totals[-1]
        number, place = self._find(last)
        return self._totals[number] + self._runs[number].sums[place]


class Measures:
    """Measures version after version of a manuscript, each time only what is new. Not for two threads at once.

    `count` must always say the same of a text: where it changes, make another.
    """

    def __init__(self, count: Callable[[str], int]) -> None:
        self.count = count
        # By the identity of the tuple of blocks, which the run keeps alive: first those of lately, then the newest version's.
        self._runs: dict[int, _Run] = {}

    def of(self, manuscript: Manuscript) -> Measured:
        """The measures of this version."""
        rows = list(manuscript.runs())
        now = {id(row): self._runs.get(id(row)) for row in rows}
        gone = [run for key, run in self._runs.items() if key not in now]
        known: dict[int, tuple[_Run, int]] = {}
        if None in now.values():
            known = {id(block.spans): (run, place) for run in gone for place, block in enumerate(run.blocks)}
        runs = tuple([now[id(row)] or self._read(row, known) for row in rows])
        self._runs = {id(run.blocks): run for run in (*gone[-LATELY:], *runs)}
        return Measured(runs, self.count)

    def _read(self, row: tuple[Block, ...], known: dict[int, tuple[_Run, int]]) -> _Run:
        """A run that is new. `known` is where spans, by their identity, stood before."""
        tokens = []
        former: _Run | None = None
        for block in row:
            if not is_prose(block):
                tokens.append(0)
            elif (place := known.get(id(block.spans))) is not None:
                tokens.append(place[0].tokens(place[1]))
                former = former or place[0]
            else:
                tokens.append(self.count(block.text + "\n\n"))
        return _Run(row, tokens, former)


def is_prose(block: Block) -> bool:
    """Whether a block is told: it is neither empty nor a scene break."""
    return bool(block.spans) and not block.is_scene_break
