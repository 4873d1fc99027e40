"""Looking for model servers on this computer: who answers on the usual ports, what server it is, and which models it lists.

It asks 127.0.0.1 alone, for lists and versions only, without a key and past any proxy. It starts no server, asks for no text and
remembers nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from composer import config
from composer.config import EndpointProfile, Server
from composer.session.ports import Found
from composer.text.clean import one_line

if TYPE_CHECKING:
    import httpx2

PORTS = (*config.PORTS, 5001, 5000)
"""Where servers answer unless told otherwise: those of the settings, then KoboldCpp and text-generation-webui."""
HERE = frozenset(("localhost", "127.0.0.1", "::1", "0.0.0.0"))
"""Names of this computer."""
MOST_BYTES = 2_000_000
"""Of an answer; what is longer is no list of models."""
MOST_MODELS = 500
LONGEST = 200
"""Characters of a model's name, as in the settings."""
_OWNERS: dict[str, Server] = {
    "llamacpp": "llamacpp",
    "library": "ollama",
    "vllm": "vllm",
    "organization_owner": "lmstudio",
    "organization-owner": "lmstudio",
    "koboldcpp": "other",
}
"""What servers put as `owned_by` that is theirs alone."""


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: Any
    """What the JSON says; None if it is none."""


async def look_around(
    known: Collection[str], ports: Collection[int] = PORTS, timeout: float = 0.6
) -> tuple[Found, ...]:
    """The servers that answer on these ports of this computer, in the order of the ports. It never fails.

    `known` holds what the settings have already: addresses, whose servers are not asked, and names, which no server found is given.
    All ports are asked at once; `timeout` is in seconds, for the list of models, and once more for what server it is.
    """
    here = {port for address in known if (port := _port_here(address))}
    client = await asyncio.to_thread(_make_client)
    async with client:
        answers = await asyncio.gather(*(_who(client, port, timeout) for port in ports if port not in here))
    taken = {config.EMBEDDED, *known}
    found = []
    for answer in answers:
        if answer is None:
            continue
        name, profile, models = answer
        free = next(
            free for number in range(1, 1000) if (free := f"{name}-{number}" if number > 1 else name) not in taken
        )
        taken.add(free)
        found.append(Found(free, profile, models))
    return tuple(found)


def is_here(base_url: str) -> bool:
    """Whether an address belongs to this computer, so that asking costs nothing."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return False
    return host in HERE or host.startswith("127.") or host.endswith(".localhost")


def _port_here(address: str) -> int | None:
    try:
        return urlsplit(address).port if is_here(address) else None
    except ValueError:
        return None


def _make_client() -> httpx2.AsyncClient:
    import httpx2

    # Plain http needs no certificates, which take a while to load.
    return httpx2.AsyncClient(trust_env=False, verify=False, follow_redirects=False, timeout=None)


async def _who(
    client: httpx2.AsyncClient, port: int, timeout: float
) -> tuple[str, EndpointProfile, tuple[str, ...]] | None:
    """Name, profile and models of what answers on a port; None where nothing does, or no server of models."""
    root = f"http://127.0.0.1:{port}"
    answer = await _get(client, f"{root}/v1/models", timeout)
    if answer is None:
        return None
    entries = answer.body.get("data") if isinstance(answer.body, dict) else None
    if answer.status == 200 and isinstance(entries, list):
        kind = _told(answer, entries) or await _probed(client, root, timeout)
    elif answer.status in (401, 403) and await _is_litellm(client, root, timeout):
        # Most of these want a key even for the list.
        kind, entries = "litellm", []
    else:
        return None
    owners = {_text(entry, "owned_by") for entry in entries}
    names = (one_line(_text(entry, "id"), LONGEST) for entry in entries[:MOST_MODELS])
    models = tuple(dict.fromkeys(name for name in names if name and name.isprintable()))
    name = "koboldcpp" if "koboldcpp" in owners else f"local-{port}" if kind == "other" else kind
    return name, EndpointProfile(base_url=f"http://localhost:{port}/v1", kind=kind), models


def _told(answer: _Answer, entries: list[Any]) -> Server | None:
    """What server it is, by the list itself; None if that doesn't tell."""
    if any(name.lower().startswith("x-litellm") for name in answer.headers):
        return "litellm"
    if answer.headers.get("server", "").lower().startswith("llama.cpp"):
        return "llamacpp"
    owners = {_text(entry, "owned_by").lower() for entry in entries}
    return next((kind for owner, kind in _OWNERS.items() if owner in owners), None)


async def _probed(client: httpx2.AsyncClient, root: str, timeout: float) -> Server:
    """What server it is, by asking for what only one kind has. Others may answer such an address too, but with something else."""
    props, studio, version, alive = await asyncio.gather(
        _get(client, f"{root}/props", timeout),
        _get(client, f"{root}/api/v0/models", timeout),
        _get(client, f"{root}/api/version", timeout),
        _is_litellm(client, root, timeout),
    )
    if "default_generation_settings" in _fields(props):
        return "llamacpp"
    if isinstance(_fields(studio).get("data"), list):
        return "lmstudio"
    if isinstance(_fields(version).get("version"), str):
        return "ollama"
    return "litellm" if alive else "other"


async def _is_litellm(client: httpx2.AsyncClient, root: str, timeout: float) -> bool:
    answer = await _get(client, f"{root}/health/liveliness", timeout)
    return answer is not None and answer.status == 200 and isinstance(answer.body, str) and "alive" in answer.body


def _fields(answer: _Answer | None) -> dict[str, Any]:
    return answer.body if answer is not None and answer.status == 200 and isinstance(answer.body, dict) else {}


def _text(entry: Any, name: str) -> str:
    value = entry.get(name) if isinstance(entry, dict) else None
    return value if isinstance(value, str) else ""


async def _get(client: httpx2.AsyncClient, url: str, timeout: float) -> _Answer | None:
    """What is at an address, if it comes within the time and is not too long."""
    import httpx2

    body = bytearray()
    try:
        async with asyncio.timeout(timeout), client.stream("GET", url) as response:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    return None
    except (httpx2.HTTPError, httpx2.StreamError, TimeoutError, OSError):
        return None
    try:
        told = json.loads(bytes(body))
    except (ValueError, RecursionError):
        told = None
    return _Answer(response.status_code, dict(response.headers), told)
