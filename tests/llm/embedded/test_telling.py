"""A whole story by its beats: each under its number, all of them, within the limit."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from composer.context import wording
from composer.llm.embedded import MODEL_ID, EmbeddedTransport
from composer.llm.embedded.prompt import read_text
from composer.llm.embedded.reply import STORY
from composer.llm.embedded.sampling import Settings, draw, truncate
from composer.llm.embedded.telling import Begun, Teller, read_beats, read_begun
from tests.llm.embedded.planning import BAKER, asked, messages, mind, pieces, told

BEATS = (
    "[1] Mara bakes the bread and hides it in the cellar.\n"
    "[2] The storm The wolf comes to the door and asks for the bread.\n"
    "[3] Mara gives the wolf the bread."
)
OUTLINE = "- Mara bakes the bread and hides it in the cellar.\n- The storm\n- Mara gives the wolf the bread."


def parted(text: str) -> list[tuple[str, str]]:
    """The numbers of a story and the text under each."""
    rows = re.split(r"^\[(\d+)\]\n", text, flags=re.MULTILINE)
    assert rows[0] == ""
    return list(zip(rows[1::2], rows[2::2], strict=True))


@pytest.mark.parametrize("temperature", [0.0, 0.8, 1.2])
@pytest.mark.slow
def test_every_beat_has_its_number_and_a_paragraph(temperature: float) -> None:
    prompt = asked("draft", PURPOSE=BAKER, OUTLINE=OUTLINE, BEATS=BEATS)
    assert (prompt.kind, prompt.beat) == ("draft", BEATS)
    text = told(prompt, temperature, 2)
    parts = parted(text)
    assert [number for number, _ in parts] == ["1", "2", "3"]
    for number, paragraph in parts:
        assert paragraph.endswith("\n\n") == (number != "3")
        assert re.fullmatch(r"[A-Z\"][^\n]+[.?!]\"?", paragraph.strip()), paragraph
        assert 30 <= len(paragraph.split()) <= 140
    assert "baked the bread" in parts[0][1]
    assert "wolf" in parts[1][1]
    assert "the storm the wolf" not in parts[1][1].lower()
    assert "gave the wolf the bread" in parts[2][1]


@pytest.mark.slow
def test_numbers_are_as_they_are_given() -> None:
    text = told(asked("draft", BEATS="[4] Mara finds a key.\n[7] Joss waits."), 0.8)
    assert [number for number, _ in parted(text)] == ["4", "7"]
    assert [number for number, _ in parted(told(asked("draft", BEATS="Mara finds a key."), 0.8))] == ["1"]


@pytest.mark.slow
def test_many_beats_have_shorter_paragraphs_and_all_of_them_come() -> None:
    beats = "\n".join(f"[{number}] Mara finds key {number} in the cellar." for number in range(1, 41))
    made = pieces(asked("draft", BEATS=beats), 0.8, limit=100_000)
    parts = parted("".join(piece.text for piece in made))
    assert len(parts) == 40
    assert len(made) <= STORY
    assert 60 <= len(made) / len(parts) <= 88
    few = pieces(asked("draft", BEATS=BEATS), 0.8, limit=150)
    assert len(parted("".join(piece.text for piece in few))) == 3


def test_a_short_limit_cuts() -> None:
    assert len(pieces(asked("draft", BEATS=BEATS), 0.8, limit=12)) == 12


def test_a_paragraph_goes_on_from_the_one_before() -> None:
    teller = Teller(mind(asked("draft", PURPOSE=BAKER, SO_FAR="It rained.", BEATS=BEATS)), limit=900)
    random = Random(1)
    before = teller.prompt()
    assert (before.kind, before.previous, before.story) == ("continue", "It rained.", "It rained.")
    written = ""
    while teller.prompt().beat == before.beat:
        table = teller.distribution()
        assert abs(sum(table.values()) - 1.0) < 1e-9
        assert teller.distribution() == table
        candidate = draw(truncate(table, Settings(temperature=0.8)), 0.8, random)
        written += teller.surface(candidate)
        teller.push(candidate)
    after = teller.prompt()
    assert after.previous
    assert after.story == f"It rained.\n\n{after.previous}"
    assert "".join(re.findall("[a-z]", after.previous.lower()))[:12] in "".join(re.findall("[a-z]", written.lower()))


@pytest.mark.slow
def test_seeds_and_temperatures_matter() -> None:
    prompt = asked("draft", BEATS="[1] Mara finds a key.")
    assert len({told(prompt, 0.8, seed) for seed in range(4)}) == 4
    assert told(prompt, 0.8, 3) == told(prompt, 0.8, 3)


@pytest.mark.parametrize(
    ("begun", "there"),
    [
        ("[", Begun(0, (), "", ("1", "]", "\n"))),
        ("[1", Begun(0, (), "", ("]", "\n"))),
        ("[1]", Begun(0, (), "", ("\n",))),
        ("[1]\n", Begun(0, (), "", ())),
        ("[1]\nMara ba", Begun(0, (), "Mara ba")),
        ("Mara ba", Begun(0, (), "Mara ba")),
        ("[1]\nOne.\n", Begun(1, ("One.",), "", ("\n", "[", "2", "]", "\n"))),
        ("[1]\nOne.\n\n", Begun(1, ("One.",), "", ("[", "2", "]", "\n"))),
        ("[1]\nOne.\n\n[2", Begun(1, ("One.",), "", ("]", "\n"))),
        ("[1]\nOne.\n\n[2]\nTwo", Begun(1, ("One.",), "Two")),
        ("[1]\nOne.\n\n[3] Three", Begun(2, ("One.",), "Three")),
        ("[1]\nOne.\n\n[3]\nThree.\n", Begun(3, ("One.", "Three."), "")),
        ("[1]\nOne. [9] said [x", Begun(0, (), "One. [9] said [x")),
    ],
)
def test_a_story_that_is_begun_is_read(begun: str, there: Begun) -> None:
    assert read_begun(begun, read_beats(asked("draft", BEATS=BEATS))) == there


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begun", "onward"),
    [
        ("[", r"1\]\n[A-Z]"),
        ("[1]", r"\n[A-Z]"),
        ("[1]\nMara baked", r" [a-z]"),
        ("[1]\nMara baked the bre", r"ad\b"),
        ("[1]\nMara baked the bread. She slept.\n\n", r"\[2\]\n[A-Z]"),
        ("[1]\nMara baked the bread. She slept.\n\n[2", r"\]\n[A-Z]"),
        ("[1]\nMara baked.\n\n[2]\nThe wolf", r" [a-z]"),
        ("[1]\nMara baked.\n\n[3]\nMara gave the wolf the bread.", r" [A-Z\"]"),
    ],
)
def test_a_story_that_is_begun_is_gone_on_with(begun: str, onward: str) -> None:
    prompt = asked("draft", begun=begun, PURPOSE=BAKER, BEATS=BEATS)
    assert prompt.begun == begun
    for seed in range(2):
        rest = told(prompt, 0.8, seed)
        assert re.match(onward, rest), rest[:60]
        parts = parted(begun + rest)
        assert parts[-1][0] == "3"
        assert re.search(r"[.?!]\"?$", rest)


def test_a_story_that_is_told_has_no_more() -> None:
    assert told(asked("draft", begun="[1]\nA.\n\n[2]\nB.\n\n[3]\nC.\n\n", BEATS=BEATS), 0.8) == ""


def test_a_base_model_is_asked_in_brackets() -> None:
    note = wording.note("draft", BEATS, "", "", "")
    prompt = read_text(f"Purpose:\n{BAKER}\n\nOutline:\n{OUTLINE}\n\n{note}")
    assert (prompt.kind, prompt.purpose) == ("draft", BAKER)
    assert [beat.text for beat in read_beats(prompt)] == [
        "Mara bakes the bread and hides it in the cellar.",
        "The wolf comes to the door and asks for the bread.",
        "Mara gives the wolf the bread.",
    ]
    assert len(parted(told(prompt, 0.8))) == 3
    assert read_text(f"{note}[1]\nMara").begun == "[1]\nMara"


@pytest.fixture
async def client() -> AsyncIterator[AsyncOpenAI]:
    http = httpx2.AsyncClient(transport=EmbeddedTransport(pace=0))
    async with AsyncOpenAI(base_url="http://embedded/v1", api_key="none", http_client=http, max_retries=0) as made:
        yield made


@pytest.mark.slow
async def test_the_client_gets_it_too(client: AsyncOpenAI) -> None:
    spoken: Any = [
        {"role": role, "content": text}
        for role, text in messages("draft", "in a gloomy mood", "nonfiction", BEATS=BEATS)
    ]
    options: Any = {"model": MODEL_ID, "messages": spoken, "seed": 4, "max_tokens": 600}
    whole = await client.chat.completions.create(**options, logprobs=True)
    text = whole.choices[0].message.content or ""
    assert len(parted(text)) == 3
    told_of = whole.choices[0].logprobs
    assert told_of is not None
    assert "".join(entry.token for entry in told_of.content or ()) == text
    assert all(entry.logprob <= 0.0 for entry in told_of.content or ())
    async with await client.chat.completions.create(**options, stream=True) as stream:
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == text
    stopped = await client.chat.completions.create(**options, stop="\n\n[2]")
    assert stopped.choices[0].message.content == text[: text.index("\n\n[2]")]
