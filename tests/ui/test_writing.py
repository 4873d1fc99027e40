"""Keys in, story out: the manuscript as an editor."""

from __future__ import annotations

import pytest

from composer.story.spans import Edited, Generated, Imported, Written
from tests.ui.desk import desk


async def test_letters_type_and_are_in_the_journal_a_second_later() -> None:
    async with desk() as at:
        await at.type("She poured [why]")
        await at.press("enter")
        await at.type("No")
        assert at.text == "She poured [why]\n\nNo"
        await at.clock.move(1.1)
        assert at.session.saved
        assert "TextEdited" in [entry.type for entry in at.store.entries]
        assert "TYPING" in at.screen()
        assert "She poured [why]" in at.screen()


async def test_undo_and_redo_by_step() -> None:
    async with desk() as at:
        await at.type("one")
        await at.clock.move(3)
        await at.type(" two")
        await at.press("ctrl+z")
        assert at.text == "one"
        await at.press("ctrl+z")
        assert at.text == ""
        await at.press("ctrl+z")
        assert "nothing to undo" in at.notices[-1]
        await at.press("ctrl+y", "ctrl+y")
        assert at.text == "one two"
        await at.type("!")
        assert at.text == "one two!"


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (["backspace"], "One two three. Four fiv\n\nlast"),
        (["ctrl+w"], "One two three. Four \n\nlast"),
        (["ctrl+u"], "One two three. \n\nlast"),
        (["home", "delete"], "ne two three. Four five\n\nlast"),
        (["delete"], "One two three. Four fivelast"),
        (["home", "ctrl+right", "ctrl+d"], "Onetwo three. Four five\n\nlast"),
        (["shift+left", "shift+left", "x"], "One two three. Four fix\n\nlast"),
        (["ctrl+shift+left", "backspace"], "One two three. Four \n\nlast"),
        (["down", "home", "backspace"], "One two three. Four fivelast"),
        (["f6", "backspace"], "One two three. Four \n\nlast"),
        (["f6", "f6", "delete"], "One two three. \n\nlast"),
        (["f6", "f6", "f6", "delete"], "\n\nlast"),
        (["f7", "x"], "x"),
        (["shift+down", "delete"], "One two three. Four five"),
        (["ctrl+@", "left", "left", "delete"], "One two three. Four fi\n\nlast"),
        (["ctrl+home", "x", "ctrl+end", "y"], "xOne two three. Four five\n\nlasty"),
        (["home", "up", "x"], "xOne two three. Four five\n\nlast"),
        (["ctrl+a", "a", "ctrl+e", "b"], "aOne two three. Four fiveb\n\nlast"),
        (["pagedown", "x"], "One two three. Four five\n\nlastx"),
        (["ctrl+left", "ctrl+left", "enter"], "One two three. \n\nFour five\n\nlast"),
        (["alt+b", "alt+f", "x"], "One two three. Four fivex\n\nlast"),
        (["ctrl+j", "x"], "One two three. Four five\n\nx\n\nlast"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
async def test_keys_of_the_editor(keys: list[str], left: str) -> None:
    async with desk() as at:
        at.write("One two three. Four five\nlast")
        first = at.story.manuscript.at(0)
        from composer.story.manuscript import Position

        at.main.text.go(Position(first.id, len(first.text)))
        await at.press(*keys)
        assert at.text == left


@pytest.mark.slow
async def test_up_and_down_keep_their_cell_over_rows_as_shown() -> None:
    async with desk() as at:
        at.write("word " * 40 + "\nshort\n" + "more " * 40)
        view = at.main.text
        await at.press("ctrl+home", *["right"] * 12)
        start = view.caret
        rows = [view.caret]
        for _ in range(8):
            await at.press("down")
            rows.append(view.caret)
        assert len(set(rows)) == len(rows)
        for place in reversed(rows[:-1]):
            await at.press("up")
            assert view.caret == place
        assert view.caret == start


async def test_a_family_of_four_is_one_key() -> None:
    async with desk() as at:
        at.write("a👩\u200d👩\u200d👧\u200d👦é漢")
        await at.press("backspace", "backspace")
        assert at.text == "a👩\u200d👩\u200d👧\u200d👦"
        await at.press("left", "right", "backspace")
        assert at.text == "a"


async def test_cut_and_paste_carry_origins() -> None:
    async with desk() as at:
        at.write("Mine. ")
        await at.press("ctrl+g")
        await at.endpoint.say(1, "The lamp took.")
        await at.endpoint.close_stream(1)
        await at.seen()
        await at.press("tab", "o", "enter")
        assert at.text == "Mine. The lamp took."
        await at.press("ctrl+left", "ctrl+left", "ctrl+shift+left", "ctrl+x")
        assert at.text == "Mine. The  took." or at.text == "Mine. The took."
        await at.press("ctrl+home", "ctrl+v")
        spans = at.story.manuscript.at(0).spans
        assert isinstance(spans[0].origin, Generated)
        assert spans[0].text == "The lamp took."[spans[0].origin.start : spans[0].origin.end]
        await at.press("right", "ctrl+z")
        assert at.text.startswith("Mine.")


async def test_copying_and_nothing_selected() -> None:
    async with desk() as at:
        at.write("one two")
        await at.press("ctrl+c")
        assert "nothing was copied" in at.notices[-1]
        await at.press("ctrl+shift+left", "ctrl+c", "right", "space", "ctrl+v")
        assert at.text == "one two two"
        assert at.app.is_running


async def test_text_from_the_terminal_is_filtered_and_imported() -> None:
    from textual import events

    async with desk() as at:
        at.write("ab")
        await at.press("left")
        at.main.text.post_message(events.Paste("x\x1b]52;c;eA==\x07\u202ey\r\n\r\nz"))
        await at.seen()
        assert at.text == "ax]52;c;eA==y\n\nzb"
        assert at.story.manuscript.at(0).spans[1].origin == Imported("paste")
        await at.press("ctrl+z")
        assert at.text == "ab"


async def test_typing_inside_a_candidate_names_it() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.round("The lamp took.")
        await at.press("tab", "enter", "ctrl+left", "ctrl+left", "x", "x")
        origins = [span.origin for span in at.story.manuscript.at(0).spans]
        assert Edited("1.1") in origins
        await at.press("ctrl+end", "z")
        assert at.story.manuscript.at(0).spans[-1].origin == Written()


async def test_find_goes_on_and_back() -> None:
    async with desk() as at:
        at.write("cat one Cat\ntwo cat")
        await at.press("ctrl+home", "ctrl+f")
        await at.type("cat")
        view = at.main.text
        first = at.story.manuscript.at(0).id
        assert (view.selection[0].block, view.selection[0].offset) == (first, 0)
        await at.press("enter")
        assert view.selection[0].offset == 8
        await at.press("enter")
        assert view.selection[0].block != first
        await at.press("up")
        assert view.selection[0].offset == 8
        await at.press("escape", "x")
        assert at.text == "cat one x\n\ntwo cat"


async def test_replacing_all_says_how_many_first_and_is_one_undo() -> None:
    async with desk() as at:
        at.write("cat one cat\ntwo cat")
        before = at.text
        await at.press("ctrl+home", "ctrl+f")
        await at.type("cat")
        await at.press("tab")
        await at.type("heron")
        await at.press("ctrl+t")
        assert at.text == before
        assert "3 places" in at.notices[-1]
        await at.press("ctrl+t")
        assert at.text == "heron one heron\n\ntwo heron"
        await at.press("escape", "ctrl+z")
        assert at.text == before


async def test_replacing_one_by_one_and_skipping() -> None:
    async with desk() as at:
        at.write("cat cat cat")
        await at.press("ctrl+home", "ctrl+f")
        await at.type("cat")
        await at.press("tab")
        await at.type("owl")
        await at.press("enter", "down", "enter")
        assert at.text == "owl cat owl"


async def test_the_next_hole_is_selected_and_filled() -> None:
    async with desk() as at:
        at.write("Start [how?] middle.\nThen [who?] end.")
        await at.press("ctrl+home", "ctrl+n")
        view = at.main.text
        start, end = view.selection
        assert at.story.manuscript.fragment(start, end).text == "[how?]"
        await at.press("ctrl+n")
        start, end = view.selection
        assert at.story.manuscript.fragment(start, end).text == "[who?]"
        assert "fill this hole" in at.screen()
        await at.press("ctrl+g")
        assert at.story.round(1).kind == "fill"
        await at.round("came the heron and")
        await at.press("tab", "enter")
        assert at.text == "Start [how?] middle.\n\nThen came the heron and end."


async def test_goto_a_beat_a_paragraph_and_a_hole() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        at.beat("No ship answers.")
        at.write("One.\nTwo [what?].\nThree.")
        await at.press("ctrl+o")
        await at.type("what")
        await at.press("enter")
        assert at.main.text.caret.block == at.story.manuscript.at(1).id
        await at.press("ctrl+o", "1", "down", "enter")
        assert at.main.text.caret.block == at.story.manuscript.at(0).id
        await at.press("ctrl+o")
        await at.type("shp ansers")
        await at.press("enter")
        assert at.story.manuscript.block(at.main.text.caret.block).beat == at.story.outline.beats[1].id


async def test_a_line_of_a_hundred_thousand_characters_is_edited_like_any_other() -> None:
    async with desk() as at:
        from composer.story.actions import text as texts
        from composer.story.manuscript import START

        long = "word " * 20_000
        at.session.record((texts.imported(at.story, START, START, long, "paste", at.session.new_id),))
        at.main.text.show(at.story.manuscript, at.story.outline, at.story.manuscript.last)
        await at.press("x", "pageup", "home", "y")
        assert at.text.endswith("word x")
        assert at.text.count("y") == 1
        assert len(at.text) == 100_002


async def test_replacing_a_selection_across_paragraphs_is_one_undo() -> None:
    async with desk() as at:
        at.write("One.\nTwo.\nThree.")
        await at.press("f7", "N")
        assert at.text == "N"
        await at.press("ctrl+z")
        assert at.text == "One.\n\nTwo.\n\nThree."
