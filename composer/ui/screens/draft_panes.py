"""What the drafts screen shows: its table, the text of a cell, and what is said of them. It changes nothing and asks for nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from composer.config import parse_ladder
from composer.errors import ComposerError
from composer.story.actions.drafts import picks_in
from composer.story.draft import Cell, Draft
from composer.story.outline import Outline
from composer.story.story import Mark, Story
from composer.ui import drafts as draft_words
from composer.ui import grids
from composer.ui.drafts import WAYS, Cells, Face, Figures, Head, Landing, Place, Row
from composer.ui.keymap import chord, hints
from composer.ui.phrases import counted
from composer.ui.signs import Signs
from composer.ui.tally import Tally
from composer.ui.widgets import state
from composer.ui.widgets.draft_table import HEAD, CellText, DraftTable
from composer.ui.widgets.pane import StatusLine
from composer.ui.widgets.parts import Rule, Says

if TYPE_CHECKING:
    from composer.ui.screens.drafts import DraftsScreen

AROUND = 5
"""Lines of the screen that are neither table nor text."""


class DraftPanes:
    """What the panes of the screen show: each is brought up to what is true, and repaints only what differs. It changes nothing."""

    def __init__(self, screen: DraftsScreen) -> None:
        self._screen = screen
        self.rows: Sequence[Row] = ()
        self.picks: dict[Place, list[tuple[int, Mark]]] = {}
        """The marks of all drafts, by cell."""
        self.landing = Landing()
        self._places: dict[str, int] = {}
        """Where the rows with cells stand, by beat."""
        self._at = 0
        self._cells: Cells | None = None
        self._made_of: tuple[Outline | None, int, int] = (None, 0, 0)
        """What the rows were made of: the outline, the first draft of the run, and how many beats have cells."""
        self._leaves: frozenset[str] = frozenset()
        self._lines: Mapping[str, str] = {}
        """The lines of beats that are gone."""
        self._tally = Tally()
        self._figures: tuple[Figures, ...] = ()
        self._labels: tuple[tuple[Draft, ...], tuple[str, ...]] = ((), ())

    @property
    def _table(self) -> DraftTable:
        return self._screen.query_one(DraftTable)

    @property
    def _text(self) -> CellText:
        return self._screen.query_one(CellText)

    @property
    def _signs(self) -> Signs:
        return Signs.of(self._screen.app)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self._at] if self._at < len(self.rows) and self.rows[self._at].has_cells else None

    def open_beats(self, draft: Draft) -> list[str]:
        """The beats of which a cell of that draft is on its way."""
        return self._cells.open_beats(draft.number) if self._cells is not None else []

    def show(self) -> None:
        """Bring all of it up to what is true."""
        screen = self._screen
        story, drafts = screen.story, screen.drafts
        self._look(story, drafts)
        self._settle()
        wanted = self._cells.wanted if self._cells is not None else {}
        signs, cell = self._signs, screen.session.drafting.cell

        def face(row: Row, column: int) -> Face:
            number = drafts[column].number
            marks = self.picks.get((number, row.beat), ())
            due = row.kind == "beat" and row.beat in wanted[number]
            return draft_words.face_of(cell(number, row.beat), due, marks, self._words, signs)

        screen.set_class(not drafts or bool(screen.box.kind), "-alone")
        self._table.show(self.rows, self._heads(drafts), self._at, screen.column, self._told, face, self._note(drafts))
        self.fit()
        self._show_title(drafts)
        self._show_cell(drafts)
        self.show_says()

    def fit(self) -> None:
        """Give the table as many lines as it needs, and the text the others."""
        screen, table = self._screen, self._table
        if screen.has_class("-alone"):
            lines: int | str = "1fr"
        else:
            width, height = screen.app.size
            height -= AROUND
            most = max(HEAD + 2, height * 2 // 3)
            lines = min(table.wanted(width, most), most)
        if str(table.styles.height) != str(lines):
            table.styles.height = lines

    def _told(self, beat: str) -> int:
        """Words of the manuscript that tell a beat."""
        return self._tally.held(beat).words

    def _words(self, cell: Cell) -> int:
        return self._cells.words(cell) if self._cells is not None else 0

    def _look(self, story: Story, drafts: Sequence[Draft]) -> None:
        """Look at what there is: cells, rows, picks and the text."""
        drafting = self._screen.session.drafting
        first = drafts[0].first if drafts else 0
        if self._cells is None or self._made_of[1] != first:
            self._cells = Cells(drafts, drafting.cell)
        if story.outline is not self._made_of[0]:
            self._leaves = frozenset(beat.id for beat in story.outline.leaves())
            self._lines = {}
        self._cells.look(story, self._leaves)
        made_of = (story.outline, first, len(self._cells.beats))
        if made_of[0] is not self._made_of[0] or made_of[1:] != self._made_of[1:]:
            self._made_of = made_of
            self.rows = draft_words.rows_of(story.outline, self._cells.celled, self._names)
            self._places = {row.beat: at for at, row in enumerate(self.rows) if row.has_cells}
        self._figures = tuple(self._cells.figures(draft.number) for draft in drafts)
        self._tally.words(story.manuscript)
        self.picks = draft_words.picks_of(story, drafting.beat_of)
        self.landing = self._landing(story, {draft.number for draft in drafts})

    def _names(self, beats: Collection[str]) -> Mapping[str, str]:
        """The lines of beats that are gone. All changes are looked through for those that are not known yet."""
        if not self._lines.keys() >= set(beats):
            nodes = self._screen.session.journal.tree.nodes
            self._lines = {
                **dict.fromkeys(beats, ""),
                **draft_words.lines_of((nodes[seq].change for seq in sorted(nodes)), beats),
            }
        return self._lines

    def _landing(self, story: Story, own: Collection[int]) -> Landing:
        """What placing all picks would do."""
        beats = {mark.number: beat for (_, beat), marks in self.picks.items() for _, mark in marks}
        if not beats:
            return Landing()
        landing = picks_in(story, beats)
        picks = sum(map(len, landing.values()))
        others = sum(len(marks) for (draft, beat), marks in self.picks.items() if draft not in own and beat in landing)
        behind = sum(1 for beat in landing if self._told(beat))
        return Landing(picks, len(landing), behind, len(beats) - picks, others)

    def _settle(self) -> None:
        """The cursor stays on its beat; where that is gone, it goes to the nearest one."""
        screen = self._screen
        screen.column = max(0, min(screen.column, len(screen.drafts) - 1))
        found = self._places.get(screen.beat)
        if found is None and self._places:
            # From a beat with beats below to the first of those.
            near = next((at for at, row in enumerate(self.rows) if row.beat and row.beat == screen.beat), self._at)
            found = min(self._places.values(), key=lambda at: (abs(at - near), -at))
            screen.beat = self.rows[found].beat
        self._at = found or 0

    # the table

    def _heads(self, drafts: tuple[Draft, ...]) -> list[Head]:
        drafting, signs = self._screen.session.drafting, self._signs
        made = []
        for draft, label, figures in zip(drafts, self._labels_of(drafts), self._figures, strict=True):
            trouble = drafting.troubles.get(draft.number)
            why = trouble.sentence if trouble is not None else ""
            if not why and figures.failed:
                ending = self._screen.story.candidate(figures.failed).ending
                why = ending.why if ending is not None else ""
            made.append(draft_words.head_of(draft, label, drafting.works(draft.number), why, figures, signs))
        return made

    def _labels_of(self, drafts: tuple[Draft, ...]) -> tuple[str, ...]:
        if self._labels[0] != drafts:
            self._labels = drafts, draft_words.labels(drafts, self._signs.ellipsis)
        return self._labels[1]

    def _note(self, drafts: Sequence[Draft]) -> Sequence[str]:
        """What is said above the table before there is any draft."""
        if drafts or self._screen.box.kind:
            return ()
        what = "No drafts yet. A draft is the whole outline written, beat by beat, by one model at one temperature."
        fill = "They fill a table here: a row for each beat, a column for each draft. You pick cells, or sentences of them, into the text."
        if not any(row.has_cells for row in self.rows):
            add = f"The outline has no beats to write yet: {chord('drafts.leave')}, then {chord('pane.left')} and {chord('beat.add')} adds them, a line each."
            return (what, "", add)
        ladder = self._screen.desk.requests.draft_rows()["ladder"]
        wish, (count, beats) = self._screen.wish, self.asks
        each = f", one at each of {ladder}" if " " in ladder else f" at {ladder}"
        sees = WAYS[wish.way].partition(": ")[2]
        ask, box = chord("round.ask"), chord("round.box")
        begin = f"{ask} writes {draft_words.will_write(count, beats)}{each}: {sees}."
        how = f"{box} asks how first: what each cell sees, which beats, temperatures, model, lens, and what you wish."
        return (what, begin if count and beats else "", how, fill)

    @property
    def asks(self) -> tuple[int, int]:
        """How many drafts ctrl+g asks for, and of how many beats; 0 where that can't be."""
        main = self._screen.desk
        rows, wish = main.requests.draft_rows(), self._screen.wish
        try:
            lenses = grids.read_lenses(rows["lens"], main.lenses)
            count = len(parse_ladder(rows["ladder"])) * len(self._models(rows["model"])) * len(lenses)
            return count, len(draft_words.read_beats(wish.beats, self._screen.story, wish.way))
        except ComposerError:
            return 0, 0

    def _models(self, named: str) -> list[str]:
        """The models that ctrl+g asks for. RefusedError where one is not known."""
        endpoints = self._screen.session.endpoints
        found = grids.read_models(named, endpoints)
        return [model or grids.own_model(endpoints, name or endpoints.chosen) or name for name, model in found]

    @property
    def _model(self) -> str:
        """The model that the next drafts go to, or how many."""
        try:
            named = self._models(self._screen.desk.requests.draft_rows()["model"])
        except ComposerError:
            named = []
        if len(named) > 1:
            return f"{len(named)} models"
        return "".join(named) or self._screen.session.endpoint.name

    # the rules

    def _show_title(self, drafts: Sequence[Draft]) -> None:
        screen = self._screen
        title = screen.query_one("#drafts-title", Rule)
        if not drafts:
            title.show(["Drafts"], [counted(sum(row.kind == "beat" for row in self.rows), "beat")])
            return
        runs = screen.runs
        writing = sum(
            1
            for draft, figures in zip(drafts, self._figures, strict=True)
            if figures.open or screen.session.drafting.works(draft.number)
        )
        run = runs.index(drafts[0].first) + 1
        title.show(draft_words.titles(drafts, run, len(runs)), draft_words.totals(self._figures, writing))

    def _show_cell(self, drafts: tuple[Draft, ...]) -> None:
        """The text of the cell under the cursor; where it is the one that was shown, as it was scrolled."""
        screen, row, draft = self._screen, self.row, self._screen.draft
        if row is None or draft is None:
            self._text.show("", "", (), ())
            screen.query_one("#drafts-cell", Rule).show([""])
            return
        cell = screen.cell(draft)
        marks = self.picks.get((draft.number, row.beat), [])
        start, end = draft_words.extent(cell) if cell is not None else (0, 0)
        text = cell.candidate.text[start:end] if cell is not None else ""
        name = cell.candidate.id if cell is not None else ""
        seen = [(number, _moved(mark, start)) for number, mark in marks if mark.candidate == name]
        self._text.show(
            f"{draft.number} {row.beat} {name}", text, seen, self._notes(row, draft, cell, len(marks) - len(seen))
        )
        self._name_cell(row, draft, cell, marks)

    def _notes(self, row: Row, draft: Draft, cell: Cell | None, older: int) -> list[str]:
        """What is to be said below the text."""
        notes = []
        drafting = self._screen.session.drafting
        again = chord("cell.again")
        if cell is None:
            own = row.kind == "beat" and row.beat in draft.beats
            if drafting.works(draft.number):
                notes.append(
                    "Not written yet: the draft comes to it." if own else "The draft was not asked for this beat."
                )
            else:
                goes_on = f"{again} has draft {draft.number} go on." if own else f"{again} writes it."
                notes.append(f"Not written yet. {goes_on}")
        else:
            if why := state.why(cell.candidate):
                notes.append(why)
            if told := state.aside(cell.candidate, self._sent_why(cell)):
                notes.append(told)
        trouble = drafting.troubles.get(draft.number)
        if trouble is not None and not drafting.works(draft.number) and (cell is None or not cell.ended):
            notes.append(f"Draft {draft.number} does not go on: {trouble.sentence} {trouble.next_step}".strip())
        if older:
            notes.append(
                f"{counted(older, 'piece')} of what was written here before {'is' if older == 1 else 'are'} picked too."
            )
        return notes

    def _sent_why(self, cell: Cell) -> str:
        asked = self._screen.story.round(cell.candidate.round)
        return asked.sent(cell.candidate.number).why

    def _name_cell(self, row: Row, draft: Draft, cell: Cell | None, marks: Sequence[tuple[int, Mark]]) -> None:
        screen, signs = self._screen, self._signs
        other = "a beat with beats below" if row.kind == "divided" else "a beat that is gone"
        beat = f"beat {row.number}" if row.number else other
        label = self._labels_of(screen.drafts)[screen.column]
        if cell is None:
            how = "not written yet"
        else:
            wait = screen.session.rounds.streams.wait_of(cell.candidate.id)
            how = draft_words.state_words(cell, self._words(cell), wait, signs)
        number = f"draft {draft.number}"
        picked = ""
        if marks:
            picked = (
                "picked"
                if cell is not None and draft_words.is_picked_whole(cell, marks)
                else f"{counted(len(marks), 'piece')} picked"
            )
        left = [
            " · ".join(part for part in parts if part)
            for parts in (
                (beat, number, label, how, picked),
                (beat, number, how, picked),
                (number, how, picked),
                (how,),
            )
        ]
        above, all_of_it = self._text.seen
        screen.query_one("#drafts-cell", Rule).show(left, [] if all_of_it else [f"{above} % above"])

    def read_on(self, by: int) -> None:
        """Scroll the text by screens."""
        self._text.page_on(by)

    # the foot

    def show_says(self) -> None:
        """The lines that say what keys do, and the last one."""
        screen = self._screen
        screen.query_one(Says).show(self._says(), asks=bool(screen.said))
        status = screen.query_one(StatusLine)
        session = screen.session
        if session.read_only:
            disk = ("reading only",) * 2
        elif session.trouble:
            disk = (f"NOT ON DISK: {chord('flush')}", "NOT ON DISK")
        else:
            disk = ("all on disk", "on disk") if session.saved else ("saving", "saving")
        if screen.box.kind:
            status.show(
                [
                    ("TYPING how drafts are written", "TYPING"),
                    ("enter: begins them",) * 2,
                    ("esc: leaves them",) * 2,
                    disk,
                ]
            )
            return
        model = self._model
        status.show(
            [
                ("LETTERS ACT", "LETTERS ACT"),
                self._will(),
                (hints("round.box"), chord("round.box")),
                (model[:24], model[:12]),
                disk,
                (f"{chord('help')} help", f"{chord('help')} help"),
                (hints("drafts.leave"), hints("drafts.leave")),
            ],
            stay=2,
        )

    def _will(self) -> tuple[str, str]:
        """What ctrl+g does here."""
        ask = chord("round.ask")
        count, beats = self.asks
        if not any(row.kind == "beat" for row in self.rows):
            return f"{ask} needs beats", f"{ask} needs beats"
        if not count or not beats:
            return f"{ask} has nothing to write", f"{ask} nothing"
        more = "more " if self._screen.drafts else ""
        said = " · with an instruction" if self._screen.wish.instruction else ""
        drafts = "draft" if count == 1 else "drafts"
        return (
            f"{ask} {count} {more}{drafts} of {counted(beats, 'beat')} · {self._screen.wish.way}{said}",
            f"{ask} {count} {more}{drafts}",
        )

    def _says(self) -> Sequence[str]:
        screen = self._screen
        if screen.said:
            return [screen.said]
        if not screen.drafts or screen.box.kind:
            return []
        will = draft_words.landing_words(self.landing)
        if screen.has_class("-zoom"):
            return [will or hints("cell.digit", "cell.pick"), hints("cell.zoom", "cell.up", "cell.on")]
        drafting = screen.session.drafting
        running = any(figures.open for figures in self._figures) or any(
            drafting.works(draft.number) for draft in screen.drafts
        )
        first = ("cell.digit", "row.open") if will else ("cell.digit", "cell.clear", "row.open", "cell.zoom")
        rest = hints(
            *(("draft.stop", "drafts.stop") if running else ()),
            "cell.again",
            *(("drafts.older",) if len(screen.runs) > 1 else ()),
            "cell.on",
        )
        return [will, f"{hints(*first)}   {rest}"] if will else [hints(*first), rest]


def _moved(mark: Mark, start: int) -> Mark:
    """A mark in the characters of a text that begins at `start`."""
    return Mark(mark.number, mark.candidate, max(0, mark.start - start), max(0, mark.end - start))
