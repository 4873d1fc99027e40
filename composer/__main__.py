"""`python -m composer` and the command `story-composer`."""

from __future__ import annotations

import sys


def main() -> None:
    from composer.cli.main import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
