"""Which sentences of a passage are told in a short account of it, within so many words.

Of all choices of sentences that have room, the best is known: by what each is worth, by what it adds to the one told
before it, and by how much is passed over between. At each sentence the best way on is the likeliest by far; the others
share what is left by how little they lose against it. Draws nothing, and writes no text of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from composer.llm.embedded.synopsis import Line, Synopsis, ended
from composer.llm.embedded.tokens import runs
from composer.text.pieces import pieces
from composer.text.words import count_words

SHARE = 0.1
"""Words of an answer for each word of the passage, where no number is asked for."""
LEAST, MOST = 25, 150
"""The fewest and the most words of such an answer."""
CHARACTERS = 1.7
"""How many characters a word is that is written without spaces, where each counts as one."""
FIRM = 0.5
"""The probability of the best way on, to which its share of the rest comes."""
_HEAT = 0.45
"""By how much worth a way on loses so that it gets a third as likely."""
_STEPS = 64
"""How finely the room is divided."""
_KEPT = 90
"""Lines that are thought of at most."""
_SHORTER = 0.6
"""Of the passage's words, the most that an answer has."""
_OVER = 1.08
"""By how much an answer may be longer than was asked, where that makes it better."""
_SHORT, _LONG = 40, 1_200
"""Words of a single sentence that is told whole, and the most characters of any that is told alone."""
_ENOUGH = 1.3
"""How many times the words that are asked for the welcome lines have together, at least."""
_POOR = -1.0
"""The worth of lines, such as speech, that are told only where there is too little else."""
_FILLING = 0.02
"""The worth of each word of room that is used."""
_LEANING = 4.0
"""What is lost by a line that leans on one which is not told."""
_ALIKE = 1.2
"""What is lost by a line that tells only what the one before it told."""
_PASSED = (1.7, 0.35, 2.5)
"""How many times the usual distance may be passed over, what more than that loses, and the most that is lost so."""
_GAPS = re.compile(r"[ \t\n]+")
_ASKED = re.compile(r"(\d[\d,. ]*\d|\d)\s*(?:[-–]\s*(\d+)\s*)?words?\b", re.IGNORECASE)


def asked_words(instruction: str, synopsis: Synopsis) -> int:
    """How many words an account should have: as the instruction asks ("In about 80 words."), or a tenth of the passage."""
    found = _ASKED.search(instruction)
    if found:
        return max(1, int(re.sub(r"\D", "", found[2] or found[1])[:6]))
    size = 1.0 if synopsis.spaced else CHARACTERS
    return round(min(MOST * size, max(LEAST * size, SHARE * synopsis.words)))


class Plan:
    """The lines that may be told within so many words, and how good each way on is; read by all replies."""

    def __init__(self, synopsis: Synopsis, size: int, also: Line | None = None) -> None:
        """`size`: words that are asked for; `also`: a line that is to be known whatever it is worth."""
        self._synopsis = synopsis
        size = max(1, min(size, int(_SHORTER * synopsis.words)))
        self.lines = self._chosen(size, also)
        self._unit = max(1.0, _OVER * size / _STEPS)
        self.room = max(
            int(_OVER * size / self._unit), min((self.steps(at) for at in range(len(self.lines))), default=0)
        )
        self._lift = self._lifted(size)
        self._gap = max(1.0, synopsis.words / (1 + size / max(1.0, self._usual_words())))
        """Words of the passage from one line to the next, if they are spread evenly."""
        self._links: dict[tuple[int, int], float] = {}
        self._tokens: dict[tuple[int, int], tuple[str, ...]] = {}
        self._best: list[list[float]] = [[] for _ in self.lines]
        for at in range(len(self.lines) - 1, -1, -1):
            self._best[at] = self._values(at)

    def steps(self, at: int) -> int:
        """The room that a line takes."""
        return max(1, round(self.lines[at].words / self._unit))

    def tokens(self, at: int, before: int) -> tuple[str, ...]:
        """The tokens of a line behind another one (-1: as the first), with their gaps."""
        known = self._tokens.get((at, before))
        if known is None:
            text = _GAPS.sub(" ", self._synopsis.told(self.lines[at], self.lines[before] if before >= 0 else None))
            known = runs(" " + text if before >= 0 and self._synopsis.spaced else text)
            self._tokens[at, before] = known
        return known

    def value(self, choice: Sequence[int]) -> float:
        """How good a choice of lines is, by their indexes in order; it need not have room. Higher is better."""
        room, last, value = self.room, -1, 0.0
        for at in choice:
            value += self._link(last, at)
            room, last = room - self.steps(at), at
        return value + self._closing(last, room)

    def ways(self, at: int, room: int) -> list[tuple[int, float]]:
        """The lines that may follow the one at `at` (-1: the first), with their probabilities; -1 is the end."""
        found: list[tuple[int, float]] = []
        if at >= 0 or not self.lines:
            found.append((-1, self._closing(at, room)))
        for following in range(at + 1, len(self.lines)):
            left = room - self.steps(following)
            if left >= 0 and self._follows(at, following):
                found.append((following, self._link(at, following) + self._best[following][left]))
        if not found:
            found.append((-1, 0.0))
        best = max(value for _, value in found)
        first = next(way for way, value in found if value == best)
        odds = [(way, math.exp((value - best) / _HEAT)) for way, value in found]
        total = sum(each for _, each in odds)
        return [(way, (FIRM if way == first else 0.0) + (1.0 - FIRM) * each / total) for way, each in odds]

    def _chosen(self, size: int, also: Line | None) -> list[Line]:
        """The lines to think of: those worth most in each stretch of the passage, in their order."""
        lines = [line for line in self._synopsis.lines if line.words <= _OVER * size]
        if not lines or len(self._synopsis.ranges) == 1:
            lines = self._shortened(size)
        stretches = max(1, min(_KEPT // 6, round(size / 12)))
        count = max(1, len(self._synopsis.ranges))
        kept: set[Line] = {also} if also else set()
        for stretch in range(stretches):
            inside = [line for line in lines if line.at * stretches // count == stretch]
            inside.sort(key=lambda line: -(line.worth - 0.3 * line.loose))
            kept.update(inside[: _KEPT // stretches])
        known = {line: number for number, line in enumerate(self._synopsis.lines)}
        return sorted(kept, key=lambda line: (line.at, known.get(line, -1)))

    def _shortened(self, size: int) -> list[Line]:
        """What there is where no sentence has room: one that is not much longer, or the beginning of the best."""
        alone = len(self._synopsis.ranges) == 1
        best = max(
            self._synopsis.lines[-1:] if alone else self._synopsis.lines,
            key=lambda line: (line.worth - 0.1 * max(0, line.words - size), -line.at),
            default=None,
        )
        if best is None or (best.words <= (_SHORT if alone else 2.5 * size) and len(best.text) < _LONG):
            return [best] if best else []
        text = _beginning(best.text, size)
        return [Line(best.at, text, count_words(text), best.worth, best.loose, best.terms, best.reach)]

    def _usual_words(self) -> float:
        return sum(line.words for line in self.lines) / max(1, len(self.lines))

    def _lifted(self, size: int) -> float:
        """What is added to the worth of all lines, so that there are enough which are welcome."""
        told: dict[int, int] = {}
        least = 0.0
        for line in sorted(self.lines, key=lambda line: -line.worth):
            if line.worth < _POOR and sum(told.values()) >= _SHORTER * size:
                break
            told[line.at], least = max(line.words, told.get(line.at, 0)), line.worth
            if sum(told.values()) >= _ENOUGH * size:
                break
        return max(0.0, 0.1 - least)

    def _values(self, at: int) -> list[float]:
        """The most that can still be won behind a line, by the room that is left."""
        values = [self._closing(at, room) for room in range(self.room + 1)]
        for following in range(at + 1, len(self.lines)):
            if not self._follows(at, following):
                continue
            link, needs, behind = self._link(at, following), self.steps(following), self._best[following]
            for room in range(needs, self.room + 1):
                value = link + behind[room - needs]
                if value > values[room]:
                    values[room] = value
        return values

    def _follows(self, at: int, following: int) -> bool:
        return at < 0 or self.lines[following].at > self.lines[at].at

    def _link(self, at: int, following: int) -> float:
        """What is won by telling a line behind another one, or first."""
        known = self._links.get((at, following))
        if known is not None:
            return known
        line = self.lines[following]
        before = self.lines[at] if at >= 0 else None
        value = line.worth + self._lift + _FILLING * line.words
        value -= self._passing(before.reach[1] if before else 0, line.reach[0])
        if line.at != (before.at + 1 if before else 0):
            value -= _LEANING * line.loose**2
        if before and line.terms and before.terms:
            value -= _ALIKE * len(line.terms & before.terms) / min(len(line.terms), len(before.terms))
        self._links[at, following] = value
        return value

    def _closing(self, at: int, room: int) -> float:
        """What is won by ending behind a line."""
        told = self.lines[at].reach[1] if at >= 0 else 0
        return -self._passing(told, self._synopsis.words) - _FILLING * room * self._unit

    def _passing(self, start: int, end: int) -> float:
        """What is lost by telling nothing of so many words."""
        free, price, most = _PASSED
        return min(most, price * math.pow(max(0.0, (end - start) / self._gap - free), 1.5))


def _beginning(text: str, size: int) -> str:
    """The first clauses of a sentence that have room, or else its first words."""
    text = text[:_LONG]
    fits = 0
    for _, end in pieces(text, "clause"):
        if count_words(text[:end]) > 1.5 * size or end == _LONG:
            break
        fits = end
    if fits:
        return ended(text[:fits], text)
    rows = pieces(text, "word")
    return text[: rows[min(size, len(rows)) - 1][1]].rstrip(",;:–—- ") + "…"
