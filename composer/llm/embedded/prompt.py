"""What a request says: the texts of its messages by what they are for, and the kind of reply that is asked for.

Reads ordinary prompt text: fixed headings on lines of their own if there are any, else the last user message is
the beat and the last assistant message the paragraph before. The kind is read from which headings there are, and
where a passage is to be written again, from the words of the system message. Understands nothing of the texts
themselves (see `request`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["continue", "fill", "polish", "smooth", "rework"]
"""A new paragraph; what stands between two texts; a passage again: with few changes, joined, or as instructed."""

PURPOSE = "Purpose"
NOTES = "Notes"
SAMPLES = "Samples of the style"
OUTLINE = "Outline"
SO_FAR = "Story so far"
PREVIOUS = "Previous paragraph"
AFTER = "Text after"
PASSAGE = "Passage"
HOLE = "What is missing here"
INSTRUCTION = "Instruction"
NEXT = "Next, in one paragraph"
HEADINGS = (PURPOSE, NOTES, SAMPLES, OUTLINE, SO_FAR, PREVIOUS, AFTER, PASSAGE, HOLE, INSTRUCTION, NEXT)
"""Headings that a prompt may have, each on a line of its own and followed by a colon."""
_HEADING = re.compile(r"^(" + "|".join(re.escape(h) for h in HEADINGS) + r"):[ \t]*$", re.MULTILINE)

_ASKED: tuple[tuple[str, Kind], ...] = (
    ("write an outline", "continue"),
    ("as few changes", "polish"),
    ("keeping the pieces' words", "smooth"),
    ("joined from pieces", "smooth"),
    ("as the instruction asks", "rework"),
    ("what is missing between", "fill"),
)
"""Words of a system message, and the kind of reply that they ask for."""
_FINISHED = re.compile(r"""[.?!…]["”'’»)\]*_]*$|["”»]$""")
_SENTENCE = re.compile(r"""(?:[.?!…]+["”'’»)\]]*\s+|^\s*)(?=\S)""")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The texts that a request is made of; empty where it has none."""

    beat: str = ""
    """What is to be told; for a hole, its words."""
    previous: str = ""
    story: str = ""
    outline: str = ""
    purpose: str = ""
    instruction: str = ""
    tail: str = ""
    """Text that the reply goes on from in the middle of a paragraph."""
    kind: Kind = "continue"
    after: str = ""
    """Text that follows what is asked for."""
    passage: str = ""
    """Text that is to be written again."""
    notes: str = ""


def read_messages(messages: Sequence[tuple[str, str]]) -> Prompt:
    """The prompt in a list of (role, text)."""
    users = [text for role, text in messages if role == "user"]
    replies = [text for role, text in messages if role == "assistant"]
    system = "\n".join(text for role, text in messages if role in ("system", "developer"))
    parts = read_headings(users[-1]) if users else {}
    before = replies[-1] if replies else ""
    if not parts:
        return Prompt(beat=users[-1].strip() if users else "", previous=_last_paragraph(before), story=before)
    return _prompt(parts, before, system)


def read_text(text: str) -> Prompt:
    """The prompt in a raw text, which the reply goes on from."""
    parts = read_headings(text)
    if parts:
        return _prompt(parts, "", "")
    head, _, tail = text.rpartition("\n")
    return Prompt(previous=_last_paragraph(head), story=text, tail=tail, beat="")


def _prompt(parts: Mapping[str, str], before: str, system: str) -> Prompt:
    kind = _kind(parts, system)
    story = parts.get(SO_FAR, "") or before
    previous = _last_paragraph(parts.get(PREVIOUS, "") or story)
    beat, outline = parts.get(NEXT, ""), parts.get(OUTLINE, "")
    if parts.get(HOLE):
        beat, outline = parts[HOLE], f"{outline}\n{beat}"
    return Prompt(
        beat="" if kind in ("polish", "smooth", "rework") else beat,
        previous=previous,
        story=story,
        outline=outline,
        purpose=parts.get(PURPOSE, ""),
        instruction=parts.get(INSTRUCTION, ""),
        tail=_unfinished(previous) if kind == "fill" else "",
        kind=kind,
        after=parts.get(AFTER, ""),
        passage=parts.get(PASSAGE, "") if kind in ("polish", "smooth", "rework") else "",
        notes=parts.get(NOTES, ""),
    )


def _kind(parts: Mapping[str, str], system: str) -> Kind:
    said = system.lower()
    asked = next((kind for words, kind in _ASKED if words in said), None)
    if asked == "continue":
        return asked
    if parts.get(PASSAGE) and not parts.get(HOLE):
        if asked in ("polish", "smooth", "rework"):
            return asked
        if asked is None:
            return "rework" if parts.get(INSTRUCTION) else "polish"
    return "fill" if asked == "fill" or AFTER in parts or HOLE in parts else "continue"


def read_headings(text: str) -> dict[str, str]:
    """Heading to the text that follows it, for the headings above; the last one wins."""
    found = list(_HEADING.finditer(text))
    ends = [*(match.start() for match in found), len(text)][1:]
    return {match.group(1): text[match.end() : end].strip() for match, end in zip(found, ends, strict=True)}


def _last_paragraph(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _unfinished(paragraph: str) -> str:
    """The sentence or speech that the paragraph breaks off in, with a space after it; empty if it ends with a whole one.

    No space after a quote that has just been opened.
    """
    speech = re.match(r'^(?:[^"]*"[^"]*")*[^"]*("[^"]*)$', paragraph) or re.search("(“[^”]*)$", paragraph)
    if speech:
        return speech.group(1) + (" " if len(speech.group(1)) > 1 else "")
    if not paragraph or _FINISHED.search(paragraph):
        return ""
    start = max((match.end() for match in _SENTENCE.finditer(paragraph)), default=0)
    return paragraph[start:] + " "
