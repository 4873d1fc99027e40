"""Drafts: several runs through the outline at once, a cell after the other, until each beat has its text in each draft.

Each cell is a round of its own with one candidate, so that it streams, ends, costs and is stored like all that models write. What a
draft has to do next is told by its cells alone: a process that died is gone on from by asking for what is not there. It places
nothing in the manuscript.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from composer.errors import ComposerError, RefusedError
from composer.session import recipes as grids
from composer.session.rounds import Rounds
from composer.session.streams import Ledger
from composer.story.actions.place import part
from composer.story.candidate import BeatTarget, Candidate, CellTarget, DraftTarget, Recipe, Round, Stem, round_of
from composer.story.draft import Cell, Draft, Way
from composer.story.events import DraftsAsked, DraftsHalted
from composer.story.spans import Spans
from composer.story.story import Story

GOES_ON = 20
"""How often an answer that is to hold a whole story is gone on with, at most."""
STOPPED = "You stopped it; what had come is kept."


def beats_for(story: Story, way: Way) -> tuple[str, ...]:
    """The beats that drafts are written for, in order: all with none below; where the manuscript counts, those without text."""
    leaves = [beat.id for beat in story.outline.leaves()]
    if way != "manuscript":
        return tuple(leaves)
    told = {block.beat for block in story.manuscript if block.text.strip()}
    return tuple(beat for beat in leaves if beat not in told)


class Drafting:
    """The drafts of one session."""

    def __init__(self, session: Ledger, rounds: Rounds) -> None:
        self._session = session
        self._rounds = rounds
        self._tasks: dict[int, asyncio.Task[None]] = {}
        """What is at work, by draft."""
        self._turns: dict[str, asyncio.Semaphore] = {}
        """Of endpoints whose cells do not wait for one another."""
        self._seen = 0
        """Rounds that were looked through for cells."""
        self._attempts: dict[tuple[int, str], list[str]] = {}
        """The candidates of cells in the order asked; those that hold a whole draft under the empty beat."""
        self._divided: dict[str, tuple[str, Sequence[tuple[int, int]]]] = {}
        """The text of candidates that hold a whole draft, and where the beats stand in it."""
        self._rows: dict[tuple[int, str], int] = {}
        """The numbers of rows that are shown as rounds, below 0, by the first draft of their run and their beat."""
        self.troubles: dict[int, ComposerError] = {}
        """Why drafts don't go on, where no candidate tells."""

    # looking

    @property
    def running(self) -> int:
        """How many drafts are at work."""
        return len(self._tasks)

    def works(self, draft: int) -> bool:
        """Whether a draft is being written now."""
        return draft in self._tasks

    def draft(self, number: int) -> Draft:
        """The draft with that number. RefusedError if there is none."""
        drafts = self._session.story.drafts
        if not 1 <= number <= len(drafts):
            raise RefusedError(f"There is no draft {number}.")
        return drafts[number - 1]

    def together(self, number: int) -> tuple[Draft, ...]:
        """The drafts that were asked for with one of that number, in order."""
        first = self.draft(number).first
        return tuple(draft for draft in self._session.story.drafts if draft.first == first)

    def attempts(self, draft: int, beat: str) -> tuple[str, ...]:
        """The candidates that were written for a cell, the oldest first; for an empty beat those of a whole draft."""
        self._look()
        return tuple(self._attempts.get((draft, beat), ()))

    def cell(self, draft: int, beat: str) -> Cell | None:
        """What a draft has for a beat: the answer on its way, else the newest whole one, else the newest that has text.

        None where nothing was asked for.
        """
        answers = self._answers(draft, beat)
        ways: tuple[Callable[[Cell], bool], ...] = (
            lambda cell: cell.candidate.ending is None and cell.start == 0,
            lambda cell: cell.ended,
            lambda cell: bool(cell.text.strip()),
            lambda cell: True,
        )
        return next((cell for way in ways for cell in answers if way(cell)), None)

    def _answers(self, draft: int, beat: str) -> list[Cell]:
        """All that was written for a cell, the newest first, that of a whole draft last."""
        story = self._session.story
        found = [story.candidate(name) for name in reversed(self.attempts(draft, beat))]
        cells = [Cell(draft, beat, candidate, 0, len(candidate.text)) for candidate in found]
        whole = self._in_whole(draft, beat)
        return cells if whole is None else [*cells, whole]

    def beat_of(self, candidate: str, at: int = 0) -> str:
        """The beat that a draft's candidate tells at a character; empty if it is no draft's, or stands between two beats."""
        asked = self._session.story.round(round_of(candidate))
        if isinstance(asked.target, CellTarget):
            return asked.target.beat
        if not isinstance(asked.target, DraftTarget):
            return ""
        beats = self.draft(asked.target.draft).beats
        ranges = self._ranges(self._session.story.candidate(candidate), len(beats))
        return next((beat for beat, (start, end) in zip(beats, ranges, strict=True) if start <= at < end), "")

    def row(self, number: int, beat: str) -> Round | None:
        """The cells for a beat of the drafts that were asked for with that one, as a round; None where there are none."""
        story = self._session.story
        found = [(draft.number, cell) for draft in self.together(number) if (cell := self.cell(draft.number, beat))]
        if not found or story.outline.row(beat) is None:
            return None
        rounds = [story.round(cell.candidate.round) for _, cell in found]
        sents = [asked.sent(cell.candidate.number) for asked, (_, cell) in zip(rounds, found, strict=True)]
        newest = max(rounds, key=lambda asked: asked.number)
        return Round(
            number=self._rows.setdefault((self.draft(number).first, beat), -1 - len(self._rows)),
            kind="continue",
            target=BeatTarget(beat),
            head=newest.head,
            instruction=newest.instruction,
            messages=sents[0].messages,
            receipt=sents[0].receipt,
            candidates=tuple(cell.candidate for _, cell in found),
            entry=newest.entry,
            time=newest.time,
            others=tuple(replace(sent, numbers=(at,)) for at, sent in enumerate(sents, 1)),
            row=tuple(draft for draft, _ in found),
            extents=tuple((cell.start, cell.end) for _, cell in found),
        )

    def due(self, draft: int) -> tuple[str, ...]:
        """The beats that a draft is to be asked for still, in the order of the outline as it is now: not what is being written."""
        told = self.draft(draft)
        wanted = frozenset(told.beats)
        leaves = [beat.id for beat in self._session.story.outline.leaves() if beat.id in wanted]
        return tuple(beat for beat in leaves if not self._settled(draft, beat))

    def _open(self, draft: int) -> list[str]:
        """The answers to cells of a draft that are on their way."""
        self._look()
        story = self._session.story
        named = (names[-1] for (number, _), names in self._attempts.items() if number == draft)
        return [name for name in named if story.candidate(name).ending is None]

    @property
    def unfinished(self) -> tuple[int, ...]:
        """The drafts that were not stopped, are not at work, and lack cells."""
        return tuple(
            draft.number
            for draft in self._session.story.drafts
            if not draft.halted and draft.number not in self._tasks and self.due(draft.number)
        )

    def _settled(self, draft: int, beat: str) -> bool:
        """Whether a cell has an answer that is whole, or one on its way."""
        return any(
            cell.ended or (cell.candidate.ending is None and not cell.start) for cell in self._answers(draft, beat)
        )

    def _look(self) -> None:
        """Take in the cells of rounds that are new. Rounds are only ever added."""
        rounds = self._session.story.rounds
        for number in range(self._seen, len(rounds)):
            target, (first, *_) = rounds[number].target, rounds[number].candidates
            if isinstance(target, CellTarget):
                self._attempts.setdefault((target.draft, target.beat), []).append(first.id)
            elif isinstance(target, DraftTarget):
                self._attempts.setdefault((target.draft, ""), []).append(first.id)
        self._seen = len(rounds)

    def _in_whole(self, draft: int, beat: str) -> Cell | None:
        """The cell in the newest answer that holds the whole draft, if there is one."""
        names = self._attempts.get((draft, ""), ())
        beats = self.draft(draft).beats
        if not names or beat not in beats:
            return None
        story = self._session.story
        candidate = story.candidate(names[-1])
        if candidate.ending is not None and not candidate.text.strip() and len(names) > 1:
            candidate = story.candidate(names[-2])
        at = beats.index(beat)
        (start, end), *later = self._ranges(candidate, len(beats))[at:]
        return Cell(draft, beat, candidate, start, end, any(candidate.text[a:b].strip() for a, b in later))

    def _ranges(self, candidate: Candidate, count: int) -> Sequence[tuple[int, int]]:
        """Where the beats stand in an answer that holds a whole draft."""
        known = self._divided.get(candidate.id)
        if known is None or known[0] is not candidate.text:
            from composer.text.division import divided

            known = self._divided[candidate.id] = candidate.text, divided(candidate.text, count)
        return known[1]

    # asking

    async def ask(
        self, recipes: Sequence[Recipe], way: Way, beats: Sequence[str] = (), instruction: str = ""
    ) -> tuple[Draft, ...]:
        """Begin a draft for each recipe, of these beats or of those that the way is for; they are written from now on.

        RefusedError where there is no beat, or nothing can be changed.
        """
        session = self._session
        session.check_writable()
        if not recipes:
            raise RefusedError("A draft needs at least one temperature.")
        wanted = tuple(beats) or beats_for(session.story, way)
        if not wanted:
            if session.story.outline.leaves():
                raise RefusedError(
                    "Each beat has text already.", "Choose another way: drafts of their own, for example."
                )
            raise RefusedError("The outline has no beats to write.", "a in the outline adds one, a line each.")
        first = len(session.story.drafts) + 1
        session.record((DraftsAsked(first, tuple(recipes), wanted, way, instruction),))
        numbers = tuple(range(first, first + len(recipes)))
        self._start(numbers)
        return tuple(self.draft(number) for number in numbers)

    def resume(self) -> tuple[int, ...]:
        """Have the drafts go on that were left unfinished; their numbers."""
        self._session.check_writable()
        numbers = self.unfinished
        self._start(numbers)
        return numbers

    def go_on(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Have these go on, stopped ones too; those that do."""
        self._session.check_writable()
        halted = tuple(number for number in numbers if self.draft(number).halted)
        if halted:
            self._session.record((DraftsHalted(halted, back=True),))
        going = tuple(number for number in numbers if number not in self._tasks and self.due(number))
        self._start(going)
        return going

    async def stop(self, numbers: Sequence[int]) -> None:
        """Stop these drafts, keeping what came, and wait until they have stopped. They stay stopped until they are to go on.

        One that is not at work and lacks cells, because something stands in its way, does not go on by itself either.
        """
        stopped = tuple(number for number in numbers if number in self._tasks or self.due(number))
        if not stopped:
            return
        self._session.check_writable()
        if going := tuple(number for number in stopped if not self.draft(number).halted):
            self._session.record((DraftsHalted(going),))
        await self._end(stopped, STOPPED)

    async def stop_answers(self, names: Sequence[str]) -> None:
        """Stop these candidates, and with those that are cells of drafts at work their drafts."""
        story = self._session.story
        targets = [story.round(round_of(name)).target for name in names]
        drafts = {target.draft for target in targets if isinstance(target, CellTarget | DraftTarget)}
        if halted := sorted(number for number in drafts if number in self._tasks):
            await self.stop(halted)
        await self._rounds.stop(names, STOPPED)

    async def again(self, draft: int, beat: str) -> Round:
        """Write a cell once more: what was stopped or failed goes on from where it is, what has ended is written anew.

        RefusedError while it is being written.
        """
        self._session.check_writable()
        cell = self.cell(draft, beat)
        if cell is not None and cell.candidate.ending is None:
            raise RefusedError("It is being written.", "x stops it.")
        asked = await self._ask_cell(self.draft(draft), beat)
        self._session.tell("story")
        return asked

    async def ended(self) -> None:
        """Wait until no draft is at work any more."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    async def close(self) -> None:
        """Ask for nothing more. What streams is the rounds' to end."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _end(self, numbers: Sequence[int], why: str) -> None:
        tasks = [self._tasks[number] for number in numbers if number in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._rounds.stop([name for number in numbers for name in self._open(number)], why)

    def _start(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.troubles.pop(number, None)
            task = asyncio.create_task(self._run(number), name=f"draft {number}")
            self._tasks[number] = task
            task.add_done_callback(partial(self._ended_run, number))

    def _ended_run(self, number: int, _: asyncio.Task[None]) -> None:
        self._tasks.pop(number, None)
        self._session.tell("story", "candidates", notice=self._came_to(number))

    def _came_to(self, number: int) -> str:
        """What to say once the last of the drafts that were asked for together has ended; empty before, or where it is stopped."""
        together = self.together(number)
        if any(draft.halted or draft.number in self._tasks or self.due(draft.number) for draft in together):
            return ""
        cells = sum(len(draft.beats) for draft in together)
        if len(together) == 1:
            return f"Draft {number} is written: {cells} cells."
        return f"Drafts {together[0].number} to {together[-1].number} are written: {cells} cells."

    async def _run(self, number: int) -> None:
        """One draft, until it lacks nothing or something stands in its way."""
        try:
            draft = self.draft(number)
            if draft.way == "summaries":
                await self._write_apart(draft)
                return
            if draft.way == "whole":
                await self._write_whole(draft)
            while True:
                if due := self.due(number):
                    if not await self._came(await self._ask_cell(draft, due[0])):
                        return
                elif being_written := self._open(number):
                    # What the writer has written anew may turn out to be lacking.
                    await self._rounds.streams.ended(being_written[0])
                else:
                    return
        except ComposerError as error:
            self.troubles[number] = error
            self._session.tell("notice", notice=f"Draft {number} does not go on: {error.sentence} {error.next_step}")

    async def _came(self, asked: Round) -> bool:
        """Wait for an answer; whether the model came to an end of it."""
        name = asked.candidates[0].id
        await self._rounds.streams.ended(name)
        candidate = self._session.story.candidate(name)
        return Cell(0, "", candidate, 0, len(candidate.text)).ended

    async def _write_apart(self, draft: Draft) -> None:
        """All cells that are due, as many at once as the endpoint answers."""
        endpoint = self._rounds.endpoints.endpoint(draft.recipe.endpoint)
        turns = self._turns.setdefault(endpoint.name, asyncio.Semaphore(max(1, endpoint.concurrency)))
        failed = asyncio.Event()

        async def write(beat: str) -> None:
            async with turns:
                # What stands in the way of one cell stands in the way of the others.
                if not failed.is_set() and self._session.story.outline.row(beat) is not None:
                    try:
                        if await self._came(await self._ask_cell(draft, beat)):
                            return
                    except ComposerError:
                        failed.set()
                        raise
                    failed.set()

        tasks = [asyncio.create_task(write(beat)) for beat in self.due(draft.number)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _write_whole(self, draft: Draft) -> None:
        """The whole draft in one answer, gone on with as long as it was cut. What it lacks then is written cell by cell."""
        for _ in range(GOES_ON):
            names = self.attempts(draft.number, "")
            last = self._session.story.candidate(names[-1]) if names else None
            if last is not None and last.ending is not None and last.ending.kind == "finished":
                return
            if not self.due(draft.number) or any(self.attempts(draft.number, beat) for beat in draft.beats):
                return
            text = last.text.rstrip() if last is not None else ""
            how = Stem(last.id, len(text)) if last is not None and text else None
            present = [beat for beat in draft.beats if self._session.story.outline.row(beat) is not None]
            if len(present) < len(draft.beats) and how is None:
                # The numbers in the answer are those of the beats as they were asked for.
                return
            try:
                asked = await self._rounds.ask(
                    "draft",
                    DraftTarget(draft.number),
                    (self._recipe(draft, anew=last is not None and not text),),
                    draft.instruction,
                    stem=how,
                    beats=draft.beats,
                )
            except RefusedError:
                if how is None:
                    raise
                # With all that has come it does not fit any more: the rest is written cell by cell.
                return
            if not await self._came(asked):
                raise RefusedError(_why(self._session.story, asked), "r has it go on.")
            candidate = self._session.story.candidate(asked.candidates[0].id)
            if len(candidate.text.rstrip()) <= len(text):
                return

    async def _ask_cell(self, draft: Draft, beat: str) -> Round:
        """Ask for a cell: from where its newest answer broke off, else anew."""
        cell = self.cell(draft.number, beat)
        stem = None
        if cell is not None and not cell.ended and cell.start == 0 and cell.text.strip():
            stem = Stem(cell.candidate.id, len(cell.text.rstrip()))
        from composer.context.drafted import drafted

        story = drafted(self._session.story, draft.way, beat, self._told(draft, beat))
        recipe = self._recipe(draft, anew=cell is not None and stem is None)
        return await self._rounds.ask(
            "continue", CellTarget(draft.number, beat), (recipe,), draft.instruction, story=story, stem=stem
        )

    def _told(self, draft: Draft, until: str) -> dict[str, tuple[Spans, ...]]:
        """The paragraphs that a draft has of the beats before one."""
        told: dict[str, tuple[Spans, ...]] = {}
        for beat in self._session.story.outline.leaves():
            if beat.id == until:
                break
            cell = self.cell(draft.number, beat.id)
            if cell is not None and cell.text.strip():
                told[beat.id] = part(cell.candidate, cell.start, cell.end)
        return told

    def _recipe(self, draft: Draft, *, anew: bool) -> Recipe:
        """The draft's recipe; with another seed where the same one gave an answer already."""
        if not anew or draft.recipe.seed is None:
            return draft.recipe
        return replace(draft.recipe, seed=grids.new_seed(self._session.new_id))


def _why(story: Story, asked: Round) -> str:
    ending = story.candidate(asked.candidates[0].id).ending
    return ending.why if ending is not None else "It did not come to an end."
