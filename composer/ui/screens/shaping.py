"""What a request would hold as it is shaped now, and what earlier ones held, as stored. It draws nothing and sends nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from composer.errors import ComposerError, RefusedError
from composer.session.session import Session
from composer.story.actions.place import end_of_beat
from composer.story.candidate import BeatTarget, PlaceTarget, Recipe, Round, beat_of, place_of
from composer.story.manuscript import Position
from composer.story.shape import Shape
from composer.ui import asking, contexts
from composer.ui.contexts import Context
from composer.ui.costs import money
from composer.ui.grids import spread
from composer.ui.screens.sending import Sending

Ready = Callable[[Sequence[Recipe]], Awaitable[None]]
"""Has the endpoints of recipes ready."""


@dataclass(frozen=True)
class View:
    """What some candidates would be sent: `count` of them, made by recipes like this one."""

    context: Context
    recipe: Recipe
    count: int

    @property
    def shape(self) -> Shape:
        return self.context.receipt.shape

    def is_beside(self, other: View) -> bool:
        """Whether it differs from the other in nothing but how the context is made."""
        return self.shape != other.shape and _way(self.recipe) == _way(other.recipe)


def _way(recipe: Recipe) -> tuple[str, str, str, str]:
    """What of a recipe bears on its context."""
    return recipe.endpoint, recipe.model, recipe.lens, recipe.template


@dataclass(frozen=True)
class _State:
    """How a request was shaped: the session's shape or its own, those beside it, and which of them was looked at."""

    shape: Shape
    beside: tuple[Shape, ...]
    which: int


class Shaping:
    """A request that may be sent, and its contexts: one, or several where models, lenses or shapes differ.

    Its shape is that of the session, and is kept there; but where the request has one of its own, as that of a round that is
    asked again, that is its own for good. In a session that can only be read it is held here, to be looked at.
    """

    def __init__(self, session: Session, sending: Sending | ComposerError) -> None:
        """`sending` may be the reason why nothing can be sent."""
        self._session = session
        self.sending = sending if isinstance(sending, Sending) else None
        self.error = sending if isinstance(sending, ComposerError) else None
        """Why there is no context."""
        self.views: list[View] = []
        self._at = 0
        self._which = 0
        """The place in `shapes` of the one that is looked at."""
        self._own: Shape | None = None
        self._beside: tuple[Shape, ...] = ()
        self._past: list[_State] = []
        self._future: list[_State] = []
        self._cleared: _State | None = None
        """What it was before it was made plain, until it is shaped again."""
        self._tokens = 0
        self._made_of: tuple[object, ...] = ()
        if self.sending is not None:
            first, *others = dict.fromkeys(self.sending.shapes)
            self._beside = tuple(others)
            if first != self._kept:
                self._own = first

    # values

    @property
    def apart(self) -> bool:
        """Whether the shape is this request's alone."""
        return self._own is not None

    @property
    def shape(self) -> Shape:
        return self._own if self._own is not None else self._kept

    @property
    def _kept(self) -> Shape:
        """What of the session's shape holds here."""
        return self._session.story.shape.at(self._where)

    @property
    def _where(self) -> str:
        return place_of(self.sending.wish.target) if self.sending is not None else ""

    @property
    def lasts(self) -> bool:
        """Whether what keys change holds for the requests after this one too."""
        return not (self.apart or self._session.read_only) and self.shown == self.shape

    @property
    def shown(self) -> Shape:
        """The shape of the context that is looked at: what keys change."""
        return self.shapes[min(self._which, len(self.shapes) - 1)]

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Those that the same is asked with, side by side."""
        return (self.shape, *(shape for shape in self._beside if shape != self.shape))

    @property
    def base(self) -> list[Recipe]:
        """The recipes, each once where they are asked with several shapes."""
        if self.sending is None:
            return []
        pairs = zip(self.sending.recipes, self.sending.shapes, strict=True)
        return [recipe for recipe, shape in pairs if shape == self.sending.shapes[0]]

    @property
    def count(self) -> int:
        """How many candidates would be asked for."""
        return len(self.base) * len(self.shapes)

    @property
    def wanted(self) -> Sending:
        """What would be sent. RefusedError where nothing can be, or too much."""
        if self.sending is None:
            raise self.error or RefusedError("Nothing can be sent from here.")
        recipes, shapes = spread(self.base, self.shapes)
        return replace(self.sending, recipes=recipes, shapes=shapes)

    @property
    def needs_instruction(self) -> bool:
        """Whether the writer is asked for an instruction before it is sent."""
        return self.sending is not None and self.sending.wish.instruction and not self.sending.instruction

    @property
    def view(self) -> View | None:
        """The context that is looked at."""
        return self.views[min(self._at, len(self.views) - 1)] if self.views else None

    @property
    def beside(self) -> View | None:
        """The one beside it, where the same is asked with two shapes."""
        here = self.view
        return next((view for view in self.views if here is not None and view.is_beside(here)), None)

    @property
    def change(self) -> int:
        """By how many tokens it changed when it was shaped last."""
        return self.view.context.receipt.tokens - self._tokens if self.view is not None and self._tokens else 0

    @property
    def several(self) -> str:
        """Which of several contexts is looked at, in words; empty where there is one."""
        return f"{self.views.index(self.view) + 1} of {len(self.views)}" if self.view and len(self.views) > 1 else ""

    @property
    def place(self) -> str:
        """What it is for, in a word or two."""
        if self.sending is None:
            return "nothing"
        target = self.sending.wish.target
        beat = beat_of(target)
        return asking.name_of(self._session.story, beat) if beat else "the text"

    @property
    def until(self) -> Position:
        """Where the text begins that it is for."""
        assert self.sending is not None
        target = self.sending.wish.target
        if isinstance(target, PlaceTarget):
            return target.at
        return end_of_beat(self._session.story, target.beat if isinstance(target, BeatTarget) else "")

    @property
    def cost(self) -> str:
        """What all of it costs at most, the longest answers with it, in words; empty where no prices are known."""
        sums: dict[str, float] = {}
        number = 0
        for view in self.views:
            price = self._session.endpoints.endpoint(view.recipe.endpoint).price_of(view.recipe.model)
            if price is not None:
                receipt = view.context.receipt
                one = receipt.tokens * price.input + receipt.reserve * price.output
                sums[price.currency] = sums.get(price.currency, 0) + one * view.count
                number += view.count
        words = " + ".join(money(round(each), currency) for currency, each in sums.items())
        return f"at most {words} for {number}" if words else ""

    # changing

    def turn(self) -> bool:
        """Look at the next of several contexts; whether there are several."""
        self._at = (self._at + 1) % max(1, len(self.views))
        self._tokens = 0
        if self.view is not None and self.view.shape in self.shapes:
            self._which = self.shapes.index(self.view.shape)
        return len(self.views) > 1

    def rest(self) -> None:
        """What is shown now is what it is compared with from here on."""
        self._tokens = 0

    def set(self, shape: Shape, *, step: bool = True) -> bool:
        """Make the context that is looked at so; whether that is another way. RefusedError if nothing can be changed.

        Without `step` it belongs to the step before, which one undo takes back.
        What stands beside the session's own is for this request alone. Two that are the same are refused.
        """
        shape = shape.bound(self._where)
        if shape == self.shown:
            return False
        if shape in self.shapes:
            raise RefusedError("The context beside it is made so already; nothing was changed.")
        now, state = self._state, replace(self._state, which=min(self._which, len(self.shapes) - 1))
        if state.which:
            beside = tuple(shape if each == self.shown else each for each in self._beside)
            state = replace(state, beside=beside)
        else:
            state = replace(state, shape=shape)
        self._put(state)
        if step:
            self._remember(now)
        return True

    def clear(self) -> bool:
        """Make it nothing but its amount; whether it was more."""
        now = self._state
        if not self.set(Shape(self.shown.amount)):
            return False
        self._cleared = now
        return True

    def unclear(self) -> bool:
        """Put back what `clear` took, if nothing was shaped since; whether there was such a thing."""
        before, now = self._cleared, self._state
        if before is None:
            return False
        self._put(before)
        self._remember(now)
        return True

    def undo(self) -> None:
        """Go back to how it was shaped before. RefusedError if it was not shaped since it was opened."""
        self._step(self._past, self._future, "Nothing was shaped here that could be taken back.")

    def redo(self) -> None:
        """Bring back what was taken back. RefusedError if there is nothing."""
        self._step(self._future, self._past, "Nothing was taken back here.")

    def _step(self, source: list[_State], other: list[_State], nothing: str) -> None:
        if not source:
            raise RefusedError(nothing)
        now = self._state
        self._put(source[-1])
        source.pop()
        other.append(now)
        self._cleared = None

    @property
    def _state(self) -> _State:
        shape = self._own if self._own is not None else self._session.story.shape
        return _State(shape, self._beside, self._which)

    def _remember(self, before: _State) -> None:
        self._past.append(before)
        self._future.clear()
        self._cleared = None

    def _put(self, state: _State) -> None:
        """Shape it so. RefusedError if nothing can be changed."""
        if self._session.read_only or self._own is not None:
            if not self._session.read_only:
                self._session.check_writable()
            if state.shape != self._state.shape:
                self._own = state.shape
        else:
            self._session.shape(state.shape)
        self._beside, self._which = state.beside, state.which
        self._tokens = self.view.context.receipt.tokens if self.view is not None else 0

    def turn_beside(self) -> None:
        """Ask with another shape besides, or no more. RefusedError where that would be too many candidates."""
        before = self._state
        self._beside = () if before.beside else (contexts.beside(self.shape),)
        try:
            _ = self.wanted
        except RefusedError:
            self._beside = before.beside
            raise
        self._remember(before)
        self._at = self._which = self._tokens = 0

    # packing

    @property
    def stale(self) -> bool:
        """Whether what it is made of has changed since it was made."""
        if self.sending is None or not self._made_of:
            return False
        (*now, shapes), (*then, before) = self._sources(), self._made_of
        return shapes != before or any(new is not old for new, old in zip(now, then, strict=True))

    def _sources(self) -> tuple[object, ...]:
        story = self._session.story
        parts = (story.manuscript, story.outline, story.notes, story.exemplars, story.details, story.paraphrases)
        return (*parts, self.shapes)

    async def pack(self, ready: Ready) -> None:
        """Make the contexts anew; where they can't be made, `error` says why. `ready` is asked for endpoints that are not."""
        if self.sending is None:
            return
        self._made_of = self._sources()
        rounds = self._session.rounds
        try:
            sending = self.wanted
            if waiting := rounds.unready(sending.recipes):
                await ready(waiting)
            wish = sending.wish
            made = await rounds.plan(wish.kind, wish.target, sending.recipes, sending.instruction, **sending.how)
        except ComposerError as error:
            self.error, self.views = error, []
            return
        self.error = None
        views = [
            View(Context(each.receipt, each.texts), sending.recipes[each.numbers[0] - 1], len(each.numbers))
            for each in made
        ]
        order = {shape: at for at, shape in enumerate(dict.fromkeys(sending.shapes))}
        self.views = sorted(views, key=lambda view: order.get(view.shape, 0))
        # Another shape may have made more or fewer of them.
        if self.view is not None and self.view.shape != self.shown:
            self._at = next((at for at, view in enumerate(self.views) if view.shape == self.shown), self._at)


async def stored(session: Session, asked: Round, number: int) -> Context:
    """What the candidate with that number, from 1, was sent. SessionError where it can't be read."""
    sent = asked.sent(number)
    pieces = await session.pieces([name for message in sent.messages for name in message.pieces])

    def text(name: str) -> str:
        return pieces.get(name, b"(not stored)").decode(errors="replace")

    messages = tuple((message.role, tuple(text(name) for name in message.pieces)) for message in sent.messages)
    return Context(contexts.located(sent.receipt, messages), messages)
