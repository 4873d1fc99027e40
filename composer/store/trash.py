"""The trash beside the sessions: a folder that deleted ones are moved to, and back from. It never deletes, and never overwrites.

In the trash a file's name says when it came: `salt-roads.20260102-030405.collage`. A session goes with its log, under its lock.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from composer.errors import RefusedError, UnwritableSession
from composer.session.stories import TrashedStory
from composer.store.files import SUFFIX
from composer.store.lock import acquire, held_here
from composer.store.sqlite import PRIVATE_FOLDER
from composer.text.clean import one_line

FOLDER = "trash"
_NAME = re.compile(r"(?P<stem>.*)\.(?P<time>\d{8}-\d{6})(?:-\d+)?" + re.escape(SUFFIX), re.DOTALL)
_TIME = "%Y%m%d-%H%M%S"
_WITH = ("-wal", "-shm", "-journal", "")
"""What goes along, the file itself last: while it is in its place nothing is made there."""
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.EACCES, errno.EMLINK, errno.ENOSYS)


def trash_folder(sessions: Path) -> Path:
    """The trash of a folder of sessions. It may not exist yet."""
    return sessions / FOLDER


def discard(path: Path, sessions: Path, now: int) -> Path:
    """Move a session that is open nowhere to the trash, at `now` in ms since 1970; where it lies there.

    RefusedError for the one that is open here, LockedSession for one that is open elsewhere, else UnwritableSession.
    """
    if held_here(str(path)):
        raise RefusedError("The story that is open can't be deleted.", "Open another one first.")
    folder = trash_folder(sessions)
    try:
        folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableSession(
            f"The folder {one_line(str(folder))} can't be made: {error.strerror}.", "Look at the permissions beside it."
        ) from error
    when = datetime.fromtimestamp(now / 1000).strftime(_TIME)
    return move(path, _numbered(folder, f"{path.name.removesuffix(SUFFIX)}.{when}"), now)


def trashed(sessions: Path) -> list[TrashedStory]:
    """What is in the trash, the newest first."""
    found = []
    with contextlib.suppress(OSError), os.scandir(trash_folder(sessions)) as entries:
        for entry in entries:
            if not entry.name.endswith(SUFFIX):
                continue
            with contextlib.suppress(OSError):
                status = entry.stat()
                match = _NAME.fullmatch(entry.name)
                time = _time(match["time"]) if match else int(status.st_mtime * 1000)
                name = one_line(_name_before(entry.name), 200)
                found.append(TrashedStory(os.path.abspath(entry.path), name, time, status.st_size))
    return sorted(found, key=lambda each: (-each.deleted, each.path))


def restore(path: Path, sessions: Path, now: int) -> Path:
    """Bring a session back out of the trash, under its name before, or one like it where that is taken; where it lies then."""
    return move(path, _numbered(sessions, _name_before(path.name).removesuffix(SUFFIX)), now)


def move(source: Path, target: Path, now: int) -> Path:
    """Give a session another place, with its log and under its lock; `target`. A link is moved, and not what it leads to.

    LockedSession where it is open somewhere, UnwritableSession where it can't be moved or something is at `target`.
    """
    shown = one_line(str(source))
    if not os.path.lexists(source):
        raise UnwritableSession(f"{shown} is not there any more.", "Look at the list again.")
    try:
        with _locked(source, now):
            if source.is_symlink():
                os.symlink(os.path.realpath(source), target)
                os.unlink(source)
                return target
            for end in _WITH:
                _move_one(f"{source}{end}", f"{target}{end}")
    except OSError as error:
        raise UnwritableSession(
            f"{shown} can't be moved to {one_line(str(target))}: {error.strerror}.",
            "Look at the permissions of both folders; what is not in one is in the other.",
        ) from error
    return target


@contextlib.contextmanager
def _locked(source: Path, now: int) -> Iterator[None]:
    # A link that leads nowhere has no session to be locked.
    lock = acquire(str(source), now) if source.exists() else None
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _move_one(source: str, target: str) -> None:
    """Move one file, where there is one. A rename would overwrite, so the new name is made first and the old one taken then."""
    if not os.path.lexists(source):
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS or os.path.lexists(target):
            raise
        os.rename(source, target)  # a disk without hard links
    else:
        os.unlink(source)


def _numbered(folder: Path, stem: str) -> Path:
    """A path where nothing is yet."""
    number = 1
    while True:
        path = folder / f"{stem if number == 1 else f'{stem}-{number}'}{SUFFIX}"
        if not any(os.path.lexists(f"{path}{end}") for end in (*_WITH, ".lock")):
            return path
        number += 1


def _name_before(name: str) -> str:
    match = _NAME.fullmatch(name)
    return f"{match['stem']}{SUFFIX}" if match and match["stem"] else name


def _time(text: str) -> int:
    try:
        return int(datetime.strptime(text, _TIME).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return 0
