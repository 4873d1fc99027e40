"""The lenses: the program's own, and a writer's in a folder of hers. Each is a small text file:

    letters home

    Let it be told in letters home. Each line is one letter.

The first line is the name, and the rest the instruction, whose line breaks count as blanks. A writer's file ends in `.txt` and
is known by the name in it, whatever the file is called. It takes the place of the program's lens of that name; a file with a
name and nothing else hides that one. Large and small letters are the same in names.

It never changes the program's files, never reads before it is asked to, and does not know what a lens is used for. All of it
blocks: callers with a screen run it in a thread.

Limits: of two files with one name the first that has an instruction is used, and the other one comes up when that is dropped. A lens is renamed in two
steps, so that a crash between them leaves it under both names. Between the look for a free file name and its use another program
has some microseconds to take it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path

from composer.errors import SettingsError
from composer.session.ports import Lens
from composer.store.files import file_stem
from composer.text.clean import clean, one_line

LONGEST_NAME = 40
"""Characters of a name, at most."""
LONGEST_TEXT = 2_000
"""Characters of an instruction, at most."""
MOST_BYTES = 20_000
"""Of a file. What is larger is not read."""

_SUFFIX = ".txt"


class _NoLens(Exception):
    """A file can't be used as a lens; says why and what to do, without the file's name. It never leaves this file."""


@dataclass(frozen=True)
class _File:
    """A file of the writer's, and the lens in it. One without an instruction hides the program's lens of its name."""

    path: Path
    lens: Lens


class LensFolder:
    """The program's lenses, and those in `folder`, which is made when the first lens is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.problems: list[str] = []
        """What the last `lenses` found to be no lens, each in a sentence that says what to do."""

    def lenses(self) -> list[Lens]:
        """The program's in their order, as the writer changed them, then those that only she has, by name. It never fails."""
        own, problems = self._own()
        ours = _ours()
        for key, file in own.items():
            if not file.lens.text and key not in ours:
                problems.append(f"{_shown(file.path)} has a name and no instruction: write one below the name.")
        self.problems = problems
        return list(_in_use(own).values())

    def keep(self, name: str, text: str, old: str = "") -> None:
        """Write a lens of the writer's: a new one, or in place of the one called `old`, which may be its name still.

        After a renaming no lens is called by the old name: the program's of that name is hidden. A name that was hidden is free.
        SettingsError if the name is empty, too long or another lens's, if the text is empty or too long, or if it can't be written.
        """
        name, text = _flat(name), _flat(text)
        _check(name, text)
        key, before = _key(name), _key(_flat(old))
        own, _ = self._own()
        if key != before and key in _in_use(own):
            raise SettingsError(f"There is a lens called {name} already.", "Choose another name.")
        _write(own[key].path if key in own else self._free(name), f"{name}\n\n{text}\n")
        if key == before:
            return
        if before in _ours():
            self._hide(before, own)
        elif before in own:
            _remove(own[before].path)

    def drop(self, name: str) -> None:
        """Take a lens out: the writer's file is deleted, the program's lens is hidden by a file that holds its name alone.

        Where the writer changed one of the program's, that is as it was at first; dropped once more, it is hidden.
        SettingsError if there is no such lens, or the folder can't be written.
        """
        key = _key(_flat(name))
        own, _ = self._own()
        if key not in _in_use(own):
            raise SettingsError(
                f"There is no lens called {one_line(name, LONGEST_NAME)}.", "Look at the list once more."
            )
        if key in own:
            _remove(own[key].path)
        else:
            self._hide(key, own)

    def _own(self) -> tuple[dict[str, _File], list[str]]:
        """The writer's files that can be used, by the keys of their names, and what is wrong with others."""
        found: dict[str, _File] = {}
        problems = []
        try:
            names = sorted(os.listdir(self._folder))
        except FileNotFoundError:
            names = []
        except OSError as error:
            names = []
            problems.append(
                f"The lenses in {_shown(self._folder)} can't be read ({error.strerror}): look at that folder."
            )
        for name in names:
            path = self._folder / name
            if name.startswith(".") or path.suffix.lower() != _SUFFIX:
                continue
            try:
                lens = _parsed(_content(path))
            except FileNotFoundError:
                continue  # gone since the folder was listed
            except _NoLens as problem:
                problems.append(f"{_shown(path)} {problem}")
                continue
            file = _File(path, replace(lens, own=True))
            other = found.setdefault(_key(lens.name), file)
            if lens.text and not other.lens.text:
                found[_key(lens.name)] = file
            elif lens.text and other is not file:
                problems.append(
                    f"{_shown(path)} has the name of {_shown(other.path)}, {lens.name}: change one of them."
                )
        return found, problems

    def _hide(self, key: str, own: Mapping[str, _File]) -> None:
        name = _ours()[key].name
        _write(own[key].path if key in own else self._free(name), f"{name}\n")

    def _free(self, name: str) -> Path:
        """A path that tells the name, where nothing is yet."""
        tells = any(letter.isalnum() for letter in name)
        stem = file_stem(name) if tells else hashlib.sha256(_key(name).encode()).hexdigest()[:16]
        number = 1
        while True:
            path = self._folder / f"{stem if number == 1 else f'{stem}-{number}'}{_SUFFIX}"
            if not os.path.lexists(path):
                return path
            number += 1


@cache
def _ours() -> Mapping[str, Lens]:
    """The program's lenses in their order, by the keys of their names."""
    files = [
        each for each in resources.files("composer.store").joinpath("lenses").iterdir() if each.name.endswith(_SUFFIX)
    ]
    found = [_parsed(each.read_bytes()) for each in sorted(files, key=lambda each: each.name)]
    return {_key(lens.name): lens for lens in found}


def _in_use(own: Mapping[str, _File]) -> dict[str, Lens]:
    """The lenses that there are, by the keys of their names, when these are the writer's."""
    ours = _ours()
    all_of_them = {**ours, **{key: own[key].lens for key in sorted(own)}}
    return {key: lens for key, lens in all_of_them.items() if lens.text}


def _key(name: str) -> str:
    """What names that count as the same have in common."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _flat(text: str) -> str:
    """Clean text on one line, however long."""
    return " ".join(clean(text).split())


def _shown(path: Path) -> str:
    """A file's name, for messages."""
    return one_line(path.name, 60)


def _check(name: str, text: str) -> None:
    """SettingsError unless a lens can have that name and that instruction."""
    if not name:
        raise SettingsError("A lens has to have a name.", "Give it one of a few words.")
    if "|" in name:
        raise SettingsError(
            "A lens's name can't hold “|”: it stands between lenses where several are named.", "Leave it out."
        )
    if len(name) > LONGEST_NAME:
        raise SettingsError(
            f"A lens's name may have {LONGEST_NAME} characters; this one has {len(name):,}.", "Shorten the name."
        )
    if not text:
        raise SettingsError(f"The lens {name} says nothing yet.", "Write what the model is to do.")
    if len(text) > LONGEST_TEXT:
        raise SettingsError(
            f"A lens's instruction may have {LONGEST_TEXT:,} characters; this one has {len(text):,}.", "Shorten it."
        )


def _parsed(content: bytes) -> Lens:
    """The lens in a file. _NoLens if there is none."""
    if b"\0" in content:
        raise _NoLens("holds no text: take it out of the folder.")
    try:
        text = clean(content.decode())
    except UnicodeDecodeError:
        raise _NoLens("is not UTF-8 text: save it as UTF-8.") from None
    first, _, rest = text.strip().partition("\n")
    name, told = _flat(first), _flat(rest)
    if not name:
        raise _NoLens("is empty: write a name in its first line and an instruction below it.")
    if len(name) > LONGEST_NAME:
        raise _NoLens(
            f"has no name of at most {LONGEST_NAME} characters in its first line: put one there, above the instruction."
        )
    if len(told) > LONGEST_TEXT:
        raise _NoLens(f"has an instruction of more than {LONGEST_TEXT:,} characters: shorten it.")
    return Lens(name, told)


def _content(path: Path) -> bytes:
    """What a file holds. _NoLens if that can't be read; FileNotFoundError if it is gone. A pipe in its place is not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        if path.is_symlink():
            raise _NoLens("is a link that leads nowhere: delete it, or bring back what it led to.") from None
        raise
    except OSError as error:
        raise _unreadable(error) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
            raise _NoLens(f"is {kind}: take it out of the lenses.")
        with open(handle, "rb", closefd=False) as source:
            content = source.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(error) from None
    finally:
        os.close(handle)
    if len(content) > MOST_BYTES:
        raise _NoLens(f"is larger than {MOST_BYTES:,} bytes: shorten it, or take it out of the folder.")
    return content


def _unreadable(error: OSError) -> _NoLens:
    return _NoLens(f"can't be read ({error.strerror}): look at its permissions.")


def _write(path: Path, content: str) -> None:
    """Put a file in place of what is there, whole or not at all, for its owner alone. A link stays a link."""
    import tempfile

    target = os.path.realpath(path)
    try:
        os.makedirs(path.parent, mode=0o700, exist_ok=True)
        folder = os.path.dirname(target)
        handle, beside = tempfile.mkstemp(prefix=".lens.", dir=folder)
        try:
            with open(handle, "wb") as out:
                out.write(content.encode())
                out.flush()
                os.fsync(handle)
            os.replace(beside, target)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        _settle(folder)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SettingsError(
                f"The disk is full: {one_line(str(path))} could not be written.", "Make some space, then try again."
            ) from None
        raise SettingsError(
            f"{one_line(str(path))} can't be written: {error.strerror}.", "Look at the folder's permissions."
        ) from None


def _remove(path: Path) -> None:
    try:
        os.unlink(path)
        _settle(os.path.dirname(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise SettingsError(
            f"{one_line(str(path))} can't be deleted: {error.strerror}.", "Look at the folder's permissions."
        ) from None


def _settle(folder: str) -> None:
    """See a changed name to the disk, where the file system has a way to do so."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
