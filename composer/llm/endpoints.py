"""From a profile of the settings to an endpoint that can be asked. The only place that tells the embedded model from a server.

It opens no connection, imports no SDK and reads no file: that is left to the endpoint's first use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from composer.config import EMBEDDED, EndpointProfile
from composer.llm.client import OpenAIEndpoint, Patience, Sleep
from composer.llm.tokens import TokenCounter

if TYPE_CHECKING:
    import httpx2

EMBEDDED_MODEL = "embedded-fable"
EMBEDDED_WINDOW = 8192
"""What the embedded model says of itself, told here without loading it."""
WINDOW = 8192
"""For a model that nothing is known of."""
ANSWER = 1024
"""Tokens of an answer, unless the settings say otherwise: about a page and a half."""
WINDOWS = (
    ("gpt-4.1", 1_047_576),
    ("gpt-4o", 128_000),
    ("gpt-4-turbo", 128_000),
    ("gpt-4-32k", 32_768),
    ("gpt-4", 8_192),
    ("gpt-3.5-turbo", 16_385),
    ("gpt-5", 400_000),
    ("gpt-oss", 131_072),
    ("chatgpt-4o", 128_000),
    ("o1", 200_000),
    ("o3", 200_000),
    ("o4-mini", 200_000),
)
"""Tokens that models take whose server does not tell, by how their names begin; the first that fits counts."""


def make_endpoint(
    name: str,
    profile: EndpointProfile,
    environ: Mapping[str, str],
    *,
    patience: Patience | None = None,
    sleep: Sleep = asyncio.sleep,
) -> OpenAIEndpoint:
    """The endpoint of a profile. The key is taken from the variable that the profile names; if it lacks, asking says so."""
    if profile.embedded:
        return OpenAIEndpoint(
            name=EMBEDDED,
            base_url=profile.base_url,
            model=profile.model or EMBEDDED_MODEL,
            window=profile.window or EMBEDDED_WINDOW,
            max_tokens=profile.max_tokens or ANSWER,
            count=TokenCounter("", environ),
            sampling=profile.sampling,
            make_transport=_embedded,
            patience=patience,
            sleep=sleep,
        )
    window = profile.window or known_window(profile.model) or WINDOW
    return OpenAIEndpoint(
        name=name,
        base_url=profile.base_url,
        model=profile.model,
        window=window,
        max_tokens=profile.max_tokens or min(ANSWER, window // 4),
        count=TokenCounter(profile.model, environ),
        key=environ.get(profile.key_env, "") if profile.key_env else "",
        key_env=profile.key_env,
        sampling=profile.sampling,
        # OpenAI lists its models without what they take.
        asks_window=not profile.window and urlsplit(profile.base_url).hostname != "api.openai.com",
        patience=patience,
        sleep=sleep,
    )


def known_window(model: str) -> int:
    """Tokens that a model takes by its name; 0 if it is not in the table."""
    bare = model.rpartition("/")[2].lower()
    return next((size for start, size in WINDOWS if bare.startswith(start)), 0)


def _embedded() -> httpx2.AsyncBaseTransport:
    from composer.llm.embedded import EmbeddedTransport

    return EmbeddedTransport()
