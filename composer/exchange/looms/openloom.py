"""OpenLoom 1.0, the one format that programs for trees of text share: trees read, and the manuscript written as one.

What is written is one path, an empty root and behind it the manuscript in runs of one candidate or of none, and the candidates
that were passed over: those of rounds of which one stands in the manuscript from its beginning on, beside it, and those of rounds
asked for the end of the text, behind it. It holds title, purpose, models, times and remarks on candidates; not what made candidates
differ but the model, no other origins, rounds, branches, outline, notes and shelf.

Nodes of OpenLoom are messages. Where no text in a tree begins or ends with white space they are put in paragraphs of their own; else
each goes on where its parent ends, as it does in what is written here. Keys and endpoints are neither read nor written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import msgspec
from msgspec import Struct

from composer.errors import UnreadableSource
from composer.exchange.looms.loom import By, Loom, Node, adopted, noted
from composer.exchange.looms.loom_journal import journal_of
from composer.exchange.looms.loom_json import as_struct, decode, items, keys_below, keys_of, name_of, text_of
from composer.exchange.moments import moment
from composer.exchange.outside import ANOTHER
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.actions.notes import NoteText
from composer.story.actions.remarks import candidate_subject, remarks_on
from composer.story.candidate import PlaceTarget, Round, round_of
from composer.story.spans import Generated
from composer.story.story import Story
from composer.text.clean import one_line

_BY: dict[object, By] = {"user": "hand", "assistant": "model"}


class _Node(Struct, rename="camel"):
    id: Any = None
    text: Any = None
    author: Any = None
    model_id: Any = None
    created_time: Any = None
    parent_id: Any = None
    children_ids: Any = None
    is_bookmarked: Any = None
    bookmark_title: Any = None


class _Tree(Struct, rename="camel"):
    title: Any = None
    description: Any = None
    system_message: Any = None
    current_node_id: Any = None
    nodes: dict[str, _Node] | list[_Node] = {}
    bookmarked_nodes: Any = None
    texts_join: Any = None
    """Not of the standard: whether its texts go on where their parents end, whatever they begin with."""


def fits(head: bytes, name: str) -> bool:
    """Whether it is a tree with the names of the standard."""
    keys = keys_of(head)
    if "rootNodeId" in keys:
        return "nodes" in keys or bool(keys & {"currentNodeId", "systemMessage", "bookmarkedNodes"})
    below = keys_below(head, "nodes", "*")
    return "nodes" in keys and bool(below & {"childrenIds", "rememberedChildId"}) and "text" in below


def read(data: bytes, about: Circumstances) -> Taken:
    """The session that the tree becomes. UnreadableSource where there is none in it."""
    tally = Tally()
    tree = as_struct(_Tree, decode(data, _Tree, about.name, tally))
    if tree is None or not tree.nodes:
        raise UnreadableSource(f"{one_line(about.name, 200)} holds no nodes, so there is no text in it.", ANOTHER)
    marked = {
        key or name_of(each.get("id") if isinstance(each, dict) else each) for key, each in items(tree.bookmarked_nodes)
    }
    nodes: list[Node] = []
    claims = []
    for key, raw in items(tree.nodes):
        node = as_struct(_Node, raw)
        if node is None:
            tally.lost("nodes that are none", "they hold no text")
            continue
        if not isinstance(node.text, str):
            tally.lost("nodes without a text", "they stand as empty ones")
        name = key or name_of(node.id) or f"#{len(nodes)}"
        author = node.author.lower() if isinstance(node.author, str) else None
        model = text_of(node.model_id)
        by = _BY.get(author, "model" if model and author is None else "unknown")
        remark = noted(node.is_bookmarked is True or name in marked, node.bookmark_title)
        made = moment(node.created_time)
        text = text_of(node.text)
        nodes.append(Node(name, name_of(node.parent_id), text, by, made, model if by == "model" else "", remark=remark))
        claims.append((name, node.children_ids))
    told = text_of(tree.system_message)
    loom = Loom(
        "openloom",
        adopted(nodes, claims),
        current=name_of(tree.current_node_id),
        title=text_of(tree.title),
        purpose=text_of(tree.description),
        notes=(NoteText("fact", "System message", told),) if told.strip() else (),
        glue="" if tree.texts_join is True or not _messages(nodes) else "\n",
    )
    return journal_of(loom, about, tally)


def _messages(nodes: list[Node]) -> bool:
    return not any(node.text[:1].isspace() or node.text[-1:].isspace() for node in nodes)


def openloom(story: Story, now: int) -> bytes:
    """The manuscript as a tree of OpenLoom, as JSON in UTF-8. `now` is in ms since 1970. Nothing in it names an endpoint."""
    path = [_Out(0, "system", "", 0)]
    nodes = [path[0]]

    def grow(parent: _Out, text: str, candidate: str, time: int = 0) -> _Out:
        node = _Out(len(nodes), "user", text, max(parent.time, time), parent.number)
        if candidate:
            node.author, node.model = "assistant", story.candidate(candidate).recipe.model
            node.remark = next((each.text for each in remarks_on(story, candidate_subject(candidate))), "")
        parent.children.append(node.number)
        nodes.append(node)
        return node

    runs = _runs(story)
    standing = {candidate for _, candidate, _ in runs}
    told: set[int] = set()
    for text, candidate, start in runs:
        parent = path[-1]
        if not candidate:
            path.append(grow(parent, text, ""))
            continue
        asked = story.round(round_of(candidate))
        begins = not start and asked.number not in told
        told.add(asked.number)
        for each in asked.candidates if begins else [story.candidate(candidate)]:
            if each.id == candidate:
                path.append(grow(parent, text, candidate, asked.time))
            elif each.text and each.id not in standing:
                grow(parent, each.text, each.id, asked.time)
    at_end = [each for each in story.rounds if each.number not in told and _for_the_end(each, story)]
    for each in (each for asked in at_end for each in asked.candidates if each.text):
        grow(path[-1], each.text, each.id, at_end[0].time)
    # What stands before all candidates is as old as the oldest: nobody knows more.
    oldest = min((node.time for node in nodes if node.time), default=now)
    for node in nodes:
        node.time = node.time or oldest
    for before, after in pairwise(path):
        before.remembered = after.number
    told_nodes = {str(node.number): node.told() for node in nodes}
    tree = {
        "id": "1",
        "title": story.details.title,
        "description": story.details.purpose,
        "lastModified": _date(now),
        "systemMessage": "",
        "rootNodeId": "0",
        "currentNodeId": str(path[-1].number),
        "nodes": told_nodes,
        "bookmarkedNodes": {name: node for name, node in told_nodes.items() if node["isBookmarked"]},
        "textsJoin": True,
    }
    return msgspec.json.format(msgspec.json.encode(tree), indent=1) + b"\n"


def _for_the_end(asked: Round, story: Story) -> bool:
    return not asked.outlines and isinstance(asked.target, PlaceTarget) and asked.target.at == story.manuscript.last


@dataclass
class _Out:
    """A node to be written. `time` is in ms since 1970; parents and children are numbers of nodes."""

    number: int
    author: str
    text: str
    time: int
    parent: int | None = None
    model: str = ""
    remark: str = ""
    children: list[int] = field(default_factory=list)
    remembered: int | None = None

    def told(self) -> dict[str, Any]:
        title = self.remark.removeprefix("Bookmarked").removeprefix(": ")
        return {
            "id": str(self.number),
            "text": self.text,
            "author": self.author,
            "modelId": self.model,
            "createdTime": _date(self.time),
            "parentId": None if self.parent is None else str(self.parent),
            "childrenIds": [str(child) for child in self.children],
            "rememberedChildId": None if self.remembered is None else str(self.remembered),
            "isBookmarked": bool(self.remark),
            "bookmarkTitle": title,
        }


def _runs(story: Story) -> list[tuple[str, str, int]]:
    """The manuscript in runs: text, the candidate that it is of, or nothing, and where in that it begins.

    A run of a candidate goes on over the end of a paragraph where its own text has one there; other ends of paragraphs belong to
    what stands before them.
    """
    runs: list[tuple[str, str, int]] = []
    for number, block in enumerate(story.manuscript):
        if number:
            text, candidate, start = runs.pop() if runs else ("", "", 0)
            runs.append((text + "\n", candidate, start))
        for span in block.spans:
            own = span.origin if isinstance(span.origin, Generated) else None
            text, candidate, start = runs[-1] if runs else ("", "", 0)
            joins = own is not None and candidate == own.candidate
            if joins and own and story.candidate(candidate).text[start : own.start] != text:
                joins = False
            if runs and (joins or (own is None and not candidate)):
                runs[-1] = (text + span.text, candidate, start)
            else:
                runs.append((span.text, own.candidate if own else "", own.start if own else 0))
    return runs


def _date(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
