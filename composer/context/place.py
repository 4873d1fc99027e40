"""The place that a request is for: what stands before it, in it and after it, and how people name these paragraphs.

It chooses nothing and counts no tokens.
"""

from __future__ import annotations

from msgspec import Struct

from composer.context.measures import Measured, is_prose
from composer.context.sections import numbered
from composer.story.candidate import RoundKind
from composer.story.manuscript import START, Position
from composer.story.story import Story
from composer.text.holes import HOLE

LITTLE = 400
"""Characters of a paragraph behind a place, below which the next paragraph is sent too."""


class Names(Struct, frozen=True):
    """How the paragraphs of each text around a place are named, `¶12–80` or `¶12, its end`; empty where there is none.

    `inside` names those that stand in the place, whatever the passage is said to be. `rest` are those of `Place.rest`.
    """

    previous: str = ""
    inside: str = ""
    after: str = ""
    rest: str = ""


class Place(Struct, frozen=True):
    """The texts around a place. `until` is the index of the paragraph that `previous` is, or the beginning of; `bound` of the place.

    `after` is of the paragraphs with index `following`, and a space stands in front of it if `spaced`. `is_hole` says that the
    passage is what was bracketed, a question to be answered. `names` are those of the texts. Of what stands behind the place and is
    not in `after`, `rest` is what its own paragraph has, and `beyond` the index of the first paragraph that is wholly there.
    """

    previous: str
    until: int
    bound: int
    passage: str
    is_hole: bool
    after: str
    following: tuple[int, ...]
    spaced: bool
    names: Names
    rest: str
    beyond: int


def around(story: Story, measured: Measured, kind: RoundKind, start: Position, end: Position, passage: str) -> Place:
    """What stands around [start, end). `passage` is the text to be changed, where that is not what stands there."""
    previous, until, bound = _before(story, measured, start)
    if not passage and start != end:
        passage = story.manuscript.fragment(start, end).text
    is_hole = kind == "fill" and bool(HOLE.fullmatch(passage))
    after, following = ("", ()) if kind == "continue" else _after(story, end)
    spaced = bool(after) and story.manuscript.block(end.block).text[end.offset : end.offset + 1].isspace()
    rest, beyond = _beyond(story, end, following)
    names = Names(
        _named(story, until, 0, start.offset if until == bound else None) if previous else "",
        "; ".join(_inside(story, start, end)),
        "; ".join(_following(story, end, following)),
        _named(story, beyond - 1, end.offset) if rest else "",
    )
    inner = passage[1:-1] if is_hole else passage
    return Place(previous, until, bound, inner, is_hole, after, following, spaced, names, rest, beyond)


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


def _beyond(story: Story, end: Position, following: tuple[int, ...]) -> tuple[str, int]:
    """What the paragraph of a place has behind it, if only a part of it stands there; and the first paragraph beyond that."""
    if following:
        return "", following[-1] + 1
    if end == START:
        return "", 0
    index, text = story.manuscript.index(end.block), story.manuscript.block(end.block).text
    if not text[: end.offset].strip():
        return "", index if text.strip() else index + 1
    return text[end.offset :].strip(), index + 1


def _named(story: Story, index: int, first: int, last: int | None = None) -> str:
    """The text [first, last) of a paragraph by name; empty if there is none."""
    text = story.manuscript.at(index).text
    last = len(text) if last is None else last
    if not text[first:last].strip():
        return ""
    name = numbered(index, index + 1)
    before, behind = bool(text[:first].strip()), bool(text[last:].strip())
    if before and behind:
        return f"{name}, its middle"
    return f"{name}, its end" if before else f"{name}, its beginning" if behind else name


def _inside(story: Story, start: Position, end: Position) -> list[str]:
    """The paragraphs of [start, end), and parts of such, by name."""
    if end in (START, start):
        return []
    last = story.manuscript.index(end.block)
    first = 0 if start == START else story.manuscript.index(start.block)
    offset = 0 if start == START else start.offset
    if first == last:
        return [name] if (name := _named(story, first, offset, end.offset)) else []
    names = [_named(story, first, offset), _named(story, last, 0, end.offset)]
    whole = [name == numbered(at, at + 1) for name, at in zip(names, (first, last), strict=True)]
    inner = (first if whole[0] else first + 1, last + 1 if whole[1] else last)
    middle = numbered(*inner) if inner[0] < inner[1] else ""
    return [name for name in ("" if whole[0] else names[0], middle, "" if whole[1] else names[1]) if name]


def _following(story: Story, end: Position, following: tuple[int, ...]) -> list[str]:
    """The paragraphs that follow a place by name, the first of which may be that of the place."""
    if not following:
        return []
    first, last = following[0], following[-1] + 1
    name = _named(story, first, end.offset if first == story.manuscript.index(end.block) else 0)
    if name == numbered(first, first + 1):
        return [numbered(first, last)]
    return [name, numbered(following[1], last)] if len(following) > 1 else [name]
