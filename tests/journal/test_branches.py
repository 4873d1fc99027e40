"""Rows of the tree: steps, branches, the head, what each step did in words, and what it put into the text and took out of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.journal.branches import LONGEST, NONE, Row, changes_of, rows, traced
from composer.journal.journal import Journal, travel
from composer.journal.tree import ROOT
from composer.story.actions import text as texts
from composer.story.events import (
    BeatAdded,
    BeatEdited,
    BeatMoved,
    BeatRemoved,
    BlockAssigned,
    Change,
    DetailsChanged,
    ExemplarChanged,
    NoteChanged,
    SessionOpened,
    TextEdited,
    TextPlaced,
    WordLearned,
)
from composer.story.manuscript import START, Block, Fragment, Position
from composer.story.outline import Beat, BeatText, Slot
from composer.story.spans import Generated, Span, Written, length
from composer.story.story import Details, Exemplar, Note, Placement, ShelfPiece


class Pen:
    """Writes into a journal; every entry is a second later than the one before."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.ids = (f"b{number}" for number in itertools.count(1))

    def new_id(self) -> str:
        return next(self.ids)

    @property
    def now(self) -> int:
        return (self.journal.seq + 1) * 1000

    def record(self, *changes: Change, step: int | None = None) -> int:
        """Enter changes as a step, or as more of one; the newest one's seq."""
        return self.journal.record(changes, self.now, step)[-1].seq

    def type(self, text: str, at: Position | None = None, step: int | None = None) -> int:
        """Type at a place, or at the end."""
        where = at or self.journal.story.manuscript.last
        return self.record(texts.typed(self.journal.story, where, where, text, Written(), self.new_id), step=step)

    def erase(self, start: int, end: int, block: str = "b1", how: str = "deleted", step: int | None = None) -> int:
        event = texts.deleted(self.journal.story, Position(block, start), Position(block, end), how)
        return self.record(event, step=step)

    def undo(self) -> None:
        self.journal.undo(self.now)

    def go(self, seq: int) -> None:
        self.journal.move(seq, "jump", self.now)

    def rows(self) -> tuple[Row, ...]:
        return rows(self.journal.tree)

    def told(self) -> tuple[str, str]:
        """What the newest step did."""
        return next((row.what, row.text) for row in self.rows() if row.is_head)


def drawn(found: Sequence[Row]) -> list[str]:
    """Rows as lines: a column for each depth, the head starred, where a branch begins a plus."""
    return [
        "| " * (row.depth - 1)
        + ("" if not row.depth else "+ " if row.begins else "| ")
        + ("*" if row.is_head else "o" if row.on_path else ".")
        + row.text
        for row in found
    ]


def test_a_story_that_has_just_begun_is_one_row() -> None:
    pen = Pen()
    pen.journal.record((SessionOpened("test"),), 1)
    assert pen.rows() == (Row(ROOT, ROOT, NONE, 0, "nothing", "nothing yet", 0, NONE, True, True, 0),)
    assert changes_of(pen.journal.tree, pen.rows()[0]) == []


def test_steps_stand_newest_first_and_a_run_of_typing_is_one() -> None:
    pen = Pen()
    first = pen.type("It rained")
    pen.type(" all day", step=first)
    last = pen.type(" long.", step=first)
    other = pen.type(" Nobody minded.")
    newest, run, root = pen.rows()
    assert (newest.seq, newest.first, newest.before, newest.text) == (other, other, last, "Nobody minded.")
    assert (run.seq, run.first, run.before, run.text) == (last, first, ROOT, "It rained all day long.")
    assert (run.time, root.time) == (3000, 0)
    assert [change.put.text for change in changes_of(pen.journal.tree, run) if isinstance(change, TextEdited)] == [
        "\nIt rained",
        " all day",
        " long.",
    ]
    assert (root.seq, root.before, root.what) == (ROOT, NONE, "nothing")
    assert [row.is_head for row in pen.rows()] == [True, False, False]


def test_what_was_undone_stays_in_the_line_of_the_head_and_is_not_on_its_path() -> None:
    pen = Pen()
    for word in ("one ", "two ", "three "):
        pen.type(word)
    pen.undo()
    pen.undo()
    assert drawn(pen.rows()) == [".three", ".two", "*one", "onothing yet"]
    assert not any(row.forks for row in pen.rows())
    pen.go(ROOT)
    assert drawn(pen.rows()) == [".three", ".two", ".one", "*nothing yet"]


def test_a_branch_stands_right_above_where_it_begins() -> None:
    pen = Pen()
    pen.type("one ")
    fork = pen.type("two ")
    pen.type("three ")
    pen.type("four ")
    pen.undo()
    pen.undo()
    pen.type("another way ")
    pen.type("and on ")
    found = pen.rows()
    assert drawn(found) == ["*and on", "oanother way", "| .four", "+ .three", "otwo", "oone", "onothing yet"]
    assert [row.forks for row in found] == [0, 0, 0, 0, 1, 0, 0]
    assert [row.fork for row in found] == [NONE, NONE, fork, fork, NONE, NONE, NONE]


def test_of_branches_in_one_place_the_newest_stands_on_top_and_branches_branch() -> None:
    pen = Pen()
    pen.type("one ")
    pen.type("a ")
    twig = pen.type("b ")
    pen.type("c ")
    pen.go(twig)
    pen.type("d ")
    pen.go(1)
    pen.type("e ")
    pen.go(1)
    pen.type("f ")
    found = pen.rows()
    assert drawn(found) == ["*f", "+ .e", "| .d", "| + .c", "| .b", "+ .a", "oone", "onothing yet"]
    assert {row.text: row.forks for row in found if row.forks} == {"b": 1, "one": 2}
    pen.go(4)
    assert drawn(pen.rows()) == ["*c", "+ .d", "ob", "oa", "+ .f", "+ .e", "oone", "onothing yet"]


def test_branches_begin_at_the_root_too() -> None:
    pen = Pen()
    pen.type("one")
    pen.undo()
    pen.type("two")
    assert drawn(pen.rows()) == ["*two", "+ .one", "onothing yet"]
    assert pen.rows()[-1].forks == 1


def test_a_step_that_the_head_or_a_branch_parts_is_two_rows() -> None:
    pen = Pen()
    first = pen.type("half ")
    pen.type("a step ", step=first)
    assert drawn(pen.rows()) == ["*half a step", "onothing yet"]
    pen.go(first)
    assert drawn(pen.rows()) == [".a step", "*half", "onothing yet"]
    pen.type("more ", step=first)
    assert drawn(pen.rows()) == ["*more", "+ .a step", "ohalf", "onothing yet"]


@pytest.mark.slow
def test_ten_thousand_branches_that_each_begin_in_the_one_before() -> None:
    pen = Pen()
    nothing = Fragment()
    tree = pen.journal.tree
    for number in range(10_000):
        change = TextEdited(START, nothing, nothing, "typed")
        tree.grow(2 * number + 1, 2 * number + 1, change, number)
        tree.grow(2 * number + 2, 2 * number + 2, change, number)
        tree.move(2 * number + 1)
    tree.move(2)
    found = rows(tree)
    assert len(found) == 20_001
    assert max(row.depth for row in found) == 2
    # Where redo led the other way last, each line is one column further in than the one that it begins in.
    for number in range(9_999, -1, -1):
        tree.next[2 * number + 1] = 2 * number + 2
    assert max(row.depth for row in rows(tree)) == 9_999


# in words


def test_what_was_typed_is_told_without_what_was_erased_again() -> None:
    pen = Pen()
    first = pen.type("The fogg")
    pen.erase(7, 8, step=first)
    pen.type(" came in.", step=first)
    assert pen.told() == ("typed", "The fog came in.")
    gone = pen.erase(13, 16)
    pen.erase(7, 13, step=gone)
    assert pen.told() == ("deleted", "came in.")
    gone = pen.erase(0, 1)
    pen.erase(0, 2, step=gone)
    assert pen.told() == ("deleted", "The")
    step = pen.type("x")
    pen.erase(4, 5, step=step)
    assert pen.told() == ("typed", "nothing that stayed")


def test_blank_text_is_named() -> None:
    pen = Pen()
    pen.type("One")
    pen.type("\n")
    assert pen.told() == ("typed", "a new paragraph")
    pen.type(" ")
    assert pen.told() == ("typed", "a space")
    pen.record(texts.deleted(pen.journal.story, Position("b1", 3), Position("b2", 0)))
    assert pen.told() == ("deleted", "a new paragraph")


def test_text_that_came_in_other_ways() -> None:
    pen = Pen()
    pen.type("Fog over fog.")
    story = pen.journal.story
    pen.erase(0, 4, how="cut")
    assert pen.told() == ("cut", "Fog")
    end = pen.journal.story.manuscript.last
    pen.record(texts.pasted(story, end, end, ((Span("Salt.", Written()),),), pen.new_id))
    assert pen.told() == ("pasted", "Salt.")
    pen.record(*texts.replaced_all(pen.journal.story, [("b1", 0, 4), ("b1", 5, 8)], "mist"))
    assert pen.told() == ("replaced", "“fog” with “mist”, 2 places")
    pen.record(*texts.replaced_all(pen.journal.story, [("b1", 0, 4)], ""))
    assert pen.told() == ("replaced", "“mist” with nothing")
    pen.record(TextEdited(Position("b1", 0), Fragment(), Fragment((Span("Oh.", Written()),)), "sung"))
    assert pen.told() == ("changed", "Oh.")


def test_a_line_is_short_and_clean_whatever_was_pasted() -> None:
    pen = Pen()
    block = Block("b1", "", (Span("a\x1b[31m\tb\u202e " * 100_000, Written()),))
    pen.record(TextEdited(START, Fragment(), Fragment((), (block,)), "pasted"))
    what, text = pen.told()
    assert what == "pasted"
    assert len(text) <= LONGEST
    assert text.startswith("a[31m b a[31m b")
    assert text.isprintable()


def test_a_placement_tells_its_text() -> None:
    pen = Pen()
    block = Block("b1", "", (Span("The lamp took.", Generated("1.2", 0, 14)),))
    pen.record(TextPlaced(START, Fragment(), Fragment((), (block,)), Placement(("1.2",))))
    assert pen.told() == ("placed", "The lamp took.")


def test_outline_steps_name_their_beats_as_they_were_on_that_branch() -> None:
    pen = Pen()
    pen.record(BeatAdded(Slot("", 0), Beat("k1", BeatText(summary="Wren waits"))))
    assert pen.told() == ("outline", "added: Wren waits")
    pen.record(BeatAdded(Slot("", 1), Beat("k2")), BeatAdded(Slot("k2", 0), Beat("k3", BeatText(title="Low tide"))))
    assert pen.told() == ("outline", "added: a beat without words, and 1 more")
    fork = pen.journal.seq
    text = BeatText(summary="Wren waits")
    pen.record(BeatEdited("k1", text, BeatText(summary="Wren leaves")))
    assert pen.told() == ("outline", "edited: Wren leaves")
    pen.record(BeatMoved(Slot("", 0), Slot("k2", 1)))
    assert pen.told() == ("outline", "moved: Wren leaves")
    pen.go(fork)
    pen.record(BeatMoved(Slot("", 0), Slot("k2", 0)))
    assert pen.told() == ("outline", "moved: Wren waits")
    pen.record(BeatEdited("k1", text, BeatText(summary="Wren waits", done=True)))
    assert pen.told() == ("outline", "done: Wren waits")
    pen.record(BeatEdited("k1", BeatText(summary="Wren waits", done=True), text))
    assert pen.told() == ("outline", "not done: Wren waits")
    pen.type("Text.")
    pen.record(BlockAssigned("b1", "", "k3"))
    assert pen.told() == ("beat", "a paragraph to: Low tide")
    pen.record(BlockAssigned("b1", "k3", ""))
    assert pen.told() == ("beat", "a paragraph to no beat")
    pen.record(BeatRemoved(Slot("k2", 1), Beat("k3", BeatText(title="Low tide"))))
    assert pen.told() == ("outline", "taken out: Low tide")
    assert {row.text for row in pen.rows()} >= {"moved: Wren leaves", "moved: Wren waits"}


def test_everything_else_that_can_be_undone() -> None:
    pen = Pen()
    row = (Span("salt on the glass", Written()),)
    pen.record(*texts.keep(pen.journal.story, (row,), 5, pen.new_id))
    assert pen.told() == ("shelf", "kept: salt on the glass")
    pen.record(*texts.unshelve(pen.journal.story, pen.journal.story.shelf[0].id))
    assert pen.told() == ("shelf", "taken off: salt on the glass")
    note = Note("n1", "person", "Ilse")
    pen.record(NoteChanged(0, None, note))
    assert pen.told() == ("note", "added: Ilse")
    pen.record(NoteChanged(0, note, Note("n1", "person", "Ilse", "a weigher")))
    assert pen.told() == ("note", "changed: Ilse")
    pen.record(ExemplarChanged(0, None, Exemplar("e1", "plain", "It was.")))
    assert pen.told() == ("exemplar", "added: plain")
    pen.record(WordLearned("kestrel"))
    assert pen.told() == ("word", "learned: kestrel")
    pen.record(WordLearned("kestrel", forgotten=True))
    assert pen.told() == ("word", "forgotten: kestrel")
    pen.record(DetailsChanged(Details(), Details(title="Salt", purpose="care")))
    assert pen.told() == ("details", "title: Salt, purpose: care")
    pen.record(DetailsChanged(Details(title="Salt", purpose="care"), Details(title="Salt")))
    assert pen.told() == ("details", "purpose: none")
    piece = ShelfPiece("s1", (row,), 5)
    assert piece not in pen.journal.story.shelf


# in the text


def shown(pen: Pen, seq: int = 0) -> list[str]:
    """The paragraphs that the newest step touched, in reading order: {put}, <gone>."""
    found = pen.rows()
    row = next(each for each in found if (each.seq == seq if seq else each.is_head))
    tree, story = pen.journal.tree, pen.journal.story
    before = travel(story, tree, tree.head, row.before).manuscript
    after = travel(story, tree, tree.head, row.seq).manuscript
    marks = traced(before, changes_of(tree, row))
    order = ["", *(block.id for block in after)]
    signs = {"kept": "{0}", "put": "{{{0}}}", "gone": "<{0}>"}
    return [
        "".join(signs[run.kind].format(run.text) for run in marks[block]) for block in sorted(marks, key=order.index)
    ]


def test_typing_and_erasing_within_a_step_shows_what_came_of_it() -> None:
    pen = Pen()
    pen.type("It rained. She slept.")
    assert shown(pen) == ["{It rained. She slept.}"]
    step = pen.type("Nobody came, or ", Position("b1", 11))
    pen.erase(22, 27, step=step)
    pen.type(". ", Position("b1", 22), step=step)
    assert shown(pen) == ["It rained. {Nobody came. }She slept."]
    pen.erase(10, 23)
    assert shown(pen) == ["It rained.< Nobody came.> She slept."]
    step = pen.erase(3, 9)
    pen.type("snowed", Position("b1", 3), step=step)
    assert shown(pen) == ["It <rained>{snowed}. She slept."]


def test_paragraphs_that_part_and_join() -> None:
    pen = Pen()
    pen.type("One. Two.")
    pen.type("\n", Position("b1", 5))
    assert shown(pen) == ["{\n}Two."]
    pen.type("!\nThree\nFour", Position("b2", 3))
    assert shown(pen) == ["Two{!}", "{Three}", "{Four}."]
    pen.record(texts.deleted(pen.journal.story, Position("b1", 3), Position("b4", 2)))
    assert shown(pen) == ["One<. \nTwo!\nThree\nFo>ur."]
    step = pen.type("x\ny", Position("b1", 3))
    pen.record(texts.deleted(pen.journal.story, Position("b1", 4), Position("b5", 0)), step=step)
    assert shown(pen) == ["One{xy}ur."]


def test_whole_paragraphs_before_the_first() -> None:
    pen = Pen()
    one, two = (Block(name, "", (Span(text, Written()),)) for name, text in (("p1", "One."), ("p2", "Two.")))
    pen.record(TextEdited(START, Fragment(), Fragment((), (two,)), "imported"))
    pen.record(TextEdited(START, Fragment(), Fragment((), (one,)), "imported"))
    assert shown(pen) == ["{One.}"]
    pen.record(TextEdited(START, Fragment((), (one,)), Fragment(), "deleted"))
    assert shown(pen) == ["<\nOne.>"]


def test_a_paragraph_given_to_another_beat_is_named_and_outline_steps_touch_none() -> None:
    pen = Pen()
    pen.type("One.")
    pen.record(BeatAdded(Slot("", 0), Beat("k1")))
    assert shown(pen) == []
    pen.record(BlockAssigned("b1", "", "k1"))
    assert shown(pen) == ["One."]
    pen.type("Two.\n")
    assert shown(pen) == ["One.{Two.}", "{\n}"]
    pen.type("Three.")
    assert shown(pen) == ["{Three.}"]
    assert traced(pen.journal.story.manuscript, ()) == {}


def test_every_place_of_a_replacement_is_shown() -> None:
    pen = Pen()
    pen.type("fog on fog")
    pen.record(*texts.replaced_all(pen.journal.story, [("b1", 0, 3), ("b1", 7, 10)], "mist"))
    assert shown(pen) == ["<fog>{mist} on <fog>{mist}"]


ACTION = st.tuples(
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.sampled_from(["", "a", "bc ", "\n", "d\ne", "漢é"]),
    st.booleans(),
)


def steps(pen: Pen, actions: Sequence[tuple[int, int, str, bool]]) -> Iterator[Change]:
    """Edits of one step, each entered as it is made."""
    first = None
    for left, right, text, jump in actions:
        text_now = pen.journal.story.manuscript

        def place(spot: int, now=text_now) -> Position:  # type: ignore[no-untyped-def]
            if not len(now):
                return START
            block = now.at(spot % len(now))
            return Position(block.id, (spot // 7) % (length(block.spans) + 1))

        start, end = sorted((place(left), place(right)), key=text_now.key)
        event = texts.typed(pen.journal.story, start, start if jump else end, text, Written(), pen.new_id)
        first = pen.journal.record((event,), pen.now, first)[0].step
        yield event


@given(st.lists(ACTION, max_size=5), st.lists(ACTION, min_size=1, max_size=8))
def test_what_is_kept_and_put_is_the_text_after_and_what_is_kept_and_gone_the_text_before(
    earlier: list[tuple[int, int, str, bool]], later: list[tuple[int, int, str, bool]]
) -> None:
    pen = Pen()
    list(steps(pen, earlier))
    before = pen.journal.story.manuscript
    marks = traced(before, list(steps(pen, later)))
    after = pen.journal.story.manuscript
    old = "".join(run.text for run in marks.get("", ()))
    for block in after:
        line = marks.get(block.id)
        if line is None:
            assert block.text == before.block(block.id).text
            old += block.text
            continue
        assert "".join(run.text for run in line if run.kind != "gone").removeprefix("\n") == block.text
        assert all(left.kind != right.kind for left, right in itertools.pairwise(line))
        old += "".join(run.text for run in line if run.kind != "put")
    assert set(marks) <= {"", *(block.id for block in after)}
    assert old.replace("\n", "") == "".join(block.text for block in before)


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=40))
def test_rows_are_the_steps_of_every_tree(moves: list[int | None]) -> None:
    pen = Pen()
    for move in moves:
        points = [ROOT, *pen.journal.tree.nodes]
        if move is None:
            pen.type("x ")
        else:
            pen.go(points[move % len(points)])
    tree = pen.journal.tree
    found = rows(tree)
    assert sorted(row.seq for row in found) == [ROOT, *tree.nodes]
    place = {row.seq: at for at, row in enumerate(found)}
    assert found[-1].seq == ROOT
    assert [row.seq for row in found if row.on_path] == [*tree.up(tree.head), ROOT]
    assert all(row.depth == 0 for row in found if row.on_path)
    assert sum(row.forks for row in found) == sum(row.begins for row in found)
    for row in found[:-1]:
        parent = found[place[row.before]]
        assert place[row.seq] < place[row.before]
        assert row.depth == (parent.depth + 1 if row.begins else parent.depth)
        between = found[place[row.seq] + 1 : place[row.before]]
        # Only branches stand between a step and the one before it.
        assert all(each.depth > parent.depth for each in between)
