"""The endpoints of the settings: made once, changed in the file, and let go together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from composer.cli import profiles
from composer.cli.profiles import Endpoints
from composer.cli.wiring import read_settings
from composer.config import EMBEDDED, EMBEDDED_PROFILE, EndpointProfile, Settings
from composer.errors import RefusedError, SettingsError
from composer.llm.keys import Kept, Key
from composer.session.ports import Profiles
from tests.llm.fault_server import serving, streams

HOME = EndpointProfile("http://localhost:8080/v1", "tiny")
FAR = EndpointProfile("https://models.example.org/v1", "large", "FAR_KEY")
TEXT = """\
# the one on the desk
[endpoints.home]
base_url = "http://localhost:8080/v1"
model = "tiny"

[endpoints.far]
base_url = "https://models.example.org/v1"
model = "large"
key_env = "FAR_KEY"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "settings.toml"
    found.write_text(TEXT)
    return found


@contextlib.asynccontextmanager
async def having(path: Path, environ: dict[str, str] | None = None, **flags: Any) -> AsyncIterator[Endpoints]:
    settings = read_settings(path) if path.exists() else Settings()
    endpoints = Endpoints(settings, environ or {}, path, path.parent / "state", **flags)
    try:
        yield endpoints
    finally:
        await endpoints.close()


async def test_it_is_the_port(path: Path) -> None:
    async with having(path) as endpoints:
        port: Profiles = endpoints
        assert port.names() == tuple(port.listed) == (EMBEDDED, "home", "far")
        assert port.listed["home"] == HOME
        assert port.listed[EMBEDDED] == EMBEDDED_PROFILE
        assert port.chosen == "home"


async def test_an_endpoint_is_made_once(path: Path) -> None:
    async with having(path) as endpoints:
        made = endpoints.endpoint("home")
        assert (made.name, made.model) == ("home", "tiny")
        assert endpoints.endpoint("home") is made
        assert endpoints.endpoint(EMBEDDED).model == "embedded-fable"
        with pytest.raises(RefusedError, match="no endpoint called hut"):
            endpoints.endpoint("hut")


async def test_without_settings_the_embedded_model_writes(tmp_path: Path) -> None:
    async with having(tmp_path / "none.toml") as endpoints:
        assert (endpoints.chosen, list(endpoints.listed)) == (EMBEDDED, [EMBEDDED])


async def test_flags_hold_for_the_run_and_are_not_written(path: Path) -> None:
    async with having(path, base_url="http://127.0.0.1:9/v1", model="other") as endpoints:
        assert endpoints.chosen == "127.0.0.1"
        assert endpoints.endpoint("127.0.0.1").model == "other"
        assert endpoints.settings.endpoint == "127.0.0.1"
        assert endpoints.written == read_settings(path)
        await endpoints.keep("hut", HOME)
        assert endpoints.chosen == "127.0.0.1"
    assert set(read_settings(path).endpoints) == {"home", "far", "hut"}
    with pytest.raises(SettingsError):
        Endpoints(Settings(), {}, path, path.parent, base_url="nowhere")


# changes


async def test_a_profile_is_kept_and_its_endpoint_made_anew(path: Path) -> None:
    async with having(path) as endpoints:
        before = endpoints.endpoint("home")
        changed = EndpointProfile("http://localhost:8080/v1", "larger")
        await endpoints.keep("home", changed, "home")
        assert endpoints.listed["home"] == changed
        assert endpoints.endpoint("home") is not before
        assert endpoints.endpoint("home").model == "larger"
    assert read_settings(path).endpoints["home"] == changed
    assert "# the one on the desk" in path.read_text()


async def test_an_endpoint_gets_another_name_in_the_same_place(path: Path) -> None:
    async with having(path) as endpoints:
        await endpoints.keep("hut", HOME, "home")
        assert list(endpoints.listed) == [EMBEDDED, "hut", "far"]
        assert endpoints.chosen == "hut"
        with pytest.raises(RefusedError, match="called far already"):
            await endpoints.keep("far", HOME, "hut")
    assert list(read_settings(path).endpoints) == ["hut", "far"]


async def test_the_embedded_model_is_not_changed(path: Path) -> None:
    async with having(path) as endpoints:
        for change in (
            endpoints.keep(EMBEDDED, HOME),
            endpoints.keep("hut", HOME, EMBEDDED),
            endpoints.keep("hut", EMBEDDED_PROFILE),
            endpoints.drop(EMBEDDED),
            endpoints.keep_key(EMBEDDED, "a-key-for-nothing"),
        ):
            with pytest.raises(RefusedError):
                await change
    assert path.read_text() == TEXT


async def test_a_file_that_cant_be_written_changes_nothing(path: Path) -> None:
    async with having(path) as endpoints:
        made = endpoints.endpoint("home")
        path.write_text("this is no settings file")
        for change in (endpoints.keep("home", FAR, "home"), endpoints.drop("home"), endpoints.choose("far")):
            with pytest.raises(SettingsError):
                await change
        assert endpoints.listed["home"] == HOME
        assert endpoints.chosen == "home"
        assert endpoints.endpoint("home") is made


async def test_one_is_chosen_and_the_file_says_so(path: Path) -> None:
    async with having(path) as endpoints:
        await endpoints.choose("far")
        assert endpoints.chosen == "far"
        assert read_settings(path).endpoint == "far"
        await endpoints.choose(EMBEDDED)
        assert read_settings(path).endpoint == EMBEDDED == endpoints.chosen
        with pytest.raises(RefusedError):
            await endpoints.choose("hut")


async def test_one_of_the_environment_is_written_when_it_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    async with having(path, {"OPENAI_API_KEY": "sk-something-long-enough"}) as endpoints:
        assert endpoints.chosen == "openai"
        await endpoints.choose("openai")
    assert read_settings(path).endpoint == "openai"
    assert "sk-something" not in path.read_text()


async def test_an_address_with_a_password_is_not_written_when_it_is_chosen(path: Path) -> None:
    async with having(path, base_url="http://ann:hidden-word@localhost:7/v1") as endpoints:
        await endpoints.choose("home")
        await endpoints.choose("localhost")
        assert endpoints.chosen == "localhost"
    assert "hidden-word" not in path.read_text()


async def test_one_is_dropped_and_the_next_writes(path: Path) -> None:
    async with having(path) as endpoints:
        await endpoints.choose("home")
        await endpoints.drop("home")
        assert endpoints.chosen == "far"
        await endpoints.drop("far")
        assert (endpoints.chosen, list(endpoints.listed)) == (EMBEDDED, [EMBEDDED])
        with pytest.raises(RefusedError):
            await endpoints.drop("far")
    assert read_settings(path) == Settings()


async def test_one_that_is_not_in_the_file_is_dropped_for_the_run(path: Path) -> None:
    async with having(path, base_url="http://127.0.0.1:9/v1") as endpoints:
        await endpoints.drop("127.0.0.1")
        assert endpoints.names() == (EMBEDDED, "home", "far")
        assert endpoints.chosen == "home"
    assert path.read_text() == TEXT


async def test_changes_wait_for_one_another(path: Path) -> None:
    async with having(path) as endpoints:
        await asyncio.gather(*(endpoints.keep(f"hut-{number}", HOME) for number in range(5)), endpoints.choose("far"))
        listed = list(endpoints.listed)
    assert set(listed) == {EMBEDDED, *read_settings(path).endpoints}
    assert len(listed) == 8


# keys


async def test_a_key_is_kept_outside_of_the_settings(path: Path, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.llm.keys._of_keyring", lambda name, key="": "")
    async with having(path) as endpoints:
        assert "FAR_KEY, which is not set" in endpoints.key_place("far")
        assert endpoints.key_place("home") == "none is sent"
        words = await endpoints.keep_key("far", secret)
        assert "only you can read" in words
        assert endpoints.key_place("far").startswith("there, from the file")
        assert endpoints.listed["far"].key_env == ""
        assert Path(endpoints.listed["far"].key_file).read_text().strip() == secret
    assert secret not in path.read_text()
    assert read_settings(path).endpoints["far"].key_file


async def test_a_key_in_the_keyring_goes_along_with_a_new_name(
    path: Path, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"far": secret}

    def keep(name: str, key: str, folder: Path) -> Kept:
        held[name] = key
        return Kept("the keyring", True)

    monkeypatch.setattr(profiles, "keep_key", keep)
    monkeypatch.setattr(profiles, "find_key", lambda name, profile, environ: Key(held.get(name, "")))
    async with having(path) as endpoints:
        await endpoints.keep("hut", EndpointProfile(FAR.base_url, keyring=True), "far")
    assert held["hut"] == secret
    assert read_settings(path).endpoints["hut"].keyring


async def test_a_key_that_the_settings_cant_name_is_not_lost(
    path: Path, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("composer.llm.keys._of_keyring", lambda name, key="": "")
    async with having(path) as endpoints:
        path.write_text("this is no settings file")
        with pytest.raises(SettingsError, match="The key for far is in the file") as raised:
            await endpoints.keep_key("far", secret)
    assert secret not in str(raised.value)


# asking


async def test_an_examination_makes_the_endpoint_anew_and_is_remembered(tmp_path: Path) -> None:
    async with serving(streams("one", " two")) as server:
        server.models = {"data": [{"id": "m"}]}
        path = tmp_path / "settings.toml"
        path.write_text(f'[endpoints.home]\nbase_url = "{server.base_url}"\n')
        async with having(path) as endpoints:
            before = endpoints.endpoint("home")
            found = [finding.what async for finding in endpoints.examine("home")]
            assert "streaming" in found
            assert endpoints.endpoint("home") is not before
            assert endpoints.endpoint("home").model == "m"
            asked = len(server.seen)
            assert [finding.what async for finding in endpoints.examine("home", offline=True)] == [
                "key",
                "window",
                "tokens",
            ]
            assert len(server.seen) == asked


async def test_looking_around_leaves_out_what_is_known(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[set[str]] = []

    async def look(known: set[str]) -> tuple[()]:
        given.append(known)
        return ()

    monkeypatch.setattr("composer.llm.around.look_around", look)
    async with having(path) as endpoints:
        assert await endpoints.look_around() == ()
    assert {"home", "far", HOME.base_url, FAR.base_url} <= given[0]


async def test_closing_lets_go_of_those_that_were_replaced_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    async with having(path) as endpoints:
        for model in ("one", "two"):
            await endpoints.keep("home", EndpointProfile(HOME.base_url, model), "home")
            made = endpoints.endpoint("home")

            async def close(model: str = model) -> None:
                closed.append(model)

            monkeypatch.setattr(made, "close", close)
        await endpoints.close()
        await endpoints.close()
    assert sorted(closed) == ["one", "two"]
