"""A paragraph made in a real terminal of three candidates of two rounds and a piece of the shelf, edited and polished.

The origins that the command line then lists are what was done, character by character.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.far_server import far_server
from tests.cli.house import House
from tests.cli.pty_desk import writing
from tests.llm.fault_server import Exchange

pytestmark = pytest.mark.slow
"""Real terminals and processes: too heavy for the round that a newcomer runs."""

FIRST = {
    0.2: "Ines waited at the landing and. Nobody came by.",
    0.6: "The last ferry had left. It was a",
    1.0: "Salt stood on the window. A second, smaller fog.",
}
SECOND = {
    0.2: "old boat that knew the way. She rowed.",
    0.6: "Later it rained.",
    1.0: "And the gulls said so too. They laughed.",
}
POLISHED = {
    0.2: "The gulls shouted so too.",
    0.6: "And the gulls said so too.",
    1.0: "And all the gulls agreed.",
}


async def answers(exchange: Exchange) -> None:
    """By the round's kind and the temperature; the second round sees that something was marked by nothing but its order."""
    if not exchange.path.endswith("/chat/completions"):
        await exchange.json(404, {"error": {"message": "no such page"}})
        return
    body: dict[str, Any] = exchange.body
    if "as few changes" in body["messages"][0]["content"]:
        texts = POLISHED
    else:
        texts = SECOND if "again" in body["messages"][1]["content"] else FIRST
    await exchange.head()
    await exchange.say(texts[body["temperature"]])
    await exchange.end()


def test_a_paragraph_of_three_candidates_two_rounds_and_the_shelf(house: House) -> None:
    path = house.desk / "made.collage"
    with (
        far_server(answers) as server,
        writing(
            house, "new", path, "--base-url", server.base_url, "--model", "m", "--ladder", "0.2,0.6,1.0", size=(240, 50)
        ) as desk,
    ):
        desk.type("ctrl+g")
        desk.see("Salt stood on the window.", "The last ferry", "came by.")
        desk.see_gone("writing")
        # A piece for the shelf, then one of the first candidate and one of the second.
        desk.type("tab", "3", "ctrl+k")
        desk.see("Shelf · 1")
        desk.type("2", " ", "\x1b[B", " ")
        desk.see("Splice · 2 pieces")
        # A second round for the same place, told by its instruction.
        desk.type("ctrl+r")
        desk.see("instruction")
        desk.type("again", "enter")
        desk.see("old boat that knew the way.", "round 2")
        desk.see_gone("writing")
        desk.type("1", " ")
        desk.see("Splice · 3 pieces", "a→an")
        desk.type("3", " ")
        desk.see("Splice · 4 pieces")
        desk.type(b"\x1bOR")
        desk.see("Shelf and search", "Salt stood on the window.")
        desk.type("\x1b[B", " ")
        desk.type("\x1b")
        desk.see("Splice · 5 pieces")
        desk.type("enter")
        desk.see("TYPING", "It was an old boat")
        # Edited: a word in the first sentence.
        desk.type(b"\x1b[1;5H", b"\x1b[1;5C", b"\x1b[1;5C", " night")
        desk.see("The last night ferry")
        # Polished: the fourth piece, of whose two changes one is left out.
        desk.type(b"\x06")
        desk.see("find")
        desk.type("gulls", "enter", "escape")
        desk.see_gone("replace with")
        desk.type(b"\x1b[D", b"\x1b[17~", b"\x1b[17~")
        desk.see("polish this")
        desk.type("ctrl+g")
        desk.see("round 3")
        desk.see_gone("writing")
        desk.type("tab", "1")
        desk.see("shouted")
        desk.type(" ")
        desk.see("✗")
        desk.type("enter")
        desk.see("TYPING", "gulls shouted so")
        desk.leave()
    done = house.run("export", path, "--to", "json")
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.text)
    (block,) = told["blocks"]
    assert block["text"] == (
        "The last night ferry had left. It was an old boat that knew the way. "
        "And the gulls shouted so too. Salt stood on the window."
    )
    assert [(span["text"], *span["origin"].values()) for span in block["spans"]] == [
        ("The last", "generated", "1.2", 0, 8),
        (" night", "edited", "1.2"),
        (" ferry had left.", "generated", "1.2", 8, 24),
        (" ", "repaired", "space"),
        ("It was a", "generated", "1.2", 25, 33),
        ("n", "repaired", "article"),
        (" ", "repaired", "space"),
        ("old boat that knew the way.", "generated", "2.1", 0, 27),
        (" ", "repaired", "space"),
        ("And the gulls ", "generated", "2.3", 0, 14),
        ("shouted", "generated", "3.1", 10, 17),
        (" so too.", "generated", "2.3", 18, 26),
        (" ", "repaired", "space"),
        ("Salt stood on the window.", "generated", "1.3", 0, 25),
    ]
    for span in block["spans"]:
        if span["origin"]["kind"] == "generated":
            candidate = told["candidates"][span["origin"]["candidate"]]
            assert candidate["text"][span["origin"]["start"] : span["origin"]["end"]] == span["text"]
    assert {name: told["candidates"][name]["round"] for name in ("1.2", "2.1", "2.3", "3.1")} == {
        "1.2": 1,
        "2.1": 2,
        "2.3": 2,
        "3.1": 3,
    }
