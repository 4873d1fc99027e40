"""What is shown of one candidate: its text by pieces or by tokens, or the changes it makes to another text. Values, no widget.

Offsets are in the text that is shown. Where that is the candidate's own, they are the candidate's too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from composer.story.actions.change import Rewrite
from composer.story.candidate import Candidate
from composer.story.spans import text_of
from composer.story.surprise import Choice
from composer.text.pieces import Size, pieces
from composer.ui.signs import Signs
from composer.ui.widgets.state import stem_length
from composer.ui.wrapping import Row

Run = tuple[int, int, str]
"""Characters [start:end) that are shown in the palette's style of that name."""


@dataclass(frozen=True)
class Page:
    """The text shown, what the cursor goes by in it, and what is shown otherwise than plain.

    `changes` says that the pieces are changes: the n-th piece is the n-th change. With `tokens` the pieces are those, each
    shown as surprising as it was.
    """

    text: str
    pieces: Sequence[Row]
    runs: Sequence[Run] = ()
    changes: bool = False
    first: int = 0
    """The character from which on it is shown."""
    tokens: Sequence[Run] = ()


class Pages:
    """The pages of candidates. What is shown already is not made anew while it is the same."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[object, object], Page]] = {}

    def of(
        self,
        candidate: Candidate,
        rewrite: Rewrite | None,
        left_out: frozenset[int],
        choices: Sequence[Choice] | None,
        size: Size | None,
        language: str,
        signs: Signs,
        extent: Row | None = None,
    ) -> Page:
        """A candidate as changes, where `rewrite` is given; else by its tokens, where `choices` are; else by its pieces."""
        key: tuple[object, object]
        if rewrite is not None:
            key = rewrite, left_out
        elif choices:
            key = choices, candidate.text
        else:
            key = candidate.text, (size, extent)
        known = self._made.get(candidate.id)
        if known and known[0][0] is key[0] and known[0][1] == key[1]:
            return known[1]
        if rewrite is not None:
            page = changed(rewrite, left_out, signs)
        elif choices:
            page = by_tokens(candidate, choices)
        else:
            page = plain(candidate, size, language, extent)
        self._made[candidate.id] = key, page
        return page


STEPS = (1.0, 2.5, 4.5, 7.0)
"""Bits from which on a token is shown as more surprising: once in 2, in 6, in 23 and in 128."""


def plain(candidate: Candidate, size: Size | None, language: str, extent: Row | None = None) -> Page:
    """The candidate's text; what it goes on from is dim. Without a size no one asks for its pieces.

    Of what stands outside of an `extent` there are no pieces, and it is dim.
    """
    text = candidate.text
    if extent is None:
        cut = pieces(text, size, language) if size else ()
        return Page(text, cut, _stem(candidate), first=stem_length(candidate))
    start, end = extent
    inner = [(start + left, start + right) for left, right in pieces(text[start:end], size, language)] if size else []
    return Page(text, inner, ((0, start, "dim"), (end, len(text), "dim")), first=start)


def by_tokens(candidate: Candidate, choices: Sequence[Choice]) -> Page:
    """The candidate's text by the tokens that are known of it; what is between them is plain, and no piece."""
    known = [choice for choice in choices if choice.end <= len(candidate.text)]
    tokens = [(choice.start, choice.end, f"surprise_{step_of(choice.bits)}") for choice in known]
    shown = [(choice.start, choice.end) for choice in known]
    return Page(candidate.text, shown, _stem(candidate), first=stem_length(candidate), tokens=tokens)


def step_of(bits: float) -> int:
    """How surprising a token is shown, from 0 to 4."""
    return bisect_right(STEPS, bits)


def _stem(candidate: Candidate) -> Sequence[Run]:
    return ((0, stem_length(candidate), "dim"),) if candidate.stem else ()


def changed(rewrite: Rewrite, left_out: Collection[int], signs: Signs) -> Page:
    """A text as a candidate changes it: `[old → new]`, `[+ new]`, `[- old]`; left out with another sign than the arrow's."""
    before, after = text_of(rewrite.before), text_of(rewrite.after)
    shown: list[str] = []
    size = at = 0
    rows: list[Row] = []
    runs: list[Run] = []

    def add(text: str, style: str = "") -> None:
        nonlocal size
        if style and text:
            runs.append((size, size + len(text), style))
        shown.append(text)
        size += len(text)

    for number, change in enumerate(rewrite.changes):
        add(before[at : change.start])
        old, new = before[change.start : change.end], after[change.put_start : change.put_end]
        out = number in left_out
        start = size
        add("[", "dim")
        if old and new:
            add(_flat(old, signs), "text" if out else "removed")
            add(f" {signs.failed if out else signs.arrow} ", "dim")
            add(_flat(new, signs), "removed" if out else "put")
        else:
            add(f"{signs.failed if out else '+' if new else '-'} ", "dim")
            add(_flat(old or new, signs), "removed" if bool(new) == out else "put" if new else "text")
        add("]", "dim")
        rows.append((start, size))
        at = change.end
    add(before[at:])
    return Page("".join(shown), rows, runs, changes=True)


def _flat(text: str, signs: Signs) -> str:
    """One line: a paragraph's end within a change is told by a sign."""
    return text.replace("\n", f" {signs.paragraph} ")
