"""What is asked of a terminal before the screen begins. Never a real terminal."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from composer.errors import TerminalError
from composer.ui.terminal import check_terminal, prepare_environment


class Stream(io.StringIO):
    def __init__(self, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        if self.closed:
            raise ValueError("closed")
        return self._tty


SCREEN, PIPE = Stream(True), Stream(False)


def test_a_terminal_passes() -> None:
    check_terminal(SCREEN, SCREEN, {"TERM": "xterm"})


@pytest.mark.parametrize("stdin", [None, PIPE])
def test_without_a_keyboard_it_says_so(stdin: Stream | None) -> None:
    with pytest.raises(TerminalError, match="standard input") as refused:
        check_terminal(stdin, SCREEN, {"TERM": "xterm"})
    assert refused.value.next_step


@pytest.mark.parametrize("stdout", [None, PIPE])
def test_without_a_screen_it_says_so(stdout: Stream | None) -> None:
    with pytest.raises(TerminalError, match="standard output") as refused:
        check_terminal(SCREEN, stdout, {"TERM": "xterm"})
    assert refused.value.next_step


def test_a_closed_stream_is_no_terminal() -> None:
    closed = Stream(True)
    closed.close()
    with pytest.raises(TerminalError):
        check_terminal(closed, SCREEN, {"TERM": "xterm"})


@pytest.mark.parametrize("environ", [{}, {"TERM": ""}, {"TERM": "dumb"}, {"TERM": "unknown"}])
def test_a_terminal_that_can_not_place_its_cursor_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(TerminalError, match="TERM") as refused:
        check_terminal(SCREEN, SCREEN, environ)
    assert "TERM=" in refused.value.next_step


def test_movement_is_off_and_keys_come_back_soon() -> None:
    environ = {"TERM": "xterm-256color"}
    prepare_environment(environ)
    assert environ == {"TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "120"}


def test_what_the_user_has_set_stays() -> None:
    mine = {
        "TERM": "linux",
        "TEXTUAL_ANIMATIONS": "full",
        "TEXTUAL_FPS": "7",
        "TEXTUAL_DISABLE_KITTY_KEY": "0",
        "NO_COLOR": "1",
    }
    environ = dict(mine)
    prepare_environment(environ)
    assert environ == mine


def test_the_linux_console_is_sent_no_kitty_keys() -> None:
    environ = {"TERM": "linux"}
    prepare_environment(environ)
    assert environ["TEXTUAL_DISABLE_KITTY_KEY"] == "1"


def test_colours_that_ssh_does_not_tell_of_are_used() -> None:
    environ = {"TERM": "alacritty"}
    prepare_environment(environ)
    assert environ["TEXTUAL_COLOR_SYSTEM"] == "256"
    local = {"TERM": "alacritty", "COLORTERM": "truecolor"}
    prepare_environment(local)
    assert "TEXTUAL_COLOR_SYSTEM" not in local


def test_an_empty_no_color_says_nothing() -> None:
    environ = {"TERM": "xterm", "NO_COLOR": ""}
    prepare_environment(environ)
    assert "NO_COLOR" not in environ


def test_textual_is_not_imported_before_the_environment_is_prepared() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, composer.ui.terminal; print('textual' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "False"
