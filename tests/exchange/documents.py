"""What tests of documents share: circumstances with ids that count, and stories written shortly."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from composer.exchange.taken import Circumstances, Taken
from composer.story.story import Story


def circumstances(name: str = "salt.txt", *, outline: bool = False, sections: bool = False) -> Circumstances:
    numbers = count(1)
    return Circumstances(
        name=name,
        now=1_700_000_000_000,
        new_id=lambda: f"i{next(numbers)}",
        program="0",
        outline=outline,
        sections=sections,
    )


def shown(story: Story) -> list[str]:
    """The outline, two blanks for each level."""
    return ["  " * row.depth + f"{row.beat.text.title} :: {row.beat.text.summary}" for row in story.outline.rows()]


def texts(story: Story) -> list[str]:
    """The paragraphs, each with the line of its beat."""
    return [f"{line_of(story, block.beat)} | {block.text}" for block in story.manuscript]


def line_of(story: Story, beat: str) -> str:
    found = story.outline.find(beat) if beat else None
    return found.text.line if found else ""


def losses(taken: Taken) -> list[str]:
    return [str(each) for each in taken.losses]


def origins(story: Story) -> Iterator[object]:
    return (span.origin for block in story.manuscript for span in block.spans)
