"""What goes out of a film, and that nothing else does: planted words in every kind of text, random journals, random readers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from msgspec.structs import replace

from composer.exchange.film.cast import cast
from composer.exchange.film.page import page
from composer.journal.entry import digest
from composer.journal.film import Film
from composer.journal.replay import Reel
from composer.journal.showing.play import Play
from composer.journal.showing.readers import Readers
from composer.journal.showing.show import Showing, names, show
from composer.story.actions import text as texts
from composer.story.candidate import (
    BeatTarget,
    Ending,
    Message,
    PartReceipt,
    PlaceTarget,
    Receipt,
    Recipe,
    Sent,
)
from composer.story.events import (
    BeatAdded,
    BeatsPlaced,
    CandidateEnded,
    CandidateGrew,
    ContextShaped,
    DetailsChanged,
    DraftsAsked,
    ExemplarChanged,
    LinePlaced,
    MarkMade,
    NoteChanged,
    RemarkWritten,
    RequestRepacked,
    RoundAsked,
    SessionCreated,
    ShelfChanged,
    SpliceEdited,
    TextCondensed,
    TextPlaced,
)
from composer.story.manuscript import START, Fragment
from composer.story.outline import Beat, BeatText, Slot
from composer.story.shape import PARTS, Shape
from composer.story.spans import Span, Written, candidate_of, text_of_rows
from composer.story.story import Details, Exemplar, Note, Paraphrase, ShelfPiece
from tests.journal.machine import SPOT, Life

READERS = st.builds(
    Readers,
    notes=st.sampled_from(("none", "marked", "all")),
    instructions=st.booleans(),
    shelf=st.booleans(),
    passed_over=st.booleans(),
    prompts=st.sampled_from((True, True, False)),
)
PLANTED = re.compile(r"zq\d+x")


class Planted(Life):
    """A life in which every kind of text holds words of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.pool: list[str] = ["Nothing was planted here yet."]
        self.pieces: dict[str, bytes] = {}
        self.record(SessionCreated(self.word(), self.word()))

    @initialize(readers=READERS, first=st.integers(0, 60), last=st.integers(40, 130), spot=SPOT)
    def choose(self, readers: Readers, first: int, last: int, spot: int) -> None:
        """Readers are drawn, in hundredths of the journal's length; and one of each kind of text is there from the start."""
        self.readers, self.first, self.last = readers, first, last
        self.plant_all(spot)

    def plant_all(self, spot: int) -> None:
        self.plant_beat(spot)
        self.plant_text(spot, "break")
        self.plant_details(spot)
        for what in ("note", "exemplar", "shelf"):
            self.plant_thing(spot, what)
        self.plant_aside(spot)
        self.plant_round(spot, 2, 2)
        self.take_whole(spot)
        for kind in ("entry", "candidate", "beat", "other"):
            self.plant_remark(spot, bool(spot % 2), kind)
            spot += 1
        for at in range(3):
            self.plant_round(spot + at * 3, 2, 1)

    def word(self) -> str:
        self.count += 1
        return f"zq{self.count}x"

    def sentence(self, short: bool = False) -> str:
        """A text with a word of its own, which may turn up in prompts later."""
        text = self.word() if short else f"The {self.word()} went over the hill."
        self.pool.append(text)
        return text

    def spans(self) -> tuple[Span, ...]:
        return (Span(self.sentence(), Written()),)

    @rule(spot=SPOT, how=st.sampled_from(("typed", "typed", "break")))
    def plant_text(self, spot: int, how: str) -> None:
        at = self.place(spot)
        text = f" {self.sentence()} " if how == "typed" else f"\n{self.sentence()}\n"
        self.record(texts.typed(self.story, at, at, text, Written(), self.new_id, self.beat(spot)))

    @rule(spot=SPOT, marked=st.booleans(), kind=st.sampled_from(("entry", "candidate", "beat", "other")))
    def plant_remark(self, spot: int, marked: bool, kind: str) -> None:
        names = {"entry": str(spot % (len(self.entries) + 1)), "beat": self.beat(spot), "other": self.word()}
        if len(self.story.rounds):
            names["candidate"] = self.some_candidate(spot)
        self.record(
            RemarkWritten(10 + spot % 9, f"{kind} {names.get(kind, '')}", self.sentence(bool(spot % 2)), marked)
        )

    @rule(spot=SPOT)
    def plant_beat(self, spot: int) -> None:
        text = BeatText(self.sentence(), self.sentence(), self.sentence(bool(spot % 2)))
        below = (Beat(self.new_id(), BeatText(self.sentence(), notes=self.sentence())),) if spot % 3 else ()
        self.record(BeatAdded(Slot("", 0), Beat(self.new_id(), text, below)))

    @rule(spot=SPOT)
    def plant_details(self, spot: int) -> None:
        after = Details(self.sentence(), self.sentence(), self.sentence())
        self.record(DetailsChanged(self.story.details, after))

    @rule(spot=SPOT, what=st.sampled_from(("note", "exemplar", "shelf", "forget")))
    def plant_thing(self, spot: int, what: str) -> None:
        if what == "note":
            note = Note(self.new_id(), "fact", self.sentence(short=True), self.sentence())
            self.record(NoteChanged(len(self.story.notes), None, note))
        elif what == "exemplar":
            sample = Exemplar(self.new_id(), self.sentence(short=True), self.sentence())
            self.record(ExemplarChanged(len(self.story.exemplars), None, sample))
        elif what == "shelf":
            piece = ShelfPiece(self.new_id(), (self.spans(), self.spans()), 5)
            self.record(ShelfChanged(len(self.story.shelf), None, piece))
        elif self.story.shelf:
            self.record(ShelfChanged(0, self.story.shelf[0], None))

    @rule(spot=SPOT)
    def plant_aside(self, spot: int) -> None:
        self.record(MarkMade(len(self.story.marks) + 1, "", 0, 5, (self.spans(),)))
        self.record(SpliceEdited((len(self.story.marks),), "", (self.spans(),)))
        self.record(TextCondensed(Paraphrase(("b",), f"d{spot}", self.sentence())))
        part = PARTS[spot % len(PARTS)]
        self.record(ContextShaped(Shape(edits=((part, self.sentence()),))))
        recipe = Recipe(self.word(), "m", lens=self.sentence(), lens_name=self.word())
        self.record(DraftsAsked(len(self.story.drafts) + 1, (recipe,), (), "own", self.sentence()))

    def request(self, spot: int) -> tuple[tuple[Message, ...], Receipt]:
        """A request in which any text may stand in any part, some in none."""
        made, parts = [], []
        for at in range(1 + spot % 5):
            text = self.pool[(spot * 7 + at * 13) % len(self.pool)]
            data = f"{'Notes: ' if at % 2 else ''}{text} And {self.word()}.\n\n".encode()
            self.pieces[digest(data)] = data
            made.append(digest(data))
            part = PARTS[(spot + at) % len(PARTS)]
            parts.append(
                PartReceipt(part, 5, why=self.word(), first=at, last=at + 1) if spot % 4 else PartReceipt(part, 5)
            )
        messages = (Message("system", tuple(made[:1])), Message("user", tuple(made[1:])))
        return messages, Receipt(9, 99, 9, tuple(parts), shape=Shape(edits=(("notes", self.sentence()),)))

    @rule(spot=SPOT, count=st.integers(1, 2), words=st.integers(1, 3))
    def plant_round(self, spot: int, count: int, words: int) -> None:
        number = len(self.story.rounds) + 1
        messages, receipt = self.request(spot)
        recipes = tuple(
            Recipe(f"http://{self.word()}/", "m", {"temperature": 0.5}, lens=self.sentence(), lens_name=self.word())
            for _ in range(count)
        )
        target = PlaceTarget(START, beat=self.beat(spot)) if spot % 2 else BeatTarget(self.beat(spot))
        others = (Sent((count,), *self.request(spot + 3), self.word()),) if spot % 3 else ()
        base = (self.spans(),) if spot % 2 else ()
        asked = RoundAsked(
            number, "continue", target, 0, self.sentence(bool(spot % 5)), recipes, messages, receipt, base
        )
        self.record(replace(asked, others=others))
        for at in range(1, count + 1):
            name = f"{number}.{at}"
            thought = self.sentence()
            self.record(CandidateGrew(name, 0, thought, "reasoning"))
            text = " ".join(self.sentence() for _ in range(words)) + "\n"
            self.record(CandidateGrew(name, 0, text, pace=((40, 3), (50, len(text) - 3))))
            if spot % 2:
                self.record(CandidateEnded(name, Ending("failed", self.sentence(), len(text), "d", model=self.word())))
        if spot % 7 == 0:
            self.record(RequestRepacked(number, Sent((1,), *self.request(spot + 1), self.word())))

    @precondition(lambda self: len(self.story.rounds) > 0)
    @rule(spot=SPOT)
    def take_whole(self, spot: int) -> None:
        """A candidate is placed at the end of the text."""
        candidate = self.story.candidate(self.some_candidate(spot))
        text = candidate.text.split("\n")[0]
        last = self.story.manuscript.last
        if text and last != START:
            put = Fragment(tuple(Span(candidate.text[o.start : o.end], o) for o in candidate.origins(0, len(text))[:1]))
            if put.text == text and not candidate.stem:
                from composer.story.story import Placement

                self.record(TextPlaced(last, Fragment(), put, Placement((candidate.id,))))

    def teardown(self) -> None:
        if not hasattr(self, "readers"):
            return
        self.plant_all(self.count)
        reel = Reel(self.entries)
        film = Film(reel)
        count = len(self.entries)
        readers = self.readers
        if self.first > 20:
            first = 1 + self.first * count // 100
            readers = replace(readers, first=first, last=max(first, min(count, self.last * count // 100)))
        needed = names(film, readers)
        assert set(needed) <= set(self.pieces)
        showing = show(film, readers, {name: self.pieces[name] for name in needed})
        allowed = set(PLANTED.findall(" ".join(seen(film, readers, self.pieces))))
        told = msgspec.json.encode(showing).decode()
        for out in (told, page(showing, made=0).decode(), cast(showing, made=0).decode()):
            leaked = sorted(set(PLANTED.findall(out)) - allowed)
            assert not leaked, leaked
        everything_is_there(film, readers, showing)


def seen(film: Film, readers: Readers, pieces: dict[str, bytes]) -> list[str]:
    """All texts that readers may see, gathered from the stories at each moment and from the journal's own words."""
    first, last = readers.span(len(film))
    reel = film.reel
    found: list[str] = []
    kept: list[str] = []
    hidden: list[str] = []
    picked: set[str] = set()
    for entry in range(1, len(film) + 1):
        story = reel.story(entry)
        into = found if first <= entry <= last else hidden
        into += [block.text for block in story.manuscript]
        into += [text for row in story.outline.rows() for text in (row.beat.text.title, row.beat.text.summary)]
        shelf = [text_of_rows(piece.paragraphs) for piece in story.shelf]
        (found if into is found and readers.shelf else hidden).extend(shelf)
        if into is found:
            kept.append(story.details.purpose)
            kept += [each.text for each in story.paraphrases]
            picked |= {
                name for block in story.manuscript for span in block.spans if (name := candidate_of(span.origin))
            }
            event = reel.events[entry - 1]
            if entry > first and isinstance(event, TextPlaced | BeatsPlaced | LinePlaced):
                picked |= set(event.placement.candidates)
    story = reel.story(last)
    found += [story.details.title, story.details.author]
    if readers.notes == "all":
        found += [text for note in story.notes for text in (note.name, note.text)]
        found += [row.beat.text.notes for row in story.outline.rows()]
        kept += [text for each in story.exemplars for text in (each.name, each.text)]
    for entry, remarks in film.remarks().items():
        if first <= entry <= last:
            found += [
                each.text
                for each in remarks
                if readers.notes == "all" or (each.for_readers and readers.notes == "marked")
            ]
    thought = " ".join(each.reasoning for asked in reel.story(len(film)).rounds for each in asked.candidates)
    for asked in story.rounds:
        if asked.entry < first:
            continue
        if readers.instructions:
            found.append(asked.instruction)
        for each in asked.candidates:
            if readers.passed_over or each.id in picked:
                found += [part for part in each.text.split() if part not in thought]
                if readers.instructions:
                    found.append(each.recipe.lens_name)
                    kept.append(each.recipe.lens)
    if readers.prompts:
        # Words that stand in requests alone, and what is the requests' own.
        found += kept
        for data in pieces.values():
            found.append(data.decode().rpartition(" And ")[2])
        for event in reel.events:
            shapes: Sequence[Receipt] = ()
            if isinstance(event, RoundAsked):
                shapes = (event.receipt, *(each.receipt for each in event.others))
            elif isinstance(event, RequestRepacked):
                shapes = (event.sent.receipt,)
            edits = [*(edit for each in shapes for edit in each.shape.edits)]
            edits += event.shape.edits if isinstance(event, ContextShaped) else ()
            closed: tuple[str, ...] = () if readers.notes == "all" else ("notes", "exemplars")
            closed += () if readers.instructions else ("instructions", "instruction")
            found += [text for part, text in edits if part not in closed]
    return found


def everything_is_there(film: Film, readers: Readers, showing: Showing) -> None:
    """Played, the showing has the text of each moment, and at the end the whole of each candidate."""
    play = Play(showing)
    while play.on():
        story = film.reel.story(play.entry)
        assert [each.text for each in play.text] == [block.text for block in story.manuscript]
        assert [row.summary for row in play.rows] == [row.beat.text.summary for row in story.outline.rows()]
    assert play.entry == showing.last == readers.span(len(film))[1]
    assert tuple(play.text) == showing.text
    end = film.reel.story(showing.last)
    thought = {
        candidate.id
        for asked in film.reel.story(len(film)).rounds
        for candidate in asked.candidates
        if candidate.reasoning
    }
    for asked in showing.rounds:
        for shown in asked.candidates:
            if shown.name not in thought:
                assert shown.text == end.candidate(shown.name).text == play.grown(shown, play.times[-1])


TestPlanted = Planted.TestCase
# To make a failing life smaller would take minutes, and the words that leaked say what to look for.
TestPlanted.settings = settings(stateful_step_count=8, max_examples=40, phases=(Phase.generate,))


@pytest.mark.slow
def test_long_planted_lives() -> None:
    run_state_machine_as_test(
        Planted, settings=settings(settings.default, stateful_step_count=40, max_examples=150, phases=(Phase.generate,))
    )
