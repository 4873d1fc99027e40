"""What is done with stories on their screen: opened, copied, moved to the trash and brought back.

The library does it, in the background; here is what is asked before it, and what is said of it. It draws nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import WorkType

from composer.errors import ComposerError, RefusedError
from composer.ui.keymap import chord
from composer.ui.widgets.stories import StoryRow

if TYPE_CHECKING:
    from composer.ui.screens.stories.screen import StoriesScreen

HELD = 1.5
"""Seconds that a key waits at the most for what is being read or done."""


class StoryDeeds:
    """The deeds of a screen of stories."""

    def __init__(self, desk: StoriesScreen) -> None:
        self._desk = desk
        self._asked = ""
        """The path of what is done if the same key is pressed again, with `open:` or `drop:` before it."""
        self._dropped: list[str] = []
        """What was deleted here and not brought back, as it lies in the trash."""
        self._rest = asyncio.Event()
        """Set while nothing is being done."""
        self._rest.set()

    # asking

    def question(self, row: StoryRow | None) -> str:
        """What another press of the key does, as long as the cursor is on that row; empty where nothing was asked."""
        what, _, path = self._asked.partition(":")
        if not self._asked or row is None or row.path != path:
            return ""
        if what == "drop":
            return (
                f"{chord('story.drop')} again moves {row.title} to the trash. {chord('story.undrop')} brings it back."
            )
        return f"{self._desk.reading.card(path).says} {chord('story.open')} again goes there."

    def unask(self) -> bool:
        """Ask no more; whether something was asked."""
        was, self._asked = bool(self._asked), ""
        return was

    def _ask(self, what: str, row: StoryRow) -> bool:
        """Whether that was asked before; else it is asked now."""
        asked = f"{what}:{row.path}"
        if self._asked == asked:
            self._asked = ""
            return True
        self._asked = asked
        self._desk.show_page()
        return False

    # doing

    async def do(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do something with files in the background; the next key waits a moment for it. What goes wrong is said."""
        if not await self._rested():
            self._desk.say("The last thing is still being done: the disk is slow. Try again in a moment.")
            return
        self._rest.clear()
        # No coroutine is made before it runs: it may be cancelled by then.
        doing: WorkType[None] = partial(self._doing, work)
        self._desk.run_worker(doing, group="import", exit_on_error=False)
        await self._rested()

    async def _doing(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            await work()
        except ComposerError as error:
            self._desk.say(str(error), error=not isinstance(error, RefusedError))
        finally:
            self._rest.set()

    async def _rested(self) -> bool:
        try:
            async with asyncio.timeout(HELD):
                await self._rest.wait()
        except TimeoutError:
            return False
        return True

    def _chosen(self, row: StoryRow | None) -> StoryRow | None:
        """The row if it is a story's; says what to do where it is not."""
        if row is not None and row.kind == "story":
            return row
        self._desk.say("The cursor is on no story of yours. That is done where one is.")
        return None

    # deeds

    async def open(self, row: StoryRow | None) -> None:
        """Go to what the row leads to."""
        desk = self._desk
        if row is None:
            desk.say(f"There is nothing to open. {chord('story.new')} begins a story.")
        elif row.kind in ("trash", "examples"):
            desk.turn("trash" if row.kind == "trash" else "examples")
        elif row.kind == "trashed":
            await self.do(partial(self._restore, row.path))
        elif row.kind == "example":
            await self.do(partial(self._take_example, row.path))
        elif row.open:
            desk.dismiss(None)
        elif not await desk.can_be_opened(row.path):
            desk.say(desk.reading.card(row.path).says, error=True)
        elif not desk.reading.card(row.path).problem or self._ask("open", row):
            desk.leave_for(row.path)

    async def _take_example(self, path: str) -> None:
        self._desk.leave_for(await self._desk.library.take_example(path))

    async def copy(self, row: StoryRow | None) -> None:
        self.unask()
        if (chosen := self._chosen(row)) is not None:
            await self.do(partial(self._copy, chosen))

    async def _copy(self, row: StoryRow) -> None:
        desk = self._desk
        if row.open:
            desk.session.flush()
            await desk.session.drained()
        path = await desk.library.duplicate(row.path)
        await desk.reload(path)
        desk.say(f"{row.title} is copied, with all that ever happened in it.")

    async def drop(self, row: StoryRow | None) -> None:
        """Move a story to the trash, once that is asked for twice."""
        desk = self._desk
        if row is not None and row.kind == "trashed":
            desk.say(f"Nothing is deleted for good here. The trash is the folder {desk.library.trash_folder}.")
        elif (chosen := self._chosen(row)) is None:
            return
        elif chosen.open:
            desk.say(f"{chosen.title} is open, and so it can't be deleted. Open another one first.")
        elif self._ask("drop", chosen):
            await self.do(partial(self._drop, chosen))

    async def _drop(self, row: StoryRow) -> None:
        self._dropped.append(await self._desk.library.discard(row.path))
        await self._desk.reload()
        self._desk.say(f"{row.title} is in the trash. {chord('story.undrop')} brings it back.")

    async def undrop(self) -> None:
        """Bring back what was deleted here last."""
        self.unask()
        if self._dropped:
            await self.do(partial(self._restore, self._dropped[-1]))
        else:
            self._desk.say(f"Nothing was deleted here. {chord('story.trash')} shows what is in the trash.")

    async def _restore(self, trashed: str) -> None:
        # What can't be brought back is not tried again by the same key: the one before it comes then.
        self._dropped = [each for each in self._dropped if each != trashed]
        desk = self._desk
        path = await desk.library.restore(trashed)
        desk.reading.turn("stories")
        await desk.reload(path)
        desk.say("It is back among your stories.")
