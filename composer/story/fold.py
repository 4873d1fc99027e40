"""What each event does to a story. `witness` folds facts, `apply` a change, `unapply` its inverse.

Pure and total over well-formed journals; an event that contradicts the story raises ValueError, KeyError or IndexError, which
the journal turns into an error for people. It never decides whether something may happen: that is the actions' work.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, assert_never

from msgspec import structs

from composer.story.candidate import Candidate, Round, candidate_id, round_of
from composer.story.draft import Draft
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
    Change,
    ContextShaped,
    DetailsChanged,
    DraftsAsked,
    DraftsHalted,
    ExemplarChanged,
    Fact,
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
from composer.story.story import Mark, Remark, SpliceEdit, Story

T = TypeVar("T")

_EDITS = 99
"""How many edited splices are kept at hand besides the newest."""


def witness(story: Story, fact: Fact, entry: int = 0, time: int = 0) -> Story:
    """The story after a fact that stands in the journal as `entry`, written at `time` (ms since 1970)."""
    match fact:
        case SessionCreated():
            return story
        case SessionOpened():
            return replace(story, opened=entry)
        case CaretRested(at=at):
            return replace(story, caret=at, rested=entry)
        case RoundAsked():
            if fact.round != len(story.rounds) + 1:
                raise ValueError(f"round {fact.round} does not follow round {len(story.rounds)}")
            stem = story.candidate(fact.stem.candidate).origins(0, fact.stem.length) if fact.stem else ()
            begun = fact.stem.length + len(fact.stem.word) if fact.stem else 0
            candidates = tuple(
                Candidate(candidate_id(fact.round, number), recipe, stem=stem, begun=begun)
                for number, recipe in enumerate(fact.recipes, 1)
            )
            asked = Round(
                number=fact.round,
                kind=fact.kind,
                target=fact.target,
                head=fact.head,
                instruction=fact.instruction,
                messages=fact.messages,
                receipt=fact.receipt,
                candidates=candidates,
                entry=entry,
                time=time,
                base=fact.base,
                marks=fact.marks,
                stood=fact.stood,
                others=fact.others,
                stem=fact.stem,
            )
            return replace(story, rounds=story.rounds.append(asked))
        case RequestRepacked(round=number, sent=sent):
            asked = story.round(number)
            if not set(sent.numbers) <= {candidate.number for candidate in asked.candidates}:
                raise ValueError(f"{sent.numbers} are no candidates of round {number}")
            left = (structs.replace(each, numbers=_without(each.numbers, sent.numbers)) for each in asked.others)
            changed = structs.replace(asked, others=(*(each for each in left if each.numbers), sent))
            return replace(story, rounds=story.rounds.exchange(number - 1, changed))
        case ContextShaped(shape=shape):
            return replace(story, shape=shape)
        case TextCondensed(paraphrase=paraphrase):
            older = tuple(each for each in story.paraphrases if each.digest != paraphrase.digest)
            return replace(story, paraphrases=(*older, paraphrase) if paraphrase.text else older)
        case DraftsAsked(first=first, recipes=recipes):
            if first != len(story.drafts) + 1:
                raise ValueError(f"draft {first} does not follow draft {len(story.drafts)}")
            made = (
                Draft(number, recipe, fact.beats, fact.way, fact.instruction, first)
                for number, recipe in enumerate(recipes, first)
            )
            return replace(story, drafts=(*story.drafts, *made))
        case DraftsHalted(drafts=numbers, back=back):
            if not set(numbers) <= {draft.number for draft in story.drafts}:
                raise ValueError(f"{numbers} are no drafts")
            drafts = tuple(
                structs.replace(draft, halted=not back) if draft.number in numbers else draft for draft in story.drafts
            )
            return replace(story, drafts=drafts)
        case RoundVeiled(round=number, order=order):
            asked = story.round(number)
            if order and sorted(order) != list(range(len(asked.candidates))):
                raise ValueError(f"{order} is no order of the candidates of round {number}")
            return replace(story, rounds=story.rounds.exchange(number - 1, structs.replace(asked, veil=order)))
        case CandidateGrew(candidate=name, offset=offset, text=text):
            candidate = story.candidate(name)
            grown = candidate.text if fact.channel == "text" else candidate.reasoning
            if len(grown) != offset:
                raise ValueError(f"candidate {name} has {len(grown)} characters, not {offset}")
            if fact.channel == "text":
                return _with_candidate(story, structs.replace(candidate, text=grown + text))
            return _with_candidate(story, structs.replace(candidate, reasoning=grown + text))
        case TextWasThought(candidate=name, length=length):
            candidate = story.candidate(name)
            if length != len(candidate.text) or candidate.ending is not None:
                raise ValueError(f"candidate {name} has not just {length} characters of thought")
            thoughts = candidate.reasoning + candidate.text
            return _with_candidate(story, structs.replace(candidate, text="", reasoning=thoughts, stem=(), begun=0))
        case CandidateEnded(candidate=name, ending=ending):
            candidate = story.candidate(name)
            if candidate.ending is not None:
                raise ValueError(f"candidate {name} ended twice")
            return _with_candidate(story, structs.replace(candidate, ending=ending))
        case MarkMade():
            if fact.mark != len(story.marks) + 1:
                raise ValueError(f"mark {fact.mark} does not follow mark {len(story.marks)}")
            if not fact.pieces:
                story.candidate(fact.candidate)
            mark = Mark(fact.mark, fact.candidate, fact.start, fact.end, fact.pieces)
            return replace(story, marks=story.marks.append(mark))
        case MarksLifted(marks=numbers, back=back):
            marks = story.marks
            for number in numbers:
                marks = marks.exchange(number - 1, structs.replace(marks[number - 1], lifted=not back))
            return replace(story, marks=marks)
        case MarksOrdered(order=order):
            return replace(story, mark_order=order)
        case SpliceEdited(marks=numbers, candidate=name, paragraphs=paragraphs):
            # One edit for each splice, and few of them: those of splices that will not come again need not be kept at hand.
            others_kept = tuple(edit for edit in story.edits if (edit.marks, edit.candidate) != (numbers, name))[
                -_EDITS:
            ]
            if not paragraphs:
                return replace(story, edits=others_kept)
            return replace(story, edits=(*others_kept, SpliceEdit(paragraphs, numbers, name)))
        case RemarkWritten():
            others = tuple(remark for remark in story.remarks if remark.number != fact.remark)
            if not fact.text:
                return replace(story, remarks=others)
            remark = Remark(fact.remark, fact.subject, fact.text, fact.for_readers)
            return replace(story, remarks=(*others, remark))
        case _:
            assert_never(fact)


def _without(numbers: tuple[int, ...], gone: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(number for number in numbers if number not in gone)


def _with_candidate(story: Story, candidate: Candidate) -> Story:
    number = round_of(candidate.id)
    asked = story.round(number)
    at = candidate.number - 1
    row = (*asked.candidates[:at], candidate, *asked.candidates[at + 1 :])
    return replace(story, rounds=story.rounds.exchange(number - 1, structs.replace(asked, candidates=row)))


def apply(story: Story, change: Change) -> Story:
    """The story after a change."""
    match change:
        case DetailsChanged(after=after):
            return replace(story, details=after)
        case BeatAdded(slot=slot, beat=beat):
            return replace(story, outline=story.outline.add(slot, beat))
        case BeatRemoved(slot=slot):
            return replace(story, outline=story.outline.remove(slot))
        case BeatEdited(beat=name, after=text):
            return replace(story, outline=story.outline.edit(name, text))
        case BeatMoved(source=source, target=target):
            return replace(story, outline=story.outline.move(source, target))
        case BeatsPlaced(slot=slot, beats=beats, placement=placement):
            outline = story.outline
            for at, beat in enumerate(beats):
                outline = outline.add(structs.replace(slot, index=slot.index + at), beat)
            return replace(story, outline=outline, placements=(*story.placements, placement))
        case LinePlaced(beat=name, after=text, placement=placement):
            outline = story.outline.edit(name, text)
            return replace(story, outline=outline, placements=(*story.placements, placement))
        case TextEdited(at=at, removed=removed, put=put):
            return replace(story, manuscript=story.manuscript.exchange(at, removed, put))
        case TextPlaced(at=at, removed=removed, put=put, placement=placement):
            return replace(
                story,
                manuscript=story.manuscript.exchange(at, removed, put),
                placements=(*story.placements, placement),
            )
        case BlockAssigned(block=block, after=owner):
            return replace(story, manuscript=story.manuscript.assign(block, owner))
        case ShelfChanged(index=index, before=piece, after=other):
            return replace(story, shelf=_swap(story.shelf, index, piece, other))
        case NoteChanged(index=index, before=note, after=new_note):
            return replace(story, notes=_swap(story.notes, index, note, new_note))
        case ExemplarChanged(index=index, before=sample, after=new_sample):
            return replace(story, exemplars=_swap(story.exemplars, index, sample, new_sample))
        case WordLearned(word=word, forgotten=forgotten):
            return _with_word(story, word, known=not forgotten)
        case _:
            assert_never(change)


def unapply(story: Story, change: Change) -> Story:
    """The story before a change that is the newest one in it."""
    match change:
        case DetailsChanged(before=before):
            return replace(story, details=before)
        case BeatAdded(slot=slot):
            return replace(story, outline=story.outline.remove(slot))
        case BeatRemoved(slot=slot, beat=beat):
            return replace(story, outline=story.outline.add(slot, beat))
        case BeatEdited(beat=name, before=text):
            return replace(story, outline=story.outline.edit(name, text))
        case BeatMoved(source=source, target=target):
            return replace(story, outline=story.outline.move(target, source))
        case BeatsPlaced(slot=slot, beats=beats):
            outline = story.outline
            for _ in beats:
                outline = outline.remove(slot)
            return replace(story, outline=outline, placements=story.placements[:-1])
        case LinePlaced(beat=name, before=text):
            return replace(story, outline=story.outline.edit(name, text), placements=story.placements[:-1])
        case TextEdited(at=at, removed=removed, put=put):
            return replace(story, manuscript=story.manuscript.exchange(at, put, removed))
        case TextPlaced(at=at, removed=removed, put=put):
            return replace(
                story,
                manuscript=story.manuscript.exchange(at, put, removed),
                placements=story.placements[:-1],
            )
        case BlockAssigned(block=block, before=owner):
            return replace(story, manuscript=story.manuscript.assign(block, owner))
        case ShelfChanged(index=index, before=piece, after=other):
            return replace(story, shelf=_swap(story.shelf, index, other, piece))
        case NoteChanged(index=index, before=note, after=new_note):
            return replace(story, notes=_swap(story.notes, index, new_note, note))
        case ExemplarChanged(index=index, before=sample, after=new_sample):
            return replace(story, exemplars=_swap(story.exemplars, index, new_sample, sample))
        case WordLearned(word=word, forgotten=forgotten):
            return _with_word(story, word, known=forgotten)
        case _:
            assert_never(change)


def _with_word(story: Story, word: str, *, known: bool) -> Story:
    if (word in story.words) == known:
        raise ValueError(f"{word!r} is {'known' if known else 'not known'} already")
    return replace(story, words=story.words | {word} if known else story.words - {word})


def _swap(row: tuple[T, ...], index: int, before: T | None, after: T | None) -> tuple[T, ...]:
    """The row with `before` at `index` (nothing, if None) exchanged for `after` (nothing, if None)."""
    gone = 0 if before is None else 1
    if before is not None and (index >= len(row) or row[index] != before):
        raise ValueError(f"what should change is not at place {index}")
    return (*row[:index], *(() if after is None else (after,)), *row[index + gone :])
