"""Parts that are made of things: notes and exemplars. Some are pinned, some wanted, some left out by the writer.

The pinned go in first, as long as there is room at all; then the wanted, the best first, within the part's share. What goes in
stands in the order of the session. How near and how like they are is handed in.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from composer.context import wording
from composer.context.nearby import Nearby
from composer.context.parts import Count, Part
from composer.context.presets import Rule
from composer.story.candidate import Fate, ItemReceipt
from composer.story.shape import PartName, Shape
from composer.story.story import Exemplar, Note


class Thing(Struct, frozen=True):
    """A note or an exemplar. `rank` puts them in order, the least first; `why` tells why it goes in, or why it is not wanted."""

    id: str
    label: str
    text: str
    rank: tuple[float, int]
    why: str
    wanted: bool = True
    pinned: bool = False
    muted: bool = False


class Things(Struct, frozen=True):
    """A part of things under a heading, with `between` in front of each but the first."""

    name: PartName
    heading: str
    things: Sequence[Thing]
    between: str = ""
    beaten: str = ""
    """Why what is wanted is left out where others are better."""

    def fit(self, room: int, share: int, count: Count) -> Part:
        """The part within `room` tokens, of which `share` are for what is not pinned."""
        heading = count(self.heading)
        between = count(self.between) if self.between else 0
        sizes = [count(thing.text) for thing in self.things]
        order = sorted(range(len(self.things)), key=lambda at: (not self.things[at].pinned, self.things[at].rank))
        kept: set[int] = set()
        tokens = pinned = 0
        whys: dict[int, str] = {}
        for at in order:
            thing = self.things[at]
            if thing.muted or not (thing.pinned or thing.wanted):
                continue
            more = sizes[at] + (between if kept else heading)
            limit = room if thing.pinned else min(room, pinned + share)
            if tokens + more <= limit:
                kept.add(at)
                tokens += more
                pinned += more if thing.pinned else 0
            else:
                fits = heading + sizes[at] <= (room if thing.pinned else min(room, share))
                whys[at] = self.beaten if fits and self.beaten and kept and not thing.pinned else "no room"
        if not self.things:
            return Part(self.name)
        items = tuple(
            ItemReceipt(thing.label, sizes[at], *_became(thing, at in kept, whys.get(at, thing.why)), thing.id)
            for at, thing in enumerate(self.things)
        )
        pieces: list[str] = []
        for at in sorted(kept):
            if pieces and self.between:
                pieces.append(self.between)
            pieces += [] if pieces else [self.heading]
            pieces.append(self.things[at].text)
        cut = sum(each.tokens for each in items if each.fate != "kept")
        return Part(self.name, tuple(pieces), tokens, cut, self._why(kept), items)

    @property
    def has_pins(self) -> bool:
        """Whether one of its things is pinned."""
        return any(thing.pinned and not thing.muted for thing in self.things)

    def _why(self, kept: set[int]) -> str:
        things = self.things
        if all(thing.muted for thing in things):
            return "muted by you"
        wanted = [at for at, thing in enumerate(things) if (thing.wanted or thing.pinned) and not thing.muted]
        if not wanted:
            return next(thing.why for thing in things if not thing.muted)
        if not kept:
            return "no room"
        if len(kept) < len(wanted):
            return f"{len(kept)} of {len(wanted)}: no room for more"
        if all(things[at].pinned for at in kept):
            return "pinned"
        whys = dict.fromkeys("pinned" if things[at].pinned else things[at].why for at in sorted(kept))
        return " · ".join(whys)


def _became(thing: Thing, kept: bool, why: str) -> tuple[Fate, str]:
    """What became of a thing, and why; `why` is for what is not sent."""
    if thing.muted:
        return "muted", ""
    if kept:
        return "kept", "pinned" if thing.pinned else thing.why
    return "cut", why


def notes_of(notes: Sequence[Note], shape: Shape, near: Nearby, out: str) -> Things:
    """The notes: those that are pinned, and unless the amount has them `out`, those whose names are near, the nearest first."""
    made = []
    for at, note in enumerate(notes):
        text = _told(note)
        if not text:
            continue
        score = near.score(note.name, person=note.kind == "person")
        made.append(
            Thing(
                note.id,
                note.name or note.kind,
                text,
                (-score, at),
                out or ("named near" if score else "its name does not occur near"),
                wanted=bool(score) and not out,
                pinned=note.pinned or shape.is_pinned("notes", note.id),
                muted=shape.is_muted("notes", note.id),
            )
        )
    return Things("notes", f"{wording.NOTES}\n", made)


def exemplars_of(
    exemplars: Sequence[Exemplar], shape: Shape, rule: Rule, out: str, likeness: Sequence[float] = ()
) -> Things:
    """The exemplars, the likest first where it is known how like they are; `out` says why the amount has none of them."""
    order = sorted(range(len(exemplars)), key=lambda at: -likeness[at]) if likeness else range(len(exemplars))
    made: dict[int, Thing] = {}
    wanted = 0
    for rank, at in enumerate(order):
        each = exemplars[at]
        if not each.text.strip():
            continue
        named = f"exemplars:{each.id}"
        muted = shape.is_muted("exemplars", each.id) or (each.muted and named not in shape.pinned)
        pinned = shape.is_pinned("exemplars", each.id) and not muted
        goes = not out and (not rule.things or wanted < rule.things)
        wanted += goes and not muted and not pinned
        why = "all of it"
        if rule.things:
            why = f"{shape.amount}: the most like the beat" if goes else f"{shape.amount}: not the most like the beat"
        made[at] = Thing(each.id, each.name, f"{each.text.strip()}\n\n", (rank, 0), out or why, goes, pinned, muted)
    beaten = "older than what fits" if shape.strategy("exemplars") == "newest" else "lowest likeness"
    return Things("exemplars", f"{wording.EXEMPLARS}\n", [made[at] for at in sorted(made)], wording.BETWEEN, beaten)


def _told(note: Note) -> str:
    """A note as it is sent; empty if it says nothing."""
    name, text = note.name.strip(), note.text.strip()
    if not name and not text:
        return ""
    head = f"{name} ({note.kind})" if name else ""
    return f"{': '.join(each for each in (head, text) if each)}\n\n"
