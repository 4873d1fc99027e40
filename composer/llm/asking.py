"""Asking a server until it answers: in turn, without what it refuses, and again after trouble that passes.

It retries only what has not begun to answer, says what it waits for, and keeps nothing of what it sends.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast

from composer.llm import failures, refusals
from composer.llm.answer import Answer
from composer.llm.connection import Connection, sdk_errors
from composer.llm.lessons import Lessons
from composer.llm.patience import Patience, Watch
from composer.llm.plan import Plan, Planner
from composer.llm.turns import Turns
from composer.session.ports import Request, Waiting

if TYPE_CHECKING:
    import openai

MOST_LESSONS = 8
"""How often one request is asked again without what was refused."""
GOES_ON = Waiting("")

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Asking:
    """What all requests to one server share."""

    connection: Connection
    lessons: Lessons
    planner: Planner
    turns: Turns
    patience: Patience
    sleep: Sleep

    async def answered(
        self, request: Request, model: str, stops: tuple[str, ...] = (), answers: int = 1
    ) -> AsyncGenerator[Waiting | Answer, None]:
        """Why it waits, while it does, and at last the answer, which is closed when this is. EndpointError where it fails."""
        turn = self.turns.take(answers)
        try:
            if not turn.come:
                yield Waiting("waits for its turn")
                await turn.wait()
                yield GOES_ON
            async with aclosing(self._opened(request, model, stops, answers)) as opened:
                async for each in opened:
                    if isinstance(each, Waiting):
                        yield each
                        continue
                    async with each as answer:
                        yield answer
        finally:
            self.turns.give(turn)

    async def _opened(
        self, request: Request, model: str, stops: tuple[str, ...], answers: int
    ) -> AsyncGenerator[Waiting | Answer, None]:
        client = await self.connection.open()
        known = self.lessons.of(model)
        place = self.connection.place(model, bool(request.recipe.template))
        learned = 0
        tries, waited = 1, 0.0
        while True:
            plan = self.planner.plan(request, model, known, stops, answers)
            watch = Watch()
            deadline = watch.now() + self.patience.first
            caught: Exception
            try:
                with watch(deadline):
                    stream = await _send(client, model, plan)
            except TimeoutError as error:
                caught = error
            except sdk_errors() as error:
                caught = error
            else:
                self.lessons.learn(model, known)
                yield Answer(stream, plan, place, self.patience, watch, deadline)
                return
            finally:
                watch.close()
            if isinstance(caught, TimeoutError):
                raise failures.stalled(place, self.patience.first, begun=False)
            lesson = refusals.lesson(caught, known, plan.fields, goes_on=bool(plan.way), system=plan.system)
            if lesson is not None and learned < MOST_LESSONS:
                known = lesson | self.lessons.of(model)
                learned += 1
                continue
            if failures.status_of(caught) == 401:
                self.connection.renew()
            asked = asked_wait(caught)
            wait = 0.5 * 2 ** (tries - 1) if asked is None else asked
            most = self.patience.tries if asked is None else self.patience.told_tries
            if not _may_pass(caught) or tries >= most or waited + wait > self.patience.longest_wait:
                raise failures.failure(caught, place, wait=asked)
            tries += 1
            waited += wait
            if asked:
                yield Waiting("the server asks to wait", asked)
            await self.sleep(wait)
            if asked:
                yield GOES_ON


async def _send(client: openai.AsyncOpenAI, model: str, plan: Plan) -> openai.AsyncStream[Any]:
    fields = dict(plan.fields)
    if plan.completion:
        return await client.completions.create(model=model, prompt=plan.prompt, stream=True, extra_body=fields)
    return await client.chat.completions.create(
        model=model, messages=cast(Any, plan.messages), stream=True, extra_body=fields
    )


def _may_pass(error: Exception) -> bool:
    """Whether asking again may help."""
    import openai

    if status := failures.status_of(error):
        passing = status >= 500 or status in failures.RETRIED
        return passing and not (failures.has_no_credit(error) or failures.is_too_long(error))
    return isinstance(error, openai.APIConnectionError) and not failures.is_lasting(error)


def asked_wait(error: Exception) -> float | None:
    """The seconds that a server asks to wait, if it does."""
    response = getattr(error, "response", None)
    if response is None:
        return None
    told = response.headers.get("retry-after", "").strip()
    exact = response.headers.get("retry-after-ms", "").strip()
    try:
        if exact.isdecimal():
            return float(exact) / 1000
        if told.replace(".", "", 1).isdecimal():
            return float(told)
        # A date is counted from the server's own clock, whatever ours says.
        span = parsedate_to_datetime(told) - parsedate_to_datetime(response.headers.get("date", ""))
        return max(span.total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
