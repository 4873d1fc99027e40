"""Requests that are too long: every server's words are understood, and what they teach makes the next request shorter."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.config import EMBEDDED_PROFILE
from composer.context.wording import PER_MESSAGE
from composer.errors import ContextTooLong, EndpointError
from composer.llm.endpoints import make_endpoint
from composer.llm.overflows import Overflow, is_overflow, overflow
from composer.llm.tokens import ESTIMATE
from composer.llm.usage import BEYOND
from composer.session.ports import Request
from composer.story.candidate import Recipe
from tests.llm.fault_server import (
    Answer,
    Exchange,
    Handler,
    Notes,
    against,
    answer,
    chunk,
    request,
    sends,
    streams,
)
from tests.llm.test_chunks import JSON

LLAMA = {
    "code": 400,
    "message": "request (5351 tokens) exceeds the available context size (2560 tokens), try increasing it",
    "type": "exceed_context_size_error",
    "n_prompt_tokens": 5351,
    "n_ctx": 2560,
}
ANTHROPIC = {
    "type": "error",
    "error": {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"},
}
TOLD: dict[str, tuple[int, Any, int, int]] = {
    "OpenAI": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 2500 tokens. However, your messages resulted in 3200 "
                "tokens. Please reduce the length of the messages.",
                "type": "invalid_request_error",
                "param": "messages",
                "code": "context_length_exceeded",
            }
        },
        2500,
        3200,
    ),
    "OpenAI with the answer": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in "
                "the messages, 1000 in the completion). Please reduce the length of the messages or completion."
            }
        },
        4096,
        4000,
    ),
    "OpenAI without a size": (
        400,
        {
            "error": {
                "message": "Your input exceeds the context window of this model. Please adjust your input and try again.",
                "code": "context_length_exceeded",
            }
        },
        0,
        0,
    ),
    "OpenAI, beyond the minute": (
        429,
        {
            "error": {
                "message": "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 3000, Requested "
                "3300. The input or output tokens must be reduced in order to run successfully.",
                "code": "rate_limit_exceeded",
            }
        },
        3000,
        0,
    ),
    "Groq": (
        413,
        {
            "error": {
                "message": "Request too large for model `tale` in organization `o` service tier `on_demand` on tokens per "
                "minute (TPM): Limit 3000, Requested 7000, please reduce your message size and try again."
            }
        },
        3000,
        0,
    ),
    "OpenRouter": (
        400,
        {
            "error": {
                "message": "This endpoint's maximum context length is 3000 tokens. However, you requested about 5000 tokens "
                "(4000 of text input, 1000 in the output). Please reduce the length of either one, or use the "
                '"middle-out" transform to compress your prompt automatically.',
                "code": 400,
            }
        },
        3000,
        4000,
    ),
    "OpenRouter, in the words of another": (
        400,
        {
            "error": {
                "message": "Provider returned error",
                "code": 400,
                "metadata": {
                    "raw": json.dumps(ANTHROPIC)
                    .replace(">", "\\u003e")
                    .replace("210000", "2100")
                    .replace("200000", "2000")
                },
            }
        },
        2000,
        2100,
    ),
    "vLLM": (
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 2048 tokens. However, your request has 3000 input tokens. "
            "Please reduce the length of the input messages.",
            "code": 400,
        },
        2048,
        3000,
    ),
    "vLLM with the answer": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 3000 tokens. However, you requested 1000 output tokens and "
                "your prompt contains at least 2001 input tokens, for a total of at least 3001 tokens. "
                "(parameter=input_tokens, value=2001)",
                "code": 400,
            }
        },
        3000,
        2001,
    ),
    "vLLM, of the answer": (
        400,
        {
            "message": "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is "
            "3000 tokens and your request has 600 input tokens (5000 > 3000 - 600).",
        },
        3000,
        600,
    ),
    "vLLM, of the prompt": (
        400,
        {"message": "The decoder prompt (length 5000) is longer than the maximum model length of 3000."},
        3000,
        0,
    ),
    "llama.cpp": (400, {"error": LLAMA}, 2560, 5351),
    "llama.cpp, failing": (500, {"error": {**LLAMA, "code": 500}}, 2560, 5351),
    "llama.cpp of before": (
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size. try increasing the context size",
            }
        },
        0,
        0,
    ),
    "Ollama": (400, {"error": json.dumps({"error": LLAMA})}, 2560, 5351),
    "LM Studio": (
        400,
        {
            "error": "Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with "
            "context length of only 3000 tokens, which is not enough. Try to load the model with a larger context length, "
            "or provide a shorter input. Error Data: n/a, Additional Data: n/a"
        },
        3000,
        15857,
    ),
    "LM Studio without a size": (
        400,
        {"error": "The number of tokens to keep from the initial prompt is greater than the context length."},
        0,
        0,
    ),
    "LiteLLM": (
        400,
        {
            "error": {
                "message": "litellm.ContextWindowExceededError: litellm.BadRequestError: AnthropicException - b'"
                + json.dumps(ANTHROPIC).replace("210000", "2100").replace("200000", "2000")
                + "'. Received Model Group=tale",
                "code": "400",
            }
        },
        2000,
        2100,
    ),
    "LiteLLM with the answer": (
        400,
        {
            "error": {
                "message": "litellm.BadRequestError: AnthropicException - b'"
                '{"type":"error","error":{"message":"input length and `max_tokens` exceed context limit: 2417 + 640 > 3000, '
                "decrease input length or `max_tokens` and try again\"}}'"
            }
        },
        3000,
        2417,
    ),
    "Anthropic": (400, ANTHROPIC, 200_000, 210_000),
    "Gemini": (
        400,
        [
            {
                "error": {
                    "code": 400,
                    "message": "The input token count (4100) exceeds the maximum number of tokens allowed (3500).",
                }
            }
        ],
        3500,
        4100,
    ),
    "Mistral": (
        400,
        {
            "message": "Prompt contains 4000 tokens and 0 draft tokens, too large for model with 3276 maximum context length"
        },
        3276,
        4000,
    ),
    "TGI": (
        422,
        {
            "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 3097. Given: 5000 `inputs` tokens "
            "and 1000 `max_new_tokens`"
        },
        3097,
        0,
    ),
    "Cohere": (
        400,
        {"message": "too many tokens: total number of tokens in the prompt cannot exceed 3081 - received 4292."},
        3081,
        4292,
    ),
    "xAI": (
        400,
        {"error": "This model's maximum prompt length is 3072 but the request contains 4500 tokens."},
        3072,
        4500,
    ),
    "Copilot": (
        400,
        {"error": {"message": "prompt token count of 3801 exceeds the limit of 3800"}},
        3800,
        3801,
    ),
    "llama-cpp-python": (
        400,
        {"error": {"message": "Requested tokens (5120) exceed context window of 3096"}},
        3096,
        5120,
    ),
    "Fireworks": (
        400,
        {"error": {"message": "The prompt is too long: 10000, model maximum context length: 3191"}},
        3191,
        0,
    ),
    "Bedrock": (400, {"error": {"message": "Input is too long for requested model."}}, 0, 0),
    "a web server": (413, "<html><title>413 Request Entity Too Large</title></html>", 0, 0),
    "thousands with commas": (
        400,
        {"error": {"message": "This model's maximum context length is 3,000 tokens."}},
        3000,
        0,
    ),
}

OTHERS: list[tuple[int, Any]] = [
    (400, {"error": {"message": "max_tokens is too large: 5000. This model supports at most 4096 completion tokens."}}),
    (
        429,
        {"error": {"message": "Rate limit reached on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000."}},
    ),
    (429, {"error": {"message": "Too many requests"}}),
    (500, {"error": {"message": "on fire"}}),
    (503, {"error": {"message": "maximum context length is 4096"}}),
    (404, {"error": {"message": "maximum context length is 4096"}}),
    (
        400,
        {"error": {"message": "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3."}},
    ),
    (400, {"error": {"message": "logprobs must be <= 20"}}),
    (400, {"error": {"message": "n_ctx is no field"}}),
    (400, None),
]

LONG = "The lamp on the pier went out, and somebody laughed. " * 300
"""Some 4,200 tokens by estimate."""


def refuses(status: int, body: Any) -> Handler:
    async def handler(exchange: Exchange) -> None:
        if isinstance(body, str):
            await exchange.whole(status, body.encode(), {"content-type": "text/html"})
        else:
            await exchange.json(status, body)

    return handler


def long(model: str = "m", *, max_tokens: int = 400, text: str = LONG, **more: Any) -> Request:
    return Request((("system", "Write."), ("user", text)), Recipe("test", model, **more), max_tokens)


# words


@pytest.mark.parametrize("server", TOLD)
def test_every_servers_words_are_understood(server: str) -> None:
    status, body, window, sent = TOLD[server]
    assert is_overflow(status, body)
    assert overflow(body) == Overflow(window, sent)


@pytest.mark.parametrize(("status", "body"), OTHERS)
def test_other_words_are_not_taken_for_it(status: int, body: Any) -> None:
    assert not is_overflow(status, body)


@pytest.mark.parametrize("window", [0, -5, 255, 10**12])
def test_sizes_that_can_not_be_are_not_believed(window: int) -> None:
    assert overflow({"n_ctx": window, "message": "too long"}).window == 0
    assert overflow({"message": f"This model's maximum context length is {window} tokens."}).window == 0


@given(JSON, st.sampled_from([0, 400, 413, 429, 500]))
def test_whatever_an_error_holds_is_looked_through(value: Any, status: int) -> None:
    for body in (value, json.dumps(value), {"error": json.dumps({"error": json.dumps(value)})}):
        assert is_overflow(status, body) in (True, False)
        assert overflow(body).window >= 0


def test_endless_nesting_ends() -> None:
    body: Any = "maximum context length is 3000 tokens"
    for _ in range(500):
        body = {"error": [body]}
    assert overflow(body) == Overflow()
    assert not is_overflow(400, '{"a":' * 100_000)


# endpoints


@pytest.mark.parametrize("server", TOLD)
async def test_a_refusal_teaches_before_it_is_told(server: str) -> None:
    status, body, window, sent = TOLD[server]
    notes = Notes()
    async with against(refuses(status, body), window=0, memory=notes) as (fault, endpoint):
        fault.models = {"data": [{"id": "m", "context_length": 6000}]}
        await endpoint.ready("m", "")
        raw = ESTIMATE("Write.") + ESTIMATE(LONG) + 2 * PER_MESSAGE
        got = await answer(endpoint, long())
        assert isinstance(got.error, ContextTooLong)
        assert len(fault.seen) == 1
        learned = endpoint.window_of("m")
        told = endpoint.counter_of("m")(LONG)
    assert got.error.window == learned
    if 0 < window < 6000:
        assert learned == window
        assert notes.told["window"] == f"{window}/6000"
    elif not raw < sent < 8 * raw:
        assert learned == int((raw + 400) * 0.9)
    if raw < sent < 8 * raw:
        # What it was sent is what it should have been counted as.
        assert told >= min(sent / raw, 4) * ESTIMATE(LONG)
        assert notes.told["ratio"]
    assert "tokens from now on" in got.error.next_step


async def test_a_refusal_within_the_stream_teaches_too() -> None:
    for event in ({"error": LLAMA}, {"error": {"message": LLAMA["message"], "code": "context_length_exceeded"}}):
        async with against(sends(chunk({"role": "assistant"}), event), window=0) as (_fault, endpoint):
            got = await answer(endpoint, long())
            assert isinstance(got.error, ContextTooLong)
            assert got.error.window == endpoint.window_of("m") == endpoint.window == 2560
            assert endpoint.window_source("m") == "learned"


async def test_what_is_told_after_text_has_come_is_no_request_that_was_too_long() -> None:
    async with against(sends(chunk({"content": "Once"}), {"error": LLAMA}), window=0) as (_fault, endpoint):
        got = await answer(endpoint, long())
        assert got.text == "Once"
        assert not isinstance(got.error, ContextTooLong)
        assert "Press r" not in str(got.error) or got.text
        assert endpoint.window_of("m") == 4096


async def test_whole_json_that_holds_the_error_teaches() -> None:
    async with against(refuses(200, {"error": LLAMA}), window=0) as (_fault, endpoint):
        got = await answer(endpoint, long())
        assert isinstance(got.error, ContextTooLong)
        assert endpoint.window_of("m") == 2560


async def test_the_candidates_of_one_round_teach_once() -> None:
    nothing = {"error": {"message": "Your input exceeds the context window of this model."}}
    async with against(refuses(400, nothing), window=0) as (fault, endpoint):
        fault.models = {"data": [{"id": "m", "context_length": 9000}]}
        await endpoint.ready("m", "")
        got = await asyncio.gather(*(answer(endpoint, long()) for _ in range(5)))
        raw = ESTIMATE("Write.") + ESTIMATE(LONG) + 2 * PER_MESSAGE
        assert endpoint.window_of("m") == int((raw + 400) * 0.9)
        assert {each.error.window for each in got if isinstance(each.error, ContextTooLong)} == {
            endpoint.window_of("m")
        }
        # And another request, that was made as told, and is refused all the same, shrinks it once more.
        before = endpoint.window_of("m")
        await answer(endpoint, long(text=LONG[:12_000]))
        assert endpoint.window_of("m") < before


async def test_candidates_that_are_asked_for_together_are_told_each() -> None:
    async with against(refuses(400, {"error": LLAMA}), window=0, together=True, kind="vllm") as (fault, endpoint):
        got = await asyncio.gather(*(answer(endpoint, long(seed=seed)) for seed in (1, 2, 3)))
        assert len(fault.seen) == 1
        assert [type(each.error) for each in got] == [ContextTooLong] * 3
        assert [each.error.window for each in got if isinstance(each.error, ContextTooLong)] == [2560] * 3


async def test_a_size_above_what_is_believed_is_not_learned() -> None:
    body = {"error": {**LLAMA, "n_ctx": 60_000, "n_prompt_tokens": 0, "message": "exceeds the available context size"}}
    async with against(refuses(400, body), window=0) as (fault, endpoint):
        fault.models = {"data": [{"id": "m", "context_length": 9000}]}
        await endpoint.ready("m", "")
        got = await answer(endpoint, long())
        assert isinstance(got.error, ContextTooLong)
        assert 4000 < endpoint.window_of("m") < 9000


async def test_a_request_that_is_a_little_too_long_teaches_a_little() -> None:
    """A format that takes 40 tokens more than is reckoned with, in a request that fills the window."""
    raw = ESTIMATE("Write.") + ESTIMATE(LONG) + 2 * PER_MESSAGE
    most = 6000 - raw - 10
    body = {
        "error": {**LLAMA, "n_ctx": 6000, "n_prompt_tokens": raw + 40, "message": "exceeds the available context size"}
    }
    async with against(refuses(400, body), window=0, memory=Notes(ratio="1.1")) as (fault, endpoint):
        fault.models = {"data": [{"id": "m", "context_length": 6000}]}
        await endpoint.ready("m", "")
        got = await answer(endpoint, long(max_tokens=most))
        assert isinstance(got.error, ContextTooLong)
        assert endpoint.window_of("m") == 6000 - 30


def tells_window(window: int) -> Handler:
    return refuses(400, {"error": {"message": f"This model's maximum context length is {window} tokens."}})


async def test_a_refusal_that_tells_the_window_as_it_is_known_teaches_how_much_it_was_at_least() -> None:
    """It was more than the window leaves beside the answer: with a fifth more than that it is counted next, and the window stays."""
    notes = Notes()
    async with against(tells_window(9000), window=9000, memory=notes) as (_fault, endpoint):
        await endpoint.ready("m", "")
        raw = ESTIMATE("Write.") + ESTIMATE(LONG) + 2 * PER_MESSAGE
        assert raw < (9000 - 400) / 1.3
        got = await asyncio.gather(*(answer(endpoint, long()) for _ in range(3)))
        assert {each.error.window for each in got if isinstance(each.error, ContextTooLong)} == {9000}
        assert (endpoint.window_of("m"), endpoint.window_source("m")) == (9000, "settings")
        taught = endpoint.counter_of("m")(LONG) / ESTIMATE(LONG)
        assert taught == pytest.approx((9000 - 400) / raw / BEYOND, rel=0.01)
        assert set(notes.told) == {"ratio"}
        assert len(notes.learned) == 1
        # What is made by it is shorter, though the server has not told by how much it should be.
        room, text = 9000 - 400 - 2 * PER_MESSAGE, LONG
        while endpoint.counter_of("m")(text) + endpoint.counter_of("m")("Write.") > room:
            text = text[: len(text) * 99 // 100]
        assert len(text) < 0.85 * len(LONG)
        await answer(endpoint, long(text=text))
        assert endpoint.counter_of("m")(LONG) / ESTIMATE(LONG) > 1.1 * taught
        assert endpoint.window_of("m") == 9000


async def test_a_request_that_fills_the_window_is_taken_for_too_long_too() -> None:
    raw = ESTIMATE("Write.") + ESTIMATE(LONG) + 2 * PER_MESSAGE
    async with against(tells_window(6000), window=6000) as (_fault, endpoint):
        await endpoint.ready("m", "")
        await answer(endpoint, long(max_tokens=6000 - raw))
        assert endpoint.window_of("m") == 6000
        assert endpoint.counter_of("m")(LONG) >= ESTIMATE(LONG) / BEYOND


async def test_a_shorter_window_explains_a_refusal_unless_the_request_was_counted_as_one_that_fits_it() -> None:
    raw = ESTIMATE("Write.") + ESTIMATE(LONG) + 2 * PER_MESSAGE
    for window, fitted in ((raw + 300, False), (raw + 600, True)):
        async with against(tells_window(window), window=9000) as (_fault, endpoint):
            await endpoint.ready("m", "")
            await answer(endpoint, long())
            assert endpoint.window_of("m") == window
            assert (endpoint.counter_of("m")(LONG) > ESTIMATE(LONG)) is fitted


async def test_where_a_correction_changes_nothing_any_more_the_window_is_taken_as_shorter() -> None:
    raw = ESTIMATE("Write.") + ESTIMATE(LONG) + 2 * PER_MESSAGE
    for window, remembered in ((9000, "4.000"), (10 * raw, "")):
        notes = Notes(ratio=remembered)
        async with against(tells_window(window), window=window, memory=notes) as (_fault, endpoint):
            await endpoint.ready("m", "")
            await answer(endpoint, long())
            assert endpoint.window_of("m") < window
            assert set(notes.told) == {"window"}


async def test_a_window_in_the_settings_yields_to_a_refusal() -> None:
    async with against(refuses(400, {"error": LLAMA}), window=8000) as (_fault, endpoint):
        assert endpoint.window_source("m") == "settings"
        await answer(endpoint, long())
        assert (endpoint.window_of("m"), endpoint.window_source("m")) == (2560, "learned")


async def test_a_tiny_window_is_not_learned() -> None:
    nothing = {"error": {"message": "context length exceeded"}}
    async with against(refuses(400, nothing), window=0) as (_fault, endpoint):
        got = await answer(endpoint, request())
        assert isinstance(got.error, ContextTooLong)
        assert endpoint.window_of("m") == got.error.window == 4096


async def test_what_was_taught_shortens_the_next_request_and_it_is_taken() -> None:
    """A server that takes 2,000 of its own tokens, of which there are twice as many as estimated."""

    async def strict(exchange: Exchange) -> None:
        text = "".join(message["content"] for message in exchange.body["messages"])
        tokens = 2 * ESTIMATE(text)
        if tokens + exchange.body["max_tokens"] > 2000:
            told = f"maximum context length is 2000 tokens. However, your request has {tokens} input tokens."
            return await exchange.json(400, {"error": {"message": told}})
        await streams("Once", usage={"prompt_tokens": tokens, "completion_tokens": 1})(exchange)

    async def tries(endpoint: Any) -> Answer:
        room = endpoint.window_of("m") - 400 - 2 * PER_MESSAGE
        count, text = endpoint.counter_of("m"), LONG
        while count(text) > room:
            text = text[: len(text) * 9 // 10]
        return await answer(endpoint, long(text=text))

    async with against(strict, window=0) as (_fault, endpoint):
        await endpoint.ready("m", "")
        assert isinstance((await tries(endpoint)).error, ContextTooLong)
        second = await tries(endpoint)
        assert (second.text, second.error) == ("Once", None)


async def test_errors_hold_no_request(secret: str) -> None:
    async with against(refuses(400, {"error": {"message": f"{secret}: context length exceeded"}}), key=secret) as (
        _,
        endpoint,
    ):
        with pytest.raises(ContextTooLong) as raised:
            await anext(endpoint.stream(long()))
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None
    assert secret not in str(raised.value)


async def test_the_embedded_model_takes_what_it_says() -> None:
    endpoint = make_endpoint("embedded", EMBEDDED_PROFILE, {})
    try:
        got = await answer(endpoint, long(model="", text="Tell of the sea.", max_tokens=5))
        assert not isinstance(got.error, EndpointError)
    finally:
        await endpoint.close()
