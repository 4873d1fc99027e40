"""How sure a model was of each token of a mikupad session: its probabilities as logarithms, in all forms that servers gave them.

    {"content": "word", "prob": 0.5, "completion_probabilities": [{"content": "word", "probs": [{"tok_str": "word", "prob": 0.5}]}]}
    the same with `logprob`, with `token` for the text, and with `top_logprobs` or `top_probs` for the likely ones

A piece that tells nothing has no token. It never aligns tokens with a text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from composer.exchange.programs import loose
from composer.story.surprise import LEAST, Token
from composer.text.clean import clean

OTHERS = 10
"""Likely tokens that are kept with each."""


def tokens_of(pieces: Sequence[Mapping[str, Any]]) -> Iterator[Token]:
    """The tokens of some pieces, in order, as far as anything is told of them. Texts are clean."""
    for piece in pieces:
        told = [entry for each in loose.row(piece.get("completion_probabilities")) if (entry := loose.table(each))]
        found = [token for entry in told if (token := _token(entry))]
        if found and "".join(token.text for token in found) == clean(loose.text(piece.get("content"))):
            yield from found
        elif (sure := _logprob(piece)) is not None:
            yield Token(clean(loose.text(piece.get("content"))), sure, _likely(told[0]) if len(told) == 1 else ())


def _token(entry: Mapping[str, Any]) -> Token | None:
    text = _text(entry)
    likely = _likely(entry)
    sure = _logprob(entry)
    if sure is None:
        sure = next((logprob for other, logprob in likely if other == text), None)
    return None if sure is None or not text else Token(text, sure, likely)


def _likely(entry: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    found = []
    for name in ("probs", "top_logprobs", "top_probs"):
        for each in loose.row(entry.get(name))[:OTHERS]:
            other = loose.table(each)
            sure = _logprob(other)
            if sure is not None:
                found.append((_text(other), sure))
        if found:
            break
    return tuple(found)


def _text(entry: Mapping[str, Any]) -> str:
    return clean(
        next((words for name in ("content", "tok_str", "token") if (words := loose.text(entry.get(name)))), "")
    )


def _logprob(entry: Mapping[str, Any]) -> float | None:
    """The logarithm of a probability; None where none is told, or none that there can be."""
    told = loose.number(entry.get("logprob"))
    if told is not None:
        return float(told) if told <= 0 else None
    probability = loose.number(entry.get("prob"))
    if probability is None or not 0 <= probability <= 1:
        return None
    return math.log(probability) if probability > 0 else LEAST
