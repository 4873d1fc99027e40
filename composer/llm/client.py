"""A server that speaks the OpenAI protocol: its answers as pieces of clean text, and one closing.

It never writes a key anywhere, never lets one through, and keeps nothing of what it sends. What a request holds, how it is sent and
how its answer is read lies in the files beside this one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from urllib.parse import urlsplit, urlunsplit

from composer.config import EndpointProfile, Sampling, Value, public_url
from composer.errors import EndpointError
from composer.llm import chunks, failures, fields, templates
from composer.llm.answer import Answer
from composer.llm.asking import Asking, Sleep
from composer.llm.connection import Connection, Find, MakeTransport, sdk_errors
from composer.llm.fields import Kind
from composer.llm.lessons import Known, Lessons
from composer.llm.patience import Patience
from composer.llm.plan import Planner
from composer.llm.strike import quotable
from composer.llm.together import Together
from composer.llm.tokens import encoding_name
from composer.llm.turns import Turns
from composer.session.ports import Closing, Counter, Memory, Piece, Request, Waiting

SERVER = "server"
"""The template that the server tells: the model's own."""
MOST_MODELS = 500
"""Models that are kept of a server's list."""
ASK_ANEW = 30.0
"""Seconds after which a server that gave no list of models is asked for it anew, as it may have come up."""
_SPEAKS_OTHERWISE = frozenset((400, 404, 405, 406, 410, 415, 422, 501))
"""What a server answers that does not know the question for its template."""


class OpenAIEndpoint:
    """One model of one server. `prepare` may be awaited early; without it the first request does what it needs of it.

    `window`, and `model` if it was empty, are what the settings or the table say until `prepare` has asked the server.
    """

    def __init__(
        self,
        *,
        name: str,
        profile: EndpointProfile,
        kind: Kind,
        model: str,
        window: int,
        max_tokens: int,
        concurrency: int,
        count: Counter,
        make_counter: Callable[[str], Counter],
        guess_window: Callable[[str], int],
        find: Find,
        memory: Memory | None = None,
        make_transport: MakeTransport | None = None,
        patience: Patience | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`profile` says how it is asked; what is given beside it goes before what it leaves open.

        `count` counts for its own model. `make_counter` and `guess_window` are for others, by name alone.
        """
        self.name = name
        self.kind = kind
        self.model = model
        self.window = window
        self.max_tokens = max_tokens
        self.count = count
        self.sampling: Mapping[str, Value] = dict(profile.sampling)
        self.presets: Mapping[str, Sampling] = profile.presets
        self.preset = profile.preset
        self.template = profile.template
        self._profile = profile
        self._patience = patience or Patience(first=profile.first_seconds, between=profile.between_seconds)
        self._lessons = Lessons(name, memory)
        self._connection = Connection(profile.base_url, find, make_transport, self._patience.connect)
        self._asking = Asking(
            connection=self._connection,
            lessons=self._lessons,
            planner=Planner(kind, profile, max_tokens),
            turns=Turns(concurrency),
            patience=self._patience,
            sleep=sleep,
        )
        self._together = Together(
            self._answered,
            self._alone,
            most=concurrency,
            may=self._gives_several,
            ignored=lambda request: self._lessons.learn(self._model_of(request), Known(frozenset(("n",)))),
        )
        self.takes_suffix = self._suffix()
        self._make_counter = make_counter
        self._guess_window = guess_window
        self._encodings: dict[str, str] = {}
        """Of models beside its own: the name of the encoding that they are counted with."""
        self._counters: dict[str, Counter] = {}
        """By the name of the encoding; there are few."""
        self._loaded_counters: set[Counter] = set()
        self._told = False
        """Whether the server's own template is loaded."""
        self._troubles: dict[str, EndpointError] = {}
        """Why templates could not be loaded."""
        self._loading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._models: tuple[str, ...] = ()
        self._sizes: dict[str, int] = {}
        """The windows of the models that the server has told."""
        self._listing: asyncio.Task[None] | None = None
        self._listed_at: float | None = None
        """When it was last asked for its models, on the clock of `time.monotonic`."""
        self._has_listed = False

    def __repr__(self) -> str:
        return f"OpenAIEndpoint({self.name!r}, {public_url(self._profile.base_url)!r}, {self.model!r})"

    @property
    def built_in(self) -> bool:
        """Whether it is the model that the program brings along."""
        return self.kind == "embedded"

    @property
    def templates(self) -> Sequence[str]:
        """The templates that its requests can be rendered with: those of the program, the profile's own, the server's."""
        own = (self._profile.template,) if self._profile.template else ()
        told = (SERVER,) if self.kind == "llamacpp" else ()
        return tuple(dict.fromkeys((*templates.names(), *told, *own)))

    @property
    def models(self) -> Sequence[str]:
        """The models that the server has listed, clean."""
        return self._models

    def takes(self, model: str, field: str) -> bool:
        """Whether requests for a model carry that field, by the table and by what its server has refused."""
        value = fields.example(field)
        wanted = {field: 1 if value is None else value}
        return bool(fields.fitted(self.kind, model, wanted, self._lessons.of(model).refused, bool(self.template)).sent)

    def window_of(self, model: str) -> int:
        """Tokens that a request to that model and its answer may hold together: as the profile, the server or its name has it."""
        if self._profile.window:
            return self._profile.window
        if self.built_in or model in ("", self.model):
            return self.window
        if size := self._sizes.get(model):
            return size
        if len(self._models) == 1 and self._sizes:
            # Some list one model under the path of its file, and serve it under any name.
            return next(iter(self._sizes.values()))
        return self._guess_window(model)

    def counter_of(self, model: str) -> Counter:
        """What counts tokens as that model does, or rather too many. It is loaded once `ready` is done."""
        if self._is_own(model):
            return self.count
        encoding = self._encodings.get(model)
        # Before `ready`, naming the encoding imports the encoder.
        return self._counter(model, encoding_name(model) if encoding is None else encoding)

    def is_ready(self, model: str, template: str) -> bool:
        """Whether all is at hand that a request needs to be packed and rendered. It looks at one file at most."""
        if not self._knows_models() or (not self._is_own(model) and model not in self._encodings):
            return False
        return self.counter_of(model) in self._loaded_counters and self._has(template)

    async def ready(self, model: str, template: str) -> None:
        """Have it at hand. EndpointError where a template can't be had; a server that lists no models is no error."""
        if not self._knows_models():
            await self._list(self._patience.connect)
        await self._load_counter(model)
        if template:
            await self._load(template)

    async def prepare(self) -> None:
        """Load what is needed, and ask the server anew for its models and its template. What goes wrong is left for `stream`."""
        await self._load_counter(self.model)
        await self._list()
        self._told = False
        with suppress(EndpointError):
            await self.ready(self.model, self.template)

    async def ask_models(self) -> Sequence[str]:
        """The models that the server lists now. EndpointError where it doesn't."""
        client = await self._connection.open()
        import httpx2

        place = self._connection.place(self.model)
        caught: Exception
        try:
            async with asyncio.timeout(self._patience.connect):
                body = (await client.get("/models", cast_to=httpx2.Response)).content
            if body.lstrip()[:1] != b"<":
                self._learn_models(chunks.models(json.loads(body)))
                return self._models
        except TimeoutError:
            caught = TimeoutError()
        except sdk_errors() as error:
            caught = error
        else:
            raise failures.not_an_answer(place)
        if isinstance(caught, TimeoutError):
            raise failures.stalled(place, self._patience.connect, begun=False)
        raise failures.failure(caught, place)

    async def close(self) -> None:
        """Let all connections go. Streams that are still open fail."""
        listing, self._listing = self._listing, None
        if listing is not None:
            listing.cancel()
            await asyncio.gather(listing, return_exceptions=True)
        await self._together.close()
        await self._connection.close()

    def render(self, messages: Sequence[tuple[str, str]], template: str, prefix: str = "") -> str:
        """The messages as the one text that a template makes of them. EndpointError where it can't, or is not loaded."""
        name = self._template(template)
        if not (self._told if template == SERVER else templates.loaded(name)):
            trouble = self._troubles.get(template) or templates.not_loaded(template)
            raise EndpointError(trouble.sentence, trouble.next_step)
        return templates.render(name, messages, prefix, loads=False)

    def stream(self, request: Request) -> AsyncGenerator[Piece | Waiting | Closing, None]:
        """The answer as it comes: pieces, then one closing. EndpointError where it fails."""
        return self._together.stream(request) if self._profile.together else self._alone(request)

    async def _alone(self, request: Request) -> AsyncGenerator[Piece | Waiting | Closing, None]:
        async with aclosing(self._answered(request)) as answered:
            async for each in answered:
                if isinstance(each, Waiting):
                    yield each
                    continue
                (reader,) = each.readers
                if each.plan.dropped:
                    yield Waiting("", dropped=each.plan.dropped)
                while not each.over:
                    await each.advance()
                    for piece in reader.take():
                        yield piece
                each.settle()
                for piece in reader.take():
                    yield piece
                if (trouble := each.trouble_of(reader)) is not None:
                    raise trouble
                yield reader.told(each.plan.dropped)

    async def _answered(self, request: Request, answers: int = 1) -> AsyncGenerator[Waiting | Answer, None]:
        model = self._model_of(request)
        if not model:
            await self._connection.open()
            await self._list()
            model = self.model
        if not model:
            raise failures.no_model(self._connection.place(""))
        stops: tuple[str, ...] = ()
        if request.recipe.template:
            await self._load(request.recipe.template)
            stops = templates.stops(self._template(request.recipe.template))
        async with aclosing(self._asking.answered(request, model, stops, answers)) as answered:
            async for each in answered:
                self.takes_suffix = self._suffix()
                yield each

    def _is_own(self, model: str) -> bool:
        return self.built_in or model in ("", self.model)

    def _counter(self, model: str, encoding: str) -> Counter:
        if len(self._encodings) >= MOST_MODELS:
            self._encodings.clear()
        self._encodings[model] = encoding
        if encoding not in self._counters:
            self._counters[encoding] = self._make_counter(model)
        return self._counters[encoding]

    async def _load_counter(self, model: str) -> None:
        """Have the counter of a model ready. Its encoding is named in a thread, since that imports the encoder."""
        if not self._is_own(model) and model not in self._encodings:
            self._counter(model, await asyncio.to_thread(encoding_name, model))
        counter = self.counter_of(model)
        load = getattr(counter, "load", None)
        if load is not None:
            await load()
        self._loaded_counters.add(counter)

    def _has(self, name: str) -> bool:
        """Whether a template is loaded and as it should be."""
        if name == SERVER:
            return self._told
        return not name or templates.unchanged(name)

    async def _load(self, name: str) -> None:
        """Have a template ready. EndpointError where there is none of that name, or where the server does not tell its own."""
        async with self._loading[name]:
            if self._told if name == SERVER else name in templates.names() and templates.loaded(name):
                return
            self._troubles.pop(name, None)
            try:
                if name == SERVER:
                    told = await self._told_template()
                    await asyncio.to_thread(templates.from_text, self._template(name), *told)
                    self._told = True
                else:
                    await asyncio.to_thread(templates.load, name)
            except EndpointError as error:
                self._troubles[name] = EndpointError(error.sentence, error.next_step)
                raise

    def _template(self, name: str) -> str:
        """The name that a template is kept under: the servers' own would be in each other's way."""
        return f"{SERVER}:{self.name}" if name == SERVER else name

    async def _told_template(self) -> tuple[str, str, str]:
        """The template, and the tokens that a text and a turn begin and end with, as llama.cpp tells them."""
        client = await self._connection.open()
        parts = urlsplit(self._profile.base_url)
        url = urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1") + "/props", fragment=""))
        place = self._connection.place(self.model)
        told: object = None
        caught: Exception | None = None
        try:
            async with asyncio.timeout(self._patience.connect):
                told = await client.get(url, cast_to=object)
        except TimeoutError:
            caught = TimeoutError()
        except sdk_errors() as error:
            caught = error
        if isinstance(caught, TimeoutError):
            raise failures.stalled(place, self._patience.connect, begun=False)
        if caught is not None and failures.status_of(caught) not in _SPEAKS_OTHERWISE:
            raise failures.failure(caught, place)
        names = ("chat_template", "bos_token", "eos_token")
        source, bos, eos = (str(told.get(name) or "") if isinstance(told, dict) else "" for name in names)
        if not source:
            raise failures.no_template(place)
        return source, bos, eos

    def _suffix(self) -> bool:
        return self._profile.suffix and "suffix" not in self._lessons.of(self.model).refused

    def _model_of(self, request: Request) -> str:
        return request.recipe.model or self.model

    def _gives_several(self, request: Request) -> bool:
        return "n" not in self._lessons.of(self._model_of(request)).refused

    def _knows_models(self) -> bool:
        """Whether the server has listed its models, or was asked for them a short while ago."""
        asked = self._listed_at
        return self._has_listed or (asked is not None and time.monotonic() - asked < ASK_ANEW)

    async def _list(self, most: float | None = None) -> None:
        """Ask for the models, once for all who want them now, and wait for that, `most` seconds at most. Silence is an answer too."""
        if self._listing is None or self._listing.done():
            self._listing = asyncio.create_task(self._listed())
        listing = self._listing
        await asyncio.wait((listing,), timeout=most)
        self._listed_at = time.monotonic()
        if listing.done() and not listing.cancelled():
            listing.result()

    async def _listed(self) -> None:
        with suppress(EndpointError):
            await self.ask_models()

    def _learn_models(self, listed: Sequence[tuple[str, int]]) -> None:
        secrets = self._connection.secrets
        named = [(name, size) for given, size in listed[:MOST_MODELS] if (name := quotable(given, secrets))]
        self._models = tuple(name for name, _ in named)
        self._sizes = {name: size for name, size in named if size}
        self._has_listed = True
        chosen = next((each for each in listed if each[0] == self.model or not self.model), None)
        # Some list one model under the path of its file, and serve it under any name.
        chosen = listed[0] if chosen is None and len(listed) == 1 else chosen
        if chosen is None:
            return
        guessed = self.window if self.model else self._guess_window(chosen[0])
        self.model = self.model or quotable(chosen[0], secrets)
        if not self._profile.window:
            self.window = chosen[1] or guessed
