"""Requests that are the same but for the seed, asked for as one with several answers, so that their text is paid for once.

Those that arrive in the same turn of the loop belong together. Each has its own stream all the same: one that is closed leaves the
others alone, and the last one closes the connection. It sends nothing itself and reads no answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import msgspec

from composer.errors import EndpointError
from composer.llm.answer import Answer
from composer.llm.failures import copied
from composer.llm.plan import TOGETHER
from composer.llm.reader import Reader
from composer.session.ports import Closing, Piece, Request, Waiting

MOST = 16
"""Answers that are asked for at once."""


class _Alone:
    """Tells a stream to ask by itself."""


_ALONE = _Alone()
_Told = Piece | Waiting | Closing | EndpointError | _Alone
Ask = Callable[[Request, int], AsyncGenerator[Waiting | Answer, None]]
"""Asks for so many answers, as `Asking.answered` does."""
Alone = Callable[[Request], AsyncGenerator[Piece | Waiting | Closing, None]]
"""Asks for one answer and reads it."""


@dataclass(eq=False)
class _Member:
    """One stream of a group, as seen from the other side."""

    seeded: bool
    """Whether it wished for a seed of its own."""
    told: asyncio.Queue[_Told] = field(default_factory=asyncio.Queue)
    ended: bool = False
    """Whether it has been told its end, or was left."""

    def tell(self, each: _Told) -> None:
        if self.ended:
            return
        self.ended = not isinstance(each, (Piece, Waiting))
        self.told.put_nowait(each)


@dataclass(eq=False)
class _Group:
    request: Request
    members: list[_Member] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Together:
    """Joins the requests of one endpoint."""

    def __init__(
        self, ask: Ask, alone: Alone, *, most: int, may: Callable[[Request], bool], ignored: Callable[[Request], None]
    ) -> None:
        """`most`: answers of one request. `may`: whether the server gives several. `ignored` is told where it gave fewer."""
        self._ask = ask
        self._alone = alone
        self._most = min(most, MOST)
        self._may = may
        self._ignored = ignored
        self._open: list[_Group] = []
        """Groups that others may still join."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def stream(self, request: Request) -> AsyncGenerator[Piece | Waiting | Closing, None]:
        """The answer to one request, asked for together with others if there are any."""
        if self._may(request):
            group = self._join(request)
            member = group.members[-1]
            try:
                while True:
                    each = await member.told.get()
                    if isinstance(each, _Alone):
                        break
                    if isinstance(each, EndpointError):
                        raise each
                    yield each
                    if isinstance(each, Closing):
                        return
            finally:
                self._leave(group, member)
        async with aclosing(self._alone(request)) as stream:
            async for piece in stream:
                yield piece

    async def close(self) -> None:
        """End all that is being asked for."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _join(self, request: Request) -> _Group:
        bare = replace(request, recipe=msgspec.structs.replace(request.recipe, seed=None))
        for group in self._open:
            if len(group.members) < self._most and group.request == bare:
                break
        else:
            group = _Group(bare)
            self._open.append(group)
            # Those that were started with it come in this turn of the loop; by the next one all are there.
            asyncio.get_running_loop().call_soon(self._begin, group)
        group.members.append(_Member(request.recipe.seed is not None))
        return group

    def _begin(self, group: _Group) -> None:
        self._open.remove(group)
        group.members = [member for member in group.members if not member.ended]
        if len(group.members) < 2:
            for member in group.members:
                member.tell(_ALONE)
            return
        group.task = asyncio.create_task(self._run(group), name=f"{len(group.members)} candidates together")
        self._tasks.add(group.task)
        group.task.add_done_callback(self._tasks.discard)

    def _leave(self, group: _Group, member: _Member) -> None:
        if member.ended:
            return
        member.ended = True
        if group.task is not None and all(each.ended for each in group.members):
            group.task.cancel()

    async def _run(self, group: _Group) -> None:
        """Ask for all of a group, and tell each member what comes of it."""
        trouble = EndpointError("The connection was closed.", "Ask again.")
        try:
            async with aclosing(self._ask(group.request, len(group.members))) as asked:
                async for each in asked:
                    if isinstance(each, Waiting):
                        for member in group.members:
                            member.tell(each)
                    else:
                        await self._read(group, each)
        except EndpointError as error:
            trouble = error
        finally:
            for member in group.members:
                member.tell(copied(trouble))

    async def _read(self, group: _Group, answer: Answer) -> None:
        pairs = tuple(zip(group.members, answer.readers, strict=True))
        while not answer.over:
            await answer.advance()
            for member, reader in pairs:
                for piece in reader.take():
                    member.tell(piece)
                if reader.closing.finish_reason and not member.ended:
                    reader.finish()
                    for piece in reader.take():
                        member.tell(piece)
                    member.tell(_closing(member, reader, answer))
        answer.settle()
        fewer = answer.trouble is None and answer.came and not answer.came.issuperset(range(len(pairs)))
        for number, (member, reader) in enumerate(pairs):
            if fewer and number not in answer.came:
                member.tell(_ALONE)
                continue
            for piece in reader.take():
                member.tell(piece)
            trouble = answer.trouble_of(reader)
            member.tell(_closing(member, reader, answer) if trouble is None else trouble)
        if fewer:
            self._ignored(group.request)


def _closing(member: _Member, reader: Reader, answer: Answer) -> Closing:
    """The end of one answer, without what the server counted of all together."""
    dropped = answer.plan.dropped
    if member.seeded and TOGETHER not in dropped:
        dropped = (*dropped, TOGETHER)
    return replace(reader.told(dropped), completion_tokens=None)
