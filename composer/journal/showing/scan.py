"""What of a film was picked and what was told in it, and what else its journal holds: one run over all entries. It builds nothing to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from composer.journal.codec import Record
from composer.journal.film import Film
from composer.journal.journal import fold
from composer.journal.showing.readers import Readers
from composer.journal.showing.secrets import LEAST
from composer.journal.showing.text import changed
from composer.journal.tree import Tree
from composer.story.candidate import Recipe, Round
from composer.story.events import (
    BeatAdded,
    BeatEdited,
    BeatRemoved,
    BeatsPlaced,
    CandidateEnded,
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
    ShelfChanged,
    SpliceEdited,
    TextCondensed,
    TextEdited,
    TextPlaced,
)
from composer.story.outline import Beat, BeatText
from composer.story.shape import Shape
from composer.story.spans import candidate_of, text_of, text_of_rows
from composer.story.story import Story

KEEPSAKES = frozenset(("notes", "exemplars"))
"""Parts of prompts that are of the writer's notes and samples."""
ORDERS = frozenset(("instructions", "instruction"))
"""Parts of prompts that tell the model what to do."""


class Step(NamedTuple):
    """An entry: its number, what happened, the story before it and after it."""

    entry: int
    happened: Record
    before: Story
    story: Story


def steps(film: Film, last: int) -> Iterator[Step]:
    """All entries up to `last`, folded once."""
    story, tree = Story(), Tree()
    for number, (entry, happened) in enumerate(zip(film.reel.entries[:last], film.reel.events, strict=False), 1):
        after = fold(story, tree, entry, happened)
        yield Step(number, happened, story, after)
        story = after


def closed_parts(readers: Readers) -> frozenset[str]:
    """The parts of prompts that hold what is left out."""
    closed = frozenset() if readers.notes == "all" else KEEPSAKES
    return closed if readers.instructions else closed | ORDERS


class Scan:
    """What the film tells and what it doesn't. `known` are the names of the candidates that are shown."""

    def __init__(self, film: Film, readers: Readers) -> None:
        self.first, self.last = readers.span(len(film))
        self._readers = readers
        self._full = readers.prompts
        """Whether texts are gathered: they are needed for prompts alone."""
        self.hidden: set[str] = set()
        self.shown: set[str] = set()
        picked: set[str] = set()
        for step in steps(film, len(film) if self._full else self.last):
            told = self.first <= step.entry <= self.last
            if self._full:
                self._event(step.happened)
                if not told and isinstance(step.happened, TextEdited | TextPlaced):
                    # A few words of a fragment are a piece of anything.
                    rows = (*step.happened.put.pieces, *step.happened.removed.pieces)
                    self.hidden.update(text for text in map(text_of, rows) if len(text.split()) >= LEAST)
            self._moment(step, told, picked)
        story = film.reel.story(self.last)
        rounds = [asked for asked in story.rounds if asked.entry >= self.first]
        self.rounds: tuple[Round, ...] = tuple(rounds)
        self.known = frozenset(
            each.id for asked in rounds for each in asked.candidates if readers.passed_over or each.id in picked
        )

    def _moment(self, step: Step, told: bool, picked: set[str]) -> None:
        """Take in what readers see of the story after a step, or what of it they don't."""
        story, before = step.story, step.before
        opening = step.entry == self.first
        if opening or story.manuscript is not before.manuscript:
            blocks = list(story.manuscript) if opening else changed(before.manuscript, story.manuscript)[2]
            if told:
                picked.update(name for block in blocks for span in block.spans if (name := candidate_of(span.origin)))
            if self._full:
                self._into(told, (block.text for block in blocks))
        if told and not opening:
            happened = step.happened
            if isinstance(happened, TextPlaced | BeatsPlaced | LinePlaced):
                picked.update(happened.placement.candidates)
            elif isinstance(happened, TextCondensed):
                picked.add(happened.paraphrase.candidate)
        if self._full and told:
            if opening or story.outline is not before.outline:
                self.shown.update(
                    text for row in story.outline.rows() for text in (row.beat.text.title, row.beat.text.summary)
                )
            self.shown.add(story.details.purpose)
            if opening or story.paraphrases is not before.paraphrases:
                self.shown.update(each.text for each in story.paraphrases if not each.candidate)

    def _into(self, told: bool, texts: Iterable[str]) -> None:
        (self.shown if told else self.hidden).update(texts)

    def _event(self, happened: Record) -> None:
        """Take in every text that an entry holds; what of it is shown is taken in elsewhere too."""
        hidden = self.hidden
        match happened:
            case RoundAsked(instruction=instruction, recipes=recipes):
                hidden.add(instruction)
                hidden.update(map(text_of, (*happened.base, *happened.stood)))
                self._recipes(recipes)
                for receipt in (happened.receipt, *(each.receipt for each in happened.others)):
                    self._shape(receipt.shape)
            case RequestRepacked(sent=sent):
                self._shape(sent.receipt.shape)
            case ContextShaped(shape=shape):
                self._shape(shape)
            case DraftsAsked(instruction=instruction, recipes=recipes):
                hidden.add(instruction)
                self._recipes(recipes)
            case CandidateEnded(ending=ending):
                hidden.add(ending.why)
            case TextCondensed(paraphrase=paraphrase):
                hidden.add(paraphrase.text)
            case MarkMade(pieces=rows) | SpliceEdited(paragraphs=rows):
                hidden.update(map(text_of, rows))
            case RemarkWritten(text=text):
                hidden.add(text)
            case DetailsChanged(before=old, after=new):
                hidden.update((old.title, new.title, old.author, new.author, old.purpose, new.purpose))
            case BeatAdded(beat=beat) | BeatRemoved(beat=beat):
                self._beat(beat)
            case BeatsPlaced(beats=beats):
                for beat in beats:
                    self._beat(beat)
            case BeatEdited(before=left, after=right) | LinePlaced(before=left, after=right):
                self._line(left)
                self._line(right)
            case ShelfChanged(before=piece, after=other):
                hidden.update(text_of_rows(each.paragraphs) for each in (piece, other) if each)
            case NoteChanged(before=note, after=changed_note):
                hidden.update(text for each in (note, changed_note) if each for text in (each.name, each.text))
            case ExemplarChanged(before=sample, after=changed_sample):
                hidden.update(text for each in (sample, changed_sample) if each for text in (each.name, each.text))
            case _:
                pass

    def _recipes(self, recipes: Iterable[Recipe]) -> None:
        self.hidden.update(text for each in recipes for text in (each.lens, each.lens_name))

    def _shape(self, shape: Shape) -> None:
        closed = closed_parts(self._readers)
        self.hidden.update(text for part, text in shape.edits if part in closed)

    def _beat(self, beat: Beat) -> None:
        self._line(beat.text)
        for each in beat.below:
            self._beat(each)

    def _line(self, text: BeatText) -> None:
        self.hidden.update((text.title, text.summary, text.notes))
