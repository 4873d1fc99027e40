"""Word documents as books or outlines, read by mammoth: headings by their styles, italics and bold, lists. It follows no reference.

Our own standard manuscript comes back: of its first page only title and author are told, `END` and running headers are no prose. A
paragraph in the style `Title` is the title, `Subtitle` with `by NAME` the author; without them the properties of the document tell both.
Insertions that were tracked are text, deletions are not. What is underlined is in italics, as it was meant on a typewriter.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Run
from composer.exchange.documents.bounds import Archive, within_bounds
from composer.exchange.documents.elements import Document, Element, Item, led, raised
from composer.exchange.documents.outlining import lined_up, sketch_of
from composer.exchange.documents.packing import packed
from composer.exchange.documents.settling import settled
from composer.exchange.documents.word_xml import HEADING, PARTS, Styles, readable, styles_of
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.text.clean import one_line

if TYPE_CHECKING:
    from mammoth import documents

_KIND = "Word document"
_MAIN = "word/document.xml"
_CORE = "docProps/core.xml"
_COMMENTS = "word/comments.xml"
_STYLES = "word/styles.xml"
_XML_OF_TEXT = 5
"""Bytes of a document for each of its text, at most, so that large ones are refused before they are read."""
_TERMS = "{http://purl.org/dc/elements/1.1/}"
_BY = re.compile(r"by (\S.*)")
_LEFT_OUT = frozenset({"contact", "toc heading"})
_BREAKS = frozenset({"scene break", "horizontal line"})
_TABLE_OF_CONTENTS = re.compile(r"toc [0-9]", re.IGNORECASE)
_COUNTED = (
    (re.compile(rb"<w:ins[ >]"), "tracked insertions", "They are text now."),
    (re.compile(rb"<w:del[ >]"), "tracked deletions", "They are left out."),
    (re.compile(rb"<w:txbxContent[ >]"), "text boxes", "Their text stands behind the paragraph that they hung on."),
    (re.compile(rb"<(?:w:drawing|w:pict)[ >]"), "pictures and drawings", "They have no place in a text."),
    (re.compile(rb"<w:moveTo[ >]"), "tracked moves", "The text stands where it was moved to."),
    (re.compile(rb"<w:ruby>"), "readings beside characters", "They stand in brackets behind them."),
    (re.compile(rb"<m:oMath[ >]"), "formulas", "They are left out."),
)
_QUOTED = frozenset({"quote", "intense quote", "block text", "quotations"})
_LOOKS = (
    ("is_underline", "stretches that are underlined", "They are in italics now."),
    ("is_strikethrough", "stretches that are struck out", "They are plain text now."),
    ("is_small_caps", "stretches in small capitals", "They are plain text now."),
    ("is_all_caps", "stretches in capitals by their look", "They are as they were typed now."),
    ("highlight", "stretches that are highlighted", "They are plain text now."),
)
"""Looks of runs that have no place in a manuscript, as the reader calls them."""


def fits(head: bytes, name: str) -> bool:
    """An archive that begins as Word documents do, or anything that is named so."""
    return name.endswith(".docx") or (head[:2] == b"PK" and b"word/" in head and b"[Content_Types].xml" in head)


def read(data: bytes, about: Circumstances) -> Taken:
    """A Word document as a session. UnreadableSource where it is none, damaged, too large, or empty."""
    tally = Tally()
    document = _document(data, about.name, tally)
    if about.outline:
        return lined_up(sketch_of(document, tally), about, about.name, tally)
    return settled(document.book(tally), about, about.name, tally)


def book(data: bytes, name: str) -> tuple[Book, Tally]:
    """A Word document as a book, and what had no place in it. UnreadableSource where it is none, damaged or too large."""
    tally = Tally()
    return _document(data, name, tally).book(tally), tally


def _document(data: bytes, name: str, tally: Tally) -> Document:
    archive = Archive(data, name, _KIND)
    main = archive.read(_MAIN)
    if main is None and not any(each.startswith("word/") for each in archive.names):
        raise archive.refused("", "Save it as a Word document there, or say which format it is.")
    within_bounds(len(main or b"") // _XML_OF_TEXT, name)
    for each in archive.names:
        if each.endswith((".xml", ".rels")):
            contents = (archive.read(each) or b"").replace(b"\0", b"")
            if b"<!DOCTYPE" in contents or b"<!ENTITY" in contents:
                raise archive.untrusted()
    texts = {each: archive.read(each) or b"" for each in PARTS}
    changed = {each: better for each, text in texts.items() if (better := readable(text)) != text}
    if changed:
        data = packed((each, changed.get(each) or archive.read(each) or b"") for each in sorted(archive.names))
    title, author, language = _properties(archive)
    for pattern, what, why in _COUNTED:
        if count := len(pattern.findall(main or b"")):
            tally.lost(what, why, count)
    if count := len(re.findall(rb"<w:comment[ >]", archive.read(_COMMENTS) or b"")):
        tally.lost("comments", "They have no place in a text.", count)
    found = _opened(data, archive)
    walk = _Walk(found, styles_of(archive.xml(_STYLES)), tally)
    elements = tuple(walk.all())
    within_bounds(walk.size, name)
    return Document(elements, walk.title or title, walk.author or author, language, titled=True, signed=True)


def _opened(data: bytes, archive: Archive) -> documents.Document:
    """What mammoth makes of it. It raises whatever a part that is missing or odd leads to."""
    import mammoth.docx

    try:
        found: documents.Document = mammoth.docx.read(io.BytesIO(data)).value
    except (
        ExpatError,
        BadZipFile,
        zlib.error,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise archive.refused(
            "a part of it is damaged or missing", "Open and save it again in Word or LibreOffice."
        ) from error
    return found


def _properties(archive: Archive) -> tuple[str, str, str]:
    """Title, author and language, as the document's properties tell them."""
    root = archive.xml(_CORE)
    if root is None:
        return "", "", ""
    said = (root.findtext(f"{_TERMS}{name}") or "" for name in ("title", "creator", "language"))
    title, author, language = (one_line(each) for each in said)
    return title, author, language


class _Walk:
    """The way through a document. It finds title and author on the way."""

    def __init__(self, document: documents.Document, styles: Styles, tally: Tally) -> None:
        self.document = document
        self.styles = styles
        self.tally = tally
        self.title = ""
        self.author = ""
        self.size = 0
        """Characters so far."""
        self._notes: list[Any] = []
        self._counts: dict[int, tuple[int, bool]] = {}
        self._links = 0
        """Links that are open."""
        self._begun = False
        """Whether the first page is over."""

    def all(self) -> Iterator[Element]:
        """The elements, the notes behind them."""
        yield from self._blocks(self.document.children)
        if self._notes:
            yield Break()
        at = 0
        while at < len(self._notes):
            # A note can hold a reference to another.
            note = self._notes[at]
            at += 1
            mark = f"{raised(at)} "
            for each in self._blocks(note.body):
                if isinstance(each, (Paragraph, Item)):
                    yield Paragraph((Run(mark), *(led(each.runs) if mark else each.runs)))
                    mark = ""
                else:
                    yield each

    def _blocks(self, children: Iterable[Any]) -> Iterator[Element]:
        from mammoth import documents

        for each in children:
            if isinstance(each, documents.Paragraph):
                yield from self._paragraph(each)
            elif isinstance(each, documents.Table):
                self.tally.lost("tables", "Each row is a paragraph now.")
                for row in each.children:
                    cells = [self._cell(cell) for cell in getattr(row, "children", ())]
                    runs = [run for at, cell in enumerate(cells) for run in ([Run(" | ")] if at else []) + cell]
                    yield Paragraph(tuple(runs))
            elif isinstance(each, documents.HasChildren):
                yield from self._blocks(each.children)

    def _cell(self, cell: Any) -> list[Run]:
        runs: list[Run] = []
        for each in self._blocks(cell.children):
            if isinstance(each, (Paragraph, Item)):
                runs += ([Run(" ")] if runs else []) + [
                    run._replace(text=run.text.replace("\n", " ")) for run in each.runs
                ]
        return runs

    def _paragraph(self, paragraph: Any) -> Iterator[Element]:
        style = (paragraph.style_name or "").strip().lower()
        if style in _LEFT_OUT:
            return
        if style in _BREAKS:
            self._begun = True
            yield Break()
            return
        if _TABLE_OF_CONTENTS.fullmatch(style):
            self.tally.lost("lines of a table of contents", "The outline has the headings.")
            return
        runs = tuple(self._runs(paragraph.children, italic=False, bold=False))
        named = HEADING.fullmatch(style)
        level = int(named[1]) if named else self.styles.levels.get(paragraph.style_id or "", 0)
        text = "".join(run.text for run in runs).strip()
        self.size += len(text)
        if not text:
            return
        line = one_line(text, len(text)) if "\n" in text else text
        if style == "title" and not self._begun and not self.title:
            self.title = line
            return
        if style == "subtitle" and not self._begun and not self.author and (found := _BY.fullmatch(line)):
            self.author = found[1]
            return
        if style in ("author", "date") and not self._begun:
            self.author = self.author or (line if style == "author" else "")
            return
        if style == "the end" and text == "END":
            return
        self._begun = True
        if level:
            if any(run.italic or run.bold for run in runs if run.text.strip()):
                self.tally.lost("emphasis in headings", "Their words are kept.")
            yield Heading(line, level)
            return
        if style in _QUOTED:
            self.tally.lost("quotations set in", "They are paragraphs like others now.")
        runs = self._styled(runs, paragraph.style_id or "")
        if paragraph.numbering is not None:
            yield Item(runs, *self._numbered(paragraph.numbering))
        else:
            self._counts.clear()
            yield Paragraph(runs)

    def _styled(self, runs: tuple[Run, ...], style: str) -> tuple[Run, ...]:
        """The runs of a paragraph in that style. Emphasis in what is slanted anyway stays slanted."""
        italic, bold = style in self.styles.italic, style in self.styles.bold
        if not (italic or bold):
            return runs
        return tuple(Run(run.text, run.italic or italic, run.bold or bold) for run in runs)

    def _numbered(self, numbering: Any) -> tuple[int, str]:
        """How deep an item stands, and what stands before it."""
        text = str(numbering.level_index)
        depth = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
        for deeper in [each for each in self._counts if each > depth]:
            del self._counts[deeper]
        count, ordered = self._counts.get(depth, (0, numbering.is_ordered))
        count = count + 1 if ordered == numbering.is_ordered else 1
        self._counts[depth] = count, numbering.is_ordered
        return depth, f"{count}." if numbering.is_ordered else "-"

    def _runs(self, children: Iterable[Any], *, italic: bool, bold: bool) -> Iterator[Run]:
        from mammoth import documents

        for each in children:
            if isinstance(each, documents.Text):
                yield Run(each.value, italic, bold)
            elif isinstance(each, documents.Run):
                slanted, heavy = self._look(each)
                yield from self._runs(each.children, italic=italic or slanted, bold=bold or heavy)
            elif isinstance(each, documents.Tab):
                yield Run(" ", italic, bold)
            elif isinstance(each, documents.Break):
                # The end of a page or a column parts words as that of a line does.
                yield Run("\n", italic, bold)
            elif isinstance(each, documents.Checkbox):
                yield Run("☒" if each.checked else "☐")
            elif isinstance(each, documents.NoteReference):
                yield from self._note(each)
            elif isinstance(each, documents.Hyperlink):
                if each.href:
                    self.tally.lost("addresses of links", "Their words are kept.")
                self._links += 1
                yield from self._runs(each.children, italic=italic, bold=bold)
                self._links -= 1
            elif isinstance(each, documents.HasChildren):
                yield from self._runs(each.children, italic=italic, bold=bold)

    def _look(self, run: documents.Run) -> tuple[bool, bool]:
        """Whether a run is slanted and whether it is bold. What else it looks like is told as lost."""
        from mammoth import documents

        style, name = run.style_id or "", (run.style_name or "").lower()
        underlined = run.is_underline and not self._links
        if any(isinstance(each, documents.Text) for each in run.children):
            for look, what, why in _LOOKS:
                if underlined if look == "is_underline" else getattr(run, look):
                    self.tally.lost(what, why)
            if run.vertical_alignment in ("superscript", "subscript"):
                self.tally.lost("stretches that are raised or lowered", "They are plain text now.")
        return (
            run.is_italic or underlined or name == "emphasis" or style in self.styles.italic,
            run.is_bold or name == "strong" or style in self.styles.bold,
        )

    def _note(self, reference: Any) -> Iterator[Run]:
        self.tally.lost("footnotes", "They stand at the end now.")
        try:
            note = self.document.notes.resolve(reference)
        except KeyError:
            return
        if any(each is note for each in self._notes):
            return
        self._notes.append(note)
        yield Run(raised(len(self._notes)))
