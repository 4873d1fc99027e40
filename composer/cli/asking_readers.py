"""`story-composer export` of a film on a terminal: the screen that asks what readers see, then the file."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from composer.cli.app import look_of
from composer.cli.exports import Exports, damaged
from composer.cli.library import Shelf
from composer.cli.wiring import read_settings
from composer.errors import ComposerError
from composer.journal.entry import first_break
from composer.journal.film import Film
from composer.journal.replay import Reel
from composer.store.opening import AnyStore, open_any
from composer.text.clean import one_line
from composer.ui.terminal import check_terminal, prepare_environment


def ask_and_export(flags: argparse.Namespace) -> int:
    """The exit code: 0 if a file was written."""
    check_terminal(sys.stdin, sys.stdout, os.environ)
    prepare_environment(os.environ)
    return asyncio.run(_ask(flags))


async def _ask(flags: argparse.Namespace) -> int:
    store = await open_any(Path(flags.file), read_only=True)
    try:
        path = await _on_screen(flags, store)
    finally:
        await store.close()
    if path is None:
        print("story-composer: nothing was written.", file=sys.stderr)
        return 1
    print(f"Written: {one_line(path, 300)}", file=sys.stderr)
    return 0


async def _on_screen(flags: argparse.Namespace, store: AnyStore) -> str | None:
    from composer.ui.app import ComposerApp
    from composer.ui.screens.export import Asked, Exportable

    entries = await store.read()
    if (broken := first_break(list(entries))) is not None:
        raise damaged(broken)
    film = Film(Reel(entries))

    async def pieces(names: Sequence[str]) -> Mapping[str, bytes]:
        return await store.pieces(names)

    source = Path(flags.file)
    title = film.reel.story(len(film)).details.title or one_line(source.stem, 200)
    settings = read_settings()
    app = ComposerApp(
        None,
        look_of(settings, None, settings.ladder),
        Shelf(settings),
        exporter=Exports(),
        export=Asked(Exportable(film, title, pieces, str(source)), flags.to, flags.output or "", flags.force),
    )
    await app.run_async(mouse=False)
    if app.return_code not in (0, None):
        raise ComposerError("The screen stopped working.", "Nothing was changed: an export only reads.")
    return app.written
