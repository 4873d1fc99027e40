"""A showing played: text, outline and candidates at any entry and moment, from the showing alone. It goes forward from the first frame."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from composer.journal.showing.parts import (
    Chunk,
    Ons,
    Paragraph,
    ParagraphsPut,
    Row,
    RowsPut,
    Showing,
    ShownCandidate,
    ShownRound,
)
from composer.journal.showing.text import spliced


class Play:
    """A place in a showing. `times[k]` is when frame k happens, in ms."""

    def __init__(self, showing: Showing) -> None:
        self.showing = showing
        self.times = list(accumulate(frame.wait for frame in showing.frames))
        self.index = -1
        """Of the newest frame that was shown."""
        self.text: list[Paragraph] = []
        self.rows: list[Row] = []
        self.touched: int | None = None
        """Where the last change of the text was: the index of its last paragraph."""
        self.changes = 0
        """Frames so far that changed the text."""
        self._rounds = {asked.number: asked for asked in showing.rounds}

    @property
    def entry(self) -> int:
        """The entry of the newest frame."""
        return self.showing.first + self.index

    def on(self) -> bool:
        """Show the next frame; whether there was one."""
        if self.index + 1 >= len(self.showing.frames):
            return False
        self.index += 1
        puts = self.showing.frames[self.index].put
        self.changes += any(not isinstance(put, RowsPut) for put in puts)
        for put in puts:
            if isinstance(put, ParagraphsPut):
                self.text[put.at : put.at + put.gone] = put.put
                self.touched = max(put.at, put.at + len(put.put) - 1)
            elif isinstance(put, RowsPut):
                self.rows[put.at : put.at + put.gone] = put.put
            else:
                self.text[put.at] = spliced(self.text[put.at], put)
                self.touched = put.at
        return True

    def beside(self) -> list[ShownRound]:
        """The rounds whose candidates stand beside the text: of drafts, the newest of each."""
        number = self.showing.frames[self.index].panel if self.index >= 0 else 0
        if not number:
            return []
        asked = [self._rounds[each] for each in self.showing.panels[number - 1]]
        lanes = {each.lane or -each.number: each for each in asked if each.entry <= self.entry}
        return list(lanes.values())

    def grown(self, candidate: ShownCandidate, ms: float) -> str:
        """What a candidate has written by that moment; right at an entry, what is written there and no more."""
        text = []
        for chunk in candidate.chunks:
            if chunk.entry <= self.entry:
                text.append(chunk.text)
                continue
            if chunk.after <= self.entry and ms > self.times[self.index]:
                came = sum(characters for moment, characters in self.coming(chunk) if moment <= ms)
                text.append(chunk.text[:came])
            break
        return "".join(text)

    def coming(self, chunk: Chunk) -> Iterator[tuple[int, int]]:
        """When the text of a chunk comes, as (ms, characters)."""
        moment = self.times[chunk.entry - self.showing.first] - sum(wait for wait, _ in chunk.pace)
        for wait, characters in chunk.pace:
            moment += wait
            yield moment, characters


def holds(ons: Ons, entry: int) -> bool:
    """Whether something holds right after an entry."""
    return any(on <= entry and (not off or entry < off) for on, off in ons)
