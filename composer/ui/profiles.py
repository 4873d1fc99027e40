"""An endpoint's profile as rows of text, and read from them again: what a form of it shows and gives back. Pure.

What stands in the rows becomes lines of a settings file, and is judged by the settings' own reader, so that the two never differ; what is
wrong is known by its row. It holds no key: only the place of one. It writes no file.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from composer.config import EndpointProfile, Sampling, parse_settings
from composer.errors import SettingsError
from composer.text.clean import one_line
from composer.ui.pricing import LIKE, parse_prices, prices_text
from composer.ui.samplings import parse_sampling, sampling_text, value_text


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
    Row(
        "encoding",
        "counted by",
        "What its tokens are counted with: o200k_base, cl100k_base, or the path of a .tiktoken file.",
        "as the model's name tells",
    ),
    Row(
        "prices",
        "prices",
        "Of a million tokens, sent / written, with the currency; for one model with its name and a colon before it.",
        LIKE,
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
        "prices": prices_text(profile.prices),
    }
    for text in ("model", "kind", "template", "continues", "preset", "encoding"):
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
    lines = [("base_url", f"base_url = {value_text(meant_url(values['base_url'].strip(), base.base_url))}")]
    for text in ("model", "kind", "template", "continues", "encoding"):
        if values[text].strip():
            lines.append((text, f"{text} = {value_text(values[text].strip())}"))
    key = _key_line(values["way"], values["key"].strip())
    if isinstance(key, Wrong):
        return key
    lines += [("key", key)] if key else []
    lines += [(flag, f"{flag} = true") for flag in FLAGS if values[flag]]
    for number in NUMBERS:
        if typed := re.sub(r"(?<=\d)[ ,_\u2009\u202f](?=\d)", "", values[number].strip()):
            whole = re.fullmatch(r"-?[0-9]{1,18}", typed)
            lines.append((number, f"{number} = {int(typed) if whole else value_text(typed)}"))
    try:
        row = "prices"
        for model, price in parse_prices(values["prices"]).items():
            fields = f"input = {price.input!r}, output = {price.output!r}, currency = {value_text(price.currency)}"
            lines.append((row, f"prices.{_key(model)} = {{ {fields} }}"))
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
        lines.append(("preset", f"preset = {value_text(preset)}"))
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
        return f"{way} = {value_text(typed)}"
    try:
        words = shlex.split(typed)
    except ValueError:
        return Wrong("key", "A quote in the command is not closed.")
    return f"{way} = {value_text(words)}"


def _key(name: str) -> str:
    """A name as the settings' file takes it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else value_text(name)


def _table(sampling: Sampling) -> str:
    pairs = []
    for name, value in sampling.items():
        inner = _table(dict(value)) if isinstance(value, dict) else value_text(value)
        pairs.append(f"{_key(name)} = {inner}")
    return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
