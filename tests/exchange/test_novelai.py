"""NovelAI stories: fragments, packed documents, scenarios, what is kept straight beside the text, and damage."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.formats import detect
from composer.exchange.programs.novelai import fits
from composer.text.clean import clean
from tests.exchange.novelai_stories import FRAGMENTS, container, packed, spans_of, story, take, text_of


def test_fragments_of_an_older_story_are_taken_by_their_origin() -> None:
    taken = take(container(story={"fragments": FRAGMENTS, "datablocks": [1, 2, 3]}))
    assert spans_of(taken) == [
        [("It began at sea.", "NovelAI prompt")],
        [("Ilse wept.", "generated 1.1"), (" So", "edited 1.1"), (" it was.", "written"), ("\tEnd", "NovelAI")],
    ]
    assert (taken.story.details.title, taken.story.details.purpose) == ("Salt", "Who weighs it.")
    assert taken.entries[0].time == 1_650_000_000_000
    assert {loss.what: loss.count for loss in taken.losses} == {"tags": 2, "steps of the older history": 3}


def test_an_edit_within_the_models_text_names_its_candidate() -> None:
    fragments = [{"data": "Ilse", "origin": "ai"}, {"data": " wept", "origin": "edit"}, {"data": ".", "origin": "ai"}]
    (row,) = spans_of(take(container(story={"fragments": fragments})))
    assert row == [("Ilse", "generated 1.1"), (" wept", "edited 1.1"), (".", "generated 2.1")]


def test_memory_and_the_lorebook_become_notes() -> None:
    taken = take(
        container(
            story={"fragments": FRAGMENTS[:1]},
            context=[{"text": "The year is 1911."}, {"text": "[ dry ]"}],
            lorebook={
                "entries": [
                    {
                        "displayName": "Ilse",
                        "text": "She weighs.",
                        "keys": ["ilse", "weigher"],
                        "forceActivation": True,
                    },
                    {"displayName": "", "text": "A ferry.", "keys": ["ferry"], "enabled": False},
                    None,
                    {},
                ],
                "categories": [{"name": "people"}],
            },
        )
    )
    notes = [(note.kind, note.name, note.text, note.pinned) for note in taken.story.notes]
    assert notes == [
        ("fact", "Memory", "The year is 1911.", True),
        ("fact", "Author's note", "[ dry ]", True),
        ("fact", "Ilse", "She weighs.", True),
        ("fact", "ferry", "A ferry.", False),
    ]
    assert {loss.what: loss.count for loss in taken.losses} == {
        "tags": 2,
        "keys of lorebook entries": 2,
        "lorebook entries that were switched off": 1,
        "categories of the lorebook": 1,
    }


def test_a_scenario_is_its_prompt() -> None:
    value = {
        "scenarioVersion": 2,
        "title": "Salt",
        "prompt": "At sea.\n",
        "context": [{"text": "M"}],
        "placeholders": [{}],
    }
    taken = take(value)
    assert spans_of(taken) == [[("At sea.", "NovelAI prompt")], []]
    assert taken.story.details.title == "Salt"
    assert [note.name for note in taken.story.notes] == ["Memory"]


@pytest.mark.parametrize("document", ["", "%%%", "AAAA", base64.b64encode(b"\x93\x01").decode(), 7, [], {}])
def test_a_document_that_cant_be_read_is_refused_or_gives_way_to_fragments(document: Any) -> None:
    with pytest.raises(UnreadableSource, match="NovelAI story"):
        take(container(document=document))
    assert text_of(take(container(document=document, story={"fragments": FRAGMENTS[:1]}))) == "It began at sea.\n"


def test_a_broken_file_is_refused_or_cut() -> None:
    for data in (b"", b"{", b"[]", b"5", b"\xff\xfe\x00", b"{}"):
        with pytest.raises(UnreadableSource):
            take(data)
    whole = json.dumps(container(story={"fragments": FRAGMENTS})).encode()
    taken = take(whole[:-60])
    assert taken.cut
    assert text_of(taken).startswith("It began at sea.\nIlse")


def test_what_fits() -> None:
    for value in (container(), story(), {"scenarioVersion": 1}, {"lorebookVersion": 4, "entries": []}):
        data = json.dumps(value).encode()
        assert fits(data, "x.json")
        assert detect(data, "x.json").name == "novelai"
        assert fits(b"\xef\xbb\xbf" + data, "x.json")
    for data in (b"", b"[]", b'{"order": 1}', b"\x00", b'"storyContainerVersion": 1'):
        assert not fits(data, "x.story")


def test_a_packed_document_is_the_same_as_a_decoded_one() -> None:
    data = b"\xd4\x14\x00" + packed(story())
    found = container(document=base64.b64encode(data).decode())
    assert text_of(take(found)) == text_of(take(story()))
    assert spans_of(take(found)) == spans_of(take(story()))
    assert len(take(found).story.rounds) == 3


VALUES = st.sampled_from((None, True, -1, 0, 1, 10**30, 0.5, "", "x", "1", [], [None], {}, {"1": 5}, {"type": 1}))


def paths_in(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [above] if above else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        found += paths_in(each, (*above, key))
    return found


@given(st.data(), st.sampled_from(("document", "fragments", "lore")))
def test_values_of_any_kind_give_a_session_or_a_refusal(data: st.DataObject, kind: str) -> None:
    value: Any = {
        "document": story(),
        "fragments": container(story={"fragments": FRAGMENTS}, settings={"model": "m", "parameters": {"top_p": 1}}),
        "lore": container(
            document=story(), context=[{"text": "a"}], lorebook={"entries": [{"keys": ["a"], "text": "b"}]}
        ),
    }[kind]
    value = json.loads(json.dumps(value))
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(paths_in(value)))
        inner = value
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = json.loads(json.dumps(data.draw(VALUES)))
        if not paths_in(value):
            break
    try:
        taken = take(value)
    except UnreadableSource:
        return
    assert clean(text_of(taken)) == text_of(taken)
