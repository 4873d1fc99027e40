"""`story-composer key`: a key is taken unseen, kept where no one else reads it, and the settings name its place and nothing more."""

from __future__ import annotations

import argparse
import getpass
import io
import os
import pty
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring
import pytest

from composer.cli.key import keys_folder, run_key
from composer.cli.wiring import settings_path
from composer.config import parse_settings
from composer.errors import RefusedError, SettingsError
from composer.llm.keys import find_key
from tests.cli.house import ROOT, SOON, House, files_below
from tests.cli.pty_desk import OWN_TERMINAL

WRITTEN = """\
# mine
[endpoints.cloud]
base_url = "https://example.org/v1"
key_env = "CLOUD_KEY"  # not here
model = "big"  # the best

[endpoints.home]
base_url = "http://localhost:11434/v1"
"""
CHILD = OWN_TERMINAL + "import sys, argparse\nfrom composer.cli.key import run_key\n"


class Held(dict[tuple[str, str], str]):
    """A system keyring."""

    def get_password(self, service: str, user: str) -> str | None:
        return self.get((service, user))

    def set_password(self, service: str, user: str, key: str) -> None:
        self[service, user] = key


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: SimpleNamespace())


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    made: Held = type("Keyring", (Held,), {"__module__": "keyring.backends.SecretService"})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    return made


@pytest.fixture
def path() -> Path:
    """The user's settings file."""
    made = settings_path()
    made.parent.mkdir(parents=True)
    made.write_text(WRITTEN)
    return made


def keep(monkeypatch: pytest.MonkeyPatch, given: str | bytes, name: str = "cloud", settings: Path | None = None) -> int:
    """The command, with a key through a pipe."""
    data = given if isinstance(given, bytes) else given.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    return run_key(argparse.Namespace(name=name, settings=str(settings) if settings else None))


def found(path: Path, name: str = "cloud") -> str:
    """The key as the program finds it by the settings."""
    return find_key(name, parse_settings(path.read_text(), str(path)).endpoints[name], {}).secret


def test_a_key_goes_into_the_keyring_and_the_settings_say_so(
    monkeypatch: pytest.MonkeyPatch, held: Held, path: Path, secret: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert keep(monkeypatch, f"{secret}\n") == 0
    assert held == {("story-composer", "cloud"): secret}
    assert path.read_text() == WRITTEN.replace('key_env = "CLOUD_KEY"  # not here\n', "").replace(
        "# the best\n", "# the best\nkeyring = true\n"
    )
    assert found(path) == secret
    out, said = capfd.readouterr()
    assert out == ""
    assert said == f"The key for cloud is in the system keyring, and {path} says so.\n"
    assert not keys_folder().exists()


def test_without_a_keyring_a_key_goes_into_a_file(
    monkeypatch: pytest.MonkeyPatch, path: Path, secret: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert keep(monkeypatch, f"\ufeff\r\n  {secret}\r\nuser: me\r\n") == 0
    kept = keys_folder() / "keys" / "cloud"
    assert f'key_file = "{kept}"\n' in path.read_text()
    assert found(path) == secret
    out, said = capfd.readouterr()
    assert out == ""
    assert "which only you can read" in said
    assert [name for name, data in files_below(keys_folder()).items() if secret.encode() in data] == ["keys/cloud"]
    assert secret not in said + path.read_text()


def test_a_key_has_one_place(monkeypatch: pytest.MonkeyPatch, path: Path, secret: str) -> None:
    keep(monkeypatch, "another")
    made = type("Keyring", (Held,), {"__module__": "keyring.backends.SecretService"})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    keep(monkeypatch, secret)
    assert found(path) == secret
    assert "key_file" not in path.read_text()
    assert files_below(keys_folder()) == {}
    monkeypatch.setattr(keyring, "get_keyring", lambda: SimpleNamespace())
    keep(monkeypatch, secret + "3")
    assert found(path) == secret + "3"
    assert "keyring" not in path.read_text()


def test_another_settings_file_may_be_named(
    monkeypatch: pytest.MonkeyPatch, path: Path, held: Held, secret: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(WRITTEN.replace("endpoints.cloud", "endpoints.sky"))
    keep(monkeypatch, secret, "sky", other)
    assert found(other, "sky") == secret
    assert path.read_text() == WRITTEN
    with pytest.raises(SettingsError, match="There is no settings file"):
        keep(monkeypatch, secret, "sky", tmp_path / "none.toml")


def test_an_endpoint_that_is_not_known_is_refused_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, path: Path, held: Held, secret: str
) -> None:
    with pytest.raises(SettingsError, match=r"no endpoint called cluod .* cloud, home") as caught:
        keep(monkeypatch, secret, "cluod")
    assert secret not in str(caught.value)
    path.unlink()
    with pytest.raises(SettingsError, match="names none"):
        keep(monkeypatch, secret)
    with pytest.raises(RefusedError, match="needs no key"):
        keep(monkeypatch, secret, "embedded")
    assert held == {}
    assert not path.exists()


@pytest.mark.parametrize("given", [b"", b"\n \n", b"two words\n", b"caf\xe9\n"])
def test_what_is_no_key_changes_nothing(
    given: bytes, monkeypatch: pytest.MonkeyPatch, path: Path, held: Held, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="can't be a key"):
        keep(monkeypatch, given)
    assert held == {}
    assert path.read_text() == WRITTEN


def test_settings_that_can_not_be_written_do_not_hide_where_the_key_is(
    monkeypatch: pytest.MonkeyPatch, path: Path, held: Held, secret: str
) -> None:
    monkeypatch.setattr(os, "access", lambda *words: False)
    with pytest.raises(SettingsError, match="is in the system keyring, but") as caught:
        keep(monkeypatch, secret)
    assert "keyring = true" in caught.value.next_step
    assert secret not in str(caught.value)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_that_shows_what_is_typed_is_not_used(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    def fallback(prompt: str) -> Any:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        raise AssertionError("the key is asked for and shown")

    monkeypatch.setattr(getpass, "getpass", fallback)
    monkeypatch.setattr(sys, "stdin", Terminal())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(RefusedError, match="can't hide"):
            run_key(argparse.Namespace(name="cloud", settings=None))
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(RefusedError, match="closed"):
        run_key(argparse.Namespace(name="cloud", settings=None))


def test_what_is_typed_at_a_terminal_is_not_shown(house: House, secret: str) -> None:
    path = house.write_settings(WRITTEN)
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD + "sys.exit(run_key(argparse.Namespace(name='cloud', settings=None)))"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={**house.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while b"not shown: " not in shown:
            shown += os.read(ours, 1000)
        os.write(ours, f"{secret}\r".encode())
        while True:
            try:
                shown += os.read(ours, 1000)
            except OSError:  # the terminal's other end is closed
                break
        assert child.wait(SOON) == 0, shown
    finally:
        child.kill()
        child.wait()
        os.close(ours)
    assert secret.encode() not in shown
    assert b"which only you can read" in shown
    assert found(path) == secret
    holding = [name for name, data in files_below(house.home).items() if secret.encode() in data]
    assert holding == ["data/story-composer/keys/cloud"]
