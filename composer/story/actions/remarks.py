"""Notes of the writer on a moment of the making, on a candidate or on a beat: facts, which undo skips. Shown beside the story, never in it.

A subject names its thing in a word or two: `entry 12`, `candidate 7.1`, `beat x4f…`.
"""

from __future__ import annotations

from composer.errors import RefusedError
from composer.story.events import RemarkWritten
from composer.story.story import Remark, Story

LONGEST = 2000
"""Characters of a remark."""


def entry_subject(entry: int) -> str:
    """The moment right after that entry of the journal."""
    return f"entry {entry}"


def entry_of(subject: str) -> int | None:
    """The entry whose moment a subject names; None if it names something else."""
    kind, _, number = subject.partition(" ")
    return int(number) if kind == "entry" and number.isascii() and number.isdigit() and len(number) < 16 else None


def candidate_subject(candidate: str) -> str:
    return f"candidate {candidate}"


def beat_subject(beat: str) -> str:
    return f"beat {beat}"


def remarks_on(story: Story, subject: str) -> tuple[Remark, ...]:
    """What was noted on that thing, the oldest first."""
    return tuple(sorted((each for each in story.remarks if each.subject == subject), key=lambda each: each.number))


def remark(
    story: Story, subject: str, text: str, *, for_readers: bool = False, number: int = 0
) -> tuple[RemarkWritten, ...]:
    """A new note, or with `number` that one changed; with no text it is taken back. Nothing where nothing would change."""
    text = text.strip()
    if len(text) > LONGEST:
        raise RefusedError(
            f"A note may have {LONGEST:,} characters, and this one has {len(text):,}.", "Make it shorter, or make two."
        )
    if not number:
        number = 1 + max((each.number for each in story.remarks), default=0)
        return (RemarkWritten(number, subject, text, for_readers),) if text else ()
    before = next((each for each in story.remarks if each.number == number), None)
    if before is None:
        raise RefusedError("That note was taken back already.")
    after = Remark(number, before.subject, text, for_readers)
    return () if after == before else (RemarkWritten(number, before.subject, text, for_readers),)
