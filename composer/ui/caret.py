"""Where the caret goes: by character, word, row, page, sentence. Functions over the text; no widget, no key."""

from __future__ import annotations

import re

from composer.story.manuscript import START, Manuscript, Position
from composer.story.outline import Outline
from composer.story.spans import length
from composer.text.graphemes import next_border, previous_border, snap
from composer.text.holes import holes as hole_ranges
from composer.text.spelling import spelled
from composer.text.words import next_word, previous_word, word_at


def left(text: Manuscript, at: Position) -> Position:
    if at == START:
        return at
    if at.offset > 0:
        return Position(at.block, previous_border(text.block(at.block).text, at.offset))
    index = text.index(at.block)
    return end_of(text, index - 1) if index else at


def right(text: Manuscript, at: Position) -> Position:
    if at == START:
        return at
    block = text.block(at.block)
    if at.offset < length(block.spans):
        return Position(at.block, next_border(block.text, at.offset))
    index = text.index(at.block)
    return Position(text.at(index + 1).id, 0) if index + 1 < len(text) else at


def word_left(text: Manuscript, at: Position) -> Position:
    if at == START or at.offset == 0:
        return left(text, at)
    return Position(at.block, previous_word(text.block(at.block).text, at.offset))


def word_right(text: Manuscript, at: Position) -> Position:
    if at == START or at.offset == length(text.block(at.block).spans):
        return right(text, at)
    return Position(at.block, next_word(text.block(at.block).text, at.offset))


def sentence_start(text: Manuscript, at: Position, language: str) -> Position:
    """The start of the sentence that the caret is in, or of the one before it when it is at a start."""
    from composer.text.sentences import sentence_at

    if at == START or at.offset == 0:
        return left(text, at)
    return Position(at.block, sentence_at(text.block(at.block).text, at.offset - 1, language)[0])


def end_of(text: Manuscript, index: int) -> Position:
    block = text.at(index)
    return Position(block.id, length(block.spans))


def valid(text: Manuscript, at: Position) -> Position:
    """The same place, or the nearest one that exists, between two clusters."""
    if at == START or at.block not in text:
        return text.first if at == START else text.last
    return Position(at.block, snap(text.block(at.block).text, at.offset))


def grown(
    text: Manuscript, outline: Outline, start: Position, end: Position, language: str
) -> tuple[Position, Position]:
    """The selection, larger by one kind of piece: word, sentence, paragraph, scene, chapter, all."""
    from composer.text.sentences import sentence_at

    if start == START:
        return start, end
    block = text.block(start.block)
    if start.block == end.block:
        for left_at, right_at in (
            word_at(block.text, start.offset),
            sentence_at(block.text, start.offset, language),
            (0, length(block.spans)),
        ):
            if left_at <= start.offset and right_at >= end.offset and (left_at, right_at) != (start.offset, end.offset):
                return Position(block.id, left_at), Position(block.id, right_at)
    first, last = text.index(start.block), text.index(end.block)

    def scene_end(at: int, step: int) -> int:
        while 0 <= at + step < len(text) and not text.at(at + step).is_scene_break:
            at += step
        return at

    wide = (scene_end(first, -1), scene_end(last, 1))
    if wide != (first, last):
        return Position(text.at(wide[0]).id, 0), end_of(text, wide[1])
    above = outline.ancestors(block.beat) if block.beat else []
    if above:
        within = {row.beat.id for row in Outline((above[0],)).rows()}
        while first > 0 and text.at(first - 1).beat in within:
            first -= 1
        while last + 1 < len(text) and text.at(last + 1).beat in within:
            last += 1
        if (first, last) != wide:
            return Position(text.at(first).id, 0), end_of(text, last)
    return text.first, text.last


def hole_at(text: Manuscript, at: Position) -> tuple[Position, Position] | None:
    """The hole that the caret is in or touches."""
    if at == START:
        return None
    for start, end in hole_ranges(text.block(at.block).text):
        if start <= at.offset <= end:
            return Position(at.block, start), Position(at.block, end)
    return None


def next_hole(text: Manuscript, at: Position, words: frozenset[str] = frozenset()) -> tuple[Position, Position] | None:
    """The first hole behind the caret, or the first of these words; from the top again if there is none."""
    if at == START:
        return None
    here = text.index(at.block)
    for step in range(len(text) + 1):
        block = text.at((here + step) % len(text))
        for start, end in _stops(block.text, words):
            if step == 0 and start <= at.offset:
                continue
            return Position(block.id, start), Position(block.id, end)
    return None


def _stops(text: str, words: frozenset[str]) -> list[tuple[int, int]]:
    found = hole_ranges(text)
    if words:
        found += [(start, end) for start, end in spelled(text) if text[start:end] in words]
    return sorted(found)


def holes(text: Manuscript) -> list[tuple[Position, str]]:
    """All holes in order: where, and their text."""
    lines = [(block.id, block.text) for block in text]
    return [(Position(block, start), line[start:end]) for block, line in lines for start, end in hole_ranges(line)]


def find(text: Manuscript, wanted: str, at: Position, backwards: bool = False) -> tuple[Position, Position] | None:
    """The next place where `wanted` stands, whatever its case, around the end of the text. From `at` on, or before it."""
    if not wanted or not len(text):
        return None
    pattern = re.compile(re.escape(wanted), re.IGNORECASE)
    here, offset = text.key(at) if at != START else (0, 0)
    step = -1 if backwards else 1
    for away in range(len(text) + 1):
        block = text.at((here + step * away) % len(text))
        found = [each.span() for each in pattern.finditer(block.text)]
        if away == 0:
            found = [each for each in found if (each[0] < offset if backwards else each[0] >= offset)]
        if found:
            start, end = found[-1 if backwards else 0]
            return Position(block.id, start), Position(block.id, end)
    return None


def find_all(text: Manuscript, wanted: str) -> list[tuple[str, int, int]]:
    """Every place where `wanted` stands, whatever its case, as (block, start, end) in reading order; none overlap."""
    if not wanted:
        return []
    pattern = re.compile(re.escape(wanted), re.IGNORECASE)
    return [(block.id, found.start(), found.end()) for block in text for found in pattern.finditer(block.text)]
