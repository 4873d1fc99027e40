"""The shapes on the wire: what a request body may hold, and the JSON of answers, chunks and errors.

Those of the chat completions, completions and models endpoints as common servers speak them. Reads and builds
plain values; computes no token and does no I/O.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from composer.llm.embedded.reply import Piece
from composer.llm.embedded.sampling import Settings

MODEL_ID = "embedded-fable"
"""The one model there is."""
WINDOW = 8192
"""Tokens that a prompt may have."""
REVISION = 4
"""Raised when the same seed and corpus may give another text."""
MOST_CHOICES = 16


class Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}


def overflow(tokens: int) -> Refusal:
    """The refusal of a prompt that has too many tokens."""
    return Refusal(
        400,
        f"This model's maximum context length is {WINDOW} tokens. However, your prompt has {tokens} tokens. "
        "Please shorten it.",
        param="messages",
        code="context_length_exceeded",
    )


@dataclass(frozen=True, slots=True)
class Call:
    """What both kinds of completion share."""

    settings: Settings
    seed: int | None
    choices: int
    limit: int | None
    """Most tokens of a choice; None for as many as fit."""
    stops: tuple[str, ...]
    stream: bool
    include_usage: bool
    logprobs: bool
    top: int
    """How many alternatives to each token are wanted."""


@dataclass(frozen=True, slots=True)
class ChatCall(Call):
    """A request for chat completions."""

    messages: tuple[tuple[str, str], ...] = ()
    """Role and text of each."""


@dataclass(frozen=True, slots=True)
class TextCall(Call):
    """A request for legacy completions."""

    prompts: tuple[str, ...] = ()
    echo: bool = False


class _Fields:
    """Typed access to the fields of a body; null counts as absent."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def raw(self, name: str) -> Any:
        return self._values.get(name)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise _wrong(name, "a number")
        if not low <= value <= high:
            raise Refusal(400, f"'{name}' must be between {low:g} and {high:g}.", param=name, code="invalid_value")
        return float(value)

    def whole(self, name: str, default: int | None, low: int, high: int) -> int | None:
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong(name, "an integer")
        if not low <= value <= high:
            raise Refusal(400, f"'{name}' must be between {low} and {high}.", param=name, code="invalid_value")
        return value

    def flag(self, name: str) -> bool:
        value = self._values.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise _wrong(name, "true or false")
        return value

    def stops(self) -> tuple[str, ...]:
        value = self._values.get("stop")
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not all(isinstance(stop, str) for stop in value):
            raise _wrong("stop", "a string or a list of strings")
        return tuple(value)


def _wrong(name: str, wanted: str) -> Refusal:
    return Refusal(400, f"Invalid type for '{name}': expected {wanted}.", param=name, code="invalid_type")


def _fields(body: bytes) -> _Fields:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "The body of the request is not valid JSON.", code="invalid_json") from None
    if not isinstance(values, dict):
        raise Refusal(400, "The body of the request must be a JSON object.", code="invalid_json")
    fields = _Fields(values)
    if not isinstance(fields.raw("model"), str):
        raise _wrong("model", "a string")
    return fields


def _shared(fields: _Fields, *, least: int) -> dict[str, Any]:
    options = fields.raw("stream_options")
    if options is not None and not isinstance(options, dict):
        raise _wrong("stream_options", "an object")
    usage = _Fields(options or {}).flag("include_usage")
    repetition = "repetition_penalty" if fields.raw("repetition_penalty") is not None else "repeat_penalty"
    limit = fields.whole("max_completion_tokens", None, least, 1_000_000)
    if limit is None:
        limit = fields.whole("max_tokens", None, least, 1_000_000)
    return {
        "settings": Settings(
            temperature=fields.number("temperature", 0.8, 0.0, 2.0),
            top_p=fields.number("top_p", 1.0, 0.0, 1.0),
            top_k=max(0, fields.whole("top_k", 0, -1, 1_000_000) or 0),
            min_p=fields.number("min_p", 0.02, 0.0, 1.0),
            frequency_penalty=fields.number("frequency_penalty", 0.0, -2.0, 2.0),
            presence_penalty=fields.number("presence_penalty", 0.0, -2.0, 2.0),
            repetition_penalty=fields.number(repetition, 1.0, 0.01, 10.0),
        ),
        "seed": fields.whole("seed", None, -(2**63), 2**63 - 1),
        "choices": fields.whole("n", 1, 1, MOST_CHOICES) or 1,
        "limit": limit,
        "stops": fields.stops(),
        "stream": fields.flag("stream"),
        "include_usage": usage,
    }


def read_chat(body: bytes) -> ChatCall:
    """The body of a chat completions request. Raises Refusal."""
    fields = _fields(body)
    raw = fields.raw("messages")
    if not isinstance(raw, list) or not raw:
        raise _wrong("messages", "a list of messages")
    messages = tuple(_message(entry, at) for at, entry in enumerate(raw))
    top = fields.whole("top_logprobs", 0, 0, 20) or 0
    wanted = fields.flag("logprobs")
    if top and not wanted:
        raise Refusal(400, "'top_logprobs' needs 'logprobs' to be true.", param="top_logprobs", code="invalid_value")
    return ChatCall(**_shared(fields, least=1), logprobs=wanted, top=top, messages=messages)


def _message(entry: Any, at: int) -> tuple[str, str]:
    name = f"messages[{at}]"
    if not isinstance(entry, dict) or not isinstance(entry.get("role"), str):
        raise _wrong(name, "an object with a role")
    content = entry.get("content")
    if content is None:
        return entry["role"], ""
    if isinstance(content, str):
        return entry["role"], _whole_characters(content)
    if isinstance(content, list):
        texts: list[str] = []
        for part in content:
            if not isinstance(part, dict) or not isinstance(part.get("text", ""), str):
                raise _wrong(f"{name}.content", "a string or a list of text parts")
            texts.append(part.get("text", ""))
        return entry["role"], _whole_characters("\n".join(texts))
    raise _wrong(f"{name}.content", "a string or a list of text parts")


def _whole_characters(text: str) -> str:
    """The text with lone surrogates, which JSON lets through and UTF-8 does not, as question marks."""
    return text.encode("utf-8", "replace").decode()


def read_text(body: bytes) -> TextCall:
    """The body of a legacy completions request. Raises Refusal."""
    fields = _fields(body)
    prompt = fields.raw("prompt")
    if prompt is None:
        prompt = ""
    prompts = (prompt,) if isinstance(prompt, str) else prompt
    if not isinstance(prompts, tuple | list) or not prompts or not all(isinstance(p, str) for p in prompts):
        raise _wrong("prompt", "a string or a list of strings")
    if fields.raw("suffix") is not None:
        raise Refusal(400, "This model cannot write towards a suffix.", param="suffix", code="unsupported_parameter")
    top = fields.whole("logprobs", None, 0, 20)
    shared = _shared(fields, least=0)
    best = fields.whole("best_of", None, 1, MOST_CHOICES)
    if best is not None and best != shared["choices"]:
        raise Refusal(400, "'best_of' must equal 'n'.", param="best_of", code="unsupported_parameter")
    if len(prompts) * shared["choices"] > MOST_CHOICES:
        raise Refusal(400, f"At most {MOST_CHOICES} choices at once.", param="n", code="invalid_value")
    return TextCall(
        **shared,
        logprobs=top is not None,
        top=top or 0,
        prompts=tuple(map(_whole_characters, prompts)),
        echo=fields.flag("echo"),
    )


@dataclass(slots=True)
class Usage:
    """Tokens of a request, counted in the model's own."""

    prompt: int
    completion: int = 0

    def body(self) -> dict[str, int]:
        """The JSON of it."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
        }


@dataclass(slots=True)
class Shapes:
    """The JSON of one request's answers: `chat` or legacy, with or without probabilities."""

    chat: bool
    id: str
    created: int
    """Seconds since 1970."""
    fingerprint: int
    """Of the corpus."""
    logprobs: bool
    include_usage: bool = False
    _offsets: dict[int, int] = field(default_factory=dict)

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": MODEL_ID,
            "system_fingerprint": f"fable-{REVISION}-{self.fingerprint:08x}",
        }

    def chunk(self, choices: list[dict[str, Any]], usage: Usage | None = None) -> dict[str, Any]:
        """One event of a stream."""
        body = self._head("chat.completion.chunk" if self.chat else "text_completion")
        body["choices"] = choices
        if self.include_usage:
            body["usage"] = usage.body() if usage else None
        return body

    def opening(self, index: int) -> dict[str, Any]:
        """The choice of the first chunk, which tells the role."""
        delta = {"role": "assistant", "content": ""}
        return {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}

    def token(self, index: int, piece: Piece) -> dict[str, Any]:
        """The choice of a chunk with one token."""
        if self.chat:
            told = {"content": [_chat_logprob(piece)], "refusal": None} if self.logprobs else None
            return {"index": index, "delta": {"content": piece.text}, "logprobs": told, "finish_reason": None}
        told = self._text_logprobs(index, [piece]) if self.logprobs else None
        return {"index": index, "text": piece.text, "logprobs": told, "finish_reason": None}

    def closing(self, index: int, reason: str) -> dict[str, Any]:
        """The choice of the last chunk."""
        if self.chat:
            return {"index": index, "delta": {}, "logprobs": None, "finish_reason": reason}
        return {"index": index, "text": "", "logprobs": None, "finish_reason": reason}

    def whole(self, replies: Sequence[tuple[list[Piece], str]], usage: Usage) -> dict[str, Any]:
        """The answer to a request that is not streamed."""
        choices: list[dict[str, Any]] = []
        for index, (pieces, reason) in enumerate(replies):
            text = "".join(piece.text for piece in pieces)
            choice: dict[str, Any] = {"index": index, "logprobs": None, "finish_reason": reason}
            if self.chat:
                choice["message"] = {"role": "assistant", "content": text, "refusal": None}
                if self.logprobs:
                    choice["logprobs"] = {"content": [_chat_logprob(piece) for piece in pieces], "refusal": None}
            else:
                choice["text"] = text
                if self.logprobs:
                    choice["logprobs"] = self._text_logprobs(index, pieces)
            choices.append(choice)
        body = self._head("chat.completion" if self.chat else "text_completion")
        return {**body, "choices": choices, "usage": usage.body()}

    def _text_logprobs(self, index: int, pieces: Sequence[Piece]) -> dict[str, Any]:
        offsets: list[int] = []
        at = self._offsets.get(index, 0)
        for piece in pieces:
            offsets.append(at)
            at += len(piece.text)
        self._offsets[index] = at
        return {
            "tokens": [piece.text for piece in pieces],
            "token_logprobs": [piece.logprob for piece in pieces],
            "top_logprobs": [dict(piece.top) for piece in pieces],
            "text_offset": offsets,
        }


def _chat_logprob(piece: Piece) -> dict[str, Any]:
    return {
        **_told(piece.text, piece.logprob),
        "top_logprobs": [_told(text, logprob) for text, logprob in piece.top],
    }


def _told(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def event(body: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def model() -> dict[str, Any]:
    """The JSON of the one model."""
    return {
        "id": MODEL_ID,
        "object": "model",
        "created": 0,
        "owned_by": "story-composer",
        "meta": {"n_ctx": WINDOW, "n_ctx_train": WINDOW, "description": "small word n-gram model, for trying the app"},
    }


def models() -> dict[str, Any]:
    """The JSON of the list of models."""
    return {"object": "list", "data": [model()]}
