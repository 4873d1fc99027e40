"""A text apart from the story: what undo takes back there."""

from __future__ import annotations

from itertools import count

import pytest

from composer.errors import RefusedError
from composer.story.manuscript import Position
from composer.ui.scratch import Scratch


class Page:
    """A scratch with a clock that moves by hand."""

    def __init__(self) -> None:
        self.time = 0.0
        ids = count(1)
        self.scratch = Scratch((), lambda: f"p{next(ids)}", lambda: self.time)
        self.caret = self.scratch.manuscript.first

    def type(self, text: str) -> None:
        for letter in text:
            self.caret = self.scratch.type(self.caret, self.caret, letter)

    def undo(self) -> str:
        self.caret = self.scratch.undo()
        return self.text

    @property
    def text(self) -> str:
        return self.scratch.manuscript.text.replace("\n\n", "\n")


def test_a_run_of_typing_is_one_step_until_a_pause_a_newline_or_a_jump() -> None:
    page = Page()
    page.type("Salt")
    page.time += 1.9
    page.type(" lay")
    page.time += 2.1
    page.type(" on the sill.\nFog")
    page.scratch.jump()
    page.type(" came.")
    assert page.text == "Salt lay on the sill.\nFog came."
    assert page.undo() == "Salt lay on the sill.\nFog"
    assert page.undo().rstrip() == "Salt lay on the sill."
    assert page.undo() == "Salt lay"
    assert page.undo() == ""
    with pytest.raises(RefusedError):
        page.undo()
    for left in (
        "Salt lay",
        "Salt lay on the sill.\n",
        "Salt lay on the sill.\nFog",
        "Salt lay on the sill.\nFog came.",
    ):
        page.caret = page.scratch.redo()
        assert page.text.rstrip() == left.rstrip()
    page.type("!")
    assert page.undo() == "Salt lay on the sill.\nFog came."


def test_what_is_mended_at_once_belongs_to_the_run_and_a_paste_is_a_step_of_its_own() -> None:
    page = Page()
    page.type("Sult")
    block = page.caret.block
    page.caret = page.scratch.erase(Position(block, 1), Position(block, 4))
    page.type("alt")
    page.caret = page.scratch.type(page.caret, page.caret, " from elsewhere")
    page.type("!")
    assert page.text == "Salt from elsewhere!"
    assert page.undo() == "Salt from elsewhere"
    assert page.undo() == "Salt"
    assert page.undo() == ""
