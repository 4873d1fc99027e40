"""Doubles: which of two equal words and of two marks that meet goes."""

import pytest

from composer.text.doubles import dashes_meet, take_dash, take_words, weaker
from composer.text.sides import Side


@pytest.mark.parametrize(
    ("left", "right", "gone"),
    [
        ("out of the", "the gate", [(1, 0, 4)]),
        ("out of the", "of the gate", [(1, 0, 7)]),
        ("out of the", "the", [(0, 6, 10)]),
        ("out of the", "the. Nobody", [(0, 6, 10)]),
        ("out of the", "of the", [(0, 3, 10)]),
        ("of the", "of the", []),
        ("the the", "the the gate", [(1, 0, 8)]),
        ("He said no no", "no no more", []),
        ("out of the", "“the gate", []),
        ("out of the.", "the gate", []),
        ("8", "8 bells", []),
        ("雨", "雨 fell", []),
        ("a", "an oar", [(1, 0, 3)]),
        ("Ann", "ann rowed", []),
        ("The", "the oar", [(1, 0, 4)]),
    ],
)
def test_words_that_are_said_twice(left: str, right: str, gone: list[tuple[int, int, int]]) -> None:
    assert take_words(Side(0, left), Side(1, right), "en") == gone


@pytest.mark.parametrize(
    ("tail", "head", "goes"),
    [
        ("He left", ", coat", "neither"),
        ("He left,", "coat", "neither"),
        ("He left,", ", coat", "right"),
        ("He left,", "; coat", "left"),
        ("He left.", ", coat", "right"),
        ("He left.", "? Why", "left"),
        ("He left!", "! Why", "right"),
        ("He left!", "!! Why", "neither"),
        ("He left?!", "! Why", "neither"),
        ("He left?", "! Why", "neither"),
        ("He left.", "... Why", "neither"),
        ("He left...", ", why", "neither"),
        ("soup etc.", ", bread", "neither"),
        ("soup etc.", ". Bread", "right"),
        ("He left,", ":-) Why", "neither"),
        ("He left,", ".5 miles", "neither"),
    ],
)
def test_of_two_marks_the_weaker_goes(tail: str, head: str, goes: str) -> None:
    assert weaker(tail, head, "en") == goes


def test_marks_weigh_otherwise_in_some_languages() -> None:
    assert [weaker("He left?", ", he", language) for language in ("en", "es")] == ["right", "neither"]
    assert [weaker("It rang,", "; It", language) for language in ("en", "el")] == ["left", "left"]
    assert [weaker("It rang;", ". It", language) for language in ("en", "el")] == ["left", "right"]


def test_a_dash_that_stands_twice() -> None:
    assert dashes_meet("She turned—", "—and")
    assert not dashes_meet("She turned-", "—and")
    assert not dashes_meet("She turned—", "-and")
    assert take_dash("She turned—", Side(1, "— and"), "en") == [(0, 1), (1, 2)]
    assert take_dash("She turned —", Side(1, "--and"), "en") == [(0, 2)]
    assert take_dash("She turned —", Side(1, "— and"), "en") == [(0, 1)]
    assert take_dash("She turned—", Side(1, "—And"), "en") == []
    assert take_dash("Ella —", Side(1, "—y"), "es") == []
