"""The manuscript: one editing surface over all paragraphs. It holds caret, selection and scroll, and paints what is visible.

Its cost does not depend on the length of the text: it scrolls by (block, line) and wraps only what it shows. It edits through a
`Hand`, at once, so that a key never waits; it knows no session, and never changes the text by itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from rich.style import Style
from textual import events
from textual.geometry import Offset
from textual.message import Message

from composer.errors import ComposerError
from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.outline import Outline
from composer.story.spans import Origin, Spans
from composer.text.clean import clean
from composer.text.graphemes import next_border
from composer.text.holes import holes
from composer.ui import caret as carets
from composer.ui import keymap
from composer.ui.lines import Lines, Part
from composer.ui.scrolling import walked
from composer.ui.signs import Signs
from composer.ui.wrapping import Row, column, offset_at, row_of, wrap

MARGIN = 2
"""Cells left of the text, for signs."""


class Hand(Protocol):
    """How the surface edits: each call is done when it returns. They raise ComposerError where they can't."""

    @property
    def manuscript(self) -> Manuscript: ...

    def type(self, start: Position, end: Position, text: str) -> Position:
        """Type over [start, end); where the caret is then."""

    def erase(self, start: Position, end: Position) -> Position:
        """Delete [start, end); where the caret is then."""

    def jump(self) -> None:
        """The caret moved by itself."""


class Line(NamedTuple):
    """A line of the surface: a row of a block, a heading, or an empty line between them (no block), behind that of the id."""

    block: Block | None
    row: Row
    heading: str = ""
    behind: str = ""


class Lands(NamedTuple):
    """Where a placement would go, and what is said there."""

    at: Position
    words: str


class ManuscriptView(Lines, can_focus=True):
    """The text. `caret` and `pivot` are places in it; what lies between them is selected."""

    BINDINGS = keymap.bindings("text")

    @dataclass
    class Moved(Message):
        """The caret or the selection changed."""

    @dataclass
    class Edited(Message):
        """The text was changed through the hand."""

    @dataclass
    class Refused(Message):
        """Something could not be done."""

        error: ComposerError

    @dataclass
    class Pasted(Message):
        """Text came from the terminal's clipboard."""

        text: str

    @dataclass
    class CutAsked(Message):
        """The selection should be cut, or copied."""

        copy: bool

    @dataclass
    class PasteAsked(Message):
        """What was cut or copied should be put here."""

    def __init__(self, hand: Hand | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hand = hand
        self.text = Manuscript()
        self.outline = Outline()
        self.sections = False
        """Whether beats that have none below stand under their titles too. It holds from the next `show` on."""
        self.language = "en"
        self.caret = START
        self.pivot: Position | None = None
        self.landing: Lands | None = None
        """Where a placement would go: shown by a sign, and in words on the empty line below."""
        self.tinted: Callable[[Origin], Style | None] = lambda origin: None
        """The style of text of an origin, None for the plain one."""
        self.doubtful: frozenset[str] = frozenset()
        """Words that the way through the holes stops at as well."""
        self.empty_hint: Sequence[str] = ()
        self._extending = False
        self._goal: int | None = None
        self._top = (0, 0)
        self._wrapped: dict[str, tuple[Spans, int, list[Row]]] = {}
        self._holes: dict[str, tuple[Spans, list[tuple[int, int]]]] = {}
        self._headings: dict[str, tuple[str, ...]] = {}
        self._headings_of: Manuscript | None = None
        self._above: dict[str, list[tuple[str, str]]] = {}
        self._above_of: tuple[Outline, bool] | None = None
        self._turns: dict[int, tuple[tuple[Block, ...], list[Block]]] = {}

    # values

    def show(self, text: Manuscript, outline: Outline, caret: Position | None = None) -> None:
        """Show this text; without `caret` it stays where it is, or as near as can be."""
        self.text, self.outline = text, outline
        self.caret = carets.valid(text, self.caret if caret is None else caret)
        if caret is not None:
            self.pivot = None
            self._extending = False
            self._goal = None
        elif self.pivot is not None:
            self.pivot = carets.valid(text, self.pivot)
        self._follow()
        self.repaint()

    def go(self, start: Position, end: Position | None = None) -> None:
        """Put the caret at `start`, or select from there to `end`."""
        self.pivot = start if end else None
        self._extending = False
        self._to(end or start, keep_anchor=True)

    @property
    def selection(self) -> tuple[Position, Position]:
        """What is selected, in reading order; the caret twice if nothing is."""
        if self.pivot is None or self.pivot == self.caret:
            return self.caret, self.caret
        if self.text.before(self.pivot, self.caret):
            return self.pivot, self.caret
        return self.caret, self.pivot

    # lines of blocks

    @property
    def _width(self) -> int:
        return max(4, self.size.width - MARGIN - 1)

    def _rows(self, block: Block) -> list[Row]:
        known = self._wrapped.get(block.id)
        if known and known[0] is block.spans and known[1] == self._width:
            return known[2]
        if len(self._wrapped) > 4000:
            self._wrapped.clear()
        rows = wrap(block.text, self._width)
        self._wrapped[block.id] = (block.spans, self._width, rows)
        return rows

    def _holes_of(self, block: Block) -> list[tuple[int, int]]:
        known = self._holes.get(block.id)
        if known is None or known[0] is not block.spans:
            if len(self._holes) > 4000:
                self._holes.clear()
            found = holes(block.text)
            known = self._holes[block.id] = (block.spans, found)
        return known[1]

    def _lines_of(self, index: int) -> list[Line]:
        """The lines that a block takes: headings above it, its rows, and an empty one behind it."""
        block = self.text.at(index)
        lines: list[Line] = []
        for heading in self._heads().get(block.id, ()):
            lines += [Line(None, (0, 0), heading), Line(None, (0, 0))]
        lines += [Line(block, row) for row in self._rows(block)]
        return [*lines, Line(None, (0, 0), "", block.id)]

    def _heads(self) -> dict[str, tuple[str, ...]]:
        """The headings above blocks: those of the outline that begin there."""
        above = self._above_of
        if above is None or above[0] is not self.outline or above[1] != self.sections:
            self._above_of = self.outline, self.sections
            self._above = {
                beat: [(each.id, each.text.line) for each in over]
                for beat, over in self.outline.headings(sections=self.sections).items()
                if over
            }
        elif self._headings_of is self.text:
            return self._headings
        self._headings_of = self.text
        self._headings = {}
        if not self._above:
            return self._headings
        seen: set[str] = set()
        turns: dict[int, tuple[tuple[Block, ...], list[Block]]] = {}
        for run in self.text.runs():
            # Where the beat changes within a run of blocks is found once; an edit leaves all but one of the runs alone.
            known = self._turns.get(id(run))
            if known is None or known[0] is not run:
                firsts = [block for at, block in enumerate(run) if at == 0 or block.beat != run[at - 1].beat]
                known = (run, firsts)
            turns[id(run)] = known
            for block in known[1]:
                fresh = [(beat, line) for beat, line in self._above.get(block.beat, ()) if beat not in seen]
                if fresh:
                    seen.update(beat for beat, _ in fresh)
                    self._headings[block.id] = tuple(line for _, line in fresh)
        self._turns = turns
        return self._headings

    def _caret_line(self) -> tuple[int, int]:
        """The caret's place as (index of its block, line in that block)."""
        if self.caret == START:
            return 0, 0
        index = self.text.index(self.caret.block)
        lines = self._lines_of(index)
        rows = self._rows(self.text.at(index))
        return index, len(lines) - 1 - len(rows) + row_of(rows, self.caret.offset)

    def _walk(self, at: tuple[int, int], steps: int) -> tuple[int, int]:
        """The line `steps` below (or above) one, as far as the text goes."""
        return walked(at, steps, len(self.text), lambda index: len(self._lines_of(index)))

    def _follow(self) -> None:
        """Scroll so that the caret is visible: by a third of the pane, so that most keys move nothing else."""
        height = self.size.height
        if not height or not len(self.text):
            self._top = (0, 0)
            return
        here = self._caret_line()
        top = min(self._top, (len(self.text) - 1, 10**9))
        if top[1] >= len(self._lines_of(top[0])):
            top = (top[0], 0)
        if here < top:
            top = self._walk(here, -(height // 3))
        elif here >= self._walk(top, height) and here != top:
            bottom = self._walk(top, height - 1)
            if here > bottom:
                top = self._walk(here, -(height - 1 - height // 3))
        self._top = top

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        if not len(self.text):
            cursor = palette.caret if self.has_focus else palette.dim
            hint = [[("  ", palette.text), (line, palette.dim)] for line in self.empty_hint]
            return [[("  ", palette.text), (" ", cursor)], [], *hint]
        painted: list[list[Part]] = []
        index, skip = self._top
        chosen = self._chosen()
        while len(painted) < height and index < len(self.text):
            for line in self._lines_of(index)[skip:]:
                painted.append(self._paint(line, chosen, width))
            index, skip = index + 1, 0
        self._place_terminal_cursor()
        return painted

    def _chosen(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        start, end = self.selection
        return None if start == end else (self.text.key(start), self.text.key(end))

    def _paint(self, line: Line, chosen: tuple[tuple[int, int], tuple[int, int]] | None, width: int) -> list[Part]:
        palette = self.palette
        if line.heading:
            return [("  ", palette.text), (line.heading[: width - 3], palette.heading)]
        block = line.block
        if block is None:
            if self.landing and self.landing.at.block and self.landing.at.block == line.behind:
                return [(f"{self._lands} {self.landing.words}"[:width], palette.lands)]
            return []
        start, end = line.row
        text = block.text
        base = palette.dim if block.is_scene_break else palette.text
        edges: list[tuple[int, int, Style]] = [(start, end, base)]
        edges += self._tints(block, start, end)
        edges += [(first, last, palette.hole) for first, last in self._holes_of(block) if first < end and start < last]
        last_row = end == len(text)
        tail: list[Part] = []
        if chosen:
            index = self.text.index(block.id)
            (first, left), (last, right) = chosen
            if first <= index <= last:
                begin = left if index == first else 0
                stop = right if index == last else len(text)
                edges.append((begin, stop, palette.selection))
                if index < last and last_row:
                    tail = [(" ", palette.selection)]
        if block.id == self.caret.block and start <= self.caret.offset and (self.caret.offset < end or last_row):
            at = self.caret.offset
            if self.caret.offset <= end:
                style = palette.caret if self.has_focus else palette.lands
                if at < len(text):
                    edges.append((at, next_border(text, at), style))
                else:
                    tail = [(" ", style)]
        sign = "  "
        lands = self.landing.at if self.landing else None
        if lands and lands.block == block.id and start <= lands.offset and (lands.offset < end or last_row):
            sign = f"{self._lands} " if lands.offset <= end else sign
        return [(sign, palette.lands), *_runs(text, start, end, edges), *tail]

    def _tints(self, block: Block, start: int, end: int) -> list[tuple[int, int, Style]]:
        edges = []
        at = 0
        for span in block.spans:
            after = at + len(span.text)
            if at < end and start < after and (style := self.tinted(span.origin)):
                edges.append((at, after, style))
            at = after
        return edges

    @property
    def _lands(self) -> str:
        return Signs.of(self.app).lands

    def _place_terminal_cursor(self) -> None:
        """Where the terminal's own cursor would be: input methods and screen readers look there."""
        if not self.has_focus or self.caret == START:
            return
        at, line, target = self._top, 0, self._caret_line()
        while at < target and line < self.size.height:
            size = len(self._lines_of(at[0]))
            if at[0] == target[0]:
                line += target[1] - at[1]
                break
            line += size - at[1]
            at = (at[0] + 1, 0)
        rows = self._rows(self.text.block(self.caret.block))
        row = rows[row_of(rows, self.caret.offset)]
        x = MARGIN + column(self.text.block(self.caret.block).text, row, self.caret.offset)
        self.app.cursor_position = Offset(self.content_region.x + x, self.content_region.y + line)

    # moving

    def _to(self, place: Position, *, keep_anchor: bool = False, keep_goal: bool = False) -> None:
        if not keep_anchor:
            self.pivot = self.pivot if self._extending else None
        if not keep_goal:
            self._goal = None
        if place != self.caret and self.hand:
            self.hand.jump()
        self.caret = place
        self._follow()
        self.repaint()
        self.post_message(self.Moved())

    def _select_to(self, place: Position, *, keep_goal: bool = False) -> None:
        if self.pivot is None:
            self.pivot = self.caret
        self._to(place, keep_anchor=True, keep_goal=keep_goal)

    def _vertical(self, steps: int) -> Position:
        """The place `steps` rows below the caret, in the cell where the way began; lines that are no text are passed over."""
        if self.caret == START:
            return self.caret
        index = self.text.index(self.caret.block)
        rows = self._rows(self.text.at(index))
        at = row_of(rows, self.caret.offset)
        if self._goal is None:
            self._goal = column(self.text.at(index).text, rows[at], self.caret.offset)
        goal = self._goal
        while not 0 <= at + steps < len(rows):
            if steps > 0:
                if index + 1 >= len(self.text):
                    return self.text.last
                steps -= len(rows) - at
                index += 1
                rows, at = self._rows(self.text.at(index)), 0
            else:
                if index == 0:
                    return self.text.first
                steps += at + 1
                index -= 1
                rows = self._rows(self.text.at(index))
                at = len(rows) - 1
        at += steps
        block = self.text.at(index)
        return Position(block.id, offset_at(block.text, rows[at], goal, at == len(rows) - 1))

    def _edge(self, end: bool) -> Position:
        if self.caret == START:
            return self.caret
        block = self.text.block(self.caret.block)
        rows = self._rows(block)
        at = row_of(rows, self.caret.offset)
        goal = 10**6 if end else 0
        return Position(block.id, offset_at(block.text, rows[at], goal, at == len(rows) - 1))

    def action_text_left(self) -> None:
        start, end = self.selection
        collapse = start != end and not self._extending
        self._to(start if collapse else carets.left(self.text, self.caret))

    def action_text_right(self) -> None:
        start, end = self.selection
        collapse = start != end and not self._extending
        self._to(end if collapse else carets.right(self.text, self.caret))

    def action_text_up(self) -> None:
        self._to(self._vertical(-1), keep_goal=True)

    def action_text_down(self) -> None:
        self._to(self._vertical(1), keep_goal=True)

    def action_text_word_left(self) -> None:
        self._to(carets.word_left(self.text, self.caret))

    def action_text_word_right(self) -> None:
        self._to(carets.word_right(self.text, self.caret))

    def action_text_home(self) -> None:
        self._to(self._edge(False))

    def action_text_end(self) -> None:
        self._to(self._edge(True))

    def action_text_page_up(self) -> None:
        self._to(self._vertical(-max(1, self.size.height - 2)), keep_goal=True)

    def action_text_page_down(self) -> None:
        self._to(self._vertical(max(1, self.size.height - 2)), keep_goal=True)

    def action_text_first(self) -> None:
        self._to(self.text.first)

    def action_text_last(self) -> None:
        self._to(self.text.last)

    def action_text_select_left(self) -> None:
        self._select_to(carets.left(self.text, self.caret))

    def action_text_select_right(self) -> None:
        self._select_to(carets.right(self.text, self.caret))

    def action_text_select_up(self) -> None:
        self._select_to(self._vertical(-1), keep_goal=True)

    def action_text_select_down(self) -> None:
        self._select_to(self._vertical(1), keep_goal=True)

    def action_text_select_word_left(self) -> None:
        self._select_to(carets.word_left(self.text, self.caret))

    def action_text_select_word_right(self) -> None:
        self._select_to(carets.word_right(self.text, self.caret))

    def action_text_select_home(self) -> None:
        self._select_to(self._edge(False))

    def action_text_select_end(self) -> None:
        self._select_to(self._edge(True))

    def action_text_anchor(self) -> None:
        self._extending = not self._extending
        self.pivot = self.caret if self._extending else None
        self.repaint()
        self.post_message(self.Moved())

    def action_text_grow(self) -> None:
        start, end = carets.grown(self.text, self.outline, *self.selection, self.language)
        self.go(start, end)

    def action_text_all(self) -> None:
        self.go(self.text.first, self.text.last)

    def action_hole_next(self) -> None:
        found = carets.next_hole(self.text, self.caret, self.doubtful)
        if found:
            self.go(*found)
        else:
            self.post_message(self.Refused(ComposerError("There is no [hole] in the text.", "Brackets make one.")))

    def drop_selection(self) -> bool:
        """Drop what is selected; whether anything was."""
        had = self.pivot is not None
        self.pivot, self._extending = None, False
        self.repaint()
        if had:
            self.post_message(self.Moved())
        return had

    # editing

    def insert(self, text: str) -> None:
        """Type text over the selection."""
        start, end = self.selection
        self._edit(lambda hand: hand.type(start, end, text))

    def _erase(self, start: Position, end: Position) -> None:
        if start != end:
            self._edit(lambda hand: hand.erase(start, end))

    def _edit(self, work: object) -> None:
        if self.hand is None:
            return
        try:
            place = work(self.hand)  # type: ignore[operator]
        except ComposerError as error:
            self.post_message(self.Refused(error))
            return
        self.show(self.hand.manuscript, self.outline, place)
        self.post_message(self.Edited())

    def press(self, letter: str) -> None:
        """A letter was typed."""
        if self.hand:
            self.insert(clean(letter))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.post_message(self.Pasted(clean(event.text)))

    def action_text_enter(self) -> None:
        self.insert("\n")

    def action_text_backspace(self) -> None:
        start, end = self.selection
        self._erase(carets.left(self.text, self.caret) if start == end else start, end)

    def action_text_delete(self) -> None:
        start, end = self.selection
        self._erase(start, carets.right(self.text, self.caret) if start == end else end)

    def action_text_word_back(self) -> None:
        start, end = self.selection
        self._erase(carets.word_left(self.text, self.caret) if start == end else start, end)

    def action_text_sentence_back(self) -> None:
        start, end = self.selection
        back = carets.sentence_start(self.text, self.caret, self.language)
        self._erase(back if start == end else start, end)

    def action_text_cut(self) -> None:
        self.post_message(self.CutAsked(copy=False))

    def action_text_paste(self) -> None:
        self.post_message(self.PasteAsked())

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def on_resize(self) -> None:
        self._wrapped.clear()
        self._follow()
        super().on_resize()


def _runs(text: str, start: int, end: int, edges: list[tuple[int, int, Style]]) -> list[Part]:
    """The characters [start:end) in runs of one style; of styles that overlap the later one holds."""
    cuts = sorted({start, end, *(edge for left, right, _ in edges for edge in (left, right) if start < edge < end)})
    runs: list[Part] = []
    for left, right in itertools.pairwise(cuts):
        style = edges[0][2]
        for first, last, over in edges[1:]:
            if first <= left and right <= last:
                style = over
        runs.append((text[left:right].replace("\t", " "), style))
    return runs
