"""Places in a long text that is scrolled by (paragraph, line in it), so that no line outside the window is ever made."""

from __future__ import annotations

from collections.abc import Callable

Place = tuple[int, int]
"""A paragraph from 0, and a line of it from 0."""


def walked(at: Place, steps: int, count: int, size: Callable[[int], int]) -> Place:
    """The line `steps` below (or above) one, as far as the text goes: `count` paragraphs of `size` lines each, one at least."""
    index, line = at
    while steps > 0:
        lines = size(index)
        if line + steps < lines:
            return index, line + steps
        if index + 1 >= count:
            return index, lines - 1
        steps -= lines - line
        index, line = index + 1, 0
    while steps < 0:
        if line + steps >= 0:
            return index, line + steps
        if index == 0:
            return 0, 0
        steps += line + 1
        index -= 1
        line = size(index) - 1
    return index, line
