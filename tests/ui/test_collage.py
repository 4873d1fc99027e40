"""The collage by keys: spans, order, seams, edits before placing, changes one by one, tasting blind, and the ways back."""

from __future__ import annotations

import pytest

from composer.story.shape import Shape
from composer.story.spans import Edited, Generated, Repaired, Written, text_of
from tests.session.fakes import settle
from tests.ui.desk import Desk, desk

ONE = "The lamp took. Nobody saw it take. She waited for the tide and"
TWO = "The boat came late. It was a"
THREE = "old one, and it knew the way."


async def asked(at: Desk, *texts: str) -> None:
    if not at.story.outline.beats:
        at.beat("Wren lights the lamp.")
    at.endpoint.new_round()
    await at.press("ctrl+g")
    await at.round(*texts)


async def seen(at: Desk) -> str:
    """The screen once what is found out beside the loop is shown."""
    task = at.main.sameness._task
    if task is not None:
        await task
    await at.seen()
    return at.screen()


def spans(at: Desk) -> list[tuple[str, object]]:
    return [(span.text, span.origin) for block in at.story.manuscript for span in block.spans]


async def test_pieces_of_three_candidates_are_joined_with_seams_that_are_shown() -> None:
    async with desk() as at:
        await asked(at, ONE, TWO, THREE)
        await at.press("tab", "down", "down", "space", "2", "space", "down", "space", "3", "space")
        screen = at.screen()
        assert "Splice · 4 pieces" in screen
        assert "The→the" in screen
        assert "a→an" in screen
        await at.press("enter")
        assert at.text == "She waited for the tide and the boat came late. It was an old one, and it knew the way."
        origins = [origin for _, origin in spans(at)]
        assert Generated("1.1", 35, 62) in origins
        assert Repaired("capital") in origins
        assert Repaired("article") in origins
        await at.press("ctrl+z")
        assert len(at.story.splice) == 4


async def test_a_key_turns_repairs_off_all_or_one() -> None:
    async with desk() as at:
        await asked(at, "She waited and", "The boat came. It was a", "old one.")
        await at.press("tab", "space", "2", "space", "down", "space", "3", "space", "s")
        splice = at.main.placer.joined()
        assert all(mend.off for mend in splice.mends)
        assert splice.text == "She waited andThe boat came.It was aold one."
        texts = set()
        for _ in range(len(splice.mends)):
            await at.press("s")
            texts.add(at.main.placer.joined().text)
        assert "She waited and The boat came. It was an old one." in texts
        assert "She waited and the boat came. It was a old one." in texts
        await at.press("s")
        assert at.main.placer.joined().text == "She waited and the boat came. It was an old one."


async def test_a_span_is_stretched_and_marked_and_marks_change_places() -> None:
    async with desk() as at:
        await asked(at, ONE, "Far off.")
        await at.press("tab", "v", "down", "space")
        assert [(mark.start, mark.end) for mark in at.story.splice] == [(0, 34)]
        await at.press("2", "space")
        assert [mark.number for mark in at.story.splice] == [1, 2]
        await at.press("<")
        assert [mark.number for mark in at.story.splice] == [2, 1]
        await at.press("<")
        assert "first piece" in at.notices[-1]
        await at.press(">", "enter")
        assert at.text == "The lamp took. Nobody saw it take. Far off."


async def test_a_span_that_was_begun_is_dropped_by_escape_and_runs_into_no_other_candidate() -> None:
    async with desk() as at:
        await asked(at, "One. Two.", "Three.")
        await at.press("tab", "v", "down", "down", "down")
        assert at.main.candidates.piece == ("1.1", 0, 9)
        assert "esc drops" in at.screen()
        await at.press("escape")
        assert at.main.candidates.has_focus
        assert at.main.candidates.piece == ("1.1", 5, 9)


async def test_clauses_and_words_are_marked_too() -> None:
    async with desk() as at:
        await asked(at, "She waited for the tide; nobody came to look at it.")
        await at.press("tab", "minus", "down", "space", "enter")
        assert at.text == "nobody came to look at it."


@pytest.mark.slow
async def test_the_strip_and_the_text_say_where_it_lands() -> None:
    async with desk() as at:
        first, second = at.beat("One."), at.beat("Two.")
        await at.press("shift+tab", "down", "ctrl+g")
        await at.round("Begins here.")
        await at.press("tab", "tab", "enter")
        assert at.story.manuscript.at(0).beat == first
        at.endpoint.new_round()
        await at.press("end", "ctrl+g")
        await at.round("Goes on. And on.")
        await at.press("tab")
        assert "» lands here, as a paragraph of its own" in at.screen()
        await at.press("space")
        assert "enter: at the caret, ¶1" in at.screen()
        await at.press("o")
        assert "enter: its own ¶ after ¶1" in at.screen()
        # The caret goes into another beat's text.
        await at.press("o", "shift+tab", "down", "enter")
        await at.type("Elsewhere")
        await at.press("tab")
        assert at.story.manuscript.at(1).beat == second
        await at.press("z")
        assert "the caret is in beat 2, not beat 1" in at.screen()


async def test_a_splice_is_edited_before_it_is_placed_and_kept_when_left() -> None:
    async with desk() as at:
        await asked(at, "The lamp took. Nobody saw.")
        await at.press("tab", "space", "e", "end", "left")
        await at.type(" fire")
        await at.press("escape")
        assert "edited" in at.screen()
        assert at.text == ""
        await at.press("e", "ctrl+t")
        assert at.text == "The lamp took fire."
        assert spans(at) == [
            ("The lamp took", Generated("1.1", 0, 13)),
            (" fire", Edited("1.1")),
            (".", Generated("1.1", 13, 14)),
        ]
        assert at.story.splice == ()


async def test_a_candidate_is_edited_before_it_is_placed() -> None:
    async with desk() as at:
        await asked(at, "The lamp took.")
        await at.press("tab", "e", "end", "ctrl+w", "ctrl+w")
        await at.type("burned.")
        await at.press("ctrl+z", "ctrl+y", "escape", "enter")
        assert at.text == "The lamp burned."


async def test_changes_are_shown_left_out_and_taken() -> None:
    async with desk() as at:
        at.write("She poured the other half back. It was cold.")
        await at.press("ctrl+home", "f6", "f6", "ctrl+g")
        asked_now = at.story.round(1)
        assert asked_now.kind == "polish"
        assert [text_of(row) for row in asked_now.base] == ["She poured the other half back."]
        await at.round("She tipped the other half away.")
        await at.press("tab")
        screen = " ".join(at.screen().split())
        assert "[poured → tipped]" in screen
        assert "[back → away]" in screen
        assert "space leaves out" in screen
        await at.press("down", "space")
        assert "[back ✗ away]" in " ".join(at.screen().split())
        assert "replaces 6 words" in at.screen()
        await at.press("enter")
        assert at.text == "She tipped the other half back. It was cold."
        assert spans(at) == [
            ("She ", Written()),
            ("tipped", Generated("1.1", 4, 10)),
            (" the other half back. It was cold.", Written()),
        ]


async def test_where_the_text_was_changed_since_enter_shows_it_first() -> None:
    async with desk() as at:
        at.write("It ends [how?] there.")
        await at.press("ctrl+n", "ctrl+g")
        assert at.story.round(1).kind == "fill"
        await at.round("well")
        await at.press("ctrl+home", "ctrl+right", "ctrl+right", "ctrl+right")
        await at.type(" exactly")
        await at.press("tab", "enter")
        assert at.text == "It ends [ exactlyhow?] there."
        assert "changed since" in at.notices[-1]
        assert "exactlyhow" in at.notices[-1]
        await at.press("enter")
        assert at.text == "It ends well there."


@pytest.mark.slow
async def test_smoothing_keeps_the_pieces_and_uses_their_marks_up() -> None:
    async with desk() as at:
        await asked(at, "She waited.", "The boat came late.")
        await at.press("tab", "space", "2", "space")
        at.endpoint.new_round()
        await at.press("m")
        assert len(at.endpoint.requests) == 5
        await at.press("enter")
        request = at.endpoint.requests[5]
        assert "She waited. The boat came late." in request.messages[1][1]
        assert "keeping the pieces' words" in request.messages[0][1]
        assert at.story.round(2).marks == (1, 2)
        await at.round("She waited. At last the boat came late.")
        assert at.main.candidates.has_focus
        assert "[The → At last the]" in " ".join(at.screen().replace("│", "").replace("║", "").split())
        await at.press("enter")
        assert at.text == "She waited. At last the boat came late."
        assert at.story.splice == ()
        origins = [origin for _, origin in spans(at)]
        assert Generated("1.1", 0, 11) in origins
        assert any(isinstance(origin, Generated) and origin.candidate == "2.1" for origin in origins)
        await at.press("ctrl+z")
        assert [mark.number for mark in at.story.splice] == [1, 2]


async def test_tasting_blind_hides_temperatures_until_one_is_placed() -> None:
    async with desk() as at:
        await asked(at, "Aa.", "Bb.", "Cc.", "Dd.", "Ee.")
        await at.press("tab")
        assert "T0.2" in at.screen()
        await at.press("b")
        screen = at.screen()
        assert "blind" in screen
        assert "T0." not in screen.replace("T0.2–", "")
        order = at.story.round(1).veil
        assert sorted(order) == [0, 1, 2, 3, 4]
        await at.press("i")
        assert "tasted blind" in at.notices[-1]
        await at.press("3", "enter")
        placed = at.story.round(1).candidates[order[2]]
        assert at.text == placed.text
        assert at.story.round(1).veil == ()


async def test_two_candidates_are_held_against_each_other() -> None:
    async with desk() as at:
        await asked(at, "She poured the other half back.", "She tipped the other half back.")
        await at.press("tab", "2", "d")
        assert "A digit says" in at.notices[-1]
        await at.press("1")
        assert "[poured → tipped]" in " ".join(at.screen().split())
        await at.press("space")
        assert "only shown" in at.notices[-1]
        await at.press("d")
        assert "[poured" not in at.screen()


async def test_what_says_the_same_is_told() -> None:
    same = "She walked all the way down to the old harbour and counted the empty boats there."
    async with desk() as at:
        at.write("Nobody had mended the net that hung behind the door since the winter of the flood.")
        await at.press("enter")
        await asked(
            at,
            same,
            same.replace("counted", "named"),
            "Quite another thing happened in the town that day, as everyone knows by now.",
            "Here hung the net that hung behind the door since the winter of the flood, and it was wet.",
            same.replace("empty", "lost"),
        )
        screen = await seen(at)
        assert "says the same as 1" in screen
        assert "differs" in screen
        assert "repeats ¶1: 1" in screen


@pytest.mark.slow
async def test_what_was_kept_streamed_or_cut_is_found_marked_opened_and_placed() -> None:
    async with desk() as at:
        await asked(at, "The lamp took. Nobody saw it take.", "Salt stood on the window.")
        await at.press("tab", "escape")
        await at.type("A heron stood in the reeds.")
        await at.press("f6", "f6", "f6", "ctrl+x")
        await at.press("f3")
        await at.type("windwo")
        await at.clock.move(1)
        await at.seen()
        assert "candidate 1.2" in at.screen()
        assert "not used" in at.screen()
        await at.press("down", "space")
        assert [(mark.candidate, mark.start) for mark in at.story.splice] == [("1.2", 0)]
        await at.press("enter")
        assert at.main.candidates.has_focus
        assert at.main.candidates.piece == ("1.2", 0, 25)
        await at.press("u", "f3")
        await at.type("heron")
        await at.clock.move(1)
        await at.seen()
        assert "taken out of the text" in at.screen()
        await at.press("ctrl+t")
        assert "A heron stood in the reeds." in at.text
        assert spans(at)[0][1] == Written()


async def test_from_the_text_back_to_its_candidate_and_its_siblings() -> None:
    async with desk() as at:
        await asked(at, "The lamp took. Nobody saw.", "Another one.")
        await at.press("tab", "enter")
        at.endpoint.new_round()
        await at.press("ctrl+g")
        await at.round("Newer.")
        await at.press("tab", "tab", "left", "left", "f4")
        assert at.main.candidates.has_focus
        assert at.main.candidates.piece == ("1.1", 15, 26)
        assert "T0.2" in at.notices[-1]
        await at.press("escape", "end")
        await at.type(" Mine")
        await at.press("enter", *"Own", "f4")
        assert "Written by hand" in at.notices[-1]


async def test_the_tint_goes_round() -> None:
    async with desk() as at:
        await asked(at, "The lamp took.")
        await at.press("tab", "enter")
        seen_tints = []
        for _ in range(4):
            await at.press("f5")
            seen_tints.append(at.main.tint)
        assert seen_tints == ["hand or model", "temperature", "model", "off"]


@pytest.mark.slow
async def test_the_request_box_brings_back_what_was_said_and_keeps_what_was_chosen() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r")
        await at.type("with fog")
        await at.press("tab", "tab", "tab", "tab")
        await at.type("as a list")
        await at.press("tab", "tab", "right", "enter")
        request = at.endpoint.requests[0]
        assert "with fog" in request.messages[1][1]
        assert "Write as a list." in request.messages[0][1]
        assert request.recipe.lens == "as a list"
        assert at.main.requests.amount == "lean"
        await at.round("One.")
        at.endpoint.new_round()
        await at.press("ctrl+r", "up", "enter")
        assert at.story.round(2).instruction == "with fog"
        assert at.endpoint.requests[5].recipe.lens == "as a list"


async def test_the_same_with_bare_context_goes_beside_it() -> None:
    async with desk() as at:
        at.write("An older paragraph.")
        await at.press("enter")
        at.write("The one before.")
        await at.press("enter")
        await asked(at, "One.")
        assert "An older paragraph." in at.endpoint.requests[0].messages[1][1]
        at.endpoint.new_round()
        await at.press("tab", "a", "enter")
        assert "An older paragraph." in at.endpoint.requests[5].messages[1][1]
        assert "An older paragraph." not in at.endpoint.requests[6].messages[1][1]
        assert "The one before." in at.endpoint.requests[6].messages[1][1]


@pytest.mark.slow
async def test_words_in_doubt_are_listed_walked_through_and_taught() -> None:
    async with desk() as at:
        at.write("The wzerry lay by the quzay. [why?]")
        await at.press("ctrl+home", "ctrl+p")
        await at.type("spelling")
        await at.press("enter")
        await at.seen()
        assert "words in doubt" in at.screen()
        await at.press("ctrl+k")
        await at.seen()
        assert at.story.words == {"wzerry"}
        assert "1 words in doubt" in at.screen() or "1 word in doubt" in at.screen()
        await at.press("enter")
        start, end = at.main.text.selection
        assert at.story.manuscript.fragment(start, end).text == "quzay"
        await at.press("ctrl+n")
        start, end = at.main.text.selection
        assert at.story.manuscript.fragment(start, end).text == "[why?]"
        await at.press("ctrl+z")
        assert at.story.words == frozenset()


async def test_several_pasted_lines_are_a_beat_each() -> None:
    async with desk() as at:
        await at.press("shift+tab", "a")
        from textual import events

        at.app.post_message(events.Paste("One\nTwo\n\nThree"))
        await at.seen()
        await settle()
        await at.seen()
        assert [beat.text.summary for beat in at.story.outline.beats] == ["One", "Two", "Three"]


async def test_marks_stay_put_in_a_candidate_that_still_writes() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.say(1, "The lamp took")
        await at.seen()
        await at.press("tab", "space")
        await at.endpoint.say(1, " fire. Nobody saw")
        await at.seen()
        assert [(mark.start, mark.end) for mark in at.story.splice] == [(0, 13)]
        await at.press("down", "space")
        await at.endpoint.say(1, " it.")
        await at.endpoint.close_stream(1)
        await at.press("enter")
        assert at.text == "The lamp took nobody saw"


@pytest.mark.slow
async def test_a_selection_across_fifty_paragraphs_is_reworked_as_one() -> None:
    async with desk() as at:
        for number in range(50):
            at.write(f"Paragraph {number} stands here.")
            if number < 49:
                await at.press("enter")
        await at.press("f7", "ctrl+g")
        assert at.main.box.kind == "request"
        await at.type("shorter")
        await at.press("enter")
        assert at.story.round(1).kind == "rework"
        await at.round("All of it.\n\nIn two.")
        await at.press("tab", "enter")
        assert at.text == "All of it.\n\nIn two."
        await at.press("ctrl+z")
        assert at.text.count("stands here") == 50


async def test_what_is_placed_with_the_caret_in_a_hole_takes_its_place() -> None:
    async with desk() as at:
        at.write("It ends [how does it end?] there.")
        await at.press("ctrl+end", "ctrl+g")
        await at.round("Well. Or not.")
        await at.press("ctrl+home", *["right"] * 12, "tab")
        assert "fills the hole" in at.screen()
        await at.press("space", "enter")
        assert at.text == "It ends Well. there."
        await at.press("ctrl+z")
        assert at.text == "It ends [how does it end?] there."
        # The whole of one does so too; the undo stands behind the hole.
        await at.press("left", "tab", "u", "enter")
        assert at.text == "It ends Well. Or not. there."


async def test_placing_inside_another_span_and_in_an_empty_manuscript_keeps_all_origins() -> None:
    async with desk() as at:
        await asked(at, "The lamp took.")
        await at.press("tab", "enter")
        at.endpoint.new_round()
        await at.press("ctrl+g")
        await at.round("And so on.")
        await at.press(*["left"] * 6, "tab", "space", "enter")
        assert at.text == "The lamp And so on. took."
        assert [origin for _, origin in spans(at) if isinstance(origin, Generated)] == [
            Generated("1.1", 0, 8),
            Generated("2.1", 0, 10),
            Generated("1.1", 8, 14),
        ]
        await at.press("ctrl+z", "ctrl+z")
        assert at.text == ""


async def test_a_model_that_returns_nothing_or_the_whole_story_loses_nothing() -> None:
    async with desk() as at:
        at.write("She poured the other half back. It was cold.")
        await at.press("ctrl+home", "f6", "f6", "ctrl+g")
        whole = "Once there was a lamp.\n\nThen there was none.\n\nThe end of all of it."
        await at.round(whole, " ", "She poured the other half back.")
        assert at.story.candidate("1.2").ending is not None
        await at.press("tab", "2", "enter")
        assert "nothing to place" in at.notices[-1]
        await at.press("1", "enter")
        assert at.text == "Once there was a lamp.\n\nThen there was none.\n\nThe end of all of it. It was cold."
        await at.press("ctrl+z")
        assert at.text == "She poured the other half back. It was cold."


async def test_a_polish_whose_text_was_changed_since_shows_the_difference_and_is_placed_by_a_second_enter() -> None:
    async with desk() as at:
        at.write("She poured the other half back. It was cold.")
        await at.press("ctrl+home", "f6", "f6", "ctrl+g")
        await at.round("She tipped the other half away.")
        await at.press("ctrl+home", *["right"] * 10)
        await at.type(" out")
        await at.press("tab", "enter")
        assert at.text == "She poured out the other half back. It was cold."
        assert "changed since" in at.notices[-1]
        await at.press("enter")
        assert at.text == "She tipped the other half away. It was cold."


async def test_the_first_word_of_a_range_can_be_typed_anew() -> None:
    async with desk() as at:
        at.write("She poured it. It was cold.")
        await at.press("ctrl+home", "f6", "f6", "ctrl+g")
        await at.round("Wren tipped it.")
        await at.press("ctrl+home", "f6")
        await at.type("Wren")
        assert at.text == "Wren poured it. It was cold."
        await at.press("tab", "enter", "enter")
        assert at.text == "Wren tipped it. It was cold."


async def test_what_is_left_out_is_the_change_not_its_number() -> None:
    async with desk() as at:
        at.write("She poured the other half back. It was cold.")
        await at.press("ctrl+home", "f6", "f6", "ctrl+g")
        await at.round("She tipped the other half away.")
        await at.press("tab", "space", "escape", "ctrl+home", "ctrl+right", "right")
        await at.press("f6")
        await at.type("tipped")
        await at.press("tab", "enter", "enter")
        assert at.text == "She tipped the other half away. It was cold."


async def test_leaving_out_every_change_places_nothing() -> None:
    async with desk() as at:
        at.write("She poured it. It was cold.")
        await at.press("ctrl+home", "f6", "f6", "ctrl+g")
        await at.round("She tipped it.", "She poured it.")
        seq = at.session.journal.tree.head
        await at.press("tab", "space", "enter")
        assert "change nothing" in at.notices[-1]
        await at.press("2", "space")
        assert "changes nothing" in at.notices[-1]
        assert at.session.journal.tree.head == seq


@pytest.mark.slow
async def test_blind_rounds_that_say_the_same_are_turned_to_and_fro() -> None:
    same = "She walked all the way down to the old harbour and counted the empty boats there."
    async with desk(ladder=(0.2, 0.6)) as at:
        await asked(at, same, same)
        await asked(at, same, same)
        await seen(at)
        await at.press("tab", "b")
        screen = await seen(at)
        assert "repeats" not in screen
        await at.press(",", ".", ",")
        await seen(at)
        assert at.app.is_running
        await at.press(".", "e")
        assert "candidate 1" in at.screen()


async def test_what_is_typed_before_placing_is_kept_each_second_and_by_whatever_ends_the_program() -> None:
    async with desk() as at:
        await asked(at, "The lamp took.")
        await at.press("tab", "e", "end")
        await at.type(" It did.")
        at.app.leave()
        await at.app.workers.wait_for_complete([each for each in at.app.workers if each.group == "leave"])
        assert [text_of(row) for row in at.session.journal.story.edits[-1].paragraphs] == ["The lamp took. It did."]


async def test_with_all_text_taken_out_nothing_is_placed() -> None:
    async with desk() as at:
        await asked(at, "The lamp took.")
        await at.press("tab", "e", "f7", "backspace", "ctrl+t")
        assert "nothing left" in at.notices[-1]
        await at.press("escape")
        assert at.text == ""


async def test_an_edited_candidate_is_told_and_shown() -> None:
    async with desk() as at:
        await asked(at, "The lamp took.", "Another.")
        await at.press("tab", "e", "end")
        await at.type(" Twice.")
        await at.press("escape")
        screen = at.screen()
        assert "edited" in screen
        assert "The lamp took. Twice." in screen


async def test_a_span_takes_the_place_of_the_marks_it_covers() -> None:
    async with desk() as at:
        await asked(at, "One. Two. Three.")
        await at.press("tab", "down", "space", "up", "v", "down", "down", "space")
        assert [(mark.start, mark.end) for mark in at.story.splice] == [(0, 16)]


async def test_asking_again_is_filled_as_the_round_was_and_bare_is_no_choice_for_later() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r", "tab", *["backspace"] * 20)
        await at.type("0.3 0.9")
        await at.press("enter")
        await at.round("One.", "Two.")
        at.main.ladder = (0.5,)
        at.endpoint.new_round()
        await at.press("tab", "a", "enter")
        assert [each.recipe.temperature for each in at.endpoint.requests[2:]] == [0.3, 0.3, 0.9, 0.9]
        assert at.main.requests.amount == "full"


async def test_quotes_dashes_and_scripts_without_spaces_get_no_space_where_text_is_replaced() -> None:
    async with desk(ladder=(0.5,)) as at:
        at.write('He said "[what?]" and left; a well-known 彼女は[…]待った。')
        for text in ("Who is there?", "静かに"):
            at.endpoint.new_round()
            await at.press("ctrl+home", "ctrl+n", "ctrl+g")
            await at.round(text)
            await at.press("tab", "enter")
        assert at.text == 'He said "Who is there?" and left; a well-known 彼女は静かに待った。'


@pytest.mark.slow
async def test_reading_only_refuses_each_key_that_would_change_something() -> None:
    async with desk() as before:
        await asked(before, "The lamp took. Nobody saw.", "Another.")
        before.session.flush()
        await before.session.drained()
        entries = list(before.store.entries)
    from composer.store.memory import MemoryStore

    async with desk(store=MemoryStore(entries, read_only=True)) as at:
        await at.press("tab")
        for key in ("space", "enter", "e", "b", "x", "X", "ctrl+k", "ctrl+t", "ctrl+g"):
            await at.press(key)
            assert at.app.screen is at.main
        assert at.session.journal.seq == len(entries)


async def test_the_status_line_says_at_80_columns_whether_all_is_on_disk() -> None:
    async with desk(size=(80, 24)) as at:
        at.write("She poured it. It was cold.")
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+home", "f6", "f6", "ctrl+g")
        await at.round("She tipped it.")
        at.main.requests.lens = "as a list"
        at.session.shape(Shape("lean"))
        await at.press("tab")
        await at.session.drained()
        await at.seen()
        last = at.screen().splitlines()[-1]
        assert "polish again" in last
        assert "on disk" in last or "saving" in last


async def test_other_scripts_keep_their_offsets() -> None:
    text = "彼女は待った。舟は来なかった。 שלום עולם. 👩‍👩‍👧 e\u0301te\u0301. Done."
    async with desk() as at:
        await asked(at, text)
        await at.press("tab")
        for _ in range(6):
            await at.press("space", "down")
        await at.press("enter")
        for span in at.story.manuscript.at(0).spans:
            if isinstance(span.origin, Generated):
                assert text[span.origin.start : span.origin.end] == span.text
        assert at.text.replace(" ", "") == text.replace(" ", "")
