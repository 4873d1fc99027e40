"""Keys one after the other: each has done its work before the next one is looked at, however fast they come.

Textual hands keys to the focused widget's queue and looks for bindings when they come back from there, so that a key can
overtake the one before it: typed ahead, the first letters for a box would land in the text. Here bindings are looked up at once, and
a key that opens, closes or moves something is waited for. ESC joined to a letter is taken apart here, where it is known what it goes to.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from composer.ui.driver import Joined
from composer.ui.widgets.manuscript import ManuscriptView

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

PATIENCE = 0.5
"""Seconds that a key is waited for at the most: something that hangs must not take the keyboard with it."""
HELD = 3.0
"""The same for a key that a screen holds back until it has made what it shows."""
TURN = 0.01
"""Seconds between two looks at it."""
MAKES = ("context",)
"""Groups of workers that make what a screen shows, and until then hold back what keys ask for."""


async def press(app: ComposerApp, event: events.Key) -> None:
    """Give a key to what it is for, and return when that has dealt with it."""
    if isinstance(event, Joined) and not app.text_has_focus:
        for each in event.apart:
            await press(app, each)
        return
    focused, screen = app.focused, app.screen
    letter = event.is_printable and event.character
    if isinstance(focused, ManuscriptView) and letter:
        focused.press(letter)
        return
    if isinstance(focused, Input) and letter:
        focused._forward_event(event)
    elif not (await app._check_bindings(event.key, priority=True) or await app._check_bindings(event.key)):
        (focused or app.screen)._forward_event(event)
    await settled(app, focused)
    if event.key == "escape" or event.key.startswith("ctrl+"):
        await _made(app, screen)


async def _made(app: ComposerApp, screen: Screen[object]) -> None:
    """Wait until a screen has made what it shows, or is gone: a key that closes it may be held back until then."""
    with suppress(TimeoutError):
        async with asyncio.timeout(HELD):
            while app.screen is screen and any(
                worker.node is screen and worker.group in MAKES and not worker.is_finished for worker in app.workers
            ):
                await asyncio.sleep(TURN)
                await settled(app, screen)


async def settled(app: ComposerApp, widget: Widget | None) -> None:
    """Wait until a widget, all above it, and the screen that is shown now have done what they were told."""
    chain = [node for node in (widget.ancestors_with_self if widget else []) if isinstance(node, Widget)]
    # What one round of messages sends is dealt with in the second.
    for _ in range(2):
        nodes = [*chain, app.screen, *([app.focused] if app.focused else [])]
        for node in nodes:
            if node.is_attached and not await _reached(node):
                return


async def _reached(node: Widget) -> bool:
    """Wait until a widget has come to the end of its queue as it is now; whether it did in time."""
    done = asyncio.Event()
    if not node.call_later(done.set):
        return True
    try:
        async with asyncio.timeout(PATIENCE):
            await done.wait()
    except TimeoutError:
        return False
    return True
