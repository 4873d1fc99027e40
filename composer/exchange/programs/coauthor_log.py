"""A CoAuthor log as its events: JSON Lines, of which some may be cut, damaged or of wrong types. It makes no session of them.

Fields are read by functions that take what is there as far as it makes sense, and never fail.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from composer.errors import UnreadableSource
from composer.exchange.outside import utf8
from composer.exchange.programs.quill import whole
from composer.exchange.taken import Tally
from composer.text.clean import clean, one_line

LATEST = 253_402_300_799_999
"""The last millisecond since 1970 that is taken for a time: the end of the year 9999."""
_SAMPLING = (
    ("temperature", "currentTemperature"),
    ("top_p", "currentTopP"),
    ("presence_penalty", "currentPresencePenalty"),
    ("frequency_penalty", "currentFrequencyPenalty"),
)

Event = dict[str, Any]


@dataclass
class Log:
    """The events that are whole, in the order of the log. `cut` is a sentence on what is not, empty where all is."""

    events: list[Event] = field(default_factory=list)
    cut: str = ""


class Suggestion(NamedTuple):
    """What a model wrote, and what the writer was shown of it: the characters from `start` on that are `shown`."""

    text: str
    shown: str
    start: int


def log_in(data: bytes, name: str) -> Log:
    """The log in a file. UnreadableSource where it holds no event at all."""
    log = Log()
    faults: list[tuple[int, str]] = []
    text = utf8(data)
    lines = text.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        event, fault = _event_in(line, last=number == len(lines))
        if event is None:
            faults.append((number, fault))
        else:
            log.events.append(event)
    if not log.events:
        raise UnreadableSource(
            f"{one_line(name, 200)} holds no event of a CoAuthor session that can be read.",
            "A session log has one event in JSON on each line.",
        )
    if faults:
        number, fault = faults[0]
        more = f" So are {len(faults) - 1:,} more lines." if len(faults) > 1 else ""
        behind = any(number < len(lines) for number, _ in faults)
        shifted = " What was changed behind it may stand a little off its place." if behind else ""
        log.cut = f"Line {number:,} {fault} and is left out; all that is whole was kept.{more}{shifted}"
    return log


def _event_in(line: bytes, *, last: bool) -> tuple[Event | None, str]:
    try:
        found = json.loads(line.decode("utf-8", "replace"))
    except RecursionError:
        return None, "is nested too deep"
    except ValueError:
        return None, "breaks off in the middle" if last else "is no whole JSON"
    if not isinstance(found, dict) or not isinstance(found.get("eventName"), str):
        return None, "says no event"
    return found, ""


# fields


def time_of(event: Event, before: int) -> int:
    """When it happened, in ms since 1970; the time before it where it does not say."""
    time = whole(event.get("eventTimestamp"))
    return time if time is not None and 0 < time <= LATEST else before


def number_of(value: object) -> float | None:
    """A number, as a number or as text; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def sampling_of(event: Event) -> dict[str, Any]:
    """The fields of a request that were set when the event happened."""
    sampling: dict[str, Any] = {}
    for name, key in _SAMPLING:
        if (value := number_of(event.get(key))) is not None:
            sampling[name] = value
    most = whole(event.get("currentMaxToken"))
    if most:
        sampling["max_tokens"] = most
    return sampling


def suggestions_of(event: Event, tally: Tally) -> Iterator[Suggestion]:
    """What was suggested, in the order shown. What of it has no place is counted.

    The text is what the model wrote, `original`, where what was shown, `trimmed`, lies in it. Where they differ in more than
    the white space around, it is what was shown: the writer chose among these, and the other form is counted as lost.
    """
    found = event.get("currentSuggestions")
    for each in found if isinstance(found, list) else ():
        if isinstance(each, str):
            each = {"original": each}
        if not isinstance(each, dict):
            tally.lost("suggestions without text", "they are left out")
            continue
        original, trimmed = each.get("original"), each.get("trimmed")
        if not isinstance(original, str) and not isinstance(trimmed, str):
            tally.lost("suggestions without text", "they are left out")
            continue
        for key in each.keys() - {"index", "original", "trimmed"}:
            known = {"probability": "probabilities of suggestions", "source": "sources of suggestions"}
            tally.lost(known.get(key, "other fields of suggestions"), "a candidate has no place for them")
        text = clean(original) if isinstance(original, str) else ""
        shown = clean(trimmed) if isinstance(trimmed, str) else text.strip()
        start = text.find(shown)
        if start < 0:
            if text.split() != shown.split():
                tally.lost("suggestions as they were before CoAuthor cut them", "the candidate is what was shown")
            text, start = shown, 0
        yield Suggestion(text, shown, start)
