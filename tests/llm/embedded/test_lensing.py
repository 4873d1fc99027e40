"""The shape that the words of a lens give to lines."""

from __future__ import annotations

import pytest

from composer.llm.embedded.lensing import Shape, shape_of


@pytest.mark.parametrize(
    ("lens", "shape"),
    [
        ("", Shape()),
        ("in a gloomy mood", Shape()),
        ("as a plain draft with no angle", Shape()),
        ("Write the outline as a to-do list for the hero.", Shape(mark="box", voice="ordered")),
        ("a checklist", Shape(mark="box", voice="ordered")),
        ("in numbered steps", Shape(mark="number")),
        ("as an executive summary", Shape(length="long")),
        ("as a mentor of ten years", Shape(steps=True)),
        ("in letters home", Shape(steps=True)),
        ("an unoriginal heroic allegory with a villain", Shape(roles="heroes")),
        ("parables with similar themes", Shape(roles="trades")),
        ("a template for fables", Shape(roles="animals")),
        ("what is missing", Shape(voice="asked")),
        ("questions a reader will ask", Shape(voice="asked")),
        ("in the opposite order", Shape(backwards=True)),
        ("backwards", Shape(backwards=True)),
        ("literary kin", Shape(titled=True)),
        ("titles of books", Shape(titled=True)),
        ("from the antagonist's side", Shape(other=True)),
        ("the worst that could happen", Shape(tilt="worse")),
        ("a child's retelling", Shape(length="short")),
        ("a stage play's scene list", Shape(mark="scene")),
        ("Numbered questions, in reverse.", Shape(mark="number", voice="asked", backwards=True)),
        ("a letter of questions", Shape(voice="asked")),
    ],
)
def test_a_lens_gives_a_shape(lens: str, shape: Shape) -> None:
    assert shape_of(lens) == shape


def test_what_is_said_of_outlines_goes_before_the_rest() -> None:
    lens = "There are scenes to be worked off. Where an outline is asked for, make it a to-do list. In prose, ask why."
    assert shape_of(lens) == Shape(mark="box", voice="ordered")
    assert shape_of("Scenes first, and then tasks.") == Shape(mark="scene")


def test_titles_may_be_asked_for_whatever_the_lens() -> None:
    assert shape_of("", titled=True) == Shape(titled=True)
    assert shape_of("as a to-do list", titled=True) == Shape(mark="box", voice="ordered", titled=True)
