"""Endings: how texts leave their sentences, and which full stops belong to abbreviations."""

import pytest

from composer.text.endings import Ending, abbreviated, ending


@pytest.mark.parametrize(
    ("language", "text", "left"),
    [
        ("en", "The bell rang.", "end"),
        ("en", "The bell rang?!", "end"),
        ("en", "*The bell rang.*", "end"),
        ("en", "“The bell rang.”", "end"),
        ("en", "The bell rang....", "end"),
        ("en", "“Did it ring?”", "asked"),
        ("en", "When it rang (why?)", "either"),
        ("en", "“It rang,”", "paused"),
        ("en", "When it rang,", "mid"),
        ("en", "When it rang;", "mid"),
        ("en", "When it rang —", "mid"),
        ("en", "When it", "mid"),
        ("en", "When it rang (twice)", "mid"),
        ("en", "“When it", "mid"),
        ("en", "“When it”", "either"),
        ("en", "It rang:", "either"),
        ("en", "It rang…", "trail"),
        ("en", "It rang. . .", "trail"),
        ("en", "It rang..", "trail"),
        ("en", "It rang for Mr.", "either"),
        ("en", "’)”", "either"),
        ("en", "", "either"),
        ("el", "Τι ώρα είναι;", "end"),
        ("ja", "雨だった。", "end"),
        ("ar", "فتح النافذة،", "mid"),
    ],
)
def test_a_text_leaves_its_sentence(language: str, text: str, left: Ending) -> None:
    assert ending(text, language) == left


@pytest.mark.parametrize("text", ["Mr.", "(cf.", "It was signed J. R.", "in the U.S.", "by K.", "at 9 a.m."])
def test_abbreviations(text: str) -> None:
    assert abbreviated(text, "en")


@pytest.mark.parametrize("text", ["The bell.", "It was I.", "in 1911.", "an x.", "Mister."])
def test_full_stops_that_end_a_sentence(text: str) -> None:
    assert not abbreviated(text, "en")


def test_ordinals_are_written_with_a_full_stop_in_some_languages() -> None:
    assert [language for language in ("de", "fi", "en", "fr") if abbreviated("am 3.", language)] == ["de", "fi"]
