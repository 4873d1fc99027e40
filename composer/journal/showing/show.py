"""A film as others may see it: what goes out, and nothing else. It decides what is left out; what becomes of the rest is for others.

All of it is made of stories as they stood at the moments that are shown, never of what an entry holds beside that: so no text that
was taken out before, or came later, is in it. Never shown, whatever readers may see: what models thought, the errors of servers,
addresses, ids, clock times.
"""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from composer.journal.film import Film
from composer.journal.showing.parts import (
    Frame,
    Kept,
    Paragraph,
    ParagraphsPut,
    Put,
    Row,
    RowsPut,
    Showing,
    ShownNote,
    ShownRound,
)
from composer.journal.showing.prompts import Prompts, open_pieces, sents_of
from composer.journal.showing.readers import Counts, Readers
from composer.journal.showing.rounds import Rounds, Times
from composer.journal.showing.scan import Scan, Step, steps
from composer.journal.showing.secrets import Secrets
from composer.journal.showing.text import Beats, changed, rows_of, rows_put, runs_of, text_put
from composer.journal.showing.words import say
from composer.story.actions.remarks import entry_of
from composer.story.spans import text_of_rows
from composer.story.story import Remark, Story
from composer.text.clean import one_line
from composer.text.words import count_words

__all__ = ["Showing", "names", "show"]


def names(film: Film, readers: Readers) -> list[str]:
    """The hashes of the pieces of requests that `show` needs, in order."""
    if not readers.prompts:
        return []
    scan = _scanned(film, readers)
    needed: set[str] = set()
    for asked in scan.rounds:
        for sent in sents_of(asked, scan.known):
            pieces = [piece for message in sent.messages for piece in message.pieces]
            is_open = open_pieces(asked, sent, scan, readers)
            needed.update(piece for piece, (_, _, may) in zip(pieces, is_open, strict=True) if may)
    return sorted(needed)


def show(film: Film, readers: Readers, pieces: Mapping[str, bytes]) -> Showing:
    """What readers see. `pieces` are texts of requests by hash; one that is missing counts as left out."""
    wanted = len(film), readers, frozenset(pieces)
    known = _SHOWN.get(film)
    if known is None or known[0] != wanted:
        known = _SHOWN[film] = wanted, _Maker(film, readers, pieces).made()
    return known[1]


_SCANS: WeakKeyDictionary[Film, tuple[tuple[int, Readers], Scan]] = WeakKeyDictionary()
"""The newest scan of each film: what is needed is asked for before it is shown."""
_SHOWN: WeakKeyDictionary[Film, tuple[tuple[int, Readers, frozenset[str]], Showing]] = WeakKeyDictionary()
"""The newest showing of each film: what goes out is counted before it is written."""


def _scanned(film: Film, readers: Readers) -> Scan:
    wanted = len(film), readers
    known = _SCANS.get(film)
    if known is None or known[0] != wanted:
        known = _SCANS[film] = wanted, Scan(film, readers)
    return known[1]


class _Maker:
    """One run over the film."""

    def __init__(self, film: Film, readers: Readers, pieces: Mapping[str, bytes]) -> None:
        self.film, self.readers, self.stored = film, readers, pieces
        self.scan = _scanned(film, readers)
        self.first, self.last = self.scan.first, self.scan.last
        self.end = film.reel.story(self.last)
        self.rounds = Rounds(film, self.scan, readers)
        self.beats = Beats()
        self.rows: tuple[Row, ...] = ()
        self.frames: list[Frame] = []
        self.words = 0
        self.lines: dict[int, str] = {}
        """What rounds are for, in words, by their numbers."""
        self.shelf = Times()
        self.is_note: set[int] = set()

    def made(self) -> Showing:
        notes, remarks_left = self._notes()
        self.is_note = {note.entry for note in notes}
        for step in steps(self.film, self.last):
            if step.entry >= self.first:
                self._take(step)
        shelf = self._shelf()
        story_notes = self._story_notes(self.end) if self.readers.notes == "all" else ()
        prompts = Prompts(self.scan, self.readers, self.stored, self._secrets(notes, story_notes, shelf))
        rounds = tuple(
            self.rounds.round(
                asked,
                self.lines.get(asked.number, ""),
                self.end,
                prompts.of(asked) if self.readers.prompts else (),
            )
            for asked in self.scan.rounds
        )
        details = self.end.details
        return Showing(
            title=details.title,
            author=details.author,
            language=details.language,
            sections=details.sections,
            first=self.first,
            last=self.last,
            text=tuple(
                Paragraph(self.beats.number(block.beat), runs_of(block.spans, self.scan.known))
                for block in self.end.manuscript
            ),
            outline=self.rows,
            frames=tuple(self.frames),
            rounds=rounds,
            panels=self.rounds.panels,
            notes=notes,
            story_notes=story_notes,
            shelf=shelf,
            pieces=prompts.pieces,
            counts=self._counts(rounds, len(notes) + len(story_notes), len(shelf)),
            left_out=self._left_out(rounds, remarks_left, prompts.struck),
        )

    # frames

    def _take(self, step: Step) -> None:
        entry, story = step.entry, step.story
        opening = entry == self.first
        put: list[Put] = []
        if opening:
            put += self._opened(story)
        else:
            put += self._changed(step)
        if opening or story.shelf is not step.before.shelf:
            self.shelf.set({text_of_rows(piece.paragraphs) for piece in story.shelf}, entry)
        if len(story.rounds) > len(step.before.rounds):
            asked = story.rounds[-1]
            beat = story.outline.find(asked.beat) if asked.beat else None
            self.lines[asked.number] = one_line(beat.text.line, 120) if beat else ""
        sort = self.film.sorts[entry - 1]
        if sort == "note" and entry not in self.is_note:
            sort = "other"
        panel = self.rounds.take(step)
        times = self.film.times
        wait = 0 if opening else times[entry] - times[entry - 1]
        told = "" if opening and entry > 1 else say(step.happened, story, self.scan.known, self.readers)
        self.frames.append(Frame(wait, sort, told, self.words, panel, tuple(put)))

    def _opened(self, story: Story) -> list[Put]:
        """All that stands there at the first moment."""
        blocks = list(story.manuscript)
        self.words = sum(count_words(block.text) for block in blocks)
        self.rows = rows_of(story.outline, self.beats)
        put: list[Put] = []
        if blocks:
            known = self.scan.known
            come = tuple(Paragraph(self.beats.number(block.beat), runs_of(block.spans, known)) for block in blocks)
            put.append(ParagraphsPut(0, 0, come))
        if self.rows:
            put.append(RowsPut(0, 0, self.rows))
        return put

    def _changed(self, step: Step) -> list[Put]:
        put: list[Put] = []
        if step.story.manuscript is not step.before.manuscript:
            at, gone, come = changed(step.before.manuscript, step.story.manuscript)
            self.words += sum(count_words(block.text) for block in come)
            self.words -= sum(count_words(block.text) for block in gone)
            text = text_put(at, gone, come, self.beats, self.scan.known)
            put += [text] if text else []
        if step.story.outline is not step.before.outline:
            rows = rows_of(step.story.outline, self.beats)
            difference = rows_put(self.rows, rows)
            put += [difference] if difference else []
            self.rows = rows
        return put

    # what stands beside

    def _notes(self) -> tuple[tuple[ShownNote, ...], int]:
        """The remarks that are shown, in the order of their moments, and how many are not.

        One on a moment belongs to that moment, whenever it was written; one on a candidate or a beat to the entry that wrote it.
        """
        shown: list[ShownNote] = []
        left = 0
        for entry, remarks in sorted(self.film.remarks().items()):
            for remark in remarks:
                told = self.first <= entry <= self.last and self._may_tell(remark)
                if told:
                    shown.append(ShownNote(entry, self._subject(remark, entry), remark.text))
                left += not told
        return tuple(shown), left

    def _may_tell(self, remark: Remark) -> bool:
        if self.readers.notes == "none" or (self.readers.notes == "marked" and not remark.for_readers):
            return False
        kind, _, name = remark.subject.partition(" ")
        return kind != "candidate" or name in self.scan.known

    def _subject(self, remark: Remark, entry: int) -> str:
        kind, _, name = remark.subject.partition(" ")
        if entry_of(remark.subject) is not None:
            return ""
        if kind == "candidate":
            return f"candidate {name}"
        beat = self.film.reel.story(entry).outline.find(name) if kind == "beat" else None
        return f"the beat “{one_line(beat.text.line, 80)}”" if beat and beat.text.line else ""

    def _story_notes(self, story: Story) -> tuple[tuple[str, str, str], ...]:
        """People, places, facts, and what is noted on beats, as they are at the last moment."""
        kept = [(str(note.kind), note.name, note.text) for note in story.notes]
        rows = [row.beat.text for row in story.outline.rows()]
        return (*kept, *(("beat", text.line, text.notes) for text in rows if text.notes))

    def _shelf(self) -> tuple[Kept, ...]:
        if not self.readers.shelf:
            return ()
        return tuple(Kept(str(text), self.shelf.of(text)) for text in self.shelf.things)

    def _secrets(
        self, notes: tuple[ShownNote, ...], story_notes: tuple[tuple[str, str, str], ...], shelf: tuple[Kept, ...]
    ) -> Secrets:
        """What prompts must not give away."""
        if not self.readers.prompts:
            return Secrets((), ())
        hidden, shown = set(self.scan.hidden), set(self.scan.shown)
        end = self.film.reel.story(len(self.film))
        for asked in end.rounds:
            for each in asked.candidates:
                hidden.update((each.text, each.reasoning))
        for asked in self.scan.rounds:
            own = [each for each in asked.candidates if each.id in self.scan.known]
            shown.update(self.rounds.text(each.id) for each in own)
            if self.readers.instructions:
                shown.add(asked.instruction)
                shown.update(text for each in own for text in (each.recipe.lens, each.recipe.lens_name))
        shown.update(note.text for note in notes)
        shown.update(text for _, name, text in story_notes for text in (name, text))
        shown.update(piece.text for piece in shelf)
        shown.update((self.end.details.title, self.end.details.author))
        if self.readers.notes == "all":
            shown.update(text for each in self.end.exemplars for text in (each.name, each.text))
        return Secrets(hidden, shown, self.end.details.language)

    # counts

    def _counts(self, rounds: tuple[ShownRound, ...], notes: int, shelf: int) -> Counts:
        return Counts(
            entries=len(self.frames),
            words=self.words,
            rounds=len(rounds),
            candidates=sum(len(asked.candidates) for asked in rounds),
            notes=notes,
            prompts=sum(len(asked.prompts) for asked in rounds),
            shelf=shelf,
            instructions=sum(bool(asked.instruction) for asked in rounds),
        )

    def _left_out(self, rounds: tuple[ShownRound, ...], remarks: int, struck: int) -> Counts:
        end = self.film.reel.story(len(self.film))
        candidates = [each for asked in end.rounds for each in asked.candidates]
        told = sum(len(asked.candidates) for asked in rounds)
        sent = sum(len(sents_of(asked)) for asked in end.rounds)
        instructions = sum(bool(asked.instruction) for asked in end.rounds)
        return Counts(
            entries=len(self.film) - len(self.frames),
            rounds=len(end.rounds) - len(rounds),
            candidates=len(candidates) - told,
            notes=remarks + (len(self._story_notes(end)) if self.readers.notes != "all" else 0),
            prompts=max(0, sent - sum(len(asked.prompts) for asked in rounds)),
            parts=struck,
            shelf=len(end.shelf) if not self.readers.shelf else 0,
            instructions=instructions - sum(bool(asked.instruction) for asked in rounds),
            thoughts=sum(bool(each.reasoning) for each in candidates),
        )
