"""Waiting: for a turn where many ask at once, and for as long as a server asks to wait."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from composer.llm.patience import Patience
from composer.session.ports import Waiting
from tests.llm.fault_server import Exchange, Sleeps, against, answer, asking, fails, request, serving, streams

GOES_ON = Waiting("")


class Gate:
    """Lets answers out one at a time, and sees how many are being written."""

    def __init__(self) -> None:
        self.order: list[float] = []
        self.most = 0
        self._now = 0
        self._open = asyncio.Semaphore(0)
        self._arrived = asyncio.Semaphore(0)

    async def __call__(self, exchange: Exchange) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        self.order.append(exchange.body["temperature"])
        self._arrived.release()
        await self._open.acquire()
        self._now -= 1
        await streams("x")(exchange)

    def let(self, count: int = 1) -> None:
        for _ in range(count):
            self._open.release()

    async def arrived(self, count: int = 1) -> None:
        async with asyncio.timeout(10):
            for _ in range(count):
                await self._arrived.acquire()


async def test_no_more_are_asked_for_at_once_than_the_settings_say() -> None:
    gate = Gate()
    async with against(gate, concurrency=2) as (_server, endpoint):
        temperatures = [0.1, 0.2, 0.3, 0.4, 0.5]
        reading = [asyncio.create_task(answer(endpoint, request(value))) for value in temperatures]
        await gate.arrived(2)
        assert not any(task.done() for task in reading)
        for _ in range(3):
            gate.let()
            await gate.arrived()
        gate.let(2)
        got = await asyncio.gather(*reading)
    assert gate.most == 2
    assert sorted(gate.order[:2]) == [0.1, 0.2]
    assert gate.order[2:] == [0.3, 0.4, 0.5]
    assert [each.waits for each in got] == [[], [], *([[Waiting("waits for its turn"), GOES_ON]] * 3)]
    assert [each.text for each in got] == ["x"] * 5


async def test_who_gives_up_waiting_leaves_the_place_to_others() -> None:
    gate = Gate()
    async with against(gate, concurrency=1) as (server, endpoint):
        reading = [asyncio.create_task(answer(endpoint, request(value))) for value in (0.1, 0.2, 0.3)]
        await gate.arrived()
        reading[1].cancel()
        await asyncio.gather(reading[1], return_exceptions=True)
        gate.let()
        await gate.arrived()
        gate.let()
        assert (await reading[2]).text == "x"
        assert [exchange.body["temperature"] for exchange in server.seen] == [0.1, 0.3]


async def test_who_is_told_to_wait_and_leaves_at_once_leaves_no_place_taken() -> None:
    gate = Gate()
    async with against(gate, concurrency=1) as (_server, endpoint):
        first = asyncio.create_task(answer(endpoint))
        await gate.arrived()
        async with aclosing(endpoint.stream(request())) as stream:
            async for each in stream:
                assert each == Waiting("waits for its turn")
                break
        third = asyncio.create_task(answer(endpoint))
        gate.let(2)
        assert [got.text for got in await asyncio.gather(first, third)] == ["x", "x"]


@pytest.mark.parametrize("handler", [fails(500), fails(401), fails(429, retry_after="999")])
async def test_a_failure_gives_the_turn_back(handler: object) -> None:
    async with against(handler, handler, handler, streams("x"), concurrency=1) as (_server, endpoint):  # type: ignore[arg-type]
        for _ in range(4):
            if (await answer(endpoint)).text == "x":
                return
        raise AssertionError("the turn was never given back")


# as the server asks


async def test_the_seconds_that_a_server_asks_for_are_told_and_waited() -> None:
    sleeps = Sleeps()
    async with against(fails(429, retry_after="70"), fails(503, retry_after="20"), streams("Once"), sleep=sleeps) as (
        server,
        endpoint,
    ):
        got = await answer(endpoint)
        assert len(server.seen) == 3
    assert got.text == "Once"
    assert sleeps.asked == [70, 20]
    assert got.waits == [
        Waiting("the server asks to wait", 70.0),
        GOES_ON,
        Waiting("the server asks to wait", 20.0),
        GOES_ON,
    ]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry_after_ms": "1500"}, 1.5), ({"retry_after": "2.5"}, 2.5), ({"retry_after": "0"}, 0.0)],
)
async def test_other_ways_to_say_how_long(headers: dict[str, str], seconds: float) -> None:
    sleeps = Sleeps()
    async with against(fails(429, **headers), streams("Once"), sleep=sleeps) as (_server, endpoint):
        assert (await answer(endpoint)).text == "Once"
    assert sleeps.asked == [seconds]


async def test_a_short_pause_of_our_own_is_not_told() -> None:
    async with against(fails(503), streams("Once")) as (_server, endpoint):
        got = await answer(endpoint)
    assert (got.text, got.waits) == ("Once", [])


async def test_a_wait_that_is_too_long_is_told_and_not_waited() -> None:
    sleeps = Sleeps()
    async with against(fails(503, "warming up", retry_after="300"), sleep=sleeps) as (server, endpoint):
        got = await answer(endpoint)
        assert len(server.seen) == 1
    assert "Ask again in 300 seconds." in str(got.error)
    assert sleeps.asked == []


async def test_waits_are_not_longer_together_than_one_may_be() -> None:
    sleeps = Sleeps()
    async with against(fails(429, retry_after="50"), sleep=sleeps) as (server, endpoint):
        got = await answer(endpoint)
        assert len(server.seen) == 3
    assert "asks to wait for 50 seconds" in str(got.error)
    assert sleeps.asked == [50, 50]


async def test_a_server_that_never_has_time_is_left_at_last() -> None:
    sleeps = Sleeps()
    patience = Patience(told_tries=4)
    async with against(fails(429, retry_after="0"), sleep=sleeps, patience=patience) as (server, endpoint):
        assert (await answer(endpoint)).error is not None
        assert len(server.seen) == 4


async def test_each_of_a_round_waits_by_itself() -> None:
    met: set[float] = set()

    async def handler(exchange: Exchange) -> None:
        temperature = exchange.body["temperature"]
        if temperature in met:
            return await streams(str(temperature))(exchange)
        met.add(temperature)
        await fails(429, retry_after=str(int(temperature * 10)))(exchange)

    sleeps = Sleeps()
    async with serving(handler) as server, asking(server.base_url, sleep=sleeps) as endpoint:
        ladder = (0.2, 0.4, 0.6, 0.8, 1.0)
        got = await asyncio.gather(*(answer(endpoint, request(value)) for value in ladder))
    assert [each.text for each in got] == [str(value) for value in ladder]
    assert [each.waits[0].seconds for each in got] == [2, 4, 6, 8, 10]
    assert sorted(sleeps.asked) == [2, 4, 6, 8, 10]


async def test_leaving_while_a_server_asks_to_wait_asks_no_more() -> None:
    async with against(fails(429, retry_after="5"), streams("x")) as (server, endpoint):
        async with aclosing(endpoint.stream(request())) as stream:
            async for each in stream:
                assert isinstance(each, Waiting)
                break
        assert len(server.seen) == 1
