"""A persistent list: immutable, and cheap to append to and to change in one place however long it is. It knows no elements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

SIZE = 64


class Chunked(Generic[T]):
    """A sequence in two levels of tuples. An append or exchange copies one of each."""

    __slots__ = ("_chunks", "_count")

    def __init__(self, elements: Iterable[T] = ()) -> None:
        row = tuple(elements)
        self._chunks = tuple(row[at : at + SIZE] for at in range(0, len(row), SIZE))
        self._count = len(row)

    def _with(self, chunks: tuple[tuple[T, ...], ...], count: int) -> Chunked[T]:
        made: Chunked[T] = Chunked()
        made._chunks = chunks
        made._count = count
        return made

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        for chunk in self._chunks:
            yield from chunk

    def __reversed__(self) -> Iterator[T]:
        for chunk in reversed(self._chunks):
            yield from reversed(chunk)

    def __getitem__(self, at: int) -> T:
        if at < 0:
            at += self._count
        if not 0 <= at < self._count:
            raise IndexError(at)
        return self._chunks[at // SIZE][at % SIZE]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chunked) and self._chunks == other._chunks

    def __hash__(self) -> int:
        return hash(self._count)

    def __repr__(self) -> str:
        return f"Chunked({list(self)!r})"

    def append(self, element: T) -> Chunked[T]:
        if self._count % SIZE == 0:
            return self._with((*self._chunks, (element,)), self._count + 1)
        return self._with((*self._chunks[:-1], (*self._chunks[-1], element)), self._count + 1)

    def exchange(self, at: int, element: T) -> Chunked[T]:
        """With `element` in place `at`. IndexError outside."""
        if not 0 <= at < self._count:
            raise IndexError(at)
        number, place = divmod(at, SIZE)
        chunk = self._chunks[number]
        row = (*chunk[:place], element, *chunk[place + 1 :])
        return self._with((*self._chunks[:number], row, *self._chunks[number + 1 :]), self._count)
