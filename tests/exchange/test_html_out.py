"""A book as a page of HTML: read again it has the same words with the same looks, and it needs nothing beside itself."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, Run
from composer.exchange.documents.html_out import html
from composer.exchange.documents.markup import from_the_right, language_tag, sound
from tests.exchange.odd_books import FERRY, books

_TEXT = ("h1", "h2", "h3", "h4", "h5", "h6", "p", "em", "strong", "hr")


class Page(HTMLParser):
    """What a page says: its attributes, its header, and its parts as a book has them."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.title = self.heading = self.author = ""
        self.root: dict[str, str | None] = {}
        self.tags: set[str] = set()
        self.parts: list[Part] = []
        self._open: list[str] = []
        self._runs: list[Run] = []
        self.feed(data.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "html":
            self.root = dict(attrs)
        if tag == "hr":
            self.parts.append(Break())
        elif tag not in ("meta", "link"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        text = "".join(run.text for run in self._runs)
        if "header" in self._open and tag == "h1":
            self.heading = text
        elif "header" in self._open and tag == "p":
            self.author = text
        elif re.fullmatch("h[1-6]", tag):
            self.parts.append(Heading(text, int(tag[1]) - 1))
        elif tag == "p":
            self.parts.append(Paragraph(tuple(self._runs)))
        if tag not in ("em", "strong"):
            self._runs = []

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.title += data
        elif {"p", "h1", "h2", "h3", "h4", "h5", "h6"}.intersection(self._open):
            self._runs.append(Run(data, "em" in self._open, "strong" in self._open))


def expected(part: Part, deepest: int) -> Part:
    if isinstance(part, Heading):
        return Heading(sound(part.text), min(part.depth, deepest))
    if isinstance(part, Paragraph):
        return Paragraph(tuple(run._replace(text=sound(run.text)) for run in part.runs))
    return part


@given(books())
def test_every_book_is_read_again_as_it_was(book: Book) -> None:
    page = Page(html(book))
    assert page.parts == [expected(part, 5) for part in book.parts]
    assert page.heading == sound(book.title)
    assert page.author == (f"by {sound(book.author)}" if book.author else "")
    assert page.title == sound(book.title or "Untitled")


def test_a_page_needs_nothing_and_runs_nothing() -> None:
    data = html(replace(FERRY, title="<script>alert(1)</script>", author='"><img src=x onerror=y>'))
    page = Page(data)
    assert page.tags <= {"html", "head", "meta", "title", "style", "body", "main", "header", *_TEXT}
    text = data.decode()
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)=(?!x onerror)", text)
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


@pytest.mark.parametrize(
    ("language", "tag", "right"),
    [
        ("en", "en", False),
        ("pt_BR", "pt-BR", False),
        ("zh-Hans-CN", "zh-Hans-CN", False),
        ("he", "he", True),
        ("az-Arab", "az-Arab", True),
        ("ar-Latn", "ar-Latn", False),
        ("", "", False),
        ("English", "", False),
        ('en" onload="x', "", False),
    ],
)
def test_the_language_is_that_of_the_page_where_it_is_one(language: str, tag: str, right: bool) -> None:
    book = Book(language=language)
    assert (language_tag(language), from_the_right(book)) == (tag, right)
    assert Page(html(book)).root == ({"lang": tag} if tag else {}) | ({"dir": "rtl"} if right else {})


def test_a_text_goes_where_most_of_its_letters_go() -> None:
    assert not from_the_right(replace(FERRY, language="he"))
    hebrew = Book(language="en", parts=(Paragraph((Run("So: "), Run("שלום עולם"))), Paragraph((Run("1 שלום"),))))
    assert from_the_right(hebrew)
    assert Page(html(hebrew)).root == {"lang": "en", "dir": "rtl"}
    assert not from_the_right(Book(language="en", parts=(Paragraph((Run("1, 2, 3"),)),)))


def test_a_story_of_nothing_is_a_page_too() -> None:
    page = Page(html(Book()))
    assert (page.title, page.heading, page.author, page.parts) == ("Untitled", "", "", [])
    assert Page(html(Book(author="Ilse"))).author == "by Ilse"


def test_the_same_book_gives_the_same_bytes() -> None:
    assert html(FERRY) == html(FERRY)
