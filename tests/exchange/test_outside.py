"""Names of models and servers that hold no secret; JSON that breaks off; marks of an encoding."""

from __future__ import annotations

import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.exchange.outside import closed, label, unmarked, utf8
from composer.exchange.programs.loose import value_of


@pytest.mark.parametrize(
    "name", ["gpt-4o", "llama3:8b", "org/Model-7B-Q4_K_M.gguf", "claude-3-5@20240620", "qwen2.5:14b-instruct", "v1.2.3"]
)
def test_a_name_of_a_model_stays(name: str) -> None:
    assert label(f" {name}\n") == name


@pytest.mark.parametrize(
    "told",
    [
        "https://models.example/v1",
        "me:word@models.example",
        "models.example:5000",
        "localhost:8080/v1",
        "10.0.0.7",
        "models.example/v1?k=1",
        "key=hush",
        "sk-0123456789abcdef01",
        "Bearer 0123456789abcdef01",
        None,
        7,
        {"name": "x"},
    ],
)
def test_an_address_or_a_key_is_no_name(told: object) -> None:
    assert label(told) == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_mark_tells_the_encoding(encoding: str) -> None:
    data = "\ufeffSalt é".encode(encoding)
    assert unmarked(data)[1] == encoding
    assert utf8(data) == "Salt é".encode()
    assert codecs.lookup(encoding)


@given(
    st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
    st.data(),
)
def test_json_that_breaks_off_is_closed(value: object, data: st.DataObject) -> None:

    text = json.dumps([value])
    end = data.draw(st.integers(1, len(text)))
    kept, cut = closed(text[:end], end)
    assert isinstance(value_of(kept), list)
    assert cut
