"""kill -9 while streaming and typing: no entry that was acknowledged is lost, and the story opens."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from composer.journal.entry import first_break
from composer.journal.journal import Journal
from composer.store.sqlite import open_session
from tests.session.fakes import Few, HandClock, Scripted, counting

VICTIM = Path(__file__).with_name("victim.py")


def kill_one(path: Path, seed: int) -> int:
    """Let a victim work on the session, kill it, and hold what it printed against the file; the newest seq it printed."""
    wanted = random.Random(seed).randint(3, 40)
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, str(VICTIM), str(path), str(seed)], stdout=subprocess.PIPE, env=environ
    ) as victim:
        assert victim.stdout is not None
        lines = [victim.stdout.readline() for _ in range(wanted)]
        victim.kill()
        lines += victim.stdout.read().split(b"\n")
    # The last line may be cut off by the kill itself: then it acknowledged nothing.
    printed = [int(line.split()[0]) for line in lines if line.endswith(b"\n") or line.endswith(b"'")]
    assert len(printed) >= wanted, "the victim did not live long enough to be a test"

    async def reopen() -> int:
        store = await open_session(path)
        try:
            entries = await store.read()
        finally:
            await store.close()
        assert first_break(list(entries)) is None
        assert {entry.seq for entry in entries} >= set(printed)
        journal = Journal()
        journal.read(entries)
        return len(entries)

    return asyncio.run(reopen())


def rounds(tmp_path: Path, count: int, first_seed: int) -> None:
    path = tmp_path / "novel.collage"
    length = 0
    for number in range(count):
        longer = kill_one(path, first_seed + number)
        assert longer > length
        length = longer

    async def come_back() -> None:
        from composer.session.session import Session

        async with Session(await open_session(path), Few(Scripted()), HandClock(), counting()) as session:
            assert all(each.ending is not None for asked in session.story.rounds for each in asked.candidates)
            assert session.story.manuscript.text

    asyncio.run(come_back())


def test_eight_kills_lose_nothing(tmp_path: Path) -> None:
    rounds(tmp_path, 8, 0)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    for novel in range(10):
        folder = tmp_path / str(novel)
        folder.mkdir()
        rounds(folder, 20, seed + 20 * novel)
