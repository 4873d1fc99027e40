"""EPUB books in: pages in the order of the spine, nothing from outside, and locked ones refused."""

from __future__ import annotations

import pytest

from composer.errors import UnreadableSource
from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Run
from composer.exchange.documents.epub_in import book, fits, read
from composer.exchange.documents.epub_out import epub
from tests.exchange.archives import CONTAINER, epub_of, item, package, zipped
from tests.exchange.documents import circumstances, losses, shown

PAGES = {
    "cover.xhtml": "<p>Cover</p>",
    "nav.xhtml": "<nav><ol><li>One</li></ol></nav>",
    "b.xhtml": "<h1>Two</h1><p>Second.</p>",
    "a 1.xhtml": "<h1>One</h1><p>First <i>page</i>.</p><hr/><p>On.</p>",
}
ITEMS = (
    item("cover", "cover.xhtml") + item("nav", "nav.xhtml", "nav") + item("b", "b.xhtml") + item("a", "a%201.xhtml#x")
)
SPINE = '<itemref idref="cover"/><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/>'
GUIDE = '<guide><reference type="cover" href="cover.xhtml"/></guide>'


def test_pages_come_in_the_order_of_the_spine() -> None:
    taken = read(epub_of(ITEMS, SPINE, PAGES, rest=GUIDE), circumstances("salt.epub"))
    details = taken.story.details
    assert (details.title, details.author, details.language) == ("Salt", "Ann", "de")
    assert shown(taken.story) == ["One :: ", "   :: First page.", "   :: On.", "Two :: ", "   :: Second."]
    assert [block.text for block in taken.story.manuscript] == ["First *page*.", "***", "On.", "Second."]
    assert not taken.losses
    assert shown(read(epub_of(ITEMS, SPINE, PAGES, rest=GUIDE), circumstances("a.epub", outline=True)).story)[0] == (
        "One :: First page."
    )


def test_our_own_book_comes_back() -> None:
    made = Book(
        "Salt",
        "Ann",
        "de",
        (Paragraph((Run("x"),)), Heading("Salt"), Heading("B", 2), Break(), Paragraph((Run("y", True),))),
    )
    assert book(epub(made, identifier="urn:x", made=0), "a.epub")[0] == made
    plain = Book("", "", "", (Heading("One"), Paragraph((Run("by Ann"),))))
    assert book(epub(plain, identifier="urn:x", made=0), "a.epub")[0] == plain


def test_nothing_outside_is_read_and_each_page_once() -> None:
    items = (
        item("out", "../../etc/passwd")
        + item("web", "http://a.b/c.xhtml")
        + item("gone", "none.xhtml")
        + item("b", "b.xhtml")
    )
    picture = '<item id="svg" href="x.svg" media-type="image/svg+xml"/>'
    spine = "".join(f'<itemref idref="{name}"/>' for name in ("out", "web", "gone", "b", "b", "unknown", "svg"))
    taken = read(epub_of(items + picture, spine, PAGES), circumstances("a.epub"))
    assert [block.text for block in taken.story.manuscript] == ["Second."]
    assert losses(taken) == [
        "2 pages outside the book: Nothing outside it is read.",
        "pages that are named again: Each is read once.",
        "2 pages that are named and not there: The book lists them, and does not hold them.",
        "pages that are no text: They can't be read.",
    ]


def locked(way: str, page: str) -> dict[str, str]:
    return {
        "META-INF/encryption.xml": f'<encryption><EncryptedData><EncryptionMethod Algorithm="{way}"/><CipherData>'
        f'<CipherReference URI="{page}"/></CipherData></EncryptedData></encryption>'
    }


def test_locked_pages_are_refused_and_locked_typefaces_are_not() -> None:
    aes = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    with pytest.raises(UnreadableSource) as error:
        read(epub_of(ITEMS, SPINE, PAGES, others=locked(aes, "OEBPS/b.xhtml")), circumstances("a.epub"))
    assert str(error.value) == (
        "a.epub can't be read as an EPUB book: its pages are locked by its seller. Import a copy that is not locked."
    )
    font = locked("http://www.idpf.org/2008/embedding", "OEBPS/font.otf")
    assert read(epub_of(ITEMS, SPINE, PAGES, others=font), circumstances("a.epub"))


ENTITY = '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no EPUB book"),
        (b"PK\x03\x04", "damaged or cut off"),
        (epub_of(ITEMS, SPINE, PAGES)[:-60], "damaged or cut off"),
        (zipped({"mimetype": "application/epub+zip"}), "is no EPUB book"),
        (zipped({"META-INF/container.xml": CONTAINER}), "what should list its pages is missing"),
        (zipped({"META-INF/container.xml": "<container/>"}), "what should list its pages is missing"),
        (
            zipped({"META-INF/container.xml": CONTAINER.replace("OEBPS", "../../..")}),
            "what should list its pages is missing",
        ),
        (zipped({"META-INF/container.xml": "<container>"}), "a part of it is damaged"),
        (zipped({"META-INF/container.xml": ENTITY + "<p>&x;</p>"}), "references that could reach outside"),
        (
            zipped({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": ENTITY + package("", "")}),
            "references that could",
        ),
    ],
)
def test_what_is_no_sound_book_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableSource) as error:
        read(data, circumstances("bad.epub"))
    assert why in error.value.sentence
    assert error.value.next_step.endswith(".")


def test_a_book_without_pages_is_its_title() -> None:
    story = read(epub_of(item("a", "a.xhtml"), "", {}), circumstances("a.epub")).story
    assert story.details.title == "Salt"
    assert not len(story.manuscript)


def test_entities_of_pages_are_not_followed() -> None:
    page = ENTITY + "<html><body><p>A &x; b &lt;</p></body></html>"
    data = epub_of(item("b", "b.xhtml"), '<itemref idref="b"/>', {}, others={"OEBPS/b.xhtml": page})
    assert [block.text for block in read(data, circumstances("a.epub")).story.manuscript] == ["A &x; b <"]


def test_what_is_an_epub() -> None:
    assert fits(epub_of(ITEMS, SPINE, PAGES), "a")
    assert fits(b"", "a.epub")
    assert not fits(b"PK\x03\x04", "a.zip")
