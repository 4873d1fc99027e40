"""From a profile to an endpoint: windows, answers, and the embedded model through the same code."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from composer.config import EMBEDDED, EMBEDDED_PROFILE, EndpointProfile
from composer.llm.endpoints import EMBEDDED_MODEL, make_endpoint
from composer.llm.windows import EMBEDDED_WINDOW
from tests.llm.fault_server import answer, request


@pytest.mark.parametrize(
    ("profile", "window", "max_tokens"),
    [
        (EndpointProfile("http://a/v1", "x", window=2048), 2048, 512),
        (EndpointProfile("http://a/v1", "x"), 4096, 1024),
        (EndpointProfile("http://a/v1", "openai/GPT-4o-mini"), 128_000, 1024),
        (EndpointProfile("http://a/v1", "gpt-4"), 8192, 1024),
        (EndpointProfile("http://a/v1", "gpt-4.1-mini", max_tokens=99), 1_047_576, 99),
    ],
)
def test_windows_and_answers(profile: EndpointProfile, window: int, max_tokens: int) -> None:
    endpoint = make_endpoint("a", profile, {})
    assert (endpoint.window, endpoint.max_tokens) == (window, max_tokens)


def test_a_profile_says_how_long_is_waited_and_how_many_are_written_at_once() -> None:
    endpoint = make_endpoint("a", EndpointProfile("http://a/v1", first_seconds=7, between_seconds=5, concurrency=3), {})
    assert (endpoint._patience.first, endpoint._patience.between) == (7, 5)
    assert endpoint._asking.turns.most == 3
    plain, embedded = make_endpoint("a", EndpointProfile("http://a/v1"), {}), make_endpoint("e", EMBEDDED_PROFILE, {})
    assert (plain._asking.turns.most, embedded._asking.turns.most) == (8, 16)


@pytest.mark.parametrize(
    ("profile", "kind"),
    [
        (EMBEDDED_PROFILE, "embedded"),
        (EndpointProfile("http://localhost:11434/v1"), "ollama"),
        (EndpointProfile("http://a/v1"), "other"),
        (EndpointProfile("http://a/v1", kind="vllm"), "vllm"),
    ],
)
def test_an_endpoint_knows_what_server_it_is(profile: EndpointProfile, kind: str) -> None:
    assert make_endpoint("a", profile, {}).kind == kind


def test_the_embedded_model_is_what_it_says_of_itself() -> None:
    from composer.llm.embedded import MODEL_ID, WINDOW

    assert (EMBEDDED_MODEL, EMBEDDED_WINDOW) == (MODEL_ID, WINDOW)
    endpoint = make_endpoint("whatever", EMBEDDED_PROFILE, {"OPENAI_API_KEY": "sk-not-for-it"})
    assert (endpoint.name, endpoint.model, endpoint.window) == (EMBEDDED, MODEL_ID, WINDOW)


async def test_the_embedded_model_writes_through_the_same_code() -> None:
    endpoint = make_endpoint(EMBEDDED, EMBEDDED_PROFILE, {})
    await endpoint.prepare()
    try:
        got = await answer(endpoint, request(0.4, seed=3, max_tokens=12, model=""))
        again = await answer(endpoint, request(0.4, seed=3, max_tokens=12, model=""))
    finally:
        await endpoint.close()
    assert got.error is None
    assert got.text
    assert got.text == again.text
    assert got.closing is not None
    assert got.closing.model == EMBEDDED_MODEL
    assert got.closing.finish_reason in ("stop", "length")
    assert got.closing.completion_tokens


async def test_the_embedded_model_lists_itself_and_tells_of_its_tokens() -> None:
    endpoint = make_endpoint(EMBEDDED, EMBEDDED_PROFILE, {})
    await endpoint.prepare()
    try:
        got = await answer(endpoint, request(0.4, seed=3, max_tokens=12, model=""))
    finally:
        await endpoint.close()
    assert endpoint.models == (EMBEDDED_MODEL,)
    tokens = [token for piece in got.pieces for token in piece.tokens]
    assert "".join(token.text for token in tokens).strip() == got.text.strip()
    assert all(token.logprob <= 0 for token in tokens)
    assert any(len(token.others) > 1 for token in tokens)


async def test_a_round_of_seeds_of_the_embedded_model_can_be_one_request() -> None:
    endpoint = make_endpoint(EMBEDDED, replace(EMBEDDED_PROFILE, together=True), {})
    try:
        asked = [request(1.0, seed=seed, max_tokens=30, model="") for seed in (1, 2, 3)]
        got = await asyncio.gather(*(answer(endpoint, each) for each in asked))
    finally:
        await endpoint.close()
    assert [each.error for each in got] == [None] * 3
    assert len({each.text for each in got}) == 3
    assert got[0].dropped == {"seed": "asked together with others"}


async def test_a_model_that_the_embedded_one_is_not_is_told() -> None:
    endpoint = make_endpoint(EMBEDDED, EMBEDDED_PROFILE, {})
    try:
        got = await answer(endpoint, request(model="gpt-4o", max_tokens=5))
    finally:
        await endpoint.close()
    assert got.error is None or "gpt-4o" in str(got.error)
