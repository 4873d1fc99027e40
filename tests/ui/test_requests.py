"""Asking from the keyboard: from a candidate once more, varied, gone on from; several models; what the box says and keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from composer.config import EndpointProfile
from composer.errors import EndpointError, RefusedError
from composer.session.ports import Found
from composer.story.candidate import Recipe
from composer.ui import grids
from tests.session.fakes import Few, Scripted
from tests.ui.desk import Desk, desk

CLEAR = ("end", "ctrl+u")


async def asked(at: Desk, *texts: str) -> None:
    at.beat("Wren lights the lamp.")
    await at.press("ctrl+g")
    await at.round(*texts)
    at.endpoint.new_round()


async def fill(at: Desk, row: str, text: str) -> None:
    """Put text into a row of the box as a writer does: down to it, clear it, type."""
    for _ in range(9):
        if at.main.box._fields[int((at.app.focused.id or "").rpartition("-")[2])].name == row:  # type: ignore[union-attr]
            break
        await at.press("tab")
    await at.press(*CLEAR)
    await at.type(text)


async def test_r_and_enter_repeat_a_finished_candidate_exactly() -> None:
    async with desk(ladder=(0.2, 0.9)) as at:
        await asked(at, "One.", "Two.")
        await at.press("tab", "2", "r")
        assert "again, as it was asked" in at.screen()
        assert len(at.story.rounds) == 1
        await at.press("enter")
        assert [each.recipe for each in at.story.round(2).candidates] == [at.story.candidate("1.2").recipe]
        assert at.story.round(2).stem is None


async def test_r_and_enter_go_on_from_what_broke_off() -> None:
    async with desk(ladder=(0.2, 0.9)) as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.say(1, "Wren lit the ")
        await at.endpoint.fail(1, EndpointError("The connection broke.", "Ask again."))
        await at.endpoint.say(2, "Two.")
        await at.endpoint.close_stream(2)
        at.endpoint.new_round()
        await at.press("tab", "r")
        assert "go on from its end" in at.screen()
        await at.press("enter")
        request = at.endpoint.requests[-1]
        assert request.prefix == "Wren lit the"
        assert request.recipe.temperature == 0.2
        assert request.recipe.seed != at.story.candidate("1.1").recipe.seed
        await at.round(" lamp.")
        await at.press("enter")
        assert at.text == "Wren lit the lamp."


async def test_a_failure_without_text_is_tried_again() -> None:
    async with desk(ladder=(0.5,)) as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.fail(1, EndpointError("No server answers.", "Start it."))
        at.endpoint.new_round()
        await at.press("tab", "r", "enter")
        assert at.story.candidate("2.1").recipe == at.story.candidate("1.1").recipe
        assert at.endpoint.requests[-1].prefix == ""


async def test_one_row_is_varied_and_all_else_stays() -> None:
    async with desk(ladder=(0.2, 0.9)) as at:
        at.endpoint.sampling = {"top_p": 0.7}
        await asked(at, "One.", "Two.")
        at.endpoint.sampling = {}
        await at.press("tab", "r")
        await fill(at, "ladder", "0.3 1.1")
        await at.press("enter")
        first = at.story.candidate("1.1").recipe
        made = [each.recipe for each in at.story.round(2).candidates]
        assert [each.temperature for each in made] == [0.3, 1.1]
        assert {each.seed for each in made} == {first.seed}
        assert all(each.sampling["top_p"] == 0.7 for each in made)


async def test_another_way_to_ask_refills_the_rows() -> None:
    async with desk(ladder=(0.2, 0.9)) as at:
        await asked(at, "One.", "Two.")
        await at.press("tab", "r", "shift+tab", "right")
        assert "all of its round once more" in at.screen()
        assert "0.2 0.9" in at.screen()
        await at.press("enter")
        made = [each.recipe for each in at.story.round(2).candidates]
        assert [each.temperature for each in made] == [0.2, 0.9]
        assert made[0].seed != at.story.candidate("1.1").recipe.seed


async def test_bare_beside_it_differs_in_nothing_else() -> None:
    async with desk(ladder=(0.2, 0.9)) as at:
        await asked(at, "One.", "Two.")
        await at.press("tab", "a", "enter")
        first, second = at.story.round(1), at.story.round(2)
        assert [each.recipe for each in first.candidates] == [each.recipe for each in second.candidates][::2]
        assert [each.recipe for each in first.candidates] == [each.recipe for each in second.candidates][1::2]


@pytest.mark.slow
async def test_a_grid_of_models_and_temperatures_is_one_round() -> None:
    far = Scripted("far")
    async with desk(ladder=(0.2, 0.6, 1.0), others=(far,)) as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r")
        await fill(at, "model", "scripted, far/big")
        await at.press("enter")
        assert [each.recipe.model for each in at.story.round(1).candidates] == ["scripted-1"] * 3 + ["big"] * 3
        assert len(far.requests) == 3
        await far.say(1, "The lamp took.")
        await at.seen()
        await at.press("tab", "4")
        assert "The lamp took." in at.screen()
        # The choice stays for the next request from elsewhere.
        await at.press("tab")
        assert "×6" in at.screen().splitlines()[-1]


async def test_arrows_turn_to_every_model_also_behind_a_comma() -> None:
    far = Scripted("far")
    far.models = ("far-1", "big")
    async with desk(others=(far,)) as at:
        at.endpoint.models = ("scripted-1", "tiny")
        assert grids.models(at.session.endpoints) == ("", "tiny", "far", "far/big")
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r")
        await fill(at, "model", "")
        await at.press("right")
        assert at.main.box.values["model"] == "tiny"
        await at.type(", ")
        await at.press("left")
        assert at.main.box.values["model"] == "tiny, far/big"
        await at.press("left")
        assert at.main.box.values["model"] == "tiny, far"


@pytest.mark.slow
async def test_lenses_and_seeds_make_a_grid_too_and_wrong_ones_are_told() -> None:
    async with desk(ladder=(0.5,)) as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r")
        await fill(at, "lens", "as a list | as a letter")
        await fill(at, "seed", "7 8")
        await at.press("enter")
        made = [(each.recipe.lens, each.recipe.seed) for each in at.story.round(1).candidates]
        assert made == [("as a list", 7), ("as a list", 8), ("as a letter", 7), ("as a letter", 8)]
        assert "Write as a letter." in at.endpoint.requests[2].messages[0][1]
        await at.press("ctrl+r")
        await fill(at, "seed", "minus one")
        await at.press("enter")
        assert "A seed is a whole number" in at.notices[-1]
        assert len(at.story.rounds) == 1


@pytest.mark.slow
async def test_presets_have_a_row_where_there_are_any() -> None:
    async with desk(ladder=(0.5,)) as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r")
        assert "preset" not in at.screen()
        await at.press("escape")
        at.endpoint.presets = {"wild": {"top_p": 1.0}}
        await at.press("ctrl+r")
        await fill(at, "preset", "")
        await at.press("right", "enter")
        assert at.endpoint.requests[0].recipe.preset == "wild"
        assert at.endpoint.requests[0].recipe.sampling == {"top_p": 1.0, "temperature": 0.5}
        await at.endpoint.say(1, "Now.")
        await at.endpoint.close_stream(1)
        await at.seen()
        assert "wild" in at.screen().splitlines()[-1]


async def test_a_model_without_temperature_says_what_its_candidates_differ_by() -> None:
    async with desk(ladder=(0.2, 0.9)) as at:
        at.endpoint.refused.add("temperature")
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        assert "takes no temperature" in at.notices[-1]
        assert all("temperature" not in each.recipe.sampling for each in at.endpoint.requests)
        assert len({each.recipe.seed for each in at.endpoint.requests}) == 2


async def test_a_blind_round_offers_nothing_that_would_tell_candidates_apart() -> None:
    async with desk(ladder=(0.2, 0.9)) as at:
        await asked(at, "One.", "Two.")
        await at.press("tab", "b", "r", "shift+tab")
        screen = at.screen()
        assert "all of its round once more" in screen
        assert "0.2 0.9" in screen
        await at.press("right")
        assert "all of its round once more" in at.screen()


async def test_what_was_filled_from_a_candidate_is_not_left_in_the_rows() -> None:
    far = Scripted("far")
    async with desk(ladder=(0.5,), others=(far,)) as at:
        await asked(at, "One.")
        await at.press("tab", "r")
        await fill(at, "model", "far")
        await at.press("escape", "escape", "ctrl+r")
        assert at.main.box.values["model"] == ""


async def test_the_box_has_room_at_80_columns() -> None:
    async with desk(size=(80, 24), ladder=(0.5,)) as at:
        at.endpoint.presets = {"wild": {"top_p": 1.0}}
        await asked(at, "One. Two.")
        await at.press("tab", "r")
        lines = at.screen().splitlines()
        for row in ("do", "instruction", "temperatures", "kind", "model", "lens", "preset", "seed", "context"):
            assert any(row in line for line in lines[-12:]), row
        assert "LETTERS ACT" in lines[-1] or "TYPING" in lines[-1]


def test_rows_say_recipes_and_read_them_again() -> None:
    endpoints = Few(Scripted("near"), Scripted("far"))
    made = [
        Recipe("near", "near-1", {"temperature": 0.2}, "as a list", 7),
        Recipe("far", "far-1", {"temperature": 0.2}, "as a list", 8),
        Recipe("far", "big", {"temperature": 0.9}, "", 9),
    ]
    rows = grids.rows_of(made, endpoints, seeds=True)
    assert rows == {
        "ladder": "0.2 0.9",
        "model": "near, far, far/big",
        "lens": "as a list | ",
        "preset": "",
        "seed": "7 8 9",
    }
    assert grids.read_models(rows["model"], endpoints) == (("near", ""), ("far", ""), ("far", "big"))
    assert grids.read_models("", endpoints) == (("", ""),)
    assert grids.read_models("near/some/model:7b", endpoints) == (("near", "some/model:7b"),)
    for wrong in ("naer", "some/model:7b", "far, naer"):
        with pytest.raises(RefusedError, match="There is no endpoint"):
            grids.read_models(wrong, endpoints)
    endpoints.endpoint("near").models = ()
    assert grids.read_models("some/model:7b", endpoints) == (("near", "some/model:7b"),)


@pytest.mark.slow
async def test_a_round_that_goes_on_is_asked_again_from_there() -> None:
    async with desk(ladder=(0.5,)) as at:
        await asked(at, "Wren lit the")
        await at.press("tab", "r", "shift+tab", "left", "enter")
        assert at.story.round(2).stem is not None
        await at.round(" lamp.")
        for number, keys in enumerate((("ctrl+g",), ("r", "enter"), ("a", "enter")), 3):
            at.endpoint.new_round()
            await at.press(*keys)
            assert at.endpoint.requests[-1].prefix == "Wren lit the", keys
            assert at.story.round(number).stem == at.story.round(2).stem
            await at.round(" lamp.")


@pytest.mark.slow
async def test_an_endpoint_that_is_gone_sends_nothing_elsewhere() -> None:
    far = Scripted("far")
    async with desk(ladder=(0.5,), others=(far,)) as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r")
        await fill(at, "model", "far/big")
        await at.press("enter")
        await far.say(1, "Now.")
        await far.close_stream(1)
        await at.press("escape")
        assert "big" in at.screen().splitlines()[-1]
        del at.session.endpoints._endpoints["far"]  # type: ignore[attr-defined]
        await at.press("shift+tab", "down", "ctrl+g")
        assert "far is not among your endpoints any more" in at.notices[-1]
        assert not at.endpoint.requests
        await at.press("ctrl+g")
        assert len(at.endpoint.requests) == 1


async def test_a_request_waits_until_its_endpoint_is_ready_and_no_second_one_is_sent() -> None:
    async with desk(ladder=(0.5,)) as at:
        at.endpoint.prepared = False
        at.endpoint.gate.clear()
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g", "ctrl+g")
        assert not at.endpoint.requests
        assert "nothing more was sent" in at.notices[-1]
        await at.press("escape", "x", "y")
        at.endpoint.gate.set()
        await at.seen()
        await at.seen()
        assert len(at.endpoint.requests) == 1
        assert "xy" in at.text


@pytest.mark.slow
async def test_changing_a_row_keeps_what_the_rest_of_the_round_differs_in() -> None:
    far = Scripted("far")
    far.template = "chatml"
    far.presets = {"wild": {"top_p": 1.0}}
    async with desk(ladder=(0.2, 0.9), others=(far,)) as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+r")
        await fill(at, "model", "scripted, far")
        await fill(at, "preset", "wild")
        await at.press("enter")
        for number in (1, 2):
            await at.endpoint.say(number, "One.")
            await at.endpoint.close_stream(number)
            await far.say(number, "Two.")
            await far.close_stream(number)
        await at.press("tab", "r", "shift+tab", "right")
        await fill(at, "ladder", "0.5")
        await at.press("enter")
        made = [
            (each.recipe.endpoint, each.recipe.temperature, each.recipe.template, each.recipe.preset)
            for each in at.story.round(2).candidates
        ]
        assert made == [("scripted", 0.5, "", ""), ("far", 0.5, "chatml", "wild")]


async def test_what_is_typed_into_the_first_row_is_not_passed_over() -> None:
    async with desk(ladder=(0.5,)) as at:
        await asked(at, "One.")
        await at.press("tab", "r")
        await at.type("with fog")
        assert at.main.box.values["instruction"] == "with fog"
        await at.press("shift+tab")
        await at.type("zz")
        await at.press("enter")
        assert "no such choice" in at.notices[-1]
        assert len(at.story.rounds) == 1


async def test_a_fault_is_seen_from_the_text_and_says_why_where_no_text_came() -> None:
    async with desk(size=(80, 24), ladder=(0.2, 0.6, 0.9)) as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.fail(1, EndpointError("The account has no credit left.", "Add some."))
        await at.endpoint.fail(2, EndpointError("The account has no credit left.", "Add some."))
        await at.seen()
        assert "1 writing · 2 failed" in at.screen()
        await at.press("tab", "3")
        lines = at.screen().splitlines()
        assert any(" 2 " in line and "The account has no credit left" in line for line in lines)
        await at.press("1")
        lines = at.screen().splitlines()
        here = next(number for number, line in enumerate(lines) if "1  T0.2" in line)
        assert "The account has no credit left." in lines[here + 1]


async def test_servers_on_this_computer_are_offered_to_who_has_set_up_none() -> None:
    class Around(Few):
        listed: Mapping[str, EndpointProfile] = {"embedded": EndpointProfile("http://embedded/v1")}

        async def look_around(self) -> Sequence[Found]:
            profile = EndpointProfile("http://localhost:8080/v1", kind="llamacpp")
            return [Found("llamacpp", profile, ("tiny",))]

    async with desk() as at:
        at.app.profiles = Around(at.endpoint)  # type: ignore[assignment]
        await at.main._look_around()
        await at.seen()
        assert not at.notices
        at.endpoint.built_in = True
        await at.main._look_around()
        await at.seen()
        assert at.notices[-1].startswith("llama.cpp answers on this computer")
        at.app.profiles.listed = {
            "embedded": EndpointProfile("http://embedded/v1"),
            "home": EndpointProfile("http://a"),
        }  # type: ignore[misc, union-attr]
        at.app.clear_notifications()
        await at.main._look_around()
        await at.seen()
        assert not at.notices
