"""Reading how sure a model was of its tokens, in the shapes that servers send: of chat, of completions, and llama.cpp's own.

A token may be half a character, so that some have to wait for those behind them; a character's probability is that of its tokens
together. Nothing here raises: what has no meaning is left out, and so is a token whose probability is not told. It does not know
where in an answer a token stands, and asks for nothing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from composer.llm import chunks
from composer.llm.strike import MARK, TELLING, strike
from composer.story.surprise import Token
from composer.text.clean import clean

LEAST = -30.0
"""What is as good as impossible, as a logarithm: servers say -9999 or less where they have no number, or none that JSON can hold."""
LONGEST = 200
"""Characters that are kept of a token."""
MOST = 20
"""Alternatives that are kept of a token."""
_PATIENCE = 16
"""Tokens that are held back for one character; what takes more is none."""
_ID = re.compile(r"token_id:\d+")
_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")
_ALL_ESCAPED = re.compile(r"(?:\\x[89A-Fa-f][0-9A-Fa-f])+")
_NAMES = ("token", "tok_str", "content", "text")


@dataclass(slots=True)
class _Told:
    """A token as a server tells it: its bytes, the logarithm of its probability, None if that is not told, and alternatives."""

    raw: bytes
    logprob: float | None
    others: list[tuple[bytes, float]]


class Reader:
    """Reads the choices of one answer in order: `read` each, then `finish` once. The tokens are clean and hold no key."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        self._secrets = secrets
        # A key that comes in several tokens is in none of them whole.
        self._pieces = frozenset(
            secret[at : at + TELLING] for secret in secrets for at in range(len(secret) - TELLING + 1)
        )
        self._bytewise = False
        """Whether the server names tokens by the signs that stand for bytes in a vocabulary."""
        self._numbered = False
        """Whether a token of the last choice had a number in place of a name."""
        self._held: list[_Told] = []

    def read(self, choice: Any) -> tuple[Token, ...]:
        """The tokens that are whole by now. `choice` is that of a chunk, as `Parts.choice` has it."""
        self._numbered = False
        told = chunks.get(choice, "logprobs")
        found: list[_Told] = []
        if (entries := _first_list(told, ("content",))) is not None or isinstance(told, list):
            refused = _first_list(told, ("refusal",)) or []
            found = [self._entry(entry) for entry in [*(told if entries is None else entries), *refused]]
        elif (names := _first_list(told, ("tokens",))) is not None:
            found = self._legacy(told, names)
        elif (entries := _first_list(choice, ("completion_probabilities",))) is not None:
            found = [self._entry(entry) for entry in entries]
        if self._numbered and len(found) == 1 and not found[0].raw:
            # A token that is only numbered has the text that came with it.
            found[0].raw = _encoded(_said(choice))
        tokens: list[Token] = []
        for each in found:
            self._held.append(each)
            tokens += self._whole()
        return tuple(tokens)

    def finish(self) -> tuple[Token, ...]:
        """What was held back. The rest of its character never came."""
        return tuple(self._flush()) if self._held else ()

    def _legacy(self, told: Any, names: list[Any]) -> list[_Told]:
        """The shape of completions: lists side by side, of which any may be shorter or missing."""
        logprobs = _first_list(told, ("token_logprobs",)) or []
        tops = _first_list(told, ("top_logprobs",)) or []
        return [
            _Told(
                self._bytes(name, None),
                _logprob(logprobs[at] if at < len(logprobs) else None),
                self._others(tops[at] if at < len(tops) else None),
            )
            for at, name in enumerate(names)
        ]

    def _entry(self, entry: Any) -> _Told:
        """The shape of chat: one object for each token, with its alternatives inside."""
        name, logprob = self._named(entry)
        others = self._others(_first_list(entry, ("top_logprobs", "top_probs", "probs")))
        if logprob is None and chunks.get(entry, "logprob") is None and chunks.get(entry, "prob") is None:
            # Older llama.cpp tells the probability of what it chose among the others alone.
            logprob = next((each for raw, each in others if raw == name), None)
        return _Told(name, logprob, others)

    def _named(self, entry: Any) -> tuple[bytes, float | None]:
        name = next((found for key in _NAMES if isinstance(found := chunks.get(entry, key), str)), "")
        logprob = _logprob(chunks.get(entry, "logprob"))
        if logprob is None:
            logprob = _logarithm(chunks.get(entry, "prob"))
        return self._bytes(name, chunks.get(entry, "bytes")), logprob

    def _others(self, tops: Any) -> list[tuple[bytes, float]]:
        """Alternatives: a list of objects, or their names with their logarithms."""
        if isinstance(tops, list):
            found = [self._named(entry) for entry in tops]
        else:
            named = tops if isinstance(tops, dict) else getattr(tops, "__dict__", None)
            pairs = named.items() if isinstance(named, dict) else ()
            found = [(self._bytes(name, None), _logprob(value)) for name, value in pairs]
        return [(raw, logprob) for raw, logprob in found if logprob is not None]

    def _bytes(self, name: Any, told: Any) -> bytes:
        """The bytes of a token: as told, else those that its name stands for. None for a number in place of a name."""
        name = name if isinstance(name, str) else ""
        numbered = _ID.fullmatch(name) is not None
        self._numbered = self._numbered or numbered
        if isinstance(told, list) and told and all(type(byte) is int and 0 <= byte <= 255 for byte in told):
            raw = bytes(told)
            return b"" if numbered and raw == name.encode() else raw
        if numbered:
            return b""
        if name.startswith("bytes:") and _ESCAPED.search(name):
            return _unescaped(name.removeprefix("bytes:"))
        if _ALL_ESCAPED.fullmatch(name):
            return _unescaped(name)
        if one := _BYTE.fullmatch(name):
            return bytes((int(one[1], 16),))
        self._bytewise = self._bytewise or name.startswith(("Ġ", "Ċ"))
        if self._bytewise and all(sign in _BYTES for sign in name):
            return bytes(_BYTES[sign] for sign in name)
        return _encoded(name.replace("▁", " "))

    def _whole(self) -> list[Token]:
        """The tokens that those held back make, as far as they are whole characters by now."""
        raw = b"".join(told.raw for told in self._held)
        if _text(raw) is not None:
            return self._flush()
        if _is_begun(raw) and len(self._held) < _PATIENCE:
            return []
        if len(self._held) == 1:
            return self._flush()
        # The rest of a character never came; what came instead begins anew.
        last = self._held.pop()
        tokens = self._flush()
        self._held.append(last)
        return tokens + self._whole()

    def _flush(self) -> list[Token]:
        """All that was held back, as one token; nothing if its probability is not told."""
        held, self._held = self._held, []
        told = b"".join(each.raw for each in held)
        text = self._clean(_text(told) or told.decode("utf-8", "replace"))
        if not text or any(each.logprob is None for each in held):
            return []
        others: dict[str, float] = {}
        before, total = b"", 0.0
        for each in held:
            for raw, logprob in each.others:
                # Half a character is no alternative; those that end it otherwise follow.
                other = self._clean(_text(before + raw) or "")
                likely = _bounded(total + logprob)
                if other and "\ufffd" not in other and (likely > LEAST or other == text):
                    others[other] = max(likely, others.get(other, LEAST))
            before += each.raw
            total += each.logprob or 0.0
        best = sorted(others.items(), key=lambda other: -other[1])[:MOST]
        return [Token(text, _bounded(total), tuple(best))]

    def _clean(self, text: str) -> str:
        """A token as it may be shown: clean, without keys and what tells of them."""
        text = strike(clean(text[: LONGEST * 4]), self._secrets)[:LONGEST]
        windows = range(len(text) - TELLING + 1) if self._pieces else ()
        return MARK if any(text[at : at + TELLING] in self._pieces for at in windows) else text


def _byte_signs() -> dict[str, int]:
    """The signs that stand for bytes in the vocabulary of GPT-2 and its like: visible ones stand for themselves."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(0x100 + at): byte for at, byte in enumerate(hidden)}


_BYTES = _byte_signs()


def _said(choice: Any) -> str:
    """The text of a choice."""
    parts = chunks.read({"choices": [choice]})
    return parts.text or parts.reasoning


def _first_list(thing: Any, names: tuple[str, ...]) -> list[Any] | None:
    return next((found for name in names if isinstance(found := chunks.get(thing, name), list)), None)


def _number(value: Any) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number


def _logprob(value: Any) -> float | None:
    number = _number(value)
    return None if number is None else _bounded(number)


def _logarithm(probability: Any) -> float | None:
    number = _number(probability)
    if number is None or number < 0:
        return None
    return _bounded(math.log(number)) if number > 0 else LEAST


def _bounded(logprob: float) -> float:
    return min(max(logprob, LEAST), 0.0)


def _encoded(text: str) -> bytes:
    """The bytes of a text. Halves of a pair are kept, so that the other one can join them."""
    return text.encode("utf-8", "surrogatepass")


def _unescaped(name: str) -> bytes:
    """The bytes of a name that writes some of them as `\\xe2`."""
    raw, at = b"", 0
    for found in _ESCAPED.finditer(name):
        raw += _encoded(name[at : found.start()]) + bytes((int(found[1], 16),))
        at = found.end()
    return raw + _encoded(name[at:])


def _text(raw: bytes) -> str | None:
    """The text of bytes; None if they are not whole characters."""
    try:
        # Halves that came apart make a pair by way of the encoding that has halves.
        return raw.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return None


def _is_begun(raw: bytes) -> bool:
    """Whether bytes that are no text may become one: they end within a character, or between the halves of a pair."""
    try:
        raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return b"\xed\xa0\x80" <= raw[-3:] <= b"\xed\xaf\xbf"
