"""How far along beats are: from the origins of their text, from what was asked for them, and from the beats below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.story.manuscript import Block
from composer.story.outline import Beat, BeatText, Outline
from composer.story.progress import Held, Progress, Standing, of_beat, of_block, of_outline
from composer.story.spans import Edited, Generated, Imported, Origin, Repaired, Span, Written

MODEL = Span("The lamp took.", Generated("1.1", 0, 14))


def block(*spans: Span) -> Block:
    return Block("b", "beat", spans)


@pytest.mark.parametrize(
    ("origin", "by_hand"),
    [
        (Generated("1.1", 0, 5), 0),
        (Repaired("space"), 0),
        (Written(), 1),
        (Edited("1.1"), 1),
        (Imported("paste"), 1),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else "",
)
def test_only_what_models_wrote_and_seams_put_is_not_by_hand(origin: Origin, by_hand: int) -> None:
    assert of_block(block(MODEL, Span(" Late", origin))) == Held(4, 1, by_hand)


@pytest.mark.parametrize(
    "spans",
    [(), (Span("  \t", Written()),), (Span("* * *", Written()),), (Span(" # ", Imported("file")),)],
    ids=["nothing", "blank", "stars", "number sign"],
)
def test_blanks_and_scene_breaks_are_no_text(spans: tuple[Span, ...]) -> None:
    assert of_block(block(*spans)) == Held()


def test_blanks_by_hand_between_what_models_wrote_change_nothing() -> None:
    assert of_block(block(MODEL, Span(" ", Written()), Span("It held.", Generated("1.2", 0, 8)))) == Held(5, 1, 0)


def test_a_mark_alone_is_text_without_words() -> None:
    assert of_block(block(Span("—", Written()))) == Held(0, 1, 1)


@pytest.mark.parametrize(
    ("text", "held", "candidates", "standing"),
    [
        (BeatText(), Held(), 0, "empty"),
        (BeatText(), Held(), 5, "candidates"),
        (BeatText(), Held(40, 2, 0), 5, "drafted"),
        (BeatText(), Held(40, 2, 1), 5, "edited"),
        (BeatText(done=True), Held(40, 2, 1), 5, "done"),
        (BeatText(done=True), Held(), 0, "done"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_beat_stands_where_its_text_does(text: BeatText, held: Held, candidates: int, standing: Standing) -> None:
    assert of_beat(text, held, candidates) == Progress(standing, held.words, 0, candidates)


def leaf(standing: Standing, words: int = 0, target: int = 0) -> Progress:
    return Progress(standing, words, target)


@pytest.mark.parametrize(
    ("below", "standing", "done"),
    [
        (["empty", "empty"], "empty", 0),
        (["done", "done"], "done", 2),
        (["drafted", "drafted"], "drafted", 0),
        (["edited", "drafted", "empty"], "drafted", 0),
        (["edited", "candidates", "empty"], "candidates", 0),
        (["done", "empty"], "edited", 1),
        (["done", "drafted", "done"], "drafted", 2),
    ],
)
def test_a_beat_with_beats_below_stands_where_the_least_begun_one_does(
    below: list[Standing], standing: Standing, done: int
) -> None:
    made = of_beat(BeatText(title="One"), Held(), 0, [leaf(each) for each in below])
    assert (made.standing, made.done, made.leaves) == (standing, done, len(below))


def test_own_text_and_own_candidates_of_a_chapter_count() -> None:
    empty = [leaf("empty")] * 3
    assert of_beat(BeatText(), Held(12, 1, 1), 0, empty) == Progress("edited", 12, leaves=3)
    assert of_beat(BeatText(), Held(), 4, empty) == Progress("candidates", candidates=4, leaves=3)
    assert of_beat(BeatText(), Held(12, 1, 0), 0, [leaf("edited", 30)]) == Progress("drafted", 42, leaves=1)


def test_a_chapter_that_is_said_to_be_done_is_with_all_below_it() -> None:
    chapter = of_beat(BeatText(done=True), Held(), 0, [leaf("drafted", 30), leaf("empty")])
    assert chapter == Progress("done", 30, done=2, leaves=2)
    book = of_beat(BeatText(), Held(), 0, [chapter, leaf("edited", 5)])
    assert book == Progress("edited", 35, done=2, leaves=3)


def test_targets_below_add_up_unless_one_is_set_above() -> None:
    below = [leaf("empty", target=400), leaf("drafted", 90, 250), leaf("empty")]
    assert of_beat(BeatText(), Held(), 0, below).target == 650
    assert of_beat(BeatText(target=500), Held(), 0, below).target == 500
    assert of_beat(BeatText(), Held(), 0, [of_beat(BeatText(target=500), Held(), 0, below), *below]).target == 1150


def test_all_beats_of_an_outline() -> None:
    outline = Outline(
        (
            Beat("one", BeatText(title="One"), (Beat("a", BeatText(done=True)), Beat("b", BeatText(target=300)))),
            Beat("two", BeatText(summary="A ship answers.")),
        )
    )
    held = {"a": Held(200, 2, 2), "b": Held(50, 1, 0), "gone": Held(9, 1, 1), "": Held(7, 1, 1)}
    assert of_outline(outline, held, {"two": 5, "gone": 2}) == {
        "one": Progress("drafted", 250, 300, done=1, leaves=2),
        "a": Progress("done", 200),
        "b": Progress("drafted", 50, 300),
        "two": Progress("candidates", candidates=5),
    }


texts = st.builds(BeatText, done=st.booleans(), target=st.sampled_from((0, 0, 100)))
beats = st.recursive(
    st.builds(lambda text: (text, ()), texts),
    lambda below: st.tuples(texts, st.lists(below, min_size=1, max_size=3).map(tuple)),
    max_leaves=12,
)


@given(st.lists(beats, max_size=4), st.data())
def test_what_is_told_of_a_beat_agrees_with_what_is_told_of_those_below(
    tree: list[object], data: st.DataObject
) -> None:
    count = 0

    def planted(rows: object) -> tuple[Beat, ...]:
        nonlocal count
        made = []
        for text, below in rows:  # type: ignore[attr-defined]
            count += 1
            made.append(Beat(f"n{count}", text, planted(below)))
        return tuple(made)

    outline = Outline(planted(tree))
    rows = list(outline.rows())
    some = st.builds(Held, st.integers(0, 50), st.integers(0, 2), st.integers(0, 1))
    held = {row.beat.id: data.draw(some) for row in rows}
    asked = {row.beat.id: data.draw(st.integers(0, 2)) for row in rows}
    found = of_outline(outline, held, asked)
    assert set(found) == {row.beat.id for row in rows}
    for row in rows:
        told = found[row.beat.id]
        inner = [each.beat for each in Outline((row.beat,)).rows()]
        leaves = [beat.id for beat in inner if not beat.below]
        assert told.words == sum(held[beat.id].words for beat in inner)
        assert told.leaves == (len(leaves) if row.beat.below else 0)
        assert 0 <= told.done <= told.leaves
        if row.beat.below:
            assert (told.standing == "done") == (told.done == told.leaves)
            quiet = held[row.beat.id].paragraphs == held[row.beat.id].by_hand == asked[row.beat.id] == 0
            nothing = quiet and all(found[beat.id].standing == "empty" for beat in inner[1:])
            assert (told.standing == "empty") == (nothing and not row.beat.text.done)
            if all(found[leaf].standing == "done" for leaf in leaves):
                assert told.standing == "done"
        else:
            assert (told.standing == "done") == row.beat.text.done
