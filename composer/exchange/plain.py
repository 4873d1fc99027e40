"""The manuscript as text or Markdown, and the holes that are still open in it. Pure."""

from __future__ import annotations

from composer.story.story import Story
from composer.text.holes import holes


def manuscript(story: Story, *, markdown: bool) -> str:
    """The text with its title and the headings of the outline. Empty paragraphs are left out."""
    lines = []
    if story.details.title:
        lines.append(f"# {story.details.title}" if markdown else story.details.title)
    seen: set[str] = set()
    headings = story.headings()
    for block in story.manuscript:
        for depth, beat in enumerate(headings.get(block.beat, ()), 2):
            if beat.id not in seen:
                seen.add(beat.id)
                lines.append(f"{'#' * min(depth, 6)} {beat.text.line}" if markdown else beat.text.line)
        if block.text.strip():
            lines.append("* * *" if block.is_scene_break else block.text)
    return "\n\n".join(lines) + "\n" if lines else ""


def open_holes(story: Story) -> list[tuple[int, str]]:
    """Every hole as (paragraph, from 1; its text with brackets), in order."""
    return [
        (number, block.text[start:end])
        for number, block in enumerate(story.manuscript, 1)
        for start, end in holes(block.text)
    ]
