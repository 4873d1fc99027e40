"""Outlines and the smaller beats of one: lines that read well, about what was asked, in the shape that the lens wants."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncOpenAI

from composer.context import wording
from composer.llm.embedded import MODEL_ID, EmbeddedTransport
from composer.llm.embedded.outlining import Outliner
from composer.llm.embedded.prompt import read_text
from composer.llm.embedded.sampling import Settings, draw, truncate
from composer.llm.embedded.tokens import article_is_an
from composer.story.candidate import RoundKind
from tests.llm.embedded.planning import (
    BAKER,
    CARE,
    KEEPER,
    PURPOSES,
    ROBOT,
    asked,
    messages,
    mind,
    pieces,
    told,
)

ROOT = Path(__file__).parents[3]
OUTLINE = "- Mara lights the oven.\n- The wolf comes to the door.\n  - Mara gives him bread.\n- Winter ends."


def faults(text: str, mark: str = ".") -> list[str]:
    """What is wrong with the lines of an outline in English."""
    found: list[str] = []
    lines = text.split("\n")
    if len({line.strip().lower() for line in lines}) < len(lines):
        found.append("twice the same")
    for line in lines:
        bare = line.strip()
        if not re.match(r"[A-Z“]", bare) or not bare.endswith(mark):
            found.append(f"no sentence: {line}")
        if re.search(r"[<>_]|\s\s|\s[.,;?!]|,[,.]|\b(\w+) \1\b", bare):
            found.append(f"marks: {line}")
        for article, word in re.findall(r"\b([Aa]n?) (\w+)", bare):
            if article_is_an(word) != (article.lower() == "an"):
                found.append(f"article: {line}")
        if re.search(r"\b(?:he|she|it) (?:give|take|hide|find|ask|wait|leave|watch|go|have|are)\b", bare):
            found.append(f"verb: {line}")
    return found


# Lines


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize(
    "temperature", [0.6, *(pytest.param(each, marks=pytest.mark.slow) for each in (0.0, 0.2, 1.0, 1.6))]
)
def test_an_outline_is_five_to_nine_sentences_that_read_well(purpose: str, temperature: float) -> None:
    prompt = asked("outline", PURPOSE=purpose)
    for seed in range(4):
        text = told(prompt, temperature, seed)
        assert not faults(text), text
        assert 5 <= len(text.split("\n")) <= 9, text
        assert max(len(line.split()) for line in text.split("\n")) <= 30


@pytest.mark.slow
def test_people_things_and_places_of_the_request_come_soon() -> None:
    for seed in range(6):
        keeper = told(asked("outline", PURPOSE=KEEPER), 1.0, seed).split("\n")
        assert keeper[0].startswith("A lighthouse keeper ")
        assert any("lamp" in line for line in keeper)
        assert any("lighthouse" in line for line in keeper[1:])
        baker = told(asked("outline", PURPOSE=BAKER), 1.0, seed).split("\n")
        assert "Mara" in baker[0]
        assert "wolf" in " ".join(baker[:3])
        assert "robot" in told(asked("outline", PURPOSE=ROBOT), 1.0, seed).split("\n")[0]


@pytest.mark.slow
def test_notes_and_instruction_bring_people_too() -> None:
    notes = (
        "Ida Marsh (person): she drives the car\n\nBrandt (person): he opens safes\n\nThe Harbour Bank (place): closed"
    )
    for seed in range(4):
        text = told(asked("outline", PURPOSE="A robbery goes wrong.", NOTES=notes), 0.8, seed)
        first = " ".join(text.split("\n")[:3])
        assert "Ida" in first, text
        assert "Brandt" in first, text
        assert "Harbour Bank" in text
        assert not re.search(r"The Harbour|\bIda\b[^.]*\bhe\b", text), text
        text = told(asked("outline", PURPOSE=ROBOT, INSTRUCTION="Let a fisherman come into it."), 0.8, seed)
        assert "fisherman" in text


def test_the_story_so_far_brings_people_where_the_purpose_has_none() -> None:
    told_so_far = "Tobias found the kite in the loft. His sister Ada said that it was hers.\n\nThey went up the hill."
    for seed in range(4):
        text = told(asked("outline", PURPOSE="It should end well.", SO_FAR=told_so_far), 0.8, seed)
        assert "Tobias" in text, text
        assert "Ada" in text, text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("purpose", "first", "last"),
    [
        (KEEPER, "A lighthouse keeper keeps the lamp for no one.", "The keeper learns who has been watching."),
        (BAKER, "Mara the baker wants to give bread to the wolf before winter.",
         "Mara gives bread to the wolf before winter."),
        (ROBOT, "", "The robot learns to wait."),
        (CARE, "", "that unseen care is care all the same."),
        ("How grief changes a house.", "", "how grief changes a house."),
    ],
)  # fmt: skip
def test_what_the_purpose_says_begins_and_ends_it(purpose: str, first: str, last: str) -> None:
    texts = [told(asked("outline", PURPOSE=purpose), 0.8, seed) for seed in range(8)]
    assert all(last in "\n".join(text.split("\n")[-3:]) for text in texts)
    assert sum(text.endswith(last) for text in texts) >= 5
    # Whoever is introduced in the line before is named shorter here.
    assert all(" ".join(first.split()[-5:]) in text for text in texts)
    assert sum(text.startswith(first) for text in texts) >= 5


@pytest.mark.slow
def test_a_figure_is_introduced_once() -> None:
    for purpose in PURPOSES:
        for seed in range(4):
            text = told(asked("outline", PURPOSE=purpose), 1.0, seed)
            # The one of the request, one companion, one thing, and what a clause of the corpus brings.
            for noun in ("keeper", "robot", "wolf"):
                assert len(re.findall(rf"\b[Aa]n? (?:\w+ )?{noun}\b", text)) <= 1, text


@pytest.mark.slow
def test_a_mass_has_no_article_and_several_have_their_verb() -> None:
    for seed in range(6):
        text = told(asked("outline", PURPOSE="Two sisters keep the salt of a village."), 1.0, seed)
        assert not re.search(r"\ba salt\b", text), text
        assert not re.search(r"[Ss]isters (?:\w+s\b(?<!s's))(?<!always)", text.replace("sisters'", "")), text
        assert re.search(r"[Tt]he sisters (?:and|keep|ask|find|give|hide|wait|watch|\w+)", text), text


# What is given


@pytest.mark.slow
@pytest.mark.parametrize("purpose", ["", BAKER])
def test_the_lines_that_are_given_stay_in_their_order(purpose: str) -> None:
    kept = ["Mara lights the oven.", "The wolf comes to the door.", "  Mara gives him bread.", "Winter ends."]
    others = 0
    for seed in range(6):
        lines = told(asked("outline", PURPOSE=purpose, OUTLINE=OUTLINE), 1.0, seed).split("\n")
        assert [line for line in lines if line in kept] == kept
        assert 6 <= len(lines) <= 10
        places = [lines.index(line) for line in kept]
        others += any(after - before > 1 for before, after in pairwise(places))
    assert others >= 3


def test_a_long_outline_is_kept_and_a_title_is_no_sentence_to_change() -> None:
    given_lines = [f"The ferryman counts {number} boats." for number in ("two", "three", "four", "five", "six")]
    given_lines += ["The flood", "Who pays for it?", *(f"Boat {number} sinks." for number in range(1, 6))]
    lines = told(asked("outline", OUTLINE="\n".join(f"- {line}" for line in given_lines)), 0.8).split("\n")
    assert [line for line in lines if line.rstrip(".?") in {each.rstrip(".?") for each in given_lines}] == [
        line if line[-1] in ".?" else f"{line}." for line in given_lines
    ]
    assert len(given_lines) < len(lines) <= len(given_lines) + 2


def test_nothing_given_is_an_outline_still() -> None:
    for prompt in (asked("outline"), asked("outline", NEXT="The story begins."), asked("outline", PURPOSE="Liebe.")):
        text = told(prompt, 0.8)
        assert not faults(text)
        assert 5 <= len(text.split("\n")) <= 9


# Lenses

LENSES = {
    "Write the outline as a to-do list for the hero, each line a task.": r"- \[ \] (?!The |A )[A-Z][a-z]+\b.*\.",
    "as a numbered list of steps": r"(\d)\. [A-Z].*\.",
    "Ask what is missing: the questions that nobody has answered.": r"(?:Why|How|What|Who) .*\?",
    "as letters home from a mentor": r"(?:First|Then|Next|After that|Now|At last|In the end), .*\.",
    "Name its kin among the books, each by its title.": r"(?:The|One|Mara)[\w' ]+: [A-Z].*\.",
    "as a stage play's scene list": r"Scene \d: [A-Z].*\.",
    "with bullets": r"- [A-Z].*\.",
}


@pytest.mark.parametrize(("lens", "shape"), LENSES.items())
@pytest.mark.slow
def test_a_lens_is_seen_in_every_line(lens: str, shape: str) -> None:
    for seed in range(4):
        text = told(asked("outline", lens, PURPOSE=BAKER), 0.8, seed)
        lines = text.split("\n")
        assert all(re.fullmatch(shape, line) for line in lines), text
        assert 5 <= len(lines) <= 9
        assert len(set(lines)) == len(lines)
        assert "wolf" in text
        assert "bread" in text


def test_a_task_is_for_the_hero() -> None:
    for seed in range(6):
        text = told(asked("outline", "as a to-do list", PURPOSE=BAKER), 1.0, seed)
        assert "Mara" not in text
        assert sum("- [ ] Let " in line for line in text.split("\n")) <= 4
        assert text.endswith("- [ ] Give bread to the wolf before winter.") or "Give bread to the wolf" in text


def test_numbers_count_on() -> None:
    lines = told(asked("outline", "as a numbered list", PURPOSE=KEEPER), 0.8).split("\n")
    assert [line.partition(".")[0] for line in lines] == [str(number) for number in range(1, len(lines) + 1)]


@pytest.mark.slow
def test_questions_ask_as_english_does() -> None:
    for seed in range(6):
        text = told(asked("outline", "as questions", PURPOSE=KEEPER), 1.0, seed)
        for line in text.split("\n"):
            assert not re.search(r"^(?:Why|How) do(?:es)? .*? (?:keeps|gives|takes|hides|finds|asks|learns)\b", line), (
                line
            )


@pytest.mark.slow
def test_a_summary_has_fewer_and_longer_lines() -> None:
    counts = {"": [0, 0], "as an executive summary": [0, 0]}
    for lens, count in counts.items():
        for seed in range(6):
            text = told(asked("outline", lens, PURPOSE=CARE), 0.8, seed)
            assert not faults(text)
            count[0] += len(text.split("\n"))
            count[1] += len(text.split())
    (lines, words), (fewer, others) = counts.values()
    assert fewer < 0.65 * lines
    assert others / fewer > 1.3 * words / lines


@pytest.mark.slow
def test_a_fable_gives_everyone_a_part() -> None:
    for lens in ("Retell it as a fable.", "as a parable", "Make an allegory of it."):
        for seed in range(3):
            lines = told(asked("outline", lens, PURPOSE=BAKER), 0.8, seed).split("\n")
            first = next(line for line in lines if "Mara" in line)
            part = re.search(r"Mara the baker, (the \w+),", first)
            assert part, lines
            later = " ".join(lines[lines.index(first) + 1 :])
            assert "Mara" not in later
            assert part.group(1) in later.lower()


@pytest.mark.slow
def test_backwards_is_from_the_end_to_the_beginning() -> None:
    for seed in range(4):
        lines = told(asked("outline", "in the opposite order", PURPOSE=KEEPER), 0.8, seed).split("\n")
        assert "learns who has been watching" in " ".join(lines[:3])
        assert "keeps the lamp for no one" in " ".join(lines[-3:])
        turned = told(asked("outline", "Begin at the end: the opposite order.", OUTLINE=OUTLINE), 0.8, seed)
        kept = [line.strip() for line in turned.split("\n") if f"- {line.strip()}" in OUTLINE]
        assert kept == [line.strip()[2:] for line in reversed(OUTLINE.split("\n"))]


def test_the_worst_comes_of_a_wish() -> None:
    for seed in range(4):
        assert "Mara does not give bread to the wolf" in told(
            asked("outline", "Tell the worst that could happen.", PURPOSE=BAKER), 0.8, seed
        )


def test_five_lenses_give_five_outlines() -> None:
    lenses = ("", "as a letter", "as a fable", "in plain words", "in a gloomy mood")
    lined = [set(told(asked("outline", lens, PURPOSE=CARE), 0.2).split("\n")) for lens in lenses]
    for at, one in enumerate(lined):
        for other in lined[:at]:
            assert len(one & other) <= len(one) / 2, (one, other)


@pytest.mark.slow
def test_temperatures_and_seeds_matter() -> None:
    prompt = asked("outline", PURPOSE=ROBOT)
    assert told(prompt, 0.8, 3) == told(prompt, 0.8, 3)
    assert len({told(prompt, 0.8, seed) for seed in range(8)}) == 8
    assert len({told(prompt, temperature, 5) for temperature in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)}) >= 5
    assert len({told(prompt, 0.0, seed) for seed in range(4)}) == 1


@pytest.mark.slow
def test_nonfiction_has_headings() -> None:
    prompt = asked(
        "outline", "", "nonfiction", PURPOSE="Why a street cools at night.", OUTLINE="- Heat\n- Shade: it falls."
    )
    for seed in range(4):
        lines = told(prompt, 0.8, seed).split("\n")
        assert all(re.fullmatch(r"[A-Z][^.:]+: .+\.", line) for line in lines), lines
        assert any(line.startswith("Heat: ") for line in lines)
        assert "Shade: it falls." in lines
        assert "why a street cools at night." in " ".join(lines)


# A beat in smaller ones


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beat", "clauses"),
    [
        ("The heron asks the otter for the net, and the otter refuses.",
         ["The heron asks the otter for the net.", "The otter refuses."]),
        ("Joss finds the lantern in the cellar, hides it from the troll and waits until it is dark.",
         ["Joss finds the lantern in the cellar.", "hides", "waits until it is dark."]),
        ("The oil\nWren carries the oil up the tower.", ["Wren carries the oil up the tower."]),
        ("The oil", []),
    ],
)  # fmt: skip
def test_a_beat_is_told_in_three_to_five_smaller_ones(beat: str, clauses: list[str]) -> None:
    prompt = asked("expand", OUTLINE=f"- One\n> {beat.splitlines()[0]}\n- Three", PURPOSE="A fable.", DIVIDE=beat)
    for seed in range(5):
        text = told(prompt, 0.8, seed)
        assert not faults(text), text
        assert 3 <= len(text.split("\n")) <= 5
        places = [text.find(clause) for clause in clauses]
        assert -1 not in places, text
        assert places == sorted(places)
    assert len({told(prompt, 0.8, seed) for seed in range(5)}) > 1


def test_a_beat_takes_a_lens_too() -> None:
    beat = "The heron asks the otter for the net, and the otter refuses."
    lines = told(asked("expand", "as a to-do list", DIVIDE=beat), 0.8).split("\n")
    assert lines[0].startswith("- [ ] ")
    assert "- [ ] Ask the otter for the net." in lines
    for line in told(asked("expand", "", "nonfiction", DIVIDE="Shade\nHow shade works."), 0.8).split("\n"):
        assert re.fullmatch(r"[A-Z][^.:]+: .+\.", line)


# Whatever is asked

WORDS = (
    *("Mara", "the", "a", "wolf", "keeper", "bread", "gives", "hides", "and", "who", "that", ",", ".", "?", "to", "of"),
    *(
        "learns",
        "wants",
        "her",
        "his",
        "it",
        "they",
        "two",
        "sisters",
        "in",
        "—",
        "é",
        "他说",
        "Иван",
        "(",
        "“",
        "”",
        "'s",
    ),
    *(
        "3",
        "- ",
        "\n",
        "why",
        "must",
        "is",
        "I",
        "no",
        "one",
        "every",
        "was",
        "-ing",
        "> ",
        "***",
        "old",
        "…",
        ":",
        "An",
    ),
)


@pytest.mark.slow
@given(
    st.lists(st.sampled_from(WORDS), max_size=14),
    st.lists(st.sampled_from(WORDS), max_size=14),
    st.sampled_from(
        ["", "as a list of tasks", "as questions", "as a fable", "executive summary", "backwards", "titles"]
    ),
    st.sampled_from(["outline", "expand"]),
)
def test_any_request_gets_lines(purpose: list[str], given_text: list[str], lens: str, kind: RoundKind) -> None:
    text = " ".join(given_text)
    prompt = asked(kind, lens, PURPOSE=" ".join(purpose), OUTLINE=text, DIVIDE=text)
    lines = told(prompt, 1.0, 3).split("\n")
    assert all(line.strip() for line in lines)
    assert len(set(lines)) == len(lines)


# How it is drawn


@pytest.mark.parametrize("lens", ["", "as a list of questions", "titles"])
def test_probabilities_sum_to_one_wherever_the_lines_go(lens: str) -> None:
    outliner, random, choices = Outliner(mind(asked("outline", lens, PURPOSE=BAKER)), limit=4000), Random(5), 0
    for _ in range(60):
        table = outliner.distribution()
        assert abs(sum(table.values()) - 1.0) < 1e-9
        assert min(table.values()) > 0.0
        assert outliner.distribution() == table
        choices += len(table) > 1
        candidate = draw(truncate(table, Settings(temperature=1.5)), 1.5, random)
        if candidate == outliner.end:
            break
        outliner.push(candidate)
    assert choices > 12


def test_tokens_tell_their_own_probabilities() -> None:
    made = pieces(asked("outline", PURPOSE=CARE), 1.0, 5, top=4)
    assert sum(piece.logprob < -0.1 for piece in made) > 15
    for piece in made:
        assert piece.logprob <= 1e-12
        assert piece.top[0][1] >= piece.logprob - 1e-12
        assert sum(math.exp(logprob) for _, logprob in piece.top) <= 1.0 + 1e-9


def test_a_short_limit_makes_a_short_outline() -> None:
    prompt = asked("outline", PURPOSE=ROBOT)
    assert len(told(prompt, 0.5, 1, limit=60).split("\n")) <= 4
    assert len(pieces(prompt, 0.5, 1, limit=4)) == 4


# Going on


@pytest.mark.slow
@pytest.mark.parametrize("lens", ["", "as a to-do list"])
def test_an_outline_that_is_begun_is_gone_on_with(lens: str) -> None:
    whole = told(asked("outline", lens, PURPOSE=BAKER), 0.0)
    for cut in (2, 3, 12, 40, 61, len(whole) // 2, len(whole) - 4):
        begun = whole[:cut]
        prompt = asked("outline", lens, begun=begun, PURPOSE=BAKER)
        assert prompt.begun == begun.lstrip()
        rest = told(prompt, 0.0)
        joined = begun + rest
        assert " ".join(joined.split()) == " ".join(whole.split()), begun


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begun", "start"),
    [
        ("Mara lights the oven.", r"\n[A-Z]"),
        ("Mara lights the oven.\n", r"[A-Z]"),
        ("Mara lights the oven and", r" [a-zM]"),
        ("Mara lights the oven, ", r"[a-zM]"),
        ("Mara lights the oven while the wolf snores loudly", r"[.,]| and"),
        ("Mara lights the oven.\nThe wolf sniffs at the", r" [a-z]+"),
        ("Mara lights the oven.\nThe wo", r"lf "),
        ("1. Mara bakes.\n2.", r" [A-Z]"),
        ("Once there was an", r" [a-z]"),
    ],
)
def test_an_outline_in_other_words_is_gone_on_with(begun: str, start: str) -> None:
    for seed in range(3):
        rest = told(asked("outline", begun=begun, PURPOSE=BAKER), 0.8, seed)
        assert re.match(start, rest), rest
        whole = begun + rest
        lines = whole.split("\n")
        assert "Mara gives bread to the wolf before winter." in lines
        assert 4 <= len(lines) <= 10
        assert "Mara the baker" not in rest or not begun.startswith("Mara")


def test_a_line_that_is_given_is_not_told_again() -> None:
    for seed in range(4):
        rest = told(
            asked("outline", begun="Mara lights the oven.\nThe wolf comes to the door.\n", OUTLINE=OUTLINE), 0.8, seed
        )
        assert "lights the oven" not in rest
        assert "The wolf comes to the door" not in rest
        assert rest.index("Mara gives him bread.") < rest.index("Winter ends.")


# As it is asked for


@pytest.fixture
async def client() -> AsyncIterator[AsyncOpenAI]:
    http = httpx2.AsyncClient(transport=EmbeddedTransport(pace=0))
    async with AsyncOpenAI(base_url="http://embedded/v1", api_key="none", http_client=http, max_retries=0) as made:
        yield made


def spoken(kind: RoundKind, lens: str = "", **parts: str) -> Any:
    return [{"role": role, "content": text} for role, text in messages(kind, lens, "fiction", "", **parts)]


@pytest.mark.slow
async def test_it_is_streamed_token_by_token(client: AsyncOpenAI) -> None:
    texts, count = ["", "", ""], 0
    options: Any = {"model": MODEL_ID, "messages": spoken("outline", PURPOSE=BAKER), "n": 3, "seed": 2}
    async with await client.chat.completions.create(
        **options, stream=True, stream_options={"include_usage": True}
    ) as stream:
        async for chunk in stream:
            for choice in chunk.choices:
                texts[choice.index] += choice.delta.content or ""
                count += bool(choice.delta.content)
            usage = chunk.usage
    whole = await client.chat.completions.create(**options)
    assert [choice.message.content for choice in whole.choices] == texts
    assert len(set(texts)) == 3
    assert usage == whole.usage
    assert usage is not None
    assert usage.completion_tokens == count > 150


async def test_a_stop_text_and_a_limit_end_it(client: AsyncOpenAI) -> None:
    options: Any = {"model": MODEL_ID, "messages": spoken("outline", PURPOSE=KEEPER), "seed": 2}
    whole = (await client.chat.completions.create(**options)).choices[0].message.content or ""
    first = await client.chat.completions.create(**options, stop="\n")
    assert first.choices[0].message.content == whole.split("\n")[0]
    assert first.choices[0].finish_reason == "stop"
    cut = await client.chat.completions.create(**options, max_tokens=9)
    assert cut.choices[0].finish_reason == "length"


async def test_a_base_model_is_asked_in_brackets(client: AsyncOpenAI) -> None:
    above = f"Purpose:\n{ROBOT}\n\nOutline:\n- The robot rusts.\n\n"
    note = wording.note("outline", "", "Let it end well.", "as a numbered list", "")
    prompt = read_text(above + note)
    assert (prompt.kind, prompt.purpose, prompt.outline) == ("outline", ROBOT, "- The robot rusts.")
    assert (prompt.instruction, prompt.lens) == ("Let it end well.", "as a numbered list.")
    answer = await client.completions.create(model=MODEL_ID, prompt=above + note, seed=1, max_tokens=400)
    lines = answer.choices[0].text.split("\n")
    assert all(re.match(r"\d\. [A-Z]", line) for line in lines)
    assert any("The robot rusts." in line for line in lines)
    onward = await client.completions.create(
        model=MODEL_ID, prompt=f"{above}{note}1. The robot rusts.\n2. ", seed=1, max_tokens=400
    )
    assert re.match(r"[A-Z]", onward.choices[0].text)
    beat = "The heron asks the otter for the net."
    answer = await client.completions.create(
        model=MODEL_ID, prompt=wording.note("expand", beat, "", "", ""), seed=1, max_tokens=300
    )
    lines = answer.choices[0].text.split("\n")
    assert beat in lines
    assert 3 <= len(lines) <= 5


CHILD = """
import asyncio, json, httpx2
from composer.llm.embedded import EmbeddedTransport

async def main():
    async with httpx2.AsyncClient(transport=EmbeddedTransport(pace=0)) as client:
        answer = await client.post("http://embedded/v1/chat/completions", json=json.loads(input()))
        print(json.dumps([choice["message"]["content"] for choice in answer.json()["choices"]]))

asyncio.run(main())
"""


@pytest.mark.slow
async def test_another_process_writes_the_same() -> None:
    notes = "Ida (person): she keeps the ferry\n\nThe Old Mill (place): it burned"
    body = {
        **{"model": MODEL_ID, "seed": 8, "temperature": 1.0, "n": 3},
        "messages": spoken("outline", "as questions about a fable", PURPOSE=KEEPER, NOTES=notes, OUTLINE=OUTLINE),
    }
    child = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(body),
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        cwd=ROOT,
    )
    assert child.returncode == 0, child.stderr
    async with httpx2.AsyncClient(transport=EmbeddedTransport(pace=0), base_url="http://embedded") as bare:
        answer = await bare.post("/v1/chat/completions", json=body)
    assert json.loads(child.stdout) == [choice["message"]["content"] for choice in answer.json()["choices"]]
