"""A document as an outline: headings, items of lists and plain lines as beats, the paragraphs below them as what those beats say.

It knows no format: each hands in its elements. What models answer is read by `composer.text.listing`, and so are documents of
plain lines. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from composer.exchange.documents.book import Break, Heading, Paragraph, Run
from composer.exchange.documents.bounds import few_beats
from composer.exchange.documents.elements import Document, Element, Item, Typed, tidy
from composer.exchange.documents.emphasis import text_of_runs
from composer.exchange.documents.settling import nothing_in
from composer.exchange.scribe import Scribe
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.events import BeatAdded
from composer.story.outline import Beat, BeatText, Slot
from composer.story.story import Details
from composer.text.listing import Line, lines

_DEEPEST = 20
_TITLE = 80
"""Characters of a title, at most."""
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)]*$")
_SPLIT = re.compile(rf"(?P<title>[^.!?…:]{{1,{_TITLE}}}?)(?::| [–—-]) +(?P<summary>\S.*)", re.DOTALL)
_LED = re.compile(r"\s*[:–—-]?\s*")
_MARK = re.compile(r"(?m)^[ \t]*(?:[-*+•–—#|>{\[]|\(?[0-9ivxIVX]{1,5}[.)]|\(?[A-Za-z][.)])")
_SET_IN = re.compile(r"(?m)^[ \t]+\S")
_BOX = re.compile(r"(?:\[(?P<done>[ xX])\]|(?P<sign>[☐☑☒]))\s+")


@dataclass
class _Point:
    """A beat in the making."""

    depth: int
    title: str = ""
    summary: str = ""
    notes: list[str] = field(default_factory=list)
    done: bool = False
    below: list[_Point] = field(default_factory=list)


@dataclass
class Sketch:
    """An outline as a document told it. `purpose` is what stood between the title and the first beat."""

    title: str = ""
    author: str = ""
    language: str = ""
    purpose: str = ""
    points: list[_Point] = field(default_factory=list)


def lined_up(sketch: Sketch, about: Circumstances, source: str, tally: Tally) -> Taken:
    """The session that an outline becomes. It has no text. UnreadableSource where there is no line in it."""
    if not sketch.points and not sketch.title:
        raise nothing_in(about.name)
    nested = _nested(sketch.points)
    few_beats(len(nested), about.name)
    scribe = Scribe(about, source)
    details = Details(
        sketch.title,
        sketch.author,
        sketch.purpose,
        language=sketch.language or Details().language,
        structure="nonfiction" if about.sections else "fiction",
    )
    scribe.details(details)
    scribe.record(*(BeatAdded(Slot("", at), _beat(point, about.new_id)) for at, point in enumerate(nested)))
    return scribe.taken(tally.all)


def _nested(points: Sequence[_Point]) -> list[_Point]:
    """The points at the top, each with those below it."""
    top: list[_Point] = []
    above: list[_Point] = []
    for point in points:
        depth = min(point.depth, len(above), _DEEPEST)
        del above[depth:]
        (above[-1].below if above else top).append(point)
        above.append(point)
    return top


def _beat(point: _Point, new_id: Callable[[], str]) -> Beat:
    title, summary, notes = point.title, point.summary, list(point.notes)
    if not title and (point.below or notes) and len(summary) <= _TITLE and not _ENDED.search(summary):
        # What stands over others is a name, unless it is a sentence.
        title, summary = summary, notes.pop(0) if notes else ""
    text = BeatText(title, summary, "\n".join(notes), done=point.done)
    return Beat(new_id(), text, tuple(_beat(each, new_id) for each in point.below))


def sketch_of(document: Document, tally: Tally) -> Sketch:
    """The outline of a document. The title is that of its one top heading, else the one that is told."""
    found = document.without_title()
    title, author, language = found.title, found.author, found.language
    elements = [each for each in found.elements if not isinstance(each, Break)]
    if not any(isinstance(each, (Heading, Item)) for each in elements):
        rows = [text_of_runs(each.runs) for each in elements if isinstance(each, (Paragraph, Typed))]
        told = sketched("\n".join(rows), tally)
        return Sketch(title or told.title, author, language, told.purpose, told.points)
    sketch = Sketch(title, author, language)
    points = sketch.points
    levels: list[int] = []
    under: _Point | None = None
    heading: _Point | None = None
    parted = _are_parted(elements)
    for each in elements:
        if isinstance(each, Heading):
            while levels and levels[-1] >= each.depth:
                levels.pop()
            heading = under = _Point(len(levels), each.text)
            levels.append(each.depth)
            points.append(heading)
        elif isinstance(each, Item) and each.mark:
            under = _item(each.runs, len(levels) + each.depth, parted)
            points.append(under)
        else:
            _told(each, under if isinstance(each, Item) else heading, sketch)
    return sketch


def _told(each: Paragraph | Item | Typed, point: _Point | None, sketch: Sketch) -> None:
    """A paragraph goes to the beat that it stands below."""
    text = _plain(each.runs)
    if not text:
        return
    if point is None and any(found.title for found in sketch.points[:1]):
        point = sketch.points[-1]
    if point is None:
        sketch.purpose = f"{sketch.purpose} {text}".strip()
    elif point.summary or point.notes:
        point.notes.append(text)
    else:
        point.summary = text


def _plain(runs: Iterable[Run]) -> str:
    return " ".join("".join(run.text for run in runs).split())


def _item(runs: tuple[Run, ...], depth: int, parted: bool) -> _Point:
    text = _plain(runs)
    done = False
    if box := _BOX.match(text):
        done = (box["done"] or box["sign"]) not in (" ", "☐")
        runs = tidy((runs[0]._replace(text=_BOX.sub("", runs[0].text, count=1)), *runs[1:]))
        text = _plain(runs)
    bold = runs[0] if runs and runs[0].bold else None
    if bold and len(bold.text) <= _TITLE and not _ENDED.search(bold.text):
        rest = _plain(runs[1:])
        if not rest or bold.text.rstrip().endswith(":") or re.match(r"[:–—-]", rest):
            return _Point(depth, bold.text.strip().rstrip(" :"), _LED.sub("", rest, count=1), done=done)
    if parted and (found := _SPLIT.fullmatch(text)):
        return _Point(depth, found["title"].strip(), found["summary"], done=done)
    return _Point(depth, "", text, done=done)


def _are_parted(elements: Iterable[Element]) -> bool:
    """Whether `Title: summary` is the form of at least half of the items, and of two."""
    items = [each for each in elements if isinstance(each, Item) and each.mark]
    found = sum(_SPLIT.fullmatch(_plain(each.runs)) is not None for each in items)
    return found > 1 and 2 * found >= len(items)


def sketched(text: str, tally: Tally) -> Sketch:
    """The outline of plain text: lines, plain, numbered, in bullets or set in. Its title is a short line before the first beat."""
    if not _MARK.search(text) and _SET_IN.search(text):
        return Sketch(points=_set_in(text))
    found = lines(text)
    sketch = Sketch(points=[_Point(each.depth, each.title, each.summary) for each in found])
    at = next_one = 0
    for row in text.split("\n"):
        start, at = at, at + len(row) + 1
        while next_one < len(found) and found[next_one].end <= start:
            next_one += 1
        words = row.strip(" \t#*_=-:")
        # A line can hold rows behind its own as well.
        held = next_one and _says(found[next_one - 1], words)
        if not words or held or (next_one < len(found) and found[next_one].start < at):
            continue
        if next_one:
            sketch.points[next_one - 1].notes.append(" ".join(words.split()))
        elif not sketch.title and len(words) <= _TITLE and not _ENDED.search(words):
            sketch.title = " ".join(words.split())
        else:
            sketch.purpose = f"{sketch.purpose} {' '.join(words.split())}".strip()
    return sketch


def _says(line: Line, words: str) -> bool:
    """Whether a line holds the words of a row that stands beside it."""
    return " ".join(words.split()) in f"{line.title} {line.summary}"


def _set_in(text: str) -> list[_Point]:
    """Plain lines, each below the one that it is set in from."""
    points: list[_Point] = []
    columns: list[int] = []
    for row in text.replace("\t", "    ").split("\n"):
        if said := " ".join(row.split()):
            column = len(row) - len(row.lstrip())
            while columns and columns[-1] >= column:
                columns.pop()
            points.append(_Point(len(columns), "", said))
            columns.append(column)
    return points
