"""Entries as they are kept: an event's type, version and body as JSON text, its place in the tree, and the chain of checksums.

An entry's bytes never change once made: what is read is what was written, and export copies it. It knows no events.
"""

from __future__ import annotations

import hashlib

from msgspec import Struct

ROOT_CHAIN = "0" * 32
"""The checksum before the first entry."""


class Entry(Struct, frozen=True):
    """One line of the journal.

    `seq` is dense from 1. `parent` is the change before this change, 0 for none; -1 marks a fact or a head move, which have no
    parent. `step` is the seq of the first entry of what one undo takes back. `time` is in ms since 1970. `chain` is the
    checksum over everything in this entry and the chain of the one before.
    """

    seq: int
    parent: int
    step: int
    time: int
    type: str
    version: int
    body: str
    chain: str


NO_PARENT = -1


def chain(before: str, seq: int, parent: int, step: int, time: int, type_: str, version: int, body: str) -> str:
    """The checksum of an entry: BLAKE2b, 16 bytes, as 32 hexadecimal digits."""
    head = f"{before}\n{seq}\n{parent}\n{step}\n{time}\n{type_}\n{version}\n"
    return hashlib.blake2b((head + body).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def seal(before: str, entry: Entry) -> Entry:
    """The entry with its checksum."""
    return Entry(
        entry.seq, entry.parent, entry.step, entry.time, entry.type, entry.version, entry.body, expected(before, entry)
    )


def expected(before: str, entry: Entry) -> str:
    """The checksum that the entry must carry if `before` is that of the entry before it."""
    return chain(before, entry.seq, entry.parent, entry.step, entry.time, entry.type, entry.version, entry.body)


def first_break(entries: list[Entry], before: str = ROOT_CHAIN, after: int = 0) -> int | None:
    """The seq of the first entry that is missing or does not fit the chain; None if all of them hold."""
    for number, entry in enumerate(entries, after + 1):
        if entry.seq != number or entry.chain != expected(before, entry):
            return number
        before = entry.chain
    return None


def digest(data: bytes) -> str:
    """The name of a stored piece: the BLAKE2b of its bytes, 16 bytes, as 32 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
