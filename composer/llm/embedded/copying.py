"""Writing a passage again: a pointer that copies it word by word, and what it may write otherwise on the way.

At each step the next token is the passage's next word, or the first of a change that may begin there, or, inside
a change, its next; after a change the pointer goes on where the change says. Between sentences the model may begin
one of its own, and goes on copying after it. Where the tokens drawn do not tell which of several ways was taken,
all of them are kept with their probabilities, and the next token is drawn from the mixture. So each token has its
exact probability, and the reply ends where the passage ends.

The probabilities of changes are `revision`'s. Copies characters as they are; prints nothing, draws nothing.
"""

from __future__ import annotations

import re

from composer.llm.embedded.digression import Digression
from composer.llm.embedded.edits import Edit
from composer.llm.embedded.model import Mind
from composer.llm.embedded.ways import Ways

_CALM = (0.0, 0.4, 1.0)
"""What the odds of a change are multiplied by with so many words copied since the last one; slips are exempt."""
_STRUNG = 0.08
"""What the odds of joining sentences are multiplied by where the one before is long, or has an "and" already; and
those of a connective that the reply has had."""
_LONG = 90
"""Characters of a long sentence."""
_ALOOF = -1
"""In the place of words copied: inside a sentence of the model's own."""
_ASKED = (0.5, 5.0)
"""The odds of such a sentence where the instruction tells something that is not told yet: at first, and at the end."""
_TIRED = 0.35
"""What those odds are multiplied by for each such sentence before."""

Place = tuple[int, int, Edit | None]
"""Where a reply may be: the word that is next, words copied since the last change, None; or how many texts of a
change are written, 0, and that change."""


class Copier(Ways):
    """One reply on its way."""

    def __init__(self, mind: Mind) -> None:
        super().__init__()
        self._mind = mind
        self._revision = mind.revision
        self._passage = mind.revision.passage
        self._places: dict[Place, float] = {(0, len(_CALM) - 1, None): 1.0}
        self._ways: dict[int, dict[Place, float]] = {}
        """Of each candidate: where it leads to, with the probability of coming there by it."""
        self._written = ""
        self._digression: Digression | None = None
        self._told: frozenset[int] = frozenset()
        self._digressed = 0

    def distribution(self) -> dict[int, float]:
        """Candidate to probability; sums to 1."""
        ways: dict[int, dict[Place, float]] = {}

        def add(text: str, place: Place, p: float) -> None:
            into = ways.setdefault(self._id(text) if text else self.end, {})
            into[place] = into.get(place, 0.0) + p

        for (at, calm, edit), p in self._places.items():
            if edit is not None:
                add(edit.texts[at], _after(edit, at + 1), p)
            elif calm == _ALOOF:
                for text, share in self._own().items():
                    add(text, (at, _ALOOF, None), p * share)
            else:
                changes = [(change, odds * self._room(change, calm)) for change, odds in self._revision.at(at)]
                addition = self._addition(at, calm)
                total = 1.0 + addition + sum(odds for _, odds in changes)
                add(self._copied(at), (at + 1, min(calm + 1, len(_CALM) - 1), None), p / total)
                for change, odds in changes:
                    if odds:
                        add(change.texts[0] if change.texts else "", _after(change, 1), p * odds / total)
                if addition:
                    for text, share in self._own().items():
                        add(text, (at, _ALOOF, None), p * share * addition / total)
        self._ways = ways
        return {candidate: sum(into.values()) for candidate, into in ways.items()}

    def push(self, candidate: int) -> None:
        """Go on by one token, which `distribution` gave a probability just before."""
        into = self._ways[candidate]
        total = sum(into.values())
        self._places = {place: p / total for place, p in into.items() if p > 1e-9 * total}
        text = self._texts[candidate]
        aloof = [place for place in self._places if place[1] == _ALOOF]
        if not aloof:
            self._digression = None
        elif self._digression and self._digression.push(text):
            self._told = self._digression.told
            self._digression = None
            self._digressed += 1
            for place in aloof:
                self._places[place[0], 0, None] = self._places.pop(place)
        self._written += text

    def _copied(self, at: int) -> str:
        """The text of a word; empty behind the last."""
        if at >= len(self._passage):
            return ""
        word = self._passage.words[at]
        return word.gap + word.text

    def _room(self, change: Edit, calm: int) -> float:
        """What the odds of a change are multiplied by, for what was written so far."""
        if change.family == "mend":
            return 1.0
        strung = False
        if change.family in ("join", "name"):
            sentence = re.split(r"[.?!]\s", self._written[-2 * _LONG :])[-1]
            strung = " and " in sentence or len(sentence) > _LONG
        elif change.family == "link" and len(change.texts) > 1:
            strung = "".join(change.texts[:-1]) in self._written
        return _CALM[calm] * (_STRUNG if strung else 1.0)

    def _addition(self, at: int, calm: int) -> float:
        """The odds of a sentence of the model's own before this word."""
        odds = self._revision.addition
        if not odds or not at or calm < len(_CALM) - 1 or not self._is_between(at):
            return 0.0
        if self._mind.request.count > len(self._told):
            odds = max(odds, _ASKED[0] + (_ASKED[1] - _ASKED[0]) * at / len(self._passage))
        if self._digression is None:
            self._digression = Digression(self._mind, self._written, self._told)
        return odds * _TIRED**self._digressed if self._digression.begins and self._own() else 0.0

    def _is_between(self, at: int) -> bool:
        """Whether a sentence ended before this word with a mark, and another may stand behind it."""
        passage = self._passage
        before = passage.words[at - 1]
        ends = passage.sentence(at - 1).end == at and before.symbol != "\n" and not before.text.isalnum()
        return ends and (at == len(passage) or passage.symbol(at) == "\n" or passage.words[at].gap == " ")

    def _own(self) -> dict[str, float]:
        return self._digression.texts() if self._digression else {}


def _after(edit: Edit, written: int) -> Place:
    """Where the reply is with so many texts of a change written."""
    return (edit.to, 0, None) if written >= len(edit.texts) else (written, 0, edit)


class Verbatim:
    """Prints what a copier writes: its texts as they are. In the place of `tokens.Printer`."""

    def text(self, surface: str) -> str:
        """The text as it is."""
        return surface

    def push(self, surface: str) -> str:
        """The text as it is."""
        return surface

    def close(self) -> str:
        """Nothing is ever held back."""
        return ""

    def join(self, text: str) -> None:
        """Go on after this text, which changes nothing."""
