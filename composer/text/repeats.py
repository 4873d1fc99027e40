"""What a text says again: passages that stand in other texts, word for word, and texts that are nearly the same as a whole.

An index of shingles (five words in a row) names the few texts in question; only those are looked at. Words are compared in
lower case and without signs: dashes part words, apostrophes do not. It does no I/O, knows no story and writes no sentences
for people.

How it is stored: a mark is a number made of a shingle, the same in every run. The low bits of a mark choose a drawer; a drawer
is a sorted array of 64-bit numbers, each the high bits of a mark and the number of a text. So a shingle costs about nine
bytes. A shingle in more than `COMMON` texts leaves its drawer and becomes a set of bits, one for each text. Queries only ever
intersect sets of bits, so a phrase that stands in ten thousand texts costs a query microseconds, and is still found.
Equal marks of different shingles do no harm: what is told was compared word by word.

Limits: Han and kana characters count as seven twelfths of a word, so that seven words are twelve characters. Thai, Lao, Khmer
and Burmese put no spaces between words; there a run without a space counts as one word. Texts of fewer than five words are
never found. At most 16 million texts.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from regex import Pattern

SHINGLE = 5
"""How many words in a row are indexed. Nothing shorter is found."""

LEAST = 7
"""From how many words on a passage is worth telling: shorter ones are mostly phrases that everybody uses."""

ALIKE = 80.0
"""From which ratio on, 0 to 100, two texts say the same."""

COMMON = 128
"""A shingle in more texts than this is kept as a set of bits."""

SHARE = 20
"""A document is compared as a whole if it has at least one in so many of the text's shingles. A copy in which a
third of the words is exchanged here and there has about that; one with a change in each five words in a row has none."""

_WORD_UNITS = 12
_CHARACTER_UNITS = 7
_UNSPACED = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff"
)
_LETTERS = rf"[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*"
# A sign may be followed by a mark, as some hearts are; that is no word.
_ANY_WORD = rf"[{_UNSPACED}]|(?![\p{{M}}\p{{Join_Control}}]){_LETTERS}"
_PLAIN_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CHARACTER = re.compile(f"[{_UNSPACED}]")
# Letters and signs of western prose, for which the faster engine finds the same words. It takes combining marks for borders.
_NOT_PLAIN = re.compile("[^\x00-\xb1\xb4-\xb8\xba\xbb\xbf-\u02ff\u2010-\u203e\u2041-\u2053\u2055-\u205e\u20a0-\u20bf]")

_DRAWER = (1 << 14) - 1
_NUMBER = (1 << 24) - 1
_HIGH = ((1 << 64) - 1) ^ _NUMBER
_MARK = _HIGH | _DRAWER


class Repeat(Struct, frozen=True):
    """Characters [start:end) of a text repeat [source_start:source_end) of the document `key`.

    Both begin and end with a word. `words` is how many it has, Han and kana weighted and rounded down.
    """

    key: str
    start: int
    end: int
    source_start: int
    source_end: int
    words: int


class _Reading(Struct, frozen=True, gc=False):
    """A text as it is compared: its words with a space around each, and where each starts and ends in the text."""

    line: str
    places: array[int]

    @property
    def words(self) -> list[str]:
        return self.line.split()

    @property
    def letters(self) -> int:
        """How many characters the words have."""
        return max(0, len(self.line) - len(self.places) // 2 - 1)


class Shingles:
    """The texts that others may repeat, by key. Mutable; one thread at a time.

    It keeps the words and their places, not the texts: about 25 bytes a word in all. What it answers depends on which
    texts it holds, and not on how they came in.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._keys: list[str] = []
        self._readings: list[_Reading] = []
        self._free: list[int] = []
        self._drawers: dict[int, array[int]] = {}
        self._common: dict[int, int] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._numbers

    def __len__(self) -> int:
        """How many documents it holds."""
        return len(self._numbers)

    def put(self, key: str, text: str) -> None:
        """Add a document, or exchange its text."""
        reading = _read(text)
        new = set(_marks(reading.words))
        number = self._numbers.get(key)
        if number is None:
            old: set[int] = set()
            number = self._number(key, reading)
        else:
            old = set(_marks(self._readings[number].words))
            self._readings[number] = reading
        for mark in old - new:
            self._remove(mark, number)
        for mark in new - old:
            self._add(mark, number)

    def drop(self, key: str) -> None:
        """Forget a document; nothing happens if it is not there."""
        number = self._numbers.pop(key, None)
        if number is None:
            return
        for mark in set(_marks(self._readings[number].words)):
            self._remove(mark, number)
        self._keys[number] = ""
        self._readings[number] = _NOTHING
        heappush(self._free, number)

    def repeats(
        self, text: str, *, least: int = LEAST, without: Callable[[str], bool] | None = None
    ) -> tuple[Repeat, ...]:
        """The passages of the text that documents hold too, longest first, not overlapping in the text.

        At least `least` words long; less than five counts as five. Documents whose key `without` names are passed over.
        Each is the longest that any document has at its place, or what longer ones left of it. Among equals the first
        key in alphabetical order is named, with its first such passage.
        """
        reading = _read(text)
        words = reading.words
        sums = _units(words)
        found = _Search(self, words, sums, least * _WORD_UNITS, without).passages()
        heap = [(sums[start] - sums[end], start, end, key, source) for start, end, key, source in found]
        heapify(heap)
        told: list[Repeat] = []
        covered = bytearray(len(words))
        while heap:
            _, start, end, key, source = heappop(heap)
            left = _uncovered(covered, start, end)
            if left != [(start, end)]:
                for first, last in left:
                    if sums[last] - sums[first] >= least * _WORD_UNITS and last - first >= SHINGLE:
                        heappush(heap, (sums[first] - sums[last], first, last, key, source + first - start))
                continue
            covered[start:end] = b"\1" * (end - start)
            places = self._readings[self._numbers[key]].places
            told.append(
                Repeat(
                    key,
                    *_extent(reading.places, start, end),
                    *_extent(places, source, source + end - start),
                    (sums[end] - sums[start]) // _WORD_UNITS,
                )
            )
        return tuple(told)

    def alike(
        self, text: str, *, least: float = ALIKE, without: Callable[[str], bool] | None = None
    ) -> tuple[tuple[str, float], ...]:
        """The documents whose text is as a whole nearly this one, as (key, ratio of 0 to 100), best first.

        The ratio is that of the letters, in order, which both have. Only documents that share one shingle of `SHARE`
        are compared. It takes time with the square of the length: meant for paragraphs.
        """
        from rapidfuzz import fuzz

        reading = _read(text)
        marks = set(_marks(reading.words))
        if not marks:
            return ()
        letters = reading.line.replace(" ", "")
        sharing = _at_least((self._holding(mark) for mark in marks), max(1, len(marks) // SHARE))
        found = []
        for number in _members(sharing):
            key, other = self._keys[number], self._readings[number]
            # No ratio is better than that of the lengths, which costs nothing.
            shorter = min(reading.letters, other.letters)
            if 200 * shorter < least * (reading.letters + other.letters) or (without and without(key)):
                continue
            ratio = fuzz.ratio(letters, other.line.replace(" ", ""), score_cutoff=least)
            if ratio >= least:
                found.append((key, ratio))
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))

    def _number(self, key: str, reading: _Reading) -> int:
        """A number for a new document: the smallest that is free, so that sets of bits stay short."""
        if self._free:
            number = heappop(self._free)
            self._keys[number], self._readings[number] = key, reading
        else:
            number = len(self._keys)
            self._keys.append(key)
            self._readings.append(reading)
        self._numbers[key] = number
        return number

    def _add(self, mark: int, number: int) -> None:
        if mark in self._common:
            self._common[mark] |= 1 << number
            return
        drawer = self._drawers.get(mark & _DRAWER)
        if drawer is None:
            drawer = self._drawers[mark & _DRAWER] = array("Q")
        entry = mark & _HIGH | number
        at = bisect_left(drawer, entry)
        drawer.insert(at, entry)
        if len(drawer) > COMMON:
            first, last = _range(drawer, mark)
            if last - first > COMMON:
                self._common[mark] = _bits(drawer[first:last])
                del drawer[first:last]
                if not drawer:
                    del self._drawers[mark & _DRAWER]

    def _remove(self, mark: int, number: int) -> None:
        bits = self._common.get(mark)
        if bits is None:
            drawer = self._drawers[mark & _DRAWER]
            del drawer[bisect_left(drawer, mark & _HIGH | number)]
            if not drawer:
                del self._drawers[mark & _DRAWER]
            return
        bits ^= 1 << number
        if bits.bit_count() > COMMON:
            self._common[mark] = bits
            return
        del self._common[mark]
        drawer = self._drawers.setdefault(mark & _DRAWER, array("Q"))
        at = bisect_left(drawer, mark & _HIGH)
        drawer[at:at] = array("Q", sorted(mark & _HIGH | member for member in _members(bits)))

    def _holding(self, mark: int) -> int:
        """The documents that hold a shingle, as a set of bits."""
        bits = self._common.get(mark)
        if bits is not None:
            return bits
        drawer = self._drawers.get(mark & _DRAWER)
        if drawer is None:
            return 0
        first, last = _range(drawer, mark)
        return _bits(drawer[first:last]) if first < last else 0


class _Search:
    """One query for passages: for each word of the text, how far the documents follow from there."""

    def __init__(
        self,
        index: Shingles,
        words: list[str],
        sums: Sequence[int],
        least: int,
        without: Callable[[str], bool] | None,
    ) -> None:
        self._index = index
        self._words = words
        self._sums = sums
        self._least = least
        self._without = without
        self._marks = _marks(words)
        self._held: list[int | None] = [None] * len(self._marks)
        self._judged = 0
        self._barred = 0

    def passages(self) -> Iterator[tuple[int, int, str, int]]:
        """For each word from which a document follows further than from the words before it: (start, end, key, source).

        `start`, `end` and `source` count words.
        """
        start = reached = 0
        count = len(self._words)
        while start + SHINGLE <= count:
            # The end that a passage from here needs to be long enough, and to be no part of one that is found already.
            end = max(reached + 1, start + SHINGLE, bisect_left(self._sums, self._sums[start] + self._least))
            if end > count:
                return
            holding = -1
            for at in range(end - SHINGLE, start - 1, -1):
                holding &= self._holding(at)
                if not holding:
                    # No document holds the shingles from `at` on, so no passage from there or before gets this far.
                    start = at + 1
                    break
            else:
                found = self._furthest(start, end, holding)
                if found:
                    reached = found[0]
                    yield (start, *found)
                start += 1

    def _furthest(self, start: int, end: int, holding: int) -> tuple[int, str, int] | None:
        """The furthest end of a passage, not before `end`, with the key and the first such word of its document."""
        ends = [(end, holding)]
        while end < len(self._words) and (holding := holding & self._holding(end + 1 - SHINGLE)):
            end += 1
            ends.append((end, holding))
        # A document may hold the shingles in other places, so that the first guess is not always right.
        for end, holding in reversed(ends):
            passage = f" {' '.join(self._words[start:end])} "
            keys = [(self._index._keys[number], number) for number in _members(holding)]
            heapify(keys)
            while keys:
                key, number = heappop(keys)
                line = self._index._readings[number].line
                at = line.find(passage)
                if at >= 0:
                    return end, key, line.count(" ", 0, at)
        return None

    def _holding(self, at: int) -> int:
        """The documents that hold the shingle at a word, but those that are to be passed over."""
        held = self._held[at]
        if held is None:
            held = self._held[at] = self._allowed(self._index._holding(self._marks[at]))
        return held

    def _allowed(self, holding: int) -> int:
        if not self._without or not holding:
            return holding
        unknown = holding & ~self._judged
        for number in _members(unknown):
            if self._without(self._index._keys[number]):
                self._barred |= 1 << number
        self._judged |= unknown
        return holding & ~self._barred


def groups(texts: Sequence[str], *, least: float = ALIKE) -> tuple[tuple[int, ...], ...]:
    """Which of a few texts say the same, as groups of two or more indexes, each in order, the first first.

    Texts with the same words say the same; others if their ratio is `least` or more (`Shingles.alike`). A text that is alike
    to two others joins them. A text without words is in no group.
    """
    leaders = list(range(len(texts)))

    def leader(member: int) -> int:
        while leaders[member] != member:
            member = leaders[member]
        return member

    index = Shingles()
    same: dict[str, int] = {}
    for number, text in enumerate(texts):
        line = _read(text).line
        if not line:
            continue
        if line in same:
            leaders[number] = leader(same[line])
            continue
        same[line] = number
        for key, _ in index.alike(text, least=least):
            one, other = sorted((leader(int(key)), leader(number)))
            leaders[other] = one
        index.put(str(number), text)
    members: dict[int, list[int]] = {}
    for number in range(len(texts)):
        members.setdefault(leader(number), []).append(number)
    return tuple(tuple(group) for group in members.values() if len(group) > 1)


@lru_cache(maxsize=1)
def _any_word() -> Pattern[str]:
    import regex

    return regex.compile(_ANY_WORD)


def _read(text: str) -> _Reading:
    pattern: Pattern[str] | re.Pattern[str] = _any_word() if _NOT_PLAIN.search(text) else _PLAIN_WORD
    spans = [found.span() for found in pattern.finditer(text)]
    if not spans:
        return _NOTHING
    words = [text[start:end] for start, end in spans]
    if not unicodedata.is_normalized("NFC", text):
        words = [unicodedata.normalize("NFC", word) for word in words]
    line = f" {' '.join(words)} ".lower().replace("’", "'")
    return _Reading(line, array("H" if len(text) < 1 << 16 else "Q", chain.from_iterable(spans)))


_NOTHING = _Reading("", array("H"))


def _marks(words: Sequence[str]) -> list[int]:
    """The mark of each shingle, in order; none for fewer than five words."""
    # A word as a number: unlike the hash of a text it is the same in every run.
    codes = [int.from_bytes(word.encode("utf-8", "surrogatepass"), "little") for word in words]
    shingles = zip(*(codes[at:] for at in range(SHINGLE)), strict=False)
    return [hash(shingle) & _MARK for shingle in shingles]


def _units(words: Sequence[str]) -> list[int]:
    """The weight of the words before each word, and of all at the end, in twelfths of a word."""
    return [
        0,
        *accumulate(_CHARACTER_UNITS if len(word) == 1 and _CHARACTER.match(word) else _WORD_UNITS for word in words),
    ]


def _extent(places: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """The characters from one word to before another."""
    return places[2 * start], places[2 * end - 1]


def _uncovered(covered: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of [start:end) in which nothing is covered."""
    stretches = []
    while (first := covered.find(0, start, end)) >= 0:
        last = covered.find(1, first, end)
        start = last if last >= 0 else end
        stretches.append((first, start))
    return stretches


def _range(drawer: array[int], mark: int) -> tuple[int, int]:
    first = bisect_left(drawer, mark & _HIGH)
    return first, bisect_left(drawer, (mark & _HIGH) + _NUMBER + 1, first)


def _bits(entries: array[int]) -> int:
    """The numbers of documents in entries of a drawer, as a set of bits."""
    marks = bytearray(((entries[-1] & _NUMBER) >> 3) + 1)
    for entry in entries:
        number = entry & _NUMBER
        marks[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(marks, "little")


def _members(bits: int) -> Iterator[int]:
    """The numbers in a set of bits."""
    if bits.bit_count() < 16:
        while bits:
            number = bits.bit_length() - 1
            yield number
            bits ^= 1 << number
        return
    digits = bin(bits)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def _at_least(sets: Iterable[int], least: int) -> int:
    """Which members are in at least `least` of the sets: all are counted at once, one plane of bits for each binary digit."""
    planes: list[int] = []
    for carry in sets:
        for digit, plane in enumerate(planes):
            if not carry:
                break
            planes[digit], carry = plane ^ carry, plane & carry
        if carry:
            planes.append(carry)
    if least >> len(planes):
        return 0
    more, equal = 0, -1
    for digit in reversed(range(len(planes))):
        if least >> digit & 1:
            equal &= planes[digit]
        else:
            more |= equal & planes[digit]
            equal &= ~planes[digit]
    return more | equal
