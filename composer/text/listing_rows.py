"""The rows of an answer: fences, rules and heads of tables left out, sentences that were cut to a width joined.

They are in order and hold words. What a row is among the others, a heading or an item, is never told here.

Limit: the columns of a table from the third on are cells that nothing reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from composer.text.listing_row import Row, settle_numbers
from composer.text.listing_signs import CLOSERS, FENCE, TERMINAL, Range, behind_space, worded
from composer.text.signs import compiled

_QUOTED = r"(?:>\s?)+"
_COLUMNS = r"[\s|:]*-[-\s|:]*$"
_WRAPPED = 40
"""Characters that a row has at least where its sentence goes on in the next one."""


def read_rows(text: str) -> list[Row]:
    """The rows that hold words, without fences, rules and the heads of tables. Numbers that count nothing are words."""
    rows: list[Row] = []
    gap = table = False
    at = 0
    while at < len(text):
        found = text.find("\n", at)
        stop = found if found >= 0 else len(text)
        line = text[at:stop]
        start = at + len(line) - len(line.lstrip())
        end = at + len(line.rstrip())
        indent = len(text[at:start].expandtabs(4))
        at = stop + 1
        if quoted := compiled(_QUOTED).match(text, start, end):
            start = quoted.end()
        if start >= end or compiled(FENCE).match(text, start, end) or not worded(text, start, end):
            if start < end and "|" in text[start:end] and compiled(_COLUMNS).match(text, start, end):
                if rows and "|" in text[rows[-1].start : rows[-1].end]:
                    rows[-1].header = True
                table = True
            else:
                gap, table = True, False
            continue
        row = Row(text, start, end, indent, gap=gap)
        piped = text.find("|", start, end)
        table = piped >= 0 and (table or (piped == start and text.find("|", start + 1, end) >= 0))
        if table:
            row.cells = _cells(text, start, end)
        rows.append(row)
        gap = False
    if rows and rows[-1].cells and not (len(rows) > 1 and (rows[-2].cells or rows[-2].header)):
        rows[-1].header = True  # as long as nothing follows, it can be the head of a table
    rows = [row for row in rows if not row.header]
    settle_numbers(text, rows)
    return _unwrapped(text, rows)


def _cells(text: str, start: int, end: int) -> list[Range]:
    """The cells of a row that hold more than a number."""
    cells: list[Range] = []
    at = start
    for bar in [*(found.start() for found in compiled(r"(?<!\\)\|").finditer(text, start, end)), end]:
        left = behind_space(text, at, bar)
        right = left + len(text[left:bar].rstrip())
        at = bar + 1
        if left < right and worded(text, left, right):
            cells.append((left, right))
    counts = compiled(r"[*_]{0,3}#?[0-9]{1,3}(?:\.[0-9]{1,3})*[.)]?[*_]{0,3}")
    if len(cells) > 1 and counts.fullmatch(text, *cells[0]):
        del cells[0]
    if len(cells) > 1 and not worded(text, (row := Row(text, *cells[0])).first, row.end):
        del cells[0]
    return cells or [(start, end)]


def ended(text: str, row: Row) -> bool:
    """Whether a row ends where a sentence, a heading or a speech does."""
    return text[row.start : row.end].rstrip(CLOSERS).endswith((*TERMINAL, ":", "：", ";"))


def _unwrapped(text: str, rows: list[Row]) -> list[Row]:
    """The rows, joined where sentences go on from one to the next since they were cut to a width."""
    kept: list[Row] = []
    for block in _blocks(rows):
        sizes = [above.end - above.start for above in block[:-1]]
        goes_on = [size >= _WRAPPED and not ended(text, above) for size, above in zip(sizes, block, strict=False)]
        # One small letter at the head of a row tells of all that this is how they were cut.
        wrapped = not text[block[0].first : block[0].first + 1].islower() and any(
            text[row.start].islower() for row, open_ended in zip(block[1:], goes_on, strict=True) if open_ended
        )
        full = max(sizes, default=0) * 3 // 4
        kept.append(block[0])
        for row, size, open_ended in zip(block[1:], sizes, goes_on, strict=True):
            if wrapped and (open_ended or size >= full):
                kept[-1].end = row.end
            else:
                kept.append(row)
    return kept


def _blocks(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows in runs that stand without a gap, in which only the first may be marked."""
    block: list[Row] = []
    for row in rows:
        if block and (row.gap or row.marked or block[0].cells or block[0].level):
            yield block
            block = []
        block.append(row)
    if block:
        yield block
