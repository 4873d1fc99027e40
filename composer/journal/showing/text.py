"""Text and outline as readers see them, and what changed from one moment to the next. It compares stories and reads no events.

So what was taken out before the first moment, or comes after the last, can't be in it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from itertools import chain

from composer.journal.showing.parts import Hand, Paragraph, ParagraphsPut, Put, Row, RowsPut, Run, RunsPut
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Outline
from composer.story.spans import Edited, Generated, Imported, Repaired, Span, Written, candidate_of

_HANDS: dict[type, Hand] = {Written: "w", Generated: "g", Edited: "e", Repaired: "r", Imported: "i"}


class Beats:
    """Numbers for beats in place of their ids, from 1 in the order in which they are met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, beat: str) -> int:
        return self._numbers.setdefault(beat, len(self._numbers))


def runs_of(spans: Iterable[Span], known: Container[str]) -> tuple[Run, ...]:
    """The runs of a row of spans, tidy. Candidates are named only where they are known."""
    return _tidy(
        Run(span.text, _HANDS[type(span.origin)], name if (name := candidate_of(span.origin) or "") in known else "")
        for span in spans
    )


def _tidy(runs: Iterable[Run]) -> tuple[Run, ...]:
    tidy: list[Run] = []
    for run in runs:
        if tidy and (tidy[-1].hand, tidy[-1].candidate) == (run.hand, run.candidate):
            tidy[-1] = Run(tidy[-1].text + run.text, run.hand, run.candidate)
        elif run.text:
            tidy.append(run)
    return tuple(tidy)


def cut(runs: Sequence[Run], start: int, end: int) -> tuple[Run, ...]:
    """The runs of the characters [start:end)."""
    kept = []
    at = 0
    for run in runs:
        left, right = max(start - at, 0), min(end - at, len(run.text))
        if left < right:
            kept.append(Run(run.text[left:right], run.hand, run.candidate))
        at += len(run.text)
    return tuple(kept)


def spliced(paragraph: Paragraph, put: RunsPut) -> Paragraph:
    """The paragraph after runs were put into it."""
    size = sum(len(run.text) for run in paragraph.runs)
    left, right = cut(paragraph.runs, 0, put.start), cut(paragraph.runs, put.start + put.gone, size)
    return Paragraph(paragraph.beat, _tidy((*left, *put.put, *right)))


def rows_of(outline: Outline, beats: Beats) -> tuple[Row, ...]:
    """The outline's rows in reading order. Notes on beats are not in them."""
    return tuple(
        Row(beats.number(row.beat.id), row.depth, row.beat.text.title, row.beat.text.summary, row.beat.text.done)
        for row in outline.rows()
    )


def changed(before: Manuscript, after: Manuscript) -> tuple[int, list[Block], list[Block]]:
    """From which paragraph on the text differs, which stood there, and which do now."""
    old, new = list(before.runs()), list(after.runs())
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    at = sum(map(len, old[:start]))
    gone = list(chain.from_iterable(old[start : len(old) - end]))
    come = list(chain.from_iterable(new[start : len(new) - end]))
    more = _alike(gone, come)
    less = _alike(gone[more:][::-1], come[more:][::-1])
    return at + more, gone[more : len(gone) - less], come[more : len(come) - less]


def _alike(left: Sequence[object], right: Sequence[object]) -> int:
    """How many things at the beginning of two rows are the same."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one is not other and one != other:
            break
        count += 1
    return count


def text_put(at: int, gone: Sequence[Block], come: Sequence[Block], beats: Beats, known: Container[str]) -> Put | None:
    """What changed as readers see it; None if they see no change."""
    old = [Paragraph(beats.number(block.beat), runs_of(block.spans, known)) for block in gone]
    new = [Paragraph(beats.number(block.beat), runs_of(block.spans, known)) for block in come]
    if old == new:
        return None
    if len(old) == len(new) == 1 and old[0].beat == new[0].beat:
        return _within(at, old[0], new[0])
    return ParagraphsPut(at, len(old), tuple(new))


def _within(at: int, old: Paragraph, new: Paragraph) -> Put:
    """A change of one paragraph: by runs, where the text around them is of the same hands as it was."""
    left, right = old.text, new.text
    start = _alike(left, right)
    end = _alike(left[start:][::-1], right[start:][::-1])
    put = RunsPut(at, start, len(left) - start - end, cut(new.runs, start, len(right) - end))
    return put if spliced(old, put) == new else ParagraphsPut(at, 1, (new,))


def rows_put(before: Sequence[Row], after: Sequence[Row]) -> RowsPut | None:
    """What changed in the outline; None if nothing."""
    if before == after:
        return None
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    return RowsPut(start, len(before) - start - end, tuple(after[start : len(after) - end]))
