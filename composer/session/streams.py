"""Streams: what models write, as it comes, candidate by candidate. Each candidate ends exactly once, and says why.

What streams in is true in memory at once and entered in the journal every second. A stream is one task; stopping it keeps what
came. It never asks for a round, never places anything in the text and knows no servers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from composer.errors import ComposerError, ContextTooLong
from composer.journal.entry import digest
from composer.journal.journal import Journal
from composer.session.ports import Clock, Closing, Endpoints, Kind, NewId, Piece, Request, Waiting
from composer.story import surprise
from composer.story.candidate import Candidate, Channel, Cost, Ending, EndingKind, Round, round_of
from composer.story.events import (
    BeatsPlaced,
    CandidateEnded,
    CandidateGrew,
    Event,
    Fact,
    LinePlaced,
    TextWasThought,
    rows_put,
)
from composer.story.fold import witness
from composer.story.follow import Side
from composer.story.manuscript import Position
from composer.story.spans import candidate_of
from composer.story.story import Story
from composer.story.surprise import Choice, Token
from composer.text.clean import one_line

WRITE_EVERY = 1.0
"""Seconds between two entries of what streams in."""
CHARACTERS_PER_TOKEN = 16
"""An answer of more characters than this for each token it may have does not end by itself, and is cut."""
SILENT = 10
"""Seconds after which it is said that nothing comes."""
REMEMBERED = 40
"""Candidates whose tokens are kept at hand: two rounds of the largest kind."""
CHARACTERS_GUESSED = 4
"""Characters of a token, about, while no server has told how many there are."""


class Ledger(Protocol):
    """What the streams need of the session: the story as it is true now, the journal, and the ways to enter and to tell."""

    story: Story
    journal: Journal
    clock: Clock
    new_id: NewId

    @property
    def read_only(self) -> bool: ...

    def record(
        self, happened: Sequence[Event], step: int | None = None, pieces: Mapping[str, bytes] | None = None
    ) -> None: ...

    def enter_fact(self, fact: Fact, pieces: Mapping[str, bytes] | None = None) -> None: ...

    def flush(self) -> None: ...

    def check_writable(self) -> None: ...

    def where(self, place: Position, since: int, side: Side) -> Position | None: ...

    async def pieces(self, names: Sequence[str]) -> dict[str, bytes]: ...

    def tell(self, *kinds: Kind, candidates: frozenset[str] = frozenset(), notice: str = "") -> None: ...


@dataclass(frozen=True)
class Progress:
    """How far a round is: candidates that have ended and that are there, tokens and seconds since it was asked.

    `rate` is tokens a second since the first text came; 0 while none has.
    """

    done: int
    count: int
    tokens: int
    seconds: float
    rate: float


Repacked = Callable[[str, ContextTooLong], Awaitable[Request]]
"""From a candidate and what its endpoint said to a shorter request. ComposerError where there is none."""


class _Growth:
    """What came for one candidate in one channel since the last entry."""

    def __init__(self, offset: int, now: int) -> None:
        self.offset = offset
        self.text = ""
        self.pace: list[tuple[int, int]] = []
        self.last = now

    def add(self, text: str, now: int) -> None:
        self.text += text
        self.pace.append((max(0, now - self.last), len(text)))
        self.last = now


class Streams:
    """The streams of one session, by candidate."""

    def __init__(self, session: Ledger, endpoints: Endpoints, repacked: Repacked) -> None:
        """`repacked` makes of a request that was too long one that fits."""
        self._session = session
        self._endpoints = endpoints
        self._repacked = repacked
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._whys: dict[str, str] = {}
        self._waits: dict[str, tuple[str, int | None]] = {}
        self._tokens: dict[str, list[Token]] = {}
        self._dropped: dict[str, tuple[tuple[str, str], ...]] = {}
        """What running candidates' requests were sent without."""
        self._heard: dict[str, int] = {}
        """When a running candidate was heard of last, in ms since 1970."""
        self._first: dict[int, int] = {}
        """When the first text of a round came, in ms since 1970."""
        self.choices: OrderedDict[str, tuple[Choice, ...]] = OrderedDict()
        """The tokens of the candidates that were looked at or ended last, where they are known."""
        self._growth: dict[tuple[str, Channel], _Growth] = {}
        self._ticker: asyncio.Task[None] | None = None

    def start(self, candidate: str, request: Request) -> None:
        """Have a candidate written."""
        self._heard[candidate] = self._session.clock.now()
        task = asyncio.create_task(self._run(candidate, request), name=f"candidate {candidate}")
        self._tasks[candidate] = task
        task.add_done_callback(lambda _: self._tasks.pop(candidate, None))
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.create_task(self._tick(), name="growth")

    async def _run(self, name: str, request: Request) -> None:
        """One stream, to its one ending."""
        began = self._session.clock.now()
        closing = Closing()
        kind: EndingKind = "failed"
        why = "The stream broke off for a reason that is not known."
        suspect = False
        limit = max(2_000, request.max_tokens * CHARACTERS_PER_TOKEN)
        came = 0
        try:
            endpoint = self._endpoints.endpoint(request.recipe.endpoint)
            for may_be_long in (True, False):
                try:
                    async with aclosing(endpoint.stream(request)) as stream:  # type: ignore[type-var]
                        async for piece in stream:
                            if isinstance(piece, Closing):
                                closing = piece
                            elif isinstance(piece, Waiting):
                                self._wait(name, piece)
                            else:
                                came += len(piece.text)
                                self._take(name, piece)
                                if came > limit:
                                    closing = Closing("endless", closing.model)
                                    break
                    break
                except ContextTooLong as error:
                    if came or not may_be_long:
                        raise
                    request = await self._repacked(name, error)
            kind, why, suspect = verdict(closing, self._session.story.candidate(name), request.max_tokens)
        except asyncio.CancelledError:
            kind, why = "cancelled", self._whys.pop(name, "It was stopped; what had come is kept.")
        except ComposerError as error:
            kind, why = "failed", f"{error.sentence} {error.next_step}".strip()
        except Exception as error:  # noqa: BLE001 — the border to the endpoint: whatever it is, the candidate ends and says so
            kind, why = "failed", f"The stream broke off: {one_line(f'{type(error).__name__}: {error}')}. Ask again."
        finally:
            self._waits.pop(name, None)
            self._heard.pop(name, None)
            self._end(name, kind, why, suspect, closing, began)

    # what comes

    def _wait(self, name: str, waiting: Waiting) -> None:
        self._heard[name] = self._session.clock.now()
        if waiting.dropped:
            self._dropped[name] = waiting.dropped
        if waiting.why:
            until = None
            if waiting.seconds is not None:
                until = self._session.clock.now() + int(waiting.seconds * 1000)
            self._waits[name] = (waiting.why, until)
        elif self._waits.pop(name, None) is None:
            return
        self._session.tell("candidates", candidates=frozenset((name,)))

    def _take(self, name: str, piece: Piece) -> None:
        if self._waits:
            self._waits.pop(name, None)
        self._heard[name] = self._session.clock.now()
        if piece.recast:
            self._recast(name)
        if piece.tokens and piece.channel == "text":
            self._tokens.setdefault(name, []).extend(piece.tokens)
        if not piece.text:
            return
        session = self._session
        candidate = session.story.candidate(name)
        offset = len(candidate.text if piece.channel == "text" else candidate.reasoning)
        now = session.clock.now()
        self._first.setdefault(candidate.round, now)
        growth = self._growth.setdefault((name, piece.channel), _Growth(offset, now))
        growth.add(piece.text, now)
        session.story = witness(session.story, CandidateGrew(name, offset, piece.text, piece.channel))
        session.tell("candidates", candidates=frozenset((name,)))

    def _recast(self, name: str) -> None:
        """All that a candidate wrote so far were thoughts: they are told from its text, unless anything was ever taken from it."""
        session = self._session
        session.flush()
        candidate = session.story.candidate(name)
        if not candidate.text or candidate.begun or self._taken(name):
            return
        self._tokens.pop(name, None)
        session.enter_fact(TextWasThought(name, len(candidate.text)))
        session.tell("story", "candidates", candidates=frozenset((name,)))

    def _taken(self, name: str) -> bool:
        """Whether any mark, edit or change, undone ones among them, holds characters of a candidate."""
        story = self._session.story
        if any(mark.candidate == name for mark in story.marks) or any(edit.candidate == name for edit in story.edits):
            return True
        since = story.round(round_of(name)).entry
        nodes = self._session.journal.tree.nodes
        rows = (row for edit in story.edits for row in edit.paragraphs)
        rows_of_changes = (row for seq, node in nodes.items() if seq > since for row in rows_put(node.change))
        if any(candidate_of(span.origin) == name for row in (*rows, *rows_of_changes) for span in row):
            return True
        changes = (node.change for seq, node in nodes.items() if seq > since)
        lines = (change for change in changes if isinstance(change, BeatsPlaced | LinePlaced))
        return any(name in change.placement.candidates for change in lines)

    def take_growth(self) -> list[Event]:
        """What streamed in since it was last taken, as events."""
        grown: list[Event] = [
            CandidateGrew(name, growth.offset, growth.text, channel, tuple(growth.pace))
            for (name, channel), growth in self._growth.items()
        ]
        self._growth.clear()
        return grown

    @property
    def growing(self) -> bool:
        """Whether text has come that is not entered yet."""
        return bool(self._growth)

    async def _tick(self) -> None:
        while self._tasks:
            await self._session.clock.sleep(WRITE_EVERY)
            self._session.flush()
            counted = [name for name in self._tasks if self.wait_of(name).endswith(" s")]
            if counted:
                # So that the seconds are seen to go.
                self._session.tell("candidates", candidates=frozenset(counted))

    def _end(self, name: str, kind: EndingKind, why: str, suspect: bool, closing: Closing, began: int) -> None:
        session = self._session
        session.flush()
        candidate = session.story.candidate(name)
        pieces: dict[str, bytes] = {}
        known = surprise.aligned(candidate.text, self._tokens.pop(name, ()), candidate.begun)
        if known:
            blob = surprise.encode(known)
            pieces[digest(blob)] = blob
            self.remember(name, known)
        ending = Ending(
            kind=kind,
            why=why,
            length=len(candidate.text),
            digest=digest(candidate.text.encode()),
            elapsed=max(0, session.clock.now() - began),
            finish_reason=closing.finish_reason,
            suspect=suspect,
            model=closing.model,
            prompt_tokens=closing.prompt_tokens,
            completion_tokens=closing.completion_tokens,
            logprobs=next(iter(pieces), ""),
            cost=self._cost(candidate, kind, closing),
            dropped=closing.dropped or self._dropped.pop(name, ()),
        )
        session.enter_fact(CandidateEnded(name, ending), pieces)
        session.tell("candidates", candidates=frozenset((name,)))

    def _cost(self, candidate: Candidate, kind: EndingKind, closing: Closing) -> Cost | None:
        """What an answer cost, by its endpoint's prices; None where they are not known, or nothing can have been charged."""
        recipe = candidate.recipe
        receipt = self._session.story.round(candidate.round).sent(candidate.number).receipt
        try:
            endpoint = self._endpoints.endpoint(recipe.endpoint)
        except ComposerError:
            return None
        if closing.prompt_tokens is not None and closing.finish_reason:
            endpoint.learn_usage(recipe.model, receipt.tokens, closing.prompt_tokens)
        price = endpoint.price_of(recipe.model)
        told = closing.prompt_tokens is not None and closing.completion_tokens is not None
        if price is None or (kind == "failed" and not told and not (candidate.written or candidate.reasoning)):
            return None
        count = endpoint.counter_of(recipe.model)
        sent = receipt.tokens if closing.prompt_tokens is None else closing.prompt_tokens
        written = closing.completion_tokens
        if written is None:
            written = count(candidate.written) + count(candidate.reasoning)
        # Prices are of a million tokens, costs in millionths.
        return Cost(round(sent * price.input + written * price.output), price.currency, not told)

    # looking

    def remember(self, name: str, known: tuple[Choice, ...]) -> None:
        """Keep a candidate's tokens at hand; those of others go, for their session's file has them."""
        self.choices[name] = known
        self.choices.move_to_end(name)
        while len(self.choices) > REMEMBERED:
            self.choices.popitem(last=False)

    @property
    def running(self) -> int:
        """How many candidates are waiting or writing."""
        return len(self._tasks)

    def wait_of(self, name: str) -> str:
        """Why nothing comes for a candidate, in words; empty where that is not known, or not so."""
        why, until = self._waits.get(name, ("", None))
        if not why:
            silent = (self._session.clock.now() - self._heard.get(name, self._session.clock.now())) // 1000
            return f"silent for {silent} s" if silent >= SILENT else ""
        if until is None:
            return why
        return f"{why}: {max(0, round((until - self._session.clock.now()) / 1000))} s"

    def progress(self, asked: Round) -> Progress:
        """How far a round is."""
        now = self._session.clock.now()
        ended = [candidate for candidate in asked.candidates if candidate.ending is not None]
        tokens = sum(map(_tokens_of, asked.candidates))
        first = self._first.get(asked.number)
        rate = tokens / max(0.5, (now - first) / 1000) if first is not None and tokens else 0.0
        seconds = max(0, now - asked.time) / 1000
        return Progress(len(ended), len(asked.candidates), tokens, seconds, rate)

    # stopping

    async def ended(self, name: str) -> None:
        """Wait until a candidate has ended."""
        if task := self._tasks.get(name):
            await asyncio.wait((task,))

    async def stop(self, names: Sequence[str], why: str) -> None:
        """Stop these candidates, keeping what came, and wait until they have ended."""
        tasks = [self._tasks[name] for name in names if name in self._tasks]
        for name in names:
            if name in self._tasks:
                self._whys[name] = why
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in names:
            self._end_if_open(name, why)

    async def stop_all(self, why: str) -> None:
        await self.stop(list(self._tasks), why)
        if self._ticker:
            self._ticker.cancel()

    def _end_if_open(self, name: str, why: str) -> None:
        """A task that was stopped before it ran at all has not ended its candidate."""
        self._whys.pop(name, None)
        # What another process writes is its own to end.
        if self._session.story.candidate(name).ending is None and not self._session.read_only:
            self._end(name, "cancelled", why, False, Closing(), self._session.clock.now())

    def end_interrupted(self, names: Iterable[str]) -> None:
        """End what a process that died left open."""
        for name in names:
            why = "The program ended while it was writing; what had come is kept."
            self._end(name, "failed", why, False, Closing(), self._session.clock.now())


def _tokens_of(candidate: Candidate) -> int:
    told = candidate.ending.completion_tokens if candidate.ending else None
    if told is not None:
        return told
    return (len(candidate.written) + len(candidate.reasoning)) // CHARACTERS_GUESSED


def verdict(closing: Closing, candidate: Candidate, max_tokens: int) -> tuple[EndingKind, str, bool]:
    """How a stream that closed by itself ended: the kind, why, and whether it is suspect."""
    reason = closing.finish_reason
    if not candidate.written.strip():
        what = "It thought, and wrote nothing." if candidate.reasoning.strip() else "The model answered with nothing."
        return "failed", f"{what} Ask again, or change the beat.", False
    if reason == "length":
        return "cut", f"It reached {max_tokens:,} tokens, the most that an answer may have.", False
    if reason == "endless":
        return "cut", "It went on and on and was stopped here.", False
    if reason == "content_filter":
        return "cut", "The server's content filter stopped it.", False
    if not reason:
        return "finished", "The stream ended without saying that the answer is whole; it may lack its end.", True
    return "finished", "The model ended it.", False
