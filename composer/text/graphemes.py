"""Where a caret may stand: the borders of grapheme clusters, in characters. It knows no widths and no rows."""

from __future__ import annotations


def next_border(text: str, at: int) -> int:
    """The border behind the cluster that starts at `at`; the length of the text at its end."""
    if at >= len(text):
        return len(text)
    if text[at].isascii() and (at + 1 == len(text) or text[at + 1].isascii()):
        return at + 1
    import regex

    found = regex.compile(r"\X").match(text, at)
    return found.end() if found else at + 1


def previous_border(text: str, at: int) -> int:
    """The border before the cluster that ends at `at`; 0 at the start."""
    if at <= 0:
        return 0
    if text[at - 1].isascii() and (at == 1 or text[at - 2].isascii()):
        return at - 1
    # Clusters are found from the left only, so start far enough back to be on a sure border.
    start = max(0, at - 64)
    while start > 0 and not text[start].isspace():
        start -= 1
    border = start
    while (following := next_border(text, border)) < at:
        border = following
    return border


def snap(text: str, at: int) -> int:
    """The nearest border at or before `at`."""
    at = max(0, min(at, len(text)))
    if at in (0, len(text)):
        return at
    before = previous_border(text, at)
    return at if next_border(text, before) == at else before
