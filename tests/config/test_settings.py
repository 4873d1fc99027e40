"""Settings: what may stand in them, which line is named when something else does, and what goes before what."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise

import pytest
from msgspec.structs import fields

from composer import config
from composer.config import (
    EMBEDDED,
    EMBEDDED_PROFILE,
    OPENAI_MODEL,
    OPENAI_URL,
    EndpointProfile,
    Settings,
    effective,
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
        "http://localhost:11434/v1", "llama3.2:3b", "", 8192, 500, {"min_p": 0.05, "stop": ["\n\n"]}
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
        ('[endpoints.local]\nbase_url = "http://a"\nsampling = { x = true }', 3, "numbers, texts"),
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
