"""What the first line says on return."""

from __future__ import annotations

from composer.story.candidate import BeatTarget, Recipe
from composer.ui.greeting import news_of
from tests.journal.test_process import pen


def test_nobody_left_a_story_of_another_program() -> None:
    scribe = pen()
    number = scribe.ask("continue", BeatTarget(""), [Recipe("home", "mill")])
    scribe.answered(number, 1, "It rained.")
    assert "round 1" in news_of(scribe.story, 1)
    assert news_of(scribe.story, 0) == ""
