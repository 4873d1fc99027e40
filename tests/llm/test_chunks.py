"""Reading chunks: whatever JSON a server sends, reading it raises nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm import chunks

FIELDS = st.sampled_from(
    [
        "choices",
        "completion_probabilities",
        "delta",
        "message",
        "content",
        "text",
        "usage",
        "model",
        "model_extra",
        "finish_reason",
        "reasoning",
        "index",
        "data",
        "meta",
        "id",
        "n_ctx",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=12,
)


def as_objects(value: Any) -> Any:
    """The same as the SDK would have it: objects in place of dictionaries."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: as_objects(inner) for name, inner in value.items()})
    return list(map(as_objects, value)) if isinstance(value, list) else value


@given(JSON | st.lists(JSON, max_size=3).map(lambda inner: {"choices": inner, "data": inner}))
def test_whatever_is_sent_is_read(value: Any) -> None:
    for form in (value, as_objects(value)):
        every = chunks.read_all(form)
        assert every[0] == chunks.read(form)
        for parts in every:
            assert isinstance(parts.text, str)
            assert isinstance(parts.reasoning, str)
            assert isinstance(parts.finish_reason, str)
            assert isinstance(parts.model, str)
            assert isinstance(parts.index, int)
        model, window = chunks.window(form, "")
        assert isinstance(model, str)
        assert isinstance(window, int)
        assert all(isinstance(name, str) and name and size >= 0 for name, size in chunks.models(form))


def test_a_whole_choice_is_read() -> None:
    choice = {"index": 1, "delta": {"content": "a", "reasoning": "b"}, "finish_reason": "stop"}
    parts = chunks.read({"choices": [choice], "model": "m"})
    assert parts == chunks.Parts("a", "b", "stop", "m", index=1)
    assert parts.choice is choice


@pytest.mark.parametrize(("index", "read"), [(2, 2), (None, 0), ("1", 0), (-1, 0), (True, 0), (1.0, 0)])
def test_an_odd_index_is_the_first(index: Any, read: int) -> None:
    assert chunks.read({"choices": [{"index": index, "text": "a"}]}).index == read


def test_each_answer_of_a_chunk_is_read() -> None:
    chunk = {
        "model": "m",
        "usage": {"prompt_tokens": 3, "completion_tokens": 8},
        "choices": [
            {"index": 1, "text": "b", "finish_reason": "length"},
            None,
            {"index": 0, "delta": {"content": "a"}},
        ],
    }
    for form in (chunk, as_objects(chunk)):
        assert chunks.read_all(form) == [
            chunks.Parts("b", "", "length", "m", 3, 8, 1),
            chunks.Parts("", "", "", "m", 3, 8, 0),
            chunks.Parts("a", "", "", "m", 3, 8, 0),
        ]


@pytest.mark.parametrize("choices", [[], None, "x", {}])
def test_a_chunk_without_answers_may_hold_usage(choices: Any) -> None:
    chunk = {"choices": choices, "usage": {"prompt_tokens": 3}}
    assert chunks.read_all(chunk) == [chunks.Parts(prompt_tokens=3)]


def test_probabilities_may_lie_beside_the_answer() -> None:
    chunk = {"choices": [{"delta": {"content": "a"}}], "completion_probabilities": [{"content": "a"}]}
    assert chunks.read(chunk).choice is chunk
    chunk["choices"][0]["logprobs"] = {"content": []}  # type: ignore[index]
    assert chunks.read(chunk).choice is chunk["choices"][0]


LISTED = {
    "object": "list",
    "data": [
        {"id": "tale-8b", "max_model_len": 8192},
        {"id": "tale-70b", "meta": {"n_ctx": 4096, "n_ctx_train": 131072}},
        {"id": "tale-8b", "context_length": 1},
        {"id": "mini", "max_context_length": 32768, "loaded_context_length": 2048},
        {"id": "", "context_length": 9},
        {"id": "odd", "context_length": "9"},
        None,
    ],
}


def test_models_are_listed_with_their_windows() -> None:
    expected = [("tale-8b", 8192), ("tale-70b", 4096), ("mini", 2048), ("odd", 0)]
    assert chunks.models(LISTED) == expected
    assert chunks.models(as_objects(LISTED)) == expected
    assert chunks.models(LISTED["data"]) == expected
    assert chunks.models({"models": []}) == []


@pytest.mark.parametrize(
    ("model", "found"),
    [("", ("tale-8b", 8192)), ("tale-70b", ("tale-70b", 4096)), ("unknown", ("unknown", 0))],
)
def test_the_window_of_one_model(model: str, found: tuple[str, int]) -> None:
    assert chunks.window(LISTED, model) == found


def test_a_single_model_is_served_under_any_name() -> None:
    assert chunks.window({"data": [{"id": "/models/tale.gguf", "meta": {"n_ctx": 512}}]}, "tale") == ("tale", 512)
