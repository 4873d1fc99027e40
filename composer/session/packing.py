"""Packing for a session: off the event loop where it takes time, with the counts of the story kept from one time to the next.

It sends and records nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from composer.context.wish import Wish
from composer.session.ports import Counter, Endpoints
from composer.session.preparing import Prepared, prepared
from composer.story.candidate import Recipe
from composer.story.manuscript import Manuscript
from composer.story.shape import Shape
from composer.story.story import Story

if TYPE_CHECKING:
    from composer.context.measures import Measured, Measures

AT_ONCE = 1_000
"""Paragraphs of a story that is packed at once, in a few milliseconds. Longer ones are packed in a thread."""
PROBE = "She had counted them twice, in the dark: seventeen lamps, and one that would not be lit.\n\n"
"""A text whose count tells whether a counter counts as it did."""
KEPT = 4
"""Counters whose counts of the story are kept."""


T = TypeVar("T")


class Packing:
    """The way from a story to requests, one at a time: the counts that are kept are not for two threads at once."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._measures: dict[tuple[Counter, int], Measures] = {}
        self._turn = asyncio.Lock()

    async def prepared(
        self, story: Story, wish: Wish, recipes: Sequence[Recipe], shapes: Sequence[Shape]
    ) -> list[Prepared]:
        """What these recipes are sent. See `preparing`."""

        def work() -> list[Prepared]:
            return prepared(
                story, wish, recipes, shapes, self._endpoints, lambda count: self._measured(story.manuscript, count)
            )

        async with self._turn:
            # A short story is packed before a thread has begun to run.
            return work() if len(story.manuscript) <= AT_ONCE else await _in_thread(work)

    async def measured(self, manuscript: Manuscript, count: Counter) -> Measured:
        """The counts of a manuscript."""
        async with self._turn:
            if len(manuscript) <= AT_ONCE:
                return self._measured(manuscript, count)
            return await _in_thread(lambda: self._measured(manuscript, count))

    def _measured(self, manuscript: Manuscript, count: Counter) -> Measured:
        """The counts, kept for each counter and for what it counts by now."""
        from composer.context.measures import Measures

        key = count, count(PROBE)
        measures = self._measures.pop(key, None) or Measures(count)
        self._measures[key] = measures
        while len(self._measures) > KEPT:
            self._measures.pop(next(iter(self._measures)))
        return measures.of(manuscript)


async def _in_thread(work: Callable[[], T]) -> T:
    """What the work gives. Cancelled, it waits for the thread all the same: two at once must not be."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            await asyncio.wait((running,))
        raise
