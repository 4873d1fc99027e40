"""Prices as a row of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.config import Price
from composer.errors import SettingsError
from composer.ui.pricing import parse_prices, prices_text

MODELS = st.sampled_from(("*", "gpt-4o", "openai/gpt-4o: free", "llama3.2:3b", "a b"))
AMOUNTS = st.integers(0, 999_999).map(lambda number: number / 1000)


@given(st.dictionaries(MODELS, st.builds(Price, AMOUNTS, AMOUNTS, st.sampled_from(("$", "€", "Cent")))))
def test_prices_are_read_as_they_are_shown(prices: dict[str, Price]) -> None:
    assert parse_prices(prices_text(prices)) == prices


def test_prices_as_people_write_them() -> None:
    assert parse_prices(" 0,15/0,6 ;gpt-4o:  2.5 / 10 € ") == {"*": Price(0.15, 0.6), "gpt-4o": Price(2.5, 10, "€")}
    assert parse_prices("") == {}


@pytest.mark.parametrize(
    "text", ["cheap", "1", "1 / x", "1.2.3 / 4", "1 / 2; 3 / 4", "1 / 2 a long word", "1 / 2 tiktoken"]
)
def test_what_is_no_price_is_told(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_prices(text)
