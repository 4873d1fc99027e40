"""The floor of streaming: some streams at once through the SDK alone, joined and dropped. `raw_client.py URL STREAMS`

Prints one line of JSON: seconds of computing from the first request on, tokens, characters. A short answer goes before, so that
imports and the first connection are not counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time


async def one(client: object, number: int) -> tuple[int, int]:
    stream = await client.chat.completions.create(  # type: ignore[attr-defined]
        model="bench", stream=True, seed=number, messages=[{"role": "user", "content": "Tell me a story."}]
    )
    tokens, text = 0, ""
    async for chunk in stream:
        if chunk.choices and (token := chunk.choices[0].delta.content):
            tokens, text = tokens + 1, text + token
    return tokens, len(text)


async def streams(url: str, count: int) -> dict[str, float]:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
        await client.models.list()
        began = time.process_time()
        found = await asyncio.gather(*(one(client, number) for number in range(count)))
        cpu = time.process_time() - began
    return {"cpu": cpu, "tokens": sum(each[0] for each in found), "characters": sum(each[1] for each in found)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(streams(sys.argv[1], int(sys.argv[2])))))
