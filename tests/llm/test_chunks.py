"""Reading chunks: whatever JSON a server sends, reading it raises nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from composer.llm import chunks

FIELDS = st.sampled_from(
    [
        "choices",
        "delta",
        "message",
        "content",
        "text",
        "usage",
        "model",
        "finish_reason",
        "reasoning",
        "data",
        "meta",
        "id",
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


@given(JSON)
def test_whatever_is_sent_is_read(value: Any) -> None:
    for form in (value, as_objects(value)):
        parts = chunks.read(form)
        assert isinstance(parts.text, str)
        assert isinstance(parts.reasoning, str)
        assert isinstance(parts.finish_reason, str)
        assert isinstance(parts.model, str)
        model, window = chunks.window(form, "")
        assert isinstance(model, str)
        assert isinstance(window, int)


def test_a_whole_choice_is_read() -> None:
    parts = chunks.read(
        {"choices": [{"delta": {"content": "a", "reasoning": "b"}, "finish_reason": "stop"}], "model": "m"}
    )
    assert parts == chunks.Parts("a", "b", "stop", "m")
