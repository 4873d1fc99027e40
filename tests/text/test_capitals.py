"""Capitals: the first letter behind a seam, and tags that go on in the next piece."""

import pytest

from composer.text.capitals import fitting
from composer.text.sides import Side


@pytest.mark.parametrize(
    ("language", "left", "right", "letter"),
    [
        ("en", "The bell rang.", "somebody ran", "S"),
        ("en", "The bell rang,", "somebody ran", "s"),
        ("en", "When it rang,", "The cook ran", "t"),
        ("en", "When it rang,", "Ottoline ran", "O"),
        ("en", "When it rang,", "“The cook ran", "T"),
        ("en", "The bell rang.", "“somebody ran", "S"),
        ("en", "The bell rang.", "- somebody ran", "s"),
        ("en", "The bell rang", ". somebody ran", "S"),
        ("en", "The bell rang.", "8 ran", "8"),
        ("en", "It rang… ", "she ran", "S"),
        ("en", "It rang…", "she said", "s"),
        ("en", "Why?", "he wondered", "h"),
        ("en", "Why?", "he ran", "H"),
        ("en", "for", "A. Plume", "A"),
        ("en", "The bell rang.", "ǆ", "ǅ"),
        ("en", "The bell rang.", "ß", "ß"),
        ("tr", "Yağmur dindi.", "insanlar", "İ"),
        ("az", "Yağmur dindi.", "ı", "I"),
        ("de", "Als es", "Die Glocke", "D"),
        ("fr", "Le vent…", "elle sortit", "e"),
    ],
)
def test_the_letter_that_fits(language: str, left: str, right: str, letter: str) -> None:
    pieces = [left, right]
    assert fitting(Side(0, left.strip()), Side(1, right), pieces, language, opened=False, closes=False) == letter


def test_a_tag_may_go_on_in_the_next_piece() -> None:
    left, right = Side(0, "“Did it ring?”"), Side(1, "the")
    assert fitting(left, right, ["", "the", "cook asked"], "en", opened=False, closes=False) == "t"
    assert fitting(left, right, ["", "the", "cook ran"], "en", opened=False, closes=False) == "T"


def test_a_quote_that_is_put_begins_a_sentence() -> None:
    left, right = Side(0, "“It rang?”"), Side(1, "he asked")
    assert fitting(left, right, ["", "he asked"], "en", opened=True, closes=False) == "H"
    assert fitting(Side(0, "“It rang,”"), Side(1, "He said"), ["", "He said"], "en", opened=True, closes=False) == "H"


def test_what_closes_belongs_to_the_sentence_before() -> None:
    left, right = Side(0, "(The bell rang."), Side(1, ") somebody ran")
    assert fitting(left, right, ["", ") somebody ran"], "en", opened=False, closes=True) == "S"
    assert fitting(left, right, ["", ") somebody ran"], "en", opened=False, closes=False) == "s"
