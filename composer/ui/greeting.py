"""What the screen says at the start: how to begin, or what went on while the writer was away. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from composer.story.story import Story
from composer.ui import asking

FIRST_STEPS = (
    " your own story     f9, then the first line",
    " set up a model     ctrl+p, type: model",
    "",
    " ctrl+g             five ways on from the caret",
    " tab                goes to them and back",
    " space              marks a sentence",
    " enter              places what is marked,",
    "                    or all of a candidate",
    " ctrl+p             everything else",
)


def news_of(story: Story, interrupted: Sequence[str]) -> str:
    """What the last round came to and how to go on; empty where there is nothing to say."""
    if not len(story.rounds):
        return ""
    asked = story.rounds[-1]
    if any(story.placed(candidate.id) for candidate in asked.candidates) and not interrupted:
        return ""
    kinds = [candidate.ending.kind if candidate.ending else "failed" for candidate in asked.candidates]
    parts = []
    if count := kinds.count("finished"):
        parts.append(f"{count} finished (tab, enter places)")
    if count := kinds.count("cut"):
        parts.append(f"{count} cut at their length (enter places what came)")
    if count := kinds.count("cancelled"):
        parts.append(f"{count} stopped (what came is kept; r asks again)")
    if count := kinds.count("failed"):
        parts.append(f"{count} failed or broke off (r asks again)")
    where = asking.place_of(story, asked)
    return f"When you left: round {asked.number} for {where}: " + ", ".join(parts) + "."
