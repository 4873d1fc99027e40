"""The journal of a book: its headings as the outline, its text below them, each scene a beat. Every document comes in by it.

It knows no format and reads no bytes. Pure.

A heading becomes a beat. In fiction it has a leaf below it for each scene, which its first sentence sums up; in a story of sections
the text belongs to the heading's beat itself. A scene break belongs to the scene behind it. A heading without any text below it is
a beat that is to be written, and shows nowhere in the text. Headings that skip a level stand one below what is above them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from composer.errors import UnreadableSource
from composer.exchange.documents.book import Book, Break, Heading
from composer.exchange.documents.bounds import few_beats
from composer.exchange.documents.emphasis import runs_of, text_of_runs
from composer.exchange.scribe import Scribe
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.events import BeatAdded, TextEdited
from composer.story.manuscript import START, Block, Fragment, Position
from composer.story.outline import Beat, BeatKind, BeatText, Slot
from composer.story.spans import Imported, Span, length
from composer.story.story import Details, Structure
from composer.text.clean import one_line
from composer.text.sentences import sentences

SUMMARY = 80
"""Characters that a scene's summary has at most."""
_READ = 600
"""Characters of a scene's beginning in which its first sentence is looked for."""
_DEEPEST = 20
_TOGETHER = 500
"""Paragraphs in one entry of the journal."""
_BREAK = "***"


@dataclass
class _Scene:
    """Text between two scene breaks. None in `rows` is one."""

    rows: list[str] = field(default_factory=list)
    said: str = ""
    """What its first paragraph says, without signs of emphasis."""
    beat: str = ""

    @property
    def empty(self) -> bool:
        return not self.said


@dataclass
class _Node:
    """A heading, or the whole, with scenes and headings below it in order."""

    title: str
    depth: int
    beat: str = ""
    inner: list[_Node | _Scene] = field(default_factory=list)

    def scene(self) -> _Scene:
        """The scene that is going on, or a new one."""
        if not self.inner or isinstance(self.inner[-1], _Node):
            self.inner.append(_Scene())
        last = self.inner[-1]
        assert isinstance(last, _Scene)
        return last


def settled(
    book: Book, about: Circumstances, source: str, tally: Tally, *, verbatim: bool = False, cut: str = ""
) -> Taken:
    """The session that a book becomes, as manuscript. All its text came from `source`. UnreadableSource where nothing is in it.

    `verbatim` says that the paragraphs hold the manuscript's own text, signs of emphasis and all. `cut` says where the source
    broke off.
    """
    if not book.parts and not book.title:
        raise nothing_in(about.name)
    root = _tree(book, verbatim=verbatim)
    few_beats(len(root.inner), about.name)
    scribe = Scribe(about, source)
    language = book.language or Details().language
    structure: Structure = "nonfiction" if about.sections else "fiction"
    scribe.details(Details(book.title, book.author, language=language, structure=structure))
    beats = [beat for each in root.inner if (beat := _beat(each, about, language)) is not None]
    scribe.record(*(BeatAdded(Slot("", index), beat) for index, beat in enumerate(beats)))
    blocks = [
        Block(about.new_id(), beat, (Span(text, Imported(source)),)) for beat, text in _texts(root, about.sections)
    ]
    entered = []
    at = START
    for first in range(0, len(blocks), _TOGETHER):
        together = tuple(blocks[first : first + _TOGETHER])
        entered.append(TextEdited(at, Fragment(), Fragment((), together), "imported"))
        at = Position(together[-1].id, length(together[-1].spans))
    scribe.record(*entered)
    return scribe.taken(tally.all, cut)


def nothing_in(name: str) -> UnreadableSource:
    """What is said of a source without text."""
    return UnreadableSource(f"There is no text in {one_line(name, 200)}.", "Name a file that holds some.")


def _tree(book: Book, *, verbatim: bool) -> _Node:
    root = _Node("", 0)
    above = [root]
    for part in book.parts:
        if isinstance(part, Heading):
            depth = min(max(1, part.depth), _DEEPEST)
            while above[-1].depth >= depth:
                above.pop()
            node = _Node(part.text, depth)
            above[-1].inner.append(node)
            above.append(node)
            continue
        scene = above[-1].scene()
        if isinstance(part, Break):
            if not scene.empty:
                scene = _Scene()
                above[-1].inner.append(scene)
            scene.rows.append(_BREAK)
        else:
            text = part.text if verbatim else text_of_runs(part.runs)
            scene.rows.append(text.replace("\t", " "))
            if scene.empty:
                scene.said = "".join(run[0] for run in runs_of(text)) if verbatim else part.text
    for node in _nodes(root):
        _close(node)
    return root


def _nodes(node: _Node) -> Iterator[_Node]:
    yield node
    for each in node.inner:
        if isinstance(each, _Node):
            yield from _nodes(each)


def _close(node: _Node) -> None:
    """Scene breaks behind the last scene belong to it."""
    kept: list[_Node | _Scene] = []
    for each in node.inner:
        last = kept[-1] if kept else None
        if isinstance(each, _Scene) and each.empty and isinstance(last, _Scene):
            last.rows += each.rows
        else:
            kept.append(each)
    node.inner = kept


def _beat(each: _Node | _Scene, about: Circumstances, language: str) -> Beat | None:
    """The beat of a heading or a scene, which is told its id. None for breaks alone before the first heading."""
    if isinstance(each, _Scene):
        if each.empty and not each.rows:
            return None
        each.beat = about.new_id()
        return Beat(each.beat, BeatText(summary=summed_up(each.said, language) or "* * *"))
    each.beat = about.new_id()
    inner = [below for below in each.inner if isinstance(below, _Node) or not about.sections]
    below = tuple(beat for part in inner if (beat := _beat(part, about, language)) is not None)
    kind: BeatKind = "beat" if about.sections else "chapter"
    return Beat(each.beat, BeatText(title=each.title, kind=kind), below)


def _texts(node: _Node, sections: bool) -> Iterator[tuple[str, str]]:
    """Each paragraph with the beat that it belongs to."""
    for each in node.inner:
        if isinstance(each, _Node):
            yield from _texts(each, sections)
        else:
            beat = node.beat if sections and node.beat else each.beat
            yield from ((beat, row) for row in each.rows)


def summed_up(text: str, language: str = "en") -> str:
    """The first sentence of a text on one line, cut between words."""
    head = one_line(text[:_READ], _READ)
    found = sentences(head, language)
    said = head[slice(*found[0])] if found else head
    if len(said) <= SUMMARY:
        return said
    shorter = said[: SUMMARY - 1].rpartition(" ")[0].rstrip(" ,;:—–-")
    return f"{shorter or said[: SUMMARY - 1]}…"
