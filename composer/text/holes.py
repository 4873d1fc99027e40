"""Holes: bracketed text that waits to be filled, `[like this]`. It knows no places but characters."""

from __future__ import annotations

import re

HOLE = re.compile(r"\[[^\[\]\n]+\]")


def holes(text: str) -> list[tuple[int, int]]:
    """The holes of a text as [start, end), brackets included, in order."""
    return [found.span() for found in HOLE.finditer(text)]
