"""A request that the server has begun to answer: read event by event, within the time that it has.

It holds a reader for each answer that was asked for, and what went wrong, if anything did. It asks nothing again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from composer.errors import EndpointError
from composer.llm import chunks, failures
from composer.llm.connection import sdk_errors
from composer.llm.patience import Patience, Watch
from composer.llm.plan import Plan
from composer.llm.reader import Reader

if TYPE_CHECKING:
    import openai


class Answer:
    """`advance` it until it is `over`, taking what the readers have in between; then `settle` it. It is to be entered, or closed."""

    def __init__(
        self,
        stream: openai.AsyncStream[Any],
        plan: Plan,
        place: failures.Place,
        patience: Patience,
        watch: Watch,
        deadline: float,
    ) -> None:
        """`deadline`: the time of the loop by which its text must have begun."""
        self.plan = plan
        self.readers = [
            Reader(
                place.secrets,
                inside=plan.inside,
                prefix=plan.prefix,
                asked=plan.way == "ask",
                tells=plan.tells,
            )
            for _ in range(plan.answers)
        ]
        self.came: set[int] = set()
        """Which answers the server has named."""
        self.trouble: EndpointError | None = None
        self.explain: Callable[[EndpointError], EndpointError] = lambda trouble: trouble
        """What is made of the trouble of an answer that no text has come of."""
        self.over = False
        kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._page = kind == "text/html"
        self._whole = self._page or kind == "application/json" or kind.endswith("+json")
        self._stream = stream
        self._place = place
        self._patience = patience
        self._watch = watch
        self._first: int | None = None
        self._begun = False
        self._finished = False
        self._left = watch.now()
        """When it was last read."""
        self._until = deadline
        self._last = 0.0
        """The time by which all of it must have come."""

    async def __aenter__(self) -> Answer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.close()
        await self._stream.close()

    async def advance(self) -> None:
        """Read one event into the readers. What goes wrong ends it and is held as `trouble`."""
        if self._whole:
            self.over = True
            self.trouble = await self._read_whole()
            return
        # The time that the reader of it all took is none of the server's.
        paused = self._watch.now() - self._left
        self._until += paused
        self._last += paused
        caught: Exception
        try:
            with self._watch(self._until):
                chunk = await anext(self._stream)
            self._read(chunk)
            return
        except StopAsyncIteration:
            self.over = True
            return
        except TimeoutError as error:
            caught = error
        except sdk_errors() as error:
            caught = error
        self.over = True
        self.trouble = self._late() if isinstance(caught, TimeoutError) else self._failure(caught)

    def settle(self) -> None:
        """Let the readers give out what they held back."""
        for reader in self.readers:
            reader.finish()

    def trouble_of(self, reader: Reader) -> EndpointError | None:
        """What went wrong for one answer, if it is not whole."""
        # What comes after the model has said that it is done is mere bookkeeping.
        if self.trouble is None or reader.closing.finish_reason:
            return None
        return failures.going_on(self.trouble) if reader.wrote else self.explain(self.trouble)

    def _read(self, chunk: Any) -> None:
        said = False
        for parts in chunks.read_all(chunk):
            if parts.choice is None:
                # What is said of all of them, or of none.
                for each in self.readers:
                    each.read(parts)
                continue
            reader = self._reader_of(parts.index)
            if reader is None:
                continue
            reader.read(parts)
            if parts.text or parts.reasoning:
                said = True
            elif not parts.finish_reason:
                continue
            self._finished = all(reader.closing.finish_reason for reader in self.readers)
        now = self._left = self._watch.now()
        if said:
            if not self._begun:
                self._begun = True
                self._last = now + self._patience.whole
            self._until = min(now + self._patience.between, self._last)
        if self._finished:
            self._until = now + self._patience.tail

    def _reader_of(self, index: int) -> Reader | None:
        """The reader for an answer, None for answers that nobody asked for."""
        self.came.add(index)
        if len(self.readers) == 1:
            # Some count from 1; the first that comes is the one.
            self._first = index if self._first is None else self._first
            return self.readers[0] if index == self._first else None
        return self.readers[index] if index < len(self.readers) else None

    async def _read_whole(self) -> EndpointError | None:
        """Read an answer that is no stream, as servers send that know none."""
        caught: Exception
        try:
            with self._watch(self._until):
                body = await self._stream.response.aread()
            if self._page or body.lstrip()[:1] == b"<":
                return failures.not_an_answer(self._place)
            told = json.loads(body)
        except TimeoutError as error:
            caught = error
        except sdk_errors() as error:
            caught = error
        else:
            if isinstance(told, dict) and told.get("error"):
                return failures.failure(failures.ErrorInside(told["error"]), self._place)
            if not isinstance(told, dict) or not isinstance(told.get("choices"), list):
                return failures.odd_answer(self._place)
            self._read(told)
            return None
        return self._late() if isinstance(caught, TimeoutError) else self._failure(caught)

    def _late(self) -> EndpointError:
        if not self._begun:
            return failures.stalled(self._place, self._patience.first, begun=False)
        if self._until >= self._last:
            return failures.trickled(self._place, self._patience.whole)
        return failures.stalled(self._place, self._patience.between, begun=True)

    def _failure(self, error: Exception) -> EndpointError:
        return failures.failure(error, self._place, begun=self._begun)
