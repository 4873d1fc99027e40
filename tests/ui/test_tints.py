"""Tints tell models apart, whichever candidate of a round they wrote."""

from __future__ import annotations

import pytest
from rich.style import Style

from composer.story.candidate import BeatTarget, Candidate, Receipt, Recipe, Round
from composer.story.chunked import Chunked
from composer.story.spans import Edited, Generated, Origin, Written
from composer.story.story import Story
from composer.ui import tints
from composer.ui.theming import Palette, load_themes

THEMES, _ = load_themes(None)
LOOK = Palette.make({**THEMES[0].to_color_system().generate(), **THEMES[0].variables}, few=False)


def round_by(number: int, *models: str) -> Round:
    """A round with a candidate of each model."""
    candidates = tuple(Candidate(f"{number}.{at}", Recipe("h", model), "Rain.") for at, model in enumerate(models, 1))
    return Round(number, "continue", BeatTarget(""), 0, "", (), Receipt(0, 0, 0, ()), candidates, 1, 1)


def shown(story: Story, candidate: str) -> Style | None:
    return tints.style(story, "model", Generated(candidate, 0, 5), LOOK)


def test_models_beside_each_other_in_a_round_differ() -> None:
    story = Story(rounds=Chunked([round_by(1, "heron", "plover", "heron"), round_by(2, "plover", "curlew")]))
    heron, plover, curlew = shown(story, "1.1"), shown(story, "1.2"), shown(story, "2.2")
    assert len({heron, plover, curlew}) == 3
    assert shown(story, "1.3") == heron
    assert shown(story, "2.1") == plover


def test_a_model_that_comes_later_gets_a_colour_of_its_own_and_the_others_keep_theirs() -> None:
    story = Story(rounds=Chunked([round_by(1, "heron", "plover")]))
    before = [shown(story, "1.1"), shown(story, "1.2")]
    later = Story(rounds=story.rounds.append(round_by(2, "curlew")))
    assert [shown(later, "1.1"), shown(later, "1.2")] == before
    assert shown(later, "2.1") not in before
    changed = Story(rounds=later.rounds.exchange(0, round_by(1, "plover", "heron")))
    assert [shown(changed, "1.1"), shown(changed, "1.2")] == before


def test_the_rounds_are_walked_through_once_for_all_the_spans_of_a_text() -> None:
    story = Story(rounds=Chunked([round_by(1, "heron", "plover")]))
    shown(story, "1.1")
    walked = tints._models.cache_info().misses
    for name in ("1.1", "1.2") * 20:
        shown(story, name)
    assert tints._models.cache_info().misses == walked


@pytest.mark.parametrize("origin", [Written(), Generated("1.1", 0, 5), Edited("1.1")])
def test_without_a_tint_all_text_is_plain(origin: Origin) -> None:
    story = Story(rounds=Chunked([round_by(1, "heron")]))
    assert tints.style(story, "off", origin, LOOK) is None
