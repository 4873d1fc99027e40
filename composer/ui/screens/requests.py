"""Asking for candidates: what for, by where one stands, and the box that says how. What was chosen there stays for the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_grid
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from msgspec.structs import replace

from composer.errors import RefusedError
from composer.session import recipes as recipe_making
from composer.story.candidate import Amount, Candidate, Recipe, Round, RoundKind, Stem
from composer.ui import asking, grids
from composer.ui import caret as carets
from composer.ui.asking import Asking
from composer.ui.grids import ROWS, show_ladder
from composer.ui.widgets.box import Field

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen

EARLIER = 30
"""Instructions that up brings back."""
Choice = TypeVar("Choice", RoundKind, Amount)
AMOUNTS: tuple[Amount, ...] = get_args(Amount)
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
    """What is being asked for on the main screen, and how: model, lens and amount of context, as chosen last."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._wish: Asking | None = None
        self._offered: Amount | None = None
        self._source: Source | None = None
        self._how: How = "again"
        self.model = ""
        """The models to ask for, as the box says them; empty for the one that is set."""
        self.lens = ""
        self.preset = ""
        self.template: str | None = None
        """The template to render requests with; None for the endpoint's own."""
        self.amount: Amount = "full"

    @property
    def kept(self) -> tuple[str, ...]:
        """What was chosen in the box and holds for the next request too, where it is not the usual."""
        kept: list[str] = [self.amount] if self.amount != "full" else []
        if self.template is not None:
            kept.append(self.template or "chat")
        return (*kept, *(("lens",) if self.lens else ()), *((self.preset,) if self.preset else ()))

    @property
    def _rows(self) -> dict[str, str]:
        ladder = show_ladder(self._desk.ladder)
        return {"ladder": ladder, "model": self.model, "lens": self.lens, "preset": self.preset, "seed": ""}

    @property
    def count(self) -> int:
        """How many candidates the next request asks for."""
        if self._desk.candidates.has_focus and (asked := self._desk.shown_round()) is not None:
            return len(asked.candidates)
        try:
            return grids.grid_of(self._rows, self._desk.session.endpoints).size
        except RefusedError:
            return len(self._desk.ladder)

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

    def send(self, wish: Asking) -> bool:
        """What ctrl+g does: in the candidates the recipes of the round once more, elsewhere those that were chosen last."""
        asked = self._desk.shown_round()
        if self._desk.candidates.has_focus and asked is not None:
            return self._send(wish, asked.instruction, self._anew(asked), asked.amount)
        grid = grids.grid_of(self._rows, self._desk.session.endpoints, self.template)
        rounds = self._desk.session.rounds
        made: list[Recipe] = []
        if not self._desk.attempt(lambda: made.extend(rounds.recipes(grid))):
            return False
        return self._send(wish, "", made, self.amount, recipe_making.remark(made, grid))

    def _anew(self, asked: Round) -> list[Recipe]:
        """The recipes of a round, each with another seed."""
        new_id = self._desk.session.new_id
        return [replace(each.recipe, seed=recipe_making.new_seed(new_id)) for each in asked.candidates]

    def _send(
        self,
        wish: Asking,
        instruction: str,
        made: Sequence[Recipe],
        amount: Amount,
        remark: str = "",
        stem: Stem | None = None,
    ) -> bool:
        """Send a request; the candidates pane shows its round."""

        def send() -> None:
            self._desk.session.rounds.ask(
                wish.kind,
                wish.target,
                made,
                instruction,
                amount=amount,
                base=wish.base,
                marks=wish.marks,
                stem=stem,
            )
            self._desk.show_newest()

        sent = self._desk.attempt(send)
        if sent and remark:
            self._desk.say(remark)
        return sent

    def show_prompt(self) -> None:
        """Show what would be sent from here, as text. RefusedError where nothing can be asked for."""
        from composer.ui.screens.prompt import PromptScreen

        wish = self.wish()
        session = self._desk.session
        endpoint = session.endpoint

        def rendered(template: str) -> str:
            return session.rounds.preview(
                wish.kind,
                wish.target,
                self._rows_recipe(template),
                amount=self.amount,
                base=wish.base,
                marks=wish.marks,
            )

        def chosen(template: str | None) -> None:
            if template is not None:
                self.template = None if template == endpoint.template else template
                self._desk.show_soon()

        title = f"{wish.words} · {endpoint.model or endpoint.name}"
        here = endpoint.template if self.template is None else self.template
        screen = PromptScreen(rendered, ("", *endpoint.templates), here, endpoint.count, title)
        self._desk.app.push_screen(screen, chosen)

    def _rows_recipe(self, template: str) -> Recipe:
        session = self._desk.session
        grid = replace_grid(grids.grid_of(self._rows, session.endpoints), template=template)
        return session.rounds.recipes(grid)[0]

    # the box

    def open(self, wish: Asking, instruction: str = "") -> None:
        """Open the request box for it."""
        self._wish, self._offered, self._source = wish, None, None
        self._show(wish.words, wish.kind, instruction, self._rows, self.amount, ())

    def open_from(
        self,
        wish: Asking,
        asked: Round,
        candidate: Candidate,
        how: How | None = None,
        amount: Amount | None = None,
        word: Stem | None = None,
    ) -> None:
        """Open the request box filled from a candidate: to ask for it again, to go on from it, or from a word in it."""
        endpoints = self._desk.session.endpoints
        one = grids.rows_of([candidate.recipe], endpoints, seeds=True)
        every = grids.rows_of([each.recipe for each in asked.candidates], endpoints, seeds=False)
        rows: dict[How, Mapping[str, str]] = {}
        if asked.veil:
            # A single recipe would tell which one the candidate is.
            rows["round"] = every
        elif word is not None:
            rows["branch"] = {**one, "seed": ""}
        else:
            if candidate.ending is not None and candidate.text.strip():
                rows["go on"] = {**one, "seed": ""}
            rows |= {"again": one, "round": every}
        ended_well = candidate.ending is not None and candidate.ending.kind == "finished"
        usual: How = "again" if ended_well and "again" in rows else next(iter(rows))
        chosen = how if how in rows else usual
        amount = amount or asked.amount
        self._wish, self._offered, self._how = wish, amount, chosen
        self._source = Source(candidate, asked, rows, word)
        name = asked.shown_number(candidate.id)
        taken = f", with “{word.word.strip()}”" if word is not None else ""
        words = f"{wish.words} · from candidate {name}{taken}"
        self._show(words, wish.kind, asked.instruction, rows[chosen], amount, tuple(rows))

    def _show(
        self,
        words: str,
        kind: RoundKind,
        instruction: str,
        rows: Mapping[str, str],
        amount: Amount,
        ways: tuple[How, ...],
    ) -> None:
        session = self._desk.session
        endpoint = session.endpoint
        kinds = asking.KINDS if kind in asking.KINDS else (kind,)
        named = grids.models(session.endpoints)
        presets = grids.presets([session.endpoints.endpoint(name) for name in session.endpoints.names()])
        fields = [
            Field(
                "instruction",
                "instruction",
                instruction,
                "what should happen, or how; may be empty",
                earlier=self._earlier(),
            ),
            Field("ladder", "temperatures", rows["ladder"], "0.2, 0.6, 1.0: one candidate for each"),
            Field("kind", "kind", kind, choices=kinds),
            Field(
                "model",
                "model",
                rows["model"],
                f"{endpoint.model or endpoint.name} · several with commas",
                choices=named,
                several=True,
            ),
            Field("lens", "lens", rows["lens"], "as a mentor of ten years; several with |"),
            Field("seed", "seed", rows["seed"], "a new one each"),
            Field("context", "context", amount, choices=AMOUNTS),
        ]
        if len(presets) > 1:
            fields.insert(
                5, Field("preset", "preset", rows.get("preset", ""), endpoint.preset or "none", choices=presets)
            )
        if ways:
            fields.insert(0, Field("how", "do", WORDS[self._how], choices=[WORDS[way] for way in ways]))
        title = f"Ask: {words} · enter sends · up: earlier · ← → change"
        # What was left in the rows is there again, unless they are filled from a candidate.
        self._desk.box.open("request from" if ways else "request", title, fields, keep=not ways)

    def _earlier(self) -> list[str]:
        said = [asked.instruction for asked in self._desk.story.rounds if asked.instruction]
        return list(dict.fromkeys(reversed(said)))[:EARLIER]

    def changed(self, values: Mapping[str, str]) -> None:
        """A row of the box changed: another way to ask has other rows."""
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
        asked: list[tuple[Asking, Amount, list[Recipe], str]] = []

        def read() -> None:
            kind = _one_of(values["kind"], (*asking.KINDS, wish.kind), "kind")
            amount = _one_of(values["context"], AMOUNTS, "context")
            made, remark = self._recipes(values)
            asked.append((asking.of_kind(wish, kind), amount, made, remark))

        if not self._desk.attempt(read):
            return
        chosen, amount, made, remark = asked[0]
        if chosen.instruction and not values["instruction"]:
            self._desk.say("A rework needs an instruction: what should be different?")
            return
        if self._send(chosen, values["instruction"], made, amount, remark, self._stem()):
            if amount != self._offered:
                # What came with the wish was not chosen.
                self.amount = amount
            self._desk.box.forget()
            self._desk.close_box()

    def _recipes(self, values: Mapping[str, str]) -> tuple[list[Recipe], str]:
        session = self._desk.session
        source = self._source
        if source is None:
            grid = grids.grid_of(values, session.endpoints, self.template)
            made = list(session.rounds.recipes(grid))
            self._desk.ladder = tuple(grid.temperatures)
            self.model, self.lens, self.preset = values["model"], values["lens"], values.get("preset", "")
            return made, recipe_making.remark(made, grid)
        before = source.rows[self._how]
        if self._how == "round" and all(before.get(row, "") == values.get(row, "") for row in ROWS):
            # The same beside it with another context keeps the seeds, so that nothing else differs.
            exact = values["context"] != source.asked.amount
            return [each.recipe for each in source.asked.candidates] if exact else self._anew(source.asked), ""
        if self._how == "round":
            grid = grids.grid_of(values, session.endpoints)
            made = list(session.rounds.recipes(grid))
            return made, recipe_making.remark(made, grid)
        made = grids.varied(source.candidate.recipe, before, values, session.endpoints)
        if len(made) > recipe_making.MOST:
            raise RefusedError(f"{recipe_making.MOST} candidates at once are the most.", "Take fewer.")
        if not values["seed"]:
            made = [replace(each, seed=recipe_making.new_seed(session.new_id)) for each in made]
        return made, ""

    def _stem(self) -> Stem | None:
        source = self._source
        if source is None or self._how not in ("go on", "branch"):
            return None
        return source.word or Stem(source.candidate.id, len(source.candidate.text.rstrip()))


def _way(words: str) -> How | None:
    return next((how for how, said in WORDS.items() if said == words), None)


def _one_of(text: str, choices: Sequence[Choice], what: str) -> Choice:
    """The choice that begins so. RefusedError if none does."""
    for choice in choices:
        if text and choice.startswith(text.lower()):
            return choice
    raise RefusedError(f"“{text}” is no {what}.", f"There are: {', '.join(dict.fromkeys(choices))}.")
