"""The store in memory does what a file does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from composer.errors import UnwritableSession
from composer.session.ports import Batch, Store
from composer.store.memory import MemoryStore
from composer.store.sqlite import open_session
from tests.store.making import batch, entries, pieces

MADE = entries(8)


@pytest.mark.parametrize("kind", ["memory", "file"])
async def test_both_do_the_same(tmp_path: Path, kind: str) -> None:
    store: Store = MemoryStore() if kind == "memory" else await open_session(tmp_path / "a.collage", create=True)
    assert (list(await store.read()), store.read_only) == ([], False)
    await store.append(batch(MADE[:3], b"one", b"two"))
    await store.append(batch(MADE[1:5], b"one"))
    for wrong in (batch(MADE[6:]), batch(entries(3, MADE[:4], words="other")), batch([MADE[5], MADE[7]], b"three")):
        with pytest.raises(UnwritableSession):
            await store.append(wrong)
    with pytest.raises(ValueError, match="digest"):
        await store.append(Batch((), {"name": b"x"}))
    assert list(await store.read()) == MADE[:5]
    assert await store.pieces([*pieces(b"one", b"two", b"three")]) == pieces(b"one", b"two")
    assert await store.size() > 100
    await store.close()
    await store.close()
    with pytest.raises(UnwritableSession, match="closed"):
        await store.append(batch(MADE[5:]))


async def test_it_fails_when_told_to_and_works_again() -> None:
    store = MemoryStore(MADE[:2], pieces(b"old"))
    store.failing = UnwritableSession("The disk is full.", "Make some space.")
    for _ in range(2):
        with pytest.raises(UnwritableSession, match="full"):
            await store.append(batch(MADE[2:4], b"new"))
    assert (store.entries, store.held, store.batches) == (MADE[:2], pieces(b"old"), [])
    store.failing = None
    await store.append(batch(MADE[2:4], b"new"))
    assert (store.entries, store.held) == (MADE[:4], pieces(b"old", b"new"))
    assert await store.piece_names() == sorted(store.held)


async def test_what_was_asked_for_is_written_even_if_the_caller_is_cancelled() -> None:
    gate = asyncio.Event()
    store = MemoryStore(wait=gate.wait)
    writes = [asyncio.ensure_future(store.append(batch([made]))) for made in MADE[:3]]
    await asyncio.sleep(0)
    writes[1].cancel()
    await asyncio.sleep(0)
    assert store.entries == []
    closing = asyncio.ensure_future(store.close())
    await asyncio.sleep(0)
    assert not closing.done()
    gate.set()
    await closing
    assert store.entries == MADE[:3]
    assert [type(end) for end in await asyncio.gather(*writes, return_exceptions=True)] == [
        type(None),
        asyncio.CancelledError,
        type(None),
    ]


async def test_one_for_reading_only() -> None:
    store = MemoryStore(MADE, read_only=True)
    assert await store.read() == MADE
    with pytest.raises(UnwritableSession, match="reading only"):
        await store.append(batch(entries(1, MADE)))
