"""A text as Quill addresses it, in UTF-16 units, and its changes as a delta says them: retain, insert, delete.

A page keeps every unit that the deltas count, also those that show nothing: the second half of a surrogate pair, what the
filter for outside text drops. What shows is the clean text, whose places are in rows and characters. It knows no log and no story.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from composer.exchange.taken import Tally
from composer.text.clean import MAX_MARKS, clean

EMBED = "\ufffc"
"""Stands for what is no text, a picture for instance: it takes one unit, and is shown as the character made for that."""
UNKNOWN = "\0"
"""A unit that is known to be there, and no more than that: the filter drops it."""
MOST_UNKNOWN = 100_000
"""Units of unknown text that a page takes to be there."""

_ODD = re.compile(
    "[^\n\t\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2100-\u2bff"
    "\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uac00-\ud7a3]"
)
"""Units that may show as anything but themselves, or change what their neighbours show."""
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_NOTHING, _CHARACTER, _LINE_FEED = 0, 1, 2


class Place(NamedTuple):
    """`column` characters into a row, from 0; rows are what line feeds part."""

    row: int
    column: int

    def behind(self, text: str) -> Place:
        """Where a text ends that begins here."""
        feeds = text.count("\n")
        if not feeds:
            return Place(self.row, self.column + len(text))
        return Place(self.row + feeds, len(text) - text.rindex("\n") - 1)


class Change(NamedTuple):
    """What a change shows: at a place the characters `gone` went, and `put` came."""

    at: Place
    gone: str
    put: str


class Edit(NamedTuple):
    """`gone` units taken out at the unit `at`, and the units of `put` put there."""

    at: int
    gone: int
    put: str


def edits(delta: object, tally: Tally) -> Iterator[Edit]:
    """The edits of a delta, each told in the text that the ones before it left. What is no operation is counted and left out."""
    ops = delta.get("ops") if isinstance(delta, dict) else None
    if not isinstance(ops, list):
        tally.lost("changes without operations", "they change nothing")
        return
    at = 0
    for op in ops:
        kind = next((kind for kind in ("retain", "insert", "delete") if isinstance(op, dict) and kind in op), "")
        value: Any = op[kind] if kind else None
        if kind and op.get("attributes"):
            tally.lost("formats of text", "the text is kept, its looks are not")
        if kind == "insert":
            if isinstance(value, str):
                put = as_units(value)
            elif isinstance(value, dict):
                put = EMBED
                tally.lost("things in the text that are no text", f"a {EMBED} stands in the place of each")
            else:
                put = ""
                tally.lost("operations that say nothing known", "they are left out")
            if put:
                yield Edit(at, 0, put)
                at += len(put)
            continue
        size = 1 if kind == "retain" and isinstance(value, dict) else whole(value)
        if not kind or size is None or size < 0:
            tally.lost("operations that say nothing known", "they are left out")
        elif kind == "retain":
            at += size
        elif size:
            yield Edit(at, size, "")


def joined(found: Iterator[Edit]) -> Iterator[Edit]:
    """The same edits, where insertions that meet are one, and with a deletion that they meet one replacement."""
    last: Edit | None = None
    for edit in found:
        if last and edit.put and edit.at == last.at + len(last.put):
            last = Edit(last.at, last.gone, last.put + edit.put)
        elif last and not last.gone and edit.gone and edit.at == last.at + len(last.put):
            last = Edit(last.at, edit.gone, last.put)
        else:
            if last:
                yield last
            last = edit
    if last:
        yield last


def whole(value: object) -> int | None:
    """A whole number, as a number or as digits; None for all else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return None


def as_units(text: str) -> str:
    """A text with one character for each of its UTF-16 units: those that take two stand as their halves."""
    if text.isascii() or not _BEYOND.search(text):
        return text
    return _BEYOND.sub(_halves, text)


def _halves(found: re.Match[str]) -> str:
    code = ord(found[0]) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


class Page:
    """The text while it is being changed."""

    def __init__(self, text: str = "") -> None:
        self.units = as_units(text)
        shown = _shown(self.units)
        self._kinds = _kinds(shown)

    @property
    def text(self) -> str:
        """All that shows, clean."""
        return "".join(_shown(self.units))

    def place(self, at: int) -> Place:
        """The place of a unit, which is cut to the ends of the text."""
        at = min(max(0, at), len(self._kinds))
        start = self._kinds.rfind(_LINE_FEED, 0, at) + 1
        return Place(self._kinds.count(_LINE_FEED, 0, at), self._kinds.count(_CHARACTER, start, at))

    @property
    def feeds(self) -> int:
        """How many line feeds it shows."""
        return self._kinds.count(_LINE_FEED)

    def shown(self, start: int, end: int) -> list[str]:
        """What each of the units [start:end) shows: one character, or nothing."""
        return _shown(self.units)[start:end]

    def take(self, other: Page) -> None:
        """Be as another page is."""
        self.units, self._kinds = other.units, bytearray(other._kinds)

    def reach(self, size: int) -> None:
        """Let the text have `size` units at least: those that are missing are unknown."""
        missing = min(size, MOST_UNKNOWN) - len(self.units)
        if missing > 0:
            self.units += UNKNOWN * missing
            self._kinds += bytes(missing)

    def change(self, edit: Edit) -> Change | None:
        """Make a change, as far as it lies in the text; what it shows, None if nothing."""
        start = min(max(0, edit.at), len(self.units))
        end = min(len(self.units), start + max(0, edit.gone))
        plain = not _ODD.search(edit.put) and not _ODD.search(self.units[start:end])
        if not (plain and not _ODD.search(self.units[max(0, start - 1) : start] + self.units[end : end + 1])):
            return self._change_oddly(start, end, edit.put)
        at, gone = self.place(start), self.units[start:end]
        self._exchange(start, end, edit.put, list(edit.put))
        return Change(at, gone, edit.put) if gone or edit.put else None

    def _change_oddly(self, start: int, end: int, put: str) -> Change | None:
        """A change that its neighbours may take part in: it is made over as many units as hang together."""
        left, right = start, end
        while size := _leaning_before(self.units, left):
            left -= size
        while size := _leaning_behind(self.units, right):
            right += size
        at = self.place(left)
        gone = "".join(_shown(self.units[left:right]))
        fresh = self.units[left:start] + put + self.units[end:right]
        shown = _shown(fresh)
        self._exchange(left, right, fresh, shown)
        came = "".join(shown)
        # What hangs together with the change and shows what it showed before has not changed.
        same = _same(gone, came, start - left)
        at = at.behind(gone[:same])
        gone, came = gone[same:], came[same:]
        same = _same(gone[::-1], came[::-1], right - end)
        if same:
            gone, came = gone[:-same], came[:-same]
        return Change(at, gone, came) if gone or came else None

    def _exchange(self, start: int, end: int, put: str, shown: list[str]) -> None:
        self.units = self.units[:start] + put + self.units[end:]
        self._kinds[start:end] = _kinds(shown)


def _same(left: str, right: str, limit: int) -> int:
    """How many characters both begin with, at most `limit`."""
    most = min(limit, len(left), len(right))
    return next((at for at in range(most) if left[at] != right[at]), most)


def _kinds(shown: list[str]) -> bytearray:
    return bytearray(_NOTHING if not each else _LINE_FEED if each == "\n" else _CHARACTER for each in shown)


def paired(units: str) -> str:
    """Units as text: halves of pairs that stand together are joined."""
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _leaning_before(units: str, at: int) -> int:
    """How many units right before a place belong to what may show otherwise if something else stands behind them."""
    if at > 1 and "\udc00" <= units[at - 1] <= "\udfff" and "\ud800" <= units[at - 2] <= "\udbff":
        return 2 if _leans(paired(units[at - 2 : at])) else 0
    return 1 if at and _leans(units[at - 1]) else 0


def _leaning_behind(units: str, at: int) -> int:
    """The same, right behind a place, if something else stands before them."""
    pair = units[at : at + 2]
    if len(pair) == 2 and "\ud800" <= pair[0] <= "\udbff" and "\udc00" <= pair[1] <= "\udfff":
        return 2 if _leans(paired(pair)) else 0
    return 1 if pair and (pair[0] == "\n" or _leans(pair[0])) else 0


def _leans(char: str) -> bool:
    """Whether what shows of a character, or beside it, depends on its neighbours: half of a pair, CR, a combining mark."""
    if not _ODD.match(char) or char == UNKNOWN:
        return False
    return char == "\r" or "\ud800" <= char <= "\udfff" or unicodedata.category(char) in ("Mn", "Me") or not clean(char)


def _shown(units: str) -> list[str]:
    """What each unit shows: one character, or nothing. A pair shows its character at its first half."""
    if not _ODD.search(units):
        return list(units)
    shown: list[str] = []
    marks = 0
    for char in paired(units):
        if char == "\n" and shown and units[len(shown) - 1] == "\r":
            # CRLF is one line feed, which the CR shows.
            shown.append("")
            continue
        seen = clean(char)
        if char >= "\u0300" and unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            seen = seen if marks <= MAX_MARKS else ""
        elif seen or char == UNKNOWN:
            marks = 0
        shown.append(seen)
        if char > "\uffff":
            shown.append("")
    return shown
