"""The story as a draft tells it: what a cell's request is made of. It changes no story that is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from composer.story.draft import Way
from composer.story.manuscript import Block, Manuscript
from composer.story.spans import Spans
from composer.story.story import Story


def drafted(story: Story, way: Way, beat: str, told: Mapping[str, Sequence[Spans]]) -> Story:
    """The story up to a beat, with the manuscript that a cell for it is to go on from.

    `told` are the paragraphs that the draft has by beats. By the way `manuscript`, text that stands there goes before the draft's.
    Only what stands before the beat in the outline is in it, and by the way `summaries` nothing.
    """
    order = {row.beat.id: at for at, row in enumerate(story.outline.rows())}
    limit = order.get(beat, len(order))
    groups: dict[int, list[Block]] = {}
    if way == "manuscript":
        here = -1
        for block in story.manuscript:
            # Text of no beat, or of one that was taken out, stays with what stands before it.
            here = order.get(block.beat, here)
            if block.text.strip():
                groups.setdefault(here, []).append(block)
    for name, rows in told.items() if way != "summaries" else ():
        at = order.get(name)
        if at is not None and at not in groups:
            groups[at] = [Block(f"{name} {number}", name, row) for number, row in enumerate(rows, 1)]
    blocks = [block for at in sorted(groups) if at < limit for block in groups[at]]
    return replace(story, manuscript=Manuscript(blocks))
