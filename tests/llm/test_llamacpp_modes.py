"""The endpoint's ways of asking, against llama.cpp's own server with a tiny model."""

from __future__ import annotations

import asyncio

from tests.llm import test_llamacpp
from tests.llm.fault_server import answer, asking, raw_request, request
from tests.llm.test_llamacpp import base_url as base_url

pytestmark = test_llamacpp.pytestmark
PREFIX = "The river was cold that night,"


async def test_raw_text_and_chat_tell_of_their_tokens(base_url: str) -> None:
    async with asking(base_url, model="tiny", kind="llamacpp") as endpoint:
        for asked in (request(0.5, max_tokens=12), raw_request("The river", temperature=0.5, max_tokens=12)):
            got = await answer(endpoint, asked)
            tokens = [token for piece in got.pieces for token in piece.tokens]
            assert "".join(token.text for token in tokens) == got.text
            assert all(token.logprob <= 0 and len(token.others) == 5 for token in tokens)
            assert got.dropped == {}


async def test_a_begun_answer_is_gone_on_with(base_url: str) -> None:
    texts = set()
    for continues in ("prefill", "final", "ask"):
        async with asking(base_url, model="tiny", kind="llamacpp", continues=continues) as endpoint:
            got = await answer(endpoint, request(0.0, max_tokens=8, prefix=PREFIX))
        assert got.error is None
        assert not got.text.startswith(PREFIX)
        assert [token.text for piece in got.pieces for token in piece.tokens]
        texts.add(got.text if continues != "ask" else "")
    # The two ways that name the last message come to the same.
    assert len(texts - {""}) == 1


async def test_a_round_of_seeds_is_one_request(base_url: str) -> None:
    async with asking(base_url, model="tiny", kind="llamacpp", together=True) as endpoint:
        for asked in (request(1.0, max_tokens=20), raw_request("The river", temperature=1.0, max_tokens=20)):
            got = await asyncio.gather(*(answer(endpoint, asked) for _ in range(3)))
            assert [each.error for each in got] == [None] * 3
            assert len({each.text for each in got}) == 3
            assert endpoint.takes("tiny", "n")


async def test_the_servers_own_template_makes_the_prompt(base_url: str) -> None:
    async with asking(base_url, model="tiny", kind="llamacpp", template="server") as endpoint:
        await endpoint.prepare()
        prompt = endpoint.render((("system", "Write."), ("user", "Go on.")), "server", PREFIX)
        assert prompt.endswith(PREFIX)
        assert "Go on." in prompt
        got = await answer(endpoint, raw_request(prompt, template="server", prefix=PREFIX, max_tokens=8))
    assert (got.error, bool(got.text)) == (None, True)
