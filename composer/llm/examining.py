"""What an endpoint can do, found out by asking it for a few words: one finding after the other, as each is known.

It asks through the endpoint itself, so that what is said is what the program does, and the endpoint learns what its server refuses.
It prints nothing, writes no key, and waits for no answer longer than `LONGEST`.

Limits: that a field is not refused means little where a server refuses none that it does not know; then this is said.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from composer.config import EndpointProfile, Sampling, public_url
from composer.errors import EndpointError
from composer.llm import fields
from composer.llm.around import is_here
from composer.llm.asking import MOST_LESSONS
from composer.llm.client import OpenAIEndpoint
from composer.llm.endpoints import make_endpoint
from composer.llm.keys import Key, find_key
from composer.llm.plan import TELLING
from composer.llm.sizes import LOADS
from composer.session.ports import Closing, Finding, Memory, Piece, Request
from composer.story.candidate import Recipe
from composer.story.surprise import Token

if TYPE_CHECKING:
    import httpx2

LONGEST = 20.0
"""Seconds that one question may take."""
SLOW = 5.0
"""Seconds after which a first word counts as slow."""
FEW = 8
"""Tokens of an answer that is read."""
MANY = 400
"""The same for a model that thinks first, and would be cut before its first word."""
SHOWN = 5
"""Models that are named."""
OTHERS = 3
"""Tokens that are asked for beside each one that was written."""
NO_SUCH_FIELD = "story_composer_no_such_field"
"""What no server knows: whether it is refused tells what it means that others are not."""
MEASURED = frozenset(("window", "ratio", "overhead"))
"""What is known of a model that no question of these can find out anew."""
COUNT = "Count from one to twenty in words, and say nothing else."
DAYS = "Write the days of the week from Monday to Sunday on one line, and nothing else."
BEGUN, NEXT, FIRST = "Monday, Tuesday, Wednesday,", "thursday", "monday"
BEFORE, BEHIND = "The boat left the harbour", "and reached the island by noon."


@dataclass
class _Answer:
    """What a question came to."""

    pieces: list[Piece] = field(default_factory=list)
    closing: Closing = Closing()
    error: EndpointError | None = None
    first: float = 0.0
    """Seconds until the first text or thought."""
    late: str = ""
    """Why it was not waited for any longer."""

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces if piece.channel == "text")

    @property
    def tokens(self) -> list[Token]:
        return [token for piece in self.pieces for token in piece.tokens]

    @property
    def thinks(self) -> bool:
        return any(piece.channel == "reasoning" or piece.recast for piece in self.pieces)

    @property
    def trouble(self) -> str:
        """Why there is no whole answer, with the next step; empty if there is one."""
        return _told(self.error) if self.error is not None else self.late


class _Frozen:
    """A memory that learns nothing more."""

    def __init__(self, memory: Memory | None) -> None:
        self._memory = memory

    def known(self, endpoint: str, model: str) -> Mapping[str, str]:
        return self._memory.known(endpoint, model) if self._memory is not None else {}

    def learn(self, endpoint: str, model: str, subject: str, value: str) -> None:
        pass


def works(findings: Iterable[Finding]) -> bool:
    """Whether an endpoint with these findings can write."""
    return any(finding.what == "streaming" and finding.good is not False for finding in findings)


async def examine(
    endpoint: OpenAIEndpoint,
    profile: EndpointProfile,
    environ: Mapping[str, str] = os.environ,
    memory: Memory | None = None,
    *,
    offline: bool = False,
) -> AsyncGenerator[Finding, None]:
    """Ask an endpoint, which has not been asked before, what it can do. What goes wrong is a finding, with the next step in it.

    `profile` is what the endpoint was made of, and `memory` what it was given: what is known there of the model is forgotten, so
    that it is found out anew, but for its window and how it counts. Where writing does not work, nothing more is asked; with `offline`, nothing is asked at all.
    Closing the iterator stops the question that is being asked.
    """
    key = Key() if profile.embedded else await asyncio.to_thread(find_key, endpoint.name, profile, environ)
    if not profile.embedded:
        yield _key(key)
    if offline:
        yield _window(endpoint, asked=False)
        await endpoint.look_for_encoding()
        yield Finding("tokens", endpoint.counting)
    elif key.trouble is None:
        async with aclosing(_Examination(endpoint, profile, environ, memory).findings()) as found:
            async for finding in found:
                yield finding


class _Examination:
    """The questions to one endpoint, in their order."""

    def __init__(
        self,
        endpoint: OpenAIEndpoint,
        profile: EndpointProfile,
        environ: Mapping[str, str],
        memory: Memory | None,
    ) -> None:
        self._endpoint = endpoint
        self._profile = profile
        self._environ = environ
        self._memory = memory
        self._few = FEW
        self._listed: Sequence[str] = ()

    async def findings(self) -> AsyncGenerator[Finding, None]:
        profile = self._profile
        address = public_url(profile.base_url)
        if not profile.embedded and not is_here(profile.base_url):
            yield Finding("cost", "this asks for a few words, up to ten times: some hundred tokens in all")
        seconds, page = (0.0, False) if profile.embedded else await _answers_in(address)
        trouble = await self._list()
        if seconds is None and trouble:
            yield Finding("reachable", trouble, False)
            return
        yield Finding("reachable", _reached(address, seconds or 0.0, profile.embedded), True)
        if page and trouble:
            trouble = f"{address} shows a web page, and lists no models. Check base_url in the settings: it mostly ends with /v1."
        if not trouble:
            yield self._models()
        elif not self._endpoint.model:
            yield Finding("models", trouble, False)
            return
        await self._forget()
        answer = await self._ask(COUNT)
        if answer.trouble:
            yield Finding("streaming", self._with_models(answer), False)
            return
        if trouble:
            yield Finding("models", trouble)
        yield _window(self._endpoint)
        yield Finding("tokens", self._endpoint.counting)
        yield self._streaming(answer)
        if not answer.pieces and answer.closing.finish_reason != "length":
            return
        for finding in self._of_answer(answer):
            yield finding
        async with aclosing(self._abilities(answer)) as found:
            async for finding in found:
                yield finding

    async def _abilities(self, first: _Answer) -> AsyncGenerator[Finding, None]:
        """What a model that writes can do beside. What fails once is not asked again."""
        # What it refuses here is no lesson for the endpoint, nor is how it is asked.
        asked = replace(self._profile, logprobs=OTHERS)
        stranger = make_endpoint(self._endpoint.name, asked, self._environ, memory=_Frozen(self._memory))
        try:
            yield await self._logprobs(first, stranger)
            taken, refused, trouble = await self._sampling()
            if trouble:
                yield Finding("sampling", trouble, False)
            else:
                odd = await self._ask(COUNT, {NO_SUCH_FIELD: 1}, most=1, endpoint=stranger)
                # A server that fails over what it does not know refuses it too.
                strict = bool(odd.error) or any(name == NO_SUCH_FIELD for name, _ in odd.closing.dropped)
                yield _fields(self._endpoint.kind, taken, refused, strict)
                for finding in _not_sent(self._endpoint):
                    yield finding
            yield await self._goes_on()
            if self._endpoint.takes_suffix:
                yield await self._suffix()
        finally:
            await stranger.close()

    # questions

    async def _list(self) -> str:
        """Ask for the models; why there is no list, or nothing."""
        trouble = ""
        try:
            async with asyncio.timeout(LONGEST):
                self._listed = await self._endpoint.ask_models()
        except EndpointError as error:
            trouble = _told(error)
        except TimeoutError:
            trouble = f"No list of models within {LONGEST:g} seconds. Look whether the server is busy, then ask again."
        return trouble

    async def _forget(self) -> None:
        """Load what is needed, and forget what is known of the model, so that it is found out anew."""
        try:
            async with asyncio.timeout(LONGEST):
                await self._endpoint.prepare()
        except TimeoutError:
            pass  # what it lacks, the next question tells
        endpoint, memory = self._endpoint, self._memory
        if memory is not None:
            for subject in memory.known(endpoint.name, endpoint.model):
                if subject not in MEASURED:
                    memory.learn(endpoint.name, endpoint.model, subject, "")
        if not endpoint.takes(endpoint.model, "temperature"):
            self._few = MANY

    async def _ask(
        self,
        words: str,
        sampling: Sampling | None = None,
        *,
        most: int = FEW,
        prefix: str = "",
        suffix: str = "",
        endpoint: OpenAIEndpoint | None = None,
    ) -> _Answer:
        """Ask for a few words, as the endpoint's template has it. It never fails, nor lasts longer than `LONGEST`."""
        own = self._endpoint
        answer = _Answer()
        loop = asyncio.get_running_loop()
        began = loop.time()
        messages: tuple[tuple[str, str], ...] = (("user", words),)
        recipe = Recipe(own.name, own.model, sampling or {}, template=own.template)
        try:
            if own.template:
                messages = (("prompt", own.render(messages, own.template, prefix)),)
            if suffix:
                messages = (("prompt", words), ("suffix", suffix))
            request = Request(messages, recipe, max(most, self._few if self._few > FEW else 0), prefix)
            async with asyncio.timeout(LONGEST), aclosing((endpoint or own).stream(request)) as stream:
                async for each in stream:
                    if isinstance(each, Closing):
                        answer.closing = each
                    elif isinstance(each, Piece):
                        if each.text and not answer.first:
                            answer.first = loop.time() - began
                        answer.pieces.append(each)
                    elif each.seconds and each.seconds > LONGEST:
                        answer.late = f"The server asks to wait for {each.seconds:.0f} seconds. Ask again after that."
                        return answer
                    else:
                        answer.late = f"It waits for {each.why}. " if each.why else ""
        except EndpointError as error:
            answer.error = error
        except TimeoutError:
            answer.late += _late(answer)
        else:
            answer.late = ""
        return answer

    async def _logprobs(self, first: _Answer, stranger: OpenAIEndpoint) -> Finding:
        """Whether tokens come with how sure the model was of them."""
        asked = self._profile.logprobs
        if asked == 0:
            return Finding("logprobs", "not asked for, as the settings say")
        usual = asked > 0 or self._endpoint.kind in TELLING
        answer = first if usual else await self._ask(COUNT, endpoint=stranger)
        if answer.trouble:
            return Finding("logprobs", answer.trouble, False)
        if not answer.tokens:
            refused = any(name == "logprobs" for name, _ in answer.closing.dropped)
            return Finding("logprobs", f"{'refused' if refused else 'none come'}, so that surprise can't be shown")
        others = max(len(token.others) for token in answer.tokens)
        words = (
            f"each token comes with how likely it was, and {others} others"
            if others
            else "of each token, without others"
        )
        later = "" if usual else "; logprobs = 5 in the settings of this endpoint has them asked for"
        return Finding("logprobs", f"{words}{later}", True)

    async def _sampling(self) -> tuple[list[str], dict[str, list[str]], str]:
        """The fields that are taken, those that are not by the reason, and what went wrong if anything did.

        One request unlearns no more than so many refused fields, so they are tried in groups of that size; a group that fails
        is tried one by one.
        """
        names = list(fields.tried(self._endpoint.kind))
        groups = [names[start : start + MOST_LESSONS] for start in range(0, len(names), MOST_LESSONS)]
        taken: list[str] = []
        refused: dict[str, list[str]] = {}
        failed = 0
        while groups:
            group = groups.pop(0)
            answer = await self._ask(COUNT, {name: fields.example(name) for name in group}, most=1)
            if answer.late:
                return taken, refused, answer.late
            if answer.error is not None and len(group) > 1:
                groups[:0] = [[name] for name in group]
                continue
            if answer.error is not None:
                failed += 1
                if failed > 2:
                    return taken, refused, answer.trouble
                refused.setdefault(answer.error.sentence.rstrip("."), []).append(group[0])
                continue
            dropped = dict(answer.closing.dropped)
            taken += [name for name in group if name not in dropped]
            for name in group:
                if name in dropped:
                    refused.setdefault(dropped[name], []).append(name)
        return taken, refused, ""

    async def _goes_on(self) -> Finding:
        """Whether a begun answer is gone on with."""
        answer = await self._ask(DAYS, prefix=BEGUN)
        if answer.trouble:
            return Finding("going on", answer.trouble, False)
        words = answer.text.lower()
        began_anew = words.find(FIRST)
        if NEXT in words and not 0 <= began_anew < words.index(NEXT):
            return Finding("going on", "it goes on from where an answer broke off", True)
        if began_anew >= 0:
            return Finding(
                "going on", "it begins anew in place of going on; continues in the settings names other ways"
            )
        return Finding("going on", "it answers; whether it goes on can't be told from what it said")

    async def _suffix(self) -> Finding:
        answer = await self._ask(BEFORE, suffix=BEHIND)
        if answer.trouble:
            return Finding("suffix", answer.trouble, False)
        if any(name == "suffix" for name, _ in answer.closing.dropped):
            return Finding("suffix", "refused, so that holes are filled by asking in words")
        return Finding("suffix", "taken: a hole is filled between the texts on both sides", True)

    # answers in words

    def _models(self) -> Finding:
        listed, asked = self._listed, self._profile.model
        if not listed:
            return Finding("models", "the server lists none")
        shown = ", ".join(listed[:SHOWN])
        words = f"{len(listed)}: {shown}" if len(listed) <= SHOWN else f"{len(listed)}, the first are {shown}"
        if self._profile.embedded:
            return Finding("models", words, True)
        if not asked:
            return Finding("models", f"{words}; {self._endpoint.model} is asked for, as the settings name none", True)
        if asked in listed:
            return Finding("models", f"{words}; {asked} is among them", True)
        return Finding("models", f"{words}; {asked}, which is asked for, is not among them")

    def _with_models(self, answer: _Answer) -> str:
        """What went wrong, with what may be asked for in place of a model that is not there."""
        if answer.error is None or not self._listed or self._endpoint.model in self._listed:
            return answer.trouble
        return f"{answer.trouble} It has {', '.join(self._listed[:SHOWN])}{', …' if len(self._listed) > SHOWN else ''}."

    def _streaming(self, answer: _Answer) -> Finding:
        pieces = sum(1 for piece in answer.pieces if piece.text)
        when = f"the first after {_span(answer.first)}{', which is slow' if answer.first > SLOW else ''}"
        if not pieces:
            if answer.closing.finish_reason == "length":
                return Finding(
                    "streaming",
                    f"it answers, but wrote nothing within {max(FEW, self._few)} tokens: it may be thinking",
                )
            return Finding("streaming", "The answer is empty. Try another model, or another template.", False)
        if pieces == 1 and len(answer.text.split()) > 2:
            return Finding(
                "streaming", f"none: an answer comes whole, after {_span(answer.first)}, and not as it is written"
            )
        return Finding("streaming", f"text comes as it is written, {when}", True)

    def _of_answer(self, answer: _Answer) -> Iterable[Finding]:
        """What else an answer tells."""
        served, model = answer.closing.model, self._endpoint.model
        if served and model and not (served.lower() in model.lower() or model.lower() in served.lower()):
            yield Finding("model", f"{served} answers, where {model} is asked for")
        if answer.thinks:
            yield Finding("thoughts", "it thinks before it writes; that is shown folded, and never part of the text")
        if not answer.closing.finish_reason:
            yield Finding(
                "endings", "it does not say when an answer is whole, so a broken one can't be told from a short one"
            )
        if self._endpoint.template:
            yield Finding("completions", f"raw text is taken, rendered with {self._endpoint.template}", True)


def _key(key: Key) -> Finding:
    if key.trouble is not None:
        return Finding("key", _told(key.trouble), False)
    if not key.place:
        return Finding("key", "none is sent, as the settings name none")
    return Finding("key", f"there, from {key.place}", True)


def _reached(address: str, seconds: float, embedded: bool) -> str:
    if embedded:
        return "built in: it needs no server"
    return f"{address} answers in {_span(seconds)}{', which is slow' if seconds > 1 else ''}"


def _window(endpoint: OpenAIEndpoint, asked: bool = True) -> Finding:
    """The window, and who says so; `asked` tells whether the server was asked."""
    words = f"{endpoint.window:,} tokens"
    if endpoint.built_in:
        return Finding("window", words)
    match endpoint.window_source(""):
        case "settings":
            return Finding("window", f"{words}, as the settings say")
        case "server":
            return Finding("window", f"{words}, as the server says")
        case "learned":
            return Finding("window", f"{words}, as you or a refused request have said before")
        case "table" if endpoint.kind in LOADS:
            return Finding(
                "window", f"{words}, with which such a server loads a model unless told otherwise; it says once it has"
            )
        case "table":
            return Finding("window", f"{words}, as is known of this model")
        case "guess" if asked:
            return Finding(
                "window", f"{words} are taken for granted: if the model takes more, set window in the settings"
            )
        case "guess":
            return Finding("window", f"{words} are taken for granted until the server is asked")


def _fields(kind: fields.Kind, taken: Sequence[str], refused: Mapping[str, Sequence[str]], strict: bool) -> Finding:
    behind = f"; not {_grouped(refused)}" if refused else ""
    if not taken:
        return Finding("sampling", f"takes none of the usual fields{behind}")
    names = ", ".join(taken)
    # Of these it is known from elsewhere what they read.
    if strict or kind not in ("", "other", "litellm"):
        return Finding("sampling", f"takes {names}{behind}", True)
    return Finding(
        "sampling",
        f"{names} are not refused, but this server refuses no field that it does not know, and may ignore some{behind}",
    )


def _not_sent(endpoint: OpenAIEndpoint) -> Iterable[Finding]:
    """What is never tried, since it is known that the server does not take it."""
    tried = fields.tried(endpoint.kind)
    wanted = {name: fields.example(name) for name in fields.FIELDS if name not in tried}
    reasons: dict[str, list[str]] = {}
    for name, why in fields.fitted(endpoint.kind, endpoint.model, wanted).dropped:
        reasons.setdefault(why, []).append(name)
    if reasons:
        yield Finding("not sent", _grouped(reasons))


def _grouped(reasons: Mapping[str, Sequence[str]]) -> str:
    """Fields by the reason why they are not taken."""
    return ", ".join(
        f"{', '.join(names)} ({why[:1].lower() if why.startswith(('The ', 'This ')) else why[:1]}{why[1:]})"
        for why, names in reasons.items()
    )


async def _answers_in(address: str) -> tuple[float | None, bool]:
    """Seconds in which anything at all is answered there, None if nothing is; and whether it is a web page. It sends no key."""
    try:
        client = await asyncio.to_thread(_plain_client)
    except (OSError, ValueError, ImportError):
        return None, False
    import httpx2

    loop = asyncio.get_running_loop()
    began = loop.time()
    url = f"{address.rstrip('/')}/models"
    try:
        async with client, asyncio.timeout(LONGEST), client.stream("GET", url) as response:
            page = response.status_code == 200 and response.headers.get("content-type", "").startswith("text/html")
            return loop.time() - began, page
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, TimeoutError, OSError, ValueError):
        return None, False


def _plain_client() -> httpx2.AsyncClient:
    import httpx2

    return httpx2.AsyncClient(follow_redirects=False, timeout=None)


def _told(error: EndpointError) -> str:
    """An error's sentence and next step, without the key that goes on from what has come: here is nothing to go on from."""
    step = error.next_step.removesuffix("Then press r to go on from there.").strip()
    step = step.removeprefix("Press r to go on from there, or ")
    return f"{error.sentence} {step[:1].upper()}{step[1:]}".strip()


def _late(answer: _Answer) -> str:
    if answer.pieces:
        return (
            f"It is slow: no more than {len(answer.text.split())} words in {LONGEST:g} seconds. Choose a smaller model."
        )
    return f"Not a word within {LONGEST:g} seconds. A model that is being loaded takes longer: ask again in a minute."


def _span(seconds: float) -> str:
    return f"{max(seconds * 1000, 1):.0f} ms" if seconds < 0.95 else f"{seconds:.1f} s"
