"""The words of requests, instructions and headings, and what sending them as messages adds.

The headings are fixed: the embedded model reads the request by them.
"""

from __future__ import annotations

from composer.story.candidate import OUTLINES, RoundKind
from composer.story.story import Structure

PURPOSE = "Purpose:"
NOTES = "Notes:"
CONDENSED = "Earlier, in short:"
EXEMPLARS = "Samples of the style:"
OUTLINE = "Outline:"
SO_FAR = "Story so far:"
PREVIOUS = "Previous paragraph:"
AFTER = "Text after:"
PASSAGE = "Passage:"
HOLE = "What is missing here:"
INSTRUCTION = "Instruction:"
NEXT = "Next, in one paragraph:"
DIVIDE = "To be told in smaller beats:"
BEATS = "The beats by their numbers:"
PER_MESSAGE = 8
"""Tokens that a chat format adds to a message, at most."""
GAP = "[…]\n\n"
"""Stands where text between two paragraphs is left out."""
BETWEEN = "***\n\n"
"""Stands between two samples of the style."""
BEGINNING = "The story begins.\n\n"
"""What is asked for where there is nothing yet."""

_BASES: dict[Structure, tuple[str, str]] = {
    "fiction": (
        "You write fiction together with a novelist, who will pick sentences from what you write. "
        "Keep to the voice, tense and person of the text that is given. "
        "Answer with prose alone: no title, no list, no quotation marks around it, no remark of your own.",
        "You plan fiction together with a novelist, who will pick lines from what you write. "
        "Answer with the lines alone: no introduction, no remark of your own.",
    ),
    "nonfiction": (
        "You write non-fiction together with its author, who will pick sentences from what you write. "
        "Keep to the voice, person and terms of the text that is given, and make up no facts, names or figures. "
        "Answer with prose alone: no heading, no list, no quotation marks around it, no remark of your own.",
        "You plan non-fiction together with its author, who will pick lines from what you write. "
        "Answer with the lines alone: no introduction, no remark of your own.",
    ),
}
"""What a model is told first, by the structure of the session: where it writes text, and where it writes lines for the outline."""

_TASK: dict[RoundKind, str] = {
    "continue": "Write the one paragraph that comes next, telling what is asked for and stopping there.",
    "fill": "Write what is missing between the text before and the text after, so that all three read as one.",
    "rework": "Write the passage anew as the instruction asks. Keep what it does not ask to change.",
    "polish": "Write the passage again with as few changes as make it better.",
    "smooth": (
        "The passage was joined from pieces by different hands. Write it again so that it reads as one, "
        "keeping the pieces' words and changing only what the joints need."
    ),
    "outline": (
        "Write an outline of the whole story: a line for each beat, in order, each a full sentence in the present tense that "
        "says what happens. Keep what the outline that is given says, and add what is missing."
    ),
    "expand": (
        "Break the beat into the smaller ones that it is made of: a line for each, in order, each a full sentence in the "
        "present tense that says what happens."
    ),
    "summary": "Say in one sentence, in the present tense, what happens in the passage.",
    "draft": (
        "Write the whole story, from the first beat to the last, at least a paragraph for each. Before the text of each beat "
        "put its number in brackets on a line of its own, as it is given: [1]."
    ),
    "condense": (
        "Tell in few words what happens in the passage, in order, in the past tense: who does what, what they learn, what is "
        "left open. Keep all names, numbers and things that may matter later. Add nothing."
    ),
}

_TASK_OF_NONFICTION: dict[RoundKind, str] = {
    "continue": "Write the one paragraph that comes next in the section, saying what is asked for and stopping there.",
    "outline": (
        "Write an outline of the whole text: a line for each section, in order: its heading, a colon, and a sentence that sums "
        "up what the section says. Keep what the outline that is given says, and add what is missing."
    ),
    "expand": (
        "Break the section into the smaller ones that it is made of: a line for each, in order: its heading, a colon, and a "
        "sentence that sums up what it says."
    ),
    "summary": "Say in one sentence what the passage says.",
    "draft": (
        "Write the whole text, from the first section to the last, at least a paragraph for each. Before the text of each section "
        "put its number in brackets on a line of its own, as it is given: [1]."
    ),
    "condense": (
        "Tell in few words what the passage says, in order: its claims, its reasons, what is left open. Keep all names, numbers "
        "and terms that may matter later. Add nothing."
    ),
}
"""Where a text that tells no story is asked for in other words."""


def instructions(kind: RoundKind, lens: str = "", structure: Structure = "fiction") -> str:
    """The system message. `lens` is a framing in the writer's words: `as a mentor of ten years`, or whole sentences."""
    told = _TASK if structure == "fiction" else {**_TASK, **_TASK_OF_NONFICTION}
    return f"{_BASES[structure][kind in OUTLINES]}{framing(lens)} {told[kind]}"


def framing(lens: str) -> str:
    """A lens as a sentence behind another one; empty without one. What begins as a sentence stays as it is."""
    if not lens:
        return ""
    first = lens.strip()[:1]
    return f" {_ended(lens.strip())}" if first != first.lower() else f" Write {lens.rstrip('.')}."


_LED: dict[RoundKind, str] = {
    "outline": "An outline of the whole story, a line for each beat.",
    "expand": "The beats that this one is made of, a line for each:",
    "draft": "The whole story, each beat under its number in brackets.",
}
"""How the note for a base model begins that asks for more than the next paragraph."""


def note(kind: RoundKind, beat: str, instruction: str, lens: str, passage: str) -> str:
    """What a base model is told, which takes no instructions: a note in brackets, as editors leave them in a text."""
    said = [_ended(line.strip()) for line in (*beat.split("\n"), instruction, lens) if line.strip()]
    if kind in ("rework", "polish", "smooth"):
        how = " ".join(said) or "with as few changes as make it better"
        return f"{PASSAGE}\n{passage}\n\n[ The same passage again, {how.rstrip('.')}. ]\n\n"
    if kind == "condense":
        how = " ".join(("told in few words.", *said))
        return f"{PASSAGE}\n{passage}\n\n[ The same passage again, {how.rstrip('.')}. ]\n\n"
    if kind == "summary":
        how = " ".join(("in one sentence.", *said))
        return f"{PASSAGE}\n{passage}\n\n[ The same passage again, {how.rstrip('.')}. ]\n\n"
    if kind in ("outline", "expand", "draft"):
        return f"[ {' '.join((_LED[kind], *said))} ]\n\n"
    if kind == "fill" and passage:
        said.insert(0, _ended(passage.strip("[] ")))
    return f"[ Next: {' '.join(said)} ]\n\n" if said else ""


def _ended(line: str) -> str:
    """A line with a full stop, unless it has an end already."""
    return line if line.endswith((".", "!", "?", "…", "”", '"', "。")) else f"{line}."
