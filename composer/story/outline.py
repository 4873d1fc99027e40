"""The outline: the tree of what the story is to tell. It knows no text and no candidates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from composer.story.spans import Origin

BeatKind = Literal["beat", "scene", "chapter"]


class BeatText(Struct, frozen=True, omit_defaults=True):
    """What a writer says of a beat. `target` is in words, 0 for none; `origin` says where a summary that was picked came from."""

    title: str = ""
    summary: str = ""
    notes: str = ""
    kind: BeatKind = "beat"
    target: int = 0
    done: bool = False
    origin: Origin | None = None

    @property
    def full(self) -> str:
        """Title and summary on one line: `The lamp: Wren lights it.`"""
        return f"{self.title}: {self.summary}" if self.title and self.summary else self.line

    @property
    def line(self) -> str:
        """The beat in one line: its title, else its summary."""
        return self.title or self.summary


class Beat(Struct, frozen=True, omit_defaults=True):
    """A beat and the beats below it."""

    id: str
    text: BeatText = BeatText()
    below: tuple[Beat, ...] = ()


class Slot(Struct, frozen=True):
    """A place in the outline: the `index`-th below `parent`, which is empty at the top."""

    parent: str
    index: int


class Row(Struct, frozen=True):
    """A beat as it stands in reading order. `depth` is 0 at the top; `number` is its place among the leaves, from 1, or 0."""

    beat: Beat
    depth: int
    slot: Slot
    number: int


class Outline(Struct, frozen=True):
    """The beats at the top, each with those below it."""

    beats: tuple[Beat, ...] = ()

    def rows(self) -> Iterator[Row]:
        """All beats in reading order, parents first."""
        count = 0

        def walk(beats: tuple[Beat, ...], parent: str, depth: int) -> Iterator[Row]:
            nonlocal count
            for index, beat in enumerate(beats):
                if not beat.below:
                    count += 1
                yield Row(beat, depth, Slot(parent, index), 0 if beat.below else count)
                yield from walk(beat.below, beat.id, depth + 1)

        return walk(self.beats, "", 0)

    def row(self, beat: str) -> Row | None:
        """The row of that beat, if it is in the outline."""
        return next((row for row in self.rows() if row.beat.id == beat), None)

    def find(self, beat: str) -> Beat | None:
        row = self.row(beat)
        return row.beat if row else None

    def leaves(self) -> list[Beat]:
        """The beats with none below, in reading order: those that have text."""
        return [row.beat for row in self.rows() if not row.beat.below]

    def ancestors(self, beat: str) -> list[Beat]:
        """The beats above this one, the topmost first."""
        above: list[Beat] = []
        row = self.row(beat)
        while row and row.slot.parent:
            row = self.row(row.slot.parent)
            if row:
                above.insert(0, row.beat)
        return above

    def headings(self, *, sections: bool = False) -> dict[str, tuple[Beat, ...]]:
        """The beats whose headings a beat's text stands under, the topmost first: those above it, and itself if it has some below.

        With `sections`, itself also if it has a title.
        """
        above: dict[str, tuple[Beat, ...]] = {"": ()}
        found: dict[str, tuple[Beat, ...]] = {}
        for row in self.rows():
            over = above[row.slot.parent]
            above[row.beat.id] = (*over, row.beat)
            headed = row.beat.below or (sections and row.beat.text.title)
            found[row.beat.id] = above[row.beat.id] if headed else over
        return found

    def below(self, parent: str) -> tuple[Beat, ...]:
        """The beats right below `parent`, or at the top if it is empty. KeyError if there is no such beat."""
        if not parent:
            return self.beats
        found = self.find(parent)
        if found is None:
            raise KeyError(parent)
        return found.below

    def add(self, slot: Slot, beat: Beat) -> Outline:
        """With `beat` put at `slot`. ValueError if the slot does not exist."""
        row = self.below(slot.parent)
        if not 0 <= slot.index <= len(row):
            raise ValueError(f"no place {slot.index} below {slot.parent or 'the top'}")
        return self._with(slot.parent, (*row[: slot.index], beat, *row[slot.index :]))

    def remove(self, slot: Slot) -> Outline:
        """Without the beat at `slot` and those below it."""
        row = self.below(slot.parent)
        return self._with(slot.parent, (*row[: slot.index], *row[slot.index + 1 :]))

    def move(self, source: Slot, target: Slot) -> Outline:
        """With the beat at `source` at `target`, a slot of the outline without it."""
        beat = self.below(source.parent)[source.index]
        return self.remove(source).add(target, beat)

    def edit(self, beat: str, text: BeatText) -> Outline:
        """With that beat saying `text`. KeyError if there is no such beat."""
        row = self.row(beat)
        if row is None:
            raise KeyError(beat)
        siblings = self.below(row.slot.parent)
        index = row.slot.index
        return self._with(row.slot.parent, (*siblings[:index], replace(row.beat, text=text), *siblings[index + 1 :]))

    def _with(self, parent: str, row: tuple[Beat, ...]) -> Outline:
        if not parent:
            return Outline(row)

        def swap(beats: tuple[Beat, ...]) -> tuple[Beat, ...]:
            return tuple(
                replace(beat, below=row if beat.id == parent else swap(beat.below))
                if beat.id == parent or beat.below
                else beat
                for beat in beats
            )

        return Outline(swap(self.beats))
