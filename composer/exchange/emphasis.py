"""Emphasis within a paragraph: from text with `*italic*`, `**bold**` and `_italic_` to runs, and from runs to such text. Pure.

What CommonMark takes for emphasis is emphasis, and a backslash takes a sign's meaning away. Nothing else of Markdown means anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

Look = tuple[str, bool, bool]
"""A stretch of text, whether it is italic, whether it is bold."""


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(["emphasis", "escape"])


def runs_of(text: str) -> list[Look]:
    """The runs of one paragraph of text, tidy. Nothing for an empty text."""
    if not any(sign in text for sign in "*_\\"):
        return [(text, False, False)] if text else []
    italic = bold = 0
    found: list[Look] = []
    for token in _parser().parseInline(text)[0].children or ():
        if token.type == "em_open":
            italic += 1
        elif token.type == "em_close":
            italic -= 1
        elif token.type == "strong_open":
            bold += 1
        elif token.type == "strong_close":
            bold -= 1
        elif token.content:
            found.append((token.content, italic > 0, bold > 0))
    return _tidy(found)


def _tidy(runs: Iterable[Look]) -> list[Look]:
    kept: list[Look] = []
    for text, italic, bold in runs:
        if kept and kept[-1][1:] == (italic, bold):
            kept[-1] = (kept[-1][0] + text, italic, bold)
        elif text:
            kept.append((text, italic, bold))
    return kept
