"""Rounds: asking for candidates, and where they belong by now. It never places anything in the text and knows no servers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from composer.context.pack import Wish
from composer.errors import RefusedError
from composer.session import recipes as grids
from composer.session.ports import Endpoint, Endpoints
from composer.session.preparing import prepared
from composer.session.recipes import Grid
from composer.session.streams import Ledger, Streams
from composer.story import surprise
from composer.story.actions.place import end_of_beat
from composer.story.candidate import (
    Amount,
    BeatTarget,
    PlaceTarget,
    Recipe,
    Round,
    RoundKind,
    Stem,
    Target,
    candidate_id,
)
from composer.story.events import CandidateGrew, Event, RoundAsked
from composer.story.follow import Side
from composer.story.manuscript import Position
from composer.story.spans import Spans, text_of_rows
from composer.story.surprise import Choice


class Rounds:
    """The streams of one session, by candidate."""

    def __init__(self, session: Ledger, endpoints: Endpoints) -> None:
        self._session = session
        self.endpoints = endpoints
        self.streams = Streams(session, endpoints)
        self._places: dict[tuple[int, Side], tuple[int, Position]] = {}
        """Of each round and side: the head for which its place was found last, and the place then."""

    @property
    def endpoint(self) -> Endpoint:
        """The one that writes unless a recipe names another."""
        return self.endpoints.endpoint(self.endpoints.chosen)

    # asking

    def recipes(self, grid: Grid | Sequence[float]) -> tuple[Recipe, ...]:
        """The recipes of a grid, or of a ladder of temperatures. RefusedError where there are too many or none."""
        grid = grid if isinstance(grid, Grid) else Grid(tuple(grid))
        return grids.recipes(grid, self.endpoints, self._session.new_id)

    def shuffled(self, count: int) -> tuple[int, ...]:
        """The places from 0 to `count` in an order that no one can guess."""
        return tuple(sorted(range(count), key=lambda place: (grids.new_seed(self._session.new_id), place)))

    def waiting(self, kind: RoundKind, target: Target) -> Round | None:
        """The running round of that kind for the same place that has no text yet, if there is one."""
        for asked in reversed(self._session.story.rounds):
            if asked.running and asked.kind == kind and self._same_place(asked, target):
                begun = any(one.written or one.reasoning for one in asked.candidates)
                return None if begun else asked
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
        stem: Stem | None = None,
    ) -> Round:
        """Ask for candidates, one for each recipe; the round, which streams from now on.

        `base` is the text that they are to change where it is not in the manuscript, and `marks` those it was joined from.
        `stem` is what all of them go on from.
        RefusedError while a round for the same place has no text yet, and where the request does not fit the model.
        """
        session = self._session
        if not recipes:
            raise RefusedError("A round needs at least one temperature.")
        # A profile may leave the model to the server, which has told it by now.
        recipes = [
            each if each.model else replace(each, model=self.endpoints.endpoint(each.endpoint).model)
            for each in recipes
        ]
        if blocked := self.waiting(kind, target):
            raise RefusedError(
                f"Round {blocked.number} for this place has not begun to write yet; nothing more was sent.",
                "Wait for its first word, or stop it with X in the candidates.",
            )
        session.flush()
        wish, stood = self._wish(kind, target, instruction, amount, base, marks, stem)
        base = base or stood
        begun = wish.begun
        pieces: dict[str, bytes] = {}
        ready = prepared(session.story, wish, recipes, self.endpoints, pieces)
        number = len(session.story.rounds) + 1
        names = [candidate_id(number, at) for at in range(1, len(recipes) + 1)]
        happened: list[Event] = [
            RoundAsked(
                round=number,
                kind=kind,
                target=target,
                head=session.journal.tree.head,
                instruction=instruction,
                recipes=tuple(recipes),
                messages=ready[0].messages,
                receipt=ready[0].receipt,
                base=base,
                marks=marks,
                stood=stood if marks else (),
                others=tuple(each.sent for each in ready[1:]),
                stem=stem,
                amount=amount,
            )
        ]
        happened += [CandidateGrew(name, 0, begun) for name in names if begun]
        session.record(happened, pieces=pieces)
        for each in ready:
            for at, request in zip(each.numbers, each.requests, strict=True):
                self.streams.start(names[at - 1], request)
        session.tell("candidates")
        return session.story.round(number)

    def preview(
        self,
        kind: RoundKind,
        target: Target,
        recipe: Recipe,
        instruction: str = "",
        *,
        amount: Amount = "full",
        base: tuple[Spans, ...] = (),
        marks: tuple[int, ...] = (),
        stem: Stem | None = None,
    ) -> str:
        """What a candidate of that recipe would be sent, as one text: as rendered, or messages under their roles."""
        wish, _ = self._wish(kind, target, instruction, amount, base, marks, stem)
        request = prepared(self._session.story, wish, (recipe,), self.endpoints, {})[0].requests[0]
        if recipe.template:
            prompt, *rest = (text for _, text in request.messages)
            return "\n\n[suffix]\n".join((prompt, *rest))
        begun = (("assistant", request.prefix),) if request.prefix else ()
        return "\n\n".join(f"[{role}]\n{text.rstrip()}" for role, text in (*request.messages, *begun))

    def unready(self, recipes: Sequence[Recipe]) -> list[Recipe]:
        """Those of the recipes whose endpoints have not all at hand that a request needs. RefusedError if one is gone."""
        return [
            each for each in recipes if not self.endpoints.endpoint(each.endpoint).is_ready(each.model, each.template)
        ]

    async def ready(self, recipes: Sequence[Recipe]) -> None:
        """Have it at hand. EndpointError where a template can't be had."""
        wanted = {(each.endpoint, each.model, each.template) for each in recipes}
        await asyncio.gather(
            *(self.endpoints.endpoint(name).ready(model, template) for name, model, template in wanted)
        )

    def _wish(
        self,
        kind: RoundKind,
        target: Target,
        instruction: str,
        amount: Amount,
        base: tuple[Spans, ...],
        marks: tuple[int, ...],
        stem: Stem | None,
    ) -> tuple[Wish, tuple[Spans, ...]]:
        """What is to be packed, and the text that stands where candidates go."""
        story = self._session.story
        if isinstance(target, PlaceTarget):
            start, end, beat = target.at, target.end or target.at, target.beat
            if not (story.manuscript.holds(start) and story.manuscript.holds(end)):
                raise RefusedError("The place that this is for is not in the text any more.", "Go where it should be.")
        else:
            beat = target.beat if isinstance(target, BeatTarget) else ""
            start = end = end_of_beat(story, beat)
        stood = story.manuscript.fragment(start, end).pieces if start != end else ()
        passage = text_of_rows(base or stood) if marks else ""
        begun = self._begun(stem) if stem else ""
        return Wish(kind, start, end, beat, instruction, amount=amount, passage=passage, begun=begun), stood

    def _begun(self, stem: Stem) -> str:
        """The text that candidates go on from."""
        candidate = self._session.story.candidate(stem.candidate)
        if candidate.ending is None:
            raise RefusedError("It is still writing.", "Stop it with x first, or wait for its end.")
        return candidate.text[: stem.length] + stem.word

    async def choices(self, name: str) -> tuple[Choice, ...]:
        """The tokens of a candidate, as far as they are known."""
        known = self.streams.choices.get(name)
        ending = self._session.story.candidate(name).ending
        if known is None and ending is not None and ending.logprobs:
            found = await self._session.pieces((ending.logprobs,))
            known = surprise.decode(found.get(ending.logprobs, b""))
            self.streams.remember(name, known)
        return known or ()

    # streaming

    def take_growth(self) -> list[Event]:
        """What streamed in since it was last taken, as events."""
        return self.streams.take_growth()

    @property
    def growing(self) -> bool:
        """Whether text has come that is not entered yet."""
        return self.streams.growing

    @property
    def running(self) -> int:
        """How many candidates are waiting or writing."""
        return self.streams.running

    async def stop(self, names: Sequence[str], why: str = "You stopped it; what had come is kept.") -> None:
        """Stop these candidates, keeping what came, and wait until they have ended."""
        await self.streams.stop(names, why)

    async def stop_all(self, why: str) -> None:
        await self.streams.stop_all(why)

    def end_interrupted(self) -> tuple[str, ...]:
        """End what a process that died left open; the candidates that were."""
        open_ones = tuple(
            candidate.id
            for asked in self._session.story.rounds
            for candidate in asked.candidates
            if candidate.ending is None
        )
        self.streams.end_interrupted(open_ones)
        return open_ones
