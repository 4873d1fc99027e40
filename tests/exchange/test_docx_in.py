"""Word documents in: our own manuscript comes back, others with what they hold, and what is none is refused."""

from __future__ import annotations

import io

import pytest

from composer.errors import UnreadableSource
from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Run
from composer.exchange.documents.docx_in import book, fits, read
from composer.exchange.documents.docx_out import docx
from tests.exchange.archives import W, paragraph, word, zipped
from tests.exchange.documents import circumstances, losses, shown

BOOK = Book(
    "The Salt Road",
    "Ilse Harrow",
    "de",
    (
        Paragraph((Run("Before it."),)),
        Heading("Part one"),
        Heading("Tides", 2),
        Paragraph((Run("She "), Run("goes  on", italic=True), Run(" & "), Run("on", True, True), Run("."))),
        Break(),
        Paragraph((Run("by Odo"),)),
        Heading("END"),
        Paragraph((Run("END"),)),
    ),
)


@pytest.mark.slow
def test_our_own_manuscript_comes_back() -> None:
    found, tally = book(docx(BOOK, contact="Ilse Harrow\n1 Salt Road", made=0), "salt.docx")
    assert found == BOOK
    assert not tally.all
    plain = Book("", "", "en", (Heading("One"), Paragraph((Run("Text."),))))
    assert book(docx(plain, made=0), "a.docx")[0] == plain


def made() -> bytes:
    """A document as people write them."""
    from docx import Document

    document = Document()
    document.core_properties.title = "Tides"
    document.core_properties.author = "Ann"
    document.add_heading("One", 1)
    first = document.add_paragraph("She ")
    first.add_run("said", style="Emphasis")
    first.add_run(" so").add_break()
    first.add_run("twice.").bold = True
    document.add_paragraph("* * *")
    document.add_paragraph("bread", style="List Bullet")
    document.add_paragraph("water", style="List Number")
    document.add_paragraph("wine", style="List Number")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "a", "b"
    document.add_paragraph("The end.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.slow
def test_other_documents_bring_what_they_hold() -> None:
    found, tally = book(made(), "tides.docx")
    assert (found.title, found.author) == ("Tides", "Ann")
    assert found.parts == (
        Heading("One"),
        Paragraph((Run("She "), Run("said", italic=True), Run(" so"))),
        Paragraph((Run("twice.", bold=True),)),
        Break(),
        Paragraph((Run("- bread"),)),
        Paragraph((Run("1. water"),)),
        Paragraph((Run("2. wine"),)),
        Paragraph((Run("a | b"),)),
        Paragraph((Run("The end."),)),
    )
    assert [str(each) for each in tally.all] == [
        "tables: Each row is a paragraph now.",
        "line breaks within paragraphs: Each line is a paragraph now.",
        "3 items of lists: They are paragraphs now.",
    ]
    story = read(made(), circumstances("tides.docx", outline=True)).story
    assert shown(story)[:2] == ["One :: She said so twice.", "   :: bread"]


def test_what_reviewers_left_is_counted() -> None:
    body = (
        '<w:p><w:ins w:id="1"><w:r><w:t>kept</w:t></w:r></w:ins><w:del w:id="2"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>'
        + paragraph("text")
    )
    taken = read(word(body, comments=f'<w:comments {W}><w:comment w:id="0"/></w:comments>'), circumstances("a.docx"))
    assert [block.text for block in taken.story.manuscript] == ["kept", "text"]
    assert losses(taken) == [
        "tracked insertions: They are text now.",
        "tracked deletions: They are left out.",
        "comments: They have no place in a text.",
    ]


def test_lines_across_the_page_are_scene_breaks() -> None:
    rule = '<w:p><w:r><w:pict><v:rect xmlns:v="urn:v" xmlns:o="urn:o" o:hr="t"/></w:pict></w:r></w:p>'
    found = book(word(paragraph("a") + rule + paragraph("b")), "a.docx")[0]
    assert found.parts == (Paragraph((Run("a"),)), Break(), Paragraph((Run("b"),)))


ENTITY = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document {W}><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no Word document"),
        (b"Plain text.", "is no Word document"),
        (b"PK\x03\x04 and no more", "damaged or cut off"),
        (made()[:9_000], "damaged or cut off"),
        (zipped({"mimetype": "application/epub+zip"}), "is no Word document"),
        (zipped({"word/other.xml": "<a/>"}), "a part of it is damaged or missing"),
        (word("<?xml version='1.0'?><w:document>"), "a part of it is damaged or missing"),
        (word("<w:p>"), "a part of it is damaged or missing"),
        (word(ENTITY), "references that could reach outside"),
        (zipped({"word/document.xml": ENTITY.encode("utf-16")}), "references that could reach outside"),
        (word(paragraph("x"), core="<a><b>"), "a part of it is damaged"),
        (word(paragraph("x"), core="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "references that could reach outside"),
        (word(paragraph(" ")), "There is no text in bad.docx"),
    ],
)
def test_what_is_no_sound_document_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableSource) as error:
        read(data, circumstances("bad.docx"))
    assert why in error.value.sentence
    assert error.value.next_step.endswith(".")


def test_damage_anywhere_is_told() -> None:
    """Bytes of the compressed text are exchanged: the checksum finds it."""
    data = bytearray(made())
    at = data.index(b"word/document.xml") + 200
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(UnreadableSource):
        read(bytes(data), circumstances("bad.docx"))


def test_what_is_a_word_document() -> None:
    assert fits(made()[:65_536], "a")
    assert fits(b"", "a.docx")
    assert not fits(b"PK\x03\x04", "a.zip")
    assert not fits(b"text", "a.txt")
