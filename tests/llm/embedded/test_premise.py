"""Whom and what a request speaks of, and what it says that happens, as far as English tells."""

from __future__ import annotations

import pytest

from composer.llm.embedded.brief import Brief, outline_lines
from composer.llm.embedded.figures import PERSON, PLACE, THING, Company
from composer.llm.embedded.prompt import Prompt
from composer.llm.embedded.request import understand
from composer.llm.embedded.store import load
from composer.llm.embedded.voicing import Speaking, text_of, told


def brief(purpose: str = "", **parts: str) -> Brief:
    store = load()
    return Brief(store, understand(Prompt(kind="outline", purpose=purpose, **parts), store))  # type: ignore[arg-type]


def first_names(company: Company, kind: str) -> list[str]:
    return [company.figures[at].first for at in company.of(kind)]


@pytest.mark.parametrize(
    ("purpose", "people", "things", "places"),
    [
        ("A lighthouse keeper keeps the lamp.", ["<a> lighthouse keeper"], ["lamp"], ["lighthouse"]),
        ("Mara the baker gives bread to the wolf.", ["Mara the baker", "the wolf"], ["bread"], []),
        ("To show what it costs two sisters to run an inn.", ["two sisters"], [], ["inn"]),
        ("A clockmaker loves the mayor's daughter.", ["<a> clockmaker", "the mayor's daughter", "the mayor"], [], []),
        ("Wren, a girl of twelve, brings the oil to the mill.", ["Wren , <a> girl of twelve ,"], ["oil"], ["mill"]),
        ("A thief breaks into a house in Lisbon.", ["<a> thief"], [], ["house", "Lisbon"]),
        ("The bell of Sandbeck rings.", [], ["bell"], []),
        ("A novel in which Ottoline Graves, a retired judge, hides a man.",
         ["Ottoline Graves , <a> retired judge ,", "<a> man"], [], []),
        ("Two brothers fight over a boat.", ["two brothers"], ["boat"], []),
        ("An astronaut alone on a station finds a letter.", ["<a> astronaut"], ["letter"], ["station"]),
        ("Let a fisherman and his boat come into it.", ["<a> fisherman"], ["boat"], []),
        ("Love is patience. Grief and hope.", [], [], []),
        ("", [], [], []),
    ],
)  # fmt: skip
def test_people_things_and_places_are_found(
    purpose: str, people: list[str], things: list[str], places: list[str]
) -> None:
    company = brief(purpose).company
    assert first_names(company, PERSON) == people
    assert first_names(company, THING) == things
    assert first_names(company, PLACE) == places


@pytest.mark.parametrize(
    ("purpose", "genders"),
    [
        ("Mara meets Joss.", ["she", "he"]),
        ("A captain writes that she is lost.", ["she"]),
        ("An astronaut finds a letter that is addressed to her.", ["she"]),
        ("Mara feeds the wolf.", ["she", "he"]),
        ("A heron feeds the otter.", ["she", "he"]),
        ("The queen feeds the woman.", ["she", "she"]),
        ("A robot learns.", ["it"]),
        ("Quill says that she is late.", ["she"]),
    ],
)
def test_pronouns_are_told_by_names_lists_and_texts(purpose: str, genders: list[str]) -> None:
    company = brief(purpose).company
    assert [company.figures[at].gender for at in company.of(PERSON)] == genders


def test_notes_name_people_and_places() -> None:
    company = brief(
        "A robbery.", notes="Ida Marsh (person): she drives\n\nthe weigher (person): he counts\n\nThe Dock (place): wet"
    ).company
    assert first_names(company, PERSON) == ["Ida Marsh", "the weigher"]
    assert [company.figures[at].gender for at in company.of(PERSON)] == ["she", "he"]
    assert first_names(company, PLACE) == ["the Dock"]


def said(of: Brief) -> list[str]:
    """What a purpose says, as it would be told first, or as it is written."""
    return [
        kernel.text if kernel.asks or not kernel.deed or not kernel.deed.about
        else text_of(told(of.company, Speaking(), kernel.deed).words)
        for kernel in of.kernels
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("purpose", "sayings", "late"),
    [
        ("A keeper who keeps the lamp for no one learns who has been watching.",
         ["a keeper keeps the lamp for no one", "a keeper learns who has been watching"], [False, True]),
        ("Mara wants to give bread to the wolf.",
         ["Mara wants to give bread to the wolf", "Mara gives bread to the wolf"], [False, True]),
        ("Wren must bring the oil.", ["Wren must bring the oil", "Wren brings the oil"], [False, True]),
        ("A robot learns to wait.", ["a robot learns to wait"], [True]),
        ("Two brothers fight over a boat.", ["two brothers fight over a boat"], [False]),
        ("A story about a clockmaker in a town, who falls in love with a queen.",
         ["a clockmaker falls in love with a queen"], [False]),
        ("Trust is built slowly and lost at once.", ["trust is built slowly and lost at once"], [True]),
        ("To show what it costs to keep an inn.", ["what it costs to keep an inn"], [True]),
        ("Every night the ferryman rows a boat across the river.",
         ["every night, the ferryman rows a boat across the river"], [False]),
        ("Love.", [], []),
        ("It should end well.", [], []),
    ],
)  # fmt: skip
def test_what_a_purpose_says_is_read_clause_by_clause(purpose: str, sayings: list[str], late: list[bool]) -> None:
    of = brief(purpose)
    assert said(of) == sayings
    assert [kernel.late for kernel in of.kernels] == late


def test_what_the_outline_says_already_is_not_said_again() -> None:
    purpose = "Mara the baker gives bread to the wolf."
    assert len(brief(purpose).kernels) == 1
    assert brief(purpose, outline="- Mara gives the wolf bread, as a baker.").kernels == []
    assert len(brief(purpose, outline="- Mara sleeps.").kernels) == 1


def test_the_lines_of_an_outline_are_read_with_their_depth() -> None:
    assert outline_lines("- One\n  > Two\n    - Three: it ends.\n\nFour") == [
        (0, "One"), (1, "Two"), (2, "Three: it ends."), (0, "Four")
    ]  # fmt: skip


def test_a_request_leaves_the_same_things_open_each_time() -> None:
    one, other = brief("A robot learns to wait."), brief("A robot learns to wait.")
    assert (one.count, one.near) == (other.count, other.near)
    assert one.near != brief("A robot learns to wait.", lens="gloomy").near
