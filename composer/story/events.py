"""Everything that can happen to a story: frozen, in the past tense, and complete enough to replay without asking anyone.

Facts happened and stay: rounds, candidates, marks, remarks, openings. They have no parent and fold in the order of the file.
Changes can be undone: details, outline, text, shelf, notes. They hold what they took away, so that each has an inverse.
A head move says which change is the newest one now; it is about the writer, not the story, and is never folded.

To add one: here, its case in `fold`, an action in `actions`, its line in the journal's codec.
"""

from __future__ import annotations

from msgspec import Struct

from composer.story.candidate import Channel, Ending, Message, Receipt, Recipe, RoundKind, Sent, Stem, Target
from composer.story.draft import Way
from composer.story.manuscript import Fragment, Position
from composer.story.outline import Beat, BeatText, Slot
from composer.story.shape import Shape
from composer.story.spans import Spans
from composer.story.story import Details, Exemplar, Note, Paraphrase, Placement, ShelfPiece


class SessionCreated(Struct, frozen=True):
    """The first entry of every session."""

    id: str
    program: str


class SessionOpened(Struct, frozen=True):
    """A process opened the session for writing."""

    program: str


class CaretRested(Struct, frozen=True):
    """The writer left, with the caret there."""

    at: Position


class RoundAsked(Struct, frozen=True):
    """Candidates were asked for. `head` is the entry of the newest change at that moment, 0 for none.

    `base` is the text that they are to change, where there is one. `marks` are those whose pieces it joins, where it does not
    stand in the manuscript; then `stood` is what stands in the place of it. `others` is what some candidates were sent in
    place of `messages`; `stem` is what all of them go on from.
    """

    round: int
    kind: RoundKind
    target: Target
    head: int
    instruction: str
    recipes: tuple[Recipe, ...]
    messages: tuple[Message, ...]
    receipt: Receipt
    base: tuple[Spans, ...] = ()
    marks: tuple[int, ...] = ()
    stood: tuple[Spans, ...] = ()
    others: tuple[Sent, ...] = ()
    stem: Stem | None = None


class RequestRepacked(Struct, frozen=True):
    """Some candidates of a round were sent something else in place of what the server would not take."""

    round: int
    sent: Sent


class ContextShaped(Struct, frozen=True):
    """The writer set how contexts are made from now on."""

    shape: Shape


class TextCondensed(Struct, frozen=True):
    """A stretch of earlier text was told in few words, by a model or by the writer; with no text the summary is taken back."""

    paraphrase: Paraphrase


class DraftsAsked(Struct, frozen=True):
    """Drafts of these beats were asked for, in this order, one for each recipe; `first` is the number of the first of them."""

    first: int
    recipes: tuple[Recipe, ...]
    beats: tuple[str, ...]
    way: Way
    instruction: str = ""


class DraftsHalted(Struct, frozen=True):
    """The writer stopped these drafts, or with `back` has them go on."""

    drafts: tuple[int, ...]
    back: bool = False


class RoundVeiled(Struct, frozen=True):
    """A round's candidates are tasted blind, in that order (their places, from 0); with no order they are shown again."""

    round: int
    order: tuple[int, ...]


class CandidateGrew(Struct, frozen=True):
    """New text of a candidate: `text` stands at `offset`. `pace` tells it as it came: (ms since the last, characters)."""

    candidate: str
    offset: int
    text: str
    channel: Channel = "text"
    pace: tuple[tuple[int, int], ...] = ()


class TextWasThought(Struct, frozen=True):
    """The first `length` characters of a candidate's text turned out to be thoughts: all of it so far, and nothing uses it."""

    candidate: str
    length: int


class CandidateEnded(Struct, frozen=True):
    """A candidate's one ending."""

    candidate: str
    ending: Ending


class MarkMade(Struct, frozen=True):
    """A piece of a candidate was marked; or with `pieces` text that is no one candidate's, as paragraphs."""

    mark: int
    candidate: str
    start: int
    end: int
    pieces: tuple[Spans, ...] = ()


class MarksLifted(Struct, frozen=True):
    """Marks were taken back, or with `back` put back."""

    marks: tuple[int, ...]
    back: bool = False


class MarksOrdered(Struct, frozen=True):
    """The splice was given an order; marks made later come behind."""

    order: tuple[int, ...]


class SpliceEdited(Struct, frozen=True):
    """The splice of those marks, or without marks that candidate, was changed before placing; no paragraphs: as it was."""

    marks: tuple[int, ...]
    candidate: str
    paragraphs: tuple[Spans, ...]


class RemarkWritten(Struct, frozen=True):
    """The writer noted something on a candidate, a beat or a moment; empty text takes the remark back."""

    remark: int
    subject: str
    text: str
    for_readers: bool = False


class DetailsChanged(Struct, frozen=True):
    before: Details
    after: Details


class BeatAdded(Struct, frozen=True):
    slot: Slot
    beat: Beat


class BeatRemoved(Struct, frozen=True):
    """The beat and those below it were taken out; their text stays."""

    slot: Slot
    beat: Beat


class BeatEdited(Struct, frozen=True):
    beat: str
    before: BeatText
    after: BeatText


class BeatMoved(Struct, frozen=True):
    """`target` is a slot of the outline without the beat."""

    source: Slot
    target: Slot


class BeatsPlaced(Struct, frozen=True):
    """Lines of candidates came into the outline as beats: one behind the other, from `slot` on."""

    slot: Slot
    beats: tuple[Beat, ...]
    placement: Placement


class LinePlaced(Struct, frozen=True):
    """A line of a candidate became what a beat says."""

    beat: str
    before: BeatText
    after: BeatText
    placement: Placement


class TextEdited(Struct, frozen=True):
    """The writer changed the text: at `at`, `removed` went and `put` came. `how`: typed, deleted, cut, pasted, replaced, imported."""

    at: Position
    removed: Fragment
    put: Fragment
    how: str


class TextPlaced(Struct, frozen=True):
    """A candidate or splice came into the text."""

    at: Position
    removed: Fragment
    put: Fragment
    placement: Placement


class BlockAssigned(Struct, frozen=True):
    """A paragraph was given to another beat."""

    block: str
    before: str
    after: str


class ShelfChanged(Struct, frozen=True):
    """A piece came to the shelf (no `before`), left it (no `after`) or changed; `index` is its place there."""

    index: int
    before: ShelfPiece | None
    after: ShelfPiece | None


class NoteChanged(Struct, frozen=True):
    """A note came, went or changed, as on the shelf."""

    index: int
    before: Note | None
    after: Note | None


class ExemplarChanged(Struct, frozen=True):
    """An exemplar came, went or changed, as on the shelf."""

    index: int
    before: Exemplar | None
    after: Exemplar | None


class WordLearned(Struct, frozen=True):
    """A word was added to the session's own; with `forgotten` it was taken from them."""

    word: str
    forgotten: bool = False


class HeadMoved(Struct, frozen=True):
    """The change with entry `to` is the newest one now; 0 is before the first. `why`: undo, redo, jump."""

    to: int
    why: str


Fact = (
    SessionCreated
    | SessionOpened
    | CaretRested
    | RoundAsked
    | RequestRepacked
    | ContextShaped
    | TextCondensed
    | DraftsAsked
    | DraftsHalted
    | RoundVeiled
    | CandidateGrew
    | TextWasThought
    | CandidateEnded
    | MarkMade
    | MarksLifted
    | MarksOrdered
    | SpliceEdited
    | RemarkWritten
)
Change = (
    DetailsChanged
    | BeatAdded
    | BeatRemoved
    | BeatEdited
    | BeatMoved
    | BeatsPlaced
    | LinePlaced
    | TextEdited
    | TextPlaced
    | BlockAssigned
    | ShelfChanged
    | NoteChanged
    | ExemplarChanged
    | WordLearned
)
Event = Fact | Change


def rows_put(change: Change) -> tuple[Spans, ...]:
    """The rows of text that a change put into the story, with their origins."""
    match change:
        case TextEdited(put=put) | TextPlaced(put=put):
            return put.pieces
        case ShelfChanged(after=after):
            return after.paragraphs if after else ()
        case _:
            return ()
