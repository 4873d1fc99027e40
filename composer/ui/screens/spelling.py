"""Spelling from the main screen: words that no one knows are listed, walked through, and taught. Nothing is marked while one types."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from composer.errors import RefusedError
from composer.session.ports import Dictionary
from composer.story.events import WordLearned
from composer.story.manuscript import Position
from composer.story.story import Story
from composer.text.spelling import Doubt, asked, doubtful, names, vocabulary
from composer.ui.screens.picker import Choice, Picker

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen

AROUND = 30
"""Characters shown on both sides of a word."""


class Speller:
    """The dictionary of the story's language, opened when it is first asked for, and the words in doubt."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._dictionary: Dictionary | None = None

    def open(self) -> None:
        """List the words in doubt; while there are some, the way through the holes stops at them as well."""
        self._desk.run_worker(self._look(), group="spelling", exclusive=True, exit_on_error=False)

    async def _look(self) -> None:
        desk = self._desk
        if self._dictionary is None:
            self._dictionary = await desk.app.library.dictionary(desk.story.details.language)
        story = desk.story
        texts = [(block.id, block.text) for block in story.manuscript]
        own, wanted = await asyncio.to_thread(_asked, story, texts)
        unknown = await self._dictionary.unknown(wanted)
        found = await asyncio.to_thread(doubtful, texts, own, unknown)
        desk.text.doubtful = frozenset(doubt.word for doubt in found)
        if not found:
            desk.say(f"Every word is known to the {self._dictionary.name}, the notes, or the text itself.")
            return
        known = dict(texts)
        choices = [Choice(f"{doubt.key}:{doubt.start}:{doubt.end}", _line(doubt, known[doubt.key])) for doubt in found]
        title = f"{len(found)} words in doubt · {self._dictionary.name} · enter goes there, ctrl+k teaches the word"
        desk.app.push_screen(Picker(title, choices, keeps=True), self._chosen)

    def _chosen(self, chosen: str | None) -> None:
        from composer.text.sentences import sentence_at

        desk = self._desk
        if not chosen:
            return
        kept = chosen.startswith("keep:")
        block, start, end = chosen.removeprefix("keep:").rsplit(":", 2)
        if block not in desk.story.manuscript:
            return
        text = desk.story.manuscript.block(block).text
        word = text[int(start) : int(end)]
        if kept:
            # The capital of a sentence's first word is not the word's.
            opens = sentence_at(text, int(start), desk.story.details.language)[0] == int(start)
            desk.attempt(lambda: self._teach(word[:1].lower() + word[1:] if opens and not word.isupper() else word))
            self.open()
        else:
            desk.text.go(Position(block, int(start)), Position(block, int(end)))
            desk.set_focus(desk.text)
            desk.say("ctrl+n goes to the next word in doubt, or hole.")

    def _teach(self, word: str) -> None:
        if word in self._desk.story.words:
            raise RefusedError(f"“{word}” is known already.")
        self._desk.session.record((WordLearned(word),))

    async def close(self) -> None:
        if self._dictionary is not None:
            await self._dictionary.close()


def _asked(story: Story, texts: Sequence[tuple[str, str]]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words that need no dictionary, and those to ask it for."""
    lines = [text for _, text in texts]
    noted = [note.name for note in story.notes] + [note.text for note in story.notes]
    noted += [story.details.title, story.details.author]
    own = story.words | names(lines) | vocabulary(noted)
    return frozenset(own), asked(texts, own)


def _line(doubt: Doubt, text: str) -> str:
    before = text[max(0, doubt.start - AROUND) : doubt.start]
    return f"{doubt.word:<18} {before}{text[doubt.start : doubt.end + AROUND]}"
