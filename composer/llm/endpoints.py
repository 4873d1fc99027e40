"""From a profile of the settings to an endpoint that can be asked. The only place that tells the embedded model from a server.

It opens no connection, imports no SDK, reads no file and looks for no key: that is left to the endpoint's first use.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from composer.config import EMBEDDED, EndpointProfile
from composer.llm.asking import Sleep
from composer.llm.client import OpenAIEndpoint
from composer.llm.keys import Key, find_key
from composer.llm.patience import Patience
from composer.llm.tokens import TokenCounter
from composer.session.ports import Memory

if TYPE_CHECKING:
    import httpx2

EMBEDDED_MODEL = "embedded-fable"
EMBEDDED_WINDOW = 8192
"""What the embedded model says of itself, told here without loading it."""
WINDOW = 8192
"""For a model that nothing is known of."""
CONCURRENCY = 8
EMBEDDED_CONCURRENCY = 16
"""Answers that are written at once, unless the settings say otherwise."""
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
    memory: Memory | None = None,
    patience: Patience | None = None,
    sleep: Sleep = asyncio.sleep,
) -> OpenAIEndpoint:
    """The endpoint of a profile. Its key is looked for where the profile says when first asked; if it lacks, asking says so."""
    if profile.embedded:
        return OpenAIEndpoint(
            name=EMBEDDED,
            profile=profile,
            kind="embedded",
            model=profile.model or EMBEDDED_MODEL,
            window=profile.window or EMBEDDED_WINDOW,
            max_tokens=profile.max_tokens or ANSWER,
            concurrency=profile.concurrency or EMBEDDED_CONCURRENCY,
            count=TokenCounter("", environ),
            make_counter=functools.partial(TokenCounter, environ=environ),
            guess_window=guessed_window,
            find=Key,
            memory=memory,
            make_transport=_embedded,
            patience=patience,
            sleep=sleep,
        )
    window = profile.window or guessed_window(profile.model)
    return OpenAIEndpoint(
        name=name,
        profile=profile,
        kind=profile.server,
        model=profile.model,
        window=window,
        max_tokens=profile.max_tokens or min(ANSWER, window // 4),
        concurrency=profile.concurrency or CONCURRENCY,
        count=TokenCounter(profile.model, environ),
        make_counter=functools.partial(TokenCounter, environ=environ),
        guess_window=guessed_window,
        find=functools.partial(find_key, name, profile, environ),
        memory=memory,
        patience=patience,
        sleep=sleep,
    )


def known_window(model: str) -> int:
    """Tokens that a model takes by its name; 0 if it is not in the table."""
    bare = model.rpartition("/")[2].lower()
    return next((size for start, size in WINDOWS if bare.startswith(start)), 0)


def guessed_window(model: str) -> int:
    """Tokens that a model is taken to take where nothing but its name is known."""
    return known_window(model) or WINDOW


def _embedded() -> httpx2.AsyncBaseTransport:
    from composer.llm.embedded import EmbeddedTransport

    return EmbeddedTransport()
