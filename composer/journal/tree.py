"""The tree of changes and its head. Undo and redo are moves of the head along it; nothing is ever taken out.

The links `next` always lead along the path that was the head's last: redo follows them. It knows neither entries nor stories.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from composer.story.events import Change

ROOT = 0


class Node(NamedTuple):
    """A change; `time` is in ms since 1970."""

    parent: int
    step: int
    change: Change
    time: int


class Tree:
    """Changes by seq. `head` is the newest change that holds, ROOT for none."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.next: dict[int, int] = {}
        self.head = ROOT

    def grow(self, seq: int, step: int, change: Change, time: int) -> None:
        """Put a change behind the head; it becomes the head."""
        self.nodes[seq] = Node(self.head, step, change, time)
        self.next[self.head] = seq
        self.head = seq

    def move(self, to: int) -> None:
        """Make `to` the head. KeyError if there is no such change."""
        if to != ROOT and to not in self.nodes:
            raise KeyError(to)
        _, forward = self.walk(self.head, to)
        for seq in forward:
            self.next[self.nodes[seq].parent] = seq
        self.head = to

    def up(self, seq: int) -> Iterator[int]:
        """From `seq` towards the root, without the root."""
        while seq != ROOT:
            yield seq
            seq = self.nodes[seq].parent

    def walk(self, start: int, end: int) -> tuple[list[int], list[int]]:
        """The changes to take back, newest first, and then those to apply, oldest first, to come from `start` to `end`."""
        back: list[int] = []
        forward: list[int] = []
        left, right = start, end
        # A parent always has the smaller seq, so the larger of the two can't be an ancestor of the other.
        while left != right:
            if left > right:
                back.append(left)
                left = self.nodes[left].parent
            else:
                forward.append(right)
                right = self.nodes[right].parent
        return back, forward[::-1]

    def before_step(self) -> int | None:
        """Where undo leads: before the step that the head belongs to. None at the root."""
        if self.head == ROOT:
            return None
        step = self.nodes[self.head].step
        at = self.head
        while at != ROOT and self.nodes[at].step == step:
            at = self.nodes[at].parent
        return at

    def after_step(self) -> int | None:
        """Where redo leads: to the end of the step that follows the head. None if nothing does."""
        at = self.next.get(self.head)
        if at is None:
            return None
        step = self.nodes[at].step
        while (following := self.next.get(at)) is not None and self.nodes[following].step == step:
            at = following
        return at

    def children(self, seq: int) -> list[int]:
        """The changes right behind one, oldest first: more than one where branches begin."""
        return [child for child, node in self.nodes.items() if node.parent == seq]
