"""The candidates of one round: their states, their texts as they stream, the piece under the cursor and the marks.

Each candidate has a slot of its own; text that comes moves nothing outside it, and nothing but a key moves the cursor. It sends
what was asked for as messages, and neither places, stops nor marks anything itself. What is shown of a candidate is a `Page`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.style import Style
from textual import events
from textual.message import Message

from composer.story.actions.change import Name, Rewrite, name_of
from composer.story.candidate import Candidate, Round
from composer.story.story import Mark
from composer.text.pieces import SIZES, Size, piece_at
from composer.text.words import count_words
from composer.ui import keymap
from composer.ui.lines import Lines, Part, clipped
from composer.ui.signs import Signs
from composer.ui.theming import Palette
from composer.ui.widgets.page import Page, Run, changed, plain
from composer.ui.wrapping import Row, cells, wrap

GUTTER = 4
"""Cells left of a candidate's text, for the numbers of marks."""
COLUMN = 34
"""The least cells of a column, where zoomed candidates stand side by side."""

Wanted = Literal[
    "mark",
    "mark span",
    "clear",
    "earlier",
    "later",
    "place",
    "own",
    "seams",
    "edit",
    "smooth",
    "goto",
    "older",
    "newer",
    "stop",
    "stop all",
    "again",
    "bare",
    "blind",
    "info",
]


@dataclass(frozen=True)
class Told:
    """What a candidate says again: in a few words, and where in its text."""

    words: str
    runs: Sequence[Row] = ()


NOTHING_TOLD = Told("")


class CandidatesView(Lines, can_focus=True):
    """One round. `piece` is the range under the cursor in the current candidate."""

    BINDINGS = keymap.bindings("candidates")

    @dataclass
    class Pressed(Message):
        """A key asks for something, with the current candidate and the piece under the cursor."""

        wanted: Wanted
        candidate: str
        start: int
        end: int

    @dataclass
    class Moved(Message):
        """The cursor is elsewhere, or something else is shown there."""

    @dataclass
    class Stray(Message):
        """A letter without a meaning here was pressed."""

        key: str

    @dataclass
    class Said(Message):
        """Something that the writer should know."""

        text: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.round: Round | None = None
        self.cands: tuple[Candidate, ...] = ()
        """The candidates in the order in which they are shown."""
        self.marks: tuple[Mark, ...] = ()
        self.told: Mapping[str, Told] = {}
        self.edited: frozenset[str] = frozenset()
        """Candidates that the writer changed before placing."""
        self.summary = ""
        """The one line that stands for all while there is no room."""
        self.empty_hint: Sequence[str] = ()
        self.narrow = False
        self.zoomed = False
        """Whether the pane is alone: then candidates stand in columns, if there is room for two."""
        self.language = "en"
        self.rewriter: Callable[[Candidate, str], Rewrite | None] = lambda candidate, other: None
        """A candidate as changes of another one, or (empty) of the text that it would replace; None if there is none."""
        self.size_of_piece: Size = "sentence"
        self.current = 0
        self._at = 0
        self._anchor: int | None = None
        self._folded: set[str] = set()
        self._compared: dict[str, str] = {}
        self._comparing = False
        self._shown_plain: set[str] = set()
        self._left_out: dict[str, set[Name]] = {}
        self._tops: dict[str, int] = {}
        self._wrapped: dict[str, tuple[str, int, list[Row]]] = {}
        self._pages: dict[str, tuple[tuple[object, ...], Page]] = {}

    # values

    def show(
        self, asked: Round | None, marks: tuple[Mark, ...], summary: str = "", told: Mapping[str, Told] | None = None
    ) -> None:
        """Show this round. The cursor stays on its candidate and piece; a round not shown before begins at the first."""
        if asked is None or self.round is None or asked.number != self.round.number:
            self.current, self._at, self._anchor, self._comparing = 0, 0, None, False
        stood, veil = self.candidate, self.round.veil if self.round else ()
        self.round, self.marks, self.summary = asked, marks, summary
        self.told = told or {}
        here = asked.candidates if asked else ()
        self.cands = tuple(here[place] for place in asked.veil) if asked and asked.veil else here
        if asked and asked.veil != veil and stood and stood.round == asked.number:
            # Where a candidate went in the shuffle would tell which one it is.
            self.current = 0 if asked.veil else [each.id for each in self.cands].index(stood.id)
            self._at = 0 if asked.veil else self._at
            self._anchor = None
        self.repaint()

    @property
    def veiled(self) -> bool:
        """Whether the round is tasted blind."""
        return self.round is not None and bool(self.round.veil)

    @property
    def candidate(self) -> Candidate | None:
        """The candidate under the cursor."""
        return self.cands[min(self.current, len(self.cands) - 1)] if self.cands else None

    def left_out(self, candidate: str, rewrite: Rewrite | None) -> frozenset[int]:
        """Which changes of a candidate are not to be taken, by their number in `rewrite`."""
        names = self._left_out.get(candidate)
        if not names or rewrite is None:
            return frozenset()
        return frozenset(at for at in range(len(rewrite.changes)) if name_of(rewrite, at) in names)

    def page(self, candidate: Candidate, *, cursor: bool = True) -> Page:
        """What is shown of a candidate. Without `cursor` no one asks for its pieces."""
        other = self._compared.get(candidate.id, "" if self._changes(candidate) else None)
        rewrite = self.rewriter(candidate, other) if other is not None and candidate.ending is not None else None
        key: tuple[object, ...]
        if rewrite is not None:
            key = rewrite, self.left_out(candidate.id, rewrite)
        else:
            key = candidate.text, self.size_of_piece if cursor else ""
        known = self._pages.get(candidate.id)
        if known and len(known[0]) == len(key) and known[0][0] is key[0] and known[0][1] == key[1]:
            return known[1]
        if rewrite is not None:
            page = changed(rewrite, self.left_out(candidate.id, rewrite), self.signs)
        elif cursor:
            page = plain(candidate, self.size_of_piece, self.language)
        else:
            page = Page(candidate.text, ())
        self._pages[candidate.id] = key, page
        return page

    def _changes(self, candidate: Candidate) -> bool:
        """Whether a candidate is shown as changes unless asked otherwise."""
        asked = self.round
        return asked is not None and asked.kind in ("polish", "smooth") and candidate.id not in self._shown_plain

    @property
    def rewriting(self) -> Rewrite | None:
        """The changes that enter would take: those of the current candidate to the text it would replace."""
        candidate = self.candidate
        if candidate is None or candidate.ending is None or self._compared.get(candidate.id):
            return None
        if not self.page(candidate).changes:
            return None
        return self.rewriter(candidate, "")

    def _range(self, page: Page) -> Row:
        """What the cursor is on, in the text shown; an empty range if there is none."""
        if not page.pieces:
            return 0, 0
        start, end = page.pieces[piece_at(page.pieces, self._at)]
        if self._anchor is not None and not page.changes:
            left, right = page.pieces[piece_at(page.pieces, self._anchor)]
            start, end = min(start, left), max(end, right)
        return start, end

    @property
    def piece(self) -> tuple[str, int, int]:
        """The candidate under the cursor and the range of the piece there; an empty range if it has no text.

        Among changes that is all of its text.
        """
        candidate = self.candidate
        if candidate is None:
            return "", 0, 0
        page = self.page(candidate)
        if page.changes:
            return candidate.id, 0, len(candidate.text)
        return candidate.id, *self._range(page)

    def go(self, candidate: str, at: int = 0) -> None:
        """Put the cursor on a candidate of the round, on the piece that holds the character `at`."""
        for number, each in enumerate(self.cands):
            if each.id == candidate:
                self.current, self._at, self._anchor = number, at, None
        self._moved()

    # painting

    @property
    def signs(self) -> Signs:
        return Signs.of(self.app)

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        if self.round is None:
            return [[(line, palette.dim)] for line in self.empty_hint]
        if height <= 2 and self.summary:
            return [[(f" {self.summary}", palette.dim)]]
        columns = min(len(self.cands), (width + 1) // COLUMN) if self.zoomed else 1
        if columns > 1:
            return self._columns(columns, width, height)
        painted: list[list[Part]] = []
        for at, (candidate, slot) in enumerate(zip(self.cands, self._slots(height), strict=True)):
            if slot:
                painted += self._paint(candidate, at == self.current, width, slot)
        return painted

    def _columns(self, columns: int, width: int, height: int) -> list[list[Part]]:
        """Candidates side by side; those around the cursor where not all fit."""
        first = max(0, min(self.current - columns // 2, len(self.cands) - columns))
        each = (width + 1) // columns - 1
        made = [self._paint(self.cands[at], at == self.current, each, height) for at in range(first, first + columns)]
        bar = (self.signs.bar, self.palette.dim)
        painted: list[list[Part]] = []
        for rows in zip(*made, strict=True):
            line: list[Part] = []
            for number, row in enumerate(rows):
                line += [bar] if number else []
                line += clipped(row, each, self.palette.text)
            painted.append(line)
        return painted

    def _slots(self, height: int) -> list[int]:
        """The lines of each candidate, header included. They depend on keys and on the pane alone, never on what streams."""
        count = len(self.cands)
        current = min(self.current, count - 1)
        folded = [candidate.id in self._folded for candidate in self.cands]
        if not self.has_focus and not self.narrow:
            open_ones = max(1, folded.count(False))
            share, extra = divmod(max(0, height - folded.count(True)), open_ones)
            slots = []
            for shut in folded:
                slots.append(1 if shut else share + (1 if extra > 0 else 0))
                extra -= 0 if shut else 1
            return slots
        others = 1
        if not self.narrow and count > 1:
            # Nearly half of the pane is for the one under the cursor; the others share the rest.
            share = (height - max(12, height * 9 // 20)) // (count - 1)
            others = max(1, share)
        slots = [1 if shut else others for shut in folded]
        slots[current] = max(2, height - sum(slots) + slots[current])
        while sum(slots) > height and any(slot for at, slot in enumerate(slots) if at != current):
            # More candidates than lines: those farthest from the cursor give way.
            far = max((at for at, slot in enumerate(slots) if slot and at != current), key=lambda at: abs(at - current))
            slots[far] = 0
        return slots

    def _paint(self, candidate: Candidate, current: bool, width: int, slot: int) -> list[list[Part]]:
        palette = self.palette
        line = slot == 1 and not current
        painted = [self._header(candidate, current, width, with_text=line)]
        if line:
            return painted
        page = self.page(candidate, cursor=current and self.has_focus)
        rows = self._rows(candidate.id, page.text, max(8, width - GUTTER - 1))
        room = slot - 1
        note = self._note(candidate)
        if note and room > 1:
            room -= len(wrap(note, max(8, width - GUTTER - 1)))
        room = max(1, room)
        piece = self._range(page) if current and self.has_focus else None
        top = self._top(candidate, rows, room, piece)
        marks: list[tuple[int, Mark]] = []
        runs = list(page.runs)
        if not page.changes:
            marks = [(n, mark) for n, mark in enumerate(self.marks, 1) if mark.candidate == candidate.id]
            runs += [(start, end, "repeated") for start, end in self.told.get(candidate.id, NOTHING_TOLD).runs]
        for row in rows[top : top + room]:
            painted.append(self._row(page.text, row, marks, runs, piece))
        if note:
            shown = min(len(rows) - top, room)
            painted += [[("", palette.text)]] * (room - shown)
            for left, right in wrap(note, max(8, width - GUTTER - 1)):
                painted.append([(" " * GUTTER, palette.text), (note[left:right], palette.dim)])
        painted += [[("", palette.text)]] * (slot - len(painted))
        return painted[:slot]

    def _header(self, candidate: Candidate, current: bool, width: int, with_text: bool) -> list[Part]:
        palette, signs, asked = self.palette, self.signs, self.round
        assert asked is not None
        sign, style, word = self.state(candidate)
        pointer = signs.here if current and self.has_focus else " "
        temperature = candidate.recipe.temperature
        heat = f"T{temperature:g}" if temperature is not None else candidate.recipe.model[:12]
        folded = " · edited" if candidate.id in self.edited else ""
        folded += " folded" if candidate.id in self._folded else ""
        parts: list[Part] = [
            (f"{pointer}{asked.shown_number(candidate.id)}", palette.title),
            ("  " if self.veiled else f"  {heat:<5}", palette.text),
            (f"{sign} ", style),
            (word + folded, palette.text),
        ]
        used = sum(cells(text) for text, _ in parts)
        told = self.told.get(candidate.id, NOTHING_TOLD).words
        told = told if cells(told) + used + 3 <= width else ""
        if with_text:
            first = candidate.text[: max(0, 2 * width)].replace("\n", " ")
            room = max(0, width - used - 3 - (cells(told) + 2 if told else 0))
            shown = first[:room]
            parts.append(("  " + shown, palette.dim))
            used += 2 + cells(shown)
        if told:
            parts += [(" " * max(1, width - used - cells(told) - 1), palette.text), (told, palette.waiting)]
        return parts

    def state(self, candidate: Candidate) -> tuple[str, Style, str]:
        """Sign, style and words for how far a candidate is."""
        palette, signs = self.palette, self.signs
        words = f"{count_words(candidate.text)} w"
        ending = candidate.ending
        if ending is None:
            if candidate.text:
                # By tens, so that the line is not sent again with every word.
                words = f"{count_words(candidate.text) // 10 * 10} w"
                return signs.writing, palette.waiting, f"{words} {signs.ellipsis}writing"
            if candidate.reasoning:
                return signs.writing, palette.waiting, f"thinking {count_words(candidate.reasoning)} w"
            return signs.writing, palette.waiting, "waiting"
        if ending.kind == "finished":
            return signs.done, palette.good, words + (" · may lack its end" if ending.suspect else "")
        if ending.kind == "cut":
            return signs.cut, palette.waiting, f"{words} · cut"
        kept = f" · {words} kept" if candidate.text else ""
        return signs.failed, palette.bad, ("stopped" if ending.kind == "cancelled" else "failed") + kept

    def _note(self, candidate: Candidate) -> str:
        """A sentence below the text: why a candidate ended otherwise than finished."""
        ending = candidate.ending
        if ending is None or (ending.kind == "finished" and not ending.suspect):
            return ""
        return ending.why

    def _rows(self, name: str, text: str, width: int) -> list[Row]:
        known = self._wrapped.get(name)
        if known and known[0] is text and known[1] == width:
            return known[2]
        rows: list[Row] = []
        at = 0
        # Text that streams in changes its last rows only, so wrapping goes on from the last but one.
        if known and known[1] == width and len(known[2]) > 2 and text.startswith(known[0]):
            rows = known[2][:-2]
            at = rows[-1][1] if rows else 0
            if at and text[at : at + 1] == "\n":
                at += 1
        if text or not rows:
            for line in text[at:].split("\n"):
                rows += [(at + start, at + end) for start, end in wrap(line, width)]
                at += len(line) + 1
        self._wrapped[name] = (text, width, rows)
        return rows

    def _top(self, candidate: Candidate, rows: list[Row], room: int, piece: Row | None) -> int:
        """The first row shown: in the slot with the cursor, that of its piece; else the start, and while it writes its newest page."""
        top = min(self._tops.get(candidate.id, 0), max(0, len(rows) - 1))
        if piece is not None and piece[1] > piece[0]:
            first = max((at for at, row in enumerate(rows) if row[0] <= piece[0]), default=0)
            last = max((at for at, row in enumerate(rows) if row[0] < piece[1]), default=first)
            if last >= top + room:
                top = last - room + 1
            if first < top:
                top = first
        elif candidate.ending is not None:
            top = 0
        elif len(rows) - top > room:
            top = len(rows) - max(1, room // 3)
        self._tops[candidate.id] = top
        return top

    def _row(
        self, text: str, row: Row, marks: Sequence[tuple[int, Mark]], runs: Sequence[Run], piece: Row | None
    ) -> list[Part]:
        palette, signs = self.palette, self.signs
        start, end = row
        gutter = " " * GUTTER
        for number, mark in marks:
            if start <= mark.start < end or (start == end == mark.start):
                gutter = f"{number:>{GUTTER - 1}}{signs.mark}"
            elif mark.start < start < mark.end and gutter.isspace():
                gutter = f"{'':>{GUTTER - 1}}{signs.mark}"
        if gutter.isspace() and piece and start <= piece[0] < end:
            gutter = f"{'':>{GUTTER - 2}}{signs.here} "
        here = [run for run in runs if run[0] < end and start < run[1]]
        edges = [edge for run in here for edge in run[:2]] + [
            edge for _, mark in marks for edge in (mark.start, mark.end)
        ]
        if piece:
            edges += piece
        ordered = sorted({start, end, *(edge for edge in edges if start < edge < end)})
        parts: list[Part] = [(gutter, palette.mark if marks and not gutter.isspace() else palette.dim)]
        for left, right in itertools.pairwise(ordered):
            style = palette.text
            for first, last, name in here:
                if first <= left and right <= last:
                    style = _style(palette, name)
            if any(mark.start <= left and right <= mark.end for _, mark in marks):
                style = palette.mark
            if piece and piece[0] <= left and right <= piece[1]:
                style = style + palette.cursor
            parts.append((text[left:right].replace("\t", " "), style))
        return parts

    # keys

    def _ask(self, wanted: Wanted) -> None:
        self.post_message(self.Pressed(wanted, *self.piece))

    def _moved(self) -> None:
        self.repaint()
        self.post_message(self.Moved())

    async def _on_key(self, event: events.Key) -> None:
        if event.character and event.character.isdigit() and len(event.character) == 1 and self.round:
            event.stop()
            number = int(event.character) or 10
            if number > len(self.cands):
                self._comparing = False
            elif self._comparing:
                self._compare(self.cands[number - 1])
            else:
                self._to(number - 1)
            return
        self._comparing = self._comparing and event.key == "d"
        if event.is_printable and event.character and event.key not in _BOUND:
            event.stop()
            self.post_message(self.Stray(event.character))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.post_message(self.Stray("paste"))

    def _to(self, number: int, at: int = 0) -> None:
        """Go to the n-th candidate shown, from 0."""
        self.current, self._at, self._anchor = number, at, None
        self._moved()

    def _step(self, by: int) -> None:
        candidate = self.candidate
        if candidate is None:
            return
        page = self.page(candidate)
        here = piece_at(page.pieces, self._at) + by
        if 0 <= here < len(page.pieces):
            self._at = page.pieces[here][0]
            self._moved()
        elif self._anchor is None and 0 <= self.current + by < len(self.cands):
            # Running on into the next candidate, by its nearest piece.
            following = self.page(self.cands[self.current + by])
            self._to(self.current + by, following.pieces[-1][0] if by < 0 and following.pieces else 0)

    def action_piece_up(self) -> None:
        self._step(-1)

    def action_piece_down(self) -> None:
        self._step(1)

    def action_cand_before(self) -> None:
        self._to(max(0, self.current - 1))

    def action_cand_after(self) -> None:
        if self.cands:
            self._to(min(len(self.cands) - 1, self.current + 1))

    def _resize_piece(self, step: int) -> None:
        at = SIZES.index(self.size_of_piece) + step
        self.size_of_piece = SIZES[max(0, min(len(SIZES) - 1, at))]
        self._anchor = None
        self._moved()

    def action_piece_smaller(self) -> None:
        self._resize_piece(-1)

    def action_piece_larger(self) -> None:
        self._resize_piece(1)

    def action_mark(self) -> None:
        candidate = self.candidate
        page = self.page(candidate) if candidate else None
        if candidate is None or page is None or not page.changes:
            self._ask("mark" if self._anchor is None else "mark span")
            self._anchor = None
        elif self._compared.get(candidate.id):
            self.post_message(self.Said("These differences are only shown; d shows the text again."))
        elif page.pieces and (rewrite := self.rewriting):
            at = piece_at(page.pieces, self._at)
            self._left_out.setdefault(candidate.id, set()).symmetric_difference_update({name_of(rewrite, at)})
            self._at = self.page(candidate).pieces[at][0]
            self._moved()
        else:
            self.post_message(self.Said("It changes nothing."))

    def action_mark_span(self) -> None:
        if self._anchor is not None:
            self._anchor = None
        elif self.candidate is not None and not self.page(self.candidate).changes:
            self._anchor = self._range(self.page(self.candidate))[0]
        self._moved()

    @property
    def spanning(self) -> bool:
        """Whether a span was begun."""
        return self._anchor is not None

    def drop_span(self) -> bool:
        """End a span that was begun, unmarked; whether there was one."""
        had, self._anchor = self._anchor is not None, None
        self.repaint()
        return had

    def action_cand_diff(self) -> None:
        """Differences to the text it would replace, and on again; a digit that follows names another candidate."""
        candidate = self.candidate
        if candidate is None:
            return
        self._comparing = not self._comparing
        if candidate.ending is None:
            self.post_message(self.Said("It is still writing; its differences are shown when it has ended."))
        elif self.page(candidate).changes:
            self._compared.pop(candidate.id, None)
            self._shown_plain.add(candidate.id)
            self._at = 0
        elif self.rewriter(candidate, "") is not None:
            self._shown_plain.discard(candidate.id)
            self._compared[candidate.id] = ""
            self._at = 0
        elif self._comparing:
            self.post_message(self.Said("It replaces no text. A digit says which candidate to hold it against."))
        self._moved()

    def show_changes(self, candidate: Candidate) -> None:
        """Show a candidate as changes of the text that it would replace. The cursor does not move by itself."""
        self._shown_plain.discard(candidate.id)
        self._compared[candidate.id] = ""
        self.repaint()

    def _compare(self, other: Candidate) -> None:
        self._comparing = False
        candidate = self.candidate
        if candidate is None or candidate.id == other.id:
            return
        if candidate.ending is None or other.ending is None:
            self.post_message(self.Said("One of the two is still writing; differences are shown when both have ended."))
            return
        self._compared[candidate.id] = other.id
        self._at = 0
        self._moved()

    def action_mark_clear(self) -> None:
        self._ask("clear")

    def action_mark_earlier(self) -> None:
        self._ask("earlier")

    def action_mark_later(self) -> None:
        self._ask("later")

    def action_place_here(self) -> None:
        self._ask("place")

    def action_place_own(self) -> None:
        self._ask("own")

    def action_splice_seams(self) -> None:
        self._ask("seams")

    def action_splice_edit(self) -> None:
        self._ask("edit")

    def action_splice_smooth(self) -> None:
        self._ask("smooth")

    def action_round_goto(self) -> None:
        self._ask("goto")

    def action_round_older(self) -> None:
        self._ask("older")

    def action_round_newer(self) -> None:
        self._ask("newer")

    def action_round_blind(self) -> None:
        self._ask("blind")

    def action_cand_stop(self) -> None:
        candidate = self.candidate
        if candidate and candidate.ending is not None:
            self._folded ^= {candidate.id}
            self._moved()
        else:
            self._ask("stop")

    def action_round_stop(self) -> None:
        self._ask("stop all")

    def action_cand_again(self) -> None:
        self._ask("again")

    def action_round_ab(self) -> None:
        self._ask("bare")

    def action_cand_info(self) -> None:
        self._ask("info")

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self._comparing = False
        self.repaint()


def _style(palette: Palette, name: str) -> Style:
    style = getattr(palette, name)
    assert isinstance(style, Style)
    return style


_BOUND = {name for key in keymap.TABLE if key.where in ("candidates", "everywhere") for name in key.keys.split(",")}
