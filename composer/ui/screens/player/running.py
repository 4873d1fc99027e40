"""How the player's film runs, and how keys lead through it: play and speed, entries, kinds of entries, parts and times.

It has one timer, which runs only while the film does. What a moment looks like is the screen's matter.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen
from textual.timer import Timer

from composer.journal.film import IDLE, Sort, beside
from composer.ui.screens.player.head import Playhead, clock

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

ENDLESS = 10**12
"""Ms to which waits are cut that are not cut."""


class RunningScreen(Screen[None]):
    """A screen with a playhead, None until there is a film."""

    app: ComposerApp

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` tells seconds that only grow."""
        super().__init__()
        self._now = now
        self.head: Playhead | None = None
        self._timer: Timer | None = None

    @property
    def at(self) -> int:
        """The newest entry that has happened."""
        return self.head.entry if self.head else 0

    @property
    def playing(self) -> bool:
        return self.head is not None and self.head.playing

    @property
    def noted(self) -> Sequence[int]:
        """The entries with notes, in order."""
        raise NotImplementedError

    def show_moment(self, *, stepped: bool = False) -> None:
        """Show the moment; with `stepped`, one that a key led to."""
        raise NotImplementedError

    def show_status(self) -> None:
        """Say how the film runs."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        self.notify(text, markup=False)

    # playing

    def stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def tick(self) -> None:
        """Go on to where the film is by now, and look again when something happens next."""
        head = self.head
        self.stop_timer()
        if head is None or not self.is_attached:
            return
        if head.look(self._now()):
            self.show_moment()
        else:
            self.show_status()
        if head.playing:
            self._timer = self.set_timer(head.wait(self._now()), self.tick)

    def action_play(self) -> None:
        head = self.head
        if head is None:
            return
        if head.playing:
            self.stand_still()
            return
        fresh = head.ended
        head.play(self._now())
        if fresh:
            self.show_moment(stepped=True)
        self.tick()

    def _speed(self, by: int) -> None:
        if self.head is not None:
            # What has passed by now has passed at the old speed.
            self.tick()
            self.head.faster(by)
            self.tick()

    def action_speed_slower(self) -> None:
        self._speed(-1)

    def action_speed_faster(self) -> None:
        self._speed(1)

    def action_waits(self) -> None:
        """Waits as they were, or cut again."""
        head = self.head
        if head is not None:
            true = head.film.idle == IDLE
            head.recut(head.film.recut(ENDLESS if true else IDLE))
            self.show_moment()
            length = clock(head.film.length)
            cut = f"Waits are cut to {IDLE // 1000} seconds: the film takes {length}."
            self.say(f"Waits are as long as they were: the film takes {length}." if true else cut)

    # going

    def stand_still(self) -> Playhead | None:
        """Pause; None while there is no film yet."""
        if self.head is not None and self.head.playing:
            self.head.pause()
            self.show_status()
        self.stop_timer()
        return self.head

    def seek(self, at: int) -> None:
        """Stand still at entry `at`."""
        if (head := self.stand_still()) is not None:
            head.go(at)
            self.show_moment(stepped=True)

    def _go_to(self, by: int, sorts: Sequence[Sort], what: str) -> None:
        """To the next entry of these sorts, or the one before."""
        if self.head is not None:
            self._arrive(self.head.film.beside(self.at, by, sorts), by, what)

    def _arrive(self, at: int | None, by: int, what: str) -> None:
        if at is not None:
            self.seek(at)
        else:
            self.say(f"{'After' if by > 0 else 'Before'} this there is no {what}.")

    def action_entry_back(self) -> None:
        self.seek(self.at - 1)

    def action_entry_forward(self) -> None:
        self.seek(self.at + 1)

    def _same(self, by: int) -> None:
        if self.head is not None and not self.at:
            self.seek(1)
        elif self.head is not None:
            self._go_to(by, (self.head.film.sorts[self.at - 1],), "other of this kind")

    def action_kind_back(self) -> None:
        self._same(-1)

    def action_kind_forward(self) -> None:
        self._same(1)

    def action_round_back(self) -> None:
        self._go_to(-1, ("round",), "round")

    def action_round_forward(self) -> None:
        self._go_to(1, ("round",), "round")

    def action_placed_back(self) -> None:
        self._go_to(-1, ("placed",), "placement")

    def action_placed_forward(self) -> None:
        self._go_to(1, ("placed",), "placement")

    def action_edited_back(self) -> None:
        self._go_to(-1, ("edited",), "edit by hand")

    def action_edited_forward(self) -> None:
        self._go_to(1, ("edited",), "edit by hand")

    def action_noted_back(self) -> None:
        self._arrive(beside(self.noted, self.at, -1), -1, "note")

    def action_noted_forward(self) -> None:
        self._arrive(beside(self.noted, self.at, 1), 1, "note")

    def action_seek_start(self) -> None:
        self.seek(0)

    def action_seek_end(self) -> None:
        if self.head is not None:
            self.seek(len(self.head.film))

    def on_key(self, event: events.Key) -> None:
        if self.focused is not None or not event.is_printable or not event.character:
            return
        event.stop()
        if event.character in "0123456789":
            if (head := self.stand_still()) is not None:
                head.go_part(int(event.character))
                self.show_moment(stepped=True)
        else:
            self.say("Letters act here, and this one does nothing. f1 lists the keys, escape goes back.")
