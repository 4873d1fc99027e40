"""The panes of the drafts: a table of beats and drafts, and the text of one cell.

They are given rows, a way to look at a cell, and words. They decide nothing, and paint only what is seen: a cell is looked at
when its line is painted. Text that comes moves nothing in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from composer.story.story import Mark
from composer.text.clean import clean, one_line
from composer.ui.drafts import Face, Head, Row
from composer.ui.lines import Lines, Part, clipped
from composer.ui.phrases import shortened
from composer.ui.signs import Signs
from composer.ui.theming import Palette
from composer.ui.widgets.parts import is_plain
from composer.ui.widgets.rows import GUTTER, Look, Wrapping, painted, style_of
from composer.ui.wrapping import cells, wrap

HEAD = 2
"""Lines above the rows."""
NAME, MIDDLE_NAME, SHORT_NAME = 24, 16, 12
"""Cells of a beat's line: where there is room; at the least while its words in the text have a column; before columns go out of sight."""
TOLD = 8
"""Cells that say how many words of the manuscript tell a beat."""
USUAL, LEAST = 9, 6
"""Cells of a column in which all of a cell's state has room, and in which the most of it has."""
WORDED = 14
"""Cells from which a column shows the first words of its cells."""
DEEP = 3
"""The most lines of a row."""
REMEMBERED = 2_000
"""Cells that are kept as they were painted."""
DIGITS = 10
"""Columns that a digit stands for."""
WIDEST = 84
"""Cells of a line of text: longer ones are hard to read."""

Shown = Callable[[Row, int], Face]
"""A cell as it is shown, by its row and its column from 0."""


def edges(signs: Signs) -> tuple[str, str]:
    """What stands around a cell that is picked."""
    return ("[", "]") if is_plain(signs) else (signs.mark, "▌")


@dataclass(frozen=True)
class Columns:
    """Where things stand in a line: cells of a beat's number, of its line, of its words in the text (0: a sign says it), of a column.

    Columns from `first` on are seen, `seen` of them.
    """

    number: int
    name: int
    told: int
    size: int
    first: int
    seen: int

    @property
    def lead(self) -> int:
        """Cells before the first column."""
        return 1 + self.number + 1 + self.name + 1 + self.told


def columns(width: int, count: int, at: int, beats: int, longest: int, any_told: bool) -> Columns:
    """The columns of `count` drafts in a line of `width` cells, with the one at `at` in sight.

    `beats` is the highest number of a beat, `longest` the cells of the longest line; `any_told` says that the manuscript has text
    of one.
    """
    number = len(str(max(1, beats)))
    fixed = 1 + number + 1 + 1
    usual = TOLD if any_told else 0
    if not count:
        return Columns(number, max(4, width - fixed - usual), usual, 0, 0, 0)
    full = min(NAME, max(SHORT_NAME, longest))
    for name, told, least in ((full, usual, USUAL), (min(full, MIDDLE_NAME), usual, USUAL), (SHORT_NAME, 0, LEAST)):
        size = (width - fixed - name - told) // count
        if size >= least:
            size = size if name == full else min(size, USUAL)
            rest = width - fixed - told - count * size
            return Columns(number, max(name, min(rest, longest)), told, size, 0, count)
    size = LEAST
    seen = max(1, (width - fixed - SHORT_NAME) // size)
    first = max(0, min(at - seen // 2, count - seen))
    return Columns(number, max(4, width - fixed - seen * size), 0, size, first, seen)


class DraftTable(Lines):
    """The table. `at` is the cursor's place in `rows`, `column` that among the drafts, from 0."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self.at = 0
        self.column = 0
        self._heads: Sequence[Head] = ()
        self._told: Callable[[str], int] = lambda beat: 0
        self._face: Shown = lambda row, column: Face(" ", "dim")
        self._note: Sequence[str] = ()
        self._top = 0
        self._measured: tuple[object, int, int] = (None, 0, 0)
        self._painted: dict[tuple[Face, int, int, bool], list[list[Part]]] = {}
        """Cells as they were painted, with these styles and signs."""
        self._painted_with: tuple[Palette, Signs] | None = None

    def show(
        self,
        rows: Sequence[Row],
        heads: Sequence[Head],
        at: int,
        column: int,
        told: Callable[[str], int],
        face: Shown,
        note: Sequence[str] = (),
    ) -> None:
        """`told` tells the words that the manuscript has of a beat, `face` looks at a cell. `note` is said above the rows."""
        self.rows, self._heads, self._told, self._face, self._note = rows, heads, told, face, note
        self.at, self.column = max(0, min(at, len(rows) - 1)), column
        self.repaint()

    def wanted(self, width: int, most: int) -> int:
        """The lines that all of it takes, with rows as deep as `most` lines allow."""
        where = self._columns(width)
        above = len(self._above(width, 0, 0, where))
        return above + self._lines_of_all(self._depth(where, most - above))

    def _columns(self, width: int) -> Columns:
        if self._measured[0] is not self.rows:
            beats = max((row.number for row in self.rows), default=0)
            longest = max((cells(row.text) for row in self.rows if row.has_cells), default=0)
            self._measured = self.rows, beats, longest
        _, beats, longest = self._measured
        any_told = any(self._told(row.beat) for row in self.rows if row.kind == "beat")
        return columns(width, len(self._heads), self.column, beats, longest, any_told)

    def _lines_of_all(self, depth: int) -> int:
        with_cells = sum(row.has_cells for row in self.rows)
        return max(1, len(self.rows) + (depth - 1) * with_cells)

    def _depth(self, where: Columns, room: int) -> int:
        """The lines of each row with cells: more than one where all rows have room, and something to show in them."""
        if not self._heads:
            return 1
        most = DEEP if where.size >= WORDED else 2 if self._measured[2] > where.name else 1
        return next((depth for depth in range(most, 1, -1) if self._lines_of_all(depth) <= room), 1)

    # painting

    def lines(self, width: int, height: int) -> list[list[Part]]:
        signs = Signs.of(self.app)
        where = self._columns(width)
        above = self._above(width, 0, 0, where)
        room = max(1, height - len(above))
        self._settle(room)
        hidden = max(0, len(self.rows) - self._top - room)
        if self._top or hidden:
            above = self._above(width, self._top, hidden, where)
        depth = self._depth(where, room)
        seen = range(self._top, min(self._top + room, len(self.rows)))
        return [
            *above,
            *(line for at in seen for line in self._row(self.rows[at], at == self.at, where, width, depth, signs)),
        ]

    def _settle(self, room: int) -> None:
        """Scroll as little as keeps the cursor in sight, and what stands above its row in the outline where there is room."""
        at = self.at
        if at >= self._top + room:
            self._top = at - room + 1
        while at > 0 and room > 2 and not self.rows[at - 1].has_cells:
            at -= 1
        self._top = min(self._top, max(at, self.at - room + 1))
        self._top = max(0, min(self._top, len(self.rows) - room))

    def _above(self, width: int, above: int, below: int, where: Columns) -> list[list[Part]]:
        """What stands above the rows: a note, and the drafts with how far they are."""
        palette = self.palette
        noted: list[list[Part]] = [[]] if self._note else []
        for number, text in enumerate(self._note):
            style = palette.dim if number else palette.text
            rows = wrap(text, max(10, width - 6)) if text else [(0, 0)]
            noted += [[("   ", style), (text[start:end].rstrip(), style)] for start, end in rows]
        if noted:
            noted.append([])
        if not self._heads:
            return noted
        more = len(self._heads) - where.first - where.seen
        aside = _parts(f"{where.first} left" if where.first else "", f"{more} right" if more else "")
        hidden = _parts(f"{above} above" if above else "", f"{below} below" if below else "")
        told = f"{'in text':>{where.told - 1}} " if where.told else ""
        first = [*self._label(aside or "beat", where, where.lead - where.told), (told, palette.dim)]
        second = self._label(hidden, where, where.lead)
        for at in range(where.first, where.first + where.seen):
            name, state = self._head(self._heads[at], at, where.size)
            first += name
            second += state
        return [*noted, first, second]

    def _label(self, words: str, where: Columns, room: int) -> list[Part]:
        """Words above the beats, in exactly `room` cells."""
        palette = self.palette
        return clipped([(f" {'':{where.number}} ", palette.dim), (words, palette.dim)], room, palette.text)

    def _head(self, head: Head, at: int, size: int) -> tuple[list[Part], list[Part]]:
        """The two lines above a column, each in exactly `size` cells."""
        palette, signs = self.palette, Signs.of(self.app)
        current, room = at == self.column, size - 1
        digit = str((at + 1) % 10) if at < DIGITS else " "
        name = f"{digit} {head.name}"
        if cells(name) > room:
            # The sign of a temperature is what can be spared.
            name = shortened(f"{digit} {head.name.removeprefix('T')}", room, signs.ellipsis, words=False)
        form = next((form for form in head.forms if cells(form) + 2 <= room), head.forms[-1])
        style = palette.title if current else palette.text
        return (
            [(signs.here if current else " ", palette.title), *clipped([(name, style)], room, palette.text)],
            [
                (" ", palette.text),
                *clipped([(head.sign, style_of(palette, head.style)), (f" {form}", palette.dim)], room, palette.text),
            ],
        )

    def _row(self, row: Row, current: bool, where: Columns, width: int, depth: int, signs: Signs) -> list[list[Part]]:
        palette = self.palette
        indent = "  " * min(row.depth, 4)
        if row.kind == "heading":
            text = shortened(one_line(row.text, 500), width - 3 - len(indent), signs.ellipsis)
            return [[(f" {'':{where.number}} {indent}", palette.text), (text, palette.heading)]]
        if row.kind == "line":
            return [[(f" {'':{where.number}} {row.text}", palette.dim)]]
        lines = self._lead(row, current, where, depth, signs)
        for at in range(where.first, where.first + where.seen):
            cell = self._cell(self._face(row, at), where.size, depth, current and at == self.column, signs)
            for line, parts in zip(lines, cell, strict=True):
                line += parts
        return lines

    def _lead(self, row: Row, current: bool, where: Columns, depth: int, signs: Signs) -> list[list[Part]]:
        """What stands before the cells of a row: the beat's number, its line, and its words in the text."""
        palette = self.palette
        words = self._told(row.beat)
        plain = palette.dim if row.kind != "beat" else palette.title if current else palette.text
        between = signs.paragraph if words and not where.told else " "
        told = f"{words:,} w" if words and where.told else ""
        number = str(row.number) if row.number else ""
        made: list[list[Part]] = []
        for at, text in enumerate(_rows(one_line(row.text, 500), where.name, depth, signs)):
            first = not at
            made.append(
                [
                    (signs.here if current and first else " ", palette.title),
                    (f"{number if first else '':>{where.number}}", palette.dim),
                    (between if first else " ", palette.dim),
                    *clipped([(text, plain)], where.name + 1, palette.text),
                    (f"{told if first else '':>{where.told - 1}} " if where.told else "", palette.dim),
                ]
            )
        return made

    def _cell(self, face: Face, size: int, depth: int, current: bool, signs: Signs) -> list[list[Part]]:
        """A cell in exactly `size` cells of each of `depth` lines."""
        palette = self.palette
        if self._painted_with != (palette, signs) or len(self._painted) > REMEMBERED:
            self._painted.clear()
            self._painted_with = palette, signs
        key = face, size, depth, current
        known = self._painted.get(key)
        if known is None:
            known = self._painted[key] = _painted(face, size, depth, current, palette, signs)
        return known


def _painted(face: Face, size: int, depth: int, current: bool, palette: Palette, signs: Signs) -> list[list[Part]]:
    room = size - 2
    picked = face.pieces > 0
    base = palette.mark if picked else palette.text
    opens, closes = edges(signs) if picked else (" ", " ")
    form = _form(face, room, beside=depth == 1)
    inner: list[list[Part]] = [[(face.sign, base if picked else style_of(palette, face.style)), (form, base)]]
    words = base if picked else palette.dim
    if depth > 1:
        text = face.text if size >= WORDED else ""
        inner += [[(row, words)] for row in _rows(text, room, depth - 1, signs, words=False)]
    elif size >= WORDED and room - 1 - cells(form) > 4:
        inner[0].append((f" {face.text}", words))
    made: list[list[Part]] = []
    for at, line in enumerate(inner):
        left = signs.here if current and not picked and not at else opens
        parts = [(left, base if picked else palette.title), *clipped(line, room, base), (closes, base)]
        made.append([(text, style + palette.cursor) for text, style in parts] if current else parts)
    return made


def _rows(text: str, width: int, count: int, signs: Signs, *, words: bool = True) -> list[str]:
    """A text in exactly `count` lines of at most `width` cells; without `words` as much of it as fits."""
    rows = [text[start:end].rstrip() for start, end in wrap(text[: width * (count + 2)], width)] if text else []
    if len(rows) > count:
        rows = [
            *rows[: count - 1],
            shortened(" ".join(rows[count - 1 : count + 1]), width, signs.ellipsis, words=words),
        ]
    return [*rows, *[""] * (count - len(rows))]


def _parts(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _form(face: Face, room: int, *, beside: bool) -> str:
    """What stands behind the sign of a cell, in the longest words that have room; `beside` says that its text stands there too."""
    if face.said:
        forms = [f" {face.said}", ""]
    elif face.words < 0:
        forms = [""]
    elif beside and room + 2 >= WORDED:
        forms = [f" {face.words:>3,}"]
    else:
        forms = [f" {face.words:>3,} w", f" {face.words} w", f" {face.words}", f"{face.words}"]
    if face.pieces and not face.whole:
        pieces = f"{face.pieces} pc{'s' if face.pieces > 1 else ''}"
        forms = [f"{forms[0]} · {pieces}", f" {pieces}", f" {face.pieces}p", f"{face.pieces}p"]
    if face.words >= 1000:
        forms.append(f"{face.words // 1000}k")
    return next((form for form in forms if cells(form) < room), "")


class CellText(Lines):
    """The text of one cell with its marks, and below it what is to be said of it. Only page keys scroll it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._key = ""
        self._text = ""
        self._marks: Sequence[tuple[int, Mark]] = ()
        self._notes: Sequence[str] = ()
        self._wrapping = Wrapping()
        self._top = 0

    def show(self, key: str, text: str, marks: Sequence[tuple[int, Mark]], notes: Sequence[str]) -> None:
        """A text, or more of the one that goes by that key; marks are in its characters. `notes` are sentences below it."""
        if key != self._key:
            self._key, self._top = key, 0
            self._wrapping = Wrapping()
        self._text, self._marks, self._notes = text, marks, notes
        self.repaint()

    @property
    def _width(self) -> int:
        return max(10, min(self.size.width - GUTTER - 1, WIDEST))

    def _count(self) -> int:
        """Lines of all of it."""
        rows = len(self._wrapping.rows(self._key, self._text, self._width)) if self._text else 0
        return rows + sum(len(lines) for lines in self._below(bool(rows)))

    def _below(self, some: bool) -> list[list[str]]:
        """What stands below the text, by sentence: each in lines, an empty one before the first where there is text."""
        made = []
        for number, note in enumerate(self._notes):
            note = clean(note).replace("\n", " ")
            lines = [note[start:end].rstrip() for start, end in wrap(note, self._width)]
            made.append(["", *lines] if some and not number else lines)
        return made

    def _last(self) -> int:
        return max(0, self._count() - max(1, self.size.height))

    @property
    def seen(self) -> tuple[int, bool]:
        """How much of it stands above the window, in percent, and whether all of it is seen."""
        count, last = self._count(), self._last()
        return min(self._top, last) * 100 // max(1, count), last == 0

    def page_on(self, by: int) -> None:
        """Scroll by screens."""
        self._top = max(0, min(self._top + by * max(1, self.size.height - 1), self._last()))
        self.repaint()

    def on_resize(self) -> None:
        if self.size.height:
            self._top = min(self._top, self._last())
        super().on_resize()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        made: list[list[Part]] = []
        rows = self._wrapping.rows(self._key, self._text, self._width) if self._text else []
        look = Look(self._marks)
        made += [painted(self._text, row, look, palette, signs) for row in rows[self._top : self._top + height]]
        if len(made) < height:
            notes = [line for lines in self._below(bool(rows)) for line in lines]
            skip = max(0, self._top - len(rows))
            made += [
                [(" " * GUTTER, palette.text), (line, palette.dim)] for line in notes[skip : skip + height - len(made)]
            ]
        return made
