"""The last way out where a session's disk fails for good: the whole journal, what could not be written included, in another place."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from composer.errors import SessionError, UnwritableSession
from composer.journal.entry import Entry
from composer.session.session import Session
from composer.store.jsonl import write_jsonl
from composer.store.opening import open_any


async def rescued(session: Session, failure: SessionError) -> SessionError:
    """The failure to be told, with where everything is now. Where that can't be written either, the failure as it was."""
    if session.unsaved is None or not session.unsaved.entries:
        return failure
    entries, pieces = await _on_disk(Path(session.store.path))
    first = session.unsaved.entries[0].seq
    entries = [*(entry for entry in entries if entry.seq < first), *session.unsaved.entries]
    try:
        handle, name = tempfile.mkstemp(prefix="story-composer-", suffix=".jsonl")
        with os.fdopen(handle, "wb") as out:
            write_jsonl(out, entries, {**pieces, **session.unsaved.pieces})
    except OSError:
        return failure
    return UnwritableSession(
        f"{failure.sentence} All of it, the newest {len(session.unsaved.entries)} entries included, is in {name}.",
        f"Make some space, then: story-composer import {name} --to NEW.collage",
    )


async def _on_disk(path: Path) -> tuple[Sequence[Entry], Mapping[str, bytes]]:
    """What the session's file holds; nothing if it can't be read any more."""
    try:
        store = await open_any(path, read_only=True)
        try:
            return await store.read(), await store.pieces(await store.piece_names())
        finally:
            await store.close()
    except SessionError:
        return (), {}
