"""Parts: one named piece of a context as it will be sent, and what became of the rest of it. They choose nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from composer.story.candidate import Fate, ItemReceipt
from composer.story.shape import PartName
from composer.text.graphemes import snap

Count = Callable[[str], int]

LEAST = 24
"""Characters within which a text is cut, at least: less says nothing."""
_WORD = 60
"""How many characters a cut may move to stand between words."""


class Part(Struct, frozen=True):
    """A part: its text in pieces, their tokens, and how many tokens of it are not sent."""

    name: PartName
    pieces: tuple[str, ...] = ()
    tokens: int = 0
    cut: int = 0
    why: str = ""
    items: tuple[ItemReceipt, ...] = ()
    edited: bool = False

    @property
    def told(self) -> bool:
        """Whether there is something to tell of it."""
        return bool(self.pieces or self.cut or self.items or self.edited)


def left_out(part: Part, why: str, fate: Fate = "cut") -> Part:
    """The same part with nothing of it sent."""
    items = tuple(
        each if each.fate == "muted" else replace(each, fate=fate, why=why if fate == "cut" else "")
        for each in part.items
    )
    return Part(part.name, cut=part.tokens + part.cut, why=why if part.tokens + part.cut else "", items=items)


class Single(Struct, frozen=True):
    """A part that is one text: `body` under a heading, or as it is with `close` behind it.

    `keeps` says what of it stays where it is too long. `label` names its paragraphs, if it is of any.
    """

    name: PartName
    heading: str
    body: str
    close: str = ""
    keeps: Literal["beginning", "end"] = "beginning"
    why: str = "always"
    label: str = ""
    edited: bool = False

    def fit(self, room: int, count: Count) -> Part:
        """The part within `room` tokens; without pieces where there is nothing or no room."""
        if not self.body:
            why = self.why if self.edited else ""
            return Part(self.name, why=why, items=self._items(0, 0, why), edited=self.edited)
        piece = self._piece(self.body)
        tokens = count(piece)
        if tokens <= room:
            return self._part(piece, tokens, 0, self.why)
        short = shortened(self.body, tokens, room, self.keeps, lambda body: count(self._piece(body)))
        if not short:
            return self._part("", 0, tokens, "no room")
        piece = self._piece(short)
        sent = count(piece)
        return self._part(piece, sent, max(0, tokens - sent), f"its {self.keeps} alone fits")

    def _piece(self, body: str) -> str:
        return f"{self.heading}\n{body}\n\n" if self.heading else body + self.close

    def _part(self, piece: str, tokens: int, cut: int, why: str) -> Part:
        return Part(self.name, (piece,) if piece else (), tokens, cut, why, self._items(tokens, cut, why), self.edited)

    def _items(self, tokens: int, cut: int, why: str) -> tuple[ItemReceipt, ...]:
        """Its paragraphs: what is sent of them, and what is not."""
        if not self.label:
            return ()
        if tokens and cut:
            kept = ItemReceipt(f"{self.label}: the {self.keeps}", tokens, why=why)
            return kept, ItemReceipt(f"{self.label}: the rest", cut, "cut", "no room")
        return (ItemReceipt(self.label, tokens or cut, "kept" if tokens else "cut", why),)


def shortened(body: str, tokens: int, room: int, keeps: Literal["beginning", "end"], count: Count) -> str:
    """As much of the beginning or end of a text as fits in `room`, cut between words; empty if that is next to nothing.

    `tokens` are those of all of it, and `count` counts what is left of it.
    """
    size = len(body) * max(0, room) // max(1, tokens)
    while size >= LEAST:
        some = _beginning(body, size) if keeps == "beginning" else _end(body, size)
        if not some:
            return ""
        taken = count(some)
        if taken <= room:
            return some
        size = min(size - 1, size * room * 19 // (taken * 20))
    return ""


def _beginning(body: str, size: int) -> str:
    if size >= len(body):
        return body
    end = size
    while end > size - _WORD and end > 0 and not (body[end].isspace() or body[end - 1].isspace()):
        end -= 1
    if end == max(0, size - _WORD):
        end = snap(body, size)
    return body[:end].rstrip()


def _end(body: str, size: int) -> str:
    if size >= len(body):
        return body
    first = len(body) - size
    start = first
    while start < first + _WORD and start < len(body) and not body[start - 1].isspace():
        start += 1
    if start == min(len(body), first + _WORD):
        start = snap(body, first)
    return body[start:].lstrip()
