"""The filter: what goes, what stays, and that it does not matter how a stream is cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.clean import Cleaner, clean, one_line

ANY = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("\x1b\r\n\x85\x9b\x9d\u202e\u2028\ud83d\ude00\u0301\ufeff a"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("plain — “prose” …", "plain — “prose” …"),
        ("\x1b]52;c;aGk=\x07", "]52;c;aGk="),
        ("a\x9b31mb\x9d0;t\x9c", "a31mb0;t"),
        ("one\r\ntwo\rthree\x85four\u2028five", "one\ntwo\nthree\nfour\nfive"),
        ("\u202ereversed\u202c \u2066isolated\u2069\u200e\u061c", "reversed isolated"),
        ("\ufefftagged\U000e0041\U000e007f\ufffb", "tagged"),
        ("\ud83d\ude00", "😀"),
        ("\ud83d lone \ude00", "\ufffd lone \ufffd"),
        ("👩\u200d👩\u200d👧 می\u200cخواهم ✌\ufe0f", "👩\u200d👩\u200d👧 می\u200cخواهم ✌\ufe0f"),
        ("a" + "\u0301" * 20 + "b", "a" + "\u0301" * 8 + "b"),
        ("tab\tkept\nand line", "tab\tkept\nand line"),
    ],
)
def test_what_goes_and_what_stays(given_text: str, kept: str) -> None:
    assert clean(given_text) == kept


@given(ANY, st.lists(st.integers(0, 60), max_size=6))
def test_chunks_do_not_matter(text: str, cuts: list[int]) -> None:
    borders = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    cleaner = Cleaner()
    streamed = "".join(cleaner.feed(text[a:b]) for a, b in itertools.pairwise(borders)) + cleaner.finish()
    assert streamed == clean(text)


@given(ANY)
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    kept = clean(text)
    assert not any((ord(char) < 32 and char not in "\n\t") or 127 <= ord(char) < 160 for char in kept)
    assert not any(0xD800 <= ord(char) <= 0xDFFF or char in "\u202e\u2066\ufeff" for char in kept)
    assert clean(kept) == kept


def test_one_line_is_one_short_line() -> None:
    assert one_line("a\nb\x1b[0m  c") == "a b[0m c"
    assert len(one_line("x" * 1000)) == 300
