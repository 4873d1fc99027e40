"""What usage teaches: estimates that were too low are corrected, and text that a server adds is taken off the window."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.config import EndpointProfile
from composer.context.wording import PER_MESSAGE
from composer.llm import encodings as encodings_module
from composer.llm.client import OpenAIEndpoint
from composer.llm.counters import ABSURD, LASTING, MOST_RATIO, Counters
from composer.llm.encodings import Encodings
from composer.llm.tokens import ESTIMATE, TokenCounter
from composer.session.ports import Request
from composer.story.candidate import Recipe
from tests.llm.fault_server import Exchange, Handler, Notes, against, answer, asking, streams
from tests.llm.test_encodings import RANKS

NOWHERE = "http://127.0.0.1:1/v1"
LONG = "The lamp on the pier went out, and somebody laughed. " * 40


@pytest.fixture
def exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings with an encoding that is there."""
    monkeypatch.setattr(encodings_module, "_loaded", {})
    (tmp_path / "mine.tiktoken").write_bytes(RANKS)
    return {"encoding": str(tmp_path / "mine.tiktoken"), "encodings": Encodings({"TIKTOKEN_CACHE_DIR": ""})}


def long(*, seed: int | None = None, prefix: str = "") -> Request:
    return Request((("system", "Write."), ("user", LONG)), Recipe("test", "m", seed=seed), 50, prefix)


def estimated(prefix: str = "") -> int:
    texts = ["Write.", LONG] + ([prefix] if prefix else [])
    return sum(ESTIMATE(text) + PER_MESSAGE for text in texts)


def tells(tokens: Any) -> Handler:
    return streams("Once", usage={"prompt_tokens": tokens, "completion_tokens": 1})


def ratio(endpoint: OpenAIEndpoint) -> float:
    """How much more is counted than estimated."""
    return endpoint.counter_of("m")(LONG) / ESTIMATE(LONG)


# estimates


async def test_an_estimate_that_was_too_low_is_corrected_by_the_greatest_ratio() -> None:
    notes = Notes()
    async with asking(NOWHERE, memory=notes) as endpoint:
        await endpoint.look_for_encoding()
        before = endpoint.counter_of("m")
        endpoint.learn_usage("m", 1000, 900)
        assert endpoint.counter_of("m") is before
        assert notes.learned == []
        endpoint.learn_usage("m", 1000, 1300)
        after = endpoint.counter_of("m")
        assert after is not before
        assert after is endpoint.counter_of("m") is endpoint.counter_of("") is endpoint.count
        endpoint.learn_usage("m", 1000, 1200)
        assert endpoint.counter_of("m") is after
        assert after(LONG) == endpoint.whole_of("m")(LONG) == math.ceil(1.3 * ESTIMATE(LONG))
        assert endpoint.counter_of("other") is ESTIMATE
        assert not endpoint.is_exact("m")
        assert endpoint.counting.endswith("corrected by 30% for what the server counted")
    assert notes.learned == [("test", "m", "ratio", "1.300/1000")]


@pytest.mark.parametrize(
    ("counted", "told"),
    [
        (199, 400),
        (1000, 0),
        (1000, -5),
        (0, 500),
        (-3, 500),
        (1000, int(1000 * ABSURD) + 1),
        (1000, 10**15),
        (1000, 1000),
    ],
)
async def test_what_says_nothing_or_is_absurd_teaches_nothing(counted: int, told: int) -> None:
    async with asking(NOWHERE) as endpoint:
        endpoint.learn_usage("m", counted, told)
        assert ratio(endpoint) == 1


async def test_no_correction_is_greater_than_four() -> None:
    async with asking(NOWHERE) as endpoint:
        endpoint.learn_usage("m", 1000, 7000)
        assert ratio(endpoint) == MOST_RATIO == 4


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("1.300", 1.3),
        ("1.300/9000", 1.3),
        ("1.300/-4", 1.3),
        ("1.300/x/", 1.3),
        ("4.000/200", 4),
        ("0.5/900", 1),
        ("9", 1),
        ("nan", 1),
        ("inf/inf", 1),
        ("x", 1),
        ("", 1),
    ],
)
async def test_a_correction_is_remembered_and_an_odd_one_is_not(told: str, expected: float) -> None:
    async with asking(NOWHERE, memory=Notes(ratio=told)) as endpoint:
        assert ratio(endpoint) == pytest.approx(expected, rel=0.01)


def counters(notes: Notes | None = None) -> Counters:
    return Counters("test", EndpointProfile(NOWHERE), Encodings({"TIKTOKEN_CACHE_DIR": ""}), notes)


def test_a_correction_comes_down_to_the_greatest_of_the_last_requests() -> None:
    notes = Notes()
    of = counters(notes)
    of.learn("m", 210, 780)
    assert of.ratio("m") == pytest.approx(3.715)
    for told in (9000, 10_800, 7000, 8000):
        of.learn("m", 9000, told)
        assert of.ratio("m") == pytest.approx(3.715)
    of.learn("m", 9000, 8000)
    assert of.ratio("m") == pytest.approx(1.2)
    for _ in range(LASTING):
        of.learn("m", 9000, 7000)
    assert of.ratio("m") == 1
    # And up again at once, from a request of any use.
    of.learn("m", 4000, 6000)
    assert of.ratio("m") == pytest.approx(1.5)
    assert [told for _, _, _, told in notes.learned] == ["3.715/210", "1.200/9000", "1.000/9000", "1.500/4000"]


def test_a_request_in_between_that_shows_more_keeps_a_correction_up() -> None:
    of = counters()
    of.learn("m", 9000, 13_500)
    for _ in range(4):
        for told in (9000, 9000, 9000, 9000, 13_400):
            of.learn("m", 9000, told)
    assert of.ratio("m") == pytest.approx(1.5)


def test_small_requests_change_nothing_of_what_large_ones_showed() -> None:
    notes = Notes()
    of = counters(notes)
    for _ in range(LASTING):
        of.learn("m", 9000, 8000)
    assert notes.told == {"ratio": "1.000/9000"}
    of.learn("m", 210, 780)
    of.learn_least("m", 2200, 6000)
    assert of.ratio("m") == 1
    of.learn("m", 9000, 11_700)
    for _ in range(3 * LASTING):
        of.learn("m", 2200, 2200)
    assert of.ratio("m") == pytest.approx(1.3)
    assert counters(Notes(ratio="1.300/9000")).ratio("m") == 1.3
    again = counters(Notes(ratio="1.300/9000"))
    again.learn("m", 2200, 4400)
    assert again.ratio("m") == 1.3
    # One that was too long to be taken is large enough.
    again.learn_least("m", 2200, 4400, refused=True)
    assert again.ratio("m") == 2


def test_what_was_counted_with_a_correction_or_kept_by_a_server_brings_none_down() -> None:
    of = counters()
    of.learn("m", 9000, 13_500)
    for _ in range(3 * LASTING):
        of.learn_least("m", 13_500, 13_500)
        of.learn("m", 9000, 2000)
    assert of.ratio("m") == pytest.approx(1.5)


async def test_what_the_session_tells_brings_no_correction_down() -> None:
    """It was counted with the correction, so that it is right because of it."""
    async with asking(NOWHERE) as endpoint:
        endpoint.learn_usage("m", 9000, 13_500)
        for _ in range(3 * LASTING):
            endpoint.learn_usage("m", 13_500, 13_500)
        assert ratio(endpoint) == pytest.approx(1.5, rel=0.01)


def test_what_is_nearly_right_stays() -> None:
    notes = Notes()
    of = counters(notes)
    of.learn("m", 9000, 13_500)
    counter = of.of("m")
    for _ in range(3 * LASTING):
        of.learn("m", 9000, 13_000)
    assert of.of("m") is counter
    assert len(notes.learned) == 1


@given(st.lists(st.tuples(st.integers(200, 60_000), st.floats(0.3, 4)), max_size=60))
def test_no_request_of_late_would_be_counted_too_low(requests: list[tuple[int, float]]) -> None:
    notes = Notes()
    of = counters(notes)
    size = 0
    lately: list[tuple[int, int]] = []
    for estimated, factor in requests:
        told = max(int(estimated * factor), 1)
        of.learn("m", estimated, told)
        if MOST_RATIO * estimated >= size:
            lately = [*lately, (estimated, told)][-LASTING:]
        size = int(notes.told.get("ratio", "1/0").partition("/")[2])
        assert all(math.ceil(each * of.ratio("m")) >= told for each, told in lately)
        assert 1 <= of.ratio("m") <= MOST_RATIO
    assert counters(Notes(**notes.told)).ratio("m") == pytest.approx(of.ratio("m"))


async def test_answers_bring_a_correction_down_that_was_too_great() -> None:
    notes = Notes(ratio="3.715/210")
    async with against(tells(estimated() * 11 // 10), memory=notes) as (_server, endpoint):
        await endpoint.ready("m", "")
        assert ratio(endpoint) == pytest.approx(3.715, rel=0.01)
        for _ in range(LASTING):
            await answer(endpoint, long())
            endpoint.learn_usage("m", 4 * estimated(), estimated() * 11 // 10)
        assert ratio(endpoint) == pytest.approx(1.1, rel=0.01)
    assert notes.told["ratio"].endswith(f"/{estimated()}")


async def test_what_an_answer_told_corrects_by_itself_and_once() -> None:
    notes = Notes()
    async with against(tells(estimated() * 3 // 2), memory=notes) as (_server, endpoint):
        await endpoint.ready("m", "")
        packed = endpoint.counter_of("m")
        await asyncio.gather(*(answer(endpoint, long()) for _ in range(4)))
        # The session tells what was counted when the request was packed, for each candidate.
        for _ in range(4):
            endpoint.learn_usage("m", packed(LONG) + packed("Write.") + 2 * PER_MESSAGE, estimated() * 3 // 2)
        assert ratio(endpoint) == pytest.approx(1.5, rel=0.01)
        # Counted with the correction, the same is right, and teaches nothing more.
        await answer(endpoint, long())
        now = endpoint.counter_of("m")
        endpoint.learn_usage("m", now(LONG) + now("Write.") + 2 * PER_MESSAGE, estimated() * 3 // 2)
        assert ratio(endpoint) == pytest.approx(1.5, rel=0.01)
    assert len(notes.learned) == 1


async def test_a_correction_that_was_not_enough_grows() -> None:
    told = [estimated() * 6 // 5, estimated() * 9 // 5]

    async def handler(exchange: Exchange) -> None:
        await tells(told.pop(0))(exchange)

    async with against(handler) as (_server, endpoint):
        await endpoint.ready("m", "")
        await answer(endpoint, long())
        assert ratio(endpoint) == pytest.approx(1.2, rel=0.01)
        await answer(endpoint, long())
        assert ratio(endpoint) == pytest.approx(1.8, rel=0.01)


async def test_what_an_answer_goes_on_from_was_sent_too() -> None:
    begun = "It was night. " * 100
    async with against(tells(estimated(begun))) as (_server, endpoint):
        await endpoint.ready("m", "")
        await answer(endpoint, long(prefix=begun))
        assert ratio(endpoint) == 1


@pytest.mark.parametrize("told", [None, "900", -4, True, 2.5, 0, [9000]])
async def test_odd_usage_teaches_nothing(told: Any) -> None:
    async with against(tells(told)) as (_server, endpoint):
        await endpoint.ready("m", "")
        assert (await answer(endpoint, long())).text == "Once"
        assert ratio(endpoint) == 1


async def test_answers_that_are_asked_for_together_teach_nothing() -> None:
    async def several(exchange: Exchange) -> None:
        await exchange.head()
        for index in range(exchange.body["n"]):
            choice = {"index": index, "delta": {"content": "Once"}, "finish_reason": "stop"}
            await exchange.event({"model": "served", "choices": [choice]})
        await exchange.end(None, {"prompt_tokens": 3 * estimated(), "completion_tokens": 3})

    async with against(several, together=True, kind="vllm") as (server, endpoint):
        await endpoint.ready("m", "")
        got = await asyncio.gather(*(answer(endpoint, long(seed=seed)) for seed in (1, 2, 3)))
        assert [each.text for each in got] == ["Once"] * 3
        assert len(server.seen) == 1
        endpoint.learn_usage("m", estimated(), 3 * estimated())
        assert ratio(endpoint) == 1


async def test_what_was_kept_from_an_earlier_request_fools_nobody(exact: dict[str, Any]) -> None:
    async with asking(NOWHERE, **exact) as endpoint:
        await endpoint.look_for_encoding()
        endpoint.learn_usage("m", 800, 2000)
        window = endpoint.window_of("m")
        endpoint.learn_usage("m", 800, 300)
        assert endpoint.window_of("m") == window
    async with against(tells(3)) as (_server, endpoint):
        await endpoint.ready("m", "")
        await answer(endpoint, long())
        assert ratio(endpoint) == 1


# exact counts


async def test_exact_counts_are_not_corrected_and_what_a_server_adds_is_taken_off(exact: dict[str, Any]) -> None:
    notes = Notes()
    async with asking(NOWHERE, window=8000, memory=notes, **exact) as endpoint:
        await endpoint.look_for_encoding()
        counter = endpoint.counter_of("m")
        assert isinstance(counter, TokenCounter)
        endpoint.learn_usage("m", 1000, 1114)
        assert endpoint.window_of("m") == 8000
        endpoint.learn_usage("m", 1000, 1600)
        assert endpoint.window_of("m") == endpoint.window == 7400
        # Of a longer request it is a smaller part, and still there.
        endpoint.learn_usage("m", 20_000, 20_600)
        assert endpoint.window_of("m") == 7400
        endpoint.learn_usage("m", 300, 700)
        assert endpoint.window_of("m") == 7400
        assert endpoint.window_source("m") == "settings"
        assert endpoint.counter_of("m") is counter
        endpoint.learn_usage("m", 1000, 6000)
        assert endpoint.window_of("m") == 6000
        endpoint.learn_usage("m", 1000, 1010)
        assert endpoint.window_of("m") == 8000
    assert [subject for _, _, subject, _ in notes.learned] == ["overhead"] * 3
    assert notes.told == {"overhead": ""}


@pytest.mark.parametrize("told", [0, -1, 10**12])
async def test_absurd_usage_of_an_exact_count_teaches_nothing(told: int, exact: dict[str, Any]) -> None:
    async with asking(NOWHERE, window=8000, **exact) as endpoint:
        await endpoint.look_for_encoding()
        endpoint.learn_usage("m", 1000, told)
        assert endpoint.window_of("m") == 8000


async def test_what_a_server_adds_is_remembered() -> None:
    async with asking(NOWHERE, window=8000, memory=Notes(overhead="500")) as endpoint:
        assert endpoint.window_of("m") == 7500
        assert endpoint.window == 7500
