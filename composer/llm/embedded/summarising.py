"""A passage in one sentence, in the present tense: one of its sentences, or what two of them say, joined.

Which, and how likely, is decided by what each is worth in the passage (see `synopsis`), by how much of the passage
lies between them, and by their length. Where the tokens drawn do not tell which it is, all that begin so are kept.
Writes no word that the passage has not, but for "and" and the forms of verbs.
"""

from __future__ import annotations

import math
import re

from composer.llm.embedded.model import Mind
from composer.llm.embedded.synopsis import ENDED, Line
from composer.llm.embedded.tensing import in_present, is_past_tense
from composer.llm.embedded.tokens import runs
from composer.llm.embedded.ways import Ways

FIRM = 0.25
"""The probability of the best sentence, to which its share of the rest comes."""
_HEAT = 0.9
"""By how much worth a sentence loses so that it gets a third as likely."""
_KEPT = 40
"""Sentences that are thought of at most, and lines for the halves of a joined one."""
_HALVES = 16
_LONGEST, _HALF, _WHOLE = 24, 15, 28
"""Words of a sentence alone, of a half, and of two halves, beyond which length counts against them."""
_TOO_LONG = 0.12
"""What each word beyond that loses."""
_JOINED = 0.55
"""What a second half's worth counts."""
_SPAN = 1.2
"""What it is worth that two halves have the whole passage between them."""
_LEANING = 2.0
"""What is lost by a line that leans on one before it."""
_FEW = 6
"""Words of a passage that are too few to tell its language by."""
_OPEN = re.compile(r"(?:,|\b(?:and|but|while|when|then))\s*$")
_GAP = re.compile(r"\s+")


class Summary(Ways):
    """One sentence on its way."""

    def __init__(self, mind: Mind, *, begun: str = "") -> None:
        """`begun`: what it begins with already."""
        super().__init__()
        self._synopsis = mind.synopsis
        self._proper = mind.proper.__contains__
        short = self._synopsis.words <= _FEW
        self._shifts = (self._synopsis.english or short) and is_past_tense(self._synopsis.text, self._proper)
        self.cut = ""
        """What is there of the next word."""
        self._places: dict[tuple[tuple[str, ...], int], float] = {}
        self._set(self._sentences())
        if begun.strip():
            follows, self.cut = self.follow(begun)
            if not follows:
                self._set(self._onward(begun))

    def _set(self, sentences: list[tuple[str, float]]) -> None:
        """Take these sentences, each with what it is worth, for all that may be said."""
        best: dict[tuple[str, ...], float] = {}
        for text, worth in sentences:
            tokens = runs(text)
            best[tokens] = max(worth, best.get(tokens, worth))
        kept = sorted(best.items(), key=lambda entry: (-entry[1], entry[0]))[:_KEPT]
        odds = [math.exp((worth - kept[0][1]) / _HEAT) for _, worth in kept]
        total = sum(odds)
        self._places = {
            (tokens, 0): (0.0 if number else FIRM) + (1.0 - FIRM) * odds[number] / total
            for number, (tokens, _) in enumerate(kept)
        } or {((), 0): 1.0}

    def distribution(self) -> dict[int, float]:
        """Candidate to probability; sums to 1."""
        table: dict[int, float] = {}
        for (tokens, told), p in self._places.items():
            candidate = self._id(tokens[told]) if told < len(tokens) else self.end
            table[candidate] = table.get(candidate, 0.0) + p
        return table

    def push(self, candidate: int) -> None:
        """Go on by one token, which `distribution` gave a probability just before."""
        text = self.surface(candidate)
        going = {
            (tokens, told + 1): p for (tokens, told), p in self._places.items() if tokens[told : told + 1] == (text,)
        }
        total = sum(going.values())
        self._places = {place: p / total for place, p in going.items()}

    # What may be said

    def _sentences(self) -> list[tuple[str, float]]:
        """The sentences, each with what it is worth."""
        lines = self._synopsis.lines
        said = [(line, self._told(line)) for line in lines]
        found = [(self._ended(text), self._alone(line)) for line, text in said]
        if len(self._synopsis.ranges) > 1 and self._synopsis.english:
            found += self._pairs()
        return [(text, worth) for text, worth in found if text]

    def _pairs(self) -> list[tuple[str, float]]:
        """What two lines say together."""
        lines = [line for line in self._synopsis.lines if line.words > 2 and not re.search(r'["“„«?]', line.text)]
        last = len(self._synopsis.ranges) - 1
        halves = sorted(lines, key=lambda line: -line.worth + _TOO_LONG * max(0, line.words - _HALF))[:_HALVES]
        halves += [line for line in lines if line.at in (0, last) and line not in halves]
        found: list[tuple[str, float]] = []
        for one in halves:
            for other in (each for each in halves if each.at > one.at):
                worth = one.worth + _JOINED * other.worth + _SPAN * (other.at - one.at) / last
                worth -= _TOO_LONG * max(0, one.words + other.words - _WHOLE) + _LEANING * (one.loose + other.loose)
                worth -= _TOO_LONG * sum(max(0, line.words - _HALF) for line in (one, other))
                found.append((self._join(self._told(one), self._told(other, one)), worth))
        return found

    def _alone(self, line: Line) -> float:
        return line.worth - _TOO_LONG * max(0, line.words - _LONGEST) - _LEANING * line.loose

    def _told(self, line: Line, before: Line | None = None) -> str:
        """A line as it is told, in the present."""
        text = _GAP.sub(" ", self._synopsis.told(line, before)).strip()
        return in_present(text, self._proper) if self._shifts else text

    def _join(self, one: str, other: str) -> str:
        """Two lines as one sentence; a subject that both have is told once."""
        head = ENDED.sub("", one).rstrip(" ,;:")
        subject = re.match(r"(?:The [a-z]+|[\w'’-]+) ", one)
        alike = subject is not None and other.startswith(subject.group())
        if alike and subject and not re.search(r"\band\b", head):
            named = subject.group().strip()
            if named.startswith("The ") or named in ("He", "She", "They", "I") or self._proper(named):
                return self._ended(f"{head} and {other[subject.end() :]}")
        return self._ended(f"{head}, and {self._lowered(other)}")

    def _lowered(self, text: str) -> str:
        """A sentence as it stands behind "and"."""
        first = re.match(r"[\w'’-]+", text)
        keeps = first is None or first.group() == "I" or self._proper(first.group()) or self._proper(first.group()[:-2])
        return text if keeps else text[:1].lower() + text[1:]

    def _ended(self, text: str) -> str:
        text = text.rstrip()
        return text if not text or ENDED.search(text) else text.rstrip(",;:–—- ") + "."

    def _onward(self, begun: str) -> list[tuple[str, float]]:
        """What may stand behind a beginning in other words; nothing behind one that is a sentence already."""
        if ENDED.search(begun.rstrip()):
            return []
        joint = " " if _OPEN.search(begun) else ", and "
        lines = [line for line in self._synopsis.lines if line.words]
        return [(joint + self._ended(self._lowered(self._told(line))), self._alone(line)) for line in lines]
