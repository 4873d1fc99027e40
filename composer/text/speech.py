"""Speech: which double quotes open, which close, and what stands open from piece to piece.

Speech left open is closed at the end of its piece, unless a later piece closes it before speech of that kind opens again.
A closing quote that was never opened is taken away where it begins its piece; where words stand before it, it is opened.

It says which quotes are to come and go, and never where a text is changed. It never touches single quotes, which no one can
tell from apostrophes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from msgspec import Struct

from composer.text.signs import CLOSING, DASHES, MARKS, NO_BREAK, QUOTES, compiled, listed, wordy

_ANY = f"[{QUOTES}]"
_CURLY = "“”„"
_CLOSERS = {'"': '"', "“": "”", "„": '“”"', "«": "»", "»": "«", "”": "”", "「": "」", "『": "』"}
_OPENERS = {'"': '"', "”": "“", "“": "„", "»": "«", "«": "»", "」": "「", "』": "『"}
_LOW_QUOTES = listed("de cs sk sl hr sr bg lt et is mk ka sq")
"""Languages that write „so“."""
_LOW_HIGH_QUOTES = listed("pl hu ro nl")
"""Languages that write „so”."""
_SAME_QUOTES = listed("sv fi")
"""Languages that write ”so”."""


class Quote(Struct, frozen=True):
    """A double quote in a piece. `form` says what its neighbours make of it: `open`, `close`, `either`, `inch`."""

    at: int
    char: str
    form: str
    pad: str
    """The white space on its inner side, which its partner is to have too."""


class _Open(Struct, frozen=True):
    """A quote that stands open."""

    char: str
    pad: str


class Speech:
    """Which double quotes stand open, while the pieces are entered one after the other."""

    def __init__(self, pieces: Sequence[str], language: str) -> None:
        self._language = language
        self._quotes = [_quotes(text, language) for text in pieces]
        self._sure = -1
        """The piece up to which the speech that is open is known to be closed."""
        self._used = ""
        """The last quote of the pieces entered."""
        self._stack: list[_Open] = []
        self._high = language in _LOW_HIGH_QUOTES or (
            any("„" in text for text in pieces) and any("”" in text for text in pieces) and language not in _LOW_QUOTES
        )
        """Whether ” closes what „ opens."""

    def enter(self, piece: int, skipped: int) -> tuple[int, bool] | None:
        """Reads a piece, its first `skipped` quotes left out; where its last quote stands, and whether that opens."""
        last: tuple[int, bool] | None = None
        for quote in self._quotes[piece][skipped:]:
            depth = len(self._stack)
            place = _read(quote, self._stack)
            if place is not None:
                last = quote.at, place == depth
            self._used = quote.char
        return last

    def kept(self, right: int, *, opens: bool) -> int:
        """How many of the open quotes stay open before piece `right`. `opens`: a quote or bracket was opened just now."""
        kept = self._closed_later(right)
        if kept == len(self._stack):
            return kept
        if self._clashes(right):
            self._stack.clear()
            return 0
        return len(self._stack) if opens else kept

    def closing(self, kept: int) -> str:
        """The quotes that close all but the outermost `kept`, and these forgotten."""
        put = ""
        for one in reversed(self._stack[kept:]):
            pad = one.pad if one.char in "«»" else ""
            put += pad + ("”" if one.char == "„" and self._high else _CLOSERS[one.char][0])
        del self._stack[kept:]
        return put

    def opening(self, quote: Quote) -> str:
        """The quote that opens what this one closes, remembered as open."""
        char = _OPENERS[quote.char]
        if quote.char == "”" and (self._high or self._language in _SAME_QUOTES):
            char = "„" if self._high else "”"
        pad = quote.pad if quote.char in "»«" else ""
        self._stack.append(_Open(char, pad))
        return char + pad

    def unopened(self, piece: int, start: int) -> tuple[list[Quote], Quote | None]:
        """The quotes a piece begins with that close what was never opened, if nothing is open before it.

        Those that stand before its first word, which is at `start`, and the first one behind that. None where straight quotes
        meet curly ones, since one may be the other's partner.
        """
        unopened = list(takewhile(lambda quote: _reading(quote, ()) == -1, self._quotes[piece]))
        if not unopened or self._clashes(piece):
            return [], None
        strays = [quote for quote in unopened if quote.at < start]
        return strays, next(iter(unopened[len(strays) :]), None)

    def closes(self, piece: int, skipped: int, at: int) -> bool:
        """Whether the piece's first quote but for those skipped stands at this place and closes something."""
        quotes = self._quotes[piece]
        if skipped >= len(quotes) or quotes[skipped].at != at:
            return False
        place = _reading(quotes[skipped], self._stack)
        return place is not None and place < len(self._stack)

    def _clashes(self, right: int) -> bool:
        """Whether straight quotes meet curly ones: in the last quote before piece `right` and the next one."""
        following = next((self._quotes[at][0].char for at in range(right, len(self._quotes)) if self._quotes[at]), "")
        pair = {self._used, following}
        return '"' in pair and not pair.isdisjoint(_CURLY)

    def _closed_later(self, right: int) -> int:
        """How many of the open quotes, from the outermost on, are closed from piece `right` on before more of them open."""
        kept = len(self._stack)
        if right > self._sure:
            while kept and (count := self._closed(right, self._stack[:kept])) < kept:
                kept = count
        return kept

    def _closed(self, right: int, outer: list[_Open]) -> int:
        """How many are left open by the first quote from piece `right` on that closes or opens one of their kinds."""
        stack, kinds = list(outer), {one.char: place for place, one in enumerate(outer)}
        for piece in range(right, len(self._quotes)):
            for quote in self._quotes[piece]:
                depth = len(stack)
                place = _read(quote, stack)
                if place is None or place < 0:
                    continue
                if place < min(depth, len(outer)):
                    self._sure = piece
                    return place + 1
                if place == depth and quote.char in kinds:
                    return kinds[quote.char]
        return 0


def _quotes(text: str, language: str) -> list[Quote]:
    """The double quotes of a piece, in order."""
    found: list[Quote] = []
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    for match in compiled(_ANY).finditer(text):
        at = match.start()
        before, after = text[max(first, at - 1) : at], text[at + 1 : min(last, at + 2)]
        form = _form(match[0], before, after, text[at + 1 : at + 3], language)
        if form:
            inner = before if form == "close" else after
            found.append(Quote(at, match[0], form, inner if inner.isspace() else ""))
    return found


def _form(char: str, before: str, after: str, behind: str, language: str) -> str:
    """What its neighbours make of a quote; they are empty at the ends of the piece, `behind` is up to two characters.

    Empty for a sign inside a word, which is no quote.
    """
    if char in "„「『":
        return "open"
    if char in "」』" or (char == "”" and language not in _SAME_QUOTES):
        return "close"
    free = not before or before.isspace() or before in "([{"
    ends = after.isspace() or (after != "" and after in MARKS + CLOSING and after != "…" and behind != "..")
    if free and after and not ends:
        return "either" if char in '"”' and after in "…." + DASHES else "open"
    if char in '"”':
        if free:
            return "either" if bool(before) == bool(after) else "open" if before else "close"
        if after and not ends and after not in QUOTES:
            return "" if wordy(before) and wordy(after) else "either"
        return "inch" if before.isdecimal() and char == '"' else "close"
    if char == "“":
        low = language in _LOW_QUOTES and (ends or not after)
        return "close" if low or (ends and not free) else "either"
    if char == "»":
        return "close"
    if free:
        return "close" if ends and not after.isspace() else "either"
    closes = not after or (ends and after not in NO_BREAK)
    return "close" if closes and before != ":" else "either"


def _reading(quote: Quote, stack: Sequence[_Open]) -> int | None:
    """What a quote does: the place in the stack of what it closes, len(stack) if it opens, -1 if it closes what never opened.

    None for a sign that is no quote.
    """
    place = next((at for at in range(len(stack) - 1, -1, -1) if quote.char in _CLOSERS[stack[at].char]), -1)
    if quote.form == "close":
        return place
    if quote.form == "inch":
        return place if place >= 0 else None
    if place >= 0 and (quote.form == "either" or quote.char == "»"):
        return place
    return len(stack)


def _read(quote: Quote, stack: list[_Open]) -> int | None:
    """The reading of the quote, and the stack changed by it."""
    place = _reading(quote, stack)
    if place == len(stack):
        kind = next((at for at, one in enumerate(stack) if one.char == quote.char), place)
        stack[kind:] = [_Open(quote.char, quote.pad)]
    elif place is not None and place >= 0:
        del stack[place:]
    return place
