"""What is known of sessions without reading them again: title, words, progress, kept in one small JSON file. And the reading itself.

The file is a cache: losing it costs a reading of each session. It holds no text of a story. Nothing about it ever fails: where it
is missing, broken or someone else's it counts as empty, and one of a newer version is left alone.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock

import msgspec
from msgspec import Struct

from composer.errors import DamagedSession, NewerSession, NotASession, SessionError
from composer.journal.entry import Entry
from composer.journal.journal import Journal
from composer.session.stories import StoryCard, StoryPage, Summary, page_of, summary_of
from composer.store import rows, schema, trouble
from composer.store.lock import held_here, holder_of
from composer.store.salvage import damaged
from composer.store.view import view
from composer.story.story import Story
from composer.text.clean import one_line

VERSION = 1
SESSIONS = 5_000
"""Sessions that are remembered; then those that were looked at first are forgotten."""
MOST_BYTES = 16 * 1024 * 1024
"""A file that is larger is not ours."""
OFTEN = 40
"""What was learned is written at the latest after so many sessions."""
AT_ONCE = 500
"""Entries that are taken in between two questions whether they are still wanted."""

Mark = tuple[int, int, int, int]
"""Size and time of a session's file in ns, and of the log beside it, 0 where there is none."""


class _Known(Struct):
    path: str
    mark: Mark
    summary: Summary


class _File(Struct):
    version: int
    sessions: list[_Known] = []


class _Version(Struct):
    version: int


def mark_of(path: str) -> Mark | None:
    """By what it is seen whether a session was written to; None where there is no file."""
    try:
        file = os.stat(path)
    except (OSError, ValueError):
        return None
    try:
        log = os.stat(os.path.realpath(path) + "-wal")
    except OSError:
        return file.st_size, file.st_mtime_ns, 0, 0
    # A log in which nothing stands changes nothing, and opening and closing may leave one.
    return file.st_size, file.st_mtime_ns, log.st_size, log.st_mtime_ns if log.st_size else 0


class Summaries:
    """The cache at `path`, which is read when first needed. It may be used in any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._sessions: dict[str, _Known] | None = None
        self._learned: dict[str, _Known] = {}
        """What is not written yet."""

    def known(self, path: str, mark: Mark | None) -> Summary | None:
        """What was learned of the session, if it was not written to since."""
        with self._lock:
            found = self._there().get(path)
        return found.summary if found is not None and found.mark == mark else None

    def learn(self, path: str, mark: Mark, summary: Summary) -> None:
        with self._lock:
            try:
                path.encode()
            except UnicodeEncodeError:
                return  # JSON can't say such a name
            known = _Known(path, mark, summary)
            self._there()[path] = self._learned[path] = known
            often = len(self._learned) >= OFTEN
        if often:
            self.keep()

    def keep(self) -> None:
        """Write what is not written yet into the file as it is by now."""
        with self._lock, contextlib.suppress(OSError):
            if self._learned:
                self._write()

    def _there(self) -> dict[str, _Known]:
        if self._sessions is None:
            self._sessions = self._read() or {}
        return self._sessions

    def _read(self) -> dict[str, _Known] | None:
        """What the file holds; nothing where it is missing or broken. None if it is of a newer version, and not to be written."""
        content = _content(self._path)
        try:
            file = msgspec.json.decode(content, type=_File)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                if msgspec.json.decode(content, type=_Version).version > VERSION:
                    return None
            return {}
        return {each.path: each for each in file.sessions} if file.version <= VERSION else None

    def _write(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (sessions := self._read()) is None:
            return
        for path, known in self._learned.items():
            sessions.pop(path, None)
            sessions[path] = known
        kept = list(sessions.values())[-SESSIONS:]
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        try:
            with open(os.open(beside, flags, 0o600), "wb") as out:
                out.write(msgspec.json.encode(_File(VERSION, kept)))
            os.replace(beside, self._path)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        self._sessions = {each.path: each for each in kept}
        self._learned.clear()


def _content(path: Path) -> bytes:
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return b""
        return path.read_bytes()
    except (OSError, ValueError):
        return b""


# sessions


def card_of(path: str, summaries: Summaries) -> StoryCard:
    """What is known of a session without reading it: when it was written, who has it open, what was learned before."""
    mark = mark_of(path)
    file = one_line(os.path.basename(path), 200)
    if mark is None:
        return StoryCard(path, file, problem="gone", says=f"There is no file {one_line(path)} any more.", stuck=True)
    card = StoryCard(path, file, max(mark[1], mark[3]) // 1_000_000, summaries.known(path, mark))
    if held_here(path):
        return replace(card, here=True)
    if (holder := holder_of(path)) is not None:
        where = "" if holder.host == os.uname().nodename else f" on {one_line(holder.host, 60)}"
        return replace(
            card,
            problem="open elsewhere",
            says=f"Process {holder.pid}{where} has it open. Opening it asks whether to take it over, or to read only.",
        )
    return card


def read_story(
    path: str, summaries: Summaries, wanted: Callable[[], bool] = lambda: True
) -> tuple[StoryCard, StoryPage | None]:
    """Read a session, and learn what it holds. What is wrong with it stands on its card, and then there is no page.

    `wanted` is asked now and then; once it says no there is no page either.
    """
    card, mark = card_of(path, summaries), mark_of(path)
    if mark is None:
        return card, None
    try:
        story = story_in(entries_in(path), wanted)
    except SessionError as error:
        return replace(card, summary=None, problem=_problem(error), says=one_line(str(error), 600), stuck=True), None
    if story is None:
        return card, None
    summary = summary_of(story)
    if mark == mark_of(path):
        summaries.learn(path, mark, summary)
    return replace(card, summary=summary), page_of(story)


def entries_in(path: str) -> list[Entry]:
    """The entries of a session's file, which may be open. SessionError where they can't be read."""

    def checked(connection: sqlite3.Connection) -> list[Entry]:
        schema.check(connection, path)
        return rows.entries(connection)

    try:
        if not held_here(path):
            schema.look(path)
        return view(path, checked)
    except (sqlite3.Error, rows.Hole) as error:
        if trouble.code(error) == sqlite3.SQLITE_NOTADB:
            raise trouble.foreign(path) from error
        raise damaged(path, error) from error


def story_in(entries: list[Entry], wanted: Callable[[], bool] = lambda: True) -> Story | None:
    """Where a journal ends; None if it is not `wanted` any more. SessionError where it does not hold."""
    journal = Journal()
    for start in range(0, len(entries), AT_ONCE):
        if not wanted():
            return None
        journal.read(entries[start : start + AT_ONCE])
    return journal.story


def _problem(error: SessionError) -> str:
    """What is wrong with a session, in a few words."""
    if isinstance(error, NewerSession):
        return "newer version"
    if isinstance(error, DamagedSession):
        return "damaged"
    if isinstance(error, NotASession):
        return "no session"
    return "unreadable"
