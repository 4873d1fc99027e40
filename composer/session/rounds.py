"""Rounds: asking for candidates, and where they belong by now. It never places anything in the text and knows no servers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from msgspec.structs import replace

from composer.context.sheet import under_roles
from composer.context.wish import Wish
from composer.errors import ContextTooLong, RefusedError
from composer.session import recipes as grids
from composer.session.packing import Packing
from composer.session.ports import Endpoint, Endpoints, Request
from composer.session.preparing import Prepared, prepared
from composer.session.recipes import Grid
from composer.session.streams import Ledger, Streams
from composer.story import surprise
from composer.story.actions.outline import told_of
from composer.story.actions.place import end_of_beat
from composer.story.candidate import (
    OUTLINES,
    DraftTarget,
    LineTarget,
    PlaceTarget,
    Recipe,
    Round,
    RoundKind,
    SectionTarget,
    Sent,
    Stem,
    Target,
    beat_of,
    candidate_id,
    place_of,
    round_of,
)
from composer.story.events import CandidateGrew, Event, RequestRepacked, RoundAsked
from composer.story.follow import Side
from composer.story.manuscript import START, Position
from composer.story.shape import Shape
from composer.story.spans import Spans, text_of_rows
from composer.story.story import Story
from composer.story.surprise import Choice


class How(TypedDict, total=False):
    """What a request may say besides: `shapes` of the contexts, one for all recipes or one for each, the story's own if none.

    `base` is the text that candidates are to change where it is not in the manuscript, and `marks` those it was joined from.
    `stem` is what all of them go on from. `story` is what the request is made of, the session's own if none; `beats` are those of a
    whole draft.
    """

    story: Story
    beats: tuple[str, ...]
    shapes: Sequence[Shape]
    base: tuple[Spans, ...]
    marks: tuple[int, ...]
    stem: Stem | None


@dataclass(frozen=True)
class _MadeOf:
    """What a running round was made of, should a model turn out to take less of it."""

    story: Story
    wish: Wish
    shapes: tuple[Shape, ...]


class Rounds:
    """The streams of one session, by candidate."""

    def __init__(self, session: Ledger, endpoints: Endpoints) -> None:
        self._session = session
        self.endpoints = endpoints
        self.streams = Streams(session, endpoints, self._repacked)
        self._places: dict[tuple[int, Side], tuple[int, Position]] = {}
        """Of each round and side: the head for which its place was found last, and the place then."""
        self.packing = Packing(endpoints)
        self._on_their_way: list[tuple[RoundKind, Target]] = []
        """What is being made ready to be sent."""
        self._made_of: dict[int, _MadeOf] = {}

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

    def forget(self) -> None:
        """Let go of what the rounds that have ended were made of."""
        story = self._session.story
        self._made_of = {number: made for number, made in self._made_of.items() if story.round(number).running}

    async def ask(
        self, kind: RoundKind, target: Target, recipes: Sequence[Recipe], instruction: str = "", **how: Unpack[How]
    ) -> Round:
        """Ask for candidates, one for each recipe; the round, which streams from now on. See `How`.

        What is sent is what stands when this is called, whatever is typed while it is made ready. RefusedError while a round for
        the same place has no text yet, and where the request does not fit the model.
        """
        session = self._session
        recipes = self._named(recipes)
        if not recipes:
            raise RefusedError("A round needs at least one temperature.")
        if (kind, target) in self._on_their_way:
            raise RefusedError("The request before this one is on its way; nothing more was sent.")
        if blocked := self.waiting(kind, target):
            raise RefusedError(
                f"Round {blocked.number} for this place has not begun to write yet; nothing more was sent.",
                "Wait for its first word, or stop it with X in the candidates.",
            )
        session.flush()
        story, head = how.get("story") or session.story, session.journal.tree.head
        self._on_their_way.append((kind, target))
        try:
            wish, stood = self._wish(kind, target, instruction, how)
            shapes = self._shapes(target, recipes, how)
            ready = await self.packing.prepared(story, wish, recipes, shapes)
        finally:
            self._on_their_way.remove((kind, target))
        marks, stem = how.get("marks", ()), how.get("stem")
        number = len(session.story.rounds) + 1
        names = [candidate_id(number, at) for at in range(1, len(recipes) + 1)]
        happened: list[Event] = [
            RoundAsked(
                round=number,
                kind=kind,
                target=target,
                head=head,
                instruction=instruction,
                recipes=tuple(recipes),
                messages=ready[0].messages,
                receipt=ready[0].receipt,
                base=how.get("base", ()) or stood,
                marks=marks,
                stood=stood if marks else (),
                others=tuple(each.sent for each in ready[1:]),
                stem=stem,
            )
        ]
        happened += [CandidateGrew(name, 0, wish.begun) for name in names if wish.begun]
        session.record(happened, pieces={name: data for each in ready for name, data in each.stored.items()})
        self.forget()
        self._made_of[number] = _MadeOf(story, wish, shapes)
        # In the order of the candidates: where only some are written at once, the first are the first.
        requests = [pair for each in ready for pair in zip(each.numbers, each.requests, strict=True)]
        for at, request in sorted(requests, key=lambda pair: pair[0]):
            self.streams.start(names[at - 1], request)
        session.tell("candidates")
        return session.story.round(number)

    async def plan(
        self, kind: RoundKind, target: Target, recipes: Sequence[Recipe], instruction: str = "", **how: Unpack[How]
    ) -> list[Prepared]:
        """What candidates of these recipes would be sent, with receipts; nothing is sent or recorded."""
        wish, _ = self._wish(kind, target, instruction, how)
        recipes = self._named(recipes)
        return await self.packing.prepared(
            how.get("story") or self._session.story, wish, recipes, self._shapes(target, recipes, how)
        )

    def preview(
        self, kind: RoundKind, target: Target, recipe: Recipe, instruction: str = "", **how: Unpack[How]
    ) -> str:
        """What a candidate of that recipe would be sent, as one text: as rendered, or messages under their roles.

        It may be called in a thread, and takes its time in a long story.
        """
        wish, _ = self._wish(kind, target, instruction, how)
        shapes = self._shapes(target, (recipe,), how)
        request = prepared(self._session.story, wish, (recipe,), shapes, self.endpoints)[0].requests[0]
        if recipe.template:
            prompt, *rest = (text for _, text in request.messages)
            return "\n\n[suffix]\n".join((prompt, *rest))
        begun = (("assistant", request.prefix),) if request.prefix else ()
        return under_roles((*request.messages, *begun))

    def _named(self, recipes: Sequence[Recipe]) -> list[Recipe]:
        """The recipes with their models: a profile may leave the model to the server, which has told it by now."""
        return [
            each if each.model else replace(each, model=self.endpoints.endpoint(each.endpoint).model)
            for each in recipes
        ]

    def _shapes(self, target: Target, recipes: Sequence[Recipe], how: How) -> tuple[Shape, ...]:
        """The shape of each recipe's context."""
        shapes = tuple(how.get("shapes", ())) or (self._session.story.shape.at(place_of(target)),)
        return shapes if len(shapes) == len(recipes) else tuple(shapes[0] for _ in recipes)

    async def _repacked(self, name: str, error: ContextTooLong) -> Request:
        """What a candidate is sent in place of what its model would not take, which is recorded. RefusedError if nothing fits."""
        asked = self._session.story.round(round_of(name))
        made_of = self._made_of.get(asked.number)
        if made_of is None:
            raise error
        candidate = self._session.story.candidate(name)
        shape = made_of.shapes[candidate.number - 1]
        before = asked.sent(candidate.number).receipt
        (ready,) = await self.packing.prepared(made_of.story, made_of.wish, (candidate.recipe,), (shape,))
        now = ready.receipt
        if ready.messages == asked.sent(candidate.number).messages:
            # What was learned changes nothing of it.
            raise error
        named = candidate.recipe.model or candidate.recipe.endpoint
        if now.budget < before.budget:
            why = f"{named} takes {now.budget:,} tokens, not {before.budget:,}: it was sent again with {now.tokens:,}."
        else:
            why = f"{named} counts more tokens than were reckoned with: it was sent again with less of the story."
        # The others of the round may have been sent the same by now.
        numbers = {candidate.number}
        for other in self._session.story.round(asked.number).others:
            if (other.messages, other.receipt, other.why) == (ready.messages, now, why):
                numbers.update(other.numbers)
        repacked = RequestRepacked(asked.number, Sent(tuple(sorted(numbers)), ready.messages, now, why))
        self._session.enter_fact(repacked, ready.stored)
        self._session.tell("story", "candidates", candidates=frozenset((name,)))
        return ready.requests[0]

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

    def _wish(self, kind: RoundKind, target: Target, instruction: str, how: How) -> tuple[Wish, tuple[Spans, ...]]:
        """What is to be packed, and the text that stands where candidates go."""
        story = how.get("story") or self._session.story
        if isinstance(target, SectionTarget):
            if not all(block in story.manuscript for block in target.blocks):
                raise RefusedError("The text that is to be told in few words is gone.", "Look at the sections again.")
            passage = "\n\n".join(story.manuscript.block(block).text for block in target.blocks)
            return Wish(kind, START, START, "", instruction, passage=passage), ()
        if isinstance(target, PlaceTarget):
            start, end, beat = target.at, target.end or target.at, target.beat
            if not (story.manuscript.holds(start) and story.manuscript.holds(end)):
                raise RefusedError("The place that this is for is not in the text any more.", "Go where it should be.")
        else:
            beat = "" if isinstance(target, DraftTarget) else beat_of(target)
            if beat and story.outline.row(beat) is None:
                raise RefusedError("The beat that this is for is not in the outline any more.", "Undo brings it back.")
            start = end = end_of_beat(story, "" if kind in OUTLINES else beat)
            if isinstance(target, LineTarget):
                return Wish(kind, START, START, "", instruction, passage=told_of(story, beat)), ()
            if isinstance(target, DraftTarget):
                beats = how.get("beats", ())
                begun = self._begun(stem) if (stem := how.get("stem")) else ""
                return Wish(kind, START, START, "", instruction, begun=begun, beats=beats), ()
        stood = story.manuscript.fragment(start, end).pieces if start != end else ()
        passage = text_of_rows(how.get("base", ()) or stood) if how.get("marks") else ""
        stem = how.get("stem")
        begun = self._begun(stem) if stem else ""
        return Wish(kind, start, end, beat, instruction, passage=passage, begun=begun), stood

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
