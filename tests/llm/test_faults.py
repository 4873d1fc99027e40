"""Every fault that a server can have, met by one candidate of a round: it is told, what came is kept, and the others go on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from composer.llm.patience import Patience
from composer.session.ports import Piece
from tests.llm.fault_server import (
    Exchange,
    Handler,
    against,
    answer,
    chunk,
    fails,
    raw_chunk,
    raw_request,
    request,
    sends,
    streams,
)

SHORT = 0.1
"""Seconds, where a real wait can't be avoided."""
HASTY = Patience(first=SHORT * 3, between=SHORT, whole=SHORT * 4, tail=SHORT, tries=1)
AGAIN = "Press r to go on from there"


def page(exchange: Exchange) -> Any:
    return exchange.whole(200, b"<html>Welcome</html>", {"content-type": "text/html"})


def filtered(exchange: Exchange) -> Any:
    told = {"message": "The response was filtered due to our content management policy", "code": "content_filter"}
    return exchange.json(400, {"error": told})


def flagged(exchange: Exchange) -> Any:
    return exchange.json(
        403, {"error": {"message": "Your chosen model requires moderation and your input was flagged"}}
    )


async def silent(exchange: Exchange) -> None:
    await exchange.gone.wait()


async def nothing(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.event(chunk({"role": "assistant"}))
    await exchange.gone.wait()


async def stall(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.say("Once")
    await exchange.gone.wait()


async def alive(exchange: Exchange, *events: Any) -> None:
    """Say something, then send these events for ever."""
    await exchange.head()
    await exchange.say("Once")
    while not exchange.gone.is_set():
        for event in events:
            await (exchange.raw(event) if isinstance(event, bytes) else exchange.event(event))
        await asyncio.sleep(SHORT / 10)


async def comments(exchange: Exchange) -> None:
    await alive(exchange, b": still here\n\n")


async def empties(exchange: Exchange) -> None:
    await alive(exchange, chunk({}), chunk({"content": ""}))


async def trickle(exchange: Exchange) -> None:
    await alive(exchange, chunk({"content": "."}))


async def musing(exchange: Exchange) -> None:
    await alive(exchange, chunk({"reasoning_content": "."}))


async def cut(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.say("Once")
    exchange.cut()


async def reset(exchange: Exchange) -> None:
    exchange.reset()


FAULTS: dict[str, tuple[Handler, str, str]] = {
    "401": (fails(401), "wants a key", ""),
    "402": (fails(402), "no credit left", ""),
    "quota": (fails(429, "You exceeded your current quota"), "no credit left", ""),
    "429": (fails(429, retry_after="900"), "asks to wait for 900 seconds", ""),
    "429 without a time": (fails(429), "asks to wait.", ""),
    "500": (fails(500), "trouble of its own (status 500)", ""),
    "503": (fails(503, "loading"), '"loading"', ""),
    "404": (fails(404, "model m not found"), "has no model m", ""),
    "torn down": (reset, "closed the connection without an answer", ""),
    "no answer": (silent, "has not begun to answer within 0.3 seconds", ""),
    "no first text": (nothing, "has not begun to answer within 0.3 seconds", ""),
    "a stall": (stall, "has sent nothing more for 0.1 seconds", AGAIN),
    "a stall between comments": (comments, "has sent nothing more for 0.1 seconds", AGAIN),
    "a stall between empty events": (empties, "has sent nothing more for 0.1 seconds", AGAIN),
    "a trickle": (trickle, "has been writing for 0.4 seconds and is not done", AGAIN),
    "endless thoughts": (musing, "has been writing for 0.4 seconds and is not done", AGAIN),
    "cut": (cut, "broke while the model wrote", AGAIN),
    "a malformed event": (sends(chunk({"content": "Once"}), '{"choices": ['), "broken JSON", AGAIN),
    "bytes": (sends(chunk({"content": "Once"}), b'data: {"a": "\xff"}\n\n'), "no text", AGAIN),
    "a page": (page, "a web page", ""),
    "an error inside": (sends(chunk({"content": "Once"}), {"error": {"message": "on fire"}}), '"on fire"', AGAIN),
    "an error at once": (sends({"error": {"message": "on fire"}}), '"on fire"', ""),
    "no credit inside": (sends(chunk({"content": "Once"}), {"error": {"code": 402}}), "no credit left", AGAIN),
    "a filter": (filtered, "turns the request down for what it says", ""),
    "moderation": (flagged, "turns the request down for what it says", ""),
    "a filter inside": (
        sends(chunk({"content": "Once"}), {"error": {"code": "content_filter", "message": "filtered"}}),
        "turns the request down",
        AGAIN,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_one_candidates_alone(fault: str) -> None:
    handler, sentence, step = FAULTS[fault]

    async def serve(exchange: Exchange) -> None:
        temperature = exchange.body["temperature"]
        await (handler if temperature == 0.6 else streams("All ", "well."))(exchange)

    async with against(serve, patience=HASTY) as (_server, endpoint):
        ladder = (0.2, 0.4, 0.6, 0.8, 1.0)
        got = await asyncio.gather(*(answer(endpoint, request(value)) for value in ladder))
    one = got.pop(2)
    assert sentence in str(one.error)
    assert one.closing is None
    # Only where text has come is there something to go on from.
    assert (AGAIN in str(one.error) or "press r" in str(one.error)) is (step == AGAIN) is one.text.startswith("Once")
    assert [(each.text, each.error) for each in got] == [("All well.", None)] * 4


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        ("a stall", "Press r to go on from there, or ask again."),
        ("no credit inside", "Then press r to go on from there."),
    ],
)
async def test_the_next_step_names_the_key_that_goes_on(fault: str, step: str) -> None:
    async with against(FAULTS[fault][0], patience=HASTY) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.error is not None
    assert got.error.next_step.endswith(step)


async def test_raw_text_meets_the_same_faults() -> None:
    async with against(sends(raw_chunk("Once"), '{"choices": ['), patience=HASTY) as (_server, endpoint):
        got = await answer(endpoint, raw_request())
    assert got.text == "Once"
    assert "broken JSON" in str(got.error)
    assert AGAIN in str(got.error)


async def test_thoughts_alone_are_nothing_to_go_on_from() -> None:
    async with against(sends(chunk({"reasoning": "Hm."}), '{"choices": ['), patience=HASTY) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.reasoning == "Hm."
    assert "Press r" not in str(got.error)


async def test_a_long_answer_that_ends_in_time_is_none_that_trickles() -> None:
    async def slow(exchange: Exchange) -> None:
        await exchange.head()
        for _ in range(6):
            await asyncio.sleep(SHORT / 2)
            await exchange.say("x")
        await exchange.end()

    patience = Patience(first=5.0, between=5.0, whole=5.0)
    async with against(slow, patience=patience) as (_server, endpoint):
        assert (await answer(endpoint)).text == "xxxxxx"


async def test_who_takes_long_over_a_piece_finds_the_server_no_slower() -> None:
    go_on = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("Once ")
        await go_on.wait()
        await exchange.say("more")
        await exchange.end()

    texts = []
    async with against(handler, patience=HASTY) as (_server, endpoint):
        async for each in endpoint.stream(request()):
            if isinstance(each, Piece):
                texts.append(each.text)
                await asyncio.sleep(SHORT * 1.5)
                asyncio.get_running_loop().call_later(SHORT / 5, go_on.set)
    assert texts == ["Once ", "more"]


# what is no fault


async def test_whole_json_in_place_of_a_stream_is_read() -> None:
    whole = {"choices": [{"message": {"content": "<think>Hm.</think>All at once."}, "finish_reason": "stop"}]}
    async with against(lambda exchange: exchange.json(200, whole)) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.reasoning, got.text, got.error) == ("Hm.", "All at once.", None)


async def test_an_answer_that_a_filter_ended_says_so() -> None:
    async with against(streams("Once", reason="content_filter")) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.text == "Once"
    assert got.closing is not None
    assert got.closing.finish_reason == "content_filter"


async def test_another_model_than_was_asked_for_is_told_as_it_was_served() -> None:
    async with against(streams("Once")) as (server, endpoint):
        got = await answer(endpoint, request(model="wished"))
        assert server.seen[0].body["model"] == "wished"
    assert got.closing is not None
    assert (got.closing.model, got.error) == ("served", None)


async def test_an_empty_answer_says_nothing_and_why() -> None:
    async with against(streams(reason="length")) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.pieces, got.error) == ([], None)
    assert got.closing is not None
    assert got.closing.finish_reason == "length"
