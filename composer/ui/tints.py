"""Tints: the text coloured by where it came from, and the same in words for the span at the caret. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from rich.color import Color, blend_rgb
from rich.style import Style

from composer.story.candidate import Round
from composer.story.chunked import Chunked
from composer.story.spans import Edited, Generated, Imported, Origin, Repaired, candidate_of
from composer.story.story import Story
from composer.ui.theming import Palette

Tint = Literal["off", "hand or model", "temperature", "model"]
TINTS: tuple[Tint, ...] = ("off", "hand or model", "temperature", "model")


def style(story: Story, tint: Tint, origin: Origin, palette: Palette) -> Style | None:
    """The style of text of that origin; None for the plain one."""
    if tint == "off":
        return None
    name = candidate_of(origin)
    if name is None:
        return palette.hand if tint == "hand or model" else None
    if tint == "hand or model":
        return palette.edited if isinstance(origin, Edited) else palette.model
    recipe = story.candidate(name).recipe
    if tint == "temperature":
        return _heat(recipe.temperature, palette)
    row = (palette.model, palette.good, palette.waiting, palette.lands, palette.title, palette.bad)
    return row[_models(story.rounds)[recipe.model] % len(row)]


# Every span of a text that is painted asks for it, and the rounds are the same for all of them.
@lru_cache(maxsize=1)
def _models(rounds: Chunked[Round]) -> dict[str, int]:
    """The models that were asked, each with its number from 0, in the order in which they were first asked."""
    every = dict.fromkeys(each.recipe.model for asked in rounds for each in asked.candidates)
    return {model: number for number, model in enumerate(every)}


def _heat(temperature: float | None, palette: Palette) -> Style:
    """From the colour of what is good to that of what is bad, between 0 and 1.2; where colours are few, in three steps."""
    warmth = min(1.0, max(0.0, (temperature or 0.0) / 1.2))
    cool, hot = palette.good.color, palette.bad.color
    if cool is None or hot is None or cool.triplet is None or hot.triplet is None:
        return (palette.model, palette.edited, palette.hand)[min(2, int(warmth * 3))]
    return Style(color=Color.from_triplet(blend_rgb(cool.triplet, hot.triplet, warmth)))


def legend(tint: Tint) -> str:
    """What the colours mean, in a line."""
    return {
        "off": "Tint: off.",
        "hand or model": "Tint: by hand or model. Text of a model, text of a model that you changed, and your own differ.",
        "temperature": "Tint: by temperature, from cool to hot; your own text is plain.",
        "model": "Tint: by model; your own text is plain.",
    }[tint]


def origin_words(story: Story, origin: Origin) -> str:
    """Where text came from, in a few words."""
    if isinstance(origin, Generated | Edited):
        recipe = story.candidate(origin.candidate).recipe
        heat = f" · T{recipe.temperature:g}" if recipe.temperature is not None else ""
        what = "edited by hand, from" if isinstance(origin, Edited) else "from"
        return f"{what} candidate {origin.candidate}{heat} · {recipe.model}"
    if isinstance(origin, Repaired):
        return f"put by seam repair ({origin.rule})"
    if isinstance(origin, Imported):
        return f"from outside ({origin.source})"
    return "written by hand"
