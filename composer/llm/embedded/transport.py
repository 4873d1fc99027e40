"""The embedded model behind the SDK's own HTTP client: a transport that answers instead of a server.

Routes a request, has its tokens computed by the worker one at a time as they are read, and sends them as a
server would. A stream that is closed or whose task is cancelled computes nothing more. Opens no socket, prints
nothing, logs nothing.
"""

from __future__ import annotations

import json
import os
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from random import Random
from typing import Any

import httpx2

from composer.llm.embedded import wire
from composer.llm.embedded.model import Mind
from composer.llm.embedded.prompt import Prompt, read_messages, read_text
from composer.llm.embedded.reply import Echo, Piece, Reply
from composer.llm.embedded.request import understand
from composer.llm.embedded.store import load
from composer.llm.embedded.tokens import count
from composer.llm.embedded.wire import WINDOW, Call, ChatCall, Refusal, Shapes, TextCall, Usage
from composer.llm.embedded.worker import Budget, Pace, Worker

_worker = Worker()
_budget = Budget()
_KEPT = 4


class _Minds:
    """The last few minds, since a round of candidates asks for the same one; used in the worker only."""

    def __init__(self) -> None:
        self._known: OrderedDict[Prompt, Mind] = OrderedDict()

    def get(self, prompt: Prompt) -> Mind:
        mind = self._known.get(prompt)
        if mind is None:
            store = load()
            mind = self._known[prompt] = Mind(store, understand(prompt, store))
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(prompt)
        return mind


_minds = _Minds()


class _Choices:
    """All choices of one request, made in turn; lives in the worker."""

    def __init__(self, call: Call, prompts: Sequence[tuple[Prompt, str]]) -> None:
        """`prompts`: each with the text to echo before its choices, empty for none."""
        self.tokens = 0
        self.fingerprint = 0
        self._replies: list[Reply] = []
        self._echoes: list[Echo | None] = []
        seed = call.seed if call.seed is not None else int.from_bytes(os.urandom(8))
        for prompt, echo in prompts:
            mind = _minds.get(prompt)
            self.fingerprint = mind.store.fingerprint
            for number in range(call.choices):
                limit = WINDOW if call.limit is None else min(call.limit, WINDOW)
                self._replies.append(
                    Reply(
                        mind,
                        settings=call.settings,
                        random=Random(f"{seed}/{number}"),
                        limit=limit,
                        stops=call.stops,
                        top=call.top,
                        tail=prompt.tail,
                    )
                )
                self._echoes.append(Echo(mind, echo, scored=call.logprobs, top=call.top) if echo else None)

    @property
    def count(self) -> int:
        return len(self._replies)

    def step(self, index: int) -> tuple[list[Piece], str, float]:
        """One token of one choice: its pieces, its finish reason if that was all, and seconds of computing."""
        began = time.thread_time()
        echo = self._echoes[index]
        if echo is not None:
            piece = echo.step()
            if piece is not None:
                return [piece], "", time.thread_time() - began
            self._echoes[index] = None
        reply = self._replies[index]
        before = reply.tokens
        pieces = reply.step()
        self.tokens += reply.tokens - before
        return pieces, reply.finish_reason, time.thread_time() - began


class EmbeddedTransport(httpx2.AsyncBaseTransport):
    """Answers the requests of an `httpx2.AsyncClient` with the embedded model.

    `AsyncOpenAI(base_url="http://embedded/v1", api_key="none", max_retries=0,
    http_client=httpx2.AsyncClient(transport=EmbeddedTransport()))`. Host and key may be anything. Needs asyncio.
    """

    def __init__(self, *, pace: float = 70.0) -> None:
        """`pace`: tokens per second of each choice; 0 for as fast as they can be computed."""
        self._pace = pace

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request; errors are answers too, never exceptions."""
        try:
            return await self._answer(request)
        except Refusal as refusal:
            return _json(refusal.status, refusal.body())
        except Exception as error:  # noqa: BLE001  the border: what fails in here is a server's failure
            failure = Refusal(500, f"The embedded model failed: {type(error).__name__}.", code="internal_error")
            return _json(failure.status, failure.body())

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.rstrip("/")
        if request.method == "GET" and path == "/v1/models":
            return _json(200, wire.models())
        if request.method == "GET" and path == f"/v1/models/{wire.MODEL_ID}":
            return _json(200, wire.model())
        if request.method == "POST" and path == "/v1/chat/completions":
            return await self._complete(wire.read_chat(await request.aread()))
        if request.method == "POST" and path == "/v1/completions":
            return await self._complete(wire.read_text(await request.aread()))
        raise Refusal(404, f"There is nothing at {request.method} {request.url.path}.", code="not_found")

    async def _complete(self, call: ChatCall | TextCall) -> httpx2.Response:
        prompts, tokens = await _worker.run(lambda: _prepare(call))
        if tokens >= WINDOW:
            raise wire.overflow(tokens)
        choices = await _worker.run(lambda: _Choices(call, prompts))
        chat = isinstance(call, ChatCall)
        name = ("chatcmpl-" if chat else "cmpl-") + os.urandom(12).hex()
        usage = call.include_usage and call.stream
        shapes = Shapes(chat, name, int(time.time()), choices.fingerprint, call.logprobs, usage)
        pace = Pace(self._pace, _budget)
        if call.stream:
            events = _Events(choices, shapes, pace, Usage(tokens))
            return httpx2.Response(200, headers={"content-type": "text/event-stream; charset=utf-8"}, stream=events)
        replies: list[tuple[list[Piece], str]] = [([], "") for _ in range(choices.count)]
        async with aclosing(_tokens(choices, pace)) as made:
            async for index, pieces, reason in made:
                replies[index] = (replies[index][0] + pieces, reason)
        return _json(200, shapes.whole(replies, Usage(tokens, choices.tokens)))


def _prepare(call: ChatCall | TextCall) -> tuple[list[tuple[Prompt, str]], int]:
    """The prompts of a call and their tokens; the largest counts, since each has the window to itself."""
    if isinstance(call, ChatCall):
        return [(read_messages(call.messages), "")], sum(count(text) for _, text in call.messages)
    prompts = [(read_text(text), text if call.echo else "") for text in call.prompts]
    return prompts, max(count(text) for text in call.prompts)


async def _tokens(choices: _Choices, pace: Pace) -> AsyncGenerator[tuple[int, list[Piece], str], None]:
    """Index, pieces and finish reason of each step, choice by choice in turn, each computed when asked for."""
    going = list(range(choices.count))
    while going:
        await pace.wait()
        for index in tuple(going):
            pieces, reason, cost = await _worker.run(lambda index=index: choices.step(index))  # type: ignore[misc]
            pace.spend(cost)
            if reason:
                going.remove(index)
            if pieces or reason:
                yield index, pieces, reason


class _Events(httpx2.AsyncByteStream):
    """The body of a streamed answer; computes as it is read, and not after it is closed."""

    def __init__(self, choices: _Choices, shapes: Shapes, pace: Pace, usage: Usage) -> None:
        self._choices = choices
        self._shapes = shapes
        self._usage = usage
        self._made = _tokens(choices, pace)
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        shapes = self._shapes
        if shapes.chat:
            for index in range(self._choices.count):
                yield wire.event(shapes.chunk([shapes.opening(index)]))
        try:
            async for index, pieces, reason in self._made:
                if self._closed:
                    return
                for piece in pieces:
                    yield wire.event(shapes.chunk([shapes.token(index, piece)]))
                if reason:
                    yield wire.event(shapes.chunk([shapes.closing(index, reason)]))
        finally:
            await self._made.aclose()
        if shapes.include_usage:
            self._usage.completion = self._choices.tokens
            yield wire.event(shapes.chunk([], self._usage))
        yield wire.DONE

    async def aclose(self) -> None:
        """Compute nothing more."""
        self._closed = True
        with suppress(RuntimeError):  # its task is inside, and is being cancelled
            await self._made.aclose()


def _json(status: int, body: dict[str, Any]) -> httpx2.Response:
    headers = {"content-type": "application/json", "x-request-id": f"req_{os.urandom(8).hex()}"}
    return httpx2.Response(status, headers=headers, content=json.dumps(body, ensure_ascii=False).encode())
