"""A journal as a film: when each entry happens as it is played, what has streamed in between, and what kind of entry it is.

Time is in ms of the film: waits in which nothing happened are cut to `idle`, all else takes as long as it took. Candidates stream as
they did: an entry that says what came of one also says at which pace. It draws nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from composer.journal.codec import Record
from composer.journal.replay import Reel
from composer.story.actions.remarks import entry_of
from composer.story.events import (
    BeatAdded,
    BeatEdited,
    BeatMoved,
    BeatRemoved,
    BeatsPlaced,
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
    RoundAsked,
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
        self.times: list[int] = [0]
        self._flushes: list[int] = []
        """Of entry n at n - 1: the last entry that was written with it."""
        entries = reel.entries
        count = len(entries)
        last = count
        flushes = [0] * count
        for at in range(count - 1, -1, -1):
            if at + 1 < count and entries[at + 1].time != entries[at].time:
                last = at + 1
            flushes[at] = last
        self._flushes = flushes
        now = 0
        for at in range(count):
            if at:
                gap = max(0, entries[at].time - entries[at - 1].time)
                busy = min(gap, self._busy(at)) if gap else 0
                now += busy + min(idle, gap - busy)
            self.times.append(now)

    def __len__(self) -> int:
        return len(self.reel)

    @property
    def length(self) -> int:
        """Ms of the whole film."""
        return self.times[-1]

    def _busy(self, at: int) -> int:
        """Ms before the entry with index `at` in which text of it, or of entries written with it, streamed in."""
        return max((sum(wait for wait, _ in grown.pace) for _, grown in self._coming(at)), default=0)

    def entry_at(self, ms: float) -> int:
        """The newest entry that has happened by then; 0 before the first."""
        return bisect_right(self.times, ms, lo=1) - 1 if ms >= 0 else 0

    def moment(self, ms: float) -> Moment:
        """What has happened by then."""
        entry = self.entry_at(ms)
        return Moment(entry, tuple(self._growing(entry, ms)))

    def _growing(self, entry: int, ms: float) -> list[CandidateGrew]:
        found = []
        for at, happened in self._coming(entry):
            came = 0
            moment: float = self.times[at + 1] - sum(wait for wait, _ in happened.pace)
            for wait, characters in happened.pace:
                moment += wait
                if moment > ms:
                    break
                came += characters
            if came:
                found.append(CandidateGrew(happened.candidate, happened.offset, happened.text[:came], happened.channel))
        return found

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
            moment = self.times[at + 1] - sum(wait for wait, _ in happened.pace)
            for wait, _ in happened.pace:
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
        at = entry + by
        while 1 <= at <= len(self):
            if not sorts or self.sorts[at - 1] in sorts:
                return at
            at += by
        return None

    def remarks(self) -> dict[int, list[Remark]]:
        """The notes on moments as they are at the end, by the entry that they are on. A remark on another thing stands where it was written."""
        found: dict[int, list[Remark]] = {}
        written = {
            event.remark: number for number, event in enumerate(self.reel.events, 1) if isinstance(event, RemarkWritten)
        }
        for remark in self.reel.story(len(self)).remarks:
            entry = entry_of(remark.subject)
            found.setdefault(written[remark.number] if entry is None else min(entry, len(self)), []).append(remark)
        return found
