"""The shelf and the search by keys: typing ahead, what waits for what, what became of a text, and trouble that is told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from composer.errors import SessionError
from composer.session.ports import Document, Hit
from composer.store.search import TrigramSearch
from composer.story.spans import Written
from tests.ui.desk import Desk, desk

SALT = "Salt stood on the window."


class Broken(TrigramSearch):
    """A search that can't be used the first time."""

    trouble = True

    async def put(self, documents: Sequence[Document]) -> None:
        if self.trouble:
            self.trouble = False
            raise SessionError("The search [of this house] is shut.", "Use another.")
        await super().put(documents)


class Shuffled(TrigramSearch):
    """A search that answers each time in the other order."""

    def __init__(self) -> None:
        super().__init__()
        self.turned = True

    async def find(self, query: str, limit: int = 50) -> list[Hit]:
        self.turned = not self.turned
        return sorted(await super().find(query, limit), key=lambda hit: hit.key, reverse=self.turned)


async def kept(at: Desk, *texts: str) -> None:
    """A sentence on the shelf, and candidates; the caret at the end of the text."""
    at.write("Kept first. Second thing here.")
    await at.press("ctrl+home", "f6", "f6", "ctrl+k", "escape", "ctrl+end")
    at.beat("Wren lights the lamp.")
    await at.press("ctrl+g")
    await at.round(*texts)
    await at.press("tab", "escape", "ctrl+end")


async def test_placing_typed_ahead_takes_the_hit_of_what_was_typed() -> None:
    async with desk() as at:
        await kept(at, SALT, "Bb.")
        await at.press("f3", *"salt", "ctrl+t")
        assert SALT in at.text
        assert at.text.count("Kept first.") == 1
        assert at.app.screen is at.main


@pytest.mark.parametrize("way", ["down", "enter", "tab"])
async def test_keys_for_the_list_typed_ahead_wait_for_its_hits(way: str) -> None:
    async with desk() as at:
        await kept(at, SALT, "Bb.")
        await at.press("f3", *"salt", way, "space")
        assert [mark.candidate for mark in at.story.splice] == ["1.1"]
        await at.press("enter")
        assert at.main.candidates.piece == ("1.1", 0, len(SALT))


async def test_steps_typed_ahead_go_as_far_as_they_were_pressed() -> None:
    async with desk() as at:
        at.app.library.search = lambda: Shuffled()  # type: ignore[method-assign, union-attr]
        await kept(at, SALT, "Salt lay on the sill.", "Salt was all there was.")
        await at.press("f3", *"salt", "down", "down", "down", "space", "ctrl+t")
        assert [mark.candidate for mark in at.story.splice] == ["1.3"]
        assert "Salt was all there was." in at.text


@pytest.mark.slow
async def test_leaving_the_list_again_forgets_what_was_asked_for() -> None:
    async with desk() as at:
        await kept(at, SALT, "Bb.")
        await at.press("f3", *"sal", "down", "space", "up", "t")
        assert at.story.splice == ()
        await at.press("ctrl+t")
        assert SALT in at.text


@pytest.mark.slow
async def test_the_list_under_the_cursor_is_not_exchanged() -> None:
    async with desk() as at:
        at.app.library.search = lambda: Shuffled()  # type: ignore[method-assign, union-attr]
        await kept(at, SALT, "Salt lay on the sill.")
        await at.press("f3", *"salt")
        # The same query again is looked for again, while the list has the keys.
        await at.press("s", "backspace", "down", "space")
        await at.seen()
        await at.press("space")
        assert at.story.splice == ()
        assert len(at.story.marks) == 1


async def test_nothing_found_is_said_to_who_asked_for_it_ahead() -> None:
    async with desk() as at:
        await kept(at, SALT)
        text = at.text
        await at.press("f3", *"quartz", "ctrl+t")
        assert at.notices[-1] == "Nothing like it was found."
        assert at.text == text
        # The field has the keys: what is typed next is the query.
        await at.press(*["backspace"] * 6, *"salt", "ctrl+t")
        assert SALT in at.text


async def test_an_empty_shelf_has_nothing_to_place() -> None:
    async with desk() as at:
        await at.press("f3", "ctrl+t")
        await at.press("ctrl+t")
        assert at.notices[-1] == "There is nothing here to place."
        await at.press("escape")
        assert at.text == ""


async def test_trouble_of_the_search_is_said() -> None:
    async with desk() as at:
        await kept(at, SALT)
        at.app.library.search = lambda: Broken()  # type: ignore[method-assign, union-attr]
        await at.press("f3", *"salt", "ctrl+t")
        assert at.notices[-1] == "The search [of this house] is shut. Use another."
        assert "is shut" in at.screen()
        assert SALT not in at.text
        # The next key asks again.
        await at.press("ctrl+t")
        assert SALT in at.text


async def test_what_was_typed_and_undone_is_found_and_placed() -> None:
    async with desk() as at:
        await at.type("A heron stood in the reeds.")
        await at.clock.move(5)
        await at.press("ctrl+z", "f3", *"heron")
        screen = at.screen()
        assert "undone · just now" in screen
        assert "was undone" not in screen
        assert "1 found" in screen
        await at.press("ctrl+t")
        assert at.text == "A heron stood in the reeds."
        assert at.story.manuscript.at(0).spans[0].origin == Written()
        await at.press("f3", *"heron")
        assert "is back in the text" in at.screen()


async def test_a_cut_that_was_pasted_again_is_told_so() -> None:
    async with desk() as at:
        at.write("A heron stood in the reeds. It left.")
        await at.press("ctrl+home", "f6", "f6", "ctrl+x", "f3", *"heron")
        assert "taken out of the text" in at.screen()
        await at.press("escape", "ctrl+end", "ctrl+v", "f3", *"heron")
        screen = at.screen()
        assert "is back in the text" in screen
        assert "taken out" not in screen


@pytest.mark.slow
async def test_a_blind_candidate_is_found_without_its_number_and_not_opened() -> None:
    async with desk() as at:
        await kept(at, SALT, "Bb.", "Cc.")
        await at.press("tab", "b", "escape", "f3", *"salt")
        screen = at.screen()
        assert "a candidate of round 1" in screen
        assert "candidate 1.1" not in screen
        await at.press("down", "enter")
        assert at.notices[-1] == "This round is tasted blind."
        assert not at.main.candidates.has_focus
