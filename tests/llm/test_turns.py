"""Whose turn it is, and the clock that ends a wait."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.llm.patience import Watch
from composer.llm.turns import Turn, Turns


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.data())
def test_never_more_at_once_and_always_in_order(sizes: list[int], data: st.DataObject) -> None:
    async def run() -> None:
        turns = Turns(4)
        taken = [turns.take(size) for size in sizes]
        come: list[Turn] = []
        left = list(taken)
        while left:
            come += [turn for turn in left if turn.come and turn not in come]
            going = [turn for turn in left if turn.come]
            assert going
            assert sum(turn.size for turn in going) <= 4
            # Whoever waits came after all whose turn it is.
            assert [turn for turn in taken if turn in come] == come
            gone = data.draw(st.sampled_from(left))
            left.remove(gone)
            turns.give(gone)
        assert turns.take(4).come

    asyncio.run(run())


async def test_more_than_there_is_room_for_takes_all_of_it() -> None:
    turns = Turns(2)
    first, second = turns.take(5), turns.take()
    assert (first.come, second.come) == (True, False)
    turns.give(first)
    assert second.come


async def test_a_turn_is_waited_for() -> None:
    turns = Turns(1)
    first, second = turns.take(), turns.take()
    waiting = asyncio.create_task(second.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    turns.give(first)
    await waiting


async def test_giving_up_waiting_leaves_the_place_to_be_given_back() -> None:
    turns = Turns(1)
    first, second, third = turns.take(), turns.take(), turns.take()
    waiting = asyncio.create_task(second.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    turns.give(second)
    turns.give(first)
    assert third.come


# the watch


async def test_a_wait_that_is_too_long_is_ended() -> None:
    watch = Watch()
    with pytest.raises(TimeoutError), watch(watch.now() + 0.01):
        await asyncio.Event().wait()
    watch.close()


async def test_one_watch_ends_only_the_wait_that_is_too_long() -> None:
    watch = Watch()
    async with asyncio.timeout(10):
        with watch(watch.now() + 0.01):
            await asyncio.sleep(0)
        # Its timer rings in the next wait, and between two waits.
        with watch(watch.now() + 1000):
            await asyncio.sleep(0.02)
        with watch(watch.now() + 0.01):
            await asyncio.sleep(0)
        await asyncio.sleep(0.02)
        with watch(watch.now() + 1000):
            await asyncio.sleep(0)
        with pytest.raises(TimeoutError), watch(watch.now() + 0.01):
            await asyncio.Event().wait()
    watch.close()


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    watch = Watch()

    async def wait() -> None:
        with watch(watch.now() + 60):
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    watch.close()


async def test_another_error_passes_through() -> None:
    watch = Watch()
    with pytest.raises(KeyError), watch(watch.now() + 60):
        raise KeyError
    watch.close()
