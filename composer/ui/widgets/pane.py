"""The frame of a pane, the status line, and panes that only show: shelf, news."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from textual.containers import Vertical
from textual.geometry import Region

from composer.story.spans import text_of
from composer.story.story import ShelfPiece
from composer.ui.backstop import to_content
from composer.ui.lines import Lines, Part
from composer.ui.signs import Signs
from composer.ui.wrapping import cells, fitting, wrap


class Pane(Vertical):
    """A frame around one view. The border lies here, so that the view repaints only its own cells."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._named: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._written = ("", "")
        self._line: int | None = None
        """The line of the frame that is being written."""

    def name_it(self, title: str | Sequence[str], hint: str | Sequence[str] = "") -> None:
        """Put words on the upper and lower border, as plain text. The same words again paint nothing.

        Of several forms, the longest first, the first one is shown that there is room for, else the last.
        """
        self._named = (_forms(title), _forms(hint))
        self._write()

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        # On either side stand a corner, a piece of the frame and a blank. Before the first layout there is no size to go by.
        room = self.outer_size.width - 6 if self.outer_size.width else 1000
        before, self._written = self._written, (fitting(self._named[0], room), fitting(self._named[1], room))
        if before[0] != self._written[0]:
            self._line = 0
            self.border_title = to_content(self._written[0])
        if before[1] != self._written[1]:
            self._line = self.outer_size.height - 1
            self.border_subtitle = to_content(self._written[1])
        self._line = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As every widget; but words on the frame have its line painted anew, and nothing of what it holds."""
        if self._line is not None and not regions and self.outer_size:
            left, top = self.content_offset
            regions = (Region(-left, self._line - top, self.outer_size.width, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


def _forms(words: str | Sequence[str]) -> Sequence[str]:
    return (words,) if isinstance(words, str) else tuple(words)


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
