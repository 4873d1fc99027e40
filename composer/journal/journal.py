"""The journal in memory: it makes entries, keeps the tree and the story as it stands, and reads entries back.

The story at an entry is the facts up to it and the changes on the path of the head as it stood there. It hands its entries out
and never keeps them: where they go is the session's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from composer.errors import DamagedSession, NewerSession
from composer.journal.codec import Unknown, decode, encode
from composer.journal.entry import NO_PARENT, ROOT_CHAIN, Entry, expected, seal
from composer.journal.tree import ROOT, Tree
from composer.story.events import Change, Event, HeadMoved, TextEdited, TextPlaced
from composer.story.fold import apply, unapply, witness
from composer.story.follow import Side, follow
from composer.story.manuscript import Position
from composer.story.story import Story


class Journal:
    """The tree of changes, the story at the head, the seq and checksum of the newest entry."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.story = Story()
        self.seq = 0
        self.chain = ROOT_CHAIN
        self.time = 0
        """When the newest entry was made, in ms since 1970."""

    def record(self, happened: Sequence[Event], time: int, step: int | None = None) -> tuple[Entry, ...]:
        """Enter events that belong together, at `time`; the entries made.

        Without `step` they are a step of their own. Nothing is entered if one of them contradicts the story.
        """
        story = self.story
        for number, event in enumerate(happened, self.seq + 1):
            story = apply(story, event) if isinstance(event, Change) else witness(story, event, number, time)
        made = []
        first = self.seq + 1
        for event in happened:
            seq = self.seq + 1
            parent = self.tree.head if isinstance(event, Change) else NO_PARENT
            entry = self._enter(event, parent, first if step is None else step, time)
            if isinstance(event, Change):
                self.tree.grow(seq, entry.step, event, time)
            made.append(entry)
        self.story = story
        return tuple(made)

    def undo(self, time: int) -> Entry | None:
        """Move the head before its step; None if there is nothing to undo."""
        to = self.tree.before_step()
        return None if to is None else self.move(to, "undo", time)

    def redo(self, time: int) -> Entry | None:
        """Move the head behind the step that follows it; None if nothing does."""
        to = self.tree.after_step()
        return None if to is None else self.move(to, "redo", time)

    def move(self, to: int, why: str, time: int) -> Entry:
        """Make the change `to` the newest one that holds. KeyError if there is no such change."""
        self.story = travel(self.story, self.tree, self.tree.head, to)
        self.tree.move(to)
        return self._enter(HeadMoved(to, why), NO_PARENT, self.seq + 1, time)

    def where(self, place: Position, since: int, side: Side = "before") -> Position | None:
        """Where a place is now that was named when the change `since` was the head; None if it is gone.

        It goes back along the changes that were undone since and forward along those that came.
        """
        if since != ROOT and since not in self.tree.nodes:
            return None
        back, forward = self.tree.walk(since, self.tree.head)
        for seq in back:
            change = self.tree.nodes[seq].change
            if isinstance(change, TextEdited | TextPlaced):
                place = follow(place, change.at, change.put, change.removed, side)
        for seq in forward:
            change = self.tree.nodes[seq].change
            if isinstance(change, TextEdited | TextPlaced):
                place = follow(place, change.at, change.removed, change.put, side)
        return place if self.story.manuscript.holds(place) else None

    def _enter(self, event: Event | HeadMoved, parent: int, step: int, time: int) -> Entry:
        type_, version, body = encode(event)
        entry = seal(self.chain, Entry(self.seq + 1, parent, step, time, type_, version, body, ""))
        self.seq, self.chain, self.time = entry.seq, entry.chain, time
        return entry

    def read(self, entries: Iterable[Entry], *, verify: bool = True) -> None:
        """Take in entries that follow the newest one.

        DamagedSession where the chain or the story does not hold, NewerSession at a change of an unknown kind. What came
        before the bad entry stays.
        """
        for entry in entries:
            if entry.seq != self.seq + 1 or (verify and entry.chain != expected(self.chain, entry)):
                raise DamagedSession(
                    f"Entry {self.seq + 1} is missing or was changed from outside: its checksum does not hold.",
                    "Everything before it can be read.",
                )
            happened = decode(entry.type, entry.version, entry.body)
            try:
                self.story = fold(self.story, self.tree, entry, happened)
            except (KeyError, ValueError, IndexError) as error:
                raise DamagedSession(
                    f"Entry {entry.seq} ({entry.type}) does not fit what stands before it: {error}.",
                    "Everything before it can be read.",
                ) from error
            self.seq, self.chain, self.time = entry.seq, entry.chain, entry.time


def fold(story: Story, tree: Tree, entry: Entry, happened: Event | HeadMoved | Unknown) -> Story:
    """The story after an entry; the tree grows or moves with it."""
    if isinstance(happened, Unknown):
        if entry.parent != NO_PARENT:
            raise NewerSession(
                f"Entry {entry.seq} is of a kind that this version does not know: {entry.type}, version {entry.version}.",
                "Open the session with a newer version of the program.",
            )
        return story
    if isinstance(happened, HeadMoved):
        story = travel(story, tree, tree.head, happened.to)
        tree.move(happened.to)
        return story
    if isinstance(happened, Change):
        if entry.parent != tree.head:
            raise ValueError(f"it follows {entry.parent}, not {tree.head}")
        story = apply(story, happened)
        tree.grow(entry.seq, entry.step, happened, entry.time)
        return story
    return witness(story, happened, entry.seq, entry.time)


def travel(story: Story, tree: Tree, start: int, end: int) -> Story:
    """The story with its head at `end`, from the one with its head at `start`."""
    if end != 0 and end not in tree.nodes:
        raise KeyError(end)
    back, forward = tree.walk(start, end)
    for seq in back:
        story = unapply(story, tree.nodes[seq].change)
    for seq in forward:
        story = apply(story, tree.nodes[seq].change)
    return story
