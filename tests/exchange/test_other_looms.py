"""Trees of Loomsidian, Exoloom, miniloom and basemode-loom, and which file is whose."""

from __future__ import annotations

import contextlib
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.formats import HEAD
from composer.exchange.looms import basemode, exoloom, loomsidian, miniloom, openloom, pyloom
from composer.exchange.taken import Circumstances, Taken
from composer.journal.journal import Journal
from composer.story.spans import Generated, Imported, Written

READERS: dict[str, Any] = {
    "basemode": basemode,
    "exoloom": exoloom,
    "loomsidian": loomsidian,
    "miniloom": miniloom,
    "openloom": openloom,
    "pyloom": pyloom,
}


def about() -> Circumstances:
    ids = itertools.count(1)
    return Circumstances("tree.json", 1_800_000_000_000, lambda: f"i{next(ids)}", "test", title="Harbour")


def read(kind: str, value: Any) -> Taken:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    assert [name for name, reader in READERS.items() if reader.fits(data[:HEAD], "tree.json")] == [kind]
    made: Taken = READERS[kind].read(data, about())
    journal = Journal()
    journal.read(made.entries)
    assert journal.story == made.story
    return made


def text(made: Taken) -> str:
    return "\n".join(block.text for block in made.story.manuscript)


def losses(made: Taken) -> dict[str, int]:
    return {loss.what: loss.count for loss in made.losses}


def origins(made: Taken) -> list[object]:
    return [span.origin for block in made.story.manuscript for span in block.spans]


# Loomsidian


def state() -> dict[str, Any]:
    shown = {"collapsed": False, "unread": True, "searchResultState": None}
    return {
        "current": "k2",
        "hoisted": [],
        "searchTerm": "",
        "generating": None,
        "nodes": {
            "k1": {"text": "Ropes lay", "parentId": None, "bookmarked": False, **shown},
            "k2": {
                "text": " in coils.",
                "parentId": "k1",
                "bookmarked": True,
                "lastVisited": 1_700_000_000_000,
                **shown,
            },
            "k3": {"text": " in knots.", "parentId": "k1", "bookmarked": False, **shown},
            "k4": {"text": "Another root.", "parentId": None, "bookmarked": False, **shown},
        },
    }


def test_a_loomsidian_export() -> None:
    made = read("loomsidian", state())
    assert text(made) == "Ropes lay in coils."
    assert origins(made) == [Imported("tree.json")]
    assert [remark.text for remark in made.story.remarks] == ["Bookmarked"]
    assert losses(made) == {"who wrote each text": 1, "how the tree was shown": 1}
    bodies = [entry.body for entry in made.entries if entry.type == "TextEdited"]
    assert any(" in knots." in body for body in bodies)
    assert any("Another root." in body for body in bodies)


def test_the_data_of_the_plugin_holds_a_tree_for_each_note() -> None:
    small = {"current": "z", "hoisted": [], "nodes": {"z": {"text": "small", "parentId": None}}}
    told = {
        "settings": {"modelPresets": [{"apiKey": "sk-very-secret", "url": "https://models.example"}]},
        "state": {"notes/Small.md": small, "notes/Harbour at dusk.md": state(), "bad": 3},
    }
    made = read("loomsidian", told)
    assert text(made) == "Ropes lay in coils."
    assert made.story.details.title == "Harbour at dusk"
    assert losses(made)["trees of other notes"] == 1
    assert not any("very-secret" in entry.body or "models.example" in entry.body for entry in made.entries)


def test_an_older_loomsidian_tree_is_a_list_and_says_who_wrote() -> None:
    nodes = [
        {"id": "a", "value": "Tar. ", "author": "user", "parentId": None},
        {"id": "b", "value": "Salt.", "author": "ai", "parentId": "a"},
    ]
    made = read("loomsidian", {"current": "b", "nodes": nodes})
    assert origins(made) == [Written(), Generated("1.1", 0, 5)]


# Exoloom


def exo() -> dict[str, Any]:
    def node(said: str, kind: str, parent: str | None, *children: str) -> dict[str, Any]:
        name = "Mara" if kind == "USER" else "model-x"
        return {
            "content": said,
            "authorType": kind,
            "authorName": name,
            "parentId": parent,
            "childrenIds": list(children),
            "createdAt": "2025-01-02T03:04:05.000Z",
        }

    return {
        "loomType": "Exoloom",
        "schemaVersion": 1,
        "version": "0.3",
        "tree": {
            "title": "Harbour log",
            "description": "To remember a summer.",
            "createdAt": "2025-01-01T00:00:00Z",
            "rootNodeId": "1",
            "nodes": {
                "1": node("The crane ", "USER", None, "2", "3"),
                "2": node("swings.", "LLM", "1"),
                "3": node("rusts", "LLM", "1", "4"),
                "4": node(" away.", "USER", None),
            },
        },
        "lens": {"bookmarks": [{"nodeId": "3"}], "prunedNodes": [{"nodeId": "2"}], "currentNodeId": "4"},
    }


def test_an_exoloom_tree() -> None:
    made = read("exoloom", exo())
    assert text(made) == "The crane rusts away."
    assert origins(made) == [Written(), Generated("1.2", 0, 5), Written()]
    assert [each.recipe.model for each in made.story.round(1).candidates] == ["model-x", "model-x"]
    assert (made.story.details.title, made.story.details.purpose) == ("Harbour log", "To remember a summer.")
    assert [(each.subject, each.text) for each in made.story.remarks] == [("candidate 1.2", "Bookmarked")]
    assert losses(made) == {"signs that a node was pruned": 1}
    assert made.entries[0].time == 1_735_689_600_000


# miniloom


def mini() -> dict[str, Any]:
    def node(kind: str, parent: str | None, patch: Any, **more: Any) -> dict[str, Any]:
        return {"type": kind, "parent": parent, "patch": patch, "children": [], "summary": "", "rating": None, **more}

    def put(start: int, *diffs: list[Any]) -> dict[str, Any]:
        size = sum(len(said.encode("utf-16-le")) // 2 for kind, said in diffs if kind <= 0)
        return {"diffs": list(diffs), "start1": start, "start2": start, "length1": size, "length2": 0}

    return {
        "loomTree": {
            "nodeStore": {
                "1": node("root", None, "", timestamp=1_700_000_000_000),
                "2": node("user", "1", [put(0, [1, "Boats \U0001f6a3 went out."])], timestamp=1_700_000_001_000),
                "3": node(
                    "gen", "2", [put(15, [0, "ut."], [1, " Three came back."])], model="m", timestamp=1_700_000_002_000
                ),
                "4": node("gen", "2", [put(15, [0, "ut."], [1, " None did."])], model="m", rating=True),
                "5": node(
                    "user",
                    "3",
                    [
                        put(0, [-1, "Boats"], [1, "Ships"], [0, " \U0001f6a3"]),
                        put(18, [0, " "], [-1, "Three"], [1, "Two"]),
                    ],
                ),
                "6": node(
                    "rewrite", "5", [put(0, [-1, "Ships"], [1, "Barges"])], model="m", error="", finishReason="stop"
                ),
            }
        },
        "focus": {"id": "6", "type": "rewrite"},
    }


def test_a_miniloom_tree_applies_inserts_and_deletes() -> None:
    made = read("miniloom", mini())
    assert text(made) == "Barges \U0001f6a3 went out. Two came back."
    assert [[each.text for each in asked.candidates] for asked in made.story.rounds] == [
        [" Three came back.", " None did."],
        ["Barge"],
    ]
    # What was typed in the second node is one run, from the change at its beginning to that at its end.
    assert origins(made) == [Generated("2.1", 0, 5), Written(), Generated("1.1", 6, 17)]
    assert losses(made) == {"summaries and ratings of nodes": 1}


def test_a_miniloom_focus_on_another_branch() -> None:
    told = mini()
    told["focus"] = "4"
    assert text(read("miniloom", told)) == "Boats \U0001f6a3 went out. None did."


@pytest.mark.parametrize(
    "patch",
    [
        [{"diffs": [[0, "elsewhere"], [1, "x"]], "start2": 0}],
        [{"diffs": [[1, "x"]], "start2": 9_999}],
        [{"diffs": [[1, "x"]], "start2": -1}],
        [{"diffs": [[2, "x"]], "start2": 0}],
        [{"diffs": [[1, None]], "start2": 0}],
        [None],
        "@@ -0,0 +1 @@",
    ],
)
def test_a_patch_that_does_not_fit_is_a_loss(patch: Any) -> None:
    told = mini()
    told["loomTree"]["nodeStore"]["6"]["patch"] = patch
    made = read("miniloom", told)
    assert text(made) == "Ships \U0001f6a3 went out. Two came back."
    assert losses(made)["patches that do not fit the text before them"] == 1


def test_patches_as_objects_are_read() -> None:
    told = mini()
    for node in told["loomTree"]["nodeStore"].values():
        for each in node["patch"] or []:
            each["diffs"] = [{"0": kind, "1": said} for kind, said in each["diffs"]]
    assert text(read("miniloom", told)) == "Barges \U0001f6a3 went out. Two came back."


def test_what_is_appended_joins_what_stands_before_it() -> None:
    said = ["One\r", "\nTwo", " \U0001f33b"[:1] + "\ud83c", "\udf3b", " end", "!", ""]
    store: dict[str, Any] = {"1": {"type": "root", "patch": "", "parent": None, "children": ["2"]}}
    start = 0
    for number, each in enumerate(said, 2):
        patch = [{"diffs": [[1, each]], "start2": start}]
        store[str(number)] = {"type": "gen", "patch": patch, "parent": None, "children": [str(number + 1)]}
        start += len(each)
    store["3b"] = {"type": "gen", "parent": "3", "patch": [{"diffs": [[1, " aside"]], "start2": 8}]}
    store["3c"] = {"type": "user", "parent": "3b", "patch": [{"diffs": [[0, "side"], [1, "s"]], "start2": 10}]}
    told = {"loomTree": {"nodeStore": store}, "focus": "8"}
    assert text(read("miniloom", told)) == "One\nTwo \U0001f33b end!"
    assert text(read("miniloom", {**told, "focus": "3c"})) == "One\nTwo asides"


def test_a_node_without_a_patch_has_the_text_of_its_parent_for_itself() -> None:
    told = mini()
    store = told["loomTree"]["nodeStore"]
    store["2a"] = {"type": "user", "parent": "2", "patch": ""}
    store["2b"] = {"type": "user", "parent": "2a", "patch": [{"diffs": [[1, " And so on."]], "start2": 18}]}
    store["2c"] = {"type": "gen", "parent": "2", "patch": [{"diffs": [[1, " No."]], "start2": 18}]}
    store["2d"] = {"type": "user", "parent": "2c", "patch": [{"diffs": [[0, "o."], [1, " Yes."]], "start2": 20}]}
    for name, end in (("2b", " And so on."), ("2d", " No. Yes.")):
        made = read("miniloom", {**told, "focus": name})
        assert text(made) == "Boats \U0001f6a3 went out." + end
        assert "patches that do not fit the text before them" not in losses(made)


letters = st.text(st.sampled_from("ab é\U0001f33b\n"), max_size=8)
kinds = st.sampled_from(["user", "gen", "rewrite", "import"])


@given(st.lists(st.tuples(kinds, letters, st.booleans()), max_size=8))
def test_any_row_of_rewritten_texts_is_followed(steps: list[tuple[str, str, bool]]) -> None:
    store: dict[str, Any] = {"1": {"type": "root", "patch": "", "parent": None}}
    before = ""
    for number, (kind, said, goes_on) in enumerate(steps, 2):
        after = before + said if goes_on else said
        diffs = [[-1, before], [1, after]]
        if after.startswith(before):
            diffs = [[0, before], [1, after[len(before) :]]]
        store[str(number)] = {
            "type": kind,
            "parent": str(number - 1),
            "patch": [{"diffs": diffs, "start1": 0, "start2": 0}],
        }
        before = after
    made = read("miniloom", {"loomTree": {"nodeStore": store}, "focus": {"id": str(len(steps) + 1)}})
    assert text(made) == before
    assert not losses(made)


# basemode-loom


def base(**more: Any) -> list[dict[str, Any]]:
    def node(name: str, parent: str | None, said: str, model: str | None, **each: Any) -> dict[str, Any]:
        return {
            "id": name,
            "parent_id": parent,
            "text": said,
            "model": model,
            "strategy": "completion",
            "max_tokens": 40,
            "temperature": 0.8,
            "created_at": "2025-06-01T10:00:00Z",
            "metadata": {},
            **more,
            **each,
        }

    return [
        node("r", None, "The net", None, metadata={"name": "Nets", "context": "Plain words.", "model": "m"}),
        node("a", "r", " tore.", "m"),
        node("b", "r", " held", "m", checked_out=True, metadata={"bookmarked": True, "name": "good", "rating": 3}),
        node("c", "b", " fast.", "m2", temperature=None, checked_out=True),
    ]


def test_a_basemode_export() -> None:
    told = base(tree_id="t", kind="generation", context_id=None, checked_out=False)
    told[0].update(kind="root", checked_out=True)
    told.append({**told[0], "id": "k", "kind": "context", "text": "Short lines."})
    made = read("basemode", {"version": 1, "nodes": told})
    assert text(made) == "The net held fast."
    assert origins(made) == [Written(), Generated("1.2", 0, 5), Generated("2.1", 0, 6)]
    recipes = [(each.recipe.model, each.recipe.sampling) for asked in made.story.rounds for each in asked.candidates]
    assert recipes == [
        ("m", {"temperature": 0.8, "max_tokens": 40}),
        ("m", {"temperature": 0.8, "max_tokens": 40}),
        ("m2", {"max_tokens": 40}),
    ]
    assert made.story.details.title == "Nets"
    assert [note.text for note in made.story.notes] == ["Plain words.", "Short lines."]
    assert [remark.text for remark in made.story.remarks] == ["Bookmarked: good"]
    assert losses(made) == {"ratings, and signs that a node was hidden": 1}


def test_the_older_basemode_export() -> None:
    told = base(root_id="r", branch_index=None)
    for node in told:
        node.pop("checked_out", None)
    told[1]["branch_index"], told[2]["branch_index"] = 1, 0
    told[3]["created_at"] = "2025-06-01T11:00:00Z"
    made = read("basemode", {"nodes": told})
    assert text(made) == "The net held fast."
    assert "current node" in losses(made)


# all of them

WHOLE: dict[str, Any] = {
    "loomsidian": state(),
    "exoloom": exo(),
    "miniloom": mini(),
    "basemode": {"version": 1, "nodes": base(tree_id="t")},
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_format_is_known_by_the_beginning_of_a_file_alone(kind: str, indent: int | None) -> None:
    whole = json.dumps(WHOLE[kind], indent=indent).encode()
    for size in (400, 700, len(whole)):
        fitting = [name for name, reader in READERS.items() if reader.fits(b"\xef\xbb\xbf" + whole[:size], "tree.json")]
        assert fitting == [kind]


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_any_value_anywhere_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    told = json.loads(json.dumps(WHOLE[kind]))
    for _ in range(data.draw(st.integers(1, 3))):
        at: Any = told
        while True:
            keys = list(range(len(at))) if isinstance(at, list) else list(at)
            key = data.draw(st.sampled_from(keys))
            inner = at[key]
            if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 5)):
                at = inner
                continue
            at[key] = data.draw(st.sampled_from([None, 3, -1.5, "x", True, [], {}, [{}], {"x": 1}, 10**30]))
            break
    with contextlib.suppress(UnreadableSource):
        made = READERS[kind].read(json.dumps(told).encode(), about())
        journal = Journal()
        journal.read(made.entries)
        assert journal.story == made.story


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=50))
def test_no_head_is_met_with_an_error(kind: str, head: bytes) -> None:
    assert READERS[kind].fits(head, "x") in (True, False)
