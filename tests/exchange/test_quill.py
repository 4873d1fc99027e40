"""Deltas over UTF-16 units: what shows is the clean form of what a plain replay of the operations gives."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from composer.exchange.programs.quill import EMBED, Change, Edit, Page, Place, _shown, as_units, edits, joined, whole
from composer.exchange.taken import Tally
from composer.text.clean import clean


def replay(units: str, ops: list[dict[str, Any]]) -> str:
    """The units behind a delta, walked one operation at a time."""
    done, rest = "", units
    for op in ops:
        if "retain" in op:
            done, rest = done + rest[: op["retain"]], rest[op["retain"] :]
        elif "insert" in op:
            done += as_units(op["insert"])
        else:
            rest = rest[op["delete"] :]
    return done + rest


def change_all(page: Page, *ops: dict[str, Any]) -> list[Change | None]:
    return [page.change(edit) for edit in joined(edits({"ops": list(ops)}, Tally()))]


def applied(text: str, changes: list[Change | None]) -> str:
    """Shown text with changes made where they say, which must find what they take out."""
    for change in changes:
        if change:
            lines = text.split("\n")
            at = sum(len(line) + 1 for line in lines[: change.at.row]) + change.at.column
            assert change.at.column <= len(lines[change.at.row])
            assert text[at : at + len(change.gone)] == change.gone
            text = text[:at] + change.put + text[at + len(change.gone) :]
    return text


def test_a_place_is_a_row_and_a_character() -> None:
    page = Page("ab\n\nc😀d")
    places = [page.place(at) for at in range(9)]
    assert places == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 1), (2, 2), (2, 2), (2, 3)]
    assert page.place(99) == (2, 3)
    assert page.place(-4) == (0, 0)


def test_a_place_behind_a_text_counts_its_rows() -> None:
    assert Place(2, 3).behind("ab") == (2, 5)
    assert Place(2, 3).behind("ab\n\nxyz") == (4, 3)


def test_an_insertion_and_a_deletion_that_meet_are_one_replacement() -> None:
    assert change_all(Page("salt road"), {"retain": 5}, {"delete": 4}, {"insert": "sea"}) == [((0, 5), "road", "sea")]
    assert change_all(Page("salt road"), {"retain": 5}, {"insert": "sea"}, {"delete": 4}) == [((0, 5), "road", "sea")]


def test_two_changes_of_one_delta_stay_two() -> None:
    page = Page("one two")
    changed = change_all(page, {"insert": "x"}, {"retain": 4}, {"delete": 3})
    assert changed == [((0, 0), "", "x"), ((0, 5), "two", "")]
    assert page.text == "xone "


def test_a_pair_that_is_typed_in_halves_shows_when_it_is_whole() -> None:
    page = Page("ab")
    assert page.change(Edit(1, 0, "\ud83d")) == ((0, 1), "", "\ufffd")
    assert page.change(Edit(2, 0, "\ude00")) == ((0, 1), "\ufffd", "😀")
    assert page.text == "a😀b"
    assert page.place(3) == (0, 2)


def test_a_deletion_that_splits_a_pair_leaves_a_replacement_and_the_offsets_behind_it_hold() -> None:
    page = Page("a😀b")
    assert page.change(Edit(2, 1, "")) == ((0, 1), "😀", "\ufffd")
    assert page.change(Edit(2, 0, "c")) == ((0, 2), "", "c")
    assert page.text == "a\ufffdcb"


def test_crlf_is_one_line_feed_and_counts_two_units() -> None:
    page = Page("a\r\nb")
    assert page.text == "a\nb"
    assert page.change(Edit(3, 0, "x")) == ((1, 0), "", "x")
    assert page.change(Edit(2, 0, "y")) == ((1, 0), "", "y\n")
    assert page.text == "a\ny\nxb"


def test_what_the_filter_drops_still_counts() -> None:
    page = Page("a\x1b\u202eb")
    assert page.text == "ab"
    assert page.change(Edit(4, 0, "c")) == ((0, 2), "", "c")
    assert page.change(Edit(1, 2, "")) is None
    assert page.change(Edit(2, 0, "d")) == ((0, 2), "", "d")


def test_combining_marks_are_capped_however_they_come() -> None:
    page = Page("a")
    for number in range(12):
        page.change(Edit(1 + number, 0, "\u0301"))
    assert page.text == clean("a" + 12 * "\u0301") == "a" + 8 * "\u0301"
    assert page.change(Edit(1, 6, "")) == ((0, 1), "\u0301\u0301", "")


def test_an_embed_counts_one_unit_and_is_shown() -> None:
    tally = Tally()
    page = Page("ab")
    delta = {"ops": [{"retain": 1}, {"insert": {"image": "x"}, "attributes": {"width": 3}}, {"insert": "c"}]}
    for edit in joined(edits(delta, tally)):
        page.change(edit)
    assert page.text == f"a{EMBED}cb"
    assert [loss.count for loss in tally.all] == [1, 1]


def test_what_is_no_operation_is_counted_and_left_out() -> None:
    for delta in ("", None, 7, {}, {"ops": "x"}, {"ops": {}}):
        tally = Tally()
        assert list(edits(delta, tally)) == []
        assert [loss.count for loss in tally.all] == [1]
    tally = Tally()
    ops = [None, {}, {"retain": -1}, {"retain": 1.5}, {"delete": True}, {"insert": 5}, {"retain": "2"}, {"delete": 1}]
    assert list(edits({"ops": ops}, tally)) == [(2, 1, "")]
    assert [loss.count for loss in tally.all] == [6]


def test_a_change_that_reaches_past_the_end_is_cut() -> None:
    page = Page("ab")
    assert page.change(Edit(1, 10**30, "")) == ((0, 1), "b", "")
    assert page.change(Edit(10**30, 5, "c")) == ((0, 1), "", "c")


def test_unknown_text_holds_its_place_and_shows_nothing() -> None:
    page = Page()
    page.reach(5)
    assert page.text == ""
    assert page.change(Edit(5, 0, "b")) == ((0, 0), "", "b")
    assert page.change(Edit(2, 0, "a")) == ((0, 0), "", "a")
    assert page.change(Edit(0, 2, "")) is None
    assert page.text == "ab"


def test_whole_numbers() -> None:
    assert [whole(each) for each in (3, "30", 2.0, 2.5, "-1", "x", True, None, "²", "9" * 30)] == [
        3, 30, 2, None, None, None, None, None, None, None,
    ]  # fmt: skip


CHARS = st.text(st.sampled_from("ab \n\r\t\u0301\u0336é😀\U000e0041\ud83d\ude00\ufeff\u202e\x1b\u2028字"), max_size=12)
OPS = st.lists(
    st.one_of(
        st.builds(lambda size: {"retain": size}, st.integers(0, 9)),
        st.builds(lambda size: {"delete": size}, st.integers(0, 5)),
        st.builds(lambda text: {"insert": text}, CHARS),
    ),
    max_size=5,
)


@given(CHARS, st.lists(OPS, max_size=8))
def test_what_shows_is_the_clean_form_of_a_plain_replay(text: str, deltas: list[list[dict[str, Any]]]) -> None:
    page = Page(text)
    units, shown = as_units(text), page.text
    for ops in deltas:
        changes = change_all(page, *ops)
        units = replay(units, ops)
        shown = applied(shown, changes)
        assert page.units == units
        assert page.text == shown == clean(units)
        for at in range(len(units) + 1):
            assert page.place(at) == Place(0, 0).behind("".join(_shown(units)[:at]))


@given(CHARS)
def test_units_join_to_the_text(text: str) -> None:
    assert len(as_units(text)) == len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert Page(text).text == clean(text)
