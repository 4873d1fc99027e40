"""A receipt as lines and as values: what is in, what is out, and why, at any width."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from composer.context import sheet
from composer.story.candidate import Fate, ItemReceipt, PartReceipt, Receipt
from composer.story.shape import Shape

NOTES = PartReceipt(
    "notes",
    306,
    cut=80,
    why="those whose names occur near",
    items=(
        ItemReceipt("Ilse (person)", 200, why="named in the beat", thing="n1"),
        ItemReceipt("the ledger (fact)", 106, why="pinned", thing="n2"),
        ItemReceipt("the mole (place)", 80, "cut", "its name does not occur near", "n3"),
    ),
)
CONDENSED = PartReceipt(
    "earlier, condensed",
    1905,
    why="2 of 2 summaries",
    items=(
        ItemReceipt("ch. 1", 900, why="from 7,120 tokens", thing="b1"),
        ItemReceipt("ch. 2", 1005, why="stale: edited since", thing="b81", stale=True),
    ),
)
EARLIER = PartReceipt(
    "earlier text",
    1302,
    cut=13_578,
    why="the newest 1,302 of 14,880 tokens",
    items=(
        ItemReceipt("¶1–212", 13_000, "condensed"),
        ItemReceipt("¶213", 578, "repeat", "says the same as ¶220"),
        ItemReceipt("¶214–240", 1302),
    ),
)
AFTER = PartReceipt("text after", 0, False, 412, "muted by you")
RECEIPT = Receipt(
    6601,
    8192,
    600,
    (PartReceipt("instructions", 212, why="always"), NOTES, CONDENSED, EARLIER, AFTER),
    exact=True,
    shape=Shape("lean", muted=("text after",), pinned=("notes:n2",)),
)


def line(name: str, lines: list[str]) -> str:
    (found,) = [each for each in lines if each[2:].strip().startswith(name)]
    return found


def words(text: str) -> str:
    return " ".join(text.split())


def test_each_part_says_its_tokens_and_why_and_each_thing_below_it_too() -> None:
    lines = sheet.lines(RECEIPT)
    assert words(line("instructions", lines)) == "✓ instructions 212 always"
    assert words(line("notes", lines)) == "✓ notes 306 80 those whose names occur near"
    assert words(line("Ilse", lines)) == "✓ Ilse (person) 200 named in the beat"
    assert words(line("the ledger", lines)) == "P the ledger (fact) 106 pinned"
    assert words(line("the mole", lines)) == "- the mole (place) 80 left out: its name does not occur near"
    assert words(line("ch. 2", lines)) == "~ ch. 2 1,005 stale: edited since"
    assert words(line("¶1–212", lines)) == "~ ¶1–212 13,000 told by its summary"
    assert words(line("¶213", lines)) == "- ¶213 578 says the same as ¶220"
    assert words(line("¶214", lines)) == "✓ ¶214–240 1,302 sent"
    assert words(line("text after", lines)) == "- text after 412 muted by you"
    assert lines[-1] == "Total 6,601 + 600 for the answer = 7,201 of 8,192 · exact count"


def test_what_is_sent_and_what_is_not_stand_in_columns_of_their_own() -> None:
    lines = sheet.lines(RECEIPT)
    sent, left = lines[0].index("tokens") + len("tokens"), lines[0].index("left out") + len("left out")
    assert line("instructions", lines)[:sent].endswith("  212")
    assert line("¶1–212", lines)[:left].endswith("13,000")
    assert line("¶1–212", lines)[sent - 6 : sent] == " " * 6
    assert line("earlier text", lines)[:sent].endswith(" 1,302")
    assert line("earlier text", lines)[:left].endswith("13,578")
    # Things are indented below their part, and every part is told in the order of the receipt.
    assert line("Ilse", lines).startswith("✓   Ilse")
    names = [each[2:20].strip() for each in lines if each[2:3] not in ("", " ")]
    assert names[:6] == ["part", "instructions", "notes", "earlier, condensed", "earlier text", "text after"]


def test_where_all_is_sent_there_is_no_column_for_what_is_left_out() -> None:
    whole = Receipt(228, 8192, 600, (PartReceipt("instructions", 212, why="always"), PartReceipt("format", 16)))
    lines = sheet.lines(whole)
    assert "left out" not in lines[0]
    assert words(lines[2]) == "✓ format 16"
    assert lines[-1].endswith("= 828 of 8,192 · estimate")


@pytest.mark.parametrize("fate", get_args(Fate))
def test_every_fate_has_words_where_a_receipt_gives_no_reason(fate: Fate) -> None:
    assert sheet.words(ItemReceipt("¶1", 5, fate))
    assert "because" in sheet.words(ItemReceipt("¶1", 5, fate, "because"))


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (ItemReceipt("¶1", 5, "cut", "older than what fits"), "left out: older than what fits"),
        (ItemReceipt("¶1", 5, "cut", "bare: left out"), "bare: left out"),
        (ItemReceipt("¶1", 5, "cut"), "left out"),
        (ItemReceipt("¶1", 5, "muted", "muted by you"), "muted by you"),
        (ItemReceipt("¶1", 5, why="the newest"), "the newest"),
    ],
)
def test_words(item: ItemReceipt, said: str) -> None:
    assert sheet.words(item) == said


@pytest.mark.parametrize(
    ("part", "sign"),
    [
        (PartReceipt("notes", 5), "+"),
        (PartReceipt("purpose", 5), "P"),
        (PartReceipt("purpose", 0, False, 5), "-"),
        (CONDENSED, "~"),
        # A stale summary that is not sent is no reason to look twice.
        (PartReceipt("earlier, condensed", 5, items=(ItemReceipt("ch. 1", 5, "cut", stale=True),)), "+"),
    ],
)
def test_signs_of_parts(part: PartReceipt, sign: str) -> None:
    assert sheet.sign_of_part(part, Receipt(5, 9, 1, (part,), shape=Shape(pinned=("purpose",))), "+") == sign


def test_signs_of_things() -> None:
    pinned = Receipt(5, 9, 1, (NOTES,), shape=Shape(pinned=("notes",), muted=("notes:n1",)))
    assert [sheet.sign_of_item(NOTES, item, pinned) for item in NOTES.items] == ["✓", "P", "-"]
    assert sheet.sign_of_item(CONDENSED, ItemReceipt("ch. 1", 5, "cut", stale=True), pinned) == "-"


def test_a_part_that_the_writer_changed_says_so_once() -> None:
    for why, said in (
        ("", "as you wrote it"),
        ("pinned", "pinned; as you wrote it"),
        ("as you wrote it", "as you wrote it"),
    ):
        part = PartReceipt("purpose", 5, why=why, edited=True)
        assert words(sheet.lines(Receipt(5, 9, 1, (part,)))[1]) == f"✓ purpose 5 {said}"


def test_in_a_narrow_place_reasons_go_on_below_themselves_and_names_are_cut() -> None:
    lines = sheet.lines(RECEIPT, 60)
    at = lines[0].index("why")
    assert max(len(each) for each in lines) <= 60
    below = lines[lines.index(line("the mole", lines)) + 1]
    assert below[:at].strip() == ""
    assert words(line("the mole", lines)[at:] + " " + below) == "left out: its name does not occur near"
    long = PartReceipt("notes", 5, items=(ItemReceipt("the lantern of the eastern mole and its keeper", 5),))
    assert " the lantern of the eastern mole…       5  sent" in line(
        "the lantern", sheet.lines(Receipt(5, 9, 1, (long,)), 60)
    )


def test_names_from_outside_stay_on_their_line_and_steer_nothing() -> None:
    part = PartReceipt("notes", 5, why="a\nb\x1b[2J", items=(ItemReceipt("Il\x1b]0;x\x07se\nor not", 5),))
    text = "\n".join(sheet.lines(Receipt(5, 9, 1, (part,))))
    assert text.count("\n") == 3
    assert all(each.isprintable() for each in text.split("\n"))


def test_an_empty_receipt() -> None:
    assert sheet.lines(Receipt(0, 0, 0, ()))[-1] == "Total 0 + 0 for the answer = 0 of 0 · estimate"


LABELS = st.text("ab ¶盐–é ", max_size=50)
ITEMS = st.builds(
    ItemReceipt, LABELS, st.integers(0, 10**7), st.sampled_from(get_args(Fate)), LABELS, st.sampled_from(("", "n1"))
)
PARTS = st.builds(
    PartReceipt,
    st.sampled_from(("notes", "earlier text", "format")),
    st.integers(0, 10**7),
    st.booleans(),
    st.integers(0, 10**7),
    LABELS,
    st.lists(ITEMS, max_size=4).map(tuple),
)


@given(st.lists(PARTS, max_size=4).map(tuple), st.integers(62, 120))
def test_no_line_is_wider_than_its_place(parts: tuple[PartReceipt, ...], width: int) -> None:
    receipt = Receipt(7, 9, 1, parts)
    assert all(cell_len(each) <= width for each in sheet.lines(receipt, width, cell_len))
    # Without a width there is one line for each part and thing, however long.
    assert len(sheet.lines(receipt)) == 2 + len(parts) + sum(len(part.items) for part in parts)


@example("盐" * 80 + " a" * 50, 50)
@given(st.lists(st.text("ab¶盐–é", min_size=1, max_size=90), max_size=5).map(" ".join), st.integers(50, 120))
def test_nothing_of_a_reason_is_lost_by_breaking_it(why: str, width: int) -> None:
    head, *lines, _ = sheet.lines(Receipt(7, 9, 1, (PartReceipt("purpose", 7, why=why),)), width, cell_len)
    at = head.index("why")
    assert "".join("".join(each[at:] for each in lines).split()) == "".join(why.split())


def test_messages_stand_below_their_roles() -> None:
    said = sheet.under_roles([("system", "You write.\n"), ("user", "Next:\nWren waits.\n\n")])
    assert said == "[system]\nYou write.\n\n[user]\nNext:\nWren waits."


def test_as_json() -> None:
    messages = [("system", "Write."), ("user", "Outline:\n> the oil\n\n")]
    told: dict[str, Any] = json.loads(json.dumps(sheet.told(RECEIPT, "b3", "wren-7b", messages)))
    assert (told["tokens"], told["budget"], told["reserve"], told["exact"]) == (6601, 8192, 600, True)
    assert (told["beat"], told["model"], told["amount"]) == ("b3", "wren-7b", "lean")
    assert told["parts"][1]["items"][2] == {
        "label": "the mole (place)",
        "tokens": 80,
        "fate": "cut",
        "why": "its name does not occur near",
        "stale": False,
    }
    assert {name: told["parts"][4][name] for name in ("name", "tokens", "kept", "cut", "why")} == {
        "name": "text after",
        "tokens": 0,
        "kept": False,
        "cut": 412,
        "why": "muted by you",
    }
    assert told["messages"][1] == {"role": "user", "content": "Outline:\n> the oil\n\n"}
    assert [part["name"] for part in told["parts"]] == [part.name for part in RECEIPT.parts]
