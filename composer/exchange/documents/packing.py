"""Zip archives whose bytes depend on nothing but their contents: the outer form of Word documents and EPUB books. It opens no file."""

from __future__ import annotations

import io
from collections.abc import Iterable
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip can tell; it stands with every member."""
_PLAIN_FILE = 0o644 << 16


def packed(members: Iterable[tuple[str, bytes]], *, stored: frozenset[str] = frozenset()) -> bytes:
    """An archive of (path, contents) in this order. Those named in `stored` are not compressed."""
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for path, contents in members:
            member = ZipInfo(path, _EARLIEST)
            member.external_attr = _PLAIN_FILE
            member.create_system = 3
            member.compress_type = ZIP_STORED if path in stored else ZIP_DEFLATED
            archive.writestr(member, contents)
    return out.getvalue()


def repacked(data: bytes) -> bytes:
    """An archive of our own making with the same members in the same order, and no date or system of its own."""
    with ZipFile(io.BytesIO(data)) as archive:
        return packed((path, archive.read(path)) for path in archive.namelist())
