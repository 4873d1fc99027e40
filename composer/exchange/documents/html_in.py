"""HTML as a book or an outline: pages, and the parts of EPUB books. It follows no link, loads nothing and runs nothing.

The one `h1` that begins the text is the title, as our own export has it; the name of the page counts where there is none. White
space with a line end in it is one blank, other white space is kept. What the manuscript can't hold keeps its words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from composer.exchange.documents.book import UNTITLED, Book, Break, Heading, Paragraph, Run, flat
from composer.exchange.documents.bounds import within_bounds
from composer.exchange.documents.css import MOST, Looks, looks_of
from composer.exchange.documents.decoding import is_text, text_of
from composer.exchange.documents.elements import Document, Element, Item, cleaned, raised
from composer.exchange.documents.html_tags import BLOCKS, EMPTY, HEADINGS, LISTS, TOLD, Open, is_reference, opened
from composer.exchange.documents.outlining import lined_up, sketch_of
from composer.exchange.documents.settling import settled
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.text.clean import one_line

SUFFIXES = (".html", ".htm", ".xhtml")
_BEGINNING = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*){0,9}<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_SUBSET = re.compile(r"<!DOCTYPE[^>\[]{0,400}\[[^\]]*\]\s*>", re.IGNORECASE)
"""A document type with declarations of its own. None of them counts."""
_LOOSE = re.compile(r"<(?![A-Za-z/!?][^<>]{0,9999}>)")
"""What begins no tag, or one without an end. The parser would look for that end up to the end of the page, again and again."""
_HEAD = 5_000
"""Characters in which a document type stands."""
_DECLARED = re.compile(rb"""(?i)(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""")
_WRAPPED = re.compile(r"[ \t\r\f]*\n\s*")


_DEEPEST = 200
"""Tags within tags that are told apart."""


def fits(head: bytes, name: str) -> bool:
    """Text that is named so or begins so."""
    if not is_text(head):
        return False
    begins = _BEGINNING.match(head[:4096].replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff\ufffd"))
    return begins is not None or name.endswith(SUFFIXES)


def read(data: bytes, about: Circumstances) -> Taken:
    """A page as a session. UnreadableSource where it is no text, too large, or empty."""
    tally = Tally()
    document = _document(data, about.name, tally)
    if about.outline:
        return lined_up(sketch_of(document, tally), about, about.name, tally)
    return settled(document.book(tally), about, about.name, tally)


def book(data: bytes, name: str) -> tuple[Book, Tally]:
    """A page as a book, and what had no place in it. UnreadableSource where it is no text or too large."""
    tally = Tally()
    return _document(data, name, tally).book(tally), tally


def page_text(data: bytes, shown: str) -> str:
    """The clean text of a page with its tags, by the encoding that it declares, if it needs one. UnreadableSource as with `text_of`."""
    found = _DECLARED.search(data[:2048])
    return text_of(data, shown, found[1].decode("ascii", "replace") if found else "")


def _document(data: bytes, name: str, tally: Tally) -> Document:
    within_bounds(len(data), name)
    walk = _walked(page_text(data, name), tally, front=True)
    elements = tuple(walk.elements)
    title = "" if walk.title == UNTITLED else walk.title
    highest = sum(isinstance(each, Heading) and each.depth == 1 for each in elements)
    if highest == 1 or (highest and not walk.author):
        # One is the title; several are chapters, and what a page is called is then the title if it is one that somebody wrote.
        title = ""
    # A line `by NAME` in the text may be prose, unless the page says who wrote it.
    signed = walk.signed or not walk.author
    return Document(
        elements, walk.heading or title, walk.author, walk.language, titled=bool(walk.heading), signed=signed
    )


def elements_of(text: str, tally: Tally, looks: Looks | None = None) -> tuple[Element, ...]:
    """What a page or a piece of one holds. Headings have their levels. `looks` is what style sheets beside it say."""
    return tuple(_walked(text, tally, looks=looks).elements)


def _walked(text: str, tally: Tally, *, front: bool = False, looks: Looks | None = None) -> _Walk:
    walk = _Walk(tally, front=front, looks=looks)
    text = _SUBSET.sub("", text[:_HEAD], count=1) + text[_HEAD:]
    walk.feed(_LOOSE.sub("&lt;", _without_comments(text)))
    walk.close()
    walk.end_paragraph()
    return walk


def _without_comments(text: str) -> str:
    """The page without its comments; one that never ends loses its beginning alone."""
    parts = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:].replace("<!--", "")])


@dataclass
class _List:
    ordered: bool
    count: int = 0


@dataclass
class _State:
    runs: list[Run] = field(default_factory=list)
    mark: str = ""
    level: int = 0
    role: str = ""
    """The class of the paragraph."""
    in_row: bool = False
    """Whether a row of a table is open."""


class _Walk(HTMLParser):
    """The way through a page: its elements so far, and what its head says."""

    def __init__(self, tally: Tally, *, front: bool = False, looks: Looks | None = None) -> None:
        """`front` says that title and author may stand first in the text, in paragraphs of these classes."""
        super().__init__(convert_charrefs=True)
        self.tally = tally
        self.front = front
        self.looks = dict(looks or {})
        self.heading = ""
        """The title, where a heading says that it is one."""
        self.signed = False
        """Whether a paragraph said that it names the author."""
        self.elements: list[Element] = []
        self.title = ""
        self.author = ""
        self.language = ""
        self._open: list[Open] = []
        self._lists: list[_List] = []
        self._items = 0
        self._now = _State()
        self._italic = self._bold = self._unseen = self._kept = self._dropped = 0

    # what HTMLParser calls

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in EMPTY:
            self._single(tag, said)
            return
        if tag in BLOCKS:
            self._begin(tag, said)
        if len(self._open) >= _DEEPEST:
            # Its end would be taken for that of another.
            self._dropped += 1
            return
        seen = not self._unseen
        self._enter(opened(tag, said, self.looks))
        if tag == "html":
            self.language = one_line(said.get("lang") or said.get("xml:lang") or "", 40)
        elif not seen:
            return
        elif tag == "a" and "://" in said.get("href", ""):
            self.tally.lost("addresses of links", "Their words are kept.")
        elif tag == "a" and is_reference(said):
            self.tally.lost("footnotes", "They stand where the page has them.")
        elif tag in TOLD:
            self.tally.lost(*TOLD[tag])
        elif tag == "rt":
            self._now.runs.append(Run("（"))

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        if self._dropped:
            self._dropped -= 1
            return
        if not any(each.name == tag for each in self._open):
            return
        if tag in BLOCKS:
            self._end(tag)
        while self._open:
            last = self._open.pop()
            self._count(last, -1)
            if last.name == "rt" and not self._unseen:
                self._now.runs.append(Run("）"))
            if last.name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].name == "style" and len(self.looks) < MOST:
            self.looks |= looks_of(data)
        if self._open and self._open[-1].name == "title":
            if not self._unseen:
                self.title = one_line(f"{self.title}{data}")
            return
        if self._unseen or (self._open and self._open[-1].name == "head"):
            return
        data = cleaned(data)
        text = data if self._kept else _WRAPPED.sub(" ", data)
        now = self._now.runs
        if not self._kept and text[:1] == " " and (not now or now[-1].text[-1:] in ("\n", " ")) and data[:1] != " ":
            text = text[1:]
        if self._open and self._open[-1].raised and text.isdecimal():
            text = raised(text) + " " * self._open[-1].apart
        if text:
            now.append(Run(text, self._italic > 0, self._bold > 0))

    # blocks

    def end_paragraph(self) -> None:
        """What was gathered becomes an element."""
        now = self._now
        runs, now.runs = tuple(now.runs), []
        if not any(run.text.strip() for run in runs):
            return
        if self.front and self._heads("".join(run.text for run in runs).strip()):
            now.mark = ""
        elif now.level:
            if any(run.italic or run.bold for run in runs if run.text.strip()):
                self.tally.lost("emphasis in headings", "Their words are kept.")
            text = "".join(run.text for run in runs)
            self.elements.append(Heading(" ".join(text.split("\n")).strip(), now.level))
        elif self._items:
            self.elements.append(Item(runs, max(0, len(self._lists) - 1), now.mark))
        else:
            self.elements.append(Paragraph(runs))
        now.mark = ""

    def _heads(self, text: str) -> bool:
        """Whether a paragraph before all text is the title or names the author, by its class; they are kept apart."""
        role = self._now.role
        if role == "title" and not self.elements and not self.heading:
            self.heading = one_line(text)
        elif role == "author" and not self.signed and all(isinstance(each, Heading) for each in self.elements):
            self.signed = True
            self.author = self.author or flat(text.removeprefix("by "))
        elif role == "date" and all(isinstance(each, Heading) for each in self.elements):
            self.tally.lost("dates before the text", "They have no place in a text.")
        else:
            return False
        return True

    def _begin(self, tag: str, said: Mapping[str, str]) -> None:
        if self._unseen:
            return
        if self._now.in_row and tag not in ("tr", "table"):
            if self._now.runs and not self._now.runs[-1].text[-1:].isspace():
                self._now.runs.append(Run(" "))
            return
        self.end_paragraph()
        self._now.role = said.get("class", "").strip().lower()
        self._now.level = HEADINGS.get(tag, self._now.level if tag not in ("p", "div", "li") else 0)
        if tag in LISTS:
            self._lists.append(_List(tag == "ol", _number(said.get("start", ""), 1) - 1))
        elif tag == "li":
            self._items += 1
            if self._lists:
                self._lists[-1].count = _number(said.get("value", ""), self._lists[-1].count + 1)
            ordered = bool(self._lists) and self._lists[-1].ordered
            self._now.mark = f"{self._lists[-1].count}." if ordered else "-"
        elif tag == "tr":
            self._now.in_row = True
        elif tag == "blockquote":
            self.tally.lost("quotations set in", "They are paragraphs like others now.")

    def _end(self, tag: str) -> None:
        if self._unseen:
            return
        if self._now.in_row and tag not in ("tr", "table"):
            return
        self._now.in_row = False
        self.end_paragraph()
        if tag in HEADINGS:
            self._now.level = 0
        elif tag in LISTS and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._items = max(0, self._items - 1)
            self._now.mark = ""

    def _single(self, tag: str, said: Mapping[str, str]) -> None:
        """A tag without an end."""
        if tag == "meta" and said.get("name", "").lower() == "author":
            self.author = one_line(said.get("content", ""))
        if self._unseen:
            return
        if tag == "br":
            self._now.runs.append(Run("\n"))
        elif tag == "hr":
            self.end_paragraph()
            self.elements.append(Break())
        elif tag == "input" and said.get("type", "").lower() == "checkbox":
            self._now.runs.append(Run("☒ " if "checked" in said else "☐ "))
        elif tag == "img":
            self.tally.lost("pictures", "What was said in place of them is kept.")
            if said.get("alt"):
                self._now.runs.append(Run(cleaned(said["alt"]), self._italic > 0, self._bold > 0))

    def _enter(self, opened: Open) -> None:
        cell = opened.name in ("td", "th") and self._now.in_row and not self._unseen
        if cell and any(run.text.strip() for run in self._now.runs):
            while not self._now.runs[-1].text.strip():
                self._now.runs.pop()
            last = self._now.runs[-1]
            self._now.runs[-1:] = [last._replace(text=last.text.rstrip()), Run(" | ")]
        self._open.append(opened)
        self._count(opened, 1)

    def _count(self, tag: Open, step: int) -> None:
        self._italic += step * tag.italic
        self._bold += step * tag.bold
        self._unseen += step * tag.unseen
        self._kept += step * tag.kept


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise
