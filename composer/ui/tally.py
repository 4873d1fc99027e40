"""What is counted of a story for the screen: words, and how far along each beat is. Only what changed is counted again.

It keeps the counts of one story as it goes on, or goes back; it shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from composer.story.candidate import CellTarget, DraftTarget, Round
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Beat, BeatText, Outline
from composer.story.progress import NOTHING, Held, Progress, of_beat, of_block, of_outline
from composer.story.story import Story

Counts = dict[str, Held]
"""What some blocks hold, by beat."""


class Tally:
    """Counts by run of blocks: a run that is the same object as before is not looked at again.

    Nor is a beat of which nothing changed, unless the outline did.
    """

    def __init__(self) -> None:
        self.total = 0
        """Words of the text that was counted last."""
        self._text: Manuscript | None = None
        self._blocks: dict[str, tuple[Block, Held]] = {}
        self._runs: dict[int, tuple[tuple[Block, ...], Counts]] = {}
        self._held: Counts = {}
        self._rounds = 0
        """Rounds that were looked at. They are only ever added."""
        self._candidates: dict[str, int] = {}
        self._cells: set[tuple[int, str]] = set()
        self._outline: Outline | None = None
        self._beats: dict[str, Beat] = {}
        self._parents: dict[str, str] = {}
        self._progress: dict[str, Progress] = {}

    def words(self, text: Manuscript) -> int:
        """Words of all of the text."""
        self._count(text)
        return self.total

    def held(self, beat: str) -> Held:
        """What the text that was counted last holds of a beat, without the beats below it; of no beat if it is empty."""
        return self._held.get(beat, NOTHING)

    def progress(self, story: Story) -> Mapping[str, Progress]:
        """How far along each beat of the outline is. The mapping is brought up to date by the next call."""
        changed = self._count(story.manuscript) | self._look(story)
        if self._outline is not story.outline:
            self._outline = story.outline
            rows = list(story.outline.rows())
            self._beats = {row.beat.id: row.beat for row in rows}
            self._parents = {row.beat.id: row.slot.parent for row in rows}
            self._progress = of_outline(story.outline, self._held, self._candidates)
            return self._progress
        for beat in changed:
            self._again(beat)
        return self._progress

    def whole(self, target: int = 0) -> Progress:
        """How far along the outline is that was looked at last, as if it were below one beat with that target."""
        top = self._outline.beats if self._outline else ()
        return of_beat(BeatText(target=target), NOTHING, 0, [self._progress[beat.id] for beat in top])

    def _again(self, beat: str) -> None:
        """Look anew at a beat and at those above it."""
        while found := self._beats.get(beat):
            below = [self._progress[each.id] for each in found.below]
            made = of_beat(found.text, self.held(beat), self._candidates.get(beat, 0), below)
            if made == self._progress[beat]:
                return
            self._progress[beat] = made
            beat = self._parents[beat]

    def _count(self, text: Manuscript) -> set[str]:
        """Count what is not counted yet; the beats that may hold something else than before."""
        if text is self._text:
            return set()
        self._text = text
        before, self._runs = self._runs, {}
        fresh: list[Counts] = []
        for run in text.runs():
            # Both are kept as long as they are known, so that no other run can have their place.
            known = before.pop(id(run), None)
            if known is None:
                known = run, self._of_run(run)
                fresh.append(known[1])
            self._runs[id(run)] = known
        return self._put((counts for _, counts in before.values()), -1) | self._put(fresh, 1)

    def _put(self, found: Iterable[Counts], sign: int) -> set[str]:
        """Add these counts, or with -1 take them off; the beats they are of."""
        changed: set[str] = set()
        for counts in found:
            for beat, held in counts.items():
                self._held[beat] = _plus(self._held.get(beat, NOTHING), held, sign)
                self.total += sign * held.words
                changed.add(beat)
        return changed

    def _of_run(self, run: tuple[Block, ...]) -> Counts:
        counts: Counts = {}
        for block in run:
            known = self._blocks.get(block.id)
            if known is None or known[0] is not block:
                known = self._blocks[block.id] = (block, of_block(block))
            if known[1] is not NOTHING:
                counts[block.beat] = _plus(counts.get(block.beat, NOTHING), known[1])
        return counts

    def _look(self, story: Story) -> set[str]:
        """Look at the rounds that are new; the beats that they were asked for."""
        changed: set[str] = set()
        for number in range(self._rounds, len(story.rounds)):
            asked = story.rounds[number]
            for beat, count in self._asked(story, asked):
                self._candidates[beat] = self._candidates.get(beat, 0) + count
                changed.add(beat)
        self._rounds = len(story.rounds)
        return changed

    def _asked(self, story: Story, asked: Round) -> Iterable[tuple[str, int]]:
        """The beats whose text a round was asked for, each with how many candidates more. A draft's cell is one, however often asked."""
        target = asked.target
        if isinstance(target, CellTarget | DraftTarget):
            beats = (target.beat,) if isinstance(target, CellTarget) else story.drafts[target.draft - 1].beats
            fresh = [beat for beat in beats if (target.draft, beat) not in self._cells]
            self._cells.update((target.draft, beat) for beat in fresh)
            return [(beat, 1) for beat in fresh]
        if asked.outlines or asked.aside or not asked.beat:
            return ()
        return ((asked.beat, len(asked.candidates)),)


def _plus(one: Held, other: Held, sign: int = 1) -> Held:
    return Held(
        one.words + sign * other.words,
        one.paragraphs + sign * other.paragraphs,
        one.by_hand + sign * other.by_hand,
    )
