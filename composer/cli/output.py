"""Standard output, as commands write their results to it: UTF-8 whatever the locale says, all of it, and then nothing more."""

from __future__ import annotations

import contextlib
import os
import sys

from composer.errors import RefusedError


def put(data: bytes) -> None:
    """Write a result. OSError as it comes."""
    if sys.stdout is None:
        raise RefusedError("Standard output is closed, so there is nowhere to write to.", "Start it without >&-.")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def settle() -> None:
    """Write what still waits, so that what can't be written is told by the program and not by the interpreter's end."""
    if sys.stdout is not None:
        sys.stdout.flush()


def give_up() -> None:
    """Drop what still waits: it has nowhere to go."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
