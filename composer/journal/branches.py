"""The tree of changes for showing: a row for each step with its branch, and what a step put into the text and took out of it.

It goes by the tree and the events alone: it moves no head, changes no story, and knows no screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, assert_never

from msgspec import Struct
from msgspec.structs import replace

from composer.journal.tree import ROOT, Tree
from composer.story.events import (
    BeatAdded,
    BeatEdited,
    BeatMoved,
    BeatRemoved,
    BeatsPlaced,
    BlockAssigned,
    Change,
    DetailsChanged,
    ExemplarChanged,
    LinePlaced,
    NoteChanged,
    ShelfChanged,
    TextEdited,
    TextPlaced,
    WordLearned,
)
from composer.story.manuscript import Fragment, Manuscript, Position
from composer.story.outline import Beat, BeatText, Outline
from composer.story.spans import length, text_of
from composer.story.story import Details
from composer.text.clean import one_line

LONGEST = 160
"""Characters of a row's text at the most."""
NONE = -1
"""Stands for a change where there is none, not even the root."""

What = Literal[
    "nothing", "typed", "deleted", "cut", "pasted", "replaced", "imported", "changed", "placed", "beat", "outline",
    "shelf", "note", "exemplar", "details", "word",
]  # fmt: skip
"""What a step did. `changed` is a text edit of a kind that is not named here, `beat` gives a paragraph to another beat."""

_HOW: dict[str, What] = {
    "typed": "typed",
    "deleted": "deleted",
    "cut": "cut",
    "pasted": "pasted",
    "replaced": "replaced",
    "imported": "imported",
}


class Row(Struct, frozen=True):
    """A step: changes that follow one another and are taken back together. The root is a row of its own.

    A step is two rows where the head or a branch parts it.
    """

    seq: int
    """Its newest change, ROOT for the root: where the head is when the step holds and nothing after it does."""
    first: int
    """Its oldest change."""
    before: int
    """The change before it; NONE for the root."""
    time: int
    """Of its newest change, in ms since 1970; 0 for the root."""
    what: What
    text: str
    """What was typed, placed, taken out or named, on one clean line; an outline or a shelf says first what was done."""
    depth: int
    """Its column: 0 for the line that the head is on, with what redo would bring back; a branch is one further than its line."""
    fork: int
    """The `seq` of the row behind which its branch begins; NONE in column 0."""
    on_path: bool
    """Whether it holds now: it lies on the way from the root to the head."""
    is_head: bool
    forks: int
    """How many branches begin behind it."""

    @property
    def begins(self) -> bool:
        """Whether it is the first step of its branch."""
        return self.depth > 0 and self.before == self.fork


def rows(tree: Tree) -> tuple[Row, ...]:
    """All steps, the newest of the head's line first, the root last. A branch stands right above the row where it begins.

    Of several branches that begin in one place the newest stands on top.
    """
    behind: dict[int, list[int]] = {}
    for seq, node in tree.nodes.items():
        behind.setdefault(node.parent, []).append(seq)
    path = {ROOT, *tree.up(tree.head)}
    made: list[Row] = []
    waiting: list[tuple[int, int, int, Outline]] = []

    def go_on(seq: int, depth: int, fork: int, outline: Outline) -> int:
        """Put what follows in line, to be made the branches first, the oldest of them first; how many those are."""
        following = behind.get(seq, [])
        if following:
            main = tree.next[seq]
            waiting.append((main, depth, fork, outline))
            waiting.extend((other, depth + 1, seq, outline) for other in reversed(following) if other != main)
        return max(0, len(following) - 1)

    count = go_on(ROOT, 0, NONE, Outline())
    made.append(Row(ROOT, ROOT, NONE, 0, "nothing", "nothing yet", 0, NONE, True, tree.head == ROOT, count))
    while waiting:
        first, depth, fork, outline = waiting.pop()
        node = tree.nodes[first]
        parent, step = node.parent, node.step
        changes = [node.change]
        seq, time = first, node.time
        while seq != tree.head and len(following := behind.get(seq, [])) == 1:
            node = tree.nodes[following[0]]
            if node.step != step:
                break
            seq, time = following[0], node.time
            changes.append(node.change)
        what, text, outline = _told(changes, outline)
        count = go_on(seq, depth, fork, outline)
        made.append(Row(seq, first, parent, time, what, text, depth, fork, seq in path, seq == tree.head, count))
    made.reverse()
    return tuple(made)


def changes_of(tree: Tree, row: Row) -> list[Change]:
    """The changes of a row, oldest first; none for the root."""
    found: list[Change] = []
    for seq in tree.up(row.seq):
        found.append(tree.nodes[seq].change)
        if seq == row.first:
            break
    found.reverse()
    return found


# in words


def _told(changes: Sequence[Change], outline: Outline) -> tuple[What, str, Outline]:
    """What a step did, in a line, and the outline after it."""
    edits: list[TextEdited] = []
    placed: list[TextPlaced] = []
    others: list[tuple[What, str]] = []
    for change in changes:
        if isinstance(change, TextEdited):
            edits.append(change)
        elif isinstance(change, TextPlaced):
            placed.append(change)
        else:
            what, text, outline = _other(change, outline)
            others.append((what, text))
    if placed:
        return "placed", _flat(" ".join(change.put.text for change in placed)), outline
    if edits:
        what, text = _edited(edits)
        return what, text, outline
    what, text = others[0]
    more = len(others) - 1
    return what, _flat(text) + (f", and {more} more" if more else ""), outline


def _edited(edits: Sequence[TextEdited]) -> tuple[What, str]:
    """Edits of one step: what they put, without what they took out of it again; else what they took out."""
    how = _HOW.get(edits[0].how, "changed")
    if edits[0].how == "replaced":
        old, new = _flat(edits[0].removed.text), _flat(edits[0].put.text)
        count = f", {len(edits)} places" if len(edits) > 1 else ""
        return how, f"“{old}” with {f'“{new}”' if new else 'nothing'}{count}"
    put = gone = ""
    taking = how
    last: Position | None = None
    for edit in edits:
        removed = edit.removed.text
        if removed and put.endswith(removed):
            put = put[: -len(removed)]
        elif removed:
            backwards = last is not None and last.block == edit.at.block and edit.at.offset < last.offset
            gone = removed + gone if backwards else gone + removed
            taking = _HOW.get(edit.how, "changed")
        put += edit.put.text
        last = edit.at
    if put:
        return (how if how not in ("deleted", "cut") else "typed"), _flat(put)
    if gone:
        return (taking if taking in ("deleted", "cut", "changed") else "deleted"), _flat(gone)
    return how, "nothing that stayed"


def _other(
    change: DetailsChanged | BeatAdded | BeatRemoved | BeatEdited | BeatMoved | BeatsPlaced | LinePlaced | BlockAssigned
    | ShelfChanged | NoteChanged | ExemplarChanged | WordLearned,
    outline: Outline,
) -> tuple[What, str, Outline]:  # fmt: skip
    """What a change to something else than the text did, and the outline after it."""
    match change:
        case DetailsChanged(before=before, after=after):
            return "details", _details(before, after), outline
        case BeatAdded(slot=slot, beat=beat):
            return "outline", f"added: {_line(beat)}", outline.add(slot, beat)
        case BeatRemoved(slot=slot, beat=beat):
            return "outline", f"taken out: {_line(beat)}", outline.remove(slot)
        case BeatEdited(beat=name, before=old, after=new):
            return "outline", _rewritten(old, new), outline.edit(name, new)
        case BeatMoved(source=source, target=target):
            moved = outline.below(source.parent)[source.index]
            return "outline", f"moved: {_line(moved)}", outline.move(source, target)
        case BeatsPlaced(slot=slot, beats=picked):
            for at, beat in enumerate(picked):
                outline = outline.add(replace(slot, index=slot.index + at), beat)
            more = f", and {len(picked) - 1} more" if len(picked) > 1 else ""
            return "outline", f"picked: {_line(picked[0]) if picked else 'nothing'}{more}", outline
        case LinePlaced(beat=name, before=old, after=new):
            return "outline", _rewritten(old, new), outline.edit(name, new)
        case BlockAssigned(after=name):
            owner = outline.find(name) if name else None
            return "beat", f"a paragraph to: {_line(owner)}" if owner else "a paragraph to no beat", outline
        case ShelfChanged(before=gone, after=kept):
            piece = kept or gone
            text = " ".join(text_of(row) for row in piece.paragraphs) if piece else ""
            return "shelf", f"{_swapped('kept', gone, kept)}: {text}", outline
        case NoteChanged(before=gone_note, after=note):
            named = note or gone_note
            return "note", f"{_swapped('added', gone_note, note)}: {named.name if named else ''}", outline
        case ExemplarChanged(before=gone_sample, after=sample):
            chosen = sample or gone_sample
            return "exemplar", f"{_swapped('added', gone_sample, sample)}: {chosen.name if chosen else ''}", outline
        case WordLearned(word=word, forgotten=forgotten):
            return "word", f"{'forgotten' if forgotten else 'learned'}: {word}", outline
        case _:
            assert_never(change)


def _swapped(came: str, before: object | None, after: object | None) -> str:
    if before is None:
        return came
    return "taken off" if after is None else "changed"


def _line(beat: Beat) -> str:
    return beat.text.line or "a beat without words"


def _rewritten(old: BeatText, new: BeatText) -> str:
    line = new.line or old.line or "a beat without words"
    if old.done != new.done and old.line == new.line:
        return f"{'done' if new.done else 'not done'}: {line}"
    return f"edited: {line}"


def _details(old: Details, new: Details) -> str:
    """The details that changed, with what they are now."""
    changed = [name for name in Details.__struct_fields__ if getattr(old, name) != getattr(new, name)]
    return ", ".join(f"{name}: {getattr(new, name) or 'none'}" for name in changed) or "as they were"


def _flat(text: str) -> str:
    """Text on one clean line; white space alone is named."""
    # What is cut off here could not be shown; white space that is joined may leave a line shorter than it could be.
    line = one_line(text[: 4 * LONGEST], LONGEST)
    if not line and text:
        return "a new paragraph" if "\n" in text else "a space"
    return line


# in the text


class Run(NamedTuple):
    """Text of a paragraph that a step `kept` or `put`, or that was there before and is `gone`. A line feed is a paragraph's end."""

    kind: Literal["kept", "put", "gone"]
    text: str


def traced(before: Manuscript, changes: Iterable[Change]) -> dict[str, tuple[Run, ...]]:
    """What changes did to the paragraphs of `before`, by block id: each that is there after them and is not as it was.

    What is kept and put is the paragraph's text after the changes; what is gone stands where it stood. A paragraph that one
    was split off to, with no text put there, begins with a line feed that was put. What is gone before the first paragraph is
    under the empty id. A paragraph that was given to another beat is all kept. ValueError or KeyError if they don't fit.
    """
    trace = _Trace(before)
    for change in changes:
        if isinstance(change, TextEdited | TextPlaced):
            trace.exchange(change.at, change.removed, change.put)
        elif isinstance(change, BlockAssigned):
            trace.give(change.block)
    return trace.result()


class _Trace:
    """Paragraphs as runs, while changes are applied to them."""

    def __init__(self, before: Manuscript) -> None:
        self._before = before
        self._lines: dict[str, list[Run]] = {}
        self._fresh: set[str] = set()
        self._given: set[str] = set()

    def runs(self, block: str) -> list[Run]:
        known = self._lines.get(block)
        if known is None:
            known = self._lines[block] = [Run("kept", self._before.block(block).text)] if block else []
        return known

    def give(self, block: str) -> None:
        """The paragraph went to another beat."""
        self.runs(block)
        self._given.add(block)

    def exchange(self, at: Position, removed: Fragment, put: Fragment) -> None:
        left, right = _parted(self.runs(at.block), at.offset)
        taken, right = _parted(right, length(removed.head))
        for block in removed.rest:
            if block.id not in self._fresh:
                taken.append(Run("kept", "\n"))
            inner, right = _parted(self.runs(block.id), length(block.spans))
            taken += inner
            del self._lines[block.id]
        home = left + [Run("gone", text) for kind, text in taken if kind != "put"]
        if put.head:
            home.append(Run("put", text_of(put.head)))
        self._lines[at.block] = home
        for block in put.rest:
            self._lines[block.id] = home = [Run("put", block.text)] if block.spans else []
            self._fresh.add(block.id)
        home += right

    def result(self) -> dict[str, tuple[Run, ...]]:
        found: dict[str, tuple[Run, ...]] = {}
        for block, line in self._lines.items():
            tidy = _tidy(line)
            if block in self._fresh and not any(run.kind == "put" for run in tidy):
                tidy = (Run("put", "\n"), *tidy)
            if block in self._given or any(run.kind != "kept" for run in tidy):
                found[block] = tidy
        return found


def _parted(line: list[Run], offset: int) -> tuple[list[Run], list[Run]]:
    """Runs before and after a place. What is gone right there goes before it, so that what is put there comes behind."""
    left: list[Run] = []
    for number, run in enumerate(line):
        if run.kind == "gone":
            left.append(run)
            continue
        if offset < len(run.text):
            if offset:
                left.append(Run(run.kind, run.text[:offset]))
            return left, [Run(run.kind, run.text[offset:]), *line[number + 1 :]]
        left.append(run)
        offset -= len(run.text)
    if offset:
        raise ValueError(f"a paragraph is {offset} characters too short")
    return left, []


def _tidy(line: list[Run]) -> tuple[Run, ...]:
    """Neighbours of one kind joined, and between what is kept first all that is gone, then all that was put."""
    tidy: list[Run] = []
    texts = {"gone": "", "put": ""}

    def close() -> None:
        if texts["gone"]:
            tidy.append(Run("gone", texts["gone"]))
        if texts["put"]:
            tidy.append(Run("put", texts["put"]))
        texts["gone"] = texts["put"] = ""

    for kind, text in line:
        if kind != "kept":
            texts[kind] += text
        elif text:
            close()
            if tidy and tidy[-1].kind == "kept":
                tidy[-1] = Run("kept", tidy[-1].text + text)
            else:
                tidy.append(Run("kept", text))
    close()
    return tuple(tidy)
