"""Where an outline is, and the ways on from there: plain values. What the ways are, says `plot`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from composer.llm.embedded.deeds import Deed
from composer.llm.embedded.scene import Scene
from composer.llm.embedded.troupe import World
from composer.llm.embedded.voicing import Speaking

_LEAST = 1e-4
"""Ways that are this much less likely than the likeliest are not thought of."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where an outline is."""

    world: World
    count: int
    """How many lines there are to be."""
    line: int = 0
    """Lines that are begun."""
    given: int = 0
    """Lines of the outline that are told."""
    kernels: frozenset[int] = frozenset()
    """Sayings of the purpose that are told."""
    speaking: Speaking = Speaking()
    scene: Scene = Scene()
    verbs: tuple[str, ...] = ()
    said: frozenset[str] = frozenset()
    """What was said, as `key` has it."""
    clauses: int = 0
    """Of this line."""
    words: int = 0
    """Of this line."""
    last: Deed | None = None
    doer: int = -1
    """Who did what was told last."""
    means: int = -1
    """The thing that was told of last in this line."""
    led: str = ""
    """How the last line began, where there are several ways."""
    titles: frozenset[str] = frozenset()
    hangs: bool = False
    """Whether a word stands there already that joins the next clause."""
    ended: bool = False
    """Whether the line has its mark at the end already."""


@dataclass(slots=True, eq=False)
class Option:
    """One way on."""

    tokens: tuple[str, ...]
    """With their gaps; none for the end of the outline."""
    share: float
    make: Callable[[], list[Option]] | None = None
    """What is open behind it; None behind the end."""

    def following(self) -> list[Option]:
        """The ways on from behind it, made anew; their shares sum to 1."""
        return shared(self.make()) if self.make else []


def shared(options: list[Option]) -> list[Option]:
    """The options that are worth a thought, with shares that sum to 1; of those that say the same, the likeliest for
    all."""
    best: dict[tuple[str, ...], Option] = {}
    for option in sorted(options, key=lambda each: -each.share):
        known = best.setdefault(option.tokens, option)
        if known is not option:
            known.share += option.share
    most = max(option.share for option in best.values())
    return scaled([option for option in best.values() if option.share > _LEAST * most], 1.0)


def scaled(options: list[Option], share: float) -> list[Option]:
    """The same options with shares that sum to this."""
    total = sum(option.share for option in options)
    for option in options:
        option.share *= share / total
    return options
