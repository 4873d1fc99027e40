"""What the drafts screen shows: rows and cells of a table, how far drafts are, and the words for it. Pure.

Cells are looked at one by one when they are asked for; of all together only counts are kept. It picks, asks for and paints nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from composer.errors import RefusedError
from composer.story.candidate import Candidate, CellTarget, DraftTarget, Receipt, Round, candidate_id, round_of
from composer.story.draft import Cell, CellState, Draft, Way
from composer.story.events import BeatAdded, BeatEdited, BeatRemoved, BeatsPlaced, Change
from composer.story.outline import Beat, Outline
from composer.story.story import Mark, Story
from composer.text.clean import one_line
from composer.ui.helping import help_of
from composer.ui.keymap import chord
from composer.ui.phrases import counted
from composer.ui.signs import Signs
from composer.ui.widgets import recipes
from composer.ui.widgets.state import Counts

WAYS: dict[Way, str] = {
    "own": "own: each sees its own text so far",
    "manuscript": "manuscript: each sees the manuscript where it has text",
    "summaries": "summaries: each sees nothing but the outline's lines",
    "whole": "whole: all in one answer",
}
"""The ways to write drafts, as the box has them."""
GONE = "not in the outline any more"
DIVIDED = "with beats below by now"
_FIRST = 400
"""Characters of a cell from which its first words are shown."""
_RANGE = re.compile(r"(\d+)(?:\s*[-–]\s*(\d*))?")


# rows

RowKind = Literal["beat", "heading", "line", "divided", "gone"]
"""A beat with its cells; one with beats below, which has none; words between rows; and beats that are written no more, with the
cells that they have: for beats are below them by now, or they are not in the outline."""


@dataclass(frozen=True)
class Row:
    """A line of the table. `number` is the beat's place among the leaves, from 1, or 0; `depth` is that in the outline."""

    kind: RowKind
    beat: str
    text: str
    number: int = 0
    depth: int = 0

    @property
    def has_cells(self) -> bool:
        return self.kind not in ("heading", "line")


def rows_of(
    outline: Outline, celled: Iterable[str], names: Callable[[Collection[str]], Mapping[str, str]]
) -> list[Row]:
    """The rows: the outline as it stands, then beats that are written no more but have cells. `celled` are the beats with cells.

    `names` tells the lines of beats that are not in the outline.
    """
    rows: list[Row] = []
    divided: dict[str, Row] = {}
    leaves: set[str] = set()
    for row in outline.rows():
        beat = row.beat
        if beat.below:
            rows.append(Row("heading", beat.id, beat.text.line, 0, row.depth))
            divided[beat.id] = Row("divided", beat.id, beat.text.line)
        else:
            rows.append(Row("beat", beat.id, beat.text.line, row.number, row.depth))
            leaves.add(beat.id)
    rest = [beat for beat in dict.fromkeys(celled) if beat not in leaves]
    if split := [divided[beat] for beat in rest if beat in divided]:
        rows += [Row("line", "", DIVIDED), *split]
    if taken_out := [beat for beat in rest if beat not in divided]:
        named = names(taken_out)
        rows += [Row("line", "", GONE), *(Row("gone", beat, named.get(beat, "")) for beat in taken_out)]
    return rows


def lines_of(changes: Iterable[Change], beats: Collection[str]) -> dict[str, str]:
    """The lines that beats had when they were last heard of, by the changes of a story in the order made."""
    wanted = frozenset(beats)
    found: dict[str, str] = {}

    def take(row: Iterable[Beat]) -> None:
        for beat in row:
            if beat.id in wanted:
                found[beat.id] = beat.text.line
            take(beat.below)

    for change in changes:
        match change:
            case BeatAdded(beat=beat) | BeatRemoved(beat=beat):
                take((beat,))
            case BeatsPlaced(beats=placed):
                take(placed)
            case BeatEdited(beat=name, after=after) if name in wanted:
                found[name] = after.line
            case _:
                pass
    return found


# picks

Place = tuple[int, str]
"""A cell by its draft's number and its beat."""


def picks_of(story: Story, beat_of: Callable[[str, int], str]) -> dict[Place, list[tuple[int, Mark]]]:
    """The marks of the splice that are of drafts, by cell, each with its number in the splice.

    `beat_of` tells the beat of a draft's candidate at a character.
    """
    found: dict[Place, list[tuple[int, Mark]]] = {}
    for number, mark in enumerate(story.splice, 1):
        if not mark.candidate:
            continue
        target = story.round(round_of(mark.candidate)).target
        if not isinstance(target, CellTarget | DraftTarget):
            continue
        beat = beat_of(mark.candidate, mark.start) or beat_of(mark.candidate, mark.end - 1)
        if beat:
            found.setdefault((target.draft, beat), []).append((number, mark))
    return found


def extent(cell: Cell) -> tuple[int, int]:
    """The characters [start:end) of a cell's candidate without the white space around them."""
    text = cell.text
    left = len(text) - len(text.lstrip())
    return cell.start + left, cell.start + max(left, len(text.rstrip()))


def is_picked_whole(cell: Cell, marks: Sequence[tuple[int, Mark]]) -> bool:
    """Whether a cell is picked as it stands, in one piece."""
    start, end = extent(cell)
    return len(marks) == 1 and (marks[0][1].candidate, marks[0][1].start, marks[0][1].end) == (
        cell.candidate.id,
        start,
        end,
    )


# cells


@dataclass(frozen=True)
class Face:
    """What the table shows of a cell: a sign with its style, its words (below 0 for none to be told), its first words.

    `said` stands in place of them. `pieces` is how many marks it has; `whole` says that it is picked as it stands.
    """

    sign: str
    style: str
    words: int = -1
    text: str = ""
    said: str = ""
    pieces: int = 0
    whole: bool = False


def thinks(candidate: Candidate) -> bool:
    """Whether nothing but thoughts has come yet."""
    return candidate.ending is None and bool(candidate.reasoning) and len(candidate.text) <= candidate.begun


def shown_words(cell: Cell, count: int) -> int:
    """The words that are told of a cell: while it writes by tens, so that the line is not sent again with every word."""
    return count // 10 * 10 if cell.candidate.ending is None else count


_STYLES: dict[CellState, str] = {
    "done": "good",
    "writing": "waiting",
    "cut": "waiting",
    "stopped": "bad",
    "failed": "bad",
}


def sign_of(state: CellState, signs: Signs) -> tuple[str, str]:
    """The sign of a cell's state, and the name of its style."""
    sign = {"none": "·", "waiting": signs.ellipsis, "writing": signs.writing, "done": signs.done, "cut": signs.cut}
    return sign.get(state, signs.failed), _STYLES.get(state, "dim")


def face_of(
    cell: Cell | None, wanted: bool, marks: Sequence[tuple[int, Mark]], count: Callable[[Cell], int], signs: Signs
) -> Face:
    """A cell as the table shows it; `wanted` says that it is to be written, where there is none yet."""
    pieces = len(marks)
    if cell is None:
        return Face("·" if wanted or pieces else " ", "dim", pieces=pieces)
    sign, style = sign_of(cell.state, signs)
    whole = is_picked_whole(cell, marks)
    if not cell.text.strip():
        said = "thinking" if thinks(cell.candidate) else "waiting" if cell.candidate.ending is None else cell.state
        return Face(sign, style, said="" if said == "none" else said, pieces=pieces, whole=whole)
    first = " ".join(cell.text[:_FIRST].split())
    return Face(sign, style, shown_words(cell, count(cell)), first, pieces=pieces, whole=whole)


def state_words(cell: Cell, words: int, wait: str, signs: Signs) -> str:
    """How a cell is, in a few words behind its sign; `wait` is why nothing comes, empty where that is not known."""
    candidate, sign = cell.candidate, sign_of(cell.state, signs)[0]
    ending, told = candidate.ending, f"{shown_words(cell, words):,} w"
    if ending is None:
        if cell.text.strip():
            return f"{sign} {told} " + (f"· {wait}" if wait else f"{signs.ellipsis}writing")
        return f"{sign} {wait or ('thinking' if thinks(candidate) else 'waiting for its first word')}"
    if cell.state in ("done", "cut"):
        lacks = " · may lack its end" if ending.suspect else ""
        return f"{sign} {told}{' · cut' if cell.state == 'cut' else ''}{lacks}"
    return f"{sign} {'nothing came' if cell.state == 'none' else cell.state}{f' · {told} kept' if words else ''}"


# how far drafts are


@dataclass(frozen=True)
class Known:
    """What is kept of a cell."""

    state: CellState
    words: int
    candidate: str

    @property
    def open(self) -> bool:
        return self.state in ("waiting", "writing")

    @property
    def ended(self) -> bool:
        return self.state in ("done", "cut")


@dataclass(frozen=True)
class Figures:
    """How far a draft is: cells that have ended of those that are wanted, words, cells on their way, and one that failed."""

    ended: int = 0
    wanted: int = 0
    words: int = 0
    open: int = 0
    failed: str = ""
    """The candidate of the first cell that failed; empty if none did."""


class Cells:
    """The cells of one run of drafts, counted. What has ended is looked at again only when something new was asked for."""

    def __init__(self, drafts: Sequence[Draft], cell: Callable[[int, str], Cell | None]) -> None:
        """`cell` is what a draft has for a beat."""
        self.wanted = {draft.number: frozenset(draft.beats) for draft in drafts}
        """The beats of each draft, by its number."""
        self.beats: dict[str, None] = {}
        """The beats that any of the drafts has a cell for, in the order first seen."""
        self._in_order = drafts[0].beats if drafts else ()
        self._cell = cell
        self._counts = Counts()
        self._known: dict[Place, Known] = {}
        self._open: dict[Place, None] = {}
        self._seen = 0
        self._leaves: Collection[str] = frozenset()
        self._sums = {number: _Sum() for number in self.wanted}

    def look(self, story: Story, leaves: Collection[str]) -> None:
        """Take in what came since the last look. `leaves` are the beats of the outline with none below, the same object while they are."""
        if leaves is not self._leaves:
            self._leaves = leaves
            self._sums = {number: _Sum(len(beats & frozenset(leaves))) for number, beats in self.wanted.items()}
            for place, known in self._known.items():
                self._add(place, known, 1)
        fresh = dict(self._open)
        for number in range(self._seen, len(story.rounds)):
            target = story.rounds[number].target
            if isinstance(target, CellTarget) and target.draft in self.wanted:
                fresh[target.draft, target.beat] = None
            elif isinstance(target, DraftTarget) and target.draft in self.wanted:
                fresh |= dict.fromkeys((target.draft, beat) for beat in self._in_order)
        self._seen = len(story.rounds)
        for place in fresh:
            self._look_at(place)

    def _look_at(self, place: Place) -> None:
        cell = self._cell(*place)
        if cell is None:
            return
        known, before = Known(cell.state, self.words(cell), cell.candidate.id), self._known.get(place)
        if before is not None:
            self._add(place, before, -1)
        self._add(place, known, 1)
        self._known[place] = known
        if known.open:
            self._open[place] = None
        else:
            self._open.pop(place, None)
        self.beats.setdefault(place[1])

    def _add(self, place: Place, known: Known, sign: int) -> None:
        """Count a cell, or with -1 no more."""
        number, beat = place
        if beat not in self._leaves:
            return
        add = self._sums[number]
        # What was asked for besides counts where it is.
        add.wanted += sign * (beat not in self.wanted[number])
        add.ended += sign * known.ended
        add.words += sign * known.words
        add.open += sign * known.open
        if known.state == "failed":
            if sign > 0:
                add.failed[beat] = known.candidate
            else:
                add.failed.pop(beat, None)

    @property
    def celled(self) -> list[str]:
        """The beats with cells, in the order that the drafts were asked for them; those that were asked for later at the end."""
        return list(dict.fromkeys([*(beat for beat in self._in_order if beat in self.beats), *self.beats]))

    def words(self, cell: Cell) -> int:
        """The words of a cell."""
        return self._counts.of(f"{cell.draft} {cell.beat} {cell.candidate.id}", cell.text)

    def open_beats(self, draft: int) -> list[str]:
        """The beats of which a cell of that draft is on its way."""
        return [beat for number, beat in self._open if number == draft]

    def figures(self, draft: int) -> Figures:
        """How far the draft with that number is, of the beats that the outline has now."""
        known = self._sums[draft]
        words = known.words // 10 * 10 if known.open else known.words
        return Figures(known.ended, known.wanted, words, known.open, next(iter(known.failed.values()), ""))


@dataclass
class _Sum:
    """Of one draft, as in `Figures`; `failed` are candidates by beat."""

    wanted: int = 0
    ended: int = 0
    words: int = 0
    open: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """What stands above a column: what the draft is made with, and how far it is, in words from the longest to the shortest."""

    name: str
    sign: str
    style: str
    forms: tuple[str, ...]


def head_of(draft: Draft, name: str, works: bool, trouble: str, figures: Figures, signs: Signs) -> Head:
    """The head of a draft's column. `trouble` is why it does not go on, empty if it is not known or not so."""
    how = f"{figures.ended}/{figures.wanted}"

    def made(sign: str, style: str, *words: str) -> Head:
        return Head(name, sign, style, (*(f"{word} {how}" for word in words), how, str(figures.ended)))

    if works or figures.open:
        return made(signs.writing, "waiting", "writing")
    if figures.ended >= figures.wanted:
        return made(signs.done, "good", "done")
    if draft.halted:
        return made(signs.failed, "bad", "stopped")
    if trouble:
        return Head(name, signs.failed, "bad", (one_line(trouble, 200), f"failed {how}", how, str(figures.ended)))
    return made(signs.cut, "waiting", "not finished", "unfinished")


def labels(drafts: Sequence[Draft], ellipsis: str) -> tuple[str, ...]:
    """What each draft is made with, as far as it tells them apart."""
    written = tuple(Candidate(candidate_id(1, at), draft.recipe) for at, draft in enumerate(drafts, 1))
    first = drafts[0].first if drafts else 1
    return recipes.labels(
        Round(1, "draft", DraftTarget(first), 0, "", (), Receipt(0, 0, 0, ()), written, 0, 0), ellipsis
    )


def models_of(drafts: Sequence[Draft]) -> str:
    """The model that writes drafts, or how many do."""
    named = {one_line(draft.recipe.model or draft.recipe.endpoint, 40) for draft in drafts}
    return next(iter(named)) if len(named) == 1 else f"{len(named)} models"


def numbers_of(drafts: Sequence[Draft]) -> str:
    """`1–5`."""
    first, last = drafts[0].number, drafts[-1].number
    return str(first) if first == last else f"{first}–{last}"


def titles(drafts: Sequence[Draft], run: int, runs: int) -> list[str]:
    """What the screen shows, long and short: the `run`-th of so many runs."""
    name = f"Draft{'s' if len(drafts) > 1 else ''} {numbers_of(drafts)}"
    way, model = drafts[0].way, models_of(drafts)
    instruction = one_line(drafts[0].instruction, 40)
    said = f"“{instruction}”" if instruction else ""
    which = f"run {run} of {runs}" if runs > 1 else ""
    forms = ((name, which, way, model, said), (name, which, way, model), (name, which, way), (name, way), (name,))
    return list(dict.fromkeys(" · ".join(part for part in form if part) for form in forms))


def totals(figures: Sequence[Figures], writing: int) -> list[str]:
    """How far all of it is, long and short."""
    ended, wanted = sum(each.ended for each in figures), sum(each.wanted for each in figures)
    words = f"{sum(each.words for each in figures):,} w"
    rest = f" · {writing} writing" if writing else ""
    return [
        f"{ended} of {counted(wanted, 'cell')} · {words}{rest}",
        f"{ended}/{wanted} · {words}{rest}",
        f"{ended}/{wanted}",
    ]


# asking


@dataclass(frozen=True)
class Wish:
    """How drafts are asked for, besides their recipes. `beats` is as it was typed; empty for those that the way is for."""

    way: Way = "own"
    instruction: str = ""
    beats: str = ""


def read_way(text: str) -> Way:
    """The way that a row of the box names, by its first letters. RefusedError if none does."""
    word = text.partition(":")[0].strip().lower()
    found = next((way for way in WAYS if word and way.startswith(word)), None)
    if found is None:
        raise RefusedError(f"“{one_line(text, 40)}” is no way to write drafts.", f"There are: {', '.join(WAYS)}.")
    return found


def read_beats(text: str, story: Story, way: Way) -> tuple[str, ...]:
    """The beats of `1-5, 7`, `all` or `empty`, in the order of the outline; with nothing those that the way is for.

    RefusedError where there are none, or no such ones.
    """
    leaves = [beat.id for beat in story.outline.leaves()]
    word = text.strip().lower()
    if word == "empty" or (not word and way == "manuscript"):
        told = {block.beat for block in story.manuscript if block.text.strip()}
        empty = tuple(beat for beat in leaves if beat not in told)
        if leaves and not empty:
            raise RefusedError("Each beat has text already.", f"{chord('round.box')} chooses which: all, or 1-5, 7.")
        return empty
    if word in ("", "all"):
        return tuple(leaves)
    chosen: set[int] = set()
    for part in re.split(r"[,;]|(?<=\d)\s+(?=\d)", word):
        if not part.strip():
            continue
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            raise RefusedError(
                f"“{one_line(part.strip(), 20)}” names no beats.",
                "Expected are numbers of the outline: 1-5, 7; or all; or empty.",
            )
        first = int(found[1])
        last = first if found[2] is None else int(found[2]) if found[2] else len(leaves)
        for number in (first, last):
            if not 1 <= number <= len(leaves):
                raise RefusedError(f"There is no beat {number}.", f"The outline has {counted(len(leaves), 'beat')}.")
        chosen.update(range(min(first, last), max(first, last) + 1))
    return tuple(beat for at, beat in enumerate(leaves, 1) if at in chosen)


def beats_hint(way: str) -> str:
    """What an empty row of beats stands for, by what stands in the row of the way, and what may be typed there."""
    try:
        usual = "those without text; or all" if read_way(way) == "manuscript" else "all; or empty: those without text"
    except RefusedError:
        usual = "as the way has it"
    return f"{usual}; or 1-5, 7 by number"


def will_write(drafts: int, beats: int) -> str:
    """`5 drafts of 6 beats`."""
    return f"{counted(drafts, 'draft')} of {counted(beats, 'beat')}"


# placing


@dataclass(frozen=True)
class Landing:
    """What placing all picks would do: how many go into how many beats, `behind` of which have text already.

    `stay` are those whose beats are not in the outline, `elsewhere` those of other drafts than the ones that are shown.
    """

    picks: int = 0
    beats: int = 0
    behind: int = 0
    stay: int = 0
    elsewhere: int = 0


def landing_words(landing: Landing) -> str:
    """What the key does that places all picks, in a sentence; empty if there are none."""
    if not landing.picks:
        stay = landing.stay
        return f"{counted(stay, 'pick')} can't be placed: {_gone(stay)}" if stay else ""
    said = [f"{chord('drafts.place')} places {counted(landing.picks, 'pick')} in {counted(landing.beats, 'beat')}"]
    if landing.behind:
        which = (
            f"{landing.behind} of these"
            if landing.behind < landing.beats
            else "all of these"
            if landing.beats > 1
            else "it"
        )
        have = "have" if landing.behind > 1 else "has"
        said.append(f"{which} {have} text already: picks go behind it")
    if landing.elsewhere:
        said.append(f"{counted(landing.elsewhere, 'pick')} of other drafts among them")
    if landing.stay:
        said.append(f"{landing.stay} stay{'s' if landing.stay == 1 else ''}: {_gone(landing.stay)}")
    return "; ".join(said)


def placed_words(landing: Landing) -> str:
    """What was done, in a sentence."""
    done = f"{counted(landing.picks, 'pick')} placed in {counted(landing.beats, 'beat')}; {chord('undo')} takes all of it back."
    if landing.stay:
        done += f" {counted(landing.stay, 'pick')} stay{'s' if landing.stay == 1 else ''}: {_gone(landing.stay)}."
    return done


def _gone(count: int) -> str:
    return "its beat is not in the outline any more" if count == 1 else "their beats are not in the outline any more"


# help


def help_in_drafts(signs: Signs, edges: tuple[str, str], width: int) -> str:
    """The keys of the drafts, and what is drawn there, in lines of `width` cells. `edges` stand around a cell that is picked."""
    return help_of(
        "drafts",
        [
            (signs.here, "the cursor: its row, its draft and its cell"),
            (signs.done, "written to its end; above a column: all of that draft is"),
            (signs.writing, "writing"),
            (signs.ellipsis, "asked for; no word has come yet"),
            (signs.cut, "cut at its length; above a column: a draft that lacks cells"),
            (signs.failed, "stopped or failed; what came is kept"),
            ("·", "not written yet"),
            (f"{edges[0]} {edges[1]}", "around a cell that is picked, all of it or in pieces (pcs)"),
            (signs.paragraph, "where it is narrow: the beat has text in the manuscript"),
        ],
        f"{chord('round.ask')} begins new drafts as they were asked for last; {chord('round.box')} asks how first. No letter asks for text but {chord('cell.again')}.",
        "Drafts go on being written while you are elsewhere, and when the story is opened again, unless you stopped them.",
        "",
        "Words",
        "  draft          a run through the outline by one model at one temperature, a cell for each beat",
        "  cell           what a draft has for a beat",
        "  pick           a cell, or sentences of it, that is to go into the text; the same as a mark in the candidates",
        "  own            a way to write drafts: each cell sees what the same draft has for the beats before",
        "  manuscript     each sees the manuscript where it has text, else the same draft",
        "  summaries      each sees nothing but the outline's lines, and all are written side by side",
        "  whole          all beats in one answer, which is divided",
        width=width,
    )
