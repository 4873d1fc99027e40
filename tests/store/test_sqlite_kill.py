"""A process is killed while it writes, closes and opens: all that it was told is on disk must be there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from composer.journal.entry import first_break
from composer.store.sqlite import open_session
from tests.store.making import child, ending, heard

WRITER = """
async def main():
    first = True
    while True:
        store = await open_session(sys.argv[1], create=first and not os.path.exists(sys.argv[1]))
        first = False
        await store._link.run(lambda connection: connection.execute('PRAGMA wal_autocheckpoint = 20').fetchall())
        held = await store.read()
        for _ in range(40):
            made = entries(1 + len(held) % 3, held[-1:], words='and so on ' * 20)
            await store.append(batch(made, b'%d ' % made[0].seq * 90))
            held += made
            say(held[-1].seq)
        await store.close()
asyncio.run(main())
"""


async def rounds(path: Path, count: int, dice: random.Random) -> None:
    told = 0
    for _ in range(count):
        with ending(child(WRITER, path)) as process:
            for _ in range(dice.randrange(1, 120)):
                told = int(heard(process))
            process.kill()
            process.wait()
            assert process.stdout
            # What it said before it died may still be in the pipe; the last line may be cut.
            rest = process.stdout.read().split("\n")[:-1]
            told = int(rest[-1]) if rest else told
        store = await open_session(path)
        read = await store.read()
        assert len(read) >= told
        assert first_break(read) is None
        names = await store.piece_names()
        assert len(await store.pieces(names)) == len(names)
        await store.close()
        assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_five_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await rounds(tmp_path / "a.collage", 5, random.Random(5))


@pytest.mark.slow
async def test_fifty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await rounds(tmp_path / "a.collage", 50, random.Random())
