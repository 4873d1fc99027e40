"""Requests fit their window, hold what the model needs in a fixed order, and say of each part what became of it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer.context import wording
from composer.context.measures import Measures
from composer.context.pack import Packed, pack
from composer.context.presets import PRESETS, rule
from composer.context.wish import Form, Wish
from composer.context.wording import PER_MESSAGE
from composer.errors import RefusedError
from composer.story.candidate import RoundKind
from composer.story.manuscript import START, Manuscript, Position
from composer.story.outline import Beat, BeatText, Outline
from composer.story.shape import Amount, Shape
from composer.story.spans import length
from composer.story.story import Exemplar, Note, Story
from tests.context.stories import (
    case,
    changed,
    check,
    count,
    items_of,
    part_of,
    pieces_of,
    prose,
    run_of,
    sent,
    story_of,
    summarised,
    text_of,
)


def end_of(story: Story) -> Position:
    return story.manuscript.last


def going_on(
    story: Story, window: int = 4_000, beat: str = "beat0", shape: Shape | None = None, **more: object
) -> Packed:
    """A request to continue at the end of the text."""
    wish = Wish("continue", end_of(story), end_of(story), beat, shape=shape or Shape(), **more)  # type: ignore[arg-type]
    return pack(story, wish, count, window, 100)


def long_story(paragraphs: int = 60, words: int = 30) -> Story:
    return story_of([prose(n, words) for n in range(paragraphs)], ["Wren waits."], "Care.")


def fate_of(packed: Packed, name: str, label: str) -> tuple[str, str]:
    return next((item.fate, item.why) for item in items_of(packed, name) if item.label == label)


# what is sent, and in which order


def test_the_request_holds_all_parts_in_order() -> None:
    story = story_of(
        ["The first.", "The second [one].", "The last one.", "Behind it."],
        ["Wren waits.", "A ship answers."],
        "Unseen care.",
    )
    story = replace(
        story,
        notes=(Note("n", "person", "Wren", "Keeps a lamp."),),
        exemplars=(Exemplar("e", "Plain", "It rained. They went."),),
    )
    story = summarised(story_of([*["Old words. " * 200] * 2, *(block.text for block in story.manuscript)]), 2)
    story = replace(
        story,
        details=story_of([], [], "Unseen care.").details,
        outline=story_of([], ["Wren waits.", "A ship answers."]).outline,
        notes=(Note("n", "person", "Wren", "Keeps a lamp."),),
        exemplars=(Exemplar("e", "Plain", "It rained. They went."),),
    )
    start, end = Position("b4", 0), Position("b4", 13)
    packed = pack(story, Wish("rework", start, end, "beat1", "With Wren."), count, 1_000, 100)
    assert [role for role, _ in packed.messages] == ["system", "user"]
    whole = "".join(packed.messages[1][1])
    order = [
        wording.PURPOSE,
        wording.EXEMPLARS,
        wording.NOTES,
        wording.OUTLINE,
        wording.CONDENSED,
        wording.SO_FAR,
        wording.PREVIOUS,
        wording.AFTER,
        wording.PASSAGE,
        wording.INSTRUCTION,
        wording.NEXT,
    ]
    assert [whole.index(f"{heading}\n") for heading in order] == sorted(whole.index(heading) for heading in order)
    assert f"{wording.PREVIOUS}\nThe second [one].\n\n" in whole
    assert f"{wording.NEXT}\nA ship answers.\n\n" in whole
    assert f"{wording.SO_FAR}\nThe first.\n\n" in whole
    assert f"{wording.NOTES}\nWren (person): Keeps a lamp.\n\n" in whole
    assert f"{wording.EXEMPLARS}\nIt rained. They went.\n\n" in whole
    assert "> A ship answers." in whole
    assert [part.name for part in packed.receipt.parts] == [
        "instructions",
        "purpose",
        "exemplars",
        "notes",
        "outline",
        "earlier, condensed",
        "earlier text",
        "previous paragraph",
        "text after",
        "passage",
        "instruction",
        "beat",
        "format",
    ]


def test_a_lens_is_part_of_the_instructions() -> None:
    packed = going_on(story_of(["One."], ["Wren waits."]), lens="as a mentor of ten years.")
    assert text_of(packed, "instructions") == wording.instructions("continue", "as a mentor of ten years")


def test_fill_sends_the_text_on_both_sides_and_the_hole() -> None:
    story = story_of(["One.", "Before [how does it end?] after.", "Next."], [])
    start, end = Position("b1", 7), Position("b1", 25)
    packed = pack(story, Wish("fill", start, end, ""), count, 4000, 100)
    whole = sent(packed)
    assert f"{wording.PREVIOUS}\nBefore\n" in whole
    assert f"{wording.HOLE}\nhow does it end?\n" in whole
    assert f"{wording.AFTER}\nafter.\n\nNext.\n" in whole
    assert [item.label for item in items_of(packed, "text after")] == ["¶2, its end; ¶3"]


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


def test_a_paragraph_that_the_place_parts_is_told_by_its_halves() -> None:
    story = story_of(["She rowed out. The fog took her.", "It rained.", "", "It went on.", "***", "They slept."])
    place = Position("b0", 14)
    packed = pack(story, Wish("fill", place, place, ""), count, 4_000, 100)
    assert [item.label for item in items_of(packed, "previous paragraph")] == ["¶1, its beginning"]
    rest = [(item.label, item.fate, item.why) for item in items_of(packed, "text after")]
    assert rest == [
        ("¶1, its end; ¶2", "kept", "for the join"),
        ("¶4–6", "cut", "stands after the place"),
    ]
    part = part_of(packed, "text after")
    assert part is not None
    assert (part.kept, part.why) == (True, "for the join")
    assert part.cut == count("It went on.\n\n") + count("They slept.\n\n")


def test_what_stands_behind_a_place_is_told_where_nothing_of_it_is_sent() -> None:
    story = story_of(["One.", "She rowed out. The fog took her.", "It rained.", "It went on."])
    place = Position("b1", 14)
    packed = pack(story, Wish("continue", place, place, ""), count, 4_000, 100)
    part = part_of(packed, "text after")
    assert part is not None
    assert (part.kept, part.tokens, part.why) == (False, 0, "after the place that is written for")
    assert [(item.label, item.fate) for item in part.items] == [("¶2, its end", "cut"), ("¶3–4", "cut")]
    assert part.cut == sum(item.tokens for item in part.items) > 0
    assert "fog" not in sent(packed)
    between = Position("b2", 0)
    packed = pack(story, Wish("continue", between, between, ""), count, 4_000, 100)
    assert [item.label for item in items_of(packed, "text after")] == ["¶3–4"]
    assert part_of(going_on(story), "text after") is None


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        (("b0", 0), ("b0", 14), "¶1"),
        (("b0", 4), ("b0", 9), "¶1, its middle"),
        (("b0", 4), ("b2", 10), "¶1, its end; ¶2–3"),
        (("b0", 14), ("b3", 0), "¶2–3"),
        (("b0", 4), ("b3", 2), "¶1, its end; ¶2–3; ¶4, its beginning"),
        (("b2", 10), ("b3", 2), "¶4, its beginning"),
    ],
)
@pytest.mark.parametrize("form", ["chat", "plain"])
def test_the_passage_names_the_paragraphs_that_it_stands_in(
    start: tuple[str, int], end: tuple[str, int], label: str, form: Form
) -> None:
    story = story_of(["She rowed out.", "It was late.", "It rained.", "It went on."])
    wish = Wish("rework", Position(*start), Position(*end), "", "Shorter.", form=form)
    packed = pack(story, wish, count, 4_000, 100)
    found = items_of(packed, "passage" if form == "chat" else "beat")
    assert [(item.label, item.fate) for item in found] == [(label, "kept")]


def test_paragraphs_in_whose_place_the_writer_wrote_are_told_too() -> None:
    story = story_of(["One.", "Two.", "She rowed out.", "It rained."])
    shape = Shape().editing("previous paragraph", "").editing("earlier text", "In other words.")
    wish = Wish("rework", Position("b2", 0), Position("b2", 14), "", "Shorter.", shape=shape.editing("passage", ""))
    packed = pack(story, wish, count, 4_000, 100)
    for name, label in (("earlier text", "¶1"), ("previous paragraph", "¶2"), ("passage", "¶3")):
        (item,) = items_of(packed, name)
        assert (item.label, item.fate) == (label, "cut")
        assert item.why in ("you wrote other words for it", "left out, as you wrote nothing")


def test_a_passage_to_be_condensed_is_sent_without_the_story() -> None:
    story = replace(long_story(), notes=(Note("n", "person", "Wren", "Keeps a lamp."),))
    shape = Shape().editing("instructions", "Write like rain.").muting("passage")
    wish = Wish("condense", START, START, "beat0", "In about 30 words.", passage="What Wren did.", shape=shape)
    packed = pack(story, replace_wish(wish, beat=""), count, 400, 100)
    assert sent(packed) == (
        f"{wording.instructions('condense')}{wording.PASSAGE}\nWhat Wren did.\n\n"
        f"{wording.INSTRUCTION}\nIn about 30 words.\n\n"
    )
    plain = pack(story, replace_wish(wish, beat="", form="plain"), count, 400, 100)
    assert "What Wren did." in sent(plain)
    assert "In about 30 words. ]" in sent(plain)


def replace_wish(wish: Wish, **more: object) -> Wish:
    return Wish(**{**{name: getattr(wish, name) for name in Wish.__struct_fields__}, **more})  # type: ignore[arg-type]


def test_where_nothing_is_there_the_model_is_told_to_begin() -> None:
    packed = pack(Story(), Wish("continue", START, START, ""), count, 400, 100)
    assert packed.messages[1] == ("user", (f"{wording.NEXT}\n{wording.BEGINNING}",))
    with pytest.raises(RefusedError, match="3 too many"):
        pack(Story(), Wish("continue", START, START, ""), count, packed.receipt.tokens - 3, 0)


# what does not fit


def test_the_oldest_text_goes_first_and_the_receipt_says_so() -> None:
    packed = going_on(long_story(), 1_000)
    whole = sent(packed)
    kept = [n for n in range(60) if f"Paragraph {n} " in whole]
    assert kept == list(range(kept[0], 60))
    assert kept[0] > 40
    part = part_of(packed, "earlier text")
    assert part is not None
    assert part.kept
    story = long_story()
    total = Measures(count).of(story.manuscript).total(0, 59)
    left = Measures(count).of(story.manuscript).total(0, kept[0])
    assert part.why == f"the newest {total - left:,} of {total:,} tokens"
    assert part.cut == left
    assert [(item.label, item.fate, item.why) for item in part.items] == [
        (f"¶1–{kept[0]}", "cut", "older than what fits"),
        (f"¶{kept[0] + 1}–59", "kept", "among the newest"),
    ]
    # What is left over is less than the next paragraph.
    assert 1_000 - 100 - packed.receipt.tokens <= count(story.manuscript.at(0).text + "\n\n")


def test_all_of_it_goes_where_there_is_room() -> None:
    packed = going_on(long_story(), 100_000)
    part = part_of(packed, "earlier text")
    assert part is not None
    assert (part.why, part.cut) == ("all of it", 0)
    assert [(item.label, item.fate, item.why) for item in part.items] == [("¶1–59", "kept", "")]


def test_parts_give_way_in_the_order_that_is_stated() -> None:
    story = replace(
        long_story(30),
        outline=Outline(tuple(Beat(f"beat{n}", BeatText(summary=f"Wren waits {n}. " * 3)) for n in range(8))),
        notes=(Note("n", "person", "Wren", "She keeps the lamp and counts all of its nights. " * 2),),
        exemplars=(Exemplar("e", "Plain", "It rained, and they went on as before. " * 2),),
    )
    story = summarised(story, 20, "In short: {n}.")
    names = ("earlier text", "earlier, condensed", "exemplars", "outline", "notes", "purpose")
    shape = Shape(pinned=names)
    short: dict[str, int] = {}
    for window in range(6_000, 300, -20):
        for part in going_on(story, window, shape=shape).receipt.parts:
            if part.cut:
                short.setdefault(part.name, window)
    assert list(short) == [*names, "previous paragraph"]


def test_of_a_previous_paragraph_that_is_too_long_the_end_stays() -> None:
    story = story_of([f"{'It began. ' * 2000}And so it ended here.", "Behind it."], ["Wren waits."])
    wish = Wish("continue", Position("b0", 20_021), Position("b0", 20_021), "beat0")
    packed = pack(story, wish, count, 400, 100)
    text = text_of(packed, "previous paragraph")
    assert text.startswith(f"{wording.PREVIOUS}\nIt began. ") or text.startswith(f"{wording.PREVIOUS}\nbegan. ")
    assert text.endswith("And so it ended here.\n\n")
    part = part_of(packed, "previous paragraph")
    assert part is not None
    assert part.why == "its end alone fits"
    kept, cut = part.items
    assert (kept.label, kept.fate, kept.tokens) == ("¶1: the end", "kept", part.tokens)
    assert (cut.label, cut.fate, cut.tokens) == ("¶1: the rest", "cut", part.cut)
    assert packed.receipt.tokens > 280


def test_of_other_texts_that_are_too_long_the_beginning_stays() -> None:
    story = story_of(["One.", f"Two [gap] and then {'it rained. ' * 900}"], [], "For care. " * 2_000)
    packed = pack(story, Wish("fill", Position("b1", 4), Position("b1", 9), ""), count, 700, 100)
    assert text_of(packed, "purpose").startswith(f"{wording.PURPOSE}\nFor care. ")
    assert part_of(packed, "purpose").why == "its beginning alone fits"  # type: ignore[union-attr]
    story = story_of(["One.", f"Two [gap] and then {'it rained. ' * 900}"])
    packed = pack(story, Wish("fill", Position("b1", 4), Position("b1", 9), ""), count, 700, 100)
    assert text_of(packed, "text after").startswith(f"{wording.AFTER}\nand then it rained.")
    assert text_of(packed, "text after").endswith("rained.\n\n")


def test_what_cannot_be_left_out_and_does_not_fit_is_refused_with_figures() -> None:
    story = story_of([], ["word " * 2000])
    with pytest.raises(RefusedError) as refused:
        pack(story, Wish("continue", START, START, "beat0", "Be brief."), count, 500, 100)
    beat = count(f"{wording.NEXT}\n{'word ' * 2000}\n\n")
    core = [wording.instructions("continue"), f"{wording.INSTRUCTION}\nBe brief.\n\n"]
    needed = beat + sum(map(count, core)) + 2 * PER_MESSAGE
    assert refused.value.sentence == (
        f"The instruction and the beat alone need {needed:,} tokens; of a window of 500 there are 400 beside the 100 for "
        f"the answer: {needed - 400:,} too many; "
        f"the beat takes {beat:,} of them."
    )
    assert refused.value.next_step == "Shorten the beat, or choose a model with a larger window."


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"begun": "Wren lit the lamp. " * 200}, "the answer as far as it has come takes"),
        ({"instruction": "Much fog. " * 400}, "Shorten the instruction"),
        ({"kind": "polish", "passage": "She went out. " * 400}, "Take a shorter passage"),
        ({"kind": "polish", "passage": "She went out. " * 400, "form": "plain"}, "Take a shorter passage"),
        (
            {"shape": Shape(edits=(("instructions", "Write well. " * 400),))},
            "the instructions, as you wrote them, take",
        ),
    ],
)
def test_a_refusal_names_what_is_too_large(more: dict[str, object], named: str) -> None:
    story = story_of(["One."], ["Wren waits."])
    wish = Wish(**{"kind": "continue", "start": end_of(story), "end": end_of(story), "beat": "beat0", **more})  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        pack(story, wish, count, 500, 100)
    assert named in str(refused.value)
    assert "too many" in str(refused.value)


def test_the_core_may_fill_the_window_to_the_last_token() -> None:
    story = story_of(["One.", "Two."], ["Wren waits."])
    needed = going_on(story, 9_000, shape=Shape("bare").muting("previous paragraph")).receipt.tokens
    packed = going_on(story, needed + 100)
    assert packed.receipt.tokens == needed
    assert part_of(packed, "previous paragraph").why == "no room"  # type: ignore[union-attr]
    for less in range(1, 9):
        with pytest.raises(RefusedError, match=f": {less} too many"):
            going_on(story, needed + 100 - less)


def test_a_window_smaller_than_the_reserve_is_refused() -> None:
    story = story_of(["One."], ["Wren waits."])
    with pytest.raises(RefusedError, match="a window of 50 there are 0 beside the 100"):
        pack(story, Wish("continue", end_of(story), end_of(story), "beat0"), count, 50, 100)


# amounts


def test_lean_sends_the_likest_and_little_of_it() -> None:
    words = [prose(n) for n in range(80)]
    words[11] = "Marta hid the parcel in the attic. " * 5
    story = replace(
        story_of(words, ["Marta looks for the parcel."], "Care."),
        exemplars=(
            Exemplar("a", "Sea", "Waves and waves. " * 20),
            Exemplar("b", "Salt", "A parcel, an attic, Marta. " * 20),
        ),
        notes=(Note("n", "fact", "Parcel, the parcel", "Unpaid."), Note("m", "place", "Ferry", "Slow.")),
    )
    packed = going_on(story, 20_000, shape=Shape("lean"))
    part = part_of(packed, "earlier text")
    assert part is not None
    assert 700 < part.tokens <= 1_000
    assert "hid the parcel" in text_of(packed, "earlier text")
    kept = [run_of(item.label) for item in part.items if item.fate == "kept"]
    joints = sum(left[-1] + 1 < right[0] for left, right in itertools.pairwise(kept))
    assert joints > 1
    assert text_of(packed, "earlier text").count(wording.GAP) == joints
    assert next(item.why for item in part.items if 11 in run_of(item.label)) == "like the beat"
    assert part.why.startswith("lean: the newest and likest ")
    # The newest third keeps the thread.
    assert items_of(packed, "earlier text")[-1].label.endswith("–79")
    assert [(item.label, item.fate) for item in items_of(packed, "exemplars")] == [("Sea", "cut"), ("Salt", "kept")]
    assert [(item.label, item.fate) for item in items_of(packed, "notes")] == [
        ("Parcel, the parcel", "kept"),
        ("Ferry", "cut"),
    ]
    assert part_of(packed, "purpose").kept  # type: ignore[union-attr]


def test_lean_holds_the_outline_short() -> None:
    beats = [f"Wren waits for ship number {n} and counts to {n}." for n in range(120)]
    packed = going_on(story_of(["One.", "Two."], beats), 20_000, "beat60", Shape("lean"))
    outline = part_of(packed, "outline")
    assert outline is not None
    assert 200 < outline.tokens <= 300
    assert outline.why == "the beats around the present one"
    assert "> Wren waits for ship number 60 " in sent(packed)
    assert "number 61 " in sent(packed)
    assert "number 59 " in sent(packed)


def test_bare_sends_next_to_nothing() -> None:
    story = replace(
        story_of(["One.", "Two [gap] three.", "Four."], ["Wren waits."], "Care."),
        notes=(Note("n", "person", "Wren", "A lamp."),),
        exemplars=(Exemplar("e", "Plain", "It rained."),),
    )
    shape = Shape("bare")
    packed = going_on(story, shape=shape, instruction="With fog.")
    assert "".join(packed.messages[1][1]) == (
        f"{wording.PREVIOUS}\nFour.\n\n{wording.INSTRUCTION}\nWith fog.\n\n{wording.NEXT}\nWren waits.\n\n"
    )
    left_out = {part.name for part in packed.receipt.parts if part.why == "bare: left out"}
    assert left_out == {"purpose", "exemplars", "notes", "outline", "earlier text"}
    assert all(part.cut and not part.kept for part in packed.receipt.parts if part.why == "bare: left out")
    place = Position("b1", 4), Position("b1", 9)
    assert wording.AFTER in sent(pack(story, Wish("fill", *place, "", shape=shape), count, 4000, 100))
    reworked = pack(story, Wish("rework", *place, "", shape=shape), count, 4000, 100)
    assert wording.AFTER not in sent(reworked)
    assert part_of(reworked, "text after").why == "bare: left out"  # type: ignore[union-attr]


def test_the_table_says_what_it_does() -> None:
    assert rule("lean", "earlier text").words == "what is most like the beat, at most 1,000 tokens"
    assert rule("lean", "exemplars").words == "the one most like the beat, at most a fifth of the room"
    assert rule("bare", "text after").words == "left out, but for fill"
    assert rule("full", "outline").words == "at most a quarter of the room"
    assert rule("full", "purpose").words == "all that fits"
    assert rule("full", "beat") == rule("bare", "beat")
    assert PRESETS["full"].keys() == PRESETS["lean"].keys() == PRESETS["bare"].keys()


def test_shares_hold_where_not_all_fits_and_what_is_left_is_offered_again() -> None:
    notes = tuple(Note(f"n{n}", "fact", f"Wren{n}", "A night of rain and no ship. " * 4) for n in range(20))
    beat = " ".join(note.name for note in notes)
    story = replace(long_story(100), notes=notes, outline=Outline((Beat("beat0", BeatText(summary=beat)),)))
    packed = going_on(story, 2_000)
    part = part_of(packed, "notes")
    assert part is not None
    assert 200 < part.tokens < 400
    assert f"{sum(item.fate == 'kept' for item in part.items)} of 20" in part.why
    # The same where the text needs next to nothing of its room.
    short = replace(story, manuscript=story_of(["One.", "Two."]).manuscript)
    packed = going_on(short, 1_000)
    offered = part_of(packed, "notes")
    assert offered is not None
    assert offered.tokens > 400
    assert part_of(packed, "earlier text").why == "all of it"  # type: ignore[union-attr]
    assert 1_000 - 100 - packed.receipt.tokens < 60


# the writer's levers


def test_what_is_muted_stays_here_and_is_told() -> None:
    story = replace(
        long_story(10),
        notes=(Note("n", "person", "Wren", "A lamp."), Note("m", "person", "Wren's gull", "Loud.", pinned=True)),
        exemplars=(Exemplar("e", "Plain", "It rained."), Exemplar("f", "Rich", "It poured.", muted=True)),
    )
    shape = (
        Shape()
        .muting("purpose")
        .muting("notes")
        .muting("exemplars:e")
        .muting("previous paragraph")
        .muting("earlier text")
    )
    packed = going_on(story, shape=shape.muting("beat"))
    for name in ("purpose", "notes", "exemplars", "previous paragraph", "earlier text"):
        part = part_of(packed, name)
        assert part is not None
        assert (part.kept, part.tokens, part.why, part.first) == (False, 0, "muted by you", part.last)
        assert part.cut > 0
        assert all(item.fate == "muted" for item in part.items)
    assert part_of(packed, "beat").kept  # type: ignore[union-attr]
    assert "Paragraph" not in sent(packed)
    # One thing of a part that is out may be pinned, and comes in.
    packed = going_on(story, shape=shape.pinning("notes:m").pinning("exemplars:f"))
    assert "gull" in sent(packed)
    assert "A lamp." not in sent(packed)
    assert "It poured." in sent(packed)


def test_what_is_pinned_goes_in_first_whatever_the_amount() -> None:
    story = replace(
        long_story(60),
        exemplars=(Exemplar("e", "Plain", "It rained. " * 60), Exemplar("f", "Rich", "It poured. " * 60)),
        notes=(Note("n", "place", "Ferry", "Slow and loud. " * 10), Note("m", "place", "Bridge", "Old.", pinned=True)),
    )
    packed = going_on(story, 900, shape=Shape("bare").pinning("exemplars"))
    assert [item.fate for item in items_of(packed, "exemplars")] == ["kept", "kept"]
    assert part_of(packed, "exemplars").why == "pinned"  # type: ignore[union-attr]
    assert [(item.label, item.fate) for item in items_of(packed, "notes")] == [("Ferry", "cut"), ("Bridge", "kept")]
    packed = going_on(story, 900, shape=Shape("bare").pinning("notes:n"))
    assert [item.fate for item in items_of(packed, "notes")] == ["kept", "kept"]
    packed = going_on(story, 900, shape=Shape("bare").pinning("earlier text"))
    earlier = part_of(packed, "earlier text")
    assert earlier is not None
    assert earlier.why.startswith("pinned: the newest ")
    assert earlier.tokens > 400
    packed = going_on(story, 900, shape=Shape("lean").pinning("purpose").pinning("outline"))
    assert part_of(packed, "purpose").why == part_of(packed, "outline").why == "pinned"  # type: ignore[union-attr]


def test_what_is_pinned_goes_before_notes_that_are_near() -> None:
    story = replace(
        long_story(40),
        notes=(Note("n", "person", "Wren", "She keeps the lamp. " * 30),),
        outline=Outline(tuple(Beat(f"beat{n}", BeatText(summary=f"Wren waits {n}. " * 3)) for n in range(12))),
    )
    free = going_on(story, 700)
    assert part_of(free, "notes").kept or part_of(free, "earlier text").kept  # type: ignore[union-attr]
    pinned = going_on(story, 560, shape=Shape().pinning("outline"))
    assert part_of(pinned, "outline").why == "pinned"  # type: ignore[union-attr]
    assert not part_of(pinned, "notes").kept  # type: ignore[union-attr]


def test_pinned_things_go_before_better_ones() -> None:
    notes = (Note("n", "person", "Wren", "Wren. " * 60), Note("m", "place", "Ferry", "Slow. " * 60))
    packed = going_on(replace(long_story(40), notes=notes), 600, shape=Shape().pinning("notes:m"))
    assert [item.fate for item in items_of(packed, "notes")] == ["cut", "kept"]


def test_pinned_parts_take_the_room_of_others() -> None:
    story = replace(long_story(40), exemplars=(Exemplar("e", "Plain", "It rained. " * 120),))
    free = going_on(story, 1_000)
    assert not part_of(free, "exemplars").kept  # type: ignore[union-attr]
    pinned = going_on(story, 1_000, shape=Shape().pinning("exemplars:e"))
    assert part_of(pinned, "exemplars").kept  # type: ignore[union-attr]
    fewer, more = (part_of(packed, "earlier text").tokens for packed in (pinned, free))  # type: ignore[union-attr]
    assert fewer < more


def test_an_edit_takes_the_place_of_a_part() -> None:
    story = replace(long_story(10), notes=(Note("n", "person", "Wren", "A lamp."),))
    shape = Shape().editing("earlier text", "Before all that, nothing.").editing("beat", "Two ships answer.")
    shape = (
        shape.editing("notes", f"{wording.NOTES}\nNobody here.\n\n").editing("purpose", "").editing("outline", "- one")
    )
    packed = going_on(story, shape=shape.editing("instructions", "Write like rain."))
    assert packed.messages[0] == ("system", ("Write like rain.",))
    assert f"{wording.SO_FAR}\nBefore all that, nothing.\n\n{wording.PREVIOUS}" in sent(packed)
    assert "Paragraph 3" not in sent(packed)
    assert f"{wording.NEXT}\nTwo ships answer.\n\n" in sent(packed)
    assert text_of(packed, "notes") == f"{wording.NOTES}\nNobody here.\n\n"
    assert text_of(packed, "outline") == f"{wording.OUTLINE}\n- one\n\n"
    edited = {part.name: part.why for part in packed.receipt.parts if part.edited}
    assert edited == {
        "instructions": "as you wrote it",
        "purpose": "left out, as you wrote nothing",
        "notes": "as you wrote it",
        "outline": "as you wrote it",
        "earlier text": "as you wrote it",
        "beat": "as you wrote it",
    }
    assert not part_of(packed, "purpose").kept  # type: ignore[union-attr]


def test_a_part_that_is_edited_and_muted_is_out() -> None:
    packed = going_on(long_story(3), shape=Shape().editing("purpose", "Other.").muting("purpose"))
    assert "Other." not in sent(packed)
    assert (part_of(packed, "purpose").why, part_of(packed, "purpose").edited) == ("muted by you", False)  # type: ignore[union-attr]
    story = replace(long_story(3), notes=(Note("n", "person", "Wren", "A lamp."),))
    packed = going_on(story, shape=Shape().editing("notes", "Other.").muting("notes"))
    assert [item.fate for item in items_of(packed, "notes")] == ["muted"]


def test_edited_instructions_keep_the_lens_of_each_candidate() -> None:
    shape = Shape().editing("instructions", "Write like rain.")
    packed = going_on(long_story(3), shape=shape, lens="as a mentor")
    assert text_of(packed, "instructions") == "Write like rain. Write as a mentor."
    shape = Shape().editing("instructions", "Write as a mentor would.")
    assert (
        text_of(going_on(long_story(3), shape=shape, lens="as a mentor"), "instructions") == "Write as a mentor would."
    )


def test_an_edit_for_a_base_model_may_be_the_note_or_the_beat() -> None:
    story = story_of(["One."], ["Wren waits."])
    texts = ("[ Next: Two ships. ]", "Two ships.")
    sent_texts = {sent(going_on(story, shape=Shape().editing("beat", text), form="plain")) for text in texts}
    assert sent_texts == {"Outline:\n> Wren waits.\n\n[ Next: Two ships. ]\n\nOne.\n\n"}


def test_the_strategy_of_a_part_may_be_chosen() -> None:
    words = [prose(n) for n in range(80)]
    words[11] = "Marta hid the parcel in the attic. " * 5
    story = story_of(words, ["Marta looks for the parcel."])
    assert "hid the parcel" not in sent(going_on(story, 1_500))
    assert "hid the parcel" in sent(going_on(story, 1_500, shape=Shape().choosing("earlier text", "likest")))
    lean = Shape("lean").choosing("earlier text", "newest")
    assert "hid the parcel" not in sent(going_on(story, 9_000, shape=lean))
    samples = tuple(Exemplar(f"e{n}", f"S{n}", f"Sample {n}: {'parcel ' * (9 - n)}{'rain ' * 90}") for n in range(9))
    story = replace(story, exemplars=samples)
    kept = [item.label for item in items_of(going_on(story, 2_500), "exemplars") if item.fate == "kept"]
    assert kept == ["S0", "S1"]
    packed = going_on(story, 2_500, shape=Shape().choosing("exemplars", "newest"))
    assert [item.label for item in items_of(packed, "exemplars") if item.fate == "kept"] == ["S7", "S8"]
    assert fate_of(packed, "exemplars", "S0") == ("cut", "older than what fits")


# notes and exemplars


def test_notes_come_where_their_names_are_near() -> None:
    paragraphs = ["Ilse was far away then.", "Old Marta slept.", "The ferry came.", "Nobody spoke."]
    story = replace(
        story_of(paragraphs, ["Wren waits."]),
        notes=(
            Note("a", "person", "Wren", "Keeps a lamp."),
            Note("b", "person", "Ilse", "Weighs salt."),
            Note("c", "person", "Marta", ""),
            Note("d", "place", "ferry, the barge", "Slow."),
            Note("e", "fact", "", "All debts are paid in spring."),
            Note("f", "fact", "", ""),
            Note("g", "place", "Gate", "Shut.", pinned=True),
        ),
    )
    packed = going_on(story, instruction="With fog.")
    found = {item.thing: (item.fate, item.why) for item in items_of(packed, "notes")}
    assert found == {
        "a": ("kept", "named near"),
        "b": ("cut", "its name does not occur near"),
        "c": ("kept", "named near"),
        "d": ("kept", "named near"),
        "e": ("cut", "its name does not occur near"),
        "g": ("kept", "pinned"),
    }
    assert text_of(packed, "notes") == (
        f"{wording.NOTES}\nWren (person): Keeps a lamp.\n\nMarta (person)\n\nferry, the barge (place): Slow.\n\n"
        "Gate (place): Shut.\n\n"
    )
    assert "Weighs salt." in sent(going_on(story, instruction="Ilse comes back."))
    assert "Weighs salt." in sent(going_on(story, lens="as Ilse would tell it"))
    assert "Weighs salt." in sent(going_on(story, shape=Shape().editing("beat", "Ilse waits.")))
    wish = Wish("rework", Position("b0", 0), Position("b0", 4), "")
    assert "Weighs salt." in sent(pack(story, wish, count, 4_000, 100))
    wish = Wish("fill", Position("b0", 0), Position("b0", 0), "")
    assert "Weighs salt." in sent(pack(story, wish, count, 4_000, 100))


def test_where_room_is_short_the_nearest_notes_stay() -> None:
    notes = tuple(
        Note(f"n{n}", "person", name, "She is " + "very " * 60 + "old.") for n, name in enumerate(("Ada", "Bea", "Cia"))
    )
    story = replace(long_story(40), notes=notes)
    packed = going_on(story, 1_000, instruction="Bea comes. Ada and Bea quarrel about Cia.")
    assert [item.fate for item in items_of(packed, "notes")] == ["cut", "kept", "cut"]
    packed = going_on(story, 1_000, shape=Shape().pinning("notes:n2"), instruction="Bea comes, Bea goes.")
    assert [item.fate for item in items_of(packed, "notes")] == ["cut", "kept", "kept"]


def test_exemplars_are_parted_and_the_least_like_is_cut() -> None:
    samples = ("Rain on slate. ", "A ledger of salt. ", "Salt again, a ledger. ")
    story = replace(
        story_of([prose(n, 40) for n in range(40)], ["The ledger and the salt."]),
        exemplars=tuple(Exemplar(f"e{n}", f"S{n}", text * 20) for n, text in enumerate(samples)),
    )
    packed = going_on(story, 1_800)
    assert fate_of(packed, "exemplars", "S0") == ("cut", "lowest likeness")
    assert text_of(packed, "exemplars").count(wording.BETWEEN) == 1
    assert part_of(packed, "exemplars").why == "2 of 3: no room for more"  # type: ignore[union-attr]
    assert part_of(going_on(story, 50_000), "exemplars").why == "all of it"  # type: ignore[union-attr]


# the outline


def test_the_outline_shrinks_to_the_chapter_and_then_around_the_beat() -> None:
    chapters = tuple(
        Beat(
            f"c{chapter}",
            BeatText(title=f"Chapter {chapter}"),
            tuple(
                Beat(f"c{chapter}.{n}", BeatText(summary=f"In {chapter}, thing {n} happens to them."))
                for n in range(12)
            ),
        )
        for chapter in range(6)
    )
    story = replace(story_of([prose(n, 40) for n in range(40)]), outline=Outline(chapters))
    whys = {}
    for window in (60_000, 2_000, 450):
        packed = going_on(story, window, "c3.4")
        whys[window] = part_of(packed, "outline").why  # type: ignore[union-attr]
        assert "  > In 3, thing 4 happens" in text_of(packed, "outline")
        check_outline = text_of(packed, "outline")
        assert ("In 2, thing 4" in check_outline) == (window == 60_000)
        assert ("- Chapter 1\n- Chapter 2\n" in check_outline) == (window == 2_000)
    assert list(whys.values()) == [
        "all of it, the present beat marked",
        "other chapters as titles only",
        "the beats around the present one",
    ]


# earlier text in few words


def test_what_is_not_sent_as_written_is_told_by_its_summary() -> None:
    story = story_of([prose(n, 60) for n in range(120)], ["Wren waits."])
    story = summarised(story, 90, "In short, {n} things happened.")
    story = changed(story, "b3", "All was changed here, and nobody knew of it at all.")
    packed = going_on(story, 3_000)
    items = items_of(packed, "earlier, condensed")
    assert len(items) > 2
    assert items[0].thing == "b0"
    assert items[0].stale
    assert "stale: edited since" in items[0].why
    assert not items[1].stale
    assert items[1].why.startswith("from ")
    earlier = items_of(packed, "earlier text")
    assert [(item.fate, item.why) for item in earlier] == [
        ("condensed", "told by its summary"),
        ("cut", "older than what fits"),
        ("kept", "among the newest"),
    ]
    assert earlier[0].label == "¶1–90"
    assert "1 stale" in part_of(packed, "earlier, condensed").why  # type: ignore[union-attr]
    # As they stand in the story.
    text = text_of(packed, "earlier, condensed")
    assert [text.index(f"short, {n} things") for n in range(len(items))] == sorted(
        text.index(f"short, {n} things") for n in range(len(items))
    )


def test_where_all_text_fits_no_summary_is_sent_but_a_pinned_one() -> None:
    story = summarised(long_story(90, 90), 60)
    packed = going_on(story, 60_000)
    assert part_of(packed, "earlier, condensed") is None
    packed = going_on(story, 60_000, shape=Shape().pinning("earlier, condensed:b0"))
    assert [item.thing for item in items_of(packed, "earlier, condensed")] == ["b0"]
    packed = going_on(story, 60_000, shape=Shape().pinning("earlier, condensed"))
    assert len(items_of(packed, "earlier, condensed")) > 1


def test_a_section_that_is_sent_whole_needs_no_summary() -> None:
    story = summarised(story_of([prose(n, 60) for n in range(120)]), 119)
    packed = going_on(story, 9_000, "")
    kept = next(item for item in items_of(packed, "earlier text") if item.fate == "kept")
    first = run_of(kept.label)[0]
    told = [run_of(item.label) for item in items_of(packed, "earlier, condensed")]
    assert told
    assert all(run[0] < first for run in told)
    assert told[-1][-1] + 1 >= first


def test_summaries_hold_to_their_share_the_newest_first() -> None:
    story = story_of([prose(n, 90) for n in range(400)], ["Wren waits."])
    story = summarised(story, 380, "Much happened {n}. " * 12)
    packed = going_on(story, 3_000)
    part = part_of(packed, "earlier, condensed")
    assert part is not None
    assert 0 < part.tokens <= 950
    fates = [item.fate for item in part.items]
    assert fates == sorted(fates)
    assert {"cut", "kept"} == set(fates)
    assert 0 < part_of(going_on(story, 9_000, shape=Shape("lean")), "earlier, condensed").tokens <= 500  # type: ignore[union-attr]
    muted = going_on(story, 3_000, shape=Shape().muting(f"earlier, condensed:{part.items[-1].thing}"))
    assert items_of(muted, "earlier, condensed")[-1].fate == "muted"
    pinned = going_on(story, 3_000, shape=Shape().pinning(f"earlier, condensed:{part.items[0].thing}"))
    assert items_of(pinned, "earlier, condensed")[0].fate == "kept"


def test_a_summary_that_is_no_shorter_than_its_text_is_not_sent() -> None:
    story = summarised(long_story(80, 60), 40, "Far too many words were made of it. " * 500)
    packed = going_on(story, 2_000)
    part = part_of(packed, "earlier, condensed")
    assert part is not None
    assert {(item.fate, item.why) for item in part.items} == {("cut", "no shorter than its text")}


def test_a_stale_summary_that_outgrew_its_text_is_not_sent() -> None:
    story = summarised(long_story(90, 90), 60, "Much happened that night. " * 20)
    for block in story.paraphrases[0].blocks:
        story = changed(story, block, "Gone." if block != "b3" else "")
    packed = going_on(story, 4_000)
    first = items_of(packed, "earlier, condensed")[0]
    assert first.stale
    assert (first.fate, first.why) == ("cut", "no shorter than its text; stale: edited since")
    pinned = going_on(story, 4_000, shape=Shape().pinning("earlier, condensed:b0"))
    assert items_of(pinned, "earlier, condensed")[0].fate == "kept"


def test_text_and_summaries_share_the_room_without_waste() -> None:
    story = story_of([prose(n, 60) for n in range(150)], ["Wren waits."])
    story = summarised(story, 149, "Much happened {n}. " * 8)
    measured = Measures(count).of(story.manuscript)
    for window in range(1_000, 8_000, 330):
        packed = going_on(story, window)
        assert packed.receipt.tokens <= window - 100
        tokens = {part.name: part.tokens for part in packed.receipt.parts}
        fixed = ("instructions", "previous paragraph", "beat", "format")
        room = window - 100 - sum(tokens[name] for name in fixed)
        condensed = items_of(packed, "earlier, condensed")
        least = min((item.tokens for item in condensed if item.fate == "cut"), default=None)
        # No summary is missed for which the share has room.
        assert least is None or tokens["earlier, condensed"] + least > room // 3
        kept = [at for item in items_of(packed, "earlier text") if item.fate == "kept" for at in run_of(item.label)]
        # And no paragraph.
        assert not kept or packed.receipt.tokens + measured.tokens(kept[0] - 1) > window - 100


def test_pinned_summaries_count() -> None:
    story = summarised(story_of([prose(n, 60) for n in range(150)], ["Wren waits."]), 120, "Much happened {n}. " * 20)
    for window in range(500, 3_000, 70):
        packed = going_on(story, window, shape=Shape().pinning("earlier, condensed"))
        assert packed.receipt.tokens <= window - 100
        lean = going_on(story, window, shape=Shape("lean").pinning("earlier, condensed"))
        assert part_of(lean, "earlier, condensed").tokens == part_of(packed, "earlier, condensed").tokens  # type: ignore[union-attr]
    assert part_of(packed, "earlier, condensed").why.startswith("pinned: from ")  # type: ignore[union-attr]


def test_the_oldest_pinned_summary_goes_before_newer_ones() -> None:
    story = summarised(story_of([prose(n, 60) for n in range(150)], ["Wren waits."]), 140, "Much happened {n}. " * 30)
    packed = going_on(story, 800, shape=Shape("bare").pinning("earlier, condensed:b0"))
    assert items_of(packed, "earlier, condensed")[0].fate == "kept"
    assert {item.fate for item in items_of(packed, "earlier, condensed")[1:]} == {"cut"}


def test_very_many_summaries_are_told_as_runs() -> None:
    story = summarised(story_of([prose(n, 400) for n in range(400)]), 390, "Much happened. " * 20)
    packed = going_on(story, 2_000, "")
    items = items_of(packed, "earlier, condensed")
    assert len(items) < 80
    assert items[0].fate == "cut"
    assert items[0].thing == ""
    assert run_of(items[0].label)[0] == 0
    assert [run_of(item.label)[0] for item in items[1:]] == [run_of(item.label)[-1] + 1 for item in items[:-1]]


# repeats


def test_of_what_is_said_twice_the_newest_is_sent() -> None:
    said = "She counted the lamps again, all seventeen of them, and wrote the number down in the book."
    nearly = "She counted the lamps again, all seventeen of them, and wrote that number into the book."
    paragraphs = [
        said,
        "One thing happened before noon on that day.",
        nearly,
        "Then it rained a while upon the roof.",
        "So.",
    ]
    packed = going_on(story_of(paragraphs), beat="")
    assert sent(packed).count("counted the lamps") == 1
    assert nearly in sent(packed)
    assert fate_of(packed, "earlier text", "¶1") == ("repeat", "says the same as ¶3")
    # Nothing is missing where it stood: no sign for a gap.
    assert wording.GAP not in sent(packed)
    assert sent(going_on(story_of(paragraphs), beat="", shape=Shape(repeats=True))).count("counted the lamps") == 2


def test_the_same_words_with_other_signs_are_the_same() -> None:
    packed = going_on(
        story_of(["Well – there it is: again!", "And so on.", "Well, there it is. Again.", "So."]), beat=""
    )
    assert fate_of(packed, "earlier text", "¶1") == ("repeat", "says the same as ¶3")


def test_what_shares_a_phrase_alone_is_not_the_same() -> None:
    paragraphs = [
        "Between the harbour wall and the weighing house somebody had painted seventeen crooked arrows in red.",
        "Between the harbour wall and the weighing house there was never any wind, and the gulls kept away.",
        "So.",
    ]
    packed = going_on(story_of(paragraphs), beat="")
    assert sent(packed).count("the harbour wall") == 2
    packed = going_on(
        story_of(["“I don’t know that,” he said.", "It rained.", "“I don’t know that,” she said.", "So."]), beat=""
    )
    assert sent(packed).count("know that") == 2


def test_short_paragraphs_may_be_said_again_and_the_previous_one_counts() -> None:
    paragraphs = [
        "No, she said.",
        "The door was shut, and so was the other.",
        "No, she said.",
        "The door was shut, and so was the other.",
    ]
    packed = going_on(story_of(paragraphs), beat="")
    assert sent(packed).count("No, she said.") == 2
    assert sent(packed).count("The door was shut") == 1
    assert fate_of(packed, "earlier text", "¶2") == ("repeat", "says the same as ¶4")
    muted = going_on(story_of(paragraphs), beat="", shape=Shape().muting("previous paragraph"))
    assert fate_of(muted, "earlier text", "¶1–3")[0] == "kept"


def test_the_room_of_repeats_goes_to_more_text() -> None:
    said = "Round and round it went, the same words in the same order, and nobody minded. " * 4
    paragraphs = [prose(n) if n % 2 else said for n in range(60)]
    kept = going_on(story_of(paragraphs, ["Wren waits."]), 1_200)
    all_of_it = going_on(story_of(paragraphs, ["Wren waits."]), 1_200, shape=Shape(repeats=True))
    assert sent(kept).count("Paragraph") > sent(all_of_it).count("Paragraph") + 2
    assert sum(item.fate == "repeat" for item in items_of(kept, "earlier text")) > 2


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (
            "雨が降っていた。門は閉まり、誰も答えなかった。彼女は灯を数えた。",
            "雨が降っていた。門は閉まり、誰も答えない。彼女は灯を数えた。",
        ),
        (
            "Она считала лампы каждую ночь, и никто ей с того берега не отвечал.",
            "Она считала лампы каждую ночь, но никто ей с того берега не отвечал.",
        ),
    ],
)
def test_repeats_are_found_in_any_script(older: str, newer: str) -> None:
    packed = going_on(story_of([older, "Something else altogether was said in between.", newer, "So."]), beat="")
    assert fate_of(packed, "earlier text", "¶1") == ("repeat", "says the same as ¶3")


def test_among_the_likest_the_newest_of_repeats_stays() -> None:
    said = "Marta hid the parcel in the attic, and no neighbour saw her go by with it. " * 3
    words = [prose(n) for n in range(80)]
    # The older they are the more they are like the beat, so that they are thought of first.
    words[5], words[11], words[20] = said + "Marta, parcel.", said + "Marta.", said
    packed = going_on(story_of(words, ["Marta looks for the parcel."]), 9_000, shape=Shape("lean"))
    assert sent(packed).count("hid the parcel") == 3
    assert f"{said}\n\n" in sent(packed)
    assert fate_of(packed, "earlier text", "¶6") == ("repeat", "says the same as ¶21")
    assert fate_of(packed, "earlier text", "¶12") == ("repeat", "says the same as ¶21")


# forms


def plain(kind: RoundKind, story: Story, start: Position, end: Position | None = None, **more: object) -> Packed:
    return pack(story, Wish(kind, start, end or start, "beat0", form="plain", **more), count, 4000, 300)  # type: ignore[arg-type]


def test_a_base_model_gets_a_text_that_ends_where_it_is_to_go_on() -> None:
    story = story_of(["The first.", "The last one."], ["Wren waits."], "Unseen care.")
    story = replace(
        story, notes=(Note("n", "person", "Wren", "A lamp."),), exemplars=(Exemplar("e", "S", "It rained."),)
    )
    packed = plain("continue", story, end_of(story), instruction="With fog.")
    assert [role for role, _ in packed.messages] == ["user"]
    text = sent(packed)
    assert text.endswith("The first.\n\n[ Next: Wren waits. With fog. ]\n\nThe last one.\n\n")
    order = ["Unseen care.", "A lamp.", "It rained.", "> Wren", "The first."]
    assert [text.index(each) for each in order] == sorted(text.index(each) for each in order)
    assert wording.SO_FAR not in text
    assert "paragraph that comes next" not in text
    assert part_of(packed, "format").tokens == PER_MESSAGE  # type: ignore[union-attr]


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
    assert text_of(apart, "text after") == " It was cold."


def test_a_base_model_is_shown_the_passage_and_then_asked_for_it_again() -> None:
    story = story_of(["Before it.", "Dull words."], ["Wren waits."])
    block = story.manuscript.at(1).id
    packed = plain("rework", story, Position(block, 0), Position(block, 11), instruction="Brighter.")
    assert f"Before it.\n\n{wording.PASSAGE}\nDull words.\n\n" in sent(packed)
    assert sent(packed).endswith("[ The same passage again, Wren waits. Brighter. ]\n\n")
    assert "Dull words." in sent(packed)


def test_a_begun_answer_is_counted_and_told_apart() -> None:
    story = story_of(["The first."], ["Wren waits."])
    packed = going_on(story, begun="Wren lit the")
    assert packed.messages[-1] == ("assistant", ("Wren lit the",))
    part = part_of(packed, "begun answer")
    assert part is not None
    assert part.tokens == count("Wren lit the")
    # How a candidate begins is not the writer's to change.
    edited = going_on(story, begun="Wren lit the", shape=Shape().editing("begun answer", "Another answer"))
    assert edited.messages == packed.messages
    assert not part_of(edited, "begun answer").edited  # type: ignore[union-attr]
    assert part_of(going_on(story, shape=Shape().editing("begun answer", "Another")), "begun answer") is None
    # It is a message of its own.
    assert packed.receipt.tokens == going_on(story).receipt.tokens + part.tokens + PER_MESSAGE


# whatever the story


def test_counts_that_are_kept_change_nothing() -> None:
    story = summarised(long_story(80), 40)
    wish = Wish("continue", end_of(story), end_of(story), "beat0", shape=Shape("lean"))
    kept = Measures(count).of(story.manuscript)
    assert pack(story, wish, count, 1_500, 100, kept) == pack(story, wish, count, 1_500, 100)


ODD = {
    "token": "<|endoftext|>",
    "spaces": " " * 1_000_000,
    "marks": "a\u0301" * 5_000,
    "half": "\ud800",
    "long": "x" * 300_000,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("amount", ["full", "lean", "bare"])
def test_odd_text_is_no_trouble(odd: str, amount: Amount) -> None:
    story = story_of(
        ["One thing happened.", odd, f"Before {odd} behind.", "Then another.", "So."], ["Wren waits."], odd
    )
    story = replace(story, notes=(Note("n", "fact", "Wren", odd),), exemplars=(Exemplar("e", "Odd", odd),))
    packed = going_on(story, 1_000, shape=Shape(amount))
    assert packed.receipt.tokens <= 900
    assert "So." in sent(packed)
    wish = Wish("continue", Position("b2", length(story.manuscript.block("b2").spans)), Position("b2", 0), "beat0")
    packed = pack(story, wish, count, 1_000, 100)
    assert packed.receipt.tokens <= 900
    assert "behind." in text_of(packed, "previous paragraph")


def test_white_space_alone_is_no_paragraph() -> None:
    packed = going_on(story_of(["One thing happened.", "   ", "Another thing.", "  ", ""]), beat="")
    assert f"{wording.PREVIOUS}\nAnother thing.\n\n" in sent(packed)
    assert text_of(packed, "earlier text") == f"{wording.SO_FAR}\nOne thing happened.\n\n"
    assert pack(Story(manuscript=Manuscript()), Wish("continue", START, START, ""), count, 400, 0).messages


@given(st.integers(0, 1 << 32))
@settings(max_examples=120)
@pytest.mark.slow
def test_random_stories(seed: int) -> None:
    tried = case(seed)
    packed = tried.packed()
    if packed is not None:
        check(tried, packed)
        assert tried.packed() == packed
        assert len(pieces_of(packed)) == sum(len(row) for _, row in packed.messages)


@pytest.mark.slow
@given(st.integers(0, 1 << 62))
@settings(max_examples=10_000)
def test_no_prompt_is_over_its_budget_in_ten_thousand_random_stories(seed: int) -> None:
    tried = case(seed)
    packed = tried.packed()
    if packed is not None:
        check(tried, packed)
