"""The candidates of one round: their states, their texts as they stream, the piece under the cursor and the marks.

Each candidate has a slot of its own; text that comes moves nothing outside it, and nothing but a key moves the cursor. It sends
what was asked for as messages, and neither places, stops nor marks anything itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.style import Style
from textual import events
from textual.message import Message

from composer.story.candidate import Candidate, Round
from composer.story.story import Mark
from composer.text.sentences import sentences
from composer.text.words import count_words, word_at
from composer.ui import keymap
from composer.ui.lines import Lines, Part
from composer.ui.signs import Signs
from composer.ui.wrapping import Row, cells, wrap

GUTTER = 4
"""Cells left of a candidate's text, for the numbers of marks."""

Size = Literal["word", "sentence", "paragraph"]
SIZES: tuple[Size, ...] = ("word", "sentence", "paragraph")

Wanted = Literal[
    "mark", "clear", "place", "own", "goto", "older", "newer", "stop", "stop all", "again", "info", "keep", "copy"
]


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
        """The cursor is elsewhere."""

    @dataclass
    class Stray(Message):
        """A letter without a meaning here was pressed."""

        key: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.round: Round | None = None
        self.marks: tuple[Mark, ...] = ()
        self.summary = ""
        """The one line that stands for all while there is no room."""
        self.empty_hint: Sequence[str] = ()
        self.narrow = False
        self.size_of_piece: Size = "sentence"
        self.current = 0
        self._piece = 0
        self._folded: set[str] = set()
        self._tops: dict[str, int] = {}
        self._wrapped: dict[str, tuple[str, int, list[Row]]] = {}
        self._pieces: dict[str, tuple[str, Size, list[Row]]] = {}

    # values

    def show(self, asked: Round | None, marks: tuple[Mark, ...], summary: str = "") -> None:
        """Show this round. The cursor stays on its candidate and piece; a round not shown before begins at the first."""
        if asked is None or self.round is None or asked.number != self.round.number:
            self.current, self._piece = 0, 0
        self.round, self.marks, self.summary = asked, marks, summary
        self.repaint()

    @property
    def candidate(self) -> Candidate | None:
        """The candidate under the cursor."""
        if self.round is None:
            return None
        return self.round.candidates[min(self.current, len(self.round.candidates) - 1)]

    def pieces(self, candidate: Candidate) -> list[Row]:
        """The pieces of a candidate in the size that is set, as ranges."""
        known = self._pieces.get(candidate.id)
        if known and known[0] is candidate.text and known[1] == self.size_of_piece:
            return known[2]
        text = candidate.text
        if self.size_of_piece == "sentence":
            found = sentences(text)
        elif self.size_of_piece == "paragraph":
            found = _paragraphs(text)
        else:
            found = []
            at = 0
            while at < len(text):
                start, end = word_at(text, at)
                if end > start and (not found or start >= found[-1][1]):
                    found.append((start, end))
                at = max(end, at + 1)
        if candidate.ending is not None:
            self._pieces[candidate.id] = (text, self.size_of_piece, found)
        return found

    @property
    def piece(self) -> tuple[str, int, int]:
        """The candidate under the cursor and the range of the piece there; an empty range if it has no text."""
        candidate = self.candidate
        if candidate is None:
            return "", 0, 0
        found = self.pieces(candidate)
        if not found:
            return candidate.id, 0, 0
        return candidate.id, *found[min(self._piece, len(found) - 1)]

    def go(self, candidate: str, at: int = 0) -> None:
        """Put the cursor on a candidate of the round, on the piece that holds the character `at`."""
        if self.round is None:
            return
        for number, each in enumerate(self.round.candidates):
            if each.id == candidate:
                self.current = number
                before = [n for n, (start, _) in enumerate(self.pieces(each)) if start <= at]
                self._piece = before[-1] if before else 0
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
        painted: list[list[Part]] = []
        for at, (candidate, slot) in enumerate(zip(self.round.candidates, self._slots(height), strict=True)):
            if slot:
                painted += self._paint(candidate, at == self.current, width, slot)
        return painted

    def _slots(self, height: int) -> list[int]:
        """The lines of each candidate, header included. They depend on keys and on the pane alone, never on what streams."""
        assert self.round is not None
        count = len(self.round.candidates)
        current = min(self.current, count - 1)
        folded = [candidate.id in self._folded for candidate in self.round.candidates]
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
        rows = self._rows(candidate, max(8, width - GUTTER - 1))
        room = slot - 1
        note = self._note(candidate)
        if note and room > 1:
            room -= len(wrap(note, max(8, width - GUTTER - 1)))
        room = max(1, room)
        top = self._top(candidate, rows, room, current)
        marks = [(n, mark) for n, mark in enumerate(self.marks, 1) if mark.candidate == candidate.id]
        _, start, end = self.piece
        for row in rows[top : top + room]:
            piece = (start, end) if current and self.has_focus else None
            painted.append(self._row(candidate.text, row, marks, piece))
        if note:
            shown = min(len(rows) - top, room)
            painted += [[("", palette.text)]] * (room - shown)
            for left, right in wrap(note, max(8, width - GUTTER - 1)):
                painted.append([(" " * GUTTER, palette.text), (note[left:right], palette.dim)])
        painted += [[("", palette.text)]] * (slot - len(painted))
        return painted[:slot]

    def _header(self, candidate: Candidate, current: bool, width: int, with_text: bool) -> list[Part]:
        palette, signs = self.palette, self.signs
        sign, style, word = self.state(candidate)
        pointer = signs.here if current and self.has_focus else " "
        temperature = candidate.recipe.temperature
        heat = f"T{temperature:g}" if temperature is not None else candidate.recipe.model[:12]
        folded = " folded" if candidate.id in self._folded else ""
        parts: list[Part] = [
            (f"{pointer}{candidate.number}", palette.title),
            (f"  {heat:<5}", palette.text),
            (f"{sign} ", style),
            (word + folded, palette.text),
        ]
        if with_text:
            used = sum(cells(text) for text, _ in parts)
            first = candidate.text[: max(0, 2 * width)].replace("\n", " ")
            parts.append(("  " + first[: max(0, width - used - 3)], palette.dim))
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

    def _rows(self, candidate: Candidate, width: int) -> list[Row]:
        known = self._wrapped.get(candidate.id)
        if known and known[0] is candidate.text and known[1] == width:
            return known[2]
        rows: list[Row] = []
        at = 0
        # Text that streams in changes its last rows only, so wrapping goes on from the last but one.
        if known and known[1] == width and len(known[2]) > 2 and candidate.text.startswith(known[0]):
            rows = known[2][:-2]
            at = rows[-1][1] if rows else 0
            if at and candidate.text[at : at + 1] == "\n":
                at += 1
        if candidate.text or not rows:
            for line in candidate.text[at:].split("\n"):
                rows += [(at + start, at + end) for start, end in wrap(line, width)]
                at += len(line) + 1
        self._wrapped[candidate.id] = (candidate.text, width, rows)
        return rows

    def _top(self, candidate: Candidate, rows: list[Row], room: int, current: bool) -> int:
        """The first row shown: in the slot with the cursor, that of its piece; else the start, and while it writes its newest page."""
        top = min(self._tops.get(candidate.id, 0), max(0, len(rows) - 1))
        _, start, end = self.piece
        if current and self.has_focus and end > start:
            first = max((at for at, row in enumerate(rows) if row[0] <= start), default=0)
            last = max((at for at, row in enumerate(rows) if row[0] < end), default=first)
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

    def _row(self, text: str, row: Row, marks: Sequence[tuple[int, Mark]], piece: tuple[int, int] | None) -> list[Part]:
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
        cuts = {start, end}
        for _, mark in marks:
            cuts |= {edge for edge in (mark.start, mark.end) if start < edge < end}
        if piece:
            cuts |= {edge for edge in piece if start < edge < end}
        ordered = sorted(cuts)
        parts: list[Part] = [(gutter, palette.mark if marks and not gutter.isspace() else palette.dim)]
        for left, right in itertools.pairwise(ordered):
            style = palette.text
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
            if number <= len(self.round.candidates):
                self.current, self._piece = number - 1, 0
                self._moved()
            return
        if event.is_printable and event.character and event.key not in _BOUND:
            event.stop()
            self.post_message(self.Stray(event.character))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.post_message(self.Stray("paste"))

    def action_piece_up(self) -> None:
        if self._piece > 0 and self.candidate:
            self._piece = min(self._piece, max(0, len(self.pieces(self.candidate)) - 1)) - 1
            self._piece = max(0, self._piece)
        elif self.current > 0 and self.round:
            self.current -= 1
            self._piece = max(0, len(self.pieces(self.round.candidates[self.current])) - 1)
        self._moved()

    def action_piece_down(self) -> None:
        candidate = self.candidate
        if candidate and self._piece < len(self.pieces(candidate)) - 1:
            self._piece += 1
        elif self.round and self.current < len(self.round.candidates) - 1:
            self.current, self._piece = self.current + 1, 0
        self._moved()

    def action_cand_before(self) -> None:
        self.current, self._piece = max(0, self.current - 1), 0
        self._moved()

    def action_cand_after(self) -> None:
        if self.round:
            self.current, self._piece = min(len(self.round.candidates) - 1, self.current + 1), 0
        self._moved()

    def _resize_piece(self, step: int) -> None:
        name, start, _ = self.piece
        at = SIZES.index(self.size_of_piece) + step
        self.size_of_piece = SIZES[max(0, min(len(SIZES) - 1, at))]
        self.go(name, start)

    def action_piece_smaller(self) -> None:
        self._resize_piece(-1)

    def action_piece_larger(self) -> None:
        self._resize_piece(1)

    def action_mark(self) -> None:
        self._ask("mark")

    def action_mark_clear(self) -> None:
        self._ask("clear")

    def action_place_here(self) -> None:
        self._ask("place")

    def action_place_own(self) -> None:
        self._ask("own")

    def action_round_goto(self) -> None:
        self._ask("goto")

    def action_round_older(self) -> None:
        self._ask("older")

    def action_round_newer(self) -> None:
        self._ask("newer")

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

    def action_cand_info(self) -> None:
        self._ask("info")

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()


_BOUND = {name for key in keymap.TABLE if key.where in ("candidates", "everywhere") for name in key.keys.split(",")}


def _paragraphs(text: str) -> list[Row]:
    found = []
    at = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = at + line.index(stripped)
            found.append((start, start + len(stripped)))
        at += len(line) + 1
    return found
