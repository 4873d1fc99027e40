"""What stands where at which size, and the player."""

from __future__ import annotations

import pytest

from composer.store.memory import MemoryStore
from composer.ui import keymap
from composer.ui.screens.player.screen import PlayerScreen
from tests.ui.desk import desk
from tests.ui.test_candidates import ONE, TWO, asked


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 12), (200, 60)])
@pytest.mark.slow
async def test_every_size_shows_the_text_and_what_is_going_on(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        at.write("It was the ninth evening.")
        await asked(at, ONE, TWO)
        assert "It was the ninth" in at.screen()
        assert "TYPING" in at.screen()
        lines = at.screen().splitlines()
        assert len(lines) == size[1]
        await at.press("tab")
        assert "The lamp took." in at.screen()
        assert "LETTERS ACT" in at.screen()
        await at.press("shift+tab")
        assert "Wren lights" in at.screen()


async def test_a_window_that_is_too_small_says_so_and_comes_back() -> None:
    async with desk(size=(30, 8)) as at:
        assert "too small" in at.screen().replace("\n", " ")
        await at.pilot.resize_terminal(120, 40)
        await at.seen()
        await at.type("x")
        assert at.text == "x"
        assert "Outline" in at.screen()


async def test_at_eighty_columns_candidates_take_a_line_while_one_writes() -> None:
    async with desk(size=(80, 24)) as at:
        at.write("Text.")
        await asked(at, ONE, TWO)
        assert "5 candidates · 3 writing · tab" in at.screen()
        await at.press("tab", "2")
        assert "No ship came. The fog did. It stayed for tea." in at.screen()
        rows = [line for line in at.screen().splitlines() if "The lamp took." in line]
        assert len(rows) == 1


async def test_a_pane_alone_and_all_again() -> None:
    async with desk() as at:
        at.write("Text.")
        await asked(at, ONE, TWO)
        await at.press("tab", "z")
        assert "Outline" not in at.screen()
        assert at.main.candidates.size.width > 100
        await at.press("z")
        assert "Outline" in at.screen()


async def test_the_first_start_says_how_to_begin_in_a_story_that_has_candidates() -> None:
    store = MemoryStore()
    async with desk(store=store) as at:
        await asked(at, ONE)
    store.closed = False
    async with desk(store=store, welcome=True) as at:
        pane = "\n".join(line[74:] for line in at.screen().splitlines())
        lines = [line.strip("│║ ") for line in pane.splitlines()[1:3]]
        assert [line.split("  ")[0] for line in lines] == ["your own story", "your own model"]
        assert "five ways on" in pane
        assert "The lamp took." not in pane
        await at.press("tab")
        assert "The lamp took." in at.screen()


@pytest.mark.parametrize("where", list(keymap.PLACES))
async def test_help_names_every_key_of_a_place(where: keymap.Where) -> None:
    from composer.ui.screens.sheet import help_text
    from composer.ui.signs import FANCY

    text = help_text(where, FANCY)
    for key in keymap.shown_in(where):
        assert key.does in text


def test_no_two_actions_of_a_place_share_a_key_and_every_action_exists() -> None:
    from composer.ui.screens.history import HistoryScreen
    from composer.ui.screens.main import MainScreen
    from composer.ui.widgets.candidates import CandidatesView
    from composer.ui.widgets.manuscript import ManuscriptView
    from composer.ui.widgets.outline import OutlineView

    homes = {
        "everywhere": MainScreen,
        "text": ManuscriptView,
        "candidates": CandidatesView,
        "outline": OutlineView,
        "history": HistoryScreen,
        "player": PlayerScreen,
    }
    for where, home in homes.items():
        mine = [key for key in keymap.TABLE if key.where == where and key.keys]
        names = [name for key in mine for name in key.keys.split(",")]
        assert len(names) == len(set(names))
        for key in mine:
            assert hasattr(home, f"action_{key.action}"), key.id
    for chord in ("ctrl+b", "ctrl+h", "ctrl+i", "ctrl+m", "f10", "f11", "f12", "shift+enter"):
        assert chord not in {name for key in keymap.TABLE for name in key.keys.split(",")}


@pytest.mark.slow
async def test_the_player_steps_seeks_and_plays() -> None:
    async with desk() as at:
        await at.type("One.")
        await at.clock.move(3)
        await asked(at, ONE)
        await at.press("tab", "enter")
        await at.type("!")
        await at.press("f8", "p")
        player = at.app.screen
        assert isinstance(player, PlayerScreen)
        last = at.session.journal.seq
        assert player.at == last
        assert "The lamp took." in at.screen()
        await at.press("home")
        assert "entry 0 of" in at.screen()
        await at.press("pagedown")
        assert "Round 1 was asked" in at.screen()
        await at.press("right", "left", "down", "end", "pageup")
        assert "Round 1 was asked" in at.screen()
        await at.press("slash")
        await at.type(str(last))
        await at.press("enter")
        assert player.at == last
        await at.press("pagedown", "pagedown", *["minus"] * 5, "space")
        assert player.playing
        await at.press("space")
        assert not player.playing
        await at.press("escape")
        assert at.app.screen is at.main
        assert at.text.endswith("!")
