"""Signs of a listing: the marks, rows and words that tell what a stretch of an answer is.

All that reads an answer as lines shares these. They look at the stretch they are given and never at what stands around it.

Limit: whether a heading says what happens is told by its marks, its length and English verbs.
"""

from __future__ import annotations

from composer.text.signs import SPACELESS, compiled

Range = tuple[int, int]
"""A stretch of a text, as characters [start:end)."""
TERMINAL = ".!?…。！？۔؟।"
"""The marks that end a sentence."""
CLOSERS = "\"'”’»«)]*_」』"
"""What may stand behind them, within the sentence."""
FENCE = r"`{3,}[^`]*$|~{3,}[^~]*$"
"""A row that opens or closes Markdown's code."""
_VERB = (
    r"\b(?:is|are|was|were|has|have|had|will|can|must|do|does)\b|(?<!['’])\b(?!his\b|this\b|its\b)[a-z]+[^\Wsu'’]s\b"
)
FEW = 3
"""How many rows may introduce JSON, and how many a remark may have."""


def worded(text: str, start: int, end: int) -> bool:
    """Whether a letter or a digit stands in [start:end)."""
    return compiled(r"[^\W_]").search(text, start, end) is not None


def behind_space(text: str, at: int, end: int) -> int:
    """Where the text goes on behind white space, no further than `end`."""
    found = compiled(r"\s*").match(text, at, end)
    return found.end() if found else at


def reads_as_sentence(words: str) -> bool:
    """Whether words that may be a heading say what happens."""
    if words.rstrip(CLOSERS).endswith(tuple(TERMINAL)):
        return True
    count = len(words.split())
    if count < 3:
        return len(words) > 30 and compiled(SPACELESS).search(words) is not None
    return count > 8 or (count > 4 and compiled(_VERB).search(words) is not None)


def title_end(text: str, start: int, end: int) -> int:
    """Where a title ends without the sign that leads on to what follows."""
    while start < end and (text[end - 1].isspace() or text[end - 1] in ":：-–—"):
        end -= 1
    if text[end - 1 : end] == "." and text[max(start, end - 2) : end - 1] not in (".", ""):
        end -= 1
    return end
