"""`story-composer generate` run in the test's own process: a server for it, what it prints, what it refuses, and what is on disk then.

It holds no test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from composer.cli.flags import command_parser
from composer.cli.generate import run_generate
from composer.cli.wiring import new_id, settings_path
from composer.errors import ComposerError, RefusedError, SettingsError
from composer.session.session import Session
from composer.store.opening import open_any
from composer.store.sqlite import open_session
from composer.story.candidate import CellTarget
from composer.story.story import Story
from tests.cli.test_generate_kill import events_in
from tests.llm.fault_server import Exchange, serving
from tests.session.fakes import Few, HandClock, Scripted

Handler = Callable[[Exchange], Any]


@asynccontextmanager
async def served(handler: Handler, more: str = "") -> AsyncIterator[None]:
    """A server that the settings name as the one that writes."""
    async with serving(handler) as server:
        server.models = {"data": [{"id": "m", "max_model_len": 8192}]}
        path = settings_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'[endpoints.home]\nbase_url = "{server.base_url}"\nmodel = "m"\nwindow = 8192\ncontinues = "prefill"\n{more}'
        )
        yield


async def said(capture: pytest.CaptureFixture[bytes], *arguments: object) -> list[dict[str, Any]]:
    """The events of a run in which all comes."""
    code = await run_generate(command_parser("generate").parse_args([*map(str, arguments)]))
    out, _ = capture.readouterr()
    events = events_in(out)
    assert code == 0
    assert events[-1]["event"] == "end"
    assert events[-1]["complete"]
    return events


async def missed(capture: pytest.CaptureFixture[bytes], *arguments: object) -> tuple[str, list[dict[str, Any]]]:
    """What is told on standard error by a run in which something is missing, and the events before."""
    with pytest.raises(ComposerError) as failed:
        await said(capture, *arguments)
    return str(failed.value), events_in(capture.readouterr().out)


async def refused(*arguments: object) -> str:
    """What is said by a command that asks for nothing."""
    with pytest.raises((RefusedError, SettingsError)) as failed:
        await run_generate(command_parser("generate").parse_args([*map(str, arguments)]))
    return str(failed.value)


async def read(path: Path) -> Story:
    """The story as it is on disk."""
    async with Session(await open_any(path, read_only=True), Few(Scripted()), HandClock(), new_id) as session:
        return session.story


@asynccontextmanager
async def changing(path: Path) -> AsyncIterator[Session]:
    async with Session(await open_session(path), Few(Scripted()), HandClock(), new_id) as session:
        yield session


def of(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [each for each in events if each["event"] == name]


def finished_cells_of(story: Story) -> set[tuple[float, str]]:
    lines = {beat.id: beat.text.summary for beat in story.outline.leaves()}
    return {
        (each.recipe.temperature or 0.0, lines[asked.beat])
        for asked in story.rounds
        for each in asked.candidates
        if isinstance(asked.target, CellTarget) and each.ending is not None and each.ending.kind == "finished"
    }
