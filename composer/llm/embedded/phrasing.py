"""The wordings of a clause in an outline, as ways on: in the voice and with the marks that the lens wants, joined to
another or not.

A clause may have several: with a phrase of time or without, as this question or that, with one title or another.
Their shares are those of the clause, divided. Which clause comes is `plot`'s matter.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from composer.llm.embedded import titles
from composer.llm.embedded.brief import key
from composer.llm.embedded.deeds import SPOT, WHO, WORD, Deed, asides
from composer.llm.embedded.figures import PERSON, PLACE, THING, Company
from composer.llm.embedded.lensing import Shape
from composer.llm.embedded.stage import Option, State
from composer.llm.embedded.store import Store
from composer.llm.embedded.tokens import runs, words
from composer.llm.embedded.voicing import QUESTIONS, UNBOUND, Binding, Said, asked, ordered, pieces_of, told

CONTRAST = words("refuse lose steal break hide leave stop drop throw")
"""Verbs that a turn is told with."""
TURN = (0.6, 0.11)
"""Where in an outline the turn is, and how exactly: 0 to 1."""
_LASTING = words("wait watch listen work guard stay sit stand sleep play")
"""Verbs of what goes on until something else happens."""
_ASIDE = (0.1, 0.07)
"""The share of a clause with a phrase of time behind it, and before it."""
_NEAR = 0.4
"""How far from its place in its fable such a phrase may stand."""
_FULL = 3
"""Plain words behind a verb from which on a clause has enough."""
_BUT = 0.3
"""The share of a turn that begins with "But"."""
_AGAIN = 0.05
"""What is left of a way to begin that the last line had."""
_OTHERS = 0.12
"""What is left of a task that is for somebody else."""
_STEPS = (("First,",), ("Then,", "Next,", "After that,", "Now,"), ("At last,", "In the end,"))
"""How lines begin that are told as steps: the first, the others, the last."""
_ASKED = dict(zip(QUESTIONS, (1.0, 0.5, 0.35, 0.4, 0.25), strict=True))
"""How likely the ways are in which a question begins."""
_NO_HOW = words("be come leave return want refuse")
"""Verbs of which nobody asks how it is done."""
_TITLES = 3
"""Titles that a line may choose from."""

Changes = dict[str, Any]
"""What becomes other in a `State` by a clause: its fields, and as "aside" and "title" what was said with it."""


class Phrasing:
    """The wordings of clauses for one outline."""

    def __init__(self, store: Store, shape: Shape, behind: Callable[[State], list[Option]]) -> None:
        """`behind`: the ways on behind a clause."""
        self._store = store
        self._shape = shape
        self._behind = behind

    def way(self, state: State) -> float:
        """How far the story is in this line: 0 to 1, and 1 to 0 where it is told backwards."""
        way = min(1.0, (state.line - (state.clauses > 0)) / max(1, state.count - 1))
        return 1.0 - way if self._shape.backwards else way

    def options(
        self, state: State, deed: Deed, binding: Binding, share: float, changes: Changes, *, timed: bool = False
    ) -> Iterator[Option]:
        """The wordings of a clause at the head of a line or behind another; none if it was said already.

        `timed`: whether a phrase of time may stand with it.
        """
        company, speaking = state.world.company, state.speaking
        voice, joined = self._shape.voice, state.clauses > 0
        doer = doer_of(deed, binding)
        elided = state.clauses == 1 and 0 <= doer == state.doer and not state.hangs
        if voice == "asked":
            yield from self._questions(state, deed, binding, share, changes)
            return
        if voice == "ordered":
            task = ordered(company, speaking, deed, binding, elided=elided)
            mine = doer == speaking.hero
            if task is None or (joined and not mine) or (not joined and len(task.words) < 3):
                return
            said, share = task, share if mine else _OTHERS * share
        else:
            said = told(company, speaking, deed, binding, elided=elided)
        if joined:
            for joint, part in self._joints(state, deed, elided=elided):
                yield from self.headed(state, _with(said, joint), share * part, deed, binding, changes)
            return
        aside = self._aside(state, deed) if timed else ()
        if aside:
            behind, before = _ASIDE[0], _ASIDE[1] if voice == "told" and not self._shape.steps else 0.0
            so = {**changes, "aside": " ".join(aside)}
            yield from self.headed(state, _with(said, (), aside), share * behind, deed, binding, so)
            if before:
                yield from self.headed(state, _with(said, (*aside, ",")), share * before, deed, binding, so)
            share *= 1.0 - behind - before
        yield from self.headed(state, said, share, deed, binding, changes)

    def _questions(
        self, state: State, deed: Deed, binding: Binding, share: float, changes: Changes
    ) -> Iterator[Option]:
        for how in QUESTIONS:
            if how != "how" or deed.verb not in _NO_HOW:
                part = share * _ASKED[how] * (_AGAIN if how == state.led else 1.0)
                question = asked(state.world.company, state.speaking, deed, binding, how)
                yield from self.headed(state, question, part, deed, binding, {**changes, "led": how})

    def _aside(self, state: State, deed: Deed) -> tuple[str, ...]:
        """A phrase that tells when something happens and may stand with a clause here; none for one that has enough."""
        full = sum(bit.sort == WORD for bit in deed.rest) > _FULL or SPOT in deed.needs
        if full or deed.fable < 0 or deed.is_timed or deed.is_deep:
            return ()
        way = self.way(state)
        open_ones = [each for each, phase in asides(self._store) if abs(phase - way) < _NEAR]
        fresh = [each for each in open_ones if " ".join(each) not in state.said]
        return fresh[(deed.fable + 3 * state.line) % len(fresh)] if fresh else ()

    def _joints(self, state: State, deed: Deed, *, elided: bool) -> list[tuple[tuple[str, ...], float]]:
        """The words that may join a clause to the one before it, and their shares."""
        last = state.last.verb if state.last else ""
        if state.hangs:
            return [((), 1.0)]
        if elided:
            return [(("and",), 1.0)]
        if self._shape.voice == "told" and last in _LASTING and deed.verb not in (*_LASTING, "be", "refuse"):
            return [((",", "and"), 0.4), (("until",), 0.4), (("while",), 0.2)]
        if deed.verb in CONTRAST:
            return [((",", "and"), 0.6), ((",", "but"), 0.4)]
        return [((",", "and"), 1.0)]

    def headed(
        self,
        state: State,
        said: Said,
        share: float,
        deed: Deed | None,
        binding: Binding,
        changes: Changes,
        *,
        depth: int = 0,
    ) -> Iterator[Option]:
        """A wording with what a line begins with, in each of the ways that there are; none if it was said already.

        `depth`: how deep the line stands in the outline.
        """
        told_as = key(said.words)
        if told_as in state.said and "given" not in changes:
            return
        changes = {**changes, "key": told_as}

        def option(part: float, lead: str = "", *, low: bool = False, **more: str) -> Option:
            tokens = _tokens(state, said, lead, low=low)
            after = {**changes, **more}
            return Option(tokens, part, lambda: self._behind(_after(state, said, deed, binding, after)))

        shape, mark = self._shape, "  " * depth + _mark(self._shape, state.line + 1)
        if state.clauses:
            yield option(share)
        elif "title" in changes:
            yield option(share, f"{mark}{changes['title']}: ")
        elif shape.titled and not changes.get("titled"):
            found = self._titles(state, deed, binding)
            for title in found:
                yield option(share / len(found), f"{mark}{title}: ", title=title)
        elif shape.steps:
            for lead in _STEPS[0 if state.line == 0 else 2 if state.line >= state.count - 1 else 1]:
                yield option(share * (_AGAIN if lead == state.led else 1.0), f"{mark}{lead} ", low=True, led=lead)
        elif deed and shape.voice == "told" and said.words[1:2] != (",",) and self._turns(state, deed):
            yield option(_BUT * share, f"{mark}But ", low=True)
            yield option((1.0 - _BUT) * share, mark)
        else:
            yield option(share, mark)

    def _turns(self, state: State, deed: Deed) -> bool:
        """Whether a learned clause may be the turn."""
        return deed.fable >= 0 and deed.verb in CONTRAST and abs(self.way(state) - TURN[0]) < TURN[1]

    def _titles(self, state: State, deed: Deed | None, binding: Binding) -> list[str]:
        """A few titles for a line, by those who and what it tells of; by those who and what the story has, if there
        are no others."""
        world = state.world
        bound = bound_of(deed, binding, world.company)
        other = next((at for at in world.people if at != world.hero), -1)
        for figures in (bound, Binding(world.hero, other, world.things[0], world.places[0])):
            made = (titles.filled(form, world.company, figures) for form in titles.forms(self._store))
            found = [title for title in dict.fromkeys(made) if title and title not in state.titles]
            if found:
                first = zlib.crc32(repr((*bound, state.line)).encode())
                return list(dict.fromkeys(found[(first + 5 * step) % len(found)] for step in range(_TITLES)))
        return [f"Part {state.line + 1}"]


def doer_of(deed: Deed, binding: Binding) -> int:
    """Whoever does a deed, if that is one; -1 for nobody or several."""
    if deed.about != 1 or deed.subject[-1].sort != WHO or deed.subject[-1].text == "his":
        return -1
    return binding.doer if binding != UNBOUND else deed.subject[-1].ref


def bound_of(deed: Deed | None, binding: Binding, company: Company) -> Binding:
    """Who and what is in the roles of a clause; of a clause of the request as far as that can be told."""
    if binding != UNBOUND or deed is None:
        return binding
    refs = list(dict.fromkeys(bit.ref for bit in deed.bits if bit.ref >= 0))
    people, things, places = (
        [ref for ref in refs if company.figures[ref].kind == kind] for kind in (PERSON, THING, PLACE)
    )
    pairs = ((people, 0), (people, 1), (things, 0), (places, 0))
    return Binding(*(each[at] if len(each) > at else -1 for each, at in pairs))


def _with(said: Said, before: tuple[str, ...] = (), behind: tuple[str, ...] = ()) -> Said:
    return said._replace(words=(*before, *said.words, *behind))


def _mark(shape: Shape, number: int) -> str:
    """What a line begins with, by the shape."""
    return {"": "", "box": "- [ ] ", "bullet": "- ", "number": f"{number}. ", "scene": f"Scene {number}: "}[shape.mark]


def _tokens(state: State, said: Said, lead: str, *, low: bool) -> tuple[str, ...]:
    """The tokens of a wording behind what a line begins with; `low`: without a capital."""
    first, *others = pieces_of(said.words)
    if state.clauses:
        return (first if first == "," or state.hangs else f" {first}", *others)
    first = first if low else first[:1].upper() + first[1:]
    if not lead.strip():
        return (lead + first, *others)
    return (*runs(lead.rstrip()), f" {first}", *others)


def _after(state: State, said: Said, deed: Deed | None, binding: Binding, changes: Changes) -> State:
    """Where the outline is behind a clause."""
    changes = dict(changes)
    scene, verbs, means = state.scene, state.verbs, binding.means
    if deed:
        bound = bound_of(deed, binding, state.world.company)
        needs = deed.needs if binding != UNBOUND else frozenset(role for role, at in enumerate(bound) if at >= 0)
        scene = scene.after(replace(deed, needs=needs), bound)
        verbs, means = (*verbs, deed.verb), bound.means
    said_so = {changes.pop("key"), changes.pop("aside", "")}
    title = changes.pop("title", "")
    changes.pop("titled", None)
    return replace(
        state,
        line=state.line + (state.clauses == 0),
        speaking=said.after,
        scene=scene.met(said.after.told),
        verbs=verbs,
        said=state.said | said_so,
        clauses=state.clauses + 1,
        words=state.words + len(said.words),
        last=deed,
        doer=doer_of(deed, binding) if deed else -1,
        means=means if means >= 0 else state.means,
        titles=state.titles | {title} if title else state.titles,
        hangs=False,
        **changes,
    )
