"""Words: counting them and moving by them. Languages without spaces count a character of script as a word."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_]+(?:['’\-][^\W_]+)*",
)
_RUN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]+")


def count_words(text: str) -> int:
    """How many words stand in the text."""
    return sum(1 for _ in _WORD.finditer(text))


def spans_of_words(text: str) -> Iterator[tuple[int, int]]:
    """The words of the text as [start:end) in characters, in order."""
    return (found.span() for found in _WORD.finditer(text))


def words(text: str) -> list[str]:
    """The words of the text, lower-case, in order."""
    return [found[0].lower() for found in _WORD.finditer(text)]


def next_word(text: str, at: int) -> int:
    """Where the word or run of signs ends that starts at or after `at`; the end of the text if none does."""
    found = _RUN.search(text, at)
    return found.end() if found else len(text)


def previous_word(text: str, at: int) -> int:
    """Where the word or run of signs starts that ends at or before `at`; 0 if none does."""
    start = 0
    for found in _RUN.finditer(text, 0, at):
        start = found.start()
    return start


def word_at(text: str, at: int) -> tuple[int, int]:
    """The run of letters or of signs around `at`; an empty range where there is none."""
    for found in _RUN.finditer(text):
        if found.start() <= at <= found.end():
            return found.start(), found.end()
    return at, at
