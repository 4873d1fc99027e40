"""A text as other programs know it: title, author, headings, paragraphs with italics, scene breaks. The middle of every document format.

Export makes a book of a story and a file of the book; import makes a book of a file and a journal of the book. It knows no format.
Emphasis stands in the manuscript as Markdown has it, `*so*`, and in a book as runs. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from composer.exchange.documents.emphasis import runs_of
from composer.story.story import Story

UNTITLED = "Untitled"
"""What a story without a title is called where a format needs one."""


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


def flat(text: str) -> str:
    """The text on one line, for titles and names: line ends and the white space around them become a blank."""
    return " ".join(line.strip() for line in text.strip().splitlines())


def typed(story: Story) -> Iterator[Heading | Break | str]:
    """The manuscript with the headings of the outline, its paragraphs as they were typed. None of the texts is empty.

    Beats that say nothing of themselves and empty paragraphs are left out.
    """
    seen: set[str] = set()
    headings = story.headings()
    for block in story.manuscript:
        for depth, beat in enumerate(headings.get(block.beat, ()), 1):
            if beat.id not in seen:
                seen.add(beat.id)
                if line := flat(beat.text.line):
                    yield Heading(line, depth)
        if block.is_scene_break:
            yield Break()
        elif text := block.text.strip():
            yield text


def book_of(story: Story) -> Book:
    """The manuscript with the headings of the outline. Empty paragraphs are left out."""
    parts = tuple(
        Paragraph(tuple(Run(*run) for run in runs_of(part))) if isinstance(part, str) else part for part in typed(story)
    )
    details = story.details
    return Book(flat(details.title), flat(details.author), details.language, parts)
