"""A server that speaks the OpenAI protocol: its answers as pieces of clean text, and one closing.

It never writes a key anywhere, never lets one through, and keeps nothing of what it sends. What a request holds, how it is sent and
how its answer is read lies in the files beside this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
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
from composer.llm.turns import Turns
from composer.session.ports import Closing, Counter, Memory, Piece, Request, Waiting

SERVER = "server"
"""The template that the server tells: the model's own."""
MOST_MODELS = 500
"""Models that are kept of a server's list."""


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
        self._loaded: set[str] = set()
        self._models: tuple[str, ...] = ()
        self._listing: asyncio.Task[None] | None = None

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

    async def prepare(self) -> None:
        """Load what is needed, and ask the server for its models. What goes wrong is left for `stream` to tell."""
        load = getattr(self.count, "load", None)
        if load is not None:
            await load()
        await self._list()
        if self.template:
            self._loaded.discard(self.template)
            with suppress(EndpointError):
                await self._load(self.template)

    async def ask_models(self) -> Sequence[str]:
        """The models that the server lists now. EndpointError where it doesn't."""
        client = await self._connection.open()
        place = self._connection.place(self.model)
        caught: Exception
        try:
            async with asyncio.timeout(self._patience.connect):
                listed = await client.models.list()
        except TimeoutError:
            caught = TimeoutError()
        except sdk_errors() as error:
            caught = error
        else:
            self._learn_models(chunks.models(listed))
            return self._models
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
        if template == SERVER and template not in self._loaded:
            raise failures.no_template(self._connection.place(self.model))
        return templates.render(self._template(template), messages, prefix)

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

    async def _load(self, name: str) -> None:
        """Have a template ready. EndpointError where there is none of that name, or where the server does not tell its own."""
        if name in self._loaded:
            return
        if name == SERVER:
            told = await self._told_template()
            await asyncio.to_thread(templates.from_text, self._template(name), *told)
        else:
            await asyncio.to_thread(templates.load, name)
        if name == SERVER or name in templates.names():
            # A file may change meanwhile.
            self._loaded.add(name)

    def _template(self, name: str) -> str:
        """The name that a template is kept under: the servers' own would be in each other's way."""
        return f"{SERVER}:{self.name}" if name == SERVER else name

    async def _told_template(self) -> tuple[str, str, str]:
        """The template, and the tokens that a text and a turn begin and end with, as llama.cpp tells them."""
        client = await self._connection.open()
        parts = urlsplit(self._profile.base_url)
        url = urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1") + "/props", fragment=""))
        told: object = None
        with suppress(TimeoutError, *sdk_errors()):
            async with asyncio.timeout(self._patience.connect):
                told = await client.get(url, cast_to=object)
        names = ("chat_template", "bos_token", "eos_token")
        source, bos, eos = (str(told.get(name) or "") if isinstance(told, dict) else "" for name in names)
        if not source:
            raise failures.no_template(self._connection.place(self.model))
        return source, bos, eos

    def _suffix(self) -> bool:
        return self._profile.suffix and "suffix" not in self._lessons.of(self.model).refused

    def _model_of(self, request: Request) -> str:
        return request.recipe.model or self.model

    def _gives_several(self, request: Request) -> bool:
        return "n" not in self._lessons.of(self._model_of(request)).refused

    async def _list(self) -> None:
        """Ask for the models, once for all who want them now. Silence is an answer too."""
        if self._listing is None or self._listing.done():
            self._listing = asyncio.create_task(self._listed())
        await asyncio.shield(self._listing)

    async def _listed(self) -> None:
        with suppress(EndpointError):
            await self.ask_models()

    def _learn_models(self, listed: Sequence[tuple[str, int]]) -> None:
        secrets = self._connection.secrets
        self._models = tuple(filter(None, (quotable(name, secrets) for name, _ in listed[:MOST_MODELS])))
        chosen = next((each for each in listed if each[0] == self.model or not self.model), None)
        # Some list one model under the path of its file, and serve it under any name.
        chosen = listed[0] if chosen is None and len(listed) == 1 else chosen
        if chosen is None:
            return
        self.model = self.model or quotable(chosen[0], secrets)
        if not self._profile.window:
            self.window = chosen[1] or self.window
