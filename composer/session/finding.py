"""Finding: every text that was ever kept, streamed, or stood in the manuscript, to be searched as one types.

It feeds the search with what is new, takes back what left, and tells of each hit what became of it. It shows nothing and changes
nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from composer.journal.tree import ROOT, Tree
from composer.session.ports import Document, Search
from composer.story.actions.place import part
from composer.story.events import TextEdited, TextPlaced
from composer.story.manuscript import Position
from composer.story.spans import Spans, candidate_of, cut, join, length, text_of_rows
from composer.story.story import ShelfPiece, Story
from composer.text.words import count_words

FEWEST = 3
"""Words that a text which left the manuscript has at least to be worth finding."""
MANY = 500
"""Texts given to the search at once."""

Kind = Literal["shelf", "candidate", "cut", "undone"]
KINDS: dict[str, Kind] = {"shelf": "shelf", "candidate": "candidate", "cut": "cut", "was": "undone"}
"""Kinds by what keys begin with."""


@dataclass(frozen=True)
class Found:
    """A text that was found: `start` and `end` bound what fits best in it, in characters.

    `time` is in ms since 1970, `beat` the id of the beat that it was for or stood in, `candidate` the id of the first candidate
    that any of it came from; both are empty where there is none. `fate` says what became of it, in words.
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


class _Old(NamedTuple):
    """Text that left the manuscript."""

    pieces: tuple[Spans, ...]
    time: int
    beat: str


class Finding:
    """The texts of one session, by key: `shelf:ID`, `candidate:ID`, `cut:SEQ` (what a change took out), `was:SEQ`.

    The last is what changes made by hand put, from the change `SEQ` on, that the head does not stand behind now.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        self._waiting: dict[str, Document | None] = {}
        """What the search has not taken yet; None for what it has to forget."""
        self._reading: asyncio.Task[None] | None = None
        self._candidates: set[str] = set()
        self._read_whole: set[int] = set()
        """Rounds that have ended and are read."""
        self._shelf: dict[str, ShelfPiece] = {}
        self._seq = 0
        """The newest change that was looked at."""
        self._head = ROOT
        """The head by then."""
        self._off: set[int] = set()
        """Changes that the head does not stand behind."""
        self._steps: dict[int, list[int]] = {}
        """The edits of each step, oldest first."""
        self._cut: dict[int, _Old] = {}
        self._undone: dict[int, _Old] = {}
        self._undone_of: dict[int, set[int]] = {}
        """Those by their step."""

    async def read(self, story: Story, tree: Tree) -> None:
        """Take in what is new. Long only for the first time; the loop has its turns meanwhile.

        Reading goes on without a caller who is cancelled, and what fails is read again the next time. SessionError where
        the search can't be used.
        """
        self._keep(story)
        self._stream(story)
        self._change(tree)
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="finding")
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        while some := list(islice(self._waiting.items(), MANY)):
            if gone := [key for key, document in some if document is None]:
                await self._search.drop(gone)
            if fresh := [document for _, document in some if document is not None]:
                await self._search.put(fresh)
            for key, document in some:
                # What has changed again since is still to be told.
                if self._waiting[key] is document:
                    del self._waiting[key]

    def _keep(self, story: Story) -> None:
        """What came to the shelf, and what left it."""
        now = {piece.id: piece for piece in story.shelf}
        for name, piece in now.items():
            if self._shelf.get(name) is not piece:
                self._wait(Document(f"shelf:{name}", _text(piece.paragraphs), piece.kept))
        for name in self._shelf.keys() - now.keys():
            self._waiting[f"shelf:{name}"] = None
        self._shelf = now

    def _stream(self, story: Story) -> None:
        """Candidates that have ended."""
        for asked in story.rounds:
            if asked.number in self._read_whole:
                continue
            if not asked.running:
                self._read_whole.add(asked.number)
            for candidate in asked.candidates:
                if candidate.id not in self._candidates and candidate.ending and candidate.text.strip():
                    self._candidates.add(candidate.id)
                    self._wait(Document(f"candidate:{candidate.id}", candidate.text, asked.time))

    def _change(self, tree: Tree) -> None:
        """What changes took out, and what they put that the head has left, or come back to."""
        newest = next(reversed(tree.nodes), 0)
        fresh = [seq for seq in range(self._seq + 1, newest + 1) if seq in tree.nodes]
        back, forward = tree.walk(self._head, tree.head)
        self._seq, self._head = newest, tree.head
        for seq in fresh:
            node = tree.nodes[seq]
            if isinstance(node.change, TextEdited):
                self._steps.setdefault(node.step, []).append(seq)
            if isinstance(node.change, TextEdited | TextPlaced):
                removed = node.change.removed
                if not removed.empty and count_words(removed.text) >= FEWEST:
                    self._cut[seq] = _Old(removed.pieces, node.time, removed.rest[0].beat if removed.rest else "")
                    self._wait(Document(f"cut:{seq}", _text(removed.pieces), node.time))
        here = set(forward)
        left = {*back, *fresh} - here
        again = here & self._off
        self._off |= left
        self._off -= here
        for step in {tree.nodes[seq].step for seq in left | again}:
            self._undo(tree, step)

    def _undo(self, tree: Tree, step: int) -> None:
        """What a step put, as far as the head does not stand behind it."""
        runs = dict(_runs(tree, [seq for seq in self._steps.get(step, ()) if seq in self._off]))
        for seq in self._undone_of.pop(step, set()) - runs.keys():
            del self._undone[seq]
            self._waiting[f"was:{seq}"] = None
        for seq, old in runs.items():
            self._undone[seq] = old
            self._undone_of.setdefault(step, set()).add(seq)
            self._wait(Document(f"was:{seq}", _text(old.pieces), old.time))

    def _wait(self, document: Document) -> None:
        self._waiting[document.key] = document

    async def find(self, story: Story, query: str, limit: int = 50) -> Sequence[Found]:
        """What fits best first; without a query the shelf, newest first. SessionError where the search can't be used."""
        if not query.strip():
            return [
                Found(f"shelf:{piece.id}", "shelf", text := _text(piece.paragraphs), 0, len(text), piece.kept, piece.beat,
                      _source(piece.paragraphs), "on the shelf")
                for piece in story.shelf[:limit]
            ]  # fmt: skip
        hits = await self._search.find(query, limit)
        if not hits:
            return ()
        used, now = await asyncio.to_thread(_standing, story)
        found = []
        told: set[tuple[Spans, ...]] = set()
        for hit in hits:
            start, _, name = hit.key.partition(":")
            about = self._about(story, KINDS[start], name, used, now)
            if about is None:
                continue
            if start in {"cut", "was"}:
                # What was written, undone, brought back and cut is one text.
                pieces = self._old(start, name)
                if pieces in told:
                    continue
                told.add(pieces)
            found.append(Found(hit.key, KINDS[start], about[0], hit.start, hit.end, *about[1:]))
        return found

    def _about(
        self, story: Story, kind: Kind, name: str, used: dict[str, int], now: str
    ) -> tuple[str, int, str, str, str] | None:
        """Text, time, beat, candidate and fate; None for what is gone."""
        if kind == "candidate":
            candidate = story.candidate(name)
            asked = story.round(candidate.round)
            return candidate.text, asked.time, asked.beat, name, _fate(story, name, used)
        if kind == "shelf":
            piece = next((each for each in story.shelf if each.id == name), None)
            if piece is None:
                return None
            return _text(piece.paragraphs), piece.kept, piece.beat, _source(piece.paragraphs), "on the shelf"
        seq = int(name)
        old = (self._cut if kind == "cut" else self._undone).get(seq)
        if old is None:
            return None
        text = _text(old.pieces)
        if text.strip() in now:
            fate = "is back in the text"
        else:
            fate = "taken out of the text" if kind == "cut" and seq not in self._off else "was undone"
        return text, old.time, old.beat, _source(old.pieces), fate

    def _old(self, start: str, name: str) -> tuple[Spans, ...]:
        old = (self._cut if start == "cut" else self._undone).get(int(name))
        return old.pieces if old else ()

    def pieces(self, story: Story, found: Found) -> tuple[Spans, ...]:
        """What was found, with its origins, as paragraphs; none for what is gone."""
        kind, _, name = found.key.partition(":")
        if kind == "candidate":
            return part(story.candidate(name), 0, len(found.text))
        if kind == "shelf":
            return next((piece.paragraphs for piece in story.shelf if piece.id == name), ())
        return self._old(kind, name)

    async def close(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.wait((self._reading,))
        await self._search.close()


def _runs(tree: Tree, edits: Sequence[int]) -> Iterator[tuple[int, _Old]]:
    """What edits of one step put, by the first of each run: those that go on from one another are one text."""
    rows: list[Spans] = []
    first, last, beat = ROOT, ROOT, ""
    end: Position | None = None
    for seq in edits:
        change = tree.nodes[seq].change
        assert isinstance(change, TextEdited)
        follows = bool(rows) and tree.nodes[seq].parent == last
        removed, put = change.removed, change.put
        if follows and change.at == end:
            rows[-1:] = [join(rows[-1], put.head), *(block.spans for block in put.rest)]
        elif follows and put.empty and not removed.rest and removed.end(change.at) == end:
            rows[-1] = cut(rows[-1], 0, max(0, length(rows[-1]) - length(removed.head)))
        else:
            if old := _worth(rows, tree.nodes[last].time if last else 0, beat):
                yield first, old
            rows, first = list(put.pieces), seq
            beat = put.rest[0].beat if put.rest else ""
        last, end = seq, put.end(change.at)
    if old := _worth(rows, tree.nodes[last].time if last else 0, beat):
        yield first, old


def _worth(rows: Sequence[Spans], time: int, beat: str) -> _Old | None:
    """Paragraphs without empty ones around them, if they are worth finding."""
    filled = [number for number, row in enumerate(rows) if row]
    if not filled:
        return None
    kept = tuple(rows[filled[0] : filled[-1] + 1])
    return _Old(kept, time, beat) if count_words(_text(kept)) >= FEWEST else None


def _standing(story: Story) -> tuple[dict[str, int], str]:
    """The candidates that stand in the text, and the text with a line feed between paragraphs."""
    return paragraphs_of(story), "\n".join(block.text for block in story.manuscript)


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
    return text_of_rows(pieces)
