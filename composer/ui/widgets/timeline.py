"""The timeline of a film: what happens at the moment, a line of signs with the place in it, the time, and what the signs mean.

The signs are found once for a width. It shows values, and knows neither keys nor the clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from composer.journal.film import Film
from composer.ui.lines import Lines, Part
from composer.ui.phrases import counted, shortened
from composer.ui.signs import PLAIN, Signs
from composer.ui.wrapping import cells

MARGIN = 1
"""Cells left and right of the line."""


@dataclass(frozen=True)
class RailSigns:
    """What the line is drawn with: rounds, placements, edits, notes, the place; the part that was played, and the rest."""

    round: str = "●"
    placed: str = "»"
    edited: str = "▰"
    note: str = "!"
    here: str = "▼"
    played: str = "═"
    ahead: str = "─"

    @classmethod
    def of(cls, signs: Signs) -> RailSigns:
        return cls("*", ">", "#", "!", "v", "=", "-") if signs.bar == PLAIN.bar else cls()


@dataclass(frozen=True)
class Place:
    """Where the film is: the entry, ms of the film; in words what happens there, and when, in forms of which the longest comes first."""

    entry: int
    ms: float
    what: str
    when: Sequence[str]


class Timeline(Lines):
    """Four lines: what happens, rounds and notes, placements and edits, the time with what the signs mean."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._film: Film | None = None
        self._noted: Sequence[int] = ()
        self._place = Place(0, 0, "", ("",))
        self._rail: tuple[object, tuple[str, str]] = (None, ("", ""))

    def show(self, film: Film, noted: Sequence[int], place: Place) -> None:
        """`noted` are the entries with notes, in order."""
        self._film, self._noted, self._place = film, noted, place
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        film, place, palette = self._film, self._place, self.palette
        if film is None:
            return []
        signs = Signs.of(self.app)
        drawn = RailSigns.of(signs)
        room = max(1, width - 2 * MARGIN)
        upper, lower = self._rails(film, room, drawn)
        here = cell_of(film, place.entry, place.ms, room)
        side = " " * MARGIN
        what = shortened(place.what, room, signs.ellipsis)
        return [
            [(f"{side}{what}", palette.text)],
            [
                (side + upper[:here], palette.dim),
                (drawn.here, palette.title),
                (upper[here + 1 :], palette.dim),
            ],
            [
                (side, palette.dim),
                (lower[:here].replace(" ", drawn.played), palette.text),
                (lower[here].replace(" ", drawn.played), palette.caret),
                (lower[here + 1 :].replace(" ", drawn.ahead), palette.dim),
            ],
            self._foot(film, room, drawn),
        ][:height]

    def _foot(self, film: Film, room: int, drawn: RailSigns) -> list[Part]:
        counts = (
            (drawn.round, len(film.entries_of.get("round", ())), "round"),
            (drawn.placed, len(film.entries_of.get("placed", ())), "placed"),
            (drawn.edited, len(film.entries_of.get("edited", ())), "edited"),
            (drawn.note, len(self._noted), "note"),
        )
        long = "   ".join(
            f"{sign} {f'{count:,} {word}' if word.endswith('ed') else counted(count, word)}"
            for sign, count, word in counts
        )
        short = "  ".join(f"{sign} {word}" for sign, _, word in counts)
        # The date is worth more than the counts, and both more than the seconds.
        tries = [(when, legend) for legend in (long, short) for when in self._place.when[:2]]
        tries += [(when, legend) for when in self._place.when[2:] for legend in (short, "")]
        when, legend = next(
            (each for each in tries if cells(each[0]) + cells(each[1]) + 2 <= room), (self._place.when[-1], "")
        )
        gap = max(2, room - cells(when) - cells(legend)) if legend else 0
        return [
            (" " * MARGIN + when, self.palette.text),
            (" " * gap + legend, self.palette.dim),
        ]

    def _rails(self, film: Film, width: int, drawn: RailSigns) -> tuple[str, str]:
        key = film, width, drawn, tuple(self._noted)
        if self._rail[0] != key:
            notes = cells_of(film, self._noted, width)
            rounds = cells_of(film, film.entries_of.get("round", ()), width)
            placed = cells_of(film, film.entries_of.get("placed", ()), width)
            edited = cells_of(film, film.entries_of.get("edited", ()), width)
            upper = "".join(drawn.note if at in notes else drawn.round if at in rounds else " " for at in range(width))
            lower = "".join(
                drawn.placed if at in placed else drawn.edited if at in edited else " " for at in range(width)
            )
            self._rail = key, (upper, lower)
        return self._rail[1]


def cell_of(film: Film, entry: int, ms: float, width: int) -> int:
    """The cell of a place on a line of `width` cells. A film that takes no time is told by its entries."""
    part, whole = (ms, film.length) if film.length else (entry, max(1, len(film)))
    return min(width - 1, int(part * width / whole))


def cells_of(film: Film, entries: Sequence[int], width: int) -> set[int]:
    """The cells in which these entries happen, which are in order."""
    found: set[int] = set()
    at = 0
    while at < len(entries):
        cell = cell_of(film, entries[at], film.times[entries[at]], width)
        found.add(cell)
        at = bisect_right(entries, cell, lo=at + 1, key=lambda entry: cell_of(film, entry, film.times[entry], width))
    return found
