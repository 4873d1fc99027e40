"""Rows of the table of drafts as candidates: each draft's cell alone, wherever it stands, whatever streams beside it."""

from __future__ import annotations

from composer.story.candidate import CellTarget, DraftTarget, Ending, Receipt, Recipe
from composer.story.events import CandidateEnded, CandidateGrew, DraftsAsked, RoundAsked
from tests.ui.desk import Desk, desk

WHOLE = "[1]\nThe lamp was lit. It burned.\n\n[2]\nNo ship came. Nobody answered."


def drafts(at: Desk, count: int, *, whole: bool = False) -> list[str]:
    """Drafts that were asked for and of which nothing is written yet; the beats."""
    beats = [at.beat("Wren lights the lamp."), at.beat("No ship answers.")]
    recipes = tuple(Recipe("scripted", "scripted-1", {"temperature": n / 5}, seed=n) for n in range(count))
    at.session.record((DraftsAsked(1, recipes, tuple(beats), "whole" if whole else "own"),))
    return beats


def answer(at: Desk, target: CellTarget | DraftTarget, text: str, *, ended: bool = True) -> str:
    number = len(at.story.rounds) + 1
    recipe = at.story.drafts[target.draft - 1].recipe
    receipt = Receipt(1, 100, 10, ())
    at.session.record((RoundAsked(number, "continue", target, 0, "", (recipe,), (), receipt),))
    name = f"{number}.1"
    at.session.enter_fact(CandidateGrew(name, 0, text))
    if ended:
        at.session.enter_fact(CandidateEnded(name, Ending("finished", "The model ended it.", len(text), "x")))
    return name


async def test_the_cursor_stays_on_its_draft_when_the_cell_of_another_comes() -> None:
    async with desk() as at:
        first, _ = drafts(at, 3)
        answer(at, CellTarget(2, first), "Two is told.")
        answer(at, CellTarget(3, first), "Three is told.")
        at.main.show_row(1, first)
        await at.press("2")
        assert at.main.candidates.piece[0] == "2.1"
        answer(at, CellTarget(1, first), "One is told.")
        await at.seen()
        assert at.main.candidates.piece[0] == "2.1"
        await at.press("enter")
        assert at.text == "Three is told."


async def test_a_cell_that_is_written_anew_takes_the_place_of_the_older_one() -> None:
    async with desk() as at:
        first, _ = drafts(at, 2)
        answer(at, CellTarget(1, first), "It is all the same to her.")
        answer(at, CellTarget(2, first), "It is all the same to her.")
        at.main.show_row(1, first)
        await at.press("1")
        answer(at, CellTarget(1, first), "Another one.")
        await at.press("e", "escape", "r", "escape", "i", "escape")
        await at.seen()
        assert "Another one." in at.screen()


async def test_of_a_whole_draft_a_row_has_its_own_cell_alone() -> None:
    async with desk() as at:
        _, second = drafts(at, 1, whole=True)
        answer(at, DraftTarget(1), WHOLE)
        at.main.show_row(1, second)
        await at.seen()
        _name, start, end = at.main.candidates.piece
        assert WHOLE[start:end] == "No ship came."
        await at.press("down", "down", "down", "space")
        (mark,) = at.story.splice
        assert WHOLE[mark.start : mark.end] == "Nobody answered."
        await at.press("<", "u")
        assert not at.story.splice
        await at.press("enter")
        assert at.text == "No ship came. Nobody answered."
        assert at.story.manuscript.at(0).beat == second


async def test_an_edit_of_one_beat_of_a_whole_draft_is_not_that_of_another() -> None:
    async with desk() as at:
        first, second = drafts(at, 1, whole=True)
        answer(at, DraftTarget(1), WHOLE)
        at.main.show_row(1, first)
        await at.press("e")
        await at.type("Mine: ")
        await at.press("escape")
        at.main.show_row(1, second)
        await at.press("enter")
        assert at.text == "No ship came. Nobody answered."


async def test_enter_twice_on_a_whole_draft_that_writes_places_the_cell_and_stops_the_draft() -> None:
    async with desk() as at:
        first, _ = drafts(at, 1, whole=True)
        answer(at, DraftTarget(1), WHOLE, ended=False)
        at.main.show_row(1, first)
        await at.press("enter")
        assert not at.text
        await at.press("enter")
        await at.seen()
        assert at.text == "The lamp was lit. It burned."
        assert at.story.manuscript.at(0).beat == first


async def test_what_a_draft_wrote_is_not_asked_for_as_a_round() -> None:
    async with desk() as at:
        drafts(at, 1, whole=True)
        name = answer(at, DraftTarget(1), WHOLE)
        at.main.show_candidate(name, 0)
        await at.press("ctrl+g")
        assert len(at.story.rounds) == 1
        assert "in its table" in at.notices[-1]
