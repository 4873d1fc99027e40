"""What all tests share: no network beyond loopback, no names resolved, and hypothesis profiles."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("test", derandomize=True, deadline=None, database=None, max_examples=40)
settings.register_profile(
    "slow",
    derandomize=False,
    deadline=None,
    database=None,
    max_examples=400,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("slow" if os.environ.get("COMPOSER_TESTS") == "slow" else "test")

_resolve = socket.getaddrinfo


def _loopback_only(host: Any, *args: Any, **options: Any) -> Any:
    if host not in (None, "", "localhost", "127.0.0.1", "::1", b"127.0.0.1", b"localhost"):
        raise socket.gaierror(socket.EAI_NONAME, f"tests may not resolve {host!r}")
    return _resolve(host, *args, **options)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that no test had before. Making them by pytest's own numbers looks at all the others each time."""
    base = tmp_path_factory.mktemp("homes")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def _no_outside(monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _loopback_only)
    home = next(_homes)
    home.mkdir()
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def secret() -> str:
    """A key that occurs nowhere else."""
    return "sk-" + secrets.token_hex(16)
