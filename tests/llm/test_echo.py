"""Echoes: a prefix that is sent once more is taken off, and nothing else is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.echo import Echo

PREFIX = "The gate stood open, and "
PREFIXES = st.sampled_from([PREFIX, "The gate stood open.\n\n", "She counted to nine", "short", " \n", ""])


def heard(prefix: str, chunks: list[str]) -> str:
    echo = Echo(prefix)
    return "".join(echo.feed(chunk) for chunk in chunks) + echo.finish()


@given(PREFIXES, st.integers(0, 30), st.text("ab n\n", max_size=6), st.lists(st.integers(0, 40), max_size=6))
def test_what_is_left_is_the_same_however_a_stream_is_cut(prefix: str, length: int, rest: str, cuts: list[int]) -> None:
    text = prefix[:length] + rest
    borders = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    whole = heard(prefix, [text])
    assert heard(prefix, [text[a:b] for a, b in pairwise(borders)]) == whole
    assert heard(prefix, list(text)) == whole
    assert text.endswith(whole)


@given(st.text("ab n\n", max_size=12))
def test_a_whole_echo_is_taken_off(rest: str) -> None:
    assert heard(PREFIX, list(PREFIX + rest)) == rest


@pytest.mark.parametrize(
    ("prefix", "stream", "left"),
    [
        (PREFIX, PREFIX, ""),
        (PREFIX, "The gate stood open, and", ""),
        (PREFIX, "The gate stood open, and\nnobody came", "\nnobody came"),
        (PREFIX, "The gate stood open, andirons lay", "irons lay"),
        ("The gate stood open.\n\n", "The gate stood open.\nNobody", "\nNobody"),
        ("The gate stood open.\n\n", "The gate stood open.\n", ""),
        (PREFIX, "The gate stood shut", "The gate stood shut"),
        (PREFIX, "The gate stood", "The gate stood"),
        (PREFIX, "nobody came", "nobody came"),
        (PREFIX, "", ""),
        ("She left.", "She left. She left.", "She left. She left."),
        ("incomprehensibly", "incomprehensibly so", "incomprehensibly so"),
        ("grandmother-in-law's", "grandmother-in-law's hat", "grandmother-in-law's hat"),
        ("门开着，没有人来过，她等了很久", "门开着，没有人来过，她等了很久。", "。"),
        ("                    ", "        so", "        so"),
    ],
)
def test_what_is_an_echo(prefix: str, stream: str, left: str) -> None:
    assert heard(prefix, [stream]) == left
    assert heard(prefix, list(stream)) == left


def test_what_differs_is_given_at_once() -> None:
    echo = Echo(PREFIX)
    assert echo.feed("The gate ") == ""
    assert echo.feed("was") == "The gate was"
    assert echo.feed(" The gate ") == " The gate "
    assert echo.finish() == ""
