"""What the candidates of a round differ in, and the recipes that come of it. It asks nothing and knows no story."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from composer.config import Sampling
from composer.errors import RefusedError
from composer.session.ports import Endpoint, Endpoints
from composer.story.candidate import Recipe

MOST = 20
"""Candidates of one round, at most."""


@dataclass(frozen=True)
class Grid:
    """Each combination of these is a candidate. A model is an endpoint's name and a model's, empty for what is set.

    Without seeds each candidate has its own. The preset is the endpoint's own unless one is named; so are templates, which are
    named by endpoint. An empty template sends chat messages. `lens_names` are the names of lenses by their texts.
    """

    temperatures: Sequence[float]
    models: Sequence[tuple[str, str]] = (("", ""),)
    lenses: Sequence[str] = ("",)
    seeds: Sequence[int] = ()
    preset: str | None = None
    templates: Mapping[str, str] = field(default_factory=dict)
    lens_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.temperatures) * len(self.models) * len(self.lenses) * max(1, len(self.seeds))


def recipes(grid: Grid, endpoints: Endpoints, new_id: Callable[[], str]) -> tuple[Recipe, ...]:
    """A recipe for each combination: by model, then lens, then temperature, then seed. RefusedError for too many or none."""
    if not grid.size:
        raise RefusedError("A round needs at least one temperature.")
    if grid.size > MOST:
        raise RefusedError(
            f"That would be {grid.size} candidates at once, and {MOST} are the most.",
            "Take fewer temperatures, models or lenses.",
        )
    made = []
    asked_ones = [endpoints.endpoint(name or endpoints.chosen) for name, _ in grid.models]
    shared = any(grid.preset in each.presets for each in asked_ones)
    for (name, model), lens, heat, seed in product(grid.models, grid.lenses, grid.temperatures, grid.seeds or (None,)):
        endpoint = endpoints.endpoint(name or endpoints.chosen)
        asked = model or endpoint.model
        preset = endpoint.preset if grid.preset is None else grid.preset
        if shared and preset not in endpoint.presets:
            # One of several endpoints that has no such preset goes by its own.
            preset = endpoint.preset
        sampling = {**endpoint.sampling, **preset_of(endpoint, preset), "temperature": heat}
        own = sampling.pop("seed", None)
        if not endpoint.takes(asked, "temperature"):
            del sampling["temperature"]
        if seed is None:
            seed = own if isinstance(own, int) else new_seed(new_id)
        template = grid.templates.get(endpoint.name, endpoint.template)
        named = grid.lens_names.get(lens, "")
        made.append(Recipe(endpoint.name, asked, sampling, lens, seed, template, preset, named))
    return tuple(made)


def preset_of(endpoint: Endpoint, preset: str) -> Sampling:
    """The fields of a preset. RefusedError where the endpoint has none of that name."""
    if not preset:
        return {}
    if preset not in endpoint.presets:
        known = ", ".join(endpoint.presets) or "none"
        raise RefusedError(f"{endpoint.name} has no preset {preset}.", f"It has: {known}.")
    return dict(endpoint.presets[preset])


def new_seed(new_id: Callable[[], str]) -> int:
    """A number of 31 bits that no one can guess."""
    return int.from_bytes(hashlib.blake2b(new_id().encode(), digest_size=4).digest(), "big") >> 1


def remark(made: Sequence[Recipe], grid: Grid) -> str:
    """What the writer should know of these recipes, in a sentence; empty if nothing."""
    cold = sorted({recipe.model for recipe in made if recipe.temperature is None})
    if not cold or len(grid.temperatures) < 2:
        return ""
    by = "by lens and seed" if len(grid.lenses) > 1 else "by their seeds alone"
    which = " and ".join(cold)
    return f"{which} {'takes' if len(cold) == 1 else 'take'} no temperature: its candidates differ {by}."
