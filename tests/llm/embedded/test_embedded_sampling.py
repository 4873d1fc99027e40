"""Drawing tokens: what truncation keeps, what penalties do, and what a seed fixes."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.embedded.sampling import Settings, draw, truncate

TABLE = {1: 0.5, 2: 0.25, 3: 0.15, 4: 0.07, 5: 0.03}
TABLES = st.dictionaries(st.integers(0, 50), st.floats(1e-9, 1.0), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        (Settings(), [1, 2, 3, 4, 5]),
        (Settings(top_k=2), [1, 2]),
        (Settings(top_p=0.75), [1, 2]),
        (Settings(top_p=0.76), [1, 2, 3]),
        (Settings(top_p=0.0), [1]),
        (Settings(min_p=0.2), [1, 2, 3]),
        (Settings(min_p=1.0), [1]),
        (Settings(top_k=4, top_p=0.9, min_p=0.4), [1, 2]),
    ],
)
def test_truncation(settings: Settings, kept: list[int]) -> None:
    assert [token for token, _ in truncate(TABLE, settings)] == kept


def test_order_does_not_matter() -> None:
    assert truncate(dict(reversed(TABLE.items())), Settings()) == truncate(TABLE, Settings())


def test_penalties_count_uses() -> None:
    settings = Settings(presence_penalty=0.5, frequency_penalty=0.25)
    kept = dict(truncate(TABLE, settings, {1: 2, 3: 1}, lambda token: token == 3))
    assert kept[1] == pytest.approx(0.5 * math.exp(-1.0))
    assert kept[3] == 0.15
    assert kept[2] == 0.25


def test_a_repetition_penalty_makes_used_tokens_less_likely() -> None:
    kept = dict(truncate(TABLE, Settings(repetition_penalty=1.2), {2: 1}))
    assert kept[2] == pytest.approx(0.25**1.2)


@given(TABLES, st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(0, 5), st.integers(0, 99))
def test_what_is_drawn_was_kept_and_possible(
    table: dict[int, float], top_p: float, min_p: float, top_k: int, seed: int
) -> None:
    kept = truncate(table, Settings(top_p=top_p, min_p=min_p, top_k=top_k))
    assert kept
    assert kept == sorted(kept, key=lambda entry: (-entry[1], entry[0]))
    token = draw(kept, 0.7, Random(seed))
    assert token in dict(kept)
    assert table[token] > 0.0


def test_temperature_zero_takes_the_likeliest() -> None:
    kept = truncate(TABLE, Settings())
    assert {draw(kept, 0.0, Random(seed)) for seed in range(20)} == {1}


def test_draws_follow_the_probabilities() -> None:
    kept = truncate(TABLE, Settings())
    random = Random(1)
    drawn = [draw(kept, 1.0, random) for _ in range(20_000)]
    for token, p in TABLE.items():
        assert drawn.count(token) / len(drawn) == pytest.approx(p, abs=0.015)


def test_every_draw_uses_one_random_number() -> None:
    one, two = Random(3), Random(3)
    draw(truncate(TABLE, Settings()), 0.0, one)
    draw(truncate(TABLE, Settings(top_k=2)), 1.3, two)
    assert one.random() == two.random()
