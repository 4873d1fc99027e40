"""Pages, books, Markdown and text as other programs write them: emphasis in classes, notes, verse, boxes, page breaks, encodings."""

from __future__ import annotations

import pytest

from composer.errors import UnreadableSource
from composer.exchange.documents import epub_in, html_in, markdown_in, text_in
from composer.exchange.documents.book import Book, Heading, Paragraph, Run
from composer.exchange.documents.css import looks_of
from composer.exchange.documents.decoding import text_of
from composer.exchange.formats import detect
from composer.exchange.taken import Tally
from tests.exchange.archives import epub_of, item
from tests.exchange.documents import circumstances


def lines(found: Book) -> list[object]:
    """The parts, paragraphs of one plain run as their text."""
    return [
        part.text if isinstance(part, Paragraph) and part.runs == (Run(part.text),) else part for part in found.parts
    ]


def page(text: str) -> tuple[list[object], list[str]]:
    found, tally = html_in.book(text.encode(), "a.html")
    return lines(found), said(tally)


def markdown(text: str) -> tuple[list[object], list[str]]:
    found, tally = markdown_in.book(text.encode(), "a.md")
    return lines(found), said(tally)


def said(tally: Tally) -> list[str]:
    return [str(each) for each in tally.all]


# pages and books


SHEET = """
/* .no { font-style: italic } */ .c1 {font-style:italic} p.c2, .c3 { font-weight: 700; }
h1.western { font-style: italic } @media print { .c4 { font-style: oblique } } div .c5 { font-style: italic }
"""


def test_classes_that_slant_or_embolden() -> None:
    assert looks_of(SHEET) == {
        ("", "c1"): (True, False),
        ("p", "c2"): (False, True),
        ("", "c3"): (False, True),
        ("h1", "western"): (True, False),
        ("", "c4"): (True, False),
    }
    for hostile in ("{" * 500_000, "}" * 500_000, ".a," * 300_000 + "{font-style:italic}", "/*" * 500_000):
        looks_of(hostile)


def test_italics_in_classes_survive() -> None:
    parts, lost = page(
        f"<style>{SHEET}</style><h1 class=western>T</h1><p class=western>a <span class='x c1'>b</span><span class=c2>c</span>"
    )
    assert parts == [Paragraph((Run("a "), Run("b", italic=True), Run("c")))]
    assert not lost
    sheet = '<item id="css" href="a%20b.css" media-type="text/css"/>'
    book, _ = epub_in.book(
        epub_of(
            item("a", "a.xhtml") + sheet,
            '<itemref idref="a"/>',
            {"a.xhtml": '<p>x <span class="span2">y</span></p>'},
            others={"OEBPS/a b.css": ".span2 { font-style: italic; }"},
        ),
        "a.epub",
    )
    assert book.parts == (Paragraph((Run("x "), Run("y", italic=True))),)


def test_a_page_of_a_text_program() -> None:
    parts, lost = page(
        '<div title="header"><p>Salt</p></div><p>Text<a class="sdfootnoteanc" href="#n"><sup>1</sup></a></p>'
        '<div id="sdfootnote1"><p><a class="sdfootnotesym" href="#t">1</a>A note.</p></div><div title="footer"><p>2</p></div>'
    )
    assert parts == ["Text¹", "¹ A note."]
    assert lost == ["footnotes: They stand where the page has them."]
    book, _ = html_in.book(
        b'<meta name="author" content="Ann"><title>Salt</title><h1>A</h1><p>x<h1>B</h1><p>y', "a.html"
    )
    assert (book.title, book.author) == ("Salt", "Ann")
    parts, lost = page('<p class="date">2024-05-05</p><p>x</p>')
    assert (parts, lost) == (["x"], ["dates before the text: They have no place in a text."])


def test_cells_readings_boxes_and_looks_of_a_page() -> None:
    parts, lost = page(
        "<table><tr>\n<th>a\n</th>\n<th>b</th>\n</tr></table><p><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>と<ruby>字<rt>じ</ruby></p>"
        "<ul><li><input type='checkbox' checked>done</li></ul><p><u>x</u><s>y</s><math><mi>e</mi></math></p>"
    )
    assert parts == [
        "a | b",
        "漢字（かんじ）と字（じ）",
        "- ☒ done",
        Paragraph((Run("x", italic=True), Run("y"))),
    ]
    assert lost == [
        "tables: Each row is a paragraph now.",
        "2 readings beside characters: They stand in brackets behind them.",
        "stretches that are underlined: They are in italics now.",
        "stretches that are struck out: They are plain text now.",
        "formulas: They are left out.",
        "items of lists: They are paragraphs now.",
    ]


# Markdown


def test_verse_keeps_its_lines() -> None:
    assert markdown("| The *sea*\n|    goes out\n| and in\n\n| a |")[0] == [
        Paragraph((Run("The "), Run("sea", italic=True))),
        "goes out",
        "and in",
        "| a |",
    ]


def test_what_is_struck_out_boxes_and_pictures_over_two_lines() -> None:
    parts, lost = markdown("It was ~~dark~~ ![a\npicture](x.png).\n\n- [ ] todo\n- [x] done\n")
    assert parts == ["It was dark a picture.", "- ☐ todo", "- ☒ done"]
    assert "stretches that are struck out: They are plain text now." in lost
    outline = markdown_in.read(b"- [ ] todo\n- [x] done\n", circumstances("a.md", outline=True)).story.outline
    assert [row.beat.text.done for row in outline.rows()] == [False, True]
    outline = markdown_in.read("- ☐ todo\n- ☒ done\n".encode(), circumstances("a.md", outline=True)).story.outline
    assert [(row.beat.text.summary, row.beat.text.done) for row in outline.rows()] == [("todo", False), ("done", True)]


# text


def test_page_breaks_part_paragraphs_but_no_sentences() -> None:
    text = b"CHAPTER ONE\n\nIt was dark,\n\fand cold.\n\fCHAPTER TWO\n\nHello.\f"
    assert lines(text_in.book(text, "a.txt")[0]) == [
        Heading("CHAPTER ONE"),
        "It was dark,",
        "and cold.",
        Heading("CHAPTER TWO"),
        "Hello.",
    ]
    assert text_of("One\fTwo\f\f".encode("utf-16"), "a") == "One\n\nTwo"


@pytest.mark.parametrize(("text", "encoding"), [("Это роман о море.", "cp1251"), ("Η θάλασσα ήταν", "cp1253")])
def test_letters_of_another_alphabet_are_no_wrong_words(text: str, encoding: str) -> None:
    assert detect(text.encode(encoding), "a.txt").name == "txt"
    with pytest.raises(UnreadableSource, match="does not say how its letters are encoded"):
        text_of(text.encode(encoding), "a.txt")
    assert text_of(text.encode(encoding), "a.txt", encoding) == text
    assert text_of("Où étaient-ils? À l’été, là-bas.".encode("cp1252"), "a.txt").startswith("Où ét")


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"{\\rtf1 hello}", "a.rtf", "a.rtf is RTF, which is not read."),
        (b"%PDF-1.4\n", "a.txt", "a.txt is a PDF, which is not read."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "a.doc", "a.doc is a document of an old Word, which is not read."),
        ("彼は言った。".encode("shift_jis"), "a.txt", "a.txt is no text in an encoding that is known."),
        (b"\x89PNG\0\1\2\3\4\5\6\7", "a.png", "a.png is of no format that is known."),
    ],
)
def test_what_is_not_read_is_called_by_its_name(data: bytes, name: str, why: str) -> None:
    with pytest.raises(UnreadableSource) as error:
        detect(data, name)
    assert error.value.sentence == why
    assert error.value.next_step.endswith(".")
