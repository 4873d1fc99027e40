"""A prompt as it is shown: cut into pieces of lines, with its special tokens and what is else not seen made visible. Pure.

However long the text is, no more of it is looked at than is drawn, once it is laid. It renders no template.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from composer.text.clean import clean, one_line
from composer.text.graphemes import snap
from composer.text.special import special
from composer.ui.signs import PLAIN, Signs
from composer.ui.wrapping import Row, wrap

LONGEST = 2000
"""Characters of a piece of text that is wrapped at once: a paragraph, unless it is longer."""
NEAR = 64
"""Characters within which a border is looked for in a word that has to be cut."""
CHAT = ("", "chat")
"""Names under which messages are sent, and no template is used."""

_ROLE = re.compile(r"\[(?:system|developer|user|assistant|tool|prompt|suffix)\]")


@dataclass(frozen=True)
class PromptSigns:
    """What is drawn in the text: around special tokens, at line breaks, for blanks at the end of a line."""

    opens: str = "⟦"
    closes: str = "⟧"
    breaks: str = "↵"
    blank: str = "·"

    @classmethod
    def of(cls, signs: Signs) -> PromptSigns:
        return cls("{", "}", "$", "_") if signs.bar == PLAIN.bar else cls()


@dataclass(frozen=True)
class Laid:
    """A text cut into pieces, none longer than `LONGEST`, each within one line. `special` are the places of special tokens.

    With `chat` the lines that name a role are headings.
    """

    text: str
    starts: Sequence[int]
    special: Sequence[tuple[int, int]]
    chat: bool = False

    def __len__(self) -> int:
        return len(self.starts)

    def piece(self, index: int) -> tuple[int, int, bool]:
        """Start and end of a piece, and whether a line break follows it."""
        if index + 1 >= len(self.starts):
            return self.starts[index], len(self.text), False
        after = self.starts[index + 1]
        breaks = self.text[after - 1] == "\n"
        return self.starts[index], after - breaks, breaks

    def is_heading(self, index: int) -> bool:
        """Whether a piece names the role of the message below it."""
        start, end, _ = self.piece(index)
        alone = index == 0 or self.piece(index - 1)[0] == self.piece(index - 1)[1]
        return self.chat and alone and _ROLE.fullmatch(self.text, start, end) is not None


def lay(text: str, *, chat: bool = False) -> Laid:
    """Cut a text into pieces and find its special tokens."""
    text = clean(text)
    starts = array("q")
    at = 0
    while True:
        end = text.find("\n", at)
        last = end < 0
        end = len(text) if last else end
        while end - at > LONGEST:
            starts.append(at)
            blank = text.rfind(" ", at + LONGEST // 2, at + LONGEST)
            at = blank + 1 if blank >= 0 else _cut(text, at, at + LONGEST)
        starts.append(at)
        if last:
            return Laid(text, starts, special(text), chat)
        at = end + 1


def _cut(text: str, start: int, end: int) -> int:
    """Where to cut a long word that begins at `start`: at a border before `end`, or there if none is near."""
    back = min(NEAR, end - start)
    found = snap(text[end - back : end + NEAR], back)
    return end - back + found if found else end


@dataclass(frozen=True)
class Drawn:
    """A piece as it is shown: its text, the characters [start:end) in a style of the palette, and its rows."""

    text: str
    runs: Sequence[tuple[int, int, str]]
    rows: Sequence[Row]


def draw(laid: Laid, index: int, width: int, signs: Signs, foot: str = "") -> Drawn:
    """A piece with its special tokens in brackets, and what is not seen by itself made visible; `foot` stands behind the last one."""
    marks = PromptSigns.of(signs)
    start, end, breaks = laid.piece(index)
    shown: list[str] = []
    runs: list[tuple[int, int, str]] = []
    size = 0

    def add(text: str, style: str = "") -> None:
        nonlocal size
        if style and text:
            runs.append((size, size + len(text), style))
        shown.append(text)
        size += len(text)

    def plain(text: str) -> None:
        for number, part in enumerate(text.split("\t")):
            if number:
                add(f"{signs.arrow}   ", "dim")
            add(part)

    stop = start + len(laid.text[start:end].rstrip(" ")) if breaks or end == len(laid.text) else end
    if laid.is_heading(index):
        add(laid.text[start:end], "heading")
    else:
        at = start
        first = max(0, bisect_right(laid.special, (start, start)) - 1)
        for number in range(first, len(laid.special)):
            left, right = laid.special[number]
            if left >= end:
                break
            if right <= start:
                continue
            plain(laid.text[at : max(left, start)])
            if left >= start:
                add(marks.opens, "lands")
            add(laid.text[max(left, start) : min(right, end)], "title")
            if right <= end:
                add(marks.closes, "lands")
            at = min(right, end)
        plain(laid.text[at:stop])
        add(marks.blank * (end - max(at, stop)), "dim")
    if breaks:
        add(marks.breaks, "dim")
    elif foot and index == len(laid) - 1:
        add(f"{signs.lands} {foot}", "lands")
    text = "".join(shown)
    return Drawn(text, runs, wrap(text, width))


def named(template: str) -> str:
    """What a template is called on the screen."""
    return "chat" if template in CHAT else one_line(PurePath(template).name or template, 30)
