"""The probabilities: they are some, they sum to one, and they are about what was asked."""

from __future__ import annotations

import math
import re
from random import Random

import pytest

from composer.llm.embedded.model import PARTS, Mind, Writer
from composer.llm.embedded.prompt import Prompt
from composer.llm.embedded.reply import LENGTH
from composer.llm.embedded.request import understand
from composer.llm.embedded.sampling import Settings, draw, truncate
from composer.llm.embedded.store import load
from composer.llm.embedded.tokens import CLOSES, END, OPENS, Printer

BEATS = [
    "Mara finds a brass telescope in the attic and sees a light on the island.",
    "The heron asks the otter for the net, and the otter refuses.",
    "The robot waits for the gardener in the orchard with a broken umbrella.",
    "Joss carries the lantern to the bridge, but the troll has gone.",
    "Elena arrives at the station, and a stranger offers her a ticket.",
    "The wolf teaches the girl to read the map.",
]


def mind(beat: str, previous: str = "") -> Mind:
    store = load()
    return Mind(store, understand(Prompt(beat=beat, previous=previous, story=previous), store))


def written(of: Mind, temperature: float, seed: int) -> tuple[str, list[float], list[float]]:
    """A paragraph, and at each token its log probability and the entropy of the choice as it was drawn."""
    writer = Writer(of, target=LENGTH, limit=220)
    printer, random = Printer(), Random(seed)
    text = ""
    logprobs: list[float] = []
    entropies: list[float] = []
    while writer.length < 220:
        table = writer.distribution()
        kept = truncate(table, Settings(temperature=temperature, min_p=0.02))
        candidate = draw(kept, temperature, random)
        logprobs.append(math.log(table[candidate]))
        weights = [p ** (1 / temperature) for _, p in kept]
        total = sum(weights)
        entropies.append(-sum(w / total * math.log(w / total) for w in weights if w))
        if candidate == writer.end:
            break
        text += printer.push(writer.surface(candidate))
        writer.push(candidate)
    return text + printer.close(), logprobs, entropies


@pytest.mark.parametrize("beat", BEATS)
def test_probabilities_sum_to_one_wherever_the_text_goes(beat: str) -> None:
    writer = Writer(mind(beat, "It was late. Nobody came."), target=40, limit=60)
    random = Random(7)
    for _ in range(50):
        table = writer.distribution()
        assert abs(sum(table.values()) - 1.0) < 1e-9
        assert min(table.values()) >= 0.0
        candidate = draw(truncate(table, Settings(temperature=1.5)), 1.5, random)
        if candidate == writer.end:
            break
        writer.push(candidate)


def test_asking_twice_gives_the_same_answer() -> None:
    writer = Writer(mind(BEATS[0]), target=LENGTH, limit=200)
    for _ in range(30):
        first = writer.distribution()
        assert writer.distribution() == first
        writer.push(max(first, key=lambda candidate: first[candidate]))


@pytest.mark.slow
def test_lower_temperatures_are_surer() -> None:
    means: list[tuple[float, float]] = []
    for temperature in (0.2, 0.6, 1.0):
        logprobs: list[float] = []
        entropies: list[float] = []
        for seed, beat in enumerate(BEATS):
            _, some, more = written(mind(beat), temperature, seed)
            logprobs += some
            entropies += more
        means.append((sum(logprobs) / len(logprobs), sum(entropies) / len(entropies)))
    assert means[0][0] > means[1][0] > means[2][0]
    assert means[0][1] < means[1][1] < means[2][1]


@pytest.mark.slow
def test_what_was_asked_turns_up() -> None:
    asked = found = 0
    for seed, beat in enumerate(BEATS):
        of = mind(beat)
        cast, given = of.cast, of.request.given
        nouns = [c.noun for c in cast.characters] + [*cast.things[: given[0]], *cast.places[: given[1]]]
        for turn in range(2):
            text, _, _ = written(of, 0.6, 10 * seed + turn)
            asked += len(nouns)
            found += sum(bool(re.search(rf"\b{re.escape(noun)}s?\b", text)) for noun in nouns)
    assert found >= 0.85 * asked


@pytest.mark.slow
def test_words_that_nobody_wrote_turn_up() -> None:
    texts = [written(mind("Quillan the smith hides a zither in the scriptorium."), 0.6, seed)[0] for seed in range(5)]
    for word in ("Quillan", "zither", "scriptorium"):
        assert sum(word in text for text in texts) >= 3, word


@pytest.mark.slow
def test_paragraphs_are_whole() -> None:
    for seed, beat in enumerate(BEATS):
        for temperature in (0.2, 1.0):
            text, _, _ = written(mind(beat), temperature, seed)
            assert text.count('"') % 2 == 0, text
            assert re.search(r'[.?!]"?$', text), text
            assert not re.search(r'\s[.,?!]|"\s*"\s*"|<|>', text), text
            assert text[0].isupper() or text[0] == '"', text
            assert 30 <= len(text.split()) <= 200, text


@pytest.mark.slow
def test_quotes_can_only_open_outside_and_close_inside() -> None:
    of = mind(BEATS[1])
    random = Random(5)
    checked = {True: 0, False: 0}
    for _ in range(3):
        writer = Writer(of, target=LENGTH, limit=200)
        while writer.length < 100:
            table = writer.distribution()
            quoted = writer.clause.quoted
            possible = {of.symbols[candidate % PARTS] for candidate, p in table.items() if p > 0.0}
            assert not possible & (OPENS if quoted else CLOSES)
            assert not (quoted and END in possible)
            checked[quoted] += 1
            candidate = draw(truncate(table, Settings()), 1.0, random)
            if candidate == writer.end:
                break
            writer.push(candidate)
    assert min(checked.values()) > 10


def test_nobody_speaks_to_someone_who_is_not_there() -> None:
    of = mind("Mara waits in the attic.")
    assert len(of.cast.characters) == 1
    for seed in range(3):
        writer = Writer(of, target=LENGTH, limit=200)
        random = Random(seed)
        while writer.length < 120:
            table = writer.distribution()
            assert not any("~" in of.symbols[candidate % PARTS] for candidate in table)
            candidate = draw(truncate(table, Settings()), 1.0, random)
            if candidate == writer.end:
                break
            writer.push(candidate)


@pytest.mark.slow
def test_a_short_limit_still_ends_with_a_sentence() -> None:
    whole = 0
    for seed in range(12):
        writer = Writer(mind(BEATS[seed % 6]), target=32, limit=40)
        random = Random(seed)
        while writer.length < 40:
            candidate = draw(truncate(writer.distribution(), Settings(min_p=0.02)), 0.8, random)
            if candidate == writer.end:
                whole += 1
                break
            writer.push(candidate)
    assert whole >= 10


def test_the_story_is_not_told_again() -> None:
    before, _, _ = written(mind(BEATS[1]), 0.2, 1)
    after, _, _ = written(mind(BEATS[1], before), 0.2, 1)

    def runs(text: str) -> set[tuple[str, ...]]:
        words = text.lower().split()
        return {tuple(words[at : at + 6]) for at in range(len(words) - 5)}

    again = runs(before) & runs(after)
    assert len(again) <= 0.35 * len(runs(after))


def test_a_learned_sentence_is_likelier_than_its_words_in_disorder() -> None:
    of = mind("Mara finds a rope.")
    told = ["she", "found", "a", "rope", "on", "the", "landing", "."]

    def score(symbols: list[str]) -> float:
        writer = Writer(of, target=LENGTH, limit=200)
        total = 0.0
        for item in of.cast.encode(["<a>" if symbol == "a" else symbol for symbol in symbols]):
            candidate = writer.candidate(item)
            total += math.log(writer.probability(candidate, writer.distribution()))
            writer.push(candidate)
        return total

    shuffled = told[:]
    Random(3).shuffle(shuffled)
    assert score(told) > score(shuffled) + 10
