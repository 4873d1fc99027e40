"""`story-composer key NAME`: take an endpoint's key, keep it in the system keyring or a file, and have the settings name that place.

The key is typed unseen or comes through a pipe, never as an argument, which other users of the computer could read. It is not
printed, and not written to the settings.
"""

from __future__ import annotations

import argparse
import getpass
import sys
import warnings
from pathlib import Path

import platformdirs
from msgspec.structs import replace

from composer.cli.wiring import NAME, read_settings, settings_path
from composer.config import EMBEDDED, EndpointProfile, Settings
from composer.errors import RefusedError, SettingsError
from composer.text.clean import one_line

MOST = 16_384
"""Bytes that are read from a pipe."""


def keys_folder() -> Path:
    """The folder that holds the folder of key files. It may not exist yet."""
    return Path(platformdirs.user_data_dir(NAME, appauthor=False))


def run_key(flags: argparse.Namespace) -> int:
    """Keep a key for the endpoint `flags.name` of the settings file `flags.settings`; the exit code."""
    from composer.llm.keys import drop_file, keep_key
    from composer.store.settings_file import write_profile

    path = Path(flags.settings) if flags.settings else settings_path()
    settings = read_settings(Path(flags.settings) if flags.settings else None)
    name = flags.name
    profile = _known(settings, name, path)
    kept = keep_key(name, _asked(name), keys_folder())
    profile = replace(profile, key_env="", key_file=kept.file, key_command=(), keyring=kept.keyring)
    try:
        write_profile(path, name, profile)
    except SettingsError as error:
        line = "keyring = true" if kept.keyring else f'key_file = "{kept.file}"'
        raise SettingsError(
            f"The key for {name} is in {kept.words}, but the settings don't say so yet. {error.sentence}",
            f"Write {line} for that endpoint in place of what names its key now.",
        ) from None
    if kept.keyring:
        drop_file(name, keys_folder())
    print(f"The key for {name} is in {kept.words}, and {one_line(str(path), 200)} says so.", file=sys.stderr)
    return 0


def _known(settings: Settings, name: str, path: Path) -> EndpointProfile:
    if name in settings.endpoints:
        return settings.endpoints[name]
    if name == EMBEDDED:
        raise RefusedError("The model that is built in needs no key.", "Name an endpoint of the settings.")
    if not settings.endpoints:
        raise SettingsError(
            f"There is no endpoint called {one_line(name, 60)}: {path} names none.",
            'Write one there first: a heading like [endpoints.openai], and base_url = "https://…" below it.',
        )
    raise SettingsError(
        f"There is no endpoint called {one_line(name, 60)} in {path}.",
        f"Those in there: {', '.join(settings.endpoints)}.",
    )


def _asked(name: str) -> str:
    """The key as it is typed, unseen, or the first line with something in it that comes through a pipe."""
    if sys.stdin is None:
        raise RefusedError("Standard input is closed, so no key can be read.", "Start it without <&-.")
    if not sys.stdin.isatty():
        lines = sys.stdin.buffer.read(MOST).decode("utf-8-sig", "replace").split("\n")
        return next((line.strip() for line in lines if line.strip()), "")
    with warnings.catch_warnings():
        # It would go on and show what is typed.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"Key for {name}, which is not shown: ")
        except getpass.GetPassWarning:
            raise RefusedError(
                "This terminal can't hide what is typed.", "Send the key through a pipe from another program."
            ) from None
        except EOFError:
            return ""
