"""Opening whatever is named: a session or a journal as JSON Lines, told apart by what is in the file and never by its name."""

from __future__ import annotations

import os

from composer.session.clock import WALL
from composer.session.ports import Clock
from composer.store import schema
from composer.store.jsonl import JsonlStore, is_journal, open_journal
from composer.store.lock import held_here
from composer.store.sqlite import SqliteStore, SqliteView, open_session, view_session

AnyStore = SqliteStore | SqliteView | JsonlStore


async def open_any(
    path: str | os.PathLike[str],
    *,
    read_only: bool = False,
    take_over: bool = False,
    timeout: float = 20.0,
    clock: Clock = WALL,
) -> AnyStore:
    """Open a session, or a journal, which is always for reading only. What is neither is refused as NotASession."""
    if _is_journal(path):
        return await open_journal(path)
    if read_only:
        return await view_session(path)
    return await open_session(path, take_over=take_over, timeout=timeout, clock=clock)


def _is_journal(path: str | os.PathLike[str]) -> bool:
    name = os.path.abspath(path)
    return not held_here(name) and is_journal(schema.head(name))
