"""A journal as JSON Lines: a header, all pieces by name, all entries in order, with bodies and checksums as stored.

    {"format":"story-composer journal","version":1,"pieces":1,"entries":1}
    {"kind":"piece","name":"5f…","text":"…"}            or "base64", where the bytes are not UTF-8
    {"kind":"entry","seq":1,"parent":-1,"step":1,"time":…,"type":"…","version":1,"body":"{…}","chain":"9c…"}

What is written is the same, byte for byte, for the same journal. What is read is trusted only as far as its checksums
hold, and what can't be kept is an error and not left out. A file of this form is never written to: it is imported first.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import msgspec
from msgspec import Struct

from composer.errors import DamagedSession, NewerSession, NotASession, UnwritableSession
from composer.journal.entry import ROOT_CHAIN, Entry, digest, expected
from composer.session.ports import Batch
from composer.store import schema, trouble

FORMAT = "story-composer journal"
VERSION = 1
LONGEST = 1 << 26
"""Bytes of a line. No entry comes near, and a file of another kind may have no line ends at all."""

_BOM = b"\xef\xbb\xbf"


class DamagedJournal(DamagedSession):
    """`line` does not hold. `entries` and `pieces` are what stands before it and does."""

    def __init__(self, line: int, why: str, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> None:
        count = len(entries)
        before = {0: "No entry stands", 1: "1 whole entry stands"}.get(count, f"{count} whole entries stand")
        super().__init__(
            f"Line {line} {why}. {before} before it.",
            "Take the file from where it came once more"
            + (", or make a session of what is whole: story-composer import FILE --keep-whole." if entries else "."),
        )
        self.line = line
        self.entries = tuple(entries)
        self.pieces = dict(pieces)


class _Head(Struct):
    format: str
    version: int


class _Counted(_Head):
    pieces: int | None = None
    entries: int | None = None


class _Piece(Struct, tag_field="kind", tag="piece", omit_defaults=True, forbid_unknown_fields=True):
    name: str
    text: str | None = None
    base64: str | None = None


class _Entry(Struct, tag_field="kind", tag="entry", forbid_unknown_fields=True):
    seq: int
    parent: int
    step: int
    time: int
    type: str
    version: int
    body: str
    chain: str


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Piece | _Entry)


def write_jsonl(out: BinaryIO, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> None:
    """Write a journal. OSError as it comes."""

    def line(value: Struct) -> None:
        out.write(_encoder.encode(value) + b"\n")

    line(_Counted(FORMAT, VERSION, len(pieces), len(entries)))
    for name in sorted(pieces):
        try:
            line(_Piece(name, text=pieces[name].decode("utf-8")))
        except UnicodeDecodeError:
            line(_Piece(name, base64=base64.b64encode(pieces[name]).decode("ascii")))
    for e in entries:
        line(_Entry(e.seq, e.parent, e.step, e.time, e.type, e.version, e.body, e.chain))


def read_jsonl(source: BinaryIO | Iterable[bytes], longest: int = LONGEST) -> tuple[list[Entry], dict[str, bytes]]:
    """Read a journal: its entries, whose chain holds, and its pieces. Lines come with their ends.

    NotASession or NewerSession for what is no journal of a known version, DamagedJournal for one that is cut off or changed.
    """
    entries: list[Entry] = []
    pieces: dict[str, bytes] = {}
    before = ROOT_CHAIN
    counted: _Counted | None = None
    number = 0
    for number, raw in enumerate(_lines(source, longest), 1):
        if counted is None:
            counted = _head(raw, longest)
            continue

        def broken(why: str, at: int = number) -> DamagedJournal:
            return DamagedJournal(at, why, entries, pieces)

        if len(raw) > longest:
            raise broken(f"is longer than {longest} bytes")
        if raw.endswith(b"\r\n"):
            raise broken("ends in CR LF, as if an editor or mail program had changed the file")
        try:
            value = _decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            if not raw.endswith(b"\n"):
                raise broken("is cut off in the middle, and the file ends there") from None
            raise broken(f"is neither a piece nor an entry: {error}") from None
        if isinstance(value, _Piece):
            data = _data(value)
            if data is None or digest(data) != value.name:
                raise broken("holds a piece whose checksum does not hold")
            pieces[value.name] = data
            continue
        entry = Entry(*(getattr(value, field) for field in Entry.__struct_fields__))
        if entry.seq != len(entries) + 1:
            raise broken(f"holds entry {entry.seq} where entry {len(entries) + 1} belongs")
        if entry.chain != expected(before, entry):
            raise broken(f"holds entry {entry.seq}, whose checksum does not hold")
        entries.append(entry)
        before = entry.chain
    if counted is None:
        raise NotASession("Line 1 is missing: the file is empty.", "Take it from where it came once more.")
    for there, promised, what in ((len(entries), counted.entries, "entries"), (len(pieces), counted.pieces, "pieces")):
        if promised is not None and there < promised:
            raise DamagedJournal(
                number + 1,
                f"is missing: the first line promises {promised} {what}, and there are {there}",
                entries,
                pieces,
            )
    return entries, pieces


def is_journal(start: bytes) -> bool:
    """Whether a file that starts like this is to be read as a journal, be it only to say what is wrong with it."""
    return start.removeprefix(_BOM).lstrip()[:1] == b"{"


class JsonlStore:
    """A journal that is open for reading, all of it in memory. Implements the port `Store`."""

    read_only = True

    def __init__(self, path: str, size: int, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> None:
        self.path = path
        self._size = size
        self._entries = tuple(entries)
        self._pieces = dict(pieces)

    async def read(self) -> tuple[Entry, ...]:
        return self._entries

    async def append(self, batch: Batch) -> None:
        raise UnwritableSession(
            f"{self.path} is a journal as JSON Lines, and is only read.",
            f"Make a session of it first: `import {self.path} --to NAME.collage`.",
        )

    async def pieces(self, names: Sequence[str]) -> dict[str, bytes]:
        return {name: self._pieces[name] for name in names if name in self._pieces}

    async def piece_names(self) -> list[str]:
        """The names of all pieces, in order."""
        return sorted(self._pieces)

    async def size(self) -> int:
        return self._size

    async def close(self) -> None:
        """There is nothing to let go of."""


async def open_journal(path: str | os.PathLike[str]) -> JsonlStore:
    """Read a journal as JSON Lines into a store that can't be written. Raises as `read_jsonl` does."""
    return await asyncio.to_thread(_open, path)


def _open(path: str | os.PathLike[str]) -> JsonlStore:
    name = os.path.abspath(path)
    schema.head(name)
    try:
        with open(name, "rb") as file:
            entries, pieces = read_jsonl(file)
            return JsonlStore(name, os.fstat(file.fileno()).st_size, entries, pieces)
    except OSError as error:
        raise trouble.unreadable(name, error) from error


def _lines(source: BinaryIO | Iterable[bytes], longest: int) -> Iterator[bytes]:
    """The lines with their ends, of an over-long one as much as shows that it is."""
    if not hasattr(source, "readline"):
        yield from source
        return
    while line := source.readline(longest + 1):
        yield line


def _head(raw: bytes, longest: int) -> _Counted:
    if raw.startswith(_BOM):
        raise NotASession(
            "Line 1 starts with a byte order mark, as if an editor had changed the file.",
            "Take the file from where it came once more, or save it as UTF-8 without that mark.",
        )
    if len(raw) > longest:
        raise NotASession(f"Line 1 is longer than {longest} bytes: this is not a journal.", "Name a session's file.")
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        head = None
    if head is None and not raw.endswith(b"\n") and f'"{FORMAT}"'.encode() in raw:
        raise DamagedJournal(1, "is cut off in the middle, and the file ends there", (), {})
    if head is None or head.format != FORMAT or head.version < 1:
        raise NotASession(
            "Line 1 is not the header of a journal: this is a file of another kind.",
            "Name a session's file, or use `import` to bring in a text.",
        )
    if head.version > VERSION:
        raise NewerSession(
            f"Line 1 says that a newer version of the program wrote this (format {head.version}, this one knows {VERSION}).",
            "Update the program.",
        )
    if raw.endswith(b"\r\n"):
        raise DamagedJournal(1, "ends in CR LF, as if an editor or mail program had changed the file", (), {})
    try:
        return msgspec.json.decode(raw, type=_Counted)
    except msgspec.MsgspecError as error:
        raise DamagedJournal(1, f"is no header: {error}", (), {}) from None


def _data(piece: _Piece) -> bytes | None:
    if (piece.text is None) == (piece.base64 is None):
        return None
    if piece.text is not None:
        return piece.text.encode()
    try:
        return base64.b64decode(piece.base64 or "", validate=True)
    except binascii.Error:
        return None
