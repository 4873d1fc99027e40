"""Where the film is and how it runs: position, speed, playing or not, and where it lingers. Time is handed in; it draws nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from composer.journal.film import Film, Moment

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
STEP = 1 / 30
"""Seconds between two looks at the film, at least."""
LINGERS = 2.5
"""Seconds for which the film stands still at a note while it plays."""


class Playhead:
    """The place of a film, in entries and in ms of the film. Its `now` is in seconds that only grow."""

    def __init__(self, film: Film, at: int, speed: float = 1.0) -> None:
        self.film = film
        self.speed = speed
        self.playing = False
        self.stops: Sequence[int] = ()
        """The entries with notes, in order: there it lingers."""
        self.ms = 0.0
        self.moment = Moment(0)
        self._looked = 0.0
        self._held = 0.0
        """Until when it stands still."""
        self.go(at)

    @property
    def entry(self) -> int:
        return self.moment.entry

    @property
    def ended(self) -> bool:
        return self.entry >= len(self.film) and self.ms >= self.film.length

    def go(self, entry: int) -> None:
        """To right after an entry, or as near as there is one."""
        entry = max(0, min(entry, len(self.film)))
        self.moment = Moment(entry)
        self.ms = float(self.film.times[entry])
        self._held = 0.0

    def go_time(self, ms: float) -> None:
        """To a time of the film, or as near as there is one."""
        self.ms = max(0.0, min(ms, float(self.film.length)))
        self.moment = self.film.moment(self.ms)
        self._held = 0.0

    def go_part(self, tenth: int) -> None:
        """To so many tenths of the film."""
        if self.film.length:
            self.go_time(self.film.length * tenth / 10)
        else:
            self.go(len(self.film) * tenth // 10)

    def recut(self, film: Film) -> None:
        """Go on in the same film with other waits."""
        self.film = film
        self.go(self.entry)

    def faster(self, by: int) -> None:
        """The next speed, or with `by` below 0 the one before."""
        at = bisect_right(SPEEDS, self.speed) - 1
        if by < 0 and SPEEDS[max(0, at)] < self.speed:
            by += 1
        self.speed = SPEEDS[max(0, min(len(SPEEDS) - 1, at + by))]

    def play(self, now: float) -> None:
        """Begin to play; from the start where it stands at the end."""
        if self.ended:
            self.go(0)
        self.playing, self._looked, self._held = True, now, 0.0

    def pause(self) -> None:
        self.playing = False

    def look(self, now: float) -> bool:
        """Go on to where the film is by `now`; whether anything is to be shown anew."""
        passed = max(0.0, now - self._looked) * 1000
        self._looked = now
        if not self.playing or now < self._held:
            return False
        ms = min(self.ms + passed * self.speed, float(self.film.length))
        stop = self._next_stop()
        if stop is not None and self.film.times[stop] <= ms:
            # Whatever else happens at the same time comes when it goes on.
            self.go(stop)
            self._held = now + LINGERS
            return True
        before = self.moment, int(self.ms) // 1000
        self.ms = ms
        moment = self.film.moment(ms)
        # At the time of an entry those that follow at once have happened too.
        self.moment = moment if moment.entry >= self.entry else self.moment
        if self.ended:
            self.playing = False
        return (self.moment, int(self.ms) // 1000) != before or not self.playing

    def wait(self, now: float) -> float:
        """Seconds until it is to be looked at again."""
        if now < self._held:
            return max(STEP, self._held - now)
        following = self.film.following(self.ms)
        second = (int(self.ms) // 1000 + 1) * 1000.0
        due = second if following is None else min(second, float(following))
        return max(STEP, (due - self.ms) / 1000 / self.speed)

    @property
    def lingers(self) -> bool:
        """Whether it stands still at a note, since it was looked at last."""
        return self.playing and self._looked < self._held

    def _next_stop(self) -> int | None:
        at = bisect_right(self.stops, self.entry)
        return self.stops[at] if at < len(self.stops) else None


def clock(ms: float) -> str:
    """A time of the film: `2:30`, `1:02:30`."""
    minutes, seconds = divmod(int(ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def read_place(text: str) -> tuple[int | None, int | None]:
    """What was typed to go to: an entry's number, or a time in ms; neither where it is neither of both."""
    text = text.strip().replace(",", "")
    if not text.isascii() or len(text) > 16:
        return None, None
    if text.isdigit():
        return int(text), None
    parts = text.split(":")
    if not 2 <= len(parts) <= 3 or not all(part.isdigit() for part in parts):
        return None, None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return None, seconds * 1000
