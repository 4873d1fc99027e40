"""The one test that every store makes of a batch before it writes it. It reads and writes nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from composer.errors import UnwritableSession
from composer.journal.entry import Entry, digest, first_break
from composer.session.ports import Batch


def fresh(batch: Batch, path: str, seq: int, chain: str, chain_at: Callable[[int], str]) -> tuple[Entry, ...]:
    """The entries of the batch that are not stored yet. `seq` and `chain` are those of the newest stored entry.

    A caller that was cancelled, or whose commit failed halfway, can't know whether its batch is on disk. So entries that are
    there already, with the same checksum, count as written, and a batch can always be tried again. UnwritableSession if the
    entries don't follow on those that are stored; ValueError if a piece does not bear the name of its bytes.
    """
    for name, data in batch.pieces.items():
        if digest(data) != name:
            raise ValueError(f"a piece is named {name} and not by its digest")
    entries = batch.entries
    stored = sum(entry.seq <= seq for entry in entries)
    if stored and chain_at(entries[stored - 1].seq) != entries[stored - 1].chain:
        raise UnwritableSession(
            f"Entry {entries[stored - 1].seq} of {path} is not the one that was to be written: another program wrote there.",
            "Open the session again to see what it holds; export first what is on the screen.",
        )
    broken = first_break(list(entries[stored:]), chain, seq)
    if broken is not None:
        raise UnwritableSession(
            f"Entry {broken} does not follow on what {path} holds, which ends with entry {seq}.",
            "Open the session again to see what it holds; export first what is on the screen.",
        )
    return entries[stored:]


def named(found: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """The pieces that bear the name of their bytes: a damaged piece counts as missing and is never shown as what was sent."""
    return {name: data for name, data in found.items() if data is not None and digest(data) == name}
