"""The asciicast: its form, and that the terminal it draws on shows the text."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from composer.exchange.film import cast as drawing
from composer.exchange.film.cast import cast
from composer.journal.entry import Entry, digest
from composer.journal.film import Film
from composer.journal.journal import Journal
from composer.journal.replay import Reel
from composer.journal.showing.parts import Paragraph
from composer.journal.showing.readers import Readers
from composer.journal.showing.show import show
from composer.story.candidate import Ending, PlaceTarget, Receipt, Recipe
from composer.story.events import CandidateEnded, CandidateGrew, MarkMade, RoundAsked, SessionOpened, TextEdited
from composer.story.manuscript import START, Block, Fragment
from composer.story.spans import Span, Written
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


def test_candidates_are_shown_whole_and_what_was_picked_is_drawn_apart() -> None:
    """Each width breaks lines elsewhere; no word may lose its end at the margin."""
    made = Journal()
    text = "From then on he left the whole of his house to the lamp. One cold night it went out. Nobody asked why."
    asked = RoundAsked(1, "continue", PlaceTarget(START), 0, "", (Recipe("home", "m"),), (), Receipt(0, 0, 0, ()))
    digest_ = digest(text.encode())
    ended = CandidateEnded("1.1", Ending("finished", "", len(text), digest_))
    start = text.index("One")
    mark = MarkMade(1, "1.1", start, start + len("One cold night it went out."))
    entries = list(made.record((asked, CandidateGrew("1.1", 0, text), ended, mark), 5))
    for width in range(72, 130):
        _, events = played(entries, width, 20)
        rows = [line.partition("│ ")[2].strip() for line in screens(events, 20)[-1]]
        assert text in " ".join(rows)
        drawn = "".join(told for _, kind, told in events if kind == "o")
        apart = re.findall(r"\x1b\[0;1;4m([^\x1b]*)", drawn)
        assert " ".join(each.strip() for each in apart) == "One cold night it went out."


def test_a_long_text_costs_no_more_than_what_is_seen_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    laid: list[object] = []
    really = drawing._paragraph.__wrapped__

    def counted(paragraph: Paragraph, width: int) -> object:
        laid.append(paragraph)
        return really(paragraph, width)

    monkeypatch.setattr(drawing, "_paragraph", counted)
    made = Journal()
    entries = list(made.record((SessionOpened("1"),), 0))
    for number in range(60):
        block = (Block(f"b{number}", "", (Span(f"Line {number}.", Written()),)),)
        at = made.story.manuscript.last if number else START
        put = Fragment((), block)
        entries += made.record((TextEdited(at, Fragment(), put, "typed"),), 1000 * (number + 1))
    _, events = played(entries, 100, 10)
    assert "Line 59." in "\n".join(screens(events, 10)[-1])
    assert len(laid) < 60 * 25
