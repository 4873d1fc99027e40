"""Bytes of a text file as clean text, whatever it was written with; what is no text is refused. It opens no file.

UTF-8, what a byte order mark tells, UTF-16 without a mark where that is clear, else Western European, unless most letters would be
odd ones then: Russian or Greek of one byte a letter is refused, because it would come in as wrong words. A page break parts paragraphs,
unless a sentence goes on behind it.
"""

from __future__ import annotations

import codecs

from composer.errors import UnreadableSource
from composer.exchange.outside import unmarked
from composer.text.clean import clean, one_line

_NOT_IN_TEXT = frozenset(chr(code) for code in (*range(9), 11, *range(14, 26), *range(28, 32)))
"""Control characters that stand in no text. Line ends, tabs, page breaks, an old sign for the end, and colours of a terminal may."""
_FOREIGN = 0.4
"""The share of letters outside ASCII that no Western European text has."""
_FEW = 8
"""So many letters tell nothing."""
_SAMPLE = 4_096
"""Bytes that show whether each second one is zero."""
_ZEROS = 0.05
"""The least share of zero bytes in text of two bytes a character: blanks and line ends, even where no letter is Latin."""


def text_of(raw: bytes, shown: str, declared: str = "") -> str:
    """The bytes as clean text. `shown` is the file's name for messages. UnreadableSource where they are no text.

    `declared` is what the text says of its own encoding; it counts where the bytes are not UTF-8 and have no mark.
    """
    text = _decoded(raw, declared)
    if raw and not text:
        raise UnreadableSource(
            f"{one_line(shown)} does not say how its letters are encoded, and it is not UTF-8.",
            "Save it as UTF-8 there.",
        )
    if not _is_sound(text):
        raise UnreadableSource(
            f"{one_line(shown)} is no text file.", "Save what is in it as text or Markdown, and name that file."
        )
    return clean(_without_pages(text) if "\f" in text else text)


def _without_pages(text: str) -> str:
    """The text with line ends for its page breaks."""
    first, *pages = text.split("\f")
    parts = [first]
    for page in pages:
        before, after = parts[-1].rstrip(), page.replace("\x1a", "").lstrip()
        if (before[-1:].islower() or before[-1:] == ",") and after[:1].islower():
            parts[-1:] = [before, f"\n{after}"]
        else:
            parts.append(f"\n\n{page}" if after else page)
    return "".join(parts)


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is one of text. Its last character may be cut."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        whole = len(head) - len(decoder.getstate()[0])
    except UnicodeDecodeError:
        whole = len(head) // 4 * 4 if len(head) > 4 else len(head)
    return _is_sound(_decoded(head[:whole], ""))


def _is_sound(text: str) -> bool:
    """Whether text is that of a file of text."""
    return not text.startswith(("{\\rtf", "%PDF-")) and _NOT_IN_TEXT.isdisjoint(text)


def _decoded(raw: bytes, declared: str) -> str:
    """The text as it stands there; a character that no text holds where there is no way to read it, nothing where none is likely."""
    rest, encoding = unmarked(raw)
    encoding = encoding or _wide(raw)
    try:
        return rest.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            return "\0"
    for each in (declared, "cp1252"):
        # What is not UTF-8 was mostly written where each letter is one byte.
        try:
            if each and _of_letters(each):
                found = raw.decode(each)
                return "" if each != declared and _is_foreign(found) else found
        except UnicodeDecodeError:
            continue
    return "\0"


def _is_foreign(text: str) -> bool:
    """Whether a text that was taken for Western European is in another alphabet."""
    letters = sum(map(str.isalpha, text))
    plain = sum(map(str.isalpha, text.encode("ascii", "ignore").decode()))
    return letters > _FEW and letters - plain > _FOREIGN * letters


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
