"""What counts tokens for each model of an endpoint, and what servers have taught of how far it is off.

Where a model's encoding is loaded, it counts; until then, and for models whose encoding is not known, an estimate does. What counts
changes when an encoding comes in or an estimate is corrected: then another object is given out, so that who keeps counts by the
counter that made them never mixes two.

Estimates that were too low are corrected by the greatest ratio seen between what a server told and what was estimated. It never goes
down, since texts differ, and one that was counted rightly says nothing of the next.
"""

from __future__ import annotations

import asyncio
import math

from composer.config import EndpointProfile
from composer.llm.encodings import Encodings, encoding_name
from composer.llm.tokens import ESTIMATE, Corrected, Paragraphs, own_encoding
from composer.session.ports import Counter, Memory

MOST_MODELS = 500
"""Models whose encodings are remembered."""
LEAST_COUNTED = 200
"""Tokens from which on a request says something about an estimate: on less, what a format adds weighs too much."""
MOST_RATIO = 4.0
"""The greatest correction."""
ABSURD = 8.0
"""Times that a server may tell what was estimated; beyond that it counts something else."""


class Counters:
    """The counters of one endpoint. All that is not async may be called in any thread, and is quick once a model is loaded."""

    def __init__(
        self, endpoint: str, profile: EndpointProfile, encodings: Encodings, memory: Memory | None = None
    ) -> None:
        self._endpoint = endpoint
        self._wanted = profile.encoding
        self._embedded = profile.embedded
        self._encodings = encodings
        self._memory = memory
        self._names: dict[str, str] = {}
        """By model: the encoding that it counts with; empty where that is not known."""
        self._loaded: set[str] = set()
        """The encodings that were looked for, with what stands in for those that aren't there."""
        self._ratios: dict[str, float] = {}
        self._corrected: dict[str, Corrected] = {}

    def of(self, model: str) -> Counter:
        """What counts for a model, by the paragraph."""
        return self._counter(model)

    def whole_of(self, model: str) -> Counter:
        """What counts a text of any length for a model in one go."""
        return self._counter(model).whole

    def is_exact(self, model: str) -> bool:
        """Whether it counts as the model does."""
        return self._encodings.counter(self._name(model)) is not None

    def is_loaded(self, model: str) -> bool:
        """Whether all is there that can be had at once. It never waits for what is being fetched."""
        return self._names.get(model, " ") in self._loaded

    async def load(self, model: str, *, fetch: bool = True) -> None:
        """Have it there, and have fetched in the background what is not on this computer. Safe to await twice."""
        self._ratio(model)
        if not self.is_loaded(model):
            await asyncio.to_thread(self._load, model)
        if fetch:
            self._encodings.want(self._name(model))

    def raw(self, model: str, text: str) -> int:
        """What a text is counted as before any correction."""
        return (self._encodings.counter(self._name(model)) or ESTIMATE)(text)

    def ratio(self, model: str) -> float:
        """How much more than estimated requests were, at most."""
        return 1.0 if self.is_exact(model) else self._ratio(model)

    def learn(self, model: str, estimated: int, told: int) -> None:
        """A request that was estimated at so many tokens has `told` by its server. What is too little to tell, or absurd, is ignored."""
        if self.is_exact(model) or estimated < LEAST_COUNTED or not 0 < told <= ABSURD * estimated:
            return
        ratio = min(math.ceil(told / estimated * 1000) / 1000, MOST_RATIO)
        if ratio <= self._ratio(model):
            return
        self._ratios[model] = ratio
        if self._memory is not None:
            self._memory.learn(self._endpoint, model, "ratio", f"{ratio:.3f}")

    def told(self, model: str) -> str:
        """What counts, in words: for people."""
        name = self._name(model)
        if self.is_exact(model):
            return f"counted exactly by {name}, {self._encodings.told(name)}"
        if name:
            words = f"estimated, as the model counts by {name}, {self._encodings.told(name)}"
        elif self._embedded:
            words = "estimated, rather too many"
        else:
            words = (
                "estimated, as nothing tells how the model counts; encoding in the settings can name a file of ranks"
            )
        ratio = self._ratio(model)
        return f"{words}; corrected by {ratio - 1:.0%} for what the server counted" if ratio > 1 else words

    def _counter(self, model: str) -> Paragraphs:
        exact = self._encodings.counter(self._name(model))
        if exact is not None:
            return exact
        ratio = self._ratio(model)
        if ratio == 1:
            return ESTIMATE
        corrected = self._corrected.get(model)
        if corrected is None or corrected.ratio != ratio:
            corrected = self._corrected[model] = Corrected(ESTIMATE, ratio)
        return corrected

    def _name(self, model: str) -> str:
        name = self._names.get(model)
        # Before `load`, this imports the encoder.
        return self._remember(model) if name is None else name

    def _remember(self, model: str) -> str:
        name = "" if self._embedded else self._wanted or encoding_name(model)
        if len(self._names) >= MOST_MODELS:
            self._names.clear()
        self._names[model] = name
        return name

    def _load(self, model: str) -> None:
        name = self._remember(model)
        self._encodings.load(name)
        if self._encodings.counter(name) is None:
            own_encoding()
        self._loaded.add(name)

    def _ratio(self, model: str) -> float:
        ratio = self._ratios.get(model)
        if ratio is None:
            told = "" if self._memory is None else self._memory.known(self._endpoint, model).get("ratio", "")
            ratio = self._ratios[model] = _believed(told)
        return ratio


def _believed(told: str) -> float:
    try:
        ratio = float(told)
    except ValueError:
        return 1.0
    return ratio if 1 < ratio <= MOST_RATIO else 1.0
