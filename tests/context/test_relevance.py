"""Relevance on the package's own prose against two other measures, and on the ways in which languages write words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from math import log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz, utils

from composer.context import relevance
from composer.context.relevance import Index, likeness, scores
from composer.llm.embedded.corpus import load_fables

Scorer = Callable[[str, Sequence[str]], Sequence[float]]

# The fables in pieces of one to five sentences, as a manuscript has lines of talk and long paragraphs. Each case asks with a beat
# and the end of the paragraph before it for what else of its fable there is, without those two.

SIZES = (1, 2, 1, 5, 3)
ROOM = 750
"""Words of the pieces that are taken, best first."""


@cache
def pieces() -> tuple[list[str], list[int], list[tuple[str, int, range]]]:
    """The texts, the fable of each, and for each case the query, its fable, and which texts it is not to find."""
    texts: list[str] = []
    fables: list[int] = []
    cases = []
    for number, fable in enumerate(load_fables()):
        before = range(0)
        for passage in fable.passages:
            sentences = re.split(r"(?<=[.!?”\"])\s+(?=[\"“A-Z])", passage.text)
            first, at = len(texts), 0
            while at < len(sentences):
                size = SIZES[len(texts) % len(SIZES)]
                texts.append(" ".join(sentences[at : at + size]))
                fables.append(number)
                at += size
            if before:
                end = " ".join(texts[at] for at in before)[-200:]
                cases.append((f"{passage.beat} {end}", number, range(before.start, len(texts))))
            before = range(first, len(texts))
    return texts, fables, cases[::2]


def found(scorer: Scorer) -> tuple[float, float]:
    """How high the first right text ranks, 1 for first and 1/n for nth, on average; and the part of what is right that is taken."""
    texts, fables, cases = pieces()
    words = [len(text.split()) for text in texts]
    ranks = taken = 0.0
    for query, fable, without in cases:
        rated = scorer(query, texts)
        order = sorted((at for at in range(len(texts)) if at not in without), key=lambda at: (-rated[at], -at))
        ranks += 1 / (1 + next(rank for rank, at in enumerate(order) if fables[at] == fable))
        right = sum(words[at] for at in order if fables[at] == fable)
        left, good = ROOM, 0
        for at in order:
            left -= words[at]
            if left < 0:
                break
            good += words[at] if fables[at] == fable else 0
        taken += good / right
    return ranks / len(cases), taken / len(cases)


def by_words(query: str, texts: Sequence[str]) -> Sequence[float]:
    rated = scores(query, [_index(tuple(texts))])[0]
    least = relevance.least(rated)
    return [score if score > least else 0.0 for score in rated]


@cache
def _index(texts: tuple[str, ...]) -> Index:
    return Index(texts)


def by_token_set(query: str, texts: Sequence[str]) -> Sequence[float]:
    query = utils.default_process(query)
    return [fuzz.token_set_ratio(query, text) for text in _plain(tuple(texts))]


@cache
def _plain(texts: tuple[str, ...]) -> list[str]:
    return [utils.default_process(text) for text in texts]


def by_trigrams(query: str, texts: Sequence[str]) -> Sequence[float]:
    """The cosine of trigrams of characters, each weighed by how few texts have it."""
    weights, vectors = _vectors(tuple(texts))
    asked = _trigrams(utils.default_process(query))
    return [
        sum(vector[each] * count * weights[each] for each, count in asked.items() if each in vector)
        for vector in vectors
    ]


@cache
def _vectors(texts: tuple[str, ...]) -> tuple[dict[str, float], list[dict[str, float]]]:
    counts = [_trigrams(text) for text in _plain(texts)]
    held = Counter(each for count in counts for each in count)
    weights = {each: log(1 + len(texts) / count) for each, count in held.items()}
    vectors = []
    for count in counts:
        vector = {each: times * weights[each] for each, times in count.items()}
        size = sqrt(sum(value**2 for value in vector.values()))
        vectors.append({each: value / size for each, value in vector.items()})
    return weights, vectors


def _trigrams(text: str) -> Counter[str]:
    return Counter(text[at : at + 3] for at in range(len(text) - 2))


@pytest.mark.slow
def test_it_finds_more_of_a_fable_than_other_cheap_measures_do() -> None:
    first, taken = found(by_words)
    first_of_trigrams, taken_of_trigrams = found(by_trigrams)
    first_of_token_set, taken_of_token_set = found(by_token_set)
    assert first > 0.75
    assert taken > 0.70
    assert first_of_trigrams < first + 0.1
    assert taken_of_trigrams < taken - 0.05
    assert first_of_token_set < 0.35
    assert taken_of_token_set < 0.50


SAMPLES = {
    "English": (
        "Ines hides the _lanterns_ in the boathouse.",
        [
            "Nobody had swept the yard since spring, and the hens had noticed.",
            "“A lantern’s no use in daylight,” said Ines’s aunt, and she hung hers up all the same.",
            "The boathouse smelled of tar; whoever had the key had lost it in the river.",
            "He counted the coins again and came to the same sad sum.",
        ],
        {1, 2},
    ),
    "German": (
        "Die Bäckerin versteckt die Lampen in der Mühle.",
        [
            "Der Hof war seit dem Frühling nicht gefegt worden.",
            "»Eine Lampe bei Tag«, sagte die Tante der BÄCKERIN, »ist Verschwendung.«",
            "Er zählte sein Geld noch einmal, und es wurde nicht mehr.",
            "Zwischen den Mühlen lag nur der Bach.",
        ],
        {1, 3},
    ),
    "Russian": (
        "Анна прячет лампу в доме пекаря.",
        [
            "Двор не мели с самой весны, и куры это заметили.",
            "Тётка Анны не зажигала ламп до темноты.",
            "Пекарь спал днём, как спят все, кто кормит город.",
            "Он ещё раз пересчитал монеты.",
        ],
        {1, 2},
    ),
    "Chinese": (
        "小梅把灯笼藏在码头。",
        ["院子从春天起就没有扫过。", "“白天点灯笼做什么？”姑姑问小梅。", "他又数了一遍铜钱。", "码头上只剩下一只旧船。"],
        {1, 3},
    ),
    "Japanese": (
        "ハナは灯台に提灯を隠す。",
        ["庭は春から掃かれていない。", "昼に提灯はいらない、と叔母はハナに言った。", "彼はもう一度小銭を数えた。", "灯台の鍵は川に落ちた。"],
        {1, 3},
    ),
    "Hindi": (
        "मीरा लड़के की लालटेन घर में छिपाती है।",
        [
            "आँगन वसंत से बुहारा नहीं गया था।",
            "“दिन में लालटेनें किस काम की?” मौसी ने मीरा से पूछा।",
            "उसने फिर सिक्के गिने।",
            "लड़कों ने सब घरों के दरवाज़े बंद पाए।",
        ],
        {1, 3},
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", SAMPLES)
def test_what_shares_words_comes_before_what_does_not(language: str) -> None:
    query, texts, right = SAMPLES[language]
    rated = likeness(query, texts)
    order = sorted(range(len(texts)), key=lambda at: -rated[at])
    assert set(order[: len(right)]) == right
    assert all(rated[at] > 0 for at in right)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lanterns", "Lantern’s"),
        ("cafe\u0301", "café"),
        ("Straße", "STRASSE"),
        ("Анна", "Анны"),
        ("Пётр", "Петр"),
        ("Cafés", "cafes"),
        ("ｶﾀｶﾅ", "カタカナ"),
        ("लड़कों", "लड़का"),
        ("घर", "घरों"),
        ("_so_", "so"),
    ],
)
def test_forms_of_a_word_are_the_same(one: str, other: str) -> None:
    different, same = likeness(one, ["кто-то 他人 दूसरा someone", f"“{other}”, 他人"])
    assert different == 0
    assert same > 0


def test_a_name_that_few_texts_hold_weighs_more_than_words_of_many() -> None:
    texts = ["The shore, Odile.", *(f"They walked to the {name} shore." for name in ("near", "far", "long", "bare"))]
    rated = likeness("Odile walked to the shore", texts)
    assert max(rated) == rated[0]


def test_of_two_texts_with_the_same_words_the_shorter_is_nearer() -> None:
    short, long = likeness(
        "an otter", ["The otter slept.", "The otter slept while all of the harbour went about its day."]
    )
    assert short > long > 0


def test_a_word_that_stands_again_counts_more() -> None:
    once, twice = likeness("otter", ["The otter saw a heron.", "The otter saw an otter."])
    assert twice > once > 0


def test_what_hardly_shares_anything_beside_the_best_shares_nothing() -> None:
    texts = ["the otter and the heron and the lamp", *["the mill stood still"] * 30]
    rated = likeness("the otter, the heron and the lamp", texts)
    assert rated[0] > 0
    assert rated[1:] == [0.0] * 30


@pytest.mark.parametrize("query", ["", "a", "…", " " * 1_000, "<|endoftext|>", "\u0301\u200d", "\ud800"])
def test_queries_that_ask_for_nothing(query: str) -> None:
    assert likeness(query, ["The otter slept.", "", "…"]) == [0.0, 0.0, 0.0]
    assert likeness(query, []) == []


def test_in_many_texts_a_word_of_all_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"the n{number}" for number in range(8)]
    assert all(likeness("the", texts))
    monkeypatch.setattr(relevance, "FEW", 2)
    assert not any(likeness("the", texts))
    assert likeness("the n3", texts)[3] > 0


WORDS = ("otter", "heron", "otters", "mill", "улица", "улицы", "水車小屋", "é")
LINES = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@given(LINES, st.lists(LINES, max_size=8), st.lists(st.integers(0, 8), max_size=3))
def test_scores_are_the_same_however_the_texts_lie_in_indexes(query: str, texts: list[str], cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(texts)) for cut in cuts), len(texts)]
    parts = [Index(texts[left:right]) for left, right in pairwise(edges)]
    rows = scores(query, parts)
    assert [score for row in rows for score in row] == scores(query, [Index(texts)])[0]
    assert scores(query, parts, 1, 2) == rows[1:2]


@given(LINES, st.lists(LINES, max_size=6), st.sets(st.integers(0, 5)), st.lists(LINES, max_size=4))
def test_an_index_that_was_changed_is_as_a_new_one(
    query: str, texts: list[str], without: set[int], fresh: list[str]
) -> None:
    gone = {place: text for place, text in enumerate(texts) if place in without}
    kept = [place for place in range(len(texts)) if place not in without]
    index, places = Index(texts).changed(kept, gone, fresh)
    rated = scores(query, [index])[0]
    expected = scores(query, [Index([*(texts[place] for place in kept), *fresh])])[0]
    assert [rated[place] for place in (*kept, *places)] == expected


def test_an_index_may_hold_more_texts_than_a_byte_counts() -> None:
    index = Index(["otter"] * 255 + ["heron"])
    index, places = index.changed(range(256), {}, ["otter and heron", "heron"])
    assert places == [256, 257]
    rated = scores("heron", [index])[0]
    assert [at for at, score in enumerate(rated) if score] == [255, 256, 257]
    assert rated == scores("heron", [Index(["otter"] * 255 + ["heron", "otter and heron", "heron"])])[0]
