"""The context: what a request holds, part by part, before it is sent, and what a candidate was made from, as it is stored.

It turns keys into shapes of the context; what is packed, condensed and sent is decided elsewhere. A key that depends on what is
shown waits until that is made, so that keys typed ahead mean the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkType

from composer.errors import ComposerError, RefusedError
from composer.session.condensing import Outcome
from composer.session.ports import Changed
from composer.session.session import Session
from composer.story.candidate import Candidate, Recipe
from composer.story.shape import Amount, Shape
from composer.text.clean import one_line
from composer.ui import keymap
from composer.ui.contexts import Context, Row
from composer.ui.helping import help_in_context
from composer.ui.keymap import chord
from composer.ui.screens.comparing import Comparing
from composer.ui.screens.context_panes import ContextPanes
from composer.ui.screens.levers import Levers, Question
from composer.ui.screens.sending import Sending
from composer.ui.screens.shaping import Shaping, stored
from composer.ui.screens.sheet import Sheet, room
from composer.ui.signs import Signs
from composer.ui.widgets.pane import StatusLine
from composer.ui.widgets.parts import PartsView, Rule, Says
from composer.ui.widgets.prompt import PromptView

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp
    from composer.ui.screens.main import MainScreen

SOON = 0.3
"""Seconds after which it is looked again whether summaries are still on their way."""


def show_context(desk: MainScreen) -> None:
    """Show what the candidate under the cursor was sent, else what ctrl+g would send; or say why there is neither."""
    candidate = desk.candidates.candidate if desk.candidates.has_focus else None
    name = candidate.id if candidate is not None and not desk.is_veiled(candidate.id) else ""
    sending: Sending | ComposerError
    try:
        sending = desk.requests.here()
    except ComposerError as error:
        if not name:
            desk.refuse(error)
            return
        sending = error

    def deliver(wanted: Sending) -> None:
        if wanted.wish.instruction and not wanted.instruction:
            desk.requests.open(wanted.wish)
        elif desk.attempt(lambda: desk.requests.deliver(wanted)):
            # The next letter must not be typed into the story.
            desk.set_focus(desk.candidates)

    desk.app.push_screen(ContextScreen(desk.session, sending, deliver, name), lambda _: desk.show_soon())


class ContextScreen(Screen[None]):
    """`sending` is what would be sent, or why nothing can be; `deliver` sends it. `candidate` names one whose context is stored."""

    CSS_PATH = "../styles/context.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("context", "help", "context", "round.ask")
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(
        self,
        session: Session,
        sending: Sending | ComposerError,
        deliver: Callable[[Sending], None],
        candidate: str = "",
    ) -> None:
        super().__init__()
        self.session = session
        self.shaping = Shaping(session, sending)
        self._deliver = deliver
        self._candidate = candidate
        self.as_sent = bool(candidate)
        """Whether the stored context is shown."""
        self._stored: Context | None = None
        self.unfolded: set[str] = set()
        """Parts whose things are shown."""
        self.comparing = Comparing(self)
        self.question: Question | None = None
        self.said = ""
        """What is told at the foot until the next key."""
        self._outcome: Outcome | None = None
        """What came of summaries, until it is told."""
        self.far = ""
        """The servers that it waits for."""
        self._panes = ContextPanes(self)
        self._levers = Levers(self)
        self._busy = False
        self._keys: list[Callable[[], None]] = []
        """What keys asked for while what they depend on was being made."""
        self._stale = self._due = self._ticking = False
        self._unwatch: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        yield Rule(strong=True, id="context-title")
        yield PartsView(id="context-parts")
        yield Rule(id="context-part")
        yield PromptView(id="context-text")
        yield Rule(id="context-total")
        yield Says(id="context-says")
        yield StatusLine(id="context-status")

    def on_mount(self) -> None:
        self._unwatch = self.session.watch(self._changed)
        self.session.condensing.taker = self._condensed
        self._panes.show()
        self.work(self._begin)

    def on_unmount(self) -> None:
        self.session.condensing.taker = None
        if self._unwatch is not None:
            self._unwatch()

    def on_resize(self) -> None:
        self._panes.fit()
        self._panes.show_says()
        self.call_after_refresh(self._panes.show_text)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    # values

    @property
    def candidate(self) -> Candidate | None:
        """The candidate whose context is stored, if one was named."""
        return self.session.story.candidate(self._candidate) if self._candidate else None

    @property
    def context(self) -> Context | None:
        """The context that is shown, as soon as it is known."""
        if self.as_sent:
            return self._stored
        return self.shaping.view.context if self.shaping.view is not None else None

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that it is for."""
        if self.as_sent:
            return self.candidate.recipe if self.candidate is not None else None
        return self.shaping.view.recipe if self.shaping.view is not None else None

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._panes.table.row

    def draw(self) -> None:
        """Show what there is by now."""
        self._panes.show()

    # work that takes time

    def work(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it in the background; keys that depend on what is shown wait until it is done."""
        self._busy = True
        # No coroutine is made before it runs.
        task: WorkType[None] = partial(self._working, work)
        self.run_worker(task, group="context", exclusive=True, exit_on_error=False)

    async def _working(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except ComposerError as error:
            self.refuse(error)
        finally:
            # What goes on from here may be work of its own, which must not end this.
            self.call_later(self._go_on)

    def _go_on(self) -> None:
        """Make anew what is out of date, then do what keys asked for meanwhile."""
        self._busy = False
        if not self.is_attached:
            return
        self._panes.show_says()
        if self._stale:
            self._stale = False
            self.work(self._pack)
        while self._keys and not self._busy and self.is_current:
            self._unsay()
            self._keys.pop(0)()
        self._tell_outcome()

    def _key(self, work: Callable[[], None]) -> None:
        """Do what a key asks for, as soon as what is shown is what there is."""
        if self._busy:
            self._keys.append(work)
        else:
            self._unsay()
            work()

    async def _begin(self) -> None:
        candidate = self.candidate
        if candidate is not None:
            self._stored = await stored(self.session, self.session.story.round(candidate.round), candidate.number)
            self._panes.show()
        else:
            await self._pack()

    def pack(self) -> None:
        """Make the contexts anew."""
        self.work(self._pack)

    async def _pack(self) -> None:
        await self.shaping.pack(self.get_ready)
        self._panes.show()

    async def get_ready(self, waiting: Sequence[Recipe]) -> None:
        """Have the endpoints of these recipes ready. EndpointError where a template can't be had."""
        self.far = " and ".join(dict.fromkeys(one_line(recipe.endpoint, 40) for recipe in waiting))
        self._panes.show_says()
        try:
            await self.session.rounds.ready(waiting)
        finally:
            self.far = ""

    def _changed(self, changed: Changed) -> None:
        """The session says that something changed."""
        if not self._due and self.is_attached:
            self._due = True
            self.call_later(self.look)

    def look(self) -> None:
        """Bring up to date what depends on the session."""
        self._due = False
        if not self.is_attached:
            return
        if self.shaping.stale:
            if self._busy:
                self._stale = True
            else:
                self.work(self._pack)
        self._panes.show_says()
        if self.session.condensing.running and not self._ticking:
            self._ticking = True
            self.set_timer(SOON, self._tick)
        self._tell_outcome()

    def _tick(self) -> None:
        """Look whether summaries are still on their way: one that fails changes nothing else."""
        self._ticking = False
        self.look()

    # saying

    def say(self, text: str, *, error: bool = False) -> None:
        """Say something at the foot until the next key; what is too long for it in a notice."""
        self.app.clear_notifications()
        self.said = text if self._panes.has_room(text) else ""
        self._panes.show_says()
        if not self.said:
            self.notify(text, markup=False, severity="error" if error else "information", timeout=8 if error else 5)

    def _unsay(self) -> None:
        if self.said:
            self.said = ""
            self._panes.show_says()

    def _condensed(self, made: Outcome) -> None:
        """No more summaries are on their way."""
        self._outcome = made
        # The table is made anew first, where they change it.
        self.call_later(self.look)

    def _tell_outcome(self) -> None:
        """Say what came of summaries, as soon as the table shows it."""
        if self._outcome is not None and not self._busy and not self.shaping.stale:
            made, self._outcome = self._outcome, None
            self.say(self._levers.outcome(made))

    def refuse(self, error: ComposerError) -> None:
        self.say(f"{error.sentence} {error.next_step}".strip(), error=not isinstance(error, RefusedError))

    def ask(self, question: Question) -> None:
        """Ask something; enter says yes."""
        self.question = question
        self._panes.show_says()

    def _unask(self) -> None:
        if self.question is not None:
            self.question = None
            self._panes.show_says()

    # moving

    def _go(self, at: int) -> None:
        self._unask()
        table = self._panes.table
        table.at = max(0, min(at, len(table.rows) - 1))
        table.repaint()
        self._panes.show_text()

    def action_part_up(self) -> None:
        self._key(lambda: self._go(self._panes.table.at - 1))

    def action_part_down(self) -> None:
        self._key(lambda: self._go(self._panes.table.at + 1))

    def action_part_first(self) -> None:
        self._key(lambda: self._go(0))

    def action_part_last(self) -> None:
        self._key(lambda: self._go(len(self._panes.table.rows) - 1))

    def action_part_unfold(self) -> None:
        self._key(self._unfold)

    def action_part_fold(self) -> None:
        self._key(self._fold)

    def _unfold(self) -> None:
        self._unask()
        if self.row is not None and self.row.fold == "shut":
            self._turn_fold(self.row)

    def _fold(self) -> None:
        """Fold a part in, or go from a thing to its part."""
        self._unask()
        row = self.row
        if row is not None and row.inner:
            rows = self._panes.table.rows
            self._go(next(at for at, each in enumerate(rows) if each.part == row.part and not each.inner))
        elif row is not None and row.fold == "open":
            self._turn_fold(row)

    def _turn_fold(self, row: Row) -> None:
        names = self.unfolded if self.comparing.against is None else self.comparing.folded
        names ^= {row.part}
        self._panes.show()

    def action_part_open(self) -> None:
        self._key(self._enter)

    def _enter(self) -> None:
        question, self.question = self.question, None
        if question is not None:
            self._levers.answer(question)
        elif self.row is not None and self.row.fold:
            self._turn_fold(self.row)
        self._panes.show_says()

    def action_context_read_on(self) -> None:
        self._read(1)

    def action_context_read_back(self) -> None:
        self._read(-1)

    def _read(self, by: int) -> None:
        self._panes.text.page_on(by)
        self._panes.name_text()

    def action_context_next(self) -> None:
        self._key(self._turn_view)

    def _turn_view(self) -> None:
        if self.as_sent or self.comparing.against is not None or not self.shaping.turn():
            self.say("There is one context here.")
        self._panes.show()

    # shaping

    def _lever(self, work: Callable[[], None], writes: bool = False) -> None:
        """Do what changes the context; say why if it can't be. What is `writes` changes the story, not the shape alone."""
        self._key(partial(self._pull, work, writes))

    def _pull(self, work: Callable[[], None], writes: bool) -> None:
        self._unask()
        try:
            if self.comparing.against is not None:
                close = chord("context.leave")
                raise RefusedError("This is a difference.", f"{close} closes it; then keys shape the context.")
            if self.as_sent:
                turn = chord("context.turn")
                raise RefusedError(f"This was sent already; {turn} shows what would be sent now.")
            if self.shaping.sending is None:
                raise self.shaping.error or RefusedError("Nothing can be sent from here.")
            # A session that can only be read is shaped to be looked at.
            if writes or not self.session.read_only:
                self.session.check_writable()
            work()
        except ComposerError as error:
            self.refuse(error)

    def set(self, shape: Shape, *, step: bool = True) -> None:
        """Make the context so from now on, as a step of its own or not. RefusedError if nothing can be changed."""
        if self.shaping.set(shape, step=step):
            self.pack()

    def action_part_mute(self) -> None:
        self._lever(self._levers.mute)

    def action_part_pin(self) -> None:
        self._lever(self._levers.pin)

    def action_part_strategy(self) -> None:
        self._lever(self._levers.strategy)

    def action_part_condense(self) -> None:
        self._lever(self._levers.condense, writes=True)

    def action_part_edit(self) -> None:
        self._lever(self._levers.edit, writes=True)

    def action_context_repeats(self) -> None:
        self._lever(self._levers.repeats)

    def action_context_plain(self) -> None:
        self._lever(self._levers.clear)

    def action_context_undo(self) -> None:
        self._lever(self._levers.undo)

    def action_context_redo(self) -> None:
        self._lever(self._levers.redo)

    def action_context_stop(self) -> None:
        self._key(self._stop)

    def _stop(self) -> None:
        self._unask()
        if self.session.condensing.running:
            self.work(self._levers.stop)
        else:
            self.say("No summary is on its way.")

    def _choose(self, amount: Amount) -> None:
        self._lever(partial(self._levers.amount, amount))

    def action_context_full(self) -> None:
        self._choose("full")

    def action_context_lean(self) -> None:
        self._choose("lean")

    def action_context_bare(self) -> None:
        self._choose("bare")

    def action_context_both(self) -> None:
        self._lever(self._turn_beside)

    def _turn_beside(self) -> None:
        self.shaping.turn_beside()
        self.pack()

    # differences

    def action_context_diff(self) -> None:
        self._key(partial(self._compare, -1))

    def action_context_older(self) -> None:
        self._key(partial(self._compare, -1))

    def action_context_newer(self) -> None:
        self._key(partial(self._compare, 1))

    def _compare(self, by: int) -> None:
        self._unask()
        self.comparing.turn(by)

    # turning, sending, leaving

    def action_context(self) -> None:
        self._key(self._turn)

    def action_context_turn(self) -> None:
        self._key(self._turn)

    def _turn(self) -> None:
        self._unask()
        if self.candidate is None:
            self.say("This was not sent yet. On a candidate this shows what it was sent.")
            return
        self.as_sent = not self.as_sent
        self.comparing.against = None
        self.shaping.rest()
        if not self.as_sent and not self.shaping.views and self.shaping.error is None:
            self.work(self._pack)
        self._panes.show()

    def action_round_ask(self) -> None:
        self._key(self._send)

    def _send(self) -> None:
        self._unask()
        if self.as_sent:
            self.say(f"This was sent already; {chord('context.turn')} shows what would be sent now.")
            return
        try:
            self.session.check_writable()
            if self.shaping.error is not None:
                raise self.shaping.error
            wanted = self.shaping.wanted
            if self.shaping.needs_instruction and len(self.shaping.shapes) > 1:
                raise RefusedError(
                    "This needs an instruction first.", "^r asks for it; its row “context” takes two: full, bare."
                )
        except ComposerError as error:
            self.refuse(error)
            return
        self.dismiss(None)
        self._deliver(wanted)

    def action_context_leave(self) -> None:
        # A server that does not answer must not hold the writer here.
        if self.far:
            self.dismiss(None)
        else:
            self._key(self._leave)

    def _leave(self) -> None:
        if self.question is not None:
            self._unask()
        elif self.comparing.against is not None:
            self.comparing.against = None
            self._panes.show()
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        self._unask()
        self.app.push_screen(Sheet("Help", help_in_context(Signs.of(self.app), room(self.app.size.width))))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            self._unask()
            self.say(f"Letters act here, and this one does nothing. {chord('help')} lists the keys, escape goes back.")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.say(f"Nothing was pasted: letters act here. {chord('part.edit')} opens the text of a part.")
