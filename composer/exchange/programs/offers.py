"""Candidates as other tools keep them: whole at once, with what is known of how they were made. It decides nothing of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composer.exchange.scribe import Scribe
from composer.journal.entry import digest
from composer.story.candidate import Ending, Recipe, Target, candidate_id
from composer.story.events import CandidateEnded
from composer.story.surprise import Choice, encode

MOST = 100
"""Candidates of a round; more of them become several rounds."""


@dataclass(frozen=True)
class Offer:
    """One answer: its clean text and thoughts, and what made it. `elapsed` is in ms; `choices` is how sure the model was."""

    text: str
    recipe: Recipe
    reasoning: str = ""
    elapsed: int = 0
    tokens: int | None = None
    choices: tuple[Choice, ...] = ()


def offered(scribe: Scribe, offers: Sequence[Offer], target: Target) -> list[str]:
    """Enter answers to one request, all at once, as candidates; their ids, in order."""
    named: list[str] = []
    for first in range(0, len(offers), MOST):
        some = offers[first : first + MOST]
        number = scribe.ask("continue", target, [offer.recipe for offer in some])
        for at, offer in enumerate(some, 1):
            scribe.grow(number, at, offer.reasoning, channel="reasoning")
            scribe.grow(number, at, offer.text)
            named.append(candidate_id(number, at))
            scribe.record(CandidateEnded(named[-1], _ending(scribe, offer)))
    return named


def _ending(scribe: Scribe, offer: Offer) -> Ending:
    known = encode(offer.choices) if offer.choices else b""
    name = digest(known) if known else ""
    if name:
        scribe.pieces[name] = known
    return Ending(
        kind="finished",
        why="",
        length=len(offer.text),
        digest=digest(offer.text.encode()),
        elapsed=offer.elapsed,
        model=offer.recipe.model,
        completion_tokens=offer.tokens,
        logprobs=name,
    )
