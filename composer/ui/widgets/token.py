"""What is said of one token: how surprising it was, and what else was likely there. Pure words, no colours."""

from __future__ import annotations

import re

from composer.story.surprise import Choice, probability
from composer.ui.phrases import shortened
from composer.ui.signs import Signs
from composer.ui.wrapping import cells

_LONGEST = 24
"""Cells of a token's text."""
_BREAK = re.compile(r"\s")


def told(text: str, choice: Choice, width: int, signs: Signs) -> str:
    """`“lamp” 3.2 bits · 11 % · “light” 22 %`: the token, and as many others as fit in `width` cells, the likeliest first."""
    token = text[choice.start : choice.end]
    others = sorted((other for other in choice.others if other[0] != token), key=lambda other: -other[1])
    worded = [each for each in (token, *(other for other, _ in others)) if each.strip()]
    # A space before a word is said only where some have it and some don't.
    spaced = {each[0] == " " for each in worded} == {True, False}
    line = f"{_shown(token, spaced, signs)} {choice.bits:.1f} bits · {percent(choice.probability)}"
    for other, logprob in others:
        more = f" · {_shown(other, spaced, signs)} {percent(probability(logprob))}"
        if cells(line) + cells(more) > width:
            break
        line += more
    return line


def percent(share: float) -> str:
    """`11 %`; below one in a hundred with a digit behind the point."""
    if share >= 0.00995:
        return f"{share:.0%}".replace("%", " %")
    return f"{share * 100:.1f} %" if share >= 0.001 else "<0.1 %"


def _shown(token: str, spaced: bool, signs: Signs) -> str:
    if token[:1] == " " and token.strip() and not spaced:
        token = token[1:]
    if not token.strip():
        shown = "".join(signs.space if char == " " else _white(char, signs) for char in token)
    else:
        lead = len(token) - len(token.lstrip(" "))
        shown = signs.space * lead + _BREAK.sub(lambda found: _white(found[0], signs), token[lead:])
    return f"“{shortened(shown, _LONGEST, signs.ellipsis)}”"


def _white(char: str, signs: Signs) -> str:
    """How white space within a token is shown."""
    return signs.line_break if char == "\n" else " " if char == " " else signs.space
