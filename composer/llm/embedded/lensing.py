"""The shape that a lens gives to the lines of an outline: marks, voice, order, length, roles and titles, by its words.

A table and how it is read. What no word of it tells leaves the shape as it is. Makes no line (see `plot`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from composer.llm.embedded.voicing import Voice

Mark = Literal["", "box", "bullet", "number", "scene"]
"""What a line begins with: nothing, `- [ ]`, `-`, its number, or `Scene` and its number."""
Roles = Literal["", "animals", "trades", "heroes"]
"""Whose parts the people play."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the lines of an outline are to look."""

    mark: Mark = ""
    voice: Voice = "told"
    steps: bool = False
    """Whether a line begins with "First," and "Then,"."""
    backwards: bool = False
    """From the end to the beginning."""
    length: Literal["usual", "long", "short"] = "usual"
    """`long`: fewer lines, each of several clauses; `short`: lines of one clause."""
    roles: Roles = ""
    titled: bool = False
    """Whether a line has a title before it."""
    tilt: Literal["", "worse"] = ""
    """What is rather told: `worse`, what goes wrong."""
    other: bool = False
    """Whether somebody else is at the centre than usually."""


_TABLE: tuple[tuple[str, dict[str, object]], ...] = (
    (r"to-?dos?\b|to do list|check-?list|\btasks?\b", {"mark": "box", "voice": "ordered"}),
    (r"numbered|\bnumbers?\b|step by step|\bsteps\b|instructions", {"mark": "number"}),
    (r"\bscenes?\b|stage play|screenplay|\bacts?\b", {"mark": "scene"}),
    (r"bullets?\b|bulleted", {"mark": "bullet"}),
    (r"executive|summary|summar|\bbrief\b|management|in short", {"length": "long"}),
    (r"parables?", {"roles": "trades"}),
    (r"allegor|heroic|\bmyth", {"roles": "heroes"}),
    (r"\bfables?|\banimals?\b", {"roles": "animals"}),
    (r"opposite|backwards?|reverse|from the end\b|end to (?:the )?(?:beginning|start)", {"backwards": True}),
    (r"missing|questions?\b|\bunanswered|not told|left open|\bask(?:s|ed)? (?:what|why|who)", {"voice": "asked"}),
    (r"mentor|letters?\b|advice|advis|teacher|\bcoach", {"steps": True}),
    (r"titles?\b|\bkin\b|\bbooks?\b|headings?\b|literary|library", {"titled": True}),
    (r"\bworst|disaster|catastroph|tragic|tragedy", {"tilt": "worse"}),
    (r"antagonist|(?:villain|enem(?:y|ies)|opponent|rival)s?['’]s? |(?:from|on) the other side", {"other": True}),
    (r"\bchild|\bkids?\b|simple words|short sentences", {"length": "short"}),
)  # fmt: skip
"""Words of a lens, and what they make of a shape."""
_SHAPES = tuple((re.compile(words, re.IGNORECASE), change) for words, change in _TABLE)
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_LINES = re.compile(r"\boutline\b", re.IGNORECASE)


def shape_of(lens: str, *, titled: bool = False) -> Shape:
    """The shape that a lens asks for; of two words that ask for different things, the one that comes first has its way.

    What it says of outlines goes before the rest. `titled`: whether titles are asked for whatever the lens.
    """
    shape = Shape(titled=titled)
    taken: set[str] = set()
    said_of_lines = " ".join(sentence for sentence in _SENTENCE.findall(lens) if _LINES.search(sentence))
    for text in (said_of_lines, lens):
        found = [(match.start(), change) for words, change in _SHAPES if (match := words.search(text))]
        for _, change in sorted(found, key=lambda entry: entry[0]):
            if taken.isdisjoint(change):
                shape = replace(shape, **change)  # type: ignore[arg-type]
                taken.update(change)
    return replace(shape, steps=shape.steps and shape.voice == "told")
