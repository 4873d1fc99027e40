"""The way to one server: its key, and the SDK's client. Both are made in a thread, when first wanted.

The SDK is the only way out, and is imported in that thread: the screen is up long before. A key is read once, shown nowhere, and
sent to its server alone. It asks for nothing itself and words no failure but those of the way. Nothing waits for that thread at
the end, neither closing nor the program: a keyring that is locked takes its time.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from composer.config import public_url
from composer.errors import EndpointError
from composer.llm import failures
from composer.llm.keys import Key
from composer.llm.strike import quotable, secrets_of

if TYPE_CHECKING:
    import httpx2
    import openai

NO_KEY = "none"
"""What the SDK is given where there is no key, since it wants one. It is not sent."""
SENT = frozenset(
    ("host", "connection", "accept", "accept-encoding", "authorization", "content-type", "content-length", "user-agent")
)
"""The headers that a server gets. What the SDK tells of this computer, and adds from the environment, is not for everyone."""

MakeTransport = Callable[[], "httpx2.AsyncBaseTransport"]
"""Called in a thread, on first use."""
Find = Callable[[], Key]
"""Finds the key. It is called in a thread, since it may wait for a person or a program."""


class Connection:
    """`open` it for each request; it is made by the first. Many requests may use it at once."""

    def __init__(
        self, base_url: str, find: Find, make_transport: MakeTransport | None = None, connect: float = 5.0
    ) -> None:
        """`connect`: seconds until a server must have taken up a connection."""
        self._base_url = base_url
        self._find = find
        self._make_transport = make_transport
        self._connect = connect
        self._making: asyncio.Future[openai.AsyncOpenAI] | None = None
        self._old: list[asyncio.Future[openai.AsyncOpenAI]] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._key_place = ""
        self.secrets = secrets_of("", base_url)
        """What must not be shown of anything that the server says. Complete once `open` has returned."""

    def __repr__(self) -> str:
        return f"Connection({public_url(self._base_url)!r})"

    async def open(self) -> openai.AsyncOpenAI:
        """The client. EndpointError where there is no key, or no way. Giving up does not stop its making: others wait for it."""
        if self._making is None:
            self._making = self._started()
        making = self._making
        trouble: EndpointError
        try:
            return await asyncio.shield(making)
        except EndpointError as error:
            trouble = EndpointError(error.sentence, error.next_step)
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            trouble = failures.no_client(self.place(""), type(error).__name__)
        if self._making is making:
            self._making = None
        raise trouble

    def place(self, model: str, completion: bool = False) -> failures.Place:
        """Where requests for that model go, as sentences name it."""
        named = quotable(model, self.secrets, 100)
        return failures.Place(self._base_url, named, self._key_place, self.secrets, completion)

    def renew(self) -> None:
        """Read the key anew for the next request: it was refused, and may have been corrected by then."""
        if self._making is not None and self._key_place:
            self._old.append(self._making)
            self._making = None

    async def close(self) -> None:
        """Let all connections go. A client that is still being made is closed once it is there. It can be opened again."""
        made = [*self._old, *([] if self._making is None else [self._making])]
        self._old, self._making = [], None
        for each in made:
            if not each.done():
                host = self.place("").host
                _fail(each, EndpointError(f"The connection to {host} was closed before it was made.", "Ask again."))
            elif each.exception() is None:
                await each.result().close()

    def _started(self) -> asyncio.Future[openai.AsyncOpenAI]:
        """The client that a thread of its own makes. The executor's threads won't do: they are waited for at the end."""
        loop = asyncio.get_running_loop()
        made: asyncio.Future[openai.AsyncOpenAI] = loop.create_future()

        def run() -> None:
            outcome: openai.AsyncOpenAI | Exception = RuntimeError()
            try:
                outcome = self._make()
            except (EndpointError, OSError, ValueError, ImportError) as error:
                outcome = error
            finally:
                # Where the loop has ended, nobody wants the client any more, and it holds nothing open yet.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._settle, made, outcome)

        threading.Thread(target=run, name="connection", daemon=True).start()
        return made

    def _settle(self, made: asyncio.Future[openai.AsyncOpenAI], outcome: openai.AsyncOpenAI | Exception) -> None:
        if isinstance(outcome, Exception):
            if not made.done():
                _fail(made, outcome)
        elif not made.done():
            made.set_result(outcome)
        else:
            leaving = asyncio.get_running_loop().create_task(outcome.close())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    def _make(self) -> openai.AsyncOpenAI:
        key = self._find()
        if key.trouble is not None:
            raise key.trouble
        import httpx2
        import openai

        self.secrets = tuple(sorted({*self.secrets, *secrets_of(key.secret, self._base_url)}, key=len, reverse=True))
        self._key_place = key.place
        # The SDK logs to standard error if the environment asks it to; that is where the screen is.
        logging.getLogger("openai").setLevel(logging.WARNING)
        parts = urlsplit(self._base_url)
        return openai.AsyncOpenAI(
            api_key=key.secret or NO_KEY,
            # Said here, or a header of the environment would take its place.
            default_headers={"Authorization": f"Bearer {key.secret or NO_KEY}"},
            base_url=urlunsplit(parts._replace(query="", fragment="")),
            default_query=dict(parse_qsl(parts.query)),
            max_retries=0,
            http_client=httpx2.AsyncClient(
                # A request sent on elsewhere would arrive as another method, or take a key along.
                follow_redirects=False,
                timeout=httpx2.Timeout(None, connect=self._connect),
                transport=self._make_transport() if self._make_transport else None,
                event_hooks={"request": [_send_little]},
            ),
        )


def _fail(made: asyncio.Future[openai.AsyncOpenAI], error: Exception) -> None:
    made.set_exception(error)
    # Looked at once, so that the loop does not complain where nobody waits for it.
    made.exception()


async def _send_little(request: httpx2.Request) -> None:
    """Take out of a request what it need not hold."""
    kept = SENT | {"openai-organization", "openai-project"} if request.url.host == "api.openai.com" else SENT
    for name in set(request.headers) - kept:
        del request.headers[name]
    if request.headers.get("authorization") == f"Bearer {NO_KEY}":
        del request.headers["authorization"]


def sdk_errors() -> tuple[type[Exception], ...]:
    """What the SDK, its parser and its transport raise, also for shapes that they don't expect."""
    import httpx2
    import openai

    shapes = (ValueError, TypeError, AttributeError, KeyError, RecursionError)
    return (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, *shapes)
