"""The manuscript as text or Markdown, and the holes that are still open in it. Pure.

Both have the title, the author as `by NAME`, headings, paragraphs with an empty line between, and `* * *` for a scene break. As text,
emphasis keeps the signs that were typed. As Markdown it is emphasis, and whatever else CommonMark would take for markup has a
backslash, so that a page shows the very words; so have lines that Pandoc or GitHub would take for more. Holes `[like this]` stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, flat, typed
from composer.exchange.documents.emphasis import text_of_runs
from composer.story.story import Story
from composer.text.holes import holes

SCENE_BREAK = "* * *"
_DEEPEST = 6

_INNER = re.compile(
    r"(?P<pair>\\[!-/:-@\[-`{-~])"  # has its backslash
    r"|<(?=[A-Za-z/!?])"  # tags, comments and addresses
    r"|&(?=#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]*;)"  # entities
    r"|`"  # code
    r"|(?<=\])\("  # links and pictures
    r"|\^(?=\[)"  # footnotes
    r"|~(?=~)|(?<=~)~"  # what is struck out
)
_BEGINNING = re.compile(
    r"""(?:[-+*:](?=[ \t]|$)              # items and definitions
    |\#{1,6}(?=[ \t]|$)                   # headings
    |[>|]                                 # quotations, tables and lines of verse
    |=+[ \t]*$                            # underlined headings
    |([-*_])(?:[ \t]*\1){2,}[ \t]*$       # rules
    )""",
    re.VERBOSE,
)
_NUMBERED = re.compile(r"([0-9]{1,9})([.)](?:[ \t]|$))")
_CLOSING = re.compile(r"(^|[ \t])(#+)$")


def manuscript(story: Story, *, markdown: bool) -> str:
    """The text with its title and the headings of the outline. Empty paragraphs are left out."""
    details = story.details
    return _written(flat(details.title), flat(details.author), typed(story), markdown=markdown)


def plain(book: Book) -> str:
    """A book as text, its emphasis as signs."""
    return _written(book.title, book.author, map(_as_typed, book.parts), markdown=False)


def markdown(book: Book) -> str:
    """A book as Markdown. White space at the ends of a paragraph is left out."""
    return _written(book.title, book.author, map(_as_typed, book.parts), markdown=True)


def open_holes(story: Story) -> list[tuple[int, str]]:
    """Every hole as (paragraph, from 1; its text with brackets), in order."""
    return [
        (number, block.text[start:end])
        for number, block in enumerate(story.manuscript, 1)
        for start, end in holes(block.text)
    ]


def _as_typed(part: Part) -> Heading | Break | str:
    return text_of_runs(part.runs).strip() if isinstance(part, Paragraph) else part


def _written(title: str, author: str, parts: Iterable[Heading | Break | str], *, markdown: bool) -> str:
    lines = []
    if title:
        lines.append(_heading(title, 1) if markdown else title)
    if author:
        lines.append(_inner(_literal(f"by {author}")) if markdown else f"by {author}")
    for part in parts:
        if isinstance(part, Break):
            lines.append(SCENE_BREAK)
        elif isinstance(part, Heading):
            lines.append(_heading(part.text, part.depth + 1) if markdown else part.text)
        elif part:
            lines.append(_paragraph(part) if markdown else part)
    return "\n\n".join(lines) + "\n" if lines else ""


def _heading(text: str, level: int) -> str:
    # Number signs at the end would close the heading.
    shown = _CLOSING.sub(r"\1\\\2", _inner(_literal(text)))
    return f"{'#' * min(level, _DEEPEST)} {shown}"


def _literal(text: str) -> str:
    """A text without emphasis as one types it, so that no sign in it means any."""
    return text_of_runs([(text, False, False)])


def _inner(text: str) -> str:
    """A paragraph as typed, with a backslash before all that would be markup within one, but emphasis."""
    return _INNER.sub(lambda found: found[0] if found["pair"] else f"\\{found[0]}", text)


def _paragraph(text: str) -> str:
    """A paragraph as typed, so that it is a paragraph in Markdown too, and shows these words."""
    line = _inner(text)
    if _BEGINNING.match(line):
        return f"\\{line}"
    if line.startswith("["):
        # Else what follows would be the address of a link, or a footnote, and not be seen.
        return line.replace("]:", "]\\:")
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if _NUMBERED.match(line) else line
