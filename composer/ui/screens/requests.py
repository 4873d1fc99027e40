"""Asking for candidates: what for, by where one stands, and the box that says how. What was chosen there stays for the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from composer.errors import ComposerError, RefusedError
from composer.session import recipes as recipe_making
from composer.session.recipes import Grid
from composer.story.candidate import Candidate, Recipe, Round, RoundKind, Stem, place_of
from composer.story.shape import Amount, Shape
from composer.ui import asking, grids
from composer.ui import caret as carets
from composer.ui.asking import Asking
from composer.ui.grids import show_ladder
from composer.ui.screens.sending import Sender, Sending
from composer.ui.widgets.box import Entry, Field

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen

LENSES = 5
"""How many lenses the first outlines of a story are asked for with."""
HEAT_OF_OUTLINES = "0.8"
EARLIER = 30
"""Instructions that up brings back."""
How = Literal["again", "go on", "round", "branch"]
"""What is asked for from a candidate: the same once more, what follows its end, its whole round, or another word in it."""
WORDS: dict[How, str] = {
    "go on": "go on from its end",
    "again": "again, as it was asked; change a row to vary it",
    "round": "all of its round once more",
    "branch": "take the other word and go on",
}


@dataclass(frozen=True)
class Source:
    """What the box was filled from: a candidate and its round, and for each way to ask from it the rows as filled."""

    candidate: Candidate
    asked: Round
    rows: Mapping[How, Mapping[str, str]]
    word: Stem | None = None


class Requests:
    """What is being asked for on the main screen, and how: model and lens as chosen last, and the context of the session."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._wish: Asking | None = None
        self._offered = ""
        self._seed_row = ""
        """The id of the row of the seed in the box."""
        """What the row of contexts was filled with, if from a candidate."""
        self._source: Source | None = None
        self._how: How = "again"
        self.models: tuple[tuple[str, str], ...] = ()
        """The endpoints and models to ask for; none for the one that is set."""
        self.lens = ""
        self._outlines: tuple[str, str] | None = None
        """Temperatures and lenses that outlines are asked for with, once they are known."""
        self.preset = ""
        self.templates: dict[str, str] = {}
        """The templates to render requests with, by endpoint; their own where none is named."""
        self._sender = Sender(desk)

    @property
    def shape(self) -> Shape:
        """How contexts are made, as the session has it."""
        return self._desk.story.shape

    @property
    def amount(self) -> Amount:
        return self.shape.amount

    def kept_for(self, kind: RoundKind) -> tuple[str, ...]:
        """What was chosen in the box and holds for the next request of that kind too, where it is not the usual."""
        kept: list[str] = [self.amount] if self.amount != "full" else []
        if not self.shape.plain:
            kept.append("shaped")
        if (template := self.templates.get(self._desk.session.endpoints.chosen)) is not None:
            kept.append(template or "chat")
        return (
            *kept,
            *(("lens",) if self.lens and kind != "outline" else ()),
            *((self.preset,) if self.preset else ()),
        )

    def rows(self, kind: RoundKind = "continue") -> dict[str, str]:
        """The rows of the box as they were chosen last; those of whole outlines have temperatures and lenses of their own."""
        models = grids.show_models(self.models, self._desk.session.endpoints)
        ladder, lens = show_ladder(self._desk.ladder), self.lens
        if kind == "outline":
            ladder, lens = self._for_outlines
        return {"ladder": ladder, "model": models, "lens": lens, "preset": self.preset, "seed": ""}

    @property
    def _for_outlines(self) -> tuple[str, str]:
        """Temperatures and lenses of outlines: as chosen last, in this story if ever; else some of the program's."""
        if self._outlines is None:
            asked = next((each for each in reversed(self._desk.story.rounds) if each.kind == "outline"), None)
            if asked is None:
                few = [lens.name for lens in self._desk.lenses][:LENSES]
                self._outlines = HEAT_OF_OUTLINES, grids.BETWEEN.join(few)
            else:
                rows = grids.rows_of(recipes_of(asked), self._desk.session.endpoints, seeds=False)
                self._outlines = rows["ladder"] or HEAT_OF_OUTLINES, rows["lens"]
        return self._outlines

    def draft_rows(self) -> dict[str, str]:
        """The rows that say what drafts differ in, as chosen last."""
        return self.rows()

    def draft_recipes(self, values: Mapping[str, str]) -> tuple[tuple[Recipe, ...], str]:
        """The recipes of drafts by these rows, which are kept, and what the writer should know of them. RefusedError, SettingsError."""
        made, said = self._made({"seed": "", "preset": "", **values}, "continue")
        return tuple(made), said

    def lens_field(self, value: str) -> Field:
        """The row of the lenses."""
        picks = [(lens.name, lens.text) for lens in self._desk.lenses]
        hint = "none; space chooses below, or own words: as a mentor of ten years"
        return Field("lens", "lens", value, hint, picks=picks)

    def _grid(self, rows: Mapping[str, str]) -> Grid:
        """What was chosen last. RefusedError where one of its endpoints is gone."""
        endpoints = self._desk.session.endpoints
        gone = [name for name, _ in self.models if name and name not in endpoints.names()]
        if gone:
            self.models = ()
            raise RefusedError(
                f"{gone[0]} is not among your endpoints any more; nothing was sent.",
                f"From now on {endpoints.chosen} writes; ctrl+r chooses others.",
            )
        grid = grids.grid_of({**rows, "model": ""}, endpoints, self.templates, self._desk.lenses)
        return dataclass_replace(grid, models=self.models or (("", ""),))

    @property
    def asks(self) -> str:
        """The model that the next request goes to, or how many."""
        asked = self._desk.shown_round()
        endpoints = self._desk.session.endpoints
        if self._desk.candidates.has_focus and asked is not None:
            named = {each.recipe.model or each.recipe.endpoint for each in asked.candidates}
        else:
            named = {
                model or (grids.own_model(endpoints, name) if name else endpoints.endpoint(endpoints.chosen).model)
                for name, model in self.models or (("", ""),)
            }
        return next(iter(named)) if len(named) == 1 else f"{len(named)} models"

    def count(self, kind: RoundKind) -> int:
        """How many candidates the next request of that kind asks for."""
        if self._desk.candidates.has_focus and (asked := self._desk.shown_round()) is not None:
            return len(asked.candidates)
        rows = self.rows(kind)
        lenses = len(grids.read_lenses(rows["lens"], self._desk.lenses))
        return len(rows["ladder"].split()) * max(1, len(self.models)) * lenses

    def wish(self) -> Asking:
        """What ctrl+g asks for here. RefusedError where it can't be."""
        if self._desk.outline.has_focus:
            return asking.in_outline(self._desk.story, self._desk.outline.beat)
        asked = self._desk.shown_round()
        if self._desk.candidates.has_focus and asked is not None:
            return asking.again(self._desk.story, asked, self._desk.session.rounds.place(asked))
        start, end = self._desk.text.selection
        text = self._desk.story.manuscript
        return asking.in_text(
            self._desk.story, carets.valid(text, start), carets.valid(text, end), self._desk.outline.beat
        )

    def here(self) -> Sending:
        """What ctrl+g sends: in the candidates the recipes of the round once more, elsewhere those that were chosen last.

        RefusedError where nothing can be asked for.
        """
        wish = self.wish()
        asked = self._desk.shown_round()
        if self._desk.candidates.has_focus and asked is not None:
            again, shapes = self._anew(asked)
            return Sending(wish, asked.instruction, tuple(again), tuple(shapes), "", asked.stem)
        grid = self._grid(self.rows(wish.kind))
        made = self._desk.session.rounds.recipes(grid)
        shape = self.shape.at(place_of(wish.target))
        return Sending(wish, "", made, (shape,) * len(made), recipe_making.remark(made, grid), None)

    def deliver(self, sending: Sending, sent: Callable[[], None] = lambda: None) -> None:
        """Send it; `sent` is called when nothing was refused."""

        def done() -> None:
            if self.shape in sending.shapes:
                # What was edited in place was for one request.
                self._desk.session.shape(self.shape.lasting)
            sent()

        self._sender.send(sending, done)

    def _anew(self, asked: Round) -> tuple[list[Recipe], list[Shape]]:
        """The recipes of a round with other seeds, and their shapes. Recipes that differ in nothing but the context stay alike."""
        new_id = self._desk.session.new_id
        seeds: dict[str, int] = {}
        made = []
        for each in asked.candidates:
            alike = repr(each.recipe)
            seeds.setdefault(alike, recipe_making.new_seed(new_id))
            made.append(replace(each.recipe, seed=seeds[alike]))
        if len(asked.shapes) < 2:
            made = [replace(each, seed=recipe_making.new_seed(new_id)) for each in made]
        return made, [asked.sent(asked.number_of(each.id)).receipt.shape for each in asked.candidates]

    def window_told(self, text: str) -> None:
        """The writer said how much a model takes."""
        self._desk.attempt(lambda: self._sender.window_told(text))

    def show_prompt(self) -> None:
        """Show what would be sent from here, as text. RefusedError where nothing can be asked for."""
        from composer.ui.screens.prompt import PromptScreen

        wish = self.wish()
        session = self._desk.session
        asked, current = self._desk.shown_round(), self._desk.candidates.candidate
        if self._desk.candidates.has_focus and asked is not None and current is not None:
            recipe, instruction, stem = current.recipe, asked.instruction, asked.stem
            shape = asked.sent(asked.number_of(current.id)).receipt.shape
        else:
            recipe, instruction, shape, stem = (
                session.rounds.recipes(self._grid(self.rows(wish.kind)))[0],
                "",
                self.shape,
                None,
            )
            shape = shape.at(place_of(wish.target))
        endpoint = session.endpoints.endpoint(recipe.endpoint)

        def rendered(template: str) -> str:
            return session.rounds.preview(
                wish.kind,
                wish.target,
                replace(recipe, template=template),
                instruction,
                shapes=(shape,),
                base=wish.base,
                marks=wish.marks,
                stem=stem,
            )

        def chosen(template: str | None) -> None:
            if template is None:
                return
            if template == endpoint.template:
                self.templates.pop(endpoint.name, None)
            else:
                self.templates[endpoint.name] = template
            self._desk.show_soon()

        title = f"{wish.words} · {recipe.model or endpoint.name}"
        screen = PromptScreen(
            rendered, ("", *endpoint.templates), recipe.template, endpoint.counter_of(recipe.model), title
        )

        async def show() -> None:
            for template in ("", *endpoint.templates):
                # What can't be had is said where it would be shown.
                with suppress(ComposerError):
                    await endpoint.ready(recipe.model, template)
            if self._desk.app.screen is self._desk:
                self._desk.app.push_screen(screen, chosen)

        self._desk.run_worker(show(), group="info", exclusive=True, exit_on_error=False)

    def endpoint_changed(self) -> None:
        """Another endpoint writes: what was chosen for the one before holds no more."""
        self.models, self.preset = (), ""

    # the box

    def open(self, wish: Asking, instruction: str = "") -> None:
        """Open the request box for it."""
        self._wish, self._offered, self._source = wish, "", None
        self._show(wish.words, wish, instruction, self.rows(wish.kind), self.amount, ())

    def open_from(
        self,
        wish: Asking,
        asked: Round,
        candidate: Candidate,
        how: How | None = None,
        context: str = "",
        word: Stem | None = None,
    ) -> None:
        """Open the request box filled from a candidate: to ask for it again, to go on from it, or from a word in it."""
        endpoints = self._desk.session.endpoints
        one = grids.rows_of([candidate.recipe], endpoints, seeds=True)
        every = grids.rows_of(recipes_of(asked), endpoints, seeds=False)
        rows: dict[How, Mapping[str, str]] = {}
        if asked.veil:
            # A single recipe would tell which one the candidate is.
            rows["round"] = every
        elif word is not None:
            rows["branch"] = {**one, "seed": ""}
        else:
            if candidate.ending is not None and candidate.text.strip() and asked.extent(candidate) is None:
                rows["go on"] = {**one, "seed": ""}
            rows |= {"again": one, "round": every}
        ended_well = candidate.ending is not None and candidate.ending.kind == "finished"
        usual: How = "again" if ended_well and "again" in rows else next(iter(rows))
        chosen = how if how in rows else usual
        context = context or grids.show_shapes(asked.shapes)
        self._wish, self._offered, self._how = wish, context, chosen
        self._source = Source(candidate, asked, rows, word)
        name = asked.shown_number(candidate.id)
        taken = f", with “{word.word.strip()}”" if word is not None else ""
        words = f"{wish.words} · from candidate {name}{taken}"
        self._show(words, wish, asked.instruction, rows[chosen], context, tuple(rows))

    def _show(
        self,
        words: str,
        wish: Asking,
        instruction: str,
        rows: Mapping[str, str],
        context: str,
        ways: tuple[How, ...],
    ) -> None:
        session = self._desk.session
        endpoint = session.endpoint
        named = grids.models(session.endpoints)
        presets = grids.presets([session.endpoints.endpoint(name) for name in session.endpoints.names()])
        fields = [
            Field(
                "instruction",
                "instruction",
                instruction,
                _HINTS.get(wish.kind, "what should happen, or how; may be empty"),
                earlier=self._earlier(),
            ),
            Field("ladder", "temperatures", rows["ladder"], "0.2, 0.6, 1.0: one candidate for each"),
            Field("kind", "kind", wish.kind, choices=asking.kinds_for(wish)),
            Field(
                "model",
                "model",
                rows["model"],
                f"{endpoint.model or endpoint.name} · several with commas",
                choices=named,
                several=True,
            ),
            self.lens_field(rows["lens"]),
            Field("seed", "seed", rows["seed"], _seed_hint(context)),
            Field(
                "context", "context", context, "full; two are compared: full, bare", choices=grids.AMOUNTS, several=True
            ),
        ]
        if len(presets) > 1:
            fields.insert(
                5, Field("preset", "preset", rows.get("preset", ""), endpoint.preset or "none", choices=presets)
            )
        if ways:
            fields.insert(0, Field("how", "do", WORDS[self._how], choices=[WORDS[way] for way in ways]))
        self._seed_row = f"box-field-{next(at for at, field in enumerate(fields) if field.name == 'seed')}"
        title = f"Ask: {words} · enter sends · up: earlier · ← → change"
        # A notice would stand over the rows.
        self._desk.app.clear_notifications()
        # What was left in the rows is there again, unless they are filled from a candidate.
        self._desk.box.open("request from" if ways else "request", title, fields, keep=not ways, at=1 if ways else 0)

    def _earlier(self) -> list[str]:
        said = [asked.instruction for asked in self._desk.story.rounds if asked.instruction and not asked.aside]
        return list(dict.fromkeys(reversed(said)))[:EARLIER]

    def changed(self, values: Mapping[str, str]) -> None:
        """A row of the box changed: another way to ask has other rows."""
        for entry in self._desk.box.query(Entry):
            if entry.id == self._seed_row:
                entry.placeholder = _seed_hint(values.get("context", ""))
        source = self._source
        how = _way(values.get("how", ""))
        if source is None or how is None or how == self._how or how not in source.rows:
            return
        self._how = how
        self._desk.box.put(source.rows[how])

    def submit(self, values: Mapping[str, str]) -> None:
        """Enter was pressed in the box."""
        wish = self._wish
        if wish is None:
            return
        asked: list[tuple[Asking, Sequence[Recipe], Sequence[Shape], str]] = []

        def read() -> None:
            kind = _one_of(values["kind"], (*asking.kinds_for(wish), wish.kind), "kind")
            made, remark = self._recipes(values)
            here = self.shape.at(place_of(wish.target))
            usual = (here,) if self._source is None else self._source.asked.shapes
            spread, shapes = grids.spread(made, grids.read_shapes(values["context"], usual))
            asked.append((asking.of_kind(self._desk.story, wish, kind), spread, shapes, remark))

        if not self._desk.attempt(read):
            return
        chosen, made, shapes, remark = asked[0]
        if chosen.instruction and not values["instruction"]:
            self._desk.say("A rework needs an instruction: what should be different?")
            return

        def sent() -> None:
            if values["context"] != self._offered and len(set(shapes)) == 1 and shapes[0].amount != self.amount:
                # What came with the wish was not chosen.
                self._desk.session.shape(shapes[0])
            self._desk.box.forget()
            self._desk.close_box()

        self.deliver(Sending(chosen, values["instruction"], tuple(made), tuple(shapes), remark, self._stem()), sent)

    def _recipes(self, values: Mapping[str, str]) -> tuple[list[Recipe], str]:
        session = self._desk.session
        source = self._source
        if source is None:
            return self._made(values, self._wish.kind if self._wish is not None else "continue")
        if _way(values["how"]) is None:
            raise RefusedError("The row “do” has no such choice.", "← and → turn it.")
        before = source.rows[self._how]
        if self._how == "round" and grids.same_rows(before, values):
            # The same beside it with another context keeps the seeds, so that nothing else differs.
            if values["context"] != grids.show_shapes(source.asked.shapes):
                return recipes_of(source.asked), ""
            return [replace(each, seed=recipe_making.new_seed(session.new_id)) for each in recipes_of(source.asked)], ""
        if self._how == "round":
            every = recipes_of(source.asked)
            made = grids.varied_all(every, before, values, session.endpoints, self._desk.lenses)
        else:
            made = grids.varied(source.candidate.recipe, before, values, session.endpoints, self._desk.lenses)
        if len(made) > recipe_making.MOST:
            raise RefusedError(f"{recipe_making.MOST} candidates at once are the most.", "Take fewer.")
        if not values["seed"]:
            made = [replace(each, seed=recipe_making.new_seed(session.new_id)) for each in made]
        return made, ""

    def _made(self, values: Mapping[str, str], kind: RoundKind) -> tuple[list[Recipe], str]:
        """The recipes of these rows, and a remark on them. What was chosen holds for the next request too."""
        session = self._desk.session
        grid = grids.grid_of(values, session.endpoints, self.templates, self._desk.lenses)
        made = list(session.rounds.recipes(grid))
        chosen = session.endpoints.chosen
        self.models = tuple((name or chosen, model) for name, model in grid.models) if values["model"] else ()
        self.preset = values.get("preset", "")
        if kind == "outline":
            self._outlines = show_ladder(grid.temperatures), values["lens"]
        else:
            self._desk.ladder, self.lens = tuple(grid.temperatures), values["lens"]
        return made, recipe_making.remark(made, grid)

    def _stem(self) -> Stem | None:
        source = self._source
        if source is None:
            return None
        if self._how in ("again", "round"):
            # What went on from somewhere goes on from there again.
            return source.asked.stem
        return source.word or Stem(source.candidate.id, len(source.candidate.text.rstrip()))


_HINTS: Mapping[RoundKind, str] = {
    "outline": "what it should hold, or leave open; may be empty",
    "expand": "into what; may be empty",
    "summary": "what counts; may be empty",
}
"""What the row of the instruction says while it is empty, where that is not for text."""


def recipes_of(asked: Round) -> list[Recipe]:
    """The recipes of a round, each once where it was asked with several contexts."""
    first = asked.shapes[0]
    return [each.recipe for each in asked.candidates if asked.sent(asked.number_of(each.id)).receipt.shape == first]


def _seed_hint(context: str) -> str:
    """What an empty row of the seed stands for, by what stands in the row of the context."""
    return "new ones, the same for both" if "," in context.strip(" ,") else "a new one each"


def _way(words: str) -> How | None:
    return next((how for how, said in WORDS.items() if said == words), None)


def _one_of(text: str, choices: Sequence[RoundKind], what: str) -> RoundKind:
    """The choice that begins so. RefusedError if none does."""
    for choice in choices:
        if text and choice.startswith(text.lower()):
            return choice
    raise RefusedError(f"“{text}” is no {what}.", f"There are: {', '.join(dict.fromkeys(choices))}.")
