"""Marking and placing on the main screen: what enter will do, and doing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from composer.errors import RefusedError
from composer.story.actions import lines as picking
from composer.story.actions import place as placing
from composer.story.actions import splice as splicing
from composer.story.actions.change import Rewrite, rewritten
from composer.story.actions.splice import Key, Mend
from composer.story.actions.text import beat_at
from composer.story.candidate import BeatTarget, Candidate, CellTarget, LineTarget, PlaceTarget, Round, round_of
from composer.story.events import (
    Event,
    LinePlaced,
    MarkMade,
    MarksLifted,
    MarksOrdered,
    RoundVeiled,
    SpliceEdited,
    TextPlaced,
)
from composer.story.manuscript import START, Position
from composer.story.spans import Spans, text_of_rows
from composer.story.story import Mark, Placement
from composer.text.holes import HOLE
from composer.text.words import count_words
from composer.ui import asking

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen

Seams = Literal["on", "off"] | Key
"""Which repairs are made: all, none, or all but the one with that key."""


class Placer:
    """Where enter lands and whether it waits for a second one. `own` is what the writer chose with o, None if nothing."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self.own: bool | None = None
        self.confirm = ""
        """What would be done by a second enter: a candidate that still writes, or one whose place was changed since."""
        self._lifted: tuple[int, ...] = ()
        self._seams: Seams = "on"
        self._rewrites: dict[tuple[str, str], tuple[str, tuple[Spans, ...], Rewrite]] = {}

    # what enter would do

    @property
    def candidate(self) -> Candidate | None:
        """The candidate under the cursor as it is now: the pane may be a tenth of a second behind what has come."""
        shown = self._desk.candidates.candidate
        return self._desk.story.candidate(shown.id) if shown else None

    @property
    def splice(self) -> tuple[Mark, ...]:
        """The marks that enter would place; none where the round in the pane is what was made of them.

        Lines of outlines, pieces of drafts' cells for a beat, and all others are three splices: the round in the pane says which.
        """
        asked = self._desk.shown_round()
        splice = tuple(mark for mark in self._desk.story.splice if self._goes_with(mark, asked))
        if asked and asked.kind == "smooth" and {mark.number for mark in splice} <= set(asked.marks):
            return ()
        return splice

    def _goes_with(self, mark: Mark, asked: Round | None) -> bool:
        """Whether a mark goes where what is taken from a round goes."""
        of = self._desk.story.round(round_of(mark.candidate)) if mark.candidate else None
        if asked is not None and (asked.row or asked.drafts):
            beat = self._desk.session.drafting.beat_of(mark.candidate, mark.start) if of is not None else ""
            return bool(beat) and beat == asked.beat
        if asked is not None and asked.outlines:
            return of is not None and of.outlines
        return of is None or not (of.outlines or of.drafts)

    def off(self, mend: Mend) -> bool:
        """Whether a repair is switched off."""
        return self._seams == "off" or self._seams == mend.key

    def joined(self) -> splicing.Splice:
        """The splice as it would land, the writer's own changes to it included."""
        splice = self.splice
        asked = self._desk.shown_round()
        if splice and asked is not None and asked.outlines:
            chosen, _ = picking.picked(self._desk.story, splice, None)
            return splicing.Splice(picking.rows_of(chosen, self._desk.story))
        made = splicing.spliced(self._desk.story, splice, self.off)
        edit = self._desk.story.edited(tuple(mark.number for mark in splice)) if splice else None
        return splicing.Splice(edit.paragraphs) if edit else made

    def chosen(self) -> tuple[tuple[Spans, ...], Placement]:
        """What enter would put into the text. RefusedError if that is nothing."""
        view = self._desk.candidates
        candidate = self.candidate
        rewriting = view.rewriting
        left_out = view.left_out(candidate.id, rewriting) if candidate else frozenset()
        asked = self._desk.shown_round()
        if asked is not None and asked.outlines:
            lines, used = picking.picked(self._desk.story, self.splice, candidate)
            return picking.rows_of(lines, self._desk.story), used
        if asked is not None and asked.row and candidate is not None and not self.splice:
            return self._of_cell(asked, candidate)
        return splicing.chosen(self._desk.story, self.splice, candidate, self.off, rewriting, left_out)

    def _of_cell(self, asked: Round, candidate: Candidate) -> tuple[tuple[Spans, ...], Placement]:
        """What a candidate of a row has for its beat; as the writer changed it, where it holds nothing else."""
        story = self._desk.story
        if asked.extent(candidate) is None:
            return splicing.chosen(story, (), candidate)
        cell = self._desk.session.drafting.cell(asked.row[asked.number_of(candidate.id) - 1], asked.beat)
        if cell is None or cell.candidate.id != candidate.id:
            raise RefusedError("That cell is another one by now.", "Look at it again.")
        return placing.part(candidate, cell.start, cell.end), Placement((candidate.id,))

    def place_now(self) -> tuple[Position, Position] | None:
        """Where the place is now that the round in the pane was asked for."""
        asked = self._desk.shown_round()
        return self._desk.session.rounds.place(asked) if asked else None

    def landing(self) -> placing.Landing | None:
        asked = self._desk.shown_round()
        if asked is None:
            return None
        place = None if placing.at_caret(asked) else self.place_now()
        try:
            return placing.landing(self._desk.story, asked, self._desk.caret, place, self._own())
        except RefusedError:
            return None

    def _own(self) -> bool:
        """Whether it lands as paragraphs of its own: as the writer chose; else a whole candidate does, except in a hole."""
        if self.own is not None:
            return self.own
        asked = self._desk.shown_round()
        if asked and asked.kind == "smooth":
            # As the splice would that it was made of.
            return False
        return not self.splice and placing.hole_around(self._desk.story, self._desk.caret) is None

    def words(self, landing: placing.Landing | None) -> str:
        """Where enter lands, in a few words."""
        shown = self._desk.shown_round()
        if shown is not None and shown.outlines:
            return self._line_words(shown)
        if landing is None:
            return "nowhere: its place is gone"
        if landing.start == START:
            return "begins the text"
        sign = self._desk.app.signs.paragraph
        number = self._desk.story.manuscript.index(landing.start.block) + 1
        if landing.own:
            return f"its own {sign} after {sign}{number}"
        asked = self._desk.shown_round()
        if asked and isinstance(asked.target, BeatTarget | CellTarget):
            return f"begins {asking.place_of(self._desk.story, asked)}"
        if landing.start != landing.end:
            gone = self._desk.story.manuscript.fragment(landing.start, landing.end).text
            if HOLE.fullmatch(gone):
                return "fills the hole"
            count = count_words(gone)
            return f"replaces {count} word{'s' if count != 1 else ''}"
        return f"at the caret, {sign}{number}" if asked and placing.at_caret(asked) else f"in {sign}{number}"

    def _line_words(self, asked: Round) -> str:
        """Where lines land in the outline, in a few words."""
        story = self._desk.story
        if isinstance(asked.target, LineTarget):
            return f"becomes {asking.place_of(story, asked)}"
        try:
            slot = picking.slot_for(story, asked, self._desk.outline.beat)
        except RefusedError:
            return "nowhere: its place is gone"
        siblings = story.outline.below(slot.parent)
        if slot.index:
            return f"after {asking.name_of(story, siblings[slot.index - 1].id)}, where the outline's cursor stands"
        return f"below {asking.name_of(story, slot.parent)}" if slot.parent else "begins the outline"

    def foot(self, landing: placing.Landing | None) -> list[str]:
        """The strip's last line: what enter does, what o would do instead, and whether the caret has left the beat."""
        asked = self._desk.shown_round()
        parts = [f"enter: {self.words(landing)}"]
        if landing and asked and placing.at_caret(asked):
            here = beat_at(self._desk.story, self._desk.caret)
            if asked.beat and here != asked.beat:
                now = f"the caret is in {asking.name_of(self._desk.story, here)}" if here else "the caret is in no beat"
                parts.append(f"{now}, not {asking.place_of(self._desk.story, asked)}")
            parts.append("o: at the caret" if landing.own else f"o: as its own {self._desk.app.signs.paragraph}")
        return parts

    # placing

    def here(self) -> None:
        """Do what enter does, or ask for a second one."""
        asked = self._desk.shown_round()
        if asked is None:
            self._desk.refuse(RefusedError("There is no candidate to place yet.", "ctrl+g asks for some."))
            return
        candidate = self.candidate
        writing = not self.splice and candidate is not None and candidate.ending is None and bool(candidate.text)
        changed = self._changed_since(asked)
        short = None if self.splice else self._cut_short(asked, candidate)
        name = candidate.id if candidate else ""
        reasons = f"{name if writing or short else ''} {asked.number if changed else ''}"
        if (writing or changed or short) and not self._confirmed(reasons):
            if short:
                self._desk.say(f"{short} Enter again replaces all of it.")
            if changed:
                self._tell_change(asked, candidate)
            if writing:
                number = asked.shown_number(name)
                self._desk.say(f"Candidate {number} is still writing. Enter again stops it and places what came.")
            return
        if writing and candidate is not None:
            work = self._stop_and_place(asked, candidate)
            self._desk.run_worker(work, group="place", exclusive=True, exit_on_error=False)
            return
        self._desk.attempt(lambda: self._place(asked))

    def _cut_short(self, asked: Round, candidate: Candidate | None) -> str:
        """What to say of a candidate that did not come to its end and would replace text; empty for others."""
        if (
            candidate is None
            or candidate.ending is None
            or candidate.ending.kind == "finished"
            or not candidate.text.strip()
        ):
            return ""
        place = self.place_now()
        gone = count_words(self._desk.story.manuscript.fragment(*place).text) if place else 0
        came = count_words(candidate.text)
        if came >= gone:
            return ""
        number = asked.shown_number(candidate.id)
        return (
            f"Candidate {number} did not come to its end: it has {came:,} words for the {gone:,} that it would replace."
        )

    def _confirmed(self, what: str) -> bool:
        """Whether this is the second enter for the same thing."""
        if self.confirm == what:
            return True
        self.confirm = what
        return False

    def _changed_since(self, asked: Round) -> bool:
        """Whether the text that would be replaced is another one than when it was asked for."""
        if not asked.replaced:
            return False
        place = self.place_now()
        return place is not None and self._desk.story.manuscript.fragment(*place).pieces != asked.replaced

    def _tell_change(self, asked: Round, candidate: Candidate | None) -> None:
        place = self.place_now()
        now = self._desk.story.manuscript.fragment(*place).text if place else ""
        ended = candidate is not None and candidate.ending is not None and not self.splice
        if candidate is not None and ended and asked.kind in ("rework", "polish") and now.strip():
            self._desk.candidates.show_changes(candidate)
            self._desk.say(
                "The text that it replaces was changed since it was asked for. These are the differences; enter again places it."
            )
        else:
            shown = now if len(now) < 80 else f"{now[:79]}{self._desk.app.signs.ellipsis}"
            what = f"It would replace: {shown}" if shown else "Nothing is left of it."
            self._desk.say(f"The place was changed since it was asked for. {what} Enter again places it.")

    async def _stop_and_place(self, asked: Round, candidate: Candidate) -> None:
        await self._desk.session.drafting.stop_answers([candidate.id])
        # Another round may be shown by now.
        self._desk.attempt(
            lambda: self._place(asked if asked.row else self._desk.story.round(asked.number), candidate.id)
        )

    def _place(self, asked: Round, name: str = "") -> None:
        story = self._desk.story
        if asked.outlines:
            self._place_lines(asked, name)
            return
        if name:
            candidate = story.candidate(name)
            rewrite = self.rewrite(candidate, "") if asked.kind in ("polish", "smooth") else None
            if asked.row:
                pieces, used = self._of_cell(asked, candidate)
            else:
                pieces, used = splicing.chosen(story, (), candidate, rewrite=rewrite)
        else:
            pieces, used = self.chosen()
        own = self._own()
        where = placing.landing(story, asked, self._desk.caret, self._desk.session.rounds.place(asked), own)
        self.put(placing.place(story, where, pieces, used, self._desk.session.new_id), used)

    def _place_lines(self, asked: Round, name: str) -> None:
        """Put the picked lines into the outline. The keys go there, the cursor stands on the last of them."""
        story = self._desk.story
        candidate = story.candidate(name) if name else self.candidate
        lines, used = picking.picked(story, () if name else self.splice, candidate)
        placed = picking.place_lines(story, asked, self._desk.outline.beat, lines, used, self._desk.session.new_id)
        self._record(placed, used)
        (change,) = placed
        self._desk.outline.beat = change.beat if isinstance(change, LinePlaced) else change.beats[-1].id
        self._desk.set_focus(self._desk.outline)
        many = f"{len(lines)} lines are" if len(lines) > 1 else "The line is"
        self._desk.say(f"{many} in the outline. ^z takes it back; tab, tab leads back to the candidates.")

    def put_at_caret(self, pieces: tuple[Spans, ...], used: Placement) -> None:
        """Place text at the caret, whatever round is shown: from the shelf, or from a search."""
        caret = self._desk.caret
        start, end = placing.hole_around(self._desk.story, caret) or (caret, caret)
        where = placing.Landing(start, end, False, self._desk.outline.beat if caret == START else "")
        self.put(placing.place(self._desk.story, where, pieces, used, self._desk.session.new_id), used)

    def put(self, placed: tuple[TextPlaced, ...], used: Placement) -> None:
        """Enter a placement in the text."""
        self._record(placed, used)
        self._desk.put_caret(placed[0].put.end(placed[0].at))
        self._desk.set_focus(self._desk.text)

    def _record(self, placed: Sequence[Event], used: Placement) -> None:
        """Enter a placement. What was tasted blind is seen now."""
        seen = {self._desk.story.candidate(name).round for name in used.candidates}
        unveiled = [RoundVeiled(number, ()) for number in sorted(seen) if self._desk.story.round(number).veil]
        self._desk.session.record((*placed, *unveiled))
        self.confirm, self.own, self._seams = "", None, "on"

    # marking

    def mark(self, candidate: str, start: int, end: int, *, span: bool = False) -> None:
        """Mark a piece, or lift the marks that touch it. A `span` takes the place of those that it covers."""
        if start == end:
            raise RefusedError("There is nothing to mark here yet.", "Wait until text has come.")
        here = tuple(mark.number for mark in self._touching(candidate, start, end))
        events: list[Event] = [MarksLifted(here)] if here else []
        if span or not here:
            events.append(MarkMade(len(self._desk.story.marks) + 1, candidate, start, end))
        before = tuple(mark.number for mark in self.splice)
        self._desk.session.record(events)
        if before and self._desk.story.edited(before):
            self._desk.say(
                "What you edited stays with the pieces as they were: take this mark back, and it is there again."
            )

    def mark_pieces(self, pieces: tuple[Spans, ...]) -> None:
        """Mark text that is no one candidate's."""
        text = text_of_rows(pieces)
        self._desk.session.record((MarkMade(len(self._desk.story.marks) + 1, "", 0, len(text), pieces),))

    def _touching(self, candidate: str, start: int, end: int) -> list[Mark]:
        return [
            mark
            for mark in self._desk.story.splice
            if mark.candidate == candidate and mark.start < end and start < mark.end
        ]

    def lift(self, marks: Sequence[Mark]) -> None:
        """Take these marks back."""
        self._desk.session.record((MarksLifted(tuple(mark.number for mark in marks)),))

    def order(self, candidate: str, start: int, end: int, by: int) -> None:
        """Move the mark under the cursor earlier (-1) or later (1) in the splice."""
        splice = self.splice
        here = [mark for mark in self._touching(candidate, start, end) if mark in splice]
        if not here:
            raise RefusedError("There is no mark under the cursor.", "space makes one.")
        shown = [mark.number for mark in self.splice]
        place = shown.index(here[0].number) + by
        if not 0 <= place < len(shown):
            raise RefusedError(f"It is the {'first' if by < 0 else 'last'} piece of the splice already.")
        row = [mark.number for mark in self._desk.story.splice]
        at, to = row.index(here[0].number), row.index(shown[place])
        row[at], row[to] = row[to], row[at]
        self._desk.session.record((MarksOrdered(tuple(row)),))

    def clear(self) -> None:
        numbers = tuple(mark.number for mark in self.splice)
        if numbers:
            self._desk.session.record((MarksLifted(numbers),))
            self._lifted = numbers
        elif self._lifted:
            self._desk.session.record((MarksLifted(self._lifted, back=True),))
            self._lifted = ()

    def turn(self) -> None:
        asked = self._desk.shown_round()
        if asked is None or not placing.at_caret(asked):
            where = asking.place_of(self._desk.story, asked) if asked else "it"
            raise RefusedError(f"This round is for {where}: that is where enter puts it.")
        self.own = not self._own()
        if not self.splice:
            # With pieces marked, the splice's last line says it.
            self._desk.say(f"Enter: {self.words(self.landing())}.")

    def turn_seams(self) -> None:
        """Repairs: all, none, then all but the first, all but the second, …"""
        asked = self._desk.shown_round()
        if asked is not None and asked.outlines:
            raise RefusedError("Lines of an outline have no seams.", "Each becomes a beat of its own.")
        if self._desk.story.edited(tuple(mark.number for mark in self.splice)):
            raise RefusedError("You edited this splice: its seams are as you left them.", "e opens it again.")
        mends = splicing.spliced(self._desk.story, self.splice).mends
        if not mends:
            raise RefusedError("There is nothing to repair at the seams.", "Two marks make a seam.")
        states: list[Seams] = ["on", "off"]
        if len(mends) > 1:
            states += [mend.key for mend in mends]
        at = states.index(self._seams) if self._seams in states else 0
        self._seams = states[(at + 1) % len(states)]

    # changes

    def rewrite(self, candidate: Candidate, other: str) -> Rewrite | None:
        """A candidate as changes of another one, or (empty) of the text that it would replace; None if there is none."""
        story = self._desk.story
        if other:
            base = placing.whole(story.candidate(other))
        else:
            asked = story.round(candidate.round)
            place = self._desk.session.rounds.place(asked)
            if asked.marks or not isinstance(asked.target, PlaceTarget):
                base = asked.base
            elif place is not None and place[0] != place[1]:
                base = story.manuscript.fragment(*place).pieces
            else:
                base = ()
        if not any(base):
            return None
        known = self._rewrites.get((candidate.id, other))
        if known is None or known[0] is not candidate.text or known[1] != base:
            known = candidate.text, base, rewritten(base, candidate)
            self._rewrites[candidate.id, other] = known
        return known[2]

    def smooth(self) -> None:
        """Open the request box for candidates that join the splice's pieces."""
        asked, landing = self._desk.shown_round(), self.landing()
        if asked is not None and asked.outlines:
            raise RefusedError("Lines of an outline are not joined.", "Each becomes a beat of its own.")
        if asked is None or len(self.splice) < 2:
            raise RefusedError("There are no pieces to join.", "space marks them; two are needed.")
        if landing is None:
            raise RefusedError("The place of this round is not in the text any more.", "Undo brings it back.")
        wish = asking.smooth(self._desk.story, asked, landing, self.splice, self.joined().paragraphs)
        self._desk.requests.open(wish)

    # editing before placing

    def edit(self) -> None:
        """Open what enter would place, to change it first."""
        from composer.ui.screens.editing import EditScreen

        self._desk.session.check_writable()
        splice = self.splice
        candidate = self.candidate
        asked = self._desk.shown_round()
        if asked is None or (not splice and candidate is None):
            raise RefusedError("There is nothing to edit yet.", "ctrl+g asks for candidates.")
        if not splice and candidate is not None and candidate.ending is None:
            raise RefusedError("It is still writing.", "x stops it; then it can be edited.")
        if not splice and candidate is not None and (extent := asked.extent(candidate)) is not None:
            # An edit is kept by what it is of, and the candidate is of other beats too.
            self.mark(candidate.id, *extent)
            splice = self.splice
        pieces, _ = self.chosen()
        marks = tuple(mark.number for mark in splice)
        name = "" if splice or candidate is None else candidate.id

        def keep(paragraphs: tuple[Spans, ...]) -> bool:
            event = SpliceEdited(marks, name, paragraphs)
            return self._desk.attempt(lambda: self._desk.session.record((event,)))

        title = (
            f"{len(splice)} piece{'s' if len(splice) > 1 else ''}"
            if splice
            else f"candidate {asked.shown_number(name)}"
        )
        screen = EditScreen(f"Edit before placing · {title}", pieces, self._desk.clips, self._desk.session.new_id, keep)
        self._desk.app.push_screen(screen, lambda place: self.here() if place else None)

    # tasting blind

    def blind(self) -> None:
        """Shuffle the round and hide what its candidates were made with; again: show it."""
        asked = self._desk.shown_round()
        if asked is None:
            raise RefusedError("There is no round to taste.", "ctrl+g asks for one.")
        if asked.row:
            raise RefusedError("Cells of drafts are not tasted blind.", "ctrl+g asks for candidates that can be.")
        if asked.veil:
            self._desk.session.record((RoundVeiled(asked.number, ()),))
            self._desk.say("Shown again: numbers and temperatures are the candidates' own.")
            return
        if len(asked.candidates) < 2:
            raise RefusedError("One candidate alone can't be tasted blind.")
        if any(self._desk.story.placed(each.id) for each in asked.candidates):
            raise RefusedError("One of them was placed already: you know them.")
        order = self._desk.session.rounds.shuffled(len(asked.candidates))
        self._desk.session.record((RoundVeiled(asked.number, order),))
        self._desk.say("Tasting blind: shuffled, temperatures hidden until you place one. b shows them.")
