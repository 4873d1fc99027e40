"""A candidate's text in rows: where it breaks, which rows are shown, and each as painted. It knows no widget and no round."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.style import Style

from composer.story.story import Mark
from composer.ui.lines import Part
from composer.ui.signs import Signs
from composer.ui.theming import Palette
from composer.ui.widgets.page import Run
from composer.ui.wrapping import Row, row_of, wrap

GUTTER = 4
"""Cells left of a candidate's text, for the numbers of marks."""


class Wrapping:
    """Where the texts of candidates break. What is wrapped already stays so while a text grows."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, int, list[Row]]] = {}

    def rows(self, name: str, text: str, width: int) -> list[Row]:
        """The rows of the text that goes by that name, as [start:end) in it."""
        known = self._known.get(name)
        if known and known[0] is text and known[1] == width:
            return known[2]
        rows: list[Row] = []
        at = 0
        # Text that streams in changes its last rows only, so wrapping goes on from the last but one.
        if known and known[1] == width and len(known[2]) > 2 and text.startswith(known[0]):
            rows = known[2][:-2]
            at = rows[-1][1] if rows else 0
            if at and text[at : at + 1] == "\n":
                at += 1
        if text or not rows:
            for line in text[at:].split("\n"):
                rows += [(at + start, at + end) for start, end in wrap(line, width)]
                at += len(line) + 1
        self._known[name] = (text, width, rows)
        return rows


def top_of(rows: list[Row], room: int, piece: Row | None, *, top: int, first: int, writes: bool) -> int:
    """The first row shown: in the slot with the cursor, that of its piece; else the start, and while it writes its newest page.

    `top` is the one shown before; `first` is the character at which what is new begins.
    """
    top = min(top, max(0, len(rows) - 1))
    if piece is not None and piece[1] > piece[0]:
        first_row = max((at for at, row in enumerate(rows) if row[0] <= piece[0]), default=0)
        last_row = max((at for at, row in enumerate(rows) if row[0] < piece[1]), default=first_row)
        if last_row >= top + room:
            top = last_row - room + 1
        if first_row < top:
            top = first_row
    elif not writes:
        # Of a candidate that goes on from a long text, one row of that is seen.
        new = row_of(rows, first)
        top = new - 1 if first and new > room // 2 else 0
    elif len(rows) - top > room:
        top = len(rows) - max(1, room // 3)
    return top


@dataclass(frozen=True)
class Look:
    """What is shown in a candidate's text otherwise than plain: marks with their numbers, runs in the palette's styles, the cursor.

    `tokens` are runs too, in order and none over another; they may be many. With `strong` the cursor is shown as the caret is,
    and line breaks under it by a sign.
    """

    marks: Sequence[tuple[int, Mark]] = ()
    runs: Sequence[Run] = ()
    tokens: Sequence[Run] = ()
    piece: Row | None = None
    strong: bool = False
    line_break: str = field(default="")


def painted(text: str, row: Row, look: Look, palette: Palette, signs: Signs) -> list[Part]:
    """One row of a text, with the gutter before it."""
    start, end = row
    marks, piece = look.marks, look.piece
    # A line break stands behind its row.
    breaks = look.strong and piece is not None and piece[0] <= end < piece[1] and text[end : end + 1] == "\n"
    gutter = " " * GUTTER
    for number, mark in marks:
        if start <= mark.start < end or (start == end == mark.start):
            gutter = f"{number:>{GUTTER - 1}}{signs.mark}"
        elif mark.start < start < mark.end and gutter.isspace():
            gutter = f"{'':>{GUTTER - 1}}{signs.mark}"
    if gutter.isspace() and piece and (start <= piece[0] < end or (breaks and piece[0] >= start)):
        gutter = f"{'':>{GUTTER - 2}}{signs.here} "
    here = [run for run in look.runs if run[0] < end and start < run[1]]
    if look.tokens:
        left = bisect_right(look.tokens, start, key=lambda run: run[1])
        here += look.tokens[left : bisect_left(look.tokens, end, key=lambda run: run[0])]
    edges = [edge for run in here for edge in run[:2]] + [edge for _, mark in marks for edge in (mark.start, mark.end)]
    if piece:
        edges += piece
    ordered = sorted({start, end, *(edge for edge in edges if start < edge < end)})
    cursor = palette.caret if look.strong else palette.cursor
    parts: list[Part] = [(gutter, palette.mark if marks and not gutter.isspace() else palette.dim)]
    for left, right in itertools.pairwise(ordered):
        style = palette.text
        for first, last, name in here:
            if first <= left and right <= last:
                style = style_of(palette, name)
        if any(mark.start <= left and right <= mark.end for _, mark in marks):
            style = palette.mark
        if piece and piece[0] <= left and right <= piece[1]:
            style = style + cursor
        parts.append((text[left:right].replace("\t", " "), style))
    if breaks:
        parts.append((look.line_break, palette.dim + cursor))
    return parts


def style_of(palette: Palette, name: str) -> Style:
    """The palette's style of that name."""
    style = getattr(palette, name)
    assert isinstance(style, Style)
    return style
