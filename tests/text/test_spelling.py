"""What can be misspelt, what is looked up for it, and what remains when nobody knows it."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.spelling import (
    Doubt,
    asked,
    doubtful,
    forms,
    is_known,
    lookups,
    names,
    parts,
    spelled,
    vocabulary,
)

PROSE = st.text(alphabet=st.sampled_from("aAbinKé’'-‐ .,“”[]—4@\u0301\u00ad東\n"), max_size=60)


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in spelled(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("The oar slipped.", ["The", "oar", "slipped"]),
        ("She didn’t; he'd.", ["She", "didn’t", "he'd"]),
        ("a well-worn, half‐lit hall--way", ["well-worn", "half‐lit", "hall", "way"]),
        ("‘Go,’ she said, ‘to the ferry’", ["Go", "she", "said", "to", "the", "ferry"]),
        ("goin’ on, nothin', the 'Marlin'", ["goin", "on", "nothin", "the", "Marlin"]),
        ("I owe 40 crowns, a 3rd of them, by 4pm on deck B2", ["owe", "crowns", "of", "them", "by", "on", "deck"]),
        ("He rang the BBC’s TV and two MPs, then LONDON.", ["He", "rang", "the", "and", "two", "then", "LONDON"]),
        ("Chapter XVIII, p.m.", ["Chapter"]),
        ("[how does it ennd?]", ["how", "does", "it", "ennd"]),
        ("see http://mill.example/a-b?q=hull or www.mill.example/hull now", ["see", "or", "now"]),
        ("write to nan.oake@mill.example or oake.co.uk, #hull @nan, end.Then", ["write", "to", "or", "end", "Then"]),
        ("über cafe\u0301s, Жук", ["über", "cafe\u0301s", "Жук"]),
        ("彼は笑った。カヌー and ราตรี 그는 웃었다", ["and", "그는", "웃었다"]),
        ("नमस्ते _quiet_", ["नमस्ते", "quiet"]),
    ],
)
def test_the_words_that_can_be_misspelt(text: str, words: list[str]) -> None:
    assert found(text) == words


@given(PROSE)
def test_words_lie_in_order_within_the_text(text: str) -> None:
    flat = [number for pair in spelled(text) for number in pair]
    assert flat == sorted(flat)
    assert all(0 <= number <= len(text) for number in flat)
    for word in found(text):
        assert sum(char.isalpha() for char in word) > 1
        assert word[0].isalpha()
        assert not any(char.isspace() or char in "4@[]" for char in word)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("oar", ("oar",)),
        ("Oar", ("Oar", "oar")),
        ("LONDON", ("LONDON", "London", "london")),
        ("THe", ("THe",)),
        ("iPhone", ("iPhone",)),
        ("McNab", ("McNab",)),
        ("don’t", ("don't",)),
        ("Nan’s", ("Nan's", "nan's", "Nan", "nan")),
        ("who'd've", ("who'd've", "who'd", "who")),
        ("l’eau", ("l'eau", "eau")),
        ("O'Hara", ("O'Hara", "o'hara", "Hara", "hara")),
        ("Well‐known", ("Well-known", "well-known")),
        ("goin’", ("goin", "going")),
        ("e\u0301te\u0301", ("été",)),
    ],
)
def test_the_forms_of_a_word(word: str, expected: tuple[str, ...]) -> None:
    assert forms(word) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("known", ()),
        ("well-known", ("well", "known")),
        ("lady-in-waiting", ("lady", "in", "waiting")),
        ("w-what", ("what",)),
        ("Th-that", ("that",)),
        ("ex-sailor", ("sailor",)),
        ("TV-like", ("like",)),
    ],
)
def test_the_parts_of_a_hyphenated_word(word: str, expected: tuple[str, ...]) -> None:
    assert parts(word) == expected


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("Oar", {"oar"}, True),
        ("oar", {"Oar"}, False),
        ("mill-race", {"mill-race"}, True),
        ("mill-race", {"mill", "race"}, True),
        ("mill-race", {"mill"}, False),
        ("Nan’s-eye", {"Nan", "eye"}, True),
        ("b-b", set(), True),
        ("oars", set(), False),
    ],
)
def test_one_form_or_all_parts_make_a_word_known(word: str, known: Collection[str], expected: bool) -> None:
    assert is_known(word, known.__contains__) is expected


@given(PROSE)
def test_whatever_may_be_asked_is_looked_up(text: str) -> None:
    words = found(text)
    wanted = lookups(words)
    seen: set[str] = set()
    for word in words:
        is_known(word, lambda form: bool(seen.add(form)))  # type: ignore[func-returns-value]
    assert seen <= wanted


def test_names_are_capitalised_twice_in_mid_sentence() -> None:
    texts = ["At dusk Ysolde came. The hill.", "They saw, behind Ysolde’s boat, the Hill."]
    assert names(texts) == {"Ysolde", "Ysolde's"}


def test_names_are_capitalised_three_times_and_never_low() -> None:
    assert names(["Tamsin rowed. Rowing hurt.", "“Tamsin!”", "Tamsin. Rowing. Rowing."]) == {
        "Tamsin",
        "Tamsin's",
        "Rowing",
        "Rowing's",
    }
    assert names(["Tamsin rowed. Rowing hurt.", "“Tamsin!”", "Tamsin. Rowing. Rowing, rowing."]) == {
        "Tamsin",
        "Tamsin's",
    }


def test_twice_at_the_start_is_not_enough() -> None:
    assert names(["Tamsin rowed.", "Tamsin slept."]) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "“Wickt went,” Wickt said. “So,” Wickt said.",
        "old Mr. Wickt and Mrs. Wickt",
        "the boat—Wickt saw it — Wickt knew",
        "near Wickt; Wickt knew",
        "la main d’Wickt, l'Wickt",
    ],
)
def test_the_middle_of_a_sentence(text: str) -> None:
    assert "Wickt" in names([text + " wickt."])


@pytest.mark.parametrize(
    "text",
    [
        "Wickt is up. Wickt is down.",
        "She said, “Wickt is up,” and, “Wickt is down.”",
        "Up! Wickt. Down? Wickt.",
        "“Up!” Wickt went. 'Down.' Wickt came.",
        'She said, "Wickt is up," and, "Wickt is down."',
        "« Wickt », « Wickt »",
        "— Wickt ?\n— Wickt !",
        "near WICKT and WICKT",
    ],
)
def test_the_start_of_a_sentence(text: str) -> None:
    assert names([text + " wickt."]) == frozenset()


def test_only_what_is_not_one_s_own_is_asked() -> None:
    texts = [("a", "Ysolde’s oar, the oar"), ("b", "Oar and skerry-boat")]
    assert asked(texts, own={"Ysolde", "the", "skerry"}) == ("Oar", "and", "boat", "oar", "skerry", "skerry-boat")
    assert asked(texts, own=vocabulary(text for _, text in texts)) == ()
    assert asked([], own=()) == ()


def test_own_words_may_be_written_with_any_apostrophe() -> None:
    assert asked([("a", "fo'c'sle fo’c’sle")], own=["fo’c’sle"]) == ()


def test_doubts_come_in_reading_order_with_their_places() -> None:
    texts = [("b", "The lanterm, “Lanterm,” Wyn’s skif."), ("a", "A skif’s lanterm")]
    unknown = {"lanterm", "Lanterm", "skif", "skif's", "Wyn", "wyn", "Wyn's", "wyn's"}
    doubts = doubtful(texts, own={"Wyn"}, unknown=unknown)
    assert doubts == (
        Doubt("b", 4, 11, "lanterm"),
        Doubt("b", 14, 21, "Lanterm"),
        Doubt("b", 30, 34, "skif"),
        Doubt("a", 2, 8, "skif’s"),
        Doubt("a", 9, 16, "lanterm"),
    )


def test_a_word_remains_only_if_no_form_is_known() -> None:
    text = [("a", "Harbor LONDON goin’ mill-rase mill-race")]
    assert doubtful(text, own=(), unknown={"Harbor", "LONDON", "london", "goin", "mill-race"}) == ()
    left = doubtful(text, own=(), unknown={"mill-race", "mill-rase", "rase", "goin", "going"})
    assert [doubt.word for doubt in left] == ["goin", "mill-rase"]


def test_a_form_in_an_address_or_initials_is_no_doubt() -> None:
    unknown = {"skif", "Skif", "SKIF"}
    assert [doubt.start for doubt in doubtful([("a", "www.skif.com SKIF skif")], (), unknown)] == [18]


@given(st.lists(PROSE, max_size=4))
def test_if_nothing_is_known_every_word_is_a_doubt_but_stutters(texts: list[str]) -> None:
    rows = [(str(number), text) for number, text in enumerate(texts)]
    everything = asked(rows, ())
    doubts = doubtful(rows, (), everything)
    expected = [
        (key, start, end)
        for key, text in rows
        for start, end in spelled(text)
        if not is_known(text[start:end], lambda form: False)
    ]
    assert [(doubt.key, doubt.start, doubt.end) for doubt in doubts] == expected
    assert all(dict(rows)[doubt.key][doubt.start : doubt.end] == doubt.word for doubt in doubts)
    assert doubtful(rows, (), ()) == ()
    assert doubtful(rows, vocabulary(texts), everything) == ()
