"""Bytes of a text file as clean text, whatever it was written with; what is no text is refused. It opens no file.

UTF-8, what a byte order mark tells, UTF-16 without a mark where that is clear, else Western European.
"""

from __future__ import annotations

import codecs

from composer.errors import UnreadableSource
from composer.text.clean import clean, one_line

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks with what they tell; that of UTF-32 begins as that of UTF-16 does."""
_NOT_IN_TEXT = frozenset(chr(code) for code in (*range(9), 11, *range(14, 26), *range(28, 32)))
"""Control characters that stand in no text. Line ends, tabs, page breaks, an old sign for the end, and colours of a terminal may."""
_SAMPLE = 4_096
"""Bytes that show whether each second one is zero."""
_ZEROS = 0.05
"""The least share of zero bytes in text of two bytes a character: blanks and line ends, even where no letter is Latin."""


def text_of(raw: bytes, shown: str, declared: str = "") -> str:
    """The bytes as clean text. `shown` is the file's name for messages. UnreadableSource where they are no text.

    `declared` is what the text says of its own encoding; it counts where the bytes are not UTF-8 and have no mark.
    """
    text = _decoded(raw, declared)
    if text.startswith("{\\rtf") or text.startswith("%PDF-") or not _NOT_IN_TEXT.isdisjoint(text):
        raise UnreadableSource(
            f"{one_line(shown)} is no text file.", "Save what is in it as text or Markdown, and name that file."
        )
    return clean(text)


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is one of text. Its last character may be cut."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        whole = len(head) - len(decoder.getstate()[0])
    except UnicodeDecodeError:
        whole = len(head) // 4 * 4 if len(head) > 4 else len(head)
    head = head[:whole]
    try:
        text_of(head, "")
    except UnreadableSource:
        return False
    return True


def _decoded(raw: bytes, declared: str) -> str:
    """The text as it stands there; a character that no text holds where there is no way to read it."""
    mark, encoding = next(((mark, told) for mark, told in _MARKS if raw.startswith(mark)), (b"", ""))
    encoding = encoding or _wide(raw)
    try:
        return raw.removeprefix(mark).decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            return "\0"
    for each in (declared, "cp1252"):
        # What is not UTF-8 was mostly written where each letter is one byte.
        try:
            if each and _of_letters(each):
                return raw.decode(each)
        except UnicodeDecodeError:
            continue
    return "\0"


def _of_letters(encoding: str) -> bool:
    """Whether there is such an encoding, and it is one of characters."""
    try:
        return isinstance(b"a".decode(encoding), str) and codecs.lookup(encoding).name not in ("idna", "punycode")
    except (LookupError, ValueError):
        return False


def _wide(raw: bytes) -> str:
    """UTF-16, where each second byte of many is zero and none of the others; else nothing."""
    sample = raw[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(raw) % 2 or (even and odd) or even + odd < max(1, _ZEROS * len(sample)):
        return ""
    return "utf-16-le" if odd else "utf-16-be"
