"""Texts that are left out, and whether another text gives one of them away: by all of it, by a sentence of four words or more, or by six
words in a row.

What readers see anyway is no secret. Words are compared without case, marks and white space. It knows no journal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from composer.text.sentences import sentences
from composer.text.signs import SPACELESS

LEAST = 4
"""Words of a sentence that gives a text away."""
ROW = 6
"""Words in a row that do, wherever sentences begin and end."""

_STOP = re.compile(r"[.!?…。！？\n]+")
_WORD = re.compile(rf"{SPACELESS}|(?:(?!{SPACELESS})[^\W_])+")


def bare(text: str) -> str:
    """The words of a text, with one blank around each: what is found in it begins and ends with a word."""
    found = _WORD.findall(text.casefold())
    return f" {' '.join(found)} " if found else ""


class Secrets:
    """What must not be told."""

    def __init__(self, hidden: Iterable[str], shown: Iterable[str], language: str = "en") -> None:
        self._hidden = set(hidden)
        self._shown = set(shown)
        self._language = language
        self._told: dict[str, bool] = {}

    def within(self, text: str) -> bool:
        """Whether the text holds something of what is hidden and not shown."""
        told = bare(text)
        words = told.split()
        starts = {f" {' '.join(words[at : at + size])} " for size in range(1, LEAST) for at in range(len(words))}
        if any(
            secret in told and not self._is_told(secret) for start in starts for secret in self._by_start.get(start, ())
        ):
            return True
        # What is sent to a model may be cut anywhere, so a part of a sentence gives it away too.
        return any(row in self._hidden_rows and row not in self._shown_rows for row in _rows(words))

    @cached_property
    def _hidden_rows(self) -> set[int]:
        return _all_rows(self._hidden)

    @cached_property
    def _shown_rows(self) -> set[int]:
        return _all_rows(self._shown)

    @cached_property
    def _by_start(self) -> dict[str, set[str]]:
        """What is hidden, by the words that it begins with: its first three, or all of fewer."""
        found: dict[str, set[str]] = {}
        for text in self._hidden:
            told = {bare(text)}
            parts = [text[start:end] for start, end in sentences(text, self._language)]
            # A text may be in a language that the story is not in.
            parts += _STOP.split(text)
            told.update(sentence for sentence in map(bare, parts) if sentence.count(" ") > LEAST)
            for each in told - {""}:
                found.setdefault(f" {' '.join(each.split()[: LEAST - 1])} ", set()).add(each)
        return found

    @cached_property
    def _corpus(self) -> str:
        return "\n".join(map(bare, self._shown))

    def _is_told(self, secret: str) -> bool:
        """Whether readers see it anyway."""
        if secret not in self._told:
            self._told[secret] = secret in self._corpus
        return self._told[secret]


def _rows(words: list[str]) -> Iterator[int]:
    """All words in a row, each row as a number that stands for it: whole ones would take too much room."""
    return (hash(tuple(words[at : at + ROW])) for at in range(len(words) - ROW + 1))


def _all_rows(texts: Iterable[str]) -> set[int]:
    return {row for text in texts for row in _rows(bare(text).split())}
