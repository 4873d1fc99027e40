"""What HTML and XML ask of text: escaping, emphasis as tags, a language and a direction. It knows no format as a whole. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from composer.exchange.documents.book import Book, Paragraph, Run

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))?",
    re.IGNORECASE,
)
_FROM_THE_RIGHT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"})
_SCRIPTS_FROM_THE_RIGHT = frozenset({"adlm", "arab", "hebr", "nkoo", "syrc", "thaa"})
_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LOOKED_AT = 10_000
"""Characters that tell the direction of a text."""


def sound(text: str) -> str:
    """The text with U+FFFD for every character that no XML may hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def escaped(text: str) -> str:
    """The text for HTML and XML, between tags and within double quotes."""
    return html.escape(sound(text))


def phrase(runs: Iterable[Run]) -> str:
    """Runs as HTML or XHTML: `em` for italics, `strong` for bold."""
    found = []
    for run in runs:
        text = html.escape(sound(run.text), quote=False)
        if run.italic:
            text = f"<em>{text}</em>"
        found.append(f"<strong>{text}</strong>" if run.bold else text)
    return "".join(found)


def language_tag(language: str) -> str:
    """The language as HTML, EPUB and Word have it, like `pt-BR`; empty where it is no code of a language."""
    tag = language.strip().replace("_", "-")
    return tag if _TAG.fullmatch(tag) else ""


def from_the_right(book: Book) -> bool:
    """Whether the book is written from right to left, as most of its letters are; by its language where it has none."""
    right = left = seen = 0
    for part in book.parts:
        if isinstance(part, Paragraph) and seen < _LOOKED_AT:
            text = part.text[: _LOOKED_AT - seen]
            seen += len(text)
            found = sum(char.isalpha() for char in _RIGHT.findall(text))
            right += found
            left += sum(map(str.isalpha, text)) - found
    return right > left if right or left else _language_from_the_right(book.language)


def _language_from_the_right(language: str) -> bool:
    found = _TAG.fullmatch(language_tag(language))
    if found is None:
        return False
    if script := found["script"]:
        return script.lower() in _SCRIPTS_FROM_THE_RIGHT
    return found["language"].lower() in _FROM_THE_RIGHT
