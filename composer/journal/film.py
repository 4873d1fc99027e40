"""A journal as a film: when each entry happens as it is played, what has streamed in between, and what kind of entry it is.

Time is in ms of the film: waits in which nothing happened are cut to `idle`, all else takes as long as it took. Candidates stream as
they did: an entry that says what came of one also says at which pace. It draws nothing, and has no clock.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Literal, NamedTuple

from composer.journal.codec import Record
from composer.journal.replay import Reel
from composer.story.actions.remarks import entry_of
from composer.story.candidate import round_of
from composer.story.events import (
    BeatAdded,
    BeatEdited,
    BeatMoved,
    BeatRemoved,
    BeatsPlaced,
    BlockAssigned,
    CandidateEnded,
    CandidateGrew,
    DetailsChanged,
    DraftsAsked,
    HeadMoved,
    LinePlaced,
    MarkMade,
    MarksLifted,
    MarksOrdered,
    RemarkWritten,
    RequestRepacked,
    RoundAsked,
    RoundVeiled,
    SpliceEdited,
    TextEdited,
    TextPlaced,
    TextWasThought,
)
from composer.story.fold import witness
from composer.story.story import Remark, Story

IDLE = 2000
"""Ms to which a wait is cut in which nothing happened."""

Sort = Literal["round", "stream", "mark", "placed", "edited", "outline", "undo", "note", "other"]
"""What an entry is about: a request, an answer as it comes, picking, text or lines placed, text edited by hand, …"""


def sort_of(happened: Record) -> Sort:
    match happened:
        case RoundAsked() | DraftsAsked():
            return "round"
        case CandidateGrew() | CandidateEnded() | TextWasThought():
            return "stream"
        case MarkMade() | MarksLifted() | MarksOrdered() | SpliceEdited():
            return "mark"
        case TextPlaced() | BeatsPlaced() | LinePlaced():
            return "placed"
        case TextEdited():
            return "edited"
        case BeatAdded() | BeatRemoved() | BeatEdited() | BeatMoved() | DetailsChanged():
            return "outline"
        case HeadMoved():
            return "undo"
        case RemarkWritten():
            return "note"
        case _:
            return "other"


class Moment(NamedTuple):
    """A moment of the film: the newest entry, 0 for none, and what of the entries behind it has streamed in by then."""

    entry: int
    growing: tuple[CandidateGrew, ...] = ()


class Film:
    """A reel with its times. `times[n]` is when entry n happens, in ms of the film; entry 0 and the first one are at 0."""

    def __init__(self, reel: Reel, idle: int = IDLE) -> None:
        """`idle` is in ms."""
        self.reel = reel
        self.idle = idle
        self.sorts: list[Sort] = [sort_of(happened) for happened in reel.events]
        """Of entry n at n - 1."""
        self.entries_of: dict[Sort, list[int]] = {}
        """The entries of each sort, in order."""
        for number, sort in enumerate(self.sorts, 1):
            self.entries_of.setdefault(sort, []).append(number)
        self.touches: list[int] = [0]
        """The newest entry up to n that changed the text or moved the head, at n; 0 for none."""
        self.named: list[str] = [""]
        """The candidate that mattered last at entry n, at n: the one that wrote, was marked or placed; the first of a new round."""
        self.written: dict[int, int] = {}
        """The last entry in which a candidate of a round wrote or ended, by the number of the round."""
        self._follow()
        entries = reel.entries
        count = len(entries)
        self._flushes = [count] * count
        """Of entry n at n - 1: the last entry that was written with it."""
        for at in range(count - 2, -1, -1):
            self._flushes[at] = self._flushes[at + 1] if entries[at + 1].time == entries[at].time else at + 1
        self.times: list[int] = self._timed()

    def recut(self, idle: int) -> Film:
        """The same film with other waits."""
        made = copy(self)
        made.idle = idle
        made.times = made._timed()
        return made

    def _timed(self) -> list[int]:
        entries = self.reel.entries
        times = [0]
        now = 0
        for at in range(len(entries)):
            gap = max(0, entries[at].time - entries[at - 1].time) if at else 0
            if gap:
                busy = min(gap, self._busy(at)) if gap > self.idle else 0
                now += busy + min(self.idle, gap - busy)
            times.append(now)
        return times

    def _follow(self) -> None:
        """Note at every entry where text changed last, and whose text mattered last."""
        marks: dict[int, str] = {}
        touched, name = 0, ""
        for number, happened in enumerate(self.reel.events, 1):
            if isinstance(happened, TextEdited | TextPlaced | HeadMoved | BlockAssigned):
                touched = number
            if isinstance(happened, MarkMade):
                marks[happened.mark] = happened.candidate
            if isinstance(happened, CandidateGrew | CandidateEnded):
                self.written[round_of(happened.candidate)] = number
            name = _named(happened, marks) or name
            self.touches.append(touched)
            self.named.append(name)

    def __len__(self) -> int:
        return len(self.reel)

    @property
    def length(self) -> int:
        """Ms of the whole film."""
        return self.times[-1]

    def _waits(self, grown: CandidateGrew) -> list[tuple[int, int]]:
        """The pace of a text with its waits cut."""
        return [(min(wait, self.idle), characters) for wait, characters in grown.pace]

    def _begun(self, at: int, grown: CandidateGrew) -> int:
        """When a text began to come that is in the entry with index `at`, in ms of the film."""
        return self.times[at + 1] - sum(wait for wait, _ in self._waits(grown))

    def _busy(self, at: int) -> int:
        """Ms before the entry with index `at` in which text of it, or of entries written with it, streamed in."""
        return max((sum(wait for wait, _ in self._waits(grown)) for _, grown in self._coming(at)), default=0)

    def entry_at(self, ms: float) -> int:
        """The newest entry that has happened by then; 0 before the first."""
        return bisect_right(self.times, ms, lo=1) - 1 if ms >= 0 else 0

    def moment(self, ms: float) -> Moment:
        """What has happened by then."""
        entry = self.entry_at(ms)
        return Moment(entry, tuple(self._growing(entry, ms)))

    def _growing(self, entry: int, ms: float) -> Iterator[CandidateGrew]:
        for at, happened in self._coming(entry):
            came = 0
            moment = self._begun(at, happened)
            for wait, characters in self._waits(happened):
                moment += wait
                if moment > ms:
                    break
                came += characters
            if came:
                yield CandidateGrew(happened.candidate, happened.offset, happened.text[:came], happened.channel)

    def _coming(self, entry: int) -> Iterator[tuple[int, CandidateGrew]]:
        """What of the entries behind `entry` that were written together has streamed in over time, with their indexes.

        Text that streamed in is written before anything that happened then.
        """
        for at in range(entry, self._flushes[entry] if entry < len(self) else entry):
            happened = self.reel.events[at]
            if not (isinstance(happened, CandidateGrew) and happened.pace):
                return
            yield at, happened

    def following(self, ms: float) -> int | None:
        """When something happens next, in ms of the film; None if nothing does any more."""
        entry = self.entry_at(ms)
        if entry >= len(self):
            return None
        best = self.times[entry + 1]
        for at, happened in self._coming(entry):
            moment = self._begun(at, happened)
            for wait, _ in self._waits(happened):
                moment += wait
                if moment > ms:
                    best = min(best, moment)
                    break
        return best

    def story(self, moment: Moment) -> Story:
        """The story at a moment."""
        story = self.reel.story(moment.entry)
        for grown in moment.growing:
            story = witness(story, grown)
        return story

    def beside(self, entry: int, by: int, sorts: Sequence[Sort] = ()) -> int | None:
        """The next entry from `entry` in the direction `by` (1 or -1), of those sorts if any are named; None if there is none."""
        if not sorts:
            return entry + by if 1 <= entry + by <= len(self) else None
        found = [each for sort in sorts if (each := beside(self.entries_of.get(sort, ()), entry, by)) is not None]
        return (min(found) if by > 0 else max(found)) if found else None

    def remarks(self, remarks: Sequence[Remark] | None = None) -> dict[int, list[Remark]]:
        """The notes on moments as they are at the end, by the entry that they are on. A remark on another thing stands where it was written.

        With `remarks` those, which may be newer than the film.
        """
        found: dict[int, list[Remark]] = {}
        written: dict[int, int] = {}
        for number in self.entries_of.get("note", ()):
            happened = self.reel.events[number - 1]
            if isinstance(happened, RemarkWritten):
                written.setdefault(happened.remark, number)
        for remark in self.reel.story(len(self)).remarks if remarks is None else remarks:
            entry = entry_of(remark.subject)
            at = written.get(remark.number, len(self)) if entry is None else min(entry, len(self))
            found.setdefault(at, []).append(remark)
        return found


def beside(entries: Sequence[int], entry: int, by: int) -> int | None:
    """Of entries in order the next one behind `entry`, or with `by` below 0 the one before it; None if there is none."""
    at = bisect_right(entries, entry) if by > 0 else bisect_left(entries, entry) - 1
    return entries[at] if 0 <= at < len(entries) else None


def _named(happened: Record, marks: dict[int, str]) -> str:
    """The candidate that an entry is about; the first of a round that it is about; empty if it is about none."""
    match happened:
        case RoundAsked(round=number) | RoundVeiled(round=number) | RequestRepacked(round=number):
            return f"{number}.1"
        case CandidateGrew(candidate=name) | CandidateEnded(candidate=name) | TextWasThought(candidate=name):
            return name
        case MarkMade(candidate=name):
            return name
        case MarksLifted(marks=numbers) | MarksOrdered(order=numbers):
            return next((marks[number] for number in numbers if marks.get(number)), "")
        case SpliceEdited(marks=numbers, candidate=name):
            return name or next((marks[number] for number in numbers if marks.get(number)), "")
        case TextPlaced(placement=placement) | BeatsPlaced(placement=placement) | LinePlaced(placement=placement):
            return placement.candidates[0] if placement.candidates else ""
        case _:
            return ""


def round_at(film: Film, entry: int) -> int:
    """The number of the round that mattered last at an entry; 0 before the first."""
    name = film.named[entry]
    return round_of(name) if name else 0
