"""What is near: which names occur in the texts around the place that a request is for.

A name may hold several, parted by commas, slashes or brackets: `Ilse, the weigher`. All words of one have to stand side by side,
each with its capital if it is written with one; a word may carry an ending. Scripts that put no spaces between words are looked
for anywhere in the text. It knows no story and counts no tokens.

Limits: an ending is as long as three letters, shorter behind short names, and so a few other words are taken for the name: with
`Will` comes `Willow`. Where a language changes the name itself, only the last letter of a Cyrillic one may change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regex import Pattern

LONGEST = 20_000
"""Characters of a text that are looked at: its end."""
_ENDING = 3
"""Letters by which a word may be longer than the name it begins with."""
_OFTEN = 3
"""From how many times on a name counts no more in one text."""

_APART = re.compile(r"[,;/|()\[\]、，；／（）]+")
_PLAIN_WORD = re.compile(r"[^\W_]+")
# Letters and signs for which the faster engine finds the same words: it takes combining marks for borders.
_PLAIN = re.compile("[\x00-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u205e\u20a0-\u20bf]*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff]"
)


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ARTICLES = _listed("the a an der die das ein eine le la les l un une il lo i gli el los las o os as de het")
_CHANGING = frozenset("аяоеёийьыэ")
"""Letters at the end of a Cyrillic name in whose place an ending may stand."""
_ENDINGS = _listed(
    "а я о е ё у ю и ы ой ей ёй ою ею ом ем ём ью ию ии ия ие ий иям иях ый ая ое ого его ому ему ым им ую юю ых их "
    "ов ев ам ям ах ях ами ями"
)
_TITLES = _listed(
    "old young great little the dr mr mrs ms miss sir lord lady saint captain major aunt uncle father mother brother sister "
    "king queen prince princess doctor master mistress herr frau onkel tante doktor"
)


def named(name: str, text: str) -> bool:
    """Whether a name occurs in a text."""
    near = Nearby()
    near.add(text)
    return near.score(name) > 0


class Nearby:
    """Texts around a place, in which names are looked for. Mutable."""

    def __init__(self) -> None:
        self._texts: list[_Text] = []
        self._known: set[str] = set()

    def add(self, text: str, weight: int = 1) -> None:
        """One more text; a name in it counts `weight` times, whatever else it stands in."""
        if not text.strip():
            return
        text = unicodedata.normalize("NFC", text[-LONGEST:])
        words = tuple(_words(text))
        places: dict[str, list[int]] = {}
        for at, word in enumerate(words):
            folded = word.casefold()
            for end in range(len(folded), max(0, len(folded) - _ENDING - 1), -1):
                places.setdefault(folded[:end], []).append(at)
        self._texts.append(_Text(weight, text, words, places))
        self._known.update(places)

    def score(self, name: str, *, person: bool = False) -> int:
        """How much a name is near: 0 if it is not. Of a `person` one word of the name is enough, and counts as one time."""
        score = max((self._score(each) for each in names(name)), default=0)
        if score or not person:
            return score
        return int(any(self._score(each) for each in _own(name)))

    def _score(self, name: Name) -> int:
        if not name.unspaced and name.first not in self._known and name.stem not in self._known:
            return 0
        return sum(text.weight * min(_OFTEN, text.times(name)) for text in self._texts)


@dataclass(frozen=True)
class Name:
    """A name as its words. `first` is how the first one is looked for, `stem` the same without a letter that may change."""

    words: tuple[str, ...]
    first: str
    stem: str
    unspaced: bool = False


@lru_cache(maxsize=1024)
def names(name: str) -> tuple[Name, ...]:
    """The names that a name holds; one in a script without spaces is one word."""
    found = []
    for each in _APART.split(unicodedata.normalize("NFC", name)):
        bare = each.strip()
        if _UNSPACED.search(bare):
            found.append(Name((bare,), bare, "", unspaced=True))
            continue
        words = _words(bare)
        if len(words) > 1 and words[0].casefold() in _ARTICLES:
            words = words[1:]
        if words:
            found.append(_name(words))
    return tuple(found)


@lru_cache(maxsize=1024)
def _own(name: str) -> tuple[Name, ...]:
    """The words of a person's name that name the person alone: with a capital, and no titles."""
    return tuple(
        _name([word])
        for each in names(name)
        if len(each.words) > 1
        for word in each.words
        if len(word) > 2 and word[0].isupper() and word.casefold() not in _TITLES
    )


def _name(words: Sequence[str]) -> Name:
    first = words[0].casefold()
    return Name(tuple(words), first, _stem(first))


@dataclass(frozen=True)
class _Text:
    """A text with its words, and the places of each and of its beginnings."""

    weight: int
    text: str
    words: tuple[str, ...]
    places: dict[str, list[int]]

    def times(self, name: Name) -> int:
        """How often a name stands in it."""
        if name.unspaced:
            return self.text.count(name.first)
        starts = {*self.places.get(name.first, ()), *self.places.get(name.stem, ())}
        return sum(
            all(
                _is(word, other)
                for word, other in zip(name.words, self.words[start : start + len(name.words)], strict=False)
            )
            for start in starts
            if start + len(name.words) <= len(self.words)
        )


def _is(name: str, word: str) -> bool:
    """Whether a word of a text is that word of a name, perhaps with an ending."""
    if name[0].isupper() and not word[0].isupper():
        return False
    left, right = name.casefold(), word.casefold()
    if left == right:
        return True
    if not left[-1].isalpha():
        return False
    if right.startswith(left):
        more = right[len(left) :]
        most = min(_ENDING, max(0, len(left) - 2)) if left.islower() else _ENDING
        return len(more) <= most and not any(each.isdigit() for each in more)
    stem = _stem(left)
    return bool(stem) and right.startswith(stem) and right[len(stem) :] in _ENDINGS


def _stem(name: str) -> str:
    """A Cyrillic name without the letter that an ending may replace; empty if it has none."""
    return name[:-1] if len(name) > 2 and name[-1] in _CHANGING else ""


def _words(text: str) -> list[str]:
    if _PLAIN.fullmatch(text):
        return _PLAIN_WORD.findall(text)
    return _any_word().findall(text)


@lru_cache(maxsize=1)
def _any_word() -> Pattern[str]:
    import regex

    return regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\u200c\u200d]*")
