"""What the header of each candidate says of its recipe: its temperature, and what else it differs in from the others. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.story.candidate import Candidate, Round
from composer.ui.phrases import shortened

MODEL, ENDPOINT, LENS, PRESET, CONTEXT = 14, 12, 18, 12, 4
"""The most cells of each."""
_DIGITS = 5
"""A seed with more digits is told by its last three, where those tell it from the others'."""
_LAST_PART = re.compile(r"[^/\\]*$")


def labels(asked: Round, ellipsis: str = "…") -> tuple[str, ...]:
    """A few words for each candidate, by its number; all empty while the round is tasted blind."""
    candidates = asked.candidates
    if asked.veil:
        return ("",) * len(candidates)
    recipes = [candidate.recipe for candidate in candidates]
    seeds = _seeds([recipe.seed for recipe in recipes], ellipsis)
    models = _column([recipe.model or recipe.endpoint for recipe in recipes], MODEL, ellipsis, path=True)
    endpoints = _column([recipe.endpoint for recipe in recipes], ENDPOINT, ellipsis)
    if len({recipe.model for recipe in recipes}) == len({(recipe.model, recipe.endpoint) for recipe in recipes}):
        # Each model is of one endpoint, and says enough by itself.
        endpoints = ()
    lenses = _column([recipe.lens_name or recipe.lens for recipe in recipes], LENS, ellipsis)
    amounts = _column(
        [asked.sent(asked.number_of(candidate.id)).receipt.shape.amount for candidate in candidates], CONTEXT, ellipsis
    )
    presets = _column([recipe.preset for recipe in recipes], PRESET, ellipsis)
    made = []
    for at, candidate in enumerate(candidates):
        heat = _heat(candidate)
        parts = [f"T{heat:g}" if heat is not None else seeds[at] or "–"]
        if models or endpoints:
            parts.append((models[at] if models else "") + (f"@{endpoints[at]}" if endpoints else ""))
        if lenses and lenses[at]:
            parts.append(f"“{lenses[at]}”")
        if presets and presets[at]:
            parts.append(presets[at])
        if amounts:
            parts.append(amounts[at])
        made.append(" ".join(parts))
    alike: dict[str, set[str]] = {}
    for label, seed in zip(made, seeds, strict=True):
        alike.setdefault(label, set()).add(seed)
    # A seed says something only where nothing else does.
    return tuple(
        f"{label} {seed}".strip() if len(alike[label]) > 1 else label for label, seed in zip(made, seeds, strict=True)
    )


def _heat(candidate: Candidate) -> float | None:
    """The temperature it was written at; None where none was wanted, or none taken."""
    ending = candidate.ending
    refused = ending is not None and any(name == "temperature" for name, _ in ending.dropped)
    return None if refused else candidate.recipe.temperature


def _column(texts: Sequence[str], size: int, ellipsis: str, *, path: bool = False) -> Sequence[str]:
    """Each text in at most `size` cells, so that they can be told apart; nothing where all are the same."""
    if len(set(texts)) < 2:
        return ()
    short = {text: _last(text) if path else text for text in texts}
    for names in _alike(short):
        short.update({name: name for name in names})
    clipped = {text: shortened(short[text], size, ellipsis) for text in short}
    for names in _alike(clipped):
        common = _common([short[name] for name in names])
        same = len(common)
        while same and common[same - 1].isalnum():
            same -= 1
        clipped.update({name: shortened(ellipsis + short[name][same:].lstrip(), size, ellipsis) for name in names})
    return [clipped[text] for text in texts]


def _last(path: str) -> str:
    """The last part of a model's name."""
    found = _LAST_PART.search(path.rstrip("/\\"))
    return found[0] if found else path


def _alike(shown: dict[str, str]) -> list[list[str]]:
    """Those texts that are shown as the same, in groups."""
    groups: dict[str, list[str]] = {}
    for text, words in shown.items():
        groups.setdefault(words, []).append(text)
    return [names for names in groups.values() if len(names) > 1]


def _common(texts: Sequence[str]) -> str:
    """What all of them begin with."""
    first, last = min(texts), max(texts)
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]


def _seeds(seeds: Sequence[int | None], ellipsis: str) -> Sequence[str]:
    """Each seed in a word or two; nothing for none."""
    known = {seed for seed in seeds if seed is not None}
    ends = {seed % 1000 for seed in known}
    long = any(seed >= 10**_DIGITS for seed in known) and len(ends) == len(known)
    return [
        "" if seed is None else f"seed {ellipsis}{seed % 1000:03}" if long and seed >= 10**_DIGITS else f"seed {seed}"
        for seed in seeds
    ]
