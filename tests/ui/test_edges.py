"""What happens at the edges: beside holes, between beats, in boxes, zoomed, when the disk fails or an error comes that no one expected."""

from __future__ import annotations

import pytest

from composer.errors import UnwritableSession
from composer.store.memory import MemoryStore
from composer.story.manuscript import Position
from tests.session.fakes import Scripted, session_on
from tests.ui.desk import desk
from tests.ui.test_candidates import ONE, TWO, asked


@pytest.mark.parametrize("before", [True, False])
async def test_what_is_typed_beside_a_hole_is_not_replaced_with_it(before: bool) -> None:
    async with desk() as at:
        at.write("He came in. [why?]")
        await at.press("ctrl+home", "ctrl+n", "ctrl+g")
        await at.press("left" if before else "right")
        await at.type("It rained. " if before else " It rained.")
        await at.round("Because.")
        await at.press("tab", "enter")
        assert at.text == ("He came in. It rained. Because." if before else "He came in. Because. It rained.")


async def test_a_beat_that_is_added_to_a_written_story_goes_behind_all_of_it() -> None:
    async with desk() as at:
        at.write("One.\nTwo.\nThree.")
        at.beat("What comes then.")
        await at.press("shift+tab", "down", "ctrl+g")
        assert "Previous paragraph:\nThree." in at.endpoint.requests[0].messages[1][1]
        await at.round("Four.")
        await at.press("tab", "tab", "enter")
        assert at.text == "One.\n\nTwo.\n\nThree.\n\nFour."


async def test_text_of_a_beat_that_was_taken_out_keeps_its_place() -> None:
    async with desk() as at:
        first, second, third = (at.beat(f"Beat {number}") for number in range(3))
        for beat in (first, second):
            at.main.planner.open_beat(beat)
            await at.type(f"Text of {beat}.")
        at.main.outline.beat = second
        await at.press("shift+tab", "delete")
        at.main.outline.beat = third
        at.main.set_focus(at.main.outline)
        await at.press("ctrl+g")
        await at.round("New.")
        await at.press("tab", "tab", "enter")
        assert at.text.endswith(f"Text of {second}.\n\nNew.")


async def test_an_empty_paragraph_of_another_beat_is_not_filled() -> None:
    async with desk() as at:
        first, second = at.beat("Beat one"), at.beat("Beat two")
        at.main.planner.open_beat(first)
        at.main.outline.beat = second
        at.main.set_focus(at.main.outline)
        await at.press("ctrl+g")
        await at.round("Of two.")
        await at.press("tab", "tab", "enter")
        assert [(block.beat, block.text) for block in at.story.manuscript] == [(first, ""), (second, "Of two.")]


async def test_a_candidate_placed_from_the_start_of_a_paragraph_goes_before_it() -> None:
    async with desk() as at:
        at.write("One.\n")
        await at.press("ctrl+g")
        await at.round("New.")
        at.write("Two.")
        at.main.text.go(Position(at.story.manuscript.at(1).id, 0))
        await at.press("tab", "enter")
        assert at.text == "One.\n\nNew.\n\nTwo."


async def test_a_beat_with_beats_below_stands_above_its_own_text() -> None:
    async with desk() as at:
        at.beat("Chapter of lamps")
        at.main.planner.open_beat(at.story.outline.beats[0].id)
        await at.type("Its own text.")
        at.beat("Below it")
        at.main.outline.beat = at.story.outline.beats[1].id
        at.main.set_focus(at.main.outline)
        await at.press("m", "right", "enter")
        lines = [line[27:70].strip(" │║") for line in at.screen().splitlines()]
        assert lines.index("Chapter of lamps") < lines.index("Its own text.")


async def test_carrying_goes_back_to_where_it_began_and_undoes_nothing_else() -> None:
    async with desk() as at:
        for number in range(3):
            at.beat(f"Beat {number}")
        await at.press("shift+tab", "down", "m", "down", "d", "escape")
        lines = [beat.text.summary for beat in at.story.outline.beats]
        assert lines == ["Beat 0", "Beat 1", "Beat 2"]
        assert [beat.text.done for beat in at.story.outline.beats] == [True, False, False]


async def test_leaving_a_zoomed_pane_opens_the_others() -> None:
    async with desk() as at:
        await asked(at, ONE, TWO)
        await at.press("tab", "z", "tab", "x")
        assert at.main.text.has_focus
        assert at.text == "x"
        await at.press("tab", "z", "enter")
        assert at.main.text.has_focus
        assert "Outline" in at.screen()


async def test_no_chord_in_a_box_acts_on_the_story_behind_it() -> None:
    async with desk() as at:
        at.write("One.")
        await at.press("ctrl+r", "ctrl+z", "ctrl+t", "ctrl+g", "ctrl+o")
        assert at.text == "One."
        assert at.main.box.display
        assert not at.endpoint.requests
        await at.press("escape", "ctrl+g")
        assert len(at.endpoint.requests) == 5


async def test_what_was_typed_in_a_box_is_there_again() -> None:
    async with desk() as at:
        await at.press("shift+tab", "a")
        await at.type("Half a beat")
        await at.press("escape", "a")
        assert at.main.box.values["summary"] == "Half a beat"
        await at.press("enter", "enter")
        assert [beat.text.summary for beat in at.story.outline.beats] == ["Half a beat"]


async def test_spaces_can_be_found() -> None:
    async with desk() as at:
        at.write("cathedral cat two  spaces")
        await at.press("ctrl+home", "ctrl+f")
        await at.type("cat ")
        assert at.main.text.selection[0].offset == 10
        await at.press(*["backspace"] * 4, "space", "space")
        assert at.main.text.selection[0].offset == 17


async def test_o_says_where_a_round_for_a_beat_goes() -> None:
    async with desk() as at:
        at.beat("Wren waits")
        await at.press("shift+tab", "down", "ctrl+g")
        await at.round(ONE)
        await at.press("tab", "tab", "o")
        assert "This round is for beat 1" in at.notices[-1]


async def test_an_outline_longer_than_its_pane_shows_the_beat_of_the_caret() -> None:
    async with desk() as at:
        for number in range(80):
            at.beat(f"Beat number {number}")
        at.main.planner.open_beat(at.story.outline.beats[70].id)
        await at.seen()
        assert "Beat number 70" in at.screen()
        await at.press("shift+tab")
        assert at.main.outline.beat == at.story.outline.beats[70].id


async def test_a_failed_disk_is_told_before_and_after_leaving() -> None:
    store = MemoryStore()
    session = session_on(store, Scripted())
    await session.__aenter__()
    await session.drained()
    place = session.type(session.story.manuscript.last, session.story.manuscript.last, "x")
    store.failing = UnwritableSession("The disk is full.", "Make room.")
    for _ in range(2):
        with pytest.raises(UnwritableSession):
            await session.close(place)


async def test_a_store_that_breaks_in_an_unexpected_way_freezes_and_recovers() -> None:
    store = MemoryStore()
    async with session_on(store) as session:
        await session.drained()
        store.failing = ValueError("not a piece")  # type: ignore[assignment]
        session.type(session.story.manuscript.last, session.story.manuscript.last, "x")
        with pytest.raises(UnwritableSession, match="not a piece"):
            await session.write_out()
        store.failing = None
        await session.write_out()
        assert session.saved


async def test_an_unexpected_error_of_an_endpoint_ends_the_candidate_and_nothing_else() -> None:
    async with desk() as at:
        at.beat("Wren waits")
        await at.press("ctrl+g")
        await at.endpoint.fail(1, RuntimeError("boom"))  # type: ignore[arg-type]
        await at.seen()
        ending = at.story.candidate("1.1").ending
        assert ending is not None
        assert "boom" in ending.why
        assert at.session.rounds.running == 4


async def test_leaving_with_what_could_not_be_written_asks_for_a_second_key() -> None:
    async with desk() as at:
        at.store.failing = UnwritableSession("The disk is full.", "Make room.")
        at.write("x")
        await at.clock.move(2)
        await at.seen()
        await at.pilot.press("ctrl+q")
        await at.seen()
        assert at.app.is_running
        assert "Not everything is on disk" in at.notices[-1]
        at.store.failing = None
        await at.press("ctrl+s")
