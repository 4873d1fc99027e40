"""A candidate as changes of a text: what a polish, a rework or a smoothing would take out and put, to be taken one by one.

Text that stays keeps its origins; what a change puts is the candidate's. It decides nothing about where that lands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct

from composer.story.actions.place import whole
from composer.story.candidate import Candidate
from composer.story.spans import Span, Spans, Written, cut, join, length, text_of
from composer.text.difference import Change, changes

_BREAK = Span("\n", Written())


class Rewrite(Struct, frozen=True):
    """A text and what a candidate makes of it. Paragraphs are joined by line feeds; changes are in characters of both."""

    before: Spans
    after: Spans
    changes: tuple[Change, ...]


Name = tuple[str, int, int]
"""What a change is known by where the text that it changes may become another: what goes, and the characters that come."""


def name_of(rewrite: Rewrite, number: int) -> Name:
    """The name of the n-th change, from 0."""
    change = rewrite.changes[number]
    return text_of(cut(rewrite.before, change.start, change.end)), change.put_start, change.put_end


def rewritten(base: Sequence[Spans], candidate: Candidate) -> Rewrite:
    """The candidate as changes of `base`. White space around the text that is to change stays as it is."""
    before, after = _flat(base), _flat(whole(candidate))
    text = text_of(before)
    inner = text.strip()
    left = text.index(inner) if inner else 0
    right = len(text) - left - len(inner)
    after = join(cut(before, 0, left), after, cut(before, len(text) - right, len(text)))
    return Rewrite(before, after, changes(text, text_of(after)))


def accepted(rewrite: Rewrite, left_out: Collection[int] = ()) -> tuple[Spans, ...]:
    """The text with all changes but those left out, as paragraphs."""
    row: Spans = ()
    at = 0
    for number, change in enumerate(rewrite.changes):
        if number in left_out:
            continue
        row = join(row, cut(rewrite.before, at, change.start), cut(rewrite.after, change.put_start, change.put_end))
        at = change.end
    return _rows(join(row, cut(rewrite.before, at, length(rewrite.before))))


def _flat(rows: Sequence[Spans]) -> Spans:
    flat: list[Span] = []
    for number, row in enumerate(rows):
        flat += (_BREAK, *row) if number else row
    return tuple(flat)


def _rows(flat: Spans) -> tuple[Spans, ...]:
    text = text_of(flat)
    rows = []
    at = 0
    for line in text.split("\n"):
        rows.append(join(cut(flat, at, at + len(line))))
        at += len(line) + 1
    return tuple(rows)
