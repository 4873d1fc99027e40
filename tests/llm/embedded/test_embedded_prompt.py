"""What a request says: its texts by their headings, the kind of reply that it asks for, and what of it is there already."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from composer.context import wording
from composer.llm import templates
from composer.llm.embedded import MODEL_ID, EmbeddedTransport
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
        beat="Joss rests.", notes="Joss is a fox.", samples="So it was."
    )
    assert asked("outline", AFTER="He woke.", NEXT="Joss rests.").kind == "continue"


def test_what_was_told_in_short_is_neither_the_story_nor_the_beat() -> None:
    prompt = asked(
        "continue", CONDENSED="Ch. 1 · The Long Road: Joss left.\n\nCh. 2: He came back.", SO_FAR="It rained."
    )
    assert prompt == Prompt(condensed="Joss left.\n\nHe came back.", story="It rained.", previous="It rained.")


def test_a_passage_is_told_in_short() -> None:
    prompt = asked("condense", PASSAGE="One.\n\nTwo.", INSTRUCTION="In about 30 words.")
    assert prompt == Prompt(kind="condense", passage="One.\n\nTwo.", instruction="In about 30 words.")
    assert asked("condense", PASSAGE="One.", NEXT="Joss rests.").beat == ""
    system = wording.instructions("condense")
    assert read_messages([("system", system), ("user", "One. Two.\n")]) == Prompt(kind="condense", passage="One. Two.")
    assert read_messages([("system", system), ("user", "Passage:\n\n")]) == Prompt(kind="condense")
    begun = [("system", system), ("user", "Passage:\nOne.\n\nTwo."), ("assistant", "O")]
    assert read_messages(begun) == Prompt(kind="condense", passage="One.\n\nTwo.", begun="O")


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


# A reply that is begun


def test_what_the_assistant_says_last_is_the_beginning_of_the_reply() -> None:
    messages = [("system", "You write."), ("user", PROMPT)]
    plain = read_messages(messages)
    prompt = read_messages([*messages, ("assistant", " Mara stood. She looked at the ")])
    assert (prompt.begun, prompt.beat, prompt.previous) == ("Mara stood. She looked at the ", plain.beat, "Three.")
    assert prompt.story == f"{plain.story}\n\nMara stood."
    assert read_messages([*messages, ("assistant", " \n")]) == plain
    assert read_messages([*messages, ("assistant", "Told."), ("user", PROMPT)]).begun == ""


def test_of_several_paragraphs_the_last_is_gone_on_with() -> None:
    prompt = read_messages([("user", "Mara goes home."), ("assistant", "She left.\n\nIt rained. “Then")])
    assert (prompt.begun, prompt.previous, prompt.beat) == ("It rained. “Then", "She left.", "Mara goes home.")
    assert prompt.story == "She left.\n\nIt rained."
    ended = read_messages([("user", "Mara goes home."), ("assistant", "She left.\n\n")])
    assert (ended.begun, ended.previous, ended.tail) == ("", "She left.", "")


def test_a_fill_and_a_rework_stay_what_they_are() -> None:
    fill = asked("fill", PREVIOUS="Joss slept. He opened the", AFTER="and ran.", HOLE="a door")
    rework = asked("rework", PASSAGE="One.\n\nTwo.", INSTRUCTION="Shorter.")
    for prompt in (fill, rework):
        assert prompt.begun == ""
    system, user = wording.instructions("fill"), "Previous paragraph:\nHe opened the\n\nText after:\nand ran."
    begun = read_messages([("system", system), ("user", user), ("assistant", "old do")])
    assert (begun.kind, begun.tail, begun.begun, begun.after) == ("fill", "He opened the ", "old do", "and ran.")
    apart = read_messages([("system", system), ("user", user), ("assistant", "door.\n\nOne")])
    assert (apart.kind, apart.tail, apart.begun, apart.previous) == ("fill", "", "One", "door.")
    user = "Passage:\nOne.\n\nTwo.\n\nInstruction:\nShorter."
    begun = read_messages([("system", wording.instructions("rework")), ("user", user), ("assistant", "One.\n\nT")])
    assert (begun.kind, begun.passage, begun.begun, begun.instruction) == (
        "rework",
        "One.\n\nTwo.",
        "One.\n\nT",
        "Shorter.",
    )


# Raw texts in the format of a chat


@pytest.mark.parametrize("name", [name for name in templates.names() if name != "plain"])
@pytest.mark.parametrize("begun", ["", "Mara crossed the ", "Mara crossed.\n\nShe sa"])
def test_a_rendered_chat_is_read_as_its_messages(name: str, begun: str) -> None:
    told = [("assistant", begun)] if begun else []
    polish = "Passage:\nOne. Two.\n\nPrevious paragraph:\nZero."
    for messages in (
        [("system", wording.instructions("continue")), ("user", PROMPT)],
        [("system", wording.instructions("polish")), ("user", polish)],
        [("system", wording.instructions("rework")), ("user", polish)],
        [("system", "You write."), ("user", "One."), ("assistant", "Told one."), ("user", "Mara goes home.")],
    ):
        assert read_text(templates.render(name, messages, begun)) == read_messages([*messages, *told])


@pytest.mark.parametrize(
    "text",
    [
        "<bos><start_of_turn>user\nMara goes.<end_of_turn>\n<start_of_turn>model\nShe ",
        "<｜begin▁of▁sentence｜>You write.<｜User｜>Mara goes.<｜Assistant｜></think>She ",
        "<|start|>system<|message|>Sys<|end|><|start|>user<|message|>Mara goes.<|end|>"
        "<|start|>assistant<|channel|>final<|message|>She ",
        "<|turn>user\nMara goes.<turn|>\n<|turn>model\nShe ",
        "<s>[INST] <<SYS>>\nSys\n<</SYS>>\n\nMara goes. [/INST] She ",
        "[SYSTEM_PROMPT]Sys[/SYSTEM_PROMPT][INST]Mara goes.[/INST]She ",
        "<|im_user|>user<|im_middle|>Mara goes.<|im_end|><|im_assistant|>assistant<|im_middle|>She ",
        "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>Mara goes.<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>She ",
        "<|im_start|>user<|im_sep|>Mara goes.<|im_end|><|im_start|>assistant<|im_sep|>She ",
        "[|system|]Sys[|endofturn|]\n[|user|]Mara goes.[|endofturn|]\n[|assistant|]She ",
        "[gMASK]<sop><|user|>\nMara goes.<|assistant|>\n<think>Hm.</think>\nShe ",
        "<seed:bos>user\nMara goes.<seed:eos><seed:bos>assistant\nShe ",
    ],
)
def test_other_formats_are_read_too(text: str) -> None:
    prompt = read_text(text)
    assert (prompt.beat, prompt.begun, prompt.tail) == ("Mara goes.", "She ", "")


def test_a_system_without_a_turn_of_its_own_is_heard() -> None:
    told = "<｜begin▁of▁sentence｜>Write it again with as few changes as may be.<｜User｜>"
    assert read_text(told + "Passage:\nOne.\n\nInstruction:\nNone.<｜Assistant｜>").kind == "polish"


def test_thoughts_are_no_part_of_the_reply() -> None:
    chat = "<|im_start|>user\nMara goes.<|im_end|>\n<|im_start|>assistant\n"
    assert read_text(chat + "<think>\nHm.\n</think>\n\nShe").begun == "She"
    assert read_text(chat + "<think>\nHm").begun == ""


def test_tokens_that_tell_no_role_end_paragraphs() -> None:
    assert read_text("<s>Mara found a ") == read_text("Mara found a ")
    assert read_text("The fox slept.</s><s>Mara found a") == read_text("The fox slept.\n\nMara found a")
    assert read_text("<|endoftext|>" + PROMPT) == read_text(PROMPT)
    assert read_text("</s>") == read_text("")


def test_a_note_for_base_models_is_the_beat() -> None:
    prompt = read_text("Outline:\n- one\n\nIt rained.\n\n[ Next: Mara goes home. ]\n\nIt stopped.\n\nThen she")
    assert prompt == Prompt(
        beat="Mara goes home.",
        previous="It stopped.",
        story="It rained.\n\nIt stopped.",
        outline="- one",
        tail="Then she",
    )
    again = read_text("Passage:\nOne.\n\n[ The same passage again, shorter. ]\n\nO")
    assert again == Prompt(kind="rework", passage="One.", instruction="shorter", begun="O")
    few = read_text("Passage:\nOne.\n\n[ The same passage again, with as few changes as make it better. ]")
    assert few == Prompt(kind="polish", passage="One.")


def test_a_note_for_base_models_asks_for_few_words() -> None:
    note = wording.note("condense", "", "In about 30 words.", "", "One.\n\nTwo.")
    asked = Prompt(kind="condense", passage="One.\n\nTwo.", instruction="In about 30 words")
    assert read_text(note) == asked
    assert read_text(f"{note}On") == replace(asked, begun="On")
    assert read_text(wording.note("condense", "", "", "", "One.")) == Prompt(kind="condense", passage="One.")


ABOVE = {
    "purpose": ("Purpose:\nA fable.", "A fable."),
    "notes": (
        "Notes:\nIlse (person): she weighs salt\n\nTam (person)",
        "Ilse (person): she weighs salt\n\nTam (person)",
    ),
    "samples": ("Samples of the style:\nSo it was.\n\n***\n\nSo it is.", "So it was.\n\n***\n\nSo it is."),
    "outline": ("Outline:\n- one\n> two", "- one\n> two"),
    "condensed": ("Earlier, in short:\nCh. 1: Joss left.\n\nCh. 2: He came.", "Joss left.\n\nHe came."),
}
STORY = "It rained.\n\nIt stopped.\n\nThen she "


@pytest.mark.parametrize("names", [[name] for name in ABOVE] + [list(ABOVE), ["samples", "condensed", "notes"]])
def test_headings_may_stand_above_a_raw_text(names: list[str]) -> None:
    above = "".join(f"{ABOVE[name][0]}\n\n" for name in names)
    parts = {name: ABOVE[name][1] for name in names}
    plain = read_text(STORY)
    assert read_text(above + STORY) == replace(plain, **parts)  # type: ignore[arg-type]
    noted = above + "It rained.\n\n[ Next: Mara goes home. ]\n\nIt stopped."
    assert read_text(noted) == replace(
        Prompt(beat="Mara goes home.", story="It rained.", previous="It rained.", tail="It stopped."),
        **parts,  # type: ignore[arg-type]
    )
    assert read_text(above) == replace(Prompt(), **parts)  # type: ignore[arg-type]


def test_the_story_begins_right_under_its_own_heading() -> None:
    prompt = read_text("Samples of the style:\nSo it was.\n\nStory so far:\nOne.\n\nTwo.\n\n[ Next: Mara goes. ]\n\n")
    assert (prompt.samples, prompt.story, prompt.previous) == ("So it was.", "One.\n\nTwo.", "Two.")


# How the model goes on


@pytest.fixture
async def client() -> AsyncIterator[AsyncOpenAI]:
    http = httpx2.AsyncClient(transport=EmbeddedTransport(pace=0))
    async with AsyncOpenAI(base_url="http://embedded/v1", api_key="none", http_client=http, max_retries=0) as made:
        yield made


FABLE = ("system", "You write."), ("user", "Next, in one paragraph:\nThe heron asks the otter for the net.")
TOLD = (
    'The heron asked the otter for the net. "What would an otter do with it?" asked the heron. It was an old net, '
    'and she had mended it all winter. "I think," said the otter, "that you want the river." The heron laughed'
)


async def onward(client: AsyncOpenAI, begun: str, messages: Any = FABLE, **options: Any) -> list[str]:
    """Three ways in which the model goes on with a reply."""
    spoken: Any = [{"role": role, "content": text} for role, text in (*messages, ("assistant", begun))]
    fields = {"temperature": 0.8, "seed": 1, "n": 3, **options}
    answer = await client.chat.completions.create(model=MODEL_ID, messages=spoken, **fields)
    return [choice.message.content or "" for choice in answer.choices]


def faults(begun: str, text: str) -> list[str]:
    """What is wrong where a reply goes on."""
    found: list[str] = []
    last, whole = begun.rstrip()[-1], begun + text
    near = whole[max(0, len(begun) - 25) : len(begun) + 25]
    if not text.strip():
        found.append("nothing")
    if re.search(r"\s\s|\s[.,;?!]", whole[len(begun) - 1 : len(begun) + 2]):
        found.append("space")
    if begun[-1] in ".,?!" and text[0].isalnum():
        found.append("no space")
    if re.search(r"\b(\w+) \1\b", near):
        found.append("doubled word")
    if re.search(r"\ba [aei]\w|\ban [bcdfgj-np-tv-z]", whole[max(0, len(begun) - 3) : len(begun) + 4]):
        found.append("article")
    word = re.match(r"\s*(\w+)", text)
    if word and not (begun[-1].isalpha() and text[0].isalpha()):
        spoken = last == '"' and begun.count('"') % 2 == 1
        ends = last in ".?!" or (last == '"' and begun.rstrip()[-2] in ".?!")
        if word[1][0].isupper() and word[1] != "I" and not spoken and not ends:
            found.append("capital")
        if word[1][0].islower() and (last in ".?!" or spoken):
            found.append("no capital")
    return found


async def written(client: AsyncOpenAI, **parts: str) -> list[str]:
    """Eight paragraphs that the program's own request gets; the parts by the names of their headings in `wording`."""
    user = "".join(f"{getattr(wording, name)}\n{text}\n\n" for name, text in parts.items())
    spoken: Any = [
        {"role": "system", "content": wording.instructions("continue")},
        {"role": "user", "content": user},
    ]
    answer = await client.chat.completions.create(model=MODEL_ID, messages=spoken, temperature=1.0, seed=6, n=8)
    return [choice.message.content or "" for choice in answer.choices]


@pytest.mark.slow
async def test_a_note_changes_how_a_person_is_spoken_of(client: AsyncOpenAI) -> None:
    beat = "Robin opens the gate and finds a letter."
    for notes, right, wrong in (
        ("Robin (person): she keeps the gate", "she", "he"),
        ("Robin (person): he keeps the gate", "he", "she"),
    ):
        texts = await written(client, NOTES=notes, NEXT=beat)
        assert sum(bool(re.search(rf"\b{right}\b", text)) for text in texts) >= 6
        # Speech may tell of somebody else.
        assert not any(re.search(rf"\b{wrong}\b", re.sub(r'"[^"]*"', "", text)) for text in texts)


@pytest.mark.slow
async def test_samples_are_never_told(client: AsyncOpenAI) -> None:
    samples = "Odile buttered the crumpets, and the marmalade glowed like a saint.\n\n***\n\nThe vicar hummed to Odile."
    texts = await written(client, EXEMPLARS=samples, NEXT="Robin opens the gate and finds a letter.")
    assert not any(re.search(r"Odile|crumpet|marmalade|vicar", text) for text in texts)
    assert sum("Robin opened the gate" in text for text in texts) >= 4


@pytest.mark.slow
async def test_what_was_told_in_short_brings_its_people(client: AsyncOpenAI) -> None:
    condensed = "Zorvath hid the compass under the stairs."
    texts = await written(client, CONDENSED=condensed, NEXT="He goes home.")
    assert sum("Zorvath" in text for text in texts) >= 4
    assert sum("compass" in text for text in texts) >= 4
    assert not any("Zorvath hid the compass" in text for text in texts)


CUTS = (
    *(" asked the ", "The heron asked the otter", "for the net.", "for the net. ", 'net. "', '"What would', '"What would '),
    *('do with it?"', "asked the heron. It was", "It was an ", "It was an", "an old net,", "an old net, ", "she had mended"),
    *('"I think', '"I think,"', "said the otter,", 'said the otter, "', '"that you want', 'the river."', "The heron laughed"),
)  # fmt: skip


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.slow
async def test_a_reply_is_gone_on_with_in_good_grammar(client: AsyncOpenAI, cut: str) -> None:
    begun = TOLD[: TOLD.index(cut) + len(cut)]
    for text in await onward(client, begun, max_tokens=8):
        assert not faults(begun, text), (begun[-30:], text)


@pytest.mark.parametrize(
    ("begun", "ends"),
    [
        ("The hero", ("n",)),
        ("The heron aske", ("d",)),
        ("The heron ask", ("ed", "s")),
        ('"Where is it?" as', ("ked",)),
        ("The heron asked the ott", ("er",)),
        ("The heron looked at the ne", ("t", "xt", "arest", "ighbours", "ighbour")),
        ("Th", ("e", "en", "ey", "ere", "at", "ree", "is", "ose", "rough")),
        ("The heron went to the riv", ("er",)),
        ("Then Ottoline laughed. The heron looked at Ottol", ("ine",)),
    ],
)
async def test_a_word_that_is_cut_off_is_finished(client: AsyncOpenAI, begun: str, ends: tuple[str, ...]) -> None:
    for text in await onward(client, begun, max_tokens=3, logprobs=True, top_logprobs=3):
        assert re.split(r"[^a-z]", text)[0] in ends, text


@pytest.mark.slow
async def test_nothing_but_a_beginning_is_gone_on_with_too(client: AsyncOpenAI) -> None:
    for text in await onward(client, "Mara walked to the ri", [("system", "You write.")]):
        assert text.startswith(("ver", "ng", "dge")), text
    for text in await onward(client, "Mara went up the hill. Then Mar", ()):
        assert text.startswith("a"), text


@pytest.mark.parametrize("begun", ["The heron", "It was a", "The old cook", "She saw the heron and the otter", "I"])
async def test_a_word_that_is_whole_stays_so(client: AsyncOpenAI, begun: str) -> None:
    for text in await onward(client, begun, max_tokens=3):
        assert text[0] in " .,", text


@pytest.mark.slow
async def test_what_is_told_is_not_told_again(client: AsyncOpenAI) -> None:
    for text in await onward(client, "The heron asked the otter for the net."):
        assert "asked the otter for the net" not in text
        assert text.startswith(' "') or text[1].isupper()
        assert re.search(r"[.?!]\"?$", text)
        assert 8 < len(text.split()) < 120
    assert sum("asked the otter for the net" in text for text in await onward(client, "The heron ran.")) >= 2


async def test_a_reply_that_is_long_already_ends_soon(client: AsyncOpenAI) -> None:
    long = " ".join([TOLD + ".", TOLD.replace("heron", "otter") + "."])
    for text in await onward(client, long, n=8):
        assert 2 < len(text.split()) < 40


@pytest.mark.slow
async def test_a_clause_of_the_beat_is_told_to_its_end(client: AsyncOpenAI) -> None:
    beat = [("user", "Next, in one paragraph:\nThe heron sells seven clocks to the parson, who gives her a letter.")]
    texts = await onward(client, "The heron sold seven clocks to", beat, n=16, temperature=1.2)
    assert sum(text.startswith(" the parson") for text in texts) >= 12


@pytest.mark.parametrize(
    "begun", ["The heron bought a zither ", "Ottoline and Quimby ", "One day—", "The heron (", "It was: "]
)
async def test_no_mark_stands_where_a_word_must(client: AsyncOpenAI, begun: str) -> None:
    assert all(text[0].isalpha() for text in await onward(client, begun, n=12, max_tokens=2))


async def test_speech_is_closed_as_it_was_opened(client: AsyncOpenAI) -> None:
    for text in await onward(client, "“The net,” said the heron, “has been"):
        assert '"' not in text
        assert text.count("”") == text.count("“") + 1


async def test_only_what_is_new_counts(client: AsyncOpenAI) -> None:
    spoken: Any = [{"role": role, "content": text} for role, text in (*FABLE, ("assistant", TOLD))]
    answer = await client.chat.completions.create(model=MODEL_ID, messages=spoken, max_tokens=5, seed=1)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 5


@pytest.mark.parametrize(
    ("before", "after", "begun"),
    [
        ("Mara climbed the stairs.", "The light was gone.", "She found a"),
        ("Mara climbed the stairs.", "The light was gone.", "She found a key."),
        ("She opened the", "and ran down to the river.", "doo"),
        ("She opened the", "and ran down to the river.", "old door "),
        ("She opened the door", ". Nobody saw her.", ", which"),
        ('"I have lost it," said Joss. "', '," said the baker.', "You have"),
    ],
)
@pytest.mark.slow
async def test_a_fill_is_gone_on_with(client: AsyncOpenAI, before: str, after: str, begun: str) -> None:
    user = f"Previous paragraph:\n{before}\n\nText after:\n{after}\n\n"
    for text in await onward(client, begun, [("system", wording.instructions("fill")), ("user", user)]):
        joined = f"{before.rstrip()}{'' if begun[0] in ',' or before.endswith(chr(34)) else ' '}{begun}"
        assert "nothing" not in faults(joined, text)
        assert not faults(joined, text), text
        assert len(text.split()) < 60
        if after[0] in "a.,":
            assert text.rstrip()[-1] not in ".?!", text
        if begun == "doo":
            assert text.startswith(("r", "rs", "rway"))


async def test_a_fill_ends_no_later_for_being_begun(client: AsyncOpenAI) -> None:
    user = "Previous paragraph:\nIt rained. She opened the\n\nText after:\nShe sat down."
    messages = [("system", wording.instructions("fill")), ("user", user)]
    for text in await onward(client, "door. It was dark. Nobody was", messages, n=16, temperature=1.2, seed=7):
        assert len(re.findall(r"[.?!](?=[\"\s]|$)", text)) == 1


PASSAGE = "Mara began to walk home. She was very tired, and the lamp was really heavy.\n\n“No,” said Joss. He was late."


@pytest.mark.parametrize("kind", ["polish", "rework"])
@pytest.mark.parametrize(
    ("begun", "start"),
    [
        ("Mara began", r" to (walk|go) home[.,]"),
        ("Mara began ", r"to (walk|go) home[.,]"),
        ("Mara beg", r"an to (walk|go) home[.,]"),
        ("Mara walked home.", r" She was "),
        ("Mara walked home. She was exhausted, and ", r"the lamp was "),
        ("Mara strolled to her house. She felt", r" (very tired|tired|exhausted)"),
        ("Mara strolled to her house. She felt very tir", r"ed[,.]"),
        ("Mara strolled to her house!", r" She was "),
        ("Mara walked home. She was tired, and the lamp was heavy.\n\n“", r"No,” "),
        ("Mara walked home. She was tired, and the lamp was heavy.\n\n“No,” Joss", r" said\. "),
    ],
)
@pytest.mark.slow
async def test_a_passage_that_is_written_again_is_gone_on_with(
    client: AsyncOpenAI, kind: RoundKind, begun: str, start: str
) -> None:
    messages = [("system", wording.instructions(kind)), ("user", f"Passage:\n{PASSAGE}\n\n")]
    for text in await onward(client, begun, messages):
        assert re.match(start, text), text
        assert re.search(r"was late\.$", text)
        assert text.count("No,") == ("No,” " not in begun)


@pytest.mark.slow
async def test_what_an_instruction_asks_is_told_once(client: AsyncOpenAI) -> None:
    user = f"Passage:\n{PASSAGE}\n\nInstruction:\nMara finds a key."
    messages = [("system", wording.instructions("rework")), ("user", user)]
    assert all("found a key" in text for text in await onward(client, "Mara walked home.", messages, seed=2))
    told = "Mara walked home. She found a key."
    assert not any("found a key" in text for text in await onward(client, told, messages, seed=2))


async def test_what_an_instruction_asks_is_told_once_in_other_words_too(client: AsyncOpenAI) -> None:
    passage = (
        "Mara began to walk home. She was very tired.\n\nJoss was late. He ran to the gate. He climbed over the wall."
    )
    user = f"Passage:\n{passage}\n\nInstruction:\nMara finds a key."
    messages = [("system", wording.instructions("rework")), ("user", user)]
    told = "Mara strolled to her house. Mara found a key there. She felt tired.\n\nJoss came too late."
    for text in await onward(client, told, messages, n=8):
        assert re.match(r" [A-Z][^.]* to the gate\b", text), text
        assert "key" not in text


async def test_a_rendered_chat_is_answered_as_the_chat(client: AsyncOpenAI) -> None:
    for name in ("chatml", "llama3", "mistral", "phi"):
        prompt = templates.render(name, FABLE, "The heron looked at ")
        options: Any = {"temperature": 0.8, "seed": 1, "n": 3, "max_tokens": 12}
        answer = await client.completions.create(model=MODEL_ID, prompt=prompt, **options)
        assert [choice.text for choice in answer.choices] == await onward(client, "The heron looked at ", max_tokens=12)
