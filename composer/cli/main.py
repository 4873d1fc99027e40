"""The border of the command line, where errors become a sentence and an exit code. No traceback leaves it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from composer.cli import output
from composer.cli.flags import COMMANDS, command_parser, parser
from composer.errors import ComposerError
from composer.text.clean import clean, one_line


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    arguments = [clean(argument) for argument in (sys.argv[1:] if argv is None else argv)]
    try:
        try:
            return _run(arguments)
        finally:
            output.settle()
    except ComposerError as error:
        from composer.cli.wiring import why

        print(why(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has left.
        output.give_up()
        return 141
    except OSError as error:
        output.give_up()
        what = f"{one_line(str(error.filename), 200)} can't be used" if error.filename else "This can't be written"
        print(f"story-composer: {what}: {error.strerror}.", file=sys.stderr)
        return 1
    except Exception as failure:
        if os.environ.get("COMPOSER_DEBUG"):
            raise
        sentence = one_line(f"{type(failure).__name__}: {failure}")
        print(f"story-composer: something went wrong that should not have: {sentence}", file=sys.stderr)
        print("What was saved is safe. COMPOSER_DEBUG=1 shows where it happened.", file=sys.stderr)
        return 70


def _run(arguments: Sequence[str]) -> int:
    command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    if not command:
        from composer.cli.app import run_app

        return run_app(parser().parse_args(arguments))
    known = command_parser(command)
    flags = known.parse_args(arguments[1:])
    if command in ("export", "import") and not flags.list:
        if command == "export" and not (flags.file and flags.to):
            known.error("FILE and --to FORMAT are wanted, or --list")
        if command == "import" and not flags.source:
            known.error("SOURCE is wanted, or --list")
    if command == "new":
        from composer.cli.app import run_app

        return run_app(flags, new=True)
    if command == "replay":
        from composer.cli.replay import run_replay

        return run_replay(flags)
    if command == "export":
        from composer.cli.export import run_export

        return run_export(flags)
    if command == "context":
        from composer.cli.context import run_context

        return asyncio.run(run_context(flags))
    if command == "generate":
        from composer.cli.generate import run_generate

        return asyncio.run(run_generate(flags))
    if command == "doctor":
        from composer.cli.doctor import run_doctor

        return asyncio.run(run_doctor(flags))
    if command == "key":
        from composer.cli.key import run_key

        return run_key(flags)
    from composer.cli.importing import run_import

    return asyncio.run(run_import(flags))
