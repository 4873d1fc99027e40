"""What comes in a session, told as events: rounds, the text of candidates, how each of them ended, and what they cost.

Nothing is told to have ended before it is on disk. It never changes the session, and prints nothing itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from composer.cli.pages import Page
from composer.session.ports import Changed
from composer.session.session import Session
from composer.story.candidate import Candidate, CellTarget, DraftTarget, Round
from composer.text.words import count_words


class Report:
    """Tells the page what comes in the session, from the moment that it is made."""

    def __init__(self, session: Session, page: Page, stop: Callable[[], None], *, texts: bool) -> None:
        """`stop` is called when nothing can be written to disk. With `texts` what models write is told as it comes."""
        self.ended = 0
        """Candidates that were told to have ended."""
        self.failed = 0
        self._session = session
        self._page = page
        self._stop = stop
        self._texts = texts
        self._news = asyncio.Event()
        self._told = self._first = len(session.story.rounds)
        self._open: dict[str, str] = {}
        """Candidates that were not told to have ended, with their text as it was told."""
        self._tokens = self._words = 0
        """Of the candidates that have ended."""
        self.close = session.watch(self._changed)
        """Hear of no more changes."""

    def _changed(self, changed: Changed) -> None:
        if self._session.trouble is not None:
            self._stop()
        if (
            self._texts
            or "story" in changed.kinds
            or not changed.candidates
            or any(map(self._is_new, changed.candidates))
        ):
            self._news.set()

    def _is_new(self, name: str) -> bool:
        return name not in self._open or self._session.story.candidate(name).ending is not None

    async def run(self) -> None:
        """Tell all that comes, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.tell()

    async def tell(self) -> None:
        """Tell what is new, as soon as it is on disk. Nothing is told while the disk can't be written."""
        story = self._session.story
        rounds = [story.rounds[at] for at in range(self._told, len(story.rounds))]
        candidates = [story.candidate(name) for name in self._open] + [
            each for asked in rounds for each in asked.candidates
        ]
        ended = [each for each in candidates if each.ending is not None]
        if rounds or ended:
            await self._session.drained()
            if self._session.trouble is not None:
                return
        for asked in rounds:
            self._tell_round(asked)
        if self._texts:
            for candidate in candidates:
                self._tell_text(candidate)
        for candidate in ended:
            self._tell_ending(candidate)
        self._told += len(rounds)

    def _tell_round(self, asked: Round) -> None:
        self._open.update((each.id, "") for each in asked.candidates)
        made = [
            {
                "id": each.id,
                "temperature": each.recipe.temperature,
                "lens": each.recipe.lens_name or each.recipe.lens,
                "model": each.recipe.model,
                "seed": each.recipe.seed,
            }
            for each in asked.candidates
        ]
        self._page.event("round", round=asked.number, kind=asked.kind, **_place(asked), candidates=made)

    def _tell_text(self, candidate: Candidate) -> None:
        told = self._open[candidate.id]
        if not candidate.text.startswith(told):
            # All of it were thoughts.
            self._page.event("recast", id=candidate.id)
            told = ""
        if len(candidate.text) > len(told):
            self._page.event("text", id=candidate.id, text=candidate.text[len(told) :])
        self._open[candidate.id] = candidate.text

    def _tell_ending(self, candidate: Candidate) -> None:
        ending = candidate.ending
        if ending is None:
            return
        del self._open[candidate.id]
        words, tokens = count_words(candidate.text), _tokens(candidate)
        self.ended += 1
        self._words += words - count_words(candidate.text[: candidate.begun])
        self._tokens += tokens
        self._page.event(
            "candidate",
            id=candidate.id,
            **_place(self._session.story.round(candidate.round)),
            ended=ending.kind,
            why=ending.why,
            words=words,
            tokens=tokens,
            seconds=round(ending.elapsed / 1000, 1),
        )
        if ending.kind == "failed":
            self.failed += 1
            self._page.note(f"{candidate.id} failed: {ending.why}")

    # in all

    def tokens(self) -> int:
        """Tokens that models wrote since it was made, about."""
        return self._tokens + sum(_tokens(self._session.story.candidate(name)) for name in self._open)

    def words(self) -> int:
        """Words that they wrote."""
        candidates = map(self._session.story.candidate, self._open)
        return self._words + sum(count_words(each.written) for each in candidates)

    def cost(self) -> dict[str, float]:
        """What they cost, by currency, as far as prices are known."""
        sums: dict[str, int] = {}
        rounds = self._session.story.rounds
        for at in range(self._first, len(rounds)):
            for each in rounds[at].candidates:
                if each.ending is not None and (cost := each.ending.cost) is not None:
                    sums[cost.currency] = sums.get(cost.currency, 0) + cost.millionths
        return {currency: millionths / 1_000_000 for currency, millionths in sums.items()}


def _place(asked: Round) -> dict[str, Any]:
    """What a round is for: the beat's id, and the number of the draft; null for none."""
    target = asked.target
    draft = target.draft if isinstance(target, CellTarget | DraftTarget) else None
    return {"beat": asked.beat or None, "draft": draft}


def _tokens(candidate: Candidate) -> int:
    """As its server told, else reckoned: four characters are a token, about."""
    told = candidate.ending.completion_tokens if candidate.ending is not None else None
    return told if told is not None else (len(candidate.written) + len(candidate.reasoning)) // 4
