"""Division: a whole story that was written in one answer, by the beats that it was asked for.

It finds the marks that number the beats and says which characters belong to which. It changes nothing, knows no outline, and does not
judge whether a text tells its beat. Nothing is raised for any text.

Limits: whether a text is finished is not known, so that a last row which may become a mark belongs to no part. A part is one range: where
prose stands before the mark of the first beat, the range of that beat holds its mark.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import NamedTuple

from composer.text.signs import compiled

Range = tuple[int, int]

_SHORT = 120
"""Characters that a title or an introduction has at most."""
_FRAME = 3
"""Rows of titles and introductions that may stand before the first mark."""
_RUN = "[*_]{0,3}"
_NAME = "beat|section"
_BRACKETED = (
    rf"(?i)(?P<heading>\#{{1,6}}[ \t]+)?(?P<run>{_RUN})\[[ \t]*(?:(?:{_NAME})[ \t]+)?\#?(?P<number>[0-9]{{1,6}})"
    rf"(?:[ \t]*[.:–—-][^\]\n]{{0,{_SHORT}}})?[ \t]*\](?P<closed>{_RUN})[.:]?{_RUN}(?=\s|$|[^\W0-9_]|[\"'“„«‘—–(*])[ \t]*"
)
"""`[1]`, as it is asked for: what stands behind it on its row is text."""
_OTHER = (
    rf"(?i)(?P<heading>\#{{1,6}}[ \t]+)?{_RUN}(?:(?P<name>{_NAME})[ \t]+|\()?\#?(?P<number>[0-9]{{1,6}})"
    rf"(?P<sign>{_RUN}[ \t]*(?:[.):：]+|[–—]|-(?=[ \t]))?{_RUN})(?=\s|$)[ \t]*"
)
"""What models write in its place: `## 1. The lamp`, `Beat 1: The lamp`, `1.`. What stands behind it is a title."""
_BEGUN = (
    rf"(?i)\#{{0,6}}[ \t]*{_RUN}(?P<open>[\[(]?)[ \t]*(?P<name>[a-z]*)[ \t]*\#?(?P<number>[0-9]{{0,6}})"
    rf"(?:(?<=[0-9])[ \t]*[.:–—-][^\]\n]{{0,{_SHORT}}})?\s*"
)
"""What a mark begins with."""
_RULE = r"(?:[-=_]{3,}|`{3,}\w*|~{3,}\w*)\s*"
"""A row that parts what stands around it, and belongs to neither."""
_ENDED = r"[.!?…。！？][\"'”’»«)*_」』]*\s*$"
_INTRODUCES = (
    r"(?i)(?:sure|certainly|of course|absolutely|okay|ok|great|here(?:['’]s| is| are| you go)|below|this is)\b"
)


class _Mark(NamedTuple):
    """A row that numbers what follows: where it begins, where the rest of the row does, and where it ends."""

    number: int
    start: int
    rest: int
    end: int
    titled: bool
    """Whether the rest of the row is a title, which belongs to the mark."""


def divided(text: str, count: int) -> tuple[Range, ...]:
    """The characters [start:end) of each of `count` parts, in order; an empty range where a part has nothing.

    A part goes from its mark to the next, without the marks and without white space and rules at its ends. Marks count upwards: a
    number that was there, goes back or is larger than `count` is text. The text of a number that is missing is in the part before.
    Text before the first mark belongs to the first part, unless it is a title or an introduction. Without any mark the paragraphs
    are shared out in order: one each where there are no more than `count`, else in runs as equal in length as can be.

    The marks that were found stay while the text grows, unless the first one in brackets follows others: then those are text, if
    they are not clearly more. A last row that is unfinished and may become a mark belongs to no part.
    """
    if count < 1:
        return ()
    rows = _rows(text)
    bracketed, others = _marks(text, rows, count, _BRACKETED), _marks(text, rows, count, _OTHER)
    # A heading can come before its first beat, so that one more of the others means nothing.
    marks = bracketed if bracketed and len(bracketed) + 1 >= len(others) else others
    stop = len(text)
    if rows and rows[-1][1] == stop and not (marks and marks[-1].start == rows[-1][0]):
        last = marks[-1].number if marks else 0
        if _may_mark(
            text[rows[-1][0] : rows[-1][0] + 2 * _SHORT], last, count, bracketed=marks is bracketed and bool(marks)
        ):
            stop = rows.pop()[0]
    parts = _by_marks(text, rows, marks, stop) if marks else _by_paragraphs(text, rows, count)
    ranges: list[Range] = []
    at = 0
    for number in range(1, count + 1):
        start, end = _trimmed(text, *parts[number]) if number in parts else (at, at)
        ranges.append((start, end) if start < end else (at, at))
        at = ranges[-1][1]
    return tuple(ranges)


def _rows(text: str) -> list[Range]:
    """The rows that hold anything, without the white space around it; at the end of the text it may be the row's own."""
    rows: list[Range] = []
    at = 0
    for line in text.split("\n"):
        if stripped := line.strip():
            start = at + len(line) - len(line.lstrip())
            rows.append((start, len(text) if at + len(line) == len(text) else start + len(stripped)))
        at += len(line) + 1
    return rows


def _marks(text: str, rows: list[Range], count: int, pattern: str) -> list[_Mark]:
    """The rows that mark the beginning of a part, by numbers that grow up to `count`."""
    marks: list[_Mark] = []
    last = 0
    for start, end in rows:
        found = compiled(pattern).match(text, start, end)
        if found is None or not last < int(found["number"]) <= count:
            continue
        rest = text[found.end() : end].rstrip()
        groups = found.groupdict()
        titled = False
        if "sign" in groups:
            sign = groups["sign"].strip()
            if not sign and (rest.strip("*_") or not (groups["heading"] or groups["name"])):
                continue  # a sentence that begins with a number
            if rest.strip("*_") and not (groups["heading"] or groups["name"]):
                continue  # a row of a list
            titled = len(rest) <= _SHORT
        elif groups["heading"]:
            titled = len(rest) <= _SHORT
        elif groups["run"] and not groups["closed"]:
            # Emphasis goes on behind the bracket; where the row is unfinished, its end may still come.
            titled = len(rest) <= _SHORT and (rest.endswith(groups["run"]) or end == len(text))
        last = int(found["number"])
        marks.append(_Mark(last, start, found.end(), end, titled))
    return marks


def _may_mark(row: str, last: int, count: int, *, bracketed: bool) -> bool:
    """Whether an unfinished row can become a mark with a number behind `last`."""
    found = compiled(_BEGUN).fullmatch(row)
    if found is None or last >= count:
        return False
    name = found["name"].lower()
    if not any(each.startswith(name) for each in _NAME.split("|")):
        return False
    if bracketed and found["open"] != "[" and (name or found["number"]):
        return False
    digits = found["number"].lstrip("0")
    low, high = (int(digits), int(digits)) if digits else (0, count)
    while low and high <= last:
        low, high = low * 10, high * 10 + 9
    return max(low, last + 1) <= min(high, count)


def _trimmed(text: str, start: int, end: int) -> Range:
    """The range without white space and rules at its ends."""
    rule = compiled(_RULE)
    while True:
        found = compiled(r"\s+").match(text, start, end)
        start = found.end() if found else start
        stop = text.find("\n", start, end)
        if start >= end or not rule.fullmatch(text, start, stop if stop >= 0 else end):
            break
        start = stop if stop >= 0 else end
    while start < end:
        if text[end - 1].isspace():
            end -= 1
            continue
        begin = text.rfind("\n", start, end) + 1
        if begin <= start or not rule.fullmatch(text, begin, end):
            break
        end = begin
    return start, end


def _by_marks(text: str, rows: list[Range], marks: list[_Mark], stop: int) -> dict[int, Range]:
    """The parts that begin at a mark, and the first one also where text stands before all of them."""
    parts: dict[int, Range] = {}
    untitled = False
    for index, mark in enumerate(marks):
        end = marks[index + 1].start if index + 1 < len(marks) else stop
        start = mark.end if mark.titled else mark.rest
        if mark.titled and (index + 1 < len(marks) or untitled):
            # Where nothing stands below it, a sentence on the mark's row is no title. What follows the last mark may still come.
            below, bottom = _trimmed(text, mark.end, end)
            untitled = below >= bottom and compiled(_ENDED).search(text, mark.rest, mark.end) is not None
            start = mark.rest if untitled else start
        parts[mark.number] = start, max(start, end)
    before = [row for row in rows if row[0] < marks[0].start and not compiled(_RULE).fullmatch(text, *row)]
    if before and not _frames(text, before, marks[0].number):
        own = parts.get(1, (0, 0))
        held = 1 in parts and len(set(_trimmed(text, *own))) > 1
        parts[1] = before[0][0], own[1] if held else marks[0].start
    return parts


def _frames(text: str, rows: list[Range], number: int) -> bool:
    """Whether the rows before the mark of `number` are a title or an introduction."""
    if len(rows) > _FRAME or any(end - start > _SHORT for start, end in rows):
        return False
    if len(rows) == 1 and number == 1:
        return True
    return all(
        _heads(text, row)
        or compiled(_INTRODUCES).match(text, *row) is not None
        or compiled(_ENDED).search(text, *row) is None
        for row in rows
    )


def _heads(text: str, row: Range) -> bool:
    """Whether a row is a heading or leads on to what follows."""
    words = text[row[0] : row[1]].rstrip()
    bold = len(words) > 4 and words[:2] == words[-2:] and words[:2] in ("**", "__")
    return len(words) <= _SHORT and (bold or words.startswith("#") or words.endswith((":", "：")))


def _by_paragraphs(text: str, rows: list[Range], count: int) -> dict[int, Range]:
    """The paragraphs, shared out in order."""
    if rows and _heads(text, rows[0]):
        del rows[0]
    rows = [row for row in rows if not compiled(_RULE).fullmatch(text, *row)]
    paragraphs: list[Range] = []
    for row in rows:
        if paragraphs and text.count("\n", paragraphs[-1][1], row[0]) == 1:
            paragraphs[-1] = paragraphs[-1][0], row[1]
        else:
            paragraphs.append(row)
    ended = sum(compiled(_ENDED).search(text, max(start, end - 20), end) is not None for start, end in rows)
    if len(paragraphs) < count and 2 * ended >= len(rows):
        paragraphs = rows  # no blank rows stand between them
    if len(paragraphs) <= count:
        return dict(enumerate(paragraphs, 1))
    lengths = list(accumulate(end - start for start, end in paragraphs))
    parts: dict[int, Range] = {}
    first = 0
    for number in range(1, count + 1):
        goal = lengths[-1] * number / count
        last = bisect_left(lengths, goal)
        if last and goal - lengths[last - 1] < lengths[last] - goal:
            last -= 1
        # Each part has a paragraph at least, as have those behind it.
        last = min(max(last, first), len(paragraphs) - 1 - (count - number))
        parts[number] = paragraphs[first][0], paragraphs[last][1]
        first = last + 1
    return parts
