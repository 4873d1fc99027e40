"""The one filter for text from outside: models, servers, files, pastes, arguments.

It works a character at a time, so that the result is the same however a stream is cut into chunks, and never looks at
sequences: an escape sequence without its ESC is harmless text. It does not redact keys and does not know where text goes.

Dropped: C0 controls but newline and tab, DEL, C1 controls, bidirectional marks, overrides and isolates, byte order marks,
interlinear and tag characters. CR, CRLF, NEL, LS and PS become a newline. Surrogate halves are joined, or become U+FFFD.
Kept: joiners and variation selectors (emoji, Persian, Indic). Combining marks are capped at eight in a row.
"""

from __future__ import annotations

import re
import unicodedata

MAX_MARKS = 8
"""How many combining marks may stand in a row on one character."""

_SPECIAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_BREAKS = {"\r", "\x85", "\u2028", "\u2029"}
_MARKS = re.compile("[\u0300-\U000e01ef]")


class Cleaner:
    """The filter over a stream: `feed` each chunk, then `finish` once. What it holds back is at most one character."""

    def __init__(self) -> None:
        self._held = ""
        self._marks = 0

    def feed(self, chunk: str) -> str:
        """The clean text that is certain by now."""
        return self._clean(self._held + chunk, final=False)

    def finish(self) -> str:
        """The clean form of what was held back."""
        return self._clean(self._held, final=True)

    def _clean(self, text: str, *, final: bool) -> str:
        self._held = ""
        if text and not final and (text[-1] == "\r" or "\ud800" <= text[-1] <= "\udbff"):
            self._held, text = text[-1], text[:-1]
        if not text:
            return ""
        if _SPECIAL.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            text = text.replace("\r\n", "\n")
            text = _SPECIAL.sub(lambda found: "\n" if found[0] in _BREAKS else "", text)
        if text.isascii():
            if text:
                self._marks = 0
            return text
        return self._cap(text)

    def _cap(self, text: str) -> str:
        if not _MARKS.search(text):
            self._marks = 0
            return text
        kept = []
        for char in text:
            if char >= "\u0300" and unicodedata.category(char) in ("Mn", "Me"):
                self._marks += 1
                if self._marks > MAX_MARKS:
                    continue
            else:
                self._marks = 0
            kept.append(char)
        return "".join(kept)


def clean(text: str) -> str:
    """The filter over a whole text."""
    if text.isascii() and not _SPECIAL.search(text):
        return text
    cleaner = Cleaner()
    return cleaner.feed(text) + cleaner.finish()


def one_line(text: str, limit: int = 300) -> str:
    """Clean text on one line of at most `limit` characters: for messages, names and titles."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
