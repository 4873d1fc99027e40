"""What can still be read of a damaged session: row by row, where reading it at once fails. It never writes to the file.

An entry counts as intact if it and all before it fit the chain, so nothing that comes out was changed by the damage. Pieces
carry their own checksum as their name.

Limit: rows are found through SQLite's own tree; where the page that holds its root is lost, so are they.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass

from composer.errors import DamagedSession
from composer.journal.entry import ROOT_CHAIN, Entry, digest, expected
from composer.store import rows
from composer.store.view import view


@dataclass(frozen=True)
class Salvaged:
    entries: tuple[Entry, ...]
    """All before the first that is missing or changed."""
    pieces: dict[str, bytes]
    lost: int
    """Entries that were there once and are not among `entries`, as far as can be seen."""
    lost_pieces: int
    whole: bool
    """Nothing is missing, and SQLite finds no fault with the file."""


def salvage(path: str) -> Salvaged:
    """Everything intact in a session's file. NotASession only if there is no file, or an empty one."""
    try:
        return view(path, _salvage)
    except sqlite3.Error:
        return Salvaged((), {}, 0, 0, False)


def damaged(path: str, error: BaseException) -> DamagedSession:
    """The error for a file that could not be read as a whole: how much of it can."""
    saved = salvage(path)
    what = f"entry {error.seq} is missing" if isinstance(error, rows.Hole) else str(error)
    count = len(saved.entries)
    readable = {0: "No entry can be read", 1: "1 entry can be read"}.get(count, f"{count} entries can be read")
    if not saved.entries:
        return DamagedSession(f"{path} is damaged ({what}). {readable}.", "Take it from a backup or an export.")
    return DamagedSession(
        f"{path} is damaged ({what}). {readable}.", f"`rescue {path} --to NEW` saves them into a new session."
    )


def _salvage(connection: sqlite3.Connection) -> Salvaged:
    # A file that is shorter than its header says is refused as a whole, unless the schema counts as writable.
    connection.execute("PRAGMA writable_schema = ON")
    entries = _entries(connection)
    last = max(_most(connection, "SELECT max(seq) FROM entry"), len(entries))
    pieces, lost_pieces = _pieces(connection)
    sound = False
    with contextlib.suppress(sqlite3.Error):
        sound = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    lost = last - len(entries)
    return Salvaged(tuple(entries), pieces, lost, lost_pieces, sound and not lost and not lost_pieces)


def _entries(connection: sqlite3.Connection) -> list[Entry]:
    found: list[Entry] = []
    before = ROOT_CHAIN
    with contextlib.suppress(sqlite3.Error, rows.Hole, UnicodeError):
        while (entry := rows.entry_at(connection, len(found) + 1)).chain == expected(before, entry):
            found.append(entry)
            before = entry.chain
    return found


def _pieces(connection: sqlite3.Connection) -> tuple[dict[str, bytes], int]:
    """The intact pieces, and how many are not."""
    found: dict[str, bytes] = {}
    last = _most(connection, "SELECT max(rowid) FROM piece")
    for rowid in range(1, last + 1):
        with contextlib.suppress(sqlite3.Error, UnicodeError):
            row = connection.execute("SELECT name, packed, data FROM piece WHERE rowid = ?", (rowid,)).fetchone()
            data = None if row is None else rows.unpack(row[1], row[2])
            if row is not None and data is not None and digest(data) == row[0]:
                found[row[0]] = data
    return found, last - len(found)


def _most(connection: sqlite3.Connection, query: str) -> int:
    with contextlib.suppress(sqlite3.Error):
        (most,) = connection.execute(query).fetchone()
        # A damaged key may be any number; then the count of what was lost is not known.
        return most if isinstance(most, int) and 0 < most < 1 << 31 else 0
    return 0
