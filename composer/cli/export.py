"""`story-composer export`: the journal as JSON Lines, or the manuscript as text, Markdown, or JSON with origins. It never overwrites unasked."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from pathlib import Path

from composer.cli.output import put
from composer.errors import DamagedSession, RefusedError, UnwritableSession
from composer.exchange.origins import to_json
from composer.exchange.plain import manuscript, open_holes
from composer.journal.entry import first_break
from composer.journal.journal import Journal
from composer.story.story import Story
from composer.text.clean import one_line

SHOWN = 5
"""Holes that are named."""


async def run_export(flags: argparse.Namespace) -> int:
    from composer.store.jsonl import write_jsonl
    from composer.store.opening import open_any

    target = Path(flags.output) if flags.output else None
    if target and target.exists():
        _may_go(target, Path(flags.file), flags.force)
    store = await open_any(Path(flags.file), read_only=True)
    try:
        entries = await store.read()
        broken = first_break(list(entries))
        if flags.to == "jsonl":
            out = io.BytesIO()
            write_jsonl(out, entries, await store.pieces(await store.piece_names()))
            data = out.getvalue()
        else:
            journal = Journal()
            journal.read(entries)
            story = journal.story
            data = to_json(story) if flags.to == "json" else manuscript(story, markdown=flags.to == "md").encode()
            _warn_of_holes(story)
    finally:
        await store.close()
    if target is None:
        put(data)
    else:
        _write(target, data)
    if broken is not None:
        raise DamagedSession(
            f"From entry {broken} on, checksums don't hold; all was written as it is.", "Take the file from a backup."
        )
    return 0


def _warn_of_holes(story: Story) -> None:
    """On standard error: what is still to be filled."""
    found = open_holes(story)
    if not found:
        return
    shown = ", ".join(f"{one_line(hole, 60)} in paragraph {number}" for number, hole in found[:SHOWN])
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    holes = "1 hole is" if len(found) == 1 else f"{len(found)} holes are"
    print(f"story-composer: {holes} still open: {shown}{more}.", file=sys.stderr)


def _may_go(there: Path, source: Path, force: bool) -> None:
    """RefusedError unless what is there may be overwritten."""
    if there.is_dir():
        raise RefusedError(f"{there} is a folder.", "Name a file in it.")
    if source.exists() and there.samefile(source):
        raise RefusedError(f"{there} is the session itself, and is never overwritten.", "Name another file.")
    if not force:
        raise RefusedError(f"{there} is there already.", "Name another file, or add --force to overwrite it.")


def _write(target: Path, data: bytes) -> None:
    """All of the file or nothing of it: it is written beside its place and moved there."""
    beside = target.with_name(f".{target.name}.part")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(target)
    except OSError as error:
        raise UnwritableSession(f"{target} can't be written: {error.strerror}.", "Name another place.") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
