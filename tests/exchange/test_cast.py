"""The asciicast: its form, and that the terminal it draws on shows the text."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from composer.exchange.film.cast import cast
from composer.journal.entry import Entry
from composer.journal.film import Film
from composer.journal.replay import Reel
from composer.journal.showing.readers import Readers
from composer.journal.showing.show import show
from tests.exchange.test_page import journal

OUTPUT = re.compile(r"\x1b\[(?:\?25[lh]|2J|K|\d+;\d+H|[\d;]*m)")


def played(entries: list[Entry], width: int, height: int) -> tuple[dict[str, object], list[tuple[float, str, str]]]:
    lines = cast(show(Film(Reel(entries)), Readers(), {}), width=width, height=height, made=1_795_263_625_924)
    head, *events = map(json.loads, lines.decode().splitlines())
    return head, [tuple(event) for event in events]


def screens(events: list[tuple[float, str, str]], height: int) -> list[list[str]]:
    """The lines of the terminal after each output; it knows just the sequences that are written."""
    # By line, what begins in which column; what stands left of the other column is filled up.
    lines: list[dict[int, str]] = [{} for _ in range(height)]
    found = []
    for _, kind, told in events:
        if kind != "o":
            continue
        assert "\x1b" not in OUTPUT.sub("", told)
        line, column = 0, 1
        for sequence, text in re.findall(r"(\x1b\[[?\d;]*[A-Za-z])([^\x1b]*)", told):
            if sequence.endswith("H"):
                line, column = (int(number) for number in sequence[2:-1].split(";"))
                lines[line - 1][column] = ""
            lines[line - 1][column] = lines[line - 1].get(column, "") + text
        found.append(["".join(each[column] for column in sorted(each)) for each in lines])
    return found


def test_its_form() -> None:
    head, events = played(journal("Wren lit the lamp"), 100, 30)
    assert head == {"version": 2, "width": 100, "height": 30, "timestamp": 1_795_263_625, "title": "Wren lit the lamp"}
    assert [time for time, _, _ in events] == sorted(time for time, _, _ in events)
    assert {kind for _, kind, _ in events} == {"o", "m"}
    markers = [told for _, kind, told in events if kind == "m"]
    assert markers[0].startswith("Round 1 asks for 1 candidate")
    assert markers[1] == "Placed: 1 marked piece of candidate 1.1."


@pytest.mark.parametrize(("width", "height"), [(100, 30), (50, 24), (20, 6)])
def test_the_terminal_shows_the_text_and_nothing_is_wider_than_it(width: int, height: int) -> None:
    _, events = played(journal("漢字 lit the lamp"), width, height)
    found = screens(events, height)
    assert all(cell_len(line) <= width for screen in found for line in screen)
    if height >= 24:
        assert any("漢字 lit the lamp" in line for line in found[-1])
        assert any("1.1 T0.6" in line for line in found[-1])
        # It was placed, and then that was undone.
        assert sum(any("✓ placed" in line for line in screen) for screen in found) >= 1
        assert not any("✓ placed" in line for line in found[-1])
        assert any("✎ 漢字 lit the lamp" in line for screen in found for line in screen)


def test_a_candidate_streams_as_it_did() -> None:
    _, events = played(journal("Wren lit the lamp"), 100, 30)
    times = [time for time, kind, told in events if kind == "o" and "Wre" in told]
    assert len(times) >= 3
    found = screens(events, 30)
    right = [[line.partition("│ ")[2] for line in screen] for screen in found]
    assert any("Wre" in lines for lines in right)


@settings(max_examples=25)
@given(words=st.text(min_size=6, max_size=60), width=st.integers(12, 120), height=st.integers(4, 40))
def test_no_text_brings_a_sequence_of_its_own(words: str, width: int, height: int) -> None:
    words = (words + "\x1b[31m\x9b2J\x07").encode("utf-8", "replace").decode()
    _, events = played(journal(words), width, height)
    for _, kind, told in events:
        rest = OUTPUT.sub("", told) if kind == "o" else told
        assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in rest)
