"""Who has what and where everybody is, as far as verbs tell."""

from __future__ import annotations

import pytest

from composer.llm.embedded.deeds import Deed, deeds
from composer.llm.embedded.scene import Scene
from composer.llm.embedded.store import load
from composer.llm.embedded.voicing import Binding

MARA, WOLF, LAMP, MILL = 0, 1, 2, 3


def deed(verb: str, needs: set[int], *said: str) -> Deed:
    """A clause of the corpus with this verb, these roles and these words."""
    return next(
        each for each in deeds(load())
        if each.verb == verb and each.needs == needs and set(said) <= {bit.text for bit in each.rest}
    )  # fmt: skip


def after(*told: tuple[str, set[int], int, int]) -> Scene:
    scene = Scene()
    for verb, needs, doer, other in told:
        scene = scene.after(deed(verb, needs), Binding(doer, other, LAMP, MILL))
    return scene


FINDS, HIDES, GIVES, ASKS = ("find", {0, 2, 3}), ("hide", {0, 2}), ("give", {0, 1, 2}), ("ask", {0, 1, 2})
STEALS, RETURNS, LOSES = ("steal", {0, 2}), ("return", {0, 2}), ("lose", {0, 2, 3})


@pytest.mark.parametrize(
    ("told", "next_one", "good"),
    [
        ([], FINDS, True),
        ([(*FINDS, MARA, WOLF)], FINDS, False),
        ([(*FINDS, MARA, WOLF)], HIDES, True),
        ([(*FINDS, WOLF, MARA)], GIVES, False),
        ([(*FINDS, MARA, WOLF)], GIVES, True),
        ([(*FINDS, MARA, WOLF)], ASKS, False),
        ([(*FINDS, WOLF, MARA)], ASKS, True),
        ([(*FINDS, WOLF, MARA)], STEALS, True),
        ([(*FINDS, MARA, WOLF)], STEALS, False),
        ([(*FINDS, WOLF, MARA), (*HIDES, WOLF, MARA)], FINDS, True),
        ([(*FINDS, MARA, WOLF), (*HIDES, MARA, WOLF)], FINDS, False),
        ([(*FINDS, MARA, WOLF), (*LOSES, MARA, WOLF)], GIVES, False),
        ([(*FINDS, WOLF, MARA), (*GIVES, WOLF, MARA)], GIVES, True),
        ([(*GIVES, WOLF, MARA)], RETURNS, True),
        ([(*FINDS, WOLF, MARA)], RETURNS, False),
    ],
)
def test_a_clause_fits_what_was_told(
    told: list[tuple[str, set[int], int, int]], next_one: tuple[str, set[int]], good: bool
) -> None:
    """Of Mara, who does the next thing."""
    fit = after(*told).fit(deed(*next_one), Binding(MARA, WOLF, LAMP, MILL))
    assert fit >= 0.4 if good else fit < 0.05


def test_nobody_returns_who_was_never_there() -> None:
    back = deed("return", {0, 3})
    nowhere, gone = Scene(), after(("leave", {0, 3}, MARA, WOLF))
    assert nowhere.fit(back, Binding(MARA, -1, -1, MILL)) < 0.05
    assert gone.fit(back, Binding(MARA, -1, -1, MILL)) > 1.0


def test_clauses_of_the_corpus_have_roles_and_no_names() -> None:
    known = deeds(load())
    assert len(known) > 300
    assert sum(each.small for each in known) > 50
    for each in known:
        assert each.about or each.subject
        assert all(0 <= bit.ref < 4 for bit in each.bits if bit.ref >= 0)
        assert not any(bit.text[:1].isupper() for bit in each.bits if bit.sort == "word"), each
        assert all(bit.text != "," for bit in each.bits)
