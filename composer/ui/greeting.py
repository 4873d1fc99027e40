"""What the screen says at the start: how to begin, or what went on while the writer was away. Pure."""

from __future__ import annotations

from composer.story.candidate import Round
from composer.story.story import Story
from composer.ui import asking

FIRST_STEPS = (
    " your own story  f9, then a",
    " your own model  ctrl+p, type: models",
    "",
    " ctrl+g          five ways on from the caret",
    " tab             goes to them and back",
    " space           marks a sentence",
    " enter           places what is marked,",
    "                 or all of a candidate",
    " ctrl+p          everything else",
)


def news_of(story: Story, since: int) -> str:
    """What the rounds asked after entry `since` came to, and how to go on with each; empty where all were placed or none are.

    A story that was never opened here, as one from another program, was not left either: `since` is 0 then.
    """
    if not since:
        return ""
    lines: list[str] = []
    for asked in reversed(story.rounds):
        if asked.entry <= since or len(lines) == 3:
            break
        if not asked.aside and not any(story.placed(candidate.id) for candidate in asked.candidates):
            lines.append(f"round {asked.number} for {asking.place_of(story, asked)}: {_came_to(asked)}")
    return f"When you left, {'; '.join(lines)}." if lines else ""


def _came_to(asked: Round) -> str:
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
    return ", ".join(parts)
