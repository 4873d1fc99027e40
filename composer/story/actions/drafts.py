"""Placing what was picked of drafts: the marks of each beat, joined, as paragraphs of their own at the end of its text.

It lifts no mark and moves no text. Which beat a mark belongs to is told to it, for that is known by the drafts alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from composer.errors import RefusedError
from composer.story.actions.place import Landing, NewId, end_of_beat, place
from composer.story.actions.splice import pieces_of, spliced
from composer.story.candidate import DraftTarget, round_of
from composer.story.events import TextPlaced
from composer.story.fold import apply
from composer.story.manuscript import START
from composer.story.spans import Spans, candidate_of
from composer.story.story import Mark, Placement, Story


def picks_in(story: Story, beats: Mapping[int, str]) -> dict[str, tuple[Mark, ...]]:
    """The marks of the splice by beat: beats in the order of the outline, the marks of each in the order of the splice.

    `beats` tells the beat of each mark, by its number. Marks that it does not name, or whose beat is not in the outline, are left out.
    """
    found: dict[str, list[Mark]] = {}
    for mark in story.splice:
        if beat := beats.get(mark.number, ""):
            found.setdefault(beat, []).append(mark)
    return {row.beat.id: tuple(found[row.beat.id]) for row in story.outline.rows() if row.beat.id in found}


def place_picks(story: Story, beats: Mapping[int, str], new_id: NewId) -> tuple[TextPlaced, ...]:
    """What places the marks: an event for each beat, made against the story after those before it. `beats` is as in `picks_in`.

    Marks whose beat is not in the outline stay. RefusedError if there is nothing to place.
    """
    made: list[TextPlaced] = []
    wholes = Wholes(story)
    for beat, marks in picks_in(story, beats).items():
        if not (rows := joined(story, marks, wholes)):
            continue
        named = (
            name
            for mark in marks
            for row in pieces_of(story, mark)
            for each in row
            if (name := candidate_of(each.origin))
        )
        used = Placement(tuple(dict.fromkeys(named)), tuple(mark.number for mark in marks))
        for event in place(story, _landing(story, beat), rows, used, new_id):
            story = apply(story, event)
            made.append(event)
    if not made:
        raise RefusedError(
            "No cell is picked.", "A digit picks that draft's cell in the row, space the one under the cursor."
        )
    return tuple(made)


def joined(story: Story, marks: Sequence[Mark], wholes: Wholes) -> tuple[Spans, ...]:
    """The paragraphs that the marks of one beat come to, as the writer changed them if she did.

    Pieces are joined as in the splice; between two marks that are each a whole cell, or whole paragraphs of one, a paragraph ends.
    """
    if edit := story.edited(tuple(mark.number for mark in marks)):
        return edit.paragraphs
    runs: list[list[Mark]] = []
    before = False
    for mark in marks:
        alone = wholes.has(mark)
        if runs and not (alone and before):
            runs[-1].append(mark)
        else:
            runs.append([mark])
        before = alone
    return tuple(row for run in runs for row in spliced(story, run).paragraphs)


class Wholes:
    """Tells which marks are whole: a cell of a draft, or whole paragraphs. It looks at each candidate once."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._cells: dict[str, frozenset[tuple[int, int]]] = {}

    def has(self, mark: Mark) -> bool:
        """Whether a mark is whole, white space around it apart."""
        if mark.pieces:
            return False
        text = self._story.candidate(mark.candidate).text
        piece = text[mark.start : mark.end]
        start = mark.start + len(piece) - len(piece.lstrip())
        end = mark.start + len(piece.rstrip())
        if (start, end) in self._cells_of(mark.candidate, text):
            return True
        row = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", end)
        return not text[row:start].strip() and not text[end : stop if stop >= 0 else len(text)].strip()

    def _cells_of(self, name: str, text: str) -> frozenset[tuple[int, int]]:
        """Where cells stand in an answer that holds a whole draft."""
        if name not in self._cells:
            from composer.text.division import divided

            target = self._story.round(round_of(name)).target
            count = len(self._story.drafts[target.draft - 1].beats) if isinstance(target, DraftTarget) else 0
            self._cells[name] = frozenset(divided(text, count))
        return self._cells[name]


def _landing(story: Story, beat: str) -> Landing:
    """The end of a beat's text, or where it will stand; an empty paragraph of the beat there is filled."""
    at = end_of_beat(story, beat)
    if at == START:
        return Landing(at, at, False, beat)
    home = story.manuscript.block(at.block)
    fills = not home.spans and home.beat == beat
    return Landing(at, at, not fills, beat)
