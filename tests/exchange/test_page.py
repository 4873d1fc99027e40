"""The replay page as a file: one that needs nothing else, holds hostile text as text, and can be read as it stands."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.exchange.film.page import page
from composer.journal.entry import Entry
from composer.journal.film import Film
from composer.journal.journal import Journal
from composer.journal.replay import Reel
from composer.journal.showing.readers import Readers
from composer.journal.showing.show import show
from composer.story.actions import text as texts
from composer.story.candidate import Ending, PlaceTarget, Receipt, Recipe
from composer.story.events import (
    BeatAdded,
    CandidateEnded,
    CandidateGrew,
    DetailsChanged,
    MarkMade,
    RemarkWritten,
    RoundAsked,
    TextPlaced,
)
from composer.story.manuscript import START, Fragment
from composer.story.outline import Beat, BeatText, Slot
from composer.story.spans import Generated, Span, Written
from composer.story.story import Details, Placement

HOSTILE = '</script><img src=x onerror=alert(1)><!-- "it\'s" &lt; <b>bold</b> {{data}} 漢字 \U0001f600'


def journal(words: str) -> list[Entry]:
    """A short session in which every text that is shown is `words`."""
    made = Journal()
    entries: list[Entry] = []
    ids = iter(f"b{number}" for number in range(9))

    def enter(*happened: object) -> None:
        entries.extend(made.record(happened, 1000 * (1 + len(entries))))  # type: ignore[arg-type]

    enter(DetailsChanged(Details(), Details(words, words, "why")))
    enter(BeatAdded(Slot("", 0), Beat("x1", BeatText(words, words), (Beat("x2", BeatText(summary=words)),))))
    enter(texts.typed(made.story, START, START, f"{words}\n{words}", Written(), lambda: next(ids), "x2"))
    recipe = Recipe("home", words, {"temperature": 0.6}, lens=words)
    enter(RoundAsked(1, "continue", PlaceTarget(START, beat="x2"), 0, words, (recipe,), (), Receipt(0, 0, 0, ())))
    enter(CandidateGrew("1.1", 0, words, pace=((300, 3), (400, len(words) - 3))))
    enter(CandidateEnded("1.1", Ending("finished", "", len(words), "d")))
    enter(MarkMade(1, "1.1", 2, 5))
    put = Fragment((Span(words[2:5], Generated("1.1", 2, 5)),))
    enter(TextPlaced(made.story.manuscript.first, Fragment(), put, Placement(("1.1",), (1,))))
    entries.append(made.undo(99_000))  # type: ignore[arg-type]
    enter(RemarkWritten(1, "entry 8", words, True))
    return entries


def shown(entries: list[Entry], readers: Readers | None = None) -> bytes:
    return page(show(Film(Reel(entries)), readers or Readers(), {}), made=1_795_263_625_924)


class Tags(HTMLParser):
    """The tags of a page, what its attributes name, and the text that one reads without a script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.named: list[str] = []
        self.handlers: list[str] = []
        self.data = ""
        self.read = ""
        self._within: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.handlers += [name] if name.startswith("on") or name == "style" else []
            self.named += [value or ""] if name in ("src", "href", "srcset", "action", "data", "poster") else []
        if tag in ("script", "style"):
            self._within.append("data" if ("type", "application/json") in attrs else tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.read += data
        elif self._within[-1] == "data":
            self.data += data


def test_hostile_text_is_text_wherever_it_stands() -> None:
    found = Tags(shown(journal(HOSTILE)).decode())
    plain = Tags(shown(journal("some words")).decode())
    assert found.tags == plain.tags
    assert "img" not in found.tags
    assert not found.handlers
    assert found.read.count(HOSTILE) >= 8
    told = msgspec.json.decode(found.data)
    assert told["notes"][0]["text"] == HOSTILE
    assert told["rounds"][0]["candidates"][0]["chunks"][0][1] == HOSTILE
    assert "<" not in found.data


def test_nothing_is_loaded_from_anywhere() -> None:
    text = shown(journal("some words")).decode()
    found = Tags(text)
    assert all(name.startswith("#") for name in found.named)
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text
    assert "@import" not in text
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none';")
    assert "unsafe" not in policy[1]


def test_the_script_makes_nothing_of_text_but_text() -> None:
    text = shown(journal("some words")).decode()
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "DOMParser"):
        assert way not in text


def test_it_can_be_read_without_a_script() -> None:
    read = Tags(shown(journal("Wren lit the lamp")).decode()).read
    for words in (
        "by Wren lit the lamp",
        "The text",
        "How it was made",
        "Round 1 asks for 1 candidate",
        "T 0.6",
        "Undone.",
    ):
        assert words in read
    assert "The writer’s note" in read
    assert "Left out" not in read
    assert "Made on 21 November 2026." in read


def test_what_is_left_out_is_counted() -> None:
    readers = Readers(passed_over=False, notes="none", instructions=False)
    read = Tags(shown(journal("Wren lit the lamp"), readers).decode()).read
    assert "Left out, and not in this file: 1 note and 1 instruction." in read


def test_an_empty_session_makes_a_page() -> None:
    read = Tags(shown([]).decode()).read
    assert "There is no text." in read


@given(words=st.text(min_size=6, max_size=30))
def test_any_text_leaves_the_page_whole(words: str) -> None:
    words = words.encode("utf-8", "replace").decode()
    found = Tags(shown(journal(words)).decode())
    assert found.tags.count("script") == 2
    assert found.tags.count("main") == 1
    assert msgspec.json.decode(found.data)["notes"][0]["text"] == words


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "Nothing has happened"), (1, "How it was made: entry 1 of"), (2, "from entry 1 to entry 2 of")],
)
def test_a_page_of_hardly_anything_says_so(count: int, told: str) -> None:
    entries = journal("Wren")[:count]
    assert told in page(show(Film(Reel(entries)), Readers(), {}), made=0).decode()
