"""Probabilities of tokens: read from every shape that servers send, whole characters, no keys, and never an error."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.embedded.reply import Piece
from composer.llm.embedded.wire import Shapes
from composer.llm.logprobs import LEAST, LONGEST, MOST, Reader
from composer.llm.strike import MARK
from composer.story import surprise
from composer.story.surprise import Token


def read(*choices: Any, secrets: tuple[str, ...] = ()) -> list[Token]:
    reader = Reader(secrets)
    return [token for choice in choices for token in reader.read(choice)] + list(reader.finish())


def as_objects(value: Any) -> Any:
    """The same as the SDK would have it: objects in place of dictionaries."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: as_objects(inner) for name, inner in value.items()})
    return list(map(as_objects, value)) if isinstance(value, list) else value


def told(text: str | bytes, logprob: Any, *others: tuple[str | bytes, float], **more: Any) -> dict[str, Any]:
    """A token in the shape of chat."""
    raw = text.encode() if isinstance(text, str) else text
    entry: dict[str, Any] = {"token": raw.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(raw), **more}
    if others:
        entry["top_logprobs"] = [told(*other) for other in others]
    return entry


def chat(*entries: Any) -> dict[str, Any]:
    return {"index": 0, "delta": {}, "logprobs": {"content": list(entries)}}


def legacy(tokens: Sequence[Any], logprobs: Any, tops: Any = None, **more: Any) -> dict[str, Any]:
    return {"text": "", "logprobs": {"tokens": tokens, "token_logprobs": logprobs, "top_logprobs": tops, **more}}


NAMES = st.sampled_from(
    [
        *("logprobs", "content", "refusal", "tokens", "token_logprobs", "top_logprobs", "top_probs", "probs", "prob"),
        *("token", "tok_str", "logprob", "bytes", "completion_probabilities", "delta", "text", "model_extra"),
    ]
)
TEXTS = st.sampled_from(["Ġa", "bytes:\\xe2\\x80", "<0xE2>", "token_id:5", "\ud83d", "\ude00", "▁b", "\x1b[2J", "é"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | TEXTS
JSON = st.recursive(
    VALUES | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=5),
    max_leaves=20,
)
ENTRIES = st.dictionaries(NAMES, VALUES | st.lists(st.integers(0, 255) | VALUES, max_size=4) | JSON, max_size=6)


def good(tokens: list[Token]) -> None:
    for token in tokens:
        texts = [token.text, *(text for text, _ in token.others)]
        assert all(text and len(text) <= LONGEST and "\x1b" not in text for text in texts)
        assert all(text.encode() for text in texts)
        logprobs = [logprob for _, logprob in token.others]
        assert all(LEAST <= logprob <= 0 for logprob in [token.logprob, *logprobs])
        assert logprobs == sorted(logprobs, reverse=True)
        assert len(logprobs) <= MOST
    blob = surprise.encode(surprise.aligned("".join(token.text for token in tokens), tokens))
    assert len(surprise.decode(blob)) == len(tokens)


@given(st.lists(JSON, max_size=3))
@pytest.mark.slow
def test_whatever_is_sent_is_read(choices: list[Any]) -> None:
    good(read(*choices))
    good(read(*map(as_objects, choices)))


@given(st.lists(st.lists(ENTRIES, max_size=4), max_size=3), st.sampled_from(["content", "completion_probabilities"]))
@pytest.mark.slow
def test_whatever_tokens_are_told_they_are_read(entries: list[Any], shape: str) -> None:
    choices = [{"logprobs": {shape: each}} if shape == "content" else {shape: each} for each in entries]
    good(read(*choices))
    good(read(*map(as_objects, choices)))


@given(st.lists(TEXTS | JSON, max_size=4), JSON | st.lists(VALUES, max_size=5), JSON | st.lists(JSON, max_size=5))
def test_whatever_lists_are_told_they_are_read(tokens: list[Any], logprobs: Any, tops: Any) -> None:
    good(read(legacy(tokens, logprobs, tops)))


@given(
    st.text(max_size=12).filter(lambda text: text.isprintable() and "\ufffd" not in text and len(text) > 0),
    st.lists(st.integers(0, 40), max_size=10),
    st.booleans(),
)
def test_bytes_that_are_cut_anywhere_make_the_text_again(text: str, cuts: list[int], objects: bool) -> None:
    raw = text.encode()
    borders = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    choices: list[Any] = [chat(told(raw[a:b], -1.0)) for a, b in pairwise(borders)]
    got = read(*map(as_objects, choices)) if objects else read(*choices)
    # Many marks on one letter are too many for the filter, which sees each token alone.
    assert "".join(token.text for token in got) == text
    assert math.isclose(sum(token.logprob for token in got), 1.0 - len(borders))


@pytest.mark.parametrize(
    ("choice", "tokens"),
    [
        # chat
        (chat(told("The", -0.5), told(" hill", -1.5)), [Token("The", -0.5), Token(" hill", -1.5)]),
        (
            chat(told("hill", -1.0, ("lake", -2.0), ("hill", -1.0))),
            [Token("hill", -1.0, (("hill", -1.0), ("lake", -2.0)))],
        ),
        ({"logprobs": {"content": [{"token": "hill", "logprob": -1}]}}, [Token("hill", -1.0)]),
        ({"logprobs": {"content": None, "refusal": [told("No", -1.0)]}}, []),
        ({"logprobs": {"content": [], "refusal": [told("No", -1.0)]}}, [Token("No", -1.0)]),
        ({"logprobs": [told("hill", -1.0)]}, [Token("hill", -1.0)]),
        ({"logprobs": None}, []),
        ({}, []),
        # completions
        (
            legacy(["The", " hill"], [None, -1.5], [None, {" lake": -2.0, " hill": -1.5}], text_offset=[0, 3]),
            [Token(" hill", -1.5, ((" hill", -1.5), (" lake", -2.0)))],
        ),
        (legacy(["The", " hill"], [-0.5]), [Token("The", -0.5)]),
        (legacy(["The"], [-0.5], []), [Token("The", -0.5)]),
        (legacy(["The"], [-0.5], [[told("A", -1.0)]]), [Token("The", -0.5, (("A", -1.0),))]),
        (legacy(["The", 7, None], [-0.5, -0.5, -0.5]), [Token("The", -0.5)]),
        # llama.cpp's own, newer and older
        (
            {"completion_probabilities": [told("hill", -1.0, ("lake", -2.0), id=7)]},
            [Token("hill", -1.0, (("lake", -2.0),))],
        ),
        (
            {
                "completion_probabilities": [
                    {
                        "id": 7,
                        "token": "hill",
                        "bytes": list(b"hill"),
                        "prob": 1.0,
                        "top_probs": [{"token": "hill", "prob": 1.0}, {"token": "lake", "prob": 0.0}],
                    }
                ]
            },
            [Token("hill", 0.0, (("hill", 0.0),))],
        ),
        (
            {
                "completion_probabilities": [
                    {"content": "hill", "probs": [{"tok_str": "lake", "prob": 1}, {"tok_str": "hill", "prob": 0.5}]}
                ]
            },
            [Token("hill", math.log(0.5), (("lake", 0.0), ("hill", math.log(0.5))))],
        ),
        ({"completion_probabilities": [{"content": "hill", "probs": [{"tok_str": "lake", "prob": 1}]}]}, []),
        # vLLM's numbers
        ({**chat({"token": "token_id:15", "logprob": -1.0}), "delta": {"content": " hill"}}, [Token(" hill", -1.0)]),
        (
            {
                **chat({"token": "token_id:15", "logprob": -1.0, "bytes": list(b"token_id:15")}),
                "delta": {"content": " hill"},
            },
            [Token(" hill", -1.0)],
        ),
        (
            chat({"token": "token_id:15", "logprob": -1.0, "bytes": list(b" hill")}, told("s", -1.0)),
            [Token(" hill", -1.0), Token("s", -1.0)],
        ),
        (chat({"token": "token_id:15", "logprob": -1.0}, told("s", -1.0)), [Token("s", -1.0)]),
        ({**chat({"token": "", "logprob": -1.0}), "delta": {"content": " hill"}}, []),
    ],
)
def test_every_shape(choice: Any, tokens: list[Token]) -> None:
    assert read(choice) == tokens
    assert read(as_objects(choice)) == tokens


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("-0.25", -0.25),
        ("0", 0.0),
        ("1e-7", 0.0),
        ("0.9", 0.0),
        ("-9999", LEAST),
        ("-9999.0", LEAST),
        ("-3.4028234663852886e38", LEAST),
        ("-Infinity", LEAST),
        ("Infinity", 0.0),
        ("NaN", None),
        ("null", None),
        ('"-1"', None),
        ("true", None),
        ("1" + "0" * 400, None),
    ],
)
def test_odd_numbers(sent: str, kept: float | None) -> None:
    choice = json.loads(f'{{"logprobs": {{"content": [{{"token": "hill", "logprob": {sent}}}]}}}}')
    assert read(choice) == ([] if kept is None else [Token("hill", kept)])
    choice = json.loads(f'{{"logprobs": {{"tokens": ["hill"], "token_logprobs": [{sent}]}}}}')
    assert read(choice) == ([] if kept is None else [Token("hill", kept)])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (0.5, math.log(0.5)),
        (1, 0.0),
        (1.5, 0.0),
        (0, LEAST),
        (1e-300, LEAST),
        (-1, None),
        (math.nan, None),
        ("1", None),
    ],
)
def test_a_probability_is_no_logarithm(sent: Any, kept: float | None) -> None:
    got = read({"completion_probabilities": [{"token": "hill", "prob": sent}]})
    assert got == ([] if kept is None else [Token("hill", kept)])


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (["Ġhill", "ĊĊ", "a"], [" hill", "\n\n", "a"]),
        (["Ġcaf", "Ã©", "ĠâĢ", "Ķ"], [" caf", "é", " —"]),
        (["▁hill", "▁", "side"], [" hill", " ", "side"]),
        (["<0xE2>", "<0x80>", "<0x94>", "<0x0A>"], ["—", "\n"]),
        (["bytes:\\xe2\\x80", "bytes:\\x94", "!"], ["—", "!"]),
        (["bytes: \\xe2\\x80\\x9cOh"], [" “Oh"]),
        (["\\xe2\\x80", "\\x94"], ["—"]),
        (["bytes:", "\\x41"], ["bytes:", "\\x41"]),
        (["\ud83d", "\ude00", "!"], ["😀", "!"]),
        (["été", "Ç", "naïve"], ["été", "Ç", "naïve"]),
    ],
)
def test_names_that_stand_for_bytes(names: list[str], texts: list[str]) -> None:
    logprobs = [-0.5] * len(names)
    assert [token.text for token in read(legacy(names, logprobs))] == texts
    split = [chat({"token": name, "logprob": -0.5, "bytes": None}) for name in names]
    assert [token.text for token in read(*split)] == texts
    assert sum(token.logprob for token in read(*split)) == sum(logprobs)


def test_bytes_that_are_told_go_before_the_name() -> None:
    assert read(chat({"token": "Ġhill", "logprob": -1.0, "bytes": list("Ġhill".encode())}))[0].text == "Ġhill"
    assert read(chat({"token": "hill", "logprob": -1.0, "bytes": []}))[0].text == "hill"
    assert read(chat({"token": "hill", "logprob": -1.0, "bytes": [104, 300]}))[0].text == "hill"


def test_a_character_of_several_tokens_has_the_alternatives_of_each() -> None:
    first = told(b"\xe2\x80", -0.5, (b"\xe2\x80", -0.5), ("Oh", -1.0))
    second = told(b"\x9c", -0.25, (b"\x9c", -0.25), (b"\x94", -1.5))
    reader = Reader(())
    assert reader.read(chat(first)) == ()
    assert reader.read(chat(second)) == (Token("“", -0.75, (("“", -0.75), ("Oh", -1.0), ("—", -2.0))),)
    assert reader.finish() == ()


def test_half_a_character_does_not_spoil_what_follows() -> None:
    tokens = read(chat(told(b"\xe2\x80", -0.5), told(" hill", -1.0), told(b"\xf0\x9f", -2.0)))
    assert tokens == [Token("\ufffd", -0.5), Token(" hill", -1.0), Token("\ufffd", -2.0)]


def test_what_never_becomes_whole_is_not_held_back_for_ever() -> None:
    reader = Reader(())
    pieces = [reader.read(chat(told(b"\x9c\xe2\x80" if at else b"\xe2\x80", -1.0))) for at in range(20)]
    assert "“" in "".join(token.text for tokens in pieces for token in tokens)


def test_a_character_whose_half_is_not_told_is_not_told() -> None:
    assert read(chat(told(b"\xe2\x80", None), told(b"\x9c", -0.5), told("Oh", -1.0))) == [Token("Oh", -1.0)]


def test_alternatives_are_few_and_texts_short() -> None:
    others = [(f"hill{at}", -at / 10) for at in range(50)]
    (token,) = read(chat(told("h" * 500, -1.0, ("\ufffd", -0.1), *others, ("lake", -9999.0), ("hill3", -4.0))))
    assert token.text == "h" * LONGEST
    assert token.others == tuple(others[:MOST])


def test_texts_are_clean() -> None:
    (token,) = read(chat(told("hi\x1b]0;ll\u202e", -1.0, ("\x07la\x9bke", -2.0), ("\x1b", -3.0))))
    assert token == Token("hi]0;ll", -1.0, (("lake", -2.0),))


def test_no_key_is_left_whole_or_in_pieces(secret: str) -> None:
    half = len(secret) // 2
    entries = [told(f"key {secret}!", -1.0, (secret, -2.0)), told(secret[:half], -1.0), told(secret[half:], -1.0)]
    split = [told(f" {secret[:7]}", -1.0, (secret[-6:], -3.0))]
    tokens = read(chat(*entries), chat(*split), secrets=(secret,))
    assert [token.text for token in tokens] == [f"key {MARK}!", MARK, MARK, MARK]
    assert [token.others for token in tokens] == [((MARK, -2.0),), (), (), ((MARK, -3.0),)]


def test_the_built_in_model_is_read_in_both_shapes() -> None:
    pieces = [
        Piece("The", -0.5, (("The", -0.5), ("A", -1.5))),
        Piece(" hill", -2.0, ((" lake", -1.0), (" hill", -2.0))),
    ]
    expected = [Token(piece.text, piece.logprob, tuple(piece.top)) for piece in pieces]
    for is_chat in (True, False):
        shapes = Shapes(is_chat, "id", 0, 0, logprobs=True)
        assert read(*(shapes.token(0, piece) for piece in pieces), shapes.closing(0, "stop")) == expected
