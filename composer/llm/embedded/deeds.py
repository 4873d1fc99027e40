"""What happens in the corpus: clauses of its beats and paragraphs, with slots for who does it, to whom, with what and
where.

"The fox finds a lantern in the orchard" is learned as somebody who finds something somewhere; whose clause comes
before whose, and which belong together, is kept. Learned at the first call of a process. Holds no probabilities, and
writes nothing (see `voicing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from composer.llm.embedded import grammar
from composer.llm.embedded.cast import BARE, CALLED, NAMED, PLACE, PRONOUN_FORMS, THING, Item
from composer.llm.embedded.store import Store, content_stems
from composer.llm.embedded.tense import MODALS, base_of, base_of_past
from composer.llm.embedded.tokens import ARTICLE, CLOSES, OPENS, STOPS, tokenise, words

DOER, OTHER, MEANS, SPOT = 0, 1, 2, 3
"""Roles: who does it, the other one, the thing, the place."""
WORD, VERB, WHO, WHAT, WHERE = "word", "verb", "who", "what", "where"
"""What a bit is."""

_STATES = words("quiet silent afraid ashamed open home lost")
"""Words behind a verb that are no nouns."""
_KNOWN = words("""
    wind rain snow fog dark cold night morning truth sea sky sun moon world end beginning way door window name front
    spring winter week other others same one secret work home own
    """)
"""Nouns that "the" may stand before though nobody spoke of them."""
_HANGING = words("""
    it none same nothing anyway instead again too back this that these those them all both each other inside behind
    """)
"""Words that lean on what was told before."""
_INNER = words("while until so that because when who what whose why how where if")
"""Words that a clause inside another begins with."""


class Bit(NamedTuple):
    """A piece of a clause."""

    sort: str
    """`WORD`; `VERB`, the base of a verb that agrees with whoever is at `ref`; `WHO`, `WHAT`, `WHERE`."""
    text: str = ""
    """The word or verb. Of a person the form, as in `cast`; of a thing or a place what stands before it: "the",
    "a new", "his", or "it" alone."""
    ref: int = -1
    """The role, or in a clause of the request the figure; -1 for none."""
    way: str = ""
    """Of a place: the preposition that leads there, if that changes with the place."""


@dataclass(frozen=True, slots=True, eq=False)
class Deed:
    """One clause."""

    subject: tuple[Bit, ...]
    verb: str
    """The base of its verb."""
    rest: tuple[Bit, ...]
    front: tuple[Bit, ...] = ()
    """What stands before the subject, with a comma: "After the storm"."""
    plural: bool = False
    """Whether its subject is several, where that is not for a figure to say."""
    needs: frozenset[int] = frozenset()
    """The roles, or figures, that it has."""
    fable: int = -1
    phase: float = 0.0
    """Where in its fable it stands: 0 to 1."""
    before: frozenset[str] = frozenset()
    """Verbs that come before it in its fable."""
    partner: str = ""
    """The verb of the clause right before it in its beat; empty for a first one."""
    partners: frozenset[int] = frozenset()
    """The roles of that clause."""
    same: bool = False
    """Whether that clause tells of the same doer."""
    leaning: bool = False
    """Whether it says little without that one."""
    strange: tuple[str, ...] = ()
    """Stems of nouns that belong to its fable alone: what no other request says anything of."""
    closing: bool = False
    """Whether it ends its fable."""

    goes_back: bool = False
    """Whether it tells of a way back: "comes back", "gives back"."""
    goes_away: bool = False
    again: bool = False
    """Whether it tells of what happened before already."""
    takes_up: bool = False
    """Whether it has a pronoun for a thing that somebody must have told of."""
    supposes: str = ""
    """The verb of what it takes for told: "asks why she stole it"."""
    small: bool = False
    """Whether it comes from a paragraph, and is only a part of what a beat tells."""

    @property
    def bits(self) -> tuple[Bit, ...]:
        """All but the verb, in order."""
        return (*self.front, *self.subject, *self.rest)

    @property
    def about(self) -> int:
        """How many people its subject names."""
        return sum(bit.sort == WHO for bit in self.subject)

    @property
    def is_timed(self) -> bool:
        """Whether it tells when it happens."""
        return any(bit.sort == WORD and bit.text in _TIMES for bit in self.rest)

    @property
    def is_deep(self) -> bool:
        """Whether it has a clause inside, behind which nothing more should follow."""
        return any(
            bit.sort == VERB or (bit.sort == WORD and bit.text in _INNER) or bit.text.startswith("whose")
            for bit in self.rest
        )

    @property
    def is_fresh(self) -> bool:
        """Whether it brings a thing that nobody spoke of: "an old lamp"."""
        return any(bit.sort == WHAT and bit.text.startswith(f"{ARTICLE} ") for bit in self.rest)


@lru_cache(maxsize=2)
def deeds(store: Store) -> tuple[Deed, ...]:
    """All clauses of the corpus's beats that may tell of others than their cast, and simple ones of its paragraphs."""
    made: list[Deed] = []
    for number, fable in enumerate(store.fables):
        told: list[str] = []
        last = len(fable.passages) - 1
        for index, passage in enumerate(fable.passages):
            symbols = [token.symbol for token in tokenise(passage.beat, store.proper.__contains__)]
            before: Deed | None = None
            doer, thing = -1, False
            pieces = list(_clauses(fable.cast.encode(symbols)))
            for at, items in enumerate(pieces):
                verb = next((place for place in range(len(items)) if _is_verb(items, place)), -1)
                people = list(dict.fromkeys(item.ref for item in items if item.ref >= 0 and item.form in _PEOPLE))
                deed = _deed(items, verb, people, thing=thing, partner=before.verb if before else "")
                thing = thing or any(item.form == THING for item in items)
                if deed is None:
                    before = None
                    continue
                deed = replace(
                    deed,
                    fable=number,
                    phase=index / max(1, last),
                    before=frozenset(told),
                    partner=before.verb if before else "ask" if deed.verb == "refuse" and deed.leaning else "",
                    partners=before.needs if before else frozenset(),
                    same=bool(people) and people[0] == doer,
                    closing=index == last and at == len(pieces) - 1,
                )
                made.append(deed)
                told.append(deed.verb)
                before, doer = deed, people[0] if people else -1
            way = index / max(1, last)
            made += _small(store, number, index, way)
    return tuple(made)


def _small(store: Store, fable: int, index: int, way: float) -> Iterator[Deed]:
    """The clauses of a paragraph that tell of somebody's doing in few and common words."""
    cast, text = store.fables[fable].cast, store.fables[fable].passages[index].text
    symbols = [token.symbol for token in tokenise(text, store.proper.__contains__)]
    seen: set[tuple[Item, ...]] = set()
    for sentence in _sentences(cast.encode(symbols)):
        doer: Item | None = None
        for items in _cut(sentence):
            head = items[0]
            if head.ref >= 0 and head.form in (NAMED, "he"):
                doer = head if len(items) > 1 and _is_told(items[1]) else None
            elif doer and _is_told(head):
                items = [doer, *items]
            if not doer or items[0] is not doer or tuple(items[1:]) in seen or not _is_simple(items, store):
                continue
            seen.add(tuple(items[1:]))
            people = list(dict.fromkeys(item.ref for item in items if item.ref >= 0 and item.form in _PEOPLE))
            present = [items[0]._replace(form=NAMED), items[1]._replace(form=_present(items[1].form)), *items[2:]]
            deed = _deed(present, 1, people, thing=False, partner="")
            if deed and not deed.leaning:
                yield replace(deed, fable=fable, phase=way, strange=(), small=True)


def _sentences(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The sentences of a paragraph that nobody speaks in."""
    found: list[Item] = []
    for item in items:
        found.append(item)
        if item.ref < 0 and item.form in STOPS:
            if not any(each.form in OPENS or each.form in CLOSES for each in found):
                yield found[:-1]
            found = []


def _cut(items: Sequence[Item]) -> Iterator[list[Item]]:
    """A sentence cut at all its joints."""
    found: list[Item] = []
    for item in items:
        if item.ref < 0 and (item.form in _CUTS or not item.form[0].isalpha()) and item.form != ARTICLE:
            if found:
                yield found
            found = []
        else:
            found.append(item)
    if found:
        yield found


def _is_told(item: Item) -> bool:
    """Whether this is a verb in the past tense."""
    return item.ref < 0 and grammar.is_past(item.form)


def _is_simple(items: Sequence[Item], store: Store) -> bool:
    """Whether a clause is understood without the others around it: no word points elsewhere, and none is rare."""
    said = [item.form for item in items if item.ref < 0]
    if not 3 <= len(items) <= 11 or not _POINTING.isdisjoint(said) or items[1].form in _STILL:
        return False
    if any(word[0].isupper() for word in said):
        return False
    pairs = list(pairwise(items))
    if any(one.ref < 0 and one.form == "the" and other.ref < 0 for one, other in pairs):
        return False
    if any(one.ref >= 0 and one.form == "him" and other.form in ("back", "own") for one, other in pairs):
        return False
    owned = [other.form for one, other in pairs if one.ref >= 0 and one.form == "his"]
    if any(word in grammar.FUNCTION - {"own"} or word in grammar.PAST or word.endswith("ing") for word in owned):
        return False
    if all(item.ref < 0 and (item.form in grammar.FUNCTION or grammar.is_base(item.form)) for item in items[2:]):
        return False
    if any(item.ref >= 0 and item.form not in (*_PEOPLE, THING, PLACE) for item in items):
        return False
    stems = (grammar.stem(word) for word in said if word[0].isalpha() and word not in grammar.FUNCTION)
    return all(store.rarity.get(stem, 0.0) < _RAREST for stem in stems)


def _present(word: str) -> str:
    """A verb in the past tense as that of one person in the present."""
    return grammar.present(base_of_past(word))


_CUTS = words("and but so when until because before after while as since where if though although or who which")
_POINTING = words("""
    that this these those so then there it they them had been would could might should was were what one did both such
    more which must too either once each other another same everyone somebody something again inside outside
    """)
"""Words that point to what other clauses say."""
_STILL = words(
    "did had was were said asked could would stood thought seemed began must knew got became grew meant felt"
)
"""Verbs in the past tense that tell little alone."""
_RAREST = 3.5


@lru_cache(maxsize=2)
def asides(store: Store) -> tuple[tuple[tuple[str, ...], float], ...]:
    """When things happen in the corpus's beats, "in the rain", and how far in the fable that is: 0 to 1."""
    found: dict[tuple[str, ...], list[float]] = {}
    for deed in deeds(store):
        said = [bit.text if bit.sort == WORD else "" for bit in deed.rest]
        start = next(
            (at for at, word in enumerate(said) if all(said[at:]) and word in ("in", "after", "all", "every", "at")), -1
        )
        if start >= 0 and said[-1] in _TIMES:
            found.setdefault(tuple(said[start:]), []).append(deed.phase)
    return tuple((words, sum(phases) / len(phases)) for words, phases in found.items())


_TIMES = words("fog rain snow spring winter summer autumn week day night morning evening last secret dark cold")
"""What such phrases end in."""


def _clauses(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The clauses of a beat; a subject that one lacks is that of the one before it."""
    start = 0
    subject: list[Item] = []
    at = 0
    while at <= len(items):
        word = items[at].form if at < len(items) and items[at].ref < 0 else ""
        rest = items[at + 1 :]
        cut = word == "." or at == len(items)
        if word in ("and", "but") and any(_is_verb(items, place) for place in range(start, at)):
            cut = cut or _opens(items, at + 1)
        if cut:
            piece = [item for item in items[start:at] if item.form != "." or item.ref >= 0]
            while piece and piece[-1].form == ",":
                piece.pop()
            if piece and _is_verb(piece, 0):
                piece = [*subject, *piece]
            elif piece:
                subject = _subject(piece)
            if piece:
                yield piece
            start = at + 1
        at += 1
        if not rest and cut:
            break


def _opens(items: Sequence[Item], at: int) -> bool:
    """Whether a clause begins here: with its verb, or with a subject that has one soon."""
    if at >= len(items):
        return False
    if _is_verb(items, at):
        return True
    head = items[at]
    if head.ref >= 0 and head.form in (NAMED, "he", THING, PLACE):
        return any(_is_verb(items, place) for place in range(at + 1, min(at + 5, len(items)))) or _several(items, at)
    if head.form in ("the", ARTICLE, "they", "everyone", "both", "each"):
        return any(_is_verb(items, place) for place in range(at + 1, min(at + 4, len(items))))
    return False


def _several(items: Sequence[Item], at: int) -> bool:
    """Whether two people are the subject here: "Ines and the keeper find"."""
    run = items[at : at + 4]
    return len(run) == 4 and run[1].form == "and" and run[2].form == NAMED and grammar.is_base(run[3].form)


def _is_verb(items: Sequence[Item], at: int) -> bool:
    """Whether the finite verb of a clause stands here."""
    item = items[at]
    if item.ref >= 0 or not item.form[0].isalpha():
        return False
    before = items[at - 1] if at else None
    if before is not None and before.ref < 0 and before.form in (*grammar.DETERMINERS, *grammar.PREPOSITIONS, "to"):
        return False
    if grammar.is_present(item.form) or item.form in MODALS:
        return True
    several = at >= 3 and items[at - 2].form == "and" and items[at - 1].ref >= 0 and items[at - 3].ref >= 0
    plain = before is not None and before.form in ("they", "both", "them")
    return (several or plain) and grammar.is_base(item.form)


def _subject(items: Sequence[Item]) -> list[Item]:
    """The items before the verb."""
    end = next((at for at in range(len(items)) if _is_verb(items, at)), 0)
    return list(items[:end])


def _deed(items: list[Item], verb: int, people: list[int], *, thing: bool, partner: str) -> Deed | None:
    """A clause with its roles found; None for one that fits no other cast.

    `thing`: whether its beat spoke of the thing before; `partner`: the verb of the clause before it.
    """
    bits = _bits(items, {ref: role for role, ref in enumerate(people)}, thing=thing) if verb > 0 else None
    if bits is None or any(bit.text == "," for bit, _ in bits):
        return None
    head = [bit for bit, at in bits if at < verb]
    rest = [bit for bit, at in bits if at > verb]
    plural = sum(bit.sort == WHO for bit in head) > 1 or any(bit.text in ("they", "both") for bit in head)
    base = base_of(items[verb].form)
    bare = all(bit.sort == WORD and bit.text in _HANGING for bit in rest) and (bool(rest) or base not in _ENOUGH)
    leaning = (
        (bare and (bool(partner) or base == "refuse"))
        or (base in ("know", "have", "tell") and len(rest) == 1)
        or any(bit.sort == WORD and bit.text in _LEANING for bit in (*head, *rest))
        or (bool(partner) and len(rest) == 1 and rest[0].text == "him")
    )
    said = [bit.text for bit in rest if bit.sort == WORD]
    if any(bit.sort == WHAT and bit.text == "no" for bit in rest):
        return None
    if "all" in said and "it" in [bit.text for bit in rest]:
        return None
    whats = [bit.text for bit in (*head, *rest) if bit.sort == WHAT]
    if len(whats) > 1 and "whose" not in whats:
        return None
    return Deed(
        subject=tuple(head),
        verb=base,
        rest=tuple(rest),
        plural=plural,
        needs=frozenset(bit.ref for bit, _ in bits if bit.ref >= 0),
        leaning=leaning,
        strange=tuple(_nouns(items, verb)),
        goes_back="back" in said or (base == "come" and "home" in said),
        goes_away="away" in said and base in ("send", "stay", "go", "run"),
        again="again" in said,
        takes_up=whats[:1] == ["it"],
        supposes=next(
            (base_of_past(word) for word in said if grammar.is_past(word) and word not in ("was", "put")), ""
        ),
    )


_ENOUGH = words("wait wake hide")
"""Verbs that say enough alone."""
_LEANING = words("it they none same them instead this whose")
_PEOPLE = frozenset((NAMED, BARE, CALLED, *PRONOUN_FORMS))


def _bits(items: Sequence[Item], order: dict[int, int], *, thing: bool) -> list[tuple[Bit, int]] | None:
    """The bits of a clause, each with the index of its item."""
    bits: list[tuple[Bit, int]] = []
    at = 0
    while at < len(items):
        item, following = items[at], items[at + 1 :]
        after = following[0] if following else None
        if item.ref >= 0 and item.form in _PEOPLE:
            if item.form == BARE:
                # "a robot" is the robot, whatever stands before it.
                while bits and bits[-1][0].text in (ARTICLE, "the"):
                    bits.pop()
            bits.append((Bit(WHO, NAMED if item.form in (BARE, CALLED) else item.form, order[item.ref]), at))
        elif item.ref >= 0:
            if item.form not in (THING, PLACE) or (
                after and after.ref < 0 and after.form in ("wall", "floor", "door", "'s")
            ):
                return None
            led = _led(bits)
            if item.form == PLACE:
                if "its" in led:
                    return None
                way = ""
                if bits and bits[-1][0].text in _WAYS and led == "the":
                    way = bits.pop()[0].text
                    if way == "in" and any(bit.text in ("throws", "drops", "puts") for bit, _ in bits):
                        way = "into"
                bits.append((Bit(WHERE, led, SPOT, way), at))
            else:
                bits.append((Bit(WHAT, led, MEANS), at))
        elif item.form == "it" and (thing or any(bit.ref == MEANS for bit, _ in bits)):
            bits.append((Bit(WHAT, "it", MEANS), at))
        elif grammar.is_present(item.form) and bits and bits[-1][0].sort == WHO and any(b.text for b, _ in bits[:-1]):
            bits.append((Bit(VERB, base_of(item.form), bits[-1][0].ref), at))
        else:
            bits.append((Bit(WORD, item.form), at))
        at += 1
    return bits


_WAYS = words("in on at into onto by along over around up down")


def _led(bits: list[tuple[Bit, int]]) -> str:
    """Take the article and the adjectives off the end of the bits, and give them as one text."""
    led: list[str] = []
    while bits:
        bit = bits[-1][0]
        if bit.sort == WHO and bit.text == "his":
            led.insert(0, f"his{bit.ref}")
            bits.pop()
            break
        word = bit.text if bit.sort == WORD else ""
        if word in ("the", ARTICLE, "no", "one", "whose"):
            led.insert(0, word)
            bits.pop()
            break
        if not word or word in grammar.FUNCTION or word in grammar.PREPOSITIONS or word == ",":
            break
        before = [each.text for each, _ in bits[-3:-1]]
        if before[-1:] != ["his"] and (len(led) > 1 or not {"the", ARTICLE, "one"}.intersection(before)):
            break
        led.insert(0, word)
        bits.pop()
    return " ".join(led)


def _nouns(items: Sequence[Item], verb: int) -> list[str]:
    """Stems of the nouns of a clause that are no slots."""
    found: list[str] = []
    for at, item in enumerate(items):
        if item.ref >= 0 or at == verb or not item.form[0].isalpha() or item.form in grammar.FUNCTION:
            continue
        if item.form in _KNOWN or item.form in _HANGING or (_is_verb(items, at) and not _is_verb(items, at - 1)):
            continue
        if at and items[at - 1].ref >= 0 and items[at - 1].form == "his":
            found += content_stems([item.form])
            continue
        before = [each.form for each in items[max(0, at - 2) : at] if each.ref < 0]
        after = items[at + 1] if at + 1 < len(items) else None
        if after is not None and after.ref >= 0 and after.form in (THING, PLACE):
            found += content_stems([item.form]) if item.form not in ("old", "new") else []
            continue
        led = any(word in ("the", ARTICLE, "no", "better", "bad", "new") for word in before)
        placed = before[-1:] and before[-1] in grammar.PREPOSITIONS and not grammar.is_base(item.form)
        behind = grammar.is_present(items[at - 1].form if at else "") and item.form not in _STATES
        if led or placed or behind:
            found += content_stems([item.form])
    return found
