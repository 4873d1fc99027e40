"""Trees of the Obsidian plugin Loomsidian: an export of one, its older forms, and the plugin's own data, which holds one a note.

It reads neither the plugin's settings nor its keys, and writes nothing.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from composer.errors import UnreadableSource
from composer.exchange.looms.loom import By, Loom, Node, noted
from composer.exchange.looms.loom_journal import journal_of
from composer.exchange.looms.loom_json import as_struct, decode, items, keys_below, keys_of, name_of, text_of
from composer.exchange.outside import ANOTHER
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.text.clean import one_line

_STATE = {"current", "hoisted", "nodes", "generating", "searchTerm"}
_BY: dict[object, By] = {"user": "hand", "human": "hand", "ai": "model", "model": "model", "assistant": "model"}


class _Node(Struct, rename="camel"):
    id: Any = None
    text: Any = None
    value: Any = None
    author: Any = None
    parent_id: Any = None
    bookmarked: Any = None


class _State(Struct, rename="camel"):
    current: Any = None
    nodes: dict[str, _Node] | list[_Node] = {}
    state: Any = None


def fits(head: bytes, name: str) -> bool:
    """Whether it is an export or the plugin's data."""
    keys = keys_of(head)
    if {"nodes", "current"} <= keys or ("nodes" in keys and keys <= _STATE):
        below = keys_below(head, "nodes", "*")
        return "parentId" in below and "childrenIds" not in below and bool(below & {"text", "value"})
    below = keys_below(head, "state", "*")
    return "state" in keys and "nodes" in below and bool(below & {"current", "hoisted"})


def read(data: bytes, about: Circumstances) -> Taken:
    """The session that the tree becomes: of several that with the most nodes. UnreadableSource where there is none."""
    tally = Tally()
    told = as_struct(_State, decode(data, _State, about.name, tally))
    state: Any = told
    title = ""
    if told is not None and not told.nodes and isinstance(told.state, dict):
        trees = {key: each for key, each in told.state.items() if isinstance(each, dict) and each.get("nodes")}
        title = max(trees, key=lambda key: len(list(items(trees[key]["nodes"]))), default="")
        state = as_struct(_State, trees.get(title))
        if len(trees) > 1:
            tally.lost("trees of other notes", "a session holds one: export the others each by itself", len(trees) - 1)
        title = title.rpartition("/")[2].removesuffix(".md")
    if state is None or not state.nodes:
        raise UnreadableSource(f"{one_line(about.name, 200)} holds no nodes, so there is no text in it.", ANOTHER)
    nodes: list[Node] = []
    for key, raw in items(state.nodes):
        node = as_struct(_Node, raw)
        if node is None:
            tally.lost("nodes that are none", "they hold no text")
            continue
        text = node.text if isinstance(node.text, str) else node.value
        if not isinstance(text, str):
            tally.lost("nodes without a text", "they stand as empty ones")
        by = _BY.get(node.author.lower() if isinstance(node.author, str) else None, "unknown")
        name = key or name_of(node.id) or f"#{len(nodes)}"
        remark = noted(node.bookmarked is True)
        nodes.append(Node(name, name_of(node.parent_id), text_of(text), by, remark=remark))
    if all(node.by == "unknown" for node in nodes):
        tally.lost("who wrote each text", "the file does not say it: all of it stands as imported, in its branches")
    tally.lost("how the tree was shown", "what was collapsed, hoisted, unread and searched for is no part of a story")
    return journal_of(Loom("loomsidian", nodes, name_of(state.current), title=title), about, tally)
