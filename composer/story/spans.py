"""Runs of text of one origin, and where text can come from.

Offsets are in characters. A row of spans is always tidy: no empty span, no two neighbours that could be one. It knows
nothing of blocks or of what a candidate is; a candidate is named by its id alone.
"""

from __future__ import annotations

from collections.abc import Iterable

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


def candidate_of(origin: Origin) -> str | None:
    """The candidate that an origin names, if it names one."""
    return origin.candidate if isinstance(origin, (Generated, Edited)) else None


def text_of(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)


def text_of_rows(rows: Iterable[Iterable[Span]]) -> str:
    """Paragraphs as text, with a line feed between two."""
    return "\n".join(map(text_of, rows))


def length(spans: Iterable[Span]) -> int:
    return sum(len(span.text) for span in spans)


def cut(spans: Spans, start: int, end: int) -> Spans:
    """The spans of the characters [start:end), with their origins narrowed to match."""
    kept = []
    at = 0
    for span in spans:
        size = len(span.text)
        left, right = max(start - at, 0), min(end - at, size)
        if left < right:
            kept.append(span if right - left == size else _narrow(span, left, right))
        at += size
        if at >= end:
            break
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
