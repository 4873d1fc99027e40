"""A passage that is to be written again: its words with their exact texts, and what the model sees in them.

The texts of the words with the gaps before them are the passage, character by character, so that what is copied
stays as it is. Knows where sentences and speech begin and end; proposes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composer.llm.embedded.cast import OBJECTS, slot
from composer.llm.embedded.grammar import FUNCTION
from composer.llm.embedded.lexicon import TITLES
from composer.llm.embedded.request import Request
from composer.llm.embedded.tokens import ARTICLE, CLOSE, CLOSES, END, OPENS, START, STOPS, tokenise

_SHORTENED = frozenset(("Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Capt", "Mt", "No", "vs", "etc"))


@dataclass(frozen=True, slots=True)
class Word:
    """One word or mark of a passage."""

    symbol: str
    """As the model sees it before slots are found: folded, the articles as one."""
    text: str
    gap: str
    """What stands before it: white space, or nothing."""
    quoted: bool
    """Whether it stands in speech; so do the quotes around that."""
    sentence: int
    """Index of its sentence."""

    @property
    def is_word(self) -> bool:
        """Whether it is no mark."""
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        """Whether it is written with a capital that only marks a sentence's start."""
        return self.text[0].isupper() and (self.symbol == ARTICLE or self.symbol[0].islower())


@dataclass(frozen=True, slots=True)
class Sentence:
    """A run of words: from `start` up to, not with, `end`."""

    start: int
    end: int
    plain: bool
    """Told, not spoken: without quotes, and ended by a full stop."""


class Passage:
    """A text and its words; made once for a request, and changed by nobody."""

    def __init__(self, text: str, request: Request) -> None:
        self.text = text
        self.request = request
        tokens = tokenise(text, request.proper.__contains__)
        symbols = [token.symbol for token in tokens]
        self.words: list[Word] = []
        self.sentences: list[Sentence] = []
        self._divide(symbols, [(token.start, token.end) for token in tokens])
        self._slots: list[str] = []
        self._item: list[int] = []
        """Of each word: the index of its slot."""
        self._find_slots(symbols)
        self._before = _open_end(request.previous)
        self._after = request.after[0] if request.after else END
        self.apostrophe = "’" if "’" in text else "'"

    def __len__(self) -> int:
        return len(self.words)

    def symbol(self, at: int) -> str:
        """The symbol of a word; a line break before the first and after the last."""
        return self.words[at].symbol if 0 <= at < len(self.words) else "\n"

    def symbols(self, start: int, end: int) -> list[str]:
        """The symbols of the words from `start` up to `end`, as far as there are any."""
        return [word.symbol for word in self.words[max(0, start) : end]]

    def before(self, at: int) -> tuple[str, str]:
        """The two slots (or symbols) before a word, for the probabilities of what comes next."""
        first = self._item[at] if at < len(self._item) else len(self._slots)
        run = [*self._before, *self._slots[max(0, first - 2) : first]]
        return run[-2], run[-1]

    def slots(self, start: int, end: int) -> list[str]:
        """The slots of the words from `start` up to `end`."""
        if start >= end:
            return []
        return self._slots[self._item[start] : self._item[end - 1] + 1]

    def following(self, at: int) -> str:
        """The slot of a word; after the last, what the text behind the passage begins with."""
        return self._slots[self._item[at]] if at < len(self._item) else self._after

    def is_named(self, at: int) -> bool:
        """Whether a word names someone, or keeps its capital for another reason."""
        word = self.words[at]
        return word.symbol[0].isupper() and word.symbol != "I"

    def sentence(self, at: int) -> Sentence:
        """The sentence that a word stands in."""
        return self.sentences[self.words[at].sentence]

    def text_of(self, at: int, *, gap: str | None = None, capital: bool | None = None) -> str:
        """A word as it is written again, with another gap or with or without the capital of a sentence's start."""
        word = self.words[at]
        text = word.text
        if capital is True:
            text = text[:1].upper() + text[1:]
        elif capital is False and word.is_capital:
            text = text[:1].lower() + text[1:]
        return (word.gap if gap is None else gap) + text

    def written(self, at: int, symbols: Sequence[str]) -> tuple[str, ...]:
        """These words as they are written in the place of the one at `at`: its gap, and its capital if it has one."""
        head, gap = symbols[0], self.words[at].gap
        if self.words[at].is_capital:
            head = head[:1].upper() + head[1:]
        return (gap + head, *((word if word == "," else " " + word) for word in symbols[1:]))

    def starts_sentence(self, at: int) -> bool:
        """Whether a word is the first of a sentence (a quote before it does not count)."""
        return self.sentence(at).start == at

    def _divide(self, symbols: Sequence[str], places: Sequence[tuple[int, int]]) -> None:
        start, quoted, told = 0, False, 0
        for at, (symbol, (begin, end)) in enumerate(zip(symbols, places, strict=True)):
            speech = quoted or symbol in OPENS or symbol in CLOSES
            quoted = (quoted or symbol in OPENS) and symbol not in CLOSES and symbol != "\n"
            gap = self.text[told:begin] if at else ""
            self.words.append(Word(symbol, self.text[begin:end], gap, speech, len(self.sentences)))
            told = end
            following = symbols[at + 1] if at + 1 < len(symbols) else ""
            ends = symbol in STOPS and not self._is_shortened(at) and following not in CLOSES and following not in STOPS
            if ends or symbol in (CLOSE, "\n"):
                self._end_sentence(start, at + 1)
                start = at + 1
        if start < len(self.words):
            self._end_sentence(start, len(self.words))

    def _end_sentence(self, start: int, end: int) -> None:
        words = self.words[start:end]
        plain = words[-1].symbol == "." and not any(word.quoted for word in words)
        self.sentences.append(Sentence(start, end, plain))

    def _is_shortened(self, at: int) -> bool:
        """Whether the full stop at `at` only marks a shortened word or an initial."""
        if not at or self.words[at].symbol != ".":
            return False
        before = self.words[at - 1].text
        return (
            before in _SHORTENED
            or before.lower() in TITLES
            or (len(before) == 1 and before.isupper() and before != "I")
        )

    def _find_slots(self, symbols: Sequence[str]) -> None:
        focus = 0
        for item in self.request.cast.encode(symbols):
            self._item += [len(self._slots)] * item.width
            self._slots.append(slot(item, focus))
            if item.ref >= 0 and item.form not in OBJECTS:
                focus = item.ref


def _open_end(symbols: Sequence[str]) -> tuple[str, str]:
    """The last two symbols of the text before a passage, if it breaks off in a sentence; else its start."""
    if not symbols or symbols[-1] in STOPS or symbols[-1] in CLOSES:
        return ".", START
    return (START, *symbols)[-2], symbols[-1]


def is_content(symbol: str) -> bool:
    """Whether a symbol is a word that says what a text is about."""
    return symbol[0].isalpha() and symbol not in FUNCTION and symbol != ARTICLE
