"""The models: the endpoints of the settings as a list, what is known of each, and what a test of it finds out.

It shows, and asks for what is to be looked up, tried, kept or chosen, always in the background. It opens no connection, writes no file,
and holds a key no longer than it takes to hand it on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import Worker, WorkType

from composer.config import EndpointProfile
from composer.errors import ComposerError
from composer.session.ports import Endpoint, Found, Profiles
from composer.text.clean import one_line
from composer.ui import endpoints, keymap
from composer.ui.backstop import to_content
from composer.ui.endpoints import Question, Row
from composer.ui.helping import help_in_models
from composer.ui.keymap import chord, hints
from composer.ui.phrases import counted
from composer.ui.screens.examining import Examiner
from composer.ui.screens.keeping import Keeper
from composer.ui.screens.profile import ProfileForm
from composer.ui.screens.sheet import Sheet
from composer.ui.servers import may_cost
from composer.ui.signs import Signs
from composer.ui.widgets.endpoints import WIDE, EndpointsView
from composer.ui.widgets.masked import KeyBox
from composer.ui.widgets.pane import Pane, StatusLine
from composer.ui.widgets.report import ReportView

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp


class ModelsScreen(Screen[str | None]):
    """Answers the name of the endpoint that is to write from now on, or None. `model` is the one that writes now, where it is not the endpoint's own."""

    CSS_PATH = "../styles/models.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("models", "help")
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(self, profiles: Profiles, model: str = "") -> None:
        super().__init__()
        self.profiles = profiles
        self._model = model
        self._examiner = Examiner(self)
        self._keeper = Keeper(self)
        self._key = KeyBox(id="models-key")
        self._found: Sequence[Found] = ()
        self._looking = False
        self._places: dict[str, str] = {}
        """Where keys come from, by endpoint, as far as it was looked up."""
        self._asked: tuple[Question, str] | None = None
        """What was asked for and wants another key, and of which endpoint."""
        self._told_of = ""

    @property
    def _list(self) -> EndpointsView:
        return self.query_one(EndpointsView)

    @property
    def _report(self) -> ReportView:
        return self.query_one(ReportView)

    @property
    def row(self) -> Row:
        """The endpoint under the cursor."""
        return self._list.rows[self._list.at]

    @property
    def _asked_here(self) -> Question | None:
        """What was asked of the endpoint under the cursor, and wants another key."""
        return self._asked[0] if self._asked is not None and self._asked[1] == self.row.name else None

    def endpoint(self, name: str) -> Endpoint | None:
        """An endpoint by its name; None where its profile is of no use."""
        try:
            return self.profiles.endpoint(name)
        except ComposerError:
            return None

    def compose(self) -> ComposeResult:
        yield Static(id="models-title", markup=False)
        with Container(id="models-panes"):
            with Pane(id="models-list-pane"):
                yield EndpointsView(id="models-list")
            with Pane(id="models-report-pane"):
                yield ReportView(id="models-report")
        yield self._key
        yield StatusLine(id="models-status")

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")
        self.query_one("#models-list-pane", Pane).name_it("Endpoints")
        names = list(self.profiles.listed)
        self.reload(names.index(self.profiles.chosen) if self.profiles.chosen in names else 0)
        self.action_endpoint_look()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")

    def on_screen_suspend(self) -> None:
        # What is opened over it leaves the last line to be seen, and keys do other things there.
        if self.is_running:
            self._status()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self._status()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    # showing

    def reload(self, at: int | str | None = None) -> None:
        """Make the rows anew. The cursor goes to `at`, a place or a name; without it, it stays with its endpoint."""
        rows = [self._row(name, profile) for name, profile in self.profiles.listed.items()]
        known = {profile.base_url.rstrip("/") for profile in self.profiles.listed.values()}
        rows += [
            Row(each.name, each.profile, each.profile.model, models=tuple(each.models))
            for each in self._found
            if each.profile.base_url.rstrip("/") not in known
        ]
        before = self._list.rows
        if at is None and before:
            old = self.row
            at = next(
                (at for at, row in enumerate(rows) if (row.name, row.found) == (old.name, old.found)), self._list.at
            )
        elif isinstance(at, str):
            at = next((place for place, row in enumerate(rows) if row.name == at and not row.found), self._list.at)
        self._list.show(rows, at or 0, self.profiles.chosen, self._looking)
        self.show_row()

    def _row(self, name: str, profile: EndpointProfile) -> Row:
        endpoint = self.endpoint(name)
        model = profile.model or (endpoint.model if endpoint else "")
        window = profile.window or (endpoint.window if endpoint else 0)
        return Row(name, profile, one_line(model), window, self._examiner.reports.get(name))

    def forget(self, name: str) -> None:
        """Forget what was found out about an endpoint: its profile is another one now."""
        self._examiner.reports.pop(name, None)
        self._places.pop(name, None)

    def show_row(self) -> None:
        """Show what is told of the endpoint under the cursor, and what keys do there."""
        row = self.row
        of = f"{row.found}:{row.name}"
        self._tell(keep=of == self._told_of)
        self._told_of = of
        chosen = self.profiles.chosen
        endpoint = self.endpoint(chosen)
        model = one_line(self._model or (endpoint.model if endpoint else ""), 60)
        self.query_one("#models-title", Static).update(
            to_content(
                f"Models · {counted(len(self.profiles.listed), 'endpoint')} · now writes: {chosen}"
                + (f", {model}" if model and model != chosen else "")
            )
        )
        title = row.name
        if row.report is not None:
            asking = f"being tested, {chord('endpoint.stop')} stops"
            title += f" · {asking if row.report.state == 'asking' else 'tested'}"
        self.query_one("#models-report-pane", Pane).name_it(title)
        self._status()
        self._look_up()

    def _tell(self, *, keep: bool) -> None:
        """Tell of the endpoint under the cursor, from the first line or where it was scrolled to."""
        row = self.row
        endpoint = None if row.found else self.endpoint(row.name)
        place = self._places.get(row.name, "…")
        self._report.show(endpoints.told(row, self._asked_here, endpoint, place, Signs.of(self.app)), keep=keep)

    def _status(self) -> None:
        if self._key.of:
            self.query_one(StatusLine).show(
                [
                    ("TYPING a key", "TYPING"),
                    (f"enter: keeps the key of {self._key.of}", "enter: keeps it"),
                    ("esc: leaves it", "esc: leaves it"),
                ]
            )
            return
        if isinstance(self.app.screen, ProfileForm):
            self.query_one(StatusLine).show(
                [
                    ("TYPING", "TYPING"),
                    ("enter: keeps it", "enter: keeps"),
                    ("up, down: rows", "up, down"),
                    ("left, right: choices", ""),
                    ("esc: leaves it", "esc: leaves"),
                ]
            )
            return
        testing = self._examiner.testing
        stop = chord("endpoint.stop")
        usual = ("endpoint.test", "endpoint.model", "endpoint.edit", "endpoint.add", "endpoint.key")
        self.query_one(StatusLine).show(
            [
                ("LETTERS ACT", "LETTERS"),
                self._will(self.row),
                (f"{stop} stops the test of {testing}", f"{stop} stop")
                if testing
                else (hints(*usual), hints(*usual, between="  ")),
                (f"{chord('help')} help", chord("help")),
                (hints("models.leave"), hints("models.leave")),
            ]
        )

    def _will(self, row: Row) -> tuple[str, str]:
        """What the key that matters most does here, in a few words and in fewer."""
        if self._asked_here == "drop":
            drop = chord("endpoint.drop")
            return f"{drop}: takes {row.name} out", f"{drop}: out"
        enter = chord("endpoint.choose")
        if self._asked_here == "test":
            return f"{enter}: asks {row.name} for a few words", f"{enter}: tests"
        if row.found:
            return f"{enter}: adds {row.name}, writes with it", f"{enter}: adds it"
        if row.name == self.profiles.chosen:
            return f"{enter}: it goes on writing", f"{enter}: goes on"
        return f"{enter}: {row.name} writes from now on", f"{enter}: writes"

    def say(self, text: str, *, error: bool = False) -> None:
        """Say something in place of what was said last."""
        self.app.clear_notifications()
        self.notify(text, markup=False, severity="error" if error else "information", timeout=8 if error else 5)

    # looking

    def _look_up(self) -> None:
        """Look up where the key of the endpoint under the cursor comes from: a keyring takes its time."""
        row = self.row
        if not row.found and not row.profile.embedded and row.name not in self._places:
            # No coroutine is made before it runs: by the next key it may be cancelled.
            work: WorkType[None] = partial(self._look_up_key, row.name)
            self.run_worker(work, group="key place", exclusive=True, exit_on_error=False)

    async def _look_up_key(self, name: str) -> None:
        try:
            words = await asyncio.to_thread(self.profiles.key_place, name)
        except ComposerError as error:
            words = str(error)
        self._places[name] = words
        self.show_row()

    async def _look(self) -> None:
        self._looking = True
        self.reload()
        try:
            self._found = await self.profiles.look_around()
        except ComposerError as error:
            self.say(str(error), error=True)
        finally:
            self._looking = False
            if self.is_attached:
                self.reload()

    # questions

    def _ask(self, what: Question) -> bool:
        """Whether this was asked for before, of this endpoint; else it is now."""
        again = self._asked_here == what
        self._asked = None if again else (what, self.row.name)
        self.show_row()
        if not again:
            self._tell(keep=False)
        return again

    def _unask(self) -> None:
        if self._asked is not None:
            self._asked = None
            self.show_row()

    def _own(self, needs: str) -> bool:
        """Whether the endpoint under the cursor is one of the settings that can be changed; says why not."""
        row = self.row
        self._unask()
        if row.found:
            self.say(f"{row.name} is not in the settings yet. {chord('endpoint.choose')} adds it.")
        elif row.profile.embedded:
            self.say(f"The model that is built in {needs}.")
        return not row.found and not row.profile.embedded

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a key is typed or something is kept, no key acts on the list."""
        return not ((self._key.of or self._keeper.busy) and action.startswith(("endpoint_", "report_", "help")))

    def _go(self, at: int) -> None:
        self._asked = None
        self._list.show(self._list.rows, at, self.profiles.chosen, self._looking)
        self.show_row()

    def action_endpoint_up(self) -> None:
        self._go(self._list.at - 1)

    def action_endpoint_down(self) -> None:
        self._go(self._list.at + 1)

    def action_endpoint_first(self) -> None:
        self._go(0)

    def action_endpoint_last(self) -> None:
        self._go(len(self._list.rows) - 1)

    def action_report_on(self) -> None:
        self._report.scroll_on(1)

    def action_report_back(self) -> None:
        self._report.scroll_on(-1)

    def action_endpoint_choose(self) -> None:
        row = self.row
        if self._asked_here == "test":
            self._asked = None
            self._test(row.name)
        else:
            self._unask()
            self._keeper.choose(row)

    def action_endpoint_test(self) -> None:
        row = self.row
        if row.found:
            self._own("")
        elif testing := self._examiner.testing:
            self._unask()
            stop, test = chord("endpoint.stop"), chord("endpoint.test")
            self.say(f"{testing} is being tested. {stop} stops that; then {test} tests another.")
        elif not may_cost(row.profile):
            self._unask()
            self._test(row.name)
        elif self._asked_here != "test":
            self._ask("test")

    def _test(self, name: str) -> None:
        if not self._examiner.testing:
            self._report.show((), keep=False)
            self._examiner.begin(name)

    def action_endpoint_stop(self) -> None:
        self._unask()
        if self._examiner.testing:
            self._examiner.stop()
        else:
            self.say("Nothing is being tested.")

    async def action_endpoint_model(self) -> None:
        row = self.row
        if self._own("is one model"):
            await self._keeper.pick_model(row)

    async def action_endpoint_edit(self) -> None:
        row = self.row
        if row.found:
            self._unask()
            await self._keeper.edit(row)
        elif self._own("can't be changed"):
            await self._keeper.edit(row)

    async def action_endpoint_add(self) -> None:
        self._unask()
        await self._keeper.add()

    def action_endpoint_key(self) -> None:
        if self._own("needs no key"):
            self._key.open(self.row.name)
            self._status()

    def _close_key(self) -> tuple[str, str]:
        closed = self._key.close()
        self._status()
        return closed

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._keeper.keep_key(*self._close_key())

    def action_endpoint_drop(self) -> None:
        if self._asked_here == "drop" or self._own("can't be taken out"):
            name = self.row.name
            if name == self._examiner.testing:
                self.say(f"{name} is being tested. {chord('endpoint.stop')} stops that first.")
            elif self._ask("drop"):
                self._keeper.drop(name, self._list.at)

    def action_endpoint_look(self) -> None:
        self._unask()
        if not self._looking:
            self.run_worker(self._look(), group="look", exclusive=True, exit_on_error=False)

    def action_models_leave(self) -> None:
        if self._key.of:
            self._close_key()
        elif self._asked is not None:
            self._unask()
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        self._unask()
        self.app.push_screen(Sheet("Help", help_in_models(Signs.of(self.app))))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and not self._key.of and not self._keeper.busy:
            self._unask()
            if not event.character.isdigit():
                help = chord("help")
                self.say(f"Letters act here, and this one does nothing. {help} lists the keys, escape goes back.")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        key, edit = chord("endpoint.key"), chord("endpoint.edit")
        self.say(f"Nothing was pasted: letters act here. {key} opens a field for a key, {edit} the profile.")
