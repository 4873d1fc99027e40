"""The settings: one frozen tree, read once and passed down in the smallest piece that serves.

The string below a field is its entry in the manual. Nothing here reads a file or the environment: text and variables are handed
in. No key is part of the settings, only the name of the variable that holds it; addresses are shown without user, password and query.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from composer.errors import SettingsError

EMBEDDED = "embedded"
"""The name of the model that is built in."""
EMBEDDED_URL = "http://embedded/v1"
OPENAI_URL = "https://api.openai.com/v1"
OPENAI_MODEL = "gpt-4.1"
"""Asked of OpenAI when only a key is known: a model that takes every temperature of a ladder."""
OWN_FIELDS = frozenset(
    ("model", "messages", "stream", "stream_options", "n", "seed", "max_tokens", "max_completion_tokens", "tools")
)
"""Fields of a request that the program sets itself, so that no sampling may."""

Value = bool | int | float | str | list[str] | dict[str, float]
Sampling = dict[str, Value]
"""Fields of a request by name, as the field calls them: temperature, top_p, stop, logit_bias, …"""
Server = Literal["", "openai", "openrouter", "ollama", "llamacpp", "vllm", "lmstudio", "litellm", "other"]
Continues = Literal["", "prefill", "final", "prefix", "ask"]
IN_PRESETS = frozenset(("seed", "max_tokens"))
"""Those of them that a preset may have all the same."""
ENCODINGS = ("o200k_base", "cl100k_base")
"""The encodings that go by a name."""
RANKS = ".tiktoken"
"""What a file of ranks ends with."""
TEMPLATES = ("plain", "chatml", "llama3", "mistral", "phi", "server")
"""The chat templates that go by a name."""
Temperature = Annotated[float, Meta(ge=0, le=2)]
Tokens = Annotated[int, Meta(ge=0, le=100_000_000, description="a number of tokens")]


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """What a million tokens cost, sent and written, in a currency of one's own."""

    input: Annotated[float, Meta(ge=0, le=1_000_000, description="what a million tokens cost, a number like 0.15")] = 0
    """What a million tokens cost that are sent."""
    output: Annotated[float, Meta(ge=0, le=1_000_000, description="what a million tokens cost, a number like 0.6")] = 0
    """What a million tokens cost that are written."""
    currency: Annotated[str, Meta(max_length=8, description="a sign or a short name in quotes, like '$' or 'EUR'")] = (
        "$"
    )
    """What it is paid in."""


class EndpointProfile(Struct, frozen=True, forbid_unknown_fields=True):
    """One server that speaks the OpenAI protocol. In the settings: `[endpoints.NAME]`."""

    base_url: Annotated[
        str, Meta(pattern=r"^https?://[^/\s]", description="an address that begins with http:// or https://")
    ]
    """The server's address, mostly ending with /v1. User and password in it are sent as such, in place of a key."""
    model: Annotated[str, Meta(max_length=200, description="the model's name in quotes")] = ""
    """The model to ask for. Empty: the first that the server lists."""
    key_env: Annotated[
        str,
        Meta(
            pattern=r"^([A-Z_][A-Z0-9_]{0,63})?$",
            description="the name, in capitals, of the environment variable that holds the key, never the key itself",
        ),
    ] = ""
    """The environment variable that holds the key. Empty: the server wants none, or the key is elsewhere."""
    key_file: Annotated[str, Meta(max_length=4096, description="the path of a file that holds the key alone")] = ""
    """A file that holds the key alone, readable by you alone."""
    key_command: Annotated[
        tuple[str, ...],
        Meta(
            max_length=32,
            description='a command as a list of words, like ["pass", "show", "openai"], that prints the key',
        ),
    ] = ()
    """A command that prints the key, as a list of words. It is run without a shell."""
    keyring: Annotated[bool, Meta(description="true or false")] = False
    """Whether the key lies in the system keyring, under the endpoint's name."""
    kind: Annotated[
        Server,
        Meta(description='"openai", "openrouter", "ollama", "llamacpp", "vllm", "lmstudio", "litellm" or "other"'),
    ] = ""
    """What server it is, which says what it takes. Empty: by its address and port."""
    window: Tokens = 0
    """Tokens that a request and its answer may hold together. 0: as the server says, else what is known of the model."""
    max_tokens: Tokens = 0
    """Tokens that an answer may have. 0: about a page."""
    sampling: Annotated[
        Sampling, Meta(description="numbers, texts and lists of texts by name, like { top_p = 0.9 }")
    ] = {}
    """More fields of each request: top_p, min_p, stop, … A preset goes before them, and a round's own temperature before all."""
    presets: Annotated[
        dict[str, Sampling],
        Meta(description="names, each with sampling fields, like { wild = { top_p = 1.0, min_p = 0.05 } }"),
    ] = {}
    """Samplings by a name of your own, to choose from for a round."""
    preset: Annotated[str, Meta(max_length=40, description="the name of one of the presets in quotes")] = ""
    """The preset to begin with."""
    template: Annotated[
        str, Meta(max_length=4096, description="the name of a template in quotes, or a file's path")
    ] = ""
    """How chat messages become one text, for base models and servers without a chat format: plain, chatml, llama3, mistral,
    phi, server (the model's own, where the server tells it), or the path of a Jinja file. Empty: the server does it."""
    suffix: Annotated[bool, Meta(description="true or false")] = False
    """Whether the server takes the text behind a hole as `suffix`, where a template is set."""
    encoding: Annotated[
        str, Meta(max_length=4096, description="o200k_base, cl100k_base or the path of a .tiktoken file, in quotes")
    ] = ""
    """What the model's tokens are counted with. Empty: by the model's name where that tells, else an estimate."""
    prices: Annotated[
        dict[str, Price],
        Meta(
            description="prices of a million tokens by the model's name, or '*' for any, like "
            '{ "*" = { input = 0.15, output = 0.6, currency = "$" } }'
        ),
    ] = {}
    """What a million tokens cost. Rounds keep the cost that they had."""
    continues: Annotated[Continues, Meta(description='"prefill", "final", "prefix" or "ask"')] = ""
    """How a begun answer is gone on with: as a last message (prefill), with vLLM's fields (final), with Mistral's and
    DeepSeek's mark (prefix), or by asking in words. Empty: as fits the kind."""
    thinks: Annotated[bool, Meta(description="true or false")] = False
    """Whether answers begin within the model's thoughts, without saying so."""
    logprobs: Annotated[int, Meta(ge=-1, le=20, description="a number from 0 to 20, or -1")] = -1
    """How many other tokens are asked for at each token, to show how sure the model was. 0: none. -1: as fits the kind."""
    concurrency: Annotated[int, Meta(ge=0, le=64, description="a number from 0 to 64")] = 0
    """How many answers are asked for at once; the others wait their turn. 0: as fits the kind."""
    together: Annotated[bool, Meta(description="true or false")] = False
    """Whether candidates that differ in their seed alone are asked for in one request, so that its text is paid for once."""
    first_seconds: Annotated[int, Meta(ge=1, le=3600, description="a number of seconds from 1 to 3600")] = 120
    """How long the server may take until it begins to answer."""
    between_seconds: Annotated[int, Meta(ge=1, le=3600, description="a number of seconds from 1 to 3600")] = 60
    """How long it may then be silent."""

    @property
    def embedded(self) -> bool:
        return self.base_url == EMBEDDED_URL

    @property
    def server(self) -> Server:
        """What server it is, as far as the profile or the address tells; `other` where neither does."""
        return self.kind or kind_of(self.base_url)

    def __repr__(self) -> str:
        return f"EndpointProfile({public_url(self.base_url)!r}, {self.model!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("base_url", public_url(self.base_url)), ("model", self.model)]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The settings file, whole. Every field may be left out."""

    endpoint: Annotated[str, Meta(description="the name of one of the endpoints in quotes, or 'embedded'")] = ""
    """Which endpoint writes. Empty: the first below, else the one of the environment, else the embedded model."""
    endpoints: dict[str, EndpointProfile] = {}
    """The servers that are known, by a name of your own."""
    ladder: Annotated[
        tuple[Temperature, ...],
        Meta(min_length=1, max_length=10, description="1 to 10 temperatures from 0 to 2, like [0.2, 0.6, 1.0]"),
    ] = (0.2, 0.4, 0.6, 0.8, 1.0)
    """The temperatures of a round: one candidate is written at each."""
    theme: Annotated[str, Meta(description="the name of a theme in quotes")] = ""
    """The colours. Empty: those that fit the terminal."""
    mouse: Annotated[bool, Meta(description="true or false")] = False
    """Whether the mouse works too. Off, the terminal's own selecting and copying work as everywhere."""
    sessions_folder: Annotated[str, Meta(description="a folder's path in quotes")] = ""
    """Where new sessions are put. Empty: the user's data folder."""
    fetch_encodings: Annotated[bool, Meta(description="true or false")] = True
    """Whether what counts the tokens of a model of OpenAI is fetched once, in the background, when such a model is asked."""
    keys: Annotated[
        dict[str, str], Meta(description="keys in quotes by the action's name, like { 'round.ask' = 'ctrl+g' }")
    ] = {}
    """Other keys for actions, by the names that the help lists."""


EMBEDDED_PROFILE = EndpointProfile(EMBEDDED_URL)
SERVERS: Mapping[str, str] = {
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "ollama": "Ollama",
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "lmstudio": "LM Studio",
    "litellm": "LiteLLM",
}
"""What people call the servers that are known by name."""
PORTS: dict[int, Server] = {11434: "ollama", 8080: "llamacpp", 8000: "vllm", 1234: "lmstudio", 4000: "litellm"}
"""Where servers on the writer's own computer answer, unless told otherwise."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,39}")
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_CORRECT = "Correct the line, or take it out to get what the program does by itself."

Path = tuple[str, ...]


def public_url(url: str) -> str:
    """An address as it may be shown and stored: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an address that can't be read"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{parts.path}"


def kind_of(base_url: str) -> Server:
    """What server an address belongs to, by its host or port; `other` if they don't tell."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "other"
    hosts: dict[str, Server] = {"api.openai.com": "openai", "openrouter.ai": "openrouter"}
    return hosts.get(host) or PORTS.get(port or 0, "other")


def parse_ladder(text: str) -> tuple[float, ...]:
    """The temperatures of `0.2,0.6,1.0`."""
    try:
        ladder = tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        ladder = ()
    if not 1 <= len(ladder) <= 10 or not all(0 <= value <= 2 for value in ladder):
        raise SettingsError("A ladder is 1 to 10 temperatures from 0 to 2.", "Write it like 0.2,0.6,1.0.")
    return ladder


def parse_settings(text: str, where: str) -> Settings:
    """The settings of a TOML text; `where` names it for people. SettingsError names the line, and what belongs there."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(str(error), text, where) from None
    except RecursionError:
        raise SettingsError(f"{where} is nested too deeply to be read.", "Make it simpler.") from None
    return _Reader(text, where).settings(raw)


def _not_toml(message: str, text: str, where: str) -> SettingsError:
    found = _PLACE.search(message)
    line = int(found[1]) if found and found[1] else max(len(text.splitlines()), 1)
    reason = _PLACE.sub("", message)
    return SettingsError(
        f"{where}, line {line} can't be read: {reason[:1].lower()}{reason[1:]}.",
        'Expected is a line like theme = "nord", with texts in quotes, or a heading like [endpoints.local].',
    )


class _Reader:
    """Turns a TOML tree into settings, and knows the lines that its keys stand on."""

    def __init__(self, text: str, where: str) -> None:
        self._lines = text.splitlines(keepends=True)
        self._where = where

    def settings(self, raw: dict[str, Any]) -> Settings:
        self._printable(raw, ())
        values = self._fields(Settings, {key: value for key, value in raw.items() if key != "endpoints"}, ())
        tables = raw.get("endpoints", {})
        if not isinstance(tables, dict):
            raise self._wrong(("endpoints",), "endpoints takes headings like [endpoints.local].")
        profiles = {name: self._profile(name, table) for name, table in tables.items()}
        settings = Settings(**values, endpoints=profiles)
        if settings.endpoint not in ("", EMBEDDED, *profiles):
            known = ", ".join([*profiles, EMBEDDED])
            raise self._wrong(("endpoint",), f"there is no endpoint of that name. Known are: {known}.")
        return settings

    def _profile(self, name: str, table: Any) -> EndpointProfile:
        path = ("endpoints", name)
        if not _NAME.fullmatch(name) or name == EMBEDDED:
            taken = "is the name of the built-in model" if name == EMBEDDED else "is no name for an endpoint"
            raise self._wrong(path, f"that {taken}. Expected are up to 40 letters, digits and signs of ._:-")
        if not isinstance(table, dict):
            raise self._wrong(path, f"an endpoint takes a heading [endpoints.{name}] and lines below it.")
        if "base_url" not in table:
            raise self._wrong(path, f'endpoints.{name} has no base_url. Expected is base_url = "http://…".')
        prices = self._prices(table.get("prices", {}), (*path, "prices"))
        values = self._fields(EndpointProfile, {key: value for key, value in table.items() if key != "prices"}, path)
        if "prices" in table:
            values["prices"] = prices
        if why := _bad_address(values["base_url"]):
            raise self._wrong((*path, "base_url"), f"base_url {why}.")
        if own := sorted(OWN_FIELDS.intersection(values.get("sampling", ()))):
            raise self._wrong((*path, "sampling", own[0]), f"{own[0]} is set by the program itself.")
        for preset, fields in values.get("presets", {}).items():
            if not _NAME.fullmatch(preset):
                raise self._wrong(
                    (*path, "presets", preset),
                    "that is no name for a preset. Expected are up to 40 letters and digits.",
                )
            if own := sorted((OWN_FIELDS - IN_PRESETS).intersection(fields)):
                raise self._wrong((*path, "presets", preset, own[0]), f"{own[0]} is set by the program itself.")
        if (preset := values.get("preset", "")) and preset not in values.get("presets", {}):
            raise self._wrong((*path, "preset"), f"there is no preset {preset} among the presets of endpoints.{name}.")
        template = values.get("template", "")
        if template and template not in TEMPLATES and not template.endswith((".jinja", ".jinja2", ".json")):
            raise self._wrong(
                (*path, "template"),
                f"there is no template {template}. There are: {', '.join(TEMPLATES)}, or a file that ends with .jinja or .json.",
            )
        encoding = values.get("encoding", "")
        if encoding and encoding not in ENCODINGS and not encoding.endswith(RANKS):
            raise self._wrong(
                (*path, "encoding"),
                f"there is no encoding {encoding}. There are: {', '.join(ENCODINGS)}, or a file that ends with {RANKS}.",
            )
        sources = [key for key in ("key_env", "key_file", "key_command", "keyring") if values.get(key)]
        if len(sources) > 1:
            raise self._wrong((*path, sources[1]), f"a key has one place, and {sources[0]} names one already.")
        return EndpointProfile(**values)

    def _prices(self, tables: Any, path: Path) -> dict[str, Price]:
        """What tokens cost, by models."""
        expected = _expected(get_type_hints(EndpointProfile, include_extras=True)["prices"])
        if not isinstance(tables, dict):
            raise self._wrong(path, f"prices takes {expected}.")
        for model, table in tables.items():
            if not isinstance(table, dict):
                raise self._wrong((*path, model), f"prices takes {expected}.")
            if not model or len(model) > 200:
                raise self._wrong(path, "a price is for a model by its name, or for '*'.")
        return {model: Price(**self._fields(Price, table, (*path, model))) for model, table in tables.items()}

    def _fields(self, struct: type[Struct], table: dict[str, Any], path: Path) -> dict[str, Any]:
        types = get_type_hints(struct, include_extras=True)
        values = {}
        for key, value in table.items():
            if key not in types:
                near = difflib.get_close_matches(key, types, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Expected is one of: {', '.join(types)}."
                raise self._wrong((*path, key), f"there is no setting called {key}. {hint}")
            try:
                values[key] = msgspec.convert(value, types[key])
            except msgspec.ValidationError:
                raise self._wrong((*path, key), f"{key} takes {_expected(types[key])}.") from None
            if not _finite(values[key]):
                raise self._wrong((*path, key), f"{key} takes {_expected(types[key])}.")
        return values

    def _printable(self, value: Any, path: Path) -> None:
        """Settings are shown on the screen, so none may hold what steers a terminal."""
        if isinstance(value, dict):
            for key, inner in value.items():
                if not key.isprintable():
                    raise self._wrong((*path, key), "a name holds a control character.")
                self._printable(inner, (*path, key))
        elif isinstance(value, list):
            for inner in value:
                self._printable(inner, path)
        elif (
            isinstance(value, str)
            and path[:1] + path[2:3] not in (("endpoints", "sampling"), ("endpoints", "presets"))
            and not value.isprintable()
        ):
            raise self._wrong(path, f"{path[-1]} holds a control character. Expected is a text on one line.")

    def _wrong(self, path: Path, what: str) -> SettingsError:
        return SettingsError(f"{self._where}, line {self._line(path)}: {what}", _CORRECT)

    def _line(self, path: Path) -> int:
        """The line on which a key of the tree is given. A longer start of the file is parsed until the key is there."""
        start = 0
        for end in range(1, len(self._lines) + 1):
            try:
                tree: Any = tomllib.loads("".join(self._lines[:end]))
            except tomllib.TOMLDecodeError:
                continue  # within a value of several lines
            for key in path:
                tree = tree.get(key) if isinstance(tree, dict) else None
            if tree is not None:
                return start + 1
            start = end
        return self._line(path[:-1]) if len(path) > 1 else 1


def _expected(kind: Any) -> str:
    for meta in getattr(kind, "__metadata__", ()):
        if meta.description:
            return str(meta.description)
    return "another kind of value"


def _finite(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_finite, value))
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return not isinstance(value, float) or math.isfinite(value)


def _bad_address(url: str) -> str:
    """Why an address can't be used; empty if it can."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        return "takes an address that begins with http:// or https://, like http://localhost:11434/v1"
    return ""


def effective(
    settings: Settings, environ: Mapping[str, str], base_url: str | None = None, model: str | None = None
) -> tuple[Settings, EndpointProfile]:
    """The settings as they apply, and the endpoint that is chosen, which they name and hold.

    Flags go before the settings, these before OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL, and these before the embedded model.
    """
    if base_url is not None:
        name, profile = _of_flag(settings, environ, base_url)
    elif settings.endpoint or settings.endpoints:
        name = settings.endpoint or next(iter(settings.endpoints))
        profile = settings.endpoints.get(name, EMBEDDED_PROFILE)
    elif _variable(environ, "OPENAI_API_KEY") or _variable(environ, "OPENAI_BASE_URL"):
        name, profile = _of_environment(environ)
    else:
        name, profile = EMBEDDED, EMBEDDED_PROFILE
    if model is not None:
        if not model.strip() or not model.isprintable() or len(model) > 200:
            raise SettingsError("--model takes the name of a model.", "Write it like --model llama3.2.")
        profile = replace(profile, model=model.strip())
    return replace(settings, endpoint=name, endpoints={**settings.endpoints, name: profile}), profile


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()


def _of_flag(settings: Settings, environ: Mapping[str, str], base_url: str) -> tuple[str, EndpointProfile]:
    if why := _bad_address(base_url):
        raise SettingsError(f"--base-url {why}.", "Correct the address.")
    for name, profile in settings.endpoints.items():
        if profile.base_url.rstrip("/") == base_url.rstrip("/"):
            return name, profile
    profile = _unnamed(base_url, environ)
    name = _host_name(profile.base_url)
    while name in settings.endpoints or (name == EMBEDDED and not profile.embedded):
        name += "_"
    return name, profile


def _of_environment(environ: Mapping[str, str]) -> tuple[str, EndpointProfile]:
    base_url = _variable(environ, "OPENAI_BASE_URL") or OPENAI_URL
    if why := _bad_address(base_url):
        raise SettingsError(f"The environment variable OPENAI_BASE_URL {why}.", "Correct or unset it.")
    profile = _unnamed(base_url, environ)
    return _host_name(base_url), profile


def _unnamed(base_url: str, environ: Mapping[str, str]) -> EndpointProfile:
    """The profile of a server that only an address is known of."""
    model = _variable(environ, "OPENAI_MODEL")
    if not model.isprintable() or len(model) > 200:
        raise SettingsError("The environment variable OPENAI_MODEL holds no model's name.", "Correct or unset it.")
    openai = _host_name(base_url) == "openai"
    keyed = openai or _variable(environ, "OPENAI_API_KEY")
    return EndpointProfile(base_url, model or (OPENAI_MODEL if openai else ""), "OPENAI_API_KEY" if keyed else "")


def _host_name(base_url: str) -> str:
    host = urlsplit(base_url).hostname or ""
    return "openai" if host == "api.openai.com" else host
