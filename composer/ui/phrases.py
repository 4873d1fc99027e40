"""Counts and lines in words: `3 steps`, and text on one line of a certain width. Pure."""

from __future__ import annotations

from composer.text.graphemes import next_border
from composer.ui.wrapping import cells

LONGEST_LEFT_OUT = 12
"""Characters of a word that is left out rather than cut at the end of a line."""


def counted(count: int, one: str, many: str = "") -> str:
    """`1 step`, `2 steps`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def shortened(text: str, room: int, ellipsis: str, *, words: bool = True) -> str:
    """Text on one line that takes at most `room` cells: of whole words where little is lost, without `words` as much as fits."""
    if cells(text) <= room:
        return text
    if room < 2:
        return ""
    at = used = 0
    if text[:room].isascii():
        at = room - 1
    else:
        while (used := used + cells(text[at : (following := next_border(text, at))])) < room:
            at = following
    kept, _, last = text[:at].rpartition(" ")
    # Words are cut only where little would be left otherwise.
    whole = not words or text[at].isspace() or not kept or len(last) > LONGEST_LEFT_OUT
    return (text[:at] if whole else kept).rstrip() + ellipsis
