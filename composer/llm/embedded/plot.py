"""What may come next in an outline: the lines and clauses that are open at each place, with their probabilities.

A line is a clause of the request, a line of the outline that is given, or a clause learned from the corpus with the
request's people, things and places in it; another clause may be joined to it. Which one comes depends on how far the
outline is (clauses come from the beginnings, middles and ends of fables), on what was told so far, on what follows
what in the fables, on the words of the request, and on the lens. Made once for a request and read by all replies to
it; draws nothing (see `outlining`).

Limits: it knows what a few verbs do to things, and no more; two clauses that go with what was told need not go well
together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product

from composer.llm.embedded import grammar
from composer.llm.embedded.brief import MOST_PARTS, Brief, key, says
from composer.llm.embedded.cast import NAMED
from composer.llm.embedded.deeds import DOER, MEANS, OTHER, SPOT, WHO, WORD, Bit, Deed, deeds
from composer.llm.embedded.handling import Handling
from composer.llm.embedded.phrasing import CONTRAST, TURN, Changes, Phrasing
from composer.llm.embedded.premise import Kernel
from composer.llm.embedded.request import Request
from composer.llm.embedded.stage import Option, State, scaled
from composer.llm.embedded.store import Store
from composer.llm.embedded.synopsis import ENDED
from composer.llm.embedded.tokens import article_is_an, runs, words
from composer.llm.embedded.troupe import World, is_handy, worlds
from composer.llm.embedded.voicing import UNBOUND, Binding, Said, Speaking

FEWEST, MOST = 5, 9
"""Lines of an outline."""
LEAST_PARTS = 3
"""Lines of a beat that is divided, or those of several clauses, at least."""
_KEPT, _JOINED = 40, 24
"""Learned clauses that are thought of at one place at most: at the head of a line, and behind another."""
_TIMED = 8
"""Of those, how many may have a phrase of time."""
_KNOWN = 700
"""Fillings of learned clauses that are thought of in an outline at most."""
_LEAST = 1e-3
"""The weight that such a filling has at least."""

_TASTE = 0.7
"""How much requests differ in what they like, all else being equal."""
_SMALL = 0.3
"""What a clause of a paragraph counts against one of a beat, where no beat is divided."""
_RARITY, _RARE, _RARE_VERB = 3.1, 0.5, 0.6
"""The rarity from which on a word is its fable's own, and what is left of a clause for each such word, and for its
verb."""
_STRANGE = 0.04
"""What is left of a clause for each noun of its fable alone."""
_TOPIC, _NAMED = 2.0, 2.0
"""How much more those clauses count whose fable has the request's words, and those whose verb is one."""
_SUBJECTS = (0.3, 1.0, 0.4)
"""What a clause counts that nobody does, that one does, and that two do."""
_HERO, _GIVEN, _ADDED, _OTHER = 1.0, 0.75, 0.5, 0.25
"""What a clause counts by who does it: the hero, others of the request, others, and anybody else than whom the lens
puts there."""
_SECOND, _UNHANDY = 0.5, 0.1
"""What a clause counts with another thing or place than the first, and with a thing that nobody knows what to do
with."""
_WORSE = words("lose steal break refuse leave hide drop throw stop sink blame cheat lock burn")
_TILT = 5.0
"""How much more those count where the worst is to be told."""

_STEEP = 3.2
"""How fast a clause loses with the distance from where it stands in its fable."""
_AGAIN, _OFTEN = 0.1, 2
"""What is left of a clause each time its verb was used, and how often it may be."""
_UNFIT = 0.02
"""What is left of a clause that takes for told what was not."""
_CHAINED, _CHAIN = 1.2, 3
"""How much more a clause counts for each verb told that stands before it in its fable, and for how many."""
_CLOSING, _TURNING, _STALE, _SAME = 2.0, 2.5, 0.1, 0.6
"""What a fable's last clause counts at the end, and a turn in its place; what is known as new, and the same doer once
more."""
_WANTED, _UNWANTED, _LATE = 2.0, 0.25, 0.3
"""What a clause counts with a thing or place of the request that is new, without its new people at first, and with
strangers late."""

_PARTNER, _FOLLOWER, _OPENER = 10.0, 0.5, 0.35
"""What a clause counts behind one that it follows in a fable, if it follows another there, and if it follows none."""
_ELSEWHERE, _THERE, _BACK = 0.2, 0.15, 0.05
"""What is left of it with another thing, with a place that the line has, and if it only undoes what was told."""
_ROOM, _LONG = 24, 1.6
"""Words that a line has at most, and how many times as many where it is to be long."""
_MORE = ((4, 0.9), (6, 0.75), (9, 0.55), (13, 0.3), (_ROOM, 0.1))
"""The chance of another clause behind fewer words than these."""
_MORE_LONG = (0.92, 0.35, 0.0)
"""The same where a line is to be long, behind so many clauses."""
_EARLY, _SOON, _EAGER = 0.75, 0.45, 0.1
"""How much what the purpose says first presses in the first line, and later; and what it says last before its time."""
_BEFORE = 0.6
"""How much less the given lines press in the first line, where the purpose says something."""
_TOGETHER = 0.75
"""How much the next clause of a beat presses behind another."""
_DONE, _ENOUGH = 0.85, 0.12
"""The chance of the end where all is told, and a line before that."""

_TITLE = 6
"""Words of a title that is given, at most."""
_TITLED = re.compile(r"[A-Z0-9][^.?!:]{0,58}: \S")
"""How a line begins that has a title already."""
_OPEN = re.compile(r"(?:,|\b(?:and|but|while|until|then|so))\s*$")
"""What a line breaks off in that another clause is to follow."""
_MARKED = re.compile(
    r"^\s*(?:- \[.?\] ?|[-*•] |\d+[.)] |Scene \d+: |(?:First|Then|Next|After that|Now|At last|In the end), |"
    r"(?:[A-Z][\w']* ?){1,6}: )+"
)
"""What a line may begin with that is not what it says."""


@dataclass(frozen=True, slots=True)
class Part:
    """A learned clause with its roles filled, and how welcome it is anywhere."""

    deed: Deed
    binding: Binding
    weight: float
    person: bool
    """Whether somebody does it."""
    fresh: bool
    """Whether it brings a thing that nobody spoke of."""


class Plot:
    """All that may be told; see the file."""

    def __init__(self, store: Store, request: Request) -> None:
        self._store = store
        self.brief = brief = Brief(store, request)
        self.shape = brief.shape
        self._phrasing = Phrasing(store, brief.shape, self._behind)
        self._handling = Handling(store)
        order = sorted(range(len(store.fables)), key=lambda fable: (-brief.near[fable], fable))
        taste = [math.exp(brief.chance.gauss(0.0, _TASTE)) for _ in deeds(store)]
        self.worlds = worlds(store, brief.company, brief.shape, order, brief.chance)
        self._parts = {world: self._filled(world, taste) for world in self.worlds}

    # Where to begin

    def begins(self, limit: int = 1 << 30) -> list[Option]:
        """The ways into an outline, which have no tokens; `limit`: tokens that it may have."""
        return self._behind_lines((), self.brief.planned(limit), lambda state: lambda: self._lines(state))

    def resumed(self, lines: Sequence[str], limit: int = 1 << 30) -> list[Option]:
        """The ways on behind lines in other words than its own, in the same form."""
        return self._behind_lines(lines, self._at_least(lines, limit), lambda state: lambda: self._lines(state))

    def broken(self, lines: Sequence[str], begun: str, limit: int = 1 << 30) -> list[Option]:
        """The same behind such lines and the beginning of another one, which no way of its own leads to."""
        return self._behind_lines(lines, self._at_least(lines, limit), lambda state: lambda: self._within(state, begun))

    def _at_least(self, lines: Sequence[str], limit: int) -> int:
        return max(self.brief.planned(limit), min(len(lines) + 1, MOST))

    def _behind_lines(
        self, lines: Sequence[str], count: int, go_on: Callable[[State], Callable[[], list[Option]]]
    ) -> list[Option]:
        said = frozenset(key(kernel.text.split()) for kernel in self.brief.given)
        made: list[Option] = []
        for world in self.worlds:
            state = State(world, count, speaking=Speaking(hero=world.hero, roles=world.roles), said=said)
            for line in lines:
                state = self._read(state, line)
            made.append(Option((), world.share, go_on(state)))
        return made

    def _read(self, state: State, line: str) -> State:
        """Where an outline is behind a line in any words."""
        brief, company = self.brief, state.world.company
        kernel = brief.reader.line(_MARKED.sub("", line), company)
        told = [Kernel(kernel.text, None)]
        rest = range(state.given, len(brief.given))
        kernels = {at for at, each in enumerate(brief.kernels) if each.text and says(each, told)}
        symbols = kernel.text.split()
        named = {found[0] for at in range(len(symbols)) if (found := company.found(symbols, at))}
        named |= kernel.deed.needs if kernel.deed else frozenset()
        speaking = replace(state.speaking, told=state.speaking.told | named, near=())
        return replace(
            state,
            line=state.line + 1,
            given=next((at + 1 for at in rest if says(brief.given[at], told)), state.given),
            kernels=state.kernels | kernels,
            speaking=speaking,
            scene=state.scene.met(speaking.told),
            verbs=(*state.verbs, *([kernel.deed.verb] if kernel.deed else [])),
            said=state.said | {key(symbols)},
            last=kernel.deed or Deed((), "", ()),
        )

    def _within(self, before: State, begun: str) -> list[Option]:
        """The ways on from the middle of a line in other words."""
        if not _MARKED.sub("", f"{begun} ").strip():
            return self._lines(before)
        state = self._read(before, begun)
        if ENDED.search(begun.rstrip()):
            return self._ends(state)
        state = replace(state, clauses=1, words=len(begun.split()), hangs=bool(_OPEN.search(begun)))
        last = re.search(r"([a-z]+)\s*$", begun)
        return (self._named(state, last[1]) if last else []) or self._behind(state)

    def _named(self, state: State, before: str) -> list[Option]:
        """Somebody or something that a line may break off before; nothing behind a word that wants none."""
        world = state.world
        single = before in ("a", "an")
        bare = single or before in grammar.DETERMINERS
        if not bare and before not in grammar.PREPOSITIONS:
            return []
        made: list[Option] = []
        for group, share in ((world.things, 1.0), (world.places, 0.5), (world.people, 0.1)):
            for at in group:
                figure = world.company.figures[at]
                wrong = single and (figure.mass or article_is_an(figure.head) > (before == "an"))
                if not wrong and not (bare and figure.proper):
                    name = figure.head if bare or figure.proper else f"the {figure.head}"
                    name = f"old {name}" if before == "an" and not article_is_an(name) else name
                    made.append(Option(runs(f" {name}"), share, self._after_name(state, at)))
        return made

    def _after_name(self, state: State, figure: int) -> Callable[[], list[Option]]:
        speaking = state.speaking
        speaking = replace(speaking, told=speaking.told | {figure}, near=(*speaking.near, figure))
        return lambda: self._behind(replace(state, speaking=speaking))

    # What may be done

    def _filled(self, world: World, taste: Sequence[float]) -> list[Part]:
        """The learned clauses with all fillings of their roles, and their weights before anything is told."""
        figures, brief = world.company.figures, self.brief
        most = max(brief.near)
        found: list[Part] = []
        for number, deed in enumerate(deeds(self._store)):
            base = taste[number] * (1.0 + _TOPIC * brief.near[deed.fable] / most) * self._plainness(deed)
            if self._handling.wants_thing(deed):
                base *= self._handling.thing(deed, figures[world.things[0]])
            if base < _LEAST:
                continue
            pairs: list[tuple[int, ...]] = [(-1, -1)]
            if OTHER in deed.needs:
                pairs = list(permutations(world.people, 2))
            elif DOER in deed.needs:
                pairs = [(at, -1) for at in world.people]
            things = world.things if MEANS in deed.needs else (-1,)
            places = world.places if SPOT in deed.needs else (-1,)
            for (doer, other), means, spot in product(pairs, things, places):
                binding = Binding(doer, other, means, spot)
                weight = base * self._filling(world, deed, binding)
                if weight > _LEAST:
                    found.append(Part(deed, binding, weight, deed.about > 0, deed.is_fresh))
        found.sort(key=lambda part: -part.weight)
        return found[:_KNOWN]

    def _filling(self, world: World, deed: Deed, binding: Binding) -> float:
        """How well these go into the roles of a clause."""
        figures, (doer, _, means, spot) = world.company.figures, binding
        weight = 1.0
        if doer >= 0 and doer != world.hero:
            weight *= _OTHER if self.shape.other else _GIVEN if figures[doer].given else _ADDED
        if means >= 0:
            first = means == world.things[0]
            weight *= _HERO if first else _SECOND if is_handy(self._store, figures[means]) else _UNHANDY
            weight *= self._handling.thing(deed, figures[means])
        if spot >= 0:
            weight *= (1.0 if spot == world.places[0] else _SECOND) * self._handling.place(deed, figures[spot])
        return weight

    def _plainness(self, deed: Deed) -> float:
        """How well a clause may be told of others than its own cast, by its words."""
        about, shape = self.brief.about, self.shape
        plain = _STRANGE ** sum(stem not in about for stem in deed.strange)
        plain *= _RARE ** sum(self._is_rare(bit.text) for bit in deed.rest if bit.sort == WORD)
        plain *= _RARE_VERB if self._is_rare(deed.verb) else 1.0
        plain *= _NAMED if grammar.stem(deed.verb) in about else 1.0
        plain *= _SMALL if deed.small and not self.brief.divides else 1.0
        plain *= _TILT if shape.tilt == "worse" and deed.verb in _WORSE else 1.0
        return plain * _SUBJECTS[min(deed.about, 2)]

    def _is_rare(self, word: str) -> bool:
        """Whether few fables have a word, and the request has it not."""
        stem = grammar.stem(word)
        return word[0].isalpha() and self._store.rarity.get(stem, 0.0) > _RARITY and stem not in self.brief.about

    # Behind a line

    def _ends(self, state: State) -> list[Option]:
        """Behind a line: the end of the outline, or another line."""
        chance = self._end_chance(state)
        speaking = state.speaking.line()
        following = replace(state, clauses=0, words=0, last=None, means=-1, ended=False, speaking=speaking)
        return [Option((), chance), Option(("\n",), 1.0 - chance, lambda: self._lines(following))]

    def _end_chance(self, state: State) -> float:
        brief = self.brief
        if state.given < len(brief.given):
            return 0.0
        if state.line >= (MOST_PARTS if brief.divides else max(MOST, state.count)):
            return 1.0
        if self._late(state) and state.line <= state.count:
            return 0.0
        if state.line >= state.count:
            return _DONE
        least = LEAST_PARTS if brief.divides or self.shape.length == "long" else FEWEST
        if state.line < max(least, state.count - 1):
            return 0.0
        concluded = state.last is not None and state.last.fable < 0 and any(kernel.late for kernel in brief.kernels)
        return _DONE if concluded else _ENOUGH

    # Lines

    def _lines(self, state: State) -> list[Option]:
        """The lines that may begin here, with their first clause; the end, if there is nothing left to say."""
        brief = self.brief
        rest, room = len(brief.given) - state.given, state.count - state.line
        share = 0.0
        if rest:
            share = 1.0 if rest >= room else rest / room * (_BEFORE if not state.line and brief.kernels else 1.0)
            if brief.divides and state.given and rest < room:
                # What one sentence tells stays together more often than not.
                share = max(share, _TOGETHER)
        made: list[Option] = []
        if share > 0.0:
            made += scaled(self._given_line(state), share)
        if share < 1.0:
            kernels, urge = self._kernel_lines(state)
            made += scaled(kernels, (1.0 - share) * urge)
            if urge < 1.0:
                made += scaled(self._deed_lines(state, {}), (1.0 - share) * (1.0 - urge))
        return made or self._deed_lines(state, {}, anyhow=True) or [Option((), 1.0)]

    def _late(self, state: State) -> list[int]:
        """What of the purpose is still to come at the end."""
        late = not self.shape.backwards
        return [at for at, each in enumerate(self.brief.kernels) if each.late == late and at not in state.kernels]

    def _kernel_lines(self, state: State) -> tuple[list[Option], float]:
        """What the purpose says and may come now, and how much it presses."""
        late = self._late(state)
        early = [at for at in range(len(self.brief.kernels)) if at not in late and at not in state.kernels]
        left = state.count - state.line
        if self.shape.backwards:
            early, late = early[::-1], late[::-1]
        if early and left > len(late):
            return self._kernel_line(state, early[0]), _SOON if state.line else _EARLY
        if late and left <= len(late) + 1:
            return self._kernel_line(state, late[0]), 1.0 if left <= len(late) else _EAGER
        return [], 0.0

    def _kernel_line(self, state: State, number: int) -> list[Option]:
        kernel = self.brief.kernels[number]
        changes: Changes = {"kernels": state.kernels | {number}}
        if kernel.deed and kernel.deed.about and not kernel.asks:
            made = list(self._phrasing.options(state, kernel.deed, UNBOUND, 1.0, changes))
            return made or self._raw(state, kernel, changes)
        return list(self._reported(state, kernel, changes))

    def _reported(self, state: State, kernel: Kernel, changes: Changes) -> Iterator[Option]:
        """What the purpose claims or asks, in the mouth or mind of somebody."""
        people = state.world.people[:2]
        content = Bit(WORD, kernel.text if kernel.asks else f"that {kernel.text}")
        for doer in people:
            share = 1.0 if doer == state.world.hero else 0.3
            yield from self._phrasing.options(state, _report("learn", content), Binding(doer), share, changes)
            for other in (each for each in people if each != doer):
                for verb in ("tell", "ask") if kernel.asks else ("tell",):
                    report, binding = _report(verb, content, OTHER), Binding(doer, other)
                    yield from self._phrasing.options(state, report, binding, 0.4 * share, changes)

    def _given_line(self, state: State) -> list[Option]:
        """The next line of the outline that is given; as it is written, if nothing asks for another form."""
        kernel = self.brief.given[state.given]
        changes: Changes = {"given": state.given + 1}
        if kernel.deed and (self.shape.voice != "told" or state.speaking.roles or self.brief.divides):
            made = list(self._phrasing.options(state, kernel.deed, UNBOUND, 1.0, changes))
            if made:
                return made
        if self.shape.titled and not kernel.deed and len(kernel.text.split()) <= _TITLE and ":" not in kernel.text:
            made = self._deed_lines(state, {**changes, "title": kernel.text}, anyhow=True)
            if made:
                return made
        return self._raw(state, kernel, changes)

    def _raw(self, state: State, kernel: Kernel, changes: Changes) -> list[Option]:
        """A line as it is written."""
        deed, text = kernel.deed, kernel.text
        needs = deed.needs if deed else frozenset()
        speaking = replace(state.speaking, told=state.speaking.told | needs, near=tuple(sorted(needs)))
        said = ("why", _lowered(text)) if self.shape.voice == "asked" and not deed else (text,)
        changes = {**changes, "ended": ENDED.search(text) is not None, "titled": _TITLED.match(text) is not None}
        headed = self._phrasing.headed(state, Said(said, speaking), 1.0, deed, UNBOUND, changes, depth=kernel.depth)
        return list(headed)

    def _deed_lines(self, state: State, changes: Changes, *, anyhow: bool = False) -> list[Option]:
        """Lines that begin with a learned clause; `anyhow`: also with what was told too often."""
        way = self._phrasing.way(state)
        weighed = [
            (weight, part)
            for part in self._parts[state.world]
            if (weight := self._weight(state, part, way, anyhow=anyhow))
        ]
        weighed.sort(key=lambda entry: -entry[0])
        made: list[Option] = []
        for rank, (weight, part) in enumerate(weighed[:_KEPT]):
            made += self._phrasing.options(state, part.deed, part.binding, weight, changes, timed=rank < _TIMED)
        return made

    def _weight(self, state: State, part: Part, way: float, *, anyhow: bool = False) -> float:
        """How welcome a learned clause is now; `way`: how far the story is."""
        deed, binding, last = part.deed, part.binding, state.last
        if deed.leaning and not (last and last.verb == deed.partner and last.needs >= deed.partners):
            return 0.0
        if deed.takes_up and binding.means not in state.speaking.told:
            return 0.0
        times = state.verbs.count(deed.verb)
        if times > _OFTEN and not anyhow:
            return 0.0
        weight = part.weight * math.exp(-_STEEP * abs(way - deed.phase)) * _AGAIN**times
        if part.fresh and binding.means in state.speaking.told:
            weight *= _STALE
        if way >= 0.99 and deed.closing:
            weight *= _CLOSING
        if (deed.again and not times) or (deed.supposes and deed.supposes not in state.verbs):
            weight *= _UNFIT
        weight *= 1.0 + _CHAINED * min(_CHAIN, len(deed.before.intersection(state.verbs)))
        weight *= state.scene.fit(deed, binding)
        if deed.verb in CONTRAST and abs(way - TURN[0]) < TURN[1]:
            weight *= _TURNING
        if not state.clauses and binding.doer == state.doer:
            weight *= _SAME
        return weight * self._welcome(state, binding)

    def _welcome(self, state: State, binding: Binding) -> float:
        """How much those in a clause are wanted: the request's people at once, its things and places soon."""
        world, known = state.world, state.speaking.told
        figures = world.company.figures
        factor = 1.0
        if not known and figures[world.hero].given and world.hero not in (binding.doer, binding.other):
            return 0.0
        if state.line < LEAST_PARTS and any(figures[at].given and at not in known for at in world.people):
            factor *= 1.0 if any(at in binding and at not in known for at in world.people) else _UNWANTED
        for at in (binding.means, binding.spot):
            if at >= 0 and figures[at].given and at not in known:
                factor *= _WANTED
        for at in (binding.doer, binding.other):
            if at >= 0 and not figures[at].given and at not in known and state.line > LEAST_PARTS:
                factor *= _LATE
        return factor

    # Behind a clause

    def _behind(self, state: State) -> list[Option]:
        """Behind a clause: the end of the line, or another clause."""
        if state.ended:
            return self._ends(state)
        mark = "?" if self.shape.voice == "asked" else "."
        more = 1.0 if state.hangs else self._more(state)
        joined = scaled(self._joined(state), more) if more > 0.0 else []
        if joined and more == 1.0:
            return joined
        return [Option((mark,), 1.0 - more if joined else 1.0, lambda: self._ends(state)), *joined]

    def _more(self, state: State) -> float:
        """The chance of another clause."""
        last, long = state.last, self.shape.length == "long"
        if (
            last is None
            or last.is_deep
            or self.shape.voice == "asked"
            or state.words > (_LONG if long else 1.0) * _ROOM - 5
        ):
            return 0.0
        if long:
            return _MORE_LONG[min(state.clauses, len(_MORE_LONG)) - 1]
        if state.clauses > 1 or self.shape.length == "short":
            return 0.0
        if last.fable < 0:
            # What the request says stands alone.
            return 0.0
        return next(share for most, share in _MORE if state.words < most)

    def _joined(self, state: State) -> list[Option]:
        """The clauses that may be joined to the one before; where lines are long, the next line that is given."""
        if self.shape.length == "long" and state.given < len(self.brief.given) and not self.shape.titled:
            deed = self.brief.given[state.given].deed
            if deed and deed.about:
                return list(self._phrasing.options(state, deed, UNBOUND, 1.0, {"given": state.given + 1}))
        way = self._phrasing.way(state)
        weighed = [
            (bond * weight, part)
            for part in self._parts[state.world]
            if part.person and (bond := self._bond(state, part)) and (weight := self._weight(state, part, way))
        ]
        weighed.sort(key=lambda entry: -entry[0])
        made: list[Option] = []
        for weight, part in weighed[:_JOINED]:
            made += self._phrasing.options(state, part.deed, part.binding, weight, {})
        return made

    def _bond(self, state: State, part: Part) -> float:
        """How well a clause goes with the one before it in its line."""
        deed, binding, last = part.deed, part.binding, state.last
        partner = last is not None and last.fable >= 0 and deed.partner == last.verb
        bond = _PARTNER if partner else _FOLLOWER if deed.partner else _OPENER
        if MEANS in deed.needs and binding.means != state.means >= 0:
            bond *= 0.0 if partner else _ELSEWHERE
        if partner and DOER in deed.needs and deed.same != (binding.doer == state.doer):
            return 0.0
        if binding.spot >= 0 and binding.spot in state.speaking.near:
            bond *= _THERE
        if last is not None and last.verb == "leave" and deed.verb in ("return", "come"):
            bond *= _BACK
        return bond


def _report(verb: str, content: Bit, other: int = -1) -> Deed:
    """Somebody who learns something, or tells it to somebody."""
    rest = (Bit(WHO, NAMED, other), content) if other >= 0 else (content,)
    return Deed((Bit(WHO, NAMED, DOER),), verb, rest, needs=frozenset((DOER, other)) - {-1}, phase=1.0)


def _lowered(text: str) -> str:
    """A title as it stands behind another word."""
    return text[:1].lower() + text[1:] if text.split()[0] in ("The", "A", "An", "His", "Her", "Their") else text
