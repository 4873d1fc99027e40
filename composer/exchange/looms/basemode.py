"""Trees that basemode-loom exports, in its form of today and the one before it. It reads no keys and writes nothing."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from composer.config import Sampling
from composer.errors import UnreadableSource
from composer.exchange.looms.loom import By, Loom, Node, noted
from composer.exchange.looms.loom_journal import journal_of
from composer.exchange.looms.loom_json import as_struct, decode, items, keys_below, keys_of, name_of, text_of
from composer.exchange.moments import moment
from composer.exchange.outside import ANOTHER
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.actions.notes import NoteText
from composer.text.clean import one_line

_HAND = {"user", "edit", "human", "root", "prompt"}


class _Node(Struct):
    id: Any = None
    parent_id: Any = None
    text: Any = None
    kind: Any = None
    model: Any = None
    max_tokens: Any = None
    temperature: Any = None
    branch_index: Any = None
    checked_out: Any = None
    created_at: Any = None
    metadata: Any = None


class _File(Struct):
    nodes: list[_Node] = []


def fits(head: bytes, name: str) -> bool:
    """Whether it is a list of nodes of either form."""
    below = keys_below(head, "nodes", "[]")
    return "nodes" in keys_of(head) and "parent_id" in below and bool(below & {"root_id", "tree_id"})


def read(data: bytes, about: Circumstances) -> Taken:
    """The session that the tree becomes. UnreadableSource where there is none in it."""
    tally = Tally()
    told = as_struct(_File, decode(data, _File, about.name, tally))
    if told is None or not isinstance(told.nodes, list) or not told.nodes:
        raise UnreadableSource(f"{one_line(about.name, 200)} holds no nodes, so there is no text in it.", ANOTHER)
    nodes: list[Node] = []
    notes: list[NoteText] = []
    chosen: dict[str, str] = {}
    """By parent, the child that was checked out."""
    title = ""
    for _, raw in items(told.nodes):
        node = as_struct(_Node, raw)
        if node is None:
            tally.lost("nodes that are none", "they hold no text")
            continue
        name, parent = name_of(node.id) or f"#{len(nodes)}", name_of(node.parent_id)
        about_it = node.metadata if isinstance(node.metadata, dict) else {}
        if node.kind == "context":
            notes.append(NoteText("fact", "Context", text_of(node.text)))
            continue
        if not isinstance(node.text, str):
            tally.lost("nodes without a text", "they stand as empty ones")
        if not parent:
            title = title or text_of(about_it.get("name"))
            if (context := text_of(about_it.get("context"))).strip():
                notes.append(NoteText("fact", "Context", context))
        if node.checked_out is True:
            chosen[parent] = name
        elif child := name_of(node.checked_out):
            chosen[name] = child
        if about_it.get("rating") is not None or about_it.get("hidden"):
            tally.lost("ratings, and signs that a node was hidden", "a session has no place for them")
        nodes.append(_node(node, name, parent, about_it))
    loom = Loom("basemode-loom", nodes, _current(nodes, chosen), title=title, notes=tuple(notes))
    return journal_of(loom, about, tally)


def _node(node: _Node, name: str, parent: str, about_it: dict[str, Any]) -> Node:
    by: By = "unknown"
    if not parent or node.kind in _HAND:
        by = "hand"
    elif text_of(node.model):
        by = "model"
    sampling: Sampling = {}
    for key, value in (("temperature", node.temperature), ("max_tokens", node.max_tokens)):
        if isinstance(value, int | float) and not isinstance(value, bool):
            sampling[key] = value
    return Node(
        name,
        parent,
        text_of(node.text),
        by,
        moment(node.created_at),
        text_of(node.model) if by == "model" else "",
        sampling,
        name_of(about_it.get("generation_id")),
        node.branch_index if isinstance(node.branch_index, int) else 0,
        noted(about_it.get("bookmarked") is True, about_it.get("name") if parent else ""),
    )


def _current(nodes: list[Node], chosen: dict[str, str]) -> str:
    """The end of the way along the children that were checked out; empty where none was."""
    at = next((node.id for node in nodes if not node.parent), "")
    names = {node.id for node in nodes}
    if chosen.get("") in names:
        at = chosen[""]
    if at not in chosen:
        return ""
    seen: set[str] = set()
    while (following := chosen.get(at, "")) in names and at not in seen:
        seen.add(at)
        at = following
    return at
