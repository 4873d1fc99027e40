"""The list of words in doubt goes to where its words stand now, and does not open over what the writer does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.spans import Span, Written
from composer.text.spelling import Doubt
from composer.ui import caret as carets
from composer.ui.screens.picker import Choice, Picker, narrowed
from composer.ui.screens.spelling import standing
from tests.session.fakes import settle
from tests.ui.desk import Desk, desk


class Held:
    """A dictionary that answers when it is let go. It knows every word but those with a z."""

    name = "held dictionary"

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.free = asyncio.Event()
        self.error: OSError | None = None

    async def unknown(self, words: Sequence[str]) -> frozenset[str]:
        self.asked.set()
        await self.free.wait()
        if self.error:
            raise self.error
        return frozenset(word for word in words if "z" in word)

    async def close(self) -> None: ...


async def held(at: Desk, monkeypatch: pytest.MonkeyPatch) -> Held:
    """Ask for the spelling: the dictionary has the words, and works."""
    dictionary = Held()

    async def given(language: str) -> Held:
        return dictionary

    monkeypatch.setattr(at.app.library, "dictionary", given)
    at.main.speller.open()
    await dictionary.asked.wait()
    return dictionary


def text_of(*lines: str) -> Manuscript:
    return Manuscript(Block(f"b{number}", "", (Span(line, Written()),)) for number, line in enumerate(lines))


def selected(at: Desk) -> str:
    return at.story.manuscript.fragment(*at.main.text.selection).text


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (("The wzerry lay.",), ("b0", 4)),
        (("There the wzerry lay.",), ("b0", 10)),
        (("A wzerry, then the other wzerry.",), ("b0", 2)),
        (("The wzerrys lay by a wzerry.",), ("b0", 21)),
        (("The boat lay.", "A wzerry, one wzerry."), ("b1", 2)),
        (("The boat lay.", "Two wzerrys."), None),
        ((), None),
    ],
)
def test_a_word_is_found_where_it_stands_now(lines: tuple[str, ...], place: tuple[str, int] | None) -> None:
    found = standing(text_of(*lines), Doubt("b0", 4, 10, "wzerry"))
    assert found == (place and (Position(*place), Position(place[0], place[1] + 6)))


def test_of_several_in_a_paragraph_it_is_the_one_nearest_to_the_old_place() -> None:
    text = text_of("A wzerry, then the other wzerry, then a wzerry.")
    for old, start in ((0, 2), (23, 25), (28, 25), (90, 40)):
        assert standing(text, Doubt("b0", old, old + 6, "wzerry")) == (Position("b0", start), Position("b0", start + 6))


def test_a_word_is_found_when_its_paragraph_is_gone() -> None:
    assert standing(text_of("The wzerry lay."), Doubt("gone", 40, 46, "wzerry")) == (
        Position("b0", 4),
        Position("b0", 10),
    )


def test_holes_and_words_in_doubt_are_stops_on_one_way() -> None:
    text = text_of("He came [why?] in [when].", "The wzerry lay.")
    assert carets.holes(text) == [(Position("b0", 8), "[why?]"), (Position("b0", 18), "[when]")]
    for offset in (8, 11, 14):
        assert carets.hole_at(text, Position("b0", offset)) == (Position("b0", 8), Position("b0", 14))
    assert carets.hole_at(text, Position("b0", 15)) is None
    assert carets.hole_at(text, START) is None
    way, here = [], Position("b0", 0)
    for _ in range(3):
        found = carets.next_hole(text, here, frozenset({"wzerry"}))
        assert found is not None
        way.append(text.fragment(*found).text)
        here = found[0]
    assert way == ["[why?]", "[when]", "wzerry"]


async def test_the_list_does_not_open_over_typing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as at:
        at.write("The wzerry lay by the quzay.")
        dictionary = await held(at, monkeypatch)
        at.session.type(at.story.manuscript.last, at.story.manuscript.last, "!")
        dictionary.free.set()
        await at.seen()
        assert at.app.screen is at.main
        assert at.notices[-1] == "2 words in doubt; ctrl+n walks through them, ctrl+p spelling lists them."
        await at.press("ctrl+home", "ctrl+n")
        assert selected(at) == "wzerry"


async def test_the_list_does_not_open_over_a_box_or_another_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as at:
        at.write("The wzerry lay.")
        dictionary = await held(at, monkeypatch)
        at.main.action_find()
        dictionary.free.set()
        await at.seen()
        assert at.app.screen is at.main
        assert at.notices[-1] == "1 word in doubt; ctrl+n goes to it, ctrl+p spelling lists it."
        await at.press("escape")
        at.write(" A quzay.")
        dictionary.asked.clear()
        dictionary.free.clear()
        at.main.speller.open()
        await dictionary.asked.wait()
        at.app.show_help("text")
        sheet = at.app.screen
        dictionary.free.set()
        await at.seen()
        assert at.app.screen is sheet
        assert at.notices[-1].startswith("2 words in doubt; ")


async def test_a_word_that_moved_under_the_list_is_gone_to_where_it_is() -> None:
    async with desk() as at:
        at.write("Some words, and then the wzerry lay.")
        at.main.speller.open()
        await at.seen()
        assert "1 word in doubt" in at.screen()
        first = at.story.manuscript.first
        at.session.erase(first, Position(first.block, 12))
        await at.press("enter")
        assert selected(at) == "wzerry"
        await at.type("boat")
        assert at.text == "and then the boat lay."


async def test_a_word_that_went_under_the_list_is_neither_gone_to_nor_taught() -> None:
    async with desk() as at:
        at.write("Some words, and then the wzerry lay.")
        for key in ("enter", "ctrl+k"):
            at.main.speller.open()
            await at.seen()
            place = Position(at.story.manuscript.first.block, 31)
            at.session.erase(Position(place.block, 25), place)
            await at.press(key)
            assert at.app.screen is at.main
            assert at.notices[-1] == "“wzerry” is not in the text any more."
            at.session.type(Position(place.block, 25), Position(place.block, 25), "wzerry")
            at.session.flush()
        assert at.story.words == frozenset()


async def test_the_word_taught_is_the_one_that_was_listed() -> None:
    async with desk() as at:
        at.write("Some words, and then the wzerry lay.")
        at.main.speller.open()
        await at.seen()
        first = at.story.manuscript.first
        at.session.erase(first, Position(first.block, 12))
        await at.press("ctrl+k")
        assert at.story.words == {"wzerry"}


async def test_after_a_word_is_taught_the_list_comes_again_at_the_next() -> None:
    async with desk() as at:
        at.write("The wzerry lay by the quzay.\nA gzull cried, and a bzell.")
        at.main.speller.open()
        await at.seen()
        await at.press("down", "ctrl+k")
        await at.seen()
        assert at.story.words == {"quzay"}
        assert "3 words in doubt" in at.screen()
        await at.press("enter")
        assert selected(at) == "gzull"


async def test_an_error_of_the_dictionary_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as at:
        at.write("The wzerry lay.")
        dictionary = await held(at, monkeypatch)
        dictionary.error = OSError("the word list can't be read")
        dictionary.free.set()
        await settle()
        await at.pilot.pause()
        assert "the word list can't be read" in at.notices[-1]
        assert at.app.screen is at.main


async def test_what_is_chosen_is_the_line_of_the_narrowed_list() -> None:
    async with desk() as at:
        answers: list[str | None] = []
        choices = [Choice(str(number), f"line {number}") for number in range(300)]
        for keys in ([*"99", "enter"], ["down", "down", "enter"], [*"none such", "enter"]):
            at.app.call_later(at.app.push_screen, Picker("Lines", choices), answers.append)
            await at.seen()
            await at.press(*("space" if key == " " else key for key in keys))
        assert answers == ["99", "2", None]
        assert [choice.value for choice in narrowed(choices, "28")] == ["28", "128", "228", *map(str, range(280, 290))]
