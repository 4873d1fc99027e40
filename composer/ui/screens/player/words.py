"""What happened at an entry in words, and where in the text it left its trace. Pure: it draws nothing and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from composer.journal.codec import Unknown
from composer.journal.film import Film, Moment
from composer.story.events import (
    BeatAdded,
    BeatEdited,
    BeatMoved,
    BeatRemoved,
    BeatsPlaced,
    BlockAssigned,
    CandidateEnded,
    CandidateGrew,
    CaretRested,
    ContextShaped,
    DetailsChanged,
    DraftsAsked,
    DraftsHalted,
    ExemplarChanged,
    HeadMoved,
    LinePlaced,
    MarkMade,
    MarksLifted,
    MarksOrdered,
    NoteChanged,
    RemarkWritten,
    RequestRepacked,
    RoundAsked,
    RoundVeiled,
    SessionCreated,
    SessionOpened,
    ShelfChanged,
    SpliceEdited,
    TextCondensed,
    TextEdited,
    TextPlaced,
    TextWasThought,
    WordLearned,
)
from composer.story.manuscript import START, Fragment, Manuscript, Position
from composer.story.spans import length
from composer.story.story import Placement, Story
from composer.text.clean import one_line
from composer.ui import asking
from composer.ui.phrases import counted

LONGEST = 240
"""Characters that are told of a text."""

_HOW = {
    "typed": "Typed",
    "deleted": "Deleted",
    "cut": "Cut",
    "pasted": "Pasted",
    "replaced": "Replaced",
    "imported": "Imported",
}
_ENDED = {"finished": "finished", "cut": "was cut at its length", "cancelled": "was stopped", "failed": "failed"}
_MOVED = {"undo": "Undone", "redo": "Done again"}


def said(text: str) -> str:
    """A text on one line, in quotes."""
    rows = [row for row in text[: 4 * LONGEST].split("\n") if row.strip()]
    line = one_line(" / ".join(rows), LONGEST).strip()
    if line:
        return f"“{line}”"
    return "a new paragraph" if "\n" in text else "a space" if text else "nothing"


def tail(text: str) -> str:
    """The end of a text on one line, in quotes."""
    return said(text) if len(text) <= LONGEST else said("... " + text[-LONGEST:].lstrip())


def told(film: Film, moment: Moment, story: Story) -> str:
    """What happens at a moment, in a line. `story` is that of the moment."""
    if moment.growing:
        names = sorted({grown.candidate for grown in moment.growing})
        return f"{'Candidates' if len(names) > 1 else 'Candidate'} {', '.join(names)}: writing"
    if not moment.entry:
        return "Before the first entry."
    return told_of(film, moment.entry, story)


def told_of(film: Film, entry: int, story: Story) -> str:
    """What happened at an entry, in a line. `story` is the one after it."""
    event = film.reel.events[entry - 1]
    match event:
        case Unknown(type=name):
            return f"{one_line(name, 60)}: made by a newer version of the program."
        case TextEdited(removed=removed, put=put, how=how):
            word = _HOW.get(how, "Changed")
            if how == "replaced" and not removed.empty:
                return f"{word}: {said(removed.text)} by {said(put.text) if not put.empty else 'nothing'}"
            return f"{word}: {tail(put.text) if not put.empty else said(removed.text)}"
        case TextPlaced(put=put, placement=placement, removed=removed):
            over = "" if removed.empty else f", in place of {said(removed.text)}"
            return f"Placed{_source(placement)}: {said(put.text)}{over}"
        case HeadMoved(why=why):
            return f"{_MOVED.get(why, 'Went to another step of the history')}{_moved(film, entry)}."
        case RoundAsked(round=number, kind=kind, recipes=recipes, instruction=instruction):
            where = asking.place_of(story, story.round(number))
            wish = f": {said(instruction)}" if instruction.strip() else ""
            return f"Round {number} was asked for {where}: {kind}, {counted(len(recipes), 'candidate')}{wish}"
        case CandidateGrew(candidate=name, text=text, channel=channel):
            return f"Candidate {name} {'wrote' if channel == 'text' else 'thought'}: {tail(text)}"
        case CandidateEnded(candidate=name, ending=ending):
            words = f": {one_line(ending.why, LONGEST)}" if ending.why else "."
            return f"Candidate {name} {_ENDED.get(ending.kind, ending.kind)}{words}"
        case MarkMade(mark=number, candidate=name, start=start, end=end, pieces=pieces):
            text = " ".join(span.text for row in pieces for span in row) or story.candidate(name).text[start:end]
            return f"Marked {f'in candidate {name}' if name else 'of the text'}: {said(text)}"
        case RemarkWritten(text=text, subject=subject):
            return f"Note on {one_line(subject, 40)}: {said(text)}" if text else "A note was taken back."
        case _:
            return _rest(event)


def _rest(event: object) -> str:
    """The same of what is told without looking at the story."""
    match event:
        case SessionCreated():
            return "The story was begun."
        case SessionOpened():
            return "The story was opened."
        case CaretRested():
            return "The writer left."
        case RequestRepacked(round=number, sent=sent):
            return f"Round {number}: less was sent{f', {one_line(sent.why, LONGEST)}' if sent.why else ''}."
        case RoundVeiled(round=number, order=order):
            return f"Round {number} {'is tasted blind' if order else 'is no longer blind'}."
        case TextWasThought(candidate=name):
            return f"Candidate {name}: what it wrote so far were thoughts."
        case MarksLifted(marks=marks, back=back):
            return f"{counted(len(marks), 'mark')} {'put back' if back else 'lifted'}."
        case MarksOrdered():
            return "The marks were put in another order."
        case SpliceEdited(candidate=name, paragraphs=rows):
            what = f"Candidate {name}" if name else "The splice"
            return f"{what} {'was edited before placing' if rows else 'is as it was again'}."
        case DraftsAsked(first=first, recipes=recipes):
            more = f" to {first + len(recipes) - 1}" if len(recipes) > 1 else ""
            return f"Draft{'s' if more else ''} {first}{more} asked for."
        case DraftsHalted(drafts=drafts, back=back):
            return f"{counted(len(drafts), 'draft')} {'went on' if back else 'stopped'}."
        case ContextShaped():
            return "What is sent to models was shaped anew."
        case TextCondensed(paraphrase=paraphrase):
            return f"Told in short: {said(paraphrase.text)}" if paraphrase.text else "A summary was taken back."
        case DetailsChanged(after=after):
            return f"The story's details were changed: {said(after.title or after.purpose or 'untitled')}"
        case BeatAdded(beat=beat):
            return f"Added to the outline: {said(beat.text.line)}"
        case BeatRemoved(beat=beat):
            return f"Taken out of the outline: {said(beat.text.line)}"
        case BeatEdited(before=before, after=after):
            if before.done != after.done:
                return f"{'Done' if after.done else 'Not done'}: {said(after.line)}"
            return f"Changed in the outline: {said(after.line)}"
        case BeatMoved():
            return "A part of the outline was moved."
        case BeatsPlaced(beats=beats, placement=placement):
            lines = " / ".join(beat.text.line for beat in beats)
            return f"Placed in the outline{_source(placement)}: {said(lines)}"
        case LinePlaced(after=after, placement=placement):
            return f"Placed in the outline{_source(placement)}: {said(after.line)}"
        case BlockAssigned():
            return "A paragraph was given to another part of the outline."
        case ShelfChanged(before=before, after=after):
            return "Kept on the shelf." if before is None else "Changed on the shelf." if after else "Off the shelf."
        case NoteChanged(before=gone_note, after=came_note):
            note = came_note or gone_note
            return f"Note {_swapped(gone_note, came_note)}: {said(note.name if note else '')}"
        case ExemplarChanged(before=gone, after=came):
            sample = came or gone
            return f"Exemplar {_swapped(gone, came)}: {said(sample.name if sample else '')}"
        case WordLearned(word=word, forgotten=forgotten):
            return f"Word {'forgotten' if forgotten else 'learned'}: {said(word)}"
        case _:
            return "Something else happened."


def _swapped(before: object | None, after: object | None) -> str:
    return "added" if before is None else "taken off" if after is None else "changed"


def _source(placement: Placement) -> str:
    names = ", ".join(placement.candidates)
    if not names:
        return ""
    pieces = f"{counted(len(placement.marks), 'marked piece')} of " if placement.marks else ""
    return f", {pieces}candidate{'s' if len(placement.candidates) > 1 else ''} {names}"


def _moved(film: Film, entry: int) -> str:
    changes = film.reel.moved_text(entry)
    if not changes:
        return ""
    change, gone = changes[-1]
    text = change.put.text or change.removed.text
    more = f", and {counted(len(changes) - 1, 'other')}" if len(changes) > 1 else ""
    return f": {said(text)}{' is gone' if gone and change.put.text else ''}{more}"


# where


@dataclass(frozen=True)
class Trace:
    """What the last change did to the text: it stands in [start:end), or went from `start`; in a few words, what it was."""

    start: Position
    end: Position
    words: str


def trace(film: Film, entry: int, text: Manuscript) -> Trace | None:
    """Where the text changed last at an entry; None if that is nowhere. `text` is that of the entry."""
    at = film.touches[entry]
    if not at:
        return None
    event = film.reel.events[at - 1]
    now = at == entry
    match event:
        case TextEdited(how=how):
            words = f"{_HOW.get(how, 'changed').lower()} here" if now else "changed last"
            found = _left(event.at, event.put, text)
        case TextPlaced(placement=placement):
            words = f"placed{_source(placement)}" if now else "placed last"
            found = _left(event.at, event.put, text)
        case BlockAssigned(block=block):
            if block not in text:
                return None
            words = "given to another part of the outline"
            found = Position(block, 0), Position(block, length(text.block(block).spans))
        case HeadMoved(why=why):
            changes = film.reel.moved_text(at)
            if not changes:
                return trace(film, at - 1, text)
            change, gone = changes[-1]
            words = {"undo": "undone here", "redo": "done again here"}.get(why, "the text went on from here")
            found = _left(change.at, change.removed if gone else change.put, text)
        case _:
            return None
    start, end = found
    if not (text.holds(start) and text.holds(end)) or START in (start, end):
        return Trace(text.first, text.first, words) if len(text) else None
    return Trace(start, end, words)


def _left(at: Position, put: Fragment, text: Manuscript) -> tuple[Position, Position]:
    """From where to where a fragment stands that was put at a place."""
    end = put.end(at)
    if put.rest and not put.head:
        return Position(put.rest[0].id, 0), end
    return at, end
