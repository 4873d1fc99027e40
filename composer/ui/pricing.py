"""Prices of tokens as a row of text, and read from it again: `0.15 / 0.6 $; gpt-4o: 2.5 / 10 $`. Pure.

The first number is for a million tokens sent, the second for a million written. A price without a model's name is for all others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from composer.config import Price
from composer.errors import SettingsError
from composer.text.clean import one_line

ANY = "*"
LIKE = "0.15 / 0.6 $; gpt-4o: 2.5 / 10 $"
# A model's own name may hold colons and slashes: the price is what stands behind the last colon with a blank.
_PRICE = re.compile(r"(?:(?P<model>.+?)\s*:\s+)?(?P<input>[\d.,]+)\s*/\s*(?P<output>[\d.,]+)\s*(?P<currency>\S{0,8})")
_LONGEST = 4
"""The most letters of a currency: the name of a model that stands there by mistake is none."""


def prices_text(prices: Mapping[str, Price]) -> str:
    """Prices as they stand in a row."""
    shown = []
    for model, price in prices.items():
        named = "" if model == ANY else f"{model}: "
        shown.append(f"{named}{price.input:.10g} / {price.output:.10g} {price.currency}".rstrip())
    return "; ".join(shown)


def parse_prices(text: str) -> dict[str, Price]:
    """The prices of a row. SettingsError where it can't be read."""
    found: dict[str, Price] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        read = _PRICE.fullmatch(part)
        try:
            if read is None or sum(sign.isalpha() for sign in read["currency"]) > _LONGEST:
                raise ValueError
            sent, written = (float(read[name].replace(",", ".")) for name in ("input", "output"))
        except ValueError:
            raise SettingsError(f"“{one_line(part, 40)}” is no price.", f"Write it like {LIKE}") from None
        model = (read["model"] or ANY).strip()
        if model in found:
            raise SettingsError(f"There are two prices for {one_line(model, 40)}.", "Take one out.")
        found[model] = Price(sent, written, read["currency"] or Price().currency)
    return found
