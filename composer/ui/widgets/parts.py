"""The parts of a context on the screen: a table with a line for each, rules with words on them, and the lines that say what keys do.

They are given rows and words, and decide nothing. Only the lines that are seen are painted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.style import Style

from composer.errors import ComposerError
from composer.text.clean import clean, one_line
from composer.ui.contexts import Row
from composer.ui.lines import Lines, Part
from composer.ui.phrases import shortened
from composer.ui.signs import PLAIN, Signs
from composer.ui.wrapping import cells, wrap

WIDE = 100
"""Columns from which what is not sent has a column of its own."""
LEAD = 3
"""Cells before a name: the cursor, the sign, a blank."""
NAMES = 14
"""Cells for what stands behind the name of a part."""
LABEL = 40
"""The most cells of a name."""

SHORT = ("less like the beat than what fits", "less like the beat")
"""A reason that is often too long, and in fewer words."""

Kind = Literal["parts", "both", "difference"]
"""What the columns of numbers are: tokens with a bar; those of two contexts; those of then and now."""


def is_plain(signs: Signs) -> bool:
    """Whether the terminal has no signs but plain ones."""
    return signs.bar == PLAIN.bar


class PartsView(Lines):
    """The table. `at` is the cursor's place in `rows`. Above them it may say something, or why there is no context."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self.at = 0
        self._kind: Kind = "parts"
        self._named = ""
        self._beside: dict[str, int] = {}
        self._note = ""
        self._error: ComposerError | None = None
        self._top = 0

    def show(
        self,
        rows: Sequence[Row],
        at: int,
        kind: Kind = "parts",
        *,
        named: str = "",
        beside: dict[str, int] | None = None,
        note: str = "",
        error: ComposerError | None = None,
    ) -> None:
        """`named` is the other context, and `beside` are its tokens by part, where two are shown. Without rows it waits."""
        self.rows, self.at = rows, max(0, min(at, len(rows) - 1))
        self._kind, self._named, self._beside = kind, named, beside or {}
        self._note, self._error = note, error
        self.repaint()

    def wanted(self, width: int) -> int:
        """The lines that all of it takes."""
        return len(self._head(width)) + max(1, len(self.rows))

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.at] if self.rows else None

    def why_fits(self, row: Row) -> bool:
        """Whether the reason of a row stands in it whole."""
        room = self._sizes(self.size.width)[3]
        return cells(_why(row, room)) <= room

    # painting

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        head = self._head(width)
        if not self.rows:
            words = [] if self._error is not None else [(f"   {signs.ellipsis}", palette.dim)]
            return [*head, words]
        room = max(1, height - len(head))
        if not self._top <= self.at < self._top + room:
            self._top = self.at - room + 1 if self.at >= self._top + room else self.at
        self._top = max(0, min(self._top, len(self.rows) - room))
        if head and self._error is None:
            head[-1] = self._titles(width, self._top, max(0, len(self.rows) - self._top - room))
        sizes = self._sizes(width)
        most = max(row.tokens for row in self.rows)
        seen = range(self._top, min(self._top + room, len(self.rows)))
        painted = [self._line(self.rows[at], at == self.at, sizes, most, width, signs) for at in seen]
        return [*head, *painted]

    def _head(self, width: int) -> list[list[Part]]:
        """What stands above the rows."""
        palette, signs = self.palette, Signs.of(self.app)
        painted: list[list[Part]] = []
        if self._error is not None:
            for number, text in enumerate((clean(self._error.sentence), clean(self._error.next_step))):
                for at, (start, end) in enumerate(wrap(text, max(10, width - 4))) if text else ():
                    sign = signs.failed if not at and not number else " "
                    painted.append([(f" {sign} ", palette.bad), (text[start:end].rstrip(), palette.text)])
            return painted
        if self._note:
            note = one_line(self._note, 1_000)
            painted += [
                [(f" {'' if at else signs.lands}{' ' * bool(at)} ", palette.lands), (note[start:end], palette.lands)]
                for at, (start, end) in enumerate(wrap(note, max(10, width - 4)))
            ]
        return [*painted, self._titles(width, 0, 0)]

    def _titles(self, width: int, above: int, below: int) -> list[Part]:
        """What the columns are, and how many rows are out of sight."""
        label, first, second, _ = self._sizes(width)
        hidden = [f"{above} above" if above else "", f"{below} below" if below else ""]
        part = shortened(" · ".join(each for each in ("part", *hidden) if each), label, "")
        named = shortened(self._named or "left out", second - 1, "")
        before = "then" if self._kind == "difference" else "tokens"
        after = {"parts": named if width >= WIDE else "", "both": named, "difference": "now"}[self._kind]
        bar = self._bar_size(width)
        last = "change" if self._kind == "difference" else "why"
        text = f"{'':{LEAD}}{part:<{label}}{before:>{first}}{after:>{second}}"
        return [(f"{text}  {'':{bar}}{'  ' if bar else ''}{last}", self.palette.dim)]

    def _bar_size(self, width: int) -> int:
        if self._kind == "parts":
            return 14 if width >= WIDE else 7
        return 10 if self._kind == "both" and width >= WIDE else 0

    def _sizes(self, width: int) -> tuple[int, int, int, int]:
        """Cells of the name, of each of the two numbers, and of the reason."""
        wide = width >= WIDE
        second = 0 if self._kind == "parts" and not wide else 10 if wide else 8
        first = 9 if wide else 7
        bar = self._bar_size(width)
        left = width - LEAD - first - second - bar - (4 if bar else 2)
        longest = max((self._room(row) for row in self.rows if not row.text), default=4)
        label = max(12, min(longest + 1, LABEL, left * 2 // 5 if wide else left * 20 // 39))
        # What reasons leave is for names.
        named = [row for row in self.rows if not row.text]
        whole = max((self._whole(row) for row in named), default=4)
        least = left - label
        spare = left - max((cells(_why(row, least)) for row in named), default=least)
        label = max(label, min(whole + 1, spare))
        return label, first, second, max(4, left - label)

    @staticmethod
    def _whole(row: Row) -> int:
        """Cells that a name takes, with what stands around it."""
        return cells(row.label) + (2 if row.inner or row.fold == "shut" else 0)

    def _room(self, row: Row) -> int:
        """Cells that a name wants. Names of things in it, which may be many, get what the others leave."""
        wanted = self._whole(row)
        return wanted if row.inner else min(wanted, cells(row.part) + NAMES)

    def _line(
        self, row: Row, current: bool, sizes: tuple[int, int, int, int], most: int, width: int, signs: Signs
    ) -> list[Part]:
        palette = self.palette
        label, first, second, why = sizes
        plain = palette.text if row.kept else palette.dim
        parts: list[Part] = [(signs.here if current else " ", palette.title)]
        if row.inner:
            parts.append(("  ", plain))
        parts += [(row.sign, self._style(row, signs)), (" ", plain)]
        if row.text:
            # A paragraph that came or went has the line for itself.
            parts.append((shortened(row.label, width - 6, signs.ellipsis), plain))
        else:
            room = label - (2 if row.inner else 0)
            fold = " +" if row.fold == "shut" else ""
            name = shortened(row.label, room - 1 - len(fold), signs.ellipsis)
            parts += [(name, plain), (fold, palette.dim), (" " * (room - cells(name) - len(fold)), plain)]
            parts += self._numbers(row, first, second, width)
            if bar := self._bar_size(width):
                parts += [("  ", plain), (self._bar(row, bar, most, signs), palette.hole)]
            parts += [
                ("  ", plain),
                (shortened(_why(row, why), why, signs.ellipsis), palette.dim if row.inner else plain),
            ]
        if current:
            parts.append((" " * max(0, width - sum(cells(text) for text, _ in parts)), plain))
            parts = [(text, style + palette.cursor) for text, style in parts]
        return parts

    def _style(self, row: Row, signs: Signs) -> Style:
        palette = self.palette
        if row.sign == signs.done:
            return palette.good
        return {"P": palette.title, "~": palette.waiting, "+": palette.put}.get(row.sign, palette.dim)

    def _numbers(self, row: Row, first: int, second: int, width: int) -> list[Part]:
        palette = self.palette
        plain = palette.text if row.kept else palette.dim
        if self._error is not None:
            return [(" " * (first + second), plain)]
        if self._kind == "difference":
            return [(f"{row.then:>{first},}", palette.dim), (f"{row.tokens:>{second},}", plain)]
        if not second:
            # Where there is one column for both, what is not sent stands in brackets.
            bracketed = f"({row.left:,})" if row.left and not row.kept else f"{row.tokens:,}"
            return [(f"{bracketed:>{first}}", plain)]
        sent = f"{row.tokens:,}" if row.tokens or not row.left or not row.inner else ""
        if self._kind == "both":
            other = "" if row.inner else f"{self._beside.get(row.part, 0):,}"
        else:
            other = f"{row.left:,}" if row.left else ""
        return [(f"{sent:>{first}}", plain), (f"{other:>{second}}", palette.dim)]

    def _bar(self, row: Row, size: int, most: int, signs: Signs) -> str:
        """As long as the row has tokens; the row with the most has all of it."""
        length = (row.tokens * size * 2 // most + 1) // 2 if most and not row.inner else 0
        return f"{('#' if is_plain(signs) else '▓') * length:<{size}}"


def _why(row: Row, room: int) -> str:
    """The reason of a row in so many cells: in fewer words where all of them have no room."""
    return row.why if cells(row.why) <= room else row.why.replace(*SHORT)


class Rule(Lines):
    """A line across the screen with words at both ends; of each words there may be shorter forms."""

    def __init__(self, *, strong: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strong = strong
        self._left: Sequence[str] = ()
        self._right: Sequence[str] = ()

    def show(self, left: Sequence[str], right: Sequence[str] = ()) -> None:
        """The words at the left end and at the right one, the longest first. Where nothing fits, those at the left are cut."""
        if (tuple(left), tuple(right)) != (self._left, self._right):
            self._left, self._right = tuple(left), tuple(right)
            self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        line = ("=" if self._strong else "-") if is_plain(signs) else ("═" if self._strong else "─")
        frame = palette.frame_focus if self._strong else palette.frame
        left, right = self._fitting(width)
        parts: list[Part] = [(line, frame)]
        room = width - 1
        right = shortened(right, max(0, room - 9), signs.ellipsis)
        room -= cells(right) + 3 if right else 0
        left = shortened(left, max(0, room - 2), signs.ellipsis)
        parts.append((f" {left} " if left else "", palette.title))
        room -= cells(left) + 2 if left else 0
        parts.append((line * max(1, room), frame))
        if right:
            parts += [(f" {right} ", palette.dim if not self._strong else palette.title), (line, frame)]
        return [parts]

    def _fitting(self, width: int) -> tuple[str, str]:
        """The longest words that stand side by side: both ends give way in turn, the left one first."""
        lefts, rights = self._left or ("",), self._right or ("",)
        pairs = [(lost, other) for lost in range(len(lefts)) for other in range(len(rights))]
        for lost, other in sorted(pairs, key=lambda pair: (sum(pair), pair[1])):
            if cells(lefts[lost]) + cells(rights[other]) + 8 <= width:
                return lefts[lost], rights[other]
        return next((left for left in lefts if cells(left) + 5 <= width), lefts[-1]), ""


class Says(Lines):
    """Two lines at the foot: what keys do, or a question that wants one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words: Sequence[str] = ()
        self._asks = False

    def show(self, words: Sequence[str], *, asks: bool = False) -> None:
        """Lines of words; with `asks` it is a question, and told by a sign."""
        if (tuple(words), asks) != (self._words, self._asks):
            self._words, self._asks = tuple(words), asks
            self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        if not self._asks:
            return [[(f" {shortened(words, width - 1, signs.ellipsis)}", palette.dim)] for words in self._words]
        text = " ".join(self._words)
        return [
            [(f" {' ' if at else signs.lands} ", palette.lands), (text[start:end], palette.lands)]
            for at, (start, end) in enumerate(wrap(text, max(10, width - 4)))
        ]
