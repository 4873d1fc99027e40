"""A file of another program, looked into: which format it is, and the session that it becomes. It writes nothing.

The file is read and understood in a thread, because either may take a while.
"""

from __future__ import annotations

import asyncio
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from composer import __version__
from composer.cli.reading import meant_path
from composer.cli.wiring import new_id
from composer.errors import UnreadableSource
from composer.exchange.formats import BY_NAME, Format, detect
from composer.exchange.taken import Circumstances, Taken
from composer.text.clean import one_line

LARGEST = 500_000_000
"""Bytes of a file that is read. A tree of a million nodes is about half of that."""


@dataclass(frozen=True)
class Found:
    """What a file turned out to be, and what became of it. `title` is the story's, else made of the file's name."""

    path: Path
    format: Format
    taken: Taken
    title: str


async def look_into(path: str, *, format: str = "", outline: bool = False, sections: bool = False) -> Found:
    """The session that the file becomes which a writer means by `path`. UnreadableSource where it can't be one.

    `format` names one of `formats.BY_NAME`, for files that don't show what they are. `outline` takes a document for an outline
    alone, `sections` for one of sections with headings.
    """
    return await asyncio.to_thread(_look_into, path, format, outline, sections)


def _look_into(path: str, format: str, outline: bool, sections: bool) -> Found:
    where = meant_path(path)
    data, changed = _bytes(where)
    found = BY_NAME.get(format) if format else detect(data, where.name)
    if found is None:
        raise UnreadableSource(
            f"There is no format called {one_line(format, 60)}.", "story-composer import --list names those that are."
        )
    if outline and not found.documents:
        raise UnreadableSource(
            f"Only documents are read as outlines, and {one_line(where.name)} is a {found.words}.",
            "Import it as it is, or export its outline there.",
        )
    title = " ".join(one_line(where.stem, 100).replace("_", " ").split()) or "Untitled"
    about = Circumstances(
        name=one_line(where.name, 200),
        now=time.time_ns() // 1_000_000,
        new_id=new_id,
        program=__version__,
        changed=changed,
        title=title,
        outline=outline,
        sections=sections,
    )
    taken = found.read(data, about)
    return Found(where, found, taken, taken.story.details.title or title)


def _bytes(where: Path) -> tuple[bytes, int]:
    """What is in a file, and when it was last written, in ms since 1970."""
    shown = one_line(str(where), 300)
    try:
        status = os.stat(where)
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableSource(f"{shown} is a folder.", "Name a file in it.")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableSource(f"{shown} is no file that can be read to its end.", "Name a file.")
        if status.st_size > LARGEST:
            raise UnreadableSource(
                f"{shown} has {status.st_size // 1_000_000:,} MB, and at most {LARGEST // 1_000_000} MB are read.",
                "Export a part of it there.",
            )
        return where.read_bytes(), status.st_mtime_ns // 1_000_000
    except FileNotFoundError as error:
        raise UnreadableSource(f"There is no file {shown}.", "Look at its name and folder.") from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "its name is none"
        raise UnreadableSource(f"{shown} can't be read: {why}.", "Look at its name and its permissions.") from error
