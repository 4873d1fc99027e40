"""The outline as it is sent, with titles and summaries: all of it, or as much around the present beat as fits. It changes no outline."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cached_property
from itertools import accumulate

from composer.context.parts import Count, Part
from composer.story.outline import Outline, Row


class Plan:
    """The outline with the present beat marked, for any room."""

    def __init__(self, outline: Outline, beat: str, heading: str, count: Count) -> None:
        self._rows = [row for row in outline.rows() if row.beat.text.line]
        self._here = next((at for at, row in enumerate(self._rows) if row.beat.id == beat), 0)
        self._beat = beat
        self._heading = heading
        self._count = count
        self._whole = self._text(range(len(self._rows))) if self._rows else ""
        self.tokens = count(self._whole) if self._rows else 0
        """Those of all of it."""

    def fit(self, room: int) -> Part:
        """The part within `room` tokens: whole, the present chapter among the titles of the others, or the beats around."""
        if not self._rows:
            return Part("outline")
        marked = any(row.beat.id == self._beat for row in self._rows)
        if self.tokens <= room:
            why = "all of it, the present beat marked" if marked else "all of it"
            return Part("outline", (self._whole,), self.tokens, 0, why)
        chapter, others = self._chapter() if marked else ([], frozenset())
        if chapter and (part := self._some(chapter, room, "other chapters as titles only", others)):
            return part
        around = self._around(room)
        why = "the beats around the present one" if marked else "its beginning"
        if around and (part := self._some(around, room, why)):
            return part
        return Part("outline", cut=self.tokens, why="no room")

    def _some(self, rows: Sequence[int], room: int, why: str, brief: Set[int] = frozenset()) -> Part | None:
        text = self._text(rows, brief)
        tokens = self._count(text)
        if tokens > room:
            return None
        return Part("outline", (text,), tokens, max(0, self.tokens - tokens), why)

    def _chapter(self) -> tuple[list[int], Set[int]]:
        """The rows at the top with those of the present chapter, none if that is all of them; and which of them are other chapters."""
        first = self._here
        while first > 0 and self._rows[first].depth:
            first -= 1
        last = first + 1
        while last < len(self._rows) and self._rows[last].depth:
            last += 1
        kept = [at for at, row in enumerate(self._rows) if not row.depth or first <= at < last]
        return (
            (kept, {at for at in kept if not first <= at < last}) if len(kept) < len(self._rows) else ([], frozenset())
        )

    def _around(self, room: int) -> range:
        """As many rows around the present one as may fit; lines are counted one by one, which is rather too many than too few."""
        sums = self._sums
        spare = room - self._count(f"{self._heading}\n") - self._count("\n")
        first, last = self._here, self._here + 1
        if sums[last] - sums[first] > spare:
            return range(0)
        while True:
            wider = max(0, first - 1), min(len(self._rows), last + 1)
            if wider == (first, last) or sums[wider[1]] - sums[wider[0]] > spare:
                return range(first, last)
            first, last = wider

    @cached_property
    def _sums(self) -> list[int]:
        """Tokens of the lines before each row, and of all."""
        return list(accumulate((self._count(_line(row, self._beat) + "\n") for row in self._rows), initial=0))

    def _text(self, rows: Sequence[int], brief: Set[int] = frozenset()) -> str:
        lines = "\n".join(_line(self._rows[at], self._beat, brief=at in brief) for at in rows)
        return f"{self._heading}\n{lines}\n\n"


def _line(row: Row, beat: str, *, brief: bool = False) -> str:
    """A beat's line, with title and summary; with `brief` the title alone, where there is one."""
    said = row.beat.text.line if brief else row.beat.text.full
    return "  " * row.depth + ("> " if row.beat.id == beat else "- ") + said
