"""The film of a journal: its times and streams, what stands beside an entry, and that every moment is the fold of the journal up to it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from composer.errors import DamagedSession
from composer.journal import replay
from composer.journal.entry import Entry, seal
from composer.journal.film import IDLE, Film, Moment, beside, round_at
from composer.journal.journal import Journal
from composer.journal.named import pieces_named
from composer.journal.replay import Reel
from composer.story.candidate import Ending, Message, PlaceTarget, Receipt, Recipe, Sent
from composer.story.events import (
    CandidateEnded,
    CandidateGrew,
    DetailsChanged,
    Event,
    MarkMade,
    MarksLifted,
    RemarkWritten,
    RequestRepacked,
    RoundAsked,
    TextEdited,
)
from composer.story.manuscript import START, Block, Fragment, Position
from composer.story.spans import Span, Written
from composer.story.story import Details
from tests.journal.machine import Life, by_hand


@pytest.fixture(autouse=True)
def _stories_are_kept_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that short journals have several, and moves of the head that are further than one."""
    monkeypatch.setattr(replay, "EVERY", 4)


class Recorded:
    """A journal that is written at times of its own."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.entries: list[Entry] = []
        self.time = 1_000_000

    def add(self, *events: Event, wait: int = 0) -> int:
        """What happened `wait` ms after what came before, together; the last entry."""
        self.time += wait
        self.entries += self.journal.record(events, self.time)
        return len(self.entries)

    def ask(self, count: int = 2, wait: int = 0) -> int:
        recipes = tuple(Recipe("here", "m", {"temperature": 0.2}) for _ in range(count))
        number = len(self.journal.story.rounds) + 1
        target, receipt = PlaceTarget(START), Receipt(0, 0, 0, ())
        return self.add(RoundAsked(number, "continue", target, 0, "", recipes, (), receipt), wait=wait)

    def write(self, text: str, wait: int = 0) -> int:
        """Text at the end; the first is a paragraph."""
        last = self.journal.story.manuscript.last
        span = (Span(text, Written()),)
        put = Fragment((), (Block("b1", "", span),)) if last == START else Fragment(span)
        return self.add(TextEdited(last, Fragment(), put, "typed"), wait=wait)

    def move(self, to: int, wait: int = 0) -> int:
        self.time += wait
        self.entries.append(self.journal.move(to, "jump", self.time))
        return len(self.entries)

    def film(self, idle: int = IDLE) -> Film:
        return Film(Reel(self.entries), idle)


def grew(name: str, offset: int, text: str, *pace: tuple[int, int]) -> CandidateGrew:
    return CandidateGrew(name, offset, text, "text", pace)


def ended(name: str, length: int) -> CandidateEnded:
    return CandidateEnded(name, Ending("finished", "", length, "d"))


# times


def test_waits_are_cut_and_the_rest_takes_as_long_as_it_took() -> None:
    made = Recorded()
    for wait in (0, 500, 60_000, 2_000, 2_001):
        made.write("word ", wait=wait)
    film = made.film()
    assert film.times == [0, 0, 500, 2500, 4500, 6500]
    assert film.length == 6500
    assert film.recut(10**9).times == [0, 0, 500, 60_500, 62_500, 64_501]
    assert film.recut(100).times == [0, 0, 100, 200, 300, 400]
    assert film.times[-1] == 6500


def test_a_clock_that_was_set_back_takes_no_time() -> None:
    made = Recorded()
    for wait in (0, 500, -3_000_000, 700):
        made.write("word ", wait=wait)
    assert made.film().times == [0, 0, 500, 500, 1200]


def test_an_empty_journal_is_a_film_of_nothing() -> None:
    film = Film(Reel([]))
    assert (film.length, film.entry_at(0), film.entry_at(1e9), film.following(0)) == (0, 0, 0, None)
    assert film.moment(5) == Moment(0)
    assert film.remarks() == {}


def test_the_newest_of_what_happened_at_once_is_the_entry_of_a_time() -> None:
    made = Recorded()
    made.add(DetailsChanged(Details(), Details(title="A")), DetailsChanged(Details(title="A"), Details(title="B")))
    made.write("one", wait=100)
    film = made.film()
    assert [film.entry_at(ms) for ms in (-1, 0, 99.9, 100, 10**9)] == [0, 2, 2, 3, 3]
    assert [film.following(ms) for ms in (0, 99, 100)] == [100, 100, None]


# streams


def test_candidates_stream_as_they_did() -> None:
    made = Recorded()
    made.ask()
    made.add(
        grew("1.1", 0, "abcdef", (0, 1), (300, 2), (200, 3)),
        grew("1.2", 0, "xyz", (0, 2), (900, 1)),
        wait=1000,
    )
    made.add(ended("1.1", 6))
    film = made.film()
    assert film.times == [0, 0, 1000, 1000, 1000]

    def texts(ms: float) -> list[str]:
        story = film.story(film.moment(ms))
        return [each.text for each in story.rounds[0].candidates]

    assert texts(0) == texts(99) == ["", ""]
    assert texts(100) == ["", "xy"]
    assert texts(500) == ["a", "xy"]
    assert texts(800) == ["abc", "xy"]
    assert texts(1000) == ["abcdef", "xyz"]
    steps = [0.0]
    while (following := film.following(steps[-1])) is not None:
        steps.append(following)
    assert steps == [0, 100, 500, 800, 1000]


def test_a_long_wait_with_streams_in_it_is_not_cut_where_they_stream() -> None:
    made = Recorded()
    made.ask()
    made.add(grew("1.1", 0, "ab", (0, 1), (1500, 1)), wait=20_000)
    film = made.film(idle=2000)
    assert film.times[2] == 1500 + 2000
    assert film.moment(2000).growing[0].text == "a"
    # A wait within a stream is cut as well.
    again = Recorded()
    again.ask()
    again.add(grew("1.1", 0, "ab", (0, 1), (15_000, 1)), wait=20_000)
    assert again.film(idle=2000).times[2] == 2000 + 2000


def test_what_happened_while_candidates_wrote_comes_behind_what_they_had_written() -> None:
    made = Recorded()
    made.ask()
    made.add(grew("1.1", 0, "ab", (0, 1), (100, 1)), MarkMade(1, "1.1", 0, 1), wait=400)
    made.add(grew("1.1", 2, "cd", (50, 2)), wait=400)
    film = made.film()
    assert film.moment(350).growing[0].text == "a"
    assert film.moment(400) == Moment(3)
    assert film.moment(799).growing == ()
    assert film.moment(800) == Moment(4)


# what stands beside an entry


def test_the_next_of_a_kind() -> None:
    made = Recorded()
    first = made.ask()
    typed = made.write("one ")
    made.add(grew("1.1", 0, "text"))
    mark = made.add(MarkMade(1, "1.1", 0, 4))
    second = made.ask()
    again = made.write("two ")
    film = made.film()
    assert film.beside(first, 1, ("round",)) == second
    assert film.beside(second, 1, ("round",)) is None
    assert film.beside(second, -1, ("round",)) == first
    assert film.beside(0, 1, ("edited", "round")) == first
    assert film.beside(first, 1, ("edited", "round")) == typed
    assert film.beside(len(film), -1, ("edited", "mark")) == second - 1 == mark
    assert film.beside(again, -1, ("edited",)) == typed
    assert film.beside(3, 1) == 4
    assert film.beside(len(film), 1) is None
    assert film.beside(1, -1) is None
    assert [beside((2, 5, 9), 5, by) for by in (1, -1)] == [9, 2]


def test_the_round_that_matters_and_where_text_changed() -> None:
    made = Recorded()
    assert made.film().named == [""]
    made.ask()
    made.add(grew("1.2", 0, "text"))
    made.add(MarkMade(1, "1.2", 0, 4))
    typed = made.write("one ")
    made.ask()
    made.add(MarksLifted((1,)))
    moved = made.move(0)
    film = made.film()
    assert film.named == ["", "1.1", "1.2", "1.2", "1.2", "2.1", "1.2", "1.2"]
    assert [round_at(film, at) for at in (0, 4, 5, 6)] == [0, 1, 2, 1]
    assert film.touches == [0, 0, 0, 0, typed, typed, typed, moved]
    assert [(change.put.text, gone) for change, gone in film.reel.moved_text(moved)] == [("\none ", True)]


def test_notes_stand_at_their_moments() -> None:
    made = Recorded()
    made.write("one ")
    made.write("two ")
    made.add(RemarkWritten(1, "entry 1", "kept"))
    on = made.add(RemarkWritten(2, "candidate 7.1", "on a thing"))
    made.add(RemarkWritten(3, "entry 900", "from another file"))
    made.add(RemarkWritten(1, "entry 1", "kept, and why"))
    made.add(RemarkWritten(4, "entry 2", "gone"), RemarkWritten(4, "entry 2", ""))
    film = made.film()
    found = {at: [(each.number, each.text) for each in row] for at, row in film.remarks().items()}
    assert found == {
        1: [(1, "kept, and why")],
        on: [(2, "on a thing")],
        len(film): [(3, "from another file")],
    }
    assert film.remarks(()) == {}


# pieces


def test_all_pieces_are_named_once() -> None:
    receipt = Receipt(0, 0, 0, ())
    messages = (Message("system", ("a", "b")), Message("user", ("c", "a")))
    other = Sent((2,), (Message("user", ("d",)),), receipt)
    recipes = (Recipe("here", "m"),) * 2
    asked = RoundAsked(1, "continue", PlaceTarget(START), 0, "", recipes, messages, receipt, others=(other,))
    repacked = RequestRepacked(1, Sent((1,), (Message("user", ("e",)),), receipt, "it was long"))
    end = CandidateEnded("1.1", Ending("finished", "", 0, "d", logprobs="f"))
    assert pieces_named([asked, repacked, end, ended("1.2", 0)]) == ["a", "b", "c", "d", "e", "f"]
    assert pieces_named([asked, asked]) == ["a", "b", "c", "d"]


# the reel


def test_a_long_way_of_the_head_is_not_paid_again() -> None:
    made = Recorded()
    for _ in range(400):
        made.write("w ")
    for _ in range(30):
        made.move(1)
        made.move(400)
    reel = Reel(made.entries)
    # Each move of the head is over 399 changes.
    assert reel.folds < 400 + 60 * 2 * replay.EVERY
    order = list(range(len(made.entries) + 1))
    random.Random(3).shuffle(order)
    for at in order:
        before = reel.folds
        story = reel.story(at)
        assert reel.folds - before <= 2 * replay.EVERY
        words = min(at, 400) if at <= 400 else (1 if at % 2 else 400)
        assert len(story.manuscript.text) == 2 * words


def test_playing_on_folds_no_entry_twice() -> None:
    made = Recorded()
    for _ in range(300):
        made.write("w ")
    reel = Reel(made.entries)
    reel.story(0)
    before = reel.folds
    for at in range(301):
        reel.story(at)
    # Every fourth story was kept.
    assert reel.folds - before == 225


def test_a_journal_that_contradicts_itself_says_where() -> None:
    made = Recorded()
    made.write("one ")
    made.ask()
    bad = seal(
        made.journal.chain, Entry(3, -1, 3, 1, "CandidateEnded", 3, '{"candidate":"9.9","ending":{"kind":"failed","why":"","length":0,"digest":""}}', "")
    )  # fmt: skip
    with pytest.raises(DamagedSession, match="Entry 3"):
        Reel([*made.entries, bad])


def places(film: Film, order: random.Random) -> Iterator[int]:
    found = list(range(len(film) + 1))
    order.shuffle(found)
    yield from found


class Played(Life):
    """At the end of each life its film is looked at, in a random order."""

    def teardown(self) -> None:
        # Nearly all moves of the head are long ones then.
        with patch.object(replay, "EVERY", 1):
            self.look()

    def look(self) -> None:
        reel = Reel(self.entries[: len(self.entries) // 2])
        reel.extend(self.entries[len(self.entries) // 2 :])
        film = Film(reel, idle=5)
        assert len(film.times) == len(film.touches) == len(film.named) == len(film) + 1 == len(reel.heads)
        assert all(left <= right for left, right in pairwise(film.times))
        for at in places(film, random.Random(len(self.entries))):
            wanted = self.live[at]
            assert film.story(Moment(at)) == wanted
            moment = film.moment(film.times[at])
            assert moment.entry >= at
            assert not moment.growing or film.times[moment.entry] == film.times[at]
            assert round_at(film, at) <= len(wanted.rounds)
            # What streams is the beginning of what came.
            for grown in film.moment(film.times[at] - 1).growing:
                assert self.journal.story.candidate(grown.candidate)
        assert film.story(film.moment(film.length)) == by_hand(self.entries)
        steps = 0.0
        while (following := film.following(steps)) is not None:
            assert following > steps
            steps = following
        assert film.entry_at(steps) == len(film)


@pytest.mark.slow
def test_long_films() -> None:
    run_state_machine_as_test(Played, settings=settings(settings.default, stateful_step_count=120, max_examples=300))


TestPlayed = Played.TestCase
TestPlayed.settings = settings(stateful_step_count=40, max_examples=max(40, settings.default.max_examples))


def test_the_head_at_each_entry() -> None:
    made = Recorded()
    one = made.write("one ")
    two = made.write("two ")
    made.ask()
    made.move(one)
    three = made.write("three ")
    assert made.film().reel.heads == [0, one, two, two, one, three]
    assert made.film().reel.story(4).manuscript.text == "one "
    assert made.journal.story.manuscript.holds(Position("b1", 10))
