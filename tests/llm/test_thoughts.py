"""Thoughts and answers: told apart by their tags, the same however a stream is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.thoughts import Part, Thoughts


def parts(chunks: list[str], inside: bool = False) -> list[Part]:
    thoughts = Thoughts(inside)
    return [part for chunk in chunks for part in thoughts.feed(chunk)] + thoughts.finish()


def split(chunks: list[str], inside: bool = False) -> tuple[str, str]:
    """The answer and the thoughts, as who reads the parts has them at the end."""
    text = reasoning = ""
    for part in parts(chunks, inside):
        if part.recast:
            text, reasoning = "", reasoning + text
        if part.channel == "text":
            text += part.text
        else:
            reasoning += part.text
    return text, reasoning


TAGS = [
    *("<think>", "</think>", "<THINKING>", "</thinking>", "<thought>", "</thought>", "[THINK]", "[/THINK]", "[think]"),
    *("<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|return|>", "<|constrain|>", "<reasoning>"),
    *("analysis", "final", "assistant", "</reasoning>", "<", "<|", "[/", "<thi", "think>"),
]
STREAMS = st.lists(st.one_of(st.sampled_from(TAGS), st.text("ab \n<", max_size=5), st.just("x" * 90)), max_size=12)


@given(STREAMS, st.lists(st.integers(0, 120), max_size=10), st.booleans())
def test_the_parts_are_the_same_however_a_stream_is_cut(pieces: list[str], cuts: list[int], inside: bool) -> None:
    text = "".join(pieces)
    borders = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    whole = split([text], inside)
    assert split([text[a:b] for a, b in pairwise(borders)], inside) == whole
    assert split(list(text), inside) == whole
    assert split(pieces, inside) == whole


@given(STREAMS, st.booleans())
def test_nothing_but_tags_and_white_space_is_lost(pieces: list[str], inside: bool) -> None:
    pieces = [piece for piece in pieces if piece != "<|message|>"]  # whose header is lost too
    text, reasoning = split(pieces, inside)
    assert (text + reasoning).count("x") == "".join(pieces).count("x")
    assert (text + reasoning).count("b") == "".join(pieces).count("b")


@given(st.text("ab <>[]/|\n\tTHINKthink", max_size=60).filter(lambda text: "think>" not in text.lower()))
def test_a_text_without_tags_is_left_as_it_is(text: str) -> None:
    if "THINK]" not in text:
        assert split(list(text)) == (text, "")


@pytest.mark.parametrize(
    ("stream", "text", "reasoning"),
    [
        ("<think>A storm?</think>Rain fell.", "Rain fell.", "A storm?"),
        ("<think>\nA storm?\n</think>\n\nRain fell.", "Rain fell.", "A storm?\n"),
        ("\n <Thinking>A storm?</THINKING> Rain fell.", "Rain fell.", "A storm?"),
        ("<thought>A storm?</thought>Rain fell.", "Rain fell.", "A storm?"),
        ("<reasoning>A storm?</reasoning>Rain fell.", "Rain fell.", "A storm?"),
        ("[THINK]A storm?[/THINK]Rain fell.", "Rain fell.", "A storm?"),
        ("<think>\n\n</think>\n\nRain fell.", "Rain fell.", ""),
        ("<think>A storm?</think><think>Or fog?</think>Rain fell.", "Rain fell.", "A storm?Or fog?"),
        ("<think>The mark </thought> is not mine.</think>Rain.", "Rain.", "The mark </thought> is not mine."),
        ("<think>A <think> in it</think>Rain.", "Rain.", "A <think> in it"),
        # never closed
        ("<think>A storm, and then", "", "A storm, and then"),
        ("Rain fell.\n<think>And then?", "Rain fell.\n", "And then?"),
        # in the middle
        ("Rain fell.\n\n  <think>And then?</think>\nFog came.", "Rain fell.\n\n  Fog came.", "And then?"),
        ("He wrote <think> on the wall.", "He wrote <think> on the wall.", ""),
        ("He wrote <think>go</think> on it.", "He wrote <think>go</think> on it.", ""),
        ("A tale of a <b>tag</b> and a [hole].", "A tale of a <b>tag</b> and a [hole].", ""),
        ("[think] of a name", "[think] of a name", ""),
        ("Mind the <|end|> of it.", "Mind the <|end|> of it.", ""),
        # white space that is the answer's own
        (" and then she left", " and then she left", ""),
        ("\n\nand then", "\n\nand then", ""),
        ("  ", "  ", ""),
        # the template has opened them
        ("A storm?\nYes.\n</think>\n\nRain fell.", "Rain fell.", "A storm?\nYes.\n"),
        ("A storm?</think>Rain <b>fell</b>.", "Rain <b>fell</b>.", "A storm?"),
        ("A storm?</think>Rain.</think>Fog.", "Rain.</think>Fog.", "A storm?"),
        ("A storm?[/THINK]Rain.", "Rain.", "A storm?"),
        ("</think>\n\nRain fell.", "Rain fell.", ""),
        ("\n</think>\n</think>\nRain fell.", "Rain fell.", ""),
        ("<think>A storm?</think>Rain.</think>Fog.", "Rain.</think>Fog.", "A storm?"),
        # begun and not ended
        ("Rain <thin", "Rain <thin", ""),
        ("<think>A storm</thi", "", "A storm</thi"),
        # gpt-oss
        (
            "<|channel|>analysis<|message|>A storm?<|end|><|start|>assistant<|channel|>final<|message|>Rain fell.<|return|>",
            "Rain fell.",
            "A storm?",
        ),
        (
            "<|start|>assistant<|channel|>analysis<|message|>Hm.<|end|>"
            "<|start|>assistant<|channel|>commentary to=functions.a <|constrain|>json<|message|>{}<|call|>"
            "<|start|>assistant<|channel|>final<|message|>\n\nRain.\n<|end|>\n",
            "Rain.\n",
            "Hm.{}",
        ),
        ("<|start|>assistant<|message|>Rain.<|end|>", "Rain.", ""),
        ("<|channel|>final<|message|>She wrote <think> there.", "She wrote <think> there.", ""),
        ("<|channel|>final<|message|>Rain.\n<think>\nFog.", "Rain.\n<think>\nFog.", ""),
        ("<|channel|>analysis<|message|>A storm", "", "A storm"),
        ("<|channel|>analysis", "", "<|channel|>analysis"),
        ("<|channel|>" + "y" * 300, "<|channel|>" + "y" * 300, ""),
    ],
)
def test_what_is_thought_and_what_is_said(stream: str, text: str, reasoning: str) -> None:
    assert split([stream]) == (text, reasoning)
    assert split(list(stream)) == (text, reasoning)


@pytest.mark.parametrize(
    ("stream", "text", "reasoning"),
    [
        ("A storm?\n</think>\n\nRain fell.", "Rain fell.", "A storm?\n"),
        ("A storm?[/THINK]Rain fell.", "Rain fell.", "A storm?"),
        ("\n<think>\nA storm?</think>Rain fell.", "Rain fell.", "A storm?"),
        ("<think>A storm, not </thought> yet</think>Rain.", "Rain.", "A storm, not </thought> yet"),
        ("A storm, and", "", "A storm, and"),
        ("Hm.<|end|><|start|>assistant<|channel|>final<|message|>Rain.<|return|>", "Rain.", "Hm."),
        ("Hm.</think>Rain.</think>Fog.", "Rain.</think>Fog.", "Hm."),
    ],
)
def test_an_answer_may_begin_within_thoughts(stream: str, text: str, reasoning: str) -> None:
    assert split([stream], inside=True) == (text, reasoning)
    assert split(list(stream), inside=True) == (text, reasoning)


def test_what_is_certain_is_told_at_once() -> None:
    thoughts = Thoughts()
    assert thoughts.feed("Rain fell") == [Part("Rain fell", "text")]
    assert thoughts.feed(" on <") == [Part(" on ", "text")]
    assert thoughts.feed("b>") == [Part("<b>", "text")]
    assert thoughts.feed("\n<think>Fog?") == [Part("\n", "text"), Part("Fog?", "reasoning")]
    assert thoughts.feed("</th") == []
    assert thoughts.feed("ink>No.") == [Part("No.", "text")]
    assert thoughts.finish() == []


def test_a_recast_stands_behind_what_it_moves() -> None:
    assert parts(["A storm?</think>Rain."]) == [Part("A storm?", "text"), Part("Rain.", "text", recast=True)]
    assert parts(["A storm?", "</think>"]) == [Part("A storm?", "text"), Part("", "text", recast=True)]


def test_a_header_of_signs_alone_has_an_end() -> None:
    stream = "<|start|>" * 50
    text, reasoning = split([stream])
    assert text.startswith("<|start|>" * 20)
    assert len(text) + len(reasoning) == len(stream)
    assert split(list(stream)) == (text, reasoning)
