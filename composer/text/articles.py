"""Articles: `a` or `an`, by the sound of the English word or number that follows.

It goes by spelling and short lists, and never changes an article where people say both or where nobody can tell.
"""

from __future__ import annotations

import re
import unicodedata

from composer.text.endings import ending
from composer.text.signs import DASHES, SEEN, compiled

_SOUNDS_LIKE_YOU = r"eu|ewe|uni(?!n|m|d|ll)|us[aeu]|ut[aeio](?!$)|ur[aiou]|ubiq|uk|uga|u(?:$|-)|one(?:$|s$|-|self|ness)|once(?:$|-)|ouija|ufo"
_SPELLED = r"[HLMNRX][^AEIOUY]|F[^AEIOUYLR]|S[^AEIOUYCHKLMNPQTW]"
"""How abbreviations begin that no one can say as a word."""
_SILENT = r"hour|honest|honou?r|heir"
_BOTH_SOUNDS = r"h(?:istor|erb|otel|omage|abitual|allucin|ilarious|ysteri|eroic|orrific)"


def fitting(before: str, word: str, following: str) -> str:
    """The word that ends a text, as it is to stand before `following`: another article, or itself.

    `before` is the text in front of it.
    """
    if word.lower() not in ("a", "an"):
        return word
    if word == "A":
        # A capital A inside a sentence is a letter: plan A, vitamin A.
        before = before.rstrip()
        if before[-1:] not in DASHES and ending(before, "en") in ("mid", "paused"):
            return word
    shouted = word == "AN" or (word == "A" and bool(re.match(r"[A-Z]{2,}\s+[A-Z]{2,}", following)))
    vowel = _vowel_sound(following, shouted=shouted)
    if vowel is None or vowel == (len(word) == 2):
        return word
    return word + ("N" if shouted else "n") if vowel else word[0]


def _vowel_sound(text: str, *, shouted: bool) -> bool | None:
    """Whether the English word or number at the start of the text begins with a vowel's sound; None where none can say."""
    number = re.match(r"\d+(?:,\d{3})*", text)
    if number is not None:
        digits = number[0].replace(",", "")
        if digits[0] == "8":
            return True
        # 11,000 and 18 million are spoken by their first group; 1845 by its hundreds.
        year = len(digits) == 4 and digits == number[0]
        return digits[:2] in ("11", "18") and (len(digits) % 3 == 2 or year)
    found = re.match(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", unicodedata.normalize("NFD", text[:SEEN]).replace("\u0301", ""))
    if found is None:
        return None
    word = found[0]
    first = unicodedata.normalize("NFD", word[0])[0].lower()
    if not first.isascii():
        return None
    letters = re.split(r"['’-]", word)[0]
    if len(letters) == 1 and not (len(word) > 1 and word[1] != "-"):
        return first in "aefhilmnorsx"
    if letters.isupper() and not shouted:
        return _spelled_vowel(letters, first)
    low = word.lower()
    if not re.search("[aeiouy]", unicodedata.normalize("NFD", low)):
        return None
    if first in "aeiou":
        return compiled(_SOUNDS_LIKE_YOU).match(low) is None
    if first == "h":
        return None if compiled(_BOTH_SOUNDS).match(low) else compiled(_SILENT).match(low) is not None
    return first == "y" and low[1] not in "aeiou"


def _spelled_vowel(letters: str, first: str) -> bool | None:
    """The same for an abbreviation in capitals, which is said as a word (NASA) or letter by letter (an FBI man)."""
    if first in "aeio":
        return True
    if first not in "fhlmnrsx":
        return False
    return True if not re.search("[AEIOUY]", letters) or compiled(_SPELLED).match(letters) else None
