"""OpenLoom trees read, and the manuscript written as one and read again."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.formats import HEAD
from composer.exchange.looms import openloom
from composer.exchange.looms.loom import Loom, Node
from composer.exchange.looms.loom_journal import journal_of
from composer.exchange.scribe import Scribe, rows_of
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.journal.journal import Journal
from composer.story.actions.text import typed
from composer.story.candidate import OutlineTarget, PlaceTarget, Recipe
from composer.story.manuscript import START, Position
from composer.story.spans import Generated, Imported, Written
from composer.story.story import Details, Story

NOW = 1_800_000_000_000


def about() -> Circumstances:
    ids = itertools.count(1)
    return Circumstances("tree.json", NOW, lambda: f"i{next(ids)}", "test", title="Mill")


def read(value: Any) -> Taken:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    assert openloom.fits(data[:HEAD], "tree.json")
    made = openloom.read(data, about())
    journal = Journal()
    journal.read(made.entries)
    assert journal.story == made.story
    return made


def text(story: Story) -> str:
    return "\n".join(block.text for block in story.manuscript)


def losses(made: Taken) -> dict[str, int]:
    return {loss.what: loss.count for loss in made.losses}


def node(name: str, parent: str | None, said: str, author: str, *children: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "parentId": parent,
        "text": said,
        "author": author,
        "modelId": "model-x" if author == "assistant" else "",
        "createdTime": "2025-02-03T04:05:06.000Z",
        "childrenIds": list(children),
        "rememberedChildId": None,
        "isBookmarked": False,
        **more,
    }


def tree(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "t",
        "title": "The mill",
        "description": "A tale of water.",
        "lastModified": 731_353_202.5,
        "systemMessage": "Write plainly.",
        "rootNodeId": "r",
        "currentNodeId": nodes[-1]["id"],
        "nodes": {each["id"]: each for each in nodes},
        "bookmarkedNodes": {},
        **more,
    }


def test_a_tree_whose_texts_go_on() -> None:
    told = tree(
        node("r", None, "The wheel ", "user", "a", "b"),
        node("a", "r", "stood still.", "assistant", isBookmarked=True, bookmarkTitle="Quiet"),
        node("b", "r", "turned", "assistant", "c"),
        node("c", None, " twice.", "user"),
    )
    made = read(told)
    assert text(made.story) == "The wheel turned twice."
    origins = [span.origin for block in made.story.manuscript for span in block.spans]
    assert origins == [Written(), Generated("1.2", 0, 6), Written()]
    assert made.story.details == Details(title="The mill", purpose="A tale of water.")
    assert [(note.name, note.text) for note in made.story.notes] == [("System message", "Write plainly.")]
    assert [(each.subject, each.text) for each in made.story.remarks] == [("candidate 1.1", "Bookmarked: Quiet")]
    assert made.story.candidate("1.1").recipe.model == "model-x"
    assert not made.losses
    assert made.entries[0].time == 1_738_555_506_000


def test_messages_are_paragraphs() -> None:
    told = tree(
        node("r", None, "Be brief.", "system", "a"),
        node("a", "r", "Who keeps the mill?", "user", "b"),
        node("b", "a", "Two sisters.\nAnd a cat.", "assistant"),
    )
    made = read(told)
    assert [block.text for block in made.story.manuscript] == [
        "Be brief.",
        "Who keeps the mill?",
        "Two sisters.",
        "And a cat.",
    ]
    assert [block.spans[0].origin for block in made.story.manuscript][:2] == [Imported("tree.json"), Written()]


def test_neither_keys_nor_endpoints_come_along() -> None:
    told = tree(
        node("r", None, "Flour ", "user", apiKey="sk-very-secret"),
        api_key="sk-very-secret",
        endpoint="https://models.example",
    )
    made = read(told)
    assert not any("very-secret" in entry.body or "models.example" in entry.body for entry in made.entries)


def test_bad_nodes_are_counted() -> None:
    told = tree(node("r", None, "Flour ", "user"), node("a", "gone", "dust ", "user"))
    told["nodes"].update(n=None, m={"id": "m", "text": None, "author": 4, "parentId": [], "childrenIds": 5})
    made = read(told)
    assert text(made.story) == "dust "
    assert losses(made) == {"nodes that are none": 1, "nodes without a text": 1, "parents that are missing": 1}


@pytest.mark.parametrize("nodes", [{}, [], None, "x", {"r": 4}])
def test_a_tree_without_nodes_is_refused(nodes: Any) -> None:
    with pytest.raises(UnreadableSource, match=r"tree\.json holds no nodes"):
        openloom.read(json.dumps({"rootNodeId": "r", "nodes": nodes}).encode(), about())


def written(story: Story) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(openloom.openloom(story, NOW))
    return told


def test_the_manuscript_is_a_path_with_what_was_passed_over_beside_it() -> None:
    scribe = Scribe(about(), "x", 1_000)
    scribe.details(Details("Mill", "Ines", "For the winter"))
    scribe.typed(0, 0, "Snow fell.\nThe mill ")
    round_ = scribe.ask(
        "continue",
        PlaceTarget(scribe.story.manuscript.last),
        [Recipe("secret-host", name) for name in ("m1", "m2", "m3")],
    )
    for at, said in enumerate(("slept.", "froze.\nNo one came.", ""), 1):
        scribe.answered(round_, at, said)
    end = len(scribe.text)
    scribe.placed(end, end, rows_of("1.2", "froze.\nNo one came.", 0, 19), ["1.2"])
    scribe.typed(5, 5, "hard ")
    last = scribe.ask("continue", PlaceTarget(scribe.story.manuscript.last), [Recipe("secret-host", "m4")])
    scribe.answered(last, 1, " Then spring.")
    scribe.answered(scribe.ask("outline", OutlineTarget(), [Recipe("secret-host", "m5")]), 1, "A beat")
    data = openloom.openloom(scribe.story, NOW)
    assert b"secret-host" not in data
    told = json.loads(data)
    assert (told["title"], told["description"], told["rootNodeId"], told["currentNodeId"]) == (
        "Mill",
        "For the winter",
        "0",
        "3",
    )
    assert [
        (each["id"], each["parentId"], each["author"], each["modelId"], each["text"]) for each in told["nodes"].values()
    ] == [
        ("0", None, "system", "", ""),
        ("1", "0", "user", "", "Snow hard fell.\nThe mill "),
        ("2", "1", "assistant", "m1", "slept."),
        ("3", "1", "assistant", "m2", "froze.\nNo one came."),
        ("4", "3", "assistant", "m4", " Then spring."),
    ]
    assert told["nodes"]["1"]["childrenIds"] == ["2", "3"]
    assert told["nodes"]["1"]["rememberedChildId"] == "3"


def scribbled(*placed: tuple[str, int, int]) -> Scribe:
    """A text of pieces (candidate, start, end) of one round of two, one behind the other."""
    scribe = Scribe(about(), "x", 1_000)
    asked = scribe.ask("continue", PlaceTarget(START), [Recipe("h", "m1"), Recipe("h", "m2")])
    said = {"1.1": "one two", "1.2": "uno due"}
    for at, each in enumerate(said.values(), 1):
        scribe.answered(asked, at, each)
    for candidate, start, end in placed:
        at = len(scribe.text)
        scribe.placed(at, at, rows_of(candidate, said[candidate], start, end), [candidate])
    return scribe


def texts(story: Story) -> list[str]:
    return [each["text"] for each in written(story)["nodes"].values()]


def test_what_stands_in_the_text_was_not_passed_over() -> None:
    assert texts(scribbled(("1.1", 0, 3)).story) == ["", "one", "uno due"]
    assert texts(scribbled(("1.1", 0, 3), ("1.2", 3, 7)).story) == ["", "one", " due"]
    assert texts(scribbled(("1.1", 4, 7)).story) == ["", "two"]


def test_a_run_goes_on_only_with_what_its_candidate_has_there() -> None:
    assert texts(scribbled(("1.1", 0, 3), ("1.1", 3, 7)).story)[1] == "one two"
    assert texts(scribbled(("1.1", 0, 2), ("1.1", 4, 7)).story)[1:] == ["on", "uno due", "two"]
    scribe = scribbled(("1.1", 0, 3), ("1.1", 4, 7))
    scribe.typed(3, 3, "\n")
    assert texts(scribe.story)[1:] == ["one\n", "uno due", "two"]


def test_texts_without_a_space_between_them_stay_together() -> None:
    story = scribbled(("1.1", 0, 2), ("1.2", 5, 7)).story
    assert text(read(openloom.openloom(story, NOW)).story) == text(story) == "onue"


def test_an_empty_story_is_an_empty_tree() -> None:
    told = written(Story())
    assert (len(told["nodes"]), told["nodes"]["0"]["text"]) == (1, "")
    assert text(openloom.read(openloom.openloom(Story(), NOW), about()).story) == ""


words = st.text(st.sampled_from("ab \n\té\U0001f33b"), max_size=7)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Stories that were made as trees, then edited at random places."""
    nodes = [Node("n0", "", draw(words), "hand", 5_000)]
    for at in range(1, draw(st.integers(1, 9))):
        by: Any = draw(st.sampled_from(["hand", "model", "unknown"]))
        parent = f"n{draw(st.integers(0, at - 1))}"
        nodes.append(
            Node(f"n{at}", parent, draw(words), by, draw(st.integers(1, 9)) * 1_000, f"m{at}", remark=draw(words))
        )
    current = f"n{draw(st.integers(0, len(nodes) - 1))}"
    journal = Journal()
    journal.read(journal_of(Loom("aloom", nodes, current), about(), Tally()).entries)
    ids = itertools.count()
    for _ in range(draw(st.integers(0, 3))):
        blocks = [block for block in journal.story.manuscript if block.text]
        if blocks:
            block = draw(st.sampled_from(blocks))
            start, end = sorted(draw(st.tuples(*[st.integers(0, len(block.text))] * 2)))
            first, last = Position(block.id, start), Position(block.id, end)
            journal.record((typed(journal.story, first, last, draw(words), Written(), lambda: f"e{next(ids)}"),), NOW)
    return journal.story


@given(stories())
def test_what_is_written_and_read_again_has_the_same_text_and_is_written_the_same(story: Story) -> None:
    first = openloom.openloom(story, NOW)
    made = read(first)
    assert text(made.story) == text(story)
    again = openloom.openloom(made.story, NOW)
    assert again == first
    assert models(made.story) == models(story)


def models(story: Story) -> set[str]:
    """The models whose text stands in the manuscript."""
    origins = (span.origin for block in story.manuscript for span in block.spans)
    return {story.candidate(each.candidate).recipe.model for each in origins if isinstance(each, Generated)}
