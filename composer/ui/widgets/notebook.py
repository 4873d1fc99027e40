"""The parts of the notebook: its two lists by name, the rows of one, the text of one row, and the fields of its form.

They are given rows and say what was done to them. They know no session and change no story.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textual import events
from textual.message import Message

from composer.story.actions.notes import LONGEST_NAME
from composer.story.manuscript import START
from composer.story.story import Exemplar, Note
from composer.text.clean import clean, one_line
from composer.text.words import count_words
from composer.ui.lines import Lines, Part
from composer.ui.phrases import counted, shortened
from composer.ui.scrolling import Place, walked
from composer.ui.signs import Signs
from composer.ui.widgets.box import Entry
from composer.ui.widgets.manuscript import Line, ManuscriptView
from composer.ui.widgets.turn import choices_line
from composer.ui.wrapping import Row, cells, wrap

Which = Literal["notes", "exemplars"]
LISTS: tuple[Which, Which] = ("notes", "exemplars")
PINNED, OUT = "P", "-"
"""The signs before a note that is always sent, and before an exemplar that is not."""
WIDEST = 76
"""Cells of a line of text: longer ones are hard to read."""
_FIRST = 400
"""Characters of a text from which its first words are shown."""


@dataclass(frozen=True)
class Leaf:
    """A row: a note, or with an empty kind an exemplar. `sign` stands for pinned or out."""

    id: str
    kind: str
    name: str
    text: str
    words: int
    sign: str = ""

    @property
    def told(self) -> str:
        """What it is, in words."""
        state = {PINNED: "pinned", OUT: "out"}.get(self.sign, "")
        return " · ".join(part for part in (self.kind, counted(self.words, "word"), state) if part)


def leaf_of(each: Note | Exemplar) -> Leaf:
    """The row of a note or an exemplar."""
    if isinstance(each, Note):
        return Leaf(each.id, each.kind, each.name, each.text, count_words(each.text), PINNED if each.pinned else "")
    return Leaf(each.id, "", each.name, each.text, count_words(each.text), OUT if each.muted else "")


class ListsLine(Lines):
    """What the screen is, and its two lists with their sizes, the one that is shown in brackets."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names: Sequence[str] = ("",)
        self._at = 0
        self._hint = ""

    def show(self, names: Sequence[str], at: int, hint: str) -> None:
        self._names, self._at, self._hint = names, at, hint
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        title = " Notebook  "
        lists = choices_line(
            self._names, self._at, width - cells(title), palette, current=palette.title + palette.cursor
        )
        used = cells(title) + sum(cells(text) for text, _ in lists)
        hint = self._hint if used + cells(self._hint) + 3 <= width else ""
        return [[(title, palette.title), *lists, (hint.rjust(width - used - 1), palette.dim)]]


class LeavesView(Lines):
    """The rows of one list. `at` is the cursor's place in `leaves`; without any, `empty` says what to do next."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.leaves: Sequence[Leaf] = ()
        self.at = 0
        self._empty: Sequence[str] = ()
        self._top = 0

    def show(self, leaves: Sequence[Leaf], at: int, empty: Sequence[str]) -> None:
        self.leaves, self.at, self._empty = leaves, max(0, min(at, len(leaves) - 1)), empty
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        if not self.leaves:
            painted: list[list[Part]] = [[]]
            for number, text in enumerate(self._empty):
                style = palette.text if number == 0 else palette.dim
                painted += [[("   ", style), (text[start:end], style)] for start, end in wrap(text, max(10, width - 6))]
                painted.append([])
            return painted[:height]
        kind, name, words = self._sizes(width)
        title = "name".ljust(name + 2)
        head = f"{'kind':<{kind + 2}}{title}" if kind else f"{title}{'words':>{words}}  "
        room = max(1, height - 1)
        if not self._top <= self.at < self._top + room:
            self._top = self.at - room // 2
        self._top = max(0, min(self._top, len(self.leaves) - room))
        shown = range(self._top, min(len(self.leaves), self._top + room))
        return [
            [(f"    {head}text"[: width - 1], palette.dim)],
            *(self._line(self.leaves[number], number == self.at, (kind, name, words), width) for number in shown),
        ]

    def _sizes(self, width: int) -> tuple[int, int, int]:
        """Cells of the columns kind, name and words; 0 for one that is not there. The text has the rest."""
        notes = any(leaf.kind for leaf in self.leaves)
        longest = max((cells(leaf.name) for leaf in self.leaves), default=4)
        name = max(8, min(longest, (width - 14) * 2 // 5))
        return (6, name, 0) if notes else (0, name, max(5, *(len(f"{leaf.words:,}") for leaf in self.leaves)))

    def _line(self, leaf: Leaf, current: bool, sizes: tuple[int, int, int], width: int) -> list[Part]:
        palette, signs = self.palette, Signs.of(self.app)
        kind, name, words = sizes
        out = leaf.sign == OUT
        plain = palette.dim if out else palette.text
        parts: list[Part] = [
            (f"{signs.here if current else ' '} ", palette.title),
            (leaf.sign or " ", palette.dim if out else palette.lands),
            (" ", plain),
        ]
        if kind:
            parts.append((f"{leaf.kind:<{kind}}  ", palette.dim))
        shown = shortened(leaf.name, name, signs.ellipsis)
        parts += [(shown, plain), (" " * (name - cells(shown) + 2), plain)]
        if words:
            parts.append((f"{leaf.words:>{words},}  ", palette.dim))
        used = sum(cells(text) for text, _ in parts)
        first = " ".join(leaf.text[:_FIRST].split())
        parts.append((shortened(first, max(0, width - used - 1), signs.ellipsis), palette.dim))
        if current:
            parts.append((" " * max(0, width - sum(cells(text) for text, _ in parts)), plain))
            parts = [(text, style + palette.cursor) for text, style in parts]
        return parts


class LeafText(Lines):
    """The text of one row, to be scrolled. Only what is seen is wrapped, however long it is."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = ""
        self._lines: Sequence[str] = ()
        self._hint = ""
        self._top: Place = (0, 0)
        self._wrapped: dict[int, list[Row]] = {}
        self._width = 0

    def show(self, text: str, hint: str = "") -> None:
        """Another text is shown from its beginning. `hint` stands in place of an empty one."""
        self._hint = hint
        if text != self._text:
            self._text, self._lines = text, clean(text).split("\n")
            self._top = (0, 0)
            self._wrapped.clear()
        self.repaint()

    def _rows(self, index: int) -> list[Row]:
        width = max(10, min(self.size.width - 3, WIDEST))
        if width != self._width or len(self._wrapped) > 1000:
            self._wrapped.clear()
            self._width = width
        if index not in self._wrapped:
            self._wrapped[index] = wrap(self._lines[index].replace("\t", " "), width)
        return self._wrapped[index]

    def _walk(self, at: Place, steps: int) -> Place:
        return walked(at, steps, len(self._lines), lambda index: len(self._rows(index)))

    def _last(self) -> Place:
        """The line to scroll to at most: from there the end is seen."""
        end = len(self._lines) - 1
        return self._walk((end, len(self._rows(end)) - 1), 1 - max(1, self.size.height))

    def scroll_on(self, by: int) -> None:
        """Scroll by screens."""
        if self._text:
            self._top = min(self._walk(self._top, by * max(1, self.size.height - 1)), self._last())
            self.repaint()

    def on_resize(self) -> None:
        self._top = (self._top[0], 0)
        if self._text and self.size.height:
            self._top = min(self._top, self._last())
        super().on_resize()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        painted: list[list[Part]] = []
        if not self._text:
            rows = wrap(self._hint, max(10, width - 4)) if self._hint else []
            return [[("  ", palette.dim), (self._hint[start:end], palette.dim)] for start, end in rows]
        index, skip = self._top
        while len(painted) < height and index < len(self._lines):
            line = self._lines[index].replace("\t", " ")
            painted += [
                [("  ", palette.text), (line[start:end], palette.text)] for start, end in self._rows(index)[skip:]
            ]
            index, skip = index + 1, 0
        painted = painted[:height]
        if painted and self._top < self._last():
            painted[-1] = [(f"  {Signs.of(self.app).ellipsis} page down: more", palette.dim)]
        return painted


class NameEntry(Entry):
    """The field of a name. What is more than one is poured into the text instead."""

    @dataclass
    class Poured(Message):
        """More was pasted than a name."""

        text: str

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.max_length = LONGEST_NAME

    def _on_paste(self, event: events.Paste) -> None:
        text = clean(event.text)
        if "\n" in text.strip() or len(self.value) + len(text.strip()) > LONGEST_NAME:
            self.post_message(self.Poured(text))
        else:
            self.insert_text_at_cursor(one_line(text))
        event.stop()
        event.prevent_default()


class PlainEdit(ManuscriptView):
    """A text line by line: unlike the manuscript's, its paragraphs are lines as they stand, with no empty one behind each."""

    def _lines_of(self, index: int) -> list[Line]:
        return super()._lines_of(index)[:-1]

    def _caret_line(self) -> tuple[int, int]:
        index, line = super()._caret_line()
        # The line behind the last one, from which the manuscript counts back, is not there.
        return (index, line) if self.caret == START else (index, line + 1)

    @property
    def plain(self) -> str:
        """All that stands in it."""
        return "\n".join(block.text for block in self.text)
