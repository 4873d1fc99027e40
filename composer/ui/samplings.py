"""The text that a sampling is written as, like `top_p=0.9 stop="***"`, read and written. Pure.

It knows neither which fields there are nor what they may hold: the settings do.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from composer.config import Sampling, Value
from composer.errors import SettingsError
from composer.text.clean import one_line

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])")
_WORD = re.compile(r"[^\s,=\[\]{}\"']+")
_GAP = re.compile(r"[\s,]*")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "/": "/", "b": "\b", "f": "\f"}
LONGEST_NUMBER = 18
"""Digits of a number: none that a sampling takes has more."""


def parse_sampling(text: str) -> Sampling:
    """The fields of `top_p=0.9 stop="***" logit_bias={50256: -100}`, with blanks or commas between them.

    Values are numbers, true or false, texts in quotes, lists of texts, and tables of numbers by token. SettingsError says what can't be read.
    """
    return _Scanner(text).fields()


def sampling_text(sampling: Mapping[str, Value]) -> str:
    """The text that `parse_sampling` makes the same sampling of."""
    return " ".join(f"{name}={value_text(value)}" for name, value in sampling.items())


def value_text(value: Value) -> str:
    """A value by itself. Texts are written as a settings file takes them too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(value_text(each) for each in value)}]"
    if isinstance(value, dict):
        pairs = (f"{token if token.isdecimal() else value_text(token)}: {bias!r}" for token, bias in value.items())
        return f"{{{', '.join(pairs)}}}"
    return repr(value)


class _Scanner:
    """Reads a sampling's text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def fields(self) -> Sampling:
        found: Sampling = {}
        self._skip()
        while self._at < len(self._text):
            name = self._name(found)
            if not self._take("="):
                raise _wrong(f"{name} has no value.", f"Write it like {name}=0.9.")
            self._blanks()
            found[name] = self._value(name)
            if self._at < len(self._text) and not self._skip():
                raise _wrong(f"After {name} comes {self._rest()}.", "Put a blank between one field and the next.")
        return found

    def _name(self, found: Sampling) -> str:
        match = _FIELD.match(self._text, self._at)
        if match is None:
            decimal = self._text[self._at - 1 : self._at] == "," and self._text[self._at].isdecimal() and found
            raise _wrong(
                f"{self._rest()} is not the name of a field.",
                "Decimals are written with a point: 0.5." if decimal else "Write fields like top_p=0.9.",
            )
        self._at = match.end()
        self._blanks()
        if match[0] in found:
            raise _wrong(f"{match[0]} is given twice.", "Take one of them out.")
        return match[0]

    def _value(self, name: str) -> Value:
        if self._take("["):
            return self._list(name)
        if self._take("{"):
            return self._table(name)
        if (quoted := self._quoted(name)) is not None:
            return quoted
        if (number := self._number()) is not None:
            return number
        word = _WORD.match(self._text, self._at)
        if word is None:
            raise _wrong(f"{name} has no value.", f"Write it like {name}=0.9.")
        self._at = word.end()
        if word[0] in ("true", "false"):
            return word[0] == "true"
        if word[0][0].isdecimal() or word[0][0] in "+-.":
            raise _wrong(f"{name}={one_line(word[0], 40)} is not a number.", "Write it like 0.9, 40 or -1.")
        raise _wrong(
            f"{name}={one_line(word[0], 40)} is neither a number nor true or false.",
            f'Texts stand in quotes: {name}="{one_line(word[0], 40)}".',
        )

    def _list(self, name: str) -> list[str]:
        found: list[str] = []
        while not self._closed("]", name):
            quoted = self._quoted(name)
            if quoted is None:
                raise _wrong(
                    f"The list of {name} holds {self._rest()}.", f'Lists hold texts in quotes: {name}=["***"].'
                )
            found.append(quoted)
        return found

    def _table(self, name: str) -> dict[str, float]:
        found: dict[str, float] = {}
        form = f"Write it like {name}={{50256: -100}}."
        while not self._closed("}", name):
            token = self._quoted(name)
            if token is None:
                word = re.compile(r"\d+").match(self._text, self._at)
                if word is None:
                    raise _wrong(f"The table of {name} holds {self._rest()} in place of a token.", form)
                token, self._at = word[0], word.end()
            self._blanks()
            if not (self._take(":") or self._take("=")):
                raise _wrong(f"The table of {name} has no number for {one_line(token, 40)}.", form)
            self._blanks()
            bias = self._number()
            if bias is None:
                raise _wrong(f"The table of {name} has no number for {one_line(token, 40)}.", form)
            if token in found:
                raise _wrong(f"The table of {name} holds {one_line(token, 40)} twice.", "Take one of them out.")
            found[token] = float(bias)
        return found

    def _closed(self, bracket: str, name: str) -> bool:
        self._skip()
        if self._at >= len(self._text):
            raise _wrong(f"The bracket behind {name}= is not closed.", f"Put a {bracket} at its end.")
        return self._take(bracket)

    def _quoted(self, name: str) -> str | None:
        if self._text[self._at : self._at + 1] not in ('"', "'"):
            return None
        match = _QUOTED.match(self._text, self._at)
        if match is None:
            quote = self._text[self._at]
            raise _wrong(f"The text behind {name}= has no closing quote.", f"Put a {quote} at its end.")
        self._at = match.end()
        return _ESCAPE.sub(_unescaped, match[1] if match[1] is not None else match[2])

    def _number(self) -> int | float | None:
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            return None
        self._at = match.end()
        whole = "." not in match[0] and "e" not in match[0].lower()
        value = float(match[0])
        if not math.isfinite(value) or (whole and len(match[0].lstrip("+-")) > LONGEST_NUMBER):
            raise _wrong(f"{one_line(match[0], 30)} is too large a number.", "Write a smaller one.")
        return int(match[0]) if whole else value

    def _take(self, char: str) -> bool:
        found = self._text.startswith(char, self._at)
        self._at += found
        return found

    def _blanks(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _skip(self) -> bool:
        """Go over what stands between two fields; whether something does."""
        before = self._at
        match = _GAP.match(self._text, before)
        self._at = match.end() if match else before
        return self._at > before

    def _rest(self) -> str:
        """What comes now, short and in quotes, to be named."""
        word = _WORD.match(self._text, self._at)
        return f"“{one_line(word[0] if word else self._text[self._at], 40)}”"


def _unescaped(found: re.Match[str]) -> str:
    kind = found[1]
    if kind in _ESCAPES:
        return _ESCAPES[kind]
    if len(kind) > 1:
        code = int(kind[1:], 16)
        if code < 0x110000 and not 0xD800 <= code < 0xE000:
            return chr(code)
    raise _wrong(f"\\{one_line(kind, 12)} is not a character.", r"Known are \n, \t, \", \\ and \u00e9.")


def _wrong(sentence: str, next_step: str) -> SettingsError:
    return SettingsError(sentence, next_step)
