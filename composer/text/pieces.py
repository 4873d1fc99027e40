"""Pieces of a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from composer.text.sentences import sentences

Size = Literal["word", "clause", "sentence", "paragraph"]
SIZES: tuple[Size, ...] = ("word", "clause", "sentence", "paragraph")


def pieces(text: str, size: Size, language: str = "en") -> list[tuple[int, int]]:
    return sentences(text, language)


def piece_at(ranges: Sequence[tuple[int, int]], at: int) -> int:
    found = 0
    for number, (start, _) in enumerate(ranges):
        if start <= at:
            found = number
    return found
