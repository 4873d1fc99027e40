"""The text against a plain string, edited likewise; origins cover it exactly; places follow their neighbours."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from composer.story.actions.text import hand_origin, put
from composer.story.follow import follow
from composer.story.manuscript import CHUNK, START, Block, Fragment, Manuscript, Position
from composer.story.spans import Edited, Generated, Span, Spans, Written, cut, join, length, meet, parts, text_of
from composer.story.story import Story

CANDIDATE = "She poured the other half back, and the sound it made was the sound of being thanked by no one."


@st.composite
def rows(draw: st.DrawFn) -> tuple[Spans, ...]:
    made: list[Spans] = []
    for _ in range(draw(st.integers(1, 3))):
        row: list[Span] = []
        for _ in range(draw(st.integers(0, 3))):
            if draw(st.booleans()):
                start = draw(st.integers(0, len(CANDIDATE) - 1))
                end = draw(st.integers(start, len(CANDIDATE)))
                row.append(Span(CANDIDATE[start:end], Generated("1.1", start, end)))
            else:
                row.append(Span(draw(st.text(alphabet="abé 😀", max_size=5)), Written()))
        made.append(join(row))
    return tuple(made)


@st.composite
def scripts(draw: st.DrawFn) -> list[tuple[int, int, tuple[Spans, ...]]]:
    return [
        (draw(st.integers(0, 400)), draw(st.integers(0, 400)), draw(rows())) for _ in range(draw(st.integers(1, 12)))
    ]


def offset_to_place(text: Manuscript, offset: int) -> Position:
    for block in text:
        size = length(block.spans)
        if offset <= size:
            return Position(block.id, offset)
        offset -= size + 1
    return text.last


def plain(text: Manuscript) -> str:
    return "\n".join(block.text for block in text)


@given(scripts())
def test_text_equals_a_plain_string_edited_likewise(script: list[tuple[int, int, tuple[Spans, ...]]]) -> None:
    ids = (f"b{number}" for number in itertools.count())
    story = Story(manuscript=Manuscript([Block("first", "", ())]))
    shadow = ""
    trail = []
    for left, right, pieces in script:
        left, right = sorted((left % (len(shadow) + 1), right % (len(shadow) + 1)))
        start, end = offset_to_place(story.manuscript, left), offset_to_place(story.manuscript, right)
        event = put(story, start, end, pieces, "typed", lambda: next(ids))
        trail.append((story.manuscript, event))
        story = Story(manuscript=story.manuscript.exchange(event.at, event.removed, event.put))
        shadow = shadow[:left] + "\n".join(text_of(row) for row in pieces) + shadow[right:]
        assert plain(story.manuscript) == shadow
        for block in story.manuscript:
            for span in block.spans:
                assert span.text
                if isinstance(span.origin, Generated):
                    assert span.text == CANDIDATE[span.origin.start : span.origin.end]
            assert join(block.spans) == block.spans
            assert story.manuscript.block(block.id) is block
            assert story.manuscript.at(story.manuscript.index(block.id)) is block
    for before, event in reversed(trail):
        assert story.manuscript.exchange(event.at, event.put, event.removed) == before
        story = Story(manuscript=before)


@given(scripts(), st.integers(0, 400))
def test_a_place_follows_its_neighbour(script: list[tuple[int, int, tuple[Spans, ...]]], spot: int) -> None:
    """A sign that stands nowhere else is put into the text; the place before it must go where it goes, while it stands."""
    ids = (f"b{number}" for number in itertools.count())
    story = Story(manuscript=Manuscript([Block("first", "", (Span("one two three", Written()),))]))
    first = offset_to_place(story.manuscript, spot % 14)
    event = put(story, first, first, ((Span("§", Written()),),), "typed", lambda: next(ids))
    text = story.manuscript.exchange(event.at, event.removed, event.put)
    place = first
    for left, right, pieces in script:
        story = Story(manuscript=text)
        shadow = plain(text)
        left, right = sorted((left % (len(shadow) + 1), right % (len(shadow) + 1)))
        start, end = offset_to_place(text, left), offset_to_place(text, right)
        edit = put(story, start, end, pieces, "typed", lambda: next(ids))
        text = text.exchange(edit.at, edit.removed, edit.put)
        place = follow(place, edit.at, edit.removed, edit.put, "after")
        assert text.holds(place)
        found = plain(text).find("§")
        if found < 0:
            return
        assert offset_to_place(text, found) == place


def test_a_long_text_keeps_its_order_across_chunks() -> None:
    blocks = [Block(f"b{number}", "", (Span(f"line {number}", Written()),)) for number in range(5 * CHUNK)]
    text = Manuscript(blocks)
    cut_out = text.fragment(Position("b10", 2), Position(f"b{3 * CHUNK}", 4))
    shorter = text.exchange(Position("b10", 2), cut_out, Fragment())
    assert len(shorter) == 5 * CHUNK - (3 * CHUNK - 10)
    assert shorter.at(10).text == f"li {3 * CHUNK}"
    assert shorter.exchange(Position("b10", 2), Fragment(), cut_out) == text
    many = Fragment((), tuple(Block(f"n{number}", "", ()) for number in range(3 * CHUNK)))
    longer = text.exchange(Position("b0", 6), Fragment(), many)
    assert len(longer) == len(list(longer)) == 8 * CHUNK
    assert [block.id for block in longer.between(0, 3)] == ["b0", "n0", "n1"]
    assert longer.index("b1") == 3 * CHUNK + 1


def test_an_edit_leaves_the_other_runs_alone() -> None:
    text = Manuscript(Block(f"b{number}", "", ()) for number in range(4 * CHUNK))
    edited = text.exchange(Position("b5", 0), Fragment(), Fragment((Span("x", Written()),)))
    assert [left is right for left, right in zip(text.runs(), edited.runs(), strict=True)] == [False, True, True, True]


def test_typing_inside_a_candidate_is_an_edit_of_it() -> None:
    spans = (Span(CANDIDATE[:10], Generated("1.1", 0, 10)), Span(" mine", Written()))
    story = Story(manuscript=Manuscript([Block("a", "", spans)]))

    def origin(start: int, end: int) -> object:
        return hand_origin(story, Position("a", start), Position("a", end))

    assert origin(4, 4) == Edited("1.1")
    assert origin(2, 6) == Edited("1.1")
    assert origin(10, 10) == Written()
    assert origin(8, 12) == Written()
    assert hand_origin(story, START, START) == Written()


def test_cutting_a_span_narrows_its_origin() -> None:
    spans = (Span(CANDIDATE[3:9], Generated("1.1", 3, 9)),)
    assert cut(spans, 1, 4) == (Span(CANDIDATE[4:7], Generated("1.1", 4, 7)),)
    assert join(cut(spans, 0, 2), cut(spans, 2, 6)) == spans


@given(rows(), st.integers(-2, 60), st.integers(-2, 60))
def test_a_row_is_cut_as_its_characters_are(made: tuple[Spans, ...], start: int, end: int) -> None:
    row = join(*made)
    each = [cut(row, at, at + 1) for at in range(length(row))]
    assert cut(row, start, end) == join(*each[max(start, 0) : max(end, 0)])
    found = parts(row, start, end)
    if 0 <= start <= end <= length(row):
        assert found == (cut(row, 0, start), cut(row, start, end), cut(row, end, length(row)))
    else:
        assert found is None


@given(st.lists(rows()))
def test_tidy_rows_are_tidy_where_they_meet(made: list[tuple[Spans, ...]]) -> None:
    tidy = [row for some in made for row in some]
    assert meet(*tidy) == join(*tidy)
