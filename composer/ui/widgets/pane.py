"""The frame of a pane, the status line, and panes that only show: shelf, news."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Vertical

from composer.story.spans import text_of
from composer.story.story import ShelfPiece
from composer.ui.backstop import to_content
from composer.ui.lines import Lines, Part
from composer.ui.signs import Signs
from composer.ui.wrapping import cells, wrap


class Pane(Vertical):
    """A frame around one view. The border lies here, so that the view repaints only its own cells."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._named = ("", "")

    def name_it(self, title: str, hint: str = "") -> None:
        """Put words on the upper and lower border, as plain text. The same words again paint nothing."""
        before, self._named = self._named, (title, hint)
        if before[0] != title:
            self.border_title = to_content(title)
        if before[1] != hint:
            self.border_subtitle = to_content(hint)


class StatusLine(Lines):
    """The last line: parts between bars. Each part may have a shorter form, for where they don't all fit."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: Sequence[tuple[str, str]] = ()
        self._stay = 1

    def show(self, parts: Sequence[tuple[str, str]], stay: int = 1) -> None:
        """Parts in order as (long, short). Where the short ones don't fit either, those before the last `stay` go, the last first."""
        if tuple(parts) != tuple(self._parts):
            self._parts, self._stay = tuple(parts), stay
            self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        bar = f" {Signs.of(self.app).bar} "
        parts = [long for long, _ in self._parts if long]
        if cells(bar.join(parts)) + 2 > width:
            bar = "  "
            parts = [short for _, short in self._parts if short]
        while len(parts) > self._stay + 1 and cells(bar.join(parts)) + 2 > width:
            del parts[-self._stay - 1]
        line: list[Part] = [(" ", palette.status)]
        for at, part in enumerate(parts):
            if at:
                line.append((bar, palette.status))
            line.append((part, palette.status_key if at == 0 else palette.status))
        used = sum(cells(text) for text, _ in line)
        line.append((" " * max(0, width - used), palette.status))
        return [line]


class ShelfView(Lines):
    """What is on the shelf, newest first, as much as there is room for."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shelf: tuple[ShelfPiece, ...] = ()

    def show(self, shelf: tuple[ShelfPiece, ...]) -> None:
        if shelf is not self._shelf:
            self._shelf = shelf
            self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        rows: list[list[Part]] = []
        for piece in self._shelf:
            text = " ".join(text_of(row) for row in piece.paragraphs)
            for start, end in wrap(text, max(4, width - 2))[:3]:
                rows.append([(" ", palette.text), (text[start:end], palette.text)])
            rows.append([])
        return rows
