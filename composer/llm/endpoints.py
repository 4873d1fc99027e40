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
from composer.llm.counters import Counters
from composer.llm.encodings import Encodings
from composer.llm.fields import Kind
from composer.llm.keys import Key, find_key
from composer.llm.patience import Patience
from composer.llm.windows import Windows
from composer.session.ports import Memory

if TYPE_CHECKING:
    import httpx2

EMBEDDED_MODEL = "embedded-fable"
CONCURRENCY = 8
EMBEDDED_CONCURRENCY = 16
"""Answers that are written at once, unless the settings say otherwise."""


def make_endpoint(
    name: str,
    profile: EndpointProfile,
    environ: Mapping[str, str],
    *,
    memory: Memory | None = None,
    encodings: Encodings | None = None,
    patience: Patience | None = None,
    sleep: Sleep = asyncio.sleep,
) -> OpenAIEndpoint:
    """The endpoint of a profile. Its key is looked for where the profile says when first asked; if it lacks, asking says so.

    `encodings` are those of this computer, which endpoints share; without them only tiktoken's own cache is looked into.
    """
    embedded = profile.embedded
    name = EMBEDDED if embedded else name
    kind: Kind = "embedded" if embedded else profile.server
    return OpenAIEndpoint(
        name=name,
        profile=profile,
        kind=kind,
        model=profile.model or (EMBEDDED_MODEL if embedded else ""),
        concurrency=profile.concurrency or (EMBEDDED_CONCURRENCY if embedded else CONCURRENCY),
        windows=Windows(name, kind, profile.window, memory),
        counters=Counters(name, profile, encodings or Encodings(environ), memory),
        find=Key if embedded else functools.partial(find_key, name, profile, environ),
        memory=memory,
        make_transport=_embedded if embedded else None,
        patience=patience,
        sleep=sleep,
    )


def _embedded() -> httpx2.AsyncBaseTransport:
    from composer.llm.embedded import EmbeddedTransport

    return EmbeddedTransport()
