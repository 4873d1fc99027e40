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


def plain(kind: RoundKind, story: Story, start: Position, end: Position | None = None, **more: object) -> Packed:
    return pack(story, Wish(kind, start, end or start, "beat0", form="plain", **more), count, 4000, 300)  # type: ignore[arg-type]


def test_a_base_model_gets_a_text_that_ends_where_it_is_to_go_on() -> None:
    story = story_of(["The first.", "The last one."], ["Wren waits."], "Unseen care.")
    packed = plain("continue", story, end_of(story), instruction="With fog.")
    assert [role for role, _ in packed.messages] == ["user"]
    text = sent(packed)
    assert text.endswith("The first.\n\n[ Next: Wren waits. With fog. ]\n\nThe last one.\n\n")
    assert "Unseen care." in text
    assert wording.SO_FAR not in text
    assert "paragraph that comes next" not in text


def test_a_base_model_fills_from_the_words_before_and_may_be_told_what_follows_apart() -> None:
    story = story_of(["She poured it. It was cold."], ["Wren waits."])
    block = story.manuscript.at(0).id
    together = plain("fill", story, Position(block, 14))
    assert sent(together).endswith("She poured it.")
    assert f"{wording.AFTER}\nIt was cold." in sent(together)
    apart = plain("fill", story, Position(block, 14), suffix=True)
    # The space between is neither's to lose.
    assert apart.messages[-1] == ("suffix", (" It was cold.",))
    assert "It was cold." not in "".join(apart.messages[0][1])
    assert any(part.name == "text after" for part in apart.receipt.parts)


def test_a_base_model_is_shown_the_passage_and_then_asked_for_it_again() -> None:
    story = story_of(["Before it.", "Dull words."], ["Wren waits."])
    block = story.manuscript.at(1).id
    packed = plain("rework", story, Position(block, 0), Position(block, 11), instruction="Brighter.")
    assert f"Before it.\n\n{wording.PASSAGE}\nDull words.\n\n" in sent(packed)
    assert sent(packed).endswith("[ The same passage again, Wren waits. Brighter. ]\n\n")
    assert "Dull words." in sent(packed)


def test_a_begun_answer_is_counted_and_told_apart() -> None:
    story = story_of(["The first."], ["Wren waits."])
    wish = Wish("continue", end_of(story), end_of(story), "beat0", begun="Wren lit the")
    packed = pack(story, wish, count, 4000, 300)
    assert packed.messages[-1] == ("assistant", ("Wren lit the",))
    part = next(part for part in packed.receipt.parts if part.name == "begun answer")
    assert part.tokens == count("Wren lit the")
    without = pack(story, Wish("continue", end_of(story), end_of(story), "beat0"), count, 4000, 300)
    assert packed.receipt.tokens == without.receipt.tokens + part.tokens
