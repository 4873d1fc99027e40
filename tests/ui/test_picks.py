"""A row of the box in which several things can be chosen: by the cursor of the list below it, by their names, and beside own words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from composer.ui.signs import PLAIN
from composer.ui.widgets.box import Box, Entry, Field
from composer.ui.widgets.picks import SHARE, Picks, PicksView, joined, parted
from tests.ui.desk import Desk, desk

TREES = (
    ("ash", "Grey bark,  black buds."),
    ("field maple", "Small leaves."),
    ("Elm", "Rough leaves, lopsided at the stalk."),
    ("holm oak", "Green all winter."),
    ("wych hazel", "Flowers in frost."),
    ("larch", "Gold, then bare."),
    ("white willow", "Leans over water."),
    ("yew", "Old, and in no hurry."),
)
FIELDS = (
    Field("wish", "wish", earlier=("an older wish",)),
    Field("trees", "trees", hint="none; any tree", picks=TREES),
    Field("count", "count"),
)


def open_box(at: Desk, fields: Sequence[Field] = FIELDS, *, keep: bool = False, begin: int = 1) -> Box:
    box = at.main.box
    box.open("trees", "Plant", fields, keep=keep, at=begin)
    return box


def entry_of(at: Desk, number: int = 1) -> Entry:
    return at.main.box.query_one(f"#box-field-{number}", Entry)


def unfolded(at: Desk) -> list[str]:
    """The lines of the list below the row that has the keys, from the labels' width on."""
    view = at.main.box.query_one(PicksView)
    if not view.display:
        return []
    top, left = view.region.y, view.region.x + 14
    return [line[left : view.region.right].rstrip() for line in at.screen().splitlines()[top : top + view.size.height]]


def row(at: Desk, name: str = "trees") -> str:
    """What stands in a row."""
    (line,) = (line for line in at.screen().splitlines() if line.startswith(f"║ {name}"))
    return line[16:-1].rstrip()


# the text of a row


def test_a_text_is_parted_into_names_in_its_order_and_own_words() -> None:
    names = [name for name, _ in TREES]
    assert parted("", names) == ((), "")
    assert parted("as a hedge", names) == ((), "as a hedge")
    assert parted("yew| as a hedge |ELM | in rows", names) == (("yew", "Elm"), "as a hedge | in rows")
    assert parted("yew | yew | | ash |", names) == (("yew", "ash"), "")
    assert parted("wild yew", names) == ((), "wild yew")
    assert joined(("yew", "Elm"), "as a hedge") == "yew | Elm | as a hedge"
    assert joined((), "") == ""


@given(st.lists(st.sampled_from([*(name for name, _ in TREES), "ELM", "as a hedge", "in rows", "", " "])))
def test_what_a_row_tells_reads_as_the_same(parts: list[str]) -> None:
    picks = Picks(TREES)
    own = picks.read("|".join(parts))
    told, chosen = picks.told(own), picks.chosen
    assert [picks.read(told), picks.chosen] == [own, chosen]
    assert picks.told(own) == told
    assert {part.casefold() for part in told.split(" | ")} == {part.strip().casefold() for part in parts} - {
        ""
    } or not told
    assert set(own.split(" | ")).isdisjoint(name for name, _ in TREES)


def test_what_is_chosen_stands_in_the_order_of_choosing_and_can_be_un_chosen() -> None:
    picks = Picks(TREES)
    picks.move(-1)
    picks.turn()
    picks.move(1)
    picks.turn()
    assert picks.told("") == "yew | ash"
    picks.turn()
    assert picks.told("in rows") == "yew | in rows"
    assert picks.take("in rows | LARCH") == "in rows"
    assert picks.chosen == ("yew", "larch")


def test_a_name_that_the_text_could_not_hold_is_not_offered() -> None:
    assert [name for name, _ in Picks([("yew | ash", "both"), ("yew", "one")]).offered] == ["yew"]
    assert not Picks([("yew | ash", "both")])


# the list


@pytest.mark.slow
async def test_it_unfolds_below_its_row_while_that_has_the_keys() -> None:
    async with desk() as at:
        open_box(at, begin=0)
        await at.seen()
        assert unfolded(at) == []
        await at.press("down")
        assert unfolded(at) == [
            "▸   ash           Grey bark, black buds.",
            "    field maple   Small leaves.",
            "    Elm           Rough leaves, lopsided at the stalk.",
            "    holm oak      Green all winter.",
            "    wych hazel    Flowers in frost.",
            "    larch         Gold, then bare.",
        ]
        lines = at.screen().splitlines()
        trees = next(number for number, line in enumerate(lines) if line.startswith("║ trees"))
        assert lines[trees + 1].startswith("║ space chooses ▸   ash")
        assert lines[trees + 2].startswith("║ ← →  1/8")
        assert lines[trees + 7].startswith("║ count")
        await at.press("up")
        assert unfolded(at) == []
        await at.press("down", "tab")
        assert unfolded(at) == []
        await at.press("shift+tab")
        assert len(unfolded(at)) == 6
        await at.press("escape")
        assert not at.main.box.display
        open_box(at, FIELDS[:1], begin=0)
        await at.seen()
        assert unfolded(at) == []


async def test_it_is_folded_away_when_nothing_in_the_box_has_the_keys() -> None:
    async with desk() as at:
        box = open_box(at)
        await at.seen()
        assert unfolded(at)
        at.main.set_focus(None)
        await at.seen()
        assert box.display
        assert unfolded(at) == []
        at.main.set_focus(entry_of(at))
        await at.seen()
        assert unfolded(at)


async def test_left_and_right_move_its_cursor_round_and_space_chooses() -> None:
    async with desk() as at:
        box = open_box(at)
        await at.press("space", "right", "right", "space", "left", "left", "left", "space")
        assert box.values["trees"] == "ash | Elm | yew"
        assert unfolded(at)[-1] == "▸ ✓ yew           Old, and in no hurry."
        assert unfolded(at)[0] == "  ✓ Elm           Rough leaves, lopsided at the stalk."
        assert row(at) == "ash | Elm | yew |"
        await at.press("right", "space")
        assert box.values["trees"] == "Elm | yew"
        assert unfolded(at)[0] == "▸   ash           Grey bark, black buds."
        assert "yew" not in "".join(unfolded(at))
        await at.press("down")
        assert row(at) == "Elm | yew"
        assert at.app.focused is entry_of(at, 2)


@pytest.mark.slow
async def test_own_words_have_space_and_arrows_from_their_first_letter_on() -> None:
    async with desk() as at:
        box = open_box(at)
        await at.press("space")
        await at.type("as a hege")
        await at.press("left", "left", "d", "end")
        await at.type(" of one")
        assert entry_of(at).value == "as a hedge of one"
        assert box.values["trees"] == "ash | as a hedge of one"
        # The keys don't go to the list: nothing in it is shown as the one under the cursor.
        assert unfolded(at)[0] == "  ✓ ash           Grey bark, black buds."
        assert "space chooses" not in at.screen()
        assert row(at) == "as a hedge of one"
        await at.press("tab")
        assert row(at) == "ash | as a hedge of one"
        await at.press("shift+tab", "ctrl+u", "right", "space")
        assert box.values["trees"] == "ash | field maple"
        assert "space chooses" in at.screen()


async def test_names_that_are_typed_are_chosen() -> None:
    async with desk() as at:
        box = open_box(at)
        await at.type("HOLM OAK | in rows | yew")
        assert box.values["trees"] == "holm oak | yew | in rows"
        await at.press("down", "up")
        assert entry_of(at).value == "in rows"
        assert unfolded(at)[3] == "  ✓ holm oak      Green all winter."
        assert box.values["trees"] == "holm oak | yew | in rows"


async def test_a_row_that_is_empty_says_its_hint() -> None:
    async with desk() as at:
        box = open_box(at)
        await at.seen()
        assert row(at) == "none; any tree"
        await at.press("space", "space", "down")
        assert row(at) == "none; any tree"
        assert box.values["trees"] == ""


async def test_a_paste_goes_to_the_own_words() -> None:
    async with desk() as at:
        box = open_box(at)
        await at.press("space")
        at.app.post_message(events.Paste("in rows\r\nand a ring"))
        await at.seen()
        assert box.values["trees"] == "ash | in rows and a ring"
        assert entry_of(at).value == "in rows and a ring"


# what is remembered, put and told


async def test_what_stood_in_it_is_there_again_and_can_be_forgotten() -> None:
    async with desk() as at:
        box = open_box(at)
        await at.press("right", "space", "a", "s", "escape")
        open_box(at, keep=True)
        await at.seen()
        assert box.values["trees"] == "field maple | as"
        assert entry_of(at).value == "as"
        assert unfolded(at)[1].startswith("  ✓ field maple")
        box.forget()
        await at.seen()
        assert box.values["trees"] == ""
        assert unfolded(at)[1].startswith("    field maple")
        await at.press("escape")
        open_box(at, keep=True)
        assert box.values["trees"] == ""
        open_box(at, [Field("trees", "trees", "yew | in rows | larch", picks=TREES)], keep=True, begin=0)
        await at.seen()
        # The cursor begins at the first that is chosen.
        assert box.values["trees"] == "yew | larch | in rows"
        assert "✓ yew" in unfolded(at)[-1]
        # What was chosen elsewhere is not chosen in another row.
        open_box(at, [Field("trees", "trees", picks=TREES)], begin=0)
        assert box.values["trees"] == ""


async def test_putting_a_text_into_it_chooses_what_that_names() -> None:
    async with desk() as at:
        box = open_box(at)
        await at.press("space")
        box.put({"trees": "in rows | larch"})
        await at.seen()
        assert box.values["trees"] == "larch | in rows"
        assert unfolded(at)[0].startswith("    ash")
        box.put({"trees": ""})
        assert box.values["trees"] == ""
        # A row without picks takes the same text as it stands.
        box.put({"count": "in rows | larch"})
        assert box.values["count"] == "in rows | larch"


async def test_choosing_says_that_something_changed_and_moving_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, str]] = []
    post = Box.post_message

    def listening(self: Box, message: Message) -> bool:
        if isinstance(message, Box.Changed | Box.Submitted):
            said.append((type(message).__name__, message.values["trees"]))
        return post(self, message)

    async with desk() as at:
        open_box(at)
        await at.seen()
        monkeypatch.setattr(Box, "post_message", listening)
        await at.press("right", "left")
        assert said == []
        await at.press("space", "right", "space", "space", "enter")
        changed = [("Changed", "ash"), ("Changed", "ash | field maple"), ("Changed", "ash")]
        assert said == [*changed, ("Submitted", "ash")]


async def test_keys_typed_at_once_do_what_they_do_one_by_one() -> None:
    async with desk() as at:
        box = open_box(at, begin=0)
        await at.press(*"ivy", "down", "space", "right", "space", *"by a wall", "down", "7", "up", "end", *"!")
        assert box.values == {"wish": "ivy", "trees": "ash | field maple | by a wall!", "count": "7"}


# room


@pytest.mark.slow
@pytest.mark.parametrize(("size", "lines"), [((120, 40), 6), ((80, 24), 4), ((120, 30), 5), ((80, 5), 1)])
async def test_the_list_is_as_high_as_the_screen_has_room_for(size: tuple[int, int], lines: int) -> None:
    async with desk(size=size) as at:
        open_box(at, [Field("trees", "trees", picks=TREES)], begin=0)
        await at.seen()
        assert at.main.box.query_one(PicksView).size.height == lines == max(1, min(6, size[1] // SHARE))


async def test_nine_rows_and_a_list_have_room_at_80_columns_and_24_lines() -> None:
    async with desk(size=(80, 24)) as at:
        fields = [*(Field(f"row{number}", f"row {number}", str(number)) for number in range(8)), FIELDS[1]]
        open_box(at, fields, begin=8)
        await at.press(*["right"] * 7)
        lines = at.screen().splitlines()
        for number in range(8):
            assert any(line.startswith(f"║ row {number}") for line in lines)
        assert unfolded(at)[-1].startswith("▸   yew")
        assert lines[-2].startswith("╚")
        assert lines[7].startswith("╔")
        assert not lines[6].startswith("║")


async def test_few_picks_take_no_more_lines_than_they_are() -> None:
    async with desk() as at:
        open_box(at, [Field("trees", "trees", picks=TREES[:2])], begin=0)
        await at.seen()
        assert len(unfolded(at)) == 2
        open_box(at, [Field("trees", "trees", picks=TREES[:5])], begin=0)
        await at.seen()
        assert len(unfolded(at)) == 5


async def test_two_rows_with_picks_unfold_each_their_own() -> None:
    async with desk() as at:
        stones = (("chalk", "Soft and white."), ("flint", "Sharp."))
        box = open_box(at, [Field("stones", "stones", picks=stones), *FIELDS[1:]], begin=0)
        await at.press("right", "space")
        assert unfolded(at) == ["    chalk  Soft and white.", "▸ ✓ flint  Sharp."]
        await at.press("down", "space")
        assert unfolded(at)[0] == "▸ ✓ ash           Grey bark, black buds."
        lines = at.screen().splitlines()
        assert (
            next(line for line in lines if "▸ ✓ ash" in line)
            == lines[lines.index(next(line for line in lines if line.startswith("║ trees"))) + 1]
        )
        await at.press("up")
        assert unfolded(at)[1] == "▸ ✓ flint  Sharp."
        assert box.values == {"stones": "flint", "trees": "ash", "count": ""}


async def test_wide_letters_long_names_and_plain_signs() -> None:
    async with desk(size=(80, 24)) as at:
        at.app.signs = PLAIN
        long = (("塩" * 30, "[red]x[/] " * 40), ("n" * 40, "塩" * 200))
        box = open_box(at, [Field("trees", "trees", picks=long)], begin=0)
        await at.press("space", "right")
        shown = unfolded(at)
        assert shown[0].startswith("  + 塩塩")
        assert shown[1].startswith("> ")
        assert "[red]x[/]" in shown[0]
        assert "塩~" in shown[1]
        assert "<- ->  2/2" in at.screen()
        assert box.values["trees"] == "塩" * 30
        await at.press("space", "escape")
        assert len(box._left["trees", "trees"]) == 30 + 3 + 40
