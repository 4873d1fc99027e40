"""The machine's own clock. Only the outermost rooms take it; everything else is handed one."""

from __future__ import annotations

import asyncio
import time

from composer.session.ports import Clock


class WallClock:
    """Real time."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


WALL: Clock = WallClock()
