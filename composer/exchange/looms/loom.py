"""A tree of texts as programs of the loom kind have it, the one value that all their formats become, and what can be wrong with it.

A node's text is what it adds behind the text of its parent. `rooted` makes of nodes that only name their parents a tree that holds:
no circles, no missing parents, one node of each name, and no more nodes than a session takes. Nothing here calls itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from composer.config import Sampling
from composer.exchange.taken import Tally
from composer.story.actions.notes import NoteText
from composer.text.clean import one_line

By = Literal["hand", "model", "unknown"]
NEAREST = 50_000
"""Nodes besides the current path that a session takes."""
DEEPEST = 5_000
"""Nodes of the current path that are steps of their own, and how far from it a branch may lead."""
COSTLIEST = 3_000_000
"""What those steps may cost: each costs as many runs of text as its paragraph has then, and each 160 characters are as dear."""


class Node(Struct, frozen=True):
    """A piece of text. `parent` is empty for a root; `time` is in ms since 1970, 0 where nobody knows.

    It stands behind its parent's whole text; with `at` it stands there in place of the `gone` next characters of that.
    `generation` names the request that a model's node came from, `index` its place there. `remark` is what is to be noted on it.
    """

    id: str
    parent: str
    text: str
    by: By = "unknown"
    time: int = 0
    model: str = ""
    sampling: Sampling | None = None
    generation: str = ""
    index: int = 0
    remark: str = ""
    at: int | None = None
    gone: int = 0


@dataclass(frozen=True)
class Chapter:
    """A heading that begins with the text of a node."""

    node: str
    title: str


@dataclass(frozen=True)
class Loom:
    """Nodes in the order of their file. `source` names the program; `current` is the node that the writer was at.

    `glue` stands before the text of every node that has a parent: nothing, or a line feed where nodes are messages.
    `sampling` and `model` are told of the whole tree, and stand for nodes of a model that tell none.
    """

    source: str
    nodes: Sequence[Node]
    current: str = ""
    title: str = ""
    purpose: str = ""
    time: int = 0
    model: str = ""
    sampling: Sampling = field(default_factory=dict)
    notes: tuple[NoteText, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    glue: str = ""


@dataclass(frozen=True)
class Rooted:
    """The nodes that are kept, their parents and children by place, in the order of the file; -1 is the parent of the roots.

    `path` leads from a root to the current node.
    """

    nodes: Sequence[Node]
    parents: Sequence[int]
    children: Sequence[Sequence[int]]
    roots: Sequence[int]
    path: Sequence[int]


def noted(bookmarked: object, title: object = "", tags: object = ()) -> str:
    """What is to be noted on a node: that it is bookmarked, under which title, and its tags. Empty for nothing."""
    words = [one_line(each, 100) for each in tags if isinstance(each, str)] if isinstance(tags, list | tuple) else []
    if "bookmark" in words:
        words.remove("bookmark")
        bookmarked = True
    name = one_line(title, 300) if isinstance(title, str) else ""
    parts = [f"Bookmarked: {name}" if name else "Bookmarked"] if bookmarked else []
    if words := [word for word in words if word]:
        parts.append(f"Tags: {', '.join(words)}")
    return ". ".join(parts)


def adopted(nodes: list[Node], claims: Iterable[tuple[str, Any]]) -> list[Node]:
    """The same nodes, where those that name no parent have the one that names them. `claims` are ids with lists of children."""
    orphans = {node.id: at for at, node in enumerate(nodes) if not node.parent}
    if len(orphans) < 2:
        return nodes
    for parent, children in claims:
        for child in children if isinstance(children, list) else ():
            at = orphans.pop(str(child), -1) if isinstance(child, str | int) else -1
            if at >= 0 and nodes[at].id != parent:
                nodes[at] = replace(nodes[at], parent=parent)
    return nodes


def rooted(loom: Loom, tally: Tally, nearest: int = NEAREST, deepest: int = DEEPEST) -> Rooted:
    """The tree, with what had to go counted."""
    nodes, places = _named_once(loom.nodes, tally)
    parents = _parents(nodes, places, tally)
    _cut_circles(parents, tally)
    roots, children = _children(parents)
    path: list[int] = []
    at = _current(loom.current, nodes, places, children, roots, tally)
    while at >= 0:
        path.append(at)
        at = parents[at]
    path.reverse()
    roots = [root for root in roots if root not in path[:1]]
    joined = max(len(path) - deepest, _too_dear([nodes[at] for at in path]), 0)
    if joined:
        path = _join_beginning(nodes, parents, children, path, joined, loom.glue)
        tally.lost(
            "nodes at the beginning of the current path",
            f"only its last {len(path):,} are steps of their own; these stand as one text, without what branched off there",
            joined,
        )
    kept = _near(children, roots, path, nearest, deepest)
    if gone := len(nodes) - len(kept) - joined:
        tally.lost(
            "nodes far from the current one",
            f"a session takes the current path and the {nearest:,} nodes nearest to it, {deepest:,} levels deep",
            gone,
        )
    new = {old: at for at, old in enumerate(kept)}
    fresh = [new.get(parents[old], -1) for old in kept]
    tops, below = _children(fresh)
    return Rooted([nodes[old] for old in kept], fresh, below, tops, [new[old] for old in path])


def _named_once(given: Sequence[Node], tally: Tally) -> tuple[list[Node], dict[str, int]]:
    """The nodes that have a name of their own, and where each is. Of two of one name the first is kept."""
    places: dict[str, int] = {}
    nodes: list[Node] = []
    for node in given:
        if node.id in places:
            tally.lost("nodes with the id of another node", "the first of each id is kept")
        else:
            places[node.id] = len(nodes)
            nodes.append(node)
    return nodes, places


def _parents(nodes: Sequence[Node], places: dict[str, int], tally: Tally) -> list[int]:
    parents = []
    for node in nodes:
        parent = places.get(node.parent, -1) if node.parent else -1
        if node.parent and parent < 0:
            tally.lost("parents that are missing", "what hung below one begins a text of its own")
        parents.append(parent)
    return parents


def _cut_circles(parents: list[int], tally: Tally) -> None:
    """Make the first node of each circle, in the order of the file, a root."""
    walk_of = [0] * len(parents)
    for start in range(len(parents)):
        at = start
        while at >= 0 and not walk_of[at]:
            walk_of[at] = start + 1
            at = parents[at]
        if at >= 0 and walk_of[at] == start + 1:
            circle = [at]
            while parents[circle[-1]] != at:
                circle.append(parents[circle[-1]])
            parents[min(circle)] = -1
            tally.lost("circles of nodes that are each other's parents", "each was cut open at its first node")


def _children(parents: Sequence[int]) -> tuple[list[int], list[Sequence[int]]]:
    """The roots, and for each place its children, in the order of the file."""
    roots: list[int] = []
    found: dict[int, list[int]] = {}
    for at, parent in enumerate(parents):
        if parent < 0:
            roots.append(at)
        else:
            found.setdefault(parent, []).append(at)
    return roots, [found.get(at, ()) for at in range(len(parents))]


def _current(
    wanted: str,
    nodes: Sequence[Node],
    places: dict[str, int],
    children: Sequence[Sequence[int]],
    roots: Sequence[int],
    tally: Tally,
) -> int:
    """The current node; where the source names none that exists, the newest, or without times the deepest. -1 for no nodes."""
    if wanted in places and wanted:
        return places[wanted]
    newest = max(range(len(nodes)), key=lambda at: nodes[at].time, default=-1)
    which = "the newest is taken"
    if newest < 0 or not nodes[newest].time:
        level: Sequence[int] = roots
        newest, which = -1, "the end of the longest branch is taken"
        while level:
            newest, level = level[0], [child for at in level for child in children[at]]
    if newest >= 0 and len(nodes) > 1:
        tally.lost(
            "current node", f"the source names {'one that does not exist' if wanted else 'none'}: {which} for the text"
        )
    return newest


def _too_dear(path: Sequence[Node]) -> int:
    """How many nodes at the beginning of the path have to be joined, so that the others don't cost too much."""
    sizes, size = [], 0
    for node in path:
        size += len(node.text)
        sizes.append(size)
        if "\n" in node.text:
            size = len(node.text) - node.text.rindex("\n")
    total, behind = 0, 0
    for at in range(len(path) - 1, -1, -1):
        total += sizes[at] // 160 + behind
        # Each run of text makes all steps behind it in its paragraph dearer. Neighbours by one hand are one run.
        run = path[at].by == "model" or at == 0 or path[at - 1].by != path[at].by
        behind = 0 if "\n" in path[at].text else behind + run
        if total > COSTLIEST:
            return min(at, len(path) - 1)
    return 0


def _join_beginning(
    nodes: list[Node],
    parents: list[int],
    children: list[Sequence[int]],
    path: Sequence[int],
    joined: int,
    glue: str,
) -> list[int]:
    """Put the first `joined` + 1 nodes of the path into the last of them; the path from there."""
    first, last = path[: joined + 1], path[joined]
    by = {nodes[at].by for at in first if nodes[at].text}
    same = len(by) == 1 and len({(nodes[at].model, str(nodes[at].sampling)) for at in first if nodes[at].text}) == 1
    pieces: list[str] = []
    for place, at in enumerate(first):
        node = nodes[at]
        if node.at is None:
            pieces.append(glue + node.text if glue and place else node.text)
        else:
            whole = "".join(pieces)
            pieces = [whole[: node.at], node.text, whole[node.at + node.gone :]]
    nodes[last] = replace(
        nodes[last], parent="", text="".join(pieces), by=by.pop() if same else "unknown", remark="", at=None, gone=0
    )
    parents[last] = -1
    return list(path[joined:])


def _near(
    children: Sequence[Sequence[int]], roots: Sequence[int], path: Sequence[int], nearest: int, deepest: int
) -> list[int]:
    """The path and those nearest to it, in the order of the file. Other roots are as near as what branches off the path."""
    kept = set(path)
    level = [child for at in path for child in children[at] if child not in kept]
    level += roots
    left = nearest
    for _ in range(deepest):
        if not level or left <= 0:
            break
        level = level[:left]
        kept.update(level)
        left -= len(level)
        level = [child for at in level for child in children[at]]
    return sorted(kept)
