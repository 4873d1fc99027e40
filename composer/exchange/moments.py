"""Times as other tools write them, as ms since 1970. It knows no clock and no place: a time without a zone is taken for UTC.

1719240000000                         ms, also as a text; a smaller number is seconds, a still smaller one seconds since 2001
2024-01-05T14:03:22.617Z              ISO 8601
2024-03-05-17.40.02                   as pyloom writes it
2024-01-05@14h03m22s                  also `2024-1-5 @14h 03m 22s 617ms`
January 5, 2024 2:03pm                also with seconds, and without a time
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from composer.exchange.programs.loose import number

EARLIEST, LATEST = 631_152_000_000, 7_258_118_400_000
"""1990 and 2200: a number that lies outside is no time that anything was written at. Only dates may be older."""
_SECONDS = 100_000_000_000
"""A smaller number is seconds, not ms."""
_LATER, _SINCE_2001 = 1_000_000_000, 978_307_200
"""A smaller number of seconds counts from 2001 on, as programs of a Mac do; and that is when, in seconds since 1970."""
_LEAST = 100_000_000
"""A number that is not greater counts something else."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HUMAN = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})\s*@\s*(\d{1,2})h\s*(\d{1,2})m\s*(\d{1,2})s(?:\s*(\d{1,3})ms)?", re.ASCII
)
_NAMED = re.compile(
    r"([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]m)?)?", re.ASCII
)
_DOTTED = re.compile(r"(\d{4}-\d{2}-\d{2})-(\d{2})\.(\d{2})\.(\d{2})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(value: Any) -> int:
    """A time in ms since 1970; 0 for what is none."""
    told = number(value)
    if told is not None:
        return _sound(_counted(told), EARLIEST)
    if not isinstance(value, str) or len(value) > 100:
        return 0
    words = value.strip()
    try:
        if found := _DOTTED.fullmatch(words):
            return _iso(f"{found[1]} {found[2]}:{found[3]}:{found[4]}")
        return _human(words.lower()) or _iso(words)
    except (ValueError, OverflowError):
        return 0


def _counted(told: float) -> int:
    if told <= _LEAST:
        return 0
    if told < _LATER:
        return int((told + _SINCE_2001) * 1000)
    return int(told * 1000 if told < _SECONDS else told)


def _human(words: str) -> int:
    if found := _HUMAN.fullmatch(words):
        year, month, day, hour, minute, second, thousandths = (int(part or 0) for part in found.groups())
        return _of(datetime(year, month, day, hour, minute, second, thousandths * 1000, tzinfo=UTC))
    if found := _NAMED.fullmatch(words):
        name, half = found[1][:3], found[7]
        if name not in _MONTHS:
            return 0
        day, year, hour, minute, second = (int(found[at] or 0) for at in range(2, 7))
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        return _of(datetime(year, _MONTHS.index(name) + 1, day, hour, minute, second, tzinfo=UTC))
    return 0


def _iso(words: str) -> int:
    found = datetime.fromisoformat(words)
    return _of(found if found.tzinfo else found.replace(tzinfo=UTC))


def _of(found: datetime) -> int:
    return _sound((found - _EPOCH) // timedelta(milliseconds=1))


def _sound(ms: int, earliest: int = 0) -> int:
    return ms if earliest <= ms <= LATEST else 0
