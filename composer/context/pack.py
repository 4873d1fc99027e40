"""Packing: from a story and a place to the messages of a request within a budget, with a receipt of every part.

Pieces are counted with what separates them, so that the sum of the counts is the count of the whole. Where not everything fits, what
the amount limits holds to its share of the room, and what is left over is offered again to what was held short. Where even that
is too much, parts give way in this order: earlier text, its summaries, exemplars, outline, notes, text after, purpose; then what is
pinned, in the same order; and last the previous paragraph, whose end stays longest. What is needed to make sense, the
instructions, the passage, the instruction, the beat and the beginning of the answer, is never cut: where that alone is too large
the request is refused.

It counts and ranks by what is handed in, and knows no models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from composer.context import relevance, wording
from composer.context.core import beat_of, beats_of, edited, heading_of, messages_core, refusal, text_core, written
from composer.context.earlier import ALL_OF_IT, BUT_REPEATS, Choice, Earlier, Runs
from composer.context.measures import Measured, Measures
from composer.context.nearby import Nearby
from composer.context.outlines import Plan
from composer.context.parts import Part, Single, left_out
from composer.context.place import around
from composer.context.presets import Rule, rule
from composer.context.sections import condensed
from composer.context.summaries import Summaries
from composer.context.things import Things, exemplars_of, notes_of
from composer.context.wish import Wish
from composer.context.wording import PER_MESSAGE
from composer.story.candidate import OUTLINES, ItemReceipt, PartReceipt, Receipt, RoundKind
from composer.story.shape import CORE, PARTS, PartName, Shape, Strategy
from composer.story.story import Story

QUERY_END = 400
"""Characters of the end of the previous paragraph that say what the request is about, beside beat and instruction."""
NEAR = 2
"""Paragraphs before the previous one in which names are looked for."""


class Packed(Struct, frozen=True):
    """A request: messages as (role, pieces of text), and its receipt.

    The role `suffix` is of text that the answer leads to, where it was wished for apart; `assistant` of a begun answer.
    """

    messages: tuple[tuple[str, tuple[str, ...]], ...]
    receipt: Receipt


def pack(
    story: Story,
    wish: Wish,
    count: Callable[[str], int],
    window: int,
    reserve: int,
    measured: Measured | None = None,
) -> Packed:
    """The request for `wish`, of at most `window` - `reserve` tokens by `count`. RefusedError if its core does not fit.

    `measured` are the counts of the story's text by `count`, where they are kept.
    """
    if measured is None:
        measured = Measures(count).of(story.manuscript)
    return _Packing(story, wish, count, window, reserve, measured).packed()


_ORDER: tuple[PartName, ...] = ("purpose", "text after", "notes", "outline", "exemplars")
"""Parts but for earlier text and the core, in the order in which they take room."""
_TOLD = tuple(name for name in PARTS if name not in ("template", "format"))
"""The order in which parts are told, and sent in a chat."""
_ABOVE: tuple[PartName, ...] = ("purpose", "notes", "exemplars", "outline")
_PAST: tuple[PartName, ...] = ("earlier, condensed", "earlier text")
_ALL = 1 << 60
"""Room for anything."""
_ROUNDS = 4
"""How often room that summaries don't need any more is given to the text, at most."""
UNUSED: Mapping[tuple[RoundKind, PartName], str] = {
    **{(kind, "exemplars"): "an outline has no style" for kind in OUTLINES},
    ("draft", "outline"): "its beats are told by their numbers",
}
"""Parts that are of no use for some kinds of rounds, and why."""
_UNUSED = Rule(out=True)
_MUTED = "muted by you"
_OTHERWISE = "you wrote other words for it"
WITHIN = "stands in the place"
"""Why paragraphs there are in no request that says nothing of a passage."""
BEYOND = "stands after the place"
"""Why paragraphs behind the place, but for the next, are in no request."""


class _Packing:
    """One packing. Parts are settled one after the other; `left` is the room that is left."""

    def __init__(
        self, story: Story, wish: Wish, count: Callable[[str], int], window: int, reserve: int, measured: Measured
    ) -> None:
        self.story = story
        self.wish = wish
        self.count = count
        self.window = window
        self.reserve = reserve
        self.measured = measured
        self.alone = wish.alone
        self.shape = Shape() if self.alone else _effective(wish.shape)
        self.plain = wish.form == "plain"
        self.apart = wish.suffix and wish.kind == "fill"
        self.place = around(story, measured, wish.kind, wish.start, wish.end, wish.passage)
        self.beat = beats_of(story, wish.beats) if wish.beats else beat_of(story, wish.beat)
        self.parts: dict[PartName, Part] = {}
        self.open: list[PartName] = []
        """What is not settled yet: the amount says how much is sent of it."""
        self.left = 0
        self.format = 0
        self.choice: Choice | None = None
        """The earlier text that is sent as written; None if it is not for the packing to choose."""
        self.told: frozenset[int] = frozenset()
        """The summaries that are sent."""

    def packed(self) -> Packed:
        self._settle_core()
        if not self.alone:
            self._settle_levered()
            self._settle_amount()
            self._tell_rest()
        self._settle_nothing()
        return self._assembled()

    def _settle_core(self) -> None:
        """What is always sent, and the room that it leaves. RefusedError if it leaves none."""
        wish = self.wish
        make = text_core if self.plain else messages_core
        for single in make(self.shape, wish, self.place, self.beat, self.story.details.structure):
            self.parts[single.name] = single.fit(_ALL, self.count)
        if "instructions" in self.parts and self.shape.is_muted("instructions"):
            self.parts["instructions"] = left_out(self.parts["instructions"], _MUTED, "muted")
        self.format = PER_MESSAGE * (1 + self._sends("instructions") + self._sends("begun answer"))
        needed = self.format + sum(part.tokens for part in self.parts.values())
        takes = self.window - self.reserve
        if needed > takes:
            raise refusal(self.parts, needed, self.window, self.reserve, wish.kind, self.plain)
        self.left = takes - needed

    def _settle_nothing(self) -> None:
        """Something to answer, where the user's message would be empty."""
        if any(self._sends(name) for name in self._spoken()):
            return
        text = wording.BEGINNING if self.plain else f"{wording.NEXT}\n{wording.BEGINNING}"
        part = Part("beat", (text,), self.count(text), 0, "nothing else is sent")
        self.parts["beat"] = part
        if part.tokens > self.left:
            takes = self.window - self.reserve
            raise refusal(
                self.parts, takes - self.left + part.tokens, self.window, self.reserve, self.wish.kind, self.plain
            )
        self.left -= part.tokens

    def _sends(self, name: PartName) -> bool:
        return name in self.parts and bool(self.parts[name].pieces)

    # what the writer set

    def _settle_levered(self) -> None:
        """The previous paragraph, and what the writer pinned, changed or left out; the rest stays open."""
        for name in ("previous paragraph", *_ORDER):
            if self._is_things(name):
                self._put(self._fit(name, self.left, 0))
                self.open.append(name)
            elif self.shape.is_muted(name):
                self._put(left_out(self._fit(name, _ALL, _ALL), _MUTED, "muted"))
            elif name == "previous paragraph" or self.shape.edit(name) is not None:
                self._put(self._fit(name, self.left, self.left))
            elif self.shape.is_pinned(name):
                self._put(_pinned(self._fit(name, self.left, self.left)))
            else:
                self.open.append(name)
        self._settle_condensed()
        self._settle_earlier()

    def _settle_condensed(self) -> None:
        """The summaries that are pinned, or what the writer made of them all."""
        if self.shape.edit("earlier, condensed") is not None:
            single = Single("earlier, condensed", wording.CONDENSED, "")
            self._put(written(self.shape, single).fit(self.left, self.count))
        else:
            strategy = self._strategy("earlier, condensed")
            self.told = self.summaries.choose(self.summaries.pinned, self.left, strategy)
            self.left -= self.summaries.tokens(self.told)
            self.open.append("earlier, condensed")

    def _settle_earlier(self) -> None:
        """Earlier text, if the writer pinned it, changed it or left it out."""
        name: PartName = "earlier text"
        if self.shape.is_muted(name):
            self._put(self.earlier.part(Choice(), (), _MUTED, "", "muted"))
        elif self.shape.edit(name) is not None:
            single = Single(name, "" if self.plain else wording.SO_FAR, "", "\n\n", keeps="end")
            part = written(self.shape, single).fit(self.left, self.count)
            runs = Runs(self.measured)
            runs.add(0, self.place.until, "cut", _OTHERWISE if part.pieces else part.why)
            self._put(replace(part, cut=part.cut + runs.tokens, items=runs.items()))
        elif self.shape.is_pinned(name):
            self.choice = self.earlier.choose(self.left, self._strategy(name))
            self.left -= self.choice.tokens
        else:
            self.open.append(name)

    # what the amount says

    def _settle_amount(self) -> None:
        """The open parts: all of them whole if there is room for that, else each within its share."""
        for name in [name for name in self.open if self._rule(name).is_out(self.wish.kind)]:
            self.open.remove(name)
            if name in _ORDER and not self._is_things(name):
                self._put(left_out(self._fit(name, _ALL, _ALL), self._says_out(name)))
        names = [name for name in _ORDER if name in self.open]
        room = self.left + sum(self.parts[name].tokens for name in names if name in self.parts)
        whole = {name: self._fit(name, room, self._rule(name).most or room) for name in names}
        needed = sum(part.tokens for part in whole.values())
        earlier = self.earlier.whole if "earlier text" in self.open else 0
        if needed + earlier <= room and earlier <= (self._rule("earlier text").most or room):
            for part in whole.values():
                self._put(part)
        else:
            for name in names:
                self._put(self._fit(name, self._room(name), self._rule(name).limit(room)))
        self._settle_past(room)
        for name in names:
            if self.parts[name].cut and self.left > 0:
                more = self._room(name)
                self._put(self._fit(name, more, min(more, self._rule(name).most or more)))
        self._tell_past()

    def _settle_past(self, room: int) -> None:
        """Earlier text as written, and summaries of what isn't: the more is sent of the one, the less is needed of the other."""
        condenses = "earlier, condensed" in self.open
        fixed = self.told
        before = self.summaries.tokens(fixed)
        limit = min(self._rule("earlier, condensed").limit(room), self.left) + before if condenses else before
        if "earlier text" in self.open:
            strategy = self._strategy("earlier text")
            most = self._rule("earlier text").most or _ALL
            self.choice = self.earlier.choose(min(self.left, most), strategy)
            if self.choice.tokens < self.earlier.whole and self.summaries.most > before and condenses:
                spare = self.left + before - min(limit, self.summaries.most)
                self.choice = self.earlier.choose(min(spare, most), strategy)
                for _ in range(_ROUNDS):
                    chosen = self._summarised(limit, fixed)
                    if chosen == self.told:
                        break
                    self.told = chosen
                    limit = self.summaries.tokens(chosen)
                    self.choice = self.earlier.choose(min(self.left + before - limit, most), strategy)
                self.told = self._summarised(limit, fixed)
            self.left -= self.choice.tokens
        elif condenses:
            self.told = self._summarised(limit, fixed)
        self.left -= self.summaries.tokens(self.told) - before
        if condenses and not self._rule("earlier, condensed").most:
            tokens = self.summaries.tokens(self.told)
            self.told = self._summarised(tokens + self.left, fixed)
            self.left -= self.summaries.tokens(self.told) - tokens

    def _summarised(self, room: int, fixed: frozenset[int]) -> frozenset[int]:
        return self.summaries.choose(self._needed, room, self._strategy("earlier, condensed"), fixed)

    @property
    def _needed(self) -> list[int]:
        """The summaries of what is not sent as written."""
        sections = self.summaries.sections
        if self.choice is None:
            return list(range(len(sections)))
        return [at for at, section in enumerate(sections) if not self.earlier.tells(self.choice, section)]

    def _tell_past(self) -> None:
        """The parts of earlier text, now that it is settled what is sent of it."""
        amount = "" if self.shape.amount == "full" else self.shape.amount
        if "earlier, condensed" not in self.parts:
            why = "" if "earlier, condensed" in self.open else self._left_out
            self.parts["earlier, condensed"] = self.summaries.part(self.told, self._needed, why, amount)
        if "earlier text" in self.parts:
            return
        sections = [self.summaries.sections[at] for at in sorted(self.told)]
        if self.choice is None:
            self.parts["earlier text"] = self.earlier.part(Choice(), sections, self._left_out, self._left_out)
            return
        strategy = self._strategy("earlier text")
        why, others = self.earlier.why(self.choice, strategy)
        if self.shape.is_pinned("earlier text"):
            why = "pinned" if why == ALL_OF_IT else f"pinned: {why}"
        elif amount and why not in (ALL_OF_IT, BUT_REPEATS):
            why = f"{amount}: {why}"
        self.parts["earlier text"] = self.earlier.part(self.choice, sections, why, others)

    def _tell_rest(self) -> None:
        """With the text after, all that is in no part: what stands behind it, and what stands in the place and is not sent."""
        place, names = self.place, self.place.names
        items = []
        if names.inside and not any(item.label == names.inside for part in self.parts.values() for item in part.items):
            inside = self.story.manuscript.fragment(self.wish.start, self.wish.end).text
            items.append(ItemReceipt(names.inside, self.count(inside), "cut", WITHIN))
        if place.rest:
            items.append(ItemReceipt(names.rest, self.count(place.rest), "cut", BEYOND))
        runs = Runs(self.measured)
        runs.add(place.beyond, len(self.measured), "cut", BEYOND)
        items += runs.items()
        part = self.parts["text after"]
        if items:
            cut = part.cut + sum(item.tokens for item in items)
            why = part.why or ("after the place that is written for" if items[-1].why == BEYOND else WITHIN)
            self.parts["text after"] = replace(part, cut=cut, why=why, items=(*part.items, *items))

    # parts

    def _put(self, part: Part) -> None:
        """Settle a part, in place of what was settled under its name before."""
        before = self.parts.get(part.name)
        self.left += (before.tokens if before else 0) - part.tokens
        self.parts[part.name] = part

    def _room(self, name: PartName) -> int:
        """The room that a part may take: what is left and what it has already."""
        return self.left + (self.parts[name].tokens if name in self.parts else 0)

    def _rule(self, name: PartName) -> Rule:
        return _UNUSED if (self.wish.kind, name) in UNUSED else rule(self.shape.amount, name)

    def _strategy(self, name: PartName) -> Strategy:
        return self.shape.strategy(name) or self._rule(name).strategy

    @property
    def _left_out(self) -> str:
        return f"{self.shape.amount}: left out"

    def _is_things(self, name: PartName) -> bool:
        return name in ("notes", "exemplars") and self.shape.edit(name) is None

    def _fit(self, name: PartName, room: int, share: int) -> Part:
        """One of the parts in `_ORDER`, or the previous paragraph, within `room`; what is not pinned of it within `share`."""
        if name == "notes" and self._is_things(name):
            return self.notes.fit(room, share, self.count)
        if name == "exemplars" and self._is_things(name):
            return self._samples(room, share)
        if name == "outline" and self.shape.edit(name) is None:
            return self.plan.fit(min(room, share))
        return written(self.shape, self._single(name)).fit(min(room, share), self.count)

    def _single(self, name: PartName) -> Single:
        """A part that is one text, before the writer changed it."""
        place = self.place
        if name == "purpose":
            return Single(name, wording.PURPOSE, self.story.details.purpose)
        if name == "text after":
            after = f" {place.after}" if self.apart and place.spaced else place.after
            return Single(name, "" if self.apart else wording.AFTER, after, why="for the join", label=place.names.after)
        if name == "previous paragraph":
            close = "" if self.wish.kind == "fill" else "\n\n"
            heading = "" if self.plain else wording.PREVIOUS
            return Single(name, heading, place.previous, close, keeps="end", label=place.names.previous)
        headings = {"notes": wording.NOTES, "exemplars": wording.EXEMPLARS, "outline": wording.OUTLINE}
        return Single(name, headings[name], "")

    @cached_property
    def plan(self) -> Plan:
        return Plan(self.story.outline, self.wish.beat, wording.OUTLINE, self.count)

    @cached_property
    def notes(self) -> Things:
        """The notes: those that are pinned, and those whose names are near, the nearest first."""
        near = Nearby()
        passage = edited(self.shape, "passage", wording.PASSAGE, self.place.passage)
        for text in (*self._asks, self.wish.lens, passage):
            near.add(text, 4)
        for text in (self.place.previous, self.place.after):
            near.add(text, 2)
        for _, block, _ in islice(self.measured.before(self.place.until), NEAR):
            near.add(block.text)
        return notes_of(self.story.notes, self.shape, near, self._says_out("notes"))

    def _samples(self, room: int, share: int) -> Part:
        """The exemplars. How like they are is asked for only where not all of them go."""
        things = self._exemplars
        part = things.fit(room, share, self.count)
        rule = self._rule("exemplars")
        if rule.is_out(self.wish.kind) or (not share and not things.has_pins):
            return part
        if all(item.fate in ("kept", "muted") for item in part.items) and not rule.things:
            return part
        return self._ranked_exemplars.fit(room, share, self.count)

    @cached_property
    def _exemplars(self) -> Things:
        return exemplars_of(self.story.exemplars, self.shape, self._rule("exemplars"), self._says_out("exemplars"))

    @cached_property
    def _ranked_exemplars(self) -> Things:
        if self.shape.strategy("exemplars") == "newest":
            likeness: list[float] = [*range(len(self.story.exemplars))]
        else:
            likeness = relevance.likeness(self._query(), [each.text for each in self.story.exemplars])
        return exemplars_of(
            self.story.exemplars, self.shape, self._rule("exemplars"), self._says_out("exemplars"), likeness
        )

    def _says_out(self, name: PartName) -> str:
        """Why a part is out by the amount, or of no use for what is asked; empty if it isn't."""
        if why := UNUSED.get((self.wish.kind, name)):
            return why
        return self._left_out if self._rule(name).is_out(self.wish.kind) else ""

    @cached_property
    def summaries(self) -> Summaries:
        found = () if self.alone else condensed(self.story, self.place.bound, self.measured)
        return Summaries(found, self.shape, f"{wording.CONDENSED}\n", self.count, self._query)

    @cached_property
    def earlier(self) -> Earlier:
        """The text before the previous paragraph, which it may not repeat if that is sent."""
        sent = self.parts["previous paragraph"]
        whole = bool(sent.pieces) and not sent.cut and not sent.edited
        return Earlier(
            self.measured,
            self.place.until,
            self.count,
            heading="" if self.plain else f"{wording.SO_FAR}\n",
            query=self._query,
            previous=(self.place.until, self.place.previous if whole else ""),
            collapse=self.shape.repeats is not True,
        )

    @property
    def _asks(self) -> tuple[str, str]:
        """The beat and the instruction, as the writer may have changed them."""
        beat = edited(self.shape, "beat", heading_of(self.wish.kind), self.beat)
        return beat, edited(self.shape, "instruction", wording.INSTRUCTION, self.wish.instruction)

    def _query(self) -> str:
        """What likeness is to."""
        return "\n".join((*self._asks, self.place.previous[-QUERY_END:]))

    # the request

    def _assembled(self) -> Packed:
        messages: list[tuple[str, list[PartName]]] = [("system", ["instructions"]), ("user", self._spoken())]
        if self.apart:
            messages.append(("suffix", ["text after"]))
        messages.append(("assistant", ["begun answer"]))
        sent: list[tuple[str, tuple[str, ...]]] = []
        places: dict[PartName, tuple[int, int]] = {}
        at = 0
        for role, names in messages:
            pieces: list[str] = []
            for name in names:
                if self._sends(name):
                    first = at + len(pieces)
                    pieces += self.parts[name].pieces
                    places[name] = first, at + len(pieces)
            if pieces:
                sent.append((role, tuple(pieces)))
                at += len(pieces)
        told = [self.parts[name] for name in _TOLD if name in self.parts and self.parts[name].told]
        receipts = [
            PartReceipt(
                part.name,
                part.tokens,
                bool(part.pieces),
                part.cut,
                part.why,
                part.items,
                *places.get(part.name, (at, at)),
                part.edited,
            )
            for part in told
        ]
        receipts.append(PartReceipt("format", self.format, why="what a chat's format adds", first=at, last=at))
        receipt = Receipt(
            tokens=sum(part.tokens for part in receipts),
            budget=self.window,
            reserve=self.reserve,
            parts=tuple(receipts),
            shape=self.wish.shape,
        )
        return Packed(tuple(sent), receipt)

    def _spoken(self) -> list[PartName]:
        """The parts of the user's message, in the order in which they are sent."""
        names: list[PartName] = []
        if not self.plain:
            names += _TOLD[1:-1]
        elif self.wish.kind in ("continue", "fill"):
            # A base model goes on from what stands last.
            names += [*_ABOVE, "text after", *_PAST, "beat", "previous paragraph"]
        else:
            names += [*_ABOVE, *_PAST, "previous paragraph", "text after", "beat"]
        return [name for name in names if not (self.apart and name == "text after")]


def _effective(shape: Shape) -> Shape:
    """A shape without what holds for nothing: edits of what is left out, and of what is put around all parts."""
    edits = tuple(
        (name, text)
        for name, text in shape.edits
        if name not in ("format", "template") and (name in CORE or not shape.is_muted(name))
    )
    return shape if edits == shape.edits else replace(shape, edits=edits)


def _pinned(part: Part) -> Part:
    return replace(part, why=f"pinned: {part.why}" if part.cut else "pinned") if part.pieces else part
