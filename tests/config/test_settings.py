"""Settings: what may stand in them, which line is named when something else does, and what goes before what."""

from __future__ import annotations

import ast
import inspect
from itertools import combinations, pairwise

import pytest
from msgspec.structs import fields

from composer import config
from composer.config import (
    EMBEDDED,
    EMBEDDED_PROFILE,
    IN_PRESETS,
    OPENAI_MODEL,
    OPENAI_URL,
    OWN_FIELDS,
    PORTS,
    EndpointProfile,
    Price,
    Settings,
    effective,
    kind_of,
    parse_ladder,
    parse_settings,
    public_url,
)
from composer.errors import SettingsError

WHOLE = """\
# what I write with
endpoint = "local"
ladder = [0, 0.5, 1.5]
theme = "nord"
mouse = true
sessions_folder = "~/novels"

[keys]
"round.ask" = "ctrl+g"

[endpoints.local]
base_url = "http://localhost:11434/v1"
model = "llama3.2:3b"
window = 8192
max_tokens = 500

[endpoints.local.sampling]
min_p = 0.05
stop = ["\\n\\n"]

[endpoints.cloud]
base_url = "https://example.org/v1"
model = "big"
key_env = "EXAMPLE_KEY"
"""


def refused(text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, "settings.toml")
    assert caught.value.next_step
    return caught.value


def test_every_field_is_read() -> None:
    settings = parse_settings(WHOLE, "settings.toml")
    assert settings.endpoint == "local"
    assert settings.ladder == (0.0, 0.5, 1.5)
    assert settings.theme == "nord"
    assert settings.mouse is True
    assert settings.sessions_folder == "~/novels"
    assert settings.keys == {"round.ask": "ctrl+g"}
    assert settings.endpoints["local"] == EndpointProfile(
        "http://localhost:11434/v1",
        "llama3.2:3b",
        window=8192,
        max_tokens=500,
        sampling={"min_p": 0.05, "stop": ["\n\n"]},
    )
    assert settings.endpoints["cloud"].key_env == "EXAMPLE_KEY"
    assert parse_settings("", "settings.toml") == Settings()


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("theme = nord", 1, "texts in quotes"),
        ('mouse = true\ntheme = "a', 2, "can't be read"),
        ("mouse = true\nmouse = false", 2, "can't be read"),
        ("ladder = [\n  0.2,", 2, "can't be read"),
        ("# first\n\nmouse = 1", 3, "mouse takes true or false"),
        ("theme = 3", 1, "a theme in quotes"),
        ("mouse = false\nladder = [\n 0.2,\n 3.0,\n]\n", 2, "1 to 10 temperatures from 0 to 2"),
        ("ladder = []", 1, "1 to 10"),
        ("ladder = [nan]", 1, "1 to 10"),
        ("ladder = 0.5", 1, "1 to 10"),
        ("ladder = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1]", 1, "1 to 10"),
        ("mouse = true\nladers = [0.2]", 2, "Did you mean ladder?"),
        ("zzz = 1", 1, "Expected is one of: endpoint,"),
        ("keys = 1", 1, "keys in quotes"),
        ('[keys]\n"round.ask" = 1', 1, "keys in quotes"),
        ('mouse = true\nendpoint = "nowhere"', 2, "Known are: embedded"),
        ("endpoints = 1", 1, "[endpoints.local]"),
        ("mouse = true\n[endpoints]\nlocal = 1", 3, "[endpoints.local]"),
        ('\n[endpoints.local]\nmodel = "x"', 2, "no base_url"),
        ('[endpoints.local]\nbase_url = "localhost:80"', 2, "http:// or https://"),
        ('[endpoints.local]\nbase_url = "http://"', 2, "http:// or https://"),
        ('[endpoints.local]\nbase_url = "http://a:b:c/v1"', 2, "http:// or https://"),
        ('[endpoints.local]\nbase_url = "http://a"\nwindow = "8k"', 3, "a number of tokens"),
        ('[endpoints.local]\nbase_url = "http://a"\nwindow = -1', 3, "a number of tokens"),
        ('[endpoints.local]\nbase_url = "http://a"\nmodell = "x"', 3, "Did you mean model?"),
        (
            '[endpoints.local]\nbase_url = "http://a"\n[endpoints.local.sampling]\ntop_k = 4\nseed = 3',
            5,
            "by the program",
        ),
        ('[endpoints.local]\nbase_url = "http://a"\nsampling = { top_k = inf }', 3, "numbers, texts"),
        ('[endpoints.local]\nbase_url = "http://a"\nsampling = { x = [1] }', 3, "numbers, texts"),
        ('[endpoints.local]\nbase_url = "http://a"\nsampling = { x = { a = "b" } }', 3, "numbers, texts"),
        ('[endpoints.embedded]\nbase_url = "http://a"', 1, "the built-in model"),
        ('[endpoints."a b"]\nbase_url = "http://a"', 1, "no name for an endpoint"),
        ('mouse = true\ntheme = "\\u001b[2J"', 2, "control character"),
        ('"\\u0007" = 1', 1, "control character"),
    ],
)
def test_what_is_wrong_names_its_line_and_what_belongs_there(text: str, line: int, expected: str) -> None:
    error = refused(text)
    assert f"settings.toml, line {line}" in error.sentence
    assert expected in str(error)
    assert "\n" not in str(error)
    assert str(error).isprintable()


FULL = """\
[endpoints.rich]
base_url = "http://localhost:8080/v1"
kind = "vllm"
model = "m"
preset = "wild"
template = "chatml"
suffix = true
continues = "final"
thinks = true
logprobs = 5
concurrency = 2
together = true
first_seconds = 600
between_seconds = 30
encoding = "~/ranks/mine.tiktoken"

[endpoints.rich.prices]
"openai/gpt-4o" = { input = 2.5, output = 10, currency = "€" }
"*" = { output = 0.6 }

[endpoints.rich.sampling]
penalize_newline = false

[endpoints.rich.sampling.logit_bias]
15043 = -2

[endpoints.rich.presets.wild]
top_p = 1.0
seed = 7
max_tokens = 90
stop = ["\\n\\n", "\\t"]

[endpoints.rich.presets."very.tame"]
top_k = 20
"""


def test_every_field_of_an_endpoint_is_read() -> None:
    assert parse_settings(FULL, "settings.toml").endpoints["rich"] == EndpointProfile(
        "http://localhost:8080/v1",
        "m",
        kind="vllm",
        sampling={"penalize_newline": False, "logit_bias": {"15043": -2.0}},
        presets={
            "wild": {"top_p": 1.0, "seed": 7, "max_tokens": 90, "stop": ["\n\n", "\t"]},
            "very.tame": {"top_k": 20},
        },
        preset="wild",
        template="chatml",
        suffix=True,
        continues="final",
        thinks=True,
        logprobs=5,
        concurrency=2,
        together=True,
        first_seconds=600,
        between_seconds=30,
        encoding="~/ranks/mine.tiktoken",
        prices={"openai/gpt-4o": Price(2.5, 10.0, "€"), "*": Price(0.0, 0.6, "$")},
    )


def test_a_price_that_is_wrong_is_on_its_own_line() -> None:
    text = '[endpoints.a]\nbase_url = "http://a"\n\n[endpoints.a.prices.m]\ninput = 1\noutput = "2"\n'
    assert "line 6: output takes" in refused(text).sentence


def test_encodings_are_fetched_unless_the_settings_say_otherwise() -> None:
    assert parse_settings("", "settings.toml").fetch_encodings
    assert not parse_settings("fetch_encodings = false", "settings.toml").fetch_encodings
    assert "true or false" in str(refused("fetch_encodings = 1"))


def test_what_an_endpoint_does_by_itself() -> None:
    plain = parse_settings('[endpoints.a]\nbase_url = "http://a"', "settings.toml").endpoints["a"]
    assert plain == EndpointProfile("http://a")
    assert (plain.key_env, plain.key_file, plain.key_command, plain.keyring) == ("", "", (), False)
    assert (plain.kind, plain.template, plain.continues, plain.preset) == ("", "", "", "")
    assert (plain.suffix, plain.thinks, plain.together) == (False, False, False)
    assert (plain.logprobs, plain.concurrency) == (-1, 0)
    assert (plain.first_seconds, plain.between_seconds) == (120, 60)
    assert plain.presets == plain.sampling == {}


KEYS = {
    "key_env": ('"CLOUD_KEY"', "CLOUD_KEY"),
    "key_file": ('"~/keys/cloud"', "~/keys/cloud"),
    "key_command": ('["pass", "show", "cloud"]', ("pass", "show", "cloud")),
    "keyring": ("true", True),
}
NONE = {"key_env": '""', "key_file": '""', "key_command": "[]", "keyring": "false"}


@pytest.mark.parametrize("place", KEYS)
def test_a_key_may_be_in_one_place(place: str) -> None:
    others = "".join(f"{other} = {none}\n" for other, none in NONE.items() if other != place)
    text = f'[endpoints.a]\nbase_url = "http://a"\n{others}{place} = {KEYS[place][0]}\n'
    profile = parse_settings(text, "settings.toml").endpoints["a"]
    assert getattr(profile, place) == KEYS[place][1]


@pytest.mark.parametrize(("one", "other"), list(combinations(KEYS, 2)))
def test_a_key_may_not_be_in_two_places(one: str, other: str) -> None:
    error = refused(
        f'[endpoints.a]\nbase_url = "http://a"\n{other} = {KEYS[other][0]}\nmodel = "m"\n{one} = {KEYS[one][0]}\n'
    )
    assert f"a key has one place, and {one} names one already" in error.sentence
    assert "line 3" in error.sentence


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('kind = "lama"', '"llamacpp"'),
        ("kind = 1", '"openrouter"'),
        ('continues = "maybe"', '"prefill", "final", "prefix" or "ask"'),
        ("suffix = 1", "true or false"),
        ("thinks = 1", "true or false"),
        ("together = 1", "true or false"),
        ("keyring = 1", "true or false"),
        ("logprobs = 21", "0 to 20"),
        ("logprobs = -2", "0 to 20"),
        ("logprobs = true", "0 to 20"),
        ("concurrency = 65", "0 to 64"),
        ("concurrency = -1", "0 to 64"),
        ("first_seconds = 0", "1 to 3600"),
        ("between_seconds = 3601", "1 to 3600"),
        ("between_seconds = 2.5", "1 to 3600"),
        ('key_command = "pass show cloud"', 'like ["pass", "show", "openai"]'),
        ("key_command = [1]", "a list of words"),
        ('key_command = ["a\\u0007b"]', "control character"),
        ('key_file = "a\\nb"', "control character"),
        ("key_file = 1", "the path of a file"),
        ("template = 1", "the name of a template"),
        ('template = "a\\u001bb"', "control character"),
        ("presets = 1", "names, each with sampling fields"),
        ("presets = { wild = 1 }", "names, each with sampling fields"),
        ("presets = { wild = { top_p = nan } }", "names, each with sampling fields"),
        ('presets = { wild = { stop = "a" }, "a b" = {} }', "no name for a preset"),
        ('presets = { "" = {} }', "no name for a preset"),
        ('preset = "wild"', "no preset wild among the presets of endpoints.a"),
        ('preset = "wild"\npresets = { tame = {} }', "no preset wild"),
        ("preset = 1", "one of the presets in quotes"),
        ("encoding = 1", "o200k_base, cl100k_base or the path"),
        ('encoding = "o200k"', "there is no encoding o200k. There are: o200k_base, cl100k_base, or a file"),
        ('encoding = "a\\u0007b.tiktoken"', "control character"),
        ("prices = 1", "prices of a million tokens by the model's name"),
        ("prices = { m = 1 }", "prices of a million tokens by the model's name"),
        ('prices = { m = { input = "1" } }', "input takes what a million tokens cost, a number like 0.15"),
        ("prices = { m = { input = 1, output = -1 } }", "output takes what a million tokens cost"),
        ("prices = { m = { input = inf } }", "input takes what a million tokens cost"),
        ("prices = { m = { input = nan } }", "input takes what a million tokens cost"),
        ("prices = { m = { inptu = 1 } }", "there is no setting called inptu. Did you mean input?"),
        ('prices = { m = { currency = "guilders of old" } }', "a sign or a short name in quotes"),
        ('prices = { m = { currency = "\\u001b" } }', "control character"),
        ('prices = { "" = { input = 1 } }', "for a model by its name, or for '*'"),
    ],
)
def test_what_no_endpoint_takes_is_named_with_what_it_takes(line: str, expected: str) -> None:
    error = refused(f'[endpoints.a]\nbase_url = "http://a"\n{line}\n')
    assert "settings.toml, line 3" in error.sentence
    assert expected in str(error)
    assert str(error).isprintable()


@pytest.mark.parametrize("field", sorted(OWN_FIELDS))
def test_what_the_program_sets_is_in_no_sampling_and_little_of_it_in_presets(field: str) -> None:
    start = '[endpoints.a]\nbase_url = "http://a"\n'
    assert f"{field} is set by the program" in refused(f"{start}[endpoints.a.sampling]\n{field} = 1").sentence
    preset = f"{start}[endpoints.a.presets.x]\ntop_k = 1\n{field} = 1"
    if field in IN_PRESETS:
        assert parse_settings(preset, "settings.toml").endpoints["a"].presets == {"x": {"top_k": 1, field: 1}}
    else:
        error = refused(preset)
        assert f"line 5: {field} is set by the program" in error.sentence


@pytest.mark.parametrize(
    ("base_url", "kind"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://API.OpenAI.com:443/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://me:secret@openrouter.ai/api/v1?a=b", "openrouter"),
        ("http://localhost:11434/v1", "ollama"),
        ("http://192.168.1.5:8080", "llamacpp"),
        ("http://[::1]:8000/v1", "vllm"),
        ("http://gpu.example.org:1234/v1", "lmstudio"),
        ("http://127.0.0.1:4000", "litellm"),
        ("https://openai.example.org/v1", "other"),
        ("https://api.openai.com.example.org/v1", "other"),
        ("https://example.org/11434", "other"),
        ("http://a:b:c/", "other"),
        ("http://a:99999/", "other"),
    ],
)
def test_the_kind_of_a_server_is_told_by_its_address(base_url: str, kind: str) -> None:
    assert kind_of(base_url) == kind
    assert EndpointProfile(base_url).server == kind
    assert EndpointProfile(base_url, kind="vllm").server == "vllm"


def test_each_usual_port_is_that_of_one_kind() -> None:
    assert len(set(PORTS.values())) == len(PORTS) == 5
    for port, kind in PORTS.items():
        assert kind_of(f"http://localhost:{port}/v1") == kind


def test_nesting_without_end_is_refused() -> None:
    assert "nested too deeply" in refused("a = " + "[" * 100_000).sentence


def test_a_key_in_place_of_its_variable_is_refused_unseen(secret: str) -> None:
    error = refused(f'[endpoints.cloud]\nbase_url = "https://example.org/v1"\nkey_env = "{secret}"')
    assert "line 3" in error.sentence
    assert "never the key itself" in error.sentence
    assert secret not in str(error)


@pytest.mark.parametrize(
    ("text", "ladder"),
    [("0.2,0.6,1.0", (0.2, 0.6, 1.0)), (" 0 2 ", (0.0, 2.0)), ("0.7", (0.7,)), ("1, .5", (1.0, 0.5))],
)
def test_a_ladder_is_read(text: str, ladder: tuple[float, ...]) -> None:
    assert parse_ladder(text) == ladder


@pytest.mark.parametrize("text", ["", "a", "0.2;0.3", "-0.1", "2.1", "nan", "inf", ",".join(["1"] * 11)])
def test_what_is_no_ladder_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="1 to 10 temperatures"):
        parse_ladder(text)


LOCAL = Settings(endpoints={"local": EndpointProfile("http://localhost:8080/v1", "mine", window=4096)})


def test_nothing_gives_the_embedded_model() -> None:
    settings, profile = effective(Settings(), {})
    assert settings.endpoint == EMBEDDED
    assert profile is EMBEDDED_PROFILE
    assert profile.embedded
    assert settings.endpoints[EMBEDDED] is profile


def test_a_key_alone_gives_openai(secret: str) -> None:
    settings, profile = effective(Settings(), {"OPENAI_API_KEY": secret})
    assert (profile.base_url, profile.model, profile.key_env) == (OPENAI_URL, OPENAI_MODEL, "OPENAI_API_KEY")
    assert settings.endpoint == "openai"
    assert secret not in repr(settings) + repr(profile)


def test_an_address_alone_gives_that_server_without_a_key() -> None:
    settings, profile = effective(Settings(), {"OPENAI_BASE_URL": "http://localhost:8080/v1", "OPENAI_MODEL": "tiny"})
    assert (profile.base_url, profile.model, profile.key_env) == ("http://localhost:8080/v1", "tiny", "")
    assert settings.endpoint == "localhost"


def test_settings_go_before_the_environment(secret: str) -> None:
    environ = {"OPENAI_API_KEY": secret, "OPENAI_BASE_URL": "http://elsewhere/v1"}
    settings, profile = effective(LOCAL, environ)
    assert profile is LOCAL.endpoints["local"]
    assert settings.endpoint == "local"
    assert effective(Settings(endpoint=EMBEDDED), environ)[1].embedded


def test_flags_go_before_the_settings(secret: str) -> None:
    environ = {"OPENAI_API_KEY": secret}
    settings, profile = effective(LOCAL, environ, "http://127.0.0.1:9/v1", "other")
    assert (profile.base_url, profile.model, profile.key_env) == ("http://127.0.0.1:9/v1", "other", "OPENAI_API_KEY")
    assert settings.endpoints[settings.endpoint] is profile
    assert effective(LOCAL, environ, model="other")[1] == EndpointProfile(
        "http://localhost:8080/v1", "other", window=4096
    )


def test_the_address_of_a_known_endpoint_is_that_endpoint() -> None:
    assert effective(LOCAL, {}, "http://localhost:8080/v1/")[0].endpoint == "local"


def test_a_name_is_never_given_twice() -> None:
    known = Settings(endpoints={"localhost": EndpointProfile("http://localhost:1/v1", "a")})
    settings, profile = effective(known, {}, "http://localhost:2/v1")
    assert settings.endpoints["localhost"].model == "a"
    assert settings.endpoints[settings.endpoint] is profile


def test_blank_variables_are_none() -> None:
    assert effective(Settings(), {"OPENAI_API_KEY": " ", "OPENAI_BASE_URL": ""})[1].embedded


@pytest.mark.parametrize(
    ("environ", "base_url", "model", "named"),
    [
        ({"OPENAI_BASE_URL": "localhost"}, None, None, "OPENAI_BASE_URL"),
        ({"OPENAI_API_KEY": "k", "OPENAI_MODEL": "\x1b[2J"}, None, None, "OPENAI_MODEL"),
        ({}, "localhost:11434", None, "--base-url"),
        ({}, "", None, "--base-url"),
        ({}, "http://a b/", None, "--base-url"),
        ({}, None, " ", "--model"),
        ({}, None, "\x1b[2J", "--model"),
    ],
)
def test_what_is_wrong_outside_the_file_is_named(
    environ: dict[str, str], base_url: str | None, model: str | None, named: str
) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        effective(Settings(), environ, base_url, model)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pass@example.org:8443/v1?key=abc#x", "https://example.org:8443/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("http://a:b:c/", "an address that can't be read"),
    ],
)
def test_an_address_is_shown_without_what_is_secret(url: str, shown: str) -> None:
    assert public_url(url) == shown


def test_no_secret_of_an_address_is_in_a_repr(secret: str) -> None:
    profile = EndpointProfile(f"https://me:{secret}@example.org/v1?key={secret}", "big")
    assert secret not in repr(profile)
    assert secret not in repr(Settings(endpoints={"cloud": profile}))
    assert secret not in str(profile.__rich_repr__())


def test_every_field_has_its_entry_in_the_manual() -> None:
    tree = ast.parse(inspect.getsource(config))
    for struct in (Settings, EndpointProfile):
        (body,) = [node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == struct.__name__]
        described = {
            node.target.id
            for node, below in pairwise(body)
            if isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        }
        assert described == {field.name for field in fields(struct)}
