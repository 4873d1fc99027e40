"""What the tests of importers share: circumstances, a journal read back, and files that are spoilt in many ways."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.formats import FORMATS, HEAD
from composer.exchange.taken import Circumstances, Taken
from composer.journal.journal import Journal
from composer.story.spans import Generated, Span
from composer.text.clean import clean

NOW = 1_750_000_000_000


def about(name: str = "tale.json", title: str = "") -> Circumstances:
    numbers = count(1)
    return Circumstances(name, NOW, lambda: f"id{next(numbers)}", "test", title=title)


def text(taken: Taken) -> str:
    return "\n".join(block.text for block in taken.story.manuscript)


def spans(taken: Taken) -> list[Span]:
    return [span for block in taken.story.manuscript for span in block.spans]


def losses(taken: Taken) -> dict[str, int]:
    return {loss.what: loss.count for loss in taken.losses}


def candidates(taken: Taken) -> list[list[str]]:
    return [[candidate.text for candidate in asked.candidates] for asked in taken.story.rounds]


def sound(taken: Taken) -> Taken:
    """The same, once its journal says what its story is, its texts are clean, and generated text is its candidate's."""
    journal = Journal()
    journal.read(taken.entries)
    assert journal.story == taken.story
    for entry in taken.entries:
        for words in strings(msgspec.json.decode(entry.body)):
            assert words == clean(words)
    for span in spans(taken):
        if isinstance(span.origin, Generated):
            whole = taken.story.candidate(span.origin.candidate).text
            assert whole[span.origin.start : span.origin.end] == span.text
    for loss in taken.losses:
        assert loss.count > 0
        assert str(loss) == clean(str(loss))
    return taken


def strings(value: object) -> list[str]:
    """All texts in a value, names of fields included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [words for key, each in value.items() for words in (*strings(key), *strings(each))]
    if isinstance(value, list):
        return [words for each in value for words in strings(each)]
    return []


def everything(taken: Taken) -> str:
    """All that a session holds, and all that is told of the import."""
    bodies = "\n".join(entry.body for entry in taken.entries)
    pieces = "\n".join(piece.decode("utf-8", "replace") for piece in taken.pieces.values())
    return "\n".join((bodies, pieces, taken.cut, *map(str, taken.losses)))


def read_or_refused(read: Callable[[bytes, Circumstances], Taken], data: bytes) -> Taken | None:
    """What a file becomes; None where it is refused, with a sentence and a next step."""
    try:
        taken = read(data, about())
    except UnreadableSource as error:
        refused = error
    else:
        return sound(taken)
    assert refused.sentence
    assert refused.next_step
    return None


def formats_of(data: bytes, name: str) -> list[str]:
    """Which of the formats that are text in JSON take a file."""
    ours = ("kobold", "sillytavern", "mikupad")
    return [each.name for each in FORMATS if each.name in ours and each.fits(data[:HEAD], name)]


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "a\x1b[31mb\r\nc", "\u202e", "1e999", "[", "-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
"""Values of any kind, in place of what should be there."""


Draw = Callable[[st.SearchStrategy[Any]], Any]


def spoilt(draw: Draw, value: object) -> object:
    """The value with something within it exchanged, or itself exchanged."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        if not draw(st.integers(0, 4)):
            return {other: each for other, each in value.items() if other != key}
        return {**value, key: spoilt(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], spoilt(draw, value[at]), *value[at + 1 :]]
    return draw(JUNK)
