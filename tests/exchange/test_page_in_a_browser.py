"""The replay page in a real browser: each moment's text, keys and clock, hostile text, no request, and no script at all."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from composer.exchange.film.page import page
from composer.journal.entry import Entry
from composer.journal.film import Film
from composer.journal.journal import Journal
from composer.journal.replay import Reel
from composer.journal.showing.readers import Readers
from composer.journal.showing.show import show
from composer.store.jsonl import read_jsonl
from composer.story.candidate import PlaceTarget, Receipt, Recipe
from composer.story.events import CandidateGrew, RemarkWritten, RoundAsked
from composer.story.manuscript import START
from tests.exchange.test_page import HOSTILE, journal

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SESSION = Path(__file__).parents[2] / "sessions" / "the-ferry-that-waited.jsonl"
FLAGS = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--mute-audio")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium or google-chrome here"),
]


class Browser:
    """A browser that is spoken to through a pair of pipes: JSON, each message ended by a zero byte."""

    def __init__(self, folder: Path) -> None:
        theirs, self._out = os.pipe()
        self._in, back = os.pipe()

        def hand_over() -> None:
            os.dup2(theirs, 13)
            os.dup2(back, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        command = [str(CHROMIUM), *_flags(folder), "--remote-debugging-pipe", "about:blank"]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, preexec_fn=hand_over, close_fds=False, stdin=quiet, stdout=quiet, stderr=quiet
        )
        os.close(theirs)
        os.close(back)
        self._buffer = b""
        self._number = 0
        self._session = ""
        self.told: list[dict[str, Any]] = []
        """Events, in the order in which they came."""
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for area in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{area}.enable")

    def close(self) -> None:
        self._session = ""
        self.do("Browser.close")
        self._process.wait(timeout=30)
        os.close(self._in)
        os.close(self._out)

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            some = os.read(self._in, 1 << 16)
            assert some, "the browser went away"
            self._buffer += some
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self.told.append(message)
        return message

    def open(self, url: str) -> None:
        self.told.clear()
        self.do("Page.navigate", url=url)
        while not any(each["method"] == "Page.loadEventFired" for each in self.told):
            self._read()

    def ask(self, expression: str) -> Any:
        answer = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, shift: bool = False) -> None:
        text = {"text": key} if len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            self.do("Input.dispatchKeyEvent", type=kind, key=key, modifiers=8 if shift else 0, **text)

    def wait_until(self, condition: str) -> None:
        """Until it holds, at the browser's own pace; the browser gives up after many frames."""
        turning = f"""new Promise((done, fail) => {{
            let left = 1200;
            const look = () => ({condition}) ? done(true) : left-- ? requestAnimationFrame(look) : fail("never");
            look();
        }})"""
        self.ask(turning)

    @property
    def entry(self) -> int:
        return int(self.ask("document.body.dataset.entry"))

    @property
    def text(self) -> list[str]:
        return list(self.ask("[...document.querySelectorAll('#manuscript p')].map((each) => each.textContent)"))

    def complaints(self) -> list[Any]:
        """Errors of scripts, of the console, of the page's policy."""
        bad = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
        return [each["params"] for each in self.told if each["method"] in bad]

    def requests(self) -> list[str]:
        return [each["params"]["request"]["url"] for each in self.told if each["method"] == "Network.requestWillBeSent"]


def _flags(folder: Path) -> list[str]:
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [*FLAGS, *alone, f"--user-data-dir={folder}"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    made = Browser(tmp_path_factory.mktemp("browser"))
    yield made
    made.close()


def ferry() -> list[Entry]:
    """The example with notes on two moments."""
    with SESSION.open("rb") as source:
        entries, _ = read_jsonl(source)
    made = Journal()
    made.read(entries)
    for number, subject in enumerate(("entry 62", "candidate 3.2"), 1):
        note = RemarkWritten(number, subject, f"I kept this for the river, {number}.", True)
        entries += made.record((note,), made.time + 9000)
    return entries


def put(folder: Path, entries: list[Entry], readers: Readers | None = None) -> str:
    with SESSION.open("rb") as source:
        pieces = read_jsonl(source)[1]
    file = folder / "page.html"
    file.write_bytes(page(show(Film(Reel(entries)), readers or Readers(), pieces), made=1_795_263_625_924))
    return file.as_uri()


def test_each_moment_is_the_journals(browser: Browser, tmp_path: Path) -> None:
    entries = ferry()
    url = put(tmp_path, entries)
    reel = Reel(entries)
    browser.open(url)
    assert browser.entry == len(entries)
    for entry in (*range(1, len(entries) + 1, 3), len(entries), 150, 30, 151):
        browser.ask(f"location.hash = 'entry={entry}'")
        browser.wait_until(f"document.body.dataset.entry === '{entry}'")
        story = reel.story(entry)
        assert browser.text == [block.text for block in story.manuscript]
        shown = browser.ask(
            "[...document.querySelectorAll('#candidates .card .words')].map((each) => each.textContent)"
        )
        if shown:
            asked = story.rounds[-1]
            assert shown == [candidate.text for candidate in asked.candidates]
        outline = browser.ask("[...document.querySelectorAll('#outline li')].map((each) => each.textContent)")
        assert outline == [row.beat.text.full for row in story.outline.rows()]
    assert browser.complaints() == []
    assert set(browser.requests()) <= {url}


def test_a_part_of_a_session(browser: Browser, tmp_path: Path) -> None:
    entries = ferry()
    browser.open(put(tmp_path, entries, Readers(first=90, last=160)) + "#entry=120")
    assert browser.entry == 120
    assert browser.text == [block.text for block in Reel(entries).story(120).manuscript]
    browser.open(put(tmp_path, entries, Readers(first=90, last=160)) + "?again#entry=1")
    assert browser.entry == 90
    assert browser.text == [block.text for block in Reel(entries).story(90).manuscript]


def test_it_plays_and_is_stepped_by_keys(browser: Browser, tmp_path: Path) -> None:
    entries = ferry()
    browser.open(put(tmp_path, entries) + "#entry=40")
    browser.press("ArrowRight")
    assert browser.entry == 41
    browser.press("ArrowLeft")
    browser.press("ArrowLeft")
    assert browser.entry == 39
    browser.press("ArrowRight", shift=True)
    turned = browser.entry
    assert turned > 40
    for _ in range(6):
        browser.press("+")
    browser.press(" ")
    assert browser.ask("document.getElementById('play').textContent") == "Pause"
    browser.wait_until(f"Number(document.body.dataset.entry) > {turned + 3}")
    browser.press(" ")
    assert browser.ask("document.getElementById('play').textContent") == "Play"
    stopped = browser.entry
    browser.wait_until(f"location.hash === '#entry={stopped}'")
    assert browser.text == [block.text for block in Reel(entries).story(stopped).manuscript]
    assert browser.complaints() == []


def test_it_plays_to_its_end_and_shows_notes_on_the_way(browser: Browser, tmp_path: Path) -> None:
    entries = ferry()
    browser.open(put(tmp_path, entries) + "#entry=60")
    for _ in range(6):
        browser.press("+")
    browser.press(" ")
    browser.wait_until("!document.getElementById('note').hidden")
    assert "for the river, 1." in browser.ask("document.getElementById('note').textContent")
    browser.wait_until(
        f"Number(document.body.dataset.entry) === {len(entries)} && document.getElementById('play').textContent === 'Play'"
    )
    assert browser.complaints() == []


def test_ticks_are_clicked_and_walked_by_keys(browser: Browser, tmp_path: Path) -> None:
    browser.open(put(tmp_path, ferry()) + "#entry=1")
    browser.ask("document.querySelector('#ticks .placed').click()")
    first = browser.entry
    assert first > 1
    browser.ask("document.querySelector('#ticks button[tabindex=\"0\"]').focus()")
    browser.press("ArrowRight")
    browser.ask("document.activeElement.click()")
    assert browser.ask("document.activeElement.parentNode.id") == "ticks"
    assert browser.ask("document.querySelectorAll('#ticks button[tabindex=\"0\"]').length") == 1
    assert all(
        browser.ask("[...document.querySelectorAll('#ticks button')].map((each) => each.getAttribute('aria-label'))")
    )


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_is_wider_than_the_window(browser: Browser, tmp_path: Path, width: int) -> None:
    browser.do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    browser.open(put(tmp_path, ferry()) + "#entry=120")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    browser.do("Emulation.clearDeviceMetricsOverride")


def test_hostile_text_stays_text(browser: Browser, tmp_path: Path) -> None:
    entries = journal(HOSTILE)
    reel = Reel(entries)
    url = put(tmp_path, entries)
    for entry in range(1, len(entries) + 1):
        browser.open(f"{url}?{entry}#entry={entry}")
        assert browser.text == [block.text for block in reel.story(entry).manuscript]
        assert browser.ask("document.querySelectorAll('img, b b, iframe').length") == 0
        assert browser.complaints() == []
    assert HOSTILE in browser.ask("document.getElementById('candidates').textContent")


def test_without_a_script_it_is_a_document(browser: Browser, tmp_path: Path) -> None:
    entries = ferry()
    browser.do("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(put(tmp_path, entries))
    root = browser.do("DOM.getDocument")["root"]["nodeId"]
    told = browser.do("DOM.getOuterHTML", nodeId=root)["outerHTML"]
    browser.do("Emulation.setScriptExecutionDisabled", value=False)
    body = told[: told.index('<script type="application/json"')]
    read = html.unescape(re.sub(r"<[^>]+>", "", body))
    for block in Reel(entries).story(len(entries)).manuscript:
        assert block.text in read
    assert "How it was made" in read
    assert "I kept this for the river, 1." in read
    assert re.search(r'<section id="film"[^>]* hidden', body)


def test_without_an_outline_the_text_has_the_room_and_says_that_it_is_empty(browser: Browser, tmp_path: Path) -> None:
    made = Journal()
    asked = RoundAsked(1, "continue", PlaceTarget(START), 0, "", (Recipe("home", "m"),), (), Receipt(0, 0, 0, ()))
    entries = list(made.record((asked, CandidateGrew("1.1", 0, " and went on.")), 5))
    browser.do("Emulation.setDeviceMetricsOverride", width=1400, height=900, deviceScaleFactor=1, mobile=False)
    browser.open(put(tmp_path, entries))
    middle, side = "document.querySelector('.middle').offsetWidth", "document.querySelector('.side').offsetWidth"
    assert browser.ask(middle) > browser.ask(side) > 400
    assert browser.ask("document.querySelector('#manuscript').innerText") == "There is no text yet."
    assert browser.ask("document.querySelector('.card .words').textContent") == "and went on."
    browser.do("Emulation.clearDeviceMetricsOverride")
