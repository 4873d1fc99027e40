"""Markdown's signs of emphasis in a listing: which of them pair up, and a text without them.

It never changes other signs, and signs that do not pair up stay. What a title is by its emphasis is told elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from composer.text.listing_signs import Range
from composer.text.signs import SPACELESS, compiled

_SEEN = 200
"""How many characters of a row are looked at to tell what it is."""


def plain(text: str) -> str:
    """The text on one line, without Markdown's signs of emphasis where they pair up. To do it again changes nothing."""
    if "*" in text or "_" in text:
        text = without(text, [(0, len(text))], emphasis_signs(text, 0, len(text)))
    return " ".join(text.split())


def beginning(text: str, part: Range) -> str:
    """The words that a part begins with, as far as it matters what they look like."""
    return plain(text[part[0] : min(part[1], part[0] + _SEEN)])


def emphasis_signs(text: str, start: int, end: int) -> list[Range]:
    """The signs of emphasis in [start:end) that pair up, in order.

    They open where text follows and close where text ends, and stay within a word. Signs that touch look through one another.
    """
    runs: list[tuple[str, int, int, bool, bool]] = []
    for cluster in compiled(r"[*_]+").finditer(text, start, end):
        before = text[cluster.start() - 1] if cluster.start() > start else " "
        behind = text[cluster.end()] if cluster.end() < end else " "
        # Scripts without spaces have words on both sides of a pair.
        wide = "*" in cluster[0] and any(compiled(SPACELESS).match(side) for side in (before, behind))
        opens = not behind.isspace() and (wide or not before.isalnum())
        closes = not before.isspace() and (wide or not behind.isalnum())
        if opens or closes:
            runs += [
                (run[0][0], *run.span(), opens, closes)
                for run in compiled(r"\*+|_+").finditer(text, cluster.start(), cluster.end())
            ]
    gone: list[Range] = []
    waiting: dict[str, list[Range]] = {"*": [], "_": []}
    for sign, left, right, opens, closes in runs:
        openers = waiting[sign]
        while closes and openers and left < right:
            first, last = openers.pop()
            size = min(last - first, right - left)
            gone += [(last - size, last), (left, left + size)]
            left += size
            if last - size > first:
                openers.append((first, last - size))
        if opens and left < right:
            openers.append((left, right))
    return sorted(gone)


def without(text: str, ranges: Iterable[Range], gone: Sequence[Range]) -> str:
    """The text of ranges that are in order, a space behind each, without what is gone."""
    kept: list[str] = []
    index = 0
    for at, end in ranges:
        while index < len(gone) and gone[index][0] < end:
            left, right = gone[index]
            if left >= at:
                kept.append(text[at:left])
                at = right
            index += 1
        kept += (text[at:end], " ")
    return "".join(kept)


def trimmed(text: str, start: int, end: int, gone: Sequence[Range], *, escaped: bool) -> Range:
    """The range without white space and signs of emphasis at its ends."""
    first = bisect_right(gone, start, key=lambda sign: sign[1])
    last = bisect_left(gone, end, key=lambda sign: sign[0])
    skipped = compiled(r"(?:\s|\\[nrt])+" if escaped else r"\s+")
    while start < end:
        while first < last and gone[first][1] <= start:
            first += 1
        if found := skipped.match(text, start, end):
            start = found.end()
        elif first < last and gone[first][0] <= start:
            start = gone[first][1]
        else:
            break
    while start < end:
        while first < last and gone[last - 1][0] >= end:
            last -= 1
        if text[end - 1].isspace():
            end -= 1
        elif escaped and text[end - 2 : end] in ("\\n", "\\r", "\\t") and text[end - 3 : end - 2] != "\\":
            end -= 2
        elif first < last and gone[last - 1][1] >= end:
            end = gone[last - 1][0]
        else:
            break
    return start, end
