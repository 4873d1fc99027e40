"""Films without a screen: how they play by a clock that is moved by hand, the timeline, and what is said of each entry."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from composer.journal.film import Film, Moment
from composer.journal.replay import Reel
from composer.store.jsonl import read_jsonl
from composer.story.events import BlockAssigned
from composer.ui.screens.player.head import LINGERS, SPEEDS, STEP, Playhead, clock, read_place
from composer.ui.screens.player.words import told, told_of, trace
from composer.ui.widgets.timeline import cell_of, cells_of
from tests.cli.house import EXAMPLES
from tests.journal.machine import Life
from tests.journal.test_film import Recorded, ended, grew


class Seconds:
    """A clock for films."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def film_of(made: Recorded) -> Film:
    return Film(Reel(made.entries))


def streamed() -> Recorded:
    """A line that is typed, a round that streams for a second, and its placement by hand, a wait of an hour between."""
    made = Recorded()
    made.write("The lamp was lit. ")
    made.ask(2, wait=1000)
    made.add(grew("1.1", 0, "It burned", (0, 2), (400, 7)), grew("1.2", 0, "No ship", (0, 7)), wait=1000)
    made.add(ended("1.1", 9), ended("1.2", 7))
    made.write("It burned. ", wait=3_600_000)
    return made


# the head


def test_it_plays_at_its_own_pace() -> None:
    head, now = Playhead(film_of(streamed()), 0), Seconds()
    head.play(now())
    seen = [(head.entry, head.moment.growing)]
    while head.playing:
        now.now += head.wait(now())
        if head.look(now()):
            seen.append((head.entry, tuple(grown.text for grown in head.moment.growing)))
    assert [entry for entry, _ in seen if entry] == sorted(entry for entry, _ in seen if entry)
    assert (2, ("It",)) in seen
    assert head.entry == 7
    assert head.ended
    # Four seconds of film: the hour is cut to two.
    assert now.now - 100 == pytest.approx(4.0, abs=0.2)


def test_twice_as_fast_takes_half_as_long() -> None:
    for speed in SPEEDS:
        head, now = Playhead(film_of(streamed()), 0, speed), Seconds()
        head.play(now())
        steps = 0
        while head.playing:
            now.now += head.wait(now())
            head.look(now())
            steps += 1
        assert now.now - 100 == pytest.approx(4.0 / speed, abs=3 * STEP)
        assert steps <= (now.now - 100) / STEP + 1


def test_what_is_due_at_once_is_passed_in_one_step() -> None:
    made = Recorded()
    for _ in range(500):
        made.write("w ", wait=10)
    head, now = Playhead(film_of(made), 0, 64.0), Seconds()
    head.play(now())
    now.now += STEP
    assert head.look(now())
    assert head.entry > 200


def test_it_begins_anew_at_the_end_and_goes_on_elsewhere() -> None:
    head = Playhead(film_of(streamed()), 99)
    assert head.entry == 7
    assert head.ended
    head.play(0)
    assert head.entry == 0
    head.go(3)
    head.play(0)
    assert head.entry == 3
    head.look(5000.0)
    assert not head.playing
    head.go(-4)
    assert head.entry == 0


def test_it_lingers_at_a_note_and_then_goes_on() -> None:
    head, now = Playhead(film_of(streamed()), 0, 64.0), Seconds()
    head.stops = (3, 5)
    head.play(now())
    now.now += 60
    assert head.look(now())
    assert head.entry == 3
    assert head.lingers
    assert head.wait(now()) == pytest.approx(LINGERS)
    now.now += LINGERS / 2
    assert not head.look(now())
    assert head.entry == 3
    now.now += LINGERS
    assert not head.look(now()) or head.entry >= 3
    now.now += 1
    head.look(now())
    assert head.entry == 5
    now.now += LINGERS
    head.look(now())
    now.now += 60
    head.look(now())
    assert head.ended
    assert not head.playing


def test_speeds() -> None:
    head = Playhead(film_of(streamed()), 0)
    for _ in range(20):
        head.faster(1)
    assert head.speed == 64
    for _ in range(20):
        head.faster(-1)
    assert head.speed == 0.25
    between = Playhead(film_of(streamed()), 0, 3.0)
    between.faster(-1)
    assert between.speed == 2
    between.speed = 3.0
    between.faster(1)
    assert between.speed == 4


def test_parts_and_times() -> None:
    head = Playhead(film_of(streamed()), 0)
    head.go_part(5)
    assert head.ms == 2000
    head.go_time(1700)
    assert [grown.text for grown in head.moment.growing] == ["It"]
    head.go_time(10**9)
    assert head.ended
    head.recut(head.film.recut(10**12))
    assert head.film.length == 3_602_000
    assert head.entry == 7
    still = Recorded()
    for _ in range(10):
        still.write("w ")
    head = Playhead(film_of(still), 0)
    head.go_part(3)
    assert head.entry == 3


def test_times_are_read_as_they_are_shown() -> None:
    assert [clock(ms) for ms in (0, 59_999, 150_000, 3_750_000)] == ["0:00", "0:59", "2:30", "1:02:30"]
    for ms in (0, 150_000, 3_750_000):
        assert read_place(clock(ms)) == (None, ms)
    assert read_place(" 1,234 ") == (1234, None)
    for text in ("", "12a", ":", "1:", "1:2:3:4", "-3", "٣", "9" * 40):
        assert read_place(text) == (None, None)


# the timeline


def test_the_cells_of_the_timeline_are_those_of_every_entry() -> None:
    made = Recorded()
    for wait in range(200):
        made.write("w ", wait=wait * 13 % 700)
    film = film_of(made)
    entries = film.entries_of["edited"]
    for width in (1, 7, 78, 500):
        wanted = {cell_of(film, entry, film.times[entry], width) for entry in entries}
        assert cells_of(film, entries, width) == wanted
        assert max(wanted) == width - 1
    assert cells_of(film, (), 50) == set()


# words


def test_each_event_has_words_and_a_place() -> None:
    made = streamed()
    made.move(1)
    made.move(7)
    made.add(BlockAssigned("b1", "", "x"))
    film = film_of(made)
    lines = []
    for entry in range(1, len(film) + 1):
        story = film.reel.story(entry)
        lines.append(told_of(film, entry, story))
        found = trace(film, entry, story.manuscript)
        assert found is not None
        assert story.manuscript.holds(found.start)
        assert story.manuscript.holds(found.end)
    assert lines == [
        "Typed: “The lamp was lit.”",
        "Round 1 was asked for the text: continue, 2 candidates",
        "Candidate 1.1 wrote: “It burned”",
        "Candidate 1.2 wrote: “No ship”",
        "Candidate 1.1 finished.",
        "Candidate 1.2 finished.",
        "Typed: “It burned.”",
        "Went to another step of the history: “It burned.” is gone.",
        "Went to another step of the history: “It burned.”.",
        "A paragraph was given to another part of the outline.",
    ]


class Spoken(Life):
    """At the end of each life all of its entries are told, whatever they are, and traced in the text."""

    def teardown(self) -> None:
        tell_all(Film(Reel(self.entries)))


def tell_all(film: Film) -> None:
    for entry in range(len(film) + 1):
        story = film.reel.story(entry)
        line = told(film, Moment(entry), story)
        assert line
        assert line.isprintable()
        assert "Something else" not in line
        if (found := trace(film, entry, story.manuscript)) is not None:
            assert story.manuscript.holds(found.start)
            assert story.manuscript.holds(found.end)
            assert not story.manuscript.before(found.end, found.start)


TestSpoken = Spoken.TestCase
TestSpoken.settings = settings(stateful_step_count=40, max_examples=25)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_told(path: Path) -> None:
    with path.open("rb") as lines:
        tell_all(Film(Reel(read_jsonl(lines)[0])))
