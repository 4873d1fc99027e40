"""The drafts: a table with a row for each beat and a column for each draft, which fills as they are written, and one cell's text.

It turns keys into picks, into drafts that are asked for, stopped and gone on with, and into text that is placed; what these do is
decided in `session.drafting` and `story.actions.drafts`. Text that comes moves neither cursor nor scroll.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkType

from composer.config import parse_ladder
from composer.errors import ComposerError, RefusedError
from composer.session.ports import Changed
from composer.session.session import Session
from composer.story.actions.drafts import picks_in, place_picks
from composer.story.actions.text import beat_at
from composer.story.candidate import CellTarget, DraftTarget, Recipe, round_of
from composer.story.draft import Cell, Draft
from composer.story.events import MarksLifted, TextPlaced
from composer.story.outline import Outline
from composer.story.story import Mark, Story
from composer.ui import drafts as draft_words
from composer.ui import grids, keymap
from composer.ui.drafts import WAYS, Cells, Face, Figures, Head, Landing, Place, Row, Wish
from composer.ui.keymap import chord, hints
from composer.ui.phrases import counted
from composer.ui.screens.sheet import Sheet, room
from composer.ui.signs import Signs
from composer.ui.tally import Tally
from composer.ui.widgets import state
from composer.ui.widgets.box import Box, Entry, Field
from composer.ui.widgets.draft_table import HEAD, CellText, DraftTable, edges
from composer.ui.widgets.pane import StatusLine
from composer.ui.widgets.parts import Rule, Says
from composer.ui.wrapping import wrap

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp
    from composer.ui.screens.main import MainScreen

FLUSH = 0.125
"""Seconds between two paintings of what streams in."""
AROUND = 5
"""Lines of the screen that are neither table nor text."""
FOOT = 2
"""Lines at the foot that say what keys do."""
BEATS_ROW = "box-field-5"
"""The id of the row of beats in the box."""
EARLIER = 30
"""Instructions that up brings back."""

_wishes: WeakKeyDictionary[Session, Wish] = WeakKeyDictionary()
"""How drafts were asked for last, by session."""


def show_drafts(desk: MainScreen) -> None:
    """Show the newest drafts of the story, or how to have some. Typing that is not entered yet is entered first."""
    desk.session.flush()
    beat = desk.outline.beat if desk.outline.has_focus else beat_at(desk.story, desk.caret) or desk.outline.beat
    desk.app.push_screen(DraftsScreen(desk, beat), lambda _: desk.show_soon())


class DraftsScreen(Screen[None]):
    """One run of drafts, those that were asked for together. `beat` is where the cursor is at first."""

    CSS_PATH = "../styles/drafts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings(
        "drafts", "help", "round.ask", "round.box", "undo", "redo", "flush"
    )
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(self, desk: MainScreen, beat: str = "") -> None:
        super().__init__()
        self._desk = desk
        self.session = desk.session
        self._panes = DraftPanes(self)
        self._first = 0
        """The first draft of the run that is shown; 0 for the newest run."""
        self.beat = beat
        """The beat of the row under the cursor."""
        self.column = 0
        """The column under the cursor, from 0."""
        self.said = ""
        """What is told at the foot until the next key."""
        self._lifted: tuple[int, ...] = ()
        """The marks that were lifted last, to be put back."""
        self._on_its_way = False
        self._due = False
        self._unwatch: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        yield Rule(strong=True, id="drafts-title")
        yield DraftTable(id="drafts-table")
        yield Rule(id="drafts-cell")
        yield CellText(id="drafts-text")
        yield Says(id="drafts-says")
        yield Box(id="drafts-box")
        yield StatusLine(id="drafts-status")

    def on_mount(self) -> None:
        self._unwatch = self.session.watch(self._changed)
        self.draw()

    def on_unmount(self) -> None:
        if self._unwatch is not None:
            self._unwatch()

    def on_resize(self) -> None:
        self._panes.fit()
        self.call_after_refresh(self.draw)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    # values

    @property
    def story(self) -> Story:
        return self.session.story

    @property
    def desk(self) -> MainScreen:
        """The screen that it was opened from."""
        return self._desk

    @property
    def box(self) -> Box:
        return self.query_one(Box)

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """The drafts that are shown; none before any were asked for."""
        every = self.story.drafts
        return self.session.drafting.together(self._first or every[-1].number) if every else ()

    @property
    def runs(self) -> list[int]:
        """The first drafts of all runs."""
        return list(dict.fromkeys(draft.first for draft in self.story.drafts))

    @property
    def wish(self) -> Wish:
        """How ctrl+g asks: as was chosen last; where nothing was yet, as the newest drafts were asked for."""
        if (known := _wishes.get(self.session)) is not None:
            return known
        newest = self.story.drafts[-1] if self.story.drafts else None
        return Wish(newest.way, newest.instruction) if newest is not None else Wish()

    @property
    def draft(self) -> Draft | None:
        """The draft under the cursor."""
        drafts = self.drafts
        return drafts[self.column] if self.column < len(drafts) else None

    def cell(self, draft: Draft) -> Cell | None:
        """What a draft has in the row under the cursor."""
        return self.session.drafting.cell(draft.number, self.beat)

    def beats_of_marks(self) -> dict[int, str]:
        """The beat of each mark that is of a draft, whichever."""
        picks = draft_words.picks_of(self.story, self.session.drafting.beat_of)
        return {mark.number: beat for (_, beat), marks in picks.items() for _, mark in marks}

    # what the session tells

    def _changed(self, changed: Changed) -> None:
        """The session says that something changed: it is shown at the next flush."""
        self._draw_soon()

    def _draw_soon(self) -> None:
        if not self._due and self.is_attached:
            self._due = True
            self.call_later(self.set_timer, FLUSH, self._flush)

    def _flush(self) -> None:
        self._due = False
        if self.is_attached:
            self.draw()

    def draw(self) -> None:
        """Show what there is by now."""
        self._panes.show()
        if self.app.stalled:
            # What is not painted now is painted when the terminal reads on.
            self._draw_soon()

    # saying

    def say(self, text: str, *, error: bool = False) -> None:
        """Say something at the foot until the next key; what is too long for it in a notice."""
        if not self.is_attached:
            self._desk.say(text, error=error)
            return
        self.app.clear_notifications()
        self.said = text if len(wrap(text, max(10, self.app.size.width - 4))) <= FOOT else ""
        self._panes.show_says()
        if not self.said:
            self.notify(text, markup=False, severity="error" if error else "information", timeout=8 if error else 5)

    def refuse(self, error: ComposerError) -> None:
        self.say(f"{error.sentence} {error.next_step}".strip(), error=not isinstance(error, RefusedError))

    def _key(self, work: Callable[[], None]) -> None:
        """Do what a key asks for, and show it at once; say why if it can't be."""
        self.said = ""
        try:
            work()
        except ComposerError as error:
            self.refuse(error)
        if self.is_attached and self.is_current:
            self.draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the box is open its fields have the keys."""
        return not (self.is_mounted and self.box.kind) or action == "drafts_leave" or action not in ACTIONS

    # moving

    def _step(self, by: int, *, far: bool = False) -> None:
        rows = [row.beat for row in self._panes.rows if row.has_cells]
        if not rows:
            return
        at = rows.index(self.beat) if self.beat in rows else 0
        self.beat = rows[(0 if by < 0 else -1) if far else max(0, min(at + by, len(rows) - 1))]

    def _turn(self, by: int) -> None:
        self.column = max(0, min(self.column + by, len(self.drafts) - 1))

    def action_cell_up(self) -> None:
        self._key(lambda: self._step(-1))

    def action_cell_down(self) -> None:
        self._key(lambda: self._step(1))

    def action_cell_left(self) -> None:
        self._key(lambda: self._turn(-1))

    def action_cell_right(self) -> None:
        self._key(lambda: self._turn(1))

    def action_cell_first(self) -> None:
        self._key(lambda: self._step(-1, far=True))

    def action_cell_last(self) -> None:
        self._key(lambda: self._step(1, far=True))

    def action_cell_on(self) -> None:
        self._key(lambda: self._panes.read_on(1))

    def action_cell_back(self) -> None:
        self._key(lambda: self._panes.read_on(-1))

    def action_cell_zoom(self) -> None:
        self._key(self._zoom)

    def _zoom(self) -> None:
        if not self.drafts:
            raise RefusedError("There is no text to read yet.", f"{chord('round.ask')} has drafts written.")
        self.toggle_class("-zoom")

    def action_drafts_older(self) -> None:
        self._key(lambda: self._turn_run(-1))

    def action_drafts_newer(self) -> None:
        self._key(lambda: self._turn_run(1))

    def _turn_run(self, by: int) -> None:
        runs, drafts = self.runs, self.drafts
        at = runs.index(drafts[0].first) + by if drafts else -1
        if not 0 <= at < len(runs):
            raise RefusedError("There are no older drafts." if by < 0 else "These are the newest drafts.")
        self._first = 0 if at == len(runs) - 1 else runs[at]
        self._turn(0)

    # picking

    def action_cell_pick(self) -> None:
        self._key(lambda: self._pick(self.column))

    def _pick(self, column: int) -> None:
        """Mark a cell of the row, or take back what is marked of it."""
        drafts, row = self.drafts, self._panes.row
        if row is None or not drafts:
            raise RefusedError("There is nothing to pick from yet.", f"{chord('round.ask')} has drafts written.")
        if column >= len(drafts):
            raise RefusedError(f"There {'is' if len(drafts) == 1 else 'are'} {counted(len(drafts), 'draft')} here.")
        draft = drafts[column]
        marks = self._panes.picks.get((draft.number, row.beat), [])
        if marks:
            self._desk.placer.lift([mark for _, mark in marks])
            self._lifted = tuple(mark.number for _, mark in marks)
            if len(marks) > 1:
                self.say(f"{len(marks)} picked pieces of it are lifted. {chord('cell.clear')} puts them back.")
            return
        cell = self.cell(draft)
        if cell is None:
            raise RefusedError(f"Draft {draft.number} has nothing for this beat yet.")
        if cell.candidate.ending is None:
            raise RefusedError(f"It is still being written; wait, or stop it with {chord('draft.stop')}.")
        if not cell.text.strip():
            raise RefusedError("There is no text in this cell.", f"{chord('cell.again')} has it written.")
        self._desk.placer.mark(cell.candidate.id, *draft_words.extent(cell))
        if row.kind == "gone":
            self.say(
                f"Picked; {chord('drafts.place')} leaves it, for its beat is gone. In the candidates enter places it."
            )

    def action_cell_clear(self) -> None:
        self._key(self._clear)

    def _clear(self) -> None:
        """Lift all marks of these drafts; without any put back those that were lifted last."""
        numbers = {draft.number for draft in self.drafts}
        marks = [mark for (draft, _), row in self._panes.picks.items() if draft in numbers for _, mark in row]
        lifted = tuple(number for number in self._lifted if self.story.marks[number - 1].lifted)
        if marks:
            self._desk.placer.lift(marks)
            self._lifted = tuple(mark.number for mark in marks)
        elif lifted:
            self.session.record((MarksLifted(lifted, back=True),))
            self._lifted = ()
        else:
            raise RefusedError("Nothing of these drafts is picked.", "A digit picks that draft's cell in the row.")

    def action_row_open(self) -> None:
        self._key(self._open_row)

    def _open_row(self) -> None:
        """Leave for the main screen, with the cells of the row as candidates."""
        drafts, row = self.drafts, self._panes.row
        if row is None or not any(self.cell(draft) is not None for draft in drafts):
            raise RefusedError("No draft has come to this beat yet.")
        if row.kind == "gone":
            raise RefusedError("Its beat is not in the outline any more.", "Undo brings it back.")
        self.dismiss(None)
        self._desk.show_row(drafts[0].number, row.beat)

    def action_drafts_place(self) -> None:
        self._key(self._place)

    def _place(self) -> None:
        """Place all picks as one step, and go back to the text behind them."""
        landing = self._panes.landing
        if not landing.picks and landing.stay:
            raise RefusedError(f"{draft_words.landing_words(landing)}.", "Undo brings a beat back.")
        placed = place_picks(self.story, self.beats_of_marks(), self.session.new_id)
        self.session.record(placed)
        self.dismiss(None)
        self._desk.put_caret(placed[-1].put.end(placed[-1].at))
        self._desk.set_focus(self._desk.text)
        self._desk.say(draft_words.placed_words(landing), seconds=8)

    # stopping and going on

    def action_draft_stop(self) -> None:
        self._key(self._stop)

    def _stop(self) -> None:
        self.session.check_writable()
        drafting, draft = self.session.drafting, self.draft
        if draft is None:
            raise RefusedError("Nothing is being written.")
        cell = self.cell(draft)
        if cell is not None and cell.candidate.ending is None and self._apart(draft, cell):
            self._work(partial(self.session.rounds.stop, [cell.candidate.id]), "stop")
        elif drafting.works(draft.number) or (not draft.halted and drafting.due(draft.number)):
            self._work(partial(drafting.stop, (draft.number,)), "stop")
            self.say(f"Draft {draft.number} is stopped, what came is kept. {chord('cell.again')} has it go on.")
        else:
            raise RefusedError(f"Draft {draft.number} is not being written.")

    def _apart(self, draft: Draft, cell: Cell) -> bool:
        """Whether a cell is being written by itself, and not because its draft is at work."""
        if not self.session.drafting.works(draft.number):
            return True
        endings = (
            self.story.candidate(name).ending for name in self.session.drafting.attempts(draft.number, cell.beat)
        )
        return any(ending is not None and ending.kind in ("finished", "cut") for ending in endings)

    def action_drafts_stop(self) -> None:
        self._key(self._stop_all)

    def _stop_all(self) -> None:
        self.session.check_writable()
        drafting = self.session.drafting
        at_work = tuple(
            draft.number
            for draft in self.drafts
            if drafting.works(draft.number) or (not draft.halted and drafting.due(draft.number))
        )
        apart = [
            cell.candidate.id
            for draft in self.drafts
            for beat in self._panes.open_beats(draft)
            if (cell := drafting.cell(draft.number, beat)) is not None and self._apart(draft, cell)
        ]
        if not at_work and not apart:
            raise RefusedError("None of these drafts is being written.")
        if apart:
            self._work(partial(self.session.rounds.stop, apart), "stop")
        if at_work:
            self._work(partial(drafting.stop, at_work), "stop")
            which = "The draft is" if len(at_work) == 1 else f"{len(at_work)} drafts are"
            self.say(f"{which} stopped, what came is kept. {chord('cell.again')} has one go on.")

    def action_cell_again(self) -> None:
        self._key(self._again)

    def _again(self) -> None:
        """Have the draft go on, or write this cell: whichever is due."""
        self.session.check_writable()
        drafting, draft, row = self.session.drafting, self.draft, self._panes.row
        if draft is None or row is None:
            raise RefusedError("There is nothing to go on with yet.", f"{chord('round.ask')} has drafts written.")
        number, cell, works = draft.number, self.cell(draft), drafting.works(draft.number)
        if cell is not None and cell.candidate.ending is None:
            raise RefusedError("It is being written.", f"{chord('draft.stop')} stops it.")
        if cell is None or not cell.ended:
            own = row.kind == "beat" and row.beat in draft.beats
            if works:
                stop = f"{chord('draft.stop')} stops it; then {chord('cell.again')} writes this cell."
                raise RefusedError(
                    f"Draft {number} is being written{' and comes to this beat' if own else ''}.", "" if own else stop
                )
            if own:
                self._ask((draft.recipe,), lambda: self._go_on(number))
                return
        self._ask((draft.recipe,), partial(self._anew, number, row.beat))

    async def _go_on(self, number: int) -> None:
        if self.session.drafting.go_on((number,)):
            self.say(f"Draft {number} goes on.")

    async def _anew(self, number: int, beat: str) -> None:
        await self.session.drafting.again(number, beat)

    # asking

    def action_round_ask(self) -> None:
        self._key(lambda: self._begin(self.wish, self._desk.requests.draft_rows()))

    def _begin(self, wish: Wish, rows: Mapping[str, str]) -> None:
        """Begin new drafts. RefusedError where that can't be."""
        self.session.check_writable()
        self._check_begun()
        beats = draft_words.read_beats(wish.beats, self.story, wish.way)
        recipes, remark = self._desk.requests.draft_recipes(rows)

        async def begin() -> None:
            await self.session.drafting.ask(recipes, wish.way, beats, wish.instruction)
            _wishes[self.session] = wish
            self._first = 0
            if self.is_attached:
                self._turn(0)
                if self.box.kind:
                    self.box.forget()
                    self._close_box()
            if remark:
                self.say(remark)

        self._ask(recipes, begin)

    def _check_begun(self) -> None:
        """RefusedError while drafts that were asked for have no first word yet."""
        if self._on_its_way:
            raise RefusedError("The request before this one is on its way; nothing more was sent.")
        drafts = self.story.drafts
        newest = self.session.drafting.together(drafts[-1].number) if drafts else ()
        numbers = {draft.number for draft in newest if self.session.drafting.works(draft.number)}
        if not numbers:
            return
        own = {draft.number for draft in newest}
        for asked in reversed(self.story.rounds):
            target = asked.target
            cells = isinstance(target, CellTarget | DraftTarget) and target.draft in own
            if cells and any(each.written or each.reasoning for each in asked.candidates):
                return
        raise RefusedError(
            f"Drafts {draft_words.numbers_of(newest)} have not begun to write yet; nothing more was sent."
            if len(newest) > 1
            else f"Draft {newest[0].number} has not begun to write yet; nothing more was sent.",
            f"Wait for the first word, or stop them with {chord('drafts.stop')}.",
        )

    def _ask(self, recipes: Sequence[Recipe], work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do it once the endpoints of these recipes are ready. RefusedError where one is gone, or a request waits already."""
        if self._on_its_way:
            raise RefusedError("The request before this one is on its way; nothing more was sent.")
        waiting = self.session.rounds.unready(recipes)
        self._on_its_way = True
        self._work(partial(self._asking, waiting, work), "asking")

    async def _asking(self, waiting: Sequence[Recipe], work: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            if waiting:
                names = " and ".join(dict.fromkeys(recipe.endpoint for recipe in waiting))
                self.say(f"Asking {names} what it takes; your drafts follow.")
                await self.session.rounds.ready(waiting)
                self.said = ""
            await work()
        except ComposerError as error:
            self.refuse(error)
        finally:
            self._on_its_way = False
        if self.is_attached:
            self.draw()

    def _work(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Do it in the background. It is the main screen's work: it goes on when this screen is left."""
        # No coroutine is made before it runs.
        task: WorkType[None] = work
        self._desk.run_worker(task, group=group, exit_on_error=False)

    def action_round_box(self) -> None:
        self._key(self._open_box)

    def _open_box(self) -> None:
        self.session.check_writable()
        requests, wish, endpoints = self._desk.requests, self.wish, self.session.endpoints
        rows = requests.draft_rows()
        earlier = list(dict.fromkeys(draft.instruction for draft in reversed(self.story.drafts) if draft.instruction))
        endpoint = self.session.endpoint
        fields = [
            Field(
                "instruction", "instruction", wish.instruction, "what holds for every cell; may be empty",
                earlier=earlier[:EARLIER],
            ),
            Field("ladder", "temperatures", rows["ladder"], "0.2, 0.6, 1.0: one draft for each"),
            Field("way", "way", WAYS[wish.way], "what each cell sees", choices=tuple(WAYS.values())),
            Field(
                "model", "model", rows["model"], f"{endpoint.model or endpoint.name} · several with commas",
                choices=grids.models(endpoints), several=True,
            ),
            requests.lens_field(rows["lens"]),
            Field("beats", "beats", wish.beats, draft_words.beats_hint(wish.way), choices=("", "all", "empty")),
        ]  # fmt: skip
        self.app.clear_notifications()
        self.remove_class("-zoom")
        self.box.open("drafts", "Drafts: how they are written · enter begins them · ← → change", fields)

    def on_box_changed(self, message: Box.Changed) -> None:
        """Another way is for other beats."""
        for entry in self.box.query(Entry):
            if entry.id == BEATS_ROW:
                entry.placeholder = draft_words.beats_hint(message.values.get("way", ""))

    def on_box_submitted(self, message: Box.Submitted) -> None:
        values = message.values

        def begin() -> None:
            wish = Wish(draft_words.read_way(values["way"]), values["instruction"], values["beats"])
            rows = {**self._desk.requests.draft_rows(), **{row: values[row] for row in ("ladder", "model", "lens")}}
            self._begin(wish, rows)

        self._key(begin)

    def _close_box(self) -> None:
        self.box.close()
        self.set_focus(None)
        self.draw()

    # undo

    def action_undo(self) -> None:
        self._key(lambda: self._travel(self.session.journal.tree.before_step, self._desk.action_undo, "takes back"))

    def action_redo(self) -> None:
        self._key(lambda: self._travel(self.session.journal.tree.after_step, self._desk.action_redo, "brings back"))

    def _travel(self, target: Callable[[], int | None], move: Callable[[], None], does: str) -> None:
        """Go a step back or forward, if it is one that placed picks: others are not seen here."""
        self.session.flush()
        tree, to = self.session.journal.tree, target()
        back, forward = tree.walk(tree.head, to) if to is not None else ([], [])
        changes = [tree.nodes[seq].change for seq in (*back, *forward)]
        if not all(isinstance(change, TextPlaced) and self._is_of_drafts(change) for change in changes):
            raise RefusedError(
                f"That {does} something that is not seen here.", f"{chord('drafts.leave')} goes back first."
            )
        move()

    def _is_of_drafts(self, change: TextPlaced) -> bool:
        marks = [self.story.marks[number - 1] for number in change.placement.marks]
        return bool(marks) and all(
            mark.candidate and self.story.round(round_of(mark.candidate)).drafts for mark in marks
        )

    # leaving, and what is no key of this place

    def action_flush(self) -> None:
        self._desk.action_flush()

    def action_drafts_leave(self) -> None:
        if self.box.kind:
            self._close_box()
        elif self.has_class("-zoom"):
            self._key(self._zoom)
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        signs = Signs.of(self.app)
        width = room(self.app.size.width)
        self.app.push_screen(Sheet("Help", draft_words.help_in_drafts(signs, edges(signs), width)))

    def on_key(self, event: events.Key) -> None:
        if not event.is_printable or not event.character or self.box.kind:
            return
        if event.character.isascii() and event.character.isdigit():
            column = (int(event.character) - 1) % 10
            self._key(lambda: self._pick(column))
        else:
            help = chord("help")
            self.say(f"Letters act here, and this one does nothing. {help} lists the keys, escape goes back.")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.say(f"Nothing was pasted: letters act here. {chord('round.box')} opens a box to type into.")


ACTIONS = frozenset(key.action for key in keymap.TABLE)
"""What keys may stand for while no box is open."""


class DraftPanes:
    """What the panes of the screen show: each is brought up to what is true, and repaints only what differs. It changes nothing."""

    def __init__(self, screen: DraftsScreen) -> None:
        self._screen = screen
        self.rows: Sequence[Row] = ()
        self.picks: dict[Place, list[tuple[int, Mark]]] = {}
        """The marks of all drafts, by cell."""
        self.landing = Landing()
        self._places: dict[str, int] = {}
        """Where the rows with cells stand, by beat."""
        self._at = 0
        self._cells: Cells | None = None
        self._made_of: tuple[Outline | None, int, int] = (None, 0, 0)
        """What the rows were made of: the outline, the first draft of the run, and how many beats have cells."""
        self._leaves: frozenset[str] = frozenset()
        self._lines: Mapping[str, str] = {}
        """The lines of beats that are gone."""
        self._tally = Tally()
        self._figures: tuple[Figures, ...] = ()
        self._labels: tuple[tuple[Draft, ...], tuple[str, ...]] = ((), ())

    @property
    def _table(self) -> DraftTable:
        return self._screen.query_one(DraftTable)

    @property
    def _text(self) -> CellText:
        return self._screen.query_one(CellText)

    @property
    def _signs(self) -> Signs:
        return Signs.of(self._screen.app)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self._at] if self._at < len(self.rows) and self.rows[self._at].has_cells else None

    def open_beats(self, draft: Draft) -> list[str]:
        """The beats of which a cell of that draft is on its way."""
        return self._cells.open_beats(draft.number) if self._cells is not None else []

    def show(self) -> None:
        """Bring all of it up to what is true."""
        screen = self._screen
        story, drafts = screen.story, screen.drafts
        self._look(story, drafts)
        self._settle()
        wanted = self._cells.wanted if self._cells is not None else {}
        signs, cell = self._signs, screen.session.drafting.cell

        def face(row: Row, column: int) -> Face:
            number = drafts[column].number
            marks = self.picks.get((number, row.beat), ())
            due = row.kind == "beat" and row.beat in wanted[number]
            return draft_words.face_of(cell(number, row.beat), due, marks, self._words, signs)

        screen.set_class(not drafts or bool(screen.box.kind), "-alone")
        self._table.show(self.rows, self._heads(drafts), self._at, screen.column, self._told, face, self._note(drafts))
        self.fit()
        self._show_title(drafts)
        self._show_cell(drafts)
        self.show_says()

    def fit(self) -> None:
        """Give the table as many lines as it needs, and the text the others."""
        screen, table = self._screen, self._table
        if screen.has_class("-alone"):
            lines: int | str = "1fr"
        else:
            width, height = screen.app.size
            height -= AROUND
            most = max(HEAD + 2, height * 2 // 3)
            lines = min(table.wanted(width, most), most)
        if str(table.styles.height) != str(lines):
            table.styles.height = lines

    def _told(self, beat: str) -> int:
        """Words of the manuscript that tell a beat."""
        return self._tally.held(beat).words

    def _words(self, cell: Cell) -> int:
        return self._cells.words(cell) if self._cells is not None else 0

    def _look(self, story: Story, drafts: Sequence[Draft]) -> None:
        """Look at what there is: cells, rows, picks and the text."""
        drafting = self._screen.session.drafting
        first = drafts[0].first if drafts else 0
        if self._cells is None or self._made_of[1] != first:
            self._cells = Cells(drafts, drafting.cell)
        if story.outline is not self._made_of[0]:
            self._leaves = frozenset(beat.id for beat in story.outline.leaves())
            self._lines = {}
        self._cells.look(story, self._leaves)
        made_of = (story.outline, first, len(self._cells.beats))
        if made_of[0] is not self._made_of[0] or made_of[1:] != self._made_of[1:]:
            self._made_of = made_of
            self.rows = draft_words.rows_of(story.outline, self._cells.celled, self._names)
            self._places = {row.beat: at for at, row in enumerate(self.rows) if row.has_cells}
        self._figures = tuple(self._cells.figures(draft.number) for draft in drafts)
        self._tally.words(story.manuscript)
        self.picks = draft_words.picks_of(story, drafting.beat_of)
        self.landing = self._landing(story, {draft.number for draft in drafts})

    def _names(self, beats: Collection[str]) -> Mapping[str, str]:
        """The lines of beats that are gone. All changes are looked through for those that are not known yet."""
        if not self._lines.keys() >= set(beats):
            nodes = self._screen.session.journal.tree.nodes
            self._lines = {
                **dict.fromkeys(beats, ""),
                **draft_words.lines_of((nodes[seq].change for seq in sorted(nodes)), beats),
            }
        return self._lines

    def _landing(self, story: Story, own: Collection[int]) -> Landing:
        """What placing all picks would do."""
        beats = {mark.number: beat for (_, beat), marks in self.picks.items() for _, mark in marks}
        if not beats:
            return Landing()
        landing = picks_in(story, beats)
        picks = sum(map(len, landing.values()))
        others = sum(len(marks) for (draft, beat), marks in self.picks.items() if draft not in own and beat in landing)
        behind = sum(1 for beat in landing if self._told(beat))
        return Landing(picks, len(landing), behind, len(beats) - picks, others)

    def _settle(self) -> None:
        """The cursor stays on its beat; where that is gone, it goes to the nearest one."""
        screen = self._screen
        screen.column = max(0, min(screen.column, len(screen.drafts) - 1))
        found = self._places.get(screen.beat)
        if found is None and self._places:
            # From a beat with beats below to the first of those.
            near = next((at for at, row in enumerate(self.rows) if row.beat and row.beat == screen.beat), self._at)
            found = min(self._places.values(), key=lambda at: (abs(at - near), -at))
            screen.beat = self.rows[found].beat
        self._at = found or 0

    # the table

    def _heads(self, drafts: tuple[Draft, ...]) -> list[Head]:
        drafting, signs = self._screen.session.drafting, self._signs
        made = []
        for draft, label, figures in zip(drafts, self._labels_of(drafts), self._figures, strict=True):
            trouble = drafting.troubles.get(draft.number)
            why = trouble.sentence if trouble is not None else ""
            if not why and figures.failed:
                ending = self._screen.story.candidate(figures.failed).ending
                why = ending.why if ending is not None else ""
            made.append(draft_words.head_of(draft, label, drafting.works(draft.number), why, figures, signs))
        return made

    def _labels_of(self, drafts: tuple[Draft, ...]) -> tuple[str, ...]:
        if self._labels[0] != drafts:
            self._labels = drafts, draft_words.labels(drafts, self._signs.ellipsis)
        return self._labels[1]

    def _note(self, drafts: Sequence[Draft]) -> Sequence[str]:
        """What is said above the table before there is any draft."""
        if drafts or self._screen.box.kind:
            return ()
        what = "No drafts yet. A draft is the whole outline written, beat by beat, by one model at one temperature."
        fill = "They fill a table here: a row for each beat, a column for each draft. You pick cells, or sentences of them, into the text."
        if not any(row.has_cells for row in self.rows):
            add = f"The outline has no beats to write yet: {chord('drafts.leave')}, then {chord('pane.left')} and {chord('beat.add')} adds them, a line each."
            return (what, "", add)
        ladder = self._screen.desk.requests.draft_rows()["ladder"]
        wish, (count, beats) = self._screen.wish, self.asks
        each = f", one at each of {ladder}" if " " in ladder else f" at {ladder}"
        sees = WAYS[wish.way].partition(": ")[2]
        ask, box = chord("round.ask"), chord("round.box")
        begin = f"{ask} writes {draft_words.will_write(count, beats)}{each}: {sees}."
        how = f"{box} asks how first: what each cell sees, which beats, temperatures, model, lens, and what you wish."
        return (what, begin if count and beats else "", how, fill)

    @property
    def asks(self) -> tuple[int, int]:
        """How many drafts ctrl+g asks for, and of how many beats; 0 where that can't be."""
        main = self._screen.desk
        rows, wish = main.requests.draft_rows(), self._screen.wish
        try:
            lenses = grids.read_lenses(rows["lens"], main.lenses)
            count = len(parse_ladder(rows["ladder"])) * len(self._models(rows["model"])) * len(lenses)
            return count, len(draft_words.read_beats(wish.beats, self._screen.story, wish.way))
        except ComposerError:
            return 0, 0

    def _models(self, named: str) -> list[str]:
        """The models that ctrl+g asks for. RefusedError where one is not known."""
        endpoints = self._screen.session.endpoints
        found = grids.read_models(named, endpoints)
        return [model or grids.own_model(endpoints, name or endpoints.chosen) or name for name, model in found]

    @property
    def _model(self) -> str:
        """The model that the next drafts go to, or how many."""
        try:
            named = self._models(self._screen.desk.requests.draft_rows()["model"])
        except ComposerError:
            named = []
        if len(named) > 1:
            return f"{len(named)} models"
        return "".join(named) or self._screen.session.endpoint.name

    # the rules

    def _show_title(self, drafts: Sequence[Draft]) -> None:
        screen = self._screen
        title = screen.query_one("#drafts-title", Rule)
        if not drafts:
            title.show(["Drafts"], [counted(sum(row.kind == "beat" for row in self.rows), "beat")])
            return
        runs = screen.runs
        writing = sum(
            1
            for draft, figures in zip(drafts, self._figures, strict=True)
            if figures.open or screen.session.drafting.works(draft.number)
        )
        run = runs.index(drafts[0].first) + 1
        title.show(draft_words.titles(drafts, run, len(runs)), draft_words.totals(self._figures, writing))

    def _show_cell(self, drafts: tuple[Draft, ...]) -> None:
        """The text of the cell under the cursor; where it is the one that was shown, as it was scrolled."""
        screen, row, draft = self._screen, self.row, self._screen.draft
        if row is None or draft is None:
            self._text.show("", "", (), ())
            screen.query_one("#drafts-cell", Rule).show([""])
            return
        cell = screen.cell(draft)
        marks = self.picks.get((draft.number, row.beat), [])
        start, end = draft_words.extent(cell) if cell is not None else (0, 0)
        text = cell.candidate.text[start:end] if cell is not None else ""
        name = cell.candidate.id if cell is not None else ""
        seen = [(number, _moved(mark, start)) for number, mark in marks if mark.candidate == name]
        self._text.show(
            f"{draft.number} {row.beat} {name}", text, seen, self._notes(row, draft, cell, len(marks) - len(seen))
        )
        self._name_cell(row, draft, cell, marks)

    def _notes(self, row: Row, draft: Draft, cell: Cell | None, older: int) -> list[str]:
        """What is to be said below the text."""
        notes = []
        drafting = self._screen.session.drafting
        again = chord("cell.again")
        if cell is None:
            own = row.kind == "beat" and row.beat in draft.beats
            if drafting.works(draft.number):
                notes.append(
                    "Not written yet: the draft comes to it." if own else "The draft was not asked for this beat."
                )
            else:
                goes_on = f"{again} has draft {draft.number} go on." if own else f"{again} writes it."
                notes.append(f"Not written yet. {goes_on}")
        else:
            if why := state.why(cell.candidate):
                notes.append(why)
            if told := state.aside(cell.candidate, self._sent_why(cell)):
                notes.append(told)
        trouble = drafting.troubles.get(draft.number)
        if trouble is not None and not drafting.works(draft.number) and (cell is None or not cell.ended):
            notes.append(f"Draft {draft.number} does not go on: {trouble.sentence} {trouble.next_step}".strip())
        if older:
            notes.append(
                f"{counted(older, 'piece')} of what was written here before {'is' if older == 1 else 'are'} picked too."
            )
        return notes

    def _sent_why(self, cell: Cell) -> str:
        asked = self._screen.story.round(cell.candidate.round)
        return asked.sent(cell.candidate.number).why

    def _name_cell(self, row: Row, draft: Draft, cell: Cell | None, marks: Sequence[tuple[int, Mark]]) -> None:
        screen, signs = self._screen, self._signs
        other = "a beat with beats below" if row.kind == "divided" else "a beat that is gone"
        beat = f"beat {row.number}" if row.number else other
        label = self._labels_of(screen.drafts)[screen.column]
        if cell is None:
            how = "not written yet"
        else:
            wait = screen.session.rounds.streams.wait_of(cell.candidate.id)
            how = draft_words.state_words(cell, self._words(cell), wait, signs)
        number = f"draft {draft.number}"
        picked = ""
        if marks:
            picked = (
                "picked"
                if cell is not None and draft_words.is_picked_whole(cell, marks)
                else f"{counted(len(marks), 'piece')} picked"
            )
        left = [
            " · ".join(part for part in parts if part)
            for parts in (
                (beat, number, label, how, picked),
                (beat, number, how, picked),
                (number, how, picked),
                (how,),
            )
        ]
        above, all_of_it = self._text.seen
        screen.query_one("#drafts-cell", Rule).show(left, [] if all_of_it else [f"{above} % above"])

    def read_on(self, by: int) -> None:
        """Scroll the text by screens."""
        self._text.page_on(by)

    # the foot

    def show_says(self) -> None:
        """The lines that say what keys do, and the last one."""
        screen = self._screen
        screen.query_one(Says).show(self._says(), asks=bool(screen.said))
        status = screen.query_one(StatusLine)
        session = screen.session
        if session.read_only:
            disk = ("reading only",) * 2
        elif session.trouble:
            disk = (f"NOT ON DISK: {chord('flush')}", "NOT ON DISK")
        else:
            disk = ("all on disk", "on disk") if session.saved else ("saving", "saving")
        if screen.box.kind:
            status.show(
                [
                    ("TYPING how drafts are written", "TYPING"),
                    ("enter: begins them",) * 2,
                    ("esc: leaves them",) * 2,
                    disk,
                ]
            )
            return
        model = self._model
        status.show(
            [
                ("LETTERS ACT", "LETTERS ACT"),
                self._will(),
                (hints("round.box"), chord("round.box")),
                (model[:24], model[:12]),
                disk,
                (f"{chord('help')} help", f"{chord('help')} help"),
                (hints("drafts.leave"), hints("drafts.leave")),
            ],
            stay=2,
        )

    def _will(self) -> tuple[str, str]:
        """What ctrl+g does here."""
        ask = chord("round.ask")
        count, beats = self.asks
        if not any(row.kind == "beat" for row in self.rows):
            return f"{ask} needs beats", f"{ask} needs beats"
        if not count or not beats:
            return f"{ask} has nothing to write", f"{ask} nothing"
        more = "more " if self._screen.drafts else ""
        said = " · with an instruction" if self._screen.wish.instruction else ""
        drafts = "draft" if count == 1 else "drafts"
        return (
            f"{ask} {count} {more}{drafts} of {counted(beats, 'beat')} · {self._screen.wish.way}{said}",
            f"{ask} {count} {more}{drafts}",
        )

    def _says(self) -> Sequence[str]:
        screen = self._screen
        if screen.said:
            return [screen.said]
        if not screen.drafts or screen.box.kind:
            return []
        will = draft_words.landing_words(self.landing)
        if screen.has_class("-zoom"):
            return [will or hints("cell.digit", "cell.pick"), hints("cell.zoom", "cell.up", "cell.on")]
        drafting = screen.session.drafting
        running = any(figures.open for figures in self._figures) or any(
            drafting.works(draft.number) for draft in screen.drafts
        )
        first = ("cell.digit", "row.open") if will else ("cell.digit", "cell.clear", "row.open", "cell.zoom")
        rest = hints(
            *(("draft.stop", "drafts.stop") if running else ()),
            "cell.again",
            *(("drafts.older",) if len(screen.runs) > 1 else ()),
            "cell.on",
        )
        return [will, f"{hints(*first)}   {rest}"] if will else [hints(*first), rest]


def _moved(mark: Mark, start: int) -> Mark:
    """A mark in the characters of a text that begins at `start`."""
    return Mark(mark.number, mark.candidate, max(0, mark.start - start), max(0, mark.end - start))
