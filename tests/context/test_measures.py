"""Measures against counting and ranking all anew, after any edits; what is not counted again; what is kept no longer."""

from __future__ import annotations

import gc
import itertools
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.context import measures
from composer.context.measures import LATELY, Measured, Measures
from composer.context.relevance import likeness
from composer.story.manuscript import CHUNK, START, Block, Fragment, Manuscript, Position
from composer.story.spans import Span, Written

TEXTS = [
    "",
    "***",
    "#",
    "   ",
    "an otter",
    "the heron and the otter",
    "a mill",
    "Mühlen",
    "水車小屋の猫",
    "otter otter",
]


def spans(text: str) -> tuple[Span, ...]:
    return (Span(text, Written()),) if text else ()


def manuscript(*texts: str) -> Manuscript:
    return Manuscript(Block(f"b{number}", "", spans(text)) for number, text in enumerate(texts))


class Counting:
    """Counts characters, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> int:
        self.asked.append(text)
        return len(text)


def tokens_of(block: Block) -> int:
    return 0 if block.text == "" or block.text.strip() in ("***", "* * *", "#") else len(block.text) + 2


def assert_measures(measured: Measured, text: Manuscript) -> None:
    """It says of the text what looking at each block says."""
    blocks = list(text)
    tokens = [tokens_of(block) for block in blocks]
    count = len(blocks)
    assert len(measured) == count
    assert [measured.block(index) for index in range(count)] == blocks
    assert [measured.tokens(index) for index in range(count)] == tokens
    for first, last in itertools.product((-1, 0, 1, count // 3, count - 1), (-2, 0, 1, count // 2, count, count + 9)):
        assert measured.total(first, last) == sum(tokens[max(0, first) : max(0, last)])
        prose = [(index, blocks[index], tokens[index]) for index in range(min(last, count)) if tokens[index]]
        assert list(measured.before(last)) == prose[::-1]


@st.composite
def edits(draw: st.DrawFn) -> tuple[Manuscript, list[tuple[int, int, list[str]]]]:
    """A text of a few chunks, and edits: from which block on, over how many blocks, and what is put there."""
    first = manuscript(*draw(st.lists(st.sampled_from(TEXTS), max_size=8)) * draw(st.sampled_from((1, 1, CHUNK // 3))))
    steps = st.tuples(
        st.integers(0, 400),
        st.sampled_from((0, 0, 1, 1, 2, 5, CHUNK)),
        st.lists(st.sampled_from([*TEXTS, "back", "copy"]), max_size=4),
    )
    return first, draw(st.lists(steps, max_size=6))


@given(edits())
@pytest.mark.slow
def test_after_any_edits_it_is_as_if_all_were_measured_anew(
    script: tuple[Manuscript, list[tuple[int, int, list[str]]]],
) -> None:
    text, steps = script
    ids = (f"n{number}" for number in itertools.count())
    kept = Measures(len)
    taken: list[Block] = []
    versions = [text]
    for at, size, put in steps:
        assert_measures(kept.of(text), text)
        assert_ranks(kept, text)
        index = at % (len(text) + 1)
        place = START if index == 0 else Position(text.at(index - 1).id, len(text.at(index - 1).text))
        gone = text.between(index, index + size)
        fresh = [Block(next(ids), "", spans(each)) for each in put if each not in ("back", "copy")]
        if "copy" in put:
            fresh += [Block(next(ids), "", block.spans) for block in text.between(0, 2)]
        if "back" in put:
            # What was cut stands again, as the same objects.
            fresh += [block for block in taken if block.id not in text or block in gone]
        taken = gone
        text = text.exchange(place, Fragment((), tuple(gone)), Fragment((), tuple(fresh)))
        versions.append(text)
    for version in (text, *reversed(versions)):
        assert_measures(kept.of(version), version)
        assert_ranks(kept, version)


def assert_ranks(kept: Measures, text: Manuscript) -> None:
    """Likeness is that of the same texts, however they came to be there."""
    measured = kept.of(text)
    for query, first, last in (("otters", 0, len(text)), ("the mill 猫", 1, len(text) - 1)):
        assert measured.likeness(query, first, last) == Measures(len).of(Manuscript(text)).likeness(query, first, last)


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=12))
def test_likeness_of_all_blocks_is_that_of_their_texts(texts: list[str]) -> None:
    measured = Measures(len).of(manuscript(*texts))
    rated = likeness("the heron and the otter", texts)
    expected = sorted(((score, index) for index, score in enumerate(rated) if score), reverse=True)
    assert measured.likeness("the heron and the otter", 0, len(texts)) == expected


def test_likeness_keeps_to_its_blocks_and_the_later_of_equals_comes_first() -> None:
    measured = Measures(len).of(manuscript("an otter", "***", "a mill", "an otter", "the otter", "an otter"))
    assert [index for _, index in measured.likeness("otter", 0, 5)] == [4, 3, 0]
    assert [index for _, index in measured.likeness("otter", 1, 4)] == [3]
    assert measured.likeness("otter", 4, 4) == measured.likeness("otter", 5, 2) == measured.likeness("", 0, 6) == []
    assert [index for _, index in measured.likeness("otter", -3, 99)] == [5, 4, 3, 0]


def test_only_what_an_edit_made_is_counted() -> None:
    count = Counting()
    kept = Measures(count)
    text = manuscript(*(f"paragraph {number}" for number in range(3 * CHUNK)))
    kept.of(text)
    assert len(count.asked) == 3 * CHUNK
    count.asked.clear()
    kept.of(text)
    assert count.asked == []
    typed = text.exchange(Position("b200", 3), Fragment(), Fragment(spans("~")))
    kept.of(typed)
    split = typed.exchange(Position("b7", 4), Fragment(), Fragment((), (Block("n", "", ()),)))
    kept.of(split)
    assert count.asked == ["par~agraph 200\n\n", "para\n\n", "graph 7\n\n"]
    count.asked.clear()
    # Belonging to another beat, or lying in other chunks, is not another text.
    measured = kept.of(Manuscript(split.assign("b300", "a beat")))
    assert count.asked == []
    assert measured.count is count


def test_what_was_cut_is_not_counted_when_it_stands_elsewhere() -> None:
    count = Counting()
    kept = Measures(count)
    text = manuscript(*(f"paragraph {number}" for number in range(4 * CHUNK)))
    for number in range(2 * LATELY):
        text = text.exchange(Position(f"b{300 + number}", 0), Fragment(), Fragment(spans("~")))
        kept.of(text)
    moved = Fragment((), tuple(text.between(11, 60)))
    text = text.exchange(Position("b10", 12), moved, Fragment())
    kept.of(text)
    text = text.exchange(Position("b300", 0), Fragment(), Fragment(spans("~")))
    kept.of(text)
    count.asked.clear()
    kept.of(text.exchange(Position("b400", 13), Fragment(), moved))
    # The places where it was put and where it ends are new objects.
    assert set(count.asked) <= {"paragraph 400\n\n", "paragraph 59\n\n"}


def test_words_that_an_edit_did_not_touch_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    words = measures.relevance._words

    def reading(text: str) -> list[str]:
        read.append(text)
        return words(text)

    monkeypatch.setattr(measures.relevance, "_words", reading)
    kept = Measures(len)
    text = manuscript(*(f"otter {number}" for number in range(2 * CHUNK)))
    kept.of(text).likeness("otter", 0, 9)
    assert len(read) == 2 * CHUNK + 1
    read.clear()
    typed = text.exchange(Position("b200", 3), Fragment(), Fragment(spans("~")))
    kept.of(typed)
    split = typed.exchange(Position("b201", 5), Fragment(), Fragment((), (Block("n", "", ()),)))
    found = kept.of(split).likeness("heron", 0, 9)
    assert found == []
    assert sorted(read) == sorted(["heron", "otter 200", "ott~er 200", "otter 201", "otter", " 201"])


def test_nothing_is_kept_that_the_newest_version_does_not_hold() -> None:
    class Mark(str):
        """A text that can be watched."""

        __slots__ = ("__weakref__",)

    kept = Measures(len)
    text = manuscript(*(f"paragraph {number}" for number in range(2 * CHUNK)))
    marks = []
    for number in range(10 * LATELY):
        mark = Mark(f"otter {number}")
        marks.append(weakref.ref(mark))
        block = text.block("b40")
        text = text.exchange(Position("b40", 0), Fragment(block.spans), Fragment((Span(mark, Written()),)))
        kept.of(text).likeness("otter", 0, 9)
    del mark, block
    gc.collect()
    assert marks[-1]() is not None
    assert sum(mark() is not None for mark in marks) <= LATELY + 2


def test_an_empty_manuscript_measures_nothing() -> None:
    kept = Measures(len)
    assert_measures(kept.of(Manuscript()), Manuscript())
    assert kept.of(Manuscript()).likeness("otter", 0, 0) == []
    assert_measures(kept.of(manuscript("otter")), manuscript("otter"))
    assert_measures(kept.of(Manuscript()), Manuscript())


def test_a_block_that_is_not_there_is_an_error() -> None:
    measured = Measures(len).of(manuscript("otter", "heron"))
    for index in (-1, 2):
        with pytest.raises(IndexError):
            measured.block(index)
        with pytest.raises(IndexError):
            measured.tokens(index)
