"""The player: a journal like a film. It shows the story at an entry, goes there by keys or by the clock, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from composer.journal.codec import Unknown
from composer.journal.replay import Reel
from composer.story.events import (
    CandidateEnded,
    CandidateGrew,
    HeadMoved,
    RoundAsked,
    TextEdited,
    TextPlaced,
)
from composer.story.manuscript import START
from composer.ui import asking, keymap
from composer.ui.lines import Lines, Part
from composer.ui.signs import Signs
from composer.ui.tally import Tally
from composer.ui.widgets.candidates import CandidatesView
from composer.ui.widgets.manuscript import ManuscriptView
from composer.ui.widgets.pane import Pane, StatusLine

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

LONGEST = 2.0
"""Seconds: longer waits between entries are cut to this."""
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)


class Timeline(Lines):
    """Where the film is: a line of entries with their kinds, and one that says what happened."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.reel: Reel | None = None
        self.at = 0
        self.what = ""
        self._marks: tuple[Reel | None, int, str] = (None, 0, "")

    def show(self, reel: Reel, at: int, what: str) -> None:
        self.reel, self.at, self.what = reel, at, what
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        if self.reel is None:
            return []
        signs = Signs.of(self.app)
        count = max(1, len(self.reel))
        here = min(width - 1, self.at * (width - 1) // count)
        line = self._line(self.reel, width, signs)
        return [
            [
                (line[:here], palette.dim),
                (line[here : here + 1] or " ", palette.caret),
                (line[here + 1 :], palette.dim),
            ],
            [(f" {self.what}", palette.text)],
        ]

    def _line(self, reel: Reel, width: int, signs: Signs) -> str:
        """The signs of all entries on a line; made once for a width."""
        if self._marks[:2] == (reel, width):
            return self._marks[2]
        count = max(1, len(reel))
        marks = [" "] * width
        for number, event in enumerate(reel.events, 1):
            cell = min(width - 1, number * (width - 1) // count)
            if isinstance(event, RoundAsked):
                marks[cell] = signs.writing
            elif isinstance(event, TextPlaced):
                marks[cell] = signs.lands
            elif isinstance(event, TextEdited) and marks[cell] == " ":
                marks[cell] = "."
        self._marks = (reel, width, "".join(marks))
        return self._marks[2]


class PlayerScreen(Screen[None]):
    """Plays the entries of a session. The reel is read once; seeking is at most a few hundred entries away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keymap.bindings("player"),
        Binding("f1,question_mark", "help", "help", show=False),
    ]
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the player's."""
    app: ComposerApp

    def __init__(self, reel: Reel, title: str, at: int | None = None) -> None:
        super().__init__()
        self._reel = reel
        self._tally = Tally()
        self._title = title
        self.at = len(reel) if at is None else at
        self._speed = SPEEDS.index(1.0)
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="player-panes"):
            with Pane(id="player-text-pane"):
                yield ManuscriptView(id="player-text")
            with Pane(id="player-candidates-pane"):
                yield CandidatesView(id="player-candidates")
        yield Timeline(id="timeline")
        yield Input(id="seek", placeholder="number of an entry, enter goes there", compact=True)
        yield StatusLine(id="player-status")

    def on_mount(self) -> None:
        for view in (self.query_one(ManuscriptView), self.query_one(CandidatesView)):
            view.can_focus = False
        self.query_one("#seek").display = False
        self.set_class(self.app.size.width < 100, "-narrow")
        self.seek(self.at)

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < 100, "-narrow")

    @property
    def playing(self) -> bool:
        return self._timer is not None

    def seek(self, at: int) -> None:
        """Show the story after entry `at`."""
        self.at = max(0, min(at, len(self._reel)))
        story = self._reel.story(self.at)
        event = self._reel.events[self.at - 1] if self.at else None
        caret = START
        if isinstance(event, TextEdited | TextPlaced):
            caret = event.put.end(event.at)
        elif len(story.manuscript):
            caret = self.query_one(ManuscriptView).caret
        text = self.query_one(ManuscriptView)
        text.sections = story.details.sections
        text.show(story.manuscript, story.outline, caret if caret != START else story.manuscript.first)
        asked = None
        name = ""
        if isinstance(event, CandidateGrew | CandidateEnded):
            name = event.candidate
            asked = story.round(int(name.partition(".")[0]))
        elif len(story.rounds):
            asked = story.rounds[-1]
        candidates = self.query_one(CandidatesView)
        candidates.narrow = self.has_class("-narrow")
        candidates.show(asked, story.splice)
        if name:
            candidates.go(name)
        title = story.details.title or self._title or "Untitled"
        words = self._tally.words(story.manuscript)
        self.query_one("#player-text-pane", Pane).name_it(f"{title} · {words:,} w")
        round_title = f"Candidates · {asking.place_of(story, asked)} · round {asked.number}" if asked else "Candidates"
        self.query_one("#player-candidates-pane", Pane).name_it(round_title)
        self.query_one(Timeline).show(self._reel, self.at, self._what(event))
        self._status()

    def _status(self) -> None:
        state = "PLAYING" if self.playing else "PAUSED"
        speed = f"{SPEEDS[self._speed]:g}{Signs.of(self.app).times}"
        self.query_one(StatusLine).show(
            [
                (state, state),
                (f"entry {self.at:,} of {len(self._reel):,}", f"{self.at:,}/{len(self._reel):,}"),
                (speed, speed),
                (keymap.hints("play", "entry.back", "kind.back", "round.back", "speed.slower"), "space ← → ↑ ↓ - +"),
                ("esc leaves", "esc leaves"),
            ]
        )

    def _what(self, event: object) -> str:
        """What happened at the entry, in a line."""
        if event is None:
            return "Before the first entry."
        if isinstance(event, Unknown):
            return f"{event.type}: made by a newer version of the program."
        if isinstance(event, HeadMoved):
            return {"undo": "Undone.", "redo": "Redone."}.get(event.why, "Went to another branch.")
        if isinstance(event, TextEdited):
            put, removed = event.put.text.replace("\n", " / "), event.removed.text.replace("\n", " / ")
            return f"{event.how.capitalize()}: {put[-60:] or f'({removed[:60]}) taken out'}"
        if isinstance(event, TextPlaced):
            names = ", ".join(event.placement.candidates)
            marks = f", {len(event.placement.marks)} marked pieces" if event.placement.marks else ""
            return f"Placed from candidate {names}{marks}."
        if isinstance(event, RoundAsked):
            return f"Round {event.round} was asked: {event.kind}, {len(event.recipes)} candidates. {event.instruction}"
        if isinstance(event, CandidateGrew):
            return f"Candidate {event.candidate} wrote: {event.text.strip()[-60:]}"
        if isinstance(event, CandidateEnded):
            return f"Candidate {event.candidate} ended, {event.ending.kind}: {event.ending.why}"
        return _spaced(type(event).__name__)

    # keys

    def action_play(self) -> None:
        if self._timer:
            self._pause()
            return
        if self.at >= len(self._reel):
            self.seek(0)
        self._next()

    def _pause(self) -> None:
        if self._timer:
            self._timer.stop()
        self._timer = None
        self._status()

    def _next(self) -> None:
        if self.at >= len(self._reel):
            self._pause()
            return
        entries = self._reel.entries
        before = entries[self.at - 1].time if self.at else entries[0].time
        wait = min(LONGEST, max(0.0, (entries[self.at].time - before) / 1000)) / SPEEDS[self._speed]
        self._timer = self.set_timer(max(0.02, wait), self._advance)
        self._status()

    def _advance(self) -> None:
        self.seek(self.at + 1)
        self._next()

    def _go(self, at: int) -> None:
        self._pause()
        self.seek(at)

    def action_entry_back(self) -> None:
        self._go(self.at - 1)

    def action_entry_forward(self) -> None:
        self._go(self.at + 1)

    def _same(self, by: int, kind: type | None = None) -> None:
        events = self._reel.events
        if kind is None:
            if not self.at:
                self._go(1)
                return
            kind = type(events[self.at - 1])
        at = self.at + by
        while 1 <= at <= len(events):
            if isinstance(events[at - 1], kind):
                self._go(at)
                return
            at += by

    def action_kind_back(self) -> None:
        self._same(-1)

    def action_kind_forward(self) -> None:
        self._same(1)

    def action_round_back(self) -> None:
        self._same(-1, RoundAsked)

    def action_round_forward(self) -> None:
        self._same(1, RoundAsked)

    def action_seek_start(self) -> None:
        self._go(0)

    def action_seek_end(self) -> None:
        self._go(len(self._reel))

    def action_speed_slower(self) -> None:
        self._speed = max(0, self._speed - 1)
        self._status()

    def action_speed_faster(self) -> None:
        self._speed = min(len(SPEEDS) - 1, self._speed + 1)
        self._status()

    def action_seek_to(self) -> None:
        field = self.query_one("#seek", Input)
        field.display = True
        field.value = ""
        self.set_focus(field)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        self._close_seek()
        if text.isdigit() and len(text) < 10:
            self._go(int(text))

    def _close_seek(self) -> None:
        self.query_one("#seek").display = False
        self.set_focus(None)

    def action_help(self) -> None:
        self.app.show_help("player")

    def action_leave(self) -> None:
        if self.query_one("#seek").display:
            self._close_seek()
        else:
            self._pause()
            self.app.leave_player()


def _spaced(name: str) -> str:
    """`BeatAdded` as `Beat added.`"""
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip()
    return words.capitalize() + "."
