"""The player on the screen: what it shows at a moment, and how keys lead to moments."""

from __future__ import annotations

import pytest

from composer.store.memory import MemoryStore
from composer.story.candidate import PlaceTarget, Receipt, Recipe
from composer.story.events import CandidateGrew, DetailsChanged, RoundAsked, TextPlaced
from composer.story.manuscript import START
from composer.story.story import Details
from composer.ui.screens.player.head import STEP
from composer.ui.screens.player.screen import PlayerScreen
from composer.ui.signs import PLAIN
from tests.ui.desk import Desk, desk
from tests.ui.test_candidates import ONE, TWO, asked
from tests.ui.test_player_head import Seconds

# the screen


async def play(at: Desk) -> PlayerScreen:
    """The player over the story, at its end."""
    await at.press("f8", "p")
    await at.seen()
    player = at.app.screen
    assert isinstance(player, PlayerScreen)
    assert player.head is not None
    return player


async def written(at: Desk) -> None:
    """A line by hand, a round, and a placement with two words behind it."""
    await at.type("It was late.")
    await at.clock.move(5)
    await asked(at, ONE, TWO)
    await at.press("tab", "enter")
    await at.clock.move(7)
    await at.type("She sat.")
    await at.clock.move(4)


@pytest.mark.slow
async def test_the_text_follows_and_the_last_change_is_marked() -> None:
    async with desk() as at:
        await written(at)
        player = await play(at)
        await at.press("P")
        event = player.head.film.reel.events[player.at - 1]  # type: ignore[union-attr]
        assert isinstance(event, TextPlaced)
        start, end = player.text.selection
        chosen = player.text.text.fragment(start, end).text
        assert chosen == ONE
        assert "She sat" not in player.text.text.text
        assert "» placed, candidate 1.1" in at.screen()
        assert "Placed, candidate 1.1" in at.screen()
        await at.press("y")
        assert "» typed here" in at.screen()
        assert player.text.text.fragment(*player.text.selection).text == "She sat."
        await at.press("Y")
        assert player.text.text.text == "It was late."
        await at.press("Y")
        assert "Before this there is no edit by hand." in at.notices


@pytest.mark.slow
async def test_digits_times_and_kinds_lead_to_moments() -> None:
    async with desk() as at:
        await written(at)
        player = await play(at)
        head = player.head
        assert head is not None
        await at.press("0")
        assert (player.at, head.ms) == (head.film.entry_at(0), 0)
        await at.press("5")
        assert head.ms == head.film.length / 2
        await at.press("slash", *"0:02", "enter")
        assert head.ms == 2000
        assert at.app.focused is None
        await at.press("slash", *"9", "enter")
        assert player.at == 9
        await at.press("slash", *"soon", "enter")
        assert "neither an entry's number nor a time" in at.notices[-1]
        await at.press("escape")
        assert at.app.screen is player
        assert not player.box.display
        await at.press("home", "p")
        assert head.film.sorts[player.at - 1] == "placed"
        await at.press("home", "pagedown", "up")
        assert "Before this there is no other of this kind." in at.notices
        await at.press("x")
        assert at.notices[-1].startswith("Letters act here")


async def test_it_streams_and_repaints_by_its_clock() -> None:
    store = MemoryStore()
    async with desk(store=store) as at:
        await at.type("Late.")
        await at.clock.move(1)
        await asked(at, "")
        for word in ("The ", "lamp ", "took."):
            await at.endpoint.say(2, word)
            await at.clock.move(0.3)
        await at.endpoint.close_stream(2)
        await at.clock.move(2)
        player = await play(at)
        now = Seconds()
        player._now = now
        head = player.head
        assert head is not None
        events = head.film.reel.events
        grown = next(n for n, event in enumerate(events, 1) if isinstance(event, CandidateGrew))
        await at.press("home", "pagedown", "space")
        shown = set()
        for _ in range(400):
            now.now += STEP
            player.tick()
            if asked_round := player.candidates.round:
                shown.add((player.at < grown, asked_round.candidates[1].text))
            if not player.playing:
                break
        assert {text for _, text in shown} >= {"", "The ", "The lamp ", "The lamp took."}
        # Before the entry that says what came of it, it was on the screen already.
        assert (True, "The ") in shown
        await at.press("home", "space", "plus", "plus")
        assert "PLAYING │ 4×" in at.screen()
        await at.press("minus", "space", "i")
        assert at.screen().splitlines()[-1].startswith(" PAUSED")
        assert "2×" in at.screen()
        assert "true waits" in at.screen()
        await at.press("i")
        assert "true waits" not in at.screen()


@pytest.mark.slow
async def test_the_outline_and_the_tint() -> None:
    async with desk() as at:
        await written(at)
        player = await play(at)
        assert "Wren lights" not in at.screen()
        await at.press("o")
        assert "Wren lights the lamp." in at.screen()
        assert "Outline" in at.screen()
        await at.press("o", "t")
        assert "Wren lights the lamp." not in at.screen()
        assert "tinted by hand or model" in at.screen()
        assert "Tint: by hand or model" in at.notices[-1]
        await at.press("f5", "f5", "f5")
        assert "tinted" not in at.screen()
        # A key holds at every size; without one, there is room for it on a wide screen.
        await at.pilot.resize_terminal(160, 40)
        await at.seen()
        assert not player.outlined
    async with desk(size=(160, 40)) as at:
        await written(at)
        player = await play(at)
        assert "Wren lights the lamp." in at.screen()
        await at.press("o")
        assert "Wren lights the lamp." not in at.screen()


@pytest.mark.parametrize("size", [(120, 40), (119, 40), (80, 24), (160, 50), (60, 20), (40, 12)])
@pytest.mark.slow
async def test_every_size_shows_the_text_and_where_it_is(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await written(at)
        await play(at)
        lines = at.screen().splitlines()
        assert len(lines) == size[1]
        assert all(len(line) == size[0] for line in lines)
        assert "She sat." in at.screen()
        assert "▼" in at.screen()
        assert "PAUSED" in lines[-1]
        beside = any("Untitled" in line and "Candidates" in line for line in lines)
        assert beside == (size[0] >= 120)
        await at.press("f1")
        assert "In the player" in at.screen()


@pytest.mark.slow
async def test_the_window_may_change_its_size_while_it_plays() -> None:
    async with desk() as at:
        await written(at)
        player = await play(at)
        await at.press("home", "space")
        for width, height in ((80, 24), (40, 12), (160, 50), (120, 40)):
            await at.pilot.resize_terminal(width, height)
            await at.seen()
            lines = at.screen().splitlines()
            assert len(lines) == height
            assert player.has_class("-narrow") == (width < 120)
            assert player.has_class("-outline") == (width >= 150)
            assert any("▼" in line for line in lines)
        await at.press("f8", "end")
        assert "She sat." in at.screen()
        assert not player.playing


@pytest.mark.slow
async def test_a_plain_terminal_gets_plain_signs() -> None:
    async with desk(size=(80, 24)) as at:
        at.app.signs = PLAIN
        await written(at)
        await play(at)
        upper, lower, foot = at.screen().splitlines()[-4:-1]
        assert (upper + lower + foot).isascii()
        assert upper.count("*") == 1
        assert upper.count("v") == 1
        assert foot.endswith("* round  > placed  # edited  ! note ")
        assert "=" in lower


@pytest.mark.slow
async def test_while_rounds_write_at_once_the_one_that_is_shown_stays() -> None:
    async with desk() as at:
        for number in (1, 2):
            at.session.record(
                (
                    RoundAsked(
                        number, "continue", PlaceTarget(START), 0, "", (Recipe("home", "m"),), (), Receipt(0, 0, 0, ())
                    ),
                )
            )
            await at.clock.move(1)
        for turn in range(6):
            for name in ("1.1", "2.1")[:: 1 if turn % 2 else -1]:
                grown = len(at.session.story.candidate(name).text)
                at.session.record((CandidateGrew(name, grown, "One word. ", "text", ((300, 10),)),))
            await at.clock.move(1 + turn % 2)
        player = await play(at)
        head = player.head
        assert head is not None
        await at.press("home")
        seen: list[int] = []
        head.play(0)
        now = 0.0
        while head.playing:
            now += head.wait(now)
            head.look(now)
            player.show_moment()
            asked = player.candidates.round
            if asked is not None and asked.number not in seen[-1:]:
                seen.append(asked.number)
        assert seen in ([2], [1, 2])


@pytest.mark.slow
async def test_a_long_title_is_cut_and_not_left_out() -> None:
    async with desk() as at:
        title = "Is it wrong to wait for a ferry that has left already, or is it right"
        at.session.record((DetailsChanged(Details(), Details(title=title)),))
        await at.type("It was late.")
        await at.clock.move(5)
        await play(at)
        assert "Is it wrong to wait" in at.screen().splitlines()[0]
        assert "3 w" in at.screen().splitlines()[0]
