"""A sentence of the model's own inside a passage that is copied: its next tokens as texts.

Goes on from what was written, as `model.Writer` would, but stays outside quotes and in its paragraph, and is done
when its sentence is. Whether there is to be one at all is `copying`'s matter. An article, whose text is certain
before its noun is, is always "a", and no vowel follows it.
"""

from __future__ import annotations

import re

from composer.llm.embedded.model import Mind, Writer, walk
from composer.llm.embedded.tokens import ARTICLE, END, OPENS, Printer, article_is_an

_BEFORE = 240
"""Characters of what was written that the sentence goes on from, at most."""
_LENGTH = 26
"""Tokens that the sentence should keep to."""


class Digression:
    """One sentence on its way. Not for two threads at once."""

    def __init__(self, mind: Mind, written: str, told: frozenset[int]) -> None:
        """`written`: the reply so far; `told`: clauses of the instruction that need not be told again."""
        self._writer = Writer(mind, target=_LENGTH, limit=_LENGTH)
        self._writer.covered.update(told)
        self._printer = Printer(spaced=True)
        self._article = False
        self._candidates: dict[str, int] = {}
        self._texts: dict[str, float] | None = None
        paragraph = written.rpartition("\n")[2][-_BEFORE:]
        start = re.search(r"(?:^|[.?!][\"”]?\s+)(?=\S)", paragraph)
        for candidate, _, _ in walk(self._writer, paragraph[start.end() if start else 0 :]):
            self._writer.push(candidate)
        self._writer.begin()
        banned = {mind.ids[symbol] for symbol in (*OPENS, END) if symbol in mind.ids}
        self._banned = banned | {mind.ids[mark] for mark in ("\n",) if mark in mind.ids}

    @property
    def begins(self) -> bool:
        """Whether a sentence may begin after what was written."""
        return self._writer.clause.begins

    @property
    def told(self) -> frozenset[int]:
        """The clauses of the instruction that are told by now."""
        return frozenset(self._writer.covered)

    def texts(self) -> dict[str, float]:
        """The next token's texts, with their gaps, and probabilities, which sum to 1; empty if there is none."""
        if self._texts is not None:
            return self._texts
        writer = self._writer
        self._candidates = {}
        best: dict[str, float] = {}
        shares: dict[str, float] = {}
        for candidate, p in sorted(writer.distribution().items()):
            surface = writer.surface(candidate)
            if not p or candidate in self._banned or not surface:
                continue
            if self._article and article_is_an(surface):
                continue
            text = self._printer.text(surface)
            shares[text] = shares.get(text, 0.0) + p
            if p > best.get(text, 0.0):
                best[text], self._candidates[text] = p, candidate
        total = sum(shares.values())
        self._texts = {text: share / total for text, share in shares.items()} if total > 0.0 else {}
        return self._texts

    def push(self, text: str) -> bool:
        """Go on by one of those texts; whether the sentence is done with it."""
        candidate = self._candidates[text]
        self._texts = None
        surface = self._writer.surface(candidate)
        self._article = surface == ARTICLE
        self._printer.push(surface)
        self._writer.push(candidate)
        return self._writer.clause.begins
