"""Replay: the story at any entry of a journal. It goes forward by folding and back from the nearest story that it kept.

Stories share all that did not change, so keeping one every few hundred entries costs little. It reads no files.
"""

from __future__ import annotations

from collections.abc import Sequence

from composer.journal.codec import Unknown, decode
from composer.journal.entry import Entry
from composer.journal.journal import fold, travel
from composer.journal.tree import Tree
from composer.story.events import Change, Event, HeadMoved
from composer.story.fold import apply, witness
from composer.story.story import Story

EVERY = 256
"""Entries between two stories that are kept."""


class Reel:
    """A journal to seek in. Entry 0 is the empty story; `len(reel)` is the last entry."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Folds all entries once. Raises as `Journal.read` does, but does not verify the chain."""
        self.entries = entries
        self.events: list[Event | HeadMoved | Unknown] = []
        self._tree = Tree()
        self._kept: list[tuple[Story, int]] = []
        story = Story()
        for at, entry in enumerate(entries):
            if at % EVERY == 0:
                self._kept.append((story, self._tree.head))
            happened = decode(entry.type, entry.version, entry.body)
            self.events.append(happened)
            story = fold(story, self._tree, entry, happened)
        self._kept.append((story, self._tree.head)) if len(entries) % EVERY == 0 else None

    def __len__(self) -> int:
        return len(self.entries)

    def story(self, at: int) -> Story:
        """The story after entry `at`, which is cut to 0 … len(reel)."""
        at = max(0, min(at, len(self.entries)))
        start = at // EVERY
        if start >= len(self._kept):
            start = len(self._kept) - 1
        story, head = self._kept[start]
        for number in range(start * EVERY, at):
            story, head = self._after(story, head, number)
        return story

    def _after(self, story: Story, head: int, number: int) -> tuple[Story, int]:
        entry, happened = self.entries[number], self.events[number]
        if isinstance(happened, HeadMoved):
            return travel(story, self._tree, head, happened.to), happened.to
        if isinstance(happened, Unknown):
            return story, head
        if isinstance(happened, Change):
            return apply(story, happened), entry.seq
        return witness(story, happened, entry.seq, entry.time), head
