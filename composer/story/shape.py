"""How the context of a request is shaped: how much of the story is sent, and what the writer set otherwise. Values; they pack nothing.

Parts have fixed names. One thing within a part, a note, an exemplar or the summary of a section, is named by the part and its id:
`notes:4f2k`. What is said of it goes before what is said of its part.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

Amount = Literal["full", "lean", "bare"]
"""How much of the story is sent: as much as fits; the likest of it and the outline around the beat; only what the next
paragraph needs."""

PartName = Literal[
    "instructions",
    "purpose",
    "exemplars",
    "notes",
    "outline",
    "earlier, condensed",
    "earlier text",
    "previous paragraph",
    "text after",
    "passage",
    "instruction",
    "beat",
    "begun answer",
    "template",
    "format",
]
"""The parts of a context, in the order in which they are told. `template` and `format` are what is put around the others."""

PARTS: tuple[PartName, ...] = get_args(PartName)
"""All of them, in that order."""

Strategy = Literal["newest", "likest"]
"""Which text stays where there is no room for all: the newest, or what is most like the beat."""

CORE: frozenset[str] = frozenset(("passage", "instruction", "beat", "begun answer", "template", "format"))
"""Parts that can't be left out or cut."""


class Shape(Struct, frozen=True, omit_defaults=True):
    """How a context is made. `muted` and `pinned` name parts, or things in them; a part is never in both.

    What is pinned goes in first, however little room there is, and no limit of the amount holds for it. `strategies` are by part,
    where they are not the amount's own; `repeats` tells whether passages that say the same are all sent, None for the amount's
    own way. `edits` are parts whose text the writer changed for one request, for what `place` names; an edit of the instructions
    stays, wherever it is.
    """

    amount: Amount = "full"
    muted: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    strategies: tuple[tuple[str, Strategy], ...] = ()
    repeats: bool | None = None
    edits: tuple[tuple[str, str], ...] = ()
    place: str = ""

    def is_muted(self, part: str, thing: str = "") -> bool:
        """Whether a part, or one thing in it, was left out by the writer."""
        named = f"{part}:{thing}" if thing else part
        return named in self.muted or (bool(thing) and part in self.muted and named not in self.pinned)

    def is_pinned(self, part: str, thing: str = "") -> bool:
        """Whether a part, or one thing in it, was pinned by the writer."""
        named = f"{part}:{thing}" if thing else part
        return named in self.pinned or (bool(thing) and part in self.pinned and named not in self.muted)

    def strategy(self, part: str) -> Strategy | None:
        """The strategy that the writer chose for a part; None for the amount's own."""
        return next((strategy for name, strategy in self.strategies if name == part), None)

    def edit(self, part: str) -> str | None:
        """What the writer made of a part; None if nothing."""
        return next((text for name, text in self.edits if name == part), None)

    def muting(self, named: str) -> Shape:
        """The same with a part or thing left out; or back in, if it was out."""
        if named in self.muted:
            return replace(self, muted=_without(self.muted, named))
        return replace(self, muted=(*self.muted, named), pinned=_without(self.pinned, named))

    def pinning(self, named: str) -> Shape:
        """The same with a part or thing pinned; or no more, if it was."""
        if named in self.pinned:
            return replace(self, pinned=_without(self.pinned, named))
        return replace(self, pinned=(*self.pinned, named), muted=_without(self.muted, named))

    def choosing(self, part: str, strategy: Strategy) -> Shape:
        """The same with another strategy for a part."""
        return replace(self, strategies=(*(each for each in self.strategies if each[0] != part), (part, strategy)))

    def editing(self, part: str, text: str | None) -> Shape:
        """The same with the text of a part changed; None for the text as it is made."""
        others = tuple(each for each in self.edits if each[0] != part)
        return replace(self, edits=others if text is None else (*others, (part, text)))

    @property
    def lasting(self) -> Shape:
        """What of it holds for the next request too."""
        return replace(self, edits=tuple(each for each in self.edits if each[0] == "instructions"), place="")

    def at(self, place: str) -> Shape:
        """What of it holds for a request for that place."""
        return self if place == self.place else self.lasting

    def bound(self, place: str) -> Shape:
        """The same with its edits for that place."""
        return self.lasting if self.edits == self.lasting.edits else replace(self, place=place)

    @property
    def plain(self) -> bool:
        """Whether it is nothing but its amount."""
        return self == Shape(self.amount)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)
