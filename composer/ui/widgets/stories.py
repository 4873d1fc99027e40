"""The list of stories: a line for each, with its title, words, progress and last edit. It is given rows and knows no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from composer.session.stories import StoryCard, StoryPage, Summary
from composer.ui.lines import Lines, Part
from composer.ui.phrases import counted, shortened
from composer.ui.signs import Signs
from composer.ui.wrapping import cells, wrap

RowKind = Literal["story", "trashed", "example", "trash", "examples"]
"""The last two lead to lists of their own."""
DAY = 24 * 60 * 60 * 1000
OPEN = "open"
"""What stands behind the title of the one that is open here."""


@dataclass(frozen=True)
class StoryRow:
    """A line of the list. What is not known yet is empty. With `trouble` the words stand in place of words and progress."""

    kind: RowKind
    path: str
    title: str
    words: str = ""
    progress: str = ""
    when: str = ""
    file: str = ""
    open: bool = False
    trouble: str = ""


def row_of(card: StoryCard, now: int, *, open: bool, ellipsis: str = "…") -> StoryRow:
    """The line of a story. `now` is in ms since 1970."""
    summary = card.summary
    return StoryRow(
        "story",
        card.path,
        card.title,
        f"{summary.words:,}" if summary else "" if card.stuck else ellipsis,
        progress_of(summary) if summary else "",
        when(card.changed, now) if card.changed else "",
        card.file.removesuffix(".collage"),
        open,
        card.problem,
    )


def progress_of(summary: Summary) -> str:
    """`3/7` of the beats done and `41%` of the words that are wanted, as far as there are such."""
    parts = [f"{summary.done:,}/{summary.leaves:,}"] if summary.leaves else []
    if summary.target:
        # More than is wanted is told as such; what is short of it never as all.
        parts.append(f"{summary.words * 100 // summary.target:,}%")
    return " · ".join(parts)


def told_of(card: StoryCard) -> str:
    """The same in words."""
    summary = card.summary
    if summary is None:
        return ""
    unit = "section" if summary.sections else "beat"
    parts = [counted(summary.words, "word")]
    if summary.target:
        parts[0] = f"{summary.words:,} of {counted(summary.target, 'word')}"
    if summary.leaves:
        parts.append(f"{summary.done:,} of {counted(summary.leaves, unit)} done")
    return " · ".join(parts)


def when(time: int, now: int) -> str:
    """A moment as people say it: `today 14:03`, `yesterday 14:03`, `3 days ago`, or the date. Both in ms since 1970."""
    try:
        then, today = datetime.fromtimestamp(time / 1000), datetime.fromtimestamp(now / 1000).date()
    except (OverflowError, OSError, ValueError):
        return "no date"
    days = (today - then.date()).days
    if days in (0, 1):
        return f"{('today', 'yesterday')[days]} {then:%H:%M}"
    return f"{days} days ago" if 1 < days < 7 else f"{then:%Y-%m-%d}"


def page_text(page: StoryPage) -> str:
    """A look into a story as lines to be read."""
    parts = []
    if page.purpose:
        parts.append(f"For: {page.purpose}")
    if page.outline:
        more = [f"and {page.more:,} more"] if page.more else []
        parts.append("\n".join(["Outline", *(f"  {line}" for line in (*page.outline, *more))]))
    if page.ending:
        parts.append(f"The text ends\n\n{page.ending}")
    return "\n\n".join(parts)


class StoriesView(Lines):
    """The lines of the list. `at` is the cursor's place in `rows`; without any, `empty` says what to do next."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[StoryRow] = ()
        self.at = 0
        self._empty: Sequence[str] = ()
        self._top = 0

    def show(self, rows: Sequence[StoryRow], at: int, empty: Sequence[str]) -> None:
        self.rows, self.at, self._empty = rows, max(0, min(at, len(rows) - 1)), empty
        self.repaint()

    @property
    def seen(self) -> range:
        """The places of the rows on the screen."""
        return range(self._top, min(len(self.rows), self._top + max(1, self.size.height - 1)))

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        if not self.rows:
            painted: list[list[Part]] = [[]]
            for text in self._empty:
                painted += [
                    [("   ", palette.dim), (text[start:end], palette.dim)]
                    for start, end in wrap(text, max(10, width - 6))
                ]
            return painted[:height]
        room = max(1, height - 1)
        if not self._top <= self.at < self._top + room:
            self._top = self.at - room // 2
        self._top = max(0, min(self._top, len(self.rows) - room))
        shown = [self.rows[number] for number in range(self._top, min(len(self.rows), self._top + room))]
        sizes = self._sizes(shown, width)
        title, words, progress, moment = sizes
        head = f"  {'title':<{title}}  {'words':>{words}}  {'done':<{progress}}  {'last edit':<{moment}}  file"
        if shown[0].kind == "trashed":
            head = f"  {'file':<{title}}  {'':>{words}}  {'':<{progress}}  {'deleted':<{moment}}"
        return [
            [(head[: width - 1], palette.dim)],
            *(self._line(row, self._top + number == self.at, sizes, width) for number, row in enumerate(shown)),
        ]

    def _sizes(self, rows: Sequence[StoryRow], width: int) -> tuple[int, int, int, int]:
        """Cells of title, words, progress and last edit. The file's name has what is left."""
        words = max(5, *(len(row.words) for row in rows))
        progress = max(4, *(len(row.progress) for row in rows))
        moment = max(9, *(len(row.when) for row in rows))
        # A sign and a blank stand before trouble, and two blanks between words and progress.
        progress = max(progress, *(len(row.trouble) - words for row in rows))
        longest = max(cells(row.title) + (len(OPEN) + 3 if row.open else 0) for row in rows)
        room = width - words - progress - moment - 9
        return max(10, min(longest, max(room * 2 // 3, room - 16))), words, progress, moment

    def _line(self, row: StoryRow, current: bool, sizes: tuple[int, int, int, int], width: int) -> list[Part]:
        palette, signs = self.palette, Signs.of(self.app)
        title, words, progress, moment = sizes
        sign = f" ({OPEN})" if row.open else ""
        shown = shortened(row.title, title - len(sign), signs.ellipsis)
        parts: list[Part] = [
            (f"{signs.here if current else ' '} ", palette.title),
            (shown, palette.dim if row.kind in ("trash", "examples") else palette.text),
            (sign, palette.good),
            (" " * (title - cells(shown) - len(sign) + 2), palette.text),
        ]
        if row.trouble:
            said = shortened(f"{signs.failed} {row.trouble}", words + progress + 2, signs.ellipsis, words=False)
            parts.append((f"{said}{' ' * (words + progress + 2 - cells(said))}  ", palette.bad))
        else:
            parts.append((f"{row.words:>{words}}  {row.progress:<{progress}}  ", palette.text))
        parts.append((f"{row.when:<{moment}}  ", palette.text))
        used = sum(cells(text) for text, _ in parts)
        parts.append((shortened(row.file, max(0, width - used - 1), signs.ellipsis, words=False), palette.dim))
        if current:
            parts.append((" " * max(0, width - sum(cells(text) for text, _ in parts)), palette.text))
            parts = [(text, style + palette.cursor) for text, style in parts]
        return parts
