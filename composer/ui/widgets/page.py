"""What is shown of one candidate: its text with pieces and marks, or the changes it makes to another text. Values, no widget.

Offsets are in the text that is shown. Where that is the candidate's own, they are the candidate's too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from composer.story.actions.change import Rewrite
from composer.story.candidate import Candidate
from composer.story.spans import text_of
from composer.text.pieces import Size, pieces
from composer.ui.signs import Signs
from composer.ui.wrapping import Row

Run = tuple[int, int, str]
"""Characters [start:end) that are shown in the palette's style of that name."""


@dataclass(frozen=True)
class Page:
    """The text shown, what the cursor goes by in it, and what is shown otherwise than plain.

    `changes` says that the pieces are changes: the n-th piece is the n-th change.
    """

    text: str
    pieces: Sequence[Row]
    runs: Sequence[Run] = ()
    changes: bool = False


def plain(candidate: Candidate, size: Size, language: str) -> Page:
    """The candidate's own text."""
    return Page(candidate.text, pieces(candidate.text, size, language))


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
