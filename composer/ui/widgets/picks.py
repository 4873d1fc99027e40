"""Things of which several can be chosen, as a row of the box and the lenses list them: which are chosen, in what order, and their lines.

What is chosen and own words stand in one text, `to-do list | mentor of many years | as a letter`. It does not know what is chosen for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.geometry import Size

from composer.ui.lines import Lines, Part
from composer.ui.phrases import shortened
from composer.ui.signs import Signs
from composer.ui.wrapping import cells

BETWEEN = "|"
"""What stands between two parts of the text. What has it in its name can't be told there, and is not offered."""
MOST = 6
"""Lines of a list that is unfolded, on a screen that is high enough."""
SHARE = 6
"""It takes one of so many lines of a screen, so that nine rows above it stay in sight."""
SIDE = 14
"""Cells before it, where keys are told: those of the labels of a box."""
_FIRST = 400
"""Characters of a text from which its first words are shown."""


def joined(chosen: Sequence[str], own: str) -> str:
    """Names and own words as one text."""
    return f" {BETWEEN} ".join([*chosen, own] if own else chosen)


def parted(text: str, names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The names in such a text, each once and in its order, and the own words. Large and small letters are the same in names."""
    by_key = {name.casefold(): name for name in names}
    parts = [part for each in text.split(BETWEEN) if (part := each.strip())]
    chosen = dict.fromkeys(by_key[part.casefold()] for part in parts if part.casefold() in by_key)
    return tuple(chosen), joined([part for part in parts if part.casefold() not in by_key], "")


class Picks:
    """What a row offers, what of it is chosen, and where the cursor stands. Own words are held by the row itself."""

    def __init__(self, offered: Sequence[tuple[str, str]] = ()) -> None:
        """`offered` are names with first words."""
        self.offered = tuple(each for each in offered if BETWEEN not in each[0])
        self.chosen: tuple[str, ...] = ()
        self.at = 0

    def __bool__(self) -> bool:
        return bool(self.offered)

    def _parted(self, text: str) -> tuple[tuple[str, ...], str]:
        return parted(text, [name for name, _ in self.offered])

    def read(self, text: str) -> str:
        """Choose what the text names, and nothing else; the own words that are left of it. The cursor goes to the first that is chosen."""
        self.chosen, own = self._parted(text)
        names = [name for name, _ in self.offered]
        self.at = names.index(self.chosen[0]) if self.chosen else 0
        return own

    def told(self, own: str) -> str:
        """What is chosen and these own words as one text. Own words that are names are chosen by that."""
        return joined(*self._parted(joined(self.chosen, own)))

    def take(self, own: str) -> str:
        """Choose what these own words name; those that are left. The cursor stays."""
        self.chosen, left = self._parted(joined(self.chosen, own))
        return left

    def move(self, by: int) -> None:
        """Move the cursor; behind the last comes the first."""
        self.at = (self.at + by) % len(self.offered)

    def turn(self) -> None:
        """Choose what is under the cursor, behind what is chosen already, or un-choose it."""
        name = self.offered[self.at][0]
        kept = tuple(each for each in self.chosen if each != name)
        self.chosen = kept if name in self.chosen else (*kept, name)


@dataclass(frozen=True)
class Pick:
    """A line: a name, a text of which the first words are shown, whether it is chosen, and a word of what it is."""

    name: str
    text: str
    chosen: bool = False
    told: str = ""


class PicksView(Lines):
    """A line for each pick, windowed around the cursor. With `side` keys are told before it.

    While it is not `active` keys go elsewhere, and no line is shown as the one they go to.
    """

    def __init__(self, *, id: str, side: int = 0) -> None:
        super().__init__(id=id)
        self.picks: Sequence[Pick] = ()
        self.at = 0
        self._active = True
        self._side = side
        self._top = 0

    def show(self, picks: Sequence[Pick], at: int, *, active: bool = True) -> None:
        lay_out = len(picks) != len(self.picks)
        self.picks, self.at, self._active = picks, max(0, min(at, len(picks) - 1)), active
        if lay_out:
            self.refresh(layout=True)
        self.repaint()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return min(len(self.picks), MOST, max(1, viewport.height // SHARE))

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        if not self._top <= self.at < self._top + height:
            self._top = self.at - height // 2
        self._top = max(0, min(self._top, len(self.picks) - height))
        name = min(max((cells(pick.name) for pick in self.picks), default=0), max(8, (width - self._side) // 2))
        told = max((cells(pick.told) for pick in self.picks), default=0)
        shown = range(self._top, min(len(self.picks), self._top + height))
        keys = self._keys() if self._side else []
        painted = []
        for line, number in enumerate(shown):
            said = keys[line] if line < len(keys) else ""
            before: list[Part] = [(f"{said:<{self._side}}"[: self._side], palette.dim)] if self._side else []
            painted.append([*before, *self._line(number, name, told, width - self._side)])
        return painted

    def _keys(self) -> tuple[str, ...]:
        """What keys do in it, a line each."""
        if not self._active:
            return ()
        moves = "← →" if Signs.of(self.app) == Signs() else "<- ->"
        return "space chooses", f"{moves}  {self.at + 1}/{len(self.picks)}"

    def _line(self, number: int, name: int, told: int, width: int) -> list[Part]:
        palette, signs = self.palette, Signs.of(self.app)
        pick = self.picks[number]
        current = number == self.at and self._active
        parts: list[Part] = [(f"{signs.here if current else ' '} ", palette.title)]
        if self._side:
            parts.append((f"{signs.done if pick.chosen else ' '} ", palette.good))
        shown = shortened(pick.name, name, signs.ellipsis)
        parts.append((f"{shown}{' ' * (name - cells(shown) + 2)}", palette.text))
        if told:
            parts.append((f"{pick.told:<{told}}  ", palette.dim))
        room = max(0, width - sum(cells(text) for text, _ in parts) - 1)
        first = shortened(" ".join(pick.text[:_FIRST].split()), room, signs.ellipsis)
        parts.append((f"{first}{' ' * (room + 1 - cells(first))}", palette.dim))
        return [(text, style + palette.cursor) for text, style in parts] if current else parts
