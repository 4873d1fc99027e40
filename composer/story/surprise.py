"""How sure a model was of each token it wrote: tokens as it tells them, and the same along a candidate's text.

Pure values. Probabilities are kept as natural logarithms, as models tell them, and shown as surprise in bits. It holds no text of a
candidate: a token knows where it stands in it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

LEAST = -100.0
"""The logarithm that stands for all below it: servers say -9999 or minus infinity where they mean `hardly ever`."""
MOST_BITS = 40.0
"""The surprise that stands for all above it, so that one such token does not make the mean of a text."""
REACH = 48
"""Characters within which a token is looked for again where the text is not what the tokens say."""
SURE = 8
"""Characters that tokens and text must share to be taken up again within reach."""
SURE_AFAR = 24
"""The same beyond reach."""


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
    """Surprise, from 0 to `MOST_BITS`. What is no number counts as the most."""
    return min(MOST_BITS, -_sound(logprob) / math.log(2))


def probability(logprob: float) -> float:
    """From 0 to 1."""
    return math.exp(_sound(logprob))


def mean_bits(choices: Sequence[Choice]) -> float:
    """The mean surprise of these tokens; 0 if there are none."""
    return sum(choice.bits for choice in choices) / len(choices) if choices else 0.0


def aligned(text: str, tokens: Iterable[Token], start: int = 0) -> tuple[Choice, ...]:
    """Where each token stands in `text`, from the character `start` on: in order, and none over another.

    The filter and the joining of thoughts may have taken characters out, and some text has no tokens. Where text and tokens part,
    they are taken up again at the nearest place where they agree for a while; tokens that are not found are left out.
    """
    row = [token for token in tokens if token.text]
    found: list[Choice] = []
    at, number = start, 0
    while number < len(row):
        token = row[number]
        if text.startswith(token.text, at):
            others = tuple((other, _sound(logprob)) for other, logprob in token.others)
            found.append(Choice(at, at + len(token.text), _sound(token.logprob), others))
            at += len(token.text)
            number += 1
        else:
            number, at = _taken_up(text, at, row, number)
    return tuple(found)


def _taken_up(text: str, at: int, row: Sequence[Token], number: int) -> tuple[int, int]:
    """The next token, and the place in the text, at which they may agree again; one token is left out if it is nowhere."""
    ahead = _ahead(row, number, SURE)
    place = text.find(ahead, at, at + REACH + len(ahead))
    if place < 0 and len(ahead := _ahead(row, number, SURE_AFAR)) >= SURE_AFAR:
        place = text.find(ahead, at)
    return (number, place) if place >= 0 else (number + 1, at)


def _ahead(row: Sequence[Token], number: int, least: int) -> str:
    """The text of the tokens from that one on: so many characters at least, where there are as many."""
    ahead = ""
    while number < len(row) and len(ahead) < least:
        ahead += row[number].text
        number += 1
    return ahead


def _sound(logprob: float) -> float:
    """A logarithm of a probability that can be reckoned with and stored."""
    return min(0.0, logprob) if logprob >= LEAST else LEAST


def encode(choices: Sequence[Choice]) -> bytes:
    return msgspec.json.encode(choices)


def decode(blob: bytes) -> tuple[Choice, ...]:
    """What `encode` made. Nothing, for what it did not make."""
    try:
        return msgspec.json.decode(blob, type=tuple[Choice, ...])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ()


def at(choices: Sequence[Choice], place: int) -> Choice | None:
    """The token that holds the character at `place`; the last one before it where none does. None before the first."""
    number = bisect_right(choices, place, key=lambda choice: choice.start)
    return choices[number - 1] if number else None
