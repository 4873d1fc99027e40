"""The trash: sessions go there whole and come back whole, and nothing is ever overwritten or deleted."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import LockedSession, RefusedError, UnwritableSession
from composer.store import lock
from composer.store.files import sessions
from composer.store.sqlite import open_session, view_session
from composer.store.trash import discard, move, restore, trash_folder, trashed
from tests.store.making import batch, child, entries

NOW = int(datetime(2026, 1, 2, 3, 4, 5).timestamp() * 1000)


async def made(path: Path, count: int = 3) -> Path:
    store = await open_session(path, create=True)
    await store.append(batch(entries(count)))
    await store.close()
    return path


async def held(path: Path) -> list[object]:
    store = await view_session(path)
    return list(await store.read())


async def test_a_session_goes_to_the_trash_and_comes_back(tmp_path: Path) -> None:
    path = await made(tmp_path / "salt.collage")
    gone = discard(path, tmp_path, NOW)
    assert gone == trash_folder(tmp_path) / "salt.20260102-030405.collage"
    assert sessions(tmp_path) == []
    assert os.stat(gone.parent).st_mode & 0o777 == 0o700
    (listed,) = trashed(tmp_path)
    assert (listed.file, listed.deleted, listed.path) == ("salt.collage", NOW, str(gone))
    assert restore(gone, tmp_path, NOW) == path
    assert await held(path) == entries(3)
    assert trashed(tmp_path) == []
    assert sorted(os.listdir(tmp_path)) == ["salt.collage", "trash"]


async def test_a_log_goes_along(tmp_path: Path) -> None:
    path = await made(tmp_path / "salt.collage")
    code = """
async def main():
    store = await open_session(sys.argv[1])
    await store.append(batch(entries(4, entries(3))))
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    with child(code, path) as other:
        other.wait(20)
    assert os.path.getsize(f"{path}-wal")
    gone = discard(path, tmp_path, NOW)
    assert not os.path.exists(f"{path}-wal")
    assert os.path.getsize(f"{gone}-wal")
    back = restore(gone, tmp_path, NOW)
    assert len(await held(back)) == 7


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    first = discard(await made(tmp_path / "salt.collage", 1), tmp_path, NOW)
    second = discard(await made(tmp_path / "salt.collage", 2), tmp_path, NOW)
    third = await made(tmp_path / "salt.collage", 3)
    assert second.name == "salt.20260102-030405-2.collage"
    assert restore(second, tmp_path, NOW).name == "salt-2.collage"
    assert restore(first, tmp_path, NOW).name == "salt-3.collage"
    assert [len(await held(tmp_path / name)) for name in ("salt-3.collage", "salt-2.collage")] == [1, 2]
    assert await held(third) == entries(3)


async def test_a_move_on_something_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    one, other = await made(tmp_path / "one.collage"), await made(tmp_path / "other.collage", 5)
    with pytest.raises(UnwritableSession, match="can't be moved"):
        move(one, other, NOW)
    assert (len(await held(one)), len(await held(other))) == (3, 5)


async def test_without_hard_links_it_goes_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: str, target: str, **others: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    one, other = await made(tmp_path / "one.collage"), await made(tmp_path / "other.collage", 5)
    with pytest.raises(UnwritableSession):
        move(one, other, NOW)
    assert len(await held(discard(one, tmp_path, NOW))) == 3
    assert len(await held(other)) == 5


async def test_what_is_open_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await made(tmp_path / "salt.collage")
    store = await open_session(path)
    with pytest.raises(RefusedError, match="that is open"):
        discard(path, tmp_path, NOW)
    monkeypatch.setattr(lock, "_held", {})
    with pytest.raises(LockedSession):
        discard(path, tmp_path, NOW)
    assert path.exists()
    monkeypatch.undo()
    await store.close()


async def test_a_link_is_moved_and_not_what_it_leads_to(tmp_path: Path) -> None:
    far = await made(tmp_path / "far" / "salt.collage")
    near = tmp_path / "near"
    near.mkdir()
    (near / "link.collage").symlink_to("../far/salt.collage")
    gone = discard(near / "link.collage", near, NOW)
    assert far.exists()
    assert not os.path.lexists(near / "link.collage")
    assert await held(gone) == entries(3)
    assert restore(gone, near, NOW).resolve() == far


def test_damaged_and_foreign_files_go_too(tmp_path: Path) -> None:
    (tmp_path / "poem.collage").write_text("not a story")
    gone = discard(tmp_path / "poem.collage", tmp_path, NOW)
    assert gone.read_text() == "not a story"


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnwritableSession, match="not there any more"):
        discard(tmp_path / "none.collage", tmp_path, NOW)
    assert trashed(tmp_path / "nowhere") == []


def test_files_that_were_put_into_the_trash_by_hand_are_listed(tmp_path: Path) -> None:
    folder = trash_folder(tmp_path)
    folder.mkdir()
    (folder / "by hand.collage").write_text("x")
    (folder / "99999999-999999.collage").write_text("x")
    (folder / "a.99999999-999999.collage").write_text("x")
    (folder / "notes.txt").write_text("x")
    assert {each.file for each in trashed(tmp_path)} == {"by hand.collage", "99999999-999999.collage", "a.collage"}


@given(name=st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_name_comes_back_as_it_was(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.collage"
        path.write_text("x")
        gone = discard(path, Path(folder), NOW)
        (listed,) = trashed(Path(folder))
        assert listed.deleted == NOW
        assert restore(gone, Path(folder), NOW) == path
