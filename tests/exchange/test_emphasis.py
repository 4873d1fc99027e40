"""Emphasis: what CommonMark takes for it, and runs as text that says just them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.exchange.documents.emphasis import Look, runs_of, text_of_runs
from composer.story.manuscript import SCENE_BREAKS

WORDS = st.sampled_from(
    ["sea", "salt ", " rope", "a", " ", "*", "_", "\\", "“", "”", ".", "—", "**", "\\*", "(", "é", "盐", "#", "1"]
)
LOOKS = st.tuples(st.lists(WORDS, min_size=1, max_size=3).map("".join), st.booleans(), st.booleans())
RUNS = st.lists(LOOKS, max_size=6)
PLAIN_WORDS = st.lists(st.sampled_from(["sea", "salt", "rope", "é", "盐"]), min_size=1, max_size=3).map(" ".join)


def tidy(runs: list[Look]) -> list[Look]:
    found: list[Look] = []
    for run in runs:
        if found and found[-1][1:] == run[1:]:
            found[-1] = (found[-1][0] + run[0], *run[1:])
        elif run[0]:
            found.append(run)
    return found


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([("Salt.", False, False)], "Salt."),
        ([("She ", False, False), ("goes", True, False), (".", False, False)], "She *goes*."),
        ([("a ", True, False), ("b", True, True), (" c", True, False)], "*a **b** c*"),
        ([("un", False, False), ("real", True, False), ("ly", False, False)], "un*real*ly"),
        ([("5 * 3 and snake_case", False, False)], "5 * 3 and snake_case"),
        ([("*so*", False, False)], r"\*so\*"),
        ([("*", False, False), ("so", True, False)], "**so*"),
        ([("C:\\new", False, False)], "C:\\new"),
        ([("\\*", False, False)], r"\\\*"),
        ([("said ", True, False), ("he", False, False)], "*said* he"),
        ([("a", True, False), ("b", False, True)], "*a***b**"),
        ([("a", True, False), ("b", True, True), ("c", False, True)], "_a**b**_**c**"),
        ([("sea ", False, True), ("sea", True, True), (" sea", False, False)], "**sea *sea*** sea"),
        ([("***", False, False)], r"\*\*\*"),
        ([("* * *", False, False)], r"\* \* \*"),
        ([("#", False, False)], r"\#"),
        ([("# one", False, False)], "# one"),
        ([(" ", True, True)], " "),
        ([], ""),
    ],
)
def test_runs_are_said_as_a_writer_would(runs: list[Look], text: str) -> None:
    assert text_of_runs(runs) == text


def test_what_can_not_be_said_keeps_its_characters_and_most_of_its_look() -> None:
    runs = [("so", False, False), ("“now”", True, False), ("then", False, False)]
    text = text_of_runs(runs)
    assert runs_of(text) == [("so“", False, False), ("now", True, False), ("”then", False, False)]
    assert runs_of(text_of_runs([("a", False, False), ("...", True, False), ("b", False, False)])) == [
        ("a...b", False, False)
    ]


@given(RUNS)
def test_the_characters_are_always_the_same(runs: list[Look]) -> None:
    text = text_of_runs(runs)
    assert "".join(run[0] for run in runs_of(text)) == "".join(run[0] for run in runs)
    assert not (text.strip() and text.strip() in SCENE_BREAKS)
    assert runs_of(text_of_runs(runs_of(text))) == runs_of(text)


@given(st.lists(st.tuples(PLAIN_WORDS, st.booleans(), st.booleans()), max_size=8))
def test_looks_of_whole_words_come_back(words: list[Look]) -> None:
    """Words of any look with blanks between them, which have the look of both sides where that is the same."""
    runs: list[Look] = []
    for word in words:
        if runs:
            runs.append((" ", *(word[1:] if word[1:] == runs[-1][1:] else (False, False))))
        runs.append(word)
    assert runs_of(text_of_runs(runs)) == tidy(runs)


@given(st.text(st.sampled_from("ab *_\\.“#"), max_size=12))
def test_what_was_typed_means_the_same_when_it_is_said_again(text: str) -> None:
    runs = runs_of(text)
    assert runs_of(text_of_runs(runs)) == runs
