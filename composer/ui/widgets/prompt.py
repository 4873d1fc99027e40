"""The panes of the prompt: its text, scrolled line by line, and the templates on a line. They render and send nothing.

Only the lines that are seen are wrapped and painted, however long the text is.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from composer.errors import ComposerError
from composer.text.clean import clean
from composer.ui.lines import Lines, Part
from composer.ui.prompts import Drawn, Laid, draw
from composer.ui.scrolling import Place, walked
from composer.ui.signs import Signs
from composer.ui.widgets.turn import choices_line
from composer.ui.wrapping import Row, wrap

REMEMBERED = 1000
"""Pieces whose lines are kept."""


class PromptView(Lines):
    """The text, from the line that it was scrolled to. Instead of a text it may show why there is none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._laid: Laid | None = None
        self._error: ComposerError | None = None
        self._foot = ""
        self._top: Place = (0, 0)
        self._drawn: dict[int, Drawn] = {}
        self._width = 0

    def show(self, laid: Laid | None, error: ComposerError | None = None, foot: str = "") -> None:
        """Show a text from its beginning, and `foot` at its end; an error in its place; with neither, that it is on its way."""
        self._laid, self._error, self._foot = laid, error, foot
        self._top = (0, 0)
        self._drawn.clear()
        self.repaint()

    @property
    def seen(self) -> tuple[int, bool]:
        """How much of the text stands above the window, in percent, and whether all of it is seen."""
        if self._laid is None or not len(self._laid.text):
            return 0, True
        at = self._laid.piece(self._top[0])[0]
        return at * 100 // len(self._laid.text), self._last() == (0, 0)

    def _piece(self, index: int) -> Drawn:
        assert self._laid is not None
        width = max(4, self.size.width - 2)
        if width != self._width or len(self._drawn) > REMEMBERED:
            self._drawn.clear()
            self._width = width
        known = self._drawn.get(index)
        if known is None:
            known = self._drawn[index] = draw(self._laid, index, width, Signs.of(self.app), self._foot)
        return known

    def _lines_of(self, index: int) -> int:
        return len(self._piece(index).rows)

    def _walk(self, at: Place, steps: int) -> Place:
        return walked(at, steps, len(self._laid) if self._laid else 1, self._lines_of)

    def _last(self) -> Place:
        """The line to scroll to at most: from there the end is seen."""
        if self._laid is None:
            return 0, 0
        end = (len(self._laid) - 1, self._lines_of(len(self._laid) - 1) - 1)
        return self._walk(end, 1 - max(1, self.size.height))

    def scroll_on(self, lines: int) -> None:
        """Scroll by that many lines."""
        if self._laid is not None:
            self._top = min(self._walk(self._top, lines), self._last())
            self.repaint()

    def page_on(self, by: int) -> None:
        self.scroll_on(by * max(1, self.size.height - 2))

    def go_first(self) -> None:
        self._top = (0, 0)
        self.repaint()

    def go_last(self) -> None:
        self._top = self._last()
        self.repaint()

    def on_resize(self) -> None:
        self._top = (self._top[0], 0)
        if self._laid is not None and self.size.height:
            self._top = min(self._top, self._last())
        super().on_resize()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        if self._error is not None:
            return self._trouble(self._error, width)
        if self._laid is None:
            return [[(f" {signs.ellipsis}", palette.dim)]]
        painted: list[list[Part]] = []
        index, skip = self._top
        while len(painted) < height and index < len(self._laid):
            drawn = self._piece(index)
            painted += [self._paint(drawn, row) for row in drawn.rows[skip:]]
            index, skip = index + 1, 0
        return painted[:height]

    def _paint(self, drawn: Drawn, row: Row) -> list[Part]:
        palette = self.palette
        parts: list[Part] = [(" ", palette.text)]
        at, end = row
        for first, last, name in drawn.runs:
            first, last = max(first, at), min(last, end)
            if first < last:
                style: Style = getattr(palette, name)
                parts += [(drawn.text[at:first], palette.text), (drawn.text[first:last], style)]
                at = last
        return [*parts, (drawn.text[at:end], palette.text)]

    def _trouble(self, error: ComposerError, width: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        painted: list[list[Part]] = [[]]
        for number, text in enumerate((clean(error.sentence), clean(error.next_step))):
            for at, (start, end) in enumerate(wrap(text, max(10, width - 4))):
                sign = signs.failed if not at and not number else " "
                painted.append([(f" {sign} ", palette.bad), (text[start:end].rstrip(), palette.text)])
        return painted


class TemplatesLine(Lines):
    """The templates on a line, the one that is shown in brackets."""

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = names
        self.at = 0

    def show(self, at: int) -> None:
        self.at = at
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        parts = choices_line(self._names, self.at, width - 11, palette, current=palette.title + palette.cursor)
        return [[(" template ", palette.dim), *parts]]
