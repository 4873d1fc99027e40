"""What an import found: the journal that it made, and an honest list of what had no place in it. It reads nothing itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from composer.journal.entry import Entry
from composer.story.story import Story


@dataclass(frozen=True)
class Loss:
    """Something of the source that has no place in a session: what it is, in words, how often, and why or what became of it."""

    what: str
    count: int = 1
    why: str = ""

    def __str__(self) -> str:
        number = f"{self.count:,} " if self.count != 1 else ""
        return f"{number}{self.what}{': ' if self.why else ''}{self.why}"


@dataclass(frozen=True)
class Taken:
    """An imported session. `pieces` are those that the entries name by hash; `story` is where the journal ends."""

    entries: tuple[Entry, ...]
    pieces: Mapping[str, bytes]
    story: Story
    losses: tuple[Loss, ...] = ()
    cut: str = ""
    """Where the source broke off and what was kept of it, in a sentence; empty where it was whole."""


class NewId(Protocol):
    def __call__(self) -> str: ...


@dataclass(frozen=True)
class Circumstances:
    """What an import is told from outside: the source's name without its folder, when it is (ms since 1970), ids, our version.

    `changed` is when the source was last written, in ms since 1970; 0 where nobody knows. `title` is the source's name as a
    title, for formats that hold none. `outline` asks for the source as an outline alone, where it is a document.
    """

    name: str
    now: int
    new_id: NewId
    program: str
    changed: int = 0
    title: str = ""
    outline: bool = False
    sections: bool = False
    """Whether the story is made of sections with headings, not of beats."""


Losses = dict[str, Loss]


@dataclass
class Tally:
    """Losses as they are met: those of one kind are counted together."""

    losses: Losses = field(default_factory=dict)
    cut: str = ""
    """As in `Taken`, where what reads a source finds that it broke off."""

    def lost(self, what: str, why: str = "", count: int = 1) -> None:
        """One more of a kind. What is given in the first place says why."""
        before = self.losses.get(what)
        self.losses[what] = Loss(what, (before.count if before else 0) + count, before.why if before else why)

    @property
    def all(self) -> tuple[Loss, ...]:
        return tuple(self.losses.values())
