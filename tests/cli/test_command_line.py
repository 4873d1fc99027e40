"""What the command line says where something is wrong: a sentence, a next step, an exit code, and never a traceback."""

from __future__ import annotations

import os
import subprocess

import pytest

from composer import __version__
from composer.cli.flags import COMMANDS
from tests.cli.house import FERRY, SOON, House, files_below, plain
from tests.cli.pty_desk import Desk

pytestmark = pytest.mark.slow
"""Child processes: too heavy for the round that a newcomer runs."""


def said_in_terminal(house: House, *arguments: object, **variables: str) -> str:
    """What a command says that must fail before it shows a screen; lines are as wide as the sentences need."""
    with Desk(house, *arguments, size=(400, 20), **variables) as desk:
        desk.ended(1)
        assert b"\x1b" not in desk.painted
        return plain(desk.text.split("prompt$")[0].strip())


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(house: House, command: str) -> None:
    done = house.run(*[command] if command else [], "--help")
    assert (done.code, done.err) == (0, "")
    assert done.text.startswith(f"usage: story-composer {command}".strip())
    assert "FILE" in done.text
    if not command:
        assert all(name in done.text for name in COMMANDS)
    assert files_below(house.home) == {}


def test_version(house: House) -> None:
    done = house.run("--version")
    assert (done.code, done.text, done.err) == (0, f"story-composer {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nonsense"], "--nonsense"),
        (["one", "two"], "two"),
        (["new"], "FILE"),
        (["replay"], "FILE"),
        (["replay", "x", "--at", "soon"], "--at"),
        (["replay", "x", "--at"], "--at"),
        (["export", "x"], "--to"),
        (["import"], "SOURCE"),
        (["import", "x", "--structure", "verse"], "verse"),
        (["doctor", "--ask"], "--ask"),
        (["key"], "NAME"),
        (["key", "one", "two"], "two"),
    ],
    ids=" ".join,
)
def test_words_that_make_no_command(house: House, arguments: list[str], words: str) -> None:
    said = house.refused(*arguments, code=2)
    assert words in said
    assert "--help" in said
    assert files_below(house.home) == files_below(house.desk) == {}


@pytest.mark.parametrize(
    ("arguments", "next_step"),
    [
        (["replay", "nowhere", "--headless"], "new"),
        (["export", "nowhere", "--to", "txt"], "new"),
        (["import", "nowhere", "--to", "made.collage"], "name"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_file_that_is_not_there(house: House, arguments: list[str], next_step: str) -> None:
    said = house.refused(*arguments)
    assert "nowhere" in said
    assert "No such file" in said or "no file" in said
    assert next_step in said.splitlines()[1]
    assert files_below(house.desk) == {}


def test_a_command_that_is_not_known_is_taken_for_a_file(house: House) -> None:
    said = said_in_terminal(house, "frobnicate")
    assert "There is no file frobnicate." in said
    assert "story-composer new frobnicate" in said


def test_a_name_that_no_disk_takes(house: House) -> None:
    for arguments in (["replay", "--headless"], ["export", "--to", "txt"], ["import", "--to", "a"]):
        assert "too long" in house.refused(arguments[0], "n" * 5000, *arguments[1:])
    assert "too long" in house.refused("import", FERRY, "--to", "n" * 5000)
    assert "too long" in house.refused("export", FERRY, "--to", "txt", "--output", "n" * 5000)


def test_names_that_steer_terminals_are_shown_tame(house: House) -> None:
    said = house.refused("replay", "a\x1b]52;c;aGk=\x07\u202eb\nc", "--headless")
    assert "\x1b" not in said
    assert "\u202e" not in said


# the terminal


@pytest.mark.parametrize("arguments", [[], [FERRY], ["new", "n.collage"], ["replay", FERRY]], ids=str)
def test_without_a_terminal_to_read_from(house: House, arguments: list[object]) -> None:
    said = house.refused(*arguments)
    assert "standard input is not a terminal" in said
    assert files_below(house.home) == files_below(house.desk) == {}


@pytest.mark.parametrize("arguments", [[], ["replay", FERRY]], ids=str)
def test_without_a_terminal_to_show_on(house: House, arguments: list[object]) -> None:
    master, slave = os.openpty()
    try:
        done = subprocess.run(
            house.command(*arguments),
            stdin=slave,
            capture_output=True,
            cwd=house.desk,
            env=house.environ,
            timeout=SOON,
        )
    finally:
        os.close(master)
        os.close(slave)
    assert (done.returncode, done.stdout) == (1, b"")
    assert "standard output is not a terminal" in plain(done.stderr.decode())


@pytest.mark.parametrize("arguments", [[], ["replay", FERRY]], ids=str)
@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_shows_no_screens(house: House, arguments: list[object], term: str) -> None:
    said = said_in_terminal(house, *arguments, TERM=term)
    assert f"TERM is {term or 'not set'}" in said
    assert "export TERM=" in said
    assert files_below(house.home) == {}


def test_closed_streams(house: House) -> None:
    for closed in ("<&-", ">&-", "<&- >&- 2>&-"):
        for arguments in (["--help"], [], ["replay", str(FERRY), "--headless"], ["doctor", "--offline"], ["key", "x"]):
            line = " ".join(house.command(*arguments)) + " " + closed
            done = subprocess.run(["sh", "-c", line], capture_output=True, env=house.environ, timeout=SOON)
            assert done.returncode in (0, 1), line
            assert b"Traceback" not in done.stderr
            assert b"should not have" not in done.stderr
            assert b"Exception" not in done.stderr


# what is printed


def test_a_reader_of_the_output_that_leaves(house: House) -> None:
    for arguments in (
        ["replay", FERRY, "--headless"],
        ["export", FERRY, "--to", "jsonl"],
        ["doctor", "--offline"],
        ["--help"],
    ):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            done = subprocess.run(
                house.command(*arguments), stdout=writing, stderr=subprocess.PIPE, env=house.environ, timeout=SOON
            )
        finally:
            os.close(writing)
        assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_output_that_has_no_room(house: House) -> None:
    for arguments in (
        ["replay", FERRY, "--headless"],
        ["export", FERRY, "--to", "jsonl"],
        ["doctor", "--offline"],
        ["--version"],
    ):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                house.command(*arguments), stdout=full, stderr=subprocess.PIPE, env=house.environ, timeout=SOON
            )
        assert done.returncode == 1
        assert "No space left" in plain(done.stderr.decode())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_text_comes_out_as_utf_8_whatever_the_locale(house: House, encoding: str) -> None:
    done = house.run("replay", FERRY, "--headless", PYTHONIOENCODING=encoding)
    assert (done.code, done.err) == (0, "")
    assert "“You are late,” said Ines." in done.text


# settings and flags

WRONG_SETTINGS = [
    ('theme = "paper\n', 1, "theme"),
    ("\n\nladder = [0.2, 0.4\n", 3, "Expected"),
    ("mouse = yes\n", 1, "Expected"),
    ('theme = "paper"\n\nladder = "hot"\n', 3, "ladder takes 1 to 10 temperatures"),
    ("mouse = 1\n", 1, "mouse takes true or false"),
    ("# mine\nthemes = 'paper'\n", 2, "Did you mean theme?"),
    ('[endpoints.home]\nmodel = "m"\n', 1, "no base_url"),
    ('[endpoints.home]\nbase_url = "localhost"\n', 2, "http://"),
    ('endpoint = "far"\n', 1, "no endpoint of that name"),
]


@pytest.mark.parametrize(("text", "line", "words"), WRONG_SETTINGS, ids=[repr(row[0]) for row in WRONG_SETTINGS])
def test_settings_that_cant_be_read_name_the_line(house: House, text: str, line: int, words: str) -> None:
    path = house.write_settings(text)
    said = said_in_terminal(house)
    assert f"{path}, line {line}" in said
    assert words in said
    assert house.stories == []


def test_settings_of_a_name_are_read_in_place_of_the_users(house: House) -> None:
    house.write_settings("nonsense = 1\n")
    (house.desk / "other.toml").write_text("\nladder = 7\n")
    for command in ([], ["new", "n.collage"], ["replay", FERRY]):
        assert "other.toml, line 2" in said_in_terminal(house, *command, "--settings", "other.toml")
    assert "no settings file none.toml" in said_in_terminal(house, "--settings", "none.toml")
    assert "no endpoint called home" in house.refused("key", "home", "--settings", house.write_settings(""))
    (house.desk / "latin.toml").write_bytes(b'theme = "paper"\n# caf\xe9\n')
    assert "latin.toml, line 2" in said_in_terminal(house, "--settings", "latin.toml")
    assert "can't be read" in said_in_terminal(house, "--settings", house.desk)
    assert not (house.desk / "n.collage").exists()


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        (["--theme", "plaid"], {}, "There are: "),
        (["--ladder", "hot,cold"], {}, "from 0 to 2"),
        (["--ladder", "3"], {}, "from 0 to 2"),
        (["--ladder", ","], {}, "1 to 10"),
        (["--base-url", "localhost:11434"], {}, "http://"),
        (["--base-url", "ftp://localhost/v1"], {}, "http://"),
        (["--model", " "], {}, "--model"),
        ([], {"OPENAI_BASE_URL": "nowhere"}, "OPENAI_BASE_URL"),
    ],
    ids=str,
)
def test_flags_that_cant_be_used(house: House, arguments: list[str], variables: dict[str, str], words: str) -> None:
    assert words in said_in_terminal(house, "new", "mine.collage", *arguments, **variables)
    # Nothing was made, so that the next try finds nothing in its way.
    assert house.stories == []
    assert files_below(house.desk) == {}


def test_settings_that_name_what_is_not_there(house: House) -> None:
    house.write_settings('theme = "plaid"\n')
    assert "no theme called plaid" in said_in_terminal(house)
    house.write_settings('[keys]\n"round.aks" = "ctrl+g"\n')
    assert "no action called round.aks" in said_in_terminal(house)
    assert house.stories == []
