"""Sides: the two pieces that meet at a seam, as the repairs so far leave them.

A side knows which of its characters still stand and what stands before them. It decides nothing and makes no repairs.
"""

from __future__ import annotations

from collections import deque
from itertools import islice

from composer.text.signs import OPENING, SEEN, wordy

Place = tuple[int, int]
"""A piece and a character of it."""


class Side:
    """A piece: its words, which are [start:end) of `text`, and the signs that still stand before and behind them."""

    __slots__ = ("before", "end", "index", "last_quote", "lead", "put", "space", "start", "text", "trail")

    def __init__(self, index: int, text: str) -> None:
        self.index = index
        """Which piece it is."""
        self.text = text
        self.start = next((at for at, char in enumerate(text) if wordy(char)), len(text))
        self.end = self.start
        if self.start < len(text):
            self.end = len(text)
            while not wordy(text[self.end - 1]):
                self.end -= 1
        self.lead = deque(range(self.start))
        """The places of what stands before its first word."""
        self.trail = list(range(self.end, len(text)))
        """The places of what stands behind its last word."""
        self.put = ""
        """What was put behind all that."""
        self.space: list[Place] = []
        """The white space that was left before it."""
        self.before = ""
        """The text in front of [start:end), as far back as is looked at."""
        self.last_quote: tuple[int, bool] | None = None
        """Where its last double quote stands, and whether that opens."""

    @property
    def has_words(self) -> bool:
        return self.start < self.end

    @property
    def stands(self) -> bool:
        """Whether a right side has anything left that stands."""
        return bool(self.lead) or self.has_words

    @property
    def first(self) -> int:
        """The place of the first character that stands."""
        return self.lead[0] if self.lead else self.start

    @property
    def last(self) -> int:
        """The place behind the last character that stands."""
        return self.trail[-1] + 1 if self.trail else self.end

    @property
    def signs(self) -> str:
        """What stands before its first word."""
        return "".join(self.text[at] for at in self.lead)

    @property
    def opens(self) -> bool:
        """Whether it ends with a quote or bracket that opens."""
        if self.put or not self.trail:
            return False
        at = self.trail[-1]
        if self.last_quote is not None and self.last_quote[0] == at:
            return self.last_quote[1]
        if self.text[at] == "'":
            before = self.tail()[-2:-1]
            return not before or before.isspace() or before in OPENING
        return self.text[at] in OPENING

    def tail(self) -> str:
        """The text up to this side's end, as far back as is looked at."""
        body = self.text[max(self.start, self.end - SEEN) : self.end]
        trail = "".join(self.text[at] for at in self.trail[-SEEN:])
        return (self.before + body + trail + self.put)[-SEEN:]

    def head(self) -> str:
        """The text from this side's start on."""
        lead = "".join(self.text[at] for at in islice(self.lead, SEEN))
        return lead + self.text[self.start : self.start + SEEN]

    def shed_before(self) -> list[Place]:
        """Parts with the white space before its first sign."""
        places: list[Place] = []
        while self.lead and self.text[self.lead[0]].isspace():
            places.append((self.index, self.lead.popleft()))
        return places

    def shed_behind(self) -> list[Place]:
        """Parts with the white space behind its last sign."""
        places: list[Place] = []
        while self.trail and not self.put and self.text[self.trail[-1]].isspace():
            places.append((self.index, self.trail.pop()))
        return places[::-1]

    def settle(self, before: str) -> None:
        """Makes a left side of a right one: `before` is the text in front of all that stands of it."""
        if self.has_words:
            before += self.signs
        else:
            self.trail = list(self.lead)
        self.lead.clear()
        self.before = before[-SEEN:]
