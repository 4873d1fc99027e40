"""Lines of outlines become beats: in the order picked, nested as they were, with their origins; and back again by undo."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from composer.errors import RefusedError
from composer.story.actions import lines as picking
from composer.story.actions.outline import condense_beat, told_of
from composer.story.candidate import LineTarget, OutlineTarget, Receipt, Recipe, RoundKind, Target
from composer.story.events import BeatAdded, CandidateGrew, Event, MarkMade, RoundAsked, SpliceEdited
from composer.story.fold import apply, unapply, witness
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Beat, BeatText, Slot
from composer.story.spans import Edited, Generated, Span, Written
from composer.story.story import Story
from tests.session.fakes import counting

FIRST = "1. **The lamp**: Wren lights it.\n   - She cleans the glass.\n   - She waits.\n2. **The oil**: It runs low."
SECOND = "- No ship answers.\n- Someone was there all along."


def asked(story: Story, kind: RoundKind, target: Target, *texts: str) -> Story:
    number = len(story.rounds) + 1
    recipes = tuple(Recipe("e", "m", {"temperature": 0.8}, "", n) for n in range(len(texts)))
    happened: list[Event] = [
        RoundAsked(number, kind, target, 0, "", recipes, (), Receipt(0, 1, 0, ())),
        *(CandidateGrew(f"{number}.{n}", 0, text) for n, text in enumerate(texts, 1)),
    ]
    for each in happened:
        story = witness(story, each)  # type: ignore[arg-type]
    return story


def with_beats(*lines: str) -> Story:
    story = Story()
    for at, line in enumerate(lines):
        story = apply(story, BeatAdded(Slot("", at), Beat(f"b{at}", BeatText(summary=line))))
    return story


def marked(story: Story, *pieces: tuple[str, str]) -> Story:
    """Each piece of a candidate marked, by its words."""
    for name, words in pieces:
        start = story.candidate(name).text.index(words)
        story = witness(story, MarkMade(len(story.marks) + 1, name, start, start + len(words)))
    return story


def told(story: Story) -> list[tuple[int, str]]:
    return [(row.depth, row.beat.text.full) for row in story.outline.rows()]


def placed(story: Story, cursor: str = "", candidate: str = "") -> Story:
    asked_round = story.rounds[len(story.rounds) - 1]
    one = story.candidate(candidate) if candidate else None
    chosen, used = picking.picked(story, () if candidate else story.splice, one)
    for event in picking.place_lines(story, asked_round, cursor, chosen, used, counting()):
        before = story
        story = apply(story, event)
        assert unapply(story, event) == before
    return story


def test_a_whole_outline_comes_with_what_stands_below_its_lines() -> None:
    story = placed(asked(Story(), "outline", OutlineTarget(), FIRST), candidate="1.1")
    assert told(story) == [
        (0, "The lamp: Wren lights it."),
        (1, "She cleans the glass."),
        (1, "She waits."),
        (0, "The oil: It runs low."),
    ]
    assert story.placed("1.1")


def test_a_collage_goes_where_the_cursor_stands_in_the_order_marked() -> None:
    story = asked(with_beats("Before.", "Behind."), "outline", OutlineTarget("", 2), FIRST, SECOND)
    story = marked(story, ("1.2", "Someone was there all along."), ("1.1", "The oil**: It runs low."))
    story = placed(story, cursor="b0")
    assert told(story) == [
        (0, "Before."),
        (0, "Someone was there all along."),
        (0, "The oil: It runs low."),
        (0, "Behind."),
    ]
    assert not story.splice


def test_the_origin_of_a_line_is_its_place_in_the_candidate() -> None:
    story = asked(Story(), "outline", OutlineTarget(), FIRST)
    story = placed(marked(story, ("1.1", "She waits.")))
    origin = story.outline.beats[0].text.origin
    assert isinstance(origin, Generated)
    assert FIRST[origin.start : origin.end] == "She waits."


def test_a_line_stands_below_the_line_above_it_only_where_that_was_picked_before() -> None:
    story = asked(Story(), "outline", OutlineTarget(), FIRST, SECOND)
    with_parent = marked(story, ("1.1", "The lamp**: Wren lights it."), ("1.1", "She waits."))
    assert [depth for depth, _ in told(placed(with_parent))] == [0, 1]
    alone = marked(story, ("1.1", "She waits."), ("1.1", "The lamp**: Wren lights it."))
    assert [depth for depth, _ in told(placed(alone))] == [0, 0]
    between = marked(story, ("1.1", "The lamp**: Wren lights it."), ("1.2", "No ship answers."), ("1.1", "She waits."))
    assert [depth for depth, _ in told(placed(between))] == [0, 0, 0]


def test_lines_of_an_expanded_beat_go_below_it_behind_the_one_under_the_cursor() -> None:
    story = with_beats("The lamp.", "The oil.")
    story = apply(story, BeatAdded(Slot("b0", 0), Beat("c0", BeatText(summary="There already."))))
    story = apply(story, BeatAdded(Slot("b0", 1), Beat("c1", BeatText(summary="Last."))))
    story = asked(story, "expand", OutlineTarget("b0", 2), SECOND)
    at_end = placed(story, cursor="b1", candidate="1.1")
    assert [row.beat.text.summary for row in at_end.outline.rows()][2:5] == [
        "Last.",
        "No ship answers.",
        "Someone was there all along.",
    ]
    behind = placed(story, cursor="c0", candidate="1.1")
    assert [row.beat.text.summary for row in behind.outline.rows()][1:3] == ["There already.", "No ship answers."]


def test_a_summary_becomes_what_the_beat_says() -> None:
    story = asked(with_beats("Old."), "summary", LineTarget("b0"), "Wren gives her oil away.")
    story = placed(story, candidate="1.1")
    assert told(story) == [(0, "Wren gives her oil away.")]
    assert story.outline.beats[0].text.origin == Generated("1.1", 0, 24)


@pytest.mark.parametrize("kind", ["expand", "summary"])
def test_a_beat_that_is_gone_is_said(kind: RoundKind) -> None:
    target: Target = OutlineTarget("gone") if kind == "expand" else LineTarget("gone")
    story = asked(with_beats("One."), kind, target, SECOND)
    with pytest.raises(RefusedError, match="not in the outline any more"):
        placed(story, candidate="1.1")


def test_nothing_to_pick_is_said() -> None:
    story = asked(Story(), "outline", OutlineTarget(), "")
    with pytest.raises(RefusedError, match="no line to pick"):
        picking.picked(story, (), story.candidate("1.1"))
    with pytest.raises(RefusedError, match="no outline"):
        picking.picked(story, (), None)


def test_what_the_writer_edited_before_placing_keeps_what_is_left_of_the_candidates() -> None:
    story = asked(Story(), "outline", OutlineTarget(), FIRST, SECOND)
    story = marked(story, ("1.2", "No ship answers."), ("1.1", "She waits."))
    chosen, _ = picking.picked(story, story.splice, None)
    rows = list(picking.rows_of(chosen, story))
    assert ["".join(span.text for span in row) for row in rows] == ["- No ship answers.", "- She waits."]
    rows[0] = (*rows[0], Span(" Not one.", Edited("1.2")))
    rows.append((Span("- By hand alone.", Written()),))
    story = witness(story, SpliceEdited(tuple(mark.number for mark in story.splice), "", tuple(rows)))
    chosen, _ = picking.picked(story, story.splice, None)
    assert [(line.summary, line.origin) for line in chosen] == [
        ("No ship answers. Not one.", Edited("1.2")),
        ("She waits.", Generated("1.1", FIRST.index("She waits"), FIRST.index("She waits") + 10)),
        ("By hand alone.", Written()),
    ]


def test_condensing_keeps_lines_and_text() -> None:
    story = with_beats("")
    story = replace_text(story, BeatText(title="The lamp"))
    for at, line in enumerate(("She cleans the glass.", "She waits.")):
        story = apply(story, BeatAdded(Slot("b0", at), Beat(f"c{at}", BeatText(summary=line))))
    blocks = [Block(f"p{n}", f"c{n}", (Span(f"Text {n}.", Written()),)) for n in range(2)]
    story = with_text(story, blocks)
    assert told_of(story, "b0") == "Text 0.\n\nText 1."
    events = condense_beat(story, "b0")
    after = story
    for event in events:
        after = apply(after, event)
    assert told(after) == [(0, "The lamp")]
    assert after.outline.beats[0].text.notes == "She cleans the glass.\nShe waits."
    assert [block.beat for block in after.manuscript] == ["b0", "b0"]
    for event in reversed(events):
        after = unapply(after, event)
    assert after == story
    with pytest.raises(RefusedError, match="no beats below"):
        condense_beat(with_beats("One."), "b0")


def test_a_beat_without_a_line_says_what_those_below_it_said() -> None:
    story = apply(Story(), BeatAdded(Slot("", 0), Beat("b0", BeatText(notes="x"))))
    for at, line in enumerate(("She waits.", "She sleeps.")):
        story = apply(story, BeatAdded(Slot("b0", at), Beat(f"c{at}", BeatText(summary=line))))
    assert told_of(story, "b0") == "She waits.\n\nShe sleeps."
    for event in condense_beat(story, "b0"):
        story = apply(story, event)
    assert story.outline.beats[0].text.summary == "She waits; She sleeps."


def replace_text(story: Story, text: BeatText) -> Story:
    from dataclasses import replace as with_fields

    outline = story.outline.edit("b0", replace(text))
    return with_fields(story, outline=outline)


def with_text(story: Story, blocks: list[Block]) -> Story:
    from dataclasses import replace as with_fields

    return with_fields(story, manuscript=Manuscript(blocks))
