"""The manuscript as text and Markdown: which lines of the outline stand in it as headings, and that Markdown shows the very words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, Run, book_of
from composer.exchange.documents.emphasis import runs_of, text_of_runs
from composer.exchange.documents.plain import manuscript, markdown, plain
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Beat, BeatText, Outline
from composer.story.spans import Span, Written
from composer.story.story import Details, Story, Structure
from tests.exchange.odd_books import FERRY, books

OUTLINE = Outline(
    (
        Beat("salt", BeatText("Salt", "What it is.")),
        Beat(
            "sea",
            BeatText("The sea"),
            (Beat("tides", BeatText("Tides", "Why it comes.")), Beat("wrecks", BeatText(summary="What it brings."))),
        ),
    )
)


def story(structure: Structure) -> Story:
    blocks = [("salt", "It is a mineral."), ("salt", "It keeps."), ("tides", "Twice a day."), ("wrecks", "Rope.")]
    return Story(
        details=Details("Shores", structure=structure),
        outline=OUTLINE,
        manuscript=Manuscript(
            Block(f"b{at}", beat, (Span(text, Written()),)) for at, (beat, text) in enumerate(blocks)
        ),
    )


def test_in_fiction_only_beats_with_beats_below_are_headings() -> None:
    assert manuscript(story("fiction"), markdown=True) == (
        "# Shores\n\nIt is a mineral.\n\nIt keeps.\n\n## The sea\n\nTwice a day.\n\nRope.\n"
    )


def test_in_nonfiction_titles_of_sections_are_headings_too() -> None:
    assert manuscript(story("nonfiction"), markdown=True) == (
        "# Shores\n\n## Salt\n\nIt is a mineral.\n\nIt keeps.\n\n## The sea\n\n### Tides\n\nTwice a day.\n\nRope.\n"
    )
    assert manuscript(story("nonfiction"), markdown=False) == (
        "Shores\n\nSalt\n\nIt is a mineral.\n\nIt keeps.\n\nThe sea\n\nTides\n\nTwice a day.\n\nRope.\n"
    )


def test_a_section_that_says_nothing_of_a_title_is_under_those_above_it() -> None:
    headings = story("nonfiction").headings()
    assert {beat: [each.id for each in over] for beat, over in headings.items()} == {
        "salt": ["salt"],
        "sea": ["sea"],
        "tides": ["sea", "tides"],
        "wrecks": ["sea"],
    }
    assert [len(over) for over in story("fiction").headings().values()] == [0, 1, 1, 1]


def prose(*texts: str, title: str = "", author: str = "") -> Story:
    blocks = (Block(f"b{at}", "", (Span(text, Written()),)) for at, text in enumerate(texts))
    return Story(details=Details(title, author), manuscript=Manuscript(blocks))


def shown(text: str) -> Iterator[Part]:
    """The parts of a page made of Markdown, also where tables, footnotes and more than CommonMark are known."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin).use(front_matter_plugin)
    opened = ""
    for token in parser.parse(text):
        if token.type == "hr":
            yield Break()
        elif token.type == "inline":
            runs: list[Run] = []
            looks = {"em": 0, "strong": 0}
            for child in token.children or ():
                assert child.type in ("text", "em_open", "em_close", "strong_open", "strong_close")
                if child.nesting:
                    looks[child.type.partition("_")[0]] += child.nesting
                elif child.content:
                    runs.append(Run(child.content, looks["em"] > 0, looks["strong"] > 0))
            paragraph = Paragraph(tuple(runs))
            yield paragraph if opened == "p" else Heading(paragraph.text, int(opened[1]))
        else:
            assert token.type in ("paragraph_open", "paragraph_close", "heading_open", "heading_close")
            opened = token.tag


def wanted(book: Book) -> Iterator[Part]:
    if book.title:
        yield Heading(book.title, 1)
    if book.author:
        yield Paragraph((Run(f"by {book.author}"),))
    for part in book.parts:
        if isinstance(part, Heading):
            yield Heading(part.text, min(part.depth + 1, 6))
        elif isinstance(part, Paragraph):
            # Some emphasis has no signs that could say it.
            yield Paragraph(tuple(Run(*run) for run in runs_of(text_of_runs(part.runs).strip())))
        else:
            yield part


def test_title_author_headings_scene_breaks_and_emphasis() -> None:
    assert markdown(FERRY) == (
        "# The Salt Ferry\n\nby Ilse Marrow\n\nBefore anything, the tide.\n\n## The near bank\n\n"
        "She said *never*, and **meant** it.\n\n* * *\n\n***Both at once*** & \\<b>no\\</b> tag, ]]> nor [a hole].\n\n"
        "### Ropes\n\nשלום, said the pilot 🜁 to the “gull”.\n\n## The far bank\n\nNobody was there.\n"
    )
    assert plain(FERRY) == (
        "The Salt Ferry\n\nby Ilse Marrow\n\nBefore anything, the tide.\n\nThe near bank\n\n"
        "She said *never*, and **meant** it.\n\n* * *\n\n***Both at once*** & <b>no</b> tag, ]]> nor [a hole].\n\n"
        "Ropes\n\nשלום, said the pilot 🜁 to the “gull”.\n\nThe far bank\n\nNobody was there.\n"
    )


@pytest.mark.parametrize("as_markdown", [True, False])
def test_prose_stands_as_it_was_typed(as_markdown: bool) -> None:
    typed = (
        "_She_ said **no** to R&D, 3 < 4, [the *harbour* here], 5 * 6, snake_case, 1968 and “so on” – or #2. (See it.)"
    )
    told = prose(typed, "", "   ", "#", " Then. ", author="Ann", title="Two\nlines")
    title = "# Two lines" if as_markdown else "Two lines"
    assert manuscript(told, markdown=as_markdown) == f"{title}\n\nby Ann\n\n{typed}\n\n* * *\n\nThen.\n"
    assert manuscript(Story(), markdown=as_markdown) == ""


def test_signs_that_a_writer_escaped_stay_signs() -> None:
    told = prose(r"\*not so\* \<b> a\b")
    assert manuscript(told, markdown=False) == "\\*not so\\* \\<b> a\\b\n"
    assert manuscript(told, markdown=True) == "\\*not so\\* \\<b> a\\b\n"
    assert list(shown(manuscript(told, markdown=True))) == [Paragraph((Run(r"*not so* <b> a\b"),))]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("- a dash", r"\- a dash"),
        ("+ a plus", r"\+ a plus"),
        ("* a star", r"\* a star"),
        ("-", r"\-"),
        ("# five", r"\# five"),
        ("1. one", r"1\. one"),
        ("12) twelve", r"12\) twelve"),
        ("1968. A year", r"1968\. A year"),
        ("> quoted", r"\> quoted"),
        (">quoted", r"\>quoted"),
        ("*****", r"\*****"),
        ("- - -", r"\- - -"),
        ("___", r"\___"),
        ("===", r"\==="),
        ("| a | b |", r"\| a | b |"),
        ("```", r"\`\`\`"),
        ("~~~", r"\~\~\~"),
        ("~~gone~~", r"\~\~gone\~\~"),
        ("[x]: /there", r"[x]\: /there"),
        ("[^1]: noted", r"[^1]\: noted"),
        ("<b>bold</b>", r"\<b>bold\</b>"),
        ("<!-- no -->", r"\<!-- no -->"),
        ("&amp; &#65; &#x41;", r"\&amp; \&#65; \&#x41;"),
        ("`code`", r"\`code\`"),
        ("[a](b)", r"[a]\(b)"),
        ("![a](b)", r"![a]\(b)"),
        ("so^[noted]", r"so\^[noted]"),
        ("\u2003spaced  ", "spaced"),
    ],
)
def test_what_would_be_markup_has_a_backslash(typed: str, written: str) -> None:
    for story in (prose(typed), prose("Before.", typed)):
        text = manuscript(story, markdown=True)
        assert text.endswith(f"{written}\n")
        assert list(shown(text))[-1] == Paragraph((Run(typed.strip()),))


@pytest.mark.parametrize("text", ["#", "One #", "C# #2 ##", "- a", "*so*", "1. The `gate`", "<b>", "* * *", "by"])
def test_headings_say_the_very_words(text: str) -> None:
    book = Book(text, parts=(Heading(text),))
    assert list(shown(markdown(book))) == [Heading(text, 1), Heading(text, 2)]


@pytest.mark.parametrize("name", ["Ann *M* Quill", "A _nn_", "<i>Ann</i>", "Ann & Co. &lt;", "[Ann](b)", "`Ann`"])
def test_names_say_the_very_words(name: str) -> None:
    assert list(shown(markdown(Book(author=name)))) == [Paragraph((Run(f"by {name}"),))]
    assert plain(Book(author=name)) == f"by {name}\n"


@pytest.mark.parametrize(
    "plain_text", ["- no", "1. x", "2 + 2", "-no", "#no", "1.5 miles", "~5", ":)", "@ five", "=)", "... so"]
)
def test_only_what_would_be_markup_has_one(plain_text: str) -> None:
    changed = manuscript(prose(plain_text), markdown=True) != f"{plain_text}\n"
    assert changed == (plain_text in ("- no", "1. x"))


@given(books())
def test_markdown_shows_the_very_words_of_every_book(book: Book) -> None:
    assert list(shown(markdown(book))) == list(wanted(book))


@given(books())
def test_a_text_is_parted_by_empty_lines(book: Book) -> None:
    lines = plain(book).removesuffix("\n").split("\n\n") if plain(book) else []
    assert len(lines) == bool(book.title) + bool(book.author) + len(book.parts)
    assert lines[: bool(book.title)] == [book.title] * bool(book.title)


def test_a_book_has_what_the_manuscript_has() -> None:
    told = story("nonfiction")
    assert plain(book_of(told)) == manuscript(told, markdown=False)
    assert markdown(book_of(told)) == manuscript(told, markdown=True)
    assert book_of(told).parts[:2] == (Heading("Salt"), Paragraph((Run("It is a mineral."),)))
    assert book_of(prose("one *two*", " # ", "")).parts == (
        Paragraph((Run("one "), Run("two", italic=True))),
        Break(),
    )


def test_a_heading_is_one_line_and_is_left_out_where_it_says_nothing() -> None:
    outline = Outline(
        (
            Beat(
                "act",
                BeatText(summary="It begins\n with rain. "),
                (Beat("none", BeatText(), (Beat("leaf", BeatText("Leaf")),)),),
            ),
        )
    )
    told = Story(outline=outline, manuscript=Manuscript([Block("b", "leaf", (Span("Rain.", Written()),))]))
    assert book_of(told).parts == (Heading("It begins with rain."), Paragraph((Run("Rain."),)))
