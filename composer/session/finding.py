"""Finding: every text that was ever kept, streamed, or taken out of the manuscript, to be searched as one types.

It feeds the search with what is new and tells of each hit what became of it. It shows nothing and changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from composer.journal.tree import Tree
from composer.session.ports import Document, Search
from composer.story.actions.place import part
from composer.story.events import TextEdited, TextPlaced
from composer.story.spans import Spans, candidate_of, text_of
from composer.story.story import Story
from composer.text.words import count_words

FEWEST = 3
"""Words that a text which was taken out has at least to be worth finding."""
MANY = 500
"""Texts given to the search at once."""

Kind = Literal["shelf", "candidate", "cut"]


@dataclass(frozen=True)
class Found:
    """A text that was found: `start` and `end` bound what fits best in it. `time` is in ms since 1970.

    `round` and `candidate` are those it came from, where it came from one. `fate` says what became of it.
    """

    key: str
    kind: Kind
    text: str
    start: int
    end: int
    time: int
    beat: str
    candidate: str
    fate: str


class Finding:
    """The texts of one session, by key: `shelf:ID`, `candidate:ID`, `cut:SEQ`."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._candidates: set[str] = set()
        self._read_whole: set[int] = set()
        """Rounds that have ended and are read."""
        self._shelf: set[str] = set()
        self._seq = 0
        self._cut: dict[int, tuple[tuple[Spans, ...], int, str]] = {}
        self._reading = asyncio.Lock()

    async def read(self, story: Story, tree: Tree) -> None:
        """Take in what is new. Long only for the first time; the loop has its turns meanwhile."""
        async with self._reading:
            fresh = list(self._fresh(story, tree))
            for at in range(0, len(fresh), MANY):
                await self._search.put(fresh[at : at + MANY])

    def _fresh(self, story: Story, tree: Tree) -> Iterable[Document]:
        for piece in story.shelf:
            if piece.id not in self._shelf:
                self._shelf.add(piece.id)
                yield Document(f"shelf:{piece.id}", _text(piece.paragraphs), piece.kept)
        for asked in story.rounds:
            if asked.number in self._read_whole:
                continue
            if not asked.running:
                self._read_whole.add(asked.number)
            for candidate in asked.candidates:
                if candidate.id not in self._candidates and candidate.ending and candidate.text.strip():
                    self._candidates.add(candidate.id)
                    yield Document(f"candidate:{candidate.id}", candidate.text, asked.time)
        newest = next(reversed(tree.nodes), 0)
        for seq in range(self._seq + 1, newest + 1):
            node = tree.nodes.get(seq)
            if node is None or not isinstance(node.change, TextEdited | TextPlaced):
                continue
            pieces = node.change.removed.pieces
            text = _text(pieces)
            if count_words(text) >= FEWEST:
                beat = node.change.removed.rest[0].beat if node.change.removed.rest else ""
                self._cut[seq] = pieces, node.time, beat
                yield Document(f"cut:{seq}", text, node.time)
        self._seq = newest

    async def find(self, story: Story, query: str, limit: int = 50) -> Sequence[Found]:
        """What fits best first; without a query the shelf, newest first."""
        if not query.strip():
            return [
                Found(f"shelf:{piece.id}", "shelf", text := _text(piece.paragraphs), 0, len(text), piece.kept, piece.beat,
                      _source(piece.paragraphs), "on the shelf")
                for piece in story.shelf[:limit]
            ]  # fmt: skip
        hits = await self._search.find(query, limit)
        if not hits:
            return ()
        used = await asyncio.to_thread(paragraphs_of, story)
        found = []
        for hit in hits:
            kind, _, name = hit.key.partition(":")
            about = self._about(story, kind, name, used)
            if about is not None:
                found.append(Found(hit.key, kind, about[0], hit.start, hit.end, *about[1:]))  # type: ignore[arg-type]
        return found

    def _about(self, story: Story, kind: str, name: str, used: dict[str, int]) -> tuple[str, int, str, str, str] | None:
        """Text, time, beat, candidate and fate."""
        if kind == "candidate":
            candidate = story.candidate(name)
            asked = story.round(candidate.round)
            return candidate.text, asked.time, asked.beat, name, _fate(story, name, used)
        if kind == "shelf":
            piece = next((each for each in story.shelf if each.id == name), None)
            if piece is None:
                return None
            return _text(piece.paragraphs), piece.kept, piece.beat, _source(piece.paragraphs), "on the shelf"
        pieces, time, beat = self._cut[int(name)]
        return _text(pieces), time, beat, _source(pieces), "taken out of the text"

    def pieces(self, story: Story, found: Found) -> tuple[Spans, ...]:
        """What was found, with its origins, as paragraphs."""
        kind, _, name = found.key.partition(":")
        if kind == "candidate":
            return part(story.candidate(name), 0, len(found.text))
        if kind == "shelf":
            return next((piece.paragraphs for piece in story.shelf if piece.id == name), ())
        return self._cut[int(name)][0]

    async def close(self) -> None:
        await self._search.close()


def paragraphs_of(story: Story) -> dict[str, int]:
    """Of each candidate that stands in the text the first paragraph that holds something of it, from 1."""
    found: dict[str, int] = {}
    for number, block in enumerate(story.manuscript, 1):
        for span in block.spans:
            name = candidate_of(span.origin)
            if name:
                found.setdefault(name, number)
    return found


def _fate(story: Story, candidate: str, used: dict[str, int]) -> str:
    if candidate in used:
        return f"in paragraph {used[candidate]}"
    if story.placed(candidate):
        return "was placed, and taken out again"
    marked = any(mark.candidate == candidate for mark in story.splice)
    return "marked" if marked else "not used"


def _source(pieces: Sequence[Spans]) -> str:
    names = [name for row in pieces for span in row if (name := candidate_of(span.origin))]
    return names[0] if names else ""


def _text(pieces: Sequence[Spans]) -> str:
    return "\n".join(text_of(row) for row in pieces)
