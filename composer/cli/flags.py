"""What the command line understands: the flags of the app and of each command. It runs nothing."""

from __future__ import annotations

import argparse
from typing import NoReturn

from composer import __version__
from composer.text.clean import one_line

COMMANDS = ("new", "replay", "export", "import", "context", "generate", "doctor", "key")
AMOUNTS = ("full", "lean", "bare")
WAYS = ("own", "manuscript", "summaries", "whole")
KINDS = ("continue", "fill", "rework", "polish")
STRUCTURES = ("fiction", "nonfiction")
MOST_TOKENS = 100_000_000
"""What the settings take for a window too."""


class _Parser(argparse.ArgumentParser):
    """Says in two lines what is wrong, without a page of usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n{self.prog} --help says what can stand there.\n")


def parser() -> argparse.ArgumentParser:
    top = _Parser(
        prog="story-composer",
        description="Outline, candidates and manuscript side by side, for writers who work with language models.",
        epilog=f"Commands: {', '.join(COMMANDS)}; story-composer COMMAND --help says more. Without one, the app opens.",
    )
    top.add_argument(
        "file", nargs="?", metavar="FILE", help="a session (.collage) or a journal (JSON Lines, for reading)"
    )
    _app_flags(top)
    top.add_argument("--version", action="version", version=f"story-composer {__version__}")
    return top


def _app_flags(flags: argparse.ArgumentParser) -> None:
    flags.add_argument("--base-url", metavar="URL", help="an OpenAI-compatible server to use for this run")
    flags.add_argument("--model", metavar="NAME", help="the model to ask for")
    flags.add_argument("--ladder", metavar="T,T,…", help="the temperatures of a round, like 0.2,0.6,1.0")
    flags.add_argument("--theme", metavar="NAME", help="the colours for this run")
    flags.add_argument("--settings", metavar="FILE", help="another settings file")
    flags.add_argument("--mouse", action="store_true", help="use the mouse (takes the terminal's own selection away)")
    flags.add_argument("--read-only", action="store_true", help="open for reading only")
    flags.add_argument("--take-over", action="store_true", help="have the process that has the session save and leave")


def command_parser(command: str) -> argparse.ArgumentParser:
    sub = _Parser(prog=f"story-composer {command}")
    if command == "new":
        sub.description = "Make a session and open it."
        sub.add_argument("file", metavar="FILE")
        sub.add_argument(
            "--structure",
            choices=STRUCTURES,
            help="what the outline is made of: fiction, beats; nonfiction, sections with headings (without it, beats, or as a "
            "template says)",
        )
        sub.add_argument(
            "--from",
            dest="source",
            metavar="OUTLINE.md",
            help="begin with an outline: any document that can be imported, or the name of a template",
        )
        _app_flags(sub)
    elif command == "replay":
        sub.description = "Play a session entry by entry, or print its manuscript at an entry."
        sub.add_argument("file", metavar="FILE")
        sub.add_argument("--headless", action="store_true", help="print the manuscript instead of opening the player")
        sub.add_argument("--at", type=int, metavar="N", help="at this entry; without it, at the end")
        sub.add_argument("--speed", type=float, metavar="X", help="play at once, this fast: 0.25 to 64")
        sub.add_argument("--theme", metavar="NAME", help="the colours for this run")
        sub.add_argument("--settings", metavar="FILE", help="another settings file")
    elif command == "export":
        _export_flags(sub)
    elif command == "import":
        _import_flags(sub)
    elif command == "context":
        sub.description = (
            "Print what a model would be sent for a beat: each part with its tokens, and why each paragraph is in or out. "
            "Nothing is sent, and no server is asked."
        )
        sub.add_argument("file", metavar="FILE")
        sub.add_argument(
            "--beat",
            metavar="B",
            help="its number in the outline, or part of its line; without it, the end of the text",
        )
        sub.add_argument("--budget", type=_tokens, metavar="N", help="the tokens to pack for, the answer's among them")
        sub.add_argument("--amount", choices=AMOUNTS, help="how much of the story; without it, as the story has it")
        sub.add_argument("--kind", choices=KINDS, default="continue", help="what is asked for; without it, to continue")
        sub.add_argument("--instruction", default="", metavar="TEXT", help="what should happen, or how")
        sub.add_argument("--model", metavar="NAME", help="the model to pack for")
        sub.add_argument("--base-url", metavar="URL", help="the server to pack for")
        sub.add_argument("--settings", metavar="FILE", help="another settings file")
        sub.add_argument("--json", action="store_true", help="print one JSON object, with the messages")
    elif command == "generate":
        _generate_flags(sub)
    elif command == "doctor":
        sub.description = (
            "Look at this computer, the settings and the endpoints, and say what each can do. It asks servers for a few words. "
            "Exit code 0 only if the endpoint that writes works, or all that are named."
        )
        sub.add_argument(
            "name", nargs="*", metavar="NAME", help="endpoints to look at; without it, all of the settings"
        )
        sub.add_argument("--settings", metavar="FILE", help="another settings file")
        sub.add_argument("--base-url", metavar="URL", help="an OpenAI-compatible server to look at")
        sub.add_argument("--model", metavar="NAME", help="the model to ask for")
        sub.add_argument("--offline", action="store_true", help="ask no server")
        sub.add_argument("--json", action="store_true", help="print one JSON object")
    elif command == "key":
        sub.description = "Keep the key of an endpoint in the system keyring, or in a file that only you can read."
        sub.add_argument("name", metavar="NAME", help="the endpoint, as the settings call it")
        sub.add_argument("--settings", metavar="FILE", help="another settings file")
    return sub


def _export_flags(sub: argparse.ArgumentParser) -> None:
    sub.description = (
        "Write a story out: its text, the film or the report of its making, or its whole journal. Formats that pandoc writes are "
        "to be had where it is installed. It never overwrites a file unless told to."
    )
    sub.epilog = (
        "For html-replay and cast, what readers see is asked on a terminal, unless one of --from, --until, --show, --hide and --yes "
        "says it. The kinds are notes, instructions, shelf, passed-over (candidates) and prompts. Without a word, the shelf and notes "
        "that are not marked for readers are left out. What is left out is not in the file at all."
    )
    sub.add_argument("file", metavar="FILE", nargs="?", help="a session (.collage) or a journal (JSON Lines)")
    sub.add_argument(
        "--to",
        metavar="FORMAT",
        help="md, txt, docx, epub, html, fountain, html-replay, cast, report, openloom, json, jsonl, …",
    )
    sub.add_argument("--list", action="store_true", help="name the formats")
    sub.add_argument("--output", metavar="PATH", help="where to; without it, to standard output")
    sub.add_argument("--force", action="store_true", help="overwrite what is there")
    sub.add_argument("--from", dest="first", type=int, metavar="N", help="a film from this entry on")
    sub.add_argument("--until", type=int, metavar="N", help="up to this entry; a text as it stood then")
    sub.add_argument("--show", metavar="KIND,…", help="let readers of a film see these")
    sub.add_argument("--hide", metavar="KIND,…", help="leave these out of a film")
    sub.add_argument("--yes", action="store_true", help="ask nothing: what readers see is what they usually do")


def _import_flags(sub: argparse.ArgumentParser) -> None:
    sub.description = (
        "Make a session of a file of another program, or of a journal in JSON Lines. What the file is, is found out by looking into "
        "it. What has no place in a session is told."
    )
    sub.add_argument(
        "source", metavar="SOURCE", nargs="?", help="the file of the other program, or a journal in JSON Lines"
    )
    sub.add_argument("--to", metavar="FILE", help="the session to make; without it, one in the folder for sessions")
    sub.add_argument("--list", action="store_true", help="name the formats")
    sub.add_argument("--format", metavar="NAME", help="take it for this format, where it doesn't show which it is")
    sub.add_argument("--outline", action="store_true", help="take a document for an outline alone")
    sub.add_argument(
        "--structure",
        choices=STRUCTURES,
        default="fiction",
        help="what the outline is made of: fiction, beats; nonfiction, sections with headings",
    )
    sub.add_argument(
        "--keep-whole",
        action="store_true",
        help="of a damaged journal of this program, keep what is whole before the damage",
    )
    sub.add_argument("--dry-run", action="store_true", help="make nothing: only say what would come of it")
    sub.add_argument("--settings", metavar="FILE", help="another settings file")


def _generate_flags(sub: argparse.ArgumentParser) -> None:
    sub.description = (
        "Have candidates written into a session without a screen: a round for a beat, outlines, or whole drafts, which may run "
        "overnight. What has come is kept whatever ends the program, and the same command goes on with unfinished drafts."
    )
    sub.epilog = (
        "On a terminal it shows how far it is, and prints a line for each candidate or draft at the end. Elsewhere it prints events "
        "as JSON Lines: begin, round, candidate, end, and with --stream text. What is told to have ended is on disk. "
        "Exit code 0 only if all that was asked for has come; 1 if something is missing; 130, 143 or 129 after Ctrl-C, SIGTERM or "
        "SIGHUP; 141 if nobody reads what it prints."
    )
    sub.add_argument("file", metavar="FILE", help="a session (.collage)")
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--beat", metavar="B", help="a round for this beat: its number in the outline, its id, or part of its line"
    )
    what.add_argument("--outline", action="store_true", help="outlines of the whole story, by default in five framings")
    what.add_argument(
        "--draft", action="store_true", help="drafts, each through all beats; unfinished ones go on before others begin"
    )
    sub.add_argument("--ladder", metavar="T,T,…", help="the temperatures: a candidate or draft for each")
    sub.add_argument(
        "--lens",
        action="append",
        metavar="NAME",
        help="a lens by its name, or a framing in your words; may be repeated",
    )
    sub.add_argument("--instruction", default="", metavar="TEXT", help="what should happen, or how")
    sub.add_argument("--model", metavar="NAME", help="the model to ask for")
    server = sub.add_mutually_exclusive_group()
    server.add_argument("--endpoint", metavar="NAME", help="one of the endpoints of the settings")
    server.add_argument("--base-url", metavar="URL", help="an OpenAI-compatible server to use for this run")
    sub.add_argument(
        "--way",
        choices=WAYS,
        help="what a draft sees of the beats before: its own text (the default), the manuscript, nothing but the outline's "
        "summaries; or the whole draft in one answer",
    )
    sub.add_argument("--beats", metavar="B,B,…", help="draft these beats alone: numbers of the outline, like 1-5,7")
    sub.add_argument("--new", action="store_true", help="begin new drafts, even if some are unfinished")
    sub.add_argument("--take-over", action="store_true", help="have the process that has the session save and leave")
    sub.add_argument("--settings", metavar="FILE", help="another settings file")
    printed = sub.add_mutually_exclusive_group()
    printed.add_argument("--json", action="store_true", help="print events as JSON Lines on a terminal too")
    printed.add_argument("--quiet", action="store_true", help="print nothing but what goes wrong")
    sub.add_argument("--stream", action="store_true", help="print events, and among them the text as it comes")


def _tokens(text: str) -> int:
    """A number of tokens."""
    try:
        number = int(text.replace(",", "").replace("_", ""))
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_TOKENS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST_TOKENS} is wanted, not {one_line(text, 40)}")
    return number
