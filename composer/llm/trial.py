"""The process that a foreign template is tried out in, before the program renders it itself.

It takes JSON on standard input and writes a sentence on standard output where the template can't be used, else nothing. It is
limited in memory and seconds, opens nothing, and is ended from outside if it hangs (see `templates`).
"""

from __future__ import annotations

import contextlib
import json
import sys

from composer.errors import EndpointError
from composer.llm import templates
from composer.llm.sandbox import Sandbox, TemplateFailure

MEMORY = 512 * 1024 * 1024
"""Bytes of address space."""
SECONDS = 4
"""Of computing."""
SAMPLES = (
    (("system", "You write."), ("user", "Tell of the sea.")),
    (("user", "Tell of the sea."),),
    (("system", "You write."), ("user", "Tell of the sea."), ("assistant", "It was grey."), ("user", "Go on.")),
    (("system", "You write.\n\n" * 500), ("user", "Tell of the sea.\n" * 2000)),
)
"""Messages that a template must take; only the first have to work in some form, the others only may not break the process."""


def main() -> None:
    """Try one template."""
    told = json.loads(sys.stdin.buffer.read())
    _limit()
    sys.stdout.buffer.write(trouble(told["name"], told["source"], told["bos"], told["eos"]).encode("utf-8", "replace"))


def trouble(name: str, source: str, bos: str, eos: str) -> str:
    """Why a template can't be used, in a sentence; empty if it can."""
    variables = {"bos_token": bos, "eos_token": eos, "begun": False}
    try:
        sandbox = Sandbox(source)
        templates.rendered(name, sandbox, SAMPLES[0], variables, "2026-01-01T12:00:00")
    except TemplateFailure as failure:
        return templates.unusable(name, failure.why).sentence
    except EndpointError as error:
        return error.sentence
    for messages in SAMPLES[1:]:
        with contextlib.suppress(EndpointError):
            templates.rendered(name, sandbox, messages, variables, "2026-01-01T12:00:00")
    return ""


def _limit() -> None:
    try:
        import resource
    except ImportError:
        return  # no such limits here; the program's own time limit remains
    limits = (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in limits:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
