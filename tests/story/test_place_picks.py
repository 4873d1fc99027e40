"""Placing what was picked of drafts: where each beat's marks land, how they are joined, and that one step takes them back."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import RefusedError
from composer.journal.journal import Journal
from composer.story.actions.drafts import Wholes, picks_in, place_picks
from composer.story.candidate import CellTarget, DraftTarget, Receipt, Recipe
from composer.story.events import (
    BeatAdded,
    CandidateGrew,
    DraftsAsked,
    Event,
    MarkMade,
    MarksOrdered,
    RoundAsked,
    SpliceEdited,
    TextEdited,
    TextPlaced,
)
from composer.story.fold import apply, unapply
from composer.story.manuscript import START, Block, Fragment
from composer.story.outline import Beat, BeatText, Slot
from composer.story.spans import Generated, Repaired, Span, Written
from composer.story.story import Placement, Story

RECIPE = Recipe("h", "m")


def ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"n{next(numbers)}"


class Shelf:
    """A story with beats a, b, c (in a chapter) and d, and the cells of drafts in it."""

    def __init__(self, *texts: tuple[str, str]) -> None:
        """`texts` are paragraphs of the manuscript with their beats."""
        self.journal = Journal()
        chapter = Beat("ch", BeatText(title="The crossing", kind="chapter"), (self.beat("b"), self.beat("c")))
        self.record(
            BeatAdded(Slot("", 0), self.beat("a")),
            BeatAdded(Slot("", 1), chapter),
            BeatAdded(Slot("", 2), self.beat("d")),
            DraftsAsked(1, (RECIPE, RECIPE), ("a", "b", "c", "d"), "own"),
        )
        if texts:
            rows = tuple(
                Block(f"p{at}", owner, (Span(text, Written()),) if text else ())
                for at, (text, owner) in enumerate(texts)
            )
            self.record(TextEdited(START, Fragment(), Fragment((), rows), "imported"))
        self.beats: dict[int, str] = {}

    @staticmethod
    def beat(name: str) -> Beat:
        return Beat(name, BeatText(summary=f"{name} happens"))

    @property
    def story(self) -> Story:
        return self.journal.story

    def record(self, *happened: Event) -> None:
        self.journal.record(happened, 1)

    def cell(self, beat: str, text: str, draft: int = 1) -> str:
        """A cell that was written; the name of its candidate."""
        number = len(self.story.rounds) + 1
        target = CellTarget(draft, beat) if beat else DraftTarget(draft)
        self.record(
            RoundAsked(number, "continue", target, 0, "", (RECIPE,), (), Receipt(0, 0, 0, ())),
            CandidateGrew(f"{number}.1", 0, text),
        )
        return f"{number}.1"

    def mark(self, beat: str, candidate: str, start: int = 0, end: int = -1) -> int:
        """Mark a piece, or all of it; the number of the mark."""
        number = len(self.story.marks) + 1
        end = len(self.story.candidate(candidate).text) if end < 0 else end
        self.record(MarkMade(number, candidate, start, end))
        if beat:
            self.beats[number] = beat
        return number

    def place(self) -> tuple[TextPlaced, ...]:
        placed = place_picks(self.story, self.beats, ids())
        self.record(*placed)
        return placed

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The paragraphs of the manuscript with their beats."""
        return [(block.text, block.beat) for block in self.story.manuscript]


def test_each_beat_gets_its_cell_in_the_order_of_the_outline() -> None:
    at = Shelf()
    at.mark("d", at.cell("d", "The gate was shut for the night."))
    at.mark("a", at.cell("a", "They packed before it was light."))
    at.mark("c", at.cell("c", "Nobody asked for papers.\n\nA dog did."))
    placed = at.place()
    assert at.rows == [
        ("They packed before it was light.", "a"),
        ("Nobody asked for papers.", "c"),
        ("A dog did.", "c"),
        ("The gate was shut for the night.", "d"),
    ]
    assert [event.placement for event in placed] == [
        Placement(("2.1",), (2,)),
        Placement(("3.1",), (3,)),
        Placement(("1.1",), (1,)),
    ]
    assert at.story.splice == ()


def test_it_goes_behind_what_stands_there_and_between_its_neighbours() -> None:
    at = Shelf(("It began.", "a"), ("It ended.", "d"), ("A note without a beat.", ""))
    at.mark("a", at.cell("a", "They packed."))
    at.mark("b", at.cell("b", "They walked."))
    at.mark("d", at.cell("d", "They slept."))
    at.place()
    assert at.rows == [
        ("It began.", "a"),
        ("They packed.", "a"),
        ("They walked.", "b"),
        ("It ended.", "d"),
        ("They slept.", "d"),
        ("A note without a beat.", ""),
    ]


def test_the_first_beats_come_before_a_text_that_begins_later() -> None:
    at = Shelf(("It ended.", "d"))
    at.mark("b", at.cell("b", "They walked."))
    at.mark("a", at.cell("a", "They packed."))
    at.place()
    assert at.rows == [("They packed.", "a"), ("They walked.", "b"), ("It ended.", "d")]


def test_an_empty_paragraph_of_the_beat_is_filled_and_one_of_another_is_not() -> None:
    at = Shelf(("It began.", "a"), ("", "b"), ("", "d"))
    at.mark("b", at.cell("b", "They walked."))
    at.mark("c", at.cell("c", "They waited."))
    at.place()
    assert at.rows == [("It began.", "a"), ("They walked.", "b"), ("They waited.", "c"), ("", "d")]
    other = Shelf(("It began.", "a"), ("", "b"))
    other.mark("c", other.cell("c", "They waited."))
    other.place()
    assert other.rows == [("It began.", "a"), ("", "b"), ("They waited.", "c")]


def test_pieces_are_joined_with_repaired_seams_and_whole_cells_stand_apart() -> None:
    at = Shelf()
    first = at.cell("a", "They packed before it was light, and then they ate.")
    second = at.cell("a", "The mule would not. It sat down.", 2)
    third = at.cell("b", "They walked.")
    fourth = at.cell("b", "They ran.", 2)
    at.mark("a", first, 0, 37)
    at.mark("a", second, 0, 19)
    at.mark("b", third)
    at.mark("b", fourth)
    at.place()
    assert at.rows == [
        ("They packed before it was light, and the mule would not.", "a"),
        ("They walked.", "b"),
        ("They ran.", "b"),
    ]
    spans = at.story.manuscript.at(0).spans
    assert [type(span.origin) for span in spans].count(Repaired) == 2


def test_a_piece_joins_the_whole_cell_before_it() -> None:
    at = Shelf()
    at.mark("a", at.cell("a", "They packed."))
    at.mark("a", at.cell("a", "It was cold. They ate.", 2), 0, 12)
    at.mark("a", at.cell("a", "They left.", 2))
    at.place()
    assert at.rows == [("They packed. It was cold. They left.", "a")]


def test_marks_are_joined_in_the_order_that_the_writer_gave_them() -> None:
    at = Shelf()
    at.mark("a", at.cell("a", "First."))
    at.mark("a", at.cell("a", "Second.", 2))
    at.record(MarksOrdered((2, 1)))
    at.place()
    assert at.rows == [("Second.", "a"), ("First.", "a")]


def test_what_the_writer_made_of_a_beat_s_marks_is_placed() -> None:
    at = Shelf()
    number = at.mark("a", at.cell("a", "They packed."))
    at.record(SpliceEdited((number,), "", ((Span("They packed!", Written()),),)))
    at.place()
    assert at.rows == [("They packed!", "a")]


def test_a_whole_draft_in_one_answer_is_placed_piece_by_piece() -> None:
    at = Shelf()
    name = at.cell("", "They packed.\n\nThey walked.\nFar.")
    at.mark("b", name, 14, 31)
    at.mark("a", name, 0, 12)
    assert Wholes(at.story).has(at.story.splice[0])
    at.place()
    assert at.rows == [("They packed.", "a"), ("They walked.", "b"), ("Far.", "b")]
    origin = at.story.manuscript.at(1).spans[0].origin
    assert origin == Generated(name, 14, 26)


def test_whole_cells_stand_apart_also_where_a_number_stands_before_them() -> None:
    at = Shelf()
    first = at.cell("", "[1] They packed.\n\n[2] They walked.\nFar.")
    second = at.cell("", "[1] They slept.\n\n[2] They ran. And ran.", 2)
    at.mark("b", first, 22, 39)
    at.mark("b", second, 21, 39)
    at.mark("a", first, 4, 16)
    at.mark("a", second, 4, 9)
    at.place()
    assert at.rows == [("They packed. They", "a"), ("They walked.", "b"), ("Far.", "b"), ("They ran. And ran.", "b")]


def test_whole_is_what_begins_and_ends_with_paragraphs() -> None:
    at = Shelf()
    name = at.cell("a", " One. Two.\n\nThree.")
    whole = [(0, 18), (1, 10), (0, 12), (1, 18), (12, 18), (10, 18)]
    for start, end in whole:
        at.mark("a", name, start, end)
    for start, end in [(1, 5), (6, 10), (1, 14), (6, 18), (12, 17)]:
        at.mark("a", name, start, end)
    assert [Wholes(at.story).has(mark) for mark in at.story.splice] == [True] * 6 + [False] * 5


def test_marks_without_a_beat_or_whose_beat_is_gone_stay() -> None:
    at = Shelf()
    gone = at.mark("z", at.cell("z", "Nobody will know."))
    other = at.mark("", at.cell("b", "This is of no draft."))
    at.mark("a", at.cell("a", "They packed."))
    assert list(picks_in(at.story, at.beats)) == ["a"]
    at.place()
    assert at.rows == [("They packed.", "a")]
    assert [mark.number for mark in at.story.splice] == [gone, other]


def test_a_beat_that_has_beats_below_by_now_gets_its_own_before_theirs() -> None:
    at = Shelf(("They walked.", "b"))
    at.mark("ch", at.cell("ch", "All of it, at once."))
    at.place()
    assert at.rows == [("All of it, at once.", "ch"), ("They walked.", "b")]


def test_nothing_to_place_is_refused_with_a_next_step() -> None:
    at = Shelf()
    with pytest.raises(RefusedError) as caught:
        place_picks(at.story, {}, ids())
    assert caught.value.next_step
    at.mark("a", at.cell("a", " \n "))
    with pytest.raises(RefusedError):
        place_picks(at.story, at.beats, ids())
    at.mark("b", at.cell("b", "They walked."))
    assert len(at.place()) == 1
    # White space is no text: its mark is left.
    assert [mark.number for mark in at.story.splice] == [1]


def test_one_undo_takes_all_of_it_back_and_brings_the_marks_back() -> None:
    at = Shelf(("It began.", "a"))
    at.mark("a", at.cell("a", "They packed."))
    at.mark("d", at.cell("d", "They slept."))
    before = at.story
    at.place()
    assert len(at.story.manuscript) == 3
    at.journal.undo(2)
    assert at.story.manuscript == before.manuscript
    assert [mark.number for mark in at.story.splice] == [1, 2]
    at.journal.redo(3)
    assert at.rows == [("It began.", "a"), ("They packed.", "a"), ("They slept.", "d")]
    assert at.story.splice == ()


SENTENCES = ("They packed.", "It rained, and.", "The mule sat down!", "A door", "“Not yet,” she said.", "Salt.")
PROSE = st.lists(st.sampled_from((*SENTENCES, "\n", "\n\n")), min_size=1, max_size=5).map(" ".join)


@given(
    st.lists(st.tuples(st.sampled_from("abcdz"), PROSE), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(1, 60)), max_size=8),
    st.lists(st.sampled_from(["a", "b", "c", "d", "", "gone"]), max_size=5),
)
def test_every_character_is_its_candidates_and_all_of_it_can_be_taken_back(
    cells: list[tuple[str, str]], marks: list[tuple[int, int, int]], owners: list[str]
) -> None:
    at = Shelf(*((f"Paragraph {number}.", owner) for number, owner in enumerate(owners)))
    names = [(beat, at.cell(beat, text)) for beat, text in cells]
    for which, start, size in marks:
        beat, name = names[which % len(names)]
        text = at.story.candidate(name).text
        start %= len(text)
        at.mark(beat, name, start, min(len(text), start + size))
    before = at.story
    wanted = picks_in(before, at.beats)
    try:
        placed = at.place()
    except RefusedError:
        assert not any(
            before.candidate(mark.candidate).text[mark.start : mark.end].strip()
            for row in wanted.values()
            for mark in row
        )
        return
    order = [row.beat.id for row in before.outline.rows()]
    landed = [event.put.rest[0].beat for event in placed]
    assert landed == sorted(landed, key=order.index)
    for event in placed:
        assert {block.beat for block in event.put.rest} <= set(wanted)
        for row in event.put.pieces:
            for span in row:
                if isinstance(span.origin, Generated):
                    text = before.candidate(span.origin.candidate).text
                    assert text[span.origin.start : span.origin.end] == span.text
                else:
                    assert isinstance(span.origin, Repaired)
    old = [block for block in at.story.manuscript if block.id.startswith("p")]
    assert old == list(before.manuscript)
    used = {number for event in placed for number in event.placement.marks}
    assert {mark.number for mark in at.story.splice} == {mark.number for mark in before.splice} - used
    story = at.story
    for event in reversed(placed):
        story = unapply(story, event)
    assert story.manuscript == before.manuscript
    again: Story = story
    for event in placed:
        again = apply(again, event)
    assert again.manuscript == at.story.manuscript
