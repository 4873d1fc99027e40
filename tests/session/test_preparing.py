"""Requests as they go out: counted once more, never over the window, and each part where its receipt says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from composer.errors import RefusedError
from composer.llm.tokens import TokenCounter, own_encoding
from composer.session.preparing import Prepared, prepared
from composer.story.candidate import Recipe
from tests.context.stories import Case, case
from tests.session.fakes import Few, Scripted

TEMPLATES = ("", "", "plain", "chatml")


class Counting(Scripted):
    """An endpoint that counts as a model does, all of its text at once."""

    exact = True

    def __init__(self) -> None:
        super().__init__()
        self.counter = TokenCounter(own_encoding())

    def counter_of(self, model: str) -> Callable[[str], int]:
        return self.counter

    def whole_of(self, model: str) -> Callable[[str], int]:
        return self.counter.whole


def requests(tried: Case, template: str, endpoint: Counting) -> list[Prepared]:
    """What is sent of a random story; nothing where it is refused."""
    endpoint.window, endpoint.max_tokens = tried.window, max(1, tried.reserve)
    recipe = Recipe(endpoint.name, endpoint.model, {"temperature": 0.5}, tried.wish.lens, 1, template)
    wish = replace(tried.wish, form="chat", suffix=False)
    try:
        return prepared(tried.story, wish, (recipe,), (tried.wish.shape,), Few(endpoint))
    except RefusedError:
        return []


def check(seed: int) -> None:
    endpoint = Counting()
    template = TEMPLATES[seed % len(TEMPLATES)]
    for ready in requests(case(seed), template, endpoint):
        receipt = ready.receipt
        sent = ["".join(pieces) for _, pieces in ready.texts]
        tokens = sum(map(endpoint.counter.whole, sent))
        assert tokens + receipt.reserve <= endpoint.window
        assert tokens <= receipt.tokens
        assert receipt.tokens + receipt.reserve <= receipt.budget == endpoint.window
        assert sum(part.tokens for part in receipt.parts) == receipt.tokens
        assert sum(len(message.pieces) for message in ready.messages) == len(ready.pieces)
        asked = [text for (role, _), text in zip(ready.texts, sent, strict=True) if role != "assistant"]
        assert [text for _, text in ready.requests[0].messages] == asked
        if not template:
            continue
        for part in receipt.parts:
            assert part.name == "template" or not part.kept or part.first < part.last, part


@given(st.integers(0, 1 << 62))
def test_what_goes_out_fits_as_it_is_counted_in_one_piece(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@given(st.integers(0, 1 << 62))
@settings(max_examples=10_000)
def test_nothing_that_goes_out_is_over_its_window_in_ten_thousand_random_stories(seed: int) -> None:
    check(seed)
