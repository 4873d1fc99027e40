"""Text to symbols and back: the model's own tokens.

A symbol is a word in its folded case, a punctuation mark, or one of the four quote symbols. Capitals that only
mark the start of a sentence are folded away by the tokeniser and put back by the printer, so that a sentence
learned at the head of a paragraph can be continued anywhere. The indefinite article is one symbol; whether it
prints as "a" or "an" is settled by the word that follows it.

Knows nothing of characters, probabilities or requests, and never drops a character that prints: the texts of
the tokens, with what lies between them, are the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

OPEN = "<open>"
"""An opening quote that starts a sentence of its own."""
OPEN_MID = "<open,>"
"""An opening quote that takes up a sentence broken off by "she said"."""
CLOSE = "<close>"
"""A closing quote that also ends the sentence it stands in."""
CLOSE_MID = "<close,>"
"""A closing quote after which the sentence goes on."""
ARTICLE = "<a>"
"""The indefinite article, "a" or "an"."""
DASH = "<dash>"
"""A dash with a space on either side; one without is the character itself."""
START = "<s>"
"""What stands before the first token of a paragraph."""
END = "<end>"
"""What stands after the last token of a paragraph."""
UNKNOWN = "<unk>"
"""Any word that neither the corpus nor the request holds."""

OPENS = frozenset((OPEN, OPEN_MID))
CLOSES = frozenset((CLOSE, CLOSE_MID))
STOPS = frozenset((".", "?", "!"))
TIGHT = frozenset((*CLOSES, *STOPS, ",", ";", ":", "…", "...", "'s", "’s", "—", ")", "]", "%"))
"""Symbols that stand against what comes before them."""
GLUE = frozenset((*OPENS, "—", "(", "["))
"""Symbols that stand against what comes after them."""
PUNCTUATION = frozenset((*OPENS, *TIGHT, *GLUE, DASH, "-", "–", "*", "/")) - {"'s", "’s"}


def words(text: str) -> frozenset[str]:
    """The words of a list written as prose."""
    return frozenset(text.split())


_TOKEN = re.compile(r"\n\s*|[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+(?:[.,]\d+)*|\.\.\.|\S")
_CONTRACTED = words("it that let he she what who there here where how when why nothing everything something nobody")
_SPEECH = words(
    "said asked cried called answered replied whispered shouted told says asks cries calls answers replies "
    "whispers shouts tells began added murmured thought wrote sang"
)
_SOUNDS_AN = re.compile(r"(?:[aeio]|u(?!n[io]|s[eu]|t[eio])|hour|hono|hones|heir)", re.IGNORECASE)
_SOUNDS_A = re.compile(r"(?:one\b|once\b|eu|ew|unicorn)", re.IGNORECASE)

Proper = Callable[[str], bool]


class Token(NamedTuple):
    """One token of a text."""

    symbol: str
    """What the model sees; words with their capital folded if it only marked a sentence's start."""
    start: int
    """Where its text starts, in characters."""
    end: int
    """Where its text ends, in characters."""


def article_is_an(word: str) -> bool:
    """Whether "an" rather than "a" goes before this word."""
    return bool(_SOUNDS_AN.match(word)) and not _SOUNDS_A.match(word)


def _split(text: str) -> list[tuple[str, int, int]]:
    """The raw tokens with their places; a possessive 's is a token of its own."""
    raw: list[tuple[str, int, int]] = []
    for match in _TOKEN.finditer(text):
        word, start, end = match.group(), match.start(), match.end()
        if len(word) > 2 and word[-2:] in ("'s", "’s") and word[:-2].lower() not in _CONTRACTED:
            raw.append((word[:-2], start, end - 2))
            raw.append((word[-2:], end - 2, end))
        else:
            raw.append((word, start, end))
    return raw


def count(text: str) -> int:
    """How many tokens a text has."""
    return len(_split(text))


def runs(text: str) -> tuple[str, ...]:
    """The texts of the tokens with the gaps before them, which are the text, but for white space at its end."""
    ends = [0, *(end for _, _, end in _split(text))]
    return tuple(text[start:end] for start, end in pairwise(ends))


def _speech_follows(raw: list[tuple[str, int, int]], at: int, proper: Proper) -> bool:
    """Whether the token at this index is a name or "I" that goes on to say something."""
    if at + 1 >= len(raw):
        return False
    name, then = raw[at][0], raw[at + 1][0]
    return then in _SPEECH and (name == "I" or proper(name))


def tokenise(text: str, proper: Proper) -> list[Token]:
    """The tokens of a text, in order; runs of line breaks become one token of symbol "\\n".

    `proper` says whether a capitalised word keeps its capital wherever it stands.
    """
    raw = _split(text)
    tokens: list[Token] = []
    initial = True
    quoted = False
    for at, (word, start, end) in enumerate(raw):
        symbol = word
        if word[0] == "\n":
            symbol, initial, quoted = "\n", True, False
        elif word in ('"', "“", "”"):
            opening = word == "“" or (word == '"' and not quoted)
            following = raw[at + 1][0] if at + 1 < len(raw) else ""
            lower = following[:1].islower()
            if opening:
                symbol, initial, quoted = (OPEN_MID if lower else OPEN), not lower, True
            else:
                before = raw[at - 1][0] if at else ""
                middle = lower or before == "," or _speech_follows(raw, at + 1, proper)
                symbol, initial, quoted = (CLOSE_MID if middle else CLOSE), not middle, False
        elif word[0].isalpha():
            if initial and word[0].isupper() and word != "I" and not proper(word):
                symbol = word[0].lower() + word[1:]
            if symbol in ("a", "an"):
                symbol = ARTICLE
            initial = False
        elif word in STOPS:
            initial = True
        elif word == "—" and text[start - 1 : start].isspace():
            symbol, initial = DASH, False
        elif word not in ("(", "[", "*"):
            initial = False
        tokens.append(Token(symbol, start, end))
    return tokens


class Printer:
    """Turns surfaces back to text, one at a time.

    A surface is what a symbol prints as in the middle of a sentence: "the ferryman", "and", ",". Spaces and
    capitals are added here. An article is held back until the next surface shows its form.
    """

    def __init__(self, *, capital: bool = True, spaced: bool = False) -> None:
        self._capital = capital
        self._glue = not spaced
        self._held = False

    def text(self, surface: str) -> str:
        """What this surface would add to the text now; changes nothing.

        An article that is held back is not part of it.
        """
        if surface == ARTICLE:
            surface = "a"
        if surface == "\n":
            return "\n"
        mark = '"' if surface in OPENS or surface in CLOSES else "—" if surface == DASH else surface
        if self._capital and not self._held and surface not in PUNCTUATION:
            mark = mark[:1].upper() + mark[1:]
        glued = (self._glue and not self._held) or surface in TIGHT
        return mark if glued else " " + mark

    def push(self, surface: str) -> str:
        """Add a surface and return the text that is now certain: empty for an article."""
        if surface == ARTICLE and not self._held:
            self._held = True
            return ""
        text = self.text(surface)
        if self._held:
            self._held = False
            text = self._article(surface) + text
        if surface == "\n":
            self._capital, self._glue = True, True
            return text
        self._glue = surface in GLUE
        if surface in STOPS or surface in (OPEN, CLOSE):
            self._capital = True
        elif surface not in ("(", "["):
            self._capital = False
        return text

    def close(self) -> str:
        """The text that is still held back: an article at the very end."""
        if not self._held:
            return ""
        self._held = False
        return self._article("")

    def join(self, text: str) -> None:
        """Go on after this text, whose surfaces were pushed: no second space if it ends with one."""
        if text[-1:].isspace():
            self._glue = True

    def _article(self, following: str) -> str:
        word = "an" if article_is_an(following) else "a"
        if self._capital:
            word = word.capitalize()
        return word if self._glue else " " + word


def detokenise(surfaces: Iterable[str]) -> str:
    """The text of a whole paragraph of surfaces."""
    printer = Printer()
    parts = [printer.push(surface) for surface in surfaces]
    return "".join(parts) + printer.close()
