"""What the reader of Word documents does not look at by itself: text in wrappers, readings beside characters, looks of styles. Pure.

The text of a part is rewritten before it is read, byte for byte: nothing is parsed, so that nothing in it can be misused.

Text that is set upright by hand within a style that is slanted is not told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
"""Those with text."""
_RULE = b' o:hr="t'
"""What a drawing says that is but a line across the page."""
_DRAWN = b"</w:pict>"
_RUBY = b"</w:ruby>"
_WRAPPER = re.compile(rb'</?w:(?:bdo|dir|fldSimple|rubyBase)(?=[\s/>])(?:[^<>"]|"[^"<]*")*>')
_LINE_END = re.compile(rb"<w:cr\s*/>")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_OFF = frozenset({"0", "false", "off", "none"})
_LONGEST_CHAIN = 20


def readable(part: bytes) -> bytes:
    """The part with all its text where the reader finds it."""
    if _RULE in part:
        # The reader sees no drawings, and these lines across the page are scene breaks.
        part = _DRAWN.join(_ruled(part.split(_DRAWN)))
    if _RUBY in part:
        *within, last = part.split(_RUBY)
        part = b"".join([*_read_out(within), last])
    return _LINE_END.sub(b"<w:br/>", _WRAPPER.sub(b"", part))


def _ruled(pieces: list[bytes]) -> Iterator[bytes]:
    """What stands before the end of each drawing. One that is a line is `***` before a drawing of nothing."""
    for piece in pieces:
        at = piece.rfind(b"<w:pict")
        yield piece[:at] + b"<w:t>***</w:t><w:pict>" if at >= 0 and _RULE in piece[at:] else piece


def _read_out(pieces: list[bytes]) -> Iterator[bytes]:
    """What stands before the end of each pair of characters and reading: the reading follows the characters, in brackets."""
    for piece in pieces:
        at = max(piece.rfind(b"<w:ruby>"), piece.rfind(b"<w:ruby "))
        _, begun, rest = piece[max(0, at) :].partition(b"<w:rt>")
        reading, ended, characters = rest.partition(b"</w:rt>")
        if at >= 0 and begun and ended:
            yield b"".join((piece[:at], characters, "<w:t>（</w:t>".encode(), reading, "<w:t>）</w:t>".encode()))
        else:
            yield piece + _RUBY


@dataclass(frozen=True)
class Styles:
    """What the styles of a document make of text, by their ids: slant and weight, and the levels of those that are headings."""

    italic: frozenset[str] = frozenset()
    bold: frozenset[str] = frozenset()
    levels: Mapping[str, int] = field(default_factory=dict)


def styles_of(root: Element | None) -> Styles:
    """The styles that the part `styles.xml` tells. What is the style of all text is no emphasis."""
    found = {each.get(f"{_W}styleId", ""): each for each in root.iter(f"{_W}style")} if root is not None else {}
    italic, bold = set(), set()
    levels = {}
    for name, style in found.items():
        if style.get(f"{_W}default") not in (None, *_OFF):
            continue
        chain = list(_chain(style, found))
        if _first(_switched(each, "i") for each in chain):
            italic.add(name)
        if _first(_switched(each, "b") for each in chain):
            bold.add(name)
        if style.get(f"{_W}type") == "paragraph" and (level := _first(_level(each) for each in chain)):
            levels[name] = level
    return Styles(frozenset(italic), frozenset(bold), levels)


def _chain(style: Element, found: Mapping[str, Element]) -> Iterator[Element]:
    """The style and those that it is based on, but the one of all text."""
    at: Element | None = style
    for _ in range(_LONGEST_CHAIN):
        if at is None or at.get(f"{_W}default") not in (None, *_OFF):
            return
        yield at
        base = at.find(f"{_W}basedOn")
        at = found.get(base.get(f"{_W}val", "")) if base is not None else None


def _first(values: Iterator[int | None]) -> int | None:
    return next((value for value in values if value is not None), None)


def _switched(style: Element, sign: str) -> int | None:
    """1 or 0 where the style says whether it is so."""
    found = style.find(f"{_W}rPr/{_W}{sign}")
    return None if found is None else int(found.get(f"{_W}val", "1").lower() not in _OFF)


def _level(style: Element) -> int | None:
    """The level of headings of a style, 0 where it says that it is of prose."""
    name = style.find(f"{_W}name")
    if name is not None and (heading := HEADING.fullmatch(name.get(f"{_W}val", "").strip())):
        return int(heading[1])
    found = style.find(f"{_W}pPr/{_W}outlineLvl")
    said = found.get(f"{_W}val", "") if found is not None else ""
    return None if not (said.isascii() and said.isdigit() and len(said) == 1) else (int(said) + 1) % 10
