"""Windows: who says how much a model takes, in which order, and what of it is believed and remembered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from composer.config import EMBEDDED_PROFILE, Price
from composer.llm import chunks, sizes
from composer.llm.endpoints import make_endpoint
from composer.llm.fields import Kind
from composer.llm.windows import EMBEDDED_WINDOW, WINDOW, WINDOWS, Windows, guessed_window, is_sane, known_window
from tests.llm.fault_server import Notes, against, answer, asking, fails, request, serving, streams
from tests.llm.test_chunks import JSON


class Kept:
    """A memory that keeps."""

    def __init__(self) -> None:
        self.subjects: dict[tuple[str, str], dict[str, str]] = {}

    def known(self, endpoint: str, model: str) -> Mapping[str, str]:
        return self.subjects.get((endpoint, model), {})

    def learn(self, endpoint: str, model: str, subject: str, value: str) -> None:
        self.subjects.setdefault((endpoint, model), {})[subject] = value


# names


@pytest.mark.parametrize(
    ("model", "window"),
    [
        ("gpt-4o", 128_000),
        ("openai/GPT-4o-mini", 128_000),
        ("gpt-4", 8_192),
        ("gpt-4.1-nano", 1_047_576),
        ("gpt-5.1", 400_000),
        ("gpt-oss:20b", 131_072),
        ("o3-mini", 200_000),
        ("claude-3-5-haiku-latest", 200_000),
        ("anthropic/claude-sonnet-4.5", 200_000),
        ("anthropic.claude-3-haiku-20240307-v1:0", 200_000),
        ("google/gemini-2.5-flash", 1_048_576),
        ("llama3.1:8b", 131_072),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", 131_072),
        ("meta-llama/Meta-Llama-3-8B-Instruct", 8_192),
        ("llama3:8b", 8_192),
        ("llama2", 4_096),
        ("mistralai/Mistral-7B-Instruct-v0.3", 32_768),
        ("Qwen/Qwen2.5-7B-Instruct", 32_768),
        ("qwen3:4b", 32_768),
        ("deepseek-chat", 65_536),
        ("gemma2:9b", 8_192),
        ("google/gemma-3-12b-it", 131_072),
        ("google/gemma-3-1b-it", 32_768),
        ("gemma3:1b", 32_768),
        ("gemma3:12b", 131_072),
        ("gpt-3.5-turbo", 16_385),
        ("gpt-3.5-turbo-0301", 4_096),
        ("gpt-3.5-turbo-0613", 4_096),
        ("gpt-3.5-turbo-1106", 16_385),
        ("gpt-3.5-turbo-16k-0613", 16_385),
        ("microsoft/Phi-3-mini-4k-instruct", 4_096),
        ("microsoft/Phi-3-mini-128k-instruct", 131_072),
        ("phi4", 16_384),
        ("my-own-model", 0),
        ("llama", 0),
        ("", 0),
    ],
)
def test_a_model_is_known_by_its_name(model: str, window: int) -> None:
    assert known_window(model) == window


def test_every_name_in_the_table_can_be_found() -> None:
    for start, size in WINDOWS:
        assert known_window(start) == size, f"{start} is hidden by one before it"
        assert is_sane(size)


@pytest.mark.parametrize(
    ("model", "kind", "expected"),
    [
        ("gpt-4o", "other", (128_000, "table")),
        ("strange", "other", (WINDOW, "guess")),
        ("", "openai", (WINDOW, "guess")),
        ("llama3.1", "ollama", (4096, "table")),
        ("strange", "ollama", (4096, "table")),
        ("phi-2", "lmstudio", (2048, "table")),
        ("whatever", "embedded", (EMBEDDED_WINDOW, "server")),
    ],
)
def test_what_nobody_tells_is_known_or_guessed(model: str, kind: Kind, expected: tuple[int, str]) -> None:
    assert guessed_window(model, kind) == expected


@pytest.mark.parametrize(
    "lie", [0, -1, 255, 10**12, 100_000_001, "4096", "4k", True, None, math.nan, math.inf, 4096.5, [4096], {"n": 4096}]
)
def test_what_can_not_be_a_window_is_not_believed(lie: Any) -> None:
    assert not is_sane(lie)
    windows = Windows("a", "other")
    windows.listed([("m", lie), ("n", 5000)])
    windows.asked({"m": lie})
    windows.learn("m", lie if isinstance(lie, int) else 1)
    assert (windows.of("m"), windows.source("m")) == (4096, "guess")
    entries = [{"id": "m", name: lie} for name in ("max_model_len", "context_length", "loaded_context_length")]
    for entry in [*entries, {"id": "m", "meta": {"n_ctx": lie}}, {"id": "m", "top_provider": {"context_length": lie}}]:
        assert chunks.models([entry]) == [("m", 0)]


# the order


def test_the_order_in_which_they_are_believed() -> None:
    memory = Kept()
    windows = Windows("home", "other", 0, memory)
    assert (windows.of("gpt-4o"), windows.source("gpt-4o")) == (128_000, "table")
    windows.listed([("gpt-4o", 64_000), ("m", 0)])
    assert (windows.of("gpt-4o"), windows.source("gpt-4o")) == (64_000, "server")
    assert (windows.of("m"), windows.source("m")) == (WINDOW, "guess")
    windows.learn("gpt-4o", 32_000)
    assert (windows.of("gpt-4o"), windows.source("gpt-4o")) == (32_000, "learned")
    settled = Windows("home", "other", 48_000, Kept())
    settled.listed([("gpt-4o", 64_000)])
    assert (settled.of("gpt-4o"), settled.source("gpt-4o")) == (48_000, "settings")


def test_what_was_learned_is_remembered_until_the_server_says_otherwise() -> None:
    memory = Kept()
    first = Windows("home", "llamacpp", 0, memory)
    first.listed([("m", 8192)])
    first.learn("m", 4096)
    assert memory.known("home", "m") == {"window": "4096/8192"}
    again = Windows("home", "llamacpp", 0, memory)
    assert (again.of("m"), again.source("m")) == (4096, "learned")
    again.listed([("m", 8192), ("other", 8192)])
    assert (again.of("m"), again.source("m")) == (4096, "learned")
    assert again.of("other") == 8192
    again.listed([("m", 16_384), ("other", 0)])
    assert (again.of("m"), again.source("m")) == (16_384, "server")
    assert again.of("other") == 8192
    again.learn("m", 0)
    assert memory.known("home", "m") == {"window": ""}
    again.listed([("m", 8192), ("other", 0)])
    assert (again.of("m"), again.source("m")) == (8192, "server")


def test_what_the_writer_said_is_given_up_when_the_server_comes_to_tell() -> None:
    windows = Windows("home", "other", 0, Kept())
    windows.learn("m", 20_000)
    assert (windows.of("m"), windows.source("m")) == (20_000, "learned")
    windows.listed([("m", 9000)])
    assert (windows.of("m"), windows.source("m")) == (9000, "server")


def test_a_refusal_goes_before_settings_that_ask_for_more() -> None:
    memory = Kept()
    windows = Windows("home", "other", 8000, memory)
    windows.learn("m", 6000)
    assert (windows.of("m"), windows.source("m")) == (6000, "learned")
    windows.learn("m", 60_000)
    assert (windows.of("m"), windows.source("m")) == (8000, "settings")
    windows.learn("m", 6000)
    # They were corrected since.
    assert Windows("home", "other", 6500, memory).of("m") == 6500


@pytest.mark.parametrize("told", ["", "x", "-5/3", "12", "4096.5/0", "9" * 40, "١٢٣٤/0", "4096/x"])
def test_an_odd_memory_does_no_harm(told: str) -> None:
    memory = Kept()
    memory.learn("home", "m", "window", told)
    memory.learn("home", "m", "overhead", told)
    assert Windows("home", "other", 0, memory).of("m") in (4096, 4084)


def test_the_one_model_of_a_server_goes_by_any_name() -> None:
    windows = Windows("home", "llamacpp")
    windows.listed([("/models/a.gguf", 2048)])
    assert [windows.of(name) for name in ("a", "gpt-4o", "")] == [2048] * 3
    windows.listed([("/models/a.gguf", 2048), ("b", 0)])
    assert windows.of("gpt-4o") == 128_000


def test_what_a_server_adds_is_taken_off_and_never_more_than_a_quarter() -> None:
    memory = Kept()
    windows = Windows("home", "other", 0, memory)
    windows.listed([("m", 8000), ("n", 8000)])
    windows.learn_added("m", 600)
    assert (windows.of("m"), windows.source("m"), windows.of("n")) == (7400, "server", 8000)
    assert Windows("home", "other", 8000, memory).of("m") == 7400
    windows.learn_added("m", 5000)
    assert windows.of("m") == 6000
    windows.learn_added("m", 0)
    assert windows.of("m") == 8000
    assert memory.known("home", "m") == {"overhead": ""}


# what servers list


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"meta": {"n_ctx": 5000, "n_ctx_train": 131_072}}, 5000),
        ({"max_model_len": 32_768}, 32_768),
        ({"context_length": 128_000, "top_provider": {"context_length": 64_000}}, 64_000),
        ({"context_length": 64_000, "top_provider": {"context_length": 128_000}}, 64_000),
        ({"context_length": 64_000, "top_provider": {"context_length": None}}, 64_000),
        ({"top_provider": {"context_length": 64_000}}, 64_000),
        ({"max_context_length": 32_768, "loaded_context_length": 2048}, 2048),
        ({"max_input_tokens": 16_000, "max_output_tokens": 4000}, 16_000),
        ({"context_length": 10**12, "max_context_length": 9000}, 9000),
        ({}, 0),
    ],
)
def test_a_list_of_models_tells_windows(entry: dict[str, Any], window: int) -> None:
    assert chunks.models({"data": [{"id": "m", **entry}]}) == [("m", window)]


@given(JSON)
def test_whatever_is_told_beside_is_read(value: Any) -> None:
    for form in (value, {"models": value, "data": value}, {"models": [value], "data": [value]}):
        for read in (sizes.running, sizes.loaded, sizes.behind):
            assert all(isinstance(name, str) and is_sane(size) for name, size in read(form).items())
        assert sizes.shown_size(form, "m") >= 0


# servers that have to be asked

PS = {"models": [{"name": "tale:latest", "model": "tale:latest", "context_length": 6000}]}


@pytest.mark.parametrize(
    ("beside", "model", "expected"),
    [
        ({"/api/ps": PS}, "tale", (6000, "server")),
        ({"/api/ps": PS}, "tale:latest", (6000, "server")),
        ({"/api/show": {"parameters": 'stop "<x>"\nnum_ctx                        16384'}}, "tale", (16_384, "server")),
        (
            {"/api/show": {"parameters": "num_ctx 16384", "model_info": {"llama.context_length": 8192}}},
            "tale",
            (8192, "server"),
        ),
        ({"/api/show": {"model_info": {"llama.context_length": 131_072}}}, "tale", (4096, "table")),
        ({"/api/show": {"model_info": {"phi2.context_length": 2048}}}, "tale", (2048, "server")),
        (
            {"/api/show": {"remote_host": "https://ollama.com:443", "model_info": {"x.context_length": 131_072}}},
            "tale",
            (131_072, "server"),
        ),
        ({"/api/ps": {"models": []}}, "tale", (4096, "table")),
        ({"/api/ps": [1], "/api/show": "x"}, "tale", (4096, "table")),
        ({"/api/ps": {"models": [{"name": "tale", "context_length": -1}]}}, "tale", (4096, "table")),
        ({}, "llama3.1", (4096, "table")),
    ],
)
async def test_ollama_is_asked_what_it_loads(beside: dict[str, Any], model: str, expected: tuple[int, str]) -> None:
    async with against(streams("x"), kind="ollama", model=model, window=0) as (server, endpoint):
        server.models = {"data": [{"id": model}, {"id": "other"}]}
        server.beside = beside
        await endpoint.ready("", "")
        assert (endpoint.window_of(""), endpoint.window_source("")) == expected
        assert endpoint.window == expected[0]
        assert server.asked[0] == ("/api/ps", None)
        assert server.asked[1:] in ([], [("/api/show", {"model": model})])
        assert server.seen == []


async def test_each_model_is_asked_for_once() -> None:
    async with against(streams("x"), kind="ollama", model="tale", window=0) as (server, endpoint):
        server.models = {"data": [{"id": "tale"}, {"id": "other"}]}
        for _ in range(2):
            await endpoint.ready("tale", "")
        assert endpoint.is_ready("tale", "")
        assert not endpoint.is_ready("other", "")
        server.beside = {"/api/show": {"parameters": "num_ctx 2048"}}
        for _ in range(2):
            await endpoint.ready("other", "")
        assert endpoint.is_ready("other", "")
        assert endpoint.window_of("other") == 2048
        shown = [body for path, body in server.asked if path == "/api/show"]
        assert shown == [{"model": "tale"}, {"model": "other"}]
        await endpoint.prepare()
        assert endpoint.window_of("tale") == 2048


async def test_a_model_that_has_answered_is_asked_for_anew() -> None:
    async with against(streams("x"), kind="ollama", model="tale", window=0) as (server, endpoint):
        server.models = {"data": [{"id": "tale"}]}
        await endpoint.ready("", "")
        assert endpoint.window == 4096
        server.beside = {"/api/ps": PS}
        assert (await answer(endpoint, request(model="tale"))).text == "x"
        assert not endpoint.is_ready("", "")
        await endpoint.ready("", "")
        assert (endpoint.window, endpoint.window_source("")) == (6000, "server")
        await answer(endpoint, request(model="tale"))
        assert endpoint.is_ready("", "")


async def test_lm_studio_tells_what_it_has_loaded() -> None:
    listed = {
        "data": [
            {"id": "tale", "state": "loaded", "max_context_length": 131_072, "loaded_context_length": 12_000},
            {"id": "llama-3.1-8b", "state": "not-loaded", "max_context_length": 131_072},
        ]
    }
    async with against(streams("x"), kind="lmstudio", model="tale", window=0) as (server, endpoint):
        server.models = {"data": [{"id": "tale"}, {"id": "llama-3.1-8b"}]}
        server.beside = {"/api/v0/models": listed}
        await endpoint.prepare()
        assert (endpoint.window, endpoint.window_source("")) == (12_000, "server")
        await endpoint.ready("llama-3.1-8b", "")
        assert endpoint.window_of("llama-3.1-8b") == 4096
        assert endpoint.window_source("llama-3.1-8b") == "table"


async def test_litellm_tells_what_the_models_behind_it_take() -> None:
    told = {
        "data": [
            {"model_name": "tale", "model_info": {"max_tokens": 4000, "max_input_tokens": 20_000}},
            {"model_name": "tale", "model_info": {"max_input_tokens": 30_000}},
            {"model_name": "odd", "model_info": {"max_input_tokens": None}},
        ]
    }
    async with against(streams("x"), kind="litellm", model="tale", window=0) as (server, endpoint):
        server.models = {"data": [{"id": "tale"}, {"id": "odd"}]}
        server.beside = {"/model/info": told}
        await endpoint.prepare()
        assert (endpoint.window, endpoint.window_source("")) == (20_000, "server")
        assert endpoint.window_of("odd") == WINDOW
        assert server.asked == [("/model/info", None)]


@pytest.mark.parametrize("kind", ["openai", "vllm", "llamacpp", "other"])
async def test_other_servers_are_asked_for_nothing_beside(kind: str) -> None:
    async with against(streams("x"), kind=kind, window=0) as (server, endpoint):
        server.models = {"data": [{"id": "m"}]}
        await endpoint.prepare()
        assert server.asked == []


async def test_a_window_of_the_settings_needs_no_asking() -> None:
    async with against(streams("x"), kind="ollama", window=7000) as (server, endpoint):
        server.models = {"data": [{"id": "m"}]}
        await endpoint.prepare()
        assert endpoint.is_ready("", "")
        assert (endpoint.window, endpoint.window_source(""), server.asked) == (7000, "settings", [])


async def test_a_server_that_lists_nothing_is_not_asked_for_more() -> None:
    async with serving(fails(404)) as server, asking(server.base_url, kind="ollama", window=0) as endpoint:
        await endpoint.ready("", "")
        assert endpoint.is_ready("", "")
        assert server.asked == []


# the endpoint


async def test_what_the_writer_says_is_remembered() -> None:
    notes = Notes()
    async with against(streams("x"), model="m", window=0, memory=notes) as (_server, endpoint):
        assert (endpoint.window_of("m"), endpoint.window_source("m")) == (4096, "guess")
        endpoint.learn_window("", 30_000)
        assert endpoint.window == endpoint.window_of("m") == 30_000
        assert endpoint.window_source("m") == "learned"
        endpoint.learn_window("m", 12)
        assert endpoint.window == 30_000
        endpoint.learn_window("m", 0)
        assert endpoint.window_source("m") == "guess"
    assert notes.learned == [("test", "m", "window", "30000/0"), ("test", "m", "window", "")]


async def test_the_writer_can_have_all_forgotten_that_was_learned_of_a_model() -> None:
    notes = Notes()
    async with against(streams("x"), model="m", window=0, memory=notes) as (_server, endpoint):
        estimate = endpoint.counter_of("m")
        endpoint.learn_window("m", 30_000)
        endpoint.learn_usage("m", 210, 780)
        assert endpoint.counter_of("m") is not estimate
        endpoint.learn_window("m", 20_000)
        assert endpoint.counter_of("m") is not estimate
        endpoint.learn_window("m", 0)
        assert endpoint.counter_of("m") is endpoint.count is estimate
        assert endpoint.window_source("m") == "guess"
        assert notes.told == {"window": "", "ratio": ""}
        endpoint.learn_usage("m", 210, 780)
        assert endpoint.counter_of("m") is not estimate
    async with against(streams("x"), model="m", window=8000, memory=Notes(overhead="500")) as (_server, endpoint):
        assert endpoint.window_of("m") == 7500
        endpoint.learn_window("m", 0)
        assert endpoint.window_of("m") == 8000


async def test_an_answer_gets_no_more_than_a_quarter_of_a_small_window() -> None:
    async with against(streams("x"), window=0) as (server, endpoint):
        assert endpoint.max_tokens == 1024
        server.models = {"data": [{"id": "m", "max_model_len": 2000}]}
        await endpoint.prepare()
        assert endpoint.max_tokens == 500


async def test_the_embedded_models_window_is_its_own() -> None:
    endpoint = make_endpoint("embedded", EMBEDDED_PROFILE, {})
    assert (endpoint.window_of("gpt-4o"), endpoint.window_source("gpt-4o")) == (EMBEDDED_WINDOW, "server")
    await endpoint.close()


# prices


@pytest.mark.parametrize(
    ("model", "price"),
    [("openai/gpt-4o", 1.0), ("azure/gpt-4o", 2.0), ("gpt-4o", 2.0), ("other", 3.0), ("a/other", 3.0), ("", 4.0)],
)
async def test_a_price_is_found_by_name_by_its_last_part_or_for_any(model: str, price: float) -> None:
    prices = {"openai/gpt-4o": Price(1.0), "gpt-4o": Price(2.0), "*": Price(3.0), "m": Price(4.0)}
    async with asking("http://127.0.0.1:1/v1", prices=prices) as endpoint:
        found = endpoint.price_of(model)
        assert found is not None
        assert found.input == price
    async with asking("http://127.0.0.1:1/v1", prices={"n": Price(1)}) as endpoint:
        assert endpoint.price_of("m") is None
