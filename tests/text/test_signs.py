"""Signs: the words next to a place, signs that are no marks, and that nothing is compiled before it is used."""

import subprocess
import sys

import pytest

from composer.text.signs import SEEN, no_mark, skip_space, word_after, word_before, wordy


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", ""),
        ("an oar", "oar"),
        ("an oar.", ""),
        ("a well-worn", "well-worn"),
        ("the cook’s", "cook’s"),
        ("the dogs’", ""),
        ("’tis", "tis"),
        ("- x", "x"),
        ("cafe\u0301", "cafe\u0301"),
        ("می\u200cروم", "می\u200cروم"),
    ],
)
def test_the_word_that_a_text_ends_with(text: str, word: str) -> None:
    assert word_before(text) == (len(text) - len(word), word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", ""),
        ("oar lost", "oar"),
        (".oar", ""),
        ("well-worn rug", "well-worn"),
        ("half-", ""),
        ("’tis", ""),
        ("dogs’ bowls", ""),
        ("snake_case", ""),
        ("a" * SEEN, "a" * SEEN),
        ("a" * (SEEN + 1), ""),
    ],
)
def test_the_word_that_a_text_begins_with(text: str, word: str) -> None:
    assert word_after(text, 0) == (len(word), word)
    assert word_after("– " + text, 2) == (2 + len(word), word)


def test_what_looks_like_a_mark_may_be_none() -> None:
    assert [text for text in (":-) he", ";P", ".5 grams", ". 5", ":Do", ": he", ".") if no_mark(text)] == [
        ":-) he",
        ";P",
        ".5 grams",
    ]


def test_parts_of_words_and_the_space_behind_them() -> None:
    assert [char for char in "aß8雨\u0301\u200c’-_ .\ufe0f🙂" if not wordy(char)] == [*"’-_ .", "\ufe0f", "🙂"]
    assert [skip_space("a \u3000b", at) for at in range(5)] == [0, 3, 3, 3, 4]


def test_importing_the_seams_compiles_no_pattern_and_loads_no_slow_library() -> None:
    script = """
import re, sys
import msgspec
def refuse(*pattern): raise AssertionError(pattern)
re.compile = refuse
import composer.text.seams
assert not {"regex", "sentencex", "rapidfuzz", "composer.text.graphemes"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
