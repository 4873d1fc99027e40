"""`story-composer [FILE]` and `new`: the app on a session. The session stands around the app and closes after it."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from composer.cli.library import Shelf
from composer.cli.profiles import Endpoints
from composer.cli.rescue import rescued
from composer.cli.wiring import (
    last_session,
    midnight,
    new_id,
    read_settings,
    settings_path,
    state_folder,
    themes_folder,
    write_session,
)
from composer.config import Settings, parse_ladder
from composer.errors import (
    ComposerError,
    LockedSession,
    NotASession,
    SessionError,
    SettingsError,
    UnreadableSource,
    UnwritableSession,
)
from composer.session.clock import WALL
from composer.session.ports import Store
from composer.session.session import Session
from composer.story.actions.outline import change_details
from composer.story.story import Details
from composer.text.clean import one_line
from composer.ui.terminal import check_terminal, prepare_environment

if TYPE_CHECKING:
    from composer.ui.app import Look, Next

TURN = 0.001
"""Seconds after which a thread that computes lets the keys have their turn."""
RARELY = (5_000, 20, 50)
"""When to look for garbage: a look through everything stops the keys for a tenth of a second."""
PATIENCE = 20.0
"""Seconds that leaving may take before the process ends all the same; what is on disk by then is safe."""


def run_app(flags: argparse.Namespace, new: bool = False) -> int:
    """Open the app; the exit code."""
    check_terminal(sys.stdin, sys.stdout, os.environ)
    sys.setswitchinterval(TURN)
    gc.set_threshold(*RARELY)
    prepare_environment(os.environ)
    settings = read_settings(Path(flags.settings) if flags.settings else None)
    try:
        return asyncio.run(_stories(flags, settings, new))
    finally:
        _watch_the_exit()


def _watch_the_exit() -> None:
    """A thread that hangs must not keep a process that has nothing left to do."""
    timer = threading.Timer(PATIENCE, os._exit, (0,))
    timer.daemon = True
    timer.start()


async def _stories(flags: argparse.Namespace, settings: Settings, new: bool) -> int:
    """One story after the other, until the writer leaves."""
    path, first = (Path(flags.file) if flags.file else None), False
    details = Details(structure=flags.structure or "fiction") if new else Details()
    if new and path is not None and flags.source:
        await _begin(path, flags.source, flags.structure)
        new = False
    while True:
        # All that was asked for is known to be possible before anything is made or opened.
        where = Path(flags.settings) if flags.settings else settings_path()
        endpoints = Endpoints(settings, os.environ, where, state_folder(), flags.base_url, flags.model)
        chosen = endpoints.settings
        look = look_of(chosen, flags.theme, parse_ladder(flags.ladder) if flags.ladder else chosen.ladder)
        if path is None:
            path, first = await last_session(settings)
        store = await _open(path, flags, new)
        session = Session(store, endpoints, WALL, new_id, midnight())
        try:
            async with session:
                if new:
                    session.record(change_details(session.story, details))
                following = await _story(session, look, settings, endpoints, flags.mouse, first)
        except SessionError as failure:
            raise await rescued(session, failure) from failure
        finally:
            # A session that can't be read is never entered, and so doesn't close it.
            await store.close()
        if following is None:
            return 0
        settings = endpoints.written
        path, new, first, details = Path(following.path), following.new, False, Details()


async def _begin(path: Path, source: str, structure: str | None) -> None:
    """Make a session at `path` of an outline: a document's, or a template's. A file is taken before a template of that name."""
    from composer.cli.bookcase import begun, is_pattern, look, look_at_pattern

    _check_free(path)
    if not Path(source).expanduser().exists() and is_pattern(source):
        sections = None if structure is None else structure == "nonfiction"
        found = await asyncio.to_thread(look_at_pattern, source, sections)
    else:
        found = await look(source, outline=True, sections=structure == "nonfiction")
    if not found.beats:
        raise UnreadableSource(
            f"There is no outline in {one_line(source, 200)}.",
            "Headings and items of lists are taken as one, like “- The door: she opens it.”",
        )
    for line in (found.cut, *(f"Left out: {loss}" for loss in found.losses)):
        if line:
            print(one_line(line, 1000), file=sys.stderr)
    await write_session(path, begun(found.title, found.sections, found), found.pieces)


def _check_free(path: Path) -> None:
    """What is to be made is not read for nothing."""
    if path.exists() and path.stat().st_size:
        raise UnwritableSession(f"{path} exists already.", "Open it, or choose another name.")


async def _open(path: Path, flags: argparse.Namespace, new: bool) -> Store:
    from composer.store.opening import open_any
    from composer.store.sqlite import open_session

    if new:
        return await open_session(path, create=True)
    if not path.exists():
        raise NotASession(f"There is no file {path}.", f"To begin a story there: story-composer new {path}")
    try:
        return await open_any(path, read_only=flags.read_only, take_over=flags.take_over)
    except LockedSession as locked:
        print(f"{locked.sentence}", file=sys.stderr)
        print(
            "t: have it saved there and take it over   r: open it for reading only   anything else: leave; then enter",
            file=sys.stderr,
        )
        answer = await _answer()
        if answer == "t":
            print("Waiting for it to save and leave …", file=sys.stderr)
            return await open_any(path, take_over=True)
        if answer == "r":
            return await open_any(path, read_only=True)
        raise


async def _answer() -> str:
    """A line from the terminal. No thread waits for it, because ctrl+c could not end that."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return os.read(sys.stdin.fileno(), 1000).decode(errors="replace").strip().lower()


async def _story(
    session: Session, look: Look, settings: Settings, endpoints: Endpoints, mouse: bool, first: bool
) -> Next | None:
    """The app on one story, with a welcome on the first start; the next story, if the writer went to another."""
    from composer.cli.exports import Exports
    from composer.ui.app import ComposerApp

    app = ComposerApp(session, look, Shelf(settings), profiles=endpoints, exporter=Exports(), welcome=first)
    following = await app.run_async(mouse=mouse or settings.mouse)
    await session.close(app.main_caret)
    if app.return_code not in (0, None):
        raise ComposerError(
            f"The screen stopped working: {app.failure or 'it did not say why'}.",
            "Everything was saved; open the story again.",
        )
    return following


def look_of(settings: Settings, theme: str | None, ladder: tuple[float, ...]) -> Look:
    """How the program looks: themes, signs and keys as the settings and the terminal want them."""
    from composer.ui.app import Look
    from composer.ui.keymap import BY_ID
    from composer.ui.signs import choose
    from composer.ui.theming import default_theme, load_themes

    themes, problems = load_themes(themes_folder())
    names = [each.name for each in themes]
    wanted = theme or settings.theme
    if wanted and wanted not in names:
        raise SettingsError(f"There is no theme called {wanted}.", f"There are: {', '.join(names)}.")
    unknown = [name for name in settings.keys if name not in BY_ID]
    if unknown:
        raise SettingsError(f"There is no action called {unknown[0]} to give keys to.", "f1 in the app lists them.")
    return Look(
        themes=themes,
        theme=wanted or default_theme(os.environ),
        signs=choose(os.environ),
        keys=dict(settings.keys),
        ladder=ladder,
        problems=[str(problem) for problem in problems],
    )
