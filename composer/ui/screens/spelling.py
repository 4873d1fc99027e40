"""Spelling from the main screen: words that no one knows are listed, walked through, and taught. Nothing is marked while one types."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from composer.errors import RefusedError
from composer.session.ports import Dictionary
from composer.story.events import WordLearned
from composer.story.manuscript import Manuscript, Position
from composer.story.story import Story
from composer.text.spelling import Doubt, asked, doubtful, names, spelled, vocabulary
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

    def open(self, after: Doubt | None = None) -> None:
        """List the words in doubt; while there are some, the way through the holes stops at them as well.

        The list begins at the first word behind `after`. Where the writer went on meanwhile, a notice stands for it.
        """
        look = self._look(self._desk.story, after)
        self._desk.run_worker(look, group="spelling", exclusive=True, exit_on_error=False)

    async def _look(self, story: Story, after: Doubt | None) -> None:
        desk = self._desk
        if self._dictionary is None:
            self._dictionary = await desk.app.library.dictionary(story.details.language)
        texts = [(block.id, block.text) for block in story.manuscript]
        own, wanted = await asyncio.to_thread(_asked, story, texts)
        unknown = await self._dictionary.unknown(wanted)
        found = await asyncio.to_thread(doubtful, texts, own, unknown)
        desk.text.doubtful = frozenset(doubt.word for doubt in found)
        if not found:
            desk.say(f"Every word is known to {self._dictionary.name}, the notes, or the text itself.")
            return
        many = len(found) > 1
        count = f"{len(found)} word{'s' if many else ''} in doubt"
        if desk.story.manuscript is not story.manuscript or desk.app.screen is not desk or desk.box.display:
            # A list that opens now would take the keys that are meant for something else.
            ways = "walks through them, ctrl+p spelling lists them" if many else "goes to it, ctrl+p spelling lists it"
            desk.say(f"{count}; ctrl+n {ways}.")
            return
        known = dict(texts)
        choices = [Choice(str(number), _line(doubt, known[doubt.key])) for number, doubt in enumerate(found)]
        title = f"{count} · enter goes there · ctrl+k teaches it · {self._dictionary.name}"
        picker = Picker(title, choices, keeps=True, at=_behind(story.manuscript, found, after))
        desk.app.push_screen(picker, lambda chosen: self._chosen(chosen, found))

    def _chosen(self, chosen: str | None, found: Sequence[Doubt]) -> None:
        from composer.text.sentences import sentence_at

        desk = self._desk
        if not chosen:
            return
        doubt = found[int(chosen.removeprefix("keep:"))]
        text = desk.story.manuscript
        place = standing(text, doubt)
        if place is None:
            desk.say(f"“{doubt.word}” is not in the text any more.")
            return
        start, end = place
        if chosen.startswith("keep:"):
            # The capital of a sentence's first word is not the word's.
            word, language = doubt.word, desk.story.details.language
            opens = sentence_at(text.block(start.block).text, start.offset, language)[0] == start.offset
            desk.attempt(lambda: self._teach(word[:1].lower() + word[1:] if opens and not word.isupper() else word))
            self.open(doubt)
        else:
            # The pane shows the text of its newest painting, and may not have the place yet.
            desk.show_all()
            desk.text.go(start, end)
            desk.set_focus(desk.text)
            desk.say("ctrl+n goes to the next word in doubt, or hole.")

    def _teach(self, word: str) -> None:
        if word in self._desk.story.words:
            raise RefusedError(f"“{word}” is known already.")
        self._desk.session.record((WordLearned(word),))

    async def close(self) -> None:
        if self._dictionary is not None:
            await self._dictionary.close()


def standing(text: Manuscript, doubt: Doubt) -> tuple[Position, Position] | None:
    """Where the word stands now: the nearest to its place in its paragraph, else the first of the text. None if it is gone."""
    own = [text.block(doubt.key)] if doubt.key in text else []
    for block in (*own, *text):
        if places := _places(block.text, doubt.word):
            old = doubt.start if block.id == doubt.key else 0
            start, end = min(places, key=lambda place: abs(place[0] - old))
            return Position(block.id, start), Position(block.id, end)
    return None


def _places(text: str, word: str) -> list[tuple[int, int]]:
    return [(start, end) for start, end in spelled(text) if text[start:end] == word] if word in text else []


def _behind(text: Manuscript, found: Sequence[Doubt], after: Doubt | None) -> int:
    """The number of the first word behind that one, from 0; of the first of all if there is none."""
    if after is None or after.key not in text:
        return 0
    here = text.index(after.key), after.start
    return next((at for at, doubt in enumerate(found) if (text.index(doubt.key), doubt.start) >= here), 0)


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
