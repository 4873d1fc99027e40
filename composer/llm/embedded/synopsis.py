"""What a passage comes to: its sentences and their beginnings, with what each is worth in a short account of it.

Worth more: people, those above all who come again, and their first mention; things that come again; deeds; the first
sentence and the last. Worth less: speech, questions, fragments, comparisons, sentences that nobody is in. Words are the
passage's own: a sentence may lose a clause at its end or an "And" at its head, and a pronoun there may become the name
that it surely means. Lists of words are English; in other languages people, recurring words, place and length count.
Chooses nothing (see `abridging`).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from composer.llm.embedded.cast import Character
from composer.llm.embedded.grammar import AUXILIARIES, DETERMINERS, FRONTING, FUNCTION, is_past, past, stem
from composer.llm.embedded.passage import is_content
from composer.llm.embedded.references import Range, References
from composer.llm.embedded.request import Request
from composer.llm.embedded.store import Store
from composer.llm.embedded.tokens import tokenise, words
from composer.text.pieces import pieces
from composer.text.sentences import sentences
from composer.text.words import count_words

_ENGLISH = 0.25
"""Share of function words from which on a passage is taken for English."""
_HAN = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_FOREIGN = re.compile(r"[^\W\d_]{4,}")
_NOUNS = 0.12
"""Share of capitals within sentences from which on they tell no names: in German all nouns have them."""
_SPOKEN = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』"}
"""Marks that open speech, and those that close it."""
_DASHED = re.compile(r"\s*[-–—]\s")
"""How a line of speech begins in many languages."""

_DEEDS = frozenset(
    past(base)
    for base in words("""
    find lose give steal break kill leave arrive return learn discover decide promise refuse tell confess admit hide
    burn fall drown marry sell buy send write agree forgive escape meet become choose beat win fight build destroy
    save fetch pay swear lie reveal warn forbid allow accept reject climb flee bury die betray arrest free unlock mend owe
    offer tear shoot stab poison sink fail vanish disappear explain ask lock throw read
    """)
)
"""What changes something."""
_STATES = words("""
    was were had seemed looked felt stood sat lay thought wondered smiled nodded sighed shrugged could would did been
    said asked answered replied laughed watched stared glanced smelled sounded hung shone waited listened remembered wore
    """)
"""What changes little."""
_TURNS = words("""
    never finally instead until therefore however dead wrong gone lost missing broken alive empty secret truth married
    stolen hidden letter
    """)
_COMPARED = re.compile(r"\b(?:as if|as though|like an?|like the|as \w+ as)\b", re.IGNORECASE)
_LOOSE = re.compile(
    r"(?:They|It|This|That|These|Those|Both|Neither|Another|Such|Which|Either|Then|So|Instead|Afterwards?|"
    r"The other|He|She|Him|His|Her|Their|Its)\b"
)
"""What a sentence begins with that leans on the one before it."""
_LEANING = re.compile(
    r"(?:Er|Sie|Es|Das|Dann|Il|Elle|Ils|Elles|Cela|Él|Ella|Ellos|Ellas|Eso|Он|Она|Оно|Они|Это|Потом|Lui|Lei|Loro|Ele|Ela|"
    r"वह|वे|यह|उसने|उसके|उसकी|उन्होंने)(?!\w)|[他她它彼]"
)
"""The same in other languages, as far as a word tells."""
_LEADING = re.compile(r"(?:And|But|So|Then|Yet|Or)\b,? (?=(?:[a-z]+|I|[A-Z][\w’'-]+)\b)")
_LED = words("""
    he she it they we i you the a an his her their its my our this that these those there when while after before if as in
    at on by nobody everyone someone no every all both two three
    """)
"""What may follow such a word so that it can be dropped; so may a name."""
_HEDGED = re.compile(
    r"(?:but |and |or )?\b(?:would|could|might|should|if|unless|until|whether|not only|either|neither|nor)\b",
    re.IGNORECASE,
)
"""Where the end of a sentence may turn its beginning into something else."""
_TRAIL = re.compile(
    r"(?:and (?:(?:he|she|it|they|there|the|a|an|his|her|their|nobody|everyone|when|then)\b|[A-Z])|"
    r"(?:because|as if|as though|like|while|which|whose|where|with|though|[a-z]+ing)\b)"
)
"""What a clause begins with that a sentence can do without."""
_WRAPPED = re.compile(r"(?<=[\w,;])\n(?=[a-zà-öø-ÿа-я])")
"""A line break within a sentence."""
_MARKS = re.compile(r"[\s,;:–—-]+$")
ENDED = re.compile(r"""[.?!…。！？।॥؟۔](?=["”’»)\]」』*_]*$)""")
"""The mark that a sentence ends with."""
_LEAST_TRIMMED = 4
"""Words that a sentence keeps which loses its end."""
_SAME, _AGAIN = 3, 2.5
"""Words, but for names, from which on a sentence that has the same as an earlier one says it again; and what that costs."""
_FAR = 400
"""Characters of a sentence in which such an end is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A sentence of the passage, or its beginning."""

    at: int
    """Index of the sentence."""
    text: str
    words: int
    worth: float
    """About 1 for one that is welcome, below 0 for one that only fills."""
    loose: float
    """How much it leans on the sentence before it, where nothing in it can be put right: 0 to 1."""
    terms: frozenset[str]
    reach: Range
    """The words of the passage before it, and with it."""


class Synopsis:
    """All lines of a passage; made once for a request, and changed by nobody."""

    def __init__(self, request: Request, store: Store) -> None:
        self.text = _WRAPPED.sub(" ", request.prompt.passage)
        self._request = request
        self._store = store
        rows = sentences(self.text)
        self.ranges: list[Range] = [row for row in rows if any(map(str.isalnum, self.text[slice(*row)]))] or rows
        tokens = tokenise(self.text, request.proper.__contains__)
        starts = [token.start for token in tokens]
        self._tokens = [tokens[bisect_left(starts, a) : bisect_left(starts, b)] for a, b in self.ranges]
        plain = [token.symbol for row in self._tokens for token in row if token.symbol[0].isalpha()]
        self.english = sum(symbol in FUNCTION for symbol in plain) >= _ENGLISH * max(1, len(plain))
        self.spaced = len(_HAN.findall(self.text)) < 0.3 * max(1, sum(map(str.isalpha, self.text)))
        """Whether a space stands between sentences."""
        self.references = References(request, tokens, self.ranges)
        self._spoken = self._speech()
        self._sizes = [count_words(self.text[start:end]) for start, end in self.ranges]
        self.words = sum(self._sizes)
        self._ends = self._paragraph_ends()

    # What may be told

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All sentences and their beginnings, in order; the shorter ones of a sentence first."""
        lines: list[Line] = []
        told = 0
        known: dict[frozenset[str], int] = {}
        for at, (start, end) in enumerate(self.ranges):
            for until in (*self._cuts(at), end):
                text = self.text[start:until]
                whole = until == end
                text = _balanced(text if whole else ended(text, self.text[start:end]))
                terms = frozenset(self._terms(at, until))
                size = self._sizes[at] if whole else count_words(text)
                worth = self._worth(at, until, size, terms)
                common = frozenset(term for term in terms if not term[0].isupper())
                if len(common) >= _SAME and known.setdefault(common, at) < at:
                    worth -= _AGAIN
                lines.append(Line(at, text, size, worth, self._leans(at, until), terms, (told, told + self._sizes[at])))
            told += self._sizes[at]
        return tuple(lines)

    def _leans(self, at: int, until: int) -> float:
        """How much a sentence leans on the one before it in a way that nothing puts right."""
        here, (start, end) = self.references.sentences[at], self.ranges[at]
        text = self.text[start:end].lstrip("\"“‘'*_")
        if not self.english:
            return 0.5 if _LEANING.match(text) else 0.0
        text = self._unled(text)
        opening = _LOOSE.match(text)
        if opening and not (here.means >= 0 and opening.group().lower() in ("he", "she", "his", "her")):
            return 0.5 if here.owns else 1.0
        if here.pronoun and here.means < 0 and not here.newcomer:
            return 0.5 if here.owns else 1.0
        symbols = [token.symbol for token in self._tokens[at] if token.end <= until]
        known = any(self.references.may_be(ref, "he") for ref in here.people)
        if ("him" in symbols and not known) or ({"it", "them"} & set(symbols) and not DETERMINERS & set(symbols)):
            return 0.8
        return 0.0

    def _unled(self, text: str) -> str:
        """A sentence without the "And" that it begins with, if it can do without."""
        leading = _LEADING.match(text)
        if not leading:
            return text
        following = re.split(r"[\s,]|['’]s\b", text[leading.end() :], maxsplit=1)[0]
        if following.lower() not in _LED and following not in self._request.proper:
            return text
        return text[leading.end()].upper() + text[leading.end() + 1 :]

    def told(self, line: Line, before: Line | None) -> str:
        """A line as it stands behind another one, or at the beginning."""
        last = before.at if before else -1
        if line.at == last + 1 or not self.english:
            return line.text
        start = self.ranges[line.at][0]
        gap = start - (self.ranges[last][1] if before else 0)
        text, named = line.text, self._named(line.at, before)
        shift = 1 if text[:1] != self.text[start : start + 1] else 0
        if named and len(named[2]) - (named[1] - named[0]) < gap:
            head, tail = text[: named[0] - start + shift], text[named[1] - start + shift :]
            text = head + (named[2] if head.strip("\"“‘'*_ ") else named[2][:1].upper() + named[2][1:]) + tail
        return self._unled(text)

    def _named(self, at: int, before: Line | None) -> tuple[int, int, str] | None:
        """Where a pronoun stands, and the name to put there; None where the pronoun is as well or better."""
        here = self.references.sentences[at]
        if here.pronoun is None or here.means < 0:
            return None
        if before:
            known = self.references.sentences[before.at]
            if {ref for ref in known.people if self.references.may_be(ref, here.gender)} == {here.means}:
                return None
        character = self.references.characters[here.means]
        name = _name_of(character)
        return (*here.pronoun, f"{name}'s" if here.owns else name) if name else None

    def _cuts(self, at: int) -> list[int]:
        """Where a sentence may end sooner, so that what is left is one still; each as an end in characters."""
        start, end = self.ranges[at]
        text = self.text[start:end]
        if not self.english or self._spoken[at] or not text.endswith(".") or len(text) < 40:
            return []
        cuts: list[int] = []
        clauses = pieces(text, "clause")
        for (_, until), (begin, stop) in pairwise(clauses):
            left = text[:until]
            if until > _FAR:
                break
            if count_words(left) < _LEAST_TRIMMED or _HEDGED.search(left) or _HEDGED.match(text, begin):
                continue
            broken = left.rstrip()[-1:] in ";—–:" or self._trails(at, start + begin, start + stop)
            if broken and self._tells(at, start, start + until) and left.count("(") == left.count(")"):
                cuts.append(start + until)
        return cuts

    def _trails(self, at: int, start: int, end: int) -> bool:
        """Whether a sentence can do without a clause and all behind it."""
        found = _TRAIL.match(self.text, start)
        return found is not None and (not found.group().startswith("and ") or self._tells(at, start, end))

    def _tells(self, at: int, start: int, end: int) -> bool:
        """Whether a stretch of a sentence has a verb of its own, in a clause that hangs on no other."""
        symbols = [token.symbol for token in self._tokens[at] if start <= token.start and token.end <= end]
        if symbols and symbols[0] in FRONTING:
            comma = symbols.index(",") if "," in symbols else len(symbols)
            symbols = symbols[comma:]
        return any(is_past(symbol) or symbol in AUXILIARIES for symbol in symbols)

    # What it is worth

    def _worth(self, at: int, until: int, size: int, terms: frozenset[str]) -> float:
        start, end = self.ranges[at]
        text, whole = self.text[start:until], until == end
        worth = 0.9 * min(2.2, self._weight(terms) / self._usual) - 1.5
        worth += self._people(at, until)
        worth -= 2.4 * self._spoken[at] + (0.5 if self._spoken[at] > 0.15 else 0.0)
        if any(character.isdigit() for character in text):
            worth += 0.25
        if at == 0:
            worth += 0.5
        if at >= len(self.ranges) - 1:
            worth += 2.6 if self._spoken[at] < 0.3 else 0.5
        elif at in self._ends:
            worth += 0.15
        if at == 0 or at - 1 in self._ends:
            worth += 0.2
        if whole and not ENDED.search(text):
            worth -= 1.2
        elif whole and re.search(r"[?？؟]\W*$", text):
            worth -= 0.7
        worth -= 0.03 * max(0, size - 16)
        if size < 6:
            worth -= 0.4 if size > 3 else 0.9
        if self.english:
            worth += self._deeds(at, until)
        return worth

    def _deeds(self, at: int, until: int) -> float:
        """What the verbs and turns of an English sentence add."""
        symbols = [token.symbol for token in self._tokens[at] if token.end <= until]
        start = self.ranges[at][0]
        verbs = [symbol for symbol in symbols if is_past(symbol) or symbol in AUXILIARIES]
        worth = 0.0
        if not verbs and not any(symbol.endswith(("s", "n't")) for symbol in symbols):
            worth -= 0.9
        worth += min(0.9, 0.45 * sum(verb in _DEEDS for verb in verbs)) * max(0.0, 1.0 - 2.0 * self._spoken[at])
        if verbs and all(verb in _STATES for verb in verbs):
            worth -= 0.4
        worth += 0.35 * min(2, sum(symbol in _TURNS for symbol in symbols))
        if _COMPARED.search(self.text, start, until):
            worth -= 0.35
        here = self.references.sentences[at]
        if not here.people and not here.pronoun and "I" not in symbols and "we" not in symbols:
            worth -= 0.5
        return worth

    def _people(self, at: int, until: int) -> float:
        """What the people of a sentence add: by how often they come, and more where they come first."""
        if self.english:
            here = self.references.sentences[at]
            named = set(here.named)
            if until < self.ranges[at][1]:
                inside = sum(token.end <= until for token in self._tokens[at])
                named = set(here.named[: max(1, len(here.named) * inside // len(self._tokens[at]))])
            worth = sum(0.25 + 0.35 * self._shares.get(str(ref), 0.0) for ref in named)
            worth += 0.3 * (here.means >= 0)
            first = {key for key, where in self._first.items() if where == at}
            worth += sum(
                (0.3 if here.naming or not self.references.characters[ref].named else 0.7)
                * min(1.0, self._times[str(ref)] / 3)
                for ref in named
                if str(ref) in first
            )
            return min(1.8, worth)
        names = set(self._names[at])
        worth = sum(0.25 + 0.35 * self._shares.get(name, 0.0) for name in names)
        worth += sum(0.6 * min(1.0, self._times[name] / 3) for name in names if self._first.get(name) == at)
        return min(1.8, worth)

    @cached_property
    def _names(self) -> list[list[str]]:
        """Of each sentence: its people, as keys; for what is not English the words with a capital that tell names."""
        if self.english:
            return [[str(ref) for ref in here.named] for here in self.references.sentences]
        inner = [[self.text[t.start : t.end] for t in row[1:] if t.symbol[0].isalpha()] for row in self._tokens]
        capitals = sum(word[0].isupper() for row in inner for word in row)
        if capitals > _NOUNS * max(1, sum(map(len, inner))):
            return [[] for _ in inner]
        known = {_root(word) for row in inner for word in row if word[0].isupper() and len(word) > 2}
        return [
            [_root(t.symbol) for t in row if self.text[t.start].isupper() and _root(t.symbol) in known]
            for row in self._tokens
        ]

    @cached_property
    def _times(self) -> Counter[str]:
        return Counter(key for row in self._names for key in set(row))

    @cached_property
    def _shares(self) -> dict[str, float]:
        """How often each of the people comes, of those who come most often."""
        most = max(self._times.values(), default=1)
        return {key: times / most for key, times in self._times.items()}

    @cached_property
    def _first(self) -> dict[str, int]:
        first: dict[str, int] = {}
        for at, row in enumerate(self._names):
            for key in row:
                first.setdefault(key, at)
        return first

    # Words

    def _terms(self, at: int, until: int) -> list[str]:
        """What the beginning of a sentence is about."""
        start = self.ranges[at][0]
        if self.english:
            return [stem(t.symbol) for t in self._tokens[at] if t.end <= until and is_content(t.symbol)]
        text = self.text[start:until]
        han = _HAN.findall(text)
        if len(han) > 3:
            return [a + b for a, b in pairwise(han)]
        return [_root(word) for word in _FOREIGN.findall(text)]

    @cached_property
    def _found(self) -> Counter[str]:
        """In how many sentences each of these stands."""
        return Counter(term for at, (_, end) in enumerate(self.ranges) for term in set(self._terms(at, end)))

    def _weight(self, terms: frozenset[str]) -> float:
        found, count, rarity = self._found, len(self.ranges), self._store.rarity
        total = 0.0
        for term in sorted(terms):
            times = found[term]
            if times > max(3, 0.3 * count):
                continue
            rare = min(1.0, rarity.get(term, 3.0) / 3.0) if self.english else 1.0
            total += rare * (0.3 if times == 1 else math.log2(1 + times))
        return total

    @cached_property
    def _usual(self) -> float:
        """The weight of a sentence here, on average."""
        weights = [self._weight(frozenset(self._terms(at, end))) for at, (_, end) in enumerate(self.ranges)]
        return max(0.1, sum(weights) / max(1, len(weights)))

    # Speech and paragraphs

    def _speech(self) -> list[float]:
        """Of each sentence: how much of it is spoken."""
        spoken = bytearray(len(self.text))
        at = 0
        for line in self.text.split("\n"):
            closing, opened = "", 0
            if _DASHED.match(line):
                closing = "\n"
            for offset, sign in enumerate(line):
                if closing and sign in closing:
                    spoken[at + opened : at + offset + 1] = b"\1" * (offset + 1 - opened)
                    closing = ""
                elif not closing and sign in _SPOKEN:
                    closing, opened = _SPOKEN[sign], offset
            if closing:
                spoken[at + opened : at + len(line)] = b"\1" * (len(line) - opened)
            at += len(line) + 1
        return [sum(spoken[start:end]) / (end - start) for start, end in self.ranges]

    def _paragraph_ends(self) -> frozenset[int]:
        """Indexes of the sentences that end a paragraph."""
        breaks = [match.start() for match in re.finditer(r"\n", self.text)]
        return frozenset(
            at
            for at, (_, end) in enumerate(self.ranges)
            if at + 1 == len(self.ranges) or bisect_right(breaks, self.ranges[at + 1][0]) > bisect_left(breaks, end)
        )


def _name_of(character: Character) -> str:
    """What a character is called where only the name tells who it is; nothing for "her father"."""
    if character.gender == "I" or character.article not in ("", "the"):
        return ""
    return character.noun if character.named else f"the {character.noun}"


def _root(word: str) -> str:
    """A word without most of its ending, in any language."""
    return word.lower()[: max(4, len(word) - 2)]


def ended(text: str, whole: str) -> str:
    """The beginning of a sentence with the mark that ends the whole."""
    mark = ENDED.search(whole)
    return _MARKS.sub("", text) + (mark.group() if mark else ".")


def _balanced(text: str) -> str:
    """The text with the quote mark that stands in another sentence."""
    if text.count('"') % 2:
        return text + '"' if text.startswith('"') else '"' + text
    for opening, closing in (("„", "“") if "„" in text else ("“", "”"), ("«", "»"), ("「", "」")):
        opens, closes = text.count(opening), text.count(closing)
        if opens != closes and text.count("„") * text.count("”") == 0 and not text.startswith("»"):
            return text + closing if opens > closes else opening + text
    return text
