"""Sampling fields: each server is sent what it takes under its own names, and the writer is told of the rest."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.config import Server
from composer.llm import fields
from composer.llm.embedded import wire

SERVERS: list[Any] = [*get_args(Server), "embedded"]
ALL = {name: fields.example(name) for name in fields.FIELDS}
EVERYWHERE = {"temperature", "top_p", "presence_penalty", "frequency_penalty", "stop", "seed", "max_tokens"}
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.lists(st.text(max_size=2), max_size=4)
)


@given(
    st.sampled_from(SERVERS),
    st.sampled_from(["", "m", "gpt-5", "openai/o3", "gpt-4.1"]),
    st.dictionaries(st.sampled_from([*fields.FIELDS, "top_a"]), VALUES, max_size=8),
    st.sets(st.sampled_from([*fields.FIELDS, "repetition_penalty", "n_keep", "max_completion_tokens", "top_a"])),
    st.booleans(),
)
def test_each_wish_is_sent_or_told_of(
    server: Any, model: str, wanted: dict[str, Any], refused: set[str], completion: bool
) -> None:
    got = fields.fitted(server, model, wanted, refused, completion)
    assert len(got.sent) + len(got.dropped) <= len(wanted)
    left_out = {name for name, _ in got.dropped}
    for name, value in wanted.items():
        if value is not None and value != [] and value != {}:
            wire_names = {name, *(wire for (_, own), wire in fields._WIRE.items() if own == name)}
            wire_names |= {"max_completion_tokens"} if name == "max_tokens" else set()
            assert bool(wire_names & set(got.sent)) != (name in left_out), name
    assert not refused.intersection(got.sent)
    assert all(why and why.isprintable() and len(why) < 100 for _, why in got.dropped)


@pytest.mark.parametrize(
    ("server", "sent"),
    [
        ("embedded", {*EVERYWHERE, "top_k", "min_p", "repeat_penalty"}),
        ("openai", {*EVERYWHERE, "logit_bias"}),
        ("openrouter", {*EVERYWHERE, "logit_bias", "top_k", "min_p", "repetition_penalty"}),
        ("ollama", EVERYWHERE),
        ("vllm", {*EVERYWHERE, "logit_bias", "top_k", "min_p", "repetition_penalty"}),
        ("lmstudio", {*EVERYWHERE, "logit_bias", "top_k", "repeat_penalty"}),
        (
            "llamacpp",
            {*EVERYWHERE, "logit_bias", "top_k", "min_p", "typical_p", "repeat_penalty", "repeat_last_n", "n_keep"}
            | {"mirostat", "mirostat_tau", "mirostat_eta"},
        ),
        ("litellm", set(fields.FIELDS)),
        ("other", set(fields.FIELDS)),
        ("", set(fields.FIELDS)),
    ],
)
def test_what_a_server_takes(server: Any, sent: set[str]) -> None:
    got = fields.fitted(server, "gpt-4.1", ALL)
    assert set(got.sent) == sent
    assert len(got.sent) + len(got.dropped) == len(ALL)


def test_the_built_in_model_takes_what_it_is_sent() -> None:
    sent = fields.fitted("embedded", "embedded-fable", {**ALL, "temperature": 0.3, "repeat_penalty": 1.5}).sent
    call = wire.read_chat(json.dumps({"model": "m", "messages": [{"role": "user", "content": "Go."}], **sent}).encode())
    assert call.settings.temperature == 0.3
    assert call.settings.repetition_penalty == 1.5
    assert (call.settings.top_k, call.settings.min_p, call.seed, call.limit) == (40, 0.05, 1, 16)
    assert call.stops == tuple(ALL["stop"])


@pytest.mark.parametrize(
    ("server", "name", "why"),
    [
        ("ollama", "mirostat", "Ollama takes it in its model file alone"),
        ("ollama", "num_ctx", "Ollama takes it in its model file alone"),
        ("ollama", "logit_bias", "Ollama does not have it"),
        ("llamacpp", "tfs_z", "llama.cpp has it no more"),
        ("llamacpp", "num_ctx", "llama.cpp fixes it when it starts"),
        ("openai", "top_k", "OpenAI does not take it"),
        ("embedded", "mirostat", "The built-in model does not take it"),
    ],
)
def test_why_a_field_is_left_out(server: Any, name: str, why: str) -> None:
    assert fields.fitted(server, "m", {name: fields.example(name)}) == fields.Fitted({}, ((name, why),))


def test_what_was_refused_is_not_sent_again() -> None:
    got = fields.fitted(
        "vllm", "m", {"min_p": 0.1, "repeat_penalty": 1.1, "top_a": 0.2}, {"repetition_penalty", "top_a"}
    )
    assert got.sent == {"min_p": 0.1}
    assert got.dropped == (("repeat_penalty", "the server refused it"), ("top_a", "the server refused it"))
    assert fields.fitted("other", "m", {"seed": 1}, ["seed"]).dropped == (("seed", "the server refused it"),)


def test_other_names_are_passed_as_they_are() -> None:
    wanted = {"top_a": 0.2, "dry_base": 1.75, "grammar": "root"}
    for server in SERVERS:
        assert fields.fitted(server, "m", wanted) == fields.Fitted(wanted, ())


@pytest.mark.parametrize(
    ("server", "model", "temperature", "top_p", "stop"),
    [
        ("openai", "gpt-4.1", True, True, True),
        ("openai", "gpt-4o-mini", True, True, True),
        ("openai", "o1", False, False, True),
        ("openai", "o1-2024-12-17", False, False, True),
        ("openai", "o3-mini", False, False, True),
        ("openai", "o3", False, False, False),
        ("openai", "o4-mini", False, False, False),
        ("openai", "gpt-5", False, False, False),
        ("openai", "gpt-5-mini-2025-08-07", False, False, False),
        ("openai", "gpt-5-chat-latest", True, True, True),
        ("openai", "gpt-5.1", True, True, False),
        ("openai", "gpt-5.2-2025-12-11", True, True, False),
        ("openai", "gpt-5.2-pro", False, False, False),
        ("openai", "gpt-5.1-codex-max", False, False, False),
        ("openai", "gpt-4o-search-preview", False, False, False),
        ("openai", "", True, True, True),
        ("openrouter", "openai/gpt-5-nano:online", False, False, False),
        ("openrouter", "openai/gpt-oss-120b", True, True, True),
        ("openrouter", "mistralai/o", True, True, True),
        ("litellm", "azure/o3-mini", False, False, True),
        ("ollama", "o3", True, True, True),
        ("other", "gpt-5", True, True, True),
    ],
)
def test_models_that_think_take_less(server: Any, model: str, temperature: bool, top_p: bool, stop: bool) -> None:
    assert ("temperature" in fields.fitted(server, model, {"temperature": 1}).sent) is temperature
    sent = fields.fitted(server, model, {"temperature": 0.4, "top_p": 0.9, "stop": ["#"], "seed": 3}).sent
    assert ("temperature" in sent, "top_p" in sent, "stop" in sent) == (temperature, top_p, stop)
    assert sent["seed"] == 3


@pytest.mark.parametrize(
    ("server", "model", "field"),
    [
        ("openai", "gpt-4.1", "max_tokens"),
        ("openai", "gpt-3.5-turbo", "max_tokens"),
        ("openai", "o3-mini", "max_completion_tokens"),
        ("openai", "gpt-5.1", "max_completion_tokens"),
        ("openai", "gpt-7", "max_completion_tokens"),
        ("openai", "", "max_tokens"),
        ("openrouter", "openai/o3", "max_tokens"),
        ("other", "llama-3", "max_tokens"),
        ("other", "gpt-5-mini", "max_completion_tokens"),
        ("other", "gpt-5-chat-latest", "max_tokens"),
        ("embedded", "embedded-fable", "max_tokens"),
    ],
)
def test_the_limit_is_called_as_the_model_wants(server: Any, model: str, field: str) -> None:
    assert fields.limit_field(server, model) == field
    assert fields.fitted(server, model, {"max_tokens": 9}).sent == {field: 9}
    assert fields.fitted(server, model, {"max_tokens": 9}, completion=True).sent == {"max_tokens": 9}


def test_a_limit_that_is_refused_goes_under_the_other_name() -> None:
    wanted = {"max_tokens": 9}
    assert fields.fitted("other", "m", wanted, ["max_tokens"]).sent == {"max_completion_tokens": 9}
    assert fields.fitted("openai", "o3", wanted, ["max_completion_tokens"]).sent == {"max_tokens": 9}
    got = fields.fitted("other", "m", wanted, ["max_tokens", "max_completion_tokens"])
    assert got == fields.Fitted({}, (("max_tokens", "the server refused it"),))
    assert fields.fitted("other", "m", wanted, ["max_tokens"], completion=True).sent == {}


def test_texts_to_stop_at_are_a_list_of_as_many_as_are_taken() -> None:
    many = ["a", "b", "c", "a", "d", "e"]
    got = fields.fitted("openai", "gpt-4.1", {"stop": many})
    assert got.sent == {"stop": ["a", "b", "c", "d"]}
    assert got.dropped == (("stop", "OpenAI takes 4 of them, and has the first 4 of 5"),)
    assert fields.fitted("openai", "gpt-4.1", {"stop": many[:4]}).dropped == ()
    assert fields.fitted("llamacpp", "m", {"stop": many}).sent == {"stop": ["a", "b", "c", "d", "e"]}
    assert fields.fitted("llamacpp", "m", {"stop": "#"}).sent == {"stop": ["#"]}
    assert fields.fitted("openai", "gpt-4.1", {"stop": []}) == fields.Fitted({}, ())


def test_what_is_not_wanted_is_not_sent() -> None:
    assert fields.fitted("other", "m", {"seed": None, "logit_bias": {}, "top_a": None}) == fields.Fitted({}, ())


def test_whole_numbers_are_sent_whole() -> None:
    sent = fields.fitted("vllm", "m", {"top_k": 40.0}).sent
    assert sent == {"top_k": 40}
    assert type(sent["top_k"]) is int


@pytest.mark.parametrize("name", list(fields.FIELDS))
def test_every_field_is_explained_and_has_an_example(name: str) -> None:
    field = fields.FIELDS[name]
    assert field.name == name
    assert field.does.endswith(".")
    assert fields.trouble(name, fields.example(name)) == ""


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("temperature", 0, ""),
        ("temperature", 2, ""),
        ("temperature", 2.1, "takes a number from 0 to 2"),
        ("temperature", math.nan, "takes a number from 0 to 2"),
        ("temperature", math.inf, "takes a number from 0 to 2"),
        ("temperature", "hot", "takes a number from 0 to 2"),
        ("temperature", True, "takes a number from 0 to 2"),
        ("temperature", None, "takes a number from 0 to 2"),
        ("top_k", 40.0, ""),
        ("top_k", 0.5, "takes a whole number from -1 on"),
        ("top_k", 10**400, "takes a whole number from -1 on"),
        ("seed", -5, ""),
        ("seed", "5", "takes a whole number"),
        ("max_tokens", 0, "takes a whole number from 1 on"),
        ("mirostat", 3, "takes a whole number from 0 to 2"),
        ("penalize_newline", False, ""),
        ("penalize_newline", 1, "takes true or false"),
        ("stop", "\n\n", ""),
        ("stop", ["a", "b"], ""),
        ("stop", ["a", ""], "takes a text or a list of texts, none of them empty"),
        ("stop", 4, "takes a text or a list of texts, none of them empty"),
        ("logit_bias", {"50256": -100}, ""),
        ("logit_bias", {"50256": -101}, "takes numbers from -100 to 100, by the number of a token"),
        ("logit_bias", [50256], "takes numbers from -100 to 100, by the number of a token"),
        ("top_a", "whatever", ""),
    ],
)
def test_what_a_field_can_be(name: str, value: Any, why: str) -> None:
    assert fields.trouble(name, value) == why


def test_what_can_not_be_is_not_sent() -> None:
    got = fields.fitted("other", "m", {"top_p": 7, "stop": [""]})
    assert got.sent == {}
    assert dict(got.dropped)["top_p"] == "it takes a number from 0 to 1"


@pytest.mark.parametrize("server", SERVERS)
def test_what_is_tried_would_be_sent(server: Any) -> None:
    names = fields.tried(server)
    assert names
    assert "max_tokens" not in names
    for name in names:
        assert fields.fitted(server, "m", {name: fields.example(name)}).dropped == ()
