"""Rows: where a paragraph breaks in a width of cells. Offsets are in characters; it knows no widgets and no styles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len

from composer.text.graphemes import next_border

Row = tuple[int, int]
"""[start:end) of a row in its paragraph, the spaces at its end included. The rows of a text join to all of it."""

_TOKEN = re.compile(r"(\S+)|\s+")


def cells(text: str) -> int:
    """Cells that a text takes on the screen."""
    return len(text) if text.isascii() else cell_len(text)


def fitting(forms: Sequence[str], room: int) -> str:
    """The first of these forms that fits into `room` cells, else the last; empty if there are none."""
    return next((form for form in forms if cells(form) <= room), forms[-1] if forms else "")


def wrap(text: str, width: int) -> list[Row]:
    """The rows of a paragraph, one at least. A word wider than a row is broken between clusters."""
    if len(text) <= width and cells(text) <= width:
        return [(0, len(text))]
    width = max(2, width)
    rows: list[Row] = []
    start = used = 0
    ascii_only = text.isascii()
    for found in _TOKEN.finditer(text):
        at, end = found.span()
        size = end - at if ascii_only else cell_len(found[0])
        if found[1] is None:
            used += size
            continue
        if used + size > width and at > start:
            rows.append((start, at))
            start, used = at, 0
        if size > width:
            while size > width:
                cut = _fitting(text, start, end, width)
                rows.append((start, cut))
                start = cut
                size = cells(text[cut:end])
        used += size
    rows.append((start, len(text)))
    if used > width:
        # Spaces hang over the edge; a caret behind them is shown at the start of a row of its own.
        rows.append((len(text), len(text)))
    return rows


def _fitting(text: str, start: int, end: int, width: int) -> int:
    """How far a word goes that is cut to fit a row; one cluster at least."""
    if text[start : start + width + 1].isascii():
        return min(end, start + width)
    at = next_border(text, start)
    used = cells(text[start:at])
    while at < end:
        following = next_border(text, at)
        used += cells(text[at:following])
        if used > width:
            break
        at = following
    return at


def row_of(rows: list[Row], offset: int) -> int:
    """The row that shows a caret at that offset: between two rows it is at the start of the second."""
    low, high = 0, len(rows) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if rows[middle][0] <= offset:
            low = middle
        else:
            high = middle - 1
    return low


def column(text: str, row: Row, offset: int) -> int:
    """The cell of that offset in its row."""
    return cells(text[row[0] : offset])


def offset_at(text: str, row: Row, column: int, last: bool) -> int:
    """The offset nearest to a cell of a row. Only the last row of a paragraph may be left behind its end."""
    at = row[0]
    used = 0
    limit = row[1] if last else _before_end(text, row)
    while at < limit:
        following = next_border(text, at)
        used += cells(text[at:following])
        if used > column:
            break
        at = following
    return min(at, limit)


def _before_end(text: str, row: Row) -> int:
    """The last place in a row that is shown in it."""
    end = row[1]
    if end > row[0] and text[end - 1].isspace():
        return end - 1
    at = row[0]
    while (following := next_border(text, at)) < end:
        at = following
    return at
