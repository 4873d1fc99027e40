"""One story being written: the journal, what is typed and streamed but not yet entered, and the way to disk.

Everything that changes the story comes through here: memory first, the disk follows in order. The session outlives the screen
(`async with Session(...)` stands around the app) and drains its writes on leaving. It knows no widgets, servers or files.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from composer import __version__
from composer.errors import ComposerError, RefusedError, SessionError, UnwritableSession
from composer.journal.entry import Entry
from composer.journal.journal import Journal
from composer.session.condensing import Condensing
from composer.session.drafting import Drafting
from composer.session.ports import Batch, Changed, Clock, Endpoint, Endpoints, Kind, NewId, Store, Watcher
from composer.session.rounds import Rounds
from composer.session.typing import WRITE_AFTER, Typing
from composer.session.writer import Writer
from composer.story.actions import text as texts
from composer.story.events import (
    CaretRested,
    Change,
    ContextShaped,
    Event,
    Fact,
    SessionCreated,
    SessionOpened,
    TextEdited,
    TextPlaced,
)
from composer.story.fold import apply
from composer.story.follow import Side, follow
from composer.story.manuscript import START, Position
from composer.story.shape import Shape
from composer.story.story import Story
from composer.text.words import count_words


class Session:
    """A story and everything that ever happened to it.

    `story` is what is true now, typing and streams included; `journal` is what has been entered.
    """

    def __init__(self, store: Store, endpoints: Endpoints, clock: Clock, new_id: NewId, today: int = 0) -> None:
        """`today` is when the writer's day began, in ms since 1970."""
        self.store = store
        self.clock = clock
        self.new_id = new_id
        self.journal = Journal()
        self.story = Story()
        self.rounds = Rounds(self, endpoints)
        self.condensing = Condensing(self, self.rounds)
        self.drafting = Drafting(self, self.rounds)
        self.interrupted: tuple[str, ...] = ()
        """Candidates that were still writing when the last process ended without a word."""
        self.words_before_today = 0
        """Words of the manuscript when the day began."""
        self._today = today
        self._typing = Typing()
        self._typing_timer: asyncio.Task[None] | None = None
        self._writer: Writer | None = None
        self._lost: SessionError | None = None
        self.unsaved: Batch | None = None
        """What could not be written by the time the session was closed."""
        self.opened_before = 0
        """The entry of the opening before this one: what came after it is news."""
        self._watchers: list[Watcher] = []

    @property
    def endpoints(self) -> Endpoints:
        return self.rounds.endpoints

    @property
    def endpoint(self) -> Endpoint:
        """The one that writes unless a recipe names another."""
        return self.rounds.endpoint

    @property
    def read_only(self) -> bool:
        return self.store.read_only

    # opening and closing

    async def __aenter__(self) -> Session:
        """Read the journal. Raises SessionError if it can't be; what was streaming when a process died is ended."""
        entries = await self.store.read()
        older = bisect_left(entries, self._today, key=lambda entry: entry.time)
        self.journal.read(entries[:older])
        self.words_before_today = sum(count_words(block.text) for block in self.journal.story.manuscript)
        self.journal.read(entries[older:])
        self.story = self.journal.story
        self.opened_before = self.story.opened
        if not self.read_only:
            self._writer = Writer(self.store, self.journal.seq, lambda: self.tell("disk"))
            self._writer.start()
            opening: list[Event] = []
            if self.journal.seq == 0:
                opening.append(SessionCreated(self.new_id(), __version__))
            opening.append(SessionOpened(__version__))
            self.record(opening)
            self.interrupted = self.rounds.end_interrupted()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self, caret: Position | None = None) -> None:
        """Stop what streams, keeping what came, and put everything on disk. Safe to call twice.

        What could not be written is told by each call: UnwritableSession.
        """
        await self.drafting.close()
        await self.rounds.stop_all("The program was closed while it was writing; what had come is kept.")
        await self.condensing.close()
        self.flush()
        if caret is not None and self._writer and caret != self.story.caret:
            self.enter_fact(CaretRested(caret))
        if self._typing_timer:
            self._typing_timer.cancel()
        if self._writer:
            if self._writer.trouble:
                self._writer.retry()
            await self._writer.stop()
            self._lost = self._writer.trouble
            self.unsaved = self._writer.waiting if self._lost else None
            self._writer = None
        await self.rounds.endpoints.close()
        await self.store.close()
        if self._lost:
            raise self._lost

    # watching

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Tell `watcher` of every change, at once; the function returned ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def tell(self, *kinds: Kind, candidates: frozenset[str] = frozenset(), notice: str = "") -> None:
        changed = Changed(frozenset(kinds), candidates, notice)
        for watcher in tuple(self._watchers):
            watcher(changed)

    # recording

    def record(
        self, happened: Sequence[Event], step: int | None = None, pieces: Mapping[str, bytes] | None = None
    ) -> None:
        """Enter what happened as one step, after what was typed and streamed before it. RefusedError if it can't be."""
        if not happened:
            return
        self.check_writable()
        self.flush()
        entries = self.journal.record(happened, self.clock.now(), step)
        self._typing.close()
        self._submit(entries, pieces or {})
        kinds: set[Kind] = {"story"}
        if any(isinstance(event, TextEdited | TextPlaced) for event in happened):
            kinds.add("text")
        self.tell(*kinds)

    def enter_fact(self, fact: Fact, pieces: Mapping[str, bytes] | None = None) -> None:
        """Enter a fact that no one decided: it ends no run of typing, and is entered also where editing is frozen."""
        entries = [*self._pending(), *self.journal.record((fact,), self.clock.now())]
        self._submit(entries, pieces or {})

    def flush(self) -> None:
        """Enter what was typed and streamed so far."""
        if entries := self._pending():
            self._submit(entries, {})

    def _pending(self) -> list[Entry]:
        entries: list[Entry] = []
        now = self.clock.now()
        if grown := self.rounds.take_growth():
            entries += self.journal.record(grown, now)
        if typed := self._typing.take():
            made = self.journal.record((typed,), now, self._typing.step)
            self._typing.step = made[0].step
            entries += made
        return entries

    def _submit(self, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> None:
        self.story = self.journal.story
        if self._writer and entries:
            self._writer.submit(Batch(tuple(entries), dict(pieces)))
            self.tell("disk")

    def check_writable(self) -> None:
        """RefusedError, with why, while nothing can be changed."""
        if self.read_only:
            raise RefusedError(
                "This session is open for reading only.", "Close it where it is open for writing, or import it."
            )
        if self._writer and self._writer.trouble:
            raise RefusedError(
                f"Nothing can be changed until writing works again: {self._writer.trouble.sentence}",
                "What is not on disk is kept in memory; ctrl+s tries again.",
            )
        if self._writer is None:
            raise RefusedError("The session is closed.")

    def shape(self, shape: Shape) -> None:
        """Make contexts so from now on. RefusedError if nothing can be changed."""
        self.check_writable()
        if shape != self.story.shape:
            self.enter_fact(ContextShaped(shape))
            self.tell("story")

    # typing

    def type(self, start: Position, end: Position, text: str, beat: str = "") -> Position:
        """Type `text` over [start, end); where the caret is then. A line feed begins a paragraph."""
        self.check_writable()
        now = self.clock.now()
        if not self._typing.continues(start, now) or start != end:
            self._end_run()
            self._typing.origin = texts.hand_origin(self.story, start, end)
        origin = self._typing.origin or texts.hand_origin(self.story, start, end)
        event = texts.typed(self.story, start, end, text, origin, self.new_id, beat)
        caret = event.put.end(event.at)
        self._edit(event, caret, now)
        if "\n" in text:
            self._end_run()
        return caret

    def erase(self, start: Position, end: Position) -> Position:
        """Delete [start, end) by key; where the caret is then. RefusedError if it is empty."""
        self.check_writable()
        now = self.clock.now()
        if not (self._typing.continues(end, now) or self._typing.continues(start, now)):
            self._end_run()
        self._edit(texts.deleted(self.story, start, end), start, now)
        # What is typed here next stands between other neighbours.
        self._typing.origin = None
        return start

    def _edit(self, event: TextEdited, caret: Position, now: int) -> None:
        if not self._typing.add(event):
            self.flush()
            self._typing.add(event)
        self.story = apply(self.story, event)
        self._typing.key(caret, now)
        if self._typing_timer is None or self._typing_timer.done():
            self._typing_timer = asyncio.create_task(self._write_soon(), name="typing")
        self.tell("story", "text", "disk")

    def _end_run(self) -> None:
        self.flush()
        self._typing.close()

    async def _write_soon(self) -> None:
        await self.clock.sleep(WRITE_AFTER)
        self.flush()

    def jump(self) -> None:
        """The caret moved by itself: what is typed next is another step."""
        self._typing.close()

    @property
    def last_place(self) -> Position:
        """Where the writer was last: where the caret rested on leaving, or where the text changed since, if a process died."""
        head = self.journal.tree.head
        place = self.story.caret
        if head > self.story.rested:
            change = self.journal.tree.nodes[head].change
            if isinstance(change, TextEdited | TextPlaced):
                place = change.put.end(change.at)
        known = place != START and self.story.manuscript.holds(place)
        return place if known else self.story.manuscript.last

    def where(self, place: Position, since: int, side: Side) -> Position | None:
        """Where a place is now, typing that is not entered yet included, that was named when `since` was the head."""
        now = self.journal.where(place, since, side)
        pending = self._typing.pending
        if now is not None and pending is not None:
            now = follow(now, pending.at, pending.removed, pending.put, side)
        return now if now is not None and self.story.manuscript.holds(now) else None

    # undo

    def undo(self) -> Position | None:
        """Take back the newest step; where its text was, if it changed text. RefusedError if there is none."""
        return self._move(self.journal.tree.before_step, self.journal.undo, "There is nothing to undo.")

    def redo(self) -> Position | None:
        """Bring back the step that was undone; where its text is, if it changed text. RefusedError if there is none."""
        return self._move(self.journal.tree.after_step, self.journal.redo, "There is nothing to redo.")

    def go_to(self, seq: int) -> Position | None:
        """Make the change `seq` the newest one that holds, 0 for none; where the text changed, if it did.

        RefusedError if there is no such change. Nothing is taken away: what was there is a branch to come back to.
        """
        self.check_writable()
        self._end_run()
        if seq and seq not in self.journal.tree.nodes:
            raise RefusedError("There is no such entry in the history of changes.")
        if seq == self.journal.tree.head:
            return None
        before = self.journal.tree.head
        return self._moved(before, self.journal.move(seq, "jump", self.clock.now()))

    def _move(
        self, target: Callable[[], int | None], move: Callable[[int], Entry | None], nothing: str
    ) -> Position | None:
        self.check_writable()
        self._end_run()
        before = self.journal.tree.head
        entry = move(self.clock.now()) if target() is not None else None
        if entry is None:
            raise RefusedError(nothing)
        return self._moved(before, entry)

    def _moved(self, before: int, entry: Entry) -> Position | None:
        """Take in a move of the head from `before`; where the text changed last on the way, if it did."""
        self._submit((entry,), {})
        self.tell("story", "text", "candidates")
        back, forward = self.journal.tree.walk(before, self.journal.tree.head)
        caret = None
        for way, gone in ((back, True), (forward, False)):
            for seq in way:
                change: Change = self.journal.tree.nodes[seq].change
                if isinstance(change, TextEdited | TextPlaced):
                    caret = (change.removed if gone else change.put).end(change.at)
        if caret == START:
            # What stood at the top is gone: the top is where it was.
            return self.story.manuscript.first if len(self.story.manuscript) else None
        return caret if caret and self.story.manuscript.holds(caret) else None

    # the disk

    @property
    def saved(self) -> bool:
        """Whether all that happened is on disk."""
        if self._writer is None:
            return True
        return self._typing.pending is None and not self.rounds.growing and self._writer.unsaved == 0

    @property
    def trouble(self) -> ComposerError | None:
        """Why writing stopped, if it did."""
        return self._writer.trouble if self._writer else None

    async def pieces(self, names: Sequence[str]) -> dict[str, bytes]:
        """Stored pieces by their hashes, those that are on their way to disk included; those that are missing are left out."""
        self.flush()
        await self.drained()
        return await self.store.pieces(names)

    async def drained(self) -> None:
        """Wait until what was entered is on disk, or writing has stopped for trouble."""
        if self._writer:
            await self._writer.drained()

    async def write_out(self) -> int:
        """Put everything on disk now; bytes on disk. UnwritableSession if that fails."""
        if self._writer:
            if self._writer.trouble is None:
                self.flush()
            self._writer.retry()
            await self._writer.drained()
            if self._writer.trouble:
                raise UnwritableSession(self._writer.trouble.sentence, self._writer.trouble.next_step)
        return await self.store.size()
