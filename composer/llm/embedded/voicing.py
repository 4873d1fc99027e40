"""How a clause is put into words: who is called what, which form the verb has, and in which voice it is said.

"Somebody finds something somewhere" becomes "a fox finds the lantern in the orchard", or "find the lantern in the
orchard", or "why does the fox find the lantern in the orchard". Chooses nothing: what is said, and in which voice, is
`plot`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple

from composer.llm.embedded.cast import NAMED
from composer.llm.embedded.deeds import VERB, WHAT, WHERE, WHO, WORD, Bit, Deed
from composer.llm.embedded.figures import PLACE, Company, Figure
from composer.llm.embedded.tense import MODALS, agreeing
from composer.llm.embedded.things import HIGH
from composer.llm.embedded.tokens import ARTICLE, DASH, STOPS, TIGHT, article_is_an, runs

Voice = Literal["told", "asked", "ordered"]
"""As it is, as a question, or as a task for the hero."""
QUESTIONS = ("why", "how", "what happens after", "who knows that", "what if")
"""How questions begin."""


class Binding(NamedTuple):
    """The figures in the four roles of a deed; -1 for none. A clause of the request has its figures already, and none
    here."""

    doer: int = -1
    other: int = -1
    means: int = -1
    spot: int = -1


UNBOUND = Binding()
_PARTICLES = frozenset(("up", "out", "away", "back", "down"))
"""Words that stand behind the pronoun that their verb has."""


@dataclass(frozen=True, slots=True)
class Speaking:
    """Whom and what the answer named so far, for what the next clause may call them."""

    told: frozenset[int] = frozenset()
    near: tuple[int, ...] = ()
    """Those of the present line, in order."""
    hero: int = -1
    """Whom a task is for."""
    roles: tuple[tuple[int, str], ...] = ()
    """Figures that play a part, and which: "fox"."""

    def line(self) -> Speaking:
        """The same at the beginning of a line."""
        return replace(self, near=())


class Said(NamedTuple):
    """A clause in words."""

    words: tuple[str, ...]
    """Its words and marks, in the middle of a sentence; the article as `ARTICLE`."""
    after: Speaking


def told(company: Company, speaking: Speaking, deed: Deed, binding: Binding = UNBOUND, *, elided: bool = False) -> Said:
    """A clause as it is; `elided`: without its subject, which is that of the clause before it."""
    made = _Words(company, speaking, deed, binding)
    front = made.front()
    subject = [] if elided else made.subject()
    return Said((*front, *subject, made.verb(deed.verb), *made.rest()), made.after)


def ordered(
    company: Company, speaking: Speaking, deed: Deed, binding: Binding = UNBOUND, *, elided: bool = False
) -> Said | None:
    """A clause as a task: "find the lamp"; of what somebody else does: "let the fox find it". None for what can't be
    done."""
    made = _Words(company, speaking, deed, binding, ordered=True)
    if deed.verb in MODALS or deed.verb in ("be", "do"):
        return None
    front = made.front()
    people = [made.figure(bit.ref) for bit in deed.subject if bit.sort == WHO]
    if people == [speaking.hero] and deed.subject[-1].sort == WHO:
        return Said((*front, deed.verb, *made.rest()), made.after)
    if elided or speaking.hero in people:
        return None
    return Said((*front, "let", *made.subject(), deed.verb, *made.rest()), made.after)


def asked(company: Company, speaking: Speaking, deed: Deed, binding: Binding, how: str) -> Said:
    """A clause as a question without its mark; `how` is one of `QUESTIONS`."""
    made = _Words(company, speaking, deed, binding)
    subject = made.subject()
    verb, rest = made.verb(deed.verb), made.rest()
    behind = made.front()[:-1]
    if " " in how:
        return Said((*how.split(), *subject, verb, *rest, *behind), made.after)
    if deed.verb in MODALS or deed.verb in ("be", "do"):
        return Said((how, verb, *subject, *rest, *behind), made.after)
    return Said((how, made.verb("do"), *subject, deed.verb, *rest, *behind), made.after)


class _Words:
    """The words of one clause, made in their order."""

    def __init__(
        self, company: Company, speaking: Speaking, deed: Deed, binding: Binding, *, ordered: bool = False
    ) -> None:
        self._figures = company.figures
        self._speaking = speaking
        self._deed = deed
        self._binding = binding
        self._ordered = ordered
        self._told = set(speaking.told)
        self._near = list(speaking.near)
        self._roles = dict(speaking.roles)

    @property
    def after(self) -> Speaking:
        """What is named behind it."""
        return replace(self._speaking, told=frozenset(self._told), near=tuple(self._near))

    def front(self) -> list[str]:
        """What stands before the subject, with a comma."""
        made = self._words(self._deed.front)
        return [*made, ","] if made else []

    def subject(self) -> list[str]:
        """The words of the subject."""
        several = sum(bit.sort == WHO for bit in self._deed.subject) > 1
        return self._words(self._deed.subject, "" if several else "he")

    def rest(self) -> list[str]:
        """What stands behind the verb; "gives him it" as "gives it to him"."""
        rest = self._deed.rest
        if len(rest) > 1 and rest[0].sort == WHO and rest[0].text != "his" and self._becomes_it(rest[1]):
            rest = (rest[1], Bit(WORD, "to"), rest[0], *rest[2:])
        return self._words(rest)

    def _becomes_it(self, bit: Bit) -> bool:
        """Whether a bit is a thing that a pronoun stands for here."""
        return bit.sort == WHAT and self._is_it(self.figure(bit.ref), bit.text)

    def figure(self, ref: int) -> int:
        """The figure at a bit's reference."""
        return ref if self._binding == UNBOUND else self._binding[ref]

    def verb(self, base: str) -> str:
        """A verb as it agrees with the subject."""
        last = self._deed.subject[-1]
        named = [bit for bit in self._deed.subject if bit.ref >= 0]
        alone = named == [last] and not (last.sort == WHO and last.text == "his")
        plural = self._figures[self.figure(last.ref)].plural if alone else self._deed.plural
        return agreeing(base, plural=plural or self._deed.plural)

    def _words(self, bits: Sequence[Bit], form: str = "him") -> list[str]:
        """The words of some bits; `form` of the pronoun that may stand in the place of a name."""
        found: list[str] = []
        bits = self._turned(bits)
        for at, bit in enumerate(bits):
            before = bits[at - 1] if at else None
            if bit.sort == WORD:
                found.append(bit.text)
            elif bit.sort == VERB:
                figure = self._figures[self.figure(bit.ref)]
                found.append(agreeing(bit.text, plural=figure.plural or found[-1:] == ["you"]))
            elif bit.sort == WHO:
                owned = before is not None and before.sort == WHO and before.text == "his"
                clause = form == "him" and at + 1 < len(bits) and bits[at + 1].sort == VERB
                found += self._person(bit, "he" if clause else form, owned=owned)
            else:
                again = before is not None and before.ref == bit.ref and before.sort == bit.sort
                found += self._object(bit, again=again, listed=found[-1:] == ["and"])
        return found

    def _turned(self, bits: Sequence[Bit]) -> list[Bit]:
        """The bits with a pronoun before the particle of its verb: "gives back it" as "gives it back"."""
        turned = list(bits)
        for at, (bit, after) in enumerate(pairwise(bits)):
            if bit.sort == WORD and bit.text in _PARTICLES and self._becomes_it(after):
                turned[at], turned[at + 1] = after, bit
        return turned

    def _person(self, bit: Bit, pronoun: str, *, owned: bool) -> list[str]:
        number, form = self.figure(bit.ref), bit.text
        figure = self._figures[number]
        if self._ordered and number == self._speaking.hero:
            return [{"his": "your", "hers": "yours", "himself": "yourself"}.get(form, "you")]
        plain = not any(each != number and self._alike(each, number) for each in self._near)
        if form == "himself" or (plain and number in self._near and form != NAMED):
            made = [figure.pronoun(form)]
        elif form == NAMED and pronoun and plain and number in self._speaking.near and not owned:
            made = [figure.pronoun(pronoun)]
        elif form in ("his", "hers"):
            made = _owning(self._name(number, short=True), plural=figure.plural)
        else:
            made = [figure.head] if owned else self._name(number)
        self._mention(number)
        return made

    def _alike(self, one: int, other: int) -> bool:
        """Whether a pronoun may mean either of two figures."""
        first, second = self._figures[one], self._figures[other]
        return first.plural == second.plural and (first.plural or first.gender == second.gender)

    def _mention(self, number: int) -> None:
        self._told.add(number)
        if number not in self._near:
            self._near.append(number)

    def _name(self, number: int, *, short: bool = False) -> list[str]:
        """What somebody is called here."""
        figure = self._figures[number]
        fresh = number not in self._told
        if number in self._roles:
            part = self._roles[number]
            if not fresh or short:
                return ["the", *part.split()]
            if not figure.given:
                return [ARTICLE, *part.split()]
            return f"{figure.first.partition(' ,')[0]} , the {part} ,".split()
        if figure.owner >= 0:
            return self._owned(figure)
        if short and "," in figure.first:
            return figure.again.split()
        return (figure.first if fresh else figure.again).split()

    def _owned(self, figure: Figure) -> list[str]:
        """Somebody who is somebody's: "Wren's father", "her father"."""
        owner = self._figures[figure.owner]
        if self._ordered and figure.owner == self._speaking.hero:
            return ["your", figure.head]
        others = [each for each in self._near if each != figure.owner and self._alike(each, figure.owner)]
        if figure.owner in self._near and not others:
            return [owner.pronoun("his"), figure.head]
        if figure.owner in self._roles:
            return [*_owning(["the", self._roles[figure.owner]], plural=False), figure.head]
        known = owner.proper or figure.owner in self._told or "," in owner.first
        return [*_owning((owner.again if known else owner.first).split(), plural=owner.plural), figure.head]

    def _object(self, bit: Bit, *, again: bool, listed: bool) -> list[str]:
        """A thing or a place with what stands before it; `again`: right behind itself; `listed`: behind "and"."""
        number = self.figure(bit.ref)
        figure = self._figures[number]
        fresh = number not in self._told
        way = [_way(bit.way, figure)] if bit.way else []
        if again or (bit.sort == WHAT and not listed and self._is_it(number, bit.text)):
            return ["they" if figure.plural and again else "them" if figure.plural else "it"]
        led = "the" if bit.text == "it" else bit.text
        owner = re.match(r"his(\d+) ?", led)
        if owner:
            whose = self._person(Bit(WHO, "his", int(owner.group(1))), "his", owned=False)
            led = " ".join((*whose, led[owner.end() :])).strip()
        head, _, adjectives = led.partition(" ")
        if self._binding == UNBOUND:
            head = self._head(figure, head, fresh=fresh)
        elif not owner:
            head = self._bound_head(figure, head, fresh=fresh, place=bit.sort == WHERE, described=bool(adjectives))
        noun = figure.first if fresh and not adjectives else figure.again
        self._mention(number)
        return [*way, *head.split(), *adjectives.split(), *noun.split()]

    def _is_it(self, number: int, led: str) -> bool:
        """Whether a pronoun may stand for a thing here, and is better."""
        if number not in self._near or (led != "it" and (led != "the" or number not in self._speaking.near)):
            return False
        figures = self._figures
        return not any(
            self._alike(each, number) for each in self._near if each != number and figures[each].kind != PLACE
        )

    def _head(self, figure: Figure, head: str, *, fresh: bool) -> str:
        """The article of a thing or place in a clause of the request."""
        return "the" if head == ARTICLE and not fresh and not figure.proper else head

    def _bound_head(self, figure: Figure, head: str, *, fresh: bool, place: bool, described: bool) -> str:
        """The article of a thing or place in the role of another."""
        if figure.proper:
            return ""
        if head not in ("", "the", ARTICLE):
            return head
        new = fresh and not figure.known
        if place:
            return "the"
        if figure.mass or figure.plural:
            return "" if new or (head == ARTICLE and described) else "the"
        return ARTICLE if new or (head == ARTICLE and described) else "the"


def _owning(name: Sequence[str], *, plural: bool) -> list[str]:
    """A name as the owner of what follows."""
    return [*name[:-1], name[-1] + ("'" if plural and name[-1].endswith("s") else "'s")]


def _way(way: str, place: Figure) -> str:
    """The preposition that goes to a place, or stands before it, as the place wants it."""
    if way in ("in", "on", "at"):
        return place.way
    if way in ("into", "onto"):
        return "onto" if place.way == "on" else "into"
    if way == "up":
        return "up" if place.head in HIGH else "to"
    return _ROOMS.get(way, way) if place.way != "on" else way


_ROOMS = {"by": "near", "along": "through", "over": "around", "around": "around", "down": "through"}
"""Prepositions of what is open, and of what has walls or shores."""


def pieces_of(said: Sequence[str]) -> list[str]:
    """Words and marks as texts with the gaps before them, with the right articles; the case of the first letter is as
    it is."""
    made: list[str] = []
    kept = [word for at, word in enumerate(said) if not _doubled(said, at)]
    for at, word in enumerate(kept):
        if word == ARTICLE:
            following = kept[at + 1] if at + 1 < len(kept) else ""
            word = "an" if article_is_an(following) else "a"
        elif " " in word:
            first, *rest = runs(word)
            made += [f" {first}" if made else first, *rest]
            continue
        elif word == DASH:
            word = "—"
            made.append(f" {word}")
            continue
        glued = not made or word in TIGHT or word == "”" or made[-1].strip() in ("(", "[", "“")
        made.append(word if glued else f" {word}")
    return made


def text_of(said: Sequence[str]) -> str:
    """The same as one text."""
    return "".join(pieces_of(said))


def _doubled(said: Sequence[str], at: int) -> bool:
    """Whether a comma stands before another mark, or at the end."""
    following = said[at + 1] if at + 1 < len(said) else "."
    return said[at] == "," and (following in STOPS or following in (",", ";", ":"))
