"""Plain text in: paragraphs, lines cut at a margin, chapters, title and author; and how every text becomes a session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Run
from composer.exchange.documents.text_in import book, fits, read
from composer.story.spans import Imported
from tests.exchange.documents import circumstances, origins, shown, texts

WRAPPED = """\
The Salt Road
by Ilse Harrow

CHAPTER ONE

It was dark when the road began to move under them, and nobody in the
cart said a word about it, since all of them had been told to keep
quiet until the bridge.

“Quiet,” said Odo.

* * *

Morning came. It came late.

CHAPTER TWO

The _gate_ was shut.
"""


def parts(text: str) -> list[str]:
    """The parts of a text, headings with `#` for each depth."""
    found = book(text.encode(), "salt.txt")[0].parts
    return [
        "*"
        if isinstance(each, Break)
        else f"{'#' * each.depth} {each.text}"
        if isinstance(each, Heading)
        else each.text
        for each in found
    ]


def test_a_novel_has_chapters_with_a_leaf_for_each_scene() -> None:
    taken = read(WRAPPED.encode(), circumstances())
    story = taken.story
    assert (story.details.title, story.details.author) == ("The Salt Road", "Ilse Harrow")
    assert shown(story) == [
        "CHAPTER ONE :: ",
        "   :: It was dark when the road began to move under them, and nobody in the cart…",
        "   :: Morning came.",
        "CHAPTER TWO :: ",
        "   :: The gate was shut.",
    ]
    first = "It was dark when the road began to move under them, and nobody in the cart"
    assert texts(story) == [
        f"{first}… | {first} said a word about it, since all of them had been told to keep quiet until the bridge.",
        f"{first}… | “Quiet,” said Odo.",
        "Morning came. | ***",
        "Morning came. | Morning came. It came late.",
        "The gate was shut. | The _gate_ was shut.",
    ]
    assert set(origins(story)) == {Imported("salt.txt")}
    assert not taken.losses
    assert [each.id for each in story.headings()[story.manuscript.at(0).beat]] == [story.outline.beats[0].id]


def test_it_is_entered_in_few_steps_and_can_be_undone() -> None:
    taken = read(("Salt.\n\n" * 3_000).encode(), circumstances())
    assert len(taken.story.manuscript) == 3_000
    assert len({entry.step for entry in taken.entries}) <= 4


def test_sections_hold_their_text_themselves() -> None:
    taken = read(WRAPPED.encode(), circumstances(sections=True))
    assert shown(taken.story) == ["CHAPTER ONE :: ", "CHAPTER TWO :: "]
    assert texts(taken.story)[-1] == "CHAPTER TWO | The _gate_ was shut."
    assert taken.story.details.structure == "nonfiction"


def test_a_text_without_headings_has_a_leaf_for_each_scene() -> None:
    one = read(b"She went. He stayed.\n\nThey met.", circumstances())
    assert shown(one.story) == [" :: She went."]
    two = read(b"***\n\nShe went.\n\n#\n\nThey met.\n\n~\n", circumstances())
    assert shown(two.story) == [" :: She went.", " :: They met."]
    assert texts(two.story) == [
        "She went. | ***",
        "She went. | She went.",
        "They met. | ***",
        "They met. | They met.",
        "They met. | ***",
    ]


def test_text_before_the_first_heading_has_leaves_of_its_own() -> None:
    taken = read("Before.\n\nChapter 1\n\nAfter.\n".encode("utf-16"), circumstances())
    assert shown(taken.story) == [" :: Before.", "Chapter 1 :: ", "   :: After."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One line.\nAnother line.\nA third.", ["One line.", "Another line.", "A third."]),
        ("Only.", ["Only."]),
        ("\n\n  Set in.\n\n\n\nMore.  \n", ["Set in.", "More."]),
        ("CHAPTER ONE\n\nA.\n\nChapter Two: The lamp\n\nB.", ["# CHAPTER ONE", "A.", "# Chapter Two: The lamp", "B."]),
        ("PART ONE\n\nChapter 1\n\nA.\n\nPART TWO\n\nB.", ["# PART ONE", "## Chapter 1", "A.", "# PART TWO", "B."]),
        ("I.\n\nA.\n\nII.\n\nB.", ["# I.", "A.", "# II.", "B."]),
        ("III.\n\nA.\n\nIV.\n\nB.", ["# III.", "A.", "# IV.", "B."]),
        ("A.\n\n12\n\nB.\n\n13\n\nC.", ["A.", "12", "B.", "13", "C."]),
        ("I.\n\nA.\n\nIIX.\n\nB.\n\nV.\n\nC.", ["I.", "A.", "IIX.", "B.", "V.", "C."]),
        ("Prologue\n\nA.\n\nChapter 1\nB.", ["# Prologue", "A.", "# Chapter 1", "B."]),
        ("Chapter 3 was the best.\n\nA.", ["Chapter 3 was the best.", "A."]),
        ("chapter 3\n\nA.", ["chapter 3", "A."]),
        ("Chapter 1\n\nChapter 2\n\nChapter 3\n\nA.", ["Chapter 1", "Chapter 2", "# Chapter 3", "A."]),
        ("A.\n\nC.\n\nB.", ["A.", "C.", "B."]),
        ("A.\n\nChapter 1\n", ["A.", "Chapter 1"]),
        ("A.\n   * * *\nB.", ["A.", "*", "B."]),
        ("A.\n\n⁂\n\nB.\n\n-----\n\nHe went.\n\n—\n\nD…", ["A.", "*", "B.", "*", "He went.", "—", "D…"]),
    ],
)
def test_lines_are_what_they_look_like(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_paragraphs_that_are_set_in_are_told_apart() -> None:
    text = "\n".join(
        [
            "   The road went down to the sea and there it stopped, as if",
            "somebody had cut it with a knife; and they stood and looked at",
            "the place for a while.",
            "   Then Odo said that it was time to go, and nobody else had a",
            "better idea, so that they went.",
        ]
    )
    assert [each[:8] for each in parts(text)] == ["The road", "Then Odo"]


def test_verse_keeps_its_lines_and_says_so_once() -> None:
    text = "She sang:\n\nSalt on the stone,\nsalt on the sea,\nnobody’s bone\n\nThen she stopped."
    found, tally = book(text.encode(), "a.txt")
    assert [each.text for each in found.parts if isinstance(each, Paragraph)] == [
        "She sang:",
        "Salt on the stone,",
        "salt on the sea,",
        "nobody’s bone",
        "Then she stopped.",
    ]
    assert [str(each) for each in tally.all] == ["2 line breaks within paragraphs: Each line is a paragraph now."]


def test_title_and_author_stand_first() -> None:
    assert book(b"Salt\n\nby Ann\n\nIt fell.", "a")[0] == Book("Salt", "Ann", parts=(Paragraph((Run("It fell."),)),))
    assert book(b"Salt\nBy Ann\n\nIt fell.", "a")[0].author == "Ann"
    assert book(b"Salt\n\nChapter 1\n\nIt fell.", "a")[0].title == "Salt"
    assert book(b"She went\n\nby the sea.\n\nIt fell.", "a")[0].title == ""
    assert book(b"Salt _so_.", "a")[0].parts == (Paragraph((Run("Salt "), Run("so", italic=True), Run("."))),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Act one\n  Wren climbs\n    She falls\nAct two\n  End",
            ["Act one", "  Wren climbs", "    She falls", "Act two", "  End"],
        ),
        (
            "1. The tower: Wren climbs.\n2. The oil: Odo waters it.",
            ["The tower: Wren climbs.", "The oil: Odo waters it."],
        ),
        ("- Wren climbs it.\n  - She falls.\n- Odo waters it.", ["Wren climbs it.", "  She falls.", "Odo waters it."]),
        ("Wren climbs the tower.\nOdo waters the oil.", ["Wren climbs the tower.", "Odo waters the oil."]),
    ],
)
def test_an_outline_is_beats_and_no_text(text: str, expected: list[str]) -> None:
    taken = read(text.encode(), circumstances(outline=True))
    assert ["  " * row.depth + row.beat.text.full for row in taken.story.outline.rows()] == expected
    assert not len(taken.story.manuscript)


def test_lines_around_a_list_are_title_and_notes() -> None:
    story = read(b"Salt\n\n1. The tower: Wren climbs.\n2. The oil: Odo waters it.\n", circumstances(outline=True)).story
    assert story.details.title == "Salt"
    assert shown(story) == ["The tower :: Wren climbs.", "The oil :: Odo waters it."]
    named = read(b"Salt\n\n- Salt falls.\n- It lies.\n", circumstances(outline=True)).story
    assert named.details.title == "Salt"


PIECES = st.sampled_from(
    ["sea", "salt", "rope", " ", " ", "  ", "-", "*", "1.", ":", "#", "\n", "\n", "\n\n", "\t", "“", ".", "_", "|"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_word_of_an_outline_is_lost(text: str) -> None:
    try:
        story = read(text.encode(), circumstances(outline=True)).story
    except UnreadableSource:
        return
    said = [story.details.title, story.details.purpose]
    for row in story.outline.rows():
        said += [row.beat.text.title, row.beat.text.summary, row.beat.text.notes]
        assert row.beat.text.line.strip()
    for word in ("sea", "salt", "rope"):
        assert word in "".join(said) or word not in text


@given(st.text(st.sampled_from("ab .\n\t*#I1“”—")))
def test_no_letter_of_a_text_is_lost(text: str) -> None:
    try:
        story = read(text.encode(), circumstances()).story
    except UnreadableSource:
        assert not text.strip()
        return
    found = "".join([*(row.beat.text.title for row in story.outline.rows()), story.manuscript.text])
    found += story.details.title + story.details.author
    assert [found.count(sign) for sign in "ab"] == [text.count(sign) for sign in "ab"]


def test_what_is_empty_or_too_large_is_refused() -> None:
    for data in (b"", b" \n\t\n", b"\xef\xbb\xbf\n", "\u202e\n".encode()):
        assert fits(data, "a.txt")
        with pytest.raises(UnreadableSource) as error:
            read(data, circumstances())
        assert str(error.value) == "There is no text in salt.txt. Name a file that holds some."
    with pytest.raises(UnreadableSource, match=r"holds 20\.0 MB of text, and at most 20 MB are read"):
        read(b"x" * 20_000_001, circumstances())


def test_names_with_controls_are_shown_clean() -> None:
    with pytest.raises(UnreadableSource) as error:
        book(b"\0\1", "a\x1b[31m\nb.txt")
    assert error.value.sentence == "a[31m b.txt is no text file."


def test_any_text_fits_and_nothing_else() -> None:
    assert fits(("x" * 65_534 + "”").encode()[:65_536], "a")
    assert fits("Ätz".encode("cp1252"), "a")
    assert not fits(b"PK\x03\x04\x14\0", "a.txt")
    assert not fits(rb"{\rtf1 a}", "a.txt")
