"""A server that speaks the OpenAI protocol: its answers as pieces of clean text, and one closing.

It never writes a key anywhere, never lets one through, and keeps nothing of what it sends. What a request holds, how it is sent and
how its answer is read lies in the files beside this one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from composer.config import EndpointProfile, Price, Sampling, Value, public_url
from composer.errors import EndpointError
from composer.llm import chunks, failures, fields, sizes, templates
from composer.llm.answer import Answer
from composer.llm.asking import Asking, Sleep
from composer.llm.connection import Connection, Find, MakeTransport, sdk_errors
from composer.llm.counters import MOST_MODELS, Counters
from composer.llm.fields import Kind
from composer.llm.lessons import Known, Lessons
from composer.llm.patience import Patience
from composer.llm.plan import Planner
from composer.llm.strike import quotable
from composer.llm.together import Together
from composer.llm.tokens import ESTIMATE
from composer.llm.turns import Turns
from composer.llm.usage import Usage, Yardstick
from composer.llm.windows import Windows
from composer.session.ports import Closing, Counter, Memory, Piece, Request, Waiting, WindowSource

SERVER = "server"
"""The template that the server tells: the model's own."""
ANSWER = 1024
"""Tokens of an answer, unless the settings say otherwise: about a page and a half."""
ASK_ANEW = 30.0
"""Seconds after which a server that gave no list of models is asked for it anew, as it may have come up."""
_SPEAKS_OTHERWISE = frozenset((400, 404, 405, 406, 410, 415, 422, 501))
"""What a server answers that does not know the question for its template."""


class OpenAIEndpoint:
    """One model of one server. `prepare` may be awaited early; without it the first request does what it needs of it.

    `window`, and `model` if it was empty, are what the settings or the table say until `prepare` has asked the server. `window`,
    `max_tokens` and `count` change with what is learned; for what holds of a request, ask for its model.
    """

    def __init__(
        self,
        *,
        name: str,
        profile: EndpointProfile,
        kind: Kind,
        model: str,
        concurrency: int,
        windows: Windows,
        counters: Counters,
        find: Find,
        memory: Memory | None = None,
        make_transport: MakeTransport | None = None,
        patience: Patience | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`profile` says how it is asked; what is given beside it goes before what it leaves open."""
        self.name = name
        self.kind = kind
        self.model = model
        self.concurrency = concurrency
        self._windows = windows
        self._counters = counters
        self._usage = Usage(windows, counters)
        self.window = windows.of(model)
        self.max_tokens = profile.max_tokens or min(ANSWER, self.window // 4)
        self.count: Counter = ESTIMATE
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
            planner=Planner(kind, profile, self.max_tokens),
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
        self._told = False
        """Whether the server's own template is loaded."""
        self._troubles: dict[str, EndpointError] = {}
        """Why templates could not be loaded."""
        self._loading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._models: tuple[str, ...] = ()
        self._sizing = asyncio.Lock()
        self._sized: set[str] = set()
        """The models whose windows the server was asked for, where it has to be asked for each."""
        self._loads: set[str] = set()
        """The models that were answered by when the server could not yet tell their windows."""
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
        """Tokens that a request to that model and its answer may hold together, as far as is known."""
        return self._windows.of(self._named(model))

    def window_source(self, model: str) -> WindowSource:
        """Who says so."""
        return self._windows.source(self._named(model))

    def learn_window(self, model: str, tokens: int) -> None:
        """The writer says how much a model takes. 0 forgets what was learned of it; what can't be is ignored."""
        self._usage.learn_window(self._named(model), tokens)
        self._settle()

    def counter_of(self, model: str) -> Counter:
        """What counts tokens as that model does, or rather too many. It is loaded once `ready` is done.

        It is another object as soon as it would count otherwise.
        """
        return self._counters.of(self._named(model))

    def whole_of(self, model: str) -> Counter:
        """What counts a text in one go, as the model gets it. Where tokens are estimated it counts as `counter_of` does."""
        return self._counters.whole_of(self._named(model))

    def is_exact(self, model: str) -> bool:
        """Whether these count by the model's own encoding."""
        return self._counters.is_exact(self._named(model))

    def learn_usage(self, model: str, counted: int, told: int) -> None:
        """A request that was counted as `counted` tokens has `told`, by its server.

        An estimate that was too low is corrected by the ratio, up to four times, if it was of 200 tokens at least. Where counts are
        exact, and the server has more than a twentieth and 64 tokens beyond them, that much is taken off the window, a quarter of it
        at most. Requests that ask for several answers teach nothing, as some servers count their text several times.
        """
        if not self._profile.together:
            self._usage.learn(self._named(model), counted, told)
            self._settle()

    def price_of(self, model: str) -> Price | None:
        """What its tokens cost, where the settings say so: by its name, by the name without who makes it, or for any."""
        name = self._named(model)
        prices = self._profile.prices
        return next((prices[each] for each in (name, name.rpartition("/")[2], "*") if each in prices), None)

    async def look_for_encoding(self, model: str = "") -> None:
        """Load what counts for a model, its own unless one is named, as far as it is on this computer."""
        await self._counters.load(self._named(model), fetch=False)

    @property
    def counting(self) -> str:
        """What counts the tokens of its own model, in words: for people."""
        return self._counters.told(self._named(""))

    def is_ready(self, model: str, template: str) -> bool:
        """Whether all is at hand that a request needs to be packed and rendered. It looks at one file at most."""
        name = self._named(model)
        return (
            self._knows_models() and self._knows_size(name) and self._counters.is_loaded(name) and self._has(template)
        )

    async def ready(self, model: str, template: str) -> None:
        """Have it at hand. EndpointError where a template can't be had; a server that lists no models is no error."""
        if not self._knows_models():
            await self._list(self._patience.connect)
        name = self._named(model)
        async with self._sizing:
            if not self._knows_size(name):
                await self._ask_size(name)
        await self._load_counter(name)
        if template:
            await self._load(template)

    async def prepare(self) -> None:
        """Load what is needed, and ask the server anew for its models and its template. What goes wrong is left for `stream`."""
        await self._load_counter(self._named(""))
        self._sized.clear()
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
                closing = reader.told(each.plan.dropped)
                self._usage.learn_of(self._named(request.recipe.model), request, closing.prompt_tokens or 0)
                self._settle()
                yield closing

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
        made = self._usage.yardstick(self._named(model))
        too_long: failures.TooLong | None = None
        try:
            async with aclosing(self._asking.answered(request, model, stops, answers)) as answered:
                async for each in answered:
                    self.takes_suffix = self._suffix()
                    if isinstance(each, Answer):
                        each.explain = lambda trouble: self._explained(trouble, request, model, made)
                        self._loaded_now(model)
                    yield each
        except failures.TooLong as error:
            too_long = error
        if too_long is not None:
            # Outside of the `except`, so that it is not chained to what holds a request.
            raise self._explained(too_long, request, model, made)

    def _named(self, model: str) -> str:
        """The model that a name stands for: none is its own, and the embedded model goes by any."""
        return self.model if self.built_in else model or self.model

    async def _load_counter(self, model: str) -> None:
        await self._counters.load(model)
        self._settle()

    def _settle(self) -> None:
        """Tell of its own model what is known by now."""
        self.window = self.window_of("")
        self.max_tokens = self._profile.max_tokens or min(ANSWER, self.window // 4)
        if self._counters.is_loaded(self._named("")):
            self.count = self.counter_of("")

    def _explained(self, trouble: EndpointError, request: Request, model: str, made: Yardstick) -> EndpointError:
        """What is told of a request that failed; of one that was too long, once that has taught what it can."""
        if not isinstance(trouble, failures.TooLong):
            return trouble
        most = request.max_tokens or self.max_tokens
        explained = self._usage.learn_refusal(trouble, self._named(model), request, most, made)
        self._settle()
        return explained

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
        url = self._beside("/props")
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
            await self._ask_size(self._named(""))

    def _knows_size(self, model: str) -> bool:
        """Whether all was asked for that a server that answers can tell of a model's window."""
        return self.kind not in sizes.ASKED or not self._has_listed or model in self._sized

    async def _ask_size(self, model: str) -> None:
        """Ask a server for a window that its list does not tell. Whatever it answers, it is not asked again at once."""
        if self.kind in sizes.ASKED and not self._profile.window:
            told = await sizes.told_sizes(self.kind, model, self._ask)
            secrets = self._connection.secrets
            self._windows.asked({name: size for each, size in told.items() if (name := quotable(each, secrets))})
        self._sized.add(model)
        self._settle()

    async def _ask(self, path: str, body: Any) -> Any:
        """The answer of the server to a question that is not of the protocol; None if it gives none."""
        with suppress(EndpointError):
            client = await self._connection.open()
            with suppress(TimeoutError, *sdk_errors()):
                async with asyncio.timeout(self._patience.connect):
                    if body is None:
                        return await client.get(self._beside(path), cast_to=object)
                    return await client.post(self._beside(path), cast_to=object, body=body)
        return None

    def _beside(self, path: str) -> str:
        """The address of what a server has beside the protocol."""
        parts = urlsplit(self._profile.base_url)
        return urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1") + path, fragment=""))

    def _loaded_now(self, model: str) -> None:
        """A model that has answered is loaded: by now its server can tell with how much, and is asked once more."""
        name = self._named(model)
        if self.kind in sizes.LOADS and name not in self._loads and self._windows.source(name) == "table":
            self._loads.add(name)
            self._sized.discard(name)

    def _learn_models(self, listed: Sequence[tuple[str, int]]) -> None:
        secrets = self._connection.secrets
        named = [(name, size) for given, size in listed[:MOST_MODELS] if (name := quotable(given, secrets))]
        self._models = tuple(name for name, _ in named)
        self._windows.listed(named)
        self._has_listed = True
        self.model = self.model or next(iter(self._models), "")
        self._settle()
