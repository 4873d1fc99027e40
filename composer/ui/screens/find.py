"""Find and replace in the text, through the box: enter goes on, up goes back; in the second field enter replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from composer.errors import RefusedError
from composer.story.actions import text as texts
from composer.story.events import TextEdited
from composer.story.manuscript import Fragment, Position
from composer.story.spans import Span
from composer.ui import caret as carets
from composer.ui.widgets.box import Field

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


class Finder:
    """What is being looked for. It selects what it finds; replacing all says how many first, and is one step."""

    def __init__(self) -> None:
        self._counted = ""

    def open(self, screen: MainScreen) -> None:
        start, end = screen.text.selection
        chosen = ""
        if start != end and start.block == end.block:
            chosen = screen.story.manuscript.fragment(start, end).text[:200]
        self._counted = ""
        screen.box.open(
            "find",
            "Find · enter next, up back · in the second field: enter replaces, down skips, ctrl+t replaces all",
            [Field("find", "find", chosen), Field("put", "replace with", "", "tab goes here")],
            keep=True,
        )

    def changed(self, screen: MainScreen, values: Mapping[str, str]) -> None:
        """The field changed: the first place from the caret on is selected as one types."""
        self._counted = ""
        if values["find"]:
            self._select(screen, values["find"], screen.text.selection[0], quiet=True)

    def step(self, screen: MainScreen, by: int, values: Mapping[str, str]) -> None:
        start, end = screen.text.selection
        self._select(screen, values["find"], end if by > 0 else start, backwards=by < 0)

    def submit(self, screen: MainScreen, field: str, values: Mapping[str, str]) -> None:
        if field == "find":
            self.step(screen, 1, values)
        else:
            screen.attempt(lambda: self._replace(screen, values))

    def _select(
        self, screen: MainScreen, wanted: str, at: Position, *, backwards: bool = False, quiet: bool = False
    ) -> None:
        found = carets.find(screen.story.manuscript, wanted, at, backwards)
        if found:
            screen.text.go(*found)
        elif not quiet:
            screen.say(f"“{wanted}” is nowhere in the text." if wanted else "Type what to look for.")

    def _replace(self, screen: MainScreen, values: Mapping[str, str]) -> None:
        wanted, put = values["find"], values["put"]
        start, end = screen.text.selection
        text = screen.story.manuscript
        if not wanted:
            raise RefusedError("Type what to look for first.")
        if start != end and text.fragment(start, end).text.lower() == wanted.lower():
            origin = texts.hand_origin(screen.story, start, end)
            event = TextEdited(
                start, text.fragment(start, end), Fragment((Span(put, origin),) if put else ()), "replaced"
            )
            screen.session.record((event,))
            end = event.put.end(event.at)
            screen.text.show(screen.story.manuscript, screen.story.outline, end)
        self._select(screen, wanted, end)

    def replace_all(self, screen: MainScreen) -> None:
        values = screen.box.values
        wanted, put = values["find"], values["put"]

        def work() -> None:
            found = carets.find_all(screen.story.manuscript, wanted)
            if not found:
                raise RefusedError(f"“{wanted}” is nowhere in the text." if wanted else "Type what to look for.")
            question = f"{wanted}\n{put}\n{len(found)}"
            if self._counted != question:
                self._counted = question
                screen.say(
                    f"{len(found):,} places. ctrl+t again replaces them all with “{put}”; one undo takes it back."
                )
                return
            self._counted = ""
            screen.session.record(texts.replaced_all(screen.story, found, put))
            screen.text.show(screen.story.manuscript, screen.story.outline)
            screen.say(f"{len(found):,} places were replaced.")

        screen.attempt(work)
