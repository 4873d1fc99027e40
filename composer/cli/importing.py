"""`story-composer import`: a file of another program, or a journal in JSON Lines, made into a session."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from composer.cli.output import put
from composer.cli.reading import meant_path
from composer.cli.wiring import import_journal, read_settings, sessions_folder, write_session
from composer.errors import DamagedSession, RefusedError, UnwritableSession
from composer.exchange.taken import Taken
from composer.store import files
from composer.store.jsonl import DamagedJournal
from composer.text.clean import one_line
from composer.text.words import count_words

MOST = 40
"""Kinds of things without a place that are named."""


async def run_import(flags: argparse.Namespace) -> int:
    if flags.list:
        return _list()
    target = Path(flags.to) if flags.to else None
    if target and (target.exists() or target.is_symlink()) and not flags.dry_run:
        raise RefusedError(f"{one_line(str(target), 300)} is there already.", "Name another file.")
    if not flags.format and _is_journal(source := meant_path(flags.source)):
        return await _journal(flags, source, target)
    from composer.cli.sources import look_into

    found = await look_into(
        flags.source,
        format=flags.format or "",
        outline=flags.outline,
        sections=flags.structure == "nonfiction",
    )
    print(f"{one_line(found.path.name, 200)}: {found.format.words}.", file=sys.stderr)
    tell(found.taken)
    if not flags.dry_run:
        target = target or _free(flags, found.title)
        with _whole(target):
            await write_session(target, found.taken.entries, found.taken.pieces)
        print(f"Made {target}.", file=sys.stderr)
    return 0 if not found.taken.cut else 1


def _list() -> int:
    from composer.exchange.formats import FORMATS

    for each in FORMATS:
        put(f"{each.name:<14} {each.words} ({', '.join(each.suffixes)})\n".encode())
    put(b"jsonl          journal of this program (.jsonl)\n")
    return 0


def _is_journal(source: Path) -> bool:
    try:
        if not source.is_file():
            # A pipe would be waited for.
            return False
        with source.open("rb") as file:
            return b'"story-composer journal"' in file.read(4096).partition(b"\n")[0]
    except (OSError, ValueError):
        # Whoever reads it says why it can't be read.
        return False


async def _journal(flags: argparse.Namespace, source: Path, target: Path | None) -> int:
    if flags.dry_run:
        print(f"{one_line(source.name, 200)}: a journal of this program.", file=sys.stderr)
        return 0
    target = target or _free(flags, source.stem)
    try:
        with _whole(target):
            await import_journal(source, target)
    except DamagedJournal as damage:
        if not damage.entries:
            raise
        if not flags.keep_whole:
            raise DamagedSession(
                damage.sentence,
                f"--keep-whole makes a session of the {len(damage.entries):,} entries before that, which are whole.",
            ) from damage
        with _whole(target):
            await write_session(target, damage.entries, damage.pieces)
        print(f"{damage.sentence} The {len(damage.entries):,} entries before that are kept.", file=sys.stderr)
        print(f"Made {target}.", file=sys.stderr)
        return 1
    print(f"Made {target}.", file=sys.stderr)
    return 0


@contextlib.contextmanager
def _whole(target: Path) -> Iterator[None]:
    """Where the disk does not take a session nothing of it is left. UnwritableSession says so."""
    try:
        yield
    except UnwritableSession as error:
        if not target.exists():
            # What stands beside a session belongs to it.
            for end in ("-wal", "-shm"):
                target.with_name(target.name + end).unlink(missing_ok=True)
        raise UnwritableSession(
            error.sentence, "Nothing was made. Make room on the disk, or name another place with --to."
        ) from error


def _free(flags: argparse.Namespace, title: str) -> Path:
    """A place in the folder for sessions."""
    settings = read_settings(Path(flags.settings) if flags.settings else None)
    return files.free_path(sessions_folder(settings), title)


def tell(taken: Taken) -> None:
    """What was found, and what had no place, on standard error."""
    story = taken.story
    words = sum(count_words(block.text) for block in story.manuscript)
    candidates = sum(len(asked.candidates) for asked in story.rounds)
    beats = len(story.outline.leaves())
    counted = ((words, "word"), (beats, "beat"), (candidates, "candidate"), (len(story.notes), "note"))
    parts = [f"{number:,} {what}{'s' * (number != 1)}" for number, what in counted if number]
    print(f"Taken in: {', '.join(parts) or 'nothing but its name'}.", file=sys.stderr)
    if taken.losses:
        print("What has no place in a session:", file=sys.stderr)
        for loss in taken.losses[:MOST]:
            print(f"  {one_line(str(loss), 300)}", file=sys.stderr)
        if len(taken.losses) > MOST:
            print(f"  and {len(taken.losses) - MOST} other kinds of things", file=sys.stderr)
    if taken.cut:
        print(one_line(taken.cut, 500), file=sys.stderr)
