"""Requests fit their window, say what was cut, and hold what the model needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.context import wording
from composer.context.pack import Packed, Wish, pack
from composer.errors import RefusedError
from composer.story.candidate import RoundKind
from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.outline import Beat, BeatText, Outline
from composer.story.spans import Span, Written, length
from composer.story.story import Details, Story


def count(text: str) -> int:
    return len(text) // 3 + 1


def story_of(paragraphs: list[str], beats: list[str], purpose: str = "") -> Story:
    return Story(
        details=Details(purpose=purpose),
        outline=Outline(tuple(Beat(f"beat{n}", BeatText(summary=line)) for n, line in enumerate(beats))),
        manuscript=Manuscript(
            Block(f"b{n}", "", (Span(text, Written()),) if text else ()) for n, text in enumerate(paragraphs)
        ),
    )


def sent(packed: Packed) -> str:
    return "".join(piece for _, pieces in packed.messages for piece in pieces)


def end_of(story: Story) -> Position:
    return story.manuscript.last


def test_the_request_holds_purpose_outline_text_previous_paragraph_and_beat() -> None:
    story = story_of(["The first.", "The second.", "The last one."], ["Wren waits.", "A ship answers."], "Unseen care.")
    packed = pack(story, Wish("continue", end_of(story), end_of(story), "beat1"), count, 4000, 300)
    text = packed.messages[1][1]
    whole = "".join(text)
    order = [wording.PURPOSE, wording.OUTLINE, wording.SO_FAR, wording.PREVIOUS, wording.NEXT]
    assert [whole.index(heading) for heading in order] == sorted(whole.index(heading) for heading in order)
    assert f"{wording.PREVIOUS}\nThe last one.\n\n" in whole
    assert f"{wording.NEXT}\nA ship answers.\n\n" in whole
    assert f"{wording.SO_FAR}\nThe first.\n\nThe second.\n\n" in whole
    assert "> A ship answers." in whole
    assert packed.messages[0][0] == "system"


def test_the_oldest_text_goes_first_and_the_receipt_says_so() -> None:
    paragraphs = [f"Paragraph number {n} says something of its own." for n in range(60)]
    story = story_of(paragraphs, ["Wren waits."])
    packed = pack(story, Wish("continue", end_of(story), end_of(story), "beat0"), count, 800, 100)
    whole = sent(packed)
    assert "number 59" in whole
    assert "number 0 " not in whole
    kept = [n for n in range(60) if f"number {n} " in whole]
    assert kept == list(range(kept[0], 60))
    part = next(part for part in packed.receipt.parts if part.name == "story so far")
    assert part.cut > 0
    assert f"newest {len(kept) - 1} of 59" in part.why


def test_fill_sends_the_text_on_both_sides_and_the_hole() -> None:
    story = story_of(["One.", "Before [how does it end?] after.", "Next."], [])
    start, end = Position("b1", 7), Position("b1", 25)
    whole = sent(pack(story, Wish("fill", start, end, ""), count, 4000, 100))
    assert f"{wording.PREVIOUS}\nBefore\n" in whole
    assert f"{wording.HOLE}\nhow does it end?\n" in whole
    assert f"{wording.AFTER}\nafter." in whole


@pytest.mark.parametrize(
    ("kind", "passage"),
    [
        ("rework", "[one] and [two]"),
        ("rework", "[who knocks?]"),
        ("smooth", "[who knocks?]"),
        ("fill", "[one] and [two]"),
        ("fill", "[a [hole] in it]"),
        ("fill", "plain words"),
    ],
)
def test_what_is_no_hole_to_fill_is_sent_as_it_stands(kind: RoundKind, passage: str) -> None:
    story = story_of([passage], [])
    whole = sent(pack(story, Wish(kind, Position("b0", 0), end_of(story), ""), count, 4000, 100))
    assert f"{wording.PASSAGE}\n{passage}\n" in whole
    assert wording.HOLE not in whole


def test_what_cannot_be_left_out_and_does_not_fit_is_refused_with_figures() -> None:
    story = story_of([], ["word " * 2000])
    with pytest.raises(RefusedError, match="too many"):
        pack(story, Wish("continue", START, START, "beat0"), count, 500, 100)


TEXTS = st.lists(st.text(alphabet="abc de.\u00e9漢", max_size=200), max_size=12)


@given(TEXTS, TEXTS, st.text(max_size=100), st.integers(200, 1500), st.data())
def test_never_over_the_window(
    paragraphs: list[str], beats: list[str], purpose: str, window: int, data: st.DataObject
) -> None:
    story = story_of(paragraphs, beats, purpose)
    place = START
    if paragraphs:
        block = story.manuscript.at(data.draw(st.integers(0, len(paragraphs) - 1)))
        place = Position(block.id, data.draw(st.integers(0, length(block.spans))))
    kind = data.draw(st.sampled_from(["continue", "fill"]))
    try:
        packed = pack(story, Wish(kind, place, place, "beat0" if beats else ""), count, window, 100)
    except RefusedError:
        return
    pieces = [piece for _, row in packed.messages for piece in row]
    assert sum(count(piece) for piece in pieces) <= packed.receipt.tokens
    assert packed.receipt.tokens + 100 <= window
    assert sum(part.tokens for part in packed.receipt.parts) == sum(count(piece) for piece in pieces)
