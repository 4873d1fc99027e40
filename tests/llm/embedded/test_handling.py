"""What is done with which things, and how lines are titled by those who and what they tell of."""

from __future__ import annotations

import pytest

from composer.llm.embedded.deeds import MEANS, SPOT, Deed, deeds
from composer.llm.embedded.figures import PERSON, PLACE, THING, Company, Figure
from composer.llm.embedded.handling import Handling
from composer.llm.embedded.store import load
from composer.llm.embedded.things import KINDS, MASS
from composer.llm.embedded.titles import filled, forms

HANDLING = Handling(load())


def thing(noun: str) -> Figure:
    return Figure(THING, noun, noun, noun, mass=noun in MASS)


def place(noun: str, way: str = "in") -> Figure:
    return Figure(PLACE, noun, noun, noun, way=way)


def deed(verb: str, needs: int) -> Deed:
    return next(each for each in deeds(load()) if each.verb == verb and needs in each.needs and not each.small)


@pytest.mark.parametrize(
    ("verb", "fitting", "alien"),
    [("ring", "bell", "bread"), ("play", "violin", "coat"), ("light", "candle", "ladder"), ("mend", "net", "bread"),
     ("read", "diary", "lamp")],
)  # fmt: skip
def test_what_is_done_with_one_thing_is_done_with_its_kin(verb: str, fitting: str, alien: str) -> None:
    one = deed(verb, MEANS)
    assert HANDLING.thing(one, thing(fitting)) > 0.4
    assert HANDLING.thing(one, thing(alien)) < 0.1


@pytest.mark.parametrize("noun", ["compass", "bread", "violin", "zither"])
def test_much_is_done_with_anything(noun: str) -> None:
    for verb in ("find", "ask", "give", "hide", "steal"):
        best = max(
            HANDLING.thing(each, thing(noun)) for each in deeds(load()) if each.verb == verb and MEANS in each.needs
        )
        assert best >= 0.5, verb


def test_one_climbs_what_is_high() -> None:
    climbs = deed("climb", SPOT)
    assert HANDLING.place(climbs, place("hill", "on")) > 0.5 > HANDLING.place(climbs, place("kitchen"))


def test_no_thing_is_of_two_kinds_by_mistake() -> None:
    assert KINDS["lamp"] == KINDS["candle"] != KINDS["bell"]


def test_titles_have_those_who_are_there() -> None:
    figures = (
        Figure(PERSON, "Mara", "Mara", "Mara", "she", proper=True),
        Figure(PERSON, "wolf", "the wolf", "the wolf", "he"),
        thing("lamp"),
        place("hill", "on"),
    )
    company, known = Company(figures), forms(load())
    assert len(known) > 12
    made = {filled(form, company, (0, 1, 2, 3)) for form in known}
    assert {"Mara and the Lamp", "The Lamp on the Hill", "Mara's Lamp"} <= made
    assert not any("<" in title or "The Mara" in title or "the Mara" in title for title in made)
    alone = {filled(form, company, (0, -1, -1, -1)) for form in known} - {""}
    assert alone
    assert not any("Lamp" in title or "Wolf" in title for title in alone)
