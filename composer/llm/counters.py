"""What counts tokens for each model of an endpoint, and what servers have taught of how far it is off.

Where a model's encoding is loaded, it counts; until then, and for models whose encoding is not known, an estimate does. What counts
changes when an encoding comes in or an estimate is corrected: then another object is given out, so that who keeps counts by the
counter that made them never mixes two.

Estimates that were too low are corrected by the ratio between what a server told and what was estimated. A request that shows a
greater one raises it at once. It comes down to the greatest that the last `LASTING` requests have shown, and never below 1; so each of
these would be counted as enough. With a ratio goes the size of the request that showed it. One of less than a quarter of that changes
nothing: in a short request it is mostly what a format or a server adds, and four times as long it would still be shorter than one that
was judged by all its text. Requests that fill a window are never so much smaller than others that do, as no correction is more than four.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass

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
LASTING = 5
"""Requests in a row that bring a correction down."""
LESS = 0.95
"""Of what it was: a correction that would come down by less stays, since each change has all paragraphs counted again."""
KEPT = 0.25
"""Of what was estimated: a server that tells less has left out what it kept from an earlier request."""
ABSURD = 8.0
"""Times that a server may tell what was estimated; beyond that it counts something else."""


@dataclass(frozen=True)
class _Correction:
    """How much more than estimated requests are, and the estimate of the one that showed it, in tokens."""

    ratio: float = 1.0
    size: int = 0


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
        self._corrections: dict[str, _Correction] = {}
        self._lately: dict[str, deque[_Correction]] = {}
        """By model: what the last requests showed that did not raise its correction."""
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
        self._correction(model)
        if not self.is_loaded(model):
            await asyncio.to_thread(self._load, model)
        if fetch:
            self._encodings.want(self._name(model))

    def raw(self, model: str, text: str) -> int:
        """What a text is counted as before any correction."""
        return (self._encodings.counter(self._name(model)) or ESTIMATE)(text)

    def ratio(self, model: str) -> float:
        """How much more than estimated requests are taken to be."""
        return 1.0 if self.is_exact(model) else self._correction(model).ratio

    def learn(self, model: str, estimated: int, told: int) -> None:
        """An answered request that was estimated at so many tokens, before any correction, has `told` by its server.

        It may raise the correction, or help to bring it down. What is too little to tell, or absurd, is ignored.
        """
        if not self._tells(model, estimated, told) or self._is_small(model, estimated):
            return
        shown = _Correction(_ratio(told, estimated), estimated)
        believed = self._correction(model)
        if shown.ratio > believed.ratio:
            self._settle(model, shown)
        elif told >= KEPT * estimated:
            lately = self._lately.setdefault(model, deque(maxlen=LASTING))
            lately.append(shown)
            if len(lately) == LASTING:
                ratio = max(1.0, *(each.ratio for each in lately))
                size = min(each.size for each in lately)
                if ratio <= LESS * believed.ratio:
                    self._settle(model, _Correction(ratio, size))
                elif size >= 2 * believed.size:
                    self._settle(model, _Correction(believed.ratio, size))

    def learn_least(self, model: str, counted: int, told: int, *, refused: bool = False) -> None:
        """The same of a request that may have been counted with a correction, or has `told` at least: it can only raise what is known.

        One that was refused as too long was large enough to tell, whatever its size.
        """
        if self._tells(model, counted, told) and (refused or not self._is_small(model, counted)):
            shown = _Correction(_ratio(told, counted), counted)
            if shown.ratio > self._correction(model).ratio:
                self._settle(model, shown)

    def forget(self, model: str) -> None:
        """Correct no more, until a request shows that it is needed."""
        self._lately.pop(model, None)
        if self._correction(model) != _Correction():
            self._corrections[model] = _Correction()
            if self._memory is not None:
                self._memory.learn(self._endpoint, model, "ratio", "")

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
        ratio = self._correction(model).ratio
        return f"{words}; corrected by {ratio - 1:.0%} for what the server counted" if ratio > 1 else words

    def _counter(self, model: str) -> Paragraphs:
        exact = self._encodings.counter(self._name(model))
        if exact is not None:
            return exact
        ratio = self._correction(model).ratio
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

    def _tells(self, model: str, counted: int, told: int) -> bool:
        return not self.is_exact(model) and counted >= LEAST_COUNTED and 0 < told <= ABSURD * counted

    def _is_small(self, model: str, counted: int) -> bool:
        return MOST_RATIO * counted < self._correction(model).size

    def _settle(self, model: str, correction: _Correction) -> None:
        self._lately.pop(model, None)
        self._corrections[model] = correction
        if self._memory is not None:
            self._memory.learn(self._endpoint, model, "ratio", f"{correction.ratio:.3f}/{correction.size}")

    def _correction(self, model: str) -> _Correction:
        correction = self._corrections.get(model)
        if correction is None:
            told = "" if self._memory is None else self._memory.known(self._endpoint, model).get("ratio", "")
            correction = self._corrections[model] = _believed(told)
        return correction


def _ratio(told: int, counted: int) -> float:
    return min(math.ceil(told / counted * 1000) / 1000, MOST_RATIO)


def _believed(told: str) -> _Correction:
    words, _, size = told.partition("/")
    try:
        ratio = float(words)
    except ValueError:
        return _Correction()
    tokens = int(size) if size.isascii() and size.isdigit() and len(size) < 12 else 0
    return _Correction(ratio, tokens) if 1 <= ratio <= MOST_RATIO else _Correction()
