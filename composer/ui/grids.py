"""What the request box says of recipes, to and from text: temperatures, models, lenses and seeds, several to a row. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from msgspec.structs import replace

from composer.config import parse_ladder
from composer.errors import RefusedError
from composer.session.ports import Endpoint, Endpoints, Lens
from composer.session.recipes import MOST, Grid, preset_of
from composer.story.candidate import Recipe
from composer.story.shape import Amount, Shape

AMOUNTS: tuple[Amount, ...] = get_args(Amount)
ROWS = ("ladder", "model", "lens", "preset", "seed")
"""The rows of the box that say what candidates differ in."""
LISTED = 100
"""The most models of an endpoint that arrows turn to."""
BETWEEN = " | "
"""What stands between two lenses."""


def show_ladder(ladder: Sequence[float]) -> str:
    """Temperatures as people write them: `0.2 0.4 0.6`."""
    return " ".join(f"{value:g}" for value in ladder)


def show_model(endpoints: Endpoints, endpoint: str, model: str) -> str:
    """A model as the box names it: empty for what is set, `home`, `home/llama3.2`, or a model of the endpoint that is set."""
    if endpoint not in endpoints.names():
        return f"{endpoint}/{model}"
    own = endpoints.endpoint(endpoint).model
    if endpoint == endpoints.chosen:
        return "" if model == own else model
    return endpoint if model == own else f"{endpoint}/{model}"


def models(endpoints: Endpoints) -> tuple[str, ...]:
    """What the model row can be turned to: nothing for what is set, then every endpoint with the models that it has told."""
    found = [""]
    for name in sorted(endpoints.names(), key=lambda name: name != endpoints.chosen):
        endpoint = endpoints.endpoint(name)
        found += [name] if name != endpoints.chosen else []
        prefix = "" if name == endpoints.chosen else f"{name}/"
        found += [prefix + model for model in endpoint.models[:LISTED] if model != endpoint.model]
    return tuple(found)


def read_models(text: str, endpoints: Endpoints) -> tuple[tuple[str, str], ...]:
    """Endpoints and models of `embedded, home/llama3.2`. RefusedError where an endpoint is not known."""
    found = [_model(part.strip(), endpoints) for part in text.split(",") if part.strip()]
    return tuple(dict.fromkeys(found)) or (("", ""),)


def show_models(named: Sequence[tuple[str, str]], endpoints: Endpoints) -> str:
    """Endpoints and models as the box names them."""
    if not named or tuple(named) == (("", ""),):
        return ""
    shown = [
        show_model(endpoints, name, model or own_model(endpoints, name)) or (endpoints.chosen if len(named) > 1 else "")
        for name, model in named
    ]
    return ", ".join(shown)


def own_model(endpoints: Endpoints, name: str) -> str:
    """The model that an endpoint asks for unless another is named; empty where there is no such endpoint."""
    return endpoints.endpoint(name).model if name in endpoints.names() else ""


def read_shapes(text: str, usual: Sequence[Shape]) -> tuple[Shape, ...]:
    """The shapes of `full, bare`: a usual one where there is one of that amount, else nothing but the amount.

    RefusedError where there is no such amount.
    """
    found = []
    for word in text.split(",") or [text]:
        named = word.strip().lower()
        amount = next((each for each in AMOUNTS if named and each.startswith(named)), None)
        if amount is None:
            raise RefusedError(
                f"“{word.strip()}” is no context.", f"There are: {', '.join(AMOUNTS)}; several with commas."
            )
        own = Shape(amount, edits=usual[0].lasting.edits)
        found.append(next((each for each in usual if each.amount == amount), own))
    return tuple(dict.fromkeys(found))


def show_shapes(shapes: Sequence[Shape]) -> str:
    """The amounts of shapes as the box names them."""
    return ", ".join(dict.fromkeys(shape.amount for shape in shapes))


def spread(recipes: Sequence[Recipe], shapes: Sequence[Shape]) -> tuple[tuple[Recipe, ...], tuple[Shape, ...]]:
    """Each recipe with each shape, side by side and with the same seed. RefusedError for too many."""
    if len(recipes) * len(shapes) > MOST:
        raise RefusedError(
            f"That would be {len(recipes) * len(shapes)} candidates at once, and {MOST} are the most.",
            "Take fewer temperatures, models or contexts.",
        )
    pairs = [(recipe, shape) for recipe in recipes for shape in shapes]
    return tuple(recipe for recipe, _ in pairs), tuple(shape for _, shape in pairs)


def _model(text: str, endpoints: Endpoints) -> tuple[str, str]:
    names = endpoints.names()
    if text in names:
        return text, ""
    name, slash, model = text.partition("/")
    if slash and name in names:
        return name, model
    # A model's own name may hold a slash.
    listed = endpoints.endpoint(endpoints.chosen).models
    owners = [name for name in names if text in endpoints.endpoint(name).models]
    if owners and endpoints.chosen not in owners:
        return owners[0], text
    if listed and not owners and text != endpoints.endpoint(endpoints.chosen).model:
        raise RefusedError(
            f"There is no endpoint {text}, and {endpoints.chosen} lists no model of that name.",
            f"Endpoints: {', '.join(names)}. To ask for it all the same: {endpoints.chosen}/{text}.",
        )
    return endpoints.chosen, text


def read_seeds(text: str) -> tuple[int, ...]:
    """The numbers of `7 8`; none for a seed of its own for each. RefusedError for what is no whole number."""
    try:
        seeds = tuple(int(word) for word in text.replace(",", " ").split())
    except ValueError:
        seeds = (-1,)
    if not all(0 <= seed < 2**31 for seed in seeds):
        raise RefusedError("A seed is a whole number from 0 to 2147483647.", "Leave it empty for one of its own each.")
    return seeds


def read_lenses(text: str, lenses: Sequence[Lens] = ()) -> tuple[str, ...]:
    """The texts of `to-do list | as a mentor of ten years`: of lenses by their names, else own words as they are; one empty for none."""
    by_name = {lens.name.casefold(): lens.text for lens in lenses}
    parts = (part.strip() for part in text.split(BETWEEN.strip()))
    return tuple(dict.fromkeys(by_name.get(part.casefold(), part) for part in parts)) or ("",)


def names_of(lenses: Sequence[Lens]) -> dict[str, str]:
    """The names of lenses by their texts."""
    return {lens.text: lens.name for lens in lenses}


def presets(endpoints: Sequence[Endpoint]) -> tuple[str, ...]:
    """The presets that any of these have, after none."""
    return ("", *dict.fromkeys(name for endpoint in endpoints for name in endpoint.presets))


def grid_of(
    rows: Mapping[str, str], endpoints: Endpoints, templates: Mapping[str, str], lenses: Sequence[Lens] = ()
) -> Grid:
    """The grid that the rows say. Raises SettingsError or RefusedError with what is wrong."""
    preset = rows.get("preset", "")
    return Grid(
        parse_ladder(rows["ladder"]),
        read_models(rows["model"], endpoints),
        read_lenses(rows["lens"], lenses),
        read_seeds(rows["seed"]),
        preset or None,
        templates,
        names_of(lenses),
    )


def rows_of(recipes: Sequence[Recipe], endpoints: Endpoints, *, seeds: bool) -> dict[str, str]:
    """The rows that say these recipes, as far as rows can; with `seeds` their seeds too."""
    heats = dict.fromkeys(recipe.temperature for recipe in recipes)
    known = [heat for heat in heats if heat is not None]
    named = dict.fromkeys(show_model(endpoints, recipe.endpoint, recipe.model) for recipe in recipes)
    if len(named) > 1 and "" in named:
        named = dict.fromkeys(name or endpoints.chosen for name in named)
    return {
        "ladder": show_ladder(known),
        "model": ", ".join(named),
        "lens": BETWEEN.join(dict.fromkeys(recipe.lens_name or recipe.lens for recipe in recipes)),
        "preset": recipes[0].preset,
        "seed": " ".join(str(recipe.seed) for recipe in recipes if recipe.seed is not None) if seeds else "",
    }


def varied(
    recipe: Recipe,
    before: Mapping[str, str],
    after: Mapping[str, str],
    endpoints: Endpoints,
    lenses: Sequence[Lens] = (),
) -> list[Recipe]:
    """A recipe with the rows that were changed, all else as it was. Several in a row make several recipes."""

    def changed(row: str) -> bool:
        return row in after and _tidy(before.get(row, "")) != _tidy(after[row])

    made = [recipe]
    if changed("model"):
        made = [
            _at(each, name, model, endpoints) for each in made for name, model in read_models(after["model"], endpoints)
        ]
    if changed("preset"):
        made = [_with_preset(each, after["preset"], endpoints) for each in made]
    if changed("lens"):
        names = names_of(lenses)
        made = [
            replace(each, lens=lens, lens_name=names.get(lens, ""))
            for each in made
            for lens in read_lenses(after["lens"], lenses)
        ]
    if changed("ladder"):
        heats = parse_ladder(after["ladder"])
        made = [
            replace(each, sampling={**each.sampling, "temperature": heat})
            if endpoints.endpoint(each.endpoint).takes(each.model, "temperature")
            else each
            for each in made
            for heat in heats
        ]
    if changed("seed"):
        seeds: tuple[int | None, ...] = read_seeds(after["seed"]) or (None,)
        made = [replace(each, seed=seed) for each in made for seed in seeds]
    return made


def _tidy(text: str) -> str:
    return " ".join(text.replace(",", " , ").replace("|", " | ").split()).strip(" ,|")


def same_rows(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether none of the rows was changed."""
    return all(_tidy(before.get(row, "")) == _tidy(after.get(row, "")) for row in ROWS)


def varied_all(
    made: Sequence[Recipe],
    before: Mapping[str, str],
    after: Mapping[str, str],
    endpoints: Endpoints,
    lenses: Sequence[Lens] = (),
) -> list[Recipe]:
    """Several recipes with the rows that were changed; those that are then alike but for their seeds are one."""
    found: dict[str, Recipe] = {}
    for recipe in made:
        for each in varied(recipe, before, after, endpoints, lenses):
            found.setdefault(repr(replace(each, seed=None if not after["seed"] else each.seed)), each)
    return list(found.values())


def _at(recipe: Recipe, name: str, model: str, endpoints: Endpoints) -> Recipe:
    endpoint = endpoints.endpoint(name or endpoints.chosen)
    heat = recipe.sampling.get("temperature")
    if endpoint.name == recipe.endpoint:
        return replace(recipe, model=model or endpoint.model)
    preset = endpoint.preset
    sampling = {**endpoint.sampling, **preset_of(endpoint, preset)}
    sampling.pop("seed", None)
    if heat is not None:
        sampling["temperature"] = heat
    return replace(
        recipe,
        endpoint=endpoint.name,
        model=model or endpoint.model,
        sampling=sampling,
        template=endpoint.template,
        preset=preset,
    )


def _with_preset(recipe: Recipe, preset: str, endpoints: Endpoints) -> Recipe:
    endpoint = endpoints.endpoint(recipe.endpoint)
    heat = recipe.sampling.get("temperature")
    sampling = {**endpoint.sampling, **preset_of(endpoint, preset)}
    sampling.pop("seed", None)
    if heat is not None:
        sampling["temperature"] = heat
    return replace(recipe, sampling=sampling, preset=preset)
