"""The player: a journal as a film. It goes to any moment by keys or by the clock; what it shows is the story at that moment.

It draws through its panes, does things through its deeds, and changes nothing by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from composer.errors import ComposerError
from composer.journal.entry import Entry
from composer.journal.film import IDLE, Film
from composer.journal.replay import Reel
from composer.ui import keymap, tints
from composer.ui.screens.player.deeds import Deeds
from composer.ui.screens.player.going import Going
from composer.ui.screens.player.head import Playhead, read_place
from composer.ui.screens.player.help import help_in_player
from composer.ui.screens.player.notes import Notes
from composer.ui.screens.player.panes import FilmCandidates, FilmOutline, FilmText, Panes
from composer.ui.screens.player.running import RunningScreen
from composer.ui.screens.sheet import Sheet, room
from composer.ui.signs import Signs
from composer.ui.widgets.box import Box, Field
from composer.ui.widgets.pane import Pane, StatusLine
from composer.ui.widgets.timeline import Timeline

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

WIDE = 120
"""Columns from which the text and the candidates stand side by side."""
WIDEST = 150
"""Columns from which the outline stands beside them unless a key takes it away."""
PART = 2000
"""Entries that are read between two looks whether anyone is still waiting for them."""
COUNTS = 0.2
"""Seconds after a key at which the words of a long text are counted."""
SAYS = 0.25
"""Seconds between two words on how far the reading is."""


class PlayerScreen(RunningScreen):
    """Plays the entries that it is given by `load`. Until then it says so, and can be left."""

    CSS_PATH = "../../styles/player.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keymap.bindings("player"),
        Binding("f1,question_mark", "help", "help", show=False),
    ]
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the player's."""
    app: ComposerApp

    def __init__(
        self,
        title: str,
        deeds: Deeds,
        at: int | None = None,
        speed: float | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """It begins at entry `at`, or at the end; with a `speed` it plays at once, from `at` or the start. `now` tells seconds."""
        super().__init__(now)
        self.title_of_story = title
        self.notes_shown = ""
        """The notes on the moment as they stand on the screen."""
        self.deeds = deeds
        self._begins = at, speed
        self._panes = Panes(self)
        self.notes = Notes(self)
        self._going = Going(self)
        self._outline: bool | None = None
        """Whether the outline is shown; None while no key said so."""
        self._counting: Timer | None = None
        self._left = False

    # its parts

    @property
    def text(self) -> FilmText:
        return self.query_one(FilmText)

    @property
    def candidates(self) -> FilmCandidates:
        return self.query_one(FilmCandidates)

    @property
    def outline(self) -> FilmOutline:
        return self.query_one(FilmOutline)

    @property
    def box(self) -> Box:
        return self.query_one(Box)

    @property
    def noted(self) -> Sequence[int]:
        return self.notes.entries

    @property
    def outlined(self) -> bool:
        """Whether the outline is shown."""
        return self.app.size.width >= WIDEST if self._outline is None else self._outline

    def compose(self) -> ComposeResult:
        with Horizontal(id="player-panes"):
            with Pane(id="player-outline-pane"):
                yield FilmOutline(id="player-outline")
            with Pane(id="player-text-pane"):
                yield FilmText(id="player-text")
            with Pane(id="player-candidates-pane"):
                yield FilmCandidates(id="player-candidates")
        yield Static(id="player-notes", markup=False)
        yield Timeline(id="timeline")
        yield Box(id="player-box")
        yield StatusLine(id="player-status")

    def on_mount(self) -> None:
        self._lay_out()
        self.query_one("#player-notes").display = False
        self.query_one("#player-text-pane", Pane).name_it(self.title_of_story or "Untitled")
        self.query_one("#player-candidates-pane", Pane).name_it("Candidates")
        self.text.say(f"Reading the journal {self._wait}")
        self.show_status()

    def on_unmount(self) -> None:
        self._left = True
        self.stop_timer()

    def on_resize(self) -> None:
        self._lay_out()
        self.show_moment()

    def _lay_out(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")
        self.set_class(self.outlined, "-outline")

    # the film

    async def load(self, entries: Sequence[Entry]) -> None:
        """Read these entries, off the loop, and show where to begin. What can't be read is said in place of the text."""
        reel = Reel()
        work = asyncio.create_task(asyncio.to_thread(self._read, reel, entries))
        while not work.done():
            await asyncio.wait({work}, timeout=SAYS)
            if not self._left:
                self.text.say(f"Reading the journal: {len(reel):,} of {len(entries):,} entries {self._wait}")
        try:
            film = work.result()
        except ComposerError as error:
            if not self._left:
                self.text.say("This session can't be played.", error.sentence, error.next_step)
            return
        if film is None or self._left:
            return
        at, speed = self._begins
        self.head = Playhead(film, (0 if speed else len(film)) if at is None else at, speed or 1.0)
        self._look_at_notes()
        self.show_moment(stepped=True)
        if speed:
            self.action_play()

    def _read(self, reel: Reel, entries: Sequence[Entry]) -> Film | None:
        """The film of these entries; None if no one waits for it any more. It runs in a thread."""
        for start in range(0, len(entries), PART):
            if self._left:
                return None
            reel.extend(entries[start : start + PART])
        return Film(reel)

    @property
    def _wait(self) -> str:
        return Signs.of(self.app).ellipsis

    def show_moment(self, *, stepped: bool = False) -> None:
        head = self.head
        if head is None or not self.is_attached:
            return
        story = head.film.story(head.moment)
        self._panes.show(head.film, head.moment, story, stepped=stepped)
        self._panes.show_time(head.film, head.moment, head.ms, story, self.notes.entries)
        self._panes.show_notes(() if head.moment.growing else self.notes.on(head.entry))
        self.show_status()

    def count_soon(self) -> None:
        """Count what is shown, once no key has led elsewhere for a moment."""
        if self._counting is not None:
            self._counting.stop()
        self._counting = self.set_timer(COUNTS, self._count)

    def _count(self) -> None:
        self._counting = None
        if self.head is not None and self.is_attached:
            self._panes.show_counts(self.head.film.story(self.head.moment))

    def show_status(self) -> None:
        head = self.head
        if head is None:
            self.query_one(StatusLine).show([("READING", "READING"), ("esc leaves", "esc")])
            return
        state = "PLAYING" if head.playing else "PAUSED"
        if head.lingers:
            state = "PLAYING, A NOTE"
        speed = f"{head.speed:g}{Signs.of(self.app).times}"
        waits = "" if head.film.idle == IDLE else "true waits"
        count = len(head.film)
        self.query_one(StatusLine).show(
            [
                (state, state),
                (speed, speed),
                (f"entry {head.entry:,} of {count:,}", f"{head.entry:,}/{count:,}"),
                (waits, waits),
                (keymap.hints("play", "entry.back", "speed.slower", "film.branch", "film.note"), "space ← → - + b n"),
                ("f1 help", "f1"),
                ("esc leaves", "esc"),
            ],
            stay=2,
        )

    def action_seek_to(self) -> None:
        if self.head is not None:
            hint = f"an entry to {len(self.head.film):,}, or a time like 2:30"
            self.box.open("seek", "Go to · enter goes there · esc closes", (Field("place", "entry or time", "", hint),))

    def _seek_typed(self, text: str) -> None:
        entry, ms = read_place(text)
        if text and entry is None and ms is None:
            self.say("That is neither an entry's number nor a time. A time is minutes and seconds: 2:30.")
            return
        self.close_box()
        if entry is not None:
            self.seek(entry)
        elif ms is not None and (head := self.stand_still()) is not None:
            head.go_time(ms)
            self.show_moment(stepped=True)

    # what is shown

    def action_film_tint(self) -> None:
        self._panes.tint = tints.TINTS[(tints.TINTS.index(self._panes.tint) + 1) % len(tints.TINTS)]
        self.say(tints.legend(self._panes.tint))
        self.show_moment()

    def action_film_outline(self) -> None:
        self._outline = not self.outlined
        self._lay_out()
        self.show_moment()

    # notes, and going on from here

    def action_film_note(self) -> None:
        if (head := self.stand_still()) is not None:
            self.notes.write(head.entry)

    def notes_changed(self) -> None:
        """Show the notes as they are now."""
        self._look_at_notes()
        self.show_moment()

    def _look_at_notes(self) -> None:
        if self.head is not None:
            self.notes.look(self.head.film)
            self.head.stops = self.notes.entries

    def keep_now(self) -> None:
        """Keep the note that is being written: the program ends."""
        if self.box.kind.startswith("note"):
            self.notes.typed(self.box.values)

    def allowed(self, deed: Callable[[], None]) -> bool:
        """Do something; where it is refused, say why."""
        try:
            deed()
        except ComposerError as error:
            self.say(str(error))
            return False
        return True

    def on_box_submitted(self, message: Box.Submitted) -> None:
        if message.kind == "seek":
            self._seek_typed(message.values["place"])
        elif message.kind:
            self.notes.typed(message.values)

    def close_box(self) -> None:
        self.box.close()
        self.set_focus(None)

    def action_film_branch(self) -> None:
        """Ask how to go on from this moment: in this story, or in a new one."""
        if (head := self.stand_still()) is not None:
            self._going.ask(head.film, head.entry)

    def action_film_export(self) -> None:
        if self.stand_still() is not None:
            self.app.show_export("html-replay")

    # leaving

    def action_leave(self) -> None:
        if self.box.kind:
            self.close_box()
        else:
            self._left = True
            self.stop_timer()
            self.app.leave_player()

    def action_help(self) -> None:
        self.app.push_screen(Sheet("Help", help_in_player(Signs.of(self.app), room(self.app.size.width))))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)
