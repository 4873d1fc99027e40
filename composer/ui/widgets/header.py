"""The line above a candidate: its number, what it was made with, how far it is, and what is to be said of it in a few words.

What does not fit is left out whole, the least of it first. It paints one line and knows no round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composer.ui.lines import Part
from composer.ui.phrases import shortened
from composer.ui.signs import Signs
from composer.ui.theming import Palette
from composer.ui.widgets.rows import style_of
from composer.ui.widgets.state import State
from composer.ui.wrapping import cells

NUMBER = 3
"""Cells of the number and of what stands between it and the label: the labels of ten candidates begin in one column."""
_FIRST_WORDS = 24
"""Cells of a candidate's text that are worth more than the least of what is to be said."""


@dataclass(frozen=True)
class Header:
    """What stands in it. `label` is filled to `label_width`, both empty while a round is tasted blind.

    `first` stands before `told` where there is no room for both, `last` only where there is room beside it.
    """

    number: int
    state: State
    label: str = ""
    label_width: int = 0
    here: bool = False
    changed: str = ""
    """What the writer did to it: always said."""
    first: Sequence[str] = ()
    told: str = ""
    last: Sequence[str] = ()
    text: str | None = None
    """The candidate's text, where this line is all that is shown of it."""


def label_room(width: int) -> int:
    """The most cells that a line of that width has for the label. It depends on nothing that changes while a candidate writes."""
    return max(8, min(width - 24, width * 9 // 20))


def room_for_state(number: int, label_width: int, width: int) -> int:
    """The cells that are left for the words of the state."""
    label = min(label_width, label_room(width))
    return width - len(f" {number:<{NUMBER}}") - (label + 1 if label else 0) - len("* ")


def painted(header: Header, width: int, palette: Palette, signs: Signs) -> list[Part]:
    """The line, in at most `width` cells where that is possible."""
    wide = min(header.label_width, label_room(width))
    label = shortened(header.label, wide, signs.ellipsis, words=False)
    gap = " " * max(1, NUMBER - len(str(header.number)))
    parts: list[Part] = [
        (f"{signs.here if header.here else ' '}{header.number}", palette.title),
        (gap + (f"{label}{' ' * (wide - cells(label))} " if wide else ""), palette.text),
        (f"{header.state.sign} ", style_of(palette, header.state.style)),
        (header.state.words + header.changed, palette.text),
    ]
    used = sum(cells(text) for text, _ in parts)

    def add(words: str, beside: int) -> None:
        nonlocal used
        more = f" · {words}"
        if words and used + cells(more) + beside + 1 <= width:
            parts.append((more, palette.text))
            used += cells(more)

    for words in header.first:
        add(words, 0)
    told = header.told if cells(header.told) + used + 3 <= width else ""
    kept = cells(told) + 2 if told else 0
    for words in header.last:
        add(words, kept + (0 if header.text is None else _FIRST_WORDS))
    if header.text:
        room = max(0, width - used - 3 - kept)
        shown = header.text[: 2 * width].replace("\n", " ").lstrip()[:room]
        parts.append(("  " + shown, palette.dim))
        used += 2 + cells(shown)
    if told:
        parts += [(" " * max(1, width - used - cells(told) - 1), palette.text), (told, palette.waiting)]
    return parts
