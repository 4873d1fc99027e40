"""What an entry did, in a sentence for readers. It tells nothing but what the page shows at that moment, and numbers."""

from __future__ import annotations

from collections.abc import Container, Sequence

from composer.journal.codec import Record
from composer.journal.showing.readers import Readers
from composer.story.candidate import RoundKind
from composer.story.events import (
    BeatAdded,
    BeatEdited,
    BeatMoved,
    BeatRemoved,
    BeatsPlaced,
    CandidateEnded,
    DetailsChanged,
    DraftsAsked,
    DraftsHalted,
    HeadMoved,
    LinePlaced,
    MarkMade,
    MarksLifted,
    MarksOrdered,
    RoundAsked,
    SessionOpened,
    ShelfChanged,
    SpliceEdited,
    TextEdited,
    TextPlaced,
)
from composer.story.manuscript import Fragment
from composer.story.story import Placement, Story
from composer.text.clean import one_line
from composer.text.words import count_words

AIMS: dict[RoundKind, str] = {
    "continue": "to go on with the text",
    "fill": "to fill a place in the text",
    "rework": "to write a passage anew",
    "polish": "to polish a passage",
    "smooth": "to smooth the joins",
    "outline": "for an outline",
    "expand": "for smaller beats",
    "summary": "for the line of a beat",
    "draft": "for a draft",
    "condense": "to tell earlier text in few words",
}
"""What a round was asked for."""

_ENDED = {"finished": "came to its end", "cut": "was cut at its length", "cancelled": "was stopped", "failed": "failed"}
_HOW = {
    "typed": "Typed",
    "deleted": "Deleted",
    "cut": "Cut",
    "pasted": "Pasted",
    "replaced": "Replaced",
    "imported": "Imported",
}


def say(happened: Record, story: Story, known: Container[str], readers: Readers) -> str:
    """The sentence for an entry, `story` being the one after it; empty where there is nothing to tell."""
    match happened:
        case RoundAsked():
            beat = story.outline.find(story.round(happened.round).beat)
            where = f" (“{one_line(beat.text.line, 80)}”)" if beat and beat.text.line else ""
            asked = number(len(happened.recipes), "candidate")
            return f"Round {happened.round} asks for {asked}, {AIMS[happened.kind]}{where}."
        case CandidateEnded(candidate=name, ending=ending):
            return f"Candidate {name} {_ENDED[ending.kind]}." if name in known else ""
        case MarkMade(candidate=name):
            if not name:
                return "A piece of earlier text was marked."
            return f"A piece of {_candidate(name, known)} was marked."
        case MarksLifted(marks=marks, back=back):
            return f"{number(len(marks), 'mark')} {'put back' if back else 'lifted'}."
        case MarksOrdered():
            return "The marked pieces were put in another order."
        case SpliceEdited():
            return "What was picked was changed by hand before it was placed."
        case TextPlaced(placement=placement, removed=removed):
            gone = _size(removed)
            return f"Placed: {_placed(placement, known)}{f', in place of {gone}' if gone else ''}."
        case BeatsPlaced(placement=placement, beats=beats):
            return f"Into the outline came {number(len(beats), 'beat')}, from {_placed(placement, known)}."
        case LinePlaced(placement=placement):
            return f"A beat has a new line, from {_placed(placement, known)}."
        case TextEdited(how=how, removed=removed, put=put):
            came, gone = _size(put), _size(removed)
            told = f"{came} in place of {gone}" if came and gone else came or gone or "a line break"
            return f"{_HOW.get(how, 'Changed') if came or not gone else 'Deleted'} {told}."
        case BeatAdded(beat=beat):
            return f"A beat was added{_quoted(beat.text.line)}"
        case BeatEdited(after=after):
            return f"A beat was changed{_quoted(after.line)}"
        case BeatRemoved():
            return "A beat was taken out of the outline."
        case BeatMoved():
            return "A beat was moved."
        case DetailsChanged():
            return "Title, author or purpose were changed."
        case HeadMoved(why=why):
            return {"undo": "Undone.", "redo": "Done again."}.get(why, "Went to another branch of the story.")
        case DraftsAsked(recipes=recipes, beats=told):
            return f"{number(len(recipes), 'draft')} of {number(len(told), 'beat')} asked for."
        case DraftsHalted(drafts=drafts, back=back):
            return f"{number(len(drafts), 'draft')} {'went on' if back else 'stopped'}."
        case ShelfChanged(before=before, after=after) if readers.shelf:
            return (
                "Kept on the shelf."
                if before is None
                else "A piece on the shelf changed."
                if after
                else "Taken from the shelf."
            )
        case SessionOpened():
            return "The session was opened."
        case _:
            return ""


def number(count: int, thing: str) -> str:
    """`1 beat`, `2 beats`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _quoted(line: str) -> str:
    """The line behind a colon; the end of the sentence either way."""
    told = one_line(line, 80)
    stop = "" if told.endswith((".", "!", "?", "…")) else "."
    return f": “{told}”{stop}" if told else "."


def _candidate(name: str, known: Container[str]) -> str:
    return f"candidate {name}" if name in known else "a model's text"


def _placed(placement: Placement, known: Container[str]) -> str:
    """What a placement used, in words."""
    named: Sequence[str] = [name for name in dict.fromkeys(placement.candidates) if name in known]
    where = ("candidate " if len(named) == 1 else "candidates ") + " and ".join(named) if named else "models' text"
    return f"{number(len(placement.marks), 'marked piece')} of {where}" if placement.marks else where


def _size(fragment: Fragment) -> str:
    words = count_words(fragment.text)
    if words:
        return number(words, "word")
    return number(len(fragment.text.strip("\n")), "sign") if fragment.text.strip("\n") else ""
