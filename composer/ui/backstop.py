"""The last guard before the terminal: nothing that is painted may hold a character that a terminal obeys or hides behind.

Text is filtered when it comes into the program; what stands here holds even where that was forgotten. `install` guards every
widget of an app, ours and Textual's; `to_content` is the way to give one of Textual's widgets text as it is. It never decides
what a writer may write, and leaves joiners, variation selectors and private characters alone.
"""

from __future__ import annotations

import re
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter

from composer.text.clean import clean

_BAD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""C0, DEL and C1 controls, bidirectional marks, line separators, byte order marks, interlinear marks, tags, surrogates."""


class Backstop(LineFilter):
    """Looks at every segment of every line. What is found is replaced without changing how wide the line is taken to be."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        for text, style, _ in segments:
            # Characters that are printable to Python are none of the bad ones, and nearly all text is made of them alone.
            if not text.isprintable() or (style is not None and style._link):
                return [_guarded(segment) for segment in segments]
        return segments


def _guarded(segment: Segment) -> Segment:
    text, style, control = segment
    if not text.isprintable():
        text = _BAD.sub(_stand_in, text)
    if style is not None and style.link:
        # An address is a sequence of its own to the terminal, and could carry another.
        style = style.update_link(None)
    return Segment(text, style, control)


def _stand_in(found: re.Match[str]) -> str:
    # Most take no cell. One that would be drawn makes the line longer than its pane is wide.
    return "?" * cell_len(found[0])


def install(app: App[Any]) -> None:
    """Guard everything that the app paints from now on. Once is enough, and more does no harm."""
    if not any(isinstance(each, Backstop) for each in app._filters):
        app._filters.append(Backstop())


def to_content(text: str) -> Content:
    """Text as it is, for a widget that would read markup in a string: brackets stay brackets, and nothing is a link."""
    return Content(clean(text))
