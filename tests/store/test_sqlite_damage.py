"""Damage: it is seen, it is told how much can be read, and all that stands before it is saved unchanged."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from composer.errors import DamagedSession, NotASession, SessionError, UnwritableSession
from composer.journal.entry import Entry, first_break
from composer.store.salvage import Salvaged, salvage
from composer.store.sqlite import open_session, view_session
from tests.store.making import batch, contents, entries, pieces

LONG = [b"%d times the sea came in. " % number * 60 for number in range(40)]
NOISE = random.Random(3).randbytes(20_000)


async def session(path: Path, count: int = 300) -> list[Entry]:
    made = entries(count, words="it was told again " * 10)
    store = await open_session(path, create=True)
    await store.append(batch(made, *LONG, NOISE))
    await store.close()
    return made


def spoil(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for name in ("entry_stays", "entry_remains", "piece_stays", "piece_remains"):
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.close()


async def test_a_whole_file_is_salvaged_whole(tmp_path: Path) -> None:
    made = await session(tmp_path / "a.collage")
    assert salvage(str(tmp_path / "a.collage")) == Salvaged(tuple(made), pieces(*LONG, NOISE), 0, 0, True)


async def test_a_hole_is_named_and_what_stands_before_it_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    made = await session(path)
    spoil(path, "DELETE FROM entry WHERE seq = 212")
    before = contents(tmp_path)
    with pytest.raises(DamagedSession, match=r"entry 212 is missing\). 211 entries can be read") as raised:
        await (await view_session(path)).read()
    assert "rescue" in raised.value.next_step
    saved = salvage(str(path))
    assert (saved.entries, saved.lost, saved.whole) == (tuple(made[:211]), 89, False)
    assert contents(tmp_path) == before
    store = await open_session(path)
    with pytest.raises(DamagedSession, match="211 entries"):
        await store.read()
    with pytest.raises(UnwritableSession):
        await store.append(batch(made[211:212]))
    await store.close()


async def test_flipped_bytes_are_seen_by_the_chain_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    made = await session(path)
    raw = bytearray(path.read_bytes())
    at = raw.index(made[150].body.encode())
    raw[at + 12] ^= 1
    path.write_bytes(raw)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    read = await (await view_session(path)).read()
    assert first_break(read) == 151
    saved = salvage(str(path))
    assert (saved.entries, saved.lost, saved.whole) == (tuple(made[:150]), 150, False)


@pytest.mark.parametrize("change", ["time = time + 1", "parent = 0", "step = 1", "type = 'Tell'", "version = 2"])
async def test_a_change_to_any_column_breaks_the_chain(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.collage"
    made = await session(path, 9)
    spoil(path, f"UPDATE entry SET {change} WHERE seq = 5")
    assert first_break(await (await view_session(path)).read()) == 5
    assert salvage(str(path)).entries == tuple(made[:4])


async def test_a_damaged_piece_counts_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    await session(path, 3)
    names = [next(iter(pieces(data))) for data in (NOISE, LONG[0], LONG[1], LONG[2])]
    spoil(
        path,
        f"UPDATE piece SET data = zeroblob(20000) WHERE name = '{names[0]}'",
        f"UPDATE piece SET data = x'789c00' WHERE name = '{names[1]}'",
        f"UPDATE piece SET packed = 0 WHERE name = '{names[2]}'",
    )
    store = await view_session(path)
    assert await store.pieces(names) == pieces(LONG[2])
    assert len(await store.piece_names()) == 41
    saved = salvage(str(path))
    assert (len(saved.entries), len(saved.pieces), saved.lost_pieces, saved.whole) == (3, 38, 3, False)


@pytest.mark.parametrize("part", [0.0, 0.001, 0.02, 0.3, 0.6, 0.9, 1.0])
async def test_a_file_that_is_cut_off(tmp_path: Path, part: float) -> None:
    path = tmp_path / "a.collage"
    made = await session(path)
    raw = path.read_bytes()
    path.write_bytes(raw[: max(60, int((len(raw) - 4096) * part))])
    before = contents(tmp_path)
    for opener in (open_session, view_session):
        with pytest.raises(DamagedSession, match="can be read"):
            await (await opener(path)).read()
    saved = salvage(str(path))
    assert saved.entries == tuple(made[: len(saved.entries)])
    assert not saved.whole
    assert contents(tmp_path) == before
    if part == 1.0:
        assert len(saved.entries) > 200


async def test_a_file_that_lacks_its_last_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    made = await session(path)
    path.write_bytes(path.read_bytes()[:-100])
    saved = salvage(str(path))
    assert saved.entries == tuple(made[: len(saved.entries)])
    assert not saved.whole


async def test_random_damage_never_changes_what_is_read_and_is_always_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    made = await session(path)
    raw = path.read_bytes()
    dice = random.Random(20)
    whole = 0
    for _ in range(40):
        spoiled = bytearray(raw)
        start = dice.randrange(len(raw) - 64)
        spoiled[start : start + 64] = dice.randbytes(64)
        path.write_bytes(spoiled)
        saved = salvage(str(path))
        assert saved.entries == tuple(made[: len(saved.entries)])
        assert all(pieces(data) == {name: data} for name, data in saved.pieces.items())
        try:
            read = await (await view_session(path)).read()
        except (DamagedSession, NotASession):
            continue
        if first_break(read) is None and len(read) == len(made):
            whole += 1
            assert read == made
    # Damage to free space and to pieces leaves the entries whole.
    assert 0 < whole < 40


async def test_salvage_of_what_never_was_a_session(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    path.write_bytes(b"Once upon a time. " * 100)
    assert salvage(str(path)) == Salvaged((), {}, 0, 0, False)
    with pytest.raises(NotASession):
        salvage(str(tmp_path / "none"))
    with pytest.raises(SessionError):
        salvage(str(tmp_path))
