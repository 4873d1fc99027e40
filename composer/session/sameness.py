"""Sameness: what each candidate that has ended says again, of the text, of other candidates, or of the shelf.

It is found off the event loop, in turns, and kept for as long as the session is open. It judges nothing and shows nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, structs

from composer.session.ports import Kind
from composer.story.candidate import Candidate, Round
from composer.story.spans import Spans, candidate_of, text_of_rows
from composer.story.story import ShelfPiece, Story

if TYPE_CHECKING:
    from composer.text.repeats import Repeat, Shingles

Source = Spans | ShelfPiece | str
"""A text to be read: a paragraph, a piece of the shelf, or a candidate's text."""

SLICE = 25
"""Texts that are read into the index at once: between two slices the loop has the interpreter to itself."""
PAUSE = 0.004
"""Seconds between two slices."""


class Same(Struct, frozen=True):
    """What a candidate says again: passages, the longest first, and the siblings that say the same as a whole.

    The `key` of a passage is `block:ID`, `candidate:ID` or `shelf:ID`. `differs` says that its siblings say the same as one
    another, and it does not.
    """

    passages: tuple[Repeat, ...] = ()
    siblings: tuple[str, ...] = ()
    differs: bool = False


class Ledger(Protocol):
    """What sameness needs of the session."""

    story: Story

    def tell(self, *kinds: Kind, candidates: frozenset[str] = frozenset(), notice: str = "") -> None: ...


class Sameness:
    """What is known by now; the rest is found when asked for."""

    def __init__(self, session: Ledger) -> None:
        self._session = session
        self._index: Shingles | None = None
        self._held: dict[str, Source] = {}
        self._found: dict[str, Same] = {}
        self._wanted: dict[int, Round] = {}
        self._task: asyncio.Task[None] | None = None

    def of(self, candidate: Candidate) -> Same | None:
        """What is known of a candidate; None while it is not looked at. See `look`.

        A passage of text that was changed or taken out since is not told any more.
        """
        known = self._found.get(candidate.id)
        if known is None or not known.passages:
            return known
        there = tuple(each for each in known.passages if self._stands(each.key))
        return known if len(there) == len(known.passages) else structs.replace(known, passages=there)

    def _stands(self, key: str) -> bool:
        """Whether the text that was read under this key is the one that is there now."""
        kind, _, name = key.partition(":")
        story, source = self._session.story, self._held.get(key)
        if kind == "block":
            return name in story.manuscript and story.manuscript.block(name).spans is source
        return kind == "candidate" or any(piece is source for piece in story.shelf)

    def look(self, asked: Round) -> None:
        """Find out about the round's candidates that have ended and are not known yet."""
        open_ones = [each for each in asked.candidates if each.ending and each.text and each.id not in self._found]
        if not open_ones:
            return
        if self._task and self._task.done() and not self._task.cancelled() and self._task.exception():
            # What failed once would fail at every flush.
            return
        self._wanted[asked.number] = asked
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="sameness")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while self._wanted:
            number, row = next(iter(self._wanted.items()))
            del self._wanted[number]
            await self._read(self._session.story)
            story = self._session.story
            # A row of drafts is no round of the story.
            asked = row if row.row else story.round(number)
            found = await asyncio.to_thread(self._of_round, story, asked)
            # Siblings that end later change what is said of those before.
            self._found.update(found)
            self._session.tell("candidates", candidates=frozenset(found))

    @property
    def _shingles(self) -> Shingles:
        from composer.text.repeats import Shingles

        self._index = self._index or Shingles()
        return self._index

    async def _read(self, story: Story) -> None:
        """Bring the index up to the story: what is there as it was is not read again."""
        fresh, gone = await asyncio.to_thread(self._news, story)
        for at in range(0, len(fresh), SLICE):
            await asyncio.to_thread(self._put, fresh[at : at + SLICE])
            await asyncio.sleep(PAUSE)
        for key in gone:
            del self._held[key]
            self._shingles.drop(key)

    def _news(self, story: Story) -> tuple[list[tuple[str, Source]], list[str]]:
        now = dict(_sources(story))
        fresh = [(key, source) for key, source in now.items() if self._held.get(key) is not source]
        return fresh, [key for key in self._held if key not in now]

    def _put(self, texts: list[tuple[str, Source]]) -> None:
        for key, source in texts:
            self._held[key] = source
            self._shingles.put(key, _text(source))

    def _of_round(self, story: Story, asked: Round) -> dict[str, Same]:
        from composer.text.repeats import groups

        ended = [each for each in asked.candidates if each.ending and each.text]
        # What they all go on from, they share.
        together = groups([each.written for each in ended])
        alike = {at: group for group in together for at in group}
        found = {}
        for at, candidate in enumerate(ended):
            siblings = tuple(ended[other].id for other in alike.get(at, ()) if other != at)
            passages = self._shingles.repeats(candidate.text, without=_Without(story, asked, candidate))
            found[candidate.id] = Same(passages, siblings, bool(together) and at not in alike)
        return found


class _Without:
    """Says which texts a candidate may repeat: itself, what it was asked to change, and what was taken from it.

    Of siblings that share a passage all but the first repeat it.
    """

    def __init__(self, story: Story, asked: Round, candidate: Candidate) -> None:
        self._story = story
        self._siblings = {
            f"candidate:{each.id}" for at, each in enumerate(asked.candidates, 1) if at >= asked.number_of(candidate.id)
        }
        self._candidate = candidate.id
        base = {candidate_of(span.origin) for row in asked.base for span in row}
        self._sources = {f"candidate:{name}" for name in base if name}
        self._changes = bool(asked.base)

    def __call__(self, key: str) -> bool:
        if key in self._siblings or key in self._sources:
            return True
        kind, _, name = key.partition(":")
        if kind == "block":
            if self._changes or name not in self._story.manuscript:
                return True
            return self._taken(self._story.manuscript.block(name).spans)
        if kind == "shelf":
            piece = next((each for each in self._story.shelf if each.id == name), None)
            return piece is None or any(self._taken(row) for row in piece.paragraphs)
        return False

    def _taken(self, spans: Spans) -> bool:
        return any(candidate_of(span.origin) == self._candidate for span in spans)


def _sources(story: Story) -> Iterable[tuple[str, Source]]:
    """Every text that can be repeated, by its key."""
    for block in story.manuscript:
        yield f"block:{block.id}", block.spans
    for piece in story.shelf:
        yield f"shelf:{piece.id}", piece
    for asked in story.rounds:
        for candidate in () if asked.kind == "condense" else asked.candidates:
            if candidate.ending and candidate.text:
                yield f"candidate:{candidate.id}", candidate.text


def _text(source: Source) -> str:
    if isinstance(source, str):
        return source
    rows = source.paragraphs if isinstance(source, ShelfPiece) else (source,)
    return text_of_rows(rows)
