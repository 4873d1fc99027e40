"""What is understood of a prompt: its cast, and the beat told in the past."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.embedded.prompt import Prompt
from composer.llm.embedded.request import Request, past_tense, understand
from composer.llm.embedded.store import load
from composer.llm.embedded.tokens import detokenise


def understood(beat: str, previous: str = "") -> Request:
    return understand(Prompt(beat=beat, previous=previous, story=previous), load())


def people(request: Request) -> list[tuple[str, str]]:
    return [(c.surface("C") or "", c.gender) for c in request.cast.characters]


def told(beat: str) -> list[str]:
    request = understood(beat)
    return [
        detokenise(
            item.form if item.ref < 0 else request.cast.surface(item.form, item.ref) or "" for item in clause.items
        )
        for clause in request.clauses
        if clause.pronoun < 0
    ]


@pytest.mark.parametrize(
    ("beat", "cast", "things", "places"),
    [
        (
            "Mara finds a brass telescope in the attic and sees a light on the island.",
            [("Mara", "she")],
            ("telescope", "light"),
            ("attic", "island"),
        ),
        ("The heron asks the otter for the net.", [("the heron", "she"), ("the otter", "he")], ("net",), None),
        ("Zorvath the wizard breaks the crystal.", [("Zorvath", "he")], ("crystal",), None),
        ("Mr Pym loses his hat, and Mrs Pym laughs.", [("Mr Pym", "he"), ("Mrs Pym", "she")], None, None),
        ("Kwame tells his father the truth.", [("Kwame", "he"), ("his father", "he")], None, None),
        ("The archivist hides the map in the library.", [("the archivist", "he")], ("map",), ("library",)),
    ],
)
def test_the_cast_is_found(
    beat: str, cast: list[tuple[str, str]], things: tuple[str, ...] | None, places: tuple[str, ...] | None
) -> None:
    request = understood(beat)
    assert people(request) == cast
    if things is not None:
        assert request.cast.things[: request.given[0]] == things
    if places is not None:
        assert request.cast.places[: request.given[1]] == places


def test_a_title_above_the_summary_is_nobody() -> None:
    assert people(understood("The Long Crossing\nQuillan crosses the river.")) == [("Quillan", "he")]
    assert people(understood("Mara and the Fox"))[0] == ("Mara", "she")


def test_a_pronoun_is_found_in_the_paragraph_before() -> None:
    request = understood("She opens the box.", "Quilla came down from the hill with a box.")
    assert people(request) == [("Quilla", "she")]


def test_a_passage_tells_its_cast_and_its_speech_does_not() -> None:
    passage = '"I know," said Quilla. The otter laughed.'
    request = understand(Prompt(kind="polish", passage=passage), load())
    assert people(request) == [("Quilla", "she"), ("the otter", "he")]
    told = understand(Prompt(kind="polish", passage="I knew the otter."), load())
    assert people(told)[0] == ("I", "I")


def test_the_text_after_a_gap_brings_its_people_and_words() -> None:
    prompt = Prompt(kind="fill", previous="Joss waited by the gate.", after="Quillan carried the lantern away.")
    request = understand(prompt, load())
    assert [name for name, _ in people(request)] == ["Joss", "Quillan"]
    assert {"carried", "away"} & set(request.wanted) == {"carried"}


@pytest.mark.parametrize(
    ("notes", "gender"),
    [
        ("", "he"),
        ("Robin (person): she keeps the gate", "she"),
        ("Robin (person): the keeper of the gate, who lost her brother", "she"),
        ("Robin, the keeper (person): Tam's younger sister; she and he fell out", "she"),
        ("Robin / the keeper (person)\n\nTam (person): Robin's brother", "he"),
        ("Robin Lark (person): a girl of nine", "she"),
        ("Tam (person): she keeps the gate\n\nRobin (person): he sings", "he"),
        ("Robin (person): she minds his gate, his dog and his son", "she"),
        ("Robin (fact): she is a bird", "he"),
    ],
)
def test_a_note_tells_a_persons_pronoun(notes: str, gender: str) -> None:
    request = understand(Prompt(beat="Robin opens the gate.", notes=notes), load())
    assert people(request) == [("Robin", gender)]


def test_notes_tell_what_a_word_without_a_capital_is() -> None:
    notes = "the grinder (person): she sharpens knives\n\nthe sluice (place): by the mill"
    request = understand(Prompt(beat="The grinder sits on the sluice.", notes=notes), load())
    assert people(request) == [("the grinder", "she")]
    assert request.cast.places[: request.given[1]] == ("sluice",)
    plain = understand(Prompt(beat="Mara walks to Oldacre."), load())
    assert "Oldacre" in [name for name, _ in people(plain)]
    noted = understand(Prompt(beat="Mara walks to Oldacre.", notes="Oldacre (place): a farm"), load())
    assert people(noted) == [("Mara", "she")]


def test_whom_a_pronoun_means_is_found_in_what_was_told_before_and_in_notes() -> None:
    condensed = "Quilla left the mill with a lantern. Then Zorvath found the compass. He hid it."
    request = understand(Prompt(beat="He comes home.", condensed=condensed), load())
    assert people(request)[0] == ("Zorvath", "he")
    assert request.cast.things[: request.given[0]] == ("compass",)
    assert request.story[0] == "Quilla"
    told = understand(Prompt(beat="Mara comes home.", previous="Mara saw a rope.", condensed=condensed), load())
    assert people(told) == [("Mara", "she")]
    assert told.cast.things[: told.given[0]] == ("rope",)
    noted = understand(
        Prompt(beat="She comes home.", notes="Zorvath (person): he sails\nUlm (person): she waits"), load()
    )
    assert people(noted)[0] == ("Ulm", "she")


def test_samples_tell_nobody_and_lend_their_words() -> None:
    samples = "“Marmalade,” said Odile to the vicar, and Odile buttered her crumpet in the vestry."
    plain, styled = (understand(Prompt(beat="Joss rests.", samples=text), load()) for text in ("", samples))
    assert (styled.cast, styled.clauses, styled.wanted, styled.story) == (
        plain.cast,
        plain.clauses,
        plain.wanted,
        plain.story,
    )
    assert "crumpet" in styled.samples
    assert styled.known > plain.known


def test_a_beat_without_anyone_still_has_a_cast() -> None:
    request = understood("The storm")
    assert request.cast.characters
    assert request.cast.places
    assert request.clauses == ()


@pytest.mark.parametrize(
    ("beat", "sentences"),
    [
        (
            "The heron asks the otter for the net, and the otter refuses.",
            [
                "The heron asked the otter for the net.",
                "The otter refused.",
                "The heron asked the otter for the net, and the otter refused.",
            ],
        ),
        (
            "Dara can't sleep, so she walks to the mill and meets a wolf who wants to talk.",
            ["Dara could not sleep.", "She walked to the mill.", "She met a wolf who wanted to talk."],
        ),
        ("The queen and the beggar share a loaf.", ["The queen and the beggar shared a loaf."]),
        ("The guards come to the cave.", ["The guards came to the cave."]),
        ("The rope is not his.", ["The rope was not his."]),
    ],
)
def test_a_beat_is_told_in_the_past_clause_by_clause(beat: str, sentences: list[str]) -> None:
    assert told(beat) == sentences


def test_most_beats_of_the_corpus_are_told_in_the_past() -> None:
    store = load()
    beats = [passage.beat for fable in store.fables for passage in fable.passages]
    assert sum(bool(understood(beat).clauses) for beat in beats) >= 0.97 * len(beats)


@given(st.lists(st.sampled_from([
    "Mara", "the wolf", '"', "“", "'s", "a", "I", "Mr", "Mr Pym", ".", ",", "?", "\n", "—", "é", "日本", "A", "who",
    "she", "he carries", "and", "[hole]", "# Title", "keys", "to the attic", "Captain", "don't", "two sisters quarrel",
]), max_size=14), st.sampled_from([" ", ""]))  # fmt: skip
def test_nothing_that_is_asked_fails(parts: list[str], joint: str) -> None:
    text = joint.join(parts)
    request = understand(Prompt(beat=text, previous=text, story=text, outline=text), load())
    assert request.cast.characters
    assert past_tense(request.beat, request.cast) is not None
