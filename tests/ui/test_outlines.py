"""Outlines by lens from the keyboard: asking on the purpose, picking lines, expanding, summing up and condensing beats."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from composer.story.actions import outline as beats
from composer.story.candidate import LineTarget, OutlineTarget
from composer.story.manuscript import START
from composer.story.spans import Edited, Generated
from tests.ui.desk import Desk, desk

FIRST = "Here is an outline:\n\n1. Wren lights the lamp.\n2. No ship answers.\n3. The oil runs low."
SECOND = "- **The letter**: A letter comes about the oil.\n- **The friend**: Someone was there all along."


async def purpose(at: Desk, words: str = "Unseen care is care all the same.") -> None:
    at.session.record(beats.change_details(at.story, replace(at.story.details, purpose=words)))
    await at.seen()


async def on_purpose(at: Desk) -> None:
    """The keys to the outline, its cursor on the first line."""
    await at.press("shift+tab", *["up"] * 9)


def lines(at: Desk) -> list[tuple[int, str]]:
    return [(row.depth, row.beat.text.full) for row in at.story.outline.rows()]


async def test_asking_on_the_purpose_makes_an_outline_for_each_lens() -> None:
    async with desk() as at:
        await purpose(at)
        await on_purpose(at)
        names = [lens.name for lens in at.main.lenses][:5]
        assert f"outline the story ×{len(names)}" in at.screen()
        await at.press("ctrl+g")
        asked = at.story.rounds[0]
        assert asked.kind == "outline"
        assert asked.target == OutlineTarget("", 0)
        assert [each.recipe.lens_name for each in asked.candidates] == names
        assert [each.recipe.lens for each in asked.candidates] == [lens.text for lens in at.main.lenses][:5]
        assert {each.recipe.temperature for each in asked.candidates} == {0.8}
        said = at.endpoint.requests[0].messages
        assert at.main.lenses[0].text in said[0][1]
        assert "Write an outline" in said[0][1]
        assert "Unseen care" in said[1][1]


async def test_lines_are_picked_across_outlines_and_go_where_the_cursor_stands() -> None:
    async with desk() as at:
        await purpose(at)
        at.beat("There before.")
        at.beat("There behind.")
        await on_purpose(at)
        await at.press("ctrl+g")
        await at.round(FIRST, SECOND)
        await at.press("down", "tab", "tab")
        await at.press("1", "down", "space", "2", "space")
        assert "after beat 1" in at.screen()
        await at.press("enter")
        assert lines(at) == [
            (0, "There before."),
            (0, "No ship answers."),
            (0, "The letter: A letter comes about the oil."),
            (0, "There behind."),
        ]
        origin = at.story.outline.beats[1].text.origin
        assert isinstance(origin, Generated)
        assert FIRST[origin.start : origin.end] == "No ship answers."
        assert at.main.outline.has_focus
        assert at.main.outline.beat == at.story.outline.beats[2].id
        assert not at.text
        await at.press("ctrl+z")
        assert len(at.story.outline.beats) == 2
        assert len(at.story.splice) == 2


async def test_enter_without_marks_takes_the_whole_outline() -> None:
    async with desk() as at:
        await purpose(at)
        await on_purpose(at)
        await at.press("ctrl+g")
        await at.round(FIRST)
        await at.press("tab", "tab", "enter")
        assert lines(at) == [(0, "Wren lights the lamp."), (0, "No ship answers."), (0, "The oil runs low.")]


async def test_an_outline_needs_a_purpose_or_beats() -> None:
    async with desk() as at:
        await on_purpose(at)
        await at.press("ctrl+g")
        assert not len(at.story.rounds)
        assert "needs to know what the story is for" in at.notices[-1]
        at.beat("One beat.")
        await on_purpose(at)
        await at.press("shift+tab", "ctrl+g")
        assert at.story.rounds[0].kind == "outline"
        assert "One beat." in at.endpoint.requests[0].messages[1][1]


async def test_what_is_chosen_for_outlines_is_kept_apart_and_over_a_restart() -> None:
    async with desk() as at:
        await purpose(at)
        await on_purpose(at)
        await at.press("ctrl+r", "down", "ctrl+a", *["delete"] * 9)
        await at.type("0.3 0.9")
        await at.press("enter")
        heats = [each.recipe.temperature for each in at.story.rounds[0].candidates]
        assert heats[:2] == [0.3, 0.9]
        assert len(at.main.ladder) == 5
        await at.round("One.")
        await on_purpose(at)
        at.main.requests._outlines = None
        count = len(at.story.rounds[0].candidates)
        assert at.main.requests.count("outline") == count
        assert at.main.requests.count("continue") == 5


async def test_a_beat_is_expanded_into_smaller_ones_below_it() -> None:
    async with desk() as at:
        beat = at.beat("Wren lights the lamp.")
        at.beat("No ship answers.")
        await at.press("shift+tab", *["up"] * 3, "down", "x")
        assert "expand beat 1" in at.screen()
        await at.press("enter")
        asked = at.story.rounds[0]
        assert (asked.kind, asked.target) == ("expand", OutlineTarget(beat, 0))
        said = at.endpoint.requests[0].messages[1][1]
        assert "To be told in smaller beats:\nWren lights the lamp." in said
        await at.round("- She cleans the glass.\n- She strikes the match.")
        await at.press("tab", "tab", "enter")
        assert lines(at) == [
            (0, "Wren lights the lamp."),
            (1, "She cleans the glass."),
            (1, "She strikes the match."),
            (0, "No ship answers."),
        ]


async def test_a_beat_is_summed_up_from_its_text() -> None:
    async with desk() as at:
        beat = at.beat("Something.")
        at.session.type(START, START, "Wren pours the oil out.", beat)
        at.session.flush()
        await at.press("shift+tab", *["up"] * 3, "down", "s", "enter")
        asked = at.story.rounds[0]
        assert (asked.kind, asked.target) == ("summary", LineTarget(beat))
        said = at.endpoint.requests[0].messages
        assert "Passage:\nWren pours the oil out." in said[1][1]
        assert "in one sentence" in said[0][1]
        await at.round("Wren gives the oil away.")
        await at.press("tab", "tab")
        assert "becomes the line of beat 1" in at.screen()
        await at.press("enter")
        assert lines(at) == [(0, "Wren gives the oil away.")]
        assert at.text == "Wren pours the oil out."
        await at.press("e", "end", *"!", "enter")
        assert at.story.outline.beats[0].text.origin == Edited(asked.candidates[0].id)


async def test_a_beat_that_says_nothing_yet_can_not_be_summed_up() -> None:
    async with desk() as at:
        at.beat("Something.")
        await at.press("shift+tab", *["up"] * 3, "down", "s")
        assert "nothing yet" in at.notices[-1]
        await at.press("up", "s")
        assert "Stand on a beat" in at.notices[-1]
        assert not at.main.box.display


async def test_the_kind_can_be_turned_in_the_box() -> None:
    async with desk() as at:
        beat = at.beat("Wren lights the lamp.")
        await at.press("shift+tab", *["up"] * 3, "down", "ctrl+r", "down", "down", "right", "enter")
        assert (at.story.rounds[0].kind, at.story.rounds[0].target) == ("expand", OutlineTarget(beat, 0))


async def test_condensing_takes_the_beats_below_in_and_one_undo_brings_them_back() -> None:
    async with desk() as at:
        first = at.beat("Wren lights the lamp.")
        at.beat("She waits.")
        second = at.story.outline.beats[1].id
        at.session.record(beats.move_beat(at.story, second, "in"))
        at.session.type(START, START, "She sat there all night.", second)
        at.session.flush()
        await at.press("shift+tab", *["up"] * 5, "down", "c")
        assert lines(at) == [(0, "Wren lights the lamp.")]
        assert at.story.outline.beats[0].text.notes == "She waits."
        assert at.story.manuscript.at(0).beat == first
        await at.press("ctrl+z")
        assert lines(at) == [(0, "Wren lights the lamp."), (1, "She waits.")]
        assert at.story.manuscript.at(0).beat == second


@pytest.mark.slow
async def test_lines_and_pieces_of_prose_are_two_splices() -> None:
    async with desk() as at:
        await purpose(at)
        at.beat("Wren lights the lamp.")
        await on_purpose(at)
        await at.press("ctrl+g")
        await at.round(FIRST)
        await at.press("tab", "tab", "1", "space", "-")
        assert "the pieces are its lines" in at.notices[-1]
        at.endpoint.new_round()
        await at.press("shift+tab", "down", "ctrl+g")
        await at.round("The lamp was lit. It burned.")
        await at.press("tab", "tab", "1", "space")
        assert "Splice · 1 piece" in at.screen()
        await at.press("enter")
        assert at.text == "The lamp was lit."
        assert len(at.story.outline.beats) == 1
        assert len(at.story.splice) == 1


async def test_an_outline_in_the_blind_and_differences_work_as_elsewhere() -> None:
    async with desk() as at:
        await purpose(at)
        await on_purpose(at)
        await at.press("ctrl+g")
        await at.round(*[FIRST] * len(at.story.rounds[0].candidates))
        await at.press("tab", "tab", "b")
        assert at.story.rounds[0].veil
        await at.press("space", "enter")
        assert not at.story.rounds[0].veil
        assert len(at.story.outline.beats) == 1


@pytest.mark.slow
async def test_where_a_beat_is_from() -> None:
    async with desk() as at:
        await purpose(at)
        await on_purpose(at)
        await at.press("ctrl+g")
        await at.round(FIRST, SECOND)
        await at.press("tab", "tab", "2", "down", "space", "enter")
        await at.press("f4")
        assert at.main.candidates.has_focus
        name, start, end = at.main.candidates.piece
        assert at.story.candidate(name).text[start:end].endswith("Someone was there all along.")


async def test_what_the_writer_changes_before_it_is_picked() -> None:
    async with desk() as at:
        await purpose(at)
        await on_purpose(at)
        await at.press("ctrl+g")
        await at.round(FIRST)
        await at.press("tab", "tab", "1", "space", "down", "space", "e", "end")
        await at.type(" At last")
        await at.press("ctrl+s") if False else await at.press("ctrl+t")
        assert lines(at)[-1][1].startswith("No ship answers.") or lines(at)[0][1].startswith("Wren lights the lamp.")
        assert any("At last" in line for _, line in lines(at))
