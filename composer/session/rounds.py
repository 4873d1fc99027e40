"""Rounds: asking for candidates, and the streams that write them. Each candidate ends exactly once, and says why.

What streams in is true in memory at once and entered in the journal every second. A stream is one task; stopping it keeps what
came. It never places anything in the text and knows no servers.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Protocol

from composer.context.pack import Amount, Wish, pack
from composer.errors import EndpointError, RefusedError
from composer.journal.entry import digest
from composer.journal.journal import Journal
from composer.session.ports import Clock, Closing, Endpoint, Kind, NewId, Piece, Request
from composer.story.actions.place import end_of_beat
from composer.story.candidate import (
    BeatTarget,
    Candidate,
    Channel,
    Ending,
    EndingKind,
    Message,
    PlaceTarget,
    Recipe,
    Round,
    RoundKind,
    Target,
    candidate_id,
)
from composer.story.events import CandidateEnded, CandidateGrew, Event, Fact, RoundAsked
from composer.story.fold import witness
from composer.story.follow import Side
from composer.story.manuscript import Position
from composer.story.spans import Spans, text_of_rows
from composer.story.story import Story
from composer.text.clean import one_line

WRITE_EVERY = 1.0
"""Seconds between two entries of what streams in."""
CHARACTERS_PER_TOKEN = 16
"""An answer of more characters than this for each token it may have does not end by itself, and is cut."""


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

    def enter_fact(self, fact: Fact) -> None: ...

    def flush(self) -> None: ...

    def where(self, place: Position, since: int, side: Side) -> Position | None: ...

    def tell(self, *kinds: Kind, candidates: frozenset[str] = frozenset(), notice: str = "") -> None: ...


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


class Rounds:
    """The streams of one session, by candidate."""

    def __init__(self, session: Ledger, endpoint: Endpoint) -> None:
        self._session = session
        self.endpoint = endpoint
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._whys: dict[str, str] = {}
        self._places: dict[tuple[int, Side], tuple[int, Position]] = {}
        """Of each round and side: the head for which its place was found last, and the place then."""
        self._growth: dict[tuple[str, Channel], _Growth] = {}
        self._ticker: asyncio.Task[None] | None = None

    # asking

    def recipes(self, ladder: Sequence[float], model: str = "", lens: str = "") -> tuple[Recipe, ...]:
        """A recipe for each temperature, with a seed of its own."""
        return tuple(
            Recipe(
                self.endpoint.name,
                model or self.endpoint.model,
                {**self.endpoint.sampling, "temperature": value},
                lens=lens,
                seed=self._seed(),
            )
            for value in ladder
        )

    def _seed(self) -> int:
        return int.from_bytes(hashlib.blake2b(self._session.new_id().encode(), digest_size=4).digest(), "big") >> 1

    def shuffled(self, count: int) -> tuple[int, ...]:
        """The places from 0 to `count` in an order that no one can guess."""
        return tuple(sorted(range(count), key=lambda place: (self._seed(), place)))

    def waiting(self, kind: RoundKind, target: Target) -> Round | None:
        """The running round of that kind for the same place that has no text yet, if there is one."""
        for asked in reversed(self._session.story.rounds):
            if asked.running and asked.kind == kind and self._same_place(asked, target):
                return None if any(candidate.text or candidate.reasoning for candidate in asked.candidates) else asked
        return None

    def _same_place(self, asked: Round, target: Target) -> bool:
        if isinstance(asked.target, PlaceTarget) and isinstance(target, PlaceTarget):
            return self.place(asked) == (target.at, target.end or target.at)
        return asked.target == target

    def place(self, asked: Round) -> tuple[Position, Position] | None:
        """Where the place is now that a round was asked for: its start and end; None if it is gone."""
        target = asked.target
        if not isinstance(target, PlaceTarget):
            return None
        side: Side = target.side
        if target.end is not None:
            # What is typed right beside a range is not part of it.
            side = "start"
        start = self._where(asked, target.at, side)
        if target.end is None:
            return None if start is None else (start, start)
        end = self._where(asked, target.end, "before")
        if start is not None and end is not None and self._session.story.manuscript.before(end, start):
            start = end
        return None if start is None or end is None else (start, end)

    def _where(self, asked: Round, place: Position, side: Side) -> Position | None:
        """Where a place of a round is now. The way is gone only from where it was found last, unless changes were undone since."""
        journal = self._session.journal
        head = journal.tree.head
        since, known = self._places.get((asked.number, side), (asked.head, place))
        if since != head:
            if since != asked.head and (since not in journal.tree.nodes or journal.tree.walk(since, head)[0]):
                since, known = asked.head, place
            now = journal.where(known, since, side)
            if now is None:
                self._places.pop((asked.number, side), None)
                return None
            since, known = head, now
            self._places[asked.number, side] = since, known
        return self._session.where(known, head, side)

    def ask(
        self,
        kind: RoundKind,
        target: Target,
        recipes: Sequence[Recipe],
        instruction: str = "",
        *,
        amount: Amount = "full",
        base: tuple[Spans, ...] = (),
        marks: tuple[int, ...] = (),
    ) -> Round:
        """Ask for candidates, one for each recipe; the round, which streams from now on.

        `base` is the text that they are to change where it is not in the manuscript, and `marks` those it was joined from.
        RefusedError while a round for the same place has no text yet, and where the request does not fit the model.
        """
        session = self._session
        if not recipes:
            raise RefusedError("A round needs at least one temperature.")
        if blocked := self.waiting(kind, target):
            raise RefusedError(
                f"Round {blocked.number} for this place has not begun to write yet; nothing more was sent.",
                "Wait for its first word, or stop it with X in the candidates.",
            )
        session.flush()
        story = session.story
        if isinstance(target, PlaceTarget):
            start, end, beat = target.at, target.end or target.at, target.beat
            if not (story.manuscript.holds(start) and story.manuscript.holds(end)):
                raise RefusedError("The place that this is for is not in the text any more.", "Go where it should be.")
        else:
            beat = target.beat if isinstance(target, BeatTarget) else ""
            start = end = end_of_beat(story, beat)
        stood = story.manuscript.fragment(start, end).pieces if start != end else ()
        base = base or stood
        passage = text_of_rows(base) if marks else ""
        reserve = min(self.endpoint.max_tokens, self.endpoint.window // 2)
        wish = Wish(kind, start, end, beat, instruction, recipes[0].lens, amount, passage)
        packed = pack(story, wish, self.endpoint.count, self.endpoint.window, reserve)
        pieces: dict[str, bytes] = {}
        messages = []
        for role, texts in packed.messages:
            data = [text.encode() for text in texts]
            names = tuple(digest(each) for each in data)
            pieces.update(zip(names, data, strict=True))
            messages.append(Message(role, names))  # type: ignore[arg-type]
        number = len(story.rounds) + 1
        session.record(
            (
                RoundAsked(
                    round=number,
                    kind=kind,
                    target=target,
                    head=session.journal.tree.head,
                    instruction=instruction,
                    recipes=tuple(recipes),
                    messages=tuple(messages),
                    receipt=packed.receipt,
                    base=base,
                    marks=marks,
                    stood=stood if marks else (),
                ),
            ),
            pieces=pieces,
        )
        sent = tuple((role, "".join(texts)) for role, texts in packed.messages)
        for at, recipe in enumerate(recipes, 1):
            self._start(candidate_id(number, at), Request(sent, recipe, reserve))
        session.tell("candidates")
        return session.story.round(number)

    def _start(self, candidate: str, request: Request) -> None:
        task = asyncio.create_task(self._run(candidate, request), name=f"candidate {candidate}")
        self._tasks[candidate] = task
        task.add_done_callback(lambda _: self._tasks.pop(candidate, None))
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.create_task(self._tick(), name="growth")

    # streaming

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
            async with aclosing(self.endpoint.stream(request)) as stream:  # type: ignore[type-var]
                async for piece in stream:
                    if isinstance(piece, Closing):
                        closing = piece
                    else:
                        came += len(piece.text)
                        self._grow(name, piece)
                        if came > limit:
                            closing = Closing("endless", closing.model)
                            break
            kind, why, suspect = verdict(closing, self._session.story.candidate(name), request.max_tokens)
        except asyncio.CancelledError:
            kind, why = "cancelled", self._whys.pop(name, "It was stopped; what had come is kept.")
        except EndpointError as error:
            kind, why = "failed", f"{error.sentence} {error.next_step}".strip()
        except Exception as error:  # noqa: BLE001 — the border to the endpoint: whatever it is, the candidate ends and says so
            kind, why = "failed", f"The stream broke off: {one_line(f'{type(error).__name__}: {error}')}. Ask again."
        finally:
            self._end(name, kind, why, suspect, closing, began)

    def _grow(self, name: str, piece: Piece) -> None:
        if not piece.text:
            return
        session = self._session
        candidate = session.story.candidate(name)
        offset = len(candidate.text if piece.channel == "text" else candidate.reasoning)
        now = session.clock.now()
        growth = self._growth.setdefault((name, piece.channel), _Growth(offset, now))
        growth.add(piece.text, now)
        session.story = witness(session.story, CandidateGrew(name, offset, piece.text, piece.channel))
        session.tell("candidates", candidates=frozenset((name,)))

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

    def _end(self, name: str, kind: EndingKind, why: str, suspect: bool, closing: Closing, began: int) -> None:
        session = self._session
        session.flush()
        text = session.story.candidate(name).text
        ending = Ending(
            kind=kind,
            why=why,
            length=len(text),
            digest=digest(text.encode()),
            elapsed=max(0, session.clock.now() - began),
            finish_reason=closing.finish_reason,
            suspect=suspect,
            model=closing.model,
            prompt_tokens=closing.prompt_tokens,
            completion_tokens=closing.completion_tokens,
        )
        session.enter_fact(CandidateEnded(name, ending))
        session.tell("candidates", candidates=frozenset((name,)))

    # stopping

    @property
    def running(self) -> int:
        """How many candidates are waiting or writing."""
        return len(self._tasks)

    async def stop(self, names: Sequence[str], why: str = "You stopped it; what had come is kept.") -> None:
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

    def end_interrupted(self) -> tuple[str, ...]:
        """End what a process that died left open; the candidates that were."""
        open_ones = [
            candidate.id
            for asked in self._session.story.rounds
            for candidate in asked.candidates
            if candidate.ending is None
        ]
        for name in open_ones:
            why = "The program ended while it was writing; what had come is kept."
            self._end(name, "failed", why, False, Closing(), self._session.clock.now())
        return tuple(open_ones)


def verdict(closing: Closing, candidate: Candidate, max_tokens: int) -> tuple[EndingKind, str, bool]:
    """How a stream that closed by itself ended: the kind, why, and whether it is suspect."""
    reason = closing.finish_reason
    if not candidate.text.strip():
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
