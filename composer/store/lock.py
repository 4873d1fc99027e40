"""Who may write a session: one process, told by a locked file beside it, `NAME.collage.lock`. It never touches the session.

The kernel lets go of the lock when the process ends, however it ends; so a lock file that lies about means nothing, only its
lock does. The file says who holds it. A second lock on it, of the kind whose owner the kernel names, makes sure that a process
that is asked to leave is the one that holds the session, and not one that got its number later.

Limits: two hard links to one session are two sessions to it, and so are two hosts whose shared disk does not share locks.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import sys
from datetime import datetime

import msgspec

from composer.errors import Holder, LockedSession, UnwritableSession
from composer.session.clock import WALL
from composer.session.ports import Clock

# struct flock: type, whence, start, length, owner on Linux; start, length, owner, type, whence on macOS and the BSDs.
_LINUX = sys.platform.startswith("linux")
_FLOCK = "hhqqi" if _LINUX else "qqihh"
POLL_SECONDS = 0.05
NEXT = "Open it for reading only, or take it over: the other program then saves everything and leaves."

_held: dict[str, Lock] = {}
"""The locks of this process by file: opening and closing such a file once more would drop its owner's mark."""


class Lock:
    """A session that is this process's own until `release`."""

    def __init__(self, path: str, handle: int, holder: Holder) -> None:
        self.path = path
        self.holder = holder
        self._handle: int | None = handle

    def requested_by(self) -> Holder | None:
        """The process that has asked this one to leave, if one has."""
        return _read_file(_request_file(self.path))

    def release(self) -> None:
        """Let go, and remove the file. Safe to call twice."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        _held.pop(self.path, None)
        # Removed while it is still locked: whoever waits for it then sees that his is no longer the file of that name.
        if _is_named(handle, self.path):
            with contextlib.suppress(OSError):
                os.unlink(self.path)
        os.close(handle)


def lock_file(session: str) -> str:
    """Links are followed, so that all names of a session share one lock."""
    return os.path.realpath(session) + ".lock"


def held_here(session: str) -> bool:
    """Whether this process has the session open for writing."""
    return lock_file(session) in _held


def holder_of(session: str) -> Holder | None:
    """Who holds the session now; None if no one does, or no one can tell."""
    path = lock_file(session)
    if path in _held:
        return _held[path].holder
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _read(handle)
    else:
        return None
    finally:
        os.close(handle)


def acquire(session: str, since: int) -> Lock:
    """Take the lock at time `since`. LockedSession if another has it, UnwritableSession if there can be no lock."""
    path = lock_file(session)
    if path in _held:
        raise _locked(session, _held[path].holder)
    while True:
        handle = _open(session, path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(handle)
            os.close(handle)
            raise _locked(session, holder) from None
        except OSError as error:
            os.close(handle)
            raise UnwritableSession(
                f"The disk that {session} lies on can't lock files ({error.strerror}), so two programs could spoil it.",
                "Keep sessions on a local disk; for reading only it can be opened where it is.",
            ) from error
        if _is_named(handle, path):
            break
        os.close(handle)
    # Only a mark for those who ask the kernel; on disks that know one kind of lock alone it may fail, and flock counts.
    with contextlib.suppress(OSError):
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    holder = Holder(os.getpid(), os.uname().nodename, since)
    try:
        _write(handle, holder)
    except OSError as error:
        os.unlink(path)
        os.close(handle)
        raise UnwritableSession(
            f"{path} can't be written: {error.strerror}.", "Make some space on the disk."
        ) from error
    lock = Lock(path, handle, holder)
    _held[path] = lock
    with contextlib.suppress(OSError):
        os.unlink(_request_file(path))
    return lock


async def request_takeover(session: str, *, timeout: float = 20.0, clock: Clock = WALL) -> Lock:
    """Ask the process that holds the session to save everything and leave (SIGTERM); take the lock when it has.

    What is asked lies beside the lock as `NAME.collage.lock.takeover`, so that the other can say who came. LockedSession if
    it can't be asked, or has not left after `timeout` seconds; it is never killed.
    """
    try:
        return acquire(session, clock.now())
    except LockedSession as locked:
        if locked.holder is None:
            raise
        holder = locked.holder
    path = lock_file(session)
    _may_be_asked(session, path, holder)
    request = _request_file(path)
    try:
        _write_file(request, Holder(os.getpid(), os.uname().nodename, clock.now()))
        _ask(holder.pid)
        deadline = clock.now() + timeout * 1000
        while True:
            try:
                return acquire(session, clock.now())
            except LockedSession as locked:
                # Between its locking and its writing a file names no one, or the one before.
                if locked.holder not in (None, holder):
                    raise
            if clock.now() >= deadline:
                raise LockedSession(
                    f"Process {holder.pid} was asked to leave {session} and has not done so in {timeout:g} seconds.",
                    f"Wait and try again, or end it with `kill -9 {holder.pid}`: what it has saved stays.",
                    holder,
                )
            await clock.sleep(POLL_SECONDS)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(request)


def _ask(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)


def _may_be_asked(session: str, path: str, holder: Holder) -> None:
    """LockedSession unless the holder is a live process of this user on this host that the kernel says has the lock."""

    def refuse(why: str, next_step: str) -> LockedSession:
        return LockedSession(f"{session} can't be taken over: {why}.", next_step, holder)

    if path in _held:
        raise refuse("this program has it open itself", "Close it first.")
    if holder.host != os.uname().nodename:
        raise refuse(
            f"it is open on {holder.host}", f"Close it there (process {holder.pid}), or open it for reading only."
        )
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        owner, ours = _owner(handle), os.fstat(handle).st_uid == os.geteuid()
    finally:
        os.close(handle)
    if not ours:
        raise refuse("it is open for another user", "Open it for reading only.")
    if owner != holder.pid:
        raise refuse(
            f"process {holder.pid} is said to have it, but the system does not confirm that",
            f"Close it there, or open it for reading only. Was it opened in a container? Then process {holder.pid} is in there.",
        )


def _owner(handle: int) -> int | None:
    """The process whose mark is on a lock file, as the kernel knows it; None if there is none, or it is out of sight."""
    kind = fcntl.F_WRLCK
    ask = struct.pack(_FLOCK, *((kind, 0, 0, 0, 0) if _LINUX else (0, 0, 0, kind, 0)))
    try:
        told = struct.unpack(_FLOCK, fcntl.fcntl(handle, fcntl.F_GETLK, ask))
    except OSError:
        return None
    kind, owner = (told[0], told[4]) if _LINUX else (told[3], told[2])
    return owner if kind != fcntl.F_UNLCK and owner > 0 else None


def _locked(session: str, holder: Holder | None) -> LockedSession:
    if holder is None:
        return LockedSession(f"Another program has {session} open.", NEXT, None)
    if holder.pid == os.getpid() and holder.host == os.uname().nodename:
        return LockedSession(f"This program has {session} open already.", "Close it first.", holder)
    since = datetime.fromtimestamp(holder.since / 1000).strftime("%Y-%m-%d %H:%M")
    where = "" if holder.host == os.uname().nodename else f" on {holder.host}"
    return LockedSession(f"Process {holder.pid}{where} has had {session} open since {since}.", NEXT, holder)


def _open(session: str, path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise UnwritableSession(
            f"{session} can't be opened for writing: {path} can't be made ({error.strerror}).",
            "Open it for reading only, or copy it to a folder of your own.",
        ) from error


def _is_named(handle: int, path: str) -> bool:
    """Whether the open file still is the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))
    except OSError:
        return False


def _request_file(path: str) -> str:
    return path + ".takeover"


def _write(handle: int, holder: Holder) -> None:
    line = msgspec.json.encode(holder) + b"\n"
    # In this order there is never a moment without a whole first line.
    os.pwrite(handle, line, 0)
    os.ftruncate(handle, len(line))


def _read(handle: int) -> Holder | None:
    try:
        return msgspec.json.decode(os.pread(handle, 4096, 0).split(b"\n")[0], type=Holder)
    except (OSError, msgspec.MsgspecError):
        return None


def _write_file(path: str, holder: Holder) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            _write(handle, holder)
        finally:
            os.close(handle)


def _read_file(path: str) -> Holder | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        return _read(handle)
    finally:
        os.close(handle)
