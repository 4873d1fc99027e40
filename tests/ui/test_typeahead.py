"""Keys typed ahead of what they open: each goes to what is shown when it is dealt with, not to what was shown when it was read."""

from __future__ import annotations

import asyncio

import pytest
from textual import events

from composer.story.shape import Shape
from composer.ui.driver import KeyReader
from composer.ui.screens.context import ContextScreen
from tests.ui.desk import Desk, desk


async def typed_at_once(at: Desk, data: bytes) -> None:
    """Bytes as a terminal delivers them in one go, read while the text has the keys."""
    reader = KeyReader(lambda: False)
    read = [*reader.feed(data), *reader._parser.settle()]
    for message in read:
        assert isinstance(message, events.Key)
        at.app.post_message(message)
    await at.seen()


async def test_escape_and_a_letter_read_together_close_what_was_opened_before_them() -> None:
    async with desk() as at:
        at.write("Salt lay on the sill.")
        before = at.story.shape
        await typed_at_once(at, b"\x1bOQ\x1btyped while it streams, and on and on and on. ")
        assert not isinstance(at.app.screen, ContextScreen)
        at.session.flush()
        assert at.text == "Salt lay on the sill.typed while it streams, and on and on and on. "
        assert at.story.shape == before == Shape()
        assert at.story.edits == ()


async def test_in_the_text_it_is_a_word_key() -> None:
    async with desk() as at:
        at.write("Salt lay")
        await typed_at_once(at, b"\x1bbs\x1bf.")
        at.session.flush()
        assert at.text == "Salt slay."


@pytest.mark.slow
async def test_what_closes_the_context_is_waited_for_while_that_is_made() -> None:
    async with desk(ladder=(0.2,)) as at:
        at.write("\n".join(f"Salt lay on the sill for the {number}th day." for number in range(400)))
        before = at.text
        await typed_at_once(at, b"\x1bOQp\x1bped\x1bOQ\x1bping")
        at.session.flush()
        assert at.text == before + "pedping"
        # What was pinned before escape is all that was done to it.
        assert at.story.shape.edits == ()
        assert len(at.story.shape.pinned) == 1


async def test_what_closes_the_context_is_waited_for_however_long_that_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = ContextScreen._begin

    async def slowly(screen: ContextScreen) -> None:
        for _ in range(5000):
            await asyncio.sleep(0)
        await begin(screen)

    monkeypatch.setattr(ContextScreen, "_begin", slowly)
    async with desk() as at:
        at.write("Salt lay on the sill.")
        await typed_at_once(at, b"\x1bOQ\x1bped")
        at.session.flush()
        assert at.text == "Salt lay on the sill.ped"
        assert at.story.shape == Shape()
