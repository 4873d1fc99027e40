"""What is found out of an endpoint, against servers of many kinds: in few questions, in bounded time, and with the next step."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

import pytest

from composer.config import EMBEDDED_PROFILE, EndpointProfile
from composer.llm import encodings, examining, fields
from composer.llm.endpoints import make_endpoint
from composer.llm.examining import NO_SUCH_FIELD, examine, works
from composer.session.ports import Finding, Memory
from tests.llm.fault_server import Exchange, FaultServer, Handler, chunk, fails, raw_chunk, serving, streams

OWN = frozenset(("model", "messages", "prompt", "stream", "stream_options", "max_tokens", "logprobs", "top_logprobs"))
"""What every server of these tests knows."""


class Notes:
    """A memory in memory."""

    def __init__(self, **subjects: str) -> None:
        self.subjects = subjects

    def known(self, endpoint: str, model: str) -> Mapping[str, str]:
        return dict(self.subjects)

    def learn(self, endpoint: str, model: str, subject: str, value: str) -> None:
        self.subjects.pop(subject, None)
        if value:
            self.subjects[subject] = value


def writer(
    *,
    knows: Collection[str] | None = None,
    odds: int = 0,
    begins_anew: bool = False,
    whole: bool = False,
    thinks: bool = False,
) -> Handler:
    """A model that writes. `knows`: the fields that it takes, if it refuses others; `odds`: the others it tells of a token."""

    async def handler(exchange: Exchange) -> None:
        body = exchange.body
        unknown = next((name for name in body if name not in OWN | set(knows or body)), "")
        if unknown:
            await exchange.json(400, {"error": {"message": f"Unknown parameter: '{unknown}'.", "param": unknown}})
            return
        raw = "prompt" in body
        begun = (raw and "Wednesday" in body["prompt"][-40:]) or (
            not raw and body["messages"][-1]["role"] == "assistant"
        )
        texts = (
            ["Monday,", " Tuesday,"]
            if begun and begins_anew
            else [" Thursday,", " Friday"]
            if begun
            else ["one,", " two,"]
        )
        if whole:
            message = {"role": "assistant", "content": "one, two, three, four"}
            await exchange.json(
                200, {"model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "length"}]}
            )
            return
        await exchange.head()
        if thinks:
            await exchange.event(chunk({"reasoning_content": "Let me count."}))
        for text in texts:
            if raw:
                await exchange.event(raw_chunk(text))
            else:
                told = (
                    [{"token": text, "logprob": -0.5, "top_logprobs": _others(odds)}]
                    if odds and body.get("logprobs")
                    else None
                )
                event = chunk({"content": text})
                event["choices"][0]["logprobs"] = {"content": told} if told else None
                await exchange.event({**event, "model": "m"})
        await exchange.end("length")

    return handler


def _others(count: int) -> list[dict[str, Any]]:
    return [{"token": f"t{number}", "logprob": -1.0 - number} for number in range(count)]


@contextlib.asynccontextmanager
async def examined(
    server: FaultServer,
    *,
    secret: str = "",
    memory: Memory | None = None,
    offline: bool = False,
    environ: dict[str, str] | None = None,
    **settings: Any,
) -> AsyncIterator[AsyncIterator[Finding]]:
    profile = EndpointProfile(server.base_url, **{"model": "m", "kind": "other", **settings})
    environ = {"WRITERS_KEY": secret, **(environ or {})}
    endpoint = make_endpoint("test", profile, environ, memory=memory)
    try:
        async with contextlib.aclosing(examine(endpoint, profile, environ, memory, offline=offline)) as findings:
            yield findings
    finally:
        await endpoint.close()


async def found(handler: Handler, *, models: Any = "m", **settings: Any) -> tuple[dict[str, Finding], FaultServer]:
    """All that is found out of a server, by what was looked at."""
    async with serving(handler) as server:
        server.models = {"data": [{"id": name} for name in models.split()]} if isinstance(models, str) else models
        async with examined(server, **settings) as findings:
            told = [finding async for finding in findings]
    assert len({finding.what for finding in told}) == len(told)
    for finding in told:
        assert finding.words.isprintable()
        assert finding.good is not False or finding.words.endswith("."), finding
    return {finding.what: finding for finding in told}, server


async def test_a_server_that_can_do_everything() -> None:
    told, _ = await found(writer(odds=3), kind="vllm")
    assert list(told) == [
        "key",
        "reachable",
        "models",
        "window",
        "tokens",
        "streaming",
        "logprobs",
        "sampling",
        "not sent",
        "going on",
    ]
    assert all(told[what].good for what in ("reachable", "models", "streaming", "logprobs", "sampling", "going on"))
    assert "127.0.0.1" in told["reachable"].words
    assert "3 others" in told["logprobs"].words
    assert "min_p" in told["sampling"].words
    assert "num_ctx" in told["not sent"].words
    assert works(told.values())


async def test_the_embedded_model() -> None:
    endpoint = make_endpoint("embedded", EMBEDDED_PROFILE, {})
    try:
        told = {finding.what: finding async for finding in examine(endpoint, EMBEDDED_PROFILE, {})}
    finally:
        await endpoint.close()
    assert works(told.values())
    assert "cost" not in told
    assert told["logprobs"].good
    assert told["sampling"].good
    assert "8,192" in told["window"].words
    for name in fields.tried("embedded"):
        assert name in told["sampling"].words
    assert all(finding.good is not False for finding in told.values())


# models and window


async def test_many_models_are_counted_and_a_few_named() -> None:
    told, _ = await found(writer(), models=" ".join(f"m{number}" for number in range(40)), model="m30")
    assert told["models"].words.startswith("40")
    assert "m0" in told["models"].words
    assert "m20" not in told["models"].words
    assert "m30 is among them" in told["models"].words


async def test_a_model_that_is_not_listed_is_a_fact_until_it_fails() -> None:
    told, _ = await found(writer(), models="a b", model="c")
    assert "not among them" in told["models"].words
    assert told["models"].good is None
    assert works(told.values())
    told, _ = await found(fails(404, "The model c does not exist"), models="a b", model="c")
    assert told["streaming"].good is False
    assert "It has a, b." in told["streaming"].words
    assert not works(told.values())


async def test_no_model_is_named_and_the_first_is_taken() -> None:
    told, server = await found(writer(), models="first second", model="")
    assert "first is asked for" in told["models"].words
    assert {exchange.body["model"] for exchange in server.seen} == {"first"}


async def test_a_server_without_a_list() -> None:
    told, _ = await found(writer(), models=None)
    assert told["models"].good is None
    assert works(told.values())
    told, server = await found(writer(), models=None, model="")
    assert told["models"].good is False
    assert server.seen == []


@pytest.mark.parametrize(
    ("settings", "models", "words"),
    [
        ({"window": 3000}, "m", "3,000 tokens, as the settings say"),
        ({}, {"data": [{"id": "m", "meta": {"n_ctx": 5000}}]}, "5,000 tokens, as the server says"),
        ({"model": "gpt-4o"}, "gpt-4o", "128,000 tokens, as is known of this model"),
        ({"kind": "ollama"}, "m", "4,096 tokens, with which such a server loads a model unless told otherwise"),
        ({}, "m", "4,096 tokens are taken for granted: if the model takes more, set window in the settings"),
    ],
)
async def test_who_tells_the_window(settings: dict[str, Any], models: Any, words: str) -> None:
    told, _ = await found(writer(), models=models, **settings)
    assert words in told["window"].words


async def test_what_was_measured_of_a_model_is_kept_and_what_it_refused_is_not() -> None:
    notes = Notes(window="3000/0", ratio="1.250", overhead="10", refused="top_k", continues="ask")
    told, _ = await found(writer(), memory=notes)
    assert told["window"].words == "2,990 tokens, as you or a refused request have said before"
    assert told["tokens"].words.endswith("; corrected by 25% for what the server counted")
    assert set(notes.subjects) == {"window", "ratio", "overhead"}


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("m", "estimated, as nothing tells how the model counts; encoding in the settings can name a file of ranks"),
        (
            "gpt-4o",
            "estimated, as the model counts by o200k_base, which is not on this computer, and fetch_encodings is off",
        ),
    ],
)
async def test_what_counts_its_tokens_is_said(model: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "_loaded", {})
    told, _ = await found(writer(), models=model, model=model, environ={"TIKTOKEN_CACHE_DIR": ""})
    assert told["tokens"] == Finding("tokens", words)


# streaming


async def test_text_that_comes_whole() -> None:
    told, _ = await found(writer(whole=True))
    assert told["streaming"].good is None
    assert "comes whole" in told["streaming"].words
    assert works(told.values())


async def test_thoughts_are_said() -> None:
    told, _ = await found(writer(thinks=True))
    assert "thinks" in told["thoughts"].words


async def test_a_model_that_takes_no_temperature_is_given_room_to_think() -> None:
    _, server = await found(writer(), models="o3-mini", model="o3-mini", kind="openai")
    limits = [exchange.body.get("max_tokens") or exchange.body["max_completion_tokens"] for exchange in server.seen]
    assert min(limits) == examining.MANY
    _, server = await found(writer())
    assert max(exchange.body["max_tokens"] for exchange in server.seen) == examining.FEW


async def test_an_empty_answer() -> None:
    told, server = await found(streams())
    assert told["streaming"].good is False
    assert len(server.seen) == 1
    told, _ = await found(streams(reason="length"))
    assert told["streaming"].good is None
    assert "thinking" in told["streaming"].words


async def test_another_model_than_was_asked_for() -> None:
    told, _ = await found(streams("one", " two"))
    assert "served answers, where m is asked for" in told["model"].words


async def test_answers_without_an_end() -> None:
    told, _ = await found(streams("one", " two", reason=None))
    assert "endings" in told


# what fails


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "no such key"), (402, "insufficient_quota"), (404, "nothing"), (500, "oh"), (400, "no")],
)
async def test_where_writing_fails_nothing_more_is_asked(
    status: int, message: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("composer.llm.asking._may_pass", lambda error: False)
    told, server = await found(fails(status, f"{message} {secret}"), key_env="WRITERS_KEY", secret=secret)
    assert told["key"].good
    assert told["streaming"].good is False
    assert list(told)[-1] == "streaming"
    assert all(secret not in finding.words for finding in told.values())
    assert not works(told.values())
    assert len(server.seen) <= 3


async def test_a_port_where_nothing_answers() -> None:
    async with serving(writer()) as gone:
        pass
    async with examined(gone) as findings:
        told = [finding async for finding in findings]
    assert [(finding.what, finding.good) for finding in told] == [("key", None), ("reachable", False)]
    assert "refused. Start the server, or correct base_url" in told[-1].words


async def test_a_name_that_nobody_has() -> None:
    async with examined(FaultServer("http://no-such-host.invalid/v1")) as findings:
        told = [finding async for finding in findings]
    assert [finding.what for finding in told] == ["key", "cost", "reachable"]
    assert "no-such-host.invalid can't be found" in told[-1].words


async def test_a_web_page() -> None:
    page = b"<html><body>All about boats</body></html>"

    async def handler(exchange: Exchange) -> None:
        await exchange.whole(200, page, {"content-type": "text/html"})

    told, _ = await found(handler)
    assert "web page" in told["streaming"].words
    assert "/v1" in told["streaming"].words
    listener = await asyncio.start_server(_page_server, "127.0.0.1", 0)
    async with listener:
        server = FaultServer(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1")
        async with examined(server, model="") as findings:
            last = [finding async for finding in findings][-1]
    assert (last.what, last.good) == ("models", False)
    assert "web page" in last.words


async def _page_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\nconnection: close\r\n\r\n<p>hi"
        )
        await writer.drain()
    writer.close()


async def test_a_key_that_is_not_there_is_all_that_is_said() -> None:
    told, server = await found(writer(), key_env="WRITERS_KEY")
    assert list(told) == ["key"]
    assert "WRITERS_KEY" in told["key"].words
    assert told["key"].good is False
    assert server.seen == []


async def test_offline_no_server_is_asked(secret: str) -> None:
    async with serving(writer()) as server:
        async with examined(server, key_env="WRITERS_KEY", secret=secret, offline=True) as findings:
            told = [finding async for finding in findings]
        assert not server.connections
    assert [finding.what for finding in told] == ["key", "window", "tokens"]
    assert told[0].good
    assert secret not in told[0].words


async def test_a_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "LONGEST", 0.3)

    async def handler(exchange: Exchange) -> None:
        await exchange.left()

    async with serving(handler) as server:
        async with examined(server) as findings:
            last = [finding async for finding in findings][-1]
        assert server.seen[0].gone.is_set() or await _soon(server.seen[0])
    assert (last.what, last.good) == ("streaming", False)
    assert "Not a word within" in last.words
    assert "ask again in a minute" in last.words


async def _soon(exchange: Exchange) -> bool:
    await exchange.left()
    return True


async def test_a_server_that_asks_to_wait_long_is_not_waited_for() -> None:
    told, _ = await found(fails(429, "slow down", retry_after="55"))
    assert told["streaming"].words == "The server asks to wait for 55 seconds. Ask again after that."


async def test_it_can_be_stopped_in_the_middle_of_a_question() -> None:
    begun = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        begun.set()
        await exchange.left()

    async with serving(handler) as server:
        async with examined(server) as findings:
            asking = asyncio.ensure_future(_all(findings))
            await begun.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
        await server.seen[0].left()


async def _all(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


# sampling


async def test_fields_that_are_refused_are_said_and_learned() -> None:
    notes = Notes()
    told, _ = await found(writer(knows=("temperature", "top_p", "seed")), memory=notes)
    assert told["sampling"].good
    assert told["sampling"].words.startswith("takes temperature, top_p, seed; not ")
    assert "min_p" in told["sampling"].words.partition("not ")[2]
    learned = set(notes.subjects["refused"].split(","))
    assert {"min_p", "top_k", "mirostat"} <= learned
    assert learned.isdisjoint(("temperature", NO_SUCH_FIELD))


async def test_what_is_not_refused_means_little_where_nothing_is() -> None:
    told, _ = await found(writer())
    assert told["sampling"].good is None
    assert "refuses no field that it does not know" in told["sampling"].words


async def test_values_that_are_refused_are_said_with_their_field() -> None:
    inner = writer()

    async def handler(exchange: Exchange) -> None:
        if "top_k" in exchange.body:
            await exchange.json(400, {"error": {"message": "top_k must be between 50 and 60"}})
        else:
            await inner(exchange)

    told, _ = await found(handler)
    taken, _, refused = told["sampling"].words.partition("; not ")
    assert "top_k" in refused
    assert "min_p" in taken


async def test_what_was_learned_before_is_found_out_anew() -> None:
    notes = Notes(refused="top_p,min_p", continues="ask")
    told, _ = await found(writer(), memory=notes)
    assert "top_p" in told["sampling"].words.partition("; not ")[0]
    assert notes.subjects == {}


# the rest


@pytest.mark.parametrize(("odds", "words"), [(3, "3 others; logprobs = 5"), (0, "none come")])
async def test_logprobs_that_are_not_usual_are_tried(odds: int, words: str) -> None:
    told, server = await found(writer(odds=odds))
    assert words in told["logprobs"].words
    assert [exchange.body.get("top_logprobs") for exchange in server.seen].count(examining.OTHERS) == 2
    assert server.seen[0].body.get("logprobs") is None


async def test_logprobs_that_are_switched_off_stay_off() -> None:
    told, _ = await found(writer(odds=3), logprobs=0)
    assert "as the settings say" in told["logprobs"].words


@pytest.mark.parametrize(("begins_anew", "words", "good"), [(False, "goes on", True), (True, "begins anew", None)])
async def test_going_on(begins_anew: bool, words: str, good: bool | None) -> None:
    told, _ = await found(writer(begins_anew=begins_anew))
    assert words in told["going on"].words
    assert told["going on"].good is good


async def test_raw_text_with_a_template() -> None:
    told, server = await found(writer(), template="chatml", suffix=True)
    assert {exchange.path for exchange in server.seen} == {"/v1/completions"}
    assert "chatml" in told["completions"].words
    assert told["going on"].good
    assert told["suffix"].good
    assert server.seen[-1].body["suffix"] == examining.BEHIND


async def test_a_suffix_that_is_refused() -> None:
    told, _ = await found(writer(knows=fields.FIELDS), template="plain", suffix=True)
    assert told["suffix"].good is None
    assert "refused" in told["suffix"].words


async def test_a_template_that_is_not_there() -> None:
    told, _ = await found(writer(), template="/nowhere/at/all.jinja")
    assert told["streaming"].good is False
    assert "/nowhere/at/all.jinja" in told["streaming"].words
