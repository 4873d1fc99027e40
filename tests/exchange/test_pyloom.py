"""Trees of pyloom in their three forms, as it writes them and as nobody should."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest

from composer.errors import UnreadableSource
from composer.exchange.formats import HEAD
from composer.exchange.looms import pyloom
from composer.exchange.taken import Circumstances, Taken
from composer.journal.journal import Journal
from composer.story.spans import Generated, Imported, Written


def about() -> Circumstances:
    ids = itertools.count(1)
    return Circumstances("garden.json", 1_800_000_000_000, lambda: f"i{next(ids)}", "test", title="Garden")


def read(value: Any) -> Taken:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    assert pyloom.fits(data[:HEAD], "garden.json")
    return pyloom.read(data, about())


def text(made: Taken) -> str:
    return "\n".join(block.text for block in made.story.manuscript)


def losses(made: Taken) -> dict[str, int]:
    return {loss.what: loss.count for loss in made.losses}


def node(name: str, said: str, *children: dict[str, Any], source: str = "", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"id": name, "text": said, "children": list(children), "open": 1, "visited": True, **more}
    if source:
        made["meta"] = {"source": source, "modified": False, "creation_timestamp": f"2023-04-0{len(name)}-10.00.00"}
    return made


def tree() -> dict[str, Any]:
    generation = {"generation": {"id": "gen", "index": 1}}
    root = node(
        "r",
        "The beds are dry.",
        node("aa", " Rain came.", node("bbb", "\n\nThe beans rose.", source="prompt", chapter_id="c1"), source="AI"),
        node("ab", " Wind came.", source="AI", **generation),
        node("ac", " Snow came, oddly.", source="mixed", tags=["bookmark", "odd"], multimedia=[{"file": "x.png"}]),
        node("ad", " Dust.", generation={"id": "gen", "index": 0}, open=False),
        source="prompt",
    )
    return {
        "root": root,
        "chapters": {"c1": {"id": "c1", "root_id": "bbb", "title": "Beans"}},
        "canonical": [],
        "memories": {"m1": {"id": "m1", "root_id": "r", "text": "Ada owns the garden.", "inheritability": "none"}},
        "summaries": {"s": {"text": "It is dry."}},
        "model_responses": {},
        "generation_settings": {
            "temperature": 0.9,
            "top_p": 1,
            "response_length": 60,
            "model": "some-model",
            "global_context": "A quiet place.",
            "template": "Default",
            "api_key": "sk-very-secret",
            "endpoint": "https://models.example/v1",
        },
        "preferences": {"OPENAI_API_KEY": "sk-very-secret"},
        "selected_node_id": "bbb",
    }


def test_a_whole_tree_becomes_a_session() -> None:
    made = read(tree())
    assert text(made) == "The beds are dry. Rain came.\n\nThe beans rose."
    first = made.story.manuscript.at(0)
    assert [span.origin for span in first.spans] == [Written(), Generated("2.1", 0, 11)]
    rounds = [[each.text for each in asked.candidates] for asked in made.story.rounds]
    assert rounds == [[" Dust.", " Wind came."], [" Rain came."]]
    recipe = made.story.candidate("1.1").recipe
    assert (recipe.model, recipe.sampling) == ("some-model", {"temperature": 0.9, "top_p": 1, "max_tokens": 60})
    assert [(note.name, note.text) for note in made.story.notes] == [
        ("Ada owns the garden.", "Ada owns the garden."),
        ("Global context", "A quiet place."),
    ]
    assert [(row.beat.text.title, row.beat.text.kind) for row in made.story.outline.rows()] == [("Beans", "chapter")]
    assert made.story.details.title == "Garden"
    assert made.entries[0].time == 1_680_343_200_000
    assert losses(made) == {
        "answers of models that nodes name": 2,
        "texts by a model and by hand": 1,
        "pictures and looks of text": 1,
        "settings of each answer": 1,
        "summaries": 1,
        "wordings of requests": 1,
        "how the tree was shown": 1,
    }
    journal = Journal()
    journal.read(made.entries)
    assert journal.story == made.story


def test_texts_of_both_stand_as_imported_and_bookmarks_are_noted() -> None:
    told = tree()
    told["selected_node_id"] = "ac"
    made = read(told)
    assert made.story.manuscript.at(0).spans[-1].origin == Imported("garden.json")
    assert [remark.text for remark in made.story.remarks] == ["Bookmarked. Tags: odd"]


def test_an_answer_that_was_changed_is_of_both() -> None:
    told = tree()
    told["root"]["children"][0]["meta"]["modified"] = True
    made = read(told)
    assert [span.origin for span in made.story.manuscript.at(0).spans] == [Written(), Imported("garden.json")]
    assert losses(made)["texts by a model and by hand"] == 2


def test_an_answer_that_the_file_holds_tells_its_model() -> None:
    told = tree()
    told["model_responses"] = {"gen": {"id": "gen", "model": "the-other", "completions": []}}
    made = read(told)
    assert {each.recipe.model for each in made.story.round(1).candidates} == {"the-other"}
    assert "answers of models that nodes name" not in losses(made)


def test_no_key_and_no_endpoint_comes_along() -> None:
    made = read(tree())
    for entry in made.entries:
        assert "very-secret" not in entry.body
        assert "models.example" not in entry.body
    assert not made.pieces


def test_a_simple_tree() -> None:
    made = read(
        {
            "text": "One. ",
            "children": [{"text": "Two. ", "children": [{"text": "Three.", "children": []}]}, {"text": "4"}],
        }
    )
    assert text(made) == "One. Two. Three."
    assert losses(made) == {"current node": 1}


def test_a_flat_export() -> None:
    rows = [
        {"id": "r", "text": "One. ", "parent_id": None},
        {"id": "a", "text": "Two. ", "parent_id": "r"},
        {"id": "b", "text": "Three.", "parent_id": "a"},
    ]
    data = "\n".join(map(json.dumps, rows)).encode()
    assert text(read(data)) == "One. Two. Three."
    assert read(data + b"\n").cut == ""
    cut = read(data[:-5])
    assert (text(cut), cut.cut) == ("One. Two. ", "Line 3 breaks off: the 2 nodes before it were kept.")
    broken = read(data.replace(b'{"id": "a"', b'{"id": oops'))
    assert losses(broken) == {"lines that are no nodes": 1, "parents that are missing": 1, "current node": 1}
    assert text(read(b"\xef\xbb\xbf" + data)) == "One. Two. Three."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(encoding: str) -> None:
    made = read(
        json.dumps({"text": "Müde ", "children": [{"text": "\U0001f33b"}]}, ensure_ascii=False).encode(encoding)
    )
    assert text(made) == "Müde \U0001f33b"


def test_halves_of_surrogate_pairs_are_read() -> None:
    assert text(read(b'{"text": "a\\ud83d", "children": [{"text": "b\\ud83c\\udf3b"}]}')) == "a\ufffdb\U0001f33b"


@pytest.mark.parametrize("more", ["", ', "parent_id": null'])
def test_another_encoding_is_counted(more: str) -> None:
    children = ', "children": []' if not more else ', "id": 1'
    made = read(f'{{"text": "Müde Käfer"{children}{more}}}'.encode("latin-1"))
    assert text(made) == "M\ufffdde K\ufffdfer"
    assert losses(made) == {"characters that are no UTF-8": 2}


@pytest.mark.slow
def test_five_thousand_levels_are_read() -> None:
    depth = 5_000
    data = b'{"root":' + b'{"text":"a\\n","children":[' * depth + b'{"id":"end","text":"b","children":[]}'
    data += b"]}" * depth + b',"selected_node_id":"end","generation_settings":{}}'
    assert text(read(data)) == "a\n" * depth + "b"


def test_wrong_types_are_counted_not_met_with_an_error() -> None:
    told = {
        "root": {
            "id": 7,
            "text": None,
            "children": [
                None,
                "text",
                {"id": {"x": 1}, "text": 5, "children": {}, "meta": [], "generation": "g"},
                {"id": 7, "text": "kept", "children": None, "tags": 3, "meta": {"source": 9, "creation_timestamp": []}},
            ],
        },
        "chapters": [1],
        "memories": {"m": 3},
        "generation_settings": [],
        "selected_node_id": ["x"],
    }
    made = read(told)
    assert text(made) == ""
    assert losses(made)["children that are no nodes"] == 3
    assert losses(made)["nodes without a text"] == 2
    assert any("kept" in entry.body for entry in made.entries)


@pytest.mark.parametrize(
    "value", [{"root": "x", "selected_node_id": 1, "chapters": {}}, {"selected_node_id": 1, "chapters": {}}]
)
def test_a_tree_without_a_root_is_refused(value: Any) -> None:
    with pytest.raises(UnreadableSource, match=r"garden\.json"):
        read(value)


def test_a_tree_that_breaks_off_is_kept_as_far_as_it_goes() -> None:
    data = json.dumps(tree()).encode()
    made = read(data[:400])
    assert text(made)
    assert text(made) in text(read(data)) or text(made)[:20] in text(read(data))
    assert f"of {400:,}; what stands whole before that was kept" in made.cut


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[1, 2]",
        b"Once there was a garden.",
        b'{"text": "alone"}',
        b'{"nodes": {"x": {"text": "", "parentId": null}}, "current": "x"}',
        b'{"version": 1, "nodes": [{"id": "a", "parent_id": null, "tree_id": "t", "text": ""}]}',
        b'{"rootNodeId": "r", "nodes": {}}',
        b'{"id": 1, "text": "no parents"}\n{"id": 2, "text": "here"}',
        b'{"eventName": "text-insert", "textDelta": ""}',
        b'{"root": "uuid", "nodes": {"uuid": {"text": "x", "children": []}}}',
        b'{"prompt": "\\"root\\": {\\"children\\": []}", "actions": []}',
    ],
)
def test_other_files_do_not_fit(head: bytes) -> None:
    assert not pyloom.fits(head, "garden.json")


def test_the_head_of_a_large_tree_fits() -> None:
    whole = json.dumps(tree(), indent=2).encode()
    assert pyloom.fits(whole[:60], "x")
    assert pyloom.fits(b'{"children": ' + b'[{"children": ' * 6_000, "x")
    long = json.dumps({"text": "x" * 100, "children": [{"text": "y" * HEAD}]}).encode()
    assert pyloom.fits(long[:HEAD], "x")


@pytest.mark.slow
def test_a_million_nodes_and_a_hundred_thousand_levels() -> None:
    chance = random.Random(5)
    size = 1_000_000
    lines = (
        f'{{"id":"n{at}","text":"w{at} ","parent_id":{"null" if not at else f""""n{chance.randrange(max(0, at - 1_000), at)}" """}}}'
        for at in range(size)
    )
    made = read("\n".join(lines).encode())
    assert losses(made)["nodes far from the current one"] > 900_000
    depth = 100_000
    deep = read(b'{"text":"a ","children":[' * depth + b'{"text":"b"}' + b"]}" * depth)
    assert len(text(deep)) == 2 * depth + 1
    assert losses(deep)["nodes at the beginning of the current path"] > 90_000
