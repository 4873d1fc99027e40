"""What the writer chose for changes: against what they are shown, and which are left out."""

from __future__ import annotations

import pytest

from composer.story.actions.change import Rewrite, rewritten
from composer.story.candidate import Candidate, Recipe, RoundKind
from composer.story.spans import Span, Written
from composer.ui.widgets.changing import Changing
from tests.ui.test_surprise import round_of

ONE = Candidate("1.1", Recipe("local", "wren"), "She tipped the other half away.")


def rewrite() -> Rewrite:
    return rewritten(((Span("She poured the other half back.", Written()),),), ONE)


@pytest.mark.parametrize(("kind", "first"), [("polish", ""), ("smooth", ""), ("continue", None), ("rework", None)])
def test_polishes_are_shown_as_changes_until_asked_otherwise(kind: RoundKind, first: str | None) -> None:
    changing = Changing()
    asked = round_of(ONE, kind=kind)
    assert changing.against(asked, ONE) == first
    changing.show("1.1", "1.2")
    assert changing.against(asked, ONE) == "1.2"
    changing.show_plain("1.1")
    assert changing.against(asked, ONE) is None
    changing.show("1.1")
    assert changing.against(asked, ONE) == ""
    assert changing.against(None, ONE) == ""


def test_a_change_is_left_out_and_taken_again() -> None:
    changing, made = Changing(), rewrite()
    assert len(made.changes) == 2
    changing.turn("1.1", made, 1)
    assert changing.left_out("1.1", made) == {1}
    assert changing.left_out("1.2", made) == changing.left_out("1.1", None) == frozenset()
    changing.turn("1.1", made, 0)
    changing.turn("1.1", made, 1)
    assert changing.left_out("1.1", made) == {0}
