"""What was asked for without a screen, a round or whole drafts: how far it is, what came of it, and what is missing and why.

It reads the session, and never asks for anything or stops it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from composer.cli.wiring import LONGEST
from composer.session.session import Session
from composer.story.candidate import Candidate, Recipe, Round
from composer.text.clean import one_line
from composer.text.words import count_words
from composer.ui.phrases import counted


class OneRound:
    """A round, whose parts are its candidates."""

    unit = "candidate"
    """What one of its parts is called."""
    goes_on = "The same command asks anew; what has come stays."
    """What to do where it is not complete."""
    words_before = 0
    """Words that were there before this run."""

    def __init__(self, session: Session, what: str, asked: Round) -> None:
        self._session = session
        self._what = what
        self._number = asked.number

    @property
    def _candidates(self) -> tuple[Candidate, ...]:
        return self._session.story.round(self._number).candidates

    def begun(self) -> dict[str, Any]:
        """What is told at the beginning."""
        beat = self._session.story.round(self._number).beat
        return {"what": self._what, "beat": beat or None, "cells": len(self._candidates), "there": 0}

    async def ended(self) -> None:
        """Wait until nothing of it is at work any more."""
        for candidate in self._candidates:
            await self._session.rounds.streams.ended(candidate.id)

    def cells(self) -> tuple[int, int]:
        """How many parts it has, and how many of them have not ended with text."""
        return len(self._candidates), sum(not _has_come(each) for each in self._candidates)

    def words(self) -> int:
        return sum(count_words(each.text) for each in self._candidates)

    def lines(self) -> list[str]:
        """What came of it, for people."""
        return [
            f"{each.id:<8} {_heat(each.recipe):>4} {count_words(each.text):>7,} words  {_how(each)}"
            f"{f'  ({one_line(lens, 40)})' if (lens := each.recipe.lens_name or each.recipe.lens) else ''}"
            for each in self._candidates
        ]

    def why(self) -> str:
        """Why parts are missing, in sentences."""
        return _reasons("Candidate", {each.id: _why_not(each) for each in self._candidates if not _has_come(each)})

    def kept(self) -> str:
        """What is there after a stop and how it goes on."""
        total, missing = self.cells()
        if missing == total:
            return f"what had come of {counted(total, 'candidate')} is kept. {self.goes_on}"
        return f"{total - missing} of {total} candidates have ended, and what had come of the others is kept. {self.goes_on}"


class Drafts:
    """Drafts, whose parts are their cells. It says of them what `OneRound` says of a round."""

    unit = "cell"

    def __init__(self, session: Session, numbers: Sequence[int], resumed: bool, again: str) -> None:
        """`again` is the command that has them go on, as a sentence names it."""
        self._session = session
        self._numbers = tuple(numbers)
        self._resumed = resumed
        self.goes_on = f"{again} goes on with them."
        leaves = {beat.id for beat in session.story.outline.leaves()}
        self._beats = {
            number: tuple(beat for beat in session.drafting.draft(number).beats if beat in leaves) for number in numbers
        }
        self.words_before = self.words()
        total, missing = self.cells()
        self.there = total - missing
        """Cells that were there before this run."""

    def begun(self) -> dict[str, Any]:
        named = {"drafts": self._numbers, "resumed": self._resumed}
        return {"what": "draft", **named, "cells": self.cells()[0], "there": self.there}

    async def ended(self) -> None:
        await self._session.drafting.ended()

    def cells(self) -> tuple[int, int]:
        total = sum(map(len, self._beats.values()))
        return total, sum(len(self._session.drafting.due(number)) for number in self._numbers)

    def words(self) -> int:
        return sum(map(self._words_of, self._numbers))

    def _words_of(self, number: int) -> int:
        cells = (self._session.drafting.cell(number, beat) for beat in self._beats[number])
        return sum(count_words(cell.text) for cell in cells if cell is not None)

    def lines(self) -> list[str]:
        return [
            f"{f'draft {number}':<10} {_heat(self._session.drafting.draft(number).recipe):>4} "
            f"{self._words_of(number):>7,} words  {self._state(number)}"
            for number in self._numbers
        ]

    def _state(self, number: int) -> str:
        total, missing = len(self._beats[number]), len(self._session.drafting.due(number))
        if not missing:
            return f"finished, {counted(total, 'cell')}"
        return f"{total - missing} of {counted(total, 'cell')}: {self._why(number)}"

    def why(self) -> str:
        stopped = {str(number): self._why(number) for number in self._numbers if self._session.drafting.due(number)}
        return _reasons("Draft", stopped)

    def _why(self, number: int) -> str:
        drafting = self._session.drafting
        if trouble := drafting.troubles.get(number):
            return trouble.sentence
        for beat in ("", *drafting.due(number)):
            for name in reversed(drafting.attempts(number, beat)):
                if why := _why_not(self._session.story.candidate(name)):
                    return why
        return "It has not come to an end."

    def kept(self) -> str:
        total, missing = self.cells()
        drafting = self._session.drafting
        begun = sum(
            (cell := drafting.cell(number, beat)) is not None and bool(cell.text.strip())
            for number in self._numbers
            for beat in drafting.due(number)
        )
        more = f", and what had come of {begun:,} more is kept" if begun else ""
        return f"{total - missing:,} of {total:,} cells are there{more}. {self.goes_on}"


Work = OneRound | Drafts
"""What a run waits for."""


def _has_come(candidate: Candidate) -> bool:
    """Whether the model came to an end of it, and wrote something."""
    return (
        candidate.ending is not None and candidate.ending.kind in ("finished", "cut") and bool(candidate.text.strip())
    )


def _why_not(candidate: Candidate) -> str:
    """Why a candidate did not come to its end, on one line; empty if it did."""
    if candidate.ending is None or candidate.ending.kind in ("finished", "cut"):
        return ""
    return one_line(candidate.ending.why, LONGEST)


def _how(candidate: Candidate) -> str:
    if candidate.ending is None:
        return "not ended"
    kind = candidate.ending.kind
    return kind if kind == "finished" else f"{kind}: {one_line(candidate.ending.why, LONGEST)}"


def _heat(recipe: Recipe) -> str:
    return f"{recipe.temperature:g}" if recipe.temperature is not None else "-"


def _reasons(what: str, whys: Mapping[str, str]) -> str:
    """`Drafts 2 and 4: the server is gone.`, each reason once."""
    by_why: dict[str, list[str]] = {}
    for name, why in whys.items():
        by_why.setdefault(why, []).append(name)
    return " ".join(f"{what}{'s' if len(names) > 1 else ''} {', '.join(names)}: {why}" for why, names in by_why.items())
