"""What was learned: the corpus as one stream of symbols, and where each symbol is followed by what.

Every position of the stream carries what the model weighs it by: the state its sentence was in, how far into
its paragraph it stands, its clause and its sentence. Built once per process and never changed afterwards, so
any number of requests may read it at once. Holds no probabilities.
"""

from __future__ import annotations

import math
import threading
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from composer.llm.embedded.cast import SLOTS, slots
from composer.llm.embedded.corpus import Fable, load_fables
from composer.llm.embedded.grammar import (
    FUNCTION,
    UPON,
    WITHIN,
    Clause,
    agreement,
    base_of_present,
    is_past,
    is_present,
    stem,
)
from composer.llm.embedded.tokens import (
    END,
    OPEN,
    OPEN_MID,
    PUNCTUATION,
    START,
    UNKNOWN,
    tokenise,
    words,
)

STEPS = 20
"""How finely the way through a paragraph is divided."""


@dataclass(slots=True)
class Paragraph:
    """One learned paragraph."""

    fable: int
    index: int
    """0 for the fable's first paragraph."""
    beat: frozenset[str]
    """Stems of its beat's content words."""
    text: frozenset[str]
    """Stems of its own content words."""


@dataclass(slots=True)
class Segment:
    """One clause of a learned paragraph: what stands between two marks."""

    paragraph: int
    sentence: int
    words: tuple[str, ...]
    """Its content words that few fables have, in order; twice if told as known, with "the"."""
    other: bool = False
    """It speaks of a character other than the one mentioned last."""
    stranger: bool = False
    """It has a pronoun of nobody in the cast."""
    many: bool = False
    """It speaks of several people at once: they, both."""
    placed: bool = False
    """It names the place or the thing."""
    way_in: str = ""
    """How it goes to the place: "in" or "on"; empty for any other way."""


@dataclass(slots=True)
class Stream:
    """A run of learned symbols, position by position. All lists have one length."""

    seq: list[int] = field(default_factory=list)
    """Symbol ids."""
    state: list[int] = field(default_factory=list)
    """State of the sentence before the symbol, as an index to `Store.states`."""
    way: list[int] = field(default_factory=list)
    """How far into its paragraph: 0 to `STEPS`."""
    segment: list[int] = field(default_factory=list)
    """Index of its clause."""
    sentence: list[int] = field(default_factory=list)
    """Index of its sentence."""
    left: list[int] = field(default_factory=list)
    """Symbols up to and with the end of its sentence."""


_MANY = words("they them their both together each themselves")
_STRANGE = words("he she him her his hers himself herself")
_RARE = 4
"""A content word in fewer fables than this belongs to those fables."""


def way_in(preposition: str) -> str:
    """Whether a preposition goes with places one is "in" or "on"; empty if with both."""
    return "in" if preposition in WITHIN else "on" if preposition in UPON else ""


def content_stems(symbols: Iterable[str]) -> list[str]:
    """Stems of the words that say what a text is about, in order, without slots and marks."""
    return [stem(s) for s in symbols if s[0].isalpha() and s not in FUNCTION]


class Store:
    """All that was learned from the corpus."""

    def __init__(self, fables: Sequence[Fable]) -> None:
        names = frozenset(c.noun for fable in fables for c in fable.cast.characters if c.named)
        self.proper: frozenset[str] = names
        """Words that keep their capital wherever they stand."""
        self.symbols: list[str] = [UNKNOWN, START, END, *SLOTS]
        self.ids: dict[str, int] = {}
        self.stream = Stream()
        self.paragraphs: list[Paragraph] = []
        self.segments: list[Segment] = []
        self.sentences: list[tuple[str, ...]] = []
        """Of each sentence: stems of the one before it, and the question that one asked."""
        self.postings: list[list[int]] = []
        """By symbol id: the positions right after it."""
        self.unigrams: dict[int, float] = {}
        """By symbol id: share of the different symbols it is found after; sums to 1."""
        self.states: list[int] = []
        """The different states of `grammar.Clause` that the corpus has."""
        self.follows: dict[str, list[int]] = {}
        """Stem to the sentences that come after one which has it; of a question in speech also "?" and its word."""
        self.rarity: dict[str, float] = {}
        """By stem: log of fables over fables that have it."""
        self.fables = tuple(fables)
        self.fingerprint = zlib.crc32("\n".join(p.text for f in fables for p in f.passages).encode())
        """Of the corpus: another where it differs."""
        self.verbs: frozenset[str] = frozenset()
        """Base forms of verbs that the beats use."""
        self.nouns: frozenset[str] = frozenset()
        """Words seen after an article: nouns and adjectives."""
        self.ids = {symbol: index for index, symbol in enumerate(self.symbols)}
        self._state_ids: dict[int, int] = {}
        self._fits: dict[int, list[float]] = {}
        self._learn()

    def fits(self, state: int) -> list[float]:
        """By index of state: how well the corpus's states fit this one; see `grammar.agreement`."""
        known = self._fits.get(state)
        if known is None:
            known = self._fits[state] = [agreement(state, other) for other in self.states]
        return known

    def state_id(self, state: int) -> int:
        """The index of a state; of state zero for one that the corpus has not."""
        return self._state_ids.get(state, 0)

    def id(self, symbol: str) -> int:
        """The id of a symbol; that of `UNKNOWN` for one that was never seen."""
        return self.ids.get(symbol, 0)

    @cached_property
    def grams(self) -> list[set[tuple[int, ...]]]:
        """Of each sentence: its runs of five symbols."""
        runs: list[set[tuple[int, ...]]] = [set() for _ in self.sentences]
        seq, sentence = self.stream.seq, self.stream.sentence
        for at in range(len(seq) - 4):
            if sentence[at] == sentence[at + 4]:
                runs[sentence[at]].add(tuple(seq[at : at + 5]))
        return runs

    def _symbols(self, text: str) -> list[str]:
        return [token.symbol for token in tokenise(text, self.proper.__contains__)]

    def _learn(self) -> None:
        fables_with: Counter[str] = Counter()
        encoded: list[list[list[str]]] = []
        read = [[self._symbols(passage.text) for passage in fable.passages] for fable in self.fables]
        inside = {
            s for fable in read for text in fable for s in text if s[0].isupper() and s.rstrip("'’mdlvers") != "I"
        }
        late = inside - self.proper
        self.proper |= inside
        folded = {word[0].lower() + word[1:] for word in late}
        for fable, known in zip(self.fables, read, strict=True):
            texts = []
            for passage, symbols in zip(fable.passages, known, strict=True):
                if not folded.isdisjoint(symbols):
                    symbols = self._symbols(passage.text)
                texts.append(slots(fable.cast.encode(symbols)))
            encoded.append(texts)
            fables_with.update({stem for text in texts for stem in content_stems(text)})
        total = len(self.fables)
        self.rarity = {stem: math.log((total + 1) / count) for stem, count in fables_with.items()}
        verbs: set[str] = set()
        for number, (fable, texts) in enumerate(zip(self.fables, encoded, strict=True)):
            for index, (passage, text) in enumerate(zip(fable.passages, texts, strict=True)):
                beat = self._symbols(passage.beat)
                verbs.update(base_of_present(w) or w for w in beat if is_present(w))
                nouns = {c.noun for c in fable.cast.characters} | {*fable.cast.things, *fable.cast.places}
                about = frozenset(content_stems(w for w in beat if w not in nouns))
                self.paragraphs.append(Paragraph(number, index, about, frozenset(content_stems(text))))
                self._add(text, fables_with)
        self.verbs = frozenset(verbs)
        for number, before in enumerate(self.sentences):
            for root in before:
                self.follows.setdefault(root, []).append(number)
        self._count()

    def _add(self, text: list[str], fables_with: Counter[str]) -> None:
        """Append one paragraph to the stream."""
        paragraph = len(self.paragraphs) - 1
        symbols = [START, *text, END]
        stream, clause, length = self.stream, Clause(), len(symbols)
        before: tuple[str, ...] = ()
        words: list[str] = []
        segment_words: list[str] = []
        question = ""
        sentence_start = len(stream.seq)
        self._new_sentence(before)
        self._new_segment(paragraph)
        for at, symbol in enumerate(symbols):
            number = self.ids.setdefault(symbol, len(self.symbols))
            if number == len(self.symbols):
                self.symbols.append(symbol)
            stream.seq.append(number)
            state = self._state_ids.setdefault(clause.state, len(self.states))
            if state == len(self.states):
                self.states.append(clause.state)
            stream.state.append(state)
            stream.way.append(min(STEPS, STEPS * at // length))
            stream.segment.append(len(self.segments) - 1)
            stream.sentence.append(len(self.sentences) - 1)
            stream.left.append(0)
            if symbol != START:
                clause.push(symbol)
            segment = self.segments[-1]
            if symbol in SLOTS:
                segment.other = segment.other or SLOTS[symbol][1] == "~"
                segment.placed = segment.placed or SLOTS[symbol][1] == ""
                if symbol == "<P>" and at > 1:
                    segment.way_in = way_in(symbols[at - 2]) or segment.way_in
            elif symbol in _MANY:
                segment.many = True
            elif symbol in _STRANGE:
                segment.stranger = True
            elif symbol[0].isalpha() and symbol not in FUNCTION:
                root = stem(symbol)
                words.append(root)
                if fables_with[root] < _RARE and not is_past(symbol):
                    segment_words.append(root)
                    if symbols[at - 1] == "the":
                        segment_words.append(root)
            question = clause.question or question
            ends = clause.begins and symbol != START
            if ends or (symbol in PUNCTUATION and symbol not in (OPEN, OPEN_MID)):
                segment.words = tuple(segment_words)
                segment_words = []
                if at + 2 < length:
                    if ends:
                        self._finish_sentence(sentence_start)
                        sentence_start = len(stream.seq)
                        before, words = tuple(dict.fromkeys([*words, f"?{question}"] if question else words)), []
                        question = ""
                        self._new_sentence(before)
                    self._new_segment(paragraph)
        self.segments[-1].words = tuple(segment_words) or self.segments[-1].words
        self._finish_sentence(sentence_start)

    def _new_sentence(self, before: tuple[str, ...]) -> None:
        self.sentences.append(before)

    def _new_segment(self, paragraph: int) -> None:
        self.segments.append(Segment(paragraph, len(self.sentences) - 1, ()))

    def _finish_sentence(self, start: int) -> None:
        stream = self.stream
        end = len(stream.seq)
        for at in range(start, end):
            stream.left[at] = end - at

    def _count(self) -> None:
        seq = self.stream.seq
        self.postings = [[] for _ in self.symbols]
        follows: list[set[int]] = [set() for _ in self.symbols]
        end, start = self.ids[END], self.ids[START]
        for at in range(1, len(seq)):
            if seq[at - 1] != end:
                self.postings[seq[at - 1]].append(at)
                follows[seq[at]].add(seq[at - 1])
        total = sum(len(before) for number, before in enumerate(follows) if number not in (start, end))
        self.unigrams = {
            number: len(before) / total
            for number, before in enumerate(follows)
            if before and number not in (start, end)
        }
        article, the = self.id("<a>"), self.id("the")
        nouns = {seq[at] for number in (article, the) for at in self.postings[number]}
        self.nouns = frozenset(self.symbols[number] for number in nouns if self.symbols[number][0].isalpha())


_lock = threading.Lock()
_loaded: list[Store] = []


def load() -> Store:
    """The package's own store; learned at the first call of the process, from whichever thread it comes."""
    with _lock:
        if not _loaded:
            _loaded.append(Store(load_fables()))
        return _loaded[0]
