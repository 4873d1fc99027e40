"""A book as Fountain: prose stays action, whatever it looks like, and nothing of it gets lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Run
from composer.exchange.documents.fountain import fountain
from tests.exchange.odd_books import FERRY, books


def body(*runs: Run | str) -> str:
    """The one paragraph of a script, as it stands in it."""
    paragraph = Paragraph(tuple(run if isinstance(run, Run) else Run(run) for run in runs))
    return fountain(Book(parts=(paragraph,))).decode().removeprefix("Title: Untitled\n\n").removesuffix("\n")


def read(line: str) -> str:
    """What a line of action says, without the signs."""
    return re.sub(r"\\([*_])|\*+", lambda found: found[1] or "", line.removeprefix("!")).replace("\u2060", "")


def test_everything_has_its_place() -> None:
    assert fountain(FERRY).decode() == (
        "Title: The Salt Ferry\nAuthor: Ilse Marrow\n\n"
        "Before anything, the tide.\n\n"
        "# The near bank\n\n"
        "She said *never*, and **meant** it.\n\n"
        "> # <\n\n"
        "***Both at once*** & <b>no</b> tag, ]]> nor [a hole].\n\n"
        "## Ropes\n\n"
        "שלום, said the pilot 🜁 to the “gull”.\n\n"
        "# The far bank\n\n"
        "Nobody was there.\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        *["INT. KITCHEN", "ext. sea at night", "Est. 1904, said the sign.", "INT./EXT. CAR", "i/e boat", "INT/EXT HUT"],
        *["NO!", "THE END", "CUT TO:", "ИЛЬЗА", "DR. 7"],
        *["> right", ">centred<", ".hidden", "@anna", "!loud", "~sung", "# five", "= sum", "==="],
    ],
)
def test_what_looks_like_more_than_action_is_forced_to_be_action(text: str) -> None:
    assert body(text) == f"!{text}"


@pytest.mark.parametrize(
    "text",
    [
        *[
            "I went home.",
            "Interior rooms.",
            "Extra salt.",
            "...and then",
            "Yes, [like this].",
            "12",
            "日本",
            "“No,” he said.",
        ],
        *["Estuary", "Note: she never came.", "INTO the fire", "3 > 2"],
    ],
)
def test_prose_stays_as_it_is(text: str) -> None:
    assert body(text) == text


def test_signs_that_mean_nothing_are_escaped() -> None:
    assert body("2 * 3 * 4, snake_case_name") == r"2 \* 3 \* 4, snake\_case\_name"
    assert body("a ", Run(" so ", italic=True), Run("  ", bold=True), "b") == "a  *so*   b"


def test_notes_and_what_is_commented_out_can_not_begin() -> None:
    assert body("[[x]] /* y */") == "[\u2060[x]] /\\* y \\*/"
    assert body("and/", Run("or", italic=True)) == "and/\u2060*or*"


def test_there_is_always_a_title_page() -> None:
    assert fountain(Book()) == b"Title: Untitled\n"
    assert fountain(Book(author="Ann *M* Quill")) == rb"Title: Untitled" + b"\nAuthor: Ann \\*M\\* Quill\n"


@given(books())
def test_no_word_is_lost(book: Book) -> None:
    script = fountain(book).decode()
    _, *found = script.removesuffix("\n").split("\n\n")
    assert len(found) == len(book.parts)
    for line, part in zip(found, book.parts, strict=True):
        assert "\n" not in line
        assert "[[" not in line
        assert not re.search(r"(?<!\\)/\*", line)
        if isinstance(part, Heading):
            signs, _, text = line.partition(" ")
            assert signs == "#" * min(part.depth, 6)
            assert read(text) == part.text.replace("\u2060", "").removeprefix("!")
        elif isinstance(part, Paragraph):
            assert read(line if line.startswith("!") else f"!{line}") == part.text.replace("\u2060", "")
            assert not re.match(r"[@>~#=]|\.(?!\.)", line)
        else:
            assert (line, part) == ("> # <", Break())
