"""Signs: the kinds of characters that stand where two pieces of prose meet, and the words next to them.

All that looks at seams shares these. They say what a character or a word is, never what becomes of it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

SEEN = 200
"""How many characters before and behind a seam are looked at. Longer words and runs count as something else."""

DASHES = "—–―"
QUOTES = '"“”„«»「」『』'
OPENING = "([{¿¡‘‚（【〈《〔［｛「『"
CLOSING = ")]}）】〉》〕］｝」』"
LOOKED_THROUGH = "*_"
"""What marks words out and is neither a quote nor a mark."""
NO_BREAK = "\u00a0\u202f"

STRENGTH = {
    **dict.fromkeys(",、，،", 1),
    **dict.fromkeys(";:；：؛·", 2),
    **dict.fromkeys(".。．۔։", 3),
    **dict.fromkeys("?!？！؟\u037e", 4),
}
"""The marks that end a part of a sentence or all of it, and how much each ends."""
MARKS = "".join(STRENGTH) + "…"

ELLIPSIS = r"…|\.\s?\."
FIRST_DASH = r"(?:[—–―]|-{2,})+"
"""The dash that a text begins with."""
LAST_DASH = FIRST_DASH + "$"
SPACELESS = "[\u2e80-\u2fff\u3001-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff9f\uffe0-\uffe6\U00020000-\U0003ffff]"
"""Han, kana and what is as wide: no spaces at all."""
PHRASED = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
"""Thai, Lao, Burmese and Khmer: spaces part phrases there, not words."""

_EMOTICON = r"[:;]['’]?-?[()DPpOo|](?!\w)"
_JOINERS = "'’-‐‑"
"""What may stand inside a word, between two of its characters."""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled when it is first used and kept: starting the program pays for none."""
    return re.compile(pattern)


def listed(words: str) -> frozenset[str]:
    """The words of a text, as a list to look words up in."""
    return frozenset(words.split())


ASIDE_DASHES = listed("es gl ca eu an")
"""Languages whose dashes lean on what they enclose: `Ven —dijo ella— y calla`."""


def wordy(char: str) -> bool:
    """Whether the character can be part of a word: letters, digits, the marks on them, and the joiner inside Persian words."""
    if char.isalnum():
        return True
    return char >= "\u0300" and (
        char == "\u200c" or (not "\ufe00" <= char <= "\ufe0f" and unicodedata.category(char)[0] == "M")
    )


def no_mark(text: str) -> bool:
    """Whether a text that begins with the sign of a mark begins with a smile or a number such as `.5` instead."""
    return compiled(_EMOTICON).match(text) is not None or (text[0] == "." and text[1:2].isdecimal())


def word_before(text: str) -> tuple[int, str]:
    """The word that the text ends with, and where it starts; an empty one where it ends with something else."""
    start = len(text)
    while start and (
        wordy(text[start - 1]) or (text[start - 1] in _JOINERS and 1 < start < len(text) and wordy(text[start - 2]))
    ):
        start -= 1
    return start, text[start:]


def word_after(text: str, at: int) -> tuple[int, str]:
    """The word that starts at `at`, and where it ends; an empty one where something else does."""
    end, last = at, min(len(text), at + SEEN)
    while end < last and (
        wordy(text[end]) or (text[end] in _JOINERS and at < end < len(text) - 1 and wordy(text[end + 1]))
    ):
        end += 1
    if end < len(text) and (text[end] in _JOINERS + "_" or (end == last and wordy(text[end]))):
        return at, ""
    return end, text[at:end]


def skip_space(text: str, at: int) -> int:
    """Where the first character at or behind `at` stands that is no white space."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at
