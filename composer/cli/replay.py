"""`story-composer replay`: the player on a session, or with `--headless` its manuscript at an entry on standard output."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from composer.cli.library import Shelf
from composer.cli.output import put
from composer.cli.wiring import read_settings
from composer.errors import ComposerError, RefusedError
from composer.journal.entry import Entry
from composer.text.clean import one_line

if TYPE_CHECKING:
    from composer.ui.app import Next


def run_replay(flags: argparse.Namespace) -> int:
    path = Path(flags.file)
    entries, whole = asyncio.run(_entries(path))
    if flags.at is not None and not 0 <= flags.at <= len(entries):
        raise RefusedError(
            f"There is no entry {flags.at}: this session has {len(entries):,}.", "Name one of 0 to that."
        )
    if flags.headless:
        from composer.journal.replay import Reel

        story = Reel(entries).story(len(entries) if flags.at is None else flags.at)
        text = story.manuscript.text
        put(f"{text}\n".encode() if text else b"")
        return 0 if whole else 1
    from composer.cli.app import RARELY, TURN
    from composer.ui.terminal import check_terminal, prepare_environment

    speed = _speed(getattr(flags, "speed", None))
    check_terminal(sys.stdin, sys.stdout, os.environ)
    # A long journal is read in a thread, beside the keys.
    sys.setswitchinterval(TURN)
    gc.set_threshold(*RARELY)
    prepare_environment(os.environ)
    following = asyncio.run(_play(flags, entries, path, speed))
    if following is not None:
        return _open(flags, following.path)
    return 0


async def _entries(path: Path) -> tuple[Sequence[Entry], bool]:
    """The entries whose checksums hold, and whether these are all."""
    from composer.journal.entry import first_break
    from composer.store.opening import open_any

    store = await open_any(path, read_only=True)
    try:
        entries = await store.read()
    finally:
        await store.close()
    if (broken := first_break(list(entries))) is not None:
        print(
            f"story-composer: from entry {broken} on, checksums don't hold; what is before it is shown.",
            file=sys.stderr,
        )
        entries = entries[: broken - 1]
    return entries, broken is None


async def _play(flags: argparse.Namespace, entries: Sequence[Entry], path: Path, speed: float | None) -> Next | None:
    """The player; the story to open next, where one was made."""
    from composer.cli.app import look_of
    from composer.cli.exports import Exports
    from composer.ui.app import ComposerApp
    from composer.ui.screens.player.deeds import Replayed

    settings = read_settings(Path(flags.settings) if flags.settings else None)
    reel = Replayed(entries, one_line(path.stem, 200), partial(_pieces, path), flags.at, speed, str(path))
    app = ComposerApp(
        None, look_of(settings, flags.theme, settings.ladder), Shelf(settings), exporter=Exports(), reel=reel
    )
    following = await app.run_async(mouse=False)
    if app.return_code not in (0, None):
        raise ComposerError("The screen stopped working.", "Nothing was changed: a replay only reads.")
    return following


async def _pieces(path: Path, names: Sequence[str]) -> Mapping[str, bytes]:
    """Pieces of the session by their hashes. It is opened only while they are read."""
    from composer.store.opening import open_any

    store = await open_any(path, read_only=True)
    try:
        return await store.pieces(names)
    finally:
        await store.close()


def _open(flags: argparse.Namespace, path: str) -> int:
    """The app on a story that was made in the player, with the same look."""
    from composer.cli.app import run_app
    from composer.cli.flags import parser

    arguments = [path]
    for name in ("theme", "settings"):
        if value := getattr(flags, name):
            arguments += [f"--{name}", value]
    return run_app(parser().parse_args(arguments))


def _speed(wanted: float | None) -> float | None:
    """How fast it begins to play; None where it stands still. RefusedError where no film runs like that."""
    from composer.ui.screens.player.head import SPEEDS

    if wanted is not None and not SPEEDS[0] <= wanted <= SPEEDS[-1]:
        raise RefusedError(
            f"A film can't be played at {wanted:g} times its speed.", f"From {SPEEDS[0]:g} to {SPEEDS[-1]:g} it can."
        )
    return wanted
