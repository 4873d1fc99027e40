"""How the player is opened: over the story that is open, or alone over a journal. The entries come once it is on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composer.errors import ComposerError
from composer.session.session import Session
from composer.ui.screens.player.deeds import Deeds, Replayed
from composer.ui.screens.player.screen import PlayerScreen

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp


async def play_alone(app: ComposerApp, reel: Replayed) -> None:
    """The player without a session."""
    player = PlayerScreen(reel.title, Deeds(None, app.library, reel.pieces), reel.at, reel.speed)
    await app.push_screen(player)
    await player.load(reel.entries)


async def play_story(app: ComposerApp, session: Session, at: int | None) -> None:
    """The player over the story that is open, at an entry or at the end. What is typed and streams by now is in the film."""
    player = PlayerScreen(session.story.details.title, Deeds(session, app.library, session.pieces), at)
    await app.push_screen(player)
    try:
        session.flush()
        await session.drained()
        entries = await session.store.read()
    except ComposerError as error:
        if app.screen is player:
            app.leave_player()
        app.notify(str(error), markup=False, severity="error")
        return
    await player.load(entries)
