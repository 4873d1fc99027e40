"""What the screen of stories knows of them: the three lists, what was read so far, and what is to be read next.

It reads one file at a time through the library, what is under the cursor and on the screen first. It draws nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from composer.errors import ComposerError
from composer.session.ports import Library
from composer.session.session import Session
from composer.session.stories import StoryCard, StoryPage, TrashedStory, page_of, summary_of
from composer.text.clean import one_line
from composer.ui.screens.picker import Choice, narrowed
from composer.ui.widgets.stories import StoryRow, page_text, row_of, told_of, when

Shown = Literal["stories", "trash", "examples"]
Page = tuple[str, str, str]
"""The title of a look into something (what comes behind a line end may be left out), its text, and what stands there without any."""

LIKE = 75
"""From 100, how like a word must be to one that was typed."""


class Reading:
    """The lists, and what is known of what is in them. `shown` is the list that is shown, `filter` what it is narrowed by."""

    def __init__(self, session: Session, library: Library) -> None:
        self._session = session
        self._library = library
        self._here = session.store.path
        """The path of the story that is open, as it is listed."""
        self.shown: Shown = "stories"
        self.filter = ""
        self._cards: dict[str, StoryCard] = {}
        """The stories in order."""
        self._pages: dict[str, StoryPage] = {}
        self._tried: set[str] = set()
        """Paths that were read, whether or not there is a page of them."""
        self._trash: Sequence[TrashedStory] = ()
        self._examples: Sequence[tuple[str, str]] = ()
        self._dated = False
        """Whether the library was asked for what it knows without reading."""
        self._ended = False
        self._lines: dict[str, tuple[StoryCard, bool, StoryRow]] = {}
        """The lines of stories that were made, with what of."""
        self._under = ""
        """The path under the cursor when reading was begun or the rows were made last."""

    # the lists

    def begin(self) -> None:
        """Look which stories there are."""
        found = dict(self._library.stories())
        if self._here not in found:
            # It may lie anywhere.
            found = {self._here: one_line(self._here.rpartition("/")[2], 200), **found}
        before = self._cards
        self._cards = {path: before.get(path) or StoryCard(path, name) for path, name in found.items()}
        self._lines.clear()
        self._dated = False

    def end(self) -> None:
        """Read no more; what is being read is let go."""
        self._ended = True

    async def look_again(self) -> None:
        """Look at all lists again."""
        self.begin()
        await self._date()

    def turn(self, shown: Shown) -> None:
        self.shown, self.filter = shown, ""

    async def _date(self) -> None:
        story = self._session.story
        # Words of a long text are not counted between two keys.
        summary, page = await asyncio.to_thread(lambda: (summary_of(story), page_of(story)))
        cards = await self._library.cards(tuple(self._cards))
        twin = next((card.path for card in cards if card.here and card.path != self._here), "")
        if twin:
            # It was opened by another name than the one that it is listed by.
            self._cards.pop(self._here, None)
            self._here = twin
        here = self._here
        for card in cards:
            if card.path not in self._cards:
                continue
            before = self._cards[card.path]
            if before.changed and before.changed != card.changed:
                self._forget(card.path)
                before = replace(before, summary=None)
            if card.path == here:
                # What is open here is not told by its file, which may not even be one.
                told = replace(card, summary=summary, problem="", says="", stuck=False)
                self._cards[here], self._pages[here] = replace(told, file=before.file), page
                continue
            keep = before.stuck and before.changed == card.changed
            told = replace(card, summary=before.summary or card.summary, file=before.file)
            self._cards[card.path] = replace(before, here=card.here) if keep else told
        self._trash = await self._library.trash()
        self._examples = self._library.examples()
        self._dated = True

    def _forget(self, path: str) -> None:
        self._pages.pop(path, None)
        self._tried.discard(path)

    @property
    def count(self) -> int:
        """How many there are in the list that is shown."""
        return len({"stories": self._cards, "trash": self._trash, "examples": self._examples}[self.shown])

    @property
    def unread(self) -> int:
        """Stories of which nothing is known yet."""
        return sum(not self.is_known(path) for path in self._cards) if self.shown == "stories" else 0

    def is_known(self, path: str) -> bool:
        card = self.card(path)
        return card.summary is not None or card.stuck or path in self._tried

    def card(self, path: str) -> StoryCard:
        return self._cards.get(path) or StoryCard(path, path.rpartition("/")[2])

    def rows(self, now: int, ellipsis: str) -> list[StoryRow]:
        """The lines of the list that is shown. `now` is in ms since 1970."""
        if self.shown == "trash":
            return [StoryRow("trashed", each.path, each.file, when=when(each.deleted, now)) for each in self._trash]
        if self.shown == "examples":
            return [StoryRow("example", path, name) for path, name in self._examples]
        cards = list(self._cards.values())
        if self.filter:
            choices = [Choice(card.path, f"{card.title}  {card.file}") for card in cards]
            found = narrowed(choices, self.filter) or narrowed_by_words(choices, self.filter)
            cards = [self._cards[choice.value] for choice in found]
        rows = [self._line(card, now, ellipsis) for card in cards]
        if not self.filter:
            if self._trash:
                rows.append(StoryRow("trash", "", f"Trash: {len(self._trash):,}"))
            if self._examples:
                rows.append(StoryRow("examples", "", f"Examples: {len(self._examples):,}"))
        return rows

    def _line(self, card: StoryCard, now: int, ellipsis: str) -> StoryRow:
        is_open = card.path == self._here
        made = self._lines.get(card.path)
        if made is None or made[0] is not card or made[1] != is_open:
            made = self._lines[card.path] = card, is_open, row_of(card, now, open=is_open, ellipsis=ellipsis)
        return made[2]

    def page(self, row: StoryRow | None) -> Page:
        """The look into what is under the cursor."""
        if row is None:
            return "", "", ""
        self._under = row.path
        if row.kind == "trash":
            return "Trash", "", f"Deleted stories, to be brought back. They lie in {self._library.trash_folder}."
        if row.kind == "examples":
            return "Examples", "", "Stories to look at, and to try things with. A copy of one is made and opened."
        card = self.card(row.path)
        told = told_of(card)
        if card.stuck:
            return row.title, "", card.says
        page = self._pages.get(row.path)
        if page is None:
            return (
                row.title,
                told,
                "There is nothing to show of it." if row.path in self._tried else "It is being read.",
            )
        parts = (told, card.says, page_text(page))
        return row.title, "\n\n".join(part for part in parts if part), "Nothing is written in it yet."

    # reading

    async def go_on(self, seen: range, rows: Sequence[StoryRow], at: int) -> str | None:
        """Read what is wanted most now; its path, empty for what is told of all. None where there was nothing to read."""
        if self._ended:
            return None
        if not self._dated:
            await self._date()
            return ""
        self._under = rows[at].path if 0 <= at < len(rows) else ""
        wanted = self._next(seen, rows, at)
        if wanted is None:
            await self._library.keep_cards()
            return None
        path, example = wanted
        if example:
            await self._read_example(path)
            return path
        card, page = await self._library.read_story(path, lambda: self._is_wanted(path))
        if page is None and not card.stuck and not self._is_wanted(path):
            return path
        self._tried.add(path)
        if page is not None:
            self._pages[path] = page
        if path in self._cards:
            self._cards[path] = replace(card, file=self._cards[path].file)
        elif card.stuck:
            self._pages[path] = StoryPage(purpose=card.says)
        return path

    async def _read_example(self, path: str) -> None:
        self._tried.add(path)
        try:
            self._pages[path] = (await self._library.look(path, False, False)).page
        except ComposerError as error:
            self._pages[path] = StoryPage(purpose=str(error))

    def _next(self, seen: range, rows: Sequence[StoryRow], at: int) -> tuple[str, bool] | None:
        """The path that is to be read next, and whether it is an example's."""
        if 0 <= at < len(rows) and rows[at].kind in ("story", "trashed", "example"):
            row = rows[at]
            if row.path not in self._pages and row.path not in self._tried and not self.card(row.path).stuck:
                return row.path, row.kind == "example"
        shown = [rows[number].path for number in seen if number < len(rows) and rows[number].kind == "story"]
        return next(((path, False) for path in (*shown, *self._cards) if not self.is_known(path)), None)

    def _is_wanted(self, path: str) -> bool:
        """Whether a file is worth being read on: nothing is known of it, or the cursor is on it. Asked from other threads too."""
        if self._ended:
            return False
        return path == self._under or (path in self._cards and not self.is_known(path))


def narrowed_by_words(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """The choices in which each word that was typed has one like it, or one that begins like it; in order. For long titles."""
    from rapidfuzz import fuzz

    wanted = typed.lower().split()

    def has(words: Sequence[str], word: str) -> bool:
        return any(max(fuzz.ratio(word, each), fuzz.ratio(word, each[: len(word)])) >= LIKE for each in words)

    split = ((choice, choice.label.lower().replace("-", " ").split()) for choice in choices)
    return [choice for choice, words in split if all(has(words, word) for word in wanted)]
