"""Servers on this computer are found by their ports, told apart by what they say, and asked without a key or a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from composer.config import PORTS as USUAL
from composer.llm.around import PORTS, is_here, look_around
from composer.session.ports import Found

Page = tuple[int, dict[str, str], Any] | bytes | None
"""Status, headers and body; bytes as they are sent; or silence."""
SOON = 5.0
"""Seconds that a test's server has at most: it answers at once."""


@dataclass
class Local:
    """A server on a port of its own: what is at its paths, and the requests that it had."""

    port: int
    seen: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def local(pages: dict[str, Page], otherwise: Page = (404, {}, {"error": "nothing here"})) -> AsyncIterator[Local]:
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                server.seen.append(head)
                page = pages.get(head.split(" ")[1], otherwise)
                if page is None:
                    await asyncio.Event().wait()
                elif isinstance(page, bytes):
                    writer.write(page)
                    break
                else:
                    status, headers, body = page
                    data = body if isinstance(body, bytes) else json.dumps(body).encode()
                    lines = [f"HTTP/1.1 {status} Status", f"content-length: {len(data)}"]
                    lines += [f"{name}: {value}" for name, value in headers.items()]
                    writer.write("\r\n".join([*lines, "", ""]).encode() + data)
                    await writer.drain()
        connections.discard(task)
        writer.close()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    server = Local(listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def listing(*ids: Any, owned_by: str = "somebody", **headers: str) -> Page:
    data = [{"id": each, "object": "model", "owned_by": owned_by} for each in ids]
    return 200, {name.replace("_", "-"): value for name, value in headers.items()}, {"object": "list", "data": data}


async def found_at(pages: dict[str, Page], **more: Any) -> tuple[Found, ...]:
    async with local(pages, **more) as server:
        found = await look_around((), [server.port], SOON)
        assert all(each.profile.base_url == f"http://localhost:{server.port}/v1" for each in found)
        return found


@pytest.mark.parametrize(
    ("kind", "pages"),
    [
        ("llamacpp", {"/v1/models": listing("m", owned_by="llamacpp")}),
        ("llamacpp", {"/v1/models": listing("m", server="llama.cpp")}),
        ("llamacpp", {"/v1/models": listing("m"), "/props": (200, {}, {"default_generation_settings": {}})}),
        ("ollama", {"/v1/models": listing("m", owned_by="library")}),
        ("ollama", {"/v1/models": listing("m"), "/api/version": (200, {}, {"version": "0.5.1"})}),
        ("lmstudio", {"/v1/models": listing("m", owned_by="organization_owner")}),
        ("lmstudio", {"/v1/models": listing("m"), "/api/v0/models": (200, {}, {"data": [{"id": "m"}]})}),
        ("vllm", {"/v1/models": listing("m", owned_by="vllm")}),
        ("litellm", {"/v1/models": listing("m", owned_by="openai", x_litellm_version="1.80")}),
        ("litellm", {"/v1/models": listing("m"), "/health/liveliness": (200, {}, "I'm alive!")}),
        ("other", {"/v1/models": listing("m")}),
        # It speaks as Ollama too.
        ("other", {"/v1/models": listing("m", owned_by="koboldcpp"), "/api/version": (200, {}, {"version": "0.7"})}),
    ],
)
async def test_what_server_it_is(kind: str, pages: dict[str, Page]) -> None:
    (found,) = await found_at(pages)
    assert found.profile.kind == kind
    assert found.models == ("m",)
    assert found.profile.model == ""
    assert not found.profile.key_env


async def test_a_server_that_answers_everything_with_a_complaint_is_not_taken_for_another() -> None:
    (found,) = await found_at({"/v1/models": listing("m")}, otherwise=(200, {}, {"error": "Unexpected endpoint"}))
    assert found.profile.kind == "other"


@pytest.mark.parametrize(
    "page",
    [
        (200, {"content-type": "text/html"}, b"<html>A page about boats</html>"),
        (200, {}, b"{"),
        (200, {}, b"[" * 100_000),
        (200, {}, {"models": []}),
        (200, {}, ["m"]),
        (401, {}, {"error": "no key"}),
        (302, {"location": "http://127.0.0.1:1/"}, {}),
        (500, {}, {"data": []}),
        (200, {}, b'{"data": ["' + b"x" * 3_000_000 + b'"]}'),
        b"\x00\x01 no http at all\r\n\r\n",
        b"",
    ],
    ids=repr,
)
async def test_what_is_no_list_of_models_is_no_server(page: Page) -> None:
    assert await found_at({"/v1/models": page}) == ()


async def test_one_that_is_silent_is_given_up() -> None:
    async with local({"/v1/models": None}) as server:
        assert await look_around((), [server.port], 0.05) == ()


async def test_a_gateway_that_wants_a_key_is_found_without_its_models() -> None:
    (found,) = await found_at({"/v1/models": (401, {}, {}), "/health/liveliness": (200, {}, "I'm alive!")})
    assert (found.profile.kind, found.models) == ("litellm", ())


async def test_names_of_models_are_clean() -> None:
    (found,) = await found_at({"/v1/models": listing("a\x1b[2Jb", "", None, 7, "a\x1b[2Jb", "two\nlines", "l" * 900)})
    assert found.models[:2] == ("a[2Jb", "two lines")
    assert len(found.models) == 3
    assert len(found.models[2]) <= 200


async def test_no_key_and_no_proxy(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    async with local({"/v1/models": listing("m")}) as server:
        assert len(await look_around((), [server.port], SOON)) == 1
    assert all("authorization" not in head.lower() and secret not in head for head in server.seen)


async def test_what_is_in_the_settings_is_not_asked_and_names_are_not_given_twice() -> None:
    pages: dict[str, Page] = {"/v1/models": listing("m", owned_by="library")}
    async with local(pages) as known, local(pages) as second, local(pages) as third:
        found = await look_around(
            ("ollama", f"http://127.0.0.1:{known.port}/v1", "https://api.openai.com/v1", "http://[", "home"),
            [known.port, second.port, third.port],
            SOON,
        )
    assert known.seen == []
    assert [each.name for each in found] == ["ollama-2", "ollama-3"]


def test_the_usual_ports() -> None:
    assert set(USUAL) < set(PORTS)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.0.0.1/v1", True),
        ("http://127.3.2.1:8/v1", True),
        ("http://[::1]:8080/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://localhost.example.org/v1", False),
        ("http://192.168.0.7:8080/v1", False),
        ("http://[", False),
    ],
)
def test_what_is_on_this_computer(address: str, here: bool) -> None:
    assert is_here(address) is here
