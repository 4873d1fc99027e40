"""A text file of the writer's, read: where a path leads, and its bytes as clean text. It knows nothing of what the text means."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

from composer.errors import ComposerError
from composer.text.clean import clean, one_line

LARGEST = 4_000_000
"""Bytes of a file that is read."""


def read_text(path: str) -> str:
    """The clean text of the file that a writer means by `path`: `~`, quotes around it and blanks with a stroke are understood.

    Its encoding is found out. ComposerError where there is no such file, or no text in it.
    """
    where = meant_path(path)
    shown = one_line(str(where))
    try:
        found = where.stat()
        if stat.S_ISDIR(found.st_mode):
            raise ComposerError(f"{shown} is a folder.", "Name a text or Markdown file in it.")
        if not stat.S_ISREG(found.st_mode):
            raise ComposerError(f"{shown} is no file of text.", "Name a text or Markdown file.")
        with where.open("rb") as file:
            # What grows meanwhile, or tells no size, ends nothing here.
            raw = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise ComposerError(f"There is no file {shown}.", "Look at its name and folder.") from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "its name is none"
        raise ComposerError(f"{shown} can't be read: {why}.", "Look at its name and its permissions.") from error
    if len(raw) > LARGEST:
        size = max(found.st_size, len(raw)) / 1_000_000
        raise ComposerError(
            f"{shown} is too large: {size:.1f} MB, and at most {LARGEST // 1_000_000} MB are read.",
            "Cut it into several files.",
        )
    from composer.exchange.documents.decoding import text_of

    return text_of(raw, shown)


def meant_path(path: str) -> Path:
    """The file that is meant, as it was typed, pasted from a shell or dropped on the terminal. ComposerError for an empty one.

    A name that was cleaned on its way is found again, if one file alone is called so.
    """
    typed = path.strip()
    if len(typed) > 1 and typed[0] == typed[-1] and typed[0] in "'\"":
        typed = typed[1:-1].strip()
    if typed.lower().startswith("file:"):
        typed = unquote(urlsplit(typed).path)
    if not typed:
        raise ComposerError("No file is named.", "Type the path of a text or Markdown file.")
    where = _expanded(typed)
    if "\\" in typed and not os.path.lexists(where):
        plain = _expanded(typed.replace("\\", ""))
        where = plain if os.path.lexists(plain) else where
    return where if os.path.lexists(where) else _named_so(where)


def _named_so(where: Path) -> Path:
    """The one file whose name looks so, for names with characters that no argument and no field keeps; else the path as it is."""
    try:
        found = [each.name for each in os.scandir(where.parent) if clean(each.name).strip() == where.name.strip()]
    except (OSError, ValueError):
        return where
    return where.with_name(found[0]) if len(found) == 1 else where


def _expanded(path: str) -> Path:
    # Where there is no such user the name is taken as it is, unlike by `Path.expanduser`.
    return Path(os.path.expanduser(path))
