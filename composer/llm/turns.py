"""Whose turn it is: how many answers one server writes at once. First come, first served; it knows no server."""

from __future__ import annotations

import asyncio
from collections import deque


class Turn:
    """A place in the line, or at the server."""

    def __init__(self, size: int) -> None:
        self.size = size
        """How many answers it is for."""
        self._called: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def come(self) -> bool:
        return self._called.done()

    def call(self) -> None:
        if not self._called.done():
            self._called.set_result(None)

    async def wait(self) -> None:
        """Until it has come. Giving up waiting does not give up the place: that is for `Turns.give`."""
        await asyncio.shield(self._called)


class Turns:
    """Lets `most` answers be written at once, and the others wait in the order in which they came."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._free = most
        self._line: deque[Turn] = deque()

    def take(self, size: int = 1) -> Turn:
        """Stand in line for `size` answers, which has come already where there is room. Each turn must be given back."""
        turn = Turn(min(size, self.most))
        self._line.append(turn)
        self._call()
        return turn

    def give(self, turn: Turn) -> None:
        """Give a turn back, or leave the line."""
        if turn.come:
            self._free += turn.size
        else:
            self._line.remove(turn)
        self._call()

    def _call(self) -> None:
        while self._line and self._line[0].size <= self._free:
            turn = self._line.popleft()
            self._free -= turn.size
            turn.call()
