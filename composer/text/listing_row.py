"""A row of a listing: what it begins with, where its words are, and the title that its form shows.

A row knows nothing of the rows around it, but for its number, which counts only as the others do. It is never cut or joined here.
"""

from __future__ import annotations

import re
from typing import Literal

from composer.text.listing_emphasis import beginning
from composer.text.listing_numbers import (
    CHAPTER,
    FAR,
    HAN_LABEL,
    LABEL,
    MARK,
    RANKS,
    TITLED,
    count_on,
    number_readings,
    roman_value,
)
from composer.text.listing_signs import TERMINAL, Range, behind_space, reads_as_sentence, title_end, worded
from composer.text.signs import compiled

_RUN = r"\*{1,3}(?=[^\s*])|_{1,3}(?=[^\s_])"
_BULLET = (
    r"(?:[-*+–—·→⁃](?=\s)|[•‣◦▪▫●○■□☐☑☒✅✓✔]\ufe0f?|[0-9]\ufe0f?\u20e3|[一二三四五六七八九十]{1,3}、"
    r"|[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?(?=\s))\s*"
)
_BOX = r"\[[ xX✓✔]?\]\s+"
_HASHES = r"#{1,6}(?=\s)\s*"
_NAMED = r"(?i)(?P<label>prologu?e?|epilogu?e?|interlude|coda|foreword|afterword)(?=[*_]{0,3}\s*(?:[:–—]|-\s|$))"
_FIELD = (
    r"(?i)[*_]{0,3}(?:(?P<title>(?:(?:chapter|scene|section|beat)\s)?(?:title|heading)|chapter|scene|section|act)"
    r"|summary|description|synopsis|sentence|beat|what\shappens)[*_]{0,3}\s*[:：][*_]{0,3}\s*"
)
"""What names a title or a summary: `Title: The lamp`."""
_BEHIND_BOLD = r"\s*(?:[:：.](?=\s|$|\W)|[-–—]+(?=\s))?\s*"
_SPLIT = (
    r"[\"“„«]?(?P<title>[^\W_](?:[^:：\n\"“”„«»]|:(?!\s)){0,59}?)[\"“”»]?[*_]{0,3}\s*"
    r"(?::[*_]{0,3}(?=\s)|：[*_]{0,3}|(?P<dash>(?<=\s)[-–—]{1,2}(?=\s)))\s*(?=\S)"
)
"""A title, a colon or a dash, and more."""
_STOP_INSIDE = rf"[{TERMINAL};](?=\s)"


class Row:
    """A row of a text that holds words, or a string of JSON: what it begins with, and where its words are."""

    def __init__(self, text: str, start: int, end: int, indent: int = 0, *, gap: bool = False) -> None:
        self.start, self.end, self.indent, self.gap = start, end, indent, gap
        self.header = self.counted = self.parent = False
        self.kind: Literal["heading", "item", "plain"] = "plain"
        self.lead: tuple[Range, Range] | None = None
        """The title that its form shows, and the rest, which may be empty."""
        self.number: list[tuple[str, tuple[int, ...]]] = []
        """How the number that it may begin with can be read: the kind of number, and its parts."""
        self.family = ""
        """The kind of number that it was found to be."""
        self.read(text)

    def read(self, text: str, *, numbered: bool = True) -> None:
        """Find out what stands before the words. Unless `numbered`, a number belongs to them."""
        self._words: str | None = None
        self._split: tuple[Range, Range] | Literal[False] | None = False
        self.level = self.rank = 0
        self.bullet = self.dashed = False
        self.label: Range | None = None
        self.named = False
        """Whether the label is the title: `Epilogue`."""
        self.field = ""
        self.cells: list[Range] = []
        self.run = ""
        """The signs of emphasis that were opened before the words."""
        at, end = self.start, self.end
        if found := compiled(_HASHES).match(text, at, end):
            self.level = self.rank = found[0].rstrip().count("#")
            at = found.end()
            if closing := compiled(r"\s#+$").search(text, max(at, end - 9), end):
                self.end = end = closing.start()
        else:
            for pattern in (_BULLET, _BOX):
                if found := compiled(pattern).match(text, at, end):
                    self.bullet = True
                    self.dashed = text[at] in "–—"
                    at = found.end()
        self.begin = at
        if field := compiled(_FIELD).match(text, at, end):
            self.field = "title" if field["title"] else "told"
            self.first = self._opened(text, field.end())
            self.rank = self.level or (TITLED if field["title"] else 0)
            return
        at = self._opened(text, at)
        if numbered and (found := compiled(MARK).match(text, at, end)):
            self.number = number_readings(text, found, end)
            if self.number and found["run"] in ("", self.run):
                at = self._closed(text, found)
            else:
                self.number = []
        elif not numbered:
            self.number = []
        self.first = self._labelled(text, at)

    def _opened(self, text: str, at: int) -> int:
        """Where the text begins behind signs of emphasis."""
        if not self.run and (found := compiled(_RUN).match(text, at, self.end)):
            self.run = found[0]
            return found.end()
        return at

    def _closed(self, text: str, found: re.Match[str]) -> int:
        """Where the text goes on behind a number or a label, which may have been emphasised alone."""
        at = found.end()
        if found["run"]:
            self.run = ""
        elif self.run and text.startswith(self.run, at):
            at += len(self.run)
            self.run = ""
        return self._opened(text, behind_space(text, at, self.end))

    def _labelled(self, text: str, at: int) -> int:
        """Where the words begin behind a label, if there is one."""
        if found := compiled(_NAMED).match(text, at, self.end):
            self.label, self.named, self.rank = found.span("label"), True, self.level or CHAPTER
            return at
        found = compiled(LABEL).match(text, at, self.end) or compiled(HAN_LABEL).match(text, at, self.end)
        if found is None or found["run"] not in ("", self.run):
            return at
        groups = found.groupdict()
        if groups.get("roman") and not roman_value(groups["roman"].lower()):
            return at
        alone = found["run"] or (self.run and text.startswith(self.run, found.end()))
        if found["sign"] is None and not (self.level or alone):
            return at
        self.label = found.span("label")
        self.rank = self.level or RANKS.get((groups.get("word") or "chapter").lower(), CHAPTER)
        at = self._closed(text, found)
        # What parts a label that was emphasised alone from its words.
        found = compiled(r"(?:[:：]|[-–—]+(?=\s))\s*").match(text, at, self.end)
        return self._opened(text, found.end()) if found else at

    @property
    def marked(self) -> bool:
        """Whether it begins as no sentence does."""
        return bool(self.level or self.bullet or self.number or self.label or self.field or self.cells)

    def words(self, text: str) -> str:
        """Its words, as far as it matters what they look like."""
        if self._words is None:
            self._words = beginning(text, (self.first, self.end))
        return self._words

    def bold(self, text: str) -> tuple[Range, Range] | None:
        """A title that is emphasised and the rest behind it, which is empty where the title stands alone."""
        if not self.run:
            return None
        close = text.find(self.run, self.first, self.end)
        while close >= 0 and (
            text[close - 1].isspace() or text[close + len(self.run) : close + len(self.run) + 1] == self.run[0]
        ):
            close = text.find(self.run, close + len(self.run) + 1, self.end)
        if close <= self.first:
            return None
        behind = close + len(self.run)
        found = compiled(_BEHIND_BOLD).match(text, behind, self.end)
        rest = found.end() if found else behind
        title = self.first, title_end(text, self.first, close)
        if not worded(text, *title):
            return None
        if not worded(text, rest, self.end):
            return ((self.first, close), (self.end, self.end)) if len(self.run) > 1 else None
        inside = beginning(text, (self.first, close))
        short = close - self.first <= 80 and len(inside.split()) <= 8
        if close - self.first <= 120 and text[title[1] : close].strip() in (":", "："):
            return title, (rest, self.end)
        parted = text[behind:rest].strip()
        if short and (parted or text[close - 1] == "."):
            return title, (rest, self.end)
        # Without a sign between them: a name at the head of a sentence is often bold, and is no title.
        if short and len(inside.split()) > 1 and text[rest : rest + 1].isupper() and not reads_as_sentence(inside):
            return title, (rest, self.end)
        return None

    def split(self, text: str) -> tuple[Range, Range] | None:
        """A title and what is said behind a colon or a dash, if the words have this form."""
        if self._split is False:
            self._split = self._parted(text)
        return self._split

    def _parted(self, text: str) -> tuple[Range, Range] | None:
        found = compiled(_SPLIT).match(text, self.first, self.end)
        if found is None or not worded(text, found.end(), self.end):
            return None
        title = found["title"].rstrip("*_ ")
        opens = title[0].isdigit() or (title[0].isalpha() and not title[0].islower())
        if not opens or len(title.split()) > 6 or compiled(_STOP_INSIDE).search(title + " "):
            return None
        if found["dash"] and (text[found.end()].islower() or not text[found.end()].isalnum()):
            return None  # what follows is more of the same sentence
        start = found.start("title")
        return (start, start + len(title)), (found.end(), self.end)


def settle_numbers(text: str, rows: list[Row]) -> None:
    """Give back to the words the numbers that count nothing: a number is the first one, or counts on with one near it."""
    for order in (rows, rows[::-1]):
        last: dict[str, tuple[int, ...]] = {}
        bare: tuple[int, ...] = ()
        for row in order:
            for family, value in row.number:
                if family == "bare":
                    # No sign stands behind it, so that only a `1.1` behind it tells that it counts.
                    if order is not rows and len(last.get("number", ())) > 1 and last["number"][:1] == value:
                        row.counted, row.family = True, "number"
                    bare = value
                    continue
                if order is rows and len(value) == 2 and value[:1] == bare and value[1] <= FAR:
                    row.counted, row.family = True, "number"
                bare = ()
                near = last.get(family)
                strict = family.startswith("letter")
                if near and (abs(near[0] - value[0]) == 1 if strict else count_on(near, value)):
                    row.counted, row.family = True, row.family or family
                last[family] = value
    for row in rows:
        if not row.number or row.counted:
            continue
        # A capital alone is an initial.
        firsts = [
            family
            for family, value in row.number
            if value == (1,) and family != "bare" and (")" in family or not family.startswith("letter upper"))
        ]
        if firsts:
            row.family = firsts[0]
        else:
            row.read(text, numbered=False)
