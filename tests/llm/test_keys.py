"""Keys: found in the one place that a profile names, kept where no one else reads them, and never told to anybody."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring.errors
import pytest

from composer.config import EndpointProfile
from composer.errors import EndpointError, SettingsError
from composer.llm import keys
from composer.llm.keys import Kept, Key, drop_file, find_key, keep_key

PATH = {"PATH": os.environ.get("PATH", os.defpath)}


def profile(**fields: Any) -> EndpointProfile:
    return EndpointProfile("https://example.org/v1", "big", **fields)


def of_file(path: Path | str) -> Key:
    return find_key("cloud", profile(key_file=str(path)), {})


def of_command(*words: str, **variables: str) -> Key:
    return find_key("cloud", profile(key_command=words), {**PATH, **variables})


def of_keyring(name: str = "cloud") -> Key:
    return find_key(name, profile(keyring=True), {})


def why(key: Key) -> str:
    """What is told where there is no key: one line with a next step."""
    assert key.secret == ""
    assert isinstance(key.trouble, EndpointError)
    assert key.trouble.next_step
    assert str(key.trouble).isprintable()
    return str(key.trouble)


def key_file(path: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


@pytest.fixture(autouse=True)
def _no_desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The keyring of whoever runs the tests is never asked, and no thread that asks one is left."""
    monkeypatch.setattr(keyring, "get_keyring", lambda: Fake("keyring.backends.fail"))
    yield
    for thread in threading.enumerate():
        if thread.name == "keyring":
            thread.join(10)


class Fake:
    """A keyring that says it is of the module `module`; `trouble` is raised by whatever is asked of it."""

    backends: list[Any]

    def __new__(cls, module: str, trouble: BaseException | None = None) -> Any:
        made: Any = object.__new__(type(cls.__name__, (cls,), {"__module__": module}))
        made.held = {}
        made.trouble = trouble
        made.takes = True
        return made

    def get_password(self, service: str, user: str) -> str | None:
        if self.trouble:  # type: ignore[attr-defined]
            raise self.trouble  # type: ignore[attr-defined]
        return self.held.get((service, user))  # type: ignore[attr-defined,no-any-return]

    def set_password(self, service: str, user: str, key: str) -> None:
        if self.trouble:  # type: ignore[attr-defined]
            raise self.trouble  # type: ignore[attr-defined]
        if self.takes:  # type: ignore[attr-defined]
            self.held[service, user] = key  # type: ignore[attr-defined]


Use = Callable[..., Any]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Has a keyring of that module be the system's."""

    def used(module: str = "keyring.backends.SecretService", trouble: BaseException | None = None) -> Any:
        fake = Fake(module, trouble)
        monkeypatch.setattr(keyring, "get_keyring", lambda: fake)
        return fake

    return used


def test_a_profile_without_a_place_wants_no_key() -> None:
    assert find_key("local", profile(), {"OPENAI_API_KEY": "abc"}) == Key()


def test_a_variable_is_named_and_its_key_is_not_shown(secret: str) -> None:
    key = find_key("cloud", profile(key_env="CLOUD_KEY"), {"CLOUD_KEY": f" {secret}\n"})
    assert key == Key(secret, "the environment variable CLOUD_KEY")
    assert secret not in repr(key)
    assert secret not in f"{key!s}{key}"


@pytest.mark.parametrize("environ", [{}, {"CLOUD_KEY": " \n"}])
def test_a_variable_that_is_not_set_is_named(environ: dict[str, str]) -> None:
    key = find_key("cloud", profile(key_env="CLOUD_KEY"), environ)
    assert "CLOUD_KEY, which is not set" in why(key)
    assert "story-composer key cloud" in why(key)
    assert key.place == "the environment variable CLOUD_KEY"


@pytest.mark.parametrize("odd", ["{} x", "{}\x1b[2J", "{}é", "{}\n{}", "{}\x00"])
def test_what_no_key_has_is_trouble_that_names_the_place_alone(odd: str, secret: str, tmp_path: Path) -> None:
    held = odd.format(secret, secret)
    told = why(find_key("cloud", profile(key_env="CLOUD_KEY"), {"CLOUD_KEY": held}))
    assert "CLOUD_KEY" in told
    assert secret not in told
    if "\n" not in odd:
        told = why(of_file(key_file(tmp_path / "key", held)))
        assert "characters that no key has" in told
        assert secret not in told


@pytest.mark.parametrize("content", ["{}", "{}\n", "\r\n  \n{}\r\nuser: me\n", "\ufeff{}\n", "{}\nnoté\n"])
def test_the_first_line_of_a_file_that_is_not_empty_is_the_key(content: str, secret: str, tmp_path: Path) -> None:
    path = key_file(tmp_path / "key", content.format(secret))
    assert of_file(path) == Key(secret, f"the file {path}")


def test_a_file_in_the_home_folder_is_written_as_people_do(secret: str, tmp_path: Path) -> None:
    home = Path(os.path.expanduser("~"))
    home.mkdir()
    key_file(home / "key", secret)
    assert of_file("~/key") == Key(secret, "the file ~/key")
    assert of_file(home / "key").place == "the file ~/key"
    assert "There is no file ~/other" in why(of_file("~/other"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o601])
def test_a_file_that_others_may_read_is_not_used(mode: int, secret: str, tmp_path: Path) -> None:
    path = key_file(tmp_path / "the key", secret, mode)
    told = why(of_file(path))
    assert f"chmod 600 '{path}'" in told
    assert secret not in told


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_for_its_owner_alone_is_used(mode: int, secret: str, tmp_path: Path) -> None:
    assert of_file(key_file(tmp_path / "key", secret, mode)).secret == secret


def test_what_is_wrong_with_a_file_is_told(secret: str, tmp_path: Path) -> None:
    assert "There is no file" in why(of_file(tmp_path / "none"))
    assert "is empty" in why(of_file(key_file(tmp_path / "empty", " \n\n")))
    assert "larger than any key" in why(of_file(key_file(tmp_path / "large", secret + "\n" * keys.MOST)))
    assert of_file(key_file(tmp_path / "full", secret + "\n" * (keys.MOST - len(secret)))).secret == secret
    assert "no ordinary file" in why(of_file(tmp_path))
    assert "can't be read" in why(of_file(tmp_path / "empty" / "key"))
    assert "can't be read" in why(of_file(f"{tmp_path}/a\0b"))
    assert "whole path" in why(of_file("key"))
    assert "characters that no key has" in why(of_file(key_file(tmp_path / "odd", secret.encode("utf-16"))))


def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "no ordinary file" in why(of_file(tmp_path / "pipe"))


def test_a_command_prints_the_key(secret: str, tmp_path: Path) -> None:
    path = key_file(tmp_path / "key", f"{secret}\nuser: me\n")
    assert of_command("cat", str(path)).secret == secret
    key = of_command("sh", "-c", 'printf %s "$HELD"', HELD=secret)
    assert key == Key(secret, "the command sh -c 'printf %s \"$HELD\"'")


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    assert of_command("echo", "$HOME;ls").secret == "$HOME;ls"
    assert of_command("pass", "show", "openai", PATH=str(tmp_path)).place == "the command pass show openai"


def test_a_command_has_neither_input_nor_a_terminal() -> None:
    assert "printed nothing" in why(of_command("cat"))
    assert of_command(sys.executable, "-c", "import os; print(os.getsid(0) == os.getpid())").secret == "True"
    assert of_command("sh", "-c", "echo [$GPG_TTY]", GPG_TTY="/dev/tty").secret == "[]"


def test_what_a_command_says_in_its_errors_is_told_nowhere(secret: str, capfd: pytest.CaptureFixture[str]) -> None:
    key = of_command("sh", "-c", 'echo "wrong: $HELD" >&2; exit 7', HELD=secret)
    assert "exit code 7" in why(key)
    assert secret not in why(key)
    assert capfd.readouterr() == ("", "")


def test_what_is_wrong_with_a_command_is_told(tmp_path: Path) -> None:
    assert "There is no program no-such-program" in why(of_command("no-such-program", "show"))
    assert "can't be run" in why(of_command(str(key_file(tmp_path / "plain", "text"))))
    assert "can't be run" in why(of_command("echo", "a\0b"))
    assert "printed nothing" in why(of_command("true"))
    assert "ended by signal 9" in why(of_command("sh", "-c", "kill -9 $$"))
    assert "prints more" in why(of_command("yes", "k"))


def test_a_command_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setattr(keys, "SECONDS", 0.2)
    ended: list[int] = []
    kill = os.killpg

    def killpg(pid: int, number: int) -> None:
        ended.append(pid)
        kill(pid, number)

    monkeypatch.setattr(os, "killpg", killpg)
    told = why(of_command("sh", "-c", 'echo "$HELD"; exec sleep 60', HELD=secret))
    assert "did not print a key within 0.2 seconds" in told
    (pid,) = ended
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_a_command_leaves_running_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, secret: str, tmp_path: Path
) -> None:
    looks: list[int] = []

    def standing() -> float:
        """A clock that never comes to the end of what a command may take, and fails whoever looks at it for ever."""
        looks.append(1)
        assert len(looks) < 1000
        return 0.0

    monkeypatch.setattr(keys, "time", SimpleNamespace(monotonic=standing))
    # The one that is left holds the output open.
    left = tmp_path / "left"
    key = of_command("sh", "-c", f'sleep 60 & echo $! >"{left}"; echo "$HELD"', HELD=secret)
    os.kill(int(left.read_text()), signal.SIGKILL)
    assert key.secret == secret


@pytest.mark.parametrize("at", [1, 2])
def test_a_key_among_the_words_of_a_command_is_not_shown(at: int, secret: str) -> None:
    words = ["echo", secret] if at == 1 else ["echo", "-n", f"Bearer {secret}"]
    key = of_command(*words)
    assert secret not in key.place + repr(key)
    assert secret not in of_command("echo", "correcthorsebatterystaple").place
    assert "correcthorse" not in of_command("echo", "correcthorsebatterystaple").place
    assert secret not in why(of_command("false", secret))
    assert of_command("echo", "op://Private/openai/credential").trouble is None


def test_the_keyring_is_asked_by_the_name_of_the_endpoint(use: Use, secret: str) -> None:
    fake = use()
    fake.held["story-composer", "cloud"] = secret
    assert of_keyring() == Key(secret, "the system keyring")
    assert "holds no key for other" in why(of_keyring("other"))
    assert "story-composer key other" in why(of_keyring("other"))


@pytest.mark.parametrize("module", sorted(keys.SAFE))
def test_keyrings_that_are_known_to_be_safe_are_used(module: str, use: Use, secret: str) -> None:
    use(module).held["story-composer", "cloud"] = secret
    assert of_keyring().secret == secret


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("keyring.backends.fail", "no system keyring"),
        ("keyring.backends.null", "no system keyring"),
        ("keyrings.alt.file", "(keyrings.alt.file) may keep keys as plain text"),
        ("keyring.backends.SecretService_", "plain text"),
        ("keyring.backends.libsecret", "plain text"),
    ],
)
def test_other_keyrings_are_not_used(module: str, told: str, use: Use, secret: str, tmp_path: Path) -> None:
    fake = use(module)
    fake.held["story-composer", "cloud"] = secret
    assert told in why(of_keyring())
    fake.held.clear()
    assert not keep_key("cloud", secret, tmp_path).keyring
    assert fake.held == {}


def test_among_several_keyrings_the_safe_one_is_used(use: Use, secret: str) -> None:
    several = use("keyring.backends.chainer")
    plain, safe = Fake("keyrings.alt.file"), Fake("keyring.backends.SecretService")
    several.backends = [plain, safe]
    plain.held["story-composer", "cloud"] = "another"
    safe.held["story-composer", "cloud"] = secret
    assert of_keyring().secret == secret
    several.backends = [plain]
    assert "plain text" in why(of_keyring())


class PromptDismissedException(Exception):
    pass


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (keyring.errors.KeyringLocked("{}"), "is locked"),
        (PromptDismissedException("{}"), "is locked"),
        (keyring.errors.NoKeyringError("{}"), "no system keyring"),
        (keyring.errors.InitError("{}"), "can't be opened"),
        (keyring.errors.PasswordSetError("{}"), "did not take"),
        (keyring.errors.KeyringError("{}"), "refused"),
        (ConnectionResetError("{}"), "connection to the system keyring broke"),
        (RuntimeError("{}"), "PYTHON_KEYRING_BACKEND"),
        (ModuleNotFoundError("{}", name="secretstorage"), "PYTHON_KEYRING_BACKEND"),
        (LookupError("{}"), "failed (LookupError)"),
    ],
)
def test_each_trouble_of_a_keyring_has_its_words(trouble: Exception, told: str, use: Use, secret: str) -> None:
    trouble.args = (secret,)
    use(trouble=trouble)
    assert told in why(of_keyring())
    assert secret not in why(of_keyring())


def test_a_keyring_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert 'pip install "story-composer[keyring]"' in why(of_keyring())


def test_a_keyring_that_waits_for_somebody_is_given_up(
    monkeypatch: pytest.MonkeyPatch, use: Use, secret: str, tmp_path: Path
) -> None:
    monkeypatch.setattr(keys, "SECONDS", 0.05)
    fake, unlocked = use(), threading.Event()
    fake.get_password = fake.set_password = lambda *words: unlocked.wait()
    try:
        assert "did not answer within 0.05 seconds" in why(of_keyring())
        assert not keep_key("cloud", secret, tmp_path).keyring
        assert all(thread.daemon for thread in threading.enumerate() if thread.name == "keyring")
    finally:
        unlocked.set()


def test_a_key_is_kept_in_a_safe_keyring(use: Use, secret: str, tmp_path: Path) -> None:
    fake = use()
    assert keep_key("cloud", f" {secret}\n", tmp_path) == Kept("the system keyring", True, "")
    assert fake.held == {("story-composer", "cloud"): secret}
    assert of_keyring().secret == secret
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_that_forgets_is_not_trusted(use: Use, secret: str, tmp_path: Path) -> None:
    use().takes = False
    assert not keep_key("cloud", secret, tmp_path).keyring


def test_without_a_keyring_a_key_is_kept_in_a_file_for_its_owner_alone(secret: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept = keep_key("cloud", secret, tmp_path / "data")
    finally:
        os.umask(before)
    path = tmp_path / "data" / "keys" / "cloud"
    assert kept == Kept(f"the file {path}, which only you can read", False, str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert of_file(kept.file).secret == secret
    assert secret not in repr(kept)


def test_a_new_key_takes_the_place_of_the_old_one_whole(secret: str, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o755)
    elsewhere = key_file(tmp_path / "elsewhere", "mine", 0o644)
    (folder / "cloud").symlink_to(elsewhere)
    keep_key("cloud", secret, tmp_path)
    keep_key("cloud", secret + "2", tmp_path)
    assert [path.name for path in folder.iterdir()] == ["cloud"]
    assert of_file(folder / "cloud").secret == secret + "2"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert elsewhere.read_text() == "mine"
    drop_file("cloud", tmp_path)
    drop_file("cloud", tmp_path)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("given", ["", " \n", "{} {}", "{}é", "{}\n{}"])
def test_what_is_no_key_is_not_kept(given: str, secret: str, use: Use, tmp_path: Path) -> None:
    fake = use()
    with pytest.raises(SettingsError, match="can't be a key") as caught:
        keep_key("cloud", given.format(secret, secret), tmp_path)
    assert secret not in str(caught.value)
    assert fake.held == {}
    assert list(tmp_path.iterdir()) == []


def test_a_name_leads_nowhere_else(secret: str, tmp_path: Path) -> None:
    for name in ("../cloud", "", ".cloud", "a/b"):
        with pytest.raises(SettingsError, match="no name"):
            keep_key(name, secret, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_can_not_be_written_leaves_nothing(secret: str, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "cloud").mkdir()
    with pytest.raises(SettingsError, match="can't be written") as caught:
        keep_key("cloud", secret, tmp_path)
    assert caught.value.next_step
    assert secret not in "".join(traceback.format_exception(caught.value))
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["cloud"]
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="can't be written"):
        keep_key("cloud", secret, tmp_path / "file")
