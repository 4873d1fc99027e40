"""Words of a manuscript, all and by beat, counted again only where the text changed."""

from __future__ import annotations

from composer.story.manuscript import Block, Manuscript
from composer.text.words import count_words


class Tally:
    """Counts by run of blocks: a run that is the same object as before is not counted again."""

    def __init__(self) -> None:
        self._blocks: dict[str, tuple[Block, int]] = {}
        self._runs: dict[int, tuple[tuple[Block, ...], dict[str, int]]] = {}

    def by_beat(self, text: Manuscript) -> dict[str, int]:
        """Words by beat id; words of no beat are under the empty one."""
        runs: dict[int, tuple[tuple[Block, ...], dict[str, int]]] = {}
        total: dict[str, int] = {}
        for run in text.runs():
            known = self._runs.get(id(run))
            if known is None or known[0] is not run:
                counts: dict[str, int] = {}
                for block in run:
                    counts[block.beat] = counts.get(block.beat, 0) + self._of(block)
                known = (run, counts)
            runs[id(run)] = known
            for beat, words in known[1].items():
                total[beat] = total.get(beat, 0) + words
        self._runs = runs
        return total

    def _of(self, block: Block) -> int:
        known = self._blocks.get(block.id)
        if known is None or known[0] is not block:
            known = (block, count_words(block.text))
            self._blocks[block.id] = known
        return known[1]
