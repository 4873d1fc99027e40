"""Text to symbols and back, without and with the cast taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.embedded.cast import Cast, Character, slots
from composer.llm.embedded.corpus import Fable, load_fables
from composer.llm.embedded.grammar import Clause, past, plural
from composer.llm.embedded.store import load
from composer.llm.embedded.tokens import (
    ARTICLE,
    CLOSE,
    CLOSE_MID,
    OPEN,
    OPEN_MID,
    Printer,
    article_is_an,
    count,
    detokenise,
    tokenise,
)

FABLES = load_fables()
DUO = Cast((Character("ferryman", "he"), Character("Ines", "she", "")), ("rope",), ("landing",))


def symbols(text: str) -> list[str]:
    return [token.symbol for token in tokenise(text, lambda word: word in ("Ines", "Mara"))]


@pytest.mark.parametrize("fable", FABLES, ids=lambda fable: fable.title)
def test_every_paragraph_survives_the_round_trip(fable: Fable) -> None:
    proper = load().proper.__contains__
    for passage in fable.passages:
        plain = [token.symbol for token in tokenise(passage.text, proper)]
        assert detokenise(plain) == passage.text
        items = fable.cast.encode(plain)
        surfaces = [item.form if item.ref < 0 else fable.cast.surface(item.form, item.ref) for item in items]
        assert None not in surfaces
        assert detokenise(surface or "" for surface in surfaces) == passage.text


@given(st.text(alphabet=st.sampled_from("Ab \"“”'.,?!—…\n\t(1é日"), max_size=40))
def test_tokens_lie_in_order_and_leave_only_space_between(text: str) -> None:
    tokens = tokenise(text, lambda word: False)
    assert len(tokens) == count(text)
    at = 0
    for token in tokens:
        assert text[at : token.start].strip() == ""
        assert token.start < token.end
        at = token.end
    assert text[at:].strip() == ""


def test_quotes_tell_whether_a_sentence_ends() -> None:
    assert symbols('"Why?" she asked. "I know," said Ines, "but go." He went.') == [
        *(OPEN, "why", "?", CLOSE_MID, "she", "asked", "."),
        *(OPEN, "I", "know", ",", CLOSE_MID, "said", "Ines", ","),
        *(OPEN_MID, "but", "go", ".", CLOSE, "he", "went", "."),
    ]


@pytest.mark.parametrize(
    ("surfaces", "text"),
    [
        ([ARTICLE, "old", "rope"], "An old rope"),
        (["it", "was", ARTICLE, "hour"], "It was an hour"),
        (["once", ARTICLE, "year"], "Once a year"),
        (["there", "was", ARTICLE], "There was a"),
        ([OPEN, ARTICLE, "rope", ".", CLOSE, "the", "end", "."], '"A rope." The end.'),
    ],
)
def test_the_article_waits_for_its_word(surfaces: list[str], text: str) -> None:
    assert detokenise(surfaces) == text


@pytest.mark.parametrize(("word", "an"), [("apple", True), ("unicorn", False), ("one", False), ("honest", True)])
def test_an_goes_by_sound(word: str, an: bool) -> None:
    assert article_is_an(word) is an


def test_looking_ahead_prints_nothing() -> None:
    printer = Printer()
    assert printer.text("the") == "The"
    assert printer.push("the") == "The"
    assert printer.push(ARTICLE) == ""
    assert printer.text("owl") == " owl"
    assert printer.push("owl") == " an owl"


def test_slots_say_who_by_who_was_mentioned_last() -> None:
    items = DUO.encode(symbols("The ferryman gave Ines the rope. She laughed, and he left her on the landing."))
    assert slots(items) == (
        [
            "<C=>",
            "gave",
            "<C~>",
            "the",
            "<T>",
            ".",
            "<he=>",
            "laughed",
            ",",
            "and",
            "<he~>",
            "left",
            "<him~>",
            "on",
            "the",
            "<P>",
            ".",
        ]
    )


def test_a_character_is_called_by_name_in_speech() -> None:
    items = DUO.encode(symbols('"Ferryman, wait!" said Ines. "The ferryman is old."'))
    forms = [item.form for item in items if item.ref >= 0]
    assert forms == ["C.v", "C", "C"]


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("carry", "carried"),
        ("stop", "stopped"),
        ("visit", "visited"),
        ("play", "played"),
        ("go", "went"),
        ("tie", "tied"),
    ],
)
def test_past_tense(base: str, told: str) -> None:
    assert past(base) == told


@pytest.mark.parametrize(
    ("noun", "many"), [("box", "boxes"), ("ferryman", "ferrymen"), ("city", "cities"), ("key", "keys")]
)
def test_plural(noun: str, many: str) -> None:
    assert plural(noun) == many


def test_a_sentence_is_followed_in_and_out_of_speech() -> None:
    clause = Clause()
    seen: list[tuple[bool, bool]] = []
    for symbol in symbols('"Go," said Ines, "now." He went.'):
        clause.push(symbol)
        seen.append((clause.quoted, clause.begins))
    assert [quoted for quoted, _ in seen] == [*[True] * 3, *[False] * 4, *[True] * 3, *[False] * 4]
    assert [at for at, (_, begins) in enumerate(seen) if begins] == [10, 13]
