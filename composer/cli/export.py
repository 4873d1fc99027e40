"""`story-composer export`: the journal as JSON Lines, or the manuscript as text or Markdown. It never overwrites unasked."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
from pathlib import Path

from composer.cli.output import put
from composer.errors import DamagedSession, RefusedError, UnwritableSession
from composer.journal.entry import first_break
from composer.journal.journal import Journal
from composer.story.story import Story


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
            data = manuscript(journal.story, markdown=flags.to == "md").encode()
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


def manuscript(story: Story, *, markdown: bool) -> str:
    """The text with its title and the headings of the outline. Empty paragraphs are left out."""
    lines = []
    if story.details.title:
        lines.append(f"# {story.details.title}" if markdown else story.details.title)
    seen: set[str] = set()
    headings = story.outline.headings()
    for block in story.manuscript:
        for depth, beat in enumerate(headings.get(block.beat, ()), 2):
            if beat.id not in seen:
                seen.add(beat.id)
                lines.append(f"{'#' * min(depth, 6)} {beat.text.line}" if markdown else beat.text.line)
        if block.text.strip():
            lines.append("* * *" if block.is_scene_break else block.text)
    return "\n\n".join(lines) + "\n" if lines else ""
