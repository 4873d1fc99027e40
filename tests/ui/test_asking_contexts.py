"""Which context is asked for: in the request box, side by side, and what is asked first where no one knows a model's window."""

from __future__ import annotations

import pytest

from composer.errors import ContextTooLong
from composer.story.candidate import BeatTarget, place_of
from composer.story.shape import Shape
from tests.session.test_contexts import PARAGRAPHS
from tests.ui.desk import Desk, desk

EARLIER = "The board had sent a letter about the oil, folded so small that she took it for the price."


async def asked(at: Desk, *texts: str) -> None:
    at.beat("Wren lights the lamp.")
    at.write(f"{EARLIER}\n" + "She counted what was left.\n" * 3 + "Then it was evening.")
    await at.press("ctrl+g")
    await at.round(*texts)
    at.endpoint.new_round()


@pytest.mark.slow
async def test_two_keys_set_the_same_with_bare_context_beside_it() -> None:
    async with desk(ladder=(0.3, 0.9)) as at:
        await asked(at, "One.", "Two.")
        seeds = [each.recipe.seed for each in at.story.round(1).candidates]
        await at.press("tab", "a", "enter")
        round_ = at.story.round(2)
        assert [each.recipe.seed for each in round_.candidates] == [seeds[0], seeds[0], seeds[1], seeds[1]]
        amounts = [round_.sent(each.number).receipt.shape.amount for each in round_.candidates]
        assert amounts == ["full", "bare", "full", "bare"]
        texts = ["".join(text for _, text in request.messages) for request in at.endpoint.requests[2:]]
        assert [EARLIER in text for text in texts] == [True, False, True, False]
        assert at.story.shape == Shape()
        # The headers tell them apart.
        screen = at.screen()
        assert "T0.3 full" in screen
        assert "T0.3 bare" in screen
        # Once more is the same pairs with other seeds.
        await at.round("One.", "Two.", "Three.", "Four.")
        at.endpoint.new_round()
        await at.press("ctrl+g")
        again = at.story.round(3)
        new = [each.recipe.seed for each in again.candidates]
        assert new[0] == new[1] != new[2] == new[3]
        assert new[0] not in seeds
        assert [again.sent(each.number).receipt.shape.amount for each in again.candidates] == amounts


@pytest.mark.slow
async def test_a_context_that_is_chosen_in_the_box_stays_and_what_was_edited_in_place_does_not() -> None:
    async with desk(ladder=(0.3,)) as at:
        at.beat("Wren lights the lamp.")
        at.write("She counted what was left.")
        place = place_of(at.main.requests.wish().target)
        edits = (("instructions", "Be brief."), ("purpose", "Only now."))
        at.session.shape(Shape("full", edits=edits, place=place))
        await at.press("ctrl+g")
        assert at.endpoint.requests[0].messages[0][1] == "Be brief."
        assert "Only now." in at.endpoint.requests[0].messages[1][1]
        assert at.story.shape == Shape("full", edits=(("instructions", "Be brief."),))
        await at.round("One.")
        at.endpoint.new_round()
        await at.press("ctrl+r", "tab", "tab", "tab", "tab", "tab", "tab", *["backspace"] * 4)
        await at.type("lean")
        await at.press("enter")
        assert at.story.round(2).receipt.shape.amount == "lean"
        assert at.story.shape.amount == "lean"
        assert "lean" in at.screen().splitlines()[-1]


async def test_what_was_edited_in_place_waits_for_its_place() -> None:
    async with desk(ladder=(0.3,)) as at:
        here, there = at.beat("Wren lights the lamp."), at.beat("The oil is rationed.")
        edited = Shape(edits=(("beat", "Wren lights it twice."),), place=place_of(BeatTarget(here)))
        at.session.shape(edited)
        await at.press("shift+tab")
        at.main.outline.beat = there
        await at.press("ctrl+g")
        assert "The oil is rationed." in at.endpoint.requests[0].messages[1][1].rpartition("Next")[2]
        assert at.story.shape == edited
        at.main.outline.beat = here
        await at.press("ctrl+g")
        assert "Wren lights it twice." in at.endpoint.requests[1].messages[1][1]
        assert at.story.shape == Shape()


@pytest.mark.slow
async def test_more_candidates_than_may_be_are_refused_and_the_box_stays() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        at.write("She counted what was left.")
        await at.press("ctrl+r", "tab", "tab", "tab", "tab", "tab", "tab", *["backspace"] * 4)
        await at.type("full, lean, bare, nothing")
        await at.press("enter")
        assert at.main.box.display
        assert not at.endpoint.requests
        assert any("no context" in notice for notice in at.notices)
        await at.press(*["backspace"] * 9, "shift+tab", "shift+tab", "shift+tab", "shift+tab", "shift+tab")
        await at.press(*["backspace"] * 20)
        await at.type("0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8")
        await at.press("enter")
        assert any("24 candidates" in notice for notice in at.notices)
        assert not at.endpoint.requests


async def test_who_asks_a_model_that_nobody_knows_says_first_how_much_it_takes() -> None:
    async with desk(ladder=(0.3,)) as at:
        at.endpoint.source = "guess"
        at.beat("Wren lights the lamp.")
        at.write("She counted what was left.")
        await at.press("ctrl+g")
        assert not at.endpoint.requests
        assert "How many tokens does scripted-1 take?" in at.screen()
        await at.press(*["backspace"] * 8)
        await at.type("many")
        await at.press("enter")
        assert any("no number" in notice for notice in at.notices)
        await at.press(*["backspace"] * 8)
        await at.type("1,500")
        await at.press("enter")
        assert len(at.endpoint.requests) == 1
        assert at.story.round(1).receipt.budget == 1500
        assert not at.main.box.display


async def test_escape_from_that_question_sends_nothing() -> None:
    async with desk(ladder=(0.3,)) as at:
        at.endpoint.source = "guess"
        at.write("She counted what was left.")
        await at.press("ctrl+g", "escape")
        assert not at.endpoint.requests
        assert not at.main.box.display


async def test_a_request_that_was_sent_again_with_less_says_so_below_the_candidate() -> None:
    async with desk(ladder=(0.3,)) as at:
        at.write("\n".join(PARAGRAPHS))
        await at.press("ctrl+g")
        at.endpoint.windows[at.endpoint.model] = 900
        await at.endpoint.fail(1, ContextTooLong("It takes 900.", "Send less.", 900))
        await at.endpoint.say(2, "She went on.")
        await at.endpoint.close_stream(2)
        await at.press("tab")
        assert "takes 900 tokens" in at.screen()


async def test_the_status_line_says_how_much_the_next_request_would_take() -> None:
    async with desk(ladder=(0.3,)) as at:
        at.beat("Wren lights the lamp.")
        at.write("She counted what was left.")
        await at.main.gauge.reckon()
        await at.seen()
        tokens = at.main.gauge.tokens
        assert 50 < tokens < 1000
        assert f"context {tokens:,}/2,048" in at.screen()
        # The context screen tells the same: what is kept for the answer counts.
        await at.press("f2")
        assert f"context {tokens}/2.0k" in at.screen()
        assert f"= {tokens:,} of 2,048" in at.screen()


async def test_nothing_is_told_of_the_context_until_it_is_reckoned() -> None:
    async with desk(ladder=(0.3,)) as at:
        assert "context …/2,048" in at.screen()
        await at.press("ctrl+g")
        await at.round("One.")
        await at.press("tab")
        receipt = at.story.round(1).receipt
        assert f"sent {receipt.tokens + receipt.reserve:,}/{receipt.budget:,}" in at.screen()


@pytest.mark.slow
async def test_pairs_stand_side_by_side() -> None:
    async with desk(ladder=(0.3, 0.9)) as at:
        at.write("She counted what was left.")
        await at.press("ctrl+r")
        await at.press(*["tab"] * 6)
        assert "new ones, the same for both" not in at.screen()
        await at.press(*["backspace"] * 4)
        await at.type("full, bare")
        assert "new ones, the same for both" in at.screen()
        await at.press("enter")
        await at.round("One.", "Two.", "Three.", "Four.")
        await at.press("tab", "z")
        for steps in range(4):
            (heads,) = [line for line in at.screen().splitlines()[:-1] if "T0." in line]
            heat = "T0.3" if steps < 2 else "T0.9"
            assert heads.count("T0.") == heads.count(heat) == 2
            assert heads.index(f"{heat} full") < heads.index(f"{heat} bare")
            assert str(steps + 1) in heads
            await at.press("right")
