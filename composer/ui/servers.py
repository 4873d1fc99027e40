"""Servers by their kinds: what a new endpoint of each begins with, whether one answers on this computer, and what may cost. Pure.

It asks no server anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from composer.config import OPENAI_MODEL, OPENAI_URL, SERVERS, EndpointProfile
from composer.ui.profiles import shown_url

KINDS: Mapping[str, str] = {**SERVERS, "other": "server", "": "server"}
BUILT_IN = "built in"


@dataclass(frozen=True)
class Start:
    """What a new endpoint of a kind begins with, and the row of its form where one has something to fill in."""

    name: str
    says: str
    profile: EndpointProfile
    at: str = "name"


STARTS: tuple[Start, ...] = (
    Start("openai", "OpenAI", EndpointProfile(OPENAI_URL, OPENAI_MODEL, "OPENAI_API_KEY", kind="openai")),
    Start(
        "openrouter",
        "OpenRouter: models of many makers",
        EndpointProfile("https://openrouter.ai/api/v1", key_env="OPENROUTER_API_KEY", kind="openrouter"),
        "model",
    ),
    Start("ollama", "Ollama, on this computer", EndpointProfile("http://localhost:11434/v1", kind="ollama")),
    Start("llamacpp", "llama.cpp, on this computer", EndpointProfile("http://localhost:8080/v1", kind="llamacpp")),
    Start("vllm", "vLLM", EndpointProfile("http://localhost:8000/v1", kind="vllm")),
    Start("lmstudio", "LM Studio, on this computer", EndpointProfile("http://localhost:1234/v1", kind="lmstudio")),
    Start("litellm", "LiteLLM: a gateway to others", EndpointProfile("http://localhost:4000/v1", kind="litellm")),
    Start("server", "Another server that speaks the OpenAI protocol", EndpointProfile("http://"), "base_url"),
)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, or the first of `name-2`, `name-3`, … that is not taken."""
    number = 1
    made = name
    while made in taken:
        number += 1
        made = f"{name}-{number}"
    return made


def is_here(profile: EndpointProfile) -> bool:
    """Whether a server answers on this computer."""
    try:
        host = urlsplit(profile.base_url).hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1", "0.0.0.0") or host.startswith("127.") or host.endswith(".localhost")


def may_cost(profile: EndpointProfile) -> bool:
    """Whether asking it for a few words may cost money: it is elsewhere, or hands on to others."""
    hands_on = profile.server == "litellm" or profile.model.endswith(("-cloud", ":cloud"))
    return not profile.embedded and (hands_on or not is_here(profile))


def kind_shown(profile: EndpointProfile) -> str:
    return BUILT_IN if profile.embedded else KINDS[profile.server]


def key_shown(profile: EndpointProfile) -> str:
    """Where an endpoint's key comes from, in a word."""
    if profile.key_env:
        return f"${profile.key_env}"
    for name, word in (("key_file", "file"), ("key_command", "command"), ("keyring", "keyring")):
        if getattr(profile, name):
            return word
    return "in the address" if shown_url(profile.base_url) != profile.base_url else "none"
