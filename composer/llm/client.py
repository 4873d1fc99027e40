"""A server that speaks the OpenAI protocol: its answers as pieces of clean text, and one closing.

The SDK is the only way out, and is imported in a thread on first use: the screen is up long before. It never writes a key anywhere,
never lets one through, keeps nothing of what it sends, and retries only what has not begun to answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from composer.config import OWN_FIELDS, public_url
from composer.errors import EndpointError
from composer.llm import chunks, failures
from composer.llm.strike import Sieve, quotable, secrets_of
from composer.session.ports import Closing, Counter, Piece, Request

if TYPE_CHECKING:
    import httpx2
    import openai

_UNKNOWN = re.compile(
    r"unsupported|unrecogni[sz]ed|unknown|unexpected|extra|forbidden|not (supported|permitted|allowed)",
    re.IGNORECASE,
)

NO_KEY = "none"
"""What the SDK is given where there is no key, since it wants one. It is not sent."""
SENT = frozenset(
    ("host", "connection", "accept", "accept-encoding", "authorization", "content-type", "content-length", "user-agent")
)
"""The headers that a server gets. What the SDK tells of this computer, and adds from the environment, is not for everyone."""

Sleep = Callable[[float], Awaitable[None]]
MakeTransport = Callable[[], "httpx2.AsyncBaseTransport"]
"""Called in a thread, on first use."""


@dataclass(frozen=True)
class Patience:
    """How long a server may take, in seconds, and how often it is asked."""

    connect: float = 5.0
    first: float = 120.0
    """From the request to the first text."""
    between: float = 60.0
    """From one piece of text to the next."""
    tail: float = 5.0
    """From the end of the text to the end of the stream, where some send usage and some forget to close."""
    tries: int = 3
    longest_wait: float = 30.0
    """What a server may ask to wait before the next try; if it asks for more, that is what the writer is told."""


@dataclass(frozen=True)
class Plan:
    """Which fields a model takes, as far as its server's refusals have taught."""

    usage: bool = True
    seed: bool = True
    limit: str = "max_tokens"
    """The field that limits an answer; empty if none is taken."""


class OpenAIEndpoint:
    """One model of one server. `prepare` may be awaited early; without it the first request does the same.

    `window`, and `model` if it was empty, are what the settings or the table say until `prepare` has asked the server.
    """

    def __init__(
        self,
        *,
        name: str,
        base_url: str,
        model: str,
        window: int,
        max_tokens: int,
        count: Counter,
        key: str = "",
        key_env: str = "",
        sampling: Mapping[str, Any] | None = None,
        asks_window: bool = False,
        make_transport: MakeTransport | None = None,
        patience: Patience | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.name = name
        self.model = model
        self.window = window
        self.max_tokens = max_tokens
        self.count = count
        self._base_url = base_url
        self._key = key.strip()
        self._key_env = key_env
        self._secrets = secrets_of(key, base_url)
        self.sampling: Mapping[str, Any] = dict(sampling or {})
        self._asks_window = asks_window
        self._make_transport = make_transport
        self._patience = patience or Patience()
        self._sleep = sleep
        self._plans: dict[str, Plan] = {}
        self._loading: asyncio.Task[openai.AsyncOpenAI] | None = None
        self._asking: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"OpenAIEndpoint({self.name!r}, {public_url(self._base_url)!r}, {self.model!r})"

    async def prepare(self) -> None:
        """Load what is needed, and ask the server for its window and model. What goes wrong is left for `stream` to tell."""
        load = getattr(self.count, "load", None)
        if load is not None:
            await load()
        if (self._asks_window or not self.model) and self._key_trouble() is None:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask_window())
            await asyncio.shield(self._asking)
        else:
            with contextlib.suppress(EndpointError):
                await self._client()

    async def close(self) -> None:
        """Let all connections go. Streams that are still open fail."""
        asking, loading = self._asking, self._loading
        self._asking = self._loading = None
        if asking is not None:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        if loading is not None:
            await asyncio.gather(loading, return_exceptions=True)
            if not loading.cancelled() and loading.exception() is None:
                await loading.result().close()

    async def stream(self, request: Request) -> AsyncGenerator[Piece | Closing, None]:
        """The answer as it comes: pieces, then one closing. EndpointError where it fails."""
        model = request.recipe.model or self.model
        if (trouble := self._key_trouble()) is not None:
            raise trouble
        if not model:
            await self.prepare()
            model = self.model
        place = self._place(model)
        if not model:
            raise failures.no_model(place)
        answer, deadline = await self._ask(request, model, place)
        reader = _Reader(self._secrets)
        trouble = None
        async with answer:
            kind = answer.response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind == "text/html" or kind == "application/json" or kind.endswith("+json"):
                trouble = await self._whole(answer, kind, deadline, reader, place)
                for piece in reader.take():
                    yield piece
            else:
                while True:
                    trouble = await self._next(answer, deadline, reader, place)
                    for piece in reader.take():
                        yield piece
                    if trouble is not None or reader.ended:
                        break
        reader.finish()
        for piece in reader.take():
            yield piece
        # What comes after the model has said that it is done is mere bookkeeping.
        if trouble is not None and not reader.closing.finish_reason:
            raise trouble
        yield reader.closing

    async def _next(
        self, answer: openai.AsyncStream[Any], deadline: float, reader: _Reader, place: failures.Place
    ) -> EndpointError | None:
        """Read one event of a stream into the reader, within the time that it has."""
        finished = bool(reader.closing.finish_reason)
        seconds = self._patience.tail if finished else self._patience.between
        try:
            async with asyncio.timeout(seconds) if reader.begun or finished else asyncio.timeout_at(deadline):
                reader.read(await anext(answer))
            return None
        except StopAsyncIteration:
            reader.ended = True
            return None
        except TimeoutError:
            return failures.stalled(place, seconds if reader.begun else self._patience.first, begun=reader.begun)
        except _sdk_errors() as error:
            caught = error
        return failures.failure(caught, place, begun=reader.begun)

    async def _whole(
        self, answer: openai.AsyncStream[Any], kind: str, deadline: float, reader: _Reader, place: failures.Place
    ) -> EndpointError | None:
        """Read an answer that is no stream, as servers send that know none."""
        try:
            async with asyncio.timeout_at(deadline):
                body = await answer.response.aread()
            if kind == "text/html" or body.lstrip()[:1] == b"<":
                return failures.not_an_answer(place)
            told = json.loads(body)
        except TimeoutError:
            return failures.stalled(place, self._patience.first, begun=False)
        except _sdk_errors() as error:
            return failures.failure(error, place)
        if isinstance(told, dict) and told.get("error"):
            return failures.failure(_ErrorInside(told["error"]), place)
        if not isinstance(told, dict) or not isinstance(told.get("choices"), list):
            return failures.odd_answer(place)
        reader.read(told)
        return None

    def _place(self, model: str) -> failures.Place:
        return failures.Place(self._base_url, quotable(model, self._secrets, 100), self._key_env, self._secrets)

    def _key_trouble(self) -> EndpointError | None:
        if self._key_env and not self._key:
            return failures.no_key(self._place(self.model))
        if not self._key.isascii() or not self._key.isprintable() or " " in self._key:
            return failures.bad_key(self._place(self.model))
        return None

    async def _ask(self, request: Request, model: str, place: failures.Place) -> tuple[openai.AsyncStream[Any], float]:
        """Send the request until it is answered: without what the server refuses, and again after passing trouble.

        Returns the answer, and the time of the loop by which its text must have begun.
        """
        client = await self._client()
        plan = self._plans.get(model, Plan())
        messages = [{"role": role, "content": text} for role, text in request.messages]
        tries = 1
        while True:
            fields = self._fields(request, plan)
            deadline = asyncio.get_running_loop().time() + self._patience.first
            caught: Exception
            try:
                async with asyncio.timeout_at(deadline):
                    answer = await client.chat.completions.create(
                        model=model, messages=cast(Any, messages), stream=True, extra_body=fields
                    )
            except _sdk_errors() as error:
                caught = error
            else:
                self._plans[model] = plan
                return answer, deadline
            if isinstance(caught, TimeoutError):
                raise failures.stalled(place, self._patience.first, begun=False)
            if (less := _without_refused(caught, plan, fields)) is not None:
                plan = less
                continue
            wait = _wait(caught, tries)
            if not _may_pass(caught) or tries >= self._patience.tries or wait > self._patience.longest_wait:
                raise failures.failure(caught, place, wait=_asked_wait(caught))
            tries += 1
            await self._sleep(wait)

    def _fields(self, request: Request, plan: Plan) -> dict[str, Any]:
        """The fields beside model and messages: the recipe's, over the settings' own."""
        fields = {**self.sampling, **request.recipe.sampling}
        fields = {name: value for name, value in fields.items() if name not in OWN_FIELDS}
        limit = request.max_tokens or self.max_tokens
        if plan.limit and limit:
            fields[plan.limit] = limit
        if plan.seed and request.recipe.seed is not None:
            fields["seed"] = request.recipe.seed
        if plan.usage:
            fields["stream_options"] = {"include_usage": True}
        return fields

    async def _client(self) -> openai.AsyncOpenAI:
        """The SDK's client, made once. A request that is given up does not stop the making, which others wait for."""
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(self._make_client))
        loading = self._loading
        try:
            return await asyncio.shield(loading)
        except (OSError, ValueError, ImportError) as error:
            why = type(error).__name__
        if self._loading is loading:
            self._loading = None
        raise failures.no_client(self._place(self.model), why)

    def _make_client(self) -> openai.AsyncOpenAI:
        import httpx2
        import openai

        # The SDK logs to standard error if the environment asks it to; that is where the screen is.
        logging.getLogger("openai").setLevel(logging.WARNING)
        parts = urlsplit(self._base_url)
        return openai.AsyncOpenAI(
            api_key=self._key or NO_KEY,
            # Said here, or a header of the environment would take its place.
            default_headers={"Authorization": f"Bearer {self._key or NO_KEY}"},
            base_url=urlunsplit(parts._replace(query="", fragment="")),
            default_query=dict(parse_qsl(parts.query)),
            max_retries=0,
            http_client=httpx2.AsyncClient(
                # A request sent on elsewhere would arrive as another method, or take a key along.
                follow_redirects=False,
                timeout=httpx2.Timeout(None, connect=self._patience.connect),
                transport=self._make_transport() if self._make_transport else None,
                event_hooks={"request": [_send_little]},
            ),
        )

    async def _ask_window(self) -> None:
        """Ask the server which model it has and what that takes. Silence is an answer too."""
        try:
            client = await self._client()
            async with asyncio.timeout(self._patience.connect):
                model, window = chunks.window(await client.models.list(), self.model)
        except EndpointError:
            return
        except _sdk_errors():
            return
        self.model = quotable(model, self._secrets)
        if self._asks_window:
            self._asks_window = False
            self.window = window or self.window


class _Reader:
    """Takes in what a server sends, and holds the clean pieces that are certain by now."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets
        self._text = Sieve(secrets)
        self._reasoning = Sieve(secrets)
        self._pieces: list[Piece] = []
        self.closing = Closing()
        self.begun = False
        self.ended = False

    def read(self, chunk: Any) -> None:
        parts = chunks.read(chunk)
        if parts.reasoning:
            self._add(self._reasoning.feed(parts.reasoning), "reasoning")
        if parts.text:
            self._add(self._text.feed(parts.text), "text")
        said = bool(parts.text or parts.reasoning)
        self.begun = self.begun or said
        closing = self.closing
        # Text that follows a finish shows that it was none.
        finish = quotable(parts.finish_reason, self._secrets, 40) or ("" if said else closing.finish_reason)
        if finish != closing.finish_reason or parts.prompt_tokens is not None or (parts.model and not closing.model):
            self.closing = Closing(
                finish_reason=finish,
                model=closing.model or quotable(parts.model, self._secrets, 100),
                prompt_tokens=_newer(parts.prompt_tokens, closing.prompt_tokens),
                completion_tokens=_newer(parts.completion_tokens, closing.completion_tokens),
            )

    def finish(self) -> None:
        """No more comes: what was held back is certain now."""
        self._add(self._reasoning.finish(), "reasoning")
        self._add(self._text.finish(), "text")

    def take(self) -> Iterator[Piece]:
        pieces, self._pieces = self._pieces, []
        return iter(pieces)

    def _add(self, text: str, channel: Any) -> None:
        if text:
            self._pieces.append(Piece(text, channel))


def _newer(new: int | None, old: int | None) -> int | None:
    return old if new is None else new


class _ErrorInside(Exception):
    """An error that a whole answer holds in place of one."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body


async def _send_little(request: httpx2.Request) -> None:
    """Take out of a request what it need not hold."""
    kept = SENT | {"openai-organization", "openai-project"} if request.url.host == "api.openai.com" else SENT
    for name in set(request.headers) - kept:
        del request.headers[name]
    if request.headers.get("authorization") == f"Bearer {NO_KEY}":
        del request.headers["authorization"]


def _sdk_errors() -> tuple[type[Exception], ...]:
    """What the SDK, its parser and its transport raise, also for shapes that they don't expect."""
    import httpx2
    import openai

    shapes = (ValueError, TypeError, AttributeError, KeyError, RecursionError)
    return (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, *shapes)


def _may_pass(error: Exception) -> bool:
    """Whether asking again may help."""
    import openai

    if status := failures.status_of(error):
        passing = status >= 500 or status in failures.RETRIED
        return passing and not (failures.has_no_credit(error) or failures.is_too_long(error))
    return isinstance(error, openai.APIConnectionError) and not failures.is_lasting(error)


def _asked_wait(error: Exception) -> float | None:
    """The seconds that a server asks to wait, if it does."""
    response = getattr(error, "response", None)
    if response is None:
        return None
    told = response.headers.get("retry-after", "")
    try:
        if told.strip().isdecimal():
            return float(told)
        # A date is counted from the server's own clock, whatever ours says.
        span = parsedate_to_datetime(told) - parsedate_to_datetime(response.headers.get("date", ""))
        return max(span.total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _wait(error: Exception, tries: int) -> float:
    asked = _asked_wait(error)
    return 0.5 * 2 ** (tries - 1) if asked is None else asked


def _without_refused(error: Exception, plan: Plan, sent: Mapping[str, Any]) -> Plan | None:
    """The plan without what the server has just refused; None if it refused something else."""
    if failures.status_of(error) not in (400, 422) or failures.is_too_long(error):
        return None
    told = failures.everything_said(error)
    if plan.limit == "max_tokens" and "max_completion_tokens" in told:
        return replace(plan, limit="max_completion_tokens")
    if plan.limit in sent and plan.limit in told and _UNKNOWN.search(told):
        return replace(plan, limit="max_completion_tokens" if plan.limit == "max_tokens" else "")
    if "seed" in sent and "seed" in told:
        return replace(plan, seed=False)
    # Some servers refuse what they don't know without a word of what it was; usage is what is missed least.
    if plan.usage and ("stream_options" in told or not any(name in told for name in sent)):
        return replace(plan, usage=False)
    return None
