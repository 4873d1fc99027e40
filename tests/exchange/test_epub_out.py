"""A book as EPUB: read again it has the same words with the same looks, and its outer form is what EPUB 3 asks for."""

from __future__ import annotations

from io import BytesIO
from posixpath import join
from zipfile import ZIP_STORED, ZipFile

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, Run
from composer.exchange.documents.epub_out import epub
from composer.exchange.documents.markup import language_tag, sound
from tests.exchange.odd_books import FERRY, IDENTIFIER, MADE, books
from tests.exchange.test_html_out import expected

OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
XHTML = "{http://www.w3.org/1999/xhtml}"
EPUB = "{http://www.idpf.org/2007/ops}"


class Reader:
    """A book as a reading program sees it: its files, its package, and the pages in their order."""

    def __init__(self, data: bytes) -> None:
        with ZipFile(BytesIO(data)) as archive:
            self.infos = archive.infolist()
            self.files = {path: archive.read(path) for path in archive.namelist()}
        container = fromstring(self.files["META-INF/container.xml"])
        self.root = next(each.attrib["full-path"] for each in container.iter() if each.tag.endswith("rootfile"))
        self.package = fromstring(self.files[self.root])
        items = self.package.iter(f"{OPF}item")
        self.items = {each.attrib["id"]: each.attrib for each in items}
        self.spine = [self.items[each.attrib["idref"]]["href"] for each in self.package.iter(f"{OPF}itemref")]

    def tree(self, name: str):  # type: ignore[no-untyped-def]
        return fromstring(self.files[join("EPUB", name)])

    def said(self, name: str) -> str | None:
        found = self.package.find(f".//{DC}{name}")
        return None if found is None else found.text

    @property
    def meta(self) -> dict[str, str]:
        return {each.attrib["property"]: each.text or "" for each in self.package.iter(f"{OPF}meta")}

    @property
    def links(self) -> list[tuple[int, str, str]]:
        """The table of contents as (how deep, link, label)."""
        found = []

        def walk(lists, depth: int) -> None:  # type: ignore[no-untyped-def]
            for item in lists.findall(f"{XHTML}li"):
                link = item.find(f"{XHTML}a")
                found.append((depth, link.attrib["href"], link.text))
                for below in item.findall(f"{XHTML}ol"):
                    walk(below, depth + 1)

        nav = self.tree("nav.xhtml").find(f".//{XHTML}nav")
        assert nav.attrib[f"{EPUB}type"] == "toc"
        assert len(nav.findall(f"{XHTML}ol")) == 1
        walk(nav.find(f"{XHTML}ol"), 1)
        return found

    @property
    def parts(self) -> list[Part]:
        found: list[Part] = []
        for name in self.spine[1:]:
            for each in self.tree(name).find(f"{XHTML}body/{XHTML}section"):
                tag = each.tag.removeprefix(XHTML)
                if tag == "hr":
                    found.append(Break())
                elif tag == "p":
                    found.append(Paragraph(tuple(_runs(each))))
                else:
                    found.append(Heading(each.text or "", int(tag[1])))
        return found


def _runs(element, italic: bool = False, bold: bool = False) -> list[Run]:  # type: ignore[no-untyped-def]
    italic = italic or element.tag == f"{XHTML}em"
    bold = bold or element.tag == f"{XHTML}strong"
    found = [Run(element.text, italic, bold)] if element.text else []
    for below in element:
        found += _runs(below, italic, bold)
        if below.tail:
            found.append(Run(below.tail, italic, bold))
    return found


@given(books())
def test_every_book_is_read_again_as_it_was(book: Book) -> None:
    reader = Reader(epub(book, identifier=IDENTIFIER, made=MADE))
    assert reader.parts == [expected(part, 6) for part in book.parts]
    assert reader.said("title") == sound(book.title or "Untitled")
    assert reader.said("creator") == (sound(book.author) if book.author else None)
    assert reader.said("language") == (language_tag(book.language) or "und")
    headings = [sound(part.text) for part in book.parts if isinstance(part, Heading)]
    labels = [label for _, link, label in reader.links if "#" in link]
    assert labels == headings
    for _, link, _ in reader.links:
        name, _, place = link.partition("#")
        assert name in reader.spine
        if place:
            assert [each for each in reader.tree(name).iter() if each.attrib.get("id") == place]


def test_the_outer_form() -> None:
    reader = Reader(epub(FERRY, identifier=IDENTIFIER, made=MADE))
    first = reader.infos[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", ZIP_STORED, b"")
    assert reader.files["mimetype"] == b"application/epub+zip"
    assert reader.said("identifier") == IDENTIFIER
    assert reader.meta["dcterms:modified"] == "2023-11-14T22:13:20Z"
    assert reader.package.attrib["version"] == "3.0"
    listed = {join("EPUB", each["href"]) for each in reader.items.values()}
    assert listed == set(reader.files) - {"mimetype", "META-INF/container.xml", "EPUB/package.opf"}


def test_a_page_for_each_chapter_and_one_for_what_stands_before_them() -> None:
    reader = Reader(epub(FERRY, identifier=IDENTIFIER, made=MADE))
    assert reader.spine == ["title.xhtml", "text-0001.xhtml", "text-0002.xhtml", "text-0003.xhtml"]
    assert reader.links == [
        (1, "text-0001.xhtml", "The Salt Ferry"),
        (1, "text-0002.xhtml#heading-1", "The near bank"),
        (2, "text-0002.xhtml#heading-2", "Ropes"),
        (1, "text-0003.xhtml#heading-3", "The far bank"),
    ]
    title = reader.tree("title.xhtml").find(f".//{XHTML}section")
    assert title.attrib[f"{EPUB}type"] == "titlepage"
    assert "".join(title.itertext()).split("\n") == ["", "The Salt Ferry", "by Ilse Marrow", ""]


@pytest.mark.parametrize(
    ("depths", "nested", "pages"),
    [
        ([1, 1], [1, 1], 2),
        ([1, 3, 2, 1], [1, 2, 2, 1], 2),
        ([3, 1, 2], [1, 1, 2], 2),
        ([2, 3, 4, 3, 9, 2], [1, 2, 3, 2, 3, 1], 2),
    ],
)
def test_contents_are_nested_as_headings_are_and_the_topmost_begin_a_page(
    depths: list[int], nested: list[int], pages: int
) -> None:
    book = Book(parts=tuple(Heading(f"At {depth}", depth) for depth in depths))
    reader = Reader(epub(book, identifier="x", made=0))
    assert len(reader.spine) == 1 + pages
    links = reader.links
    assert [depth for depth, _, _ in links] == nested
    assert [label for _, _, label in links] == [f"At {depth}" for depth in depths]


def test_a_heading_without_words_has_a_link_all_the_same() -> None:
    assert Reader(epub(Book(parts=(Heading(""),)), identifier="x", made=0)).links[0][2] == "Untitled"


def test_a_story_of_nothing_is_a_book_too() -> None:
    reader = Reader(epub(Book(), identifier=IDENTIFIER, made=-5))
    assert (reader.said("title"), reader.said("creator"), reader.said("language")) == ("Untitled", None, "und")
    assert reader.spine == ["title.xhtml"]
    assert reader.links == [(1, "title.xhtml", "Untitled")]
    assert reader.meta["dcterms:modified"] == "1970-01-01T00:00:00Z"
    Reader(epub(Book(), identifier=IDENTIFIER, made=10**20))


def test_text_from_right_to_left_turns_pages_so() -> None:
    reader = Reader(epub(Book(language="ar"), identifier="x", made=0))
    spine = reader.package.find(f"{OPF}spine")
    assert spine is not None
    assert spine.attrib["page-progression-direction"] == "rtl"
    assert reader.tree("title.xhtml").attrib["dir"] == "rtl"


def test_the_same_book_gives_the_same_bytes() -> None:
    data = epub(FERRY, identifier=IDENTIFIER, made=MADE)
    assert data == epub(FERRY, identifier=IDENTIFIER, made=MADE)
    assert {each.date_time for each in Reader(data).infos} == {(1980, 1, 1, 0, 0, 0)}
