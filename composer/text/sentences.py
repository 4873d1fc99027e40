"""Sentences of a paragraph, as ranges in characters that join to the whole text.

The segmenter is sentencex behind one function, with two guards: spaces that are not ASCII are replaced one for one before the
call, since it can fail on them, and any failure means that the paragraph is one sentence.
"""

from __future__ import annotations

import re

_WIDE_SPACE = re.compile(r"[^\S\n\t ]")
_SPEECH_TAG = re.compile(r"[\s—–-]*[a-zà-öø-ÿ]")
_CLOSED_SPEECH = re.compile(r"[\"”»’']\s*$")


def sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """The sentences of one text as (start, end), each without the white space around it, in order."""
    ranges: list[tuple[int, int]] = []
    at = 0
    for line in text.split("\n"):
        ranges += [(at + start, at + end) for start, end in _of_line(line, language)]
        at += len(line) + 1
    return ranges


def _of_line(line: str, language: str) -> list[tuple[int, int]]:
    if not line.strip():
        return []
    # One for one, so that offsets into the flat line are offsets into the line.
    flat = _WIDE_SPACE.sub(" ", line)
    pieces = _segment(flat, language)
    ranges: list[tuple[int, int]] = []
    at = 0
    for piece in pieces:
        start = flat.find(piece.strip(), at) if piece.strip() else -1
        if start < 0:
            continue
        end = start + len(piece.strip())
        at = end
        if ranges and _continues(flat[ranges[-1][0] : ranges[-1][1]], flat[ranges[-1][1] : end]):
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return ranges or [(0, len(line))]


def _segment(line: str, language: str) -> list[str]:
    import sentencex

    try:
        return [str(piece) for piece in sentencex.segment(language or "en", line)]
    except BaseException as failure:
        # The segmenter is compiled: its panics are no Exception. Whatever it was, a paragraph is a sentence too.
        if isinstance(failure, (KeyboardInterrupt, SystemExit)):
            raise
        return [line]


def _continues(before: str, after: str) -> bool:
    """Whether `after` is the speech tag of the speech that `before` ends with: `"Who?" she asked.`"""
    return bool(_CLOSED_SPEECH.search(before) and _SPEECH_TAG.match(after))


def sentence_at(text: str, at: int, language: str = "en") -> tuple[int, int]:
    """The sentence that holds the character at `at`, or the nearest one before it; (0, 0) in an empty text."""
    best = (0, 0)
    for start, end in sentences(text, language):
        if start > at:
            break
        best = (start, end)
    return best
