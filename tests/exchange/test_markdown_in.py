"""Markdown in: as manuscript with what a manuscript can hold, as outline with its nesting."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.documents.book import Break, Heading, Paragraph
from composer.exchange.documents.markdown_in import book, fits, read
from composer.exchange.formats import detect
from tests.exchange.documents import circumstances, losses, shown, texts

EVERYTHING = """\
---
title: "The Salt Road"
author: Ilse Harrow
tags:
  - sea
---
# The Salt Road

Intro *so* it[^1].

## One

It was _dark_ \\- no.
On the same line.\\
On another.

- a **b**
  with more
- c
  1. d

| x | y |
|---|---|
| 1 | 2 |

> Quoted `code` and [a link](http://a.b "t").

***

<div><p>Hi <em>there</em></p></div>

    set_in()

![A gate](gate.png) stood <b>open</b> &amp; <span>wide</span>.<br>It did.

~

[^1]: A note.
"""


def test_what_a_manuscript_holds_comes_and_the_rest_is_counted() -> None:
    taken = read(EVERYTHING.encode(), circumstances("salt.md"))
    details = taken.story.details
    assert (details.title, details.author) == ("The Salt Road", "Ilse Harrow")
    assert [row.partition(" | ")[2] for row in texts(taken.story)] == [
        "Intro *so* it¹.",
        "It was *dark* - no. On the same line.",
        "On another.",
        "- a **b** with more",
        "- c",
        "1. d",
        "x | y",
        "1 | 2",
        "Quoted code and a link.",
        "***",
        "Hi *there*",
        r"set_in()",
        "A gate stood **open** & wide.",
        "It did.",
        "***",
        "***",
        "¹ A note.",
    ]
    assert shown(taken.story)[:3] == [" :: Intro so it¹.", "One :: ", "   :: It was dark - no."]
    assert losses(taken) == [
        "fields before the text: tags.",
        "tables: Each row is a paragraph now.",
        "quotations set in: They are paragraphs like others now.",
        "2 stretches of code: They are plain text now.",
        "addresses of links: Their words are kept.",
        "stretches of HTML: Their words are kept.",
        "pictures: What was said in place of them is kept.",
        "2 tags of HTML: The words between them are kept.",
        "footnotes: They stand at the end now.",
        "2 line breaks within paragraphs: Each line is a paragraph now.",
        "3 items of lists: They are paragraphs now.",
    ]


def test_headings_are_one_below_the_title_or_at_the_top() -> None:
    def depths(text: str) -> list[tuple[str, int]]:
        return [(each.text, each.depth) for each in book(text.encode(), "a.md")[0].parts if isinstance(each, Heading)]

    assert depths("# T\n\n## A\n\n#### B\n\n## C\n") == [("A", 1), ("B", 3), ("C", 1)]
    assert depths("# A\n\nx\n\n# B\n") == [("A", 1), ("B", 1)]
    assert depths("### A\n\n### B\n") == [("A", 1), ("B", 1)]
    assert depths("---\ntitle: T\n---\n\n# A\n\nx\n") == [("A", 1)]
    assert depths("A\n=\n\nB *b*\n---\n") == [("B b", 1)]
    assert book(b"x\n\n# A\n", "a.md")[0].title == ""
    assert shown(read(b"# T\n\n## A\n\n#### B\n\ntext\n", circumstances("a.md")).story) == [
        "A :: ",
        "  B :: ",
        "     :: text",
    ]


def test_the_author_stands_below_the_title_alone() -> None:
    assert book(b"# T\n\nby Ann Lee\n\nx", "a.md")[0].author == "Ann Lee"
    assert book(b"# T\n\n*by Ann Lee*\n\nx", "a.md")[0].author == ""
    assert book(b"by Ann Lee\n\nx", "a.md")[0].author == ""


def test_signs_that_were_typed_stay_where_they_mean_the_same() -> None:
    def typed(source: str) -> str:
        return read(source.encode(), circumstances("a.md")).story.manuscript.at(0).text

    assert typed("She _so_ went") == "She _so_ went"
    assert typed("5 * 3 \\<b\\>") == "5 * 3 <b>"
    assert typed("a\\_b") == "a\\_b"
    assert typed("\\- a *b*") == "- a *b*"
    assert typed("&#42;so&#42;") == r"\*so\*"
    assert typed("a &#27; b&#8238;") in ("a \ufffd b", "a  b")
    assert typed(r"\"I\'m\" \.\.\.") == '"I\'m" ...'


def test_markers_alone_are_scene_breaks() -> None:
    for sign in ("***", "* * *", "---", "___", "#", "\\#", "\\*\\*\\*", "~", "• • •", "⁂"):
        assert book(f"a\n\n{sign}\n\nb".encode(), "a.md")[0].parts[1] == Break(), sign
    for text in ("...", "…", "—", "?!", "1"):
        assert isinstance(book(f"a\n\n{text}\n\nb".encode(), "a.md")[0].parts[1], Paragraph), text


OUTLINE = """\
# Salt

by Ilse

What it is for.

## One: it begins

She goes.

More notes.

- **Tide** - it comes
- Rope: holds
  - [x] deeper
    still

    A second paragraph.
- Sail: tears

## Two

### Sub
1. first
2. second
"""


def test_an_outline_keeps_its_nesting() -> None:
    story = read(OUTLINE.encode(), circumstances("a.md", outline=True)).story
    assert (story.details.title, story.details.author, story.details.purpose) == ("Salt", "Ilse", "What it is for.")
    assert shown(story) == [
        "One: it begins :: She goes.",
        "  Tide :: it comes",
        "  Rope :: holds",
        "    deeper still :: A second paragraph.",
        "  Sail :: tears",
        "Two :: ",
        "  Sub :: ",
        "     :: first",
        "     :: second",
    ]
    assert story.outline.beats[0].text.notes == "More notes."
    assert story.outline.beats[0].below[1].below[0].text.done
    assert not len(story.manuscript)


def test_outlines_without_a_title_or_headings() -> None:
    assert shown(read(b"## A\n\n## B\n", circumstances(outline=True)).story) == ["A :: ", "B :: "]
    assert shown(read(b"Wren climbs.\nOdo waters it.\n", circumstances(outline=True)).story) == [
        " :: Wren climbs.",
        " :: Odo waters it.",
    ]
    listed = read(b"- **A**: x\n  - y\n\n    z\n- B\n", circumstances(outline=True)).story
    assert shown(listed) == ["A :: x", "  y :: z", " :: B"]
    with pytest.raises(UnreadableSource, match="There is no text"):
        read(b"\n---\n", circumstances(outline=True))


def test_what_is_markdown() -> None:
    assert fits(b"x", "a.md")
    assert fits(b"# A\n\n## B\n", "a")
    assert not fits(b"# A\n\n## B\n", "a.txt")
    assert not fits(b"Plain.\n", "a")
    assert not fits(b"\0", "a.md")
    assert detect(b"# A\n\ntext", "a.md").name == "md"
    assert detect(b"# A\n\ntext", "a.txt").name == "txt"


@given(st.text(st.sampled_from("ab *_#->`[]()|!<&\\\n1.^:~")))
def test_nothing_is_raised_for_any_text(text: str) -> None:
    for outline in (False, True):
        try:
            story = read(text.encode(), circumstances("a.md", outline=outline)).story
        except UnreadableSource:
            continue
        assert all(block.text.strip() and "\n" not in block.text for block in story.manuscript)
        assert all(row.beat.text.line.strip() for row in story.outline.rows())


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["*a", "**a ", "_a*", "[", "![", "<a ", "`", "> ", "- ", "\\", "&#", "#" * 6 + " a\n", "a\n"]
)
def test_odd_repetition_is_read_too(piece: str) -> None:
    with suppress(UnreadableSource):
        read((piece * 20_000).encode(), circumstances("a.md"))
