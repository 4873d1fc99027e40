"""What an endpoint learns of its server: models and windows when asked, and fields that are refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from composer.errors import EndpointError
from tests.llm.fault_server import (
    Exchange,
    Handler,
    Notes,
    against,
    answer,
    asking,
    fails,
    request,
    serving,
    streams,
)


def strict(*names: str, status: int = 400, words: str = "Unrecognized request argument supplied: {}") -> Handler:
    """A server that refuses one of these fields at a time."""

    async def handler(exchange: Exchange) -> None:
        for name in names:
            if name in exchange.body:
                return await exchange.json(status, {"error": {"message": words.format(name)}})
        await streams("Once")(exchange)

    return handler


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", 0.3), ("top_p", 0.9), ("top_k", 40), ("min_p", 0.1), ("stop", ["x"]), ("logit_bias", {"5": 1.0})],
)
async def test_a_refused_field_is_left_out_told_and_remembered(name: str, value: Any, status: int) -> None:
    notes = Notes()
    async with against(strict(name, status=status), memory=notes) as (server, endpoint):
        assert endpoint.takes("m", name)
        for _ in range(2):
            got = await answer(endpoint, request(**{name: value}))
            assert (got.text, got.dropped) == ("Once", {name: "the server refused it"})
        assert [name in exchange.body for exchange in server.seen] == [True, False, False]
        assert not endpoint.takes("m", name)
        assert endpoint.takes("other", name)
        await answer(endpoint, request(model="other", **{name: value}))
        assert name in server.seen[3].body
    assert notes.learned[0] == ("test", "m", "refused", name)


async def test_what_is_remembered_is_not_sent_again() -> None:
    notes = Notes(refused="top_k", limit="max_completion_tokens")
    async with against(streams("Once"), memory=notes) as (server, endpoint):
        got = await answer(endpoint, request(top_k=4))
        body = server.seen[0].body
    assert ("top_k" in body, body["max_completion_tokens"], "max_tokens" in body) == (False, 50, False)
    assert got.dropped == {"top_k": "the server refused it"}
    assert notes.learned == []


async def test_several_fields_are_refused_one_after_the_other() -> None:
    names = ("top_k", "min_p", "seed", "stream_options", "max_tokens")
    notes = Notes()
    async with against(strict(*names), memory=notes) as (server, endpoint):
        got = await answer(endpoint, request(seed=3, top_k=4, min_p=0.1))
        assert len(server.seen) == 6
        assert set(server.seen[-1].body) == {"model", "messages", "stream", "temperature", "max_completion_tokens"}
    assert set(got.dropped) == {"top_k", "min_p", "seed"}
    assert notes.learned == [
        ("test", "m", "refused", "min_p,seed,stream_options,top_k"),
        ("test", "m", "limit", "max_completion_tokens"),
    ]


async def test_a_server_that_refuses_whatever_is_left_is_asked_a_handful_of_times() -> None:
    seen = 0

    async def handler(exchange: Exchange) -> None:
        nonlocal seen
        seen += 1
        words = ", ".join(name for name in exchange.body if name not in ("model", "messages", "stream"))
        await exchange.json(400, {"error": {"message": f"Unsupported parameter: {words[: words.find(',')]}"}})

    wild = {f"field_{number}": number for number in range(30)}
    async with against(handler) as (_server, endpoint):
        got = await answer(endpoint, request(**wild))
    assert got.error is not None
    assert seen < 12


async def test_nothing_is_learned_of_a_request_that_fails_all_the_same() -> None:
    notes = Notes()
    async with against(fails(400, "Bad request"), memory=notes) as (_server, endpoint):
        assert (await answer(endpoint)).error is not None
    assert notes.learned == []


async def test_a_value_out_of_range_is_told_and_nothing_learned() -> None:
    told = "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead."
    notes = Notes()
    async with against(fails(400, told), memory=notes) as (server, endpoint):
        got = await answer(endpoint, request(1.7))
        assert len(server.seen) == 1
        assert endpoint.takes("m", "temperature")
    assert "decimal above maximum value" in str(got.error)
    assert notes.learned == []


async def test_what_a_server_is_known_not_to_take_is_never_sent() -> None:
    async with against(streams("Once"), kind="openai", model="o4-mini") as (server, endpoint):
        got = await answer(endpoint, request(0.4, model="o4-mini", top_k=4))
        body = server.seen[0].body
        assert not endpoint.takes("o4-mini", "temperature")
        assert endpoint.takes("gpt-4.1", "temperature")
    assert not {"temperature", "top_k", "max_tokens"} & set(body)
    assert body["max_completion_tokens"] == 50
    assert set(got.dropped) == {"temperature", "top_k"}


async def test_a_model_that_knows_no_system_is_told_otherwise() -> None:
    async def handler(exchange: Exchange) -> None:
        if exchange.body["messages"][0]["role"] == "system":
            return await exchange.json(400, {"error": {"message": "System role not supported"}})
        await streams("Once")(exchange)

    async with against(handler) as (server, endpoint):
        assert (await answer(endpoint)).text == "Once"
        assert server.seen[-1].body["messages"] == [{"role": "user", "content": "Write.\n\nGo on."}]


# models


async def test_the_models_are_listed_clean_and_not_without_end() -> None:
    async with against(streams("x"), model="b", window=0) as (server, endpoint):
        server.models = {"data": [{"id": "a\x1b[2J"}, {"id": "b", "context_length": 5000}, {"id": ""}, {"id": "a"}]}
        await endpoint.prepare()
        assert (endpoint.models, endpoint.window) == (("a[2J", "b", "a"), 5000)
        server.models = {"data": [{"id": f"m{number}"} for number in range(900)]}
        assert list(await endpoint.ask_models()) == [f"m{number}" for number in range(500)]
        assert (endpoint.model, endpoint.window) == ("b", 5000)


async def test_models_that_are_asked_for_in_vain_are_told_of() -> None:
    async with against(streams("x")) as (server, endpoint):
        with pytest.raises(EndpointError, match="There is nothing at") as caught:
            await endpoint.ask_models()
        assert caught.value.__context__ is None
        server.models = {"data": [{"id": "a"}]}
        assert list(await endpoint.ask_models()) == ["a"]
        server.models = None
        await endpoint.prepare()
        assert list(endpoint.models) == ["a"]


async def test_a_window_of_the_settings_is_left_alone() -> None:
    async with against(streams("x"), window=1234) as (server, endpoint):
        server.models = {"data": [{"id": "m", "max_model_len": 99}]}
        await endpoint.prepare()
        assert endpoint.window == 1234


async def test_models_are_asked_for_once_by_all_who_want_them_now() -> None:
    async with serving(streams("x")) as server, asking(server.base_url, model="") as endpoint:
        server.models = {"data": [{"id": "first"}]}
        got = await asyncio.gather(*(answer(endpoint, request(value, model="")) for value in (0.2, 0.4)))
        assert [each.text for each in got] == ["x", "x"]
        assert {exchange.body["model"] for exchange in server.seen} == {"first"}
