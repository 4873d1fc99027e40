"""The text of a NovelAI document while its history is replayed: sections in an order, each with what its stretches came from.

A change gives what shows and how to take it back, so that a history of any shape is walked with one text. Positions are in
UTF-16 units. It knows no journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from composer.exchange.programs import loose
from composer.exchange.programs.quill import Change, Edit, Page, Place, as_units
from composer.exchange.taken import Tally

USER, AI, EDIT, INSTRUCTION = 1, 2, 3, 10
"""What a stretch came from: the writer, the model, the writer in the model's text, an instruction to the model."""
NOBODY, PROMPT = 0, -1
"""What a stretch came from that nobody tells, and one that the story began with."""
TEXT = 1
"""The type of a section that is text."""

Stretch = tuple[int, int, int]
"""[start, end) in units, and what it came from."""


class Run(NamedTuple):
    """Characters that came from one source."""

    text: str
    source: int


class Told(NamedTuple):
    """A change in the whole text, with the text that it put as runs."""

    change: Change
    runs: tuple[Run, ...]


class Section(NamedTuple):
    """A section as it stands. A page is changed in place: `page` is never one that is still needed elsewhere."""

    page: Page
    stretches: tuple[Stretch, ...]


class Sections:
    """All sections, by their ids as texts."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.order: list[str] = []
        self.by_id: dict[str, Section] = {}
        self._undo: list[list[tuple[str, int, Section | None]]] = []
        self._tall: set[str] = set()
        """Those that have more than one row."""

    @property
    def text(self) -> str:
        """All that shows."""
        return "\n".join(self.by_id[name].page.text for name in self.order)

    def copy(self, tally: Tally) -> Sections:
        """The same text, to be changed on its own."""
        made = Sections(tally)
        made.order, made.by_id, made._tall = list(self.order), dict(self.by_id), set(self._tall)
        return made

    def runs(self) -> Iterator[Run]:
        """All that shows, by what it came from. A line feed between two sections is of the second one's source."""
        for at, name in enumerate(self.order):
            section = self.by_id[name]
            runs = runs_of(section, 0, len(section.page.units), NOBODY)
            if at:
                yield Run("\n", runs[0].source if runs else NOBODY)
            yield from runs

    def add(self, name: str, section: Section) -> None:
        """Put a section behind the others."""
        self.order.append(name)
        self._set(name, section)

    # walking

    def change(self, changes: Any, nobody: int) -> list[Told]:
        """Make the changes of a step, and tell them. What comes from `nobody` knows whom is taken to be from that source.

        Texts are changed first, then sections come, each behind the one that it names, and at last sections go.
        """
        undo: list[tuple[str, int, Section | None]] = []
        self._undo.append(undo)
        found = [(name_of(key), loose.table(each)) for key, each in loose.table(changes).items()]
        told: list[Told] = []
        for name, each in found:
            if each.get("type") == 1:
                told += self._edit(name, loose.table(each.get("diff")), nobody, undo)
        for name, each in _in_order([pair for pair in found if pair[1].get("type") == 0], self.by_id):
            told += self._create(name, each, nobody, undo)
        for name, each in found:
            if each.get("type") == 2:
                told += self._remove(name, undo)
            elif each.get("type") not in (0, 1):
                self.tally.lost("changes of an unknown kind", "they are left out")
        return told

    def back(self) -> None:
        """Take the last step back that was made and not taken back."""
        for name, at, before in reversed(self._undo.pop()):
            if before is None:
                del self.order[at]
                self._set(name, None)
            else:
                if name not in self.by_id:
                    self.order.insert(at, name)
                self._set(name, before)

    # changes

    def _create(
        self, name: str, step: Mapping[str, Any], nobody: int, undo: list[tuple[str, int, Section | None]]
    ) -> list[Told]:
        section = section_of(step.get("section"))
        if name in self.by_id:
            self.tally.lost("sections that come twice", "the first one is kept")
            return []
        if section is None:
            self.tally.lost("sections that are no text", "only text is taken")
            section = Section(Page(), ())
        after = name_of(step.get("after"))
        at = len(self.order)
        if after in ("0", ""):
            at = 0 if after else at
        elif after in self.by_id:
            at = self.order.index(after) + 1
        else:
            self.tally.lost("sections whose place is not there", "they stand at the end")
        runs = runs_of(section, 0, len(section.page.units), nobody)
        text = "".join(run.text for run in runs)
        between = (Run("\n", runs[0].source if runs else nobody),)
        if not self.order:
            told = [Told(Change(Place(0, 0), "", text), runs)] if text else []
        elif at:
            place = self._end(at - 1)
            told = [Told(Change(place, "", "\n" + text), (*between, *runs))]
        else:
            told = [Told(Change(Place(0, 0), "", text + "\n"), (*runs, *between))]
        self.order.insert(at, name)
        self._set(name, section)
        undo.append((name, at, None))
        return told

    def _remove(self, name: str, undo: list[tuple[str, int, Section | None]]) -> list[Told]:
        if name not in self.by_id:
            self.tally.lost("changes of sections that are not there", "they are left out")
            return []
        at = self.order.index(name)
        text = self.by_id[name].page.text
        if len(self.order) == 1:
            told = [Told(Change(Place(0, 0), text, ""), ())] if text else []
        elif at:
            told = [Told(Change(self._end(at - 1), "\n" + text, ""), ())]
        else:
            told = [Told(Change(Place(0, 0), text + "\n", ""), ())]
        undo.append((name, at, self.by_id[name]))
        self._set(name, None)
        del self.order[at]
        return told

    def _edit(
        self, name: str, diff: Mapping[str, Any], nobody: int, undo: list[tuple[str, int, Section | None]]
    ) -> list[Told]:
        if name not in self.by_id:
            self.tally.lost("changes of sections that are not there", "they are left out")
            return []
        inner = loose.table(diff.get("diff")) or diff
        before = self.by_id[name]
        edits, fits = _edits(before.page.units, loose.row(inner.get("parts")))
        if not fits:
            self.tally.lost("changes that do not fit the text that they change", "they are made as far as they go")
        stretches = _with_deltas(before.stretches, _sources(diff.get("metas")))
        after = Section(Page(), stretches)
        after.page.take(before.page)
        at = self.order.index(name)
        row = self._row(at)
        undo.append((name, at, before))
        told = []
        for edit in edits:
            change = after.page.change(edit)
            if change is not None:
                runs = _runs_put(change, edit, after, nobody)
                told.append(Told(Change(Place(change.at.row + row, change.at.column), change.gone, change.put), runs))
        self._set(name, after)
        return told

    def _set(self, name: str, section: Section | None) -> None:
        self._tall.discard(name)
        if section is None:
            del self.by_id[name]
            return
        self.by_id[name] = section
        if section.page.feeds:
            self._tall.add(name)

    def _row(self, at: int) -> int:
        """The row that the `at`-th section begins in."""
        if not self._tall:
            return at
        return at + sum(self.by_id[name].page.feeds for name in self.order[:at] if name in self._tall)

    def _end(self, at: int) -> Place:
        """Where the `at`-th section ends."""
        page = self.by_id[self.order[at]].page
        end = page.place(len(page.units))
        return Place(end.row + self._row(at), end.column)


def name_of(value: Any) -> str:
    """An id as text; they are whole numbers, which may stand as fractions or texts."""
    if isinstance(value, str):
        return value
    number = loose.number(value)
    return str(int(number)) if number is not None and number == int(number) else ""


def sections_of(document: Mapping[str, Any], tally: Tally) -> Sections:
    """The sections of a document as they stand."""
    found = Sections(tally)
    known = {name_of(key): each for key, each in loose.table(document.get("sections")).items()}
    order = map(name_of, loose.row(document["order"])) if "order" in document else list(known)
    for name in dict.fromkeys(order):
        section = section_of(known.pop(name, None))
        if section is None:
            tally.lost("sections that are no text", "only text is taken")
        found.add(name, section or Section(Page(), ()))
    if known:
        tally.lost("sections that stand nowhere in the text", "they are left out", len(known))
    return found


def section_of(value: Any) -> Section | None:
    """A section that is text; None for any other."""
    found = loose.table(value)
    if found.get("type", TEXT) != TEXT or not isinstance(found.get("text"), str):
        return None
    return Section(Page(found["text"]), _with_deltas((), _sources(found.get("meta"))))


def _sources(value: Any) -> Sequence[Any]:
    """Of what is told of stretches of text, what says their sources: it stands under the number 1."""
    kinds: Mapping[Any, Any] = loose.table(value)
    return loose.row(kinds.get("1", kinds.get(1)))


def runs_of(section: Section, start: int, end: int, nobody: int) -> tuple[Run, ...]:
    """What shows of the units [start:end), as runs of one source."""
    runs: list[Run] = []
    at = start
    cuts: list[Stretch] = []
    for first, last, source in sorted(section.stretches):
        first, last = max(first, at), min(last, end)
        if first < last:
            if first > at:
                cuts.append((at, first, nobody))
            cuts.append((first, last, source))
            at = last
    if at < end:
        cuts.append((at, end, nobody))
    shown = section.page.shown(start, end)
    for first, last, source in cuts:
        text = "".join(shown[first - start : last - start])
        if runs and runs[-1].source == source:
            runs[-1] = Run(runs[-1].text + text, source)
        elif text:
            runs.append(Run(text, source))
    return tuple(runs)


def _runs_put(change: Change, edit: Edit, section: Section, nobody: int) -> tuple[Run, ...]:
    """The text that a change put as runs. Where more shows anew than was put, all of it is taken for what the edit put."""
    if not change.put:
        return ()
    start = min(edit.at, len(section.page.units))
    runs = runs_of(section, start, min(start + len(edit.put), len(section.page.units)), nobody)
    if "".join(run.text for run in runs) == change.put:
        return runs
    return (Run(change.put, runs[0].source if runs else nobody),)


def _edits(units: str, parts: Sequence[Any]) -> tuple[list[Edit], bool]:
    """The edits of a difference, each in the text that the ones before it left, and whether each finds what it takes out.

    A part's place is counted from the end of the part before it; where that does not fit, from the beginning of the old text.
    """
    told = []
    for each in parts:
        part = loose.table(each)
        start, gone = loose.count(part.get("from")), part.get("delete")
        if start is not None:
            put = as_units(loose.text(part.get("insert")))
            told.append((start, as_units(gone) if isinstance(gone, str) else "\0" * (loose.count(gone) or 0), put))
    chained = list(_chained(told))
    if _finds(units, chained, told):
        return chained, True
    shifted = list(_shifted(told))
    return shifted, _finds(units, shifted, told)


Part = tuple[int, str, str]


def _chained(parts: Sequence[Part]) -> Iterator[Edit]:
    at = 0
    for start, gone, put in parts:
        yield Edit(at + start, len(gone), put)
        at += start + len(put)


def _shifted(parts: Sequence[Part]) -> Iterator[Edit]:
    shift = 0
    for start, gone, put in parts:
        yield Edit(max(0, start + shift), len(gone), put)
        shift += len(put) - len(gone)


def _finds(units: str, edits: Sequence[Edit], parts: Sequence[Part]) -> bool:
    for edit, (_, gone, put) in zip(edits, parts, strict=True):
        there = units[edit.at : edit.at + len(gone)]
        if edit.at > len(units) or (there != gone and gone.strip("\0")) or len(there) < len(gone):
            return False
        units = units[: edit.at] + put + units[edit.at + len(gone) :]
    return True


def _with_deltas(before: tuple[Stretch, ...], deltas: Sequence[Any]) -> tuple[Stretch, ...]:
    """Stretches with differences added to those that they name by index; others come behind. Without one, all are new."""
    found = [[start, end - start, source] for start, end, source in before]
    for each in deltas:
        delta = loose.table(each)
        index = loose.count(delta.get("index"))
        position, size, source = (_signed(delta.get(name)) for name in ("position", "length", "data"))
        if index is not None and index < len(found):
            found[index] = [found[index][0] + position, found[index][1] + size, found[index][2] + source]
        else:
            found.append([position, size, source])
    return tuple((start, start + size, source) for start, size, source in found)


def _signed(value: Any) -> int:
    return int(loose.number(value) or 0)


def _in_order(
    creates: list[tuple[str, Mapping[str, Any]]], known: Mapping[str, Section]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Sections that come, those last whose place is behind one that comes too."""
    coming = {name for name, _ in creates}
    waiting: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    ready: list[tuple[str, Mapping[str, Any]]] = []
    for name, each in creates:
        after = name_of(each.get("after"))
        if after in coming and after not in known and after != name:
            waiting.setdefault(after, []).append((name, each))
        else:
            ready.append((name, each))
    while ready:
        following = []
        for name, each in ready:
            yield name, each
            following += waiting.pop(name, [])
        ready = following
    # What waits for itself in a circle comes at last.
    for left in waiting.values():
        yield from left
