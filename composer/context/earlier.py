"""Earlier text: which of its paragraphs are sent as written within some room, and what is told of each of the others.

The newest paragraphs stay, or those most like a query; of those that say the same the newest stays. Gaps are marked. It costs steps
for the paragraphs that stay and for the runs between them, not for all. It reads no outline and writes no summaries.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from composer.context.echoes import Echoes
from composer.context.measures import Measured
from composer.context.parts import Count, Part
from composer.context.sections import Section, numbered
from composer.context.wording import GAP
from composer.story.candidate import Fate, ItemReceipt
from composer.story.shape import Strategy

ALL_OF_IT = "all of it"
"""Why a part is sent whole."""
BUT_REPEATS = "all but what repeats"
NEWEST_SHARE = 3
"""One part in so many of the room for what is most like the query is for the newest paragraphs."""
_MISSES = 24
"""How many paragraphs in a row may be too long for what room is left, before no more are looked at."""
_LEAST = 8
"""Tokens with which no paragraph can be sent."""


class Choice(Struct, frozen=True):
    """The paragraphs that are sent, by index, in order, and the tokens of the part.

    `same` are those that others tell, with the index of the other; `blank` those that hold nothing but white space; `liked` are
    those of the kept that stay for what they say.
    """

    kept: tuple[int, ...] = ()
    same: dict[int, int] = {}
    blank: frozenset[int] = frozenset()
    liked: frozenset[int] = frozenset()
    tokens: int = 0


class Earlier:
    """The paragraphs with index before `until`, of which the newest is next to `previous`."""

    def __init__(
        self,
        measured: Measured,
        until: int,
        count: Count,
        *,
        heading: str,
        query: Callable[[], str],
        previous: tuple[int, str],
        collapse: bool,
    ) -> None:
        self._measured = measured
        self._until = until
        self._query = query
        self._previous = previous
        self._collapse = collapse
        self._ranked: list[tuple[float, int]] | None = None
        self._heading = heading
        self._title = count(heading) if heading else 0
        self._gap = count(GAP)
        self.tokens = measured.total(0, until)
        """Those of all paragraphs."""
        self.whole = self.tokens + self._title if self.tokens else 0
        """Those of the part if all of them are sent."""

    def choose(self, room: int, strategy: Strategy) -> Choice:
        """The paragraphs that are sent within `room` tokens."""
        if room <= self._title or not self.tokens:
            return Choice()
        previous = self._previous if self._collapse else None
        chooser = _Chooser(self._measured, self._until, self._title, self._gap, previous)
        if strategy == "newest" or self.whole <= room:
            chooser.newest(room)
        else:
            if self._ranked is None:
                self._ranked = self._measured.likeness(self._query(), 0, self._until)
            # A chapter of room for what came last keeps the thread.
            chooser.newest(self._title + (room - self._title) // NEWEST_SHARE)
            chooser.likest(room, self._ranked)
        return chooser.choice()

    def why(self, choice: Choice, strategy: Strategy) -> tuple[str, str]:
        """Why what is sent is, and why the rest is not, for people."""
        kept = sum(map(self._measured.tokens, choice.kept))
        if kept + sum(map(self._measured.tokens, (*choice.same, *choice.blank))) >= self.tokens:
            return BUT_REPEATS if choice.same else ALL_OF_IT, ""
        if not choice.kept:
            return "no room", "no room"
        which = "newest" if strategy == "newest" else "newest and likest"
        others = "older than what fits" if strategy == "newest" else "less like the beat than what fits"
        return f"the {which} {kept:,} of {self.tokens:,} tokens", others

    def tells(self, choice: Choice, section: Section) -> bool:
        """Whether all of a section is sent as written, in this part or as the previous paragraph."""
        if section.last <= (choice.kept[0] if choice.kept else self._until):
            return False
        inner = set(_within(choice.kept, section))
        if self._previous[1] and section.first <= self._previous[0] < section.last:
            inner.add(self._previous[0])
        if not inner:
            return False
        inner.update(each for each in (*choice.same, *choice.blank) if section.first <= each < section.last)
        return sum(map(self._measured.tokens, inner)) >= section.tokens

    def part(self, choice: Choice, summaries: Iterable[Section], why: str, older: str, fate: Fate = "cut") -> Part:
        """The part with that choice; the paragraphs of `summaries` are told by these, and `older` is why others are not sent."""
        pieces: list[str] = []
        if choice.kept:
            pieces += [self._heading] if self._heading else []
            aside = {*choice.same, *choice.blank}
            last = choice.kept[0]
            for index in (*choice.kept, self._until):
                if _apart(self._measured, last, index, aside):
                    pieces.append(GAP)
                if index < self._until:
                    pieces.append(self._measured.block(index).text + "\n\n")
                last = index
        items = self._items(choice, summaries, older, fate)
        cut = sum(item.tokens for item in items if item.fate != "kept")
        return Part("earlier text", tuple(pieces), choice.tokens if pieces else 0, cut, why, items)

    def _items(self, choice: Choice, summaries: Iterable[Section], older: str, fate: Fate) -> tuple[ItemReceipt, ...]:
        """What became of each run of paragraphs, in order."""
        runs = Runs(self._measured)
        # Stretches of which no paragraph is named singly, as [first:last), told by a summary or not at all.
        stretches: list[tuple[int, int, bool]] = []
        at = 0
        for section in summaries:
            first, last = min(section.first, self._until), min(section.last, self._until)
            stretches += [(at, first, False), (first, last, True)]
            at = last
        stretches.append((at, self._until, False))
        single = sorted({*choice.kept, *choice.same, *choice.blank})
        partly = bool(choice.liked) or not single or self._measured.total(0, single[0]) > 0
        number = 0
        for first, last, condensed in stretches:
            reason: tuple[Fate, str] = ("condensed", "told by its summary") if condensed else (fate, older)
            at = first
            while number < len(single) and single[number] < last:
                index = single[number]
                runs.add(at, index, *reason)
                if index in choice.same:
                    other = choice.same[index]
                    runs.add(index, index + 1, "repeat", f"says the same as {numbered(other, other + 1)}")
                elif index not in choice.blank:
                    why = "like the beat" if index in choice.liked else "among the newest" if partly else ""
                    runs.add(index, index + 1, "kept", why)
                at = index + 1
                number += 1
            runs.add(at, last, *reason)
        return runs.items()


class _Chooser:
    """One choice in the making. `tokens` are rather too many than too few until it is done."""

    def __init__(self, measured: Measured, until: int, title: int, gap: int, previous: tuple[int, str] | None) -> None:
        self._measured = measured
        self._until = until
        self._title = title
        self._gap = gap
        self._echoes = Echoes() if previous else None
        if self._echoes and previous:
            self._echoes.keep(*previous)
        self._kept: list[int] = []
        self._same: dict[int, int] = {}
        self._blank: set[int] = set()
        self._aside: set[int] = set()
        self._liked: set[int] = set()
        self._oldest = until
        self.tokens = title

    def newest(self, room: int) -> None:
        """From the newest on, until one does not fit."""
        kept = []
        for index, block, size in self._measured.before(self._oldest):
            text = block.text
            if text.isspace():
                self._put_aside(index)
                continue
            echo = self._echoes.of(text) if self._echoes else None
            if echo is not None:
                self._put_aside(index, echo)
                continue
            if self.tokens + size > room:
                self._oldest = index + 1
                break
            self.tokens += size
            kept.append(index)
            if self._echoes:
                self._echoes.keep(index, text)
        else:
            self._oldest = 0
        self._kept = kept[::-1]

    def likest(self, room: int, ranked: Sequence[tuple[float, int]]) -> None:
        """The best of those that are ranked, and of the others the newest, as long as there is room."""
        misses = 0
        seen: set[int] = set()
        for _, index in ranked:
            if misses > _MISSES or room - self.tokens < _LEAST:
                return
            seen.add(index)
            misses = 0 if self._add(index, room) else misses + 1
        for index, _, _ in self._measured.before(self._oldest):
            if misses > _MISSES or room - self.tokens < _LEAST:
                return
            if index not in seen:
                misses = 0 if self._add(index, room) else misses + 1

    def choice(self) -> Choice:
        same = {}
        for index, other in self._same.items():
            while other in self._same:
                other = self._same[other]
            same[index] = other
        if not self._kept:
            return Choice((), same, frozenset(self._blank))
        tokens = self._title + sum(map(self._measured.tokens, self._kept)) + self._gap * self._gaps(self._kept, set())
        return Choice(tuple(self._kept), same, frozenset(self._blank), frozenset(self._liked), tokens)

    def _has(self, index: int) -> bool:
        at = bisect_left(self._kept, index)
        return at < len(self._kept) and self._kept[at] == index

    def _put_aside(self, index: int, other: int | None = None) -> None:
        self._aside.add(index)
        if other is None:
            self._blank.add(index)
        else:
            self._same[index] = other

    def _add(self, index: int, room: int) -> bool:
        """Take one in, if it fits; whether it needs no more thought."""
        if index in self._aside or self._has(index):
            return True
        text = self._measured.block(index).text
        if text.isspace():
            self._put_aside(index)
            return True
        echo = self._echoes.of(text) if self._echoes else None
        if echo is not None and echo > index:
            self._put_aside(index, echo)
            return True
        tokens = self.tokens + (self._cost(index) if echo is None else self._exchange_cost(index, echo))
        if tokens > room:
            return False
        if echo is not None:
            # The newest of those that say the same stays.
            self._kept.remove(echo)
            self._liked.discard(echo)
            self._put_aside(echo, index)
        insort(self._kept, index)
        self._liked.add(index)
        self.tokens = tokens
        if self._echoes:
            self._echoes.keep(index, text)
        return True

    def _cost(self, index: int) -> int:
        """The tokens that it takes to send one more, with the signs for gaps."""
        at = bisect_left(self._kept, index)
        right = self._kept[at] if at < len(self._kept) else self._until
        gaps = self._is_gap(index, right)
        if at:
            left = self._kept[at - 1]
            gaps += self._is_gap(left, index) - self._is_gap(left, right)
        return self._measured.tokens(index) + self._gap * gaps

    def _exchange_cost(self, index: int, gone: int) -> int:
        kept = sorted((*(each for each in self._kept if each != gone), index))
        gaps = self._gaps(kept, {gone}) - self._gaps(self._kept, set())
        return self._measured.tokens(index) - self._measured.tokens(gone) + self._gap * gaps

    def _gaps(self, kept: Sequence[int], more: set[int]) -> int:
        aside = self._aside | more
        return sum(_apart(self._measured, *pair, aside) for pair in zip(kept, (*kept[1:], self._until), strict=True))

    def _is_gap(self, left: int, right: int) -> int:
        return int(_apart(self._measured, left, right, self._aside))


def _apart(measured: Measured, left: int, right: int, aside: set[int]) -> bool:
    """Whether paragraphs between two are left out that are neither blank nor told by others."""
    return any(measured.tokens(index) and index not in aside for index in range(left + 1, right))


def _within(kept: Sequence[int], section: Section) -> Sequence[int]:
    return kept[bisect_left(kept, section.first) : bisect_left(kept, section.last)]


class Runs:
    """Runs of paragraphs with one fate and one reason, made from stretches in order."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured
        self._made: list[tuple[int, int, int, Fate, str]] = []

    def add(self, first: int, last: int, fate: Fate, why: str) -> None:
        """The blocks [first:last), if there is text in them."""
        if first >= last:
            return
        tokens = self._measured.total(first, last)
        if not tokens:
            return
        while not self._measured.tokens(first):
            first += 1
        while not self._measured.tokens(last - 1):
            last -= 1
        if self._made and self._made[-1][3:] == (fate, why):
            start, _, before, *_ = self._made[-1]
            self._made[-1] = (start, last, before + tokens, fate, why)
        else:
            self._made.append((first, last, tokens, fate, why))

    @property
    def tokens(self) -> int:
        return sum(tokens for _, _, tokens, _, _ in self._made)

    def items(self) -> tuple[ItemReceipt, ...]:
        return tuple(
            ItemReceipt(numbered(first, last), tokens, fate, why) for first, last, tokens, fate, why in self._made
        )
