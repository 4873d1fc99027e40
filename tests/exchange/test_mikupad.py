"""mikupad sessions as sessions: typed text and runs of tokens, how sure the model was, notes, and nothing of servers."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.programs import mikupad
from composer.exchange.taken import Taken
from composer.story import surprise
from composer.story.spans import Generated, Span, Written
from tests.exchange.sources import (
    about,
    candidates,
    everything,
    formats_of,
    losses,
    read_or_refused,
    sound,
    spans,
    spoilt,
    text,
)


def typed(words: str) -> dict[str, Any]:
    return {"type": "user", "content": words}


def token(words: str, probability: float = 0.5, *others: tuple[str, float]) -> dict[str, Any]:
    likely = [{"tok_str": other, "prob": sure} for other, sure in ((words, probability), *others)]
    return {
        "content": words,
        "prob": probability,
        "completion_probabilities": [{"content": words, "probs": likely}],
    }


def session(prompt: Any, **more: Any) -> dict[str, str]:
    """A session as it is exported: every value is a JSON text."""
    settings = {
        "name": "Salt road",
        "endpoint": "http://localhost:8080",
        "endpointAPI": 0,
        "endpointAPIKey": "",
        "seed": -1,
        "temperature": 0.7,
        "topK": 40,
        "maxPredictTokens": -1,
        "stoppingStrings": '["###"]',
        "prompt": prompt,
        **more,
    }
    return {name: json.dumps(value) for name, value in settings.items()}


def imported(value: Any) -> Taken:
    return sound(mikupad.read(json.dumps(value).encode(), about()))


PROMPT = [
    typed("The road\twas salt. "),
    token("It", 0.25, ("The", 0.5)),
    token(" shone", 1.0),
    typed(".\n"),
    token("\nThen", 0),
]


def test_typed_text_is_written_and_each_run_of_tokens_is_a_candidate() -> None:
    taken = imported(session(PROMPT))
    assert text(taken) == "The road\twas salt. It shone.\n\nThen"
    assert candidates(taken) == [["It shone"], ["\nThen"]]
    assert spans(taken) == [
        Span("The road\twas salt. ", Written()),
        Span("It shone", Generated("1.1", 0, 8)),
        Span(".", Written()),
        Span("Then", Generated("2.1", 1, 5)),
    ]
    assert [placed.candidates for placed in taken.story.placements] == [("1.1",), ("2.1",)]
    assert taken.story.details.title == "Salt road"


def test_how_sure_the_model_was_is_kept() -> None:
    taken = imported(session(PROMPT))
    ending = taken.story.candidate("1.1").ending
    assert ending is not None
    first, second = surprise.decode(taken.pieces[ending.logprobs])
    assert (first.start, first.end, second.start, second.end) == (0, 2, 2, 8)
    assert first.probability == pytest.approx(0.25)
    assert dict(first.others) == pytest.approx({"It": math.log(0.25), "The": math.log(0.5)})
    assert second.logprob == 0
    plain = imported(session([typed("a"), {"content": "b"}])).story.candidate("1.1").ending
    assert plain is not None
    assert plain.logprobs == ""


def test_newer_forms_of_probabilities_are_read() -> None:
    entry = {
        "token": "b",
        "logprob": -0.5,
        "top_logprobs": [{"token": "b", "logprob": -0.5}, {"token": "c", "logprob": -2}],
    }
    taken = imported(session([{"content": "b", "completion_probabilities": [entry, None, 7]}]))
    ending = taken.story.candidate("1.1").ending
    assert ending is not None
    assert surprise.decode(taken.pieces[ending.logprobs]) == (surprise.Choice(0, 1, -0.5, (("b", -0.5), ("c", -2.0))),)
    odd = [
        {"content": "b", "prob": 7},
        {"content": "c", "prob": -1},
        {"content": "d", "prob": "x"},
        {"content": "e", "logprob": 2},
    ]
    told = imported(session(odd)).story.candidate("1.1").ending
    assert told is not None
    assert told.logprobs == ""


def test_only_the_newest_request_has_the_settings_of_the_session() -> None:
    taken = imported(session(PROMPT, seed=7, minP=1e999, topP="0.9", endpointModel="lantern", maxPredictTokens=200))
    first, last = (asked.candidates[0].recipe for asked in taken.story.rounds)
    assert (first.endpoint, first.model, first.sampling, first.seed) == ("mikupad", "", {}, None)
    assert (last.model, last.seed) == ("lantern", 7)
    assert last.sampling == {"temperature": 0.7, "top_k": 40, "top_p": 0.9, "max_tokens": 200, "stop": ["###"]}
    assert losses(taken)["settings of earlier requests"] == 1
    once = imported(session([token("a")]))
    assert once.story.rounds[0].candidates[0].recipe.sampling == {"temperature": 0.7, "top_k": 40, "stop": ["###"]}
    assert once.story.rounds[0].candidates[0].recipe.seed is None


def test_memory_the_authors_note_and_world_info_become_notes() -> None:
    info = {
        "prefix": "[",
        "suffix": "]",
        "entries": [{"displayName": "Guide", "keys": ["Sefa", "guide"], "text": "Knows the road.", "search": 1024}],
    }
    memory = {"prefix": "", "text": "Year of thirst.", "suffix": "", "contextOrder": "{memText}"}
    taken = imported(session(PROMPT, memoryTokens=memory, authorNoteTokens={"text": "Dry wit."}, worldInfo=info))
    assert [(note.kind, note.name, note.text, note.pinned) for note in taken.story.notes] == [
        ("fact", "Memory", "Year of thirst.", True),
        ("fact", "Author's note", "Dry wit.", True),
        ("fact", "Sefa, guide", "Knows the road.", False),
    ]
    assert losses(taken)["texts before and behind notes"] == 1


def test_servers_and_keys_appear_nowhere(secret: str) -> None:
    value = session(
        PROMPT,
        endpoint=f"https://{secret}.example",
        endpointAPIKey=secret,
        endpointModel=f"http://h/{secret}",
        other=secret,
    )
    taken = imported(value)
    assert secret not in everything(taken)
    assert ".example" not in everything(taken)
    assert losses(taken)["servers and their keys"] == 1
    plain = {"prompt": PROMPT, "endpointAPIKey": secret, "endpoint": secret}
    assert secret not in everything(imported({"Sessions": [{"key": 1, "value": plain}]}))


def test_values_that_are_no_texts_are_taken_as_they_are() -> None:
    told = {"prompt": PROMPT, "name": "Salt", "temperature": 0.5, "memoryTokens": {"text": "m"}}
    taken = imported(told)
    assert text(taken) == text(imported(session(PROMPT)))
    assert taken.story.details.title == "Salt"
    assert taken.story.rounds[1].candidates[0].recipe.sampling == {"temperature": 0.5}
    assert text(imported({"prompt": "All typed.", "memoryTokens": {}})) == "All typed."


@pytest.mark.parametrize("whole", [False, True])
def test_of_all_sessions_the_longest_is_taken(whole: bool) -> None:
    others = [session([typed("short")]), session(PROMPT), session([typed("also short")])]
    for each in others:
        del each["name"]
    values = [json.dumps(each) if whole else each for each in others]
    value = {
        "Sessions": [{"key": at, "value": each} for at, each in enumerate(values)],
        "Names": [{"key": 1, "value": "The salt road"}, {"key": "selectedSessionId", "value": 2}],
        "Templates": [{"key": "x", "value": {"sysPre": "y"}}],
    }
    data = json.dumps(value).encode()
    assert formats_of(data, "x.json") == ["mikupad"]
    taken = sound(mikupad.read(data, about()))
    assert text(taken) == text(imported(session(PROMPT)))
    assert taken.story.details.title == "The salt road"
    assert losses(taken)["other sessions of the file"] == 2


def test_pieces_without_text_are_counted_and_part_no_run() -> None:
    odd = [token("a"), None, {"content": None}, 7, token("b"), {"type": "user"}, token("c"), "typed"]
    taken = imported(session(odd))
    assert candidates(taken) == [["abc"]]
    assert text(taken) == "abctyped"
    assert losses(taken)["pieces without text"] == 4


def test_halves_of_signs_in_two_tokens_are_joined_and_control_signs_filtered() -> None:
    taken = imported(session([typed("a\x1b[0m"), token("\ud83d"), token("\ude00\x07!")]))
    assert text(taken) == "a[0m😀!"
    assert candidates(taken) == [["😀!"]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_sessions_in_other_encodings_are_read(encoding: str) -> None:
    data = json.dumps({"prompt": [typed("Öl")], "memoryTokens": {}}, ensure_ascii=False).encode(encoding)
    assert text(mikupad.read(data, about())) == "Öl"
    assert formats_of(data, "x.json") == ["mikupad"]


def test_a_file_that_breaks_off_keeps_what_is_whole() -> None:
    data = json.dumps({"prompt": [typed("One. "), token("Two."), typed("Three.")]}).encode()
    taken = sound(mikupad.read(data[:-12], about()))
    assert text(taken) == "One. Two."
    assert taken.cut
    with pytest.raises(UnreadableSource):
        # The prompt is one text here, and it is cut.
        mikupad.read(json.dumps({"temperature": "1", "prompt": json.dumps(PROMPT)}).encode()[:-40], about())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b'{"prompt": 7}',
        b'{"prompt": null}',
        b'{"prompt": {"a": 1}}',
        b'{"Sessions": [7, {}]}',
        b"\xff",
    ],
)
def test_what_is_no_session_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSource):
        mikupad.read(data, about())


def test_sessions_are_known_by_their_fields() -> None:
    assert formats_of(json.dumps(session(PROMPT)).encode(), "x.json") == ["mikupad"]
    first = {"prompt": json.dumps([typed("word " * 40_000)]), **session(PROMPT)}
    assert formats_of(json.dumps({"prompt": first["prompt"]}).encode(), "x") == ["mikupad"]
    assert formats_of(json.dumps({"prompt": [typed("word " * 40_000)]}).encode(), "x") == ["mikupad"]
    assert formats_of(json.dumps({"prompt": "a", "temperature": 1}).encode(), "x") == []
    assert formats_of(json.dumps({"key": 1, "value": 2}).encode(), "x") == []
    assert formats_of(json.dumps({"messages": [{"role": "user", "content": "memoryTokens"}]}).encode(), "x") == []


FULL: dict[str, Any] = {
    "plain": {
        "prompt": PROMPT,
        "name": "n",
        "temperature": 1,
        "seed": 4,
        "stoppingStrings": '["a"]',
        "memoryTokens": {"text": "m", "prefix": "p"},
        "worldInfo": {"entries": [{"displayName": "d", "keys": ["k"], "text": "t"}]},
    },
    "texts": session(PROMPT, memoryTokens={"text": "m"}),
    "all": {"Sessions": [{"key": 0, "value": session(PROMPT)}, {"key": 1, "value": {"prompt": PROMPT}}]},
}


@given(st.sampled_from(sorted(FULL)), st.data())
def test_spoilt_sessions_are_a_session_or_refused(which: str, data: st.DataObject) -> None:
    value: object = FULL[which]
    for _ in range(data.draw(st.integers(1, 3))):
        value = spoilt(data.draw, value)
    if isinstance(value, dict) and data.draw(st.booleans()):
        value = {name: json.dumps(each) for name, each in value.items()}
    read_or_refused(mikupad.read, json.dumps(value).encode())


@given(st.sampled_from(sorted(FULL)), st.data())
def test_spoilt_bytes_are_a_session_or_refused(which: str, data: st.DataObject) -> None:
    whole = json.dumps(FULL[which]).encode()
    at = data.draw(st.integers(0, len(whole)))
    middle = data.draw(st.binary(max_size=4))
    read_or_refused(mikupad.read, whole[:at] + middle + whole[at + data.draw(st.integers(0, 9)) :])
    read_or_refused(mikupad.read, whole[:at])


@given(st.lists(st.tuples(st.booleans(), st.text("ab \t\n", min_size=1, max_size=5)), max_size=8))
def test_any_text_is_kept_to_the_character(told: list[tuple[bool, str]]) -> None:
    taken = imported(session([typed(words) if hand else token(words) for hand, words in told]))
    assert text(taken) == "".join(words for _, words in told)


@pytest.mark.slow
def test_a_hundred_thousand_pieces() -> None:
    pieces = [token(f" word{at}") if at % 20 else typed(f"\nLine {at}") for at in range(100_000)]
    taken = mikupad.read(json.dumps(session(pieces)).encode(), about())
    assert text(taken) == "".join(piece["content"] for piece in pieces)
    assert len(taken.story.rounds) == 5_000


def test_a_template_of_its_own_is_not_told_of() -> None:
    told = {"prompt": json.dumps([{"type": "user", "content": "a"}]), "seed": "1", "temperature": "1"}
    told["template"] = json.dumps({"name": "x", "apiKey": "hush"})
    told["endpointModel"] = json.dumps("models.example:8080/?key=hush")
    taken = mikupad.read(json.dumps(told).encode(), about())
    assert "hush" not in everything(taken)
    assert losses(taken)["template"] == 1
