"""A passage in one sentence, in the present tense, of what the passage says."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncOpenAI

from composer.context import wording
from composer.llm.embedded import MODEL_ID, EmbeddedTransport
from composer.llm.embedded.prompt import Prompt, read_messages, read_text
from composer.llm.embedded.sampling import Settings, draw, truncate
from composer.llm.embedded.summarising import FIRM, Summary
from composer.text.sentences import sentences
from composer.text.words import count_words
from tests.llm.embedded.planning import asked, messages, mind, pieces, told

PASSAGE = """Jory rowed out to the bell buoy before it was light. The fog stood like a wall, and he could hear the bell but not
see it. He had promised the harbour master to stop its ringing, because the old woman on the point could not sleep.

“Who sent you?” asked a voice above him. A gull sat on the cage and looked at him with one eye.

He muffled the clapper with his scarf and rowed home. That evening the mail boat missed the channel and ran aground. Jory took the
scarf off the bell in the night, and he told nobody. The old woman moved her bed to the other side of the house."""
PASSAGE = "\n\n".join(" ".join(row.split()) for row in PASSAGE.split("\n\n"))


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@pytest.mark.parametrize("temperature", [0.0, 0.8, 1.4])
def test_a_passage_is_one_sentence_in_the_present(temperature: float) -> None:
    prompt = asked("summary", PASSAGE=PASSAGE)
    assert (prompt.kind, prompt.passage) == ("summary", PASSAGE)
    for seed in range(8):
        text = told(prompt, temperature, seed)
        assert len(sentences(text)) == 1, text
        assert re.fullmatch(r"[A-Z][^\n]*\.", text)
        assert 3 <= count_words(text) <= 45
        assert not re.search(r"\b(?:was|were|had|rowed|muffled|took|told|ran|missed|stood|sat)\b", text), text
        kept = [word for word in words_of(text) if len(word) > 4 and not word.endswith("s")]
        assert all(word in words_of(PASSAGE) for word in kept), text


def test_seeds_matter_and_the_best_is_the_likeliest() -> None:
    prompt = asked("summary", PASSAGE=PASSAGE)
    assert len({told(prompt, 1.2, seed) for seed in range(12)}) >= 3
    assert len({told(prompt, 0.0, seed) for seed in range(4)}) == 1
    assert told(prompt, 1.2, 3) == told(prompt, 1.2, 3)


def test_the_first_and_the_last_of_several_lines_are_joined() -> None:
    lines = "Mara lights the lamp.\nThe wolf asks for it.\nMara gives the wolf the lamp."
    assert told(asked("summary", PASSAGE=lines), 0.0) == "Mara lights the lamp and gives the wolf the lamp."


@pytest.mark.parametrize(
    ("passage", "line"),
    [
        ("", ""),
        ("The storm", "The storm."),
        ("Mara slept.", "Mara sleeps."),
        ("Grete fuhr jeden Tag, auch bei Nebel.", "Grete fuhr jeden Tag, auch bei Nebel."),
    ],
)
def test_a_short_passage_is_its_own_sentence(passage: str, line: str) -> None:
    assert told(asked("summary", PASSAGE=passage), 1.0) == line


def test_probabilities_sum_to_one() -> None:
    summary, random, choices = Summary(mind(asked("summary", PASSAGE=PASSAGE))), Random(2), 0
    assert max(summary.distribution().values()) >= FIRM
    while True:
        table = summary.distribution()
        assert abs(sum(table.values()) - 1.0) < 1e-9
        assert summary.distribution() == table
        choices += len(table) > 1
        candidate = draw(truncate(table, Settings(temperature=1.5)), 1.5, random)
        if candidate == summary.end:
            break
        summary.push(candidate)
    assert choices >= 2
    for piece in pieces(asked("summary", PASSAGE=PASSAGE), 1.0, 3, top=3):
        assert piece.logprob <= 1e-12
        assert sum(math.exp(logprob) for _, logprob in piece.top) <= 1.0 + 1e-9


@given(
    st.lists(
        st.sampled_from(["Mara", "slept", ".", "and", "the", "“", "”", "é", "他说", "。", "\n", "3", "was"]),
        max_size=24,
    )
)
@pytest.mark.slow
def test_any_passage_has_a_line(parts: list[str]) -> None:
    passage = " ".join(parts).strip()
    assert "\n" not in told(asked("summary", PASSAGE=passage), 1.0)


def test_a_line_that_is_begun_is_gone_on_with() -> None:
    whole = told(asked("summary", PASSAGE=PASSAGE), 0.0)
    for cut in (4, 15, len(whole) // 2, len(whole) - 3):
        rest = told(asked("summary", begun=whole[:cut], PASSAGE=PASSAGE), 0.0)
        assert " ".join((whole[:cut] + rest).split()) == whole
    assert told(asked("summary", begun=whole, PASSAGE=PASSAGE), 0.0) == ""
    assert told(asked("summary", begun="Nobody sees it.", PASSAGE=PASSAGE), 0.0) == ""
    onward = told(asked("summary", begun="A man hears a bell and", PASSAGE=PASSAGE), 0.0)
    assert re.fullmatch(r" [a-zJ].*\.", onward)
    assert re.fullmatch(r", and [a-zJ].*\.", told(asked("summary", begun="A man hears a bell", PASSAGE=PASSAGE), 0.0))


def test_it_is_asked_for_in_several_ways() -> None:
    system = wording.instructions("summary", "", "nonfiction")
    assert read_messages([("system", system), ("user", f"Passage:\n{PASSAGE}")]) == Prompt(
        kind="summary", passage=PASSAGE
    )
    assert read_messages([("system", system), ("user", PASSAGE)]) == Prompt(kind="summary", passage=PASSAGE)
    note = wording.note("summary", "", "", "", PASSAGE)
    assert read_text(note) == Prompt(kind="summary", passage=PASSAGE)
    assert read_text(f"{note}Jory").begun == "Jory"
    # In a lens it asks for nothing.
    assert asked("rework", "Say it in one sentence.", PASSAGE="One.", INSTRUCTION="Shorter.").kind == "rework"
    assert asked("continue", "Say it in one sentence.", NEXT="Joss rests.").kind == "continue"


@pytest.fixture
async def client() -> AsyncIterator[AsyncOpenAI]:
    http = httpx2.AsyncClient(transport=EmbeddedTransport(pace=0))
    async with AsyncOpenAI(base_url="http://embedded/v1", api_key="none", http_client=http, max_retries=0) as made:
        yield made


async def test_the_client_gets_it_too(client: AsyncOpenAI) -> None:
    spoken: Any = [{"role": role, "content": text} for role, text in messages("summary", PASSAGE=PASSAGE)]
    answer = await client.chat.completions.create(model=MODEL_ID, messages=spoken, temperature=0)
    assert answer.choices[0].message.content == told(asked("summary", PASSAGE=PASSAGE), 0.0)
    note = wording.note("summary", "", "", "", PASSAGE)
    text = await client.completions.create(model=MODEL_ID, prompt=note, temperature=0, max_tokens=200)
    assert text.choices[0].text == answer.choices[0].message.content
