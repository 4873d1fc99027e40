"""What lies outside the session, for the screen: the writer's stories, lenses, dictionaries, and files that are read on demand.

What is heavy is imported when it is used. It shows nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from composer.cli.bookcase import Bookcase
from composer.cli.wiring import lenses_folder, sessions_folder, settings_path
from composer.config import Settings
from composer.session.ports import Dictionary, Lens, Search
from composer.story.actions.exemplars import FoundExemplars
from composer.story.actions.notes import FoundNotes

if TYPE_CHECKING:
    from composer.store.lenses import LensFolder


class Shelf(Bookcase):
    """The port `Library` over the user's folder."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(sessions_folder(settings))
        self.settings_path = str(settings_path())

    def search(self) -> Search:
        from composer.store.search import TrigramSearch

        return TrigramSearch()

    def lenses(self) -> Sequence[Lens]:
        return self._lens_folder().lenses()

    def lens_problems(self) -> Sequence[str]:
        folder = self._lens_folder()
        folder.lenses()
        return folder.problems

    def keep_lens(self, name: str, text: str, old: str = "") -> None:
        self._lens_folder().keep(name, text, old)

    def drop_lens(self, name: str) -> None:
        self._lens_folder().drop(name)

    def _lens_folder(self) -> LensFolder:
        from composer.store.lenses import LensFolder

        return LensFolder(lenses_folder())

    async def dictionary(self, language: str) -> Dictionary:
        from composer.store.dictionary import open_dictionary

        return await open_dictionary(language)

    async def read_text(self, path: str) -> str:
        from composer.cli.reading import read_text

        return await asyncio.to_thread(read_text, path)

    def notes_in(self, text: str) -> FoundNotes:
        from composer.exchange.notes import notes_in

        return notes_in(text)

    def exemplars_in(self, text: str, name: str) -> FoundExemplars:
        from composer.exchange.notes import exemplars_in

        return exemplars_in(text, name)
