"""Earlier text in few words, as it is sent: which summaries go in for the sections that are not sent as written. It writes none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from composer.context import relevance
from composer.context.parts import Count, Part
from composer.context.sections import Section, numbered
from composer.story.candidate import Fate, ItemReceipt
from composer.story.shape import Shape, Strategy

PART = "earlier, condensed"
SINGLE = 60
"""How many summaries that are missed are told one by one: the newest. A receipt is stored with each round."""


class Summaries:
    """The sections that have a summary. Sections are named by their place in `sections`."""

    def __init__(
        self, sections: Sequence[Section], shape: Shape, heading: str, count: Count, query: Callable[[], str]
    ) -> None:
        self.sections = sections
        self._heading = heading
        self._title = count(heading) if sections else 0
        self._query = query
        self._pieces = [_piece(section) for section in sections]
        self._sizes = [count(piece) for piece in self._pieces]
        things = [section.thing for section in sections]
        self._things = things
        self._muted = {at for at, thing in enumerate(things) if shape.is_muted(PART, thing)}
        self.pinned = {at for at, thing in enumerate(things) if shape.is_pinned(PART, thing)} - self._muted
        """Those that the writer pinned."""
        self.most = self.tokens(range(len(sections)))
        """The tokens of all of them."""
        self._likeness: list[float] | None = None

    def tokens(self, chosen: Collection[int]) -> int:
        """The tokens of the part with these."""
        return self._title + sum(self._sizes[at] for at in chosen) if chosen else 0

    def choose(
        self, wanted: Collection[int], room: int, strategy: Strategy, fixed: frozenset[int] = frozenset()
    ) -> frozenset[int]:
        """Those of the wanted that fit in `room` tokens, beside the `fixed` ones, which count as well.

        What is no shorter than the text it tells is not worth its room, unless it is pinned.
        """
        able = [at for at in wanted if at not in self._muted and at not in fixed]
        able = [at for at in able if at in self.pinned or not self._is_long(at)]
        able.sort(key=lambda at: self._rank(at, strategy))
        chosen = set(fixed)
        tokens = self.tokens(chosen)
        for at in able:
            more = self._sizes[at] + (0 if chosen else self._title)
            if tokens + more <= room:
                chosen.add(at)
                tokens += more
        return frozenset(chosen)

    def part(self, chosen: Collection[int], needed: Collection[int], why: str = "", amount: str = "") -> Part:
        """The part with the chosen ones. Of the others, those in `needed` tell what is not sent as written, and are missed."""
        kept = sorted(chosen)
        items = self._items(set(chosen), set(needed), why)
        pieces = (self._heading, *(self._pieces[at] for at in kept)) if kept else ()
        cut = sum(item.tokens for item in items if item.fate != "kept")
        if kept:
            whole = sum(self.sections[at].tokens for at in kept)
            stale = sum(self.sections[at].stale for at in kept)
            told = f"from {whole:,} tokens" + (f" · {stale} stale" if stale else "")
            told = "pinned: " + told if self.pinned and self.pinned >= set(kept) else told
            told = f"{amount}: {told}" if amount and cut else told
        else:
            told = why or ("muted by you" if items and all(item.fate == "muted" for item in items) else "no room")
        return Part("earlier, condensed", pieces, self.tokens(kept), cut, told if items else "", tuple(items))

    def _items(self, chosen: set[int], needed: set[int], why: str) -> list[ItemReceipt]:
        """What became of each that is sent, missed or left out; of very many that are missed the older ones are told as runs."""
        told = sorted(chosen | needed | self._muted)
        missed = [at for at in told if at not in chosen and at not in self._muted]
        joined = set(missed[:-SINGLE])
        items: list[ItemReceipt] = []
        first = 0
        for before, at in zip((-1, *told), told, strict=False):
            item = self._item(at, at in chosen, why)
            last = items[-1] if items else item
            if (
                at in joined
                and before in joined
                and before == at - 1
                and (last.why, last.stale) == (item.why, item.stale)
            ):
                label = numbered(self.sections[first].first, self.sections[at].last)
                items[-1] = ItemReceipt(label, last.tokens + item.tokens, "cut", item.why, stale=item.stale)
            else:
                items.append(item)
                first = at
        return items

    def _item(self, at: int, kept: bool, why: str) -> ItemReceipt:
        section = self.sections[at]
        fate: Fate = "kept" if kept else "muted" if at in self._muted else "cut"
        if kept:
            why = f"from {section.tokens:,} tokens"
        elif fate == "muted":
            why = ""
        elif not why:
            why = "no shorter than its text" if self._is_long(at) else "no room"
        if section.stale and fate != "muted":
            why += "; stale: edited since"
        return ItemReceipt(section.label, self._sizes[at], fate, why, self._things[at], section.stale)

    def _is_long(self, at: int) -> bool:
        return self._sizes[at] >= self.sections[at].tokens

    def _rank(self, at: int, strategy: Strategy) -> tuple[float, int]:
        if strategy == "newest":
            return 0.0, -at
        if self._likeness is None:
            self._likeness = _likeness(self._query(), tuple(self._pieces))
        return -self._likeness[at], -at


@lru_cache(maxsize=4)
def _likeness(query: str, texts: tuple[str, ...]) -> list[float]:
    return relevance.likeness(query, texts)


def _piece(section: Section) -> str:
    text = section.paraphrase.text.strip() if section.paraphrase else ""
    return f"{section.chapter[:1].upper()}{section.chapter[1:]}: {text}\n\n" if section.chapter else f"{text}\n\n"
