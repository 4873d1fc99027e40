"""What one request holds: its messages or its prompt, its fields, and what of the recipe is left out, and why.

Pure: the same request and the same knowledge of the server give the same plan. It sends nothing and learns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from composer.config import IN_PRESETS, OWN_FIELDS, EndpointProfile
from composer.llm import fields
from composer.llm.continuing import Way, begun, way_of
from composer.llm.fields import Kind
from composer.llm.lessons import Known
from composer.llm.refusals import SYSTEM
from composer.session.ports import Request

REFUSED = "the server refused it"
TOGETHER = ("seed", "asked together with others")
TELLING: frozenset[Kind] = frozenset(("embedded", "llamacpp", "vllm"))
"""Servers that are asked how sure they are of each token, unless the settings say otherwise."""
OTHERS = 5
"""How many other tokens they are asked for."""


@dataclass(frozen=True)
class Plan:
    """A request as it is sent, but for the model's name."""

    messages: tuple[Mapping[str, Any], ...]
    """Chat messages; empty where a prompt is sent."""
    prompt: str
    completion: bool
    """Whether raw text is sent, to be gone on with."""
    fields: Mapping[str, Any]
    dropped: tuple[tuple[str, str], ...]
    answers: int
    """How many answers it asks for."""
    way: Way
    """How it goes on from a begun answer; empty if it doesn't, or if that is the end of the prompt."""
    tells: bool
    """Whether it asks how sure the model is of each token."""
    inside: bool
    """Whether the answer begins within thoughts."""
    prefix: str
    """What an answer goes on from; it may be sent once more where there is a way."""

    @property
    def system(self) -> bool:
        return any(message.get("role") == "system" for message in self.messages)


@dataclass(frozen=True)
class Planner:
    """Plans the requests of one endpoint."""

    kind: Kind
    profile: EndpointProfile
    max_tokens: int
    """Of an answer, unless a request says otherwise; 0 for no limit."""

    @property
    def others(self) -> int:
        """How many other tokens are asked for at each token; 0 for nothing about tokens at all."""
        asked = self.profile.logprobs
        return asked if asked >= 0 else OTHERS if self.kind in TELLING else 0

    def plan(self, request: Request, model: str, known: Known, stops: tuple[str, ...] = (), answers: int = 1) -> Plan:
        """The request for a model, less what is refused. `stops` end a turn of the template that the prompt was made with."""
        completion = bool(request.recipe.template)
        wanted = self._wanted(request, stops, answers)
        fitted = fields.fitted(self.kind, model, wanted, known.refused, completion)
        sent: dict[str, Any] = dict(fitted.sent)
        dropped = [each for each in fitted.dropped if each[0] != "stop" or "stop" in self._wishes(request)]
        way: Way = ""
        messages: list[dict[str, Any]] = []
        prompt = ""
        if completion:
            texts = dict(request.messages)
            prompt = texts.get("prompt", "")
            if suffix := texts.get("suffix", ""):
                if "suffix" in known.refused:
                    dropped.append(("suffix", REFUSED))
                else:
                    sent["suffix"] = suffix
        else:
            messages = _messages(request.messages, known)
            if request.prefix:
                way = "ask" if known.asks else way_of(self.profile.continues, self.kind, self.profile.base_url)
                messages, more = begun(messages, way, request.prefix)
                sent.update(more)
        tells = self._tell(sent, dropped, known, completion)
        if answers > 1:
            if "n" not in known.refused:
                sent["n"] = answers
            if self._seed(request) is not None:
                dropped.append(TOGETHER)
        if "stream_options" not in known.refused:
            sent["stream_options"] = {"include_usage": True}
        return Plan(
            messages=tuple(messages),
            prompt=prompt,
            completion=completion,
            fields=sent,
            dropped=tuple(dropped),
            answers=answers,
            way=way,
            tells=tells,
            # A begun answer has its thoughts behind it, unless the model is asked anew.
            inside=self.profile.thinks and (not request.prefix or way == "ask"),
            prefix=request.prefix,
        )

    def _wishes(self, request: Request) -> dict[str, Any]:
        """The sampling of the recipe over that of the settings."""
        wishes = {**self.profile.sampling, **request.recipe.sampling}
        return {name: value for name, value in wishes.items() if name not in OWN_FIELDS or name in IN_PRESETS}

    def _seed(self, request: Request) -> Any:
        return self._wishes(request).get("seed") if request.recipe.seed is None else request.recipe.seed

    def _wanted(self, request: Request, stops: tuple[str, ...], answers: int) -> dict[str, Any]:
        """All fields that are wanted, by the writer's names."""
        wanted = self._wishes(request)
        most = wanted.get("max_tokens")
        limits = [request.max_tokens or self.max_tokens]
        if isinstance(most, int) and not isinstance(most, bool):
            limits.append(most)
        wanted["max_tokens"] = min((limit for limit in limits if limit > 0), default=None)
        # One seed for several answers may make them the same.
        wanted["seed"] = self._seed(request) if answers == 1 else None
        if stops:
            own = wanted.get("stop")
            texts = [own] if isinstance(own, str) else own if isinstance(own, list) else []
            wanted["stop"] = list(dict.fromkeys([*texts, *stops]))
        return wanted

    def _tell(self, sent: dict[str, Any], dropped: list[tuple[str, str]], known: Known, completion: bool) -> bool:
        """Ask how sure the model is of each token, if it is to be asked and has not refused."""
        if not self.others:
            return False
        if "logprobs" in known.refused:
            dropped.append(("logprobs", REFUSED))
            return False
        if completion:
            sent["logprobs"] = self.others
        else:
            sent["logprobs"] = True
            if "top_logprobs" in known.refused:
                dropped.append(("top_logprobs", REFUSED))
            else:
                sent["top_logprobs"] = self.others
        return True


def _messages(messages: tuple[tuple[str, str], ...], known: Known) -> list[dict[str, Any]]:
    """Chat messages; for models that know no system, what it would be told goes before the first thing that they are told."""
    told = [{"role": role, "content": text} for role, text in messages]
    if SYSTEM not in known.refused:
        return told
    system = "\n\n".join(text for role, text in messages if role == "system")
    rest = [message for message in told if message["role"] != "system"]
    if rest and rest[0]["role"] == "user":
        return [{"role": "user", "content": f"{system}\n\n{rest[0]['content']}".strip()}, *rest[1:]]
    return [{"role": "user", "content": system}, *rest]
