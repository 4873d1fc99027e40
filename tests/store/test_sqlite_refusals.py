"""What is no session of ours is refused in words, and stays as it is to the byte, with nothing left beside it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from composer.errors import NewerSession, NotASession, SessionError, UnwritableSession
from composer.session.ports import Store
from composer.store import schema
from composer.store.opening import open_any
from composer.store.sqlite import open_session, view_session
from tests.store.making import batch, child, contents, ending, entries, heard, names

Opener = Callable[[Path], Awaitable[Store]]
OPENERS: list[Opener] = [open_session, view_session, open_any, lambda path: open_any(path, read_only=True)]
openers = pytest.mark.parametrize("opener", OPENERS, ids=["write", "view", "any", "any-view"])


def database(path: Path, application_id: int, version: int, *, log: bool = False) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    if log:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA application_id = {application_id}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("CREATE TABLE entry (seq INTEGER)")
    connection.close()


def told_well(error: SessionError, path: Path) -> bool:
    return str(path) in error.sentence and error.sentence.endswith(".") and error.next_step.endswith(".")


@openers
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"Once upon a time\n" * 50, "another kind"),
        (b"\0" * 5000, "another kind"),
        (b"SQLite format 4\0" + b"\0" * 500, "another kind"),
    ],
)
async def test_other_files(tmp_path: Path, opener: Opener, content: bytes, words: str) -> None:
    path = tmp_path / "a.collage"
    path.write_bytes(content)
    with pytest.raises(NotASession, match=words) as raised:
        await opener(path)
    assert told_well(raised.value, path)
    assert contents(tmp_path) == {"a.collage": content}


@openers
@pytest.mark.parametrize(
    ("application_id", "version", "log"),
    [(0, 0, False), (0, 1, False), (77, 1, True), (schema.APPLICATION_ID, 0, False)],
)
async def test_databases_of_other_programs(
    tmp_path: Path, opener: Opener, application_id: int, version: int, log: bool
) -> None:
    path = tmp_path / "a.collage"
    database(path, application_id, version, log=log)
    before = contents(tmp_path)
    with pytest.raises(NotASession, match="another program") as raised:
        await opener(path)
    assert told_well(raised.value, path)
    assert contents(tmp_path) == before


@openers
async def test_nothing_and_folders_and_devices(tmp_path: Path, opener: Opener) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("none", "no file"), ("none/none", "no file"), ("", "folder"), ("pipe", "pipe")):
        with pytest.raises(NotASession, match=words):
            await opener(tmp_path / name)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SessionError):
        await opener(tmp_path / "loop")
    assert names(tmp_path) == ["loop", "pipe"]


@openers
async def test_a_newer_version_is_left_as_it_is(tmp_path: Path, opener: Opener) -> None:
    path = tmp_path / "a.collage"
    database(path, schema.APPLICATION_ID, schema.VERSION + 1, log=True)
    before = contents(tmp_path)
    with pytest.raises(NewerSession, match="newer version") as raised:
        await opener(path)
    assert told_well(raised.value, path)
    assert "Update" in raised.value.next_step
    assert contents(tmp_path) == before


@openers
async def test_a_newer_version_that_stands_in_the_log_alone(tmp_path: Path, opener: Opener) -> None:
    path = tmp_path / "a.collage"
    store = await open_session(path, create=True)
    await store.append(batch(entries(3)))
    await store.close()
    code = f"""
import sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA user_version = {schema.VERSION + 1}")
say("there")
sys.stdin.read()
"""
    with ending(child(code, path)) as process:
        assert heard(process) == "there"
        process.kill()
        process.wait()
    assert path.read_bytes()[60:64] == schema.VERSION.to_bytes(4, "big")
    before = contents(tmp_path)
    del before["a.collage-shm"]
    with pytest.raises(NewerSession):
        await opener(path)
    after = contents(tmp_path)
    del after["a.collage-shm"]
    assert after == before


async def test_another_program_that_does_not_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.collage"
    await (await open_session(path, create=True)).close()
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    store = await open_session(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnwritableSession, match="holding"):
        await store.append(batch(entries(1)))
    other.execute("ROLLBACK")
    await store.append(batch(entries(1)))
    await store.close()
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(SessionError, match="holding"):
        await open_session(path)
    other.close()
    await (await open_session(path)).close()


async def test_a_sqlite_that_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(SessionError, match=r"3\.37"):
        await open_session(tmp_path / "a.collage", create=True)
    assert names(tmp_path) == []
