"""HTML in: pages as people write them, well or badly, and nothing of them that runs or is fetched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.documents.book import Heading, Paragraph, Run
from composer.exchange.documents.html_in import book, fits, read
from tests.exchange.documents import circumstances, losses, shown, texts

PAGE = """\
<!DOCTYPE html>
<html lang="de">
<head><title>A page</title><meta name="author" content="Ann Lee"><style>p { x: y }</style><script>var a = "<p>no</p>";</script></head>
<body>
<nav><a href="/">Home</a></nav>
<h1>Salz</h1>
<p class="author">by Ann Lee</p>
<h2>Eins</h2>
<p>Sie <i>ging</i>
   und <span style="font-style: italic; font-weight:700">kam</span>. <a href="http://a.b">Dort</a>
<p>Zeile<br>Zeile&nbsp;zwei &amp; &lt;drei&gt; &#27;
<ul><li>x<li>y<ol start=3><li>z</ol></ul>
<table><tr><td>1<td><p>2</p><tr><th>3</table>
<hr>
<div>Offen <img src="file:///etc/passwd" alt="ein Tor"></div>
<p hidden>unseen</p>
<pre>a
  b</pre>
<h2></h2>
</body></html>
"""


def test_a_page_comes_in() -> None:
    taken = read(PAGE.encode(), circumstances("salz.html"))
    details = taken.story.details
    assert (details.title, details.author, details.language) == ("Salz", "Ann Lee", "de")
    assert shown(taken.story) == ["Eins :: ", "   :: Sie ging und kam.", "   :: Offen ein Tor"]
    assert [row.partition(" | ")[2] for row in texts(taken.story)] == [
        "Sie *ging* und ***kam***. Dort",
        "Zeile",
        "Zeile\xa0zwei & <drei>",
        "- x",
        "- y",
        "3. z",
        "1 | 2",
        "3",
        "***",
        "Offen ein Tor",
        "a",
        "b",
    ]
    assert "addresses of links: Their words are kept." in losses(taken)
    assert "pictures: What was said in place of them is kept." in losses(taken)


def test_an_outline_is_of_headings_and_items() -> None:
    text = "<h1>Salt</h1><p>Why.</p><h2>One</h2><p>She goes.</p><p>More.</p><ul><li><b>Tide</b>: in<ul><li>deep</ul><li>Rope</ul><h2>Two</h2>"
    story = read(text.encode(), circumstances("a.html", outline=True)).story
    assert (story.details.title, story.details.purpose) == ("Salt", "Why.")
    assert shown(story) == ["One :: She goes.", "  Tide :: in", "     :: deep", "   :: Rope", "Two :: "]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>Größe</p>".encode("latin-1"), "Größe"),
        ('<meta charset="windows-1251"><p>Соль</p>'.encode("cp1251"), "Соль"),
        ('<meta charset="windows-1251"><p>Соль</p>'.encode(), "Соль"),
        ("\ufeff<p>Соль</p>".encode("utf-16"), "Соль"),
        ("<p>Salz und mehr</p>".encode("utf-16-le"), "Salz und mehr"),
        ('<meta charset="no-such"><p>Größe</p>'.encode("latin-1"), "Größe"),
        ('<meta charset="base64"><p>Größe</p>'.encode("latin-1"), "Größe"),
    ],
)
def test_encodings_are_found_out(data: bytes, text: str) -> None:
    assert book(data, "a.html")[0].parts[0].text == text  # type: ignore[union-attr]


def test_titles_of_pages() -> None:
    assert book(b"<title>Salt</title><p>x", "a")[0].title == "Salt"
    assert book(b"<title>Untitled</title><p>x", "a")[0].title == ""
    assert book(b"<title>Site</title><h1>Salt</h1><p>x", "a")[0].title == "Salt"
    assert book(b"<title>Site</title><h1>A</h1><p>x<h1>B</h1><p>y", "a")[0].title == ""
    assert book(b"<h1>T</h1><p>by the sea", "a")[0].author == ""


def test_what_says_that_it_is_title_or_author_is() -> None:
    head = '<header><h1 class="title">Salt</h1><p class="author">Ann</p></header>'
    found = book(f"{head}<h1>One</h1><p>x<sup>2</sup><p class=author>y<a role=doc-backlink>up</a>".encode(), "a")[0]
    assert (found.title, found.author) == ("Salt", "Ann")
    assert found.parts == (Heading("One"), Paragraph((Run("x²"),)), Paragraph((Run("y"),)))


def test_what_is_html() -> None:
    assert fits(b"  <!-- x --><!doctype HTML><p>", "a.txt")
    assert fits(b"<?xml version='1.0'?>\n<html>", "a")
    assert fits(b"<p>", "a.htm")
    assert not fits(b"a <html>", "a.txt")
    assert not fits(b"\0<html>", "a.html")
    with pytest.raises(UnreadableSource, match=r"There is no text in a\.html"):
        read(b"<html><body><script>x</script><p> </p>", circumstances("a.html"))


TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<ul>",
        "<li>",
        "</ul>",
        "<ol>",
        "<h1>",
        "</h1>",
        "<h3>",
        "<em>",
        "</em>",
        "<b>",
        "<br>",
        "<hr>",
        "<td>",
        "<tr>",
        "<table>",
        "</table>",
        "<script>",
        "</script>",
        "<pre>",
        "</pre>",
        "<div/>",
        "<title>",
        "</div>",
        "a",
        "&#x1b;",
        "<",
        "<!--",
        "\n",
    ]
)


@given(st.lists(TAGS, max_size=25).map("".join))
def test_nothing_is_raised_for_any_page(text: str) -> None:
    for outline in (False, True):
        try:
            story = read(text.encode(), circumstances("a.html", outline=outline)).story
        except UnreadableSource:
            continue
        assert all(
            block.text.strip() and "\n" not in block.text and "\x1b" not in block.text for block in story.manuscript
        )


@pytest.mark.slow
@pytest.mark.parametrize("tag", ["<div>", "<em>", "<ul><li>", "<blockquote>", "<p", "<!--", "&", "<h2>a", "</p>"])
def test_deep_and_odd_pages_are_read(tag: str) -> None:
    assert book((tag * 20_000 + "<p>end</p>").encode(), "a.html")[0] is not None
