"""MessagePack as the JavaScript library msgpackr writes it: with records, bundled strings and extensions that frame a value.

A record names its fields once and is a row of values from then on; bundled strings stand in one place and are cut from it by
length. Extensions of other programs are taken for the value that they frame. It knows no format and reads no more than is there.
"""

from __future__ import annotations

import struct
from typing import Any

from composer.exchange.programs.quill import as_units, paired

DEEPEST = 100
"""Levels of values in values."""
_SECONDS, _TIMESTAMP, _RECORD, _BUNDLE = 1_000, 0xFF, 0x72, 0x62
_NUMBERS = {
    0xCA: ">f",
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}
_SIZES = {
    0xC4: 1,
    0xC5: 2,
    0xC6: 4,
    0xC7: 1,
    0xC8: 2,
    0xC9: 4,
    0xD9: 1,
    0xDA: 2,
    0xDB: 4,
    0xDC: 2,
    0xDD: 4,
    0xDE: 2,
    0xDF: 4,
}


def unpack(data: bytes) -> Any:
    """The value. Times are ms since 1970, keys of maps as they are. ValueError where it is cut off, or no such value."""
    reader = _Reader(data)
    return reader.value(0)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.records: dict[int, list[str]] = {}
        self.bundle: list[str] | None = None
        """Bundled strings: those with characters beyond Latin 1, the others."""
        self.used = [0, 0]
        self.room = 4 * len(data) + 1024
        """Characters that bundles may hold together, so that one stretch of bytes is not read over and over."""

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise ValueError("the data is cut off")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise ValueError("values are nested too deeply")
        head = self.number(1)
        if head < 0x80:
            return self.record(head, depth) if head in self.records else head
        if head < 0x90:
            return self.table(head & 0x0F, depth)
        if head < 0xA0:
            return self.row(head & 0x0F, depth)
        if head < 0xC0:
            return self.text(head & 0x1F)
        if head >= 0xE0:
            return head - 0x100
        if head in _NUMBERS:
            form = _NUMBERS[head]
            (found,) = struct.unpack(form, self.take(struct.calcsize(form)))
            return found
        if head == 0xC1:
            return self.bundled(depth)
        if head in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[head]
        if 0xD4 <= head <= 0xD8:
            return self.extension(1 << (head - 0xD4), depth)
        size = self.number(_SIZES[head])
        if head <= 0xC6:
            return self.take(size)
        if head <= 0xC9:
            return self.extension(size, depth)
        if head <= 0xDB:
            return self.text(size)
        return self.row(size, depth) if head <= 0xDD else self.table(size, depth)

    def text(self, size: int) -> str:
        return self.take(size).decode("utf-8", "replace")

    def row(self, size: int, depth: int) -> list[Any]:
        if size > len(self.data) - self.at:
            raise ValueError("the data is cut off")
        return [self.value(depth + 1) for _ in range(size)]

    def table(self, size: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for _ in range(size):
            key = self.value(depth + 1)
            if isinstance(key, float) and key.is_integer():
                key = int(key)
            if not isinstance(key, str | int | float | bool | None):
                raise ValueError("a key is no name")
            found[key] = self.value(depth + 1)
        return found

    def record(self, head: int, depth: int) -> dict[str, Any]:
        return {name: self.value(depth + 1) for name in self.records[head]}

    def bundled(self, depth: int) -> str:
        """A string from the bundle: its length, which is negative for those beyond Latin 1."""
        size = self.value(depth + 1)
        if self.bundle is None or not isinstance(size, int):
            raise ValueError("a bundled string has no bundle")
        which, size = (1, size) if size > 0 else (0, -size)
        start = self.used[which]
        self.used[which] += size
        if self.used[which] > len(self.bundle[which]):
            raise ValueError("the data is cut off")
        return paired(self.bundle[which][start : start + size])

    def extension(self, size: int, depth: int) -> Any:
        kind = self.number(1)
        payload = self.take(size)
        if kind == _RECORD and size == 1:
            names = self.value(depth + 1)
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError("a record has no names")
            if not 0x40 <= payload[0] <= 0x7F:
                raise ValueError("a record has a number of another kind")
            self.records[payload[0]] = names
            return self.record(payload[0], depth)
        if kind == _BUNDLE and size >= 4:
            self.load(self.at + int.from_bytes(payload[:4], "big") - size, depth)
            return self.value(depth + 1)
        if kind == _TIMESTAMP:
            return _moment(payload)
        if kind == 0 and size == 1:
            # The library's sign for a value that was never set.
            return None
        if size == 1:
            return self.value(depth + 1)
        return payload

    def load(self, at: int, depth: int) -> None:
        """Take the bundle that stands at `at`: two strings."""
        back = self.at
        if not back <= at < len(self.data):
            raise ValueError("a bundle is not there")
        self.at = at
        self.bundle = None
        pair = [self.value(depth + 1), self.value(depth + 1)]
        if not all(isinstance(each, str) for each in pair):
            raise ValueError("a bundle holds no strings")
        self.room -= len(pair[0]) + len(pair[1])
        if self.room < 0:
            raise ValueError("bundles are larger than the data")
        # Lengths count UTF-16 units.
        self.bundle, self.used, self.at = [as_units(each) for each in pair], [0, 0], back


def _moment(payload: bytes) -> int | None:
    """A time in ms since 1970; None for what is none."""
    if len(payload) == 4:
        return int.from_bytes(payload, "big") * _SECONDS
    if len(payload) == 8:
        both = int.from_bytes(payload, "big")
        return (both & 0x3_FFFF_FFFF) * _SECONDS + (both >> 34) // 1_000_000
    if len(payload) == 12:
        return (
            int.from_bytes(payload[4:], "big", signed=True) * _SECONDS + int.from_bytes(payload[:4], "big") // 1_000_000
        )
    return None
