"""What servers tell of windows beside their list of models, each under an address of its own.

    Ollama      /api/ps what is loaded, and with how much; else /api/show what the model file sets. What a model could take says
                nothing: it is loaded with 4,096 unless its file or the server is told otherwise. Models in the cloud have all of it.
    LM Studio   /api/v0/models what is loaded, and with how much
    LiteLLM     /model/info what the models behind it take

Silence and odd answers count as nothing told. It keeps nothing.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from composer.llm.chunks import get, sane
from composer.llm.fields import Kind
from composer.llm.windows import LOADED

ASKED: frozenset[Kind] = frozenset(("ollama", "lmstudio", "litellm"))
"""Servers that are asked."""
LOADS: frozenset[Kind] = frozenset(("ollama", "lmstudio"))
"""Servers that load a model when it is first asked, and can tell then what it takes."""
Ask = Callable[[str, Any], Awaitable[Any]]
"""The answer of a server to a path and, where it is not None, a body that is sent; None where it gives none."""
_NUM_CTX = re.compile(r"^\s*num_ctx\s+(\d{1,11})\s*$", re.MULTILINE)


async def told_sizes(kind: Kind, model: str, ask: Ask) -> dict[str, int]:
    """The windows that a server tells: that of a model, and of others where it tells them by the way."""
    if kind == "ollama":
        sizes = running(await ask("/api/ps", None))
        if model and model not in sizes and (shown := shown_size(await ask("/api/show", {"model": model}), model)):
            sizes[model] = shown
        return sizes
    if kind == "lmstudio":
        return loaded(await ask("/api/v0/models", None))
    if kind == "litellm":
        return behind(await ask("/model/info", None))
    return {}


def running(told: Any) -> dict[str, int]:
    """The models that Ollama has loaded. `name` is `name:latest`."""
    sizes = {}
    for entry in _entries(told, "models"):
        size = sane(get(entry, "context_length"))
        for name in (get(entry, "name"), get(entry, "model")):
            if size and isinstance(name, str):
                sizes[name] = sizes[name.removesuffix(":latest")] = size
    return sizes


def shown_size(told: Any, model: str) -> int:
    """The window that Ollama will load a model with, if that can be told; 0 if not."""
    info = get(told, "model_info")
    most = 0
    if isinstance(info, dict):
        most = next((sane(size) for name, size in info.items() if str(name).endswith(".context_length")), 0)
    parameters = get(told, "parameters")
    found = _NUM_CTX.search(parameters) if isinstance(parameters, str) else None
    if found is not None and (size := sane(int(found[1]))):
        return min(size, most or size)
    if get(told, "remote_host") or model.endswith(("-cloud", ":cloud")):
        return most
    return most if most < LOADED else 0


def loaded(told: Any) -> dict[str, int]:
    """The models that LM Studio has loaded."""
    entries = _entries(told, "data")
    return {
        name: size
        for entry in entries
        if isinstance(name := get(entry, "id"), str) and (size := sane(get(entry, "loaded_context_length")))
    }


def behind(told: Any) -> dict[str, int]:
    """The models behind a LiteLLM gateway; the least where several go by one name."""
    sizes: dict[str, int] = {}
    for entry in _entries(told, "data"):
        name, size = get(entry, "model_name"), sane(get(get(entry, "model_info"), "max_input_tokens"))
        if isinstance(name, str) and size:
            sizes[name] = min(size, sizes.get(name, size))
    return sizes


def _entries(told: Any, name: str) -> list[Any]:
    entries = get(told, name)
    return entries if isinstance(entries, list) else []
