"""Drafts: runs through the outline, each at one recipe, and their cells: what a draft wrote for a beat. Values; they ask for nothing."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from composer.story.candidate import Candidate, Recipe

Way = Literal["own", "manuscript", "summaries", "whole"]
"""What a cell sees of the beats before it: the draft's own text; the manuscript where it has text, else the draft's own; nothing but
the outline's lines; or all beats are written in one answer."""

CellState = Literal["none", "waiting", "writing", "done", "cut", "stopped", "failed"]
"""How a cell is: not asked for, asked without a word yet, writing, ended by the model, by its length, by the writer, or by a failure."""


class Draft(Struct, frozen=True, omit_defaults=True):
    """A run through `beats` in the order of the outline, at one recipe. Drafts are numbered from 1.

    `first` is the number of the first draft that was asked for with it. `halted` says that the writer stopped it.
    """

    number: int
    recipe: Recipe
    beats: tuple[str, ...]
    way: Way = "own"
    instruction: str = ""
    first: int = 1
    halted: bool = False


class Cell(Struct, frozen=True):
    """What a draft has for a beat: the characters [start:end) of a candidate, which may still grow.

    `followed` says that text of a later beat stands behind it in the same answer: then it is whole, however that answer ended.
    """

    draft: int
    beat: str
    candidate: Candidate
    start: int
    end: int
    followed: bool = False

    @property
    def text(self) -> str:
        return self.candidate.text[self.start : self.end]

    @property
    def state(self) -> CellState:
        ending = self.candidate.ending
        if ending is None:
            return "writing" if self.text.strip() else "waiting"
        if self.followed and self.text.strip():
            return "done"
        if not self.text.strip():
            return "failed" if ending.kind == "failed" else "stopped" if ending.kind == "cancelled" else "none"
        if ending.finish_reason == "stop":
            # A model that was to go on and had nothing to add says that the cell is whole.
            return "done"
        return _ENDED[ending.kind]

    @property
    def ended(self) -> bool:
        """Whether the model came to an end of it, which no one has to wait for or ask for again."""
        return self.state in ("done", "cut")


_ENDED: dict[str, CellState] = {"finished": "done", "cut": "cut", "cancelled": "stopped", "failed": "failed"}
