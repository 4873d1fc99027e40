"""Rows of a context, texts of its parts, what keys make of a shape, and how two contexts differ: values alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from composer.errors import RefusedError
from composer.story.candidate import (
    BeatTarget,
    Candidate,
    ItemReceipt,
    PartReceipt,
    PlaceTarget,
    Receipt,
    Recipe,
    Round,
    RoundKind,
    Target,
)
from composer.story.chunked import Chunked
from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.shape import CORE, Shape
from composer.story.spans import Span, Written
from composer.story.story import Exemplar, Note, Paraphrase, Story
from composer.ui import contexts
from composer.ui.contexts import Context, Row

BEAT = BeatTarget("b")
SYSTEM = ("You write.",)
USER = (
    "Purpose:\nUnseen care.\n\n",
    "Samples of the style:\n",
    "The salt came up grey.\n\n",
    "***\n\n",
    "The ferryman counted.\n\n",
    "Notes:\n",
    "Ilse (person): She weighs.\n\n",
    "Story so far:\n",
    "One went.\n\n",
    "Two came.\n\n",
    "Next, in one paragraph:\nShe reads it.\n\n",
)
PARTS = (
    PartReceipt("instructions", 40, why="always", first=0, last=1),
    PartReceipt("purpose", 9, why="always", first=1, last=2),
    PartReceipt(
        "exemplars",
        30,
        cut=12,
        why="2 of 3",
        items=(
            ItemReceipt("salt", 10, thing="e1"),
            ItemReceipt("rope", 12, "cut", "lowest likeness", "e2"),
            ItemReceipt("ferry", 11, thing="e3"),
        ),
        first=2,
        last=6,
    ),
    PartReceipt(
        "notes",
        14,
        cut=20,
        why="named near",
        items=(
            ItemReceipt("Ilse", 9, thing="n1", why="named near"),
            ItemReceipt("Varn", 20, "muted", "", "n2"),
        ),
        first=6,
        last=8,
    ),
    PartReceipt(
        "earlier text",
        12,
        cut=700,
        why="the newest",
        items=(ItemReceipt("¶1–2", 700, "condensed", "told by its summary"), ItemReceipt("¶3–4", 12)),
        first=8,
        last=11,
    ),
    PartReceipt("text after", 0, kept=False, cut=412, why="muted by you"),
    PartReceipt("beat", 8, why="always", first=11, last=12),
    PartReceipt("format", 16, why="what a chat's format adds"),
)
SHAPE = Shape("lean", muted=("text after", "outline", "notes:n2"), pinned=("purpose",))
RECEIPT = Receipt(129, 800, 200, PARTS, True, SHAPE)
CONTEXT = Context(RECEIPT, (("system", SYSTEM), ("user", USER)))
STORY = Story(
    manuscript=Manuscript(Block(f"b{n}", "", (Span(f"Text {n}.", Written()),)) for n in range(1, 7)),
    notes=(Note("n1", "person", "Ilse", "She weighs salt."), Note("n2", "place", "Varn", "Weigh-houses.")),
    exemplars=(Exemplar("e2", "rope", "A rope is an argument."),),
    paraphrases=(Paraphrase(("b1", "b2"), "d", "Old words."), Paraphrase(("b1", "b2"), "e", "Two texts were.")),
)


def table(opened: tuple[str, ...] = ()) -> dict[str, Row]:
    return {row.key: row for row in contexts.rows(CONTEXT, opened, "as a letter")}


def test_parts_are_rows_with_their_signs_tokens_and_reasons() -> None:
    rows = table()
    assert [(row.sign, row.label, row.tokens) for row in rows.values()] == [
        ("✓", "instructions, as a letter", 40),
        ("P", "purpose", 9),
        ("✓", "exemplars (2 of 3)", 30),
        ("✓", "notes: Ilse", 14),
        ("-", "outline", 0),
        ("✓", "earlier text, ¶3–4", 12),
        ("-", "text after", 0),
        ("✓", "beat", 8),
        ("✓", "format", 16),
    ]
    assert rows["text after"].why == "left out by you: 412 tokens stay here"
    # What was left out and is not in the receipt is told all the same, where it would stand.
    assert rows["outline"].why == "left out by you"
    assert [rows[name].fold for name in ("purpose", "notes")] == ["", "shut"]


def test_things_are_rows_below_a_part_that_is_opened() -> None:
    rows = table(("exemplars", "notes", "earlier text"))
    assert [(row.sign, row.label, row.tokens, row.left) for row in rows.values() if row.inner] == [
        ("✓", "salt", 10, 0),
        ("-", "rope", 0, 12),
        ("✓", "ferry", 11, 0),
        ("✓", "Ilse", 9, 0),
        ("-", "Varn", 0, 20),
        ("~", "¶1–2", 0, 700),
        ("✓", "¶3–4", 12, 0),
    ]
    assert rows["exemplars:e2"].why == "left out: lowest likeness"
    assert rows["notes:n2"].why == "left out by you"
    assert rows["earlier text/¶1–2"].why == "told by its summary"
    assert rows["notes"].fold == "open"


def test_a_stale_summary_is_told_by_sign_and_word() -> None:
    item = ItemReceipt("ch. 2", 30, "kept", "from 900 tokens", "b4", stale=True)
    part = PartReceipt("earlier, condensed", 34, items=(item,), why="from 900 tokens")
    rows = contexts.rows(Context(replace(RECEIPT, parts=(part,)), ()), ("earlier, condensed",))
    told = [row for row in rows if row.part == "earlier, condensed"]
    assert [row.sign for row in told] == ["~", "~"]
    assert "stale" in told[1].why


def test_names_from_outside_stay_on_one_line() -> None:
    part = PartReceipt("notes", 4, items=(ItemReceipt("Il\nse\x1b[2J", 4, thing="n1"),), why="a\nb")
    rows = contexts.rows(Context(replace(RECEIPT, parts=(part,), shape=Shape()), ()), ("notes",))
    assert [row.label for row in rows] == ["notes: Il se[2J", "Il se[2J"]
    assert rows[0].why == "a b"


def test_the_cursor_stays_with_its_row_then_with_its_part() -> None:
    before, after = list(table(("notes",)).values()), list(table().values())
    varn = next(row for row in before if row.key == "notes:n2")
    assert contexts.same_row(before, varn, 0) == before.index(varn)
    assert after[contexts.same_row(after, varn, 99)].key == "notes"
    assert contexts.same_row(after, None, 99) == len(after) - 1
    assert contexts.same_row((), varn, 3) == 0


# texts


def test_the_text_of_a_part_is_its_pieces() -> None:
    rows = table(("exemplars", "notes", "earlier text"))
    assert contexts.text_of(CONTEXT, rows["instructions"]) == ("You write.", True)
    assert contexts.text_of(CONTEXT, rows["earlier text"]) == ("Story so far:\nOne went.\n\nTwo came.", True)
    assert contexts.text_of(CONTEXT, rows["text after"]) == ("", False)
    assert contexts.text_of(CONTEXT, rows["format"])[0].startswith("[system]\nYou write.\n\n[user]\nPurpose:")


def test_a_thing_that_is_sent_is_its_piece_and_another_is_what_the_story_has() -> None:
    rows = table(("exemplars", "notes", "earlier text"))
    assert contexts.text_of(CONTEXT, rows["exemplars:e1"]) == ("The salt came up grey.", True)
    assert contexts.text_of(CONTEXT, rows["exemplars:e3"]) == ("The ferryman counted.", True)
    assert contexts.text_of(CONTEXT, rows["notes:n1"], STORY) == ("Ilse (person): She weighs.", True)
    assert contexts.text_of(CONTEXT, rows["notes:n2"], STORY) == ("Varn (place): Weigh-houses.", False)
    assert contexts.text_of(CONTEXT, rows["exemplars:e2"], STORY) == ("A rope is an argument.", False)
    assert contexts.text_of(CONTEXT, rows["earlier text/¶1–2"], STORY) == ("Text 1.\n\nText 2.", False)
    # Of what is stored nothing else is known.
    assert contexts.text_of(CONTEXT, rows["notes:n2"]) == ("Notes:\nIlse (person): She weighs.", True)
    summary = Row("earlier, condensed", "¶1–2", "✓", item=ItemReceipt("¶1–2", 9, "cut", "", "b1"), inner=True)
    assert contexts.text_of(CONTEXT, replace_row(summary, kept=False), STORY) == ("Two texts were.", False)


def test_a_paragraph_of_which_a_part_is_sent_shows_that_part_and_the_rest_is_what_the_story_has() -> None:
    parts = (
        PartReceipt(
            "previous paragraph",
            4,
            cut=9,
            items=(ItemReceipt("¶1: the end", 4), ItemReceipt("¶1: the rest", 9, "cut", "no room")),
            first=0,
            last=1,
        ),
        PartReceipt(
            "text after",
            3,
            cut=8,
            items=(ItemReceipt("¶2, its end", 3), ItemReceipt("¶2, its end; ¶3–4", 8, "cut", "stands after the place")),
            first=1,
            last=2,
        ),
    )
    texts = (("user", ("Previous paragraph:\nthe fog.\n\n", "Text after:\nIt rained.\n\n")),)
    made = {
        row.key: row
        for row in contexts.rows(Context(Receipt(7, 900, 100, parts), texts), ("text after", "previous paragraph"))
    }
    context = Context(Receipt(7, 900, 100, parts), texts)
    assert contexts.text_of(context, made["previous paragraph/¶1: the end"], STORY) == ("the fog.", True)
    assert contexts.text_of(context, made["previous paragraph/¶1: the rest"], STORY) == ("Text 1.", False)
    assert contexts.text_of(context, made["text after/¶2, its end"], STORY) == ("It rained.", True)
    beyond = made["text after/¶2, its end; ¶3–4"]
    assert contexts.text_of(context, beyond, STORY) == ("Text 2.\n\nText 3.\n\nText 4.", False)


def replace_row(row: Row, **changes: object) -> Row:
    from dataclasses import replace as with_fields

    return with_fields(row, **changes)  # type: ignore[arg-type]


def test_a_receipt_of_old_tells_all_that_was_sent() -> None:
    parts = (
        PartReceipt("story so far", 30, why="all of it"),
        PartReceipt("purpose", 0, kept=False, cut=9, why="no room"),
    )
    old = Context(Receipt(40, 800, 200, parts), (("user", ("One went.\n\n",)),))
    first, second = contexts.rows(old)
    assert contexts.text_of(old, first) == ("[user]\nOne went.", True)
    assert contexts.text_of(old, second) == ("", False)


@pytest.mark.parametrize("number", [100, 100_000])
def test_a_long_run_is_shown_by_its_beginning(number: int) -> None:
    blocks = Manuscript(Block(f"b{n}", "", (Span(f"Text {n}.", Written()),)) for n in range(number))
    row = Row("earlier text", "", "-", item=ItemReceipt(f"¶1–{number}", 9, "cut"), inner=True, kept=False)
    text, _ = contexts.text_of(CONTEXT, row, Story(manuscript=blocks))
    assert text.count("Text") == min(number, contexts.LONGEST_RUN)
    assert ("more" in text) == (number > contexts.LONGEST_RUN)


# editing


def test_where_parts_were_not_kept_apart_each_has_the_whole() -> None:
    parts = (PartReceipt("notes", 9, items=(ItemReceipt("Ilse", 9), ItemReceipt("Varn", 4, "cut"))),)
    context = Context(Receipt(9, 900, 100, parts), (("user", ("All that was sent.",)),))
    part, sent, left = contexts.rows(context, ("notes",))
    assert contexts.text_of(context, part) == (context.whole, True)
    assert contexts.text_of(context, sent) == (context.whole, True)
    assert contexts.text_of(context, left) == ("", False)


def test_what_is_edited_is_the_text_below_the_heading() -> None:
    assert contexts.body_of("Purpose:\nUnseen care.\n\n") == "Unseen care."
    assert contexts.body_of("You write.") == "You write."
    assert contexts.body_of("Story so far:\n") == ""


@pytest.mark.parametrize(
    ("body", "lines", "between"),
    [
        ("", [""], "\n\n"),
        ("One.", ["One."], "\n\n"),
        ("One.\n\nTwo.", ["One.", "Two."], "\n\n"),
        ("- One.\n  > Two.", ["- One.", "  > Two."], "\n"),
        ("One.\nTwo.\n\nThree.", ["One.", "Two.", "", "Three."], "\n"),
    ],
)
def test_a_text_is_edited_by_paragraphs_or_by_lines(body: str, lines: list[str], between: str) -> None:
    assert contexts.paragraphs_of(body) == (lines, between)
    assert contexts.put_together(lines, between) == body


@given(st.lists(st.text(alphabet="ab é\u0301", min_size=1, max_size=8).filter(str.strip), max_size=5), st.booleans())
def test_an_edit_that_changes_nothing_changes_nothing(lines: list[str], apart: bool) -> None:
    body = ("\n\n" if apart else "\n").join(line.strip() for line in lines)
    assert contexts.put_together(*contexts.paragraphs_of(body)) == body


# shaping


def test_a_row_goes_out_and_in_again() -> None:
    rows = table(("exemplars", "notes", "earlier text"))
    shape = contexts.turned(SHAPE, rows["exemplars:e1"])
    assert shape.is_muted("exemplars", "e1")
    assert contexts.turned(shape, replace_row(rows["exemplars:e1"], kept=False)) == SHAPE
    assert contexts.turned(SHAPE, rows["notes:n2"]).muted == ("text after", "outline")
    assert contexts.turned(SHAPE, rows["purpose"]).is_muted("purpose")
    assert not contexts.turned(SHAPE, rows["purpose"]).is_pinned("purpose")


def test_what_is_out_for_another_reason_comes_in_by_being_pinned() -> None:
    rows = table(("exemplars",))
    shape = contexts.turned(SHAPE, rows["exemplars:e2"])
    assert shape.is_pinned("exemplars", "e2")
    assert contexts.turned(shape, rows["exemplars:e2"]) == shape
    # Of a part that is out as a whole one thing alone.
    whole = contexts.turned(Shape(), Row("notes", "notes", "✓", thing="notes"))
    one = contexts.turned(whole, Row("notes", "Varn", "-", thing="notes:n2", inner=True, kept=False))
    assert one.is_muted("notes", "n1")
    assert not one.is_muted("notes", "n2")


def test_the_core_can_neither_be_left_out_nor_pinned() -> None:
    for part in CORE:
        row = Row(part, part, "✓", thing=part)
        for work in (contexts.turned, contexts.pinned):
            with pytest.raises(RefusedError, match="always sent"):
                work(Shape(), row)


def test_a_run_of_paragraphs_is_shaped_by_its_part() -> None:
    row = table(("earlier text",))["earlier text/¶1–2"]
    with pytest.raises(RefusedError) as refused:
        contexts.pinned(Shape(), row)
    assert "“earlier text”" in refused.value.next_step


def test_beside_a_context_stands_the_bare_one_and_beside_bare_the_full_one() -> None:
    shape = Shape("lean", muted=("notes",), edits=(("instructions", "Write."), ("beat", "Other.")))
    assert contexts.beside(shape) == Shape("bare", edits=(("instructions", "Write."),))
    assert contexts.beside(Shape("bare")) == Shape("full")
    assert contexts.named((shape,)) == "preset lean, shaped"
    assert contexts.named((Shape(),)) == "preset full"
    assert contexts.named((shape, Shape("bare"))) == "lean and bare, side by side"


def test_where_no_context_can_be_made_all_parts_can_be_shaped() -> None:
    rows = contexts.levers(Shape(muted=("notes",), pinned=("purpose",), edits=(("outline", "x"),)))
    assert {row.part: row.sign for row in rows}["notes"] == "-"
    assert {row.part: row.sign for row in rows}["purpose"] == "P"
    assert {row.part: row.why for row in rows}["outline"] == "as you wrote it"
    assert not {row.part for row in rows} & CORE


def test_totals_tell_the_change() -> None:
    long, *_, short = contexts.totals(RECEIPT, -412)
    assert long == "Total 129 (-412) + 200 for the answer = 329 of 800"
    assert short == "329 (-412) of 800"
    assert contexts.totals(RECEIPT)[0] == "Total 129 + 200 for the answer = 329 of 800"


# differences


def changed(**texts: tuple[str, ...]) -> Context:
    """The context with the pieces of some parts exchanged."""
    pieces: list[str] = []
    parts = []
    for part in PARTS:
        name = part.name.replace(" ", "_")
        mine = texts.get(name, CONTEXT.pieces[part.first : part.last])
        tokens = sum(len(piece) for piece in mine) if name in texts else part.tokens
        parts.append(replace(part, first=len(pieces), last=len(pieces) + len(mine), tokens=tokens, kept=bool(mine)))
        pieces += mine
    return Context(replace(RECEIPT, parts=tuple(parts)), (("user", tuple(pieces)),))


def told(then: Context, now: Context) -> list[tuple[str, str]]:
    return [(row.sign, row.label) for row in contexts.difference(then, now) if row.sign != "="]


def test_two_contexts_differ_in_what_came_and_what_went() -> None:
    now = changed(earlier_text=("Story so far:\n", "Two came.\n\n", "Three stayed.\n\n"), purpose=())
    assert told(CONTEXT, now) == [
        ("-", "purpose"),
        ("-", "Unseen care."),
        ("~", "earlier text"),
        ("-", "One went."),
        ("+", "Three stayed."),
    ]
    rows = {row.key: row for row in contexts.difference(CONTEXT, now)}
    assert (rows["purpose"].then, rows["purpose"].tokens) == (9, 0)
    assert rows["purpose"].why == "-9 · is not sent now"
    assert rows["earlier text"].why.endswith("1 came, 1 went")
    assert rows["instructions"].why == "the same"
    assert told(now, CONTEXT)[:2] == [("+", "purpose"), ("+", "Unseen care.")]
    assert len({row.key for row in contexts.difference(CONTEXT, now)}) == len(contexts.difference(CONTEXT, now))


def test_a_part_of_a_difference_folds() -> None:
    now = changed(purpose=())
    assert [row.fold for row in contexts.difference(CONTEXT, now, ("purpose",)) if row.part == "purpose"] == ["shut"]


def test_equal_contexts_have_no_difference() -> None:
    assert told(CONTEXT, CONTEXT) == []


def test_the_parts_of_an_old_receipt_are_found_by_their_headings() -> None:
    apart = tuple(replace(part, first=0, last=0) for part in CONTEXT.receipt.parts)
    old = replace(CONTEXT.receipt, parts=apart)
    found = contexts.located(old, CONTEXT.messages)
    named = Context(found, CONTEXT.messages)
    for part in CONTEXT.receipt.parts:
        if part.kept and part.name != "format":
            assert named.text(part.name) == CONTEXT.text(part.name), part.name
    assert contexts.located(CONTEXT.receipt, CONTEXT.messages) is CONTEXT.receipt
    rendered = (("prompt", CONTEXT.pieces),)
    assert contexts.located(old, rendered) is old


def test_with_a_receipt_of_old_all_of_the_requests_is_compared() -> None:
    old = Context(Receipt(40, 800, 200, (PartReceipt("story so far", 30),)), (("user", ("One went.\n\n",)),))
    rows = contexts.difference(old, CONTEXT)
    assert (rows[0].label, rows[0].then, rows[0].tokens) == ("the whole request", 40, 129)
    assert ("+", "Two came.") in told(old, CONTEXT)
    assert ("+", "One went.") not in told(old, CONTEXT)


lines = st.lists(st.sampled_from("abcd"), max_size=8)


@given(lines, lines)
def test_what_went_and_came_makes_the_one_of_the_other(then: list[str], now: list[str]) -> None:
    found = contexts._compared("\n".join(then), "\n".join(now))
    went, came = [line for mark, line in found if mark == "-"], [line for mark, line in found if mark == "+"]
    assert sorted([*then, *came]) == sorted([*now, *went])


def asked(number: int, kind: RoundKind = "continue", target: Target = BEAT, veil: tuple[int, ...] = ()) -> Round:
    made = (Candidate(f"{number}.1", Recipe("e", "m")),)
    return Round(number, kind, target, 0, "", (), RECEIPT, made, 0, 0, veil=veil)


def test_it_is_compared_with_the_newest_round_for_the_same_place_else_the_newest() -> None:
    place = PlaceTarget(Position("x", 3), beat="c")
    rounds = (
        asked(1),
        asked(2, "condense"),
        asked(3, "fill", place),
        asked(4, veil=(0,)),
        asked(5, target=BeatTarget("d")),
    )
    story = Story(rounds=Chunked(rounds))
    numbers = contexts.earlier_rounds(story, 6)
    assert numbers == [1, 3, 5]
    assert contexts.first_of(story, numbers, "continue", BEAT, "b") == 0
    assert contexts.first_of(story, numbers, "fill", PlaceTarget(Position("y", 0), beat="c"), "c") == 1
    assert contexts.first_of(story, numbers, "rework", PlaceTarget(START), "") == 2
    assert contexts.earlier_rounds(story, 1) == []
