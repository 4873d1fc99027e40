"""Random lives of a story, for the state machines: a journal that is typed into, placed into, undone and grown in every way.

It records the same entries into a `Journal` as the program would, and keeps what came out at each entry.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from composer.errors import RefusedError
from composer.journal.codec import decode
from composer.journal.entry import Entry
from composer.journal.journal import Journal
from composer.story.actions import lines as picking
from composer.story.actions import outline as beats
from composer.story.actions import place as placing
from composer.story.actions import splice as splicing
from composer.story.actions import text as texts
from composer.story.actions.change import accepted, rewritten
from composer.story.candidate import (
    BeatTarget,
    CellTarget,
    Cost,
    DraftTarget,
    Ending,
    LineTarget,
    OutlineTarget,
    PlaceTarget,
    Receipt,
    Recipe,
    Sent,
    Stem,
)
from composer.story.events import (
    BlockAssigned,
    CandidateEnded,
    CandidateGrew,
    CaretRested,
    Change,
    ContextShaped,
    DraftsAsked,
    DraftsHalted,
    Event,
    ExemplarChanged,
    HeadMoved,
    MarkMade,
    MarksLifted,
    MarksOrdered,
    NoteChanged,
    RemarkWritten,
    RequestRepacked,
    RoundAsked,
    RoundVeiled,
    SpliceEdited,
    TextCondensed,
    TextWasThought,
    WordLearned,
)
from composer.story.fold import apply, witness
from composer.story.manuscript import START, Position
from composer.story.outline import BeatText
from composer.story.shape import Shape
from composer.story.spans import Edited, Generated, Span, length
from composer.story.story import Details, Exemplar, Note, Paraphrase, Placement, Story

WORDS = st.text(alphabet="abc é漢 .—", max_size=8)
SPOT = st.integers(0, 10_000)


def by_hand(entries: Sequence[Entry]) -> Story:
    """The story by its definition: facts in the order of the file, changes on the path of the head."""
    story = Story()
    head = 0
    parents: dict[int, int] = {}
    changes: dict[int, Change] = {}
    for entry in entries:
        happened = decode(entry.type, entry.version, entry.body)
        if isinstance(happened, HeadMoved):
            head = happened.to
        elif isinstance(happened, Change):
            parents[entry.seq], changes[entry.seq] = entry.parent, happened
            head = entry.seq
        else:
            story = witness(story, happened, entry.seq, entry.time)  # type: ignore[arg-type]
    path = []
    while head:
        path.append(head)
        head = parents[head]
    for seq in reversed(path):
        story = apply(story, changes[seq])
    return story


class Life(RuleBasedStateMachine):
    """Everything that the core can do, at random."""

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal()
        self.entries: list[Entry] = []
        self.live: list[Story] = [self.journal.story]
        self.ids = (f"x{number}" for number in itertools.count())
        self.time = 1_000

    def new_id(self) -> str:
        return next(self.ids)

    @property
    def story(self) -> Story:
        return self.journal.story

    def record(self, *happened: Event, step: int | None = None) -> None:
        self.time += 7
        before = len(self.entries)
        self.entries += self.journal.record(happened, self.time, step)
        self.live += [by_hand(self.entries[: before + 1 + number]) for number in range(len(happened) - 1)]
        if happened:
            self.live.append(self.journal.story)

    def place(self, spot: int) -> Position:
        text = self.story.manuscript
        if not len(text):
            return START
        block = text.at(spot % len(text))
        return Position(block.id, (spot // 7) % (length(block.spans) + 1))

    def range(self, left: int, right: int) -> tuple[Position, Position]:
        start, end = self.place(left), self.place(right)
        return (start, end) if not self.story.manuscript.before(end, start) else (end, start)

    def beat(self, spot: int) -> str:
        rows = list(self.story.outline.rows())
        return rows[spot % len(rows)].beat.id if rows else ""

    @rule(left=SPOT, right=SPOT, text=WORDS, lines=st.integers(0, 2))
    def type_text(self, left: int, right: int, text: str, lines: int) -> None:
        start, end = self.range(left, right if right % 3 else left)
        origin = texts.hand_origin(self.story, start, end)
        event = texts.typed(self.story, start, end, text + "\nmore" * lines, origin, self.new_id, self.beat(left))
        if self.entries and right % 2 and self.journal.tree.head:
            self.record(event, step=self.journal.tree.nodes[self.journal.tree.head].step)
        else:
            self.record(event)

    @rule(left=SPOT, right=SPOT)
    def delete_text(self, left: int, right: int) -> None:
        start, end = self.range(left, right)
        try:
            self.record(texts.deleted(self.story, start, end))
        except RefusedError:
            assert start in (START, end)

    @rule(left=SPOT, right=SPOT, to=SPOT)
    def move_text(self, left: int, right: int, to: int) -> None:
        """Cut, and paste somewhere else, as one step."""
        start, end = self.range(left, right)
        pieces = self.story.manuscript.fragment(start, end).pieces
        if start == end:
            return
        self.record(texts.deleted(self.story, start, end, "cut"))
        at = self.place(to)
        self.record(
            texts.pasted(self.story, at, at, pieces, self.new_id),
            step=self.journal.tree.nodes[self.journal.tree.head].step,
        )

    @rule(spot=SPOT, text=WORDS)
    def replace_all(self, spot: int, text: str) -> None:
        found = [(block.id, at, at + 1) for block in self.story.manuscript for at in [block.text.find("a")] if at >= 0]
        self.record(*texts.replaced_all(self.story, found, text.replace("\n", "")))

    @rule(spot=SPOT, line=WORDS)
    def add_beat(self, spot: int, line: str) -> None:
        try:
            slot = beats.slot_after(self.story, self.beat(spot))
            self.record(*beats.add_beat(self.story, slot, BeatText(summary=line), self.new_id))
        except RefusedError:
            assert not line.strip()

    @rule(spot=SPOT, way=st.sampled_from(["up", "down", "in", "out"]))
    def move_beat(self, spot: int, way: beats.Way) -> None:
        try:
            self.record(*beats.move_beat(self.story, self.beat(spot), way))
        except RefusedError:
            return

    @rule(spot=SPOT, title=WORDS)
    def edit_or_delete_beat(self, spot: int, title: str) -> None:
        if beat := self.beat(spot):
            if title.strip():
                self.record(*beats.edit_beat(self.story, beat, BeatText(title=title, done=bool(spot % 2))))
            else:
                self.record(*beats.delete_beat(self.story, beat))

    @rule(spot=SPOT, title=WORDS)
    def describe(self, spot: int, title: str) -> None:
        self.record(*beats.change_details(self.story, Details(title=title, purpose=title)))
        if spot % 2:
            self.record(NoteChanged(len(self.story.notes), None, Note(self.new_id(), "person", title)))
            self.record(ExemplarChanged(0, None, Exemplar(self.new_id(), title, title)))
        elif self.story.notes:
            note = self.story.notes[0]
            self.record(NoteChanged(0, note, Note(note.id, "place", title)))
            self.record(NoteChanged(0, self.story.notes[0], None))

    @rule(spot=SPOT)
    def assign(self, spot: int) -> None:
        at = self.place(spot)
        if at != START:
            block = self.story.manuscript.block(at.block)
            self.record(BlockAssigned(block.id, block.beat, self.beat(spot)))

    @rule(spot=SPOT, count=st.integers(1, 3), for_beat=st.booleans())
    def ask(self, spot: int, count: int, for_beat: bool) -> None:
        target = BeatTarget(self.beat(spot)) if for_beat else PlaceTarget(self.place(spot))
        recipes = tuple(Recipe("here", "m", {"temperature": number / 5}) for number in range(count))
        self.record(
            RoundAsked(
                len(self.story.rounds) + 1,
                "continue",
                target,
                self.journal.tree.head,
                "",
                recipes,
                (),
                Receipt(0, 0, 0, ()),
            )
        )

    @rule(spot=SPOT, text=st.text(alphabet="abc é.\n", min_size=1, max_size=20))
    def ask_and_stream(self, spot: int, text: str) -> None:
        """A whole round of one candidate at once, so that most lives have some text to place."""
        self.ask(spot, 1, bool(spot % 2))
        name = f"{len(self.story.rounds)}.1"
        self.record(CandidateGrew(name, 0, text))

    def some_candidate(self, spot: int) -> str:
        asked = self.story.rounds[spot % len(self.story.rounds)]
        return asked.candidates[(spot // 3) % len(asked.candidates)].id

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT, text=WORDS, thinking=st.booleans())
    def stream(self, spot: int, text: str, thinking: bool) -> None:
        candidate = self.story.candidate(self.some_candidate(spot))
        if candidate.ending is None:
            channel = "reasoning" if thinking else "text"
            offset = len(candidate.reasoning if thinking else candidate.text)
            self.record(
                CandidateGrew(candidate.id, offset, text + "\n" * (spot % 3), channel, ((spot % 90, len(text)),))
            )  # type: ignore[arg-type]

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT, count=st.integers(1, 2), word=st.sampled_from(["", "b", " é"]))
    def go_on(self, spot: int, count: int, word: str) -> None:
        """A round that goes on from within a candidate, perhaps with another word."""
        candidate = self.story.candidate(self.some_candidate(spot))
        stem = Stem(candidate.id, spot % (len(candidate.text) + 1), word)
        number = len(self.story.rounds) + 1
        recipes = tuple(Recipe("there", "base", seed=at, template="plain") for at in range(count))
        asked = RoundAsked(
            number, "continue", PlaceTarget(START), self.journal.tree.head, "", recipes, (), Receipt(0, 0, 0, ())
        )
        self.record(replace(asked, stem=stem, others=(Sent((count,), (), Receipt(1, 2, 3, ())),)))
        begun = candidate.text[: stem.length] + word
        for at in range(1, count + 1):
            self.record(CandidateGrew(f"{number}.{at}", 0, begun))
            one = self.story.candidate(f"{number}.{at}")
            runs = one.origins(0, len(begun))
            assert "".join(self.story.candidate(run.candidate).text[run.start : run.end] for run in runs) == begun

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT)
    def send_again(self, spot: int) -> None:
        """A candidate is sent less than it was; no other is sent anything else by that."""
        candidate = self.story.candidate(self.some_candidate(spot))
        before = self.story.round(candidate.round)
        receipt = Receipt(spot, 2, 3, (), shape=Shape("bare" if spot % 2 else "full"))
        self.record(RequestRepacked(candidate.round, Sent((candidate.number,), (), receipt, "it was long")))
        now = self.story.round(candidate.round)
        for number in range(1, len(now.candidates) + 1):
            wanted = receipt if number == candidate.number else before.sent(number).receipt
            assert now.sent(number).receipt == wanted
            assert number in now.sent(number).numbers

    @rule(spot=SPOT, named=st.sampled_from(("notes", "outline", "notes:a")))
    def shape(self, spot: int, named: str) -> None:
        shape = self.story.shape
        self.record(ContextShaped(shape.muting(named) if spot % 2 else shape.pinning(named)))
        assert not set(self.story.shape.muted) & set(self.story.shape.pinned)

    @rule(spot=SPOT, text=WORDS)
    def condense(self, spot: int, text: str) -> None:
        paraphrase = Paraphrase((f"x{spot}",), f"d{spot % 3}", text, edited=bool(spot % 2))
        self.record(TextCondensed(paraphrase))
        assert (paraphrase in self.story.paraphrases) == bool(text)
        digests = [each.digest for each in self.story.paraphrases]
        assert len(set(digests)) == len(digests)

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT)
    def recast(self, spot: int) -> None:
        """What a candidate wrote so far were thoughts; only where nothing uses it."""
        candidate = self.story.candidate(self.some_candidate(spot))
        used = any(candidate.id in str(mark) for mark in self.story.marks) or self.journal_names(candidate.id)
        if candidate.text and candidate.ending is None and not candidate.stem and not used:
            self.record(TextWasThought(candidate.id, len(candidate.text)))

    def journal_names(self, name: str) -> bool:
        """Whether anything names a candidate: a placement on any branch, an edit, or a round that goes on from it."""
        changes = (node.change for node in self.journal.tree.nodes.values())
        placed = any(name in str(change) for change in changes)
        edited = any(name == edit.candidate or name in str(edit.paragraphs) for edit in self.story.edits)
        on = any(run.candidate == name for asked in self.story.rounds for one in asked.candidates for run in one.stem)
        return placed or edited or on or any(name in str(piece.paragraphs) for piece in self.story.shelf)

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT, kind=st.sampled_from(["finished", "cut", "cancelled", "failed"]))
    def end(self, spot: int, kind: str) -> None:
        candidate = self.story.candidate(self.some_candidate(spot))
        if candidate.ending is None:
            cost = Cost(spot, "$") if spot % 2 else None
            ending = Ending(kind, "because", len(candidate.text), "d", cost=cost)  # type: ignore[arg-type]
            self.record(CandidateEnded(candidate.id, ending))

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT, size=st.integers(0, 5))
    def mark(self, spot: int, size: int) -> None:
        candidate = self.story.candidate(self.some_candidate(spot))
        start = spot % (len(candidate.text) + 1)
        end = min(start + size, len(candidate.text))
        self.record(MarkMade(len(self.story.marks) + 1, candidate.id, start, end))

    @rule(spot=SPOT)
    def mark_of_the_text(self, spot: int) -> None:
        start, end = self.range(spot, spot // 5)
        pieces = tuple(row for row in self.story.manuscript.fragment(start, end).pieces if row)
        if pieces:
            self.record(MarkMade(len(self.story.marks) + 1, "", 0, length(pieces[0]), pieces))

    @precondition(lambda self: len(self.story.marks) > 0)
    @rule(spot=SPOT, back=st.booleans())
    def lift(self, spot: int, back: bool) -> None:
        number = spot % len(self.story.marks) + 1
        self.record(MarksLifted((number,), back))
        self.record(MarksOrdered(tuple(mark.number for mark in reversed(self.story.splice))))

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT)
    def veil(self, spot: int) -> None:
        asked = self.story.rounds[spot % len(self.story.rounds)]
        order = tuple(range(len(asked.candidates)))
        turn = spot % max(1, len(order))
        self.record(RoundVeiled(asked.number, () if asked.veil else order[turn:] + order[:turn]))

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT, text=WORDS, back=st.booleans())
    def edit_before_placing(self, spot: int, text: str, back: bool) -> None:
        candidate = self.story.candidate(self.some_candidate(spot))
        marks = tuple(mark.number for mark in self.story.splice)
        pieces = placing.whole(candidate)
        changed = (*pieces, (Span(text, Edited(candidate.id)),)) if text else pieces
        self.record(SpliceEdited(marks, "" if marks else candidate.id, () if back else changed))

    @rule(spot=SPOT)
    def learn(self, spot: int) -> None:
        word = "abc"[spot % 3]
        self.record(WordLearned(word, word in self.story.words))

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT, own=st.booleans(), marked=st.booleans())
    def place_candidate(self, spot: int, own: bool, marked: bool) -> None:
        candidate = self.story.candidate(self.some_candidate(spot))
        asked = self.story.round(candidate.round)
        splice = self.story.splice if marked else ()
        pieces = splicing.spliced(self.story, splice).paragraphs if splice else placing.whole(candidate)
        used = Placement(
            tuple(dict.fromkeys(mark.candidate for mark in splice)) or (candidate.id,),
            tuple(mark.number for mark in splice),
        )
        caret = self.place(spot)
        try:
            where = placing.landing(self.story, asked, caret, (caret, caret), own)
            self.record(*placing.place(self.story, where, pieces, used, self.new_id))
        except RefusedError:
            beat = asked.target.beat if isinstance(asked.target, BeatTarget | CellTarget) else ""
            assert not pieces or (beat and self.story.outline.row(beat) is None)

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT, marked=st.booleans(), way=st.sampled_from(("outline", "expand", "summary")))
    def pick_lines(self, spot: int, marked: bool, way: str) -> None:
        """Lines of a candidate, or of what is marked, come into the outline."""
        candidate = self.story.candidate(self.some_candidate(spot))
        splice = [mark for mark in self.story.splice if mark.candidate] if marked else []
        beat = self.beat(spot)
        target = LineTarget(beat) if way == "summary" else OutlineTarget(beat if way == "expand" else "")
        asked = replace(self.story.round(candidate.round), target=target, kind=way)  # type: ignore[arg-type]
        before = list(self.story.outline.rows())
        try:
            chosen, used = picking.picked(self.story, splice, candidate)
            placed = picking.place_lines(self.story, asked, self.beat(spot // 2), chosen, used, self.new_id)
        except RefusedError:
            return
        self.record(*placed)
        assert len(list(self.story.outline.rows())) == len(before) + (len(chosen) if way != "summary" else 0)
        assert self.story.placements[-1] == used

    @rule(spot=SPOT)
    def condense_beat(self, spot: int) -> None:
        beat = self.beat(spot)
        try:
            self.record(*beats.condense_beat(self.story, beat))
        except RefusedError:
            return
        assert not self.story.outline.below(beat)

    @rule(spot=SPOT, count=st.integers(1, 3), back=st.booleans())
    def draft(self, spot: int, count: int, back: bool) -> None:
        """Drafts are asked for, stopped, and have a cell written."""
        recipes = tuple(Recipe("here", "m", {"temperature": number / 5}) for number in range(count))
        first = len(self.story.drafts) + 1
        self.record(DraftsAsked(first, recipes, (self.beat(spot), "gone"), "own" if spot % 2 else "whole"))
        self.record(DraftsHalted((first,), back=back))
        assert self.story.drafts[first - 1].halted is not back
        assert [each.first for each in self.story.drafts[first - 1 :]] == [first] * count
        number = len(self.story.rounds) + 1
        cell = CellTarget(first, self.beat(spot)) if spot % 2 else DraftTarget(first)
        head = self.journal.tree.head
        self.record(RoundAsked(number, "continue", cell, head, "", recipes[:1], (), Receipt(0, 0, 0, ())))
        self.record(CandidateGrew(f"{number}.1", 0, "[1]\nIt is told."))

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT, left_out=st.sets(st.integers(0, 3)))
    def take_changes(self, spot: int, left_out: set[int]) -> None:
        candidate = self.story.candidate(self.some_candidate(spot))
        start, end = self.range(spot, spot // 5)
        rewrite = rewritten(self.story.manuscript.fragment(start, end).pieces, candidate)
        where = placing.Landing(start, end, False, "")
        used = Placement((candidate.id,))
        self.record(*placing.place(self.story, where, accepted(rewrite, left_out), used, self.new_id))

    @rule(spot=SPOT)
    def shelve(self, spot: int) -> None:
        start, end = self.range(spot, spot // 5)
        pieces = self.story.manuscript.fragment(start, end).pieces
        try:
            self.record(*texts.keep(self.story, pieces, self.time, self.new_id))
            if spot % 2:
                self.record(*texts.unshelve(self.story, self.story.shelf[-1].id))
        except RefusedError:
            assert not any(pieces)

    @rule(spot=SPOT, text=WORDS)
    def remark_or_rest(self, spot: int, text: str) -> None:
        self.record(RemarkWritten(spot % 3 + 1, "x", text))
        self.record(CaretRested(self.place(spot)))

    @rule()
    def undo(self) -> None:
        if entry := self.journal.undo(self.time):
            self.entries.append(entry)
            self.live.append(self.journal.story)

    @rule(times=st.integers(1, 3))
    def undo_more(self, times: int) -> None:
        for _ in range(times):
            self.undo()

    @rule()
    def redo(self) -> None:
        if entry := self.journal.redo(self.time):
            self.entries.append(entry)
            self.live.append(self.journal.story)

    @precondition(lambda self: len(self.journal.tree.nodes) > 0)
    @rule(spot=SPOT)
    def jump(self, spot: int) -> None:
        places = [0, *self.journal.tree.nodes]
        self.entries.append(self.journal.move(places[spot % len(places)], "jump", self.time))
        self.live.append(self.journal.story)

    @invariant()
    def origins_cover_the_text(self) -> None:
        for block in self.story.manuscript:
            for span in block.spans:
                assert span.text
                assert "\n" not in span.text
                if isinstance(span.origin, Generated):
                    source = self.story.candidate(span.origin.candidate).text
                    assert span.text == source[span.origin.start : span.origin.end]

    @invariant()
    def used_marks_are_not_in_the_splice(self) -> None:
        used = {number for placement in self.story.placements for number in placement.marks}
        assert not used & {mark.number for mark in self.story.splice}
