"""A text as other programs know it: title, author, headings, paragraphs with italics, scene breaks. The middle of every document format.

Export makes a book of a story and a file of the book; import makes a book of a file and a journal of the book. It knows no format.
Emphasis stands in the manuscript as Markdown has it, `*so*`, and in a book as runs. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from composer.exchange.emphasis import runs_of
from composer.story.story import Story


class Run(NamedTuple):
    """A stretch of text of one look. Runs of a paragraph are tidy: none is empty, no two neighbours look the same."""

    text: str
    italic: bool = False
    bold: bool = False


@dataclass(frozen=True)
class Heading:
    """A line that text stands under. `depth` is 1 for chapters, or for what is topmost."""

    text: str
    depth: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Runs of text without line ends."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The text alone, without its looks."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Break:
    """A scene break."""


Part = Heading | Paragraph | Break


@dataclass(frozen=True)
class Book:
    """The whole. `language` is a code like `en`; empty words where nothing is known."""

    title: str = ""
    author: str = ""
    language: str = ""
    parts: tuple[Part, ...] = ()


def book_of(story: Story) -> Book:
    """The manuscript with the headings of the outline. Empty paragraphs are left out."""
    parts: list[Part] = []
    seen: set[str] = set()
    headings = story.headings()
    for block in story.manuscript:
        for depth, beat in enumerate(headings.get(block.beat, ()), 1):
            if beat.id not in seen:
                seen.add(beat.id)
                parts.append(Heading(beat.text.line, depth))
        if block.is_scene_break:
            parts.append(Break())
        elif text := block.text.strip():
            parts.append(Paragraph(tuple(Run(*run) for run in runs_of(text))))
    details = story.details
    return Book(details.title, details.author, details.language, tuple(parts))
