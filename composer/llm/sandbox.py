"""The sandbox that chat templates are rendered in: Jinja2 as models' templates expect it, and bounds on what one may ask for.

Templates come from servers and files, and are programs. They reach no attribute that begins with an underscore, change nothing that
they are given, read no clock and no file. Text, lists, numbers and nesting are bounded where they are made, and all of a rendering
in steps, seconds and output. A single step that is not bounded here may still be slow: a foreign template is first tried in a
process of its own (see `trial`).

This module imports Jinja2, so it is imported where it is used.
"""

from __future__ import annotations

import functools
import json
import re
import string
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.filters import FILTERS
from jinja2.parser import Parser
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from composer.text.clean import one_line
from composer.text.signs import listed

OUTPUT = 4 * 1024 * 1024
"""Bytes in UTF-8 that a rendered text has at most."""
LARGEST = 8_000_000
"""Characters of one text on the way there."""
PRINTED = 8 * LARGEST
"""Characters that all expressions of a rendering print, those within macros and blocks too."""
ITEMS = 200_000
"""Items of one list; items in all that one value is made of."""
DEPTH = 60
"""How deep lists and mappings may lie in one another."""
RANGED = 100_000
"""Numbers that all ranges of a rendering have together."""
STEPS = 1_000_000
"""Calls and rounds of loops of a rendering."""
SECONDS = 3.0
"""Time that a rendering takes at most, between two of its steps."""
BITS = 4096
"""Bits of a whole number."""
WIDE = 1000
"""Characters of an indention or a field's width."""

_METHODS: dict[type, frozenset[str]] = {
    str: listed(
        """
        capitalize casefold center count endswith expandtabs find format format_map index isalnum isalpha isascii isdecimal
        isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip partition
        removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip
        swapcase title upper zfill
        """
    ),
    dict: frozenset(("copy", "get", "items", "keys", "values")),
    list: frozenset(("copy", "count", "index")),
    tuple: frozenset(("count", "index")),
    LoopContext: frozenset(("changed", "cycle")),
}
"""The methods that a template may call."""
_FILTERS = listed(
    """
    abs attr capitalize count d default dictsort e escape first float forceescape groupby int items last length list lower map
    max min reject rejectattr reverse safe select selectattr sort striptags title trim truncate unique upper wordcount
    """
)
"""Jinja's own filters that are kept, beside those that are bounded below."""
_WIDTH = re.compile(r"\*|\d{4}")
"""In a format: a width that is told elsewhere, or one that is too large."""
_ERRORS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a template may raise."""
_COMPILING = (*_ERRORS, SyntaxError)
_SOURCE = "<template>"
_SCOPES = frozenset(("_loop_vars", "_block_vars"))
"""What Jinja hands along with a call within a loop or a block."""


class TemplateFailure(Exception):
    """A template that can't be read or rendered: `why` in words, on one line. `refused`: it says so itself."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.refused = refused


class _Refusal(TemplateError):
    """What `raise_exception` raises."""


class _Generation(Extension):
    """The tag that marks what the model writes, for training: its body is rendered, and the tag is not."""

    tags = {"generation"}  # noqa: RUF012  as the base class has it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        return nodes.Scope(list(parser.parse_statements(("name:endgeneration",), drop_needle=True)), lineno=line)


class _Guards(NodeTransformer):
    """Puts our own functions where a template loops, joins texts with `~`, and makes lists and mappings."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(_asked("tick", []), lineno=node.lineno))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _asked("concatenated", node.nodes, node.lineno)

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return _asked("made", [node], node.lineno)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        return _asked("made", [node], node.lineno)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return node if node.ctx != "load" else _asked("made", [node], node.lineno)


def _asked(name: str, values: list[nodes.Expr], line: int = 1) -> nodes.Call:
    """The call of a method of the sandbox, for the tree of a template."""
    called = nodes.EnvironmentAttribute(name, lineno=line)
    return nodes.Call(called, values, [], None, None, lineno=line)


class Sandbox(ImmutableSandboxedEnvironment):
    """One template and what it may do. Renderings take turns."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, source: str) -> None:
        """Read a template. TemplateFailure names the line where it can't be read."""
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols", _Generation],
            finalize=self.printed,
        )
        self._lock = threading.Lock()
        self._begin("")
        self.globals = {
            "range": self.ranged,
            "dict": self.mapping,
            "namespace": Namespace,
            "raise_exception": self.refuse,
            "strftime_now": self.strftime,
        }
        self.filters = {name: FILTERS[name] for name in _FILTERS} | _bounded_filters()
        failure: TemplateFailure
        try:
            self._compiled = self.from_string(source)
            return
        except TemplateSyntaxError as error:
            failure = TemplateFailure(f"line {error.lineno}: {one_line(error.message or 'it is no Jinja', 200)}")
        except _COMPILING as error:
            failure = _failure(error)
        raise failure

    def text(self, variables: Mapping[str, Any], now: str) -> str:
        """The template with these variables; `now` is an ISO date and time, or empty. TemplateFailure where it fails."""
        failure: TemplateFailure
        with self._lock:
            self._begin(now)
            pieces: list[str] = []
            try:
                for piece in self._compiled.generate(**variables):
                    self._output += len(piece.encode("utf-8", "replace"))
                    if self._output > OUTPUT:
                        raise SecurityError(f"it writes more than {OUTPUT // 1024 // 1024} MB")
                    pieces.append(piece)
                return "".join(pieces)
            except _ERRORS as error:
                failure = _failure(error)
        raise failure

    def _begin(self, now: str) -> None:
        self._now = now
        self._until = time.monotonic() + SECONDS
        self._steps = self._ranged = self._printed = self._output = 0

    # What the tree of a template is changed to call

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _Guards().visit(tree)
        return tree

    def tick(self) -> None:
        """One step more."""
        self._steps += 1
        if self._steps > STEPS or time.monotonic() > self._until:
            raise SecurityError("it takes too long")

    def made(self, value: Any) -> Any:
        """A new list or mapping, if it is not too large."""
        weigh(value)
        return value

    def concatenated(self, *values: Any) -> str:
        """What `~` makes."""
        _within(sum(map(weigh, values)))
        return str_join(values)

    def printed(self, value: Any) -> Any:
        """What an expression prints."""
        self._printed += weigh(value)
        if self._printed > PRINTED:
            raise SecurityError("it prints too much")
        return value

    # What a template may call

    def ranged(self, *bounds: int) -> range:
        numbers = range(*bounds)
        # Its length may be more than `len` can tell.
        self._ranged += RANGED + 1 if numbers[RANGED:] else len(numbers)
        if self._ranged > RANGED:
            raise SecurityError(f"its ranges have more than {RANGED:,} numbers")
        return numbers

    def mapping(self, *values: Any, **named: Any) -> dict[Any, Any]:
        made = dict(*values, **named)
        weigh(made)
        return made

    def refuse(self, message: Any = "") -> None:
        raise _Refusal(str(message) if weigh(message) else "it refuses these messages")

    def strftime(self, form: str) -> str:
        """The time that was handed in, in that form; empty where none was."""
        if not isinstance(form, str) or len(form) > 100 or re.search(r"%[-_0^#+]*\d", form):
            raise SecurityError("it asks for the time in a form that is not known")
        return datetime.fromisoformat(self._now).strftime(form) if self._now else ""

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        given = {name: value for name, value in kwargs.items() if name not in _SCOPES}
        if getattr(__obj, "__self__", None) is __self:
            return __obj(*args, **given)
        __self.tick()
        for value in (*args, *given.values()):
            if not isinstance(value, Namespace):
                weigh(value)
        if not isinstance(__obj, (Undefined, Macro, BlockReference, LoopContext)) and __obj is not Namespace:
            args = _checked(__obj, args, given)
        result = super().call(__context, __obj, *args, **kwargs)
        _sized(result)
        return result

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            return _percent(left, right)
        if operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
            _within(len(left) + len(right), left)
        elif operator == "*" and hasattr(left, "__len__") != hasattr(right, "__len__"):
            several, times = (left, right) if hasattr(left, "__len__") else (right, left)
            _within(len(several) * times if isinstance(times, int) else 0, several)
        elif isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
            if bits > BITS:
                raise SecurityError("it asks for a number that is too large")
        return super().call_binop(context, operator, left, right)


def weigh(value: Any) -> int:
    """About how many characters a value prints. SecurityError if it is too large, or too deep, to be looked at."""
    if isinstance(value, str):
        return len(value)
    weight = seen = 0
    stack = [(value, 0)]
    while stack:
        one, depth = stack.pop()
        seen += 1
        if isinstance(one, str):
            weight += len(one) + 4
        elif isinstance(one, dict):
            stack += [(part, depth + 1) for pair in islice(one.items(), ITEMS) for part in pair]
        elif isinstance(one, (list, tuple, set, frozenset)):
            stack += [(part, depth + 1) for part in islice(one, ITEMS)]
        elif isinstance(one, Namespace):
            raise SecurityError("it prints a namespace, or puts it into a list")
        else:
            weight += 24
        if seen > ITEMS or len(stack) > 2 * ITEMS or depth > DEPTH:
            raise SecurityError("it makes a value that is too large")
    return weight


def _within(size: int, sample: Any = "") -> None:
    """Whether a text of so many characters, or a list of so many items, may be made."""
    if size > (LARGEST if isinstance(sample, (str, bytes)) else ITEMS):
        raise SecurityError("it makes a text or a list that is too large")


def _sized(value: Any) -> None:
    if isinstance(value, (str, list, tuple, dict)):
        _within(len(value), value)


def _checked(called: Any, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
    """The arguments with which a method may be called. SecurityError if it may not."""
    method = getattr(called, "__wrapped__", called)
    owner, name = getattr(method, "__self__", None), getattr(method, "__name__", "")
    known = next((names for kind, names in _METHODS.items() if isinstance(owner, kind)), frozenset())
    if name not in known:
        raise SecurityError(f"it calls {one_line(name, 40) or 'something'}, which it may not")
    if not isinstance(owner, str):
        return args
    if name == "join" and len(args) == 1:
        args = (list(islice(args[0], ITEMS)),)
        _within(weigh(args[0]) + len(owner) * len(args[0]))
    elif name == "replace":
        _within(_replaced(owner, *args))
    elif name in ("format", "format_map"):
        _check_format(owner, (*args, *named.values()))
    elif name == "expandtabs":
        _within(len(owner) + owner.count("\t") * max(_whole((*args, *named.values())), 8))
    elif name in ("center", "ljust", "rjust", "zfill") and _whole(args) > WIDE:
        raise SecurityError("it makes a field that is too wide")
    return args


def _whole(args: tuple[Any, ...]) -> int:
    """The largest whole number among arguments."""
    return max((arg for arg in args if isinstance(arg, int)), default=0)


def _replaced(text: str, old: Any = "", new: Any = "", count: Any = -1) -> int:
    """Characters that a text has, at most, with all of one thing replaced by another."""
    return len(text) + (text.count(str(old)) if isinstance(old, str) else 0) * weigh(new)


def _check_format(text: str, values: tuple[Any, ...]) -> None:
    fields = list(string.Formatter().parse(text))
    if any(spec and ("{" in spec or _WIDTH.search(spec)) for _, _, spec, _ in fields):
        raise SecurityError("it makes a field that is too wide")
    _within(len(text) + len(fields) * (WIDE + sum(map(weigh, values))))


def _percent(text: str, values: Any) -> str:
    """What `%` makes of a text and values."""
    if any(_WIDTH.search(field) for field in re.findall(r"%(?:\([^)]*\))?([-+ #0-9.*]*)", text)):
        raise SecurityError("it makes a field that is too wide")
    _within(len(text) + text.count("%") * (WIDE + weigh(values)))
    return str(text % values)


# Filters


def _bounded_filters() -> dict[str, Callable[..., Any]]:
    bounded: dict[str, Callable[..., Any]] = {
        "center": _center,
        "format": _format,
        "indent": _indent,
        "join": _join,
        "list": _list,
        "replace": _replace,
        "round": _round,
        "string": _string,
        "tojson": _tojson,
    }
    texts = (
        "capitalize",
        "e",
        "escape",
        "forceescape",
        "lower",
        "striptags",
        "title",
        "trim",
        "truncate",
        "upper",
        "wordcount",
    )
    return bounded | {name: _weighed(FILTERS[name]) for name in texts}


def _weighed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, for values that are not too large to become text."""

    @functools.wraps(function)
    def weighed(*args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()):
            weigh(value)
        return function(*args, **kwargs)

    return weighed


def _center(value: Any, width: int = 80) -> str:
    text = _string(value)
    return text.center(min(width, max(len(text), WIDE)))


def _format(value: Any, *args: Any, **kwargs: Any) -> str:
    return _percent(_string(value), kwargs or args)


def _indent(value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    text = _string(value)
    room = len(width) if isinstance(width, str) else width
    _within(len(text) + (text.count("\n") + 2) * max(room, 0))
    indented: str = FILTERS["indent"](text, width, first, blank)
    return indented


@functools.wraps(FILTERS["join"])
def _join(context: Any, value: Any, d: str = "", attribute: str | int | None = None) -> Any:
    values = list(islice(value, ITEMS))
    _within(weigh(values) + weigh(d) * len(values))
    return FILTERS["join"](context, values, d, attribute)


def _list(value: Any) -> list[Any]:
    made = list(islice(value, ITEMS + 1))
    _sized(made)
    return made


@functools.wraps(FILTERS["replace"])
def _replace(context: Any, s: Any, old: Any, new: Any, count: int | None = None) -> Any:
    weigh(old)
    _within(_replaced(_string(s), str(old), new))
    return FILTERS["replace"](context, s, old, new, count)


def _round(value: Any, precision: int = 0, method: str = "common") -> Any:
    return FILTERS["round"](value, min(precision, 15), method)


def _string(value: Any) -> str:
    weigh(value)
    return value if isinstance(value, str) else str(value)


def _tojson(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: Any = None,
    sort_keys: bool = False,
) -> str:
    """JSON as models were trained on it: not escaped for HTML, as Jinja's own is."""
    if weigh([indent, separators]) > 120 or (isinstance(indent, int) and indent > 16):
        raise SecurityError("it indents too far")
    weigh(value)
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _failure(error: BaseException) -> TemplateFailure:
    """Why a template failed, with its line where that is known."""
    if isinstance(error, _Refusal):
        return TemplateFailure(one_line(str(error), 200), refused=True)
    if isinstance(error, RecursionError):
        why = "it goes in circles, or is nested too deeply"
    elif isinstance(error, MemoryError):
        why = "it needs too much memory"
    elif isinstance(error, SyntaxError):
        why = error.msg
    else:
        why = one_line(str(error), 200) or type(error).__name__
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _SOURCE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return TemplateFailure(f"line {line}: {why}" if line else why)
