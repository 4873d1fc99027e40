"""Reading what servers send: chunks of a stream, and whole answers, of many shapes.

The SDK builds its objects without checking them, so any field may be missing or of another type than it says. Nothing here
raises: what has no meaning is taken as nothing. It neither cleans texts nor asks for any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from composer.llm.windows import is_sane


@dataclass(slots=True)
class Parts:
    """What one chunk holds of one answer."""

    text: str = ""
    reasoning: str = ""
    finish_reason: str = ""
    model: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    index: int = 0
    """Which answer it is of, from 0, where several were asked for at once. The usage is that of all together."""
    choice: Any = field(default=None, compare=False, repr=False)
    """Where the probabilities of its tokens lie, for `logprobs.Reader`."""


def read(chunk: Any) -> Parts:
    """The parts of a chunk, or of a whole answer; of the first one if there are several."""
    choices = get(chunk, "choices")
    return _parts(chunk, choices[0] if isinstance(choices, list) and choices else None)


def read_all(chunk: Any) -> list[Parts]:
    """The parts of each answer that a chunk holds. There is at least one, since a chunk without an answer may hold usage."""
    choices = get(chunk, "choices")
    return [_parts(chunk, choice) for choice in (choices if isinstance(choices, list) and choices else [None])]


def _parts(chunk: Any, choice: Any) -> Parts:
    parts = Parts(model=_text(get(chunk, "model")))
    if (usage := get(chunk, "usage")) is not None:
        parts.prompt_tokens = _number(get(usage, "prompt_tokens"))
        parts.completion_tokens = _number(get(usage, "completion_tokens"))
    if choice is None:
        return parts
    parts.index = _number(get(choice, "index")) or 0
    # Older llama.cpp tells of tokens beside the answers.
    beside = get(choice, "logprobs") is None and get(chunk, "completion_probabilities") is not None
    parts.choice = chunk if beside else choice
    parts.finish_reason = _text(get(choice, "finish_reason"))
    said = get(choice, "delta")
    if said is None:
        said = get(choice, "message")
    if said is None:
        said = get(choice, "text")
    if isinstance(said, str):
        parts.text = said
        return parts
    content = get(said, "content")
    parts.text = _content(content) + _content(get(said, "refusal"))
    thought = get(said, "reasoning_content")
    if thought is None:
        thought = get(said, "reasoning")
    parts.reasoning = _content(thought) + _thinking(content)
    return parts


def models(listed: Any) -> list[tuple[str, int]]:
    """A list of models as (id, tokens that it takes), 0 where that is not told; each id once, in the server's order."""
    found: dict[str, int] = {}
    for entry in _listed(listed):
        name = _text(get(entry, "id"))
        found[name] = found.get(name) or _size(entry)
    return list(found.items())


def window(listed: Any, model: str) -> tuple[str, int]:
    """Of a list of models: the id of `model`, or of the first if that is empty, and the tokens it takes, 0 if that is not told."""
    named = _listed(listed)
    chosen = next((entry for entry in named if not model or get(entry, "id") == model), None)
    if chosen is None:
        # Some list one model under the path of its file, and serve it under any name.
        if len(named) != 1:
            return model, 0
        chosen = named[0]
    return model or _text(get(chosen, "id")), _size(chosen)


def _listed(listed: Any) -> list[Any]:
    """The models of a list that have an id. Some send the bare list."""
    entries = listed if isinstance(listed, list) else get(listed, "data")
    return [entry for entry in entries if _text(get(entry, "id"))] if isinstance(entries, list) else []


def _size(entry: Any) -> int:
    """The tokens that a model takes; 0 if that is not told."""
    # What a model is loaded with goes before what it could take, and who serves it mostly may give it less than it could.
    loaded = (get(get(entry, "meta"), "n_ctx"), get(entry, "loaded_context_length"), get(entry, "max_model_len"))
    most = sane(get(get(entry, "top_provider"), "context_length"))
    names = ("context_length", "context_window", "max_context_length", "max_input_tokens")
    told = next((size for name in names if (size := sane(get(entry, name)))), 0)
    return next(filter(None, map(sane, loaded)), 0) or min(filter(None, (told, most)), default=0)


def sane(value: Any) -> int:
    """A window that can be believed; 0 for anything else."""
    return value if is_sane(value) else 0


def get(thing: Any, name: str) -> Any:
    """A field of an object or of a dictionary; fields that the SDK does not know lie apart, and are slow to ask for by name."""
    if isinstance(thing, dict):
        return thing.get(name)
    known = getattr(thing, "__dict__", None)
    if known is None:
        return None
    if name in known:
        return known[name]
    extra = getattr(thing, "model_extra", None)
    return extra.get(name) if isinstance(extra, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _content(value: Any) -> str:
    """The text of a content, which some send as a list of parts."""
    if value is None or isinstance(value, str):
        return value or ""
    return "".join(_text(part) or _text(get(part, "text")) for part in (value if isinstance(value, list) else [value]))


def _thinking(value: Any) -> str:
    """The thoughts within a list of parts."""
    return "".join(_content(get(part, "thinking")) for part in value) if isinstance(value, list) else ""
