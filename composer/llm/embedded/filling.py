"""Writing what stands between two texts: a sentence to three, steered toward the text that follows.

A `model.Writer` that ends sooner, and rather where what it wrote leads on: where a sentence is done and the text
after it is a likely next one, or, where that text goes on in the middle of a sentence, where its first word fits.
What the hole asks for and the text around it tells already is not told again.
"""

from __future__ import annotations

import re

from composer.llm.embedded.grammar import tag
from composer.llm.embedded.model import PARTS, Mind, Writer
from composer.llm.embedded.store import content_stems
from composer.llm.embedded.tokens import CLOSE, CLOSES, STOPS

TARGET = 34
"""Tokens that a fill has, more or less."""
_ENDS = (0.0, 0.3, 0.6, 0.92)
"""The chance to end after so many sentences, where nothing speaks for or against it."""
_SURE = 0.97
"""The chance to end that is never exceeded."""
_LIKELY = 0.03
"""Probability of the next text's first word from which on it counts as leading on."""
_SORTS = (2, 4, 5)
"""Parts of speech (see `grammar.tag`) of which any word promises the next text's: verbs, nouns, prepositions."""
_PULL = 1.5
"""How much likelier it is to end in the middle of a sentence than the counts say."""


class Filler(Writer):
    """One fill on its way."""

    def __init__(self, mind: Mind, *, limit: int) -> None:
        """`limit`: tokens after which it is cut off."""
        super().__init__(mind, target=min(TARGET, max(8, int(0.8 * limit))), limit=limit)
        self._sentences = 0
        self._given = 0
        """Tokens of the sentence that the text before breaks off in."""
        self._opened = 0
        """Quotes that were opened in it."""
        text, after = mind.request.prompt.after, mind.request.after
        self._onward = next(iter(mind.cast.encode(after)), None)
        self._amid = bool(re.match(r"[,;:.?!…—)\-]|[^\W\d_]", text)) and not text[:1].isupper()
        self._speech_goes_on = bool(re.match(r"[^\"“”]*[\"”]", text))
        told = {*content_stems(mind.request.previous), *content_stems(after)}
        for script in mind.scripts:
            stems = content_stems(item.form for item in script.items if item.ref < 0)
            if stems and told.issuperset(stems):
                self.covered.update(script.covers)

    def begin(self) -> None:
        """What was pushed so far was given."""
        super().begin()
        self._given, self._opened = self.length, self._quotes
        self._sentences = 0

    def push(self, candidate: int) -> None:
        """Go on by one token."""
        super().push(candidate)
        self._sentences += self.clause.begins

    def _banned(self) -> set[int]:
        """As for a paragraph; and where the text after closes the quote, no closing it here."""
        banned = super()._banned()
        if self._leaves_open():
            banned.update(self.mind.ids[symbol] for symbol in CLOSES if symbol in self.mind.ids)
            banned.discard(self.end)
        return banned

    def _leaves_open(self) -> bool:
        """Whether this is speech that began in the text before and ends in the text after."""
        return self._speech_goes_on and self.clause.quoted and self._quotes == self._opened

    def _may_end(self, last: str) -> bool:
        return self.length - self._given >= 1 and (last in STOPS or last == CLOSE)

    def _ending(self, table: dict[int, float]) -> dict[int, float]:
        """Mix in the chance that this is where the text after takes over."""
        last = self.mind.symbols[self.last]
        written = self.length - self._given
        chance = 0.0
        if self._amid:
            chance = self._chance_amid(table, written)
        elif (self.clause.begins or self._leaves_open()) and self._may_end(last):
            chance = self._chance_between(table)
        if written and self.limit - self.length < 14 and (self._amid or self._may_end(last)):
            chance = _SURE
        if not chance and not self._amid:
            return table
        chance *= 1.0 - sum(share for _, at, share in self._active if at)
        if self._amid and self._given:
            # One sentence goes through all three texts: it does not stop in this one.
            kept = {candidate: p for candidate, p in table.items() if self.mind.symbols[candidate % PARTS] not in STOPS}
            total = sum(kept.values())
            table = {candidate: p / total for candidate, p in kept.items()} if total > 0.0 else table
        table = {candidate: p * (1.0 - chance) for candidate, p in table.items()}
        table[self.end] = table.get(self.end, 0.0) + chance
        return table

    def _chance_between(self, table: dict[int, float]) -> float:
        """The chance to end after a sentence, before another."""
        chance = _ENDS[min(max(1, self._sentences), len(_ENDS) - 1)]
        if len(self._covered) < self.mind.request.count and self._sentences < 3:
            chance *= 0.25
        if self._onward:
            chance *= 1.25 if self._onward_share(table) > _LIKELY else 0.8
        return min(_SURE, chance)

    def _chance_amid(self, table: dict[int, float], written: int) -> float:
        """The chance to end before the word that the text after goes on with."""
        elsewhere = self.clause.quoted and not self._leaves_open()
        if not written or elsewhere or self.mind.symbols[self.last] in STOPS:
            return 0.0
        short = 10 if self._given else 16
        late = 0.3 if written < 2 else 1.0 if written < short else 4.0
        symbols = self.mind.symbols
        fits = self._onward_share(table)
        sort = tag(self._onward.form) if self._onward else 0
        if sort in _SORTS:
            fits += 0.25 * sum(p for candidate, p in table.items() if tag(symbols[candidate % PARTS]) == sort)
        overdue = written > 2 * short and self.mind.content[self.last]
        return min(_SURE, max(_PULL * late * float(fits**0.7), 0.4 if overdue else 0.0))

    def _onward_share(self, table: dict[int, float]) -> float:
        """The probability of the text after, by its first word."""
        return table.get(self.candidate(self._onward), 0.0) if self._onward else 0.0
