"""JSON as the programs for trees of text leave it: nested thousands of levels deep, cut off, of wrong types, in other encodings.

What has the expected shape is read by msgspec; all else by a reader of our own that never calls itself. It knows no format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from composer.errors import UnreadableSource
from composer.exchange.outside import ANOTHER, closed, utf8
from composer.exchange.taken import Tally
from composer.text.clean import one_line

T = TypeVar("T")

_TOKEN = re.compile(
    r"""[ \t\n\r]*(?:(?P<sign>[{}\[\],:])|(?P<string>"(?:[^"\\]++|\\.)*+")
    |(?P<number>-?\d++(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>true|false|null|NaN|-?Infinity)|(?P<end>\Z))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
"""Not-a-number and the infinities, which JSON does not have, stand for nothing."""
_DEEPEST_KEYS = 5


def decode(data: bytes, kind: type[T], name: str, tally: Tally) -> T | dict[str, Any]:
    """A JSON object: as `kind`, a Struct, where its types fit, else as a dict.

    Where it breaks off, what is whole is kept, and the tally says where. UnreadableSource where it is no JSON object. `name` is the
    source's. Bytes that are no UTF-8 are counted and stand as U+FFFD.
    """
    data = utf8(data)
    try:
        return decode_whole(data, kind, name, tally)
    except _BrokenOffError:
        text = data.decode("utf-8", "replace")
        kept, tally.cut = closed(text, len(text))
        return decode_whole(kept.encode(), kind, name, tally)


class _BrokenOffError(UnreadableSource):
    """The JSON has no end."""


def decode_whole(data: bytes, kind: type[T], name: str, tally: Tally) -> T | dict[str, Any]:
    """The same for UTF-8 without a mark; UnreadableSource also where it breaks off."""
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        value = _deep(data, name, tally)
    except msgspec.ValidationError:
        try:
            value = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError):
            value = _deep(data, name, tally)
    except msgspec.DecodeError as error:
        # It refuses halves of surrogate pairs and bytes that are no UTF-8, too.
        if "truncated" in str(error):
            raise _cut(data, name) from error
        value = _deep(data, name, tally)
    except UnicodeDecodeError:
        value = _deep(data, name, tally)
    if not isinstance(value, dict):
        raise UnreadableSource(f"{one_line(name, 200)} is JSON, but holds no tree of text.", ANOTHER)
    return value


def _deep(data: bytes, name: str, tally: Tally) -> Any:
    try:
        data.decode()
    except UnicodeDecodeError:
        bad = data.decode("utf-8", "replace").count("\ufffd")
        tally.lost("characters that are no UTF-8", "each stands as \ufffd: save the file as UTF-8 to have them", bad)
    return deep(data, name)


def _cut(data: bytes, name: str) -> UnreadableSource:
    return _BrokenOffError(
        f"{one_line(name, 200)} breaks off after {len(data):,} bytes, in the middle of its JSON"
        f" (line {data.count(10) + 1:,}): the rest of the tree is missing.",
        ANOTHER,
    )


def deep(data: bytes, name: str) -> Any:
    """What a JSON text says, however deep it is nested. UnreadableSource where it breaks off or is none; then it says where."""
    text = data.decode("utf-8", "replace")
    at = 0
    stack: list[Any] = []
    keys: list[str | None] = []
    made: Any = None
    # What may come next: a value, a value or the end of an empty array, a key, a key or the end of an empty object,
    # the colon behind a key, or what follows a value.
    wanted = "value"
    while True:
        found = _TOKEN.match(text, at)
        if found is None or (found.lastgroup == "end" and (stack or wanted != "after")):
            rest = text[at:].lstrip()
            if not rest or (rest[0] == '"' and not _TOKEN.match(rest)):
                raise _cut(data, name)
            raise _malformed(text, len(text) - len(rest), name)
        at, group = found.end(), found.lastgroup
        token = found[group] if group else ""
        if group == "end":
            return made
        if wanted in ("key", "key?"):
            if group == "string" and (key := _string(token)) is not None:
                keys[-1], wanted = key, "colon"
                continue
            if token != "}" or wanted == "key":
                raise _malformed(text, found.start(group or 0), name)
        elif wanted == "colon":
            if token != ":":
                raise _malformed(text, found.start(group or 0), name)
            wanted = "value"
            continue
        elif wanted == "after":
            closing = "}" if keys and keys[-1] is not None else "]"
            if stack and token == ",":
                wanted = "key" if closing == "}" else "value"
                continue
            if not stack or token != closing:
                raise _malformed(text, found.start(group or 0), name)
        elif token in ("{", "["):
            stack.append({} if token == "{" else [])
            keys.append("" if token == "{" else None)
            wanted = "key?" if token == "{" else "value?"
            continue
        elif not (token == "]" and wanted == "value?") and group == "sign":
            raise _malformed(text, found.start(group), name)
        # Here a value is whole: a plain one, or the innermost array or object.
        if group == "sign":
            made = stack.pop()
            keys.pop()
        else:
            made = _string(token) if group == "string" else _WORDS.get(token) if group == "word" else _number(token)
            if made is None and group == "string":
                raise _malformed(text, found.start(group), name)
        if stack:
            key = keys[-1]
            if key is None:
                stack[-1].append(made)
            else:
                stack[-1][key] = made
        wanted = "after"


def _malformed(text: str, at: int, name: str) -> UnreadableSource:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return UnreadableSource(
        f"{one_line(name, 200)} can't be read: its JSON is broken in line {line:,}, column {column:,}.",
        ANOTHER,
    )


def _string(token: str) -> str | None:
    """What a string in its quotes says; None where it has an escape that JSON does not know."""
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token, strict=False))
    except json.JSONDecodeError:
        return None


def _number(token: str) -> int | float:
    try:
        return int(token) if token.lstrip("-").isdigit() and len(token) < 300 else float(token)
    except OverflowError:
        return 0


@dataclass
class _Level:
    array: bool
    key: str = ""
    wants_key: bool = True
    before: tuple[str, ...] = field(default=())


@lru_cache(maxsize=8)
def key_paths(head: bytes) -> frozenset[tuple[str, ...]]:
    """The keys of the first JSON value in the beginning of a file, each with those above it, `[]` for an array; five levels deep.

    What is cut off or no JSON says what it holds up to there. It never raises.
    """
    text = utf8(head).decode("utf-8", "replace")
    paths: set[tuple[str, ...]] = set()
    levels: list[_Level] = []
    at = 0
    while found := _TOKEN.match(text, at):
        at, group = found.end(), found.lastgroup
        token = found[group] if group else ""
        top = levels[-1] if levels else None
        if group == "end":
            break
        if token in ("{", "[") and group == "sign":
            over = () if top is None else (*top.before, "[]" if top.array else top.key)
            levels.append(_Level(token == "[", before=over[: _DEEPEST_KEYS + 1]))
            if token == "[":
                _note(paths, (*over, "[]"))
        elif token in ("}", "]") and group == "sign":
            if levels:
                levels.pop()
            if not levels:
                break
        elif top is None:
            break
        elif group == "sign":
            top.wants_key = token == "," or (top.wants_key and token != ":")
        elif group == "string" and not top.array and top.wants_key:
            top.key, top.wants_key = _string(token) or "", False
            _note(paths, (*top.before, top.key))
    return frozenset(paths)


def _note(paths: set[tuple[str, ...]], path: tuple[str, ...]) -> None:
    if len(path) <= _DEEPEST_KEYS:
        paths.add(path)


def keys_of(head: bytes) -> set[str]:
    """The keys of the first JSON object in the beginning of a file."""
    return {path[0] for path in key_paths(head) if len(path) == 1}


def keys_below(head: bytes, *above: str) -> set[str]:
    """The keys that objects have below those keys; `*` stands for any."""
    size = len(above)
    return {
        path[size]
        for path in key_paths(head)
        if len(path) == size + 1 and all(want in ("*", found) for want, found in zip(above, path[:size], strict=True))
    }


def as_struct(kind: type[T], value: Any) -> T | None:
    """An object as that Struct, whose fields take anything; None where it is no object. It does not look into its fields."""
    if isinstance(value, kind):
        return value
    if not isinstance(value, dict):
        return None
    shape: Any = kind
    names = zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True)
    return kind(**{ours: value[theirs] for ours, theirs in names if theirs in value})


def items(value: Any) -> Iterator[tuple[str, Any]]:
    """The things in an object by name, or in an array, without names; none where it is neither."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key), each
    elif isinstance(value, list | tuple):
        for each in value:
            yield "", each


def name_of(value: Any) -> str:
    """An id, which may be a number; empty for what is none."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def text_of(value: Any) -> str:
    """A text; empty for what is none."""
    return value if isinstance(value, str) else ""
