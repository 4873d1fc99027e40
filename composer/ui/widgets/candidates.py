"""The candidates of one round: their states, their texts as they stream, the piece under the cursor and the marks.

Each candidate has a slot of its own; text that comes moves nothing outside it, and nothing but a key moves the cursor. It sends
what was asked for as messages, and neither places, stops nor marks anything itself. What is shown of a candidate is a `Page`,
with its `Header` above it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textual import events
from textual.message import Message

from composer.story.actions.change import Rewrite
from composer.story.candidate import Candidate, Round
from composer.story.story import Mark
from composer.story.surprise import Choice
from composer.text.pieces import SIZES, Size, piece_at
from composer.ui import keymap
from composer.ui.lines import Lines, Part, clipped
from composer.ui.signs import Signs
from composer.ui.widgets import heights, recipes, state
from composer.ui.widgets.changing import Changing
from composer.ui.widgets.page import Page, Pages
from composer.ui.widgets.slot import Painter, Shown
from composer.ui.wrapping import Row, cells

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
    "surprise",
    "alternatives",
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
        self.waits: Mapping[str, str] = {}
        """Why nothing comes for a candidate, in words."""
        self.surprise: Mapping[str, tuple[Choice, ...]] = {}
        """The tokens of candidates: none for those whose tokens no one knows. Of those that are missing they are not known yet."""
        self.surprised = False
        """Whether candidates are shown by their tokens, each as surprising as it was."""
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
        self._comparing = False
        self._changing = Changing()
        self._pages = Pages()
        self._painter = Painter()
        self._labels: tuple[str, ...] = ()
        self._labels_of: tuple[object, ...] = ()

    # values

    def show(
        self, asked: Round | None, marks: tuple[Mark, ...], summary: str = "", told: Mapping[str, Told] | None = None
    ) -> None:
        """Show this round. The cursor stays on its candidate and piece; a round not shown before begins at the first."""
        if asked is None or self.round is None or asked.number != self.round.number:
            self.current, self._at, self._anchor, self._comparing = 0, _start_of(asked), None, False
        before, stood, veil = self.round, self.candidate, self.round.veil if self.round else ()
        self.round, self.marks, self.summary = asked, marks, summary
        self.told = told or {}
        here = asked.candidates if asked else ()
        self.cands = tuple(here[place] for place in asked.veil) if asked and asked.veil else here
        if asked and asked.veil != veil and stood and stood.id in [each.id for each in here]:
            # Where a candidate went in the shuffle would tell which one it is.
            self.current = 0 if asked.veil else [each.id for each in self.cands].index(stood.id)
            self._at = _start_of(asked) if asked.veil else self._at
            self._anchor = None
        if asked is not None and asked.row and before is not None and before.number == asked.number and stood:
            self._stay_in_row(before, asked, stood)
        self._name_recipes()
        self.repaint()

    def _stay_in_row(self, before: Round, asked: Round, stood: Candidate) -> None:
        """Keep the cursor on the draft that it was on, whatever cells came before it."""
        draft = before.row[before.number_of(stood.id) - 1]
        if draft in asked.row:
            self.current = asked.row.index(draft)
        now = self.candidate
        if now is not None and now.id != stood.id:
            self._at, self._anchor = _place_in(asked, now), None

    def _name_recipes(self) -> None:
        """What the headers say of recipes. Text that comes changes nothing of it."""
        asked = self.round
        if asked is None:
            return
        named = asked.veil, [(each.recipe, each.ending.dropped if each.ending else ()) for each in asked.candidates]
        if named != self._labels_of:
            self._labels_of, self._labels = named, recipes.labels(asked, self.signs.ellipsis)

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
        return self._changing.left_out(candidate, rewrite)

    def page(self, candidate: Candidate, *, cursor: bool = True) -> Page:
        """What is shown of a candidate. Without `cursor` no one asks for its pieces."""
        other = self._changing.against(self.round, candidate) if candidate.ending is not None else None
        rewrite = self.rewriter(candidate, other) if other is not None else None
        left_out = self._changing.left_out(candidate.id, rewrite)
        lines = self.round is not None and self.round.outlines
        size: Size | None = ("line" if lines else self.size_of_piece) if cursor else None
        extent = self.round.extent(candidate) if self.round is not None else None
        choices = None if extent else self._choices(candidate)
        return self._pages.of(candidate, rewrite, left_out, choices, size, self.language, self.signs, extent)

    def _choices(self, candidate: Candidate) -> tuple[Choice, ...] | None:
        """The tokens that a candidate is shown by; none, or None while they are not known, where it is shown otherwise."""
        return self.surprise.get(candidate.id) if self.surprised and not self.veiled else None

    @property
    def rewriting(self) -> Rewrite | None:
        """The changes that enter would take: those of the current candidate to the text it would replace."""
        candidate = self.candidate
        if candidate is None or self._changing.against(self.round, candidate) or not self.page(candidate).changes:
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
        if self._paired and columns > 1:
            columns -= columns % 2
        if columns > 1:
            return self._columns(columns, width, height)
        painted: list[list[Part]] = []
        for at, (candidate, slot) in enumerate(zip(self.cands, self._heights(height), strict=True)):
            if slot:
                painted += self._paint(candidate, at == self.current, width, slot)
        return painted

    def _columns(self, columns: int, width: int, height: int) -> list[list[Part]]:
        """Candidates side by side; those around the cursor where not all fit."""
        first = max(0, min(self.current - columns // 2, len(self.cands) - columns))
        if self._paired:
            first = 2 * max(0, min(self.current // 2 - columns // 4, (len(self.cands) - columns) // 2))
        each = (width + 1) // columns - 1
        made = [self._paint(self.cands[at], at == self.current, each, height) for at in range(first, first + columns)]
        bar = (self.signs.bar, self.palette.dim)
        painted: list[list[Part]] = []
        for row_of_each in zip(*made, strict=True):
            line: list[Part] = []
            for number, row in enumerate(row_of_each):
                line += [bar] if number else []
                line += clipped(row, each, self.palette.text)
            painted.append(line)
        return painted

    @property
    def _paired(self) -> bool:
        """Whether every two candidates are of one recipe and differ in the context."""
        asked = self.round
        return asked is not None and not asked.veil and len(asked.shapes) == 2 and len(self.cands) % 2 == 0

    def _heights(self, height: int) -> list[int]:
        """The lines of each candidate, header included."""
        folded = [candidate.id in self._folded for candidate in self.cands]
        if not self.has_focus and not self.narrow:
            return heights.shared(folded, height)
        return heights.around(min(self.current, len(folded) - 1), folded, height, narrow=self.narrow)

    def _paint(self, candidate: Candidate, current: bool, width: int, slot: int) -> list[list[Part]]:
        asked = self.round
        assert asked is not None
        name = candidate.id
        here = current and self.has_focus
        page = self.page(candidate, cursor=here) if slot > 1 or current else None
        told = self.told.get(name, NOTHING_TOLD)
        shown = Shown(
            asked,
            candidate,
            page,
            label=self._labels[asked.number_of(name) - 1],
            label_width=0 if self.veiled else max(4, *map(cells, self._labels)),
            here=here,
            piece=self._range(page) if page and here else None,
            at=self._at if self._anchor is not None or not page else self._range(page)[0],
            marks=[(number, mark) for number, mark in enumerate(self.marks, 1) if mark.candidate == name],
            choices=self._choices(candidate),
            by_tokens=self.surprised and not self.veiled,
            wait=self.waits.get(name, ""),
            told=told.words,
            repeats=told.runs,
            edited=name in self.edited,
            folded=name in self._folded,
        )
        return self._painter.paint(shown, width, slot, self.palette, self.signs)

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

    def _to(self, number: int, at: int | None = None) -> None:
        """Go to the n-th candidate shown, from 0: to where its own text begins, unless told otherwise."""
        at = _place_in(self.round, self.cands[number]) if at is None and self.cands else at or 0
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
            self._to(self.current + by, following.pieces[-1][0] if by < 0 and following.pieces else None)

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
        if self.candidate is not None and self.page(self.candidate).tokens:
            self.post_message(self.Said("While surprise is shown, the pieces are tokens."))
            return
        if self.round is not None and self.round.outlines:
            self.post_message(self.Said("Of an outline the pieces are its lines."))
            return
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
        elif self._changing.against(self.round, candidate):
            self.post_message(self.Said("These differences are only shown; d shows the text again."))
        elif page.pieces and (rewrite := self.rewriting):
            at = piece_at(page.pieces, self._at)
            self._changing.turn(candidate.id, rewrite, at)
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
            self._changing.show_plain(candidate.id)
            self._at = 0
        elif self.rewriter(candidate, "") is not None:
            self._changing.show(candidate.id)
            self._at = 0
        elif self._comparing:
            self.post_message(self.Said("It replaces no text. A digit says which candidate to hold it against."))
        self._moved()

    def show_changes(self, candidate: Candidate) -> None:
        """Show a candidate as changes of the text that it would replace. The cursor does not move by itself."""
        self._changing.show(candidate.id)
        self.repaint()

    def _compare(self, other: Candidate) -> None:
        self._comparing = False
        candidate = self.candidate
        if candidate is None or candidate.id == other.id:
            return
        if candidate.ending is None or other.ending is None:
            self.post_message(self.Said("One of the two is still writing; differences are shown when both have ended."))
            return
        self._changing.show(candidate.id, other.id)
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
        candidate = self.candidate
        by_token = candidate is not None and bool(self.page(candidate).tokens)
        self._ask("alternatives" if by_token else "info")

    def action_cand_surprise(self) -> None:
        self._ask("surprise")

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self._comparing = False
        self.repaint()


def _start_of(asked: Round | None) -> int:
    """Where the own text of a round's first candidate begins."""
    return _place_in(asked, asked.candidates[0]) if asked and asked.candidates else 0


def _place_in(asked: Round | None, candidate: Candidate) -> int:
    """Where the own text of a candidate begins, or what is shown of it."""
    extent = asked.extent(candidate) if asked is not None else None
    return extent[0] if extent else state.own_place(candidate)


_BOUND = {name for key in keymap.TABLE if key.where in ("candidates", "everywhere") for name in key.keys.split(",")}
