"""Export, import, export: what a format can say comes back as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer.exchange.documents import docx_in, epub_in, html_in, markdown_in, text_in
from composer.exchange.documents.book import Book, book_of
from composer.exchange.documents.docx_out import docx
from composer.exchange.documents.elements import is_ornament
from composer.exchange.documents.emphasis import runs_of
from composer.exchange.documents.epub_out import epub
from composer.exchange.documents.html_out import html
from composer.exchange.documents.plain import manuscript
from composer.exchange.taken import Circumstances, Taken
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Beat, BeatText, Outline
from composer.story.spans import Span, Written
from composer.story.story import Details, Story
from tests.exchange.documents import circumstances

MADE = 1_700_000_000_000
WORDS = [
    *(
        "She",
        "left",
        "the",
        "salt",
        "by",
        "Odo.",
        "“Quiet,”",
        "—",
        "…",
        "Chapter 3",
        "盐",
        "עִבְרִית",
        "👩‍🚀",
        "it's",
        "[a hole]",
    ),
    *("*so*", "**now**", "_then_", "*", "_", "\\", "\\*", "snake_case", "5 * 3", "***x***", "a*b*c"),
    *(
        "#",
        "##",
        "-",
        "+",
        "1.",
        "2)",
        ">",
        "`x`",
        "<b>",
        "&amp;",
        "&",
        "[a](b)",
        "![p](q)",
        "[x]:",
        "[^1]",
        "^[n]",
        "~~s~~",
        "|",
        "---",
        "===",
    ),
    *("  ", "http://a.b", "<!-- c -->", "</p>", "]]>", "$x$", ":::", "III.", "PART ONE", "END", "TITLE"),
]


def _is_prose(text: str) -> bool:
    """Signs alone are scene breaks to an import, and are none to the manuscript."""
    return (
        bool(text.strip())
        and not is_ornament("".join(run[0] for run in runs_of(text.strip())))
        and not is_ornament(text)
    )


LINES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join).filter(_is_prose)
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join).filter(_is_prose)
BLOCKS = st.one_of(LINES, LINES, st.just("***"), st.just("* * *"), st.just("#"))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    sections = draw(st.booleans())
    blocks: list[Block] = []

    def written(beat: str) -> None:
        rows = draw(st.lists(BLOCKS, min_size=1, max_size=4))
        blocks.extend(Block(f"b{len(blocks) + at}", beat, (Span(row, Written()),)) for at, row in enumerate(rows))

    def beats(depth: int, name: str) -> tuple[Beat, ...]:
        made = []
        for at in range(draw(st.integers(0 if depth else 1, 2))):
            own = f"{name}.{at}"
            if depth > 1 or draw(st.booleans()):
                made.append(Beat(own, BeatText(title=draw(NAMES) if sections else "", summary="What happens.")))
                written(own)
            else:
                text = BeatText(title=draw(NAMES))
                made.append(Beat(own, text, beats(depth + 1, own)))
                if not made[-1].below:
                    written(own)
        return tuple(made)

    if draw(st.booleans()):
        written("")
    outline = Outline(beats(0, "r"))
    details = Details(
        draw(st.one_of(st.just(""), NAMES)),
        draw(st.one_of(st.just(""), st.just("Ilse Harrow"), NAMES)),
        structure="nonfiction" if sections else "fiction",
    )
    return Story(details=details, outline=outline, manuscript=Manuscript(blocks))


def _markdown(story: Story) -> bytes:
    return manuscript(story, markdown=True).encode()


def _plain(story: Story) -> bytes:
    return manuscript(story, markdown=False).encode()


def _html(story: Story) -> bytes:
    return html(book_of(story))


def again(read: Callable[[bytes, Circumstances], Taken], data: bytes, name: str, story: Story) -> Story:
    return read(data, circumstances(name, sections=story.details.sections)).story


@pytest.mark.parametrize(
    ("write", "read", "name"),
    [
        (_markdown, markdown_in.read, "salt.md"),
        (_plain, text_in.read, "salt.txt"),
        (_html, html_in.read, "salt.html"),
    ],
)
@given(story=stories())
def test_text_comes_back_byte_for_byte(
    write: Callable[[Story], bytes], read: Callable[[bytes, Circumstances], Taken], name: str, story: Story
) -> None:
    data = write(story)
    assert write(again(read, data, name, story)).decode() == data.decode()


def _docx(book: Book) -> bytes:
    return docx(book, made=MADE)


def _epub(book: Book) -> bytes:
    return epub(book, identifier="urn:uuid:1", made=MADE)


@pytest.mark.parametrize(
    ("write", "read", "name"),
    [pytest.param(_docx, docx_in.read, "salt.docx", marks=pytest.mark.slow), (_epub, epub_in.read, "salt.epub")],
)
@settings(max_examples=15)
@given(story=stories())
def test_archives_hold_the_same_book(
    write: Callable[[Book], bytes], read: Callable[[bytes, Circumstances], Taken], name: str, story: Story
) -> None:
    book = book_of(story)
    assert book_of(again(read, write(book), name, story)) == book
