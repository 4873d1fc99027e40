"""Striking keys: nothing of them is left however a text is cut, and nothing else is lost."""

from __future__ import annotations

import base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.strike import MARK, TELLING, Sieve, Striker, quotable, secrets_of, strike

KEYS = st.lists(
    st.text("ab1-", min_size=TELLING, max_size=9).filter(lambda key: not key.isalpha()), min_size=1, max_size=3
)
PARTS = st.lists(st.one_of(st.text("ab1- .", max_size=12), st.integers(0, 2)), max_size=8)


def streamed(chunks: list[str], secrets: tuple[str, ...]) -> str:
    striker = Striker(secrets)
    return "".join(striker.feed(chunk) for chunk in chunks) + striker.finish()


@given(KEYS, PARTS, st.lists(st.integers(0, 80), max_size=8))
def test_no_key_is_left_however_a_stream_is_cut(keys: list[str], parts: list[str | int], cuts: list[int]) -> None:
    secrets = tuple(sorted(set(keys), key=len, reverse=True))
    text = "".join(part if isinstance(part, str) else keys[part % len(keys)] for part in parts)
    borders = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[a:b] for a, b in pairwise(borders)]
    got = streamed(chunks, secrets)
    assert not any(secret in got for secret in secrets)
    assert got == streamed([text], secrets)
    assert got == streamed(list(text), secrets)


@given(st.text(max_size=40))
def test_a_text_without_a_key_is_left_as_it_is(text: str) -> None:
    assert streamed(list(text), ("sk-0123456789",)) == text
    assert strike(text, ("sk-0123456789",)) == text


def test_only_what_could_begin_a_key_is_held_back() -> None:
    striker = Striker(("sk-123456",))
    assert striker.feed("She asks") == "She ask"
    assert striker.feed(" and sk-12") == "s and "
    assert striker.feed("9") == "sk-129"
    assert striker.feed("sk-123456!") == f"{MARK}!"
    assert striker.feed("s") == ""
    assert striker.finish() == "s"


def test_a_key_that_begins_another_is_struck_with_it() -> None:
    secrets = ("abc-123-xyz", "abc-123")
    assert streamed(list("abc-123-xyz abc-123 abc-123-"), secrets) == f"{MARK} {MARK} {MARK}"


def test_the_start_of_a_key_at_the_end_is_struck_when_it_tells_something() -> None:
    assert streamed(["sk-12"], ("sk-123456",)) == "sk-12"
    assert streamed(["sk-1234"], ("sk-123456",)) == MARK


@pytest.mark.parametrize(
    ("key", "url", "secrets"),
    [
        ("sk-123456", "http://a/v1", {"sk-123456"}),
        (" sk-123456\n", "http://a/v1", {"sk-123456"}),
        ("abcdefghijkl", "http://a/v1", {"abcdefghijkl"}),
        ("none", "http://a/v1", set()),
        ("password", "http://a/v1", set()),
        ("k-1", "http://a/v1", set()),
        ("", "http://a:b:c/", set()),
        ("", "http://a/v1?key=abc%2D123&api-version=2026-01-01&x=y", {"abc-123", "abc%2D123"}),
    ],
)
def test_what_is_a_secret(key: str, url: str, secrets: set[str]) -> None:
    assert set(secrets_of(key, url)) == secrets


def test_a_password_is_known_in_every_form_it_is_sent_in() -> None:
    secrets = secrets_of("", "http://me:p%40ss-1@a/v1")
    assert set(secrets) == {"p%40ss-1", "p@ss-1", base64.b64encode(b"me:p@ss-1").decode()}


def test_the_filter_goes_before_the_striker() -> None:
    sieve = Sieve(("sk-123456",))
    assert sieve.feed("a\x1bsk-\u200e12\x00") == "a"
    assert sieve.feed("3456\r") == MARK
    assert sieve.finish() == "\n"


def test_quoted_words_are_one_short_clean_line() -> None:
    assert quotable("a\x1b[0m\n b sk-1***9, sk-123456", ("sk-123456",)) == f"a[0m b {MARK} {MARK}"
    assert len(quotable("word " * 10_000, ())) <= 200
    assert quotable("*" * 100_000, ()) == MARK


@pytest.mark.parametrize("shown", ["sk-1…def", "'sk-12...cdef'", "(sk-1XXXXXdef).", "sk-123••••", "…bcdef,"])
def test_a_key_without_its_middle_is_struck_from_quoted_words(shown: str) -> None:
    assert quotable(f"No such key: {shown} here...", ("sk-123456abcdef",)) == f"No such key: {MARK} here..."


def test_what_is_cut_off_a_long_message_leaves_nothing_of_a_key() -> None:
    assert "sk-123" not in quotable("\x00" * 19_990 + "sk-123456abcdef", ("sk-123456abcdef",))
