"""A book as a Word document: read again it has the same words with the same looks, and it is laid out as manuscripts are."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from defusedxml.ElementTree import fromstring
from docx import Document
from docx.document import Document as WordDocument
from docx.shared import Inches, Pt
from hypothesis import given, settings

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, Run
from composer.exchange.documents.docx_out import docx, rounded_words, running_head
from composer.exchange.documents.markup import sound
from tests.exchange.odd_books import FERRY, MADE, books
from tests.exchange.test_html_out import expected

# Opening a document is slow.
_EXAMPLES = (settings.default or settings()).max_examples // 4
_AROUND = ("Contact", "Title", "Subtitle", "The End")


def read(data: bytes) -> WordDocument:
    return Document(BytesIO(data))


def parts(document: WordDocument) -> list[Part]:
    found: list[Part] = []
    for paragraph in document.paragraphs:
        name = paragraph.style.name if paragraph.style else ""
        assert name is not None
        if name.startswith("Heading "):
            found.append(Heading(paragraph.text, int(name[8:])))
        elif name == "Scene Break":
            assert paragraph.text == "#"
            found.append(Break())
        elif name not in _AROUND:
            assert name == "Normal"
            found.append(Paragraph(tuple(Run(run.text, bool(run.italic), bool(run.bold)) for run in paragraph.runs)))
    return found


def of_style(document: WordDocument, name: str) -> list[str]:
    return [each.text for each in document.paragraphs if each.style is not None and each.style.name == name]


@given(books())
@settings(max_examples=_EXAMPLES)
@pytest.mark.slow
def test_every_book_is_read_again_as_it_was(book: Book) -> None:
    data = docx(book, made=MADE)
    document = read(data)
    assert parts(document) == [expected(part, 9) for part in book.parts]
    assert of_style(document, "Title") == [sound(book.title)] * bool(book.title)
    assert of_style(document, "Subtitle") == [f"by {sound(book.author)}"] * bool(book.author)
    assert of_style(document, "The End") == ["END"] * any(isinstance(part, Paragraph) for part in book.parts)
    with ZipFile(BytesIO(data)) as archive:
        for path in archive.namelist():
            fromstring(archive.read(path))


def test_the_first_page_has_the_contact_the_number_of_words_and_the_title_half_way_down() -> None:
    document = read(docx(FERRY, contact="Ilse Marrow\n3 Quay Street\n\n ilse@example.org ", made=MADE))
    assert of_style(document, "Contact") == ["Ilse Marrow\t30 words", "3 Quay Street", "ilse@example.org"]
    title = next(each for each in document.paragraphs if each.text == FERRY.title)
    assert title.paragraph_format.space_before is not None
    # With the margin above and three lines of contact.
    assert 320 < 72 + 3 * 14 + title.paragraph_format.space_before.pt < 440
    # Without a contact it is the author; without an author only the words, on the right.
    assert of_style(read(docx(FERRY, made=MADE)), "Contact") == ["Ilse Marrow\t30 words"]
    anonymous = Book(parts=(Paragraph((Run("Only this."),)),))
    assert of_style(read(docx(anonymous, made=MADE)), "Contact") == ["\t2 words"]


def test_the_page_is_that_of_a_manuscript() -> None:
    document = read(docx(FERRY, made=MADE))
    section = document.sections[0]
    assert {section.top_margin, section.bottom_margin, section.left_margin, section.right_margin} == {Inches(1)}
    assert section.different_first_page_header_footer
    assert [each.text for each in section.first_page_header.paragraphs] == [""]
    assert section.header.paragraphs[0].text == "Marrow / THE SALT FERRY / "
    assert 'w:instr=" PAGE "' in section.header.paragraphs[0]._p.xml
    normal = document.styles["Normal"]
    assert (normal.font.name, normal.font.size) == ("Times New Roman", Pt(12))
    assert normal.paragraph_format.line_spacing == 2.0
    assert normal.paragraph_format.first_line_indent == Inches(0.5)
    assert document.styles["Heading 1"].paragraph_format.page_break_before
    assert not document.styles["Heading 2"].paragraph_format.page_break_before
    for name in ("Title", "Subtitle", "Heading 1", "Heading 2", "Scene Break", "The End", "Contact", "Header"):
        style = document.styles[name]
        assert (style.font.name, style.font.size) == ("Times New Roman", Pt(12))
        assert style.font.color.rgb is None
        assert style.paragraph_format.first_line_indent == 0


def test_properties_tell_title_author_language_and_the_time_that_was_handed_in() -> None:
    document = read(docx(FERRY, made=MADE))
    properties = document.core_properties
    assert (properties.title, properties.author, properties.language) == ("The Salt Ferry", "Ilse Marrow", "en")
    assert (properties.comments, properties.subject, properties.keywords) == ("", "", "")
    moment = datetime.fromtimestamp(MADE // 1000, UTC)
    assert properties.created == properties.modified == moment
    assert '<w:lang w:val="en"' in document.styles.element.xml
    long = read(docx(Book("t" * 999, "a" * 999, "l" * 999), made=10**18)).core_properties
    assert (len(long.title), len(long.author), len(long.language)) == (255, 255, 255)


def test_the_same_book_gives_the_same_bytes() -> None:
    data = docx(FERRY, contact="Quay", made=MADE)
    assert data == docx(FERRY, contact="Quay", made=MADE)
    with ZipFile(BytesIO(data)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [path for path in archive.namelist() if "thumbnail" in path]


def test_a_story_of_nothing_is_a_document_too() -> None:
    document = read(docx(Book(), made=0))
    assert [each.text for each in document.paragraphs] == []
    assert document.sections[0].header.paragraphs[0].text == ""


def test_text_from_right_to_left_stands_so() -> None:
    assert "<w:bidi/>" in read(docx(Book(language="he"), made=0)).styles["Normal"].element.xml
    assert "<w:bidi/>" not in read(docx(Book(language="en"), made=0)).styles["Normal"].element.xml


@pytest.mark.parametrize(
    ("count", "words"),
    [
        *[(0, ""), (1, "1 word"), (99, "99 words"), (149, "about 100 words"), (150, "about 200 words")],
        *[(3_249, "about 3,200 words"), (19_949, "about 19,900 words"), (104_500, "about 105,000 words")],
    ],
)
def test_words_are_rounded(count: int, words: str) -> None:
    assert rounded_words(count) == words


@pytest.mark.parametrize(
    ("title", "author", "head"),
    [
        ("Salt", "Ilse Marrow", "Marrow / SALT / "),
        ("Salt", "Marrow, Ilse", "Marrow / SALT / "),
        ("Salt", "Ilse Marrow, Jr.", "Marrow / SALT / "),
        ("Salt", "Ilse Marrow III", "Marrow / SALT / "),
        ("Salt", "", "SALT / "),
        ("", "Ilse", "Ilse / "),
        ("", "", ""),
        ("The Long Slow Winter of the Ferry Pilots", "I. M.", "M. / LONG SLOW WINTER OF THE FERRY / "),
        ("Salt: A Story of Two Banks", "I. M.", "M. / SALT / "),
        (": : :", "I. M.", "M. / : : : / "),
        ("x" * 99, "I. M.", f"M. / {'X' * 30} / "),
    ],
)
def test_the_running_head_is_short(title: str, author: str, head: str) -> None:
    assert running_head(title, author) == head
