"""Where a user's sessions lie, which there are, and a free name for a new one. It opens none of them and makes nothing."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import platformdirs

SUFFIX = ".collage"
MOST_BYTES = 100
"""Of a name that is made from a title; a file name may have 255, and others are made from it."""


@dataclass(frozen=True)
class Listed:
    path: Path
    changed: int
    """When it was last written, in ms since 1970."""
    size: int


def sessions_folder() -> Path:
    """The folder for sessions unless the user names another. It may not exist yet."""
    return Path(platformdirs.user_data_dir("story-composer", appauthor=False)) / "sessions"


def sessions(folder: Path) -> list[Listed]:
    """The sessions in a folder, the one that was written last first; none if there is no such folder."""
    found = []
    try:
        with os.scandir(folder) as entries:
            names = [entry.path for entry in entries if entry.name.endswith(SUFFIX) and not entry.name.startswith(".")]
    except OSError:
        return []
    for name in names:
        try:
            status = os.stat(name)
        except OSError:
            continue
        if not os.path.isfile(name):
            continue
        changed, size = status.st_mtime_ns, status.st_size
        try:
            # While a session is open, and after a crash, what is newest stands in the log beside it.
            log = os.stat(os.path.realpath(name) + "-wal")
        except OSError:
            pass
        else:
            changed, size = max(changed, log.st_mtime_ns), size + log.st_size
        found.append(Listed(Path(name), changed // 1_000_000, size))
    return sorted(found, key=lambda listed: (-listed.changed, listed.path.name))


def free_path(folder: Path, title: str) -> Path:
    """A path in the folder that names the title and where nothing is yet."""
    stem = file_stem(title)
    number = 1
    while True:
        path = folder / f"{stem if number == 1 else f'{stem}-{number}'}{SUFFIX}"
        if not any(os.path.lexists(f"{path}{end}") for end in ("", "-wal", "-journal", ".lock")):
            return path
        number += 1


def file_stem(title: str) -> str:
    """A title as a file name without its ending: letters and digits of any script in lower case, and hyphens."""
    kept = "".join(
        letter if letter.isalnum() or unicodedata.category(letter)[0] == "M" else "-"
        for letter in unicodedata.normalize("NFC", title).lower()
        if letter not in "'’"
    )
    stem = "-".join(part for part in kept.split("-") if part)
    return stem.encode()[:MOST_BYTES].decode("utf-8", "ignore").strip("-") or "story"
