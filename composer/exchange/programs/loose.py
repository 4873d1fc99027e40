"""JSON from other tools, read for as far as it goes, and its values taken for what they can be.

A file that breaks off, or is damaged in the middle, is closed where its last whole value ends. Values are told apart by what they
are and never by what they should be: what does not fit is nothing. It knows no format and cleans no text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from composer.config import Sampling
from composer.errors import UnreadableSource
from composer.exchange.outside import closed, unmarked
from composer.text.clean import one_line

LARGEST = 2**53
"""Numbers beyond it are no counts, seeds or times of anything."""
_LONGEST = 18
"""Digits of a number that is read as whole; a longer one is read as a fraction."""
_KEY = re.compile(r'"([A-Za-z_][\w -]{0,40})"\s{0,9}:', re.ASCII)


def decoded(data: bytes) -> str:
    """Bytes as text: by their mark; else as UTF-16 where every other byte is nothing; else as UTF-8, or what Windows writes.

    What can't be read so stands as U+FFFD. It never raises.
    """
    rest, encoding = unmarked(data)
    if encoding:
        return rest.decode(encoding, "replace")
    if data[1:2] == b"\0" and data[:1] != b"\0":
        return data.decode("utf-16-le", "replace")
    if data[:1] == b"\0" and data[1:2] != b"\0":
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character that is cut at the end is a broken end, and no other encoding.
        if error.end >= len(data) - 3 and error.reason.startswith("unexpected end"):
            return data.decode("utf-8", "replace")
        return data.decode("cp1252", "replace")


def keys_in(head: bytes) -> tuple[str, frozenset[str]]:
    """The sign that the beginning of a file opens with, and all names of fields in it, however deep. It never raises.

    A name within a text is none: its quotation marks are escaped there.
    """
    text = decoded(head).lstrip()
    return text[:1], frozenset(_KEY.findall(text))


def value_of(text: str) -> Any:
    """A JSON text as a value. ValueError where it is none, RecursionError where it is nested too deeply."""
    return json.loads(text, strict=False, parse_int=_whole)


def parsed(data: bytes, name: str) -> tuple[Any, str]:
    """A JSON file as a value, and where it broke off and what was kept, in a sentence; empty where it was whole.

    UnreadableSource where nothing of it can be read.
    """
    text = decoded(data).strip().strip("\0")
    try:
        try:
            return value_of(text), ""
        except json.JSONDecodeError as error:
            kept, cut = closed(text, error.pos)
            found = value_of(kept)
    except (ValueError, RecursionError) as error:
        why = "is nested too deeply to be read" if isinstance(error, RecursionError) else "is no JSON that can be read"
        raise UnreadableSource(
            f"{one_line(name, 200)} {why}.", "Save or export it anew in the program that wrote it."
        ) from error
    return found, cut


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST else float(digits)


def table(value: Any) -> Mapping[str, Any]:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def row(value: Any) -> Sequence[Any]:
    """A list; empty for anything else."""
    return value if isinstance(value, list) else ()


def text(value: Any) -> str:
    """A text as it stands; empty for anything else."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> int | float | None:
    """A number that can be reckoned with, also one that stands as a text; None for anything else."""
    if isinstance(value, str) and 0 < len(value) <= 40:
        try:
            value = float(value)
        except ValueError:
            return None
        value = int(value) if math.isfinite(value) and value.is_integer() else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST else None


def count(value: Any) -> int | None:
    """A whole number that is not negative; None for anything else."""
    found = number(value)
    return int(found) if found is not None and found >= 0 and found == int(found) else None


def numbered(value: Any) -> dict[int, Any]:
    """A list, or an object whose keys are numbers, by number and in their order. Other keys are left out."""
    if isinstance(value, list):
        return dict(enumerate(value))
    found = {}
    for key, each in table(value).items():
        if isinstance(key, str) and key.isdecimal() and len(key) <= _LONGEST:
            found[int(key)] = each
    return dict(sorted(found.items()))


def sampling(settings: Mapping[str, Any], names: Mapping[str, str]) -> Sampling:
    """The numbers among some settings by the names that requests have for them: `names` says which becomes which."""
    found: Sampling = {}
    for theirs, ours in names.items():
        value = number(settings.get(theirs))
        if value is not None:
            found[ours] = value
    return found
