"""What stands between two texts: short, whole, and leading on to the text after."""

from __future__ import annotations

import re
from random import Random

import pytest

from composer.llm.embedded.filling import Filler
from composer.llm.embedded.model import Mind
from composer.llm.embedded.prompt import Prompt, read_messages
from composer.llm.embedded.reply import Reply
from composer.llm.embedded.request import understand
from composer.llm.embedded.sampling import Settings, draw, truncate
from composer.llm.embedded.store import load

BEFORE = "Mara climbed the stairs to the attic. The telescope stood by the window."
AFTER = "The light on the island was gone. She sat down on the floor."


def prompt(before: str, after: str, hole: str = "") -> Prompt:
    parts = {"Previous paragraph": before, "Text after": after, "What is missing here": hole}
    user = "".join(f"{heading}:\n{text}\n\n" for heading, text in parts.items() if text)
    return read_messages([("system", "Write what is missing between the two."), ("user", user)])


def filled(asked: Prompt, temperature: float, seed: int, limit: int = 400) -> str:
    store = load()
    of = Mind(store, understand(asked, store))
    settings = Settings(temperature=temperature, min_p=0.02)
    reply = Reply(of, settings=settings, random=Random(f"{seed}/0"), limit=limit, tail=asked.tail)
    text = ""
    while not reply.finish_reason:
        text += "".join(piece.text for piece in reply.step())
    return text


def replies(before: str, after: str, hole: str = "") -> list[str]:
    asked = prompt(before, after, hole)
    return [filled(asked, temperature, seed) for temperature in (0.2, 0.6, 1.0) for seed in range(4)]


def test_a_gap_between_sentences_gets_one_to_three() -> None:
    told = replies(BEFORE, AFTER)
    for text in told:
        assert re.search(r'[.?!]"?$', text), text
        assert text[0].isupper() or text[0] == '"'
        assert 1 <= len(re.findall(r"[.?!](?=\s|\"|$)", text)) <= 5, text
        assert len(text.split()) < 90
    assert sum(len(re.findall(r"[.?!](?=\s|\"|$)", text)) for text in told) <= 2 * len(told)
    assert len(set(told)) > 5


@pytest.mark.slow
def test_what_the_hole_says_is_told() -> None:
    told = replies(BEFORE, AFTER, "Mara finds a silver key under the chair")
    assert sum("key" in text for text in told) >= 9
    assert not any("what" in text.lower() and "?" in text for text in replies(BEFORE, AFTER, "how does it end?"))


def test_what_is_told_already_is_not_told_again() -> None:
    asked = prompt("Mara found a silver key under the chair.", AFTER, "Mara finds a silver key under the chair")
    assert not any("found a silver key" in filled(asked, 0.3, seed) for seed in range(6))


@pytest.mark.slow
def test_the_words_after_are_sought() -> None:
    def share(after: str) -> float:
        return sum("bread" in text or "bake" in text for text in replies("The old baker slept.", after)) / 12

    assert share("The bread was baked, and all the bread was warm.") > share("A bell rang.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("She opened the", "and ran down to the river."),
        ("The old ferryman pulled the boat to the shore,", "but nobody was waiting for him."),
        ("When Joss came to the gate", ". The dog did not bark."),
    ],
)
def test_a_gap_in_a_sentence_stays_in_it(before: str, after: str) -> None:
    for text in replies(before, after):
        assert text
        assert text[0].islower() or text[0] in ",;—" or text.split()[0] in ("I", "Joss"), text
        assert text[-1] not in ".?!", text
        assert len(text.split()) < 60
        assert not text.startswith(" ")


@pytest.mark.slow
def test_speech_that_goes_on_after_is_left_open() -> None:
    for text in replies('"I have lost my key," said Joss. "', '," said the baker.'):
        assert '"' not in text, text
    for text in replies('"I have lost my key," said Joss. "', "The baker laughed."):
        assert text.count('"') % 2 == 1, text


def test_a_text_that_only_ends_is_gone_on_from() -> None:
    for text in replies("She opened the", "Nobody saw her."):
        assert text[0].islower()
        assert re.search(r'[.?!]"?$', text), text


@pytest.mark.parametrize("after", [AFTER, "and ran.", ", she said", "", "🦊", "—", '"'])
@pytest.mark.parametrize("before", [BEFORE, "She opened", "", '"', "🦊"])
def test_probabilities_sum_to_one_wherever_the_text_goes(before: str, after: str) -> None:
    store = load()
    asked = prompt(before, after, "what now?")
    filler, random = Filler(Mind(store, understand(asked, store)), limit=60), Random(2)
    for _ in range(60):
        table = filler.distribution()
        assert abs(sum(table.values()) - 1.0) < 1e-9
        assert min(table.values()) >= 0.0
        candidate = draw(truncate(table, Settings()), 1.0, random)
        if candidate == filler.end:
            break
        filler.push(candidate)
    assert filled(asked, 1.0, 1, limit=6)
