"""The lines of an outline as a model answers it: plain, numbered, in bullets, under headings, as a table, as JSON or as prose.

It reads how an answer looks, never what it says, and changes nothing. Most of what it decides it decides by what most lines look
like. Nothing is raised for any text, and each character is looked at a bounded number of times.

Limits: whether a heading without a text is a title or a sentence is told by its marks, its length and English verbs. A list that
stands within one row is prose. Introductions and remarks are known by where they stand, and by English words where that is not enough.
What JSON says under unknown keys, and the columns of a table from the third on, are left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from composer.text.clean import clean
from composer.text.signs import SPACELESS, compiled, listed

Range = tuple[int, int]


class Line(Struct, frozen=True):
    """One line of an outline: where it stands in the text, as characters [start:end), how deep, and what it says.

    The range goes from the first character of title and summary to the last, without what stands around them: bullets, numbers,
    labels, signs of emphasis, quotes of JSON. Where other lines stand between the two, it is the range of the first.
    """

    start: int
    end: int
    depth: int
    """0 at the top; never more than one deeper than the line before it, and never more than 20."""
    title: str
    """On one line, without Markdown's signs of emphasis. Empty where the form shows none."""
    summary: str
    """The same. It may be empty where there is a title."""


def lines(text: str) -> tuple[Line, ...]:
    """The lines of an answer, in order; their ranges are not empty and stand apart.

    Where a text grows by whole rows, the lines that were there stay, and only to the last one text may be added. They can change
    with what tells the form of the whole, since a growing text may show it late:
    - whether the text is a list or prose, and whether `Title: sentence` is the form of at least half of the lines and of two;
    - whether a number that is not the first one counts on, as the lines around it do;
    - whether a first heading stands over the whole, which a second one beside it denies;
    - whether a paragraph before, behind or below the lines of a list is a remark on it, or the text of the line above it;
    - whether an object of JSON is a story with its beats, or a beat.
    """
    at = _json_start(text)
    items = _text_items(text) if at < 0 else _json_items(text, at)
    return tuple(_lines(text, items, escaped=at >= 0))


def plain(text: str) -> str:
    """The text on one line, without Markdown's signs of emphasis where they pair up. To do it again changes nothing."""
    if "*" in text or "_" in text:
        text = _without(text, [(0, len(text))], _emphasis(text, 0, len(text)))
    return " ".join(text.split())


# What signs and words look like

_TERMINAL = ".!?…。！？۔؟।"
_CLOSERS = "\"'”’»«)]*_」』"

_RUN = r"\*{1,3}(?=[^\s*])|_{1,3}(?=[^\s_])"
_BULLET = (
    r"(?:[-*+–—·→⁃](?=\s)|[•‣◦▪▫●○■□☐☑☒✅✓✔]\ufe0f?|[0-9]\ufe0f?\u20e3|[一二三四五六七八九十]{1,3}、"
    r"|[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?(?=\s))\s*"
)
_BOX = r"\[[ xX✓✔]?\]\s+"
_HASHES = r"#{1,6}(?=\s)\s*"
_QUOTED = r"(?:>\s?)+"
_FENCE = r"`{3,}[^`]*$|~{3,}[^~]*$"
_COLUMNS = r"[\s|:]*-[-\s|:]*$"
_MARK = r"""(?x)
    (?P<open>[(\[])? \#? (?: (?P<digits>[0-9]{1,3}(?:\.[0-9]{1,3}){0,8}) | (?P<letters>[ivxl]{1,7} | [IVXL]{1,7} | [A-Za-z]) )
    (?P<run>[*_]{0,3}) \\?
    (?: (?P<sign>\.\) | [.):\]] | [、．）：]) (?=\s | $ | [*_] | [^\W0-9a-z] | ["“„«‘¿¡]) | (?=\s) )
"""
"""What counts a line: `1.`, `(2)`, `[3]`, `IV.`, `a)`, `1.2.3`."""
_RANKS = {
    **dict.fromkeys(("book", "volume", "part", "act", "teil", "akt", "partie", "acte", "parte", "acto", "atto"), 11),
    **dict.fromkeys(("chapter", "episode", "kapitel", "chapitre", "capítulo", "capitolo"), 12),
    **dict.fromkeys(("section", "sequence", "abschnitt", "sección", "sezione"), 13),
    **dict.fromkeys(("scene", "szene", "scène", "escena", "scena"), 14),
    **dict.fromkeys(("beat", "step", "point", "event", "line"), 15),
}
"""How far in the parts stand that a label names: Markdown's headings stand further out, from 1 to 6."""
_CHAPTER, _BEAT, _TITLED, _BOLD, _LEADING, _LISTED = 12, 15, 16, 17, 18, 30
"""The ranks of the other headings, and of what is listed."""
_COUNTED = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty"
_LABEL = rf"""(?ix)
    [(\[]? (?P<label> (?P<word>{"|".join(_RANKS)}) \s+ (?:no\.\s*|\#)?
    (?: [0-9]{{1,3}} (?:\.[0-9]{{1,3}})* | (?P<roman>[ivxl]{{1,7}}) | {_COUNTED} | [a-h] ) ) (?!\w) [)\]]?
    (?P<run>[*_]{{0,3}}) (?P<sign> \s*[:：]+ | \s*[.)]+(?!\w) | \s*[–—]+ | \s*-+(?=\s) | \s*$ )?
"""
"""What counts a part: `Chapter 2:`, `Act II`, `Scene one –`."""
_HAN_LABEL = (
    r"(?P<label>第[0-9一二三四五六七八九十百]{1,4}[章幕节節回场場部])(?P<run>[*_]{0,3})(?P<sign>[:：、.]|(?=\s)|$)"
)
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
_STOP_INSIDE = rf"[{_TERMINAL};](?=\s)"
_VERB = (
    r"\b(?:is|are|was|were|has|have|had|will|can|must|do|does)\b|(?<!['’])\b(?!his\b|this\b|its\b)[a-z]+[^\Wsu'’]s\b"
)

_SURE = r"(?i)(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|great|understood|got it|no problem|alright|gladly)\b\W*"
_HERE = (
    r"(?i)(?:here(?:['’]s| is| are| you go)|below|(?:the )?following|this is|these are|i(?:['’]ve|['’]ll| have| will)|"
    r"let(?:['’]s| us)|as requested|based on|in response)\b"
)
_OF_LISTS = r"(?i)\b(?:outlines?|beats?|breakdown|lists?|bullets?|versions?|drafts?|storyline|synopsis)\b"
_OF_OUTLINES = r"(?i)\b(?:outline|beats?|beat sheet|breakdown|storyline|synopsis|gliederung)\b"
_FACTS = (
    r"(?i)[*_]{0,3}(?:log ?line|genre|premise|settings?|themes?|tone|pov|point of view|characters?|working title|word count)"
    r"[*_]{0,3}\s*:"
)
_REMARK = (
    r"(?i)[*_(\[]{0,4}(?:let me know|feel free|please let|would you like|do you want|want me to|shall i\b|should you|happy to|"
    r"if you(?:['’]d| would| want| need| like| prefer| wish)|i (?:hope|can|could|have|tried)\b[^\n]*\b(?:you|your|outline|beats?|list)\b|"
    r"hope (?:this|that|it) (?:helps|works)|(?:this|the above) (?:outline|structure|breakdown|list|version)\b|"
    r"these (?:beats|lines|scenes|chapters|sections)\b|notes?\s*[*_]{0,3}:|word count|(?:the )?end[.!]?[*_)\]]{0,4}$)"
)
"""What is said about a list behind it."""
_WRAPPED = 40
"""Characters that a row has at least where its sentence goes on in the next one."""
_SEEN = 200
"""How many characters of a row are looked at to tell what it is."""
_FEW = 3
"""How many rows may introduce JSON, and how many a remark may have."""
_DEEPEST = 20
"""How deep a line stands at most, however far it is set in."""
_FAR = 3
"""How much two numbers differ at most that count on; models leave numbers out."""


def _worded(text: str, start: int, end: int) -> bool:
    return compiled(r"[^\W_]").search(text, start, end) is not None


def _behind_space(text: str, at: int, end: int) -> int:
    found = compiled(r"\s*").match(text, at, end)
    return found.end() if found else at


def _reads_as_sentence(words: str) -> bool:
    """Whether words that may be a heading say what happens."""
    if words.rstrip(_CLOSERS).endswith(tuple(_TERMINAL)):
        return True
    count = len(words.split())
    if count < 3:
        return len(words) > 30 and compiled(SPACELESS).search(words) is not None
    return count > 8 or (count > 4 and compiled(_VERB).search(words) is not None)


def _emphasis(text: str, start: int, end: int) -> list[Range]:
    """The signs of emphasis in [start:end) that pair up, in order.

    They open where text follows and close where text ends, and stay within a word. Signs that touch look through one another.
    """
    runs: list[tuple[str, int, int, bool, bool]] = []
    for cluster in compiled(r"[*_]+").finditer(text, start, end):
        before = text[cluster.start() - 1] if cluster.start() > start else " "
        behind = text[cluster.end()] if cluster.end() < end else " "
        # Scripts without spaces have words on both sides of a pair.
        wide = "*" in cluster[0] and any(compiled(SPACELESS).match(side) for side in (before, behind))
        opens = not behind.isspace() and (wide or not before.isalnum())
        closes = not before.isspace() and (wide or not behind.isalnum())
        if opens or closes:
            runs += [
                (run[0][0], *run.span(), opens, closes)
                for run in compiled(r"\*+|_+").finditer(text, cluster.start(), cluster.end())
            ]
    gone: list[Range] = []
    waiting: dict[str, list[Range]] = {"*": [], "_": []}
    for sign, left, right, opens, closes in runs:
        openers = waiting[sign]
        while closes and openers and left < right:
            first, last = openers.pop()
            size = min(last - first, right - left)
            gone += [(last - size, last), (left, left + size)]
            left += size
            if last - size > first:
                openers.append((first, last - size))
        if opens and left < right:
            openers.append((left, right))
    return sorted(gone)


def _without(text: str, ranges: Iterable[Range], gone: Sequence[Range]) -> str:
    """The text of ranges that are in order, a space behind each, without what is gone."""
    kept: list[str] = []
    index = 0
    for at, end in ranges:
        while index < len(gone) and gone[index][0] < end:
            left, right = gone[index]
            if left >= at:
                kept.append(text[at:left])
                at = right
            index += 1
        kept += (text[at:end], " ")
    return "".join(kept)


def _trimmed(text: str, start: int, end: int, gone: Sequence[Range], *, escaped: bool) -> Range:
    """The range without white space and signs of emphasis at its ends."""
    first = bisect_right(gone, start, key=lambda sign: sign[1])
    last = bisect_left(gone, end, key=lambda sign: sign[0])
    skipped = compiled(r"(?:\s|\\[nrt])+" if escaped else r"\s+")
    while start < end:
        while first < last and gone[first][1] <= start:
            first += 1
        if found := skipped.match(text, start, end):
            start = found.end()
        elif first < last and gone[first][0] <= start:
            start = gone[first][1]
        else:
            break
    while start < end:
        while first < last and gone[last - 1][0] >= end:
            last -= 1
        if text[end - 1].isspace():
            end -= 1
        elif escaped and text[end - 2 : end] in ("\\n", "\\r", "\\t") and text[end - 3 : end - 2] != "\\":
            end -= 2
        elif first < last and gone[last - 1][1] >= end:
            end = gone[last - 1][0]
        else:
            break
    return start, end


# Rows: what a text consists of, and what stands before their words


class _Row:
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
            self.rank = self.level or (_TITLED if field["title"] else 0)
            return
        at = self._opened(text, at)
        if numbered and (found := compiled(_MARK).match(text, at, end)):
            self.number = _readings(text, found, end)
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
        return self._opened(text, _behind_space(text, at, self.end))

    def _labelled(self, text: str, at: int) -> int:
        """Where the words begin behind a label, if there is one."""
        if found := compiled(_NAMED).match(text, at, self.end):
            self.label, self.named, self.rank = found.span("label"), True, self.level or _CHAPTER
            return at
        found = compiled(_LABEL).match(text, at, self.end) or compiled(_HAN_LABEL).match(text, at, self.end)
        if found is None or found["run"] not in ("", self.run):
            return at
        groups = found.groupdict()
        if groups.get("roman") and not _roman(groups["roman"].lower()):
            return at
        alone = found["run"] or (self.run and text.startswith(self.run, found.end()))
        if found["sign"] is None and not (self.level or alone):
            return at
        self.label = found.span("label")
        self.rank = self.level or _RANKS.get((groups.get("word") or "chapter").lower(), _CHAPTER)
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
            self._words = _beginning(text, (self.first, self.end))
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
        title = self.first, _title_end(text, self.first, close)
        if not _worded(text, *title):
            return None
        if not _worded(text, rest, self.end):
            return ((self.first, close), (self.end, self.end)) if len(self.run) > 1 else None
        inside = _beginning(text, (self.first, close))
        short = close - self.first <= 80 and len(inside.split()) <= 8
        if close - self.first <= 120 and text[title[1] : close].strip() in (":", "："):
            return title, (rest, self.end)
        parted = text[behind:rest].strip()
        if short and (parted or text[close - 1] == "."):
            return title, (rest, self.end)
        # Without a sign between them: a name at the head of a sentence is often bold, and is no title.
        if short and len(inside.split()) > 1 and text[rest : rest + 1].isupper() and not _reads_as_sentence(inside):
            return title, (rest, self.end)
        return None

    def split(self, text: str) -> tuple[Range, Range] | None:
        """A title and what is said behind a colon or a dash, if the words have this form."""
        if self._split is False:
            self._split = self._parted(text)
        return self._split

    def _parted(self, text: str) -> tuple[Range, Range] | None:
        found = compiled(_SPLIT).match(text, self.first, self.end)
        if found is None or not _worded(text, found.end(), self.end):
            return None
        title = found["title"].rstrip("*_ ")
        opens = title[0].isdigit() or (title[0].isalpha() and not title[0].islower())
        if not opens or len(title.split()) > 6 or compiled(_STOP_INSIDE).search(title + " "):
            return None
        if found["dash"] and (text[found.end()].islower() or not text[found.end()].isalnum()):
            return None  # what follows is more of the same sentence
        start = found.start("title")
        return (start, start + len(title)), (found.end(), self.end)


def _title_end(text: str, start: int, end: int) -> int:
    """Where a title ends without the sign that leads on to what follows."""
    while start < end and (text[end - 1].isspace() or text[end - 1] in ":：-–—"):
        end -= 1
    if text[end - 1 : end] == "." and text[max(start, end - 2) : end - 1] not in (".", ""):
        end -= 1
    return end


def _readings(text: str, found: re.Match[str], end: int) -> list[tuple[str, tuple[int, ...]]]:
    """How a number can be read; `I` and `v` are letters too."""
    sign, opened = found["sign"], found["open"]
    if (opened == "(" and sign not in (")", "）")) or (sign == "]") != (opened == "["):
        return []
    if digits := found["digits"]:
        return [("number" if sign or "." in digits else "bare", tuple(int(part) for part in digits.split(".")))]
    letters = found["letters"]
    if not sign or not (found.end() == end or text[found.end()] in " \t*_"):
        return []
    kind = f"{'upper' if letters.isupper() else 'lower'} {opened or ''}{sign}"
    readings: list[tuple[str, tuple[int, ...]]] = []
    if value := _roman(letters.lower()):
        readings.append((f"roman {kind}", (value,)))
    if len(letters) == 1:
        readings.append((f"letter {kind}", (ord(letters.lower()) - ord("a") + 1,)))
    return readings


def _roman(letters: str) -> int:
    """The value of a Roman number in small letters up to 89; 0 if it is none."""
    if not compiled(r"(?:xl|l?x{0,3})(?:ix|iv|v?i{0,3})").fullmatch(letters):
        return 0
    values = [{"i": 1, "v": 5, "x": 10, "l": 50}[letter] for letter in letters]
    return sum(-value if value < behind else value for value, behind in zip(values, [*values[1:], 0], strict=True))


def _count_on(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two numbers can follow one another: `2` and `3`, `2` and `2.1`, `2.4` and `3`."""
    size = min(len(one), len(other)) - 1
    return one[:size] == other[:size] and abs(one[size] - other[size]) <= _FAR


def _count(text: str, rows: list[_Row]) -> None:
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
                if order is rows and len(value) == 2 and value[:1] == bare and value[1] <= _FAR:
                    row.counted, row.family = True, "number"
                bare = ()
                near = last.get(family)
                strict = family.startswith("letter")
                if near and (abs(near[0] - value[0]) == 1 if strict else _count_on(near, value)):
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


def _rows(text: str) -> list[_Row]:
    """The rows that hold words, without fences, rules and the heads of tables. Numbers that count nothing are words."""
    rows: list[_Row] = []
    gap = table = False
    at = 0
    while at < len(text):
        found = text.find("\n", at)
        stop = found if found >= 0 else len(text)
        line = text[at:stop]
        start = at + len(line) - len(line.lstrip())
        end = at + len(line.rstrip())
        indent = len(text[at:start].expandtabs(4))
        at = stop + 1
        if quoted := compiled(_QUOTED).match(text, start, end):
            start = quoted.end()
        if start >= end or compiled(_FENCE).match(text, start, end) or not _worded(text, start, end):
            if start < end and "|" in text[start:end] and compiled(_COLUMNS).match(text, start, end):
                if rows and "|" in text[rows[-1].start : rows[-1].end]:
                    rows[-1].header = True
                table = True
            else:
                gap, table = True, False
            continue
        row = _Row(text, start, end, indent, gap=gap)
        piped = text.find("|", start, end)
        table = piped >= 0 and (table or (piped == start and text.find("|", start + 1, end) >= 0))
        if table:
            row.cells = _cells(text, start, end)
        rows.append(row)
        gap = False
    if rows and rows[-1].cells and not (len(rows) > 1 and (rows[-2].cells or rows[-2].header)):
        rows[-1].header = True  # as long as nothing follows, it can be the head of a table
    rows = [row for row in rows if not row.header]
    _count(text, rows)
    return _unwrapped(text, rows)


def _cells(text: str, start: int, end: int) -> list[Range]:
    """The cells of a row that hold more than a number."""
    cells: list[Range] = []
    at = start
    for bar in [*(found.start() for found in compiled(r"(?<!\\)\|").finditer(text, start, end)), end]:
        left = _behind_space(text, at, bar)
        right = left + len(text[left:bar].rstrip())
        at = bar + 1
        if left < right and _worded(text, left, right):
            cells.append((left, right))
    counts = compiled(r"[*_]{0,3}#?[0-9]{1,3}(?:\.[0-9]{1,3})*[.)]?[*_]{0,3}")
    if len(cells) > 1 and counts.fullmatch(text, *cells[0]):
        del cells[0]
    if len(cells) > 1 and not _worded(text, (row := _Row(text, *cells[0])).first, row.end):
        del cells[0]
    return cells or [(start, end)]


def _ended(text: str, row: _Row) -> bool:
    """Whether a row ends where a sentence, a heading or a speech does."""
    return text[row.start : row.end].rstrip(_CLOSERS).endswith((*_TERMINAL, ":", "：", ";"))


def _unwrapped(text: str, rows: list[_Row]) -> list[_Row]:
    """The rows, joined where sentences go on from one to the next since they were cut to a width."""
    kept: list[_Row] = []
    for block in _blocks(rows):
        sizes = [above.end - above.start for above in block[:-1]]
        goes_on = [size >= _WRAPPED and not _ended(text, above) for size, above in zip(sizes, block, strict=False)]
        # One small letter at the head of a row tells of all that this is how they were cut.
        wrapped = not text[block[0].first : block[0].first + 1].islower() and any(
            text[row.start].islower() for row, open_ended in zip(block[1:], goes_on, strict=True) if open_ended
        )
        full = max(sizes, default=0) * 3 // 4
        kept.append(block[0])
        for row, size, open_ended in zip(block[1:], sizes, goes_on, strict=True):
            if wrapped and (open_ended or size >= full):
                kept[-1].end = row.end
            else:
                kept.append(row)
    return kept


def _blocks(rows: list[_Row]) -> Iterator[list[_Row]]:
    """The rows in runs that stand without a gap, in which only the first may be marked."""
    block: list[_Row] = []
    for row in rows:
        if block and (row.gap or row.marked or block[0].cells or block[0].level):
            yield block
            block = []
        block.append(row)
    if block:
        yield block


# Forms: which rows are headings, items of a list, or neither


def _form(text: str, row: _Row) -> None:
    """Find out what a row is by itself."""
    if row.named and row.label:
        found = compiled(r"[*_]{0,3}\s*(?:[:–—]|-(?=\s))?[*_]{0,3}\s*").match(text, row.label[1], row.end)
        row.lead = row.label, (found.end() if found else row.label[1], row.end)
    elif not row.field and not row.cells:
        row.lead = row.bold(text)
    alone = row.lead is not None and not _worded(text, *row.lead[1])
    listed = bool(row.bullet or row.number)
    if row.level or row.field == "title":
        row.kind = "heading"
    elif row.label and not listed and row.rank < _BEAT:
        titles = alone or (row.lead is None and row.split(text) is None and not _reads_as_sentence(row.words(text)))
        row.kind = "heading" if titles else "item"
    elif alone and not listed and not row.label:
        row.kind, row.rank = "heading", _BOLD
    elif (row.marked and row.field != "told") or listed or row.lead:
        row.kind = "item"


def _introduces(text: str, row: _Row) -> bool:
    """Whether the first row of an answer is about the list, and not of it."""
    if row.bullet or row.number or row.label or row.cells:
        return False
    if compiled(_FACTS).match(text, row.start, row.end):
        return True
    words = row.words(text)
    leads_on = text[row.start : row.end].rstrip("*_ ").endswith((":", "："))
    of_outlines = compiled(_OF_OUTLINES).search(words) is not None
    count = len(words.split())
    if row.kind == "heading":
        return of_outlines and not row.field
    if row.kind == "item":
        title = plain(text[slice(*row.lead[0])]) if row.lead else ""
        return len(title.split()) < 4 and compiled(_OF_OUTLINES).search(title) is not None
    if sure := compiled(_SURE).match(words):
        rest = words[sure.end() :]
        if not rest or leads_on or compiled(_OF_LISTS).search(rest) or compiled(_HERE).match(rest):
            return True
    if leads_on:
        return count > 3 or of_outlines
    if compiled(_HERE).match(words):
        return compiled(_OF_LISTS).search(words) is not None
    return of_outlines and count < 4 and not _ended(text, row)


def _remarks(text: str, row: _Row) -> bool:
    """Whether a last row is about the list, and not of it."""
    return not (row.bullet or row.number or row.level or row.cells) and bool(
        compiled(_REMARK).match(text, row.start, row.end)
    )


def _framed(text: str, rows: list[_Row]) -> list[_Row]:
    """The rows without those that words and signs show to introduce the list or to remark on it."""
    first, last = 0, len(rows)
    while first < last and _introduces(text, rows[first]):
        first += 1
    if first < last and rows[first].kind == "heading":
        facts = first + 1
        while facts < last and compiled(_FACTS).match(text, rows[facts].start, rows[facts].end):
            facts += 1
        del rows[first + 1 : facts]
        last = len(rows)
    while first < last:
        begin = last - 1
        while begin > first and last - begin < _FEW and not rows[begin].gap and rows[begin].kind == "plain":
            begin -= 1
        if begin > first and rows[begin].gap and rows[begin].kind == "plain" and _remarks(text, rows[begin]):
            last = begin
        elif _remarks(text, rows[last - 1]):
            last -= 1
        else:
            break
    return rows[first:last]


def _lead(text: str, rows: list[_Row]) -> None:
    """Make headings of the plain rows that lead on to a list, and parents of those that have one below them."""
    listed = [row.kind == "item" and bool(row.bullet or row.number) for row in rows]
    below = [0] * len(rows)
    """How the rows stand that have a list right below them: 1 beside it, 2 further out."""
    leading = 0
    for index, row in enumerate(rows):
        if row.kind != "plain" or row.field:
            continue
        leading += _leads_on(text, row)
        if index + 1 < len(rows) and listed[index + 1] and not rows[index + 1].gap:
            below[index] = 2 if rows[index + 1].indent >= row.indent + 2 else 1
    several = below[:1] > [0] and len(below) - below.count(0) > 1
    for index, row in enumerate(rows[:-1]):
        if row.kind != "plain" or row.field:
            continue
        above = rows[index - 1] if index else None
        if _leads_on(text, row):
            if listed[index + 1] or (leading > 1 and 3 * leading >= len(rows)):
                row.kind, row.rank = "heading", _LEADING
        elif listed[index + 1] and _heads(text, row) and (above is None or row.gap or _ended(text, above)):
            row.kind, row.rank = "heading", _LEADING
        elif below[index] == 2 or (below[index] and several):
            row.parent = True


def _leads_on(text: str, row: _Row) -> bool:
    """Whether a row is a few words and a colon."""
    words = row.words(text)
    return words.endswith((":", "：")) and len(words.split()) <= 6 and not words[:1].islower()


def _heads(text: str, row: _Row) -> bool:
    """Whether a plain row looks like a heading."""
    words = row.words(text)
    return (
        len(words) <= 60
        and len(words.split()) <= 6
        and not words[:1].islower()
        and not _reads_as_sentence(words)
        and not _ended(text, row)
    )


def _under_title(rows: list[_Row]) -> list[_Row]:
    """The rows without a heading that stands over the whole, and without what it says of the whole."""
    first = rows[0] if rows else None
    if first is None or first.kind != "heading" or first.label or first.number:
        return rows
    rest = rows[1:]
    beside = [
        row
        for row in rest
        if row.kind == "heading" and (row.level <= first.level if row.level else row.rank == first.rank)
    ]
    if beside:
        return rows
    until = next((index for index, row in enumerate(rest) if row.kind != "plain"), len(rest))
    if until == len(rest):
        return rest if until > 2 or (until == 2 and first.level == 1) else rows
    outranked = any(row.rank and row.rank < first.rank for row in rest)
    if first.level == 1 or first.field or outranked:
        return rest[until:]
    return rest if first.rank == _LEADING and not until and rest[0].gap else rows


def _is_list(text: str, rows: list[_Row]) -> bool:
    """Whether most rows are marked. Those that go on with a marked one are not counted."""
    marked = loose = 0
    last: _Row | None = None
    free = False
    # Speech begins with a dash too, between paragraphs.
    dashed = all(row.dashed for row in rows if row.kind != "plain")
    for index, row in enumerate(rows):
        if row.kind != "plain":
            marked += 1
            last, free = row, False
        elif last is None or not (_heads_text(last) or _continues(last, row, free=free)):
            loose += not row.parent
            free = True
        else:
            # A sentence of its own beside a marked row may belong to it, or be a line without a mark.
            loose += row.indent <= last.indent and not _heads_text(last) and _ended(text, rows[index - 1])
    return marked > 0 and marked >= loose and not (dashed and loose)


def _heads_text(row: _Row) -> bool:
    """Whether a text can stand below a row that is its heading."""
    return row.kind == "heading" or (row.kind == "item" and row.lead is not None and row.lead[1][0] == row.lead[1][1])


def _continues(above: _Row, row: _Row, *, free: bool) -> bool:
    """Whether a plain row can be more of the item above it; `free` if a row between them was not."""
    return row.indent >= above.indent + 2 if row.gap else not free and row.indent >= above.indent


def _prose(text: str, rows: list[_Row]) -> list[_Item] | None:
    """The sentences, if the rows are paragraphs."""
    from composer.text.sentences import sentences

    if not rows or any(row.level or row.cells or (row.kind == "heading" and row.rank != _LEADING) for row in rows):
        return None
    splits = sum(row.split(text) is not None for row in rows)
    if splits > 1 and 2 * splits >= len(rows):
        return None
    # Within a row a line feed parts nothing. Backticks make the segmenter look over all that was before, again and again.
    flat = text.replace("\n", " ").replace("`", " ")
    found = [
        [(row.start + start, row.start + end) for start, end in sentences(flat[row.start : row.end])] for row in rows
    ]
    many = sum(len(row) > 2 for row in found)
    if 2 * many < len(rows) and not (len(rows) == 1 and len(found[0]) > 1):
        return None
    return [_Item(0, None, [sentence]) for row in found for sentence in row]


# Lists: what stands below what


class _Item:
    """A line to be: its title, what is told under it, and how deep it stands."""

    __slots__ = ("begin", "depth", "label", "loose", "open", "row", "short", "split", "title", "told", "trailing")

    def __init__(self, depth: int, title: Range | None, told: list[Range], row: _Row | None = None) -> None:
        self.depth, self.title, self.told, self.row = depth, title, told, row
        self.trailing: Range | None = None
        """What is told behind the lines below it."""
        self.split = None if title or row is None or len(told) != 1 else row
        """The row whose words may be a title and a sentence."""
        self.label = row.label if row else None
        """What is its title if there is nothing else."""
        self.begin = row.begin if row else -1
        """Where the signs begin that its words may stand within; -1 if each part has its own."""
        self.open = False
        """Whether it is a heading, and the text below it is its own."""
        self.short = False
        """Whether its words are a heading if a text stands below them."""
        self.loose = False
        """Whether it is a paragraph beside the list."""


class _Listing:
    """The rows of a text, read from the first to the last: the items so far, and those that the next one can stand below."""

    def __init__(self, text: str, rows: list[_Row]) -> None:
        self._text, self._rows = text, rows
        self._is_list = _is_list(text, rows)
        self._above: list[tuple[int, _Row]] = []
        """The ranks and rows of the items that are open to others below them."""
        self._short = [self._is_short(row) for row in rows]
        followed = [index + 1 < len(rows) and rows[index + 1].kind == "plain" for index in range(len(rows))]
        heads = [index for index, row in enumerate(rows) if _heads_text(row) and not self._parts(index)]
        shorts = [index for index, short in enumerate(self._short) if short]
        self._bare = heads[-1] if _mostly_not(followed, heads) else -1
        """The last heading, if what follows it is no text of its own, since most headings have none."""
        self._shorts_head = not _mostly_not(followed, shorts)
        self._nests = any(self._nested(index) for index in range(len(rows)))
        """Whether plain rows below headings without marks are set in as lines of their own."""

    def items(self) -> list[_Item]:
        """The lines, without paragraphs before and behind a list."""
        items: list[_Item] = []
        last: _Item | None = None
        for index, row in enumerate(self._rows):
            if last is not None and self._takes(last, row, index):
                if last.short and last.open:
                    last.title, last.told = last.told[0], []
                last.told.append((row.first, row.end))
                last.short = False
                last.split = None if last.title else last.split
                continue
            last = self._item(index, row)
            items.append(last)
        first, end = 0, len(items)
        if self._is_list:
            while first < end and items[first].loose:
                first += 1
            while end - 2 > first and items[end - 1].loose:
                end -= 1
            # Without a blank row before it, what is not marked is still no remark.
            while end < len(items) and (beside := items[end].row) and not beside.gap:
                end += 1
        return items[first:end]

    def _is_short(self, row: _Row) -> bool:
        if row.kind != "item" or row.lead or row.cells or row.end - row.first > 60:
            return False
        words = row.words(self._text)
        return _worded(words, 0, len(words)) and row.split(self._text) is None and not _reads_as_sentence(words)

    def _parts(self, index: int) -> bool:
        """Whether a heading stands over other headings or items at once."""
        row, below = self._rows[index], self._rows[index + 1 : index + 2]
        return row.kind == "heading" and any(
            each.kind == "item" or (each.kind == "heading" and each.rank > row.rank) for each in below
        )

    def _nested(self, index: int) -> bool:
        row, below = self._rows[index], self._rows[index + 1 : index + 3]
        unmarked = row.kind == "heading" and not row.level and (row.label is not None or row.rank == _LEADING)
        return (
            unmarked
            and len(below) == 2
            and all(each.kind == "plain" and each.indent >= row.indent + 2 for each in below)
            and below[0].indent == below[1].indent
        )

    def _takes(self, item: _Item, row: _Row, index: int) -> bool:
        """Whether a row is more of the item above it."""
        head = item.row
        if head is None or row.parent:
            return False
        if row.field == "told":
            return item.open and not item.told
        if row.kind != "plain" or row.field:
            return False
        if item.open:
            if self._nests and not head.level and head.kind == "heading" and row.indent >= head.indent + 2:
                return False
            return not (row.gap and self._bare >= 0 and head is self._rows[self._bare])
        if item.short and self._shorts_head and not self._text[row.start].islower():
            item.open = True
            return True
        return self._is_list and head.kind != "plain" and _continues(head, row, free=False)

    def _item(self, index: int, row: _Row) -> _Item:
        depth = self._depth(row)
        words = (row.first, row.end) if _worded(self._text, row.first, row.end) else None
        if row.cells:
            titled = len(row.cells) > 1 and row.cells[0][1] - row.cells[0][0] <= 80
            cell = _Row(self._text, *row.cells[0])
            title = (cell.first, cell.end) if titled else None
            item = _Item(depth, title, [row.cells[1] if titled else (cell.first, cell.end)], row)
            item.split = None
        elif row.lead:
            title, rest = row.lead
            item = _Item(depth, title, [rest] if _worded(self._text, *rest) else [], row)
        elif row.kind == "heading":
            item = _Item(depth, words, [], row)
            item.split = row
        else:
            item = _Item(depth, None, [words] if words else [], row)
        item.open = not item.told and (row.kind == "heading" or item.title is not None or words is None)
        item.short = self._short[index]
        item.loose = row.kind == "plain" and not row.parent and not row.indent
        return item

    def _depth(self, row: _Row) -> int:
        """How deep a row stands, which from then on stands above others."""
        above = self._above
        rank = row.rank if row.kind == "heading" or (row.label and not row.bullet and not row.number) else _LISTED
        if rank < _LISTED:
            while above and above[-1][0] >= rank:
                above.pop()
        else:
            while above and above[-1][0] == _LISTED and above[-1][1].indent >= row.indent + 2:
                above.pop()
            beside = len(above)
            while beside and above[beside - 1][0] == _LISTED and above[beside - 1][1].indent > row.indent - 2:
                beside -= 1
            del above[self._level(beside, row) :]
        above.append((rank, row))
        return len(above) - 1

    def _level(self, beside: int, row: _Row) -> int:
        """Where a row goes among the open ones that are set in as far as it is, which begin at `beside`.

        They differ by their marks: what has other marks stands below a number.
        """
        above = self._above
        form = _marks(row)
        for index in range(beside, len(above)):
            other = _marks(above[index][1])
            if other == form or (form[0] == other[0] == "number" and form[1] < other[1]):
                return index
        if len(above) > beside and form[0] != "plain" and (_marks(above[-1][1])[1] or above[-1][1].parent):
            return len(above)
        return beside


def _mostly_not(followed: list[bool], rows: list[int]) -> bool:
    """Whether of these rows, without the last one, most are not followed by text."""
    return len(rows) > 1 and 2 * sum(followed[index] for index in rows[:-1]) < len(rows) - 1


def _marks(row: _Row) -> tuple[str, int]:
    """The kind of marks that a row begins with, and of how many parts its number is."""
    if row.family:
        return row.family, len(row.number[0][1])
    return ("bullet", 0) if row.bullet else ("plain", 0)


def _text_items(text: str) -> list[_Item]:
    rows = _rows(text)
    for row in rows:
        _form(text, row)
    rows = _framed(text, rows)
    _lead(text, rows)
    rows = _under_title(rows)
    found = None if _is_list(text, rows) else _prose(text, rows)
    return _Listing(text, rows).items() if found is None else found


# JSON: strings and objects, however many of their brackets are missing

_JSON = r"(?:`{3,}\w*)?\s*(?P<first>\[\s*(?=[\"\[{]|$)|\{\s*(?=[\"}]|$))"
_NEXT = r"\s*,?\s*(?=[\[{]\s*[\"\[{])"
_AGAIN = r"(?m)^[ \t,]*(?=[\[{]\s*[\"\[{])"
_AFTER_VALUE = r"""["\[{\]}\d-]|true\b|false\b|null\b|//|$"""
_ESCAPE = r"(?s)\\(?:u([0-9A-Fa-f]{4})|(.))"
_ESCAPES = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": "\t"}
_NAME = r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+"
_TITLES = listed("title heading headline name label caption")
_SUMMARIES = listed(
    "summary description text content synopsis details detail action plot sentence body line happens gist overview"
)
_EITHER = listed("beat event step moment point")
"""Keys of a title where there is a summary too."""
_NUMBERS = listed(_COUNTED.replace("|", " "))
_PARTS = listed("chapter scene act section part episode book")
_LISTS = listed(
    "beats scenes chapters sections subsections children items outline acts parts lines events steps points moments story plot "
    "structure entries sequences content data result response answer subbeats subscenes episodes books"
)
_OTHERS = listed("characters cast themes setting settings tags keywords notes genres motifs locations places props")
_DEEP = 100
"""How many brackets are told apart; in deeper ones nothing is read."""


def _json_start(text: str) -> int:
    """Where JSON begins that is the answer, behind a short introduction; -1 if there is none."""
    at = few = 0
    while few <= _FEW and at < len(text):
        at = _behind_space(text, at, len(text))
        if found := compiled(_JSON).match(text, at):
            return found.start("first")
        stop = text.find("\n", at)
        stop = stop if stop >= 0 else len(text)
        few += _worded(text, at, stop) and not compiled(_FENCE).match(text, at, stop)
        at = stop + 1
    return -1


def _string_end(text: str, at: int, *, key: bool) -> int:
    """Where the string ends that begins at `at`, or -1. A quote that no sign of JSON follows belongs to it."""
    for found in compiled(r'(?s)\\.|"').finditer(text, at):
        if found[0] != '"':
            continue
        behind = _behind_space(text, found.end(), len(text))
        sign = text[behind : behind + 1]
        if not sign or sign in "]}" or (key and sign == ":"):
            return found.start()
        if sign == "," and compiled(_AFTER_VALUE).match(text, _behind_space(text, behind + 1, len(text))):
            return found.start()
        if sign == '"' and "\n" in text[found.end() : behind]:
            return found.start()  # a comma was left out
    return -1


def _unescaped(text: str) -> str:
    """What stands in a string of JSON, filtered as all text from outside is: escapes can hold what text may not."""
    return clean(
        compiled(_ESCAPE).sub(
            lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPES.get(found[2], found[2]), text
        )
    )


class _Frame:
    """An object or a list that is open: what was found in it so far."""

    __slots__ = (
        "array",
        "depth",
        "dropped",
        "either",
        "item",
        "key",
        "known",
        "listed",
        "name",
        "part",
        "skipped",
        "summary",
        "title",
        "within",
    )

    def __init__(self, *, array: bool, above: _Frame | None, skipped: bool = False) -> None:
        self.array = array
        self.skipped = skipped
        """Whether nothing in it is read."""
        self.depth: int = 0 if above is None else above.depth + (above.item is not None)
        """How deep the lines in it stand."""
        self.within: bool = above is not None and (above.within or above.array)
        """Whether it stands in a list, and is no story with its beats for that."""
        self.key: Range | None = None
        self.title: Range | None = None
        self.name: Range | None = None
        """What a part is called, or what happens in it: `"scene": "The lamp"`."""
        self.either: Range | None = None
        self.summary: Range | None = None
        self.known = self.part = self.listed = self.dropped = False
        self.item: _Item | None = None


class _Reader:
    """JSON, read from its first sign to its last: the items so far, and what is open."""

    def __init__(self, text: str, at: int) -> None:
        self.items: list[_Item] = []
        self._text = text
        self._frames: list[_Frame] = []
        self._deep = 0
        self._roots = 0
        while at >= 0 and (found := compiled(r'["\[\]{}:,]').search(text, at)):
            at = self._read(found[0], found.end())
        for frame in self._frames:
            if frame.within or frame.part or frame.listed:
                self._emit(frame)
        _count(text, [item.row for item in self.items if item.row])

    def _read(self, sign: str, at: int) -> int:
        """Take in the sign before `at`. Returned is where to go on, or -1."""
        frame = self._frames[-1] if self._frames else None
        if sign == '"':
            key = frame is not None and not frame.array and frame.key is None
            end = _string_end(self._text, at, key=key)
            if frame is not None and not self._deep and not frame.skipped and (end >= 0 or not key):
                self._string(frame, (at, end if end >= 0 else self._cut(at)), key=key)
            return end + 1 if end >= 0 else -1
        if sign in "[{":
            if self._deep or len(self._frames) == _DEEP:
                self._deep += 1
            else:
                self._open(frame, sign == "[")
        elif sign in "]}":
            if self._deep:
                self._deep -= 1
            elif frame is not None:
                self._number(frame)
                self._emit(self._frames.pop())
                if not self._frames:
                    found = compiled(_NEXT).match(self._text, at) or compiled(_AGAIN).search(self._text, at)
                    return found.end() if found else -1
        elif sign == "," and frame is not None and not self._deep:
            self._number(frame)
            frame.key = None
        return at

    def _cut(self, at: int) -> int:
        """The end of a text that ends within a string, without half an escape."""
        found = compiled(r"\\(?:u[0-9A-Fa-f]{0,3})?$").search(self._text, max(at, len(self._text) - 6))
        return found.start() if found else len(self._text)

    def _names(self, key: Range | None) -> list[str]:
        return [name.lower() for name in compiled(_NAME).findall(self._text[slice(*key)][:80])] if key else []

    def _counts(self, names: list[str]) -> bool:
        """Whether a key is a number or a label: `3`, `beat_3`, `Act II`."""
        numbers = [name for name in names if name.isdigit() or _roman(name) or name in _NUMBERS]
        return len(numbers) == 1 and len(names) < 3 and all(name in numbers or name in _RANKS for name in names)

    def _number(self, frame: _Frame) -> None:
        """A value that is no string ended: the number of a part says that the object is one."""
        names = self._names(frame.key)
        if not frame.array and any(name in _PARTS or name in _EITHER or name in ("number", "id") for name in names):
            frame.part = True

    def _string(self, frame: _Frame, found: Range, *, key: bool) -> None:
        if key:
            frame.key = found
            return
        if frame.array:
            self._add(frame.depth, None, found)
            return
        names, at, frame.key = self._names(frame.key), frame.key, None
        last = names[-1] if names else ""
        if self._counts(names):
            self._below(frame)
            self._add(self._inner(frame), None, found)
        elif last in _TITLES:
            frame.title = frame.title or found
        elif last in _PARTS:
            frame.part = True
            if not compiled(r"\s*#?[0-9IVXL.]+\s*").fullmatch(self._text, *found):
                frame.name = frame.name or found
        elif last in _EITHER:
            frame.either = frame.either or found
        elif last in _SUMMARIES or last in _LISTS:
            frame.summary = frame.summary or found
            if frame.item is not None and not frame.item.told:
                frame.item.trailing = frame.item.trailing or found
        else:
            if at and not frame.known and self._titled(at) and " " in self._text[slice(*at)]:
                self._below(frame)
                self._add(self._inner(frame), at, found)
            return
        frame.known = True

    def _titled(self, key: Range) -> bool:
        """Whether a key is written as a title is."""
        return self._text[key[0]].isupper() and not any(name in _OTHERS for name in self._names(key))

    def _inner(self, frame: _Frame) -> int:
        return frame.depth + (frame.item is not None)

    def _below(self, frame: _Frame) -> None:
        """Lines follow that stand below this object: what it says of itself comes first, unless it is the story."""
        frame.listed = True
        if not frame.within and not frame.part and self._roots == 1:
            frame.dropped = True
        self._emit(frame)

    def _open(self, frame: _Frame | None, array: bool) -> None:
        if frame is None:
            self._roots += 1
            self._frames.append(_Frame(array=array, above=None))
            return
        names, key = self._names(frame.key), frame.key
        last = names[-1] if names else ""
        counts = self._counts(names)
        named = key is not None and not frame.known and last not in _LISTS and self._titled(key)
        holds = frame.array or counts or last in _LISTS or last in _PARTS or last in _EITHER or named
        if frame.skipped or not holds:
            frame.key = None
            self._frames.append(_Frame(array=array, above=frame, skipped=True))
            return
        self._below(frame)
        frame.key = None
        inner = _Frame(array=array, above=frame)
        inner.part = counts or named
        if key and named and array:
            self._add(inner.depth, key, None)
            inner.depth += 1
        elif named:
            inner.name = key
        self._frames.append(inner)

    def _emit(self, frame: _Frame) -> None:
        """Add the line of an object, once."""
        if frame.item is not None or frame.dropped or frame.skipped:
            return
        title, summary = frame.title or frame.name, frame.summary or frame.either
        if frame.either not in (None, summary):
            title = title or frame.either
        if title and not summary and not frame.title and _reads_as_sentence(_beginning(self._text, title)):
            title, summary = None, title
        if title or summary:
            frame.item = self._add(frame.depth, title, summary)

    def _add(self, depth: int, title: Range | None, told: Range | None) -> _Item:
        first = title or told
        item = _Item(depth, title, [told] if told else [], _Row(self._text, *first) if first else None)
        self.items.append(item)
        return item


def _json_items(text: str, at: int) -> list[_Item]:
    """The strings and objects. What stands before the words of a title or of a string alone is no part of them."""
    items = _Reader(text, at).items
    for item in items:
        row = item.row
        if row is None:
            continue
        row.lead = row.bold(text)
        words = (row.first, row.end) if _worded(text, row.first, row.end) else None
        if item.title:
            item.title = words
        elif row.lead and _worded(text, *row.lead[1]):
            item.title, item.told = row.lead[0], [row.lead[1]]
        elif words:
            item.told = [words]
        item.split = row if words and item.told == [words] else None
    return items


# Lines: what the items say


def _lines(text: str, items: list[_Item], *, escaped: bool) -> Iterator[Line]:
    """The lines of the items that say anything. `escaped` says that they are strings of JSON."""
    splits = [item.split.split(text) if item.split else None for item in items]
    pairs = list(zip(items, splits, strict=True))
    formed = sum(split is not None or (item.title is not None and item.told != []) for item, split in pairs)
    # Headings without a text have no say.
    parted = formed > 1 and 2 * formed >= sum(split is not None or item.told != [] for item, split in pairs)
    depth = -1
    for item, split in pairs:
        title, told = item.title, item.told
        if split and parted:
            title, told = split[0], [split[1], *told[1:]]
        if title and not told and not escaped and _reads_as_sentence(_beginning(text, title)):
            told = [title]
            title = None
        if not title and not told:
            title = item.label
        titles = [(title[0], _title_end(text, *title))] if title else []
        parts = [[part for part in each if _worded(text, *part)] for each in (titles, told)]
        gone = [sign for stretch in _stretches(item, parts, escaped=escaped) for sign in _emphasis(text, *stretch)]
        title_words, summary = (_said(text, part, gone, escaped=escaped) for part in parts)
        if item.trailing and not summary:
            summary = _said(text, [item.trailing], _emphasis(text, *item.trailing), escaped=escaped)
        trimmed = [_trimmed(text, *part, gone, escaped=escaped) for part in parts[0] + parts[1]]
        ranges = [(start, end) for start, end in trimmed if start < end]
        title_words = title_words.rstrip(" :：")
        if ranges and _worded(words := title_words + summary, 0, len(words)):
            depth = min(item.depth, depth + 1, _DEEPEST)
            yield Line(min(ranges)[0], max(end for _, end in ranges), depth, title_words, summary)


def _stretches(item: _Item, parts: list[list[Range]], *, escaped: bool) -> list[Range]:
    """Where signs of emphasis pair up, in order: around all of an item's rows, but within each string of JSON."""
    row, inner = item.row, [part for each in parts for part in each]
    if not inner:
        return []
    if escaped and row:
        return sorted([(row.begin, row.end), *(part for part in inner if not row.begin <= part[0] < row.end)])
    first = min(inner)[0]
    return [(item.begin if 0 <= item.begin < first else first, max(end for _, end in inner))]


def _beginning(text: str, part: Range) -> str:
    """The words that a part begins with, as far as it matters what they look like."""
    return plain(text[part[0] : min(part[1], part[0] + _SEEN)])


def _said(text: str, ranges: list[Range], gone: Sequence[Range], *, escaped: bool) -> str:
    words = _without(text, ranges, gone)
    return plain(_unescaped(words) if escaped else words)
