"""Lines of outlines: each form that models answer in, and what holds for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.listing import Line, lines, plain


def _cases() -> list[tuple[str, str, list[str]]]:
    """The answers of `listing.txt`: name, text and the lines that it has, each with two spaces for each level."""
    cases: list[tuple[str, str, list[str]]] = []
    for block in Path(__file__).with_name("listing.txt").read_text(encoding="utf-8").split("\n== "):
        name, _, rest = block.removeprefix("== ").partition("\n")
        text, _, expected = rest.partition("\n=>\n")
        cases.append((name, text, expected.rstrip("\n").split("\n")))
    return cases


CASES = _cases()
UNSTEADY = {
    "plain lines with empty ones between them, of two sentences each",
    "titles before several sentences",
    "too few lines have titles",
    "lists right below plain lines",
}
"""Answers whose form shows only in a later row: prose or lines, titles or none, lines below others or a remark before them."""
PIECES = st.sampled_from(
    [
        *(
            "- ",
            "* ",
            "1. ",
            "2. ",
            "1.1 ",
            "(a) ",
            "II. ",
            "[1] ",
            "[ ] ",
            "# ",
            "## ",
            "> ",
            "| a | b |",
            "|---|---|",
        ),
        *("**", "*", "_", ": ", " — ", "Chapter 2", "Act I", "Beat 3:", "Title: ", "Summary: ", "Epilogue: "),
        *("The tower", "Wren climbs it.", "odo", "Here is an outline:", "Let me know", "塔", "第三章", "。", "…", "3"),
        *("\n", "\n", "\n\n", "    ", "\t", "```", "---", "[", "]", "{", "}", '"', ",", "\\", "\\u00", "\\n"),
        *('"title"', '"beats"', '["', '{"', "\u2028", "\r", "\ud800", "é"),
    ]
)
SOUP = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=60))


def shown(text: str) -> list[str]:
    """The lines as `listing.txt` has them."""
    return ["  " * line.depth + f"{line.title} :: {line.summary}".strip() for line in lines(text)]


def check(text: str) -> None:
    """What holds for the lines of any text."""
    at, depth = 0, -1
    for line in lines(text):
        assert at <= line.start < line.end <= len(text)
        assert 0 <= line.depth <= depth + 1
        assert line.title or line.summary
        for words in (line.title, line.summary):
            assert words == plain(words) == " ".join(words.split())
        at, depth = line.end, line.depth


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_form_has_its_lines(text: str, expected: list[str]) -> None:
    assert shown(text) == expected
    check(text)


def test_the_table_is_wide() -> None:
    assert len(CASES) >= 60
    assert len({text for _, text, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("name", "text"), [case[:2] for case in CASES], ids=[case[0] for case in CASES])
def test_rows_that_come_leave_the_lines_before_them(name: str, text: str) -> None:
    """The last line may still grow, since what follows can be more of it."""
    rows = text.splitlines(keepends=True)
    before: tuple[Line, ...] = ()
    steady = True
    for count in range(1, len(rows) + 1):
        now = lines("".join(rows[:count]))
        steady &= now[: max(0, len(before) - 1)] == before[:-1] and len(now) >= len(before)
        before = now
    assert steady == (name not in UNSTEADY)


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_json_that_streams_shows_what_is_there(cut: int) -> None:
    text = next(text for name, text, _ in CASES if name.startswith("JSON: objects"))
    whole, part = lines(text), lines(text[:cut])
    check(text[:cut])
    assert [line.title for line in part[:-1]] == [line.title for line in whole][: max(0, len(part) - 1)]
    assert not any("{" in line.title + line.summary for line in part)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. **The tower**: Wren climbs it.", ["The tower**: Wren climbs it."]),
        ("- *Wren* climbs **it**.\n- [x] **Odo waters it.**", ["Wren* climbs **it**.", "Odo waters it."]),
        ('[{"title": "A key", "summary": "It is \\"warm\\"."}]', ['A key", "summary": "It is \\"warm\\".']),
        ("## Chapter 1: The tower\n\nWren climbs it. \n", ["The tower\n\nWren climbs it."]),
        (
            "| 1 | The tower | Wren climbs it. |\n| 2 | The oil | Odo. |",
            ["The tower | Wren climbs it.", "The oil | Odo."],
        ),
        ("Act I\n- Wren climbs it.", ["Act I", "Wren climbs it."]),
    ],
)
def test_ranges_hold_title_and_summary_without_signs_around_them(text: str, expected: list[str]) -> None:
    assert [text[line.start : line.end] for line in lines(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " \n\t", "---\n***\n===", "```", "[", "{", "[]", "{}", '{"beats": []}', "```json\n[", "…", "- \n- "),
        *("Here is an outline:", "Sure! Here's the outline.", "# Outline", "Let me know if you want more!"),
        '{"title": "The Second Key", "outline": [',
    ],
)
def test_what_frames_a_list_is_no_line(text: str) -> None:
    assert lines(text) == ()


def test_a_long_line_is_one_line() -> None:
    text = "- " + "Wren climbs and climbs; " * 200 + "she stops. Odo waits."
    assert [(line.start, line.end) for line in lines(text)] == [(2, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**a** *b* __c__ _d_ ***e*** **_f_**", "a b c d e f"),
        ("snake_case 5 * 3 f**k a* b", "snake_case 5 * 3 f**k a* b"),
        ("**a*", "*a"),
        ("***a** b*", "a b"),
        ("他**不**来", "他不来"),
        (" a\n\u2028b ", "a b"),
    ],
)
def test_emphasis_goes_where_it_pairs_up(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(alphabet=st.sampled_from("ab*_ *_.塔\n"), max_size=40))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(SOUP)
def test_any_text_has_lines_in_order(text: str) -> None:
    check(text)


@given(st.lists(PIECES, max_size=20).map("".join), st.sampled_from(['["', '[{"title": "', '{"beats": [', '{"1": "']))
def test_any_json_has_lines_in_order(text: str, begin: str) -> None:
    check(begin + text)


@pytest.mark.parametrize("word", ["Wren", "Ödön", "塔"])
@given(st.lists(st.sampled_from(["climbs", "waters the oil", "waits", "sees it"]), min_size=2, max_size=9))
def test_the_marks_of_a_list_change_no_line(word: str, deeds: list[str]) -> None:
    said = [f"{word} {deed}." for deed in deeds]
    for mark in ("{}. ", "{}) ", "({}) ", "[{}] ", "- ", "* ", "• ", "- [ ] ", "Beat {}: ", "**{}.** ", "> {}. "):
        text = "\n".join(mark.format(number) + line for number, line in enumerate(said, 1))
        assert [(line.depth, line.title, line.summary) for line in lines(text)] == [(0, "", line) for line in said]


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "[",
            "{",
            "-",
            "- ",
            "*",
            "*a ",
            "_a* ",
            "#",
            "# a\n",
            "1.",
            "1.1.",
            "(",
            "|",
            "`",
            '"',
            '["',
            '{"a":',
            '[{"title":',
        ),
        *(
            ":",
            "A: ",
            "Act ",
            "> ",
            " ",
            "\n",
            "\t",
            "\\",
            "**a**\n",
            "  - a\n",
            "1. a\n",
            "Let me know\n",
            "a\n\n",
            "{ \n",
        ),
    ],
)
def test_hostile_texts_have_an_answer(piece: str) -> None:
    check(piece * (40_000 // len(piece)))
    check('["' + piece * (10_000 // len(piece)))


def test_a_bold_lead_is_no_title_when_it_is_long() -> None:
    text = "\n".join(f"- **{name} climbs {'and climbs ' * 12}on:** she waits." for name in ("Wren", "Iva"))
    assert [line.title for line in lines(text)] == ["", ""]


def test_depth_has_an_end() -> None:
    rows = "".join(" " * 4 * depth + "- Wren\n" for depth in range(60))
    assert max(line.depth for line in lines(rows)) == 20
    assert max(line.depth for line in lines('[{"title": "a", "beats": ' * 5_000)) == 20
