"""Trees of text: what holds of any of them, what is wrong with some, and the journals that they become."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.exchange.looms.loom import Chapter, Loom, Node, adopted, noted, rooted
from composer.exchange.looms.loom_journal import MOST_CANDIDATES, journal_of
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.journal.journal import Journal
from composer.story.actions.notes import NoteText
from composer.story.candidate import PlaceTarget
from composer.story.events import TextEdited, TextPlaced
from composer.story.spans import Generated, Imported, Written


def about(title: str = "") -> Circumstances:
    ids = itertools.count(1)
    return Circumstances("tree.json", 1_700_000_000_000, lambda: f"i{next(ids)}", "test", title=title)


def taken(nodes: list[Node], current: str = "", **more: object) -> Taken:
    return journal_of(Loom("aloom", nodes, current, **more), about(), Tally())  # type: ignore[arg-type]


def text(made: Taken) -> str:
    return "\n".join(block.text for block in made.story.manuscript)


def losses(made: Taken) -> dict[str, int]:
    return {loss.what: loss.count for loss in made.losses}


def replayed(made: Taken) -> Journal:
    journal = Journal()
    journal.read(made.entries)
    return journal


TREE = [
    Node("r", "", "The ferry was late. ", "hand", time=1_000),
    Node("a", "r", "Gulls sat on it.", "model", time=5_000, model="m1", generation="g1", index=1),
    Node(
        "b",
        "r",
        "Fog lay on it.\nNobody",
        "model",
        time=5_000,
        model="m2",
        generation="g1",
        index=0,
        remark="Bookmarked",
    ),
    Node("c", "b", " waved", "model", time=9_000),
    Node("d", "b", " came. ", "hand", time=8_000),
    Node("e", "d", "So she swam.", "model", time=12_000, sampling={"temperature": 0.7}),
    Node("f", "r", "It sank.", "model", time=7_000, generation="g2"),
]


def test_the_path_to_the_current_node_is_the_manuscript_with_its_origins() -> None:
    made = taken(TREE, "e", title="A crossing")
    assert text(made) == "The ferry was late. Fog lay on it.\nNobody came. So she swam."
    assert made.story.details.title == "A crossing"
    origins = [span.origin for block in made.story.manuscript for span in block.spans]
    assert origins[0] == Written()
    assert origins[3] == Written()
    assert [origin.candidate for origin in origins if isinstance(origin, Generated)] == ["1.1", "1.1", "4.1"]
    for block in made.story.manuscript:
        for span in block.spans:
            if isinstance(span.origin, Generated):
                told = made.story.candidate(span.origin.candidate).text
                assert told[span.origin.start : span.origin.end] == span.text
    assert replayed(made).story == made.story


def test_siblings_of_one_request_are_a_round_and_those_not_gone_on_from_stay_candidates() -> None:
    made = taken(TREE, "e")
    rounds = [[candidate.text for candidate in asked.candidates] for asked in made.story.rounds]
    assert rounds == [["Fog lay on it.\nNobody", "Gulls sat on it."], ["It sank."], [" waved"], ["So she swam."]]
    first = made.story.round(1)
    assert [candidate.recipe.model for candidate in first.candidates] == ["m2", "m1"]
    assert isinstance(first.target, PlaceTarget)
    assert first.target.at.offset == len("The ferry was late. ")
    assert first.kind == "continue"
    assert first.time == 5_000
    assert made.story.round(4).candidates[0].recipe.sampling == {"temperature": 0.7}
    assert [made.story.placed(name) for name in ("1.1", "1.2", "2.1", "3.1", "4.1")] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert all(candidate.ending for asked in made.story.rounds for candidate in asked.candidates)


def test_bookmarks_are_remarks() -> None:
    made = taken([*TREE, Node("g", "e", " Far.", "hand", remark="Tags: shore")], "e")
    assert [(each.subject, each.text) for each in made.story.remarks[:1]] == [("candidate 1.1", "Bookmarked")]
    subject = made.story.remarks[1].subject
    entry = next(each for each in made.entries if subject == f"entry {each.seq}")
    assert entry.type == "TextEdited"
    assert " Far." in entry.body
    assert noted(True, "The pier", ["x", "bookmark", 3]) == "Bookmarked: The pier. Tags: x"
    assert noted(False, "", ["bookmark"]) == "Bookmarked"
    assert noted(None) == ""


def test_the_tree_of_changes_branches_where_the_texts_do() -> None:
    nodes = [
        Node("r", "", "One.", "hand"),
        Node("x", "r", " Two.", "hand"),
        Node("y", "r", " Three.", "model"),
        Node("z", "y", " Four.", "unknown"),
    ]
    made = taken(nodes, "x")
    tree = replayed(made).tree
    changes = {seq: node.change for seq, node in tree.nodes.items()}
    texts = {
        seq: change.put.text.lstrip("\n")
        for seq, change in changes.items()
        if isinstance(change, TextEdited | TextPlaced)
    }
    by_text = {text: seq for seq, text in texts.items()}
    assert tree.nodes[by_text[" Two."]].parent == by_text["One."] == tree.nodes[by_text[" Three."]].parent
    assert tree.nodes[by_text[" Four."]].parent == by_text[" Three."]
    assert tree.head == by_text[" Two."]
    assert text(made) == "One. Two."
    journal = replayed(made)
    journal.move(by_text[" Four."], "jump", 0)
    assert [span.origin for block in journal.story.manuscript for span in block.spans] == [
        Written(),
        Generated("1.1", 0, 7),
        Imported("tree.json"),
    ]


def test_times_are_told_in_order_and_never_go_back() -> None:
    made = taken(TREE, "e")
    times = [entry.time for entry in made.entries]
    assert times == sorted(times)
    early = journal_of(Loom("aloom", TREE, "e", time=500), about(), Tally())
    told = [(entry.time, entry.type) for entry in early.entries]
    assert told[0] == (500, "SessionCreated")
    assert [time for time, kind in told if kind == "RoundAsked"] == [5_000, 7_000, 9_000, 12_000]
    assert [time for time, kind in told if kind == "TextEdited"] == [1_000, 8_000]


def test_several_roots_are_branches_from_the_start() -> None:
    nodes = [Node("p", "", "First.", "hand"), Node("q", "", "Second.", "hand"), Node("s", "q", " More.", "hand")]
    made = taken(nodes, "s")
    assert text(made) == "Second. More."
    journal = replayed(made)
    assert len(journal.tree.children(0)) == 2


def test_circles_missing_parents_and_second_ids_are_mended_and_counted() -> None:
    nodes = [
        Node("r", "", "Root. ", "hand"),
        Node("a", "b", "A. ", "hand"),
        Node("b", "a", "B. ", "hand"),
        Node("self", "self", "Self. ", "hand"),
        Node("lost", "nowhere", "Lost. ", "hand"),
        Node("r", "", "Another.", "hand"),
    ]
    made = taken(nodes, "b")
    assert text(made) == "A. B. "
    assert losses(made) == {
        "nodes with the id of another node": 1,
        "parents that are missing": 1,
        "circles of nodes that are each other's parents": 2,
    }
    assert all(any(word in entry.body for entry in made.entries) for word in ("Root.", "Self.", "Lost."))


def test_without_a_current_node_the_newest_or_the_end_of_the_longest_branch_is_taken() -> None:
    nodes = [
        Node("r", "", "R", "hand"),
        Node("a", "r", "A", "hand"),
        Node("b", "a", "B", "hand"),
        Node("c", "r", "C", "hand"),
    ]
    made = taken(nodes, "gone")
    assert text(made) == "RAB"
    assert losses(made) == {"current node": 1}
    assert "does not exist" in str(made.losses[0])
    timed = [*nodes, Node("n", "r", "N", "hand", time=99)]
    assert text(taken(timed)) == "RN"


def test_empty_texts_line_feeds_and_outside_characters() -> None:
    nodes = [
        Node("r", "", "", "unknown"),
        Node("a", "r", "\n\x1b[2Jone\r\n", "model"),
        Node("b", "a", "", "model"),
        Node("c", "b", "two\u202e\ttabs", "hand"),
    ]
    made = taken(nodes, "c")
    assert text(made) == "\n[2Jone\ntwo tabs"
    assert [candidate.text for asked in made.story.rounds for candidate in asked.candidates] == ["\n[2Jone\n", ""]
    assert replayed(made).story == made.story


def test_glue_parts_messages() -> None:
    nodes = [Node("r", "", "Hello", "hand"), Node("a", "r", "Good day", "model"), Node("b", "a", "Bye", "hand")]
    made = taken(nodes, "b", glue="\n")
    assert text(made) == "Hello\nGood day\nBye"
    assert [block.spans[0].origin for block in made.story.manuscript] == [Written(), Generated("1.1", 0, 8), Written()]


def test_a_node_may_change_the_text_of_its_parent() -> None:
    nodes = [
        Node("r", "", "A red boat.", "hand"),
        Node("g", "r", "blue", "model", at=2, gone=3),
        Node("h", "g", "", "hand", at=6, gone=5),
    ]
    made = taken(nodes, "h")
    assert text(made) == "A blue."
    target = made.story.round(1).target
    assert isinstance(target, PlaceTarget)
    assert (target.at.offset, target.end and target.end.offset) == (2, 5)


def test_many_siblings_are_several_rounds() -> None:
    nodes = [Node("r", "", "R", "hand"), *(Node(f"n{at}", "r", f"{at}", "model") for at in range(MOST_CANDIDATES + 3))]
    made = taken(nodes, "r")
    assert [len(asked.candidates) for asked in made.story.rounds] == [MOST_CANDIDATES, 3]
    assert text(made) == "R"


def test_chapters_that_begin_with_a_paragraph_are_beats() -> None:
    nodes = [
        Node("r", "", "Before.", "hand"),
        Node("a", "r", "\nFirst. ", "hand"),
        Node("b", "a", "Within.\n", "hand"),
        Node("c", "b", "Second.", "hand"),
        Node("off", "r", "Off.", "hand"),
    ]
    chapters = (Chapter("a", "One"), Chapter("b", "Inside"), Chapter("c", "Two"), Chapter("off", "Elsewhere"))
    made = taken(nodes, "c", chapters=chapters)
    names = {row.beat.id: row.beat.text.title for row in made.story.outline.rows()}
    assert [(block.text, names.get(block.beat, "")) for block in made.story.manuscript] == [
        ("Before.", ""),
        ("First. Within.", "One"),
        ("Second.", "Two"),
    ]
    assert losses(made) == {"chapters": 2}


def test_notes_come_along() -> None:
    made = taken([Node("r", "", "R", "hand")], "r", notes=(NoteText("fact", "Tide", "It turns at nine."),))
    assert [(note.kind, note.name, note.text) for note in made.story.notes] == [("fact", "Tide", "It turns at nine.")]


def test_what_is_far_from_the_current_path_is_left_out_and_counted() -> None:
    nodes = [Node("r", "", "R", "hand")]
    nodes += [Node(f"a{at}", f"a{at - 1}" if at else "r", "a", "hand") for at in range(30)]
    nodes += [Node(f"b{at}", f"b{at - 1}" if at else "r", "b", "hand") for at in range(30)]
    tally = Tally()
    tree = rooted(Loom("aloom", nodes, "a29"), tally, nearest=10)
    assert [node.id for node in tree.nodes if node.id[0] == "b"] == [f"b{at}" for at in range(10)]
    assert tally.losses["nodes far from the current one"].count == 20
    assert [tree.nodes[at].id for at in tree.path][-1] == "a29"
    assert len(tree.path) == 31


def test_of_nodes_as_near_as_each_other_the_first_are_kept() -> None:
    nodes = [
        Node("r", "", "R", "hand"),
        *(Node(f"n{at}", "r", "n", "hand") for at in range(9)),
        Node("x", "n1", "x", "hand"),
    ]
    tree = rooted(Loom("aloom", nodes, "r"), Tally(), nearest=4)
    assert [node.id for node in tree.nodes] == ["r", "n0", "n1", "n2", "n3"]


def test_the_beginning_of_a_long_path_is_joined_and_counted() -> None:
    nodes = [Node("n0", "", "x0 ", "hand")]
    nodes += [Node(f"n{at}", f"n{at - 1}", f"x{at} ", "hand") for at in range(1, 20)]
    nodes.append(Node("off", "n3", "off", "hand"))
    tally = Tally()
    tree = rooted(Loom("aloom", nodes, "n19"), tally, deepest=5)
    assert "".join(tree.nodes[at].text for at in tree.path) == "".join(f"x{at} " for at in range(20))
    assert len(tree.path) == 5
    assert tree.nodes[tree.path[0]].by == "hand"
    assert {what: loss.count for what, loss in tally.losses.items()} == {
        "nodes at the beginning of the current path": 15,
        "nodes far from the current one": 1,
    }


@pytest.mark.parametrize(("said", "steps"), [("a ", 2_000), ("a\n", 4_000)])
def test_a_long_paragraph_of_many_candidates_is_joined_at_its_beginning(said: str, steps: int) -> None:
    nodes = [Node(f"n{at}", f"n{at - 1}" if at else "", said, "model") for at in range(4_000)]
    tree = rooted(Loom("aloom", nodes, "n3999"), Tally())
    assert abs(len(tree.path) - steps) < 500
    assert "".join(tree.nodes[at].text for at in tree.path) == said * 4_000


def test_children_are_adopted_by_what_names_them() -> None:
    nodes = [Node("r", "", ""), Node("a", "", ""), Node("b", "a", "")]
    assert [node.parent for node in adopted(nodes, [("r", ["a", "b", None, {}]), ("b", None)])] == ["", "r", "a"]


words = st.text(st.sampled_from("ab \n\t\x00é😀"), max_size=6)


@st.composite
def forests(draw: st.DrawFn) -> list[Node]:
    """Nodes whose parents are any of them, or missing, or none."""
    size = draw(st.integers(1, 14))
    names = st.sampled_from([*(f"n{at}" for at in range(size)), "", "missing"])
    by = st.sampled_from(["hand", "model", "unknown"])
    return [
        Node(
            f"n{at}" if draw(st.integers(0, 9)) else "n0",
            draw(names),
            draw(words),
            draw(by),  # type: ignore[arg-type]
            draw(st.integers(0, 5)) * 1_000,
            generation=draw(st.sampled_from(["", "g"])),
        )
        for at in range(size)
    ]


@given(forests(), st.integers(0, 14), st.sampled_from([3, 50]))
def test_any_forest_becomes_a_session_whose_text_is_its_current_path(nodes: list[Node], at: int, deepest: int) -> None:
    loom = Loom("aloom", nodes, f"n{at}")
    tree = rooted(loom, Tally(), deepest=deepest)
    made = journal_of(loom, about(), Tally())
    whole = rooted(loom, Tally())
    assert text(made) == loom_text([whole.nodes[at] for at in whole.path])
    short = loom_text([tree.nodes[at] for at in tree.path])
    assert short.replace("\t", " ") == text(made).replace("\t", " ")
    assert all(parent < 0 or at in tree.children[parent] for at, parent in enumerate(tree.parents))
    assert replayed(made).story == made.story
    rounds = sum(len(asked.candidates) for asked in made.story.rounds)
    assert rounds == sum(node.by == "model" for node in whole.nodes)


def loom_text(path: list[Node]) -> str:
    """What a path adds up to. By hand a tab is a space, a model's stays."""
    texts = (node.text if node.by == "model" else node.text.replace("\t", " ") for node in path)
    return "".join(texts).replace("\x00", "")
