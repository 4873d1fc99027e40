"""Where the key of an endpoint comes from, and where a new one is kept: a variable, a file, a command, the system keyring.

Every function blocks, the longest for ten seconds, so callers that draw a screen run them in a thread. What goes wrong is told by
place and never by content: neither a key, nor what a command says in its errors, nor the message of a keyring's own error is quoted.

Limits: a file on a disk that does not answer is waited for. A keyring that is given up on while it asks to be unlocked may still
take the key when somebody unlocks it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import selectors
import shlex
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from composer.config import EndpointProfile
from composer.errors import EndpointError, SettingsError
from composer.llm.strike import MARK, strike
from composer.text.clean import one_line

SERVICE = "story-composer"
"""Under what name the system keyring holds our keys; the user there is the endpoint's name."""
SECONDS = 10.0
"""How long a command or the keyring may take."""
MOST = 16_384
"""Bytes that a file or a command may give: no key is longer."""
KEYRING = "the system keyring"
SAFE = frozenset(
    (
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.macOS",
        "keyring.backends.Windows",
    )
)
"""The keyrings that keep a key encrypted. Others write plain text, or are not known."""

_NONE = frozenset(("keyring.backends.fail", "keyring.backends.null"))
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,39}")
# A word of a command may be a key or a token itself: one with a long run of letters and digits, unlike a path of short parts.
_TELLING = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[^\s/]{16,}")


@dataclass(frozen=True)
class Key:
    """A key, or why there is none. Without `place` none is wanted. `place` is for people, in words that tell nothing of the key."""

    secret: str = field(default="", repr=False)
    place: str = ""
    trouble: EndpointError | None = None


@dataclass(frozen=True)
class Kept:
    """Where a key was put: in words, and as the profile is to name it, by `keyring` or by `file`, the path for `key_file`."""

    words: str
    keyring: bool
    file: str = ""


def find_key(name: str, profile: EndpointProfile, environ: Mapping[str, str]) -> Key:
    """The key of the endpoint `name` from the one place that its profile names. It never raises and never looks elsewhere."""
    found: str | EndpointError
    if profile.key_env:
        place = f"the environment variable {profile.key_env}"
        found = environ.get(profile.key_env, "").strip() or EndpointError(
            f"The key for {name} belongs in {place}, which is not set.",
            f"Set {profile.key_env} and start again, or {_elsewhere(name)}.",
        )
    elif profile.key_file:
        path = os.path.expanduser(profile.key_file)
        place = f"the file {_shown(path)}"
        found = _of_file(name, path)
    elif profile.key_command:
        place = f"the command {_command(profile.key_command)}"
        found = _of_command(name, profile.key_command, environ)
    elif profile.keyring:
        place = KEYRING
        found = _of_keyring(name) or EndpointError(
            f"The system keyring holds no key for {name}.", f"`story-composer key {name}` puts one there."
        )
    else:
        return Key()
    if isinstance(found, EndpointError):
        return Key("", place, found)
    if not is_usable(found):
        trouble = EndpointError(
            f"What {place} holds can't be a key for {name}: it has characters that no key has.",
            "Put the key alone there, on a line of its own, without quotes and spaces.",
        )
        return Key("", place, trouble)
    return Key(found, strike(place, (found,)))


def keep_key(name: str, key: str, folder: Path) -> Kept:
    """Put a key into the system keyring, or where there is no safe one into the file `folder`/keys/NAME, for this user alone.

    It takes the place of the one that was there. SettingsError if it can't be a key, or can't be kept.
    """
    secret = key.strip()
    if not is_usable(secret):
        raise SettingsError(
            f"What was given for {name} can't be a key: it is empty, or has characters that no key has.",
            "Give the key alone, without quotes and spaces.",
        )
    if not _FILE_NAME.fullmatch(name):
        raise SettingsError(f"{one_line(name, 60)} is no name for an endpoint.", "Name one of the settings.")
    if _of_keyring(name, secret) == secret:
        return Kept(KEYRING, True)
    path = _file_of(name, folder)
    try:
        _write(path, secret)
    except OSError as error:
        raise SettingsError(
            f"The key can't be written to {_shown(str(path))}: {error.strerror}.",
            "Look at the folder's permissions and the space on the disk.",
        ) from None
    return Kept(f"the file {_shown(str(path))}, which only you can read", False, str(path))


def drop_file(name: str, folder: Path) -> None:
    """Remove the file that `keep_key` wrote for that endpoint, once its key is elsewhere. It never fails."""
    with contextlib.suppress(OSError):
        _file_of(name, folder).unlink()


def is_usable(key: str) -> bool:
    """Whether a text can be sent as a key: printable ASCII, not empty, without spaces."""
    return bool(key) and key.isascii() and key.isprintable() and " " not in key


def _elsewhere(name: str) -> str:
    return f"keep the key elsewhere with `story-composer key {name}`"


def _file_of(name: str, folder: Path) -> Path:
    return Path(os.path.abspath(folder)) / "keys" / name


def _shown(path: str) -> str:
    """A path as people write it."""
    home = os.path.expanduser("~")
    short = f"~{path[len(home) :]}" if home != "~" and path.startswith(home.rstrip(os.sep) + os.sep) else path
    return one_line(short, 200)


def _command(words: Sequence[str]) -> str:
    """A command as it may be shown, without words that may be secret themselves."""
    return one_line(" ".join(MARK if _TELLING.search(word) else shlex.quote(word) for word in words), 100)


def _first_line(content: bytes) -> str:
    """The first line that is not empty. Bytes that are no text stay marked as such, so that they are no key."""
    return next((line.strip() for line in content.decode("utf-8-sig", "replace").split("\n") if line.strip()), "")


def _of_file(name: str, path: str) -> str | EndpointError:
    shown = _shown(path)
    if not os.path.isabs(path):
        return EndpointError(
            f"The key file {shown} is not named by its whole path.", "Write key_file with / or ~/ at its beginning."
        )
    try:
        # A pipe or a device in its place must not be waited for.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return EndpointError(
            f"There is no file {shown}, where the key for {name} should be.",
            f"Correct key_file in the settings, or {_elsewhere(name)}.",
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is none"
        return EndpointError(f"The key file {shown} can't be read: {why}.", "Look at its name and its permissions.")
    try:
        status = os.fstat(handle)
        content = os.read(handle, MOST + 1) if stat.S_ISREG(status.st_mode) else b""
    except OSError as error:
        return EndpointError(f"The key file {shown} can't be read: {error.strerror}.", "Look at the disk.")
    finally:
        os.close(handle)
    if not stat.S_ISREG(status.st_mode):
        return EndpointError(
            f"{shown}, where the key for {name} should be, is no ordinary file.", "Correct key_file in the settings."
        )
    if status.st_mode & 0o077:
        return EndpointError(
            f"The key file {shown} is open to other users of this computer, so its key is not used.",
            f"Close it to them: chmod 600 {shlex.quote(path)}",
        )
    if len(content) > MOST:
        return EndpointError(
            f"The key file {shown} is larger than any key.", "Correct key_file in the settings: it holds the key alone."
        )
    return _first_line(content) or EndpointError(
        f"The key file {shown} is empty.", f"Put the key for {name} there, or {_elsewhere(name)}."
    )


def _of_command(name: str, words: Sequence[str], environ: Mapping[str, str]) -> str | EndpointError:
    """What a command prints. It has no terminal, so that it can neither draw across the screen nor take keys from it."""
    shown = _command(words)
    again = "Run it in a terminal: it may want a password, which it can't ask for here."
    try:
        child = subprocess.Popen(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # By this GnuPG's agent would find the terminal all the same.
            env={name: value for name, value in environ.items() if name != "GPG_TTY"},
            start_new_session=True,
        )
    except FileNotFoundError:
        return EndpointError(
            f"There is no program {one_line(words[0], 60)}, which should print the key for {name}.",
            "Install it, or correct key_command in the settings.",
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no command"
        return EndpointError(f"The command {shown} can't be run: {why}.", "Correct key_command in the settings.")
    try:
        content, code = _output(child)
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if child.stdout is not None:
            child.stdout.close()
    if len(content) > MOST:
        return EndpointError(
            f"The command {shown} prints more than any key has.", "Correct key_command: it prints the key alone."
        )
    if code is None:
        return EndpointError(f"The command {shown} did not print a key within {SECONDS:g} seconds.", again)
    if code:
        how = f"failed with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        return EndpointError(f"The command {shown} {how}, so there is no key for {name}.", again)
    return _first_line(content) or EndpointError(f"The command {shown} printed nothing, and no key for {name}.", again)


def _output(child: subprocess.Popen[bytes]) -> tuple[bytes, int | None]:
    """What a child prints, up to a little over MOST bytes, and its exit code; None if it did not end in time.

    Its end counts, not that of its output, which something that it has started may hold open: an agent, mostly.
    """
    assert child.stdout is not None
    deadline = time.monotonic() + SECONDS
    content, ended = b"", False
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while len(content) <= MOST and time.monotonic() < deadline:
            if selector.select(0 if ended else 0.05):
                some = os.read(child.stdout.fileno(), MOST)
                content += some
                if not some:
                    break
            elif ended:
                break
            else:
                ended = child.poll() is not None
    if len(content) > MOST:
        return content, None
    with contextlib.suppress(subprocess.TimeoutExpired):
        return content, child.wait(max(deadline - time.monotonic(), 0))
    return content, None


def _of_keyring(name: str, key: str = "") -> str | EndpointError:
    """The key that the system keyring holds for an endpoint, empty if none; `key` is put there before.

    A keyring that is locked may wait for ever for somebody to unlock it. So it is asked by a thread that nothing waits for, also
    not the end of the program.
    """
    answers: list[str | EndpointError] = []
    thread = threading.Thread(target=lambda: answers.append(_asked(name, key)), name="keyring", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if answers:
        return answers[0]
    return EndpointError(
        f"The system keyring did not answer within {SECONDS:g} seconds: it may wait to be unlocked where nobody sees it.",
        f"Unlock it on the desktop, or name another place for the key for {name} in the settings.",
    )


def _asked(name: str, key: str) -> str | EndpointError:
    logger = logging.getLogger("keyring")
    if not logger.handlers:
        # Without one its warnings would go to standard error, which is where the screen is.
        logger.addHandler(logging.NullHandler())
    try:
        import keyring

        backend = keyring.get_keyring()
        safe = _safe(backend)
        if safe is None:
            return _not_safe(type(backend).__module__)
        if key:
            safe.set_password(SERVICE, name, key)
        return (safe.get_password(SERVICE, name) or "").strip()
    except Exception as error:  # noqa: BLE001  the border to what D-Bus and each desktop's keyring may raise
        return _keyring_trouble(error)


def _safe(backend: Any) -> Any | None:
    """The keyring to use: the one that is chosen, or the best of several, if it is known to be safe."""
    chained = type(backend).__module__ == "keyring.backends.chainer"
    return next((each for each in (backend.backends if chained else [backend]) if type(each).__module__ in SAFE), None)


def _not_safe(module: str) -> EndpointError:
    another = "Name another place for the key in the settings: key_env, key_file or key_command."
    if module in _NONE:
        return EndpointError("There is no system keyring here that could hold the key.", another)
    return EndpointError(
        f"The keyring of this system ({one_line(module, 60)}) may keep keys as plain text, so it is not used.", another
    )


def _keyring_trouble(error: Exception) -> EndpointError:
    """The sentence for a keyring's error, by its class: the classes belong to libraries that may not be there."""
    classes = {each.__name__ for each in type(error).__mro__}
    another = "or name another place for the key in the settings."
    if isinstance(error, ModuleNotFoundError) and error.name == "keyring":
        return EndpointError(
            "The key is in the system keyring, and what reads that is not installed.",
            'Install it: pip install "story-composer[keyring]"',
        )
    if classes & {"KeyringLocked", "LockedException", "PromptDismissedException"}:
        return EndpointError("The system keyring is locked, and nobody unlocked it.", f"Unlock it, {another}")
    if classes & {"NoKeyringError", "SecretServiceNotAvailableException"}:
        return EndpointError(
            "There is no system keyring here that could hold the key.", f"Log in on the desktop, {another}"
        )
    if "InitError" in classes:
        return EndpointError("The system keyring can't be opened.", f"Look whether its program runs, {another}")
    if "PasswordSetError" in classes:
        return EndpointError("The system keyring did not take the key.", f"Unlock it, {another}")
    if "KeyringError" in classes:
        return EndpointError("The system keyring refused to give the key.", f"Look at its settings, {another}")
    if isinstance(error, OSError):
        return EndpointError("The connection to the system keyring broke.", f"Try again, {another}")
    if isinstance(error, (ImportError, AttributeError, RuntimeError)):
        return EndpointError(
            "The keyring that PYTHON_KEYRING_BACKEND or keyring's own settings name can't be used here.",
            f"Correct that, {another}",
        )
    return EndpointError(f"The system keyring failed ({type(error).__name__}).", f"Try again, {another}")


def _write(path: Path, secret: str) -> None:
    """The whole file or nothing of it, in a folder for this user alone. OSError as it comes."""
    import tempfile

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    handle, beside = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with open(handle, "wb") as out:
            os.fchmod(handle, 0o600)
            out.write(f"{secret}\n".encode())
            out.flush()
            os.fsync(handle)
        os.replace(beside, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(beside)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
