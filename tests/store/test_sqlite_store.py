"""A session that is open for writing: what goes in comes out, and what fails leaves it usable."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from composer.errors import DamagedSession, LockedSession, SessionError, UnwritableSession
from composer.journal.entry import Entry, first_break, seal
from composer.session.ports import Batch, Store
from composer.store import rows, schema
from composer.store.sqlite import SqliteStore, open_session, view_session
from tests.store.making import batch, child, contents, entries, names, pieces, plain_user, told

LONG = b"a paragraph that says the same again and again. " * 40


async def pragma(store: SqliteStore, words: str) -> object:
    return await store._link.run(lambda connection: connection.execute(f"PRAGMA {words}").fetchone()[0])


async def test_what_goes_in_comes_out_after_reopening(tmp_path: Path) -> None:
    path, made = tmp_path / "a.collage", entries(20)
    store: Store = await open_session(path, create=True)
    assert await store.read() == []
    await store.append(batch(made[:7], LONG))
    await store.append(batch(made[7:], b"\xff\x00", "kürzer".encode()))
    await store.append(Batch((), pieces(LONG)))
    assert await store.read() == made
    await store.close()

    store = await open_session(path)
    assert await store.read() == made
    assert first_break(list(await store.read())) is None
    kept = pieces(LONG, b"\xff\x00", "kürzer".encode())
    assert await store.pieces([*kept, "0" * 32]) == kept
    assert await store.size() >= len(contents(tmp_path)["a.collage"])
    await store.close()


async def test_pieces_are_packed_where_that_saves_room(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    noise = random.Random(1).randbytes(3000)
    store = await open_session(path, create=True)
    await store.append(batch((), LONG, noise, b""))
    many = pieces(*(b"%d" % number for number in range(rows.AT_ONCE * 2 + 3)))
    await store.append(Batch((), many))
    assert await store.pieces(list(many)) == many
    assert await store.piece_names() == sorted({**many, **pieces(LONG, noise, b"")})
    await store.close()
    connection = sqlite3.connect(path)
    found = {size: packed for packed, size in connection.execute("SELECT packed, length(data) FROM piece")}
    connection.close()
    assert found[len(noise)] == 0
    assert found[0] == 0
    assert min(size for size, packed in found.items() if packed) < len(LONG) / 10


async def test_files_are_private_and_one_when_closed(tmp_path: Path) -> None:
    path = tmp_path / "my" / "stories" / "a.collage"
    before = os.umask(0)
    try:
        store = await open_session(path, create=True)
        await store.append(batch(entries(1)))
    finally:
        os.umask(before)
    assert names(path.parent) == ["a.collage", "a.collage-shm", "a.collage-wal", "a.collage.lock"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    await store.close()
    assert names(path.parent) == ["a.collage"]
    await store.close()
    with pytest.raises(UnwritableSession, match="closed"):
        await store.append(batch(entries(1)))


async def test_the_connection_is_set_up_to_last(tmp_path: Path) -> None:
    store = await open_session(tmp_path / "a.collage", create=True)
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "application_id": schema.APPLICATION_ID,
        "user_version": schema.VERSION,
    }
    assert {words: await pragma(store, words) for words in wanted} == wanted
    await store.close()


async def test_the_numbers_stand_in_the_file_before_any_log(tmp_path: Path) -> None:
    store = await open_session(tmp_path / "a.collage", create=True)
    head = (tmp_path / "a.collage").read_bytes()[:100]
    await store.close()
    assert head[68:72] == b"SCol"
    assert int.from_bytes(head[60:64], "big") == schema.VERSION


@pytest.mark.parametrize(
    "words",
    [
        "UPDATE entry SET body = '{}' WHERE seq = 2",
        "DELETE FROM entry WHERE seq = 3",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT seq, parent, step, time, type, version, '{}', chain FROM entry",
        "UPDATE piece SET data = x'00'",
        "DELETE FROM piece",
        "INSERT OR REPLACE INTO piece SELECT name, packed, x'00' FROM piece",
    ],
)
async def test_nothing_is_ever_changed_or_removed(tmp_path: Path, words: str) -> None:
    made = entries(3)
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(made, LONG))
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        await store._link.run(lambda connection: connection.execute(words))
    assert await store.read() == made
    assert await store.pieces(list(pieces(LONG))) == pieces(LONG)
    await store.close()


async def test_entries_that_do_not_follow_are_refused(tmp_path: Path) -> None:
    made = entries(9)
    other = entries(9, words="instead")
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(made[:4]))
    for wrong in (made[5:], made[4:6] + made[7:], other[4:], other[2:6], [seal(made[3].chain, made[5])]):
        with pytest.raises(UnwritableSession):
            await store.append(batch(wrong, b"lost with them"))
    assert await store.read() == made[:4]
    assert await store.pieces(list(pieces(b"lost with them"))) == {}
    with pytest.raises(ValueError, match="digest"):
        await store.append(Batch((), {"0" * 32: b"x"}))
    await store.append(batch(made[4:]))
    assert await store.read() == made
    await store.close()


async def test_a_batch_can_be_handed_in_again(tmp_path: Path) -> None:
    made = entries(6)
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(made[:4]))
    await store.append(batch(made[:4]))
    await store.append(batch(made[1:6]))
    assert await store.read() == made
    await store.close()


async def test_a_full_disk_is_told_and_the_store_works_on(tmp_path: Path) -> None:
    made = entries(3)
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(made[:1]))
    room = await pragma(store, "page_count")
    await pragma(store, f"max_page_count = {room}")
    more = entries(40, made[:1], words="x" * 500)
    for _ in range(2):
        with pytest.raises(UnwritableSession, match="disk is full") as raised:
            await store.append(batch(more))
        assert "space" in raised.value.next_step
    assert await store.read() == made[:1]
    await pragma(store, "max_page_count = 1000000")
    await store.append(batch(more))
    assert await store.read() == [*made[:1], *more]
    await store.close()
    assert names(tmp_path) == ["a.collage"]


def test_a_disk_that_takes_no_more_is_told_and_the_store_works_on(tmp_path: Path) -> None:
    code = """
import resource
async def main():
    store = await open_session(sys.argv[1], create=True)
    made = entries(200, words='y' * 900)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
    try:
        await store.append(batch(made))
    except UnwritableSession as error:
        say(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.append(batch(made))
    say(await store.read() == made)
    await store.close()
asyncio.run(main())
"""
    out = told(child(code, tmp_path / "a.collage")).splitlines()
    assert "did not take" in out[0] or "disk is full" in out[0]
    assert "kept in memory" in out[0]
    assert out[1] == "True"
    assert names(tmp_path) == ["a.collage"]


async def test_a_file_that_was_moved_away_is_noticed(tmp_path: Path) -> None:
    path, made = tmp_path / "a.collage", entries(2)
    store = await open_session(path, create=True)
    await store.append(batch(made[:1]))
    path.rename(tmp_path / "b.collage")
    with pytest.raises(UnwritableSession, match="moved or removed"):
        await store.append(batch(made[1:]))
    assert await store.size() > 0
    (tmp_path / "b.collage").rename(path)
    await store.append(batch(made[1:]))
    await store.close()
    assert await (await view_session(path)).read() == made


async def test_text_that_can_not_be_stored_harms_nothing(tmp_path: Path) -> None:
    made = entries(2)
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(made[:1]))
    for bad in (
        Entry(2, 0, 2, 5, "Told", 1, "\ud800", ""),
        Entry(2, 0, 2, 1 << 70, "Told", 1, "{}", ""),
    ):
        with pytest.raises(UnwritableSession, match="can't be stored"):
            await store.append(batch([seal(made[0].chain, bad)]))
    await store.append(batch(made[1:]))
    assert await store.read() == made
    await store.close()


async def test_a_cancelled_write_is_whole_and_may_be_tried_again(tmp_path: Path) -> None:
    made = entries(60)
    store = await open_session(tmp_path / "a.collage", create=True)
    gate = threading.Event()
    held = asyncio.ensure_future(store._link.run(lambda connection: gate.wait(20)))
    writes = [asyncio.ensure_future(store.append(batch(made[at : at + 3]))) for at in range(0, 60, 3)]
    await asyncio.sleep(0)
    for write in writes[::2]:
        write.cancel()
    # Whoever is cancelled leaves at once, while the disk may take its time.
    left, _ = await asyncio.wait(writes[::2], timeout=10)
    assert len(left) == len(writes[::2])
    assert not any(write.done() for write in writes[1::2])
    gate.set()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results[:2]] == [asyncio.CancelledError, type(None)]
    await held
    assert await store.read() == made
    assert not await store._link.run(lambda connection: connection.in_transaction)
    await store.append(batch(made[:3]))
    closing = asyncio.ensure_future(store.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    await store.close()
    assert names(tmp_path) == ["a.collage"]


async def test_work_that_was_cancelled_before_it_started_keeps_its_place(tmp_path: Path) -> None:
    made = entries(4)
    store = await open_session(tmp_path / "a.collage", create=True)
    first = store.append(batch(made[:2]))
    first.send(None)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    first.close()
    await store.append(batch(made[2:]))
    assert await store.read() == made
    await store.close()


@pytest.mark.parametrize(
    "ending",
    [
        "async def main():\n    global store\n    store = await open_session(sys.argv[1])\n    await store.append(more)",
        "async def main():\n    store = await open_session(sys.argv[1])\n    await store.append(more)\n"
        "    asyncio.ensure_future(store.close())",
        "async def main():\n    global store\n    store = await open_session(sys.argv[1])\n    await store.append(more)\n"
        "    sys.exit(0)",
        "async def main():\n    store = await open_session(sys.argv[1])\n    import time\n"
        "    asyncio.ensure_future(store._link.run(lambda connection: time.sleep(0.3)))\n"
        "    asyncio.ensure_future(store.append(more))\n    await asyncio.sleep(0)\n    await asyncio.sleep(0)",
    ],
)
async def test_a_program_that_forgets_to_close_ends_and_loses_nothing(tmp_path: Path, ending: str) -> None:
    path, made = tmp_path / "a.collage", entries(5)
    store = await open_session(path, create=True)
    await store.append(batch(made[:3]))
    await store.close()
    code = f"more = batch(entries(2, entries(3)))\n{ending}\nasyncio.run(main())\n"
    assert told(child(code, path)) == ""
    store = await open_session(path)
    assert await store.read() == made
    await store.close()
    assert names(tmp_path) == ["a.collage"]


async def test_a_session_is_made_only_where_nothing_is(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    path.touch()
    store = await open_session(path, create=True)
    await store.append(batch(entries(1)))
    with pytest.raises((UnwritableSession, LockedSession)):
        await open_session(path, create=True)
    await store.close()
    before = path.read_bytes()
    with pytest.raises(UnwritableSession, match="exists already"):
        await open_session(path, create=True)
    assert path.read_bytes() == before
    (tmp_path / "b.collage-wal").write_bytes(b"text of someone")
    with pytest.raises(UnwritableSession, match="earlier session"):
        await open_session(tmp_path / "b.collage", create=True)
    (tmp_path / "file").touch()
    with pytest.raises(SessionError):
        await open_session(tmp_path / "file" / "c.collage", create=True)
    assert names(tmp_path) == ["a.collage", "b.collage-wal", "file"]


async def test_a_session_that_can_not_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (("CREATE TABLE entry (seq INTEGER) STRICT", "SELECT zeroblob(9e9)"),))
    with pytest.raises(UnwritableSession):
        await open_session(tmp_path / "a.collage", create=True)
    assert names(tmp_path) == []


async def test_an_older_session_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, made = tmp_path / "a.collage", entries(3)
    store = await open_session(path, create=True)
    await store.append(batch(made))
    await store.close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("CREATE TABLE more (x INTEGER) STRICT",)))
    monkeypatch.setattr(schema, "VERSION", 2)
    viewed = await view_session(path)
    assert await viewed.read() == made
    store = await open_session(path)
    assert await pragma(store, "user_version") == 2
    assert await store.read() == made
    await store.close()


def test_without_permission_it_says_so() -> None:
    code = """
async def main():
    folder = sys.argv[1]
    store = await open_session(f'{folder}/a.collage', create=True)
    await store.append(batch(entries(2)))
    await store.close()
    os.chmod(f'{folder}/a.collage', 0o400)
    for step in (lambda: None, lambda: (os.chmod(f'{folder}/a.collage', 0o600), os.chmod(folder, 0o500))):
        step()
        for create, name in ((False, 'a.collage'), (True, 'new/b.collage'), (True, 'c.collage')):
            try:
                await (await open_session(f'{folder}/{name}', create=create)).close()
            except UnwritableSession as error:
                say(type(error).__name__, error)
            else:
                say('opened')
    say(sorted(os.listdir(folder)))
asyncio.run(main())
"""
    with plain_user() as (folder, user):
        out = told(child(code, folder, user=user)).splitlines()
    assert out[0].startswith("UnwritableSession You may not write")
    assert "reading only" in out[0]
    assert out[1:3] == ["opened", "opened"]
    assert [line.split()[0] for line in out[3:6]] == ["UnwritableSession"] * 3
    assert out[6] == "['a.collage', 'c.collage', 'new']"


async def test_damage_while_it_is_open_is_told(tmp_path: Path) -> None:
    made = entries(3)
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(made))

    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TRIGGER entry_remains")
        connection.execute("DELETE FROM entry WHERE seq = 2")

    await store._link.run(spoil)
    with pytest.raises(DamagedSession, match=r"entry 2 is missing.*1 entry can be read"):
        await store.read()
    with pytest.raises(UnwritableSession, match="damaged while it was open"):
        await store.append(batch(made[1:2]))
    await store.close()
