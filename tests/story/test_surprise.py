"""Tokens find their places in a text, whatever the filter took out of it, and their surprise is reckoned in bits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.story.surprise import MOST_BITS, Choice, Token, aligned, at, bits, decode, encode, mean_bits, probability

WORDS = st.sampled_from(["The", " lamp", " took", ".", " No", "body", " saw", ",", "\n\n", " é", " 灯", " “", "wait"])
ROWS = st.lists(WORDS, max_size=40)


def tokens(*texts: str) -> list[Token]:
    return [Token(text, -float(number)) for number, text in enumerate(texts)]


def texts(text: str, found: tuple[Choice, ...]) -> list[str]:
    return [text[choice.start : choice.end] for choice in found]


def test_tokens_that_are_the_text_all_stand_in_it() -> None:
    text = "The lamp took."
    found = aligned(text, tokens("The", " lamp", " took", "."))
    assert texts(text, found) == ["The", " lamp", " took", "."]
    assert [choice.logprob for choice in found] == [0.0, -1.0, -2.0, -3.0]


@pytest.mark.parametrize(
    ("text", "row", "found"),
    [
        # White space before the answer was taken away, the filter took a sign out, the end was cut off.
        ("The lamp took.", ["\n", "\n", "The", " lamp", " took", "."], ["The", " lamp", " took", "."]),
        ("The lamp took.", ["The", " l\x1bamp", " took", "."], ["The", " took", "."]),
        ("The lamp to", ["The", " lamp", " took", "."], ["The", " lamp"]),
        # Text without tokens, short and long.
        ("Oh. The lamp took fire.", ["The", " lamp", " took", " fire", "."], ["The", " lamp", " took", " fire", "."]),
        (
            "z" * 300 + "Nobody saw the lamp take fire.",
            ["Nobody", " saw", " the", " lamp", " take", " fire", "."],
            ["Nobody", " saw", " the", " lamp", " take", " fire", "."],
        ),
        # A token that was dropped stands further on too: what is between is not skipped for it.
        (
            "The lamp took and the tide came.",
            ["The", " lamp", " the", " took", " and", " the", " tide", " came", "."],
            ["The", " lamp", " took", " and", " the", " tide", " came", "."],
        ),
        (
            "The lamp, it took.",
            ["The", ",", " lamp", ",", " it", " took", "."],
            ["The", " lamp", ",", " it", " took", "."],
        ),
        # Thoughts before the answer.
        ("Fog came in.", ["Let", " me", " think", ".", "</", "think", ">", "Fog", " came", " in", "."], 4),
        ("Fog", [], []),
        ("", ["Fog"], []),
        ("Fog", ["", "Fog", ""], ["Fog"]),
    ],
)
def test_they_are_taken_up_again_where_text_and_tokens_part(text: str, row: list[str], found: list[str] | int) -> None:
    choices = aligned(text, tokens(*row))
    assert texts(text, choices) == (row[-found:] if isinstance(found, int) else found)


def test_they_begin_behind_what_the_candidate_goes_on_from() -> None:
    text = "The lamp took. The lamp dimmed."
    found = aligned(text, tokens(" The", " lamp", " dimmed", "."), start=14)
    assert [choice.start for choice in found] == [14, 18, 23, 30]
    # The word that was put in place of another one has no token.
    again = aligned("The lamp dimmed at once.", tokens(" at", " once", "."), start=8)
    assert texts("The lamp dimmed at once.", again) == [" at", " once", "."]


def sound(text: str, row: list[str], found: tuple[Choice, ...], start: int) -> None:
    """In order, none over another, each the text of a token, and those in the order of the tokens."""
    end = start
    number = 0
    for choice in found:
        assert end <= choice.start < choice.end <= len(text)
        end = choice.end
        number = row.index(text[choice.start : choice.end], number) + 1


@given(ROWS, st.text(max_size=30), st.integers(0, 10))
def test_any_tokens_and_any_text(row: list[str], other: str, start: int) -> None:
    for text in (other, other + "".join(row), "".join(row) + other):
        sound(text, row, aligned(text, tokens(*row), start), start)


@given(ROWS)
def test_all_are_found_in_their_own_text(row: list[str]) -> None:
    assert texts("".join(row), aligned("".join(row), tokens(*row))) == row


@given(ROWS, ROWS, st.text("xyz", min_size=1, max_size=20))
def test_one_odd_place_costs_the_tokens_around_it_alone(before: list[str], after: list[str], odd: str) -> None:
    text = "".join(before) + odd + "".join(after)
    found = aligned(text, tokens(*before, *after))
    sound(text, before + after, found, 0)
    assert texts(text, found)[: len(before)] == before
    # What is left behind the odd place is at most what does not make up for being sure.
    if len("".join(after)) >= 8:
        assert found[-1].end == len(text)
    without = aligned("".join(before + after), tokens(*before, odd, *after))
    assert len(without) >= len(before)
    if len("".join(after)) >= 8:
        assert without[-1].end == len("".join(before + after))


@pytest.mark.parametrize(
    ("logprob", "surprise", "share"),
    [
        (0.0, 0.0, 1.0),
        (math.log(0.5), 1.0, 0.5),
        (math.log(0.125), 3.0, 0.125),
        (0.01, 0.0, 1.0),
        (-9999.0, MOST_BITS, 0.0),
        (-math.inf, MOST_BITS, 0.0),
        (math.nan, MOST_BITS, 0.0),
    ],
)
def test_bits_and_probability(logprob: float, surprise: float, share: float) -> None:
    assert bits(logprob) == pytest.approx(surprise)
    assert probability(logprob) == pytest.approx(share)
    assert Choice(0, 1, logprob).bits == bits(logprob)
    assert Choice(0, 1, logprob).probability == probability(logprob)


def test_the_mean() -> None:
    assert mean_bits(()) == 0
    assert mean_bits([Choice(0, 1, math.log(0.5)), Choice(1, 2, math.log(0.125))]) == pytest.approx(2)


LOGPROBS = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(WORDS, LOGPROBS, st.lists(st.tuples(WORDS, LOGPROBS), max_size=3)), max_size=10))
def test_what_is_stored_is_read_again_whatever_the_server_said(row: list[tuple[str, float, list]]) -> None:
    text = "".join(word for word, _, _ in row)
    found = aligned(text, [Token(word, logprob, tuple(others)) for word, logprob, others in row])
    assert len(found) == len(row)
    assert decode(encode(found)) == found


@pytest.mark.parametrize(
    "blob", [b"", b"{", b"[[1]]", b'[[0,1,"x"]]', b"[[0,1,null]]", b"\xff", b'[[0,1,-1.0,[["\xff",-1.0]]]]']
)
def test_what_is_no_list_of_tokens_is_none(blob: bytes) -> None:
    assert decode(blob) == ()


def test_the_token_at_a_place() -> None:
    row = (Choice(2, 4, -1.0), Choice(4, 7, -2.0), Choice(9, 12, -3.0))
    assert [at(row, place) for place in (0, 2, 3, 4, 8, 9, 50)] == [
        None, row[0], row[0], row[1], row[1], row[2], row[2],
    ]  # fmt: skip
    assert at((), 3) is None
