"""Trees of miniloom, whose nodes are patches of the text of their parents, as diff-match-patch writes them.

Patches are put exactly where they say, in UTF-16 units, or not at all. It reads no keys and writes nothing.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from composer.errors import UnreadableSource
from composer.exchange.looms.loom import By, Loom, Node, adopted
from composer.exchange.looms.loom_journal import journal_of
from composer.exchange.looms.loom_json import as_struct, decode, items, keys_below, name_of, text_of
from composer.exchange.moments import moment
from composer.exchange.outside import ANOTHER
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.text.clean import clean, one_line

MOST = 2_000_000_000
"""Bytes of text that are patched for one tree: where a patch does more than to append, its whole text."""
_BY: dict[object, By] = {"user": "hand", "gen": "model", "rewrite": "model"}
_UTF16 = "utf-16-le"


class _Node(Struct):
    type: Any = None
    patch: Any = None
    parent: Any = None
    children: Any = None
    timestamp: Any = None
    model: Any = None
    summary: Any = None
    rating: Any = None
    error: Any = None


class _Store(Struct, rename="camel"):
    node_store: dict[str, _Node] | list[_Node] = {}


class _File(Struct, rename="camel"):
    loom_tree: _Store | None = None
    focus: Any = None


def fits(head: bytes, name: str) -> bool:
    """Whether it has the store of nodes that only these files have."""
    return "nodeStore" in keys_below(head, "loomTree")


def read(data: bytes, about: Circumstances) -> Taken:
    """The session that the tree becomes. UnreadableSource where there is none in it."""
    tally = Tally()
    told = as_struct(_File, decode(data, _File, about.name, tally))
    store = as_struct(_Store, told.loom_tree) if told is not None else None
    if told is None or store is None:
        raise UnreadableSource(
            f"{one_line(about.name, 200)} holds no store of nodes, so there is no text in it.", ANOTHER
        )
    raws: dict[str, _Node] = {}
    nodes: list[Node] = []
    for key, raw in items(store.node_store):
        node = as_struct(_Node, raw)
        if node is None:
            tally.lost("nodes that are none", "they hold no text")
            continue
        name = key or f"{len(raws)}"
        raws[name] = node
        by = _BY.get(node.type if isinstance(node.type, str) else None, "unknown")
        model = text_of(node.model) if by == "model" else ""
        nodes.append(Node(name, name_of(node.parent), "", by, moment(node.timestamp), model))
        if node.error:
            tally.lost("errors of requests", "what came before each is kept")
        if text_of(node.summary) or node.rating:
            tally.lost("summaries and ratings of nodes", "a session has no place for them")
    nodes = adopted(nodes, [(name, node.children) for name, node in raws.items()])
    focus = told.focus.get("id") if isinstance(told.focus, dict) else told.focus
    return journal_of(Loom("miniloom", _patched(nodes, raws, tally), name_of(focus)), about, tally)


def _patched(nodes: list[Node], raws: dict[str, _Node], tally: Tally) -> list[Node]:
    """The nodes with what each changes in the text of its parent. What hangs on no root is left to be counted later, empty."""
    below: dict[str, list[int]] = {}
    for at, node in enumerate(nodes):
        parent = node.parent if node.parent in raws else ""
        below.setdefault(parent, []).append(at)
    made = list(nodes)
    left = MOST
    # The text of a node is handed on to the last of those that go on from it, which may change it; the others get copies.
    waiting: list[tuple[int, bytearray, bool]] = [(at, bytearray(), False) for at in reversed(below.get("", []))]
    while waiting:
        at, units, own = waiting.pop()
        node = nodes[at]
        children = below.get(node.id, [])
        patch = raws[node.id].patch
        if left <= 0:
            tally.lost("patches of a text that is too long", "they would take too much time: the text ends before them")
        elif (end := _appended(units, patch)) is not None:
            made[at] = _with(node, clean(end.decode(_UTF16, "replace")), None, 0)
            left -= 64 + len(end)
            if children:
                left -= 0 if own else len(units)
                units = units if own else bytearray(units)
                units += end
        else:
            before = clean(units.decode(_UTF16, "replace"))
            units, unfit = _apply(units if own else bytearray(units), patch)
            if unfit:
                tally.lost("patches that do not fit the text before them", "the text stays as it was there", unfit)
            text = clean(units.decode(_UTF16, "replace"))
            left -= 64 + 2 * len(units)
            start, stop, put = _changed(before, text)
            made[at] = _with(node, put, None if start == len(before) else start, stop - start)
        last = children[-1] if children else -1
        waiting += [(child, units, child == last) for child in reversed(children)]
    return made


def _appended(units: bytearray, patch: Any) -> bytes | None:
    """What the only patch of a node puts behind its parent's text; None where it does anything else, or is not surely clean there."""
    if not isinstance(patch, list) or len(patch) != 1:
        return None
    told = _patch(patch[0])
    if told is None:
        return None
    start, old, new = told
    if start + len(old) != len(units) or not new.startswith(old) or not units.endswith(old):
        return None
    end = new[len(old) :]
    # A half of a pair, a second half of a line end and a mark belong to what stands before them.
    return end if not end or (end[1] == 0 and 32 <= end[0] < 127) else None


def _with(node: Node, text: str, at: int | None, gone: int) -> Node:
    return Node(node.id, node.parent, text, node.by, node.time, node.model, at=at, gone=gone)


def _changed(before: str, after: str) -> tuple[int, int, str]:
    """What is to be done to one text to have the other: its characters [start:end) exchanged for a text."""
    start = _common(before, after)
    longest = min(len(before), len(after)) - start
    same = _common(before[len(before) - longest :][::-1], after[len(after) - longest :][::-1]) if longest else 0
    return start, len(before) - same, after[start : len(after) - same]


def _common(left: str, right: str) -> int:
    """How many characters the two begin with alike."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _apply(units: bytearray, patch: Any) -> tuple[bytearray, int]:
    """A text, as UTF-16, with the patches of a node; and how many of them did not fit."""
    unfit = 0
    if not isinstance(patch, list):
        return units, 1 if patch else 0
    for each in patch:
        told = _patch(each)
        if told is None:
            unfit += 1
            continue
        start, old, new = told
        if start > len(units) or units[start : start + len(old)] != old:
            unfit += 1
            continue
        units = units[:start] + new + units[start + len(old) :]
    return units, unfit


def _patch(value: Any) -> tuple[int, bytes, bytes] | None:
    """A patch as the byte where it begins, what stands there before and what after it, as UTF-16; None for anything else."""
    if not isinstance(value, dict):
        return None
    start = value.get("start2")
    if not isinstance(start, int) or isinstance(start, bool) or start < 0:
        return None
    old, new = b"", b""
    for _, each in items(value.get("diffs")):
        diff = _diff(each)
        if diff is None:
            return None
        kind, text = diff
        old += text if kind <= 0 else b""
        new += text if kind >= 0 else b""
    return 2 * start, old, new


def _diff(value: Any) -> tuple[int, bytes] | None:
    """A piece of a patch: -1 what goes, 0 what stays, 1 what comes, with its text; None for anything else."""
    if isinstance(value, dict):
        value = [value.get("0"), value.get("1")]
    if not isinstance(value, list) or len(value) < 2 or value[0] not in (-1, 0, 1) or not isinstance(value[1], str):
        return None
    return int(value[0]), value[1].encode(_UTF16, "surrogatepass")
