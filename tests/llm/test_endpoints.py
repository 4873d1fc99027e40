"""From a profile to an endpoint: windows, answers, and the embedded model through the same code."""

from __future__ import annotations

import pytest

from composer.config import EMBEDDED, EMBEDDED_PROFILE, EndpointProfile
from composer.llm.endpoints import EMBEDDED_MODEL, EMBEDDED_WINDOW, known_window, make_endpoint
from tests.llm.fault_server import answer, request


@pytest.mark.parametrize(
    ("profile", "window", "max_tokens"),
    [
        (EndpointProfile("http://a/v1", "x", window=2048), 2048, 512),
        (EndpointProfile("http://a/v1", "x"), 8192, 1024),
        (EndpointProfile("http://a/v1", "openai/GPT-4o-mini"), 128_000, 1024),
        (EndpointProfile("http://a/v1", "gpt-4"), 8192, 1024),
        (EndpointProfile("http://a/v1", "gpt-4.1-mini", max_tokens=99), 1_047_576, 99),
    ],
)
def test_windows_and_answers(profile: EndpointProfile, window: int, max_tokens: int) -> None:
    endpoint = make_endpoint("a", profile, {})
    assert (endpoint.window, endpoint.max_tokens) == (window, max_tokens)


def test_an_unknown_model_has_no_known_window() -> None:
    assert known_window("llama3.2") == 0


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


async def test_a_model_that_the_embedded_one_is_not_is_told() -> None:
    endpoint = make_endpoint(EMBEDDED, EMBEDDED_PROFILE, {})
    try:
        got = await answer(endpoint, request(model="gpt-4o", max_tokens=5))
    finally:
        await endpoint.close()
    assert got.error is None or "gpt-4o" in str(got.error)
