"""Rounds and candidates as readers see them: what came when, what was marked and used, and which of them stand beside the text.

Thoughts of models are in none of it, also where they were taken for text at first. Prompts are made elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Set

from composer.journal.film import Film
from composer.journal.showing.parts import Chunk, Marked, Ons, Prompt, ShownCandidate, ShownRound
from composer.journal.showing.readers import Readers
from composer.journal.showing.scan import Scan, Step
from composer.story.candidate import Candidate, CellTarget, DraftTarget, Round, round_of
from composer.story.events import (
    CandidateEnded,
    CandidateGrew,
    LinePlaced,
    MarkMade,
    RoundAsked,
    TextPlaced,
    TextWasThought,
)
from composer.story.story import Story
from composer.text.clean import one_line

STEP = 80
"""Ms: text that came in smaller steps is told in such ones."""
_PLACE = re.compile(r"[/~.]|[^/]*[:@][^/]*/")
"""How a place on a disk, or an address, begins: with a root, or with a drive, a scheme, a user or a port before the first slash."""
_FILES = (".gguf", ".bin", ".safetensors")


class Times:
    """When each of some things holds."""

    def __init__(self) -> None:
        self._found: dict[Hashable, list[tuple[int, int]]] = {}
        self._now: Set[Hashable] = frozenset()

    def set(self, now: Set[Hashable], entry: int) -> None:
        """From that entry on these hold, and no others."""
        for thing in now - self._now:
            self._found.setdefault(thing, []).append((entry, 0))
        for thing in self._now - now:
            self._found[thing][-1] = (self._found[thing][-1][0], entry)
        self._now = now

    @property
    def things(self) -> tuple[Hashable, ...]:
        """All that ever held, in the order in which they first did."""
        return tuple(self._found)

    def of(self, thing: Hashable) -> Ons:
        return tuple(self._found.get(thing, ()))


class Rounds:
    """Takes in the steps of a film in order."""

    def __init__(self, film: Film, scan: Scan, readers: Readers) -> None:
        self._scan = scan
        self._readers = readers
        self._chunks: dict[str, list[Chunk]] = {}
        self._thinks: dict[str, int] = {}
        self._ended: dict[str, int] = {}
        self._marked, self._used, self._placed = Times(), Times(), Times()
        self._of_thoughts: dict[str, int] = {}
        for number, happened in enumerate(film.reel.events, 1):
            if isinstance(happened, TextWasThought):
                self._of_thoughts[happened.candidate] = number
        self._entries = film.reel.entries
        self._batch: tuple[int, int, bool] = (-1, 0, True)
        """The time and the first entry of those that were written together, and whether all of them so far streamed in."""
        self._shown = {asked.number for asked in scan.rounds}
        self._panels: dict[Hashable, list[int]] = {}
        self._panel_of: dict[int, Hashable] = {}
        self._running: dict[int, int] = {}
        self._panel: Hashable = None

    def take(self, step: Step) -> int:
        """Take in a step; the panel that stands beside the text after it, from 1, or 0."""
        entry, happened, story = step.entry, step.happened, step.story
        time, start, streaming = self._batch
        now = self._entries[entry - 1].time
        if now != time:
            start, streaming = entry, True
        streaming = streaming and isinstance(happened, CandidateGrew) and bool(happened.pace)
        self._batch = (now, start, streaming)
        opening = entry == self._scan.first
        if opening or story.marks is not step.before.marks:
            self._marked.set({mark.number for mark in story.marks if not mark.lifted}, entry)
        if opening or story.placements is not step.before.placements:
            self._used.set({number for each in story.placements for number in each.marks}, entry)
            self._placed.set({name for each in story.placements for name in each.candidates}, entry)
        match happened:
            case RoundAsked(round=number, kind=kind) if number in self._shown:
                self._asked(story, number, kind == "condense")
            case CandidateGrew(candidate=name) if name in self._scan.known:
                self._grew(entry, happened, start - 1 if streaming else 0)
                self._turn(round_of(name))
            case CandidateEnded(candidate=name) if name in self._scan.known:
                self._ended[name] = entry
                self._running[round_of(name)] -= 1
            case MarkMade(candidate=name) if name in self._scan.known:
                self._panel = self._panel_of.get(round_of(name), self._panel)
            case TextPlaced(placement=placement) | LinePlaced(placement=placement):
                shown = [name for name in placement.candidates if name in self._scan.known]
                if shown:
                    self._panel = self._panel_of.get(round_of(shown[-1]), self._panel)
        return list(self._panels).index(self._panel) + 1 if self._panel is not None else 0

    def _asked(self, story: Story, number: int, aside: bool) -> None:
        asked = story.round(number)
        draft = asked.target.draft if isinstance(asked.target, CellTarget | DraftTarget) else 0
        key = ("drafts", story.drafts[draft - 1].first) if 0 < draft <= len(story.drafts) else number
        self._panels.setdefault(key, []).append(number)
        self._panel_of[number] = key
        self._running[number] = sum(each.id in self._scan.known for each in asked.candidates)
        if not aside:
            self._panel = key

    def _turn(self, number: int) -> None:
        """Show the panel of a round that writes, unless something in the present one does."""
        current = self._panels.get(self._panel, []) if self._panel is not None else []
        if not any(self._running[each] for each in current):
            self._panel = self._panel_of.get(number, self._panel)

    def _grew(self, entry: int, grown: CandidateGrew, after: int) -> None:
        name = grown.candidate
        if grown.channel != "text" or entry < self._of_thoughts.get(name, 0):
            self._thinks.setdefault(name, entry)
            return
        # With no entry before it, text has nothing to come behind.
        pace = _coarse(grown.pace) if after >= self._scan.first else ()
        self._chunks.setdefault(name, []).append(Chunk(entry, grown.text, after if pace else 0, pace))

    def text(self, name: str) -> str:
        """What is shown of a candidate's text."""
        return "".join(chunk.text for chunk in self._chunks.get(name, ()))

    @property
    def panels(self) -> tuple[tuple[int, ...], ...]:
        return tuple(map(tuple, self._panels.values()))

    def round(self, asked: Round, beat: str, story: Story, prompts: tuple[Prompt, ...]) -> ShownRound:
        """A round as it is at the end, `story` being that."""
        target = asked.target
        known = self._scan.known
        shown = [each for each in asked.candidates if each.id in known]
        return ShownRound(
            number=asked.number,
            entry=asked.entry,
            kind=asked.kind,
            beat=beat,
            instruction=asked.instruction if self._readers.instructions else "",
            asked=len(asked.candidates),
            missing=len(asked.candidates) - len(shown),
            lane=target.draft if isinstance(target, CellTarget | DraftTarget) else 0,
            candidates=tuple(self._candidate(each, story) for each in shown),
            prompts=prompts,
        )

    def _candidate(self, candidate: Candidate, story: Story) -> ShownCandidate:
        recipe = candidate.recipe
        lens = (recipe.lens_name or recipe.lens) if self._readers.instructions else ""
        return ShownCandidate(
            name=candidate.id,
            round=candidate.round,
            model=model_name(recipe.model),
            temperature=recipe.temperature,
            lens=one_line(lens, 60),
            chunks=tuple(self._chunks.get(candidate.id, ())),
            thinks=self._thinks.get(candidate.id, 0),
            ended=self._ended.get(candidate.id, 0),
            ending=candidate.ending.kind if candidate.ending else "",
            marks=tuple(
                Marked(mark.start, mark.end, self._marked.of(mark.number), self._used.of(mark.number))
                for mark in story.marks
                if mark.candidate == candidate.id and not mark.pieces
            ),
            placed=self._placed.of(candidate.id),
        )


def model_name(model: str) -> str:
    """What a model is called; of one that is named by a place on a disk or by an address, the end of that."""
    name = one_line(model, 200).replace("\\", "/")
    if _PLACE.match(name) or name.endswith(_FILES):
        name = name.rstrip("/").rpartition("/")[2].partition("?")[0]
    return name


def _coarse(pace: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """The same pace in larger steps."""
    steps: list[tuple[int, int]] = []
    for wait, characters in pace:
        if steps and steps[-1][0] < STEP:
            steps[-1] = (steps[-1][0] + wait, steps[-1][1] + characters)
        else:
            steps.append((wait, characters))
    return tuple(steps)
