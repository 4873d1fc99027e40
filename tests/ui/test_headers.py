"""What stands above and below a candidate: what it was made with, how far it is, and what was otherwise than asked."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from composer.session.ports import Piece
from composer.story.candidate import Candidate, Ending, Recipe, Round, Stem
from composer.story.spans import Generated
from composer.text.words import count_words
from composer.ui.phrases import shortened
from composer.ui.signs import FANCY, PLAIN
from composer.ui.theming import Palette
from composer.ui.widgets import below, header, heights, state
from composer.ui.widgets.header import Header
from composer.ui.widgets.recipes import labels
from composer.ui.widgets.rows import Look, Wrapping, painted, top_of
from composer.ui.widgets.state import Counts, State, aside, newest, state_of, thought
from tests.ui.desk import desk
from tests.ui.test_surprise import pane, round_of

PALETTE = Palette.make({}, few=True)


def recipe(heat: float | None = 0.8, **more: Any) -> Recipe:
    sampling = {} if heat is None else {"temperature": heat}
    return Recipe(**{"endpoint": "local", "model": "wren-7b", "sampling": sampling, **more})


def asked(*recipes: Recipe, **more: Any) -> Round:
    return round_of(*(Candidate(f"1.{at}", each) for at, each in enumerate(recipes, 1)), **more)


# recipes


@pytest.mark.parametrize(
    ("recipes", "said"),
    [
        ([recipe(0.2, seed=1), recipe(0.4, seed=2)], ["T0.2", "T0.4"]),
        ([recipe(0.2)], ["T0.2"]),
        ([recipe(0.8, model="wren-7b"), recipe(0.8, model="birds/heron-12b")], ["T0.8 wren-7b", "T0.8 heron-12b"]),
        # A long name is cut, at its start where the ends tell them apart.
        (
            [recipe(model="heron-large-instruct-v1"), recipe(model="heron-large-instruct-v2"), recipe(model="tit")],
            ["T0.8 …v1", "T0.8 …v2", "T0.8 tit"],
        ),
        ([recipe(model="heron-large-instruct-v1"), recipe(model="tit")], ["T0.8 heron-large-i…", "T0.8 tit"]),
        ([recipe(model="one/heron"), recipe(model="two/heron")], ["T0.8 one/heron", "T0.8 two/heron"]),
        ([recipe(endpoint="home"), recipe(endpoint="work")], ["T0.8 @home", "T0.8 @work"]),
        (
            [recipe(endpoint="home"), recipe(endpoint="work", model="tit")],
            ["T0.8 wren-7b", "T0.8 tit"],
        ),
        (
            [recipe(endpoint="home"), recipe(endpoint="work"), recipe(endpoint="work", model="tit")],
            ["T0.8 wren-7b@home", "T0.8 wren-7b@work", "T0.8 tit@work"],
        ),
        ([recipe(endpoint="home", model=""), recipe()], ["T0.8 home", "T0.8 wren-7b"]),
        (
            [recipe(lens="as a mentor of ten years"), recipe(lens="as a list"), recipe()],
            ["T0.8 “as a mentor of…”", "T0.8 “as a list”", "T0.8"],
        ),
        (
            [recipe(lens="as a very old sailor would"), recipe(lens="as a very old sailor sings")],
            ["T0.8 “…would”", "T0.8 “…sings”"],
        ),
        ([recipe(preset="wild"), recipe(), recipe(preset="calm")], ["T0.8 wild", "T0.8", "T0.8 calm"]),
        # A seed is said only where nothing else differs.
        ([recipe(seed=7), recipe(seed=8)], ["T0.8 seed 7", "T0.8 seed 8"]),
        ([recipe(seed=7), recipe(seed=8), recipe(1.0, seed=9)], ["T0.8 seed 7", "T0.8 seed 8", "T1"]),
        ([recipe(seed=7), recipe(seed=7)], ["T0.8", "T0.8"]),
        ([recipe(seed=1234567011), recipe(seed=1234567012)], ["T0.8 seed …011", "T0.8 seed …012"]),
        ([recipe(seed=1000000001), recipe(seed=2000000001)], ["T0.8 seed 1000000001", "T0.8 seed 2000000001"]),
        ([recipe(seed=7, model="tit"), recipe(seed=8)], ["T0.8 tit", "T0.8 wren-7b"]),
        # Or where no temperature is taken.
        ([recipe(None, seed=7), recipe(None, seed=8)], ["seed 7", "seed 8"]),
        ([recipe(None), recipe(0.8)], ["–", "T0.8"]),
        ([recipe(None, seed=7, model="tit"), recipe(0.8, seed=8)], ["seed 7 tit", "T0.8 wren-7b"]),
    ],
)
def test_recipes_are_told_by_what_differs(recipes: list[Recipe], said: list[str]) -> None:
    assert list(labels(asked(*recipes))) == said


def test_of_a_round_that_is_tasted_blind_nothing_is_told() -> None:
    assert labels(asked(recipe(0.2), recipe(0.4, model="tit"), veil=(1, 0))) == ("", "")


def test_a_temperature_that_was_refused_is_not_told() -> None:
    first, second = asked(recipe(0.2, seed=7), recipe(0.4, seed=8)).candidates
    ended = replace(first, ending=Ending("finished", "", 0, "", dropped=(("temperature", "the server refused it"),)))
    assert labels(round_of(ended, second)) == ("seed 7", "T0.4")


NAMES = st.text("ab-/ 灯", max_size=30)


@given(
    st.lists(
        st.builds(recipe, model=NAMES, endpoint=NAMES, lens=NAMES, preset=NAMES, seed=st.integers(0, 2**31)), max_size=5
    )
)
def test_labels_stay_short(recipes: list[Recipe]) -> None:
    for label in labels(asked(*recipes)):
        assert cell_len(label) <= 5 + 14 + 13 + 21 + 13 + 16


# how far it is


def ended(kind: str, **more: Any) -> Ending:
    return Ending(kind, "Why.", 0, "", **more)  # type: ignore[arg-type]


STEM = (Generated("1.2", 0, 4),)


@pytest.mark.parametrize(
    ("candidate", "wait", "words"),
    [
        (Candidate("2.1", recipe()), "", "waiting"),
        (Candidate("2.1", recipe()), "the server asks to wait: 12 s", "the server asks to wait: 12 s"),
        (Candidate("2.1", recipe(), "Fog came."), "", "0 w …writing"),
        (Candidate("2.1", recipe(), "word " * 23), "", "20 w …writing"),
        (Candidate("2.1", recipe(), "word " * 23), "silent for 9 s", "20 w · silent for 9 s"),
        (Candidate("2.1", recipe(), "", "I think so."), "", "thinking 3 w"),
        (Candidate("2.1", recipe(), "Fog came.", "I think so."), "", "0 w …writing"),
        # What it goes on from did not come from the model.
        (Candidate("2.1", recipe(), "Fog ", stem=STEM, begun=8), "", "waiting"),
        (Candidate("2.1", recipe(), "Fog fell", stem=STEM, begun=8), "", "waiting"),
        (Candidate("2.1", recipe(), "Fog fell", "I think so.", stem=STEM, begun=8), "", "thinking 3 w"),
        (Candidate("2.1", recipe(), "Fog fell in.", "I think so.", stem=STEM, begun=8), "", "0 w …writing"),
        (Candidate("2.1", recipe(), "Fog came.", ending=ended("finished")), "", "2 w"),
        (Candidate("2.1", recipe(), "Fog", ending=ended("finished", suspect=True)), "", "1 w · may lack its end"),
        (Candidate("2.1", recipe(), "Fog came.", ending=ended("cut")), "", "2 w · cut"),
        (Candidate("2.1", recipe(), "Fog came.", ending=ended("cancelled")), "", "stopped · 2 w kept"),
        (Candidate("2.1", recipe(), ending=ended("failed")), "", "failed"),
    ],
)
def test_the_words_for_how_far_it_is(candidate: Candidate, wait: str, words: str) -> None:
    stem = Stem("1.2", 4, "fell") if candidate.stem else None
    assert state_of(round_of(candidate, number=2, stem=stem), candidate, Counts(), wait, FANCY).words == words


def test_thoughts_are_counted_once_they_are_over() -> None:
    thinking = Candidate("1.1", recipe(), "", "I think so.")
    for candidate, words in (
        (thinking, ""),
        (replace(thinking, text="Fog."), "thought 3 w"),
        (replace(thinking, ending=ended("failed")), "thought 3 w"),
        (Candidate("1.1", recipe(), "Fog."), ""),
    ):
        assert thought(round_of(candidate), candidate, Counts()) == words


@given(st.lists(st.text("ab'- \n灯é", max_size=8), max_size=12))
def test_words_of_a_text_that_grows_are_counted_as_those_of_a_whole_one(parts: list[str]) -> None:
    counts, text = Counts(), ""
    for part in parts:
        text += part
        assert counts.of("1.1", text) == count_words(text)
        assert counts.of("1.1", text) == count_words(text)
    assert counts.of("1.1", text[: len(text) // 2]) == count_words(text[: len(text) // 2])


@pytest.mark.parametrize(
    ("dropped", "asked_for", "served", "said"),
    [
        ((), "wren-7b", "wren-7b", ""),
        ((), "birds/wren-7b", "wren-7b-0425", ""),
        ((), "wren-7b:q4", "Wren-7B", ""),
        ((), "", "heron", ""),
        ((), "wren-7b", "", ""),
        ((), "birds/wren-7b", "heron", "Served by heron."),
        (
            (("min_p", "the server refused it"), ("top_k", "")),
            "",
            "",
            "Not sent: min_p (the server refused it), top_k.",
        ),
        ((("min_p", "no"),), "wren", "heron", "Not sent: min_p (no). Served by heron."),
    ],
)
def test_what_was_otherwise_than_asked(
    dropped: tuple[tuple[str, str], ...], asked_for: str, served: str, said: str
) -> None:
    ending = ended("finished", dropped=dropped, model=served)
    assert aside(Candidate("1.1", recipe(model=asked_for), "Fog.", ending=ending)) == said
    assert aside(Candidate("1.1", recipe(model=asked_for), "Fog.")) == ""


def test_sentences_below_are_cut_but_never_why_it_ended() -> None:
    why, more = "It broke off after ten seconds.", "Not sent: min_p, top_k, typical_p and some more."
    assert below.note("", "", 20, 3, "…") == []
    whole = below.note(why, more, 20, 9, "…")
    assert "".join(whole) == f"{why} {more}"
    assert below.note(why, more, 20, 1, "…") == ["It broke off after ", "ten seconds. Not…"]
    assert below.note(why, "", 20, 0, "…") == ["It broke off after ", "ten seconds."]
    assert all(cell_len(line) <= 20 for line in below.note(why, more, 20, 3, "…"))


@given(st.text("ab 灯\n", max_size=80), st.integers(1, 30))
def test_newest_words_and_first_words_fit(text: str, width: int) -> None:
    assert cell_len(newest(text, width, FANCY)) <= width
    assert "\n" not in newest(text, width, FANCY)
    flat = text.replace("\n", " ")
    assert cell_len(shortened(flat, width, "…")) <= max(width, 2)
    assert shortened(flat, 200, "…") == flat


def test_the_newest_words_are_the_last() -> None:
    assert newest("one two three four", 12, FANCY) == "…three four"
    assert newest("one two three four", 12, PLAIN) == "~three four"
    assert newest("one two", 12, FANCY) == "one two"


# the line above


def line(it: Header, width: int) -> str:
    return "".join(text for text, _ in header.painted(it, width, PALETTE, FANCY))


FULL = Header(
    3,
    State("✓", "good", "88 w"),
    "T0.4 heron@work",
    18,
    here=True,
    changed=" · edited",
    first=("2.1 bits",),
    told="repeats ¶2: 9 words",
    last=("thought 120 w", "on from 2.1"),
)


def test_what_does_not_fit_is_left_out_the_least_first() -> None:
    assert line(FULL, 110).split("  ") == [
        "▸3", "T0.4 heron@work", "", "✓ 88 w · edited · 2.1 bits · thought 120 w · on from 2.1",
        *line(FULL, 110).split("  ")[4:],
    ]  # fmt: skip
    assert line(FULL, 110).endswith("repeats ¶2: 9 words")
    alone = dataclasses.replace(FULL, last=())
    for width in range(30, 110):
        assert ("repeats" in line(FULL, width)) == ("repeats" in line(alone, width))
        assert "2.1 bits" in line(FULL, width) or "repeats" not in line(FULL, width)
        assert "thought" in line(FULL, width) or width < 90
    assert all(cell_len(line(FULL, width)) <= width for width in range(46, 110))


def test_where_the_line_is_all_its_first_words_come_before_the_least() -> None:
    one = dataclasses.replace(FULL, told="", changed="", text=" The board, she\nsupposed, had chairs.")
    assert line(one, 78).endswith("✓ 88 w · 2.1 bits  The board, she supposed, had chairs")
    assert line(one, 110).endswith("· thought 120 w · on from 2.1  The board, she supposed, had chairs.")


def test_a_label_is_cut_to_its_room_and_columns_stay() -> None:
    other = Header(4, State("●", "waiting", "120 w …writing"), "T0.4", 18)
    for width in (34, 46, 78):
        assert line(FULL, width).index("✓") == line(other, width).index("●")
        assert cell_len(line(other, width)) <= width
    assert "T0.4 hero…" in line(FULL, 34)


def test_the_labels_of_ten_begin_in_one_column() -> None:
    heads = [line(Header(number, State("●", "waiting", "writing"), "T0.4", 4), 60) for number in (1, 9, 10)]
    assert {head.index("T0.4") for head in heads} == {4}
    assert {head.index("writing") for head in heads} == {heads[0].index("writing")}
    assert (
        cell_len(line(Header(10, State("●", "waiting", "x" * header.room_for_state(10, 4, 60)), "T0.4", 4), 60)) == 60
    )


@pytest.mark.parametrize("width", [34, 46, 78])
def test_the_room_for_the_state_is_what_is_left(width: int) -> None:
    it = Header(3, State("●", "waiting", "x" * header.room_for_state(3, 18, width)), "T0.4", 18)
    assert cell_len(line(it, width)) == width
    blind = Header(3, State("●", "waiting", "x" * header.room_for_state(3, 0, width)))
    assert cell_len(line(blind, width)) == width


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(2, 60), st.booleans(), st.data())
def test_heights_fill_the_pane(folded: list[bool], height: int, narrow: bool, data: st.DataObject) -> None:
    current = data.draw(st.integers(0, len(folded) - 1))
    slots = heights.around(current, folded, height, narrow=narrow)
    assert slots[current] >= 2
    assert sum(slots) == height
    if height >= len(folded) and not all(folded):
        assert sum(heights.shared(folded, height)) <= height + sum(folded)


def test_of_one_that_goes_on_the_new_text_is_seen() -> None:
    text = "Row of words.\n" * 20 + "New words."
    rows = Wrapping().rows("1.1", text, 20)
    assert top_of(rows, 6, None, top=0, first=280, writes=False) == 19
    assert top_of(rows, 6, None, top=0, first=14, writes=False) == 0
    assert top_of(rows, 6, None, top=9, first=0, writes=False) == 0
    assert top_of(rows, 6, (280, 290), top=0, first=280, writes=False) == 15


def test_a_token_that_is_broken_by_a_row_is_tinted_on_both() -> None:
    text = "Nobody saw the lamplighter at all."
    look = Look(tokens=[(0, 6, "surprise_1"), (6, 26, "surprise_4"), (26, 29, "surprise_2"), (29, 34, "surprise_3")])
    rows = Wrapping().rows("1.1", text, 12)
    shown = [[(part, style) for part, style in painted(text, row, look, PALETTE, FANCY)[1:]] for row in rows]
    one, two, three, four = PALETTE.surprise_1, PALETTE.surprise_2, PALETTE.surprise_3, PALETTE.surprise_4
    assert shown == [
        [("Nobody", one), (" saw ", four)],
        [("the ", four)],
        [("lamplighter", four), (" ", two)],
        [("at", two), (" all.", three)],
    ]


# on the screen


async def test_another_round_has_its_own_labels_and_what_streams_changes_none() -> None:
    first = asked(recipe(0.2), recipe(0.4, model="tit"))
    async with pane(first, on=False) as (app, pilot):
        assert "T0.4 tit" in "".join(app.lines())
        labels_now = app.view._labels
        grown = round_of(*(replace(each, text="Fog.") for each in first.candidates))
        app.view.show(grown, ())
        assert app.view._labels is labels_now
        app.view.show(asked(recipe(0.6), recipe(0.8)), ())
        await pilot.pause()
        assert "tit" not in "".join(app.lines())
        assert "T0.8" in "".join(app.lines())


async def test_thoughts_are_seen_live_on_one_line_and_are_no_text() -> None:
    thinking = Candidate("1.1", recipe(), "", "One would think that fog comes in from the sea " * 9)
    async with pane(round_of(thinking), on=False, size=(40, 8)) as (app, pilot):
        rows = app.lines()
        assert "thinking 90 w" in rows[0]
        assert rows[1].strip().startswith("…")
        assert rows[1].endswith("from the sea")
        assert not any(row.strip() for row in rows[2:])
        assert app.view.page(thinking).text == ""
        assert app.view.piece == ("1.1", 0, 0)
        writing = replace(thinking, text="Fog came.")
        app.view.show(round_of(writing), ())
        await pilot.pause()
        assert "thought 90 w" in app.lines()[0]
        assert app.lines()[1].strip() == "▸ Fog came."
        assert "the sea" not in "".join(app.lines())


async def test_what_was_not_sent_is_told_of_the_one_under_the_cursor() -> None:
    ending = ended("finished", dropped=(("min_p", "the server refused it"),), model="heron")
    both = [Candidate(f"1.{at}", recipe(heat), "Fog.", ending=ending) for at, heat in ((1, 0.2), (2, 0.4))]
    async with pane(round_of(*both), on=False, size=(90, 20)) as (app, pilot):
        said = "Not sent: min_p (the server refused it). Served by heron."
        assert [said in row for row in app.lines()].count(True) == 1
        app.view.show(round_of(*both, veil=(0, 1)), ())
        await pilot.pause()
        assert not any("Served" in row or "Not sent" in row for row in app.lines())
        failed = [replace(each, ending=replace(ending, kind="failed", why="It broke off.")) for each in both]
        app.view.show(round_of(*failed), ())
        await pilot.pause()
        assert [f"It broke off. {said}" in row for row in app.lines()].count(True) == 2


async def test_why_nothing_comes_stands_below_where_the_header_has_no_room() -> None:
    waiting = round_of(Candidate("1.1", recipe()))
    why = "the server asks to wait: 12 s"
    for width, above in ((60, why), (34, "waiting")):
        async with pane(waiting, on=False, size=(width, 8)) as (app, pilot):
            app.view.waits = {"1.1": why}
            app.view.repaint()
            await pilot.pause()
            assert app.lines()[0].endswith(above)
            assert "".join(row.strip() for row in app.lines()).count("12 s") == 1


async def test_one_that_goes_on_from_another_begins_where_its_own_text_does() -> None:
    text = "The fog came in. It went at once."
    on = [
        Candidate(f"2.{at}", recipe(), text, ending=ended("finished"), stem=(Generated("1.3", 0, 16),)) for at in (1, 2)
    ]
    async with pane(round_of(*on, number=2), on=False) as (app, pilot):
        assert app.view.piece == ("2.1", 17, 33)
        await pilot.press("right")
        assert app.view.piece == ("2.2", 17, 33)
        assert "on from 1.3" in app.lines()[0]
        await pilot.press("up")
        assert app.view.piece == ("2.2", 0, 16)


async def test_thoughts_that_come_are_folded_and_never_placed() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.send(1, Piece("She would light it first.", "reasoning"))
        await at.press("tab")
        assert "thinking 5 w" in at.screen()
        assert "light it first." in at.screen()
        await at.endpoint.send(1, Piece("The lamp took."))
        await at.endpoint.close_stream(1)
        await at.seen()
        assert "light it first." not in at.screen()
        assert "thought 5 w" in at.screen()
        await at.press("enter")
        assert at.text == "The lamp took."


def test_a_state_names_a_style_of_the_palette() -> None:
    for kind in ("finished", "cut", "cancelled", "failed"):
        candidate = Candidate("1.1", recipe(), ending=ended(kind))
        assert hasattr(PALETTE, state_of(round_of(candidate), candidate, Counts(), "", FANCY).style)
    assert state.goes_on_from(Candidate("1.1", recipe())) == ""
