"""Relevance: how much texts have to do with a query, such as the line of a beat, by the words that they share.

A shared word weighs by how few texts hold it (so names weigh most), a little more where it stands again, and less in a longer
text. Words count as the same from their first five letters on; text without spaces is read in pairs of characters.

Why this and no other cheap measure: among the package's fables in pieces of one to five sentences, asked with a beat and the end
of the paragraph before, the 750 best words hold 73 % of the rest of the fable. By trigrams of characters, weighed alike, they hold
67 %, by rapidfuzz's `token_set_ratio` 44 %, where words that everybody uses count as much as names; and both take ten times as long.

It knows no meaning: a beat that says `boat` does not find the ferry.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from math import log
from sys import intern
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regex import Pattern

LETTERS = 5
"""How many letters of a word are compared."""
COMMON = 4
"""A word in more than one of so many texts says nothing and costs time."""
FEW = 500
"""That is said of no word that is in fewer texts than this."""
RARE = 2.0
"""The power by which rare words weigh more than common ones."""
AGAIN = 0.5
"""What a word weighs each further time it stands in a text."""
LENGTH = 0.4
"""How much the length of a text counts against it, from 0 to 1."""
LEAST = 0.05
"""The part of the best score below which a text has nothing to do with the query."""
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30fc"
"""Scripts that are read in pairs of characters. Korean has spaces, but joins particles to its words."""

_START = re.compile(r"([^\W_]{2,5})[^\W_]*")
_BEYOND_LATIN = re.compile("[^\x00-\x7f\xa0\xa1\xab\xb7\xbb\xbf\u2010-\u2027\u202f]")
# Letters that the faster engine joins to words as well. It takes combining marks for borders.
_BEYOND_LETTERS = re.compile(
    "[^\x00-\u02ff\u0370-\u0482\u048a-\u0587\u1e00-\u1fff\u2010-\u2027\u202f-\u205e\u20a0-\u20bf]"
)
# Vowels that are endings in languages of many cases.
_ENDINGS = frozenset("аеиоуыэюяьіїαεηιουωσ")


class Index:
    """Which words stand in which of some texts. Immutable; about 40 bytes for each word that is new in them."""

    __slots__ = ("again", "held", "lengths", "texts", "words")

    def __init__(self, texts: Sequence[str]) -> None:
        found: defaultdict[str, list[int]] = defaultdict(list)
        lengths = []
        for place, text in enumerate(texts):
            words = _words(text)
            lengths.append(len(words))
            for word in words:
                found[word].append(place)
        pack = _pack(lengths)
        self.lengths = lengths
        """Words of each text."""
        self.words = sum(lengths)
        self.texts = len(lengths) - lengths.count(0)
        """How many have words."""
        self.held: dict[str, Sequence[int]] = {}
        """The texts that each word stands in."""
        self.again: dict[str, Sequence[int]] = {}
        """A text for each further time that a word stands in it."""
        for word, places in found.items():
            word = intern(word)
            once = set(places) if len(places) > 1 else places
            self.held[word] = pack(once)
            if len(once) < len(places):
                self.again[word] = pack([place for place, following in pairwise(places) if place == following])

    def changed(self, places: Iterable[int], gone: Mapping[int, str], fresh: Sequence[str]) -> tuple[Index, list[int]]:
        """The index with other texts, and the places that the `fresh` ones have got.

        The texts at `places` stay there; `gone` are all others, by their places.
        """
        made = Index(())
        made.lengths, made.held, made.again = self.lengths.copy(), self.held.copy(), self.again.copy()
        spare = sorted(set(range(len(self.lengths))).difference(places))[: len(fresh)]
        spare += range(len(self.lengths), len(self.lengths) + len(fresh) - len(spare))
        made.lengths += [0] * (max(spare, default=0) + 1 - len(self.lengths))
        pack = _pack(made.lengths)
        for place, text in gone.items():
            made.lengths[place] = 0
            for word in dict.fromkeys(_words(text)):
                for table in (made.held, made.again):
                    if word in table:
                        table[word] = pack([each for each in table[word] if each != place])
                        if not table[word]:
                            del table[word]
        for place, text in zip(spare, fresh, strict=True):
            words = _words(text)
            made.lengths[place] = len(words)
            for word, times in Counter(words).items():
                made.held[intern(word)] = pack([*made.held.get(word, ()), place])
                if times > 1:
                    made.again[intern(word)] = pack([*made.again.get(word, ()), *[place] * (times - 1)])
        made.words = sum(made.lengths)
        made.texts = len(made.lengths) - made.lengths.count(0)
        return made, spare


def scores(query: str, indexes: Sequence[Index], first: int = 0, last: int | None = None) -> list[list[float]]:
    """How much each text has to do with the query, a list for each of the indexes [first:last).

    Rarity and length are judged by the texts of all indexes, in whichever they stand. 0 is for nothing; a score means something
    only beside others of the same query.
    """
    texts = sum([index.texts for index in indexes])
    average = sum([index.words for index in indexes]) / texts if texts else 1.0
    most = max(FEW, texts // COMMON)
    tables = [index.held for index in indexes]
    asked = [(index, [0.0] * len(index.lengths)) for index in indexes[first:last]]
    for word in dict.fromkeys(_words(query)):
        places = [table.get(word, b"") for table in tables]
        holders = sum(map(len, places))
        if not 0 < holders <= most:
            continue
        weight = log(1 + (texts - holders + 0.5) / (holders + 0.5)) ** RARE
        for (index, row), holding in zip(asked, places[first:last], strict=True):
            if holding:
                for place in holding:
                    row[place] += weight
                for place in index.again.get(word, b""):
                    row[place] += weight * AGAIN
    base, slope = 1 - LENGTH, LENGTH / average
    return [
        [score and score / (base + slope * size) for score, size in zip(row, index.lengths, strict=True)]
        for index, row in asked
    ]


def likeness(query: str, texts: Sequence[str]) -> list[float]:
    """How much each of a few texts has to do with the query; 0 for nothing."""
    found = scores(query, [Index(texts)])[0]
    floor = least(found)
    return [score if score > floor else 0.0 for score in found]


def least(found: Sequence[float]) -> float:
    """A score has to be greater to mean anything beside these."""
    return max(found, default=0.0) * LEAST


def _words(text: str) -> list[str]:
    """The words of a text as they are compared, in order. A letter alone is no word."""
    text = text.casefold()
    if not _BEYOND_LATIN.search(text):
        return _START.findall(text)
    if not _BEYOND_LETTERS.search(text):
        return [_stem(word) for word in _START.findall(text)]
    words = []
    for unspaced, word in _any_word().findall(unicodedata.normalize("NFKC", text)):
        if word:
            words.append(_stem(word))
        elif len(unspaced) == 1:
            words.append(unspaced)
        else:
            words += [unspaced[at : at + 2] for at in range(len(unspaced) - 1)]
    return words


@lru_cache(maxsize=1)
def _any_word() -> Pattern[str]:
    import regex

    mark = r"[\p{M}\u200c\u200d]*"
    letter = rf"[[\p{{L}}\p{{N}}]--[{UNSPACED}]]{mark}"
    return regex.compile(rf"((?:[{UNSPACED}]{mark})+)|({letter}(?:{letter})+)", regex.V1)


@lru_cache(1 << 15)
def _stem(word: str) -> str:
    """A word without accents and endings, and no longer than what is compared."""
    if word.isascii():
        return word[:LETTERS]
    letters = [sign for sign in unicodedata.normalize("NFD", word) if not "\u0300" <= sign <= "\u036f"]
    word = unicodedata.normalize("NFC", "".join(letters))[:LETTERS]
    while len(word) > 2 and unicodedata.category(word[-1])[0] in "MC":
        word = word[:-1]
    while len(word) > 3 and word[-1] in _ENDINGS:
        word = word[:-1]
    return word


def _pack(texts: Sequence[object]) -> Callable[[Iterable[int]], Sequence[int]]:
    """How places among so many texts are kept: a byte each where that is enough, as it is for a run of blocks."""
    return bytes if len(texts) <= 256 else partial(array, "L")
