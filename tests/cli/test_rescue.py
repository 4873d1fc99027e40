"""Where the disk fails for good, all of the journal is in another file, from which the story comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from composer.cli.rescue import rescued
from composer.cli.wiring import import_journal
from composer.errors import SessionError, UnwritableSession
from composer.session.clock import WALL
from composer.session.session import Session
from composer.store.opening import open_any
from composer.store.sqlite import open_session
from tests.session.fakes import Few, Scripted, counting


class Full:
    """A store that is full from now on, with the one below it."""

    def __init__(self, store: object) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def append(self, batch: object) -> None:
        raise UnwritableSession("The disk is full.", "Make some space.")


async def _broken_off(path: Path) -> SessionError:
    store = await open_session(path, create=True)
    session = Session(store, Few(Scripted()), WALL, counting())
    try:
        async with session:
            place = session.type(session.story.manuscript.last, session.story.manuscript.last, "Kept.")
            await session.write_out()
            session.store = Full(store)  # type: ignore[assignment]
            session._writer._store = session.store  # type: ignore[union-attr]
            session.type(place, place, " Saved.")
    except SessionError as failure:
        return await rescued(session, failure)
    raise AssertionError("closing told of no failure")


async def test_what_could_not_be_written_is_in_a_file_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told = await _broken_off(tmp_path / "full.collage")
    (elsewhere,) = tmp_path.glob("story-composer-*.jsonl")
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    assert "The disk is full." in told.sentence
    assert str(elsewhere) in told.sentence
    assert f"import {elsewhere}" in told.next_step
    await import_journal(elsewhere, tmp_path / "new.collage")
    store = await open_any(tmp_path / "new.collage", read_only=True)
    session = Session(store, Few(Scripted()), WALL, counting())
    async with session:
        assert session.story.manuscript.text == "Kept. Saved."


async def test_where_nothing_can_be_written_the_failure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    told = await asyncio.wait_for(_broken_off(tmp_path / "full.collage"), 20)
    assert told.sentence == "The disk is full."
