"""`story-composer replay`: the player on a session, or with `--headless` its manuscript at an entry on standard output."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from composer.cli.output import put
from composer.cli.wiring import Shelf, read_settings
from composer.errors import ComposerError, RefusedError
from composer.journal.entry import Entry


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
    from composer.ui.terminal import check_terminal, prepare_environment

    check_terminal(sys.stdin, sys.stdout, os.environ)
    prepare_environment(os.environ)
    return asyncio.run(_play(flags, entries, path.stem))


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


async def _play(flags: argparse.Namespace, entries: Sequence[Entry], title: str) -> int:
    from composer.cli.app import look_of
    from composer.ui.app import ComposerApp

    settings = read_settings(Path(flags.settings) if flags.settings else None)
    app = ComposerApp(
        None, look_of(settings, flags.theme, settings.ladder), Shelf(settings), reel=(entries, title, flags.at)
    )
    await app.run_async(mouse=False)
    if app.return_code not in (0, None):
        raise ComposerError("The screen stopped working.", "Nothing was changed: a replay only reads.")
    return 0
