"""What an import takes at most, and the way into zip archives and XML that nothing in them can misuse. It opens no file.

A document may come from anyone. Archives that would swell are refused by what their directory says before a byte is unpacked; XML
with a document type of its own is refused, so that no entity is ever resolved and no reference followed.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from composer.errors import UnreadableSource
from composer.text.clean import one_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_TEXT = 20_000_000
"""Bytes of a text file, or characters of a document: some forty novels."""
MOST_BEATS = 10_000
MOST_MEMBERS = 2_000
MOST_UNPACKED = 200_000_000
"""Bytes of a whole archive, unpacked."""
_LARGE = 10_000_000
_MOST_SWELLING = 200
"""How many times as large a large member may be, unpacked, as it is in the archive."""
_ENCRYPTED = 1


def within_bounds(size: int, shown: str) -> None:
    """UnreadableSource where a text is too large. `size` is in bytes or characters."""
    if size > MOST_TEXT:
        raise UnreadableSource(
            f"{one_line(shown)} holds {size / 1_000_000:.1f} MB of text, and at most {MOST_TEXT // 1_000_000} MB are read.",
            "Cut it into several files.",
        )


def few_beats(count: int, shown: str) -> None:
    """UnreadableSource where a document has more headings, scenes or lines at its top than an outline can be worked with."""
    if count > MOST_BEATS:
        raise UnreadableSource(
            f"{one_line(shown)} has {count:,} headings, scenes or lines, and an outline takes {MOST_BEATS:,} at its top.",
            "Cut it into several files.",
        )


class Archive:
    """A zip archive whose members can be read safely. `kind` is what it should be, like `Word document`."""

    def __init__(self, data: bytes, shown: str, kind: str) -> None:
        """UnreadableSource where it is no whole archive, or one that would swell."""
        self.shown = one_line(shown)
        self.kind = kind
        self._article = "an" if kind[0] in "AEIOU" else "a"
        try:
            self._zip = ZipFile(io.BytesIO(data))
        except (BadZipFile, ValueError, OSError, EOFError, NotImplementedError, UnicodeDecodeError) as error:
            if data[:2] == b"PK":
                raise self.refused("it is damaged or cut off", "Copy or download it again.") from error
            raise self.refused("", f"Save it as {self._article} {kind} there, or say which format it is.") from error
        members = self._zip.infolist()
        if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > MOST_UNPACKED:
            raise self._swollen()
        for each in members:
            if each.file_size > _LARGE and each.file_size > _MOST_SWELLING * max(1, each.compress_size):
                raise self._swollen()
        self.names = frozenset(each.filename for each in members)

    def read(self, name: str) -> bytes | None:
        """The contents of a member; None where there is none. UnreadableSource where it is damaged or locked."""
        if name not in self.names:
            return None
        if self._zip.getinfo(name).flag_bits & _ENCRYPTED:
            raise self.refused("it is locked with a password", "Save it without one.")
        try:
            return self._zip.read(name)
        except (BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
            raise self.refused("it is damaged or cut off", "Copy or download it again.") from error

    def xml(self, name: str) -> Element | None:
        """The root of a member of XML; None where there is no such member. UnreadableSource where it is damaged or not to be trusted."""
        data = self.read(name)
        return None if data is None else self.parsed(data)

    def parsed(self, data: bytes) -> Element:
        """The root of XML of the archive. UnreadableSource as with `xml`."""
        from xml.etree.ElementTree import ParseError

        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import fromstring

        try:
            root: Element = fromstring(data, forbid_dtd=False)
        except DefusedXmlException as error:
            raise self.untrusted() from error
        except (ParseError, ValueError, LookupError) as error:
            raise self.refused("a part of it is damaged", "Open and save it again there.") from error
        return root

    def untrusted(self) -> UnreadableSource:
        """What is said of XML with entities of its own."""
        return self.refused(
            "it holds references that could reach outside it", "Open and save it again in a program that you trust."
        )

    def _swollen(self) -> UnreadableSource:
        return self.refused(
            "it would unpack to far more than a text needs", "Save it again there, without its pictures."
        )

    def refused(self, why: str, next_step: str) -> UnreadableSource:
        """The error that says so. Without `why`, that it is nothing of the kind."""
        sentence = (
            f"{self.shown} can't be read as {self._article} {self.kind}: {why}."
            if why
            else f"{self.shown} is no {self.kind}."
        )
        return UnreadableSource(sentence, next_step)
