"""`story-composer doctor`: what this computer, the settings and each endpoint can do, and the next step for what can't be done.

It changes nothing, but that an endpoint may learn which fields its server refuses. It writes no key.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import platform
import shutil
import sys
import textwrap
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

from composer import __version__
from composer.cli.output import put
from composer.cli.profiles import Endpoints
from composer.cli.wiring import read_settings, sessions_folder, settings_path, state_folder
from composer.config import EMBEDDED, Settings, public_url
from composer.errors import ComposerError, RefusedError, SettingsError
from composer.llm.examining import works
from composer.session.ports import Finding, Found
from composer.text.clean import one_line
from composer.ui.signs import choose
from composer.ui.terminal import prepare_environment

LABEL = 13
"""Columns of what was looked at."""
WIDEST = 110
"""Columns of a line on a terminal."""
LONGEST = 2_000
"""Characters of a finding."""
SHOWN = 6
"""Models that are named of a server."""
PATIENCE = 3.0
"""Seconds that a thread which hangs may keep a doctor that was stopped."""
TRUE = ("truecolor", "24bit")


async def run_doctor(flags: argparse.Namespace) -> int:
    """Print what is found out; 0 if the endpoint that writes works, or all that are named."""
    page = _Page(flags.json)
    try:
        return await _examined(flags, page)
    except asyncio.CancelledError:
        _watch_the_exit()
        raise


def _watch_the_exit() -> None:
    """Names are looked up in threads that can't be stopped, and the process would wait for them."""
    timer = threading.Timer(PATIENCE, os._exit, (130,))
    timer.daemon = True
    timer.start()


async def _examined(flags: argparse.Namespace, page: _Page) -> int:
    where = Path(flags.settings) if flags.settings else settings_path()
    settings, trouble = Settings(), None
    try:
        settings = await asyncio.to_thread(read_settings, Path(flags.settings) if flags.settings else None)
    except SettingsError as error:
        trouble = error
    try:
        endpoints = Endpoints(settings, os.environ, where, state_folder(), flags.base_url, flags.model)
    except SettingsError as error:
        if flags.base_url or flags.model:
            raise
        trouble = trouble or error
        endpoints = Endpoints(settings, {}, where, state_folder())
    try:
        names = [_known(endpoints, name) for name in dict.fromkeys(flags.name)] or _every(endpoints)
        page.heading(f"Story Composer {__version__}")
        for finding in await asyncio.to_thread(_this_computer, where, settings, trouble, os.environ):
            page.finding(finding)
        working = {name: await _endpoint(endpoints, name, flags.offline, page) for name in names}
        if list(working) == [EMBEDDED] and not flags.name and not flags.offline:
            page.around(await endpoints.look_around(), where)
        good = trouble is None and all(working[name] for name in (flags.name or [endpoints.chosen]))
        page.verdict(endpoints.chosen, working, trouble is not None, flags.offline)
        page.end(good)
        return 0 if good else 1
    finally:
        await endpoints.close()


def _known(endpoints: Endpoints, name: str) -> str:
    if name not in endpoints.listed:
        raise RefusedError(f"There is no endpoint called {name}.", f"There are: {', '.join(endpoints.listed)}.")
    return name


def _every(endpoints: Endpoints) -> list[str]:
    """The one that writes first, then the others of the settings."""
    others = [name for name in endpoints.listed if name not in (EMBEDDED, endpoints.chosen)]
    return [endpoints.chosen, *others]


async def _endpoint(endpoints: Endpoints, name: str, offline: bool, page: _Page) -> bool:
    """Print what is found out of an endpoint; whether it works, or with `offline` whether nothing is known against it."""
    profile = endpoints.listed[name]
    address = "built in" if profile.embedded else public_url(profile.base_url)
    page.endpoint(name, address, profile.model, name == endpoints.chosen)
    offline = offline and not profile.embedded
    findings = []
    try:
        async with aclosing(endpoints.examine(name, offline=offline)) as found:
            async for finding in found:
                findings.append(finding)
                page.finding(finding)
    except ComposerError as error:
        findings.append(Finding("trouble", str(error), False))
        page.finding(findings[-1])
    return all(finding.good is not False for finding in findings) if offline else works(findings)


# this computer


def _this_computer(
    where: Path, settings: Settings, trouble: ComposerError | None, environ: Mapping[str, str]
) -> list[Finding]:
    if trouble is not None:
        first = Finding("settings", str(trouble), False)
    elif where.exists():
        first = _folder("settings", where, "read; changes can be written")
    else:
        first = Finding("settings", f"{where}: not there yet; it is only needed to change something")
    return [
        first,
        _folder("sessions", sessions_folder(settings), "can be written"),
        _folder("state", state_folder(), "can be written"),
        *_terminal(environ),
        _versions(),
        _keyring(),
        _spelling(),
    ]


def _folder(what: str, path: Path, fine: str) -> Finding:
    """Whether a file or folder can be written, or made where it is not there yet."""
    nearest = path
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not os.access(nearest, os.W_OK | (os.X_OK if nearest.is_dir() else 0)):
        return Finding(what, f"{path} can't be written. Look at the permissions of {nearest}.", False)
    if nearest != path and not nearest.is_dir():
        return Finding(what, f"{path} can't be made: {nearest} is no folder. Move it away.", False)
    return Finding(what, f"{path}: {fine if nearest == path else 'not there yet, and can be made'}", True)


def _terminal(environ: Mapping[str, str]) -> Iterator[Finding]:
    term = environ.get("TERM", "").strip()
    if term in ("", "dumb", "unknown"):
        words = f"TERM is {term or 'not set'}, which shows no full screen. In a terminal that can: export TERM=xterm-256color"
        yield Finding("terminal", words, False)
        return
    facts = [term, _colours(environ)]
    if (size := _size()) is not None:
        facts.append(f"{size.columns} columns and {size.lines} lines")
    if environ.get("TMUX"):
        facts.append("in tmux")
    elif environ.get("STY"):
        facts.append("in screen")
    if environ.get("SSH_CONNECTION"):
        facts.append("over ssh")
    if size is not None and (size.columns < 80 or size.lines < 24):
        facts.append("smaller than the 80 × 24 that the screen is made for")
    yield Finding("terminal", ", ".join(facts))


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colours, since NO_COLOR is set"
    prepared = dict(environ)
    prepare_environment(prepared)
    if prepared.get("COLORTERM", "").strip().lower() in TRUE:
        return "all colours"
    many = prepared.get("TEXTUAL_COLOR_SYSTEM") == "256" or environ.get("TERM", "").endswith("256color")
    return "256 colours" if many else "16 colours"


def _size() -> os.terminal_size | None:
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        try:
            if stream is not None:
                return os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            continue
    return None


def _versions() -> Finding:
    system = platform.system()
    named = [f"Python {platform.python_version()} on {'macOS' if system == 'Darwin' else system}"]
    for package, name in (("textual", "Textual"), ("openai", "openai")):
        try:
            named.append(f"{name} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            return Finding("versions", f"{name} is not installed. Install story-composer again.", False)
    return Finding("versions", ", ".join(named))


def _keyring() -> Finding:
    if importlib.util.find_spec("keyring") is None:
        return Finding(
            "keyring", "not installed, so keys lie in variables or files: pip install 'story-composer[keyring]'"
        )
    return Finding("keyring", "installed")


def _spelling() -> Finding:
    there = [name for name in ("hunspell", "aspell") if shutil.which(name)]
    if there:
        return Finding("spelling", " and ".join(there))
    return Finding("spelling", "neither hunspell nor aspell is installed; a built-in word list stands in")


# what is printed


@dataclass
class _Looked:
    """An endpoint that was looked at."""

    name: str
    address: str
    model: str
    chosen: bool
    findings: list[Finding] = field(default_factory=list)


class _Page:
    """What is printed, line by line as it comes; with `as_json` one object at the end."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._here: list[Finding] = []
        self._endpoints: list[_Looked] = []
        self._around: Sequence[Found] = ()
        signs = choose(os.environ)
        plain = signs.ellipsis.isascii()
        self._signs = {True: signs.done, False: signs.failed, None: "-" if plain else "·"}
        terminal = not as_json and sys.stdout is not None and sys.stdout.isatty()
        size = _size() if terminal else None
        self._width = min(size.columns, WIDEST) if size is not None else 0
        self._colours = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"

    def heading(self, text: str) -> None:
        self._put(self._painted("1", one_line(text)))

    def finding(self, finding: Finding) -> None:
        (self._endpoints[-1].findings if self._endpoints else self._here).append(finding)
        sign = self._painted({True: "32", False: "31", None: "2"}[finding.good], self._signs[finding.good])
        lines = self._wrapped(one_line(finding.words, LONGEST), LABEL + 5)
        self._put(f"  {sign} {finding.what:<{LABEL}} {lines[0]}")
        for line in lines[1:]:
            self._put(" " * (LABEL + 5) + line)

    def endpoint(self, name: str, address: str, model: str, chosen: bool) -> None:
        self._endpoints.append(_Looked(name, address, model, chosen))
        self._put("")
        self.heading(f"{name}: {address}{f', {model}' if model else ''}{' (chosen)' if chosen else ''}")

    def around(self, found: Sequence[Found], where: Path) -> None:
        self._around = found
        self._put("")
        if not found:
            self._text("No model server answers on this computer's usual ports.")
            return
        self.heading("Found on this computer")
        for each in found:
            shown = ", ".join(each.models[:SHOWN]) + (", …" if len(each.models) > SHOWN else "")
            words = f"{each.profile.base_url}: {shown or 'wants a key before it tells its models'}"
            self._put(f"    {each.name:<{LABEL}} {one_line(words, LONGEST)}")
        self._put("")
        self._text(f"To have {found[0].name} write, put this into {where}, the first line above all headings:")
        self._put("")
        for line in settings_lines(found[0]):
            self._put(f"    {line}".rstrip())

    def verdict(self, chosen: str, working: Mapping[str, bool], settings_fail: bool, offline: bool) -> None:
        self._put("")
        if settings_fail:
            self._text("Story Composer does not start with these settings.")
        elif chosen not in working:
            broken = [name for name, good in working.items() if not good]
            self._text(f"What does not work: {', '.join(broken)}." if broken else "All of these work.")
        elif offline and chosen != EMBEDDED:
            self._text(
                f"Nothing is known against {chosen}; no server was asked."
                if working[chosen]
                else f"{chosen} can't work like this."
            )
        else:
            self._text(
                f"Stories are written by {'the built-in model' if chosen == EMBEDDED else chosen}, which {'works' if working[chosen] else 'does not work'}."
            )

    def end(self, good: bool) -> None:
        if not self._as_json:
            return
        told = {
            "version": __version__,
            "works": good,
            "here": [asdict(finding) for finding in self._here],
            "endpoints": [asdict(looked) for looked in self._endpoints],
            "around": [
                {"name": each.name, "base_url": each.profile.base_url, "kind": each.profile.kind, "models": each.models}
                for each in self._around
            ],
        }
        put(json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n")

    def _text(self, text: str) -> None:
        for line in self._wrapped(text, 0):
            self._put(line)

    def _put(self, line: str) -> None:
        if not self._as_json:
            put(line.encode("utf-8", "replace") + b"\n")

    def _wrapped(self, words: str, indent: int) -> list[str]:
        if not self._width:
            return [words]
        room = max(self._width - indent - 1, 20)
        return textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False) or [""]

    def _painted(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours else text


def settings_lines(found: Found) -> list[str]:
    """What belongs into the settings file to have a server that was found write."""
    profile = found.profile
    model = next((name for name in found.models if "embed" not in name.lower()), "")
    lines = [
        f'endpoint = "{found.name}"',
        "",
        f"[endpoints.{found.name}]",
        f'base_url = "{profile.base_url}"',
        f'kind = "{profile.kind}"',
    ]
    return [*lines, f"model = {json.dumps(model, ensure_ascii=False)}"] if model else lines
