"""`story-composer generate`: candidates without a screen, in the session's own file: a round for a beat, outlines, or whole drafts.

What is told to have ended is on disk by then. Whatever ends the program keeps what has come, and drafts go on with the next
call. It places nothing in the text and asks nobody anything.

Limit: another process that has the session ends it, as any writer does, and it ends for another one that takes the session over.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from collections import deque
from pathlib import Path

from msgspec.structs import replace

from composer.cli.asking import ask_for, beat_numbers, chosen_lenses
from composer.cli.endings import Ending, StoppedError
from composer.cli.pages import Page
from composer.cli.profiles import Endpoints
from composer.cli.reports import Report
from composer.cli.rescue import rescued
from composer.cli.wiring import LONGEST, NAME, midnight, new_id, read_settings, settings_path, state_folder
from composer.cli.work import Work
from composer.config import EMBEDDED, Settings, parse_ladder
from composer.errors import ComposerError, LockedSession, NotASession, RefusedError, SessionError, UnwritableSession
from composer.session.clock import WALL
from composer.session.ports import Store
from composer.session.session import Session
from composer.text.clean import one_line
from composer.ui.phrases import counted

EVERY = 0.25
"""Seconds between two looks at how far it is."""
WITHIN = 10.0
"""Seconds over which the speed is measured."""


async def run_generate(flags: argparse.Namespace) -> int:
    """Ask for what the flags say, and wait until it has come; the exit code. ComposerError with what is missing, and why."""
    _check(flags)
    ending = Ending()
    page = Page(flags, ending.output_failed)
    complete = False
    with ending.listening(page.say):
        try:
            await _generated(flags, ending, page)
        except StoppedError as stopped:
            page.say(f"Stopped{stopped}")
        else:
            # Whoever reads may take her time, unless the program is told to end.
            with contextlib.suppress(StoppedError):
                await ending.unless(page.written())
                complete = True
        finally:
            await page.close()
    if ending.failure is not None:
        raise ending.failure
    return 0 if complete else ending.code


def _check(flags: argparse.Namespace) -> None:
    """Refuse what makes no sense before anything is opened."""
    if flags.ladder is not None:
        parse_ladder(flags.ladder)
    if flags.beats is not None:
        beat_numbers(flags.beats)
    for flag, given in (("--way", flags.way), ("--beats", flags.beats), ("--new", flags.new)):
        if given and not flags.draft:
            raise RefusedError(f"{flag} says how drafts are written, and goes with --draft alone.", "Leave it out.")
    if flags.quiet and flags.stream:
        raise RefusedError("--quiet prints nothing, and --stream all that comes.", "Leave one of them out.")


async def _generated(flags: argparse.Namespace, ending: Ending, page: Page) -> None:
    """All of it, from the opening of the session to its closing. StoppedError if something ended it before its time."""
    where = Path(flags.settings) if flags.settings else None
    settings = _with_endpoint(await asyncio.to_thread(read_settings, where), flags.endpoint)
    endpoints = Endpoints(settings, os.environ, where or settings_path(), state_folder(), flags.base_url, flags.model)
    lenses = await asyncio.to_thread(chosen_lenses, flags, settings)
    store = await ending.unless(_open(Path(flags.file), flags.take_over))
    session = Session(store, endpoints, WALL, new_id, midnight())
    trouble: ComposerError | None = None
    try:
        async with session:
            report = Report(session, page, ending.set, texts=flags.stream)
            try:
                # What is still at work is stopped by closing the session. Stopping drafts would have them stay stopped.
                work = await ending.unless(ask_for(session, endpoints, flags, lenses, page))
                await session.drained()
                page.event("begin", session=one_line(store.path, LONGEST), **work.begun())
                await _followed(work, report, ending, page)
            finally:
                report.close()
            trouble = session.trouble
    except SessionError as failure:
        raise await rescued(session, failure) from failure
    finally:
        # A session that can't be read is never entered, and so doesn't close it.
        await store.close()
    # What ended by the closing, and what could not be written at first.
    await report.tell()
    _tell_the_end(work, report, ending, page, trouble)


async def _followed(work: Work, report: Report, ending: Ending, page: Page) -> None:
    """Wait for the work, or until it has to end before its time, and tell how it goes."""
    tasks = [asyncio.ensure_future(each) for each in (work.ended(), ending.came.wait(), report.run())]
    if page.bar:
        tasks.append(asyncio.ensure_future(_paced(work, report, page)))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
    for failure in done:
        if isinstance(failure, Exception):
            raise failure


async def _paced(work: Work, report: Report, page: Page) -> None:
    """Show how far it is, a few times a second."""
    began, (_, missing) = WALL.now(), work.cells()
    first = missing
    samples: deque[tuple[int, int]] = deque([(began, 0)])
    ended = -1
    while True:
        now, tokens = WALL.now(), report.tokens()
        samples.append((now, tokens))
        while len(samples) > 2 and now - samples[0][0] > WITHIN * 1000:
            samples.popleft()
        if report.ended != ended:
            # What has ended is counted anew only where something did.
            ended, (total, missing) = report.ended, work.cells()
        seconds = (now - began) / 1000
        speed = (tokens - samples[0][1]) / max(1.0, (now - samples[0][0]) / 1000)
        left = seconds / (first - missing) * missing if first > missing else None
        facts = [
            f"{total - missing:,}/{total:,} {work.unit}s",
            f"{report.words() + work.words_before:,} words",
            f"{speed:.0f} tokens/s",
            *([f"{_duration(left)} left"] if left is not None and missing else []),
            *([f"{report.failed:,} failed"] if report.failed else []),
        ]
        page.show(total - missing, total, facts)
        await WALL.sleep(EVERY)


def _tell_the_end(work: Work, report: Report, ending: Ending, page: Page, trouble: ComposerError | None) -> None:
    """What has come of it, all of which is on disk. Raises what is missing."""
    total, missing = work.cells()
    page.event(
        "end",
        complete=not missing,
        cells=total,
        missing=missing,
        words=work.words(),
        cost=report.cost(),
    )
    for line in work.lines():
        page.line(line)
    if not missing:
        return
    if trouble is not None:
        raise UnwritableSession(
            f"{trouble.sentence} Writing was stopped for it. It can be written again, and all that had come is on disk now.",
            work.goes_on,
        )
    if ending.came.is_set():
        raise StoppedError(f": {work.kept()}")
    are = "is" if missing == 1 else "are"
    raise ComposerError(f"{missing:,} of {counted(total, work.unit)} {are} missing. {work.why()}", work.goes_on)


def _with_endpoint(settings: Settings, name: str | None) -> Settings:
    """The settings with that endpoint to write."""
    if name is None:
        return settings
    if name != EMBEDDED and name not in settings.endpoints:
        known = ", ".join(dict.fromkeys((EMBEDDED, *settings.endpoints)))
        raise RefusedError(f"There is no endpoint called {one_line(name, 40)}.", f"There are: {known}.")
    return replace(settings, endpoint=name)


async def _open(path: Path, take_over: bool) -> Store:
    from composer.store.opening import open_any

    if not path.exists():
        raise NotASession(f"There is no file {path}.", f"To begin a story there: {NAME} new {path}")
    try:
        store = await open_any(path, take_over=take_over)
    except LockedSession as locked:
        if take_over:
            raise
        raise LockedSession(locked.sentence, "--take-over has it save everything and leave.", locked.holder) from locked
    if store.read_only:
        await store.close()
        raise RefusedError(
            f"{path} is a journal in JSON Lines, which is only read.",
            f"Make a session of it first: {NAME} import {path} --to NAME.collage",
        )
    return store


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{round(seconds)} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"
