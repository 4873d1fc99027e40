"""The core of a request: the instructions, and what is asked for. It is sent whole or not at all, and says why where it is too much.

It also tells what the writer made of a part: an edit is the text of a part with or without its heading. How an answer begins is
what a candidate has said, and no edit of it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from composer.context import wording
from composer.context.parts import Part, Single
from composer.context.place import Place
from composer.context.wish import Wish
from composer.errors import RefusedError
from composer.story.candidate import RoundKind
from composer.story.shape import PartName, Shape
from composer.story.story import Story, Structure

AS_WRITTEN = "as you wrote it"
LEFT_OUT = "left out, as you wrote nothing"


def edited(shape: Shape, name: PartName, heading: str, body: str) -> str:
    """The writer's text of a part without its heading; `body` if the writer changed nothing."""
    text = shape.edit(name)
    if text is None:
        return body
    return text.strip().removeprefix(heading).strip() if heading else text.strip()


def written(shape: Shape, single: Single) -> Single:
    """A part as the writer changed it, if so."""
    if shape.edit(single.name) is None:
        return single
    body = edited(shape, single.name, single.heading, single.body)
    return replace(single, body=body, why=AS_WRITTEN if body else LEFT_OUT, edited=True)


def beat_of(story: Story, beat: str) -> str:
    """What is asked for of a beat: its title, summary and notes, a line each."""
    found = story.outline.find(beat) if beat else None
    text = found.text if found else None
    return "\n".join(line for line in (text.title, text.summary, text.notes) if line) if text else ""


def beats_of(story: Story, beats: Sequence[str]) -> str:
    """What is asked for of several beats: the first line of each under its number, and its notes."""
    told = ((number, beat_of(story, beat).replace("\n", " ")) for number, beat in enumerate(beats, 1))
    return "\n".join(f"[{number}] {line}" for number, line in told)


_HEADINGS: dict[RoundKind, str] = {"expand": wording.DIVIDE, "draft": wording.BEATS}
"""What stands above the beat where it is not the next one to be told."""


def heading_of(kind: RoundKind) -> str:
    """What stands above the beat."""
    return _HEADINGS.get(kind, wording.NEXT)


def messages_core(shape: Shape, wish: Wish, place: Place, beat: str, structure: Structure) -> list[Single]:
    """The core of chat messages."""
    kind, lens = wish.kind, wish.lens
    instructions = written(shape, Single("instructions", "", wording.instructions(kind, lens, structure)))
    if instructions.edited and instructions.body and lens and lens.rstrip(".") not in instructions.body:
        # A lens makes a candidate differ, whatever the instructions are.
        body = instructions.body + wording.framing(lens)
        instructions = Single("instructions", "", body, why=AS_WRITTEN, edited=True)
    heading = wording.HOLE if place.is_hole else wording.PASSAGE
    return [
        instructions,
        written(shape, Single("passage", heading, place.passage, label=place.names.inside)),
        written(shape, Single("instruction", wording.INSTRUCTION, wish.instruction)),
        written(shape, Single("beat", heading_of(kind), beat)),
        Single("begun answer", "", wish.begun, why="to be gone on with"),
    ]


def text_core(shape: Shape, wish: Wish, place: Place, beat: str, structure: Structure) -> list[Single]:
    """The core of one text for a base model: a note that holds passage, beat and instruction. There are no instructions.

    Its beat may be edited as the note that it is, in brackets, or as the beat alone.
    """
    kind = wish.kind
    beat = edited(shape, "beat", heading_of(kind), beat)
    instruction = edited(shape, "instruction", wording.INSTRUCTION, wish.instruction)
    passage = edited(shape, "passage", wording.PASSAGE, place.passage)
    changed = any(shape.edit(name) is not None for name in ("beat", "instruction", "passage"))
    whole = beat.endswith("]") and shape.edit("beat") is not None
    note = f"{beat}\n\n" if whole else wording.note(kind, beat, instruction, wish.lens, passage)
    label = place.names.inside if passage and not whole and kind not in _NEW else ""
    why = "always" if not changed else AS_WRITTEN if note else LEFT_OUT
    return [
        Single("beat", "", note, why=why, label=label, edited=changed),
        Single("begun answer", "", wish.begun, why="to be gone on with"),
    ]


_NEW: frozenset[RoundKind] = frozenset(("continue", "outline", "expand", "draft"))
"""Kinds of rounds that take up no text that is there."""


def refusal(
    parts: Mapping[PartName, Part], needed: int, window: int, reserve: int, kind: RoundKind, plain: bool
) -> RefusedError:
    """Why a core of `needed` tokens does not fit into a window beside the answer's reserve: what of it takes how much."""
    takes = max(0, window - reserve)
    changes = plain and kind not in (*_NEW, "fill")
    names: dict[PartName, str] = {
        "instructions": "the instructions",
        "passage": "the passage",
        "instruction": "the instruction",
        "beat": "the passage with its instruction" if changes else "the beat",
        "begun answer": "the answer as far as it has come",
    }
    sizes = {name: parts[name].tokens for name in names if name in parts and parts[name].tokens}
    largest: PartName = max(sizes, key=lambda name: sizes[name]) if sizes else "instructions"
    asked = [name for name in sizes if name != "instructions"]
    named = asked if largest != "instructions" and len(asked) > 1 else list(sizes)
    subject = _listed([names[name] for name in named]) if named else "the messages"
    one = named == asked and len(named) == 1
    plural = largest == "instructions"
    own = largest == "instructions" and largest in sizes and parts[largest].edited
    sentence = (
        f"{_capital(subject)} alone {'needs' if one else 'need'} {needed:,} tokens; of a window of {window:,} there are "
        f"{takes:,} beside the {reserve:,} for the answer: {needed - takes:,} too many"
    )
    if len(named) > 1 or own:
        part = f"{names[largest]}, as you wrote them," if own else names[largest]
        sentence += f"; {part} {'take' if plural else 'takes'} {sizes[largest]:,} of them"
    larger = "choose a model with a larger window"
    if largest == "begun answer":
        step = f"Go on from an earlier place: v marks a span, enter places it; or {larger}."
    elif largest == "passage" or (changes and largest == "beat"):
        step = f"Take a shorter passage, or {larger}."
    elif own or not plural:
        step = f"Shorten {names[largest]}, or {larger}."
    else:
        step = f"{_capital(larger)}."
    return RefusedError(f"{sentence}.", step)


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
