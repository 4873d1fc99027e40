"""How likely each change of a passage is where it stands, against leaving the words as they are.

Weighs what `rewording` and `joints` propose: by the kind of reply that is asked for, by how the corpus's counts
take the new wording between its neighbours (see `evidence`), and over a stretch of the passage together, so that a
short passage and a long one both get a few changes where they are most wanted and not many anywhere. Works a
stretch out when it is first asked about it. Draws nothing.
"""

from __future__ import annotations

import math
import re
from itertools import chain

from composer.llm.embedded.edits import Edit, Family
from composer.llm.embedded.evidence import Evidence
from composer.llm.embedded.joints import Joints
from composer.llm.embedded.passage import Passage
from composer.llm.embedded.prompt import Kind
from composer.llm.embedded.rewording import rewordings, turned_tag
from composer.llm.embedded.store import Store

_MANNER: dict[Kind, dict[Family, float]] = {
    "polish": {
        **{"join": 0.6, "split": 0.7, "link": 0.06, "name": 0.0, "tense": 0.4, "speech": 0.7},
        **{"cut": 0.0, "again": 0.4, "add": 0.0},
    },
    "smooth": {
        **{"join": 1.6, "link": 1.0, "tense": 2.0, "again": 1.4, "cut": 0.0, "add": 0.0},
        **{"plain": 0.2, "kin": 0.2, "drop": 0.2, "tighten": 0.2, "speech": 0.3},
    },
    "rework": {"link": 0.6, "name": 0.0, "kin": 1.3},
}
"""By kind of reply: how much each family counts, where that is not 1."""
_SPARSE: dict[Kind, float] = {"polish": 13.0, "smooth": 20.0, "rework": 8.0}
"""Words for each change that is expected at a temperature of one half, as far as there is something to change."""
_LEAST = 1.6
"""Changes that are expected so of even a short passage."""
_MOST = 1.1
"""The odds that no change exceeds, slips apart: the best are a little likelier than the passage as it is."""
_LEANINGS: tuple[tuple[str, dict[Family, float]], ...] = (
    (
        r"short|cut|trim|tight|brief|concise|terse|lean|less|fewer|simpl|plain",
        {"drop": 2.5, "plain": 2.0, "tighten": 2.0, "cut": 20.0, "link": 0.2, "add": 0.0},
    ),
    (r"long|expand|more|add|slow|detail|flesh|insert|new sentence", {"add": 8.0, "link": 1.5, "drop": 0.4, "cut": 0.0}),
    (r"speech|dialog|talk|spoken|colloquial|casual", {"speech": 3.0}),
    (r"rhythm|flow|smooth|join|connect", {"join": 2.0, "link": 2.0}),
    (r"choppy|staccato|split|shorter sentences", {"split": 4.0, "join": 0.0}),
    (r"past tense", {"tense": 3.0}),
)
"""Words of an instruction, and how much more or less each family counts for them."""
_BOUNDS = (0.1, 3.0)
"""How far the odds are raised or lowered to come near what is expected."""
_TRUST = 0.45
"""How much the counts of the corpus count."""
_RANKS = (1.0, 0.7, 0.45, 0.3)
"""What is left of the odds of the best, second, … change of one family in one place."""
ADDED = 0.06
"""The odds of a sentence of the model's own between two of the passage."""
_STRETCH = 90
"""Words of a stretch, at least, as far as the sentence goes that they end in."""


class Revision:
    """The changes of one passage; read by all replies to a request. Not for two threads at once."""

    def __init__(self, passage: Passage, store: Store, kind: Kind) -> None:
        self.passage = passage
        self._kind: Kind = kind
        self._manner = dict(_MANNER[kind])
        if kind == "rework":
            for words, leaning in _LEANINGS:
                if re.search(rf"\b(?:{words})", passage.request.prompt.instruction, re.IGNORECASE):
                    for family, share in leaning.items():
                        self._manner[family] = self._manner.get(family, 1.0) * share
        self._evidence = Evidence(store)
        self._joints = Joints(passage, store)
        self._known: dict[int, tuple[Edit, ...]] = {}
        self._odds: dict[Edit, float] = {}
        self._told = 0
        """Up to which word the changes are known."""

    def at(self, at: int) -> tuple[tuple[Edit, float], ...]:
        """The changes that begin in the place of a word, each with its odds against copying it."""
        while at >= self._told and self._told < len(self.passage):
            self._work_out()
        return tuple((edit, self._odds[edit]) for edit in self._known.get(at, ()))

    @property
    def addition(self) -> float:
        """The odds of a sentence of the model's own where one may begin."""
        return ADDED * self._manner.get("add", 1.0)

    def _work_out(self) -> None:
        """The next stretch."""
        passage, start = self.passage, self._told
        end = min(len(passage), start + _STRETCH)
        if end < len(passage):
            end = max(end, passage.sentence(end - 1).end)
        found: list[Edit] = []
        for at in range(start, end):
            tag = turned_tag(passage, at)
            for edit in chain(rewordings(passage, at), self._joints.at(at), (tag,) if tag else ()):
                found.append(edit)
        weighed = self._ranked([(edit, self._weighed(edit)) for edit in found])
        factor = self._factor([odds for edit, odds in weighed if not _is_slip(edit)], end - start)
        for edit, odds in weighed:
            self._odds[edit] = odds if _is_slip(edit) else min(_MOST, odds * factor)
            # A change may begin with the article before the stretch: then it is too late for it.
            if edit.at >= start:
                self._known[edit.at] = (*self._known.get(edit.at, ()), edit)
        self._told = end

    def _weighed(self, edit: Edit) -> float:
        """The odds by kind and by the counts."""
        if _is_slip(edit):
            return edit.odds
        passage = self.passage
        before, after = passage.before(edit.at), passage.following(edit.to)
        old = passage.slots(edit.at, edit.to)
        gain = self._evidence.fit(before, edit.slots, after) - self._evidence.fit(before, old, after)
        manner = self._manner.get(edit.family, 1.0)
        return edit.odds * manner * math.exp(_TRUST * max(-2.0, min(2.0, gain)))

    def _ranked(self, weighed: list[tuple[Edit, float]]) -> list[tuple[Edit, float]]:
        """The likeliest few of each family in each place, the lesser ones lowered."""
        groups: dict[tuple[int, Family], list[tuple[Edit, float]]] = {}
        for entry in weighed:
            groups.setdefault((entry[0].at, entry[0].family), []).append(entry)
        kept: list[tuple[Edit, float]] = []
        for group in groups.values():
            group.sort(key=lambda entry: -entry[1])
            kept += [(edit, odds * rank) for (edit, odds), rank in zip(group, _RANKS, strict=False)]
        return kept

    def _factor(self, odds: list[float], size: int) -> float:
        """What to multiply all odds by, so that about as many changes are expected as there should be."""
        wanted = max(_LEAST, size / _SPARSE[self._kind])
        low, high = _BOUNDS
        for _ in range(12):
            middle = math.sqrt(low * high)
            if sum(min(_MOST, each * middle) ** 2 for each in odds) < wanted:
                low = middle
            else:
                high = middle
        return math.sqrt(low * high)


def _is_slip(edit: Edit) -> bool:
    return edit.family == "mend"
