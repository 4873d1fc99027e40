"""Pieces of a text that a writer can take: words, clauses, sentences, paragraphs, as ranges in characters.

Ranges are without white space at their ends, within one line, in order, and do not overlap; together they hold every character that
is no white space. It never changes the text and knows nothing of candidates and marks. Nothing is raised for any text.

Limits: scripts that are written without spaces and are not Han or kana (Thai, Khmer, Burmese) have words as long as the run between
two spaces. Clauses know the conjunctions of English, French, German and Spanish; elsewhere only marks and lengths count.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, assert_never

Size = Literal["word", "clause", "sentence", "paragraph", "line"]
"""How large the pieces are. Lines are those of an outline: of list marks and what is said around the list they hold nothing."""
SIZES: tuple[Size, ...] = ("word", "clause", "sentence", "paragraph")
"""Those of prose, from the smallest to the largest."""

Range = tuple[int, int]

_HAN = (
    "\u3005-\u3007\u3040-\u3098\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_JOINED = "\u0300-\u036f\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef\u200d"
"""What belongs to the character before it."""
_SIGN = (
    "!-/:-@\\[-`{-~¡§«¶·»¿\u2010-\u2027\u2030-\u205e\u2e00-\u2e7f\u3001-\u3003\u3008-\u3011\u3014-\u301f\u30fb"
    "\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65՚-՟։،؛؟۔।॥።-፨။၊។៕"
)
"""Punctuation: what no word consists of."""
_BREAK = "—―…‥"
_CORE = re.compile(
    rf"[{_HAN}][{_JOINED}]*"
    # All that stands between letters without a space is the word's own, but for long dashes and ellipses.
    rf"|[^\s{_SIGN}{_HAN}]+(?:(?:(?!--|\.\.)[^\w\s{_BREAK}{_HAN}])+[^\s{_SIGN}{_HAN}]+)*"
)
_BROKEN = re.compile(rf"[{_HAN}{_BREAK}]|--|\.\.")
_LEADING = re.compile("[“‘„‚«‹「『《〈（(【〔［\\[{¿¡]+$")
_ONLY_SIGNS = re.compile(rf"[{_SIGN}]+")
_TRAILING = re.compile("[.,;:!?…»”’›)\\]}'\"؟،؛۔।。！？、，」』]+")
_TOKEN = re.compile(r"\S+")

_CLOSERS = "(?:[\"'”’“»«›‹)\\]}*_]+(?=\\s)| [»›](?=\\s))?"
_WIDE_CLOSERS = "[”’」』）》〉】]*"
_MARK = re.compile(
    rf"(?P<stop>[;:؛](?:{_CLOSERS})(?=\s)|(?<=[\u0370-\u03ff\u1f00-\u1fff])·(?=\s)|[；：]{_WIDE_CLOSERS})"
    rf"|(?P<comma>[,،](?:{_CLOSERS})(?=\s)|[，、]{_WIDE_CLOSERS})"
    r"|(?P<dash>[—―]+|--+|(?<=\s)[–-](?=\S)|(?<=\S)–(?=[\s.,;:!?])|(?<=\s)[–-](?=\s))"
)
_AFTER_DASH = re.compile("[.,;:!?…]*[\"'”’“»«)\\]]*[.,;:!?…]*(?=\\s|$)")
_WORD = re.compile(rf"[\s{_SIGN}]*([^\W\d_]+)")
_LAST_WORD = re.compile(r"([^\W\d_]+)$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COORDINATORS = {
    "en": _words("and or nor"),
    "fr": _words("et ou ni"),
    "de": _words("und oder sowie"),
    "es": _words("y e o u ni"),
}
"""Conjunctions that can also end a list."""
_JOINTS = {
    "en": _words(
        "but yet so for because although though while whereas when whenever where wherever who whom whose which that if unless until "
        "till since as before after once lest"
    ),
    "fr": _words(
        "mais donc or car que qu qui quoi dont où quand lorsque lorsqu puisque puisqu parce comme si tandis alors quoique quoiqu puis "
        "lequel laquelle lesquels lesquelles"
    ),
    "de": _words(
        "aber denn sondern doch dass daß sodass weil wenn als ob obwohl damit während nachdem bevor ehe bis seit da falls indem der die "
        "das dem den dessen deren denen welcher welche welches welchen welchem wer wen wem was wo wie wohin woher wofür womit worauf"
    ),
    "es": _words(
        "pero sino aunque porque que quien quienes cual cuales donde cuando mientras como si pues cuyo cuya cuyos cuyas hasta "
        "desde según"
    ),
}
"""Conjunctions and relatives that open a clause."""
_LONG = 3
"""Words on each side of a comma that make two clauses of it."""


def pieces(text: str, size: Size, language: str = "en") -> list[Range]:
    """The pieces of that size as (start, end) in characters; `language` is a code such as `en` or `pt-BR`."""
    from composer.text.sentences import sentences

    match size:
        case "word":
            return [piece for start, end in _lines(text) for piece in _line_words(text, start, end)]
        case "clause":
            return [piece for row in sentences(text, language) for piece in _clauses(text, row, language)]
        case "sentence":
            return sentences(text, language)
        case "paragraph":
            return list(_lines(text))
        case "line":
            from composer.text.listing import lines

            return [(line.start, line.end) for line in lines(text)]
        case _:
            assert_never(size)


def piece_at(ranges: Sequence[Range], at: int) -> int:
    """The index of the range that holds the character at `at`, or of the nearest one before it; 0 if there is none."""
    return max(0, bisect_right(ranges, at, key=lambda row: row[0]) - 1)


def _lines(text: str) -> Iterator[Range]:
    at = 0
    for line in text.split("\n"):
        if stripped := line.strip():
            start = at + len(line) - len(line.lstrip())
            yield start, start + len(stripped)
        at += len(line) + 1


def _line_words(text: str, start: int, end: int) -> list[Range]:
    """The words of one line. Signs that stand alone go with the word they belong to: `Oui ?`, `— Non`."""
    found: list[Range] = []
    waiting = -1
    quotes = 0
    for token in _TOKEN.finditer(text, start, end):
        left, right = token.span()
        if _ONLY_SIGNS.fullmatch(token[0]):
            if found and waiting < 0 and _TRAILING.fullmatch(token[0]):
                found[-1] = (found[-1][0], right)
            elif waiting < 0:
                waiting = left
        else:
            inner = _broken(text, left, right, quotes) if _BROKEN.search(token[0]) else [(left, right)]
            if waiting >= 0:
                inner[0] = (waiting, inner[0][1])
                waiting = -1
            found += inner
        quotes += token[0].count('"')
    if waiting >= 0:
        # Nothing follows that it could go with.
        found[-1:] = [(found[-1][0] if found else waiting, end)]
    return found


def _broken(text: str, start: int, end: int, quotes: int) -> list[Range]:
    """The words of a token that holds several: Han and kana, and words on both sides of a long dash or an ellipsis."""
    rows: list[Range] = []
    left, last = start, -1
    counted = start
    for core in _CORE.finditer(text, start, end):
        if last >= 0:
            between = text[last : core.start()]
            leading = _LEADING.search(between)
            cut = last + leading.start() if leading else core.start()
            if between.endswith('"'):
                quotes += text.count('"', counted, core.start())
                counted = core.start()
                cut -= quotes % 2
            rows.append((left, cut))
            left = cut
        last = core.end()
    rows.append((left, end))
    return rows


def _clauses(text: str, row: Range, language: str) -> list[Range]:
    """The clauses of one sentence."""
    start, end = row
    cuts = _Sentence(text, start, end, re.split(r"[-_]", language, maxsplit=1)[0].lower()).cuts()
    if not cuts:
        return [row]
    rows: list[Range] = []
    left = start
    for right in [*cuts, end]:
        piece = text[left:right]
        rows.append((left + len(piece) - len(piece.lstrip()), left + len(piece.rstrip())))
        left = right
    return rows


class _Sentence:
    """One sentence and where its words begin: what tells whether a mark parts two clauses."""

    def __init__(self, text: str, start: int, end: int, language: str) -> None:
        self._text, self._start, self._end = text, start, end
        self._coordinators = _COORDINATORS.get(language, frozenset())
        self._joints = _JOINTS.get(language, frozenset())
        self._marks = list(_MARK.finditer(text, start, end))
        self._words = [core.start() for core in _CORE.finditer(text, start, end)] if self._marks else []

    def cuts(self) -> list[int]:
        cuts: list[int] = []
        clause = before = self._start
        """Where the clause began; where the mark before this one ended."""
        listed = opened = False
        for number, mark in enumerate(self._marks):
            cut = -1
            if mark.lastgroup == "dash":
                if self._count(self._start, mark.start()):
                    cut, opened = self._at_dash(mark, opened)
            elif mark.lastgroup == "stop":
                cut = mark.end()
            else:
                after = self._marks[number + 1].start() if number + 1 < len(self._marks) else self._end
                if self._parts(mark, before, after, listed):
                    cut = mark.end()
                else:
                    listed = True
            if cut >= 0 and self._count(clause, cut) and self._count(cut, self._end):
                cuts.append(cut)
                clause, listed = cut, False
            before = mark.end()
        return cuts

    def _count(self, start: int, end: int) -> int:
        return bisect_left(self._words, end) - bisect_left(self._words, start)

    def _at_dash(self, mark: re.Match[str], opened: bool) -> tuple[int, bool]:
        """Where to cut at a dash, and whether an aside is open behind it."""
        text = self._text
        closing = _AFTER_DASH.match(text, mark.end(), self._end)
        if closing and closing[0]:
            return closing.end(), False
        touches_left = not text[mark.start() - 1].isspace()
        touches_right = mark.end() < self._end and not text[mark.end()].isspace()
        closes = opened if touches_left == touches_right else touches_left
        return (mark.end(), False) if closes else (mark.start(), True)

    def _parts(self, mark: re.Match[str], before: int, after: int, listed: bool) -> bool:
        """Whether a comma parts two clauses; `before` and `after` are the marks around it."""
        left, right = self._count(before, mark.start()), self._count(mark.end(), after)
        if left >= _LONG and right >= _LONG:
            return True
        found = _WORD.match(self._text, mark.end(), after)
        word = found[1].lower() if found else ""
        if right < 2 or word not in self._coordinators | self._joints:
            return False
        last = _LAST_WORD.search(self._text, max(before, mark.start() - 20), mark.start())
        if last and last[1].lower() == word:
            return False  # "so, so cold"
        return word in self._joints or not (listed and left < _LONG)
