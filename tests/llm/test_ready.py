"""What a request needs before it is packed and rendered: windows, counters, templates; and that nothing waits for a slow key."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from composer.config import EMBEDDED, EMBEDDED_PROFILE, EndpointProfile
from composer.errors import EndpointError
from composer.llm import client as client_module
from composer.llm import templates
from composer.llm.client import OpenAIEndpoint
from composer.llm.connection import Connection
from composer.llm.counters import MOST_MODELS
from composer.llm.endpoints import make_endpoint
from composer.llm.keys import Key
from composer.llm.patience import Patience
from composer.llm.tokens import ESTIMATE
from composer.llm.windows import EMBEDDED_WINDOW
from tests.llm.fault_server import Exchange, Handler, against, answer, asking, fails, raw_request, serving, streams

SHORT = 0.4
"""Seconds, where a real wait can't be avoided."""
NOWHERE = "http://127.0.0.1:1/v1"
SAID = (("user", "Go on."),)
LISTED: Any = {
    "data": [{"id": "big", "max_model_len": 40_000}, {"id": "gpt-4o", "context_length": 5000}, {"id": "bare"}]
}


def lists(told: Any) -> Handler:
    return lambda exchange: exchange.json(200, told)


async def silent(exchange: Exchange) -> None:
    await exchange.gone.wait()


def asides(url: str) -> str:
    """The address under which also the questions for models and templates meet the handlers."""
    return f"{url}?api-version=1"


# windows


@pytest.mark.parametrize(
    ("own", "window", "model", "expected"),
    [
        ("m", 0, "big", 40_000),
        ("m", 700, "big", 700),
        ("m", 0, "gpt-4o", 5000),
        ("m", 0, "bare", 4096),
        ("m", 0, "openai/gpt-4.1-mini", 1_047_576),
        ("m", 0, "m", 4096),
        ("", 0, "", 40_000),
        ("big", 0, "", 40_000),
        ("big", 0, "big", 40_000),
    ],
)
async def test_each_model_has_its_window(own: str, window: int, model: str, expected: int) -> None:
    async with against(streams("x"), model=own, window=window) as (server, endpoint):
        server.models = LISTED
        await endpoint.ready("", "")
        assert endpoint.window_of(model) == expected


async def test_one_model_that_goes_by_any_name_has_one_window() -> None:
    async with against(streams("x"), window=0) as (server, endpoint):
        server.models = {"data": [{"id": "/models/a.gguf", "meta": {"n_ctx": 2048}}]}
        await endpoint.prepare()
        assert [endpoint.window_of(model) for model in ("m", "other", "gpt-4o")] == [2048] * 3


async def test_a_model_that_the_server_names_has_the_window_of_its_name() -> None:
    async with against(streams("x"), model="", window=0) as (server, endpoint):
        server.models = {"data": [{"id": "gpt-4o"}, {"id": "other"}]}
        await endpoint.ready("", "")
        assert (endpoint.model, endpoint.window, endpoint.window_of("gpt-4o")) == ("gpt-4o", 128_000, 128_000)


async def test_windows_are_kept_by_clean_names_and_not_without_end() -> None:
    many = [{"id": f"a\x1b{number}", "max_model_len": 9000 + number} for number in range(MOST_MODELS + 5)]
    async with against(streams("x"), window=0) as (server, endpoint):
        server.models = {"data": many}
        await endpoint.prepare()
        assert endpoint.models[3] == "a3"
        assert endpoint.window_of("a3") == 9003
        assert endpoint.window_of(f"a{MOST_MODELS}") == 4096
        assert len(endpoint.models) == MOST_MODELS


# counters


async def test_models_whose_encoding_is_not_known_are_estimated_alike() -> None:
    async with against(streams("x"), model="m") as (_server, endpoint):
        assert endpoint.counter_of("") is endpoint.counter_of("m") is endpoint.count is ESTIMATE
        assert endpoint.counter_of("llama3.2") is endpoint.counter_of("qwen3") is ESTIMATE
        assert endpoint.whole_of("m")("Once upon a time.") == ESTIMATE("Once upon a time.") > 3
        assert not endpoint.is_exact("m")


async def test_the_encodings_of_many_models_are_not_kept_without_end() -> None:
    async with against(streams("x")) as (_server, endpoint):
        for number in range(MOST_MODELS + 5):
            endpoint.counter_of(f"model-{number}")
        assert len(endpoint._counters._names) <= MOST_MODELS


async def test_a_counter_is_loaded_when_all_is_ready() -> None:
    async with against(streams("x")) as (_server, endpoint):
        await endpoint.ready("", "")
        assert endpoint.is_ready("m", "")
        assert not endpoint.is_ready("gpt-4o", "")
        endpoint.counter_of("gpt-4o")
        assert not endpoint.is_ready("gpt-4o", "")
        await endpoint.ready("gpt-4o", "")
        assert endpoint.is_ready("gpt-4o", "")
        # That another one is counted alike is not known yet.
        assert not endpoint.is_ready("gpt-4o-mini", "")


async def test_the_embedded_model_is_ready_by_any_name() -> None:
    endpoint = make_endpoint(EMBEDDED, EMBEDDED_PROFILE, {})
    try:
        assert not endpoint.is_ready("", "")
        await endpoint.ready("", "chatml")
        assert endpoint.is_ready("", "chatml")
        assert endpoint.is_ready("gpt-4o", "")
        assert endpoint.counter_of("gpt-4o") is endpoint.count
        assert endpoint.window_of("gpt-4o") == endpoint.window == EMBEDDED_WINDOW
        assert endpoint.render(SAID, "chatml").endswith("assistant\n")
    finally:
        await endpoint.close()


# asking for the models


async def test_a_server_is_asked_once_for_its_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "ASK_ANEW", 0.0)
    async with serving(lists(LISTED)) as server, asking(asides(server.base_url), window=0) as endpoint:
        assert not endpoint.is_ready("m", "")
        await asyncio.gather(*(endpoint.ready("m", "") for _ in range(3)))
        await endpoint.ready("m", "")
        assert endpoint.is_ready("m", "")
        assert [exchange.path for exchange in server.seen] == ["/v1/models?api-version=1"]


async def test_a_server_that_lists_nothing_is_asked_anew_only_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        serving(fails(503), fails(404), lists(LISTED)) as server,
        asking(asides(server.base_url), window=0) as endpoint,
    ):
        await endpoint.ready("big", "")
        await endpoint.ready("big", "")
        assert endpoint.is_ready("big", "")
        assert (len(server.seen), endpoint.window_of("big")) == (1, 4096)
        monkeypatch.setattr(client_module, "ASK_ANEW", 0.0)
        assert not endpoint.is_ready("big", "")
        await endpoint.ready("big", "")
        assert len(server.seen) == 2
        await endpoint.ready("big", "")
        assert (len(server.seen), endpoint.window_of("big")) == (3, 40_000)
        assert endpoint.is_ready("big", "")


async def test_nobody_there_is_no_error() -> None:
    async with asking(NOWHERE) as endpoint:
        await endpoint.ready("m", "plain")
        assert endpoint.is_ready("m", "plain")


async def test_a_silent_server_is_not_waited_for_long() -> None:
    async with (
        serving(silent) as server,
        asking(asides(server.base_url), patience=Patience(connect=SHORT)) as endpoint,
    ):
        async with asyncio.timeout(10):
            await endpoint.ready("m", "")
        assert endpoint.is_ready("m", "")


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
async def test_a_web_page_is_no_list_of_models(kind: str) -> None:
    page = b"\n<!doctype html><title>Log in</title>"
    async with (
        serving(lambda exchange: exchange.whole(200, page, {"content-type": kind})) as server,
        asking(asides(server.base_url)) as endpoint,
    ):
        with pytest.raises(EndpointError, match="answered with a web page") as refused:
            await endpoint.ask_models()
        assert refused.value.__context__ is None
        await endpoint.ready("m", "")


async def test_a_list_that_is_broken_is_told_as_such() -> None:
    async with (
        serving(lambda exchange: exchange.whole(200, b'{"data": [', {"content-type": "application/json"})) as server,
        asking(asides(server.base_url)) as endpoint,
    ):
        with pytest.raises(EndpointError, match="broken JSON"):
            await endpoint.ask_models()


# templates


async def test_rendering_loads_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "own.jinja"
    path.write_text("own {{ messages[0].content }}", encoding="utf-8")
    monkeypatch.setattr(templates, "_ready", {})
    async with asking(NOWHERE, kind="llamacpp") as endpoint:
        for name in ("chatml", "server", str(path), "/nowhere/at/all.jinja"):
            with pytest.raises(EndpointError, match="is still being loaded") as refused:
                endpoint.render(SAID, name)
            assert "Ask again" in refused.value.next_step
            assert not endpoint.is_ready("m", name)
        assert templates._ready == {}
        await endpoint.ready("m", str(path))
        with monkeypatch.context() as blind:
            blind.setattr(os, "stat", None)
            assert endpoint.render(SAID, str(path), " and") == "own Go on. and"


async def test_a_template_that_has_changed_is_made_ready_anew(tmp_path: Path) -> None:
    path = tmp_path / "own.jinja"
    path.write_text("first {{ messages[0].content }}", encoding="utf-8")
    async with asking(NOWHERE) as endpoint:
        await endpoint.ready("m", str(path))
        assert endpoint.is_ready("m", str(path))
        path.write_text("second {{ messages[0].content }}", encoding="utf-8")
        assert not endpoint.is_ready("m", str(path))
        await endpoint.ready("m", str(path))
        assert endpoint.is_ready("m", str(path))
        assert endpoint.render(SAID, str(path)) == "second Go on."
        path.unlink()
        assert not endpoint.is_ready("m", str(path))
        for _ in range(2):
            with pytest.raises(EndpointError, match="no template of the name"):
                await endpoint.ready("m", str(path))
            with pytest.raises(EndpointError, match="no template of the name"):
                endpoint.render(SAID, str(path))
        path.write_text("third {{ messages[0].content }}", encoding="utf-8")
        await endpoint.ready("m", str(path))
        assert endpoint.render(SAID, str(path)) == "third Go on."


async def test_a_template_is_loaded_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []
    load = templates.load
    monkeypatch.setattr(templates, "_ready", {})

    def noted(name: str) -> None:
        threads.append(threading.current_thread())
        load(name)

    monkeypatch.setattr(templates, "load", noted)
    async with asking(NOWHERE) as endpoint:
        await asyncio.gather(*(endpoint.ready("m", "phi") for _ in range(3)))
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


async def test_the_template_of_a_server_is_had_once_and_told_anew_by_preparing() -> None:
    async with against(streams("x"), template="server") as (server, endpoint):
        server.props = {"chat_template": "one {{ messages[0].content }}"}
        await endpoint.ready("m", "server")
        server.props = {"chat_template": "two {{ messages[0].content }}"}
        await endpoint.ready("m", "server")
        assert endpoint.is_ready("m", "server")
        assert endpoint.render(SAID, "server") == "one Go on."
        await endpoint.prepare()
        assert endpoint.render(SAID, "server") == "two Go on."


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (fails(404), "does not tell the template of m"),
        (fails(501), "does not tell the template of m"),
        (lists({"model": "m"}), "does not tell the template of m"),
        (lists([]), "does not tell the template of m"),
        (fails(401), "wants a key"),
        (fails(503, "Loading model"), '(status 503): "Loading model"'),
        (silent, "has not begun to answer within 0.4 seconds"),
    ],
)
async def test_why_a_server_tells_no_template_is_said(handler: Handler, sentence: str) -> None:
    async with (
        serving(lists(LISTED), handler) as server,
        asking(asides(server.base_url), patience=Patience(connect=SHORT if handler is silent else 5.0)) as endpoint,
    ):
        with pytest.raises(EndpointError) as refused:
            await endpoint.ready("m", "server")
        assert sentence in refused.value.sentence
        assert refused.value.__context__ is None
        assert not endpoint.is_ready("m", "server")
        with pytest.raises(EndpointError) as rendered:
            endpoint.render(SAID, "server")
        assert rendered.value.sentence == refused.value.sentence


async def test_a_server_that_is_not_there_is_told_when_its_template_is_wanted() -> None:
    async with asking(NOWHERE) as endpoint:
        with pytest.raises(EndpointError, match="the connection was refused"):
            await endpoint.ready("m", "server")
        assert "the connection was refused" in str((await answer(endpoint, raw_request(template="server"))).error)


# a key that takes its time


class SlowKey:
    """Finds a key once it is let."""

    def __init__(self) -> None:
        self.wanted = threading.Event()
        self.given = threading.Event()

    def __call__(self) -> Key:
        self.wanted.set()
        self.given.wait(60)
        return Key()


def slow_endpoint(url: str, find: SlowKey) -> OpenAIEndpoint:
    endpoint = make_endpoint("slow", EndpointProfile(url, "m"), {}, patience=Patience(connect=SHORT))
    endpoint._connection._find = find
    return endpoint


async def test_closing_does_not_wait_for_a_key() -> None:
    find = SlowKey()
    connection = Connection(NOWHERE, find)
    opening = asyncio.create_task(connection.open())
    await asyncio.to_thread(find.wanted.wait, 10)
    making = connection._making
    assert making is not None
    async with asyncio.timeout(10):
        await connection.close()
        with pytest.raises(EndpointError, match="was closed before it was made"):
            await opening
    assert not find.given.is_set()
    closed = asyncio.Event()
    settled = connection._settle

    def settle(made: Any, outcome: Any) -> None:
        close = outcome.close

        async def noted() -> None:
            await close()
            closed.set()

        outcome.close = noted
        settled(made, outcome)

    connection._settle = settle  # type: ignore[method-assign]
    find.given.set()
    async with asyncio.timeout(30):
        await closed.wait()
        made = await connection.open()
        await connection.close()
    assert made.is_closed()


async def test_a_key_that_takes_its_time_holds_up_neither_getting_ready_nor_closing() -> None:
    find = SlowKey()
    async with serving(streams("x")) as server:
        server.models = LISTED
        endpoint = slow_endpoint(server.base_url, find)
        try:
            async with asyncio.timeout(10):
                await endpoint.ready("m", "plain")
                assert endpoint.is_ready("m", "plain")
                preparing = asyncio.create_task(endpoint.prepare())
                writing = asyncio.create_task(answer(endpoint))
                await asyncio.to_thread(find.wanted.wait, 10)
                assert endpoint.models == ()
                await endpoint.close()
                await preparing
                assert "closed before it was made" in str((await writing).error)
        finally:
            find.given.set()


async def test_what_the_key_held_up_is_learned_when_it_is_there() -> None:
    find = SlowKey()
    async with serving(streams("x")) as server:
        server.models = LISTED
        endpoint = slow_endpoint(server.base_url, find)
        await endpoint.ready("big", "")
        endpoint._patience = Patience()
        find.given.set()
        assert (await answer(endpoint)).text == "x"
        await endpoint._list()
        assert endpoint.window_of("big") == 40_000
        await endpoint.close()


@pytest.mark.parametrize("closes", [True, False])
def test_the_program_ends_without_the_key(closes: bool) -> None:
    code = f"""
import asyncio, threading
from composer.config import EndpointProfile
from composer.llm.endpoints import make_endpoint
from composer.llm.patience import Patience
from composer.llm.tokens import ESTIMATE
from composer.llm.windows import EMBEDDED_WINDOW

wanted, loop = threading.Event(), None

def find():
    wanted.set()
    threading.Event().wait()

async def main():
    endpoint = make_endpoint("slow", EndpointProfile("{NOWHERE}", "m"), {{}}, patience=Patience(connect=0.01))
    endpoint._connection._find = find
    await endpoint.ready("m", "")
    await asyncio.to_thread(wanted.wait)
    if {closes}:
        await endpoint.close()

asyncio.run(main())
print("ended")
"""
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "ended\n", "")


@pytest.mark.slow
def test_a_key_that_comes_after_the_end_does_no_harm() -> None:
    code = f"""
import asyncio, threading
from composer.llm.connection import Connection
from composer.llm.counters import MOST_MODELS
from composer.llm.keys import Key

wanted, given = threading.Event(), threading.Event()

def find():
    wanted.set()
    given.wait()
    return Key()

async def main():
    connection = Connection("{NOWHERE}", find)
    opening = asyncio.create_task(connection.open())
    await asyncio.to_thread(wanted.wait)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    await connection.close()

asyncio.run(main())
given.set()
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join()
print("ended")
"""
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "ended\n", "")
