"""A server that sends what steers terminals, and keys back: neither reaches the terminal, the session or any other file."""

from __future__ import annotations

import re

import pytest

from tests.cli.far_server import far_server
from tests.cli.house import House, files_below
from tests.cli.pty_desk import Desk, writing
from tests.llm.fault_server import Exchange

pytestmark = pytest.mark.slow
"""Real terminals and processes: too heavy for the round that a newcomer runs."""

EVIL = (
    "\x1b]52;c;aGVsbG8=\x07\x1b]0;title\x1b\\\x1b[2J\x1b[1;1H\x1b[31m\x1bPtmux;\x1b\x1b]52;c;QQ==\x07\x1b\\\x1bc\x0e\x0f"
    "\x9b2J\x9d52;c;aGk=\x9c\x90q\x9c\x85\x00\x07\x08\x0b\x0c\x7f\u202e\u2066\u200f\u061c\u2028\u2029\ufeff\U000e0041"
    "\x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\[@click=app.quit]press[/] [/oops] [red]"
)
TEXTUALS = {
    *("CSI ?1049h", "CSI ?1049l", "CSI ?25h", "CSI ?25l", "CSI ?1004h", "CSI ?1004l", "CSI ?2004h", "CSI ?2004l"),
    *("CSI ?7h", "CSI ?7l", "CSI >u", "CSI <u", "CSI ?p", "CSI H", "CSI m", "ESC ]22", "'\\r'", "'\\n'"),
}
"""All that is ever sent to a terminal: its modes, the cursor's place and shape, colours."""


def harmless(desk: Desk) -> None:
    """Only what the program itself has to say reached the terminal."""
    assert desk.screen.sequences <= TEXTUALS, desk.screen.sequences - TEXTUALS
    desk.painted.decode()


def done(text: str) -> bool:
    return "waiting" not in text and "writing" not in text and "T0.2" in text


@pytest.mark.parametrize("split", [1, 7, 1000], ids="in pieces of {}".format)
def test_nothing_that_steers_a_terminal_reaches_it(house: House, split: int) -> None:
    async def streams(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say(*(EVIL[at : at + split] for at in range(0, len(EVIL), split)), " Finis.")
        await exchange.end()

    async def fails(exchange: Exchange) -> None:
        await exchange.json(400, {"error": {"message": f"Bad: {EVIL}", "type": EVIL, "code": EVIL}})

    async def breaks(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("It begins. ")
        await exchange.event({"error": {"message": EVIL, "code": 500}})
        await exchange.end(None)

    session = house.session()
    with far_server(fails, breaks, streams) as server:
        server.models = {"data": [{"id": f"m{EVIL}", "object": "model", "max_model_len": 5000}]}
        with writing(house, session, "--base-url", server.base_url) as desk:
            desk.type("ctrl+g")
            desk.wait("the end of all", lambda text: done(text) and "Finis." in text)
            # To the candidates, each in turn, what it was made from, and into the manuscript.
            desk.type("tab")
            desk.see("LETTERS ACT")
            for number in "12345":
                desk.type(number, "i")
                desk.see("As it was sent")
                desk.type("escape")
                desk.see_gone("As it was sent")
            desk.type("5", "enter")
            desk.see("TYPING")
            desk.type(" Nightfall.")
            desk.see("Nightfall.")
            desk.leave()
            harmless(desk)
    text, entries = house.text_of(session), house.entries(session)
    assert "press" in text
    assert "Finis." in text
    assert "Nightfall." in text
    for char in set(EVIL):
        if not char.isprintable():
            assert char not in text
            assert char == "\n" or char not in entries
            assert f"\\\\u{ord(char):04x}" not in entries
    with writing(house, session, size=(90, 50)) as desk:
        desk.see("Nightfall.")
        desk.leave()
        harmless(desk)
    with Desk(house, "replay", session) as desk:
        desk.see("PAUSED", "Finis.")
        desk.type("ctrl+q")
        desk.ended()
        harmless(desk)


def test_what_is_pasted_does_not_steer_the_terminal(house: House) -> None:
    with writing(house, "new", "own.collage") as desk:
        desk.paste(f"It begins. {EVIL}")
        desk.type(" Nightfall.")
        desk.see("Nightfall.")
        desk.leave()
        harmless(desk)
    text = house.text_of(house.desk / "own.collage")
    assert text.startswith("It begins. ]52;c;")
    assert text.endswith(" Nightfall.\n")
    assert all(char.isprintable() or char == "\n" for char in text)


def test_a_key_that_a_server_sends_back_is_nowhere(house: House, secret: str) -> None:
    async def refuses(exchange: Exchange) -> None:
        await exchange.json(400, {"error": {"message": f"Your key {secret} is odd: Bearer {secret}", "code": secret}})

    async def breaks(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.say("It begins. ", secret[:9])
        await exchange.event({"error": {"message": f"key={secret}", "code": 500}})
        await exchange.end(None)

    async def tells(exchange: Exchange) -> None:
        assert exchange.headers["authorization"] == f"Bearer {secret}"
        await exchange.head()
        await exchange.say("The key is ", *secret, " and ", secret[:8], secret[8:], " or \x1b", f"{secret} Finis.")
        await exchange.end()

    session = house.session()
    with far_server(refuses, breaks, tells) as server:
        server.models = {"data": [{"id": f"m-{secret}", "object": "model", "max_model_len": 8192}]}
        variables = {"OPENAI_API_KEY": secret, "OPENAI_BASE_URL": server.base_url}
        with writing(house, session, **variables) as desk:
            desk.type("ctrl+g")
            desk.wait("the end of all", lambda text: done(text) and "Finis." in text)
            desk.type("tab")
            for number in "12345":
                desk.type(number, "i")
                desk.see("As it was sent")
                desk.type("escape")
                desk.see_gone("As it was sent")
            # Which of them were answered well depends on which request came first.
            well = re.findall(r"(\d) +T[\d.]+ +✓", desk.text)[-1]
            desk.type(well, "enter")
            desk.see("TYPING")
            desk.type("ctrl+s")
            desk.see("entries are")
            while_open = files_below(house.home.parent)
            desk.leave()
            painted = desk.painted
    assert len(server.seen) >= 5
    everywhere = {
        "the terminal": painted,
        **files_below(house.home.parent),
        **{f"{k}.open": v for k, v in while_open.items()},
    }
    assert any(name.endswith("novel.collage") for name in everywhere)
    for name, data in everywhere.items():
        assert secret.encode() not in data, name
        assert secret[3:15].encode() not in data, name
    for said in (house.entries(session), house.text_of(session)):
        assert secret[3:15] not in said
    assert "Finis." in house.text_of(session)


def test_a_key_in_an_address_is_not_shown_where_no_server_answers(house: House, secret: str) -> None:
    url = f"http://writer:{secret}@127.0.0.1:9/v1?key={secret}"
    with writing(house, house.session(), "--base-url", url, "--model", "m") as desk:
        desk.type("ctrl+g")
        desk.see("No server answers")
        desk.leave()
        painted = desk.painted
    for name, data in {"the terminal": painted, **files_below(house.home.parent)}.items():
        assert secret[3:15].encode() not in data, name
    done = house.run("--base-url", f"nonsense://{secret}")
    assert secret not in done.err


def test_a_key_from_a_file_is_in_nothing_that_the_program_makes(house: House, secret: str) -> None:
    """The server sends it back in thoughts, in tokens, whole and in halves; all is looked through that can be written out."""
    half = len(secret) // 2

    def told(text: str) -> dict[str, object]:
        others = [{"token": each, "logprob": -2.0, "bytes": None} for each in (secret, secret[:half], " lamp")]
        return {"content": [{"token": text, "logprob": -0.5, "bytes": None, "top_logprobs": others}]}

    async def tells(exchange: Exchange) -> None:
        await exchange.head()
        for thought in ("<think>The key: ", *secret, "</th", "ink>"):
            await exchange.event({"choices": [{"index": 0, "delta": {"content": thought}}]})
        for text in ("The key is ", secret[:half], secret[half:], " and ", *secret, " Finis."):
            await exchange.event({"choices": [{"index": 0, "delta": {"content": text}, "logprobs": told(text)}]})
        await exchange.end()

    keys = house.home / "work.key"
    keys.write_text(f"{secret}\n")
    keys.chmod(0o600)
    session = house.session()
    outputs: dict[str, bytes] = {}
    with far_server(tells) as server:
        server.models = {"data": [{"id": f"m-{secret}", "object": "model", "max_model_len": 8192}]}
        house.write_settings(
            f'[endpoints.work]\nbase_url = "{server.base_url}"\nkind = "llamacpp"\nmodel = "m"\nkey_file = "{keys}"\n'
        )
        with writing(house, session) as desk:
            desk.type("ctrl+g")
            desk.wait("the end of all", lambda text: done(text) and "Finis." in text)
            desk.type("tab", "t")
            desk.see("bits")
            desk.type("i")
            desk.see("In place of")
            desk.type("escape")
            desk.see_gone("In place of")
            desk.type("t", "i")
            desk.see("Thoughts")
            desk.type("escape")
            desk.see_gone("Thoughts")
            desk.type("enter")
            desk.see("TYPING")
            desk.leave()
            outputs["the terminal"] = desk.painted
        examined = house.run("doctor", "work")
        outputs["doctor"] = examined.out + examined.err.encode()
    for kind in ("jsonl", "json", "txt", "md"):
        outputs[kind] = house.run("export", session, "--to", kind).out
        house.run("export", session, "--to", kind, "--output", f"out.{kind}")
    outputs["replay"] = house.run("replay", session, "--headless").out
    with Desk(house, "replay", session) as desk:
        desk.see("PAUSED", "Finis.")
        desk.type("ctrl+q")
        desk.ended()
        outputs["the player"] = desk.painted
    assert b"Finis." in outputs["txt"]
    assert len([name for name in files_below(house.home.parent) if name.startswith("desk/out.")]) == 4
    for name, data in {**outputs, **files_below(house.home.parent)}.items():
        if name == "home/work.key":
            assert secret.encode() in data
            continue
        assert secret.encode() not in data, name
        assert secret[3:15].encode() not in data, name
    assert secret[3:15] not in house.entries(session)
