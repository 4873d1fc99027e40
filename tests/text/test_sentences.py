"""Sentences are what a reader of fiction would call so, hold all of the text, and stay while text grows behind them."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.sentences import sentence_at, sentences
from tests.text.literary import ALL, RIGHT, WRONG, Case

SOUP = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "Ab .?!\"'“”‘’«»„()[]…—–-,;:*\u00a0\u202f\u3000\u2028\t\n\r\x0b。！？「」你と言।؟ς\u0301\u200d😀\ud8005ßİ"
        ),
        st.characters(),
    ),
    max_size=60,
)
LANGUAGES = st.sampled_from(["en", "fr", "de", "it", "el", "zh", "pt-BR", "de_AT", "tlh", "", "-"])


def cut(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: f"{case.language}: {case.text[:40]}")
def test_the_literary_set(case: Case) -> None:
    assert cut(case.text, case.language) == case.sentences


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.text[:40])
def test_what_is_known_to_be_wrong_still_is(case: Case) -> None:
    """A case that has become right belongs to the others."""
    assert cut(case.text, case.language) != case.sentences


def test_the_literary_set_is_wide() -> None:
    assert len(RIGHT) >= 120
    assert len({case.language for case in RIGHT}) >= 14
    assert len(WRONG) <= 5
    assert len({(case.language, case.text) for case in ALL}) == len(ALL)


@given(SOUP, LANGUAGES)
def test_ranges_hold_all_of_the_text_in_order(text: str, language: str) -> None:
    last = 0
    for start, end in sentences(text, language):
        assert last <= start < end
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        last = end
    assert not text[last:].strip()


@pytest.mark.parametrize("language", sorted({case.language for case in RIGHT}))
@pytest.mark.parametrize("joint", [" ", "\n"])
def test_text_that_grows_changes_no_more_than_the_last_two_sentences(language: str, joint: str) -> None:
    text = joint.join(case.text for case in RIGHT if case.language == language)
    for offset in range(0, len(text), 800):
        part = text[offset : offset + 1000]
        whole = sentences(part, language)
        for at in (index for index, char in enumerate(part) if char == " " or not char.isascii()):
            settled = sentences(part[:at], language)[:-2]
            assert settled == whole[: len(settled)]


@given(
    st.lists(st.sampled_from([case.text for case in RIGHT if case.language == "en"]), min_size=2, max_size=5), st.data()
)
def test_growth_in_any_order(texts: list[str], data: st.DataObject) -> None:
    text = " ".join(texts)
    at = data.draw(st.integers(0, len(text)))
    settled = sentences(text[:at])[:-2]
    assert settled == sentences(text)[: len(settled)]


def test_brackets_that_are_never_closed_hide_only_what_is_near() -> None:
    text = "He left (it was late. " + "She stayed. " * 40
    assert len(cut(text)) > 15
    assert cut("[what now? " + "She stayed. " * 40)[-1] == "She stayed."


def test_holes_are_not_cut() -> None:
    assert cut("[a fight. someone falls. Then rain.] She ran.") == ["[a fight. someone falls. Then rain.]", "She ran."]


def test_lines_are_cut_even_without_marks() -> None:
    assert cut("Dear Ruth\n\n  I am well \r\n***\n") == ["Dear Ruth", "I am well", "***"]
    assert cut("") == cut(" \n\u00a0\n") == []


@pytest.mark.parametrize("code", ["de", "de-AT", "de_CH", "DE"])
def test_a_language_may_name_a_region(code: str) -> None:
    assert cut("Am 5. Oktober kam er. Wir schliefen.", code) == ["Am 5. Oktober kam er.", "Wir schliefen."]


@pytest.mark.parametrize(
    "text",
    [
        "He. " * 25_000,
        '"' * 100_000,
        "(" * 100_000,
        "[a. " * 25_000,
        '"Who? ' * 16_000,
        "… " * 50_000,
        ". " * 50_000,
        "」「" * 50_000,
        "\u0301" * 100_000,
        "👩\u200d👧" * 33_000,
        "a" * 100_000,
        '!" Anna ' * 12_500,
    ],
    ids=lambda text: ascii(text[:6]),
)
def test_a_very_long_line_is_cut_too(text: str) -> None:
    ranges = sentences(text)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == len(text.rstrip())


@pytest.mark.parametrize(
    "text", ["\u0301", "\ud800. No.", "\ufe0f.", "\u200d", "\x00. A", "\u2028", "“", "?", "\ufeffNo. Yes."]
)
def test_odd_characters_raise_nothing(text: str) -> None:
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


class Panic(BaseException):
    """What a compiled module raises when it breaks: no Exception."""


def segmenter(monkeypatch: pytest.MonkeyPatch, segment: Callable[[str, str], list[str]]) -> None:
    module = types.ModuleType("sentencex")
    module.segment = segment  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentencex", module)


@pytest.mark.parametrize("failure", [Panic, ValueError, UnicodeEncodeError("utf-8", "", 0, 1, "lone")])
def test_a_segmenter_that_fails_leaves_the_line_whole(
    failure: BaseException | type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def segment(language: str, text: str) -> list[str]:
        if "bad" in text:
            raise failure
        return [text]

    segmenter(monkeypatch, segment)
    assert cut("Go! It is bad. Stay.\nGo! Stay!") == ["Go! It is bad. Stay.", "Go!", "Stay!"]


def test_a_segmenter_that_loses_text_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter(monkeypatch, lambda language, text: [text[:5], text[5:9]])
    assert cut("One. Two. Three.") == ["One. Two. Three."]


def test_who_stops_the_program_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def segment(language: str, text: str) -> list[str]:
        raise KeyboardInterrupt

    segmenter(monkeypatch, segment)
    with pytest.raises(KeyboardInterrupt):
        sentences("One. Two.")


def test_the_segmenter_sees_plain_spaces_in_the_same_places(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def segment(language: str, text: str) -> list[str]:
        seen.append(text)
        return [text]

    text = "«\u00a0J.\u202fR.\u3000Oui\u2028ß. ßa\u00a0»\t“x”"
    segmenter(monkeypatch, segment)
    sentences(text)
    assert [len(line) for line in seen] == [len(text)]
    assert not [char for char in seen[0] if char.isspace() and char != " "]


@pytest.mark.parametrize(
    ("at", "expected"), [(0, "One."), (3, "One."), (4, "One."), (5, "Two!"), (9, "Two!"), (11, "Three"), (99, "Three")]
)
def test_sentence_at(at: int, expected: str) -> None:
    text = "One. Two!\n\nThree"
    start, end = sentence_at(text, at)
    assert text[start:end] == expected


def test_sentence_at_where_there_is_none() -> None:
    assert sentence_at("", 0) == sentence_at("  ", 1) == sentence_at("  One.", 1) == (0, 0)
