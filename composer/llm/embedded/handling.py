"""How well things and places go with what is done with them, by what the corpus does with which.

Whatever the corpus does with several kinds of things may be done with any; what it does with one may be done with its
kin. Weighs deeds before anything is told; knows no request.
"""

from __future__ import annotations

from composer.llm.embedded import grammar
from composer.llm.embedded.deeds import MEANS, SPOT, WHAT, WHERE, WORD, Deed, deeds
from composer.llm.embedded.figures import Figure
from composer.llm.embedded.store import Store
from composer.llm.embedded.tense import base_of_past
from composer.llm.embedded.things import HIGH, KINDS
from composer.llm.embedded.tokens import words

_ANY = words("""
    find ask give hide take steal keep look show return carry leave bring want see share refuse know hear agree come
    tell wait watch lose get about offer learn trust guard be try stay
    """)
"""Verbs that go with anything."""
_FREE = words("""
    wait call find tell ask teach work stop break learn follow sit climb watch wake leave return put hide listen visit
    """)
"""Verbs that are done without a thing as well."""
_SOLID = words("mend open read light ring play climb wear wrap know trust follow build")
"""Verbs that go with nothing that is poured or eaten."""
_INSIDE = frozenset(("in", "into", "inside", "on", "under", "of", "through", "and"))
_ALIEN, _RARER, _RARE, _USUAL, _KIN = 0.03, 0.02, 0.08, 0.5, 0.8


class Handling:
    """What the corpus does with which things."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._things: dict[str, set[str]] = {}
        for deed in deeds(store):
            if MEANS in deed.needs:
                for verb in _verbs(deed):
                    self._things.setdefault(verb, set()).update(store.fables[deed.fable].cast.things)

    def thing(self, deed: Deed, figure: Figure) -> float:
        """How well a thing goes with a deed: 0 to 1."""
        own = self._store.fables[deed.fable].cast.things
        kind = KINDS.get(figure.head, -2)
        if figure.head in own or kind in {KINDS.get(noun, -1) for noun in own}:
            return 1.0
        described = any(bit.sort == WHAT and " " in bit.text for bit in deed.rest)
        if figure.mass and (deed.verb in _SOLID or described):
            return _ALIEN
        fit = _ALIEN if _is_inside(deed) or (deed.subject[0].sort == WHAT and deed.verb not in ("be", "open")) else 1.0
        for verb in _verbs(deed):
            known = self._things.get(verb, set())
            if figure.head in known:
                continue
            if kind in {KINDS.get(noun, -1) for noun in known}:
                fit *= _KIN
            elif verb not in _ANY:
                fit *= _USUAL if len(known) > 3 else _RARE if len(known) > 1 else _RARER
        return fit

    def wants_thing(self, deed: Deed) -> bool:
        """Whether a deed that names no thing is done with one: "plays him to sleep"."""
        return MEANS not in deed.needs and deed.verb in self._things and deed.verb not in _ANY | _FREE

    def place(self, deed: Deed, figure: Figure) -> float:
        """How well a place goes with a deed: 0 to 1."""
        if SPOT not in deed.needs or figure.head in self._store.fables[deed.fable].cast.places:
            return 1.0
        if deed.verb == "climb":
            return 1.0 if figure.head in HIGH else _ALIEN
        if deed.verb == "lose" and deed.rest[0].sort == WHERE:
            return 1.0 if figure.way == "on" else _ALIEN
        if deed.verb == "sweep":
            return _USUAL if figure.way == "in" else _ALIEN
        return _RARE if deed.subject[-1].sort == WHERE else 0.9


def _is_inside(deed: Deed) -> bool:
    """Whether a deed takes its thing for a place or a material, "loses his way in it", or tells what it is like."""
    said = [bit.text for bit in deed.rest]
    if "that" in said[1:] and said[said.index("that") :][1:3] != ["is", "not"]:
        return True
    pairs = zip(deed.rest, deed.rest[1:], strict=False)
    return any(bit.ref == MEANS and bit.sort == WHAT and before.text in _INSIDE for before, bit in pairs)


def _verbs(deed: Deed) -> list[str]:
    """The verbs of a deed: its own, and those behind it in the infinitive or in the past."""
    found = [deed.verb]
    for before, bit in zip(deed.rest, deed.rest[1:], strict=False):
        if bit.sort != WORD:
            continue
        if (before.text in ("to", "and") or before.sort == WHAT) and grammar.is_base(bit.text):
            found.append(bit.text)
        elif grammar.is_past(bit.text) and bit.text not in ("was", "were", "had"):
            found.append(base_of_past(bit.text))
    return found
