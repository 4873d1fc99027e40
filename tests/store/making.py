"""What the tests of the store share: entries whose chain holds, children that run the program's code, and another user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from composer.journal.entry import ROOT_CHAIN, Entry, digest, seal
from composer.session.ports import Batch

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def entries(count: int, after: Sequence[Entry] = (), words: str = "and then") -> list[Entry]:
    """`count` entries that follow on those of `after`."""
    before = after[-1].chain if after else ROOT_CHAIN
    start = after[-1].seq if after else 0
    made = []
    for seq in range(start + 1, start + count + 1):
        body = json.dumps({"text": f"{words} {seq} “漢é\u2028”", "nul": "\0"}, ensure_ascii=False)
        entry = seal(before, Entry(seq, -1 if seq % 3 else seq - 1, seq, 1_700_000_000_000 + seq, "Told", 1, body, ""))
        made.append(entry)
        before = entry.chain
    return made


def pieces(*data: bytes) -> dict[str, bytes]:
    return {digest(each): each for each in data}


def batch(made: Sequence[Entry], *data: bytes) -> Batch:
    return Batch(tuple(made), pieces(*data))


CHILD = """
import asyncio, concurrent.futures.thread, os, signal, sys
from composer.errors import *
from composer.store.lock import *
from composer.store.sqlite import *
from composer.store.opening import open_any
from tests.store.making import batch, entries
def say(*words): print(*words, flush=True)
"""


def child(code: str, *args: object, user: int | None = None) -> subprocess.Popen[str]:
    """A second process that runs `code`; its arguments are in sys.argv.

    It becomes `user` only after the imports: not every user may read the folders that Python was installed to.
    """
    change = "" if user is None else f"os.setgroups([]); os.setgid({user}); os.setuid({user})\n"
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + change + code, *map(str, args)],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def told(process: subprocess.Popen[str], timeout: float = 20.0) -> str:
    """All that a child says until it ends by itself."""
    try:
        out, _ = process.communicate(timeout=timeout)
    finally:
        process.kill()
    assert process.returncode == 0, out
    return out


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A child that does not outlive the test."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def heard(process: subprocess.Popen[str]) -> str:
    """The next line that a child says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


@contextmanager
def plain_user() -> Iterator[tuple[Path, int | None]]:
    """A folder, and the user whom permissions bind there: `nobody` where the tests run as root, whom they don't bind."""
    user = NOBODY if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="composer-test-"))
    try:
        if user is not None:
            os.chown(folder, user, user)
        yield folder, user
    finally:
        os.chmod(folder, 0o700)
        shutil.rmtree(folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def spill(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
