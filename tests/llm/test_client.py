"""The endpoint against a server with every fault: what arrives, what is said of it, and that no key gets through."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from typing import Any

import pytest

from composer.llm.patience import Patience
from composer.session.ports import Closing, Endpoint, Piece
from tests.llm.fault_server import (
    Exchange,
    Sleeps,
    against,
    answer,
    asking,
    chunk,
    fails,
    request,
    sends,
    serving,
    streams,
)

SHORT = 0.05
"""Seconds, where a real wait can't be avoided."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# a good answer


async def test_a_stream_arrives_as_pieces_and_one_closing() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    async with against(streams("Once ", "upon", " a time.", usage=usage)) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.error is None
    assert [piece.text for piece in got.pieces] == ["Once ", "upon", " a time."]
    assert got.closing == Closing("stop", "served", 7, 3)


async def test_an_endpoint_is_what_the_session_asks_for() -> None:
    async with asking("http://127.0.0.1:1/v1", model="gpt-4", window=900) as made:
        endpoint: Endpoint = made
        assert (endpoint.name, endpoint.model, endpoint.window, endpoint.max_tokens) == ("test", "gpt-4", 900, 225)
        assert endpoint.count("Once upon a time.") > 3


async def test_the_request_holds_the_recipe_over_the_settings() -> None:
    async with serving(streams("x")) as server:
        async with asking(server.base_url, sampling={"top_p": 0.9, "min_p": 0.1, "stream": 0}) as endpoint:
            await answer(endpoint, request(0.4, seed=5, min_p=0.2, model="other", n=4))
        body = server.seen[0].body
    assert body == {
        "model": "other",
        "messages": [{"role": "system", "content": "Write."}, {"role": "user", "content": "Go on."}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.4,
        "top_p": 0.9,
        "min_p": 0.2,
        "seed": 5,
        "max_tokens": 50,
    }


async def test_pieces_come_while_the_server_still_writes() -> None:
    first, go_on = asyncio.Event(), asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("Once")
        await go_on.wait()
        await exchange.say(" more")
        await exchange.end()

    async def read(endpoint: Any) -> list[Piece | Closing]:
        got = []
        async for each in endpoint.stream(request()):
            got.append(each)
            first.set()
        return got

    async with against(handler) as (_server, endpoint):
        reading = asyncio.create_task(read(endpoint))
        await first.wait()
        assert not reading.done()
        go_on.set()
        assert await reading == [Piece("Once"), Piece(" more"), Closing("stop", "served")]


async def test_five_at_once_share_one_client() -> None:
    arrived = asyncio.Semaphore(0)
    all_there = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        arrived.release()
        await all_there.wait()
        await streams(str(exchange.body["temperature"]))(exchange)

    async with against(handler) as (_server, endpoint):
        reading = [asyncio.create_task(answer(endpoint, request(value))) for value in (0.2, 0.4, 0.6, 0.8, 1.0)]
        for _ in reading:
            await arrived.acquire()
        all_there.set()
        assert [got.text for got in await asyncio.gather(*reading)] == ["0.2", "0.4", "0.6", "0.8", "1.0"]


async def test_reasoning_is_another_channel() -> None:
    events = [chunk({"reasoning_content": "Hm, "}), chunk({"reasoning": "well."}), chunk({"content": "Yes."}, "stop")]
    async with against(sends(*events)) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.reasoning, got.text) == ("Hm, well.", "Yes.")


async def test_odd_shapes_are_read_for_what_they_hold() -> None:
    odd = [
        {"choices": None},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{"delta": None}]},
        {"choices": [{}]},
        {"choices": "text"},
        {"choices": [{"index": "0", "delta": "a"}]},
        {"choices": [{"delta": {"content": [{"type": "text", "text": "b"}, {"type": "image"}, None, "c"]}}]},
        {"choices": [{"delta": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}]}}]},
        {"choices": [{"delta": {"content": 5, "tool_calls": [{}]}}]},
        {"choices": [{"delta": {"content": {"text": "d"}}}], "usage": "none"},
        {"choices": [{"message": {"content": "e"}}]},
        {"choices": [{"text": "f"}], "model": 3, "usage": {"prompt_tokens": "7", "completion_tokens": True}},
        {"choices": [{"delta": {"refusal": "g"}, "finish_reason": 0}]},
        {},
        b": a comment\n\n",
        b"event: ping\ndata: {}\n\n",
        chunk({"content": "h"}, "stop", usage={"prompt_tokens": 1}),
    ]
    async with against(sends(*odd)) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.error is None
    assert got.text == "abcdefgh"
    assert got.reasoning == "t"
    assert got.closing == Closing("stop", "served", 1, None)


@pytest.mark.parametrize("first", [0, 1, 7])
async def test_only_one_answer_is_read_where_one_was_asked_for(first: int) -> None:
    events = [chunk({"content": text}) for text in ("a", "x", "b")]
    for event, index in zip(events, (first, first + 1, first), strict=True):
        event["choices"][0]["index"] = index
    async with against(sends(*events)) as (_server, endpoint):
        assert (await answer(endpoint)).text == "ab"


@pytest.mark.parametrize("event", ["[1, 2]", "5", "null", '"text"', "true"])
async def test_events_that_are_no_objects_do_no_harm(event: str) -> None:
    async with against(sends(chunk({"content": "a"}), event, chunk({"content": "b"}, "stop"))) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.text in ("a", "ab")
    assert got.closing is not None or got.error is not None


async def test_a_whole_answer_in_json_is_one_piece() -> None:
    whole = {
        "model": "served",
        "choices": [{"message": {"content": "All at once.", "reasoning_content": "Hm."}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 4, "completion_tokens": 5},
    }
    async with against(lambda exchange: exchange.json(200, whole)) as (_server, endpoint):
        got = await answer(endpoint)
    assert [piece.text for piece in got.pieces] == ["Hm.", "All at once."]
    assert got.closing == Closing("length", "served", 4, 5)


async def test_an_empty_answer_is_no_error() -> None:
    async with against(streams()) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.pieces, got.error, got.closing) == ([], None, Closing("stop", "served"))


# ends that are not quite ends


async def test_an_end_without_a_reason_is_told_as_such() -> None:
    async with against(streams("Once", reason=None)) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.text, got.closing) == ("Once", Closing("", "served"))


async def test_an_end_of_file_alone_is_an_end_without_a_reason() -> None:
    async with against(sends(chunk({"content": "Once"}))) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.text, got.closing) == ("Once", Closing("", "served"))


async def test_a_body_that_ends_with_its_connection_is_an_end_without_a_reason() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.raw(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        await exchange.say("Once")
        exchange.cut()

    async with against(handler) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.text, got.closing) == ("Once", Closing("", "served"))


async def test_a_finish_without_done_is_an_end() -> None:
    async with against(sends(chunk({"content": "Once"}), chunk({}, "length"))) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.text, got.closing) == ("Once", Closing("length", "served"))


async def test_a_connection_cut_after_the_finish_is_an_end() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event(chunk({"content": "Once"}, "stop"))
        exchange.cut()

    async with against(handler) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.text, got.closing, got.error) == ("Once", Closing("stop", "served"), None)


@pytest.mark.parametrize("text", ["Once", ""])
async def test_a_server_that_never_closes_is_left_after_the_finish(text: str) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event(chunk({"content": text}, "stop"))
        await exchange.gone.wait()

    async with against(handler, patience=Patience(tail=SHORT)) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.text, got.closing, got.error) == (text, Closing("stop", "served"), None)


async def test_text_after_a_finish_is_kept_and_the_finish_forgotten() -> None:
    events = [chunk({"content": "a"}, "stop"), chunk({"content": "b"})]
    async with against(sends(*events)) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.text, got.closing) == ("ab", Closing("", "served"))


# faults while it writes


async def cut(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.say("Once")
    exchange.cut()


async def torn(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.say("Once")
    await asyncio.sleep(0)
    exchange.reset()


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (cut, "broke while the model wrote"),
        (sends(chunk({"content": "Once"}), '{"choices": ['), "broken JSON"),
        (sends(chunk({"content": "Once"}), b'data: {"choices": "\xff\xfe"}\n\n'), "no text"),
        (sends(chunk({"content": "Once"}), {"error": {"message": "the GPU is on fire"}}), '"the GPU is on fire"'),
        (sends(chunk({"content": "Once"}), {"error": "out of memory"}), "broke off with an error"),
        (sends(chunk({"content": "Once"}), {"error": {"code": 429, "message": "slow down"}}), "too many requests"),
        (sends(chunk({"content": "Once"}), {"error": {"code": "insufficient_quota"}}), "no credit"),
        (sends(chunk({"content": "Once"}), {"error": {"message": "exceeds the context size"}}), "too long for m"),
    ],
)
async def test_a_fault_while_it_writes_keeps_the_text_and_says_what_happened(handler: Any, sentence: str) -> None:
    async with against(handler) as (server, endpoint):
        got = await answer(endpoint)
    assert got.text == "Once"
    assert got.closing is None
    assert sentence in str(got.error)
    assert len(server.seen) == 1


async def test_a_connection_torn_down_is_told() -> None:
    async with against(torn) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.text in ("", "Once")
    assert "connection" in str(got.error)


async def test_json_without_end_is_an_error() -> None:
    async with against(sends('{"a":' + "[" * 200_000)) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.error is not None


async def test_a_stall_is_noticed_before_and_after_the_first_text() -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.gone.wait()

    async def opened(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event(chunk({"role": "assistant"}))
        await exchange.gone.wait()

    async def begun(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("Once")
        await exchange.gone.wait()

    async with serving(silent, opened, begun) as server:
        async with asking(server.base_url, patience=Patience(first=4 * SHORT, between=SHORT)) as endpoint:
            await endpoint.prepare()
            for _ in range(2):
                got = await answer(endpoint)
                assert got.text == ""
                assert "has not begun to answer within 0.2 seconds" in str(got.error)
            got = await answer(endpoint)
            assert got.text == "Once"
            assert "has sent nothing more for 0.05 seconds" in str(got.error)
        for exchange in server.seen:
            await exchange.left()


async def test_a_slow_stream_is_no_stall() -> None:
    async def trickle(exchange: Exchange) -> None:
        await exchange.head()
        for _ in range(8):
            await asyncio.sleep(SHORT / 2)
            await exchange.say("x")
        await exchange.end()

    async with against(trickle, patience=Patience(first=1.0, between=SHORT * 4)) as (_server, endpoint):
        assert (await answer(endpoint)).text == "xxxxxxxx"


# giving up


@pytest.mark.parametrize("how", ["cancel", "close"])
async def test_giving_up_closes_the_connection(how: str) -> None:
    begun = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("Once")
        await exchange.gone.wait()

    async with against(handler) as (server, endpoint):

        async def read() -> None:
            async with contextlib.aclosing(endpoint.stream(request())) as stream:
                async for _ in stream:
                    begun.set()
                    if how == "close":
                        return

        reading = asyncio.create_task(read())
        await begun.wait()
        if how == "cancel":
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
        else:
            await reading
        await server.seen[0].left()


async def test_giving_up_before_an_answer_closes_the_connection_too() -> None:
    asked = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        asked.set()
        await exchange.gone.wait()

    async with against(handler) as (server, endpoint):
        reading = asyncio.create_task(answer(endpoint))
        await asked.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await server.seen[0].left()


async def test_giving_up_one_leaves_the_others_and_the_loading_alone() -> None:
    async with against(streams("Once")) as (_server, endpoint):
        first, second = asyncio.create_task(answer(endpoint)), asyncio.create_task(answer(endpoint))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).text == "Once"
        with pytest.raises(asyncio.CancelledError):
            await first


# refusals before anything is written


@pytest.mark.parametrize(
    ("handler", "sentence", "step"),
    [
        (fails(401), "does not accept the key from the environment variable WRITERS_KEY", "WRITERS_KEY"),
        (fails(403, "not yours"), 'refuses the model m to this key: "not yours"', "another model"),
        (fails(404, "The model `m` does not exist"), "has no model m", "--model"),
        (fails(404, "Not Found"), "it was asked for m", "/v1"),
        (fails(402), "no credit left", "another endpoint"),
        (fails(429, "You exceeded your current quota"), "no credit left", "another endpoint"),
        (fails(429, retry_after="600"), "asks to wait for 600 seconds", "in 600 seconds"),
        (fails(400, "This model's maximum context length is 10 tokens"), "too long for m", "window"),
        (fails(413, "Payload"), 'too long for m: "Payload"', "window"),
        (fails(400, "temperature must be 1"), '"temperature must be 1"', "sampling"),
        (fails(501, "later"), 'trouble of its own (status 501): "later"', "Ask again"),
        (
            fails(301, location="https://u:p@other.example/v1?k=1"),
            "sends requests on to https://other.example/v1",
            "base_url",
        ),
    ],
)
async def test_a_refusal_is_a_sentence_and_a_next_step(handler: Any, sentence: str, step: str, secret: str) -> None:
    async with against(handler, key=secret) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.pieces == []
    assert sentence in got.error.sentence
    assert step in got.error.next_step


async def test_a_server_that_wants_a_key_is_told_apart_from_one_that_refuses_it() -> None:
    async with against(fails(401)) as (_server, endpoint):
        assert "wants a key" in str((await answer(endpoint)).error)


async def test_a_missing_key_names_its_variable_and_sends_nothing() -> None:
    from composer.config import EndpointProfile
    from composer.llm.endpoints import make_endpoint

    async with serving(streams("x")) as server:
        endpoint = make_endpoint("test", EndpointProfile(server.base_url, "m", "WRITERS_KEY"), {})
        got = await answer(endpoint)
        assert "WRITERS_KEY, which is not set" in str(got.error)
        assert server.seen == []


@pytest.mark.parametrize("key", ["sk-a b", "sk-\u00e9", "sk-a\nb"])
async def test_what_can_be_no_key_is_never_sent(key: str) -> None:
    async with against(streams("x"), key=key) as (server, endpoint):
        got = await answer(endpoint)
        assert "can't be a key" in str(got.error)
        assert server.seen == []


async def test_nobody_there_is_told_after_three_tries() -> None:
    sleeps = Sleeps()
    async with asking(f"http://127.0.0.1:{free_port()}/v1", sleep=sleeps) as endpoint:
        got = await answer(endpoint)
    assert "the connection was refused" in str(got.error)
    assert sleeps.asked == [0.5, 1.0]


async def test_an_unknown_name_is_told_at_once() -> None:
    sleeps = Sleeps()
    async with asking("http://no-such-host.invalid/v1", sleep=sleeps) as endpoint:
        got = await answer(endpoint)
    assert "The name no-such-host.invalid can't be found" in str(got.error)
    assert sleeps.asked == []


async def test_https_to_a_server_without_it_is_told_at_once() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    sleeps = Sleeps()
    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server, asking(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", sleep=sleeps) as endpoint:
        got = await answer(endpoint)
    assert "does not speak https" in str(got.error)
    assert sleeps.asked == []


async def test_a_connection_closed_before_the_answer_is_tried_again() -> None:
    async def close(exchange: Exchange) -> None:
        exchange.reset()

    async with against(close, streams("Once")) as (server, endpoint):
        assert (await answer(endpoint)).text == "Once"
    async with against(close) as (server, endpoint):
        got = await answer(endpoint)
        assert "closed the connection without an answer" in str(got.error)
        assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("handler", "waits"),
    [
        (fails(429, retry_after="7"), [7.0]),
        (fails(429, date="Mon, 02 Nov 2026 10:00:00 GMT", retry_after="Mon, 02 Nov 2026 10:00:09 GMT"), [9.0]),
        (fails(429, retry_after="soon"), [0.5]),
        (fails(503), [0.5]),
        (fails(408), [0.5]),
    ],
)
async def test_passing_trouble_is_waited_out_as_the_server_asks(handler: Any, waits: list[float]) -> None:
    sleeps = Sleeps()
    async with against(handler, streams("Once"), sleep=sleeps) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.text == "Once"
    assert sleeps.asked == waits


async def test_trouble_that_stays_is_told_after_three_tries() -> None:
    async with against(fails(503, "warming up")) as (server, endpoint):
        got = await answer(endpoint)
        assert 'trouble of its own (status 503): "warming up"' in str(got.error)
        assert len(server.seen) == 3


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
async def test_a_web_page_is_no_answer(kind: str) -> None:
    page = b"<!doctype html><title>Log in</title>"
    async with against(lambda exchange: exchange.whole(200, page, {"content-type": kind})) as (_server, endpoint):
        got = await answer(endpoint)
    assert "a web page" in str(got.error)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"error": {"message": "no GPU"}}', '"no GPU"'),
        (b'{"status": "ok"}', "without text"),
        (b"[]", "without text"),
        (b"{", "broken JSON"),
        (b'{"a": "\xff"}', "no text"),
    ],
)
async def test_json_that_is_no_answer_is_told(body: bytes, sentence: str) -> None:
    async with against(lambda exchange: exchange.whole(200, body, {"content-type": "application/json"})) as (
        _server,
        endpoint,
    ):
        assert sentence in str((await answer(endpoint)).error)


async def test_the_page_of_a_broken_gateway_is_not_quoted() -> None:
    page = b"<html><body>502 Bad Gateway</body></html>"
    async with against(lambda exchange: exchange.whole(502, page, {"content-type": "text/html"})) as (
        _server,
        endpoint,
    ):
        got = await answer(endpoint)
    assert "trouble of its own (status 502)." in str(got.error)


# fields that a server does not know


def refuses(*names: str, message: str = "Unrecognized request argument supplied: {}", status: int = 400) -> Any:
    """A server that does not know these fields."""

    async def handler(exchange: Exchange) -> None:
        for name in names:
            if name in exchange.body:
                return await exchange.json(status, {"error": {"message": message.format(name)}})
        await streams("Once")(exchange)

    return handler


@pytest.mark.parametrize(
    ("handler", "left"),
    [
        (refuses("stream_options"), {"seed", "max_tokens"}),
        (refuses("stream_options", message="extra inputs are not permitted"), {"seed", "max_tokens"}),
        (refuses("stream_options", "seed"), {"max_tokens"}),
        (refuses("seed", status=422), {"stream_options", "max_tokens"}),
        (
            refuses("max_tokens", message="Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
            {"stream_options", "seed", "max_completion_tokens"},
        ),
        (refuses("max_tokens", "max_completion_tokens"), {"stream_options", "seed"}),
    ],
)
async def test_what_a_server_refuses_is_left_out_and_remembered(handler: Any, left: set[str]) -> None:
    async with against(handler) as (server, endpoint):
        assert (await answer(endpoint, request(seed=3))).text == "Once"
        tries = len(server.seen)
        assert (await answer(endpoint, request(seed=3))).text == "Once"
        assert len(server.seen) == tries + 1
        fields = {"stream_options", "seed", "max_tokens", "max_completion_tokens"}
        assert set(server.seen[-1].body) & fields == left
        assert server.seen[-1].body["temperature"] == 0.4


# keys


async def test_nothing_of_the_environment_is_sent_along(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Mine: {secret}\nAuthorization: Bearer {secret}")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, secret)
    async with against(streams("x")) as (server, endpoint):
        await answer(endpoint)
        sent = server.seen[0].headers
    assert secret not in str(sent)
    assert "authorization" not in sent
    assert not [name for name in sent if name.startswith("x-")]


async def test_the_key_of_the_settings_goes_before_the_environments(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer another")
    async with against(streams("x"), key=secret) as (server, endpoint):
        await answer(endpoint)
        assert server.seen[0].headers["authorization"] == f"Bearer {secret}"


def pieces_of(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
async def test_a_key_in_the_stream_is_struck_however_it_is_cut(size: int, secret: str) -> None:
    told = f"Her key was {secret}, and sk- begins one. {secret}{secret}!"
    async with against(streams(*pieces_of(told, size)), key=secret) as (server, endpoint):
        got = await answer(endpoint)
        assert server.seen[0].headers["authorization"] == f"Bearer {secret}"
    assert got.text == "Her key was …, and sk- begins one. ……!"


async def test_a_key_in_pieces_between_control_characters_is_struck(secret: str) -> None:
    told = ["\x1b".join(secret[:9]), "\u200e" + secret[9:20], "\x00" + secret[20:]]
    async with against(streams(*told, "!"), key=secret) as (_server, endpoint):
        assert (await answer(endpoint)).text == "…!"


async def test_most_of_a_key_at_the_end_is_struck(secret: str) -> None:
    for handler in (streams("It is ", secret[:-1]), sends(chunk({"content": "It is " + secret[:-1]}))):
        async with against(handler, key=secret) as (_server, endpoint):
            assert (await answer(endpoint)).text == "It is …"


async def test_a_key_everywhere_else_in_an_answer_is_struck(secret: str) -> None:
    events = [
        {**chunk({"reasoning_content": secret[:10]}), "model": f"m-{secret}"},
        chunk({"reasoning_content": secret[10:]}),
        chunk({"content": "x"}, f"stop {secret}"),
    ]
    async with against(sends(*events), key=secret) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.reasoning == "…"
    assert got.closing == Closing("stop …", "m-…")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429, 500])
async def test_a_key_in_an_error_is_struck(status: int, secret: str) -> None:
    message = f"Wrong key {secret} or {secret[:8]}*****{secret[-4:]} \x1b[31m\nfor \u202em"
    async with against(fails(status, message), key=secret) as (_server, endpoint):
        got = await answer(endpoint)
    assert secret not in repr(got.error) + str(got.error)
    assert secret[-4:] not in str(got.error)
    assert secret not in repr(endpoint)


async def test_a_key_in_an_error_inside_the_stream_is_struck(secret: str) -> None:
    async with against(sends({"error": {"message": f"bad {secret} " + "x" * 1000}}), key=secret) as (_server, endpoint):
        got = await answer(endpoint)
    assert secret not in str(got.error)
    assert len(str(got.error)) < 400


async def test_what_an_address_holds_is_sent_and_struck_and_not_shown(secret: str) -> None:
    password = "p%40ss-" + secret[-8:]
    query = "q-" + secret[5:20]
    echo = f"{password} {password.replace('%40', '@')} {query} 2026-06-01"

    async def handler(exchange: Exchange) -> None:
        await streams(echo, " ", exchange.headers["authorization"])(exchange)

    async with serving(handler, fails(400, echo)) as server:
        url = server.base_url.replace("://", f"://writer:{password}@") + f"?key={query}&api-version=2026-06-01"
        async with asking(url) as endpoint:
            got = await answer(endpoint)
            assert server.seen[0].path == f"/v1/chat/completions?key={query}&api-version=2026-06-01"
            assert server.seen[0].headers["authorization"].startswith("Basic ")
            assert got.text == "… … … 2026-06-01 Basic …"
            shown = str((await answer(endpoint)).error) + repr(endpoint)
            for hidden in (password, password.replace("%40", "@"), query, "writer"):
                assert hidden not in shown


async def test_a_stand_in_for_a_key_tears_no_holes_into_prose() -> None:
    for stand_in in ("none", "ollama", "EMPTY", "password"):
        async with (
            serving(streams(f"There was {stand_in}.")) as server,
            asking(server.base_url, key=stand_in) as endpoint,
        ):
            assert (await answer(endpoint)).text == f"There was {stand_in}."


# the filter


@pytest.mark.parametrize("size", [1, 2, 1000])
async def test_control_characters_never_leave(size: int) -> None:
    told = "a\x1b[31mb\x1b]0;t\x07c\x9b2J\u202ed\x00e\r\nf\u2028g\ufeff"
    async with against(streams(*pieces_of(told, size))) as (_server, endpoint):
        assert (await answer(endpoint)).text == "a[31mb]0;tc2Jde\nf\ng"


async def test_halves_of_a_character_are_joined_across_chunks() -> None:
    halves = [json.dumps(chunk({"content": "x"})).replace('"x"', f'"{half}"') for half in ("\\ud83d", "\\ude00!")]
    async with against(sends(*halves, chunk({"content": "\ud83d"}), chunk({}, "stop"))) as (_server, endpoint):
        assert (await answer(endpoint)).text == "😀!\ufffd"


async def test_what_was_held_back_comes_with_the_fault() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("Once\r")
        exchange.cut()

    async with against(handler) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.text == "Once\n"
    assert got.error is not None


# getting ready


@pytest.mark.parametrize(
    ("models", "model", "expected"),
    [
        ({"data": [{"id": "a", "meta": {"n_ctx": 4096, "n_ctx_train": 9}}]}, "", ("a", 4096)),
        ({"data": [{"id": "/models/a.gguf", "meta": {"n_ctx": 2048}}]}, "mine", ("mine", 2048)),
        ({"data": [{"id": "a"}, {"id": "b", "max_model_len": 32768}]}, "b", ("b", 32768)),
        ({"data": [{"id": "a", "context_length": 64000}, {"id": "b"}]}, "c", ("c", 4096)),
        ({"data": [{"id": "gpt-4o"}]}, "gpt-4o", ("gpt-4o", 128_000)),
        ({"data": [{"id": "a\x1b[2J", "max_model_len": True}]}, "", ("a[2J", 4096)),
        ({"data": None}, "m", ("m", 4096)),
        ({}, "m", ("m", 4096)),
        ([1], "m", ("m", 4096)),
        ("text", "m", ("m", 4096)),
        (None, "m", ("m", 4096)),
    ],
)
async def test_the_server_is_asked_for_its_window_and_model(models: Any, model: str, expected: tuple[str, int]) -> None:
    async with against(streams("x"), model=model, window=0) as (server, endpoint):
        server.models = models
        await endpoint.prepare()
        assert (endpoint.model, endpoint.window) == expected


async def test_a_model_that_nobody_names_is_looked_up_before_the_first_request() -> None:
    async with against(streams("x"), model="") as (server, endpoint):
        got = await answer(endpoint, request(model=""))
        assert "the server lists none" in str(got.error)
        server.models = {"data": [{"id": "first"}, {"id": "second"}]}
        assert (await answer(endpoint, request(model=""))).text == "x"
        assert server.seen[0].body["model"] == "first"
        assert endpoint.window == 1000


async def test_getting_ready_never_fails() -> None:
    async with asking(f"http://127.0.0.1:{free_port()}/v1", window=0) as endpoint:
        await endpoint.prepare()
        assert endpoint.window == 4096
        await endpoint.prepare()


async def test_closing_twice_and_asking_again_are_no_errors() -> None:
    async with against(streams("x")) as (_server, endpoint):
        await endpoint.prepare()
        await endpoint.close()
        await endpoint.close()
        assert (await answer(endpoint)).text == "x"


async def test_certificates_that_cannot_be_read_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")
    async with asking("https://127.0.0.1:1/v1") as endpoint:
        got = await answer(endpoint)
    assert got.error is not None


def test_nothing_slow_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys\n"
        "from composer.config import effective, Settings\n"
        "from composer.llm.endpoints import make_endpoint\n"
        "settings, profile = effective(Settings(), {})\n"
        "endpoint = make_endpoint(settings.endpoint, profile, {})\n"
        "print([n for n in ('openai', 'httpx2', 'tiktoken', 'pydantic', 'regex', 'requests') if n in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
