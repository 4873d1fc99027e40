"""Who has what, and where everybody is, as the lines of an outline go on; and how well a clause fits that.

Nobody gives away what somebody else has, nothing is found that is in somebody's hands, and nobody returns who was
never there. A few verbs are known; all others fit always. Draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from composer.llm.embedded.deeds import MEANS, OTHER, SPOT, WHERE, Deed
from composer.llm.embedded.tokens import words
from composer.llm.embedded.voicing import Binding

LOST = -2
"""In the place of whoever has a thing."""

_FINDING = words("find discover")
_TAKING = words("take steal catch buy fetch dig pull get win")
_MAKING = words("make build write")
_OWNING = words("keep carry light mend hide guard open wrap ring play")
_GIVING = words("give sell offer lend share pay show")
_LOSING = words("lose drop throw leave sink")
_HOLDING = words("mend open wrap keep guard carry light ring play read trust spend break return bring hide")
_WANTING = words("ask beg want borrow")
_WISHING, _HANDING = (
    words("want hope try wish need plan promise must"),
    words("give bring sell carry return send share"),
)
_MOVING = _FINDING | _TAKING | _MAKING | _OWNING | _GIVING | _LOSING | {"return", "bring", "break"}
_COMING = words("come climb go walk follow visit")
_WRONG, _POOR = 0.02, 0.3
"""How well a clause fits that contradicts what was told, and one that hardly goes with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """How things stand."""

    has: Mapping[int, int] = field(default_factory=dict)
    """Thing to who has it, or `LOST`."""
    owner: Mapping[int, int] = field(default_factory=dict)
    """Thing to who had it first."""
    where: Mapping[int, int] = field(default_factory=dict)
    """Person to place."""
    hidden: frozenset[int] = frozenset()
    """Things that whoever has them keeps out of sight."""
    broken: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    """People who went away."""
    seen: frozenset[int] = frozenset()
    """All who and what were there."""

    def fit(self, deed: Deed, binding: Binding) -> float:
        """How well a clause goes with all this: 1 for well, above for a clause that was waited for."""
        fit = 1.0
        if MEANS in deed.needs:
            fit *= self._fit_thing(deed, binding)
        if SPOT in deed.needs:
            fit *= self._fit_place(deed, binding)
        if deed.goes_back and MEANS not in deed.needs:
            fit *= 2.5 if binding.doer in self.gone else _WRONG if deed.verb != "bring" else _POOR
        if deed.verb == "find" and OTHER in deed.needs and MEANS not in deed.needs:
            fit *= 2.0 if binding.other in self.gone else _POOR if binding.other in self.seen else 1.0
        return fit

    def _fit_thing(self, deed: Deed, binding: Binding) -> float:
        doer, other, thing = binding.doer, binding.other, binding.means
        holder, first = self.has.get(thing, -1), self.owner.get(thing, -1)
        away = thing in self.hidden or holder == LOST
        verb = deed.verb
        if verb in _WANTING:
            return _WRONG if holder in (doer, LOST) else 1.5 if holder == other >= 0 else 1.0
        if verb in _FINDING:
            if away:
                return 2.5 if holder != doer else _WRONG
            return 1.0 if holder == -1 and thing not in self.seen else _WRONG
        if verb in _MAKING:
            return _WRONG if thing in self.seen else 1.0
        if verb in _TAKING:
            return _WRONG if doer in (holder, first) or holder == LOST else 1.2 if holder >= 0 else 0.7
        if deed.goes_back or verb == "return":
            return 2.0 if holder == doer and first not in (doer, -1) and not away else _WRONG
        if verb in _GIVING or verb in _LOSING:
            return _WRONG if away or holder not in (doer, -1) else 1.2 if holder == doer else 0.6
        if away:
            return _WRONG
        if verb == "mend":
            return 4.0 if thing in self.broken else 0.4
        if verb == "break" and thing in self.broken:
            return _WRONG
        return _POOR if verb in _HOLDING and holder not in (doer, -1) else 1.0

    def _fit_place(self, deed: Deed, binding: Binding) -> float:
        doer, place = binding.doer, binding.spot
        here = self.where.get(doer, -1)
        if deed.verb == "return":
            return 2.0 if doer in self.gone else 1.0 if doer in self.seen and here not in (place, -1) else _WRONG
        if deed.verb in _COMING:
            return _WRONG if here == place else 1.0
        if deed.verb == "leave":
            return 1.3 if here == place else 0.4 if here < 0 and doer not in self.gone else _WRONG
        if doer in self.gone:
            return _POOR
        return 1.2 if here == place else 1.0 if here < 0 else 0.7

    def after(self, deed: Deed, binding: Binding) -> Scene:
        """How things stand behind a clause."""
        doer, other, thing, place = binding
        has, owner, where = dict(self.has), dict(self.owner), dict(self.where)
        broken, hidden, gone = set(self.broken), set(self.hidden), set(self.gone)
        verb = deed.verb
        if thing >= 0 and MEANS in deed.needs and verb in _MOVING:
            hidden.discard(thing)
            if verb in _GIVING or (verb in ("return", "bring", "carry") and OTHER in deed.needs):
                owner.setdefault(thing, doer)
                has[thing] = other if other >= 0 else -1
            elif verb == "return":
                has[thing] = owner.get(thing, -1)
            elif verb in _LOSING:
                owner.setdefault(thing, doer)
                has[thing] = LOST
            else:
                mine = verb in _MAKING or verb in _OWNING or verb == "buy"
                owner.setdefault(thing, doer if mine else -1)
                has[thing] = doer
            if verb == "hide":
                hidden.add(thing)
            broken = broken | {thing} if verb == "break" else broken - {thing} if verb == "mend" else broken
        if thing >= 0 and verb in _WISHING and any(bit.text in _HANDING for bit in deed.rest):
            # Nobody wants to give away what is not there.
            owner.setdefault(thing, doer)
            has[thing] = doer
        if doer >= 0 and (place >= 0 or deed.goes_back):
            gone.discard(doer)
            where[doer] = place
            if verb == "leave" and deed.rest[:1] and deed.rest[0].sort == WHERE:
                gone.add(doer)
                where[doer] = -1
            elif deed.goes_away:
                gone.add(other if verb == "send" else doer)
                where[other if verb == "send" else doer] = -1
        seen = self.seen | {ref for ref in binding if ref >= 0}
        return replace(
            self,
            has=has,
            owner=owner,
            where=where,
            hidden=frozenset(hidden),
            broken=frozenset(broken),
            gone=frozenset(gone),
            seen=seen,
        )

    def met(self, figures: frozenset[int]) -> Scene:
        """The same with these figures there."""
        return replace(self, seen=self.seen | figures)
