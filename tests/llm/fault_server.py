"""A server with every fault that model servers have, on this computer, and what the tests of endpoints share.

A test hands in what each request is to meet, in order; the last one is for all that follow. It knows nothing of the client's code
and waits on events, never on time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from composer.config import EndpointProfile
from composer.errors import EndpointError
from composer.llm.client import OpenAIEndpoint
from composer.llm.encodings import Encodings
from composer.llm.endpoints import make_endpoint
from composer.llm.patience import Patience
from composer.session.ports import Closing, Memory, Piece, Request, Waiting
from composer.story.candidate import Recipe

STREAM = {"content-type": "text/event-stream; charset=utf-8"}
BESIDE = frozenset(("/api/ps", "/api/show", "/api/v0/models", "/model/info"))
"""Where servers are asked for windows that their lists don't tell."""
REASONS = {200: "OK", 400: "Bad Request"}


class Exchange:
    """One request, and the connection to answer it on."""

    def __init__(
        self, writer: asyncio.StreamWriter, method: str, path: str, headers: dict[str, str], body: Any
    ) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.gone = asyncio.Event()
        """Set when the client has closed the connection."""
        self._writer = writer
        self._chunked = False

    async def left(self) -> None:
        """Wait for the client to close the connection; a failure if it does not."""
        async with asyncio.timeout(10):
            await self.gone.wait()

    async def raw(self, data: bytes) -> None:
        """Send bytes, as a chunk if the answer is sent in chunks."""
        if self._chunked:
            data = b"%x\r\n%s\r\n" % (len(data), data)
        self._writer.write(data)
        await self._writer.drain()

    async def head(self, status: int = 200, headers: dict[str, str] = STREAM, length: int | None = None) -> None:
        """Send the head of an answer; without a length, what follows is sent in chunks."""
        framing = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
        lines = [
            f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}",
            *(f"{n}: {v}" for n, v in headers.items()),
            framing,
        ]
        self._chunked = False
        await self.raw("\r\n".join([*lines, "", ""]).encode())
        self._chunked = length is None

    async def whole(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        await self.head(status, headers, len(body))
        await self.raw(body)

    async def json(self, status: int, body: Any, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await self.whole(status, json.dumps(body).encode(), {"content-type": "application/json", **named})

    async def event(self, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        await self.raw(b"data: " + text.encode("utf-8", "surrogatepass") + b"\n\n")

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.event(chunk({"content": text}))

    async def end(self, reason: str | None = "stop", usage: dict[str, int] | None = None, done: bool = True) -> None:
        """Finish a stream as it should be finished, less what is left out."""
        if reason is not None:
            await self.event(chunk({}, reason))
        if usage is not None:
            await self.event({"choices": [], "usage": usage, "model": "served"})
        if done:
            await self.event("[DONE]")
        self._chunked = False
        await self.raw(b"0\r\n\r\n")

    def cut(self) -> None:
        """Close the connection in the middle of the answer."""
        self._writer.close()

    def reset(self) -> None:
        """Tear the connection down."""
        linger = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()


Handler = Callable[[Exchange], Awaitable[None]]


@dataclass
class FaultServer:
    base_url: str = ""
    seen: list[Exchange] = field(default_factory=list)
    """All requests, in order."""
    models: Any = None
    """What is told of models; None: there is no such list."""
    props: Any = None
    """What llama.cpp tells of itself; None: nothing."""
    beside: dict[str, Any] = field(default_factory=dict)
    """What is told under the paths that are asked for windows; nothing: there is no such path."""
    asked: list[tuple[str, Any]] = field(default_factory=list)
    """Those of them that were asked, with what was sent."""
    connections: set[asyncio.Task[None]] = field(default_factory=set)


def chunk(delta: Any, reason: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of a streamed chat completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "served", "choices": [choice], **more}


def raw_chunk(text: str, reason: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    """A chunk of a streamed completion of raw text."""
    choice = {"index": index, "text": text, "finish_reason": reason, "logprobs": None, **more}
    return {"id": "c", "object": "text_completion", "created": 0, "model": "served", "choices": [choice]}


def streams(*texts: str, reason: str | None = "stop", usage: dict[str, int] | None = None) -> Handler:
    """A stream as it should be."""

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event(chunk({"role": "assistant", "content": ""}))
        await exchange.say(*texts)
        await exchange.end(reason, usage)

    return handler


def sends(*events: Any) -> Handler:
    """A stream of these events and nothing else."""

    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        for event in events:
            await (exchange.raw(event) if isinstance(event, bytes) else exchange.event(event))
        await exchange.end(None, done=False)

    return handler


def fails(status: int, message: str = "", **headers: str) -> Handler:
    """An error in OpenAI's shape."""

    async def handler(exchange: Exchange) -> None:
        await exchange.json(status, {"error": {"message": message or f"status {status}", "type": "error"}}, **headers)

    return handler


@contextlib.asynccontextmanager
async def serving(*handlers: Handler) -> AsyncIterator[FaultServer]:
    """A server whose requests meet these handlers in order."""
    server = FaultServer()
    left = list(handlers)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        server.connections.add(task)
        try:
            while (exchange := await _request(reader, writer)) is not None:
                if exchange.path in BESIDE:
                    server.asked.append((exchange.path, exchange.body))
                    told = server.beside.get(exchange.path)
                    await exchange.json(404 if told is None else 200, told)
                    continue
                asides = {"models": server.models, "props": server.props}
                if (aside := exchange.path.rpartition("/")[2]) in asides:
                    told = asides[aside]
                    nothing = 404, {"error": {"message": "nothing here"}}
                    await exchange.json(*(nothing if told is None else (200, told)))
                    continue
                server.seen.append(exchange)
                handler = left.pop(0) if len(left) > 1 else left[0]
                watch = asyncio.create_task(_watch(reader, exchange))
                try:
                    await handler(exchange)
                except ConnectionError:
                    exchange.gone.set()
                finally:
                    watch.cancel()
                    await asyncio.gather(watch, return_exceptions=True)
                if writer.is_closing() or exchange.gone.is_set():
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the test is over
        finally:
            server.connections.discard(task)
            writer.close()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    server.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        listener.close()
        for task in list(server.connections):
            task.cancel()
        await asyncio.gather(*server.connections, return_exceptions=True)


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, path, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Exchange(writer, method, path, headers, json.loads(body) if body else None)


async def _watch(reader: asyncio.StreamReader, exchange: Exchange) -> None:
    """Notice the end of the connection while an answer is being sent. No client of these sends more before that."""
    with contextlib.suppress(ConnectionError):
        while not reader.at_eof():
            if not await reader.read(1):
                break
    exchange.gone.set()


class Sleeps:
    """A sleep that takes no time and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)


class Notes:
    """A memory that tells what it was given."""

    def __init__(self, **subjects: str) -> None:
        self.learned: list[tuple[str, str, str, str]] = []
        self._subjects = subjects

    def known(self, endpoint: str, model: str) -> Mapping[str, str]:
        return self._subjects

    def learn(self, endpoint: str, model: str, subject: str, value: str) -> None:
        self.learned.append((endpoint, model, subject, value))

    @property
    def told(self) -> dict[str, str]:
        """What was learned last, by subject."""
        return {subject: value for _, _, subject, value in self.learned}


@contextlib.asynccontextmanager
async def asking(
    base_url: str,
    *,
    key: str = "",
    model: str = "m",
    window: int = 1000,
    patience: Patience | None = None,
    sleep: Sleeps | None = None,
    memory: Memory | None = None,
    encodings: Encodings | None = None,
    **settings: Any,
) -> AsyncIterator[OpenAIEndpoint]:
    """An endpoint for that address, closed at the end. The key, if there is one, lies in WRITERS_KEY."""
    profile = EndpointProfile(base_url, model, "WRITERS_KEY" if key else "", window=window, **settings)
    endpoint = make_endpoint(
        "test",
        profile,
        {"WRITERS_KEY": key},
        memory=memory,
        encodings=encodings,
        patience=patience,
        sleep=sleep or Sleeps(),
    )
    try:
        yield endpoint
    finally:
        await endpoint.close()


@contextlib.asynccontextmanager
async def against(*handlers: Handler, **options: Any) -> AsyncIterator[tuple[FaultServer, OpenAIEndpoint]]:
    """A server of these handlers, and an endpoint for it."""
    async with serving(*handlers) as server, asking(server.base_url, **options) as endpoint:
        yield server, endpoint


def request(
    temperature: float = 0.4, *, seed: int | None = None, max_tokens: int = 50, prefix: str = "", **more: Any
) -> Request:
    """A request for chat. What is given beside is its sampling."""
    recipe = Recipe("test", more.pop("model", "m"), {"temperature": temperature, **more}, seed=seed)
    return Request((("system", "Write."), ("user", "Go on.")), recipe, max_tokens, prefix)


def raw_request(
    prompt: str = "The ferry", suffix: str = "", *, template: str = "plain", prefix: str = "", **sampling: Any
) -> Request:
    """A request for what follows a text, and leads to another if there is a suffix."""
    messages = (("prompt", prompt), *((("suffix", suffix),) if suffix else ()))
    return Request(messages, Recipe("test", "m", sampling, template=template), 50, prefix)


@dataclass
class Answer:
    text: str = ""
    reasoning: str = ""
    pieces: list[Piece] = field(default_factory=list)
    waits: list[Waiting] = field(default_factory=list)
    closing: Closing | None = None
    error: EndpointError | None = None

    @property
    def dropped(self) -> dict[str, str]:
        return dict(self.closing.dropped) if self.closing else {}


async def answer(endpoint: OpenAIEndpoint, asked: Request | None = None) -> Answer:
    """The whole answer, with the error it ended in, if it did."""
    got = Answer()
    try:
        async with asyncio.timeout(30), contextlib.aclosing(endpoint.stream(asked or request())) as stream:
            async for each in stream:
                if isinstance(each, Closing):
                    got.closing = each
                elif isinstance(each, Waiting):
                    got.waits.append(each)
                else:
                    got.pieces.append(each)
    except EndpointError as error:
        got.error = error
    if got.error is not None:
        assert got.error.sentence
        assert got.error.next_step
        assert str(got.error).isprintable()
        assert got.error.__context__ is None, "the SDK's errors hold keys"
        assert got.error.__cause__ is None
    got.text = "".join(piece.text for piece in got.pieces if piece.channel == "text")
    got.reasoning = "".join(piece.text for piece in got.pieces if piece.channel == "reasoning")
    return got
