"""What goes wrong with a session's file, in words: system and SQLite errors as errors for the writer. It raises nothing."""

from __future__ import annotations

import sqlite3

from composer.errors import LockedSession, NotASession, SessionError, UnwritableSession

KEPT = "What is not saved yet is kept in memory and written then."


def code(error: BaseException) -> int:
    """SQLite's primary result code; 0 where the error has none."""
    number = int(getattr(error, "sqlite_errorcode", 0))
    return sqlite3.SQLITE_CORRUPT if number == sqlite3.SQLITE_IOERR_SHORT_READ else number & 0xFF


def unwritable(path: str, error: BaseException) -> UnwritableSession:
    """Why a batch could not be written."""
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if isinstance(error, UnicodeError | OverflowError):
        return UnwritableSession(
            f"What was to be written to {path} can't be stored: {error}.",
            "Export the story, and report this: it is a bug.",
        )
    match code(error):
        case sqlite3.SQLITE_FULL:
            return UnwritableSession(f"The disk is full: {path} could not be written.", f"Make some space. {KEPT}")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return UnwritableSession(
                f"Another program is holding {path} and does not let go.", f"End that program. {KEPT}"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return UnwritableSession(
                f"{path} may not be written ({name}).", f"Check the permissions of the file and its folder. {KEPT}"
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return UnwritableSession(
                f"{path} was damaged while it was open ({name}), and nothing more can be written to it.",
                "Export the story to another file now; then `rescue` saves what the old one still holds.",
            )
        case _:
            return UnwritableSession(
                f"The disk did not take what was written to {path} ({name}: {error}).",
                f"Check the disk and its space. {KEPT}",
            )


def unopened(path: str, error: BaseException) -> SessionError:
    """Why a file could not be opened for writing; damage is told elsewhere."""
    if code(error) == sqlite3.SQLITE_NOTADB:
        return foreign(path)
    if code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LockedSession(
            f"Another program is holding {path}.", "End that program, or open the session for reading only.", None
        )
    if code(error) == sqlite3.SQLITE_FULL:
        return UnwritableSession(
            f"The disk is full: {path} can't be opened for writing.", "Make some space, or open it for reading only."
        )
    if code(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return forbidden(path)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return UnwritableSession(
        f"{path} can't be opened for writing ({name}: {error}).", "Check the disk, or open it for reading only."
    )


def foreign(path: str) -> NotASession:
    return NotASession(
        f"{path} is not a session: it is a file of another kind.",
        "Open a session's file, or use `import` to bring in a text.",
    )


def forbidden(path: str) -> UnwritableSession:
    return UnwritableSession(
        f"You may not write {path} or files beside it.",
        "Open it for reading only, or copy it to a folder of your own.",
    )


def unreadable(path: str, error: BaseException) -> SessionError:
    return SessionError(f"{path} can't be read: {error}.", "Check the permissions of the file and its folders.")
