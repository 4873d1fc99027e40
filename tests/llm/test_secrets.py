"""Keys: where they are found, that they are sent, and that none comes back in anything that a server says."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from composer.config import EndpointProfile
from composer.errors import EndpointError
from composer.llm.client import OpenAIEndpoint
from composer.llm.connection import Connection
from composer.llm.endpoints import make_endpoint
from composer.llm.keys import Key
from tests.llm.fault_server import (
    Answer,
    Exchange,
    FaultServer,
    Handler,
    against,
    answer,
    asking,
    chunk,
    fails,
    raw_chunk,
    raw_request,
    request,
    sends,
    serving,
    streams,
)

SIZES = [1, 2, 5, 13, 1000]


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def all_of(got: Answer) -> str:
    return repr(got) + "".join(piece.text for piece in got.pieces) + str(got.error)


def nowhere(secret: str, got: Answer) -> None:
    """No part of a key that tells anything is in what came."""
    shown = all_of(got)
    for text in (shown, got.text, got.reasoning):
        assert not [secret[at : at + 8] for at in range(len(secret) - 7) if secret[at : at + 8] in text]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channel", ["content", "reasoning_content", "reasoning"])
async def test_a_key_in_a_stream_is_struck_however_it_is_cut(secret: str, size: int, channel: str) -> None:
    events = [chunk({channel: part}) for part in cut(f"It was {secret}, and {secret[:20]}", size)]
    async with against(sends(*events, chunk({}, "stop")), key=secret) as (_server, endpoint):
        got = await answer(endpoint)
    nowhere(secret, got)
    assert (got.text or got.reasoning).startswith("It was …, and ")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("template", ["<think>Is it {}?</think>No: {}.", "<th{}ink>", "<think>{}", "{}</think>{}"])
async def test_a_key_among_thoughts_within_the_text_is_struck(secret: str, size: int, template: str) -> None:
    told = template.replace("{}", secret)
    async with against(streams(*cut(told, size)), key=secret) as (_server, endpoint):
        nowhere(secret, await answer(endpoint))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channel", ["final", "analysis"])
async def test_halves_of_a_key_that_meet_where_a_tag_is_taken_out_are_struck(
    secret: str, size: int, channel: str
) -> None:
    start = f"<|channel|>{channel}<|message|>"
    told = f"{start}It was {secret[:10]}<|end|>{start if channel == 'analysis' else ''}{secret[10:]}! sk-"
    async with against(streams(*cut(told, size)), key=secret) as (_server, endpoint):
        got = await answer(endpoint)
    assert secret not in got.text + got.reasoning
    assert (got.text + got.reasoning).endswith("! sk-")


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_in_raw_text_is_struck(secret: str, size: int) -> None:
    events = [raw_chunk(part) for part in cut(f"It was {secret}!", size)]
    async with against(sends(*events, raw_chunk("", "stop")), key=secret) as (server, endpoint):
        got = await answer(endpoint, raw_request())
        assert server.seen[0].headers["authorization"] == f"Bearer {secret}"
    nowhere(secret, got)
    assert got.text == "It was …!"


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_in_a_begun_answer_that_goes_on_is_struck(secret: str, size: int) -> None:
    told = f"The ferry waited. {secret} came."
    async with against(streams(*cut(told, size)), key=secret, continues="ask") as (_server, endpoint):
        got = await answer(endpoint, request(prefix="The ferry waited."))
    nowhere(secret, got)
    assert got.text.strip() == "… came."


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", ["chat", "raw"])
async def test_a_key_among_tokens_is_struck(secret: str, size: int, shape: str) -> None:
    parts = cut(f" {secret}", size)
    if shape == "chat":
        events: list[Any] = []
        for part in parts:
            one = {"token": part, "logprob": -1.0, "bytes": list(part.encode())}
            event = chunk({"content": part})
            event["choices"][0]["logprobs"] = {"content": [{**one, "top_logprobs": [{**one, "token": secret}]}]}
            events.append(event)
        asked = request()
    else:
        tops = {"token_logprobs": [-1.0], "top_logprobs": [{secret: -1.0}]}
        events = [raw_chunk(part, logprobs={"tokens": [part], **tops}) for part in parts]
        asked = raw_request()
    async with against(sends(*events), key=secret, logprobs=3) as (server, endpoint):
        got = await answer(endpoint, asked)
        assert "logprobs" in server.seen[0].body
    assert any(piece.tokens for piece in got.pieces)
    tokens = [token for piece in got.pieces for token in piece.tokens]
    words = [text for token in tokens for text in (token.text, *(other for other, _ in token.others))]
    assert not [word for word in words if len(word) > 5 and word.strip() in secret]
    if size > 5:
        nowhere(secret, got)


@pytest.mark.parametrize("status", [300, 400, 401, 402, 403, 404, 418, 422, 429, 500, 503])
@pytest.mark.parametrize("shape", ["error", "detail", "text"])
async def test_a_key_in_an_error_is_struck(secret: str, status: int, shape: str) -> None:
    words = f"Key {secret} or {secret[:9]}...{secret[-4:]} or {secret[:5]}*****{secret[-4:]}"
    bodies: dict[str, Any] = {
        "error": {"error": {"message": words, "code": secret, "param": secret, "type": secret}},
        "detail": {"detail": [{"loc": ["body", secret], "msg": words, "type": secret}]},
        "text": words,
    }

    async def handler(exchange: Exchange) -> None:
        await exchange.json(status, bodies[shape], location=f"http://a/{secret}", x_request_id=secret)

    async with against(handler, key=secret) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.error is not None
    nowhere(secret, got)
    # The port of the server may hold the same digits.
    assert secret[-4:] not in re.sub(r"127\.0\.0\.1:\d+", "", str(got.error))


async def test_a_key_in_what_ends_a_stream_is_struck(secret: str) -> None:
    events = [{**chunk({"content": "x"}), "model": f"m {secret}"}, chunk({}, f"stop {secret}")]
    async with against(sends(*events), key=secret) as (_server, endpoint):
        got = await answer(endpoint)
    assert got.closing is not None
    assert (got.closing.finish_reason, got.closing.model) == ("stop …", "m …")


async def test_a_key_in_the_list_of_models_is_struck(secret: str) -> None:
    async with against(streams("x"), key=secret, model="", window=0) as (server, endpoint):
        server.models = {"data": [{"id": f"tale {secret}", "max_model_len": 777}, {"id": "b\x1b[31m"}, {"id": 5}]}
        await endpoint.prepare()
        assert endpoint.models == ("tale …", "b[31m")
        assert (endpoint.model, endpoint.window) == ("tale …", 777)
        assert secret not in repr(endpoint)


async def test_a_key_in_the_models_name_is_struck_from_sentences(secret: str) -> None:
    async with against(fails(404, "no such model"), key=secret) as (_server, endpoint):
        got = await answer(endpoint, request(model=f"tale-{secret}"))
    nowhere(secret, got)
    assert "has no model tale-…" in str(got.error)


# where they are found


async def test_a_key_is_looked_for_in_a_thread_and_once(secret: str) -> None:
    threads: list[str] = []

    def find() -> Key:
        threads.append(threading.current_thread().name)
        return Key(secret, "a drawer")

    connection = Connection("http://127.0.0.1:1/v1", find)
    first, second = await asyncio.gather(connection.open(), connection.open())
    assert first is second
    assert len(threads) == 1
    assert threads[0] != threading.main_thread().name
    assert connection.secrets == (secret,)
    assert secret not in repr(connection)
    await connection.close()


async def test_a_key_that_lacks_is_told_and_looked_for_again(secret: str) -> None:
    found = [Key(place="a drawer", trouble=EndpointError("The drawer is locked.", "Open it.")), Key(secret, "a drawer")]
    connection = Connection("http://127.0.0.1:1/v1", lambda: found.pop(0))
    with pytest.raises(EndpointError, match=r"The drawer is locked\. Open it\."):
        await connection.open()
    await connection.open()
    assert connection.secrets == (secret,)
    await connection.close()


@pytest.mark.parametrize("early", [True, False])
async def test_a_key_file_is_read_when_it_is_needed_and_again_once_it_was_refused(
    secret: str, tmp_path: Path, early: bool
) -> None:
    async def handler(exchange: Exchange) -> None:
        good = exchange.headers["authorization"] == f"Bearer {secret}"
        await (streams(f"Yes, {secret}.") if good else fails(401))(exchange)

    path = tmp_path / "key"
    path.touch(0o600)
    path.write_text("sk-0123456789-wrong\n")
    async with asking_with_file(handler, path) as (endpoint, server):
        if early:
            await endpoint.prepare()
        got = await answer(endpoint)
        assert "does not accept the key from the file" in str(got.error)
        assert "ask again" in str(got.error)
        path.write_text(f"{secret}\n")
        assert (await answer(endpoint)).text == "Yes, …."
        path.unlink()
        assert (await answer(endpoint)).text == "Yes, …."
        assert len(server.seen) == 3


@contextlib.asynccontextmanager
async def asking_with_file(handler: Handler, path: Path) -> AsyncIterator[tuple[OpenAIEndpoint, FaultServer]]:
    async with serving(handler) as server:
        profile = EndpointProfile(server.base_url, "m", key_file=str(path), window=1000)
        endpoint = make_endpoint("test", profile, {})
        try:
            yield endpoint, server
        finally:
            await endpoint.close()


async def test_a_key_that_lacks_stops_everything_before_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "none"
    async with asking_with_file(streams("x"), path) as (endpoint, server):
        await endpoint.prepare()
        got = await answer(endpoint)
        with pytest.raises(EndpointError):
            await endpoint.ask_models()
        assert server.seen == []
    assert "There is no file" in str(got.error)


async def test_no_key_is_sent_where_none_is_named(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    async with serving(streams("x")) as server, asking(server.base_url) as endpoint:
        await answer(endpoint)
        assert "authorization" not in server.seen[0].headers
