"""NovelAI stories made for tests, decoded and packed, and what becomes of them."""

from __future__ import annotations

import itertools
import json
import struct
from typing import Any

from hypothesis import strategies as st

from composer.exchange.programs.novelai import read
from composer.exchange.taken import Circumstances, Taken
from composer.journal.journal import Journal
from composer.story.spans import Edited, Generated, Imported, Origin, Written

Node = dict[str, Any]


def take(value: Any) -> Taken:
    numbers = itertools.count(1)
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    taken = read(data, Circumstances("x.story", 1_700_000_000_000, lambda: f"b{next(numbers)}", "test"))
    journal = Journal()
    journal.read(taken.entries)
    assert journal.story == taken.story
    for block in taken.story.manuscript:
        for span in block.spans:
            if isinstance(span.origin, Generated):
                text = taken.story.candidate(span.origin.candidate).text
                assert text[span.origin.start : span.origin.end] == span.text
    return taken


def text_of(taken: Taken) -> str:
    return "\n".join(block.text for block in taken.story.manuscript)


def spans_of(taken: Taken) -> list[list[tuple[str, str]]]:
    return [[(span.text, kind_of(span.origin)) for span in block.spans] for block in taken.story.manuscript]


def kind_of(origin: Origin) -> str:
    match origin:
        case Written():
            return "written"
        case Edited(candidate=candidate):
            return f"edited {candidate}"
        case Generated(candidate=candidate):
            return f"generated {candidate}"
        case Imported(source=source):
            return source
        case _:
            return "other"


def texts_of_branches(taken: Taken) -> set[str]:
    """The text behind every change of the journal, on whichever branch."""
    journal = Journal()
    found = set()
    for entry in taken.entries:
        journal.read([entry])
        found.add("\n".join(block.text for block in journal.story.manuscript))
    return found


# documents


def section(text: str, *metas: tuple[int, int], source: int | None = None) -> Node:
    """A section of stretches, each told as its length and where it came from."""
    at = itertools.accumulate((size for size, _ in metas), initial=0)
    told = [{"position": start, "length": size, "data": data} for start, (size, data) in zip(at, metas, strict=False)]
    return {"type": 1, "text": text, "meta": {"1": told, "2": []}, "source": source}


def written(text: str, data: int) -> Node:
    return section(text, (len(text.encode("utf-16-le")) // 2, data))


def create(made: Node, after: int = 0) -> Node:
    return {"type": 0, "section": made, "after": after}


def edit(*parts: tuple[int, str, str], metas: list[Node] | None = None) -> Node:
    told = [{"from": start, "delete": gone, "insert": put} for start, gone, put in parts]
    return {"type": 1, "diff": {"parts": told, "metas": {"1": metas} if metas else {}, "source": 0}}


def node(name: int, parent: int | None, changes: dict[int, Node], *, asked: bool = False, date: int = 0) -> Node:
    return {
        "id": name,
        "parent": parent,
        "children": [],
        "route": None,
        "changes": {str(key): each for key, each in changes.items()},
        "date": f"2024-05-11T17:41:{10 + (date or name) % 50}.5",
        "genPosition": {"sectionId": 1, "offset": 1} if asked else None,
    }


def document(sections: dict[int, Node], current: int, *nodes: Node, dirty: Any = None) -> Node:
    return {
        "sections": {str(key): each for key, each in sections.items()},
        "order": list(sections),
        "history": {"root": 100, "current": current, "nodes": {str(each["id"]): each for each in nodes}},
        "dirtySections": dirty or {},
        "step": len(nodes),
    }


def story() -> Node:
    """A beginning by hand, three tries of the model, of which the second was kept and changed."""
    return document(
        {1: section("The tide tables lied.", (21, 1)), 2: section("Ilse wept and ran.", (5, 2), (4, 3), (9, 2))},
        105,
        node(100, None, {}),
        node(101, 100, {1: create(written("The tide tables lied.", 1))}),
        node(102, 101, {2: create(written("Nobody knew.", 2), 1)}, asked=True),
        node(103, 101, {2: create(written("Ilse knew and ran.", 2), 1)}, asked=True),
        node(104, 101, {2: create(written("Bram knew.", 2), 1)}, asked=True),
        node(
            105,
            103,
            {
                2: edit(
                    (5, "knew", "wept"),
                    metas=[
                        {"index": 0, "position": 0, "data": 0, "length": -13},
                        {"index": 1, "position": 5, "data": 3, "length": 4},
                        {"index": 2, "position": 9, "data": 2, "length": 9},
                    ],
                )
            },
        ),
    )


def container(**content: Any) -> Node:
    return {
        "storyContainerVersion": 1,
        "metadata": {
            "title": "Salt",
            "description": "Who weighs it.",
            "tags": ["a", "b"],
            "createdAt": 1_650_000_000_000,
        },
        "content": {"storyContentVersion": 5, **content},
    }


FRAGMENTS = [
    {"data": "It began at sea.\n", "origin": "prompt"},
    {"data": "Ilse", "origin": "ai"},
    {"data": " wept.", "origin": "ai"},
    {"data": " So", "origin": "edit"},
    {"data": " it was.", "origin": "user"},
    {"data": "\tEnd", "origin": "comet"},
]


def packed(value: Any, records: dict[tuple[str, ...], int] | None = None) -> bytes:
    """A value as msgpackr packs it: objects as records, which are named where they come first."""
    known: dict[tuple[str, ...], int] = {} if records is None else records
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return bytes([value]) if 0 <= value < 0x40 else b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode()
        return (bytes([0xA0 | len(data)]) if len(data) < 32 else b"\xda" + struct.pack(">H", len(data))) + data
    if isinstance(value, list):
        return b"\xdc" + struct.pack(">H", len(value)) + b"".join(packed(each, known) for each in value)
    assert isinstance(value, dict)
    if any(not isinstance(key, str) or key.isdigit() for key in value):
        pairs = [packed(int(key), known) + packed(each, known) for key, each in value.items()]
        return b"\xde" + struct.pack(">H", len(value)) + b"".join(pairs)
    names = tuple(value)
    if names in known:
        head = bytes([known[names]])
    else:
        known[names] = 0x40 + len(known)
        head = b"\xd4\x72" + bytes([known[names]]) + packed(list(names), known)
    return head + b"".join(packed(each, known) for each in value.values())


TEXTS = st.text(st.sampled_from("ab \n😀"), max_size=5)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Node, dict[int, str]]:
    """A document with a history that fits, and the text behind each of its steps."""
    states: dict[int, list[tuple[int, str]]] = {100: []}
    nodes = [node(100, None, {})]
    for name in range(101, 101 + draw(st.integers(0, 8))):
        parent = draw(st.sampled_from(sorted(states)))
        state = list(states[parent])
        changes: dict[int, Node] = {}
        for _ in range(draw(st.integers(0, 3))):
            data = draw(st.sampled_from((1, 2, 3, 10)))
            free = [at for at, (key, _) in enumerate(state) if key not in changes]
            if not free or draw(st.booleans()):
                key = 1 + len(changes) + 10 * name
                at = draw(st.integers(0, len(state)))
                # What comes in a step stands behind what was there before it.
                while at and state[at - 1][0] in changes:
                    at -= 1
                text = draw(TEXTS)
                changes[key] = create(written(text, data), state[at - 1][0] if at else 0)
                state.insert(at, (key, text))
            else:
                at = draw(st.sampled_from(free))
                key, text = state[at]
                start = draw(st.integers(0, len(text)))
                gone, put = text[start : start + draw(st.integers(0, 2))], draw(TEXTS)
                before = len(text[:start].encode("utf-16-le")) // 2
                changes[key] = edit((before, gone, put))
                state[at] = key, text[:start] + put + text[start + len(gone) :]
        if state and draw(st.integers(0, 3)) == 0:
            free = [at for at, (key, _) in enumerate(state) if key not in changes]
            if free:
                key, _ = state.pop(draw(st.sampled_from(free)))
                if not any(each.get("after") == key for each in changes.values()):
                    changes[key] = {"type": 2, "after": 0}
                else:
                    state = list(states[parent])
                    changes = {}
        states[name] = state
        nodes.append(node(name, parent, changes, asked=draw(st.booleans())))
    current = draw(st.sampled_from(sorted(states)))
    value = document({key: written(text, 1) for key, text in states[current]}, current, *nodes)
    return value, {name: "\n".join(text for _, text in state) for name, state in states.items()}
