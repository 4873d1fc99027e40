"""What was learned of endpoints and their models, kept in one small JSON file for the next time. It is a cache: losing it costs a question.

It holds no text of a story and no key. Nothing here ever fails: a file that is missing, broken or someone else's counts as empty,
and what can't be written is tried again with what is learned next. A file of a newer version is left alone.

It works on the event loop's thread, since reading and writing the file takes about a millisecond.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

VERSION = 1
MODELS = 2_000
"""Models that are remembered; then those of which nothing new was learned for the longest are forgotten."""
SUBJECTS = 64
"""Subjects of a model."""
LONGEST = 4_000
"""Characters of a name or a value. What is longer is not worth remembering."""
MOST_BYTES = 32 * 1024 * 1024
"""A file that is larger is not ours."""
TURNS = 20
"""How often another process's turn at the file is waited for, five milliseconds each."""

Model = tuple[str, str]
"""An endpoint's name and a model's."""


class _File(Struct):
    """The file's shape: each model as (endpoint, model, values by subject), the one that was learned of last at the end."""

    version: int
    models: list[tuple[str, str, dict[str, str]]] = []


class _Version(Struct):
    version: int


class Learned:
    """The port `Memory` over the file `path`, which is read when first needed. Its folder is made when something is learned."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._models: dict[Model, dict[str, str]] | None = None
        self._waiting: dict[tuple[str, str, str], str] = {}

    def known(self, endpoint: str, model: str) -> Mapping[str, str]:
        return dict(self._there().get((endpoint, model), {}))

    def learn(self, endpoint: str, model: str, subject: str, value: str) -> None:
        words = (endpoint, model, subject, value)
        if any(len(word) > LONGEST or not _is_text(word) for word in words):
            return
        there = self._there()
        if there.get((endpoint, model), {}).get(subject, "") == value:
            return
        self._waiting[endpoint, model, subject] = value
        _put(there, endpoint, model, subject, value)
        with contextlib.suppress(OSError):
            self._write()

    def _there(self) -> dict[Model, dict[str, str]]:
        if self._models is None:
            self._models = self._read() or {}
        return self._models

    def _read(self) -> dict[Model, dict[str, str]] | None:
        """What the file holds; nothing where it is missing or broken. None if it is of a newer version, and not to be written."""
        content = _content(self._path)
        try:
            file = msgspec.json.decode(content, type=_File)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                if msgspec.json.decode(content, type=_Version).version > VERSION:
                    return None
            return {}
        if file.version > VERSION:
            return None
        return {(endpoint, model): values for endpoint, model, values in file.models}

    def _write(self) -> None:
        """Write what is not written yet into the file as it is by now, so that what another process has learned stays."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _turn(self._path.parent) as ours:
            if not ours or (models := self._read()) is None:
                return
            for (endpoint, model, subject), value in self._waiting.items():
                _put(models, endpoint, model, subject, value)
            told = [(endpoint, model, values) for (endpoint, model), values in models.items()]
            beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            try:
                with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
                    out.write(msgspec.json.encode(_File(VERSION, told)))
                os.replace(beside, self._path)
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(beside)
        self._models = models
        self._waiting.clear()


def _put(models: dict[Model, dict[str, str]], endpoint: str, model: str, subject: str, value: str) -> None:
    """Remember it as the newest, or forget it. What is over the limits goes, the oldest first."""
    values = models.pop((endpoint, model), {})
    values.pop(subject, None)
    if value:
        values[subject] = value
    while len(values) > SUBJECTS:
        del values[next(iter(values))]
    if values:
        models[endpoint, model] = values
    while len(models) > MODELS:
        del models[next(iter(models))]


def _is_text(word: str) -> bool:
    """Whether it can be written: half a character can't."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _content(path: Path) -> bytes:
    """What the file holds; nothing if it can't be read or is no file. A pipe in its place is not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return b""
        with open(handle, "rb", closefd=False) as source:
            return source.read()
    except OSError:
        return b""
    finally:
        os.close(handle)


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[bool]:
    """Have the folder to oneself among processes of this program; False if another does not let go of it soon."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    for turn in range(TURNS):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if turn < TURNS - 1:
                time.sleep(0.005)
        except OSError:
            return True  # a disk that knows no locks: there is nothing to wait for
        else:
            return True
    return False
