"""The report on how a text came to be, laid out for a sheet: headings, sentences and tables of a certain width. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from composer.journal.account import Section, Table, account
from composer.journal.process import Process
from composer.ui.phrases import shortened
from composer.ui.signs import FANCY, Signs
from composer.ui.wrapping import cells, wrap

NARROWEST = 14
"""Cells of the first column of a table."""
WIDEST = 24
"""Cells of another column."""


def sheet(
    process: Process, when: Callable[[int], str], width: int, signs: Signs = FANCY, prompts: Sequence[str] = ()
) -> str:
    """The whole report as text of that many cells a line. `prompts` are the instructions that requests held."""
    parts = ["\n".join(_section(section, width, signs)) for section in account(process, when, prompts)]
    return "\n\n".join(parts)


def when(time: int) -> str:
    """A time in ms since 1970, where the writer is: `2026-11-22 14:05`."""
    try:
        return f"{datetime.fromtimestamp(time / 1000):%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):
        return "at no date"


def _section(section: Section, width: int, signs: Signs) -> list[str]:
    lines = [section.heading, ""]
    for sentence in section.sentences:
        lines += _wrapped(sentence, width)
    if section.table:
        lines += [""] if section.sentences else []
        lines += _table(section.table, width, signs)
    for item in section.items:
        first, *rest = _wrapped(item, width - 2)
        lines += [f"- {first}", *(f"  {line}" for line in rest)]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return [line[start:end].rstrip() for line in text.split("\n") for start, end in wrap(line, width)] or [""]


def _table(table: Table, width: int, signs: Signs) -> list[str]:
    """The first column takes what the others leave."""
    rows = [table.columns, *table.rows]
    columns = list(zip(*rows, strict=True))
    sizes = [min(WIDEST, max(map(cells, column))) for column in columns[1:]]
    while sizes and sum(sizes) + 2 * len(sizes) + NARROWEST > width and max(sizes) > 6:
        sizes[sizes.index(max(sizes))] -= 1
    room = max(NARROWEST, min(max(map(cells, columns[0])), width - sum(sizes) - 2 * len(sizes)))
    figures = [_is_figures(column[1:]) for column in columns[1:]]
    return [line for row in rows for line in _lines(row, room, sizes, figures, signs)]


def _lines(row: Sequence[str], room: int, sizes: Sequence[int], figures: Iterable[bool], signs: Signs) -> Iterator[str]:
    """A row: what has no room in the first column goes on below it."""
    first, *rest = _wrapped(row[0], room)
    parts = [first + " " * (room - cells(first))]
    for text, size, right in zip(row[1:], sizes, figures, strict=True):
        shown = shortened(text, size, signs.ellipsis, words=False)
        blank = " " * (size - cells(shown))
        parts.append(blank + shown if right else shown + blank)
    yield "  ".join(parts).rstrip()
    yield from rest


def _is_figures(column: Iterable[str]) -> bool:
    return all(not text or text[0].isdigit() or text == "–" for text in column)
