"""Sentences told in the past, put in the present."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.embedded.tense import agreeing, base_of, base_of_past
from composer.llm.embedded.tensing import in_present, is_past_tense

NAMES = frozenset(("Verity", "Tobit", "Mara", "Joss"))


@pytest.mark.parametrize(
    ("past", "present"),
    [
        ("Verity opened the case.", "Verity opens the case."),
        ("The pump had not given water, and Verity was the one who was sent for.",
         "The pump has not given water, and Verity is the one who is sent for."),
        ("She came on the coach with a case and a boy called Tobit, who carried the rods.",
         "She comes on the coach with a case and a boy called Tobit, who carries the rods."),
        ("Tobit looked at her, and she shook her head, and they drew the rods up.",
         "Tobit looks at her, and she shakes her head, and they draw the rods up."),
        ("When the house was dark she went down with Tobit and a lantern, and he climbed in.",
         "When the house is dark she goes down with Tobit and a lantern, and he climbs in."),
        ("She told him that the pump could not be mended.", "She tells him that the pump cannot be mended."),
        ("The stars were very bright.", "The stars are very bright."),
        ("Mara and Joss walked home and slept.", "Mara and Joss walk home and sleep."),
        ("The children of the mill sang until the miller woke.", "The children of the mill sing until the miller wakes."),
        ("The men who had built the wall left.", "The men who have built the wall leave."),
        ("I took the letter and was glad.", "I take the letter and am glad."),
        ("He didn't know that they weren't coming.", "He doesn't know that they aren't coming."),
        ("“I was late,” said Mara, and she smiled.", "“I was late,” said Mara, and she smiles."),
        ("He found a rope, coiled like a cat.", "He finds a rope, coiled like a cat."),
        ("Of all the boats only two returned.", "Of all the boats only two return."),
        ("Mara lights the lamp.", "Mara lights the lamp."),
        ("", ""),
    ],
)  # fmt: skip
def test_verbs_are_put_in_the_present(past: str, present: str) -> None:
    assert in_present(past, NAMES.__contains__) == present


def test_a_text_is_told_in_the_past_or_not() -> None:
    assert is_past_tense("Mara came home. She was tired.", NAMES.__contains__)
    assert not is_past_tense("Mara comes home. She waits.", NAMES.__contains__)
    assert not is_past_tense("“I came home,” says Mara.", NAMES.__contains__)
    assert not is_past_tense("", NAMES.__contains__)


@pytest.mark.parametrize(
    ("past", "base"),
    [
        ("carried", "carry"), ("stopped", "stop"), ("hoped", "hope"), ("went", "go"), ("was", "be"), ("lay", "lie"),
        ("howled", "howl"), ("tumbled", "tumble"), ("found", "find"), ("bread", "bread"), ("crossed", "cross"),
    ],
)  # fmt: skip
def test_the_base_of_a_past_form_is_found(past: str, base: str) -> None:
    assert base_of_past(past) == base


@pytest.mark.parametrize(
    ("base", "one", "several"), [("carry", "carries", "carry"), ("be", "is", "are"), ("must",) * 3]
)
def test_a_verb_agrees_and_is_known_by_its_form(base: str, one: str, several: str) -> None:
    assert agreeing(base, plural=False) == one
    assert agreeing(base, plural=True) == several
    assert base_of(one) == base or base == "must"


@given(st.text(max_size=60))
def test_nothing_but_words_is_changed(text: str) -> None:
    changed = in_present(text, NAMES.__contains__)
    marks = [sign for sign in text if not sign.isalpha() and sign not in "'’ "]
    assert [sign for sign in changed if not sign.isalpha() and sign not in "'’ "] == marks
