"""Doubles: words, marks and dashes that both sides of a seam have, and which of the two goes.

A word said twice goes from the right side. Where it is all there is of it, or a mark follows, it goes from the left one.
Of two marks that meet the stronger stays: `,` then `;` and `:`, then `.`, then `?` and `!`; of equals the left one. Ellipses,
`?!` and the full stop of an abbreviation stay beside what follows. Words that may rightly be said twice stay.

It never looks for what is said twice inside of a side, nor for phrases of more than two words.
"""

from __future__ import annotations

from typing import Literal

from composer.text.capitals import SENTENCE_CAPITALS
from composer.text.endings import abbreviated
from composer.text.sides import Side
from composer.text.signs import (
    ASIDE_DASHES,
    ELLIPSIS,
    FIRST_DASH,
    LAST_DASH,
    PHRASED,
    SEEN,
    SPACELESS,
    STRENGTH,
    compiled,
    listed,
    no_mark,
    skip_space,
    word_after,
    word_before,
    wordy,
)

_TWICE = {
    "en": listed("""
        had that very so no far long many really well now her ha hush knock tick drip bye again please never
        """),
    "fr": listed("nous vous très non oui si"),
    "de": listed("die der das den dem sie sehr nein ja so es"),
    "es": listed("no sí muy que ya casi"),
    "it": listed("molto no sì piano quasi così"),
    "el": listed("πολύ όχι ναι σιγά"),
}
"""Words that may rightly be said twice with no mark between."""
_LAST_ELLIPSIS = r"[….]\s?\.$"


def take_words(left: Side, right: Side, language: str) -> list[tuple[int, int, int]]:
    """Takes the words away that are said twice. What goes, as (piece, start, end)."""
    if right.lead or left.trail or left.put or not left.has_words or not right.has_words:
        return []
    gone: list[tuple[int, int, int]] = []
    begin = right.start
    while count := _doubled(left.tail(), right, language):
        end = right.start
        for _ in range(count):
            end = word_after(right.text, skip_space(right.text, end))[0]
        following = skip_space(right.text, end)
        if end < following < right.end and wordy(right.text[following]):
            right.start = following
            continue
        start = left.end
        for _ in range(count):
            start -= len(word_before(left.text[max(left.start, start - SEEN) : start])[1])
            while start > left.start and left.text[start - 1].isspace():
                start -= 1
        if start <= left.start or not wordy(left.text[start - 1]):
            break
        gone.append((left.index, start, left.end))
        left.end = start
    if right.start > begin:
        gone.append((right.index, begin, right.start))
    return gone


def _doubled(tail: str, right: Side, language: str) -> int:
    """How many words the right side begins with that the text before ends with: two, one or none."""
    at, last = word_before(tail)
    end, first = word_after(right.text, right.start)
    if not last or not first:
        return 0
    twice = _TWICE.get(language, frozenset())
    following = skip_space(right.text, end)
    if end < following < right.end:
        _, second = word_after(right.text, following)
        stripped = tail[:at].rstrip()
        last_but_one = word_before(stripped)[1] if len(stripped) < at else ""
        both = _same(last_but_one, first, language) and _same(last, second, language)
        if both and not {first, second} <= twice:
            return 2
    return 1 if _same(last, first, language) and first not in twice else 0


def _same(left: str, right: str, language: str) -> bool:
    """Whether two words are one word, by a sentence capital apart at most."""
    if not left or not right or not any(char.isalpha() for char in left):
        return False
    if compiled(SPACELESS).search(left) or compiled(PHRASED).search(left):
        return False
    if left == right:
        return True
    low, other = left.lower(), right.lower()
    if language == "en" and low in ("a", "an") and other in ("a", "an"):
        return True
    return low == other and low in SENTENCE_CAPITALS.get(language, frozenset())


def weaker(tail: str, head: str, language: str) -> Literal["left", "right", "neither"]:
    """Which goes of the last sign of a text and the first one of what follows."""
    left, right = _strength(tail[-1], language), _strength(head[0], language)
    if not left or not right or no_mark(head):
        return "neither"
    if compiled(ELLIPSIS).match(head) or (tail[-1] == "." and compiled(_LAST_ELLIPSIS).search(tail)):
        return "neither"
    if tail[-1] == "." and head[0] != "." and abbreviated(tail, language):
        return "neither"
    if left == 4 and right == 1 and language == "es":
        return "neither"
    if left == right == 4:
        more = 4 in (_strength(tail[-2:-1], language), _strength(head[1:2], language))
        return "neither" if more or head[0] != tail[-1] else "right"
    return "right" if right <= left else "left"


def _strength(char: str, language: str) -> int:
    return 4 if char == ";" and language == "el" else STRENGTH.get(char, 0)


def dashes_meet(tail: str, head: str) -> bool:
    """Whether a text ends with a dash and what follows begins with one."""
    return compiled(FIRST_DASH).match(head) is not None and compiled(LAST_DASH).search(tail) is not None


def take_dash(tail: str, right: Side, language: str) -> list[tuple[int, int]]:
    """Takes away the dash that begins the right side where the text before it ends with one, and the space behind it where
    that one has none before it. The ranges that go."""
    head = right.head()
    first, last = compiled(FIRST_DASH).match(head), compiled(LAST_DASH).search(tail)
    if first is None or last is None or language in ASIDE_DASHES:
        return []
    # A capital behind the dash is the next speaker's.
    if not head[first.end() :].lstrip()[:1].islower() or first.end() > len(right.lead):
        return []
    gone: list[tuple[int, int]] = []
    for _ in range(first.end()):
        at = right.lead.popleft()
        # What was taken away between the dashes is not taken away again.
        gone[-1:] = [(gone[-1][0], at + 1)] if gone and gone[-1][1] == at else [*gone[-1:], (at, at + 1)]
    joined = not tail[: last.start()][-1:].isspace()
    if joined and right.lead and right.text[right.lead[0]].isspace():
        at = right.lead.popleft()
        gone.append((at, at + 1))
    return gone
