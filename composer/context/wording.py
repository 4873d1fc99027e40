"""The words of requests, instructions and headings, and what sending them as messages adds.

The headings are fixed: the embedded model reads the request by them.
"""

from __future__ import annotations

from composer.story.candidate import RoundKind

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
PER_MESSAGE = 8
"""Tokens that a chat format adds to a message, at most."""
GAP = "[…]\n\n"
"""Stands where text between two paragraphs is left out."""
BETWEEN = "***\n\n"
"""Stands between two samples of the style."""
BEGINNING = "The story begins.\n\n"
"""What is asked for where there is nothing yet."""

_COMMON = (
    "You write fiction together with a novelist, who will pick sentences from what you write. "
    "Keep to the voice, tense and person of the text that is given. "
    "Answer with prose alone: no title, no list, no quotation marks around it, no remark of your own."
)

_TASK: dict[RoundKind, str] = {
    "continue": "Write the one paragraph that comes next, telling what is asked for and stopping there.",
    "fill": "Write what is missing between the text before and the text after, so that all three read as one.",
    "rework": "Write the passage anew as the instruction asks. Keep what it does not ask to change.",
    "polish": "Write the passage again with as few changes as make it better.",
    "smooth": (
        "The passage was joined from pieces by different hands. Write it again so that it reads as one, "
        "keeping the pieces' words and changing only what the joints need."
    ),
    "outline": "Write an outline: one line for each beat, in order, each a full sentence.",
    "condense": (
        "Tell in few words what happens in the passage, in order, in the past tense: who does what, what they learn, what is "
        "left open. Keep all names, numbers and things that may matter later. Add nothing."
    ),
}


def instructions(kind: RoundKind, lens: str = "") -> str:
    """The system message. `lens` is a framing in the writer's words: `as a mentor of ten years`."""
    return f"{_COMMON}{framing(lens)} {_TASK[kind]}"


def framing(lens: str) -> str:
    """A lens as a sentence behind another one; empty without one."""
    return f" Write {lens.rstrip('.')}." if lens else ""


def note(kind: RoundKind, beat: str, instruction: str, lens: str, passage: str) -> str:
    """What a base model is told, which takes no instructions: a note in brackets, as editors leave them in a text."""
    said = [_ended(line.strip()) for line in (*beat.split("\n"), instruction, lens) if line.strip()]
    if kind in ("rework", "polish", "smooth"):
        how = " ".join(said) or "with as few changes as make it better"
        return f"{PASSAGE}\n{passage}\n\n[ The same passage again, {how.rstrip('.')}. ]\n\n"
    if kind == "condense":
        how = " ".join(("told in few words.", *said))
        return f"{PASSAGE}\n{passage}\n\n[ The same passage again, {how.rstrip('.')}. ]\n\n"
    if kind == "fill" and passage:
        said.insert(0, _ended(passage.strip("[] ")))
    return f"[ Next: {' '.join(said)} ]\n\n" if said else ""


def _ended(line: str) -> str:
    """A line with a full stop, unless it has an end already."""
    return line if line.endswith((".", "!", "?", "…", "”", '"', "。")) else f"{line}."
