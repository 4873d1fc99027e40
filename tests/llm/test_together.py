"""Requests that are the same but for the seed, asked for as one: each its own stream, and none worse off than alone."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from composer.session.ports import Waiting
from tests.llm.fault_server import (
    Answer,
    Exchange,
    Handler,
    Notes,
    against,
    answer,
    chunk,
    fails,
    raw_chunk,
    raw_request,
    request,
    streams,
)

TOGETHER: dict[str, Any] = {"together": True}


def of(index: int, text: str, reason: str | None = None) -> dict[str, Any]:
    event = chunk({"content": text} if text else {}, reason)
    event["choices"][0]["index"] = index
    return event


def several(*texts: str) -> Handler:
    """A server that gives as many answers as it is asked for, a word of each in turn."""

    async def handler(exchange: Exchange) -> None:
        count = exchange.body.get("n", 1)
        await exchange.head()
        for text in texts:
            for index in range(count):
                await exchange.event(of(index, f"{text}{index} "))
        for index in range(count):
            await exchange.event(of(index, "", "stop"))
        await exchange.end(None, {"prompt_tokens": 9, "completion_tokens": 30})

    return handler


async def all_of(endpoint: Any, *asked: Any) -> list[Answer]:
    return await asyncio.gather(*(answer(endpoint, each) for each in asked))


async def test_a_round_of_seeds_is_one_request() -> None:
    async with against(several("once", "more"), **TOGETHER) as (server, endpoint):
        got = await all_of(endpoint, *(request(seed=seed) for seed in (3, 4, 5)))
        (exchange,) = server.seen
        assert exchange.body["n"] == 3
        assert "seed" not in exchange.body
    assert [each.text for each in got] == ["once0 more0 ", "once1 more1 ", "once2 more2 "]
    for each in got:
        assert each.closing is not None
        assert (each.closing.finish_reason, each.closing.completion_tokens) == ("stop", None)
        assert each.dropped == {"seed": "asked together with others"}


async def test_what_differs_in_more_than_the_seed_is_asked_for_apart() -> None:
    asked = [request(0.2, seed=1), request(0.4, seed=2), request(0.2, seed=3), request(0.2, seed=3, model="other")]
    async with against(several("x"), **TOGETHER) as (server, endpoint):
        got = await all_of(endpoint, *asked)
        sent = sorted((each.body.get("n", 1), each.body["temperature"], each.body["model"]) for each in server.seen)
    assert sent == [(1, 0.2, "other"), (1, 0.4, "m"), (2, 0.2, "m")]
    assert [each.text for each in got] == ["x0 ", "x0 ", "x1 ", "x0 "]
    assert [each.dropped.get("seed", "") != "" for each in got] == [True, False, True, False]


async def test_what_is_asked_for_later_is_asked_for_apart() -> None:
    async with against(several("x"), **TOGETHER) as (server, endpoint):
        for seed in (1, 2):
            assert (await answer(endpoint, request(seed=seed))).dropped == {}
        assert [exchange.body["seed"] for exchange in server.seen] == [1, 2]


async def test_without_the_setting_all_are_asked_for_apart() -> None:
    async with against(several("x")) as (server, endpoint):
        await all_of(endpoint, request(seed=1), request(seed=2))
        assert len(server.seen) == 2


async def test_those_that_a_server_leaves_out_are_asked_for_singly() -> None:
    notes = Notes()
    async with against(streams("x"), memory=notes, **TOGETHER) as (server, endpoint):
        got = await all_of(endpoint, *(request(seed=seed) for seed in (3, 4, 5)))
        assert [each.text for each in got] == ["x", "x", "x"]
        assert [each.body.get("n") for each in server.seen] == [3, None, None]
        assert sorted(each.body["seed"] for each in server.seen[1:]) == [4, 5]
        assert [each.dropped for each in got] == [{"seed": "asked together with others"}, {}, {}]
        await all_of(endpoint, request(seed=6), request(seed=7))
        assert [each.body.get("n") for each in server.seen[3:]] == [None, None]
    assert notes.learned == [("test", "m", "refused", "n")]


async def test_a_server_that_refuses_several_is_asked_for_each() -> None:
    async def handler(exchange: Exchange) -> None:
        if "n" in exchange.body:
            return await exchange.json(400, {"error": {"message": "Only one completion choice is allowed"}})
        await streams(str(exchange.body.get("seed", "none")))(exchange)

    async with against(handler, **TOGETHER) as (server, endpoint):
        got = await all_of(endpoint, *(request(seed=seed) for seed in (3, 4)))
        assert [each.text for each in got] == ["none", "4"]
        assert len(server.seen) == 3


async def test_a_whole_answer_in_json_holds_them_all() -> None:
    choices = [{"index": at, "message": {"content": f"x{at}"}, "finish_reason": "stop"} for at in (1, 0)]
    async with against(lambda exchange: exchange.json(200, {"choices": choices}), **TOGETHER) as (_server, endpoint):
        got = await all_of(endpoint, request(seed=3), request(seed=4))
    assert [each.text for each in got] == ["x0", "x1"]


async def test_raw_text_is_asked_for_together_too() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        for index in range(exchange.body.get("n", 1)):
            await exchange.event(raw_chunk(f"x{index}", "stop", index))
        await exchange.end(None)

    async with against(handler, **TOGETHER) as (server, endpoint):
        got = await all_of(endpoint, raw_request(), raw_request())
        assert len(server.seen) == 1
    assert [each.text for each in got] == ["x0", "x1"]


async def test_answers_that_nobody_asked_for_and_a_count_from_one_do_no_harm() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        for index in (1, 2, 9):
            await exchange.event(of(index, f"x{index}", "stop"))
        await exchange.end(None)

    async with against(handler, streams("alone"), **TOGETHER) as (server, endpoint):
        got = await all_of(endpoint, request(seed=3), request(seed=4))
        assert len(server.seen) == 2
    assert [each.text for each in got] == ["alone", "x1"]


async def test_what_the_prompt_cost_is_told_to_all() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 30}})
        for index in (0, 1):
            await exchange.event(of(index, "x", "stop"))
        await exchange.end(None)

    async with against(handler, **TOGETHER) as (_server, endpoint):
        got = await all_of(endpoint, request(), request())
    assert [each.closing and (each.closing.prompt_tokens, each.closing.completion_tokens) for each in got] == [
        (9, None),
        (9, None),
    ]


async def test_one_that_is_done_ends_before_the_others() -> None:
    go_on = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event(of(0, "short", "stop"))
        await exchange.event(of(1, "long"))
        await go_on.wait()
        await exchange.event(of(1, "er", "length"))
        await exchange.end(None)

    async with against(handler, **TOGETHER) as (_server, endpoint):
        first, second = (asyncio.create_task(answer(endpoint, request(seed=seed))) for seed in (1, 2))
        got = await first
        assert (got.text, second.done()) == ("short", False)
        go_on.set()
        got = await second
        assert (got.text, got.closing and got.closing.finish_reason) == ("longer", "length")


async def test_a_failure_is_told_to_all_that_are_not_done() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event(of(0, "done", "stop"))
        await exchange.event(of(1, "half"))
        exchange.cut()

    async with against(handler, **TOGETHER) as (_server, endpoint):
        done, half, none = await all_of(endpoint, *(request(seed=seed) for seed in (1, 2, 3)))
    assert (done.text, done.error, done.closing is not None) == ("done", None, True)
    assert (half.text, half.closing) == ("half", None)
    assert "broke while the model wrote" in str(half.error)
    assert "Press r" in str(half.error)
    assert (none.text, none.closing) == ("", None)
    assert "broke while the model wrote" in str(none.error)
    assert "Press r" not in str(none.error)


@pytest.mark.parametrize("handler", [fails(401), fails(500, "no")])
async def test_a_refusal_is_told_to_all(handler: Handler) -> None:
    async with against(handler, **TOGETHER) as (_server, endpoint):
        got = await all_of(endpoint, request(seed=1), request(seed=2))
    assert [each.text for each in got] == ["", ""]
    assert all(each.error is not None for each in got)


async def test_waiting_is_told_to_all() -> None:
    async with against(fails(429, retry_after="5"), several("x"), **TOGETHER) as (server, endpoint):
        got = await all_of(endpoint, request(seed=1), request(seed=2))
        assert len(server.seen) == 2
    for each in got:
        assert each.waits == [Waiting("the server asks to wait", 5.0), Waiting("")]


async def test_one_that_leaves_leaves_the_others_alone_and_the_last_closes() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        for index in (0, 1):
            await exchange.event(of(index, "x"))
        await go_on.wait()
        await exchange.event(of(1, "y"))
        await exchange.gone.wait()

    async def read(endpoint: Any, seed: int, texts: list[str]) -> None:
        async with aclosing(endpoint.stream(request(seed=seed))) as stream:
            async for each in stream:
                texts.append(each.text)
                begun.set()

    async with against(handler, **TOGETHER) as (server, endpoint):
        texts: tuple[list[str], list[str]] = ([], [])
        reading = [asyncio.create_task(read(endpoint, seed, texts[seed])) for seed in (0, 1)]
        await begun.wait()
        reading[0].cancel()
        await asyncio.gather(reading[0], return_exceptions=True)
        begun.clear()
        go_on.set()
        await begun.wait()
        assert (texts, server.seen[0].gone.is_set()) == ((["x"], ["x", "y"]), False)
        reading[1].cancel()
        await asyncio.gather(reading[1], return_exceptions=True)
        await server.seen[0].left()


async def test_those_that_leave_before_anything_is_sent_are_not_asked_for() -> None:
    async with against(several("x"), **TOGETHER) as (server, endpoint):
        reading = [asyncio.create_task(answer(endpoint, request(seed=seed))) for seed in (1, 2, 3)]
        reading[0].cancel()
        got = await asyncio.gather(*reading, return_exceptions=True)
        assert isinstance(got[0], asyncio.CancelledError)
        assert [each.text for each in got[1:] if isinstance(each, Answer)] == ["x0 ", "x1 "]
        assert [each.body["n"] for each in server.seen] == [2]


async def test_no_more_are_asked_for_together_than_at_once() -> None:
    async with against(several("x"), concurrency=2, **TOGETHER) as (server, endpoint):
        got = await all_of(endpoint, *(request(seed=seed) for seed in range(5)))
        assert [each.body.get("n", 1) for each in server.seen] == [2, 2, 1]
    assert [each.text for each in got] == ["x0 ", "x1 ", "x0 ", "x1 ", "x0 "]


async def test_closing_the_endpoint_ends_what_was_asked_for_together() -> None:
    begun = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        begun.set()
        await exchange.gone.wait()

    async with against(handler, **TOGETHER) as (server, endpoint):
        reading = [asyncio.create_task(answer(endpoint, request(seed=seed))) for seed in (1, 2)]
        await begun.wait()
        await endpoint.close()
        for got in await asyncio.gather(*reading):
            assert "connection was closed" in str(got.error)
        await server.seen[0].left()
