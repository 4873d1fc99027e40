"""What events do, for the cases that random lives seldom meet, and what actions refuse."""

from __future__ import annotations

import itertools

import pytest

from composer.errors import RefusedError
from composer.story.actions import outline as beats
from composer.story.actions import place as placing
from composer.story.actions import splice as splicing
from composer.story.actions import text as texts
from composer.story.candidate import BeatTarget, Candidate, PlaceTarget, Receipt, Recipe, Round
from composer.story.events import CandidateEnded, CandidateGrew, RoundAsked, ShelfChanged
from composer.story.fold import apply, unapply, witness
from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.outline import Beat, BeatText, Outline, Slot
from composer.story.spans import Generated, Imported, Repaired, Span, Written, text_of
from composer.story.story import Mark, Placement, ShelfPiece, Story

_ids = itertools.count()


def new_id() -> str:
    return f"n{next(_ids)}"


def beat(name: str, *below: Beat) -> Beat:
    return Beat(name, BeatText(summary=f"{name} happens"), below)


OUTLINE = Outline((beat("one", beat("a"), beat("b")), beat("two"), beat("three")))


def paragraphs(*texts_and_beats: tuple[str, str]) -> Manuscript:
    return Manuscript(
        Block(f"b{n}", owner, (Span(text, Written()),) if text else ())
        for n, (text, owner) in enumerate(texts_and_beats)
    )


def candidate(text: str, name: str = "1.1") -> Candidate:
    return Candidate(name, Recipe("here", "m"), text)


def asked(target: BeatTarget | PlaceTarget, kind: str = "continue") -> Round:
    return Round(1, kind, target, 0, "", (), Receipt(0, 0, 0, ()), (candidate("x"),), 1, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "way", "order"),
    [
        ("two", "up", ["two", "one", "a", "b", "three"]),
        ("one", "down", ["two", "one", "a", "b", "three"]),
        ("two", "in", ["one", "a", "b", "two", "three"]),
        ("b", "out", ["one", "a", "b", "two", "three"]),
        ("a", "out", ["one", "b", "a", "two", "three"]),
        ("b", "up", ["one", "b", "a", "two", "three"]),
    ],
)
def test_beats_move_with_those_below_them(name: str, way: beats.Way, order: list[str]) -> None:
    story = Story(outline=OUTLINE)
    (event,) = beats.move_beat(story, name, way)
    moved = apply(story, event)
    assert [row.beat.id for row in moved.outline.rows()] == order
    assert unapply(moved, event) == story


@pytest.mark.parametrize(
    ("name", "way"), [("one", "up"), ("three", "down"), ("one", "in"), ("two", "out"), ("gone", "up")]
)
def test_moves_at_the_edge_are_refused_with_a_reason(name: str, way: beats.Way) -> None:
    with pytest.raises(RefusedError) as refusal:
        beats.move_beat(Story(outline=OUTLINE), name, way)
    assert refusal.value.sentence


def test_deleting_a_beat_leaves_its_text_and_undo_brings_it_back() -> None:
    story = Story(outline=OUTLINE, manuscript=paragraphs(("Text of a.", "a")))
    (event,) = beats.delete_beat(story, "one")
    without = apply(story, event)
    assert without.manuscript.text == "Text of a."
    assert texts.beat_at(without, Position("b0", 0)) == ""
    assert unapply(without, event) == story
    assert texts.beat_at(story, Position("b0", 0)) == "a"


def test_leaves_are_numbered_in_reading_order() -> None:
    numbers = {row.beat.id: row.number for row in OUTLINE.rows()}
    assert numbers == {"one": 0, "a": 1, "b": 2, "two": 3, "three": 4}
    assert [each.id for each in OUTLINE.ancestors("b")] == ["one"]


@pytest.mark.parametrize(
    ("name", "where"),
    [("a", ("b1", 2)), ("b", ("b1", 2)), ("two", ("b2", 3)), ("three", ("b2", 3))],
)
def test_where_the_text_of_a_beat_will_stand(name: str, where: tuple[str, int]) -> None:
    story = Story(outline=OUTLINE, manuscript=paragraphs(("Motto", ""), ("Aa", "a"), ("Two", "two")))
    assert placing.end_of_beat(story, name) == Position(*where)


def test_text_of_an_earlier_beat_comes_before_a_later_one() -> None:
    story = Story(outline=OUTLINE, manuscript=paragraphs(("Two", "two")))
    assert placing.end_of_beat(story, "a") == START
    where = placing.landing(story, asked(BeatTarget("a")), START, None, True)
    (event,) = placing.place(story, where, placing.whole(candidate("Aa.")), Placement(("1.1",)), new_id)
    assert apply(story, event).manuscript.text == "Aa.\n\nTwo"


def test_an_empty_paragraph_is_filled_and_not_followed() -> None:
    story = Story(outline=OUTLINE, manuscript=paragraphs(("Aa", "a"), ("", "two")))
    where = placing.landing(story, asked(BeatTarget("two")), START, None, True)
    (event,) = placing.place(story, where, placing.whole(candidate("Yes.\n\nNo.")), Placement(("1.1",)), new_id)
    placed = apply(story, event)
    assert placed.manuscript.text == "Aa\n\nYes.\n\nNo."
    assert {block.beat for block in placed.manuscript.between(1, 3)} == {"two"}
    assert unapply(placed, event) == story


def test_a_whole_candidate_is_a_paragraph_of_its_own_and_o_puts_it_at_the_caret() -> None:
    story = Story(manuscript=paragraphs(("She waited.", "")))
    caret = Position("b0", 11)
    round_ = asked(PlaceTarget(caret))
    for own, text in ((True, "She waited.\n\nNo one came."), (False, "She waited. No one came.")):
        where = placing.landing(story, round_, caret, None, own)
        (event,) = placing.place(story, where, placing.whole(candidate(" No one came.\n")), Placement(("1.1",)), new_id)
        assert apply(story, event).manuscript.text == text


def test_filling_puts_spaces_where_words_meet_and_calls_them_repairs() -> None:
    story = Story(manuscript=paragraphs(("Before[hole]after", "")))
    hole = (Position("b0", 6), Position("b0", 12))
    where = placing.landing(story, asked(PlaceTarget(hole[0], "before", hole[1]), "fill"), START, hole, False)
    (event,) = placing.place(story, where, placing.whole(candidate("the fog")), Placement(("1.1",)), new_id)
    placed = apply(story, event).manuscript.at(0)
    assert placed.text == "Before the fog after"
    assert [span.origin for span in placed.spans] == [
        Written(),
        Repaired("space"),
        Generated("1.1", 0, 7),
        Repaired("space"),
        Written(),
    ]


def test_a_place_that_is_gone_is_refused() -> None:
    story = Story(manuscript=paragraphs(("x", "")))
    with pytest.raises(RefusedError, match="not in the text any more"):
        placing.landing(story, asked(PlaceTarget(Position("gone", 0)), "fill"), START, None, False)


def test_marks_are_joined_in_their_order_across_candidates() -> None:
    story = Story()
    story = witness(
        story,
        RoundAsked(
            1, "continue", BeatTarget(""), 0, "", (Recipe("h", "m"), Recipe("h", "m")), (), Receipt(0, 0, 0, ())
        ),
    )
    story = witness(story, CandidateGrew("1.1", 0, "First one. Second one."))
    story = witness(story, CandidateGrew("1.2", 0, "Other start.\n\nOther end."))
    marks = [Mark(1, "1.2", 0, 12), Mark(2, "1.1", 11, 22), Mark(3, "1.2", 0, 24)]
    joined = splicing.spliced(story, marks).paragraphs
    assert [text_of(row) for row in joined] == ["Other start. Second one. Other start.", "Other end."]
    assert joined[0][1] == Span(" ", Repaired("space"))


def test_pasted_text_from_outside_is_imported_and_loses_its_empty_lines() -> None:
    story = Story(manuscript=paragraphs(("ab", "")))
    at = Position("b0", 1)
    event = texts.imported(story, at, at, "one\n\n\ttwo\n", "paste", new_id)
    pasted = apply(story, event).manuscript
    assert pasted.text == "aone\n\n twob"
    assert pasted.at(0).spans[1].origin == Imported("paste")


def test_replacing_all_is_right_however_many_stand_in_a_paragraph() -> None:
    story = Story(manuscript=paragraphs(("a cat, a cat", ""), ("cat", "")))
    found = [("b0", 2, 5), ("b0", 9, 12), ("b1", 0, 3)]
    before = story
    changes = texts.replaced_all(story, found, "heron")
    for event in changes:
        story = apply(story, event)
    assert story.manuscript.text == "a heron, a heron\n\nheron"
    for event in reversed(changes):
        story = unapply(story, event)
    assert story == before


def test_events_that_contradict_the_story_do_not_fold() -> None:
    story = Story()
    with pytest.raises(KeyError):
        witness(story, CandidateGrew("1.1", 0, "x"))
    with pytest.raises(ValueError, match="not at place"):
        apply(story, ShelfChanged(0, ShelfPiece("p", (), 0), None))
    with pytest.raises(KeyError):
        apply(story, beats.BeatEdited("gone", BeatText(), BeatText(title="x")))
    with pytest.raises(ValueError, match="no place"):
        apply(story, beats.BeatAdded(Slot("", 5), beat("x")))
    with pytest.raises(KeyError):
        witness(story, CandidateEnded("9.1", None))  # type: ignore[arg-type]


def test_nothing_to_delete_keep_or_place_is_refused() -> None:
    story = Story(manuscript=paragraphs(("x", "")))
    for work in (
        lambda: texts.deleted(story, Position("b0", 0), Position("b0", 0)),
        lambda: texts.keep(story, [()], 1, new_id),
        lambda: placing.place(story, placing.Landing(START, START, False, ""), [], Placement(()), new_id),
        lambda: beats.add_beat(story, Slot("", 0), BeatText(summary="  "), new_id),
        lambda: texts.unshelve(story, "nothing"),
    ):
        with pytest.raises(RefusedError):
            work()
