"""How sure a model was of each token it wrote: tokens as it tells them, and the same along a candidate's text.

Pure values. Probabilities are kept as natural logarithms, as models tell them, and shown as surprise in bits. It holds no text of a
candidate: a token knows where it stands in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

REACH = 48
"""Characters within which a token is looked for again where the text is not what the tokens say."""


class Token(Struct, frozen=True, gc=False):
    """One token of an answer, clean: its text, the logarithm of its probability, and others that were likely there."""

    text: str
    logprob: float
    others: tuple[tuple[str, float], ...] = ()


class Choice(Struct, frozen=True, array_like=True, gc=False):
    """A token in a candidate's text: its characters [start:end), and as in `Token`."""

    start: int
    end: int
    logprob: float
    others: tuple[tuple[str, float], ...] = ()

    @property
    def bits(self) -> float:
        """Its surprise: 0 for what was certain, 1 for a tossed coin, and so on."""
        return bits(self.logprob)

    @property
    def probability(self) -> float:
        return probability(self.logprob)


def bits(logprob: float) -> float:
    return max(0.0, -logprob / math.log(2))


def probability(logprob: float) -> float:
    return math.exp(min(0.0, logprob))


def aligned(text: str, tokens: Iterable[Token], start: int = 0) -> tuple[Choice, ...]:
    """Where each token stands in `text`, from the character `start` on.

    The filter and the joining of thoughts may have taken characters out; a token that is not found near where the one before it
    ended is left out.
    """
    found: list[Choice] = []
    at = start
    for token in tokens:
        if not token.text:
            continue
        here = at if text.startswith(token.text, at) else text.find(token.text, at, at + REACH + len(token.text))
        if here < 0:
            continue
        at = here + len(token.text)
        found.append(Choice(here, at, token.logprob, token.others))
    return tuple(found)


def encode(choices: Sequence[Choice]) -> bytes:
    return msgspec.json.encode(choices)


def decode(blob: bytes) -> tuple[Choice, ...]:
    """What `encode` made. Nothing, for what it did not make."""
    try:
        return msgspec.json.decode(blob, type=tuple[Choice, ...])
    except msgspec.MsgspecError:
        return ()


def at(choices: Sequence[Choice], place: int) -> Choice | None:
    """The token that holds the character at `place`; the last one before it where none does."""
    best = None
    for choice in choices:
        if choice.start > place:
            break
        best = choice
    return best
