"""Splices with repaired seams, and candidates taken change by change: texts and origins to the character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import RefusedError
from composer.story.actions import splice as splicing
from composer.story.actions.change import accepted, rewritten
from composer.story.candidate import BeatTarget, Candidate, PlaceTarget, Receipt, Recipe
from composer.story.events import CandidateGrew, MarkMade, RoundAsked, SpliceEdited, TextPlaced
from composer.story.fold import apply, witness
from composer.story.manuscript import START, Fragment, Position
from composer.story.spans import Edited, Generated, Repaired, Span, Spans, Written, text_of
from composer.story.story import Placement, Story


def story_of(*texts: str, kind: str = "continue", base: tuple[Spans, ...] = (), marks: tuple[int, ...] = ()) -> Story:
    """A story with one round whose candidates wrote these texts."""
    recipes = tuple(Recipe("h", "m") for _ in texts)
    asked = RoundAsked(1, kind, BeatTarget(""), 0, "", recipes, (), Receipt(0, 0, 0, ()), base, marks)  # type: ignore[arg-type]
    story = witness(Story(), asked)
    for number, text in enumerate(texts, 1):
        story = witness(story, CandidateGrew(f"1.{number}", 0, text))
    return story


def marked(story: Story, *marks: tuple[str, int, int]) -> Story:
    for candidate, start, end in marks:
        story = witness(story, MarkMade(len(story.marks) + 1, candidate, start, end))
    return story


def origins_fit(story: Story, rows: tuple[Spans, ...]) -> None:
    """Every generated run is exactly its candidate's characters."""
    for row in rows:
        for span in row:
            if isinstance(span.origin, Generated):
                whole = story.candidate(span.origin.candidate).text
                assert whole[span.origin.start : span.origin.end] == span.text


def test_a_seam_is_repaired_and_shown() -> None:
    story = story_of("She waited for the tide and", "The boat came. It was a", "old one.")
    story = marked(story, ("1.1", 0, 27), ("1.2", 0, 23), ("1.3", 0, 8))
    splice = splicing.spliced(story, story.splice)
    assert splice.text == "She waited for the tide and the boat came. It was an old one."
    origins_fit(story, splice.paragraphs)
    repaired = [(span.text, span.origin) for span in splice.paragraphs[0] if isinstance(span.origin, Repaired)]
    assert repaired == [
        (" ", Repaired("space")),
        ("t", Repaired("capital")),
        ("n", Repaired("article")),
        (" ", Repaired("space")),
    ]
    assert [
        (mend.rule, mend.old, mend.new, mend.left, mend.right) for mend in splice.mends if mend.rule != "space"
    ] == [
        ("capital", "The", "the", 1, 2),
        ("article", "a", "an", 2, 3),
    ]
    for mend in splice.mends:
        row, at = mend.at
        assert splice.text.split("\n")[row][at : at + 1]


def test_a_repair_that_is_switched_off_is_told_and_not_made() -> None:
    story = marked(story_of("She waited and", "The boat came."), ("1.1", 0, 14), ("1.2", 0, 14))
    splice = splicing.spliced(story, story.splice, lambda mend: mend.rule == "capital")
    assert splice.text == "She waited and The boat came."
    assert [(mend.rule, mend.off) for mend in splice.mends] == [("capital", True), ("space", False)]


def test_a_mark_across_paragraphs_keeps_them() -> None:
    story = marked(story_of("One.\n\nTwo", "and three."), ("1.1", 0, 9), ("1.2", 0, 10))
    splice = splicing.spliced(story, story.splice)
    assert splice.text == "One.\nTwo and three."


def test_marked_text_of_the_shelf_joins_with_its_origins() -> None:
    piece = ((Span("salt on the glass,", Written()),),)
    story = marked(story_of("a second, smaller fog."))
    story = witness(story, MarkMade(1, "", 0, 18, piece))
    story = marked(story, ("1.1", 0, 22))
    pieces, used = splicing.chosen(story, story.splice, None)
    assert [text_of(row) for row in pieces] == ["salt on the glass, a second, smaller fog."]
    assert pieces[0][0] == Span("salt on the glass,", Written())
    assert used == Placement(("1.1",), (1, 2))


def test_a_placement_uses_its_marks_up_and_undoing_it_brings_them_back() -> None:
    story = marked(story_of("One. Two."), ("1.1", 0, 4))
    _, used = splicing.chosen(story, story.splice, None)
    placed = apply(story, TextPlaced(START, Fragment(), Fragment(), used))
    assert placed.splice == ()
    assert story.splice != ()


def test_what_the_writer_made_of_the_splice_is_placed_until_its_marks_change() -> None:
    story = marked(story_of("One. Two."), ("1.1", 0, 4))
    changed = ((Span("One", Generated("1.1", 0, 3)), Span("!", Edited("1.1"))),)
    story = witness(story, SpliceEdited((1,), "", changed))
    assert splicing.chosen(story, story.splice, None)[0] == changed
    more = marked(story, ("1.1", 5, 9))
    assert text_of(splicing.chosen(more, more.splice, None)[0][0]) == "One. Two."
    again = witness(story, SpliceEdited((1,), "", ()))
    assert text_of(splicing.chosen(again, again.splice, None)[0][0]) == "One."


def test_nothing_marked_and_no_candidate_is_refused() -> None:
    with pytest.raises(RefusedError, match="no candidate"):
        splicing.chosen(Story(), (), None)


BASE = ((Span("She poured ", Written()), Span("the other half back.", Generated("0.9", 3, 23))),)


def test_changes_are_taken_one_by_one_and_what_stays_keeps_its_origin() -> None:
    story = story_of("She tipped the other half away.", kind="polish")
    rewrite = rewritten(BASE, story.candidate("1.1"))
    assert len(rewrite.changes) == 2
    all_taken = accepted(rewrite)
    assert text_of(all_taken[0]) == "She tipped the other half away."
    one = accepted(rewrite, {1})
    assert one == (
        (
            Span("She ", Written()),
            Span("tipped", Generated("1.1", 4, 10)),
            Span(" ", Written()),
            Span("the other half back.", Generated("0.9", 3, 23)),
        ),
    )
    assert text_of(accepted(rewrite, {0, 1})[0]) == text_of(BASE[0])


def test_white_space_around_the_base_stays() -> None:
    story = story_of("lamp", kind="polish")
    rewrite = rewritten(((Span("light ", Written()),),), story.candidate("1.1"))
    assert text_of(accepted(rewrite)[0]) == "lamp "


def test_a_smoothed_splice_uses_the_marks_up() -> None:
    story = marked(story_of("x"), ("1.1", 0, 1))
    asked = RoundAsked(
        2, "smooth", PlaceTarget(Position("", 0)), 0, "", (Recipe("h", "m"),), (), Receipt(0, 0, 0, ()), ((Span("x", Written()),),), (1,)
    )  # fmt: skip
    story = witness(story, asked)
    story = witness(story, CandidateGrew("2.1", 0, "x, then"))
    assert splicing.chosen(story, (), story.candidate("2.1"))[1] == Placement(("2.1",), (1,))


WORDS = st.text(alphabet="abT .,\n“”é我", max_size=30)


@given(st.lists(WORDS, min_size=1, max_size=4), st.data())
def test_origins_cover_every_splice_exactly(texts: list[str], data: st.DataObject) -> None:
    story = story_of(*texts)
    for number, text in enumerate(texts, 1):
        start = data.draw(st.integers(0, len(text)))
        story = marked(story, (f"1.{number}", start, data.draw(st.integers(start, len(text)))))
    off = data.draw(st.sampled_from([lambda mend: False, lambda mend: True, lambda mend: mend.rule == "space"]))
    splice = splicing.spliced(story, story.splice, off)
    origins_fit(story, splice.paragraphs)
    for row in splice.paragraphs:
        assert all(span.text for span in row)


@given(WORDS, WORDS, st.sets(st.integers(0, 5)))
def test_any_choice_of_changes_is_text_with_exact_origins(before: str, after: str, left_out: set[int]) -> None:
    story = story_of(after)
    base = tuple((Span(line, Written()),) if line else () for line in before.split("\n"))
    rewrite = rewritten(base, story.candidate("1.1"))
    origins_fit(story, accepted(rewrite, left_out))
    everything = set(range(len(rewrite.changes)))
    assert "\n".join(text_of(row) for row in accepted(rewrite, everything)) == before


def test_an_unfinished_candidate_has_its_text_so_far() -> None:
    pieces, _ = splicing.chosen(story_of("So far"), (), Candidate("1.1", Recipe("h", "m"), "So far"))
    assert text_of(pieces[0]) == "So far"
