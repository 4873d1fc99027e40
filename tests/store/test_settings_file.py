"""The settings file written back: what was wanted stands in it, all else is as it was, and it is never spoilt."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from composer.config import OWN_FIELDS, EndpointProfile, Price, Settings, parse_settings
from composer.errors import SettingsError
from composer.store import settings_file
from composer.store.settings_file import drop_profile, write_profile, write_value

WHOLE = """\
# what I write with
endpoint = "local"  # the quiet one
ladder = [0, 0.5]
# theme = "nord"

# at home
[endpoints.local]
base_url = "http://localhost:11434/v1"   # Ollama
model = 'small'
# window = 4096

# rented
[endpoints.cloud]   # dear
key_env = "CLOUD_KEY"
base_url = "https://example.org/v1"

[endpoints.cloud.sampling]
top_p = 0.9  # not less
stop = [
  "one",
  "two",
]

# never these
[keys]
"round.ask" = "f5"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "settings.toml"
    made.write_text(WHOLE)
    return made


def settings(path: Path) -> Settings:
    return parse_settings(path.read_text(), str(path))


def profile(path: Path, name: str) -> EndpointProfile:
    return settings(path).endpoints[name]


def lines(path: Path, change: Callable[[], None]) -> tuple[list[str], list[str]]:
    """The lines that a change took out of the file, and those that it put in; the others are in their order."""
    before = path.read_text().splitlines()
    change()
    after = path.read_text().splitlines()
    gone = [line for line in before if line not in after]
    new = [line for line in after if line not in before]
    assert [line for line in before if line and line in after] == [line for line in after if line and line in before]
    return gone, new


def refused(path: Path, change: Callable[[], None]) -> str:
    """Why a change was refused; the file is as it was, and nothing lies beside it."""
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(SettingsError) as caught:
        change()
    assert caught.value.next_step
    assert "\n" not in str(caught.value)
    assert (path.read_bytes() if path.exists() else None) == before
    assert [each.name for each in path.parent.iterdir()] == ([path.name] if before is not None else [])
    return str(caught.value)


def test_one_field_is_changed_in_place(path: Path) -> None:
    local = replace(profile(path, "local"), model="large")
    gone, new = lines(path, lambda: write_profile(path, "local", local))
    assert (gone, new) == (["model = 'small'"], ['model = "large"'])
    assert profile(path, "local") == local


def test_a_new_field_stands_with_the_others_of_its_endpoint(path: Path) -> None:
    local = replace(profile(path, "local"), window=8192)
    assert lines(path, lambda: write_profile(path, "local", local)) == ([], ["window = 8192"])
    assert "# window = 4096\nwindow = 8192\n\n# rented\n[endpoints.cloud]   # dear\n" in path.read_text()


def test_a_field_that_is_as_usual_is_taken_out(path: Path) -> None:
    cloud = replace(profile(path, "cloud"), key_env="", keyring=True)
    gone, new = lines(path, lambda: write_profile(path, "cloud", cloud))
    assert (gone, new) == (['key_env = "CLOUD_KEY"'], ["keyring = true"])
    assert '[endpoints.cloud]   # dear\nbase_url = "https://example.org/v1"\nkeyring = true\n\n' in path.read_text()


def test_a_usual_value_that_the_writer_wrote_stays(path: Path) -> None:
    path.write_text('[endpoints.a]\nbase_url = "http://a"\nkey_env = ""  # none\nwindow = 0\n')
    assert lines(path, lambda: write_profile(path, "a", EndpointProfile("http://a", "m"))) == ([], ['model = "m"'])


PRICED = """\
[endpoints.home]
base_url = "http://localhost:8080/v1"
# power alone
prices = { "*" = { input = 0.5, currency = "$" } } # a guess

[endpoints.cloud]
base_url = "https://example.org/v1"

# from their page
[endpoints.cloud.prices."openai/gpt-4o"] # dear
input = 2.5   # sent
output = 10
# in dollars
currency = "$"

# the small one
[endpoints.cloud.prices.mini]
output = 0.6

# never these
[keys]
"""


def test_prices_are_changed_in_place_and_keep_their_comments(path: Path) -> None:
    path.write_text(PRICED)
    cloud, home = profile(path, "cloud"), profile(path, "home")
    assert lines(path, lambda: write_profile(path, "cloud", replace(cloud, model="m"))) == ([], ['model = "m"'])
    dearer = replace(cloud, model="m", prices={**cloud.prices, "openai/gpt-4o": Price(3.5, 10)})
    changed = lines(path, lambda: write_profile(path, "cloud", dearer))
    assert changed == (["input = 2.5   # sent"], ["input = 3.5   # sent"])
    more = replace(dearer, prices={**dearer.prices, "new": Price(1, 0, "EUR")})
    gone, new = lines(path, lambda: write_profile(path, "cloud", more))
    assert (gone, new) == ([], ["[endpoints.cloud.prices.new]", "input = 1", 'currency = "EUR"'])
    assert profile(path, "cloud") == more
    fewer = replace(more, prices={"mini": Price(0, 0.6)})
    gone, new = lines(path, lambda: write_profile(path, "cloud", fewer))
    assert new == []
    assert '[endpoints.cloud.prices."openai/gpt-4o"] # dear' in gone
    assert "# the small one\n[endpoints.cloud.prices.mini]\noutput = 0.6\n\n# never these" in path.read_text()
    changed = lines(path, lambda: write_profile(path, "home", replace(home, prices={"*": Price(0.7)})))
    assert changed == (
        ['prices = { "*" = { input = 0.5, currency = "$" } } # a guess'],
        ['prices = { "*" = { input = 0.7, currency = "$" } } # a guess'],
    )
    write_profile(path, "home", replace(home, prices={}))
    assert profile(path, "home") == EndpointProfile(home.base_url)
    assert profile(path, "cloud") == fewer


def test_prices_and_an_encoding_are_written_as_they_are_read(path: Path) -> None:
    dear = EndpointProfile(
        "http://a/v1",
        encoding="~/my ranks.tiktoken",
        prices={"*": Price(), "a.b": Price(0.5, 1.5), "c": Price(0, 2, "¥")},
    )
    write_profile(path, "dear", dear)
    assert profile(path, "dear") == dear
    assert lines(path, lambda: write_profile(path, "dear", dear)) == ([], [])


def test_tables_get_headings_beside_their_endpoint(path: Path) -> None:
    presets: dict[str, Any] = {"wild": {"min_p": 0.05, "stop": ["\n\n"], "logit_bias": {"12": -1.5}}, "plain": {}}
    local = replace(profile(path, "local"), sampling={"top_k": 4, "mirostat": True}, presets=presets, preset="wild")
    gone, _ = lines(path, lambda: write_profile(path, "local", local))
    assert gone == []
    assert profile(path, "local") == local
    text = path.read_text()
    order = ["[endpoints.local]", "[endpoints.local.sampling]", "[endpoints.local.presets.wild]", "# rented"]
    assert sorted(order, key=text.index) == order
    tame = replace(local, presets={"wild": {"min_p": 0.1, "stop": ["\n\n"]}, "tame": {"top_p": 0.5}})
    write_profile(path, "local", tame)
    assert profile(path, "local") == tame
    write_profile(path, "local", replace(local, presets={}, preset="", sampling={}))
    assert "[endpoints.local." not in path.read_text()
    assert profile(path, "cloud").sampling == {"top_p": 0.9, "stop": ["one", "two"]}


def test_a_table_is_changed_in_place(path: Path) -> None:
    cloud = replace(profile(path, "cloud"), sampling={"top_p": 0.8, "stop": ["one", "two"], "min_p": 0.1})
    gone, new = lines(path, lambda: write_profile(path, "cloud", cloud))
    assert (gone, new) == (["top_p = 0.9  # not less"], ["top_p = 0.8  # not less", "min_p = 0.1"])


def test_true_is_not_one(path: Path) -> None:
    cloud = replace(profile(path, "cloud"), sampling={"x": True})
    write_profile(path, "cloud", cloud)
    write_profile(path, "cloud", replace(cloud, sampling={"x": 1}))
    assert "x = 1\n" in path.read_text()


def test_what_changes_nothing_writes_nothing(path: Path) -> None:
    path.write_text(WHOLE.rstrip("\n"))
    before = path.stat()
    for name in ("local", "cloud"):
        write_profile(path, name, profile(path, name))
    write_value(path, "ladder", (0.0, 0.5))
    write_value(path, "theme", "")
    assert path.stat() == before


def test_a_new_endpoint_comes_after_the_others(path: Path) -> None:
    added = EndpointProfile("http://localhost:8080/v1", key_command=("pass", "show", "it"), template="chatml")
    gone, new = lines(path, lambda: write_profile(path, "my.own", added))
    assert gone == []
    assert new == [
        '[endpoints."my.own"]',
        'base_url = "http://localhost:8080/v1"',
        'key_command = ["pass", "show", "it"]',
        'template = "chatml"',
    ]
    assert list(settings(path).endpoints) == ["local", "cloud", "my.own"]
    assert profile(path, "my.own") == added
    assert path.read_text().endswith('template = "chatml"\n\n# never these\n[keys]\n"round.ask" = "f5"\n')


def test_a_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.toml"
    before = os.umask(0)
    try:
        write_profile(path, "home", EndpointProfile("http://localhost:1234/v1"))
    finally:
        os.umask(before)
    assert path.read_text() == '[endpoints.home]\nbase_url = "http://localhost:1234/v1"\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    other = tmp_path / "other.toml"
    write_value(other, "theme", "")
    assert not other.exists()
    write_value(other, "theme", "nord")
    assert other.read_text() == 'theme = "nord"\n'


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640])
def test_the_mode_of_a_file_stays(mode: int, path: Path) -> None:
    path.chmod(mode)
    write_value(path, "theme", "nord")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert settings(path).theme == "nord"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    target = tmp_path / "dotfiles" / "settings.toml"
    link = tmp_path / "settings.toml"
    link.symlink_to(Path("dotfiles") / "settings.toml")
    write_value(link, "theme", "nord")
    write_value(link, "theme", "dusk")
    assert link.is_symlink()
    assert target.read_text() == 'theme = "dusk"\n'
    assert [each.name for each in target.parent.iterdir()] == ["settings.toml"]


def test_an_endpoint_is_renamed_where_it_stands(path: Path) -> None:
    cloud = replace(profile(path, "cloud"), model="big")
    gone, new = lines(path, lambda: write_profile(path, "sky.net", cloud, "cloud"))
    assert gone == ["[endpoints.cloud]   # dear", "[endpoints.cloud.sampling]"]
    assert new == ['[endpoints."sky.net"]   # dear', 'model = "big"', '[endpoints."sky.net".sampling]']
    assert profile(path, "sky.net") == cloud
    assert settings(path).endpoint == "local"


def test_the_chosen_endpoint_stays_chosen_by_its_new_name(path: Path) -> None:
    local = profile(path, "local")
    gone, new = lines(path, lambda: write_profile(path, "home", local, "local"))
    assert gone == ['endpoint = "local"  # the quiet one', "[endpoints.local]"]
    assert new == ['endpoint = "home"  # the quiet one', "[endpoints.home]"]
    assert list(settings(path).endpoints) == ["home", "cloud"]


def test_no_endpoint_is_renamed_to_another(path: Path) -> None:
    local = profile(path, "local")
    assert "called cloud already" in refused(path, lambda: write_profile(path, "cloud", local, "local"))
    assert "called nowhere" in refused(path, lambda: write_profile(path, "new", local, "nowhere"))


def test_an_endpoint_is_taken_out_and_no_comment_of_others(path: Path) -> None:
    gone, new = lines(path, lambda: drop_profile(path, "cloud"))
    assert new == []
    assert gone[0] == "[endpoints.cloud]   # dear"
    assert gone[-1] == "]"
    assert not [line for line in gone if line.startswith("#")]
    assert list(settings(path).endpoints) == ["local"]
    assert "\n\n\n" not in path.read_text()


def test_the_chosen_endpoint_is_taken_out(path: Path) -> None:
    gone, new = lines(path, lambda: drop_profile(path, "local"))
    assert new == []
    assert [line for line in gone if line.startswith("#")] == ["# window = 4096"]
    assert settings(path).endpoint == ""
    assert "local, cloud" not in refused(path, lambda: drop_profile(path, "local"))
    assert "Those in there: cloud." in refused(path, lambda: drop_profile(path, "local"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "nord"\n'),
        ("mouse = true", 'mouse = true\ntheme = "nord"\n'),
        ("# mine\n", '# mine\ntheme = "nord"\n'),
        ("[keys]\n", 'theme = "nord"\n\n[keys]\n'),
        ("# keys\n[keys]\n", 'theme = "nord"\n\n# keys\n[keys]\n'),
        ("# mine\n\n# keys\n[keys]\n", '# mine\ntheme = "nord"\n\n# keys\n[keys]\n'),
        ("# mine\n\n# yours\n", '# mine\ntheme = "nord"\n\n# yours\n'),
        ("mouse = true\n\n# keys\n[keys]\n", 'mouse = true\ntheme = "nord"\n\n# keys\n[keys]\n'),
        ("mouse = true\n# keys\n[keys]\n", 'mouse = true\ntheme = "nord"\n# keys\n[keys]\n'),
        ('theme = "x" # mine\nmouse = true\n', 'theme = "nord" # mine\nmouse = true\n'),
        ("mouse = true\r\n[keys]\r\n", 'mouse = true\r\ntheme = "nord"\r\n[keys]\r\n'),
    ],
)
def test_a_value_stands_before_all_tables(before: str, after: str, path: Path) -> None:
    path.write_bytes(before.encode())
    write_value(path, "theme", "nord")
    assert path.read_bytes() == after.encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# mine\n", '# mine\n\n[endpoints.a]\nbase_url = "http://a"\n'),
        ("# mine\n\n# more", '# mine\n\n# more\n\n[endpoints.a]\nbase_url = "http://a"\n'),
        ("mouse = true\n", 'mouse = true\n\n[endpoints.a]\nbase_url = "http://a"\n'),
        ("# k\n[keys]\nx = 'y'\n", "# k\n[keys]\nx = 'y'\n\n[endpoints.a]\nbase_url = \"http://a\"\n"),
    ],
)
def test_the_first_endpoint_has_its_heading_apart(before: str, after: str, path: Path) -> None:
    path.write_text(before)
    write_profile(path, "a", EndpointProfile("http://a"))
    assert path.read_text() == after


def test_values_are_written_and_taken_out(path: Path) -> None:
    write_value(path, "endpoint", "cloud")
    write_value(path, "ladder", [0.1, 2])
    assert (settings(path).endpoint, settings(path).ladder) == ("cloud", (0.1, 2.0))
    assert 'endpoint = "cloud"  # the quiet one\n' in path.read_text()
    write_value(path, "endpoint", "")
    write_value(path, "ladder", Settings().ladder)
    assert "ladder" not in path.read_text()
    assert settings(path).endpoint == ""


LAID_OUT = {
    "dotted": "endpoints.a.base_url = 'http://a'\nendpoints.a.window = 5 # five\nmouse = true\n",
    "dotted below": "mouse = true\n[endpoints]\na.base_url = 'http://a'\na.window = 5 # five\n",
    "on one line": "endpoints = { a = { base_url = 'http://a', window = 5 } } # five\nmouse = true\n",
    "on one line below": "mouse = true\n[endpoints]\na = { base_url = 'http://a', window = 5 } # five\n[keys]\n",
    "apart": "mouse = true\n[endpoints.a]\nbase_url = 'http://a'\nwindow = 5\n[keys]\n# five\n[endpoints.a.sampling]\n",
    "quoted": "mouse = true\n['endpoints' . \"a\"] # five\n  base_url = 'http://a'\n  window = 5\n",
    "sampling first": "mouse = true\n[endpoints.a.sampling] # five\n[endpoints.a]\nbase_url = 'http://a'\nwindow = 5\n",
    "lookalikes": "mouse = true\n[endpoints.a]\nbase_url = 'http://a'\nwindow = 5\nsampling = { stop = ['''\n"
    '[endpoints.b]\n# five \'\'\', \'#\', """\n]"""] }\n',
}


@pytest.mark.parametrize("text", LAID_OUT.values(), ids=LAID_OUT.keys())
def test_files_may_be_laid_out_otherwise(text: str, path: Path) -> None:
    text = f"# kept\n{text}"
    path.write_text(text)
    start = profile(path, "a")
    for name, old, changed in [
        ("a", "", replace(start, window=6)),
        ("a", "", replace(start, model="m", window=0)),
        ("a", "", replace(start, sampling={"top_p": 0.5}, presets={"x": {"top_k": 1}})),
        ("b", "a", start),
        ("b", "", EndpointProfile("http://b", sampling={"top_p": 0.5})),
    ]:
        path.write_text(text)
        write_profile(path, name, changed, old)
        assert settings(path) == Settings(mouse=True, endpoints={**({} if old else {"a": start}), name: changed})
        assert path.read_text().startswith("# kept\n")
    path.write_text(text)
    drop_profile(path, "a")
    assert settings(path) == Settings(mouse=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("theme = nord", "line 1"),
        ("mouse = true\n[keys\n", "line 2"),
        ("mouse = true\nmouse = false\n", "line 2"),
        ("mouse = true\nladers = [1]\n", "line 2"),
        ('[endpoints.a]\nmodel = "x"\n', "no base_url"),
    ],
)
def test_a_broken_file_is_never_overwritten(text: str, told: str, path: Path) -> None:
    path.write_text(text)
    assert told in refused(path, lambda: write_value(path, "theme", "nord"))
    assert told in refused(path, lambda: write_profile(path, "b", EndpointProfile("http://b")))
    assert told in refused(path, lambda: drop_profile(path, "a"))


def test_a_file_that_is_no_text_is_never_overwritten(path: Path) -> None:
    path.write_bytes(b"mouse = true\ntheme = 'caf\xe9'\n")
    assert "line 2: this is not UTF-8" in refused(path, lambda: write_value(path, "theme", "nord"))


@pytest.mark.parametrize(
    ("name", "made", "told"),
    [
        ("a b", EndpointProfile("http://a"), "no name for an endpoint"),
        ("embedded", EndpointProfile("http://a"), "built-in model"),
        ("a", EndpointProfile("localhost"), "base_url takes an address"),
        ("a", EndpointProfile("http://a", "\x1b[2J"), "control character"),
        ("a", EndpointProfile("http://a", "\ud800"), "half a character"),
        ("a", EndpointProfile("http://a", window=-1), "window takes a number of tokens"),
        ("a", EndpointProfile("http://a", preset="x"), "no preset x"),
        ("a", EndpointProfile("http://a", key_env="A", keyring=True), "a key has one place"),
        ("a", EndpointProfile("http://a", sampling={"x": float("nan")}), "sampling takes"),
        ("a", EndpointProfile("http://a", sampling={"seed": 1}), "seed is set by the program"),
    ],
)
def test_what_the_settings_can_not_hold_is_not_written(name: str, made: EndpointProfile, told: str, path: Path) -> None:
    said = refused(path, lambda: write_profile(path, name, made))
    assert told in said
    assert ", line" not in said


def test_an_endpoint_that_is_not_there_is_not_chosen(path: Path) -> None:
    assert "Known are: local, cloud, embedded" in refused(path, lambda: write_value(path, "endpoint", "nowhere"))
    write_value(path, "endpoint", "embedded")
    assert settings(path).endpoint == "embedded"


def test_what_would_be_read_otherwise_is_not_written(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    text = settings_file._Sheet.text
    for spoil in ("mouse = true\n", "mouse = tru\n"):
        monkeypatch.setattr(settings_file._Sheet, "text", lambda sheet, spoil=spoil: spoil + text(sheet))
        assert "without harm" in refused(path, lambda: write_value(path, "theme", "nord"))


def test_what_another_program_writes_meanwhile_stays(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    replace_file = settings_file._replace
    times: list[int] = []

    def late(place: Path, content: bytes | None, written: str) -> bool:
        if not times:
            times.append(1)
            path.write_text(path.read_text() + '"round.more" = "f6"\n')
        return replace_file(place, content, written)

    monkeypatch.setattr(settings_file, "_replace", late)
    write_value(path, "theme", "nord")
    assert settings(path).theme == "nord"
    assert settings(path).keys == {"round.ask": "f5", "round.more": "f6"}
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_that_another_program_always_changes_is_given_up(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(settings_file, "_replace", lambda *words: False)
    assert "all the time" in refused(path, lambda: write_value(path, "theme", "nord"))


def test_what_can_not_be_written_is_told(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert "No space left on device" in refused(path, lambda: write_value(path, "theme", "nord"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *words: False)
        assert "may not be written" in refused(path, lambda: write_value(path, "theme", "nord"))
    (path.parent / "folder").mkdir()
    with pytest.raises(SettingsError, match="can't be read"):
        write_value(path.parent / "folder", "theme", "nord")
    with pytest.raises(SettingsError, match="can't be read"):
        write_value(path / "settings.toml", "theme", "nord")


words = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)
numbers = st.integers(-5, 5) | st.floats(-2, 2) | st.booleans()
fields = st.dictionaries(
    words.filter(lambda word: word not in OWN_FIELDS), numbers | words | st.lists(words, max_size=3), max_size=3
)
profiles = st.builds(
    EndpointProfile,
    base_url=st.sampled_from(["http://a", "https://example.org/v1?key=a"]),
    model=words,
    window=st.integers(0, 9),
    key_command=st.lists(words, max_size=2).map(tuple),
    sampling=fields,
    presets=st.dictionaries(st.sampled_from(["x", "y", "z.z"]), fields, max_size=2),
    prices=st.dictionaries(
        st.sampled_from(["m", "maker/m", "*"]),
        st.builds(Price, st.floats(0, 9), st.floats(0, 9), st.sampled_from(["$", "EUR"])),
        max_size=2,
    ),
)
pieces = st.lists(
    st.sampled_from(
        [
            '[endpoints.{}]\nbase_url = "http://a" # base\n# beneath\n',
            '[endpoints."{}"]\n\n# first\nmodel = "m"\nbase_url = "http://a"\nwindow = 4\n\n',
            "# above\n[endpoints.{}]\nbase_url = 'http://a'\nsampling = {{ top_p = 1 }} # sampling\n",
            "[endpoints.{}]\nbase_url = 'http://a'\n[endpoints.{}.presets.x]\ntop_k = 1 # top\n\n# below\n",
        ]
    ),
    max_size=3,
)


@given(
    top=st.sampled_from(["", "# top\n", "# top\n\n# more\n", "mouse = true # mouse\n\n", "\n\n# odd\n"]),
    pieces=pieces,
    keys=st.sampled_from(["", "\n# keys\n[keys]\na = 'b' # a\n# end"]),
    changed=profiles,
    at=st.integers(0, 3),
)
@pytest.mark.slow
def test_whatever_the_file_is_like_others_keep_all_they_had(
    top: str, pieces: list[str], keys: str, changed: EndpointProfile, at: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "settings.toml"
    named = [piece.format(f"e{number}", f"e{number}") for number, piece in enumerate(pieces)]
    text = top + "".join(named) + keys
    path.write_text(text)
    before = settings(path)
    name = f"e{at}"
    others = top + "".join(piece for number, piece in enumerate(named) if number != at) + keys

    write_profile(path, name, changed)
    assert settings(path) == replace(before, endpoints={**before.endpoints, name: changed})
    after = path.read_text().splitlines()
    assert [line for line in others.splitlines() if line and line not in after] == []

    write_profile(path, "other", changed, name)
    endpoints = {"other" if each == name else each: told for each, told in {**before.endpoints, name: changed}.items()}
    assert settings(path) == replace(before, endpoints=endpoints)
    assert list(settings(path).endpoints) == list(endpoints)

    drop_profile(path, "other")
    left = {each: told for each, told in before.endpoints.items() if each != name}
    assert settings(path) == replace(before, endpoints=left)
    after = path.read_text().splitlines()
    assert [line for line in others.splitlines() if line and line not in after] == []
