"""The core's one truth: facts to N, and changes on the head's path at N, are the live story, at every N."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from composer.journal.entry import first_break
from composer.journal.journal import Journal
from composer.journal.replay import Reel
from tests.journal.machine import Life, by_hand


class Truth(Life):
    """At the end of each life all of it is folded again, in three ways."""

    def teardown(self) -> None:
        assert len(self.live) == len(self.entries) + 1
        assert first_break(self.entries) is None
        reel = Reel(self.entries)
        for at in range(len(self.entries) + 1):
            assert by_hand(self.entries[:at]) == self.live[at]
            assert reel.story(at) == self.live[at]
        again = Journal()
        again.read(self.entries)
        assert again.story == self.journal.story
        assert (again.seq, again.chain, again.tree.head) == (
            self.journal.seq,
            self.journal.chain,
            self.journal.tree.head,
        )
        assert again.tree.next == self.journal.tree.next


@pytest.mark.slow
def test_long_lives() -> None:
    """Many and long ones; `make test-slow` prints the seed, and takes it as SEED=…"""
    run_state_machine_as_test(Truth, settings=settings(settings.default, stateful_step_count=120, max_examples=600))


TestTruth = Truth.TestCase
TestTruth.settings = settings(stateful_step_count=50, max_examples=max(60, settings.default.max_examples))
