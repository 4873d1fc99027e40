"""The place that a request is for: what stands before it, in it and after it. It chooses nothing and counts no tokens."""

from __future__ import annotations

from msgspec import Struct

from composer.context.measures import Measured, is_prose
from composer.story.candidate import RoundKind
from composer.story.manuscript import START, Position
from composer.story.story import Story
from composer.text.holes import HOLE

LITTLE = 400
"""Characters of a paragraph behind a place, below which the next paragraph is sent too."""


class Place(Struct, frozen=True):
    """The texts around a place. `until` is the index of the paragraph that `previous` is, or the beginning of; `bound` of the place.

    `after` is of the paragraphs with index `following`, and a space stands in front of it if `spaced`. `is_hole` says that the
    passage is what was bracketed, a question to be answered.
    """

    previous: str
    until: int
    bound: int
    passage: str
    is_hole: bool
    after: str
    following: tuple[int, ...]
    spaced: bool


def around(story: Story, measured: Measured, kind: RoundKind, start: Position, end: Position, passage: str) -> Place:
    """What stands around [start, end). `passage` is the text to be changed, where that is not what stands there."""
    previous, until, bound = _before(story, measured, start)
    if not passage and start != end:
        passage = story.manuscript.fragment(start, end).text
    is_hole = kind == "fill" and bool(HOLE.fullmatch(passage))
    after, following = ("", ()) if kind == "continue" else _after(story, end)
    spaced = bool(after) and story.manuscript.block(end.block).text[end.offset : end.offset + 1].isspace()
    return Place(previous, until, bound, passage[1:-1] if is_hole else passage, is_hole, after, following, spaced)


def _before(story: Story, measured: Measured, start: Position) -> tuple[str, int, int]:
    """The previous paragraph, its index and that of the place."""
    if start == START:
        return "", 0, 0
    index = story.manuscript.index(start.block)
    own = story.manuscript.block(start.block).text[: start.offset].strip()
    if own:
        return own, index, index
    for until, block, _ in measured.before(index):
        if block.text.strip():
            return block.text, until, index
    return "", 0, index


def _after(story: Story, end: Position) -> tuple[str, tuple[int, ...]]:
    """The rest of the paragraph behind a place, and the next one too where that is little; and the indexes of both."""
    if end == START:
        return "", ()
    index = story.manuscript.index(end.block)
    found = [(index, story.manuscript.block(end.block).text[end.offset :].strip())]
    following = enumerate(story.manuscript.between(index + 1, index + 3), index + 1)
    found += [(at, block.text) for at, block in following if is_prose(block)]
    found = [(at, text) for at, text in found if text.strip()]
    told = found[:2] if found and len(found[0][1]) < LITTLE else found[:1]
    return "\n\n".join(text for _, text in told), tuple(at for at, _ in told)
