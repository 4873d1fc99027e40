"""The form for one endpoint's profile, and the text that its samplings are written as: `top_p=0.9 stop="***"`.

What stands in the form becomes lines of a settings file, and is judged by the settings' own reader, so that the two never differ; what is
wrong is said at its row, and nothing typed is lost by it. It holds no key: only the place of one. It writes no file itself.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from composer.config import EndpointProfile, Sampling, parse_settings
from composer.errors import ComposerError, SettingsError
from composer.text.clean import clean, one_line
from composer.ui.backstop import to_content
from composer.ui.lines import Lines, Part
from composer.ui.signs import Signs
from composer.ui.theming import Palette
from composer.ui.widgets.box import Entry
from composer.ui.wrapping import cells

# samplings as text

Value = bool | int | float | str | list[str] | dict[str, float]

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
    return " ".join(f"{name}={_shown(value)}" for name, value in sampling.items())


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(_shown(each) for each in value)}]"
    if isinstance(value, dict):
        pairs = (f"{token if token.isdecimal() else _shown(token)}: {bias!r}" for token, bias in value.items())
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


# rows


@dataclass(frozen=True)
class Row:
    """One row of the form: its name, what stands before it, what it means, and what it says while empty.

    With `choices`, as (value, shown), one of them is chosen by left and right. `begins` says that a group of rows begins with it.
    """

    name: str
    label: str
    says: str
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()
    begins: bool = False


_YES_NO = (("", "no"), ("true", "yes"))
ROWS: tuple[Row, ...] = (
    Row("name", "name", "What you call it: letters, digits and ._:- without blanks.", "a name of your own"),
    Row(
        "base_url",
        "address",
        "Where the server answers, mostly ending with /v1. … stands for a user and password that are not shown.",
        "http://localhost:11434/v1",
    ),
    Row("model", "model", "The model to ask for. m in the list picks one that the server has.", "the first it lists"),
    Row(
        "kind",
        "kind",
        "What server it is: that says which fields it takes.",
        choices=(
            ("", "by its address"),
            ("openai", "OpenAI"),
            ("openrouter", "OpenRouter"),
            ("ollama", "Ollama"),
            ("llamacpp", "llama.cpp"),
            ("vllm", "vLLM"),
            ("lmstudio", "LM Studio"),
            ("litellm", "LiteLLM"),
            ("other", "another"),
        ),
    ),
    Row(
        "way",
        "key",
        "Where its key comes from. Never the key itself: K in the list keeps one safely.",
        choices=(
            ("", "none"),
            ("key_env", "environment"),
            ("key_file", "file"),
            ("key_command", "command"),
            ("keyring", "keyring"),
        ),
        begins=True,
    ),
    Row("key", "key from", "", ""),
    Row(
        "template",
        "template",
        "How messages become one text, for base models: plain, chatml, llama3, mistral, phi, server, or a Jinja file.",
        "none: the server has its own",
        begins=True,
    ),
    Row(
        "suffix",
        "suffix",
        "With a template: whether the server takes the text behind a hole as suffix.",
        choices=_YES_NO,
    ),
    Row(
        "continues",
        "goes on",
        "How a begun answer is gone on with: a last message, vLLM's fields, Mistral's and DeepSeek's mark, or by asking.",
        choices=(
            ("", "as fits the kind"),
            ("prefill", "prefill"),
            ("final", "final"),
            ("prefix", "prefix"),
            ("ask", "ask"),
        ),
    ),
    Row(
        "thinks",
        "thinks",
        "Whether answers begin within the model's thoughts without saying so.",
        choices=_YES_NO,
    ),
    Row(
        "window", "window", "Tokens that a request and its answer may hold together.", "as the server says", begins=True
    ),
    Row("max_tokens", "answer", "Tokens that an answer may have.", "about a page"),
    Row(
        "logprobs", "logprobs", "How many other tokens to ask for at each token, 0 to 20; 0: none.", "as fits the kind"
    ),
    Row("concurrency", "at once", "How many answers are asked for at once; the others wait.", "as fits the kind"),
    Row(
        "together",
        "together",
        "Whether candidates that differ in their seed alone are asked for in one request.",
        choices=_YES_NO,
    ),
    Row("first_seconds", "begins within", "Seconds that the server may take until it begins to answer.", "120"),
    Row("between_seconds", "silent for", "Seconds that it may then be silent.", "60"),
    Row(
        "sampling",
        "sampling",
        'Fields of each request, like top_p=0.9 min_p=0.05 stop=["***", "#"] logit_bias={50256: -100}',
        "top_p=0.9 min_p=0.05",
        begins=True,
    ),
    Row("preset", "preset", "The name of the preset to begin with.", "none"),
)
PRESET = Row(
    "preset-",
    "presets",
    "Samplings to choose from for a round: a name, a colon, its fields. An empty row takes a preset out.",
    "wild: top_p=1 min_p=0.05",
)
TALL = 36
"""Lines of the window from which groups of rows stand apart."""
NUMBERS = ("window", "max_tokens", "logprobs", "concurrency", "first_seconds", "between_seconds")
FLAGS = ("suffix", "thinks", "together")
USUAL = {"logprobs": -1, "first_seconds": 120, "between_seconds": 60}
"""What stands for an empty row, where that is not 0."""
OF_WAY: dict[str, tuple[str, str]] = {
    "": ("No key is sent.", "no key is sent"),
    "key_env": ("The name of the environment variable that holds the key, in capitals.", "OPENAI_API_KEY"),
    "key_file": ("A file that holds the key alone, readable by you alone.", "~/.config/keys/openai"),
    "key_command": ("A command that prints the key. It is run without a shell.", "pass show openai"),
    "keyring": ("It lies in the system keyring under the endpoint's name.", "K in the list puts it there"),
}
"""What the row of the key means, and what it says while empty, by where the key comes from."""

Values = Mapping[str, str]
"""What stands in the rows, by their names; `preset-1`, `preset-2`, … are the rows of presets."""

_ENV = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_LIKE_A_KEY = re.compile(r"(sk|pk|gsk|hf|xai|rk)[-_]\S{12,}")
_AUTHORITY = re.compile(r"(?P<scheme>[a-z]+://)?(?:(?P<user>[^/?#]*)@)?(?P<rest>[^?#]*)(?P<tail>.*)", re.DOTALL)
_MASK = "…"
# A name may hold colons itself, so that the one with a blank behind it counts, if there is one.
_PRESET = re.compile(r"\s*([A-Za-z0-9_][A-Za-z0-9_.:-]*?)\s*:(\s.*|)", re.DOTALL)
_ANY_PRESET = re.compile(r"\s*([^:]*[^:\s])\s*:(.*)", re.DOTALL)


def shown_url(url: str) -> str:
    """An address with … in place of user and password, and of what stands behind a question mark."""
    found = _AUTHORITY.fullmatch(url)
    if found is None or not (found["user"] or found["tail"]):
        return url
    user = f"{_MASK}@" if found["user"] else ""
    tail = f"{found['tail'][0]}{_MASK}" if found["tail"] else ""
    return f"{found['scheme'] or ''}{user}{found['rest']}{tail}"


def meant_url(shown: str, url: str) -> str:
    """The address that is meant by one that was shown for `url`, and may have been changed since."""
    found = _AUTHORITY.fullmatch(url)
    if found is None:
        return shown
    if found["user"]:
        shown = shown.replace(f"://{_MASK}@", f"://{found['user']}@", 1)
    if found["tail"] and shown.endswith(f"{found['tail'][0]}{_MASK}"):
        shown = shown[: -len(_MASK) - 1] + found["tail"]
    return shown


def values_of(name: str, profile: EndpointProfile) -> dict[str, str]:
    """What stands in the rows for a profile."""
    way = next((way for way in ("key_env", "key_file", "key_command", "keyring") if getattr(profile, way)), "")
    key = shlex.join(profile.key_command) if way == "key_command" else str(getattr(profile, way)) if way else ""
    values = {
        "name": name,
        "base_url": shown_url(profile.base_url),
        "way": way,
        "key": "" if way == "keyring" else key,
        "sampling": sampling_text(profile.sampling),
    }
    for text in ("model", "kind", "template", "continues", "preset"):
        values[text] = getattr(profile, text)
    for flag in FLAGS:
        values[flag] = "true" if getattr(profile, flag) else ""
    for number in NUMBERS:
        value = getattr(profile, number)
        values[number] = "" if value == USUAL.get(number, 0) else str(value)
    for at, (preset, fields) in enumerate(profile.presets.items(), 1):
        values[f"preset-{at}"] = f"{preset}: {sampling_text(fields)}"
    return values


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a row, in words. With `key` a key stands in it that belongs elsewhere, and must go."""

    row: str
    words: str
    key: bool = False


def read(values: Values, base: EndpointProfile, taken: Collection[str]) -> tuple[str, EndpointProfile] | Wrong:
    """The name and the profile that rows give, or what is wrong with the first that can't be used.

    `base` is the profile that the form was opened with; `taken` are the names of the other endpoints.
    """
    name = values["name"].strip()
    if not name:
        return Wrong("name", "An endpoint needs a name.")
    if name in taken:
        return Wrong("name", f"There is another endpoint called {name}.")
    lines = _lines(values, base)
    if isinstance(lines, Wrong):
        return lines
    rows = ["name", *(row for row, _ in lines)]
    text = "\n".join((f"[endpoints.{_key(name)}]", *(line for _, line in lines)))
    try:
        return name, parse_settings(text, "form").endpoints[name]
    except SettingsError as error:
        found = re.match(r"form, line (\d+)(?: can't be read)?: (.*)", error.sentence, re.DOTALL)
        line, what = (int(found[1]), found[2]) if found else (1, error.sentence)
        row = rows[min(line, len(rows)) - 1]
        # What the settings call it stands before the row already, or nearly so.
        what = re.sub(r"^(\w+) (takes|holds) ", r"\2 ", what)
        return Wrong(row, what[:1].upper() + what[1:])


def _lines(values: Values, base: EndpointProfile) -> list[tuple[str, str]] | Wrong:
    """The settings' lines, each with the row that it comes from."""
    lines = [("base_url", f"base_url = {_shown(meant_url(values['base_url'].strip(), base.base_url))}")]
    for text in ("model", "kind", "template", "continues"):
        if values[text].strip():
            lines.append((text, f"{text} = {_shown(values[text].strip())}"))
    key = _key_line(values["way"], values["key"].strip())
    if isinstance(key, Wrong):
        return key
    lines += [("key", key)] if key else []
    lines += [(flag, f"{flag} = true") for flag in FLAGS if values[flag]]
    for number in NUMBERS:
        if typed := re.sub(r"(?<=\d)[ ,_\u2009\u202f](?=\d)", "", values[number].strip()):
            whole = re.fullmatch(r"-?[0-9]{1,18}", typed)
            lines.append((number, f"{number} = {int(typed) if whole else _shown(typed)}"))
    try:
        row = "sampling"
        if sampling := parse_sampling(values["sampling"]):
            lines.append((row, f"sampling = {_table(sampling)}"))
        seen: set[str] = set()
        for row in (row for row in values if row.startswith(PRESET.name) and values[row].strip()):
            found = _PRESET.fullmatch(values[row]) or _ANY_PRESET.fullmatch(values[row])
            if found is None:
                return Wrong(row, f"A preset is a name, a colon and its fields, like {PRESET.hint}.")
            if found[1] in seen:
                return Wrong(row, f"There is another preset called {one_line(found[1], 40)}.")
            seen.add(found[1])
            lines.append((row, f"presets.{_key(found[1])} = {_table(parse_sampling(found[2]))}"))
    except SettingsError as error:
        return Wrong(row, str(error))
    if preset := values["preset"].strip():
        if preset not in seen:
            return Wrong("preset", f"There is no preset {preset}. Presets stand in the rows below.")
        lines.append(("preset", f"preset = {_shown(preset)}"))
    return lines


def _key_line(way: str, typed: str) -> str | Wrong:
    if not way:
        return ""
    if way == "keyring":
        return "keyring = true"
    if _LIKE_A_KEY.fullmatch(typed) or (way == "key_env" and len(typed) >= 20 and not _ENV.fullmatch(typed)):
        return Wrong(
            "key", "That looks like a key, and was taken out of the form. In the list K keeps a key safely.", key=True
        )
    if not typed:
        return Wrong("key", "It says nowhere to look. Without a key choose none in the row above.")
    if way != "key_command":
        return f"{way} = {_shown(typed)}"
    try:
        words = shlex.split(typed)
    except ValueError:
        return Wrong("key", "A quote in the command is not closed.")
    return f"{way} = {_shown(words)}"


def _key(name: str) -> str:
    """A name as the settings' file takes it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _shown(name)


def _table(sampling: Sampling) -> str:
    pairs = []
    for name, value in sampling.items():
        inner = _table(dict(value)) if isinstance(value, dict) else _shown(value)
        pairs.append(f"{_key(name)} = {inner}")
    return f"{{ {', '.join(pairs)} }}" if pairs else "{}"


# the screen


def choices_line(shown: Sequence[str], at: int, width: int, palette: Palette, *, current: Style) -> list[Part]:
    """Choices on a line, the one that holds in brackets; where there is no room for all, it alone with its number."""
    parts: list[Part] = []
    for number, each in enumerate(shown):
        parts.append(("  " if number and number not in (at, at + 1) else " " if number else "", palette.dim))
        parts += [("[", palette.dim), (each, current), ("]", palette.dim)] if number == at else [(each, palette.dim)]
    if at:
        # The bracket takes the place of a blank, so that nothing moves when another is chosen.
        parts.insert(0, (" ", palette.dim))
    parts.append((" ", palette.dim))
    if sum(cells(text) for text, _ in parts) <= width:
        return parts
    return [
        ("[", palette.dim),
        (shown[at], current),
        (f"]  {at + 1} of {len(shown)}", palette.dim),
    ]


class Turn(Lines, can_focus=True):
    """A row of choices: left and right turn from one to the next, a letter goes to the next that begins with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "before", show=False),
        Binding("right,space", "turn(1)", "next", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another choice holds."""

        turn: Turn

    def __init__(self, choices: Sequence[tuple[str, str]], value: str, *, id: str) -> None:
        super().__init__(id=id, classes="form-turn")
        self._choices = choices
        values = [each for each, _ in choices]
        self._at = values.index(value) if value in values else 0

    @property
    def value(self) -> str:
        return self._choices[self._at][0]

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        current = palette.text + palette.cursor if self.has_focus else palette.text
        return [choices_line([shown for _, shown in self._choices], self._at, width, palette, current=current)]

    def action_turn(self, by: int) -> None:
        self._go((self._at + by) % len(self._choices))

    def _go(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.repaint()
            self.post_message(self.Changed(self))

    def on_key(self, event: events.Key) -> None:
        if not event.is_printable or not event.character:
            return
        event.stop()
        letter = event.character.lower()
        after = [(self._at + by) % len(self._choices) for by in range(1, len(self._choices) + 1)]
        self._go(next((at for at in after if self._choices[at][1].lower().startswith(letter)), self._at))

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()


class FormRow(Horizontal):
    """A label and a field."""

    def __init__(self, row: Row, value: str, number: int | None = None) -> None:
        """`number` is that of a row of presets, from 1."""
        self.row = row
        self.number = number
        self.key = row.name if number is None else f"{row.name}{number}"
        super().__init__(id=f"form-{self.key}", classes=f"form-row{' -begins' * row.begins}")
        name = f"field-{self.key}"
        self.field: Entry | Turn = Turn(row.choices, value, id=name) if row.choices else _entry(row, value, name)
        self._label = Static(self._labelled(" "), classes="box-label", markup=False)

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.field

    def _labelled(self, sign: str) -> Content:
        return to_content(f"{sign} {self.row.label if self.number in (None, 1) else ''}")

    def point(self, here: bool) -> None:
        """Show whether the keys go here."""
        self._label.set_class(here, "-here")
        self._label.update(self._labelled(Signs.of(self.app).here if here else " "))

    @property
    def value(self) -> str:
        return clean(self.field.value)


class Trouble(Static):
    """What is wrong with the row above it. It is scrolled to as soon as it has its place."""

    def on_resize(self) -> None:
        self.scroll_visible(animate=False)


def _entry(row: Row, value: str, id: str) -> Entry:
    entry = Entry(id=id)
    entry.value = value
    entry.placeholder = row.hint
    entry.cursor_position = len(value)
    return entry


Keep = Callable[[str, EndpointProfile, str], Awaitable[None]]


class ProfileForm(ModalScreen[str | None]):
    """Answers the name under which the profile was kept, or None. `keep` takes name, profile and the name it had before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,tab", "step(1)", "next row", show=False),
        Binding("up,shift+tab", "step(-1)", "row before", show=False),
        Binding("pagedown", "step(8)", "page", show=False),
        Binding("pageup", "step(-8)", "page", show=False),
        Binding("enter", "keep", "keep", show=False),
        Binding("escape", "leave", "back", show=False),
        Binding("ctrl+q", "quit", "quit", show=False),
    ]
    CSS_PATH = "../styles/models.tcss"
    AUTO_FOCUS = ""
    """It gives the keys to a row itself."""

    def __init__(
        self,
        title: str,
        name: str,
        profile: EndpointProfile,
        keep: Keep,
        *,
        taken: Collection[str] = (),
        old: str = "",
        at: str = "name",
    ) -> None:
        """`taken` are names that others have; `old` is the name it has in the settings; `at` is the row to begin in."""
        super().__init__()
        self._title = title
        self._profile = profile
        self._keep = keep
        self._taken = frozenset(taken)
        self._old = old
        self._start = at
        self._first = values_of(name, profile)
        self._of_way = {self._first["way"]: self._first["key"]}
        """What stands in the row of the key, by where it comes from: turning on and back loses nothing."""
        self._way = self._first["way"]
        self._asked = False
        self._wrong: Trouble | None = None
        """What is wrong, where something is."""
        self._pointed: FormRow | None = None
        """The row that is shown to have the keys."""

    def compose(self) -> ComposeResult:
        self.set_class(self.app.size.height >= TALL, "-tall")
        with Vertical(id="form", classes="sheet"):
            with Vertical(id="form-rows"):
                for row in ROWS:
                    yield FormRow(row, self._first[row.name])
                presets = [value for name, value in self._first.items() if name.startswith(PRESET.name)]
                for number, value in enumerate([*presets, ""], 1):
                    yield FormRow(PRESET, value, number)
            yield Static(id="form-says", markup=False)

    @property
    def _rows(self) -> list[FormRow]:
        return list(self.query(FormRow))

    def _row(self, name: str) -> FormRow:
        return self.query_one(f"#form-{name}", FormRow)

    @property
    def values(self) -> dict[str, str]:
        """What stands in the rows now."""
        return {row.key: row.value for row in self._rows}

    @property
    def changed(self) -> bool:
        """Whether anything stands in it that did not when it was opened."""
        now = {name: value for name, value in self.values.items() if value or name in self._first}
        return now != self._first

    def on_mount(self) -> None:
        form = self.query_one("#form")
        form.border_title = to_content(self._title)
        form.border_subtitle = to_content(
            f"enter keeps   ↑ ↓ rows   {'← → choices   ' if self.app.size.width >= 80 else ''}esc leaves"
            if Signs.of(self.app) == Signs()
            else "enter keeps   arrows: rows, choices   esc leaves"
        )
        self._turn_way()
        self.set_focus(self._row(self._start).field)

    def on_resize(self) -> None:
        self.set_class(self.app.size.height >= TALL, "-tall")

    def _say(self, row: FormRow | None, words: str = "") -> None:
        """Say below a row what is wrong with it. One thing at a time: the first that is found."""
        if self._wrong is not None:
            self._wrong.remove()
            self._wrong = None
        if row is not None:
            text = to_content(f"{Signs.of(self.app).failed} {words}")
            self._wrong = Trouble(text, classes="form-wrong", markup=False)
            self.query_one("#form-rows").mount(self._wrong, after=row)

    def _turn_way(self) -> None:
        """The row of the key is what its place makes it."""
        row = self._row("key")
        field = row.field
        assert isinstance(field, Entry)
        way = self._row("way").value
        if way != self._way:
            self._of_way[self._way] = field.value
            field.value = self._of_way.get(way, "")
            field.cursor_position = len(field.value)
            self._way = way
        field.placeholder = OF_WAY[way][1]
        field.disabled = way in ("", "keyring")

    def on_turn_changed(self, message: Turn.Changed) -> None:
        self._touched()
        if message.turn is self._row("way").field:
            self._turn_way()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._touched()
        last = self._rows[-1]
        if event.input is last.field and last.value.strip():
            self._add_presets([""])

    def _add_presets(self, values: Sequence[str]) -> None:
        """Rows for more presets, behind the last one."""
        first = (self._rows[-1].number or 0) + 1
        self.query_one("#form-rows").mount_all(FormRow(PRESET, value, first + at) for at, value in enumerate(values))

    def _touched(self) -> None:
        self._asked = False
        if self.is_mounted:
            self._say(None)
            if (row := self._here) is not None:
                self._explain(row)

    def _row_of(self, widget: Widget | None) -> FormRow | None:
        if widget is None:
            return None
        return next((node for node in widget.ancestors if isinstance(node, FormRow)), None)

    @property
    def _here(self) -> FormRow | None:
        return self._row_of(self.focused)

    def on_descendant_focus(self) -> None:
        here = self._here
        if here is not None and here is not self._pointed:
            if self._pointed is not None:
                self._pointed.point(False)
            here.point(True)
            self._pointed = here
            self._explain(here)

    def _explain(self, row: FormRow) -> None:
        """Say below the rows what the row means."""
        says = OF_WAY[self._way][0] if row.key == "key" else row.row.says
        self.query_one("#form-says", Static).update(to_content(says))

    # keys

    def action_step(self, by: int) -> None:
        rows = [row for row in self._rows if not row.field.disabled]
        here = self._here
        at = rows.index(here) if here in rows else 0
        to = at + by
        # A step goes round, a page stops at the ends.
        to = to % len(rows) if abs(by) == 1 else max(0, min(len(rows) - 1, to))
        self.set_focus(rows[to].field)

    def on_input_submitted(self) -> None:
        self.action_keep()

    def action_keep(self) -> None:
        self._say(None)
        found = read(self.values, self._profile, self._taken)
        if isinstance(found, Wrong):
            self._refuse(found)
        else:
            self.run_worker(self._store(*found), group="profiles", exclusive=True, exit_on_error=False)

    def _refuse(self, wrong: Wrong) -> None:
        row = self._row(wrong.row)
        if wrong.key and isinstance(row.field, Entry):
            with row.field.prevent(Input.Changed):
                row.field.value = ""
            self._of_way.pop(self._way, None)
        if not row.field.disabled:
            self.set_focus(row.field)
        self._say(row, wrong.words)

    async def _store(self, name: str, profile: EndpointProfile) -> None:
        try:
            await self._keep(name, profile, self._old)
        except ComposerError as error:
            self._say(self._row("name"), str(error))
            return
        if self.is_current:
            self.dismiss(name)

    def on_entry_pasted(self, message: Entry.Pasted) -> None:
        """Several lines pasted: in the presets a line each, elsewhere one line."""
        message.stop()
        lines = [line for line in message.rows if line]
        if message.entry is self._rows[-1].field and self._rows[-1].row is PRESET and lines:
            self._add_presets([*lines[1:], ""])
            message.entry.insert_text_at_cursor(lines[0])
        else:
            message.entry.insert_text_at_cursor(" ".join(lines))

    def action_leave(self) -> None:
        if self.changed and not self._asked:
            self._asked = True
            self.query_one("#form-says", Static).update(
                to_content(
                    f"{Signs.of(self.app).failed} Something was changed. escape again leaves it, enter keeps it."
                )
            )
            return
        self.dismiss(None)

    def action_quit(self) -> None:
        self.dismiss(None)
        self.app.call_later(self.app.action_quit)
