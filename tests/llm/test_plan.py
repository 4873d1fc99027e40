"""Plans of requests: what is sent in each mode, and what of the recipe is left out, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from composer.config import EndpointProfile
from composer.llm.continuing import WORDS
from composer.llm.lessons import Known, Lessons
from composer.llm.plan import Plan, Planner
from composer.session.ports import Request
from composer.story.candidate import Recipe
from tests.llm.fault_server import Notes

CHAT = (("system", "Write."), ("user", "Go on."))
RAW = (("prompt", "The ferry"), ("suffix", "at last."))


def planned(
    messages: tuple[tuple[str, str], ...] = CHAT,
    *,
    kind: Any = "other",
    sampling: dict[str, Any] | None = None,
    own: dict[str, Any] | None = None,
    seed: int | None = None,
    template: str = "",
    prefix: str = "",
    max_tokens: int = 0,
    known: Known | None = None,
    stops: tuple[str, ...] = (),
    answers: int = 1,
    model: str = "m",
    limit: int = 0,
    **settings: Any,
) -> Plan:
    planner = Planner(kind, EndpointProfile("http://a/v1", sampling=own or {}, **settings), limit)
    recipe = Recipe("test", "m", sampling or {}, seed=seed, template=template)
    return planner.plan(Request(messages, recipe, max_tokens, prefix), model, known or Known(), stops, answers)


def refused(*names: str) -> Known:
    return Known(frozenset(names))


def fields_of(plan: Plan) -> dict[str, Any]:
    return {name: value for name, value in plan.fields.items() if name != "stream_options"}


def test_chat_messages_are_sent_as_they_are() -> None:
    plan = planned()
    assert plan.messages == ({"role": "system", "content": "Write."}, {"role": "user", "content": "Go on."})
    assert (plan.prompt, plan.completion, plan.dropped, plan.way) == ("", False, (), "")
    assert plan.fields == {"stream_options": {"include_usage": True}}


def test_a_prompt_and_what_it_leads_to_are_sent_as_text() -> None:
    plan = planned(RAW, template="plain")
    assert (plan.prompt, plan.completion, plan.messages) == ("The ferry", True, ())
    assert fields_of(plan) == {"suffix": "at last."}
    plan = planned(RAW, template="plain", known=refused("suffix"))
    assert fields_of(plan) == {}
    assert plan.dropped == (("suffix", "the server refused it"),)


def test_the_recipe_goes_over_the_settings_and_its_seed_over_both() -> None:
    sampling = {"top_p": 0.5, "seed": 3, "stop": ["***"]}
    plan = planned(own=sampling, sampling={"top_p": 0.7, "seed": 4, "model": "x"}, seed=5)
    assert fields_of(plan) == {"top_p": 0.7, "seed": 5, "stop": ["***"]}
    assert fields_of(planned(sampling={"seed": 4})) == {"seed": 4}


@pytest.mark.parametrize(
    ("asked", "preset", "limit", "sent"),
    [(50, None, 9, 50), (0, None, 9, 9), (50, 20, 9, 20), (50, 90, 9, 50), (0, 90, 0, 90), (0, None, 0, None)],
)
def test_the_lowest_limit_counts(asked: int, preset: int | None, limit: int, sent: int | None) -> None:
    sampling = {} if preset is None else {"max_tokens": preset}
    plan = planned(max_tokens=asked, limit=limit, sampling=sampling)
    assert plan.fields.get("max_tokens") == sent


def test_the_limit_takes_its_other_name_where_one_is_refused() -> None:
    assert planned(max_tokens=5, known=refused("max_tokens")).fields["max_completion_tokens"] == 5
    assert planned(max_tokens=5, kind="openai", model="o4-mini").fields["max_completion_tokens"] == 5
    plan = planned(max_tokens=5, known=refused("max_tokens", "max_completion_tokens"))
    assert fields_of(plan) == {}
    assert dict(plan.dropped) == {"max_tokens": "the server refused it"}


def test_what_a_server_does_not_take_is_told() -> None:
    plan = planned(kind="openai", sampling={"temperature": 0.4, "min_p": 0.1}, model="o4-mini")
    assert fields_of(plan) == {}
    assert {name for name, _ in plan.dropped} == {"temperature", "min_p"}
    plan = planned(sampling={"top_k": 4}, known=refused("top_k"))
    assert plan.dropped == (("top_k", "the server refused it"),)


def test_the_templates_marks_are_stopped_at_beside_the_writers() -> None:
    plan = planned(RAW[:1], template="chatml", stops=("<|im_end|>", "***"), sampling={"stop": "***"})
    assert plan.fields["stop"] == ["***", "<|im_end|>"]
    plan = planned(RAW[:1], template="chatml", stops=("<|im_end|>",), known=refused("stop"))
    assert ("stop" in plan.fields, plan.dropped) == (False, ())
    plan = planned(RAW[:1], template="chatml", stops=("</s>",), known=refused("stop"), sampling={"stop": ["x"]})
    assert plan.dropped == (("stop", "the server refused it"),)


@pytest.mark.parametrize(
    ("kind", "asked", "others"),
    [("llamacpp", -1, 5), ("vllm", -1, 5), ("embedded", -1, 5), ("other", -1, 0), ("openai", 3, 3), ("vllm", 0, 0)],
)
def test_tokens_are_asked_about_where_that_is_usual_or_wished(kind: str, asked: int, others: int) -> None:
    chat = planned(kind=kind, logprobs=asked)
    raw = planned(RAW[:1], template="plain", kind=kind, logprobs=asked)
    assert (chat.tells, raw.tells) == (bool(others), bool(others))
    assert fields_of(chat) == ({"logprobs": True, "top_logprobs": others} if others else {})
    assert fields_of(raw) == ({"logprobs": others} if others else {})


def test_what_is_refused_about_tokens_is_told() -> None:
    plan = planned(kind="vllm", known=refused("logprobs"))
    assert (plan.tells, fields_of(plan), plan.dropped) == (False, {}, (("logprobs", "the server refused it"),))
    plan = planned(kind="vllm", known=refused("top_logprobs"))
    assert (plan.tells, fields_of(plan)) == (True, {"logprobs": True})
    assert plan.dropped == (("top_logprobs", "the server refused it"),)


def test_several_answers_share_no_seed() -> None:
    plan = planned(answers=3, sampling={"seed": 4})
    assert fields_of(plan) == {"n": 3}
    assert plan.dropped == (("seed", "asked together with others"),)
    assert planned(answers=3).dropped == ()
    assert "n" not in planned(answers=3, known=refused("n")).fields


def test_a_begun_answer_goes_on_in_the_servers_way_or_is_asked_for() -> None:
    plan = planned(prefix="The ferry", kind="vllm", logprobs=0)
    assert plan.messages[-1] == {"role": "assistant", "content": "The ferry"}
    assert fields_of(plan) == {"add_generation_prompt": False, "continue_final_message": True}
    assert plan.way == "final"
    plan = planned(prefix="The ferry", kind="vllm", logprobs=0, known=Known(asks=True))
    assert plan.messages[-1]["content"] == WORDS
    assert (plan.way, fields_of(plan)) == ("ask", {})
    plan = planned((("prompt", "Once. The ferry"),), prefix="The ferry", template="plain", kind="vllm", logprobs=0)
    assert (plan.way, plan.prompt, fields_of(plan)) == ("", "Once. The ferry", {})


@pytest.mark.parametrize(
    ("thinks", "prefix", "continues", "inside"),
    [
        (True, "", "", True),
        (True, "The ferry", "prefill", False),
        (True, "The ferry", "ask", True),
        (False, "", "", False),
    ],
)
def test_an_answer_begins_within_thoughts_unless_it_is_begun(
    thinks: bool, prefix: str, continues: str, inside: bool
) -> None:
    assert planned(thinks=thinks, prefix=prefix, continues=continues).inside is inside


def test_a_system_that_is_refused_stands_before_the_first_message() -> None:
    known = refused("system")
    assert planned(known=known).messages == ({"role": "user", "content": "Write.\n\nGo on."},)
    alone = planned((("system", "Write."), ("assistant", "Yes.")), known=known).messages
    assert alone == ({"role": "user", "content": "Write."}, {"role": "assistant", "content": "Yes."})
    assert planned((("user", "Go on."),), known=known).messages == ({"role": "user", "content": "Go on."},)


def test_usage_is_asked_for_until_it_is_refused() -> None:
    assert planned().fields["stream_options"] == {"include_usage": True}
    assert planned(known=refused("stream_options")).fields == {}


# lessons


def test_lessons_are_kept_by_model_and_remembered() -> None:
    notes = Notes()
    lessons = Lessons("home", notes)
    lessons.learn("m", refused("top_k", "max_tokens"))
    lessons.learn("m", refused("min_p"))
    lessons.learn("m", refused("top_k"))
    lessons.learn("m", Known(asks=True))
    lessons.learn("m", refused("max_completion_tokens"))
    assert lessons.of("m") == Known(frozenset(("top_k", "min_p", "max_tokens", "max_completion_tokens")), True)
    assert lessons.of("other") == Known()
    assert notes.learned == [
        ("home", "m", "refused", "top_k"),
        ("home", "m", "limit", "max_completion_tokens"),
        ("home", "m", "refused", "min_p,top_k"),
        ("home", "m", "continues", "ask"),
        ("home", "m", "limit", "none"),
    ]


@pytest.mark.parametrize(
    ("subjects", "known"),
    [
        ({"refused": "top_k,seed"}, refused("top_k", "seed")),
        ({"limit": "max_completion_tokens"}, refused("max_tokens")),
        ({"limit": "max_tokens"}, refused("max_completion_tokens")),
        ({"limit": "none", "refused": ""}, refused("max_tokens", "max_completion_tokens")),
        ({"limit": "rubbish", "continues": "ask"}, Known(asks=True)),
        ({}, Known()),
    ],
)
def test_what_is_remembered_is_known_from_the_start(subjects: dict[str, str], known: Known) -> None:
    assert Lessons("home", Notes(**subjects)).of("m") == known
