"""A writer at work in a process that will be killed: it types, streams, places and undoes, and prints each seq once it is on disk."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from composer.cli.wiring import new_id
from composer.session.clock import WallClock
from composer.session.ports import Changed, Closing, Piece, Request, Waiting
from composer.session.session import Session
from composer.store.sqlite import open_session
from composer.story.actions import place as placing
from composer.story.candidate import PlaceTarget
from composer.story.story import Placement
from tests.session.fakes import Few, Scripted


class Babbler(Scripted):
    """Writes for ever, a few thousand tokens a second."""

    window, max_tokens = 200_000, 100_000

    async def stream(self, request: Request) -> AsyncIterator[Piece | Waiting | Closing]:
        number = 0
        while True:
            await asyncio.sleep(0.001)
            number += 1
            yield Piece(f"word{number} ")


class Hasty(WallClock):
    """Real time in which waits are short, so that much is written in a short life."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 200)


async def main(path: Path, seed: int) -> None:
    choose = random.Random(seed)
    store = await open_session(path, create=not path.exists())
    session = Session(store, Few(Babbler()), Hasty(), new_id)
    await session.__aenter__()
    told = 0

    def saved(changed: Changed) -> None:
        nonlocal told
        writer = session._writer
        if "disk" in changed.kinds and writer is not None and writer.saved > told:
            told = writer.saved
            sys.stdout.write(f"{told} {session.story.manuscript.text[-20:]!r}\n")
            sys.stdout.flush()

    session.watch(saved)
    while True:
        text = session.story.manuscript
        place = text.last
        for char in "typing goes on ":
            place = session.type(place, place, char)
            await asyncio.sleep(0)
        if choose.random() < 0.3:
            session.type(place, place, "\n")
        if session.rounds.running == 0:
            await session.rounds.ask("continue", PlaceTarget(place), session.rounds.recipes((0.2, 0.6, 1.0)))
        elif choose.random() < 0.2:
            asked = session.story.rounds[-1]
            await session.rounds.stop([each.id for each in asked.candidates])
            chosen = session.story.candidate(choose.choice(asked.candidates).id)
            if chosen.text.strip():
                where = placing.landing(session.story, asked, text.last, None, True)
                session.record(
                    placing.place(session.story, where, placing.whole(chosen), Placement((chosen.id,)), new_id)
                )
        if choose.random() < 0.1:
            session.undo()
        await asyncio.sleep(0.002)


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
