"""Which sampling fields which server takes, and under which name: a table. It sends nothing, and remembers nothing of answers.

A writer names a field once, in the words of `FIELDS`, and each server is sent what it calls that. What a server is known to ignore
is not sent to it, and the writer is told; what it refuses all the same is learned elsewhere and handed in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from composer.config import SERVERS, Server

Kind = Server | Literal["embedded"]
"""What server it is; the model that is built in counts as a server named `embedded`, and an empty name as `other`."""
FieldKind = Literal["number", "whole", "flag", "texts", "weights"]


@dataclass(frozen=True)
class Field:
    """What people should know of a field; `low` and `high` bound its numbers, both included."""

    name: str
    kind: FieldKind
    low: float
    high: float
    does: str


@dataclass(frozen=True)
class Fitted:
    """Fields as a server calls them, and what was left out of them, by the writer's names, each with the reason in words."""

    sent: dict[str, Any]
    dropped: tuple[tuple[str, str], ...]


_MANY = 2**31 - 1
_FIELDS = (
    Field("temperature", "number", 0, 2, "How far it strays: 0 takes the likeliest word each time, above 1 gets wild."),
    Field("top_p", "number", 0, 1, "Keeps the likeliest tokens that together have this probability; 1 keeps all."),
    Field("top_k", "whole", -1, _MANY, "Keeps so many of the likeliest tokens; 0 keeps all."),
    Field("min_p", "number", 0, 1, "Drops tokens less likely than this part of the likeliest one; 0 drops none."),
    Field("typical_p", "number", 0, 1, "Keeps tokens that are about as surprising as is usual here; 1 keeps all."),
    Field("tfs_z", "number", 0, 1, "Cuts off the tail where probabilities level out; 1 cuts nothing."),
    Field("repeat_penalty", "number", 0.01, 10, "Makes tokens that were there already less likely; 1 does nothing."),
    Field("repeat_last_n", "whole", -1, _MANY, "How many tokens back the repeat penalty looks; 0 switches it off."),
    Field("presence_penalty", "number", -2, 2, "Taken off each token that was there already, once; 0 does nothing."),
    Field("frequency_penalty", "number", -2, 2, "Taken off each token as often as it was there; 0 does nothing."),
    Field("mirostat", "whole", 0, 2, "Holds the surprise steady instead: 0 is off, 1 and 2 are its two versions."),
    Field("mirostat_tau", "number", 0, 100, "The surprise that mirostat aims at; lower is more sober."),
    Field("mirostat_eta", "number", 0, 1, "How fast mirostat corrects itself."),
    Field("penalize_newline", "flag", 0, 1, "Whether the repeat penalty falls on line breaks too."),
    Field("stop", "texts", 0, 0, "Texts at which the answer ends; they are not part of it."),
    Field("seed", "whole", -(2**63), 2**63 - 1, "Where chance begins: the same seed may give the same answer again."),
    Field("max_tokens", "whole", 1, _MANY, "The most tokens that an answer may have."),
    Field("num_keep", "whole", -1, _MANY, "Tokens of the start that are kept when the window is full; -1 keeps all."),
    Field("num_ctx", "whole", 1, _MANY, "The window that the model is loaded with, in tokens."),
    Field("logit_bias", "weights", -100, 100, "Added to single tokens, by their number: -100 bans one, 100 forces it."),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _FIELDS}
"""All that a writer may set, by name."""
_EXAMPLES: Mapping[str, Any] = {
    "temperature": 0.7,
    "top_p": 0.95,
    "top_k": 40,
    "min_p": 0.05,
    "typical_p": 0.95,
    "tfs_z": 0.95,
    "repeat_penalty": 1.05,
    "repeat_last_n": 64,
    "presence_penalty": 0.1,
    "frequency_penalty": 0.1,
    "mirostat": 0,
    "mirostat_tau": 5.0,
    "mirostat_eta": 0.1,
    "penalize_newline": False,
    "stop": ["<<end>>"],
    "seed": 1,
    "max_tokens": 16,
    "num_keep": 0,
    "num_ctx": 4096,
    "logit_bias": {"0": 0},
}

_NAMES: Mapping[str, str] = {
    **SERVERS,
    "": "This server",
    "other": "This server",
    "embedded": "The built-in model",
}
_COMMON = frozenset(("temperature", "top_p", "presence_penalty", "frequency_penalty", "stop", "seed", "max_tokens"))
_TAKEN: Mapping[str, frozenset[str]] = {
    "embedded": _COMMON | {"top_k", "min_p", "repeat_penalty"},
    "openai": _COMMON | {"logit_bias"},
    "openrouter": _COMMON | {"logit_bias", "top_k", "min_p", "repeat_penalty"},
    "ollama": _COMMON,
    "llamacpp": frozenset(FIELDS) - {"tfs_z", "penalize_newline", "num_ctx"},
    "vllm": _COMMON | {"logit_bias", "top_k", "min_p", "repeat_penalty"},
    "lmstudio": _COMMON | {"logit_bias", "top_k", "repeat_penalty"},
}
"""What the chat and completions endpoints of a server read. Servers that are not here are sent everything."""
_WIRE: Mapping[tuple[str, str], str] = {
    ("openrouter", "repeat_penalty"): "repetition_penalty",
    ("vllm", "repeat_penalty"): "repetition_penalty",
    ("llamacpp", "num_keep"): "n_keep",
}
_REASONS: Mapping[tuple[str, str], str] = {
    ("llamacpp", "tfs_z"): "llama.cpp has it no more",
    ("llamacpp", "penalize_newline"): "llama.cpp has it no more",
    ("llamacpp", "num_ctx"): "llama.cpp fixes it when it starts",
    ("vllm", "num_ctx"): "vLLM fixes it when it starts",
    ("lmstudio", "num_ctx"): "LM Studio fixes it when it loads the model",
    ("ollama", "logit_bias"): "Ollama does not have it",
}
_FOUR_STOPS = frozenset(("openai", "openrouter"))
"""Servers that refuse more than four texts to stop at."""
_BY_NAME = frozenset(("openai", "openrouter", "litellm"))
"""Servers where a model's name is OpenAI's own, perhaps behind `openai/`."""
_LIMITS = ("max_tokens", "max_completion_tokens")
_OLDER = re.compile(r"gpt-3|gpt-4|chatgpt-4|davinci|babbage")
_REASONING = re.compile(r"o\d+(-|$)|gpt-5(?!\d)|codex-|gpt-\S*-search")
_CHATTING = re.compile(r"gpt-5-chat")
"""Of that family, but without thoughts; it takes all that older models take."""
_OPTIONAL = re.compile(r"gpt-5\.\d+(-\d{4}-\d\d-\d\d|-mini|-nano)*$")
"""These think only when asked to, and take a temperature and top_p while they don't."""
_NO_STOP = re.compile(r"o3(?!-mini)|o[4-9]|gpt-5|codex-|gpt-\S*-search")


def trouble(name: str, value: Any) -> str:
    """Why a field can't have that value, to be read behind its name; empty if it can.

    Of names that are not in `FIELDS` nothing is known, so that any value can be.
    """
    field = FIELDS.get(name)
    if field is None:
        return ""
    if field.kind == "flag":
        return "" if isinstance(value, bool) else "takes true or false"
    if field.kind == "texts":
        texts = [value] if isinstance(value, str) else value
        good = isinstance(texts, (list, tuple)) and all(isinstance(text, str) and text for text in texts)
        return "" if good else "takes a text or a list of texts, none of them empty"
    if field.kind == "weights":
        good = isinstance(value, Mapping) and all(
            isinstance(token, str) and token and _within(field, weight) for token, weight in value.items()
        )
        return "" if good else f"takes numbers from {field.low:g} to {field.high:g}, by the number of a token"
    if _within(field, value) and (field.kind == "number" or value == int(value)):
        return ""
    kind = "a whole number" if field.kind == "whole" else "a number"
    if field.high < _MANY:
        return f"takes {kind} from {field.low:g} to {field.high:g}"
    return f"takes {kind} from {field.low:g} on" if field.low > -_MANY else f"takes {kind}"


def _within(field: Field, value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and field.low <= value <= field.high


def fitted(
    server: Kind, model: str, wanted: Mapping[str, Any], refused: Collection[str] = (), completion: bool = False
) -> Fitted:
    """The wanted fields as the server takes them. `completion`: for the completions endpoint, not for chat.

    `wanted` has the names of `FIELDS`, `max_tokens` among them; other names are passed as they are, and fields without a value are
    not wanted. `refused` has names of either kind, of this program or of the server. Where the server refused the name that
    limits an answer, the other name is sent, unless it refused both.
    """
    sent: dict[str, Any] = {}
    dropped: list[tuple[str, str]] = []
    for name, value in wanted.items():
        if value is None:
            continue
        wire = _limit(server, model, refused, completion) if name == "max_tokens" else _WIRE.get((server, name), name)
        names = {wire} if name == "max_tokens" else {name, wire}
        if why := _not_taken(server, model, name):
            dropped.append((name, why))
        elif not names.isdisjoint(refused):
            dropped.append((name, "the server refused it"))
        elif why := trouble(name, value):
            dropped.append((name, f"it {why}"))
        elif name == "stop":
            stops = list(dict.fromkeys([value] if isinstance(value, str) else value))
            if server in _FOUR_STOPS and len(stops) > 4:
                dropped.append((name, f"{_NAMES[server]} takes 4 of them, and has the first 4 of {len(stops)}"))
                stops = stops[:4]
            if stops:
                sent[wire] = stops
        elif name == "logit_bias":
            if value:
                sent[wire] = dict(value)
        else:
            field = FIELDS.get(name)
            sent[wire] = int(value) if field is not None and field.kind == "whole" else value
    return Fitted(sent, tuple(dropped))


def _not_taken(server: str, model: str, name: str) -> str:
    """Why a server is not sent a field; empty if it is."""
    taken = _TAKEN.get(server)
    if taken is not None and name in FIELDS and name not in taken:
        if server == "ollama":
            return _REASONS.get((server, name), "Ollama takes it in its model file alone")
        return _REASONS.get((server, name), f"{_NAMES[server]} does not take it")
    if server in _BY_NAME and name in _refused_by(_bare(model)):
        return "this model does not take it"
    return ""


def _bare(model: str) -> str:
    """A model's name without who makes it, and without what a router hangs on it."""
    return model.rpartition("/")[2].partition(":")[0].lower()


def _refused_by(bare: str) -> frozenset[str]:
    """What a model of OpenAI's does not take, by its name."""
    found = set()
    if _CHATTING.match(bare):
        return frozenset()
    if _REASONING.match(bare):
        found |= {"temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias"}
        if _OPTIONAL.match(bare):
            found -= {"temperature", "top_p"}
    if _NO_STOP.match(bare):
        found.add("stop")
    return frozenset(found)


def limit_field(server: Kind, model: str) -> str:
    """How the field is called that limits a chat answer: `max_tokens` or `max_completion_tokens`."""
    bare = _bare(model)
    if server == "openai":
        return "max_tokens" if not bare or _OLDER.match(bare) else "max_completion_tokens"
    if server in ("other", ""):
        # OpenAI's own models stand behind many addresses, and the names are telling.
        return "max_completion_tokens" if _REASONING.match(bare) and not _CHATTING.match(bare) else "max_tokens"
    return "max_tokens"


def _limit(server: Kind, model: str, refused: Collection[str], completion: bool) -> str:
    first = "max_tokens" if completion else limit_field(server, model)
    other = _LIMITS[1 - _LIMITS.index(first)]
    return other if first in refused and other not in refused and not completion else first


def tried(server: Kind) -> Sequence[str]:
    """The names of `FIELDS` that are worth trying on that server, one at a time, to learn whether it takes them.

    The limit is not among them, since no request goes without; nor is what has a server load the model anew.
    """
    taken = _TAKEN.get(server, frozenset(FIELDS) - {"num_keep", "num_ctx"})
    return [name for name in FIELDS if name in taken and name != "max_tokens"]


def example(name: str) -> Any:
    """A harmless value for a field, which changes little; None for a name that is not in `FIELDS`."""
    return _EXAMPLES.get(name)
