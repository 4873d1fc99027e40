"""The probabilities: an interpolated word n-gram model, adapted to one request.

`Mind` is the corpus seen through a request (what it is about, who is in it); `Writer` walks through one reply
and gives, at each step, the probability of every token that may come next. Contexts of one to five symbols
are counted afresh at each step from the positions that match, each position weighted by how near it is in
topic, place in the paragraph and state of the sentence. Inside a clause long contexts are trusted; at a joint
(after a mark, "and", "but", …) the model backs off and changes its source freely.

Every token that is ever written is drawn from these probabilities. Draws nothing itself (see `sampling`).

Limits: it knows no plot. It joins clauses of its corpus, with the request's cast in their slots.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from composer.llm.embedded.abridging import Plan
from composer.llm.embedded.cast import BARE, NAMED, OBJECTS, PRONOUN_FORMS, SAME, SLOTS, Item, slot, slots
from composer.llm.embedded.grammar import ATTRIBUTED, FUNCTION, JOINTS, PREPOSITIONS, QUOTED, VERB, Clause, stem
from composer.llm.embedded.passage import Passage
from composer.llm.embedded.request import Request
from composer.llm.embedded.revision import Revision
from composer.llm.embedded.store import STEPS, Store, content_stems, way_in
from composer.llm.embedded.synopsis import Synopsis
from composer.llm.embedded.tokens import (
    CLOSE,
    CLOSES,
    END,
    OPEN,
    OPEN_MID,
    OPENS,
    PUNCTUATION,
    START,
    STOPS,
    UNKNOWN,
    tokenise,
)

if TYPE_CHECKING:
    from composer.llm.embedded.plot import Plot

ORDER = 6
"""The longest run that is counted: five symbols and the one after them."""
INSIDE = (0.0, 0.5, 0.32, 0.22, 0.16, 0.14)
"""Discount by length of context (index 0 unused) inside a clause."""
JOINT = (0.0, 0.75, 0.8, 0.85, 0.9, 0.94)
"""The same at a joint made by a mark."""
SOFT = (0.0, 0.75, 0.6, 0.6, 0.65, 0.7)
"""The same at a joint made by a word: "and", "that"."""
AGAIN = (1.0, 1.0, 0.8)
"""What a discount is multiplied by for a continuation seen once, twice; `OFTEN` for more."""
OFTEN = 0.6
RESERVE = 0.0004
"""Share of the unigrams, so that no known word is impossible."""
STRANGE = 0.02
"""Share of the unigrams that belongs to words never seen."""

PARTS = 1 << 16
"""A candidate is a symbol's id plus `PARTS` times one more than the member of the cast it prints, if any."""

FOLLOW = 0.93
"""How firmly a clause of the beat, once begun, is kept to at each word."""
GUARDED = 8
"""From this many symbols copied in a row on, a joint leaves the source for another."""
COPIED = 18
"""From this many on, the next word of the source is unlikely anywhere."""

STRANGENESS = 0.6
"""How much a clause suffers for each word of its fable that the request does not know."""
_NEARNESS = 1.6
_TASTE = 1.0


@dataclass(frozen=True, slots=True)
class Script:
    """A clause of the beat with its place in the reply."""

    items: tuple[Item, ...]
    covers: tuple[int, ...]
    pronoun: int
    twin: int
    """The character whose mention makes a pronoun the likelier subject, if there are both wordings; else -1."""
    start: float
    """Where in the reply it is due: 0 to 1."""
    share: float
    """Its part among the wordings of the same clause."""


class Mind:
    """The corpus seen through one request; read by all replies to it, changed by none."""

    def __init__(self, store: Store, request: Request) -> None:
        self.store = store
        self.request = request
        self.cast = request.cast
        self.proper = request.proper
        stream = store.stream
        self.symbols = list(store.symbols)
        self.ids = dict(store.ids)
        self.seq = list(stream.seq)
        self.state = list(stream.state)
        self.way = list(stream.way)
        self.left = list(stream.left)
        self.base = len(stream.seq)
        self.sentence = list(stream.sentence)
        self.weight = self._weights()
        self._extra: dict[int, list[int]] = {}
        self._plans: dict[int, Plan] = {}
        self.scripts = self._scripts()
        self._adapt()
        wanted = [self.ids[w] for w in request.wanted if w in self.ids]
        self.wanted = frozenset(wanted)
        self.unigrams = self._unigrams()
        self.joint = [symbol in JOINTS for symbol in self.symbols]
        self.content = [self._is_content(symbol) for symbol in self.symbols]
        self.near = [[math.exp(-_NEARNESS * abs(a - b) / STEPS) for b in range(STEPS + 1)] for a in range(STEPS + 1)]

    @cached_property
    def revision(self) -> Revision:
        """The changes to the passage that is to be written again."""
        return Revision(Passage(self.request.prompt.passage, self.request), self.store, self.request.prompt.kind)

    @cached_property
    def synopsis(self) -> Synopsis:
        """The sentences of the passage that is to be told in short."""
        return Synopsis(self.request, self.store)

    @cached_property
    def plot(self) -> Plot:
        """The lines that an outline may have."""
        from composer.llm.embedded.plot import Plot

        return Plot(self.store, self.request)

    def abridged(self, size: int) -> Plan:
        """Which of them are told within so many words."""
        plan = self._plans.get(size)
        if plan is None:
            plan = self._plans[size] = Plan(self.synopsis, size)
        return plan

    def postings(self, number: int) -> Iterable[int]:
        """Positions right after a symbol."""
        known = self.store.postings[number] if number < len(self.store.postings) else []
        extra = self._extra.get(number)
        return known + extra if extra else known

    def _is_content(self, symbol: str) -> bool:
        return symbol[0].isalpha() and symbol not in FUNCTION and symbol not in ("said", "asked")

    def _add_symbol(self, symbol: str) -> int:
        number = self.ids.setdefault(symbol, len(self.symbols))
        if number == len(self.symbols):
            self.symbols.append(symbol)
        return number

    def _weights(self) -> list[float]:
        """Weight of each position of the corpus: topic, strange words, who is in it."""
        store, request = self.store, self.request
        rarity = store.rarity
        about = {stem(w): 1.0 for w in request.wanted}
        for word in content_stems(request.previous):
            about.setdefault(word, 0.35)
        total = sum(rarity.get(root, 0.0) * share for root, share in about.items()) or 1.0
        ordered = list(about.items())
        topic: list[float] = []
        opening = not request.previous
        for paragraph in store.paragraphs:
            near = 0.0
            for root, share in ordered:
                if root in paragraph.beat:
                    near += rarity.get(root, 0.0) * share
                elif root in paragraph.text:
                    near += 0.6 * rarity.get(root, 0.0) * share
            weight = 1.0 + 9.0 * near / total
            topic.append(weight * (0.6 if opening != (paragraph.index == 0) else 1.0))
        solo = len(request.cast.characters) < 2
        known = request.known
        used = self._used_sentences()
        chance = Random(zlib.crc32(" ".join((*request.beat, *request.previous[-30:])).encode()))
        taste = [math.exp(chance.gauss(0.0, _TASTE)) for _ in store.sentences]
        given = request.ways_in[: request.given[1]]
        ways = set(given) if given and all(given) else set()
        weights: list[float] = []
        trail = 1.0
        last = -1
        for segment in reversed(store.segments):
            foreign = sum(1 for root in segment.words if root not in known)
            own = math.exp(-STRANGENESS * foreign)
            if solo and segment.other:
                own *= 0.02
            if solo and segment.many:
                own *= 0.3
            if segment.stranger:
                own *= 0.3
            if segment.placed:
                own *= 1.3
            if segment.way_in and ways and segment.way_in not in ways:
                own *= 0.15
            trail = own * (trail**0.4 if segment.sentence == last else 1.0)
            last = segment.sentence
            weights.append(trail * topic[segment.paragraph] * taste[segment.sentence] * used.get(segment.sentence, 1.0))
        weights.reverse()
        return [weights[number] for number in store.stream.segment]

    def _used_sentences(self) -> dict[int, float]:
        """Sentences of the corpus that the story so far already has, mostly word for word."""
        request, store = self.request, self.store
        text = request.story
        if not text:
            return {}
        ids = [store.id(symbol) for symbol in slots(self.cast.encode(text))]
        told = {tuple(ids[i : i + 5]) for i in range(len(ids) - 4)}
        used: dict[int, float] = {}
        for number, grams in enumerate(store.grams):
            if grams:
                shared = len(grams & told)
                if shared:
                    used[number] = max(0.05, 1.0 - 1.5 * shared / len(grams))
        return used

    def _scripts(self) -> list[Script]:
        request = self.request
        scripts: list[Script] = []
        several = {clause.covers for clause in request.clauses if len(clause.covers) > 1}
        for clause in request.clauses:
            for item in clause.items:
                if item.ref < 0:
                    self._add_symbol(item.form)
            joined = any(clause.covers[0] in covers for covers in several)
            share = (0.35 if len(clause.covers) > 1 else 0.65) if joined else 1.0
            start = 0.75 * clause.covers[0] / max(1, request.count)
            twin = max((c.pronoun for c in request.clauses if c.covers == clause.covers), default=-1)
            scripts.append(Script(clause.items, clause.covers, clause.pronoun, twin, start, share))
        return scripts

    def _adapt(self) -> None:
        """Append the beat and the paragraph before as text to learn from."""
        request = self.request
        for script in self.scripts:
            if script.pronoun < 0:
                way = int(STEPS * script.start)
                self._append(slots(script.items), (way, min(STEPS, way + 6)), 3.0)
        if request.previous:
            told = slots(self.cast.encode(request.previous))
            if "I" not in _outside(told):
                self._append(told, (4, STEPS), 0.6)
        for word in (*request.wanted, *request.story, *request.samples):
            if word[0].isalpha():
                self._add_symbol(word)

    def _append(self, symbols: Sequence[str], ways: tuple[int, int], weight: float) -> None:
        clause = Clause()
        before = self._add_symbol(START)
        length = len(symbols)
        left = length
        for at, symbol in enumerate(symbols):
            number = self._add_symbol(symbol)
            position = len(self.seq)
            self.seq.append(number)
            self.state.append(self.store.state_id(clause.state))
            self.way.append(ways[0] + (ways[1] - ways[0]) * at // length)
            self.left.append(left)
            self.sentence.append(-1)
            self.weight.append(weight)
            left -= 1
            if at:
                self._extra.setdefault(before, []).append(position)
            clause.push(symbol)
            before = number
        # A position that nothing follows: the walk may stand on it, and finds no symbol there.
        self.seq.append(self.ids[START])
        self.state.append(self.store.state_id(clause.state))
        self.way.append(ways[1])
        self.left.append(0)
        self.sentence.append(-1)
        self.weight.append(0.0)

    def _unigrams(self) -> dict[int, float]:
        """Order zero, over symbols: mass `1 - STRANGE` for the corpus, the rest for words it has not."""
        table = {number: share * (1.0 - STRANGE) for number, share in self.store.unigrams.items()}
        new = range(len(self.store.symbols), len(self.symbols))
        for number in new:
            table[number] = STRANGE / (2 * len(new))
        table[self.ids[UNKNOWN]] = STRANGE / 2 if new else STRANGE
        return table


def _outside(symbols: Sequence[str]) -> set[str]:
    """The symbols outside quotes."""
    found: set[str] = set()
    quoted = False
    for symbol in symbols:
        if symbol in OPENS:
            quoted = True
        elif symbol in CLOSES:
            quoted = False
        elif not quoted:
            found.add(symbol)
    return found


class Writer:
    """One reply on its way: the walk through the contexts, and the probabilities of the next token.

    `distribution` gives them, `push` takes the one that was drawn. Not for two threads at once.
    """

    def __init__(self, mind: Mind, *, target: int, limit: int) -> None:
        """`target`: tokens the paragraph should have; `limit`: tokens after which it is cut off."""
        self.mind = mind
        self.target = max(1, target)
        self.limit = max(1, limit)
        self.length = 0
        self.clause = Clause()
        self.focus = 0
        """Index of the character mentioned last; at first, the one the beat begins with."""
        self.last = mind.ids[START]
        self._matches: list[list[int]] = [list(mind.postings(self.last))]
        self._runs: dict[int, int] = {}
        self._history: list[int] = [self.last]
        self._trigrams: dict[tuple[int, int, int], set[int]] = {}
        self._counts: dict[int, int] = {}
        self._mentions: list[int] = [0] * len(mind.cast.characters)
        self._met = _met(mind)
        self._last_other = -1
        self._last_object = {"T": -1, "P": -1}
        self._object_counts: dict[tuple[str, int], int] = {}
        self._active: list[tuple[Script, int, float]] = []
        self._free = 1.0
        self._covered: set[int] = set()
        self._sentence: list[int] = []
        self._spent: dict[int, None] = {}
        """Sentences of the corpus that this reply has used."""
        self._boost: dict[int, float] = {}
        self._corpus: dict[int, float] = {}
        self._quotes = 0
        self._entered = -1
        for number in _history_of(mind):
            self._remember(number)
        self._history = [self.last, self.last]

    # What may come next

    def distribution(self) -> dict[int, float]:
        """Candidate to probability; sums to 1. The end of the paragraph is the candidate of `END`."""
        corpus = self._spread(self._counted())
        self._corpus = corpus
        if self._entered < self.length:
            self._enter(corpus)
            self._entered = self.length
        table = corpus
        if self._active:
            kept = sum(share for _, _, share in self._active)
            rest = self._free + (1.0 - FOLLOW) * kept
            table = {candidate: p * rest for candidate, p in corpus.items()}
            for script, at, share in self._active:
                candidate = self.candidate(script.items[at])
                table[candidate] = table.get(candidate, 0.0) + FOLLOW * share
        return self._ending(table)

    def _counted(self) -> dict[int, float]:
        """The n-gram probabilities over symbols, after masks, guards and boosts; sums to 1."""
        mind = self.mind
        banned = self._banned()
        joint = self._at_joint()
        discounts = INSIDE if not joint else SOFT if mind.symbols[self.last][0].isalpha() else JOINT
        if self._at_limit():
            discounts = JOINT
        table = {number: share * RESERVE for number, share in mind.unigrams.items()}
        room = 1.0 - RESERVE
        seq, weight, state, way = mind.seq, mind.weight, mind.state, mind.way
        near = mind.near[min(STEPS, STEPS * self.length // self.target)]
        fits = mind.store.fits(self.clause.state)
        boost = self._boost
        sentence = mind.sentence
        guard = self._guards(joint)
        scarce = self.limit - self.length
        left = mind.left
        for length in range(len(self._matches), 0, -1):
            positions = self._matches[length - 1]
            sums: dict[int, float] = {}
            seen: dict[int, int] = {}
            for position in positions:
                number = seq[position]
                if number in banned:
                    continue
                amount = weight[position] * near[way[position]] * fits[state[position]]
                if boost:
                    amount *= boost.get(sentence[position], 1.0)
                if guard:
                    amount *= guard.get(position, 1.0)
                if scarce < 40 and left[position] > scarce - 4:
                    amount *= math.exp(-0.4 * (left[position] - scarce + 4))
                if amount > 0.0:
                    sums[number] = sums.get(number, 0.0) + amount
                    seen[number] = seen.get(number, 0) + 1
            total = sum(sums.values())
            if total <= 0.0:
                continue
            discount = discounts[length] if length > 1 else 0.0
            # Thin evidence (all of it off topic or from another kind of sentence) yields to the shorter context.
            thin = total + (0.04 if length > 1 else 0.0)
            kept = 0.0
            for number, amount in sums.items():
                times = seen[number]
                factor = discount * (AGAIN[times] if times < 3 else OFTEN)
                share = amount / thin * (1.0 - factor)
                kept += share
                table[number] = table.get(number, 0.0) + room * share
            room *= 1.0 - kept
            if room < 1e-7:
                break
        for number in banned:
            table.pop(number, None)
        self._forbid_repeats(table)
        self._weigh_words(table)
        total = sum(table.values())
        return {number: p / total for number, p in table.items()}

    def _at_joint(self) -> bool:
        """Whether a new clause may begin here; "so" begins one only after a mark, "that" not after a preposition."""
        mind = self.mind
        if not mind.joint[self.last]:
            return False
        word, before = mind.symbols[self.last], mind.symbols[self._history[-2]]
        if word == "so":
            return before in PUNCTUATION
        return word != "that" or before not in PREPOSITIONS

    def _banned(self) -> set[int]:
        """Symbols that can't come now, whatever the counts say."""
        mind = self.mind
        ids = mind.ids
        quoted = self.clause.quoted
        banned = {ids[START], ids[UNKNOWN]}
        for symbol in OPENS if quoted else CLOSES:
            if symbol in ids:
                banned.add(ids[symbol])
        if not self.clause.state & ATTRIBUTED and OPEN_MID in ids:
            banned.add(ids[OPEN_MID])
        last = mind.symbols[self.last]
        if quoted or not self._may_end(last):
            banned.add(ids[END])
        if last in OPENS:
            banned.update(ids[symbol] for symbol in CLOSES if symbol in ids)
        characters = mind.cast.characters
        named_here = characters[self.focus].named
        others = [c for i, c in enumerate(characters) if i != self.focus]
        for symbol, (form, who) in SLOTS.items():
            lacks = who == "=" and form == BARE and named_here
            alone = who == "~" and (not others or (form == BARE and all(c.named for c in others)))
            if lacks or alone:
                banned.add(ids[symbol])
        return banned

    def _may_end(self, last: str) -> bool:
        return (last in STOPS or last == CLOSE) and self.length >= min(0.55 * self.target, self.limit - 12)

    def _at_limit(self) -> bool:
        return self.limit - self.length < 6

    def _guards(self, joint: bool) -> dict[int, float]:
        """Positions to keep away from, since too long a run of the corpus has been copied."""
        guard: dict[int, float] = {}
        for position, run in self._runs.items():
            if run >= COPIED:
                guard[position] = 0.0 if joint else 0.05
            elif joint and run >= GUARDED:
                guard[position] = 0.25
        return guard

    def _forbid_repeats(self, table: dict[int, float]) -> None:
        """No run of four symbols twice in a reply, unless there is nothing else to say."""
        recent = self._history[-3:]
        if len(recent) < 3:
            return
        repeated = self._trigrams.get((recent[0], recent[1], recent[2]))
        if not repeated:
            return
        content = self.mind.content
        telling = any(content[number] for number in recent)
        for number in repeated:
            if number in table and (telling or content[number]):
                table[number] *= 1e-2

    def _weigh_words(self, table: dict[int, float]) -> None:
        """The beat's own words are likelier until used twice; other content words tire with use."""
        mind, counts = self.mind, self._counts
        for number in mind.wanted:
            if number in table and counts.get(number, 0) < 2:
                table[number] *= 2.5
        content = mind.content
        for number, count in counts.items():
            if content[number] and number in table and number not in mind.wanted:
                table[number] *= 0.45**count
        if len(mind.cast.characters) < 2:
            number = mind.ids.get(OPEN, 0)
            if number in table:
                table[number] *= 0.05 if self._quotes == 0 else 0.01
        elif self._quotes > 1:
            number = mind.ids.get(OPEN, 0)
            if number in table:
                table[number] *= 0.65 ** (self._quotes - 1)
        if not self._known(self.focus):
            for form in PRONOUN_FORMS:
                number = mind.ids[SAME[form]]
                if number in table:
                    table[number] *= 0.02
        for form, symbol in (("T", "<T>"), ("P", "<P>")):
            number = mind.ids[symbol]
            if number in table and not self._object_counts.get((form, 0)) and self.length > 0.15 * self.target:
                table[number] *= 1.8

    def _spread(self, table: dict[int, float]) -> dict[int, float]:
        """From symbols to candidates: each slot shared among the members of the cast that it may mean."""
        mind = self.mind
        spread = dict(table)
        total = 1.0
        for symbol, (form, who) in SLOTS.items():
            number = mind.ids[symbol]
            amount = spread.pop(number, 0.0)
            if not amount:
                continue
            members = self._members(form, who)
            if not members:
                total -= amount
                continue
            for ref, share in members:
                spread[number + PARTS * (ref + 1)] = amount * share
        if total < 1.0 - 1e-12:
            return {candidate: p / total for candidate, p in spread.items()}
        return spread

    def _members(self, form: str, who: str) -> list[tuple[int, float]]:
        """The members of the cast that a slot may print, with their shares; sums to 1."""
        cast = self.mind.cast
        if who == "=":
            return [(self.focus, 1.0)] if cast.surface(form, self.focus) else []
        weights: list[tuple[int, float]] = []
        if who == "~":
            for ref, character in enumerate(cast.characters):
                if ref != self.focus and character.surface(form):
                    recent = 3.0 if ref == self._last_other else 1.0
                    unseen = form != NAMED and not self._mentions[ref]
                    weights.append((ref, recent * (0.1 if unseen else 1.0) * 0.8**ref))
        else:
            kind = form[0]
            nouns = cast.things if kind == "T" else cast.places
            given = self.mind.request.given[0 if kind == "T" else 1]
            last = self._last_object[kind]
            for ref in range(len(nouns)):
                recent = 4.0 if ref == last else 1.0
                fresh = 2.0 if ref < given and not self._object_counts.get((kind, ref)) else 1.0
                settled = 0.05 if given == 0 and last >= 0 and ref != last else 1.0
                weights.append((ref, recent * fresh * settled * self._fit_of_place(kind, ref) * 0.7**ref))
        total = sum(weight for _, weight in weights)
        return [(ref, weight / total) for ref, weight in weights]

    def _fit_of_place(self, kind: str, ref: int) -> float:
        """How well a place goes with the preposition before it."""
        if kind == "T" or len(self._history) < 2:
            return 1.0
        wanted = way_in(self.mind.symbols[self._history[-2]])
        usual = self.mind.request.ways_in[ref]
        return 0.1 if wanted and usual and wanted != usual else 1.0

    # The beat's own clauses

    def candidate(self, item: Item) -> int:
        """The candidate that an item is now; that of `UNKNOWN` for a word the request does not know."""
        number = self.mind.ids.get(slot(item, self.focus), 0)
        return number + PARTS * (item.ref + 1) if item.ref >= 0 else number

    def _enter(self, corpus: dict[int, float]) -> None:
        """Let the beat's clauses compete where a sentence, or a clause after its opening, may begin."""
        due = self._due()
        if not due:
            return
        begun = {id(script) for script, _, _ in self._active}
        entering: list[tuple[Script, float]] = []
        for script, urge in due:
            if id(script) in begun:
                continue
            share = urge
            if self.clause.length:
                share *= 0.6 * min(1.0, 12.0 * corpus.get(self.candidate(script.items[0]), 0.0))
            if share > 1e-4:
                entering.append((script, share))
        mass = sum(share for _, share in entering)
        if mass > 0.9:
            entering = [(script, 0.9 * share / mass) for script, share in entering]
            mass = 0.9
        if not mass:
            return
        taken = self._free * mass
        self._free -= taken
        self._active += [(script, 0, taken * share / mass) for script, share in entering]

    def _due(self) -> list[tuple[Script, float]]:
        """The clauses whose turn it is, with how much they press; only where a clause may begin."""
        state, clause = self.clause.state, self.clause
        if not self.mind.scripts or state & (QUOTED | ATTRIBUTED) or self._free < 0.3:
            return []
        if self._at_limit():
            return []
        last = self.mind.symbols[self.last]
        begins = clause.begins
        after = 0 < clause.length <= 6 and not state & VERB and not self._spoken()
        joined = last in ("and", "but", "so", "then") and bool(state & VERB)
        if not (begins or after or joined):
            return []
        way = self.length / self.target
        found: list[tuple[Script, float]] = []
        for script in self.mind.scripts:
            if self._covered & set(script.covers):
                continue
            if script.pronoun >= 0 and (script.pronoun != self.focus or not self._known(self.focus)):
                continue
            earlier = all(number in self._covered for number in range(script.covers[0]))
            late = way - script.start
            if late < -0.1 or (not earlier and late < 0.15):
                continue
            urge = min(0.9, 0.4 + 2.0 * max(0.0, late)) * script.share
            if script.twin >= 0:
                # Two wordings of one clause: its subject by name, and by pronoun just after it was mentioned.
                pronoun = script.twin == self.focus and self._known(self.focus)
                by_pronoun = (0.7 if self._fresh_focus() else 0.3) if pronoun else 0.0
                urge *= by_pronoun if script.pronoun >= 0 else 1.0 - by_pronoun
            found.append((script, urge))
        return found[:6]

    def _spoken(self) -> bool:
        """Whether the sentence has named a character yet."""
        return any(self.mind.symbols[number] in SLOTS for number in self._sentence)

    def _known(self, ref: int) -> bool:
        """Whether a reader knows who a pronoun for this character means."""
        return self._mentions[ref] > 0 or ref in self._met

    def _fresh_focus(self) -> bool:
        """Whether the character mentioned last was mentioned in the sentence before."""
        return any(self.mind.symbols[number][:2] in ("<C", "<h") for number in self._history[-12:])

    # The end

    def _ending(self, table: dict[int, float]) -> dict[int, float]:
        """Mix in the chance that the paragraph ends here, which grows with its length."""
        mind = self.mind
        last = mind.symbols[self.last]
        if not self.clause.begins or not self._may_end(last):
            return table
        way = self.length / self.target
        chance = 0.04 if way < 0.75 else 0.2 if way < 0.95 else 0.5 if way < 1.2 else 0.85
        if len(self._covered) < mind.request.count and way < 1.3:
            chance *= 0.2
        if self.limit - self.length < 14:
            chance = 0.97
        active = sum(share for _, at, share in self._active if at)
        chance *= 1.0 - active
        end = mind.ids[END]
        table = {candidate: p * (1.0 - chance) for candidate, p in table.items()}
        table[end] = table.get(end, 0.0) + chance
        return table

    # What was drawn

    def push(self, candidate: int) -> None:
        """Go on by one token, which `distribution` gave a probability."""
        mind = self.mind
        number, part = candidate % PARTS, candidate // PARTS
        symbol = mind.symbols[number]
        self._follow(candidate)
        seq = mind.seq
        matches = [list(mind.postings(number))]
        for positions in self._matches[: ORDER - 2]:
            longer = [position + 1 for position in positions if seq[position] == number]
            if not longer:
                break
            matches.append(longer)
        runs: dict[int, int] = {}
        if len(matches) == ORDER - 1:
            for position in matches[-1]:
                if position < mind.base:
                    runs[position] = self._runs.get(position - 1, ORDER - 2) + 1
        self._matches, self._runs = matches, runs
        for position, run in runs.items():
            if run >= 6:
                self._spent.setdefault(mind.sentence[position - 1])
        self.clause.push(symbol)
        self.last = number
        self.length += 1
        self._remember(number)
        self._counts[number] = self._counts.get(number, 0) + 1
        self._sentence.append(number)
        self._quotes += symbol == OPEN
        self._mention(symbol, part - 1)
        if self.clause.begins:
            self._finish_sentence()

    def _mention(self, symbol: str, ref: int) -> None:
        known = SLOTS.get(symbol)
        if known is None or ref < 0:
            return
        form, _ = known
        if form in OBJECTS:
            kind = form[0]
            self._last_object[kind] = ref
            self._object_counts[kind, ref] = self._object_counts.get((kind, ref), 0) + 1
            return
        self._mentions[ref] += 1
        if ref != self.focus:
            self._last_other = self.focus
            self.focus = ref

    def _follow(self, candidate: int) -> None:
        """Bayes: which clause of the beat is being told, given what was drawn."""
        if not self._active:
            return
        corpus = self._corpus.get(candidate, 0.0)
        kept = sum(share for _, _, share in self._active)
        free = (self._free + (1.0 - FOLLOW) * kept) * corpus
        going: list[tuple[Script, int, float]] = []
        done: list[tuple[Script, float]] = []
        for script, at, share in self._active:
            if self.candidate(script.items[at]) != candidate:
                continue
            if at + 1 < len(script.items):
                going.append((script, at + 1, FOLLOW * share))
            if at + 2 >= len(script.items):
                done.append((script, FOLLOW * share))
        finished = sum(share for script, share in done if all(other is not script for other, _, _ in going))
        total = free + sum(share for _, _, share in going) + finished
        if total <= 0.0:
            self._active, self._free = [], 1.0
            return
        self._active = [(script, at, share / total) for script, at, share in going if share / total > 1e-3]
        self._free = 1.0 - sum(share for _, _, share in self._active)
        if sum(share for _, share in done) / total > 0.3:
            self._covered.update(done[0][0].covers)

    def _finish_sentence(self) -> None:
        mind = self.mind
        symbols = [mind.symbols[number] for number in self._sentence]
        said = set(symbols)
        for script in mind.scripts:
            if script.pronoun < 0 and not self._covered & set(script.covers):
                telling = [item.form for item in script.items if item.ref < 0 and self._is_telling(item.form)]
                if telling and all(form in said for form in telling):
                    self._covered.update(script.covers)
        question = f"?{self.clause.question}"
        self._boost = dict.fromkeys(self._spent, 0.03)
        rarity = mind.store.rarity
        for root in dict.fromkeys([*content_stems(symbols), question]):
            gain = 2.5 if root[0] == "?" else 0.6 + 0.7 * rarity.get(root, 0.0)
            for number in mind.store.follows.get(root, ()):
                if number not in self._spent:
                    self._boost[number] = self._boost.get(number, 1.0) + gain
        self._sentence = []
        self._active, self._free = [], 1.0

    def _is_telling(self, form: str) -> bool:
        return form[0].isalpha() and form not in FUNCTION

    def _remember(self, number: int) -> None:
        recent = self._history[-3:]
        if len(recent) == 3:
            self._trigrams.setdefault((recent[0], recent[1], recent[2]), set()).add(number)
        self._history.append(number)

    @property
    def covered(self) -> set[int]:
        """The beat's clauses that are told, by index."""
        return self._covered

    def begin(self) -> None:
        """What was pushed so far was given, not written: the reply's own length counts from here."""
        self.target += self.length
        self.limit += self.length

    # For printing and scoring

    def probability(self, candidate: int, table: dict[int, float]) -> float:
        """Probability of any token, also one that `distribution` (whose result is `table`) rules out.

        Such a token has its unigram's share of the reserve; one without a unigram, a quarter of what all words
        that were never seen have together.
        """
        known = table.get(candidate, 0.0)
        if known > 0.0:
            return known
        return RESERVE * self.mind.unigrams.get(candidate % PARTS, STRANGE / 4)

    def is_mark(self, candidate: int) -> bool:
        """Whether a candidate is a mark, and no word."""
        return self.surface(candidate) in PUNCTUATION

    def surface(self, candidate: int) -> str:
        """What a candidate prints as in the middle of a sentence."""
        number, part = candidate % PARTS, candidate // PARTS
        symbol = self.mind.symbols[number]
        if part:
            return self.mind.cast.surface(SLOTS[symbol][0], part - 1) or ""
        return symbol

    @property
    def end(self) -> int:
        """The candidate that ends the paragraph."""
        return self.mind.ids[END]


def walk(writer: Writer, text: str) -> Iterator[tuple[int, int, int]]:
    """The candidates a paragraph of text is made of, each with where its text starts and ends.

    Whoever iterates pushes each candidate before asking for the next, since slots depend on what came before.
    """
    mind = writer.mind
    proper = mind.proper.__contains__
    tokens = tokenise(text, proper)
    items = mind.cast.encode([token.symbol for token in tokens], writer.focus)
    at = 0
    for item in items:
        start, end = tokens[at].start, tokens[at + item.width - 1].end
        at += item.width
        yield writer.candidate(item), start, end


def _history_of(mind: Mind) -> list[int]:
    """Ids of the paragraph before, whose runs are not to be repeated."""
    symbols = slots(mind.cast.encode(mind.request.previous)) if mind.request.previous else []
    return [mind.ids.get(symbol, 0) for symbol in symbols]


def _met(mind: Mind) -> frozenset[int]:
    """The characters of whom the paragraph before speaks."""
    items = mind.cast.encode(mind.request.previous)
    return frozenset(item.ref for item in items if item.ref >= 0 and item.form not in OBJECTS)
