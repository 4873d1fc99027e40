"""The ways on from a place in an outline: their shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.embedded.stage import Option, scaled, shared


def test_what_says_the_same_is_one_way_and_what_is_unlikely_none() -> None:
    made = shared([Option(("a",), 2.0), Option(("b",), 5.0), Option(("a",), 1.0), Option(("c",), 1e-6)])
    assert [(option.tokens, option.share) for option in made] == [(("b",), 0.625), (("a",), 0.375)]


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=9))
def test_shares_sum_to_one(shares: list[float]) -> None:
    made = [Option((str(number),), share) for number, share in enumerate(shares)]
    assert sum(option.share for option in shared(made)) == pytest.approx(1.0, abs=1e-12)
    assert sum(option.share for option in scaled(made, 0.3)) == pytest.approx(0.3, abs=1e-12)


def test_behind_the_end_there_is_nothing() -> None:
    assert Option((), 1.0).following() == []
    assert [each.tokens for each in Option((), 1.0, lambda: [Option(("a",), 3.0)]).following()] == [("a",)]
