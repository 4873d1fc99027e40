"""The history: walking the tree of changes, what each step did to the text, and going to any of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from composer.errors import RefusedError
from composer.journal import journal as journals
from composer.journal.branches import Run
from composer.journal.codec import decode
from composer.journal.entry import Entry
from composer.journal.tree import ROOT
from composer.session.session import Session
from composer.store.memory import MemoryStore
from composer.story.events import BlockAssigned, HeadMoved
from composer.story.manuscript import Position
from composer.ui import keymap
from composer.ui.phrases import shortened
from composer.ui.screens.history import Chosen, HistoryScreen, marked
from composer.ui.screens.player.screen import PlayerScreen
from composer.ui.screens.sheet import Sheet
from composer.ui.signs import FANCY, PLAIN
from tests.session.fakes import session_on
from tests.ui.desk import Desk, desk
from tests.ui.test_candidates import ONE, TWO, asked

KEYS = [key for key in keymap.TABLE if key.where == "history"]


async def say(at: Desk, *texts: str) -> None:
    """Type texts, a step each."""
    for text in texts:
        await at.type(text)
        await at.clock.move(3)


async def forked(at: Desk) -> None:
    """Two sentences, a third that was undone, and another one in its place."""
    await say(at, "It rained.", " She slept.", " The gull left.")
    await at.press("ctrl+z")
    await say(at, " The gull stayed.")


def screen(at: Desk) -> HistoryScreen:
    shown = at.app.screen
    assert isinstance(shown, HistoryScreen)
    return shown


def steps(at: Desk) -> list[str]:
    """The list as it is drawn, without hours and empty lines."""
    drawn = [line[1:58] if at.app.size.width >= 120 else line for line in at.screen().splitlines()]
    first = next(number for number, line in enumerate(drawn) if "Steps, the newest" in line) + 1
    kept = []
    for line in drawn[first:]:
        if not line.strip(" ║═╚") or "The text then" in line:
            break
        sign, when, rest = line[0], line[2:9].strip(), line[9:].rstrip()
        kept.append(f"{sign} {'now' if when == 'now' else '   '} {rest}")
    return kept


def preview(at: Desk) -> str:
    """The text as it stood then, as it is drawn."""
    lines = at.screen().splitlines()
    first = next(number for number, line in enumerate(lines) if "The text then" in line) + 1
    return "\n".join(line[61:119].rstrip() if at.app.size.width >= 120 else line.rstrip() for line in lines[first:-1])


def moves(at: Desk) -> list[HeadMoved]:
    return [each for each in map(happened, at.store.entries) if isinstance(each, HeadMoved)]


def happened(entry: Entry) -> object:
    return decode(entry.type, entry.version, entry.body)


async def test_the_tree_is_a_list_with_its_branches_and_says_where_the_story_stands() -> None:
    async with desk() as at:
        await forked(at)
        await at.press("f8")
        assert at.screen().splitlines()[0].strip() == "History · 4 steps · 1 branch"
        assert steps(at) == [
            "▸ now ● typed    The gull stayed.",
            "      ├─○ typed    The gull left.",
            "      ● typed    She slept.",
            "      ● typed    It rained.",
            "      ● nothing yet",
        ]
        assert "[+  The gull stayed.]" in at.screen()
        assert "enter: you are here" in at.screen()


async def test_steps_that_were_undone_are_above_now_and_counted() -> None:
    async with desk() as at:
        await say(at, "One.", " Two.", " Three.")
        await at.press("ctrl+z", "ctrl+z", "f8")
        assert "3 steps · no branches · 2 steps undone" in at.screen()
        assert steps(at)[:3] == ["      ○ typed    Three.", "      ○ typed    Two.", "▸ now ● typed    One."]
        await at.press("home")
        assert "enter: brings back 2 steps" in at.screen()


@pytest.mark.slow
async def test_looking_at_a_step_shows_the_text_as_it_stood_and_changes_nothing() -> None:
    async with desk() as at:
        await forked(at)
        await at.press("backspace", "f8")
        story, head, entries = at.story, at.session.journal.tree.head, at.session.journal.seq
        await at.press("down")
        assert "The gull stayed[- .]" not in at.screen()
        assert "It rained. She slept.[+  The gull stayed.]" in at.screen()
        await at.press("down")
        assert "It rained. She slept.[+  The gull left.]" in at.screen()
        assert "enter: takes back 2 steps, brings 1 of a branch" in at.screen()
        await at.press("down", "down")
        assert "[+ It rained.]" in at.screen()
        await at.press("up")
        assert "1 branch from here" in at.screen()
        await at.press("down")
        assert "She slept" not in preview(at)
        await at.press("end")
        assert "The text is empty here." in at.screen()
        await at.press("space", "backspace", "pageup", "pagedown", "home", "left", "right", "n", "escape")
        assert at.app.screen is at.main
        assert (at.story, at.session.journal.tree.head, at.session.journal.seq) == (story, head, entries)
        assert at.text == "It rained. She slept. The gull stayed"


async def test_enter_makes_the_story_what_it_was_there_and_the_way_back_stays() -> None:
    async with desk() as at:
        await forked(at)
        await at.press("f8", "down", "enter")
        assert at.app.screen is at.main
        assert at.text == "It rained. She slept. The gull left."
        assert at.main.caret == at.story.manuscript.last
        await at.type(" So did she.")
        await at.clock.move(3)
        await at.press("f8")
        assert steps(at) == [
            "▸ now ● typed    So did she.",
            "      ● typed    The gull left.",
            "      ├─○ typed    The gull stayed.",
            "      ● typed    She slept.",
            "      ● typed    It rained.",
            "      ● nothing yet",
        ]
        await at.press("right", "enter")
        assert at.text == "It rained. She slept. The gull stayed."
        await at.press("f8", "end", "enter")
        assert at.text == ""
        await at.press("ctrl+y", "ctrl+y")
        assert at.text == "It rained. She slept."
        await at.session.drained()
        assert [move.why for move in moves(at)] == ["undo", "jump", "jump", "jump", "redo", "redo"]


async def test_enter_where_the_story_stands_enters_nothing() -> None:
    async with desk() as at:
        await forked(at)
        before = at.session.journal.seq
        await at.press("f8", "down", "n", "enter")
        assert at.app.screen is at.main
        assert at.session.journal.seq == before


async def test_the_screen_answers_what_was_chosen() -> None:
    async with desk() as at:
        await forked(at)
        answers: list[Chosen | None] = []
        tree = at.session.journal.tree
        for keys in (("enter",), ("escape",), ("q",), ("end", "enter"), ("down", "p")):
            await at.app.push_screen(HistoryScreen(at.story, tree), answers.append)
            await at.press(*keys)
        fork = [seq for seq in tree.nodes if seq != tree.head][-1]
        assert answers == [None, None, None, Chosen(ROOT), Chosen(fork, play=True)]


@pytest.mark.slow
async def test_left_and_right_go_by_branches() -> None:
    async with desk() as at:
        await say(at, "One.", " Two.", " Three.")
        await at.press("ctrl+z", "ctrl+z")
        await say(at, " Zwei.", " Drei.")
        await at.press("ctrl+z")
        await say(at, " Tri.")
        await at.press("f8")
        assert steps(at) == [
            "▸ now ● typed    Tri.",
            "      ├─○ typed    Drei.",
            "      ● typed    Zwei.",
            "      │ ○ typed    Three.",
            "      ├─○ typed    Two.",
            "      ● typed    One.",
            "      ● nothing yet",
        ]
        found = []
        for key in ("right", "left", "right", "right", "left", "right", "right", "left", "left", "left"):
            await at.press(key)
            found.append(screen(at).row.text)
        assert found == ["Drei.", "Zwei.", "Drei.", "Three.", "One.", "Three.", "Drei.", "Zwei.", "One.", "One."]
        assert "No branch begins further down." in at.notices


async def test_branches_of_branches_leave_room_for_their_text() -> None:
    async with desk() as at:
        tree = at.session.journal.tree
        ends = []
        for number in range(9):
            at.write(f"fork{number} ")
            fork = tree.head
            at.write(f"end{number} ")
            ends.append(tree.head)
            at.session.go_to(fork)
        for end in reversed(ends):
            at.session.go_to(end)
        await at.press("f8")
        drawn = {line.split()[-1]: line[6:].rpartition("typed")[0] for line in steps(at)}
        assert drawn["end0"] == "● "
        assert drawn["end1"] == "│ ○ "
        assert drawn["fork1"] == "├─○ "
        assert drawn["fork6"] == "│ │ │ │ │ ├─○ "
        assert drawn["fork8"] == "… │ │ │ │ ├─○ "


async def test_without_branches_right_says_how_one_begins() -> None:
    async with desk() as at:
        await say(at, "One.")
        await at.press("f8", "right", "left")
        assert screen(at).row.text == "One."
        assert len(at.notices) == 2


async def test_digits_do_nothing_and_stray_letters_say_so() -> None:
    async with desk() as at:
        await forked(at)
        await at.press("f8", "down", *"1234567890")
        assert screen(at).row.text == "The gull left."
        assert not at.notices
        await at.press("x")
        assert at.notices == ["Letters act here, and this one does nothing. f1 lists the keys, escape goes back."]
        await at.press("j", "k", "l", "h", "q")
        assert at.app.screen is at.main
        assert at.text.endswith("stayed.")


async def test_p_opens_the_player_at_the_step() -> None:
    async with desk() as at:
        await forked(at)
        await at.press("f8", "down")
        seq = screen(at).row.seq
        await at.press("p")
        player = at.app.screen
        assert isinstance(player, PlayerScreen)
        assert player.at == seq
        assert at.text.endswith("stayed.")


async def test_placements_and_the_outline_are_steps() -> None:
    async with desk() as at:
        await asked(at, ONE, TWO)
        await at.press("tab", "2", "enter", "f8")
        assert steps(at)[0] == "▸ now ● placed   No ship came. The fog did. It stayed…"
        assert "from candidate 1.2" in at.screen()
        await at.press("down")
        assert "outline  added: Wren lights the lamp." in at.screen()
        assert "the text did not change" in at.screen()


@pytest.mark.parametrize("size", [(120, 40), (119, 40), (80, 24), (60, 20), (40, 12), (200, 60)])
@pytest.mark.slow
async def test_every_size_shows_steps_text_and_what_enter_does(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await forked(at)
        await at.press("f8", "down")
        lines = at.screen().splitlines()
        assert len(lines) == size[1]
        assert all(len(line) == size[0] for line in lines)
        assert lines[0].startswith(" History · 4 steps · 1 branch")
        assert "▸" in at.screen()
        assert "left.]" in at.screen()
        assert "enter: takes back 1 step" in at.screen() or "enter: 1 back, 1 on" in at.screen()
        beside = "Steps, the newest" in lines[1] and "The text then" in lines[1]
        assert beside == (size[0] >= 120)


@pytest.mark.slow
async def test_the_window_may_change_its_size() -> None:
    async with desk() as at:
        await forked(at)
        await at.press("f8", "down")
        for width, height in ((80, 24), (40, 12), (120, 40)):
            await at.pilot.resize_terminal(width, height)
            await at.seen()
            assert "left.]" in at.screen()
            assert "▸" in at.screen()


async def test_a_plain_terminal_gets_plain_signs() -> None:
    async with desk() as at:
        at.app.signs = PLAIN
        await forked(at)
        await at.press("f8", "down")
        assert "+-o typed    The gull left." in at.screen()
        assert "* typed    She slept." in at.screen()
        inner = "".join(line[1:58] + line[62:118] for line in at.screen().splitlines()[2:-2])
        assert inner.isascii()


async def test_text_is_never_markup_nor_an_order_to_the_terminal() -> None:
    async with desk() as at:
        at.write("[red]fire[/red] [link=https://x.test]a[/link]")
        await at.press("f8")
        assert "[red]fire[/red] [link=https:" in "\n".join(steps(at))
        assert "[+ [red]fire[/red] [link=https://x.test]a[/link]]" in at.screen()
        await at.press("escape", "shift+tab", "up", "e", "tab")
        await at.type("[b]Salt")
        await at.press("enter", "f8")
        assert "title: [b]Salt" in at.screen()
        assert "[b]Salt" in at.screen().splitlines()[0]


@pytest.mark.slow
async def test_a_change_far_down_a_long_text_is_scrolled_to_and_the_text_can_be_read_on() -> None:
    async with desk(size=(80, 26)) as at:
        at.write("\n".join(f"Paragraph number {number}." for number in range(200)))
        await at.press("ctrl+home")
        await at.type("First. ")
        await at.clock.move(3)
        at.write(" Last.")
        await at.press("f8")
        assert "Paragraph number 199.[+  Last.]" in at.screen()
        assert "▐ Paragraph number 199." in at.screen()
        await at.press("down")
        assert "[+ First. ]Paragraph number 0." in at.screen()
        assert "number 199" not in preview(at)
        height = len(preview(at).split("\n"))
        assert height % 2 == 0
        await at.press("space")
        assert preview(at).split("\n")[0] == f"  Paragraph number {(height - 2) // 2}."
        await at.press("backspace")
        assert preview(at).split("\n")[0] == "▐ [+ First. ]Paragraph number 0."
        await at.press(*["space"] * 60)
        assert "Paragraph number 199." in at.screen()
        assert "Paragraph number 194." in at.screen()


async def test_a_step_that_left_the_text_alone_leaves_it_where_it_was_scrolled() -> None:
    async with desk(size=(80, 24)) as at:
        at.write("\n".join(f"Paragraph number {number}." for number in range(100)))
        at.beat("Wren waits.")
        at.write(" Last.")
        await at.press("f8")
        assert "[+  Last.]" in at.screen()
        await at.press("down")
        assert "the text did not change" in at.screen()
        assert "Paragraph number 99." in at.screen()


async def test_headings_stand_above_their_text_and_a_paragraph_that_changed_its_beat_is_marked() -> None:
    async with desk() as at:
        await at.press("shift+tab", "a")
        await at.type("Part one")
        await at.press("enter")
        await at.type("Wren waits")
        await at.press("enter", "enter", "m", "right", "enter")
        at.write("One.\n***\nTwo.")
        blocks = list(at.story.manuscript)
        leaf = at.story.outline.beats[0].below[0].id
        at.session.record([BlockAssigned(blocks[2].id, blocks[2].beat, leaf)])
        await at.press("f8")
        assert preview(at).split("\n")[:7] == ["  One.", "", "  ***", "", "  Part one", "", "▐ Two."]
        assert "beat     a paragraph to: Wren waits" in at.screen()


async def test_what_was_taken_out_stands_where_it_was() -> None:
    async with desk() as at:
        await say(at, "It rained. She slept.")
        await at.press("ctrl+home", *["shift+right"] * 11, "ctrl+x")
        await at.press("f7", "delete")
        await at.press("f8")
        assert "deleted  She slept." in at.screen()
        assert "[- She slept.]" in at.screen()
        await at.press("down")
        assert "cut      It rained." in at.screen()
        assert "[- It rained. ]She slept." in at.screen()


@pytest.mark.slow
async def test_a_long_walk_is_by_one_step_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(size=(80, 24)) as at:
        for number in range(60):
            at.write(f"{number} ")
        await at.press("f8")
        count = 0
        unapply = journals.unapply

        def counting(*given: object) -> object:
            nonlocal count
            count += 1
            return unapply(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(journals, "unapply", counting)
        for down in range(1, 31):
            await at.press("down")
            assert screen(at).row.text == str(59 - down)
        # A step to be there, and one more to see what it changed.
        assert count == 60


async def test_the_cursor_stays_visible_in_a_long_list() -> None:
    async with desk(size=(80, 24)) as at:
        for number in range(100):
            at.write(f"step{number} ")
        await at.press("f8")
        for keys, text in (
            (("end",), "nothing yet"),
            (("up", "up"), "step1"),
            (("home",), "step99"),
            (("n",), "step99"),
        ):
            await at.press(*keys)
            assert any(line.startswith("▸") and line.endswith(text) for line in steps(at))
        await at.press("pagedown", "pagedown", "pageup")
        assert 90 < int(screen(at).row.text.removeprefix("step")) < 99


async def test_help_names_every_key_and_every_sign() -> None:
    async with desk(size=(120, 60)) as at:
        await forked(at)
        await at.press("f8", "f1")
        assert isinstance(at.app.screen, Sheet)
        shown = at.app.screen._text
        for key in KEYS:
            assert key.does in shown
        for sign in ("●", "○", "├─", "[+ ]", "[- ]", "[ → ]", "▐"):
            assert f"  {sign} " in shown
        assert "Going to a step never removes another" in at.screen()
        await at.press("escape")
        assert screen(at)


def test_every_key_has_one_action() -> None:
    names = [name for key in KEYS for name in key.keys.split(",")]
    assert len(names) == len(set(names))
    assert not any(name.isdigit() for name in names)
    for key in KEYS:
        assert hasattr(HistoryScreen, f"action_{key.action}"), key.id


@pytest.mark.slow
async def test_a_story_that_can_only_be_read_can_be_looked_at() -> None:
    store = MemoryStore()
    async with desk(store=store) as at:
        await forked(at)
    async with desk(store=MemoryStore(store.entries, read_only=True)) as at:
        await at.press("f8", "down")
        assert "She slept.[+  The gull left.]" in at.screen()
        await at.press("enter")
        assert at.text.endswith("stayed.")
        assert any("reading only" in notice for notice in at.notices)


async def test_an_empty_story_has_a_history_of_nothing() -> None:
    async with desk() as at:
        await at.press("f8", "up", "down", "left", "right", "pagedown")
        assert at.screen().splitlines()[0].strip() == "History · 0 steps · no branches"
        assert steps(at) == ["▸ now ● nothing yet"]
        await at.press("enter")
        assert at.app.screen is at.main


# what a step did, in brackets


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([Run("kept", "It "), Run("gone", "rained"), Run("put", "snowed"), Run("kept", ".")], "It [rained → snowed]."),
        ([Run("put", "Oh.")], "[+ Oh.]"),
        ([Run("kept", "a"), Run("gone", " b")], "a[-  b]"),
        ([Run("put", "\n"), Run("kept", "Two.")], "[+ ¶]Two."),
        ([Run("kept", "One."), Run("gone", "\nTwo"), Run("kept", "!")], "One.[- ¶ Two]!"),
        ([Run("kept", "same")], "same"),
    ],
)
def test_changes_are_shown_in_brackets(runs: list[Run], text: str) -> None:
    shown = marked(runs, FANCY)
    assert shown.text == text
    for start, end, name in shown.styled:
        assert shown.text[start:end].strip("[]+-→ ") == "" or name in ("put", "removed")


def test_a_long_text_that_is_gone_is_shown_by_its_ends() -> None:
    shown = marked([Run("gone", "a" * 5000 + "z")], FANCY)
    assert shown.text.startswith("[- aaa")
    assert shown.text.endswith("az]")
    assert len(shown.text) < 700


def test_lines_are_cut_by_cells() -> None:
    assert shortened("salt roads", 10, "…") == "salt roads"
    assert shortened("salt roads", 9, "…") == "salt…"
    assert shortened("salt roads lead on", 11, "…") == "salt roads…"
    assert shortened("a-word-that-goes-on-and-on", 20, "…") == "a-word-that-goes-on…"
    assert shortened("so a-word-that-goes-on-and-on", 20, "…") == "so a-word-that-goes…"
    assert shortened("漢字漢字", 5, "…") == "漢字…"
    assert shortened("salt", 1, "…") == ""


# the session


@asynccontextmanager
async def written() -> AsyncIterator[Session]:
    """Two steps, of which the second was undone, and another in its place."""
    async with session_on(MemoryStore()) as session:
        place = session.type(session.story.manuscript.last, session.story.manuscript.last, "One.")
        session.flush()
        session.jump()
        session.type(place, place, " Two.")
        session.undo()
        session.type(place, place, " Zwei.")
        yield session


async def test_going_to_a_change_moves_the_head_and_tells_where_the_text_changed() -> None:
    async with written() as session:
        told = []
        session.watch(told.append)
        session.flush()
        here = session.journal.tree.head
        two = max(seq for seq in session.journal.tree.nodes if seq != here)
        assert session.go_to(two) == Position("id2", 9)
        assert session.story.manuscript.text == "One. Two."
        assert session.journal.tree.head == two
        assert {"story", "text"} <= set().union(*(each.kinds for each in told))
        assert session.go_to(here) == Position("id2", 10)
        assert session.story.manuscript.text == "One. Zwei."
        assert session.go_to(ROOT) is None
        assert session.story.manuscript.text == ""
        entries = session.journal.seq
        assert session.go_to(ROOT) is None
        assert session.journal.seq == entries


async def test_what_is_typed_is_entered_before_the_head_moves() -> None:
    async with written() as session:
        one = min(session.journal.tree.nodes)
        session.go_to(one)
        assert session.story.manuscript.text == "One."
        session.redo()
        assert session.story.manuscript.text == "One. Zwei."


async def test_there_is_no_way_to_what_is_no_change() -> None:
    async with written() as session:
        for seq in (1, 9999, -1):
            with pytest.raises(RefusedError):
                session.go_to(seq)
        assert session.story.manuscript.text == "One. Zwei."
