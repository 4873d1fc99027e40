"""The model behind the SDK's own client: streams, shapes, errors, and that what is given up is not computed."""

from __future__ import annotations

import asyncio
import json
import math
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI

from composer.llm.embedded import MODEL_ID, WINDOW, EmbeddedTransport, transport
from composer.llm.embedded.reply import Piece, Reply
from composer.llm.embedded.worker import Budget, Pace

ROOT = Path(__file__).parents[3]
BEAT = "The heron asks the otter for the net, and the otter refuses."
PROMPT = f"Purpose:\nA fable.\n\nNext, in one paragraph:\n{BEAT}\n"
MESSAGES: Any = [{"role": "system", "content": "You write."}, {"role": "user", "content": PROMPT}]


@pytest.fixture
async def client() -> AsyncIterator[AsyncOpenAI]:
    http = httpx2.AsyncClient(transport=EmbeddedTransport(pace=0))
    async with AsyncOpenAI(base_url="http://embedded/v1", api_key="none", http_client=http, max_retries=0) as made:
        yield made


@pytest.fixture
async def bare() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=EmbeddedTransport(pace=0), base_url="http://embedded") as made:
        yield made


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each token that was computed."""
    made: list[int] = []
    step = Reply.step

    def counted(self: Reply) -> list[Piece]:
        made.append(self.tokens)
        return step(self)

    monkeypatch.setattr(Reply, "step", counted)
    return made


async def told(client: AsyncOpenAI, **options: Any) -> str:
    answer = await client.chat.completions.create(model=MODEL_ID, messages=MESSAGES, **options)
    return answer.choices[0].message.content or ""


async def test_the_model_is_listed_with_its_window(client: AsyncOpenAI) -> None:
    (model,) = (await client.models.list()).data
    assert (model.id, model.owned_by) == (MODEL_ID, "story-composer")
    assert model.model_extra is not None
    assert model.model_extra["meta"]["n_ctx"] == WINDOW
    assert (await client.models.retrieve(MODEL_ID)).id == MODEL_ID


async def test_a_stream_comes_token_by_token(client: AsyncOpenAI, steps: list[int]) -> None:
    options: Any = {"stream_options": {"include_usage": True}}
    async with await client.chat.completions.create(
        model=MODEL_ID, messages=MESSAGES, stream=True, seed=1, **options
    ) as stream:
        chunks = []
        made_at_first = 0
        async for chunk in stream:
            chunks.append(chunk)
            if not made_at_first and chunk.choices and chunk.choices[0].delta.content:
                made_at_first = len(steps)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert 0 < made_at_first <= 2 < len(steps)
    assert chunks[-2].choices[0].finish_reason == "stop"
    usage = chunks[-1].usage
    assert chunks[-1].choices == []
    assert usage is not None
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert "heron" in text
    assert usage.completion_tokens == len(chunks) - 3
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert text == await told(client, seed=1)


async def test_a_closed_stream_computes_nothing_more(client: AsyncOpenAI, steps: list[int]) -> None:
    async with await client.chat.completions.create(model=MODEL_ID, messages=MESSAGES, stream=True) as stream:
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
    made = len(steps)
    assert made <= 3
    for _ in range(20):
        await asyncio.sleep(0)
    await client.models.list()
    assert len(steps) == made


async def test_a_cancelled_task_computes_nothing_more(client: AsyncOpenAI, steps: list[int]) -> None:
    started = asyncio.Event()

    async def read() -> None:
        async with await client.chat.completions.create(model=MODEL_ID, messages=MESSAGES, stream=True) as stream:
            async for chunk in stream:
                if chunk.choices[0].delta.content:
                    started.set()

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # A call that goes through the worker comes after all that was under way.
    await told(client, max_tokens=1, seed=1)
    made = len(steps)
    assert made <= 8
    await told(client, max_tokens=1, seed=1)
    assert len(steps) == made + 1


async def test_a_cancelled_answer_in_one_piece_computes_nothing_more(client: AsyncOpenAI, steps: list[int]) -> None:
    task = asyncio.create_task(told(client))
    while not steps:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    made = len(steps)
    await told(client, max_tokens=1, seed=1)
    assert len(steps) <= made + 2


@pytest.mark.slow
async def test_seeds_fix_the_text(client: AsyncOpenAI) -> None:
    first = await told(client, seed=11)
    assert await told(client, seed=11) == first
    assert len({first, await told(client, seed=12), await told(client, seed=13)}) == 3
    assert len({await told(client), await told(client), await told(client)}) > 1


async def test_temperature_zero_needs_no_seed(client: AsyncOpenAI) -> None:
    assert await told(client, temperature=0) == await told(client, temperature=0)


async def test_three_choices_come_in_turn(client: AsyncOpenAI) -> None:
    order: list[int] = []
    texts = ["", "", ""]
    reasons: list[str | None] = [None] * 3
    async with await client.chat.completions.create(
        model=MODEL_ID, messages=MESSAGES, stream=True, n=3, seed=5, max_tokens=30
    ) as stream:
        async for chunk in stream:
            choice = chunk.choices[0]
            texts[choice.index] += choice.delta.content or ""
            reasons[choice.index] = choice.finish_reason or reasons[choice.index]
            if choice.delta.content:
                order.append(choice.index)
    assert order[:3] == [0, 1, 2]
    assert len(set(texts)) > 1
    assert all(reason in ("stop", "length") for reason in reasons)
    whole = await client.chat.completions.create(model=MODEL_ID, messages=MESSAGES, n=3, seed=5, max_tokens=30)
    assert [choice.message.content for choice in whole.choices] == texts


@pytest.mark.slow
async def test_logprobs_are_the_models_own(client: AsyncOpenAI) -> None:
    async def content(temperature: float) -> Any:
        answer = await client.chat.completions.create(
            model=MODEL_ID, messages=MESSAGES, logprobs=True, top_logprobs=4, seed=2, temperature=temperature
        )
        told = answer.choices[0].logprobs
        assert told is not None
        assert told.content is not None
        assert "".join(entry.token for entry in told.content) == answer.choices[0].message.content
        return told.content

    for entry in await content(1.0):
        assert entry.logprob <= 0.0
        assert bytes(entry.bytes or []).decode() == entry.token
        assert 1 <= len(entry.top_logprobs) <= 4
        tops = [top.logprob for top in entry.top_logprobs]
        assert tops == sorted(tops, reverse=True)
        assert sum(math.exp(logprob) for logprob in tops) <= 1.0 + 1e-9
        assert entry.logprob <= tops[0]
    cold, warm = (await content(0.0))[0], (await content(1.0))[0]
    assert [top.logprob for top in cold.top_logprobs] == [top.logprob for top in warm.top_logprobs]


async def test_a_passage_is_streamed_back_with_changes(client: AsyncOpenAI) -> None:
    passage = "Mara began to walk home. She was very tired, and the lamp was really heavy.\n\n“No,” said Joss."
    asked: Any = [
        {"role": "system", "content": "Write the passage again with as few changes as make it better."},
        {"role": "user", "content": f"Previous paragraph:\nIt rained.\n\nPassage:\n{passage}\n\n"},
    ]
    texts = [""] * 5
    async with await client.chat.completions.create(
        model=MODEL_ID, messages=asked, stream=True, n=5, seed=3, temperature=0.8, logprobs=True
    ) as stream:
        async for chunk in stream:
            choice = chunk.choices[0]
            texts[choice.index] += choice.delta.content or ""
            assert not choice.logprobs or all(entry.logprob <= 1e-12 for entry in choice.logprobs.content or ())
    assert len(set(texts) - {passage}) >= 3
    for text in texts:
        assert text.endswith("\n\n“No,” said Joss.") or text.endswith("\n\n“No,” Joss said.")
        assert text.startswith("Mara ")


async def test_a_limit_cuts_and_says_so(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model=MODEL_ID, messages=MESSAGES, max_tokens=3, seed=1)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3
    newer = await client.chat.completions.create(model=MODEL_ID, messages=MESSAGES, max_completion_tokens=3, seed=1)
    assert newer.choices[0].message.content == answer.choices[0].message.content


async def test_a_stop_text_ends_and_is_left_out(client: AsyncOpenAI) -> None:
    whole = await told(client, seed=4)
    word = whole.split()[5]
    pieces: list[str] = []
    async with await client.chat.completions.create(
        model=MODEL_ID, messages=MESSAGES, stream=True, seed=4, stop=[f" {word} ", "never said"]
    ) as stream:
        async for chunk in stream:
            pieces.append(chunk.choices[0].delta.content or "")
            reason = chunk.choices[0].finish_reason
    assert reason == "stop"
    assert "".join(pieces) == whole[: whole.index(f" {word} ")]


async def test_completions_go_on_from_the_prompt(client: AsyncOpenAI) -> None:
    answer = await client.completions.create(
        model=MODEL_ID, prompt="The fox found a", max_tokens=6, seed=3, echo=True, logprobs=2
    )
    choice = answer.choices[0]
    assert choice.text.startswith("The fox found a ")
    told = choice.logprobs
    assert told is not None
    assert told.tokens is not None
    assert told.text_offset is not None
    assert told.token_logprobs is not None
    assert "".join(told.tokens) == choice.text
    assert [
        choice.text[at : at + len(token)] for at, token in zip(told.text_offset, told.tokens, strict=True)
    ] == told.tokens
    assert all(logprob <= 0.0 for logprob in told.token_logprobs)
    silent = await client.completions.create(model=MODEL_ID, prompt="The fox found a", max_tokens=6, seed=3)
    assert "The fox found a" + silent.choices[0].text == choice.text
    scored = await client.completions.create(
        model=MODEL_ID, prompt="One line.\n\nXyzzy saw  it.", max_tokens=0, echo=True, logprobs=0
    )
    assert scored.choices[0].text == "One line.\n\nXyzzy saw  it."


async def test_completions_stream_and_take_several_prompts(client: AsyncOpenAI) -> None:
    texts: dict[int, str] = {}
    async with await client.completions.create(
        model=MODEL_ID, prompt=["Mara found", "The wolf slept"], stream=True, n=2, seed=1, max_tokens=9
    ) as stream:
        async for chunk in stream:
            for choice in chunk.choices:
                texts[choice.index] = texts.get(choice.index, "") + choice.text
    assert sorted(texts) == [0, 1, 2, 3]
    assert all(texts.values())


async def test_a_prompt_over_the_window_is_refused(client: AsyncOpenAI) -> None:
    long: Any = [{"role": "user", "content": "word " * (WINDOW + 1)}]
    with pytest.raises(openai.BadRequestError) as refused:
        await client.chat.completions.create(model=MODEL_ID, messages=long)
    assert refused.value.code == "context_length_exceeded"
    assert str(WINDOW) in refused.value.message


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/nothing"), ("POST", "/v1/models"), ("GET", "/v1/models/other")]
)
async def test_elsewhere_is_nothing(bare: httpx2.AsyncClient, method: str, path: str) -> None:
    answer = await bare.request(method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b"{}",
        json.dumps({"model": 3, "messages": MESSAGES}).encode(),
        json.dumps({"model": MODEL_ID}).encode(),
        *(
            json.dumps({"model": MODEL_ID, "messages": MESSAGES, **wrong}).encode()
            for wrong in (
                {"messages": []},
                {"messages": "text"},
                {"messages": [{"content": "text"}]},
                {"messages": [{"role": "user", "content": 3}]},
                {"messages": [{"role": "user", "content": [{"text": 3}]}]},
                {"temperature": "warm"},
                {"temperature": 3},
                {"temperature": True},
                {"top_p": -0.1},
                {"max_tokens": 0},
                {"max_tokens": 2.5},
                {"n": 0},
                {"n": 100},
                {"stream": "yes"},
                {"stop": 3},
                {"stop": [3]},
                {"seed": "one"},
                {"logprobs": 2},
                {"top_logprobs": 3},
                {"stream_options": []},
            )
        ),
    ],
)
async def test_wrong_requests_are_refused(bare: httpx2.AsyncClient, body: bytes) -> None:
    answer = await bare.post("/v1/chat/completions", content=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]


@pytest.mark.parametrize(
    "wrong", [{"prompt": [1, 2]}, {"prompt": []}, {"suffix": "end"}, {"best_of": 4}, {"logprobs": True}]
)
async def test_wrong_completions_are_refused(bare: httpx2.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await bare.post("/v1/completions", json={"model": MODEL_ID, "prompt": "Mara", **wrong})
    assert answer.status_code == 400


async def test_half_characters_and_parts_are_read(bare: httpx2.AsyncClient) -> None:
    body = (
        b'{"model":"m","max_tokens":4,"messages":[{"role":"user","content":[{"type":"text","text":"\\ud83e Mara"}]}]}'
    )
    answer = await bare.post("/v1/chat/completions", content=body)
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"]


async def test_a_failure_inside_is_an_answer(bare: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(transport, "_prepare", broken)
    answer = await bare.post("/v1/chat/completions", json={"model": MODEL_ID, "messages": MESSAGES})
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "server_error"


CHILD = """
import asyncio, json, httpx2
from composer.llm.embedded import EmbeddedTransport

async def main():
    async with httpx2.AsyncClient(transport=EmbeddedTransport(pace=0)) as client:
        body = json.loads(input())
        answer = await client.post("http://embedded/v1/chat/completions", json=body)
        print(json.dumps(answer.json()["choices"][0]["message"]["content"]), flush=True)
        request = client.build_request("POST", "http://embedded/v1/chat/completions", json={**body, "stream": True})
        unread = await client.send(request, stream=True)
        assert unread.status_code == 200

asyncio.run(main())
"""


@pytest.mark.slow
async def test_another_process_writes_the_same_and_ends_with_a_stream_unread(bare: httpx2.AsyncClient) -> None:
    body = {"model": MODEL_ID, "messages": MESSAGES, "seed": 8, "temperature": 1.0}
    child = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(body),
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        cwd=ROOT,
    )
    assert child.returncode == 0, child.stderr
    assert child.stderr == ""
    answer = await bare.post("/v1/chat/completions", json=body)
    assert json.loads(child.stdout) == answer.json()["choices"][0]["message"]["content"]


def test_the_budget_keeps_to_its_share() -> None:
    budget = Budget(share=0.5)
    now = 100.0
    busy = 0.0
    while now < 110.0:
        now += budget.wait(now)
        now += 0.004
        busy += 0.004
        budget.spend(now, 0.004)
    assert busy / (now - 100.0) == pytest.approx(0.5, abs=0.01)
    assert budget.wait(now + 1.0) == 0.0


async def test_a_pace_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 50.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("composer.llm.embedded.worker.time.monotonic", lambda: now)
    monkeypatch.setattr("composer.llm.embedded.worker.asyncio.sleep", sleep)
    pace = Pace(20.0, Budget())
    for _ in range(41):
        await pace.wait()
        pace.spend(0.001)
    assert now - 50.0 == pytest.approx(2.0, abs=0.06)
