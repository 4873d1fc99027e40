"""Replay: the story at any entry of a journal. It goes forward by folding and back from the nearest story that it kept.

Stories share all that did not change, so keeping one every few hundred entries costs little. A move of the head over thousands of
changes costs no more: what changes made of a story depends on the head alone, and a story that was kept near it has most of that.
It reads no files.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from composer.errors import DamagedSession
from composer.journal.codec import Record, Unknown, decode
from composer.journal.entry import Entry
from composer.journal.journal import fold
from composer.journal.tree import Tree
from composer.story.events import Change, HeadMoved, TextEdited, TextPlaced
from composer.story.fold import apply, unapply, witness
from composer.story.story import Story

EVERY = 128
"""Folds from a story that is kept to the next one: each entry is one, and a move of the head as many as it crosses changes."""


class Reel:
    """A journal to seek in. Entry 0 is the empty story; `len(reel)` is the last entry."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        """Folds all entries once. Raises as `Journal.read` does, but does not verify the chain."""
        self.entries: list[Entry] = []
        self.events: list[Record] = []
        """What entry n says, at n - 1."""
        self.heads: list[int] = [0]
        """The change that is the newest one after entry n, at n; 0 for none."""
        self.folds = 0
        """Events that were folded so far, and changes taken back."""
        self._tree = Tree()
        self._places: list[int] = [0]
        self._kept: list[Story] = [Story()]
        """The stories that are kept, and the entries that they stand behind."""
        self._last = (0, self._kept[0])
        """The story that was asked for last: what is played is asked for entry by entry."""
        self._way = 0
        """Folds since the newest story that was kept."""
        if entries:
            self.extend(entries)

    def extend(self, entries: Sequence[Entry]) -> None:
        """Take in entries that follow the last one, so that a long journal can be read in parts."""
        story = self.story(len(self))
        for entry in entries:
            happened = decode(entry.type, entry.version, entry.body)
            try:
                story = self._fold(story, entry, happened)
            except (KeyError, ValueError, IndexError) as error:
                raise DamagedSession(
                    f"Entry {entry.seq} ({entry.type}) does not fit what stands before it: {error}.",
                    "Everything before it can be read.",
                ) from error
            self.entries.append(entry)
            self.events.append(happened)
            self.heads.append(self._tree.head)
            if self._way >= EVERY:
                self._places.append(len(self.entries))
                self._kept.append(story)
                self._way = 0
        self._last = (len(self), story)

    def __len__(self) -> int:
        return len(self.entries)

    def story(self, at: int) -> Story:
        """The story after entry `at`, which is cut to 0 … len(reel)."""
        at = max(0, min(at, len(self.entries)))
        nearest = bisect_right(self._places, at) - 1
        start, story = self._places[nearest], self._kept[nearest]
        if start < self._last[0] <= at:
            start, story = self._last
        for number in range(start, at):
            story = self._after(story, number)
        self._last = (at, story)
        return story

    def moved_text(self, at: int) -> list[tuple[TextEdited | TextPlaced, bool]]:
        """The changes of the text over which entry `at` moved the head, in the order of the way, each with whether it was taken back.

        Of a long way these are only the last ones.
        """
        back, forward = self._tree.walk(self.heads[at - 1], self.heads[at])
        way = [*((seq, True) for seq in back), *((seq, False) for seq in forward)][-EVERY:]
        found = ((self._tree.nodes[seq].change, gone) for seq, gone in way)
        return [(change, gone) for change, gone in found if isinstance(change, TextEdited | TextPlaced)]

    def _fold(self, story: Story, entry: Entry, happened: Record) -> Story:
        """The story after an entry that is new."""
        if isinstance(happened, HeadMoved):
            story, way = self._travel(story, self._tree.head, happened.to)
            self._tree.move(happened.to)
            self._way += way
            return story
        self._way += 1
        self.folds += 1
        return fold(story, self._tree, entry, happened)

    def _after(self, story: Story, number: int) -> Story:
        """The story after the entry with index `number`, from the one before it."""
        entry, happened = self.entries[number], self.events[number]
        if isinstance(happened, HeadMoved):
            return self._travel(story, self.heads[number], happened.to)[0]
        self.folds += 1
        if isinstance(happened, Unknown):
            return story
        if isinstance(happened, Change):
            return apply(story, happened)
        return witness(story, happened, entry.seq, entry.time)

    def _travel(self, story: Story, start: int, end: int) -> tuple[Story, int]:
        """The story with its head at `end`, from the one with its head at `start`, and how many changes that took. KeyError if there is none."""
        nodes = self._tree.nodes
        if end and end not in nodes:
            raise KeyError(end)
        back, forward = self._tree.walk(start, end)
        if len(back) + len(forward) > EVERY:
            # The story kept last before the change `end` was made is less than that away from it.
            nearest = bisect_right(self._places, end) - 1
            kept = self._kept[nearest]
            story = replace(story, **{name: getattr(kept, name) for name in _CHANGED})
            back, forward = self._tree.walk(self.heads[self._places[nearest]], end)
        for seq in back:
            story = unapply(story, nodes[seq].change)
        for seq in forward:
            story = apply(story, nodes[seq].change)
        self.folds += len(back) + len(forward)
        return story, max(1, len(back) + len(forward))


_CHANGED = ("details", "outline", "manuscript", "shelf", "notes", "exemplars", "placements", "words")
"""What of a story is made by changes, and by nothing else."""
