"""What has to be known of the terminal before the screen begins: whether there is one, and what suits it.

It is used before Textual is imported, which reads the environment then, and so never imports Textual itself. It writes nothing
to the terminal and asks it nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TextIO

from composer.errors import TerminalError

_COLOURFUL = {
    "alacritty", "alacritty-direct", "contour", "foot", "foot-direct", "foot-extra", "konsole-direct", "rio", "tmux-direct",
    "wezterm", "xterm-direct", "xterm-ghostty",
}  # fmt: skip
"""Values of TERM whose terminals have 256 colours and more, though the name does not end in 256color."""


def check_terminal(stdin: TextIO | None, stdout: TextIO | None, environ: Mapping[str, str]) -> None:
    """Raise TerminalError where a full screen can't be shown or typed into."""
    if not _is_terminal(stdin):
        raise TerminalError(
            "Keys can't be read: standard input is not a terminal.",
            "Start it in a terminal, without a pipe or < before it; over ssh with a command, ssh -t gives one.",
        )
    if not _is_terminal(stdout):
        raise TerminalError(
            "The screen can't be shown: standard output is not a terminal.",
            "Start it without | or > behind it; story-composer export writes a story into a file.",
        )
    term = environ.get("TERM", "").strip()
    if term in ("", "dumb", "unknown"):
        raise TerminalError(
            f"This terminal can't show a full screen: TERM is {term}."
            if term
            else "What terminal this is, is not known: TERM is not set.",
            "In a terminal that can, set it: export TERM=xterm-256color",
        )


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it was closed
        return False


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """Set what Textual reads when it is imported. What the user has set stays."""
    if environ.get("NO_COLOR") == "":
        # By its convention an empty one says nothing; Textual and Rich look only at whether it is there.
        del environ["NO_COLOR"]
    # Movement that means nothing costs a slow line dear.
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    # The panes pace their own painting, so that more frames are no more bytes; but a key waits for the next frame. While
    # candidates stream, the slowest keys take some 45 ms to come back at 30, 30 at 60 and 15 at 120.
    environ.setdefault("TEXTUAL_FPS", "120")
    term = environ.get("TERM", "").strip().lower()
    if term == "linux":
        # The console prints what it does not know.
        environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    if term in _COLOURFUL and not environ.get("COLORTERM"):
        # ssh forwards TERM but not COLORTERM, and without it these would be taken to have 16.
        environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
