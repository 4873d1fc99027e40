"""The word difference of two prose texts: which stretches changed, each of which can be taken or left out.

Only words and signs are compared; white space belongs to what stands between them. Between two neighbouring tokens that stay, a
text has either its old or its new middle, whole: so any choice of changes reads as one of the two texts does in every
place, without doubled or missing spaces.

It knows no origins, no screen and no sentences for people, and never touches the texts it is given.

Limits: a moved sentence is a deletion and an insertion. Where two stretches without a common line are longer than `MOST`, all
between their equal beginnings and ends is one change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from regex import Pattern

SHORT = 4
"""An equal run of fewer characters (white space not counted) between two changes becomes part of the change."""

LONG = 20
"""An equal run of so many characters, about five words, is no accident: it stays even where all around it is new."""

SHARE = 0.2
"""A line that keeps a smaller part of its characters is one change: a confetti of small ones can't be read."""

MOST = 20_000
"""Tokens on both sides, as their geometric mean, that are still compared: memory grows with the square, to 50 MB here."""

_UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
    r"\u3005-\u3007\u30fc\uff66-\uff9f"  # marks of repetition and length, and half-width kana
)
# What is no word goes by clusters: signs, flags and families, and the characters of scripts that don't space their words.
_TOKEN = rf"(?V1)\n|[\w--[{_UNSPACED}]]+(?:['’][\w--[{_UNSPACED}]]+)*|(?!\s)\X"
_ENDS_SENTENCE = re.compile(r"[.!?…。！？।۔؟][\"'”’»«“)\]」』]*\Z")
_PAUSES = re.compile(r"[,;:—–，、；：]\Z")


class Change(Struct, frozen=True):
    """Characters [start:end) of `before` become [put_start:put_end) of `after`. One of the two may be empty."""

    start: int
    end: int
    put_start: int
    put_end: int


class _Run(NamedTuple):
    """`length` tokens from `left` on in the old text equal those from `right` on in the new one."""

    left: int
    right: int
    length: int


class _Side(NamedTuple):
    """The tokens of a stretch of one text. The first and last are empty, stand at its borders and always stay."""

    text: str
    spans: list[tuple[int, int]]
    tokens: list[str]

    def between(self, token: int, following: int) -> tuple[int, int]:
        """The characters behind one token and before another."""
        return self.spans[token][1], self.spans[following][0]

    def gap(self, token: int) -> str:
        """What stands between a token and the next one."""
        start, end = self.between(token, token + 1)
        return self.text[start:end]

    def size(self, first: int, count: int) -> int:
        """How many characters the tokens have, line feeds not counted."""
        return sum(len(token) for token in self.tokens[first : first + count] if token != "\n")


def changes(before: str, after: str) -> tuple[Change, ...]:
    """The changes that make `after` of `before`, in order, apart from one another.

    Between changes the texts are equal character for character. While both texts have the same number of lines, line
    is compared with line and no change crosses a line feed.
    """
    found: list[Change] = []
    for old, new in _stretches(before, after):
        found += _compare(_side(before, *old), _side(after, *new))
    return tuple(found)


def taken(before: str, after: str, all_changes: Sequence[Change], left_out: Collection[int] = ()) -> str:
    """`before` with all of its `changes` to `after`, but those whose index is in `left_out`."""
    pieces = []
    at = 0
    for index, change in enumerate(all_changes):
        if index not in left_out:
            pieces += [before[at : change.start], after[change.put_start : change.put_end]]
            at = change.end
    return "".join([*pieces, before[at:]])


def kept(before: str, after: str) -> float:
    """The share of the words of `before`, 0 to 1, that stand in no change to `after`; 1 if it has no words.

    A word that a change spans for readability counts as gone, so texts without a common passage give 0 and not the few
    small words that any two texts share.
    """
    words = [start for start, end in _spans(before, 0, len(before)) if any(map(str.isalnum, before[start:end]))]
    if not words:
        return 1.0
    all_changes = changes(before, after)
    gone = 0
    at = 0
    for start in words:
        while at < len(all_changes) and all_changes[at].end <= start:
            at += 1
        gone += at < len(all_changes) and all_changes[at].start <= start
    return 1 - gone / len(words)


def _stretches(before: str, after: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """What has to be compared with what: lines that differ, or several where lines came or went."""
    old, new = _lines(before), _lines(after)
    if len(old) == len(new):
        for line, put in zip(old, new, strict=True):
            if before[line[0] : line[1]] != after[put[0] : put[1]]:
                yield line, put
        return
    rows = [before[start:end] for start, end in old]
    new_rows = [after[start:end] for start, end in new]
    # Blank lines alone say nothing about what stands around them.
    runs = [run for run in _runs(rows, new_rows) if any(map(str.strip, rows[run.left : run.left + run.length]))]
    left = right = 0
    for run in [*runs, _Run(len(old), len(new), 0)]:
        if run.left > left or run.right > right:
            yield _extent(old, left, run.left, len(before)), _extent(new, right, run.right, len(after))
        left, right = run.left + run.length, run.right + run.length


def _lines(text: str) -> list[tuple[int, int]]:
    """The lines of a text as ranges, each with its line feed."""
    ranges = []
    start = 0
    for line in text.split("\n"):
        end = min(start + len(line) + 1, len(text))
        ranges.append((start, end))
        start = end
    return ranges


def _extent(lines: Sequence[tuple[int, int]], first: int, end: int, length: int) -> tuple[int, int]:
    start = lines[first][0] if first < len(lines) else length
    return start, lines[end - 1][1] if end > first else start


def _runs(left: Sequence[str], right: Sequence[str]) -> list[_Run]:
    """The longest row of tokens that both sides have, as runs of neighbours."""
    from rapidfuzz import distance

    # Strings would be compared by their hashes; small numbers are compared as such.
    numbers: dict[str, int] = {}
    old = [numbers.setdefault(token, len(numbers)) for token in left]
    new = [numbers.setdefault(token, len(numbers)) for token in right]
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = old[head : len(old) - tail]
    other = new[head : len(new) - tail]
    runs = [_Run(0, 0, head)] if head else []
    if middle and other and len(middle) * len(other) <= MOST * MOST:
        for opcode in distance.Indel.opcodes(middle, other):
            if opcode.tag == "equal":
                runs.append(_Run(head + opcode.src_start, head + opcode.dest_start, opcode.src_end - opcode.src_start))
    if tail:
        runs.append(_Run(len(old) - tail, len(new) - tail, tail))
    return runs


@lru_cache(maxsize=1)
def _pattern() -> Pattern[str]:
    import regex

    return regex.compile(_TOKEN)


def _spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    return [found.span() for found in _pattern().finditer(text, start, end)]


def _side(text: str, start: int, end: int) -> _Side:
    spans = _spans(text, start, end)
    return _Side(
        text,
        [(start, start), *spans, (end, end)],
        # The empty tokens at the borders equal one another and nothing else, and the first is not the last.
        ["", *(text[first:last] for first, last in spans), "\0"],
    )


def _compare(old: _Side, new: _Side) -> Iterator[Change]:
    runs = _slide(_runs(old.tokens, new.tokens), old, new)
    runs = _readable(_split(runs, old, new), old, new)
    # Within a run all middles are equal, and the first and last run hold the borders.
    for run, following in pairwise(runs):
        start, end = old.between(run.left + run.length - 1, following.left)
        put_start, put_end = new.between(run.right + run.length - 1, following.right)
        if old.text[start:end] != new.text[put_start:put_end]:
            yield _trim(old.text, new.text, start, end, put_start, put_end)


def _trim(before: str, after: str, start: int, end: int, put_start: int, put_end: int) -> Change:
    """The change without the white space that both sides begin or end with."""
    while start < end and put_start < put_end and before[start] == after[put_start] and before[start].isspace():
        start, put_start = start + 1, put_start + 1
    while start < end and put_start < put_end and before[end - 1] == after[put_end - 1] and before[end - 1].isspace():
        end, put_end = end - 1, put_end - 1
    return Change(start, end, put_start, put_end)


def _slide(runs: list[_Run], old: _Side, new: _Side) -> list[_Run]:
    """The runs, with what is only put in or only taken out moved to where it starts a paragraph, sentence or clause.

    `A. B. C.` against `A. C.` may lose `. B` or `B.`: the words are the same, and the second is what people see.
    """
    moved = list(runs)
    for at in range(len(moved) - 1):
        run, following = moved[at], moved[at + 1]
        gone = following.left - run.left - run.length
        come = following.right - run.right - run.length
        if bool(gone) == bool(come):
            continue
        side, start, size = (old, run.left + run.length, gone) if gone else (new, run.right + run.length, come)
        # Both runs keep a token, so that changes stay apart.
        by = _shift(side.tokens, start, size, run.length - 1, following.length - 1)
        moved[at] = run._replace(length=run.length + by)
        moved[at + 1] = _Run(following.left + by, following.right + by, following.length - by)
    return moved


def _shift(tokens: Sequence[str], start: int, size: int, most_back: int, most_ahead: int) -> int:
    """By how many tokens `size` tokens from `start` on are best moved while the rest of the tokens stays the same."""
    back = 0
    while back < most_back and tokens[start - back - 1] == tokens[start - back - 1 + size]:
        back += 1
    ahead = 0
    while ahead < most_ahead and tokens[start + ahead] == tokens[start + ahead + size]:
        ahead += 1
    # Of equally good places the first, since an article or a preposition leads what belongs to it.
    return max(range(-back, ahead + 1), key=lambda shift: (_rank(tokens, start + shift), -shift))


def _rank(tokens: Sequence[str], at: int) -> int:
    """How well a change may start at this token: 3 a paragraph, 2 a sentence, 1 a clause, 0 a word."""
    if tokens[at - 1] in ("", "\n"):
        return 3
    if _ENDS_SENTENCE.search("".join(tokens[max(0, at - 3) : at])):
        return 2
    return 1 if _PAUSES.search(tokens[at - 1]) else 0


def _split(runs: list[_Run], old: _Side, new: _Side) -> list[_Run]:
    """The runs cut where the white space between tokens differs, and around line feeds and borders."""
    pieces = []
    for run in runs:
        start = 0
        for at in range(1, run.length + 1):
            left, right = run.left + at, run.right + at
            if (
                at == run.length
                or _fixed(old.tokens[left - 1])
                or _fixed(old.tokens[left])
                or old.gap(left - 1) != new.gap(right - 1)
            ):
                pieces.append(_Run(run.left + start, run.right + start, at - start))
                start = at
    return pieces


def _fixed(token: str) -> bool:
    """Whether a token stays whatever stands around it: a line feed or a border."""
    return token in ("", "\n", "\0")


def _readable(runs: list[_Run], old: _Side, new: _Side) -> list[_Run]:
    """The runs without those that only cut a change in pieces."""
    long_enough = [
        run
        for at, run in enumerate(runs)
        if _fixed(old.tokens[run.left])
        or old.size(run.left, run.length) >= SHORT
        or _touch(runs[at - 1], run, old, new)
        or _touch(run, runs[at + 1], old, new)
        or _ENDS_SENTENCE.search(old.text[old.spans[run.left][0] : old.spans[run.left + run.length - 1][1]])
    ]
    of_the_old = _familiar(long_enough, old, [run.left for run in long_enough])
    return _familiar(of_the_old, new, [run.right for run in of_the_old])


def _touch(run: _Run, following: _Run, old: _Side, new: _Side) -> bool:
    """Whether no change stands between two runs."""
    left, right = run.left + run.length - 1, run.right + run.length - 1
    return following.left == left + 1 and following.right == right + 1 and old.gap(left) == new.gap(right)


def _familiar(runs: list[_Run], side: _Side, firsts: Sequence[int]) -> list[_Run]:
    """The runs without the small ones in lines of this side that keep hardly anything."""
    line_of = []
    sizes = [0]
    for token in side.tokens:
        line_of.append(len(sizes) - 1)
        if token == "\n":
            sizes.append(0)
        elif not _fixed(token):
            sizes[-1] += len(token)
    held = [0] * len(sizes)
    for run, first in zip(runs, firsts, strict=True):
        if not _fixed(side.tokens[first]):
            held[line_of[first]] += side.size(first, run.length)
    return [
        run
        for run, first in zip(runs, firsts, strict=True)
        if _fixed(side.tokens[first])
        or held[line_of[first]] >= SHARE * sizes[line_of[first]]
        or side.size(first, run.length) >= LONG
    ]
