"""All of the writer's stories: a list, a look into the one under the cursor, and what can be done with it.

What files hold and what is done to them is the library's matter. Stories are read one after the other, what is on the screen first, and
the list is there before that. The forms are in `forms`, the reading is in `reading`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkType

from composer.session.ports import Library
from composer.session.session import Session
from composer.ui import keymap
from composer.ui.backstop import to_content
from composer.ui.keymap import chord
from composer.ui.phrases import shortened
from composer.ui.screens.sheet import Sheet, room
from composer.ui.screens.stories.deeds import HELD, StoryDeeds
from composer.ui.screens.stories.forms import FoundSheet, StoryForms
from composer.ui.screens.stories.keys import help_in_stories, keys_of
from composer.ui.screens.stories.reading import Reading, Shown
from composer.ui.signs import Signs
from composer.ui.widgets.box import Box
from composer.ui.widgets.notebook import LeafText
from composer.ui.widgets.pane import Pane, StatusLine
from composer.ui.widgets.stories import StoriesView, StoryRow

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

WIDE = 120
"""Columns from which the look into a story stands beside the list."""
SELDOM = 25
"""After so many files that are not on the screen it is shown how far the reading is."""
WHILE_TYPING = ("stories.leave", "story.on", "story.back")
"""The keys that act also while a box is open."""
NAMES: dict[Shown, str] = {"stories": "Stories", "trash": "Trash", "examples": "Examples"}


class StoriesScreen(Screen[None]):
    """The stories of a library; `session` is the one that is open."""

    CSS_PATH = "../../styles/stories.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("stories", "help", "flush")
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(self, session: Session, library: Library) -> None:
        super().__init__()
        self.session = session
        self.library = library
        self.reading = Reading(session, library)
        self.forms = StoryForms(self)
        self.deeds = StoryDeeds(self)
        self._at_work = self._again = False
        """Whether something is being read, and whether something else was asked for meanwhile."""
        self._moved = asyncio.Event()
        """Set when something was read."""

    @property
    def list(self) -> StoriesView:
        return self.query_one(StoriesView)

    @property
    def box(self) -> Box:
        return self.query_one(Box)

    @property
    def row(self) -> StoryRow | None:
        """The row under the cursor."""
        return self.list.rows[self.list.at] if self.list.rows else None

    def compose(self) -> ComposeResult:
        yield Static(id="stories-title", markup=False)
        with Container(id="stories-panes"):
            with Pane(id="stories-list-pane"):
                yield StoriesView(id="stories-list")
            with Pane(id="stories-text-pane"):
                yield LeafText(id="stories-text")
        yield Static(id="stories-foot", markup=False)
        yield Box(id="stories-box")
        yield StatusLine(id="stories-status")

    def on_mount(self) -> None:
        self._fit()
        self.reading.begin()
        self.show(self.session.store.path)
        self.wake()

    def _fit(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")

    def on_resize(self) -> None:
        self._fit()

    def on_unmount(self) -> None:
        self.reading.end()

    def on_screen_suspend(self) -> None:
        # What is opened over it leaves the last line to be seen, and keys do other things there.
        if self.is_running:
            self._status()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self._status()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    # reading

    def wake(self) -> None:
        """Have read what is not known yet."""
        self._again = self._at_work
        if not self._at_work and self.is_attached:
            self._at_work = True
            work: WorkType[None] = self._read
            self.run_worker(work, group="info", exit_on_error=False)

    async def _read(self) -> None:
        count = 0
        try:
            while (path := await self.reading.go_on(self.list.seen, self.list.rows, self.list.at)) is not None:
                count += 1
                self._moved.set()
                if not path or count % SELDOM == 0 or self._is_seen(path):
                    self._refresh()
            if count % SELDOM:
                self._refresh()
        finally:
            self._at_work = False
            self._moved.set()
            if self._again:
                self.wake()

    def _is_seen(self, path: str) -> bool:
        """Whether a line of the list that is on the screen tells of that file."""
        rows = self.list.rows
        return any(rows[at].path == path for at in (*self.list.seen, self.list.at) if 0 <= at < len(rows))

    def _refresh(self) -> None:
        """Show what is known by now, with the cursor where it is."""
        if self.is_attached:
            row = self.row
            self.show(row.path if row else "", row.kind if row else "")

    async def can_be_opened(self, path: str) -> bool:
        """Wait a moment until a story has been read; whether it can be opened, as far as is known."""
        try:
            async with asyncio.timeout(HELD):
                while self._at_work and not self.reading.is_known(path):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            pass
        return not self.reading.card(path).stuck

    async def reload(self, to: str = "") -> None:
        """Look at the folder again, with the cursor on that path, whether or not it is like what the list is narrowed by."""
        await self.reading.look_again()
        self.show(to)
        if to and self.reading.filter and (self.row is None or self.row.path != to):
            self.reading.filter = ""
            self.show(to)
        self.wake()

    # showing

    def show(self, to: str = "", kind: str = "") -> None:
        """Show what is true now, with the cursor on the row of that path, or at its place."""
        if not self.is_attached:
            return
        rows = self.reading.rows(self.session.clock.now(), Signs.of(self.app).ellipsis)
        # Rows that lead to other lists have no path.
        wanted = (row.path == to and kind in ("", row.kind) for row in rows) if to or kind else ()
        at = next((at for at, found in enumerate(wanted) if found), self.list.at)
        self.list.show(rows, at, self._empty())
        shown = self.reading.shown
        parts = [NAMES[shown], f"{self.reading.count:,}"]
        if self.reading.filter:
            found = sum(row.kind == "story" for row in rows)
            parts.append(f"like {self.reading.filter}: {found:,}")
        if unread := self.reading.unread:
            parts.append(f"{unread:,} to be read")
        self.query_one("#stories-title", Static).update(to_content(" · ".join(parts)))
        place = f"{self.list.at + 1:,} of {len(rows):,}" if rows else ""
        self.query_one("#stories-list-pane", Pane).name_it(f"Your {NAMES[shown].lower()}", place)
        self.show_page()

    def _empty(self) -> tuple[str, ...]:
        back = chord("stories.leave")
        if self.reading.filter:
            return (f"No story is like that. {back} shows all again.",)
        if self.reading.shown == "trash":
            return (f"The trash is empty. {chord('story.trash')} shows the stories.",)
        if self.reading.shown == "examples":
            return (f"There are no examples. {chord('story.examples')} shows the stories.",)
        return (f"No stories yet. {chord('story.new')} begins one, {chord('story.import')} imports one.",)

    def show_page(self) -> None:
        """Show the look into the row under the cursor, or what a form would make, and what keys do."""
        ellipsis = Signs.of(self.app).ellipsis
        title, text, hint = self.forms.page or self.reading.page(self.row)
        self.query_one(LeafText).show(text, hint)
        head, _, rest = title.partition("\n")
        full = " · ".join(part for part in (shortened(head, 36, ellipsis), rest) if part)
        self.query_one("#stories-text-pane", Pane).name_it((full, shortened(head, 36, ellipsis)))
        foot = self.query_one("#stories-foot", Static)
        question = self.deeds.question(self.row)
        foot.display = bool(question)
        foot.update(to_content(f"{Signs.of(self.app).lands} {question}"))
        self.set_class(bool(self.box.kind), "-asking")
        self._status()

    def _status(self) -> None:
        status = self.query_one(StatusLine)
        if isinstance(self.app.screen, FoundSheet):
            status.show([("LETTERS ACT", "LETTERS"), ("enter: makes it and opens it",) * 2, ("esc: drops it",) * 2])
            return
        if self.box.kind:
            status.show(self.forms.keys())
            return
        status.show(keys_of(self.row))

    def leave_for(self, path: str) -> None:
        """Close the story that is open, and go to another."""
        from composer.ui.app import Next

        self.app.leave(Next(path))

    def say(self, text: str, *, error: bool = False, timeout: int = 0) -> None:
        """Say something in place of what was said last, for a few seconds unless it is told for how many."""
        self.app.clear_notifications()
        self.notify(
            text, markup=False, severity="error" if error else "information", timeout=timeout or (8 if error else 4)
        )

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a box is open no key acts on the list. What is shown beside it can be scrolled."""
        typing = self.is_mounted and bool(self.box.kind)
        return not typing or action not in {key.action for key in keymap.TABLE if key.id not in WHILE_TYPING}

    def go(self, at: int) -> None:
        self.deeds.unask()
        self.list.show(self.list.rows, at, self._empty())
        self.show(self.row.path if self.row else "", self.row.kind if self.row else "")
        self.wake()

    def action_story_up(self) -> None:
        self.go(self.list.at - 1)

    def action_story_down(self) -> None:
        self.go(self.list.at + 1)

    def action_story_first(self) -> None:
        self.go(0)

    def action_story_last(self) -> None:
        self.go(len(self.list.rows) - 1)

    def action_story_on(self) -> None:
        self.query_one(LeafText).scroll_on(1)

    def action_story_back(self) -> None:
        self.query_one(LeafText).scroll_on(-1)

    def turn(self, shown: Shown) -> None:
        """Show another list, or the stories again where it is shown already."""
        self.deeds.unask()
        self.reading.turn("stories" if self.reading.shown == shown else shown)
        self.list.show((), 0, ())
        self.show()
        self.wake()

    def action_story_trash(self) -> None:
        self.turn("trash")

    def action_story_examples(self) -> None:
        self.turn("examples")

    async def action_story_open(self) -> None:
        await self.deeds.open(self.row)

    async def action_story_copy(self) -> None:
        await self.deeds.copy(self.row)

    async def action_story_drop(self) -> None:
        await self.deeds.drop(self.row)

    async def action_story_undrop(self) -> None:
        await self.deeds.undrop()

    # forms

    def action_story_new(self) -> None:
        self.forms.new()

    def action_story_import(self) -> None:
        self.forms.take()

    def action_story_filter(self) -> None:
        self.forms.narrow()

    async def action_story_rename(self) -> None:
        row = self.row
        if row is None or row.kind != "story":
            self.say("The cursor is on no story of yours. That is done where one is.")
        elif row.open or await self.can_be_opened(row.path):
            self.forms.rename(row)
        else:
            self.say(self.reading.card(row.path).says, error=True)

    async def on_box_submitted(self, message: Box.Submitted) -> None:
        await self.forms.submitted(message.kind, message.values)

    def on_box_changed(self, message: Box.Changed) -> None:
        self.forms.changed(message.kind, message.values)

    def on_box_stepped(self, message: Box.Stepped) -> None:
        self.go(self.list.at + message.by)

    # what is no key of this place

    def action_flush(self) -> None:
        if main := self.app.main:
            main.action_flush()

    def action_stories_leave(self) -> None:
        if self.box.kind:
            self.forms.close()
        elif self.deeds.unask():
            self.show_page()
        elif self.reading.filter:
            self.reading.filter = ""
            self._refresh()
        elif self.reading.shown != "stories":
            self.turn(self.reading.shown)
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(
            Sheet("Help", help_in_stories(Signs.of(self.app), self.library.trash_folder, room(self.app.size.width)))
        )

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and not self.box.kind:
            if self.deeds.unask():
                self.show_page()
            if not event.character.isdigit():
                help = chord("help")
                self.say(f"Letters act here, and this one does nothing. {help} lists the keys, escape goes back.")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.say(f"Nothing was pasted: letters act here. {chord('story.import')} asks for the path of a file.")
