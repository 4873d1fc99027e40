"""Who plays in an outline: the company of a request, filled up where it lacks somebody or something, in a few
different ways.

Whoever is lacking comes from the fables that are nearest to the request in words. Which of the ways it is shows when
one of them is named; until then all are open, each with its share (see `plot`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from composer.llm.embedded.cast import Cast
from composer.llm.embedded.figures import PERSON, PLACE, THING, Company, Figure
from composer.llm.embedded.lensing import Shape
from composer.llm.embedded.phrases import way_of
from composer.llm.embedded.store import Store
from composer.llm.embedded.things import KINDS, MASS
from composer.llm.embedded.tokens import ARTICLE

_SHARES = (0.5, 0.3, 0.2)
"""How likely the different ways are."""
_NEXT = 3
"""By how many fables two ways differ."""
_PARTS: dict[str, str] = {
    "animals": "fox heron wolf otter crow donkey bear crab gull cat",
    "trades": "ferryman:he miller tailor postman:he weaver cobbler gardener potter baker innkeeper",
    "heroes": "king:he thief soldier:he queen:she beggar hermit:he judge smuggler astronomer child",
}
"""The parts that people may play, all of them the corpus's; with a pronoun where only such people may."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """One way to fill up the company."""

    company: Company
    share: float
    hero: int
    people: tuple[int, ...]
    """Those whom learned clauses may tell of, the most important first."""
    things: tuple[int, ...]
    places: tuple[int, ...]
    roles: tuple[tuple[int, str], ...]
    """Figures that play a part, and which."""


def worlds(store: Store, company: Company, shape: Shape, order: Sequence[int], chance: Random) -> tuple[World, ...]:
    """The ways to fill up a company; one if nothing is lacking. `order`: fables, the nearest first."""
    people = [at for at in company.of(PERSON) if company.figures[at].gender != "I"]
    handy = any(is_handy(store, company.figures[at]) for at in company.of(THING))
    lacks = len(people) < 2 or not handy or not company.of(PLACE)
    shares = _SHARES if lacks else (1.0,)
    parts = _PARTS.get(shape.roles, "").split()
    chance.shuffle(parts)
    made: list[World] = []
    for number, share in enumerate(shares):
        filled = _filled(store, company, order, _NEXT * number)
        people = [at for at in filled.of(PERSON) if filled.figures[at].gender != "I"]
        if shape.other and len(people) > 1:
            people[:2] = people[1::-1]
        roles = _roles(filled, people[:3], parts)
        things = sorted(filled.of(THING), key=lambda at: not is_handy(store, filled.figures[at]))[:2]
        places = sorted(filled.of(PLACE), key=lambda at: filled.figures[at].plural)[:2]
        made.append(
            World(filled, share / sum(shares), people[0], tuple(people[:3]), tuple(things), tuple(places), roles)
        )
    return tuple(made)


def is_handy(store: Store, figure: Figure) -> bool:
    """Whether a thing is known for one that people do something with."""
    return figure.head in KINDS or any(figure.head in fable.cast.things for fable in store.fables)


def _roles(company: Company, people: Sequence[int], parts: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """A part for each of these people that goes with the pronoun they have."""
    heads = {figure.head for figure in company.figures}
    free = [part for part in parts if part.partition(":")[0] not in heads]
    found: list[tuple[int, str]] = []
    for number in people:
        figure = company.figures[number]
        part = next((each for each in free if ":" not in each or each.endswith(f":{figure.gender}")), "")
        if part and not figure.plural:
            free.remove(part)
            found.append((number, part.partition(":")[0]))
    return tuple(found)


def _filled(store: Store, company: Company, order: Sequence[int], shift: int) -> Company:
    """The company with those whom it lacks behind its own."""
    figures = list(company.figures)
    nouns = {figure.head for figure in figures}
    people = [figure for figure in figures if figure.kind == PERSON and figure.gender != "I"]
    for cast in _casts(store, order, shift):
        for character in cast.characters:
            taken = any(each.gender == character.gender and not each.plural for each in people)
            if len(people) < 2 and not character.named and character.noun not in nouns and not taken:
                noun = character.noun
                people.append(
                    Figure(PERSON, noun, f"{ARTICLE} {noun}", f"the {noun}", character.gender, names=((noun,),))
                )
                figures.append(people[-1])
                nouns.add(noun)
                break
        if len(people) > 1:
            break
    if not any(is_handy(store, figure) for figure in figures if figure.kind == THING):
        carried = (
            noun
            for cast in _casts(store, order, shift + 1)
            for noun in cast.things
            if noun in KINDS and noun not in MASS
        )
        noun = next(each for each in carried if each not in nouns)
        figures.append(Figure(THING, noun, noun, noun, names=((noun,),)))
    if not company.of(PLACE):
        noun = next(each for cast in _casts(store, order, shift + 2) for each in cast.places if each not in nouns)
        figures.append(Figure(PLACE, noun, noun, noun, names=((noun,),), known=True, way=way_of(noun)))
    return Company(tuple(figures))


def _casts(store: Store, order: Sequence[int], shift: int) -> Iterator[Cast]:
    """The casts of the fables in their order, those from `shift` on first."""
    for fable in (*order[shift:], *order[:shift]):
        yield store.fables[fable].cast
