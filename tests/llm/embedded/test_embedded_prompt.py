"""What a request says: its texts by their headings, and the kind of reply that it asks for."""

from __future__ import annotations

import pytest

from composer.context import wording
from composer.llm.embedded.prompt import HEADINGS, Kind, Prompt, read_headings, read_messages, read_text
from composer.story.candidate import RoundKind

PROMPT = """Write the next paragraph.

Purpose:
A tale of two brothers.

Outline:
- The storm
- The crossing

Story so far:
One. Two.

Three.

Previous paragraph:
Three.

Next, in one paragraph:
The crossing
Mara crosses the river.

Instruction:
Be brief.
"""


def asked(kind: RoundKind, **parts: str) -> Prompt:
    """The prompt that the program's own request is read as; the parts by the names of their headings in `wording`."""
    user = "".join(f"{getattr(wording, name)}\n{text}\n\n" for name, text in parts.items())
    return read_messages([("system", wording.instructions(kind)), ("user", user)])


def test_headings_are_read() -> None:
    prompt = read_messages([("system", "You write."), ("user", PROMPT)])
    assert prompt == Prompt(
        beat="The crossing\nMara crosses the river.",
        previous="Three.",
        story="One. Two.\n\nThree.",
        outline="- The storm\n- The crossing",
        purpose="A tale of two brothers.",
        instruction="Be brief.",
    )


def test_all_headings_of_the_program_are_known() -> None:
    named = [value for name, value in vars(wording).items() if name.isupper() and isinstance(value, str)]
    headings = {value.removesuffix(":") for value in named if value.endswith(":")}
    assert len(headings) >= 11
    assert headings <= set(HEADINGS)


def test_headings_are_only_whole_lines() -> None:
    assert read_headings("The Purpose: none\nOutline: a\n") == {}


def test_without_headings_the_last_messages_count() -> None:
    messages = [("user", "One."), ("assistant", "Told one.\n\nTold more."), ("user", "Mara goes home.")]
    prompt = read_messages(messages)
    assert (prompt.beat, prompt.previous, prompt.kind) == ("Mara goes home.", "Told more.", "continue")


def test_a_raw_text_is_gone_on_from_in_its_last_line() -> None:
    prompt = read_text("The fox slept.\n\nMara found a")
    assert (prompt.beat, prompt.previous, prompt.tail) == ("", "The fox slept.", "Mara found a")


@pytest.mark.parametrize("kind", ["polish", "smooth", "rework"])
def test_a_passage_is_written_again_as_the_program_asks(kind: Kind) -> None:
    prompt = asked(kind, PREVIOUS="Joss slept.", AFTER="He woke.", PASSAGE="One.\n\nTwo.", INSTRUCTION="Shorter.")
    assert (prompt.kind, prompt.passage, prompt.previous, prompt.after) == (
        kind,
        "One.\n\nTwo.",
        "Joss slept.",
        "He woke.",
    )
    assert (prompt.instruction, prompt.beat, prompt.tail) == ("Shorter.", "", "")


def test_a_passage_without_a_known_instruction_is_polished_or_reworked() -> None:
    assert read_messages([("user", "Passage:\nOne.")]).kind == "polish"
    assert read_messages([("user", "Passage:\nOne.\n\nInstruction:\nIn the rain.")]).kind == "rework"
    assert read_text("Passage:\nOne.").kind == "polish"


def test_a_gap_is_filled_with_what_its_hole_says() -> None:
    prompt = asked("fill", PREVIOUS="Joss slept.", AFTER="He woke.", HOLE="what does he dream?", NEXT="Joss rests.")
    assert (prompt.kind, prompt.beat, prompt.after, prompt.passage) == ("fill", "what does he dream?", "He woke.", "")
    assert "Joss rests." in prompt.outline
    assert asked("fill", AFTER="He woke.", NEXT="Joss rests.").beat == "Joss rests."
    assert asked("fill", PREVIOUS="Joss slept.").kind == "fill"


def test_a_new_paragraph_and_an_outline_are_none_of_those() -> None:
    assert asked("continue", NOTES="Joss is a fox.", EXEMPLARS="So it was.", NEXT="Joss rests.") == Prompt(
        beat="Joss rests.", notes="Joss is a fox."
    )
    assert asked("outline", AFTER="He woke.", NEXT="Joss rests.").kind == "continue"


@pytest.mark.parametrize(
    ("before", "tail"),
    [
        ("Joss slept.", ""),
        ("Joss slept. He opened the", "He opened the "),
        ("Mara came down the stairs,", "Mara came down the stairs, "),
        ('"Who is it?" she asked. "', '"'),
        ('"Who is it?" she asked. "I have', '"I have '),
        ("“Who is it?” she asked. “I have lost it.", "“I have lost it. "),
        ('"Who is it?"', ""),
        ("He said, “No.”", ""),
    ],
)
def test_a_gap_in_a_sentence_is_gone_on_from(before: str, tail: str) -> None:
    assert asked("fill", PREVIOUS=before, AFTER="and ran.").tail == tail
