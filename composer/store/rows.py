"""Entries and pieces as rows: how a connection reads them and writes a batch. All of it runs in the connection's thread.

Nothing is ever updated or deleted, and nothing that is read here is believed: whether a chain holds is the journal's question.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator, Sequence

from composer.journal.entry import ROOT_CHAIN, Entry
from composer.session.ports import Batch
from composer.store.batch import fresh, named

ENTRY = "seq, parent, step, time, type, version, body, chain"
AT_ONCE = 500
"""Names in one query."""
MOST_BYTES = 1 << 28
"""What a piece may unpack to: a file from outside may claim more than memory holds."""


class Hole(Exception):
    """Entry `seq` is missing, or not what an entry is: damage, as SQLite would call it if it knew."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    sqlite_errorname = "a hole in the journal"

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


def entry(row: tuple[object, ...], seq: int) -> Entry:
    """The row as entry `seq`. A Hole if the types are wrong: damage can put anything there, and checksums need text."""
    if row[0] != seq or not (type(row[4]) is type(row[6]) is type(row[7]) is str):
        raise Hole(seq)
    return Entry(*row)  # type: ignore[arg-type]


def entries(connection: sqlite3.Connection) -> list[Entry]:
    """All entries. A Hole where one is missing."""
    rows = connection.execute(f"SELECT {ENTRY} FROM entry ORDER BY seq")
    return [entry(row, number) for number, row in enumerate(rows, 1)]


def entry_at(connection: sqlite3.Connection, seq: int) -> Entry:
    row = connection.execute(f"SELECT {ENTRY} FROM entry WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        raise Hole(seq)
    return entry(row, seq)


def piece_names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM piece ORDER BY name")]


def pieces(connection: sqlite3.Connection, names: Sequence[str]) -> dict[str, bytes]:
    """The pieces of those names; what is missing or damaged is left out."""
    found: dict[str, bytes | None] = {}
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        marks = ",".join("?" * len(some))
        for name, packed, data in connection.execute(
            f"SELECT name, packed, data FROM piece WHERE name IN ({marks})", tuple(some)
        ):
            found[name] = unpack(packed, data)
    return named(found)


def newest(connection: sqlite3.Connection) -> tuple[int, str]:
    """Seq and checksum of the newest entry."""
    row = connection.execute("SELECT seq, chain FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    return (0, ROOT_CHAIN) if row is None else (row[0], row[1])


def append(connection: sqlite3.Connection, path: str, batch: Batch) -> None:
    """Write a batch in one transaction: on return it is on disk, on an exception nothing of it is, or all of it."""
    packed = [(name, *pack(data)) for name, data in batch.pieces.items()]
    with transaction(connection):
        # The newest entry is asked of the file and not remembered: it may have been written to by someone without a lock.
        todo = fresh(batch, path, *newest(connection), lambda seq: entry_at(connection, seq).chain)
        connection.executemany("INSERT INTO piece (name, packed, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", packed)
        connection.executemany(
            f"INSERT INTO entry ({ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(e.seq, e.parent, e.step, e.time, e.type, e.version, e.body, e.chain) for e in todo],
        )


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has rolled back already; then there is nothing to do, and the connection works on.
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def pack(data: bytes) -> tuple[int, bytes]:
    """(1, compressed) or (0, as it is), whichever is smaller."""
    small = zlib.compress(data)
    return (1, small) if len(small) < len(data) else (0, data)


def unpack(packed: object, data: object) -> bytes | None:
    """The bytes of a piece; None if they can't be had."""
    if not isinstance(data, bytes):
        return None
    if packed != 1:
        return data
    try:
        return zlib.decompressobj().decompress(data, MOST_BYTES)
    except zlib.error:
        return None
