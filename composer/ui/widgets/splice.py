"""The splice strip: the pieces joined as they would land, what was repaired at their seams, and where enter puts them."""

from __future__ import annotations

from collections.abc import Sequence

from composer.story.actions.splice import Mend
from composer.story.spans import Repaired, Spans, text_of
from composer.ui.lines import Lines, Part
from composer.ui.signs import Signs
from composer.ui.wrapping import cells, wrap


class SpliceView(Lines):
    """Paragraphs above, below them a line for the seams and a line that says where they land."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._paragraphs: Sequence[Spans] = ()
        self._mends: Sequence[Mend] = ()
        self._foot: Sequence[str] = ()

    def show(self, paragraphs: Sequence[Spans], mends: Sequence[Mend], foot: Sequence[str]) -> None:
        """`foot` holds what the last line says, most needed first; what does not fit is left out."""
        if (paragraphs, mends, foot) != (self._paragraphs, self._mends, self._foot):
            self._paragraphs, self._mends, self._foot = paragraphs, mends, foot
            self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        rows: list[list[Part]] = []
        for paragraph in self._paragraphs:
            text = text_of(paragraph)
            rows += [[(" ", palette.text), *self._row(paragraph, row)] for row in wrap(text, max(4, width - 2))]
        last: list[list[Part]] = []
        seams = self._seams(width)
        if seams and height > 3:
            last.append([(f" {seams}", palette.dim)])
        # Where there is no line for the seams, the last one says them; where it is full, another one goes on.
        feet = [""]
        for part in (*self._foot, *([seams] if seams and height <= 3 else [])):
            if feet[-1] and cells(feet[-1]) + cells(part) + 3 > width and height > 3:
                feet.append("")
            if cells(feet[-1]) + cells(part) + 3 <= width or not feet[-1]:
                feet[-1] += ("  " if feet[-1] else " ") + part
        last += [[(foot, palette.lands)] for foot in feet]
        room = max(1 if rows else 0, height - len(last))
        if len(rows) > room:
            # The end is where the next piece goes.
            rows = rows[-room:]
        rows += [[]] * (room - len(rows))
        return [*rows, *last]

    def _row(self, paragraph: Spans, row: tuple[int, int]) -> list[Part]:
        palette = self.palette
        parts: list[Part] = []
        at = 0
        for span in paragraph:
            left, right = max(row[0], at), min(row[1], at + len(span.text))
            if left < right:
                style = palette.repaired if isinstance(span.origin, Repaired) else palette.text
                parts.append((span.text[left - at : right - at], style))
            at += len(span.text)
        return parts

    def _seams(self, width: int) -> str:
        if not self._mends:
            return ""
        signs = Signs.of(self.app)
        said = [(f"{signs.failed} " if mend.off else "") + told(mend, signs) for mend in self._mends]
        counted = [
            f"{word} {signs.times}{said.count(word)}" if said.count(word) > 1 else word for word in dict.fromkeys(said)
        ]
        text = "seams (s): " + ", ".join(counted)
        return text if cells(text) + 2 <= width else text[: max(0, width - 3)] + signs.ellipsis


def told(mend: Mend, signs: Signs) -> str:
    """A repair in a word: `The → the`, `a space`, `- the`."""
    old, new = mend.old.strip(), mend.new.strip()
    if mend.rule == "space" or not (old or new):
        return "space"
    if not new:
        return f"- {old}"
    if not old:
        return f"+ {new}"
    return f"{old}{signs.arrow}{new}"
