"""The app: one session on one terminal. It holds screens, themes and the palette, and leaves in an orderly way.

The session stands around it and outlives it. It decides nothing about the story.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.theme import Theme
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from composer.errors import ComposerError
from composer.session.ports import Exporter, Library, Profiles
from composer.session.session import Session
from composer.story.manuscript import Position
from composer.text.clean import one_line
from composer.ui import backstop, keymap, thrift, typeahead
from composer.ui.driver import ComposerDriver
from composer.ui.making import made_from
from composer.ui.screens.main import MainScreen
from composer.ui.screens.picker import Choice, Picker
from composer.ui.screens.sheet import Sheet, help_text, room
from composer.ui.signs import Signs
from composer.ui.theming import obey_no_color
from composer.ui.widgets.manuscript import ManuscriptView

if TYPE_CHECKING:
    from composer.ui.screens.export import Asked, Exportable
    from composer.ui.screens.history import Chosen
    from composer.ui.screens.player.deeds import Replayed
    from composer.ui.widgets.notebook import Which

LONG = 10_000
"""Entries of a journal from which reckoning takes a while that is worth a word."""
PATIENCE = 15.0
"""Seconds that the session may take to be closed before the screen goes all the same."""


@dataclass(frozen=True)
class Look:
    """How the program looks and answers: themes and the one to begin with, signs, keys by action id, the ladder."""

    themes: Sequence[Theme]
    theme: str
    signs: Signs
    keys: dict[str, str]
    ladder: tuple[float, ...]
    problems: Sequence[str] = ()
    """What could not be read, said once the screen is there."""


@dataclass(frozen=True)
class Next:
    """The app was left for another story: `path`, to be made first if it is `new`."""

    path: str
    new: bool = False


class KeyProvider(Provider):
    """The palette: every action by name, with its key. Made from the key table."""

    @property
    def _actions(self) -> list[tuple[keymap.Key, Any]]:
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return []
        homes = {"everywhere": screen, "text": screen.text, "candidates": screen.candidates, "outline": screen.outline}
        return [
            (key, partial(self._run, homes[key.where], key))
            for key in keymap.TABLE
            if key.word and key.where in homes and hasattr(homes[key.where], f"action_{key.action}")
        ]

    async def _run(self, home: Any, key: keymap.Key) -> None:
        if isinstance(self.app, ComposerApp) and key.where != "everywhere":
            self.screen.set_focus(home)
        await self.app.run_action(key.action, home)

    async def discover(self) -> Hits:
        for key, run in self._actions:
            yield DiscoveryHit(_label(key), run, help=key.does)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for key, run in self._actions:
            score = max(matcher.match(_label(key)), 0.8 * matcher.match(key.does), 0.9 * matcher.match(key.id))
            if score > 0:
                yield Hit(score, matcher.highlight(_label(key)), run, help=key.does)


def _label(key: keymap.Key) -> str:
    shown = keymap.shown(key)
    return f"{key.word} ({shown})" if shown else key.word


class ComposerApp(App[Next | None]):
    """Runs on a session; or with `reel` on the entries of one, to replay them; or with `export` only to ask how one is written out."""

    TITLE = "Story Composer"
    CSS_PATH = "styles/app.tcss"
    COMMANDS = {KeyProvider}  # noqa: RUF012 — Textual's own declaration
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self,
        session: Session | None,
        look: Look,
        library: Library,
        *,
        profiles: Profiles | None = None,
        exporter: Exporter | None = None,
        reel: Replayed | None = None,
        export: Asked | None = None,
        welcome: bool = False,
    ) -> None:
        super().__init__(driver_class=ComposerDriver)
        self.session = session
        self.look = look
        self.library = library
        self.profiles = profiles
        self.exporter = exporter
        self.signs = look.signs
        self._reel = reel
        self._export = export
        self.written: str | None = None
        """Where the story was written out to, where that alone was asked for."""
        self._welcome = welcome
        self._leaving = False
        self.main_caret: Position | None = None
        """Where the caret was when the app was left."""
        for theme in look.themes:
            self.register_theme(theme)
        self.theme = look.theme
        obey_no_color(self)
        backstop.install(self)
        thrift.install()

    def on_mount(self) -> None:
        keymap.give(self.look.keys)
        if self.look.keys:
            self.set_keymap(self.look.keys)
        driver = self._driver
        if isinstance(driver, ComposerDriver):
            driver.on_drained = self._drained
        if self._reel is not None:
            self.run_worker(self._play(self._reel), group="history", exit_on_error=False)
        elif self.session is not None:
            self.push_screen(MainScreen(self.session, self.look.ladder, welcome=self._welcome))
        elif self._export is not None and self.exporter is not None:
            from composer.ui.screens.export import ExportScreen

            asked = self._export
            screen = ExportScreen(asked.what, self.exporter, asked.format, path=asked.path, force=asked.force)
            self.push_screen(screen, self._export_alone)
        for problem in self.look.problems:
            self.notify(problem, severity="warning", markup=False, timeout=10)

    @property
    def main(self) -> MainScreen | None:
        """The main screen, wherever it is in the stack."""
        return next((screen for screen in self.screen_stack if isinstance(screen, MainScreen)), None)

    # the terminal

    @property
    def stalled(self) -> bool:
        """Whether the terminal has stopped reading: panes don't paint until it goes on."""
        driver = self._driver
        return isinstance(driver, ComposerDriver) and driver.stalled

    def _drained(self) -> None:
        driver = self._driver
        # A terminal may read on when the last screen is gone already.
        top = self.screen_stack[-1] if self.screen_stack else None
        if top is None:
            return
        if isinstance(driver, ComposerDriver) and driver.lost:
            self.refresh(repaint=True, layout=False)
            for widget in top.walk_children():
                widget.refresh()
        if main := self.main:
            main.show_soon()
        # The player paints when its film goes on or a key comes, and by then may have done neither.
        if show_moment := getattr(top, "show_moment", None):
            show_moment()

    @property
    def text_has_focus(self) -> bool:
        """Whether keys go to text that is being typed, where alt chords are word keys."""
        return isinstance(self.focused, ManuscriptView | Input)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await typeahead.press(self, event)
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            # What is typed behind a paste must not come before it.
            focused = self.focused
            await super().on_event(event)
            await typeahead.settled(self, focused)
        else:
            await super().on_event(event)

    # leaving

    def leave(self, result: Next | None = None) -> None:
        """Keep everything, then end. Also what SIGHUP and SIGTERM call."""
        if not self._leaving:
            self._leaving = True
            self.run_worker(self._leave(result), group="leave", exit_on_error=False)

    async def _leave(self, result: Next | None) -> None:
        try:
            if self.session is not None:
                for screen in self.screen_stack:
                    # What is typed before placing is on no other screen.
                    if keep_now := getattr(screen, "keep_now", None):
                        keep_now()
                main = self.main
                self.main_caret = main.text.caret if main else None
                async with asyncio.timeout(PATIENCE):
                    await self.session.close(self.main_caret)
        except (ComposerError, TimeoutError):
            # The command line closes the session again, and says what could not be kept.
            pass
        finally:
            self.exit(result)

    def _fatal_error(self) -> None:
        """An error that nobody expected: no traceback goes to the terminal, for it would hold the story, and perhaps a key."""
        self.bell()
        self._close_messages_no_wait()

    @property
    def failure(self) -> str:
        """What ended the app that should not have; empty if nothing did."""
        return one_line(f"{type(self._exception).__name__}: {self._exception}", 200) if self._exception else ""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.tell_worker(event)

    def tell_worker(self, event: Worker.StateChanged) -> None:
        """Work in the background that failed says so. Screens hand on what is told of their workers."""
        if event.state == WorkerState.ERROR and event.worker.error is not None:
            error = event.worker.error
            text = str(error) if isinstance(error, ComposerError) else one_line(f"{type(error).__name__}: {error}")
            self.notify(f"That did not work: {text}", severity="error", markup=False, timeout=8)

    async def action_quit(self) -> None:
        # Textual's own ctrl+q goes before that of any screen.
        if self.main is not None:
            self.main.action_quit()
        else:
            self.leave()

    async def _play(self, reel: Replayed) -> None:
        from composer.ui.screens.player.opening import play_alone

        await play_alone(self, reel)

    def leave_player(self) -> None:
        """Back to the story, or out where there is none."""
        if self.session is None:
            self.exit(None)
        else:
            self.pop_screen()

    def go_on_from(self, head: int) -> None:
        """From the player to the text, as it was at the change `head`."""
        self.leave_player()
        if self.main is not None:
            self.main.go_to(head)

    def open_story(self, path: str) -> None:
        """Leave for a story that was just made."""
        self.leave(Next(path))

    # sheets

    def show_help(self, where: keymap.Where) -> None:
        self.push_screen(Sheet("Help", help_text(where, self.signs)))

    def show_models(self) -> None:
        """The endpoints: choose, try, add and change them."""
        from composer.ui.screens.models import ModelsScreen

        if self.profiles is None or self.main is None:
            self.notify("There are no settings to change here.", markup=False)
            return
        self.push_screen(ModelsScreen(self.profiles), self.main.endpoint_chosen)

    def show_notebook(self, which: Which) -> None:
        """The notes or the exemplars of the story. Typing that is not entered yet is entered first, so that undo knows it."""
        from composer.ui.screens.notebook import NotebookScreen

        if self.session is not None and self.main is not None:
            self.session.flush()
            self.push_screen(NotebookScreen(self.session, self.main.clips, which))

    def show_candidate(self, name: str) -> None:
        self.run_worker(self._show_candidate(name), group="info", exclusive=True, exit_on_error=False)

    async def _show_candidate(self, name: str) -> None:
        if self.session is None:
            return
        story = self.session.story
        candidate = story.candidate(name)
        asked = story.round(candidate.round)
        wanted = [piece for message in asked.sent(asked.number_of(candidate.id)).messages for piece in message.pieces]
        try:
            pieces = await self.session.pieces(wanted)
        except ComposerError:
            pieces = {}
        made = made_from(asked, candidate, pieces, room(self.size.width), self.signs)
        await self.push_screen(Sheet(f"Candidate {name}", made))

    def show_cost(self) -> None:
        """What all rounds took, in tokens and money."""
        from composer.ui import costs

        if self.session is not None:
            endpoint = self.session.endpoint
            count = endpoint.counter_of(endpoint.model)
            path = self.library.settings_path
            text = costs.sheet(self.session.story, count, path, room(self.size.width), self.signs)
            self.push_screen(Sheet("Cost", text))

    def show_history(self) -> None:
        """The tree of changes. Typing that is not entered yet is entered first, so that it stands there."""
        from composer.ui.screens.history import HistoryScreen

        if self.session is None:
            return
        self.session.flush()
        self.push_screen(
            HistoryScreen(self.session.story, self.session.journal.tree, self.session.clock.now()), self._history_chosen
        )

    def _history_chosen(self, chosen: Chosen | None) -> None:
        main = self.main
        if chosen is None or main is None:
            return
        if chosen.play:
            self.show_replay(chosen.seq)
        else:
            main.go_to(chosen.seq)

    def show_replay(self, at: int | None = None) -> None:
        """The player, at an entry or at the end."""
        self.run_worker(self._show_replay(at), group="history", exclusive=True, exit_on_error=False)

    async def _show_replay(self, at: int | None) -> None:
        from composer.ui.screens.player.opening import play_story

        if self.session is not None:
            await play_story(self, self.session, at)

    def show_export(self, format: str = "") -> None:
        """How the story can be written out; `format` is the one to begin with."""
        self.run_worker(self._show_export(format), group="info", exclusive=True, exit_on_error=False)

    async def _show_export(self, format: str) -> None:
        from composer.ui.screens.export import ExportScreen

        if self.exporter is None:
            self.notify("Nothing can be written out here.", markup=False)
        elif (found := await self._exportable()) is not None:
            await self.push_screen(ExportScreen(found, self.exporter, format), self._exported)

    def _export_alone(self, path: str | None) -> None:
        self.written = path
        self.exit(None)

    def _exported(self, path: str | None) -> None:
        if path:
            self.notify(f"Written: {one_line(path, 300)}", markup=False, timeout=8)

    async def _exportable(self) -> Exportable | None:
        """The story with its film, all that was typed in it; None where it can't be read, which is told."""
        from composer.journal.film import Film
        from composer.journal.replay import Reel
        from composer.ui.screens.export import Exportable

        if self.session is None:
            reel = self._reel
            if reel is None:
                return None
            film = await asyncio.to_thread(lambda: Film(Reel(reel.entries)))
            title = film.reel.story(len(film)).details.title or reel.title
            return Exportable(film, title, reel.pieces, reel.source)
        try:
            self.session.flush()
            await self.session.drained()
            entries = await self.session.store.read()
        except ComposerError as error:
            self.notify(str(error), markup=False, severity="error")
            return None
        film = await asyncio.to_thread(lambda: Film(Reel(entries)))
        return Exportable(film, self.session.story.details.title, self.session.pieces, self.session.store.path)

    def show_process(self) -> None:
        """How the text came to be, in figures."""
        self.run_worker(self._show_process(), group="info", exclusive=True, exit_on_error=False)

    async def _show_process(self) -> None:
        from composer.journal.account import prompt_pieces, prompts_of
        from composer.journal.process import process_of
        from composer.ui import accounts

        if (found := await self._exportable()) is not None:
            if len(found.film) > LONG:
                self.notify("Counting …", markup=False, timeout=3)
            process = await asyncio.to_thread(process_of, found.film.reel)
            wanted = [name for names in prompt_pieces(process.story) for name in names]
            prompts = prompts_of(process.story, await found.pieces(wanted))
            text = accounts.sheet(process, accounts.when, room(self.size.width), self.signs, prompts)
            await self.push_screen(Sheet("How the text came to be", text))

    def show_stories(self) -> None:
        """All stories. Typing that is not entered yet is entered first, so that a copy holds it."""
        from composer.ui.screens.stories.screen import StoriesScreen

        if self.session is not None:
            self.session.flush()
            self.push_screen(StoriesScreen(self.session, self.library))

    def show_themes(self) -> None:
        names = [theme.name for theme in self.look.themes]
        self.push_screen(Picker("Themes", [Choice(name, name) for name in names]), self._theme_chosen)

    def _theme_chosen(self, chosen: str | None) -> None:
        if chosen:
            self.theme = chosen
            self.notify(f'To keep it, put theme = "{chosen}" into {self.library.settings_path}', markup=False)
