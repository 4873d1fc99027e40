"""In `make test` a frame is painted when a test looks at the screen, which is a third of the time; in `make test-slow` each one is."""

from __future__ import annotations

import os
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._context import visible_screen_stack


def _not_now(compositor: Compositor, full: bool = False, screen_stack: Any = None, simplify: bool = False) -> None:
    visible_screen_stack.set([] if screen_stack is None else screen_stack)
    compositor._dirty_regions.clear()


@pytest.fixture(autouse=True)
def _paint_when_looked_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.environ.get("COMPOSER_TESTS") != "slow" and "paints" not in request.keywords:
        monkeypatch.setattr(Compositor, "render_update", _not_now)
