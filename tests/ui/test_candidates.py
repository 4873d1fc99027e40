"""Keys in, story out: asking, marking, placing, stopping, keeping, and what never happens."""

from __future__ import annotations

import string

import pytest

from composer.errors import EndpointError
from composer.store.memory import MemoryStore
from composer.story.candidate import BeatTarget, PlaceTarget
from composer.story.manuscript import Position
from composer.story.spans import Generated, Repaired
from tests.ui.desk import Desk, desk

ONE = "The lamp took. Nobody saw it take. She waited."
TWO = "No ship came. The fog did. It stayed for tea."


async def asked(at: Desk, *texts: str) -> None:
    """A beat, a round for it, and what its candidates wrote."""
    if not at.story.outline.beats:
        at.beat("Wren lights the lamp.")
    at.endpoint.new_round()
    await at.press("ctrl+g")
    await at.round(*texts)


@pytest.mark.slow
async def test_an_outline_of_beats_a_line_each() -> None:
    async with desk() as at:
        await at.press("shift+tab", "a")
        await at.type("Wren waits")
        await at.press("enter")
        await at.type("No ship")
        await at.press("enter", "enter")
        assert [beat.text.summary for beat in at.story.outline.beats] == ["Wren waits", "No ship"]
        await at.press("m", "up", "enter")
        assert [beat.text.summary for beat in at.story.outline.beats] == ["No ship", "Wren waits"]
        await at.press("m", "down", "right", "escape")
        assert [beat.text.summary for beat in at.story.outline.beats] == ["No ship", "Wren waits"]
        await at.press("down", "m", "right", "enter")
        assert at.story.outline.beats[0].below[0].text.summary == "Wren waits"
        await at.press("d")
        assert at.story.outline.beats[0].below[0].text.done
        await at.press("delete")
        assert at.story.outline.beats[0].below == ()
        await at.press("ctrl+z")
        assert len(at.story.outline.beats[0].below) == 1


async def test_typing_ahead_lands_where_it_would_have() -> None:
    async with desk() as at:
        await at.press(
            "shift+tab",
            "a",
            *"Wren",
            "enter",
            *"Ship",
            "enter",
            "enter",
            "tab",
            *"Text",
            "ctrl+o",
            *"Ship",
            "enter",
            "!",
        )
        assert [beat.text.summary for beat in at.story.outline.beats] == ["Wren", "Ship"]
        assert at.text == "Text!"


@pytest.mark.slow
async def test_editing_a_beat_and_the_purpose() -> None:
    async with desk() as at:
        at.beat("Wren waits")
        await at.press("shift+tab", "down", "e", "end")
        await at.type(" still")
        await at.press("tab")
        await at.type("Evening")
        await at.press("tab", "tab", "2", "0", "0", "enter")
        text = at.story.outline.beats[0].text
        assert (text.summary, text.title, text.target, text.kind) == ("Wren waits still", "Evening", 200, "beat")
        await at.press("up", "e")
        await at.type("Unseen care")
        await at.press("tab")
        await at.type("The Lamp")
        await at.press("enter")
        assert (at.story.details.purpose, at.story.details.title) == ("Unseen care", "The Lamp")
        assert "The Lamp" in at.screen()


async def test_five_at_five_temperatures_for_the_beat() -> None:
    async with desk() as at:
        beat = at.beat("Wren lights the lamp.")
        await at.press("shift+tab", "down")
        assert "write beat 1" in at.screen()
        await at.press("ctrl+g")
        assert [request.recipe.temperature for request in at.endpoint.requests] == [0.2, 0.4, 0.6, 0.8, 1.0]
        assert at.story.round(1).target == BeatTarget(beat)
        await at.endpoint.say(3, "Half of")
        await at.seen()
        assert "Half of" in at.screen()
        assert "5 candidates" in at.screen()


async def test_a_digit_and_enter_place_a_candidate_and_the_focus_goes_to_the_text() -> None:
    async with desk() as at:
        await asked(at, ONE, TWO)
        await at.press("tab", "2", "enter")
        assert at.text == TWO
        span = at.story.manuscript.at(0).spans[0]
        assert span.origin == Generated("1.2", 0, len(TWO))
        assert at.main.text.has_focus
        await at.press("enter", "x")
        assert at.text == f"{TWO}\n\nx"
        await at.press("ctrl+z", "ctrl+z")
        assert at.text in ("", TWO)


async def test_sentences_of_two_candidates_are_spliced_in_the_order_marked() -> None:
    async with desk() as at:
        await asked(at, ONE, TWO)
        await at.press("tab", "2", "down", "space", "1", "down", "down", "space")
        assert "Splice · 2 pieces" in at.screen()
        assert "The fog did. She waited." in at.screen()
        await at.press("enter")
        assert at.text == "The fog did. She waited."
        origins = [span.origin for span in at.story.manuscript.at(0).spans]
        assert origins == [Generated("1.2", 14, 26), Repaired("space"), Generated("1.1", 35, 46)]
        assert at.story.splice == ()
        await at.press("ctrl+z")
        assert at.text == ""
        assert [mark.candidate for mark in at.story.splice] == ["1.2", "1.1"]


async def test_marks_are_lifted_and_put_back() -> None:
    async with desk() as at:
        await asked(at, ONE)
        await at.press("tab", "space", "down", "space", "up", "space")
        assert [mark.start for mark in at.story.splice] == [15]
        await at.press("u")
        assert at.story.splice == ()
        await at.press("u")
        assert [mark.start for mark in at.story.splice] == [15]


async def test_pieces_grow_and_shrink() -> None:
    async with desk() as at:
        await asked(at, "One two. Three.\n\nFour.")
        view = at.main.candidates
        await at.press("tab")
        assert view.piece == ("1.1", 0, 8)
        await at.press("minus", "minus", "down")
        assert view.piece == ("1.1", 4, 8)
        await at.press("plus", "plus", "plus")
        assert view.piece == ("1.1", 0, 15)
        await at.press("down")
        assert view.piece == ("1.1", 17, 22)


async def test_enter_on_one_that_writes_wants_a_second_enter() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.say(1, "The lamp took. Nobody")
        await at.press("tab", "enter")
        assert at.text == ""
        assert "still writing" in at.notices[-1]
        await at.press("enter")
        assert at.text == "The lamp took. Nobody"
        ending = at.story.candidate("1.1").ending
        assert ending is not None
        assert ending.kind == "cancelled"
        assert at.session.rounds.running == 4


async def test_moving_away_takes_the_first_enter_back() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.say(1, "The lamp took.")
        await at.press("tab", "enter", "down", "up", "enter")
        assert at.text == ""


async def test_x_stops_one_and_capital_x_all_keeping_what_came() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.say(2, "The lamp")
        await at.press("tab", "2", "x")
        assert at.story.candidate("1.2").text == "The lamp"
        assert at.session.rounds.running == 4
        await at.press("X")
        assert at.session.rounds.running == 0
        kinds = {each.ending.kind for each in at.story.round(1).candidates if each.ending}
        assert kinds == {"cancelled"}
        assert "stopped · 2 w kept" in at.screen()


async def test_asking_again_before_the_first_word_sends_nothing_and_later_adds_a_round() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g", "ctrl+g")
        assert len(at.endpoint.requests) == 5
        assert "nothing more was sent" in at.notices[-1]
        await at.endpoint.say(1, "Now")
        await at.press("tab", "ctrl+g")
        assert len(at.endpoint.requests) == 10
        assert len(at.story.rounds) == 2
        await at.endpoint.say(1, " and then")
        await at.press("comma")
        assert "Now and then" in at.screen()
        assert "round 1/2" in at.screen()
        await at.press("full_stop")
        assert "round 2" in at.screen()


@pytest.mark.slow
async def test_the_request_box_takes_an_instruction_and_another_ladder() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r")
        await at.type("with fog")
        await at.press("tab", *["backspace"] * 20)
        await at.type("0.3 0.9")
        await at.press("enter")
        assert [request.recipe.temperature for request in at.endpoint.requests] == [0.3, 0.9]
        assert "with fog" in at.endpoint.requests[0].messages[1][1]
        assert at.story.round(1).instruction == "with fog"
        await at.press("ctrl+r", "tab", *["backspace"] * 20)
        await at.type("9")
        await at.press("enter")
        assert "0 to 2" in at.notices[-1]
        assert len(at.endpoint.requests) == 2


async def test_rework_of_a_paragraph_wants_an_instruction_and_replaces_it() -> None:
    async with desk() as at:
        at.write("Dull paragraph.\nAnother.")
        at.main.text.go(Position(at.story.manuscript.at(0).id, 0), Position(at.story.manuscript.at(0).id, 15))
        await at.press("ctrl+g")
        assert not at.endpoint.requests
        await at.type("brighter")
        await at.press("enter")
        assert at.story.round(1).kind == "rework"
        await at.round("Bright paragraph.")
        await at.press("tab", "enter")
        assert at.text == "Bright paragraph.\n\nAnother."
        await at.press("ctrl+z")
        assert at.text == "Dull paragraph.\n\nAnother."


async def test_endings_say_what_happened() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.say(1, "Whole.")
        await at.endpoint.close_stream(1)
        await at.endpoint.say(2, "Cut o")
        await at.endpoint.close_stream(2, "length")
        await at.endpoint.say(3, "Doubtful")
        await at.endpoint.close_stream(3, "")
        await at.endpoint.fail(4, EndpointError("The key was refused.", "Look at OPENAI_API_KEY."))
        await at.endpoint.close_stream(5)
        await at.seen()
        screen = at.screen()
        assert "may lack its end" in screen
        assert "· cut" in screen
        assert "The key was refused." in screen
        assert "answered with nothing" in screen


@pytest.mark.slow
async def test_keeping_on_the_shelf_and_taking_from_it() -> None:
    async with desk() as at:
        await asked(at, ONE)
        await at.press("tab", "down", "ctrl+k")
        assert at.story.shelf[0].paragraphs[0][0].text == "Nobody saw it take."
        assert "Shelf · 1" in at.screen()
        await at.press("escape", "f3", "ctrl+t")
        assert at.text == "Nobody saw it take."
        assert at.story.manuscript.at(0).spans[0].origin == Generated("1.1", 15, 34)
        await at.press("f3", "down", "delete")
        assert at.story.shelf == ()
        await at.press("escape")
        await at.press("ctrl+z")
        assert len(at.story.shelf) == 1


PRINTABLE = string.ascii_letters + string.digits + "!?;:'\"-+<>,."


@pytest.mark.parametrize("pane", ["tab", "shift+tab"])
@pytest.mark.parametrize(
    "letters",
    [PRINTABLE[::3], *(pytest.param(PRINTABLE[first::3], marks=pytest.mark.slow) for first in (1, 2))],
    ids=("a third", "another", "the rest"),
)
@pytest.mark.slow
async def test_no_letter_or_digit_in_a_list_writes_sends_or_leaves(pane: str, letters: str) -> None:
    async with desk() as at:
        await asked(at, ONE, TWO, ONE, TWO, ONE)
        at.write("Text.")
        before = at.text
        await at.press(*(key for letter in letters for key in ("escape", "escape", pane, letter)))
        assert at.text == before
        assert len(at.endpoint.requests) == 5
        assert at.app.is_running


async def test_escape_and_ctrl_c_never_end_or_lose_anything() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.type("Text")
        await at.press("ctrl+g")
        await at.endpoint.say(1, "Some")
        for pane in ("escape", "tab", "escape", "shift+tab", "escape"):
            await at.press(pane, "ctrl+c", "escape")
        assert at.session.rounds.running == 5
        assert at.text == "Text"
        assert at.app.is_running


async def test_ctrl_s_says_how_much_is_on_disk_and_where() -> None:
    async with desk() as at:
        await at.type("Text")
        await at.press("ctrl+s")
        assert "on disk" in at.notices[-1]
        assert at.store.path in at.notices[-1]
        assert at.session.saved


async def test_streaming_moves_neither_focus_caret_nor_scroll() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        at.write("\n".join(f"Paragraph {number}." for number in range(60)))
        await at.press("ctrl+home", "ctrl+g")
        view = at.main.text
        before = (view.caret, view._top, at.app.focused)
        for number in range(30):
            for each in range(1, 6):
                await at.endpoint.say(each, f"more text number {number} ")
            at.main.show_all()
        await at.seen()
        assert (view.caret, view._top, at.app.focused) == before
        left = [line[26:73] for line in at.screen().splitlines()[1:20]]
        assert "Paragraph 0." in left[0]


async def test_what_a_candidate_was_made_from() -> None:
    async with desk() as at:
        await asked(at, ONE)
        await at.press("tab", "i")
        screen = at.screen()
        assert "scripted-1 at scripted" in screen
        assert "temperature 0.2" in screen
        assert "Wren lights the lamp." in screen
        await at.press("escape", "f1")
        assert "In the candidates" in at.screen()
        await at.press("escape")
        assert at.app.focused is at.main.candidates


async def test_headings_of_chapters_are_shown_and_the_caret_passes_over_them() -> None:
    async with desk() as at:
        at.beat("Chapter of lamps")
        await at.press("shift+tab", "down", "a")
        await at.type("Wren waits")
        await at.press("enter", "enter", "m", "right", "enter", "enter")
        await at.type("Text of it.")
        assert "  Chapter of lamps" in "\n".join(line[26:73] for line in at.screen().splitlines())
        await at.press("ctrl+home", "up", "x")
        assert at.text == "xText of it."


async def test_quitting_in_mid_stream_and_coming_back() -> None:
    store = MemoryStore()
    async with desk(store=store) as at:
        at.beat("Wren lights the lamp.")
        at.write("One two three.")
        await at.press("ctrl+left", "ctrl+left", "ctrl+g")
        await at.endpoint.say(1, "Half a sentence")
        caret = at.main.text.caret
        await at.press("ctrl+q")
        assert store.closed
    store.closed = False
    async with desk(store=store) as at:
        assert at.main.text.caret == caret
        assert at.story.candidate("1.1").text == "Half a sentence"
        assert "When you left, round 1 for the text: 5 stopped" in at.screen()
        assert all(candidate.ending for candidate in at.story.round(1).candidates)
        target = at.story.round(1).target
        assert isinstance(target, PlaceTarget)


async def test_keys_of_the_settings_hold() -> None:
    async with desk(keys={"round.ask": "f4"}) as at:
        at.beat("Wren lights the lamp.")
        assert "f4 begin the story" in at.screen()
        await at.press("ctrl+g")
        assert not at.endpoint.requests
        await at.press("f4")
        assert len(at.endpoint.requests) == 5


async def test_painting_never_writes_what_is_typed() -> None:
    async with desk() as at:
        at.write("Before [hole] after.")
        await at.press("ctrl+home", "ctrl+n", "ctrl+g")
        await at.round(ONE)
        await at.press("tab", "space", "escape", "ctrl+end")
        before = at.session.journal.seq
        await at.type("typed")
        assert at.session.journal.seq == before
        assert at.session.rounds.place(at.story.round(1)) is not None
        assert at.text == "Before [hole] after.typed"
        await at.clock.move(1.1)
        assert at.session.journal.seq == before + 1
