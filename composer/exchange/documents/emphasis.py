"""Emphasis within a paragraph: from text with `*italic*`, `**bold**` and `_italic_` to runs, and from runs to such text. Pure.

What CommonMark takes for emphasis is emphasis, and a backslash takes a sign's meaning away. Nothing else of Markdown means anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from composer.story.manuscript import SCENE_BREAKS

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


def text_of_runs(runs: Iterable[Look]) -> str:
    """The text of one paragraph whose runs are these, which may be untidy: `runs_of` gives them back, tidy.

    A sign gets a backslash only where something in the paragraph would be taken otherwise. White space at the edges of emphasis
    moves outside it. Where CommonMark has no way to say emphasis, as inside a word right before a quote mark, the marks at its
    edges move outside too, or it is left out; the characters are always the same. A paragraph that would be taken for a scene
    break is escaped.
    """
    tidy = _tidy(_without_edges(runs))
    if not any(italic or bold for _, italic, bold in tidy):
        text = "".join(run[0] for run in tidy)
        text = text if len(text) <= LONG and runs_of(text) == tidy else _escaped(text)
    else:
        text = _said(tidy, 0, len(tidy), _DELIMITERS[0], lambda part: part)
        if not _easy(tidy) and runs_of(text) != tidy:
            text = _said_apart(tidy)
    if text.strip() in SCENE_BREAKS:
        return re.sub(r"([*#])", r"\\\1", text)
    return text


def sayable(runs: Iterable[Look]) -> list[Look]:
    """The runs as they come back from the text that says them."""
    tidy = _tidy(_without_edges(runs))
    return tidy if _easy(tidy) else runs_of(text_of_runs(tidy))


def _easy(runs: Sequence[Look]) -> bool:
    """Whether the usual signs say these runs for certain: no sign is in them, and plain text parts stretches that begin and end in letters."""
    marked = False
    for text, italic, bold in runs:
        if _SIGNS.search(text) or (marked and (italic or bold)):
            return False
        marked = italic or bold
        if marked and not (text[0].isalnum() and text[-1].isalnum()):
            return False
    return True


LONG = 50_000
"""Characters from which on emphasis in a paragraph is not looked for: the time that it takes grows with the square of their number."""
_SIGNS = re.compile(r"[*_\\]")
_DELIMITERS = (("*", "**"), ("_", "**"), ("*", "__"), ("_", "__"))
"""Signs of italics and of bold, the usual ones first. Each way says something that the others can't."""
_SIGN = re.compile(r"[*_]|\\(?=[!-/:-@\[-`{-~]|$)")


def _escaped(text: str) -> str:
    return _SIGN.sub(r"\\\g<0>", text)


def _without_edges(runs: Iterable[Look]) -> list[Look]:
    """The runs with white space at the edges of italics and of bold outside them."""
    found = [run for run in runs if run[0]]
    if not any((run[1] or run[2]) and (run[0][0].isspace() or run[0][-1].isspace()) for run in found):
        return found
    for look in (1, 2):
        parted: list[Look] = []
        for marked, group in groupby(found, key=lambda run: run[look]):
            stretch = list(group)
            if not marked:
                parted += stretch
                continue
            text = "".join(run[0] for run in stretch)
            start, end = len(text) - len(text.lstrip()), len(text.rstrip())
            at = 0
            for run in stretch:
                size = len(run[0])
                left, right = min(max(start - at, 0), size), max(min(end - at, size), 0)
                left = min(left, right) if start <= end else size
                plain = (run[1] and look != 1, run[2] and look != 2)
                parted += [
                    (run[0][:left], *plain),
                    (run[0][left:right], *run[1:]),
                    (run[0][max(left, right) :], *plain),
                ]
                at += size
        found = [run for run in parted if run[0]]
    return found


def _said(runs: Sequence[Look], start: int, end: int, signs: tuple[str, str], plain: Callable[[str], str]) -> str:
    """The runs [start:end) with these signs around what is emphasised, the longer stretch outside. `plain` is done to their texts."""
    parts = []
    at = start
    while at < end:
        text, italic, bold = runs[at]
        until = {look: _until(runs, at, end, look) for look, marked in ((1, italic), (2, bold)) if marked}
        if not until:
            parts.append(plain(text))
            at += 1
            continue
        outer = max(until, key=lambda look: until[look])
        inner = [(run[0], run[1] and outer != 1, run[2] and outer != 2) for run in runs[at : until[outer]]]
        sign = signs[outer - 1]
        parts.append(f"{sign}{_said(_tidy(inner), 0, len(_tidy(inner)), signs, plain)}{sign}")
        at = until[outer]
    return "".join(parts)


def _until(runs: Sequence[Look], at: int, end: int, look: int) -> int:
    """The end of the stretch of this look that begins at `at`."""
    while at < end and runs[at][look]:
        at += 1
    return at


def _said_apart(runs: list[Look]) -> str:
    """The runs with every sign of their own escaped, and for each emphasised stretch the signs that CommonMark takes there.

    A stretch closes all that it opens, so that only the characters beside it have a say in it.
    """
    parts: list[str] = []
    before = ""
    stretches = [list(group) for _, group in groupby(runs, key=lambda run: run[1] or run[2])]
    for number, stretch in enumerate(stretches):
        if not (stretch[0][1] or stretch[0][2]):
            parts.append(_escaped(stretch[0][0]))
        else:
            following = stretches[number + 1][0][0][0] if number + 1 < len(stretches) else ""
            parts.append(_stretch(stretch, before, following))
        before = stretch[-1][0][-1]
    return "".join(parts)


def _stretch(stretch: list[Look], before: str, following: str) -> str:
    """One emphasised stretch between two characters, either of which may be empty."""
    for inside in _narrower(stretch):
        wanted = _tidy([(before, False, False), *inside, (following, False, False)])
        for signs in _DELIMITERS:
            text = _said(inside, 0, len(inside), signs, _escaped)
            if runs_of(f"{_escaped(before)}{text}{_escaped(following)}") == wanted:
                return text
    return _escaped("".join(run[0] for run in stretch))


def _narrower(stretch: list[Look]) -> Iterator[list[Look]]:
    """The stretch as it is, then with the marks at its edges outside."""
    yield stretch
    text = "".join(run[0] for run in stretch)
    inner = re.search(r"\w(?:.*\w)?", text, re.DOTALL)
    if inner is None:
        return
    for start, end in ((0, inner.end()), (inner.start(), len(text)), inner.span()):
        narrow: list[Look] = []
        at = 0
        for run in stretch:
            left, right = max(start - at, 0), min(end - at, len(run[0]))
            if left >= right:
                narrow.append((run[0], False, False))
            else:
                narrow += [
                    (run[0][:left], False, False),
                    (run[0][left:right], *run[1:]),
                    (run[0][right:], False, False),
                ]
            at += len(run[0])
        yield _tidy(_without_edges(narrow))
