"""A story by its beats: each form of mark, what stands outside of marks, and what holds while a text grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.division import divided

FORMS = (
    *(
        "[{}]",
        "[{}].",
        "[{}]:",
        "**[{}]**",
        "**[{}].**",
        "[Beat {}]",
        "[Section {}]",
        "[ {} ]",
        "## [{}]",
        "[#{}]",
        "[{}: The tower]",
    ),
    *("## {}", "# {}.", "### {}. The tower", "## Beat {}", "## Beat {}: The tower", "## **{}**", "**[{}] The tower**"),
    *(
        "{}.",
        "{})",
        "({})",
        "**{}.**",
        "**{}**",
        "Beat {}",
        "Beat {}:",
        "Section {}: The tower",
        "**Beat {}:** The tower",
        "beat {} –",
    ),
)
PIECES = st.sampled_from(
    [
        *(
            "[1]",
            "[2]",
            "[3] ",
            "[7]",
            "[12]",
            "[",
            "]",
            "**",
            "## 1",
            "# ",
            "Beat 2:",
            "2.",
            "3)",
            "Wren climbs.",
            "Odo",
        ),
        *("\n", "\n", "\n\n", " ", "---", "```", "Sure!", "\u2028", "\r", "塔。", "1", "0"),
    ]
)
SOUP = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(alphabet="[]12*#.\n a", max_size=60), st.text())
PROSE = st.lists(
    st.sampled_from(
        [
            "Wren climbs the tower.",
            "Before noon, Odo waters it.",
            "[how much?] Iva sees.",
            "3 ships wait.",
            "*So* it ends.",
        ]
    ),
    min_size=1,
    max_size=3,
)


def parts(text: str, count: int) -> list[str]:
    return [text[start:end] for start, end in divided(text, count)]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_mark(form: str) -> None:
    told = ["Wren climbs the tower.\n\nHer can is empty.", "Odo waters the oil.", "Iva sees the light go out."]
    text = "\n\n".join(f"{form.format(number)}\n\n{each}" for number, each in enumerate(told, 1))
    assert parts(text, 3) == told
    assert parts(text + "\n", 5) == [*told, "", ""]


@pytest.mark.slow
@pytest.mark.parametrize("form", [*FORMS, "[{}] "])
@given(st.lists(PROSE, min_size=1, max_size=3))
def test_marks_are_never_shown_while_they_come(form: str, told: list[list[str]]) -> None:
    """What is shown of a part is the beginning of it, wherever the text has come to."""
    marks = [form.format(number) + ("" if form.endswith(" ") else "\n") for number in range(1, len(told) + 1)]
    text = "\n\n".join(mark + "\n\n".join(rows) for mark, rows in zip(marks, told, strict=True))
    whole = parts(text, len(told))
    assert whole == ["\n\n".join(rows) for rows in told]
    for cut in range(len(text)):
        assert all(
            all_of_it.startswith(part) for part, all_of_it in zip(parts(text[:cut], len(told)), whole, strict=True)
        )


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("[1] Wren climbs.\n[2] Odo waits.", 2, ["Wren climbs.", "Odo waits."]),
        ("[1]Wren climbs.\n[2]“Out,” says Odo.", 2, ["Wren climbs.", "“Out,” says Odo."]),
        ("Section 1: Wren climbs.\nSection 2: Odo waits.", 2, ["Wren climbs.", "Odo waits."]),
        ("Beat 1: The oil\nWren climbs.\nBeat 2: The oil\nOdo waits.", 2, ["Wren climbs.", "Odo waits."]),
        ("Beat 1: Wren climbs.\nUp she goes.\nBeat 2: Odo waits.\nHe yawns.", 2, ["Up she goes.", "He yawns."]),
        ("Beat 1: " + "Wren climbs. " * 20, 1, [("Wren climbs. " * 20).strip()]),
        ("---\n\n[1]\nWren climbs.\n\n---\n\n[2]\nOdo waits.\n\n---\n", 2, ["Wren climbs.", "Odo waits."]),
        ("[1]\n---\nWren climbs.\n---\n~~~", 1, ["Wren climbs."]),
        ("```\n[1]\nWren climbs.\n\n***\n\nOdo waits.\n```", 1, ["Wren climbs.\n\n***\n\nOdo waits."]),
    ],
)
def test_what_stands_on_the_row_of_a_mark(text: str, count: int, expected: list[str]) -> None:
    assert parts(text, count) == expected


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("[1]\nWren.\n[3]\nIva.", 3, ["Wren.", "", "Iva."]),
        ("[1]\nWren.\n[1]\nOdo.", 2, ["Wren.\n[1]\nOdo.", ""]),
        ("[2]\nWren.\n[1]\nOdo.\n[3]\nIva.", 3, ["", "Wren.\n[1]\nOdo.", "Iva."]),
        ("[1]\nWren.\n[2]\nOdo.", 1, ["Wren.\n[2]\nOdo."]),
        ("[1]\nWren.\n[9]\nOdo.", 2, ["Wren.\n[9]\nOdo.", ""]),
        ("[1]\n[2]\nOdo.", 2, ["", "Odo."]),
        ("[0]\n[1]\nOdo.", 2, ["Odo.", ""]),
        ("[1]\n[how does it end?]\n[a1]\n[1917] was cold.", 2, ["[how does it end?]\n[a1]\n[1917] was cold.", ""]),
        (
            "[1]\n3 ships wait.\n2. of March\nShe read [2] aloud.",
            3,
            ["3 ships wait.\n2. of March\nShe read [2] aloud.", "", ""],
        ),
        ("## 1. Harbour\n[1]\nWren.\n## 2. Sea\n[2]\nOdo.", 2, ["Wren.\n## 2. Sea", "Odo."]),
        ("## 1. Harbour\n[1]\nWren.\n## 2. Sea\n", 2, ["Wren.\n## 2. Sea", ""]),
        ("Beat 1:\nWren.\n[2]\nBeat 2:\nOdo.\nBeat 3:\nIva.", 3, ["Wren.\n[2]", "Odo.", "Iva."]),
        ("Section 9\nBeat 1 of the drum\n1 Wren", 9, ["", "", "", "", "", "", "", "", "Beat 1 of the drum\n1 Wren"]),
    ],
)
def test_numbers_that_mark_nothing_are_text(text: str, count: int, expected: list[str]) -> None:
    assert parts(text, count) == expected


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("The Second Key\n\n[1]\nWren.", 1, ["Wren."]),
        ("Wren keeps the lamp.\n\n[1]\nWren climbs.", 1, ["Wren climbs."]),
        ("Sure! Here is the story:\n\n# The Second Key\n\n[1]\nWren.", 1, ["Wren."]),
        ("The Second Key\n[2]\nOdo.", 2, ["", "Odo."]),
        ("Wren climbs the tower.\n\n[2]\nOdo.", 2, ["Wren climbs the tower.", "Odo."]),
        ("Wren climbs.\n\nIt is late.\n\n[3]\nOdo.", 3, ["Wren climbs.\n\nIt is late.", "", "Odo."]),
        ("Wren climbs.\n\nIt is late.\n\n[1]\n\n[2]\nOdo.", 2, ["Wren climbs.\n\nIt is late.", "Odo."]),
        ("Wren climbs.\n\nIt is late.\n\n[1]\nOdo.", 1, ["Wren climbs.\n\nIt is late.\n\n[1]\nOdo."]),
        ("Wren climbs. " * 20 + "\n[1]\nOdo.", 1, ["Wren climbs. " * 20 + "\n[1]\nOdo."]),
    ],
)
def test_text_before_the_first_mark(text: str, count: int, expected: list[str]) -> None:
    assert parts(text, count) == expected


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("Wren.\n\nOdo.\n\nIva.", 3, ["Wren.", "Odo.", "Iva."]),
        ("Wren.\nOdo.\nIva.", 3, ["Wren.", "Odo.", "Iva."]),
        ("Wren.\n\nOdo.", 4, ["Wren.", "Odo.", "", ""]),
        ("Wren climbs.\n\nOdo.\n\nIva.\n\nShe yawns.", 2, ["Wren climbs.\n\nOdo.", "Iva.\n\nShe yawns."]),
        ("Wren climbs the tower at night.\n\nOdo.\n\nIva.", 2, ["Wren climbs the tower at night.", "Odo.\n\nIva."]),
        ("Odo.\n\nIva.\n\nWren climbs the tower at night.", 3, ["Odo.", "Iva.", "Wren climbs the tower at night."]),
        (
            "Odo.\n\nWren climbs the tower at night, and again.\n\nIva.\n\nPell.",
            3,
            ["Odo.", "Wren climbs the tower at night, and again.", "Iva.\n\nPell."],
        ),
        (
            "Wren climbs the tower at night.\n\nOdo.\n\nIva.\n\nPell.",
            3,
            ["Wren climbs the tower at night.", "Odo.", "Iva.\n\nPell."],
        ),
        (
            "Odo.\n\nIva.\n\nPell.\n\nWren climbs the tower at night.",
            3,
            ["Odo.\n\nIva.", "Pell.", "Wren climbs the tower at night."],
        ),
        ("“Who?”\n“Odo.”\n\nWren climbs.\n“Why?”", 2, ["“Who?”\n“Odo.”", "Wren climbs.\n“Why?”"]),
        ("Wren climbs the\ntower at\nnight", 2, ["Wren climbs the\ntower at\nnight", ""]),
        ("# The Second Key\n\nWren.\n\n---\n\nOdo.", 2, ["Wren.", "Odo."]),
        ("Here is the story:\n\nWren.", 1, ["Wren."]),
        ("1. Wren\n2. Odo", 1, ["1. Wren\n2. Odo"]),
        ("", 2, ["", ""]),
        ("Wren.", 0, []),
        ("Wren.", -3, []),
    ],
)
def test_without_marks_the_paragraphs_are_shared_out(text: str, count: int, expected: list[str]) -> None:
    assert parts(text, count) == expected


@pytest.mark.parametrize("end", ["[", "[2", "**[", "**", "#", "## ", "## [2", "[Bea", "[Beat 2", "[2: The oi", "[1"])
def test_a_last_row_that_may_become_a_mark_is_not_shown(end: str) -> None:
    assert parts(f"[1]\nWren climbs.\n\n{end}", 12)[0] == "Wren climbs."


@pytest.mark.parametrize("end", ["[1", "[13", "[x", "B", "Beat", "2", "2. Odo", "## 2", "[how", "**So"])
def test_a_last_row_that_can_become_no_mark_is_text(end: str) -> None:
    assert parts(f"[1]\nWren climbs.\n\n{end}", 9)[0] == f"Wren climbs.\n\n{end}"


@pytest.mark.parametrize(
    ("end", "hidden"), [("Bea", True), ("Section", True), ("1", True), ("Sea", False), ("2", True)]
)
def test_other_marks_that_may_come_are_not_shown(end: str, hidden: bool) -> None:
    text = f"Wren climbs.\n\n{end}"
    assert (parts(text, 2)[1] == "") == hidden
    assert end in "".join(parts(text + "\n", 2))


def check(text: str, count: int) -> None:
    ranges = divided(text, count)
    assert len(ranges) == max(0, count)
    at = 0
    for start, end in ranges:
        assert at <= start <= end <= len(text)
        assert text[start:end] == text[start:end].strip()
        at = end


@given(SOUP, st.integers(-1, 8))
def test_any_text_has_its_parts_in_order(text: str, count: int) -> None:
    check(text, count)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(1, 6))
def test_runs_are_as_equal_as_paragraphs_allow(sizes: list[int], count: int) -> None:
    text = "\n\n".join("a" * (size - 1) + "." for size in sizes)
    found = parts(text, count)
    assert "\n\n".join(part for part in found if part) == text
    assert [bool(part) for part in found] == [number < len(sizes) for number in range(count)]
    if len(sizes) > count:
        goal = sum(sizes) / count
        assert max(len(part.replace("\n", "")) for part in found) <= goal + max(sizes)


@pytest.mark.parametrize(
    "piece", ["[", "[1]\n", "1.\n", "#", "# ", "*", "**[", "\n", " ", "---\n", "Beat 1:\n", "a\n\n", "[1", "1"]
)
def test_hostile_texts_have_parts(piece: str) -> None:
    check(piece * (100_000 // len(piece)), 7)
    check("Wren\n" + piece * (100_000 // len(piece)) + "[3]", 10_000)


def test_a_number_that_is_still_being_written_is_no_text() -> None:
    whole = "[1]\nOne is told.\n\n[2]\nTwo is told."
    for end in range(len(whole) + 1):
        found = divided(whole[:end], 2)
        for (left, right), told in zip(found, ("One is told.", "Two is told."), strict=True):
            assert told.startswith(whole[left:right])
