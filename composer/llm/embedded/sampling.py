"""Drawing one token from probabilities, the way common servers do it.

In order: penalties, top_k, top_p, min_p, temperature, draw. Truncation looks at the model's own probabilities,
before temperature. Pure but for the random numbers handed in; knows nothing of words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

FLOOR = 1e-6
"""Tokens less likely than this share of the likeliest are never drawn."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to draw. The defaults change nothing but the temperature."""

    temperature: float = 0.8
    """0 takes the likeliest token always."""
    top_p: float = 1.0
    """Keep the likeliest tokens that together have this much."""
    top_k: int = 0
    """Keep this many; 0 keeps all."""
    min_p: float = 0.0
    """Keep what has at least this share of the likeliest token's probability."""
    frequency_penalty: float = 0.0
    """Taken from the log probability for each time the token was used."""
    presence_penalty: float = 0.0
    """Taken once from the log probability if the token was used."""
    repetition_penalty: float = 1.0
    """Log probability of a used token is multiplied by this."""

    @property
    def penalised(self) -> bool:
        """Whether any penalty is set."""
        return bool(self.frequency_penalty or self.presence_penalty or self.repetition_penalty != 1.0)


def truncate(
    table: Mapping[int, float],
    settings: Settings,
    used: Mapping[int, int] | None = None,
    exempt: Callable[[int], bool] = lambda token: False,
) -> list[tuple[int, float]]:
    """The tokens that may be drawn, likeliest first, each with its probability after penalties (not scaled to 1).

    `used` counts the tokens so far; those that `exempt` names are not penalised. Equal probabilities are put
    in order of token, so that the result does not depend on how the table was built. Never empty.
    """
    highest = max(table.values())
    kept = [(token, p) for token, p in table.items() if p >= highest * FLOOR]
    if used and settings.penalised:
        kept = [(token, _penalised(p, used.get(token, 0), settings) if not exempt(token) else p) for token, p in kept]
    kept.sort(key=lambda entry: (-entry[1], entry[0]))
    if settings.top_k > 0:
        del kept[settings.top_k :]
    if settings.top_p < 1.0:
        total = sum(p for _, p in kept)
        covered = 0.0
        for index, (_, p) in enumerate(kept):
            covered += p
            if covered >= settings.top_p * total:
                del kept[index + 1 :]
                break
    if settings.min_p > 0.0:
        least = settings.min_p * kept[0][1]
        kept = [entry for entry in kept if entry[1] >= least]
    return kept


def _penalised(p: float, count: int, settings: Settings) -> float:
    if not count or p <= 0.0:
        return p
    log = math.log(p) * settings.repetition_penalty
    return math.exp(log - settings.presence_penalty - settings.frequency_penalty * count)


def draw(kept: list[tuple[int, float]], temperature: float, random: Random) -> int:
    """One of these tokens, by their probabilities to the power of one over the temperature.

    Uses exactly one random number, whatever the temperature, so that equal seeds keep step.
    """
    point = random.random()
    if temperature <= 0.0 or len(kept) == 1:
        return kept[0][0]
    highest = kept[0][1]
    power = 1.0 / temperature
    weights = [(p / highest) ** power for _, p in kept]
    point *= sum(weights)
    for (token, _), weight in zip(kept, weights, strict=True):
        point -= weight
        if point < 0.0:
            return token
    return kept[0][0]
