"""`story-composer export`: a story written out in another format, to a file or to standard output. It never overwrites unasked."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from composer.cli.exports import BY_NAME, TEXTS, Exports, damaged, is_there, may_go, write_whole
from composer.cli.output import put
from composer.errors import DamagedSession, RefusedError
from composer.exchange.documents.plain import open_holes
from composer.journal.entry import Entry, first_break
from composer.journal.film import Film
from composer.journal.replay import Reel
from composer.journal.showing.readers import Readers
from composer.store.opening import AnyStore
from composer.story.story import Story
from composer.text.clean import one_line

SHOWN = 5
"""Holes that are named."""
KINDS = ("notes", "instructions", "shelf", "passed-over", "prompts")
"""What readers of a film may see or not, as the command line names it."""


def run_export(flags: argparse.Namespace) -> int:
    if flags.list:
        return _list()
    film = flags.to in BY_NAME and BY_NAME[flags.to].film
    chosen = any(given is not None for given in (flags.first, flags.until, flags.show, flags.hide)) or flags.yes
    if film and not chosen and _on_a_terminal():
        from composer.cli.asking_readers import ask_and_export

        return ask_and_export(flags)
    return asyncio.run(unless_told_to_end(export(flags)))


async def unless_told_to_end(work: Coroutine[Any, Any, int]) -> int:
    """The exit code of the work. A signal that ends it lets it clean up: nothing stays on the disk, and no other program runs on."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    came: list[int] = []

    def end(number: int) -> None:
        came.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not came:
            raise
        return 128 + came[0]


def _on_a_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _list() -> int:
    for each in Exports().formats():
        problem = f" ({each.problem})" if each.problem else ""
        put(f"{each.name:<12} {each.words}{problem}\n".encode())
    return 0


async def export(flags: argparse.Namespace) -> int:
    from composer.store.opening import open_any

    source = Path(flags.file)
    target = Path(flags.output) if flags.output else None
    if target and is_there(target):
        may_go(target, source, flags.force)
    store = await open_any(source, read_only=True)
    try:
        entries = await store.read()
        broken = first_break(list(entries))
        if broken is not None and flags.to != "jsonl":
            raise damaged(broken)
        data = await (_journal(store, entries) if flags.to == "jsonl" else _other(flags, store, entries))
    finally:
        await store.close()
    if target is None:
        put(data)
    else:
        write_whole(target, data)
    if broken is not None:
        raise DamagedSession(
            f"From entry {broken} on, checksums don't hold; all was written as it is.", "Take the file from a backup."
        )
    return 0


async def _journal(store: AnyStore, entries: Sequence[Entry]) -> bytes:
    """The journal with all pieces of the file, also those that only a newer version knows."""
    import io

    from composer.store.jsonl import write_jsonl

    out = io.BytesIO()
    write_jsonl(out, entries, await store.pieces(await store.piece_names()))
    return out.getvalue()


async def _other(flags: argparse.Namespace, store: AnyStore, entries: Sequence[Entry]) -> bytes:
    film = Film(Reel(entries))
    readers = readers_of(flags, len(film))
    exports = Exports()

    async def pieces(names: Sequence[str]) -> Mapping[str, bytes]:
        return await store.pieces(names)

    if flags.to in TEXTS:
        _warn_of_holes(film.reel.story(readers.span(len(film))[1]))
    data = await exports.made(flags.to, film, pieces, readers)
    if flags.to in BY_NAME and BY_NAME[flags.to].film:
        there, left = await exports.counts(film, readers, pieces)
        print(f"story-composer: readers see {_told(there.pairs) or 'nothing'}.", file=sys.stderr)
        if left.pairs:
            print(f"story-composer: not in the file: {_told(left.pairs)}.", file=sys.stderr)
    return data


def readers_of(flags: argparse.Namespace, length: int) -> Readers:
    """What the flags let readers see of a journal of that length. RefusedError where they make no sense."""
    first = 1 if flags.first is None else flags.first
    last = length if flags.until is None else flags.until
    if not 1 <= first <= max(1, length) or not (flags.until is None or first <= last <= length):
        raise RefusedError(
            f"There are no entries {first} to {last}: this session has {length:,}.", "Name two of them, in order."
        )
    shown, hidden = _named(flags.show), _named(flags.hide)
    if both := shown & hidden:
        raise RefusedError(f"{', '.join(sorted(both))} can't be shown and hidden.", "Name it once.")
    usual = Readers()

    def on(name: str, default: bool) -> bool:
        return name in shown or (default and name not in hidden)

    return Readers(
        first=first,
        last=0 if flags.until is None else last,
        notes="all" if "notes" in shown else "none" if "notes" in hidden else usual.notes,
        instructions=on("instructions", usual.instructions),
        shelf=on("shelf", usual.shelf),
        passed_over=on("passed-over", usual.passed_over),
        prompts=on("prompts", usual.prompts),
    )


def _named(text: str | None) -> frozenset[str]:
    names = frozenset(part.strip() for part in (text or "").split(",") if part.strip())
    if unknown := names - frozenset(KINDS):
        raise RefusedError(
            f"Readers know nothing of {one_line(sorted(unknown)[0], 40)}.", f"There are: {', '.join(KINDS)}."
        )
    return names


def _told(pairs: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{number:,} {words}" for words, number in pairs)


def _warn_of_holes(story: Story) -> None:
    """On standard error: what is still to be filled."""
    found = open_holes(story)
    if not found:
        return
    shown = ", ".join(f"{one_line(hole, 60)} in paragraph {number}" for number, hole in found[:SHOWN])
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    holes = "1 hole is" if len(found) == 1 else f"{len(found)} holes are"
    print(f"story-composer: {holes} still open: {shown}{more}.", file=sys.stderr)
