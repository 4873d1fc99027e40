"""The history of a NovelAI document: branches, what each character came from, and histories that do not hang together."""

from __future__ import annotations

import pytest
from hypothesis import given

from composer.journal.codec import decode
from composer.story.events import HeadMoved
from tests.exchange.novelai_stories import (
    Node,
    create,
    document,
    edit,
    histories,
    node,
    section,
    spans_of,
    story,
    take,
    text_of,
    texts_of_branches,
    written,
)


def test_a_history_becomes_a_journal_and_its_other_tries_branches() -> None:
    taken = take(story())
    assert spans_of(taken) == [
        [("The tide tables lied.", "written")],
        [("Ilse ", "generated 2.1"), ("wept", "edited 2.1"), (" and ran.", "generated 2.1")],
    ] or spans_of(taken) == [
        [("The tide tables lied.", "written")],
        [("Ilse ", "generated 3.1"), ("wept", "edited 3.1"), (" and ran.", "generated 3.1")],
    ]
    assert {asked.candidates[0].text.strip() for asked in taken.story.rounds} == {
        "Nobody knew.",
        "Ilse knew and ran.",
        "Bram knew.",
    }
    assert {"The tide tables lied.\nNobody knew.", "The tide tables lied.\nBram knew."} <= texts_of_branches(taken)
    assert len(taken.story.placements) == 1
    moves = [decode(entry.type, entry.version, entry.body) for entry in taken.entries if entry.parent == -1]
    assert sum(isinstance(each, HeadMoved) for each in moves) == 2
    assert not taken.losses
    assert not taken.cut


def test_the_model_and_its_sampling_are_kept_where_they_are_known() -> None:
    settings = {"model": "kayra-v1", "parameters": {"temperature": 1.35, "max_length": 40, "order": [1]}}
    value = {"storyContentVersion": 6, "document": story(), "settings": settings}
    (recipe, *_) = [asked.candidates[0].recipe for asked in take(value).story.rounds]
    assert (recipe.endpoint, recipe.model) == ("NovelAI", "kayra-v1")
    assert recipe.sampling == {"temperature": 1.35, "max_tokens": 40}


def test_text_that_the_model_put_behind_text_and_in_a_section_is_one_candidate() -> None:
    value = document(
        {1: section("Go. On.", (3, 1), (4, 2)), 2: written("And on.", 2)},
        102,
        node(100, None, {}),
        node(101, 100, {1: create(written("Go.", 1))}),
        node(
            102,
            101,
            {
                1: edit((3, "", " On."), metas=[{"index": 1, "position": 3, "data": 2, "length": 4}]),
                2: create(written("And on.", 2), 1),
            },
            asked=True,
        ),
    )
    taken = take(value)
    assert [asked.candidates[0].text for asked in taken.story.rounds] == [" On.\nAnd on."]
    assert spans_of(taken) == [[("Go.", "written"), (" On.", "generated 1.1")], [("And on.", "generated 1.1")]]


def test_sections_come_first_behind_others_and_go() -> None:
    value = document(
        {3: written("c", 1), 4: written("d", 1)},
        103,
        node(100, None, {}),
        node(101, 100, {1: create(written("a\nA", 1)), 2: create(written("b", 1), 1)}),
        # Each comes behind one that comes with it, or goes with it.
        node(102, 101, {4: create(written("d", 1), 3), 3: create(written("c", 1), 2), 2: {"type": 2, "after": 1}}),
        node(103, 102, {1: {"type": 2, "after": 0}}),
    )
    taken = take(value)
    assert text_of(taken) == "c\nd"
    assert {"a\nA\nb", "a\nA\nc\nd"} <= texts_of_branches(taken)
    assert not taken.losses


def test_several_parts_of_a_change_follow_one_another() -> None:
    for parts in (((1, "b", "XX"), (2, "e", "Y")), ((1, "b", "XX"), (4, "e", "Y"))):
        value = document(
            {1: written("aXXcdYf", 1)},
            102,
            node(100, None, {}),
            node(101, 100, {1: create(written("abcdef", 1))}),
            node(102, 101, {1: edit(*parts)}),
        )
        taken = take(value)
        assert text_of(taken) == "aXXcdYf"
        assert not taken.losses


def test_positions_count_utf16_units() -> None:
    value = document(
        {1: written("😀a😀!", 1)},
        102,
        node(100, None, {}),
        node(101, 100, {1: create(written("😀😀!", 1))}),
        node(102, 101, {1: edit((2, "", "a"))}),
    )
    assert text_of(take(value)) == "😀a😀!"


def test_changes_that_were_not_saved_as_a_step_are_made() -> None:
    value = story()
    value["dirtySections"] = {"1": edit((20, ".", "!"))}
    taken = take(value)
    assert text_of(taken) == "The tide tables lied!\nIlse wept and ran."
    value["sections"]["1"]["text"] = "The tide tables lied!"
    assert text_of(take(value)) == text_of(taken)
    value["history"]["nodes"] = {}
    value["dirtySections"] = {}
    assert text_of(take(value)) == text_of(taken)


def test_a_text_that_the_history_does_not_give_is_taken_as_it_stands() -> None:
    value = story()
    value["sections"]["1"]["text"] = "The tide tables sang."
    taken = take(value)
    assert text_of(taken) == "The tide tables sang.\nIlse wept and ran."
    assert "The tide tables lied.\nNobody knew." in texts_of_branches(taken)
    assert [loss.what for loss in taken.losses] == ["differences between the history and the text"]


def test_a_history_that_leads_nowhere_leaves_the_text() -> None:
    for change in ({"current": 999}, {"root": 999}, {"nodes": {}}, {"nodes": 5}, {"current": None}):
        value = story()
        value["history"] |= change
        taken = take(value)
        assert spans_of(taken) == [
            [("The tide tables lied.", "written")],
            [("Ilse ", "generated 1.1"), ("wept", "edited 1.1"), (" and ran.", "generated 2.1")],
        ]


def test_steps_in_a_circle_and_steps_without_a_parent_are_counted() -> None:
    value = story()
    for name, parent in ((201, 202), (202, 201), (203, 777), (204, 204)):
        value["history"]["nodes"][str(name)] = node(name, parent, {9: create(written("lost", 1))})
    taken = take(value)
    assert text_of(taken) == "The tide tables lied.\nIlse wept and ran."
    assert [(loss.what, loss.count) for loss in taken.losses] == [
        ("steps of the history that hang on none that was taken", 4)
    ]
    value["history"]["nodes"]["101"]["parent"] = 103
    assert text_of(take(value)) == "The tide tables lied.\nIlse wept and ran."


def test_sections_that_are_no_text_keep_their_place_and_those_without_one_are_counted() -> None:
    value = document({1: written("a", 1), 2: {"type": 2, "src": "x"}, 3: written("b", 1)}, 0)
    value["sections"]["7"] = written("nowhere", 1)
    taken = take(value)
    assert text_of(taken) == "a\n\nb"
    assert {loss.what for loss in taken.losses} == {
        "sections that are no text",
        "sections that stand nowhere in the text",
    }


def test_what_stretches_came_from_is_told_by_differences() -> None:
    metas = [{"index": 0, "position": 3, "length": -1, "data": 1}, {"index": 5, "position": 0, "length": 3, "data": 1}]
    value = document(
        {1: section("Go. On", (3, 1), (3, 2))},
        102,
        node(100, None, {}),
        node(101, 100, {1: create(section("Go.", (4, 1)))}),
        node(102, 101, {1: edit((3, "", " On"), metas=metas)}),
    )
    assert spans_of(take(value)) == [[("Go.", "written"), (" On", "generated 1.1")]]


@given(histories())
def test_the_text_behind_every_step_is_in_the_journal(made: tuple[Node, dict[int, str]]) -> None:
    value, texts = made
    taken = take(value)
    assert text_of(taken) == texts[value["history"]["current"]]
    assert set(texts.values()) <= texts_of_branches(taken) | {""}
    assert not [loss for loss in taken.losses if "history" in loss.what]


@pytest.mark.slow
def test_a_history_of_many_steps_is_walked() -> None:
    nodes = [node(100, None, {})]
    for name in range(101, 5_000):
        nodes.append(node(name, name - 1, {name: create(written(f"Line {name}.", 2), name - 1 if name > 101 else 0)}))
    nodes += [node(name, 150, {}) for name in range(5_000, 300_000)]
    value = document({name: written(f"Line {name}.", 2) for name in range(101, 5_000)}, 4_999, *nodes)
    taken = take(value)
    assert len(taken.story.rounds) == 4_899
