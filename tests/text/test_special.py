"""Special tokens: they are found as they look, broken so that none is left, and prose stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.special import NAME, disarmed, special

TOKENS = (
    *("<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|START_OF_TURN_TOKEN|>", "<|reserved_5|>"),
    *("<s>", "</s>", "<bos>", "<eos>", "<unk>", "<pad>", "<start_of_turn>", "<end_of_turn>", "<BOS_TOKEN>"),
    *(
        "[INST]",
        "[/INST]",
        "[SYSTEM_PROMPT]",
        "[/SYSTEM_PROMPT]",
        "[THINK]",
        "[/THINK]",
        "[gMASK]",
        "<<SYS>>",
        "<</SYS>>",
    ),
    *("<think>", "</think>", "<tool_call>", "<｜User｜>", "<｜end▁of▁sentence｜>", "<|turn>", "<turn|>", '<|"|>'),
    *("[|user|]", "[|endofturn|]", "<seed:eos>", "<fim_prefix>", "<extra_id_0>", "<reserved_106>", "<unused12>"),
    *("]~b]", "]~!b[", "[e~["),
)
PROSE = (
    "She wrote <b>no</b> on the wall.",
    "a < b and c > d, or a | b",
    "[how does it end?] [Install] [inst]",
    "<strong> <sand> <S> <3 <- -> << >> <> || <||> <|>",
    "He said: <|not a token|>",
    "<|" + "a" * (NAME + 1) + "|>",
    "",
)
MIXED = st.lists(st.one_of(st.sampled_from(TOKENS), st.sampled_from("<>|[]/~b! sI\n｜")), max_size=12).map("".join)


@pytest.mark.parametrize("token", TOKENS)
def test_tokens_are_found_where_they_stand(token: str) -> None:
    assert special(token) == [(0, len(token))]
    assert special(f"One {token}two{token}") == [(4, 4 + len(token)), (7 + len(token), 7 + 2 * len(token))]
    assert disarmed(f"One {token}") == f"One {token[0]} {token[1:]}"


@pytest.mark.parametrize("prose", PROSE)
def test_prose_has_none(prose: str) -> None:
    assert special(prose) == []
    assert disarmed(prose) == prose


@given(MIXED)
def test_no_token_is_left_and_nothing_else_is_lost(text: str) -> None:
    broken = disarmed(text)
    assert special(broken) == []
    assert broken.replace(" ", "") == text.replace(" ", "")
    assert disarmed(broken) == broken


@given(MIXED)
def test_places_are_apart_and_in_order(text: str) -> None:
    places = [at for place in special(text) for at in place]
    assert places == sorted(places)
    assert all(special(text[start:end]) == [(0, end - start)] for start, end in special(text))


def test_tokens_of_a_models_own_are_broken_too() -> None:
    assert disarmed("One ### two ####.", ["###"]) == "One # ## two # # ##."
    assert disarmed("One $END$ two", ["", "$", "\n\n", " two", "a b", "$END$"]) == "One $ END$ two"


@pytest.mark.parametrize("unit", ["<|", "<", "[|a", "]~b", "<|a|>", "<a"])
def test_long_texts_are_no_trouble(unit: str) -> None:
    assert special(disarmed(unit * 60_000)) == []
