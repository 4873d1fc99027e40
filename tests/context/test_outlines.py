"""The outline as it is sent: a line for each beat, with its title and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from composer.context.outlines import Plan
from composer.story.outline import Beat, BeatText, Outline
from composer.story.story import Details, Structure
from tests.context.stories import count, part_of, story_of, text_of
from tests.context.test_pack import going_on

CHAPTERS = Outline(
    tuple(
        Beat(
            f"c{chapter}",
            BeatText(f"Chapter {chapter}", "What the harbour saw of it, and what it did not."),
            (
                Beat(f"c{chapter}.0", BeatText("The oil", "It is rationed.")),
                Beat(f"c{chapter}.1", BeatText(summary="No ship answers.")),
                Beat(f"c{chapter}.2", BeatText(title="The letter")),
                Beat(f"c{chapter}.3"),
            ),
        )
        for chapter in range(3)
    )
)


def sent(room: int, beat: str = "c1.0") -> str:
    return "".join(Plan(CHAPTERS, beat, "Outline:", count).fit(room).pieces)


def test_a_beat_with_both_is_sent_with_both() -> None:
    assert sent(1000).splitlines()[5:9] == [
        "- Chapter 1: What the harbour saw of it, and what it did not.",
        "  > The oil: It is rationed.",
        "  - No ship answers.",
        "  - The letter",
    ]


def test_with_less_room_other_chapters_are_titles_alone() -> None:
    whole = Plan(CHAPTERS, "c1.0", "Outline:", count)
    part = whole.fit(whole.tokens - 1)
    assert part.why == "other chapters as titles only"
    assert "".join(part.pieces).splitlines() == [
        "Outline:",
        "- Chapter 0",
        "- Chapter 1: What the harbour saw of it, and what it did not.",
        "  > The oil: It is rationed.",
        "  - No ship answers.",
        "  - The letter",
        "- Chapter 2",
        "",
    ]


@pytest.mark.parametrize("room", range(10, 130, 7))
def test_it_never_takes_more_than_its_room(room: int) -> None:
    part = Plan(CHAPTERS, "c1.0", "Outline:", count).fit(room)
    assert part.tokens <= room
    assert part.tokens == (count("".join(part.pieces)) if part.pieces else 0)


@pytest.mark.parametrize("structure", ["fiction", "nonfiction"])
def test_both_are_sent_whatever_the_structure(structure: Structure) -> None:
    story = replace(story_of(["It rained."]), outline=CHAPTERS, details=Details(structure=structure))
    packed = going_on(story, 4_000, "c1.0")
    assert part_of(packed, "outline") is not None
    assert "  > The oil: It is rationed.\n" in text_of(packed, "outline")
