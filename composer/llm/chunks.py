"""Reading what servers send: chunks of a stream, and whole answers, of many shapes.

The SDK builds its objects without checking them, so any field may be missing or of another type than it says. Nothing here
raises: what has no meaning is taken as nothing. It neither cleans texts nor asks for any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Parts:
    """What one chunk holds."""

    text: str = ""
    reasoning: str = ""
    finish_reason: str = ""
    model: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


def read(chunk: Any) -> Parts:
    """The parts of a chunk, or of a whole answer."""
    parts = Parts(model=_text(_get(chunk, "model")))
    if (usage := _get(chunk, "usage")) is not None:
        parts.prompt_tokens = _number(_get(usage, "prompt_tokens"))
        parts.completion_tokens = _number(_get(usage, "completion_tokens"))
    choices = _get(chunk, "choices")
    if not isinstance(choices, list) or not choices:
        return parts
    choice = choices[0]
    parts.finish_reason = _text(_get(choice, "finish_reason"))
    said = _get(choice, "delta")
    if said is None:
        said = _get(choice, "message")
    if said is None:
        said = _get(choice, "text")
    if isinstance(said, str):
        parts.text = said
        return parts
    content = _get(said, "content")
    parts.text = _content(content) + _content(_get(said, "refusal"))
    thought = _get(said, "reasoning_content")
    if thought is None:
        thought = _get(said, "reasoning")
    parts.reasoning = _content(thought) + _thinking(content)
    return parts


def window(listed: Any, model: str) -> tuple[str, int]:
    """Of a list of models: the id of `model`, or of the first if that is empty, and the tokens it takes, 0 if that is not told."""
    entries = _get(listed, "data")
    if not isinstance(entries, list):
        return model, 0
    named = [entry for entry in entries if _text(_get(entry, "id"))]
    chosen = next((entry for entry in named if not model or _get(entry, "id") == model), None)
    if chosen is None:
        # Some list one model under the path of its file, and serve it under any name.
        if len(named) != 1:
            return model, 0
        chosen = named[0]
    meta = _get(chosen, "meta")
    told = [_get(meta, "n_ctx")]
    told += [_get(chosen, name) for name in ("max_model_len", "context_length", "context_window", "max_context_length")]
    sizes = [size for size in map(_number, told) if size]
    return model or _text(_get(chosen, "id")), sizes[0] if sizes else 0


def _get(thing: Any, name: str) -> Any:
    """A field of an object or of a dictionary; fields that the SDK does not know lie apart, and are slow to ask for by name."""
    if isinstance(thing, dict):
        return thing.get(name)
    known = getattr(thing, "__dict__", None)
    if known is None:
        return None
    if name in known:
        return known[name]
    extra = getattr(thing, "model_extra", None)
    return extra.get(name) if extra else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _content(value: Any) -> str:
    """The text of a content, which some send as a list of parts."""
    if value is None or isinstance(value, str):
        return value or ""
    return "".join(_text(part) or _text(_get(part, "text")) for part in (value if isinstance(value, list) else [value]))


def _thinking(value: Any) -> str:
    """The thoughts within a list of parts."""
    return "".join(_content(_get(part, "thinking")) for part in value) if isinstance(value, list) else ""
