"""What readers of a shared film may see: from which entry to which, and which kinds of things. A value; it leaves nothing out itself."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Notes = Literal["none", "marked", "all"]
"""No notes; remarks that are marked for readers; all remarks, the story's notes and exemplars, and what is noted on beats."""


class Readers(Struct, frozen=True):
    """Moments `first` to `last` are shown, by their entries; `last` 0 is the end of the journal.

    `passed_over` are candidates of which nothing was placed in that time. Thoughts of models are never shown.
    """

    first: int = 1
    last: int = 0
    notes: Notes = "marked"
    instructions: bool = True
    """What the writer told models to do, lenses among it."""
    shelf: bool = False
    passed_over: bool = True
    prompts: bool = True

    def span(self, length: int) -> tuple[int, int]:
        """The first and the last entry that are shown of a journal of `length` entries: (1, 0) where there is none."""
        last = length if self.last <= 0 else min(self.last, length)
        return max(1, min(self.first, last)), last


class Counts(Struct, frozen=True):
    """How much of each kind goes out, or stays behind."""

    entries: int = 0
    words: int = 0
    rounds: int = 0
    candidates: int = 0
    notes: int = 0
    prompts: int = 0
    parts: int = 0
    shelf: int = 0
    instructions: int = 0
    thoughts: int = 0

    @property
    def pairs(self) -> tuple[tuple[str, int], ...]:
        """In words for people, each with its number; what there is none of is not told."""
        counted = ((_WORDS[name], getattr(self, name)) for name in self.__struct_fields__)
        return tuple((one if number == 1 else many, number) for (one, many), number in counted if number)


_WORDS = {
    "entries": ("entry", "entries"),
    "words": ("word of the text", "words of the text"),
    "rounds": ("round", "rounds"),
    "candidates": ("candidate", "candidates"),
    "notes": ("note", "notes"),
    "prompts": ("prompt", "prompts"),
    "parts": ("part of a prompt", "parts of prompts"),
    "shelf": ("piece from the shelf", "pieces from the shelf"),
    "instructions": ("instruction", "instructions"),
    "thoughts": ("candidate's thoughts", "candidates' thoughts"),
}
