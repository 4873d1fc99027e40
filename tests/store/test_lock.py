"""The lock: one process writes a session, it is named to the others, and it can be asked to leave."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import stat
from pathlib import Path

import pytest

from composer.errors import DamagedSession, Holder, LockedSession, UnwritableSession
from composer.store import lock as lock_module
from composer.store.lock import acquire, held_here, holder_of, lock_file, request_takeover
from composer.store.sqlite import open_session, view_session
from tests.store.making import batch, child, contents, ending, entries, heard, names, plain_user, spill, told

SINCE = 1_700_000_000_000

POLITE = """
async def main():
    store = await open_session(sys.argv[1])
    held = await store.read()
    leave = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leave.set)
    say(os.getpid())
    await leave.wait()
    came = store.lock.requested_by()
    await store.append(batch(entries(1, held)))
    await store.close()
    say(came.pid)
asyncio.run(main())
"""

DEAF = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
lock = acquire(sys.argv[1], 5)
say(os.getpid())
sys.stdin.read()
"""


class Fast:
    """A clock on which sleeping takes no time."""

    def __init__(self) -> None:
        self.time = SINCE

    def now(self) -> int:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += int(seconds * 1000)
        await asyncio.sleep(0)


class Waiting(Fast):
    """A clock that stands still, and tells when someone waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waits.set()
        await asyncio.Event().wait()


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(entries(3)))
    await store.close()
    return tmp_path / "a.collage"


def test_the_file_says_who_and_goes_with_the_lock(tmp_path: Path) -> None:
    session = str(tmp_path / "a.collage")
    assert holder_of(session) is None
    lock = acquire(session, SINCE)
    file = tmp_path / "a.collage.lock"
    assert json.loads(file.read_text()) == {"pid": os.getpid(), "host": os.uname().nodename, "since": SINCE}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert holder_of(session) == lock.holder == Holder(os.getpid(), os.uname().nodename, SINCE)
    assert held_here(session)
    with pytest.raises(LockedSession, match="This program") as raised:
        acquire(session, SINCE)
    assert raised.value.holder == lock.holder
    lock.release()
    lock.release()
    assert not held_here(session)
    assert names(tmp_path) == []


async def test_a_second_process_is_told_who_holds_it(path: Path) -> None:
    store = await open_session(path)
    code = """
async def main():
    for _ in range(2):
        try:
            await open_session(sys.argv[1])
        except LockedSession as error:
            say(error.holder.pid, error.holder.host, error)
    view = await open_any(sys.argv[1], read_only=True)
    say(len(await view.read()))
asyncio.run(main())
"""
    before = names(path.parent)
    out = told(child(code, path)).splitlines()
    assert out[0] == out[1]
    assert out[0].startswith(f"{os.getpid()} {os.uname().nodename} Process {os.getpid()} has had {path} open since 20")
    assert "take it over" in out[0]
    assert out[2] == "3"
    assert names(path.parent) == before
    await store.append(batch(entries(1, entries(3))))
    await store.close()
    assert names(path.parent) == ["a.collage"]


async def test_the_kernel_lets_go_when_the_holder_is_killed(path: Path) -> None:
    with ending(child(DEAF, path)) as process:
        pid = int(heard(process))
        assert holder_of(str(path)) == Holder(pid, os.uname().nodename, 5)
        with pytest.raises(LockedSession, match=f"Process {pid}"):
            await open_session(path)
        process.kill()
        process.wait()
    assert (path.parent / "a.collage.lock").exists()
    assert holder_of(str(path)) is None
    store = await open_session(path)
    assert store.lock.holder.pid == os.getpid()
    await store.close()
    assert names(path.parent) == ["a.collage"]


async def test_a_polite_holder_saves_all_and_leaves(path: Path) -> None:
    with ending(child(POLITE, path)) as process:
        pid = int(heard(process))
        assert pid == process.pid
        store = await open_session(path, take_over=True)
        assert heard(process) == str(os.getpid())
        assert process.wait() == 0
    assert await store.read() == entries(4)
    assert store.lock.requested_by() is None
    await store.close()
    assert names(path.parent) == ["a.collage"]


async def test_a_holder_that_has_no_handler_ends_and_what_it_saved_stays(path: Path) -> None:
    code = """
async def main():
    store = await open_session(sys.argv[1])
    say('open')
    sys.stdin.read()
asyncio.run(main())
"""
    with ending(child(code, path)) as process:
        assert heard(process) == "open"
        store = await open_session(path, take_over=True)
        assert process.wait() == -signal.SIGTERM
    assert await store.read() == entries(3)
    await store.close()


async def test_a_deaf_holder_is_named_and_not_killed(path: Path) -> None:
    with ending(child(DEAF, path)) as process:
        pid = int(heard(process))
        clock = Fast()
        with pytest.raises(LockedSession, match=f"Process {pid} was asked") as raised:
            await request_takeover(str(path), timeout=7, clock=clock)
        assert f"kill -9 {pid}" in raised.value.next_step
        assert raised.value.holder == Holder(pid, os.uname().nodename, 5)
        assert 7000 <= clock.time - SINCE < 8000
        assert process.poll() is None
        assert names(path.parent) == ["a.collage", "a.collage.lock"]


async def test_a_takeover_that_is_cancelled_leaves_no_request(path: Path) -> None:
    with ending(child(DEAF, path)) as process:
        heard(process)
        clock = Waiting()
        asking = asyncio.ensure_future(request_takeover(str(path), clock=clock))
        await clock.waits.wait()
        assert names(path.parent) == ["a.collage", "a.collage.lock", "a.collage.lock.takeover"]
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert names(path.parent) == ["a.collage", "a.collage.lock"]


async def test_a_free_session_needs_no_asking(path: Path) -> None:
    store = await open_session(path, take_over=True)
    with pytest.raises(LockedSession, match="has it open itself"):
        await request_takeover(str(path), clock=Fast())
    await store.close()


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    asked: list[int] = []
    monkeypatch.setattr(lock_module, "_ask", asked.append)
    return asked


@pytest.mark.parametrize("claim", [{"pid": 1}, {"host": "elsewhere.example"}, {"pid": "none"}])
async def test_only_the_process_that_really_holds_it_is_asked(
    path: Path, kills: list[int], claim: dict[str, object]
) -> None:
    with ending(child(DEAF, path)) as process:
        pid = int(heard(process))
        file = path.parent / "a.collage.lock"
        file.write_text(json.dumps({"pid": pid, "host": os.uname().nodename, "since": 5, **claim}))
        with pytest.raises(LockedSession):
            await request_takeover(str(path), clock=Fast())
        assert kills == []
        assert names(path.parent) == ["a.collage", "a.collage.lock"]


async def test_a_lock_without_its_mark_is_not_trusted(path: Path, kills: list[int]) -> None:
    handle = os.open(lock_file(str(path)), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, json.dumps({"pid": os.getppid(), "host": os.uname().nodename, "since": 5}).encode())
        with pytest.raises(LockedSession, match="does not confirm"):
            await request_takeover(str(path), clock=Fast())
        assert kills == []
    finally:
        os.close(handle)


def test_another_user_is_not_asked_to_leave() -> None:
    if os.geteuid():
        pytest.skip("takes two users")
    with plain_user() as (folder, user), ending(child(DEAF, folder / "a.collage", user=user)) as process:
        pid = int(heard(process))
        with pytest.raises(LockedSession, match="another user"):
            asyncio.run(request_takeover(str(folder / "a.collage"), clock=Fast()))
        assert process.poll() is None
        assert holder_of(str(folder / "a.collage")) == Holder(pid, os.uname().nodename, 5)


async def test_what_lies_about_without_a_lock_means_nothing(path: Path) -> None:
    file = path.parent / "a.collage.lock"
    for left in (b"", b"{", b'{"pid": 1, "host": "x", "since": 5}' + b" " * 9000, b"\xff" * 100):
        file.write_bytes(left)
        (path.parent / "a.collage.lock.takeover").write_bytes(left)
        store = await open_session(path)
        assert store.lock.requested_by() is None
        assert json.loads(file.read_text())["pid"] == os.getpid()
        await store.close()
        assert names(path.parent) == ["a.collage"]


async def test_a_link_in_the_place_of_the_lock_is_not_followed(path: Path) -> None:
    (path.parent / "other").write_text("precious")
    (path.parent / "a.collage.lock").symlink_to(path.parent / "other")
    with pytest.raises(UnwritableSession):
        await open_session(path)
    assert (path.parent / "other").read_text() == "precious"


def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(handle: int, how: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(UnwritableSession, match="can't lock files") as raised:
        acquire(str(tmp_path / "a.collage"), SINCE)
    assert "local disk" in raised.value.next_step
    assert not held_here(str(tmp_path / "a.collage"))


def test_a_disk_without_room_for_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, data: bytes, at: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(UnwritableSession, match="No space left"):
        acquire(str(tmp_path / "a.collage"), SINCE)
    assert names(tmp_path) == []


def test_a_lock_file_that_vanishes_while_it_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = str(tmp_path / "a.collage")
    lock_at_once = fcntl.flock
    taken: list[int] = []

    def late(handle: int, how: int) -> None:
        if not taken:
            os.unlink(lock_file(session))
        taken.append(handle)
        lock_at_once(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    lock = acquire(session, SINCE)
    assert len(taken) == 2
    assert lock_module._is_named(taken[-1], lock_file(session))
    lock.release()


async def test_a_failed_opening_lets_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = contents(path.parent)[path.name]
    os.truncate(path, 5000)
    with pytest.raises(DamagedSession):
        await open_session(path)
    assert names(path.parent) == ["a.collage"]
    spill(path, raw)
    store = await open_session(path)
    await store.close()


async def test_opening_for_reading_takes_no_lock(path: Path) -> None:
    view = await view_session(path)
    assert holder_of(str(path)) is None
    await view.close()
