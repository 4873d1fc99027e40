"""Trees of pyloom: the whole file, its simple export of texts and children alone, and its flat export, a node a line.

Keys, preferences and how the tree was shown are never read. It writes nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from composer.config import Sampling
from composer.errors import UnreadableSource
from composer.exchange.looms.loom import By, Chapter, Loom, Node, noted
from composer.exchange.looms.loom_journal import journal_of
from composer.exchange.looms.loom_json import (
    as_struct,
    decode,
    decode_whole,
    items,
    key_paths,
    keys_below,
    keys_of,
    name_of,
    text_of,
)
from composer.exchange.moments import moment
from composer.exchange.outside import utf8
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.actions.notes import NoteText
from composer.text.clean import one_line

_FULL = {"selected_node_id", "generation_settings", "chapters", "memories", "model_responses", "canonical"}
_LINES = 20
"""Lines of a flat export that are looked at."""


class _Node(Struct, gc=False):
    """A node of the file. Anything may stand in its fields; only what stands in `children` must be nodes."""

    id: Any = None
    text: Any = None
    parent_id: Any = None
    children: list[_Node] | None = None
    tags: Any = None
    bookmark: Any = None
    meta: Any = None
    generation: Any = None
    chapter_id: Any = None
    text_attributes: Any = None
    multimedia: Any = None


class _Tree(Struct):
    root: _Node | None = None
    text: Any = None
    children: list[_Node] | None = None
    chapters: Any = None
    memories: Any = None
    summaries: Any = None
    model_responses: Any = None
    generation_settings: Any = None
    selected_node_id: Any = None


class _Line(Struct):
    id: Any = None
    text: Any = None
    parent_id: Any = None


def fits(head: bytes, name: str) -> bool:
    """Whether it is one of the three forms."""
    keys = keys_of(head)
    if "root" in keys and keys_below(head, "root") & {"text", "children"}:
        return True
    if len(keys & _FULL) >= 2 and "nodes" not in keys:
        return True
    if "children" in keys and ("children", "[]") in key_paths(head) and keys <= {"id", "text", "children"}:
        return not keys_below(head, "children", "[]") or bool(keys_below(head, "children", "[]") & {"text", "children"})
    return _flat(head)


def _flat(head: bytes) -> bool:
    lines = [line for line in utf8(head).split(b"\n", _LINES)[:_LINES] if line.strip()]
    kinds = [keys_of(line) for line in lines]
    if not kinds or not {"id", "text"} <= kinds[0] or any({"children", "nodes"} & keys for keys in kinds):
        return False
    return any({"id", "text", "parent_id"} <= keys for keys in kinds)


def read(data: bytes, about: Circumstances) -> Taken:
    """The session that such a tree becomes. UnreadableSource where it is none. It is kept as far as it goes."""
    tally = Tally()
    if _flat(data[:65_536]):
        loom, cut = _lines(data, about, tally)
        return journal_of(loom, about, tally, cut)
    told = decode(data, _Tree, about.name, tally)
    tree = as_struct(_Tree, told)
    if tree is None or (tree.root is None and tree.children is None and tree.text is None):
        raise UnreadableSource(f"{one_line(about.name, 200)} has no root node, so it holds no text.", "")
    settings = tree.generation_settings if isinstance(tree.generation_settings, dict) else {}
    responses = tree.model_responses if isinstance(tree.model_responses, dict) else {}
    top = tree.root if tree.root is not None else _Node(text=tree.text, children=tree.children)
    nodes, chapters = _nodes(top, responses, tally)
    whole = tree.root is not None
    if whole:
        _count_others(tree, settings, tally)
    loom = Loom(
        "pyloom",
        nodes,
        current=name_of(tree.selected_node_id),
        model=text_of(settings.get("model")),
        sampling=_sampling(settings),
        notes=_notes(tree.memories, settings),
        chapters=_chapters(tree.chapters, chapters),
    )
    return journal_of(loom, about, tally)


def _nodes(top: Any, responses: dict[str, Any], tally: Tally) -> tuple[list[Node], dict[str, str]]:
    """The nodes, parents first, and for each chapter the first node that is of it."""
    nodes: list[Node] = []
    chapters: dict[str, str] = {}
    seen: set[str] = set()
    waiting: list[tuple[Any, str]] = [(top, "")]
    while waiting:
        raw, parent = waiting.pop()
        node = as_struct(_Node, raw)
        if node is None:
            tally.lost("children that are no nodes")
            continue
        name = name_of(node.id)
        if not name or name in seen:
            name = f"#{len(nodes)}"
        seen.add(name)
        if not isinstance(node.text, str):
            tally.lost("nodes without a text", "they stand as empty ones")
        if node.multimedia or node.text_attributes:
            tally.lost("pictures and looks of text", "a manuscript holds text alone")
        if (chapter := name_of(node.chapter_id)) and chapter not in chapters:
            chapters[chapter] = name
        nodes.append(_node(node, name, parent, responses, tally))
        children = node.children
        if isinstance(children, list):
            waiting += [(child, name) for child in reversed(children)]
            # What was told need not be held twice.
            if isinstance(raw, _Node):
                raw.children = None
        elif children is not None:
            tally.lost("children that are no nodes")
    return nodes, chapters


def _node(node: _Node, name: str, parent: str, responses: dict[str, Any], tally: Tally) -> Node:
    text = text_of(node.text)
    meta = node.meta if isinstance(node.meta, dict) else {}
    generation = node.generation if isinstance(node.generation, dict) else {}
    if not (meta or generation or node.tags or node.bookmark):
        return Node(name, parent, text)
    asked = name_of(generation.get("id"))
    response = responses.get(asked)
    if asked and response is None:
        tally.lost("answers of models that nodes name", "the file does not hold them, only what was made nodes of")
    source = meta.get("source")
    by: By = "unknown"
    if source == "mixed" or (source == "AI" and meta.get("modified") is True):
        tally.lost("texts by a model and by hand", "nobody knows which characters are whose: they stand as imported", 1)
    elif source == "AI" or (source is None and asked):
        by = "model"
    elif source == "prompt":
        by = "hand"
    index = generation.get("index")
    return Node(
        name,
        parent,
        text,
        by,
        moment(meta.get("creation_timestamp")),
        text_of(response.get("model")) if isinstance(response, dict) else "",
        None,
        asked,
        index if isinstance(index, int) and not isinstance(index, bool) else 0,
        noted(node.bookmark is True, "", node.tags),
    )


def _sampling(settings: dict[str, Any]) -> Sampling:
    found: Sampling = {}
    for theirs, ours in (("temperature", "temperature"), ("top_p", "top_p"), ("response_length", "max_tokens")):
        value = settings.get(theirs)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[ours] = value
    return found


def _notes(memories: Any, settings: dict[str, Any]) -> tuple[NoteText, ...]:
    told = [text_of(each.get("text")) if isinstance(each, dict) else text_of(each) for _, each in items(memories)]
    notes = [NoteText("fact", "", text) for text in told if text.strip()]
    if (context := text_of(settings.get("global_context"))).strip():
        notes.append(NoteText("fact", "Global context", context))
    return tuple(notes)


def _chapters(told: Any, first: dict[str, str]) -> tuple[Chapter, ...]:
    """Chapters with the node that each begins with: its own word for that, else the first node that names it."""
    found = []
    for key, each in items(told):
        if isinstance(each, dict):
            node = name_of(each.get("root_id")) or first.get(name_of(each.get("id")) or key, "")
            found.append(Chapter(node, text_of(each.get("title"))))
    return tuple(found)


def _count_others(tree: _Tree, settings: dict[str, Any], tally: Tally) -> None:
    if _sampling(settings):
        tally.lost(
            "settings of each answer", "the file has those of its end alone: they stand for all of a model's texts"
        )
    if summaries := sum(1 for _ in items(tree.summaries)):
        tally.lost("summaries", "they are of stretches of the tree, not of the manuscript", summaries)
    if templates := [key for key in ("template", "post_template", "start", "restart") if text_of(settings.get(key))]:
        tally.lost("wordings of requests", "a session has its own", len(templates))
    tally.lost("how the tree was shown", "what was open, visited and chosen in menus is no part of a story")


def _lines(data: bytes, about: Circumstances, tally: Tally) -> tuple[Loom, str]:
    """A flat export. What is behind its last whole line is left out and said."""
    decoder = msgspec.json.Decoder(_Line)
    nodes: list[Node] = []
    lines = utf8(data).split(b"\n")
    cut = ""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        told = _line(line, decoder, about.name, tally)
        if told is None:
            if number == len(lines):
                cut = f"Line {number:,} breaks off: the {len(nodes):,} nodes before it were kept."
            else:
                tally.lost("lines that are no nodes")
            continue
        if not isinstance(told.text, str):
            tally.lost("nodes without a text", "they stand as empty ones")
        name = name_of(told.id) or f"#{number}"
        nodes.append(Node(name, name_of(told.parent_id), text_of(told.text)))
    return Loom("pyloom", nodes), cut


def _line(line: bytes, decoder: msgspec.json.Decoder[_Line], name: str, tally: Tally) -> _Line | None:
    """A node of a flat export; None where the line is none, or not a whole one."""
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        try:
            return as_struct(_Line, decode_whole(line, _Line, name, tally))
        except UnreadableSource:
            return None
