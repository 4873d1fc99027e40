"""Trees of Exoloom, of its first schema. It reads no keys and writes nothing."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from composer.errors import UnreadableSource
from composer.exchange.looms.loom import By, Loom, Node, adopted, noted
from composer.exchange.looms.loom_journal import journal_of
from composer.exchange.looms.loom_json import as_struct, decode, items, keys_below, keys_of, name_of, text_of
from composer.exchange.moments import moment
from composer.exchange.outside import ANOTHER
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.text.clean import one_line

_BY: dict[object, By] = {"USER": "hand", "LLM": "model"}


class _Node(Struct, rename="camel"):
    content: Any = None
    author_type: Any = None
    author_name: Any = None
    parent_id: Any = None
    children_ids: Any = None
    created_at: Any = None


class _Tree(Struct, rename="camel"):
    title: Any = None
    description: Any = None
    created_at: Any = None
    nodes: dict[str, _Node] = {}


class _File(Struct, rename="camel"):
    tree: _Tree | None = None
    lens: Any = None


def fits(head: bytes, name: str) -> bool:
    """Whether it says so itself, or is built like that."""
    keys = keys_of(head)
    return "tree" in keys and (
        "loomType" in keys
        or "rootNodeId" in keys_below(head, "tree")
        or {"content", "authorType"} <= keys_below(head, "tree", "nodes", "*")
    )


def read(data: bytes, about: Circumstances) -> Taken:
    """The session that the tree becomes. UnreadableSource where there is none in it."""
    tally = Tally()
    told = as_struct(_File, decode(data, _File, about.name, tally))
    tree = as_struct(_Tree, told.tree) if told is not None else None
    if told is None or tree is None or not tree.nodes:
        raise UnreadableSource(f"{one_line(about.name, 200)} holds no nodes, so there is no text in it.", ANOTHER)
    lens = told.lens if isinstance(told.lens, dict) else {}
    marked = set(_named(lens.get("bookmarks")))
    nodes: list[Node] = []
    claims = []
    for key, raw in items(tree.nodes):
        node = as_struct(_Node, raw)
        if node is None:
            tally.lost("nodes that are none", "they hold no text")
            continue
        if not isinstance(node.content, str):
            tally.lost("nodes without a text", "they stand as empty ones")
        kind = node.author_type.upper() if isinstance(node.author_type, str) else None
        by = _BY.get(kind, "unknown")
        nodes.append(
            Node(
                key,
                name_of(node.parent_id),
                text_of(node.content),
                by,
                moment(node.created_at),
                text_of(node.author_name) if by == "model" else "",
                remark=noted(key in marked),
            )
        )
        claims.append((key, node.children_ids))
    if pruned := sum(1 for _ in _named(lens.get("prunedNodes"))):
        tally.lost("signs that a node was pruned", "such nodes are branches like the others", pruned)
    loom = Loom(
        "exoloom",
        adopted(nodes, claims),
        current=name_of(lens.get("currentNodeId")),
        title=text_of(tree.title),
        purpose=text_of(tree.description),
        time=moment(tree.created_at),
    )
    return journal_of(loom, about, tally)


def _named(rows: Any) -> list[str]:
    """The nodes that a list in the lens names."""
    return [name_of(each.get("nodeId")) for _, each in items(rows) if isinstance(each, dict)]
