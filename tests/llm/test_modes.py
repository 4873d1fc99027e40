"""What is asked and how its answer is read: raw text and chat, begun answers, thoughts, and how sure the model was."""

from __future__ import annotations

from typing import Any

import pytest

from composer.llm.continuing import WORDS
from composer.session.ports import Endpoint, Piece
from composer.story.surprise import Token
from tests.llm.fault_server import (
    Exchange,
    Handler,
    Notes,
    against,
    answer,
    asking,
    chunk,
    raw_chunk,
    raw_request,
    request,
    sends,
    serving,
    streams,
)

PREFIX = "The ferry waited at the pier,"


async def test_an_endpoint_has_all_that_the_program_asks_of_one() -> None:
    settings: Any = {"presets": {"wild": {"top_p": 1.0}}, "preset": "wild", "template": "plain", "suffix": True}
    async with asking("http://127.0.0.1:1/v1", **settings) as made:
        endpoint: Endpoint = made
        assert (endpoint.presets, endpoint.preset) == ({"wild": {"top_p": 1.0}}, "wild")
        assert (endpoint.template, endpoint.takes_suffix, endpoint.models) == ("plain", True, ())
        assert made.kind == "other"


# raw text


def raw(*texts: str) -> Handler:
    return sends(*map(raw_chunk, texts), raw_chunk("", "stop"), "[DONE]")


async def test_raw_text_is_gone_on_with() -> None:
    async with against(raw(" waited", " long."), sampling={"top_p": 0.9}) as (server, endpoint):
        got = await answer(endpoint, raw_request("The ferry", temperature=0.5))
        assert server.seen[0].path == "/v1/completions"
        assert server.seen[0].body == {
            "model": "m",
            "prompt": "The ferry",
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.5,
            "top_p": 0.9,
            "max_tokens": 50,
        }
    assert (got.text, got.error) == (" waited long.", None)
    assert got.closing is not None
    assert (got.closing.finish_reason, got.closing.model) == ("stop", "served")


async def test_a_hole_is_filled_towards_what_follows_it() -> None:
    async with against(raw(" waited"), suffix=True) as (server, endpoint):
        assert endpoint.takes_suffix
        got = await answer(endpoint, raw_request("The ferry", "until dawn."))
        assert server.seen[0].body["suffix"] == "until dawn."
    assert (got.text, got.dropped) == (" waited", {})


async def test_a_suffix_that_is_refused_is_left_out_and_not_offered_again() -> None:
    async def handler(exchange: Exchange) -> None:
        if "suffix" in exchange.body:
            return await exchange.json(400, {"error": {"message": "suffix is not currently supported"}})
        await raw(" waited")(exchange)

    notes = Notes()
    async with against(handler, suffix=True, memory=notes) as (server, endpoint):
        got = await answer(endpoint, raw_request("The ferry", "until dawn."))
        assert (got.text, got.dropped) == (" waited", {"suffix": "the server refused it"})
        assert not endpoint.takes_suffix
        await answer(endpoint, raw_request("The ferry", "until dawn."))
        assert len(server.seen) == 3
    assert notes.learned == [("test", "m", "refused", "suffix")]


async def test_the_marks_of_a_template_end_an_answer() -> None:
    async with against(raw("x")) as (server, endpoint):
        await answer(endpoint, raw_request("<|im_start|>user", template="chatml", stop=["***"]))
        assert server.seen[0].body["stop"] == ["***", "<|im_end|>"]


async def test_a_template_that_is_not_there_is_told_before_anything_is_sent() -> None:
    async with against(raw("x")) as (server, endpoint):
        got = await answer(endpoint, raw_request(template="/nowhere/at/all.jinja"))
        assert "all.jinja" in str(got.error)
        assert server.seen == []


async def test_the_template_of_a_server_is_its_own() -> None:
    source = "{% for message in messages %}[{{ message.role }}] {{ message.content }}<|im_end|>{% endfor %}[assistant]"
    messages = (("user", "Go on."),)
    async with against(raw("x"), template="server") as (server, endpoint):
        server.props = {"chat_template": source, "bos_token": "", "eos_token": "</s>"}
        await endpoint.prepare()
        assert endpoint.render(messages, "server", " The") == "[user] Go on.<|im_end|>[assistant] The"
        await answer(endpoint, raw_request(template="server"))
        assert server.seen[0].body["stop"] == ["</s>", "<|im_end|>"]


async def test_a_server_that_tells_no_template_is_told_of() -> None:
    async with against(raw("x"), template="server") as (server, endpoint):
        await endpoint.prepare()
        with pytest.raises(Exception, match="does not tell the template of m"):
            endpoint.render((("user", "Go on."),), "server")
        got = await answer(endpoint, raw_request(template="server"))
        assert "does not tell the template of m" in str(got.error)
        server.props = {"chat_template": "{{ messages[0].content }}"}
        assert (await answer(endpoint, raw_request(template="server"))).text == "x"


@pytest.mark.parametrize(
    ("status", "message", "sentence"),
    [
        (404, "This is a chat model and not supported in the v1/completions endpoint.", "takes chat messages alone"),
        (404, "Not Found", "takes raw text for m"),
        (400, "This model's maximum context length is 10 tokens", "too long for m"),
    ],
)
async def test_a_server_without_raw_text_is_told_of(status: int, message: str, sentence: str) -> None:
    async with against(lambda exchange: exchange.json(status, {"error": {"message": message}})) as (_server, endpoint):
        assert sentence in str((await answer(endpoint, raw_request())).error)


async def test_a_model_without_chat_is_told_of() -> None:
    told = {
        "error": {"message": "This is not a chat model and thus not supported in the v1/chat/completions endpoint."}
    }
    async with against(lambda exchange: exchange.json(404, told)) as (_server, endpoint):
        got = await answer(endpoint)
    assert "takes no chat messages" in str(got.error)
    assert "template" in str(got.error)


# begun answers


@pytest.mark.parametrize(
    ("settings", "last", "fields"),
    [
        ({"kind": "llamacpp", "logprobs": 0}, {"role": "assistant", "content": PREFIX}, {}),
        (
            {"kind": "vllm", "logprobs": 0},
            {"role": "assistant", "content": PREFIX},
            {"add_generation_prompt": False, "continue_final_message": True},
        ),
        ({"continues": "prefix"}, {"role": "assistant", "content": PREFIX, "prefix": True}, {}),
        ({"kind": "openai"}, {"role": "user", "content": WORDS}, {}),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize("returned", [False, True])
async def test_a_begun_answer_is_gone_on_with(
    settings: dict[str, Any], last: dict[str, Any], fields: dict[str, bool], size: int, returned: bool
) -> None:
    told = (PREFIX if returned else "") + " and nobody came."
    async with against(streams(*(told[at : at + size] for at in range(0, len(told), size))), **settings) as (
        server,
        endpoint,
    ):
        got = await answer(endpoint, request(prefix=PREFIX))
        body = server.seen[0].body
    assert got.text == " and nobody came."
    assert next(message for message in body["messages"] if message["role"] == "assistant")["content"] == PREFIX
    assert body["messages"][-1] == last
    assert {name: body[name] for name in body if name.startswith(("add_", "continue_"))} == fields


@pytest.mark.parametrize(("said", "text"), [("and nobody", " and nobody"), (" and", " and"), (", and", ", and")])
async def test_a_model_that_was_asked_in_words_gets_its_space(said: str, text: str) -> None:
    async with against(streams(said, " came."), continues="ask") as (_server, endpoint):
        assert (await answer(endpoint, request(prefix="The ferry waited"))).text == text + " came."


async def test_a_model_that_goes_on_by_itself_gets_no_space() -> None:
    async with against(streams("s alone"), continues="prefill") as (_server, endpoint):
        assert (await answer(endpoint, request(prefix="The ferry wait"))).text == "s alone"


async def test_a_begun_answer_that_is_refused_is_asked_for_in_words_from_then_on() -> None:
    async def handler(exchange: Exchange) -> None:
        if exchange.body["messages"][-1]["role"] == "assistant":
            told = "This model does not support assistant message prefill."
            return await exchange.json(400, {"error": {"message": told}})
        await streams("and nobody came.")(exchange)

    notes = Notes()
    async with against(handler, memory=notes) as (server, endpoint):
        assert (await answer(endpoint, request(prefix=PREFIX))).text == " and nobody came."
        assert (await answer(endpoint, request(prefix=PREFIX))).text == " and nobody came."
        assert len(server.seen) == 3
    assert notes.learned == [("test", "m", "continues", "ask")]
    async with against(handler, memory=Notes(continues="ask")) as (server, endpoint):
        await answer(endpoint, request(prefix=PREFIX))
        assert len(server.seen) == 1


async def test_a_prompt_that_ends_with_a_begun_answer_is_sent_as_it_is() -> None:
    async with against(raw(" waited")) as (server, endpoint):
        got = await answer(endpoint, raw_request("Once. The ferry", prefix="The ferry"))
        assert server.seen[0].body["prompt"] == "Once. The ferry"
    assert got.text == " waited"


# thoughts


@pytest.mark.parametrize("size", [1, 4, 1000])
async def test_thoughts_within_the_text_are_told_apart(size: int) -> None:
    told = "<think>First the pier.</think>\n\nThe ferry waited."
    async with against(streams(*(told[at : at + size] for at in range(0, len(told), size)))) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.reasoning, got.text) == ("First the pier.", "The ferry waited.")


async def test_an_answer_may_begin_within_thoughts() -> None:
    async with against(streams("The pier.", "</think>", "The ferry."), thinks=True) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.reasoning, got.text) == ("The pier.", "The ferry.")
    events = [chunk({"reasoning_content": "The pier."}), chunk({"content": "The ferry."}, "stop")]
    async with against(sends(*events), thinks=True) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.reasoning, got.text) == ("The pier.", "The ferry.")


async def test_text_that_turns_out_to_be_thoughts_is_marked() -> None:
    handler = streams("The pier.", "</think>", "The ferry.")
    async with against(handler) as (_server, endpoint):
        got = await answer(endpoint)
    assert [piece.text for piece in got.pieces if not piece.recast] == ["The pier.", "The ferry."]
    assert [piece.recast for piece in got.pieces].index(True) == 1
    async with against(handler, continues="prefill") as (_server, endpoint):
        got = await answer(endpoint, request(prefix="Once there was a river."))
    assert not any(piece.recast for piece in got.pieces)


# how sure the model was


def told(text: str, logprob: float, *others: tuple[str, float]) -> dict[str, Any]:
    def one(text: str, logprob: float) -> dict[str, Any]:
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}

    return {**one(text, logprob), "top_logprobs": [one(*other) for other in others]}


def sure(text: str, *tokens: dict[str, Any]) -> dict[str, Any]:
    event = chunk({"content": text})
    event["choices"][0]["logprobs"] = {"content": list(tokens)}
    return event


def tokens_of(pieces: list[Piece]) -> list[tuple[str, tuple[Token, ...]]]:
    return [(piece.text, piece.tokens) for piece in pieces]


async def test_chat_tells_of_its_tokens() -> None:
    events = [sure("The", told("The", -0.5, ("A", -1.5))), sure(" ferry", told(" ferry", -0.25)), chunk({}, "stop")]
    async with against(sends(*events), logprobs=2) as (server, endpoint):
        got = await answer(endpoint)
        assert (server.seen[0].body["logprobs"], server.seen[0].body["top_logprobs"]) == (True, 2)
    assert tokens_of(got.pieces) == [
        ("The", (Token("The", -0.5, (("A", -1.5),)),)),
        (" ferry", (Token(" ferry", -0.25),)),
    ]


async def test_raw_text_tells_of_its_tokens_in_its_own_shape() -> None:
    logprobs = {
        "tokens": [" waited", " long"],
        "token_logprobs": [-0.5, -2.0],
        "top_logprobs": [{" came": -1.0, " waited": -0.5}, None],
        "text_offset": [9, 16],
    }
    handler = sends(raw_chunk(" waited long", logprobs=logprobs), raw_chunk("", "stop"))
    async with against(handler, logprobs=2) as (server, endpoint):
        got = await answer(endpoint, raw_request())
        assert server.seen[0].body["logprobs"] == 2
    ((text, tokens),) = tokens_of(got.pieces)
    assert text == " waited long"
    assert [(token.text, token.logprob) for token in tokens] == [(" waited", -0.5), (" long", -2.0)]
    assert dict(tokens[0].others)[" came"] == -1.0


async def test_tokens_whose_text_is_held_back_come_with_it() -> None:
    events = [sure("Once\r", told("Once", -1.0), told("\r", -1.0)), sure("\n", told("\n", -0.5)), chunk({}, "stop")]
    async with against(sends(*events), logprobs=1) as (_server, endpoint):
        got = await answer(endpoint)
    assert [piece.text for piece in got.pieces] == ["Once", "\n"]
    assert [len(piece.tokens) for piece in got.pieces][1] == 1


async def test_tokens_of_a_returned_beginning_are_none_of_the_answer() -> None:
    events = [
        sure("The ferry waited", told("The ferry", -1.0), told(" waited", -1.0)),
        sure(" long", told(" long", -0.5)),
        chunk({}, "stop"),
    ]
    async with against(sends(*events), logprobs=1) as (_server, endpoint):
        got = await answer(endpoint, request(prefix="The ferry waited"))
    assert tokens_of(got.pieces) == [(" long", (Token(" long", -0.5),))]


async def test_tokens_that_are_not_asked_about_are_not_read() -> None:
    async with against(sends(sure("The", told("The", -0.5)), chunk({}, "stop"))) as (server, endpoint):
        got = await answer(endpoint)
        assert "logprobs" not in server.seen[0].body
    assert tokens_of(got.pieces) == [("The", ())]


async def test_a_server_that_tells_nothing_of_tokens_is_asked_no_more() -> None:
    async def handler(exchange: Exchange) -> None:
        if "logprobs" in exchange.body:
            return await exchange.json(400, {"error": {"message": "Logprobs is not enabled for this model"}})
        await streams("The ferry")(exchange)

    notes = Notes()
    async with serving(handler) as server, asking(server.base_url, logprobs=3, memory=notes) as endpoint:
        for _ in range(2):
            got = await answer(endpoint)
            assert (got.text, got.dropped) == ("The ferry", {"logprobs": "the server refused it"})
        assert len(server.seen) == 3
        assert not endpoint.takes("m", "logprobs")
    assert notes.learned == [("test", "m", "refused", "logprobs")]
