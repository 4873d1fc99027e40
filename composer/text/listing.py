"""The lines of an outline as a model answers it: plain, numbered, in bullets, under headings, as a table, as JSON or as prose.

It reads how an answer looks, never what it says, and changes nothing. Most of what it decides it decides by what most lines look
like. Nothing is raised for any text, and each character is looked at a bounded number of times.

Limits: whether a heading without a text is a title or a sentence is told by its marks, its length and English verbs. A list that
stands within one row is prose. Introductions and remarks are known by where they stand, and by English words where that is not enough.
What JSON says under unknown keys, and the columns of a table from the third on, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from composer.text.listing_emphasis import beginning, emphasis_signs, plain, trimmed, without
from composer.text.listing_items import Item, text_items
from composer.text.listing_json import json_items, json_start, unescaped
from composer.text.listing_signs import Range, reads_as_sentence, title_end, worded

_DEEPEST = 20
"""How deep a line stands at most, however far it is set in."""


class Line(Struct, frozen=True):
    """One line of an outline: where it stands in the text, as characters [start:end), how deep, and what it says.

    The range goes from the first character of title and summary to the last, without what stands around them: bullets, numbers,
    labels, signs of emphasis, quotes of JSON. Where other lines stand between the two, it is the range of the first.
    """

    start: int
    end: int
    depth: int
    """0 at the top; never more than one deeper than the line before it, and never more than 20."""
    title: str
    """On one line, without Markdown's signs of emphasis. Empty where the form shows none."""
    summary: str
    """The same. It may be empty where there is a title."""


def lines(text: str) -> tuple[Line, ...]:
    """The lines of an answer, in order; their ranges are not empty and stand apart.

    Where a text grows by whole rows, the lines that were there stay, and only to the last one text may be added. They can change
    with what tells the form of the whole, since a growing text may show it late:
    - whether the text is a list or prose, and whether `Title: sentence` is the form of at least half of the lines and of two;
    - whether a number that is not the first one counts on, as the lines around it do;
    - whether a first heading stands over the whole, which a second one beside it denies;
    - whether a paragraph before, behind or below the lines of a list is a remark on it, or the text of the line above it;
    - whether an object of JSON is a story with its beats, or a beat.
    """
    at = json_start(text)
    items = text_items(text) if at < 0 else json_items(text, at)
    return tuple(_lines(text, items, escaped=at >= 0))


def _lines(text: str, items: list[Item], *, escaped: bool) -> Iterator[Line]:
    """The lines of the items that say anything. `escaped` says that they are strings of JSON."""
    splits = [item.split.split(text) if item.split else None for item in items]
    pairs = list(zip(items, splits, strict=True))
    formed = sum(split is not None or (item.title is not None and item.told != []) for item, split in pairs)
    # Headings without a text have no say.
    parted = formed > 1 and 2 * formed >= sum(split is not None or item.told != [] for item, split in pairs)
    depth = -1
    for item, split in pairs:
        title, told = item.title, item.told
        if split and parted:
            title, told = split[0], [split[1], *told[1:]]
        if title and not told and not escaped and reads_as_sentence(beginning(text, title)):
            told = [title]
            title = None
        if not title and not told:
            title = item.label
        titles = [(title[0], title_end(text, *title))] if title else []
        parts = [[part for part in each if worded(text, *part)] for each in (titles, told)]
        gone = [sign for stretch in _stretches(item, parts, escaped=escaped) for sign in emphasis_signs(text, *stretch)]
        title_words, summary = (_said(text, part, gone, escaped=escaped) for part in parts)
        if item.trailing and not summary:
            summary = _said(text, [item.trailing], emphasis_signs(text, *item.trailing), escaped=escaped)
        bare = [trimmed(text, *part, gone, escaped=escaped) for part in parts[0] + parts[1]]
        ranges = [(start, end) for start, end in bare if start < end]
        title_words = title_words.rstrip(" :：")
        if ranges and worded(words := title_words + summary, 0, len(words)):
            depth = min(item.depth, depth + 1, _DEEPEST)
            yield Line(min(ranges)[0], max(end for _, end in ranges), depth, title_words, summary)


def _stretches(item: Item, parts: list[list[Range]], *, escaped: bool) -> list[Range]:
    """Where signs of emphasis pair up, in order: around all of an item's rows, but within each string of JSON."""
    row, inner = item.row, [part for each in parts for part in each]
    if not inner:
        return []
    if escaped and row:
        return sorted([(row.begin, row.end), *(part for part in inner if not row.begin <= part[0] < row.end)])
    first = min(inner)[0]
    return [(item.begin if 0 <= item.begin < first else first, max(end for _, end in inner))]


def _said(text: str, ranges: list[Range], gone: Sequence[Range], *, escaped: bool) -> str:
    """What the ranges say, on one line, without the signs that are gone. `escaped` says that it is a string of JSON."""
    words = without(text, ranges, gone)
    return plain(unescaped(words) if escaped else words)
