"""Runs of text of one origin, and where text can come from.

Offsets are in characters. A row of spans is always tidy: no empty span, no two neighbours that could be one. It knows
nothing of blocks or of what a candidate is; a candidate is named by its id alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace


class Written(Struct, frozen=True, tag_field="kind", tag="written"):
    """By hand."""


class Generated(Struct, frozen=True, tag_field="kind", tag="generated"):
    """Exactly the candidate's characters [start:end)."""

    candidate: str
    start: int
    end: int


class Edited(Struct, frozen=True, tag_field="kind", tag="edited"):
    """By hand, inside or in place of a candidate's text."""

    candidate: str


class Repaired(Struct, frozen=True, tag_field="kind", tag="repaired"):
    """Put by seam repair: `rule` names the repair."""

    rule: str


class Imported(Struct, frozen=True, tag_field="kind", tag="imported"):
    """Pasted from outside, or read from a file: `source` says which."""

    source: str


Origin = Written | Generated | Edited | Repaired | Imported


class Span(Struct, frozen=True):
    """A run of text of one origin. For generated text, `len(text) == origin.end - origin.start`."""

    text: str
    origin: Origin


Spans = tuple[Span, ...]

_text = attrgetter("text")


def candidate_of(origin: Origin) -> str | None:
    """The candidate that an origin names, if it names one."""
    return origin.candidate if isinstance(origin, (Generated, Edited)) else None


def text_of(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)


def text_of_rows(rows: Iterable[Iterable[Span]]) -> str:
    """Paragraphs as text, with a line feed between two."""
    return "\n".join(map(text_of, rows))


def length(spans: Iterable[Span]) -> int:
    return sum(map(len, map(_text, spans)))


def cut(spans: Spans, start: int, end: int) -> Spans:
    """The spans of the characters [start:end), with their origins narrowed to match."""
    return _between(spans, _ends(spans), start, end) if max(start, 0) < end else ()


def parts(spans: Spans, start: int, end: int) -> tuple[Spans, Spans, Spans] | None:
    """What stands before the characters [start:end), these, and what stands behind them; None where one of them is not there."""
    ends = _ends(spans)
    size = ends[-1] if ends else 0
    if not 0 <= start <= end <= size:
        return None
    return _between(spans, ends, 0, start), _between(spans, ends, start, end), _between(spans, ends, end, size)


def _ends(spans: Spans) -> list[int]:
    """Where each of the spans ends."""
    return list(accumulate(map(len, map(_text, spans))))


def _between(spans: Spans, ends: list[int], start: int, end: int) -> Spans:
    start = max(start, 0)
    if start >= end:
        return ()
    # A paragraph may have thousands of spans: those outside are passed over without a look at each.
    first, last = bisect_right(ends, start), bisect_left(ends, end)
    kept = list(filter(_text, spans[first : last + 1]))
    if kept and last < len(ends) and end < ends[last]:
        kept[-1] = _narrow(kept[-1], 0, len(kept[-1].text) - (ends[last] - end))
    begun = start - (ends[first - 1] if first else 0)
    if kept and begun:
        kept[0] = _narrow(kept[0], begun, len(kept[0].text))
    return tuple(kept)


def _narrow(span: Span, left: int, right: int) -> Span:
    origin = span.origin
    if isinstance(origin, Generated):
        origin = replace(origin, start=origin.start + left, end=origin.start + right)
    return Span(span.text[left:right], origin)


def join(*rows: Iterable[Span]) -> Spans:
    """The rows one behind the other, tidy."""
    tidy: list[Span] = []
    for row in rows:
        for span in row:
            if not span.text:
                continue
            merged = _merge(tidy[-1], span) if tidy else None
            if merged is None:
                tidy.append(span)
            else:
                tidy[-1] = merged
    return tuple(tidy)


def meet(*rows: Spans) -> Spans:
    """The same for rows that are tidy each: only where two of them meet is anything to be done."""
    made: Spans = ()
    for row in rows:
        merged = _merge(made[-1], row[0]) if made and row else None
        made = made + row if merged is None else (*made[:-1], merged, *row[1:])
    return made


def _merge(left: Span, right: Span) -> Span | None:
    if isinstance(left.origin, Generated) and isinstance(right.origin, Generated):
        if left.origin.candidate != right.origin.candidate or left.origin.end != right.origin.start:
            return None
        return Span(left.text + right.text, replace(left.origin, end=right.origin.end))
    if left.origin == right.origin:
        return Span(left.text + right.text, left.origin)
    return None


def origin_at(spans: Spans, at: int) -> Origin | None:
    """The origin of the character at `at`, if there is one."""
    if at < 0:
        return None
    for span in spans:
        at -= len(span.text)
        if at < 0:
            return span.origin
    return None
