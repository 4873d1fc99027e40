"""Carets stand between clusters; words are counted as people count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.graphemes import next_border, previous_border, snap
from composer.text.sentences import sentence_at, sentences
from composer.text.words import count_words, next_word, previous_word, word_at

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize("text", ["abc", "e\u0301a", FAMILY + "!", "नमस्ते", "🇩🇪🇫🇷", "한국", "a👍🏽b"])
def test_borders_are_the_same_from_both_sides(text: str) -> None:
    forward = [0]
    while forward[-1] < len(text):
        forward.append(next_border(text, forward[-1]))
    backward = [len(text)]
    while backward[-1] > 0:
        backward.append(previous_border(text, backward[-1]))
    assert forward == backward[::-1]


def test_a_family_is_one_step() -> None:
    assert next_border(FAMILY + "x", 0) == len(FAMILY)
    assert snap(FAMILY + "x", 2) == 0


@given(st.text(max_size=40), st.integers(0, 40))
def test_borders_always_move(text: str, at: int) -> None:
    at = min(at, len(text))
    assert next_border(text, at) > at or at == len(text)
    assert previous_border(text, at) < at or at == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("one", 1), ("don't stop", 2), ("well-known — isn’t it?", 3), ("彼は笑った", 5), ("3,412 words", 3)],
)
def test_words_are_counted(text: str, count: int) -> None:
    assert count_words(text) == count


def test_moves_by_word() -> None:
    text = "She said, “wait.”"
    assert next_word(text, 0) == 3
    assert previous_word(text, 8) == 4
    assert word_at(text, 5) == (4, 8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She went. He stayed.", ["She went.", "He stayed."]),
        ("“Who is there?” she asked. No one.", ["“Who is there?” she asked.", "No one."]),
        ("Mr. Brown left. Why?", ["Mr. Brown left.", "Why?"]),
        ("« Oui ? » dit-elle. Il rit.", ["« Oui ? » dit-elle.", "Il rit."]),
        ("no capitals here", ["no capitals here"]),
        ("One.\nTwo.", ["One.", "Two."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(alphabet=st.sampled_from("Ab .?!\"'«»\u00a0\u202f…—\nMr")), st.integers(0, 30))
def test_sentences_lie_in_order_and_cover_every_letter(text: str, at: int) -> None:
    ranges = sentences(text)
    flat = [number for pair in ranges for number in pair]
    assert flat == sorted(flat)
    covered = {number for start, end in ranges for number in range(start, end)}
    assert all(number in covered for number, char in enumerate(text) if char.isalnum())
    start, end = sentence_at(text, at)
    assert 0 <= start <= end <= len(text)
