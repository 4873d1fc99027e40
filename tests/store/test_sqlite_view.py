"""Reading only: beside a writer, after a crash, without permission, and never a file more than there was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from composer.errors import LockedSession, SessionError, UnwritableSession
from composer.store import view as view_module
from composer.store.opening import open_any
from composer.store.sqlite import open_session, view_session
from tests.store.making import batch, child, contents, ending, entries, heard, names, pieces, plain_user, told

WRITER = """
async def main():
    store = await open_session(sys.argv[1], create=True)
    count = 0
    for line in sys.stdin:
        made = entries(count + 1)
        await store.append(batch(made[count:], b'piece'))
        count += 1
        say(count)
    await store.close()
    say('closed')
asyncio.run(main())
"""


async def test_beside_a_living_writer_in_another_process(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    with ending(child(WRITER, path)) as process:
        assert process.stdin
        view = None
        for count in range(1, 6):
            process.stdin.write("more\n")
            process.stdin.flush()
            assert heard(process) == str(count)
            before = names(tmp_path)
            view = view or await view_session(path)
            assert await view.read() == entries(count)
            assert await view.pieces(list(pieces(b"piece"))) == pieces(b"piece")
            assert names(tmp_path) == before
        process.stdin.close()
        assert heard(process) == "closed"
    assert names(tmp_path) == ["a.collage"]
    assert view
    assert await view.read() == entries(5)
    assert names(tmp_path) == ["a.collage"]


async def test_beside_a_writer_in_this_process(tmp_path: Path) -> None:
    path, made = tmp_path / "a.collage", entries(4)
    store = await open_session(path, create=True)
    view = await view_session(path)
    other = await open_any(path, read_only=True)
    for count in range(1, 5):
        await store.append(batch(made[count - 1 : count]))
        assert await view.read() == await other.read() == made[:count]
    await store.close()
    assert await view.read() == made
    assert view.read_only
    with pytest.raises(UnwritableSession, match="reading only"):
        await view.append(batch(made))
    await view.close()
    assert names(tmp_path) == ["a.collage"]


@pytest.mark.skipif(not os.path.exists("/proc/locks"), reason="only Linux lists the locks")
async def test_a_look_at_an_open_session_takes_away_none_of_its_locks(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    store = await open_session(path, create=True)
    await store.append(batch(entries(2)))

    def locks() -> set[str]:
        inodes = {str(each.stat().st_ino) for each in tmp_path.iterdir()}
        lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
        return {" ".join(words[1:]) for words in lines if words[5].split(":")[-1] in inodes}

    before = locks()
    assert len([line for line in before if line.startswith("POSIX")]) >= 3
    view = await open_any(path, read_only=True)
    assert await view.read() == entries(2)
    with pytest.raises(LockedSession):
        await open_any(path)
    with pytest.raises(SessionError):
        await open_session(path, create=True)
    assert locks() == before
    await store.close()


def killed(path: Path) -> None:
    """A session whose writer was killed: two entries, and the second in the log alone."""
    with ending(child(WRITER, path)) as process:
        assert process.stdin
        process.stdin.write("more\nmore\n")
        process.stdin.flush()
        assert [heard(process), heard(process)] == ["1", "2"]
        process.kill()
        process.wait()


@pytest.mark.parametrize("lost", [(), ("a.collage-shm",)])
async def test_after_a_kill(tmp_path: Path, lost: tuple[str, ...]) -> None:
    path = tmp_path / "a.collage"
    killed(path)
    for name in lost:
        (tmp_path / name).unlink()
    before = contents(tmp_path)
    view = await view_session(path)
    assert await view.read() == entries(2)
    after = contents(tmp_path)
    assert {**after, "a.collage-shm": b""} == {**before, "a.collage-shm": b""}
    assert names(tmp_path) == sorted(before)
    store = await open_session(path)
    assert await store.read() == entries(2)
    await store.close()
    assert names(tmp_path) == ["a.collage"]


async def test_a_log_left_empty_harms_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.collage"
    store = await open_session(path, create=True)
    await store.append(batch(entries(2)))
    await store.close()
    (tmp_path / "a.collage-wal").touch()
    assert await (await view_session(path)).read() == entries(2)
    assert names(tmp_path) == ["a.collage", "a.collage-wal"]
    store = await open_session(path)
    assert await store.read() == entries(2)
    await store.close()
    assert names(tmp_path) == ["a.collage"]


async def test_through_a_link_and_under_a_strange_name(tmp_path: Path) -> None:
    folder = tmp_path / "50% of #what?"
    path = folder / "ein Märchen & mehr;.collage"
    link = tmp_path / "link.collage"
    link.symlink_to(path)
    store = await open_session(path, create=True)
    await store.append(batch(entries(3)))
    assert await (await view_session(link)).read() == entries(3)
    await store.close()
    store = await open_session(link)
    assert names(folder) == [path.name, path.name + "-shm", path.name + "-wal", path.name + ".lock"]
    await store.append(batch(entries(1, entries(3))))
    await store.close()
    assert await (await view_session(path)).read() == entries(4)
    assert names(tmp_path) == ["50% of #what?", "link.collage"]


async def test_what_changed_while_it_was_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.collage"
    for count, name in ((2, "a"), (5, "b")):
        store = await open_session(tmp_path / f"{name}.collage", create=True)
        await store.append(batch(entries(count)))
        await store.close()
    view = await view_session(path)
    read_once: Callable[..., object] = view_module._with
    reads: list[object] = []

    def disturbed(address: str, work: object) -> object:
        result = read_once(address, work)
        if not reads:
            shutil.copyfile(tmp_path / "b.collage", path)
        reads.append(result)
        return result

    monkeypatch.setattr(view_module, "_with", disturbed)
    assert await view.read() == entries(5)
    assert reads == [entries(2), entries(5)]


def test_without_write_permission() -> None:
    code = """
async def main():
    folder = sys.argv[1]
    path = f'{folder}/a.collage'
    store = await open_session(path, create=True)
    await store.append(batch(entries(3)))
    await store.close()
    for mode in (0o600, 0o400):
        os.chmod(path, mode)
        os.chmod(folder, 0o555)
        view = await open_any(path, read_only=True)
        say(len(await view.read()), os.listdir(folder))
        os.chmod(folder, 0o755)
    os.chmod(path, 0o600)
    store = await open_session(path)
    await store.append(batch(entries(2, entries(3))))
    os.chmod(folder, 0o555)
    for name in ('-shm', '-wal'):
        view = await open_any(path, read_only=True)
        say(len(await view.read()), len(os.listdir(folder)))
        os.chmod(path + name, 0o400)
    view = await open_any(path, read_only=True)
    say(len(await view.read()), len(os.listdir(folder)))
    os.chmod(folder, 0o755)
    await store.close()
    os.chmod(path, 0o000)
    try:
        await open_any(path, read_only=True)
    except SessionError as error:
        say(error)
asyncio.run(main())
"""
    with plain_user() as (folder, user):
        out = told(child(code, folder, user=user)).splitlines()
    assert out[:2] == ["3 ['a.collage']"] * 2
    assert out[2:5] == ["5 4"] * 3
    assert "can't be read" in out[5]
    assert "permissions" in out[5]


@pytest.mark.parametrize("index", ["there", "gone", "locked away"])
def test_a_crashed_session_in_a_folder_without_write_permission(index: str) -> None:
    code = """
async def main():
    folder = sys.argv[1]
    path = f'{folder}/a.collage'
    if sys.argv[2] == 'write':
        store = await open_session(path, create=True)
        await store.append(batch(entries(3)))
        os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[3] == 'gone':
        os.unlink(path + '-shm')
    if sys.argv[3] == 'locked away':
        os.chmod(path + '-shm', 0)
    os.chmod(folder, 0o555)
    before = os.listdir(folder)
    view = await open_any(path, read_only=True)
    say(len(await view.read()), os.listdir(folder) == before)
asyncio.run(main())
"""
    with plain_user() as (folder, user):
        with ending(child(code, folder, "write", user=user)) as process:
            process.wait()
        assert told(child(code, folder, "read", index, user=user)) == "3 True\n"
