"""Refusals by the words of servers: which field is left out next time, and what is none of a field's fault."""

from __future__ import annotations

from typing import Any

import pytest

from composer.llm.lessons import Known
from composer.llm.refusals import lesson

SENT = (
    *("temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "stop", "logit_bias", "seed"),
    *("max_tokens", "stream_options"),
)


class Refusal(Exception):
    """An error as the SDK has it: its body is what stood under `error`, if anything did."""

    def __init__(self, status: int, told: Any) -> None:
        super().__init__()
        self.status_code = status
        self.body = told.get("error", told) if isinstance(told, dict) else told
        self.code = self.body.get("code") if isinstance(self.body, dict) else None
        self.param = self.body.get("param") if isinstance(self.body, dict) else None


def learned(told: Any, status: int = 400, sent: tuple[str, ...] = SENT, **more: bool) -> Known | None:
    options = {"goes_on": False, "system": False, **more}
    told = {"error": {"message": told}} if isinstance(told, str) else told
    return lesson(Refusal(status, told), Known(), sent, **options)


def pydantic(kind: str, *place: str, words: str = "") -> dict[str, Any]:
    return {"type": kind, "loc": ["body", *place], "msg": words, "input": {"temperature": 1, "top_p": 2}}


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("Unsupported parameter: 'temperature' is not supported with this model.", {"temperature"}),
        (
            {
                "error": {
                    "message": "Unsupported value: 'temperature' does not support 0.2 with this model. "
                    "Only the default (1) value is supported.",
                    "param": "temperature",
                    "code": "unsupported_value",
                }
            },
            {"temperature"},
        ),
        ("invalid temperature: only 1 is allowed for this model", {"temperature"}),
        ("`temperature` is deprecated for this model.", {"temperature"}),
        ("Unrecognized request argument supplied: top_k", {"top_k"}),
        ("Unrecognized request arguments supplied: min_p, top_k", {"min_p", "top_k"}),
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            {"max_tokens"},
        ),
        ({"code": "Client specified an invalid argument", "error": "Argument not supported on this model: stop"}, {"stop"}),
        ({"error": "Model grok-4 does not support parameter presencePenalty."}, {"presence_penalty"}),
        (
            "litellm.UnsupportedParamsError: ollama_chat does not support parameters: ['logit_bias', 'presence_penalty'], "
            "for model=tale. To drop these, set `litellm.drop_params=True`.",
            {"logit_bias", "presence_penalty"},
        ),
        (
            "litellm.UnsupportedParamsError: tale-5 doesn't support temperature=0.1 while reasoning is active. "
            "Only temperature=1 is supported.",
            {"temperature"},
        ),
        ("unknown field `min_p`, expected one of `temperature`, `top_p`, `stop`", {"min_p"}),
        ("Unknown parameter: min_p. Supported parameters are temperature, top_p and stop.", {"min_p"}),
        ("`temperature` and `top_p` cannot both be specified for this model.", {"top_p"}),
        ({"detail": [pydantic("extra_forbidden", "min_p", words="Extra inputs are not permitted")]}, {"min_p"}),
        ({"message": {"detail": [pydantic("extra_forbidden", "top_k"), pydantic("extra_forbidden", "min_p")]}}, {"top_k", "min_p"}),
        (
            "[{'type': 'extra_forbidden', 'loc': ('body', 'min_p'), 'msg': 'Extra inputs are not permitted', 'input': 0.1}]",
            {"min_p"},
        ),
        ({"detail": [pydantic("extra_forbidden", "top_k"), pydantic("less_than_equal", "temperature")]}, {"top_k"}),
        ({"error": {"message": "Provider returned error", "metadata": {"raw": '{"error":"top_k is not supported"}'}}}, {"top_k"}),
        ("frequency penalty is not enabled for this model", {"frequency_penalty"}),
        ("seed is out of order", {"seed"}),
    ],
)  # fmt: skip
def test_a_refused_field_is_known_by_the_servers_words(told: Any, names: set[str]) -> None:
    for status in (400, 422):
        assert learned(told, status) == Known(frozenset(names))


@pytest.mark.parametrize(
    "told",
    [
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
        "3.0 is greater than the maximum of 2 - 'temperature'",
        "top_p must be in (0, 1], got 1.5.",
        "1.5 is not supported: top_p must be between 0 and 1",
        "temperature must be 1",
        "max_tokens is too large: 9000. This model supports at most 4096 completion tokens.",
        {"detail": [pydantic("less_than_equal", "temperature", words="Input should be less than or equal to 1")]},
        {"detail": [pydantic("missing", "messages", words="Field required")]},
        "Invalid params: temperature must be in range (0, +inf)",
        "The model `tale` does not exist",
        "tale is not a valid model ID",
        "This model's maximum context length is 8192 tokens, stream_options or not.",
        "The response was filtered by our content management policy, stop.",
    ],
)
def test_a_wrong_value_and_other_trouble_refuse_no_field(told: Any) -> None:
    assert learned(told) is None


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_only_a_refusal_of_the_request_teaches_anything(status: int) -> None:
    assert learned("Unsupported parameter: 'top_k'", status) is None


def test_a_field_that_was_not_sent_is_not_learned() -> None:
    assert learned("Unsupported parameter: 'top_k'", sent=("temperature",)) is None


def test_a_refusal_that_names_nothing_costs_what_is_missed_least() -> None:
    sent = ("temperature", "n", "logprobs", "top_logprobs", "stream_options")
    costs = [{"stream_options"}, {"logprobs", "top_logprobs"}, {"n"}]
    for cost in costs:
        assert learned("Bad request", sent=sent) == Known(frozenset(cost))
        sent = tuple(name for name in sent if name not in cost)
    assert learned("Bad request", sent=sent) is None


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Only one completion choice is allowed", "n"),
        ("'n' : number must be at most 1", "n"),
        ("n must be 1 where a stream is asked for", "n"),
        ("suffix is not currently supported", "suffix"),
        ("Unsupported param: suffix", "suffix"),
        ("Logprobs is not enabled for this model", "logprobs"),
        ("Requested sample top_logprobs of 5, which is greater than max allowed: 0", "top_logprobs"),
        ("stream_options must be left out", "stream_options"),
    ],
)
def test_what_the_program_adds_itself_is_dropped_for_any_word_against_it(told: str, name: str) -> None:
    sent = ("temperature", "n", "suffix", "logprobs", "top_logprobs", "stream_options")
    assert learned(told, sent=sent) == Known(frozenset((name,)))


def test_a_key_that_may_not_ask_for_logprobs_may_ask_for_the_rest() -> None:
    told = "You are not allowed to request logprobs from this model"
    assert learned(told, 403, ("logprobs", "top_logprobs")) == Known(frozenset(("logprobs", "top_logprobs")))
    assert learned("You may not do this", 403, ("logprobs",)) is None


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("This model does not support assistant message prefill. It must end with a user message.", SENT),
        ("Assistant response prefill is incompatible with enable_thinking.", SENT),
        ("Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant", SENT),
        ({"detail": [pydantic("extra_forbidden", "messages", "2", "assistant", "prefix")]}, SENT),
        ("Unrecognized request argument supplied: continue_final_message", (*SENT, "continue_final_message")),
        ({"detail": [pydantic("extra_forbidden", "add_generation_prompt")]}, (*SENT, "add_generation_prompt")),
    ],
)
def test_a_begun_answer_that_is_refused_is_asked_for_in_words(told: Any, sent: tuple[str, ...]) -> None:
    assert learned(told, sent=sent, goes_on=True) == Known(asks=True)


@pytest.mark.parametrize(
    "told",
    [
        "System role not supported",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    ],
)
def test_a_model_that_knows_no_system_is_told_otherwise(told: str) -> None:
    assert learned(told, system=True) == Known(frozenset(("system",)))


def test_no_shape_of_an_error_breaks_the_judging() -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = [{"detail": deep, "loc": []}]
    for told in (None, 5, [], {}, [None, [1]], {"detail": {"loc": 3}}, {"error": {"metadata": {"raw": 7}}}, deep):
        learned(told, goes_on=True, system=True)
