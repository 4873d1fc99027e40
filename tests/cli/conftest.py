"""A house of one's own for each test of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
