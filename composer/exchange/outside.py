"""What all files of other programs have in common: marks of their encoding, JSON that breaks off, names of models and servers.

It knows no format. What can't be read stands as U+FFFD; nothing here raises.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from composer.text.clean import one_line

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks with what they tell; that of UTF-32 begins as that of UTF-16 does."""
ANOTHER = "Save or export it once more in the program that made it, or take an older copy."
"""What to do about a file in which there is no story."""
_BONES = re.compile(r'[\[\]{},]|"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""Brackets, commas, and texts as a whole, so that nothing in them is taken for either."""
_SECRET = re.compile(
    r"""://|[?=]            # an address, or what is asked of one
    |:[^@]*@                # a name and a password before a server
    |:\d{2,5}(?:/|$)        # a server and its port
    |\b\d{1,3}(?:\.\d{1,3}){3}\b
    |\b(?:sk|pst|hf|pk|key|bearer)[-_ ][\w-]{16,}""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""Addresses and keys, as far as they can be told from the name of a model."""


def unmarked(data: bytes) -> tuple[bytes, str]:
    """Bytes without their mark, and the encoding that it tells; empty where there is none."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :], encoding
    return data, ""


def utf8(data: bytes) -> bytes:
    """The same text as UTF-8 without a mark, where it has one; else as it is."""
    rest, encoding = unmarked(data)
    return rest if encoding in ("", "utf-8") else rest.decode(encoding, "replace").encode()


def closed(text: str, end: int) -> tuple[str, str]:
    """A JSON text that is broken at `end`, up to its last whole value and with its brackets closed; and a sentence that says so."""
    open_brackets: list[str] = []
    at = 0
    for found in _BONES.finditer(text, 0, end):
        sign = found[0]
        if sign in ("[", "{"):
            open_brackets.append("]" if sign == "[" else "}")
            at = found.end()
        elif sign in ("]", "}"):
            if not open_brackets or open_brackets[-1] != sign:
                break
            open_brackets.pop()
            at = found.end()
            if not open_brackets:
                break
        elif sign == ",":
            at = found.start()
    cut = f"The file can't be read beyond character {at:,} of {len(text):,}; what stands whole before that was kept."
    return text[:at] + "".join(reversed(open_brackets)), cut


def label(value: Any) -> str:
    """The name of a model or a server on one line. Empty for what is no text, and for an address or a key, which may be secret."""
    name = one_line(value, 200) if isinstance(value, str) else ""
    return "" if _SECRET.search(name) else name
