"""`story-composer import`: a journal in JSON Lines back into a session."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from composer.cli.wiring import import_journal
from composer.errors import RefusedError


async def run_import(flags: argparse.Namespace) -> int:
    target = Path(flags.to)
    if target.exists():
        raise RefusedError(f"{target} is there already.", "Name another file.")
    await import_journal(Path(flags.source), target)
    print(f"Made {target}.", file=sys.stderr)
    return 0
