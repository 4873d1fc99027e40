"""The main screen: outline, text and candidates, the box and the status line. It turns keys into actions of the session.

What an action does is decided in `story.actions` and `session`; where a request goes is decided in `asking`. It never waits for a
stream or the disk before it shows a key.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from composer.errors import ComposerError, RefusedError
from composer.session.ports import Changed, Lens
from composer.session.sameness import Sameness
from composer.session.session import Session
from composer.story.actions import text as texts
from composer.story.candidate import CellTarget, DraftTarget, Round, round_of
from composer.story.manuscript import Position
from composer.story.story import Story
from composer.ui import caret as carets
from composer.ui import keymap, tints
from composer.ui.greeting import FIRST_STEPS
from composer.ui.hand import Hand
from composer.ui.screens.choosing import Chooser
from composer.ui.screens.clips import Clips
from composer.ui.screens.display import Display
from composer.ui.screens.find import Finder
from composer.ui.screens.gauging import Gauge
from composer.ui.screens.going import Guide
from composer.ui.screens.placing import Placer
from composer.ui.screens.planning import Planner
from composer.ui.screens.requests import Requests
from composer.ui.screens.searching import Searcher
from composer.ui.screens.spelling import Speller
from composer.ui.screens.surprising import Surpriser
from composer.ui.widgets.box import Box
from composer.ui.widgets.candidates import CandidatesView
from composer.ui.widgets.manuscript import ManuscriptView
from composer.ui.widgets.outline import PURPOSE, OutlineView
from composer.ui.widgets.pane import Pane, ShelfView, StatusLine
from composer.ui.widgets.splice import SpliceView

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

WIDE, TINY = 120, (40, 10)
"""Columns from which there are three panes, below which they are stacked; and the least columns and lines at all."""
IN_A_BOX = ("back", "palette", "help", "redraw", "flush", "quit")
BEHIND_A_BOX = {key.action for key in keymap.TABLE if key.where == "everywhere"}
FLUSH = 0.125
"""Seconds between two paintings of what streams in."""


class MainScreen(Screen[None]):
    """One session on the screen."""

    BINDINGS = keymap.bindings("everywhere")
    app: ComposerApp

    def __init__(self, session: Session, ladder: tuple[float, ...], *, welcome: bool = False) -> None:
        super().__init__()
        self.welcome = welcome
        """The candidates pane says how to begin, until it is gone to or something is asked."""
        self.session = session
        self.ladder = ladder
        self._finder = Finder()
        self._unwatch: Callable[[], None] | None = None
        self._due = False
        self.loaded = False
        """Whether the first picture stands, and what is not needed for it is loaded."""
        self._stale: set[str] = set()
        self._leaves_anyway = False
        self._shown_round = 0
        """The number of the round in the candidates pane; 0 for the newest."""
        self._rounds_seen = self._newest_round = 0
        self._showing = False
        self._row: tuple[int, str] | None = None
        """The row of a table of drafts that is in the candidates pane in place of a round: one of the drafts, and the beat."""
        self._lenses: Sequence[Lens] | None = None
        self.panes = Display(self)
        self.requests = Requests(self)
        self.gauge = Gauge(self)
        self.placer = Placer(self)
        self.clips = Clips(self)
        self.planner = Planner(self)
        self.searcher = Searcher(self)
        self.chooser = Chooser(self)
        self.guide = Guide(self)
        self.speller = Speller(self)
        self.surpriser = Surpriser(self)
        self.sameness = Sameness(session)
        self.tint: tints.Tint = "off"

    # layout

    def compose(self) -> ComposeResult:
        yield Static(id="news", markup=False)
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                with Pane(id="outline-pane"):
                    yield OutlineView(id="outline")
                with Pane(id="shelf-pane"):
                    yield ShelfView(id="shelf")
            with Vertical(id="middle"), Pane(id="text-pane"):
                yield ManuscriptView(self._hand(), id="text")
            with Vertical(id="right"):
                with Pane(id="candidates-pane"):
                    yield CandidatesView(id="candidates")
                with Pane(id="splice-pane"):
                    yield SpliceView(id="splice")
        yield Box(id="box")
        yield StatusLine(id="status")
        yield Static("This window is too small to write in. Make it larger; nothing is lost.", id="too-small")

    @property
    def text(self) -> ManuscriptView:
        return self.query_one("#text", ManuscriptView)

    @property
    def outline(self) -> OutlineView:
        return self.query_one("#outline", OutlineView)

    @property
    def candidates(self) -> CandidatesView:
        return self.query_one("#candidates", CandidatesView)

    @property
    def box(self) -> Box:
        return self.query_one("#box", Box)

    @property
    def story(self) -> Story:
        return self.session.story

    def _hand(self) -> Hand:
        return Hand(self.session, lambda: self.outline.beat)

    def on_mount(self) -> None:
        self._unwatch = self.session.watch(self._changed)
        self.text.empty_hint = (
            "Type here. Or add beats in the outline",
            "(shift+tab, then a), and ask for their",
            "text with ctrl+g.",
        )
        self.candidates.empty_hint = FIRST_STEPS
        self.candidates.language = self.story.details.language
        self.candidates.rewriter = self.placer.rewrite
        self.text.tinted = lambda origin: tints.style(self.story, self.tint, origin, self.text.palette)
        caret = self.session.last_place
        self._layout()
        self.text.show(self.story.manuscript, self.story.outline, caret)
        self.text.language = self.story.details.language
        here = texts.beat_at(self.story, caret)
        self.outline.beat = here or PURPOSE
        self.set_focus(self.text)
        self.panes.show_news()
        self.show_all()
        self.call_after_refresh(self._prepare)

    def _prepare(self) -> None:
        self.run_worker(self._load(), group="prepare", exit_on_error=False)

    async def _load(self) -> None:
        """Load what the first request and the first mark need once the first picture stands."""
        await self.session.endpoint.prepare()
        await asyncio.to_thread(_load)
        # What is loaded by now stays: there is no garbage to be looked for in it.
        gc.freeze()
        self._lenses = await asyncio.to_thread(self.app.library.lenses)
        self.loaded = True
        self.show_soon()
        self._resume_drafts()
        await self._look_around()

    def _resume_drafts(self) -> None:
        """Drafts that were being written when the program ended go on."""
        if self.session.read_only or not self.session.drafting.unfinished:
            return
        gone_on: list[int] = []
        if self.attempt(lambda: gone_on.extend(self.session.drafting.resume())):
            which = f"Drafts {gone_on[0]} to {gone_on[-1]} go on" if len(gone_on) > 1 else f"Draft {gone_on[0]} goes on"
            self.say(
                f"{which}, as when the program ended. t in the outline shows them; X there stops them.", seconds=10
            )

    @property
    def lenses(self) -> Sequence[Lens]:
        """The lenses that requests can be framed with."""
        if self._lenses is None:
            self._lenses = self.app.library.lenses()
        return self._lenses

    async def _read_lenses(self) -> None:
        self._lenses = await asyncio.to_thread(self.app.library.lenses)
        self.show_soon()

    async def _look_around(self) -> None:
        """Who has set up no model is told of servers that answer on this computer."""
        profiles = self.app.profiles
        if profiles is None or not self.session.endpoint.built_in or len(profiles.listed) > 1:
            return
        found = await profiles.look_around()
        if found and self.is_attached:
            from composer.ui.servers import KINDS

            names = " and ".join(KINDS[each.profile.server] for each in found)
            answers = "answers" if len(found) == 1 else "answer"
            self.say(f"{names} {answers} on this computer. ctrl+p, then “models”, has it write for you.", seconds=20)

    async def on_unmount(self) -> None:
        if self._unwatch:
            self._unwatch()
        await self.sameness.close()
        await self.searcher.close()
        await self.speller.close()

    def on_resize(self) -> None:
        self._layout()

    def _layout(self) -> None:
        width, height = self.app.size
        narrow = width < WIDE
        self.set_class(narrow, "-narrow")
        self.set_class(width < TINY[0] or height < TINY[1], "-tiny")
        self.candidates.narrow = narrow
        self._places()

    def _places(self) -> None:
        """Which of the panes are open, by focus, where there is no room for all."""
        narrow = self.has_class("-narrow")
        self.set_class(narrow and self.candidates.has_focus, "-candidates")
        self.set_class(narrow and self.outline.has_focus, "-outline")

    def set_focus(
        self,
        widget: Widget | None,
        scroll_visible: bool = True,
        from_app_focus: bool = False,
    ) -> None:
        """Give a widget the keys: what hides it is opened, and a box that is left is closed."""
        if widget is not None and self.is_mounted:
            above = list(widget.ancestors)
            zoomed = next((name for name in ("left", "middle", "right") if self.has_class(f"-zoom-{name}")), None)
            if zoomed and self.box not in above and self.query_one(f"#{zoomed}") not in above:
                self.unzoom()
            if self.box.display and self.box not in above:
                self.box.close()
        super().set_focus(widget, scroll_visible, from_app_focus)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the box is open its fields have the keys: no chord acts on the story behind it."""
        if not self.is_mounted or not self.box.display or action in IN_A_BOX:
            return True
        if self.box.kind == "find":
            return action in ("place", "undo", "redo")
        return action not in BEHIND_A_BOX

    def on_descendant_focus(self) -> None:
        self._places()
        self.show_soon()

    # showing

    def _changed(self, changed: Changed) -> None:
        """The session says that something changed: it is shown at the next flush, and nothing else is looked at."""
        if changed.notice and self.is_attached:
            self.say(changed.notice, seconds=8)
        self._stale |= changed.kinds
        self._at_next_flush()

    def show_soon(self) -> None:
        """Bring all panes up to date at the next flush. Any task may call it."""
        self._stale.add("story")
        self._at_next_flush()

    def _at_next_flush(self) -> None:
        if not self._due and self.is_attached:
            self._due = True
            self.call_later(self.set_timer, FLUSH, self._flush_soon)

    def _flush_soon(self) -> None:
        self._due = False
        if not self.is_attached:
            return
        if self._stale - {"candidates", "disk"}:
            self.show_all()
        elif self._stale:
            # What streams in moves nothing but its own pane.
            self._stale.clear()
            self._bring_row()
            self.panes.show_round()
            self.panes.show_status()

    def show_all(self) -> None:
        """Bring every pane up to what is true, now."""
        self._stale.clear()
        self.gauge.look()
        self._bring_row()
        self.panes.show()

    def _bring_row(self) -> None:
        """Have the pane show the row of drafts as it is now."""
        if self._row:
            self._showing = True
            try:
                self.panes.show_round()
            finally:
                self._showing = False

    def show_newest(self) -> None:
        """Something was asked for: show its round, and what was said before that no more."""
        self._shown_round, self._row = 0, None
        self.welcome = False
        self.placer.own = None
        self.query_one("#news", Static).display = False

    def shown_round(self) -> Round | None:
        """The round in the candidates pane."""
        if self.welcome:
            return None
        if self._row and (row := self.session.drafting.row(*self._row)):
            shown = self.candidates.round
            # What the pane shows is what keys are meant for, until it is brought up to date.
            return shown if shown is not None and shown.number == row.number and not self._showing else row
        if self._shown_round:
            return self.story.round(self._shown_round)
        return self.story.round(newest) if (newest := self.newest_round) else None

    @property
    def newest_round(self) -> int:
        """The number of the newest round that is shown among the candidates; 0 if there is none."""
        # Rounds are only ever added, and drafts add them by the thousand.
        rounds = self.story.rounds
        for number in range(self._rounds_seen, len(rounds)):
            if not rounds[number].aside:
                self._newest_round = number + 1
        self._rounds_seen = len(rounds)
        return self._newest_round

    @property
    def caret(self) -> Position:
        return carets.valid(self.story.manuscript, self.text.caret)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    def is_veiled(self, candidate: str) -> bool:
        """Whether a candidate's round is tasted blind now."""
        return bool(self.story.round(round_of(candidate)).veil)

    def name_of_candidate(self, candidate: str) -> str:
        """What a candidate is called on the screen."""
        return f"a candidate of round {round_of(candidate)}" if self.is_veiled(candidate) else f"candidate {candidate}"

    def say(self, text: str, *, error: bool = False, seconds: float = 4) -> None:
        """A notice, as plain text. The one before it goes: notices don't pile up over the text."""
        self.app.clear_notifications()
        severity: Literal["error", "information"] = "error" if error else "information"
        self.app.notify(text, severity=severity, markup=False, timeout=8 if error else seconds)

    def refuse(self, error: ComposerError) -> None:
        self.say(f"{error.sentence} {error.next_step}".strip(), error=not isinstance(error, RefusedError))

    def attempt(self, work: Callable[[], object]) -> bool:
        """Do something that may be refused, and say why if it is; whether it was done."""
        try:
            work()
        except ComposerError as error:
            self.refuse(error)
            return False
        # What a key did is shown at once; only what streams in waits for the next flush.
        self.show_all()
        return True

    # panes

    def action_pane_right(self) -> None:
        self.welcome = False
        self.set_focus(self.candidates if self.text.has_focus else self.text)

    def action_pane_left(self) -> None:
        here = texts.beat_at(self.story, self.caret)
        if here and not self.outline.has_focus:
            self.outline.beat = here
        self.set_focus(self.text if self.outline.has_focus else self.outline)

    def action_back(self) -> None:
        if self.box.display:
            self.close_box()
        elif self.text.has_focus:
            if not self.text.drop_selection():
                self.unzoom()
        elif not (
            (self.outline.has_focus and self.outline.put_back())
            or (self.candidates.has_focus and self.candidates.drop_span())
        ):
            self.set_focus(self.text)

    def action_zoom(self) -> None:
        if self.unzoom():
            return
        pane = "left" if self.outline.has_focus else "right" if self.candidates.has_focus else "middle"
        self.add_class(f"-zoom-{pane}")
        self.candidates.zoomed = pane == "right"

    def unzoom(self) -> bool:
        zoomed = [name for name in ("-zoom-left", "-zoom-middle", "-zoom-right") if self.has_class(name)]
        self.remove_class(*zoomed) if zoomed else None
        self.candidates.zoomed = False
        return bool(zoomed)

    # asking

    def action_round_ask(self) -> None:
        if self.box.display:
            return
        try:
            wish = self.requests.wish()
        except ComposerError as error:
            self.refuse(error)
            return
        if wish.instruction:
            self.requests.open(wish)
        else:
            self.attempt(lambda: self.requests.deliver(self.requests.here()))

    def action_round_box(self) -> None:
        try:
            wish = self.requests.wish()
        except ComposerError as error:
            self.refuse(error)
            return
        asked, candidate = self.shown_round(), self.candidates.candidate
        if self.candidates.has_focus and asked is not None and candidate is not None:
            # Like ctrl+g here, for all of the round; r is for the one candidate.
            self.requests.open_from(wish, asked, candidate, "round")
        else:
            self.requests.open(wish)

    # placing

    def action_place(self) -> None:
        if self.box.kind == "find":
            self._finder.replace_all(self)
        else:
            self.placer.here()

    def put_caret(self, place: Position) -> None:
        self.text.show(self.story.manuscript, self.story.outline, place)
        self.show_soon()

    # everywhere

    def action_undo(self) -> None:
        self._travel(self.session.undo)

    def action_redo(self) -> None:
        self._travel(self.session.redo)

    def go_to(self, seq: int) -> None:
        """To a change of the history."""
        self._travel(lambda: self.session.go_to(seq))

    def _travel(self, way: Callable[[], Position | None]) -> None:
        def move() -> None:
            caret = way()
            self.text.show(self.story.manuscript, self.story.outline, caret)
            self.show_all()

        self.attempt(move)

    def on_manuscript_view_refused(self, message: ManuscriptView.Refused) -> None:
        self.refuse(message.error)

    def on_manuscript_view_moved(self) -> None:
        self.placer.confirm = ""
        self.show_soon()

    def on_manuscript_view_edited(self) -> None:
        self.show_soon()

    def action_flush(self) -> None:
        self.run_worker(self._write_out(), group="flush", exclusive=True, exit_on_error=False)

    async def _write_out(self) -> None:
        try:
            size = await self.session.write_out()
        except ComposerError as error:
            self.refuse(error)
            return
        self.show_soon()
        entries = self.session.journal.seq
        self.say(f"All {entries:,} entries are on disk: {size / 1024:,.0f} kB in {self.session.store.path}")

    def action_redraw(self) -> None:
        self.app.refresh(repaint=True, layout=True)
        for view in (self.text, self.outline, self.candidates):
            view.refresh()

    def action_palette(self) -> None:
        self.app.action_command_palette()

    def action_help(self) -> None:
        where: keymap.Where = "text"
        if self.outline.has_focus:
            where = "outline"
        elif self.candidates.has_focus:
            where = "candidates"
        self.app.show_help(where)

    def action_quit(self) -> None:
        if self.session.trouble and not self._leaves_anyway:
            self._leaves_anyway = True
            self.say(
                "Not everything is on disk. ctrl+s tries again; ctrl+q again leaves, and puts all of it into a file elsewhere.",
                error=True,
            )
            return
        self.app.leave()

    def action_history(self) -> None:
        self.app.show_history()

    def action_replay(self) -> None:
        self.app.show_replay()

    def action_cost(self) -> None:
        self.app.show_cost()

    def action_export(self) -> None:
        self.app.show_export()

    def action_process(self) -> None:
        self.app.show_process()

    def action_stories(self) -> None:
        self.app.show_stories()

    def action_theme(self) -> None:
        self.app.show_themes()

    def action_model(self) -> None:
        self.app.show_models()

    def endpoint_chosen(self, name: str | None) -> None:
        """The screen of endpoints was left, perhaps with another one chosen."""
        self.show_soon()
        if name is not None:
            self.requests.endpoint_changed()
            self.run_worker(self._prepare_endpoint(), group="prepare", exit_on_error=False)

    async def _prepare_endpoint(self) -> None:
        await self.session.endpoint.prepare()
        self.show_soon()

    def action_prompt(self) -> None:
        """What would be sent from here, as text, and by which template."""
        self.attempt(self.requests.show_prompt)

    def action_context(self) -> None:
        """What ctrl+g would send from here, or what the candidate under the cursor was sent."""
        from composer.ui.screens.context import show_context

        show_context(self)

    def action_details(self) -> None:
        self.planner.edit_details()

    def action_notes(self) -> None:
        self.app.show_notebook("notes")

    def action_exemplars(self) -> None:
        self.app.show_notebook("exemplars")

    def action_lenses(self) -> None:
        from composer.ui.screens.lenses import show_lenses

        show_lenses(self.app)

    def on_screen_resume(self) -> None:
        if self.loaded:
            # The lenses may have been changed on their screen.
            self.run_worker(self._read_lenses(), group="lenses", exclusive=True, exit_on_error=False)

    def action_drafts(self) -> None:
        from composer.ui.screens.drafts import show_drafts

        show_drafts(self)

    def action_find(self) -> None:
        self._finder.open(self)

    def action_shelf_keep(self) -> None:
        self.clips.keep()

    def action_copy(self) -> None:
        self.clips.copy()

    def action_search(self) -> None:
        self.searcher.open()

    def action_spelling(self) -> None:
        self.speller.open()

    def action_tint(self) -> None:
        """The next way to colour the text by where it came from."""
        self.tint = tints.TINTS[(tints.TINTS.index(self.tint) + 1) % len(tints.TINTS)]
        self.text.repaint()
        self.say(tints.legend(self.tint))
        self.show_soon()

    def action_goto(self) -> None:
        self.guide.open()

    def action_origin(self) -> None:
        self.guide.origin()

    def show_candidate(self, name: str, at: int = 0) -> None:
        """Show a candidate with its round, or with its row of drafts, the cursor on the piece that holds the character `at`."""
        asked = self.story.round(round_of(name))
        target = asked.target
        beat = self.session.drafting.beat_of(name, at)
        if beat and isinstance(target, CellTarget | DraftTarget) and self.story.outline.row(beat):
            self.show_row(target.draft, beat)
            self.candidates.go(name, at)
            return
        number = self.story.candidate(name).round
        self.welcome = False
        self._shown_round, self._row = 0, None
        newest = self.shown_round()
        self._shown_round = 0 if newest is not None and newest.number == number else number
        self.placer.own = None
        self.set_focus(self.candidates)
        self.show_all()
        self.candidates.go(name, at)

    def show_row(self, draft: int, beat: str) -> None:
        """Show the cells for a beat of the drafts that were asked for with that one, as candidates."""
        self.welcome = False
        self._shown_round, self._row = 0, (draft, beat)
        self.placer.own = None
        self.outline.beat = beat
        self.set_focus(self.candidates)
        self.show_all()

    def on_manuscript_view_cut_asked(self) -> None:
        self.clips.cut()

    def on_manuscript_view_paste_asked(self) -> None:
        self.clips.paste()

    def on_manuscript_view_pasted(self, message: ManuscriptView.Pasted) -> None:
        self.clips.pasted(message.text)

    # candidates

    def on_candidates_view_moved(self) -> None:
        self.placer.confirm = ""
        self.show_soon()

    def on_candidates_view_said(self, message: CandidatesView.Said) -> None:
        self.say(message.text)

    def on_candidates_view_stray(self, message: CandidatesView.Stray) -> None:
        self._stray(message.key)

    def on_outline_view_stray(self, message: OutlineView.Stray) -> None:
        self._stray(message.key)

    def _stray(self, key: str) -> None:
        if key == "paste":
            self.say("Nothing was pasted: letters act here. Tab goes back to the text.")
        else:
            self.say("Letters act here; tab goes back to the text.")

    def on_candidates_view_pressed(self, message: CandidatesView.Pressed) -> None:
        work = getattr(self.chooser, message.wanted.replace(" ", "_"))
        self.attempt(lambda: work(message))

    def turn_round(self, by: int) -> None:
        """Show an older (-1) or newer (1) round. RefusedError where there is none."""
        shown = self.shown_round()
        numbers = [asked.number for asked in self.story.rounds if not asked.aside]
        if self._row is not None and numbers:
            # A row of drafts stands behind all rounds.
            here = len(numbers) - 1 if by < 0 else len(numbers)
        else:
            here = numbers.index(shown.number) + by if shown is not None and shown.number in numbers else len(numbers)
        if not 0 <= here < len(numbers):
            raise RefusedError("There is no older round." if by < 0 else "This is the newest round.")
        self._shown_round, self._row = 0 if here == len(numbers) - 1 else numbers[here], None
        self.placer.own = None
        self.show_all()

    def stop(self, names: list[str]) -> None:
        """Stop these candidates, keeping what came."""
        if names:
            self.session.check_writable()
            self.run_worker(self.session.drafting.stop_answers(names), group="stop", exit_on_error=False)

    # outline

    def on_outline_view_moved(self) -> None:
        self.show_soon()

    def on_outline_view_pressed(self, message: OutlineView.Pressed) -> None:
        self.planner.pressed(message.wanted, message.beat)

    # the box

    def close_box(self) -> None:
        self.box.close()
        self.set_focus(self.box.opened_from or self.text)
        self.show_soon()

    def on_box_submitted(self, message: Box.Submitted) -> None:
        kind, values = message.kind, message.values
        if kind.startswith("request"):
            self.requests.submit(values)
        elif kind == "window":
            self.requests.window_told(values["window"])
        elif kind == "beat":
            self.planner.add_beat(values[message.field], message.field)
        elif kind.startswith("edit beat:"):
            if self.attempt(lambda: self.planner.keep_beat(kind.partition(":")[2], dict(values))):
                self.close_box()
        elif kind == "details":
            if self.attempt(lambda: self.planner.keep_details(dict(values))):
                self.close_box()
        elif kind == "find":
            self._finder.submit(self, message.field, values)
        self.show_soon()

    def on_box_stepped(self, message: Box.Stepped) -> None:
        self._finder.step(self, message.by, message.values)

    def on_box_changed(self, message: Box.Changed) -> None:
        if message.kind == "find":
            self._finder.changed(self, message.values)
        elif message.kind.startswith("request"):
            self.requests.changed(message.values)


def _load() -> None:
    """What is imported where it is used and takes a while: the packer, sentences, seams and differences of words."""
    from composer.text.difference import changes
    from composer.text.pieces import pieces
    from composer.text.seams import repairs

    importlib.import_module("composer.context.pack")
    changes("She went.", "He went.")
    repairs(("She said: “A", "boat,” and it was an"))
    pieces("One. Two, and then three.", "clause")
