"""A model server on 127.0.0.1 that writes made-up prose at a pace, in the shape of OpenAI's. It prints its port and then serves.

`POST /pace` with {"rate": tokens a second of each stream, 0 for no pause, "tokens": of an answer} sets what follows and counts
anew; `GET /tally` tells what was sent since, with times of the monotonic clock, which all processes of a computer share.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

PROSE = (
    "the of and to in that it was for on with his her as at by from they had but not were which one all there when said into "
    "them then out up some time could over lantern harbour orchard salt river winter glass morning shadow copper whisper "
    "window garden thunder ember letter station stranger corridor quiet paper hollow tide ladder velvet engine mountain "
    "sister captain remember answered wandering beneath between forgotten carefully impossible astonished"
)
WORDS = PROSE.split()

pace = {"rate": 50.0, "tokens": 120}
tally: dict[str, Any] = {}


def reset() -> None:
    tally.update(started=0, ended=0, tokens=0, characters=0, first=0.0, last=0.0)


def tokens(count: int, seed: int) -> list[str]:
    """Prose in tokens of about four and a half characters; long words are two."""
    chance = random.Random(seed)
    made: list[str] = []
    left = 0
    while len(made) < count:
        word = chance.choice(WORDS)
        if left == 0:
            word, left = word.capitalize(), chance.randint(8, 18)
        word = f" {word}" if made else word
        left -= 1
        made += [word[:5], word[5:]] if len(word) > 8 else [word]
        if left == 0:
            made.append(".")
    return made[:count]


async def answer(writer: asyncio.StreamWriter, asked: dict[str, Any]) -> None:
    number, rate, count = tally["started"], pace["rate"], int(pace["tokens"])
    tally["started"] += 1
    head = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "bench"}
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
    )

    def send(data: str) -> None:
        event = f"data: {data}\n\n".encode()
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))

    def chunk(delta: dict[str, str], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        send(json.dumps({**head, "choices": [choice], "usage": None}))

    chunk({"role": "assistant", "content": ""})
    # The streams of a real server don't step in time.
    began = time.monotonic() + (number % 7 / 7 / rate if rate else 0.0)
    for at, token in enumerate(tokens(count, number)):
        if rate:
            await asyncio.sleep(began + at / rate - time.monotonic())
        chunk({"content": token})
        await writer.drain()
        now = time.monotonic()
        tally["first"] = tally["first"] or now
        tally["last"] = now
        tally["tokens"] += 1
        tally["characters"] += len(token)
    chunk({}, "stop")
    if (asked.get("stream_options") or {}).get("include_usage"):
        usage = {"prompt_tokens": 100, "completion_tokens": count, "total_tokens": 100 + count}
        send(json.dumps({**head, "choices": [], "usage": usage}))
    send("[DONE]")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := (await reader.readuntil(b"\r\n\r\n")).decode():
            method, path, _ = head.split(" ", 2)
            lengths = [line for line in head.lower().split("\r\n") if line.startswith("content-length:")]
            body = await reader.readexactly(int(lengths[0].partition(":")[2])) if lengths else b"{}"
            if method == "POST" and path.endswith("/chat/completions"):
                try:
                    await answer(writer, json.loads(body))
                finally:
                    tally["ended"] += 1
                continue
            told: Any = tally
            if path.endswith("/pace"):
                pace.update(json.loads(body))
                reset()
            elif path.endswith("/models"):
                told = {"object": "list", "data": [{"id": "bench", "object": "model", "max_model_len": 32768}]}
            data = json.dumps(told).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(data))
            writer.write(data)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    reset()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
