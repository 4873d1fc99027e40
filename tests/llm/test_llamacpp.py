"""The endpoint against llama.cpp's own server with a tiny model: a ladder at once, as it comes, and freed when given up."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from composer.errors import ContextTooLong
from composer.session.ports import Closing
from tests.llm import tiny_llama
from tests.llm.fault_server import answer, asking, request

MISSING = [name for name in ("gguf", "numpy", "xllamacpp") if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]
LADDER = (0.2, 0.4, 0.6, 0.8, 1.0)


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    model = tmp_path_factory.mktemp("model") / "tiny.gguf"
    command = [sys.executable, str(Path(tiny_llama.__file__)), "--port", "0", "--model", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        try:
            yield json.loads(child.stdout.readline())["base_url"]
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()


async def told(base_url: str, path: str) -> Any:
    """What the server tells of itself."""

    def fetch() -> Any:
        with urllib.request.urlopen(base_url.removesuffix("/v1") + path, timeout=10) as response:
            return json.load(response)

    return await asyncio.to_thread(fetch)


async def busy(base_url: str) -> int:
    return sum(slot["is_processing"] for slot in await told(base_url, "/slots"))


async def until_idle(base_url: str) -> None:
    async with asyncio.timeout(10):
        while await busy(base_url):
            await asyncio.sleep(0.01)


async def test_a_ladder_streams_at_once_and_as_it_comes(base_url: str) -> None:
    async with asking(base_url, model="tiny", window=0) as endpoint:
        await endpoint.prepare()
        assert endpoint.window == tiny_llama.CONTEXT
        came: list[float] = []
        seen_busy = 0
        asked = [request(value, seed=7, max_tokens=120) for value in LADDER]

        async def read(one: Any) -> tuple[int, Closing]:
            nonlocal seen_busy
            pieces = 0
            closing = Closing()
            async with aclosing(endpoint.stream(one)) as stream:
                async for each in stream:
                    if isinstance(each, Closing):
                        closing = each
                        continue
                    pieces += 1
                    came.append(one.recipe.temperature)
                    if len(came) == 20:
                        seen_busy = await busy(base_url)
            return pieces, closing

        got = await asyncio.gather(*map(read, asked))
    assert seen_busy == 5
    assert set(came[:60]) == set(LADDER)
    for pieces, closing in got:
        assert pieces > 60
        assert (closing.finish_reason, closing.model, closing.completion_tokens) == ("length", "tiny", 120)
        assert closing.prompt_tokens


async def test_a_seed_gives_the_same_text_again(base_url: str) -> None:
    async with asking(base_url, model="tiny") as endpoint:
        first, again, other = [
            (await answer(endpoint, request(1.0, seed=seed, max_tokens=30))).text for seed in (7, 7, 8)
        ]
    assert first == again != other


async def test_giving_up_frees_the_slot(base_url: str) -> None:
    async with asking(base_url, model="tiny") as endpoint:
        begun = asyncio.Event()

        async def read() -> None:
            async with aclosing(endpoint.stream(request(1.0, max_tokens=100_000))) as stream:
                async for _ in stream:
                    begun.set()

        reading = asyncio.create_task(read())
        await begun.wait()
        assert await busy(base_url) == 1
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await until_idle(base_url)
        assert (await answer(endpoint, request(max_tokens=5))).closing is not None


async def test_what_is_too_long_is_said_so_and_tells_its_size(base_url: str) -> None:
    async with asking(base_url, model="tiny", window=0) as endpoint:
        await endpoint.prepare()
        told = endpoint.window
        assert endpoint.window_source("tiny") == "server"
        # As if it had said nothing.
        endpoint.learn_window("tiny", 100 * told)
        asked = request(max_tokens=5, model="tiny")
        asked = type(asked)((("user", "river " * 5 * told),), asked.recipe, 5)
        got = await answer(endpoint, asked)
        assert "too long for tiny" in str(got.error)
        assert isinstance(got.error, ContextTooLong)
        assert got.error.window == endpoint.window_of("tiny") == told
        assert endpoint.window_source("tiny") == "learned"


async def test_a_wrong_address_below_the_right_one_is_said_so(base_url: str) -> None:
    async with asking(base_url + "/nowhere", model="tiny") as endpoint:
        assert "There is nothing at" in str((await answer(endpoint)).error)
