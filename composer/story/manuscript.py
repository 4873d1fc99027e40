"""The text: blocks of spans, in two levels so that an edit in a long novel costs microseconds.

A block is one paragraph, without line breaks. A position is (block, offset in characters); the position `START` stands before the
first block. A fragment is text as it lies across blocks: the spans that join the block at its place, then whole blocks of which
the last takes what stood behind the place. So splitting, joining, pasting and deleting are one operation and its inverse.

Splitting keeps the id with the first half and the beat with both; joining keeps the first block's id and beat.
It knows no candidates, no outline, no rows and no screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from composer.story.spans import Spans, cut, join, length, meet, parts, text_of

CHUNK = 128
"""Blocks in a chunk of the upper level, after a chunk twice as long was split."""

SCENE_BREAKS = frozenset({"***", "* * *", "#"})
"""A block whose text is one of these alone is a scene break."""


_id = attrgetter("id")


class Position(Struct, frozen=True, order=False):
    """A place in the text: `offset` characters into the block `block`."""

    block: str
    offset: int


START = Position("", 0)
"""Before the first block. Only whole blocks can be put there."""


class Block(Struct, frozen=True):
    """A paragraph. `beat` is the id of the beat that it tells, or empty."""

    id: str
    beat: str
    spans: Spans

    @property
    def text(self) -> str:
        spans = self.spans
        return spans[0].text if len(spans) == 1 else text_of(spans)

    @property
    def is_scene_break(self) -> bool:
        return self.text.strip() in SCENE_BREAKS


class Fragment(Struct, frozen=True):
    """Text across blocks: `head` joins the block at the place; each of `rest` starts a block of its own."""

    head: Spans = ()
    rest: tuple[Block, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.head and not self.rest

    @property
    def text(self) -> str:
        """The text, with a line feed between blocks."""
        return "\n".join([text_of(self.head), *(block.text for block in self.rest)])

    @property
    def pieces(self) -> tuple[Spans, ...]:
        """The spans of each paragraph that the fragment touches."""
        return (self.head, *(block.spans for block in self.rest))

    def end(self, at: Position) -> Position:
        """Where the fragment ends once it has been put at `at`."""
        if self.rest:
            return Position(self.rest[-1].id, length(self.rest[-1].spans))
        return Position(at.block, at.offset + length(self.head))


class _Chunk:
    """A run of blocks with the place of each id in it."""

    __slots__ = ("blocks", "places")

    def __init__(self, blocks: tuple[Block, ...], places: dict[str, int] | None = None) -> None:
        self.blocks = blocks
        self.places = places if places is not None else dict(zip(map(_id, blocks), range(len(blocks)), strict=True))


class Manuscript:
    """An immutable sequence of blocks. Equal when the blocks are, however they lie in chunks."""

    __slots__ = ("_chunks", "_count")

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        row = tuple(blocks)
        self._chunks: tuple[_Chunk, ...] = tuple(_Chunk(row[at : at + CHUNK]) for at in range(0, len(row), CHUNK))
        self._count = len(row)

    @classmethod
    def _of(cls, chunks: Sequence[_Chunk], count: int) -> Manuscript:
        made = cls.__new__(cls)
        made._chunks = tuple(chunks)
        made._count = count
        return made

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Block]:
        for chunk in self._chunks:
            yield from chunk.blocks

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Manuscript):
            return NotImplemented
        if self._chunks is other._chunks:
            return True
        return self._count == other._count and all(
            left is right or left == right for left, right in zip(self, other, strict=True)
        )

    def __hash__(self) -> int:
        return hash((self._count, self._chunks[0].blocks[:1] if self._chunks else ()))

    def __repr__(self) -> str:
        return f"Manuscript({list(self)!r})"

    def runs(self) -> Iterator[tuple[Block, ...]]:
        """The chunks as tuples. A run that an edit did not touch is the same object before and after it."""
        for chunk in self._chunks:
            yield chunk.blocks

    def _find(self, block: str) -> tuple[int, int]:
        # Most texts grow at their end.
        last = len(self._chunks) - 1
        if last >= 0 and (place := self._chunks[last].places.get(block)) is not None:
            return last, place
        for number, chunk in enumerate(self._chunks):
            place = chunk.places.get(block)
            if place is not None:
                return number, place
        raise KeyError(block)

    def __contains__(self, block: object) -> bool:
        return any(block in chunk.places for chunk in self._chunks)

    def block(self, block: str) -> Block:
        """The block with that id. KeyError if it is not in the text."""
        number, place = self._find(block)
        return self._chunks[number].blocks[place]

    def index(self, block: str) -> int:
        """How many blocks stand before this one. KeyError if it is not in the text."""
        number, place = self._find(block)
        return sum(len(chunk.blocks) for chunk in self._chunks[:number]) + place

    def at(self, index: int) -> Block:
        """The block with `index` blocks before it. IndexError outside."""
        if index < 0:
            raise IndexError(index)
        if index == self._count - 1:
            return self._chunks[-1].blocks[-1]
        for chunk in self._chunks:
            if index < len(chunk.blocks):
                return chunk.blocks[index]
            index -= len(chunk.blocks)
        raise IndexError(index)

    def between(self, first: int, last: int) -> list[Block]:
        """The blocks with index `first` to `last` - 1."""
        found: list[Block] = []
        at = 0
        for chunk in self._chunks:
            size = len(chunk.blocks)
            if at + size > first and at < last:
                found += chunk.blocks[max(0, first - at) : last - at]
            at += size
            if at >= last:
                break
        return found

    @property
    def text(self) -> str:
        """All text, with an empty line between paragraphs."""
        return "\n\n".join(block.text for block in self)

    @property
    def first(self) -> Position:
        """The first place in the text; `START` if there is none."""
        return Position(self.at(0).id, 0) if self._count else START

    @property
    def last(self) -> Position:
        """The last place in the text; `START` if there is none."""
        if not self._count:
            return START
        block = self._chunks[-1].blocks[-1]
        return Position(block.id, length(block.spans))

    def holds(self, place: Position) -> bool:
        """Whether the place exists."""
        if place == START:
            return True
        return place.block in self and 0 <= place.offset <= length(self.block(place.block).spans)

    def before(self, left: Position, right: Position) -> bool:
        """Whether `left` stands before `right` in reading order."""
        return self.key(left) < self.key(right)

    def key(self, place: Position) -> tuple[int, int]:
        """A place as (index of its block, offset), for comparing; `START` is (-1, 0)."""
        return (-1, 0) if place.block == "" else (self.index(place.block), place.offset)

    def fragment(self, start: Position, end: Position) -> Fragment:
        """The text from `start` to `end`, which must not stand before it."""
        if start.block == end.block:
            if start == START:
                return Fragment()
            return Fragment(cut(self.block(start.block).spans, start.offset, end.offset))
        first = 0 if start == START else self.index(start.block) + 1
        blocks = self.between(first, self.index(end.block) + 1)
        blocks[-1] = replace(blocks[-1], spans=cut(blocks[-1].spans, 0, end.offset))
        head: Spans = ()
        if start != START:
            spans = self.block(start.block).spans
            head = cut(spans, start.offset, length(spans))
        return Fragment(head, tuple(blocks))

    def exchange(self, at: Position, removed: Fragment, put: Fragment) -> Manuscript:
        """The text with `removed`, which must stand at `at`, taken out and `put` in its place.

        Its inverse is the same call with the fragments exchanged. ValueError if `removed` does not stand there.
        """
        if at == START:
            return self._exchange_at_start(removed, put)
        number, place = self._find(at.block)
        home = self._chunks[number].blocks[place]
        if removed.rest:
            left, tail = self._around(at, home, removed)
        else:
            found = parts(home.spans, at.offset, at.offset + length(removed.head))
            if found is None or found[1] != removed.head:
                raise ValueError("the text to take out is not there")
            left, _, tail = found
        if not put.rest:
            made = [replace(home, spans=meet(left, join(put.head), tail))]
        else:
            final = put.rest[-1]
            made = [
                replace(home, spans=meet(left, join(put.head))),
                *put.rest[:-1],
                replace(final, spans=meet(join(final.spans), tail)),
            ]
        return self._with(number, place, 1 + len(removed.rest), made)

    def _around(self, at: Position, home: Block, removed: Fragment) -> tuple[Spans, Spans]:
        """The text of its paragraphs before and behind what is to be taken out, which begins in `home` and ends in another one."""
        left = cut(home.spans, 0, at.offset)
        first = self.index(at.block) + 1
        gone = self.between(first, first + len(removed.rest))
        last = removed.rest[-1]
        expected = (
            length(left) == at.offset
            and [block.id for block in gone] == [block.id for block in removed.rest]
            and meet(left, removed.head) == home.spans
            and all(found.spans == wanted.spans for found, wanted in zip(gone[:-1], removed.rest[:-1], strict=True))
        )
        ending = parts(gone[-1].spans, 0, length(last.spans)) if expected else None
        if ending is None or ending[1] != last.spans:
            raise ValueError("the text to take out is not there")
        return left, ending[2]

    def _exchange_at_start(self, removed: Fragment, put: Fragment) -> Manuscript:
        if removed.head or put.head:
            raise ValueError("only whole blocks can stand at the start")
        gone = self.between(0, len(removed.rest))
        if tuple(gone) != removed.rest:
            raise ValueError("the text to take out is not there")
        if not self._chunks:
            return Manuscript(put.rest)
        return self._with(0, 0, len(removed.rest), put.rest)

    def _with(self, number: int, place: int, gone: int, made: Sequence[Block]) -> Manuscript:
        """The same text with `gone` blocks from chunk `number`, place `place`, exchanged for `made`."""
        chunks = list(self._chunks)
        chunk = chunks[number]
        if gone == 1 and len(made) == 1 and made[0].id == chunk.blocks[place].id:
            row = (*chunk.blocks[:place], made[0], *chunk.blocks[place + 1 :])
            chunks[number] = _Chunk(row, chunk.places)
            return Manuscript._of(chunks, self._count)
        row = chunk.blocks
        until = number + 1
        while place + gone > len(row) and until < len(chunks):
            row += chunks[until].blocks
            until += 1
        row = (*row[:place], *made, *row[place + gone :])
        size = len(row) if len(row) <= 2 * CHUNK else CHUNK
        fresh = [_Chunk(row[at : at + size]) for at in range(0, len(row), size or 1)]
        chunks[number:until] = fresh
        return Manuscript._of(chunks, self._count - gone + len(made))

    def assign(self, block: str, beat: str) -> Manuscript:
        """The same text with that block belonging to that beat."""
        number, place = self._find(block)
        home = self._chunks[number].blocks[place]
        return self._with(number, place, 1, [replace(home, beat=beat)])
