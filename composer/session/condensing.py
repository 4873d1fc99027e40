"""Earlier text in few words: asking a model for summaries of sections, taking them in when they come, and those by hand.

Each section is a round of its own with one candidate, so that it streams, ends, costs and is stored like all that models write.
A summary that fails, or is no shorter than its text, is not used, and that is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from composer.errors import ComposerError, RefusedError
from composer.session.rounds import Rounds
from composer.session.streams import Ledger
from composer.story.candidate import Candidate, SectionTarget
from composer.story.events import TextCondensed
from composer.story.manuscript import START, Position
from composer.story.story import Paraphrase
from composer.text.clean import clean
from composer.text.words import count_words

if TYPE_CHECKING:
    from composer.context.sections import Section

HEAT = 0.3
"""The temperature of summaries."""
TENTH = 10
"""A summary is to be this many times shorter than its text."""
LEAST, MOST = 30, 150
"""Words of a summary, about."""
TOKENS_PER_WORD = 4
"""The most tokens that a word of a summary may take, in any language."""
AROUND = 250
"""Tokens of a request for a summary besides its passage, about."""
AT_ONCE = 40
"""Sections that are asked for in one go, the oldest first."""


@dataclass(frozen=True)
class Outcome:
    """What came of summaries that were asked for: the first blocks of those written, and those that are not used, with why."""

    written: tuple[str, ...] = ()
    failures: tuple[tuple[str, ComposerError], ...] = ()
    stopped: int = 0

    @property
    def words(self) -> str:
        """In a sentence or three; of what failed alike the first is told."""
        said = []
        if self.written:
            said.append(f"{_summaries(len(self.written))} written.")
        if self.stopped:
            said.append(
                f"{_summaries(self.stopped)} stopped; nothing of {'it' if self.stopped == 1 else 'them'} is kept."
            )
        if self.failures:
            label, error = self.failures[0]
            if (count := len(self.failures)) == 1:
                said.append(f"The summary of {label} is not used: {error.sentence}")
            else:
                said.append(f"{count} summaries are not used. That of {label}: {error.sentence}")
            said.append(error.next_step or "Ask again, or have another model write it.")
        return " ".join(said)


def _summaries(count: int) -> str:
    return f"{count:,} {'summary' if count == 1 else 'summaries'}"


class Condensing:
    """The summaries of one session."""

    def __init__(self, session: Ledger, rounds: Rounds) -> None:
        self._session = session
        self._rounds = rounds
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: set[tuple[str, ...]] = set()
        """The blocks of what is being condensed."""
        self._names: set[str] = set()
        """The candidates that write it."""
        self._asking = 0
        self._halted = False
        """Whether those on their way were stopped."""
        self._written: list[str] = []
        self._failures: list[tuple[str, ComposerError]] = []
        self._stopped = 0
        self.taker: Callable[[Outcome], None] | None = None
        """Takes what came of all that were on their way, once the last has ended. Without one it is told as a notice."""

    @property
    def running(self) -> int:
        """How many sections are being condensed."""
        return len(self._tasks)

    async def sections(self, until: Position) -> tuple[Section, ...]:
        """The sections of the text before a place, with their summaries."""
        story = self._session.story
        if until == START or not story.manuscript.holds(until):
            return ()
        from composer.context.sections import sections

        endpoint = self._rounds.endpoint
        measured = await self._rounds.packing.measured(story.manuscript, endpoint.counter_of(endpoint.model))
        window = endpoint.window_of(endpoint.model)
        room = window - min(MOST * TOKENS_PER_WORD, window // 2) - AROUND
        return sections(story, story.manuscript.index(until.block), measured, max(1, room))

    async def condense(self, wanted: Sequence[Section]) -> int:
        """Ask for the summaries of sections; how many were asked for. They come later, one after the other.

        Those that are being condensed, and those whose text is gone, are passed over. RefusedError where nothing can be sent at
        all; what stands in the way of a later one is told.
        """
        self._session.check_writable()
        asked = 0
        self._asking += 1
        self._halted = False
        try:
            for section in wanted[:AT_ONCE]:
                manuscript = self._session.story.manuscript
                if section.blocks in self._running or not all(block in manuscript for block in section.blocks):
                    continue
                texts = [manuscript.block(block).text for block in section.blocks]
                try:
                    await self._ask(section, texts)
                except ComposerError as error:
                    if not asked:
                        raise
                    self._session.tell("notice", notice=f"{asked} of {len(wanted)} were asked for: {error.sentence}")
                    break
                asked += 1
                if self._halted:
                    await self._stop_streams()
                    break
        finally:
            self._asking -= 1
            self._end()
        return asked

    async def stop(self) -> None:
        """Stop those that are on their way, and wait until they have ended. Nothing of them is used."""
        self._halted = True
        await self._stop_streams()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _stop_streams(self) -> None:
        await self._rounds.stop(sorted(self._names), "You stopped it.")

    def _end(self, done: asyncio.Task[None] | None = None) -> None:
        """Tell what came of them, if there are no more on their way."""
        if done is not None:
            self._tasks.discard(done)
        if self._tasks or self._asking:
            return
        made = Outcome(tuple(self._written), tuple(self._failures), self._stopped)
        self._written, self._failures, self._stopped = [], [], 0
        if made == Outcome():
            return
        if self.taker is not None:
            self.taker(made)
        else:
            self._session.tell("notice", notice=made.words)

    async def _ask(self, section: Section, texts: Sequence[str]) -> None:
        count = _words(sum(map(count_words, texts)))
        (recipe,) = self._rounds.recipes((HEAT,))
        recipe = replace(recipe, sampling={**recipe.sampling, "max_tokens": count * TOKENS_PER_WORD})
        self._running.add(section.blocks)
        try:
            target = SectionTarget(section.blocks)
            round_ = await self._rounds.ask("condense", target, (recipe,), f"In about {count} words.")
        except BaseException:
            self._running.discard(section.blocks)
            raise
        from composer.context.sections import digest_of

        # The text may have changed since the section was found: the summary tells what was sent.
        name = round_.candidates[0].id
        self._names.add(name)
        work = self._take(section, digest_of(texts), name)
        task = asyncio.create_task(work, name=f"summary {round_.number}")
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def write(self, section: Section, text: str) -> None:
        """Take the writer's own words for a section; none take its summary back."""
        self._session.check_writable()
        text = clean(text).strip()
        if not text and section.paraphrase is None:
            return
        by = section.paraphrase.candidate if section.paraphrase is not None else ""
        self._enter(Paraphrase(section.blocks, section.digest, text, by, edited=True))
        if not text and section.paraphrase is not None and section.paraphrase.digest != section.digest:
            self._enter(replace(section.paraphrase, text=""))

    async def close(self) -> None:
        """Wait for those whose streams have ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, section: Section, digest: str, name: str) -> None:
        """Take in a summary of the text with that digest once it has ended, or hold why not."""
        try:
            await self._rounds.streams.ended(name)
        finally:
            self._running.discard(section.blocks)
            self._names.discard(name)
        if self._halted:
            self._stopped += 1
            return
        candidate = self._session.story.candidate(name)
        count = self._rounds.endpoints.endpoint(candidate.recipe.endpoint).counter_of(candidate.recipe.model)
        try:
            text = _summary(candidate)
            if count(text) >= section.tokens:
                raise RefusedError(f"it came back with {count(text):,} tokens for {section.tokens:,}.")
            self._session.check_writable()
        except ComposerError as error:
            self._failures.append((section.label, error))
            return
        self._enter(Paraphrase(section.blocks, digest, text, name))
        self._written.append(section.thing)

    def _enter(self, paraphrase: Paraphrase) -> None:
        self._session.enter_fact(TextCondensed(paraphrase))
        self._session.tell("story")


def _words(words: int) -> int:
    """How many words a summary of a text of `words` words is to have."""
    return max(LEAST, min(MOST, words // TENTH))


def _summary(candidate: Candidate) -> str:
    """The text of a summary; of one that was cut its whole sentences. RefusedError where there is none."""
    ending = candidate.ending
    text = candidate.written.strip()
    if ending is None or ending.kind in ("failed", "cancelled") or not text:
        raise RefusedError(ending.why[:1].lower() + ending.why[1:] if ending is not None else "it has not ended.")
    if ending.kind == "cut":
        from composer.text.sentences import sentences

        found = sentences(text)
        text = text[: found[-1][0]].strip() if len(found) > 1 else ""
        if not text:
            raise RefusedError("it was cut before its first sentence ended.")
    return text
