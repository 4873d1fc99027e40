"""The list of endpoints, a line each, with those below that answer on this computer. It is given rows, and asks no server anything."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from composer.config import public_url
from composer.text.clean import one_line
from composer.ui.endpoints import Row
from composer.ui.keymap import chord
from composer.ui.lines import Lines, Part
from composer.ui.phrases import shortened
from composer.ui.servers import key_shown, kind_shown
from composer.ui.signs import Signs
from composer.ui.wrapping import cells

WIDE = 100
"""Columns from which a line has room for addresses."""


class EndpointsView(Lines):
    """The endpoints, a line each; below them those that answer on this computer. `at` is the cursor's place in `rows`."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self.at = 0
        self._chosen = ""
        self._looking = False
        self._top = 0

    def show(self, rows: Sequence[Row], at: int, chosen: str, looking: bool) -> None:
        """`rows` are the endpoints, those that were found last; `chosen` is the name of the one that writes."""
        self.rows, self.at, self._chosen, self._looking = rows, max(0, min(at, len(rows) - 1)), chosen, looking
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        sizes = self._sizes(width)
        titles = ("name", "kind", "address", "model", "key", "window", "test")
        painted: list[list[Part]] = []
        place = 0
        for number, row in enumerate(self.rows):
            if row.found and not (number and self.rows[number - 1].found):
                painted += [[], self._heading(width)]
            if number == self.at:
                place = len(painted)
            painted.append(self._line(row, number == self.at, sizes, width, signs))
        if not any(row.found for row in self.rows):
            says = (
                "…"
                if self._looking
                else f"None on the usual ports. {chord('endpoint.look')} looks again; {chord('endpoint.add')} adds one by its address."
            )
            painted += [[], self._heading(width), [(f"   {says}", palette.dim)]]
        room = max(1, height - 1)
        if not self._top <= place < self._top + room:
            self._top = place - room // 2
        if self.at == len(self.rows) - 1:
            # Behind the last one may stand what was not found.
            self._top = max(self._top, len(painted) - room)
        self._top = max(0, min(self._top, len(painted) - room))
        head = "".join(
            f"{shortened(title, size, ''):{'>' if title == 'window' else '<'}{size}}  "
            for title, size in zip(titles, sizes, strict=True)
            if size
        )
        return [[(f"   {head}", palette.dim)], *painted[self._top : self._top + room]]

    def _heading(self, width: int) -> list[Part]:
        bar = "─" if Signs.of(self.app) == Signs() else "-"
        words = "Answers on this computer"
        looking = "looking…" if self._looking else f"{chord('endpoint.choose')} adds and chooses"
        if not any(row.found for row in self.rows) and not self._looking:
            looking = ""
        text = f" {words} · {looking} " if looking else f" {words} "
        return [
            (f"  {bar}", self.palette.frame),
            (text, self.palette.heading),
            (bar * max(0, width - cells(text) - 4), self.palette.frame),
        ]

    def _sizes(self, width: int) -> tuple[int, ...]:
        """Cells of each column: name, kind, address, model, key, window, test."""
        wide = width >= WIDE
        name = max([4, *(cells(row.name) for row in self.rows)])
        kind = max([4, *(cells(kind_shown(row.profile)) for row in self.rows)])
        key = max([4, *(cells(key_shown(row.profile)) for row in self.rows)])
        name, key = min(name, 20 if wide else 13), min(key, 22 if wide else 8)
        window, test = 9, 9 if wide else 1
        rest = width - 3 - sum(size + 2 for size in (name, kind, key, window, test))
        address = 0
        if wide:
            longest = max([7, *(cells(_address(row)) for row in self.rows)])
            models = max([5, *(cells(_model(row)) for row in self.rows)])
            address = max(7, min(longest, max(rest - 4 - models, (rest - 4) // 2)))
        model = rest - (address + 2 if address else 0) - 2
        return name, kind, address, max(4, model), key, window, test

    def _line(self, row: Row, current: bool, sizes: tuple[int, ...], width: int, signs: Signs) -> list[Part]:
        palette = self.palette
        chosen = row.name == self._chosen and not row.found
        name, kind, address, model, key, window, test = sizes
        said, said_style = self._tested(row, test, signs)
        plain = palette.dim if row.found else palette.text
        columns: list[tuple[str, int, Style]] = [
            (row.name, name, palette.title if chosen else plain),
            (kind_shown(row.profile), kind, palette.dim),
            (_address(row), address, palette.dim),
            (_model(row), model, plain if row.model or row.models else palette.dim),
            (key_shown(row.profile) if not row.profile.embedded else "–", key, palette.dim),
            (f"{row.window:,}".rjust(window) if row.window else "", window, palette.dim),
            (said, test, said_style),
        ]
        parts: list[Part] = [
            (signs.here if current else " ", palette.title),
            (signs.writing if chosen else " ", palette.lands),
            (" ", plain),
        ]
        for text, size, style in columns:
            if size:
                text = shortened(text, size, signs.ellipsis)
                parts += [(text, style), (" " * (size - cells(text) + 2), plain)]
        if current:
            parts = [(text, style + palette.cursor) for text, style in parts]
        return parts

    def _tested(self, row: Row, size: int, signs: Signs) -> tuple[str, Style]:
        """What a test of it came to, in a sign and a word."""
        report, palette = row.report, self.palette
        if report is None:
            return "", palette.dim
        if report.state == "asking":
            said, style = f"{signs.ellipsis} asking", palette.waiting
        elif report.state == "stopped":
            said, style = f"{signs.cut} stopped", palette.dim
        elif report.good:
            said, style = f"{signs.done} works", palette.good
        else:
            said, style = f"{signs.failed} trouble", palette.bad
        return said[:size], style


def _address(row: Row) -> str:
    """The address on a line, where there is little room: whole below."""
    return "in this program" if row.profile.embedded else public_url(row.profile.base_url).partition("://")[2]


def _model(row: Row) -> str:
    if row.models is None:
        return row.model or "the first it lists"
    return one_line(", ".join(row.models)) or "no models yet"
