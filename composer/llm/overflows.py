"""What a server says of a request that is too long: how much its model takes, and how many tokens it was sent.

Servers say so in fields (llama.cpp, and Ollama, which hands its error on as text) or in a sentence, each in its own words; gateways
hand the words of others on, within texts that are JSON again. It judges words alone, and learns nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from composer.llm.windows import is_sane

DEEPEST = 8
"""How deep an error is looked into."""
_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size|limit)|(length|window|size).{0,20}context|exceed_context|maximum context"
    r"|(prompt|input|request|payload|entity)( is)? too (long|large)|too many (input )?tokens|input token count"
    r"|prompt token count|maximum (prompt|model) length|reduce the length of the (messages|prompt|input)|max_new_tokens` must be",
    re.IGNORECASE,
)
_RATE = re.compile(r"request too large.{0,300}?limit:? (\d+), requested:? \d+", re.IGNORECASE | re.DOTALL)
"""A limit by the minute that one request is beyond by itself, so that waiting does not help."""
_NUMBER = r"\(?(\d[\d,_]*)"
_WINDOW = tuple(
    re.compile(words.replace("#", _NUMBER), re.IGNORECASE)
    for words in (
        r"exceeds? context limit: \d+ \+ \d+ > #",
        r"context (?:length|window|size|limit)(?: is| of)?(?: only)?:? #",
        r"maximum (?:context|model|prompt|input|sequence|total)? ?(?:length|window|size)(?: is| of)?:? #",
        r"tokens? > #",
        r"# (?:tokens? )?maximum context",
        r"maximum (?:number of )?(?:tokens )?(?:allowed )?(?:token size )?#",
        r"(?:exceeds?|exceeded)(?: the)?(?: model's)?(?: token)? limit(?: of)? #",
        r"cannot exceed #",
        r"must be <= #",
        r"limit:? #, requested",
    )
)
_SENT = tuple(
    re.compile(words.replace("#", _NUMBER), re.IGNORECASE)
    for words in (
        r"# (?:tokens )?(?:in|of) (?:the|your|text) (?:messages|prompt|input)",
        r"messages resulted in #",
        r"(?:request|prompt|input) (?:has|contains)(?: at least)? # (?:input )?tokens",
        r"request # tokens\)",
        r"too long: # tokens >",
        r"context limit: # \+",
        r"keep the first # tokens",
        r"token count(?: of)? #",
        r"requested tokens #",
        r"received #",
        r"request contains # tokens",
    )
)
_WINDOW_FIELDS = ("n_ctx", "max_model_len", "context_length", "max_context_length", "context_window")
_SENT_FIELDS = ("n_prompt_tokens", "prompt_tokens", "input_tokens")


@dataclass(frozen=True)
class Overflow:
    """What a model takes and what it was sent, in tokens; 0 where that is not told."""

    window: int = 0
    sent: int = 0


def is_overflow(status: int, body: Any) -> bool:
    """Whether an answer with that HTTP status, 0 for none, says that a request is too long."""
    if status == 413:
        return True
    words = " ".join(_texts(body))
    if status == 429:
        return bool(_RATE.search(words))
    return status in (0, 400, 422, 500) and bool(_TOO_LONG.search(words))


def overflow(body: Any) -> Overflow:
    """What an error that is one tells, as far as it can be believed."""
    fields = list(_fields(body))
    words = " ".join(_texts(body))
    window = _told(fields, _WINDOW_FIELDS) or _found(_WINDOW, words)
    sent = _told(fields, _SENT_FIELDS) or _found(_SENT, words)
    return Overflow(window if is_sane(window) else 0, sent if is_sane(sent) else 0)


def _texts(body: Any, depth: int = 0) -> Iterator[str]:
    """All texts of an error, and names of its fields; those that are JSON as what they hold."""
    if depth > DEEPEST:
        return
    if isinstance(body, dict):
        for name, value in body.items():
            yield str(name)
            yield from _texts(value, depth + 1)
    elif isinstance(body, (list, tuple)):
        for value in body:
            yield from _texts(value, depth + 1)
    elif isinstance(body, str):
        inner = _parsed(body)
        if inner is None:
            yield body
        else:
            yield from _texts(inner, depth + 1)


def _fields(body: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """All fields of an error with numbers."""
    if depth > DEEPEST:
        return
    if isinstance(body, dict):
        for name, value in body.items():
            if isinstance(value, int):
                yield str(name), value
            yield from _fields(value, depth + 1)
    elif isinstance(body, (list, tuple)):
        for value in body:
            yield from _fields(value, depth + 1)
    elif isinstance(body, str) and (inner := _parsed(body)) is not None:
        yield from _fields(inner, depth + 1)


def _parsed(text: str) -> Any:
    """What a text holds that is JSON, or has JSON at its end; None if it has none."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        inner = json.loads(text[start : text.rindex("}") + 1])
    except (ValueError, RecursionError):
        return None
    return [text[:start].replace("{", " "), inner]


def _told(fields: list[tuple[str, Any]], names: tuple[str, ...]) -> int:
    return next((value for name in names for field, value in fields if field == name and is_sane(value)), 0)


def _found(patterns: tuple[re.Pattern[str], ...], words: str) -> int:
    for pattern in patterns:
        if (match := pattern.search(words)) is not None:
            digits = re.sub(r"\D", "", match[1])
            return int(digits) if len(digits) < 12 else 0
    return 0
