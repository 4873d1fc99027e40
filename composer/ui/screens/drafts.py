"""The drafts: a table with a row for each beat and a column for each draft, which fills as they are written, and one cell's text.

It turns keys into picks, into drafts that are asked for, stopped and gone on with, and into text that is placed; what these do is
decided in `session.drafting` and `story.actions.drafts`. Text that comes moves neither cursor nor scroll.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkType

from composer.errors import ComposerError, RefusedError
from composer.session.ports import Changed
from composer.session.session import Session
from composer.story.actions.drafts import place_picks
from composer.story.actions.text import beat_at
from composer.story.candidate import CellTarget, DraftTarget, Recipe, round_of
from composer.story.draft import Cell, Draft
from composer.story.events import MarksLifted, TextPlaced
from composer.story.story import Story
from composer.ui import drafts as draft_words
from composer.ui import grids, keymap
from composer.ui.drafts import WAYS, Wish
from composer.ui.keymap import chord
from composer.ui.phrases import counted
from composer.ui.screens.draft_panes import DraftPanes
from composer.ui.screens.sheet import Sheet, room
from composer.ui.signs import Signs
from composer.ui.widgets.box import Box, Entry, Field
from composer.ui.widgets.draft_table import CellText, DraftTable, edges
from composer.ui.widgets.pane import StatusLine
from composer.ui.widgets.parts import Rule, Says
from composer.ui.wrapping import wrap

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp
    from composer.ui.screens.main import MainScreen

FLUSH = 0.125
"""Seconds between two paintings of what streams in."""
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
