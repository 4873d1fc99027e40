"""The manuscript as text: which lines of the outline stand in it as headings."""

from __future__ import annotations

from composer.exchange.plain import manuscript
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Beat, BeatText, Outline
from composer.story.spans import Span, Written
from composer.story.story import Details, Story, Structure

OUTLINE = Outline(
    (
        Beat("salt", BeatText("Salt", "What it is.")),
        Beat(
            "sea",
            BeatText("The sea"),
            (Beat("tides", BeatText("Tides", "Why it comes.")), Beat("wrecks", BeatText(summary="What it brings."))),
        ),
    )
)


def story(structure: Structure) -> Story:
    blocks = [("salt", "It is a mineral."), ("salt", "It keeps."), ("tides", "Twice a day."), ("wrecks", "Rope.")]
    return Story(
        details=Details("Shores", structure=structure),
        outline=OUTLINE,
        manuscript=Manuscript(
            Block(f"b{at}", beat, (Span(text, Written()),)) for at, (beat, text) in enumerate(blocks)
        ),
    )


def test_in_fiction_only_beats_with_beats_below_are_headings() -> None:
    assert manuscript(story("fiction"), markdown=True) == (
        "# Shores\n\nIt is a mineral.\n\nIt keeps.\n\n## The sea\n\nTwice a day.\n\nRope.\n"
    )


def test_in_nonfiction_titles_of_sections_are_headings_too() -> None:
    assert manuscript(story("nonfiction"), markdown=True) == (
        "# Shores\n\n## Salt\n\nIt is a mineral.\n\nIt keeps.\n\n## The sea\n\n### Tides\n\nTwice a day.\n\nRope.\n"
    )
    assert manuscript(story("nonfiction"), markdown=False) == (
        "Shores\n\nSalt\n\nIt is a mineral.\n\nIt keeps.\n\nThe sea\n\nTides\n\nTwice a day.\n\nRope.\n"
    )


def test_a_section_that_says_nothing_of_a_title_is_under_those_above_it() -> None:
    headings = story("nonfiction").headings()
    assert {beat: [each.id for each in over] for beat, over in headings.items()} == {
        "salt": ["salt"],
        "sea": ["sea"],
        "tides": ["sea", "tides"],
        "wrecks": ["sea"],
    }
    assert [len(over) for over in story("fiction").headings().values()] == [0, 1, 1, 1]
