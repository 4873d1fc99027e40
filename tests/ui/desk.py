"""A desk to test at: the app on a session in memory, a model that writes when told, and a clock that moves by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from composer.cli.bookcase import Bookcase
from composer.errors import ComposerError, SettingsError
from composer.exchange.notes import exemplars_in, notes_in
from composer.session.ports import Dictionary, Lens, Search
from composer.session.session import Session
from composer.store.memory import MemoryStore
from composer.store.search import TrigramSearch
from composer.story.actions import outline as beats
from composer.story.actions.exemplars import FoundExemplars
from composer.story.actions.notes import FoundNotes
from composer.story.outline import BeatText, Slot
from composer.story.story import Story
from composer.ui.app import ComposerApp, Look, Next
from composer.ui.screens.main import MainScreen
from composer.ui.signs import FANCY
from composer.ui.theming import load_themes
from tests.session.fakes import Few, HandClock, Scripted, counting, settle

LENSES = (
    Lens("plain draft", "Write it plainly, without ornament."),
    Lens("to-do list", "Let it be a to-do list of the one who lives through it."),
    Lens("mentor of many years", "Write as a mentor would who has read this writer for many years."),
    Lens("what is missing", "Write what the text has left out so far."),
)


class Drawer:
    """A library of one folder that holds nothing but lenses."""

    settings_path = "settings.toml"

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        """Texts that can be read, by their paths."""
        self.ours = {lens.name: lens for lens in LENSES}
        """The program's lenses by name."""
        self.hidden: set[str] = set()
        """Names of those that are not shown."""
        self.own: dict[str, Lens] = {}
        """The writer's lenses by name."""
        self.problems: list[str] = []
        """What is wrong with files of lenses."""
        self.case = Bookcase(Path("/stories"))

    def __getattr__(self, name: str) -> object:
        # What is asked of stories as files is answered of a folder that isn't there.
        return getattr(self.__dict__["case"], name)

    def stories(self) -> Sequence[tuple[str, str]]:
        return [("/stories/other.collage", "Another story")]

    def fresh(self) -> str:
        return "/stories/new.collage"

    def search(self) -> Search:
        return TrigramSearch()

    async def dictionary(self, language: str) -> Dictionary:
        return Known()

    async def read_text(self, path: str) -> str:
        if path not in self.files:
            raise ComposerError(f"There is no file {path}.", "Look at its name.")
        return self.files[path]

    def notes_in(self, text: str) -> FoundNotes:
        return notes_in(text)

    def exemplars_in(self, text: str, name: str) -> FoundExemplars:
        return exemplars_in(text, name)

    def lenses(self) -> Sequence[Lens]:
        found = {**self.ours, **dict(sorted(self.own.items()))}
        return [lens for name, lens in found.items() if lens.own or name not in self.hidden]

    def lens_problems(self) -> Sequence[str]:
        return list(self.problems)

    def keep_lens(self, name: str, text: str, old: str = "") -> None:
        if not name or not text:
            raise SettingsError("A lens has to have a name and words.", "Write them.")
        if name != old and name in [lens.name for lens in self.lenses()]:
            raise SettingsError(f"There is a lens called {name} already.", "Choose another name.")
        self.own[name] = Lens(name, text, own=True)
        self.hidden.discard(name)
        if name != old:
            self.own.pop(old, None)
            self.hidden |= {old} & self.ours.keys()

    def drop_lens(self, name: str) -> None:
        if self.own.pop(name, None) is None:
            self.hidden.add(name)


class Known:
    """A dictionary that knows every word but those with a z."""

    name = "test dictionary"

    async def unknown(self, words: Sequence[str]) -> frozenset[str]:
        return frozenset(word for word in words if "z" in word)

    async def close(self) -> None: ...


class Desk:
    """The running app, and short ways to press and look."""

    def __init__(self, app: ComposerApp, pilot: Pilot[Next | None], session: Session, endpoint: Scripted) -> None:
        self.app = app
        self.pilot = pilot
        self.session = session
        self.endpoint = endpoint
        self.clock: HandClock = session.clock  # type: ignore[assignment]
        self.store: MemoryStore = session.store  # type: ignore[assignment]

    @property
    def main(self) -> MainScreen:
        main = self.app.main
        assert main is not None
        return main

    @property
    def story(self) -> Story:
        return self.session.story

    @property
    def text(self) -> str:
        return self.story.manuscript.text

    async def press(self, *keys: str) -> None:
        """Keys by Textual's names, all at once, as a slow line delivers them."""
        for key in keys:
            if len(key) == 1:
                self.app.post_message(events.Key(_character_to_key(key), key))
            else:
                self.app.post_message(events.Key(key, " " if key == "space" else None))
        await self.seen()

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def seen(self) -> None:
        """Everything that was asked for is done and painted."""
        done = asyncio.Event()
        self.app.call_later(done.set)
        await done.wait()
        await settle()
        # Without any named, it would wait for all of them.
        if work := [each for each in self.app.workers if each.group in WORK]:
            await self.app.workers.wait_for_complete(work)
        if (main := self.app.main) is not None and main.is_mounted and main.is_current:
            main.show_all()
        await self.pilot.pause()

    def screen(self) -> str:
        """What stands on the screen, as lines of text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def notices(self) -> list[str]:
        return [str(notice.message) for notice in self.app._notifications]

    def write(self, text: str) -> None:
        """Put text into the manuscript as if it had been typed, at its end; a line feed begins a paragraph."""
        place = self.story.manuscript.last
        for char in text:
            place = self.session.type(place, place, char)
        self.session.flush()
        self.session.jump()
        self.main.text.show(self.story.manuscript, self.story.outline, place)

    def beat(self, line: str) -> str:
        """A beat at the end of the outline; its id."""
        slot = Slot("", len(self.story.outline.beats))
        made = beats.add_beat(self.story, slot, BeatText(summary=line), self.session.new_id)
        self.session.record(made)
        self.main.show_all()
        return made[0].beat.id

    async def round(self, *texts: str) -> None:
        """Let the candidates of the newest round write and finish."""
        for number, text in enumerate(texts, 1):
            await self.endpoint.say(number, text)
            await self.endpoint.close_stream(number)
        await self.seen()


WORK = ("stop", "place", "info", "history", "flush", "find", "spelling", "import", "default", "context")


@asynccontextmanager
async def desk(
    size: tuple[int, int] = (120, 40),
    store: MemoryStore | None = None,
    keys: dict[str, str] | None = None,
    ladder: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8, 1.0),
    welcome: bool = False,
    others: Sequence[Scripted] = (),
) -> AsyncIterator[Desk]:
    themes, problems = load_themes(None)
    assert not problems
    endpoint, clock = Scripted(), HandClock()
    async with Session(store or MemoryStore(), Few(endpoint, *others), clock, counting()) as session:
        look = Look(themes, themes[0].name, FANCY, keys or {}, ladder)
        app = ComposerApp(session, look, Drawer(), welcome=welcome)
        async with app.run_test(size=size) as pilot:
            at = Desk(app, pilot, session, endpoint)
            await at.seen()
            yield at
